// SPDX-License-Identifier: MIT
// A type or a procedure for people to read.
#pragma once

#include <stdio.h>

#include "schema/schema.h"

/* Kind, sizes, place of definition, and fields, arms or members with their bounds. */
void vw_cli_show_type(const struct vw_type *t, FILE *out);

/* Program, number, kind, annotations, and the types of arguments and result as above. */
void vw_cli_show_proc(const struct vw_proc *p, FILE *out);

/* "name(arguments) -> result" in one line. */
void vw_cli_show_signature(const struct vw_proc *p, FILE *out);
