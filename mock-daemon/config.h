// SPDX-License-Identifier: MIT
// The configuration file: limits, authentication, hostname and domains.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>
#include <virwire/memory.h>

#include "mock-daemon/kinds/domain.h"
#include "transport/listen.h"

/* A gate before everything (D-11). */
enum vw_config_auth { VW_CONFIG_AUTH_NONE = 0, VW_CONFIG_AUTH_SASL = 1, VW_CONFIG_AUTH_POLKIT = 2 };
/* What polkit says; ABSENT: there is none to ask. */
enum vw_config_polkit { VW_CONFIG_POLKIT_YES, VW_CONFIG_POLKIT_NO, VW_CONFIG_POLKIT_ABSENT };

struct vw_sasl_account;

struct vw_config {
    enum vw_config_auth auth; /* the numbers of A-3 */
    enum vw_config_polkit polkit;
    int64_t peer_uid;                         /* whose all clients of UNIX sockets are; -1: look */
    const struct vw_sasl_account *sasl_users; /* who may log in by SASL, beside GSSAPI */
    size_t n_sasl_users;
    const char *sasl_mechanisms; /* with blanks; NULL: none is offered */
    /* L-1 */
    uint32_t max_clients;
    uint32_t max_anonymous_clients;
    uint32_t max_client_requests;
    uint32_t max_client_streams;
    uint32_t max_event_bytes;   /* that wait for one client */
    int32_t keepalive_interval; /* seconds; -1: off */
    uint32_t keepalive_count;
    struct vw_listen_perms perms;
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

/* Reads PATH over what is in C. VW_ESYNTAX with line and column, VW_ESYSTEM, VW_ENOMEM. */
int vw_config_load(struct vw_config *c, const char *path, struct vw_error *err);
/* The same from text. */
int vw_config_parse(struct vw_config *c, const char *text, size_t len, struct vw_error *err);
