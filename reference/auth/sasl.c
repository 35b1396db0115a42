// SPDX-License-Identifier: MIT
// cyrus-sasl as vw_sasl. The library asks for names and secrets by interaction, so that an error of
// whoever answers comes back to the caller as it is.
#include "auth/sasl.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth/sasl-layer.h"
#include "auth/sasl-slow.h"

/* Questions of one step: name, secret, realm and whatever a mechanism may add. */
#define ANSWERS_MAX 8
/* Rounds of questions in one step. */
#define ROUNDS_MAX 8

struct vw_sasl {
    struct vw_sasl_layer layer; /* first */
    struct vw_sasl_options options;
    const char *mechanism; /* the library's */
    bool done;
    char user[VW_CREDENTIAL_SIZE];
    /* What the library was told; it may look again until the step is over. */
    char answers[ANSWERS_MAX][VW_CREDENTIAL_SIZE];
    unsigned n_answers;
    struct vw_sasl_slow *slow; /* a call that was left and may still run, or NULL */
};

/* ---- the library ---- */

/* Calls without a function are answered by interaction. */
static const sasl_callback_t callbacks[] = {
    VW_SASL_CALLBACK(SASL_CB_LOG, vw_sasl_log),
    {SASL_CB_AUTHNAME, NULL, NULL},
    {SASL_CB_PASS, NULL, NULL},
    {SASL_CB_GETREALM, NULL, NULL},
    {SASL_CB_ECHOPROMPT, NULL, NULL},
    {SASL_CB_NOECHOPROMPT, NULL, NULL},
    {SASL_CB_LIST_END, NULL, NULL},
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int started;

/* For the whole process, and never undone: others in it may use the library too. */
static void start_library(void)
{
    started = sasl_client_init(vw_sasl_quiet);
}

int vw_sasl_create(const struct vw_sasl_options *options, struct vw_sasl **out,
                   struct vw_error *err)
{
    *out = NULL;
    int rc = vw_library_load(&vw_sasl_library, err);
    if (rc)
        return rc;
    pthread_once(&once, start_library);
    if (started != SASL_OK)
        return vw_error_set(err, VW_ESYSTEM, "the SASL library does not start: %s",
                            sasl_errstring(started, NULL, NULL));
    struct vw_sasl *s = calloc(1, sizeof(*s));
    if (!s)
        return vw_error_nomem(err);
    s->options = *options;
    rc = sasl_client_new(VW_SASL_SERVICE, options->host, NULL, NULL, callbacks, SASL_SUCCESS_DATA,
                         &s->layer.conn);
    if (rc == SASL_OK)
        rc = vw_sasl_layer_ask(&s->layer, options->secure, options->strength);
    if (rc != SASL_OK) {
        vw_sasl_destroy(s);
        return rc == SASL_NOMEM
                   ? vw_error_nomem(err)
                   : vw_error_set(err, VW_ESYSTEM, "SASL: %s", sasl_errstring(rc, NULL, NULL));
    }
    *out = s;
    return 0;
}

static void wipe_answers(struct vw_sasl *s)
{
    explicit_bzero(s->answers, sizeof(s->answers));
    s->n_answers = 0;
}

static void destroy(void *owner)
{
    struct vw_sasl *s = owner;
    if (s->layer.conn)
        sasl_dispose(&s->layer.conn);
    vw_sasl_slow_free(s->slow);
    explicit_bzero(s, sizeof(*s));
    free(s);
}

void vw_sasl_destroy(struct vw_sasl *s)
{
    if (s && (!s->slow || vw_sasl_slow_leave(s->slow)))
        destroy(s);
}

/* ---- questions ---- */

static enum vw_credential_kind kind_of(unsigned long id)
{
    switch (id) {
    case SASL_CB_AUTHNAME:
        return VW_CREDENTIAL_USER;
    case SASL_CB_PASS:
        return VW_CREDENTIAL_PASSWORD;
    case SASL_CB_GETREALM:
        return VW_CREDENTIAL_REALM;
    case SASL_CB_ECHOPROMPT:
        return VW_CREDENTIAL_ANSWER;
    default:
        return VW_CREDENTIAL_SECRET;
    }
}

static const char *const kind_names[] = {
    [VW_CREDENTIAL_USER] = "a user name",       [VW_CREDENTIAL_PASSWORD] = "a password",
    [VW_CREDENTIAL_REALM] = "a realm",          [VW_CREDENTIAL_ANSWER] = "an answer",
    [VW_CREDENTIAL_SECRET] = "a secret answer",
};

static int answer_one(struct vw_sasl *s, sasl_interact_t *in, struct vw_error *err)
{
    struct vw_credential_request request = {
        .kind = kind_of(in->id),
        .mechanism = vw_sasl_mechanism(s),
        .host = s->options.host,
        .user = s->user[0] ? s->user : NULL,
        .text = in->challenge && in->challenge[0] ? in->challenge : in->prompt,
        .fallback = in->defresult,
        .deadline_ms = s->options.deadline_ms,
    };
    if (s->n_answers == ANSWERS_MAX)
        return vw_error_set(err, VW_ELIMIT, "SASL %s asks too many questions", request.mechanism);
    char *to = s->answers[s->n_answers++];
    int rc = VW_ENAME;
    if (s->options.ask)
        rc = s->options.ask(s->options.user, &request, to, sizeof(s->answers[0]), err);
    if (rc == VW_ENAME && (in->defresult || request.kind == VW_CREDENTIAL_REALM)) {
        in->result = in->defresult ? in->defresult : "";
        in->len = (unsigned)strlen(in->result);
        return 0;
    }
    if (rc == VW_ENAME)
        return vw_error_set(err, VW_EUSAGE,
                            "the server at %s wants %s (SASL %s), and none is given", request.host,
                            kind_names[request.kind], request.mechanism);
    if (rc)
        return rc;
    if (request.kind == VW_CREDENTIAL_USER)
        memcpy(s->user, to, sizeof(s->user));
    in->result = to;
    in->len = (unsigned)strlen(to);
    return 0;
}

/* The name comes first, whatever the mechanism's order: it is part of the question for the
 * password. */
static int answer(struct vw_sasl *s, sasl_interact_t *list, struct vw_error *err)
{
    for (int names = 1; names >= 0; names--)
        for (sasl_interact_t *in = list; in && in->id != SASL_CB_LIST_END; in++) {
            int rc = 0;
            if ((in->id == SASL_CB_AUTHNAME) == (names == 1))
                rc = answer_one(s, in, err);
            if (rc)
                return rc;
        }
    return 0;
}

/* ---- the exchange ---- */

/* What failed before the server said anything, such as a ticket that is not there. */
static int cannot_start(const struct vw_sasl *s, int rc, struct vw_error *err)
{
    if (rc == SASL_NOMEM)
        return vw_error_nomem(err);
    return vw_error_set(err, VW_EUSAGE, "SASL %s cannot start: %s", vw_sasl_mechanism(s),
                        vw_sasl_layer_reason(&s->layer, rc));
}

static int refuse(const struct vw_sasl *s, int rc, struct vw_error *err)
{
    const char *name = vw_sasl_mechanism(s);
    if (rc == SASL_NOMEM)
        return vw_error_nomem(err);
    if (err && !err->code)
        memcpy(err->clause, "A-8", sizeof("A-8"));
    if (rc == SASL_BADSERV)
        return vw_error_set(err, VW_EPROTOCOL,
                            "the server does not prove that it knows the password (SASL %s)", name);
    return vw_error_set(err, VW_EPROTOCOL, "SASL %s: %s", name,
                        vw_sasl_layer_reason(&s->layer, rc));
}

static void give(const char *data, unsigned len, struct vw_sasl_data *out)
{
    *out = (struct vw_sasl_data){.data = data ? data : "", .len = data ? len : 0, .none = !data};
}

static bool is_separator(char c)
{
    return c == ',' || c == '\0' || isspace((unsigned char)c);
}

static bool offers(const char *list, const char *mechanism)
{
    size_t n = strlen(mechanism);
    for (const char *p = list; *p; p++)
        if ((p == list || is_separator(p[-1])) && strncasecmp(p, mechanism, n) == 0 &&
            is_separator(p[n]))
            return true;
    return false;
}

static int no_mechanism(const struct vw_sasl *s, const char *offered, struct vw_error *err)
{
    const char *wanted = s->options.mechanism;
    const char *weak = s->options.secure ? "" : " that is strong enough without TLS";
    if (!offered[0])
        offered = "none";
    if (err && !err->code && !s->options.secure)
        memcpy(err->clause, "A-9", sizeof("A-9"));
    if (wanted)
        return vw_error_set(err, VW_EUNREACHABLE, "this side has no SASL mechanism %.60s%s", wanted,
                            weak);
    return vw_error_set(err, VW_EUNREACHABLE,
                        "no SASL mechanism serves here: the server offers %.120s, and this side "
                        "has none of them%s",
                        offered, weak);
}

/* The mechanism would do, but the server gives it no layer. */
static int too_weak(const struct vw_sasl *s, struct vw_error *err)
{
    if (err && !err->code)
        memcpy(err->clause, "A-9", sizeof("A-9"));
    return vw_error_set(err, VW_EUNREACHABLE,
                        "the server offers no layer of SASL %s that is strong enough without TLS",
                        vw_sasl_mechanism(s));
}

/* GSSAPI, GSS-SPNEGO and the GS2 family ask servers of Kerberos. */
static bool may_be_slow(const struct vw_sasl *s, const char *names)
{
    return s->options.deadline_ms != INT64_MAX && strcasestr(names, "GS");
}

/* One call of the library: a start among the mechanisms of LIST, or without it a step with IN. 0
 * with *OUT filled, or VW_E*. */
static int call_library(struct vw_sasl *s, const char *list, const struct vw_sasl_data *in,
                        struct vw_sasl_result *out, struct vw_error *err)
{
    if (may_be_slow(s, list ? list : vw_sasl_mechanism(s)))
        return vw_sasl_slow_call(s->layer.conn, list, in, s->options.deadline_ms, destroy, s, out,
                                 &s->slow, err);
    if (list)
        out->rc = sasl_client_start(s->layer.conn, list, &out->questions, &out->data, &out->len,
                                    &out->mechanism);
    else
        out->rc = sasl_client_step(s->layer.conn, in->none ? NULL : in->data,
                                   in->none ? 0 : (unsigned)in->len, &out->questions, &out->data,
                                   &out->len);
    return 0;
}

/* The same until it has no more questions. */
static int converse(struct vw_sasl *s, const char *list, const struct vw_sasl_data *in,
                    struct vw_sasl_result *out, struct vw_error *err)
{
    int told = 0;
    *out = (struct vw_sasl_result){.rc = SASL_INTERACT};
    for (int i = 0; told == 0 && out->rc == SASL_INTERACT && i < ROUNDS_MAX; i++) {
        told = call_library(s, list, in, out, err);
        if (told == 0 && list)
            s->mechanism = out->mechanism;
        if (told == 0 && out->rc == SASL_INTERACT)
            told = answer(s, out->questions, err);
    }
    return told;
}

int vw_sasl_start(struct vw_sasl *s, const char *offered, struct vw_sasl_data *out,
                  struct vw_error *err)
{
    const char *wanted = s->options.mechanism;
    struct vw_sasl_result r;
    if (wanted && !offers(offered, wanted))
        return vw_error_set(err, VW_EUSAGE,
                            "the server does not offer the SASL mechanism %.40s; it offers %.120s",
                            wanted, offered[0] ? offered : "none");
    int told = converse(s, wanted ? wanted : offered, NULL, &r, err);
    if (told)
        return told;
    if (r.rc == SASL_NOMECH || r.rc == SASL_TOOWEAK)
        return no_mechanism(s, offered, err);
    if (r.rc != SASL_OK && r.rc != SASL_CONTINUE)
        return cannot_start(s, r.rc, err);
    s->done = r.rc == SASL_OK;
    give(r.data, r.len, out);
    return 0;
}

int vw_sasl_step(struct vw_sasl *s, const struct vw_sasl_data *in, struct vw_sasl_data *out,
                 struct vw_error *err)
{
    struct vw_sasl_result r;
    if (s->done) {
        give(NULL, 0, out);
        if (in->none || in->len == 0)
            return 0;
        return refuse(s, SASL_BADPROT, err);
    }
    int told = converse(s, NULL, in, &r, err);
    if (told)
        return told;
    if (r.rc == SASL_TOOWEAK)
        return too_weak(s, err);
    if (r.rc != SASL_OK && r.rc != SASL_CONTINUE)
        return refuse(s, r.rc, err);
    s->done = r.rc == SASL_OK;
    give(r.data, r.len, out);
    return 0;
}

bool vw_sasl_done(const struct vw_sasl *s)
{
    return s->done;
}

int vw_sasl_finish(struct vw_sasl *s, struct vw_error *err)
{
    wipe_answers(s);
    if (vw_sasl_layer_begin(&s->layer, s->options.secure))
        return 0;
    if (err && !err->code)
        memcpy(err->clause, "A-9", sizeof("A-9"));
    return vw_error_set(err, VW_EUNREACHABLE,
                        "SASL %s gave a layer of %u bits, and without TLS %u are needed",
                        vw_sasl_mechanism(s), s->layer.strength, VW_SASL_MIN_STRENGTH);
}

const char *vw_sasl_mechanism(const struct vw_sasl *s)
{
    return s->mechanism ? s->mechanism : "";
}

const char *vw_sasl_user(const struct vw_sasl *s)
{
    return s->user;
}

/* ---- the layer ---- */

unsigned vw_sasl_layer_strength(const struct vw_sasl *s)
{
    return s->layer.strength;
}

size_t vw_sasl_max_plain(const struct vw_sasl *s)
{
    return s->layer.max_plain;
}

void vw_sasl_layer_destroy(void *s)
{
    vw_sasl_destroy(s);
}
