// SPDX-License-Identifier: MIT
// What the files of the client share.
#pragma once

#include <virwire/client.h>
#include <virwire/stream.h>
#include <virwire/watch.h>

#include "client/below.h"
#include "client/opening.h"
#include "xdr/args.h"

#define VW_CLIENT_TIMEOUT_MS 30000

/* A call in flight. Kept in a list by deadline, so that the first one is the next to run out. */
struct vw_pending {
    vw_client_done_fn done;
    void *user;
    struct vw_stream *stream; /* that the reply opens; NULL: none that anybody wants */
    int64_t deadline_ms;
    uint32_t serial;
    struct vw_pending *prev, *next; /* next alone: list of free ones */
};

struct vw_opening;

struct vw_client {
    struct vw_client_options options;
    struct vw_transport_options asks; /* of the options, for the transport */
    struct vw_profile *profile;       /* that nobody gave; NULL: the caller's */
    const struct vw_filter *filter;   /* of the session; NULL: none */
    struct vw_session *session;       /* NULL: it is still being connected */
    struct vw_transport *transport;   /* the same */
    struct vw_arena arena;            /* of the event that is handed out */
    struct vw_arena *call_arena;      /* of the result that a blocking call waits for, or NULL */
    uint32_t call_serial;
    struct vw_pending first_last; /* head of the ring of pending calls */
    struct vw_pending *free;
    struct vw_remote_error error; /* of the last blocking call */
    struct vw_arena error_arena;
    struct vw_stream *streams; /* all that are not destroyed */
    uint32_t n_full;           /* streams with a full queue: nothing is read, nothing handed out */
    bool resume;               /* n_full fell to 0: what lies here already can be handed out */
    struct vw_watch *watches;  /* all registrations */
    const int *fds;            /* of the reply that is handed out; closed if nobody takes them */
    uint32_t n_fds;
    uint32_t features_known, features; /* answers of CONNECT_SUPPORTS_FEATURE, by bit */
    struct vw_error why;               /* how the connection was lost */
    bool dispatching;                  /* a callback runs */
    struct vw_opening *opening;        /* on the way to a connection that can be used, or NULL */
    bool stopped;      /* what comes belongs to a layer that is not there yet */
    bool write_failed; /* what is queued cannot be written any more */
    bool closed;
    bool keepalive; /* PINGs are sent */
    bool opened;    /* CONNECT_OPEN succeeded */
};

/* ---- client.c ---- */

/* Without a connection. */
int vw_client_create(const struct vw_client_options *options, struct vw_client **out,
                     struct vw_error *err);
/* T is its connection from here on, also on failure. */
int vw_client_adopt(struct vw_client *c, struct vw_transport *t, struct vw_error *err);
/* What the caller submits, and who waits for it here. */
struct vw_outgoing {
    struct vw_submission call;
    struct vw_stream *stream;
    /* vw_client_wait_for: gets the reply as soon as it is here, before anything that came behind
     * it. NULL: nobody. */
    void (*answered)(void *user, const struct vw_event *ev);
    void *answered_user;
};
int vw_client_queue(struct vw_client *c, const struct vw_outgoing *what, uint32_t *serial,
                    struct vw_error *err);
/* The submission of a caller as this release has it. VW_EUSAGE. */
int vw_client_take(const struct vw_submission *given, struct vw_outgoing *out,
                   struct vw_error *err);
void vw_client_close_fds(const int *fds, uint32_t n);
/* Writes what can be written without waiting. */
void vw_client_flush(struct vw_client *c);
/* One turn of a loop: writes, waits until something happens or DEADLINE_MS, processes. As
 * vw_client_process; 0 also when only something was written. Not within a callback. */
int vw_client_turn(struct vw_client *c, int64_t deadline_ms, struct vw_error *err);
/* Stops waiting for the call with SERIAL whose user or stream is OWNER; its answer is dropped when
 * it comes. */
void vw_client_give_up(struct vw_client *c, uint32_t serial, const void *owner);
/* Ends the connection on this side; calls still in flight end with an ERROR. */
void vw_client_end(struct vw_client *c);
/* When a blocking step has to end. */
int64_t vw_client_step_deadline(const struct vw_client *c);
/* Reports why the connection is lost. */
int vw_client_lost(const struct vw_client *c, struct vw_error *err);

/* ---- client-call.c ---- */

/* Submits WHAT (its done and user are set here) and waits for the answer. GOT (may be NULL) takes
 * the descriptors of the reply. */
int vw_client_wait_for(struct vw_client *c, struct vw_outgoing *what, struct vw_arena *arena,
                       void **ret, struct vw_fds *got, struct vw_error *err);
/* VW_EPROTOCOL: an answer broke a rule that concerns it alone. */
int vw_client_report_violation(const struct vw_event *ev, struct vw_error *err);
/* A copy of E in ARENA, without objects. */
void vw_client_copy_error(const struct vw_remote_error *e, struct vw_arena *arena,
                          struct vw_remote_error *out);

/* ---- client-stream.c ---- */

struct vw_queue {
    uint8_t *data;
    size_t start, len, cap; /* items lie from start to len */
    size_t given;           /* bytes of the item that the caller holds, at start */
};

struct vw_stream {
    struct vw_client *client; /* NULL: destroyed */
    struct vw_stream *next;
    struct vw_stream_options options;
    struct vw_header header; /* of its packets */
    const struct vw_proc *proc;
    uint32_t serial;
    enum vw_stream_state state;
    struct vw_queue queue;
    bool full;           /* counted in n_full */
    bool ended;          /* the server has sent its last data */
    bool end_taken;      /* ... and the caller was told so */
    bool overdue;        /* the deadline has passed */
    bool wants_room;     /* ready is to be called when there is room again */
    struct vw_error why; /* IS_LOST */
    struct vw_remote_error error;
    bool has_error;
    struct vw_arena arena; /* of error */
};

/* Calls READY, which may destroy ST. */
void vw_stream_tell(struct vw_stream *st);
/* The deadline of the call of ST has passed; its failure follows. */
void vw_stream_unanswered(struct vw_stream *st);
/* The call of ST was answered, or has failed. False: ST does not take the stream, or there is none.
 */
bool vw_stream_answered(struct vw_stream *st, const struct vw_event *ev);
/* A packet of ST, whose kind is one of VW_EVENT_STREAM_*. */
void vw_stream_event(struct vw_stream *st, const struct vw_event *ev);
/* The connection is lost as c->why says, or closed here. */
void vw_streams_lost(struct vw_client *c);
/* Output was written: who waits for room is told. */
void vw_streams_written(struct vw_client *c);
/* Streams whose deadline is over. Their number. */
int vw_streams_expire(struct vw_client *c, int64_t now);
int64_t vw_streams_deadline(const struct vw_client *c);
/* The client goes: streams stay with their owners, who can only destroy them. */
void vw_streams_forget(struct vw_client *c);
/* One step of waiting, until DEADLINE_MS or that of the stream; WHAT is said at the first. 0: look
 * again. */
int vw_stream_step(struct vw_stream *st, int64_t deadline_ms, const char *what,
                   struct vw_error *err);
void vw_stream_drop_queue(struct vw_stream *st);

/* ---- stream-queue.c ---- */

/* VW_ENOMEM or 0. */
int vw_queue_push(struct vw_queue *q, const struct vw_stream_item *item);
/* Forgets the item that was given out last and gives the next. False: there is none. */
bool vw_queue_take(struct vw_queue *q, struct vw_stream_item *item);
/* Bytes of what is kept, without the item that was given out. */
size_t vw_queue_pending(const struct vw_queue *q);
void vw_queue_finish(struct vw_queue *q);

/* ---- client-watch.c ---- */

/* Gives a message to who watches for it. False: nobody does. */
bool vw_watches_take(struct vw_client *c, const struct vw_event *ev);
/* The client goes. */
void vw_watches_lost(struct vw_client *c);

/* The call NAME (as of today) of the program that is opened, or NULL. */
static inline const struct vw_proc *vw_client_proc(const struct vw_client *c, const char *name)
{
    const char *program = c->options.program ? c->options.program : "remote";
    return vw_schema_call(c->options.profile->schema, program, name);
}

/* ---- client-open.c ---- */

/* A step of the opening, if there is one and its time has come; NOW of the clock. 1: it has come to
 * its end, and who waits was told; else 0. */
int vw_opening_turn(struct vw_client *c, int64_t now);
/* When vw_opening_turn has something to do at the latest. */
int64_t vw_opening_deadline(const struct vw_client *c);
/* The descriptor to wait for until there is a transport. -1: none. */
int vw_opening_fd(const struct vw_client *c, short *events);
/* The client goes. NULL is fine. */
void vw_opening_destroy(struct vw_opening *o);
