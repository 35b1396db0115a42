// SPDX-License-Identifier: MIT
// What procedures can do to the machine of a server (reference/protocol/procedures.tsv), so that a
// check does no harm.
#pragma once

#include "conformance/cases/scenario.h"

/* The largest of the case's own and of the procedures that its messages name; *BECAUSE is then that
 * procedure, or NULL. What a message is bent into does not count: a lenient server may do what it
 * names. */
enum vw_effect vw_effect_of_case(const struct vw_profile *profile, const struct vw_case *c,
                                 const char **because);
