// SPDX-License-Identifier: MIT
// Matching JSON values against nodes.
#include "scenario/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/document.h"
#include "xdr/literal.h"

#define DEPTH_MAX 40
#define SHOWN_MAX 120

typedef struct json_object json;

struct match {
    json *variables;
    char *why;
    size_t size;
    struct vw_error *err;
    char path[160];
    unsigned depth;
};

static int match(struct match *m, const struct vw_node *n, json *value);

static int differs(struct match *m, const char *expected, json *value)
{
    const char *text =
        value ? json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN) : "null";
    if (!text)
        return vw_error_nomem(m->err);
    size_t len = strlen(text);
    if (m->size && !m->why[0])
        snprintf(m->why, m->size, "%s%sexpected %.160s, found %.*s%s", m->path,
                 *m->path ? ": " : "", expected, (int)(len < SHOWN_MAX ? len : SHOWN_MAX), text,
                 len > SHOWN_MAX ? "..." : "");
    return 0;
}

static int same(struct match *m, json *expected, json *value)
{
    bool equal;
    if (json_object_is_type(expected, json_type_int) && json_object_is_type(value, json_type_int))
        equal = json_object_get_uint64(expected) == json_object_get_uint64(value) &&
                json_object_get_int64(expected) == json_object_get_int64(value);
    else if (json_object_is_type(expected, json_type_int) &&
             json_object_is_type(value, json_type_boolean))
        equal = json_object_get_int64(expected) == json_object_get_boolean(value);
    else
        equal = json_object_equal(expected, value);
    if (equal)
        return 1;
    const char *text = json_object_to_json_string_ext(expected, JSON_C_TO_STRING_PLAIN);
    return text ? differs(m, text, value) : vw_error_nomem(m->err);
}

static bool is_number(const struct vw_node *n, double *out)
{
    char *end;
    *out = strtod(n->text, &end);
    return !n->quoted && end != n->text && !*end;
}

static int match_scalar(struct match *m, const struct vw_node *n, json *value)
{
    json *variable = vw_node_variable(m->variables, n);
    if (variable)
        return same(m, variable, value);
    if (vw_node_is_variable(n)) {
        vw_node_error(n, m->err, "the variable \"%.40s\" has no value", n->text);
        return VW_ESYNTAX;
    }
    json *expected = vw_node_plain(n);
    double number;
    if (json_object_is_type(value, json_type_double) && is_number(n, &number)) {
        json_object_put(expected);
        expected = json_object_new_double(number);
    }
    if (json_object_is_type(value, json_type_string) &&
        !json_object_is_type(expected, json_type_string)) {
        /* 4.0 written plain may be meant as text. */
        json_object_put(expected);
        expected = json_object_new_string(vw_node_plain_text(n));
    }
    int rc = expected ? same(m, expected, value) : vw_error_nomem(m->err);
    json_object_put(expected);
    return rc;
}

static int match_inside(struct match *m, const struct vw_node *n, json *value, const char *fmt,
                        const char *name, size_t index)
{
    size_t len = strlen(m->path);
    if (fmt[0] == '[')
        snprintf(m->path + len, sizeof(m->path) - len, "[%zu]", index);
    else
        snprintf(m->path + len, sizeof(m->path) - len, "%s%s", len ? "." : "", name);
    int rc = match(m, n, value);
    m->path[len] = 0;
    return rc;
}

static int match_list(struct match *m, const struct vw_node *n, json *value)
{
    char text[40];
    if (!json_object_is_type(value, json_type_array))
        return differs(m, "a list", value);
    snprintf(text, sizeof(text), "a list of %zu", n->count);
    if (json_object_array_length(value) != n->count)
        return differs(m, text, value);
    size_t i = 0;
    int rc = 1;
    for (const struct vw_node *item = n->first; item && rc == 1; item = item->next, i++)
        rc = match_inside(m, item, json_object_array_get_idx(value, i), "[", NULL, i);
    return rc;
}

/* ---- the patterns with a name ---- */

static size_t length_of(json *value)
{
    if (json_object_is_type(value, json_type_array))
        return json_object_array_length(value);
    return json_object_is_type(value, json_type_string) ? (size_t)json_object_get_string_len(value)
                                                        : 0;
}

static int match_number(struct match *m, const struct vw_node *n, json *value, bool least)
{
    int64_t bound;
    char text[48];
    json *variable = vw_node_variable(m->variables, n);
    if (variable)
        bound = json_object_get_int64(variable);
    else if (vw_node_number(n, INT64_MIN, INT64_MAX, &bound, m->err) < 0)
        return VW_ESYNTAX;
    snprintf(text, sizeof(text), "at %s %lld", least ? "least" : "most", (long long)bound);
    if (!json_object_is_type(value, json_type_int))
        return differs(m, text, value);
    int64_t v = json_object_get_int64(value); /* above 2^63 - 1: that */
    bool above = v > bound || json_object_get_uint64(value) > INT64_MAX;
    return (least ? above || v == bound : !above) ? 1 : differs(m, text, value);
}

static int match_length(struct match *m, const struct vw_node *n, json *value)
{
    int64_t want;
    char text[48];
    if (vw_node_number(n, 0, INT64_MAX, &want, m->err) < 0)
        return VW_ESYNTAX;
    snprintf(text, sizeof(text), "a length of %lld", (long long)want);
    return value && length_of(value) == (size_t)want ? 1 : differs(m, text, value);
}

static int match_prefix(struct match *m, const struct vw_node *n, json *value)
{
    char text[160];
    if (n->kind != VW_NODE_SCALAR)
        return vw_node_error(n, m->err, "expected a text behind \"prefix\"");
    snprintf(text, sizeof(text), "a text that starts with \"%.100s\"", n->text);
    bool ok = json_object_is_type(value, json_type_string) &&
              strncmp(json_object_get_string(value), n->text, n->len) == 0;
    return ok ? 1 : differs(m, text, value);
}

/* No alternative may leave its reason behind when another fits. */
static int match_quietly(struct match *m, const struct vw_node *n, json *value)
{
    size_t size = m->size;
    m->size = 0;
    int rc = match(m, n, value);
    m->size = size;
    return rc;
}

static int match_one_of(struct match *m, const struct vw_node *n, json *value)
{
    for (const struct vw_node *item = n->first; item; item = item->next) {
        int rc = match_quietly(m, item, value);
        if (rc != 0)
            return rc;
    }
    return differs(m, "one of several", value);
}

static int match_items(struct match *m, const struct vw_node *n, json *value, bool each)
{
    if (!json_object_is_type(value, json_type_array))
        return differs(m, "a list", value);
    size_t count = json_object_array_length(value);
    for (size_t i = 0; i < count; i++) {
        json *item = json_object_array_get_idx(value, i);
        int rc = each ? match_inside(m, n, item, "[", NULL, i) : match_quietly(m, n, item);
        if (rc < 0 || (rc == 1 && !each) || (rc == 0 && each))
            return rc;
    }
    return each ? 1 : differs(m, "a list with a certain item", value);
}

static int match_contains(struct match *m, const struct vw_node *n, json *value)
{
    char text[160];
    if (!json_object_is_type(value, json_type_string) || n->kind != VW_NODE_SCALAR)
        return match_items(m, n, value, false);
    json *variable = vw_node_variable(m->variables, n);
    const char *part = variable ? json_object_get_string(variable) : n->text;
    snprintf(text, sizeof(text), "a text with \"%.100s\" in it", part);
    return strstr(json_object_get_string(value), part) ? 1 : differs(m, text, value);
}

static int match_printable(struct match *m, json *value)
{
    const char *s =
        json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
    bool fine = *s != 0;
    for (; *s; s++)
        fine &= (unsigned char)*s >= 0x20 && *s != 0x7f;
    return fine ? 1 : differs(m, "a text without control characters", value);
}

static int match_capture(struct match *m, const struct vw_node *n, json *value)
{
    if (n->kind != VW_NODE_SCALAR)
        return vw_node_error(n, m->err, "expected a name behind \"capture\"");
    if (m->variables && json_object_object_add(m->variables, n->text, json_object_get(value)) < 0) {
        json_object_put(value);
        return vw_error_nomem(m->err);
    }
    return 1;
}

static int match_not(struct match *m, const struct vw_node *n, json *value)
{
    int rc = match_quietly(m, n, value);
    return rc < 0 ? rc : rc == 0 ? 1 : differs(m, "something else", value);
}

static int match_all_of(struct match *m, const struct vw_node *n, json *value)
{
    int rc = 1;
    for (const struct vw_node *item = n->first; item && rc == 1; item = item->next)
        rc = match(m, item, value);
    return rc;
}

/* N: expressions of XPath, and what they must be. */
static int match_document(struct match *m, const struct vw_node *n, json *value)
{
    struct vw_document *d = NULL;
    struct vw_error bad = VW_ERROR_INIT;
    if (!json_object_is_type(value, json_type_string))
        return differs(m, "a text of XML", value);
    int rc = vw_document_read(json_object_get_string(value),
                              (size_t)json_object_get_string_len(value), &d, &bad);
    if (rc == VW_ESYNTAX)
        return differs(m, "well-formed XML", value);
    if (rc < 0 && m->err)
        *m->err = bad;
    rc = rc < 0 ? rc : 1;
    for (const struct vw_node *item = n->first; item && rc == 1; item = item->next) {
        json *found = NULL;
        rc = vw_document_ask(d, item->key, &found, m->err);
        rc = rc < 0 ? rc : match_inside(m, item, found, ".", item->key, 0);
        json_object_put(found);
    }
    vw_document_destroy(d);
    return rc;
}

/* A mapping with one member of these names is no mapping of fields. VW_ENAME: none of them. */
static int match_named(struct match *m, const struct vw_node *n, json *value)
{
    const char *key = n->key;
    if (strcmp(key, "any") == 0)
        return 1;
    if (strcmp(key, "present") == 0)
        return value ? 1 : differs(m, "something", value);
    if (strcmp(key, "capture") == 0)
        return match_capture(m, n, value);
    if (strcmp(key, "not") == 0)
        return match_not(m, n, value);
    if (strcmp(key, "prefix") == 0)
        return match_prefix(m, n, value);
    if (strcmp(key, "at-least") == 0 || strcmp(key, "at-most") == 0)
        return match_number(m, n, value, key[3] == 'l');
    if (strcmp(key, "one-of") == 0)
        return match_one_of(m, n, value);
    if (strcmp(key, "all-of") == 0)
        return match_all_of(m, n, value);
    if (strcmp(key, "contains") == 0)
        return match_contains(m, n, value);
    if (strcmp(key, "printable") == 0)
        return match_printable(m, value);
    if (strcmp(key, "xml") == 0 && json_object_is_type(value, json_type_string))
        return match_document(m, n, value);
    if (strcmp(key, "each") == 0)
        return match_items(m, n, value, true);
    if (strcmp(key, "length") == 0 && !json_object_is_type(value, json_type_object))
        return match_length(m, n, value);
    return VW_ENAME;
}

static int match_members(struct match *m, const struct vw_node *n, json *value)
{
    if (!json_object_is_type(value, json_type_object))
        return differs(m, "a structure", value);
    for (const struct vw_node *member = n->first; member; member = member->next) {
        json *inside = NULL;
        if (!json_object_object_get_ex(value, member->key, &inside)) {
            vw_node_key_error(member, m->err, "the value has no member \"%.60s\"", member->key);
            return VW_ESYNTAX;
        }
        int rc = match_inside(m, member, inside, ".", member->key, 0);
        if (rc != 1)
            return rc;
    }
    return 1;
}

static int match_map(struct match *m, const struct vw_node *n, json *value)
{
    for (const struct vw_node *member = n->first; member; member = member->next) {
        int rc = match_named(m, member, value);
        if (rc == VW_ENAME)
            return match_members(m, n, value);
        if (rc != 1)
            return rc;
    }
    return 1;
}

static int match(struct match *m, const struct vw_node *n, json *value)
{
    if (++m->depth > DEPTH_MAX)
        return vw_node_error(n, m->err, "nested too deeply");
    int rc = 0;
    switch (n->kind) {
    case VW_NODE_NULL:
        rc = value ? differs(m, "nothing", value) : 1;
        break;
    case VW_NODE_SCALAR:
        rc = match_scalar(m, n, value);
        break;
    case VW_NODE_LIST:
        rc = match_list(m, n, value);
        break;
    case VW_NODE_MAP:
        rc = match_map(m, n, value);
        break;
    }
    m->depth--;
    return rc;
}

int vw_pattern_match(const struct vw_node *n, json *value, json *variables, char *why, size_t size,
                     struct vw_error *err)
{
    struct match m = {.variables = variables, .why = why, .size = size, .err = err};
    if (size)
        why[0] = 0;
    return match(&m, n, value);
}
