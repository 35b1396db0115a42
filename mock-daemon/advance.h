// SPDX-License-Identifier: MIT
// Moving a virtual clock. It goes from one time at which something is due to the next, and at each
// the daemon does all that there is to do, and clients that it has sent a PING are given some real
// time for their answer: so half a minute passes in milliseconds, and ends as it would have ended.
#pragma once

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

struct vw_daemon;

struct vw_advance {
    struct vw_daemon *daemon;
    int64_t until_ms; /* 0: the clock stands */
    ev_idle idle;     /* called when there is nothing else to do */
    ev_check check;   /* ends a wait for answers when something has come */
    ev_timer settle;
    uint32_t owed; /* answers that have had their time */
    double settle_seconds;
    void (*done)(void *user);
    void *user;
};

void vw_advance_init(struct vw_advance *a, struct vw_daemon *d);
void vw_advance_finish(struct vw_advance *a);
static inline bool vw_advance_runs(const struct vw_advance *a)
{
    return a->until_ms != 0;
}

/* Moves the clock, which is virtual and stands, on by MS. At each step clients have SETTLE_MS for
 * the answers that they owe. DONE is called at the end, from the loop. */
void vw_advance_start(struct vw_advance *a, int64_t ms, int settle_ms, void (*done)(void *user),
                      void *user);
