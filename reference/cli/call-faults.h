// SPDX-License-Identifier: MIT
// virwire call --fault: a client that is wrong in one way, to show that a suite for clients sees
// it. A fault is a row of a table: what becomes of the messages that are sent, or what is made of
// those that come. It is a filter of the session, as the faults of virwired are.
#pragma once

#include <stdio.h>
#include <virwire/error.h>

#include "schema/profile.h"
#include "session/session.h"

struct vw_call_fault;

/* The fault NAME, for sessions of PROFILE, which it keeps. VW_ENAME with the nearest, VW_ENOMEM. */
int vw_call_fault_create(const char *name, const struct vw_profile *profile,
                         struct vw_call_fault **out, struct vw_error *err);
/* NULL is fine; no session may be left. */
void vw_call_fault_destroy(struct vw_call_fault *f);
const struct vw_filter *vw_call_fault_filter(const struct vw_call_fault *f);
/* NAME, clause, meaning: tabs between, a line each. */
void vw_call_faults_list(FILE *out);
