// SPDX-License-Identifier: MIT
// virwire schema: what the .x files say. list, show, check, header, diff, rules.
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/nearest.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/schema-diff.h"
#include "cli/schema-options.h"
#include "cli/schema-show.h"
#include "cli/usage.h"

struct options {
    struct vw_cli_schema schema;
    struct vw_cli_diff diff;
    bool lock, digest, types, lints, twins;
    const char *output, *strict;
};

/* ---- list ---- */

static void list_program(const struct vw_program *p)
{
    printf("program %s 0x%08x version %u\n", p->name, p->number, p->version);
    for (uint32_t i = 0; i < p->n_procs; i++) {
        printf("  %4d %s ", p->procs[i].number,
               p->procs[i].kind == VW_PROC_EVENT ? "event" : "call ");
        vw_cli_show_signature(&p->procs[i], stdout);
        putchar('\n');
    }
}

static void list_types(const struct vw_schema *s)
{
    size_t n;
    const struct vw_type *const *types = vw_schema_types(s, &n);
    for (size_t i = 0; i < n; i++)
        printf("%s %s\n", vw_kind_name(types[i]->kind), types[i]->name);
}

static int unknown_program(const struct vw_schema *s, const char *name)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(s, &n);
    struct vw_near near = {.word = name};
    for (size_t i = 0; i < n; i++)
        vw_near_offer(&near, programs[i]->name);
    return vw_cli_error("schema", VW_EXIT_USAGE, "unknown program '%s'%s", name,
                        VW_HINT(",", near.best));
}

static int list_named(const struct vw_schema *s, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (!vw_schema_program_named(s, argv[i]))
            return unknown_program(s, argv[i]);
    }
    for (int i = 0; i < argc; i++)
        list_program(vw_schema_program_named(s, argv[i]));
    return VW_EXIT_OK;
}

static int list(const struct options *o, const struct vw_schema *s, int argc, char **argv)
{
    int kinds = o->lock + o->digest + o->types;
    if (kinds > 1 || (kinds && argc))
        return vw_cli_error("schema", VW_EXIT_USAGE, "%s",
                            argc ? "--lock, --digest and --types are about all programs"
                                 : "one of --lock, --digest and --types");
    if (o->lock && vw_schema_lock(s, stdout) == VW_ENOMEM)
        return vw_cli_error("schema", VW_EXIT_TOOL, "out of memory");
    if (o->digest)
        printf("%s\n", vw_schema_digest(s));
    if (o->types)
        list_types(s);
    if (kinds)
        return VW_EXIT_OK;
    if (argc)
        return list_named(s, argc, argv);
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(s, &n);
    for (size_t i = 0; i < n; i++)
        list_program(programs[i]);
    return VW_EXIT_OK;
}

/* ---- show ---- */

static bool is_known(const struct vw_schema *s, const char *name)
{
    int64_t value;
    return vw_schema_type(s, name) || vw_schema_proc(s, name) || vw_schema_const(s, name, &value);
}

/* A name may be that of a type and of a procedure. */
static int show(const struct options *o, const struct vw_schema *s, int argc, char **argv)
{
    (void)o;
    if (!argc)
        return vw_cli_error("schema", VW_EXIT_USAGE,
                            "show what? give a type, a procedure or a constant");
    for (int i = 0; i < argc; i++) {
        if (!is_known(s, argv[i]))
            return vw_cli_schema_unknown("schema", s, "type, procedure or constant", argv[i]);
    }
    for (int i = 0; i < argc; i++) {
        const struct vw_proc *p = vw_schema_proc(s, argv[i]);
        const struct vw_type *t = vw_schema_type(s, argv[i]);
        if (p)
            vw_cli_show_proc(p, stdout);
        if (t)
            vw_cli_show_type(t, stdout);
        int64_t value;
        if (!p && !t && vw_schema_const(s, argv[i], &value))
            printf("constant %s = %" PRId64 "\n", argv[i], value);
    }
    return VW_EXIT_OK;
}

/* ---- header ---- */

static int header(const struct options *o, const struct vw_schema *s, int argc, char **argv)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;
    if (argc)
        return vw_cli_error("schema", VW_EXIT_USAGE, "unexpected argument '%s'", argv[0]);
    if (vw_output_open(o->output, &out, &err))
        return vw_cli_fail("schema", NULL, &err);
    const char *slash = o->output ? strrchr(o->output, '/') : NULL;
    const char *name = slash ? slash + 1 : o->output ? o->output : "protocol";
    /* Writing errors show at the commit. */
    (void)vw_schema_header(s, name, vw_output_file(out));
    if (vw_output_commit(out, &err))
        return vw_cli_fail("schema", NULL, &err);
    return VW_EXIT_OK;
}

/* ---- check ---- */

static int add_operand(struct vw_schema *s, const char *path, struct vw_error *err)
{
    struct stat st;
    bool dir = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    return dir ? vw_schema_add_dir(s, path, err) : vw_schema_add_file(s, path, false, err);
}

static const struct {
    const char *word;
    enum vw_schema_strict how;
    bool lints; /* what is doubtful is wrong */
} levels[] = {{"rfc", VW_SCHEMA_RFC, false},
              {"rpcgen", VW_SCHEMA_RPCGEN, false},
              {"libvirt", VW_SCHEMA_RPCGEN, true}};

static int read_level(struct options *o, enum vw_schema_strict *how)
{
    *how = VW_SCHEMA_LAX;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]) && o->strict; i++) {
        if (strcmp(levels[i].word, o->strict) != 0)
            continue;
        *how = levels[i].how;
        o->lints = levels[i].lints;
        return 0;
    }
    return o->strict ? vw_cli_error("schema", VW_EXIT_USAGE,
                                    "--strict: \"%s\" is not rfc, rpcgen or libvirt", o->strict)
                     : 0;
}

/* What is doubtful, one line each. */
static int print_lints(const struct options *o, const struct vw_schema *s)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_gate g;
    char line[700];
    vw_gate_init(&g);
    int rc = vw_gate_lint(&g, s, o->twins, &err);
    int status = rc ? vw_cli_fail("schema", NULL, &err) : VW_EXIT_OK;
    for (size_t i = 0; i < g.count; i++) {
        struct vw_finding f = *g.list[i];
        f.place.path = NULL;
        printf("%s\n", vw_finding_line(&f, line, sizeof(line)));
        /* Neighbours of one type are common, and nothing wrong by themselves. */
        bool counts = o->lints && strcmp(f.rule, "SEM001") != 0;
        status = counts ? VW_EXIT_FINDINGS : status;
    }
    vw_gate_finish(&g);
    return status;
}

static int check_into(const struct options *o, struct vw_schema *s, int argc, char **argv)
{
    struct vw_error err = VW_ERROR_INIT;
    int rc = 0;
    for (unsigned i = 0; i < o->schema.n_defines && !rc; i++)
        rc = vw_schema_define_text(s, o->schema.defines[i], &err);
    for (int i = 0; i < argc && !rc; i++)
        rc = add_operand(s, argv[i], &err);
    if (!rc)
        rc = vw_schema_finish(s, &err);
    if (rc)
        return vw_cli_schema_fail("schema", vw_schema_error_file(s), &err);
    vw_cli_schema_warn_unused("schema", &o->schema, s);
    int status = print_lints(o, s);
    size_t n_programs, n_types, n_procs = 0;
    const struct vw_program *const *programs = vw_schema_programs(s, &n_programs);
    vw_schema_types(s, &n_types);
    for (size_t i = 0; i < n_programs; i++)
        n_procs += programs[i]->n_procs;
    printf("%s: %zu programs, %zu procedures, %zu types\n", status ? "not ok" : "ok", n_programs,
           n_procs, n_types);
    return status;
}

static int check(struct options *o, int argc, char **argv)
{
    struct vw_schema *s;
    enum vw_schema_strict how;
    int bad = read_level(o, &how);
    if (bad)
        return bad;
    if (!argc)
        return vw_cli_error("schema", VW_EXIT_USAGE, "check what? give a .x file or a folder");
    if (o->schema.dir || o->schema.profile)
        return vw_cli_error("schema", VW_EXIT_USAGE, "check takes files, no --%s",
                            o->schema.dir ? "schema" : "profile");
    if (vw_schema_create(&s))
        return vw_cli_error("schema", VW_EXIT_TOOL, "out of memory");
    vw_schema_be_strict(s, how);
    int rc = check_into(o, s, argc, argv);
    vw_schema_destroy(s);
    return rc;
}

/* ---- diff, rules ---- */

static int diff(struct options *o, int argc, char **argv)
{
    if (o->schema.dir || o->schema.profile)
        return vw_cli_error("schema", VW_EXIT_USAGE, "diff takes two versions, no --%s",
                            o->schema.dir ? "schema" : "profile");
    o->diff.defines = o->schema.defines;
    return vw_cli_diff_run("schema", &o->diff, argc, argv);
}

static int rules(struct options *o, int argc, char **argv)
{
    (void)o;
    if (argc)
        return vw_cli_error("schema", VW_EXIT_USAGE, "unexpected argument '%s'", argv[0]);
    for (size_t i = 0; i < vw_gate_rule_count; i++)
        printf("%s  %-6s  %s\n", vw_gate_rules[i].code, vw_gate_class_name(vw_gate_rules[i].class),
               vw_gate_rules[i].title);
    return VW_EXIT_OK;
}

/* ---- the command ---- */

static const struct verb {
    const char *name;
    int (*run)(const struct options *o, const struct vw_schema *s, int argc, char **argv);
} verbs[] = {{"list", list}, {"show", show}, {"header", header}};

/* Those that find their schemas themselves. */
static const struct {
    const char *name;
    int (*run)(struct options *o, int argc, char **argv);
} others[] = {{"check", check}, {"diff", diff}, {"rules", rules}};

static int run_verb(const struct verb *v, const struct options *o, int argc, char **argv)
{
    struct vw_profile *p = NULL;
    int rc = vw_cli_schema_load("schema", &o->schema, &p);
    if (rc)
        return rc;
    rc = v->run(o, p->schema, argc, argv);
    vw_profile_destroy(p);
    return rc;
}

static int dispatch(struct options *o, int argc, char **argv)
{
    static const char *const names[] = {"list", "show", "check", "header", "diff", "rules"};
    if (!argc)
        return vw_cli_error("schema", VW_EXIT_USAGE, "list, show, check, header, diff or rules?");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcmp(argv[0], others[i].name) == 0)
            return others[i].run(o, argc - 1, argv + 1);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(argv[0], verbs[i].name) == 0)
            return run_verb(&verbs[i], o, argc - 1, argv + 1);
    }
    const char *near = vw_nearest(argv[0], names, sizeof(names) / sizeof(names[0]));
    return vw_cli_error("schema", VW_EXIT_USAGE, "unknown subcommand '%s'%s", argv[0],
                        near ? VW_HINT(",", near)
                             : ", known are list, show, check, header, diff and rules");
}

static int run(int argc, char **argv)
{
    struct options o = {0};
    const struct vw_cli_option options[] = {
        VW_CLI_SCHEMA_OPTIONS(&o.schema),
        {"lock", .flag = &o.lock},
        {"digest", .flag = &o.digest},
        {"types", .flag = &o.types},
        {"output", 'o', .text = &o.output},
        {"strict", .text = &o.strict},
        {"twins", .flag = &o.twins},
        VW_CLI_DIFF_OPTIONS(&o.diff),
        {NULL},
    };
    int rc = vw_cli_options("schema", argc, argv, options);
    return rc ? rc : dispatch(&o, argc - optind, argv + optind);
}

const struct vw_command vw_command_schema = {
    .name = "schema",
    .summary = "programs, procedures and types of the protocol; checking and comparing .x files",
    .usage = vw_usage_schema,
    .run = run,
};
