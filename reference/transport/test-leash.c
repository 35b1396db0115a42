// SPDX-License-Identifier: MIT
// A program on a leash: whoever starts it may be ended by any signal, and then nothing of it is
// left, whatever it ignores and wherever it went; and it is not ended before.
#include "base/testing/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport/leash.h"
#include "transport/transport.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Standard input is no part of this: each of its programs has FD as its standard output. */
static int start(const char *script, int fd, enum vw_leash_group group, unsigned grace_ms,
                 struct vw_leash *l)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const struct vw_leash_program p = {argv, environ, {-1, fd, STDERR_FILENO}, group, grace_ms};
    return vw_leash_start(&p, l);
}

/* What comes from FD within 20 s, until it ends or LINES lines have come. */
static const char *hear(int fd, int lines)
{
    static char buf[256];
    size_t len = 0;
    while (lines && len < sizeof(buf) - 1) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 20000) != 1)
            fail_msg("something goes on behind: %.*s", (int)len, buf);
        if (read(fd, buf + len, 1) != 1)
            break;
        lines -= buf[len++] == '\n';
    }
    buf[len] = '\0';
    return buf;
}

/* A process that has started SCRIPT; FD is where all of that writes. */
static pid_t start_in_other(const char *script, enum vw_leash_group group, int *fd)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct vw_leash l;
        close(ends[0]);
        if (start(script, ends[1], group, 0, &l))
            _exit(99);
        close(ends[1]);
        for (;;)
            pause();
    }
    close(ends[1]);
    *fd = ends[0];
    return pid;
}

static void nothing_outlives_its_starter(void **state)
{
    static const char *const scripts[] = {
        "echo; exec sleep 60",
        "trap '' TERM HUP INT; echo; sleep 60 & sleep 60",
        "sh -c 'sleep 60 & sh -c \"echo; sleep 60\"' & sleep 60",
        "setsid sh -c 'echo; sleep 60' & sleep 60",
        /* Those that it left behind, as daemons do. */
        "setsid sh -c 'trap \"\" TERM HUP; (sleep 60 &) & echo' & exit 0",
    };
    static const int signals[] = {SIGKILL, SIGTERM};
    for (size_t i = 0; i < COUNT(scripts) * COUNT(signals) * 3; i++) {
        const char *script = scripts[i % COUNT(scripts)];
        int fd, status;
        pid_t pid = start_in_other(script, (enum vw_leash_group)(i % 3), &fd);
        assert_string_equal(hear(fd, 1), "\n");
        kill(pid, signals[i / COUNT(scripts) % COUNT(signals)]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_string_equal(hear(fd, -1), "");
        close(fd);
    }
}

/* The keeper goes by the name of its starter to those that look for command lines. */
static void a_keeper_that_is_killed(void **state)
{
    int ends[2];
    struct vw_leash l;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(start("echo $$; exec sleep 60", ends[1], VW_LEASH_GROUP, 0, &l), 0);
    close(ends[1]);
    assert_int_equal(atoi(hear(ends[0], 1)), l.program);
    assert_false(vw_leash_ended(&l));
    kill(l.keeper, SIGTERM);
    assert_false(vw_leash_wait(&l, vw_now_ms() + 50));
    kill(l.keeper, SIGKILL);
    assert_string_equal(hear(ends[0], -1), "");
    assert_true(vw_leash_wait(&l, vw_now_ms() + 20000));
    assert_int_equal(l.status, -1);
    vw_leash_end(&l);
    close(ends[0]);
}

static void *start_in_thread(void *data)
{
    return start("exec sleep 60", STDOUT_FILENO, VW_LEASH_GROUP, 0, data) ? data : NULL;
}

/* Unlike a death signal. */
static void it_outlives_the_thread_that_started_it(void **state)
{
    struct vw_leash l;
    pthread_t thread;
    void *failed;
    assert_int_equal(pthread_create(&thread, NULL, start_in_thread, &l), 0);
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    assert_false(vw_leash_wait(&l, vw_now_ms() + 100));
    vw_leash_end(&l);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* SIGTERM comes first, for the program and for what it left behind. */
static void it_is_asked_first(void **state)
{
    static const struct {
        const char *script, *said;
        unsigned grace_ms;
    } rows[] = {
        {"trap 'echo bye; exit' TERM; echo; while :; do sleep 0.02; done", "bye\n", 20000},
        {"trap 'echo bye; exit' TERM; echo; while :; do sleep 0.02; done", "", 0},
        {"(trap 'echo bye; exit' TERM; echo; while :; do sleep 0.02; done) & exit", "bye\n", 20000},
        {"trap '' TERM; echo; while :; do sleep 0.02; done", "", 100},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int ends[2];
        struct vw_leash l;
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_int_equal(start(rows[i].script, ends[1], VW_LEASH_GROUP, rows[i].grace_ms, &l), 0);
        close(ends[1]);
        hear(ends[0], 1);
        vw_leash_end(&l);
        assert_string_equal(hear(ends[0], -1), rows[i].said);
        close(ends[0]);
    }
}

/* Not even as a zombie. */
static void it_is_gone(void **state)
{
    int ends[2];
    struct vw_leash l;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(start("echo $$; exec sleep 60", ends[1], VW_LEASH_SAME, 0, &l), 0);
    pid_t pid = (pid_t)strtol(hear(ends[0], 1), NULL, 10);
    assert_int_equal(kill(pid, 0), 0);
    vw_leash_end(&l);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    close(ends[0]);
    close(ends[1]);
}

static void how_it_ended(void **state)
{
    static const struct {
        const char *script;
        int status;
    } rows[] = {{"exit 0", 0}, {"exit 200", 200 << 8}, {"kill -9 $$", 9}, {"kill -15 $$", 15}};
    const char *const nowhere[] = {"/nowhere/program", NULL};
    const struct vw_leash_program none = {nowhere, environ, {-1, -1, -1}};
    struct vw_leash l;
    unsigned before = vw_test_descriptors();
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(start(rows[i].script, STDOUT_FILENO, VW_LEASH_SAME, 0, &l), 0);
        assert_true(vw_leash_wait(&l, vw_now_ms() + 20000));
        assert_int_equal(l.status, rows[i].status);
        vw_leash_end(&l);
        vw_leash_end(&l);
    }
    assert_int_equal(vw_leash_start(&none, &l), ENOENT);
    assert_true(vw_leash_ended(&l));
    assert_int_equal(vw_test_descriptors(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_outlives_its_starter),
        cmocka_unit_test(a_keeper_that_is_killed),
        cmocka_unit_test(it_outlives_the_thread_that_started_it),
        cmocka_unit_test(it_is_asked_first),
        cmocka_unit_test(it_is_gone),
        cmocka_unit_test(how_it_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
