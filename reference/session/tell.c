// SPDX-License-Identifier: MIT
// Telling: the events that a message or the end of a connection gives, and the queue of those that
// come besides. Below everything else of the session, which all calls it.
#include <stdio.h>
#include <string.h>

#include "session/internal.h"

void vw_event_start(struct vw_event *ev, enum vw_event_kind kind, const struct vw_incoming *m)
{
    *ev = (struct vw_event){.kind = kind, .clause = "", .text = ""};
    if (!m)
        return;
    ev->from = m->from;
    ev->length = m->frame.length;
    ev->offset = m->offset;
    if (!m->frame.short_header)
        ev->header = m->frame.header;
    ev->message = m->frame.bytes;
    ev->body = m->frame.body;
    ev->body_len = m->frame.body_len;
}

static struct vw_extra *add_extra(struct vw_session *s, enum vw_event_kind kind, unsigned cap,
                                  const struct vw_incoming *m, const char *clause)
{
    if (s->extra_count >= cap)
        return NULL;
    struct vw_extra *x = &s->extra[s->extra_count++];
    *x = (struct vw_extra){.kind = kind, .clause = clause};
    if (m) {
        x->from = m->from;
        x->offset = m->offset;
        x->length = m->frame.length;
        if (!m->frame.short_header)
            x->header = m->frame.header;
    }
    return x;
}

void vw_session_extra(struct vw_session *s, enum vw_event_kind kind, const struct vw_incoming *m,
                      const char *clause, const char *fmt, ...)
{
    /* The last places are for the ends of both sides, which must not be lost. */
    struct vw_extra *x = add_extra(s, kind, VW_EXTRA_MAX - 4, m, clause);
    va_list ap;
    if (!x)
        return;
    va_start(ap, fmt);
    vsnprintf(x->text, sizeof(x->text), fmt, ap);
    va_end(ap);
}

void vw_session_die(struct vw_session *s, enum vw_side side, enum vw_close_reason reason,
                    const char *clause, const char *text)
{
    if (s->o.role == VW_ROLE_OBSERVER) {
        const struct vw_incoming m = {.from = side, .frame = {.short_header = true}};
        s->in[side].broken = true;
        struct vw_extra *x = add_extra(s, VW_EVENT_CLOSED, VW_EXTRA_MAX, &m, clause);
        if (x) {
            x->reason = reason;
            x->offset = s->in[side].reader.consumed;
            snprintf(x->text, sizeof(x->text), "%s", text);
        }
        return;
    }
    if (s->dying)
        return;
    s->dying = true;
    s->dying_side = side;
    s->reason = reason;
    s->close_clause = clause;
    snprintf(s->close_text, sizeof(s->close_text), "%s", text);
}

void vw_session_fail(struct vw_session *s, const struct vw_incoming *m, const char *clause,
                     const char *fmt, ...)
{
    char text[240];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    vw_session_extra(s, VW_EVENT_VIOLATION, m, clause, "%s", text);
    vw_session_die(s, m->from, VW_CLOSE_VIOLATION, clause, text);
}

void vw_session_break(struct vw_session *s, const char *clause, const char *text)
{
    const struct vw_incoming m = {.from = VW_SIDE_CLIENT, .frame = {.short_header = true}};
    vw_session_fail(s, &m, clause, "%s", text);
}

int vw_extra_give(struct vw_session *s, struct vw_arena *arena, struct vw_event *ev)
{
    const struct vw_extra *x = &s->extra[s->extra_next];
    const char *text = vw_arena_strndup(arena, x->text, strlen(x->text));
    if (!text)
        return VW_ENOMEM;
    vw_event_start(ev, x->kind, NULL);
    ev->from = x->from;
    ev->header = x->header;
    ev->length = x->length;
    ev->offset = x->offset;
    ev->reason = x->reason;
    ev->clause = x->clause;
    ev->text = text;
    if (++s->extra_next == s->extra_count)
        s->extra_next = s->extra_count = 0;
    return 1;
}

const char *vw_event_kind_name(enum vw_event_kind kind)
{
    static const char *const names[] = {
        [VW_EVENT_CALL] = "call",
        [VW_EVENT_REPLY] = "reply",
        [VW_EVENT_ERROR] = "error",
        [VW_EVENT_MESSAGE] = "event",
        [VW_EVENT_STREAM_DATA] = "stream data",
        [VW_EVENT_STREAM_END] = "stream end",
        [VW_EVENT_STREAM_FINISH] = "stream finish",
        [VW_EVENT_STREAM_ABORT] = "stream abort",
        [VW_EVENT_STREAM_ERROR] = "stream error",
        [VW_EVENT_STREAM_HOLE] = "stream hole",
        [VW_EVENT_PING] = "ping",
        [VW_EVENT_PONG] = "pong",
        [VW_EVENT_DROPPED] = "dropped",
        [VW_EVENT_REFUSED] = "refused",
        [VW_EVENT_VIOLATION] = "violation",
        [VW_EVENT_CLOSED] = "closed",
    };
    return names[kind];
}

const char *vw_close_reason_name(enum vw_close_reason reason)
{
    static const char *const names[] = {
        [VW_CLOSE_EOF] = "end of file",     [VW_CLOSE_TRUNCATED] = "truncated message",
        [VW_CLOSE_VIOLATION] = "violation", [VW_CLOSE_KEEPALIVE] = "keepalive",
        [VW_CLOSE_LOCAL] = "closed here",
    };
    return names[reason];
}
