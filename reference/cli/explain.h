// SPDX-License-Identifier: MIT
// What `virwire explain` knows: a row for each kind of word.
#pragma once

#include <stdbool.h>

#include "base/nearest.h"

struct vw_explained {
    const char *plural;                /* "clauses", as --list names them */
    bool (*explain)(const char *word); /* false: it is none of these */
    void (*offer)(struct vw_near *near);
    void (*list)(void); /* a line each: the word, and what it is about */
};

/* Prints the URIs that show CLAUSE, if the suite has any. */
void vw_explain_uris(const char *clause);

extern const struct vw_explained vw_explained_rules, vw_explained_clauses, vw_explained_cases,
    vw_explained_faults, vw_explained_profiles;
