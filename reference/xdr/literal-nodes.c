// SPDX-License-Identifier: MIT
// What nodes have more than JSON: scalars whose type says what they are, variables, and what is
// made to a length.
#include "xdr/literal-walk.h"

#include <stdlib.h>
#include <string.h>

#define COUNT_MAX (64u * 1024 * 1024)

/* ---- scalars ---- */

const char *vw_node_plain_text(const struct vw_node *n)
{
    return n->text[0] == '$' && n->text[1] == '$' ? n->text + 1 : n->text;
}

struct json_object *vw_node_variable(struct json_object *variables, const struct vw_node *n)
{
    struct json_object *out = NULL;
    if (!variables || !vw_node_is_variable(n))
        return NULL;
    return json_object_object_get_ex(variables, n->text + 1, &out) ? out : NULL;
}

static enum json_type plain_type(const struct vw_node *n, bool *neg, uint64_t *v)
{
    if (vw_node_looks_number(n, neg, v))
        return json_type_int;
    if (!n->quoted && (vw_node_is(n, "true") || vw_node_is(n, "false")))
        return json_type_boolean;
    return json_type_string;
}

struct json_object *vw_node_plain(const struct vw_node *n)
{
    bool neg;
    uint64_t v;
    switch (plain_type(n, &neg, &v)) {
    case json_type_int:
        return neg ? json_object_new_int64((int64_t)v) : json_object_new_uint64(v);
    case json_type_boolean:
        return json_object_new_boolean(n->text[0] == 't');
    default:
        return json_object_new_string(vw_node_plain_text(n));
    }
}

enum json_type vw_literal_scalar(const struct vw_type *t, const struct vw_node *n)
{
    bool neg;
    uint64_t v;
    char *end;
    if (t->kind == VW_STRING || t->kind == VW_OPAQUE || t->kind == VW_FIXED_OPAQUE)
        return json_type_string;
    if ((t->kind == VW_DOUBLE || t->kind == VW_FLOAT) && !n->quoted) {
        strtod(n->text, &end);
        if (end != n->text && !*end)
            return json_type_double;
    }
    return plain_type(n, &neg, &v);
}

/* ---- places and variables ---- */

int vw_literal_misplaced(struct vw_reading *c, const struct vw_node *n)
{
    return vw_node_error(n, c->err, "%s cannot be a value of %s", vw_node_kind_name(n->kind),
                         c->path.len ? c->path.text : "args");
}

int vw_literal_variable(struct vw_reading *c, struct vw_literal *l)
{
    struct json_object *value = vw_node_variable(c->nodes->variables, l->node);
    if (!value)
        return vw_node_error(l->node, c->err, "the variable \"%.40s\" has no value", l->node->text);
    *l = (struct vw_literal){.json = value};
    return 0;
}

/* ---- made to a length ---- */

bool vw_literal_is_filled(const struct vw_type *t, const struct vw_node *n)
{
    return n->kind == VW_NODE_MAP && vw_node_get(n, "count") && vw_node_get(n, "fill") &&
           (t->kind == VW_STRING || t->kind == VW_OPAQUE || t->kind == VW_ARRAY);
}

static int note_over(struct vw_reading *c, const struct vw_type *t, uint8_t fill)
{
    struct vw_over *o = vw_arena_zalloc(c->arena, sizeof(*o), _Alignof(struct vw_over));
    if (!o || !(o->path = vw_arena_strndup(c->arena, c->path.text, c->path.len)))
        return vw_error_nomem(c->err);
    o->type = t;
    o->fill = fill;
    o->next = c->nodes->over;
    c->nodes->over = o;
    return 0;
}

/* "max", "max+1" or a number; *OVER tells of "max+1" (the count is then max). */
static int read_count(struct vw_reading *c, const struct vw_node *n, const struct vw_type *t,
                      uint32_t *count, bool *over)
{
    int64_t v = t->max;
    *over = vw_node_is(n, "max+1");
    if (!*over && !vw_node_is(n, "max")) {
        int rc = vw_node_number(n, 0, COUNT_MAX, &v, c->err);
        if (rc < 0)
            return rc;
    } else if (v > COUNT_MAX) {
        return vw_node_error(n, c->err, "%s has no bound", c->path.text);
    }
    *count = (uint32_t)v;
    return 0;
}

int vw_literal_count(struct vw_reading *c, const struct vw_type *t, const struct vw_node *n,
                     uint32_t *count)
{
    const struct vw_node *fill = vw_node_get(n, "fill");
    bool list = t->kind == VW_ARRAY, over;
    int rc = read_count(c, vw_node_get(n, "count"), t, count, &over);
    if (rc < 0)
        return rc;
    if (!list && (fill->kind != VW_NODE_SCALAR || fill->len != 1))
        return vw_node_error(fill, c->err, "expected one character behind \"fill\"");
    return over ? note_over(c, t, list ? 0 : (uint8_t)*fill->text) : 0;
}
