// SPDX-License-Identifier: MIT
// What the two roles of `virwire capture replay` share: what was recorded, and what is found to
// differ.
#pragma once

#include "capture/again.h"
#include "capture/entrance.h"
#include "cli/capture.h"
#include "cli/connect.h"
#include "cli/report-files.h"
#include "message/message-json.h"

struct vw_replay_conn {
    struct vw_replay_conn *next;
    uint64_t number; /* in the capture */
    struct vw_entrance entrance;
    bool fds;   /* descriptors went with its calls */
    bool tried; /* of the role of the client: its log-in, which is all that can be read of it */
    /* Of the role of the server: a client has made it; the place of the first message of a client
     * in it that nobody has sent again. */
    bool met;
    size_t first;
    bool only_log_in;            /* of the role of the server: that is all that can be said of it */
    struct vw_replay_talk *talk; /* of the role of the client, while it is said */
    struct vw_replay_guest *guest; /* the same of the server */
};

struct vw_replay_item {
    struct vw_replay_conn *conn;
    enum vw_side from;
    struct vw_frame frame; /* of bytes that are kept */
    uint64_t number, answers;
    bool done;                     /* of the role: it has been said */
    struct vw_replay_asked *asked; /* of the role of the client: what a call has come to */
    struct vw_replay_heard *heard; /* of that of the server: how it came */
};

struct vw_replay_group {
    struct vw_finding finding;
};

struct vw_replay {
    struct vw_capture_in in;
    struct vw_connect x;
    const char *listen; /* NULL: as the client */
    uint64_t connection;
    const char *only; /* --run: findings of this rule */
    struct vw_cli_reports reports;
    struct vw_arena arena; /* of all that is kept */
    struct vw_replay_conn *conns;
    struct vw_replay_item *items; /* in the order in which they were said */
    size_t n, bytes;
    size_t start; /* of the role of the server: all ahead of it is done */
    struct vw_again again;
    const struct vw_replay_item *at; /* what AGAIN compares */
    struct vw_replay_group *groups;
    size_t n_groups;
    uint64_t compared;
    int signals; /* signalfd of the role of the server; else -1 */
};

/* Plays it all. 0, or an exit status after the report of what ended it. */
int vw_replay_as_client(struct vw_replay *r);
int vw_replay_as_server(struct vw_replay *r);

/* How the log-in of CONN ended when it was recorded: 1: let in; -1: refused; 0: it did not, or
 * there was none. */
int vw_replay_log_in_then(struct vw_replay *r, const struct vw_replay_conn *conn);
/* What can be said again of a connection of which nothing but the log-in can be read: a client logs
 * in as its user can, and has to be let in as it was then. 0, or an exit status after the report.
 */
int vw_replay_log_in(struct vw_replay *r, struct vw_replay_item *item);

/* How many descriptors went with ITEM. */
uint32_t vw_replay_n_fds(const struct vw_replay_item *item);
/* N for those that no capture has: of /dev/null. They are the caller's. False: there are none. */
bool vw_replay_stand_ins(uint32_t n, struct vw_fds *out);
/* Queues the bytes of ITEM with another serial. VW_ENOMEM or 0. */
int vw_replay_send_as(struct vw_session *s, const struct vw_replay_item *item, uint32_t serial);
/* The bytes that ITEM adds to its stream, as data or as a hole. */
uint64_t vw_replay_stream_bytes(const struct vw_replay_item *item);

/* A difference at ITEM (NULL: at none): what was recorded, and what is now. VERDICT is VW_FAIL,
 * VW_HUNG or VW_CRASH. */
void vw_replay_tell(struct vw_replay *r, const struct vw_replay_item *item, enum vw_verdict verdict,
                    const char *clauses, const char *path, const char *expected, const char *found);
/* The body of a message as JSON, which may be NULL; BODY has no type then. */
struct json_object *vw_replay_body(struct vw_replay *r, const struct vw_frame *frame,
                                   struct vw_body *body);
/* The call that ITEM answers, or whose stream it belongs to; NULL: none. */
struct vw_replay_item *vw_replay_call_of(struct vw_replay *r, const struct vw_replay_item *item);
bool vw_replay_opens_stream(const struct vw_body *body);
/* Whether the message is one of the log-in, or a PING or PONG: both sides have their own. */
bool vw_replay_is_own(struct vw_replay *r, const struct vw_replay_item *item);
