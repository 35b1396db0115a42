// SPDX-License-Identifier: MIT
// Makes what is generated from the suite: `print-format schema` the JSON Schema of scenarios,
// `print-format clauses SUITE PROTOCOL.md` the page that says which cases show which clause. A case
// that cites a clause that the protocol page does not have is an error.
#include <stdio.h>
#include <string.h>

#include "conformance/cases/format-schema.h"
#include "conformance/cases/scenario.h"

#define CLAUSES_MAX 1000

struct clause {
    char id[8];
    size_t files;
};

struct page {
    struct clause list[CLAUSES_MAX];
    size_t n;
};

static struct clause *find(struct page *p, const char *id)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->list[i].id, id) == 0)
            return &p->list[i];
    return NULL;
}

/* Clauses stand as **F-1** at the start of an item or a row. */
static int read_page(struct page *p, const char *path)
{
    char line[8192];
    FILE *f = fopen(path, "re");
    if (!f) {
        fprintf(stderr, "cannot open %s\n", path);
        return 1;
    }
    while (fgets(line, sizeof(line), f)) {
        const char *s = line + strspn(line, "-| ");
        const char *end = strncmp(s, "**", 2) == 0 ? strstr(s + 2, "**") : NULL;
        char id[8];
        if (!end || end - s - 2 >= (int)sizeof(id))
            continue;
        snprintf(id, sizeof(id), "%.*s", (int)(end - s - 2), s + 2);
        if (vw_clause_valid(id) && !find(p, id) && p->n < CLAUSES_MAX)
            memcpy(p->list[p->n++].id, id, sizeof(id));
    }
    fclose(f);
    return 0;
}

static int check_known(struct page *p, const struct vw_suite *suite)
{
    int bad = 0;
    for (size_t i = 0; i < suite->count; i++) {
        const struct vw_case *c = &suite->cases[i];
        for (const char *s = c->clauses; *s; s += strspn(s, " ")) {
            char id[8];
            size_t n = strcspn(s, " ");
            snprintf(id, sizeof(id), "%.*s", (int)n, s);
            s += n;
            if (find(p, id))
                continue;
            fprintf(stderr, "%s cites %s, which the protocol page does not have\n", c->path, id);
            bad = 1;
        }
    }
    return bad;
}

static void print_row(const struct vw_suite *suite, struct clause *clause)
{
    const char *last = "";
    for (size_t i = 0; i < suite->count; i++) {
        const struct vw_case *c = &suite->cases[i];
        if (!vw_clause_is_among(c->clauses, clause->id) || c->file_id == last)
            continue;
        printf("%s%s", clause->files++ ? ", " : "", c->file_id);
        last = c->file_id;
    }
}

static int print_clauses(const char *dir, const char *path)
{
    static struct page page;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_profile *profile = NULL;
    struct vw_suite suite = {0};
    char text[600];
    size_t shown = 0;
    int rc = read_page(&page, path);
    if (rc == 0 && vw_profile_load(NULL, NULL, &profile, &err) == 0) {
        const struct vw_suite_options options = {.profile = profile, .newest = true};
        vw_suite_load(&suite, dir, &options, &err);
    }
    if (err.code) {
        fprintf(stderr, "%s\n", vw_error_format(&err, suite.error_file, text, sizeof(text)));
        rc = 1;
    }
    if (rc == 0)
        rc = check_known(&page, &suite);
    if (rc == 0) {
        puts("# Clauses and the cases that show them\n\n"
             "Made by `build/conformance/print-format clauses conformance/server "
             "docs/protocol/PROTOCOL.md`;\n"
             "a test fails when this page is not what it prints. What a clause says stands in "
             "[PROTOCOL.md](protocol/PROTOCOL.md).\n\n"
             "| clause | cases |\n| --- | --- |");
        for (size_t i = 0; i < page.n; i++) {
            printf("| %s | ", page.list[i].id);
            print_row(&suite, &page.list[i]);
            puts(" |");
            shown += page.list[i].files > 0;
        }
        printf("\n%zu of %zu clauses are shown by %zu files.\n", shown, page.n, suite.files);
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
    if (argc == 4 && strcmp(argv[1], "clauses") == 0)
        return print_clauses(argv[2], argv[3]);
    fputs("Usage: print-format schema\n       print-format clauses SUITE PROTOCOL.md\n", stderr);
    return 2;
}
