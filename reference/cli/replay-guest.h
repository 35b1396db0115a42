// SPDX-License-Identifier: MIT
// A client of `virwire capture replay --listen`, and how it gets in.
#pragma once

#include "cli/replay.h"
#include "session/session.h"

struct vw_sasl_server;

struct vw_replay_guest {
    struct vw_replay *r;
    struct vw_replay_conn *conn; /* NULL: it is still on its way in, or a stranger */
    bool stranger;               /* no more connections were recorded */
    struct vw_transport *transport;
    struct vw_session *session;
    bool secure, tls;            /* nobody can read along; over TLS */
    struct vw_sasl_server *sasl; /* an exchange is under way, or its layer comes next */
    bool judged;                 /* its log-in has come to an end */
    bool layered;                /* SASL is on the transport */
};

/* Marks the connections of which nothing but the log-in can be said again. */
void vw_replay_find_log_ins(struct vw_replay *r);
/* The next of them that nobody has made; NULL: none, or others come first. */
struct vw_replay_conn *vw_replay_next_log_in(struct vw_replay *r);
/* Tells those that nobody has made. */
void vw_replay_tell_log_ins(struct vw_replay *r);

bool vw_replay_is_log_in(const struct vw_proc *proc);
/* Answers a call of the log-in as CONN was asked then (NULL: nobody is asked): polkit as it was
 * answered, SASL with the credentials of who replays; without them nobody is asked. False: it is
 * none that is answered. */
bool vw_replay_answer_log_in(struct vw_replay_guest *t, const struct vw_replay_conn *conn,
                             const struct vw_event *ev);
/* The layer of SASL, from here on. */
int vw_replay_put_layer(struct vw_replay_guest *t);
/* T ends. */
void vw_replay_end_log_in(struct vw_replay_guest *t);
