// SPDX-License-Identifier: MIT
// Authentication (section 7): what is asked for is told, and no mechanism is there. Without a
// gate the calls fail as on a connection that needs none.
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"

static enum vw_outcome auth_list(struct vw_call *c)
{
    const struct vw_conn *conn = c->conn;
    vw_out_uint(c->out, 1);
    vw_out_int(c->out, conn->authenticated ? VW_CONFIG_AUTH_NONE : vw_conn_auth(conn));
    return VW_DONE;
}

static enum vw_outcome refuse(struct vw_call *c)
{
    return vw_call_failf(c, VW_ERR_AUTH_FAILED, VW_FROM_RPC, "%s: no such authentication here",
                         c->event->proc->short_name);
}

static const struct vw_handler handlers[] = {
    {.procedure = "auth_list", .run = auth_list},    {.procedure = "auth_sasl_init", .run = refuse},
    {.procedure = "auth_sasl_start", .run = refuse}, {.procedure = "auth_sasl_step", .run = refuse},
    {.procedure = "auth_polkit", .run = refuse},     {.procedure = NULL},
};

const struct vw_object_kind vw_object_kind_auth = {.name = "auth", .handlers = handlers};
