// SPDX-License-Identifier: MIT
#include "mock-daemon/plan.h"

#include <stdlib.h>
#include <string.h>

/* Types that nest deeper are recursive, and no two of them count as the same. */
#define DEPTH_MAX 32

static const struct vw_field *field_named(const struct vw_type *t, const char *name)
{
    for (uint32_t i = 0; name && i < t->n_fields; i++) {
        if (t->fields[i].name && strcmp(t->fields[i].name, name) == 0)
            return &t->fields[i];
    }
    return NULL;
}

/* What field I of TO is called in FROM: the same, or in its place something that TO does not have,
 * which has then been renamed. NULL: FROM has no such field. */
static const struct vw_field *counterpart(const struct vw_type *from, const struct vw_type *to,
                                          uint32_t i)
{
    const struct vw_field *same = field_named(from, to->fields[i].name);
    if (same || i >= from->n_fields || field_named(to, from->fields[i].name))
        return same;
    return &from->fields[i];
}

static enum vw_kind unsigned_kind(const struct vw_type *t)
{
    switch (t->kind) {
    case VW_INT:
    case VW_ENUM:
        return VW_UINT;
    case VW_HYPER:
        return VW_UHYPER;
    case VW_CHAR:
        return VW_UCHAR;
    case VW_SHORT:
        return VW_USHORT;
    default:
        return t->kind;
    }
}

static bool alike(const struct vw_type *a, const struct vw_type *b, unsigned depth);

static bool structs_alike(const struct vw_type *a, const struct vw_type *b, unsigned depth)
{
    if (a->n_fields != b->n_fields)
        return false;
    for (uint32_t i = 0; i < b->n_fields; i++) {
        if (counterpart(a, b, i) != &a->fields[i] ||
            !alike(a->fields[i].type, b->fields[i].type, depth))
            return false;
    }
    return true;
}

/* An arm that one of them lacks is in the way of nothing: the codec never takes nor makes it. */
static bool unions_alike(const struct vw_type *a, const struct vw_type *b, unsigned depth)
{
    for (uint32_t i = 0; i < a->n_fields; i++) {
        const struct vw_field *arm = &a->fields[i];
        for (uint32_t k = 0; k < arm->n_cases; k++) {
            const struct vw_field *other = vw_type_arm(b, arm->cases[k]);
            if (other && (other->boxed != arm->boxed || other->offset != arm->offset ||
                          !alike(arm->type, other->type, depth)))
                return false;
        }
    }
    return true;
}

static bool alike(const struct vw_type *a, const struct vw_type *b, unsigned depth)
{
    if (depth == DEPTH_MAX || a->size != b->size || a->align != b->align ||
        unsigned_kind(a) != unsigned_kind(b))
        return false;
    switch (a->kind) {
    case VW_STRUCT:
        return structs_alike(a, b, depth + 1);
    case VW_UNION:
        return unions_alike(a, b, depth + 1);
    case VW_ARRAY:
    case VW_FIXED_ARRAY:
    case VW_OPTIONAL:
        return alike(a->elem, b->elem, depth + 1);
    default:
        return true;
    }
}

static uint32_t count_leaves(const struct vw_type *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct vw_type *inner = t->fields[i].type;
        n += inner->kind == VW_STRUCT ? count_leaves(inner) : 1;
    }
    return n;
}

static bool add_moves(struct vw_plan *p, const struct vw_type *from, uint32_t from_at,
                      const struct vw_type *to, uint32_t to_at)
{
    for (uint32_t i = 0; i < to->n_fields; i++) {
        const struct vw_field *t = &to->fields[i];
        const struct vw_field *f = counterpart(from, to, i);
        if (!f)
            continue;
        if (alike(f->type, t->type, 0))
            p->moves[p->count++] =
                (struct vw_plan_move){from_at + f->offset, to_at + t->offset, t->type->size};
        else if (f->type->kind != VW_STRUCT || t->type->kind != VW_STRUCT ||
                 !add_moves(p, f->type, from_at + f->offset, t->type, to_at + t->offset))
            return false;
    }
    return true;
}

int vw_plan_make(const struct vw_type *from, const struct vw_type *to, struct vw_plan **out)
{
    bool fields = from && to && from->kind == VW_STRUCT && to->kind == VW_STRUCT;
    struct vw_plan *p;
    *out = NULL;
    if (from == to || (from && to && alike(from, to, 0)))
        return VW_PLAN_NONE;
    if (from && to && !fields)
        return VW_PLAN_IMPOSSIBLE;
    p = calloc(1, sizeof(*p) + (fields ? count_leaves(to) : 0) * sizeof(*p->moves));
    if (!p)
        return VW_ENOMEM;
    p->size = to ? to->size : 0;
    p->align = to ? to->align : 1;
    if (fields && !add_moves(p, from, 0, to, 0)) {
        free(p);
        return VW_PLAN_IMPOSSIBLE;
    }
    *out = p;
    return VW_PLAN_MADE;
}

void *vw_plan_apply(const struct vw_plan *p, const void *value, struct vw_arena *arena)
{
    uint8_t *made = vw_arena_zalloc(arena, p->size, p->align);
    for (uint32_t i = 0; made && i < p->count; i++) {
        const struct vw_plan_move *m = &p->moves[i];
        memcpy(made + m->to, (const uint8_t *)value + m->from, m->size);
    }
    return made;
}
