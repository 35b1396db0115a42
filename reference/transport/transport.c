// SPDX-License-Identifier: MIT
// Finds the transport of a URI; the clock and the wait that all of them use.
#include "transport/transport.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "transport/internal.h"
#include "transport/tls.h"

int64_t vw_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t vw_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int vw_ms_left(int64_t deadline_ms)
{
    if (deadline_ms == INT64_MAX)
        return -1;
    int64_t now = vw_now_ms();
    if (deadline_ms <= now)
        return 0;
    int64_t left = deadline_ms - now;
    return left > INT_MAX ? INT_MAX : (int)left;
}

int vw_fd_wait(int fd, short events, int64_t deadline_ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    for (;;) {
        int left = vw_ms_left(deadline_ms);
        int n = poll(&p, 1, left);
        if (n > 0)
            return 1;
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0 && left != INT_MAX)
            return 0;
    }
}

void vw_transport_warn(const struct vw_transport_options *options, const char *fmt, ...)
{
    struct vw_error said = VW_ERROR_INIT;
    va_list ap;
    if (!options->warn)
        return;
    va_start(ap, fmt);
    vw_error_vset(&said, VW_EVALUE, fmt, ap);
    va_end(ap);
    options->warn(options->user, said.text);
}

/* ---- connecting ---- */

/* One that could only be waited for, and is there already. */
struct opened {
    struct vw_connecting base;
    struct vw_transport *transport;
};

static int turn_opened(struct vw_connecting *w, struct vw_transport **out, struct vw_error *err)
{
    struct opened *o = (struct opened *)w;
    *out = o->transport;
    o->transport = NULL;
    return 1;
}

static void destroy_opened(struct vw_connecting *w)
{
    struct opened *o = (struct opened *)w;
    if (o->transport)
        o->transport->ops->close(o->transport);
    free(o);
}

static int begin_opened(const struct vw_transport_driver *d, const struct vw_uri *uri,
                        const struct vw_transport_options *options, int64_t deadline_ms,
                        struct vw_connecting **out, struct vw_error *err)
{
    struct opened *o = malloc(sizeof(*o));
    if (!o)
        return vw_error_nomem(err);
    *o = (struct opened){.base = {.turn = turn_opened, .destroy = destroy_opened, .fd = -1}};
    int rc = d->open(uri, options, deadline_ms, &o->transport, err);
    if (rc)
        free(o);
    else
        *out = &o->base;
    return rc;
}

static const struct vw_transport_driver *find_driver(const struct vw_uri *uri, struct vw_error *err)
{
    const char *name = vw_transport_name(uri->transport);
    if (uri->transport == VW_TRANSPORT_LOCAL) {
        vw_error_set(err, VW_EUSAGE,
                     "this URI names no server: a driver inside the client serves it");
        return NULL;
    }
    for (const struct vw_transport_driver *const *d = vw_transport_drivers; *d; d++)
        if (strcmp((*d)->name, name) == 0)
            return *d;
    vw_error_set(err, VW_EUSAGE, "transport '%s' is not part of this build", name);
    return NULL;
}

static const struct vw_transport_options none;
const struct vw_transport_options vw_tls_bare;

int vw_transport_begin(const struct vw_uri *uri, const struct vw_transport_options *options,
                       int64_t deadline_ms, struct vw_connecting **out, struct vw_error *err)
{
    const struct vw_transport_driver *d = find_driver(uri, err);
    *out = NULL;
    options = options ? options : &none;
    if (!d)
        return VW_EUSAGE;
    int rc = vw_uri_check_peer(uri, err);
    if (rc)
        return rc;
    return d->begin ? d->begin(uri, options, deadline_ms, out, err)
                    : begin_opened(d, uri, options, deadline_ms, out, err);
}

int vw_connecting_turn(struct vw_connecting *w, struct vw_transport **out, struct vw_error *err)
{
    int rc = w->turn(w, out, err);
    if (rc)
        w->destroy(w);
    return rc;
}

int vw_connecting_fd(const struct vw_connecting *w, short *events)
{
    *events = w->events;
    return w->fd;
}

int64_t vw_connecting_deadline(const struct vw_connecting *w)
{
    return w->wake_ms;
}

void vw_connecting_destroy(struct vw_connecting *w)
{
    if (w)
        w->destroy(w);
}

int vw_connecting_wait(struct vw_connecting *w, struct vw_transport **out, struct vw_error *err)
{
    int rc;
    while ((rc = vw_connecting_turn(w, out, err)) == 0) {
        rc = vw_fd_wait(w->fd, w->events, w->wake_ms);
        if (rc < 0) {
            w->destroy(w);
            return vw_error_errno(err, -rc, "poll");
        }
    }
    return rc < 0 ? rc : 0;
}

int vw_transport_open_with(const struct vw_uri *uri, const struct vw_transport_options *options,
                           int64_t deadline_ms, struct vw_transport **out, struct vw_error *err)
{
    const struct vw_transport_driver *d = find_driver(uri, err);
    struct vw_connecting *w;
    *out = NULL;
    options = options ? options : &none;
    if (!d || d->open)
        return d ? d->open(uri, options, deadline_ms, out, err) : VW_EUSAGE;
    int rc = d->begin(uri, options, deadline_ms, &w, err);
    return rc ? rc : vw_connecting_wait(w, out, err);
}

int vw_transport_open(const struct vw_uri *uri, int64_t deadline_ms, struct vw_transport **out,
                      struct vw_error *err)
{
    return vw_transport_open_with(uri, NULL, deadline_ms, out, err);
}
