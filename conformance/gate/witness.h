// SPDX-License-Identifier: MIT
// What the files that look for witnesses share: values that are made so that two types of one place
// differ in them, and what two readers make of the same bytes.
#pragma once

#include <virwire/memory.h>

#include "conformance/gate/internal.h"

#define VW_WITNESS_MAX_BYTES (32u << 20) /* of one encoding */

#define VW_WITNESS_MAX_FILL (4u << 20) /* bytes in memory that are not the smallest */

/* One value of a type, with a place in it where the two versions differ. */
struct vw_recipe {
    enum {
        VW_RECIPE_DISTINCT, /* every number another one, nothing empty, nothing absent */
        VW_RECIPE_NEGATIVE, /* all bits set, bytes of 0, the last member */
        VW_RECIPE_HIGH,     /* the largest numbers, that are not negative */
        VW_RECIPE_COUNT,    /* so many bytes or elements: NUMBER */
        VW_RECIPE_WORD      /* the member or discriminant NUMBER */
    } how;
    int64_t number;
};

/* A value of ROOT with one of TARGET, a type that is part of it or itself, made by R, and nothing
 * else that need not be: VW_ENAME when TARGET is no part of it or cannot be reached, VW_EVALUE when
 * there is no such value, VW_ELIMIT when it is too large, VW_ENOMEM. What it cost to look for
 * TARGET is added to WORK. */
int vw_witness_make(const struct vw_type *root, const struct vw_type *target,
                    const struct vw_recipe *r, struct vw_arena *arena, void **out, uint64_t *work);

/* The recipe number I (from 0) for a value of TARGET where the other version has OTHER; false:
 * there are no more. */
bool vw_witness_recipe(const struct vw_type *target, const struct vw_type *other, size_t i,
                       struct vw_recipe *out);

/* ---- witness-read.c ---- */

/* One version as a peer that reads. */
struct vw_heard {
    bool refused;
    const struct vw_proc *proc; /* whose message it is; NULL: it is of none */
    const struct vw_type *type; /* of VALUE; NULL: there is none */
    const void *value;
    const char *text; /* for people; why, when it is refused */
};

/* The bytes as a value of T and no more. VW_ENOMEM. */
int vw_witness_read(const struct vw_type *t, const void *bytes, size_t len, struct vw_arena *arena,
                    struct vw_heard *out);
/* LEN bytes: one whole message, with its length word and a body. */
struct vw_witness_bytes {
    const uint8_t *data;
    size_t len;
    bool from_server;
};
/* VW_ENOMEM. */
int vw_witness_read_message(const struct vw_schema *s, const struct vw_witness_bytes *bytes,
                            struct vw_arena *arena, struct vw_heard *out);
/* Both took the bytes, and not for the same. New names of the same thing are the same. */
bool vw_witness_differ(const struct vw_heard *a, const struct vw_heard *b);

/* Bytes of a length word and a header (H-1). */
enum { VW_WITNESS_HEAD = 28 };
/* Types of messages (H-3). */
enum {
    VW_WITNESS_CALL,
    VW_WITNESS_REPLY,
    VW_WITNESS_EVENT,
    VW_WITNESS_STREAM,
    VW_WITNESS_HOLE = 6
};
void vw_witness_put_word(uint8_t *at, uint32_t word);
