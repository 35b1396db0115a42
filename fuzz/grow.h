// SPDX-License-Identifier: MIT
// Values grown from bytes: each length, number and arm is read from a script, so that an engine
// that changes a byte changes one thing of the value.
#pragma once

#include "fuzz/maker.h"

/* How values may be wrong; what encoding says to that. */
enum vw_grown {
    VW_GROWN_GOOD = 0,
    VW_GROWN_OVER = 1 << 0, /* a string, opaque or array is past its bound: VW_ELIMIT */
    VW_GROWN_ARM = 1 << 1   /* a union has a discriminant without an arm: VW_EVALUE */
};

/* A value of T in ARENA, at most some KiB of it. BAD: it may be wrong; what is wrong with it is in
 * *GROWN (enum vw_grown). False: no memory, or it nests too deep. */
bool vw_grow(const struct vw_type *t, struct vw_script *script, bool bad, struct vw_arena *arena,
             void **out, unsigned *grown);
