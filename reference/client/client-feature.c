// SPDX-License-Identifier: MIT
// What the server can do beyond the calls that it has (CONNECT_SUPPORTS_FEATURE), asked behind the
// log-in, and what stands on it: descriptors (P-1).
#include "auth/login.h"
#include "client/internal.h"

static int ask(struct vw_client *c, int32_t feature, bool *yes, struct vw_error *err)
{
    const char *program = c->options.program ? c->options.program : "remote";
    _Alignas(8) uint8_t args[VW_VALUE_MAX];
    const struct vw_proc *proc =
        vw_login_ask_feature(c->options.profile->schema, program, feature, args);
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error why = VW_ERROR_INIT;
    void *ret = NULL;
    *yes = false;
    if (!proc)
        return 0;
    int rc = vw_client_call(c, proc, proc->args ? args : NULL, &arena, &ret, &why);
    *yes = rc == 0 && vw_login_has_feature(proc, ret);
    vw_arena_finish(&arena);
    if (rc && rc != VW_EREMOTE && err && !err->code)
        *err = why;
    return rc == VW_EREMOTE ? 0 : rc;
}

int vw_client_supports(struct vw_client *c, int32_t feature, bool *yes, struct vw_error *err)
{
    uint32_t bit = feature >= 0 && feature < 32 ? 1u << feature : 0;
    *yes = (c->features & bit) != 0;
    if (c->features_known & bit)
        return 0;
    int rc = ask(c, feature, yes, err);
    if (rc)
        return rc;
    c->features_known |= bit;
    c->features |= *yes ? bit : 0;
    return 0;
}

bool vw_client_has_keepalive(const struct vw_client *c)
{
    return c->keepalive;
}

/* ---- descriptors ---- */

static bool can_carry(const struct vw_client *c)
{
    return c->transport && (c->transport->ops->caps & VW_CAP_FDS) != 0;
}

int vw_client_passes_fds(struct vw_client *c, bool *yes, struct vw_error *err)
{
    *yes = false;
    return can_carry(c) ? vw_client_supports(c, VW_FEATURE_FDS, yes, err) : 0;
}

static int refuse(const struct vw_client *c, struct vw_error *err)
{
    if (!c->transport)
        return vw_error_set(err, VW_EUSAGE, "the connection is not ready yet");
    if (!can_carry(c))
        return vw_error_set(err, VW_EUSAGE, "descriptors go over unix sockets only, not over %s",
                            c->transport->ops->name);
    return vw_error_set(err, VW_EUSAGE, "the server takes no descriptors (feature %d)",
                        VW_FEATURE_FDS);
}

int vw_client_call_with(struct vw_client *c, const struct vw_submission *what,
                        struct vw_arena *arena, void **ret, struct vw_fds *got,
                        struct vw_error *err)
{
    struct vw_outgoing own;
    bool yes = true;
    if (got)
        got->count = 0;
    int rc = vw_client_take(what, &own, err);
    if (rc == 0 && own.call.n_fds)
        rc = vw_client_passes_fds(c, &yes, err);
    if (rc == 0 && !yes)
        rc = refuse(c, err);
    if (rc) {
        vw_client_close_fds(own.call.fds, own.call.n_fds);
        return rc;
    }
    return vw_client_wait_for(c, &own, arena, ret, got, err);
}

int vw_client_submit(struct vw_client *c, const struct vw_submission *what, uint32_t *serial,
                     struct vw_error *err)
{
    struct vw_outgoing own;
    int rc = vw_client_take(what, &own, err);
    if (rc)
        return rc;
    if (own.call.n_fds && !(c->features & 1u << VW_FEATURE_FDS)) {
        vw_client_close_fds(own.call.fds, own.call.n_fds);
        return refuse(c, err);
    }
    return vw_client_queue(c, &own, serial, err);
}
