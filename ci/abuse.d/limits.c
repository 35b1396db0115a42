// SPDX-License-Identifier: MIT
// Descriptors and memory that run out.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "abuse.h"
#include "ci/benchmarks/load.h"

#define AT_ONCE 32 /* descriptors in one message of the socket */

static bool give(int fd, int what)
{
    char byte = 0;
    int given[AT_ONCE];
    union {
        char bytes[CMSG_SPACE(sizeof(given))];
        struct cmsghdr aligned;
    } control = {0};
    struct iovec iov = {.iov_base = &byte, .iov_len = 1};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    for (size_t i = 0; i < AT_ONCE; i++)
        given[i] = what;
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(given));
    memcpy(CMSG_DATA(c), given, sizeof(given));
    return sendmsg(fd, &m, MSG_NOSIGNAL) == 1;
}

/* SIZE clients, two bytes and 64 descriptors each, and somebody else who wants in. */
static int descriptors(const struct attack *a)
{
    struct attack pause = {.seconds = 0.002};
    int *fds = abuse_crowd(a, a->size, false), what = open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (size_t i = 0; i < a->size; i++) {
        give(fds[i], what);
        abuse_hold(&pause);
        give(fds[i], what);
    }
    abuse_hold(a);
    return 0;
}

/* SIZE that want in where 64 descriptors are all; when they have gone, others get in. */
static int few_descriptors(const struct attack *a)
{
    const struct rlimit few = {64, 64};
    struct rlimit before;
    const struct load_options o = {.socket = a->socket};
    if (prlimit(a->server, RLIMIT_NOFILE, &few, &before))
        return abuse_complain("prlimit: %s", strerror(errno));
    for (size_t i = 0; i < a->size; i++)
        if (load_connect(&o) < 0)
            return abuse_complain("client %zu cannot even connect", i);
    abuse_hold(a);
    return 0;
}

/* As many as are there after all have been let in that fit. */
static size_t hung_up(const int *fds, size_t n)
{
    size_t over = 0;
    for (size_t i = 0; i < n; i++) {
        struct pollfd p = {.fd = fds[i], .events = POLLIN};
        char bytes[256];
        poll(&p, 1, 0);
        ssize_t got = p.revents ? recv(fds[i], bytes, sizeof(bytes), MSG_DONTWAIT) : 1;
        over += got == 0 || (got < 0 && errno != EAGAIN);
    }
    return over;
}

/* SIZE clients that open, where there are 200,000 KiB of addresses. The server lives, and serves.
 */
static int little_memory(const struct attack *a)
{
    const struct rlimit little = {200000UL << 10, 200000UL << 10};
    const struct load_options o = {.socket = a->socket};
    static int fds[20000];
    struct vw_buf b = VW_BUF_INIT;
    size_t n = 0;
    if (prlimit(a->server, RLIMIT_AS, &little, NULL))
        return abuse_complain("prlimit: %s", strerror(errno));
    abuse_calls(&b, "connect_open", "{\"name\": \"test:///default\", \"flags\": 0}", 1, 1);
    while (n < a->size && n < sizeof(fds) / sizeof(fds[0]) && (fds[n] = load_connect(&o)) >= 0)
        send(fds[n++], b.data, b.len, MSG_NOSIGNAL);
    abuse_hold(a);
    if (hung_up(fds, n) == n)
        return abuse_complain("not one of %zu clients is served", n);
    return 0;
}

const struct abuse abuse_limits[] = {{"descriptors", descriptors},
                                     {"few-descriptors", few_descriptors},
                                     {"little-memory", little_memory},
                                     {NULL, NULL}};
