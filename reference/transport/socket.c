// SPDX-License-Identifier: MIT
// A connected stream socket as a transport: the one under unix, tcp and accepted connections.
// Reading and writing never block, but where it is asked for, and never raise SIGPIPE.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/internal.h"

struct socket_transport {
    struct vw_transport base;
    int fd;
    int waits_ms; /* what a blocking recv waits: SO_RCVTIMEO, 0 for ever; < 0: it does not block yet
                   */
};

static int fd_of(const struct vw_transport *t)
{
    return ((const struct socket_transport *)t)->fd;
}

static ssize_t plain_recv_flags(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds,
                                int flags)
{
    ssize_t n;
    if (fds)
        fds->count = 0;
    do
        n = recv(fd_of(t), buf, len, flags);
    while (n < 0 && errno == EINTR && flags & MSG_DONTWAIT);
    return n < 0 ? -errno : n;
}

static ssize_t plain_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    return plain_recv_flags(t, buf, len, fds, MSG_DONTWAIT);
}

static ssize_t plain_send(struct vw_transport *t, const void *buf, size_t len,
                          const struct vw_fds *fds)
{
    ssize_t n;
    if (fds && fds->count)
        return -EOPNOTSUPP;
    do
        n = send(fd_of(t), buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(((struct vw_fds *)0)->fd))];
};

/* Hands descriptors to FDS; those for which there is no room are closed. */
static void take_fds(struct msghdr *msg, struct vw_fds *fds)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            if (fds && fds->count < sizeof(fds->fd) / sizeof(fds->fd[0]))
                fds->fd[fds->count++] = fd;
            else
                close(fd);
        }
    }
}

static ssize_t unix_recv_flags(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds,
                               int flags)
{
    union control control;
    struct iovec iov = {.iov_base = buf, .iov_len = len};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof(control.bytes)};
    ssize_t n;
    if (fds)
        fds->count = 0;
    do
        n = recvmsg(fd_of(t), &msg, MSG_CMSG_CLOEXEC | flags);
    while (n < 0 && errno == EINTR && flags & MSG_DONTWAIT);
    if (n < 0)
        return -errno;
    if (msg.msg_controllen)
        take_fds(&msg, fds);
    return n;
}

static ssize_t unix_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    return unix_recv_flags(t, buf, len, fds, MSG_DONTWAIT);
}

/* The kernel gives descriptors with the first byte of the write that they went with, or with what
 * lies ahead of it, if that is read in one go. To look shows those of the next write too. */
static size_t unix_plain_bytes(struct vw_transport *t, void *buf, size_t len)
{
    struct vw_fds fds;
    ssize_t n = unix_recv_flags(t, buf, len, &fds, MSG_DONTWAIT | MSG_PEEK);
    for (uint32_t i = 0; i < fds.count; i++)
        close(fds.fd[i]);
    return n > 0 && fds.count == 0 ? (size_t)n : 0;
}

/* ---- waiting in recv ---- */

/* Lets recv wait for MS, or a sixteenth less: so that waits of nearly the same length, as calls one
 * after the other have, need no further system call. */
static int set_patience(struct socket_transport *t, int ms)
{
    bool close_enough = ms < 0
                            ? t->waits_ms == 0
                            : t->waits_ms > 0 && t->waits_ms <= ms && t->waits_ms >= ms - ms / 16;
    struct timeval tv = {0};
    if (close_enough)
        return 0;
    if (t->waits_ms < 0) {
        int flags = fcntl(t->fd, F_GETFL);
        if (flags < 0 || fcntl(t->fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
            return -errno;
    }
    if (ms >= 0)
        tv = (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    if (setsockopt(t->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) < 0)
        return -errno;
    t->waits_ms = ms < 0 ? 0 : ms;
    return 0;
}

/* A timeout of 0 would be none at all; one system call fewer is not worth an error. */
static int flags_to_wait(struct vw_transport *t, int ms)
{
    return ms != 0 && set_patience((struct socket_transport *)t, ms) == 0 ? 0 : MSG_DONTWAIT;
}

static ssize_t plain_recv_wait(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds,
                               int ms)
{
    ssize_t n = plain_recv_flags(t, buf, len, fds, flags_to_wait(t, ms));
    return n == -EINTR ? -EAGAIN : n;
}

static ssize_t unix_recv_wait(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds,
                              int ms)
{
    ssize_t n = unix_recv_flags(t, buf, len, fds, flags_to_wait(t, ms));
    return n == -EINTR ? -EAGAIN : n;
}

static ssize_t unix_send(struct vw_transport *t, const void *buf, size_t len,
                         const struct vw_fds *fds)
{
    if (!fds || fds->count == 0)
        return plain_send(t, buf, len, NULL);
    union control control = {0};
    size_t bytes = fds->count * sizeof(int);
    struct iovec iov = {.iov_base = (void *)(uintptr_t)buf, .iov_len = len};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = CMSG_SPACE(bytes)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(bytes);
    memcpy(CMSG_DATA(c), fds->fd, bytes);
    ssize_t n;
    do
        n = sendmsg(fd_of(t), &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static int socket_shutdown(struct vw_transport *t)
{
    return shutdown(fd_of(t), SHUT_WR) ? -errno : 0;
}

static void socket_close(struct vw_transport *t)
{
    close(fd_of(t));
    free(t);
}

static const struct vw_transport_ops unix_ops = {
    .name = "unix",
    .caps = VW_CAP_FDS | VW_CAP_SECURE,
    .recv = unix_recv,
    .recv_wait = unix_recv_wait,
    .plain_bytes = unix_plain_bytes,
    .send = unix_send,
    .fd = fd_of,
    .shutdown = socket_shutdown,
    .close = socket_close,
};

static const struct vw_transport_ops tcp_ops = {
    .name = "tcp",
    .recv = plain_recv,
    .recv_wait = plain_recv_wait,
    .send = plain_send,
    .fd = fd_of,
    .shutdown = socket_shutdown,
    .close = socket_close,
};

static int prepare(int fd, bool *is_unix)
{
    struct sockaddr_storage addr;
    socklen_t len = sizeof(addr);
    int one = 1;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
        return -errno;
    *is_unix = addr.ss_family == AF_UNIX;
    if (addr.ss_family == AF_INET || addr.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return 0;
}

int vw_transport_from_fd(int fd, struct vw_transport **out, struct vw_error *err)
{
    bool is_unix = false;
    *out = NULL;
    int rc = prepare(fd, &is_unix);
    struct socket_transport *t = rc ? NULL : malloc(sizeof(*t));
    if (!t) {
        close(fd);
        return rc ? vw_error_errno(err, -rc, "socket") : vw_error_nomem(err);
    }
    t->base.ops = is_unix ? &unix_ops : &tcp_ops;
    t->fd = fd;
    t->waits_ms = -1;
    *out = &t->base;
    return 0;
}
