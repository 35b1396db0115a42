// SPDX-License-Identifier: MIT
// The process of a server: its end is noticed and told, and what it holds is seen.
#include "base/testing/test.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/play/target.h"

/* A process that listens, to which FD becomes a connection. */
static pid_t listening(int *fd)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int ready[2];
    char byte;
    socklen_t len = sizeof(sa_family_t) + 12;
    assert_int_equal(pipe(ready), 0);
    snprintf(at.sun_path + 1, 12, "vw%09d", (int)getpid());
    pid_t pid = fork();
    if (pid == 0) {
        int listener = socket(AF_UNIX, SOCK_STREAM, 0);
        if (bind(listener, (struct sockaddr *)&at, len) < 0 || listen(listener, 1) < 0 ||
            write(ready[1], "", 1) != 1)
            _exit(1);
        alarm(20);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    *fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(*fd, (struct sockaddr *)&at, len), 0);
    return pid;
}

static void life(void **state)
{
    struct vw_target t;
    struct vw_holding h;
    int fd;
    vw_target_init(&t, NULL);
    assert_false(vw_target_died(&t, 0));
    assert_false(vw_target_holding(&t, &h));
    pid_t pid = listening(&fd);
    vw_target_meet(&t, fd);
    assert_int_equal(t.pid, pid);
    assert_false(vw_target_died(&t, 0));
    assert_true(vw_target_holding(&t, &h));
    assert_true(h.kib > 0 && h.fds > 2);
    kill(pid, SIGKILL);
    assert_true(vw_target_died(&t, 10000));
    waitpid(pid, NULL, 0);
    close(fd);
    /* Another one is there at once: the first has ended all the same. */
    pid = listening(&fd);
    vw_target_meet(&t, fd);
    assert_int_equal(t.pid, pid);
    assert_true(vw_target_died(&t, 0));
    vw_target_mourned(&t);
    assert_false(vw_target_died(&t, 0));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(fd);
    vw_target_end(&t);
}

static void started(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_target t;
    char fate[80];
    vw_target_init(&t, "kill -SEGV $$");
    assert_int_equal(vw_target_start(&t, &err), 0);
    assert_true(vw_target_died(&t, 10000));
    assert_non_null(strstr(vw_target_fate(&t, fate, sizeof(fate)), "signal 11"));
    vw_target_end(&t);
    vw_target_init(&t, "exec sleep 100");
    assert_int_equal(vw_target_start(&t, &err), 0);
    assert_false(vw_target_died(&t, 0));
    vw_target_end(&t);
    vw_target_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(life),
        cmocka_unit_test(started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
