// SPDX-License-Identifier: MIT
// The cases of conformance/sanity/: they are not part of any suite, and played with each.
#pragma once

#include "conformance/cases/scenario.h"
#include "conformance/report/report.h"

struct vw_run;

struct vw_sanity {
    struct vw_suite suite;
    const struct vw_case *ask;    /* a run starts and ends with it; it asks the peer what it is */
    const struct vw_case *marks;  /* passes where errors are made as libvirt makes them */
    const struct vw_case *settle; /* is over when a further connection has been served */
};

/* The files, as they were when this was built: a check must not depend on what is installed. */
extern const char vw_text_of_sanity[], vw_text_of_settle[], vw_text_of_marks[];

/* Makes them for PROFILE. VW_ESYNTAX, VW_ENOMEM; finish S in any case. */
int vw_sanity_load(struct vw_sanity *s, const struct vw_profile *profile, struct vw_error *err);
void vw_sanity_finish(struct vw_sanity *s);

/* What a finished run of `ask` has learnt. */
void vw_sanity_peer(const struct vw_run *run, struct vw_peer *peer);
