// SPDX-License-Identifier: MIT
// The clauses that the observer of a case holds the server's bytes against, without a word in the
// case (session/session.h). A proof can leave one out and show what would then go unseen
// (conformance/prove).
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <virwire/error.h>

struct vw_watched {
    const char *clause;
    const char *meaning; /* what must be so */
};

#define VW_WATCHED_MAX 64

/* Fewer than that, in the order of docs/protocol/PROTOCOL.md; one without a clause ends it. */
extern const struct vw_watched vw_watched[];
extern const char *const vw_watched_clauses[]; /* these alone; ends at NULL */

/* A set of them: 1 << index. */
typedef uint64_t vw_watched_set;

bool vw_watched_has(vw_watched_set set, const char *clause);

/* Adds CLAUSE to SET. 0, or VW_ENAME with the nearest. */
int vw_watched_add(const char *clause, vw_watched_set *set, struct vw_error *err);
