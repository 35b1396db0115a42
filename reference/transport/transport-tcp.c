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
#include <time.h>
#include <unistd.h>

#include "transport/internal.h"

extern const struct vw_transport_driver vw_transport_driver_tcp;

/* A look-up by name. The C library knows no deadline, so a thread does it; whichever of the two
 * sides leaves last frees this. */
struct lookup {
    atomic_bool left; /* one side is done with it */
    struct addrinfo hints;
    struct addrinfo *result;
    int rc; /* 0 or EAI_* */
    char port[8];
    char host[];
};

static struct lookup *lookup_create(const char *host, uint16_t port)
{
    size_t n = strlen(host) + 1;
    struct lookup *l = calloc(1, sizeof(*l) + n);
    if (!l)
        return NULL;
    memcpy(l->host, host, n);
    snprintf(l->port, sizeof(l->port), "%u", port);
    l->hints.ai_socktype = SOCK_STREAM;
    l->hints.ai_flags = AI_NUMERICSERV;
    return l;
}

static void lookup_destroy(struct lookup *l)
{
    if (l->result)
        freeaddrinfo(l->result);
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
    lookup_leave(l);
    return NULL;
}

/* Starts the thread with all signals blocked: they are for the program's own threads. */
static int start_thread(struct lookup *l, pthread_t *thread)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(thread, NULL, lookup_thread, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

/* 0, an EAI_* code, or EAI_INPROGRESS at the deadline: L then belongs to the thread. */
static int lookup_by_name(struct lookup *l, int64_t deadline_ms)
{
    pthread_t thread;
    const struct timespec until = {.tv_sec = deadline_ms / 1000,
                                   .tv_nsec = deadline_ms % 1000 * 1000000};
    if (start_thread(l, &thread))
        return EAI_MEMORY;
    if (deadline_ms == INT64_MAX)
        pthread_join(thread, NULL);
    else if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until)) {
        pthread_detach(thread);
        lookup_leave(l);
        return EAI_INPROGRESS;
    }
    return l->rc;
}

/* Literals need no name service and no thread. */
static int lookup_run(struct lookup *l, int64_t deadline_ms)
{
    l->hints.ai_flags |= AI_NUMERICHOST;
    int rc = getaddrinfo(l->host, l->port, &l->hints, &l->result);
    if (rc != EAI_NONAME)
        return rc;
    l->hints.ai_flags &= ~AI_NUMERICHOST;
    return lookup_by_name(l, deadline_ms);
}

static int connect_one(const struct addrinfo *a, int64_t deadline_ms, int *out)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    if (fd < 0)
        return -errno;
    int rc = 0;
    if (connect(fd, a->ai_addr, a->ai_addrlen) < 0 && errno != EINPROGRESS && errno != EINTR)
        rc = -errno;
    if (rc == 0) {
        int soerr = 0;
        socklen_t len = sizeof(soerr);
        rc = vw_fd_wait(fd, POLLOUT, deadline_ms);
        if (rc == 0)
            rc = -ETIMEDOUT;
        else if (rc > 0)
            rc = getsockopt(fd, SOL_SOCKET, SO_ERROR, &soerr, &len) < 0 ? -errno : -soerr;
    }
    if (rc < 0)
        close(fd);
    else
        *out = fd;
    return rc;
}

/* Tries each address; -errno of the last, or 0. *TRIED counts them. */
static int connect_any(const struct addrinfo *list, int64_t deadline_ms, int *fd, unsigned *tried)
{
    int64_t left = 0;
    int rc = -EADDRNOTAVAIL;
    for (const struct addrinfo *a = list; a; a = a->ai_next)
        left++;
    for (const struct addrinfo *a = list; a; a = a->ai_next, left--) {
        int64_t until = deadline_ms;
        if (deadline_ms != INT64_MAX)
            until = vw_now_ms() + vw_ms_left(deadline_ms) / left;
        ++*tried;
        rc = connect_one(a, until, fd);
        if (rc == 0)
            return 0;
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

int vw_tcp_connect_fd(const struct vw_uri *uri, int64_t deadline_ms, int *out, struct vw_error *err)
{
    if (!uri->host || !uri->host[0] || !uri->port)
        return vw_error_set(err, VW_EUSAGE, "%s needs a host and a port",
                            vw_transport_name(uri->transport));
    struct lookup *l = lookup_create(uri->host, uri->port);
    if (!l)
        return vw_error_nomem(err);

    int rc = lookup_run(l, deadline_ms);
    if (rc == EAI_INPROGRESS)
        return vw_error_set(err, VW_ETIMEOUT, "finding the address of %s took too long", uri->host);
    if (rc) {
        rc = vw_error_set(err, VW_EUNREACHABLE, "cannot find the address of %s: %s", uri->host,
                          gai_strerror(rc));
    } else {
        unsigned tried = 0;
        rc = connect_any(l->result, deadline_ms, out, &tried);
        rc = rc ? report(uri, rc, tried, err) : 0;
    }
    lookup_destroy(l);
    return rc;
}

int vw_tcp_connect(const struct vw_uri *uri, int64_t deadline_ms, struct vw_transport **out,
                   struct vw_error *err)
{
    int fd = -1;
    *out = NULL;
    int rc = vw_tcp_connect_fd(uri, deadline_ms, &fd, err);
    return rc ? rc : vw_transport_from_fd(fd, out, err);
}

static int open_tcp(const struct vw_uri *uri, const struct vw_transport_options *options,
                    int64_t deadline_ms, struct vw_transport **out, struct vw_error *err)
{
    return vw_tcp_connect(uri, deadline_ms, out, err);
}

const struct vw_transport_driver vw_transport_driver_tcp = {.name = "tcp", .open = open_tcp};
