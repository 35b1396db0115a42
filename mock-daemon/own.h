// SPDX-License-Identifier: MIT
// The members of an object of any kind as values of JSON: what all objects have, what the rows of
// the kind give out as facts, and what it names beside.
#pragma once

#include <json-c/json.h>
#include <virwire/memory.h>

#include "mock-daemon/handler.h"

/* The members of objects of a kind, those that are forgotten among them. What two procedures give
 * out is there twice. */
#define VW_OWNS_MAX 64
struct vw_owns {
    struct vw_own list[VW_OWNS_MAX];
    size_t count;
};
void vw_owns_of(const struct vw_object_kind *kind, struct vw_owns *out);

/* The value of M, which lies at O; *OUT NULL: it is absent, 0 or empty. An object by pointer is the
 * caller's business. False: no memory. */
bool vw_own_get(const struct vw_own *m, const struct vw_object *o, struct json_object **out);
/* The other way; texts that O does not own lie in TEXTS. VW_EVALUE: it is no such value; VW_ENOMEM.
 */
int vw_own_set(const struct vw_own *m, struct vw_object *o, struct json_object *v,
               struct vw_arena *texts);
