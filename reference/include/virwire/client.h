// SPDX-License-Identifier: MIT
// The reference client: a session, a transport and the ways to authenticate, put together. Calls
// are asynchronous; the blocking ones are "submit, then wait until it is done". The client owns no
// event loop and starts no thread. A connection that is lost is never made again: everything on it
// ends with an error, and a new client is the caller's to open.
//
// Threading: one client belongs to one thread at a time; nothing in it is locked. Different clients
// may be used by different threads; they may share a profile, which is only read. Callbacks run
// inside vw_client_process and the blocking calls. They may submit, but not wait, process or
// destroy.
#pragma once

#include <virwire/credentials.h>
#include <virwire/event.h>
#include <virwire/lookups.h>
#include <virwire/version.h>

VW_BEGIN_DECLS

struct vw_client;
struct vw_stream_options;
struct vw_uri;

/* One message in or out, LEN bytes with its length word (F-1), as it passes; the bytes are valid
 * during the call. */
typedef void (*vw_client_trace_fn)(void *user, enum vw_side from, const uint8_t *bytes, size_t len);
/* Something that no call, stream (stream.h) or watch (watch.h) waits for: MESSAGE, VIOLATION,
 * CLOSED. EV and what it refers to are valid during the call. */
typedef void (*vw_client_event_fn)(void *user, struct vw_client *c, const struct vw_event *ev);
/* The end of one call: REPLY or ERROR. EV is valid during the call; what its value refers to is
 * too. */
typedef void (*vw_client_done_fn)(void *user, struct vw_client *c, const struct vw_event *ev);

/* The end of an opening that was begun: 0, or VW_E* as vw_client_open returns it, because of WHY. C
 * can then only be destroyed. */
typedef void (*vw_client_ready_fn)(void *user, struct vw_client *c, int rc,
                                   const struct vw_error *why);

#define VW_CLIENT_OPTIONS_INIT VW_SIZED(vw_client_options)

struct vw_client_options {
    VW_SIZE_MEMBER(vw_client_options);
    const struct vw_profile *profile; /* kept by pointer; NULL: the newest, which is the client's */
    const char *program;   /* "remote" (NULL), or another that has its own open, such as "admin" */
    bool read_only;        /* C-2: flag bit 0, and the -ro socket where the URI leaves it open */
    bool no_auth;          /* do not send AUTH_LIST */
    const char *auth;      /* "sasl", "sasl.MECHANISM", "polkit": nothing else will do; NULL: the
                              URI's, or what the server asks for */
    const char *auth_host; /* whom SASL knows the server as; NULL: the URI's host, or localhost */
    const char *auth_user; /* NULL: the URI's user on tcp, tls and unix, or asked for */
    const char *auth_file; /* as libvirt's auth.conf; NULL: the URI's authfile. It comes first */
    /* Asked, while opening, for what neither the file nor auth_user say; gets USER below.
     * NULL: there is no more. */
    vw_credential_fn credentials;
    bool no_open;              /* do not send CONNECT_OPEN, nor CONNECT_CLOSE in the end */
    const char *open_name;     /* name for CONNECT_OPEN; NULL: derived from the URI (U-11) */
    uint32_t open_flags;       /* more flags for CONNECT_OPEN */
    int timeout_ms;            /* of each blocking step; 0: 30 s; < 0: none */
    int keepalive_interval_ms; /* PINGs of our own, if the server knows them (K-4); 0: none */
    uint32_t keepalive_count;  /* of them without an answer, before it is taken for dead (K-5) */
    /* Warnings and questions while connecting. NULL: not told, and no answers. */
    vw_warn_fn warn;
    vw_ask_fn ask;
    bool pass_fds; /* the opening asks whether descriptors can be sent; else the first call with
                      some does */
    size_t max_in_flight; /* vw_client_submit refuses more (VW_ELIMIT); 0: 65536 */
    vw_client_event_fn on_event;
    vw_client_trace_fn on_trace;
    void *user; /* for all callbacks here */
};

#define VW_SUBMISSION_INIT VW_SIZED(vw_submission)

/* A call, as it is queued. */
struct vw_submission {
    VW_SIZE_MEMBER(vw_submission);
    const struct vw_proc *proc;
    const void *args; /* a value of its arguments, or NULL when it has none; read at once */
    /* N_FDS descriptors that go along (P-1 to P-6). They are the client's from here, also on
     * failure. */
    const int *fds;
    uint32_t n_fds;
    int64_t deadline_ms; /* of CLOCK_MONOTONIC, for the answer; 0: none */
    /* Called once, later, in any case, unless queueing has failed. NULL: nobody is told. */
    vw_client_done_fn done;
    void *user;                             /* of DONE */
    const struct vw_stream_options *stream; /* stream.h: of the stream that it opens. NULL: none */
};

/* Connects, authenticates, opens. OPTIONS may be NULL: nothing is set. VW_EUNREACHABLE,
 * VW_ETIMEOUT, VW_ESYSTEM; VW_EREMOTE: the server refuses, with its words in ERR; VW_EUSAGE: what
 * was given cannot be, or the server does not authenticate as asked for; VW_ESYNTAX: of auth_file;
 * VW_EPROTOCOL, VW_ECLOSED: the server broke a rule, or the connection off; VW_ENOMEM. */
int vw_client_open(const struct vw_uri *uri, const struct vw_client_options *options,
                   struct vw_client **out, struct vw_error *err);
/* Sends CONNECT_CLOSE if the connection was opened, waits for its answer, closes (C-7). C is then
 * closed but still to be destroyed. Errors as vw_client_call. */
int vw_client_close(struct vw_client *c, struct vw_error *err);
/* Hangs up where the connection stands and frees all; calls in flight end with an ERROR. NULL is
 * fine. */
void vw_client_destroy(struct vw_client *c);

/* ---- blocking ---- */

/* Changes timeout_ms of the options, for the steps that begin from here on. */
void vw_client_set_timeout(struct vw_client *c, int timeout_ms);

/* One call. ARGS: a value of its arguments, or NULL when it has none. *RET (may be NULL): the
 * result in ARENA, NULL when the procedure has none. VW_EREMOTE: the server answered with an error,
 * see vw_client_error; VW_ETIMEOUT: the answer may still come and is then dropped; VW_ELIMIT,
 * VW_EVALUE: arguments (VW_ELIMIT also: a stream's queue is full, see stream.h);
 * VW_EPROTOCOL, VW_ECLOSED: the connection is lost. A stream that PROC opens is aborted at once, as
 * with vw_client_submit: see vw_stream_open. */
int vw_client_call(struct vw_client *c, const struct vw_proc *proc, const void *args,
                   struct vw_arena *arena, void **ret, struct vw_error *err);
/* The same by a name as vw_profile_proc knows it. VW_ENAME. */
int vw_client_call_named(struct vw_client *c, const char *proc, const void *args,
                         struct vw_arena *arena, void **ret, struct vw_error *err);
/* The call of WHAT, whose DONE, USER, deadline and stream are not looked at: it takes descriptors
 * along. VW_EUSAGE: this connection or server cannot take any; see vw_client_passes_fds, which this
 * asks. GOT (may be NULL): those that came with the reply, owned by the caller; its count is 0 on
 * failure. */
int vw_client_call_with(struct vw_client *c, const struct vw_submission *what,
                        struct vw_arena *arena, void **ret, struct vw_fds *got,
                        struct vw_error *err);
/* Whether the server has FEATURE (a number of virDrvFeature), asked once and then remembered. A
 * server that answers with an error does not. Only feature 10 can be asked before the connection is
 * open. */
int vw_client_supports(struct vw_client *c, int32_t feature, bool *yes, struct vw_error *err);
/* Whether descriptors can be sent: over a unix socket, to a server with feature 8 (P-1). */
int vw_client_passes_fds(struct vw_client *c, bool *yes, struct vw_error *err);
/* Whether PINGs are sent: the options asked for it and the server knows them (K-6). */
bool vw_client_has_keepalive(const struct vw_client *c);
/* The error of the last call or open that returned VW_EREMOTE; valid until the next blocking call.
 */
const struct vw_remote_error *vw_client_error(const struct vw_client *c);

/* ---- asynchronous ---- */

/* Queues the call of WHAT, which is not kept. SERIAL may be NULL. VW_ELIMIT: max_in_flight of the
 * options, or the arguments; VW_EVALUE: the arguments; VW_EUSAGE: not ready yet, or descriptors
 * where vw_client_passes_fds has not said yes before; VW_ECLOSED, VW_ENOMEM. A stream that it opens
 * is aborted at once: see vw_stream_submit. */
int vw_client_submit(struct vw_client *c, const struct vw_submission *what, uint32_t *serial,
                     struct vw_error *err);
/* Within a DONE: takes the descriptors of the reply, which are closed behind it otherwise. OUT may
 * hold some already; there is room for those of one message in an empty one. */
void vw_client_take_fds(struct vw_client *c, struct vw_fds *out);
/* Calls without an answer so far. */
uint32_t vw_client_in_flight(const struct vw_client *c);

/* As vw_client_open, but only begins, and never waits: C is on its way, turned by vw_client_process
 * (connecting, TLS, SASL and all), and READY (may be NULL) is called once, from there, when it has
 * got in or cannot; calls are refused until then (VW_EUSAGE). Errors here are those of what was
 * given. URI, and what OPTIONS point to, must last until then. options->credentials and
 * options->ask are asked in between, and should answer without waiting. What cannot but wait,
 * on the caller's time: libssh and libssh2 while they connect, and a server of Kerberos (GSSAPI);
 * no longer than timeout_ms. */
int vw_client_begin(const struct vw_uri *uri, const struct vw_client_options *options,
                    vw_client_ready_fn ready, void *user, struct vw_client **out,
                    struct vw_error *err);
/* 1: C can be used; 0: it is on its way; VW_E*: it has come to its end, as vw_client_process tells
 * it. */
int vw_client_ready(const struct vw_client *c, struct vw_error *err);

/* For the caller's own loop: a descriptor (another one each time until C is connected; -1: none),
 * the poll(2) events it wants now, and when to call vw_client_process at the latest (INT64_MAX:
 * never). With events 0 (the queue of a stream is full) leave the descriptor out, since poll tells
 * of its end in any case. */
int vw_client_fd(const struct vw_client *c);
short vw_client_events(const struct vw_client *c);
int64_t vw_client_deadline(const struct vw_client *c);
/* Reads, dispatches and writes what can be done without waiting. Number of calls and events that
 * were handed out, or VW_ECLOSED, VW_EPROTOCOL, VW_ENOMEM when the connection is lost. */
int vw_client_process(struct vw_client *c, struct vw_error *err);
/* poll(2), then vw_client_process. VW_ETIMEOUT at DEADLINE_MS; VW_ELIMIT: the queue of a stream is
 * full, and nothing is read before somebody takes from it (stream.h). */
int vw_client_wait(struct vw_client *c, int64_t deadline_ms, struct vw_error *err);
/* Waits until no call is in flight. Errors as vw_client_wait. */
int vw_client_drain(struct vw_client *c, int64_t deadline_ms, struct vw_error *err);

/* That of the options, or the client's own, which goes with it. Never NULL. */
const struct vw_profile *vw_client_profile(const struct vw_client *c);

VW_END_DECLS
