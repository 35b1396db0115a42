// SPDX-License-Identifier: MIT
// The members of an object of any kind as values of JSON: what all objects have, what the rows of
// the kind give out as facts, and what it names beside.
#pragma once

#include <json-c/json.h>
#include <virwire/memory.h>

#include "mock-daemon/handler.h"

/* The I-th member of objects of KIND; false: there are no more. Those that are forgotten are among
 * them, and what a kind has twice (a field that two procedures give out) is there twice. */
bool vw_own_at(const struct vw_object_kind *kind, size_t i, struct vw_own *out);

/* The value of M, which lies at O; *OUT NULL: it is absent. An object by pointer is the caller's
 * business. False: no memory. */
bool vw_own_get(const struct vw_own *m, const struct vw_object *o, struct json_object **out);
/* The other way; texts that O does not own lie in TEXTS. VW_EVALUE: it is no such value; VW_ENOMEM.
 */
int vw_own_set(const struct vw_own *m, struct vw_object *o, struct json_object *v,
               struct vw_arena *texts);
