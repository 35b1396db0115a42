// SPDX-License-Identifier: MIT
// See memory.h.
#include "client/testing/memory.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of no open file. */
#define MEMORY_FD 0x3fffffff

int64_t __wrap_vw_now_ms(void);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);

static int64_t now = VW_MEMORY_START_MS;
static struct vw_memory *connection;

int64_t vw_memory_now(void)
{
    return now;
}

void vw_memory_pass(int64_t ms)
{
    now += ms;
}

int64_t __wrap_vw_now_ms(void)
{
    return now;
}

/* ---- the transport ---- */

static struct vw_memory *memory_of(struct vw_transport *t)
{
    return (struct vw_memory *)t;
}

size_t vw_memory_left(const struct vw_memory *m)
{
    return m->to_client.len - m->at;
}

static ssize_t memory_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    struct vw_memory *m = memory_of(t);
    size_t n = vw_memory_left(m);
    if (n == 0)
        return m->recv_error ? m->recv_error : m->closed ? 0 : -EAGAIN;
    m->spins = 0;
    n = n < len ? n : len;
    n = m->chunk && m->chunk < n ? m->chunk : n;
    memcpy(buf, m->to_client.data + m->at, n);
    m->at += n;
    if (m->at == m->to_client.len)
        m->at = m->to_client.len = 0;
    if (fds) {
        *fds = m->fds;
        m->fds.count = 0;
    }
    return (ssize_t)n;
}

static ssize_t memory_send(struct vw_transport *t, const void *buf, size_t len,
                           const struct vw_fds *fds)
{
    struct vw_memory *m = memory_of(t);
    if (m->send_error)
        return m->send_error;
    size_t n = len < m->send_room ? len : m->send_room;
    if (n == 0)
        return -EAGAIN;
    m->spins = 0;
    m->send_room -= m->send_room == SIZE_MAX ? 0 : n;
    m->taken += n;
    if (m->sent)
        m->sent(m->user, m, buf, n);
    return (ssize_t)n;
}

static int memory_fd(const struct vw_transport *t)
{
    return MEMORY_FD;
}

static void memory_close(struct vw_transport *t)
{
    memory_of(t)->open = false;
}

static const struct vw_transport_ops plain_ops = {
    .name = "memory",
    .recv = memory_recv,
    .send = memory_send,
    .fd = memory_fd,
    .close = memory_close,
};

static const struct vw_transport_ops fds_ops = {
    .name = "memory",
    .caps = VW_CAP_FDS,
    .recv = memory_recv,
    .send = memory_send,
    .fd = memory_fd,
    .close = memory_close,
};

/* ---- waiting ---- */

static short ready(const struct vw_memory *m, short events)
{
    short got = 0;
    if (vw_memory_left(m) || m->closed || m->recv_error)
        got |= POLLIN;
    if (m->send_room || m->send_error)
        got |= POLLOUT;
    return got & events;
}

/* A client that asks again and again without reading, writing or waiting would never end. */
static void count_spin(struct vw_memory *m)
{
    if (++m->spins < VW_MEMORY_SPINS)
        return;
    fputs("memory: the client polls without end and does nothing\n", stderr);
    abort();
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    struct vw_memory *m = connection;
    if (n != 1 || !m || !m->open || fds[0].fd != MEMORY_FD)
        return __real_poll(fds, n, timeout);
    count_spin(m);
    for (;;) {
        fds[0].revents = ready(m, fds[0].events);
        if (fds[0].revents)
            return 1;
        if (timeout == 0)
            return 0;
        if (m->turn && m->turn(m->user, m))
            continue;
        if (timeout < 0) {
            fputs("memory: the client waits for ever\n", stderr);
            abort();
        }
        now += timeout;
        m->spins = 0;
        return 0;
    }
}

/* ---- for the peer ---- */

void vw_memory_init(struct vw_memory *m, unsigned caps)
{
    *m = (struct vw_memory){.transport.ops = caps & VW_CAP_FDS ? &fds_ops : &plain_ops,
                            .send_room = SIZE_MAX,
                            .open = true};
    connection = m;
    now = VW_MEMORY_START_MS;
}

void vw_memory_finish(struct vw_memory *m)
{
    for (uint32_t i = 0; i < m->fds.count; i++)
        close(m->fds.fd[i]);
    m->fds.count = 0;
    vw_buf_finish(&m->to_client);
    connection = NULL;
}

bool vw_memory_put(struct vw_memory *m, const void *bytes, size_t len)
{
    if (vw_buf_append(&m->to_client, bytes, len))
        return false;
    m->received += len;
    return true;
}
