// SPDX-License-Identifier: MIT
// Walks a type and a node together and makes the JSON form of the value (xdr/json.h).
#include "scenario/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/format.h"

#define MEMBERS_MAX 256
#define COUNT_MAX   (64u * 1024 * 1024)

typedef struct json_object json;

/* ---- the smallest value ---- */

static json *zero_hex(uint32_t bytes)
{
    size_t n = (size_t)bytes * 2;
    char *text = malloc(n + 1);
    if (!text)
        return NULL;
    memset(text, '0', n);
    text[n] = 0;
    json *out = json_object_new_string_len(text, (int)n);
    free(text);
    return out;
}

static json *default_list(const struct vw_type *t, uint32_t count)
{
    json *out = json_object_new_array();
    for (uint32_t i = 0; out && i < count; i++)
        json_object_array_add(out, vw_value_default(t->elem));
    return out;
}

static json *default_struct(const struct vw_type *t)
{
    json *out = json_object_new_object();
    for (uint32_t i = 0; out && i < t->n_fields; i++)
        json_object_object_add(out, t->fields[i].name, vw_value_default(t->fields[i].type));
    return out;
}

static json *default_union(const struct vw_type *t)
{
    json *out = json_object_new_object();
    const struct vw_field *arm = t->n_fields ? &t->fields[0] : NULL;
    if (!out)
        return NULL;
    int32_t disc = arm && arm->n_cases ? arm->cases[0] : 0;
    json_object_object_add(out, t->disc->name, json_object_new_int(disc));
    if (arm && arm->name && arm->type->kind != VW_VOID)
        json_object_object_add(out, arm->name, vw_value_default(arm->type));
    return out;
}

json *vw_value_default(const struct vw_type *t)
{
    switch (t->kind) {
    case VW_STRING:
    case VW_OPAQUE:
        return json_object_new_string("");
    case VW_FIXED_OPAQUE:
        return zero_hex(t->max);
    case VW_ARRAY:
        return json_object_new_array();
    case VW_FIXED_ARRAY:
        return default_list(t, t->max);
    case VW_OPTIONAL:
    case VW_VOID:
        return NULL;
    case VW_STRUCT:
        return default_struct(t);
    case VW_UNION:
        return default_union(t);
    case VW_BOOL:
        return json_object_new_boolean(0);
    case VW_FLOAT:
    case VW_DOUBLE:
        return json_object_new_double(0);
    default:
        return json_object_new_int(0);
    }
}

/* ---- scalars ---- */

const char *vw_value_text(const struct vw_node *n)
{
    return n->text[0] == '$' && n->text[1] == '$' ? n->text + 1 : n->text;
}

json *vw_value_variable(json *variables, const struct vw_node *n)
{
    json *out = NULL;
    if (!variables || !vw_format_is_variable(n))
        return NULL;
    return json_object_object_get_ex(variables, n->text + 1, &out) ? out : NULL;
}

json *vw_value_plain(const struct vw_node *n)
{
    bool neg;
    uint64_t v;
    if (vw_node_looks_number(n, &neg, &v))
        return neg ? json_object_new_int64((int64_t)v) : json_object_new_uint64(v);
    if (!n->quoted && (vw_node_is(n, "true") || vw_node_is(n, "false")))
        return json_object_new_boolean(n->text[0] == 't');
    return json_object_new_string(vw_value_text(n));
}

static json *scalar(const struct vw_type *t, const struct vw_node *n)
{
    if (t->kind == VW_STRING || t->kind == VW_OPAQUE || t->kind == VW_FIXED_OPAQUE)
        return json_object_new_string(vw_value_text(n));
    if ((t->kind == VW_DOUBLE || t->kind == VW_FLOAT) && !n->quoted) {
        char *end;
        double d = strtod(n->text, &end);
        if (end != n->text && !*end)
            return json_object_new_double(d);
    }
    return vw_value_plain(n);
}

/* ---- made to a length ---- */

struct place {
    const char *path;
    const struct vw_type *type;
};

static json *from_node(struct vw_value_context *ctx, struct place at, const struct vw_node *n,
                       struct vw_error *err);

static int note_over(struct vw_value_context *ctx, struct place at, uint8_t fill,
                     struct vw_error *err)
{
    struct vw_over *o = vw_arena_zalloc(ctx->arena, sizeof(*o), _Alignof(struct vw_over));
    if (!o)
        return vw_error_nomem(err);
    o->path = at.path;
    o->type = at.type;
    o->fill = fill;
    o->next = ctx->over;
    ctx->over = o;
    return 0;
}

/* "max", "max+1" or a number; *OVER tells of "max+1" (the count is then max). */
static int read_count(const struct vw_node *n, struct place at, uint32_t *count, bool *over,
                      struct vw_error *err)
{
    *over = vw_node_is(n, "max+1");
    if (*over || vw_node_is(n, "max")) {
        if (at.type->max > COUNT_MAX)
            return vw_node_error(n, err, "%s has no bound", at.path);
        *count = at.type->max;
        return 0;
    }
    int64_t v;
    int rc = vw_node_number(n, 0, COUNT_MAX, &v, err);
    *count = rc == 0 ? (uint32_t)v : 0;
    return rc;
}

static json *filled_text(const struct vw_type *t, char byte, uint32_t count)
{
    bool hex = t->kind != VW_STRING;
    size_t len = hex ? (size_t)count * 2 : count;
    char *text = malloc(len + 1);
    if (!text)
        return NULL;
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++)
        text[i] = hex ? digits[((uint8_t)byte >> (i % 2 ? 0 : 4)) & 15] : byte;
    text[len] = 0;
    json *out = json_object_new_string_len(text, (int)len);
    free(text);
    return out;
}

static json *filled_list(struct vw_value_context *ctx, struct place at, const struct vw_node *item,
                         uint32_t count, struct vw_error *err)
{
    struct place one = {vw_arena_printf(ctx->arena, "%s[0]", at.path), at.type->elem};
    json *value = from_node(ctx, one, item, err);
    json *out = err->code ? NULL : json_object_new_array();
    for (uint32_t i = 0; out && i < count; i++)
        json_object_array_add(out, json_object_get(value));
    json_object_put(value);
    return out;
}

/* {fill: x, count: N} */
static json *filled(struct vw_value_context *ctx, struct place at, const struct vw_node *n,
                    const struct vw_node *count_node, struct vw_error *err)
{
    const struct vw_node *fill = vw_node_get(n, "fill");
    uint32_t count;
    bool over;
    if (read_count(count_node, at, &count, &over, err) < 0)
        return NULL;
    bool list = at.type->kind == VW_ARRAY;
    if (!list && (fill->kind != VW_NODE_SCALAR || fill->len != 1)) {
        vw_node_error(fill, err, "expected one character behind \"fill\"");
        return NULL;
    }
    if (over && note_over(ctx, at, list ? 0 : (uint8_t)fill->text[0], err) < 0)
        return NULL;
    json *out =
        list ? filled_list(ctx, at, fill, count, err) : filled_text(at.type, fill->text[0], count);
    if (!out)
        vw_error_nomem(err);
    return out;
}

/* ---- mappings and lists ---- */

static struct place inside(struct vw_value_context *ctx, struct place at,
                           const struct vw_field *field)
{
    const char *path =
        *at.path ? vw_arena_printf(ctx->arena, "%s.%s", at.path, field->name) : field->name;
    return (struct place){path ? path : "", field->type};
}

static const struct vw_field *find_field(const struct vw_type *t, const char *name)
{
    for (uint32_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].name && strcmp(t->fields[i].name, name) == 0)
            return &t->fields[i];
    return NULL;
}

static int check_members(const struct vw_type *t, const struct vw_node *n, struct vw_error *err)
{
    const char *known[MEMBERS_MAX];
    size_t count = 0;
    if (t->kind == VW_UNION)
        known[count++] = t->disc->name;
    for (uint32_t i = 0; i < t->n_fields && count < MEMBERS_MAX; i++)
        if (t->fields[i].name)
            known[count++] = t->fields[i].name;
    for (const struct vw_node *m = n->first; m; m = m->next) {
        bool found = false;
        for (size_t i = 0; i < count; i++)
            found |= strcmp(known[i], m->key) == 0;
        if (!found)
            return vw_format_unknown(m, "member", m->key, known, count, err);
    }
    return 0;
}

static json *from_struct(struct vw_value_context *ctx, struct place at, const struct vw_node *n,
                         struct vw_error *err)
{
    json *out = json_object_new_object();
    for (uint32_t i = 0; out && i < at.type->n_fields && !err->code; i++) {
        const struct vw_field *f = &at.type->fields[i];
        const struct vw_node *m = vw_node_get(n, f->name);
        json *value = m ? from_node(ctx, inside(ctx, at, f), m, err) : vw_value_default(f->type);
        json_object_object_add(out, f->name, value);
    }
    return out;
}

static json *from_union(struct vw_value_context *ctx, struct place at, const struct vw_node *n,
                        struct vw_error *err)
{
    json *out = json_object_new_object();
    for (const struct vw_node *m = n->first; out && m && !err->code; m = m->next) {
        const struct vw_field *arm = find_field(at.type, m->key);
        json *value = arm ? from_node(ctx, inside(ctx, at, arm), m, err) : scalar(at.type, m);
        json_object_object_add(out, m->key, value);
    }
    return out;
}

static json *from_map(struct vw_value_context *ctx, struct place at, const struct vw_node *n,
                      struct vw_error *err)
{
    const struct vw_node *count = vw_node_get(n, "count");
    enum vw_kind kind = at.type->kind;
    if (count && vw_node_get(n, "fill") &&
        (kind == VW_STRING || kind == VW_OPAQUE || kind == VW_ARRAY))
        return filled(ctx, at, n, count, err);
    const struct vw_node *hex = vw_node_get(n, "hex");
    if (hex && kind == VW_STRING) {
        json *out = json_object_new_object();
        json_object_object_add(out, "hex", json_object_new_string(hex->text ? hex->text : ""));
        return out;
    }
    if (kind != VW_STRUCT && kind != VW_UNION) {
        vw_node_error(n, err, "a mapping cannot be a value of %s", *at.path ? at.path : "args");
        return NULL;
    }
    if (check_members(at.type, n, err) < 0)
        return NULL;
    return kind == VW_STRUCT ? from_struct(ctx, at, n, err) : from_union(ctx, at, n, err);
}

static json *from_list(struct vw_value_context *ctx, struct place at, const struct vw_node *n,
                       struct vw_error *err)
{
    if (at.type->kind != VW_ARRAY && at.type->kind != VW_FIXED_ARRAY) {
        vw_node_error(n, err, "a list cannot be a value of %s", *at.path ? at.path : "args");
        return NULL;
    }
    json *out = json_object_new_array();
    size_t i = 0;
    for (const struct vw_node *m = n->first; out && m && !err->code; m = m->next, i++) {
        struct place one = {vw_arena_printf(ctx->arena, "%s[%zu]", at.path, i), at.type->elem};
        json_object_array_add(out, from_node(ctx, one, m, err));
    }
    return out;
}

static json *from_node(struct vw_value_context *ctx, struct place at, const struct vw_node *n,
                       struct vw_error *err)
{
    json *variable = vw_value_variable(ctx->variables, n);
    if (variable)
        return json_object_get(variable);
    if (vw_format_is_variable(n)) {
        vw_node_error(n, err, "the variable \"%.40s\" has no value", n->text);
        return NULL;
    }
    if (at.type->kind == VW_OPTIONAL) {
        struct place target = {at.path, at.type->elem};
        return n->kind == VW_NODE_NULL ? NULL : from_node(ctx, target, n, err);
    }
    switch (n->kind) {
    case VW_NODE_NULL:
        return vw_value_default(at.type);
    case VW_NODE_SCALAR:
        return scalar(at.type, n);
    case VW_NODE_LIST:
        return from_list(ctx, at, n, err);
    case VW_NODE_MAP:
        return from_map(ctx, at, n, err);
    }
    return NULL;
}

json *vw_value_from_node(struct vw_value_context *ctx, const struct vw_type *t,
                         const struct vw_node *n, struct vw_error *err)
{
    struct place root = {"", t};
    json *out = n ? from_node(ctx, root, n, err) : vw_value_default(t);
    if (err->code) {
        json_object_put(out);
        return NULL;
    }
    if (!out)
        vw_error_nomem(err);
    return out;
}
