// SPDX-License-Identifier: MIT
#include "mock-daemon/transfer.h"

#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/volume.h"

/* ---- life ---- */

static struct vw_transfers *list_of(const struct vw_transfer *t)
{
    return t->from ? &t->conn->giving : &t->conn->taking;
}

static enum vw_outcome create(struct vw_call *c, const struct vw_transfer *like)
{
    struct vw_transfer *t = malloc(sizeof(*t));
    if (!t)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_STREAMS, "no memory for the stream");
    *t = *like;
    t->conn = c->conn;
    TAILQ_INSERT_TAIL(list_of(t), t, link);
    c->transfer = t;
    return VW_DONE;
}

enum vw_outcome vw_transfer_take(struct vw_call *c, const struct vw_transfer_kind *kind)
{
    return create(c, &(struct vw_transfer){.kind = kind});
}

static const struct vw_transfer_kind takes_nothing = {.data = NULL};

enum vw_outcome vw_transfer_give(struct vw_call *c, const uint8_t *bytes, size_t len)
{
    return create(c, &(struct vw_transfer){.kind = &takes_nothing, .from = bytes, .left = len});
}

enum vw_outcome vw_transfer_give_contents(struct vw_call *c, struct vw_contents *k, uint64_t at,
                                          uint64_t len, bool sparse)
{
    static const uint8_t nothing;
    enum vw_outcome outcome =
        create(c, &(struct vw_transfer){.kind = &takes_nothing,
                                        .from = k->data ? k->data + at : &nothing,
                                        .left = len,
                                        .sparse = sparse});
    if (outcome == VW_DONE)
        c->transfer->contents = vw_contents_hold(k);
    return outcome;
}

void vw_transfer_destroy(struct vw_transfer *t)
{
    if (!t)
        return;
    TAILQ_REMOVE(list_of(t), t, link);
    vw_contents_drop(t->contents);
    free(t);
}

void vw_transfers_finish(struct vw_conn *c)
{
    while (!TAILQ_EMPTY(&c->taking))
        vw_transfer_destroy(TAILQ_FIRST(&c->taking));
    while (!TAILQ_EMPTY(&c->giving))
        vw_transfer_destroy(TAILQ_FIRST(&c->giving));
}

/* ---- giving ---- */

/* The bytes of the next packet. */
static size_t next_packet(struct vw_transfer *t)
{
    const size_t chunk = vw_session_stream_chunk(t->conn->session);
    const struct vw_contents *k = t->contents;
    if (t->run == 0)
        t->run = t->sparse ? vw_contents_run(k, (uint64_t)(t->from - k->data), t->left, &t->hole)
                           : t->left;
    return (size_t)(t->hole || t->run < chunk ? t->run : chunk);
}

static int give_packet(struct vw_session *s, struct vw_transfer *t)
{
    size_t n = next_packet(t);
    int rc = t->hole ? vw_session_stream_hole(s, &t->header, (int64_t)n, 0, NULL)
                     : vw_session_stream_data(s, &t->header, t->from, n, NULL);
    t->from += n;
    t->run -= n;
    t->left -= n;
    return rc;
}

/* Nothing more is given; the stream itself is open until the client ends it. */
static void retire(struct vw_transfer *t)
{
    TAILQ_REMOVE(list_of(t), t, link);
    t->from = NULL;
    TAILQ_INSERT_TAIL(list_of(t), t, link);
}

/* A packet, and behind the last one the end. */
static int give(struct vw_session *s, struct vw_transfer *t)
{
    int rc = t->left > 0 ? give_packet(s, t) : 0;
    if (rc == 0 && t->left == 0)
        rc = vw_session_stream_end(s, &t->header, NULL);
    if (rc || t->left == 0) {
        retire(t);
    } else {
        TAILQ_REMOVE(list_of(t), t, link);
        TAILQ_INSERT_TAIL(list_of(t), t, link);
    }
    /* A connection that is being closed has no open streams (C-7). */
    return rc == VW_EUSAGE ? 0 : rc;
}

/* Bytes that the streams of all connections give in one turn of the loop: some milliseconds. */
#define GIVEN_AT_ONCE (2u << 20)

static bool may_give(struct vw_daemon *d)
{
    unsigned now = ev_iteration(d->loop);
    if (d->given_in != now)
        d->given = 0;
    d->given_in = now;
    return d->given < GIVEN_AT_ONCE;
}

int vw_transfers_give(struct vw_conn *c, size_t most)
{
    size_t before = vw_session_output_pending(c->session), pending = before;
    int rc = 0;
    if (TAILQ_EMPTY(&c->giving) || !may_give(c->daemon))
        return 0;
    while (rc == 0 && !TAILQ_EMPTY(&c->giving) && pending < most) {
        rc = give(c->session, TAILQ_FIRST(&c->giving));
        pending = vw_session_output_pending(c->session);
    }
    c->daemon->given += pending - before;
    return rc;
}

/* ---- taking ---- */

static int fail(struct vw_transfer *t, int32_t code, const char *why)
{
    struct vw_session *s = t->conn->session;
    const struct vw_header h = t->header;
    struct vw_remote_error e;
    vw_session_rpc_error(s, code, VW_FROM_STREAMS, why, &e);
    vw_transfer_destroy(t);
    return vw_session_stream_abort(s, &h, &e, NULL);
}

void vw_transfer_hang_up(struct vw_transfer *t)
{
    struct vw_conn *c = t->conn;
    int rc = vw_session_stream_end(c->session, &t->header, NULL);
    if (rc == 0)
        rc = fail(t, VW_ERR_RPC, "the other end has hung up");
    if (rc == VW_ENOMEM)
        vw_conn_drop(c);
}

void vw_transfers_abort(struct vw_conn *c, const char *why)
{
    int rc = 0;
    while (rc != VW_ENOMEM && !TAILQ_EMPTY(&c->taking))
        rc = fail(TAILQ_FIRST(&c->taking), VW_ERR_SYSTEM, why);
    while (rc != VW_ENOMEM && !TAILQ_EMPTY(&c->giving))
        rc = fail(TAILQ_FIRST(&c->giving), VW_ERR_SYSTEM, why);
    if (rc == VW_ENOMEM)
        vw_conn_drop(c);
    else
        vw_conn_wake(c);
}

/* E-6: an error about a hole is a REPLY; the stream is not heard of again. */
static int refuse_hole(struct vw_transfer *t, const struct vw_event *ev)
{
    struct vw_session *s = t->conn->session;
    struct vw_remote_error e;
    vw_session_rpc_error(s, VW_ERR_RPC, VW_FROM_STREAMS, "no such hole can be made", &e);
    t->dead = true;
    return vw_session_reply_error(s, &ev->header, &e, NULL);
}

static int take_hole(struct vw_transfer *t, const struct vw_event *ev)
{
    if (!t->kind->hole) {
        vw_session_break(t->conn->session, "S-11", "a hole on a stream that is not sparse");
        return 0;
    }
    if (ev->hole_flags != 0 || ev->hole_length < 0)
        return refuse_hole(t, ev);
    const char *why = t->kind->hole(t, (uint64_t)ev->hole_length);
    return why ? fail(t, VW_ERR_SYSTEM, why) : 0;
}

static int take_data(struct vw_transfer *t, const struct vw_event *ev)
{
    const char *why = t->ended ? "data behind the end" : t->kind->data(t, ev->body, ev->body_len);
    return why ? fail(t, VW_ERR_SYSTEM, why) : 0;
}

static int take_end(struct vw_transfer *t)
{
    t->ended = true;
    if (t->kind->end)
        t->kind->end(t);
    return 0;
}

static int take(struct vw_transfer *t, const struct vw_event *ev)
{
    if (!t->kind->data)
        return fail(t, VW_ERR_RPC, "this stream takes no data");
    switch (ev->kind) {
    case VW_EVENT_STREAM_DATA:
        return take_data(t, ev);
    case VW_EVENT_STREAM_HOLE:
        return take_hole(t, ev);
    default:
        return take_end(t);
    }
}

int vw_transfer_event(struct vw_conn *c, struct vw_transfer *t, const struct vw_event *ev)
{
    if (t->dead)
        return 0;
    if (ev->kind != VW_EVENT_STREAM_FINISH && ev->kind != VW_EVENT_STREAM_ABORT)
        return take(t, ev);
    if (ev->kind == VW_EVENT_STREAM_FINISH && t->kind->finish)
        t->kind->finish(t);
    vw_transfer_destroy(t);
    return ev->local ? 0 : vw_session_stream_finish(c->session, &ev->header, NULL);
}
