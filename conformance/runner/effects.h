// SPDX-License-Identifier: MIT
// What procedures can do to the machine of a server (reference/protocol/effects.tsv), so that a
// check does no harm.
#pragma once

#include "conformance/runner/scenario.h"

struct vw_effect_row {
    const char *program;
    const char *procedure; /* short name */
    enum vw_effect effect;
};

/* The table, sorted by program and procedure; made from the .tsv file by the build. */
extern const struct vw_effect_row vw_effect_rows[];
extern const size_t vw_effect_row_count;

/* VW_EFFECT_HOST for one that the table does not have. */
enum vw_effect vw_effect_of(const char *program, const char *procedure);

/* The largest of the case's own and of the procedures that its messages name; *BECAUSE is then that
 * procedure, or NULL. What a message is bent into does not count: a lenient server may do what it
 * names. */
enum vw_effect vw_effect_of_case(const struct vw_profile *profile, const struct vw_case *c,
                                 const char **because);
