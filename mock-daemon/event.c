// SPDX-License-Identifier: MIT
// The messages that go to those who asked for events.
#include "mock-daemon/event.h"

#include <string.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/model.h"

static int send_lifecycle(struct vw_conn *c, const struct vw_registration *one,
                          const struct vw_happening *h)
{
    const struct vw_daemon *daemon = c->daemon;
    const struct vw_proc *proc =
        one->old_form ? daemon->lifecycle_message : daemon->lifecycle_callback_message;
    struct vw_out *out = &c->daemon->event_out;
    if (!proc)
        return 0;
    vw_out_reset(out);
    if (!one->old_form)
        vw_out_int(out, one->callback);
    vw_out_domain(out, h->domain);
    vw_out_int(out, (int32_t)h->what);
    vw_out_int(out, h->detail);
    if (out->failed)
        return VW_ENOMEM;
    return vw_session_send_event_raw(c->session, proc, out->buf.data, out->buf.len, NULL);
}

static bool wants(const struct vw_registration *one, const struct vw_domain *d)
{
    return one->event == VW_DOMAIN_EVENT_LIFECYCLE &&
           (!one->has_domain || memcmp(one->uuid, d->uuid, 16) == 0);
}

static void tell(struct vw_conn *c, const struct vw_happening *h)
{
    for (uint32_t i = 0; i < c->events.count; i++) {
        if (!wants(&c->events.list[i], h->domain))
            continue;
        int rc = send_lifecycle(c, &c->events.list[i], h);
        if (rc < 0 && rc != VW_ECLOSED)
            vw_conn_drop(c);
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
