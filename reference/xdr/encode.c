// SPDX-License-Identifier: MIT
// The fast encoder: one loop over the operations of a type, no recursion. As in the decoder the
// bytes that the value needs at least are set aside first; SLACK is the room in the buffer beyond
// them, and what is of variable length takes its bytes out of it, growing the buffer where it must.
#include "xdr/code.h"
#include "xdr/explain.h"
#include "xdr/xdr.h"

#pragma GCC diagnostic ignored "-Wpedantic" /* labels as values */

#define INLINE static inline __attribute__((always_inline))

struct encoder {
    uint8_t *p;
    uint64_t slack;
    struct vw_buf *b; /* len is as before; data and cap may grow */
    size_t limit;
    struct vw_error *err;
};

/* Room that may be used: what lies beyond LIMIT is none, though the buffer may be larger. */
static size_t usable(const struct encoder *e)
{
    return e->b->cap < e->limit ? e->b->cap : e->limit;
}

/* Grows the buffer so that SLACK covers EXTRA more bytes. */
static __attribute__((noinline)) int grow(struct encoder *e, uint64_t extra)
{
    size_t at = (size_t)(e->p - e->b->data);
    size_t set_aside = usable(e) - at - (size_t)e->slack;
    uint64_t need;
    if (__builtin_add_overflow((uint64_t)at + set_aside, extra, &need) || need > e->limit)
        return VW_ELIMIT;
    size_t len = e->b->len;
    e->b->len = at; /* what lies before AT must survive the move */
    int rc = vw_buf_reserve(e->b, (size_t)need - at);
    e->b->len = len;
    if (rc)
        return rc;
    e->p = e->b->data + at;
    e->slack = usable(e) - at - set_aside;
    return 0;
}

/* GROW gets a copy, so that the loop can keep its own state in registers. */
INLINE int take(struct encoder *e, uint64_t extra)
{
    if (__builtin_expect(extra > e->slack, 0)) {
        struct encoder copy = *e;
        int rc = grow(&copy, extra);
        if (rc)
            return rc;
        e->p = copy.p;
        e->slack = copy.slack;
    }
    e->slack -= extra;
    return 0;
}

/* Copies LEN bytes without reading beyond them; the padded room behind P is zeroed first. */
INLINE void put_bytes(uint8_t *to, const void *from, uint32_t len)
{
    const uint8_t *s = from;
    if (len >= 8 && len <= 16) {
        uint64_t a, z;
        memcpy(&a, s, 8);
        memcpy(&z, s + len - 8, 8);
        memcpy(to, &a, 8);
        memcpy(to + len - 8, &z, 8);
    } else if (len >= 4 && len < 8) {
        uint32_t a, z;
        memcpy(&a, s, 4);
        memcpy(&z, s + len - 4, 4);
        memcpy(to, &a, 4);
        memcpy(to + len - 4, &z, 4);
    } else if (len < 4) {
        for (uint32_t i = 0; i < len; i++)
            to[i] = s[i];
    } else {
        memcpy(to, s, len);
    }
}

INLINE int write_bytes(struct encoder *e, uint32_t max, const void *data, uint32_t len)
{
    uint64_t padded = ((uint64_t)len + 3) & ~(uint64_t)3;
    if (len > max)
        return VW_ELIMIT;
    if (len && !data)
        return VW_EVALUE;
    int rc = take(e, padded);
    if (rc)
        return rc;
    vw_store32(e->p, len);
    e->p += 4;
    if (len) {
        memset(e->p + padded - 4, 0, 4);
        put_bytes(e->p, data, len);
        e->p += padded;
    }
    return 0;
}

INLINE void write_scalar(uint8_t *p, uint8_t op, const uint8_t *from)
{
    uint16_t h;
    uint32_t w;
    uint64_t d;
    switch (op) {
    case VW_OP_W32:
        memcpy(&w, from, 4);
        vw_store32(p, w);
        break;
    case VW_OP_W64:
        memcpy(&d, from, 8);
        vw_store64(p, d);
        break;
    case VW_OP_BOOL:
        vw_store32(p, *from != 0);
        break;
    case VW_OP_I8:
        vw_store32(p, (uint32_t)(int32_t)(int8_t)*from);
        break;
    case VW_OP_U8:
        vw_store32(p, *from);
        break;
    case VW_OP_I16:
        memcpy(&h, from, 2);
        vw_store32(p, (uint32_t)(int32_t)(int16_t)h);
        break;
    default:
        memcpy(&h, from, 2);
        vw_store32(p, h);
        break;
    }
}

/* N scalars side by side; their room is set aside already. Words, of which lists of ids and counts
 * are made, have a loop without a choice in it. */
INLINE void write_bulk(struct encoder *e, const struct vw_op *op, const uint8_t *from, uint32_t n)
{
    uint32_t step = ((const struct vw_type *)op->ptr)->size;
    uint32_t wire = op->aux == VW_OP_W64 ? 8 : 4;
    if (op->aux == VW_OP_W32) {
        for (uint32_t i = 0; i < n; i++)
            write_scalar(e->p + (size_t)i * 4, VW_OP_W32, from + (size_t)i * 4);
    } else {
        for (uint32_t i = 0; i < n; i++)
            write_scalar(e->p + (size_t)i * wire, op->aux, from + (size_t)i * step);
    }
    e->p += (size_t)n * wire;
}

INLINE int write_count(struct encoder *e, const struct vw_op *op, const struct vw_list *l)
{
    const struct vw_type *elem = op->ptr;
    uint64_t need;
    if (l->count > op->arg)
        return VW_ELIMIT;
    if (l->count && !l->items)
        return VW_EVALUE;
    if (__builtin_mul_overflow(elem->wire_min, l->count, &need))
        return VW_ELIMIT;
    int rc = take(e, need);
    if (rc)
        return rc;
    vw_store32(e->p, l->count);
    e->p += 4;
    return 0;
}

INLINE const struct vw_op *choose_arm(struct encoder *e, const struct vw_op *op, uint8_t *base,
                                      int *rc)
{
    int32_t value;
    memcpy(&value, base + op->off, sizeof(value));
    const struct vw_arm_target *arm = vw_arm_find(op->ptr, value);
    *rc = arm->ahead ? take(e, arm->extra) : VW_EVALUE;
    if (*rc)
        return NULL;
    vw_store32(e->p, (uint32_t)value);
    e->p += 4;
    return op + arm->ahead;
}

static int run(struct encoder *state, const struct vw_code *code, uint8_t *base)
{
    static const void *const labels[VW_OP_COUNT] = {
        [VW_OP_END] = &&op_end,           [VW_OP_W32] = &&op_w32,
        [VW_OP_W64] = &&op_w64,           [VW_OP_BOOL] = &&op_small,
        [VW_OP_I8] = &&op_small,          [VW_OP_U8] = &&op_small,
        [VW_OP_I16] = &&op_small,         [VW_OP_U16] = &&op_small,
        [VW_OP_BYTES] = &&op_bytes,       [VW_OP_BYTES16] = &&op_bytes16,
        [VW_OP_STRING] = &&op_string,     [VW_OP_OPAQUE] = &&op_opaque,
        [VW_OP_LIST] = &&op_list,         [VW_OP_BULK] = &&op_bulk,
        [VW_OP_REPEAT] = &&op_repeat,     [VW_OP_REPEAT_BULK] = &&op_repeat_bulk,
        [VW_OP_OPTIONAL] = &&op_optional, [VW_OP_UNION] = &&op_union,
        [VW_OP_BOX] = &&op_box,           [VW_OP_JUMP] = &&op_jump,
    };
    struct encoder local = *state, *const e = &local;
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
    uint32_t v;
    memcpy(&v, at.base + at.op->off, sizeof(v));
    vw_store32(e->p, v);
    e->p += 4;
    NEXT();
}
op_w64 : {
    uint64_t v;
    memcpy(&v, at.base + at.op->off, sizeof(v));
    vw_store64(e->p, v);
    e->p += 8;
    NEXT();
}
op_small:
    write_scalar(e->p, at.op->code, at.base + at.op->off);
    e->p += 4;
    NEXT();
op_bytes : {
    size_t padded = ((size_t)at.op->arg + 3) & ~(size_t)3;
    if (padded)
        memset(e->p + padded - 4, 0, 4);
    memcpy(e->p, at.base + at.op->off, at.op->arg);
    e->p += padded;
    NEXT();
}
op_bytes16:
    memcpy(e->p, at.base + at.op->off, 16);
    e->p += 16;
    NEXT();
op_string : {
    const struct vw_string *s = (const struct vw_string *)(void *)(at.base + at.op->off);
    rc = write_bytes(e, at.op->arg, s->data, s->len);
    if (__builtin_expect(rc, 0))
        return rc;
    NEXT();
}
op_opaque : {
    const struct vw_bytes *b = (const struct vw_bytes *)(void *)(at.base + at.op->off);
    rc = write_bytes(e, at.op->arg, b->data, b->len);
    if (rc)
        return rc;
    NEXT();
}
op_bulk : {
    const struct vw_list *l = (const struct vw_list *)(void *)(at.base + at.op->off);
    rc = write_count(e, at.op, l);
    if (rc)
        return rc;
    write_bulk(e, at.op, l->items, l->count);
    NEXT();
}
op_repeat_bulk:
    write_bulk(e, at.op, at.base + at.op->off, at.op->arg);
    NEXT();
op_list : {
    const struct vw_list *l = (const struct vw_list *)(void *)(at.base + at.op->off);
    rc = write_count(e, at.op, l);
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
    memcpy(&item, at.base + at.op->off, sizeof(item));
    count = item != NULL;
    rc = count ? take(e, ((const struct vw_type *)at.op->ptr)->wire_min) : 0;
    if (rc)
        return rc;
    vw_store32(e->p, count);
    e->p += 4;
    goto enter;
op_box:
    memcpy(&item, at.base + at.op->off, sizeof(item));
    if (!item)
        return VW_EVALUE;
    count = 1;
    goto enter;
op_union:
    at.op = choose_arm(e, at.op, at.base, &rc);
    if (!at.op)
        return rc;
    DISPATCH();
op_jump:
    at.op += at.op->arg;
    DISPATCH();

enter: /* COUNT elements of the type that the operation names, the first at ITEM */
    if (!count)
        NEXT();
    rc = vw_level_enter(&levels, &at, item, count, e->err);
    if (rc)
        return rc;
    DISPATCH();
op_end:
    if (!vw_level_next(&levels, &at)) {
        state->p = e->p;
        return 0;
    }
    DISPATCH();
#undef NEXT
#undef DISPATCH
}

int vw_xdr_encode(const struct vw_type *t, const void *value, struct vw_buf *b, size_t limit,
                  struct vw_error *err)
{
    const struct vw_code *code = vw_code_of(t, err);
    if (!code)
        return err && err->code ? err->code : VW_ENOMEM;
    if (b->len > limit || t->wire_min > limit - b->len)
        return vw_explain_encode(t, value, VW_ELIMIT, err);
    /* At least a byte, so that there is a buffer to point into. */
    if (vw_buf_reserve(b, t->wire_min ? (size_t)t->wire_min : 1))
        return vw_error_nomem(err);
    size_t cap = b->cap < limit ? b->cap : limit;
    struct encoder e = {.p = b->data + b->len,
                        .slack = cap - b->len - t->wire_min,
                        .b = b,
                        .limit = limit,
                        .err = err};
    int rc = run(&e, code, (uint8_t *)(uintptr_t)value);
    if (rc)
        return vw_explain_encode(t, value, rc, err);
    b->len = (size_t)(e.p - b->data);
    return 0;
}
