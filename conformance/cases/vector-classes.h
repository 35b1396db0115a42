// SPDX-License-Identifier: MIT
// The classes of vectors, as rows: what is done to the bytes, what may come of it, and which bug of
// a decoder it hunts.
#pragma once

#include "conformance/cases/vectors.h"
#include "xdr/xdr.h"

/* Those that are values as a whole, or the bytes of one with an element more. */
enum vw_vector_whole {
    VW_WHOLE_MINIMAL,
    VW_WHOLE_SAMPLE,
    VW_WHOLE_RANDOM,
    VW_WHOLE_BOUNDARY,
    VW_WHOLE_OPTIONAL,
    VW_WHOLE_UNION,
    VW_WHOLE_OVER,
    VW_WHOLES
};
extern const struct vw_vector_class vw_vector_wholes[VW_WHOLES];

/* What is edited: the encoding of a value that has one of everything. */
struct vw_vector_sample {
    struct vw_arena arena;
    struct vw_buf bytes;
    struct vw_spans spans;
};

struct vw_vector_edit {
    struct vw_vector_class class;
    unsigned spans;   /* of which kinds, as bits; 0: one edit of the whole */
    uint64_t types;   /* of what the span belongs to */
    bool bounded;     /* only where there is a bound */
    bool not_first;   /* not where the value begins */
    bool everywhere;  /* also in parts that are types of their own, when these are left out */
    const char *edit; /* in the language of xdr/edit-text.h; %s: the path; NULL: SAY */
    /* The edit of SPAN, in ARENA; "": there is none; NULL: no memory. */
    const char *(*say)(const struct vw_vector_sample *s, const struct vw_span *span,
                       struct vw_arena *arena);
};
extern const struct vw_vector_edit vw_vector_edits[];
extern const size_t vw_n_vector_edits;
