// SPDX-License-Identifier: MIT
// count-arguments: calls that say how much they want get each of "values" there: maxnames, nparams
// and their like (D-17, D-18). Variables: procedure, args.
#include <string.h>

#include "conformance/cases/family.h"

#define VALUES_MAX 8

static bool counts(const struct vw_field *f)
{
    static const char *const exact[] = {"nparams", "ncpumaps", "ncpus",     "count",
                                        "maplen",  "npages",   "cellCount", "nvalues"};
    if (f->type->kind != VW_INT && f->type->kind != VW_UINT)
        return false;
    if (strncmp(f->name, "max", 3) == 0)
        return true;
    for (size_t i = 0; i < sizeof(exact) / sizeof(exact[0]); i++)
        if (strcmp(f->name, exact[i]) == 0)
            return true;
    return false;
}

static int add_field(struct vw_sample *s, const struct vw_field *f, struct vw_error *err)
{
    static const char *const defaults[] = {"-1", NULL};
    const char *values[VALUES_MAX];
    const struct vw_node *base = s->args;
    size_t n = vw_family_values(s->ctx, "values", defaults, values, VALUES_MAX);
    for (size_t i = 0; i < n; i++) {
        if (values[i][0] == '-' && f->type->kind == VW_UINT)
            continue;
        struct vw_node *args = vw_node_copy(s->ctx->arena, base);
        struct vw_node *place = args ? (struct vw_node *)vw_node_get(args, f->name) : NULL;
        if (!place)
            return vw_error_nomem(err);
        place->text = values[i];
        place->len = strlen(values[i]);
        s->args = args;
        int rc = vw_family_add(s, f->name, values[i], NULL, err);
        s->args = base;
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Only calls that return a list: elsewhere such a name is a value of the object. */
static bool returns_list(const struct vw_proc *p)
{
    for (uint32_t i = 0; p->ret && i < p->ret->n_fields; i++)
        if (p->ret->fields[i].type->kind == VW_ARRAY || p->ret->fields[i].type->kind == VW_OPAQUE)
            return true;
    return false;
}

static int add(struct vw_sample *s, struct vw_error *err)
{
    const struct vw_type *t = s->proc->args;
    int rc = 0;
    for (uint32_t i = 0; i < t->n_fields && rc == 0 && returns_list(s->proc); i++)
        if (counts(&t->fields[i]))
            rc = add_field(s, &t->fields[i], err);
    return rc;
}

static int expand(struct vw_family_context *ctx, struct vw_error *err)
{
    return vw_family_samples(ctx, add, err);
}

const struct vw_family vw_family_count_arguments = {
    "count-arguments",
    "arguments that say how much is wanted, set to each of values; variables procedure, args",
    expand,
};
