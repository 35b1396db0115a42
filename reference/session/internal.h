// SPDX-License-Identifier: MIT
// What the files of the session share, grouped by file.
#pragma once

#include "schema/facts.h"
#include "session/session.h"

/* ---- table.c: calls and streams that are under way ---- */

#define VW_NONE UINT32_MAX

enum vw_under_way_state {
    VW_STREAM_OPEN,
    VW_STREAM_ENDING, /* the client has sent status OK or ERROR */
    VW_STREAM_GONE    /* observer: over; kept to tell what may still come (S-7, S-10) */
};

struct vw_under_way {
    uint32_t program, version, serial;
    int32_t procedure;
    const struct vw_proc *proc;
    void *user;
    uint8_t
        state; /* streams: enum vw_under_way_state; calls: GONE when the stream is over already */
    bool forgotten; /* calls: vw_session_forget */
    bool bent;      /* calls: vw_session_declare_call */
    uint32_t chain; /* next entry of the same bucket, round; or of the free list */
    uint32_t older, newer;
};

/* Entries stay in the order in which they were added; finding one takes constant time. Memory is
 * reused, so that a steady number under way allocates nothing. */
struct vw_table {
    struct vw_under_way *entries;
    uint32_t *buckets; /* the newest of each; cap of them, a power of two */
    uint32_t cap, count;
    uint32_t free;
    uint32_t oldest, newest;
    uint64_t factor; /* of its hash, odd, drawn when it gets its first room */
};

void vw_table_finish(struct vw_table *t);
/* Makes sure that one more can be added. VW_ENOMEM or 0. */
int vw_table_reserve(struct vw_table *t);
/* Adds one after vw_table_reserve; cannot fail. Fields behind the key are 0. */
struct vw_under_way *vw_table_add(struct vw_table *t, const struct vw_header *key);
/* The oldest entry with this program, version and serial, or NULL. PROCEDURE_TOO: and this
 * procedure. */
struct vw_under_way *vw_table_find(const struct vw_table *t, const struct vw_header *key,
                                   bool procedure_too);
/* The oldest entry with this serial, or NULL. */
struct vw_under_way *vw_table_find_serial(const struct vw_table *t, uint32_t serial);
/* One with this serial and user, or NULL. */
struct vw_under_way *vw_table_find_user(const struct vw_table *t, uint32_t serial,
                                        const void *user);
void vw_table_remove(struct vw_table *t, struct vw_under_way *e);
struct vw_under_way *vw_table_oldest(const struct vw_table *t);

/* ---- output.c ---- */

enum vw_mark_kind {
    VW_MARK_FD,    /* the byte at offset goes with a descriptor */
    VW_MARK_END,   /* what was queued at once ends at offset, whatever its length word says */
    VW_MARK_SWITCH /* the layer below changes at offset */
};

struct vw_mark {
    enum vw_mark_kind kind;
    int fd;
    uint64_t offset; /* from the start of the output */
};

struct vw_outbox {
    struct vw_buf buf;
    struct vw_buf *spare; /* what lies ready for all outboxes of one thread, or NULL */
    size_t start;         /* of what is not written yet, in buf */
    uint64_t written;     /* before start */
    size_t unit_left; /* bytes of the first message that a short write has left; 0: at its start */
    bool unit_reply;  /* that message is a reply */
    uint32_t replies; /* that are not wholly written; faults may make it too many until all is */
    bool blocked;     /* the transport has not taken all of what is here */
    struct vw_mark *marks;
    size_t n_marks, cap_marks;
    bool switching; /* at a mark: wait for vw_session_switched */
};

void vw_outbox_finish(struct vw_outbox *o);
/* Room for N marks more, so that what follows cannot fail. */
int vw_outbox_reserve_marks(struct vw_outbox *o, size_t n);
void vw_outbox_mark(struct vw_outbox *o, enum vw_mark_kind kind, int fd);
/* Appends what is one record, if there are records, whatever it says. VW_ENOMEM or 0. */
int vw_outbox_append(struct vw_outbox *o, const void *bytes, size_t len);
/* Call before appending to buf: moves what is left to the front if that is cheap, and takes the
 * spare where there is no buffer. */
void vw_outbox_compact(struct vw_outbox *o);
/* The message from START on is the last that is queued. */
void vw_outbox_count(struct vw_outbox *o, size_t start);

/* ---- programs.c ---- */

/* The programs spoken here, without keepalive. */
struct vw_speech {
    const struct vw_program **list;
    size_t count;
    const struct vw_program *keepalive; /* NULL: unknown to this profile */
};

int vw_speech_init(struct vw_speech *sp, const struct vw_session_options *o, struct vw_error *err);
void vw_speech_finish(struct vw_speech *sp);
const struct vw_program *vw_speech_find(const struct vw_speech *sp, uint32_t program,
                                        uint32_t version);
/* Number of a call (VW_PROC_CALL) or event, or NULL. */
const struct vw_proc *vw_program_proc_of(const struct vw_program *p, int32_t number,
                                         enum vw_proc_kind kind);

/* ---- session.c ---- */

/* The answers of the profile, read once. */
struct vw_session_answers {
    struct vw_error_pair unknown_program, wrong_version, unknown_procedure, wrong_type,
        wrong_status, bad_arguments, short_header, not_authenticated, not_open;
    bool unknown_program_closes; /* F-8 */
    bool wrong_type_ignored;     /* D-6 */
    bool short_header_answered;  /* D-23 */
    bool close_needs_open;       /* C-6 */
    bool in_order;               /* H-8 */
    bool errors_of_2007;         /* E-2: dom and net may be present; D-32: all may be 0 */
    bool repeat_message;         /* E-3: str1 repeats the message, ints are 0 */
    bool empty_detail;           /* E-3: str2 of an error without detail is "" */
    const char *format;          /* E-3: str1 */
    uint32_t short_header_min;   /* F-13 */
    uint32_t stream_chunk;       /* F-11, S-3 */
};

#define VW_IN_FDS 64

enum vw_shown { VW_SHOWN_NOTHING, VW_SHOWN_LENGTH, VW_SHOWN_ALL };

/* Descriptors of one side. */
struct vw_in_fds {
    uint32_t count;
    int waiting[VW_IN_FDS]; /* came, and no message has claimed them */
    int given[VW_IN_FDS];   /* of the last event */
};

struct vw_input {
    struct vw_reader reader;
    struct vw_in_fds *fds; /* NULL: none has come */
    uint32_t skip;         /* bytes that the filter has dropped and that have not come yet */
    uint64_t *records;     /* offsets where records start, rising; those behind what was parsed */
    size_t n_records;
    uint64_t boundary; /* end of a message that was held against the records already */
    bool has_records;
    bool fed;
    bool eof;
    bool broken;   /* nothing more is parsed: closed or beyond repair */
    uint8_t shown; /* enum vw_shown: what of the first message the filter has passed */
};

/* Something to tell besides the event of a message. */
struct vw_notice {
    enum vw_event_kind kind;
    enum vw_side from;
    enum vw_close_reason reason;
    struct vw_header header;
    uint32_t length;
    uint64_t offset;    /* of the message */
    const char *clause; /* static */
    /* VIOLATION */
    const char *cause; /* static */
    uint64_t at;       /* of the byte at fault */
    uint32_t count;
    char text[220]; /* and behind its NUL the path */
};

/* Most notices of a session. A server tells of one thing, the violation that ends it: it has one
 * place, since there may be thousands of them. */
#define VW_NOTICE_MAX 16

struct vw_session {
    struct vw_session_options o;
    struct vw_limits limits;
    struct vw_session_answers answers;
    struct vw_speech speech;
    const struct vw_type *error_type; /* NULL: the schema has none */
    struct vw_input in[2];
    struct vw_outbox out;
    struct vw_table calls;
    struct vw_table streams;
    uint32_t next_serial;
    uint32_t requests;            /* server: calls not yet answered (D-26) */
    const struct vw_proc *latest; /* server: of the newest of them */
    bool authenticated, opened;
    uint32_t asked;                  /* observer: objects whose events were asked for (V-10) */
    const struct vw_event *refusing; /* what is being sent is the answer to it; NULL: is none */

    unsigned notice_next, notice_count, notice_cap;

    int64_t now, ping_due;
    uint32_t pings;
    bool pinging;

    bool dying; /* no more input; what is left to tell is told, then VW_EVENT_CLOSED */
    bool over;
    enum vw_side dying_side;
    enum vw_close_reason reason;
    const char *close_clause; /* static */
    char close_text[224];

    struct vw_notice notices[]; /* notice_cap of them */
};

/* The message under dispatch. */
struct vw_incoming {
    enum vw_side from;
    struct vw_frame frame;
    uint64_t offset;
    uint32_t n_fds; /* descriptors, now given ones of its side */
    struct vw_arena *arena;
};

/* Messages with header H have a count of descriptors (P-2). */
static inline bool vw_session_carries_fds(const struct vw_session *s, const struct vw_header *h)
{
    return (h->type == VW_MSG_CALL_WITH_FDS || h->type == VW_MSG_REPLY_WITH_FDS) &&
           s->limits.fds_max > 0;
}

/* ---- tell.c ---- */

/* Queues a violation of CLAUSE by the sender of M, to be told before the next message is looked at.
 * Those that do not fit are counted by one that says so. */
void vw_session_violation(struct vw_session *s, const struct vw_incoming *m, const char *clause,
                          const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same for a finding about the body of M: its offset and path are from there. CLAUSE and CAUSE
 * of F are static. */
void vw_session_violation_in(struct vw_session *s, const struct vw_incoming *m,
                             const struct vw_finding *f);
/* The connection is useless from here: tells the violation, then closes. For an observer only the
 * side of M. */
void vw_session_fail(struct vw_session *s, const struct vw_incoming *m, const char *clause,
                     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void vw_session_die(struct vw_session *s, enum vw_side side, enum vw_close_reason reason,
                    const char *clause, const char *text);
/* Sets EV up for message M. */
void vw_event_start(struct vw_event *ev, enum vw_event_kind kind, const struct vw_incoming *m);
/* Sets EV to the oldest event of the queue, which has one. 1, or VW_ENOMEM. */
int vw_notice_give(struct vw_session *s, struct vw_arena *arena, struct vw_event *ev);

/* ---- filter.c ---- */

/* Shows the first message of SIDE to the filter, which has a call for what comes in. False: nothing
 * may be taken in for now. */
bool vw_filter_in(struct vw_session *s, enum vw_side side);
/* Shows the bytes that carry FDS, if there is a filter; closes them unless it lets them pass. */
enum vw_fate vw_filter_fds(struct vw_session *s, enum vw_side from, const int *fds, uint32_t n);

/* ---- records.c ---- */

/* Reports a message boundary within a record (T-5). */
void vw_records_check(struct vw_session *s, enum vw_side side);

/* ---- send.c ---- */

int vw_session_send(struct vw_session *s, const struct vw_header *h, const struct vw_type *t,
                    const void *value, struct vw_error *err);
int vw_session_send_body(struct vw_session *s, const struct vw_header *h, const void *body,
                         size_t len, struct vw_error *err);
int vw_session_send_error(struct vw_session *s, const struct vw_header *h,
                          const struct vw_remote_error *e, struct vw_error *err);
int vw_session_send_fds(struct vw_session *s, const struct vw_header *h, const struct vw_type *t,
                        const void *value, const int *fds, uint32_t n_fds, struct vw_error *err);

/* ---- dispatch-*.c: 1: EV is set; 0: nothing to tell; VW_ENOMEM: nothing has happened ---- */

int vw_dispatch_client(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev);
int vw_dispatch_server(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev);
int vw_dispatch_observer(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev);

/* ---- keepalive.c ---- */

/* True if M is for the keepalive program; *RC is then what to return from dispatch. */
bool vw_keepalive_take(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev,
                       int *rc);
/* Sends a PING or gives up when the time has come. VW_ENOMEM or 0. */
int vw_keepalive_tick(struct vw_session *s);
void vw_keepalive_seen(struct vw_session *s);

/* ---- decode.c ---- */

/* Decodes the body of M as type T (NULL: nothing) into EV, which vw_event_start has made.
 * VW_ENOMEM, or another code with WHY set when the body is wrong. */
int vw_body_decode(const struct vw_incoming *m, const struct vw_type *t, struct vw_event *ev,
                   struct vw_error *why);
/* Decodes the body of M as an error structure into EV. */
int vw_body_error(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev,
                  struct vw_error *why);
/* The body of a hole (S-11). False: cannot be decoded (S-12). */
bool vw_hole_decode(const struct vw_incoming *m, struct vw_event *ev);
/* Tells the violation of CLAUSE by a body of which WHAT ("... cannot be decoded") is said, for WHY.
 * Gives the whole as one text in the arena of M; NULL: no memory. */
const char *vw_body_refuse(struct vw_session *s, const struct vw_incoming *m, const char *clause,
                           const char *what, const struct vw_error *why);
/* WHY as a text in ARENA behind a printf'ed start; NULL: no memory. */
const char *vw_why(struct vw_arena *arena, const struct vw_error *why, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
