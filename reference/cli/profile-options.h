// SPDX-License-Identifier: MIT
// The options that choose a profile and its schema, the same for every subcommand that has them:
// --profile NAME, --schema DIR, -D NAME=VALUE.
#pragma once

#include <stdbool.h>

#include "schema/profile.h"

enum { VW_OPT_PROFILE = 0x1001, VW_OPT_SCHEMA };

/* For the table of struct option; 'D' with a colon belongs into the short ones. */
#define VW_CLI_PROFILE_OPTIONS                                                                     \
    {"profile", required_argument, NULL, VW_OPT_PROFILE},                                          \
        {"schema", required_argument, NULL, VW_OPT_SCHEMA},                                        \
    {                                                                                              \
        "define", required_argument, NULL, 'D'                                                     \
    }

/* Lines for the help text. */
#define VW_CLI_PROFILE_USAGE                                                                       \
    "  --profile NAME|FILE  the protocol as that release speaks it (default: the newest)\n"        \
    "  --schema DIR         read the .x files below DIR instead of the built-in ones\n"            \
    "  -D, --define N=V     a constant that C headers define for the .x files\n"

#define VW_CLI_MAX_DEFINES 256

struct vw_cli_profile {
    const char *name; /* or a path, if there is a '/' in it */
    const char *schema_dir;
    const char *defines[VW_CLI_MAX_DEFINES + 1]; /* ends at NULL */
    unsigned n_defines;
};

/* True when OPT was one of them and has been taken. */
bool vw_cli_profile_option(struct vw_cli_profile *p, int opt, const char *arg);

/* Loads what the options say. An enum vw_exit, after a report for COMMAND unless VW_EXIT_OK; the
 * caller destroys *OUT. */
int vw_cli_profile_load(const struct vw_cli_profile *p, const char *command,
                        struct vw_profile **out);
