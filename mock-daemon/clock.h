// SPDX-License-Identifier: MIT
// The one clock of the daemon, by which all goes that a client can see: keepalive, delays, jobs,
// transitions, times of the log. It is that of the system, or one that stands still until it is
// told to go on (--time virtual, advance.h).
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Where a virtual clock begins: 2026-01-01 00:00 UTC. */
#define VW_CLOCK_START_MS INT64_C(1767225600000)

struct vw_clock {
    int64_t virtual_ms; /* since 1970; 0: the clock is that of the system */
};

void vw_clock_init(struct vw_clock *c, bool is_virtual);
static inline bool vw_clock_is_virtual(const struct vw_clock *c)
{
    return c->virtual_ms != 0;
}
/* Milliseconds that never go back: for sessions, and for what is due at some time. */
int64_t vw_clock_ms(const struct vw_clock *c);
/* The time of day, in nanoseconds since 1970. */
int64_t vw_clock_ns(const struct vw_clock *c);
/* A virtual clock says MS from here on, unless that is earlier than it is. */
void vw_clock_set(struct vw_clock *c, int64_t ms);
