// SPDX-License-Identifier: MIT
// One connection of a running case: bytes out as the case wants them cut, whole frames in. What
// comes is read by an observer (session/session.h) that is told of the calls, since cases send what
// no client would. What it finds hangs on the frame, or on the connection, until a step or the end
// judges it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>
#include <virwire/memory.h>
#include <virwire/uri.h>

#include "client/opening.h"
#include "message/message.h"
#include "scenario/format.h"
#include "schema/profile.h"
#include "schema/schema.h"
#include "session/session.h"
#include "transport/transport.h"

#define VW_LINK_LOG_ENTRIES  200  /* kept of each connection's life; the rest is counted */
#define VW_LINK_LOG_BYTES    4096 /* kept of each entry */
#define VW_LINK_INBOX_FRAMES 4096
#define VW_LINK_INBOX_BYTES  (80u * 1024 * 1024)

/* Something that was sent and may be answered. */
struct vw_sent {
    struct vw_sent *next;
    char label[VW_NAME_ROOM];
    struct vw_header header;
    const struct vw_proc *proc; /* NULL: unknown to the schema */
    bool answered;
    uint64_t data; /* bytes of it that were taken, where it has opened a stream */
};

/* A rule that the peer broke. */
struct vw_breach {
    struct vw_breach *next;
    const char *clause;      /* static */
    const char *path;        /* of the field: "header.type", "dom.name"; or "" */
    const char *text;        /* with the path of what is in the body */
    struct vw_header header; /* of its frame; of none: all 0 */
    bool with_body;          /* that has one */
};

/* A frame that came and that no step has taken yet. */
struct vw_got {
    struct vw_got *next;
    enum vw_event_kind kind; /* what it is to the observer */
    struct vw_header header;
    bool short_header;
    uint32_t length; /* the length word, and so many bytes */
    size_t body;     /* where it starts in them */
    struct vw_breach *breaches;
    uint8_t bytes[];
};

enum vw_log_kind { VW_LOG_SENT, VW_LOG_RECEIVED, VW_LOG_NOTE, VW_LOG_REST /* no whole message */ };

struct vw_log_entry {
    struct vw_log_entry *next;
    enum vw_log_kind kind;
    int64_t at_us;    /* from the start of the run */
    const char *conn; /* name of the connection; "" for the first */
    size_t len;       /* of what was sent or came */
    size_t kept;      /* of it, in bytes */
    size_t mark;      /* where in it something is wrong, from 1; 0: nowhere */
    size_t marked;    /* so many bytes are */
    uint8_t bytes[];  /* a note: text */
};

struct vw_log {
    struct vw_log_entry *first, *last;
    size_t count;
    size_t dropped;
    int64_t start_us;
};

/* The log-in of a connection, until it is over. */
struct vw_link_entry {
    struct vw_client_options options;
    struct vw_answers answers;
    struct vw_login *login;
    const struct vw_proc *proc; /* of the call that waits for its answer, or NULL */
    uint32_t serial;            /* of it */
    struct vw_sasl *sasl;       /* to be put on, or NULL */
    bool holds;                 /* a layer may begin behind its answer ... */
    bool held;                  /* ... which has come: nothing behind it is looked at */
};

/* Descriptors that go to the peer (P-3): copies of one end of a pipe, whose other end tells when
 * the peer has none of them any more (passed.c). */
struct vw_pass {
    size_t at; /* they go with this byte of OUT */
    uint32_t count;
};
struct vw_passed {
    bool piped;              /* there is a pipe */
    int ours;                /* its end that stays here */
    int theirs;              /* the other; -1: let go */
    struct vw_pass *waiting; /* rising; those from NEXT on are not written yet */
    size_t n_waiting, next;
};

struct vw_link {
    struct vw_link *next;
    char name[VW_NAME_ROOM];
    struct vw_transport *transport; /* NULL after close */
    struct vw_transport *below;     /* of the layer that TRANSPORT is, or NULL */
    bool fds;                       /* descriptors that come are taken */
    struct vw_session *watch;       /* the observer */
    struct vw_arena scratch;        /* of the event at hand */
    struct vw_arena arena;          /* of the breaches */
    struct vw_breach *breaches;     /* of no frame: framing, records */
    struct vw_got *latest;          /* whose breaches may still be told */
    uint64_t latest_at;             /* its offset */
    struct vw_log_entry *logged;    /* it, in the log of the run */
    struct vw_log *log;             /* of the run that holds the connection */

    const struct vw_profile *profile;
    enum vw_transport_kind kind;
    const struct vw_condition *condition; /* under which it is (under.h); NULL: as usual */
    uint32_t n_beside;                    /* calls beside those of the case */
    bool crowded;                         /* there is no room for more of them */

    struct vw_buf out; /* to be written; out_done of it are */
    size_t out_done;
    size_t piece; /* largest write; 0: as much as goes */
    size_t *cuts; /* writes end at these places of OUT; rising */
    size_t n_cuts;
    bool whole;   /* a write takes what goes, whatever messages it is of */
    size_t *ends; /* where the messages in OUT end: over TLS a write takes no more (T-5) */
    size_t n_ends, next_end;
    int64_t piece_us; /* when the last piece was written */
    bool end_output;  /* shut the sending side down when all is written (C-8) */

    struct vw_passed passed;

    uint32_t next_serial;
    struct vw_sent *sent, **sent_tail;
    struct vw_got *inbox, **inbox_tail;
    size_t inbox_count, inbox_bytes;

    int64_t heard_ms;  /* when bytes came last; 0: never */
    size_t reads;      /* that gave some */
    size_t reads_then; /* the same when the wait of the run began */

    bool deaf;             /* what comes is left where it is (D-26) */
    bool pings_unanswered; /* PINGs are left without a PONG (K-5) */

    struct vw_link_entry *entry; /* NULL: none has begun, or it is over */
    int32_t method;              /* of the log-in: VW_AUTH_* */
    bool open;                   /* CONNECT_OPEN was answered */
    const struct vw_proc
        *goodbye;          /* the call without arguments that is sent before the end, or NULL */
    bool read_only;        /* ... with the flag */
    bool eof;              /* the peer ended it */
    int reset;             /* errno of a failed read or write, or 0 */
    bool flooded;          /* more came than is kept */
    const char *broken;    /* why nothing more can be read (F-12); NULL: it can */
    const char *resembles; /* the kind of what stands there then (message/diagnose.h), or NULL */
};

/* How connections are made. */
struct vw_connector {
    /* NULL: vw_transport_open, whose rules it keeps. */
    int (*connect)(void *user, const struct vw_uri *uri, int64_t deadline_ms,
                   struct vw_transport **out, struct vw_error *err);
    void *user;
    struct vw_recorder *recorder;         /* of all of them; NULL: none */
    const struct vw_condition *condition; /* of all of them; NULL: as usual */
    bool fds; /* descriptors that come are the observer's to judge (P-3), where they can come */
    vw_warn_fn warn; /* what TLS has against the server, all the same; NULL: not told */
    void *warned;    /* its first argument */
};

int vw_connect(const struct vw_connector *how, const struct vw_uri *uri, int64_t deadline_ms,
               struct vw_transport **out, struct vw_error *err);
int vw_link_open(const struct vw_connector *how, const struct vw_uri *uri,
                 const struct vw_profile *profile, int64_t deadline_ms, struct vw_link **out,
                 struct vw_error *err);
void vw_link_destroy(struct vw_link *c);

/* The peer has ended it, or nothing more can be read. */
static inline bool vw_link_over(const struct vw_link *c)
{
    return c->eof || c->reset || c->broken || c->flooded || !c->transport;
}

/* Queues bytes, and tells the log: a message as a rule: where there are records, it gets its own
 * (T-5). VW_ENOMEM or 0. */
int vw_link_send(struct vw_link *c, const void *bytes, size_t len, struct vw_error *err);
/* The same whatever the condition says. */
int vw_link_queue(struct vw_link *c, const void *bytes, size_t len, struct vw_error *err);
/* Remembers a call, which was BENT or not. LABEL is cut at 31 bytes. */
int vw_link_expect_answer(struct vw_link *c, const char *label, const struct vw_header *h,
                          const struct vw_proc *proc, bool bent, struct vw_error *err);

/* COUNT descriptors go with the byte that is queued next. VW_ENOMEM, VW_ESYSTEM or 0. */
int vw_link_pass(struct vw_link *c, uint32_t count, struct vw_error *err);
/* What goes with the next byte that is written, or NULL: a write of it takes that byte alone. */
const struct vw_pass *vw_link_passing(const struct vw_link *c);
/* The peer has closed all that were passed; ours is let go, and a later pass is another matter. */
bool vw_link_released(struct vw_link *c);
void vw_link_unpass(struct vw_link *c);

/* Bytes that are not written yet. */
size_t vw_link_unsent(const struct vw_link *c);

/* ---- the log-in ---- */

/* Reads on behind the answer that came last. VW_ENOMEM or 0. */
int vw_link_release(struct vw_link *c, struct vw_error *err);
/* The same through the layer c->entry->sasl. All must be written. VW_ENOMEM or 0. */
int vw_link_put_on(struct vw_link *c, struct vw_error *err);
/* It is over: frees c->entry. */
void vw_link_entered(struct vw_link *c);

/* For poll(2): the descriptor (-1: none) and the events wanted. */
int vw_link_fd(const struct vw_link *c);
short vw_link_events(const struct vw_link *c);
/* Reads and writes what goes without waiting. True if anything changed. VW_ENOMEM goes to ERR. */
bool vw_link_pump(struct vw_link *c, struct vw_error *err);

/* Takes GOT out of the inbox and frees it. */
void vw_link_take(struct vw_link *c, struct vw_got *got);
/* Everything sent that may be answered is, and nothing is left. */
bool vw_link_is_clean(const struct vw_link *c);
/* Forgets labels, inbox and log of the case before, for a shared connection. */
void vw_link_recycle(struct vw_link *c);

void vw_log_add(struct vw_log *log, enum vw_log_kind kind, const char *conn, const void *bytes,
                size_t len);
void vw_log_note(struct vw_log *log, const char *conn, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Of the entry that is GOT, LENGTH bytes from AT are wrong, where none are marked yet. */
void vw_log_mark(struct vw_log *log, const struct vw_got *got, size_t at, size_t length);
void vw_log_finish(struct vw_log *log);
