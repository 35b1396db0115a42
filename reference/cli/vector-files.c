// SPDX-License-Identifier: MIT
// The groups of a file are printed to memory while vectors come, for what stands ahead of them
// (how many tests there are, which flags they have) is known at the end only.
#include "cli/vector-files.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/vector-json.h"
#include "xdr/json.h"
#include "xdr/xdr.h"

/* Of what is written: another number where other bytes come of the same schema. */
#define GENERATOR_VERSION "1.0"
#define SCHEMA            "xdr_vectors_schema_v1.json"

#define FILES_MAX   64
#define CLASSES_MAX 64

struct file {
    const char *name; /* of the .x file, without folder and end */
    FILE *groups;
    char *text; /* of GROUPS */
    size_t size;
    unsigned tests;
    const struct vw_type *open; /* whose group is open; NULL: none */
    const struct vw_vector_class *classes[CLASSES_MAX];
    size_t n_classes;
    unsigned breaks;
};

struct vw_vector_files {
    struct vw_arena arena;
    const char *profile;
    struct file list[FILES_MAX];
    size_t count;
};

int vw_vector_files_create(const char *profile, struct vw_vector_files **out, struct vw_error *err)
{
    struct vw_vector_files *f = calloc(1, sizeof(*f));
    if (!f)
        return vw_error_nomem(err);
    f->profile = profile;
    *out = f;
    return 0;
}

void vw_vector_files_destroy(struct vw_vector_files *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->count; i++) {
        if (f->list[i].groups)
            fclose(f->list[i].groups);
        free(f->list[i].text);
    }
    vw_arena_finish(&f->arena);
    free(f);
}

/* ---- tests ---- */

/* "remote" of "src/remote/remote.x". */
static const char *name_of(struct vw_vector_files *f, const struct vw_type *t)
{
    const char *slash = strrchr(t->where.file, '/');
    const char *from = slash ? slash + 1 : t->where.file;
    size_t n = strlen(from);
    return vw_arena_strndup(&f->arena, from, n > 2 && strcmp(from + n - 2, ".x") == 0 ? n - 2 : n);
}

static struct file *file_of(struct vw_vector_files *f, const struct vw_type *t,
                            struct vw_error *err)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->list[i].open == t)
            return &f->list[i];
    const char *name = name_of(f, t);
    for (size_t i = 0; name && i < f->count; i++)
        if (strcmp(f->list[i].name, name) == 0)
            return &f->list[i];
    if (name && f->count == FILES_MAX) {
        vw_error_set(err, VW_ELIMIT, "types of more than %d .x files", FILES_MAX);
        return NULL;
    }
    struct file *one = &f->list[f->count];
    FILE *groups = name ? open_memstream(&one->text, &one->size) : NULL;
    if (!groups) {
        vw_error_nomem(err);
        return NULL;
    }
    one->name = name;
    one->groups = groups;
    f->count++;
    return one;
}

static void begin_group(struct file *one, const struct vw_type *t)
{
    fprintf(one->groups,
            "%s{\"type\":\"XdrDecode\",\"source\":{\"name\":\"virwire\",\"version\":\"%s\"},"
            "\"xdrType\":\"%s\",\"tests\":[\n",
            one->open ? "\n]},\n" : "", GENERATOR_VERSION, t->name);
    one->open = t;
}

static void note_class(struct file *one, const struct vw_vector_class *c)
{
    for (size_t i = 0; i < one->n_classes; i++)
        if (one->classes[i] == c)
            return;
    if (one->n_classes < CLASSES_MAX)
        one->classes[one->n_classes++] = c;
}

int vw_vector_files_take(struct vw_vector_files *f, const struct vw_vector *v, struct vw_error *err)
{
    struct file *one = file_of(f, v->type, err);
    struct json_object *test = one ? vw_vector_test(v, one->tests + 1, err) : NULL;
    if (!test)
        return one || !err->code ? vw_error_nomem(err) : err->code;
    if (one->open != v->type)
        begin_group(one, v->type);
    else
        fputs(",\n", one->groups);
    int rc = vw_vector_print(test, one->groups, err);
    json_object_put(test);
    one->tests++;
    one->breaks |= v->breaks;
    note_class(one, v->class);
    return rc ? rc : ferror(one->groups) ? vw_error_nomem(err) : 0;
}

/* ---- what stands ahead of them ---- */

struct notes {
    const struct file *of;
    struct json_object *json;
    bool ok;
};

/* "READ_PAST_END" of "read-past-end", as Wycheproof spells kinds of bugs. */
static struct json_object *bug_type(const char *bug)
{
    char text[32] = "";
    for (size_t i = 0; bug[i] && i + 1 < sizeof(text); i++)
        text[i] = bug[i] == '-' ? '_' : (char)toupper((unsigned char)bug[i]);
    return json_object_new_string(text);
}

static void add_note(struct notes *n, const char *flag, const char *bug, const char *about,
                     const char *clause)
{
    struct json_object *note = json_object_new_object();
    n->ok = n->ok && note;
    vw_vector_add(note, "bugType", bug_type(bug), &n->ok);
    vw_vector_add(note, "description", json_object_new_string(about), &n->ok);
    if (*clause)
        vw_vector_add(note, "clause", json_object_new_string(clause), &n->ok);
    vw_vector_add(n->json, flag, note, &n->ok);
}

static void add_class(void *user, const struct vw_vector_class *c)
{
    struct notes *n = user;
    for (size_t i = 0; i < n->of->n_classes; i++)
        if (n->of->classes[i] == c)
            add_note(n, c->name, c->bug, c->why, c->clause);
}

static void add_strict(struct notes *n)
{
    for (unsigned flag = 1; flag & VW_STRICT_ALL; flag <<= 1) {
        char name[32], about[96];
        const char *word = vw_strict_name(flag);
        snprintf(name, sizeof(name), "strict-%s", word);
        snprintf(about, sizeof(about), "a decoder that is strict about %s refuses it", word);
        if (n->of->breaks & flag)
            add_note(n, name, "malleable", about, "");
    }
}

static int print_notes(const struct file *one, FILE *out, struct vw_error *err)
{
    struct notes n = {one, json_object_new_object(), true};
    n.ok = n.json != NULL;
    vw_vectors_each_class(add_class, &n);
    add_strict(&n);
    bool first = true;
    int rc = n.ok ? 0 : vw_error_nomem(err);
    if (rc == 0) {
        json_object_object_foreach(n.json, flag, note)
        {
            fprintf(out, "%s\"%s\":", first ? "" : ",\n", flag);
            rc = rc ? rc : vw_vector_print(note, out, err);
            first = false;
        }
    }
    json_object_put(n.json);
    return rc;
}

/* ---- files ---- */

static int print_file(const struct vw_vector_files *f, const struct file *one, FILE *out,
                      struct vw_error *err)
{
    static const char header[] =
        "Bytes that a decoder of a type must accept (valid), must refuse (invalid), or may do "
        "either with (acceptable).\",\n"
        "\"Made by `virwire vectors`, which also makes those of other releases. "
        "SPDX-License-Identifier: MIT";
    struct json_object *profile = json_object_new_string(f->profile);
    int rc = profile ? 0 : vw_error_nomem(err);
    fprintf(out,
            "{\n\"algorithm\":\"libvirt-XDR\",\n\"schema\":\"%s\",\n\"generatorVersion\":\"%s\",\n"
            "\"protocol\":\"%s\",\n\"profile\":",
            SCHEMA, GENERATOR_VERSION, one->name);
    rc = rc ? rc : vw_vector_print(profile, out, err);
    json_object_put(profile);
    fprintf(out, ",\n\"numberOfTests\":%u,\n\"header\":[\"%s\"],\n\"notes\":{\n", one->tests,
            header);
    rc = rc ? rc : print_notes(one, out, err);
    fputs("\n},\n\"testGroups\":[\n", out);
    fwrite(one->text, 1, one->size, out);
    fputs("\n]}\n]\n}\n", out);
    return rc;
}

static int write_file(const struct vw_vector_files *f, struct file *one, const char *dir,
                      struct vw_error *err)
{
    char path[PATH_MAX];
    struct vw_output *out;
    if (fflush(one->groups) != 0)
        return vw_error_nomem(err);
    if (snprintf(path, sizeof(path), "%s/%s.json", dir, one->name) >= (int)sizeof(path))
        return vw_error_set(err, VW_EUSAGE, "cannot write below %.200s: the path is too long", dir);
    int rc = vw_output_open(path, &out, err);
    if (rc)
        return rc;
    rc = print_file(f, one, vw_output_file(out), err);
    if (rc == 0)
        return vw_output_commit(out, err);
    vw_output_abandon(out);
    return rc;
}

int vw_vector_files_write(struct vw_vector_files *f, const char *dir, struct vw_error *err)
{
    int rc = f->count > 0 ? vw_output_folder(dir, err) : 0;
    for (size_t i = 0; rc == 0 && i < f->count; i++)
        rc = write_file(f, &f->list[i], dir, err);
    return rc;
}
