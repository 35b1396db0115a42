// SPDX-License-Identifier: MIT
// The program itself, whose main is called virwired_main here. --exit-with-parent: what the kernel
// refuses, and a parent that is gone before the kernel knows; prctl(2) and getppid(2) are replaced
// by the linker. --run: the command's status, and how it is ended.
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/test.h"

int virwired_main(int argc, char **argv);

static bool replaced;
static int prctl_rc, told; /* told: the signal that was asked for */
static pid_t parents[2];
static unsigned asked;

int __real_prctl(int option, long argument);
int __wrap_prctl(int option, ...);
int __wrap_prctl(int option, ...)
{
    va_list ap;
    va_start(ap, option);
    long argument = va_arg(ap, long);
    va_end(ap);
    if (!replaced)
        return __real_prctl(option, argument);
    told = option == PR_SET_PDEATHSIG ? (int)argument : -1;
    return prctl_rc;
}

pid_t __real_getppid(void);
pid_t __wrap_getppid(void);
pid_t __wrap_getppid(void)
{
    return replaced ? parents[asked++ % 2] : __real_getppid();
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
        replaced = true;
        int status = virwired_main(argc, argv);
        replaced = false;
        if (status != rows[i].status || told != rows[i].told)
            fail_msg("row %zu: %d, signal %d", i, status, told);
    }
}

static char dir[VW_TEST_FOLDER];

/* In a process of its own: what it ends with. Nothing that it has started goes on. */
static int status_with(const char *command)
{
    int status, alive[2];
    char byte;
    assert_int_equal(pipe(alive), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char listen[VW_TEST_FOLDER * 3 + 20], in_uri[VW_TEST_FOLDER * 3];
        char *argv[] = {(char[]){"virwired"}, (char[]){"--listen"}, listen,
                        (char[]){"--run"},    strdup(command),      NULL};
        vw_test_path_in_uri(dir, in_uri, sizeof(in_uri));
        snprintf(listen, sizeof(listen), "unix://%s/s", in_uri);
        optind = 1;
        if (!freopen("/dev/null", "w", stdout) || chdir(dir) != 0)
            _exit(99);
        int rc = virwired_main(5, argv);
        free(argv[4]);
        exit(rc);
    }
    close(alive[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    struct pollfd p = {.fd = alive[0], .events = POLLIN};
    if (poll(&p, 1, 10000) != 1 || read(alive[0], &byte, 1) != 0)
        fail_msg("something goes on of %s", command);
    close(alive[0]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Whether the command left FILE behind, which is taken away. */
static bool left(const char *file)
{
    char path[VW_TEST_FOLDER + 20];
    snprintf(path, sizeof(path), "%s/%s", dir, file);
    return unlink(path) == 0;
}

static void a_command_beside_it(void **state)
{
    static const struct {
        const char *command;
        int status;
        bool said;
    } rows[] = {
        {"exit 7", 7, false},
        {"kill -9 $$", 128 + SIGKILL, false},
        {"[ -S s ] && echo > said", 0, true},
        /* When the daemon is to end, the command has the time to end itself, ... */
        {"trap 'echo > said; exit 3' TERM; kill -TERM $PPID; while :; do sleep 0.05; done", 0,
         true},
        /* ... but not for ever, with all that it has started. */
        {"trap '' TERM; echo > said; sleep 20 & kill -TERM $PPID; wait; sleep 20", 0, true},
        /* Nor what it has left behind, whatever that ignores, in a session of its own. */
        {"trap '' TERM HUP; sleep 20 & setsid sh -c 'sleep 20 & sleep 20' & exit 4", 4, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int status = status_with(rows[i].command);
        bool said = left("said");
        if (status != rows[i].status || said != rows[i].said)
            fail_msg("row %zu: %d%s", i, status, said ? ", said" : "");
        assert_false(left("s"));
    }
}

static int set_up(void **state)
{
    return vw_test_folder(dir);
}

static int tear_down(void **state)
{
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_goes_with_its_parent),
        cmocka_unit_test_setup_teardown(a_command_beside_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
