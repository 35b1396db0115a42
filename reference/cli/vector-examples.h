// SPDX-License-Identifier: MIT
// The examples of the protocol page's clauses as lines of JSON (`virwire vectors --examples`).
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <virwire/error.h>

/* Prints those of the clauses that PATTERN means ("F-*", in either case). FOUND: there is such a
 * clause. VW_ENOMEM or 0. */
int vw_vector_examples(const char *pattern, FILE *out, bool *found, struct vw_error *err);
