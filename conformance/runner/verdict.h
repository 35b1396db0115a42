// SPDX-License-Identifier: MIT
// Verdicts, and what a whole run makes of them.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum vw_verdict {
    VW_PASS,
    VW_LENIENT, /* accepted what the strict rule forbids and real implementations allow */
    VW_SKIP,    /* not run; the reason says why */
    VW_XFAIL,   /* fails, as an expectation file says */
    VW_XPASS,   /* should fail, as an expectation file says, and did not */
    VW_FAIL,
    VW_HUNG,  /* no answer in time, and the connection was open */
    VW_CRASH, /* the peer was gone after it */
    VW_ERROR, /* the harness itself could not decide */
    VW_VERDICTS
};

const char *vw_verdict_name(enum vw_verdict v);

/* True for what an exit status of 1 is for: fail, hung, crash, xpass. */
bool vw_verdict_is_finding(enum vw_verdict v);

/* How a run ended, counted by verdict. */
struct vw_tally {
    size_t planned; /* cases that were to run, skipped ones included */
    size_t done;    /* cases with a verdict */
    size_t by[VW_VERDICTS];
    bool unreachable; /* no connection could be made at the start */
    bool incomplete;  /* the run was broken off */
};

/* 0, 1, 3, 4, 5, 6 or 77 (reference/cli/exit.h). The worst wins: 3, 6, 5, 1, 77, 0; 4 when nothing
 * was planned. */
int vw_tally_exit(const struct vw_tally *t);

/* "12 passed, 1 failed, 3 skipped of 16 planned" into BUF. Returns BUF. */
char *vw_tally_line(const struct vw_tally *t, char *buf, size_t size);
