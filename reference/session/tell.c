// SPDX-License-Identifier: MIT
// Telling: the events that a message or the end of a connection gives, and the queue of those that
// come besides. Below everything else of the session, which all calls it.
#include <stdio.h>
#include <string.h>

#include "session/internal.h"

#define PATH_KEPT 120 /* bytes of a path; texts are short */

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

/* NULL when CAP are waiting to be told. M may be NULL. */
static struct vw_notice *add_notice(struct vw_session *s, enum vw_event_kind kind, unsigned cap,
                                    const struct vw_incoming *m, const char *clause)
{
    if (s->notice_count >= cap)
        return NULL;
    struct vw_notice *x = &s->notices[s->notice_count++];
    *x = (struct vw_notice){.kind = kind, .clause = clause};
    if (m) {
        x->from = m->from;
        x->offset = m->offset;
        x->length = m->frame.length;
        if (!m->frame.short_header)
            x->header = m->frame.header;
    }
    return x;
}

/* The last one that is kept stands for those that are not. */
static void count_lost(struct vw_session *s, size_t n)
{
    for (unsigned i = s->notice_count; i-- > s->notice_next;)
        if (s->notices[i].kind == VW_EVENT_VIOLATION) {
            s->notices[i].count += (uint32_t)n;
            return;
        }
}

/* The last places are for the ends of both sides. */
static struct vw_notice *add_violation(struct vw_session *s, const struct vw_incoming *m,
                                       const char *clause, const char *cause, size_t count)
{
    unsigned cap = s->notice_cap > 4 ? s->notice_cap - 4 : s->notice_cap;
    struct vw_notice *x = add_notice(s, VW_EVENT_VIOLATION, cap, m, clause);
    if (!x) {
        count_lost(s, count);
        return NULL;
    }
    /* A format that is all argument says nothing of the cause. */
    x->cause = cause && strcmp(cause, "%s") != 0 ? cause : clause;
    x->count = (uint32_t)count;
    x->at = x->offset;
    return x;
}

void vw_session_violation(struct vw_session *s, const struct vw_incoming *m, const char *clause,
                          const char *fmt, ...)
{
    struct vw_notice *x = add_violation(s, m, clause, fmt, 1);
    va_list ap;
    if (!x)
        return;
    va_start(ap, fmt);
    int n = vsnprintf(x->text, sizeof(x->text) - 1, fmt, ap);
    va_end(ap);
    x->text[n < 0 ? 0 : (size_t)n < sizeof(x->text) - 2 ? (size_t)n + 1 : sizeof(x->text) - 1] = 0;
}

/* TEXT into ROOM bytes, with dots where it does not fit. */
static void put_cut(char *to, size_t room, const char *text)
{
    if (snprintf(to, room, "%s", text) >= (int)room)
        memcpy(to + room - 4, "...", 4);
}

void vw_session_violation_in(struct vw_session *s, const struct vw_incoming *m,
                             const struct vw_finding *f)
{
    struct vw_notice *x = add_violation(s, m, f->clauses, f->cause, f->count);
    if (!x)
        return;
    const char *path = f->place.path ? f->place.path : "";
    size_t len = strlen(path), kept = len > PATH_KEPT ? PATH_KEPT : len;
    size_t room = sizeof(x->text) - kept - 1;
    put_cut(x->text, room, f->found);
    /* A long path is cut at its front, as in struct vw_error. */
    snprintf(x->text + strlen(x->text) + 1, kept + 1, "%s%s", kept < len ? "..." : "",
             kept < len ? path + (len - kept) + 3 : path);
    if (f->place.in_bytes)
        x->at = m->offset + (uint64_t)(m->frame.body - m->frame.bytes) + f->place.offset;
}

void vw_session_die(struct vw_session *s, enum vw_side side, enum vw_close_reason reason,
                    const char *clause, const char *text)
{
    if (s->o.role == VW_ROLE_OBSERVER) {
        const struct vw_incoming m = {.from = side, .frame = {.short_header = true}};
        s->in[side].broken = true;
        struct vw_notice *x = add_notice(s, VW_EVENT_CLOSED, s->notice_cap, &m, clause);
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
    char text[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    const struct vw_finding f = {.clauses = clause, .cause = fmt, .found = text, .count = 1};
    vw_session_violation_in(s, m, &f);
    vw_session_die(s, m->from, VW_CLOSE_VIOLATION, clause, text);
}

void vw_session_break(struct vw_session *s, const char *clause, const char *text)
{
    const struct vw_incoming m = {.from = VW_SIDE_CLIENT,
                                  .offset = s->in[VW_SIDE_CLIENT].reader.consumed,
                                  .frame = {.short_header = true}};
    vw_session_fail(s, &m, clause, "%s", text);
}

static struct vw_finding *finding_of(struct vw_arena *arena, const struct vw_notice *x,
                                     const char *text)
{
    struct vw_finding *f = vw_arena_alloc(arena, sizeof(*f), _Alignof(struct vw_finding));
    const char *path = x->text + strlen(x->text) + 1;
    path = vw_arena_strndup(arena, path, strlen(path));
    if (!f || !path)
        return NULL;
    *f = (struct vw_finding){
        .clauses = x->clause,
        .cause = x->cause,
        .found = text,
        .place = {.side = x->from == VW_SIDE_CLIENT ? "client" : "server",
                  .in_bytes = true,
                  .offset = x->at,
                  .path = path},
        .level = VW_LEVEL_MUST,
        .verdict = VW_FAIL,
        .count = x->count,
    };
    return f;
}

int vw_notice_give(struct vw_session *s, struct vw_arena *arena, struct vw_event *ev)
{
    const struct vw_notice *x = &s->notices[s->notice_next];
    const char *text = vw_arena_strndup(arena, x->text, strlen(x->text));
    if (!text)
        return VW_ENOMEM;
    vw_event_start(ev, x->kind, NULL);
    if (x->kind == VW_EVENT_VIOLATION && !(ev->finding = finding_of(arena, x, text)))
        return VW_ENOMEM;
    ev->from = x->from;
    ev->header = x->header;
    ev->length = x->length;
    ev->offset = x->offset;
    ev->reason = x->reason;
    ev->clause = x->clause;
    ev->text = text;
    if (++s->notice_next == s->notice_count)
        s->notice_next = s->notice_count = 0;
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
