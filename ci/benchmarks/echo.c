// SPDX-License-Identifier: MIT
// The raw echo server: the least that a server of this traffic can do. See load.h.
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/words.h"
#include "load.h"

#define CALL_BYTES  36u
#define REPLY_BYTES 56u
#define BATCH       64u

struct client {
    int fd;
    size_t partial; /* bytes of a call that is not yet complete */
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "echo: %s: %s\n", what, strerror(errno));
    exit(3);
}

static void watch(int epoll, int fd, void *user)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = user};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e))
        die("epoll_ctl");
}

static void serve(struct client *c, const uint8_t *replies)
{
    uint8_t buf[BATCH * CALL_BYTES];
    ssize_t n = recv(c->fd, buf, sizeof(buf), 0);
    if (n <= 0) {
        close(c->fd);
        free(c);
        return;
    }
    size_t bytes = c->partial + (size_t)n;
    c->partial = bytes % CALL_BYTES;
    size_t out = bytes / CALL_BYTES * REPLY_BYTES;
    if (out && send(c->fd, replies, out, MSG_NOSIGNAL) < 0 && errno != EPIPE)
        die("send");
}

static void greet(int epoll, int listener)
{
    struct client *c = calloc(1, sizeof(*c));
    if (!c)
        die("calloc");
    c->fd = accept(listener, NULL, NULL);
    if (c->fd < 0)
        die("accept");
    watch(epoll, c->fd, c);
}

_Noreturn void load_echo(const char *socket_path)
{
    static uint8_t replies[(BATCH + 1) * REPLY_BYTES];
    for (size_t i = 0; i < sizeof(replies); i += REPLY_BYTES)
        vw_store32(replies + i, REPLY_BYTES);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strncpy(a.sun_path, socket_path, sizeof(a.sun_path) - 1);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), epoll = epoll_create1(0);
    if (listener < 0 || epoll < 0 || bind(listener, (struct sockaddr *)&a, sizeof(a)) ||
        listen(listener, 1024))
        die(socket_path);
    watch(epoll, listener, NULL);
    for (;;) {
        struct epoll_event events[64];
        int n = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr)
                serve(events[i].data.ptr, replies);
            else
                greet(epoll, listener);
        }
    }
}
