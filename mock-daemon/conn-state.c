// SPDX-License-Identifier: MIT
// What becomes of a connection from within its turn, or from that of another: it is woken, let in,
// opened, dropped. Below what drives it.
#include <stdlib.h>

#include "mock-daemon/chronicle.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"

void vw_conn_wake(struct vw_conn *c)
{
    if (c->dropped)
        return;
    ev_feed_event(c->daemon->loop, &c->timer, EV_TIMER);
}

enum vw_config_auth vw_conn_auth(const struct vw_conn *c)
{
    int own = c->listener->admin ? VW_CONFIG_AUTH_NONE : c->listener->auth;
    enum vw_config_door door = c->listener->tls           ? VW_DOOR_TLS
                               : c->listener->read_only   ? VW_DOOR_UNIX_READ_ONLY
                               : c->listener->unix_socket ? VW_DOOR_UNIX
                               : c->listener->stdio       ? VW_DOOR_UNIX
                                                          : VW_DOOR_TCP;
    return own >= 0 ? (enum vw_config_auth)own : c->daemon->config->auth[door];
}

void vw_conn_let_in(struct vw_conn *c)
{
    if (c->authenticated)
        return;
    c->authenticated = true;
    vw_session_set_authenticated(c->session, true);
    c->service->n_anonymous--;
    vw_limits_check(c->daemon);
}

void vw_conn_drop(struct vw_conn *c)
{
    struct vw_daemon *d = c->daemon;
    if (c->dropped)
        return;
    ev_io_stop(d->loop, &c->watcher);
    ev_clear_pending(d->loop, &c->watcher);
    ev_timer_stop(d->loop, &c->timer);
    ev_clear_pending(d->loop, &c->timer);
    vw_handshake_remove(c);
    if (c->transport)
        c->transport->ops->close(c->transport);
    c->transport = NULL;
    c->dropped = true;
    c->over = true;
    vw_conn_set_opened(c, false);
    c->service->n_anonymous -= !c->authenticated;
    c->service->n_conns--;
    if (c->ops->gone)
        c->ops->gone(c);
    vw_account_end(&d->accounts, c->account, vw_clock_ns(&d->clock));
    vw_chronicle_end(d, c->account);
    c->account = NULL;
    TAILQ_REMOVE(&d->conns, c, link);
    TAILQ_INSERT_TAIL(&d->dropped, c, link);
    ev_prepare_start(d->loop, &d->sweep);
}

void vw_conn_set_opened(struct vw_conn *c, bool yes)
{
    if (yes == c->opened)
        return;
    c->opened = yes;
    if (c->listener->admin) {
        /* The hypervisor is not what was opened. */
    } else if (yes) {
        vw_model_opened(c->model);
        vw_account_opened(c->account, c->uri);
    } else {
        vw_model_closed(c->model, c->hosted != NULL);
        vw_registrations_finish(&c->events);
        c->read_only = c->listener->read_only;
    }
    vw_session_set_opened(c->session, yes);
}

void vw_conn_set_model(struct vw_conn *c, struct vw_model *model)
{
    if (c->model != &c->daemon->model) {
        vw_model_finish(c->model);
        free(c->model);
    }
    c->model = model ? model : &c->daemon->model;
}
