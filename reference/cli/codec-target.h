// SPDX-License-Identifier: MIT
// What the TYPE argument of `virwire encode` and `virwire decode` means.
#pragma once

#include <stdbool.h>
#include <virwire/error.h>

#include "schema/schema.h"

struct vw_cli_target {
    bool message;
    const struct vw_type *type; /* void where a procedure has no such side; NULL for a message */
};

/* VW_ENAME with the nearest known name, VW_ENOMEM. */
int vw_cli_target_find(const struct vw_schema *s, const char *text, struct vw_cli_target *out,
                       struct vw_error *err);
