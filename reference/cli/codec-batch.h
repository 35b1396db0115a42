// SPDX-License-Identifier: MIT
// Many values in one run of `virwire encode` or `virwire decode`: a JSON object on each line of the
// input, one on each line of the output. A line that is wrong costs itself and is told of.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "cli/codec-target.h"

struct json_object;

struct vw_batch {
    const char *command; /* of which errors are */
    const char *path;    /* "-": stdin */
    const char *given;   /* the member of a line that is coded: "value" */
    const struct vw_schema *schema;
    FILE *out;
    /* What comes of GIVEN (NULL: it is null, or, where the type is void, not there) is put into OUT
     * as members. PLACE is what to call the line. An error is the line's, but for VW_ENOMEM, which
     * ends all; it is told of here unless ERR is clear, as where the callback has done so. */
    int (*code)(void *user, const struct vw_cli_target *target, struct json_object *given,
                struct json_object *out, const char *place, struct vw_error *err);
    void *user;
};

/* The exit status: of the worst line, or why the run could not go on. */
int vw_batch_run(const struct vw_batch *b);
