// SPDX-License-Identifier: MIT
// The load client: see load.h.
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/words.h"
#include "message/message.h"

#define CALL_BYTES    36u
#define REPLY_BYTES   56u
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

static int open_connection(int fd)
{
    static const char name[16] = "test:///default"; /* 15 characters and a byte of padding */
    uint8_t auth[28], open[28 + 28];
    put_header(auth, sizeof(auth), 66);
    put_header(open, sizeof(open), 1);
    vw_store32(open + 28, 1);
    vw_store32(open + 32, 15);
    memcpy(open + 36, name, 16);
    vw_store32(open + 52, 0);
    int rc = handshake(fd, auth, sizeof(auth), 36);
    return rc ? rc : handshake(fd, open, sizeof(open), 28);
}

static int connect_to(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(a.sun_path))
        return complain("the socket's path is too long");
    memcpy(a.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 10};
    if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
        !connect(fd, (struct sockaddr *)&a, sizeof(a)))
        return fd;
    fprintf(stderr, "load: %s: %s\n", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
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
    for (unsigned i = 0; i < MAX_IN_FLIGHT; i++) {
        uint8_t *p = l->calls + i * CALL_BYTES;
        put_header(p, CALL_BYTES, 23);
        vw_store32(p + 28, 4);
        memcpy(p + 32, "test", 4);
    }
    for (; l->n < o->connections; l->n++) {
        int fd = connect_to(o->socket);
        l->fds[l->n] = (struct pollfd){.fd = fd, .events = POLLIN};
        if (fd < 0 || (o->open && open_connection(fd))) {
            l->n += fd >= 0;
            load_stop(l);
            return NULL;
        }
    }
    return l;
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
        return complain(n ? "no answer within ten seconds" : "the server ended the connection");
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
        int ready = poll(l->fds, l->n, 10000);
        if (ready <= 0)
            return complain("no answer within ten seconds");
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
