// SPDX-License-Identifier: MIT
// Changing the error structure of answers: for faults, and for what is unusual but right.
#pragma once

#include "mock-daemon/faults/tamper.h"

typedef void vw_error_change_fn(struct vw_remote_error *e);

/* The detail of a row. ISO C has no pointer to a function in a pointer to data: the row points to
 * this. */
struct vw_error_change {
    vw_error_change_fn *change;
};

/* The output hook: takes the structure of each error reply apart, lets the change of the row at it,
 * and puts it together again. */
enum vw_fate vw_fault_change_error(const struct vw_fault *f, struct vw_tamper *t,
                                   struct vw_fault_output *m);
