// SPDX-License-Identifier: MIT
// A transport moves bytes (and descriptors, where it can) between two programs. It knows nothing of
// messages. TLS and SASL wrap another transport, so that "sasl over tls over tcp" is a stack.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <virwire/credentials.h>
#include <virwire/error.h>
#include <virwire/memory.h>
#include <virwire/uri.h>

enum vw_transport_caps {
    VW_CAP_FDS = 1 << 0,    /* descriptors can be passed (P-1) */
    VW_CAP_SECURE = 1 << 1, /* needs no security layer of its own */
    VW_CAP_RECORDS = 1 << 2 /* marks where records start (TLS, T-5) */
};

struct vw_transport;

struct vw_transport_ops {
    const char *name; /* as in "driver+NAME://" */
    unsigned caps;
    /* Bytes read (> 0); 0 at end of stream; -EAGAIN and other negative errno values. FDS may be
     * NULL: descriptors that come are then closed. */
    ssize_t (*recv)(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds);
    /* As recv, but waits for the first byte for up to MS milliseconds (< 0: for ever), or somewhat
     * less, in the same system call. -EAGAIN: none came, or a signal did. NULL: cannot. */
    ssize_t (*recv_wait)(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds, int ms);
    /* How many of the first LEN bytes that lie there come without descriptors for certain, for
     * whoever must know with which of them some come; 0: none lie there, or some may. BUF, with
     * room for them, is overwritten. NULL: none ever come. */
    size_t (*plain_bytes)(struct vw_transport *t, void *buf, size_t len);
    /* Bytes written (> 0, may be fewer than LEN), or a negative errno value. FDS go with the first
     * byte. After -EAGAIN the next call must start with the same bytes: a part of them may be under
     * way. With VW_CAP_RECORDS one call is one record, of at most 16384 bytes. */
    ssize_t (*send)(struct vw_transport *t, const void *buf, size_t len, const struct vw_fds *fds);
    /* True when input is buffered inside that poll(2) on fd cannot see. NULL: never. */
    bool (*pending)(const struct vw_transport *t);
    int (*fd)(const struct vw_transport *t);
    /* Ends the sending side only (C-8). NULL: cannot. */
    int (*shutdown)(struct vw_transport *t);
    /* With VW_CAP_RECORDS: whether the first of the bytes that recv gave last began a record; recv
     * never gives bytes of two records at once. NULL: there are no records. */
    bool (*record_start)(const struct vw_transport *t);
    /* After recv or send told of an end or an error: reports into ERR what errno cannot say (how a
     * child ended and what it wrote to its standard error, an alert of TLS) and returns the code,
     * or 0 when there is nothing to add. May wait half a second for a child. NULL: never has. */
    int (*explain)(struct vw_transport *t, struct vw_error *err);
    /* True while it carries nothing yet, and recv takes steps of its start (TLS, as a server):
     * these cost much. NULL: never. */
    bool (*starting)(const struct vw_transport *t);
    /* Bits of the key that it ciphers with, for SASL. NULL: does not. */
    unsigned (*strength)(const struct vw_transport *t);
    /* Closes and frees; ends a child, at latest after a second. */
    void (*close)(struct vw_transport *t);
};

/* The head of every transport's own struct. */
struct vw_transport {
    const struct vw_transport_ops *ops;
};

/* What connecting may ask of, or has to tell, its user. All zero is fine. */
struct vw_transport_options {
    vw_warn_fn warn; /* NULL: not told */
    vw_ask_fn ask;   /* NULL: there never is an answer */
    void *user;
};

/* Connects as URI says (its transport, addresses in turn, child program), at latest at DEADLINE_MS
 * of CLOCK_MONOTONIC. Descriptors are close-on-exec, and non-blocking until recv_wait is used;
 * recv and send never block. VW_EUNREACHABLE, VW_ETIMEOUT,
 * VW_EUSAGE (path too long, ...), VW_ENOMEM, VW_ESYSTEM. */
int vw_transport_open(const struct vw_uri *uri, int64_t deadline_ms, struct vw_transport **out,
                      struct vw_error *err);

/* The same with OPTIONS, which may be NULL and which are not kept. Also VW_EPROTOCOL: the peer
 * broke a rule before the first message (T-2). */
int vw_transport_open_with(const struct vw_uri *uri, const struct vw_transport_options *options,
                           int64_t deadline_ms, struct vw_transport **out, struct vw_error *err);

/* ---- connecting from a loop of the caller's own ---- */

struct vw_connecting;

/* Begins what vw_transport_open_with does, and waits for nothing where the transport is tcp, tls or
 * unix; ext and ssh start their program; libssh and libssh2 can only wait until they are connected.
 * URI, OPTIONS and what they point to must last as long as *OUT. */
int vw_transport_begin(const struct vw_uri *uri, const struct vw_transport_options *options,
                       int64_t deadline_ms, struct vw_connecting **out, struct vw_error *err);
/* One step, without waiting. 0: not there yet; 1: *OUT is connected; VW_E* as
 * vw_transport_open_with. W is gone unless it is 0. */
int vw_connecting_turn(struct vw_connecting *w, struct vw_transport **out, struct vw_error *err);
/* What to wait for ahead of the next turn: a descriptor (-1: none) and its poll(2) events, anew
 * behind each turn, and the time at which there is something to do in any case. */
int vw_connecting_fd(const struct vw_connecting *w, short *events);
int64_t vw_connecting_deadline(const struct vw_connecting *w);
/* Gives it up. NULL is fine. */
void vw_connecting_destroy(struct vw_connecting *w);

/* Makes a transport of the connected socket FD, which it owns, also on failure. Sets it
 * non-blocking and close-on-exec, and TCP_NODELAY where that is known. */
int vw_transport_from_fd(int fd, struct vw_transport **out, struct vw_error *err);

/* Milliseconds and microseconds of CLOCK_MONOTONIC. */
int64_t vw_now_ms(void);
int64_t vw_now_us(void);

/* poll(2) for EVENTS on FD until DEADLINE_MS; 1 when ready, 0 at the deadline, or -errno. */
int vw_fd_wait(int fd, short events, int64_t deadline_ms);
/* Milliseconds left until DEADLINE_MS as poll(2) wants them: -1 for none, at most INT_MAX. */
int vw_ms_left(int64_t deadline_ms);
