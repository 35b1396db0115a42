// SPDX-License-Identifier: MIT
// Values that a scenario writes, by the type of a procedure: what is not written is the smallest
// value; long strings and arrays are made to the bound or one past it.
#pragma once

#include <json-c/json.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/yaml.h"
#include "schema/schema.h"

/* A string, opaque or array that is to be one longer than its bound: encoded at the bound, then
 * patched. */
struct vw_over {
    struct vw_over *next;
    const char *path; /* span path of the value */
    const struct vw_type *type;
    uint8_t fill; /* the byte that a string or opaque is made of */
};

struct vw_value_context {
    struct vw_arena *arena;
    struct json_object *variables; /* captured values by name; may be NULL */
    struct vw_over *over;          /* made by "count: max+1" */
};

/* The smallest value of T as JSON, or NULL: no memory. */
struct json_object *vw_value_default(const struct vw_type *t);

/* N as a value of T. The caller puts the result; NULL with ERR set. N may be NULL. */
struct json_object *vw_value_from_node(struct vw_value_context *ctx, const struct vw_type *t,
                                       const struct vw_node *n, struct vw_error *err);

/* The captured value that the scalar N names, or NULL. */
struct json_object *vw_value_variable(struct json_object *variables, const struct vw_node *n);

/* The text of a scalar: "$$x" is "$x". */
const char *vw_value_text(const struct vw_node *n);

/* A scalar without a type: number, boolean or text. NULL: no memory. */
struct json_object *vw_value_plain(const struct vw_node *n);
