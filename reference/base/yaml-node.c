// SPDX-License-Identifier: MIT
// Reading and making nodes of the YAML tree.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/nearest.h"
#include "base/yaml.h"

const struct vw_node *vw_node_get(const struct vw_node *map, const char *key)
{
    if (!map || map->kind != VW_NODE_MAP)
        return NULL;
    for (const struct vw_node *n = map->first; n; n = n->next)
        if (strcmp(n->key, key) == 0)
            return n;
    return NULL;
}

int vw_node_error(const struct vw_node *n, struct vw_error *err, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return vw_error_at(err, VW_ESYNTAX, n->line, n->column, "%s", text);
}

int vw_node_key_error(const struct vw_node *n, struct vw_error *err, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return vw_error_at(err, VW_ESYNTAX, n->key_line ? n->key_line : n->line,
                       n->key_line ? n->key_column : n->column, "%s", text);
}

bool vw_node_is_variable(const struct vw_node *n)
{
    return n->kind == VW_NODE_SCALAR && n->text[0] == '$' && n->text[1] && n->text[1] != '$';
}

int vw_node_unknown(const struct vw_node *n, const char *what, const char *word,
                    const char *const *known, size_t n_known, struct vw_error *err)
{
    if (word == n->key) { /* the place of the name, not of what stands behind it */
        struct vw_node at = {.line = n->key_line, .column = n->key_column};
        return vw_node_unknown(&at, what, word, known, n_known, err);
    }
    const char *near = vw_nearest(word, known, n_known);
    if (near)
        return vw_node_error(n, err, "unknown %s \"%.60s\"; did you mean \"%s\"?", what, word,
                             near);
    char buf[160];
    vw_list_words(known, n_known, buf, sizeof(buf));
    return vw_node_error(n, err, "unknown %s \"%.40s\"; expected %s%s", what, word,
                         n_known > 1 ? "one of " : "", buf);
}

const char *vw_node_kind_name(enum vw_node_kind kind)
{
    static const char *const names[] = {
        [VW_NODE_NULL] = "nothing",
        [VW_NODE_SCALAR] = "a word",
        [VW_NODE_LIST] = "a list",
        [VW_NODE_MAP] = "a mapping",
    };
    return names[kind];
}

bool vw_node_is(const struct vw_node *n, const char *text)
{
    return n && n->kind == VW_NODE_SCALAR && strcmp(n->text, text) == 0;
}

bool vw_node_looks_number(const struct vw_node *n, bool *neg, uint64_t *out)
{
    if (n->kind != VW_NODE_SCALAR || n->quoted)
        return false;
    const char *s = n->text;
    *neg = *s == '-';
    if (*neg)
        s++;
    bool hex = s[0] == '0' && s[1] == 'x';
    if (hex)
        s += 2;
    if (!*s || s[strspn(s, hex ? "0123456789abcdefABCDEF" : "0123456789")])
        return false;
    char *end;
    errno = 0;
    uint64_t v = strtoull(s, &end, hex ? 16 : 10);
    if (errno || (*neg && v > (uint64_t)INT64_MAX + 1))
        return false;
    *out = *neg ? (uint64_t)0 - v : v;
    return true;
}

int vw_node_number(const struct vw_node *n, int64_t min, int64_t max, int64_t *out,
                   struct vw_error *err)
{
    bool neg;
    uint64_t v;
    if (vw_node_looks_number(n, &neg, &v) && (neg || v <= INT64_MAX)) {
        *out = (int64_t)v;
        if (*out >= min && *out <= max)
            return 0;
    }
    return vw_node_error(n, err, "expected a whole number from %lld to %lld", (long long)min,
                         (long long)max);
}

int vw_node_hex(const struct vw_node *n, struct vw_arena *arena, const uint8_t **bytes, size_t *len,
                struct vw_error *err)
{
    *len = 0;
    *bytes = (const uint8_t *)"";
    if (n->kind == VW_NODE_NULL)
        return 0;
    if (n->kind != VW_NODE_SCALAR)
        return vw_node_error(n, err, "expected bytes as hex digits");
    uint8_t *out = vw_arena_alloc(arena, n->len / 2 + 1, 1);
    if (!out)
        return vw_error_nomem(err);
    for (const char *s = n->text; *s;) {
        if (*s == ' ' || *s == '\n') {
            s++;
            continue;
        }
        int hi = vw_hex_value(s[0]), lo = hi < 0 ? -1 : vw_hex_value(s[1]);
        if (lo < 0)
            return vw_node_error(n, err, "expected bytes as pairs of hex digits");
        out[(*len)++] = (uint8_t)(hi << 4 | lo);
        s += 2;
    }
    *bytes = out;
    return 0;
}

struct vw_node *vw_node_new(struct vw_arena *arena, enum vw_node_kind kind)
{
    struct vw_node *n = vw_arena_zalloc(arena, sizeof(*n), _Alignof(struct vw_node));
    if (n)
        n->kind = kind;
    return n;
}

struct vw_node *vw_node_text(struct vw_arena *arena, const char *text)
{
    struct vw_node *n = vw_node_new(arena, VW_NODE_SCALAR);
    if (!n)
        return NULL;
    n->len = strlen(text);
    n->text = vw_arena_strndup(arena, text, n->len);
    return n->text ? n : NULL;
}

struct vw_node *vw_node_printf(struct vw_arena *arena, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return vw_node_text(arena, text);
}

struct vw_node *vw_node_add(struct vw_node *parent, const char *key, struct vw_node *item)
{
    if (!parent || !item)
        return NULL;
    item->key = key;
    item->next = NULL;
    if (parent->last)
        parent->last->next = item;
    else
        parent->first = item;
    parent->last = item;
    parent->count++;
    return item;
}

struct vw_node *vw_node_copy(struct vw_arena *arena, const struct vw_node *n)
{
    struct vw_node *out = vw_node_new(arena, n->kind);
    if (!out)
        return NULL;
    *out = *n;
    out->first = out->last = out->next = NULL;
    out->count = 0;
    for (const struct vw_node *item = n->first; item; item = item->next)
        if (!vw_node_add(out, item->key, vw_node_copy(arena, item)))
            return NULL;
    return out;
}
