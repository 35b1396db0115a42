// SPDX-License-Identifier: MIT
// The sanity case: a run starts and ends with it, and it asks the peer what it is.
#pragma once

#include "conformance/runner/player.h"

/* The case, made once for PROFILE and kept until the process ends; NULL with ERR. */
const struct vw_case *vw_sanity_case(const struct vw_profile *profile, struct vw_error *err);
/* A case that is over when a further connection has been served, likewise. */
const struct vw_case *vw_sanity_settle(const struct vw_profile *profile, struct vw_error *err);
void vw_sanity_finish(void);

/* What a finished run of it has learnt. */
void vw_sanity_peer(const struct vw_run *run, struct vw_peer *peer);
