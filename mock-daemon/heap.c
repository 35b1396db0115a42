// SPDX-License-Identifier: MIT
// See heap.h. A timer runs only while there is something to give back.
#include "mock-daemon/heap.h"

#include <malloc.h>

/* A buffer is given back when its connection had nothing to do for this long, or for twice as long.
 */
#define SECONDS 0.5
/* Buffers of fewer bytes are not worth a look: those of a message of usual size. */
#define LARGE 8192u
/* What a connection takes without its buffers, about; and over TLS. */
#define CONNECTION     2048u
#define CONNECTION_TLS 24576u
/* What an object takes without its texts. */
#define OBJECT 256u
/* With less free, the heap is left as it is. */
#define WORTH (128u << 10)

static void start(struct vw_daemon *d)
{
    if (ev_is_active(&d->give_back))
        return;
    ev_timer_set(&d->give_back, SECONDS, 0.0);
    ev_timer_start(d->loop, &d->give_back);
}

static void on_give_back(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct vw_daemon *d = w->data;
    for (struct vw_conn *c = TAILQ_FIRST(&d->conns); c; c = TAILQ_NEXT(c, link)) {
        if (vw_session_memory(c->session) < LARGE)
            continue;
        if (c->busy)
            start(d);
        else
            d->freed += vw_session_rest(c->session);
        c->busy = false;
    }
    if (d->freed < WORTH)
        return;
    vw_arena_finish(&d->arena);
    malloc_trim(0);
    d->freed = 0;
}

void vw_heap_init(struct vw_daemon *d)
{
    ev_init(&d->give_back, on_give_back);
    d->give_back.data = d;
}

void vw_heap_used(struct vw_conn *c)
{
    if (vw_session_memory(c->session) < LARGE)
        return;
    c->busy = true;
    start(c->daemon);
}

static void note_freed(struct vw_daemon *d, size_t bytes)
{
    d->freed += bytes;
    if (d->freed >= WORTH)
        start(d);
}

void vw_heap_gone(struct vw_conn *c)
{
    note_freed(c->daemon,
               vw_session_memory(c->session) + (c->listener->tls ? CONNECTION_TLS : CONNECTION));
}

void vw_heap_lost(struct vw_daemon *d, const struct vw_object *o)
{
    note_freed(d, OBJECT + o->name.len + o->xml.len);
}
