// SPDX-License-Identifier: MIT
// A transport moves bytes (and descriptors, where it can) between two programs. It knows nothing of
// messages. TLS and SASL wrap another transport, so that "sasl over tls over tcp" is a stack.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "uri/uri.h"

enum vw_transport_caps {
    VW_CAP_FDS = 1 << 0,    /* descriptors can be passed (P-1) */
    VW_CAP_SECURE = 1 << 1, /* needs no security layer of its own */
    VW_CAP_RECORDS = 1 << 2 /* marks where records start (TLS, T-5) */
};

/* Descriptors that came with, or go with, bytes. Up to 32 (P-2). */
struct vw_fds {
    int fd[32];
    uint32_t count;
};

struct vw_transport;

struct vw_transport_ops {
    const char *name; /* as in "driver+NAME://" */
    unsigned caps;
    /* Bytes read (> 0); 0 at end of stream; -EAGAIN and other negative errno values. FDS may be
     * NULL: descriptors that come are then closed. */
    ssize_t (*recv)(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds);
    /* Bytes written (> 0, may be fewer than LEN), or a negative errno value. FDS go with the first
     * byte. */
    ssize_t (*send)(struct vw_transport *t, const void *buf, size_t len, const struct vw_fds *fds);
    /* True when input is buffered inside that poll(2) on fd cannot see. NULL: never. */
    bool (*pending)(const struct vw_transport *t);
    int (*fd)(const struct vw_transport *t);
    /* Ends the sending side only (C-8). NULL: cannot. */
    int (*shutdown)(struct vw_transport *t);
    /* Closes and frees; explains itself into ERR when the child or peer failed. */
    void (*close)(struct vw_transport *t);
};

/* The head of every transport's own struct. */
struct vw_transport {
    const struct vw_transport_ops *ops;
};

/* Connects as URI says (its transport, addresses in turn, child program), at latest at DEADLINE_MS
 * of CLOCK_MONOTONIC. Descriptors are non-blocking and close-on-exec. VW_EUNREACHABLE, VW_ETIMEOUT,
 * VW_EUSAGE (path too long, ...), VW_ENOMEM, VW_ESYSTEM. */
int vw_transport_open(const struct vw_uri *uri, int64_t deadline_ms, struct vw_transport **out,
                      struct vw_error *err);

/* Wraps a connected socket, which the transport then owns (accepted ones; tests). */
int vw_transport_from_fd(int fd, struct vw_transport **out, struct vw_error *err);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t vw_now_ms(void);
