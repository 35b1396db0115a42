// SPDX-License-Identifier: MIT
// What was captured: the connections in a file of packets, or the bytes that one side sent, as they
// are or as text, and what is said in them. Bytes of the file go in as they come; memory is
// bounded, whatever the file says and however long it is. Engine: it may change with every release
// (docs/api.md).
#pragma once

#include "capture/talk.h"
#include "capture/tcp.h"

enum vw_captured_kind {
    VW_CAPTURED_BEGIN,   /* a connection */
    VW_CAPTURED_TALK,    /* said in it */
    VW_CAPTURED_COMMENT, /* TEXT stands with a packet */
    VW_CAPTURED_OVER,    /* its end */
    VW_CAPTURED_SECRETS  /* the file has keys of TLS; no connection */
};

struct vw_captured_event {
    enum vw_captured_kind kind;
    /* Of bytes without packets: number 1, family 0. */
    const struct vw_tcp_conn *conn;
    const struct vw_talk_event *talk;
    const char *text;
    enum vw_side from; /* COMMENT */
    int64_t ns;
    bool reset; /* OVER: broken by one side */
};

struct vw_captured_options {
    const struct vw_profile *profile;
    uint16_t port;   /* see struct vw_tcp_options */
    unsigned strict; /* see struct vw_session_options */
    /* Not 0 ends the reading with that. */
    int (*sink)(void *user, const struct vw_captured_event *ev);
    void *user;
};

struct vw_captured;

int vw_captured_create(const struct vw_captured_options *o, struct vw_captured **out,
                       struct vw_error *err);
/* NULL is fine. */
void vw_captured_destroy(struct vw_captured *c);
/* The next LEN bytes of the file. VW_ESYNTAX, VW_ELIMIT: what is wrong with it, with the offset, or
 * for text with line and column; what was told before stands. VW_ENOMEM, or what the sink said. */
int vw_captured_feed(struct vw_captured *c, const void *bytes, size_t len, struct vw_error *err);
/* The file is over: tells the end of each connection. Also VW_ETRUNCATED. To be called behind an
 * error of the file as well. */
int vw_captured_end(struct vw_captured *c, struct vw_error *err);

/* Packets that came to nothing. */
const struct vw_tcp_lost *vw_captured_lost(const struct vw_captured *c);
