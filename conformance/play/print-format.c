// SPDX-License-Identifier: MIT
// Makes what is generated from the suite: `print-format schema` the JSON Schema of scenarios,
// `print-format clauses DIR` the page that says what of the folder of the suites shows which
// clause. A case that cites a clause that the protocol page does not have is an error, as is a
// clause that nothing shows and of which unshown.tsv does not say who can break it.
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

/* What shows clauses: cases for servers and for clients, and URIs with what they mean. */
struct shown {
    struct vw_suite server, client;
    struct json_object *uris;
};

/* How many files of SUITE show CLAUSE; they are printed. */
static size_t print_cases(const struct vw_suite *suite, const struct vw_clause *clause)
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

static size_t count_uris(struct json_object *uris, const char *clause)
{
    size_t found = 0;
    for (size_t i = 0; i < json_object_array_length(uris); i++) {
        struct json_object *of = NULL;
        json_object_object_get_ex(json_object_array_get_idx(uris, i), "clause", &of);
        found += of && strcmp(json_object_get_string(of), clause) == 0;
    }
    return found;
}

/* What no case for servers shows and is not shown to be the client's must stand in unshown.tsv, and
 * nothing else. 1: it is not so. */
static int check_shown(const struct vw_clause *clause, size_t by_server, size_t by_client)
{
    bool idle = by_server || (by_client && clause->who && strcmp(clause->who, "client") == 0);
    if (clause->who ? !idle : by_server || by_client)
        return 0;
    fprintf(stderr,
            clause->who
                ? "%s is shown, and stands in conformance/unshown.tsv\n"
                : "nothing shows %s, and conformance/unshown.tsv does not say who can break it\n",
            clause->id);
    return 1;
}

/* Whether the suite for servers shows it goes to *BY_SERVER. */
static int print_row(const struct shown *shown, const struct vw_clause *c, bool *by_server)
{
    printf("| %s | ", c->id);
    size_t server = print_cases(&shown->server, c);
    if (c->who)
        printf("none; %s: %s", c->who, c->why);
    printf(" | ");
    size_t client = print_cases(&shown->client, c), uris = count_uris(shown->uris, c->id);
    if (uris)
        printf("%s%zu URIs", client ? ", " : "", uris);
    puts(" |");
    *by_server = server > 0;
    return check_shown(c, server, client + uris);
}

static int print_page(const struct shown *shown)
{
    size_t n = 0, by_server = 0;
    int bad = 0;
    puts("# Clauses and the cases that show them\n\n"
         "Made by `build/conformance/print-format clauses conformance`;\n"
         "a test fails when this page is not what it prints. What a clause says stands in "
         "[PROTOCOL.md](protocol/PROTOCOL.md).\nCases for servers are those of "
         "`conformance/server`, cases for clients those of `conformance/client`; URIs stand in\n"
         "`conformance/vectors/uri.json`, with what they mean ([uri.md](uri.md)). "
         "`conformance/unshown.tsv` says who can break what\nno case for servers shows, and why "
         "none does: a client, a server too, or nobody; what only cases for clients\nand URIs show "
         "is a client's to break.\n\n"
         "| clause | cases for servers | cases for clients, URIs |\n| --- | --- | --- |");
    for (const struct vw_clause *c = vw_clauses; c->id; c++, n++) {
        bool server;
        bad |= print_row(shown, c, &server);
        by_server += server;
    }
    printf("\n%zu of %zu clauses are shown by %zu files of cases for servers; there are %zu for "
           "clients.\n",
           by_server, n, shown->server.files, shown->client.files);
    return bad;
}

static int load(struct vw_suite *suite, const char *dir, const char *name,
                const struct vw_suite_options *options)
{
    struct vw_error err = VW_ERROR_INIT;
    char path[1024], text[600];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (vw_suite_load(suite, path, options, &err) == 0)
        return check_known(suite);
    fprintf(stderr, "%s\n", vw_error_format(&err, suite->error_file, text, sizeof(text)));
    return 1;
}

static struct json_object *load_uris(const char *dir, struct json_object **file)
{
    struct json_object *uris = NULL;
    char path[1024];
    snprintf(path, sizeof(path), "%s/vectors/uri.json", dir);
    *file = json_object_from_file(path);
    json_object_object_get_ex(*file, "vectors", &uris);
    if (!json_object_is_type(uris, json_type_array))
        fprintf(stderr, "%s: there are no vectors\n", path);
    return json_object_is_type(uris, json_type_array) ? uris : NULL;
}

static int print_clauses(const char *dir)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_profile *profile = NULL;
    struct shown shown = {.uris = NULL};
    struct json_object *file = NULL;
    char text[600];
    int rc = vw_profile_load(NULL, NULL, &profile, &err);
    if (rc)
        fprintf(stderr, "%s\n", vw_error_format(&err, NULL, text, sizeof(text)));
    const struct vw_suite_options options = {.profile = profile, .newest = true};
    if (rc == 0)
        rc = load(&shown.server, dir, "server", &options);
    if (rc == 0)
        rc = load(&shown.client, dir, "client", &options);
    if (rc == 0)
        rc = (shown.uris = load_uris(dir, &file)) ? print_page(&shown) : 1;
    json_object_put(file);
    vw_suite_finish(&shown.server);
    vw_suite_finish(&shown.client);
    vw_profile_destroy(profile);
    return rc ? 1 : 0;
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
    fputs("Usage: print-format schema\n       print-format clauses DIR\n", stderr);
    return 2;
}
