// SPDX-License-Identifier: MIT
// A test that runs in circles is ended: the clock runs, and what happens when it has run out.
#include "base/testing/test.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void the_clock_runs(void **state)
{
    const char *preload = getenv("LD_PRELOAD");
    struct itimerval left;
    if (preload && strstr(preload, "vgpreload"))
        skip();
    assert_int_equal(getitimer(ITIMER_PROF, &left), 0);
    assert_in_range(left.it_value.tv_sec, 20, 90);
    assert_int_equal(left.it_interval.tv_sec, 0);
}

static void its_end_is_a_failure(void **state)
{
    struct sigaction action;
    int out[2], status;
    char text[100] = "";
    assert_int_equal(sigaction(SIGPROF, NULL, &action), 0);
    if (action.sa_handler == SIG_DFL)
        skip(); /* no clock: Valgrind */
    assert_int_equal(pipe(out), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        raise(SIGPROF);
        _exit(0);
    }
    close(out[1]);
    assert_true(read(out[0], text, sizeof(text) - 1) > 0);
    close(out[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_string_equal(text, "Bail out! This test runs in circles.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_runs),
        cmocka_unit_test(its_end_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
