// SPDX-License-Identifier: MIT
// Values as the text of their JSON, without objects in between: what lines for people are made of.
// json-from.c is the whole of it; what is rare is left to that.
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "xdr/json.h"
#include "xdr/memory.h"

#define ENOUGH 1 /* more than MAX is there */

struct text {
    struct vw_buf *b;
    size_t max;
    uint32_t nesting;
};

static int write_value(struct text *x, const struct vw_type *t, const void *at);

static int put(struct text *x, const char *s, size_t len)
{
    int rc = vw_buf_append(x->b, s, len);
    return rc ? rc : x->b->len > x->max ? ENOUGH : 0;
}

static int put_text(struct text *x, const char *s)
{
    return put(x, s, strlen(s));
}

/* How much of LEN bytes there is any use for. */
static size_t useful(const struct text *x, size_t len)
{
    size_t left = x->b->len > x->max ? 0 : x->max - x->b->len;
    return len <= left ? len : left + 1;
}

static int put_number(struct text *x, bool negative, uint64_t magnitude)
{
    char digits[24];
    char *at = digits + sizeof(digits);
    do
        *--at = (char)('0' + magnitude % 10);
    while (magnitude /= 10);
    if (negative)
        *--at = '-';
    return put(x, at, (size_t)(digits + sizeof(digits) - at));
}

static int put_int(struct text *x, int64_t v)
{
    return put_number(x, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static int put_escaped(struct text *x, unsigned char c)
{
    static const char names[] = "\bb\nn\rr\tt\ff\"\"\\\\";
    char code[8];
    for (size_t i = 0; i + 1 < sizeof(names); i += 2) {
        if ((unsigned char)names[i] != c)
            continue;
        code[0] = '\\';
        code[1] = names[i + 1];
        return put(x, code, 2);
    }
    snprintf(code, sizeof(code), "\\u%04x", c);
    return put(x, code, 6);
}

static int put_string(struct text *x, const char *s, size_t len)
{
    size_t from = 0;
    int rc = put(x, "\"", 1);
    for (size_t i = 0; rc == 0 && i <= len; i++) {
        unsigned char c = i < len ? (unsigned char)s[i] : 0;
        if (i < len && c >= ' ' && c != '"' && c != '\\')
            continue;
        if (i > from)
            rc = put(x, s + from, useful(x, i - from));
        if (rc == 0 && i < len)
            rc = put_escaped(x, c);
        from = i + 1;
    }
    return rc ? rc : put(x, "\"", 1);
}

static int put_hex(struct text *x, const uint8_t *bytes, size_t len)
{
    int rc = put(x, "\"", 1);
    size_t n = useful(x, len);
    if (rc == 0)
        rc = vw_buf_reserve(x->b, 2 * n + 1);
    if (rc)
        return rc;
    vw_hex_encode(bytes, n, (char *)x->b->data + x->b->len);
    x->b->len += 2 * n;
    return n < len ? ENOUGH : put(x, "\"", 1);
}

static int write_string(struct text *x, const struct vw_string *s)
{
    const char *data = vw_string_data(s);
    if (vw_utf8_valid(data, s->len) == s->len)
        return put_string(x, data, s->len);
    int rc = put_text(x, "{\"hex\":");
    if (rc == 0)
        rc = put_hex(x, (const uint8_t *)data, s->len);
    return rc ? rc : put(x, "}", 1);
}

static int write_number(struct text *x, const struct vw_type *t, const void *at)
{
    switch (t->kind) {
    case VW_INT:
        return put_int(x, *(const int32_t *)at);
    case VW_UINT:
        return put_int(x, *(const uint32_t *)at);
    case VW_HYPER:
        return put_int(x, *(const int64_t *)at);
    case VW_UHYPER:
        return put_number(x, false, *(const uint64_t *)at);
    case VW_BOOL:
        return put_text(x, *(const uint8_t *)at ? "true" : "false");
    case VW_CHAR:
        return put_int(x, *(const int8_t *)at);
    case VW_UCHAR:
        return put_int(x, *(const uint8_t *)at);
    case VW_SHORT:
        return put_int(x, *(const int16_t *)at);
    case VW_USHORT:
        return put_int(x, *(const uint16_t *)at);
    default:
        return VW_EUSAGE; /* the others are rare: through an object */
    }
}

static int write_enum(struct text *x, const struct vw_type *t, int32_t value)
{
    const struct vw_member *m = vw_type_member(t, value);
    return m ? put_string(x, m->name, strlen(m->name)) : put_int(x, value);
}

static int write_items(struct text *x, const struct vw_type *elem, const uint8_t *items,
                       uint32_t count)
{
    int rc = put(x, "[", 1);
    for (uint32_t i = 0; rc == 0 && i < count; i++) {
        if (i > 0)
            rc = put(x, ",", 1);
        if (rc == 0)
            rc = write_value(x, elem, items + (size_t)i * elem->size);
    }
    return rc ? rc : put(x, "]", 1);
}

static int write_key(struct text *x, const char *key, bool first)
{
    int rc = put(x, first ? "{\"" : ",\"", 2);
    if (rc == 0)
        rc = put_text(x, key);
    return rc ? rc : put(x, "\":", 2);
}

static int write_struct(struct text *x, const struct vw_type *t, const uint8_t *at)
{
    int rc = t->n_fields ? 0 : put(x, "{", 1);
    for (uint32_t i = 0; rc == 0 && i < t->n_fields; i++) {
        const struct vw_field *field = &t->fields[i];
        rc = write_key(x, field->name, i == 0);
        if (rc == 0)
            rc = write_value(x, field->type, at + field->offset);
    }
    return rc ? rc : put(x, "}", 1);
}

static int write_union(struct text *x, const struct vw_type *t, const void *at)
{
    int32_t disc = vw_union_disc(at);
    const struct vw_field *arm = vw_type_arm(t, disc);
    const void *value = arm && arm->type->kind != VW_VOID ? vw_field_memory(arm, at) : NULL;
    const struct vw_type *word = t->disc->type;
    if (word->kind == VW_BOOL || (arm && arm->type->kind != VW_VOID && !value))
        return VW_EUSAGE;
    int rc = write_key(x, t->disc->name, true);
    if (rc == 0)
        rc = word->kind == VW_ENUM   ? write_enum(x, word, disc)
             : word->kind == VW_UINT ? put_int(x, (uint32_t)disc)
                                     : put_int(x, disc);
    if (rc == 0 && value)
        rc = write_key(x, vw_arm_key(t, arm), false);
    if (rc == 0 && value)
        rc = write_value(x, arm->type, value);
    return rc ? rc : put(x, "}", 1);
}

static int write_nested(struct text *x, const struct vw_type *t, const void *at)
{
    const struct vw_list *list = at;
    const void *there;
    switch (t->kind) {
    case VW_FIXED_ARRAY:
        return write_items(x, t->elem, at, t->max);
    case VW_ARRAY:
        return write_items(x, t->elem, list->items, list->count);
    case VW_OPTIONAL:
        there = *(void *const *)at;
        if (!there)
            return put_text(x, "null");
        return t->elem->kind == VW_OPTIONAL ? write_items(x, t->elem, there, 1)
                                            : write_value(x, t->elem, there);
    case VW_STRUCT:
        return write_struct(x, t, at);
    case VW_UNION:
        return write_union(x, t, at);
    default:
        return write_number(x, t, at);
    }
}

static int write_value(struct text *x, const struct vw_type *t, const void *at)
{
    const struct vw_bytes *bytes = at;
    switch (t->kind) {
    case VW_STRING:
        return write_string(x, at);
    case VW_OPAQUE:
        return put_hex(x, bytes->data, bytes->len);
    case VW_FIXED_OPAQUE:
        return put_hex(x, at, t->max);
    case VW_ENUM:
        return write_enum(x, t, *(const int32_t *)at);
    default:
        break;
    }
    if (x->nesting == VW_MAX_RECURSION)
        return VW_EUSAGE;
    x->nesting++;
    int rc = write_nested(x, t, at);
    x->nesting--;
    return rc;
}

int vw_json_append(const struct vw_type *t, const void *value, size_t max, struct vw_buf *b)
{
    struct text x = {.b = b, .max = max};
    size_t from = b->len;
    int rc = write_value(&x, t, value);
    if (rc >= 0 && vw_shown_prefix((const char *)b->data + from, b->len - from) == b->len - from)
        return 0;
    b->len = from;
    return rc == VW_ENOMEM ? rc : VW_EUSAGE;
}

int vw_json_append_bytes(const void *bytes, size_t len, size_t max, struct vw_buf *b)
{
    struct text x = {.b = b, .max = max};
    int rc = put_hex(&x, bytes, len);
    return rc < 0 ? rc : 0;
}
