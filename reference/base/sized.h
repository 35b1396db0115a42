// SPDX-License-Identifier: MIT
// Structs that start with their size, as a caller of another release may have them.
#pragma once

#include <stddef.h>
#include <virwire/error.h>

/* Copies GIVEN (NULL: all 0) into OWN, a struct of SIZE bytes: what it does not reach is 0. NAME is
 * that of the macro which puts the size there. VW_EUSAGE: it has no size that could be one, or
 * members that are set and not known here; OWN is then all 0. */
int vw_sized_copy(void *own, size_t size, const void *given, const char *name,
                  struct vw_error *err);
