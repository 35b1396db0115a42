// SPDX-License-Identifier: MIT
// The daemon's end of an open stream: it takes what the client sends (S-9, S-11), or gives what the
// client is to get (S-1), a packet at a time as the connection takes them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "mock-daemon/handler.h"
#include "session/session.h"

struct vw_contents;
struct vw_transfer;

/* What one procedure does with data. */
struct vw_transfer_kind {
    /* NULL: all is well; else why the stream ends with an error (38/38, S-7). The member is NULL:
     * who sends data is told that this stream takes none (S-15). */
    const char *(*data)(struct vw_transfer *t, const uint8_t *bytes, size_t len);
    /* The same for a hole of LENGTH bytes. NULL: this stream has none, and one ends the connection
     * (S-11). */
    const char *(*hole)(struct vw_transfer *t, uint64_t length);
    /* The client has no more (an empty CONTINUE). NULL: nothing happens. */
    void (*end)(struct vw_transfer *t);
    /* The client has sent all, and asks for the end (S-5). NULL: nothing happens. */
    void (*finish)(struct vw_transfer *t);
};

struct vw_transfer {
    TAILQ_ENTRY(vw_transfer) link;
    const struct vw_transfer_kind *kind;
    struct vw_conn *conn;
    struct vw_header header; /* of the call that opened the stream */
    bool ended;              /* data must not follow */
    bool dead;               /* a hole could not be applied: nothing is answered any more (S-11) */
    void *target;            /* kind's own */
    uint64_t at, left;       /* kind's own: where the next byte goes, and how many may follow */
    /* What gives: LEFT bytes from here on, of which RUN are data or a hole. */
    const uint8_t *from;
    uint64_t run;
    struct vw_contents *contents; /* where that is, held until the end; NULL: elsewhere */
    bool sparse, hole;
};

TAILQ_HEAD(vw_transfers, vw_transfer);

/* The call opens a stream that takes data: c->transfer is made. */
enum vw_outcome vw_transfer_take(struct vw_call *c, const struct vw_transfer_kind *kind);
/* The call opens a stream that gives LEN bytes, which stay where they are as long as the daemon
 * runs, and then ends. */
enum vw_outcome vw_transfer_give(struct vw_call *c, const uint8_t *bytes, size_t len);
/* The same of LEN bytes at AT of a volume. SPARSE: zeros go as holes (S-11). */
enum vw_outcome vw_transfer_give_contents(struct vw_call *c, struct vw_contents *k, uint64_t at,
                                          uint64_t len, bool sparse);
void vw_transfer_destroy(struct vw_transfer *t);

/* The other end of T has gone: the client is told of the end, and that it was not asked for (S-13).
 * T is no more. */
void vw_transfer_hang_up(struct vw_transfer *t);

/* A STREAM_DATA, STREAM_END, STREAM_HOLE, STREAM_FINISH or STREAM_ABORT of a client. */
int vw_transfer_event(struct vw_conn *c, struct vw_transfer *t, const struct vw_event *ev);

/* ---- all those of a connection ---- */

/* Queues packets of the streams that give, each in its turn, until MOST bytes wait to be written,
 * or all connections have given enough in this turn of the loop. 0, or VW_ENOMEM. */
int vw_transfers_give(struct vw_conn *c, size_t most);
void vw_transfers_finish(struct vw_conn *c);
/* Ends them all with an error: what they are about goes. */
void vw_transfers_abort(struct vw_conn *c, const char *why);
