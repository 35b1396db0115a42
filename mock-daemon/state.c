// SPDX-License-Identifier: MIT
// A file begins each table with a line {"table": KIND, "next_id": N}; behind it come its objects,
// each on a line.
#include "mock-daemon/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/room.h"
#include "mock-daemon/model.h"
#include "mock-daemon/own.h"
#include "xdr/json.h"

#define FILE_MAX_BYTES (512u << 20)

/* ---- writing ---- */

static bool put_text(struct json_object *o, const char *key, const struct vw_string *s)
{
    return vw_json_put(o, key, json_object_new_string_len(s->data ? s->data : "", (int)s->len));
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

/* O by what it is called, or nothing where it is NULL. */
static bool put_reference(struct json_object *to, const char *key, const struct vw_model *m,
                          const struct vw_object *o)
{
    const struct vw_objects *t = o ? table_of(m, o) : NULL;
    struct json_object *reference = t ? json_object_new_object() : NULL;
    char uuid[VW_UUID_TEXT];
    if (!t)
        return true;
    vw_uuid_text(o->uuid, uuid);
    return vw_json_put(to, key, reference) &&
           vw_json_put(reference, "table", json_object_new_string(t->kind->name)) &&
           put_text(reference, "name", &o->name) &&
           vw_json_put(reference, "uuid", json_object_new_string(uuid));
}

static bool put_member(struct json_object *to, const struct vw_model *model, const struct vw_own *m,
                       const struct vw_object *o)
{
    const void *at = (const uint8_t *)o + m->offset;
    struct json_object *v;
    if (m->form == VW_FORM_OBJECT)
        return put_reference(to, m->name, model, *(const struct vw_object *const *)at);
    return vw_own_get(m, o, &v) && (!v || vw_json_put(to, m->name, v));
}

struct json_object *vw_state_object(const struct vw_owns *owns, const struct vw_object *o,
                                    const struct vw_model *m)
{
    struct json_object *out = json_object_new_object();
    char uuid[VW_UUID_TEXT];
    vw_uuid_text(o->uuid, uuid);
    bool ok = out && put_text(out, "name", &o->name) &&
              vw_json_put(out, "uuid", json_object_new_string(uuid)) &&
              put_reference(out, "parent", m, o->parent);
    for (size_t i = 0; ok && i < owns->count; i++)
        ok = put_member(out, m, &owns->list[i], o);
    if (ok && (!o->xml.data || put_text(out, "xml", &o->xml)))
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
    if (o && vw_json_put(o, "table", json_object_new_string(t->kind->name)) &&
        vw_json_put(o, "next_id", json_object_new_int64(t->next_id)))
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
        struct vw_owns owns;
        vw_owns_of(t->kind, &owns);
        if (t->kind->size)
            rc = write_line(f, head(t));
        for (uint32_t n = 0; rc == 0 && n < t->count; n++)
            rc = write_line(f, vw_state_object(&owns, t->list[n], m));
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

/* A member that is another object. */
struct reference {
    size_t table;
    uint32_t object, offset;
    struct json_object *value;
    unsigned line;
};

struct reading {
    struct vw_model *model;
    struct reference *references;
    size_t n_references;
    struct table *tables; /* as the file has them */
    size_t n;
    struct vw_owns owns;   /* of the last of them */
    size_t next;           /* of OWNS, most likely */
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
    vw_owns_of(into->kind, &r->owns);
    r->tables[r->n++] = (struct table){.into = into, .next_id = json_object_get_int(next)};
    return 0;
}

/* The text stays that of V. */
static struct vw_string text_of(struct json_object *v)
{
    return (struct vw_string){(char *)(uintptr_t)json_object_get_string(v),
                              (uint32_t)json_object_get_string_len(v)};
}

/* The object that V names, of the tables that have come. */
static struct vw_object *find(const struct reading *r, struct json_object *v)
{
    struct json_object *kind = NULL, *text = NULL;
    uint8_t uuid[16];
    json_object_object_get_ex(v, "table", &kind);
    json_object_object_get_ex(v, "uuid", &text);
    if (!kind || !text || !vw_uuid_parse(json_object_get_string(text), uuid))
        return NULL;
    for (size_t i = 0; i < r->n; i++) {
        const struct table *t = &r->tables[i];
        for (uint32_t n = 0;
             strcmp(t->into->kind->name, json_object_get_string(kind)) == 0 && n < t->count; n++) {
            if (memcmp(t->list[n]->uuid, uuid, sizeof(uuid)) == 0)
                return t->list[n];
        }
    }
    return NULL;
}

/* Which object it is, is looked up when all are there. */
static int take_reference(struct reading *r, uint32_t offset, struct json_object *v,
                          struct vw_error *err)
{
    struct reference *more = vw_room(r->references, r->n_references, sizeof(*more));
    if (!more)
        return vw_error_nomem(err);
    r->references = more;
    r->references[r->n_references++] = (struct reference){r->n - 1, r->tables[r->n - 1].count,
                                                          offset, json_object_get(v), r->line};
    return 0;
}

static int take_parent(struct reading *r, struct json_object *v, struct vw_object *o,
                       struct vw_error *err)
{
    return take_reference(r, offsetof(struct vw_object, parent), v, err);
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

/* Members come in the order of the list, unless people have changed the file. NULL: there is none.
 */
static const struct vw_own *find_own(struct reading *r, const char *key)
{
    for (size_t i = 0; i < r->owns.count; i++) {
        const struct vw_own *m = &r->owns.list[r->next++ % r->owns.count];
        if (strcmp(m->name, key) == 0)
            return m;
    }
    return NULL;
}

static int take_member(struct reading *r, const char *key, struct json_object *v,
                       struct vw_object *o, struct vw_error *err)
{
    if (!v)
        return wrong(r, err, "a value must stand behind", key);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(others[i].name, key) == 0)
            return others[i].take(r, v, o, err);
    }
    const struct vw_own *m = find_own(r, key);
    if (!m)
        return wrong(r, err, "such an object has no", key);
    if (m->form == VW_FORM_OBJECT)
        return take_reference(r, m->offset, v, err);
    int rc = vw_own_set(m, o, v, &r->texts);
    return rc == VW_ENOMEM ? vw_error_nomem(err)
           : rc < 0        ? wrong(r, err, "that is no value of", key)
                           : 0;
}

static int resolve(struct reading *r, struct vw_error *err)
{
    for (size_t i = 0; i < r->n_references; i++) {
        const struct reference *ref = &r->references[i];
        struct vw_object *o = r->tables[ref->table].list[ref->object], *to = find(r, ref->value);
        r->line = ref->line;
        if (!to)
            return wrong(r, err, "there is no", json_object_get_string(ref->value));
        memcpy((uint8_t *)o + ref->offset, &to, sizeof(struct vw_object *));
    }
    return 0;
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
    if (rc < 0 && like && kind->end)
        kind->end(like);
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
    if (rc == 0)
        rc = resolve(r, err);
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

static void drop(const struct vw_object_kind *kind, struct vw_object *o)
{
    if (kind->end)
        kind->end(o);
    vw_object_drop(o);
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
            drop(r.tables[i].into->kind, r.tables[i].list[n]);
        free(r.tables[i].list);
    }
    for (size_t i = 0; i < r.n_references; i++)
        json_object_put(r.references[i].value);
    free(r.references);
    free(r.tables);
    free(text);
    vw_arena_finish(&r.arena);
    vw_arena_finish(&r.texts);
    return rc;
}
