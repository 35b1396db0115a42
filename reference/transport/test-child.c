// SPDX-License-Identifier: MIT
// Programs as transports: both directions, how an end is explained, that none is left behind,
// memory that is out. The way through a real sshd is in test-ssh-real.
#include "base/testing/test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport/child.h"

static struct vw_transport *start(const char *const *argv, unsigned flags)
{
    struct vw_transport *t = NULL;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_child_open("ext", argv, flags, &t, &err), 0);
    return t;
}

static struct vw_transport *shell(const char *script, unsigned flags)
{
    return start((const char *const[]){"/bin/sh", "-c", script, NULL}, flags);
}

static ssize_t take(struct vw_transport *t, char *buf, size_t len)
{
    for (;;) {
        ssize_t n = t->ops->recv(t, buf, len, NULL);
        if (n != -EAGAIN)
            return n;
        struct pollfd p = {.fd = t->ops->fd(t), .events = POLLIN};
        assert_int_equal(poll(&p, 1, 5000), 1);
    }
}

/* No child is left, neither running nor to be waited for. */
static void expect_no_child(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void both_directions(void **state)
{
    char buf[16] = "";
    unsigned before = vw_test_descriptors();
    struct vw_transport *t = start((const char *const[]){"cat", NULL}, VW_CHILD_SECURE);
    assert_true(t->ops->caps & VW_CAP_SECURE);
    assert_int_equal(t->ops->send(t, "ping", 4, NULL), 4);
    assert_int_equal(take(t, buf, sizeof(buf)), 4);
    assert_string_equal(buf, "ping");
    assert_int_equal(t->ops->shutdown(t), 0);
    assert_int_equal(take(t, buf, sizeof(buf)), 0);
    t->ops->close(t);
    expect_no_child();
    assert_int_equal(vw_test_descriptors(), before);
}

static void expect_explained(const char *script, int code, const char *text)
{
    char buf[16];
    struct vw_error err = VW_ERROR_INIT;
    struct vw_transport *t = shell(script, 0);
    ssize_t n;
    while ((n = take(t, buf, sizeof(buf))) > 0)
        continue;
    assert_int_equal(t->ops->explain(t, &err), code);
    assert_string_equal(err.text, text);
    t->ops->close(t);
    expect_no_child();
}

static void ends_are_explained(void **state)
{
    expect_explained("exit 0", VW_EUNREACHABLE, "sh ended with exit status 0");
    expect_explained("echo hello; exit 7", VW_ECLOSED, "sh ended with exit status 7");
    expect_explained("printf 'one\\ntwo\\n\\n' >&2; exit 1", VW_EUNREACHABLE,
                     "sh ended with exit status 1, saying: one; two");
    /* The end of what is long, and no more. */
    char longer[300];
    int n = snprintf(longer, sizeof(longer), "sh ended with exit status 1, saying: ...");
    memset(longer + n, 'x', 167);
    strcpy(longer + n + 167, "; end");
    expect_explained("head -c 500 /dev/zero | tr '\\0' x >&2; printf '\\r\\nend' >&2; exit 1",
                     VW_EUNREACHABLE, longer);
    expect_explained("kill -15 $$", VW_EUNREACHABLE, "sh was ended by signal 15 (Terminated)");
    expect_explained("exec >&- <&-; exec sleep 5", VW_EUNREACHABLE,
                     "sh has closed its output but still runs");
}

static void one_that_will_not_end_is_killed(void **state)
{
    char buf[8];
    struct vw_transport *t = shell("trap '' TERM HUP; echo up; while :; do sleep 1; done", 0);
    assert_int_equal(take(t, buf, sizeof(buf)), 3);
    int64_t began = vw_now_ms();
    t->ops->close(t);
    assert_in_range(vw_now_ms() - began, 0, 3000);
    expect_no_child();
}

static void standard_error_never_blocks_it(void **state)
{
    char buf[8];
    struct vw_error err = VW_ERROR_INIT;
    /* More than a pipe holds, and nobody reads meanwhile. */
    struct vw_transport *t = shell("head -c 1000000 /dev/zero >&2; echo up; exit 3", 0);
    assert_int_equal(take(t, buf, sizeof(buf)), 3);
    assert_int_equal(take(t, buf, sizeof(buf)), 0);
    assert_int_equal(t->ops->explain(t, &err), VW_ECLOSED);
    assert_non_null(strstr(err.text, "exit status 3"));
    t->ops->close(t);
}

static void environment_and_session(void **state)
{
    char buf[64] = "";
    setenv("VW_TEST_SECRET", "x", 1);
    setenv("SSH_AUTH_SOCK", "/nowhere/agent", 1);
    static const char script[] = "echo \"${VW_TEST_SECRET-none} $SSH_AUTH_SOCK\"";
    struct vw_transport *t = shell(script, VW_CHILD_CLEAN_ENV);
    take(t, buf, sizeof(buf) - 1);
    assert_string_equal(buf, "none /nowhere/agent\n");
    t->ops->close(t);
    memset(buf, 0, sizeof(buf));
    t = shell(script, 0);
    take(t, buf, sizeof(buf) - 1);
    assert_string_equal(buf, "x /nowhere/agent\n");
    t->ops->close(t);
    memset(buf, 0, sizeof(buf));
    t = shell("(: </dev/tty) 2>/dev/null && echo tty || echo none", VW_CHILD_NO_TTY);
    take(t, buf, sizeof(buf) - 1);
    assert_string_equal(buf, "none\n");
    t->ops->close(t);
    unsetenv("VW_TEST_SECRET");
    unsetenv("SSH_AUTH_SOCK");
}

static void programs_that_are_not(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    const char *const argv[] = {"/nowhere/program", NULL};
    unsigned before = vw_test_descriptors();
    assert_int_equal(vw_child_open("ext", argv, 0, &t, &err), VW_EUNREACHABLE);
    assert_null(t);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_int_equal(vw_test_descriptors(), before);
    expect_no_child();
}

static void memory_is_out(void **state)
{
    const char *const argv[] = {"cat", NULL};
    unsigned before = vw_test_descriptors();
    for (size_t n = 1;; n++) {
        struct vw_transport *t;
        vw_failalloc_set(n);
        int rc = vw_child_open("ext", argv, VW_CHILD_CLEAN_ENV, &t, NULL);
        bool failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        if (t)
            t->ops->close(t);
        if (!failed)
            break;
    }
    assert_int_equal(vw_test_descriptors(), before);
    expect_no_child();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions),
        cmocka_unit_test(ends_are_explained),
        cmocka_unit_test(one_that_will_not_end_is_killed),
        cmocka_unit_test(standard_error_never_blocks_it),
        cmocka_unit_test(environment_and_session),
        cmocka_unit_test(programs_that_are_not),
        cmocka_unit_test(memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
