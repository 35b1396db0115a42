// SPDX-License-Identifier: MIT
// A schema as .x text again, for the oracle that parsing what was printed gives the same schema.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "schema/schema.h"

/* Writes all constants, types and annotations of S in order of declaration. False, with nothing
 * written, when S has a program block: the tables keep too little of its spelling. */
bool vw_print_x(const struct vw_schema *s, FILE *out);
