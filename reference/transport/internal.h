// SPDX-License-Identifier: MIT
// What the transports share: how one is registered, sockets, waiting with a deadline.
#pragma once

#include <sys/socket.h>

#include "transport/transport.h"

/* One way to connect. The list is made from this folder's meson.build; each is one file. */
struct vw_transport_driver {
    const char *name; /* as vw_transport_name gives it for the kind */
    /* OPTIONS is never NULL. */
    int (*open)(const struct vw_uri *uri, const struct vw_transport_options *options,
                int64_t deadline_ms, struct vw_transport **out, struct vw_error *err);
};

/* Ends with NULL. */
extern const struct vw_transport_driver *const vw_transport_drivers[];

/* ---- transport-tcp.c ---- */

/* Connects to host and port of URI, whatever its transport is. */
int vw_tcp_connect(const struct vw_uri *uri, int64_t deadline_ms, struct vw_transport **out,
                   struct vw_error *err);
/* The same, for a socket that does not block. */
int vw_tcp_connect_fd(const struct vw_uri *uri, int64_t deadline_ms, int *out,
                      struct vw_error *err);

/* ---- transport-unix.c ---- */

/* A blocking, close-on-exec socket that is connected to PATH; ABSTRACT: '@' stands for a NUL.
 * VW_EUSAGE: no such path can be; VW_ETIMEOUT, VW_EUNREACHABLE, VW_ESYSTEM. */
int vw_unix_connect_fd(const char *path, bool abstract, int64_t deadline_ms, int *out,
                       struct vw_error *err);

/* ---- transport.c ---- */

/* Tells OPTIONS' user one sentence, control characters escaped. */
void vw_transport_warn(const struct vw_transport_options *options, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
