// SPDX-License-Identifier: MIT
// SASL over the connection: the calls of the exchange, and the switch to the layer
// behind the last answer.
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "auth/sasl.h"
#include "client/internal.h"
#include "transport/layer.h"

/* Mechanisms need two to four. */
#define ROUNDS_MAX 32

/* What the server said last. DATA lies in the arena of the call. */
struct answer {
    struct vw_sasl_data data;
    bool complete;
};

static const struct vw_proc *sasl_proc(const struct vw_client *c, const char *name)
{
    const struct vw_proc *proc = vw_client_proc(c, name);
    return proc && vw_args_fit(proc) ? proc : NULL;
}

/* A-7 gives no reason: the likely one is said here, unless the mechanism asked for no name. */
static int refused(const struct vw_client *c, const struct vw_sasl *sasl,
                   const struct vw_error *why, struct vw_error *err)
{
    const char *user = vw_sasl_user(sasl);
    if (c->error.code != VW_ERR_AUTH_FAILED)
        return vw_error_set(err, VW_EREMOTE, "SASL %s: %s", vw_sasl_mechanism(sasl), why->text);
    if (!user[0])
        return vw_error_set(err, VW_EREMOTE, "the server refuses SASL %s (%s)",
                            vw_sasl_mechanism(sasl), why->text);
    return vw_error_set(err, VW_EREMOTE,
                        "the server refuses SASL %s for %.100s: probably a wrong name or password "
                        "(%s)",
                        vw_sasl_mechanism(sasl), user, why->text);
}

/* One START or STEP. */
static int exchange(struct vw_client *c, const char *name, const struct vw_sasl *sasl,
                    const struct vw_sasl_data *data, struct vw_arena *arena, struct answer *out,
                    struct vw_error *err)
{
    const struct vw_proc *proc = sasl_proc(c, name);
    _Alignas(8) uint8_t args[VW_VALUE_MAX] = {0};
    struct vw_string mech = {.data = (char *)(uintptr_t)vw_sasl_mechanism(sasl)};
    struct vw_error why = VW_ERROR_INIT;
    void *ret = NULL;
    if (!proc || !proc->args)
        return vw_error_set(err, VW_EUSAGE, "profile %s has no %s", c->options.profile->name, name);
    mech.len = (uint32_t)strlen(mech.data);
    vw_args_set_string(proc->args, args, "mech", &mech);
    vw_args_set_int(proc->args, args, "nil", data->none);
    vw_args_set_bytes(proc->args, args, "data", data->data, data->len);
    vw_arena_reset(arena);
    c->stopped = false;
    int rc = vw_client_call(c, proc, args, arena, &ret, &why);
    if (rc == VW_EREMOTE)
        return refused(c, sasl, &why, err);
    if (rc) {
        if (err && !err->code)
            *err = why;
        return rc;
    }
    out->data.data = vw_ret_bytes(proc->ret, ret, "data", &out->data.len);
    out->data.none = vw_ret_int(proc->ret, ret, "nil", 1) != 0;
    out->complete = vw_ret_int(proc->ret, ret, "complete", 0) != 0;
    return 0;
}

/* what the server said last is always looked at here, also when it says that all is done. */
static int converse(struct vw_client *c, struct vw_sasl *sasl, const char *offered,
                    struct vw_arena *arena, struct vw_error *err)
{
    struct vw_sasl_data out;
    struct answer in = {0};
    int rc = vw_sasl_start(sasl, offered, &out, err);
    if (rc == 0)
        rc = exchange(c, "auth_sasl_start", sasl, &out, arena, &in, err);
    for (int i = 0; rc == 0 && i < ROUNDS_MAX; i++) {
        rc = vw_sasl_step(sasl, &in.data, &out, err);
        if (rc || (in.complete && vw_sasl_done(sasl)))
            return rc;
        rc = exchange(c, "auth_sasl_step", sasl, &out, arena, &in, err);
    }
    if (rc)
        return rc;
    if (err && !err->code)
        memcpy(err->clause, "A-8", sizeof("A-8"));
    return vw_error_set(err, VW_EPROTOCOL, "the server does not come to an end of SASL %s",
                        vw_sasl_mechanism(sasl));
}

/* Writes what was queued ahead of the switch, such as the answer to a PING. */
static int write_out(struct vw_client *c, struct vw_error *err)
{
    int64_t deadline = vw_client_step_deadline(c);
    while (vw_session_output_pending(c->session)) {
        vw_client_flush(c);
        if (c->write_failed)
            return vw_error_set(err, VW_ECLOSED, "the server closed the connection");
        if (!vw_session_output_pending(c->session))
            break;
        if (vw_now_ms() >= deadline)
            return vw_error_set(err, VW_ETIMEOUT, "the server does not read");
        struct pollfd p = {.fd = vw_client_fd(c), .events = POLLOUT};
        if (poll(&p, 1, 100) < 0 && errno != EINTR)
            return vw_error_errno(err, errno, "poll");
    }
    return 0;
}

/* both directions change behind the answer that was seen last. SASL belongs to the layer from
 * here on, also on failure. */
static int switch_layer(struct vw_client *c, struct vw_sasl *sasl, struct vw_error *err)
{
    const struct vw_layer_codec codec = {.name = "SASL",
                                         .max_plain = vw_sasl_max_plain(sasl),
                                         .encode = vw_sasl_encode,
                                         .decode = vw_sasl_decode,
                                         .destroy = vw_sasl_layer_destroy,
                                         .user = sasl};
    const uint8_t *early;
    int rc = vw_session_switch_layer(c->session) ? vw_error_nomem(err) : write_out(c, err);
    if (rc) {
        vw_sasl_destroy(sasl);
        return rc;
    }
    vw_session_switched(c->session);
    size_t n = vw_session_unread(c->session, VW_SIDE_SERVER, &early);
    struct vw_transport *lower = c->transport;
    c->transport = NULL;
    return vw_layer_create(lower, &codec, early, n, &c->transport, err);
}

/* Ends with SASL destroyed or owned by the layer. */
static int run(struct vw_client *c, struct vw_sasl *sasl, struct vw_arena *arena,
               struct vw_error *err)
{
    const struct vw_proc *init = sasl_proc(c, "auth_sasl_init");
    void *ret = NULL;
    int rc = 0;
    if (!init || init->args)
        rc = vw_error_set(err, VW_EUSAGE, "profile %s has no SASL", c->options.profile->name);
    if (rc == 0)
        rc = vw_client_call(c, init, NULL, arena, &ret, err);
    const char *offered = rc == 0 ? vw_ret_string(init->ret, ret, "mechlist") : NULL;
    c->stop_after_call = true;
    if (rc == 0)
        rc = converse(c, sasl, offered ? offered : "", arena, err);
    if (rc == 0)
        rc = vw_sasl_finish(sasl, err);
    if (rc == 0 && vw_sasl_layer_strength(sasl))
        rc = switch_layer(c, sasl, err);
    else
        vw_sasl_destroy(sasl);
    c->stop_after_call = c->stopped = false;
    return rc;
}

int vw_client_sasl(struct vw_client *c, const char *mechanism, struct vw_arena *arena,
                   struct vw_error *err)
{
    const struct vw_transport *t = c->transport;
    struct vw_answers answers;
    struct vw_sasl *sasl;
    const struct vw_sasl_options options = {.host = c->options.auth_host ? c->options.auth_host
                                                                         : "localhost",
                                            .mechanism = mechanism,
                                            .secure = (t->ops->caps & VW_CAP_SECURE) != 0,
                                            .strength = t->ops->strength ? t->ops->strength(t) : 0,
                                            .ask = vw_answers_ask,
                                            .user = &answers,
                                            .deadline_ms = vw_client_step_deadline(c)};
    int rc = vw_sasl_create(&options, &sasl, err);
    if (rc)
        return rc;
    rc = vw_answers_init(&answers, &c->options, options.host, err);
    if (rc == 0)
        rc = run(c, sasl, arena, err);
    else
        vw_sasl_destroy(sasl);
    vw_answers_wipe(&answers);
    return rc;
}
