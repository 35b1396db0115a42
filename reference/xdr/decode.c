// SPDX-License-Identifier: MIT
// The fast decoder: one loop over the operations of a type, no recursion.
//
// Bounds: before the first operation the bytes that the value needs at least are set aside; SLACK
// is what is left over. Everything of variable length (a string, list elements, a present optional,
// a larger union arm) must take its bytes out of SLACK before they are read or memory is asked for.
// So SLACK >= 0 means that every fixed word still to come lies within the input, no count can claim
// bytes that another part needs, and memory stays within a small multiple of the input.
#include "xdr/code.h"
#include "xdr/xdr.h"

#pragma GCC diagnostic ignored "-Wpedantic" /* labels as values */

/* All helpers of the loop are inlined, so that position and slack stay in registers. */
#define INLINE static inline __attribute__((always_inline))

struct decoder {
    const uint8_t *p;
    const uint8_t *end;
    uint64_t slack;
    uint8_t *next, *room_end; /* of the arena's newest chunk, while the loop runs */
    struct vw_arena *arena;
    struct vw_error *err;
};

/* The arena gets its state back, asks malloc, and lends it again. */
static __attribute__((noinline)) void *alloc_slow(struct decoder *d, size_t size, size_t align)
{
    d->arena->next = d->next;
    void *p = vw_arena_alloc_slow(d->arena, size, align);
    d->next = d->arena->next;
    d->room_end = d->arena->end;
    return p;
}

/* As vw_arena_alloc. */
INLINE void *alloc(struct decoder *d, size_t size, size_t align)
{
    uintptr_t p = ((uintptr_t)d->next + (align - 1)) & ~(uintptr_t)(align - 1);
    if (__builtin_expect(p <= (uintptr_t)d->room_end && (uintptr_t)d->room_end - p >= size, 1)) {
        d->next = (uint8_t *)p + size;
        return (void *)p;
    }
    struct decoder copy = *d;
    void *q = alloc_slow(&copy, size, align);
    d->next = copy.next;
    d->room_end = copy.room_end;
    return q;
}

INLINE void *alloc_value(struct decoder *d, const struct vw_type *t)
{
    return alloc(d, t->size, t->align);
}

/* Copies a string of LEN bytes. Short ones are copied in fixed 16-byte steps where neither side
 * ends within them: that beats a call with a length nobody can predict. */
INLINE void copy_string(struct decoder *d, char *to, const uint8_t *from, uint32_t len)
{
    size_t readable = (size_t)(d->end - from);
    size_t writable = (size_t)(d->room_end - (uint8_t *)to);
    if (__builtin_expect(len <= 32 && readable >= 32 && writable >= 32, 1)) {
        memcpy(to, from, 16);
        if (len > 16)
            memcpy(to + 16, from + 16, 16);
    } else {
        memcpy(to, from, len);
    }
    to[len] = '\0';
}

/* Takes the bytes of a string or opaque out of the slack: its length, or a negative code. */
INLINE int64_t take_length(struct decoder *d, uint32_t max)
{
    uint32_t len = vw_load32(d->p);
    uint64_t padded = ((uint64_t)len + 3) & ~(uint64_t)3;
    if (len > max)
        return VW_ELIMIT;
    if (padded > d->slack)
        return VW_ETRUNCATED;
    d->slack -= padded;
    d->p += 4;
    return len;
}

INLINE int read_string(struct decoder *d, uint32_t max, struct vw_string *out)
{
    int64_t len = take_length(d, max);
    if (__builtin_expect(len < 0, 0))
        return (int)len;
    char *s = alloc(d, (size_t)len + 1, 1);
    if (!s)
        return VW_ENOMEM;
    copy_string(d, s, d->p, (uint32_t)len);
    out->data = s;
    out->len = (uint32_t)len;
    d->p += (len + 3) & ~3ll;
    return 0;
}

INLINE int read_opaque(struct decoder *d, uint32_t max, struct vw_bytes *out)
{
    int64_t len = take_length(d, max);
    if (len < 0)
        return (int)len;
    out->data = alloc(d, (size_t)len, 1);
    if (!out->data)
        return VW_ENOMEM;
    memcpy(out->data, d->p, (size_t)len);
    out->len = (uint32_t)len;
    d->p += (len + 3) & ~3ll;
    return 0;
}

/* N scalars side by side; their bytes are set aside already. */
INLINE void read_bulk(struct decoder *d, uint8_t op, void *to, uint32_t n)
{
    const uint8_t *p = d->p;
    switch (op) {
    case VW_OP_W32:
        for (uint32_t i = 0; i < n; i++)
            ((uint32_t *)to)[i] = vw_load32(p + 4 * (size_t)i);
        break;
    case VW_OP_W64:
        for (uint32_t i = 0; i < n; i++)
            ((uint64_t *)to)[i] = vw_load64(p + 8 * (size_t)i);
        break;
    case VW_OP_BOOL:
        for (uint32_t i = 0; i < n; i++)
            ((bool *)to)[i] = vw_load32(p + 4 * (size_t)i) != 0;
        break;
    case VW_OP_I8:
    case VW_OP_U8:
        for (uint32_t i = 0; i < n; i++)
            ((uint8_t *)to)[i] = p[4 * (size_t)i + 3];
        break;
    default:
        for (uint32_t i = 0; i < n; i++)
            ((uint16_t *)to)[i] = (uint16_t)vw_load32(p + 4 * (size_t)i);
        break;
    }
    d->p += (size_t)n * (op == VW_OP_W64 ? 8 : 4);
}

/* Reads the count of a list and makes room for its elements. */
INLINE int read_count(struct decoder *d, const struct vw_op *op, struct vw_list *out)
{
    const struct vw_type *elem = op->ptr;
    uint32_t n = vw_load32(d->p);
    uint64_t need;
    size_t room;
    if (n > op->arg)
        return VW_ELIMIT;
    if (__builtin_mul_overflow(elem->wire_min, n, &need) || need > d->slack ||
        __builtin_mul_overflow((size_t)elem->size, n, &room))
        return VW_ETRUNCATED;
    d->slack -= need;
    d->p += 4;
    out->count = n;
    out->items = NULL;
    if (!n)
        return 0;
    out->items = alloc(d, room, elem->align);
    return out->items ? 0 : VW_ENOMEM;
}

/* A presence word: 0 absent (*OUT is NULL), 1 room for the value was made. */
INLINE int read_presence(struct decoder *d, const struct vw_type *value, void **out)
{
    uint32_t present = vw_load32(d->p);
    d->p += 4;
    *out = NULL;
    if (!present)
        return 0;
    if (value->wire_min > d->slack)
        return VW_ETRUNCATED;
    d->slack -= value->wire_min;
    *out = alloc_value(d, value);
    return *out ? 1 : VW_ENOMEM;
}

/* The arm's operations, or NULL with *RC set. */
INLINE const struct vw_op *choose_arm(struct decoder *d, const struct vw_op *op, uint8_t *base,
                                      int *rc)
{
    int32_t value = (int32_t)vw_load32(d->p);
    d->p += 4;
    memcpy(base + op->off, &value, sizeof(value));
    const struct vw_arm_target *arm = vw_arm_find(op->ptr, value);
    *rc = !arm->ahead ? VW_EVALUE : arm->extra > d->slack ? VW_ETRUNCATED : 0;
    if (*rc)
        return NULL;
    d->slack -= arm->extra;
    return op + arm->ahead;
}

static int run(struct decoder *state, const struct vw_code *code, uint8_t *base)
{
    struct decoder local = *state, *const d = &local;
    static const void *const labels[VW_OP_COUNT] = {
        [VW_OP_END] = &&op_end,
        [VW_OP_W32] = &&op_w32,
        [VW_OP_W64] = &&op_w64,
        [VW_OP_BOOL] = &&op_bool,
        [VW_OP_I8] = &&op_8,
        [VW_OP_U8] = &&op_8,
        [VW_OP_I16] = &&op_16,
        [VW_OP_U16] = &&op_16,
        [VW_OP_BYTES] = &&op_bytes,
        [VW_OP_BYTES16] = &&op_bytes16,
        [VW_OP_STRING] = &&op_string,
        [VW_OP_OPAQUE] = &&op_opaque,
        [VW_OP_LIST] = &&op_list,
        [VW_OP_BULK] = &&op_bulk,
        [VW_OP_REPEAT] = &&op_repeat,
        [VW_OP_REPEAT_BULK] = &&op_repeat_bulk,
        [VW_OP_OPTIONAL] = &&op_optional,
        [VW_OP_UNION] = &&op_union,
        [VW_OP_BOX] = &&op_box,
        [VW_OP_JUMP] = &&op_jump,
    };
    struct vw_levels levels;
    struct vw_place at = {code->ops, base};
    uint32_t count;
    uint8_t *item;
    int rc;
    levels.depth = 0;

#define DISPATCH() goto *labels[at.op->code]
#define NEXT()                                                                                     \
    do {                                                                                           \
        at.op++;                                                                                   \
        DISPATCH();                                                                                \
    } while (0)

    DISPATCH();

op_w32 : {
    uint32_t v = vw_load32(d->p);
    memcpy(at.base + at.op->off, &v, sizeof(v));
    d->p += 4;
    NEXT();
}
op_w64 : {
    uint64_t v = vw_load64(d->p);
    memcpy(at.base + at.op->off, &v, sizeof(v));
    d->p += 8;
    NEXT();
}
op_bool:
    *(bool *)(at.base + at.op->off) = vw_load32(d->p) != 0;
    d->p += 4;
    NEXT();
op_8:
    at.base[at.op->off] = d->p[3];
    d->p += 4;
    NEXT();
op_16 : {
    uint16_t v = (uint16_t)vw_load32(d->p);
    memcpy(at.base + at.op->off, &v, sizeof(v));
    d->p += 4;
    NEXT();
}
op_bytes:
    memcpy(at.base + at.op->off, d->p, at.op->arg);
    d->p += ((size_t)at.op->arg + 3) & ~(size_t)3;
    NEXT();
op_bytes16:
    memcpy(at.base + at.op->off, d->p, 16);
    d->p += 16;
    NEXT();
op_string:
    rc = read_string(d, at.op->arg, (struct vw_string *)(void *)(at.base + at.op->off));
    if (__builtin_expect(rc, 0))
        return rc;
    NEXT();
op_opaque:
    rc = read_opaque(d, at.op->arg, (struct vw_bytes *)(void *)(at.base + at.op->off));
    if (rc)
        return rc;
    NEXT();
op_bulk : {
    struct vw_list *l = (struct vw_list *)(void *)(at.base + at.op->off);
    rc = read_count(d, at.op, l);
    if (rc)
        return rc;
    read_bulk(d, at.op->aux, l->items, l->count);
    NEXT();
}
op_repeat_bulk:
    read_bulk(d, at.op->aux, at.base + at.op->off, at.op->arg);
    NEXT();
op_list : {
    struct vw_list *l = (struct vw_list *)(void *)(at.base + at.op->off);
    rc = read_count(d, at.op, l);
    if (rc)
        return rc;
    item = l->items;
    count = l->count;
    goto enter;
}
op_repeat:
    item = at.base + at.op->off;
    count = at.op->arg;
    goto enter;
op_optional:
    rc = read_presence(d, at.op->ptr, (void **)(void *)(at.base + at.op->off));
    if (rc < 0)
        return rc;
    item = *(uint8_t **)(void *)(at.base + at.op->off);
    count = (uint32_t)rc;
    goto enter;
op_box:
    item = alloc_value(d, at.op->ptr);
    if (!item)
        return VW_ENOMEM;
    memcpy(at.base + at.op->off, &item, sizeof(item));
    count = 1;
    goto enter;
op_union:
    at.op = choose_arm(d, at.op, at.base, &rc);
    if (!at.op)
        return rc;
    DISPATCH();
op_jump:
    at.op += at.op->arg;
    DISPATCH();

enter: /* COUNT elements of the type that the operation names, the first at ITEM */
    if (!count)
        NEXT();
    rc = vw_level_enter(&levels, &at, item, count, d->err);
    if (rc)
        return rc;
    DISPATCH();
op_end:
    if (!vw_level_next(&levels, &at)) {
        state->p = d->p;
        state->next = d->next;
        return 0;
    }
    DISPATCH();
#undef NEXT
#undef DISPATCH
}

/* The second walk, only after a failure: where it was and why. Both walks refuse the same inputs;
 * of several faults the second names the first in the order of the bytes. */
static int explain(const struct vw_type *t, const void *bytes, size_t len, int rc,
                   struct vw_error *err)
{
    if (rc == VW_ENOMEM)
        return vw_error_nomem(err);
    int found = vw_xdr_check(t, bytes, len, 0, NULL, NULL, NULL, err);
    return found < 0 ? found : vw_error_set(err, rc, "%s", vw_status_name(rc));
}

int vw_xdr_decode(const struct vw_type *t, const void *bytes, size_t len, struct vw_arena *arena,
                  void **out, size_t *used, struct vw_error *err)
{
    struct decoder d = {
        .p = bytes, .end = (const uint8_t *)bytes + len, .arena = arena, .err = err};
    const struct vw_code *code = vw_code_of(t, err);
    if (!code)
        return err && err->code ? err->code : VW_ENOMEM;
    if (t->wire_min > len)
        return explain(t, bytes, len, VW_ETRUNCATED, err);
    d.slack = len - t->wire_min;
    /* Most values take less than twice their bytes: one malloc, or none when the arena is warm. */
    if (len < SIZE_MAX / 4 && vw_arena_reserve(arena, len * 2 + t->size + 64))
        return vw_error_nomem(err);
    uint8_t *base = vw_arena_alloc(arena, t->size, 8);
    d.next = arena->next;
    d.room_end = arena->end;
    int rc = base ? run(&d, code, base) : VW_ENOMEM;
    if (rc)
        return explain(t, bytes, len, rc, err);
    arena->next = d.next;
    *out = base;
    if (used)
        *used = (size_t)(d.p - (const uint8_t *)bytes);
    return 0;
}
