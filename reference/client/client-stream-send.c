// SPDX-License-Identifier: MIT
// Sending on streams, and ending them. Nothing the server says limits what is sent; its not reading
// does, so what waits to be written is bounded here.
#include "client/internal.h"

/* Bytes that a packet takes besides its data. */
#define PACKET_BYTES 28
#define HOLE_BYTES   40

/* 0: open. Else why nothing can be sent. */
static int check_open(struct vw_stream *st, struct vw_error *err)
{
    if (st->state == VW_STREAM_IS_OPEN)
        return 0;
    if (st->state != VW_STREAM_IS_LOST)
        return vw_error_set(err, VW_EUSAGE, "the stream is not open");
    if (err && !err->code)
        *err = st->why;
    return st->why.code;
}

static size_t room(const struct vw_stream *st)
{
    size_t pending = vw_session_output_pending(st->client->session);
    return pending < st->options.max_unsent ? st->options.max_unsent - pending : 0;
}

/* Whoever finds less room than this is told when it is there again. */
static bool is_short(const struct vw_stream *st)
{
    return room(st) < st->options.max_unsent / 2;
}

size_t vw_stream_room(struct vw_stream *st)
{
    if (st->state != VW_STREAM_IS_OPEN || !st->client)
        return 0;
    size_t bytes = room(st);
    size_t packets = bytes / VW_STREAM_CHUNK + 1;
    st->wants_room = is_short(st);
    return bytes > packets * PACKET_BYTES ? bytes - packets * PACKET_BYTES : 0;
}

void vw_streams_written(struct vw_client *c)
{
    struct vw_stream *st = c->streams;
    while (st) {
        if (!st->wants_room || !st->options.ready || st->state != VW_STREAM_IS_OPEN ||
            is_short(st)) {
            st = st->next;
            continue;
        }
        st->wants_room = false;
        vw_stream_tell(st);
        st = c->streams;
    }
}

/* Waits until at least NEED bytes of packets can be queued, or nothing waits any more. */
static int wait_for_room(struct vw_stream *st, size_t need, int64_t deadline, struct vw_error *err)
{
    for (;;) {
        int rc = check_open(st, err);
        if (rc)
            return rc;
        if (room(st) >= need || vw_session_output_pending(st->client->session) == 0)
            return 0;
        rc = vw_stream_step(st, deadline, "the server takes no more of the stream", err);
        if (rc)
            return rc;
    }
}

/* Writes what was queued, and looks at what has come: a server that keeps up would otherwise never
 * be heard, not even when it has ended the stream (S-7). */
static int sent(struct vw_stream *st, struct vw_error *err)
{
    if (st->client->dispatching)
        return 0;
    if (vw_client_process(st->client, NULL) == VW_ENOMEM)
        return vw_error_nomem(err);
    if (st->overdue)
        return vw_error_set(err, VW_ETIMEOUT, "the stream did not end in time");
    return check_open(st, err);
}

/* Pieces that just fit are fine: what is queued never passes the bound by more than one packet. */
int vw_stream_send(struct vw_stream *st, const void *data, size_t len, struct vw_error *err)
{
    const uint8_t *p = data;
    int rc = check_open(st, err);
    while (rc == 0 && len > 0) {
        size_t n = len < VW_STREAM_CHUNK ? len : VW_STREAM_CHUNK;
        rc = wait_for_room(st, n + PACKET_BYTES, vw_client_step_deadline(st->client), err);
        if (rc == 0)
            rc = vw_session_stream_data(st->client->session, &st->header, p, n, err);
        p += n;
        len -= n;
    }
    if (rc == 0)
        rc = sent(st, err);
    if (rc == 0)
        st->wants_room = is_short(st);
    return rc;
}

int vw_stream_send_hole(struct vw_stream *st, int64_t length, struct vw_error *err)
{
    if (length <= 0)
        return vw_error_set(err, VW_EUSAGE, "a hole has at least one byte");
    int rc = check_open(st, err);
    if (rc == 0)
        rc = wait_for_room(st, HOLE_BYTES, vw_client_step_deadline(st->client), err);
    if (rc == 0)
        rc = vw_session_stream_hole(st->client->session, &st->header, length, 0, err);
    return rc ? rc : sent(st, err);
}

/* ---- the end ---- */

static int ask(struct vw_stream *st, bool finish, struct vw_error *err)
{
    int rc = check_open(st, err);
    if (rc)
        return rc;
    struct vw_session *s = st->client->session;
    rc = finish ? vw_session_stream_finish(s, &st->header, err)
                : vw_session_stream_abort(s, &st->header, NULL, err);
    if (rc)
        return rc;
    st->state = VW_STREAM_IS_ENDING;
    vw_stream_drop_queue(st);
    if (!st->client->dispatching)
        vw_client_flush(st->client);
    return 0;
}

int vw_stream_ask_finish(struct vw_stream *st, struct vw_error *err)
{
    return ask(st, true, err);
}

int vw_stream_ask_abort(struct vw_stream *st, struct vw_error *err)
{
    return ask(st, false, err);
}

static int end(struct vw_stream *st, bool finish, struct vw_error *err)
{
    if (st->client && st->client->dispatching)
        return vw_error_set(err, VW_EUSAGE, "a callback must not wait for the end of a stream");
    int rc = ask(st, finish, err);
    int64_t deadline = rc == 0 ? vw_client_step_deadline(st->client) : 0;
    while (rc == 0 && st->state == VW_STREAM_IS_ENDING)
        rc = vw_stream_step(st, deadline, "the server does not confirm the end of the stream", err);
    return rc || st->state == VW_STREAM_IS_DONE ? rc : check_open(st, err);
}

int vw_stream_finish(struct vw_stream *st, struct vw_error *err)
{
    return end(st, true, err);
}

int vw_stream_abort(struct vw_stream *st, struct vw_error *err)
{
    return end(st, false, err);
}
