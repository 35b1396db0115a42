// SPDX-License-Identifier: MIT
// What a message means to somebody who watches one or both sides: every breach of a rule becomes a
// violation of its sender, nothing is enforced, and the message is told in any case.
#include <stdarg.h>
#include <stdio.h>

#include "schema/facts.h"
#include "session/internal.h"

/* What a hostile peer can make an observer remember. */
#define CALLS_MAX   65536u
#define STREAMS_MAX 4096u

static bool is_call(const struct vw_session *s, const struct vw_header *h)
{
    return h->type == VW_MSG_CALL || (h->type == VW_MSG_CALL_WITH_FDS && s->limits.fds_max > 0);
}

/* Whether what the server sends can be held against what the client has sent. */
static bool knows_both(const struct vw_session *s)
{
    return s->o.declared || (s->in[VW_SIDE_CLIENT].fed && s->in[VW_SIDE_SERVER].fed);
}

static int reserve(struct vw_table *t, uint32_t max)
{
    if (t->count >= max)
        vw_table_remove(t, vw_table_oldest(t));
    return vw_table_reserve(t);
}

/* ---- bodies ---- */

/* What follows the first LEN bytes of the body, which are a WHAT: against CLAUSE. */
static void trailing(struct vw_session *s, const struct vw_incoming *m, const char *clause,
                     const char *what, size_t len)
{
    if (len >= m->frame.body_len || !(s->o.strict & VW_STRICT_TRAILING))
        return;
    char text[60];
    snprintf(text, sizeof(text), "%zu bytes follow the %s", m->frame.body_len - len, what);
    const struct vw_finding f = {.clauses = clause,
                                 .cause = vw_strict_name(VW_STRICT_TRAILING),
                                 .found = text,
                                 .place = {.in_bytes = true, .offset = len},
                                 .count = 1};
    vw_session_violation_in(s, m, &f);
}

/* What is not canonical in the body, a value of T. VW_ENOMEM or 0. */
static int check_strictly(struct vw_session *s, const struct vw_incoming *m,
                          const struct vw_type *t)
{
    struct vw_findings found = {0};
    unsigned flags = s->o.strict & ~(unsigned)VW_STRICT_TRAILING;
    if (m->from == VW_SIDE_CLIENT) /* who may ask for what is not */
        flags &= ~(unsigned)VW_STRICT_RANGE;
    if (!flags || !t)
        return 0;
    int rc = vw_xdr_check(t, m->frame.body, m->frame.body_len, flags, m->arena, &found, NULL, NULL);
    for (size_t i = 0; rc == 0 && i < found.count; i++)
        vw_session_violation_in(s, m, &found.list[i]);
    return rc == VW_ENOMEM ? rc : 0;
}

/* Decodes the body as T and reports what is wrong with it. VW_ENOMEM or 0. */
static int take_body(struct vw_session *s, const struct vw_incoming *m, const struct vw_type *t,
                     const char *clause, struct vw_event *ev)
{
    struct vw_error why = VW_ERROR_INIT;
    int rc = vw_body_decode(m, t, ev, &why);
    if (rc == VW_ENOMEM)
        return rc;
    if (rc) {
        ev->value = NULL;
        return vw_body_refuse(s, m, clause, "the body cannot be decoded", &why) ? 0 : VW_ENOMEM;
    }
    trailing(s, m, m->from == VW_SIDE_CLIENT ? "D-10" : clause, "body", ev->value_len);
    return check_strictly(s, m, t);
}

/* The member PATH of the error structure that M holds is against CLAUSE. */
static void __attribute__((format(printf, 5, 6)))
wrong_field(struct vw_session *s, const struct vw_incoming *m, const char *clause, const char *path,
            const char *fmt, ...)
{
    char text[60];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    const struct vw_finding f = {
        .clauses = clause, .cause = fmt, .found = text, .place = {.path = path}, .count = 1};
    vw_session_violation_in(s, m, &f);
}

static int take_error(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    struct vw_error why = VW_ERROR_INIT;
    int rc = vw_body_error(s, m, ev, &why);
    if (rc == VW_ENOMEM)
        return rc;
    if (rc) {
        ev->error = (struct vw_remote_error){0};
        return vw_body_refuse(s, m, "E-1", "the error structure cannot be decoded", &why)
                   ? 0
                   : VW_ENOMEM;
    }
    bool empty = s->answers.errors_of_2007 && !ev->error.code && !ev->error.level;
    if (ev->error.level != VW_LEVEL_ERROR && !empty)
        wrong_field(s, m, "E-5", "level", "expected 2 (error), found %d", ev->error.level);
    if (!s->answers.errors_of_2007 && ev->error.dom)
        wrong_field(s, m, "E-2", "dom", "an error names a domain");
    if (!s->answers.errors_of_2007 && ev->error.net)
        wrong_field(s, m, "E-2", "net", "an error names a network");
    trailing(s, m, "E-1", "error structure", ev->value_len);
    return check_strictly(s, m, s->error_type);
}

/* ---- the client's messages ---- */

static int client_call(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    const struct vw_program *p = vw_speech_find(&s->speech, h->program, h->version);
    if (reserve(&s->calls, CALLS_MAX))
        return VW_ENOMEM;
    vw_event_start(ev, VW_EVENT_CALL, m);
    ev->proc = p ? vw_program_proc_of(p, h->procedure, VW_PROC_CALL) : NULL;
    if (!p)
        vw_session_violation(s, m, "H-2", "a call to a program or version that is not known");
    else if (!ev->proc)
        vw_session_violation(s, m, "D-4", "a call to a procedure that is not known");
    else if (take_body(s, m, ev->proc->args, "D-9", ev))
        return VW_ENOMEM;
    if (h->status != VW_MSG_OK)
        vw_session_violation(s, m, "H-5", "a call with status %d", h->status);
    ev->high_priority = ev->proc && ev->proc->high_priority;
    vw_table_add(&s->calls, h)->proc = ev->proc;
    return 1;
}

static int client_stream(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    struct vw_under_way *stream = vw_table_find(&s->streams, h, true);
    vw_event_start(ev, m->frame.body_len ? VW_EVENT_STREAM_DATA : VW_EVENT_STREAM_END, m);
    ev->proc = stream ? stream->proc : NULL;
    if (!stream && knows_both(s))
        vw_session_violation(s, m, "S-2", "a message for a stream that is not open");
    if (stream && stream->state != VW_STREAM_OPEN && stream->state != VW_STREAM_GONE)
        vw_session_violation(s, m, "S-5", "a message behind the finish or abort of its stream");
    if (h->type == VW_MSG_STREAM_HOLE) {
        ev->kind = VW_EVENT_STREAM_HOLE;
        if (!vw_hole_decode(m, ev))
            vw_session_violation(s, m, "S-12", "a hole that cannot be decoded");
        else if (ev->hole_length < 0 || ev->hole_flags)
            vw_session_violation(s, m, "S-11", "a hole with flags or a negative length");
        return 1;
    }
    if (h->status == VW_MSG_CONTINUE) {
        if (stream && stream->proc && !stream->proc->writestream)
            vw_session_violation(s, m, "S-15", "data for a stream that only reads");
        return 1;
    }
    ev->kind = h->status == VW_MSG_OK ? VW_EVENT_STREAM_FINISH : VW_EVENT_STREAM_ABORT;
    if (h->status != VW_MSG_OK && h->status != VW_MSG_ERROR)
        vw_session_violation(s, m, "S-8", "status %d on a stream", h->status);
    if (stream && stream->state == VW_STREAM_OPEN)
        stream->state = VW_STREAM_ENDING;
    return 1;
}

static int from_client(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    if (is_call(s, h))
        return client_call(s, m, ev);
    if (s->limits.fds_max > 0 && (h->type == VW_MSG_STREAM || h->type == VW_MSG_STREAM_HOLE))
        return client_stream(s, m, ev);
    vw_event_start(ev, VW_EVENT_DROPPED, m);
    ev->clause = "D-6";
    ev->text = "a message of a type that clients do not send";
    vw_session_violation(s, m, "H-3", "a message of type %d from a client", h->type);
    return 1;
}

/* ---- the server's messages ---- */

enum word { PROGRAM, VERSION, PROCEDURE, TYPE, SERIAL, STATUS };

/* The WORD of the header of M is against CLAUSE. */
static void __attribute__((format(printf, 5, 6)))
wrong_word(struct vw_session *s, const struct vw_incoming *m, enum word word, const char *clause,
           const char *fmt, ...)
{
    static const char *const paths[] = {"header.program", "header.version", "header.procedure",
                                        "header.type",    "header.serial",  "header.status"};
    char text[160];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    /* Offsets are from the body, which is behind. */
    const uint64_t back = (uint64_t)(m->frame.body - m->frame.bytes);
    const struct vw_finding f = {.clauses = clause,
                                 .cause = fmt,
                                 .found = text,
                                 .place = {.in_bytes = true,
                                           .offset = VW_LENGTH_BYTES + 4 * (uint64_t)word - back,
                                           .path = paths[word]},
                                 .count = 1};
    vw_session_violation_in(s, m, &f);
}

/* Of M, a WHAT, holds CLAUSE: it repeats these words of CALL. */
static void check_echo(struct vw_session *s, const struct vw_incoming *m, const char *clause,
                       const char *what, const struct vw_under_way *call)
{
    const struct vw_header *h = &m->frame.header;
    if (h->program != call->program)
        wrong_word(s, m, PROGRAM, clause,
                   "the %s must repeat the program of its call, 0x%x; it has 0x%x", what,
                   call->program, h->program);
    if (h->version != call->version)
        wrong_word(s, m, VERSION, clause,
                   "the %s must repeat the version of its call, %u; it has %u", what, call->version,
                   h->version);
    if (h->procedure != call->procedure)
        wrong_word(s, m, PROCEDURE, clause,
                   "the %s must repeat the procedure of its call, %d; it has %d", what,
                   call->procedure, h->procedure);
}

/* The call that a reply answers, or NULL; with several of the same serial the one that fits. */
static struct vw_under_way *find_call(struct vw_session *s, const struct vw_incoming *m)
{
    const struct vw_header *h = &m->frame.header;
    struct vw_under_way *call = vw_table_find(&s->calls, h, true);
    if (!call)
        call = vw_table_find(&s->calls, h, false);
    if (!call)
        call = vw_table_find_serial(&s->calls, h->serial);
    if (call)
        check_echo(s, m, "H-5", "reply", call);
    return call;
}

/* A call that was bent may never be answered. */
static bool overtakes(const struct vw_session *s, const struct vw_under_way *call)
{
    const struct vw_under_way *oldest = vw_table_oldest(&s->calls);
    return call && call != oldest && !call->bent && !oldest->bent;
}

/* For the end of a sentence: which serial would have been right. */
static const char *due(struct vw_session *s, char *buf, size_t size)
{
    const struct vw_under_way *oldest = vw_table_oldest(&s->calls);
    *buf = '\0';
    if (oldest)
        snprintf(buf, size, "; the %s that waits has %u", s->calls.count > 1 ? "first" : "one",
                 oldest->serial);
    return buf;
}

static void check_reply(struct vw_session *s, const struct vw_incoming *m,
                        const struct vw_event *ev, const struct vw_under_way *call)
{
    const struct vw_header *h = &m->frame.header;
    char waits[60];
    if (!call && knows_both(s))
        wrong_word(s, m, SERIAL, "H-9", "a reply came with serial %u, which no waiting call has%s",
                   h->serial, due(s, waits, sizeof(waits)));
    if (s->answers.in_order && overtakes(s, call))
        vw_session_violation(s, m, "H-8", "a reply ahead of that to an earlier call");
    if (h->status != VW_MSG_OK && h->status != VW_MSG_ERROR)
        wrong_word(s, m, STATUS, "H-5", "the status of a reply is 0 or 1; it has %d", h->status);
    if (h->type == VW_MSG_REPLY_WITH_FDS && h->status == VW_MSG_ERROR)
        wrong_word(s, m, TYPE, "E-6", "an error with the type for descriptors (5)");
    else if (h->type == VW_MSG_REPLY_WITH_FDS && !s->o.fds)
        wrong_word(s, m, TYPE, "P-5", "the reply has the type for descriptors (5) and holds none");
}

static int server_reply(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    if (reserve(&s->streams, STREAMS_MAX))
        return VW_ENOMEM;
    struct vw_under_way *call = find_call(s, m);
    const struct vw_program *p = vw_speech_find(&s->speech, h->program, h->version);
    vw_event_start(ev, h->status == VW_MSG_ERROR ? VW_EVENT_ERROR : VW_EVENT_REPLY, m);
    ev->proc = call ? call->proc : p ? vw_program_proc_of(p, h->procedure, VW_PROC_CALL) : NULL;
    ev->out_of_order = call && call != vw_table_oldest(&s->calls);
    ev->user = call ? call->user : NULL;
    int rc = 0;
    if (h->status == VW_MSG_ERROR)
        rc = take_error(s, m, ev);
    else if (h->status == VW_MSG_OK && ev->proc)
        rc = take_body(s, m, ev->proc->ret, "H-5", ev);
    if (rc)
        return rc;
    check_reply(s, m, ev, call);
    ev->stream =
        h->status == VW_MSG_OK && ev->proc && (ev->proc->readstream || ev->proc->writestream);
    if (call)
        vw_table_remove(&s->calls, call);
    struct vw_under_way *old = ev->stream ? vw_table_find(&s->streams, h, true) : NULL;
    if (old)
        vw_table_remove(&s->streams, old);
    if (ev->stream)
        vw_table_add(&s->streams, h)->proc = ev->proc;
    return 1;
}

static int server_event(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    const struct vw_program *p = vw_speech_find(&s->speech, h->program, h->version);
    vw_event_start(ev, VW_EVENT_MESSAGE, m);
    ev->proc = p ? vw_program_proc_of(p, h->procedure, VW_PROC_EVENT) : NULL;
    if (ev->proc && take_body(s, m, ev->proc->args, "V-2", ev))
        return VW_ENOMEM;
    if (!s->speech.keepalive && s->answers.in_order)
        vw_session_violation(s, m, "V-1", "a message of type MESSAGE, which nothing sends");
    if (!p)
        vw_session_violation(s, m, "H-11", "an event of a program that is not known");
    else if (!ev->proc)
        wrong_word(s, m, PROCEDURE, "H-11",
                   "a message of type MESSAGE came whose procedure %d is no event", h->procedure);
    if (h->status != VW_MSG_OK)
        wrong_word(s, m, STATUS, "V-2", "the status of an event is 0; it has %d", h->status);
    if (ev->proc && s->o.declared && (vw_proc_facts(ev->proc)->event_objects & ~s->asked))
        vw_session_violation(s, m, "V-10", "an event of a %s, and nobody has asked for any",
                             vw_proc_facts(ev->proc)->event_object);
    if (h->serial != 1)
        wrong_word(s, m, SERIAL, "V-2", "the serial of an event is 1; it has %u", h->serial);
    return 1;
}

/* A message for a stream that is over, or was never there. A finish or abort that crossed the
 * server's error may still be confirmed (S-7). */
static void check_no_stream(struct vw_session *s, const struct vw_incoming *m,
                            struct vw_under_way *stream)
{
    const struct vw_header *h = &m->frame.header;
    if (!knows_both(s))
        return;
    const struct vw_under_way *other = stream ? NULL : vw_table_find_serial(&s->streams, h->serial);
    if (other && other->state != VW_STREAM_GONE)
        check_echo(s, m, "S-1", "packet", other);
    else if (stream)
        vw_session_violation(s, m, "S-7", "a message of a stream that is over");
    else if (vw_table_find(&s->calls, h, true))
        vw_session_violation(s, m, "S-2", "a stream message ahead of the reply to its call");
    else
        vw_session_violation(s, m, "S-1", "a message of a stream that was never open");
}

static int server_stream_end(struct vw_session *s, const struct vw_incoming *m,
                             struct vw_under_way *stream, struct vw_event *ev)
{
    if (m->frame.header.status == VW_MSG_ERROR) {
        ev->kind = VW_EVENT_STREAM_ERROR;
        int rc = take_error(s, m, ev);
        if (rc)
            return rc;
    } else {
        ev->kind = VW_EVENT_STREAM_FINISH;
        if (m->frame.header.status != VW_MSG_OK)
            vw_session_violation(s, m, "H-4", "status %d on a stream", m->frame.header.status);
        else if (stream && stream->state == VW_STREAM_OPEN && knows_both(s))
            vw_session_violation(s, m, "S-10", "the end of a stream that nobody waits for");
        else if (m->frame.body_len)
            vw_session_violation(s, m, "S-5", "the end of a stream with a body");
    }
    if (stream)
        stream->state = VW_STREAM_GONE;
    return 1;
}

static int server_stream(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    struct vw_under_way *stream = vw_table_find(&s->streams, h, true);
    vw_event_start(ev, m->frame.body_len ? VW_EVENT_STREAM_DATA : VW_EVENT_STREAM_END, m);
    ev->proc = stream ? stream->proc : NULL;
    if (!stream || stream->state == VW_STREAM_GONE)
        check_no_stream(s, m, stream);
    if (h->type == VW_MSG_STREAM_HOLE) {
        ev->kind = VW_EVENT_STREAM_HOLE;
        if (!vw_hole_decode(m, ev))
            vw_session_violation(s, m, "S-12", "a hole that cannot be decoded");
        else if (h->status != VW_MSG_CONTINUE)
            vw_session_violation(s, m, "S-11", "a hole whose status is not CONTINUE");
        return 1;
    }
    if (h->status == VW_MSG_CONTINUE)
        return 1;
    return server_stream_end(s, m, stream, ev);
}

static int from_server(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    bool modern = s->limits.fds_max > 0;
    if (h->type == VW_MSG_REPLY || (modern && h->type == VW_MSG_REPLY_WITH_FDS))
        return server_reply(s, m, ev);
    if (h->type == VW_MSG_MESSAGE)
        return server_event(s, m, ev);
    if (modern && (h->type == VW_MSG_STREAM || h->type == VW_MSG_STREAM_HOLE))
        return server_stream(s, m, ev);
    vw_event_start(ev, VW_EVENT_DROPPED, m);
    ev->clause = "H-11";
    ev->text = "a message of a type that servers do not send";
    wrong_word(s, m, TYPE, "H-11", "a message of type %d came, which no server may send", h->type);
    return 1;
}

int vw_dispatch_observer(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    int rc;
    if (m->frame.short_header) {
        vw_event_start(ev, VW_EVENT_DROPPED, m);
        ev->clause = "F-3";
        ev->text = "a message too short for a header";
        vw_session_violation(s, m, "F-3",
                             "a message came whose length word is %u, too short for a header",
                             m->frame.length);
        return 1;
    }
    if (vw_keepalive_take(s, m, ev, &rc))
        return rc;
    return m->from == VW_SIDE_CLIENT ? from_client(s, m, ev) : from_server(s, m, ev);
}

/* ---- a client that is told of ---- */

int vw_session_declare_call(struct vw_session *s, const struct vw_header *h,
                            const struct vw_proc *proc, bool bent, void *user)
{
    if (reserve(&s->calls, CALLS_MAX))
        return VW_ENOMEM;
    struct vw_under_way *call = vw_table_add(&s->calls, h);
    call->proc = proc;
    call->bent = bent;
    call->user = user;
    /* A call for events counts from its sending on (V-7). */
    if (proc && vw_proc_facts(proc)->event_start)
        s->asked |= vw_proc_facts(proc)->event_objects;
    return 0;
}

void vw_session_declare_packet(struct vw_session *s, const struct vw_header *h)
{
    struct vw_under_way *stream = vw_table_find(&s->streams, h, true);
    if (stream && stream->state == VW_STREAM_OPEN && h->status != VW_MSG_CONTINUE)
        stream->state = VW_STREAM_ENDING;
}
