// SPDX-License-Identifier: MIT
// Where procedures are seen: the cases of the suite that name them, and captures that hold their
// messages. It says how well a change is watched, and is never a reason to think less of it.
#pragma once

#include "conformance/gate/gate.h"

struct vw_cli_seen {
    const char *const *captures; /* files, or folders of them */
    size_t n_captures;
};

/* Adds to each finding of G that touches procedures and fails, or would if it were not waived,
 * where they are seen (vw_change.seen). 0, or an exit status after the report. */
int vw_cli_seen_add(const char *command, const struct vw_cli_seen *o, struct vw_gate *g);
