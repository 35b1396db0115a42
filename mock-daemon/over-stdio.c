// SPDX-License-Identifier: MIT
// Pipes as a socket: a process for each direction, so that neither holds up the other.
#include "mock-daemon/over-stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_one_socket(void)
{
    struct stat in, out;
    return fstat(STDIN_FILENO, &in) == 0 && fstat(STDOUT_FILENO, &out) == 0 &&
           S_ISSOCK(in.st_mode) && in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

static bool write_all(int to, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(to, bytes, len);
        if (n < 0 && errno != EINTR)
            return false;
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* What comes FROM goes TO, until either ends. */
static void carry(int from, int to)
{
    char buf[16384];
    for (;;) {
        ssize_t n = read(from, buf, sizeof(buf));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || !write_all(to, buf, (size_t)n))
            return;
    }
}

/* One direction. WITH_PARENT: nobody wants what is read once the daemon is gone; what it has
 * written is still delivered. */
static int start(int from, int to, int unused, bool with_parent)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid < 0 ? errno : 0;
    close(unused);
    if (with_parent && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        _exit(1);
    carry(from, to);
    shutdown(to, SHUT_WR);
    _exit(0);
}

int vw_stdio_open(int *fd, struct vw_error *err)
{
    int pair[2];
    if (is_one_socket()) {
        *fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        if (*fd >= 0 && fcntl(*fd, F_SETFL, fcntl(*fd, F_GETFL) | O_NONBLOCK) == 0)
            return 0;
        return vw_error_errno(err, errno, "the standard input");
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return vw_error_errno(err, errno, "socketpair");
    int e = start(STDIN_FILENO, pair[1], pair[0], true);
    if (e == 0)
        e = start(pair[1], STDOUT_FILENO, pair[0], false);
    close(pair[1]);
    if (e == 0 && fcntl(pair[0], F_SETFL, O_NONBLOCK) < 0)
        e = errno;
    if (e) {
        close(pair[0]);
        return vw_error_errno(err, e, "the standard input and output cannot be carried");
    }
    *fd = pair[0];
    return 0;
}
