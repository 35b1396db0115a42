// SPDX-License-Identifier: MIT
// What every subcommand that talks to a server shares: options about the protocol and the
// connection, and the steps from a URI to an open client.
#pragma once

#include <stdbool.h>
#include <virwire/client.h>
#include <virwire/error.h>
#include <virwire/memory.h>
#include <virwire/uri.h>

#include "cli/credentials.h"
#include "cli/schema-options.h"
#include "cli/uri-options.h"
#include "schema/profile.h"
#include "transport/transport.h"

struct vw_connect {
    const char *command; /* for messages */
    struct vw_cli_schema schema;
    struct vw_cli_uri how; /* the URI is read */
    int timeout_ms;
    bool read_only;
    bool trace;        /* messages on stderr */
    bool show_secrets; /* in them */
    bool no_auth;      /* no AUTH_LIST */
    bool no_open;      /* no CONNECT_OPEN */
    const char *open_name;
    int keepalive_ms; /* PINGs of our own; 0: none */
    uint32_t keepalive_count;

    struct vw_profile *profile; /* after vw_connect_load */
    const struct vw_uri *uri;   /* after vw_connect_uri */
    struct vw_arena arena;      /* of the URI */
    struct vw_cli_credentials credentials;
};

#define VW_CONNECT_MAX_MS 86400000

/* For vw_cli_options: the options into *X. */
/* clang-format off */
#define VW_CONNECT_OPTIONS(x)                                                                      \
    VW_CLI_SCHEMA_OPTIONS(&(x)->schema),                                                           \
    VW_CLI_URI_OPTIONS(&(x)->how),                                                                 \
    {"timeout", .ms = &(x)->timeout_ms, .max = VW_CONNECT_MAX_MS},                                 \
    {"read-only", 'r', .flag = &(x)->read_only},                                                   \
    {"trace", .flag = &(x)->trace},                                                                \
    {"show-secrets", .flag = &(x)->show_secrets},                                                  \
    {"no-auth", .flag = &(x)->no_auth},                                                            \
    {"no-open", .flag = &(x)->no_open},                                                            \
    {"name", .text = &(x)->open_name},                                                             \
    {"keepalive", .take = vw_connect_keepalive, .user = (x)}

/* clang-format on */

void vw_connect_init(struct vw_connect *x, const char *command);
void vw_connect_finish(struct vw_connect *x);

/* Takes the value of --keepalive into the struct vw_connect USER. */
int vw_connect_keepalive(const char *command, void *user, const char *text);

/* Loads the profile. An exit status; errors are reported. */
int vw_connect_load(struct vw_connect *x);
/* Reads the URI in the dialect of the options, else in that of the profile; prints its warnings. An
 * exit status. */
int vw_connect_uri(struct vw_connect *x, const char *text);
/* Options for vw_client_open. */
void vw_connect_client_options(struct vw_connect *x, struct vw_client_options *out);

/* A goodbye, of which nobody but the server has anything: it takes a second at most (VW_GOODBYE_MS
 * before END_MS of vw_now_ms), and its failure is none of what was asked for. */
#define VW_GOODBYE_MS 1000
void vw_connect_goodbye(struct vw_client *client, int64_t end_ms);

/* Says so when --keepalive was given and the server knows nothing of it (K-4). */
void vw_connect_check_keepalive(const struct vw_connect *x, const struct vw_client *client);
