// SPDX-License-Identifier: MIT
#include "capture/again.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/again-xml.h"
#include "schema/facts.h"

#define SHOWN_MAX 160 /* bytes of a value in a report */

typedef struct json_object json;

struct vw_again_name {
    struct vw_again_name *next;
    const char *kind, *then, *now;
    bool number; /* NOW is one */
};

struct walk {
    struct vw_again *a;
    const struct vw_facts *facts;
    char path[400];
};

/* ---- names ---- */

static struct vw_again_name *find(const struct vw_again *a, const char *kind, const char *then)
{
    struct vw_again_name *n = a->names;
    while (n && (strcmp(n->kind, kind) != 0 || strcmp(n->then, then) != 0))
        n = n->next;
    return n;
}

bool vw_again_is_choice(json *v)
{
    if (!v || json_object_is_type(v, json_type_object) || json_object_is_type(v, json_type_array))
        return false;
    if (json_object_is_type(v, json_type_int))
        return json_object_get_int64(v) >= 0;
    const char *text = json_object_get_string(v);
    return text[strspn(text, "0")] != 0;
}

static void add_name(struct vw_again *a, const char *kind, json *then, json *now)
{
    struct vw_again_name *n = vw_arena_zalloc(a->arena, sizeof(*n), _Alignof(struct vw_again_name));
    const char *was = json_object_get_string(then), *is = json_object_get_string(now);
    if (!n || !(n->then = vw_arena_strndup(a->arena, was, strlen(was))) ||
        !(n->now = vw_arena_strndup(a->arena, is, strlen(is)))) {
        a->failed = true;
        return;
    }
    n->kind = kind;
    n->number = json_object_is_type(now, json_type_int);
    n->next = a->names;
    a->names = n;
}

/* ---- what is sent ---- */

/* What stands for V now, a new reference, or V itself, changed inside. */
static json *filled(struct vw_again *a, const struct vw_type *parent, const char *field,
                    const struct vw_type *t, json *v)
{
    const char *kind = vw_facts_bound(parent, field, t);
    const struct vw_again_name *n =
        kind && vw_again_is_choice(v) ? find(a, kind, json_object_get_string(v)) : NULL;
    json *now = v, *inside;
    if (n)
        now = n->number ? json_object_new_int64(strtoll(n->now, NULL, 10))
                        : json_object_new_string(n->now);
    if (n && !now)
        a->failed = true;
    if (!v || n)
        return now ? now : v;
    if (t->kind == VW_OPTIONAL)
        return filled(a, parent, field, t->elem, v);
    for (uint32_t i = 0; (t->kind == VW_STRUCT || t->kind == VW_UNION) && i < t->n_fields; i++) {
        const struct vw_field *f = &t->fields[i];
        if (!f->name || !json_object_object_get_ex(v, f->name, &inside))
            continue;
        now = filled(a, t, f->name, f->type, inside);
        if (now != inside && json_object_object_add(v, f->name, now) < 0)
            a->failed = true;
    }
    bool list = json_object_is_type(v, json_type_array);
    for (size_t i = 0; list && i < json_object_array_length(v) && t->elem; i++) {
        inside = json_object_array_get_idx(v, i);
        now = filled(a, parent, field, t->elem, inside);
        if (now != inside && json_object_array_put_idx(v, i, now) < 0)
            a->failed = true;
    }
    return v;
}

json *vw_again_args(struct vw_again *a, const struct vw_proc *proc, json *args)
{
    json *now = proc->args ? filled(a, NULL, NULL, proc->args, args) : args;
    if (now != args)
        json_object_put(args);
    return now;
}

/* ---- what comes back ---- */

static void show(json *v, char *buf, size_t size)
{
    const char *text = v ? json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN |
                                                                 JSON_C_TO_STRING_NOSLASHESCAPE)
                         : "null";
    size_t len = text ? strlen(text) : 0;
    snprintf(buf, size, "%.*s%s", (int)(len < SHOWN_MAX ? len : SHOWN_MAX), text ? text : "",
             len > SHOWN_MAX ? "..." : "");
}

static void differs(struct walk *w, json *then, json *now)
{
    char expected[SHOWN_MAX + 8], found[SHOWN_MAX + 8];
    show(then, expected, sizeof(expected));
    show(now, found, sizeof(found));
    w->a->tell(w->a->user, w->path, expected, found);
}

static void compare(struct walk *w, const struct vw_type *parent, const char *field,
                    const struct vw_type *t, json *then, json *now);

static size_t enter(struct walk *w, const char *sign, const char *name)
{
    size_t len = strlen(w->path);
    snprintf(w->path + len, sizeof(w->path) - len, "%s%s", sign, name);
    return len;
}

static void compare_choice(struct walk *w, const char *kind, json *then, json *now)
{
    const struct vw_again_name *n = find(w->a, kind, json_object_get_string(then));
    if (!vw_again_is_choice(now) || (n && strcmp(n->now, json_object_get_string(now)) != 0))
        differs(w, then, now);
    else if (!n)
        add_name(w->a, kind, then, now);
}

static void compare_members(struct walk *w, const struct vw_type *t, json *then, json *now)
{
    for (uint32_t i = 0; i < t->n_fields + (t->kind == VW_UNION); i++) {
        const struct vw_field *f = i < t->n_fields ? &t->fields[i] : t->disc;
        json *was = NULL, *is = NULL;
        if (!f->name)
            continue;
        bool then_has = json_object_object_get_ex(then, f->name, &was);
        bool now_has = json_object_object_get_ex(now, f->name, &is);
        size_t len = enter(w, ".", f->name);
        if (then_has && now_has)
            compare(w, t, f->name, f->type, was, is);
        else if (then_has != now_has)
            differs(w, was, is);
        w->path[len] = 0;
    }
}

/* What an item of a list is called: they come in any order. NULL: it has no name. */
static const char *name_of(json *v)
{
    json *name = NULL;
    if (json_object_is_type(v, json_type_string))
        return json_object_get_string(v);
    if (!json_object_object_get_ex(v, "name", &name) &&
        !json_object_object_get_ex(v, "field", &name))
        return NULL;
    return json_object_is_type(name, json_type_string) ? json_object_get_string(name) : NULL;
}

/* The item of LIST that is called as THEN, or has no name and stands at its place. */
static json *item_of(json *list, json *then, size_t place)
{
    const char *name = name_of(then), *other;
    if (!name)
        return json_object_array_get_idx(list, place);
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json *item = json_object_array_get_idx(list, i);
        if ((other = name_of(item)) && strcmp(other, name) == 0)
            return item;
    }
    return NULL;
}

static void compare_lists(struct walk *w, const struct vw_type *parent, const char *field,
                          const struct vw_type *t, json *then, json *now)
{
    size_t n = json_object_array_length(then), len;
    if (n != json_object_array_length(now)) {
        differs(w, then, now);
        return;
    }
    /* Numbers that the server has chosen, in any order, are nobody's. */
    if (n > 1 && vw_facts_bound(parent, field, t->elem))
        return;
    len = enter(w, "[]", "");
    for (size_t i = 0; i < n; i++) {
        json *was = json_object_array_get_idx(then, i), *is = item_of(now, was, i);
        if (is)
            compare(w, parent, field, t->elem, was, is);
        else if (was)
            differs(w, was, now);
    }
    w->path[len] = 0;
}

/* A secret that was hidden, or that would be, is asterisks. */
static bool is_hidden(const char *s)
{
    return *s && s[strspn(s, "*")] == 0;
}

static void tell_xml(void *user, const char *path, const char *expected, const char *found)
{
    struct walk *w = user;
    size_t len = enter(w, "", path);
    if (!is_hidden(expected))
        w->a->tell(w->a->user, w->path, expected, found);
    w->path[len] = 0;
}

static void compare_scalars(struct walk *w, json *then, json *now)
{
    const char *was = json_object_get_string(then), *is = json_object_get_string(now);
    if (json_object_equal(then, now) || is_hidden(was))
        return;
    int rc = *was == '<' && *is == '<' ? vw_again_xml(was, is, tell_xml, w) : VW_ESYNTAX;
    if (rc == VW_ENOMEM)
        w->a->failed = true;
    else if (rc < 0)
        differs(w, then, now);
}

static void compare(struct walk *w, const struct vw_type *parent, const char *field,
                    const struct vw_type *t, json *then, json *now)
{
    const char *kind = vw_facts_bound(parent, field, t);
    if (then && kind && vw_again_is_choice(then) && !w->a->fixed) {
        compare_choice(w, kind, then, now);
        return;
    }
    if (vw_facts_name(w->facts->varies, w->path) || vw_facts_name(w->facts->secret, w->path))
        return;
    if (!then || !now || json_object_get_type(then) != json_object_get_type(now)) {
        if (then || now)
            differs(w, then, now);
        return;
    }
    switch (t->kind) {
    case VW_OPTIONAL:
        compare(w, parent, field, t->elem, then, now);
        break;
    case VW_STRUCT:
    case VW_UNION:
        compare_members(w, t, then, now);
        break;
    case VW_ARRAY:
    case VW_FIXED_ARRAY:
        compare_lists(w, parent, field, t, then, now);
        break;
    default:
        compare_scalars(w, then, now);
        break;
    }
}

void vw_again_compare(struct vw_again *a, const struct vw_proc *proc, const char *side, json *then,
                      json *now)
{
    struct walk w = {.a = a, .facts = vw_proc_facts(proc)};
    const struct vw_type *t = *side == 'r' ? proc->ret : proc->args;
    snprintf(w.path, sizeof(w.path), "%s", side);
    if (t)
        compare(&w, NULL, NULL, t, then, now);
}

void vw_again_compare_errors(struct vw_again *a, json *then, json *now)
{
    static const char *const words[] = {"code", "domain", "level"};
    struct walk w = {.a = a};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        json *was = json_object_object_get(then, words[i]),
             *is = json_object_object_get(now, words[i]);
        snprintf(w.path, sizeof(w.path), "error.%s", words[i]);
        if (!json_object_equal(was, is))
            differs(&w, was, is);
    }
}
