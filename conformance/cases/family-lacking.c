// SPDX-License-Identifier: MIT
// lacking: the calls that a partial server has not. Variable: number.
#include "conformance/cases/scenario.h"

static int expand(struct vw_family_context *ctx, struct vw_error *err)
{
    const struct vw_partial *partial = ctx->options->profile->partial;
    uint32_t n = partial ? partial->all_calls - partial->calls : 0;
    int rc = 0;
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        struct vw_node *vars = vw_node_new(ctx->arena, VW_NODE_MAP);
        struct vw_node *number = vw_node_printf(ctx->arena, "%d", partial->lacking[i]);
        if (!vw_node_add(vars, "number", number))
            return vw_error_nomem(err);
        rc = ctx->add(ctx->user, number->text, vars, err);
    }
    return rc;
}

const struct vw_family vw_family_lacking = {
    "lacking",
    "each call that a partial server has not (`implements` of the profile); variable number",
    expand,
};
