// SPDX-License-Identifier: MIT
// What either side sends on a stream (section 10).
#include "session/internal.h"

int vw_session_stream_open(struct vw_session *s, const struct vw_header *call, void *user)
{
    const struct vw_program *p = vw_speech_find(&s->speech, call->program, call->version);
    const struct vw_proc *proc = p ? vw_program_proc_of(p, call->procedure, VW_PROC_CALL) : NULL;
    if (s->o.role != VW_ROLE_SERVER || !proc || vw_table_find(&s->streams, call, true))
        return VW_EUSAGE;
    if (s->o.max_streams && s->streams.count >= s->o.max_streams)
        return VW_ELIMIT;
    if (vw_table_reserve(&s->streams))
        return VW_ENOMEM;
    struct vw_under_way *e = vw_table_add(&s->streams, call);
    e->proc = proc;
    e->user = user;
    return 0;
}

void vw_session_stream_set_user(struct vw_session *s, const struct vw_header *call, void *user)
{
    struct vw_under_way *e = vw_table_find(&s->streams, call, true);
    if (e)
        e->user = user;
}

/* The open stream of CALL; *H is then the header of a message on it. NULL with ERR set. */
static struct vw_under_way *find(struct vw_session *s, const struct vw_header *call, int32_t type,
                                 int32_t status, struct vw_header *h, struct vw_error *err)
{
    struct vw_under_way *e = vw_table_find(&s->streams, call, true);
    if (!e || e->state != VW_STREAM_OPEN || (s->dying && s->reason != VW_CLOSE_EOF)) {
        vw_error_set(err, VW_EUSAGE, "serial %u has no open stream", call->serial);
        return NULL;
    }
    *h = *call;
    h->type = type;
    h->status = status;
    return e;
}

/* F-11, or what a message holds if that is less. */
size_t vw_session_stream_chunk(const struct vw_session *s)
{
    size_t most = s->limits.max_length_word - VW_PREFIX_BYTES;
    size_t chunk = s->answers.stream_chunk;
    return chunk > 0 && chunk < most ? chunk : most;
}

int vw_session_stream_data(struct vw_session *s, const struct vw_header *call, const void *data,
                           size_t len, struct vw_error *err)
{
    struct vw_header h;
    if (!find(s, call, VW_MSG_STREAM, VW_MSG_CONTINUE, &h, err))
        return VW_EUSAGE;
    size_t chunk = vw_session_stream_chunk(s);
    vw_outbox_compact(&s->out);
    size_t start = s->out.buf.len;
    for (const uint8_t *p = data; len > 0;) {
        size_t n = len < chunk ? len : chunk;
        int rc = vw_session_send_body(s, &h, p, n, err);
        if (rc) {
            s->out.buf.len = start;
            return rc;
        }
        p += n;
        len -= n;
    }
    return 0;
}

int vw_session_stream_end(struct vw_session *s, const struct vw_header *call, struct vw_error *err)
{
    struct vw_header h;
    if (!find(s, call, VW_MSG_STREAM, VW_MSG_CONTINUE, &h, err))
        return VW_EUSAGE;
    return vw_session_send_body(s, &h, NULL, 0, err);
}

int vw_session_stream_hole(struct vw_session *s, const struct vw_header *call, int64_t length,
                           uint32_t flags, struct vw_error *err)
{
    struct vw_header h;
    uint8_t body[12];
    if (!find(s, call, VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE, &h, err))
        return VW_EUSAGE;
    vw_store64(body, (uint64_t)length);
    vw_store32(body + 8, flags);
    return vw_session_send_body(s, &h, body, sizeof(body), err);
}

int vw_session_stream_finish(struct vw_session *s, const struct vw_header *call,
                             struct vw_error *err)
{
    struct vw_header h;
    struct vw_under_way *e = find(s, call, VW_MSG_STREAM, VW_MSG_OK, &h, err);
    if (!e)
        return VW_EUSAGE;
    int rc = vw_session_send_body(s, &h, NULL, 0, err);
    if (rc)
        return rc;
    if (s->o.role == VW_ROLE_CLIENT)
        e->state = VW_STREAM_ENDING;
    else
        vw_table_remove(&s->streams, e);
    return 0;
}

int vw_session_stream_abort(struct vw_session *s, const struct vw_header *call,
                            const struct vw_remote_error *error, struct vw_error *err)
{
    struct vw_header h;
    struct vw_under_way *e = find(s, call, VW_MSG_STREAM, VW_MSG_ERROR, &h, err);
    if (!e)
        return VW_EUSAGE;
    if (s->o.role == VW_ROLE_CLIENT) {
        int rc = vw_session_send_body(s, &h, NULL, 0, err);
        if (rc == 0)
            e->state = VW_STREAM_ENDING;
        return rc;
    }
    int rc = vw_session_send_error(s, &h, error, err);
    if (rc == 0)
        vw_table_remove(&s->streams, e);
    return rc;
}
