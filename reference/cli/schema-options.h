// SPDX-License-Identifier: MIT
// The options that choose a protocol, which several subcommands take: --profile NAME or a file,
// --schema DIR, -D NAME=VALUE.
#pragma once

#include "cli/options.h"
#include "schema/profile.h"

#define VW_CLI_MAX_DEFINES 256

struct vw_cli_schema {
    const char *profile; /* of --profile; NULL: the newest */
    const char *dir;     /* of --schema; NULL: built in */
    const char *defines[VW_CLI_MAX_DEFINES + 1];
    unsigned n_defines;
};

/* For vw_cli_options: the options into *O. */
/* clang-format off */
#define VW_CLI_SCHEMA_OPTIONS(o)                                                                   \
    {"profile", .text = &(o)->profile},                                                            \
    {"schema", .text = &(o)->dir},                                                                 \
    {"define", 'D', .take = vw_cli_schema_define, .user = (o)}
/* clang-format on */

/* Takes the argument of a -D into the struct vw_cli_schema USER. 0, or VW_EXIT_USAGE after the
 * report. */
int vw_cli_schema_define(const char *command, void *user, const char *define);

/* Warns of each -D that names no constant of S: it may be mistyped. */
void vw_cli_schema_warn_unused(const char *command, const struct vw_cli_schema *o,
                               const struct vw_schema *s);

/* Loads the profile; what fails is reported on stderr for COMMAND and gives its exit status. */
int vw_cli_schema_load(const char *command, const struct vw_cli_schema *o, struct vw_profile **out);

/* As vw_cli_fail, for what was wrong with a .x or profile file: unreadable input is wrong usage. */
int vw_cli_schema_fail(const char *command, const char *file, const struct vw_error *err);

enum { VW_CLI_TYPES = 1, VW_CLI_PROCS = 2 };

/* The name of a type or procedure of S, as KINDS says, that is nearest to NAME; it is the schema's.
 * Of NAME only what follows a dot counts, and a program in front of it leaves only its procedures.
 * NULL: none is near. */
const char *vw_cli_schema_nearest(const struct vw_schema *s, unsigned kinds, const char *name);

/* Reports that NAME is neither a type nor a procedure of S, with the nearest name. Returns
 * VW_EXIT_USAGE. WHAT is what was wanted: "type", "procedure", "type, procedure or constant". */
int vw_cli_schema_unknown(const char *command, const struct vw_schema *s, const char *what,
                          const char *name);
