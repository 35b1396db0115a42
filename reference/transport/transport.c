// SPDX-License-Identifier: MIT
// Finds the transport of a URI; the clock and the wait that all of them use.
#include "transport/transport.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "transport/internal.h"

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

int vw_transport_open_with(const struct vw_uri *uri, const struct vw_transport_options *options,
                           int64_t deadline_ms, struct vw_transport **out, struct vw_error *err)
{
    static const struct vw_transport_options none;
    *out = NULL;
    if (uri->transport == VW_TRANSPORT_LOCAL)
        return vw_error_set(err, VW_EUSAGE,
                            "this URI names no server: a driver inside the client serves it");
    const char *name = vw_transport_name(uri->transport);
    for (const struct vw_transport_driver *const *d = vw_transport_drivers; *d; d++)
        if (strcmp((*d)->name, name) == 0)
            return (*d)->open(uri, options ? options : &none, deadline_ms, out, err);
    return vw_error_set(err, VW_EUSAGE, "transport '%s' is not part of this build", name);
}

int vw_transport_open(const struct vw_uri *uri, int64_t deadline_ms, struct vw_transport **out,
                      struct vw_error *err)
{
    return vw_transport_open_with(uri, NULL, deadline_ms, out, err);
}
