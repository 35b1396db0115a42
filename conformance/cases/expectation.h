// SPDX-License-Identifier: MIT
// Expectation files: known deviations of real implementations, each with its reason. A case that
// fails as one says is xfail; one that does not is xpass.
#pragma once

#include "conformance/cases/result.h"
#include "conformance/report/tally.h"

struct vw_expectation {
    const char *id; /* pattern */
    const char *reason;
    const char *from; /* versions of the peer, both included; NULL: any */
    const char *to;
    const char *login; /* "sasl": behind that log-in alone; NULL: behind any */
};

struct vw_expectations {
    struct vw_arena arena;
    struct vw_expectation *list;
    size_t count;
    const char *login; /* the peer's; NULL: unknown, then each entry holds */
    bool unasked;      /* nobody has said that the peer is one of these: what passes is no xpass */
};

/* Reads PATH and adds to D (zeroed before the first). VW_ESYNTAX with line and column, VW_ESYSTEM,
 * VW_ENOMEM. */
int vw_expectations_load(struct vw_expectations *d, const char *path, struct vw_error *err);
void vw_expectations_finish(struct vw_expectations *d);

/* The one that is about case ID on a peer of VERSION ("9.0.0"; empty: unknown), or NULL. */
const struct vw_expectation *vw_expectation_find(const struct vw_expectations *d, const char *id,
                                                 const char *version);

/* True when one is about a case of RESULTS that is still to be played. */
bool vw_expectations_concern(const struct vw_expectations *d, const struct vw_result *results,
                             size_t n, const char *version);

/* Turns fail, hung and crash into xfail, and pass into xpass. */
void vw_expectations_apply(const struct vw_expectations *d, struct vw_result *results, size_t n,
                           const char *version, struct vw_tally *tally);

/* A file that says what these results are. */
void vw_expectations_write(const struct vw_result *results, size_t n, const char *version,
                           FILE *out);
