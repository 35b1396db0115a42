// SPDX-License-Identifier: MIT
// The bytes of a security layer between two buffers: packets that are not all written, and decoded
// bytes that nobody has taken yet.
#include "transport/layer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_SIZE 65536u
/* Reads in a row that may give no content before the caller gets its turn again. */
#define READS_AT_ONCE 16

struct layer {
    struct vw_transport base;
    struct vw_transport *lower;
    struct vw_layer_codec codec;
    const uint8_t *plain; /* decoded, not taken yet */
    size_t plain_len;
    const uint8_t *packet; /* encoded, not written yet */
    size_t packet_len;
    size_t packet_of; /* bytes that it was made of; 0: none is under way */
    int damaged;      /* negative errno of the codec, or 0 */
    uint8_t *early;   /* what was read before the layer began, or NULL */
    size_t early_at, early_len;
    uint8_t in[INPUT_SIZE];
};

static struct layer *layer_of(struct vw_transport *t)
{
    return (struct layer *)t;
}

static int decode(struct layer *l, const uint8_t *bytes, size_t len)
{
    l->plain_len = 0;
    int rc = l->codec.decode(l->codec.user, bytes, len, &l->plain, &l->plain_len);
    if (rc)
        l->damaged = rc;
    return rc;
}

static size_t take_early(struct layer *l)
{
    size_t n = l->early_len - l->early_at;
    if (n > sizeof(l->in))
        n = sizeof(l->in);
    memcpy(l->in, l->early + l->early_at, n);
    l->early_at += n;
    if (l->early_at == l->early_len) {
        free(l->early);
        l->early = NULL;
    }
    return n;
}

/* Reads and decodes once. > 0: bytes of the lower transport were used up; else as recv. */
static ssize_t refill(struct layer *l)
{
    ssize_t n = l->early ? (ssize_t)take_early(l)
                         : l->lower->ops->recv(l->lower, l->in, sizeof(l->in), NULL);
    if (n <= 0)
        return n;
    int rc = decode(l, l->in, (size_t)n);
    return rc ? rc : n;
}

static ssize_t layer_recv(struct vw_transport *base, void *buf, size_t len, struct vw_fds *fds)
{
    struct layer *l = layer_of(base);
    if (fds)
        fds->count = 0;
    if (l->damaged)
        return l->damaged;
    for (int i = 0; l->plain_len == 0; i++) {
        ssize_t n = i < READS_AT_ONCE ? refill(l) : -EAGAIN;
        if (n <= 0)
            return n;
    }
    if (len > l->plain_len)
        len = l->plain_len;
    memcpy(buf, l->plain, len);
    l->plain += len;
    l->plain_len -= len;
    return (ssize_t)len;
}

static bool layer_pending(const struct vw_transport *base)
{
    const struct layer *l = (const struct layer *)base;
    const struct vw_transport *lower = l->lower;
    return l->plain_len || l->early || (lower->ops->pending && lower->ops->pending(lower));
}

static ssize_t layer_send(struct vw_transport *base, const void *buf, size_t len,
                          const struct vw_fds *fds)
{
    struct layer *l = layer_of(base);
    if (fds && fds->count)
        return -EOPNOTSUPP;
    if (l->packet_of == 0 && len) {
        len = len < l->codec.max_plain ? len : l->codec.max_plain;
        int rc = l->codec.encode(l->codec.user, buf, len, &l->packet, &l->packet_len);
        if (rc)
            return rc;
        l->packet_of = len;
    }
    while (l->packet_len) {
        ssize_t n = l->lower->ops->send(l->lower, l->packet, l->packet_len, NULL);
        if (n <= 0)
            return n;
        l->packet += n;
        l->packet_len -= (size_t)n;
    }
    ssize_t sent = (ssize_t)l->packet_of;
    l->packet_of = 0;
    return sent;
}

static int layer_fd(const struct vw_transport *base)
{
    const struct vw_transport *lower = ((const struct layer *)base)->lower;
    return lower->ops->fd(lower);
}

static int layer_shutdown(struct vw_transport *base)
{
    struct vw_transport *lower = layer_of(base)->lower;
    return lower->ops->shutdown ? lower->ops->shutdown(lower) : -EOPNOTSUPP;
}

static int layer_explain(struct vw_transport *base, struct vw_error *err)
{
    struct layer *l = layer_of(base);
    if (l->damaged == -ENOMEM)
        return vw_error_nomem(err);
    if (l->damaged)
        return vw_error_clause(err, VW_EPROTOCOL, "A-11",
                               "a packet of the %s security layer is damaged", l->codec.name);
    return l->lower->ops->explain ? l->lower->ops->explain(l->lower, err) : 0;
}

static void layer_close(struct vw_transport *base)
{
    struct layer *l = layer_of(base);
    l->codec.destroy(l->codec.user);
    l->lower->ops->close(l->lower);
    free(l->early);
    free(l);
}

static const struct vw_transport_ops layer_ops = {
    .name = "layer",
    .caps = VW_CAP_SECURE,
    .recv = layer_recv,
    .send = layer_send,
    .pending = layer_pending,
    .fd = layer_fd,
    .shutdown = layer_shutdown,
    .explain = layer_explain,
    .close = layer_close,
};

int vw_layer_create(struct vw_transport *lower, const struct vw_layer_codec *codec,
                    const void *early, size_t len, struct vw_transport **out, struct vw_error *err)
{
    struct layer *l = malloc(sizeof(*l));
    uint8_t *copy = len ? malloc(len) : NULL;
    *out = NULL;
    if (!l || (len && !copy)) {
        free(copy);
        free(l);
        codec->destroy(codec->user);
        lower->ops->close(lower);
        return vw_error_nomem(err);
    }
    memset(l, 0, offsetof(struct layer, in));
    l->base.ops = &layer_ops;
    l->lower = lower;
    l->codec = *codec;
    if (copy)
        memcpy(copy, early, len);
    l->early = copy;
    l->early_len = len;
    *out = &l->base;
    return 0;
}
