// SPDX-License-Identifier: MIT
// What every subcommand that talks to a server shares: options about the protocol and the
// connection, and the steps from a URI to an open client.
#pragma once

#include <getopt.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "cli/credentials.h"
#include "cli/schema-options.h"
#include "client/client.h"
#include "schema/profile.h"
#include "transport/transport.h"
#include "uri/uri.h"

struct vw_connect {
    const char *command; /* for messages */
    struct vw_cli_schema schema;
    int timeout_ms;
    bool read_only;
    bool trace;   /* messages on stderr */
    bool no_auth; /* no AUTH_LIST */
    bool no_open; /* no CONNECT_OPEN */
    const char *open_name;
    int keepalive_ms; /* PINGs of our own; 0: none */
    uint32_t keepalive_count;

    struct vw_profile *profile; /* after vw_connect_load */
    struct vw_uri uri;          /* after vw_connect_uri */
    struct vw_arena arena;      /* of the URI */
    struct vw_cli_credentials credentials;
    struct vw_transport_options transport; /* after vw_connect_client_options */
};

/* The long options that vw_connect_option knows; their values stand above every letter. */
enum {
    VW_OPT_PROFILE = 0x100,
    VW_OPT_SCHEMA,
    VW_OPT_TIMEOUT,
    VW_OPT_READ_ONLY,
    VW_OPT_TRACE,
    VW_OPT_NO_AUTH,
    VW_OPT_NO_OPEN,
    VW_OPT_NAME,
    VW_OPT_KEEPALIVE
};

/* clang-format off */
#define VW_CONNECT_OPTIONS                                                                         \
    {"profile", required_argument, NULL, VW_OPT_PROFILE},                                          \
    {"schema", required_argument, NULL, VW_OPT_SCHEMA},                                            \
    {"define", required_argument, NULL, 'D'},                                                      \
    {"timeout", required_argument, NULL, VW_OPT_TIMEOUT},                                          \
    {"read-only", no_argument, NULL, VW_OPT_READ_ONLY},                                            \
    {"trace", no_argument, NULL, VW_OPT_TRACE},                                                    \
    {"no-auth", no_argument, NULL, VW_OPT_NO_AUTH},                                                \
    {"no-open", no_argument, NULL, VW_OPT_NO_OPEN},                                                \
    {"name", required_argument, NULL, VW_OPT_NAME},                                                \
    {"keepalive", required_argument, NULL, VW_OPT_KEEPALIVE}

#define VW_CONNECT_USAGE                                                                           \
    VW_CLI_SCHEMA_HELP                                                                             \
    "      --timeout S     seconds for each step: connecting, each answer (default 30)\n"          \
    "  -r, --read-only     open the connection read-only\n"                                        \
    "      --no-auth       do not ask how to authenticate\n"                                       \
    "      --no-open       do not open the connection\n"                                           \
    "      --name NAME     open this name instead of the one that the URI means\n"                 \
    "      --keepalive S[:N]  after each S seconds of silence ask whether the server still lives;\n"  \
    "                      after N questions (default 5) without an answer it is lost\n"            \
    "      --trace         show every message on stderr\n"
/* clang-format on */

#define VW_CONNECT_SHORTS "rD:"

void vw_connect_init(struct vw_connect *x, const char *command);
void vw_connect_finish(struct vw_connect *x);

/* Takes an option that getopt gave: 0 when it is one of VW_CONNECT_OPTIONS and right, an exit
 * status when it was reported as wrong, -1 when it is not one of them. */
int vw_connect_option(struct vw_connect *x, int opt);

/* Loads the profile. An exit status; errors are reported. */
int vw_connect_load(struct vw_connect *x);
/* Reads the URI in the dialect of the profile; prints its warnings. An exit status. */
int vw_connect_uri(struct vw_connect *x, const char *text);
/* Options for vw_client_open. */
void vw_connect_client_options(struct vw_connect *x, struct vw_client_options *out);

/* Says so when --keepalive was given and the server knows nothing of it (K-4). */
void vw_connect_check_keepalive(const struct vw_connect *x, const struct vw_client *client);

/* Writes one message to stderr: a line that says what it is and holds, and its bytes. USER is a
 * struct vw_connect. */
void vw_connect_trace(void *user, enum vw_side from, const uint8_t *bytes, size_t len);
