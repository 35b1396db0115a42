// SPDX-License-Identifier: MIT
// Passes on to the transport below, and what that took or gave to the recorder.
#include "capture/record-transport.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct recorded {
    struct vw_transport base;
    struct vw_transport_ops ops; /* of the one below, but for those that are here */
    struct vw_transport *lower;
    enum vw_side side;
    struct vw_recorder *recorder;
    struct vw_recording *recording;
};

static struct recorded *recorded_of(const struct vw_transport *t)
{
    return (struct recorded *)(uintptr_t)t;
}

/* The peer's N bytes, its end or failure are at BUF; FDS: what came with them. */
static ssize_t note_input(struct recorded *r, const void *buf, ssize_t n, const struct vw_fds *fds)
{
    if (n > 0)
        vw_recording_bytes(r->recording, !r->side, buf, (size_t)n, fds->count);
    else if (n == 0 || (n != -EAGAIN && n != -EINTR))
        vw_recording_end(r->recording, !r->side, n < 0);
    if (n >= 0)
        vw_recorder_flush(r->recorder, NULL);
    return n;
}

static void close_fds(const struct vw_fds *fds)
{
    for (uint32_t i = 0; i < fds->count; i++)
        close(fds->fd[i]);
}

static ssize_t recorded_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    struct recorded *r = recorded_of(t);
    struct vw_fds came = {.count = 0};
    ssize_t n = r->lower->ops->recv(r->lower, buf, len, fds ? fds : &came);
    close_fds(&came);
    return note_input(r, buf, n, fds ? fds : &came);
}

static ssize_t recorded_recv_wait(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds,
                                  int ms)
{
    struct recorded *r = recorded_of(t);
    struct vw_fds came = {.count = 0};
    ssize_t n = r->lower->ops->recv_wait(r->lower, buf, len, fds ? fds : &came, ms);
    close_fds(&came);
    return note_input(r, buf, n, fds ? fds : &came);
}

static ssize_t recorded_send(struct vw_transport *t, const void *buf, size_t len,
                             const struct vw_fds *fds)
{
    struct recorded *r = recorded_of(t);
    ssize_t n = r->lower->ops->send(r->lower, buf, len, fds);
    if (n > 0) {
        vw_recording_bytes(r->recording, r->side, buf, (size_t)n, fds ? fds->count : 0);
        vw_recorder_flush(r->recorder, NULL);
    }
    return n;
}

static bool recorded_pending(const struct vw_transport *t)
{
    const struct vw_transport *lower = recorded_of(t)->lower;
    return lower->ops->pending(lower);
}

static int recorded_fd(const struct vw_transport *t)
{
    const struct vw_transport *lower = recorded_of(t)->lower;
    return lower->ops->fd(lower);
}

static int recorded_shutdown(struct vw_transport *t)
{
    struct recorded *r = recorded_of(t);
    int rc = r->lower->ops->shutdown(r->lower);
    vw_recording_end(r->recording, r->side, false);
    return rc;
}

static bool recorded_record_start(const struct vw_transport *t)
{
    const struct vw_transport *lower = recorded_of(t)->lower;
    return lower->ops->record_start(lower);
}

static int recorded_explain(struct vw_transport *t, struct vw_error *err)
{
    struct vw_transport *lower = recorded_of(t)->lower;
    return lower->ops->explain(lower, err);
}

static bool recorded_starting(const struct vw_transport *t)
{
    const struct vw_transport *lower = recorded_of(t)->lower;
    return lower->ops->starting(lower);
}

static unsigned recorded_strength(const struct vw_transport *t)
{
    const struct vw_transport *lower = recorded_of(t)->lower;
    return lower->ops->strength(lower);
}

static void recorded_close(struct vw_transport *t)
{
    struct recorded *r = recorded_of(t);
    r->lower->ops->close(r->lower);
    vw_recording_end(r->recording, r->side, false);
    vw_recording_destroy(r->recording);
    vw_recorder_flush(r->recorder, NULL);
    free(r);
}

/* What the one below cannot, this one cannot either. */
static void set_ops(struct vw_transport_ops *o, const struct vw_transport_ops *lower)
{
    *o = (struct vw_transport_ops){
        .name = lower->name,
        .caps = lower->caps,
        .recv = recorded_recv,
        .recv_wait = lower->recv_wait ? recorded_recv_wait : NULL,
        .send = recorded_send,
        .pending = lower->pending ? recorded_pending : NULL,
        .fd = recorded_fd,
        .shutdown = lower->shutdown ? recorded_shutdown : NULL,
        .record_start = lower->record_start ? recorded_record_start : NULL,
        .explain = lower->explain ? recorded_explain : NULL,
        .starting = lower->starting ? recorded_starting : NULL,
        .strength = lower->strength ? recorded_strength : NULL,
        .close = recorded_close,
    };
}

int vw_record_wrap(struct vw_recorder *recorder, enum vw_side side, const char *name,
                   struct vw_transport *lower, struct vw_transport **out, struct vw_error *err)
{
    struct recorded *r = calloc(1, sizeof(*r));
    *out = NULL;
    if (!r) {
        lower->ops->close(lower);
        return vw_error_nomem(err);
    }
    set_ops(&r->ops, lower->ops);
    r->base.ops = &r->ops;
    r->lower = lower;
    r->side = side;
    r->recorder = recorder;
    r->recording = vw_recording_begin(recorder, name, (lower->ops->caps & VW_CAP_FDS) != 0);
    *out = &r->base;
    return 0;
}
