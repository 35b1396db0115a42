// SPDX-License-Identifier: MIT
// The load client: see load.h.
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/words.h"
#include "message/message.h"

#define CALL_BYTES    ECHO_CALL_BYTES
#define REPLY_BYTES   ECHO_REPLY_BYTES
#define MAX_IN_FLIGHT 64u

struct connection {
    size_t to_send; /* calls */
    size_t waiting; /* replies */
    size_t partial; /* bytes of a reply that is not yet complete */
};

struct load {
    unsigned n, in_flight;
    struct pollfd *fds;
    struct connection *connections;
    uint8_t calls[MAX_IN_FLIGHT * CALL_BYTES];
};

static int complain(const char *what)
{
    fprintf(stderr, "load: %s\n", what);
    return -1;
}

static void put_header(uint8_t *p, uint32_t length, int32_t procedure)
{
    struct vw_header h = {0x20008086, 1, procedure, VW_MSG_CALL, 1, VW_MSG_OK};
    vw_store32(p, length);
    vw_header_encode(&h, p + VW_LENGTH_BYTES);
}

/* Sends all of BYTES and waits for a reply of SIZE bytes. */
static int handshake(int fd, const uint8_t *bytes, size_t len, size_t size)
{
    uint8_t reply[64];
    if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
        return complain("the server takes no handshake");
    if (recv(fd, reply, size, MSG_WAITALL) != (ssize_t)size || vw_load32(reply) != size)
        return complain("the server answers the handshake wrongly");
    return 0;
}

bool load_open_calls(const char *name, struct load_open *out)
{
    size_t len = strlen(name), padded = (len + 3) & ~(size_t)3, size = 28 + 8 + padded + 4;
    uint8_t *open = out->calls + 28;
    *out = (struct load_open){.steps = {{28, 36}, {size, 28}}};
    if (28 + size > sizeof(out->calls))
        return false;
    put_header(out->calls, 28, 66);
    put_header(open, (uint32_t)size, 1);
    vw_store32(open + 28, 1);
    vw_store32(open + 32, (uint32_t)len);
    memcpy(open + 36, name, len);
    return true;
}

static int open_connection(int fd, const char *name)
{
    struct load_open o = {0};
    if (!load_open_calls(name, &o))
        return complain("the name to open is too long");
    int rc = handshake(fd, o.calls, o.steps[0].call, o.steps[0].reply);
    return rc ? rc : handshake(fd, o.calls + o.steps[0].call, o.steps[1].call, o.steps[1].reply);
}

static int connect_fd(int fd, const struct load_options *o)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons(o->port)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int one = 1;
    if (!o->socket) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        return connect(fd, (struct sockaddr *)&in, sizeof(in));
    }
    strncpy(un.sun_path, o->socket, sizeof(un.sun_path) - 1);
    return connect(fd, (struct sockaddr *)&un, sizeof(un));
}

int load_connect(const struct load_options *o)
{
    struct timeval patience = {.tv_sec = 60};
    if (o->socket && strlen(o->socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
        return complain("the socket's path is too long");
    int fd = socket(o->socket ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
        connect_fd(fd, o))
        fprintf(stderr, "load: %s: %s\n", o->socket ? o->socket : "127.0.0.1", strerror(errno));
    else if (!o->open || !open_connection(fd, o->open))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

void load_prepare(uint8_t *calls, size_t n)
{
    for (uint8_t *p = calls; p < calls + n * CALL_BYTES; p += CALL_BYTES) {
        put_header(p, CALL_BYTES, 23);
        vw_store32(p + 28, 4);
        memcpy(p + 32, "test", 4);
    }
}

struct load *load_start(const struct load_options *o)
{
    struct load *l = calloc(1, sizeof(*l));
    if (l) {
        l->in_flight = o->in_flight < MAX_IN_FLIGHT ? o->in_flight : MAX_IN_FLIGHT;
        l->fds = calloc(o->connections, sizeof(*l->fds));
        l->connections = calloc(o->connections, sizeof(*l->connections));
    }
    if (!l || !l->fds || !l->connections) {
        complain("out of memory");
        load_stop(l);
        return NULL;
    }
    load_prepare(l->calls, MAX_IN_FLIGHT);
    for (; l->n < o->connections; l->n++) {
        int fd = load_connect(o);
        l->fds[l->n] = (struct pollfd){.fd = fd, .events = POLLIN};
        if (fd < 0) {
            load_stop(l);
            return NULL;
        }
    }
    return l;
}

pid_t load_peer(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) ? 0 : peer.pid;
}

pid_t load_server(const struct load *l)
{
    return load_peer(l->fds[0].fd);
}

void load_stop(struct load *l)
{
    if (!l)
        return;
    for (unsigned i = 0; i < l->n; i++)
        close(l->fds[i].fd);
    free(l->fds);
    free(l->connections);
    free(l);
}

/* Fills the connection's window in one write. */
static int send_calls(struct load *l, unsigned i)
{
    struct connection *c = &l->connections[i];
    size_t calls = l->in_flight - c->waiting;
    if (calls > c->to_send)
        calls = c->to_send;
    if (!calls)
        return 0;
    /* The window is small against the socket's buffer, so a blocking send does not block. */
    if (send(l->fds[i].fd, l->calls, calls * CALL_BYTES, MSG_NOSIGNAL) !=
        (ssize_t)(calls * CALL_BYTES))
        return complain("a short write");
    c->to_send -= calls;
    c->waiting += calls;
    return 0;
}

/* Reads what is there. Replies are told apart by their known size; the first length word of each
 * read is looked at, so that an error reply does not pass for work. */
static int take_replies(struct load *l, unsigned i)
{
    struct connection *c = &l->connections[i];
    uint8_t buf[MAX_IN_FLIGHT * REPLY_BYTES];
    ssize_t n = recv(l->fds[i].fd, buf, sizeof(buf), 0);
    if (n <= 0)
        return complain(n ? "no answer within a minute" : "the server ended the connection");
    if (!c->partial && n >= 4 && vw_load32(buf) != REPLY_BYTES)
        return complain("a reply of another size");
    size_t bytes = c->partial + (size_t)n;
    if (bytes / REPLY_BYTES > c->waiting)
        return complain("more replies than calls");
    c->waiting -= bytes / REPLY_BYTES;
    c->partial = bytes % REPLY_BYTES;
    return send_calls(l, i);
}

/* One connection needs no poll: recv waits. */
static int run_single(struct load *l)
{
    struct connection *c = &l->connections[0];
    int rc = 0;
    while (!rc && (c->waiting || c->to_send))
        rc = take_replies(l, 0);
    return rc;
}

static bool busy(const struct load *l)
{
    for (unsigned i = 0; i < l->n; i++) {
        if (l->connections[i].waiting)
            return true;
    }
    return false;
}

static int run_many(struct load *l)
{
    while (busy(l)) {
        int ready = poll(l->fds, l->n, 60000);
        if (ready <= 0)
            return complain("no answer within a minute");
        for (unsigned i = 0; i < l->n; i++) {
            if (l->fds[i].revents && take_replies(l, i))
                return -1;
        }
    }
    return 0;
}

int load_run(struct load *l, size_t n)
{
    for (unsigned i = 0; i < l->n; i++) {
        l->connections[i].to_send = n / l->n + (i < n % l->n);
        if (send_calls(l, i))
            return -1;
    }
    return l->n == 1 ? run_single(l) : run_many(l);
}
