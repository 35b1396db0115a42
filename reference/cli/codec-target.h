// SPDX-License-Identifier: MIT
// What the TYPE argument of `virwire encode` and `virwire decode` means.
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "schema/schema.h"

/* Lines for the help text. */
#define VW_CLI_TARGET_USAGE                                                                        \
    "TYPE is a type of the schema, PROCEDURE:args or PROCEDURE:ret (domain_get_info:ret,\n"        \
    "remote.connect_open:args), or 'message' for a whole message with length and header.\n"

struct vw_cli_target {
    bool message;
    const struct vw_type *type; /* void where a procedure has no such side; NULL for a message */
};

/* VW_ENAME with the nearest known name, VW_ENOMEM. */
int vw_cli_target_find(const struct vw_schema *s, const char *text, struct vw_cli_target *out,
                       struct vw_error *err);
