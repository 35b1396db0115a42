// SPDX-License-Identifier: MIT
// Values made from a type: the smallest, random ones, those at its bounds; and comparing two.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <virwire/error.h>
#include <virwire/memory.h>

#include "schema/schema.h"

/* All zero, empty, absent; unions take their first arm (the default arm if there is no other). */
int vw_value_minimal(const struct vw_type *t, struct vw_arena *arena, void **out,
                     struct vw_error *err);

/* The same in the place AT, which is all 0 so far. */
int vw_value_smallest(const struct vw_type *t, struct vw_arena *arena, void *at,
                      struct vw_error *err);

/* ---- random ---- */

/* A small fast generator (splitmix64): the same seed gives the same values on every machine. */
struct vw_rng {
    uint64_t state;
};
void vw_rng_seed(struct vw_rng *r, uint64_t seed);
uint64_t vw_rng_next(struct vw_rng *r);
/* 0 <= result < N; N > 0. */
uint64_t vw_rng_below(struct vw_rng *r, uint64_t n);

/* A random valid value whose encoding is about SIZE bytes at most (a hint: the minimum always
 * fits). Strings are UTF-8 without NUL. Enums take members, bools both, numbers favour edges. */
int vw_value_random(const struct vw_type *t, struct vw_rng *rng, size_t size,
                    struct vw_arena *arena, void **out, struct vw_error *err);

/* ---- boundaries ---- */

/* One boundary: everything minimal but one bound, which is at COUNT; or one arm of a union, or one
 * optional value. An optional and what it holds have the same path; their types tell them apart. */
struct vw_boundary {
    const char *path; /* "dom.name", "params[0].value.s", "params" */
    const struct vw_type
        *type;      /* of the bounded string, opaque or array; the optional; the union */
    uint32_t count; /* 0, 1, max or max + 1; an optional: 0 absent, 1 present; a union:
                       the arm's place in fields[] */
    bool over;      /* count is max + 1: cannot be encoded; take the encoding at max and edit */
};
struct vw_boundaries {
    struct vw_boundary *list; /* in ARENA */
    size_t count;
};

/* All boundaries of T: every bounded string, opaque, array; every arm of each union; optional
 * present. Elements of arrays are reached through an array of one. What has no bound (VW_UNBOUNDED)
 * has none here. Recursive types are entered once on each way. VW_ELIMIT above a million. */
int vw_value_boundaries(const struct vw_type *t, struct vw_arena *arena, struct vw_boundaries *out,
                        struct vw_error *err);
/* The value of one boundary (COUNT as given, but max when over). */
int vw_value_at_boundary(const struct vw_type *t, const struct vw_boundary *b,
                         struct vw_arena *arena, void **out, struct vw_error *err);

/* Equal in every field: doubles by their bits, strings and opaque by length and bytes. Values that
 * nest deeper than any codec here takes them are never equal. */
bool vw_value_equal(const struct vw_type *t, const void *a, const void *b);
