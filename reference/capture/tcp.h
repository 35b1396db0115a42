// SPDX-License-Identifier: MIT
// What the two sides of TCP connections sent, out of packets: IPv4 and IPv6 in each frame of enum
// vw_link; retransmitted, overlapping and disordered segments put right, connections that began
// before the capture, packets that it lacks. Memory is bounded: so many connections, so much that
// waits for what should come first (tcp.c).
//
// A connection is told of if its port was asked for; by default, if that is one of libvirt's or the
// first bytes look like a message. The server is who was connected to, or else who has that port,
// or else whose message it was.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <virwire/error.h>
#include <virwire/event.h>

#include "capture/pcapng.h"
#include "message/message.h"

struct vw_tcp_conn {
    uint64_t number;        /* from 1, in the order of their beginnings */
    uint8_t family;         /* 4 or 6 */
    bool joined;            /* it began before the capture, as far as that goes */
    uint8_t address[2][16]; /* by enum vw_side */
    uint16_t port[2];
    void *user; /* the sink's */
};

enum vw_tcp_kind {
    VW_TCP_BEGIN,   /* ahead of all others */
    VW_TCP_BYTES,   /* from FROM */
    VW_TCP_MISSING, /* LEN bytes from FROM are not in the capture */
    VW_TCP_COMMENT, /* with a packet, ahead of its bytes; no NUL stands behind it */
    VW_TCP_END,     /* FROM sends nothing more */
    VW_TCP_OVER     /* the last: both have ended, or one has broken it, or the capture ends */
};

struct vw_tcp_event {
    enum vw_tcp_kind kind;
    struct vw_tcp_conn *conn;
    enum vw_side from;
    int64_t ns;      /* when it came */
    uint64_t offset; /* of its packet in the file */
    const uint8_t *bytes;
    size_t len;
    bool reset; /* OVER: one has broken it */
};

struct vw_tcp_options {
    const struct vw_limits *limits; /* what a message may look like; kept by pointer */
    uint16_t port;                  /* of the server; 0: see above */
    /* Not 0 ends the reading with that. */
    int (*sink)(void *user, const struct vw_tcp_event *ev);
    /* A connection that was begun is forgotten; behind OVER, if that was told. May be NULL. */
    void (*forget)(void *user, struct vw_tcp_conn *conn);
    void *user;
};

struct vw_tcp;

/* Why packets came to nothing, for people. */
struct vw_tcp_lost {
    uint64_t other;     /* no TCP over IP */
    uint64_t fragments; /* of IP, of which others are missing */
    uint64_t cut;       /* shorter than their headers */
    uint64_t strangers; /* of connections that are not told of */
    uint64_t crowded;   /* connections that were given up, being too many */
};

int vw_tcp_create(const struct vw_tcp_options *o, struct vw_tcp **out, struct vw_error *err);
/* Without telling of the end of what is open. NULL is fine. */
void vw_tcp_destroy(struct vw_tcp *t);
/* VW_ENOMEM, or what the sink said. */
int vw_tcp_packet(struct vw_tcp *t, const struct vw_packet *p);
/* There are no more packets: what waits is told, then the end of each connection. */
int vw_tcp_end(struct vw_tcp *t);
const struct vw_tcp_lost *vw_tcp_lost(const struct vw_tcp *t);
