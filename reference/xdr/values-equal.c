// SPDX-License-Identifier: MIT
// Whether two values of a type are equal.
#include "xdr/code.h"
#include "xdr/memory.h"
#include "xdr/values.h"

static bool equal(const struct vw_type *t, const void *a, const void *b, uint32_t nesting);

static bool equal_bytes(const void *a, uint32_t a_len, const void *b, uint32_t b_len)
{
    return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

static bool equal_strings(const struct vw_string *a, const struct vw_string *b)
{
    return equal_bytes(a->data, a->len, b->data, b->len);
}

static bool equal_opaques(const struct vw_bytes *a, const struct vw_bytes *b)
{
    return equal_bytes(a->data, a->len, b->data, b->len);
}

static bool equal_items(const struct vw_type *elem, const uint8_t *a, const uint8_t *b,
                        uint32_t count, uint32_t nesting)
{
    if (vw_kind_is_scalar(elem->kind))
        return count == 0 || memcmp(a, b, (size_t)count * elem->size) == 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!equal(elem, a + (size_t)i * elem->size, b + (size_t)i * elem->size, nesting))
            return false;
    }
    return true;
}

static bool equal_lists(const struct vw_type *t, const struct vw_list *a, const struct vw_list *b,
                        uint32_t nesting)
{
    return a->count == b->count && equal_items(t->elem, a->items, b->items, a->count, nesting);
}

static bool equal_boxes(const struct vw_type *t, const void *a, const void *b, uint32_t nesting)
{
    if (!a || !b)
        return a == b;
    return equal(t, a, b, nesting);
}

static bool equal_unions(const struct vw_type *t, const void *a, const void *b, uint32_t nesting)
{
    if (vw_union_disc(a) != vw_union_disc(b))
        return false;
    const struct vw_field *arm = vw_type_arm(t, vw_union_disc(a));
    return !arm || arm->type->kind == VW_VOID ||
           equal_boxes(arm->type, vw_field_memory(arm, a), vw_field_memory(arm, b), nesting);
}

static bool equal_structs(const struct vw_type *t, const uint8_t *a, const uint8_t *b,
                          uint32_t nesting)
{
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct vw_field *f = &t->fields[i];
        if (!equal(f->type, a + f->offset, b + f->offset, nesting))
            return false;
    }
    return true;
}

static bool equal(const struct vw_type *t, const void *a, const void *b, uint32_t nesting)
{
    if (nesting == VW_MAX_RECURSION)
        return false;
    nesting++;
    switch (t->kind) {
    case VW_VOID:
        return true;
    case VW_STRING:
        return equal_strings(a, b);
    case VW_OPAQUE:
        return equal_opaques(a, b);
    case VW_FIXED_OPAQUE:
        return memcmp(a, b, t->max) == 0;
    case VW_FIXED_ARRAY:
        return equal_items(t->elem, a, b, t->max, nesting);
    case VW_ARRAY:
        return equal_lists(t, a, b, nesting);
    case VW_OPTIONAL:
        return equal_boxes(t->elem, *(void *const *)a, *(void *const *)b, nesting);
    case VW_STRUCT:
        return equal_structs(t, a, b, nesting);
    case VW_UNION:
        return equal_unions(t, a, b, nesting);
    default: /* a scalar has no padding */
        return memcmp(a, b, t->size) == 0;
    }
}

bool vw_value_equal(const struct vw_type *t, const void *a, const void *b)
{
    return equal(t, a, b, 0);
}
