// SPDX-License-Identifier: MIT
// libvirtd waits for the network and does not know what still lies in GnuTLS. Here the bytes behind
// a message lie in a buffer until the next record is in.
#include "mock-daemon/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "message/message.h"

#define RECORD_MAX 16384
/* Of all lengths of a part this one was seen to do no harm (T-13). */
#define HARMLESS_PART 8

struct records {
    struct vw_transport base;
    struct vw_transport_ops ops;
    struct vw_transport *lower;
    bool part_ends;
    bool over;              /* the end comes behind what may be given */
    uint8_t word[4];        /* of the message that bytes are of */
    unsigned word_len;      /* bytes of it that were seen */
    uint64_t left;          /* bytes of the message behind it */
    size_t given, may, len; /* of BUF: given, may be given, are there */
    uint8_t buf[2 * RECORD_MAX];
};

static struct vw_transport *below(const struct vw_transport *t)
{
    return ((const struct records *)t)->lower;
}

/* One byte further; true: a message has ended with it. */
static bool step(struct records *r, uint8_t byte)
{
    if (r->word_len < sizeof(r->word)) {
        r->word[r->word_len++] = byte;
        uint32_t length = r->word_len == sizeof(r->word) ? vw_load32(r->word) : 0;
        r->left = length > sizeof(r->word) ? length - sizeof(r->word) : 0;
        return false;
    }
    r->left -= r->left > 0;
    if (r->left > 0)
        return false;
    r->word_len = 0;
    return true;
}

/* N bytes of a record have come: those before are due, and its own up to the end of its first
 * message. */
static void take_record(struct records *r, size_t n)
{
    size_t end = 0, last = 0;
    for (size_t i = 0; i < n; i++) {
        if (!step(r, r->buf[r->len + i]))
            continue;
        last = i + 1;
        end = end ? end : last;
    }
    size_t part = end ? n - last : 0;
    r->over |= r->part_ends && part && last == end && part != HARMLESS_PART;
    r->may = r->len + (end ? end : n);
    r->len += n;
}

static ssize_t records_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    struct records *r = (struct records *)t;
    if (r->given == r->may && r->over)
        return 0;
    if (r->given == r->may) {
        memmove(r->buf, r->buf + r->given, r->len - r->given);
        r->len -= r->given;
        r->given = r->may = 0;
        ssize_t n = r->lower->ops->recv(r->lower, r->buf + r->len, sizeof(r->buf) - r->len, fds);
        if (n <= 0)
            return n;
        take_record(r, (size_t)n);
    }
    size_t n = r->may - r->given < len ? r->may - r->given : len;
    memcpy(buf, r->buf + r->given, n);
    r->given += n;
    return (ssize_t)n;
}

static ssize_t records_send(struct vw_transport *t, const void *buf, size_t len,
                            const struct vw_fds *fds)
{
    return below(t)->ops->send(below(t), buf, len, fds);
}

static bool records_pending(const struct vw_transport *t)
{
    const struct records *r = (const struct records *)t;
    return r->given < r->may || r->over ||
           (r->lower->ops->pending && r->lower->ops->pending(r->lower));
}

static int records_fd(const struct vw_transport *t)
{
    return below(t)->ops->fd(below(t));
}

static bool records_starting(const struct vw_transport *t)
{
    return below(t)->ops->starting && below(t)->ops->starting(below(t));
}

static void records_close(struct vw_transport *t)
{
    below(t)->ops->close(below(t));
    free(t);
}

int vw_records_wrap(struct vw_transport **t, bool part_ends, struct vw_error *err)
{
    struct records *r = calloc(1, sizeof(*r));
    if (!r)
        return vw_error_nomem(err);
    r->lower = *t;
    r->part_ends = part_ends;
    r->ops = (struct vw_transport_ops){
        .name = r->lower->ops->name,
        .caps = r->lower->ops->caps,
        .recv = records_recv,
        .send = records_send,
        .pending = records_pending,
        .fd = records_fd,
        .starting = records_starting,
        .close = records_close,
    };
    r->base.ops = &r->ops;
    *t = &r->base;
    return 0;
}
