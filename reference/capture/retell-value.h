// SPDX-License-Identifier: MIT
// Values that were recorded, as the nodes of a case: arguments to be sent, and patterns of what has
// to come back. What a server has chosen (protocol/varying.tsv) is kept under a name when it comes
// back, and goes out under that name; what varies anyway is not named. Engine: it may change with
// every release (docs/api.md).
#pragma once

#include <json-c/json.h>
#include <virwire/memory.h>

#include "base/yaml.h"
#include "schema/schema.h"

struct vw_retell_name;

struct vw_retell_values {
    struct vw_arena *arena;       /* of nodes and names; zeroed by the caller, like the others */
    struct vw_retell_name *names; /* of what has come back so far */
    bool again;                   /* see vw_retell_again */
};

/* Begins anew with what has been seen by now: names that nothing has used again are not made. */
void vw_retell_again(struct vw_retell_values *v);

/* The arguments of PROC. Members of structures that are the smallest of their type are left out,
 * since they need not be named. NULL: no memory. */
struct vw_node *vw_retell_args(struct vw_retell_values *v, const struct vw_proc *proc,
                               struct json_object *args);
/* A pattern of VALUE, which PROC returned (SIDE "ret") or told ("args"). NULL: no memory. */
struct vw_node *vw_retell_pattern(struct vw_retell_values *v, const struct vw_proc *proc,
                                  const char *side, struct json_object *value);
