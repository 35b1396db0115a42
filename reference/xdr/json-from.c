// SPDX-License-Identifier: MIT
// Values as JSON. Every failure of json-c is lack of memory.
#include "base/hex.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "xdr/json.h"
#include "xdr/memory.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct from {
    uint32_t nesting;
    struct vw_error *err;
};

/* Puts the JSON of AT into *OUT, where NULL is the JSON null. */
static int convert(struct from *f, const struct vw_type *t, const void *at,
                   struct json_object **out);

static int given(struct from *f, struct json_object *made, struct json_object **out)
{
    *out = made;
    return made ? 0 : vw_error_nomem(f->err);
}

/* Puts VALUE, which it then owns, under KEY. */
static int add_member(struct from *f, struct json_object *object, const char *key,
                      struct json_object *value)
{
    if (json_object_object_add(object, key, value) == 0)
        return 0;
    json_object_put(value);
    return vw_error_nomem(f->err);
}

/* ---- scalars ---- */

/* The shortest of three precisions that reads back the same, always with a point or an exponent, so
 * that -0.0 stays what it is. */
static void print_float(double d, bool single, char *buf, size_t size)
{
    int precision = single ? 6 : 15, last = single ? 9 : 17;
    for (; precision <= last; precision++) {
        snprintf(buf, size, "%.*g", precision, d);
        if (single ? strtof(buf, NULL) == (float)d : strtod(buf, NULL) == d)
            break;
    }
    char *comma = strchr(buf, ','); /* some locales */
    if (comma)
        *comma = '.';
    if (!strpbrk(buf, ".e"))
        strcat(buf, ".0");
}

static struct json_object *from_float(const void *at)
{
    char buf[48];
    uint32_t bits;
    float f;
    memcpy(&f, at, sizeof(f));
    memcpy(&bits, at, sizeof(bits));
    if (!isfinite(f)) {
        snprintf(buf, sizeof(buf), "0x%08x", bits);
        return json_object_new_string(buf);
    }
    print_float((double)f, true, buf, sizeof(buf));
    return json_object_new_double_s((double)f, buf);
}

static struct json_object *from_double(const void *at)
{
    char buf[48];
    uint64_t bits;
    double d;
    memcpy(&d, at, sizeof(d));
    memcpy(&bits, at, sizeof(bits));
    if (!isfinite(d)) {
        snprintf(buf, sizeof(buf), "0x%016llx", (unsigned long long)bits);
        return json_object_new_string(buf);
    }
    print_float(d, false, buf, sizeof(buf));
    return json_object_new_double_s(d, buf);
}

static struct json_object *from_enum(const struct vw_type *t, int32_t value)
{
    const struct vw_member *m = vw_type_member(t, value);
    return m ? json_object_new_string(m->name) : json_object_new_int64(value);
}

static struct json_object *from_scalar(const struct vw_type *t, const void *at)
{
    switch (t->kind) {
    case VW_INT:
        return json_object_new_int64(*(const int32_t *)at);
    case VW_UINT:
        return json_object_new_int64(*(const uint32_t *)at);
    case VW_HYPER:
        return json_object_new_int64(*(const int64_t *)at);
    case VW_UHYPER:
        return json_object_new_uint64(*(const uint64_t *)at);
    case VW_BOOL:
        return json_object_new_boolean(*(const uint8_t *)at != 0);
    case VW_CHAR:
        return json_object_new_int64(*(const int8_t *)at);
    case VW_UCHAR:
        return json_object_new_int64(*(const uint8_t *)at);
    case VW_SHORT:
        return json_object_new_int64(*(const int16_t *)at);
    case VW_USHORT:
        return json_object_new_int64(*(const uint16_t *)at);
    case VW_FLOAT:
        return from_float(at);
    case VW_DOUBLE:
        return from_double(at);
    default:
        return from_enum(t, *(const int32_t *)at);
    }
}

/* A discriminant lies in memory as an int32_t whatever its type is. */
static struct json_object *from_disc(const struct vw_type *t, int32_t disc)
{
    switch (t->kind) {
    case VW_ENUM:
        return from_enum(t, disc);
    case VW_BOOL:
        return disc == 0 || disc == 1 ? json_object_new_boolean(disc) : json_object_new_int64(disc);
    case VW_UINT:
        return json_object_new_int64((uint32_t)disc);
    default:
        return json_object_new_int64(disc);
    }
}

/* ---- bytes ---- */

static int from_bytes(struct from *f, const void *data, size_t len, struct json_object **out)
{
    if (len >= INT_MAX / 2)
        return vw_error_set(f->err, VW_ELIMIT, "%zu bytes are too many for JSON", len);
    char *text = malloc(2 * len + 1);
    if (!text)
        return vw_error_nomem(f->err);
    vw_hex_encode(data, len, text);
    int rc = given(f, json_object_new_string_len(text, (int)(2 * len)), out);
    free(text);
    return rc;
}

static int from_string(struct from *f, const struct vw_string *s, struct json_object **out)
{
    const char *data = vw_string_data(s);
    struct json_object *hex;

    if (s->len < INT_MAX && vw_utf8_valid(data, s->len) == s->len)
        return given(f, json_object_new_string_len(data, (int)s->len), out);
    int rc = given(f, json_object_new_object(), out);
    if (rc == 0)
        rc = from_bytes(f, data, s->len, &hex);
    return rc ? rc : add_member(f, *out, "hex", hex);
}

/* ---- what nests ---- */

static int from_items(struct from *f, const struct vw_type *elem, const uint8_t *items,
                      uint32_t count, struct json_object **out)
{
    int rc = given(f, json_object_new_array_ext(count < INT_MAX && count ? (int)count : 1), out);
    for (uint32_t i = 0; rc == 0 && i < count; i++) {
        struct json_object *item = NULL;
        rc = convert(f, elem, items + (size_t)i * elem->size, &item);
        if (rc == 0 && json_object_array_add(*out, item) == 0)
            continue;
        json_object_put(item);
        rc = rc ? rc : vw_error_nomem(f->err);
    }
    return rc;
}

static int from_optional(struct from *f, const struct vw_type *t, const void *value,
                         struct json_object **out)
{
    *out = NULL;
    if (!value)
        return 0;
    if (t->elem->kind == VW_OPTIONAL)
        return from_items(f, t->elem, value, 1, out);
    return convert(f, t->elem, value, out);
}

static int from_member(struct from *f, struct json_object *object, const char *key,
                       const struct vw_type *t, const void *at)
{
    struct json_object *value = NULL;
    int rc = convert(f, t, at, &value);
    if (rc == 0)
        return add_member(f, object, key, value);
    json_object_put(value);
    return rc;
}

static int from_struct(struct from *f, const struct vw_type *t, const uint8_t *at,
                       struct json_object **out)
{
    int rc = given(f, json_object_new_object(), out);
    for (uint32_t i = 0; rc == 0 && i < t->n_fields; i++) {
        const struct vw_field *field = &t->fields[i];
        rc = from_member(f, *out, field->name, field->type, at + field->offset);
    }
    return rc;
}

static int from_union(struct from *f, const struct vw_type *t, const void *at,
                      struct json_object **out)
{
    const struct vw_field *arm = vw_type_arm(t, vw_union_disc(at));
    struct json_object *disc = NULL;
    int rc = given(f, json_object_new_object(), out);
    if (rc == 0)
        rc = given(f, from_disc(t->disc->type, vw_union_disc(at)), &disc);
    if (rc == 0)
        rc = add_member(f, *out, t->disc->name, disc);
    if (rc || !arm || arm->type->kind == VW_VOID)
        return rc;
    const void *value = vw_field_memory(arm, at);
    if (!value)
        return vw_error_set(f->err, VW_EVALUE, "the union has no value for its arm %s", arm->name);
    return from_member(f, *out, vw_arm_key(t, arm), arm->type, value);
}

static int convert_nested(struct from *f, const struct vw_type *t, const void *at,
                          struct json_object **out)
{
    const struct vw_list *list;
    switch (t->kind) {
    case VW_FIXED_ARRAY:
        return from_items(f, t->elem, at, t->max, out);
    case VW_ARRAY:
        list = at;
        return from_items(f, t->elem, list->items, list->count, out);
    case VW_OPTIONAL:
        return from_optional(f, t, *(void *const *)at, out);
    case VW_STRUCT:
        return from_struct(f, t, at, out);
    default:
        return from_union(f, t, at, out);
    }
}

static int convert(struct from *f, const struct vw_type *t, const void *at,
                   struct json_object **out)
{
    const struct vw_bytes *bytes;
    switch (t->kind) {
    case VW_VOID:
        *out = NULL;
        return 0;
    case VW_STRING:
        return from_string(f, at, out);
    case VW_OPAQUE:
        bytes = at;
        return from_bytes(f, bytes->data, bytes->len, out);
    case VW_FIXED_OPAQUE:
        return from_bytes(f, at, t->max, out);
    case VW_FIXED_ARRAY:
    case VW_ARRAY:
    case VW_OPTIONAL:
    case VW_STRUCT:
    case VW_UNION:
        break;
    default:
        return given(f, from_scalar(t, at), out);
    }
    if (f->nesting == VW_MAX_RECURSION)
        return vw_error_set(f->err, VW_ELIMIT, "the value nests deeper than %u", VW_MAX_RECURSION);
    f->nesting++;
    int rc = convert_nested(f, t, at, out);
    f->nesting--;
    return rc;
}

struct json_object *vw_json_from_value(const struct vw_type *t, const void *value,
                                       struct vw_error *err)
{
    struct from f = {.err = err};
    struct json_object *out = NULL;
    if (convert(&f, t, value, &out) == 0)
        return out;
    json_object_put(out);
    return NULL;
}

char *vw_json_text(struct json_object *json, bool pretty)
{
    int flags = pretty ? JSON_C_TO_STRING_PRETTY : JSON_C_TO_STRING_PLAIN;
    const char *text = json_object_to_json_string_ext(json, flags | JSON_C_TO_STRING_NOSLASHESCAPE);
    char *shown = NULL;
    size_t len = text ? strlen(text) : 0;
    if (text && vw_shown_prefix(text, len) == len)
        return strdup(text);
    FILE *f = text ? open_memstream(&shown, &len) : NULL;
    if (!f)
        return NULL;
    vw_shown_print(f, text, strlen(text), VW_SHOWN_JSON);
    if (fclose(f) == 0)
        return shown;
    free(shown);
    return NULL;
}

bool vw_json_put(struct json_object *o, const char *key, struct json_object *value)
{
    if (o && value && json_object_object_add(o, key, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

bool vw_json_put_text(struct json_object *o, const char *key, const char *text)
{
    return vw_json_put(o, key, json_object_new_string(text));
}

bool vw_json_put_number(struct json_object *o, const char *key, int64_t number)
{
    return vw_json_put(o, key, json_object_new_int64(number));
}
