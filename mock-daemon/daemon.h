// SPDX-License-Identifier: MIT
// The daemon: its loop, listeners, connections, and what they share.
#pragma once

#include <ev.h>
#include <stdio.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "mock-daemon/account.h"
#include "mock-daemon/advance.h"
#include "mock-daemon/clock.h"
#include "mock-daemon/config.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/dispatch.h"
#include "mock-daemon/handshake.h"
#include "mock-daemon/migrate/migration.h"
#include "mock-daemon/model.h"
#include "mock-daemon/stack.h"
#include "transport/listen.h"

struct vw_control;
struct vw_fault;
struct vw_chronicle;
struct vw_recorder;
struct vw_rules_file;

/* Answers of the profile, looked up once. */
struct vw_daemon_answers {
    struct vw_error_pair bad_arguments;                          /* D-9, D-18 */
    struct vw_error_pair negative_count;                         /* D-17, D-30 */
    struct vw_error_pair open_twice;                             /* D-13 */
    struct vw_error_pair open_without_name;                      /* C-1 */
    struct vw_error_pair open_unknown_driver;                    /* C-4 */
    struct vw_error_pair open_unknown_transport, open_transport; /* C-17, as the next */
    struct vw_error_pair open_foreign_transport, open_no_file;
    struct vw_error_pair domain_unknown; /* a call about a domain that is not there: D-33 */
    bool domain_by_id;                   /* D-33 */
    bool open_name_in_text;              /* */
    bool tls_part_ends;                  /* T-13 */
    bool replies_in_order;               /* H-8 */
    bool error_objects;                  /* E-2: errors name the domain that they are about */
    bool close_ends_connection;          /* C-6, C-7 */
};

/* A listener and who accepts from it. */
struct vw_door {
    struct vw_listener *listener;
    struct vw_daemon *daemon;
    struct vw_service *service;
    ev_io watcher;
};

TAILQ_HEAD(vw_conns, vw_conn);

/* What the admin program calls a server: of the sockets that clients of hypervisors come to, or of
 * those that it is spoken on. */
struct vw_service {
    const char *name;
    uint32_t n_conns;
    uint32_t n_anonymous;              /* of them, not yet authenticated (L-1) */
    uint32_t max_conns, max_anonymous; /* of the latter 0: any */
    bool accepting;
    uint64_t last_id; /* of its connections */
    /* What it says of threads, of which there are none. */
    uint32_t min_workers, max_workers, workers, free_workers, priority_workers, queued;
};

struct vw_daemon {
    struct ev_loop *loop;
    struct vw_clock clock;
    struct vw_advance advance;
    struct vw_accounts accounts;
    const struct vw_config *config;
    struct vw_profile *profile;
    struct vw_dispatch *dispatch;
    struct vw_daemon_answers answers;
    struct vw_model model;
    bool synthesize;                /* what has no row is made up */
    int32_t n_event_kinds;          /* ids of domain events below it are known */
    struct vw_fault *faults;        /* the stack; NULL: none */
    struct vw_rules_file *rules;    /* on top of it; NULL: none */
    struct vw_stack stack;          /* when it can change */
    struct vw_control *control;     /* who changes it; NULL: nobody */
    const char *error_file;         /* what an error of vw_daemon_init is about; NULL: no file */
    struct vw_recorder *recorder;   /* of all connections; NULL: none */
    struct vw_chronicle *chronicle; /* that listens to it; NULL: none does */
    struct vw_door *doors;
    size_t n_doors;
    const struct vw_listener
        *stdio; /* that of a door whose one client is there already; NULL: none */
    struct vw_conns conns;
    struct vw_conns dropped; /* closed, to be freed by the loop */
    struct vw_service main, admin;
    char *log_filters, *log_outputs; /* as the admin program was told; NULL: none */
    struct vw_handshakes handshakes;
    struct vw_migrations migrations; /* under way */
    uint32_t told;                   /* messages about events, in the turn of one connection */
    bool exhausted;                  /* no descriptor or memory for one more; RETRY ends it */
    ev_timer retry;
    /* Frees what is in dropped and accepts again; runs only when a connection has gone. */
    ev_prepare sweep;
    /* Of one message at a time; all connections share it, and the spares. */
    struct vw_arena arena;
    struct vw_spares spares;
    unsigned given_in; /* turn of the loop in which streams have given GIVEN bytes */
    size_t given;
    size_t freed; /* bytes since memory was last given back to the system, about */
    ev_timer give_back;
    ev_timer idle;                    /* once a second; not active: the daemon stays */
    uint32_t idle_left, idle_seconds; /* until it ends, when nobody is there */
};

struct vw_daemon_options {
    const char *const *listen; /* URIs, as given */
    size_t n_listen;
    const char *profile; /* NULL: the newest */
    const char *schema;  /* a folder of .x files; NULL: those of the profile */
    const struct vw_config *config;
    struct vw_fault *faults;
    const char *rules; /* a file; NULL: none */
    bool virtual_time;
    const char *control; /* path of a socket; NULL: none */
    const char *log;     /* [KIND=]FILE; NULL: none */
    bool lint;           /* what clients break is kept, for vw_chronicle_tell */
    const char *record;  /* file for a capture; NULL: none */
    bool synthesize;     /* answer what is not modelled with values made from SEED */
    uint64_t seed;       /* of all that is made up */
};

/* Loads the profile, makes the model and binds. The loop must be there; FAULTS and CONFIG stay
 * the caller's. VW_ENAME, VW_EUSAGE, VW_ESYSTEM, VW_EUNREACHABLE, VW_ENOMEM, and VW_ESYNTAX of the
 * file of rules, with its place there. */
int vw_daemon_init(struct vw_daemon *d, struct ev_loop *loop, const struct vw_daemon_options *o,
                   struct vw_error *err);
/* Closes everything and removes the socket files. */
void vw_daemon_finish(struct vw_daemon *d);
/* Ends all connections, ahead of that. */
void vw_daemon_hang_up(struct vw_daemon *d);

/* Prints `listening URI` for each listener and starts to accept. */
int vw_daemon_start(struct vw_daemon *d, FILE *out, struct vw_error *err);

/* Takes a connected FD that came in at L. Errors as of vw_conn_create. */
int vw_daemon_serve(struct vw_daemon *d, const struct vw_listener *l, int fd, struct vw_error *err);

/* It ends when nobody has been connected for so many seconds; 0: it does not. */
void vw_daemon_set_timeout(struct vw_daemon *d, uint32_t seconds);

/* Accepts again, or no longer, as the limits say (L-2). */
void vw_limits_check(struct vw_daemon *d);
