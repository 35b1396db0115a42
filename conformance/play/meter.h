// SPDX-License-Identifier: MIT
// How much memory a program takes for one task after the other: the peak of its resident memory
// above what it had before the task, as Linux counts it for the process itself. Memory that is
// asked for and never touched is not counted, and what a program keeps is counted once.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <virwire/error.h>

/* Less than this is not told from none. */
#define VW_METER_LEAST 65536u

/* All zero: it measures nothing. */
struct vw_meter {
    int status, clear; /* files below /proc */
    bool works;
    uint64_t before; /* resident when nothing was under way */
    uint64_t peak;   /* since CLEAR was written to */
};

/* False where the system does not let the peak of a program be set back; ERR then says why. */
bool vw_meter_possible(struct vw_error *err);
/* Where this cannot be measured nothing is, and memory is always 0. */
void vw_meter_start(struct vw_meter *m, pid_t program);
/* Twice is fine. */
void vw_meter_end(struct vw_meter *m);

/* What the task took at most, once it is done; the program then rests before it is given another.
 * So that it is soon back at what it had before, see vw_meter_environment. */
uint64_t vw_meter_task(struct vw_meter *m);
/* What the task that is under way takes. */
uint64_t vw_meter_now(const struct vw_meter *m);

/* ENV, which ends at NULL, with what has the C library give memory back that is not used any more;
 * the caller frees the list. NULL: no memory. */
char **vw_meter_environment(char *const *env);
