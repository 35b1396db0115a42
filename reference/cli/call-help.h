// SPDX-License-Identifier: MIT
// The help text of a procedure, made from its tables.
#pragma once

#include <stdio.h>

#include "schema/schema.h"

/* Names, number, arguments with bounds, result, annotations. */
void vw_call_help(const struct vw_proc *proc, FILE *out);

/* The procedure NAME, or NULL after a report on stderr for COMMAND that names the nearest one. */
const struct vw_proc *vw_call_find(const char *command, const struct vw_schema *schema,
                                   const char *name);
