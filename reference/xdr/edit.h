// SPDX-License-Identifier: MIT
// Byte edits over spans: how malformed messages are made. Encode a good value, then patch the
// bytes; the codec itself has no way to be wrong. Edits name spans by path, so that they survive
// changes of layout.
#pragma once

#include "xdr/xdr.h"

enum vw_edit_op {
    VW_EDIT_SET,      /* replace the span's bytes by BYTES (any length) */
    VW_EDIT_INSERT,   /* put BYTES before the span (AFTER: behind it) */
    VW_EDIT_CUT,      /* remove LENGTH bytes from AT within the span; LENGTH 0: all from AT */
    VW_EDIT_PAD,      /* append BYTES behind the last byte of the message */
    VW_EDIT_TRUNCATE, /* end the message AT bytes into the span */
    VW_EDIT_RELABEL   /* set a length, count, presence or discriminant word to NUMBER, contents
                         untouched */
};

struct vw_edit {
    enum vw_edit_op op;
    const char *path; /* of the span; "" is the whole */
    const uint8_t *bytes;
    size_t n_bytes;
    size_t at;
    size_t length;
    bool after;
    uint32_t number;
};

/* Applies EDITS, whose paths all mean the unedited BYTES, and puts the result into OUT (emptied
 * first). Edits may not overlap. VW_ENAME for an unknown path (with the nearest), VW_EUSAGE for one
 * that does not fit its span, VW_ENOMEM. */
int vw_edit_apply(const struct vw_spans *spans, const void *bytes, size_t len,
                  const struct vw_edit *edits, size_t n_edits, struct vw_buf *out,
                  struct vw_error *err);
