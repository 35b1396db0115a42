// SPDX-License-Identifier: MIT
// Literals into values: strict about members, kinds and ranges of numbers, since what a user
// mistypes must not become something else on the wire. Bounds are left to the encoder.
#include "xdr/literal-walk.h"

#include "base/hex.h"
#include "base/nearest.h"
#include "xdr/json.h"
#include "xdr/memory.h"
#include "xdr/values.h"

#include <math.h>
#include <stdlib.h>

#define MEMBERS_MAX 256 /* that a message about an unknown one looks at */

static int read_literal(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                        void *at);

#define fail(c, code, ...) vw_path_fail(&(c)->path, (c)->err, code, __VA_ARGS__)

/* ---- what is written ---- */

static enum json_type type_of(const struct vw_type *t, struct vw_literal l)
{
    if (!l.node)
        return json_object_get_type(l.json);
    switch (l.node->kind) {
    case VW_NODE_NULL:
        return json_type_null;
    case VW_NODE_LIST:
        return json_type_array;
    case VW_NODE_MAP:
        return json_type_object;
    default:
        return vw_literal_scalar(t, l.node);
    }
}

static const char *text_of(struct vw_literal l)
{
    return l.node ? vw_node_plain_text(l.node) : json_object_get_string(l.json);
}

static size_t text_length(struct vw_literal l)
{
    return l.node ? strlen(text_of(l)) : (size_t)json_object_get_string_len(l.json);
}

static size_t item_count(struct vw_literal l)
{
    return l.node ? l.node->count : json_object_array_length(l.json);
}

static bool get_member(struct vw_literal l, const char *name, struct vw_literal *out)
{
    *out = (struct vw_literal){0};
    if (!l.node)
        return json_object_object_get_ex(l.json, name, &out->json);
    out->node = vw_node_get(l.node, name);
    return out->node != NULL;
}

static const char *type_name(enum json_type type)
{
    switch (type) {
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

static int wants(struct vw_reading *c, const char *what, const struct vw_type *t,
                 struct vw_literal l)
{
    enum json_type type = type_of(t, l);
    if (l.node && (type == json_type_array || type == json_type_object))
        return vw_literal_misplaced(c, l.node);
    return fail(c, VW_EVALUE, "wants %s, not %s", what, type_name(type));
}

/* ---- numbers ---- */

static int whole(struct vw_reading *c, const struct vw_type *t, struct vw_literal l, int64_t min,
                 uint64_t max, uint64_t *out)
{
    bool neg;
    if (type_of(t, l) != json_type_int)
        return wants(c, "a whole number", t, l);
    if (!l.node) {
        neg = json_object_get_int64(l.json) < 0;
        *out = neg ? (uint64_t)json_object_get_int64(l.json) : json_object_get_uint64(l.json);
    } else if (!vw_node_looks_number(l.node, &neg, out)) {
        return VW_EVALUE;
    }
    if (neg ? (int64_t)*out >= min : *out <= max)
        return 0;
    return fail(c, VW_EVALUE, "%s is outside %s (%lld to %llu)", text_of(l), vw_kind_name(t->kind),
                (long long)min, (unsigned long long)max);
}

static int to_whole(struct vw_reading *c, const struct vw_type *t, struct vw_literal l, void *at)
{
    bool is_signed =
        t->kind == VW_INT || t->kind == VW_HYPER || t->kind == VW_CHAR || t->kind == VW_SHORT;
    unsigned bits = t->size * 8;
    uint64_t max = UINT64_MAX >> (64 - bits + (is_signed ? 1 : 0)), value;
    int64_t min = is_signed ? -(int64_t)max - 1 : 0;
    int rc = whole(c, t, l, min, max, &value);
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
static int to_float_bits(struct vw_reading *c, struct vw_literal l, size_t size, void *at)
{
    const char *s = text_of(l);
    size_t len = text_length(l);
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

static int to_float(struct vw_reading *c, const struct vw_type *t, struct vw_literal l, void *at)
{
    enum json_type type = type_of(t, l);
    if (type == json_type_string)
        return to_float_bits(c, l, t->size, at);
    if (type != json_type_double && type != json_type_int)
        return wants(c, "a number", t, l);
    double d = l.node ? strtod(text_of(l), NULL) : json_object_get_double(l.json);
    if (t->kind == VW_DOUBLE) {
        memcpy(at, &d, sizeof(d));
        return isfinite(d) ? 0 : fail(c, VW_EVALUE, "the number does not fit a double");
    }
    /* Twice rounded would differ from once: the text of the number goes to strtof. */
    float f = strtof(text_of(l), NULL);
    memcpy(at, &f, sizeof(f));
    return isfinite(f) ? 0 : fail(c, VW_EVALUE, "the number does not fit a float");
}

static bool is_true(struct vw_literal l)
{
    return l.node ? *l.node->text == 't' : json_object_get_boolean(l.json);
}

static int to_bool(struct vw_reading *c, const struct vw_type *t, struct vw_literal l, void *at)
{
    if (type_of(t, l) != json_type_boolean)
        return wants(c, "true or false", t, l);
    *(bool *)at = is_true(l);
    return 0;
}

/* ---- names ---- */

static int unknown(struct vw_reading *c, const char *what, const char *word, const char *near)
{
    return fail(c, VW_ENAME, "unknown %s '%s'%s", what, word, VW_HINT(",", near));
}

static int to_enum(struct vw_reading *c, const struct vw_type *t, struct vw_literal l, void *at)
{
    enum json_type type = type_of(t, l);
    uint64_t value;
    if (type == json_type_int) {
        int rc = whole(c, t, l, INT32_MIN, INT32_MAX, &value);
        if (rc == 0)
            *(int32_t *)at = (int32_t)value;
        return rc;
    }
    if (type != json_type_string)
        return wants(c, "the name of a member or a whole number", t, l);
    struct vw_near near = {.word = text_of(l)};
    for (uint32_t i = 0; i < t->n_members; i++) {
        if (strcmp(t->members[i].name, near.word) == 0) {
            *(int32_t *)at = t->members[i].value;
            return 0;
        }
    }
    for (uint32_t i = 0; i < t->n_members; i++)
        vw_near_offer(&near, t->members[i].name);
    return unknown(c, "member", near.word, near.best);
}

/* ---- bytes ---- */

static int hex_bytes(struct vw_reading *c, struct vw_literal l, uint8_t *to, size_t len)
{
    if (!vw_hex_decode(text_of(l), 2 * len, to))
        return fail(c, VW_EVALUE, "wants hex digits only");
    return 0;
}

/* The bytes that the hex string stands for: how many. */
static int hex_length(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                      size_t *len)
{
    if (type_of(t, l) != json_type_string)
        return wants(c, "a string of hex digits", t, l);
    *len = text_length(l);
    if (*len % 2)
        return fail(c, VW_EVALUE, "wants an even number of hex digits, not %zu", *len);
    *len /= 2;
    return 0;
}

static int to_opaque(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                     struct vw_bytes *b)
{
    size_t len;
    int rc = hex_length(c, t, l, &len);
    if (rc)
        return rc;
    b->len = (uint32_t)len;
    b->data = vw_arena_alloc(c->arena, len, 1);
    return b->data ? hex_bytes(c, l, b->data, len) : vw_error_nomem(c->err);
}

#define UUID_BYTES 16

/* As people write it: "6695eb01-f6a4-8304-79aa-97f2502e193f". */
static bool read_uuid(struct vw_literal l, uint8_t *to)
{
    static const unsigned groups[] = {4, 2, 2, 2, 6}; /* bytes */
    const char *s = text_of(l);
    if (text_length(l) != (size_t)2 * UUID_BYTES + 4)
        return false;
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if ((i > 0 && *s++ != '-') || !vw_hex_decode(s, (size_t)2 * groups[i], to))
            return false;
        s += (size_t)2 * groups[i];
        to += groups[i];
    }
    return true;
}

static int to_fixed_opaque(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                           void *at)
{
    size_t len;
    if (t->max == UUID_BYTES && type_of(t, l) == json_type_string && read_uuid(l, at))
        return 0;
    int rc = hex_length(c, t, l, &len);
    if (rc)
        return rc;
    if (len != t->max)
        return fail(c, VW_EVALUE, "wants %u bytes of hex digits, not %zu", t->max, len);
    return hex_bytes(c, l, at, len);
}

static int to_hex_string(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                         struct vw_string *s)
{
    struct vw_literal hex;
    size_t len;
    if (!get_member(l, "hex", &hex))
        return l.node ? wants(c, "", t, l)
                      : fail(c, VW_EVALUE, "wants a string or {\"hex\": \"...\"}");
    if ((l.node ? l.node->count : (size_t)json_object_object_length(l.json)) != 1)
        return fail(c, VW_EVALUE, "wants a string or {\"hex\": \"...\"}");
    int rc = hex_length(c, t, hex, &len);
    if (rc)
        return rc;
    s->len = (uint32_t)len;
    s->data = vw_arena_alloc(c->arena, len + 1, 1);
    if (!s->data)
        return vw_error_nomem(c->err);
    s->data[len] = '\0';
    return hex_bytes(c, hex, (uint8_t *)s->data, len);
}

static int to_string(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                     struct vw_string *s)
{
    enum json_type type = type_of(t, l);
    if (type == json_type_object)
        return to_hex_string(c, t, l, s);
    if (type != json_type_string)
        return wants(c, "a string", t, l);
    s->len = (uint32_t)text_length(l);
    s->data = vw_arena_strndup(c->arena, text_of(l), s->len);
    return s->data ? 0 : vw_error_nomem(c->err);
}

/* ---- what nests ---- */

static int to_items(struct vw_reading *c, const struct vw_type *elem, struct vw_literal l,
                    uint8_t *items, size_t count)
{
    const struct vw_node *next = l.node ? l.node->first : NULL;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct vw_literal item = {.node = next};
        if (next)
            next = next->next;
        else
            item.json = json_object_array_get_idx(l.json, i);
        struct vw_path_mark mark = vw_path_push_index(&c->path, (uint32_t)i);
        rc = read_literal(c, elem, item, items + i * elem->size);
        vw_path_pop(&c->path, mark);
    }
    return rc;
}

static int to_fixed_array(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                          void *at)
{
    if (type_of(t, l) != json_type_array)
        return wants(c, "an array", t, l);
    size_t count = item_count(l);
    if (count != t->max)
        return fail(c, VW_EVALUE, "wants an array of %u, not %zu", t->max, count);
    return to_items(c, t->elem, l, at, count);
}

static int to_list(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                   struct vw_list *list)
{
    size_t size;
    if (type_of(t, l) != json_type_array)
        return wants(c, "an array", t, l);
    size_t count = item_count(l);
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
    return to_items(c, t->elem, l, list->items, count);
}

static int read_new(struct vw_reading *c, const struct vw_type *t, struct vw_literal l, void **out)
{
    *out = vw_arena_zalloc(c->arena, t->size, t->align ? t->align : 1);
    return *out ? read_literal(c, t, l, *out) : vw_error_nomem(c->err);
}

static int to_optional(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                       void **out)
{
    *out = NULL;
    if (type_of(t, l) == json_type_null)
        return 0;
    if (t->elem->kind != VW_OPTIONAL)
        return read_new(c, t->elem, l, out);
    if (type_of(t, l) != json_type_array || item_count(l) != 1)
        return wants(c, "null or an array of one", t, l);
    *out = vw_arena_zalloc(c->arena, t->elem->size, t->elem->align);
    return *out ? to_items(c, t->elem, l, *out, 1) : vw_error_nomem(c->err);
}

/* ---- members ---- */

/* The member at which a loop stands. */
struct cursor {
    bool begun;
    const struct vw_node *node;
    struct lh_entry *entry;
};

static const char *next_key(struct vw_literal l, struct cursor *at)
{
    bool begun = at->begun;
    at->begun = true;
    if (l.node) {
        at->node = begun ? at->node->next : l.node->first;
        return at->node ? at->node->key : NULL;
    }
    at->entry = begun ? at->entry->next : json_object_get_object(l.json)->head;
    return at->entry ? lh_entry_k(at->entry) : NULL;
}

static bool has_field(const struct vw_type *t, const char *name)
{
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const char *known = t->fields[i].name; /* NULL: a void arm */
        if (known && strcmp(known, name) == 0)
            return true;
    }
    return t->kind == VW_UNION && strcmp(t->disc->name, name) == 0;
}

static int unknown_member(struct vw_reading *c, const struct vw_type *t, const char *key,
                          const struct vw_node *n)
{
    const char *known[MEMBERS_MAX];
    size_t count = 0;
    if (t->kind == VW_UNION)
        known[count++] = t->disc->name;
    for (uint32_t i = 0; i < t->n_fields && count < MEMBERS_MAX; i++) {
        if (t->fields[i].name)
            known[count++] = t->fields[i].name;
    }
    return n ? vw_node_unknown(n, "member", key, known, count, c->err)
             : unknown(c, "member", key, vw_nearest(key, known, count));
}

static int check_names(struct vw_reading *c, const struct vw_type *t, struct vw_literal l)
{
    struct cursor at = {0};
    for (const char *key; (key = next_key(l, &at));) {
        if (!has_field(t, key))
            return unknown_member(c, t, key, at.node);
    }
    return 0;
}

/* What nodes do not name is the smallest. */
static int to_field(struct vw_reading *c, const struct vw_field *f, struct vw_literal object,
                    void *at)
{
    struct vw_literal l;
    bool there = get_member(object, f->name, &l);
    if (!there && object.node)
        return vw_value_smallest(f->type, c->arena, at, c->err);
    if (!there && f->type->kind != VW_OPTIONAL)
        return fail(c, VW_EVALUE, "the member '%s' is missing", f->name);
    struct vw_path_mark mark = vw_path_push(&c->path, f->name);
    int rc = read_literal(c, f->type, l, at);
    vw_path_pop(&c->path, mark);
    return rc;
}

static int to_struct(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                     uint8_t *at)
{
    if (type_of(t, l) != json_type_object)
        return wants(c, "an object", t, l);
    int rc = check_names(c, t, l);
    for (uint32_t i = 0; rc == 0 && i < t->n_fields; i++)
        rc = to_field(c, &t->fields[i], l, at + t->fields[i].offset);
    return rc;
}

static int to_disc(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                   int32_t *disc)
{
    uint64_t value = 0;
    int rc = 0;
    if (t->kind == VW_BOOL && type_of(t, l) == json_type_boolean)
        value = is_true(l);
    else if (t->kind == VW_ENUM)
        return to_enum(c, t, l, disc);
    else if (t->kind == VW_UINT)
        rc = whole(c, t, l, 0, UINT32_MAX, &value);
    else
        rc = whole(c, t, l, INT32_MIN, INT32_MAX, &value);
    *disc = (int32_t)(uint32_t)value;
    return rc;
}

/* The arm's value into its place, or into a new box. */
static int to_arm(struct vw_reading *c, const struct vw_field *arm, struct vw_literal l,
                  uint8_t *at)
{
    void *box = NULL;
    struct vw_path_mark mark = vw_path_push(&c->path, arm->name);
    int rc = arm->boxed ? read_new(c, arm->type, l, &box)
                        : read_literal(c, arm->type, l, at + arm->offset);
    vw_path_pop(&c->path, mark);
    if (arm->boxed)
        memcpy(at + arm->offset, &box, sizeof(box));
    return rc;
}

static int check_union_keys(struct vw_reading *c, const struct vw_type *t,
                            const struct vw_field *arm, struct vw_literal l)
{
    struct cursor at = {0};
    for (const char *key; (key = next_key(l, &at));) {
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

static int to_union(struct vw_reading *c, const struct vw_type *t, struct vw_literal l, uint8_t *at)
{
    struct vw_literal value;
    int32_t disc;

    if (type_of(t, l) != json_type_object)
        return wants(c, "an object", t, l);
    int rc = l.node ? check_names(c, t, l) : 0;
    if (rc)
        return rc;
    if (!get_member(l, t->disc->name, &value))
        return fail(c, VW_EVALUE, "the member '%s' is missing", t->disc->name);
    struct vw_path_mark mark = vw_path_push(&c->path, t->disc->name);
    rc = to_disc(c, t->disc->type, value, &disc);
    vw_path_pop(&c->path, mark);
    if (rc)
        return rc;
    memcpy(at, &disc, sizeof(disc));
    const struct vw_field *arm = vw_type_arm(t, disc);
    if (!arm)
        return fail(c, VW_EVALUE, "the union has no arm for %s %d", t->disc->name, disc);
    rc = check_union_keys(c, t, arm, l);
    if (rc || arm->type->kind == VW_VOID)
        return rc;
    const char *key = vw_arm_key(t, arm);
    if (!get_member(l, key, &value) && arm->type->kind != VW_OPTIONAL)
        return fail(c, VW_EVALUE, "the member '%s' is missing", key);
    return to_arm(c, arm, value, at);
}

/* ---- the walk ---- */

static int read_nested(struct vw_reading *c, const struct vw_type *t, struct vw_literal l, void *at)
{
    switch (t->kind) {
    case VW_FIXED_ARRAY:
        return to_fixed_array(c, t, l, at);
    case VW_ARRAY:
        return to_list(c, t, l, at);
    case VW_OPTIONAL:
        return to_optional(c, t, l, at);
    case VW_STRUCT:
        return to_struct(c, t, l, at);
    default:
        return to_union(c, t, l, at);
    }
}

static int read_any(struct vw_reading *c, const struct vw_type *t, struct vw_literal l, void *at)
{
    switch (t->kind) {
    case VW_VOID:
        return type_of(t, l) == json_type_null ? 0 : wants(c, "null", t, l);
    case VW_BOOL:
        return to_bool(c, t, l, at);
    case VW_FLOAT:
    case VW_DOUBLE:
        return to_float(c, t, l, at);
    case VW_ENUM:
        return to_enum(c, t, l, at);
    case VW_STRING:
        return to_string(c, t, l, at);
    case VW_OPAQUE:
        return to_opaque(c, t, l, at);
    case VW_FIXED_OPAQUE:
        return to_fixed_opaque(c, t, l, at);
    case VW_FIXED_ARRAY:
    case VW_ARRAY:
    case VW_OPTIONAL:
    case VW_STRUCT:
    case VW_UNION:
        break;
    default:
        return to_whole(c, t, l, at);
    }
    if (c->nesting == VW_MAX_RECURSION)
        return fail(c, VW_ELIMIT, "the value nests deeper than %u", VW_MAX_RECURSION);
    c->nesting++;
    int rc = read_nested(c, t, l, at);
    c->nesting--;
    return rc;
}

static int fill_bytes(struct vw_reading *c, const struct vw_type *t, const struct vw_node *fill,
                      uint32_t count, void *at)
{
    char *bytes = vw_arena_alloc(c->arena, (size_t)count + 1, 1);
    if (!bytes)
        return vw_error_nomem(c->err);
    memset(bytes, *fill->text, count);
    bytes[count] = '\0';
    if (t->kind == VW_STRING)
        *(struct vw_string *)at = (struct vw_string){.len = count, .data = bytes};
    else
        *(struct vw_bytes *)at = (struct vw_bytes){.len = count, .data = (uint8_t *)bytes};
    return 0;
}

/* All elements are copies of the first, and share what it points to. */
static int fill_list(struct vw_reading *c, const struct vw_type *elem, const struct vw_node *item,
                     uint32_t count, struct vw_list *list)
{
    size_t size;
    if (__builtin_mul_overflow((size_t)count + 1, (size_t)elem->size, &size))
        return vw_error_nomem(c->err);
    uint8_t *items = vw_arena_zalloc(c->arena, size, elem->align);
    if (!items)
        return vw_error_nomem(c->err);
    struct vw_path_mark mark = vw_path_push_index(&c->path, 0);
    int rc = read_literal(c, elem, (struct vw_literal){.node = item}, items);
    vw_path_pop(&c->path, mark);
    for (uint32_t i = 1; rc == 0 && i < count; i++)
        memcpy(items + (size_t)i * elem->size, items, elem->size);
    *list = (struct vw_list){.count = count, .items = items};
    return rc;
}

static int read_filled(struct vw_reading *c, const struct vw_type *t, const struct vw_node *n,
                       void *at)
{
    const struct vw_node *fill = vw_node_get(n, "fill");
    uint32_t count = 0;
    int rc = vw_literal_count(c, t, n, &count);
    if (rc < 0)
        return rc;
    return t->kind == VW_ARRAY ? fill_list(c, t->elem, fill, count, at)
                               : fill_bytes(c, t, fill, count, at);
}

static int read_node(struct vw_reading *c, const struct vw_type *t, const struct vw_node *n,
                     void *at)
{
    struct vw_literal l = {.node = n};
    if (vw_node_is_variable(n)) {
        int rc = vw_literal_variable(c, &l);
        return rc ? rc : read_any(c, t, l, at);
    }
    if (n->kind == VW_NODE_NULL && t->kind != VW_OPTIONAL)
        return vw_value_smallest(t, c->arena, at, c->err);
    return vw_literal_is_filled(t, n) ? read_filled(c, t, n, at) : read_any(c, t, l, at);
}

static int read_literal(struct vw_reading *c, const struct vw_type *t, struct vw_literal l,
                        void *at)
{
    return l.node ? read_node(c, t, l.node, at) : read_any(c, t, l, at);
}

int vw_json_to_value(const struct vw_type *t, struct json_object *json, struct vw_arena *arena,
                     void **out, struct vw_error *err)
{
    struct vw_reading c = {.arena = arena, .err = err};
    vw_path_init(&c.path);
    return read_new(&c, t, (struct vw_literal){.json = json}, out);
}

int vw_node_to_value(struct vw_node_context *ctx, const struct vw_type *t, const struct vw_node *n,
                     void **out, struct vw_error *err)
{
    struct vw_reading c = {.arena = ctx->arena, .err = err, .nodes = ctx};
    vw_path_init(&c.path);
    return n ? read_new(&c, t, (struct vw_literal){.node = n}, out)
             : vw_value_minimal(t, ctx->arena, out, err);
}
