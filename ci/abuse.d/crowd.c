// SPDX-License-Identifier: MIT
// Many connections at once, on the load client of the benchmarks.
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "abuse.h"
#include "base/words.h"
#include "ci/benchmarks/load.h"
#include "message/message.h"

#define DROPPED (1u << 18) /* bytes that are read at a time */

int abuse_complain(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("abuse: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    return -1;
}

void abuse_die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("abuse: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

double abuse_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void abuse_hold(const struct attack *a)
{
    struct timespec t = {.tv_sec = (time_t)a->seconds};
    t.tv_nsec = (long)((a->seconds - (double)t.tv_sec) * 1e9);
    nanosleep(&t, NULL);
}

int *abuse_crowd(const struct attack *a, size_t n, bool open)
{
    const struct load_options o = {.socket = a->socket, .open = open ? "test:///default" : NULL};
    int *fds = calloc(n ? n : 1, sizeof(*fds));
    for (size_t i = 0; fds && i < n; i++)
        if ((fds[i] = load_connect(&o)) < 0)
            abuse_die("client %zu of %zu does not get in", i + 1, n);
    if (!fds)
        abuse_die("out of memory");
    return fds;
}

int abuse_client(const struct attack *a)
{
    int *fds = abuse_crowd(a, 1, true), fd = fds[0];
    free(fds);
    return fd;
}

bool abuse_send(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

size_t abuse_receive(int fd, void *buf, size_t size)
{
    uint8_t word[VW_LENGTH_BYTES], *out = buf, rest[4096];
    if (recv(fd, word, sizeof(word), MSG_WAITALL) != (ssize_t)sizeof(word))
        return 0;
    size_t len = vw_load32(word), at = sizeof(word);
    if (size >= sizeof(word))
        vw_store32(out, (uint32_t)len);
    while (at < len) {
        size_t want = len - at < sizeof(rest) ? len - at : sizeof(rest);
        ssize_t n = recv(fd, rest, want, MSG_WAITALL);
        if (n <= 0)
            return 0;
        if (at < size)
            memcpy(out + at, rest, (size_t)n < size - at ? (size_t)n : size - at);
        at += (size_t)n;
    }
    return len;
}

/* How far each client has come. */
struct progress {
    size_t sent, times;
    bool over;
};

static void write_some(int fd, struct progress *p, const struct flow *f)
{
    ssize_t n =
        send(fd, f->bytes.data + p->sent, f->bytes.len - p->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    p->over = p->over || (n < 0 && errno != EAGAIN);
    p->sent += n > 0 ? (size_t)n : 0;
    if (p->sent == f->bytes.len) {
        p->sent = 0;
        p->times++;
    }
}

static size_t read_some(int fd, struct progress *p)
{
    static char dropped[DROPPED];
    ssize_t n = recv(fd, dropped, sizeof(dropped), MSG_DONTWAIT);
    p->over = p->over || n == 0 || (n < 0 && errno != EAGAIN);
    return n > 0 ? (size_t)n : 0;
}

static short wants(const struct progress *p, const struct flow *f)
{
    return (short)((p->times < f->times && !p->over ? POLLOUT : 0) |
                   (f->read && !p->over ? POLLIN : 0));
}

size_t abuse_flow(const int *fds, size_t n, const struct flow *f)
{
    struct pollfd *polls = calloc(n, sizeof(*polls));
    struct progress *p = calloc(n, sizeof(*p));
    size_t got = 0;
    double until = abuse_now() + f->seconds;
    if (!polls || !p)
        abuse_die("out of memory");
    while (abuse_now() < until && (!f->wanted || got < f->wanted)) {
        for (size_t i = 0; i < n; i++)
            polls[i] =
                (struct pollfd){.fd = wants(&p[i], f) ? fds[i] : -1, .events = wants(&p[i], f)};
        poll(polls, n, 50);
        for (size_t i = 0; i < n; i++) {
            if (polls[i].revents & (POLLOUT | POLLERR | POLLHUP) && p[i].times < f->times)
                write_some(fds[i], &p[i], f);
            if (f->read && polls[i].revents & (POLLIN | POLLERR | POLLHUP))
                got += read_some(fds[i], &p[i]);
        }
    }
    free(polls);
    free(p);
    return got;
}
