// SPDX-License-Identifier: MIT
// Writes in pieces and with pauses; reading is as below.
#include "mock-daemon/faults/pace.h"

#include <errno.h>
#include <stdlib.h>

/* Of a connection: megabytes in small pieces with pauses would take minutes, and show no more. */
#define PIECES_MAX 1000u

struct pace {
    struct vw_transport base;
    struct vw_transport_ops ops;
    struct vw_transport *lower;
    const struct vw_clock *clock;
    size_t chunk;
    int delay_ms;
    unsigned pieces; /* that were cut off, up to PIECES_MAX */
    int64_t due_ms;  /* of the write that waits for its time; INT64_MAX: none does */
};

static struct vw_transport *below(const struct vw_transport *t)
{
    return ((const struct pace *)t)->lower;
}

static ssize_t pace_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    return below(t)->ops->recv(below(t), buf, len, fds);
}

static ssize_t pace_send(struct vw_transport *t, const void *buf, size_t len,
                         const struct vw_fds *fds)
{
    struct pace *p = (struct pace *)t;
    const bool enough = p->chunk > 0 && p->delay_ms > 0 && p->pieces == PIECES_MAX;
    if (p->delay_ms > 0 && p->due_ms == INT64_MAX)
        p->due_ms = vw_clock_ms(p->clock) + (enough ? 0 : p->delay_ms);
    if (p->delay_ms > 0 && vw_clock_ms(p->clock) < p->due_ms)
        return -EAGAIN;
    if (p->chunk > 0 && len > p->chunk && !enough) {
        len = p->chunk;
        p->pieces += p->pieces < PIECES_MAX;
    }
    ssize_t n = below(t)->ops->send(below(t), buf, len, fds);
    if (n > 0)
        p->due_ms = INT64_MAX;
    return n;
}

static bool pace_pending(const struct vw_transport *t)
{
    return below(t)->ops->pending && below(t)->ops->pending(below(t));
}

static bool pace_starting(const struct vw_transport *t)
{
    return below(t)->ops->starting && below(t)->ops->starting(below(t));
}

static int pace_fd(const struct vw_transport *t)
{
    return below(t)->ops->fd(below(t));
}

static void pace_close(struct vw_transport *t)
{
    below(t)->ops->close(below(t));
    free(t);
}

int vw_pace_wrap(struct vw_transport **t, const struct vw_clock *clock, struct vw_error *err)
{
    struct pace *p = calloc(1, sizeof(*p));
    if (!p)
        return vw_error_nomem(err);
    p->lower = *t;
    p->clock = clock;
    p->due_ms = INT64_MAX;
    p->ops = (struct vw_transport_ops){
        .name = p->lower->ops->name,
        .caps = p->lower->ops->caps,
        .recv = pace_recv,
        .send = pace_send,
        .pending = pace_pending,
        .fd = pace_fd,
        .starting = pace_starting,
        .close = pace_close,
    };
    p->base.ops = &p->ops;
    *t = &p->base;
    return 0;
}

void vw_pace_set(struct vw_transport *t, size_t chunk, int delay_ms)
{
    struct pace *p = (struct pace *)t;
    p->chunk = chunk;
    p->delay_ms = delay_ms;
}

void vw_pace_mix_records(struct vw_transport *t)
{
    ((struct pace *)t)->ops.caps &= ~(unsigned)VW_CAP_RECORDS;
}

int64_t vw_pace_wake_ms(const struct vw_transport *t)
{
    const struct pace *p = (const struct pace *)t;
    return p->due_ms > vw_clock_ms(p->clock) ? p->due_ms : INT64_MAX;
}
