// SPDX-License-Identifier: MIT
// The walk of literal.c and what nodes have more, in literal-nodes.c. Internal to xdr/.
#pragma once

#include "xdr/literal.h"
#include "xdr/path.h"

/* A value as it is written: JSON, NULL being null, or a node. */
struct vw_literal {
    struct json_object *json;
    const struct vw_node *node; /* NULL: JSON */
};

struct vw_reading {
    struct vw_arena *arena;
    struct vw_error *err;
    uint32_t nesting;
    struct vw_path path;
    struct vw_node_context *nodes; /* NULL: the whole is JSON */
};

/* ---- literal-nodes.c ---- */

/* What a scalar is as a value of T. */
enum json_type vw_literal_scalar(const struct vw_type *t, const struct vw_node *n);
/* A mapping or list where there can be none. */
int vw_literal_misplaced(struct vw_reading *c, const struct vw_node *n);
/* Puts what the variable L stands for in its place. */
int vw_literal_variable(struct vw_reading *c, struct vw_literal *l);
/* Is it {fill: x, count: N}? */
bool vw_literal_is_filled(const struct vw_type *t, const struct vw_node *n);
/* How long it is to be made; what is to be one past its bound is noted. */
int vw_literal_count(struct vw_reading *c, const struct vw_type *t, const struct vw_node *n,
                     uint32_t *count);
