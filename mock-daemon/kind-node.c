// SPDX-License-Identifier: MIT
// The machine that the hypervisor stands on, as the test driver pretends it to be.
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"

/* char model[32] of remote_node_get_info_ret. */
#define MODEL_CHARS 32

static enum vw_outcome node_get_info(struct vw_call *c)
{
    vw_out_chars(c->out, "i686", MODEL_CHARS);
    vw_out_uhyper(c->out, 3145728); /* memory, KiB */
    vw_out_int(c->out, 16);         /* cpus */
    vw_out_int(c->out, 1400);       /* MHz */
    vw_out_int(c->out, 2);          /* NUMA cells */
    vw_out_int(c->out, 2);          /* sockets a cell */
    vw_out_int(c->out, 2);          /* cores a socket */
    vw_out_int(c->out, 2);          /* threads a core */
    return VW_DONE;
}

static const struct vw_handler handlers[] = {
    {.procedure = "node_get_info", .run = node_get_info},
    {.procedure = NULL},
};

const struct vw_object_kind vw_object_kind_node = {.name = "node", .handlers = handlers};
