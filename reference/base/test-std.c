// SPDX-License-Identifier: MIT
// What a program does with the signals and descriptors that it inherits.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/std.h"
#include "base/testing/test.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const int heard[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGCHLD};

static void blocked_signals_are_heard(void **state)
{
    sigset_t all, before, now;
    sigfillset(&all);
    assert_int_equal(sigprocmask(SIG_SETMASK, &all, &before), 0);
    vw_std_hear();
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, &now), 0);
    for (size_t i = 0; i < COUNT(heard); i++)
        if (sigismember(&now, heard[i]))
            fail_msg("signal %d is still blocked", heard[i]);
    assert_true(sigismember(&now, SIGUSR1));
}

static void ignored_signals_stay_ignored(void **state)
{
    signal(SIGHUP, SIG_IGN);
    vw_std_hear();
    assert_ptr_equal(signal(SIGHUP, SIG_DFL), SIG_IGN);
}

/* Of the copies, for the test needs its own. */
static void closed_descriptors_are_held(void **state)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int kept = fcntl(fd, F_DUPFD_CLOEXEC, 10);
        assert_true(kept >= 0);
        close(fd);
        int rc = vw_std_hold();
        int mode = fcntl(fd, F_GETFL);
        dup2(kept, fd);
        close(kept);
        assert_int_equal(rc, 0);
        assert_int_equal(mode & O_ACCMODE, fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocked_signals_are_heard),
        cmocka_unit_test(ignored_signals_stay_ignored),
        cmocka_unit_test(closed_descriptors_are_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
