// SPDX-License-Identifier: MIT
// What a message of the server means to a client (H-9, H-11, S-1 to S-13, V-2).
#include "session/internal.h"

static int drop(const struct vw_incoming *m, struct vw_event *ev, const char *clause,
                const char *text)
{
    vw_event_start(ev, VW_EVENT_DROPPED, m);
    ev->clause = clause;
    ev->text = text;
    return 1;
}

/* Tells the violation: WHAT, for WHY if that is set. The whole as one text in the arena of M, or
 * NULL. */
static const char *tell(struct vw_session *s, const struct vw_incoming *m, const char *clause,
                        const char *what, const struct vw_error *why)
{
    if (what && why)
        return vw_body_refuse(s, m, clause, what, why);
    if (what)
        vw_session_violation(s, m, clause, "%s", what);
    return what;
}

/* Ends CALL here with an error of our own, because its answer cannot be used: WHAT (NULL: memory
 * is out), for WHY if that is set. */
static int fail_call(struct vw_session *s, const struct vw_incoming *m, struct vw_under_way *call,
                     struct vw_event *ev, int32_t code, const char *clause, const char *what,
                     const struct vw_error *why)
{
    const char *text = tell(s, m, clause, what, why);
    if (!text)
        return VW_ENOMEM;
    vw_event_start(ev, VW_EVENT_ERROR, m);
    ev->proc = call->proc;
    ev->user = call->user;
    ev->local = true;
    ev->clause = clause;
    ev->text = text;
    ev->error = (struct vw_remote_error){
        .code = code, .domain = VW_FROM_RPC, .level = VW_LEVEL_ERROR, .message = text};
    vw_table_remove(&s->calls, call);
    return 1;
}

static bool opens_stream(const struct vw_proc *proc)
{
    return proc->readstream || proc->writestream;
}

static int take_result(struct vw_session *s, const struct vw_incoming *m, struct vw_under_way *call,
                       struct vw_event *ev)
{
    struct vw_error why = VW_ERROR_INIT;
    bool stream = opens_stream(call->proc) && call->state != VW_STREAM_GONE;
    if (stream && vw_table_reserve(&s->streams))
        return VW_ENOMEM;
    vw_event_start(ev, VW_EVENT_REPLY, m);
    int rc = vw_body_decode(m, call->proc->ret, ev, &why);
    if (rc == VW_ENOMEM)
        return rc;
    if (rc)
        return fail_call(
            s, m, call, ev, VW_ERR_RPC, "H-5",
            vw_arena_printf(m->arena, "cannot decode the reply to %s", call->proc->short_name),
            &why);
    ev->proc = call->proc;
    ev->user = call->user;
    ev->stream = stream;
    ev->out_of_order = call != vw_table_oldest(&s->calls);
    vw_table_remove(&s->calls, call);
    if (stream) {
        struct vw_under_way *e = vw_table_add(&s->streams, &m->frame.header);
        e->proc = ev->proc;
        e->user = ev->user;
    }
    return 1;
}

static int take_error(struct vw_session *s, const struct vw_incoming *m, struct vw_under_way *call,
                      struct vw_event *ev)
{
    struct vw_error why = VW_ERROR_INIT;
    vw_event_start(ev, VW_EVENT_ERROR, m);
    int rc = vw_body_error(s, m, ev, &why);
    if (rc == VW_ENOMEM)
        return rc;
    if (rc)
        return fail_call(
            s, m, call, ev, VW_ERR_RPC, "E-1",
            vw_arena_printf(m->arena, "cannot decode the error of %s", call->proc->short_name),
            &why);
    vw_remote_error_map(&ev->error);
    ev->proc = call->proc;
    ev->user = call->user;
    ev->out_of_order = call != vw_table_oldest(&s->calls);
    vw_table_remove(&s->calls, call);
    return 1;
}

/* Nobody waits for the answer any more. A stream that it opens would go on for ever: it is aborted.
 */
static int take_forgotten(struct vw_session *s, const struct vw_incoming *m,
                          struct vw_under_way *call, struct vw_event *ev)
{
    struct vw_header h = m->frame.header;
    if (h.status == VW_MSG_OK && h.procedure == call->procedure && opens_stream(call->proc) &&
        call->state != VW_STREAM_GONE) {
        h.type = VW_MSG_STREAM;
        h.status = VW_MSG_ERROR;
        if (vw_table_reserve(&s->streams) || vw_session_send_body(s, &h, NULL, 0, NULL))
            return VW_ENOMEM;
        struct vw_under_way *e = vw_table_add(&s->streams, &m->frame.header);
        e->proc = call->proc;
        e->state = VW_STREAM_ENDING;
    }
    vw_table_remove(&s->calls, call);
    return drop(m, ev, "", "the answer to a call that was given up");
}

static int take_reply(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    struct vw_under_way *call = vw_table_find(&s->calls, h, false);
    if (!call) {
        vw_session_fail(s, m, "H-9", "a reply with serial %u that no call waits for", h->serial);
        return 0;
    }
    if (call->forgotten)
        return take_forgotten(s, m, call, ev);
    if (call->procedure != h->procedure)
        return fail_call(s, m, call, ev, VW_ERR_INTERNAL, "H-9",
                         vw_arena_printf(m->arena, "the reply to procedure %d names procedure %d",
                                         call->procedure, h->procedure),
                         NULL);
    if (h->status == VW_MSG_OK)
        return take_result(s, m, call, ev);
    if (h->status == VW_MSG_ERROR)
        return take_error(s, m, call, ev);
    return fail_call(s, m, call, ev, VW_ERR_RPC, "H-5",
                     vw_arena_printf(m->arena, "a reply with status %d", h->status), NULL);
}

static int take_event(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    const struct vw_program *p = vw_speech_find(&s->speech, h->program, h->version);
    if (!p) {
        vw_session_fail(s, m, "H-11",
                        "an event of program 0x%08x version %u, which nobody asked for", h->program,
                        h->version);
        return 0;
    }
    const struct vw_proc *proc = vw_program_proc_of(p, h->procedure, VW_PROC_EVENT);
    if (!proc)
        return drop(m, ev, "H-11", "an event with an unknown number");
    struct vw_error why = VW_ERROR_INIT;
    vw_event_start(ev, VW_EVENT_MESSAGE, m);
    ev->proc = proc;
    int rc = vw_body_decode(m, proc->args, ev, &why);
    if (rc == VW_ENOMEM)
        return rc;
    if (rc == 0)
        return 1;
    const char *text = tell(
        s, m, "V-2", vw_arena_printf(m->arena, "cannot decode event %s", proc->short_name), &why);
    if (!text)
        return VW_ENOMEM;
    return drop(m, ev, "H-11", text);
}

/* A call whose stream is over before its reply has come remembers that. */
static void end_stream(struct vw_session *s, struct vw_under_way *stream, bool early)
{
    if (early)
        stream->state = VW_STREAM_GONE;
    else
        vw_table_remove(&s->streams, stream);
}

/* The stream has failed by fault of the server; the caller may not know that yet. OVER: the server
 * has ended it. Else it is aborted, one that is early when its reply comes. */
static int fail_stream(struct vw_session *s, const struct vw_incoming *m,
                       struct vw_under_way *stream, struct vw_event *ev, bool over,
                       const char *clause, const char *what, const struct vw_error *why)
{
    bool early = ev->early;
    struct vw_header h = m->frame.header;
    h.type = VW_MSG_STREAM;
    h.status = VW_MSG_ERROR;
    bool aborts = !over && !early && stream->state == VW_STREAM_OPEN;
    const char *text = tell(s, m, clause, what, why);
    if (!text || (aborts && vw_session_send_body(s, &h, NULL, 0, NULL)))
        return VW_ENOMEM;
    vw_event_start(ev, VW_EVENT_STREAM_ERROR, m);
    ev->proc = stream->proc;
    ev->user = stream->user;
    ev->early = early;
    ev->local = true;
    ev->clause = clause;
    ev->text = text;
    ev->error = (struct vw_remote_error){
        .code = VW_ERR_RPC, .domain = VW_FROM_RPC, .level = VW_LEVEL_ERROR, .message = text};
    if (over)
        end_stream(s, stream, early);
    else if (!early)
        stream->user = NULL;
    if (aborts)
        stream->state = VW_STREAM_ENDING;
    return 1;
}

static int stream_error(struct vw_session *s, const struct vw_incoming *m,
                        struct vw_under_way *stream, struct vw_event *ev)
{
    struct vw_error why = VW_ERROR_INIT;
    int rc = vw_body_error(s, m, ev, &why);
    if (rc == VW_ENOMEM)
        return rc;
    if (rc)
        return fail_stream(s, m, stream, ev, true, "S-7", "cannot decode the error of a stream",
                           &why);
    end_stream(s, stream, ev->early);
    return 1;
}

/* S-10: what comes for a stream that is over is dropped, but for a status OK. */
static int no_stream(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    if (h->type == VW_MSG_STREAM && h->status == VW_MSG_OK) {
        vw_session_fail(s, m, "S-10", "the end of a stream that nobody waits for");
        return 0;
    }
    /* It ends ahead of the reply to a call that was given up: there will be nothing to abort. */
    struct vw_under_way *call = vw_table_find(&s->calls, h, true);
    if (call && call->forgotten && h->type == VW_MSG_STREAM && h->status == VW_MSG_ERROR)
        call->state = VW_STREAM_GONE;
    return drop(m, ev, "S-10", "a message of a stream that is not open");
}

/* S-2: a server may send the first packets ahead of the reply. */
static struct vw_under_way *call_with_stream(const struct vw_session *s, const struct vw_header *h)
{
    struct vw_under_way *call = vw_table_find(&s->calls, h, true);
    bool wanted = call && opens_stream(call->proc) && !call->forgotten;
    return wanted && call->state != VW_STREAM_GONE ? call : NULL;
}

static int take_stream(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const struct vw_header *h = &m->frame.header;
    struct vw_under_way *open = vw_table_find(&s->streams, h, true);
    struct vw_under_way *stream = open ? open : call_with_stream(s, h);
    if (!stream)
        return no_stream(s, m, ev);
    vw_event_start(ev, m->frame.body_len ? VW_EVENT_STREAM_DATA : VW_EVENT_STREAM_END, m);
    ev->proc = stream->proc;
    ev->user = stream->user;
    ev->early = !open;
    if (h->type == VW_MSG_STREAM_HOLE) {
        ev->kind = VW_EVENT_STREAM_HOLE;
        return vw_hole_decode(m, ev) ? 1
                                     : fail_stream(s, m, stream, ev, false, "S-12",
                                                   "a hole that cannot be decoded", NULL);
    }
    switch (h->status) {
    case VW_MSG_CONTINUE:
        return 1;
    case VW_MSG_ERROR:
        ev->kind = VW_EVENT_STREAM_ERROR;
        return stream_error(s, m, stream, ev);
    case VW_MSG_OK:
        if (stream->state == VW_STREAM_OPEN)
            break;
        ev->kind = VW_EVENT_STREAM_FINISH;
        vw_table_remove(&s->streams, stream);
        return 1;
    default:
        break;
    }
    vw_session_fail(s, m, "S-10", "status %d on a stream that does not wait for it", h->status);
    return 0;
}

int vw_dispatch_client(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    int rc;
    switch (m->frame.header.type) {
    case VW_MSG_REPLY:
    case VW_MSG_REPLY_WITH_FDS:
        return take_reply(s, m, ev);
    case VW_MSG_MESSAGE:
        return vw_keepalive_take(s, m, ev, &rc) ? rc : take_event(s, m, ev);
    case VW_MSG_STREAM:
    case VW_MSG_STREAM_HOLE:
        return take_stream(s, m, ev);
    default:
        vw_session_fail(s, m, "H-11", "a message of type %d from a server", m->frame.header.type);
        return 0;
    }
}
