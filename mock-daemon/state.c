// SPDX-License-Identifier: MIT
// A file begins each table with a line {"table": KIND, "next_id": N}; behind it come its objects,
// each on a line. Tables stand in the order of the kinds, so that parents come ahead of children.
#include "mock-daemon/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/room.h"
#include "mock-daemon/model.h"
#include "mock-daemon/rows.h"
#include "xdr/json.h"

#define FILE_MAX_BYTES (512u << 20)

/* ---- the members that all objects have ---- */

#define MEMBER(m)                                                                                  \
    {                                                                                              \
#m, offsetof(struct vw_object, m)                                                          \
    }
static const struct member {
    const char *name;
    size_t offset;
} members[] = {MEMBER(id), MEMBER(state), MEMBER(reason), MEMBER(persistent), MEMBER(autostart)};
#define N_MEMBERS (sizeof(members) / sizeof(members[0]))

/* The rows whose facts lie behind those. */
static bool is_own_fact(const struct vw_row *r)
{
    return r->run == vw_row_fact && r->field >= sizeof(struct vw_object);
}

/* ---- writing ---- */

static bool put(struct json_object *o, const char *key, struct json_object *value)
{
    if (value && json_object_object_add(o, key, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

static bool put_text(struct json_object *o, const char *key, const struct vw_string *s)
{
    return put(o, key, json_object_new_string_len(s->data ? s->data : "", (int)s->len));
}

static struct json_object *fact(const struct vw_row *r, const struct vw_object *o)
{
    const uint8_t *at = (const uint8_t *)o + r->field;
    const struct vw_string *s = (const void *)at;
    int64_t number = 0;
    if (r->text)
        return json_object_new_string_len(s->data ? s->data : "", (int)s->len);
    memcpy(&number, at, r->size);
    return json_object_new_int64(number);
}

static bool put_facts(struct json_object *to, const struct vw_object_kind *kind,
                      const struct vw_object *o)
{
    bool ok = true;
    for (const struct vw_row *r = kind->rows; ok && r->procedure; r++) {
        if (is_own_fact(r))
            ok = put(to, r->procedure, fact(r, o));
    }
    return ok;
}

/* The table that O is in. */
static const struct vw_objects *table_of(const struct vw_model *m, const struct vw_object *o)
{
    for (size_t i = 0; vw_object_kinds[i]; i++) {
        const struct vw_objects *t = &m->objects[i];
        if (t->kind->size && vw_objects_by_uuid(t, o->uuid) == o)
            return t;
    }
    return NULL;
}

static bool put_parent(struct json_object *to, const struct vw_model *m, const struct vw_object *o)
{
    const struct vw_objects *t = o->parent ? table_of(m, o->parent) : NULL;
    struct json_object *parent = t ? json_object_new_object() : NULL;
    if (!t)
        return true;
    return put(to, "parent", parent) &&
           put(parent, "table", json_object_new_string(t->kind->name)) &&
           put_text(parent, "name", &o->parent->name);
}

struct json_object *vw_state_object(const struct vw_object_kind *kind, const struct vw_object *o,
                                    const struct vw_model *m)
{
    struct json_object *out = json_object_new_object();
    char uuid[VW_UUID_TEXT];
    vw_uuid_text(o->uuid, uuid);
    bool ok = out && put_text(out, "name", &o->name) &&
              put(out, "uuid", json_object_new_string(uuid)) && put_parent(out, m, o);
    for (size_t i = 0; ok && i < N_MEMBERS; i++) {
        int32_t v;
        memcpy(&v, (const uint8_t *)o + members[i].offset, sizeof(v));
        ok = put(out, members[i].name, json_object_new_int64(v));
    }
    if (ok && o->xml.data)
        ok = put_text(out, "xml", &o->xml);
    if (ok && put_facts(out, kind, o))
        return out;
    json_object_put(out);
    return NULL;
}

static int write_line(FILE *f, struct json_object *o)
{
    char *line = o ? vw_json_text(o, false) : NULL;
    json_object_put(o);
    if (line)
        fprintf(f, "%s\n", line);
    free(line);
    return line ? 0 : VW_ENOMEM;
}

static struct json_object *head(const struct vw_objects *t)
{
    struct json_object *o = json_object_new_object();
    if (o && put(o, "table", json_object_new_string(t->kind->name)) &&
        put(o, "next_id", json_object_new_int64(t->next_id)))
        return o;
    json_object_put(o);
    return NULL;
}

int vw_state_save(const struct vw_model *m, const char *path, struct vw_error *err)
{
    FILE *f = fopen(path, "we");
    int rc = 0;
    if (!f)
        return vw_error_set(err, VW_EUSAGE, "cannot be written: %s", strerror(errno));
    for (size_t i = 0; rc == 0 && vw_object_kinds[i]; i++) {
        const struct vw_objects *t = &m->objects[i];
        if (t->kind->size)
            rc = write_line(f, head(t));
        for (uint32_t n = 0; rc == 0 && n < t->count; n++)
            rc = write_line(f, vw_state_object(t->kind, t->list[n], m));
    }
    bool failed = ferror(f);
    failed = fclose(f) != 0 || failed;
    if (rc < 0)
        return vw_error_nomem(err);
    return failed ? vw_error_set(err, VW_EUSAGE, "cannot be written: %s", strerror(errno)) : 0;
}

/* ---- reading ---- */

/* What comes in the place of one table. */
struct table {
    struct vw_objects *into;
    struct vw_object **list;
    uint32_t count;
    int32_t next_id;
};

struct reading {
    struct vw_model *model;
    struct table *tables; /* as the file has them */
    size_t n;
    struct vw_arena arena; /* of an object, until it is made */
    struct vw_arena texts; /* as in the model */
    unsigned line;
};

static int wrong(const struct reading *r, struct vw_error *err, const char *why, const char *what)
{
    return vw_error_at(err, VW_ESYNTAX, r->line, 1, "%s '%s'", why, what);
}

static struct vw_objects *find_table(const struct vw_model *m, const char *kind)
{
    for (size_t i = 0; vw_object_kinds[i]; i++) {
        if (m->objects[i].kind->size && strcmp(m->objects[i].kind->name, kind) == 0)
            return &m->objects[i];
    }
    return NULL;
}

static int begin_table(struct reading *r, struct json_object *line, const char *kind,
                       struct vw_error *err)
{
    struct vw_objects *into = find_table(r->model, kind);
    struct json_object *next = NULL;
    if (!into)
        return wrong(r, err, "no objects here are called", kind);
    for (size_t i = 0; i < r->n; i++) {
        if (r->tables[i].into == into)
            return wrong(r, err, "there is one more table", kind);
    }
    struct table *more = vw_room(r->tables, r->n, sizeof(*more));
    if (!more)
        return vw_error_nomem(err);
    json_object_object_get_ex(line, "next_id", &next);
    r->tables = more;
    r->tables[r->n++] = (struct table){.into = into, .next_id = json_object_get_int(next)};
    return 0;
}

/* The text stays that of V. */
static struct vw_string text_of(struct json_object *v)
{
    return (struct vw_string){(char *)(uintptr_t)json_object_get_string(v),
                              (uint32_t)json_object_get_string_len(v)};
}

static int take_fact(struct reading *r, const struct vw_row *row, struct json_object *v,
                     struct vw_object *o)
{
    uint8_t *at = (uint8_t *)o + row->field;
    int64_t number = json_object_get_int64(v);
    if (!row->text) {
        memcpy(at, &number, row->size);
        return 0;
    }
    struct vw_string s = text_of(v);
    s.data = vw_arena_strndup(&r->texts, s.data, s.len);
    memcpy(at, &s, sizeof(s));
    return s.data ? 0 : VW_ENOMEM;
}

static int take_parent(struct reading *r, struct json_object *v, struct vw_object *o,
                       struct vw_error *err)
{
    struct json_object *kind = NULL, *name = NULL;
    json_object_object_get_ex(v, "table", &kind);
    json_object_object_get_ex(v, "name", &name);
    const char *of = kind ? json_object_get_string(kind) : "";
    const char *called = name ? json_object_get_string(name) : "";
    for (size_t i = 0; i < r->n; i++) {
        const struct table *t = &r->tables[i];
        for (uint32_t n = 0; strcmp(t->into->kind->name, of) == 0 && n < t->count; n++) {
            if (strcmp(t->list[n]->name.data, called) != 0)
                continue;
            o->parent = t->list[n];
            return 0;
        }
    }
    return wrong(r, err, "ahead of it no parent is called", called);
}

static int take_name(struct reading *r, struct json_object *v, struct vw_object *o,
                     struct vw_error *err)
{
    o->name = text_of(v);
    return 0;
}

static int take_xml(struct reading *r, struct json_object *v, struct vw_object *o,
                    struct vw_error *err)
{
    o->xml = text_of(v);
    return 0;
}

static int take_uuid(struct reading *r, struct json_object *v, struct vw_object *o,
                     struct vw_error *err)
{
    const char *text = json_object_get_string(v);
    return vw_uuid_parse(text, o->uuid) ? 0 : wrong(r, err, "no uuid is", text);
}

static const struct {
    const char *name;
    int (*take)(struct reading *r, struct json_object *v, struct vw_object *o,
                struct vw_error *err);
} others[] = {{"name", take_name}, {"uuid", take_uuid}, {"xml", take_xml}, {"parent", take_parent}};

static int take_member(struct reading *r, const char *key, struct json_object *v,
                       struct vw_object *o, struct vw_error *err)
{
    const struct vw_row *row = r->tables[r->n - 1].into->kind->rows;
    int32_t number = json_object_get_int(v);
    if (!v)
        return wrong(r, err, "a value must stand behind", key);
    for (size_t i = 0; i < N_MEMBERS; i++) {
        if (strcmp(members[i].name, key) != 0)
            continue;
        memcpy((uint8_t *)o + members[i].offset, &number, sizeof(number));
        return 0;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(others[i].name, key) == 0)
            return others[i].take(r, v, o, err);
    }
    while (row->procedure && (!is_own_fact(row) || strcmp(row->procedure, key) != 0))
        row++;
    if (!row->procedure)
        return wrong(r, err, "such an object has no", key);
    return take_fact(r, row, v, o) < 0 ? vw_error_nomem(err) : 0;
}

/* Makes the object and puts it into its table. */
static int add(struct reading *r, const struct vw_object *like, struct vw_error *err)
{
    struct table *t = &r->tables[r->n - 1];
    struct vw_object **more = vw_room(t->list, t->count, sizeof(struct vw_object *));
    if (!more)
        return vw_error_nomem(err);
    t->list = more;
    if (vw_object_make(t->into->kind, like, &t->list[t->count]) < 0)
        return vw_error_nomem(err);
    t->list[t->count]->id = like->id;
    t->count++;
    return 0;
}

static int take_object(struct reading *r, struct json_object *line, struct vw_error *err)
{
    if (r->n == 0)
        return vw_error_at(err, VW_ESYNTAX, r->line, 1, "a table must come first");
    const struct vw_object_kind *kind = r->tables[r->n - 1].into->kind;
    struct vw_object *like = vw_arena_zalloc(&r->arena, kind->size, _Alignof(uint64_t));
    int rc = like ? 0 : vw_error_nomem(err);
    json_object_object_foreach(line, key, value)
    {
        if (rc == 0)
            rc = take_member(r, key, value, like, err);
    }
    if (rc == 0 && !like->name.data)
        rc = vw_error_at(err, VW_ESYNTAX, r->line, 1, "an object needs a name");
    if (rc == 0)
        rc = add(r, like, err);
    vw_arena_reset(&r->arena);
    return rc;
}

static int take_line(struct reading *r, const char *text, size_t len, struct vw_error *err)
{
    struct json_object *line = NULL, *table = NULL;
    int rc = vw_json_parse(text, len, &line, err);
    if (rc < 0 && err)
        err->line = r->line;
    if (rc == 0 && !json_object_is_type(line, json_type_object))
        rc = vw_error_at(err, VW_ESYNTAX, r->line, 1, "an object of JSON must stand here");
    if (rc == 0 && json_object_object_get_ex(line, "table", &table))
        rc = begin_table(r, line, json_object_get_string(table), err);
    else if (rc == 0)
        rc = take_object(r, line, err);
    json_object_put(line);
    return rc;
}

static int read_lines(struct reading *r, const char *text, size_t len, struct vw_error *err)
{
    int rc = 0;
    for (const char *end = text + len; rc == 0 && text < end;) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        r->line++;
        if (stop > text)
            rc = take_line(r, text, (size_t)(stop - text), err);
        text = stop + 1;
    }
    for (size_t i = 0; rc == 0 && i < r->n; i++) {
        const struct table *t = &r->tables[i];
        rc = vw_objects_check(t->into->kind, t->list, t->count, err);
        if (rc == 0 && vw_objects_reserve(t->into, t->count) < 0)
            rc = vw_error_nomem(err);
    }
    return rc;
}

/* Nothing can fail here. */
static void put_in_place(struct reading *r)
{
    vw_model_begin_again(r->model);
    r->model->texts = r->texts;
    r->texts = (struct vw_arena)VW_ARENA_INIT;
    for (size_t i = 0; i < r->n; i++) {
        struct table *t = &r->tables[i];
        vw_objects_replace(t->into, t->list, t->count, t->next_id);
        t->count = 0;
    }
    r->model->restored = true;
}

int vw_state_load(struct vw_model *m, const char *path, struct vw_error *err)
{
    struct reading r = {.model = m, .arena = VW_ARENA_INIT, .texts = VW_ARENA_INIT};
    char *text = NULL;
    size_t len = 0;
    int e = vw_file_read(path, true, FILE_MAX_BYTES, &text, &len);
    int rc = e ? vw_error_set(err, VW_EUSAGE, "cannot be read: %s", strerror(e))
               : read_lines(&r, text, len, err);
    if (rc == 0)
        put_in_place(&r);
    for (size_t i = 0; i < r.n; i++) {
        for (uint32_t n = 0; n < r.tables[i].count; n++)
            vw_object_drop(r.tables[i].list[n]);
        free(r.tables[i].list);
    }
    free(r.tables);
    free(text);
    vw_arena_finish(&r.arena);
    vw_arena_finish(&r.texts);
    return rc;
}
