// SPDX-License-Identifier: MIT
// What a server sends: results, errors, events; and the state of its gates.
#include <unistd.h>

#include "session/internal.h"

static int closed(const struct vw_session *s, struct vw_error *err)
{
    /* A client that only half-closed may still read (C-8, C-15). */
    if (!s->dying || s->reason == VW_CLOSE_EOF)
        return 0;
    return vw_error_set(err, VW_ECLOSED, "the connection is closed");
}

static void answered(struct vw_session *s)
{
    if (s->requests)
        s->requests--;
}

static struct vw_header reply_header(const struct vw_header *call, int32_t type, int32_t status)
{
    struct vw_header h = *call;
    h.type = type;
    h.status = status;
    return h;
}

/* F-10, L-7: a result that does not fit is an error of the call. */
static int send_unencodable(struct vw_session *s, const struct vw_header *call,
                            const struct vw_error *why, struct vw_error *err)
{
    struct vw_remote_error e;
    const struct vw_error_pair *pair = &s->answers.bad_arguments;
    vw_session_rpc_error(s, pair->code, pair->domain, why->text, &e);
    const struct vw_header h = reply_header(call, VW_MSG_REPLY, VW_MSG_ERROR);
    return vw_session_send_error(s, &h, &e, err);
}

/* RC and WHY: what became of the reply to CALL. */
static int end_reply(struct vw_session *s, const struct vw_header *call, int rc,
                     const struct vw_error *why, struct vw_error *err)
{
    if (rc == VW_ENOMEM)
        return vw_error_nomem(err);
    if (rc)
        rc = send_unencodable(s, call, why, err);
    if (rc == 0)
        answered(s);
    return rc;
}

/* Most calls are answered before the next one comes. */
static const struct vw_type *result_type(const struct vw_session *s, const struct vw_header *call)
{
    const struct vw_proc *proc = s->latest;
    if (proc && proc->number == call->procedure && proc->program->number == call->program &&
        proc->program->version == call->version)
        return proc->ret;
    const struct vw_program *p = vw_speech_find(&s->speech, call->program, call->version);
    proc = p ? vw_program_proc_of(p, call->procedure, VW_PROC_CALL) : NULL;
    return proc ? proc->ret : NULL;
}

/* A result that cannot be sent is tried once more, to learn why. */
static __attribute__((noinline)) int send_or_say_why(struct vw_session *s,
                                                     const struct vw_header *call, const void *ret,
                                                     const int *fds, uint32_t n_fds,
                                                     struct vw_error *err)
{
    struct vw_error why = VW_ERROR_INIT;
    const struct vw_type *t = result_type(s, call);
    const struct vw_header h =
        reply_header(call, n_fds ? VW_MSG_REPLY_WITH_FDS : VW_MSG_REPLY, VW_MSG_OK);
    int rc = n_fds ? vw_session_send_fds(s, &h, t, ret, fds, n_fds, &why)
                   : vw_session_send(s, &h, t, ret, &why);
    return end_reply(s, call, rc, &why, err);
}

int vw_session_reply(struct vw_session *s, const struct vw_header *call, const void *ret,
                     const int *fds, uint32_t n_fds, struct vw_error *err)
{
    const struct vw_header h = reply_header(call, VW_MSG_REPLY, VW_MSG_OK);
    int rc = closed(s, err);
    if (rc) {
        for (uint32_t i = 0; i < n_fds; i++)
            close(fds[i]);
        return rc;
    }
    if (n_fds || vw_session_send(s, &h, result_type(s, call), ret, NULL))
        return send_or_say_why(s, call, ret, fds, n_fds, err);
    answered(s);
    return 0;
}

int vw_session_reply_error(struct vw_session *s, const struct vw_header *call,
                           const struct vw_remote_error *e, struct vw_error *err)
{
    const struct vw_header h = reply_header(call, VW_MSG_REPLY, VW_MSG_ERROR);
    struct vw_error why = VW_ERROR_INIT;
    int rc = closed(s, err);
    if (rc)
        return rc;
    rc = vw_session_send_error(s, &h, e, &why);
    return end_reply(s, call, rc, &why, err);
}

void vw_session_no_reply(struct vw_session *s, const struct vw_header *call)
{
    answered(s);
}

/* V-2: the serial is always 1. */
static struct vw_header event_header(const struct vw_proc *event)
{
    return (struct vw_header){.program = event->program->number,
                              .version = event->program->version,
                              .procedure = event->number,
                              .type = VW_MSG_MESSAGE,
                              .serial = 1};
}

static int may_send_event(const struct vw_session *s, const struct vw_proc *event,
                          struct vw_error *err)
{
    int rc = closed(s, err);
    if (rc == 0 && (s->o.role != VW_ROLE_SERVER || event->kind != VW_PROC_EVENT))
        rc = vw_error_set(err, VW_EUSAGE, "%s is no event to send from here", event->name);
    return rc;
}

int vw_session_send_event(struct vw_session *s, const struct vw_proc *event, const void *value,
                          struct vw_error *err)
{
    const struct vw_header h = event_header(event);
    int rc = may_send_event(s, event, err);
    return rc ? rc : vw_session_send(s, &h, event->args, value, err);
}

void vw_session_set_authenticated(struct vw_session *s, bool yes)
{
    s->authenticated = yes;
}

void vw_session_set_opened(struct vw_session *s, bool yes)
{
    s->opened = yes;
}

void vw_session_rpc_error(const struct vw_session *s, int32_t code, int32_t domain,
                          const char *text, struct vw_remote_error *e)
{
    const struct vw_session_answers *a = &s->answers;
    *e = (struct vw_remote_error){
        .code = code, .domain = domain, .level = VW_LEVEL_ERROR, .message = text};
    if (a->repeat_message) {
        e->str1 = text;
        return;
    }
    e->str1 = a->format;
    e->str2 = text ? text : a->empty_detail ? "" : NULL;
    e->int1 = e->int2 = -1;
}
