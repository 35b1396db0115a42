// SPDX-License-Identifier: MIT
#include "mock-daemon/advance.h"

#include "mock-daemon/daemon.h"

/* The next time at which something is due, at most that to which the clock is moved. What is due
 * now has had its turn. */
static int64_t next_ms(const struct vw_advance *a)
{
    int64_t now = vw_clock_ms(&a->daemon->clock), next = a->until_ms;
    for (const struct vw_conn *c = TAILQ_FIRST(&a->daemon->conns); c; c = TAILQ_NEXT(c, link)) {
        int64_t due = vw_conn_due_ms(c);
        if (due > now && due < next)
            next = due;
    }
    return next;
}

/* PINGs that no client has answered. */
static uint32_t count_owed(const struct vw_advance *a)
{
    uint32_t n = 0;
    for (const struct vw_conn *c = TAILQ_FIRST(&a->daemon->conns); c; c = TAILQ_NEXT(c, link))
        n += c->over ? 0 : vw_session_pings(c->session);
    return n;
}

static void stop(struct vw_advance *a)
{
    struct ev_loop *loop = a->daemon->loop;
    ev_idle_stop(loop, &a->idle);
    ev_check_stop(loop, &a->check);
    ev_timer_stop(loop, &a->settle);
}

static void wait_for_answers(struct vw_advance *a)
{
    struct ev_loop *loop = a->daemon->loop;
    ev_idle_stop(loop, &a->idle);
    if (ev_is_active(&a->settle))
        return;
    ev_now_update(loop);
    ev_timer_set(&a->settle, a->settle_seconds, 0.0);
    ev_timer_start(loop, &a->settle);
    ev_check_start(loop, &a->check);
}

static void step(struct vw_advance *a)
{
    struct vw_daemon *d = a->daemon;
    ev_check_stop(d->loop, &a->check);
    ev_timer_stop(d->loop, &a->settle);
    vw_clock_set(&d->clock, next_ms(a));
    ev_feed_event(d->loop, &d->handshakes.tick, EV_TIMER);
    for (struct vw_conn *c = TAILQ_FIRST(&d->conns); c; c = TAILQ_NEXT(c, link)) {
        if (vw_conn_due_ms(c) <= vw_clock_ms(&d->clock))
            vw_conn_wake(c);
    }
}

static void on_idle(struct ev_loop *loop, ev_idle *w, int revents)
{
    struct vw_advance *a = w->data;
    uint32_t owed = count_owed(a);
    if (owed > a->owed) {
        wait_for_answers(a);
        return;
    }
    a->owed = owed;
    if (vw_clock_ms(&a->daemon->clock) < a->until_ms) {
        step(a);
    } else {
        stop(a);
        a->until_ms = 0;
        a->done(a->user);
    }
}

/* Something has come. */
static void on_check(struct ev_loop *loop, ev_check *w, int revents)
{
    ev_idle_start(loop, &((struct vw_advance *)w->data)->idle);
}

static void on_settle(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct vw_advance *a = w->data;
    a->owed = count_owed(a);
    ev_idle_start(loop, &a->idle);
}

void vw_advance_init(struct vw_advance *a, struct vw_daemon *d)
{
    *a = (struct vw_advance){.daemon = d};
    ev_idle_init(&a->idle, on_idle);
    ev_check_init(&a->check, on_check);
    ev_init(&a->settle, on_settle);
    a->idle.data = a->check.data = a->settle.data = a;
}

void vw_advance_finish(struct vw_advance *a)
{
    if (a->daemon)
        stop(a);
}

void vw_advance_start(struct vw_advance *a, int64_t ms, int settle_ms, void (*done)(void *user),
                      void *user)
{
    a->until_ms = vw_clock_ms(&a->daemon->clock) + ms;
    a->settle_seconds = settle_ms / 1000.0;
    a->done = done;
    a->user = user;
    ev_idle_start(a->daemon->loop, &a->idle);
}
