// SPDX-License-Identifier: MIT
// The core of the client: moves bytes between transport and session, and hands events to whoever
// waits for them. Everything else stands on this.
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sized.h"
#include "client/internal.h"

#define DEFAULT_MAX_IN_FLIGHT 65536
/* What is read in a row before events are handed out: a flood cannot grow the input beyond this and
 * one read, however fast it comes. */
#define READS_AT_ONCE 16
#define BYTES_AT_ONCE (128u << 10)

static void ring_init(struct vw_pending *head)
{
    head->prev = head->next = head;
}

int vw_client_create(const struct vw_client_options *options, struct vw_client **out,
                     struct vw_error *err)
{
    struct vw_client *c = *out = calloc(1, sizeof(*c));
    if (!c)
        return vw_error_nomem(err);
    struct vw_client_options *o = &c->options;
    ring_init(&c->first_last);
    int rc = vw_sized_copy(o, sizeof(*o), options, "VW_CLIENT_OPTIONS_INIT", err);
    if (rc == 0 && !o->profile)
        rc = vw_profile_load(NULL, NULL, &c->profile, err);
    if (rc) {
        vw_client_destroy(c);
        *out = NULL;
        return rc;
    }
    if (!o->profile)
        o->profile = c->profile;
    if (!o->max_in_flight)
        o->max_in_flight = DEFAULT_MAX_IN_FLIGHT;
    c->asks = (struct vw_transport_options){.warn = o->warn, .ask = o->ask, .user = o->user};
    return 0;
}

int vw_client_adopt(struct vw_client *c, struct vw_transport *t, struct vw_error *err)
{
    const struct vw_client_options *o = &c->options;
    const struct vw_session_options so = {.role = VW_ROLE_CLIENT,
                                          .profile = o->profile,
                                          .keepalive_interval = o->keepalive_interval_ms,
                                          .keepalive_count = o->keepalive_count,
                                          .fds = (t->ops->caps & VW_CAP_FDS) != 0,
                                          .filter = c->filter,
                                          .trace = o->on_trace,
                                          .trace_user = o->user};
    c->transport = t;
    int rc = vw_session_create(&so, &c->session, err);
    if (rc == 0)
        vw_session_time(c->session, vw_now_ms());
    return rc;
}

/* ---- pending calls ---- */

static struct vw_pending *take_pending(struct vw_client *c)
{
    struct vw_pending *p = c->free;
    if (p)
        c->free = p->next;
    else
        p = malloc(sizeof(*p));
    return p;
}

static void give_pending(struct vw_client *c, struct vw_pending *p)
{
    p->next = c->free;
    c->free = p;
}

/* Deadlines mostly come in order, so the place is looked for from the end. */
static void add_pending(struct vw_client *c, struct vw_pending *p)
{
    struct vw_pending *before = c->first_last.prev;
    while (before != &c->first_last && before->deadline_ms > p->deadline_ms)
        before = before->prev;
    p->prev = before;
    p->next = before->next;
    before->next->prev = p;
    before->next = p;
}

static void remove_pending(struct vw_pending *p)
{
    p->prev->next = p->next;
    p->next->prev = p->prev;
}

/* Descriptors that nobody else has an eye on. */
void vw_client_close_fds(const int *fds, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        close(fds[i]);
}

int vw_client_queue(struct vw_client *c, const struct vw_outgoing *what, uint32_t *serial,
                    struct vw_error *err)
{
    const struct vw_submission *call = &what->call;
    int rc = 0;
    if (c->closed)
        rc = vw_client_lost(c, err);
    else if (c->opening && call->user != c->opening)
        rc = vw_error_set(err, VW_EUSAGE, "the connection is not ready yet");
    else if (vw_session_in_flight(c->session) >= c->options.max_in_flight)
        rc = vw_error_set(err, VW_ELIMIT, "%zu calls are in flight already",
                          c->options.max_in_flight);
    struct vw_pending *p = rc ? NULL : take_pending(c);
    if (!p) {
        vw_client_close_fds(call->fds, call->n_fds);
        return rc ? rc : vw_error_nomem(err);
    }
    *p = (struct vw_pending){.done = call->done,
                             .user = call->user,
                             .stream = what->stream,
                             .deadline_ms = call->deadline_ms ? call->deadline_ms : INT64_MAX};
    rc = vw_session_call(c->session, call->proc, call->args, call->fds, call->n_fds, p, &p->serial,
                         err);
    if (rc) {
        give_pending(c, p);
        return rc;
    }
    if (serial)
        *serial = p->serial;
    if (what->stream)
        what->stream->serial = p->serial;
    add_pending(c, p);
    return 0;
}

int vw_client_take(const struct vw_submission *given, struct vw_outgoing *out, struct vw_error *err)
{
    *out = (struct vw_outgoing){0};
    int rc = vw_sized_copy(&out->call, sizeof(out->call), given, "VW_SUBMISSION_INIT", err);
    return rc || out->call.proc ? rc : vw_error_set(err, VW_EUSAGE, "no procedure is given");
}

uint32_t vw_client_in_flight(const struct vw_client *c)
{
    return c->session ? vw_session_in_flight(c->session) : 0;
}

/* The call was made without a stream: nobody could end it later. Out of memory it stays open, and
 * what comes is dropped. */
static void abort_unwanted(struct vw_client *c, const struct vw_header *h)
{
    vw_session_stream_set_user(c->session, h, NULL);
    vw_session_stream_abort(c->session, h, NULL, NULL);
}

static void end_call(struct vw_client *c, struct vw_pending *p, const struct vw_event *ev)
{
    vw_client_done_fn done = p->done;
    struct vw_stream *stream = p->stream;
    void *user = p->user;
    remove_pending(p);
    give_pending(c, p);
    c->fds = ev->fds;
    c->n_fds = ev->n_fds;
    bool nested = c->dispatching;
    c->dispatching = true;
    bool taken = stream && vw_stream_answered(stream, ev);
    if (ev->stream && !taken)
        abort_unwanted(c, &ev->header);
    if (done)
        done(user, c, ev);
    c->dispatching = nested;
    vw_client_close_fds(c->fds, c->n_fds);
    c->n_fds = 0;
}

void vw_client_take_fds(struct vw_client *c, struct vw_fds *out)
{
    while (c->n_fds && out->count < sizeof(out->fd) / sizeof(out->fd[0])) {
        out->fd[out->count++] = *c->fds++;
        c->n_fds--;
    }
}

void vw_client_give_up(struct vw_client *c, uint32_t serial, const void *owner)
{
    for (struct vw_pending *p = c->first_last.prev; p != &c->first_last; p = p->prev)
        if (p->serial == serial && (p->user == owner || p->stream == owner)) {
            vw_session_forget(c->session, serial, p);
            remove_pending(p);
            give_pending(c, p);
            return;
        }
}

/* Ends a call without the session, which drops its answer should it come. */
static void end_here(struct vw_client *c, struct vw_pending *p, const char *why)
{
    struct vw_event ev = {.kind = VW_EVENT_ERROR,
                          .from = VW_SIDE_SERVER,
                          .header = {.serial = p->serial},
                          .local = true,
                          .clause = "",
                          .text = why};
    ev.error = (struct vw_remote_error){
        .code = VW_ERR_INTERNAL, .domain = VW_FROM_RPC, .level = VW_LEVEL_ERROR, .message = why};
    ev.user = p->user;
    vw_session_forget(c->session, p->serial, p);
    end_call(c, p, &ev);
}

/* Calls whose time is over. */
static int expire(struct vw_client *c, int64_t now)
{
    int n = 0;
    for (; c->first_last.next != &c->first_last && c->first_last.next->deadline_ms <= now; n++) {
        if (c->first_last.next->stream)
            vw_stream_unanswered(c->first_last.next->stream);
        end_here(c, c->first_last.next, "no answer before the deadline");
    }
    return n;
}

/* ---- events ---- */

static void note_end(struct vw_client *c, const struct vw_event *ev)
{
    c->closed = true;
    vw_error_set(&c->why, ev->reason == VW_CLOSE_VIOLATION ? VW_EPROTOCOL : VW_ECLOSED, "%s",
                 ev->text);
    if (!c->why.clause[0])
        strncpy(c->why.clause, ev->clause, sizeof(c->why.clause) - 1);
    vw_streams_lost(c);
}

static void hand_out_packet(const struct vw_event *ev)
{
    struct vw_stream *st = ev->early ? ((struct vw_pending *)ev->user)->stream : ev->user;
    if (st)
        vw_stream_event(st, ev);
}

static void hand_out(struct vw_client *c, const struct vw_event *ev)
{
    switch (ev->kind) {
    case VW_EVENT_REPLY:
    case VW_EVENT_ERROR:
        end_call(c, ev->user, ev);
        return;
    case VW_EVENT_PING:
    case VW_EVENT_PONG:
    case VW_EVENT_DROPPED:
        return;
    case VW_EVENT_MESSAGE:
        if (vw_watches_take(c, ev))
            return;
        break;
    case VW_EVENT_STREAM_DATA:
    case VW_EVENT_STREAM_END:
    case VW_EVENT_STREAM_FINISH:
    case VW_EVENT_STREAM_ERROR:
    case VW_EVENT_STREAM_HOLE:
        hand_out_packet(ev);
        return;
    case VW_EVENT_CLOSED:
        note_end(c, ev);
        break;
    default:
        break;
    }
    if (c->options.on_event)
        c->options.on_event(c->options.user, c, ev);
}

/* The result that a blocking call waits for is decoded right into its caller's arena; everything
 * else lives as long as its callback. */
static struct vw_arena *arena_for_next(struct vw_client *c)
{
    struct vw_header h;
    if (c->call_arena && vw_session_peek(c->session, VW_SIDE_SERVER, &h) &&
        h.serial == c->call_serial && (h.type == VW_MSG_REPLY || h.type == VW_MSG_REPLY_WITH_FDS))
        return c->call_arena;
    return &c->arena;
}

static int hand_out_all(struct vw_client *c)
{
    struct vw_event ev;
    int n = 0;
    c->resume = false;
    for (;;) {
        if (c->stopped || c->n_full)
            return n;
        vw_arena_reset(&c->arena);
        int rc = vw_session_next(c->session, arena_for_next(c), &ev);
        if (rc <= 0)
            return rc ? rc : n;
        c->dispatching = true;
        hand_out(c, &ev);
        c->dispatching = false;
        n++;
    }
}

/* ---- moving bytes ---- */

void vw_client_flush(struct vw_client *c)
{
    struct vw_segment seg;
    struct vw_transport *t = c->transport;
    bool single = (t->ops->caps & VW_CAP_RECORDS) != 0;
    while (!c->write_failed && vw_session_output(c->session, single, &seg)) {
        const struct vw_fds fds = {.fd = {seg.fd}, .count = 1};
        ssize_t n = t->ops->send(t, seg.data, seg.len, seg.fd >= 0 ? &fds : NULL);
        if (n == -EAGAIN)
            return;
        if (n <= 0) {
            /* What the server still had to say may lie in the socket; reading finds the end. */
            c->write_failed = true;
            return;
        }
        vw_session_written(c->session, (size_t)n);
    }
}

/* Reads what is there, or waits WAIT_MS for something if that is not 0. VW_ENOMEM or 0. */
static int fill(struct vw_client *c, int wait_ms)
{
    struct vw_transport *t = c->transport;
    struct vw_fds fds;
    bool takes_fds = (t->ops->caps & VW_CAP_FDS) != 0;
    size_t total = 0;
    for (int i = 0; i < READS_AT_ONCE && total < BYTES_AT_ONCE && vw_session_wants_read(c->session);
         i++) {
        size_t room;
        uint8_t *to = vw_session_space(c->session, VW_SIDE_SERVER, &room);
        if (!to)
            return VW_ENOMEM;
        fds.count = 0;
        ssize_t n = wait_ms ? t->ops->recv_wait(t, to, room, takes_fds ? &fds : NULL, wait_ms)
                            : t->ops->recv(t, to, room, takes_fds ? &fds : NULL);
        wait_ms = 0;
        if (n == -EAGAIN)
            return 0;
        if (n <= 0) {
            if (t->ops->explain)
                t->ops->explain(t, &c->why);
            vw_session_eof(c->session, VW_SIDE_SERVER);
            return 0;
        }
        if (fds.count && vw_session_add_fds(c->session, VW_SIDE_SERVER, fds.fd, fds.count))
            return VW_ENOMEM;
        if (t->ops->record_start && t->ops->record_start(t))
            vw_session_record(c->session, VW_SIDE_SERVER);
        vw_session_added(c->session, VW_SIDE_SERVER, (size_t)n);
        total += (size_t)n;
        if ((size_t)n < room && !(t->ops->pending && t->ops->pending(t)))
            return 0;
    }
    return 0;
}

static int process(struct vw_client *c, int wait_ms, struct vw_error *err)
{
    if (c->dispatching)
        return vw_error_set(err, VW_EUSAGE, "a callback must not wait or process");
    if (c->closed)
        return vw_client_lost(c, err);
    if (!c->session) {
        int turned = vw_opening_turn(c, vw_now_ms());
        return c->closed ? vw_client_lost(c, err) : turned;
    }
    /* What a full queue has left lying is handed out before more is read, or it would grow. */
    if (!c->n_full && !c->resume && !c->stopped && fill(c, wait_ms))
        return vw_error_nomem(err);
    int64_t now = vw_now_ms();
    vw_session_time(c->session, now);
    int n = hand_out_all(c);
    if (n == VW_ENOMEM)
        return vw_error_nomem(err);
    n += expire(c, now) + vw_streams_expire(c, now);
    vw_client_flush(c);
    n += vw_opening_turn(c, now);
    vw_streams_written(c);
    return c->closed && n == 0 ? vw_client_lost(c, err) : n;
}

int vw_client_process(struct vw_client *c, struct vw_error *err)
{
    return process(c, 0, err);
}

/* ---- waiting ---- */

int vw_client_fd(const struct vw_client *c)
{
    short events;
    return c->transport ? c->transport->ops->fd(c->transport) : vw_opening_fd(c, &events);
}

short vw_client_events(const struct vw_client *c)
{
    short events = 0;
    if (!c->transport) {
        vw_opening_fd(c, &events);
        return events;
    }
    if (!c->n_full && !c->stopped && vw_session_wants_read(c->session))
        events |= POLLIN;
    if (!c->write_failed && vw_session_output_pending(c->session))
        events |= POLLOUT;
    return events;
}

int64_t vw_client_deadline(const struct vw_client *c)
{
    const struct vw_pending *first = c->first_last.next;
    const struct vw_transport *t = c->transport;
    if (c->closed)
        return 0; /* vw_client_process tells */
    if (!c->session)
        return vw_opening_deadline(c);
    int64_t streams = c->streams ? vw_streams_deadline(c) : INT64_MAX;
    int64_t deadline = c->n_full ? INT64_MAX : vw_session_deadline(c->session);
    if (first != &c->first_last && first->deadline_ms < deadline)
        deadline = first->deadline_ms;
    if (!c->n_full && (c->resume || (t->ops->pending && t->ops->pending(t))))
        deadline = 0;
    int64_t opening = vw_opening_deadline(c);
    if (opening < deadline)
        deadline = opening;
    return streams < deadline ? streams : deadline;
}

static int ms_until(int64_t when)
{
    if (when == INT64_MAX)
        return -1;
    int64_t left = when - vw_now_ms();
    return left <= 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

/* Then one system call can wait and read. */
static bool waits_for_input_alone(const struct vw_client *c)
{
    return c->session && c->transport->ops->recv_wait && vw_client_events(c) == POLLIN;
}

/* ONLY_WAIT: when MS are over, that is all. */
static int poll_and_process(struct vw_client *c, int ms, bool only_wait, struct vw_error *err)
{
    struct pollfd p = {.fd = vw_client_fd(c), .events = vw_client_events(c)};
    int n = poll(&p, 1, ms);
    if (n < 0 && errno != EINTR)
        return vw_error_errno(err, errno, "poll");
    return n == 0 && only_wait ? 0 : process(c, 0, err);
}

int vw_client_turn(struct vw_client *c, int64_t deadline_ms, struct vw_error *err)
{
    if (c->closed)
        return vw_client_lost(c, err);
    size_t unsent = c->session ? vw_session_output_pending(c->session) : 0;
    if (c->session)
        vw_client_flush(c);
    /* Who waits for room on a stream may have it now, and nothing else may ever happen. */
    if (c->streams && vw_session_output_pending(c->session) < unsent)
        return process(c, 0, err);
    /* Sending needs no reading. */
    if (c->n_full && !(vw_client_events(c) & POLLOUT))
        return vw_error_set(err, VW_ELIMIT,
                            "data of a stream that nobody takes hold the connection up");
    int64_t until = vw_client_deadline(c);
    int ms = ms_until(until < deadline_ms ? until : deadline_ms);
    return waits_for_input_alone(c) && ms ? process(c, ms, err)
                                          : poll_and_process(c, ms, until > deadline_ms, err);
}

int vw_client_wait(struct vw_client *c, int64_t deadline_ms, struct vw_error *err)
{
    if (c->dispatching)
        return vw_error_set(err, VW_EUSAGE, "a callback must not wait or process");
    for (;;) {
        int n = vw_client_turn(c, deadline_ms, err);
        if (n != 0)
            return n;
        if (deadline_ms != INT64_MAX && vw_now_ms() >= deadline_ms)
            return vw_error_set(err, VW_ETIMEOUT, "the server did not answer in time");
    }
}

int vw_client_drain(struct vw_client *c, int64_t deadline_ms, struct vw_error *err)
{
    while (c->first_last.next != &c->first_last) {
        int rc = vw_client_wait(c, deadline_ms, err);
        if (rc < 0)
            return rc;
        /* Something else may come without end. */
        if (deadline_ms != INT64_MAX && vw_now_ms() >= deadline_ms &&
            c->first_last.next != &c->first_last)
            return vw_error_set(err, VW_ETIMEOUT, "the server did not answer in time");
    }
    return 0;
}

void vw_client_set_timeout(struct vw_client *c, int timeout_ms)
{
    c->options.timeout_ms = timeout_ms;
}

int64_t vw_client_step_deadline(const struct vw_client *c)
{
    int ms = c->options.timeout_ms ? c->options.timeout_ms : VW_CLIENT_TIMEOUT_MS;
    return ms < 0 ? INT64_MAX : vw_now_ms() + ms;
}

int vw_client_lost(const struct vw_client *c, struct vw_error *err)
{
    if (!c->why.code)
        return vw_error_set(err, VW_ECLOSED, "the connection is closed");
    if (err && !err->code)
        *err = c->why;
    return c->why.code;
}

/* ---- the end ---- */

void vw_client_end(struct vw_client *c)
{
    if (!c->session || c->closed) {
        c->closed = true;
        return;
    }
    vw_session_close(c->session);
    vw_streams_lost(c);
    hand_out_all(c);
    c->closed = true;
    /* Memory may have run out on the way. */
    while (c->first_last.next != &c->first_last)
        end_here(c, c->first_last.next, "the connection is closed");
}

void vw_client_destroy(struct vw_client *c)
{
    if (!c)
        return;
    c->options.on_event = NULL;
    vw_client_end(c);
    vw_streams_forget(c);
    vw_watches_lost(c);
    vw_opening_destroy(c->opening);
    vw_session_destroy(c->session);
    if (c->transport)
        c->transport->ops->close(c->transport);
    while (c->free) {
        struct vw_pending *p = c->free;
        c->free = p->next;
        free(p);
    }
    vw_arena_finish(&c->arena);
    vw_arena_finish(&c->error_arena);
    vw_profile_destroy(c->profile);
    free(c);
}

struct vw_session *vw_client_session(struct vw_client *c)
{
    return c->session;
}

struct vw_transport *vw_client_transport(struct vw_client *c)
{
    return c->transport;
}

const struct vw_profile *vw_client_profile(const struct vw_client *c)
{
    return c->options.profile;
}

const char *vw_version(void)
{
    return VIRWIRE_VERSION;
}

int vw_version_number(void)
{
    return VIRWIRE_VERSION_NUMBER;
}
