// SPDX-License-Identifier: MIT
// What a connection does when no fault stands in its way.
#include "mock-daemon/serve.h"

#include <errno.h>
#include <unistd.h>

#include "auth/sasl-server.h"
#include "mock-daemon/answer.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/event.h"
#include "mock-daemon/records.h"
#include "transport/tls.h"

static int plain_create(struct vw_conn *c, struct vw_session_options *o, struct vw_error *err)
{
    struct vw_tls_server *tls = c->listener->tls;
    int rc = tls ? vw_tls_server_wrap(tls, c->transport, &c->transport, err) : 0;
    if (rc == 0 && tls)
        c->tls = c->transport;
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

struct vw_layer_codec vw_serve_codec(const struct vw_conn *c)
{
    return (struct vw_layer_codec){.name = "SASL",
                                   .max_plain = vw_sasl_server_max_plain(c->sasl),
                                   .encode = vw_sasl_encode,
                                   .decode = vw_sasl_decode,
                                   .destroy = vw_sasl_server_layer_destroy,
                                   .user = c->sasl};
}

int vw_serve_put_codec(struct vw_conn *c, const struct vw_layer_codec *codec)
{
    const uint8_t *early = NULL;
    size_t n = vw_session_unread(c->session, VW_SIDE_CLIENT, &early);
    struct vw_transport *lower = c->transport;
    c->sasl = NULL;
    c->layered = true;
    return vw_layer_create(lower, codec, early, n, &c->transport, NULL);
}

int vw_serve_put_layer(struct vw_conn *c)
{
    const struct vw_layer_codec codec = vw_serve_codec(c);
    return vw_serve_put_codec(c, &codec);
}

/* What is queued now is the last that goes without it. */
static int announce_layer(struct vw_conn *c)
{
    if (!c->switch_layer)
        c->switch_layer = vw_serve_put_layer;
    c->switching = true;
    return vw_session_switch_layer(c->session);
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
    if (rc == 0 && call.layer_after)
        rc = announce_layer(c);
    if (outcome != VW_LATER)
        vw_account_call(&c->daemon->accounts, c->account, ev->proc, outcome == VW_FAILED);
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
    c->switching = false;
    return rc;
}

static int plain_flush(struct vw_conn *c)
{
    struct vw_segment seg;
    /* T-5: a write is a record where there are records, and holds one message; A-11: likewise. */
    bool single = (c->transport->ops->caps & VW_CAP_RECORDS) != 0 || c->layered;
    /* A fault may keep back the very reply behind which the layer begins. */
    if (c->switching && vw_session_output_pending(c->session) == 0 && switch_layer(c) < 0)
        return VW_ECLOSED;
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
