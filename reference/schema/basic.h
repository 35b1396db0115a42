// SPDX-License-Identifier: MIT
// Names of the basic types (basic.c).
#pragma once

#include "schema/schema.h"

/* By kind, shared by all schemas. */
extern struct vw_type vw_basics[VW_DOUBLE + 1];

/* True for one of the shared basic types. */
bool vw_basic_is(const struct vw_type *t);
/* The basic type that C headers give a name such as uint32_t or bool_t; NULL: none. */
const struct vw_type *vw_basic_predefined(const char *name);
/* The same, or one that is spelled with keywords ("unsigned hyper"). */
const struct vw_type *vw_basic_named(const char *name);
