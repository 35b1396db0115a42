// SPDX-License-Identifier: MIT
// A channel of an ssh connection that libssh makes, as a transport. Nothing blocks: libssh is asked
// again when the socket has something for it, until the deadline.
#include "transport/libssh.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SSH_PORT    22
#define STDERR_KEPT 160
#define PATH_BYTES  4096

struct channel {
    struct vw_transport base;
    struct vw_transport_ops ops; /* the name differs */
    ssh_session session;
    ssh_channel channel;
    size_t accepted; /* bytes that libssh took but could not yet write */
    bool more;       /* libssh may hold input that the socket does not show */
    bool heard;      /* the other side has written something */
    size_t kept_len;
    char kept[STDERR_KEPT]; /* the end of what the script wrote to its standard error */
};

/* libssh writes to the socket without MSG_NOSIGNAL. The signal is held back and taken here. */
struct quiet {
    sigset_t before;
    bool was_pending;
};

static void quiet_begin(struct quiet *q)
{
    sigset_t pipe_only, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    q->was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_only, &q->before);
}

static void quiet_end(const struct quiet *q)
{
    const struct timespec now = {0};
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    if (!q->was_pending)
        sigtimedwait(&pipe_only, NULL, &now);
    pthread_sigmask(SIG_SETMASK, &q->before, NULL);
}

/* ---- the transport ---- */

static struct channel *over_ssh_of(const struct vw_transport *t)
{
    return (struct channel *)(uintptr_t)t;
}

static void drain_errors(struct channel *c)
{
    char buf[1024];
    int n;
    while ((n = ssh_channel_read_nonblocking(c->channel, buf, sizeof(buf), 1)) > 0) {
        size_t len = (size_t)n, take = len < STDERR_KEPT ? len : STDERR_KEPT;
        size_t drop = c->kept_len + take > STDERR_KEPT ? c->kept_len + take - STDERR_KEPT : 0;
        memmove(c->kept, c->kept + drop, c->kept_len - drop);
        c->kept_len -= drop;
        memcpy(c->kept + c->kept_len, buf + len - take, take);
        c->kept_len += take;
    }
}

static ssize_t over_ssh_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    struct channel *c = over_ssh_of(t);
    struct quiet q;
    if (fds)
        fds->count = 0;
    if (len > UINT32_MAX / 2)
        len = UINT32_MAX / 2;
    quiet_begin(&q);
    int n = ssh_channel_read_nonblocking(c->channel, buf, (uint32_t)len, 0);
    drain_errors(c);
    quiet_end(&q);
    c->more = n > 0;
    c->heard = c->heard || n > 0;
    if (n > 0)
        return n;
    if (n == SSH_EOF || ssh_channel_is_eof(c->channel) || !ssh_is_connected(c->session))
        return 0;
    return n == 0 || n == SSH_AGAIN ? -EAGAIN : -EPROTO;
}

static bool over_ssh_pending(const struct vw_transport *t)
{
    return over_ssh_of(t)->more;
}

static ssize_t over_ssh_send(struct vw_transport *t, const void *buf, size_t len,
                             const struct vw_fds *fds)
{
    struct channel *c = over_ssh_of(t);
    struct quiet q;
    if (fds && fds->count)
        return -EOPNOTSUPP;
    quiet_begin(&q);
    int n = c->accepted ? (int)c->accepted
                        : ssh_channel_write(c->channel, buf, len < 65536 ? (uint32_t)len : 65536);
    int flushed = n > 0 ? ssh_blocking_flush(c->session, 0) : SSH_OK;
    quiet_end(&q);
    c->more = true;
    if (n == 0 || n == SSH_AGAIN)
        return -EAGAIN;
    if (n < 0 || flushed == SSH_ERROR)
        return -EPIPE;
    c->accepted = flushed == SSH_AGAIN ? (size_t)n : 0;
    return c->accepted ? -EAGAIN : n;
}

static int over_ssh_fd(const struct vw_transport *t)
{
    return ssh_get_fd(over_ssh_of(t)->session);
}

static int over_ssh_shutdown(struct vw_transport *t)
{
    struct quiet q;
    quiet_begin(&q);
    int rc = ssh_channel_send_eof(over_ssh_of(t)->channel);
    quiet_end(&q);
    return rc == SSH_OK ? 0 : -EPIPE;
}

static int over_ssh_explain(struct vw_transport *t, struct vw_error *err)
{
    struct channel *c = over_ssh_of(t);
    char how[64] = "ended";
    struct quiet q;
    quiet_begin(&q);
    drain_errors(c);
    int status = ssh_channel_get_exit_status(c->channel);
    quiet_end(&q);
    while (c->kept_len && strchr("\r\n\t ", c->kept[c->kept_len - 1]))
        c->kept_len--;
    for (size_t i = 0; i < c->kept_len; i++)
        if (c->kept[i] == '\n' || c->kept[i] == '\r')
            c->kept[i] = ' ';
    if (status >= 0)
        snprintf(how, sizeof(how), "ended with exit status %d", status);
    return vw_error_set(err, c->heard ? VW_ECLOSED : VW_EUNREACHABLE,
                        "the program behind ssh %s%s%.*s", how, c->kept_len ? ", saying: " : "",
                        (int)c->kept_len, c->kept);
}

static void over_ssh_close(struct vw_transport *t)
{
    struct channel *c = over_ssh_of(t);
    struct quiet q;
    quiet_begin(&q);
    if (c->channel)
        ssh_channel_free(c->channel);
    if (c->session) {
        ssh_disconnect(c->session);
        ssh_free(c->session);
    }
    quiet_end(&q);
    free(c);
}

static const struct vw_transport_ops over_ssh_ops = {
    .caps = VW_CAP_SECURE,
    .recv = over_ssh_recv,
    .send = over_ssh_send,
    .pending = over_ssh_pending,
    .fd = over_ssh_fd,
    .shutdown = over_ssh_shutdown,
    .explain = over_ssh_explain,
    .close = over_ssh_close,
};

/* ---- the start ---- */

/* The given file; else that of libvirt's clients, if there is one; else that of the user's ssh. */
static int set_known_hosts(const struct vw_libssh *s, struct vw_error *err)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char path[PATH_BYTES];
    const char *file = s->uri->known_hosts;
    if (!file && (config || home)) {
        int n = snprintf(path, sizeof(path), "%s%s/libvirt/known_hosts", config ? config : home,
                         config ? "" : "/.config");
        bool libssh2 = s->uri->transport == VW_TRANSPORT_LIBSSH2;
        if (n > 0 && (size_t)n < sizeof(path) && (libssh2 || access(path, F_OK) == 0))
            file = path;
    }
    if (file && !file[0])
        return vw_error_set(err, VW_EUSAGE, "known_hosts names no file");
    if (file && ssh_options_set(s->session, SSH_OPTIONS_KNOWNHOSTS, file) < 0)
        return vw_libssh_error(s, VW_EUSAGE, "known_hosts", err);
    return 0;
}

static int set_options(const struct vw_libssh *s, unsigned port, int *fd, struct vw_error *err)
{
    const bool no = false;
    ssh_session session = s->session;
    /* The files of the user's ssh would change what a URI means from machine to machine. */
    if (ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no) < 0 ||
        ssh_options_set(session, SSH_OPTIONS_PORT, &port) < 0)
        return vw_libssh_error(s, VW_ESYSTEM, "ssh", err);
    if (ssh_options_set(session, SSH_OPTIONS_HOST, s->uri->host) < 0)
        return vw_error_set(err, VW_EUSAGE, "ssh takes no host \"%.100s\"", s->uri->host);
    /* Which names libssh refuses depends on its release; this one no ssh takes. */
    if (s->uri->user &&
        (s->uri->user[0] == '-' || ssh_options_set(session, SSH_OPTIONS_USER, s->uri->user) < 0))
        return vw_error_set(err, VW_EUSAGE, "ssh takes no user \"%.100s\"", s->uri->user);
    int rc = set_known_hosts(s, err);
    if (rc)
        return rc;
    if (ssh_options_set(session, SSH_OPTIONS_FD, fd) < 0)
        return vw_libssh_error(s, VW_ESYSTEM, "ssh", err);
    *fd = -1;
    ssh_set_blocking(session, 0);
    return 0;
}

/* Asks libssh until it is done with CALL. */
#define UNTIL_DONE(s, rc, failure, err, call)                                                      \
    do                                                                                             \
        (rc) = (call);                                                                             \
    while ((rc) == SSH_AGAIN && ((failure) = vw_libssh_wait((s), (err))) == 0)

/* The socket alone: libssh owns it. */
static int connect_fd(const struct vw_uri *uri, int64_t deadline_ms, int *out, struct vw_error *err)
{
    struct vw_connecting *w;
    struct vw_transport *t;
    int rc = vw_tcp_begin(uri, NULL, deadline_ms, &w, err);
    if (rc == 0)
        rc = vw_connecting_wait(w, &t, err);
    if (rc)
        return rc;
    *out = fcntl(t->ops->fd(t), F_DUPFD_CLOEXEC, 0);
    if (*out < 0)
        rc = vw_error_errno(err, errno, "dup");
    t->ops->close(t);
    return rc;
}

static int start(struct vw_libssh *s, struct channel *c, const char *script, unsigned port,
                 struct vw_error *err)
{
    struct vw_uri uri = *s->uri;
    int fd = -1, done = 0;
    uri.port = (uint16_t)port;
    int rc = connect_fd(&uri, s->deadline_ms, &fd, err);
    if (rc)
        return rc;
    rc = set_options(s, port, &fd, err);
    if (fd >= 0)
        close(fd);
    if (rc)
        return rc;
    UNTIL_DONE(s, done, rc, err, ssh_connect(s->session));
    if (rc == 0 && done != SSH_OK)
        rc = vw_libssh_error(s, VW_EUNREACHABLE, "ssh", err);
    if (rc == 0)
        rc = vw_libssh_check_host(s, err);
    if (rc == 0)
        rc = vw_libssh_log_in(s, err);
    if (rc)
        return rc;
    c->channel = ssh_channel_new(s->session);
    if (!c->channel)
        return vw_error_nomem(err);
    UNTIL_DONE(s, done, rc, err, ssh_channel_open_session(c->channel));
    if (rc == 0 && done == SSH_OK)
        UNTIL_DONE(s, done, rc, err, ssh_channel_request_exec(c->channel, script));
    if (rc == 0 && done != SSH_OK)
        rc = vw_libssh_error(s, VW_EUNREACHABLE, "ssh cannot run a program there", err);
    return rc;
}

int vw_libssh_open(const struct vw_uri *uri, const struct vw_transport_options *options,
                   int64_t deadline_ms, struct vw_transport **out, struct vw_error *err)
{
    struct vw_libssh s = {.uri = uri, .options = options, .deadline_ms = deadline_ms};
    struct vw_arena arena = VW_ARENA_INIT;
    const char *script;
    struct quiet q;
    *out = NULL;
    if (vw_library_load(&vw_ssh_library, err))
        return VW_ESYSTEM;
    struct channel *c = calloc(1, sizeof(*c));
    if (!c)
        return vw_error_nomem(err);
    c->ops = over_ssh_ops;
    c->ops.name = vw_transport_name(uri->transport);
    c->base.ops = &c->ops;
    quiet_begin(&q);
    int rc = vw_uri_script(uri, &arena, &script, err);
    if (rc == 0) {
        s.session = c->session = ssh_new();
        rc = s.session ? start(&s, c, script, uri->port ? uri->port : SSH_PORT, err)
                       : vw_error_nomem(err);
    }
    quiet_end(&q);
    vw_arena_finish(&arena);
    if (rc)
        over_ssh_close(&c->base);
    else
        *out = &c->base;
    return rc;
}
