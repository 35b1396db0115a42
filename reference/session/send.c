// SPDX-License-Identifier: MIT
// Putting messages into the output. Either the whole message is queued or nothing is.
#include <unistd.h>

#include "session/internal.h"

static void traced(struct vw_session *s, size_t start)
{
    if (!s->o.trace)
        return;
    const struct vw_buf *b = &s->out.buf;
    s->o.trace(s->o.trace_user, s->o.role == VW_ROLE_SERVER ? VW_SIDE_SERVER : VW_SIDE_CLIENT,
               b->data + start, b->len - start);
}

/* Shows the message from START to the end of the output to the filter, which has a call for what
 * goes, and queues what it leaves. VW_ENOMEM (it may be that it was shown, and is not queued). */
static int filtered(struct vw_session *s, size_t start)
{
    struct vw_buf *out = &s->out.buf, message = VW_BUF_INIT;
    int rc = vw_buf_append(&message, out->data + start, out->len - start);
    out->len = start;
    if (rc == 0 && s->o.filter->out(s->o.filter->user, &message, s->refusing) == VW_FATE_PASS)
        rc = vw_session_send_raw(s, message.data, message.len);
    vw_buf_finish(&message);
    return rc;
}

/* The message from START on is whole. */
static int queued(struct vw_session *s, size_t start, struct vw_error *err)
{
    vw_outbox_count(&s->out, start);
    if (s->o.filter && s->o.filter->out)
        return filtered(s, start) ? vw_error_nomem(err) : 0;
    traced(s, start);
    return 0;
}

/* Where a new message starts in the buffer. */
static size_t start_of_message(struct vw_session *s)
{
    vw_outbox_compact(&s->out);
    return s->out.buf.len;
}

int vw_session_send(struct vw_session *s, const struct vw_header *h, const struct vw_type *t,
                    const void *value, struct vw_error *err)
{
    size_t start = start_of_message(s);
    int rc = vw_message_append_value(&s->out.buf, &s->limits, h, 0, t, value, err);
    return rc ? rc : queued(s, start, err);
}

int vw_session_send_body(struct vw_session *s, const struct vw_header *h, const void *body,
                         size_t len, struct vw_error *err)
{
    size_t start = start_of_message(s);
    int rc = vw_message_append(&s->out.buf, &s->limits, h, 0, body, len, err);
    return rc ? rc : queued(s, start, err);
}

int vw_session_send_error(struct vw_session *s, const struct vw_header *h,
                          const struct vw_remote_error *e, struct vw_error *err)
{
    struct vw_buf *b = &s->out.buf;
    size_t start = start_of_message(s);
    int rc = vw_message_append(b, &s->limits, h, 0, NULL, 0, err);
    if (rc == 0)
        rc = vw_remote_error_encode(e, s->o.profile->string_max, b, err);
    if (rc == 0 && b->len - start > s->limits.max_length_word)
        rc = vw_error_set(err, VW_ELIMIT, "the error would be longer than a message");
    if (rc) {
        b->len = start;
        return rc;
    }
    vw_store32(b->data + start, (uint32_t)(b->len - start));
    return queued(s, start, err);
}

/* Room for as many, so that what follows cannot fail. */
static int reserve_fds(struct vw_session *s, uint32_t n_fds)
{
    return vw_outbox_reserve_marks(&s->out, n_fds) || vw_buf_reserve(&s->out.buf, n_fds) ? VW_ENOMEM
                                                                                         : 0;
}

/* Queues the bytes that carry descriptors behind their message (P-3). */
static void append_fds(struct vw_session *s, const int *fds, uint32_t n_fds)
{
    if (vw_filter_fds(s, s->o.role == VW_ROLE_SERVER ? VW_SIDE_SERVER : VW_SIDE_CLIENT, fds,
                      n_fds) != VW_FATE_PASS)
        return;
    for (uint32_t i = 0; i < n_fds; i++) {
        vw_outbox_mark(&s->out, VW_MARK_FD, fds[i]);
        s->out.buf.data[s->out.buf.len++] = 0;
    }
}

static int send_fds(struct vw_session *s, const struct vw_header *h, const struct vw_type *t,
                    const void *value, const int *fds, uint32_t n_fds, struct vw_error *err)
{
    size_t start = start_of_message(s);
    if (!s->o.fds || n_fds > s->limits.fds_max)
        return vw_error_set(err, VW_EUSAGE, "%u descriptors cannot be sent here", n_fds);
    int rc = vw_message_append_value(&s->out.buf, &s->limits, h, n_fds, t, value, err);
    if (rc)
        return rc;
    if (reserve_fds(s, n_fds)) {
        s->out.buf.len = start;
        return vw_error_nomem(err);
    }
    rc = queued(s, start, err);
    if (rc == 0 && reserve_fds(s, n_fds))
        rc = vw_error_nomem(err);
    if (rc == 0)
        append_fds(s, fds, n_fds);
    return rc;
}

int vw_session_send_fds(struct vw_session *s, const struct vw_header *h, const struct vw_type *t,
                        const void *value, const int *fds, uint32_t n_fds, struct vw_error *err)
{
    int rc = send_fds(s, h, t, value, fds, n_fds, err);
    for (uint32_t i = 0; rc && i < n_fds; i++)
        close(fds[i]);
    return rc;
}

int vw_session_send_raw(struct vw_session *s, const void *bytes, size_t len)
{
    size_t start = start_of_message(s);
    if (len == 0)
        return 0;
    if (s->o.filter ? vw_outbox_append(&s->out, bytes, len)
                    : vw_buf_append(&s->out.buf, bytes, len))
        return VW_ENOMEM;
    traced(s, start);
    return 0;
}
