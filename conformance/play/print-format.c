// SPDX-License-Identifier: MIT
// Makes what is generated from the suite: `print-format schema` the JSON Schema of scenarios,
// `print-format clauses SUITE` the page that says which cases show which clause. A case that cites
// a clause that the protocol page does not have is an error, as is a clause without a case of which
// unshown.tsv does not say who can break it.
#include <stdio.h>
#include <string.h>

#include "conformance/cases/format-schema.h"
#include "conformance/cases/scenario.h"
#include "conformance/report/clauses.h"

static int check_known(const struct vw_suite *suite)
{
    int bad = 0;
    for (size_t i = 0; i < suite->count; i++) {
        const struct vw_case *c = &suite->cases[i];
        for (const char *s = c->clauses; *s; s += strspn(s, " ")) {
            char id[8];
            size_t n = strcspn(s, " ");
            snprintf(id, sizeof(id), "%.*s", (int)n, s);
            s += n;
            if (vw_clause_find(id))
                continue;
            fprintf(stderr, "%s cites %s, which the protocol page does not have\n", c->path, id);
            bad = 1;
        }
    }
    return bad;
}

/* What no case shows must stand in unshown.tsv, and nothing else. 1: it is not so. */
static int check_shown(const struct vw_clause *clause, size_t files)
{
    if ((files == 0) == (clause->who != NULL))
        return 0;
    fprintf(stderr,
            files ? "%s is shown by a case, and stands in conformance/unshown.tsv\n"
                  : "no case shows %s, and conformance/unshown.tsv does not say who can break it\n",
            clause->id);
    return 1;
}

/* How many files show CLAUSE. */
static size_t print_row(const struct vw_suite *suite, const struct vw_clause *clause)
{
    const char *last = "";
    size_t files = 0;
    for (size_t i = 0; i < suite->count; i++) {
        const struct vw_case *c = &suite->cases[i];
        if (!vw_clause_is_among(c->clauses, clause->id) || c->file_id == last)
            continue;
        printf("%s%s", files++ ? ", " : "", c->file_id);
        last = c->file_id;
    }
    return files;
}

static int print_clauses(const char *dir)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_profile *profile = NULL;
    struct vw_suite suite = {0};
    char text[600];
    size_t shown = 0, n = 0;
    int rc = 0;
    if (vw_profile_load(NULL, NULL, &profile, &err) == 0) {
        const struct vw_suite_options options = {.profile = profile, .newest = true};
        vw_suite_load(&suite, dir, &options, &err);
    }
    if (err.code) {
        fprintf(stderr, "%s\n", vw_error_format(&err, suite.error_file, text, sizeof(text)));
        rc = 1;
    }
    if (rc == 0)
        rc = check_known(&suite);
    if (rc == 0) {
        puts("# Clauses and the cases that show them\n\n"
             "Made by `build/conformance/print-format clauses conformance/server`;\n"
             "a test fails when this page is not what it prints. What a clause says stands in "
             "[PROTOCOL.md](protocol/PROTOCOL.md).\nWhere no case shows one, "
             "`conformance/unshown.tsv` says who can break it, and why none does: a client\n"
             "(`conformance/client` has cases for that), a server too, or nobody.\n\n"
             "| clause | cases |\n| --- | --- |");
        for (const struct vw_clause *c = vw_clauses; c->id; c++, n++) {
            printf("| %s | ", c->id);
            size_t files = print_row(&suite, c);
            shown += files > 0;
            rc |= check_shown(c, files);
            if (c->who)
                printf("none; %s: %s", c->who, c->why);
            puts(" |");
        }
        printf("\n%zu of %zu clauses are shown by %zu files.\n", shown, n, suite.files);
    }
    vw_suite_finish(&suite);
    vw_profile_destroy(profile);
    return rc;
}

static int print_schema(void)
{
    struct json_object *schema = vw_format_schema();
    const char *text = json_object_to_json_string_ext(
        schema, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
    puts(text);
    json_object_put(schema);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "schema") == 0)
        return print_schema();
    if (argc == 3 && strcmp(argv[1], "clauses") == 0)
        return print_clauses(argv[2]);
    fputs("Usage: print-format schema\n       print-format clauses SUITE\n", stderr);
    return 2;
}
