// SPDX-License-Identifier: MIT
// The server's part: each client that connects is a connection of the capture, the next one; what
// it calls is held against what was called then, and answered as it was then. Events and packets of
// streams go out once what came before them has been said.
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/call-fds.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/replay-guest.h"
#include "schema/facts.h"
#include "session/session.h"
#include "transport/listen.h"
#include "transport/tls.h"
#include "xdr/json.h"

#define TALKS_MAX 64  /* at a time; who comes then waits */
#define RETRY_MS  100 /* after a connection that could not be taken */

struct vw_replay_heard {
    struct vw_header header; /* as it came now */
    uint64_t came;           /* bytes of its stream, of the client */
};

struct server {
    struct vw_replay *r;
    struct vw_listener *listener;
    struct vw_replay_guest *talks[TALKS_MAX];
    int64_t accept_ms; /* no connection is taken before that */
    size_t n;
};

/* ---- what was recorded, and has or has not been said ---- */

static bool is_of(const struct vw_replay_item *it, const struct vw_replay_conn *c,
                  enum vw_side from)
{
    return it->conn == c && it->from == from && !it->done;
}

/* Moves the places on that only ever grow: of what is not done, the first of all, and the first
 * that each client says. */
static void find_firsts(struct vw_replay *r)
{
    while (r->start < r->n && (r->items[r->start].done || vw_replay_is_own(r, &r->items[r->start])))
        r->start++;
    for (struct vw_replay_conn *c = r->conns; c; c = c->next)
        while (c->first < r->n && (!is_of(&r->items[c->first], c, VW_SIDE_CLIENT) ||
                                   vw_replay_is_own(r, &r->items[c->first])))
            c->first++;
}

/* Behind what the clients that are there wait for, each, nothing is due. */
static size_t end_of_due(const struct vw_replay *r)
{
    size_t end = r->start;
    for (const struct vw_replay_conn *c = r->conns; c; c = c->next)
        if (c->guest && c->first > end)
            end = c->first;
    return end;
}

/* Whether all that clients said before ITEM, and could be the reason for it, has been said again:
 * of its own connection, and for an event of the others that are there too. */
static bool is_due(const struct vw_replay *r, const struct vw_replay_item *item)
{
    size_t place = (size_t)(item - r->items);
    bool event = item->frame.header.type == VW_MSG_MESSAGE;
    for (const struct vw_replay_conn *c = r->conns; event && c; c = c->next)
        if (c->guest && c->first < place)
            return false;
    return item->conn->first > place;
}

/* ---- out ---- */

static int send_packet(struct vw_replay_guest *t, const struct vw_replay_item *item,
                       const struct vw_header *call)
{
    const struct vw_frame *f = &item->frame;
    if (f->header.type == VW_MSG_STREAM_HOLE || f->header.status == VW_MSG_ERROR)
        return vw_replay_send_as(t->session, item, call->serial);
    if (f->header.status == VW_MSG_OK)
        return vw_session_stream_finish(t->session, call, NULL);
    return f->body_len ? vw_session_stream_data(t->session, call, f->body, f->body_len, NULL)
                       : vw_session_stream_end(t->session, call, NULL);
}

/* Events and packets that are due. */
static void send_due(struct vw_replay *r)
{
    find_firsts(r);
    size_t end = end_of_due(r);
    for (size_t i = r->start; i < end; i++) {
        struct vw_replay_item *it = &r->items[i], *call = NULL;
        int32_t type = it->frame.header.type;
        bool packet = type == VW_MSG_STREAM || type == VW_MSG_STREAM_HOLE;
        if (!is_of(it, it->conn, VW_SIDE_SERVER) || !it->conn->guest || vw_replay_is_own(r, it) ||
            (!packet && type != VW_MSG_MESSAGE) || !is_due(r, it))
            continue;
        it->done = true;
        if (packet)
            call = vw_replay_call_of(r, it);
        if (packet && call && call->heard)
            send_packet(it->conn->guest, it, &call->heard->header);
        else if (!packet)
            vw_replay_send_as(it->conn->guest->session, it, it->frame.header.serial);
    }
}

/* ---- calls ---- */

/* Whether EV has the body of ITEM, which the number of descriptors stands ahead of. */
static bool has_body_of(const struct vw_event *ev, const struct vw_replay_item *item)
{
    size_t skip = item->frame.header.type == VW_MSG_CALL_WITH_FDS ? 4 : 0;
    return item->frame.body_len == skip + ev->body_len &&
           (!ev->body_len || memcmp(item->frame.body + skip, ev->body, ev->body_len) == 0);
}

static struct json_object *args_json(const struct vw_event *ev)
{
    struct vw_error err = VW_ERROR_INIT;
    return ev->proc && ev->proc->args ? vw_json_from_value(ev->proc->args, ev->value, &err) : NULL;
}

/* The recorded call that this one is: one with the same arguments, or else the first of that
 * procedure. */
static struct vw_replay_item *find_call(struct vw_replay_guest *t, const struct vw_event *ev)
{
    struct vw_replay_item *first = NULL;
    for (size_t i = t->r->start; i < t->r->n; i++) {
        struct vw_replay_item *it = &t->r->items[i];
        const struct vw_header *h = &it->frame.header;
        if (!is_of(it, t->conn, VW_SIDE_CLIENT) || h->type != ev->header.type ||
            h->program != ev->header.program || h->procedure != ev->header.procedure)
            continue;
        if (has_body_of(ev, it))
            return it;
        if (!first)
            first = it;
    }
    return first;
}

static struct vw_replay_item *reply_to(struct vw_replay *r, const struct vw_replay_item *call)
{
    for (size_t i = (size_t)(call - r->items); i < r->n; i++)
        if (r->items[i].conn == call->conn && r->items[i].answers == call->number)
            return &r->items[i];
    return NULL;
}

static void compare_numbers(struct vw_replay *r, const struct vw_replay_item *item,
                            const char *what, uint64_t then, uint64_t now)
{
    char expected[40], found[40];
    snprintf(expected, sizeof(expected), "%" PRIu64, then);
    snprintf(found, sizeof(found), "%" PRIu64, now);
    if (then != now)
        vw_replay_tell(r, item, VW_FAIL, "", what, expected, found);
}

static void compare_args(struct vw_replay *r, const struct vw_replay_item *item,
                         const struct vw_event *ev)
{
    struct vw_body body;
    struct json_object *then = vw_replay_body(r, &item->frame, &body), *now = args_json(ev);
    r->at = item;
    r->compared++;
    if (body.type)
        vw_again_compare(&r->again, body.proc, "args", then, now);
    compare_numbers(r, item, "descriptors", vw_replay_n_fds(item), ev->n_fds);
    json_object_put(then);
    json_object_put(now);
}

static void refuse(struct vw_replay_guest *t, const struct vw_event *ev)
{
    struct vw_remote_error e;
    char text[200];
    snprintf(text, sizeof(text), "%s was not recorded", ev->proc->short_name);
    if (t->conn && !t->conn->only_log_in)
        vw_replay_tell(t->r, NULL, VW_FAIL, "", ev->proc->short_name, "a call that was recorded",
                       text);
    vw_session_rpc_error(t->session, VW_ERR_NO_SUPPORT, VW_FROM_REMOTE, text, &e);
    vw_session_reply_error(t->session, &ev->header, &e, NULL);
}

/* REPLY, which came with descriptors, and now has others. */
static void send_with_fds(struct vw_replay_guest *t, const struct vw_replay_item *reply,
                          const struct vw_header *call)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_remote_error e;
    struct vw_fds fds;
    struct vw_body body;
    void *ret = NULL;
    struct json_object *json = vw_replay_body(t->r, &reply->frame, &body);
    bool ok = body.proc &&
              (!body.proc->ret || vw_json_to_value(body.proc->ret, json, &arena, &ret, &err) == 0);
    if (!vw_replay_stand_ins(vw_replay_n_fds(reply), &fds))
        ok = false;
    if (!ok)
        vw_call_fds_close(&fds);
    else if (vw_session_reply(t->session, call, ret, fds.fd, fds.count, &err) < 0)
        ok = false;
    if (!ok) {
        vw_replay_tell(t->r, reply, VW_FAIL, "", "descriptors", NULL, "they cannot be sent here");
        vw_session_rpc_error(t->session, VW_ERR_NO_SUPPORT, VW_FROM_REMOTE,
                             "descriptors cannot be sent here", &e);
        vw_session_reply_error(t->session, call, &e, NULL);
    }
    json_object_put(json);
    vw_arena_finish(&arena);
}

static void answer(struct vw_replay_guest *t, const struct vw_event *ev,
                   struct vw_replay_item *call)
{
    struct vw_replay_item *reply = reply_to(t->r, call);
    struct vw_body body;
    call->done = true;
    vw_body_of(t->r->in.profile->schema, &ev->header, &body);
    if ((call->heard =
             vw_arena_zalloc(&t->r->arena, sizeof(*call->heard), _Alignof(struct vw_replay_heard))))
        call->heard->header = ev->header;
    if (!reply) {
        vw_session_no_reply(t->session, &ev->header);
        return;
    }
    reply->done = true;
    bool good = reply->frame.header.status == VW_MSG_OK;
    if (good && vw_replay_opens_stream(&body))
        vw_session_stream_open(t->session, &ev->header, NULL);
    if (good && strcmp(ev->proc->short_name, "connect_open") == 0)
        vw_session_set_opened(t->session, true);
    if (vw_replay_n_fds(reply)) {
        send_with_fds(t, reply, &ev->header);
        return;
    }
    vw_session_no_reply(t->session, &ev->header);
    vw_replay_send_as(t->session, reply, ev->header.serial);
}

/* The connection that is said next of those that nobody has made: where its first message stands.
 */
static struct vw_replay_conn *next_conn(struct vw_replay *r)
{
    for (size_t i = r->start; i < r->n; i++)
        if (!r->items[i].conn->met && !vw_replay_is_own(r, &r->items[i]))
            return r->items[i].conn;
    return NULL;
}

/* The log-in: what a client asks on its way in is its own affair, and is answered as any client was
 * answered then. False: nobody asked that. */
static bool answer_entrance(struct vw_replay_guest *t, const struct vw_event *ev)
{
    struct vw_replay *r = t->r;
    if (vw_replay_is_log_in(ev->proc))
        return vw_replay_answer_log_in(t, next_conn(r), ev);
    for (size_t i = 0; i < r->n; i++) {
        struct vw_replay_item *it = &r->items[i], *reply;
        const struct vw_header *h = &it->frame.header;
        if (it->from != VW_SIDE_CLIENT || h->program != ev->header.program ||
            h->procedure != ev->header.procedure || !vw_replay_is_own(r, it) ||
            !(reply = reply_to(r, it)) || reply->frame.header.status != VW_MSG_OK)
            continue;
        bool opens = strcmp(ev->proc->short_name, "connect_open") == 0;
        if (!opens && !has_body_of(ev, it))
            continue;
        if (opens) {
            compare_args(r, it, ev);
            vw_session_set_opened(t->session, true);
        }
        vw_session_no_reply(t->session, &ev->header);
        vw_replay_send_as(t->session, reply, ev->header.serial);
        return true;
    }
    return false;
}

static void meet(struct vw_replay_guest *t, struct vw_replay_conn *conn)
{
    t->conn = conn;
    conn->met = true;
    conn->guest = t;
}

static void take_call(struct vw_replay_guest *t, const struct vw_event *ev)
{
    bool log_in = vw_replay_is_log_in(ev->proc), in = t->conn || t->stranger;
    struct vw_replay_conn *only = in || !log_in ? NULL : vw_replay_next_log_in(t->r);
    if (only)
        meet(t, only);
    if (log_in && t->conn && t->conn->only_log_in) {
        vw_replay_answer_log_in(t, t->conn, ev);
        return;
    }
    struct vw_replay_conn *next = in ? NULL : next_conn(t->r);
    bool entering = next && next->entrance.stage == VW_WITHIN && vw_proc_facts(ev->proc)->before;
    if (entering && answer_entrance(t, ev))
        return;
    if (next) {
        meet(t, next);
    } else if (!t->conn && !t->stranger) {
        t->stranger = true;
        vw_replay_tell(t->r, NULL, VW_FAIL, "", "", NULL,
                       "there is a connection more than was recorded");
    }
    struct vw_replay_item *call = t->conn ? find_call(t, ev) : NULL;
    if (call) {
        compare_args(t->r, call, ev);
        answer(t, ev, call);
    } else if (!answer_entrance(t, ev)) {
        refuse(t, ev);
    }
}

/* ---- packets of the client ---- */

static bool is_packet(const struct vw_replay_item *it)
{
    int32_t type = it->frame.header.type;
    return type == VW_MSG_STREAM || type == VW_MSG_STREAM_HOLE;
}

/* All that the client sent in the stream of CALL then, against what has come: how it was cut into
 * packets is each client's own. */
static void compare_stream(struct vw_replay *r, const struct vw_replay_item *call)
{
    uint64_t then = 0;
    for (const struct vw_replay_item *it = call; it < r->items + r->n; it++)
        if (it->conn == call->conn && it->from == VW_SIDE_CLIENT && is_packet(it) &&
            vw_replay_call_of(r, it) == call)
            then += vw_replay_stream_bytes(it);
    compare_numbers(r, call, "stream", then, call->heard->came);
}

/* The call whose stream a packet with header H belongs to. */
static struct vw_replay_item *opener_of(const struct vw_replay_guest *t, const struct vw_header *h)
{
    for (size_t i = t->r->n; i > 0; i--) {
        struct vw_replay_item *it = &t->r->items[i - 1];
        if (it->conn == t->conn && it->heard && it->heard->header.serial == h->serial &&
            it->heard->header.procedure == h->procedure)
            return it;
    }
    return NULL;
}

/* Marks what was recorded of the stream up to the packet that this one is. */
static void take_packet(struct vw_replay_guest *t, const struct vw_event *ev)
{
    int32_t status = ev->header.status;
    struct vw_replay_item *call = opener_of(t, &ev->header);
    if (!call)
        return;
    call->heard->came += ev->kind == VW_EVENT_STREAM_HOLE   ? (uint64_t)ev->hole_length
                         : ev->kind == VW_EVENT_STREAM_DATA ? ev->body_len
                                                            : 0;
    if (status == VW_MSG_OK)
        compare_stream(t->r, call);
    for (size_t i = t->r->start; i < t->r->n; i++) {
        struct vw_replay_item *it = &t->r->items[i];
        if (!is_of(it, t->conn, VW_SIDE_CLIENT) || !is_packet(it) ||
            vw_replay_call_of(t->r, it) != call)
            continue;
        bool same = it->frame.header.status == status;
        if (!same && status == VW_MSG_CONTINUE)
            return;
        it->done = true;
        t->r->compared++;
        if (same)
            return;
    }
}

/* ---- a connection ---- */

static void take_event(struct vw_replay_guest *t, const struct vw_event *ev)
{
    switch (ev->kind) {
    case VW_EVENT_CALL:
        take_call(t, ev);
        break;
    case VW_EVENT_STREAM_DATA:
    case VW_EVENT_STREAM_HOLE:
    case VW_EVENT_STREAM_END:
    case VW_EVENT_STREAM_FINISH:
    case VW_EVENT_STREAM_ABORT:
        take_packet(t, ev);
        break;
    case VW_EVENT_VIOLATION:
        vw_replay_tell(t->r, NULL, VW_FAIL, ev->clause, "", NULL, ev->text);
        break;
    default:
        break;
    }
}

static void write_out(struct vw_replay_guest *t)
{
    struct vw_segment seg;
    while (vw_session_output(t->session,
                             t->layered || (t->transport->ops->caps & VW_CAP_RECORDS) != 0,
                             &seg) > 0) {
        const struct vw_fds fds = {.fd = {seg.fd}, .count = 1};
        ssize_t n =
            t->transport->ops->send(t->transport, seg.data, seg.len, seg.fd >= 0 ? &fds : NULL);
        if (n <= 0)
            return;
        vw_session_written(t->session, (size_t)n);
        if (seg.switch_layer && (size_t)n == seg.len && vw_replay_put_layer(t) < 0) {
            vw_session_close(t->session);
            return;
        }
    }
}

static void take_events(struct vw_replay_guest *t)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_event ev;
    while (vw_session_next(t->session, &arena, &ev) > 0) {
        take_event(t, &ev);
        for (uint32_t i = 0; i < ev.n_fds; i++)
            close(ev.fds[i]);
        vw_arena_reset(&arena);
    }
    vw_arena_finish(&arena);
}

/* Writes what waits. What has come and was left because of it is taken then. False: it is over. */
static bool go_on(struct vw_replay_guest *t)
{
    bool stuck;
    do {
        stuck = !vw_session_wants_read(t->session);
        write_out(t);
        stuck = stuck && vw_session_wants_read(t->session);
        if (stuck)
            take_events(t);
    } while (stuck);
    return !vw_session_over(t->session);
}

/* False: it is over. */
static bool turn(struct vw_replay_guest *t)
{
    bool over = false;
    vw_session_time(t->session, vw_now_ms());
    do {
        size_t room;
        uint8_t *space = vw_session_space(t->session, VW_SIDE_CLIENT, &room);
        struct vw_fds fds = {.count = 0};
        ssize_t n = space ? t->transport->ops->recv(t->transport, space, room, &fds) : -ENOMEM;
        if (n == -EAGAIN || n == -EINTR)
            break;
        if (n > 0)
            vw_session_added(t->session, VW_SIDE_CLIENT, (size_t)n);
        if (fds.count)
            vw_session_add_fds(t->session, VW_SIDE_CLIENT, fds.fd, fds.count);
        if (n <= 0)
            vw_session_eof(t->session, VW_SIDE_CLIENT);
        over = n <= 0;
    } while (!over && t->transport->ops->pending && t->transport->ops->pending(t->transport));
    take_events(t);
    return !over && !vw_session_over(t->session);
}

static void end_talk(struct server *s, size_t i)
{
    struct vw_replay_guest *t = s->talks[i];
    vw_replay_end_log_in(t);
    if (t->conn)
        t->conn->guest = NULL;
    if (t->transport)
        t->transport->ops->close(t->transport);
    vw_session_destroy(t->session);
    free(t);
    s->talks[i] = s->talks[--s->n];
}

static int begin(struct server *s, int fd, struct vw_replay_guest *t, struct vw_error *err)
{
    struct vw_session_options o = {.role = VW_ROLE_SERVER, .profile = s->r->in.profile};
    int rc = vw_transport_from_fd(fd, &t->transport, err);
    o.fds = rc == 0 && s->listener->unix_socket;
    t->secure = s->listener->tls || s->listener->unix_socket;
    t->tls = s->listener->tls != NULL;
    if (rc == 0 && s->listener->tls) {
        struct vw_transport *lower = t->transport;
        t->transport = NULL;
        rc = vw_tls_server_wrap(s->listener->tls, lower, &t->transport, err);
    }
    return rc ? rc : vw_session_create(&o, &t->session, err);
}

static void welcome(struct server *s)
{
    struct vw_error err = VW_ERROR_INIT;
    int fd = accept4(s->listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct vw_replay_guest *t = fd >= 0 ? calloc(1, sizeof(*t)) : NULL;
    /* A listener that is readable and cannot be accepted from would keep the loop busy. */
    if (!t)
        s->accept_ms = vw_now_ms() + RETRY_MS;
    if (!t && fd >= 0)
        close(fd);
    if (!t)
        return;
    s->talks[s->n++] = t;
    t->r = s->r;
    if (begin(s, fd, t, &err)) {
        vw_cli_warn(s->r->in.command, "%s", err.text);
        end_talk(s, s->n - 1);
    }
}

/* ---- the run ---- */

static bool accepts(const struct server *s)
{
    return s->n < TALKS_MAX && vw_now_ms() >= s->accept_ms;
}

static int64_t nearest_deadline(const struct server *s)
{
    int64_t end = s->n < TALKS_MAX && !accepts(s) ? s->accept_ms : INT64_MAX;
    for (size_t i = 0; i < s->n; i++) {
        int64_t one = vw_session_deadline(s->talks[i]->session);
        end = one < end ? one : end;
    }
    return end;
}

/* Until every connection of the capture has been made and is over, or a signal comes: 1. */
static int serve(struct server *s)
{
    while (next_conn(s->r) || vw_replay_next_log_in(s->r) || s->n) {
        struct pollfd p[TALKS_MAX + 2] = {
            {.fd = s->r->signals, .events = POLLIN},
            {.fd = s->listener->fd, .events = accepts(s) ? POLLIN : 0}};
        for (size_t i = 0; i < s->n; i++) {
            const struct vw_replay_guest *t = s->talks[i];
            short in = vw_session_wants_read(t->session) ? POLLIN : 0;
            short out = vw_session_output_pending(t->session) ? POLLOUT : 0;
            p[i + 2] = (struct pollfd){.fd = t->transport->ops->fd(t->transport),
                                       .events = (short)(in | out)};
        }
        size_t n = s->n;
        poll(p, n + 2, vw_ms_left(nearest_deadline(s)));
        if (p[0].revents)
            return 1;
        for (size_t i = n; i > 0; i--)
            if (p[i + 1].revents && !turn(s->talks[i - 1]))
                end_talk(s, i - 1);
        send_due(s->r);
        for (size_t i = s->n; i > 0; i--)
            if (!go_on(s->talks[i - 1]))
                end_talk(s, i - 1);
        if (p[1].revents)
            welcome(s);
    }
    return 0;
}

/* What the clients have not said. */
static void tell_missing(struct vw_replay *r)
{
    vw_replay_tell_log_ins(r);
    for (size_t i = 0; i < r->n; i++) {
        struct vw_replay_item *it = &r->items[i];
        struct vw_body body;
        vw_body_of(r->in.profile->schema, &it->frame.header, &body);
        if (!is_of(it, it->conn, VW_SIDE_CLIENT) || vw_replay_is_own(r, it))
            continue;
        vw_replay_tell(r, it, VW_FAIL, "", "", "this message",
                       body.kind == VW_BODY_ARGS ? "the client does not call it"
                                                 : "the client does not send it");
    }
}

int vw_replay_as_server(struct vw_replay *r)
{
    struct vw_error err = VW_ERROR_INIT;
    struct server s = {.r = r};
    r->again.fixed = true;
    vw_replay_find_log_ins(r);
    int status = vw_output_signals(r->in.command, &r->signals);
    if (status == 0 && vw_listener_open(r->listen, NULL, &s.listener, &err) < 0)
        status = vw_cli_fail(r->in.command, NULL, &err);
    if (status == 0) {
        FILE *out = vw_cli_reports_on_stdout(&r->reports) ? stderr : stdout;
        fprintf(out, "listening %s\n", s.listener->uri);
        fflush(out);
        status = serve(&s) ? VW_EXIT_INCOMPLETE : 0;
        tell_missing(r);
    }
    while (s.n)
        end_talk(&s, s.n - 1);
    vw_listener_close(s.listener);
    if (r->signals >= 0)
        close(r->signals);
    return status;
}
