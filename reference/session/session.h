// SPDX-License-Identifier: MIT
// The session: the protocol of one connection without any I/O. Bytes, descriptors, record marks,
// end of file and the time go in; events come out, and segments to write. The client, the daemon's
// loop and the connections of cases are thin drivers around it. It holds every rule of sections
// 1 to 3 and 8 to 11 of docs/protocol/PROTOCOL.md that is not a matter of what a procedure does.
//
// One session belongs to one thread at a time. It keeps what it was given by pointer (profile,
// programs) until vw_session_destroy. A driver looks like this:
//
//     vw_session_time(s, vw_now_ms());
//     read into vw_session_space(), vw_session_added()     while vw_session_wants_read()
//     while (vw_session_next(s, &arena, &ev) > 0) { handle(&ev); vw_arena_reset(&arena); }
//     while (vw_session_output(s, false, &seg) > 0) { write; vw_session_written(s, n); }
//     poll until vw_session_deadline()
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/event.h>
#include <virwire/memory.h>

#include "base/finding.h"
#include "message/message.h"
#include "schema/profile.h"
#include "session/remote-error.h"

enum vw_role {
    VW_ROLE_CLIENT,
    VW_ROLE_SERVER,
    VW_ROLE_OBSERVER /* reports every violation and enforces none; sends nothing */
};

/* What a filter makes of what it is shown. */
enum vw_fate {
    VW_FATE_PASS, /* goes its way */
    VW_FATE_DROP, /* is forgotten */
    VW_FATE_CLOSE /* is forgotten; of what comes in, all that stands behind it is so too. Ending the
                     connection is the business of whoever said so */
};

/* Sees what comes before anything is made of it, and what goes before it is queued, and may change
 * it, hold it (drop it, and send a copy later) or drop it. It may add by vw_session_send_raw at any
 * time, from its calls too: such bytes are queued as they are, and are not shown to it. No other
 * call that takes events, input or output may be made from its calls. What it is shown is the
 * session's, valid for the call. Each may be NULL. */
struct vw_filter {
    /* The length word of a message has come. ALLOWED: it can be that of a message here; where it is
     * not, and passes, the session refuses it as ever (F-3, F-4). DROP: as many bytes as it says
     * are forgotten as they come. */
    enum vw_fate (*length)(void *user, enum vw_side from, uint32_t length, bool allowed);
    /* A whole message has come, of LEN bytes, which may be changed and stay as many. With a filter
     * for this nothing is made of a message before all of it has come (F-8). DROP: the bytes that
     * carry its descriptors are forgotten as well. */
    enum vw_fate (*in)(void *user, enum vw_side from, uint8_t *bytes, size_t len);
    /* A message is to be queued. It may be changed, grow and shrink, its length word along with it
     * or not; other bytes may be put into *MESSAGE, which stays the session's to free. REFUSED:
     * the event that the session is about to tell, of which this is the answer (D-1 to D-12); NULL:
     * the message is no such answer. */
    enum vw_fate (*out)(void *user, struct vw_buf *message, const struct vw_event *refused);
    /* The N > 0 bytes that carry the descriptors of a message (P-3): of one that comes and has
     * passed, or of one that goes, passed or not. Unless they pass the descriptors are closed, and
     * the bytes are forgotten. */
    enum vw_fate (*fds)(void *user, enum vw_side from, const int *fds, uint32_t n);
    void *user;
};

/* Buffers that the sessions of one thread hand on to each other: one that has nothing to read or to
 * write needs none, and one that has allocates none. */
struct vw_spares {
    struct vw_buf in, out;
};
void vw_spares_finish(struct vw_spares *spares);

/* What a server queues before it looks whether it can be written. */
#define VW_OUTPUT_AT_ONCE (128u << 10)

struct vw_session_options {
    enum vw_role role;
    const struct vw_profile *profile;
    /* The programs spoken here (D-1, H-11); NULL: all of the profile's. Keepalive is spoken
     * whenever the profile has it, in this list or not. */
    const struct vw_program *const *programs;
    size_t n_programs;
    uint32_t max_requests;      /* server: D-26; 0: no limit */
    uint32_t max_streams;       /* server: open at once; 0: no limit */
    int32_t keepalive_interval; /* milliseconds between PINGs once started; <= 0: off (K-5) */
    uint32_t keepalive_count;   /* K-5 */
    bool fds;                   /* the channel can pass descriptors (P-1); else P-6 */
    bool auth_required;         /* server: D-11; see vw_session_set_authenticated */
    unsigned strict;            /* observer: breaches of enum vw_strict become violations */
    bool declared;              /* observer: the client is not fed but told of, see below */
    size_t max_output;          /* server: takes no message while so many bytes wait; 0: as above */
    const struct vw_filter *filter; /* kept by pointer; NULL: none */
    struct vw_spares *spares;       /* kept by pointer; NULL: it keeps its buffers */
    /* Sees each whole message, in and out, as it is taken in or queued. May be NULL. */
    void (*trace)(void *user, enum vw_side from, const uint8_t *bytes, size_t len);
    void *trace_user;
};

struct vw_session;

int vw_session_create(const struct vw_session_options *options, struct vw_session **out,
                      struct vw_error *err);
/* Closes descriptors that nobody took. NULL is fine. */
void vw_session_destroy(struct vw_session *s);

/* ---- in ---- */

/* The time in milliseconds of a clock that never goes back. Call it before feeding and when the
 * deadline has passed. */
void vw_session_time(struct vw_session *s, int64_t now_ms);

/* Room for input from FROM, and how much came; see vw_reader_space. NULL: no memory. A client
 * session is fed only from VW_SIDE_SERVER, a server session only from VW_SIDE_CLIENT, an observer
 * from one or both. */
uint8_t *vw_session_space(struct vw_session *s, enum vw_side from, size_t *room);
void vw_session_added(struct vw_session *s, enum vw_side from, size_t n);
/* Copies bytes in. VW_ENOMEM (none is taken then) or 0. */
int vw_session_feed(struct vw_session *s, enum vw_side from, const void *bytes, size_t len);
/* Descriptors that came with the bytes added last; the session owns them. Those that no message
 * announces are closed. VW_ENOMEM (all are closed then) or 0. */
int vw_session_add_fds(struct vw_session *s, enum vw_side from, const int *fds, size_t n);
/* A record of the layer below starts with the next byte (T-5). */
void vw_session_record(struct vw_session *s, enum vw_side from);
/* No more input from FROM. */
void vw_session_eof(struct vw_session *s, enum vw_side from);

/* Takes back input that is not yet parsed: it belongs to the layer that starts behind the message
 * seen last. *BYTES is valid until the next call on S. Returns its length. */
size_t vw_session_unread(struct vw_session *s, enum vw_side from, const uint8_t **bytes);
/* The same without taking anything back. */
size_t vw_session_look(const struct vw_session *s, enum vw_side from, const uint8_t **bytes);
/* Bytes from FROM that lie here and belong to no whole message yet, once there are no more events;
 * those that carry descriptors are no part of one (P-3). */
size_t vw_session_held(const struct vw_session *s, enum vw_side from);

/* ---- out ---- */

/* 1: EV is the next event; 0: none for now; VW_ENOMEM (the session is then as before: try again or
 * destroy it). Values and texts of EV lie in ARENA, which the caller resets when it is done with
 * them. */
int vw_session_next(struct vw_session *s, struct vw_arena *arena, struct vw_event *ev);

/* True where vw_session_next tells more of what it has told last, and looks at no input for that.
 */
bool vw_session_has_more(const struct vw_session *s);

/* The header of the next message from FROM, if that much of it has come: which arena to give to
 * vw_session_next may depend on it. False when there is none. */
bool vw_session_peek(const struct vw_session *s, enum vw_side from, struct vw_header *out);

struct vw_segment {
    const uint8_t *data; /* valid until the next call on S other than this one */
    size_t len;
    int fd;            /* goes with the first byte (P-3); -1: none. The session closes its copy
                          once that byte is written */
    bool switch_layer; /* the layer below changes behind these bytes: nothing more comes out
                          before vw_session_switched */
};

/* The next bytes to write: whole messages, as many as lie together, or with SINGLE one message (a
 * record of TLS, T-5; behind a filter, what was queued at once), or what a short write has left of
 * one. 1, or 0 when there is nothing. */
int vw_session_output(struct vw_session *s, bool single, struct vw_segment *out);
/* N bytes of the segment are written. */
void vw_session_written(struct vw_session *s, size_t n);
/* The transport takes no more for now. A server counts calls as unanswered until what is queued now
 * is written (D-26). */
void vw_session_blocked(struct vw_session *s);
/* Marks the end of what is queued now as the place where the layer below changes. */
int vw_session_switch_layer(struct vw_session *s);
void vw_session_switched(struct vw_session *s);
size_t vw_session_output_pending(const struct vw_session *s);

/* False: leave input in the kernel for now (D-26, too much unread output), or the session is over.
 */
bool vw_session_wants_read(const struct vw_session *s);
/* When vw_session_time and vw_session_next want to be called at the latest; INT64_MAX: never. */
int64_t vw_session_deadline(const struct vw_session *s);
/* True once VW_EVENT_CLOSED has come out (observer: of all sides that were fed). */
bool vw_session_over(const struct vw_session *s);

/* ---- client ---- */

/* Queues a call with the next serial (H-7). ARGS is a value of proc->args (NULL when it has none).
 * With N_FDS > 0 it goes as CALL_WITH_FDS; the session then owns the descriptors, also on failure.
 * VW_ELIMIT, VW_EVALUE (arguments cannot be encoded), VW_ECLOSED, VW_EUSAGE, VW_ENOMEM; nothing is
 * then sent. SERIAL may be NULL. Each call ends with exactly one REPLY or ERROR event that carries
 * USER. */
int vw_session_call(struct vw_session *s, const struct vw_proc *proc, const void *args,
                    const int *fds, uint32_t n_fds, void *user, uint32_t *serial,
                    struct vw_error *err);
/* The serial of the next call; one that a call in flight to the same program has is passed over. */
void vw_session_set_serial(struct vw_session *s, uint32_t serial);
/* Calls without an answer so far. */
uint32_t vw_session_in_flight(const struct vw_session *s);
/* Forgets the call in flight that has SERIAL and USER: its answer, when it comes, is a DROPPED
 * event. False when there is no such call. */
bool vw_session_forget(struct vw_session *s, uint32_t serial, const void *user);

/* ---- server ---- */

/* Answers a call. CALL is the header of its VW_EVENT_CALL, RET a value of the return type (NULL
 * when it has none). A result that cannot be encoded becomes an error reply (F-10, L-7), and 0 is
 * returned. VW_ENOMEM, VW_ECLOSED. */
int vw_session_reply(struct vw_session *s, const struct vw_header *call, const void *ret,
                     const int *fds, uint32_t n_fds, struct vw_error *err);
int vw_session_reply_error(struct vw_session *s, const struct vw_header *call,
                           const struct vw_remote_error *e, struct vw_error *err);
/* Frees the request slot of a call that is never answered (faults). */
void vw_session_no_reply(struct vw_session *s, const struct vw_header *call);
/* Sends an event (V-2). */
int vw_session_send_event(struct vw_session *s, const struct vw_proc *event, const void *value,
                          struct vw_error *err);

/* The gates: calls that need authentication (D-11, A-2) and an open connection (D-12, C-3) are
 * answered by the session itself. */
void vw_session_set_authenticated(struct vw_session *s, bool yes);
void vw_session_set_opened(struct vw_session *s, bool yes);

/* Fills E with an error of the RPC layer as the profile's server words it (E-3): level 2, the
 * profile's str1, str2, ints. TEXT is used, not copied. */
void vw_session_rpc_error(const struct vw_session *s, int32_t code, int32_t domain,
                          const char *text, struct vw_remote_error *e);

/* ---- streams (both sides) ---- */

/* Server: the call has been answered OK and its stream is open (S-1, S-2). Call it before
 * vw_session_reply. The client opens its streams itself when the reply to a call with a stream
 * annotation is OK. VW_ENOMEM, VW_EUSAGE; VW_ELIMIT: max_streams are open. */
int vw_session_stream_open(struct vw_session *s, const struct vw_header *call, void *user);
void vw_session_stream_set_user(struct vw_session *s, const struct vw_header *call, void *user);
/* CALL: any header with the stream's program, version, procedure and serial. Data longer than a
 * message is cut at F-11's size. VW_EUSAGE: no such stream. */
/* Largest piece of data that goes as one packet (F-11, S-3). */
size_t vw_session_stream_chunk(const struct vw_session *s);
int vw_session_stream_data(struct vw_session *s, const struct vw_header *call, const void *data,
                           size_t len, struct vw_error *err);
int vw_session_stream_end(struct vw_session *s, const struct vw_header *call, struct vw_error *err);
int vw_session_stream_hole(struct vw_session *s, const struct vw_header *call, int64_t length,
                           uint32_t flags, struct vw_error *err);
/* Client: asks to finish. Server: confirms a finish or an abort; the stream is then gone. */
int vw_session_stream_finish(struct vw_session *s, const struct vw_header *call,
                             struct vw_error *err);
/* Client: aborts (E is NULL). Server: ends the stream with an error. */
int vw_session_stream_abort(struct vw_session *s, const struct vw_header *call,
                            const struct vw_remote_error *e, struct vw_error *err);

/* ---- observer, options.declared ---- */

/* A client that breaks rules on purpose is not judged by its bytes: its driver says what in them is
 * a call. What comes from the server is judged against that. */

/* A call went out with header H. PROC is what its answer is decoded as; NULL: unknown. BENT: it
 * went wrongly on purpose, so that its answer may come out of order or not at all (H-8). USER is
 * that of the event of its answer. VW_ENOMEM or 0. */
int vw_session_declare_call(struct vw_session *s, const struct vw_header *h,
                            const struct vw_proc *proc, bool bent, void *user);
/* A packet of a stream went out: status OK or ERROR asks for its end (S-5, S-6). */
void vw_session_declare_packet(struct vw_session *s, const struct vw_header *h);

/* Observer: FROM, over by VW_CLOSE_VIOLATION or not, is read on from what is fed next, which stands
 * OFFSET bytes from the start of what it has sent; the caller has taken back what was there
 * (vw_session_unread), and knows that a message begins (F-12). */
void vw_session_resume(struct vw_session *s, enum vw_side from, uint64_t offset);

/* ---- all ---- */

/* Starts the PINGs (K-4); without it only PINGs of the peer are answered. */
void vw_session_keepalive_start(struct vw_session *s);
/* PINGs that nothing has come since (K-5). */
uint32_t vw_session_pings(const struct vw_session *s);
/* Queues bytes as they are: faults and scenarios. */
int vw_session_send_raw(struct vw_session *s, const void *bytes, size_t len);
/* Server: what the client did in CLAUSE makes the connection useless, for a rule that only the
 * caller can know (a hole on a stream that is not sparse, S-11). CLAUSE is static. */
void vw_session_break(struct vw_session *s, const char *clause, const char *text);
/* Writes what is queued, then VW_EVENT_CLOSED with VW_CLOSE_LOCAL; input is not looked at any
 * more. */
void vw_session_close(struct vw_session *s);

/* Bytes of its buffers. Those that are too large for spares are kept for what may come. */
size_t vw_session_memory(const struct vw_session *s);
/* Nothing has come for a while: gives back those in which nothing lies. Returns their bytes. */
size_t vw_session_rest(struct vw_session *s);

const struct vw_limits *vw_session_limits(const struct vw_session *s);
/* The program spoken here with that number and version, or NULL. */
const struct vw_program *vw_session_program(const struct vw_session *s, uint32_t number,
                                            uint32_t version);
