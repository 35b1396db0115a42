// SPDX-License-Identifier: MIT
// Asking for events, and no more: what the procedures of all kinds share.
#pragma once

#include "mock-daemon/handler.h"
#include "mock-daemon/registrations.h"

/* Registers for WANTED, one of the first N_EVENTS numbers of its kind. *CALLBACK is the id of it.
 */
enum vw_outcome vw_call_register(struct vw_call *c, const struct vw_wanted *wanted,
                                 int32_t n_events, bool old_form, int *callback);
/* ONE may be NULL: there is no such registration. */
enum vw_outcome vw_call_deregister(struct vw_call *c, struct vw_registration *one);
