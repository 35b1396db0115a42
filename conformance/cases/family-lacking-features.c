// SPDX-License-Identifier: MIT
// lacking-features: what a partial server does not support. Variable: feature.
#include "conformance/cases/scenario.h"

static int expand(struct vw_family_context *ctx, struct vw_error *err)
{
    const struct vw_partial *partial = ctx->options->profile->partial;
    int rc = 0;
    for (int n = 0; partial && n < 32 && rc == 0; n++) {
        if (!(partial->lacking_features >> n & 1))
            continue;
        struct vw_node *vars = vw_node_new(ctx->arena, VW_NODE_MAP);
        struct vw_node *feature = vw_node_printf(ctx->arena, "%d", n);
        if (!vw_node_add(vars, "feature", feature))
            return vw_error_nomem(err);
        rc = ctx->add(ctx->user, feature->text, vars, err);
    }
    return rc;
}

const struct vw_family vw_family_lacking_features = {
    "lacking-features",
    "each feature of a whole server that a partial one has not (`implements` of the profile); "
    "variable feature",
    expand,
};
