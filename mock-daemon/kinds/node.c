// SPDX-License-Identifier: MIT
// The machine that the hypervisor stands on, as the test driver pretends it to be.
#include "mock-daemon/calls.h"

enum vw_outcome vw_on_node_get_info(struct vw_call *c, struct remote_node_get_info_ret *ret)
{
    *ret = (struct remote_node_get_info_ret){
        .model = {'i', '6', '8', '6'},
        .memory = 3145728, /* KiB */
        .cpus = 16,
        .mhz = 1400,
        .nodes = 2,
        .sockets = 2,
        .cores = 2,
        .threads = 2,
    };
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(node_get_info),
    {NULL},
};

const struct vw_object_kind vw_object_kind_node = {.name = "node", .rows = rows};
