// SPDX-License-Identifier: MIT
// What probes share: raw connections, and blocking reads and writes with a deadline.
#include "conformance/play/probe.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

struct vw_transport *vw_probe_open(struct vw_run *run, const struct vw_transport_options *options,
                                   const struct vw_uri *uri, struct vw_error *err)
{
    struct vw_transport *t = NULL;
    const struct vw_connector *how = &run->settings->connector;
    uri = uri ? uri : run->settings->uri;
    int rc = how->connect ? vw_connect(how, uri, run->deadline_ms, &t, err)
                          : vw_transport_open_with(uri, options, run->deadline_ms, &t, err);
    return rc == 0 ? t : NULL;
}

struct vw_uri vw_probe_plain(const struct vw_run *run)
{
    struct vw_uri uri = *run->settings->uri;
    uri.transport = VW_TRANSPORT_TCP;
    return uri;
}

void vw_probe_call(const struct vw_run *run, const char *name, uint32_t serial, uint8_t *bytes)
{
    const struct vw_schema *s = run->settings->profile->schema;
    const struct vw_program *remote = vw_schema_program_named(s, "remote");
    const struct vw_proc *proc = vw_schema_proc(s, name);
    const struct vw_header h = {.program = remote ? remote->number : 0,
                                .version = remote ? remote->version : 0,
                                .procedure = proc ? proc->number : 3, /* get_type */
                                .type = VW_MSG_CALL,
                                .serial = serial};
    memcpy(bytes, (const uint8_t[]){0, 0, 0, VW_PREFIX_BYTES}, VW_LENGTH_BYTES);
    vw_header_encode(&h, bytes + VW_LENGTH_BYTES);
}

static int wait_until(struct vw_transport *t, short events, int64_t deadline_ms)
{
    struct pollfd p = {.fd = t->ops->fd(t), .events = events};
    int64_t left = deadline_ms - vw_now_ms();
    if (left <= 0)
        return -ETIMEDOUT;
    int rc = poll(&p, 1, left > 60000 ? 60000 : (int)left);
    return rc < 0 && errno != EINTR ? -errno : 0;
}

int vw_probe_write(struct vw_run *run, struct vw_transport *t, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        if (vw_now_ms() >= run->deadline_ms)
            return -ETIMEDOUT;
        ssize_t n = t->ops->send(t, at, len, NULL);
        if (n == -EAGAIN)
            n = wait_until(t, POLLOUT, run->deadline_ms);
        if (n < 0)
            return (int)n;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

ssize_t vw_probe_read(struct vw_transport *t, void *buf, size_t len, int64_t deadline_ms)
{
    while (vw_now_ms() < deadline_ms) {
        ssize_t n = t->ops->recv(t, buf, len, NULL);
        if (n != -EAGAIN)
            return n;
        bool pending = t->ops->pending && t->ops->pending(t);
        int rc = pending ? 0 : wait_until(t, POLLIN, deadline_ms);
        if (rc < 0)
            return rc;
    }
    return -ETIMEDOUT;
}

static size_t message_length(const uint8_t *buf)
{
    return (size_t)buf[0] << 24 | (size_t)buf[1] << 16 | (size_t)buf[2] << 8 | buf[3];
}

ssize_t vw_probe_message(struct vw_run *run, struct vw_transport *t, uint8_t *buf, size_t got,
                         size_t size)
{
    for (;;) {
        bool known = got >= VW_LENGTH_BYTES;
        size_t want = known ? message_length(buf) : VW_LENGTH_BYTES;
        if (known && (want > size || want < VW_PREFIX_BYTES))
            return 0;
        if (known && got >= want)
            return (ssize_t)want;
        ssize_t n = vw_probe_read(t, buf + got, want - got, run->deadline_ms);
        if (n <= 0)
            return n == -ETIMEDOUT ? n : 0;
        got += (size_t)n;
    }
}
