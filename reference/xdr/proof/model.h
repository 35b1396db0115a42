// SPDX-License-Identifier: MIT
// What the proofs of the decoder take as given: any input, and an arena of which each object is a
// malloc of its own that may fail. Read by CBMC alone (ci/prove-codec).
#pragma once

#include <stdlib.h>
#include <string.h>

#include "xdr/xdr.h"

#define MAX_INPUT 64u
#define MAX_ROOM  40u
/* Bytes of memory that a value takes for each byte that it takes on the wire at least: what
 * schema/layout.c gives. Six is a union of 24 bytes whose smallest arm is void. */
#define PER_BYTE 6u

#define MAX_OBJECT (PER_BYTE * MAX_INPUT)

/* A copy of a length that is not fixed: both sides must have the bytes. What they are is left open;
 * the decoder looks at no byte that it has copied. */
static inline void copy_bytes(const void *to, const void *from, size_t n)
{
    __CPROVER_assert(__CPROVER_r_ok(from, n), "what is copied is within the input");
    __CPROVER_assert(__CPROVER_w_ok(to, n), "what is copied has room");
}
#define memcpy(to, from, n)                                                                        \
    __builtin_choose_expr(__builtin_constant_p(n), memcpy((to), (from), (n)),                      \
                          copy_bytes((to), (from), (n)))

/* Nesting is bounded by the same code at any depth; at this one the proof ends. */
#undef VW_XDR_MAX_DEPTH
#define VW_XDR_MAX_DEPTH 4

/* The difference of two words that looks up an arm may wrap. */
#pragma CPROVER check push
#pragma CPROVER check disable "unsigned-overflow"
#include "xdr/code.h"
#pragma CPROVER check pop

/* xdr/decode.c, its dispatch a switch: see ci/prove-codec. */
#include <decode-switch.c>

size_t nondet_size(void);
uint64_t nondet_u64(void);
uint32_t nondet_u32(void);
int nondet_int(void);

static uint64_t taken; /* of the arena, by malloc */
static bool grown;

/* What is given ends where its object ends, so that one byte too many is seen; objects of one size
 * cost the solver less than those of any. */
void *vw_arena_alloc_slow(struct vw_arena *a, size_t size, size_t align)
{
    (void)align;
    __CPROVER_assert(size <= MAX_OBJECT, "no object is larger than what the input can pay for");
    __CPROVER_assume(size <= MAX_OBJECT);
    uint8_t *whole = malloc(MAX_OBJECT);
    if (!whole)
        return NULL;
    taken += size;
    grown = true;
    a->end = whole + MAX_OBJECT;
    a->next = a->end;
    return a->end - size;
}

int vw_arena_reserve_slow(struct vw_arena *a, size_t size)
{
    (void)a;
    (void)size;
    return nondet_int() ? -1 : 0;
}

/* A second opinion about what was refused: any. */
int vw_xdr_check(const struct vw_type *t, const void *bytes, size_t len, unsigned flags,
                 struct vw_arena *arena, struct vw_findings *found, size_t *used,
                 struct vw_error *err)
{
    return nondet_int();
}

int vw_error_set(struct vw_error *err, int code, const char *fmt, ...)
{
    return code;
}

int vw_error_nomem(struct vw_error *err)
{
    return VW_ENOMEM;
}

const char *vw_status_name(int code)
{
    return "";
}

/* As xdr/compile.c, without bsearch. */
const struct vw_arm_target *vw_arm_find_sparse(const struct vw_arm_table *t, int32_t value)
{
    for (uint32_t i = 0; !t->n_dense && i < t->n_sparse; i++) {
        if (t->sparse[i].value == value)
            return &t->sparse[i];
    }
    return &t->otherwise;
}
