// SPDX-License-Identifier: MIT
// How values lie in memory and how long they can be on the wire. Sizes never overflow: memory is
// capped, the wire saturates at UINT64_MAX, which means unbounded.
#include "schema/internal.h"

/* An arm larger than this stands behind a pointer, so that a union with one large arm does not make
 * every element of an array as large. */
#define BOX_OVER 16u

static uint64_t add_sat(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t mul_sat(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t padded(uint64_t n)
{
    return add_sat(n, -n & 3);
}

static int set_size(struct vw_schema *s, struct vw_type *t, uint64_t size, uint32_t align,
                    struct vw_error *err)
{
    size = (size + align - 1) / align * align;
    if (size > VW_SCHEMA_MAX_SIZE)
        return vw_schema_fail(s, &t->where, VW_ELIMIT, err,
                              "a value would take more than %u bytes of memory",
                              VW_SCHEMA_MAX_SIZE);
    t->size = (uint32_t)size;
    t->align = align;
    return 0;
}

static int lay_out(struct vw_schema *s, struct vw_type_node *n, unsigned depth,
                   struct vw_error *err);

/* The laid out type of a part that lies within the whole. */
static int part(struct vw_schema *s, const struct vw_type *t, unsigned depth,
                const struct vw_type **out, struct vw_error *err)
{
    *out = vw_type_real(t);
    struct vw_type_node *n = vw_type_node_of(*out);
    return n ? lay_out(s, n, depth + 1, err) : 0;
}

static int lay_out_struct(struct vw_schema *s, struct vw_type *t, unsigned depth,
                          struct vw_error *err)
{
    uint64_t at = 0;
    uint32_t align = 1;
    for (uint32_t i = 0; i < t->n_fields; i++) {
        struct vw_field *f = (struct vw_field *)(uintptr_t)&t->fields[i];
        const struct vw_type *inner;
        int rc = part(s, f->type, depth, &inner, err);
        if (rc)
            return rc;
        at = (at + inner->align - 1) / inner->align * inner->align;
        if (at > VW_SCHEMA_MAX_SIZE)
            break;
        f->offset = (uint32_t)at;
        at += inner->size;
        align = inner->align > align ? inner->align : align;
        t->wire_min = add_sat(t->wire_min, inner->wire_min);
    }
    return set_size(s, t, at, align, err);
}

/* All arms start at the same offset, as those of a C union would. */
static int lay_out_union(struct vw_schema *s, struct vw_type *t, unsigned depth,
                         struct vw_error *err)
{
    uint32_t align = sizeof(int32_t), largest = 0;
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < t->n_fields; i++) {
        struct vw_field *f = (struct vw_field *)(uintptr_t)&t->fields[i];
        const struct vw_type *inner;
        int rc = part(s, f->type, depth, &inner, err);
        if (rc)
            return rc;
        f->boxed = inner->size > BOX_OVER;
        uint32_t size = f->boxed ? sizeof(void *) : inner->size;
        uint32_t arm_align = f->boxed ? _Alignof(void *) : inner->align;
        largest = size > largest ? size : largest;
        align = arm_align > align ? arm_align : align;
        least = inner->wire_min < least ? inner->wire_min : least;
    }
    for (uint32_t i = 0; i < t->n_fields; i++)
        ((struct vw_field *)(uintptr_t)&t->fields[i])->offset = align;
    t->wire_min = add_sat(4, least);
    return set_size(s, t, largest ? (uint64_t)align + largest : sizeof(int32_t), align, err);
}

static int lay_out_fixed(struct vw_schema *s, struct vw_type *t, unsigned depth,
                         struct vw_error *err)
{
    const struct vw_type *inner;
    int rc = part(s, t->elem, depth, &inner, err);
    if (rc)
        return rc;
    t->wire_min = mul_sat(t->max, inner->wire_min);
    return set_size(s, t, mul_sat(t->max, inner->size), inner->align, err);
}

static int lay_out_kind(struct vw_schema *s, struct vw_type *t, unsigned depth,
                        struct vw_error *err)
{
    t->wire_min = 4;
    switch (t->kind) {
    case VW_STRUCT:
        t->wire_min = 0;
        return lay_out_struct(s, t, depth, err);
    case VW_UNION:
        return lay_out_union(s, t, depth, err);
    case VW_FIXED_ARRAY:
        return lay_out_fixed(s, t, depth, err);
    case VW_FIXED_OPAQUE:
        t->wire_min = padded(t->max);
        return set_size(s, t, t->max, 1, err);
    case VW_STRING:
        return set_size(s, t, sizeof(struct vw_string), _Alignof(struct vw_string), err);
    case VW_OPAQUE:
        return set_size(s, t, sizeof(struct vw_bytes), _Alignof(struct vw_bytes), err);
    case VW_ARRAY:
        return set_size(s, t, sizeof(struct vw_list), _Alignof(struct vw_list), err);
    case VW_OPTIONAL:
        return set_size(s, t, sizeof(void *), _Alignof(void *), err);
    default: /* VW_ENUM */
        return set_size(s, t, sizeof(int32_t), _Alignof(int32_t), err);
    }
}

static int too_deep(struct vw_schema *s, const struct vw_type_node *n, struct vw_error *err)
{
    return vw_schema_fail(s, &n->type.where, VW_ELIMIT, err, "types nest deeper than %u",
                          VW_SCHEMA_MAX_DEPTH);
}

static int lay_out(struct vw_schema *s, struct vw_type_node *n, unsigned depth,
                   struct vw_error *err)
{
    if (n->layout == VW_DONE)
        return 0;
    if (n->layout == VW_BUSY)
        return vw_schema_fail(s, &n->type.where, VW_ESYNTAX, err,
                              "%s%s%s contains itself; only an optional or an array of it can",
                              n->type.name ? "'" : "", n->type.name ? n->type.name : "this type",
                              n->type.name ? "'" : "");
    if (depth >= VW_SCHEMA_MAX_DEPTH)
        return too_deep(s, n, err);
    n->layout = VW_BUSY;
    int rc = lay_out_kind(s, &n->type, depth, err);
    if (rc)
        return rc;
    n->layout = VW_DONE;
    *s->order_end = n;
    s->order_end = &n->order;
    return 0;
}

/* ---- the longest encoding ---- */

static int measure(struct vw_schema *s, struct vw_type_node *n, unsigned level,
                   struct vw_error *err);

/* A part that is being measured itself is recursive, so there is no bound. */
static int extent_of(struct vw_schema *s, const struct vw_type *t, unsigned level,
                     struct vw_type_node *whole, uint64_t *wire_max, struct vw_error *err)
{
    t = vw_type_real(t);
    struct vw_type_node *n = vw_type_node_of(t);
    *wire_max = t->wire_max;
    if (!n)
        return 0;
    if (n->extent == VW_BUSY) {
        *wire_max = UINT64_MAX;
        return 0;
    }
    int rc = measure(s, n, level + 1, err);
    *wire_max = t->wire_max;
    if (n->depth >= whole->depth)
        whole->depth = n->depth + 1;
    return rc;
}

static int measure_fields(struct vw_schema *s, struct vw_type_node *n, unsigned level,
                          struct vw_error *err)
{
    uint64_t sum = 0, most = 0;
    for (uint32_t i = 0; i < n->type.n_fields; i++) {
        uint64_t inner;
        int rc = extent_of(s, n->type.fields[i].type, level, n, &inner, err);
        if (rc)
            return rc;
        sum = add_sat(sum, inner);
        most = inner > most ? inner : most;
    }
    n->type.wire_max = n->type.kind == VW_UNION ? add_sat(4, most) : sum;
    return 0;
}

static int measure_elements(struct vw_schema *s, struct vw_type_node *n, unsigned level,
                            struct vw_error *err)
{
    struct vw_type *t = &n->type;
    uint64_t inner;
    int rc = extent_of(s, t->elem, level, n, &inner, err);
    if (rc)
        return rc;
    if (t->kind != VW_OPTIONAL && vw_type_real(t->elem)->wire_min == 0)
        return vw_schema_fail(s, &t->where, VW_ESYNTAX, err,
                              "elements of this array take no bytes");
    if (t->kind == VW_OPTIONAL)
        t->wire_max = add_sat(4, inner);
    else if (t->kind == VW_FIXED_ARRAY)
        t->wire_max = mul_sat(t->max, inner);
    else
        t->wire_max = t->max == VW_UNBOUNDED ? UINT64_MAX : add_sat(4, mul_sat(t->max, inner));
    return 0;
}

static int measure_kind(struct vw_schema *s, struct vw_type_node *n, unsigned level,
                        struct vw_error *err)
{
    struct vw_type *t = &n->type;
    switch (t->kind) {
    case VW_STRUCT:
    case VW_UNION:
        return measure_fields(s, n, level, err);
    case VW_ARRAY:
    case VW_FIXED_ARRAY:
    case VW_OPTIONAL:
        return measure_elements(s, n, level, err);
    case VW_STRING:
    case VW_OPAQUE:
        t->wire_max = t->max == VW_UNBOUNDED ? UINT64_MAX : add_sat(4, padded(t->max));
        return 0;
    default: /* VW_ENUM, VW_FIXED_OPAQUE */
        t->wire_max = t->wire_min;
        return 0;
    }
}

static int measure(struct vw_schema *s, struct vw_type_node *n, unsigned level,
                   struct vw_error *err)
{
    if (n->extent == VW_DONE)
        return 0;
    if (level >= VW_SCHEMA_MAX_DEPTH)
        return too_deep(s, n, err);
    n->extent = VW_BUSY;
    int rc = measure_kind(s, n, level, err);
    if (!rc && n->depth >= VW_SCHEMA_MAX_DEPTH)
        rc = too_deep(s, n, err);
    n->extent = VW_DONE;
    return rc;
}

/* An alias takes over everything but its own name and place. */
static void copy_alias(struct vw_type_node *n)
{
    const struct vw_type *real = n->real;
    struct vw_type *t = &n->type;
    t->kind = real->kind;
    t->size = real->size;
    t->align = real->align;
    t->max = real->max;
    t->max_name = real->max_name;
    t->elem = real->elem;
    t->fields = real->fields;
    t->n_fields = real->n_fields;
    t->members = real->members;
    t->n_members = real->n_members;
    t->disc = real->disc;
    t->wire_min = real->wire_min;
    t->wire_max = real->wire_max;
}

int vw_layout(struct vw_schema *s, struct vw_error *err)
{
    int rc = 0;
    for (struct vw_type_node *n = s->nodes; n && !rc; n = n->next) {
        if (!n->real)
            rc = lay_out(s, n, 0, err);
    }
    for (struct vw_type_node *n = s->nodes; n && !rc; n = n->next) {
        if (!n->real)
            rc = measure(s, n, 0, err);
    }
    for (struct vw_type_node *n = s->nodes; n && !rc; n = n->next) {
        if (n->real)
            copy_alias(n);
    }
    return rc;
}
