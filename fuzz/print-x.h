// SPDX-License-Identifier: MIT
// A schema as .x text again, for the oracle that parsing what was printed gives the same schema.
#pragma once

#include <stdio.h>

#include "schema/schema.h"

/* Writes all constants, types and annotations of S in order of declaration. */
void vw_print_x(const struct vw_schema *s, FILE *out);
