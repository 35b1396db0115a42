// SPDX-License-Identifier: MIT
// Pairs of connections, and what is on its way between them.
#include "capture/proxy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/room.h"
#include "transport/tls.h"

#define PIECE        65536 /* bytes of one read */
#define ACCEPT_BATCH 64
#define RETRY_MS     100 /* where there are no descriptors for one more connection */

/* What one side has sent and the other has not taken. */
struct half {
    uint8_t *data; /* NULL: nothing */
    size_t start, len;
    struct vw_fds fds; /* go with the first byte of it */
    bool eof;          /* nothing more is read from this side */
    bool gone;         /* it takes nothing any more either */
    bool reset;        /* it has broken the connection */
    bool over;         /* its end is passed on */
};

struct pair {
    TAILQ_ENTRY(pair) link;
    struct vw_transport *end[2]; /* by enum vw_side: to the client, to the server */
    struct vw_connecting *connecting;
    struct half half[2];
    struct vw_recording *recording;
    size_t at;     /* of its two descriptors in the list for poll(2) */
    bool ready[2]; /* there may be something to read */
    bool more;     /* there is input that poll(2) does not see */
    bool fresh;    /* it is not in that list yet */
};

TAILQ_HEAD(pairs, pair);

struct vw_proxy {
    struct vw_proxy_options o;
    struct pairs pairs;
    size_t n_pairs;
    struct pollfd *list;
    size_t n_list;
    int64_t accept_ms; /* not before */
    uint64_t count;
    uint8_t piece[PIECE];
};

static void tell(const struct vw_proxy *p, const char *text)
{
    const struct vw_transport_options *t = p->o.transport;
    if (t && t->warn)
        t->warn(t->user, text);
}

/* ---- the end of a pair ---- */

static void drop_fds(struct vw_fds *fds)
{
    for (uint32_t i = 0; i < fds->count; i++)
        close(fds->fd[i]);
    fds->count = 0;
}

static void drop_piece(struct half *h)
{
    drop_fds(&h->fds);
    free(h->data);
    h->data = NULL;
    h->start = h->len = 0;
}

/* What is closed with this breaks the connection, where that can be (TCP). */
static void break_on_close(const struct vw_transport *t)
{
    const struct linger now = {.l_onoff = 1};
    (void)setsockopt(t->ops->fd(t), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void pair_destroy(struct vw_proxy *p, struct pair *c)
{
    bool ended = c->half[VW_SIDE_CLIENT].over || c->half[VW_SIDE_SERVER].over;
    for (enum vw_side s = VW_SIDE_CLIENT; s <= VW_SIDE_SERVER; s++) {
        if (ended)
            vw_recording_end(c->recording, s, false);
        if (c->half[!s].reset && c->end[s])
            break_on_close(c->end[s]);
        if (c->end[s])
            c->end[s]->ops->close(c->end[s]);
        drop_piece(&c->half[s]);
    }
    vw_connecting_destroy(c->connecting);
    vw_recording_destroy(c->recording);
    TAILQ_REMOVE(&p->pairs, c, link);
    p->n_pairs--;
    free(c);
}

/* Whether nothing that is said can reach the other side any more, or all has ended. */
static bool is_over(const struct pair *c)
{
    const struct half *h = c->half;
    for (enum vw_side s = VW_SIDE_CLIENT; s <= VW_SIDE_SERVER; s++)
        if (h[s].over && (h[s].gone || h[s].reset))
            return true;
    return h[VW_SIDE_CLIENT].over && h[VW_SIDE_SERVER].over;
}

/* ---- passing on ---- */

/* The socket of SIDE is closed for both directions, as far as that can be known (UNIX). */
static bool is_hung_up(const struct vw_transport *t)
{
    struct pollfd p = {.fd = t->ops->fd(t)};
    return poll(&p, 1, 0) > 0 && (p.revents & POLLHUP);
}

/* As much as the other side of H takes. False: it takes no more now. */
static bool push(struct pair *c, enum vw_side from, const uint8_t *bytes, size_t len, size_t *done)
{
    struct half *h = &c->half[from];
    struct vw_transport *to = c->end[!from];
    bool records = (to->ops->caps & VW_CAP_RECORDS) != 0;
    *done = 0;
    while (*done < len) {
        size_t n = len - *done;
        n = records && n > VW_TLS_RECORD_MAX ? VW_TLS_RECORD_MAX : n;
        ssize_t sent = to->ops->send(to, bytes + *done, n, h->fds.count ? &h->fds : NULL);
        if (sent == -EAGAIN || sent == -EINTR)
            return false;
        if (sent < 0) {
            /* It has left. What it said before that is passed on, and then the end. */
            h->eof = h->over = true;
            *done = len;
            break;
        }
        drop_fds(&h->fds);
        *done += (size_t)sent;
    }
    drop_fds(&h->fds);
    return true;
}

/* What was left over goes first. False: it is still there. */
static bool push_rest(struct pair *c, enum vw_side from)
{
    struct half *h = &c->half[from];
    size_t done;
    if (!h->data)
        return true;
    bool all = push(c, from, h->data + h->start, h->len, &done);
    h->start += done;
    h->len -= done;
    if (all)
        drop_piece(h);
    return all;
}

/* LEN bytes have come from FROM. VW_ENOMEM. */
static int pass_piece(struct pair *c, enum vw_side from, const uint8_t *bytes, size_t len)
{
    struct half *h = &c->half[from];
    uint32_t n_fds = h->fds.count;
    size_t done;
    if (!(c->end[!from]->ops->caps & VW_CAP_FDS))
        drop_fds(&h->fds);
    bool all = push(c, from, bytes, len, &done);
    vw_recording_bytes(c->recording, from, bytes, len, n_fds);
    if (all)
        return 0;
    h->data = malloc(len - done);
    if (!h->data)
        return VW_ENOMEM;
    h->len = len - done;
    h->start = 0;
    memcpy(h->data, bytes + done, h->len);
    return 0;
}

/* How much may be read at once. Where records begin on the far side only, one holds no more than
 * one message (T-5); where descriptors may come, they do with the first byte of a piece. */
static size_t room(struct vw_proxy *p, const struct pair *c, enum vw_side from)
{
    struct vw_transport *t = c->end[from];
    bool here = (t->ops->caps & VW_CAP_RECORDS) != 0;
    bool there = (c->end[!from]->ops->caps & VW_CAP_RECORDS) != 0;
    size_t border = vw_recording_room(c->recording, from);
    size_t most = there && !here && border < PIECE ? border : PIECE;
    size_t plain = t->ops->plain_bytes ? t->ops->plain_bytes(t, p->piece, most) : most;
    if (plain)
        return plain;
    return border < PIECE ? border : 1;
}

static ssize_t read_piece(struct vw_proxy *p, struct pair *c, enum vw_side from)
{
    struct vw_transport *t = c->end[from];
    return t->ops->recv(t, p->piece, room(p, c, from), &c->half[from].fds);
}

/* One piece, so that others have their turn. */
static int read_from(struct vw_proxy *p, struct pair *c, enum vw_side from)
{
    struct half *h = &c->half[from];
    if (h->eof || h->data || !c->ready[from])
        return 0;
    ssize_t n = read_piece(p, c, from);
    if (n == -EAGAIN || n == -EINTR)
        return 0;
    h->eof = n <= 0;
    h->reset = n < 0;
    return n > 0 ? pass_piece(c, from, p->piece, (size_t)n) : 0;
}

/* The end of FROM, once all that it sent is passed on. */
static void pass_end(struct pair *c, enum vw_side from)
{
    struct half *h = &c->half[from];
    struct vw_transport *to = c->end[!from];
    if (!h->eof || h->data)
        return;
    h->gone = h->gone || h->reset || is_hung_up(c->end[from]);
    if (h->over)
        return;
    if (!h->reset && !h->gone && to->ops->shutdown)
        to->ops->shutdown(to);
    vw_recording_end(c->recording, from, h->reset);
    h->over = true;
}

/* Which side has input that poll(2) does not see. */
static bool has_more(struct pair *c)
{
    for (enum vw_side s = VW_SIDE_CLIENT; s <= VW_SIDE_SERVER; s++) {
        const struct vw_transport *t = c->end[s];
        c->ready[s] = t->ops->pending && t->ops->pending(t) && !c->half[s].eof && !c->half[s].data;
    }
    return c->ready[VW_SIDE_CLIENT] || c->ready[VW_SIDE_SERVER];
}

/* VW_ECLOSED: all is said. */
static int pass(struct vw_proxy *p, struct pair *c)
{
    int rc = 0;
    for (enum vw_side s = VW_SIDE_CLIENT; s <= VW_SIDE_SERVER && rc == 0; s++) {
        if (push_rest(c, s))
            rc = read_from(p, c, s);
        pass_end(c, s);
    }
    c->more = rc == 0 && has_more(c);
    return rc == 0 && is_over(c) ? VW_ECLOSED : rc;
}

/* ---- a pair ---- */

/* 0 or 1: not yet, or connected. Negative: it is of no use. */
static int connect_on(struct vw_proxy *p, struct pair *c)
{
    struct vw_error err = VW_ERROR_INIT;
    char text[512];
    if (!c->connecting)
        return c->end[VW_SIDE_SERVER] != NULL;
    int rc = vw_connecting_turn(c->connecting, &c->end[VW_SIDE_SERVER], &err);
    if (rc)
        c->connecting = NULL;
    c->ready[VW_SIDE_CLIENT] = c->ready[VW_SIDE_SERVER] = true;
    if (rc < 0)
        tell(p, vw_error_format(&err, NULL, text, sizeof(text)));
    return rc;
}

static int turn(struct vw_proxy *p, struct pair *c)
{
    int rc = connect_on(p, c);
    return rc > 0 ? pass(p, c) : rc;
}

static int begin(struct vw_proxy *p, struct pair *c, int fd, struct vw_error *err)
{
    const struct vw_listener *l = p->o.listener;
    struct vw_transport **client = &c->end[VW_SIDE_CLIENT];
    char name[80];
    int rc = vw_transport_from_fd(fd, client, err);
    if (rc == 0 && l->tls) {
        struct vw_transport *lower = *client;
        rc = vw_tls_server_wrap(l->tls, lower, client, err);
    }
    if (rc)
        return rc;
    bool fds = l->unix_socket && p->o.server->transport == VW_TRANSPORT_UNIX;
    snprintf(name, sizeof(name), "connection %llu, %s to %s", (unsigned long long)++p->count,
             l->tls ? "tls" : (*client)->ops->name, vw_transport_name(p->o.server->transport));
    c->recording = vw_recording_begin(p->o.recorder, name, fds);
    return vw_transport_begin(p->o.server, p->o.transport, vw_now_ms() + p->o.connect_ms,
                              &c->connecting, err);
}

/* One that cannot be served is hung up on; the others go on. */
static void welcome(struct vw_proxy *p, int fd)
{
    struct vw_error err = VW_ERROR_INIT;
    struct pair *c = calloc(1, sizeof(*c));
    char text[512];
    if (!c) {
        close(fd);
        tell(p, "out of memory: a connection is refused");
        return;
    }
    TAILQ_INSERT_TAIL(&p->pairs, c, link);
    p->n_pairs++;
    c->fresh = true;
    if (begin(p, c, fd, &err) < 0)
        tell(p, vw_error_format(&err, NULL, text, sizeof(text)));
    else if (turn(p, c) >= 0)
        return;
    pair_destroy(p, c);
}

static void accept_some(struct vw_proxy *p)
{
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        int fd = accept4(p->o.listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                p->accept_ms = vw_now_ms() + RETRY_MS;
            return;
        }
        welcome(p, fd);
    }
}

/* ---- waiting ---- */

static int add(struct vw_proxy *p, int fd, short events, struct vw_error *err)
{
    struct pollfd *list = vw_room(p->list, p->n_list, sizeof(*list));
    if (!list)
        return vw_error_nomem(err);
    p->list = list;
    list[p->n_list++] = (struct pollfd){.fd = fd, .events = events};
    return 0;
}

/* Of a side that is asked for nothing only its end is of interest, and that once. */
static int add_side(struct vw_proxy *p, const struct pair *c, enum vw_side s, struct vw_error *err)
{
    const struct half *own = &c->half[s], *other = &c->half[!s];
    short events = 0;
    if (c->connecting) {
        int fd = s == VW_SIDE_SERVER ? vw_connecting_fd(c->connecting, &events) : -1;
        return add(p, fd, events, err);
    }
    const struct vw_transport *t = c->end[s];
    bool takes = other->data && !(t->ops->starting && t->ops->starting(t));
    events = (short)((own->eof || own->data ? 0 : POLLIN) | (takes ? POLLOUT : 0));
    bool idle = events == 0 && (!own->eof || own->gone || own->data);
    return add(p, idle ? -1 : t->ops->fd(t), events, err);
}

static int make_list(struct vw_proxy *p, const struct pollfd *others, size_t n, int64_t *deadline,
                     struct vw_error *err)
{
    struct pair *c;
    int rc = 0;
    p->n_list = 0;
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = add(p, others[i].fd, others[i].events, err);
    bool wait = vw_now_ms() < p->accept_ms;
    if (wait && p->accept_ms < *deadline)
        *deadline = p->accept_ms;
    if (rc == 0)
        rc = add(p, wait ? -1 : p->o.listener->fd, POLLIN, err);
    for (c = TAILQ_FIRST(&p->pairs); c; c = TAILQ_NEXT(c, link)) {
        c->at = p->n_list;
        c->fresh = false;
        if (c->more)
            *deadline = 0;
        if (c->connecting && vw_connecting_deadline(c->connecting) < *deadline)
            *deadline = vw_connecting_deadline(c->connecting);
        for (enum vw_side s = VW_SIDE_CLIENT; s <= VW_SIDE_SERVER && rc == 0; s++)
            rc = add_side(p, c, s, err);
    }
    return rc;
}

static bool is_due(const struct vw_proxy *p, struct pair *c)
{
    if (c->fresh)
        return false;
    const struct pollfd *at = &p->list[c->at];
    c->ready[VW_SIDE_CLIENT] |= at[0].revents != 0;
    c->ready[VW_SIDE_SERVER] |= at[1].revents != 0;
    return c->more || at[0].revents || at[1].revents ||
           (c->connecting && vw_connecting_deadline(c->connecting) <= vw_now_ms());
}

static void serve(struct vw_proxy *p)
{
    struct pair *c, *next;
    for (c = TAILQ_FIRST(&p->pairs); c; c = next) {
        next = TAILQ_NEXT(c, link);
        int rc = is_due(p, c) ? turn(p, c) : 0;
        if (rc == VW_ENOMEM)
            tell(p, "out of memory: a connection is ended");
        if (rc < 0)
            pair_destroy(p, c);
    }
}

int vw_proxy_turn(struct vw_proxy *p, struct pollfd *others, size_t n, int64_t deadline_ms,
                  struct vw_error *err)
{
    int rc = vw_recorder_flush(p->o.recorder, err);
    if (rc == 0)
        rc = make_list(p, others, n, &deadline_ms, err);
    if (rc)
        return rc;
    rc = poll(p->list, p->n_list, vw_ms_left(deadline_ms));
    if (rc < 0)
        return errno == EINTR ? 0 : vw_error_errno(err, errno, "poll");
    if (n > 0)
        memcpy(others, p->list, n * sizeof(*others));
    bool knock = p->list[n].revents != 0;
    serve(p);
    if (knock)
        accept_some(p);
    return 0;
}

/* ---- life ---- */

size_t vw_proxy_open(const struct vw_proxy *p)
{
    return p->n_pairs;
}

int vw_proxy_create(const struct vw_proxy_options *o, struct vw_proxy **out, struct vw_error *err)
{
    struct vw_proxy *p = calloc(1, sizeof(*p));
    *out = p;
    if (!p)
        return vw_error_nomem(err);
    p->o = *o;
    TAILQ_INIT(&p->pairs);
    return 0;
}

void vw_proxy_destroy(struct vw_proxy *p)
{
    struct pair *c;
    if (!p)
        return;
    while ((c = TAILQ_FIRST(&p->pairs)))
        pair_destroy(p, c);
    free(p->list);
    free(p);
}
