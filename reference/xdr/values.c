// SPDX-License-Identifier: MIT
// The smallest values of types. Memory is 0 at first, so that only what is not all 0 is filled.
#include "xdr/values.h"

#include "xdr/memory.h"

struct maker {
    struct vw_arena *arena;
    uint32_t nesting;
    struct vw_error *err;
};

static int fill(struct maker *m, const struct vw_type *t, void *at);

static int fill_new(struct maker *m, const struct vw_type *t, void **out)
{
    *out = vw_arena_zalloc(m->arena, t->size, t->align ? t->align : 1);
    return *out ? fill(m, t, *out) : vw_error_nomem(m->err);
}

static int fill_string(struct maker *m, struct vw_string *s)
{
    s->data = vw_arena_zalloc(m->arena, 1, 1);
    return s->data ? 0 : vw_error_nomem(m->err);
}

static int fill_opaque(struct maker *m, struct vw_bytes *b)
{
    b->data = vw_arena_alloc(m->arena, 0, 1);
    return b->data ? 0 : vw_error_nomem(m->err);
}

static int fill_items(struct maker *m, const struct vw_type *t, uint8_t *items)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < t->max; i++)
        rc = fill(m, t->elem, items + (size_t)i * t->elem->size);
    return rc;
}

static int fill_struct(struct maker *m, const struct vw_type *t, uint8_t *at)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < t->n_fields; i++)
        rc = fill(m, t->fields[i].type, at + t->fields[i].offset);
    return rc;
}

bool vw_arm_value(const struct vw_type *u, const struct vw_field *arm, int32_t *out)
{
    const struct vw_type *d = u->disc->type;
    uint64_t cases = 0, candidates;

    *out = 0;
    if (arm->n_cases > 0) {
        *out = arm->cases[0];
        return true;
    }
    if (!arm->is_default)
        return false;
    for (uint32_t i = 0; i < u->n_fields; i++)
        cases += u->fields[i].n_cases;
    candidates = d->kind == VW_ENUM ? d->n_members : d->kind == VW_BOOL ? 2 : cases + 1;
    for (uint64_t i = 0; i < candidates; i++) {
        *out = d->kind == VW_ENUM ? d->members[i].value : (int32_t)i;
        if (vw_type_arm(u, *out) == arm)
            return true;
    }
    return false;
}

const struct vw_field *vw_arm_first(const struct vw_type *u, int32_t *disc)
{
    const struct vw_field *otherwise = NULL;
    for (uint32_t i = 0; i < u->n_fields; i++) {
        const struct vw_field *arm = &u->fields[i];
        if (arm->is_default)
            otherwise = arm;
        else if (vw_arm_value(u, arm, disc))
            return arm;
    }
    return otherwise && vw_arm_value(u, otherwise, disc) ? otherwise : NULL;
}

static int fill_union(struct maker *m, const struct vw_type *t, uint8_t *at)
{
    int32_t disc;
    const struct vw_field *arm = vw_arm_first(t, &disc);
    if (!arm)
        return vw_error_set(m->err, VW_EVALUE, "the union %s has no arm that can be chosen",
                            t->name ? t->name : "without a name");
    memcpy(at, &disc, sizeof(disc));
    if (arm->type->kind == VW_VOID)
        return 0;
    if (!arm->boxed)
        return fill(m, arm->type, at + arm->offset);
    void *box;
    int rc = fill_new(m, arm->type, &box);
    memcpy(at + arm->offset, &box, sizeof(box));
    return rc;
}

static int fill_nested(struct maker *m, const struct vw_type *t, void *at)
{
    if (m->nesting == VW_MAX_RECURSION)
        return vw_error_set(m->err, VW_ELIMIT, "types nest deeper than %u", VW_MAX_RECURSION);
    m->nesting++;
    int rc = t->kind == VW_FIXED_ARRAY ? fill_items(m, t, at)
             : t->kind == VW_STRUCT    ? fill_struct(m, t, at)
                                       : fill_union(m, t, at);
    m->nesting--;
    return rc;
}

static int fill(struct maker *m, const struct vw_type *t, void *at)
{
    switch (t->kind) {
    case VW_STRING:
        return fill_string(m, at);
    case VW_OPAQUE:
        return fill_opaque(m, at);
    case VW_ENUM:
        if (t->n_members && !vw_type_member(t, 0))
            memcpy(at, &t->members[0].value, sizeof(t->members[0].value));
        return 0;
    case VW_FIXED_ARRAY:
    case VW_STRUCT:
    case VW_UNION:
        return fill_nested(m, t, at);
    default:
        return 0;
    }
}

int vw_value_minimal(const struct vw_type *t, struct vw_arena *arena, void **out,
                     struct vw_error *err)
{
    struct maker m = {.arena = arena, .err = err};
    return fill_new(&m, t, out);
}

int vw_value_smallest(const struct vw_type *t, struct vw_arena *arena, void *at,
                      struct vw_error *err)
{
    struct maker m = {.arena = arena, .err = err};
    return fill(&m, t, at);
}
