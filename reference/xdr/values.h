// SPDX-License-Identifier: MIT
// Values made from a type alone: the smallest.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <virwire/error.h>
#include <virwire/memory.h>

#include "schema/schema.h"

/* All zero, empty, absent; unions take their first arm (the default arm if there is no other). */
int vw_value_minimal(const struct vw_type *t, struct vw_arena *arena, void **out,
                     struct vw_error *err);

/* The same in the place AT, which is all 0 so far. */
int vw_value_smallest(const struct vw_type *t, struct vw_arena *arena, void *at,
                      struct vw_error *err);
