// SPDX-License-Identifier: MIT
// What a call came to goes out: result, stream and descriptor, error, or nothing.
#include "mock-daemon/answer.h"

#include <string.h>
#include <unistd.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/volume.h"

static int send_sparse(struct vw_call *c)
{
    struct vw_session *s = c->conn->session;
    const struct vw_header *h = &c->event->header;
    const uint8_t *at = c->stream;
    size_t n, left = c->stream_len;
    for (int rc = 0; left > 0; at += n, left -= n) {
        bool hole;
        n = vw_volume_run(at, left, &hole);
        rc = hole ? vw_session_stream_hole(s, h, (int64_t)n, 0, NULL)
                  : vw_session_stream_data(s, h, at, n, NULL);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* The data of a stream follows the reply that opens it (S-2), and its end follows the data. */
static int send_stream(struct vw_call *c)
{
    struct vw_session *s = c->conn->session;
    const struct vw_header *h = &c->event->header;
    int rc = c->stream_sparse ? send_sparse(c)
                              : vw_session_stream_data(s, h, c->stream, c->stream_len, NULL);
    return rc < 0 ? rc : vw_session_stream_end(s, h, NULL);
}

/* A sink whose call comes to nothing goes with it. */
static int open_stream(struct vw_call *c)
{
    int rc = vw_session_stream_open(c->conn->session, &c->event->header, c->sink);
    if (rc < 0)
        vw_sink_destroy(c->sink);
    else if (c->sink)
        c->sink->header = c->event->header;
    return rc;
}

static int send_result(struct vw_call *c)
{
    struct vw_session *s = c->conn->session;
    const struct vw_header *h = &c->event->header;
    int rc;
    if (c->out->failed)
        return VW_ENOMEM;
    if (c->fd >= 0)
        return vw_session_reply(s, h, NULL, &c->fd, 1, NULL);
    rc = c->stream || c->sink ? open_stream(c) : 0;
    if (rc == VW_EUSAGE)
        return vw_session_reply_error(s, h, &c->error, NULL);
    if (rc == 0)
        rc = vw_session_reply_raw(s, h, c->out->buf.data, c->out->buf.len, NULL);
    return rc == 0 && c->stream ? send_stream(c) : rc;
}

/* 2007 sends the domain that the error is about (E-2). */
static void add_object(struct vw_call *c)
{
    struct vw_error_object *object = &c->object;
    const void *args = c->event->value;
    const struct vw_string *name;
    if (!c->conn->daemon->answers.error_objects || c->entry->domain[2] == UINT32_MAX || !args)
        return;
    name = vw_arg_in(args, c->entry->domain[2]);
    object->name = name->data ? name->data : "";
    memcpy(object->uuid, vw_arg_in(args, c->entry->domain[0]), sizeof(object->uuid));
    memcpy(&object->id, vw_arg_in(args, c->entry->domain[1]), sizeof(object->id));
    c->error.dom = object;
}

/* What a handler made for an answer that does not come: a fault stands in the way. */
static void drop_extras(struct vw_call *c)
{
    vw_sink_destroy(c->sink);
    c->sink = NULL;
    if (c->fd >= 0)
        close(c->fd);
}

int vw_answer_call(struct vw_call *c, enum vw_outcome outcome)
{
    struct vw_session *s = c->conn->session;
    int rc = 0;
    if (outcome == VW_FAILED)
        add_object(c);
    if (outcome != VW_DONE)
        drop_extras(c);
    if (outcome == VW_DONE)
        rc = send_result(c);
    else if (outcome == VW_FAILED)
        rc = vw_session_reply_error(s, &c->event->header, &c->error, NULL);
    else
        vw_session_no_reply(s, &c->event->header);
    return rc;
}
