// SPDX-License-Identifier: MIT
// procedures: each call of a program, with its sample arguments. Variables: procedure, args.
#include "conformance/cases/family.h"

static int add(struct vw_sample *s, struct vw_error *err)
{
    if (s->proc->args && !(s->args = vw_sample_node(s->ctx->arena, s->proc->args)))
        return vw_error_nomem(err);
    return vw_family_add(s, NULL, NULL, NULL, err);
}

static int expand(struct vw_family_context *ctx, struct vw_error *err)
{
    return vw_family_calls(ctx, add, err);
}

const struct vw_family vw_family_procedures = {
    "procedures",
    "each call with well-formed arguments; variables procedure, args",
    expand,
};
