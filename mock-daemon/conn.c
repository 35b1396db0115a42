// SPDX-License-Identifier: MIT
// Driving a session from the loop: one read a wake-up, then events, so many that others are not
// kept waiting, then one write of all that came out. What these steps do is in the connection's
// ops.
#include "mock-daemon/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/sasl-server.h"
#include "capture/record-transport.h"
#include "mock-daemon/chronicle.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/heap.h"

/* ---- the driver ---- */

/* Events of one connection before others have their turn, and messages that they make the daemon
 * send to others: each few in a write of their own would cost more memory and time than all
 * together. */
#define EVENTS_AT_ONCE 32
#define TOLD_AT_ONCE   12288
/* ... and so much time: a call with a large document takes as much as thousands of others. */
#define MS_AT_ONCE 2

static bool is_dropped(const struct vw_conn *c)
{
    return c->dropped;
}

static void watch(struct vw_conn *c, int wanted)
{
    if (wanted == c->wanted)
        return;
    ev_io_stop(c->daemon->loop, &c->watcher);
    ev_io_set(&c->watcher, c->watcher.fd, wanted);
    if (wanted)
        ev_io_start(c->daemon->loop, &c->watcher);
    c->wanted = wanted;
}

static void take_account(struct vw_conn *c, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_CLOSED) {
        c->over = true;
        vw_account_closed(c->account, ev);
    } else if (ev->kind == VW_EVENT_REFUSED) {
        vw_account_call(&c->daemon->accounts, c->account, ev->proc, true);
    }
}

/* Runs until the session has no more events (0), or others should have their turn (1). Negative: it
 * cannot go on. */
static int take_events(struct vw_conn *c)
{
    struct vw_arena *arena = &c->daemon->arena;
    const int64_t until = vw_clock_ms(&c->daemon->clock) + MS_AT_ONCE;
    struct vw_event ev;
    int rc = 1;
    c->daemon->told = 0;
    for (int n = 0; n < EVENTS_AT_ONCE && c->daemon->told < TOLD_AT_ONCE && rc > 0 &&
                    !is_dropped(c) && !c->switching && vw_clock_ms(&c->daemon->clock) <= until;
         n++) {
        rc = vw_session_next(c->session, arena, &ev);
        if (rc <= 0)
            return rc;
        take_account(c, &ev);
        rc = c->ops->event(c, &ev);
        vw_arena_reset(arena);
        if (rc < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

int64_t vw_conn_due_ms(const struct vw_conn *c)
{
    int64_t at = vw_session_deadline(c->session), due = vw_migrations_due_ms(c);
    if (due < at)
        at = due;
    return c->wake_ms < at ? c->wake_ms : at;
}

/* The timer may fire too early, which does no harm: so it is not moved for every message, and never
 * set further ahead than epoll-wait.c allows. A virtual clock does not go on while one waits. */
static void arm_timer(struct vw_conn *c, bool at_once)
{
    static const int64_t furthest_ms = VW_TIMER_MAX_MS;
    const struct vw_clock *clock = &c->daemon->clock;
    struct ev_loop *loop = c->daemon->loop;
    int64_t at = at_once ? vw_clock_ms(clock) : vw_conn_due_ms(c);
    int64_t wait;
    if (at == INT64_MAX || (ev_is_active(&c->timer) && c->armed_ms <= at))
        return;
    wait = at - vw_clock_ms(clock);
    if (wait > 0 && vw_clock_is_virtual(clock))
        return;
    if (wait > furthest_ms) {
        at -= wait - furthest_ms;
        wait = furthest_ms;
    }
    ev_timer_stop(loop, &c->timer);
    ev_now_update(loop);
    ev_timer_set(&c->timer, wait > 0 ? (double)wait / 1000.0 : 0.0, 0.0);
    ev_timer_start(loop, &c->timer);
    c->armed_ms = at;
}

/* One turn: events of the session, packets of streams, then one write of it all. As flush; MORE:
 * there is more to do, which waits until others had their turn. */
static int turn(struct vw_conn *c, bool *more)
{
    /* What is left behind a flush goes first: no stream gives before (D-26). */
    bool clear = vw_session_output_pending(c->session) == 0;
    int left, rc = take_events(c);
    *more = rc > 0;
    if (is_dropped(c))
        return -1;
    if (rc >= 0 && clear)
        rc = vw_transfers_give(c, VW_OUTPUT_AT_ONCE);
    vw_heap_used(c);
    if (rc < 0 || is_dropped(c))
        return rc;
    bool stuck = !vw_session_wants_read(c->session);
    left = c->ops->flush(c);
    /* A session that took nothing in may go on now that its output is gone. */
    if (left == 0 && !c->over && stuck && vw_session_wants_read(c->session))
        *more = true;
    if (left == 0 && !TAILQ_EMPTY(&c->giving))
        *more = true;
    return left;
}

static bool wants_read(const struct vw_conn *c)
{
    return !c->over && !c->switching && vw_session_wants_read(c->session);
}

static void pump(struct vw_conn *c)
{
    bool more;
    int left = turn(c, &more);
    /* Behind the last reply comes the end (C-7). */
    if (left == 0 && !more && !is_dropped(c) && !c->over && !vw_session_wants_read(c->session))
        left = turn(c, &more);
    if (is_dropped(c))
        return;
    if (left < 0)
        vw_account_why(c->account, "nothing can be written to it any more");
    if (left < 0 || (c->over && left == 0 && !more)) {
        vw_conn_drop(c);
        return;
    }
    watch(c, (!more && wants_read(c) ? EV_READ : 0) |
                 (left && c->wake_ms == INT64_MAX ? EV_WRITE : 0));
    arm_timer(c, more);
}

/* What the transport holds already, poll(2) does not tell (T-6). */
static void read_pending(struct vw_conn *c)
{
    if (is_dropped(c) || !c->transport->ops->pending || !(c->wanted & EV_READ))
        return;
    if (c->transport->ops->pending(c->transport))
        ev_feed_event(c->daemon->loop, &c->watcher, EV_READ);
}

static void go_on(struct vw_conn *c)
{
    vw_session_time(c->session, vw_clock_ms(&c->daemon->clock));
    vw_migrations_go_on(c);
    pump(c);
    read_pending(c);
}

void vw_conn_read(struct vw_conn *c)
{
    ssize_t n = c->ops->read(c);
    if (n == 0)
        vw_session_eof(c->session, VW_SIDE_CLIENT);
    if (n < 0 && n != -EAGAIN && n != -EINTR) {
        vw_account_why(c->account, "nothing can be read from it: %s", strerror((int)-n));
        vw_conn_drop(c);
    } else {
        go_on(c);
    }
}

static void on_io(struct ev_loop *loop, ev_io *w, int revents)
{
    struct vw_conn *c = w->data;
    if (c->handshake && revents & EV_READ) {
        watch(c, 0);
        vw_handshake_ready(c);
    } else if (revents & EV_READ) {
        vw_conn_read(c);
    } else {
        go_on(c);
    }
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
    go_on(w->data);
}

/* ---- life ---- */

/* The configuration may say that it is somebody else. */
static void find_peer(struct vw_conn *c, int fd)
{
    struct ucred who;
    socklen_t len = sizeof(who);
    c->uid = -1;
    if (!c->listener->unix_socket || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
        return;
    c->uid = c->daemon->config->peer_uid >= 0 ? c->daemon->config->peer_uid : (int64_t)who.uid;
    c->gid = (int32_t)who.gid;
    c->pid = who.pid;
}

static bool is_starting(const struct vw_conn *c)
{
    return c->transport->ops->starting && c->transport->ops->starting(c->transport);
}

/* Of an interval; 0: there is none. */
static int32_t milliseconds(int32_t seconds)
{
    if (seconds > INT32_MAX / 1000)
        return INT32_MAX;
    return seconds > 0 ? seconds * 1000 : 0;
}

static int make_session(struct vw_conn *c, struct vw_error *err)
{
    struct vw_daemon *d = c->daemon;
    const struct vw_config_service *limits =
        c->listener->admin ? &d->config->admin : &d->config->main;
    const struct vw_dispatch_programs *programs =
        vw_dispatch_programs(d->dispatch, c->listener->admin);
    struct vw_session_options o = {
        .role = VW_ROLE_SERVER,
        .profile = d->profile,
        .programs = programs->list,
        .n_programs = programs->count,
        .max_requests = limits->max_client_requests,
        .max_streams = d->config->max_client_streams,
        .keepalive_interval = milliseconds(limits->keepalive_interval),
        .keepalive_count = limits->keepalive_count,
        .fds = c->listener->unix_socket,
        .auth_required = vw_conn_auth(c) != VW_CONFIG_AUTH_NONE,
        .spares = &d->spares,
    };
    int rc = c->ops->create(c, &o, err);
    c->authenticated = vw_conn_auth(c) == VW_CONFIG_AUTH_NONE;
    if (rc == 0 && d->recorder)
        rc = vw_record_wrap(d->recorder, VW_SIDE_SERVER, c->transport->ops->name, c->transport,
                            &c->transport, err);
    if (rc == 0 && is_starting(c) && vw_handshake_add(c) < 0)
        rc = vw_error_nomem(err);
    if (rc == 0)
        rc = vw_session_create(&o, &c->session, err);
    if (rc == 0 && c->ops->begin)
        c->ops->begin(c);
    return rc;
}

int vw_conn_create(struct vw_daemon *daemon, const struct vw_listener *listener, int fd,
                   const struct vw_conn_ops *ops, struct vw_error *err)
{
    struct vw_conn *c = calloc(1, sizeof(*c));
    int rc;
    if (!c) {
        close(fd);
        return vw_error_nomem(err);
    }
    c->daemon = daemon;
    c->model = &daemon->model;
    c->listener = listener;
    c->ops = ops;
    c->wake_ms = INT64_MAX;
    c->read_only = listener->read_only;
    c->service = listener->admin ? &daemon->admin : &daemon->main;
    c->since = vw_clock_ns(&daemon->clock) / 1000000000;
    find_peer(c, fd);
    TAILQ_INIT(&c->taking);
    TAILQ_INIT(&c->giving);
    rc = vw_transport_from_fd(fd, &c->transport, err);
    if (rc == 0)
        rc = make_session(c, err);
    if (rc < 0) {
        vw_handshake_remove(c);
        if (ops->destroy)
            ops->destroy(c);
        if (c->transport)
            c->transport->ops->close(c->transport);
        free(c);
        return rc;
    }
    ev_io_init(&c->watcher, on_io, fd, EV_READ);
    ev_init(&c->timer, on_timer);
    c->watcher.data = c->timer.data = c;
    c->account = vw_account_begin(&daemon->accounts, listener->uri, vw_clock_ns(&daemon->clock));
    vw_chronicle_begin(daemon, c->account);
    TAILQ_INSERT_TAIL(&daemon->conns, c, link);
    c->id = ++c->service->last_id;
    c->service->n_conns++;
    c->service->n_anonymous += !c->authenticated;
    vw_session_time(c->session, vw_clock_ms(&c->daemon->clock));
    pump(c);
    return 0;
}

void vw_conn_destroy(struct vw_conn *c)
{
    vw_conn_drop(c);
    TAILQ_REMOVE(&c->daemon->dropped, c, link);
    vw_migrations_leave(c);
    if (c->ops->destroy)
        c->ops->destroy(c);
    vw_heap_gone(c);
    vw_session_destroy(c->session);
    vw_sasl_server_destroy(c->sasl);
    vw_registrations_finish(&c->events);
    vw_transfers_finish(c);
    vw_conn_set_model(c, NULL);
    free(c->uri);
    free(c->user);
    free(c->certificate);
    free(c);
}
