// SPDX-License-Identifier: MIT
// Who shakes hands, and whose step is next.
#include "mock-daemon/handshake.h"

#include <stdlib.h>

#include "mock-daemon/daemon.h"

static struct vw_handshakes *all_of(const struct vw_conn *c)
{
    return &c->daemon->handshakes;
}

int64_t vw_handshakes_now_ms(const struct vw_handshakes *h)
{
    return vw_clock_ms(h->clock);
}

struct vw_handshake *vw_handshake_out_of_time(const struct vw_handshakes *h)
{
    int64_t latest = vw_handshakes_now_ms(h) - VW_HANDSHAKE_PLACE_MS;
    struct vw_handshake *s = TAILQ_FIRST(&h->begun);
    while (s && s->ready && s->since_ms <= latest)
        s = TAILQ_NEXT(s, link);
    return s && s->since_ms <= latest ? s : NULL;
}

struct vw_handshake *vw_handshake_next(const struct vw_handshakes *h)
{
    bool room = h->n_begun < VW_HANDSHAKES_MAX || vw_handshake_out_of_time(h);
    const struct vw_handshake_list *from = &h->going_on;
    if (room && !TAILQ_EMPTY(&h->fresh) && (h->steps % 2 || TAILQ_EMPTY(&h->going_on)))
        from = &h->fresh;
    return h->steps % 4 < 2 ? TAILQ_FIRST(from) : TAILQ_LAST(from, vw_handshake_list);
}

void vw_handshakes_wake(struct vw_handshakes *h)
{
    if (ev_is_active(&h->turn) || !vw_handshake_next(h))
        return;
    ev_prepare_start(h->loop, &h->turn);
    ev_idle_start(h->loop, &h->awake);
}

void vw_handshake_take_out(struct vw_handshakes *h, struct vw_handshake *s)
{
    if (s->ready)
        TAILQ_REMOVE(s->begun ? &h->going_on : &h->fresh, s, next);
    s->ready = false;
}

int vw_handshake_add(struct vw_conn *c)
{
    struct vw_handshakes *h = all_of(c);
    struct vw_handshake *s = calloc(1, sizeof(*s));
    if (!s)
        return VW_ENOMEM;
    s->conn = c;
    s->since_ms = vw_handshakes_now_ms(h);
    c->handshake = s;
    TAILQ_INSERT_TAIL(&h->waiting, s, link);
    ev_timer_start(h->loop, &h->tick);
    return 0;
}

void vw_handshake_ready(struct vw_conn *c)
{
    struct vw_handshakes *h = all_of(c);
    struct vw_handshake *s = c->handshake;
    if (s->ready)
        return;
    s->ready = true;
    TAILQ_INSERT_HEAD(s->begun ? &h->going_on : &h->fresh, s, next);
    vw_handshakes_wake(h);
}

void vw_handshake_remove(struct vw_conn *c)
{
    struct vw_handshakes *h = all_of(c);
    struct vw_handshake *s = c->handshake;
    if (!s)
        return;
    TAILQ_REMOVE(s->begun ? &h->begun : &h->waiting, s, link);
    h->n_begun -= s->begun;
    vw_handshake_take_out(h, s);
    if (TAILQ_EMPTY(&h->begun) && TAILQ_EMPTY(&h->waiting))
        ev_timer_stop(h->loop, &h->tick);
    c->handshake = NULL;
    free(s);
    vw_handshakes_wake(h);
}
