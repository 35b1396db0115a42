// SPDX-License-Identifier: MIT
// PING and PONG (K-1 to K-8).
#include "session/internal.h"

enum { PROC_PING = 1, PROC_PONG = 2 };

/* Output that the server has not read yet, at which a client sends no more PONGs: a server that
 * only sends PINGs must not make it grow without end. What waits there is as good a sign of life
 * (K-5). A server role need not care: it stops reading. */
#define PONGS_UP_TO (64u << 10)

static int send(struct vw_session *s, int32_t procedure)
{
    const struct vw_header h = {.program = s->speech.keepalive->number,
                                .version = s->speech.keepalive->version,
                                .procedure = procedure,
                                .type = VW_MSG_MESSAGE};
    return vw_session_send_body(s, &h, NULL, 0, NULL);
}

static bool answers_ping(const struct vw_session *s)
{
    if (s->o.role == VW_ROLE_CLIENT)
        return vw_session_output_pending(s) < PONGS_UP_TO;
    return s->o.role == VW_ROLE_SERVER;
}

/* K-1, for an observer. */
static void check_shape(struct vw_session *s, const struct vw_incoming *m)
{
    const struct vw_header *h = &m->frame.header;
    if (s->o.role != VW_ROLE_OBSERVER)
        return;
    if (h->status != VW_MSG_OK || h->serial != 0 || m->frame.body_len != 0)
        vw_session_violation(s, m, "K-1",
                             "a keepalive message has status %d, serial %u and %zu bytes of body",
                             h->status, h->serial, m->frame.body_len);
}

bool vw_keepalive_take(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev,
                       int *rc)
{
    const struct vw_header *h = &m->frame.header;
    const struct vw_program *p = s->speech.keepalive;
    if (!p || h->program != p->number || h->type != VW_MSG_MESSAGE)
        return false;
    *rc = 1;
    bool known =
        h->version == p->version && (h->procedure == PROC_PING || h->procedure == PROC_PONG);
    if (!known) {
        vw_event_start(ev, VW_EVENT_DROPPED, m);
        ev->clause = "K-3";
        ev->text = "keepalive with an unknown number or version";
        if (s->o.role == VW_ROLE_OBSERVER)
            vw_session_violation(s, m, "K-1", "keepalive version %u has no message %d", h->version,
                                 h->procedure);
        return true;
    }
    if (h->procedure == PROC_PING && answers_ping(s) && send(s, PROC_PONG)) {
        *rc = VW_ENOMEM;
        return true;
    }
    vw_event_start(ev, h->procedure == PROC_PING ? VW_EVENT_PING : VW_EVENT_PONG, m);
    ev->proc = vw_program_proc(p, h->procedure);
    check_shape(s, m);
    return true;
}

void vw_keepalive_seen(struct vw_session *s)
{
    s->pings = 0;
    if (s->pinging)
        s->ping_due = s->now + s->o.keepalive_interval;
}

void vw_session_keepalive_start(struct vw_session *s)
{
    if (s->pinging || s->o.keepalive_interval <= 0 || !s->speech.keepalive ||
        s->o.role == VW_ROLE_OBSERVER)
        return;
    s->pinging = true;
    vw_keepalive_seen(s);
}

uint32_t vw_session_pings(const struct vw_session *s)
{
    return s->pings;
}

/* K-5: silence of interval * (count + 1) ends the connection. */
int vw_keepalive_tick(struct vw_session *s)
{
    if (!s->pinging || s->now < s->ping_due)
        return 0;
    if (s->pings >= s->o.keepalive_count) {
        vw_session_die(s, s->o.role == VW_ROLE_CLIENT ? VW_SIDE_SERVER : VW_SIDE_CLIENT,
                       VW_CLOSE_KEEPALIVE, s->o.role == VW_ROLE_CLIENT ? "K-6" : "K-5",
                       "the peer no longer answers keepalive messages");
        return 0;
    }
    if (send(s, PROC_PING))
        return VW_ENOMEM;
    s->pings++;
    /* From now: who was not called for a while has not missed the answers to PINGs never sent. */
    s->ping_due = s->now + s->o.keepalive_interval;
    return 0;
}
