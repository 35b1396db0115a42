// SPDX-License-Identifier: MIT
// Names of header words, and what a header says of the body behind it.
#include "message/message-json.h"

static const char *const type_names[] = {
    [VW_MSG_CALL] = "call",
    [VW_MSG_REPLY] = "reply",
    [VW_MSG_MESSAGE] = "message",
    [VW_MSG_STREAM] = "stream",
    [VW_MSG_CALL_WITH_FDS] = "call-with-fds",
    [VW_MSG_REPLY_WITH_FDS] = "reply-with-fds",
    [VW_MSG_STREAM_HOLE] = "stream-hole",
};

static const char *const status_names[] = {
    [VW_MSG_OK] = "ok",
    [VW_MSG_ERROR] = "error",
    [VW_MSG_CONTINUE] = "continue",
};

static const char *const kind_names[] = {
    [VW_BODY_ARGS] = "args",
    [VW_BODY_RET] = "ret",
    [VW_BODY_EVENT] = "event",
    [VW_BODY_ERROR] = "error",
    [VW_BODY_STREAM_DATA] = "stream-data",
    [VW_BODY_STREAM_HOLE] = "stream-hole",
    [VW_BODY_UNKNOWN] = "unknown",
};

#define COUNT(a) ((int32_t)(sizeof(a) / sizeof((a)[0])))

const char *vw_msg_type_name(int32_t type)
{
    return type >= 0 && type < COUNT(type_names) ? type_names[type] : NULL;
}

const char *vw_msg_status_name(int32_t status)
{
    return status >= 0 && status < COUNT(status_names) ? status_names[status] : NULL;
}

const char *vw_body_kind_name(enum vw_body_kind kind)
{
    return kind_names[kind];
}

/* The error structure of today, or of 2007: the same on the wire (E-1). */
static const struct vw_type *error_type(const struct vw_schema *s)
{
    const struct vw_type *t = vw_schema_type(s, "virNetMessageError");
    return t ? t : vw_schema_type(s, "remote_error");
}

static void set_typed(struct vw_body *b, enum vw_body_kind kind, const struct vw_type *type)
{
    b->kind = kind;
    b->type = type;
}

static void set_error(struct vw_body *b, const struct vw_schema *s)
{
    const struct vw_type *t = error_type(s);
    if (t)
        set_typed(b, VW_BODY_ERROR, t);
}

static void set_reply(struct vw_body *b, const struct vw_schema *s, int32_t status)
{
    if (status == VW_MSG_ERROR)
        set_error(b, s);
    else if (status == VW_MSG_OK && b->proc && b->proc->kind == VW_PROC_CALL)
        set_typed(b, VW_BODY_RET, b->proc->ret);
}

static void set_stream(struct vw_body *b, const struct vw_schema *s, int32_t status)
{
    if (status == VW_MSG_ERROR)
        set_error(b, s);
    else if (status == VW_MSG_OK || status == VW_MSG_CONTINUE)
        b->kind = VW_BODY_STREAM_DATA;
}

static void set_hole(struct vw_body *b, const struct vw_schema *s)
{
    const struct vw_type *t = vw_schema_type(s, "virNetStreamHole");
    if (t)
        set_typed(b, VW_BODY_STREAM_HOLE, t);
}

void vw_body_of(const struct vw_schema *s, const struct vw_header *h, struct vw_body *out)
{
    *out = (struct vw_body){.kind = VW_BODY_UNKNOWN};
    out->has_fds = h->type == VW_MSG_CALL_WITH_FDS || h->type == VW_MSG_REPLY_WITH_FDS;
    out->program = vw_schema_program(s, h->program, h->version);
    out->proc = out->program ? vw_program_proc(out->program, h->procedure) : NULL;
    switch (h->type) {
    case VW_MSG_CALL:
    case VW_MSG_CALL_WITH_FDS:
        if (out->proc && out->proc->kind == VW_PROC_CALL)
            set_typed(out, VW_BODY_ARGS, out->proc->args);
        break;
    case VW_MSG_REPLY:
    case VW_MSG_REPLY_WITH_FDS:
        set_reply(out, s, h->status);
        break;
    case VW_MSG_MESSAGE:
        if (out->proc && out->proc->kind == VW_PROC_EVENT)
            set_typed(out, VW_BODY_EVENT, out->proc->args);
        break;
    case VW_MSG_STREAM:
        set_stream(out, s, h->status);
        break;
    case VW_MSG_STREAM_HOLE:
        set_hole(out, s);
        break;
    default:
        break;
    }
}

void vw_body_of_frame(const struct vw_schema *s, const struct vw_frame *frame, struct vw_body *out)
{
    vw_body_of(s, &frame->header, out);
    if (frame->header.type == VW_MSG_STREAM && frame->body_len == 0)
        out->type = NULL;
}
