// SPDX-License-Identifier: MIT
// ranges: the calls whose result has a number with a range in the table of facts (O-4). Variables:
// procedure, args.
#include "conformance/cases/family.h"
#include "schema/facts.h"

#define DEPTH_MAX 12

static bool has_range(const struct vw_type *t, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return false;
    if (t->elem && has_range(t->elem, depth + 1))
        return true;
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct vw_field *f = &t->fields[i];
        if (has_range(f->type, depth + 1) || (f->name && vw_facts_range(t->name, f->name)))
            return true;
    }
    return false;
}

static int add(struct vw_sample *s, struct vw_error *err)
{
    if (!s->proc->ret || !has_range(s->proc->ret, 0))
        return 0;
    if (s->proc->args && !(s->args = vw_sample_found_node(s->ctx->arena, s->proc->args)))
        return vw_error_nomem(err);
    return vw_family_add(s, NULL, NULL, NULL, err);
}

static int expand(struct vw_family_context *ctx, struct vw_error *err)
{
    return vw_family_calls(ctx, add, err);
}

const struct vw_family vw_family_ranges = {
    "ranges",
    "calls that return a number of which the table of facts has a range; variables procedure, args",
    expand,
};
