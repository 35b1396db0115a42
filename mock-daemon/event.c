// SPDX-License-Identifier: MIT
// The messages that go to those who asked for events.
#include "mock-daemon/event.h"

#include <stdio.h>
#include <string.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/kinds/domain.h"

static int send_lifecycle(struct vw_conn *c, const struct vw_registration *one,
                          const struct vw_happening *h)
{
    const struct vw_dispatch *dispatch = c->daemon->dispatch;
    struct remote_domain_event_callback_lifecycle_msg m = {
        .callbackID = one->callback, .msg = {.event = h->what, .detail = h->detail}};
    const struct vw_proc *proc = vw_dispatch_event(
        dispatch, one->old_form ? VW_MESSAGE_LIFECYCLE : VW_MESSAGE_CALLBACK_LIFECYCLE);
    if (!proc)
        return 0;
    vw_refer(&vw_object_kind_domain, h->object, &m.msg.dom);
    return vw_session_send_event(c->session, proc, one->old_form ? (void *)&m.msg : &m, NULL);
}

static bool wants(const struct vw_registration *one, const struct vw_object *o)
{
    return one->event == VW_DOMAIN_EVENT_LIFECYCLE &&
           (!one->has_domain || memcmp(one->uuid, o->uuid, 16) == 0);
}

/* A client that asked for events and does not read them could have any amount wait for it. Before
 * it is ended its socket takes what it can. */
static bool reads(struct vw_conn *c)
{
    const size_t max = c->daemon->config->max_event_bytes;
    size_t pending = vw_session_output_pending(c->session);
    if (pending > max && c->events.unread > max) {
        c->ops->flush(c);
        pending = vw_session_output_pending(c->session);
    }
    if (c->events.unread > pending)
        c->events.unread = pending;
    return c->events.unread <= max;
}

static void tell(struct vw_conn *c, const struct vw_happening *h)
{
    if (!reads(c)) {
        fprintf(stderr,
                "virwired: a client is ended that does not read its events: %zu bytes wait\n",
                c->events.unread);
        vw_conn_drop(c);
    }
    for (uint32_t i = 0; i < c->events.count && !c->over; i++) {
        size_t before = vw_session_output_pending(c->session);
        if (!wants(&c->events.list[i], h->object))
            continue;
        if (send_lifecycle(c, &c->events.list[i], h) == VW_ENOMEM)
            vw_conn_drop(c);
        else
            c->events.unread += vw_session_output_pending(c->session) - before;
        c->daemon->told++;
    }
}

static void tell_all(struct vw_conn *cause, const struct vw_happening *h)
{
    struct vw_conn *next;
    for (struct vw_conn *c = TAILQ_FIRST(&cause->daemon->conns); c; c = next) {
        next = TAILQ_NEXT(c, link);
        if (c->events.count == 0 || c->over)
            continue;
        tell(c, h);
        if (c != cause)
            vw_conn_wake(c);
    }
}

void vw_event_tell(struct vw_conn *cause)
{
    struct vw_model *m = &cause->daemon->model;
    for (uint32_t i = 0; i < m->n_happenings; i++)
        tell_all(cause, &m->happenings[i]);
    m->n_happenings = 0;
}
