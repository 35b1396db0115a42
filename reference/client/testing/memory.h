// SPDX-License-Identifier: MIT
// A connection that is all in memory, and a clock that stands still: for tests and fuzz targets
// that drive the client without sockets, processes or sleeping. poll(2) and vw_now_ms are replaced
// by the linker's --wrap in programs that use this, so that a blocking call of the client runs as
// it is: where it would sleep, the peer gets its turn, and when that has nothing to do the time
// passes at once. Several connections may be open at a time; not for several threads.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/transport.h"
#include "xdr/xdr.h"

#define VW_MEMORY_START_MS 1000 /* what the clock shows at first */
#define VW_MEMORY_SPINS    100  /* polls in a row without effect: the client spins */
#define VW_MEMORY_OPEN     256  /* connections at a time */
#define VW_MEMORY_RECORDS  64   /* put and not yet read, of a connection with records */

struct vw_memory {
    struct vw_transport transport; /* first */

    /* What the peer does when the client waits. False: nothing, the time may pass. NULL: never
     * does anything. */
    bool (*turn)(void *user, struct vw_memory *m);
    /* What the client has sent. NULL: it is dropped. */
    void (*sent)(void *user, struct vw_memory *m, const uint8_t *bytes, size_t len);
    /* The client has closed it. NULL: it is not told. */
    void (*closed_by_client)(void *user, struct vw_memory *m);
    void *user;

    struct vw_buf to_client; /* from AT on: not read yet */
    size_t at;
    size_t chunk;      /* most bytes that one read gives; 0: any number */
    bool closed;       /* end of file behind them */
    int recv_error;    /* negative errno instead of the end of file, or 0 */
    size_t send_room;  /* bytes that the peer still takes before it stops reading */
    int send_error;    /* negative errno of every write, or 0 */
    struct vw_fds fds; /* go with the next byte that is read */
    size_t unread;     /* bytes written that the peer has not looked at yet, as SIOCOUTQ tells */

    uint8_t flip; /* each byte of both sides is another one on its way, by this XOR: a layer */

    size_t received, taken; /* bytes: put by the peer, written by the client */
    bool open;              /* false once the client has closed it */
    bool shut;              /* the client has ended its sending side */

    /* With VW_CAP_RECORDS: one for each put, its end counted as in RECEIVED. */
    size_t record_ends[VW_MEMORY_RECORDS];
    unsigned n_records;
    bool in_record, began; /* a part of the first was read; the last read began it */
    int fd;                /* of no open file */
};

/* Starts a connection, the only one, with the clock at its start. CAPS: one of vw_transport_caps,
 * or 0. The transport for the client is &m->transport; M is the caller's and outlives it. */
void vw_memory_init(struct vw_memory *m, unsigned caps);
/* One beside those that there are; the clock goes on. At most VW_MEMORY_OPEN. */
void vw_memory_join(struct vw_memory *m, unsigned caps);
/* Descriptors that nobody took are closed. */
void vw_memory_finish(struct vw_memory *m);
/* What the peer sends; with VW_CAP_RECORDS one record. False: no memory, nothing is sent. */
bool vw_memory_put(struct vw_memory *m, const void *bytes, size_t len);
/* Bytes that the client has not read yet. */
size_t vw_memory_left(const struct vw_memory *m);

/* The clock goes back to its start; for a run whose first connection is still to be made. */
void vw_memory_start(void);
int64_t vw_memory_now(void);
void vw_memory_pass(int64_t ms);
