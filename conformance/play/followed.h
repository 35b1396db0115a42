// SPDX-License-Identifier: MIT
// Which dialect of URIs a client follows: U-6, U-9 and U-11 are where the document of 2007, the
// code of that year and that of today read the same text as different things.
#pragma once

#include "conformance/cases/result.h"
#include "conformance/play/client.h"
#include "conformance/report/dialects.h"

/* What the client of RUN made of the URI that its case has given it. */
struct vw_followed vw_followed(struct vw_run *run);

/* What all of RESULTS say together; its lists are in ARENA. VW_ENOMEM. */
int vw_followed_sum(const struct vw_result *results, size_t count, struct vw_arena *arena,
                    struct vw_dialects *out, struct vw_error *err);
