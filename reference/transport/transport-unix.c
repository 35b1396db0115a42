// SPDX-License-Identifier: MIT
// UNIX sockets: a path, or an abstract name where the URI's '@' stands for a NUL (U-14).
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "transport/internal.h"

#define AGAIN_MS 20

static int make_address(const char *path, bool abstract, struct sockaddr_un *addr, socklen_t *len,
                        struct vw_error *err)
{
    /* A path needs room for its NUL; an abstract name has none, and its '@' becomes one. */
    size_t room = sizeof(addr->sun_path) - (abstract ? 0 : 1);
    size_t n = strlen(path);
    if (n == 0)
        return vw_error_set(err, VW_EUSAGE, "the path of the socket is empty");
    if (n > room)
        return vw_error_set(err, VW_EUSAGE,
                            "the path of the socket has %zu bytes, more than the %zu that a UNIX "
                            "socket can have",
                            n, room);
    *addr = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(addr->sun_path, path, n);
    if (abstract)
        addr->sun_path[0] = '\0';
    /* Clients have all NULs behind an abstract name as a part of it. */
    *len = (socklen_t)(abstract ? sizeof(*addr) : offsetof(struct sockaddr_un, sun_path) + n + 1);
    return 0;
}

/* connect(2) on a UNIX socket whose queue is full cannot be waited for with poll(2), so it blocks,
 * but no longer than SO_SNDTIMEO says (L-2). */
static int connect_until(int fd, const struct sockaddr_un *addr, socklen_t len, int64_t deadline_ms)
{
    for (;;) {
        int left = vw_ms_left(deadline_ms);
        if (left == 0)
            return -ETIMEDOUT;
        struct timeval tv = {0};
        if (left > 0)
            tv = (struct timeval){.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
        if (connect(fd, (const struct sockaddr *)addr, len) == 0)
            return 0;
        if (errno == EAGAIN)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

int vw_unix_connect_fd(const char *path, bool abstract, int flags, int64_t deadline_ms, int *out,
                       struct vw_error *err)
{
    struct sockaddr_un addr;
    socklen_t len = 0;
    int rc = make_address(path, abstract, &addr, &len, err);
    if (rc)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0)
        return vw_error_errno(err, errno, "socket");
    rc = connect_until(fd, &addr, len, deadline_ms);
    if (rc == 0) {
        *out = fd;
        return 0;
    }
    close(fd);
    if (rc == -ETIMEDOUT)
        return vw_error_set(err, VW_ETIMEOUT, "connecting to %s took too long", path);
    if (err && !err->code)
        err->sys_errno = -rc;
    return vw_error_set(err, VW_EUNREACHABLE, "cannot connect to %s: %s", path, strerror(-rc));
}

static int connect_uri(const struct vw_uri *uri, int flags, int64_t deadline_ms,
                       struct vw_transport **out, struct vw_error *err)
{
    int fd = -1;
    const char *path = uri->socket;
    if (uri->socket_direct && access(uri->socket_direct, F_OK) == 0)
        path = uri->socket_direct;
    if (!path)
        return vw_error_set(err, VW_EUSAGE, "the URI names no socket and there is no default");
    int rc = vw_unix_connect_fd(path, uri->socket_abstract && path == uri->socket, flags,
                                deadline_ms, &fd, err);
    return rc ? rc : vw_transport_from_fd(fd, out, err);
}

static int open_unix(const struct vw_uri *uri, const struct vw_transport_options *options,
                     int64_t deadline_ms, struct vw_transport **out, struct vw_error *err)
{
    return connect_uri(uri, 0, deadline_ms, out, err);
}

/* ---- without waiting ---- */

struct unix_connecting {
    struct vw_connecting base;
    const struct vw_uri *uri;
};

/* A full queue cannot be waited for with poll(2): it is tried again. */
static int turn(struct vw_connecting *w, struct vw_transport **out, struct vw_error *err)
{
    struct vw_error why = VW_ERROR_INIT;
    int rc = connect_uri(((struct unix_connecting *)w)->uri, SOCK_NONBLOCK, INT64_MAX, out, &why);
    int64_t again = vw_now_ms() + AGAIN_MS;
    if (rc == 0)
        return 1;
    w->wake_ms = again < w->deadline_ms ? again : w->deadline_ms;
    if (rc == VW_ETIMEOUT && vw_ms_left(w->deadline_ms) != 0)
        return 0;
    if (err && !err->code)
        *err = why;
    return rc;
}

static void destroy(struct vw_connecting *w)
{
    free(w);
}

static int begin_unix(const struct vw_uri *uri, const struct vw_transport_options *options,
                      int64_t deadline_ms, struct vw_connecting **out, struct vw_error *err)
{
    struct unix_connecting *w = malloc(sizeof(*w));
    if (!w)
        return vw_error_nomem(err);
    *w = (struct unix_connecting){
        .base = {.turn = turn, .destroy = destroy, .deadline_ms = deadline_ms, .fd = -1},
        .uri = uri};
    *out = &w->base;
    return 0;
}

const struct vw_transport_driver vw_transport_driver_unix = {
    .name = "unix", .open = open_unix, .begin = begin_unix};
