// SPDX-License-Identifier: MIT
// Faults that are byte edits of what goes out.
#pragma once

#include "mock-daemon/faults/tamper.h"

/* Applies the edits TEXT (xdr/edit-text.h) over the span map of M; the length word follows the
 * length. A message that has no part of such a name stays as it is. */
enum vw_fate vw_fault_edit(struct vw_tamper *t, struct vw_fault_output *m, const char *text);
