// SPDX-License-Identifier: MIT
// The messages that go to those who asked for events.
#include "mock-daemon/event.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "mock-daemon/access.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/dispatch.h"

/* The form in which H is told to ONE; NULL: ONE is not told. */
static const struct vw_event_form *form_of(const struct vw_registration *one,
                                           const struct vw_happening *h)
{
    const struct vw_wanted *w = &one->wanted;
    const struct vw_event_form *f = h->kind->events;
    if (w->kind != h->kind || w->event != h->event ||
        (w->has_uuid && memcmp(w->uuid, h->object->uuid, 16) != 0))
        return NULL;
    while (f && f->procedure && (f->event != h->event || f->old_form != one->old_form))
        f++;
    return f && f->procedure ? f : NULL;
}

static void put(uint8_t *message, uint32_t at, int32_t value)
{
    if (at)
        memcpy(message + at, &value, sizeof(value));
}

static int send(struct vw_conn *c, const struct vw_registration *one,
                const struct vw_event_form *form, const struct vw_happening *h)
{
    const struct vw_proc *proc = vw_dispatch_event(c->daemon->dispatch, form);
    _Alignas(max_align_t) uint8_t message[VW_EVENT_SIZE] = {0};
    if (!proc)
        return 0;
    if (h->message)
        memcpy(message, h->message, form->size);
    if (h->named)
        memcpy(message + form->object, h->named, h->kind->reference.size);
    else
        vw_refer(h->kind, h->object, message + form->object);
    put(message, form->what, h->what);
    put(message, form->detail, h->detail);
    if (!form->old_form)
        memcpy(message + form->callback, &one->callback, sizeof(one->callback));
    return vw_session_send_event(c->session, proc, message, NULL);
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
        vw_account_why(c->account, "the client does not read its events");
        vw_conn_drop(c);
    }
    for (uint32_t i = 0; i < c->events.count && !c->over; i++) {
        size_t before = vw_session_output_pending(c->session);
        const struct vw_registration *one = &c->events.list[i];
        const struct vw_event_form *form = form_of(one, h);
        if (!form || !vw_access_hears(c, h))
            continue;
        if (send(c, one, form, h) == VW_ENOMEM)
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
        if (c->events.count == 0 || c->over || c->model != cause->model)
            continue;
        tell(c, h);
        if (c != cause)
            vw_conn_wake(c);
    }
}

void vw_event_tell(struct vw_conn *cause)
{
    struct vw_model *m = cause->model;
    for (uint32_t i = 0; i < m->n_happenings; i++)
        tell_all(cause, &m->happenings[i]);
    m->n_happenings = 0;
}
