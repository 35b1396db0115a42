// SPDX-License-Identifier: MIT
// Why a case has ended red, as a key that is equal where one mistake is likely behind it, and the
// clauses that speak of that mistake besides the one that was found broken. Reports put findings
// together by it (conformance/report/groups.h).
#pragma once

#include "conformance/play/run.h"

struct vw_cause {
    char key[48];  /* "" where nothing can be said */
    char also[48]; /* clauses, apart by spaces; or "" */
};

struct vw_cause vw_cause_of(const struct vw_run *run);
