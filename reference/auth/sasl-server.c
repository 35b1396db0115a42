// SPDX-License-Identifier: MIT
// cyrus-sasl as vw_sasl_server. Its settings come from a callback, and passwords from a plugin of
// this file's own, so that no file of the machine says who may log in.
#include "auth/sasl-server.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/sasl-layer.h"

#define PLUGIN "virwire"
/* Of the callback by which the plugin finds the exchange that asks: no number of the library's. */
#define CALLBACK_SELF 0x5657

struct vw_sasl_server {
    struct vw_sasl_layer layer; /* first */
    struct vw_sasl_server_options options;
    sasl_callback_t callbacks[4];
    bool started;
};

/* ---- settings ---- */

static int get_option(void *context, const char *plugin, const char *option, const char **result,
                      unsigned *len)
{
    const struct vw_sasl_server *s = context;
    const struct {
        const char *name, *value;
    } settings[] = {
        {"mech_list", s->options.mechanisms},
        {"auxprop_plugin", PLUGIN},
        {"pwcheck_method", "auxprop"},
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (strcmp(option, settings[i].name) != 0)
            continue;
        *result = settings[i].value;
        if (len)
            *len = (unsigned)strlen(*result);
        return SASL_OK;
    }
    return SASL_FAIL;
}

/* ---- passwords ---- */

/* The library puts the realm behind the name, if it has one. */
static const char *password_of(const struct vw_sasl_server *s, const char *user, size_t len)
{
    const char *at = memrchr(user, '@', len);
    for (size_t i = 0; i < s->options.n_accounts; i++) {
        const struct vw_sasl_account *a = &s->options.accounts[i];
        size_t n = strlen(a->name);
        if ((n == len || (at && n == (size_t)(at - user))) && memcmp(a->name, user, n) == 0)
            return a->password;
    }
    return NULL;
}

/* The library keeps it and never calls it. */
static int stand_for_self(void)
{
    return SASL_FAIL;
}

static const struct vw_sasl_server *server_of(const sasl_server_params_t *p)
{
    sasl_callback_ft function = NULL;
    void *context = NULL;
    int rc = p->utils->getcallback(p->utils->conn, CALLBACK_SELF, &function, &context);
    return rc == SASL_OK && function == stand_for_self ? context : NULL;
}

static int look_up(void *unused, sasl_server_params_t *p, unsigned flags, const char *user,
                   unsigned len)
{
    const struct vw_sasl_server *s = server_of(p);
    const char *password = s ? password_of(s, user, len) : NULL;
    if (!password)
        return SASL_NOUSER;
    for (const struct propval *v = p->utils->prop_get(p->propctx); v && v->name; v++)
        if (!(flags & SASL_AUXPROP_AUTHZID) && strcmp(v->name, SASL_AUX_PASSWORD) == 0)
            return p->utils->prop_set(p->propctx, v->name, password, (int)strlen(password));
    return SASL_OK;
}

static int plug_in(const sasl_utils_t *utils, int newest, int *version, sasl_auxprop_plug_t **out,
                   const char *name)
{
    static char own_name[] = PLUGIN;
    static sasl_auxprop_plug_t plugin = {.auxprop_lookup = look_up, .name = own_name};
    if (newest < SASL_AUXPROP_PLUG_VERSION)
        return SASL_BADVERS;
    *version = SASL_AUXPROP_PLUG_VERSION;
    *out = &plugin;
    return SASL_OK;
}

/* ---- life ---- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int started;

/* For the whole process, as the client's. Without the name of an application the library reads no
 * settings from files. */
static void start_library(void)
{
    started = sasl_server_init(vw_sasl_quiet, NULL);
    if (started == SASL_OK)
        started = sasl_auxprop_add_plugin(PLUGIN, plug_in);
}

static int cannot(int rc, struct vw_error *err)
{
    if (rc == SASL_NOMEM)
        return vw_error_nomem(err);
    return vw_error_set(err, VW_ESYSTEM, "SASL as a server: %s", sasl_errstring(rc, NULL, NULL));
}

static int begin(struct vw_sasl_server *s)
{
    char host[256] = "";
    const struct vw_sasl_server_options *o = &s->options;
    const sasl_callback_t callbacks[] = {
        VW_SASL_CALLBACK(SASL_CB_LOG, vw_sasl_log),
        {SASL_CB_GETOPT, (vw_sasl_proc)(void (*)(void))get_option, s},
        {CALLBACK_SELF, stand_for_self, s},
        {SASL_CB_LIST_END, NULL, NULL},
    };
    memcpy(s->callbacks, callbacks, sizeof(callbacks));
    /* With no name given the library asks the resolver for it, which may take long. */
    if (gethostname(host, sizeof(host) - 1) != 0 || !*host)
        strcpy(host, "localhost");
    int rc = sasl_server_new(VW_SASL_SERVICE, o->host ? o->host : host, NULL, NULL, NULL,
                             s->callbacks, SASL_SUCCESS_DATA, &s->layer.conn);
    return rc == SASL_OK ? vw_sasl_layer_ask(&s->layer, o->secure, o->strength) : rc;
}

int vw_sasl_server_create(const struct vw_sasl_server_options *options, struct vw_sasl_server **out,
                          struct vw_error *err)
{
    *out = NULL;
    int rc = vw_library_load(&vw_sasl_library, err);
    if (rc)
        return rc;
    pthread_once(&once, start_library);
    if (started != SASL_OK)
        return cannot(started, err);
    struct vw_sasl_server *s = calloc(1, sizeof(*s));
    if (!s)
        return vw_error_nomem(err);
    s->options = *options;
    rc = begin(s);
    if (rc != SASL_OK) {
        vw_sasl_server_destroy(s);
        return cannot(rc, err);
    }
    *out = s;
    return 0;
}

void vw_sasl_server_destroy(struct vw_sasl_server *s)
{
    if (!s)
        return;
    if (s->layer.conn)
        sasl_dispose(&s->layer.conn);
    explicit_bzero(s, sizeof(*s));
    free(s);
}

void vw_sasl_server_layer_destroy(void *s)
{
    vw_sasl_server_destroy(s);
}

/* ---- the exchange ---- */

const char *vw_sasl_server_offer(struct vw_sasl_server *s)
{
    const char *list = NULL;
    int rc = sasl_listmech(s->layer.conn, NULL, "", ",", "", &list, NULL, NULL);
    return rc == SASL_OK && list ? list : "";
}

static int refuse(const struct vw_sasl_server *s, int rc, struct vw_error *err)
{
    if (rc == SASL_NOMEM)
        return vw_error_nomem(err);
    return vw_error_set(err, VW_EREMOTE, "the client is not let in: %s",
                        vw_sasl_layer_reason(&s->layer, rc));
}

/* What the library said, RC, and has left to say. */
static int tell(struct vw_sasl_server *s, int rc, const char *data, unsigned len,
                struct vw_sasl_data *out, struct vw_error *err)
{
    *out = (struct vw_sasl_data){.data = data ? data : "", .len = data ? len : 0, .none = !data};
    if (rc != SASL_OK && rc != SASL_CONTINUE)
        return refuse(s, rc, err);
    if (rc == SASL_OK && !vw_sasl_layer_begin(&s->layer, s->options.secure))
        return refuse(s, SASL_TOOWEAK, err);
    return rc == SASL_OK;
}

int vw_sasl_server_start(struct vw_sasl_server *s, const char *mechanism,
                         const struct vw_sasl_data *in, struct vw_sasl_data *out,
                         struct vw_error *err)
{
    const char *data = NULL;
    unsigned len = 0;
    int rc = sasl_server_start(s->layer.conn, mechanism, in->none ? NULL : in->data,
                               in->none ? 0 : (unsigned)in->len, &data, &len);
    s->started = rc == SASL_CONTINUE;
    return tell(s, rc, data, len, out, err);
}

int vw_sasl_server_step(struct vw_sasl_server *s, const struct vw_sasl_data *in,
                        struct vw_sasl_data *out, struct vw_error *err)
{
    const char *data = NULL;
    unsigned len = 0;
    /* The library takes for granted that there is a mechanism. */
    if (!s->started)
        return refuse(s, SASL_NOTINIT, err);
    int rc = sasl_server_step(s->layer.conn, in->none ? NULL : in->data,
                              in->none ? 0 : (unsigned)in->len, &data, &len);
    s->started = rc == SASL_CONTINUE;
    return tell(s, rc, data, len, out, err);
}

const char *vw_sasl_server_user(const struct vw_sasl_server *s)
{
    const void *name = NULL;
    int rc = sasl_getprop(s->layer.conn, SASL_USERNAME, &name);
    return rc == SASL_OK && name ? name : "";
}

unsigned vw_sasl_server_strength(const struct vw_sasl_server *s)
{
    return s->layer.strength;
}

size_t vw_sasl_server_max_plain(const struct vw_sasl_server *s)
{
    return s->layer.max_plain;
}
