// SPDX-License-Identifier: MIT
// A transport above another that says how bytes are cut into writes, and when they go.
#pragma once

#include "mock-daemon/clock.h"
#include "transport/transport.h"

/* Puts one on *T, which it owns from then on; all goes through as it comes. Pauses go by CLOCK.
 * VW_ENOMEM: *T is as before. */
int vw_pace_wrap(struct vw_transport **t, const struct vw_clock *clock, struct vw_error *err);
/* At most CHUNK bytes at a time (0: all at once), and a pause of DELAY_MS before each write: until
 * then a write gives -EAGAIN. */
void vw_pace_set(struct vw_transport *t, size_t chunk, int delay_ms);
/* Messages may share a record (T-5): those above are not told that there are any. */
void vw_pace_mix_records(struct vw_transport *t);
/* When a write is worth another try, of the clock; INT64_MAX: when the one below can take it. */
int64_t vw_pace_wake_ms(const struct vw_transport *t);
