// SPDX-License-Identifier: MIT
// Expectation files: known deviations of real implementations, each with its reason. A case that
// fails as one says is xfail; one that does not is xpass.
#pragma once

#include "conformance/runner/player.h"

struct vw_deviation {
    const char *id; /* pattern */
    const char *reason;
    const char *from; /* versions of the peer, both included; NULL: any */
    const char *to;
};

struct vw_deviations {
    struct vw_arena arena;
    struct vw_deviation *list;
    size_t count;
};

/* Reads PATH and adds to D (zeroed before the first). VW_ESYNTAX with line and column, VW_ESYSTEM,
 * VW_ENOMEM. */
int vw_deviations_load(struct vw_deviations *d, const char *path, struct vw_error *err);
void vw_deviations_finish(struct vw_deviations *d);

/* The one that is about case ID on a peer of VERSION ("9.0.0"; empty: unknown), or NULL. */
const struct vw_deviation *vw_deviation_find(const struct vw_deviations *d, const char *id,
                                             const char *version);

/* Turns fail, hung and crash into xfail, and pass into xpass. */
void vw_deviations_apply(const struct vw_deviations *d, struct vw_result *results, size_t n,
                         const char *version, struct vw_tally *tally);

/* A file that says what these results are. */
void vw_deviations_write(const struct vw_result *results, size_t n, const char *version, FILE *out);
