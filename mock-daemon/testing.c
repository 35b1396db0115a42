// SPDX-License-Identifier: MIT
// The daemon of a test, driven from the same thread as the test itself.
#include "mock-daemon/testing.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock-daemon/faults/tamper.h"

void peer_start(struct peer *p, const char *profile, struct vw_fault *faults)
{
    const struct vw_daemon_options o = {.profile = profile, .config = &p->config, .faults = faults};
    struct vw_error err = VW_ERROR_INIT;
    *p = (struct peer){.fd = -1};
    p->listener = (struct vw_listener){.fd = -1, .unix_socket = true, .auth = -1};
    p->loop = ev_loop_new(EVFLAG_AUTO);
    assert_non_null(p->loop);
    assert_int_equal(vw_config_init(&p->config, &err), 0);
    if (vw_daemon_init(&p->daemon, p->loop, &o, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(peer_connect(p), 0);
}

void peer_set_domains(struct peer *p, const struct vw_domain *domains, size_t n)
{
    const struct vw_config config = {
        .hostname = "host", .domains = (struct vw_domain *)(uintptr_t)domains, .n_domains = n};
    vw_model_finish(&p->daemon.model);
    assert_int_equal(vw_model_init(&p->daemon.model, &config, NULL), 0);
}

int peer_connect(struct peer *p)
{
    return peer_connect_as(p, SOCK_STREAM);
}

int peer_connect_as(struct peer *p, int type)
{
    int fds[2];
    int rc;
    assert_int_equal(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    rc = vw_daemon_serve(&p->daemon, &p->listener, fds[1], NULL);
    if (rc < 0)
        close(fds[0]);
    else
        p->fd = fds[0];
    return rc;
}

static void work(struct peer *p)
{
    for (int i = 0; i < 4; i++)
        ev_run(p->loop, EVRUN_NOWAIT);
}

void peer_reconnect(struct peer *p, struct vw_fault *faults)
{
    if (p->fd >= 0)
        close(p->fd);
    work(p);
    p->daemon.faults = faults;
    assert_int_equal(peer_connect(p), 0);
}

/* A connection that still writes keeps using its faults, so they go after all connections. */
void peer_each_fault(struct peer *p, void (*try)(struct peer *p))
{
    static struct vw_fault *stacks[512];
    size_t n = 0;
    for (const struct vw_fault_group *g = vw_fault_groups; g->name; g++) {
        for (const struct vw_fault_kind *k = g->kinds; k->name; k++) {
            /* This one ends the process, which here is the test. */
            if (strcmp(k->name, "exit-on-unknown-procedure") == 0)
                continue;
            assert_true(n < sizeof(stacks) / sizeof(stacks[0]));
            assert_int_equal(vw_faults_parse(&k->name, 1, &vw_tamper_end, &stacks[n], NULL), 0);
            peer_reconnect(p, stacks[n++]);
            try(p);
        }
    }
    while (!TAILQ_EMPTY(&p->daemon.conns))
        vw_conn_destroy(TAILQ_FIRST(&p->daemon.conns));
    while (n > 0)
        vw_faults_destroy(stacks[--n]);
}

void peer_stop(struct peer *p)
{
    if (p->fd >= 0)
        close(p->fd);
    vw_daemon_finish(&p->daemon);
    vw_config_finish(&p->config);
    ev_loop_destroy(p->loop);
}

void peer_send(struct peer *p, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        ssize_t n = send(p->fd, at, len, MSG_NOSIGNAL);
        struct pollfd pfd = {.fd = p->fd, .events = POLLOUT};
        if (n > 0) {
            at += n;
            len -= (size_t)n;
            continue;
        }
        if (errno != EAGAIN)
            break;
        work(p);
        if (poll(&pfd, 1, 100) <= 0)
            break;
    }
    work(p);
}

ssize_t peer_receive(struct peer *p, uint8_t *to, size_t size)
{
    size_t got = 0;
    for (;;) {
        ssize_t n;
        work(p);
        n = recv(p->fd, to + got, size - got, 0);
        if (n > 0)
            got += (size_t)n;
        else if (n == 0)
            return got > 0 ? (ssize_t)got : -1;
        else
            return (ssize_t)got;
    }
}

struct reply peer_call(struct peer *p, const struct vw_proc *proc, const void *body, size_t len)
{
    static uint8_t in[8 << 20];
    const struct vw_header h = {.program = proc->program->number,
                                .version = proc->program->version,
                                .procedure = proc->number,
                                .serial = 42};
    struct vw_limits limits;
    struct vw_buf message = VW_BUF_INIT;
    struct reply r = {0};
    ssize_t n;
    vw_limits_from_profile(p->daemon.profile, &limits);
    assert_int_equal(vw_message_append(&message, &limits, &h, 0, body, len, NULL), 0);
    peer_send(p, message.data, message.len);
    vw_buf_finish(&message);
    n = peer_receive(p, in, sizeof(in));
    if (n < (ssize_t)VW_PREFIX_BYTES)
        fail_msg("%s: no reply (%zd)", proc->short_name, n);
    vw_header_decode(in + VW_LENGTH_BYTES, &r.header);
    r.body = in + VW_PREFIX_BYTES;
    r.len = (size_t)n - VW_PREFIX_BYTES;
    return r;
}

const struct vw_proc *peer_find_proc(const struct peer *p, const char *name)
{
    return vw_schema_proc(p->daemon.profile->schema, name);
}

const struct vw_proc *peer_proc(const struct peer *p, const char *name)
{
    const struct vw_proc *proc = peer_find_proc(p, name);
    if (!proc)
        fail_msg("no procedure %s", name);
    return proc;
}

struct reply peer_call_with(struct peer *p, const struct vw_proc *proc, const void *args)
{
    struct vw_buf body = VW_BUF_INIT;
    struct reply r;
    assert_int_equal(vw_xdr_encode(proc->args, args, &body, SIZE_MAX, NULL), 0);
    r = peer_call(p, proc, body.data, body.len);
    vw_buf_finish(&body);
    return r;
}

void peer_open(struct peer *p, uint32_t flags)
{
    struct vw_string name = vw_string("test:///default");
    const struct remote_connect_open_args args = {.name = &name, .flags = flags};
    const struct reply r = peer_call_with(p, peer_proc(p, "connect_open"), &args);
    assert_int_equal(r.header.status, VW_MSG_OK);
}

struct vw_error_pair reply_error(const struct reply *r)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_remote_error e;
    struct vw_error_pair pair;
    assert_int_equal(r->header.status, VW_MSG_ERROR);
    assert_int_equal(vw_remote_error_decode(r->body, r->len, 1 << 22, &arena, &e, NULL, NULL), 0);
    pair = (struct vw_error_pair){e.code, e.domain};
    vw_arena_finish(&arena);
    return pair;
}
