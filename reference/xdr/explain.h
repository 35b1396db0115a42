// SPDX-License-Identifier: MIT
// Why a value could not be encoded. Internal to xdr/.
#pragma once

#include <virwire/error.h>

#include "schema/schema.h"

/* Walks VALUE for the first breach, which RC names in general, and reports it with its path.
 * Returns the code. */
int vw_explain_encode(const struct vw_type *t, const void *value, int rc, struct vw_error *err);
