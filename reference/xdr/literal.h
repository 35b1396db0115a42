// SPDX-License-Identifier: MIT
// Values as people write them: one walk over a type and a literal, which is JSON (xdr/json.h,
// vw_json_to_value) or the nodes of YAML (here). What JSON leaves out is an error; what nodes leave
// out, and nothing, is the smallest value. Nodes have more ways to say a value: variables, and long
// strings and arrays made to the bound or one past it.
#pragma once

#include <json-c/json.h>
#include <virwire/error.h>
#include <virwire/memory.h>

#include "base/yaml.h"
#include "schema/schema.h"

/* A string, opaque or array that is to be one longer than its bound: made at the bound, to be
 * patched in the encoding. */
struct vw_over {
    struct vw_over *next;
    const char *path; /* span path of the value */
    const struct vw_type *type;
    uint8_t fill; /* the byte that a string or opaque is made of */
};

struct vw_node_context {
    struct vw_arena *arena;
    struct json_object *variables; /* captured values by name; may be NULL */
    struct vw_over *over;          /* made by "count: max+1" */
};

/* Makes a value of type T in the arena. N may be NULL: the smallest. Errors have the place of the
 * node, or else the path in the value; VW_ESYNTAX and those of vw_json_to_value. */
int vw_node_to_value(struct vw_node_context *ctx, const struct vw_type *t, const struct vw_node *n,
                     void **out, struct vw_error *err);

/* The captured value that the scalar N names, or NULL. */
struct json_object *vw_node_variable(struct json_object *variables, const struct vw_node *n);

/* The text of a scalar: "$$x" is "$x". */
const char *vw_node_plain_text(const struct vw_node *n);

/* A scalar without a type: number, boolean or text. NULL: no memory. */
struct json_object *vw_node_plain(const struct vw_node *n);
