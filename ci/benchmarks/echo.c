// SPDX-License-Identifier: MIT
// The raw echo server: the least that a server of this traffic can do. See load.h.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/words.h"
#include "load.h"
#include "message/message.h"

#define BATCH         64u
#define SERIAL_OFFSET 20

struct client {
    int fd;
    size_t partial; /* bytes in BUF of a call that is not yet complete */
    uint8_t buf[BATCH * ECHO_CALL_BYTES];
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "echo: %s: %s\n", what, strerror(errno));
    exit(3);
}

/* ---- answers ---- */

void echo_prepare(uint8_t *replies, size_t n)
{
    const struct vw_header h = {0x20008086, 1, 23, VW_MSG_REPLY, 0, VW_MSG_OK};
    for (uint8_t *p = replies; p < replies + n * ECHO_REPLY_BYTES; p += ECHO_REPLY_BYTES) {
        vw_store32(p, ECHO_REPLY_BYTES);
        vw_header_encode(&h, p + VW_LENGTH_BYTES);
        vw_store32(p + 28, 4);
        memcpy(p + 32, "test0123456789abcdef\0\0\0\1", 24);
    }
}

void echo_answer(const uint8_t *calls, uint8_t *replies, size_t n)
{
    for (size_t i = 0; i < n; i++)
        memcpy(replies + i * ECHO_REPLY_BYTES + SERIAL_OFFSET,
               calls + i * ECHO_CALL_BYTES + SERIAL_OFFSET, 4);
}

/* ---- the server ---- */

static void watch(int epoll, int fd, void *user)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = user};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e))
        die("epoll_ctl");
}

static void serve(struct client *c, uint8_t *replies)
{
    ssize_t n = recv(c->fd, c->buf + c->partial, sizeof(c->buf) - c->partial, 0);
    if (n <= 0) {
        close(c->fd);
        free(c);
        return;
    }
    size_t bytes = c->partial + (size_t)n, calls = bytes / ECHO_CALL_BYTES;
    echo_answer(c->buf, replies, calls);
    c->partial = bytes % ECHO_CALL_BYTES;
    memmove(c->buf, c->buf + calls * ECHO_CALL_BYTES, c->partial);
    if (calls && send(c->fd, replies, calls * ECHO_REPLY_BYTES, MSG_NOSIGNAL) < 0 && errno != EPIPE)
        die("send");
}

static void greet(int epoll, int listener)
{
    struct client *c = calloc(1, sizeof(*c));
    int one = 1;
    if (!c)
        die("calloc");
    c->fd = accept(listener, NULL, NULL);
    if (c->fd < 0)
        die("accept");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    watch(epoll, c->fd, c);
}

static _Noreturn void run(int listener)
{
    static uint8_t replies[BATCH * ECHO_REPLY_BYTES];
    int epoll = epoll_create1(0);
    if (epoll < 0)
        die("epoll_create1");
    echo_prepare(replies, BATCH);
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

pid_t echo_start(int listener)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run(listener);
    }
    close(listener);
    return pid;
}

void echo_stop(pid_t echo)
{
    if (echo <= 0)
        return;
    kill(echo, SIGKILL);
    waitpid(echo, NULL, 0);
}

/* ---- where it listens ---- */

static int listen_at(int family, struct sockaddr *a, socklen_t len, const char *what)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, a, len) || listen(fd, 1024) || getsockname(fd, a, &len))
        die(what);
    return fd;
}

int echo_listen_unix(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strncpy(a.sun_path, path, sizeof(a.sun_path) - 1);
    return listen_at(AF_UNIX, (struct sockaddr *)&a, sizeof(a), path);
}

int echo_listen_tcp(uint16_t *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = listen_at(AF_INET, (struct sockaddr *)&a, sizeof(a), "127.0.0.1");
    *port = ntohs(a.sin_port);
    return fd;
}
