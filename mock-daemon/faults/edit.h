// SPDX-License-Identifier: MIT
// Faults that are byte edits of what goes out. Most are a row of edits.tsv.
#pragma once

#include "mock-daemon/faults/tamper.h"

/* The detail of a row. */
struct vw_edit_row {
    unsigned kinds;            /* enum vw_outgoing_kind */
    const char *procedures[2]; /* of the remote program; none: all */
    enum {
        VW_EDIT_ALWAYS,
        VW_EDIT_VOID,
        VW_EDIT_DATA,
        VW_EDIT_END,
        VW_EDIT_LONG,
        VW_EDIT_FDS
    } when;
    /* AHEAD, BEHIND: it stands by the message. */
    enum { VW_EDIT_CHANGE, VW_EDIT_AHEAD, VW_EDIT_BEHIND, VW_EDIT_TWICE, VW_EDIT_NEVER } how;
    const char *text;
};

/* The hook of the rows. */
enum vw_fate vw_fault_edit_row(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_output *m);

/* Applies the edits TEXT (xdr/edit-text.h) over the span map of M; the length word follows the
 * length. A message that has no part of such a name stays as it is. */
enum vw_fate vw_fault_edit(struct vw_tamper *t, struct vw_fault_output *m, const char *text);
