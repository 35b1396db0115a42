// SPDX-License-Identifier: MIT
// See grow.h.
#include "fuzz/grow.h"

#include <string.h>

#define NESTING_MAX 64
#define ITEMS_MAX   1024u /* elements of all arrays together */
#define BYTES_MAX   16384u

struct grower {
    struct vw_script *script;
    struct vw_arena *arena;
    bool bad;
    unsigned grown, nesting;
    uint32_t items, bytes; /* that are left */
};

static bool grow(struct grower *g, const struct vw_type *t, void *at);

/* A byte for what is small or an edge; behind an odd one, eight for anything. */
static uint64_t number(struct grower *g)
{
    unsigned code = vw_script_byte(g->script);
    uint64_t n = 0;
    if (code % 2 == 0)
        return code < 128 ? code / 2 : (uint64_t)(int64_t)(int32_t)vw_bent(0, (code - 128) / 2);
    for (int i = 0; i < 8; i++)
        n = n << 8 | vw_script_byte(g->script);
    return n;
}

static void grow_scalar(struct grower *g, const struct vw_type *t, void *at)
{
    uint64_t n = number(g);
    const uint32_t word = (uint32_t)n;
    const uint16_t half = (uint16_t)n;
    if (t->kind == VW_BOOL)
        *(bool *)at = n & 1;
    else if (t->size == 8)
        memcpy(at, &n, 8);
    else if (t->size == 4)
        memcpy(at, &word, 4);
    else if (t->size == 2)
        memcpy(at, &half, 2);
    else
        *(uint8_t *)at = (uint8_t)n;
}

/* A length up to MAX, or one more where the value may be wrong, and no more than *LEFT. */
static uint32_t length(struct grower *g, uint32_t max, uint32_t *left)
{
    unsigned code = vw_script_byte(g->script);
    uint32_t n = code < 224 ? code % 32 : max;
    if (code == 255 && max < VW_UNBOUNDED)
        n = max + 1;
    if (n > *left)
        n = *left;
    if (n > max && !g->bad)
        n = max;
    *left -= n;
    if (n > max)
        g->grown |= VW_GROWN_OVER;
    return n;
}

static void fill(struct grower *g, uint8_t *to, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint8_t)vw_script_byte(g->script);
}

static bool grow_string(struct grower *g, const struct vw_type *t, struct vw_string *s)
{
    s->len = length(g, t->max, &g->bytes);
    s->data = vw_arena_zalloc(g->arena, (size_t)s->len + 1, 1);
    if (s->data)
        fill(g, (uint8_t *)s->data, s->len);
    return s->data != NULL;
}

static bool grow_opaque(struct grower *g, const struct vw_type *t, struct vw_bytes *b)
{
    b->len = length(g, t->max, &g->bytes);
    b->data = vw_arena_zalloc(g->arena, (size_t)b->len + 1, 1);
    if (b->data)
        fill(g, b->data, b->len);
    return b->data != NULL;
}

static bool grow_items(struct grower *g, const struct vw_type *elem, uint8_t *items, uint32_t n)
{
    bool good = true;
    for (uint32_t i = 0; good && i < n; i++)
        good = grow(g, elem, items + (size_t)i * elem->size);
    return good;
}

static bool grow_list(struct grower *g, const struct vw_type *t, struct vw_list *list)
{
    list->count = length(g, t->max, &g->items);
    list->items =
        vw_arena_zalloc(g->arena, (size_t)list->count * t->elem->size + 1, t->elem->align);
    return list->items && grow_items(g, t->elem, list->items, list->count);
}

static bool grow_new(struct grower *g, const struct vw_type *t, void **out)
{
    *out = vw_arena_zalloc(g->arena, t->size, t->align ? t->align : 1);
    return *out && grow(g, t, *out);
}

static bool grow_optional(struct grower *g, const struct vw_type *t, void **out)
{
    *out = NULL;
    return vw_script_byte(g->script) % 2 == 0 || g->nesting >= NESTING_MAX ||
           grow_new(g, t->elem, out);
}

/* One of the cases, or where the value may be wrong any number. */
static int32_t discriminant(struct grower *g, const struct vw_type *t)
{
    unsigned code = vw_script_byte(g->script);
    const struct vw_field *arm = &t->fields[code % t->n_fields];
    if (code >= 240)
        return (int32_t)number(g);
    return arm->n_cases ? arm->cases[code / t->n_fields % arm->n_cases] : (int32_t)number(g);
}

static bool grow_union(struct grower *g, const struct vw_type *t, uint8_t *at)
{
    int32_t disc = t->n_fields ? discriminant(g, t) : 0;
    const struct vw_field *arm = vw_type_arm(t, disc);
    if (!arm && !g->bad && t->n_fields && t->fields[0].n_cases) {
        disc = t->fields[0].cases[0];
        arm = &t->fields[0];
    }
    if (t->disc->type->kind == VW_BOOL && disc != 0 && disc != 1) {
        disc = 1;
        arm = vw_type_arm(t, disc);
    }
    memcpy(at, &disc, sizeof(disc));
    if (!arm)
        g->grown |= VW_GROWN_ARM;
    if (!arm || arm->type->kind == VW_VOID)
        return true;
    if (!arm->boxed)
        return grow(g, arm->type, at + arm->offset);
    void *box = NULL;
    bool good = grow_new(g, arm->type, &box);
    memcpy(at + arm->offset, &box, sizeof(box));
    return good;
}

static bool grow_nested(struct grower *g, const struct vw_type *t, void *at)
{
    bool good = true;
    switch (t->kind) {
    case VW_FIXED_ARRAY:
        return grow_items(g, t->elem, at, t->max);
    case VW_ARRAY:
        return grow_list(g, t, at);
    case VW_OPTIONAL:
        return grow_optional(g, t, at);
    case VW_UNION:
        return grow_union(g, t, at);
    default:
        for (uint32_t i = 0; good && i < t->n_fields; i++)
            good = grow(g, t->fields[i].type, (uint8_t *)at + t->fields[i].offset);
        return good;
    }
}

static bool grow(struct grower *g, const struct vw_type *t, void *at)
{
    bool good;
    switch (t->kind) {
    case VW_VOID:
        return true;
    case VW_STRING:
        return grow_string(g, t, at);
    case VW_OPAQUE:
        return grow_opaque(g, t, at);
    case VW_FIXED_OPAQUE:
        fill(g, at, t->max);
        return true;
    case VW_FIXED_ARRAY:
    case VW_ARRAY:
    case VW_OPTIONAL:
    case VW_STRUCT:
    case VW_UNION:
        if (g->nesting == 4 * NESTING_MAX)
            return false;
        g->nesting++;
        good = grow_nested(g, t, at);
        g->nesting--;
        return good;
    default:
        grow_scalar(g, t, at);
        return true;
    }
}

bool vw_grow(const struct vw_type *t, struct vw_script *script, bool bad, struct vw_arena *arena,
             void **out, unsigned *grown)
{
    struct grower g = {
        .script = script, .arena = arena, .bad = bad, .items = ITEMS_MAX, .bytes = BYTES_MAX};
    bool good = grow_new(&g, t, out);
    *grown = g.grown;
    return good;
}
