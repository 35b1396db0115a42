// SPDX-License-Identifier: MIT
// Clients that still shake hands (TLS). A step of that costs as much as a hundred calls and its
// state as much as ten connections, and anybody may ask for it: so steps are taken between the
// turns of the loop, few at a time, and no more handshakes are under way than have room.
#pragma once

#include <ev.h>
#include <stdint.h>
#include <sys/queue.h>

struct vw_conn;

/* Most handshakes that are under way; what has come from others is left in their sockets. */
#define VW_HANDSHAKES_MAX 512
/* Steps are taken for so long, and at least one, before calls have their turn again. */
#define VW_HANDSHAKES_TURN_US 2000
/* One is given up so long after it was accepted, and once more after it was begun; and sooner,
 * when another waits for its place. */
#define VW_HANDSHAKE_MS       30000
#define VW_HANDSHAKE_PLACE_MS 500

struct vw_clock;

TAILQ_HEAD(vw_handshake_list, vw_handshake);

struct vw_handshakes {
    struct ev_loop *loop;
    const struct vw_clock *clock;
    struct vw_handshake_list waiting, begun; /* the oldest first */
    /* Of these, who has something to read, the newest first. */
    struct vw_handshake_list fresh, going_on;
    uint32_t n_begun;
    uint32_t steps;
    ev_prepare turn; /* together with the next, which keeps the loop from waiting */
    ev_idle awake;
    ev_timer tick;
};

void vw_handshakes_init(struct vw_handshakes *h, struct ev_loop *loop,
                        const struct vw_clock *clock);
void vw_handshakes_finish(struct vw_handshakes *h);

/* C, which is new, has hands to shake. VW_ENOMEM or 0. */
int vw_handshake_add(struct vw_conn *c);
/* There is something to read: a step is to be taken by vw_conn_read. */
void vw_handshake_ready(struct vw_conn *c);
/* Hands are shaken, or C goes. */
void vw_handshake_remove(struct vw_conn *c);
