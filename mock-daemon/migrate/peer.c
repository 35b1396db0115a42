// SPDX-License-Identifier: MIT
// A migration that the daemon makes by itself: from one step to the next, and the loop around it.
#include "mock-daemon/migrate/peer.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/event.h"
#include "transport/transport.h"

/* What goes through a tunnel, since there is no memory: so many zeros for a MiB of it. */
#define TUNNEL_UNIT 1024u
#define TUNNEL_MAX  (4u << 20)

/* ---- failures ---- */

static void fail(struct vw_migrate_peer *p, int32_t code, int32_t domain, const char *why)
{
    if (p->code != 0)
        return;
    p->code = code;
    p->domain = domain;
    snprintf(p->why, sizeof(p->why), "%s", why);
}

static void fail_here(struct vw_migrate_peer *p, const char *why)
{
    fail(p, VW_ERR_OPERATION_FAILED, VW_FROM_QEMU, why);
}

/* ---- steps ---- */

/* All is said: the source is told how it went, and who waits for that. P goes with the migration.
 */
static void conclude(struct vw_migrate_peer *p)
{
    struct vw_migration *m = p->migration;
    struct vw_conn *owner = m->owner;
    struct vw_call call = vw_migration_call(owner);
    struct vw_later perform = m->perform;
    const struct remote_domain_migrate_perform3_ret ret = {0};
    const struct vw_remote_error e = {.code = p->code, .domain = p->domain};
    char why[sizeof(p->why)];
    memcpy(why, p->why, sizeof(why));
    m->perform.conn = NULL;
    if (owner->dropped) { /* nobody waits any more, and it was held for this */
        perform.conn = NULL;
        ev_prepare_start(owner->daemon->loop, &owner->daemon->sweep);
    }
    if (vw_source_confirm(&call, m->domain, e.code != 0) != VW_DONE)
        vw_later_fail(&perform, call.error.code, call.error.domain, call.error.message);
    else if (e.code != 0)
        vw_later_fail(&perform, e.code, e.domain, why);
    else
        vw_later_reply(&perform, &ret);
    vw_event_tell(owner);
    vw_arena_reset(&owner->daemon->arena);
}

static void ask(struct vw_migrate_peer *p, enum vw_peer_step step)
{
    struct vw_error err = VW_ERROR_INIT;
    p->step = step;
    p->answered = vw_peer_ask(p, &err) < 0;
    if (p->answered && step != VW_PEER_CLOSES)
        fail_here(p, err.text);
}

static void start_moving(struct vw_migrate_peer *p)
{
    struct vw_conn *owner = p->migration->owner;
    struct vw_call call = vw_migration_call(owner);
    p->step = VW_PEER_MOVES;
    vw_source_start_moving(&call, p->migration, &p->wish);
    vw_event_tell(owner);
    vw_conn_wake(owner);
}

static void prepared(struct vw_migrate_peer *p)
{
    if (p->code != 0 || p->wish.flags & VW_MIGRATE_OFFLINE)
        ask(p, VW_PEER_FINISHES);
    else if (p->stream)
        p->step = VW_PEER_TUNNELS;
    else
        start_moving(p);
}

/* The step has its answer. */
static void go_on(struct vw_migrate_peer *p)
{
    p->answered = false;
    switch (p->step) {
    case VW_PEER_OPENS:
        ask(p, VW_PEER_ASKS);
        break;
    case VW_PEER_ASKS:
        ask(p, p->version3 ? VW_PEER_PREPARES : VW_PEER_ASKS_VERSION);
        break;
    case VW_PEER_ASKS_VERSION:
        ask(p, VW_PEER_PREPARES);
        break;
    case VW_PEER_PREPARES:
        prepared(p);
        break;
    case VW_PEER_FINISHES:
        ask(p, VW_PEER_CLOSES);
        break;
    default:
        break;
    }
}

/* Whether there is nothing more to ask: what is off before anything is prepared leaves nothing
 * there, and so does a target that has lost us. */
static bool is_over(const struct vw_migrate_peer *p)
{
    if (p->lost)
        return true;
    if (!p->answered)
        return false;
    return p->step == VW_PEER_CLOSES || (p->code != 0 && p->step < VW_PEER_PREPARES) ||
           (p->refused && p->step == VW_PEER_PREPARES);
}

/* ---- the tunnel ---- */

static void leave_tunnel(struct vw_migrate_peer *p, const char *why)
{
    vw_stream_destroy(p->stream);
    p->stream = NULL;
    if (why)
        fail_here(p, why);
    if (p->code != 0)
        ask(p, VW_PEER_FINISHES);
    else
        start_moving(p);
}

static int send_some(struct vw_migrate_peer *p, struct vw_error *err)
{
    static const uint8_t zeros[65536];
    size_t room = vw_stream_room(p->stream);
    int rc = 0;
    while (rc == 0 && p->left > 0 && room > 0) {
        size_t n = room < sizeof(zeros) ? room : sizeof(zeros);
        n = n < p->left ? n : (size_t)p->left;
        rc = vw_stream_send(p->stream, zeros, n, err);
        p->left -= n;
        room = vw_stream_room(p->stream);
    }
    return rc == 0 && p->left == 0 ? vw_stream_ask_finish(p->stream, err) : rc;
}

static void turn_tunnel(struct vw_migrate_peer *p)
{
    struct vw_error err = VW_ERROR_INIT;
    switch (vw_stream_get_state(p->stream)) {
    case VW_STREAM_IS_OPEN:
        if (send_some(p, &err) < 0)
            leave_tunnel(p, err.text);
        break;
    case VW_STREAM_IS_DONE:
        leave_tunnel(p, NULL);
        break;
    case VW_STREAM_IS_LOST:
        leave_tunnel(p, "the tunnel has broken");
        break;
    default:
        break;
    }
}

/* ---- the loop ---- */

static void watch(struct vw_migrate_peer *p)
{
    const int fd = vw_client_fd(p->client);
    const short events = vw_client_events(p->client);
    const int64_t wait = p->answered ? 0 : vw_client_deadline(p->client) - vw_now_ms();
    const int64_t bounded = wait > VW_TIMER_MAX_MS ? VW_TIMER_MAX_MS : wait;
    ev_io_stop(p->loop, &p->io);
    ev_timer_stop(p->loop, &p->timer);
    if (fd >= 0 && events) {
        ev_io_set(&p->io, fd, (events & POLLIN ? EV_READ : 0) | (events & POLLOUT ? EV_WRITE : 0));
        ev_io_start(p->loop, &p->io);
    }
    ev_now_update(p->loop);
    ev_timer_set(&p->timer, bounded > 0 ? (double)bounded / 1000.0 : 0.0, 0.0);
    ev_timer_start(p->loop, &p->timer);
}

/* What comes behind the last answer changes nothing. */
static void lose(struct vw_migrate_peer *p, const char *why)
{
    p->lost = true;
    if (p->step != VW_PEER_CLOSES && !(p->step == VW_PEER_FINISHES && p->answered))
        fail(p, VW_ERR_SYSTEM, VW_FROM_RPC, why);
}

static void turn(struct vw_migrate_peer *p)
{
    struct vw_error err = VW_ERROR_INIT;
    ev_io_stop(p->loop, &p->io);
    if (vw_client_process(p->client, &err) < 0 && p->step != VW_PEER_OPENS)
        lose(p, err.text);
    while (p->answered && !is_over(p))
        go_on(p);
    if (p->step == VW_PEER_TUNNELS && !is_over(p))
        turn_tunnel(p);
    if (is_over(p))
        conclude(p);
    else
        watch(p);
}

static void on_io(struct ev_loop *loop, ev_io *w, int revents)
{
    turn(w->data);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
    turn(w->data);
}

/* ---- from outside ---- */

static void on_ready(void *user, struct vw_client *client, int rc, const struct vw_error *why)
{
    struct vw_migrate_peer *p = user;
    p->answered = true;
    if (rc < 0)
        fail_here(p, why->text);
}

/* A client of ours may come to have us run programs or ask a terminal by no URI. */
static bool can_reach(const struct vw_uri *uri)
{
    return uri->transport == VW_TRANSPORT_UNIX || uri->transport == VW_TRANSPORT_TCP ||
           uri->transport == VW_TRANSPORT_TLS;
}

static const char *keep(struct vw_migrate_peer *p, const char *text, size_t len)
{
    return text ? vw_arena_strndup(&p->arena, text, len) : NULL;
}

static int connect_to(struct vw_migrate_peer *p, const char *text, struct vw_error *err)
{
    static const struct vw_client_options plain = {VW_CLIENT_OPTIONS_INIT};
    const struct vw_uri *uri;
    int rc = vw_uri_parse(text, strlen(text), NULL, &p->arena, &uri, err);
    if (rc == 0 && !can_reach(uri))
        rc = vw_error_set(err, VW_EUSAGE, "no target is reached by '%s'", text);
    return rc ? rc : vw_client_begin(uri, &plain, on_ready, p, &p->client, err);
}

static size_t tunnel_bytes(const struct vw_domain *d)
{
    const uint64_t units = d->facts.memory / 1024 + 1;
    return units < TUNNEL_MAX / TUNNEL_UNIT ? (size_t)units * TUNNEL_UNIT : TUNNEL_MAX;
}

static struct vw_migrate_peer *create(struct vw_call *c, struct vw_migration *m,
                                      const struct vw_wish *w)
{
    struct vw_migrate_peer *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->migration = m;
    p->loop = c->conn->daemon->loop;
    p->left = tunnel_bytes(m->domain);
    vw_arena_init(&p->arena);
    ev_init(&p->io, on_io);
    ev_init(&p->timer, on_timer);
    p->io.data = p->timer.data = p;
    p->wish = *w;
    p->wish.xml = keep(p, w->xml, strlen(w->xml));
    p->wish.dname = keep(p, w->dname, w->dname ? strlen(w->dname) : 0);
    p->wish.uri = keep(p, w->uri, w->uri ? strlen(w->uri) : 0);
    p->wish.cookie.data =
        (uint8_t *)(uintptr_t)keep(p, (const char *)w->cookie.data, w->cookie.len);
    if (p->wish.xml && p->wish.cookie.data && !w->dname == !p->wish.dname &&
        !w->uri == !p->wish.uri)
        return p;
    vw_peer_destroy(p);
    return NULL;
}

enum vw_outcome vw_peer_start(struct vw_call *c, struct vw_migration *m, const struct vw_wish *w,
                              const char *uri)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_migrate_peer *p = create(c, m, w);
    if (!p)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_QEMU, "no memory for the migration");
    if (connect_to(p, uri, &err) < 0) {
        vw_peer_destroy(p);
        return vw_call_failf(c, VW_ERR_OPERATION_FAILED, VW_FROM_QEMU, "%s", err.text);
    }
    m->peer = p;
    watch(p);
    return VW_DONE;
}

void vw_peer_destroy(struct vw_migrate_peer *p)
{
    if (!p)
        return;
    ev_io_stop(p->loop, &p->io);
    ev_timer_stop(p->loop, &p->timer);
    vw_stream_destroy(p->stream);
    vw_client_destroy(p->client);
    vw_arena_finish(&p->arena);
    free(p);
}

void vw_peer_moved(struct vw_migrate_peer *p, const struct vw_bytes *cookie)
{
    const char *copy = keep(p, (const char *)cookie->data, cookie->len);
    p->wish.cookie = (struct vw_bytes){(uint8_t *)(uintptr_t)copy, copy ? cookie->len : 0};
    ask(p, VW_PEER_FINISHES);
    watch(p);
}

void vw_peer_cancel(struct vw_migrate_peer *p, int32_t code, const char *why)
{
    fail(p, code, VW_FROM_QEMU, why);
    if (p->step == VW_PEER_MOVES)
        ask(p, VW_PEER_FINISHES);
    else if (p->step == VW_PEER_TUNNELS)
        leave_tunnel(p, NULL);
    watch(p);
}
