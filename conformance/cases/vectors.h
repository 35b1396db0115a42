// SPDX-License-Identifier: MIT
// Vectors: encodings of a type that a decoder must accept, must refuse, or may take either way, all
// made from the schema.
//
// Each class of vectors says what comes of it by a rule (RFC 4506, PROTOCOL.md). The codec is held
// against that while they are made, and where the rule leaves it open (a count that is one too
// large may take what follows for an element) the codec says it.
#pragma once

#include <virwire/error.h>
#include <virwire/memory.h>

#include "schema/schema.h"

enum vw_vector_result { VW_ACCEPT, VW_REFUSE, VW_EITHER };

struct vw_vector_class {
    const char *name;   /* "truncated" */
    const char *clause; /* of PROTOCOL.md; "" for what is well formed */
    const char *bug;    /* of a decoder, which it hunts: "read-past-end" */
    const char *why;
    unsigned may_be; /* bits 1 << enum vw_vector_result */
};

struct vw_vector {
    const char
        *id; /* "remote_domain_get_info_ret/truncated@memory"; stays from release to release */
    const struct vw_vector_class *class;
    const char *path; /* of the field that it is about; "" for the whole */
    const struct vw_type *type;
    const uint8_t *bytes;
    size_t len;
    enum vw_vector_result result;
    unsigned breaks;   /* VW_EITHER: what a strict decoder refuses, of enum vw_strict */
    const void *value; /* what it decodes to; NULL: VW_REFUSE */
};

struct vw_vector_options {
    uint64_t max_bytes; /* longer ones are left out */
    unsigned random;    /* so many random values of each type */
    /* What is done to the fields of a part is left to the vectors of its type, but for where the
     * bytes end, and counts within counts. */
    bool compact;
    /* Takes one, which is gone behind it. Not 0 ends the making with that. */
    int (*take)(void *user, const struct vw_vector *v, struct vw_error *err);
    void *user;
};

/* Aliases of other types have none. */
bool vw_vectors_has(const struct vw_type *t);
/* All vectors of T, in an order that stays. VW_ENOMEM, VW_EVALUE (the codec does not do what a
 * class says), or what take said. */
int vw_vectors_make(const struct vw_type *t, const struct vw_vector_options *o,
                    struct vw_error *err);

/* "accept", "refuse", "either". */
const char *vw_vector_result_name(enum vw_vector_result r);
void vw_vectors_each_class(void (*fn)(void *user, const struct vw_vector_class *class), void *user);
