// SPDX-License-Identifier: MIT
// Authentication (section 7): what is asked for is told, and no mechanism is there. Without a
// gate the calls fail as on a connection that needs none.
#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"

enum vw_outcome vw_on_auth_list(struct vw_call *c, struct remote_auth_list_ret *ret)
{
    const struct vw_conn *conn = c->conn;
    remote_auth_type *type = vw_call_alloc(c, sizeof(*type));
    if (!type)
        return VW_FAILED;
    *type = (remote_auth_type)(conn->authenticated ? VW_CONFIG_AUTH_NONE : vw_conn_auth(conn));
    ret->types = (struct vw_list){type, 1};
    return VW_DONE;
}

static enum vw_outcome refuse(struct vw_call *c, const void *args, void *ret)
{
    return vw_call_failf(c, VW_ERR_AUTH_FAILED, VW_FROM_RPC, "%s: no such authentication here",
                         c->event->proc->short_name);
}

static const struct vw_row rows[] = {
    VW_CALL(auth_list),         {"auth_sasl_init", refuse}, {"auth_sasl_start", refuse},
    {"auth_sasl_step", refuse}, {"auth_polkit", refuse},    {NULL},
};

const struct vw_object_kind vw_object_kind_auth = {.name = "auth", .rows = rows};
