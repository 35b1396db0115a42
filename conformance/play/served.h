// SPDX-License-Identifier: MIT
// The server of a case about a client: a virwired of its own in a private folder, with the rules
// and faults of the case, and what was said to it once it has ended.
#pragma once

#include "conformance/play/client-commands.h"
#include "conformance/play/condition.h"
#include "conformance/play/place.h"
#include "conformance/play/run.h"
#include "conformance/play/spawned.h"

#define VW_SERVED_NAME "server" /* of the spawned program */

/* A message that passed. */
struct vw_overheard {
    struct vw_overheard *next;
    bool from_client;
    uint64_t conn; /* from 1 */
    struct vw_header header;
    size_t len; /* kept, from the length word on; all, unless it is very long */
    uint8_t bytes[];
};

/* A rule that the client broke. */
struct vw_heard_breach {
    struct vw_heard_breach *next;
    char clause[8];
    char text[200];
    bool excused;
};

struct vw_served {
    char dir[VW_PLACE_ROOM];  /* private; "" once it is gone */
    struct vw_spawned *child; /* of the run; NULL: it has ended */
    char listening[300];      /* the URI that it listens on; "" until it does */
    bool admin;               /* it speaks the administration there, and nothing else */
    const char *tls;          /* a folder of certificates for clients; NULL: no TLS */
    const char *authfile;     /* what clients log in with, or NULL */
    const char *profile;      /* that it speaks as, if it is not that of the run; or NULL */
    char *uri;                /* for clients, in the arena of the run */
    bool heard;               /* what it recorded has been read: the rest is valid */
    struct vw_overheard *messages, *last;
    size_t n_messages, n_dropped;
    uint64_t connections;
    struct vw_heard_breach *breaches;
};

/* Starts it as SERVE, the value of that verb, says. VW_ESYSTEM, VW_ENAME, VW_ENOMEM, VW_ESYNTAX. */
int vw_served_start(struct vw_run *run, const struct vw_node *serve, struct vw_error *err);
/* Whether it is ready. Negative: it has ended, and ERR says what it said. */
int vw_served_ready(struct vw_run *run, struct vw_error *err);
/* Whether it has failed by itself: what its client meets then is not the client's fault. ERR says
 * how. */
bool vw_served_failed(const struct vw_run *run, struct vw_error *err);
/* Ends it and removes its folder. */
void vw_served_finish(struct vw_run *run);

/* Whether case C can be played under UNDER: it does not say itself what its server listens on, or
 * it listens as usual. */
bool vw_served_fits(const struct vw_case *c, const struct vw_condition *under);

/* TEXT with {uri}, {does}, {dir}, {socket}, {port}, {pki} replaced, in the arena of the run. */
const char *vw_served_fill(struct vw_run *run, const char *text, const char *does,
                           struct vw_error *err);

extern const struct vw_keys vw_serve_keys;
