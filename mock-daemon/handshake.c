// SPDX-License-Identifier: MIT
// See handshake.h.
#include "mock-daemon/handshake.h"

#include <poll.h>
#include <stdlib.h>

#include "mock-daemon/daemon.h"

#define TICK_SECONDS 0.25

struct vw_handshake {
    TAILQ_ENTRY(vw_handshake) link, next; /* next of those that have something to read */
    struct vw_conn *conn;
    int64_t since_ms; /* when it was accepted or begun */
    bool begun, ready;
};

static struct vw_handshakes *all_of(const struct vw_conn *c)
{
    return &c->daemon->handshakes;
}

static int64_t now_ms(const struct vw_handshakes *h)
{
    return vw_clock_ms(h->clock);
}

/* The oldest handshake that is under way, had time enough, and waits for its client and not for us;
 * or NULL. */
static struct vw_handshake *out_of_time(const struct vw_handshakes *h)
{
    int64_t latest = now_ms(h) - VW_HANDSHAKE_PLACE_MS;
    struct vw_handshake *s = TAILQ_FIRST(&h->begun);
    while (s && s->ready && s->since_ms <= latest)
        s = TAILQ_NEXT(s, link);
    return s && s->since_ms <= latest ? s : NULL;
}

/* Whose step is next; NULL: nobody's for now. Those that are begun and those that are not take
 * turns, and of each the newest and the oldest: whoever comes behind a thousand that came at once,
 * or ahead of them, does not wait for all. */
static struct vw_handshake *next(const struct vw_handshakes *h)
{
    bool room = h->n_begun < VW_HANDSHAKES_MAX || out_of_time(h);
    const struct vw_handshake_list *from = &h->going_on;
    if (room && !TAILQ_EMPTY(&h->fresh) && (h->steps % 2 || TAILQ_EMPTY(&h->going_on)))
        from = &h->fresh;
    return h->steps % 4 < 2 ? TAILQ_FIRST(from) : TAILQ_LAST(from, vw_handshake_list);
}

static void wake(struct vw_handshakes *h)
{
    if (ev_is_active(&h->turn) || !next(h))
        return;
    ev_prepare_start(h->loop, &h->turn);
    ev_idle_start(h->loop, &h->awake);
}

static void sleep_again(struct vw_handshakes *h)
{
    ev_prepare_stop(h->loop, &h->turn);
    ev_idle_stop(h->loop, &h->awake);
}

static void begin(struct vw_handshakes *h, struct vw_handshake *s)
{
    if (h->n_begun >= VW_HANDSHAKES_MAX)
        vw_conn_drop(out_of_time(h)->conn);
    TAILQ_REMOVE(&h->waiting, s, link);
    TAILQ_INSERT_TAIL(&h->begun, s, link);
    s->begun = true;
    s->since_ms = now_ms(h);
    h->n_begun++;
}

static void take_out(struct vw_handshakes *h, struct vw_handshake *s)
{
    if (s->ready)
        TAILQ_REMOVE(s->begun ? &h->going_on : &h->fresh, s, next);
    s->ready = false;
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
    take_out(h, s);
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
    while ((s = next(h))) {
        step(h, s);
        if (vw_now_us() >= until)
            break;
    }
    if (!next(h))
        sleep_again(h);
}

static void on_awake(struct ev_loop *loop, ev_idle *w, int revents)
{
}

static void drop_old(const struct vw_handshakes *h, const struct vw_handshake_list *list)
{
    struct vw_handshake *s;
    while ((s = TAILQ_FIRST(list)) && now_ms(h) - s->since_ms >= VW_HANDSHAKE_MS)
        vw_conn_drop(s->conn);
}

static void on_tick(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct vw_handshakes *h = w->data;
    drop_old(h, &h->begun);
    drop_old(h, &h->waiting);
    wake(h);
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

int vw_handshake_add(struct vw_conn *c)
{
    struct vw_handshakes *h = all_of(c);
    struct vw_handshake *s = calloc(1, sizeof(*s));
    if (!s)
        return VW_ENOMEM;
    s->conn = c;
    s->since_ms = now_ms(h);
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
    wake(h);
}

void vw_handshake_remove(struct vw_conn *c)
{
    struct vw_handshakes *h = all_of(c);
    struct vw_handshake *s = c->handshake;
    if (!s)
        return;
    TAILQ_REMOVE(s->begun ? &h->begun : &h->waiting, s, link);
    h->n_begun -= s->begun;
    take_out(h, s);
    if (TAILQ_EMPTY(&h->begun) && TAILQ_EMPTY(&h->waiting))
        ev_timer_stop(h->loop, &h->tick);
    c->handshake = NULL;
    free(s);
    wake(h);
}
