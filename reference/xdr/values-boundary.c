// SPDX-License-Identifier: MIT
// Boundaries of a type: the list of them, and the value at one. A recursive type is entered once on
// each way; a schema that fans out without end is cut by a limit.
#include "xdr/memory.h"
#include "xdr/path.h"
#include "xdr/values.h"

#define MAX_BOUNDARIES 1000000u
#define MAX_VISITS     4000000u

/* The structs and unions around the place at hand. */
struct chain {
    const struct chain *up;
    const struct vw_field *fields; /* the same for a typedef and its target */
};

struct finder {
    struct vw_arena *arena;
    struct vw_boundaries *out;
    size_t cap;
    uint32_t visits;
    uint32_t nesting;
    struct vw_error *err;
    struct vw_path path;
};

static int find(struct finder *f, const struct vw_type *t, const struct chain *up);

/* ---- listing ---- */

static int grow(struct finder *f)
{
    size_t cap = f->cap ? f->cap * 2 : 16;
    struct vw_boundary *list = vw_arena_alloc(f->arena, cap * sizeof(*list), 8);
    if (!list)
        return vw_error_nomem(f->err);
    if (f->out->count)
        memcpy(list, f->out->list, f->out->count * sizeof(*list));
    f->out->list = list;
    f->cap = cap;
    return 0;
}

static int add(struct finder *f, const struct vw_type *t, uint32_t count, bool over)
{
    if (f->out->count == MAX_BOUNDARIES || f->path.hidden)
        return vw_error_set(f->err, VW_ELIMIT, "the type has too many or too deep bounds");
    if (f->out->count == f->cap) {
        int rc = grow(f);
        if (rc)
            return rc;
    }
    const char *path = vw_arena_strndup(f->arena, f->path.text, f->path.len);
    if (!path)
        return vw_error_nomem(f->err);
    f->out->list[f->out->count++] = (struct vw_boundary){path, t, count, over};
    return 0;
}

/* 0, 1, max, max + 1, each once. */
static int add_bound(struct finder *f, const struct vw_type *t)
{
    int rc = 0;
    if (t->max == VW_UNBOUNDED)
        return 0;
    rc = add(f, t, 0, false);
    if (!rc && t->max >= 1)
        rc = add(f, t, 1, false);
    if (!rc && t->max > 1)
        rc = add(f, t, t->max, false);
    return rc ? rc : add(f, t, t->max + 1, true);
}

static int find_element(struct finder *f, const struct vw_type *t, const struct chain *up)
{
    if (t->max == 0)
        return 0;
    struct vw_path_mark mark = vw_path_push_index(&f->path, 0);
    int rc = find(f, t->elem, up);
    vw_path_pop(&f->path, mark);
    return rc;
}

static int find_optional(struct finder *f, const struct vw_type *t, const struct chain *up)
{
    int rc = add(f, t, 0, false);
    if (!rc)
        rc = add(f, t, 1, false);
    return rc ? rc : find(f, t->elem, up);
}

static int find_field(struct finder *f, const struct vw_field *field, const struct chain *up)
{
    if (field->type->kind == VW_VOID)
        return 0;
    struct vw_path_mark mark = vw_path_push(&f->path, field->name);
    int rc = find(f, field->type, up);
    vw_path_pop(&f->path, mark);
    return rc;
}

static int find_fields(struct finder *f, const struct vw_type *t, const struct chain *up)
{
    const struct chain here = {up, t->fields};
    int32_t disc;
    int rc = 0;

    for (const struct chain *c = up; c; c = c->up) {
        if (c->fields == t->fields)
            return 0;
    }
    for (uint32_t i = 0; rc == 0 && i < t->n_fields; i++) {
        if (t->kind == VW_UNION && !vw_arm_value(t, &t->fields[i], &disc))
            continue;
        if (t->kind == VW_UNION)
            rc = add(f, t, i, false);
        if (rc == 0)
            rc = find_field(f, &t->fields[i], &here);
    }
    return rc;
}

static int find_nested(struct finder *f, const struct vw_type *t, const struct chain *up)
{
    int rc;
    switch (t->kind) {
    case VW_STRING:
    case VW_OPAQUE:
        return add_bound(f, t);
    case VW_ARRAY:
        rc = add_bound(f, t);
        return rc ? rc : find_element(f, t, up);
    case VW_FIXED_ARRAY:
        return find_element(f, t, up);
    case VW_OPTIONAL:
        return find_optional(f, t, up);
    case VW_STRUCT:
    case VW_UNION:
        return find_fields(f, t, up);
    default:
        return 0;
    }
}

static int find(struct finder *f, const struct vw_type *t, const struct chain *up)
{
    if (f->nesting == VW_MAX_RECURSION || f->visits++ == MAX_VISITS)
        return vw_error_set(f->err, VW_ELIMIT, "the type nests too deep or too wide");
    f->nesting++;
    int rc = find_nested(f, t, up);
    f->nesting--;
    return rc;
}

int vw_value_boundaries(const struct vw_type *t, struct vw_arena *arena, struct vw_boundaries *out,
                        struct vw_error *err)
{
    struct finder f = {.arena = arena, .out = out, .err = err};
    *out = (struct vw_boundaries){0};
    vw_path_init(&f.path);
    return find(&f, t, NULL);
}

/* ---- the value at one ---- */

struct placer {
    const struct vw_boundary *b;
    struct vw_arena *arena;
    struct vw_error *err;
};

/* A minimal value of T, copied to AT. */
static int place_minimal(struct placer *p, const struct vw_type *t, void *at)
{
    void *value;
    int rc = vw_value_minimal(t, p->arena, &value, p->err);
    if (rc == 0)
        memcpy(at, value, t->size);
    return rc;
}

static int place_string(struct placer *p, uint32_t len, struct vw_string *s)
{
    s->data = vw_arena_alloc(p->arena, (size_t)len + 1, 1);
    if (!s->data)
        return vw_error_nomem(p->err);
    s->len = len;
    for (uint32_t i = 0; i < len; i++)
        s->data[i] = (char)('a' + i % 26);
    s->data[len] = '\0';
    return 0;
}

static int place_opaque(struct placer *p, uint32_t len, struct vw_bytes *b)
{
    b->data = vw_arena_alloc(p->arena, len, 1);
    if (!b->data)
        return vw_error_nomem(p->err);
    b->len = len;
    for (uint32_t i = 0; i < len; i++)
        b->data[i] = (uint8_t)i;
    return 0;
}

/* Elements are copies of one, so they share what it points to. */
static int place_items(struct placer *p, const struct vw_type *elem, uint32_t n,
                       struct vw_list *list)
{
    size_t size;
    void *one;

    list->items = NULL;
    list->count = n;
    if (n == 0)
        return 0;
    if (__builtin_mul_overflow((size_t)n, (size_t)elem->size, &size))
        return vw_error_nomem(p->err);
    int rc = vw_value_minimal(elem, p->arena, &one, p->err);
    if (rc)
        return rc;
    list->items = vw_arena_alloc(p->arena, size, elem->align);
    if (!list->items)
        return vw_error_nomem(p->err);
    for (uint32_t i = 0; i < n; i++)
        memcpy((uint8_t *)list->items + (size_t)i * elem->size, one, elem->size);
    return 0;
}

/* Makes a present value, minimal, and gives its place. */
static int place_present(struct placer *p, const struct vw_type *t, void *at, void **value)
{
    int rc = vw_value_minimal(t->elem, p->arena, value, p->err);
    if (rc == 0)
        memcpy(at, value, sizeof(*value));
    return rc;
}

static int place_arm(struct placer *p, const struct vw_type *t, const struct vw_field *arm,
                     void *at, void **value)
{
    int32_t disc;
    uint8_t *place = (uint8_t *)at + arm->offset;
    if (!vw_arm_value(t, arm, &disc))
        return vw_error_set(p->err, VW_EVALUE, "no value chooses this arm of the union");
    memset(at, 0, t->size);
    memcpy(at, &disc, sizeof(disc));
    *value = place;
    if (arm->type->kind == VW_VOID)
        return 0;
    if (!arm->boxed)
        return place_minimal(p, arm->type, place);
    int rc = vw_value_minimal(arm->type, p->arena, value, p->err);
    if (rc == 0)
        memcpy(place, value, sizeof(*value));
    return rc;
}

static int place_here(struct placer *p, const struct vw_type *t, void *at)
{
    uint32_t count = p->b->over ? t->max : p->b->count;
    void *value;

    switch (t->kind) {
    case VW_STRING:
        return place_string(p, count, at);
    case VW_OPAQUE:
        return place_opaque(p, count, at);
    case VW_ARRAY:
        return place_items(p, t->elem, count, at);
    case VW_OPTIONAL:
        return p->b->count ? place_present(p, t, at, &value) : 0;
    case VW_UNION:
        if (p->b->count < t->n_fields)
            return place_arm(p, t, &t->fields[p->b->count], at, &value);
        break;
    default:
        break;
    }
    return vw_error_set(p->err, VW_EUSAGE, "this is no boundary");
}

/* The field that PATH begins with, and what follows its name. */
static const struct vw_field *next_field(const struct vw_type *t, const char **path)
{
    const char *s = **path == '.' ? *path + 1 : *path;
    size_t n = strcspn(s, ".[");
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const char *name = t->fields[i].name;
        if (name && strlen(name) == n && memcmp(name, s, n) == 0) {
            *path = s + n;
            return &t->fields[i];
        }
    }
    return NULL;
}

static bool skip_index(const char **path)
{
    if (strncmp(*path, "[0]", 3) != 0)
        return false;
    *path += 3;
    return true;
}

/* One step along PATH from the value of *T at *AT: what is not there yet is made. */
static int step(struct placer *p, const char **path, const struct vw_type **t, void **at)
{
    const struct vw_type *here = *t;
    const struct vw_field *field;
    struct vw_list *list;
    int rc;

    switch (here->kind) {
    case VW_OPTIONAL:
        *t = here->elem;
        return place_present(p, here, *at, at);
    case VW_ARRAY:
        list = *at;
        *t = here->elem;
        rc = skip_index(path) ? place_items(p, here->elem, 1, list) : VW_ENAME;
        *at = list->items;
        return rc;
    case VW_FIXED_ARRAY:
        *t = here->elem;
        return skip_index(path) ? 0 : VW_ENAME;
    case VW_STRUCT:
    case VW_UNION:
        field = next_field(here, path);
        if (!field)
            return VW_ENAME;
        *t = field->type;
        if (here->kind == VW_UNION)
            return place_arm(p, here, field, *at, at);
        *at = (uint8_t *)*at + field->offset;
        return 0;
    default:
        return VW_ENAME;
    }
}

int vw_value_at_boundary(const struct vw_type *t, const struct vw_boundary *b,
                         struct vw_arena *arena, void **out, struct vw_error *err)
{
    struct placer p = {b, arena, err};
    const char *path = b->path;
    int rc = vw_value_minimal(t, arena, out, err);
    void *at = *out;

    while (rc == 0 && !(*path == '\0' && t == b->type))
        rc = step(&p, &path, &t, &at);
    if (rc == VW_ENAME)
        return vw_error_set(err, rc, "no bound at %s", b->path);
    return rc ? rc : place_here(&p, t, at);
}
