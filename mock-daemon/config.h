// SPDX-License-Identifier: MIT
// The configuration file: limits, authentication, hostname and domains.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>
#include <virwire/memory.h>

#include "mock-daemon/access.h"
#include "mock-daemon/kinds/domain.h"
#include "transport/listen.h"
#include "transport/tls.h"

/* A gate before everything (D-11). */
enum vw_config_auth { VW_CONFIG_AUTH_NONE = 0, VW_CONFIG_AUTH_SASL = 1, VW_CONFIG_AUTH_POLKIT = 2 };
/* What polkit says; ABSENT: there is none to ask. */
enum vw_config_polkit { VW_CONFIG_POLKIT_YES, VW_CONFIG_POLKIT_NO, VW_CONFIG_POLKIT_ABSENT };

struct vw_sasl_account;

/* Where a client comes in, as far as it matters for how it gets in. */
enum vw_config_door {
    VW_DOOR_UNIX, /* and standard input and output */
    VW_DOOR_UNIX_READ_ONLY,
    VW_DOOR_TCP,
    VW_DOOR_TLS,
    VW_DOORS
};

/* The limits of a server (L-1): of that for clients of hypervisors, or the one for virt-admin. */
struct vw_config_service {
    uint32_t max_clients;
    uint32_t max_anonymous_clients; /* 0: any number */
    uint32_t max_client_requests;
    int32_t keepalive_interval; /* seconds; -1: off */
    uint32_t keepalive_count;
    uint32_t min_workers, max_workers, prio_workers; /* are told; there are no threads */
};

/* What libvirtd.conf says of where to listen. */
struct vw_config_sockets {
    const char *dir; /* NULL: no sockets */
    bool tcp, tls;
    const char *address, *tcp_port, *tls_port;
};

struct vw_config {
    enum vw_config_auth auth[VW_DOORS]; /* the numbers of A-3 */
    enum vw_config_polkit polkit;
    int64_t peer_uid;                         /* whose all clients of UNIX sockets are; -1: look */
    const struct vw_sasl_account *sasl_users; /* who may log in by SASL, beside GSSAPI */
    size_t n_sasl_users;
    const char *sasl_mechanisms; /* with blanks; NULL: none is offered */
    /* Patterns of the names of those that SASL lets in; NULL: all of them come in. */
    const char *const *sasl_names;
    size_t n_sasl_names;
    struct vw_config_service main, admin;
    uint32_t max_client_streams;
    uint32_t max_event_bytes; /* that wait for one client */
    struct vw_listen_options listen;
    struct vw_tls_server_options tls; /* where LISTEN points, if its files are known */
    struct vw_config_sockets sockets;
    const char *doors[VW_DOORS + 1]; /* what SOCKETS is to --listen */
    size_t n_doors;
    const char *log_filters, *log_outputs; /* NULL: none */
    struct vw_access access;
    const char *hostname; /* NULL: that of the machine */
    const char **drivers; /* that can be opened beside "test" */
    size_t n_drivers;
    struct vw_domain *domains; /* uuid 0: one is made from the name */
    size_t n_domains;
    struct vw_arena arena; /* holds the strings and the list */
};

/* Built-in defaults, and the one domain `test`. VW_ENOMEM. */
int vw_config_init(struct vw_config *c, struct vw_error *err);
void vw_config_finish(struct vw_config *c);
void vw_config_set_auth(struct vw_config *c, enum vw_config_auth auth);

/* Reads PATH over what is in C. VW_ESYNTAX with line and column, VW_ESYSTEM, VW_ENOMEM. */
int vw_config_load(struct vw_config *c, const char *path, struct vw_error *err);
/* The same from text. */
int vw_config_parse(struct vw_config *c, const char *text, size_t len, struct vw_error *err);
