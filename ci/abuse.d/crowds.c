// SPDX-License-Identifier: MIT
// Many connections, that do little.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "abuse.h"

#define VOLUME                                                                                     \
    "{\"vol\": {\"pool\": \"test\", \"name\": \"test\", \"key\": \"/test\"}, \"offset\": 0, "      \
    "\"length\": 0, \"flags\": 0}"

static int idle(const struct attack *a)
{
    abuse_crowd(a, a->size, true);
    abuse_hold(a);
    return 0;
}

/* A byte a second of a message that is never whole. */
static int slow_writers(const struct attack *a)
{
    struct vw_buf b = VW_BUF_INIT;
    struct attack turn = {.seconds = 1};
    int *fds = abuse_crowd(a, a->size, false);
    abuse_calls(&b, "connect_open", "{\"name\": \"test:///default\", \"flags\": 0}", 1, 1);
    for (size_t at = 0; (double)at < a->seconds; at++) {
        double began = abuse_now();
        for (size_t i = 0; i < a->size; i++)
            if (!abuse_send(fds[i], b.data + at, 1))
                return abuse_complain("client %zu is ended", i);
        turn.seconds = 1 - (abuse_now() - began);
        if (turn.seconds > 0)
            abuse_hold(&turn);
    }
    return 0;
}

/* Connects, and goes at once; over TCP with a reset. */
static int come_and_go(int family, const struct sockaddr *to, socklen_t len)
{
    const struct linger reset = {.l_onoff = family == AF_INET};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    int rc = connect(fd, to, len);
    close(fd);
    return rc;
}

static int storm(const struct attack *a)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof(to.sun_path), "%s", a->socket);
    for (size_t i = 0; i < a->size; i++)
        if (come_and_go(AF_UNIX, (struct sockaddr *)&to, sizeof(to)))
            return abuse_complain("connect: %s", strerror(errno));
    return 0;
}

static int storm_reset(const struct attack *a)
{
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons(a->tcp),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    size_t refused = 0;
    for (size_t i = 0; i < a->size; i++)
        refused += come_and_go(AF_INET, (const struct sockaddr *)&to, sizeof(to)) != 0;
    return refused ? abuse_complain("%zu of %zu connections failed", refused, a->size) : 0;
}

/* Two calls and the end of what is sent: both are answered, and then the server's side ends. */
static int half_closed(const struct attack *a)
{
    struct vw_buf b = VW_BUF_INIT;
    int *fds = abuse_crowd(a, a->size, true);
    abuse_calls(&b, "connect_get_type", NULL, 2, 2);
    for (size_t i = 0; i < a->size; i++)
        if (!abuse_send(fds[i], b.data, b.len) || shutdown(fds[i], SHUT_WR))
            return abuse_complain("client %zu is ended", i);
    for (size_t i = 0; i < a->size; i++)
        if (!abuse_receive(fds[i], NULL, 0) || !abuse_receive(fds[i], NULL, 0) ||
            recv(fds[i], &(char){0}, 1, 0) != 0)
            return abuse_complain("client %zu gets no two replies and the end", i);
    abuse_hold(a);
    return 0;
}

/* The end of what is sent, behind ten downloads that nobody reads. */
static int half_closed_unread(const struct attack *a)
{
    struct flow f = {.times = 1, .seconds = 0.5};
    int *fds = abuse_crowd(a, a->size, true);
    abuse_calls(&f.bytes, "storage_vol_download", VOLUME, 2, 10);
    abuse_flow(fds, a->size, &f);
    for (size_t i = 0; i < a->size; i++)
        shutdown(fds[i], SHUT_WR);
    abuse_hold(a);
    return 0;
}

/* SIZE clients that asked for PINGs and answer none. The server has to end them in time. */
static int mute(const struct attack *a)
{
    struct vw_buf b = VW_BUF_INIT;
    int *fds = abuse_crowd(a, a->size, true);
    char rest[4096];
    size_t left = 0;
    abuse_calls(&b, "connect_supports_feature", "{\"feature\": 10}", 2, 1);
    for (size_t i = 0; i < a->size; i++)
        if (!abuse_send(fds[i], b.data, b.len) || !abuse_receive(fds[i], NULL, 0))
            return abuse_complain("client %zu is not answered", i);
    abuse_hold(a);
    for (size_t i = 0; i < a->size; i++) {
        ssize_t n;
        while ((n = recv(fds[i], rest, sizeof(rest), MSG_DONTWAIT)) > 0)
            ;
        left += n < 0 && errno == EAGAIN;
    }
    return left ? abuse_complain("%zu mute clients are not ended", left) : 0;
}

const struct abuse abuse_crowds[] = {{"idle", idle},
                                     {"slow-writers", slow_writers},
                                     {"storm", storm},
                                     {"storm-reset", storm_reset},
                                     {"half-closed", half_closed},
                                     {"half-closed-unread", half_closed_unread},
                                     {"mute", mute},
                                     {NULL, NULL}};
