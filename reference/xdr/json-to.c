// SPDX-License-Identifier: MIT
// JSON into values: strict about members, kinds and ranges of numbers, since what a user mistypes
// must not become something else on the wire. Bounds are left to the encoder.
#include "base/hex.h"
#include "base/nearest.h"
#include "xdr/json.h"
#include "xdr/memory.h"
#include "xdr/path.h"

#include <math.h>
#include <stdlib.h>

struct to {
    struct vw_arena *arena;
    struct vw_error *err;
    uint32_t nesting;
    struct vw_path path;
};

static int convert(struct to *c, const struct vw_type *t, struct json_object *json, void *at);

static int fail(struct to *c, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static int fail(struct to *c, int code, const char *fmt, ...)
{
    if (c->err && !c->err->code) {
        va_list ap;
        va_start(ap, fmt);
        vw_error_vset(c->err, code, fmt, ap);
        va_end(ap);
        vw_path_report(&c->path, c->err);
    }
    return code;
}

static const char *json_kind(struct json_object *json)
{
    switch (json_object_get_type(json)) {
    case json_type_null:
        return "null";
    case json_type_boolean:
        return "a boolean";
    case json_type_int:
        return "a whole number";
    case json_type_double:
        return "a number with a fraction or exponent";
    case json_type_string:
        return "a string";
    case json_type_array:
        return "an array";
    default:
        return "an object";
    }
}

static int wants(struct to *c, const char *what, struct json_object *json)
{
    return fail(c, VW_EVALUE, "wants %s, not %s", what, json_kind(json));
}

/* ---- numbers ---- */

static int whole(struct to *c, const struct vw_type *t, struct json_object *json, int64_t min,
                 uint64_t max, uint64_t *out)
{
    if (!json_object_is_type(json, json_type_int))
        return wants(c, "a whole number", json);
    int64_t i = json_object_get_int64(json);
    uint64_t u = json_object_get_uint64(json);
    if (i < 0 ? i < min : u > max)
        return fail(c, VW_EVALUE, "%s is outside %s (%lld to %llu)", json_object_get_string(json),
                    vw_kind_name(t->kind), (long long)min, (unsigned long long)max);
    *out = i < 0 ? (uint64_t)i : u;
    return 0;
}

static int to_whole(struct to *c, const struct vw_type *t, struct json_object *json, void *at)
{
    bool is_signed =
        t->kind == VW_INT || t->kind == VW_HYPER || t->kind == VW_CHAR || t->kind == VW_SHORT;
    unsigned bits = t->size * 8;
    uint64_t max = UINT64_MAX >> (64 - bits + (is_signed ? 1 : 0)), value;
    int64_t min = is_signed ? -(int64_t)max - 1 : 0;
    int rc = whole(c, t, json, min, max, &value);
    if (rc)
        return rc;
    switch (t->size) {
    case 1:
        *(uint8_t *)at = (uint8_t)value;
        break;
    case 2:
        *(uint16_t *)at = (uint16_t)value;
        break;
    case 4:
        *(uint32_t *)at = (uint32_t)value;
        break;
    default:
        *(uint64_t *)at = value;
        break;
    }
    return 0;
}

/* "0x" and the digits of SIZE bytes. */
static int to_float_bits(struct to *c, struct json_object *json, size_t size, void *at)
{
    const char *s = json_object_get_string(json);
    size_t len = (size_t)json_object_get_string_len(json);
    uint8_t bytes[8];
    if (len != 2 + 2 * size || s[0] != '0' || s[1] != 'x' || !vw_hex_decode(s + 2, len - 2, bytes))
        return fail(c, VW_EVALUE, "wants a number, or \"0x\" and %zu hex digits", 2 * size);
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits = bits << 8 | bytes[i];
    uint32_t half = (uint32_t)bits;
    memcpy(at, size == 4 ? (void *)&half : (void *)&bits, size);
    return 0;
}

static int to_float(struct to *c, const struct vw_type *t, struct json_object *json, void *at)
{
    if (json_object_is_type(json, json_type_string))
        return to_float_bits(c, json, t->size, at);
    if (!json_object_is_type(json, json_type_double) && !json_object_is_type(json, json_type_int))
        return wants(c, "a number", json);
    double d = json_object_get_double(json);
    if (t->kind == VW_DOUBLE) {
        memcpy(at, &d, sizeof(d));
        return isfinite(d) ? 0 : fail(c, VW_EVALUE, "the number does not fit a double");
    }
    /* Twice rounded would differ from once: the text of the number goes to strtof. */
    float f = strtof(json_object_get_string(json), NULL);
    memcpy(at, &f, sizeof(f));
    return isfinite(f) ? 0 : fail(c, VW_EVALUE, "the number does not fit a float");
}

static int to_bool(struct to *c, struct json_object *json, void *at)
{
    if (!json_object_is_type(json, json_type_boolean))
        return wants(c, "true or false", json);
    *(bool *)at = json_object_get_boolean(json);
    return 0;
}

/* ---- names ---- */

/* Reports WORD as unknown; the known names come one by one from NAME_AT. */
static int unknown(struct to *c, const char *what, const char *word, const struct vw_type *t,
                   const char *(*name_at)(const struct vw_type *, uint32_t), uint32_t n)
{
    const char **names = vw_arena_alloc(c->arena, (n + 1) * sizeof(*names), 8);
    size_t count = 0;
    for (uint32_t i = 0; names && i < n; i++) {
        names[count] = name_at(t, i);
        count += names[count] != NULL;
    }
    const char *near = count ? vw_nearest(word, names, count) : NULL;
    if (near)
        return fail(c, VW_ENAME, "unknown %s '%s', did you mean '%s'?", what, word, near);
    return fail(c, VW_ENAME, "unknown %s '%s'", what, word);
}

static const char *member_name(const struct vw_type *t, uint32_t i)
{
    return t->members[i].name;
}

static int to_enum(struct to *c, const struct vw_type *t, struct json_object *json, void *at)
{
    uint64_t value;
    if (json_object_is_type(json, json_type_int)) {
        int rc = whole(c, t, json, INT32_MIN, INT32_MAX, &value);
        if (rc == 0)
            *(int32_t *)at = (int32_t)value;
        return rc;
    }
    if (!json_object_is_type(json, json_type_string))
        return wants(c, "the name of a member or a whole number", json);
    const char *name = json_object_get_string(json);
    for (uint32_t i = 0; i < t->n_members; i++) {
        if (strcmp(t->members[i].name, name) == 0) {
            *(int32_t *)at = t->members[i].value;
            return 0;
        }
    }
    return unknown(c, "member", name, t, member_name, t->n_members);
}

/* ---- bytes ---- */

static int hex_bytes(struct to *c, struct json_object *json, uint8_t *to, size_t len)
{
    if (!vw_hex_decode(json_object_get_string(json), 2 * len, to))
        return fail(c, VW_EVALUE, "wants hex digits only");
    return 0;
}

/* The bytes that the hex string JSON stands for: how many. */
static int hex_length(struct to *c, struct json_object *json, size_t *len)
{
    if (!json_object_is_type(json, json_type_string))
        return wants(c, "a string of hex digits", json);
    *len = (size_t)json_object_get_string_len(json);
    if (*len % 2)
        return fail(c, VW_EVALUE, "wants an even number of hex digits, not %zu", *len);
    *len /= 2;
    return 0;
}

static int to_opaque(struct to *c, struct json_object *json, struct vw_bytes *b)
{
    size_t len;
    int rc = hex_length(c, json, &len);
    if (rc)
        return rc;
    b->len = (uint32_t)len;
    b->data = vw_arena_alloc(c->arena, len, 1);
    return b->data ? hex_bytes(c, json, b->data, len) : vw_error_nomem(c->err);
}

static int to_fixed_opaque(struct to *c, const struct vw_type *t, struct json_object *json,
                           void *at)
{
    size_t len;
    int rc = hex_length(c, json, &len);
    if (rc)
        return rc;
    if (len != t->max)
        return fail(c, VW_EVALUE, "wants %u bytes of hex digits, not %zu", t->max, len);
    return hex_bytes(c, json, at, len);
}

static int to_hex_string(struct to *c, struct json_object *json, struct vw_string *s)
{
    struct json_object *hex;
    size_t len;
    if (json_object_object_length(json) != 1 || !json_object_object_get_ex(json, "hex", &hex))
        return fail(c, VW_EVALUE, "wants a string or {\"hex\": \"...\"}");
    int rc = hex_length(c, hex, &len);
    if (rc)
        return rc;
    s->len = (uint32_t)len;
    s->data = vw_arena_alloc(c->arena, len + 1, 1);
    if (!s->data)
        return vw_error_nomem(c->err);
    s->data[len] = '\0';
    return hex_bytes(c, hex, (uint8_t *)s->data, len);
}

static int to_string(struct to *c, struct json_object *json, struct vw_string *s)
{
    if (json_object_is_type(json, json_type_object))
        return to_hex_string(c, json, s);
    if (!json_object_is_type(json, json_type_string))
        return wants(c, "a string", json);
    s->len = (uint32_t)json_object_get_string_len(json);
    s->data = vw_arena_strndup(c->arena, json_object_get_string(json), s->len);
    return s->data ? 0 : vw_error_nomem(c->err);
}

/* ---- what nests ---- */

static int to_items(struct to *c, const struct vw_type *elem, struct json_object *json,
                    uint8_t *items, size_t count)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct vw_path_mark mark = vw_path_push_index(&c->path, (uint32_t)i);
        rc = convert(c, elem, json_object_array_get_idx(json, i), items + i * elem->size);
        vw_path_pop(&c->path, mark);
    }
    return rc;
}

static int to_fixed_array(struct to *c, const struct vw_type *t, struct json_object *json, void *at)
{
    if (!json_object_is_type(json, json_type_array))
        return wants(c, "an array", json);
    size_t count = json_object_array_length(json);
    if (count != t->max)
        return fail(c, VW_EVALUE, "wants an array of %u, not %zu", t->max, count);
    return to_items(c, t->elem, json, at, count);
}

static int to_list(struct to *c, const struct vw_type *t, struct json_object *json,
                   struct vw_list *list)
{
    size_t size;
    if (!json_object_is_type(json, json_type_array))
        return wants(c, "an array", json);
    size_t count = json_object_array_length(json);
    if (count >= VW_UNBOUNDED)
        return fail(c, VW_ELIMIT, "%zu elements are too many", count);
    *list = (struct vw_list){.count = (uint32_t)count};
    if (count == 0)
        return 0;
    if (__builtin_mul_overflow(count, (size_t)t->elem->size, &size))
        return vw_error_nomem(c->err);
    list->items = vw_arena_zalloc(c->arena, size, t->elem->align);
    if (!list->items)
        return vw_error_nomem(c->err);
    return to_items(c, t->elem, json, list->items, count);
}

static int convert_new(struct to *c, const struct vw_type *t, struct json_object *json, void **out)
{
    *out = vw_arena_zalloc(c->arena, t->size, t->align ? t->align : 1);
    return *out ? convert(c, t, json, *out) : vw_error_nomem(c->err);
}

static int to_optional(struct to *c, const struct vw_type *t, struct json_object *json, void **out)
{
    *out = NULL;
    if (json_object_is_type(json, json_type_null))
        return 0;
    if (t->elem->kind != VW_OPTIONAL)
        return convert_new(c, t->elem, json, out);
    if (!json_object_is_type(json, json_type_array) || json_object_array_length(json) != 1)
        return wants(c, "null or an array of one", json);
    return convert_new(c, t->elem, json_object_array_get_idx(json, 0), out);
}

static const char *field_name(const struct vw_type *t, uint32_t i)
{
    return t->fields[i].name;
}

static bool has_field(const struct vw_type *t, const char *name)
{
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (strcmp(t->fields[i].name, name) == 0)
            return true;
    }
    return false;
}

static int to_field(struct to *c, const struct vw_field *f, struct json_object *object, void *at)
{
    struct json_object *json = NULL;
    bool there = json_object_object_get_ex(object, f->name, &json);
    if (!there && f->type->kind != VW_OPTIONAL)
        return fail(c, VW_EVALUE, "the member '%s' is missing", f->name);
    struct vw_path_mark mark = vw_path_push(&c->path, f->name);
    int rc = convert(c, f->type, json, at);
    vw_path_pop(&c->path, mark);
    return rc;
}

static int to_struct(struct to *c, const struct vw_type *t, struct json_object *json, uint8_t *at)
{
    int rc = 0;
    if (!json_object_is_type(json, json_type_object))
        return wants(c, "an object", json);
    json_object_object_foreach(json, key, value)
    {
        (void)value;
        if (!has_field(t, key))
            return unknown(c, "member", key, t, field_name, t->n_fields);
    }
    for (uint32_t i = 0; rc == 0 && i < t->n_fields; i++)
        rc = to_field(c, &t->fields[i], json, at + t->fields[i].offset);
    return rc;
}

static int to_disc(struct to *c, const struct vw_type *t, struct json_object *json, int32_t *disc)
{
    uint64_t value = 0;
    int rc = 0;
    if (t->kind == VW_BOOL && json_object_is_type(json, json_type_boolean))
        value = (uint64_t)json_object_get_boolean(json);
    else if (t->kind == VW_ENUM)
        return to_enum(c, t, json, disc);
    else if (t->kind == VW_UINT)
        rc = whole(c, t, json, 0, UINT32_MAX, &value);
    else
        rc = whole(c, t, json, INT32_MIN, INT32_MAX, &value);
    *disc = (int32_t)(uint32_t)value;
    return rc;
}

/* The arm's value into its place, or into a new box. */
static int to_arm(struct to *c, const struct vw_field *arm, struct json_object *json, uint8_t *at)
{
    void *box = NULL;
    struct vw_path_mark mark = vw_path_push(&c->path, arm->name);
    int rc = arm->boxed ? convert_new(c, arm->type, json, &box)
                        : convert(c, arm->type, json, at + arm->offset);
    vw_path_pop(&c->path, mark);
    if (arm->boxed)
        memcpy(at + arm->offset, &box, sizeof(box));
    return rc;
}

static int check_union_keys(struct to *c, const struct vw_type *t, const struct vw_field *arm,
                            struct json_object *json)
{
    json_object_object_foreach(json, key, value)
    {
        (void)value;
        if (strcmp(key, t->disc->name) == 0 || (arm->name && strcmp(key, vw_arm_key(t, arm)) == 0))
            continue;
        if (!arm->name)
            return fail(c, VW_ENAME, "unknown member '%s': the arm that %s chooses is void", key,
                        t->disc->name);
        return fail(c, VW_ENAME, "unknown member '%s': %s chooses the arm '%s'", key, t->disc->name,
                    vw_arm_key(t, arm));
    }
    return 0;
}

static int to_union(struct to *c, const struct vw_type *t, struct json_object *json, uint8_t *at)
{
    struct json_object *value = NULL;
    int32_t disc;

    if (!json_object_is_type(json, json_type_object))
        return wants(c, "an object", json);
    if (!json_object_object_get_ex(json, t->disc->name, &value))
        return fail(c, VW_EVALUE, "the member '%s' is missing", t->disc->name);
    struct vw_path_mark mark = vw_path_push(&c->path, t->disc->name);
    int rc = to_disc(c, t->disc->type, value, &disc);
    vw_path_pop(&c->path, mark);
    if (rc)
        return rc;
    memcpy(at, &disc, sizeof(disc));
    const struct vw_field *arm = vw_type_arm(t, disc);
    if (!arm)
        return fail(c, VW_EVALUE, "the union has no arm for %s %d", t->disc->name, disc);
    rc = check_union_keys(c, t, arm, json);
    if (rc || arm->type->kind == VW_VOID)
        return rc;
    value = NULL;
    const char *key = vw_arm_key(t, arm);
    if (!json_object_object_get_ex(json, key, &value) && arm->type->kind != VW_OPTIONAL)
        return fail(c, VW_EVALUE, "the member '%s' is missing", key);
    return to_arm(c, arm, value, at);
}

static int convert_nested(struct to *c, const struct vw_type *t, struct json_object *json, void *at)
{
    switch (t->kind) {
    case VW_FIXED_ARRAY:
        return to_fixed_array(c, t, json, at);
    case VW_ARRAY:
        return to_list(c, t, json, at);
    case VW_OPTIONAL:
        return to_optional(c, t, json, at);
    case VW_STRUCT:
        return to_struct(c, t, json, at);
    default:
        return to_union(c, t, json, at);
    }
}

static int convert(struct to *c, const struct vw_type *t, struct json_object *json, void *at)
{
    switch (t->kind) {
    case VW_VOID:
        return json ? wants(c, "null", json) : 0;
    case VW_BOOL:
        return to_bool(c, json, at);
    case VW_FLOAT:
    case VW_DOUBLE:
        return to_float(c, t, json, at);
    case VW_ENUM:
        return to_enum(c, t, json, at);
    case VW_STRING:
        return to_string(c, json, at);
    case VW_OPAQUE:
        return to_opaque(c, json, at);
    case VW_FIXED_OPAQUE:
        return to_fixed_opaque(c, t, json, at);
    case VW_FIXED_ARRAY:
    case VW_ARRAY:
    case VW_OPTIONAL:
    case VW_STRUCT:
    case VW_UNION:
        break;
    default:
        return to_whole(c, t, json, at);
    }
    if (c->nesting == VW_MAX_RECURSION)
        return fail(c, VW_ELIMIT, "the value nests deeper than %u", VW_MAX_RECURSION);
    c->nesting++;
    int rc = convert_nested(c, t, json, at);
    c->nesting--;
    return rc;
}

int vw_json_to_value(const struct vw_type *t, struct json_object *json, struct vw_arena *arena,
                     void **out, struct vw_error *err)
{
    struct to c = {.arena = arena, .err = err};
    vw_path_init(&c.path);
    return convert_new(&c, t, json, out);
}
