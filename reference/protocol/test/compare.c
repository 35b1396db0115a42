// SPDX-License-Identifier: MIT
// The comparison of a schema with the facts. The facts are JSON and tab-separated text; nothing of
// the schema library is used but what its readers see, so that a fault in the parser, in the tables
// or in a .x file shows here alike.

#include "protocol/test/compare.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct run {
    const struct vw_schema *schema;
    const struct compare_options *options;
    FILE *out;
    size_t compared;
    int differences;
    unsigned known_seen; /* bit i: options->known[i] was met */
    json_object *types;  /* names of all types of the release, for the way back */
    json_object *consts; /* names of all its constants */
};

/* A program of the facts, and what the schema calls it. The generic message has no number. */
static const struct {
    const char *folder;
    const char *program;
} programs[] = {
    {"virnet", NULL},      {"remote", "remote"},  {"qemu", "qemu"},
    {"lxc", "lxc"},        {"admin", "admin"},    {"keepalive", "keepalive"},
    {"lockspace", "lock"}, {"logmanager", "log"}, {"lxcmonitor", "lxcmonitor"},
};

/* Names of our own that no release publishes. */
static const char *const own_constants[] = {"REMOTE_DOMAIN_ANNOUNCE_INTERFACE_PARAMS_MAX"};

static void differ(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void differ(struct run *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vfprintf(r->out, fmt, ap);
    va_end(ap);
    fputc('\n', r->out);
    r->differences++;
}

static const char *text(json_object *o, const char *key)
{
    const char *s = json_object_get_string(json_object_object_get(o, key));
    return s ? s : "";
}

static int64_t number(json_object *o, const char *key)
{
    return json_object_get_int64(json_object_object_get(o, key));
}

static bool is_null(json_object *o, const char *key)
{
    return !json_object_object_get(o, key);
}

/* ---- types ---- */

static const struct {
    const char *facts;
    enum vw_kind kind;
} basics[] = {
    {"int", VW_INT},       {"uint", VW_UINT},   {"hyper", VW_HYPER},   {"uhyper", VW_UHYPER},
    {"bool", VW_BOOL},     {"char", VW_CHAR},   {"uchar", VW_UCHAR},   {"short", VW_SHORT},
    {"ushort", VW_USHORT}, {"float", VW_FLOAT}, {"double", VW_DOUBLE},
};

static void compare_named(struct run *r, const char *where, const char *want,
                          const struct vw_type *t)
{
    for (size_t i = 0; i < sizeof(basics) / sizeof(basics[0]); i++) {
        if (strcmp(basics[i].facts, want) != 0)
            continue;
        if (t->kind != basics[i].kind || t->is_typedef)
            differ(r, "%s: type is %s, want %s", where, t->name ? t->name : vw_kind_name(t->kind),
                   want);
        return;
    }
    if (!t->name || strcmp(t->name, want) != 0)
        differ(r, "%s: type is %s, want %s", where, t->name ? t->name : vw_kind_name(t->kind),
               want);
}

static void compare_bound(struct run *r, const char *where, json_object *f, const char *key,
                          const struct vw_type *t)
{
    uint32_t want = is_null(f, key) ? VW_UNBOUNDED : (uint32_t)number(f, key);
    if (t->max != want)
        differ(r, "%s: bound is %" PRIu32 ", want %" PRIu32, where, t->max, want);
    const char *limit = text(f, "limit_name");
    if (limit[0] && (!t->max_name || strcmp(t->max_name, limit) != 0))
        differ(r, "%s: bound is spelled %s, want %s", where,
               t->max_name ? t->max_name : "in digits", limit);
}

static const struct {
    const char *facts;
    enum vw_kind kind;
    const char *bound; /* the key that holds it */
    bool has_elem;
} shapes[] = {
    {"optional", VW_OPTIONAL, NULL, true},   {"fixed_array", VW_FIXED_ARRAY, "size", true},
    {"var_array", VW_ARRAY, "max", true},    {"fixed_opaque", VW_FIXED_OPAQUE, "size", false},
    {"var_opaque", VW_OPAQUE, "max", false}, {"string", VW_STRING, "max", false},
};

/* F is a field, an arm or a typedef of the facts; T what the schema has for it. */
static void compare_declaration(struct run *r, const char *where, json_object *f,
                                const struct vw_type *t, bool is_typedef)
{
    const char *kind = text(f, "kind");
    if (strcmp(kind, "scalar") == 0) {
        compare_named(r, where, text(f, "type"), is_typedef && t->alias_of ? t->alias_of : t);
        return;
    }
    if (!is_typedef && t->name) {
        differ(r, "%s: type is %s, want %s", where, t->name, kind);
        return;
    }
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (strcmp(shapes[i].facts, kind) != 0)
            continue;
        if (t->kind != shapes[i].kind) {
            differ(r, "%s: is %s, want %s", where, vw_kind_name(t->kind), kind);
            return;
        }
        if (shapes[i].bound)
            compare_bound(r, where, f, shapes[i].bound, t);
        if (shapes[i].has_elem)
            compare_named(r, where, text(f, "type"), t->elem);
        return;
    }
    differ(r, "%s: the facts say %s, which is not known here", where, kind);
}

static void compare_size(struct run *r, const char *where, json_object *f, const struct vw_type *t)
{
    uint64_t max = is_null(f, "max_bytes") ? UINT64_MAX : (uint64_t)number(f, "max_bytes");
    uint64_t min = (uint64_t)number(f, "min_bytes");
    if (t->wire_min != min)
        differ(r, "%s: smallest encoding is %" PRIu64 ", want %" PRIu64, where, t->wire_min, min);
    if (t->wire_max != max)
        differ(r, "%s: largest encoding is %" PRIu64 ", want %" PRIu64, where, t->wire_max, max);
}

static void compare_field(struct run *r, const char *owner, size_t i, json_object *f,
                          const struct vw_field *have)
{
    char where[256];
    snprintf(where, sizeof(where), "%s.%s", owner, text(f, "name"));
    if (r->options->field_names && (!have->name || strcmp(have->name, text(f, "name")) != 0))
        differ(r, "%s: field %zu is called %s", where, i, have->name ? have->name : "nothing");
    compare_declaration(r, where, f, have->type, false);
}

static void compare_struct(struct run *r, json_object *f, const struct vw_type *t)
{
    json_object *fields = json_object_object_get(f, "fields");
    size_t n = json_object_array_length(fields);
    if (t->n_fields != n)
        differ(r, "%s: %" PRIu32 " fields, want %zu", t->name, t->n_fields, n);
    for (size_t i = 0; i < n && i < t->n_fields; i++)
        compare_field(r, t->name, i, json_object_array_get_idx(fields, i), &t->fields[i]);
    compare_size(r, t->name, f, t);
}

static void compare_arm(struct run *r, const struct vw_type *t, json_object *f)
{
    char where[256];
    int32_t value = (int32_t)number(f, "case");
    snprintf(where, sizeof(where), "%s case %" PRId32, t->name, value);
    const struct vw_field *arm = vw_type_arm(t, value);
    if (!arm) {
        differ(r, "%s: no arm", where);
        return;
    }
    if (arm->is_default || arm->n_cases != 1)
        differ(r, "%s: the arm has other cases too", where);
    json_object *decl = json_object_object_get(f, "arm");
    if (r->options->field_names && strcmp(arm->name ? arm->name : "", text(decl, "name")) != 0)
        differ(r, "%s: is called %s, want %s", where, arm->name ? arm->name : "nothing",
               text(decl, "name"));
    compare_declaration(r, where, decl, arm->type, false);
    int64_t named;
    if (!vw_schema_const(r->schema, text(f, "case_name"), &named) || named != value)
        differ(r, "%s: %s is not a constant of that value", where, text(f, "case_name"));
}

static void compare_union(struct run *r, json_object *f, const struct vw_type *t)
{
    json_object *arms = json_object_object_get(f, "arms");
    size_t n = json_object_array_length(arms);
    if (t->n_fields != n)
        differ(r, "%s: %" PRIu32 " arms, want %zu", t->name, t->n_fields, n);
    for (size_t i = 0; i < n; i++)
        compare_arm(r, t, json_object_array_get_idx(arms, i));
    if (strcmp(text(f, "default"), "none") != 0)
        differ(r, "%s: the facts have a default arm, which is not compared here", t->name);
    json_object *disc = json_object_object_get(f, "discriminant");
    char where[256];
    snprintf(where, sizeof(where), "%s.%s", t->name, text(disc, "name"));
    compare_declaration(r, where, disc, t->disc->type, false);
    if (r->options->field_names && strcmp(t->disc->name, text(disc, "name")) != 0)
        differ(r, "%s: the discriminant is called %s", where, t->disc->name);
    compare_size(r, t->name, f, t);
}

static void compare_enum(struct run *r, json_object *f, const struct vw_type *t)
{
    json_object *members = json_object_object_get(f, "members");
    size_t n = json_object_array_length(members);
    if (r->options->exact && t->n_members != n)
        differ(r, "%s: %" PRIu32 " members, want %zu", t->name, t->n_members, n);
    for (size_t i = 0; i < n; i++) {
        json_object *m = json_object_array_get_idx(members, i);
        const struct vw_member *have = vw_type_member(t, (int32_t)number(m, "value"));
        if (!have || strcmp(have->name, text(m, "name")) != 0)
            differ(r, "%s: %" PRId64 " is %s, want %s", t->name, number(m, "value"),
                   have ? have->name : "nothing", text(m, "name"));
    }
}

static void compare_typedef(struct run *r, json_object *f, const struct vw_type *t)
{
    if (!t->is_typedef)
        differ(r, "%s: is not a typedef", t->name);
    compare_declaration(r, t->name, f, t, true);
}

/* A C habit of some releases: typedef struct NAME NAME. It declares nothing new. */
static bool names_itself(json_object *f)
{
    return strcmp(text(f, "type"), text(f, "name")) == 0;
}

static void compare_section(struct run *r, json_object *types, const char *section,
                            enum vw_kind kind,
                            void (*compare)(struct run *, json_object *, const struct vw_type *))
{
    json_object *list = json_object_object_get(types, section);
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *f = json_object_array_get_idx(list, i);
        const char *name = text(f, "name");
        if (names_itself(f))
            continue;
        json_object_object_add(r->types, name, json_object_new_boolean(1));
        const struct vw_type *t = vw_schema_type(r->schema, name);
        if (!t) {
            differ(r, "%s: no such type", name);
        } else if (kind != VW_VOID && t->kind != kind) {
            differ(r, "%s: is %s, want %s", name, vw_kind_name(t->kind), vw_kind_name(kind));
        } else {
            compare(r, f, t);
        }
        r->compared++;
    }
}

static void compare_constants(struct run *r, json_object *types, const char *section)
{
    json_object *list = json_object_object_get(types, section);
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *f = json_object_array_get_idx(list, i);
        const char *name = text(f, "name");
        int64_t value;
        json_object_object_add(r->consts, name, json_object_new_boolean(1));
        if (!vw_schema_const(r->schema, name, &value))
            differ(r, "%s: no such constant", name);
        else if (value != number(f, "value"))
            differ(r, "%s: is %" PRId64 ", want %" PRId64, name, value, number(f, "value"));
    }
}

/* ---- procedures ---- */

enum column {
    COL_NUMBER,
    COL_NAME,
    COL_KIND,
    COL_ARGS,
    COL_RET,
    COL_GENERATE,
    COL_PRIORITY,
    COL_READSTREAM,
    COL_WRITESTREAM,
    COL_SPARSEFLAG,
    COL_ACL,
    COL_ACLFILTER,
    COL_ARGS_MIN,
    COL_RET_MIN,
    COL_COUNT
};

static const char *const annotations[] = {
    [COL_GENERATE] = "generate",     [COL_PRIORITY] = "priority",
    [COL_READSTREAM] = "readstream", [COL_WRITESTREAM] = "writestream",
    [COL_SPARSEFLAG] = "sparseflag", [COL_ACL] = "acl",
    [COL_ACLFILTER] = "aclfilter",
};

/* All values of KEY, with commas between them; "-" when there is none. */
static void joined(const struct vw_proc *p, const char *key, char *buf, size_t size)
{
    size_t at = 0;
    snprintf(buf, size, "-");
    for (uint32_t i = 0; i < p->n_annotations && at < size; i++)
        if (strcmp(p->annotations[i].key, key) == 0)
            at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? "," : "",
                                   p->annotations[i].value);
}

static bool is_known(struct run *r, const struct vw_proc *p, const char *key)
{
    if (!r->options->known || strcmp(p->program->name, "remote") != 0)
        return false;
    char want[64];
    snprintf(want, sizeof(want), "%" PRId32 " %s", p->number, key);
    for (unsigned i = 0; r->options->known[i]; i++) {
        if (strcmp(r->options->known[i], want) != 0)
            continue;
        r->known_seen |= 1u << i;
        return true;
    }
    return false;
}

static void compare_annotations(struct run *r, const struct vw_proc *p, char **row)
{
    for (enum column c = COL_GENERATE; c <= COL_ACLFILTER; c++) {
        char have[512];
        joined(p, annotations[c], have, sizeof(have));
        const char *want = strcmp(row[c], "?") == 0 ? "-" : row[c];
        if (strcmp(have, want) != 0 && !is_known(r, p, annotations[c]))
            differ(r, "%s: %s is %s, want %s", p->name, annotations[c], have, want);
    }
    char value[512];
    joined(p, "priority", value, sizeof(value));
    if (p->high_priority != (strcmp(value, "high") == 0))
        differ(r, "%s: its priority is not what its annotation says", p->name);
    joined(p, "readstream", value, sizeof(value));
    if (p->readstream != strtoul(value, NULL, 10) && strcmp(value, "-") != 0)
        differ(r, "%s: its readstream is not what its annotation says", p->name);
    joined(p, "writestream", value, sizeof(value));
    if (p->writestream != strtoul(value, NULL, 10) && strcmp(value, "-") != 0)
        differ(r, "%s: its writestream is not what its annotation says", p->name);
    joined(p, "sparseflag", value, sizeof(value));
    if (strcmp(p->sparseflag ? p->sparseflag : "-", value) != 0)
        differ(r, "%s: its sparseflag is not what its annotation says", p->name);
}

static void compare_message(struct run *r, const struct vw_proc *p, const char *what,
                            const struct vw_type *t, const char *name, const char *min)
{
    if (strcmp(t ? t->name : "-", name) != 0)
        differ(r, "%s: %s is %s, want %s", p->name, what, t ? t->name : "-", name);
    else if ((t ? t->wire_min : 0) != strtoull(min, NULL, 10))
        differ(r, "%s: smallest %s is %" PRIu64 ", want %s", p->name, what, t ? t->wire_min : 0,
               min);
}

static void compare_procedure(struct run *r, const struct vw_program *program, char **row)
{
    const struct vw_proc *p = vw_program_proc(program, (int32_t)strtol(row[COL_NUMBER], NULL, 10));
    r->compared++;
    if (!p) {
        differ(r, "%s: no procedure %s", row[COL_NAME], row[COL_NUMBER]);
        return;
    }
    if (strcmp(p->name, row[COL_NAME]) != 0)
        differ(r, "procedure %s: is %s, want %s", row[COL_NUMBER], p->name, row[COL_NAME]);
    if ((p->kind == VW_PROC_EVENT) != (strcmp(row[COL_KIND], "event") == 0))
        differ(r, "%s: is no %s", p->name, row[COL_KIND]);
    compare_message(r, p, "args", p->args, row[COL_ARGS], row[COL_ARGS_MIN]);
    compare_message(r, p, "ret", p->ret, row[COL_RET], row[COL_RET_MIN]);
    compare_annotations(r, p, row);
}

/* Cuts LINE at its tabs. True if it has the right number of columns. */
static bool split(char *line, char **row)
{
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < COL_COUNT; i++)
        if (!(row[i] = strsep(&line, "\t")))
            return false;
    return !line;
}

static void compare_procedures(struct run *r, const struct vw_program *program, const char *path)
{
    FILE *f = fopen(path, "r");
    char line[2048];
    char *row[COL_COUNT];
    uint32_t n = 0;
    if (!f || !fgets(line, sizeof(line), f)) {
        differ(r, "%s: cannot be read", path);
    } else {
        while (fgets(line, sizeof(line), f)) {
            if (split(line, row))
                compare_procedure(r, program, row);
            else
                differ(r, "%s: wrong number of columns", path);
            n++;
        }
        if (n != program->n_procs)
            differ(r, "%s: %" PRIu32 " procedures, want %" PRIu32, program->name, program->n_procs,
                   n);
    }
    if (f)
        fclose(f);
}

/* ---- programs ---- */

static void compare_program(struct run *r, json_object *types, const char *name, const char *path)
{
    json_object *f = json_object_object_get(types, "program");
    const struct vw_program *p = vw_schema_program_named(r->schema, name);
    if (!p) {
        differ(r, "%s: no such program", name);
        return;
    }
    if (p->number != (uint32_t)number(f, "program"))
        differ(r, "%s: number is 0x%08" PRIX32, name, p->number);
    if (p->version != (uint32_t)number(f, "program_version"))
        differ(r, "%s: version is %" PRIu32, name, p->version);
    compare_procedures(r, p, path);
}

/* Returns whether the release has it at all. */
static bool compare_folder(struct run *r, const char *folder, const char *program)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s/%s/types.json", r->options->facts_dir, r->options->release,
             folder);
    json_object *types = json_object_from_file(path);
    if (!types)
        return false;
    compare_constants(r, types, "externals");
    compare_constants(r, types, "constants");
    compare_section(r, types, "enums", VW_ENUM, compare_enum);
    compare_section(r, types, "typedefs", VW_VOID, compare_typedef);
    compare_section(r, types, "structs", VW_STRUCT, compare_struct);
    compare_section(r, types, "unions", VW_UNION, compare_union);
    if (program) {
        snprintf(path, sizeof(path), "%s/%s/%s/procedures.tsv", r->options->facts_dir,
                 r->options->release, folder);
        compare_program(r, types, program, path);
    }
    json_object_put(types);
    return true;
}

static bool is_own(const char *name)
{
    for (size_t i = 0; i < sizeof(own_constants) / sizeof(own_constants[0]); i++)
        if (strcmp(own_constants[i], name) == 0)
            return true;
    return false;
}

/* What the schema has and the facts have not. */
static void compare_back(struct run *r)
{
    size_t n;
    const struct vw_type *const *types = vw_schema_types(r->schema, &n);
    for (size_t i = 0; i < n; i++)
        if (!json_object_object_get(r->types, types[i]->name))
            differ(r, "%s: the facts have no such type", types[i]->name);
    const struct vw_const *const *consts = vw_schema_consts(r->schema, &n);
    for (size_t i = 0; i < n; i++)
        if (!consts[i]->external && !json_object_object_get(r->consts, consts[i]->name) &&
            !is_own(consts[i]->name))
            differ(r, "%s: the facts have no such constant", consts[i]->name);
}

static void compare_known(struct run *r)
{
    for (unsigned i = 0; r->options->known && r->options->known[i]; i++)
        if (!(r->known_seen & 1u << i))
            differ(r, "%s: known to differ and does not", r->options->known[i]);
}

int compare_facts(const struct vw_schema *s, const struct compare_options *options, FILE *out,
                  size_t *compared)
{
    struct run r = {.schema = s, .options = options, .out = out};
    r.types = json_object_new_object();
    r.consts = json_object_new_object();
    size_t want = 0, have;
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        if (compare_folder(&r, programs[i].folder, programs[i].program) && programs[i].program)
            want++;
    vw_schema_programs(s, &have);
    if (want == 0)
        fprintf(out, "%s/%s: no facts\n", options->facts_dir, options->release);
    if (have != want)
        differ(&r, "%zu programs, want %zu", have, want);
    if (options->exact)
        compare_back(&r);
    compare_known(&r);
    json_object_put(r.types);
    json_object_put(r.consts);
    if (compared)
        *compared += r.compared;
    return want == 0 ? -1 : r.differences;
}
