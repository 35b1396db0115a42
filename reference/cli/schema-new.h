// SPDX-License-Identifier: MIT
// What .x files of a user's own have that the suite does not know.
#pragma once

#include "schema/profile.h"

/* Warns of each procedure in PROFILE that no case was written for (docs/gate.md); NAME is of the
 * command. An exit status. */
int vw_cli_schema_new(const char *name, const struct vw_profile *profile);
