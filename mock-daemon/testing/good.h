// SPDX-License-Identifier: MIT
// What each procedure succeeds with: arguments, and the objects that they name.
#pragma once

#include "mock-daemon/testing.h"

/* The kind of object that PROC is about: that of its row, or domains. */
const struct vw_object_kind *good_kind(const struct peer *p, const struct vw_proc *proc);
/* Arguments that are good for PROC, which takes some. */
void *good_value(const struct peer *p, const struct vw_proc *proc, struct vw_arena *arena);
/* Brings the model and the connection to where PROC succeeds. */
void good_prepare(struct peer *p, const struct vw_proc *proc);
