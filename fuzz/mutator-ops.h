// SPDX-License-Identifier: MIT
// What the mutator's core and its operations share. Internal to the mutator.
#pragma once

#include "message/message.h"
#include "xdr/edit.h"
#include "xdr/values.h"

enum vw_mutator_format { VW_MUTATOR_ANY, VW_MUTATOR_MESSAGE, VW_MUTATOR_STREAM, VW_MUTATOR_TYPE };

#define VW_MUTATOR_LAST_MAX 300

struct vw_mutator {
    enum vw_mutator_format format;
    const struct vw_schema *schema;
    struct vw_schema *own;       /* the same; NULL: it is the built-in one */
    const struct vw_type *fixed; /* VW_MUTATOR_TYPE */

    /* The input that is worked on. */
    struct vw_rng rng;
    struct vw_arena arena;
    uint8_t head[VW_PREFIX_BYTES + 4]; /* ahead of the body: a key, or length word and header */
    size_t head_len;
    const struct vw_type *type; /* of the body; NULL: not known, or none */
    struct vw_buf body, next, out;
    struct vw_spans spans; /* of the body as far as it can be read; FRESH: they are so */
    bool fresh;
    /* Engines change one input again and again: its body, and the spans of that. */
    struct {
        struct vw_arena arena;
        struct vw_buf body;
        const struct vw_type *type;
        struct vw_spans spans;
    } origin;
    const uint8_t *other; /* a body of OTHER_TYPE, or none */
    size_t other_len;
    const struct vw_type *other_type;
    size_t room;    /* bytes that the body may have */
    bool lying;     /* the length word stays as it is */
    uint64_t *done; /* a number for each operation */
    char last[VW_MUTATOR_LAST_MAX];
};

/* Does something to the input; false: it cannot be done to this one. */
typedef bool vw_mutator_fn(struct vw_mutator *m);

struct vw_mutator_op {
    const char *name;
    bool lies; /* what comes out may contradict itself */
    vw_mutator_fn *fn;
};
extern const struct vw_mutator_op vw_mutator_ops[];
extern const size_t vw_mutator_n_ops;

/* ---- the parts of the input (mutator-parts.c) ---- */

/* Bytes of a body that are taken apart; what is behind stays as it is. */
#define VW_MUTATOR_LOOKED_AT 4096

/* The type that HEAD announces. */
const struct vw_type *vw_mutator_type(const struct vw_mutator *m, const uint8_t *head, size_t len);
/* Makes the spans of an input that has just come in. */
void vw_mutator_recall(struct vw_mutator *m);
/* The spans of the body, made again if it has changed. */
const struct vw_spans *vw_mutator_spans(struct vw_mutator *m);
/* Applies EDITS to the body. False: they do not fit, or it would not fit the room. */
bool vw_mutator_apply(struct vw_mutator *m, const struct vw_edits *edits);
/* The same for one edit. */
bool vw_mutator_edit(struct vw_mutator *m, const struct vw_edit *edit);
/* Replaces the body. */
bool vw_mutator_body(struct vw_mutator *m, const void *bytes, size_t len);
/* The head is that of a message. */
bool vw_mutator_has_header(const struct vw_mutator *m);
/* The type again, behind a change of the head. */
void vw_mutator_retype(struct vw_mutator *m);
/* A random value of T, encoded in memory of the arena. */
bool vw_mutator_value(struct vw_mutator *m, const struct vw_type *t, size_t hint,
                      const uint8_t **bytes, size_t *len);
uint64_t vw_mutator_below(struct vw_mutator *m, uint64_t n);

/* ---- parts that can go (mutator-trim.c) ---- */

/* The edits that take the part that begins at span I away; false: nothing can go there. */
bool vw_mutator_remove(struct vw_mutator *m, size_t i, struct vw_edits *edits);
/* The group of a length, count, presence or discriminant word at I. */
const struct vw_span *vw_mutator_group(const struct vw_spans *s, size_t i);
/* SPAN is what its path means. */
bool vw_mutator_named(const struct vw_spans *s, const struct vw_span *span);
