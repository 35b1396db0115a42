// SPDX-License-Identifier: MIT
// Opening streams and receiving on them. Packets are queued by vw_client_process; a full queue
// stops the reading of the whole connection, which is how a server is made to wait (S-9).
#include <virwire/stream.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sized.h"
#include "client/internal.h"

#define DEFAULT_QUEUE  (1u << 20)
#define DEFAULT_UNSENT (1u << 20)
/* Bytes that a server may send ahead of the reply (S-2). Reading cannot stop there: the reply is
 * behind them. */
#define EARLY_MAX (16u << 20)

/* ---- making one ---- */

static struct vw_stream *make(struct vw_client *c, const struct vw_proc *proc,
                              const struct vw_stream_options *options)
{
    struct vw_stream *st = calloc(1, sizeof(*st));
    if (!st)
        return NULL;
    st->options = *options;
    if (!st->options.max_queue)
        st->options.max_queue = DEFAULT_QUEUE;
    if (!st->options.max_unsent)
        st->options.max_unsent = DEFAULT_UNSENT;
    if (!st->options.deadline_ms)
        st->options.deadline_ms = INT64_MAX;
    st->client = c;
    st->proc = proc;
    st->next = c->streams;
    c->streams = st;
    return st;
}

static void set_full(struct vw_stream *st, bool full)
{
    struct vw_client *c = st->client;
    if (st->full == full)
        return;
    st->full = full;
    if (full) {
        c->n_full++;
    } else if (--c->n_full == 0) {
        c->resume = true;
    }
}

static bool is_full(const struct vw_stream *st)
{
    return vw_queue_pending(&st->queue) >= st->options.max_queue;
}

void vw_stream_drop_queue(struct vw_stream *st)
{
    vw_queue_finish(&st->queue);
    st->ended = false;
    set_full(st, false);
}

static void unlink_stream(struct vw_stream *st)
{
    struct vw_stream **at = &st->client->streams;
    while (*at != st)
        at = &(*at)->next;
    *at = st->next;
    set_full(st, false);
    st->client = NULL;
}

/* What WHAT says, and a stream for it, which is not opened. */
static int prepare(struct vw_client *c, const struct vw_submission *what, struct vw_outgoing *own,
                   struct vw_error *err)
{
    struct vw_stream_options o;
    int rc = vw_client_take(what, own, err);
    const struct vw_proc *proc = own->call.proc;
    if (rc == 0)
        rc = vw_sized_copy(&o, sizeof(o), own->call.stream, "VW_STREAM_OPTIONS_INIT", err);
    if (rc == 0 && !proc->readstream && !proc->writestream)
        rc = vw_error_set(err, VW_EUSAGE, "%s has no stream", proc->short_name);
    if (rc == 0 && own->call.n_fds)
        rc = vw_error_set(err, VW_EUSAGE, "no call with a stream takes descriptors");
    if (rc == 0 && !(own->stream = make(c, proc, &o)))
        rc = vw_error_nomem(err);
    if (rc)
        vw_client_close_fds(own->call.fds, own->call.n_fds);
    return rc;
}

int vw_stream_submit(struct vw_client *c, const struct vw_submission *what, struct vw_stream **out,
                     struct vw_error *err)
{
    struct vw_outgoing own;
    *out = NULL;
    int rc = prepare(c, what, &own, err);
    if (rc)
        return rc;
    rc = vw_client_queue(c, &own, NULL, err);
    if (rc) {
        unlink_stream(own.stream);
        free(own.stream);
        return rc;
    }
    *out = own.stream;
    return 0;
}

int vw_stream_open(struct vw_client *c, const struct vw_submission *what, struct vw_arena *arena,
                   void **ret, struct vw_stream **out, struct vw_error *err)
{
    struct vw_outgoing own;
    *out = NULL;
    int rc = prepare(c, what, &own, err);
    if (rc)
        return rc;
    rc = vw_client_wait_for(c, &own, arena, ret, NULL, err);
    if (rc) {
        vw_stream_destroy(own.stream);
        return rc;
    }
    *out = own.stream;
    return 0;
}

void vw_stream_destroy(struct vw_stream *st)
{
    if (!st)
        return;
    struct vw_client *c = st->client;
    /* A stream may be lost by a packet ahead of the reply, or with the connection, while its call
     * is still in flight. */
    if (c && (st->state == VW_STREAM_IS_OPENING || st->state == VW_STREAM_IS_LOST))
        vw_client_give_up(c, st->serial, st);
    if (c && st->state == VW_STREAM_IS_OPEN)
        vw_session_stream_abort(c->session, &st->header, NULL, NULL);
    if (c && (st->state == VW_STREAM_IS_OPEN || st->state == VW_STREAM_IS_ENDING))
        vw_session_stream_set_user(c->session, &st->header, NULL);
    if (c)
        unlink_stream(st);
    vw_queue_finish(&st->queue);
    vw_arena_finish(&st->arena);
    free(st);
}

uint32_t vw_stream_serial(const struct vw_stream *st)
{
    return st->serial;
}

enum vw_stream_state vw_stream_get_state(const struct vw_stream *st)
{
    return st->state;
}

const struct vw_remote_error *vw_stream_error(const struct vw_stream *st)
{
    return st->has_error ? &st->error : NULL;
}

/* ---- what comes ---- */

void vw_stream_tell(struct vw_stream *st)
{
    struct vw_client *c = st->client;
    if (!st->options.ready)
        return;
    bool nested = c->dispatching;
    c->dispatching = true;
    st->options.ready(st->options.user, st);
    c->dispatching = nested;
}

/* The caller learns why when it has taken what came before. */
static void lose(struct vw_stream *st, int code, const char *clause, const char *text)
{
    st->state = VW_STREAM_IS_LOST;
    if (st->why.code)
        return;
    vw_error_set(&st->why, code, "%s", text);
    snprintf(st->why.clause, sizeof(st->why.clause), "%s", clause);
}

/* The server's error or ours: of one call or stream, or of the connection (LENGTH 0). */
static void lose_by(struct vw_stream *st, const struct vw_event *ev)
{
    if (ev->local) {
        lose(st, ev->length ? VW_EPROTOCOL : VW_ECLOSED, ev->clause, ev->text);
        return;
    }
    vw_client_copy_error(&ev->error, &st->arena, &st->error);
    st->has_error = true;
    st->state = VW_STREAM_IS_LOST;
    vw_client_report_remote(&st->error, &st->why);
}

void vw_stream_unanswered(struct vw_stream *st)
{
    vw_error_set(&st->why, VW_ETIMEOUT, "no answer before the deadline");
}

bool vw_stream_answered(struct vw_stream *st, const struct vw_event *ev)
{
    if (ev->kind != VW_EVENT_REPLY) {
        vw_stream_drop_queue(st);
        lose_by(st, ev);
    }
    if (st->state == VW_STREAM_IS_LOST)
        return false;
    st->header = ev->header;
    st->state = VW_STREAM_IS_OPEN;
    vw_session_stream_set_user(st->client->session, &st->header, st);
    set_full(st, is_full(st));
    return true;
}

/* Ends a stream whose server breaks the rules; what still comes is dropped. One that is not open
 * yet is aborted when the reply comes. */
static void break_off(struct vw_stream *st, int code, const char *clause, const char *text)
{
    struct vw_session *s = st->client->session;
    if (st->state == VW_STREAM_IS_OPEN) {
        vw_session_stream_abort(s, &st->header, NULL, NULL);
        vw_session_stream_set_user(s, &st->header, NULL);
    }
    lose(st, code, clause, text);
}

static void check_full(struct vw_stream *st)
{
    if (st->state == VW_STREAM_IS_OPEN)
        set_full(st, is_full(st));
    else if (vw_queue_pending(&st->queue) >= EARLY_MAX)
        break_off(st, VW_EPROTOCOL, "S-2", "the stream goes on and on ahead of the reply");
}

static void queue_item(struct vw_stream *st, const struct vw_event *ev)
{
    struct vw_stream_item item = {.kind = VW_ITEM_DATA, .data = ev->body, .len = ev->body_len};
    if (ev->kind == VW_EVENT_STREAM_END) {
        st->ended = true;
        return;
    }
    if (st->ended) {
        break_off(st, VW_EPROTOCOL, "S-4", "the stream goes on behind its end");
        return;
    }
    if (ev->kind == VW_EVENT_STREAM_HOLE)
        item = (struct vw_stream_item){.kind = VW_ITEM_HOLE, .hole = ev->hole_length};
    if (item.hole < 0) {
        break_off(st, VW_EPROTOCOL, "S-11", "a hole of negative length");
        return;
    }
    if (vw_queue_push(&st->queue, &item))
        break_off(st, VW_ENOMEM, "", "out of memory");
    else
        check_full(st);
}

void vw_stream_event(struct vw_stream *st, const struct vw_event *ev)
{
    switch (ev->kind) {
    case VW_EVENT_STREAM_FINISH:
        st->state = VW_STREAM_IS_DONE;
        break;
    case VW_EVENT_STREAM_ERROR:
        lose_by(st, ev);
        break;
    default:
        if (st->state > VW_STREAM_IS_OPEN)
            return;
        queue_item(st, ev);
        break;
    }
    vw_stream_tell(st);
}

/* ---- what happens to all of them; a callback may destroy any, so each round begins anew ---- */

void vw_streams_lost(struct vw_client *c)
{
    int code = c->why.code ? c->why.code : VW_ECLOSED;
    const char *text = c->why.code ? c->why.text : "the connection is closed";
    struct vw_stream *st = c->streams;
    while (st) {
        set_full(st, false);
        if (st->state >= VW_STREAM_IS_DONE) {
            st = st->next;
            continue;
        }
        lose(st, code, c->why.clause, text);
        vw_stream_tell(st);
        st = c->streams;
    }
}

int vw_streams_expire(struct vw_client *c, int64_t now)
{
    int n = 0;
    struct vw_stream *st = c->streams;
    while (st) {
        if (st->overdue || st->state >= VW_STREAM_IS_DONE || st->options.deadline_ms > now) {
            st = st->next;
            continue;
        }
        st->overdue = true;
        n++;
        vw_stream_tell(st);
        st = c->streams;
    }
    return n;
}

int64_t vw_streams_deadline(const struct vw_client *c)
{
    int64_t deadline = INT64_MAX;
    for (const struct vw_stream *st = c->streams; st; st = st->next)
        if (!st->overdue && st->state < VW_STREAM_IS_DONE && st->options.deadline_ms < deadline)
            deadline = st->options.deadline_ms;
    return deadline;
}

void vw_streams_forget(struct vw_client *c)
{
    while (c->streams)
        unlink_stream(c->streams);
}

/* ---- receiving ---- */

static int overdue(struct vw_error *err)
{
    return vw_error_set(err, VW_ETIMEOUT, "the stream did not end in time");
}

int vw_stream_take(struct vw_stream *st, struct vw_stream_item *item, struct vw_error *err)
{
    bool there = vw_queue_take(&st->queue, item);
    if (st->full)
        set_full(st, is_full(st));
    if (there)
        return 1;
    *item = (struct vw_stream_item){.kind = VW_ITEM_END};
    if (st->state == VW_STREAM_IS_LOST) {
        /* The end came before that, and is told like all else that did. */
        if (st->ended && !st->end_taken)
            return st->end_taken = true;
        if (err && !err->code)
            *err = st->why;
        return st->why.code;
    }
    if (st->state > VW_STREAM_IS_OPEN)
        return vw_error_set(err, VW_EUSAGE, "the stream is not open");
    if (st->overdue)
        return overdue(err);
    st->end_taken = st->ended;
    return st->ended;
}

int vw_stream_step(struct vw_stream *st, int64_t deadline_ms, const char *what,
                   struct vw_error *err)
{
    struct vw_client *c = st->client;
    struct vw_error why = VW_ERROR_INIT;
    if (!c)
        return vw_error_set(err, VW_ECLOSED, "the connection is closed");
    if (st->overdue)
        return overdue(err);
    if (vw_now_ms() >= deadline_ms)
        return vw_error_set(err, VW_ETIMEOUT, "%s", what);
    if (c->dispatching)
        return vw_error_set(err, VW_EUSAGE, "a callback must not wait for a stream");
    int rc = vw_client_turn(c, deadline_ms, &why);
    if (rc >= 0 || st->state >= VW_STREAM_IS_DONE)
        return 0;
    if (err && !err->code)
        *err = why;
    return rc;
}

int vw_stream_receive(struct vw_stream *st, struct vw_stream_item *item, struct vw_error *err)
{
    int64_t deadline = st->client ? vw_client_step_deadline(st->client) : 0;
    for (;;) {
        int rc = vw_stream_take(st, item, err);
        if (rc)
            return rc < 0 ? rc : 0;
        rc = vw_stream_step(st, deadline, "nothing came on the stream in time", err);
        if (rc)
            return rc;
    }
}
