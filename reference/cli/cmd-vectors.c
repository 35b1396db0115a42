// SPDX-License-Identifier: MIT
// virwire vectors: what decoders are to be tried with, as lines of JSON.
#include <fnmatch.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/schema-options.h"
#include "cli/usage.h"
#include "conformance/cases/vectors.h"
#include "xdr/json.h"
#include "xdr/xdr.h"

#define NAME        "vectors"
#define CLASSES_MAX 32
#define BYTES_MAX   (64 << 20)
#define RANDOM_MAX  1000000

typedef struct json_object json;

struct vectors {
    struct vw_cli_schema schema;
    struct vw_vector_options o;
    const char *classes[CLASSES_MAX];
    size_t n_classes;
    int result; /* of enum vw_vector_result; -1: all */
    bool list;
    const char *output;
    FILE *out;
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

static int read_options(int argc, char **argv, struct vectors *v)
{
    const struct vw_cli_option options[] = {
        VW_CLI_SCHEMA_OPTIONS(&v->schema),
        {"class", .list = v->classes, .n = &v->n_classes, .max = CLASSES_MAX},
        {"result", .take = take_result, .user = v},
        {"max-bytes", .number = &v->o.max_bytes, .min = 0, .max = BYTES_MAX},
        {"random", .count = &v->o.random, .min = 0, .max = RANDOM_MAX},
        {"classes", .flag = &v->list},
        {"output", 'o', .text = &v->output},
        {NULL},
    };
    return vw_cli_options(NAME, argc, argv, options);
}

/* ---- vectors ---- */

static bool wanted(const struct vectors *v, const struct vw_vector *one)
{
    bool match = v->n_classes == 0;
    for (size_t i = 0; i < v->n_classes; i++)
        match |= fnmatch(v->classes[i], one->class, 0) == 0;
    return match && (v->result < 0 || v->result == (int)one->result);
}

/* TO gets VALUE, which is put, as NAME; what fails clears OK. */
static void add(json *to, const char *name, json *value, bool *ok)
{
    if (*ok && value && json_object_object_add(to, name, value) == 0)
        return;
    json_object_put(value);
    *ok = false;
}

static json *breaks_of(unsigned flags, bool *ok)
{
    json *list = json_object_new_array();
    for (unsigned flag = 1; list && *ok && flag & VW_STRICT_ALL; flag <<= 1) {
        json *name = flags & flag ? json_object_new_string(vw_strict_name(flag)) : NULL;
        if (flags & flag && (!name || json_object_array_add(list, name))) {
            json_object_put(name);
            *ok = false;
        }
    }
    return list;
}

static json *hex_of(const struct vw_vector *one)
{
    char *text = malloc(one->len * 2 + 1);
    if (!text)
        return NULL;
    vw_hex_encode(one->bytes, one->len, text);
    json *hex = json_object_new_string_len(text, (int)(one->len * 2));
    free(text);
    return hex;
}

/* A line of JSON, or NULL. */
static json *line_of(const struct vw_vector *one, struct vw_error *err)
{
    json *line = json_object_new_object();
    bool ok = line != NULL;
    add(line, "id", json_object_new_string(one->id), &ok);
    add(line, "type", json_object_new_string(one->type->name), &ok);
    add(line, "class", json_object_new_string(one->class), &ok);
    if (*one->path)
        add(line, "field", json_object_new_string(one->path), &ok);
    add(line, "bytes", hex_of(one), &ok);
    add(line, "result", json_object_new_string(vw_vector_result_name(one->result)), &ok);
    if (one->breaks)
        add(line, "breaks", breaks_of(one->breaks, &ok), &ok);
    if (*one->clause)
        add(line, "clause", json_object_new_string(one->clause), &ok);
    add(line, "why", json_object_new_string(one->why), &ok);
    if (ok && one->result != VW_REFUSE) {
        json *value = vw_json_from_value(one->type, one->value, err); /* NULL may be null */
        ok = !(err && err->code) && json_object_object_add(line, "value", value) == 0;
    }
    if (ok)
        return line;
    json_object_put(line);
    vw_error_nomem(err);
    return NULL;
}

static int print_one(void *user, const struct vw_vector *one, struct vw_error *err)
{
    const struct vectors *v = user;
    if (!wanted(v, one))
        return 0;
    json *line = line_of(one, err);
    const char *text = line ? json_object_to_json_string_ext(
                                  line, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
                            : NULL;
    if (text)
        fprintf(v->out, "%s\n", text);
    json_object_put(line);
    return text ? 0 : vw_error_nomem(err);
}

static void print_class(void *user, const char *name, const char *clause, const char *why)
{
    const struct vectors *v = user;
    fprintf(v->out, "%-17s %-5s %s\n", name, clause, why);
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

static int make_all(const struct vectors *v, const struct vw_schema *s, int argc, char **argv)
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
        if (!found)
            return vw_cli_schema_unknown(NAME, s, "type", argv[i]);
    }
    return VW_EXIT_OK;
}

/* ---- the command ---- */

static int run_all(struct vectors *v, int argc, char **argv)
{
    struct vw_profile *profile;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;
    int status = vw_cli_schema_load(NAME, &v->schema, &profile);
    if (status)
        return status;
    if (vw_output_open(v->output, &out, &err)) {
        vw_profile_destroy(profile);
        return vw_cli_fail(NAME, NULL, &err);
    }
    v->out = vw_output_file(out);
    if (v->list)
        vw_vectors_each_class(print_class, v);
    else
        status = make_all(v, profile->schema, argc, argv);
    vw_profile_destroy(profile);
    if (status) {
        vw_output_abandon(out);
        return status;
    }
    return vw_output_commit(out, &err) ? vw_cli_fail(NAME, NULL, &err) : VW_EXIT_OK;
}

static int run(int argc, char **argv)
{
    struct vectors v = {.o = {.max_bytes = 4096, .random = 3, .take = print_one}, .result = -1};
    int status = read_options(argc, argv, &v);
    v.o.user = &v;
    return status ? status : run_all(&v, argc - optind, argv + optind);
}

const struct vw_command vw_command_vectors = {
    .name = "vectors",
    .summary = "bytes that a decoder must take, must refuse, or may do either with",
    .usage = vw_usage_vectors,
    .run = run,
};
