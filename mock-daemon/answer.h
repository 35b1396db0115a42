// SPDX-License-Identifier: MIT
// Answering a call that has been run.
#pragma once

#include "mock-daemon/handler.h"

/* Sends what the call came to. VW_ENOMEM, VW_ECLOSED. */
int vw_answer_call(struct vw_call *c, enum vw_outcome outcome);
