// SPDX-License-Identifier: MIT
// Random values: a walk over the type that asks the generator for each length, number and arm.
#include "xdr/values.h"

#include "xdr/memory.h"

/* Beyond this nesting random values are minimal: recursive types end. */
#define RANDOM_NESTING 48u

__extension__ typedef unsigned __int128 uint128;

struct maker {
    struct vw_arena *arena;
    struct vw_rng *rng;
    uint64_t left; /* wire bytes that random parts may still add to the minimum */
    uint32_t nesting;
    struct vw_error *err;
};

static int fill(struct maker *m, const struct vw_type *t, void *at);

/* ---- the generator ---- */

void vw_rng_seed(struct vw_rng *r, uint64_t seed)
{
    r->state = seed;
}

uint64_t vw_rng_next(struct vw_rng *r)
{
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t vw_rng_below(struct vw_rng *r, uint64_t n)
{
    return (uint64_t)(((uint128)vw_rng_next(r) * n) >> 64);
}

/* ---- choices ---- */

static bool is_random(const struct maker *m)
{
    return m->nesting < RANDOM_NESTING;
}

/* NUMBER less up to BITS - 1 of its bits. Of two draws in one expression each compiler does another
 * one first, and the same seed gives other values. */
static uint64_t shifted(struct maker *m, uint64_t number, unsigned bits)
{
    return number >> vw_rng_below(m->rng, bits);
}

/* Bits of a number of BITS bits; edges are as likely as all others together. */
static uint64_t choose_bits(struct maker *m, unsigned bits)
{
    uint64_t top = (uint64_t)1 << (bits - 1);
    if (!is_random(m))
        return 0;
    switch (vw_rng_below(m->rng, 12)) {
    case 0:
        return 0;
    case 1:
        return 1;
    case 2: /* -1, or the largest unsigned one */
        return UINT64_MAX;
    case 3: /* the smallest signed one */
        return top;
    case 4:
        return top - 1;
    case 5:
        return vw_rng_below(m->rng, 272) - 16;
    default:
        return shifted(m, vw_rng_next(m->rng), 64);
    }
}

static uint64_t choose_double_bits(struct maker *m)
{
    static const uint64_t edges[] = {
        0,                  /* 0.0 */
        0x8000000000000000, /* -0.0 */
        0x3ff0000000000000, /* 1.0 */
        0xbff0000000000000, /* -1.0 */
        0x7ff0000000000000, /* infinity */
        0xfff0000000000000,
        0x7ff8000000000000,
        0xfff8000000abcdef, /* NaN with something in it */
        0x0000000000000001, /* smallest above 0 */
        0x7fefffffffffffff, /* largest finite one */
        0x3fb999999999999a, /* 0.1 */
    };
    if (!is_random(m))
        return 0;
    uint64_t n = vw_rng_below(m->rng, 2 * sizeof(edges) / sizeof(edges[0]));
    return n < sizeof(edges) / sizeof(edges[0]) ? edges[n] : vw_rng_next(m->rng);
}

static uint32_t choose_float_bits(struct maker *m)
{
    static const uint32_t edges[] = {0,          0x80000000, 0x3f800000, 0x7f800000, 0xff800000,
                                     0x7fc00000, 0xffc0abcd, 0x00000001, 0x7f7fffff, 0x3dcccccd};
    if (!is_random(m))
        return 0;
    uint64_t n = vw_rng_below(m->rng, 2 * sizeof(edges) / sizeof(edges[0]));
    return n < sizeof(edges) / sizeof(edges[0]) ? edges[n] : (uint32_t)vw_rng_next(m->rng);
}

/* A length of at most LIMIT: mostly up to 8, now and then an edge or anything. */
static uint32_t choose_length(struct maker *m, uint64_t limit)
{
    static const uint16_t edges[] = {0,  1,  2,  3,  4,   5,   7,   8,   9,   15,  16,
                                     17, 31, 32, 33, 127, 128, 129, 255, 256, 257, 1024};
    const uint64_t n_edges = sizeof(edges) / sizeof(edges[0]);
    if (!is_random(m) || limit == 0)
        return 0;
    uint64_t kind = vw_rng_below(m->rng, 24), length;
    if (kind < 18)
        length = vw_rng_below(m->rng, 9);
    else if (kind < 21)
        length = edges[vw_rng_below(m->rng, n_edges)];
    else if (kind < 23)
        length = shifted(m, vw_rng_below(m->rng, limit + 1), 16);
    else
        length = limit;
    return (uint32_t)(length < limit ? length : limit);
}

/* ---- scalars ---- */

static int32_t choose_enum(struct maker *m, const struct vw_type *t)
{
    if (t->n_members == 0)
        return 0;
    if (is_random(m))
        return t->members[vw_rng_below(m->rng, t->n_members)].value;
    return vw_type_member(t, 0) ? 0 : t->members[0].value;
}

static void fill_scalar(struct maker *m, const struct vw_type *t, void *at)
{
    uint64_t bits;
    uint32_t word;
    int32_t member;

    switch (t->kind) {
    case VW_BOOL:
        *(bool *)at = is_random(m) && vw_rng_below(m->rng, 2);
        return;
    case VW_ENUM:
        member = choose_enum(m, t);
        memcpy(at, &member, sizeof(member));
        return;
    case VW_DOUBLE:
        bits = choose_double_bits(m);
        memcpy(at, &bits, sizeof(bits));
        return;
    case VW_FLOAT:
        word = choose_float_bits(m);
        memcpy(at, &word, sizeof(word));
        return;
    default:
        break;
    }
    bits = choose_bits(m, t->size * 8);
    if (t->size == 8) {
        memcpy(at, &bits, 8);
    } else if (t->size == 4) {
        word = (uint32_t)bits;
        memcpy(at, &word, 4);
    } else if (t->size == 2) {
        uint16_t half = (uint16_t)bits;
        memcpy(at, &half, 2);
    } else {
        *(uint8_t *)at = (uint8_t)bits;
    }
}

/* ---- bytes ---- */

/* Mostly printable ASCII, now and then a longer character where it still fits. */
static void fill_text(struct maker *m, char *s, uint32_t len)
{
    static const char *const wide[] = {"\u00e9", "\u00df", "\u20ac", "\u65e5", "\U0001f600"};
    for (uint32_t i = 0; i < len;) {
        uint64_t r = vw_rng_next(m->rng);
        const char *c = wide[(r >> 8) % (sizeof(wide) / sizeof(wide[0]))];
        size_t n = strlen(c);
        if (r % 12 == 0 && n <= len - i) {
            memcpy(s + i, c, n);
            i += (uint32_t)n;
        } else {
            s[i++] = (char)(' ' + (r >> 16) % 95);
        }
    }
}

static void fill_bytes(struct maker *m, uint8_t *p, uint32_t len)
{
    uint64_t style = is_random(m) ? vw_rng_below(m->rng, 8) : 0;
    if (style < 2) {
        memset(p, style == 1 ? 0xff : 0, len);
        return;
    }
    for (uint32_t i = 0; i < len; i++)
        p[i] = (uint8_t)vw_rng_next(m->rng);
}

/* A length whose padded bytes fit what is left, taken from it. */
static uint32_t take_bytes(struct maker *m, uint32_t max)
{
    uint64_t room = m->left & ~(uint64_t)3;
    uint32_t len = choose_length(m, room < max ? room : max);
    m->left -= ((uint64_t)len + 3) & ~(uint64_t)3;
    return len;
}

static int fill_string(struct maker *m, const struct vw_type *t, struct vw_string *s)
{
    s->len = take_bytes(m, t->max);
    s->data = vw_arena_alloc(m->arena, (size_t)s->len + 1, 1);
    if (!s->data)
        return vw_error_nomem(m->err);
    if (s->len)
        fill_text(m, s->data, s->len);
    s->data[s->len] = '\0';
    return 0;
}

static int fill_opaque(struct maker *m, const struct vw_type *t, struct vw_bytes *b)
{
    b->len = take_bytes(m, t->max);
    b->data = vw_arena_alloc(m->arena, b->len, 1);
    if (!b->data)
        return vw_error_nomem(m->err);
    fill_bytes(m, b->data, b->len);
    return 0;
}

/* ---- what nests ---- */

static int fill_items(struct maker *m, const struct vw_type *elem, uint8_t *items, uint32_t count)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < count; i++)
        rc = fill(m, elem, items + (size_t)i * elem->size);
    return rc;
}

static int fill_list(struct maker *m, const struct vw_type *t, struct vw_list *list)
{
    uint64_t each = t->elem->wire_min > 4 ? t->elem->wire_min : 4;
    uint64_t room = m->left / each;
    size_t size;

    list->items = NULL;
    list->count = choose_length(m, room < t->max ? room : t->max);
    if (!list->count)
        return 0;
    m->left -= list->count * each;
    if (__builtin_mul_overflow((size_t)list->count, (size_t)t->elem->size, &size))
        return vw_error_nomem(m->err);
    list->items = vw_arena_zalloc(m->arena, size, t->elem->align);
    if (!list->items)
        return vw_error_nomem(m->err);
    return fill_items(m, t->elem, list->items, list->count);
}

static int fill_new(struct maker *m, const struct vw_type *t, void **out)
{
    *out = vw_arena_zalloc(m->arena, t->size, t->align ? t->align : 1);
    return *out ? fill(m, t, *out) : vw_error_nomem(m->err);
}

static int fill_optional(struct maker *m, const struct vw_type *t, void **out)
{
    uint64_t cost = t->elem->wire_min > 4 ? t->elem->wire_min : 4;
    *out = NULL;
    if (!is_random(m) || cost > m->left || vw_rng_below(m->rng, 2))
        return 0;
    m->left -= cost;
    return fill_new(m, t->elem, out);
}

static int fill_struct(struct maker *m, const struct vw_type *t, void *at)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < t->n_fields; i++)
        rc = fill(m, t->fields[i].type, (uint8_t *)at + t->fields[i].offset);
    return rc;
}

/* Bytes that an arm takes beyond the smallest of its union. */
static uint64_t arm_cost(const struct vw_type *u, const struct vw_field *arm)
{
    return arm->type->wire_min > u->wire_min - 4 ? arm->type->wire_min - (u->wire_min - 4) : 0;
}

/* Any arm that can be afforded, by any of its cases; the smallest if the first tries cannot. */
static const struct vw_field *choose_arm(struct maker *m, const struct vw_type *u, int32_t *disc)
{
    for (unsigned tries = 0; is_random(m) && u->n_fields && tries < 8; tries++) {
        const struct vw_field *arm = &u->fields[vw_rng_below(m->rng, u->n_fields)];
        if (arm_cost(u, arm) > m->left || !vw_arm_value(u, arm, disc))
            continue;
        if (arm->n_cases)
            *disc = arm->cases[vw_rng_below(m->rng, arm->n_cases)];
        return arm;
    }
    const struct vw_field *best = vw_arm_first(u, disc);
    for (uint32_t i = 0; best && i < u->n_fields; i++) {
        int32_t value;
        if (arm_cost(u, &u->fields[i]) < arm_cost(u, best) &&
            vw_arm_value(u, &u->fields[i], &value)) {
            best = &u->fields[i];
            *disc = value;
        }
    }
    return best;
}

static int fill_union(struct maker *m, const struct vw_type *t, void *at)
{
    int32_t disc;
    const struct vw_field *arm = choose_arm(m, t, &disc);
    if (!arm)
        return vw_error_set(m->err, VW_EVALUE, "the union %s has no arm that can be chosen",
                            t->name ? t->name : "without a name");
    uint64_t cost = arm_cost(t, arm);
    m->left -= cost < m->left ? cost : m->left;
    memcpy(at, &disc, sizeof(disc));
    if (arm->type->kind == VW_VOID)
        return 0;
    uint8_t *place = (uint8_t *)at + arm->offset;
    if (!arm->boxed)
        return fill(m, arm->type, place);
    void *box;
    int rc = fill_new(m, arm->type, &box);
    memcpy(place, &box, sizeof(box));
    return rc;
}

static int fill_nested(struct maker *m, const struct vw_type *t, void *at)
{
    switch (t->kind) {
    case VW_FIXED_ARRAY:
        return fill_items(m, t->elem, at, t->max);
    case VW_ARRAY:
        return fill_list(m, t, at);
    case VW_OPTIONAL:
        return fill_optional(m, t, at);
    case VW_STRUCT:
        return fill_struct(m, t, at);
    default:
        return fill_union(m, t, at);
    }
}

static int fill(struct maker *m, const struct vw_type *t, void *at)
{
    switch (t->kind) {
    case VW_VOID:
        return 0;
    case VW_STRING:
        return fill_string(m, t, at);
    case VW_OPAQUE:
        return fill_opaque(m, t, at);
    case VW_FIXED_OPAQUE:
        fill_bytes(m, at, t->max);
        return 0;
    case VW_FIXED_ARRAY:
    case VW_ARRAY:
    case VW_OPTIONAL:
    case VW_STRUCT:
    case VW_UNION:
        break;
    default:
        fill_scalar(m, t, at);
        return 0;
    }
    if (m->nesting == VW_MAX_RECURSION)
        return vw_error_set(m->err, VW_ELIMIT, "types nest deeper than %u", VW_MAX_RECURSION);
    m->nesting++;
    int rc = fill_nested(m, t, at);
    m->nesting--;
    return rc;
}

int vw_value_random(const struct vw_type *t, struct vw_rng *rng, size_t size,
                    struct vw_arena *arena, void **out, struct vw_error *err)
{
    uint64_t left = size > t->wire_min ? size - t->wire_min : 0;
    struct maker m = {.arena = arena, .rng = rng, .left = left, .err = err};
    return fill_new(&m, t, out);
}
