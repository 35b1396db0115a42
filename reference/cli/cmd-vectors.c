// SPDX-License-Identifier: MIT
// virwire vectors: what decoders are to be tried with, as lines of JSON or as files.
#include <fnmatch.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/schema-options.h"
#include "cli/usage.h"
#include "cli/vector-examples.h"
#include "cli/vector-files.h"
#include "cli/vector-json.h"
#include "conformance/cases/vectors.h"
#include "conformance/report/clauses.h"
#include "xdr/json.h"

#define NAME        "vectors"
#define CLASSES_MAX 32
#define BYTES_MAX   (64 << 20)
#define RANDOM_MAX  1000000

struct vectors {
    struct vw_cli_schema schema;
    struct vw_vector_options o;
    const char *classes[CLASSES_MAX];
    size_t n_classes;
    int result; /* of enum vw_vector_result; -1: all */
    bool list, examples;
    const char *output;
    bool wycheproof;
    FILE *out;                     /* of lines */
    struct vw_vector_files *files; /* NULL: lines */
    bool *met; /* of the operands those that a profile has; NULL: each must be there */
};

/* ---- options ---- */

static int take_result(const char *command, void *user, const char *text)
{
    struct vectors *v = user;
    struct vw_near n = {.word = text};
    for (int r = VW_ACCEPT; r <= VW_EITHER; r++) {
        const char *name = vw_vector_result_name((enum vw_vector_result)r);
        if (strcmp(text, name) == 0) {
            v->result = r;
            return 0;
        }
        vw_near_offer(&n, name);
    }
    return vw_cli_error(NAME, VW_EXIT_USAGE, "--result: \"%s\" is not accept, refuse or either%s",
                        text, VW_HINT(",", n.best));
}

static int take_format(const char *command, void *user, const char *text)
{
    struct vectors *v = user;
    v->wycheproof = strcmp(text, "wycheproof") == 0;
    return v->wycheproof || strcmp(text, "ndjson") == 0
               ? 0
               : vw_cli_error(NAME, VW_EXIT_USAGE, "--format: \"%s\" is not ndjson or wycheproof",
                              text);
}

static bool every_profile(const struct vectors *v)
{
    return v->schema.profile && strcmp(v->schema.profile, "all") == 0;
}

static int read_options(int argc, char **argv, struct vectors *v)
{
    const struct vw_cli_option options[] = {
        VW_CLI_SCHEMA_OPTIONS(&v->schema),
        {"class", .list = v->classes, .n = &v->n_classes, .max = CLASSES_MAX},
        {"result", .take = take_result, .user = v},
        {"max-bytes", .number = &v->o.max_bytes, .min = 0, .max = BYTES_MAX},
        {"random", .count = &v->o.random, .min = 0, .max = RANDOM_MAX},
        {"compact", .flag = &v->o.compact},
        {"format", .take = take_format, .user = v},
        {"classes", .flag = &v->list},
        {"examples", .flag = &v->examples},
        {"output", 'o', .text = &v->output},
        {NULL},
    };
    int status = vw_cli_options(NAME, argc, argv, options);
    if (status || v->list)
        return status;
    if (v->examples && (v->wycheproof || v->n_classes || v->result >= 0))
        return vw_cli_error(NAME, VW_EXIT_USAGE,
                            "--examples goes with none of --class, --result and --format");
    if (v->wycheproof && !v->output)
        return vw_cli_error(NAME, VW_EXIT_USAGE,
                            "--format wycheproof: name a folder with --output");
    if (every_profile(v) && !v->wycheproof)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--profile all is for --format wycheproof");
    return 0;
}

/* ---- vectors ---- */

static bool wanted(const struct vectors *v, const struct vw_vector *one)
{
    bool match = v->n_classes == 0;
    for (size_t i = 0; i < v->n_classes; i++)
        match |= fnmatch(v->classes[i], one->class->name, 0) == 0;
    return match && (v->result < 0 || v->result == (int)one->result);
}

static int take_one(void *user, const struct vw_vector *one, struct vw_error *err)
{
    const struct vectors *v = user;
    if (!wanted(v, one))
        return 0;
    if (v->files)
        return vw_vector_files_take(v->files, one, err);
    struct json_object *line = vw_vector_line(one, err);
    int rc = line ? vw_vector_print(line, v->out, err) : VW_ENOMEM;
    json_object_put(line);
    fputc('\n', v->out);
    return rc;
}

static void print_class(void *user, const struct vw_vector_class *c)
{
    const struct vectors *v = user;
    fprintf(v->out, "%-16s %-4s %-15s %s\n", c->name, c->clause, c->bug, c->why);
}

/* All types that PATTERN means, by their places in the schema. FOUND: there was one. */
static int make_matching(const struct vectors *v, const struct vw_schema *s, const char *pattern,
                         bool *found, struct vw_error *err)
{
    size_t n;
    const struct vw_type *const *types = vw_schema_types(s, &n);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (!vw_vectors_has(types[i]) || fnmatch(pattern, types[i]->name, 0) != 0)
            continue;
        *found = true;
        rc = vw_vectors_make(types[i], &v->o, err);
    }
    return rc;
}

static int make_all(struct vectors *v, const struct vw_schema *s, int argc, char **argv)
{
    static char all[] = "*";
    char *every[] = {all};
    struct vw_error err = VW_ERROR_INIT;
    if (argc == 0) {
        argv = every;
        argc = 1;
    }
    for (int i = 0; i < argc; i++) {
        bool found = false;
        if (make_matching(v, s, argv[i], &found, &err))
            return vw_cli_fail(NAME, NULL, &err);
        if (v->met)
            v->met[i] |= found;
        else if (!found)
            return vw_cli_schema_unknown(NAME, s, "type", argv[i]);
    }
    return VW_EXIT_OK;
}

static int unknown_clause(const char *word)
{
    struct vw_near near = {.word = word};
    for (const struct vw_clause *c = vw_clauses; c->id; c++)
        vw_near_offer(&near, c->id);
    return vw_cli_error(NAME, VW_EXIT_USAGE, "there is no clause '%s'%s", word,
                        VW_HINT(",", near.best));
}

/* Those of the clauses ARGV names, all without. */
static int print_examples(struct vectors *v, int argc, char **argv)
{
    struct vw_error err = VW_ERROR_INIT;
    for (int i = 0; i < argc || i == 0; i++) {
        const char *pattern = argc ? argv[i] : "*";
        bool found = false;
        if (vw_vector_examples(pattern, v->out, &found, &err))
            return vw_cli_fail(NAME, NULL, &err);
        if (!found)
            return unknown_clause(pattern);
    }
    return VW_EXIT_OK;
}

/* ---- the command ---- */

static int print_lines(struct vectors *v, const struct vw_schema *s, int argc, char **argv)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;
    int status = 0;
    if (vw_output_open(v->output, &out, &err))
        return vw_cli_fail(NAME, NULL, &err);
    v->out = vw_output_file(out);
    if (v->list)
        vw_vectors_each_class(print_class, v);
    else if (v->examples)
        status = print_examples(v, argc, argv);
    else
        status = make_all(v, s, argc, argv);
    if (status) {
        vw_output_abandon(out);
        return status;
    }
    return vw_output_commit(out, &err) ? vw_cli_fail(NAME, NULL, &err) : VW_EXIT_OK;
}

static int write_files(struct vectors *v, const struct vw_profile *p, const char *dir, int argc,
                       char **argv)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_vector_files_create(p->name, &v->files, &err))
        return vw_cli_fail(NAME, NULL, &err);
    int status = make_all(v, p->schema, argc, argv);
    if (status == 0 && vw_vector_files_write(v->files, dir, &err))
        status = vw_cli_fail(NAME, NULL, &err);
    vw_vector_files_destroy(v->files);
    v->files = NULL;
    return status;
}

/* Those of the one profile, below DIR. */
static int run_profile(struct vectors *v, const char *dir, int argc, char **argv)
{
    struct vw_profile *profile;
    int status = vw_cli_schema_load(NAME, &v->schema, &profile);
    if (status)
        return status;
    status = v->wycheproof ? write_files(v, profile, dir, argc, argv)
                           : print_lines(v, profile->schema, argc, argv);
    vw_profile_destroy(profile);
    return status;
}

static int each_profile(struct vectors *v, int argc, char **argv)
{
    int status = 0;
    for (const char *const *name = vw_profile_names(); *name && !status; name++) {
        char dir[PATH_MAX];
        if (snprintf(dir, sizeof(dir), "%s/%s", v->output, *name) >= (int)sizeof(dir))
            return vw_cli_error(NAME, VW_EXIT_USAGE, "--output: the path is too long");
        v->schema.profile = *name;
        status = run_profile(v, dir, argc, argv);
    }
    for (int i = 0; i < argc && !status; i++)
        if (!v->met[i])
            status = vw_cli_error(NAME, VW_EXIT_USAGE, "no profile has a type '%s'", argv[i]);
    return status;
}

static int run_profiles(struct vectors *v, int argc, char **argv)
{
    struct vw_error err = VW_ERROR_INIT;
    v->met = calloc((size_t)argc + 1, sizeof(*v->met));
    int rc = v->met ? vw_output_folder(v->output, &err) : vw_error_nomem(&err);
    int status = rc ? vw_cli_fail(NAME, NULL, &err) : each_profile(v, argc, argv);
    free(v->met);
    return status;
}

static int run(int argc, char **argv)
{
    struct vectors v = {.o = {.max_bytes = 4096, .random = 3, .take = take_one}, .result = -1};
    int status = read_options(argc, argv, &v);
    v.o.user = &v;
    if (status)
        return status;
    argc -= optind;
    argv += optind;
    return every_profile(&v) && !v.list ? run_profiles(&v, argc, argv)
                                        : run_profile(&v, v.output, argc, argv);
}

const struct vw_command vw_command_vectors = {
    .name = "vectors",
    .summary = "bytes that a decoder must take, must refuse, or may do either with",
    .usage = vw_usage_vectors,
    .run = run,
};
