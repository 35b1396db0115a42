// SPDX-License-Identifier: MIT
// TCP over IPv4 and IPv6. Every address of a name is tried in turn (U-12), each with its share of
// the time that is left, so that one that swallows packets does not starve the others.
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "transport/internal.h"

/* A look-up by name. The C library knows no deadline and no loop, so a thread does it; whichever of
 * the two sides leaves last frees this. */
struct lookup {
    atomic_bool left; /* one side is done with it */
    int done; /* an eventfd(2) that can be read when the thread has come to its end, or -1 */
    pthread_t thread; /* while DONE is there */
    struct addrinfo hints;
    struct addrinfo *result;
    int rc; /* 0 or EAI_* */
    char port[8];
    char host[];
};

struct tcp_connecting {
    struct vw_connecting base;
    const struct vw_uri *uri;
    struct lookup *lookup;
    const struct addrinfo *next; /* address to be tried next */
    unsigned left, tried;        /* addresses */
    int rc;                      /* -errno of the last */
    int fd;                      /* of the one that is being tried, or -1 */
};

static struct lookup *lookup_create(const char *host, uint16_t port)
{
    size_t n = strlen(host) + 1;
    struct lookup *l = calloc(1, sizeof(*l) + n);
    if (!l)
        return NULL;
    memcpy(l->host, host, n);
    snprintf(l->port, sizeof(l->port), "%u", port);
    l->done = -1;
    l->hints.ai_socktype = SOCK_STREAM;
    l->hints.ai_flags = AI_NUMERICSERV;
    return l;
}

/* There is no thread, or it has come to its end. */
static void lookup_over(struct lookup *l)
{
    if (l->done >= 0)
        close(l->done);
    l->done = -1;
}

static void lookup_destroy(struct lookup *l)
{
    if (l->result)
        freeaddrinfo(l->result);
    lookup_over(l);
    free(l);
}

static void lookup_leave(struct lookup *l)
{
    if (atomic_exchange(&l->left, true))
        lookup_destroy(l);
}

static void *lookup_thread(void *arg)
{
    struct lookup *l = arg;
    l->rc = getaddrinfo(l->host, l->port, &l->hints, &l->result);
    eventfd_write(l->done, 1);
    lookup_leave(l);
    return NULL;
}

/* Starts the thread with all signals blocked: they are for the program's own threads. */
static int start_thread(struct lookup *l)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&l->thread, NULL, lookup_thread, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

/* Literals need no name service and no thread. 0, an EAI_* code, or EAI_INPROGRESS. */
static int lookup_start(struct lookup *l)
{
    l->hints.ai_flags |= AI_NUMERICHOST;
    int rc = getaddrinfo(l->host, l->port, &l->hints, &l->result);
    if (rc != EAI_NONAME)
        return rc;
    l->hints.ai_flags &= ~AI_NUMERICHOST;
    l->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->done >= 0 && start_thread(l) == 0)
        return EAI_INPROGRESS;
    lookup_over(l);
    return EAI_MEMORY;
}

/* ---- one address after the other ---- */

static int start_address(struct tcp_connecting *w, const struct addrinfo *a)
{
    int64_t deadline = w->base.deadline_ms;
    w->base.wake_ms = deadline;
    if (deadline != INT64_MAX)
        w->base.wake_ms = vw_now_ms() + vw_ms_left(deadline) / w->left;
    w->tried++;
    w->left--;
    w->fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    w->base.fd = w->fd;
    w->base.events = POLLOUT;
    if (w->fd < 0)
        return -errno;
    return connect(w->fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS || errno == EINTR
               ? 0
               : -errno;
}

/* 1: it is connected; 0: not yet; or -errno. */
static int look_at(const struct tcp_connecting *w)
{
    int soerr = 0;
    socklen_t len = sizeof(soerr);
    int rc = vw_fd_wait(w->fd, POLLOUT, 0);
    if (rc == 0)
        return vw_ms_left(w->base.wake_ms) ? 0 : -ETIMEDOUT;
    if (rc > 0 && getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &soerr, &len) < 0)
        return -errno;
    return rc > 0 && soerr ? -soerr : rc;
}

static void drop_address(struct tcp_connecting *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

/* As look_at, for the first that does. */
static int try_addresses(struct tcp_connecting *w)
{
    int rc = w->fd >= 0 ? look_at(w) : w->rc;
    while (rc < 0 && w->next) {
        const struct addrinfo *a = w->next;
        drop_address(w);
        w->next = a->ai_next;
        rc = start_address(w, a);
        if (rc == 0)
            rc = look_at(w);
    }
    return rc;
}

static int report(const struct vw_uri *uri, int rc, unsigned tried, struct vw_error *err)
{
    const char *host = uri->host;
    if (err && !err->code)
        err->sys_errno = -rc;
    if (rc == -ETIMEDOUT)
        return vw_error_set(err, VW_ETIMEOUT, "connecting to %s port %u took too long (%u tried)",
                            host, uri->port, tried);
    if (tried > 1)
        return vw_error_set(err, VW_EUNREACHABLE,
                            "cannot connect to %s port %u: %s (the last of %u addresses)", host,
                            uri->port, strerror(-rc), tried);
    return vw_error_set(err, VW_EUNREACHABLE, "cannot connect to %s port %u: %s", host, uri->port,
                        strerror(-rc));
}

static int take_addresses(struct tcp_connecting *w, int rc, struct vw_error *err)
{
    if (rc)
        return vw_error_set(err, VW_EUNREACHABLE, "cannot find the address of %s: %s", w->uri->host,
                            gai_strerror(rc));
    w->next = w->lookup->result;
    w->rc = -EADDRNOTAVAIL;
    for (const struct addrinfo *a = w->next; a; a = a->ai_next)
        w->left++;
    return 0;
}

static int turn(struct vw_connecting *base, struct vw_transport **out, struct vw_error *err)
{
    struct tcp_connecting *w = (struct tcp_connecting *)base;
    eventfd_t ended;
    if (!w->next && !w->tried) {
        if (eventfd_read(w->lookup->done, &ended) < 0)
            return vw_ms_left(base->deadline_ms)
                       ? 0
                       : vw_error_set(err, VW_ETIMEOUT, "finding the address of %s took too long",
                                      w->uri->host);
        pthread_join(w->lookup->thread, NULL);
        lookup_over(w->lookup);
        int rc = take_addresses(w, w->lookup->rc, err);
        if (rc)
            return rc;
    }
    int rc = try_addresses(w);
    if (rc < 0)
        return report(w->uri, rc, w->tried, err);
    if (rc == 0)
        return 0;
    rc = vw_transport_from_fd(w->fd, out, err);
    w->fd = -1;
    return rc ? rc : 1;
}

static void destroy(struct vw_connecting *base)
{
    struct tcp_connecting *w = (struct tcp_connecting *)base;
    drop_address(w);
    if (w->lookup->done >= 0) {
        pthread_detach(w->lookup->thread);
        lookup_leave(w->lookup);
    } else {
        lookup_destroy(w->lookup);
    }
    free(w);
}

int vw_tcp_begin(const struct vw_uri *uri, const struct vw_transport_options *options,
                 int64_t deadline_ms, struct vw_connecting **out, struct vw_error *err)
{
    if (!uri->host || !uri->host[0] || !uri->port)
        return vw_error_set(err, VW_EUSAGE, "%s needs a host and a port",
                            vw_transport_name(uri->transport));
    struct tcp_connecting *w = malloc(sizeof(*w));
    struct lookup *l = w ? lookup_create(uri->host, uri->port) : NULL;
    if (!l) {
        free(w);
        return vw_error_nomem(err);
    }
    *w = (struct tcp_connecting){
        .base = {.turn = turn, .destroy = destroy, .deadline_ms = deadline_ms, .events = POLLIN},
        .uri = uri,
        .lookup = l,
        .fd = -1};
    int rc = lookup_start(l);
    w->base.fd = l->done;
    w->base.wake_ms = rc == EAI_INPROGRESS ? deadline_ms : 0;
    rc = rc == EAI_INPROGRESS ? 0 : take_addresses(w, rc, err);
    if (rc)
        destroy(&w->base);
    else
        *out = &w->base;
    return rc;
}

const struct vw_transport_driver vw_transport_driver_tcp = {.name = "tcp", .begin = vw_tcp_begin};
