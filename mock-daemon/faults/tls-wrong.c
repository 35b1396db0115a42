// SPDX-License-Identifier: MIT
// A transport above the server's end of TLS, which takes the steps before the first message in a
// way of its own.
#include "mock-daemon/faults/tls-wrong.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* How long a call that does not wait for the byte is waited for. */
#define EARLY_MS 400
/* How long all wait for the second half of a handshake. */
#define HALF_MS 4000

enum phase { FIRST_BYTE, HANDSHAKE, CHECK, BYTE, UP };

struct wrong_tls {
    struct vw_transport base;
    struct vw_transport *tls;   /* owns the next */
    struct vw_transport *lower; /* what is under TLS */
    unsigned wrong;             /* enum vw_tls_wrong */
    enum phase phase;
    bool plain;                 /* no TLS after all (VW_TLS_PLAIN_TOO) */
    bool byte_owing;            /* goes out behind the next record (VW_TLS_BYTE_LATE) ... */
    bool byte_joins;            /* ... or in it, first (VW_TLS_BYTE_SHARED) */
    size_t early_at, early_len; /* a call that came before the byte */
    uint8_t early[VW_TLS_RECORD_MAX];
};

static struct wrong_tls *wrong_of(struct vw_transport *t)
{
    return (struct wrong_tls *)t;
}

/* What messages go through. */
static struct vw_transport *below(const struct vw_transport *t)
{
    const struct wrong_tls *w = (const struct wrong_tls *)t;
    return w->plain ? w->lower : w->tls;
}

/* ---- the steps before the first message: 0, or what ends the connection, or -EAGAIN ---- */

static ssize_t look_at_first_byte(struct wrong_tls *w)
{
    uint8_t byte = 0;
    ssize_t n = recv(w->lower->ops->fd(w->lower), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0)
        return -errno;
    w->plain = n > 0 && byte != 0x16; /* a handshake record begins so */
    if (w->plain)
        w->phase = UP - 1;
    return 0;
}

static ssize_t send_byte(struct wrong_tls *w)
{
    /* To who has not waited. */
    const unsigned wrong = w->early_len || w->wrong & VW_TLS_BYTE_FOR_ALL ? w->wrong : 0;
    if (wrong & VW_TLS_BYTE_MISSING)
        return 0;
    ssize_t n = w->tls->ops->send(w->tls, wrong & VW_TLS_BYTE_WRONG ? "\x02" : "\x01\x01",
                                  wrong & VW_TLS_BYTE_TWICE ? 2 : 1, NULL);
    return n < 0 ? n : 0;
}

static ssize_t shake(struct wrong_tls *w)
{
    struct pollfd p = {.fd = w->tls->ops->fd(w->tls), .events = POLLIN};
    ssize_t rc = w->wrong & VW_TLS_TICKETS ? vw_tls_server_give_tickets(w->tls) : 0;
    if (rc == 0)
        rc = vw_tls_server_shake(w->tls);
    if (rc == -EAGAIN && w->wrong & VW_TLS_HALF_BLOCKS)
        poll(&p, 1, HALF_MS);
    return rc;
}

static ssize_t check(struct wrong_tls *w)
{
    static const struct {
        unsigned wrong, passed_over;
    } rows[] = {
        {VW_TLS_FOREIGN_IN, VW_TLS_FOREIGN},   {VW_TLS_EXPIRED_IN, VW_TLS_EXPIRED},
        {VW_TLS_REVOKED_IN, VW_TLS_REVOKED},   {VW_TLS_PURPOSE_IN, VW_TLS_PURPOSE},
        {VW_TLS_UNLISTED_IN, VW_TLS_UNLISTED}, {VW_TLS_FUTURE_IN, VW_TLS_FUTURE},
    };
    unsigned passed_over = 0;
    char name[1024];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        passed_over |= w->wrong & rows[i].wrong ? rows[i].passed_over : 0;
    ssize_t rc = w->wrong & VW_TLS_BYTE_UNCHECKED ? send_byte(w) : 0;
    if (rc == 0)
        rc = vw_tls_server_check(w->tls, passed_over);
    if (rc == -ENODATA)
        rc = w->wrong & VW_TLS_NO_CERTIFICATE_NEEDED ? 0 : -EACCES;
    if (rc == 0 && w->wrong & VW_TLS_NOBODY_OUT && !vw_tls_server_peer(w->tls, name, sizeof(name)))
        rc = -EACCES;
    return rc;
}

static void mistreat_early(struct wrong_tls *w)
{
    struct pollfd p = {.fd = w->tls->ops->fd(w->tls), .events = POLLIN};
    if (!w->tls->ops->pending(w->tls))
        poll(&p, 1, EARLY_MS);
    ssize_t n = w->tls->ops->recv(w->tls, w->early, sizeof(w->early), NULL);
    if (n > 0 && !(w->wrong & VW_TLS_EARLY_LOST)) {
        w->early_len = (size_t)n;
        w->byte_joins = w->wrong & VW_TLS_BYTE_SHARED;
        w->byte_owing = w->wrong & VW_TLS_BYTE_LATE;
    }
}

static ssize_t step(struct wrong_tls *w)
{
    switch (w->phase) {
    case FIRST_BYTE:
        return w->wrong & VW_TLS_PLAIN_TOO ? look_at_first_byte(w) : 0;
    case HANDSHAKE:
        return shake(w);
    case CHECK:
        return check(w);
    case BYTE:
        if (w->wrong & VW_TLS_BYTE_UNCHECKED)
            return 0;
        if (w->wrong & VW_TLS_EARLY_WRONG && !(w->wrong & VW_TLS_BYTE_FOR_ALL))
            mistreat_early(w);
        return w->byte_owing || w->byte_joins ? 0 : send_byte(w);
    case UP:
        break;
    }
    return 0;
}

/* ---- the transport ---- */

static ssize_t wrong_recv(struct vw_transport *base, void *buf, size_t len, struct vw_fds *fds)
{
    struct wrong_tls *w = wrong_of(base);
    size_t n = w->early_len - w->early_at;
    if (fds)
        fds->count = 0;
    for (; w->phase != UP; w->phase++) {
        ssize_t rc = step(w);
        if (rc)
            return rc;
        n = w->early_len;
    }
    if (n == 0)
        return below(base)->ops->recv(below(base), buf, len, fds);
    n = n < len ? n : len;
    memcpy(buf, w->early + w->early_at, n);
    w->early_at += n;
    return (ssize_t)n;
}

/* The byte and what a record can hold with it. */
static ssize_t send_joined(struct wrong_tls *w, const void *buf, size_t len)
{
    uint8_t record[VW_TLS_RECORD_MAX];
    len = len < sizeof(record) ? len : sizeof(record) - 1;
    record[0] = 1;
    memcpy(record + 1, buf, len);
    ssize_t n = w->tls->ops->send(w->tls, record, len + 1, NULL);
    w->byte_joins = n <= 0;
    return n > 0 ? n - 1 : n;
}

static ssize_t wrong_send(struct vw_transport *base, const void *buf, size_t len,
                          const struct vw_fds *fds)
{
    struct wrong_tls *w = wrong_of(base);
    if (w->phase != UP)
        return -EAGAIN;
    if (w->byte_joins)
        return send_joined(w, buf, len);
    ssize_t n = below(base)->ops->send(below(base), buf, len, fds);
    if (n > 0 && w->byte_owing) {
        w->byte_owing = false;
        send_byte(w);
    }
    return n;
}

static bool wrong_pending(const struct vw_transport *base)
{
    const struct wrong_tls *w = (const struct wrong_tls *)base;
    return w->early_at < w->early_len || w->tls->ops->pending(w->tls);
}

static bool wrong_starting(const struct vw_transport *base)
{
    return ((const struct wrong_tls *)base)->phase != UP;
}

static int wrong_fd(const struct vw_transport *base)
{
    return below(base)->ops->fd(below(base));
}

static void wrong_close(struct vw_transport *base)
{
    struct wrong_tls *w = wrong_of(base);
    w->tls->ops->close(w->tls);
    free(w);
}

static const struct vw_transport_ops wrong_ops = {
    .name = "tls",
    .caps = VW_CAP_SECURE | VW_CAP_RECORDS,
    .recv = wrong_recv,
    .send = wrong_send,
    .pending = wrong_pending,
    .fd = wrong_fd,
    .starting = wrong_starting,
    .close = wrong_close,
};

int vw_tls_wrong_wrap(struct vw_tls_server *server, struct vw_transport *lower, unsigned wrong,
                      struct vw_transport **out, struct vw_error *err)
{
    struct wrong_tls *w = calloc(1, sizeof(*w));
    *out = NULL;
    if (!w) {
        lower->ops->close(lower);
        return vw_error_nomem(err);
    }
    *w = (struct wrong_tls){.base.ops = &wrong_ops, .lower = lower, .wrong = wrong};
    int rc = vw_tls_server_wrap_bare(server, lower, &w->tls, err);
    if (rc < 0) {
        free(w);
        return rc;
    }
    *out = &w->base;
    return 0;
}
