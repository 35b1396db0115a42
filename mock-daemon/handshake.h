// SPDX-License-Identifier: MIT
// Clients that still shake hands (TLS). A step of that costs as much as a hundred calls and its
// state as much as ten connections, and anybody may ask for it: so steps are taken between the
// turns of the loop, few at a time, and no more handshakes are under way than have room.
#pragma once

#include <ev.h>
#include <stdbool.h>
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

/* ---- for the turns (handshake-turn.c) ---- */

struct vw_handshake {
    TAILQ_ENTRY(vw_handshake) link, next; /* next of those that have something to read */
    struct vw_conn *conn;
    int64_t since_ms; /* when it was accepted or begun */
    bool begun, ready;
};

int64_t vw_handshakes_now_ms(const struct vw_handshakes *h);
/* The oldest handshake that is under way, had time enough, and waits for its client and not for us;
 * or NULL. */
struct vw_handshake *vw_handshake_out_of_time(const struct vw_handshakes *h);
/* Whose step is next; NULL: nobody's for now. Those that are begun and those that are not take
 * turns, and of each the newest and the oldest: whoever comes behind a thousand that came at once,
 * or ahead of them, does not wait for all. */
struct vw_handshake *vw_handshake_next(const struct vw_handshakes *h);
/* Turns are taken if there is a step for one. */
void vw_handshakes_wake(struct vw_handshakes *h);
/* S has nothing to read. */
void vw_handshake_take_out(struct vw_handshakes *h, struct vw_handshake *s);
