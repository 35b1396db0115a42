// SPDX-License-Identifier: MIT
// --exit-with-parent in main.c, whose main is called virwired_main here: what the kernel refuses,
// and a parent that is gone before the kernel knows. prctl(2) and getppid(2) are replaced by the
// linker.
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/testing/test.h"

int virwired_main(int argc, char **argv);

static int prctl_rc, told; /* told: the signal that was asked for */
static pid_t parents[2];
static unsigned asked;

int __wrap_prctl(int option, ...);
int __wrap_prctl(int option, ...)
{
    va_list ap;
    va_start(ap, option);
    told = option == PR_SET_PDEATHSIG ? (int)va_arg(ap, long) : -1;
    va_end(ap);
    return prctl_rc;
}

pid_t __wrap_getppid(void);
pid_t __wrap_getppid(void)
{
    return parents[asked++ % 2];
}

static void who_goes_with_its_parent(void **state)
{
    static const struct {
        const char *option;
        int prctl_rc;
        pid_t parents[2];
        int status; /* 2: it went on as far as its configuration, which is not there */
        int told;
    } rows[] = {
        {"--exit-with-parent", 0, {7, 7}, 2, SIGTERM},
        {"--exit-with-parent", 0, {7, 1}, 0, SIGTERM},
        {"--exit-with-parent", -1, {7, 7}, 0, SIGTERM},
        {"--exit-with-parent", -1, {7, 1}, 0, SIGTERM},
        {NULL, -1, {7, 1}, 2, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *argv[] = {(char[]){"virwired"},
                        (char[]){"--listen"},
                        (char[]){"unix:///nonexistent/s"},
                        (char[]){"--config"},
                        (char[]){"/nonexistent/c.yaml"},
                        (char[]){"--exit-with-parent"},
                        NULL};
        int argc = 6;
        if (!rows[i].option)
            argv[--argc] = NULL;
        prctl_rc = rows[i].prctl_rc;
        memcpy(parents, rows[i].parents, sizeof(parents));
        asked = 0;
        told = 0;
        optind = 1;
        int status = virwired_main(argc, argv);
        if (status != rows[i].status || told != rows[i].told)
            fail_msg("row %zu: %d, signal %d", i, status, told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_goes_with_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
