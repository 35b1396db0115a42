// SPDX-License-Identifier: MIT
// What the transports share: how one is registered, sockets, waiting with a deadline.
#pragma once

#include <sys/socket.h>

#include "transport/transport.h"

/* A connection that is being made: the head of every way's own struct. */
struct vw_connecting {
    /* As vw_connecting_turn, but W stays. */
    int (*turn)(struct vw_connecting *w, struct vw_transport **out, struct vw_error *err);
    void (*destroy)(struct vw_connecting *w);
    int64_t deadline_ms;
    int fd; /* what there is to wait for: FD, which may be another after each turn, has EVENTS, */
    short events;
    int64_t wake_ms; /* or it is so late */
};

/* One way to connect. The list is made from this folder's meson.build; each is one file. */
struct vw_transport_driver {
    const char *name; /* as vw_transport_name gives it for the kind */
    /* One of them, or both: OPEN waits, BEGIN does not. OPTIONS is never NULL. */
    int (*begin)(const struct vw_uri *uri, const struct vw_transport_options *options,
                 int64_t deadline_ms, struct vw_connecting **out, struct vw_error *err);
    int (*open)(const struct vw_uri *uri, const struct vw_transport_options *options,
                int64_t deadline_ms, struct vw_transport **out, struct vw_error *err);
};

/* Ends with NULL. */
extern const struct vw_transport_driver *const vw_transport_drivers[];

/* ---- transport-tcp.c ---- */

/* Connects to host and port of URI, whatever its transport is. As begin of a driver. */
int vw_tcp_begin(const struct vw_uri *uri, const struct vw_transport_options *options,
                 int64_t deadline_ms, struct vw_connecting **out, struct vw_error *err);

/* ---- transport-unix.c ---- */

/* A close-on-exec socket that is connected to PATH; ABSTRACT: '@' stands for a NUL; FLAGS may be
 * SOCK_NONBLOCK: a server whose queue is full is VW_ETIMEOUT then, and else waited for. VW_EUSAGE:
 * no such path can be; VW_ETIMEOUT, VW_EUNREACHABLE, VW_ESYSTEM. */
int vw_unix_connect_fd(const char *path, bool abstract, int flags, int64_t deadline_ms, int *out,
                       struct vw_error *err);

/* ---- transport.c ---- */

/* Turns W, which is gone then, until it is connected. 0 or VW_E*. */
int vw_connecting_wait(struct vw_connecting *w, struct vw_transport **out, struct vw_error *err);

/* Tells OPTIONS' user one sentence, control characters escaped. */
void vw_transport_warn(const struct vw_transport_options *options, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
