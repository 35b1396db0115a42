// SPDX-License-Identifier: MIT
#include "capture/retell-value.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "capture/again.h"
#include "schema/facts.h"

#define ITEMS_MAX 64u /* of a list in a pattern; of a longer one the length is named */
#define STEM_MAX  20  /* of a name, before what makes it one of its own */

typedef struct json_object json;

struct vw_retell_name {
    struct vw_retell_name *next;
    const char *kind, *value; /* as it was recorded */
    const char *name;
    bool bound; /* it has come back */
    bool used;  /* it was said again */
};

struct walk {
    struct vw_retell_values *v;
    const struct vw_facts *facts;
    bool pattern;
    char path[300];
    const char *owner; /* the name of the structure that we are in, or NULL */
};

static struct vw_node *node_of(struct walk *w, const struct vw_type *parent, const char *field,
                               const struct vw_type *t, json *v);

/* ---- names ---- */

static struct vw_retell_name *find(const struct walk *w, const char *kind, const char *value)
{
    struct vw_retell_name *n = w->v->names;
    while (n && (strcmp(n->kind, kind) != 0 || strcmp(n->value, value) != 0))
        n = n->next;
    return n;
}

static bool is_taken(const struct walk *w, const char *name)
{
    for (const struct vw_retell_name *n = w->v->names; n; n = n->next)
        if (strcmp(n->name, name) == 0)
            return true;
    return false;
}

/* "test_id": of whom and what; another "test_id_2". NULL: no memory. */
static const char *new_name(const struct walk *w, const char *kind)
{
    char stem[STEM_MAX + 1] = "";
    size_t len = 0;
    for (const char *s = w->owner ? w->owner : ""; *s && len < STEM_MAX; s++)
        stem[len++] = isalnum((unsigned char)*s) ? *s : '_';
    const char *name =
        vw_arena_printf(w->v->arena, "%.*s%s%s", (int)len, stem, len ? "_" : "", kind);
    for (unsigned i = 2; name && is_taken(w, name); i++)
        name = vw_arena_printf(w->v->arena, "%.*s%s%s_%u", (int)len, stem, len ? "_" : "", kind, i);
    return name;
}

static struct vw_retell_name *add_name(struct walk *w, const char *kind, const char *value)
{
    struct vw_retell_name *n =
        vw_arena_zalloc(w->v->arena, sizeof(*n), _Alignof(struct vw_retell_name));
    if (!n || !(n->name = new_name(w, kind)) ||
        !(n->value = vw_arena_strndup(w->v->arena, value, strlen(value))))
        return NULL;
    n->kind = kind;
    n->bound = true;
    n->next = w->v->names;
    w->v->names = n;
    return n;
}

/* ---- scalars ---- */

static struct vw_node *empty(const struct walk *w, enum vw_node_kind kind)
{
    return vw_node_new(w->v->arena, kind);
}

static struct vw_node *plain_text(const struct walk *w, const char *text)
{
    return vw_node_text(w->v->arena, text);
}

static bool is_word(const char *s)
{
    static const char *const others[] = {"true", "false", "null", "yes", "no", "on", "off"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcasecmp(s, others[i]) == 0)
            return false;
    if (!isalpha((unsigned char)*s))
        return false;
    return s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-/")] == 0;
}

/* Characters that no YAML may hold: DEL and the second set of controls. */
static bool is_printable(const char *s)
{
    for (const unsigned char *u = (const unsigned char *)s; *u; u++)
        if (*u == 0x7f || (u[0] == 0xc2 && u[1] < 0xa0))
            return false;
    return true;
}

static struct vw_node *text_node(const struct walk *w, const char *s)
{
    struct vw_node *n = vw_node_printf(w->v->arena, "%s%s", *s == '$' ? "$" : "", s);
    if (n)
        n->quoted = !is_word(s);
    return n;
}

/* {KEY: text} */
static struct vw_node *one(const struct walk *w, const char *key, const char *text, bool quoted)
{
    struct vw_node *map = empty(w, VW_NODE_MAP), *n = plain_text(w, text);
    if (!map || !n)
        return NULL;
    n->quoted = quoted;
    vw_node_add(map, key, n);
    return map;
}

static struct vw_node *any(const struct walk *w)
{
    struct vw_node *map = empty(w, VW_NODE_MAP);
    return map && vw_node_add(map, "any", empty(w, VW_NODE_NULL)) ? map : NULL;
}

static struct vw_node *bytes_node(const struct walk *w, const char *s)
{
    struct vw_node *hex = empty(w, VW_NODE_MAP);
    char *digits = vw_arena_alloc(w->v->arena, strlen(s) * 2 + 1, 1);
    if (!hex || !digits)
        return NULL;
    for (size_t i = 0; s[i]; i++)
        snprintf(digits + 2 * i, 3, "%02x", (unsigned char)s[i]);
    struct vw_node *n = vw_node_add(hex, "hex", plain_text(w, digits));
    if (n)
        n->quoted = true;
    return n ? hex : NULL;
}

/* XML is written anew by each release: of a pattern it is the kind of document. */
static struct vw_node *string_node(const struct walk *w, json *v)
{
    char root[80];
    if (!json_object_is_type(v, json_type_string)) /* {"hex": ...}: no UTF-8 */
        return w->pattern
                   ? any(w)
                   : one(w, "hex", json_object_get_string(json_object_object_get(v, "hex")), true);
    const char *s = json_object_get_string(v);
    if (w->pattern && *s == '<') {
        snprintf(root, sizeof(root), "%.*s", (int)strcspn(s, " >\n/"), s);
        return one(w, "prefix", root, true);
    }
    if (!is_printable(s))
        return w->pattern ? any(w) : bytes_node(w, s);
    return text_node(w, s);
}

static struct vw_node *scalar_node(const struct walk *w, const struct vw_type *t, json *v)
{
    const char *text = json_object_get_string(v);
    if (t->kind == VW_STRING)
        return string_node(w, v);
    if (t->kind == VW_OPAQUE || t->kind == VW_FIXED_OPAQUE) {
        struct vw_node *n = plain_text(w, text);
        if (n)
            n->quoted = true;
        return n;
    }
    return plain_text(w, text);
}

/* What a server has chosen. */
static struct vw_node *choice_node(struct walk *w, const char *kind, const struct vw_type *t,
                                   json *v)
{
    const char *value = json_object_get_string(v);
    struct vw_retell_name *n = find(w, kind, value);
    if (n && n->bound) {
        n->used = true;
        return vw_node_printf(w->v->arena, "$%s", n->name);
    }
    if (!w->pattern)
        return scalar_node(w, t, v);
    if (!n && !(n = add_name(w, kind, value)))
        return NULL;
    n->bound = true;
    return one(w, "capture", n->name, false);
}

/* ---- what holds others ---- */

static bool is_smallest(json *v)
{
    switch (json_object_get_type(v)) {
    case json_type_null:
        return true;
    case json_type_boolean:
        return !json_object_get_boolean(v);
    case json_type_int:
        return json_object_get_int64(v) == 0;
    case json_type_string:
        return json_object_get_string_len(v) == 0;
    case json_type_array:
        return json_object_array_length(v) == 0;
    default:
        return false;
    }
}

static size_t enter(struct walk *w, const char *sign, const char *name)
{
    size_t len = strlen(w->path);
    snprintf(w->path + len, sizeof(w->path) - len, "%s%s", sign, name);
    return len;
}

/* Whether nothing is to be said of the member at the path. What a server chooses varies, but is to
 * be kept. */
static bool is_left_out(const struct walk *w, const struct vw_type *t, json *v, const char *kind)
{
    if (kind && vw_again_is_choice(v)) {
        const struct vw_retell_name *n = find(w, kind, json_object_get_string(v));
        return w->pattern && w->v->again && n && !n->used;
    }
    if (w->pattern)
        return vw_facts_name(w->facts->varies, w->path) || vw_facts_name(w->facts->secret, w->path);
    return t->kind != VW_ENUM && t->kind != VW_UNION && is_smallest(v);
}

static const char *name_of(json *v)
{
    json *name = NULL;
    if (!json_object_object_get_ex(v, "name", &name) &&
        !json_object_object_get_ex(v, "field", &name))
        return NULL;
    return json_object_is_type(name, json_type_string) ? json_object_get_string(name) : NULL;
}

/* A structure, or a union: its word, and the arm that it chooses. */
static struct vw_node *members_node(struct walk *w, const struct vw_type *t, json *v)
{
    struct vw_node *map = empty(w, VW_NODE_MAP);
    const char *before = w->owner, *own = name_of(v);
    if (own)
        w->owner = own;
    for (uint32_t i = 0; map && i < t->n_fields + (t->kind == VW_UNION); i++) {
        const struct vw_field *f = i < t->n_fields ? &t->fields[i] : t->disc;
        json *inside;
        if (!f->name || !json_object_object_get_ex(v, f->name, &inside))
            continue;
        size_t len = enter(w, ".", f->name);
        if (!is_left_out(w, f->type, inside, vw_facts_bound(t, f->name, f->type)) &&
            !vw_node_add(map, f->name, node_of(w, t, f->name, f->type, inside)))
            map = NULL;
        w->path[len] = 0;
    }
    w->owner = before;
    /* Nothing is said of it. */
    if (map && map->count == 0 && w->pattern)
        return empty(w, VW_NODE_NULL);
    return map;
}

static bool is_orderless(const struct vw_type *elem)
{
    return elem->kind == VW_STRUCT || elem->kind == VW_STRING;
}

/* Some implementations keep their objects in tables without an order. */
static struct vw_node *orderless(const struct walk *w, struct vw_node *list, size_t n)
{
    struct vw_node *all = empty(w, VW_NODE_LIST), *map = empty(w, VW_NODE_MAP), *next;
    if (!all || !map || !vw_node_add(all, NULL, empty(w, VW_NODE_MAP)) ||
        !vw_node_add(all->first, "length", vw_node_printf(w->v->arena, "%zu", n)))
        return NULL;
    for (struct vw_node *item = list->first; item; item = next) {
        struct vw_node *contains = empty(w, VW_NODE_MAP);
        next = item->next;
        item->next = NULL;
        if (!contains || !vw_node_add(contains, "contains", item))
            return NULL;
        vw_node_add(all, NULL, contains);
    }
    vw_node_add(map, "all-of", all);
    return map;
}

static struct vw_node *list_node(struct walk *w, const struct vw_type *parent, const char *field,
                                 const struct vw_type *t, json *v)
{
    struct vw_node *list = empty(w, VW_NODE_LIST);
    size_t n = json_object_array_length(v), len = enter(w, "[]", "");
    if (w->pattern && n > ITEMS_MAX) {
        list = empty(w, VW_NODE_MAP);
        if (list && !vw_node_add(list, "length", vw_node_printf(w->v->arena, "%zu", n)))
            list = NULL;
        n = 0;
    }
    for (size_t i = 0; list && i < n; i++) {
        json *item = json_object_array_get_idx(v, i);
        if (!vw_node_add(list, NULL, node_of(w, parent, field, t->elem, item)))
            list = NULL;
    }
    w->path[len] = 0;
    return list && w->pattern && n > 1 && is_orderless(t->elem) ? orderless(w, list, n) : list;
}

/* NULL: no memory. */
static struct vw_node *node_of(struct walk *w, const struct vw_type *parent, const char *field,
                               const struct vw_type *t, json *v)
{
    const char *kind = vw_facts_bound(parent, field, t);
    if (!v)
        return empty(w, VW_NODE_NULL);
    if (kind && vw_again_is_choice(v))
        return choice_node(w, kind, t, v);
    switch (t->kind) {
    case VW_OPTIONAL:
        return json_object_is_type(v, json_type_array) && t->elem->kind == VW_OPTIONAL
                   ? any(w)
                   : node_of(w, parent, field, t->elem, v);
    case VW_STRUCT:
    case VW_UNION:
        return members_node(w, t, v);
    case VW_ARRAY:
    case VW_FIXED_ARRAY:
        return list_node(w, parent, field, t, v);
    default:
        return scalar_node(w, t, v);
    }
}

void vw_retell_again(struct vw_retell_values *v)
{
    v->again = true;
    for (struct vw_retell_name *n = v->names; n; n = n->next)
        n->bound = false;
}

struct vw_node *vw_retell_args(struct vw_retell_values *v, const struct vw_proc *proc, json *args)
{
    struct walk w = {.v = v, .facts = vw_proc_facts(proc), .path = "args"};
    return node_of(&w, NULL, NULL, proc->args, args);
}

struct vw_node *vw_retell_pattern(struct vw_retell_values *v, const struct vw_proc *proc,
                                  const char *side, json *value)
{
    struct walk w = {.v = v, .facts = vw_proc_facts(proc), .pattern = true};
    snprintf(w.path, sizeof(w.path), "%s", side);
    return node_of(&w, NULL, NULL, *side == 'r' ? proc->ret : proc->args, value);
}
