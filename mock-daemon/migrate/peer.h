// SPDX-License-Identifier: MIT
// The other end of a migration that the daemon makes by itself (peer to peer): a connection of its
// own to the target, turned by its loop, and the phases there, one call after the other.
#pragma once

#include <ev.h>
#include <virwire/client.h>
#include <virwire/stream.h>

#include "mock-daemon/migrate/migration.h"

enum vw_peer_step {
    VW_PEER_OPENS,
    VW_PEER_ASKS,         /* whether it takes typed parameters, */
    VW_PEER_ASKS_VERSION, /* and else whether it has version 3 */
    VW_PEER_PREPARES,
    VW_PEER_TUNNELS, /* bytes go through the stream of prepare */
    VW_PEER_MOVES,   /* nothing is asked until the domain has moved */
    VW_PEER_FINISHES,
    VW_PEER_CLOSES
};

struct vw_migrate_peer {
    struct vw_migration *migration;
    enum vw_peer_step step;
    struct ev_loop *loop;
    ev_io io;
    ev_timer timer;
    struct vw_client *client;
    struct vw_arena arena; /* of what follows, and of the URI */
    struct vw_wish wish;   /* XML, name and cookie that the target is given next */
    bool answered;         /* what the step asked for has its answer */
    bool refused;          /* and that was an error */
    bool lost;             /* there is no connection any more */
    bool params;           /* the forms with typed parameters */
    bool version3;         /* else version 2 */
    /* What it comes to nothing for; code 0: so far nothing. */
    int32_t code, domain;
    char why[512];
    struct vw_stream *stream; /* NULL: no tunnel, or no more */
    uint64_t left;            /* bytes that go through it yet */
};

/* Connects to URI for M, whose domain is XML and COOKIE for the target; who waits for the perform
 * of M is told the end. Else the error of the call is set. */
enum vw_outcome vw_peer_start(struct vw_call *c, struct vw_migration *m, const struct vw_wish *w,
                              const char *uri);
/* NULL is fine. The target, if it is still connected, takes that for a failure. */
void vw_peer_destroy(struct vw_migrate_peer *p);
/* The domain stands still, and COOKIE says what of it is to be known at the end. */
void vw_peer_moved(struct vw_migrate_peer *p, const struct vw_bytes *cookie);
/* It shall come to nothing. WHY is copied. */
void vw_peer_cancel(struct vw_migrate_peer *p, int32_t code, const char *why);

/* ---- the calls (peer-calls.c): what P asks in its step; 0 or VW_E* ---- */

int vw_peer_ask(struct vw_migrate_peer *p, struct vw_error *err);
