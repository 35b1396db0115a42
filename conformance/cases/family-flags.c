// SPDX-License-Identifier: MIT
// flags: calls with flags get the highest bit there, which none of them knows (O-8). Variables:
// procedure, args.
#include <string.h>

#include "conformance/cases/family.h"

static const struct vw_field *flags_of(const struct vw_type *args)
{
    for (uint32_t i = 0; i < args->n_fields; i++)
        if (strcmp(args->fields[i].name, "flags") == 0)
            return &args->fields[i];
    return NULL;
}

static int add(struct vw_sample *s, struct vw_error *err)
{
    const struct vw_field *f = flags_of(s->proc->args);
    struct vw_node *args = f ? vw_node_copy(s->ctx->arena, s->args) : NULL;
    struct vw_node *place = args ? (struct vw_node *)vw_node_get(args, "flags") : NULL;
    if (!f)
        return 0;
    if (!place)
        return vw_error_nomem(err);
    place->text = f->type->kind == VW_UHYPER ? "9223372036854775808"
                  : f->type->kind == VW_UINT ? "2147483648"
                                             : "-2147483648";
    place->len = strlen(place->text);
    s->args = args;
    return vw_family_add(s, NULL, NULL, NULL, err);
}

static int expand(struct vw_family_context *ctx, struct vw_error *err)
{
    return vw_family_samples(ctx, add, err);
}

const struct vw_family vw_family_flags = {
    "flags",
    "calls with flags, of which one is set that no call knows; variables procedure, args",
    expand,
};
