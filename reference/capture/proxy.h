// SPDX-License-Identifier: MIT
// A proxy that passes on what clients and a server say to each other as it comes, and tells a
// recorder of it: bytes, descriptors, ends, and when. It holds at most one piece for each direction
// of a connection, and reads no further before that is taken. TLS ends on both sides of it.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <poll.h>
#include <virwire/uri.h>

#include "capture/record.h"
#include "transport/listen.h"
#include "transport/transport.h"

struct vw_proxy;

/* All that it points to is kept by pointer. */
struct vw_proxy_options {
    const struct vw_listener *listener;
    const struct vw_uri *server; /* where each connection is passed on to */
    const struct vw_transport_options *transport;
    int connect_ms; /* until the server has to be connected */
    struct vw_recorder *recorder;
};

int vw_proxy_create(const struct vw_proxy_options *o, struct vw_proxy **out, struct vw_error *err);
/* Ends all connections. NULL is fine. */
void vw_proxy_destroy(struct vw_proxy *p);

/* Waits until there is something to do, or one of N others (their revents are then set), at latest
 * until DEADLINE_MS, and does it. Writes what is recorded ahead of waiting, but at most every 10 ms
 * while more of it comes. VW_ENOMEM, VW_ESYSTEM: it cannot go on. */
int vw_proxy_turn(struct vw_proxy *p, struct pollfd *others, size_t n, int64_t deadline_ms,
                  struct vw_error *err);
/* Connections that are open. */
size_t vw_proxy_open(const struct vw_proxy *p);
