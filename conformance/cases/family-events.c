// SPDX-License-Identifier: MIT
// events: the numbers of events, which are no calls. Variable: number.
#include "conformance/cases/scenario.h"

static int expand(struct vw_family_context *ctx, struct vw_error *err)
{
    const struct vw_program *p = vw_schema_program_named(ctx->options->profile->schema, "remote");
    int rc = 0;
    for (uint32_t i = 0; p && i < p->n_procs && rc == 0; i++) {
        if (p->procs[i].kind != VW_PROC_EVENT)
            continue;
        struct vw_node *vars = vw_node_new(ctx->arena, VW_NODE_MAP);
        if (!vw_node_add(vars, "number", vw_node_printf(ctx->arena, "%d", p->procs[i].number)))
            return vw_error_nomem(err);
        rc = ctx->add(ctx->user, p->procs[i].short_name, vars, err);
    }
    return rc;
}

const struct vw_family vw_family_events = {
    "events",
    "the number of each event of the remote program; variable number",
    expand,
};
