// SPDX-License-Identifier: MIT
// What is queued to be written: one buffer of whole messages, and marks where something other than
// plain bytes is due (a descriptor, a change of the layer below, bytes that are no message).
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/internal.h"

/* An empty buffer larger than this is given back, so that one large reply does not cost a
 * connection its memory for ever. */
#define KEEP_CAPACITY (1u << 20)
/* One up to this size goes to the spare, so that those who have nothing to say need none. */
#define SPARE_CAPACITY (16u << 10)

void vw_outbox_finish(struct vw_outbox *o)
{
    for (size_t i = 0; i < o->n_marks; i++)
        if (o->marks[i].kind == VW_MARK_FD)
            close(o->marks[i].fd);
    free(o->marks);
    vw_buf_finish(&o->buf);
    *o = (struct vw_outbox){0};
}

int vw_outbox_reserve_marks(struct vw_outbox *o, size_t n)
{
    if (o->cap_marks - o->n_marks >= n)
        return 0;
    size_t cap = o->cap_marks * 2 + n;
    struct vw_mark *marks = reallocarray(o->marks, cap, sizeof(*marks));
    if (!marks)
        return VW_ENOMEM;
    o->marks = marks;
    o->cap_marks = cap;
    return 0;
}

static size_t pending(const struct vw_outbox *o)
{
    return o->buf.len - o->start;
}

void vw_outbox_mark(struct vw_outbox *o, enum vw_mark_kind kind, int fd)
{
    o->marks[o->n_marks++] =
        (struct vw_mark){.kind = kind, .offset = o->written + pending(o), .fd = fd};
}

static void take_spare(struct vw_outbox *o)
{
    o->buf = *o->spare;
    *o->spare = (struct vw_buf)VW_BUF_INIT;
}

/* All is written. */
static void emptied(struct vw_outbox *o)
{
    o->start = o->buf.len = 0;
    o->replies = 0;
    o->blocked = false;
    bool fits = o->spare && o->buf.cap <= SPARE_CAPACITY;
    if (fits && !o->spare->data) {
        *o->spare = o->buf;
        o->buf = (struct vw_buf)VW_BUF_INIT;
    } else if (fits || o->buf.cap > KEEP_CAPACITY) {
        vw_buf_finish(&o->buf);
    }
}

/* Moving is paid for by the bytes that were written since the last time. */
void vw_outbox_compact(struct vw_outbox *o)
{
    if (!o->buf.data && o->spare)
        take_spare(o);
    if (o->start == 0 || o->start < pending(o))
        return;
    memmove(o->buf.data, o->buf.data + o->start, pending(o));
    o->buf.len -= o->start;
    o->start = 0;
}

int vw_outbox_append(struct vw_outbox *o, const void *bytes, size_t len)
{
    if (vw_outbox_reserve_marks(o, 1) || vw_buf_append(&o->buf, bytes, len))
        return VW_ENOMEM;
    vw_outbox_mark(o, VW_MARK_END, -1);
    return 0;
}

static void drop_mark(struct vw_outbox *o)
{
    o->n_marks--;
    memmove(o->marks, o->marks + 1, o->n_marks * sizeof(*o->marks));
}

/* Length of the message at P, of which at most AVAILABLE bytes are here. Bytes queued raw may claim
 * anything. */
static size_t unit_length(const uint8_t *p, size_t available)
{
    uint32_t n = available >= VW_LENGTH_BYTES ? vw_load32(p) : 0;
    return n == 0 || n > available ? available : n;
}

/* The message at the front, or what a short write has left of it, among N bytes. */
static size_t first_unit(const struct vw_outbox *o, size_t n)
{
    if (o->unit_left == 0)
        return unit_length(o->buf.data + o->start, n);
    return o->unit_left < n ? o->unit_left : n;
}

/* Where what may be written at once ends at the latest; NULL: at the end of all. */
static const struct vw_mark *first_stop(const struct vw_outbox *o, bool single)
{
    for (size_t i = 0; i < o->n_marks; i++)
        if (single || o->marks[i].kind != VW_MARK_END)
            return &o->marks[i];
    return NULL;
}

static bool switches_at(const struct vw_outbox *o, uint64_t offset)
{
    for (size_t i = 0; i < o->n_marks; i++)
        if (o->marks[i].kind == VW_MARK_SWITCH && o->marks[i].offset == offset)
            return true;
    return false;
}

int vw_session_output(struct vw_session *s, bool single, struct vw_segment *out)
{
    struct vw_outbox *o = &s->out;
    size_t n = pending(o);
    const struct vw_mark *stop = first_stop(o, single);
    *out = (struct vw_segment){.fd = -1};
    if (n == 0 || o->switching)
        return 0;
    if (stop && stop->kind == VW_MARK_FD && stop->offset == o->written) {
        out->data = o->buf.data + o->start;
        out->len = 1;
        out->fd = stop->fd;
        return 1;
    }
    if (stop)
        n = (size_t)(stop->offset - o->written);
    out->data = o->buf.data + o->start;
    out->len = n;
    if (single && !(stop && stop->kind == VW_MARK_END))
        out->len = first_unit(o, n);
    out->switch_layer = switches_at(o, o->written + out->len);
    return 1;
}

/* Looks at the one word of the header that says so (H-1). */
static bool is_reply(const uint8_t *message, size_t len)
{
    uint32_t type = len < VW_PREFIX_BYTES ? VW_MSG_CALL : vw_load32(message + VW_LENGTH_BYTES + 12);
    return type == VW_MSG_REPLY || type == VW_MSG_REPLY_WITH_FDS;
}

/* Walks over N written bytes, so that unit_left is right when a message is cut by a short write.
 * Only the first and the last message matter, but finding the last means passing those between. */
static void walk_units(struct vw_outbox *o, size_t n)
{
    const uint8_t *p = o->buf.data + o->start;
    size_t at = 0;
    size_t left = o->unit_left;
    while (at < n) {
        if (left == 0) {
            left = unit_length(p + at, pending(o) - at);
            o->unit_reply = is_reply(p + at, left);
        }
        size_t step = left < n - at ? left : n - at;
        at += step;
        left -= step;
        if (left == 0 && o->unit_reply && o->replies > 0)
            o->replies--;
    }
    o->unit_left = left;
}

void vw_outbox_count(struct vw_outbox *o, size_t start)
{
    o->replies += is_reply(o->buf.data + start, o->buf.len - start);
}

static void pass_ends(struct vw_outbox *o)
{
    while (o->n_marks && o->marks[0].kind == VW_MARK_END && o->marks[0].offset <= o->written)
        drop_mark(o);
}

/* What was written ends at most at the first mark that is no end, or is the byte of its descriptor.
 */
static void pass_mark(struct vw_outbox *o)
{
    pass_ends(o);
    if (o->n_marks && o->marks[0].kind == VW_MARK_FD && o->marks[0].offset < o->written) {
        close(o->marks[0].fd);
        drop_mark(o);
    }
    if (o->n_marks && o->marks[0].kind == VW_MARK_SWITCH && o->marks[0].offset == o->written)
        o->switching = true;
}

void vw_session_written(struct vw_session *s, size_t n)
{
    struct vw_outbox *o = &s->out;
    if (n > pending(o))
        n = pending(o);
    if (n == pending(o) && o->n_marks == 0) {
        o->written += n;
        o->unit_left = 0;
        emptied(o);
        return;
    }
    if (o->n_marks == 0 || o->marks[0].offset > o->written)
        walk_units(o, n);
    o->start += n;
    o->written += n;
    if (o->n_marks)
        pass_mark(o);
    if (pending(o) == 0)
        emptied(o);
}

void vw_session_blocked(struct vw_session *s)
{
    s->out.blocked = true;
}

int vw_session_switch_layer(struct vw_session *s)
{
    struct vw_outbox *o = &s->out;
    if (vw_outbox_reserve_marks(o, 1))
        return VW_ENOMEM;
    vw_outbox_mark(o, VW_MARK_SWITCH, -1);
    if (pending(o) == 0)
        o->switching = true;
    return 0;
}

void vw_session_switched(struct vw_session *s)
{
    struct vw_outbox *o = &s->out;
    if (!o->switching)
        return;
    o->switching = false;
    drop_mark(o);
}

size_t vw_session_output_pending(const struct vw_session *s)
{
    return pending(&s->out);
}
