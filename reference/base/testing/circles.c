// SPDX-License-Identifier: MIT
// A test that runs in circles ends itself and says so, before anybody has to wait for it. What
// counts is processor time, so that a busy machine ends no test; it is not handed on to children.
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* No test needs a quarter of it. */
#ifdef __SANITIZE_ADDRESS__
#define SECONDS 90
#else
#define SECONDS 25
#endif

static void too_long(int sig)
{
    static const char text[] = "Bail out! This test runs in circles.\n";
    ssize_t written = write(STDOUT_FILENO, text, sizeof(text) - 1);
    _exit(written > 0 ? 1 : 2);
}

bool vw_test_under_valgrind(void);
bool vw_test_under_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");
    return preload && strstr(preload, "vgpreload");
}

static void __attribute__((constructor)) watch(void)
{
    const struct itimerval limit = {.it_value = {.tv_sec = SECONDS}};
    /* Which is slow enough to be mistaken for a circle. */
    if (vw_test_under_valgrind())
        return;
    signal(SIGPROF, too_long);
    setitimer(ITIMER_PROF, &limit, NULL);
}
