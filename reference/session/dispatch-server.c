// SPDX-License-Identifier: MIT
// What a message of the client means to a server: the checks of section 3 in the order of D-20, up
// to the open connection. What fails one of them is answered here.
#include "session/internal.h"

/* What CONNECT_SUPPORTS_FEATURE may be asked before the open (C-3, K-4). */
#define FEATURE_KEEPALIVE 10

static int drop(const struct vw_incoming *m, struct vw_event *ev, const char *clause)
{
    vw_event_start(ev, VW_EVENT_DROPPED, m);
    ev->clause = clause;
    ev->text = "a message that is neither a call nor for an open stream";
    return 1;
}

/* Sends an error of the RPC layer as the answer to header H. */
static int refuse_header(struct vw_session *s, const struct vw_incoming *m, struct vw_header h,
                         struct vw_event *ev, struct vw_error_pair pair, const char *clause,
                         const char *text)
{
    if (!text)
        return VW_ENOMEM;
    vw_event_start(ev, VW_EVENT_REFUSED, m);
    vw_session_rpc_error(s, pair.code, pair.domain, text, &ev->error);
    h.type = VW_MSG_REPLY;
    h.status = VW_MSG_ERROR;
    ev->clause = clause;
    ev->text = text;
    s->refusing = ev;
    int rc = vw_session_send_error(s, &h, &ev->error, NULL);
    s->refusing = NULL;
    return rc ? VW_ENOMEM : 1;
}

static int refuse(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev,
                  struct vw_error_pair pair, const char *clause, const char *text)
{
    return refuse_header(s, m, m->frame.header, ev, pair, clause, text);
}

/* F-13, D-23: lengths 9 to 27 are answered as if by the first call of the first program. */
static int take_short(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    if (m->frame.length < s->answers.short_header_min || s->speech.count == 0) {
        vw_session_fail(s, m, "F-13", "length word %u cannot hold a header", m->frame.length);
        return 0;
    }
    const struct vw_header h = {.program = s->speech.list[0]->number,
                                .version = s->speech.list[0]->version,
                                .procedure = 1,
                                .serial = 1};
    return refuse_header(s, m, h, ev, s->answers.short_header, "D-23",
                         "the header cannot be decoded");
}

static int stream_status(struct vw_session *s, const struct vw_incoming *m,
                         struct vw_under_way *stream, struct vw_event *ev)
{
    struct vw_header h = m->frame.header;
    vw_session_rpc_error(s, VW_ERR_RPC, VW_FROM_STREAMS, "a stream has no such status", &ev->error);
    h.status = VW_MSG_ERROR;
    if (vw_session_send_error(s, &h, &ev->error, NULL))
        return VW_ENOMEM;
    ev->kind = VW_EVENT_STREAM_ABORT;
    ev->local = true;
    ev->clause = "S-8";
    vw_table_remove(&s->streams, stream);
    return 1;
}

static int take_stream(struct vw_session *s, const struct vw_incoming *m,
                       struct vw_under_way *stream, struct vw_event *ev)
{
    vw_event_start(ev, m->frame.body_len ? VW_EVENT_STREAM_DATA : VW_EVENT_STREAM_END, m);
    ev->proc = stream->proc;
    ev->user = stream->user;
    if (!stream->proc->writestream)
        ev->clause = "S-15";
    if (m->frame.header.type == VW_MSG_STREAM_HOLE) {
        ev->kind = VW_EVENT_STREAM_HOLE;
        if (vw_hole_decode(m, ev))
            return 1;
        vw_session_fail(s, m, "S-12", "a hole that cannot be decoded");
        return 0;
    }
    switch (m->frame.header.status) {
    case VW_MSG_CONTINUE:
        return 1;
    case VW_MSG_OK:
        ev->kind = VW_EVENT_STREAM_FINISH;
        ev->clause = "";
        return 1;
    case VW_MSG_ERROR:
        ev->kind = VW_EVENT_STREAM_ABORT;
        ev->clause = "";
        return 1;
    default:
        return stream_status(s, m, stream, ev);
    }
}

static bool knows_number(const struct vw_session *s, uint32_t program)
{
    for (size_t i = 0; i < s->speech.count; i++)
        if (s->speech.list[i]->number == program)
            return true;
    return false;
}

static int unknown_program(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    bool version = knows_number(s, h->program);
    return refuse(s, m, ev, version ? s->answers.wrong_version : s->answers.unknown_program,
                  version ? "D-2" : "D-1",
                  vw_arena_printf(m->arena, "program 0x%08x version %u is not served here",
                                  h->program, h->version));
}

/* D-21: how the text starts is part of the protocol. */
static int unknown_procedure(struct vw_session *s, const struct vw_incoming *m,
                             const struct vw_program *p, struct vw_event *ev)
{
    int32_t number = m->frame.header.procedure;
    bool event = vw_program_proc_of(p, number, VW_PROC_EVENT) != NULL;
    return refuse(s, m, ev, s->answers.unknown_procedure, event ? "D-5" : "D-4",
                  vw_arena_printf(m->arena, "unknown procedure: %d", number));
}

static bool passes_open(const struct vw_session *s, const struct vw_incoming *m, unsigned before)
{
    if (s->opened || (before & VW_BEFORE_OPEN))
        return true;
    if (before & VW_BEFORE_CLOSE)
        return !s->answers.close_needs_open;
    return (before & VW_BEFORE_FEATURE) && m->frame.body_len >= 4 &&
           vw_load32(m->frame.body) == FEATURE_KEEPALIVE;
}

static int take_call(struct vw_session *s, const struct vw_incoming *m, const struct vw_proc *proc,
                     struct vw_event *ev)
{
    struct vw_error why = VW_ERROR_INIT;
    unsigned before = s->authenticated && s->opened ? 0 : vw_proc_facts(proc)->before;
    if (!s->authenticated && !(before & VW_BEFORE_AUTH))
        return refuse(s, m, ev, s->answers.not_authenticated, "D-11",
                      "authentication is required before this call");
    vw_event_start(ev, VW_EVENT_CALL, m);
    int rc = vw_body_decode(m, proc->args, ev, &why);
    if (rc == VW_ENOMEM)
        return rc;
    if (rc)
        return refuse(
            s, m, ev, s->answers.bad_arguments, "D-9",
            vw_why(m->arena, &why, "cannot decode the arguments of %s", proc->short_name));
    if (!passes_open(s, m, before))
        return refuse(s, m, ev, s->answers.not_open, "D-12", "no connection is open");
    ev->proc = proc;
    ev->high_priority = proc->high_priority;
    s->latest = proc;
    s->requests++;
    return 1;
}

int vw_dispatch_server(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    int rc;
    if (m->frame.short_header)
        return take_short(s, m, ev);
    if (h->type == VW_MSG_MESSAGE && vw_keepalive_take(s, m, ev, &rc))
        return rc;
    if (s->streams.count && (h->type == VW_MSG_STREAM || h->type == VW_MSG_STREAM_HOLE)) {
        struct vw_under_way *stream = vw_table_find(&s->streams, h, true);
        if (stream)
            return take_stream(s, m, stream, ev);
    }

    const struct vw_program *p = vw_speech_find(&s->speech, h->program, h->version);
    bool call =
        h->type == VW_MSG_CALL || (h->type == VW_MSG_CALL_WITH_FDS && s->limits.fds_max > 0);
    if (!call && s->answers.wrong_type_ignored)
        return drop(m, ev, !p ? "D-3" : h->type == VW_MSG_STREAM ? "D-7" : "D-6");
    if (!p)
        return unknown_program(s, m, ev);
    if (!call)
        return refuse(s, m, ev, s->answers.wrong_type, "D-22",
                      vw_arena_printf(m->arena, "type %d is no call", h->type));
    if (h->status != VW_MSG_OK)
        return refuse(s, m, ev, s->answers.wrong_status, "D-8",
                      vw_arena_printf(m->arena, "a call has status %d", h->status));
    const struct vw_proc *proc = vw_program_proc_of(p, h->procedure, VW_PROC_CALL);
    return proc ? take_call(s, m, proc, ev) : unknown_procedure(s, m, p, ev);
}
