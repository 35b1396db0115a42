// SPDX-License-Identifier: MIT
// Each state is a call: how it is made, and what is done with its answer. What a release has not
// is passed over or refused when it is due.
#include "auth/login.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "xdr/args.h"

/* Mechanisms need two to four. */
#define ROUNDS_MAX 32
/* Codes of an answer that mean something here (E-3). */
#define NO_SUPPORT  3
#define AUTH_FAILED 45

#define ANY_METHOD (-1)

enum state { LIST, POLKIT, SASL_INIT, SASL_START, SASL_STEP, LAYER, EARLY, OPEN, LATE, DONE };

struct vw_login {
    struct vw_login_settings settings;
    enum state state;
    const struct vw_proc *proc; /* that waits for its answer, or NULL */
    int32_t method;
    struct vw_sasl *sasl;
    struct vw_sasl_data data; /* for the next call of SASL */
    unsigned rounds;
    int32_t feature; /* that is asked for */
    uint32_t asked, features;
    _Alignas(8) uint8_t args[VW_VALUE_MAX];
    struct vw_string string; /* in ARGS */
};

/* ---- the text of settings->auth ---- */

/* The method that AUTH wants, and of SASL the mechanism or NULL. False: it is none of those known.
 */
static bool read_auth(const char *auth, int32_t *method, const char **mechanism)
{
    *method = ANY_METHOD;
    *mechanism = NULL;
    if (!auth)
        return true;
    if (strcasecmp(auth, "polkit") == 0) {
        *method = VW_AUTH_POLKIT;
        return true;
    }
    if (strncasecmp(auth, "sasl", 4) != 0 || (auth[4] && (auth[4] != '.' || !auth[5])))
        return false;
    *method = VW_AUTH_SASL;
    if (auth[4])
        *mechanism = auth + 5;
    return true;
}

int vw_login_check_auth(const char *auth, struct vw_error *err)
{
    const char *mechanism;
    int32_t method;
    if (read_auth(auth, &method, &mechanism))
        return 0;
    return vw_error_set(err, VW_EUSAGE,
                        "auth is sasl, sasl.MECHANISM or polkit, and not \"%.100s\"", auth);
}

static const char *method_name(int32_t method)
{
    static const char *const names[] = {"no", "SASL", "polkit"};
    return method >= 0 && method < 3 ? names[method] : "an unknown kind of";
}

/* ---- life ---- */

int vw_login_create(const struct vw_login_settings *settings, struct vw_login **out,
                    struct vw_error *err)
{
    *out = NULL;
    int rc = vw_login_check_auth(settings->auth, err);
    if (rc)
        return rc;
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return vw_error_nomem(err);
    (*out)->settings = *settings;
    (*out)->state = settings->no_auth ? EARLY : LIST;
    (*out)->feature = -1;
    return 0;
}

void vw_login_destroy(struct vw_login *l)
{
    if (!l)
        return;
    vw_sasl_destroy(l->sasl);
    explicit_bzero(l, sizeof(*l));
    free(l);
}

int32_t vw_login_method(const struct vw_login *l)
{
    return l->method;
}

uint32_t vw_login_features(const struct vw_login *l, uint32_t *asked)
{
    *asked = l->asked;
    return l->features;
}

/* ---- what is common to the calls ---- */

static const struct vw_proc *find(const struct vw_login *l, const char *name)
{
    const struct vw_proc *proc = vw_schema_call(l->settings.schema, l->settings.program, name);
    return proc && vw_args_fit(proc) ? proc : NULL;
}

static int broken(struct vw_error *err, const char *clause)
{
    if (err && !err->code)
        strcpy(err->clause, clause);
    return VW_EPROTOCOL;
}

static int refused(const struct vw_login_answer *in, struct vw_error *err)
{
    return vw_error_set(err, VW_EREMOTE, "%s", in->text);
}

static void set_string(struct vw_login *l, const char *field, const char *text)
{
    l->string = (struct vw_string){.data = (char *)(uintptr_t)text, .len = (uint32_t)strlen(text)};
    vw_args_set_string(l->proc->args, l->args, field, &l->string);
}

/* ---- AUTH_LIST and polkit ---- */

static int start_sasl(struct vw_login *l, int64_t deadline_ms, struct vw_error *err)
{
    struct vw_sasl_options *o = &l->settings.sasl;
    o->deadline_ms = deadline_ms;
    int rc = vw_sasl_create(o, &l->sasl, err);
    return rc || !l->settings.prepare ? rc : l->settings.prepare(o->user, err);
}

static int use_method(struct vw_login *l, int32_t offered, int64_t deadline_ms,
                      struct vw_error *err)
{
    int32_t wanted;
    read_auth(l->settings.auth, &wanted, &l->settings.sasl.mechanism);
    l->method = offered;
    if (wanted != ANY_METHOD && wanted != offered)
        return vw_error_set(err, VW_EUNREACHABLE,
                            "the server demands %s authentication, and auth wants %s",
                            method_name(offered), method_name(wanted));
    static const enum state next[] = {EARLY, SASL_INIT, POLKIT};
    if (offered < VW_AUTH_NONE || offered > VW_AUTH_POLKIT)
        return vw_error_set(err, VW_EUNREACHABLE,
                            "the server demands a kind of authentication that is not known: %d",
                            offered);
    l->state = next[offered];
    return offered == VW_AUTH_SASL ? start_sasl(l, deadline_ms, err) : 0;
}

/* one method in practice; a server that does not know the question is older than all of them.
 */
static int take_list(struct vw_login *l, const struct vw_login_answer *in, int64_t deadline_ms,
                     struct vw_error *err)
{
    if (in->refused && in->code != NO_SUPPORT)
        return refused(in, err);
    int32_t offered =
        in->refused ? VW_AUTH_NONE : vw_ret_first_int(l->proc->ret, in->ret, VW_AUTH_NONE);
    return use_method(l, offered, deadline_ms, err);
}

static int take_polkit(struct vw_login *l, const struct vw_login_answer *in, struct vw_error *err)
{
    if (in->refused)
        return vw_error_set(err, VW_EREMOTE, "polkit does not let us in: %s", in->text);
    if (vw_ret_first_int(l->proc->ret, in->ret, 0) != 1)
        return vw_error_set(err, broken(err, "A-12"),
                            "the server says that polkit is not complete");
    l->state = EARLY;
    return 0;
}

/* ---- SASL ---- */

/* A-7 gives no reason: the likely one is said here, unless the mechanism asked for no name. */
static int refused_sasl(const struct vw_login *l, const struct vw_login_answer *in,
                        struct vw_error *err)
{
    const char *user = vw_sasl_user(l->sasl), *name = vw_sasl_mechanism(l->sasl);
    if (in->code != AUTH_FAILED)
        return vw_error_set(err, VW_EREMOTE, "SASL %s: %s", name, in->text);
    if (!user[0])
        return vw_error_set(err, VW_EREMOTE, "the server refuses SASL %s (%s)", name, in->text);
    return vw_error_set(err, VW_EREMOTE,
                        "the server refuses SASL %s for %.100s: probably a wrong name or password "
                        "(%s)",
                        name, user, in->text);
}

static int take_mechanisms(struct vw_login *l, const struct vw_login_answer *in,
                           struct vw_error *err)
{
    if (in->refused)
        return vw_error_set(err, VW_EREMOTE, "AUTH_SASL_INIT was refused: %s", in->text);
    const char *offered = vw_ret_string(l->proc->ret, in->ret, "mechlist");
    l->state = SASL_START;
    return vw_sasl_start(l->sasl, offered ? offered : "", &l->data, err);
}

static int end_sasl(struct vw_login *l, struct vw_error *err)
{
    int rc = vw_sasl_finish(l->sasl, err);
    l->state = LAYER;
    if (rc == 0 && vw_sasl_layer_strength(l->sasl) == 0) {
        vw_sasl_destroy(l->sasl);
        l->sasl = NULL;
        l->state = EARLY;
    }
    return rc;
}

/* what the server said last is always looked at here, also when it says that all is done. */
static int take_step(struct vw_login *l, const struct vw_login_answer *in, struct vw_error *err)
{
    const struct vw_type *t = l->proc->ret;
    struct vw_sasl_data said;
    if (in->refused)
        return refused_sasl(l, in, err);
    if (l->rounds++ == ROUNDS_MAX)
        return vw_error_set(err, broken(err, "A-8"),
                            "the server does not come to an end of SASL %s",
                            vw_sasl_mechanism(l->sasl));
    said.data = vw_ret_bytes(t, in->ret, "data", &said.len);
    said.none = vw_ret_int(t, in->ret, "nil", 1) != 0;
    l->state = SASL_STEP;
    int rc = vw_sasl_step(l->sasl, &said, &l->data, err);
    bool complete = vw_ret_int(t, in->ret, "complete", 0) != 0;
    return rc == 0 && complete && vw_sasl_done(l->sasl) ? end_sasl(l, err) : rc;
}

/* ---- features and CONNECT_OPEN ---- */

const struct vw_proc *vw_login_ask_feature(const struct vw_schema *s, const char *program,
                                           int32_t feature, void *args)
{
    const struct vw_proc *proc = vw_schema_call(s, program, "connect_supports_feature");
    if (!proc || !vw_args_fit(proc))
        return NULL;
    memset(args, 0, VW_VALUE_MAX);
    vw_args_set_int(proc->args, args, "feature", (uint32_t)feature);
    return proc;
}

bool vw_login_has_feature(const struct vw_proc *proc, const void *ret)
{
    return vw_ret_first_int(proc->ret, ret, 0) == 1;
}

/* The next question of MASK, or the state behind them. */
static void ask_features(struct vw_login *l, uint32_t mask, enum state behind)
{
    mask &= l->settings.features;
    while (++l->feature < 32 && !(mask >> l->feature & 1))
        continue;
    if (l->feature < 32)
        l->proc =
            vw_login_ask_feature(l->settings.schema, l->settings.program, l->feature, l->args);
    if (l->proc)
        return;
    l->feature = -1;
    l->state = behind;
}

static void take_feature(struct vw_login *l, const struct vw_login_answer *in)
{
    l->asked |= 1u << l->feature;
    if (!in->refused && vw_login_has_feature(l->proc, in->ret))
        l->features |= 1u << l->feature;
}

static int ask_open(struct vw_login *l, struct vw_error *err)
{
    const char *name = l->settings.name;
    l->proc = find(l, "connect_open");
    if (!l->proc)
        return vw_error_set(err, VW_EUSAGE, "program %s of profile %s has no call to open",
                            l->settings.program, l->settings.profile);
    set_string(l, "name", name ? name : "");
    vw_args_set_int(l->proc->args, l->args, "flags", l->settings.flags);
    return 0;
}

/* ---- the machine ---- */

/* Calls without arguments; one that has some is none of those meant. */
static bool ask_plain(struct vw_login *l, const char *name)
{
    l->proc = find(l, name);
    if (l->proc && l->proc->args)
        l->proc = NULL;
    return l->proc != NULL;
}

static int ask_sasl(struct vw_login *l, const char *name, struct vw_error *err)
{
    l->proc = find(l, name);
    if (!l->proc || !l->proc->args)
        return vw_error_set(err, VW_EUSAGE, "profile %s has no %s", l->settings.profile, name);
    set_string(l, "mech", vw_sasl_mechanism(l->sasl));
    vw_args_set_int(l->proc->args, l->args, "nil", l->data.none);
    vw_args_set_bytes(l->proc->args, l->args, "data", l->data.data, l->data.len);
    return 0;
}

/* Makes the call of the state in l->proc and l->args, or goes on to another state. */
static int ask(struct vw_login *l, int64_t deadline_ms, struct vw_error *err)
{
    const char *profile = l->settings.profile;
    switch (l->state) {
    case LIST:
        return ask_plain(l, "auth_list") ? 0 : use_method(l, VW_AUTH_NONE, deadline_ms, err);
    case POLKIT:
        return ask_plain(l, "auth_polkit")
                   ? 0
                   : vw_error_set(err, VW_EUSAGE,
                                  "the server demands polkit, which profile %s has not", profile);
    case SASL_INIT:
        return ask_plain(l, "auth_sasl_init")
                   ? 0
                   : vw_error_set(err, VW_EUSAGE, "profile %s has no SASL", profile);
    case SASL_START:
        return ask_sasl(l, "auth_sasl_start", err);
    case SASL_STEP:
        return ask_sasl(l, "auth_sasl_step", err);
    case EARLY:
        ask_features(l, 1u << VW_FEATURE_KEEPALIVE, l->settings.no_open ? DONE : OPEN);
        return 0;
    case OPEN:
        return ask_open(l, err);
    case LATE:
        ask_features(l, ~(1u << VW_FEATURE_KEEPALIVE), DONE);
        return 0;
    default:
        return 0;
    }
}

static int take(struct vw_login *l, const struct vw_login_answer *in, int64_t deadline_ms,
                struct vw_error *err)
{
    switch (l->state) {
    case LIST:
        return take_list(l, in, deadline_ms, err);
    case POLKIT:
        return take_polkit(l, in, err);
    case SASL_INIT:
        return take_mechanisms(l, in, err);
    case SASL_START:
    case SASL_STEP:
        return take_step(l, in, err);
    case OPEN:
        l->state = LATE;
        return in->refused ? refused(in, err) : 0;
    default:
        take_feature(l, in);
        return 0;
    }
}

int vw_login_turn(struct vw_login *l, const struct vw_login_answer *in, int64_t deadline_ms,
                  struct vw_login_next *out, struct vw_error *err)
{
    int rc = l->proc ? take(l, in, deadline_ms, err) : 0;
    l->proc = NULL;
    *out = (struct vw_login_next){0};
    if (rc == 0 && l->state == LAYER) {
        out->sasl = l->sasl;
        l->sasl = NULL;
        l->state = EARLY;
        return VW_LOGIN_LAYER;
    }
    memset(l->args, 0, sizeof(l->args));
    while (rc == 0 && !l->proc && l->state != DONE)
        rc = ask(l, deadline_ms, err);
    if (rc || l->state == DONE)
        return rc;
    out->proc = l->proc;
    out->args = l->proc->args ? l->args : NULL;
    return VW_LOGIN_CALL;
}
