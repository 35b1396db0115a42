// SPDX-License-Identifier: MIT
// Telling those who asked for it what has happened (V-2, V-7).
#pragma once

struct vw_conn;

/* Tells every connection that asked what is in the model's queue, and empties that. CAUSE is the
 * connection whose call made it happen, which is pumped anyway; the others are woken. */
void vw_event_tell(struct vw_conn *cause);
