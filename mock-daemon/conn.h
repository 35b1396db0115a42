// SPDX-License-Identifier: MIT
// One client: a transport, a session, and what the client has opened and registered. The driver of
// a session as session.h describes it, on libev; it holds no rule of the protocol.
#pragma once

#include <ev.h>
#include <sys/queue.h>

#include "mock-daemon/config.h"
#include "mock-daemon/handler.h"
#include "mock-daemon/hypervisor.h"
#include "mock-daemon/registrations.h"
#include "mock-daemon/transfer.h"
#include "transport/listen.h"
#include "transport/transport.h"

struct vw_account;
struct vw_model;
struct vw_daemon;
struct vw_handshake;
struct vw_sasl_server;
struct vw_tamper;

/* The steps of a connection: vw_serve_plain, or with faults in their way vw_tamper_ops. */
struct vw_conn_ops {
    /* The life of what they keep for a connection; NULL: nothing. CREATE also puts on the transport
     * what the listener wants, and may change the options of the session; BEGIN comes when that is
     * there, GONE when the daemon no longer counts C. */
    int (*create)(struct vw_conn *c, struct vw_session_options *o, struct vw_error *err);
    void (*begin)(struct vw_conn *c);
    void (*gone)(struct vw_conn *c);
    void (*destroy)(struct vw_conn *c);
    /* One read from the transport into the session. > 0: bytes; 0: end; negative errno value. */
    ssize_t (*read)(struct vw_conn *c);
    /* Takes one event of the session. 0, or negative: the connection cannot go on. */
    int (*event)(struct vw_conn *c, const struct vw_event *ev);
    /* Runs a call: vw_dispatch_run. */
    enum vw_outcome (*call)(struct vw_call *call);
    /* Writes what it can. 0: all is written; 1: more is left for when the transport takes it, or
     * for c->wake_ms; negative: the connection is gone. */
    int (*flush)(struct vw_conn *c);
};

/* No timer of the loop is set further ahead: libev's longest wait is 59.743 s, and epoll-wait.c
 * must be able to tell it from a timer's. */
#define VW_TIMER_MAX_MS 50000

struct vw_conn {
    TAILQ_ENTRY(vw_conn) link;
    struct vw_daemon *daemon;
    const struct vw_listener *listener; /* where it came in */
    const struct vw_conn_ops *ops;
    struct vw_transport *transport;
    struct vw_session *session;
    struct vw_handshake *handshake; /* NULL: hands are shaken, or need not be */
    struct vw_tamper *tamper;       /* NULL: no fault is set */
    struct vw_transport *tls;       /* in the stack of TRANSPORT; NULL: no TLS, or a wrong one */
    struct vw_sasl_server *sasl;    /* an exchange is under way; NULL: none */
    struct vw_service *service;
    uint64_t id;                /* in its service */
    int64_t since;              /* seconds of the calendar */
    int64_t uid;                /* whose the client is; -1: the socket does not tell */
    int32_t gid, pid;           /* of the same, with a UID of 0 or more */
    char *user;                 /* as whom SASL let it in, or the name of UID once asked; NULL */
    char *certificate;          /* the name in that of TLS, once asked; NULL */
    struct vw_account *account; /* what it did; NULL: none is kept */
    /* Puts the layer on the transport that vw_session_switch_layer has announced; what has been
     * read too far is its to take (vw_session_unread). 0, or negative: the connection is lost, and
     * the transport may be NULL.
     * NULL: the transport stays. */
    int (*switch_layer)(struct vw_conn *c);
    bool switching; /* it is announced: until then nothing more is read */
    bool layered;   /* SASL is on the transport */
    ev_io watcher;
    ev_timer timer;
    int64_t wake_ms;                    /* next call without input, of the clock; INT64_MAX: none */
    int64_t armed_ms;                   /* when timer fires */
    int wanted;                         /* events that watcher watches */
    bool dropped;                       /* to be destroyed by the loop; there is no transport */
    bool over;                          /* the session has ended; what is queued is still written */
    bool busy;                          /* it had something to do since memory was looked at */
    bool read_only;                     /* D-19 */
    bool opened;                        /* CONNECT_OPEN was answered OK */
    bool authenticated;                 /* or no need to be (D-11, L-1) */
    const struct vw_hypervisor *hosted; /* what is open, if it is not the test driver; else NULL */
    char *uri;                          /* name given to CONNECT_OPEN */
    /* What it has opened, or will: the daemon's, or one of its own (test:///FILE). */
    struct vw_model *model;
    struct vw_registrations events;
    struct vw_transfers taking, giving; /* of open streams */
};

/* Takes a connected FD. VW_ENOMEM, VW_ESYSTEM; the descriptor is closed then. */
int vw_conn_create(struct vw_daemon *daemon, const struct vw_listener *listener, int fd,
                   const struct vw_conn_ops *ops, struct vw_error *err);
/* Closes and frees. */
void vw_conn_destroy(struct vw_conn *c);

/* Does what there is to do, events of the session and then output, a little later, from the loop.
 */
void vw_conn_wake(struct vw_conn *c);

/* When C has something to do without input, of the daemon's clock; INT64_MAX: never. */
int64_t vw_conn_due_ms(const struct vw_conn *c);

/* Reads once, and does what comes of it. */
void vw_conn_read(struct vw_conn *c);

/* Ends it at once, what is queued unwritten. The connection is destroyed by the loop. */
void vw_conn_drop(struct vw_conn *c);

/* CONNECT_OPEN and CONNECT_CLOSE. */
void vw_conn_set_opened(struct vw_conn *c, bool yes);
/* What it opens next: MODEL, which is C's to free from here on, or the daemon's if that is NULL. It
 * is there until the next one, or the end of C, since what it has made happen may be told behind
 * the close. */
void vw_conn_set_model(struct vw_conn *c, struct vw_model *model);
/* What AUTH_LIST asks of the client until it is authenticated. */
enum vw_config_auth vw_conn_auth(const struct vw_conn *c);
/* It is from here on: calls are served, and it counts no longer as anonymous (L-1). */
void vw_conn_let_in(struct vw_conn *c);
