// SPDX-License-Identifier: MIT
// What a whole run makes of its verdicts.
#pragma once

#include "base/finding.h"

/* How a run ended, counted by verdict. */
struct vw_tally {
    size_t planned; /* cases that were to run, skipped ones included */
    size_t done;    /* cases with a verdict */
    size_t by[VW_VERDICTS];
    bool unreachable; /* no connection could be made at the start */
    bool incomplete;  /* the run was broken off, or left something out, ... */
    const char *why;  /* ... for this reason; or NULL */
    bool stopped;     /* at the first finding, as was asked for */
};

/* 0, 1, 3, 4, 5, 6 or 77 (reference/cli/exit.h). The worst wins: 3, 6, 5, 1, 77, 0; 4 when nothing
 * was planned. */
int vw_tally_exit(const struct vw_tally *t);

/* It is incomplete; the first reason counts. */
void vw_tally_incomplete(struct vw_tally *t, const char *why);

/* "12 passed, 1 failed, 3 skipped of 16 planned" into BUF. Returns BUF. */
char *vw_tally_line(const struct vw_tally *t, char *buf, size_t size);
