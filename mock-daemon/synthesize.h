// SPDX-License-Identifier: MIT
// Answers that are made up: a valid value of the result's type, the same whenever the same is
// asked.
#pragma once

#include "mock-daemon/handler.h"

/* A call that opens a stream is not answered so: nobody would serve that. */
bool vw_synthesize_can(const struct vw_proc *proc);

/* Fills the value of C, from the seed of the model, the procedure and the bytes of the arguments.
 */
enum vw_outcome vw_synthesize(struct vw_call *c);
