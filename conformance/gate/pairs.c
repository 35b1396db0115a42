// SPDX-License-Identifier: MIT
// Pairs of types: the graph that is compared, and whether two types have the same form on the wire.
// Nothing here recurses: what is found is appended to a list that is worked off.
#include "conformance/gate/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/room.h"

#define DEPTH 257 /* structs within structs; the schema has seen to it */

bool vw_differ_spend(struct vw_differ *d, uint64_t n)
{
    d->work += n;
    if (d->work > VW_GATE_MAX_WORK && !d->rc)
        d->rc = VW_ELIMIT;
    return !d->rc;
}

void *vw_differ_alloc(struct vw_differ *d, size_t size)
{
    void *p = d->rc ? NULL : vw_arena_zalloc(d->arena, size ? size : 1, 16);
    if (!p && !d->rc)
        d->rc = VW_ENOMEM;
    return p;
}

const char *vw_differ_text(struct vw_differ *d, const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    int len = vasprintf(&text, fmt, ap);
    va_end(ap);
    const char *copy = len < 0 ? NULL : vw_arena_strndup(d->arena, text, (size_t)len);
    if (len >= 0)
        free(text);
    if (!copy && !d->rc)
        d->rc = VW_ENOMEM;
    return copy ? copy : "";
}

const struct vw_type *vw_gate_real(const struct vw_type *t)
{
    while (t->alias_of)
        t = t->alias_of;
    return t;
}

static size_t place_of(const struct vw_pairs *set, const struct vw_type *a, const struct vw_type *b)
{
    uint64_t hash = ((uintptr_t)a >> 4) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ (hash >> 29) ^ ((uintptr_t)b >> 4)) * 0xbf58476d1ce4e5b9u;
    size_t at = (hash ^ (hash >> 32)) & (set->room - 1);
    while (set->table[at] && (set->table[at]->before != a || set->table[at]->after != b))
        at = (at + 1) & (set->room - 1);
    return at;
}

static bool grow(struct vw_pairs *set)
{
    struct vw_pair **old = set->table;
    set->room = set->room ? 2 * set->room : 256;
    set->table = calloc(set->room, sizeof(struct vw_pair *));
    free(old);
    for (size_t i = 0; set->table && i < set->count; i++)
        set->table[place_of(set, set->list[i]->before, set->list[i]->after)] = set->list[i];
    return set->table;
}

struct vw_pair *vw_pairs_get(struct vw_differ *d, struct vw_pairs *set,
                             const struct vw_type *before, const struct vw_type *after)
{
    if (!vw_differ_spend(d, 1))
        return NULL;
    if (2 * set->count >= set->room && !grow(set)) {
        d->rc = VW_ENOMEM;
        return NULL;
    }
    size_t at = place_of(set, before, after);
    if (set->table[at])
        return set->table[at];
    struct vw_pair *p = vw_differ_alloc(d, sizeof(*p));
    struct vw_pair **list = vw_room(set->list, set->count, sizeof(struct vw_pair *));
    if (list)
        set->list = list;
    if (!p || !list) {
        d->rc = d->rc ? d->rc : VW_ENOMEM;
        return NULL;
    }
    *p = (struct vw_pair){.before = before, .after = after};
    set->list[set->count++] = p;
    set->table[at] = p;
    return p;
}

void vw_pairs_finish(struct vw_pairs *set)
{
    free(set->list);
    free(set->table);
    *set = (struct vw_pairs){0};
}

/* ---- the same form ---- */

unsigned vw_gate_width(enum vw_kind kind)
{
    if (kind == VW_HYPER || kind == VW_UHYPER || kind == VW_DOUBLE)
        return 8;
    return kind >= VW_INT && kind <= VW_ENUM ? 4 : 0;
}

/* The parts of a type that are no structs, in their order. */
struct leaves {
    const struct vw_type *type[DEPTH];
    uint32_t at[DEPTH];
    int depth;
};

static const struct vw_type *next_leaf(struct leaves *l)
{
    while (l->depth >= 0) {
        const struct vw_type *t = vw_gate_real(l->type[l->depth]);
        uint32_t at = l->at[l->depth]++;
        if (t->kind != VW_STRUCT) {
            l->depth--;
            return t;
        }
        if (at == t->n_fields || l->depth + 1 == DEPTH) {
            l->depth--;
            continue;
        }
        l->depth++;
        l->type[l->depth] = t->fields[at].type;
        l->at[l->depth] = 0;
    }
    return NULL;
}

static bool same_members(struct vw_differ *d, const struct vw_type *a, const struct vw_type *b)
{
    if (a->n_members != b->n_members || !vw_differ_spend(d, (uint64_t)a->n_members * b->n_members))
        return false;
    for (uint32_t i = 0; i < a->n_members; i++)
        if (!vw_type_member(b, a->members[i].value))
            return false;
    return true;
}

/* The arms of two unions become pairs to be looked at. */
static bool same_arms(struct vw_differ *d, struct vw_pairs *todo, const struct vw_type *a,
                      const struct vw_type *b)
{
    uint32_t cases_a = 0, cases_b = 0;
    for (uint32_t i = 0; i < a->n_fields; i++)
        cases_a += a->fields[i].n_cases + a->fields[i].is_default;
    for (uint32_t i = 0; i < b->n_fields; i++)
        cases_b += b->fields[i].n_cases + b->fields[i].is_default;
    if (cases_a != cases_b || !vw_differ_spend(d, (uint64_t)cases_a * cases_b))
        return false;
    for (uint32_t i = 0; i < a->n_fields; i++) {
        const struct vw_field *f = &a->fields[i], *g = NULL;
        for (uint32_t k = 0; k < f->n_cases; k++) {
            g = vw_type_arm(b, f->cases[k]);
            if (!g || g->is_default || !vw_pairs_get(d, todo, f->type, g->type))
                return false;
        }
        for (uint32_t k = 0; f->is_default && k < b->n_fields; k++)
            if (b->fields[k].is_default)
                g = &b->fields[k];
        if (f->is_default && (!g || !g->is_default || !vw_pairs_get(d, todo, f->type, g->type)))
            return false;
    }
    return true;
}

static bool same_leaf(struct vw_differ *d, struct vw_pairs *todo, const struct vw_type *a,
                      const struct vw_type *b, bool loose)
{
    bool words = vw_gate_width(a->kind) && vw_gate_width(a->kind) == vw_gate_width(b->kind);
    bool floats =
        a->kind == VW_FLOAT || a->kind == VW_DOUBLE || b->kind == VW_FLOAT || b->kind == VW_DOUBLE;
    bool fixed = a->kind == VW_FIXED_ARRAY || a->kind == VW_FIXED_OPAQUE;
    if (loose && words && !floats)
        return true;
    if (a->kind != b->kind || (a->max != b->max && (fixed || !loose)))
        return false;
    if (a->kind == VW_ENUM)
        return same_members(d, a, b);
    if (a->kind == VW_UNION)
        return (loose || a->disc->type->kind == b->disc->type->kind) && same_arms(d, todo, a, b);
    return !a->elem || vw_pairs_get(d, todo, a->elem, b->elem);
}

static bool same_pair(struct vw_differ *d, struct vw_pairs *todo, const struct vw_pair *p,
                      bool loose)
{
    struct leaves l = {.type = {p->before}}, m = {.type = {p->after}};
    for (;;) {
        const struct vw_type *a = next_leaf(&l), *b = next_leaf(&m);
        if (!a || !b)
            return !a && !b;
        if (!vw_differ_spend(d, 1) || !same_leaf(d, todo, a, b, loose))
            return false;
    }
}

/* What is in the list is taken for equal until one is not, and then none is. */
bool vw_gate_same(struct vw_differ *d, const struct vw_type *a, const struct vw_type *b, bool loose)
{
    struct vw_pairs todo = {0};
    bool same = vw_pairs_get(d, &todo, a, b);
    for (size_t i = 0; same && i < todo.count; i++)
        same = same_pair(d, &todo, todo.list[i], loose);
    vw_pairs_finish(&todo);
    return same;
}

void vw_pairs_close(struct vw_differ *d, struct vw_pairs *types)
{
    for (size_t i = 0; i < types->count && !d->rc; i++) {
        const struct vw_type *t = types->list[i]->before;
        for (uint32_t k = 0; k < t->n_fields; k++)
            vw_pairs_get(d, types, t->fields[k].type, t->fields[k].type);
        if (t->elem)
            vw_pairs_get(d, types, t->elem, t->elem);
        if (t->alias_of)
            vw_pairs_get(d, types, t->alias_of, t->alias_of);
        if (t->disc)
            vw_pairs_get(d, types, t->disc->type, t->disc->type);
    }
}

bool vw_gate_is_recursive(struct vw_differ *d, const struct vw_type *t)
{
    struct vw_pairs below = {0};
    for (uint32_t i = 0; i < t->n_fields; i++)
        vw_pairs_get(d, &below, t->fields[i].type, t->fields[i].type);
    vw_pairs_close(d, &below);
    size_t count = below.count;
    bool found = vw_pairs_get(d, &below, t, t) && below.count == count;
    vw_pairs_finish(&below);
    return found;
}

/* ---- reach ---- */

static void touch(struct vw_differ *d, struct vw_pair *p, const char *name)
{
    if (!name || (p->n_touches && p->touches[p->n_touches - 1] == name))
        return;
    const char **list = vw_arena_room(d->arena, p->touches, p->n_touches, sizeof(*list));
    if (!list) {
        d->rc = d->rc ? d->rc : VW_ENOMEM;
        return;
    }
    p->touches = list;
    p->touches[p->n_touches++] = name;
}

void vw_pairs_reach(struct vw_differ *d, struct vw_pair *p, const struct vw_gate_message *m)
{
    const char *name = m->was ? m->name : NULL;
    d->stamp++;
    p->todo = NULL;
    p->stamp = d->stamp;
    for (struct vw_pair *todo = p; todo && vw_differ_spend(d, todo->n_parts + 1);) {
        struct vw_pair *at = todo;
        todo = at->todo;
        at->reach |= m->reach;
        at->message = at->message ? at->message : m;
        if (at->changes)
            touch(d, at, name);
        for (size_t i = 0; i < at->n_parts; i++) {
            if (at->parts[i]->stamp == d->stamp)
                continue;
            at->parts[i]->stamp = d->stamp;
            at->parts[i]->todo = todo;
            todo = at->parts[i];
        }
    }
}
