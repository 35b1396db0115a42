// SPDX-License-Identifier: MIT
// foreach: the items of a list, or those that a family makes, and the filling in of their
// variables.
#include <string.h>

#include "conformance/cases/scenario.h"

static const struct vw_key foreach_key_list[] = {
    {"family", VW_TAKES_TEXT, true, NULL, NULL, "the name of a family made by code"},
    {"procedures", VW_TAKES_TEXT, false, NULL, NULL,
     "only procedures whose short name matches this pattern (*, ?)"},
    {"program", VW_TAKES_TEXT, false, NULL, NULL, "the program; remote if absent"},
    {"values", VW_TAKES_TEXTS, false, NULL, NULL, "numbers that the family puts in"},
    {"kinds", VW_TAKES_TEXTS, false, NULL, NULL, "kinds of words (family words)"},
    {"skip", VW_TAKES_TEXTS, false, NULL, NULL, "patterns of procedures to leave out"},
    {NULL},
};
const struct vw_keys vw_foreach_keys = {"foreach", foreach_key_list, NULL};

/* ---- a list ---- */

/* A scalar item is the variable "it" and its own key. */
static int add_scalar(struct vw_family_context *ctx, const struct vw_node *item,
                      struct vw_error *err)
{
    struct vw_node *vars = vw_node_new(ctx->arena, VW_NODE_MAP);
    if (!vw_node_add(vars, "it", vw_node_copy(ctx->arena, item)))
        return vw_error_nomem(err);
    return ctx->add(ctx->user, item->text, vars, err);
}

/* A mapping gives a variable a member; its member "id" is the key. */
static int add_map(struct vw_family_context *ctx, const struct vw_node *item, struct vw_error *err)
{
    const struct vw_node *id = vw_node_get(item, "id");
    if (!id || id->kind != VW_NODE_SCALAR)
        return vw_node_error(item, err, "an item of foreach needs the key \"id\" with a word");
    struct vw_node *vars = vw_node_copy(ctx->arena, item);
    return vars ? ctx->add(ctx->user, id->text, vars, err) : vw_error_nomem(err);
}

static int foreach_list(const struct vw_node *list, struct vw_family_context *ctx,
                        struct vw_error *err)
{
    int rc = list->count ? 0 : vw_node_error(list, err, "expected at least one item");
    for (const struct vw_node *n = list->first; n && rc == 0; n = n->next)
        rc = n->kind == VW_NODE_MAP ? add_map(ctx, n, err) : add_scalar(ctx, n, err);
    return rc;
}

/* ---- a family ---- */

static int foreach_family(const struct vw_node *map, struct vw_family_context *ctx,
                          struct vw_error *err)
{
    const struct vw_node *name = vw_node_get(map, "family");
    const char *known[32];
    size_t n = 0;
    for (const struct vw_family *const *f = vw_families; *f && n < 32; f++) {
        if (strcmp((*f)->name, name->text) == 0) {
            ctx->params = map;
            return (*f)->expand(ctx, err);
        }
        known[n++] = (*f)->name;
    }
    return vw_node_unknown(name, "family", name->text, known, n, err);
}

int vw_foreach(const struct vw_node *node, struct vw_family_context *ctx, struct vw_error *err)
{
    return node->kind == VW_NODE_MAP ? foreach_family(node, ctx, err)
                                     : foreach_list(node, ctx, err);
}

/* ---- variables ---- */

struct vw_node *vw_substitute(struct vw_arena *arena, const struct vw_node *n,
                              const struct vw_node *variables)
{
    if (vw_node_is_variable(n)) {
        const struct vw_node *value = vw_node_get(variables, n->text + 1);
        if (value) {
            struct vw_node *out = vw_node_copy(arena, value);
            if (out) {
                out->line = n->line;
                out->column = n->column;
                out->key_line = n->key_line;
                out->key_column = n->key_column;
            }
            return out;
        }
    }
    struct vw_node *out = vw_node_new(arena, n->kind);
    if (!out)
        return NULL;
    *out = *n;
    out->first = out->last = out->next = NULL;
    out->count = 0;
    for (const struct vw_node *item = n->first; item; item = item->next)
        if (!vw_node_add(out, item->key, vw_substitute(arena, item, variables)))
            return NULL;
    return out;
}

#define CAPTURES_MAX 256

struct captures {
    const char *names[CAPTURES_MAX];
    size_t count;
};

static bool captured(const struct captures *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->names[i], name) == 0)
            return true;
    return false;
}

static int walk_variables(const struct vw_node *n, struct captures *c, struct vw_error *err)
{
    if (n->key && strcmp(n->key, "capture") == 0 && n->kind == VW_NODE_SCALAR) {
        if (c->count == CAPTURES_MAX)
            return vw_node_error(n, err, "at most %d captures", CAPTURES_MAX);
        c->names[c->count++] = n->text;
        return 0;
    }
    if (vw_node_is_variable(n) && !captured(c, n->text + 1))
        return vw_node_error(n, err, "the variable \"%.40s\" is neither of foreach nor captured",
                             n->text);
    int rc = 0;
    for (const struct vw_node *item = n->first; item && rc == 0; item = item->next)
        rc = walk_variables(item, c, err);
    return rc;
}

int vw_check_variables(const struct vw_node *steps, struct vw_error *err)
{
    struct captures c = {.count = 0};
    return walk_variables(steps, &c, err);
}
