// SPDX-License-Identifier: MIT
// The transport that cuts and delays writes. Its clock is the test's.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "mock-daemon/faults/pace.h"

static int64_t now;

int64_t __wrap_vw_now_ms(void);
int64_t __wrap_vw_now_ms(void)
{
    return now;
}

static const struct vw_clock clock = {0};
static int fds[2];
static struct vw_transport *t;

static int set_up(void **state)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) ||
        vw_transport_from_fd(fds[0], &t, NULL) || vw_pace_wrap(&t, &clock, NULL))
        return -1;
    return 0;
}

static int tear_down(void **state)
{
    t->ops->close(t);
    return close(fds[1]);
}

static void all_goes_through(void **state)
{
    char buf[8];
    struct vw_fds got;
    assert_int_equal(t->ops->fd(t), fds[0]);
    assert_true(t->ops->caps & VW_CAP_FDS);
    assert_false(t->ops->pending(t));
    assert_int_equal(t->ops->send(t, "hello", 5, &(struct vw_fds){{0}, 1}), 5);
    assert_int_equal(recv(fds[1], buf, sizeof(buf), 0), 5);
    assert_int_equal(send(fds[1], "answer", 6, 0), 6);
    assert_int_equal(t->ops->recv(t, buf, sizeof(buf), &got), 6);
    assert_memory_equal(buf, "answer", 6);
    assert_int_equal(vw_pace_wake_ms(t), INT64_MAX);
}

static void writes_are_cut(void **state)
{
    vw_pace_set(t, 3, 0);
    assert_int_equal(t->ops->send(t, "hello", 5, NULL), 3);
    assert_int_equal(t->ops->send(t, "lo", 2, NULL), 2);
}

/* Each waits from when it was tried first; a write that cannot go keeps its turn. */
static void writes_wait(void **state)
{
    char full[4096] = {0};
    now = 1000;
    vw_pace_set(t, 0, 20);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(t->ops->send(t, "hello", 5, NULL), -EAGAIN);
        assert_int_equal(vw_pace_wake_ms(t), now + 20);
        now += 19;
        assert_int_equal(t->ops->send(t, "hello", 5, NULL), -EAGAIN);
        now++;
        assert_int_equal(vw_pace_wake_ms(t), INT64_MAX);
        assert_int_equal(t->ops->send(t, "hello", 5, NULL), 5);
    }
    while (send(fds[0], full, sizeof(full), MSG_DONTWAIT) > 0)
        continue;
    assert_int_equal(t->ops->send(t, "hello", 5, NULL), -EAGAIN);
    now += 20;
    assert_int_equal(t->ops->send(t, "hello", 5, NULL), -EAGAIN);
    assert_int_equal(vw_pace_wake_ms(t), INT64_MAX);
    while (recv(fds[1], full, sizeof(full), MSG_DONTWAIT) > 0)
        continue;
    assert_int_equal(t->ops->send(t, "hello", 5, NULL), 5);
}

/* The one below stays the caller's. */
static void memory_is_out(void **state)
{
    struct vw_transport *below = t;
    vw_failalloc_set(1);
    assert_int_equal(vw_pace_wrap(&t, &clock, NULL), VW_ENOMEM);
    assert_true(vw_failalloc_clear());
    assert_ptr_equal(t, below);
}

static void records_are_not_told_of(void **state)
{
    struct vw_transport_ops ops = *t->ops;
    struct vw_transport below = {&ops}, *top = &below;
    ops.caps = VW_CAP_FDS | VW_CAP_RECORDS;
    assert_int_equal(vw_pace_wrap(&top, &clock, NULL), 0);
    assert_int_equal(top->ops->caps, VW_CAP_FDS | VW_CAP_RECORDS);
    vw_pace_mix_records(top);
    assert_int_equal(top->ops->caps, VW_CAP_FDS);
    free(top);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_goes_through, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_are_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_is_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_are_not_told_of, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
