// SPDX-License-Identifier: MIT
#include "mock-daemon/sink.h"

#include <stdlib.h>

#include "mock-daemon/conn.h"

struct vw_sink *vw_sink_create(struct vw_conn *c, const struct vw_sink_kind *kind)
{
    struct vw_sink *k = calloc(1, sizeof(*k));
    if (!k)
        return NULL;
    k->kind = kind;
    k->conn = c;
    LIST_INSERT_HEAD(&c->sinks, k, link);
    return k;
}

void vw_sink_destroy(struct vw_sink *k)
{
    if (!k)
        return;
    LIST_REMOVE(k, link);
    free(k);
}

void vw_sinks_finish(struct vw_sinks *list)
{
    while (!LIST_EMPTY(list))
        vw_sink_destroy(LIST_FIRST(list));
}

static int fail(struct vw_conn *c, struct vw_sink *k, const struct vw_event *ev, const char *why)
{
    struct vw_remote_error e;
    vw_session_rpc_error(c->session, VW_ERR_SYSTEM, VW_FROM_STREAMS, why, &e);
    vw_sink_destroy(k);
    return vw_session_stream_abort(c->session, &ev->header, &e, NULL);
}

/* E-6: an error about a hole is a REPLY; the stream is not heard of again. */
static int refuse_hole(struct vw_conn *c, struct vw_sink *k, const struct vw_event *ev)
{
    struct vw_remote_error e;
    vw_session_rpc_error(c->session, VW_ERR_RPC, VW_FROM_STREAMS, "no such hole can be made", &e);
    k->dead = true;
    return vw_session_reply_error(c->session, &ev->header, &e, NULL);
}

static int take_hole(struct vw_conn *c, struct vw_sink *k, const struct vw_event *ev)
{
    if (!k->kind->hole) {
        vw_session_break(c->session, "S-11", "a hole on a stream that is not sparse");
        return 0;
    }
    if (ev->hole_flags != 0 || ev->hole_length < 0)
        return refuse_hole(c, k, ev);
    const char *why = k->kind->hole(k, (uint64_t)ev->hole_length);
    return why ? fail(c, k, ev, why) : 0;
}

static int take_data(struct vw_conn *c, struct vw_sink *k, const struct vw_event *ev)
{
    const char *why = k->ended ? "data behind the end" : k->kind->data(k, ev->body, ev->body_len);
    return why ? fail(c, k, ev, why) : 0;
}

int vw_sink_event(struct vw_conn *c, struct vw_sink *k, const struct vw_event *ev)
{
    if (k->dead)
        return 0;
    switch (ev->kind) {
    case VW_EVENT_STREAM_DATA:
        return take_data(c, k, ev);
    case VW_EVENT_STREAM_HOLE:
        return take_hole(c, k, ev);
    case VW_EVENT_STREAM_END:
        k->ended = true;
        if (k->kind->end)
            k->kind->end(k);
        return 0;
    default:
        vw_sink_destroy(k);
        return ev->local ? 0 : vw_session_stream_finish(c->session, &ev->header, NULL);
    }
}
