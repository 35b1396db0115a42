// SPDX-License-Identifier: MIT
// flags: calls with flags get a bit there that none of them knows (O-8): the highest, and the one
// below it, for who looks at the highest alone. Variables: procedure, args.
#include <string.h>

#include "conformance/cases/family.h"

static const struct vw_field *flags_of(const struct vw_type *args)
{
    for (uint32_t i = 0; i < args->n_fields; i++)
        if (strcmp(args->fields[i].name, "flags") == 0)
            return &args->fields[i];
    return NULL;
}

static const char *highest(const struct vw_type *t)
{
    return t->kind == VW_UHYPER ? "9223372036854775808"
           : t->kind == VW_UINT ? "2147483648"
                                : "-2147483648";
}

static const char *below_it(const struct vw_type *t)
{
    return t->kind == VW_UHYPER ? "4611686018427387904" : "1073741824";
}

/* KEY: behind the name of the procedure; NULL: nothing. */
static int add_flag(struct vw_sample *s, const char *key, const char *flag, struct vw_error *err)
{
    struct vw_sample one = *s;
    struct vw_node *args = vw_node_copy(s->ctx->arena, s->args);
    struct vw_node *place = args ? (struct vw_node *)vw_node_get(args, "flags") : NULL;
    if (!place)
        return vw_error_nomem(err);
    place->text = flag;
    place->len = strlen(flag);
    one.args = args;
    return vw_family_add(&one, key, NULL, NULL, err);
}

static int add(struct vw_sample *s, struct vw_error *err)
{
    const struct vw_field *f = flags_of(s->proc->args);
    int rc = f ? add_flag(s, NULL, highest(f->type), err) : 0;
    return f && rc == 0 ? add_flag(s, "below", below_it(f->type), err) : rc;
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
