// SPDX-License-Identifier: MIT
// Byte edits over spans: how malformed messages are made. Encode a good value, then patch the
// bytes; the codec itself has no way to be wrong. Edits name spans by path, so that they survive
// changes of layout. xdr/edit-text.h is the language in which they are written.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include "xdr/xdr.h"

enum vw_edit_op {
    VW_EDIT_SET,      /* replace the span's bytes by BYTES (any length); PLACED: as many from AT */
    VW_EDIT_INSERT,   /* put BYTES before the span */
    VW_EDIT_APPEND,   /* put BYTES behind the span */
    VW_EDIT_CUT,      /* remove LENGTH bytes from AT within the span; LENGTH 0: all from AT */
    VW_EDIT_PAD,      /* append BYTES behind the last byte of the message */
    VW_EDIT_TRUNCATE, /* end the message AT bytes into the span */
    VW_EDIT_RELABEL,  /* set a length, count, presence or discriminant word to NUMBER, contents
                         untouched; OF_BOUND: to the bound of the type plus NUMBER */
    VW_EDIT_ADD,      /* add NUMBER to the word of 4 or 8 bytes that is the span or begins it */
    VW_EDIT_FLIP,     /* change the bits of BYTES in the span from AT, as far as both reach */
    VW_EDIT_REVERSE,  /* put the span's bytes the other way round */
    VW_EDIT_SWAP      /* the spans PATH and OTHER change places */
};

/* A path may name several spans: '*' stands for any characters but '.', '[' and ']', "**" for any;
 * "" is the whole. */
struct vw_edit {
    enum vw_edit_op op;
    const char *path;
    const char *other; /* VW_EDIT_SWAP; a plain one, as PATH then is */
    const uint8_t *bytes;
    size_t n_bytes;
    int64_t at;     /* below 0: counted from the end of the span */
    bool placed;    /* AT was given */
    int64_t length; /* VW_EDIT_CUT */
    int64_t number;
    bool of_bound; /* VW_EDIT_RELABEL */
    bool nonzero;  /* VW_EDIT_ADD: words that are 0 stay 0 */
};

struct vw_edits {
    struct vw_edit *list; /* in the arena of vw_edits_add */
    size_t count;
};

/* Appends a copy of EDIT. VW_ENOMEM. */
int vw_edits_add(struct vw_edits *edits, struct vw_arena *arena, const struct vw_edit *edit,
                 struct vw_error *err);

/* Applies EDITS, whose paths all mean the unedited BYTES, and puts the result into OUT (emptied
 * first). Edits may not overlap. VW_ENAME for a path that names nothing (with the nearest),
 * VW_EUSAGE for one that does not fit its span, VW_ENOMEM. */
int vw_edits_apply(const struct vw_spans *spans, const void *bytes, size_t len,
                   const struct vw_edits *edits, struct vw_buf *out, struct vw_error *err);
