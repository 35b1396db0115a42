// SPDX-License-Identifier: MIT
// See memory.h.
#include "client/testing/memory.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Those of no open file: from this one on. */
#define FIRST_FD 0x3fff0000
#define REAL_MS  20 /* of a wait in which real descriptors take part */
#define POLL_MAX 1024

int64_t __wrap_vw_now_ms(void);
int64_t __wrap_vw_now_us(void);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap___poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __real_ioctl(int fd, unsigned long request, ...);

static int64_t now = VW_MEMORY_START_MS;
static struct vw_memory *connections[VW_MEMORY_OPEN];
static unsigned spins;

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

int64_t __wrap_vw_now_us(void)
{
    return now * 1000;
}

/* ---- the transport ---- */

static struct vw_memory *memory_of(const struct vw_transport *t)
{
    return (struct vw_memory *)t;
}

size_t vw_memory_left(const struct vw_memory *m)
{
    return m->to_client.len - m->at;
}

/* A read takes no more than one record. */
static size_t record_left(const struct vw_memory *m)
{
    return m->n_records ? m->record_ends[0] - (m->received - vw_memory_left(m)) : SIZE_MAX;
}

static void note_record(struct vw_memory *m, bool ended)
{
    m->began = !m->in_record;
    m->in_record = !ended;
    if (!ended)
        return;
    m->n_records--;
    memmove(m->record_ends, m->record_ends + 1, m->n_records * sizeof(*m->record_ends));
}

static ssize_t memory_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    struct vw_memory *m = memory_of(t);
    size_t n = vw_memory_left(m), record = record_left(m);
    if (n == 0)
        return m->recv_error ? m->recv_error : m->closed ? 0 : -EAGAIN;
    spins = 0;
    n = n < len ? n : len;
    n = m->chunk && m->chunk < n ? m->chunk : n;
    n = n < record ? n : record;
    memcpy(buf, m->to_client.data + m->at, n);
    m->at += n;
    if (m->n_records)
        note_record(m, n == record);
    if (m->at == m->to_client.len)
        m->at = m->to_client.len = 0;
    if (fds) {
        *fds = m->fds;
        m->fds.count = 0;
    }
    return (ssize_t)n;
}

static void flip(uint8_t *bytes, size_t len, uint8_t by)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] ^= by;
}

static ssize_t sent_flipped(struct vw_memory *m, const void *buf, size_t len)
{
    uint8_t *plain = malloc(len ? len : 1);
    if (!plain)
        return -ENOMEM;
    memcpy(plain, buf, len);
    flip(plain, len, m->flip);
    m->sent(m->user, m, plain, len);
    free(plain);
    return (ssize_t)len;
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
    spins = 0;
    m->send_room -= m->send_room == SIZE_MAX ? 0 : n;
    m->taken += n;
    if (m->sent && m->flip)
        return sent_flipped(m, buf, n);
    if (m->sent)
        m->sent(m->user, m, buf, n);
    return (ssize_t)n;
}

static int memory_fd(const struct vw_transport *t)
{
    return memory_of(t)->fd;
}

static int memory_shutdown(struct vw_transport *t)
{
    memory_of(t)->shut = true;
    return 0;
}

static bool memory_record_start(const struct vw_transport *t)
{
    return memory_of(t)->began;
}

static void memory_close(struct vw_transport *t)
{
    struct vw_memory *m = memory_of(t);
    m->open = false;
    if (m->closed_by_client)
        m->closed_by_client(m->user, m);
}

static const struct vw_transport_ops plain_ops = {
    .name = "memory",
    .recv = memory_recv,
    .send = memory_send,
    .fd = memory_fd,
    .shutdown = memory_shutdown,
    .close = memory_close,
};

static const struct vw_transport_ops fds_ops = {
    .name = "memory",
    .caps = VW_CAP_FDS,
    .recv = memory_recv,
    .send = memory_send,
    .fd = memory_fd,
    .shutdown = memory_shutdown,
    .close = memory_close,
};

static const struct vw_transport_ops secure_ops = {
    .name = "memory",
    .caps = VW_CAP_SECURE,
    .recv = memory_recv,
    .send = memory_send,
    .fd = memory_fd,
    .shutdown = memory_shutdown,
    .close = memory_close,
};

static const struct vw_transport_ops record_ops = {
    .name = "memory",
    .caps = VW_CAP_RECORDS,
    .recv = memory_recv,
    .send = memory_send,
    .fd = memory_fd,
    .shutdown = memory_shutdown,
    .record_start = memory_record_start,
    .close = memory_close,
};

/* ---- waiting ---- */

static struct vw_memory *find(int fd)
{
    for (unsigned i = 0; i < VW_MEMORY_OPEN; i++)
        if (connections[i] && connections[i]->open && connections[i]->fd == fd)
            return connections[i];
    return NULL;
}

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
static void count_spin(void)
{
    if (++spins < VW_MEMORY_SPINS)
        return;
    fputs("memory: the client polls without end and does nothing\n", stderr);
    abort();
}

static void pass(int64_t ms)
{
    now += ms;
    spins = 0;
}

static int look(struct pollfd *fds, nfds_t n)
{
    int count = 0;
    for (nfds_t i = 0; i < n; i++) {
        const struct vw_memory *m = find(fds[i].fd);
        if (m)
            fds[i].revents = ready(m, fds[i].events);
        count += m && fds[i].revents;
    }
    return count;
}

static bool give_turns(const struct pollfd *fds, nfds_t n)
{
    bool did = false;
    for (nfds_t i = 0; i < n; i++) {
        struct vw_memory *m = find(fds[i].fd);
        did |= m && m->turn && m->turn(m->user, m);
    }
    return did;
}

/* Descriptors of real files among FDS: looks at those alone, for up to MS. */
static int look_at_real(struct pollfd *fds, nfds_t n, int ms)
{
    struct pollfd real[POLL_MAX];
    assert(n <= POLL_MAX);
    for (nfds_t i = 0; i < n; i++) {
        real[i] = fds[i];
        if (find(fds[i].fd))
            real[i].fd = -1;
    }
    int rc = __real_poll(real, n, ms);
    for (nfds_t i = 0; i < n; i++)
        if (real[i].fd >= 0)
            fds[i].revents = real[i].revents;
    return rc;
}

static nfds_t count_real(const struct pollfd *fds, nfds_t n)
{
    nfds_t real = 0;
    for (nfds_t i = 0; i < n; i++)
        real += fds[i].fd >= 0 && !find(fds[i].fd);
    return real;
}

/* What is real needs real time, which then passes for all. */
static int wait_mixed(struct pollfd *fds, nfds_t n, int timeout)
{
    int most = timeout < 0 || timeout > REAL_MS ? REAL_MS : timeout;
    for (;;) {
        int count = look(fds, n);
        int real = look_at_real(fds, n, count ? 0 : most);
        if (real < 0 || count + real > 0)
            return real < 0 ? real : count + real;
        if (give_turns(fds, n))
            continue;
        pass(most);
        return 0;
    }
}

/* Who waits for the peer to look at what is written asks again and again, which takes time. */
static void pass_unread(const struct pollfd *fds, nfds_t n)
{
    for (nfds_t i = 0; i < n; i++) {
        const struct vw_memory *m = find(fds[i].fd);
        if (m && m->unread) {
            pass(1);
            return;
        }
    }
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    nfds_t real = count_real(fds, n);
    if (real == n && n > 0)
        return __real_poll(fds, n, timeout);
    count_spin();
    pass_unread(fds, n);
    if (real > 0)
        return wait_mixed(fds, n, timeout);
    for (;;) {
        int count = look(fds, n);
        if (count || timeout == 0)
            return count;
        if (give_turns(fds, n))
            continue;
        if (timeout < 0) {
            fputs("memory: the client waits for ever\n", stderr);
            abort();
        }
        pass(timeout);
        return 0;
    }
}

/* What the C library makes of poll where it knows the size of the array. */
int __wrap___poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
    assert(n <= size / sizeof(*fds));
    return __wrap_poll(fds, n, timeout);
}

/* Of a connection in memory only what SIOCOUTQ asks is known. */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    va_start(ap, request);
    void *arg = va_arg(ap, void *);
    va_end(ap);
    const struct vw_memory *m = find(fd);
    if (!m)
        return __real_ioctl(fd, request, arg);
    if (request != SIOCOUTQ) {
        errno = ENOTTY;
        return -1;
    }
    *(int *)arg = (int)m->unread;
    return 0;
}

/* ---- for the peer ---- */

void vw_memory_start(void)
{
    memset(connections, 0, sizeof(connections));
    now = VW_MEMORY_START_MS;
    spins = 0;
}

void vw_memory_join(struct vw_memory *m, unsigned caps)
{
    unsigned i = 0;
    while (i < VW_MEMORY_OPEN && connections[i])
        i++;
    assert(i < VW_MEMORY_OPEN);
    *m = (struct vw_memory){.transport.ops = caps & VW_CAP_RECORDS  ? &record_ops
                                             : caps & VW_CAP_FDS    ? &fds_ops
                                             : caps & VW_CAP_SECURE ? &secure_ops
                                                                    : &plain_ops,
                            .send_room = SIZE_MAX,
                            .fd = FIRST_FD + (int)i,
                            .open = true};
    connections[i] = m;
    spins = 0;
}

void vw_memory_init(struct vw_memory *m, unsigned caps)
{
    vw_memory_start();
    vw_memory_join(m, caps);
}

void vw_memory_finish(struct vw_memory *m)
{
    for (uint32_t i = 0; i < m->fds.count; i++)
        close(m->fds.fd[i]);
    m->fds.count = 0;
    vw_buf_finish(&m->to_client);
    for (unsigned i = 0; i < VW_MEMORY_OPEN; i++)
        if (connections[i] == m)
            connections[i] = NULL;
}

bool vw_memory_put(struct vw_memory *m, const void *bytes, size_t len)
{
    bool records = m->transport.ops == &record_ops;
    if (records && m->n_records == VW_MEMORY_RECORDS)
        return false;
    if (vw_buf_append(&m->to_client, bytes, len))
        return false;
    if (len)
        flip(m->to_client.data + m->to_client.len - len, len, m->flip);
    m->received += len;
    if (records)
        m->record_ends[m->n_records++] = m->received;
    return true;
}
