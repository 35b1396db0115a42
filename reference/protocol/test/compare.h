// SPDX-License-Identifier: MIT
// Compares a schema with the facts of one release (reference/protocol/facts): programs, procedures
// and their annotations, constants, enums, types, bounds and encoded sizes, both ways.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "schema/schema.h"

struct compare_options {
    const char *facts_dir; /* the folder with one folder a release */
    const char *release;   /* "9.0.0" */
    bool field_names;      /* fields and discriminants must have the published names too */
    bool exact;            /* and nothing else: no type, constant or enum member that facts lack */
    /* "428 acl": a number of the remote program and the annotation that is known to differ in this
     * release; ends at NULL. One that does not differ is a difference. */
    const char *const *known;
};

/* Writes one line for each difference to OUT and returns how many there are, or -1 if the facts
 * cannot be read (the reason is written to OUT). COMPARED (may be NULL) is raised by the number of
 * procedures and named types that were looked at. */
int compare_facts(const struct vw_schema *s, const struct compare_options *options, FILE *out,
                  size_t *compared);
