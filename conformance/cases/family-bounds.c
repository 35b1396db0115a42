// SPDX-License-Identifier: MIT
// bounds: one string, opaque or array of each call is as long as "values" say: max or max+1. What
// takes over 64 KiB on the wire comes once for each kind and bound. Variables: procedure, args,
// edit.
#include <string.h>

#include "conformance/cases/family.h"

#define SMALL_BYTES 65536u
#define SEEN_MAX    64
#define VALUES_MAX  4

struct seen {
    enum vw_kind kind;
    uint32_t max;
    const struct vw_type *elem;
};

/* Of one expansion. */
struct known {
    struct seen list[SEEN_MAX];
    size_t n;
};

static bool first_of_its_kind(struct known *known, const struct vw_type *t)
{
    for (size_t i = 0; i < known->n; i++)
        if (known->list[i].kind == t->kind && known->list[i].max == t->max &&
            known->list[i].elem == t->elem)
            return false;
    if (known->n < SEEN_MAX)
        known->list[known->n++] = (struct seen){t->kind, t->max, t->elem};
    return true;
}

static uint64_t wire_bytes(const struct vw_type *t)
{
    return t->kind == VW_ARRAY ? (uint64_t)t->max * t->elem->wire_min : t->max;
}

/* The node at PATH ("a.b[0].c") of ARGS; spans of optionals have the path of their value. */
static struct vw_node *at_path(struct vw_node *args, const char *path)
{
    struct vw_node *n = args;
    while (n && *path) {
        size_t len = strcspn(path, ".[");
        char name[80];
        if (len >= sizeof(name))
            return NULL;
        if (len) {
            memcpy(name, path, len);
            name[len] = 0;
            n = (struct vw_node *)vw_node_get(n, name);
            path += len;
        }
        if (*path == '[') { /* samples have one element */
            n = n ? n->first : NULL;
            path = strchr(path, ']');
            path = path ? path + 1 : "";
        }
        if (*path == '.')
            path++;
    }
    return n;
}

static struct vw_node *filled(struct vw_family_context *ctx, const struct vw_type *t,
                              const char *count)
{
    struct vw_node *out = vw_node_new(ctx->arena, VW_NODE_MAP);
    struct vw_node *fill =
        t->kind == VW_ARRAY ? vw_sample_node(ctx->arena, t->elem) : vw_node_text(ctx->arena, "a");
    if (!vw_node_add(out, "fill", fill) ||
        !vw_node_add(out, "count", vw_node_text(ctx->arena, count)))
        return NULL;
    return out;
}

static int add_bound(struct vw_sample *s, const struct vw_span *span, const char *value,
                     struct vw_error *err)
{
    struct vw_sample one = *s;
    struct vw_node *args = vw_node_copy(s->ctx->arena, s->args);
    struct vw_node *place = args ? at_path(args, span->path) : NULL;
    struct vw_node *fill = filled(s->ctx, span->type, value);
    if (!args || !fill)
        return vw_error_nomem(err);
    if (!place)
        return 0;
    place->kind = VW_NODE_MAP;
    place->first = fill->first;
    place->last = fill->last;
    place->count = fill->count;
    one.args = args;
    return vw_family_add(&one, span->path, value, NULL, err);
}

static int add(struct vw_sample *s, struct vw_error *err)
{
    static const char *const defaults[] = {"max+1", NULL};
    const char *values[VALUES_MAX];
    size_t n = vw_family_values(s->ctx, "values", defaults, values, VALUES_MAX);
    for (size_t i = 0; i < s->spans.count; i++) {
        const struct vw_span *span = &s->spans.list[i];
        enum vw_kind kind = span->type->kind;
        if (span->kind != VW_SPAN_GROUP || span->type->max == VW_UNBOUNDED ||
            (kind != VW_STRING && kind != VW_OPAQUE && kind != VW_ARRAY))
            continue;
        if (wire_bytes(span->type) > SMALL_BYTES && !first_of_its_kind(s->ctx->family, span->type))
            continue;
        for (size_t v = 0; v < n; v++) {
            int rc = add_bound(s, span, values[v], err);
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}

static int expand(struct vw_family_context *ctx, struct vw_error *err)
{
    ctx->family = vw_arena_zalloc(ctx->arena, sizeof(struct known), 8);
    return ctx->family ? vw_family_samples(ctx, add, err) : vw_error_nomem(err);
}

const struct vw_family vw_family_bounds = {
    "bounds",
    "one string, opaque or array of each call at its bound (max) or one past it (max+1); variables "
    "procedure, args, edit",
    expand,
};
