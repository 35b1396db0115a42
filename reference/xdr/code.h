// SPDX-License-Identifier: MIT
// The compiled form of a type, shared by encoder and decoder: one flat list of operations. Structs
// and unboxed union arms are inlined; what repeats or may be absent (list elements, optional
// values, boxed arms) is the list of another type, entered through a frame. Internal to xdr/.
#pragma once

#include <stdint.h>
#include <virwire/error.h>
#include <virwire/memory.h>

#include "base/words.h"
#include "schema/schema.h"
#include "xdr/xdr.h"

enum vw_opcode {
    VW_OP_END,  /* end of this list: next element of the frame, or back */
    VW_OP_W32,  /* int, unsigned, enum, float */
    VW_OP_W64,  /* hyper, unsigned hyper, double */
    VW_OP_BOOL, /* any word but 0 is true */
    VW_OP_I8,   /* char: the low byte of a word */
    VW_OP_U8,
    VW_OP_I16,
    VW_OP_U16,
    VW_OP_BYTES,       /* fixed opaque of ARG bytes, then padding */
    VW_OP_BYTES16,     /* the same for the 16 bytes of a UUID */
    VW_OP_STRING,      /* ARG: max */
    VW_OP_OPAQUE,      /* ARG: max */
    VW_OP_LIST,        /* ARG: max, PTR: element type */
    VW_OP_BULK,        /* as LIST, of a basic type: no frame, AUX: opcode of the element */
    VW_OP_REPEAT,      /* fixed array; ARG: count, PTR: element type */
    VW_OP_REPEAT_BULK, /* AUX: opcode of the element */
    VW_OP_OPTIONAL,    /* PTR: type of the value */
    VW_OP_UNION,       /* PTR: struct vw_arm_table */
    VW_OP_BOX,         /* PTR: type of the arm */
    VW_OP_JUMP,        /* ARG: operations ahead */
    VW_OP_COUNT
};

struct vw_op {
    uint8_t code;
    uint8_t aux;
    uint32_t off; /* in the memory of the type that the list belongs to */
    uint32_t arg;
    const void *ptr;
};

/* Where a discriminant leads: so many operations ahead of the union's own. */
struct vw_arm_target {
    int32_t value;  /* of a sparse entry */
    uint32_t ahead; /* 0: no such arm */
    uint64_t extra; /* bytes that this arm needs at least beyond the smallest arm */
};

struct vw_arm_table {
    int32_t base;      /* of dense[] */
    uint32_t n_dense;  /* 0: the cases are too far apart */
    uint32_t n_sparse; /* by value, rising */
    struct vw_arm_target otherwise;
    const struct vw_arm_target *dense;
    const struct vw_arm_target *sparse;
};

struct vw_code {
    struct vw_attachment attachment; /* first: this is what the type has attached */
    struct vw_arena arena;           /* of ops and tables */
    const struct vw_op *ops;
    uint32_t n_ops;
};

/* The operations of T, compiled at the first use; NULL with ERR set (VW_ENOMEM, VW_ELIMIT). Safe
 * from several threads. */
const struct vw_code *vw_code_make(const struct vw_type *t, struct vw_error *err);

static inline const struct vw_code *vw_code_of(const struct vw_type *t, struct vw_error *err)
{
    const struct vw_attachment *a = __atomic_load_n(&t->attached, __ATOMIC_ACQUIRE);
    return a ? (const struct vw_code *)a : vw_code_make(t, err);
}

/* True for the kinds that an array holds without frames: they never nest. */
static inline bool vw_kind_is_scalar(enum vw_kind k)
{
    return k >= VW_INT && k <= VW_ENUM;
}

/* The way out of line of vw_arm_find. */
const struct vw_arm_target *vw_arm_find_sparse(const struct vw_arm_table *t, int32_t value);

static inline const struct vw_arm_target *vw_arm_find(const struct vw_arm_table *t, int32_t value)
{
    uint32_t i = (uint32_t)value - (uint32_t)t->base;
    return i < t->n_dense ? &t->dense[i] : vw_arm_find_sparse(t, value);
}

/* One level of repetition while a value is walked. */
struct vw_frame_level {
    const struct vw_op *back;  /* the operation that opened it */
    const struct vw_op *start; /* first operation of the element */
    uint8_t *base;             /* memory of the value around */
    uint32_t left;             /* elements behind the one at hand */
    uint32_t step;             /* bytes an element */
};

struct vw_levels {
    struct vw_frame_level list[VW_XDR_MAX_DEPTH];
    uint32_t depth;
};

/* Where the loop over the operations stands. */
struct vw_place {
    const struct vw_op *op;
    uint8_t *base;
};

/* Goes to the first of COUNT > 0 elements at ITEM, of the type at at->op->ptr. VW_ELIMIT,
 * VW_ENOMEM. */
static inline __attribute__((always_inline)) int vw_level_enter(struct vw_levels *l,
                                                                struct vw_place *at, uint8_t *item,
                                                                uint32_t count,
                                                                struct vw_error *err)
{
    const struct vw_type *elem = at->op->ptr;
    if (l->depth == VW_XDR_MAX_DEPTH)
        return VW_ELIMIT;
    const struct vw_code *code = vw_code_of(elem, err);
    if (!code)
        return VW_ENOMEM;
    l->list[l->depth++] =
        (struct vw_frame_level){at->op, code->ops, at->base, count - 1, elem->size};
    *at = (struct vw_place){code->ops, item};
    return 0;
}

/* At the end of a list of operations: to the next element, or behind the operation that opened the
 * level. False when there is no level: the value is done. */
static inline __attribute__((always_inline)) bool vw_level_next(struct vw_levels *l,
                                                                struct vw_place *at)
{
    if (!l->depth)
        return false;
    struct vw_frame_level *f = &l->list[l->depth - 1];
    if (f->left) {
        f->left--;
        *at = (struct vw_place){f->start, at->base + f->step};
        return true;
    }
    l->depth--;
    *at = (struct vw_place){f->back + 1, f->base};
    return true;
}
