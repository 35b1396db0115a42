// SPDX-License-Identifier: MIT
// The turns in which steps of handshakes are taken, and who has waited too long.
#include <poll.h>

#include "mock-daemon/daemon.h"

#define TICK_SECONDS 0.25

static void sleep_again(struct vw_handshakes *h)
{
    ev_prepare_stop(h->loop, &h->turn);
    ev_idle_stop(h->loop, &h->awake);
}

static void begin(struct vw_handshakes *h, struct vw_handshake *s)
{
    if (h->n_begun >= VW_HANDSHAKES_MAX)
        vw_conn_drop(vw_handshake_out_of_time(h)->conn);
    TAILQ_REMOVE(&h->waiting, s, link);
    TAILQ_INSERT_TAIL(&h->begun, s, link);
    s->begun = true;
    s->since_ms = vw_handshakes_now_ms(h);
    h->n_begun++;
}

/* One that sends nothing more cannot shake hands. */
static bool has_gone(const struct vw_conn *c)
{
    struct pollfd p = {.fd = c->watcher.fd, .events = POLLRDHUP};
    return poll(&p, 1, 0) > 0;
}

static void step(struct vw_handshakes *h, struct vw_handshake *s)
{
    struct vw_conn *c = s->conn;
    h->steps++;
    vw_handshake_take_out(h, s);
    if (!s->begun && has_gone(c)) {
        vw_conn_drop(c);
        return;
    }
    if (!s->begun)
        begin(h, s);
    vw_conn_read(c);
    if (c->handshake && !c->transport->ops->starting(c->transport))
        vw_handshake_remove(c);
}

static void on_turn(struct ev_loop *loop, ev_prepare *w, int revents)
{
    struct vw_handshakes *h = w->data;
    int64_t until = vw_now_us() + VW_HANDSHAKES_TURN_US;
    struct vw_handshake *s;
    while ((s = vw_handshake_next(h))) {
        step(h, s);
        if (vw_now_us() >= until)
            break;
    }
    if (!vw_handshake_next(h))
        sleep_again(h);
}

static void on_awake(struct ev_loop *loop, ev_idle *w, int revents)
{
}

static void drop_old(const struct vw_handshakes *h, const struct vw_handshake_list *list)
{
    struct vw_handshake *s;
    while ((s = TAILQ_FIRST(list)) && vw_handshakes_now_ms(h) - s->since_ms >= VW_HANDSHAKE_MS)
        vw_conn_drop(s->conn);
}

static void on_tick(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct vw_handshakes *h = w->data;
    drop_old(h, &h->begun);
    drop_old(h, &h->waiting);
    vw_handshakes_wake(h);
}

void vw_handshakes_init(struct vw_handshakes *h, struct ev_loop *loop, const struct vw_clock *clock)
{
    *h = (struct vw_handshakes){.loop = loop, .clock = clock};
    TAILQ_INIT(&h->waiting);
    TAILQ_INIT(&h->begun);
    TAILQ_INIT(&h->fresh);
    TAILQ_INIT(&h->going_on);
    ev_prepare_init(&h->turn, on_turn);
    ev_idle_init(&h->awake, on_awake);
    ev_timer_init(&h->tick, on_tick, TICK_SECONDS, TICK_SECONDS);
    h->turn.data = h->tick.data = h;
}

void vw_handshakes_finish(struct vw_handshakes *h)
{
    sleep_again(h);
    ev_timer_stop(h->loop, &h->tick);
}
