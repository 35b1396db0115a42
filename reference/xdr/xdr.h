// SPDX-License-Identifier: MIT
// The codec: values in memory to XDR bytes and back (RFC 4506), driven by the type tables. Decoding
// is as lax as libtirpc, which real implementations use; what the RFC forbids and
// libtirpc accepts are findings of vw_xdr_check. Bounds, lengths and unknown union arms are never
// lax.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/memory.h>

#include "base/finding.h"
#include "schema/schema.h"

/* Deepest nesting of optional values; only recursive types (linked lists) can reach it. */
#define VW_XDR_MAX_DEPTH 512

/* Decodes one value of type T from the start of BYTES into memory of ARENA. *OUT points to t->size
 * bytes; everything it refers to lies in ARENA too, nothing in BYTES. *USED (may be NULL) is the
 * length of the encoding; what follows is not looked at (D-10). A count is checked against the
 * bytes that are left, less what the rest of the value needs at least, before anything is
 * allocated. VW_ETRUNCATED, VW_ELIMIT (a bound or the depth), VW_EVALUE (unknown union arm),
 * VW_ENOMEM; ERR (may be NULL) gets offset and path, found by a second, slower walk. */
int vw_xdr_decode(const struct vw_type *t, const void *bytes, size_t len, struct vw_arena *arena,
                  void **out, size_t *used, struct vw_error *err);

/* A growing buffer for encodings. */
struct vw_buf {
    uint8_t *data;
    size_t len;
    size_t cap;
};

#define VW_BUF_INIT                                                                                \
    {                                                                                              \
        0                                                                                          \
    }

void vw_buf_finish(struct vw_buf *b);
/* The way out of line of vw_buf_reserve. */
int vw_buf_grow(struct vw_buf *b, size_t extra);
/* Room for EXTRA bytes behind len. VW_ENOMEM or 0. */
static inline int vw_buf_reserve(struct vw_buf *b, size_t extra)
{
    return b->cap - b->len >= extra ? 0 : vw_buf_grow(b, extra);
}
int vw_buf_append(struct vw_buf *b, const void *bytes, size_t len);

/* Appends the encoding of VALUE (t->size bytes in memory) to B: always canonical. LIMIT is the
 * largest allowed b->len afterwards; SIZE_MAX for none. VW_ELIMIT (a bound, LIMIT or the depth),
 * VW_EVALUE (unknown arm, a list with a count and no items), VW_ENOMEM; B is then as before. */
int vw_xdr_encode(const struct vw_type *t, const void *value, struct vw_buf *b, size_t limit,
                  struct vw_error *err);

/* What is checked beyond what every decoder must. */
enum vw_strict {
    VW_STRICT_PADDING = 1 << 0,  /* padding bytes are zero (RFC 4506 section 3; X-1) */
    VW_STRICT_BOOL = 1 << 1,     /* booleans and presence words are 0 or 1 (4.4, 4.19; X-4) */
    VW_STRICT_ENUM = 1 << 2,     /* an enum word is one of its members (4.3; X-5) */
    VW_STRICT_NUL = 1 << 3,      /* no NUL inside a string */
    VW_STRICT_UTF8 = 1 << 4,     /* strings are UTF-8 (libvirt's own rule of use) */
    VW_STRICT_NARROW = 1 << 5,   /* char and short words fit their type */
    VW_STRICT_TRAILING = 1 << 6, /* nothing follows the value (D-10) */
    VW_STRICT_ALL = (1 << 7) - 1,
    /* Besides: numbers are in the ranges of the table of facts, which is no matter of XDR (O-4). */
    VW_STRICT_RANGE = 1 << 7
};

/* "padding", "bool", ... for one flag. */
const char *vw_strict_name(unsigned flag);
/* The flag of a name, or 0. */
unsigned vw_strict_flag(const char *name);

#define VW_FINDINGS_MAX 256 /* of one walk that are kept; the last one counts the others */

/* Walks BYTES as a value of T without making it and reports every breach of FLAGS. 0 if it can be
 * decoded (findings or not), else the error that vw_xdr_decode gives, with path and offset. FOUND
 * (may be NULL, then ARENA too) gets them by offset, in ARENA: rule is the name of the flag, with
 * its clause; path and offset are those of the first byte at fault, from the start of BYTES. */
int vw_xdr_check(const struct vw_type *t, const void *bytes, size_t len, unsigned flags,
                 struct vw_arena *arena, struct vw_findings *found, size_t *used,
                 struct vw_error *err);

/* What a stretch of bytes is. */
enum vw_span_kind {
    VW_SPAN_VALUE,   /* a scalar, fixed opaque */
    VW_SPAN_LENGTH,  /* length word of a string or opaque; path ends in ".#len" */
    VW_SPAN_COUNT,   /* count word of an array; path ends in ".#count" */
    VW_SPAN_PRESENT, /* presence word of an optional; ".#present" */
    VW_SPAN_DISC,    /* discriminant of a union; ".#DISCNAME", e.g. ".#type" */
    VW_SPAN_DATA,    /* bytes of a string or opaque; ".#data" */
    VW_SPAN_PAD,     /* padding; ".#pad" */
    VW_SPAN_GROUP    /* a whole struct, union, array, string, optional: covers the spans inside */
};

struct vw_span {
    const char
        *path; /* from the value's own root: "" for the whole, "dom.name.#len", "params[0].field" */
    enum vw_span_kind kind;
    size_t offset; /* from the start of the value's encoding */
    size_t length;
    const struct vw_type *type; /* of the value that the span belongs to */
};

struct vw_spans {
    struct vw_span *list; /* in ARENA, in order of offset, a group before its parts */
    size_t count;
};

/* The span map of an encoding (of vw_xdr_encode, or received). Errors as vw_xdr_check; at most
 * 1,000,000 spans (VW_ELIMIT). */
int vw_xdr_spans(const struct vw_type *t, const void *bytes, size_t len, struct vw_arena *arena,
                 struct vw_spans *out, struct vw_error *err);
const struct vw_span *vw_spans_find(const struct vw_spans *s, const char *path);
