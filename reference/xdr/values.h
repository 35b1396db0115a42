// SPDX-License-Identifier: MIT
// Values made from a type alone: the smallest, and random ones.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "schema/schema.h"

/* A small fast generator (splitmix64): the same seed gives the same values on every machine. */
struct vw_rng {
    uint64_t state;
};
void vw_rng_seed(struct vw_rng *r, uint64_t seed);
uint64_t vw_rng_next(struct vw_rng *r);
/* 0 <= result < N; N > 0. */
uint64_t vw_rng_below(struct vw_rng *r, uint64_t n);

/* All zero, empty, absent; unions take their first arm (the default arm if there is no other). */
int vw_value_minimal(const struct vw_type *t, struct vw_arena *arena, void **out,
                     struct vw_error *err);

/* The same in the place AT, which is all 0 so far. */
int vw_value_smallest(const struct vw_type *t, struct vw_arena *arena, void *at,
                      struct vw_error *err);

/* A random valid value whose encoding is about SIZE bytes at most (a hint: the minimum always
 * fits). Strings are UTF-8 without NUL. Enums take members, bools both, numbers favour edges. */
int vw_value_random(const struct vw_type *t, struct vw_rng *rng, size_t size,
                    struct vw_arena *arena, void **out, struct vw_error *err);
