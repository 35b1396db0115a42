// SPDX-License-Identifier: MIT
// Calls that no driver of this connection has, and that a real daemon refuses before it finds that
// out: for their arguments, or for what cannot have been there.
#pragma once

#include "mock-daemon/handler.h"

/* Whether that is the answer to C, which has no handler; then its error is set. */
bool vw_unserved_refuses(struct vw_call *c);
