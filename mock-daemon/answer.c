// SPDX-License-Identifier: MIT
// What a call came to goes out: result, stream and descriptor, error, or nothing.
#include "mock-daemon/answer.h"

#include <string.h>
#include <unistd.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "xdr/values.h"

/* A transfer whose call comes to nothing goes with it. */
static int open_stream(struct vw_call *c)
{
    int rc = vw_session_stream_open(c->conn->session, &c->event->header, c->transfer);
    if (rc < 0)
        vw_transfer_destroy(c->transfer);
    else
        c->transfer->header = c->event->header;
    return rc;
}

static int refuse_stream(struct vw_call *c, const char *why)
{
    struct vw_session *s = c->conn->session;
    vw_session_rpc_error(s, VW_ERR_INTERNAL, VW_FROM_RPC, why, &c->error);
    return vw_session_reply_error(s, &c->event->header, &c->error, NULL);
}

static int send_result(struct vw_call *c)
{
    struct vw_session *s = c->conn->session;
    const struct vw_header *h = &c->event->header;
    int rc = c->transfer ? open_stream(c) : 0;
    if (rc == VW_EUSAGE)
        return refuse_stream(c, "this serial has a stream already");
    if (rc == VW_ELIMIT)
        return refuse_stream(c, "too many streams are open");
    return rc ? rc : vw_session_reply(s, h, c->value, &c->fd, c->fd >= 0, NULL);
}

/* Where a fault answers and says nothing of the value. */
static int add_smallest(struct vw_call *c)
{
    const struct vw_type *t = c->event->proc->ret;
    void *value;
    if (c->value || !t)
        return 0;
    int rc = vw_value_minimal(t, &c->conn->daemon->arena, &value, NULL);
    c->value = value;
    return rc;
}

/* 2007 sends the domain that the error is about (E-2). */
static void add_object(struct vw_call *c)
{
    struct vw_error_object *object = &c->object;
    const struct remote_nonnull_domain *named = vw_call_named_domain(c);
    if (!c->conn->daemon->answers.error_objects || !named)
        return;
    object->name = vw_text(&named->name);
    memcpy(object->uuid, named->uuid, sizeof(object->uuid));
    object->id = named->id;
    c->error.dom = object;
}

/* What a handler made for an answer that does not come: a fault stands in the way. */
static void drop_extras(struct vw_call *c)
{
    vw_transfer_destroy(c->transfer);
    c->transfer = NULL;
    if (c->fd >= 0)
        close(c->fd);
}

int vw_answer_call(struct vw_call *c, enum vw_outcome outcome)
{
    struct vw_session *s = c->conn->session;
    int rc = outcome == VW_DONE ? add_smallest(c) : 0;
    if (outcome == VW_DONE && rc == 0)
        return send_result(c);
    if (outcome == VW_LATER)
        return rc;
    drop_extras(c);
    if (outcome == VW_FAILED) {
        add_object(c);
        rc = vw_session_reply_error(s, &c->event->header, &c->error, NULL);
    } else {
        vw_session_no_reply(s, &c->event->header);
    }
    return rc;
}
