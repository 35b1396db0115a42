// SPDX-License-Identifier: MIT
// Clients that shake hands, under a transport that needs two steps for it, and a clock that only
// such steps and the test move: what they cost others, and each other.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock-daemon/serve.h"
#include "mock-daemon/testing.h"

static int64_t now_us = 1000000, step_us = 1500;
static unsigned steps; /* taken in all */

int64_t __wrap_vw_now_us(void);
int64_t __wrap_vw_now_us(void)
{
    return now_us;
}

int64_t __wrap_vw_now_ms(void);
int64_t __wrap_vw_now_ms(void)
{
    return now_us / 1000;
}

/* Reads one byte for each step; then the socket below is as it is. */
struct slow {
    struct vw_transport base, *lower;
    int to_do;
};

static ssize_t slow_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    struct slow *s = (struct slow *)t;
    if (s->to_do == 0)
        return s->lower->ops->recv(s->lower, buf, len, fds);
    ssize_t n = s->lower->ops->recv(s->lower, buf, 1, NULL);
    now_us += step_us;
    steps++;
    s->to_do -= n == 1;
    return n > 0 ? -EAGAIN : n;
}

static ssize_t slow_send(struct vw_transport *t, const void *buf, size_t len,
                         const struct vw_fds *fds)
{
    struct slow *s = (struct slow *)t;
    return s->lower->ops->send(s->lower, buf, len, fds);
}

static int slow_fd(const struct vw_transport *t)
{
    const struct slow *s = (const struct slow *)t;
    return s->lower->ops->fd(s->lower);
}

static bool slow_starting(const struct vw_transport *t)
{
    return ((const struct slow *)t)->to_do > 0;
}

static void slow_close(struct vw_transport *t)
{
    struct slow *s = (struct slow *)t;
    s->lower->ops->close(s->lower);
    free(s);
}

static int slow_create(struct vw_conn *c, struct vw_session_options *o, struct vw_error *err)
{
    static const struct vw_transport_ops ops = {.name = "slow",
                                                .recv = slow_recv,
                                                .send = slow_send,
                                                .fd = slow_fd,
                                                .starting = slow_starting,
                                                .close = slow_close};
    struct slow *s = calloc(1, sizeof(*s));
    if (!s)
        return vw_error_nomem(err);
    *s = (struct slow){.base.ops = &ops, .lower = c->transport, .to_do = 2};
    c->transport = &s->base;
    return 0;
}

static struct vw_conn_ops slow_ops; /* vw_serve_plain with it */

/* The client's end of one more. */
static int dial(struct peer *p)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(vw_conn_create(&p->daemon, &p->listener, fds[1], &slow_ops, NULL), 0);
    return fds[0];
}

static struct vw_conn *newest(struct peer *p)
{
    return TAILQ_LAST(&p->daemon.conns, vw_conns);
}

static void say(int fd)
{
    assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
}

static void run(struct peer *p, int turns)
{
    while (turns-- > 0)
        ev_run(p->loop, EVRUN_NOWAIT);
}

static void tick(struct peer *p, int ms)
{
    now_us += ms * INT64_C(1000);
    ev_invoke(p->loop, &p->daemon.handshakes.tick, EV_TIMER);
}

static void start(struct peer *p, int *fds, size_t n)
{
    peer_start(p, NULL, NULL);
    steps = 0;
    for (size_t i = 0; i < n; i++)
        fds[i] = dial(p);
}

static void stop(struct peer *p, int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    peer_stop(p);
}

static bool is_closed(int fd)
{
    char byte;
    return recv(fd, &byte, 1, 0) == 0;
}

static void a_client_is_served_behind_its_handshake(void **state)
{
    struct peer p;
    int fd;
    start(&p, &fd, 1);
    struct vw_conn *c = newest(&p);
    assert_non_null(c->handshake);
    assert_true(ev_is_active(&p.daemon.handshakes.tick));
    say(fd);
    run(&p, 3);
    assert_int_equal(steps, 1);
    assert_non_null(c->handshake);
    say(fd);
    run(&p, 3);
    assert_null(c->handshake);
    assert_false(ev_is_active(&p.daemon.handshakes.tick));
    assert_false(ev_is_active(&p.daemon.handshakes.turn));
    assert_false(ev_is_active(&p.daemon.handshakes.awake));
    close(p.fd);
    p.fd = fd;
    peer_open(&p, 0);
    peer_stop(&p);
}

/* A hundred steps are to be taken; a call is answered behind one turn of them. */
static void calls_come_first(void **state)
{
    const struct remote_connect_open_args args = {.name = NULL};
    struct peer p;
    int fds[100];
    start(&p, fds, 100);
    peer_open(&p, 0);
    for (int i = 0; i < 100; i++)
        say(fds[i]);
    run(&p, 1);
    for (int i = 0; i < 10; i++) {
        int64_t before = now_us;
        run(&p, 1);
        assert_in_range(now_us - before, step_us, VW_HANDSHAKES_TURN_US + step_us);
    }
    const struct reply r = peer_call_with(&p, peer_proc(&p, "connect_open"), &args);
    assert_int_equal(r.header.status, VW_MSG_ERROR);
    assert_in_range(steps, 10, 50);
    run(&p, 100);
    assert_int_equal(steps, 100);
    stop(&p, fds, 100);
}

/* What comes of the newest and of the oldest does not wait for what lies between. */
static void nobody_waits_for_all(void **state)
{
    struct peer p;
    int fds[100];
    start(&p, fds, 100);
    for (int i = 0; i < 99; i++) {
        say(fds[i]);
        run(&p, 0);
    }
    struct vw_conn *c = newest(&p);
    run(&p, 2);
    for (int byte = 0; byte < 2; byte++) {
        say(fds[99]);
        run(&p, 3);
    }
    assert_null(c->handshake);
    assert_in_range(steps, 2, 20);
    stop(&p, fds, 100);
}

static void places_are_limited(void **state)
{
    enum { ALL = VW_HANDSHAKES_MAX + 40 };
    struct peer p;
    int fds[ALL];
    start(&p, fds, ALL);
    struct vw_handshakes *h = &p.daemon.handshakes;
    step_us = 10;
    for (int i = 0; i < ALL; i++)
        say(fds[i]);
    run(&p, 20);
    assert_int_equal(h->n_begun, VW_HANDSHAKES_MAX);
    assert_int_equal(steps, VW_HANDSHAKES_MAX);
    assert_int_equal(p.daemon.main.n_conns - 1, ALL);
    /* The loop waits until others have had their time. */
    assert_false(ev_is_active(&h->turn));
    assert_false(ev_is_active(&h->awake));
    tick(&p, VW_HANDSHAKE_PLACE_MS / 2);
    run(&p, 20);
    assert_int_equal(steps, VW_HANDSHAKES_MAX);
    tick(&p, VW_HANDSHAKE_PLACE_MS);
    run(&p, 20);
    assert_int_equal(steps, ALL);
    assert_int_equal(p.daemon.main.n_conns - 1, VW_HANDSHAKES_MAX);
    assert_false(ev_is_active(&h->turn));
    /* Nobody waits for a place: they keep theirs. */
    tick(&p, VW_HANDSHAKE_PLACE_MS);
    run(&p, 3);
    assert_int_equal(p.daemon.main.n_conns - 1, VW_HANDSHAKES_MAX);
    step_us = 1500;
    stop(&p, fds, ALL);
}

static void one_that_does_not_go_on_ends(void **state)
{
    struct peer p;
    int fds[3];
    start(&p, fds, 3);
    tick(&p, 1000);
    say(fds[1]);
    run(&p, 3);
    tick(&p, VW_HANDSHAKE_MS - 1100);
    run(&p, 3);
    for (int i = 0; i < 3; i++)
        assert_false(is_closed(fds[i]));
    tick(&p, 200);
    run(&p, 3);
    assert_true(is_closed(fds[0]));
    assert_false(is_closed(fds[1]));
    assert_true(is_closed(fds[2]));
    tick(&p, 1000);
    run(&p, 3);
    assert_true(is_closed(fds[1]));
    assert_int_equal(p.daemon.main.n_conns, 1);
    assert_false(ev_is_active(&p.daemon.handshakes.tick));
    stop(&p, fds, 3);
}

static void those_that_go_are_forgotten(void **state)
{
    struct peer p;
    int fds[6];
    start(&p, fds, 6);
    for (int i = 0; i < 4; i++)
        say(fds[i]);
    run(&p, 1); /* all are ready, and none is begun */
    close(fds[0]);
    close(fds[5]);
    run(&p, 20);
    assert_int_equal(p.daemon.main.n_conns, 1 + 4);
    assert_int_equal(p.daemon.handshakes.n_begun, 3);
    assert_int_equal(steps, 3); /* none is taken for them */
    say(fds[1]);
    say(fds[2]);
    run(&p, 1);
    /* Nor is there anything left of those that the end of the daemon ends. */
    stop(&p, fds + 1, 4);
}

static void without_memory_it_is_hung_up_on(void **state)
{
    struct peer p;
    int fds[2];
    start(&p, NULL, 0);
    uint32_t before = p.daemon.main.n_conns;
    for (size_t n = 1;; n++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
                         0);
        vw_failalloc_set(n);
        int rc = vw_conn_create(&p.daemon, &p.listener, fds[1], &slow_ops, NULL);
        bool failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        assert_int_equal(is_closed(fds[0]), failed);
        close(fds[0]);
        if (!failed)
            break;
        assert_int_equal(p.daemon.main.n_conns, before);
    }
    vw_conn_destroy(newest(&p));
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_is_served_behind_its_handshake),
        cmocka_unit_test(calls_come_first),
        cmocka_unit_test(nobody_waits_for_all),
        cmocka_unit_test(places_are_limited),
        cmocka_unit_test(one_that_does_not_go_on_ends),
        cmocka_unit_test(those_that_go_are_forgotten),
        cmocka_unit_test(without_memory_it_is_hung_up_on),
    };
    slow_ops = vw_serve_plain;
    slow_ops.create = slow_create;
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
