// SPDX-License-Identifier: MIT
// What a connection does when no fault stands in its way.
#include "mock-daemon/serve.h"

#include <errno.h>
#include <unistd.h>

#include "mock-daemon/answer.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/event.h"
#include "mock-daemon/records.h"
#include "transport/tls.h"

static int plain_create(struct vw_conn *c, struct vw_session_options *o, struct vw_error *err)
{
    struct vw_tls_server *tls = c->listener->tls;
    int rc = tls ? vw_tls_server_wrap(tls, c->transport, &c->transport, err) : 0;
    if (rc == 0 && tls && c->daemon->answers.tls_part_ends)
        rc = vw_records_wrap(&c->transport, true, err);
    return rc;
}

static ssize_t plain_read(struct vw_conn *c)
{
    size_t room = 0;
    uint8_t *to = vw_session_space(c->session, VW_SIDE_CLIENT, &room);
    struct vw_fds fds = {.count = 0};
    ssize_t n;
    if (!to)
        return -ENOMEM;
    n = c->transport->ops->recv(c->transport, to, room, &fds);
    if (n > 0)
        vw_session_added(c->session, VW_SIDE_CLIENT, (size_t)n);
    if (fds.count > 0 && vw_session_add_fds(c->session, VW_SIDE_CLIENT, fds.fd, fds.count) < 0)
        return -ENOMEM;
    return n;
}

static int take_call(struct vw_conn *c, const struct vw_event *ev)
{
    struct vw_call call = {.conn = c,
                           .event = ev,
                           .entry = vw_dispatch_entry(c->daemon->dispatch, ev->proc),
                           .fd = -1};
    enum vw_outcome outcome = vw_dispatch_begin(&call);
    if (outcome == VW_DONE)
        outcome = c->ops->call(&call);
    for (uint32_t i = 0; i < ev->n_fds; i++)
        close(ev->fds[i]);
    int rc = vw_answer_call(&call, outcome);
    vw_event_tell(c);
    if (call.close_after)
        vw_session_close(c->session);
    return rc;
}

int vw_serve_event(struct vw_conn *c, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_CALL)
        return take_call(c, ev);
    return ev->user ? vw_transfer_event(c, ev->user, ev) : 0;
}

/* What is read and written from here on goes through another layer. */
static int switch_layer(struct vw_conn *c)
{
    int rc = c->switch_layer ? c->switch_layer(c) : 0;
    vw_session_switched(c->session);
    return rc;
}

static int plain_flush(struct vw_conn *c)
{
    struct vw_segment seg;
    /* T-5: a write is a record where there are records, and holds one message. */
    bool single = (c->transport->ops->caps & VW_CAP_RECORDS) != 0;
    while (vw_session_output(c->session, single, &seg) > 0) {
        struct vw_fds fds = {.fd = {seg.fd}, .count = seg.fd >= 0};
        ssize_t n =
            c->transport->ops->send(c->transport, seg.data, seg.len, fds.count > 0 ? &fds : NULL);
        if (n == -EAGAIN) {
            vw_session_blocked(c->session);
            return 1;
        }
        if (n < 0)
            return VW_ECLOSED;
        vw_session_written(c->session, (size_t)n);
        if (seg.switch_layer && (size_t)n == seg.len && switch_layer(c) < 0)
            return VW_ECLOSED;
    }
    return 0;
}

const struct vw_conn_ops vw_serve_plain = {
    .create = plain_create,
    .read = plain_read,
    .event = vw_serve_event,
    .call = vw_dispatch_run,
    .flush = plain_flush,
};
