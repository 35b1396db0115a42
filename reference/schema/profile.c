// SPDX-License-Identifier: MIT
// Loading a profile: its settings, the .x files that it stands on, and what it changes in them.
#include "schema/profile.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/nearest.h"
#include "base/sized.h"
#include "base/yaml.h"
#include "schema/builtin.h"
#include "schema/internal.h"
#include "schema/settings.h"

/* What vw_profile_load gives out, and what belongs to it. */
struct profile {
    struct vw_profile pub; /* first, so that a pointer to either is one to the other */
    struct vw_schema *schema;
    struct vw_settings settings;
    const char *file;                  /* as given; NULL: built in */
    const char *release;               /* that it is of, or is based on; NULL: none is named */
    bool derived;                      /* of a release without a profile of its own */
    const struct vw_setting **answers; /* by key: each new session asks for some thirty */
    size_t n_answers;
    struct vw_arena arena;
};

static _Thread_local char error_file[256];

const char *vw_profile_error_file(void)
{
    return error_file;
}

static void blame(const char *file)
{
    snprintf(error_file, sizeof(error_file), "%s", file);
}

const char *const *vw_profile_names(void)
{
    return vw_builtin_profile_names;
}

static size_t count_names(void)
{
    size_t n = 0;
    while (vw_builtin_profile_names[n])
        n++;
    return n;
}

const char *vw_profile_newest(void)
{
    return vw_builtin_profile_names[count_names() - 1];
}

static const struct vw_builtin *find_builtin(const struct vw_builtin *list, const char *name,
                                             size_t len)
{
    for (; list->name; list++) {
        if (strncmp(list->name, name, len) == 0 && (!list->name[len] || list->name[len] == '.'))
            return list;
    }
    return NULL;
}

/* ---- settings ---- */

/* What was read is the base of another release. */
static int name_release(struct profile *p, const char *name, struct vw_error *err)
{
    p->derived = strcmp(p->settings.name, name) != 0;
    p->settings.name = p->release = vw_arena_strndup(&p->arena, name, strlen(name));
    return p->release ? 0 : vw_error_nomem(err);
}

static int read_builtin(struct profile *p, const char *name, struct vw_error *err)
{
    size_t n = count_names(), i = 0;
    if (!name)
        name = vw_profile_newest();
    while (i < n && strcmp(name, vw_builtin_profile_names[i]) != 0)
        i++;
    if (i == n)
        i = vw_release_base(name);
    if (i != VW_NO_RELEASE) {
        const struct vw_builtin *b = &vw_builtin_profiles[i];
        blame(b->name);
        int rc = vw_settings_read(b->text, b->len, &p->arena, &p->settings, err);
        return rc ? rc : name_release(p, name, err);
    }
    const char *near = vw_nearest(name, vw_builtin_profile_names, n);
    if (near)
        return vw_error_set(err, VW_ENAME, "profile '%s' is not known%s", name, VW_HINT(";", near));
    return vw_error_set(err, VW_ENAME, "profile '%s' is not known, only releases from %s to %s",
                        name, vw_builtin_profile_names[0], vw_builtin_profile_names[n - 1]);
}

static bool is_file(const char *name)
{
    size_t len = strlen(name);
    return strchr(name, '/') || (len > 5 && strcmp(name + len - 5, ".yaml") == 0);
}

static int read_file(struct profile *p, const char *path, struct vw_error *err)
{
    blame(path);
    char *text = NULL;
    size_t len = 0;
    int rc = vw_yaml_read(path, &text, &len, err);
    if (!rc)
        rc = vw_settings_read(text, len, &p->arena, &p->settings, err);
    if (!rc && p->settings.base) {
        rc = read_builtin(p, p->settings.base, err);
        blame(path);
        if (!rc)
            rc = vw_settings_read_over(text, len, &p->arena, &p->settings, err);
    }
    free(text);
    return rc;
}

/* ---- the schema ---- */

static int add_builtin(struct profile *p, const struct vw_builtin *b, bool replace,
                       struct vw_error *err)
{
    return vw_schema_add(p->schema, b->name, b->text, b->len, replace, err);
}

static int add_all_builtin(struct profile *p, struct vw_error *err)
{
    int rc = 0;
    for (const struct vw_builtin *b = vw_builtin_files; b->name && !rc; b++)
        rc = add_builtin(p, b, false, err);
    return rc;
}

/* Files that a user names need not hold the message layer, without which there is no protocol. */
static int add_user_files(struct profile *p, const char *dir, struct vw_error *err)
{
    struct stat st;
    bool one = stat(dir, &st) == 0 && !S_ISDIR(st.st_mode);
    int rc = one ? vw_schema_add_file(p->schema, dir, false, err)
                 : vw_schema_add_dir(p->schema, dir, err);
    if (rc)
        return rc;
    const char type[] = "virNetMessageError";
    const struct vw_sym *sym = vw_symbols_find(p->schema, type, sizeof(type) - 1);
    if (sym && sym->type)
        return 0;
    return add_builtin(p, find_builtin(vw_builtin_files, "message", 7), false, err);
}

/* The .x file beside the profile. */
static int add_types(struct profile *p, const char *profile_file, struct vw_error *err)
{
    const char *types = p->settings.types;
    if (!types)
        return 0;
    if (profile_file) {
        const char *slash = strrchr(profile_file, '/');
        int dir = slash ? (int)(slash - profile_file) + 1 : 0;
        const char *path = vw_arena_printf(&p->arena, "%.*s%s", dir, profile_file, types);
        return path ? vw_schema_add_file(p->schema, path, true, err) : vw_error_nomem(err);
    }
    const struct vw_builtin *b = find_builtin(vw_builtin_profile_types, types, strlen(types));
    return b ? add_builtin(p, b, true, err)
             : vw_error_set(err, VW_ENAME, "types file '%s' is not built in", types);
}

static int apply_settings(struct profile *p, const char *profile_file, struct vw_error *err)
{
    int rc = add_types(p, profile_file, err);
    for (const struct vw_setting *c = p->settings.constants; c && !rc; c = c->next)
        rc = vw_schema_define(p->schema, c->key, c->number, err);
    if (p->derived && !rc)
        rc = vw_release_apply(p->schema, p->release, &p->settings, err);
    p->schema->partial = p->settings.partial ? &p->settings : NULL;
    p->schema->profiled |= p->settings.partial;
    for (const struct vw_setting_range *h = p->settings.hidden; h && !rc; h = h->next) {
        /* The dates of procedures say it, and better than those of another release. */
        if (p->derived && !h->arms && p->settings.dialect == VW_PROFILE_MODERN)
            continue;
        if (vw_hide_add(p->schema, h->name, h->arms, h->from, h->to))
            rc = vw_error_nomem(err);
    }
    if (p->settings.types)
        vw_hide_unused(p->schema);
    return rc;
}

static int build_schema(struct profile *p, const struct vw_profile_options *o, struct vw_error *err)
{
    int rc = vw_schema_create(&p->schema);
    if (rc)
        return vw_error_nomem(err);
    /* Files of another release speak for themselves; only limits and answers come from the profile.
     */
    if (o->schema_dir)
        rc = add_user_files(p, o->schema_dir, err);
    else if (!(rc = add_all_builtin(p, err)))
        rc = apply_settings(p, p->file, err);
    for (const char *const *d = o->defines; d && *d && !rc; d++)
        rc = vw_schema_define_text(p->schema, *d, err);
    return rc ? rc : vw_schema_finish(p->schema, err);
}

static int unknown_constant(const struct vw_schema *s, const struct vw_setting *c,
                            struct vw_error *err)
{
    const char *near = vw_symbols_nearest(s, c->key, vw_symbol_is_constant);
    return vw_error_at(err, VW_ENAME, c->line, c->column, "constant '%s' is not known%s", c->key,
                       VW_HINT(";", near));
}

static bool has_some(const struct vw_schema *s, const struct vw_setting_range *range)
{
    const struct vw_program *p = vw_schema_program_named(s, range->name);
    for (uint32_t i = 0; p && i < p->n_procs; i++)
        if (p->procs[i].number >= range->from && p->procs[i].number <= range->to)
            return true;
    return false;
}

/* What a profile changes must be there. */
static int check_settings(struct profile *p, const struct vw_profile_options *o,
                          struct vw_error *err)
{
    int64_t value;
    const char *file = p->file ? p->file : p->settings.name;
    if (o->schema_dir)
        return 0;
    for (const struct vw_setting *c = p->settings.constants; c; c = c->next) {
        if (vw_schema_const(p->schema, c->key, &value))
            continue;
        blame(file);
        return unknown_constant(p->schema, c, err);
    }
    for (const struct vw_setting_range *h = p->settings.hidden; h && !p->derived; h = h->next) {
        if (vw_hide_found(p->schema, h->name, h->from, h->to))
            continue;
        blame(file);
        return vw_error_at(err, VW_ENAME, h->line, h->column, "'%s' has nothing to hide here",
                           h->name);
    }
    for (const struct vw_setting_range *i = p->settings.implemented; i; i = i->next) {
        if (has_some(p->schema, i))
            continue;
        blame(file);
        return vw_error_at(err, VW_ENAME, i->line, i->column,
                           "'%s' has no procedure of this number", i->name);
    }
    return 0;
}

static int by_key(const void *a, const void *b)
{
    const struct vw_setting *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

static int sort_answers(struct profile *p, struct vw_error *err)
{
    size_t n = 0;
    for (const struct vw_setting *a = p->settings.answers; a; a = a->next)
        n++;
    p->answers = calloc(n ? n : 1, sizeof(*p->answers));
    if (!p->answers)
        return vw_error_nomem(err);
    for (const struct vw_setting *a = p->settings.answers; a; a = a->next)
        p->answers[p->n_answers++] = a;
    qsort(p->answers, n, sizeof(*p->answers), by_key);
    return 0;
}

/* Whether what is asked for is what the build has printed. */
static bool is_printed(const char *name, const struct vw_profile_options *o)
{
    bool changed = o->schema_dir || (o->defines && *o->defines);
    return vw_newest_tables && !changed && !o->parse &&
           (!name || strcmp(name, vw_newest_tables->profile.name) == 0);
}

static int load_printed(struct profile *p, struct vw_error *err)
{
    if (vw_tables_enter(vw_newest_tables, &p->schema))
        return vw_error_nomem(err);
    p->pub = vw_newest_tables->profile;
    p->pub.schema = p->schema;
    p->settings.answers = vw_newest_tables->answers;
    return sort_answers(p, err);
}

static int load(struct profile *p, const char *name, const struct vw_profile_options *o,
                struct vw_error *err)
{
    if (is_printed(name, o))
        return load_printed(p, err);
    p->file = name && is_file(name) ? name : NULL;
    int rc = p->file ? read_file(p, name, err) : read_builtin(p, name, err);
    if (!rc)
        rc = sort_answers(p, err);
    if (rc)
        return rc;
    rc = build_schema(p, o, err);
    if (rc) {
        blame(p->schema ? vw_schema_error_file(p->schema) : "");
        return rc;
    }
    const struct vw_settings *s = &p->settings;
    p->pub = (struct vw_profile){
        .name = s->name,
        .schema = p->schema,
        .dialect = s->dialect,
        .min_length_word = s->min_length_word,
        .max_length_word = s->max_length_word,
        .string_max = s->string_max,
        .fds_max = s->fds_max,
    };
    return check_settings(p, o, err);
}

void vw_profile_set_program(struct vw_profile *p, const char *program)
{
    const struct vw_partial *has = p->schema->has;
    while (has && strcmp(has->program, program) != 0)
        has = has->next;
    p->program = program;
    p->partial = has;
}

int vw_profile_load(const char *name, const struct vw_profile_options *options,
                    struct vw_profile **out, struct vw_error *err)
{
    struct vw_profile_options own;
    struct vw_error local = VW_ERROR_INIT;
    blame("");
    int rc = vw_sized_copy(&own, sizeof(own), options, "VW_PROFILE_OPTIONS_INIT", err);
    if (rc)
        return rc;
    struct profile *p = calloc(1, sizeof(*p));
    if (!p)
        return vw_error_nomem(err);
    vw_arena_init(&p->arena);
    rc = load(p, name, &own, err ? err : &local);
    if (rc) {
        vw_profile_destroy(&p->pub);
        return rc;
    }
    blame("");
    p->file = NULL; /* the caller's */
    vw_profile_set_program(&p->pub, "remote");
    *out = &p->pub;
    return 0;
}

void vw_profile_destroy(struct vw_profile *pub)
{
    struct profile *p = (struct profile *)pub;
    if (!p)
        return;
    vw_schema_destroy(p->schema);
    vw_arena_finish(&p->arena);
    free(p->answers);
    free(p);
}

/* ---- answers ---- */

const struct vw_setting *vw_profile_answers(const struct vw_profile *pub)
{
    return ((const struct profile *)pub)->settings.answers;
}

const char *vw_profile_answer_text(const struct vw_profile *pub, const char *key,
                                   const char *fallback)
{
    const struct profile *p = (const struct profile *)pub;
    const struct vw_setting sought = {.key = key}, *const at = &sought;
    const struct vw_setting **found =
        bsearch(&at, p->answers, p->n_answers, sizeof(*p->answers), by_key);
    return found ? (*found)->text : fallback;
}

int64_t vw_profile_answer(const struct vw_profile *p, const char *key, int64_t fallback)
{
    const char *text = vw_profile_answer_text(p, key, NULL);
    char *end = NULL;
    long long value = text ? strtoll(text, &end, 0) : 0;
    return text && end != text && !*end ? value : fallback;
}

const char *vw_profile_name(const struct vw_profile *p)
{
    return p->name;
}

const char *vw_profile_release(const struct vw_profile *pub)
{
    const struct profile *p = (const struct profile *)pub;
    return p->release ? p->release : pub->name;
}

const struct vw_proc *vw_profile_proc(const struct vw_profile *p, const char *name)
{
    return vw_schema_proc(p->schema, name);
}

const char *vw_proc_name(const struct vw_proc *proc)
{
    return proc->short_name;
}

const char *vw_proc_program(const struct vw_proc *proc)
{
    return proc->program->name;
}
