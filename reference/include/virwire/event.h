// SPDX-License-Identifier: MIT
// What callbacks are told: one event for each message that means something to whoever gets it, and
// the error with which a server answers (E-1). Events are the library's: they and all that they
// refer to are valid during the call; later releases may add members behind the last. Users of a
// client get REPLY and ERROR (of a call), MESSAGE (of a watch, or that nobody asked for), VIOLATION
// and CLOSED; the others are for those of a session (virwire-engine).
#pragma once

#include <virwire/memory.h>

VW_BEGIN_DECLS

struct vw_finding;
struct vw_proc;

/* Who sent something. */
enum vw_side { VW_SIDE_CLIENT, VW_SIDE_SERVER };

/* The six words of each message (H-1). Any 32-bit value may stand in type and status (H-6), so both
 * are plain ints. */
struct vw_header {
    uint32_t program;
    uint32_t version;
    int32_t procedure;
    int32_t type;
    uint32_t serial;
    int32_t status;
};

/* Codes and domains that rules of the protocol itself name. All others: vw_error_code_name. */
enum {
    VW_ERR_INTERNAL = 1,
    VW_ERR_NO_SUPPORT = 3,
    VW_ERR_NO_CONNECT = 5,
    VW_ERR_INVALID_ARG = 8,
    VW_ERR_OPERATION_DENIED = 29,
    VW_ERR_SYSTEM = 38,
    VW_ERR_RPC = 39,
    VW_ERR_NO_DOMAIN = 42,
    VW_ERR_AUTH_FAILED = 45,
    VW_FROM_NONE = 0,
    VW_FROM_RPC = 7,
    VW_FROM_TEST = 12,
    VW_FROM_REMOTE = 13,
    VW_FROM_DOMAIN = 20,
    VW_FROM_STREAMS = 38,
    VW_FROM_ADMIN = 62,
    VW_LEVEL_ERROR = 2
};

/* An object that the error is about (E-2). */
struct vw_error_object {
    const char *name;
    uint8_t uuid[16];
    int32_t id; /* dom only */
};

/* NULL strings are absent ones, which differ from empty ones. Strings end at their first
 * NUL, as every client takes them. */
struct vw_remote_error {
    int32_t code;
    int32_t domain;
    int32_t level;
    const char *message;
    const char *str1;
    const char *str2;
    const char *str3;
    int32_t int1;
    int32_t int2;
    const struct vw_error_object *dom; /* NULL: absent */
    const struct vw_error_object *net;
};

enum vw_event_kind {
    VW_EVENT_CALL,          /* server, observer: value holds the arguments */
    VW_EVENT_REPLY,         /* client, observer: value holds the result */
    VW_EVENT_ERROR,         /* client, observer: a call failed; error is set */
    VW_EVENT_MESSAGE,       /* client, observer: an event of the server (V-2); value */
    VW_EVENT_STREAM_DATA,   /* body (S-3) */
    VW_EVENT_STREAM_END,    /* empty CONTINUE (S-4): no more data from there */
    VW_EVENT_STREAM_FINISH, /* status OK: asked for by the client, or confirmed (S-5, S-6) */
    VW_EVENT_STREAM_ABORT,  /* server, observer: status ERROR from the client (S-6) */
    VW_EVENT_STREAM_ERROR,  /* client, observer: status ERROR from the server; error (S-7) */
    VW_EVENT_STREAM_HOLE,   /* hole_length, hole_flags (S-11) */
    VW_EVENT_PING,          /* seen; a client or server has already answered it (K-2) */
    VW_EVENT_PONG,
    VW_EVENT_DROPPED,   /* a message that has no effect; clause says why (D-3, D-6, D-7, K-3) */
    VW_EVENT_REFUSED,   /* server: the session has answered with error itself (D-1 to D-12) */
    VW_EVENT_VIOLATION, /* FROM broke clause; text says how */
    VW_EVENT_CLOSED     /* the last event (observer: of that side) */
};

enum vw_close_reason {
    VW_CLOSE_EOF,       /* the peer ended the connection between two messages */
    VW_CLOSE_TRUNCATED, /* ... in the middle of a message */
    VW_CLOSE_VIOLATION, /* what it sent makes the connection useless; clause (F-12, D-14 to D-16) */
    VW_CLOSE_KEEPALIVE, /* it no longer answers (K-5, K-6) */
    VW_CLOSE_LOCAL      /* this side has closed it, and all output is written */
};

struct vw_event {
    enum vw_event_kind kind;
    enum vw_side from;
    /* Of the message; length 0 when the event is not about one. */
    uint32_t length; /* the length word */
    uint64_t offset; /* of the length word, in bytes from the start of FROM's stream */
    struct vw_header header;
    const struct vw_proc *proc; /* NULL: unknown */
    const uint8_t *message;     /* LENGTH bytes */
    const uint8_t *body;        /* of them, behind the header and the descriptor count */
    size_t body_len;
    /* CALL, REPLY, MESSAGE: the decoded body, a struct of protocol.h; NULL when the procedure has
     * no such type, and for an observer when it cannot be decoded. */
    void *value;
    size_t value_len; /* bytes of the body that the value took; less than body_len: D-10 */
    /* Descriptors that came with it: of a session's event the caller's from here; of a client's see
     * vw_client_take_fds. */
    const int *fds;
    uint32_t n_fds;
    /* ERROR, STREAM_ERROR, REFUSED: code, domain, texts. */
    struct vw_remote_error error;
    bool local;         /* ERROR: made here (H-9, K-6, connection lost), not by the server */
    bool stream;        /* REPLY: the call opened a stream (S-2) */
    bool high_priority; /* CALL: D-27 */
    bool early;        /* STREAM_*, client: ahead of the reply to its call, which does happen (S-2);
                          user is that of the call */
    bool out_of_order; /* REPLY, ERROR: an earlier call is still unanswered (H-8) */
    void *user;        /* of a session's event: as given with its call or stream */
    int64_t hole_length; /* STREAM_HOLE */
    uint32_t hole_flags;
    enum vw_close_reason reason; /* CLOSED */
    /* VIOLATION: the clause, whose bytes, and the offset of the byte at fault, or else of
     * the message, from the start of what that side has sent, with the field path if there is one.
     * Clause and text below are those of the finding. Its count is more than 1 where further
     * violations by the same message were not kept. */
    const struct vw_finding *finding;
    const char *clause; /* of docs/protocol/PROTOCOL.md, static; "" when none */
    const char *text;   /* one sentence; "" when there is none */
};

/* "VIR_ERR_NO_DOMAIN", "VIR_FROM_TEST", or NULL when the number is newer than this program (E-5).
 */
const char *vw_error_code_name(int32_t code);
const char *vw_error_domain_name(int32_t domain);
/* "reply", "error", "event", "closed", ... Never NULL. */
const char *vw_event_kind_name(enum vw_event_kind kind);

VW_END_DECLS
