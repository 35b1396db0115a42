// SPDX-License-Identifier: MIT
// A daemon inside the test: no listener, one end of a socket pair as its client.
#pragma once

#include "base/testing/test.h"

#include "mock-daemon/calls.h"
#include "mock-daemon/daemon.h"

struct peer {
    struct ev_loop *loop;
    struct vw_config config;
    struct vw_daemon daemon;
    struct vw_listener listener;
    int fd; /* the client's end */
};

/* The domains of the daemon. */
static inline struct vw_objects *peer_domains(const struct peer *p)
{
    return vw_model_objects(&p->daemon.model, &vw_object_kind_domain);
}
/* In place of those that the daemon has. */
void peer_set_domains(struct peer *p, const struct vw_domain *domains, size_t n);

/* PROFILE NULL: the newest. FAULTS may be NULL. Fails the test when it cannot. */
void peer_start(struct peer *p, const char *profile, struct vw_fault *faults);
/* One more connection; its descriptor becomes p->fd, the old one stays open. 0 or the error. */
int peer_connect(struct peer *p);
/* The same over a socket of that type: with SOCK_SEQPACKET each write can be told from the next. */
int peer_connect_as(struct peer *p, int type);
/* A new connection, with these faults, in place of the one that is there. */
void peer_reconnect(struct peer *p, struct vw_fault *faults);
/* Runs TRY under each fault alone, on a connection of its own. */
void peer_each_fault(struct peer *p, void (*try)(struct peer *p));
void peer_stop(struct peer *p);

/* Sends bytes and lets the daemon work. */
void peer_send(struct peer *p, const void *bytes, size_t len);
/* Lets the daemon work and gives all it has sent so far; -1: it has closed and nothing is left. */
ssize_t peer_receive(struct peer *p, uint8_t *to, size_t size);

/* Sends a call and gives its reply, which must be the next message. The whole message lies in the
 * returned buffer until the next call; BODY is behind the header. */
struct reply {
    struct vw_header header;
    const uint8_t *body;
    size_t len;
};
struct reply peer_call(struct peer *p, const struct vw_proc *proc, const void *body, size_t len);
/* The same with a value in the layout of its profile. */
struct reply peer_call_with(struct peer *p, const struct vw_proc *proc, const void *args);
/* CONNECT_OPEN of test:///default. */
void peer_open(struct peer *p, uint32_t flags);

/* By today's name; peer_proc fails the test when the profile has none, peer_find_proc gives NULL.
 */
const struct vw_proc *peer_find_proc(const struct peer *p, const char *name);
const struct vw_proc *peer_proc(const struct peer *p, const char *name);
/* Code and domain of an error reply. */
struct vw_error_pair reply_error(const struct reply *r);
