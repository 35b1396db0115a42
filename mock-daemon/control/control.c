// SPDX-License-Identifier: MIT
// The socket: lines in, lines out. A client's requests are answered one after the other.
#include "mock-daemon/control/internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock-daemon/daemon.h"
#include "transport/listen.h"

#define LINE_MAX_BYTES (1u << 20)
#define READ_BYTES     16384u
#define CLIENTS_MOST   256

struct vw_control_client {
    TAILQ_ENTRY(vw_control_client) link;
    struct vw_control *control;
    ev_io watcher;
    struct vw_buf in, out;
    size_t written; /* of OUT */
    struct vw_control_call call;
    bool later; /* its answer is not there yet */
    bool ended; /* it asks for nothing more */
};

TAILQ_HEAD(clients, vw_control_client);

struct vw_control {
    struct vw_daemon *daemon;
    struct vw_listener *listener;
    ev_io watcher;
    struct clients clients;
    unsigned n_clients;
};

static struct ev_loop *loop_of(const struct vw_control_client *c)
{
    return c->control->daemon->loop;
}

static void hang_up(struct vw_control_client *c)
{
    struct vw_advance *advance = &c->control->daemon->advance;
    if (advance->user == c)
        advance->user = NULL;
    TAILQ_REMOVE(&c->control->clients, c, link);
    c->control->n_clients--;
    ev_io_stop(loop_of(c), &c->watcher);
    close(c->watcher.fd);
    vw_control_forget(&c->call);
    vw_buf_finish(&c->in);
    vw_buf_finish(&c->out);
    free(c);
}

/* Who does not read its answers is not listened to. */
static void watch(struct vw_control_client *c)
{
    const bool unread = c->out.len > c->written;
    int events = unread ? EV_WRITE : c->ended ? 0 : EV_READ;
    ev_io_stop(loop_of(c), &c->watcher);
    ev_io_set(&c->watcher, c->watcher.fd, events);
    if (events)
        ev_io_start(loop_of(c), &c->watcher);
}

/* False: it is gone. */
static bool flush(struct vw_control_client *c)
{
    while (c->written < c->out.len) {
        ssize_t n = send(c->watcher.fd, c->out.data + c->written, c->out.len - c->written,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n < 0)
            return true;
        c->written += (size_t)n;
    }
    c->out.len = c->written = 0;
    return true;
}

static bool queue(struct vw_control_client *c, char *answer)
{
    bool ok = answer && vw_buf_append(&c->out, answer, strlen(answer)) == 0 &&
              vw_buf_append(&c->out, "\n", 1) == 0;
    free(answer);
    return ok;
}

/* Answers the lines that are there, up to one whose answer comes later or is not read at once. */
static bool take_lines(struct vw_control_client *c)
{
    size_t at = 0;
    bool ok = flush(c);
    const char *end;
    while (ok && !c->later && c->out.len == 0 && at < c->in.len &&
           (end = memchr(c->in.data + at, '\n', c->in.len - at))) {
        const char *line = (const char *)c->in.data + at;
        char *answer;
        ok = vw_control_request(&c->call, line, (size_t)(end - line), &answer) == 0;
        c->later = ok && !answer;
        ok = ok && (c->later || queue(c, answer)) && flush(c);
        at += (size_t)(end - line) + 1;
    }
    if (at > 0) {
        memmove(c->in.data, c->in.data + at, c->in.len - at);
        c->in.len -= at;
    }
    return ok && c->in.len < LINE_MAX_BYTES;
}

/* Nothing is to come from it, and nothing to be told. */
static bool is_done(const struct vw_control_client *c)
{
    return c->ended && !c->later && c->out.len == 0;
}

static void go_on(struct vw_control_client *c)
{
    if (take_lines(c) && !is_done(c))
        watch(c);
    else
        hang_up(c);
}

/* Whether the other end is closed, and not only done with asking. */
static bool is_gone(const struct vw_control_client *c)
{
    struct pollfd p = {.fd = c->watcher.fd};
    return poll(&p, 1, 0) == 1 && p.revents & (POLLHUP | POLLERR);
}

static void on_client(struct ev_loop *loop, ev_io *w, int revents)
{
    struct vw_control_client *c = w->data;
    char bytes[READ_BYTES];
    ssize_t n = revents & EV_READ ? recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT) : -EAGAIN;
    if (n > 0 && vw_buf_append(&c->in, bytes, (size_t)n) < 0)
        n = 0;
    /* Who asks for nothing more may still wait for an answer; who is gone may not. */
    c->ended = c->ended || n == 0;
    if ((n < 0 && revents & EV_READ && errno != EAGAIN && errno != EINTR) || (n == 0 && is_gone(c)))
        hang_up(c);
    else
        go_on(c);
}

/* Those that have ended what they send and are gone since: nothing else tells of it. */
static void sweep(struct vw_control *control)
{
    struct vw_control_client *next;
    for (struct vw_control_client *c = TAILQ_FIRST(&control->clients); c; c = next) {
        next = TAILQ_NEXT(c, link);
        if (c->ended && is_gone(c))
            hang_up(c);
    }
}

static void on_accept(struct ev_loop *loop, ev_io *w, int revents)
{
    struct vw_control *control = w->data;
    int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    sweep(control);
    const bool room = fd >= 0 && control->n_clients < CLIENTS_MOST;
    struct vw_control_client *c = room ? calloc(1, sizeof(*c)) : NULL;
    if (!c) {
        if (fd >= 0)
            close(fd);
        return;
    }
    c->control = control;
    c->call = (struct vw_control_call){.daemon = control->daemon, .client = c};
    TAILQ_INSERT_TAIL(&control->clients, c, link);
    control->n_clients++;
    ev_io_init(&c->watcher, on_client, fd, EV_READ);
    c->watcher.data = c;
    ev_io_start(loop, &c->watcher);
}

void vw_control_answer(struct vw_control_client *client, int rc)
{
    char *answer = vw_control_line(&client->call, rc);
    vw_control_forget(&client->call);
    client->later = false;
    if (queue(client, answer))
        go_on(client);
    else
        hang_up(client);
}

/* A call was answered, or a connection is over. */
static void on_change(void *user)
{
    struct vw_control *control = user;
    struct vw_control_client *next;
    for (struct vw_control_client *c = TAILQ_FIRST(&control->clients); c; c = next) {
        next = TAILQ_NEXT(c, link);
        if (!c->later || !c->call.verb->poll)
            continue;
        int rc = c->call.verb->poll(&c->call);
        if (rc != VW_CONTROL_LATER)
            vw_control_answer(c, rc);
    }
}

int vw_control_open(struct vw_daemon *d, const char *path, struct vw_error *err)
{
    struct vw_control *control = calloc(1, sizeof(*control));
    char uri[160];
    if (!control)
        return vw_error_nomem(err);
    d->control = control;
    control->daemon = d;
    TAILQ_INIT(&control->clients);
    int n = snprintf(uri, sizeof(uri), "unix://%s?mode=0700", path);
    if (*path != '/' || n >= (int)sizeof(uri) || strpbrk(path, "?&#%"))
        return vw_error_set(err, VW_EUSAGE, "--control '%s': a path must stand here, from the root",
                            path);
    int rc = vw_listener_open(uri, NULL, &control->listener, err);
    if (rc == 0)
        rc = vw_stack_begin(d, err);
    if (rc < 0)
        return rc;
    d->accounts.kept = true;
    d->accounts.changed = on_change;
    d->accounts.user = control;
    ev_io_init(&control->watcher, on_accept, control->listener->fd, EV_READ);
    control->watcher.data = control;
    ev_io_start(d->loop, &control->watcher);
    return 0;
}

void vw_control_close(struct vw_daemon *d)
{
    struct vw_control *control = d->control;
    if (!control)
        return;
    while (!TAILQ_EMPTY(&control->clients))
        hang_up(TAILQ_FIRST(&control->clients));
    if (control->listener)
        ev_io_stop(d->loop, &control->watcher);
    vw_listener_close(control->listener);
    d->accounts.changed = NULL;
    d->control = NULL;
    free(control);
}
