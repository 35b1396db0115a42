// SPDX-License-Identifier: MIT
// The client's part: each connection of the capture is made, its calls are sent as they were, and
// what was answered is waited for and compared.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <virwire/stream.h>

#include "cli/ask.h"
#include "cli/call-fds.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/replay.h"
#include "xdr/json.h"

/* What a call has come to. */
struct vw_replay_asked {
    struct vw_replay_asked *next;
    struct vw_replay_talk *talk;
    struct vw_stream *stream; /* NULL: none, or it is over */
    bool answered, failed;
    struct json_object *json; /* what it returned, or the error */
    uint64_t came;            /* bytes of the stream, of the server */
    uint64_t then;            /* the same as recorded */
    bool ended;               /* the server has no more */
    bool asked;               /* the client wants no more: what still comes is dropped */
    uint32_t n_fds;           /* descriptors that came with the answer */
};

/* An event that has come and that nothing has asked for yet. */
struct event {
    struct event *next;
    const struct vw_proc *proc;
    struct json_object *json;
    size_t bytes;
};

#define EVENTS_MAX (64u << 20) /* bytes, as they came, of those that wait */

struct vw_replay_talk {
    struct vw_replay *r;
    struct vw_client *client;
    struct vw_replay_asked *calls;
    struct event *first, **last;
    size_t waiting;     /* bytes of those events */
    uint32_t n_dropped; /* events */
    bool gone;          /* it was told that the connection is lost, or it was closed */
};

/* ---- what comes ---- */

static struct json_object *error_json(const struct vw_remote_error *e)
{
    struct json_object *o = json_object_new_object();
    if (vw_json_put_number(o, "code", e->code) && vw_json_put_number(o, "domain", e->domain) &&
        vw_json_put_number(o, "level", e->level))
        return o;
    json_object_put(o);
    return NULL;
}

static struct json_object *value_json(const struct vw_type *t, const void *value)
{
    struct vw_error err = VW_ERROR_INIT;
    return t ? vw_json_from_value(t, value, &err) : NULL;
}

/* As it came: the library takes some errors for others, as libvirt's does (D-21). */
static struct json_object *answer_json(struct vw_replay *r, const struct vw_event *ev)
{
    struct vw_frame frame;
    struct vw_body body;
    if (ev->local || ev->length < VW_PREFIX_BYTES)
        return ev->kind == VW_EVENT_ERROR ? error_json(&ev->error) : NULL;
    vw_frame_of(ev->message, ev->length, &frame);
    return vw_replay_body(r, &frame, &body);
}

static void on_done(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct vw_replay_asked *call = user;
    struct vw_fds fds = {.count = 0};
    call->answered = true;
    call->failed = ev->kind == VW_EVENT_ERROR;
    call->json = answer_json(call->talk->r, ev);
    vw_client_take_fds(c, &fds);
    call->n_fds = fds.count;
    vw_call_fds_close(&fds);
}

static void on_event(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct vw_replay_talk *t = user;
    struct event *e = NULL;
    if (ev->kind == VW_EVENT_VIOLATION)
        vw_replay_tell(t->r, NULL, VW_FAIL, ev->clause, "", NULL, ev->text);
    const size_t bytes = ev->length + sizeof(*e);
    if (t->waiting + bytes > EVENTS_MAX)
        t->n_dropped++;
    else if (ev->kind == VW_EVENT_MESSAGE && ev->proc)
        e = vw_arena_zalloc(&t->r->arena, sizeof(*e), _Alignof(struct event));
    if (!e)
        return;
    e->proc = ev->proc;
    e->json = value_json(ev->proc->args, ev->value);
    *t->last = e;
    t->last = &e->next;
    e->bytes = bytes;
    t->waiting += bytes;
}

/* ---- what is asked on the way in: the talk is the user of all that a client calls ---- */

static int ask_credentials(void *user, const struct vw_credential_request *request, char *buf,
                           size_t size, struct vw_error *err)
{
    struct vw_replay_talk *t = user;
    return vw_cli_credentials_ask(&t->r->x.credentials, request, buf, size, err);
}

static int ask(void *user, enum vw_ask_kind kind, const char *prompt, int64_t deadline_ms,
               char *buf, size_t size)
{
    struct vw_replay_talk *t = user;
    return vw_cli_ask(&t->r->x, kind, prompt, deadline_ms, buf, size);
}

static void warn(void *user, const char *text)
{
    const struct vw_replay_talk *t = user;
    vw_cli_warn(t->r->in.command, "%s", text);
}

/* Lets the peer talk until the time is up; false when there is no more to wait for. */
static bool wait_more(struct vw_replay_talk *t, const struct vw_replay_item *item, int64_t end)
{
    struct vw_error err = VW_ERROR_INIT;
    int rc = t->gone ? VW_ECLOSED : vw_client_wait(t->client, end, &err);
    if (rc >= 0)
        return true;
    if (rc != VW_ETIMEOUT && rc != VW_ELIMIT && !t->gone) {
        t->gone = true;
        vw_replay_tell(t->r, item, VW_CRASH, err.clause, "", NULL, err.text);
    }
    return false;
}

/* ---- a connection ---- */

static int start(struct vw_replay *r, struct vw_replay_conn *c)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client_options o;
    struct vw_replay_talk *t =
        vw_arena_zalloc(&r->arena, sizeof(*t), _Alignof(struct vw_replay_talk));
    if (!t)
        return vw_cli_error(r->in.command, VW_EXIT_TOOL, "out of memory");
    t->r = r;
    t->last = &t->first;
    vw_connect_client_options(&r->x, &o);
    o.read_only = c->entrance.read_only;
    o.open_flags = c->entrance.flags;
    o.no_open = c->entrance.stage != VW_WITHIN;
    o.program = c->entrance.program ? c->entrance.program->name : NULL;
    o.on_event = on_event;
    o.credentials = ask_credentials;
    o.ask = ask;
    o.warn = warn;
    o.user = t;
    o.pass_fds = c->fds;
    int rc = vw_client_open(r->x.uri, &o, &t->client, &err);
    if (rc)
        return vw_cli_fail(r->in.command, NULL, &err);
    c->talk = t;
    return 0;
}

static void finish(struct vw_replay_conn *c)
{
    struct vw_replay_talk *t = c->talk;
    if (!t)
        return;
    if (t->n_dropped)
        vw_cli_warn(t->r->in.command, "%u events that nothing asked for were not kept",
                    t->n_dropped);
    for (struct vw_replay_asked *call = t->calls; call; call = call->next) {
        vw_stream_destroy(call->stream);
        json_object_put(call->json);
    }
    vw_client_destroy(t->client);
    for (struct event *e = t->first; e; e = e->next)
        json_object_put(e->json);
    c->talk = NULL;
}

/* ---- the client's side ---- */

static int make_args(struct vw_replay *r, const struct vw_replay_item *item, struct vw_body *body,
                     struct vw_arena *arena, void **args, struct vw_error *err)
{
    struct json_object *json = vw_replay_body(r, &item->frame, body);
    *args = NULL;
    if (!body->proc || (body->proc->args && !body->type))
        return VW_EVALUE;
    if (!body->proc->args)
        return 0;
    json = vw_again_args(&r->again, body->proc, json);
    int rc = vw_json_to_value(body->proc->args, json, arena, args, err);
    json_object_put(json);
    return rc;
}

/* Descriptors that stand for those of ITEM. VW_EUSAGE: none can go there. */
static int make_fds(const struct vw_replay_item *item, struct vw_fds *fds, struct vw_error *err)
{
    uint32_t n = vw_replay_n_fds(item);
    bool yes = true;
    fds->count = 0;
    int rc = n ? vw_client_passes_fds(item->conn->talk->client, &yes, err) : 0;
    if (rc)
        return rc;
    if (!yes)
        return vw_error_set(err, VW_EUSAGE, "descriptors cannot be sent there");
    return vw_replay_stand_ins(n, fds) ? 0 : vw_error_set(err, VW_ELIMIT, "%u descriptors", n);
}

/* What the library cannot send as it was is told, and left out. */
static int send_call(struct vw_replay *r, struct vw_replay_item *item)
{
    struct vw_replay_talk *t = item->conn->talk;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_body body;
    struct vw_fds fds = {.count = 0};
    void *args;
    struct vw_replay_asked *call =
        vw_arena_zalloc(&r->arena, sizeof(*call), _Alignof(struct vw_replay_asked));
    if (!call)
        return VW_ENOMEM;
    call->talk = t;
    int rc = make_args(r, item, &body, &arena, &args, &err);
    if (rc == 0)
        rc = make_fds(item, &fds, &err);
    const struct vw_submission what = {VW_SUBMISSION_INIT, .proc = body.proc,  .args = args,
                                       .fds = fds.fd,      .n_fds = fds.count, .done = on_done,
                                       .user = call};
    if (rc == 0 && vw_replay_opens_stream(&body))
        rc = vw_stream_submit(t->client, &what, &call->stream, &err);
    else if (rc == 0)
        rc = vw_client_submit(t->client, &what, NULL, &err);
    vw_arena_finish(&arena);
    if (rc == 0) {
        /* It goes out now: what comes of it may be expected on another connection. */
        vw_client_process(t->client, NULL);
        item->asked = call;
        call->next = t->calls;
        t->calls = call;
    } else if (rc == VW_EVALUE || rc == VW_ELIMIT || rc == VW_EUSAGE || rc == VW_ENAME) {
        vw_cli_warn(r->in.command, "connection %" PRIu64 ", message %" PRIu64 " is left out: %s",
                    item->conn->number, item->number, *err.text ? err.text : "no call of a client");
        rc = 0;
    }
    return rc == VW_ENOMEM ? rc : 0;
}

static void send_packet(struct vw_replay *r, struct vw_replay_item *item,
                        struct vw_replay_asked *call)
{
    struct vw_error err = VW_ERROR_INIT;
    int64_t end = vw_now_ms() + r->x.timeout_ms;
    int rc = 0;
    call->asked |= item->frame.header.status != VW_MSG_CONTINUE;
    /* The reply may still be on its way. */
    while (!call->answered && wait_more(call->talk, item, end))
        ;
    if (!call->stream || !call->answered || call->failed)
        return;
    if (item->frame.header.status == VW_MSG_OK)
        rc = vw_stream_ask_finish(call->stream, &err);
    else if (item->frame.header.status == VW_MSG_ERROR)
        rc = vw_stream_ask_abort(call->stream, &err);
    else if (item->frame.header.type == VW_MSG_STREAM_HOLE)
        rc = vw_stream_send_hole(call->stream, (int64_t)vw_replay_stream_bytes(item), &err);
    else if (item->frame.body_len)
        rc = vw_stream_send(call->stream, item->frame.body, item->frame.body_len, &err);
    if (rc < 0)
        vw_replay_tell(r, item, VW_FAIL, err.clause, "stream", "it is open", err.text);
}

/* ---- the server's side ---- */

static void expect_reply(struct vw_replay *r, struct vw_replay_item *item,
                         struct vw_replay_asked *call)
{
    struct vw_body body;
    int64_t end = vw_now_ms() + r->x.timeout_ms;
    while (!call->answered && wait_more(call->talk, item, end))
        ;
    if (!call->answered) {
        if (!call->talk->gone)
            vw_replay_tell(r, item, VW_HUNG, "", "", "an answer", "no answer came in time");
        return;
    }
    struct json_object *then = vw_replay_body(r, &item->frame, &body);
    bool failed = item->frame.header.status == VW_MSG_ERROR;
    char n_then[40], n_now[40];
    r->at = item;
    r->compared++;
    snprintf(n_then, sizeof(n_then), "%u descriptors", vw_replay_n_fds(item));
    snprintf(n_now, sizeof(n_now), "%u descriptors", call->n_fds);
    if (strcmp(n_then, n_now) != 0)
        vw_replay_tell(r, item, VW_FAIL, "", "descriptors", n_then, n_now);
    if (failed != call->failed)
        vw_replay_tell(r, item, VW_FAIL, "", "status", failed ? "an error" : "a good reply",
                       failed ? "a good reply" : json_object_to_json_string(call->json));
    else if (failed)
        vw_again_compare_errors(&r->again, then, call->json);
    else if (body.type)
        vw_again_compare(&r->again, body.proc, "ret", then, call->json);
    json_object_put(then);
}

/* Takes the first event of PROC out of the queue. */
static struct event *take_event(struct vw_replay_talk *t, const struct vw_proc *proc)
{
    for (struct event **at = &t->first; *at; at = &(*at)->next) {
        struct event *e = *at;
        if (e->proc != proc)
            continue;
        if (!(*at = e->next))
            t->last = at;
        t->waiting -= e->bytes;
        return e;
    }
    return NULL;
}

static void expect_event(struct vw_replay *r, struct vw_replay_item *item)
{
    struct vw_replay_talk *t = item->conn->talk;
    struct vw_body body;
    struct json_object *then = vw_replay_body(r, &item->frame, &body);
    int64_t end = vw_now_ms() + r->x.timeout_ms;
    struct event *e = NULL;
    while (body.proc && !(e = take_event(t, body.proc)) && wait_more(t, item, end))
        ;
    if (e) {
        r->at = item;
        r->compared++;
        vw_again_compare(&r->again, body.proc, "args", then, e->json);
        json_object_put(e->json);
    } else if (!t->gone) {
        vw_replay_tell(r, item, VW_FAIL, "", "", "an event", "no such event came in time");
    }
    json_object_put(then);
}

/* All that has come of the stream so far. Negative: it is over, because of an error. */
static int drain(struct vw_replay_asked *call, struct vw_error *err)
{
    struct vw_stream_item got;
    int rc;
    while (!call->ended && (rc = vw_stream_take(call->stream, &got, err)) != 0) {
        if (rc < 0)
            return rc;
        call->came += got.kind == VW_ITEM_DATA   ? got.len
                      : got.kind == VW_ITEM_HOLE ? (uint64_t)got.hole
                                                 : 0;
        call->ended = got.kind == VW_ITEM_END;
    }
    return 0;
}

static void compare_sizes(struct vw_replay *r, struct vw_replay_item *item,
                          const struct vw_replay_asked *call)
{
    char then[40], now[40];
    snprintf(then, sizeof(then), "%" PRIu64 " bytes", call->then);
    snprintf(now, sizeof(now), "%" PRIu64 " bytes", call->came);
    r->compared++;
    if (call->then != call->came)
        vw_replay_tell(r, item, VW_FAIL, "", "stream", then, now);
}

static void expect_packet(struct vw_replay *r, struct vw_replay_item *item,
                          struct vw_replay_asked *call)
{
    struct vw_error err = VW_ERROR_INIT;
    int32_t status = item->frame.header.status;
    int64_t end = vw_now_ms() + r->x.timeout_ms;
    int rc = 0;
    call->then += vw_replay_stream_bytes(item);
    /* How data is cut into packets is each server's choice: its end is compared. */
    if (!call->stream || (status == VW_MSG_CONTINUE && (item->frame.body_len || call->asked)))
        return;
    do {
        rc = vw_stream_get_state(call->stream) == VW_STREAM_IS_OPEN ? drain(call, &err) : 0;
        if (rc < 0 || (status == VW_MSG_CONTINUE && call->ended) ||
            vw_stream_get_state(call->stream) == VW_STREAM_IS_DONE ||
            vw_stream_get_state(call->stream) == VW_STREAM_IS_LOST)
            break;
    } while (wait_more(call->talk, item, end));
    enum vw_stream_state state = vw_stream_get_state(call->stream);
    if (status == VW_MSG_CONTINUE && call->ended)
        compare_sizes(r, item, call);
    else if (status == VW_MSG_OK && state == VW_STREAM_IS_DONE)
        r->compared++;
    else if (status == VW_MSG_ERROR && state == VW_STREAM_IS_LOST)
        r->compared++;
    else if (!call->talk->gone)
        vw_replay_tell(r, item, VW_FAIL, "", "stream",
                       status == VW_MSG_CONTINUE ? "the end of the data"
                       : status == VW_MSG_OK     ? "it is finished"
                                                 : "an error",
                       *err.text ? err.text : "something else, or nothing in time");
}

/* ---- all of it ---- */

/* CONNECT_CLOSE is the library's to say. */
static bool is_goodbye(const struct vw_body *body)
{
    return body->proc && strcmp(body->proc->short_name, "connect_close") == 0;
}

static void say_goodbye(struct vw_replay_item *item)
{
    struct vw_replay_talk *t = item->conn->talk;
    struct vw_error err = VW_ERROR_INIT;
    if (!t->gone && vw_client_close(t->client, &err) < 0)
        vw_replay_tell(t->r, item, VW_FAIL, err.clause, "", "a good reply", err.text);
    t->gone = true;
}

static int play_client(struct vw_replay *r, struct vw_replay_item *item)
{
    struct vw_replay_item *call = NULL;
    struct vw_body body;
    vw_body_of(r->in.profile->schema, &item->frame.header, &body);
    if (is_goodbye(&body)) {
        say_goodbye(item);
        return 0;
    }
    if (item->conn->talk->gone)
        return 0;
    int32_t type = item->frame.header.type;
    if (type != VW_MSG_STREAM && type != VW_MSG_STREAM_HOLE)
        return send_call(r, item);
    if ((call = vw_replay_call_of(r, item)) && call->asked)
        send_packet(r, item, call->asked);
    return 0;
}

static void play_server(struct vw_replay *r, struct vw_replay_item *item)
{
    struct vw_replay_item *call = vw_replay_call_of(r, item);
    switch (item->frame.header.type) {
    case VW_MSG_REPLY:
    case VW_MSG_REPLY_WITH_FDS:
        if (call && call->asked)
            expect_reply(r, item, call->asked);
        break;
    case VW_MSG_STREAM:
    case VW_MSG_STREAM_HOLE:
        if (call && call->asked)
            expect_packet(r, item, call->asked);
        break;
    case VW_MSG_MESSAGE:
        if (!item->conn->talk->gone)
            expect_event(r, item);
        break;
    default:
        break;
    }
}

static int play(struct vw_replay *r, struct vw_replay_item *item)
{
    if (vw_replay_is_own(r, item))
        return item->conn->entrance.stage == VW_ENTERING ? vw_replay_log_in(r, item) : 0;
    int status = item->conn->talk ? 0 : start(r, item->conn);
    if (status)
        return status;
    if (item->from == VW_SIDE_SERVER)
        play_server(r, item);
    else if (play_client(r, item) == VW_ENOMEM)
        status = vw_cli_error(r->in.command, VW_EXIT_TOOL, "out of memory");
    return status;
}

int vw_replay_as_client(struct vw_replay *r)
{
    int status = 0;
    for (size_t i = 0; i < r->n && status == 0; i++)
        status = play(r, &r->items[i]);
    for (struct vw_replay_conn *c = r->conns; c; c = c->next)
        finish(c);
    return status;
}
