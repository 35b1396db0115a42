// SPDX-License-Identifier: MIT
// The slow walk over a value in memory that failed to encode: finds the field and says what is
// wrong.
#include "xdr/explain.h"

#include <string.h>

#include "xdr/code.h"
#include "xdr/path.h"
#include "xdr/xdr.h"

struct explainer {
    struct vw_path path;
    struct vw_error *err;
    uint32_t depth;
};

static int walk(struct explainer *x, const struct vw_type *t, const void *value);

#define fail(x, code, ...) vw_path_fail(&(x)->path, (x)->err, code, __VA_ARGS__)

/* Enters what counts as a level of nesting (an element, an optional value, a boxed arm). */
static int enter(struct explainer *x, const struct vw_type *t, const void *value)
{
    if (x->depth == VW_XDR_MAX_DEPTH)
        return fail(x, VW_ELIMIT, "the value nests deeper than %d", VW_XDR_MAX_DEPTH);
    x->depth++;
    int rc = walk(x, t, value);
    x->depth--;
    return rc;
}

static int walk_items(struct explainer *x, const struct vw_type *elem, const uint8_t *items,
                      uint32_t n)
{
    if (vw_kind_is_scalar(elem->kind))
        return 0;
    for (uint32_t i = 0; i < n; i++) {
        struct vw_path_mark mark = vw_path_push_index(&x->path, i);
        int rc = enter(x, elem, items + (size_t)i * elem->size);
        vw_path_pop(&x->path, mark);
        if (rc)
            return rc;
    }
    return 0;
}

static int walk_counted(struct explainer *x, const struct vw_type *t, const void *data, uint32_t n)
{
    const char *what = t->kind == VW_ARRAY ? "elements" : "bytes";
    if (n > t->max)
        return fail(x, VW_ELIMIT, "%u %s are more than the limit of %u", n, what, t->max);
    if (n && !data)
        return fail(x, VW_EVALUE, "%u %s are announced and there is no memory behind them", n,
                    what);
    return t->kind == VW_ARRAY ? walk_items(x, t->elem, data, n) : 0;
}

static int walk_field(struct explainer *x, const struct vw_field *f, const uint8_t *memory)
{
    struct vw_path_mark mark = vw_path_push(&x->path, f->name ? f->name : "");
    const void *value = memory + f->offset;
    int rc;
    if (f->boxed) {
        memcpy(&value, memory + f->offset, sizeof(value));
        rc = value ? enter(x, f->type, value) : fail(x, VW_EVALUE, "the arm has no value");
    } else {
        rc = walk(x, f->type, value);
    }
    vw_path_pop(&x->path, mark);
    return rc;
}

static int walk_union(struct explainer *x, const struct vw_type *t, const uint8_t *memory)
{
    int32_t value;
    memcpy(&value, memory, sizeof(value));
    const struct vw_field *arm = vw_type_arm(t, value);
    if (!arm)
        return fail(x, VW_EVALUE, "the union %s has no arm %d", t->name ? t->name : "", value);
    return arm->type->kind == VW_VOID ? 0 : walk_field(x, arm, memory);
}

static int walk(struct explainer *x, const struct vw_type *t, const void *value)
{
    int rc = 0;
    switch (t->kind) {
    case VW_STRING:
        return walk_counted(x, t, ((const struct vw_string *)value)->data,
                            ((const struct vw_string *)value)->len);
    case VW_OPAQUE:
        return walk_counted(x, t, ((const struct vw_bytes *)value)->data,
                            ((const struct vw_bytes *)value)->len);
    case VW_ARRAY:
        return walk_counted(x, t, ((const struct vw_list *)value)->items,
                            ((const struct vw_list *)value)->count);
    case VW_FIXED_ARRAY:
        return walk_items(x, t->elem, value, t->max);
    case VW_OPTIONAL: {
        const void *target;
        memcpy(&target, value, sizeof(target));
        return target ? enter(x, t->elem, target) : 0;
    }
    case VW_STRUCT:
        for (uint32_t i = 0; !rc && i < t->n_fields; i++)
            rc = walk_field(x, &t->fields[i], value);
        return rc;
    case VW_UNION:
        return walk_union(x, t, value);
    default:
        return 0;
    }
}

int vw_explain_encode(const struct vw_type *t, const void *value, int rc, struct vw_error *err)
{
    if (rc == VW_ENOMEM)
        return vw_error_nomem(err);
    struct explainer x = {.err = err};
    vw_path_init(&x.path);
    int found = walk(&x, t, value);
    if (found)
        return found;
    return vw_error_set(err, rc, "the encoding would be larger than a message may be");
}
