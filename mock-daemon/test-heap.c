// SPDX-License-Identifier: MIT
// What connections cost that wait, and what is given back once they are idle or have gone.
// malloc_trim(3) is replaced by the linker.
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/testing.h"

#define CONNECTIONS 100

static unsigned trims;

int __wrap_malloc_trim(size_t pad);
int __wrap_malloc_trim(size_t pad)
{
    trims++;
    return 1;
}

/* As if its time had come. */
static void pass_time(struct peer *p)
{
    assert_true(ev_is_active(&p->daemon.give_back));
    ev_timer_stop(p->loop, &p->daemon.give_back);
    ev_invoke(p->loop, &p->daemon.give_back, EV_TIMER);
}

static void open_many(struct peer *p, int *fds)
{
    for (int i = 0; i < CONNECTIONS; i++) {
        assert_int_equal(peer_connect(p), 0);
        fds[i] = p->fd;
        peer_open(p, 0);
    }
}

/* The last bytes that p->fd is sent are thrown away: nobody reads them here. */
static void close_many(struct peer *p, int *fds)
{
    uint8_t byte;
    for (int i = 0; i < CONNECTIONS; i++)
        close(fds[i]);
    assert_int_equal(peer_connect(p), 0);
    assert_int_equal(peer_receive(p, &byte, 1), 0);
}

static void a_waiting_connection_is_small(void **state)
{
    struct peer p;
    int fds[CONNECTIONS];
    peer_start(&p, NULL, NULL);
    open_many(&p, fds); /* what all share is there */
    vw_failalloc_reset();
    int more[CONNECTIONS];
    open_many(&p, more);
    assert_in_range(vw_failalloc_stats().live, CONNECTIONS, CONNECTIONS * 2048);
    close_many(&p, fds);
    close_many(&p, more);
    peer_stop(&p);
}

static void what_came_free_is_given_back(void **state)
{
    struct peer p;
    int fds[CONNECTIONS];
    peer_start(&p, NULL, NULL);
    trims = 0;
    assert_int_equal(peer_connect(&p), 0);
    close(p.fd);
    assert_int_equal(peer_connect(&p), 0);
    peer_open(&p, 0);
    /* One that went is not worth it. */
    assert_false(ev_is_active(&p.daemon.give_back));
    open_many(&p, fds);
    assert_false(ev_is_active(&p.daemon.give_back));
    close_many(&p, fds);
    pass_time(&p);
    assert_int_equal(trims, 1);
    assert_int_equal(p.daemon.freed, 0);
    assert_false(ev_is_active(&p.daemon.give_back));
    peer_stop(&p);
}

static void large_buffers_go_behind_a_pause(void **state)
{
    struct peer p;
    uint8_t *many = calloc(1, 150000);
    peer_start(&p, NULL, NULL);
    trims = 0;
    peer_open(&p, 0);
    const struct vw_conn *c = TAILQ_LAST(&p.daemon.conns, vw_conns);
    assert_int_equal(vw_session_memory(c->session), 0);
    peer_call(&p, peer_proc(&p, "domain_create_xml"), many, 150000);
    size_t held = vw_session_memory(c->session);
    assert_in_range(held, 150000, 1 << 20);
    assert_non_null(p.daemon.arena.chunk);
    /* It may go on. */
    pass_time(&p);
    assert_int_equal(vw_session_memory(c->session), held);
    pass_time(&p);
    assert_int_equal(vw_session_memory(c->session), 0);
    assert_null(p.daemon.arena.chunk);
    assert_int_equal(trims, 1);
    assert_false(ev_is_active(&p.daemon.give_back));
    /* A message that is half there stays. */
    peer_send(&p, "\0\1\0\0", 4);
    peer_send(&p, many, 10000);
    held = vw_session_memory(c->session);
    assert_in_range(held, 10000, 20000);
    pass_time(&p);
    pass_time(&p);
    assert_int_equal(vw_session_memory(c->session), held);
    assert_int_equal(trims, 1);
    free(many);
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_waiting_connection_is_small),
        cmocka_unit_test(what_came_free_is_given_back),
        cmocka_unit_test(large_buffers_go_behind_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
