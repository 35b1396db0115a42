// SPDX-License-Identifier: MIT
// Clauses of the protocol page, the cases that show them and the faults that break them: each names
// the others. What the page says is built in; cases and deviations are read from the suite.
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/exit.h"
#include "cli/explain.h"
#include "cli/message.h"
#include "conformance/play/check.h"
#include "conformance/report/clauses.h"

#define NAME "explain"

/* The suite of servers and every expectation file beside it. */
struct shelf {
    struct vw_check_options options;
    struct vw_check check;
    struct vw_expectations deviations;
};

static int read_deviations(struct shelf *s, struct vw_error *err)
{
    char pattern[1100];
    glob_t found = {0};
    int rc = 0;
    vw_check_own_suite("expect", pattern, sizeof(pattern) - 8);
    strcat(pattern, "/*.yaml");
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && rc == 0; i++)
            rc = vw_expectations_load(&s->deviations, found.gl_pathv[i], err);
    globfree(&found);
    return rc;
}

static const struct shelf *shelf(void)
{
    static struct shelf s;
    static bool tried;
    struct vw_error err = VW_ERROR_INIT;
    char text[600];
    if (tried)
        return &s;
    tried = true;
    s.options.kind = vw_check_kind_find("server", &err);
    s.options.selection.n_shards = 1;
    s.options.selection.shard = 1;
    if (vw_check_load(&s.check, &s.options, &err) < 0 || read_deviations(&s, &err) < 0)
        vw_cli_warn(NAME, "cases are not shown: %s",
                    vw_error_format(&err, s.check.error_file, text, sizeof(text)));
    return &s;
}

/* ---- parts ---- */

/* The first of FILES of cases with this id, or the case with it. */
static const struct vw_case *find_case(const char *id)
{
    const struct vw_suite *suite = &shelf()->check.suite;
    for (size_t i = 0; i < suite->count; i++)
        if (strcmp(suite->cases[i].file_id, id) == 0 || strcmp(suite->cases[i].id, id) == 0)
            return &suite->cases[i];
    return NULL;
}

/* Of the file: without the key of the expansion. */
static int title_length(const struct vw_case *c)
{
    size_t n = strlen(c->title), key = strlen(c->id) - strlen(c->file_id);
    return (int)(key ? n - key - strlen(" []") + strlen("/") : n);
}

/* The next case of another file than C (NULL: the first), or NULL. */
static const struct vw_case *next_file(const struct vw_case *c)
{
    const struct vw_suite *suite = &shelf()->check.suite;
    size_t i = c ? (size_t)(c - suite->cases) : 0;
    while (c && i < suite->count && suite->cases[i].file_id == c->file_id)
        i++;
    return i < suite->count ? &suite->cases[i] : NULL;
}

/* "framing/a/1" or "framing/a/[star]" is about the file "framing/a". */
static bool is_about(const struct vw_expectation *e, const struct vw_case *c)
{
    size_t n = strlen(c->file_id);
    return vw_select_match(e->id, c->file_id) ||
           (strncmp(e->id, c->file_id, n) == 0 && e->id[n] == '/');
}

#define COLUMNS 80

/* TEXT in lines of at most COLUMNS, each behind two blanks. */
static void print_folded(const char *text)
{
    for (size_t column = 0; *text; text += strspn(text, " ")) {
        size_t n = strcspn(text, " ");
        bool fits = column && column + 1 + n <= COLUMNS;
        printf("%s%.*s", fits ? " " : column ? "\n  " : "  ", (int)n, text);
        column = fits ? column + 1 + n : 2 + n;
        text += n;
    }
    putchar('\n');
}

static void print_deviations_of(const struct vw_case *c)
{
    const struct vw_expectations *d = &shelf()->deviations;
    for (size_t i = 0; i < d->count; i++)
        if (is_about(&d->list[i], c)) {
            printf("deviates (%s to %s), %s:\n", d->list[i].from ? d->list[i].from : "any",
                   d->list[i].to ? d->list[i].to : "any", d->list[i].id);
            print_folded(d->list[i].reason);
        }
}

/* What each side says on a line of its own. */
static void print_bytes(const struct vw_clause_example *e)
{
    for (const char *s = e->bytes; *s;) {
        size_t n = strcspn(s + 1, "<>") + 1;
        printf("    %.*s%s\n", (int)(s[n] ? n - 1 : n), s, !s[n] && e->more ? " ..." : "");
        s += n;
    }
}

static void print_examples(const struct vw_clause *clause, bool accepted, const char *head)
{
    const struct vw_clause_example *e = clause->examples;
    for (; e && e->line; e++) {
        if (e->accepted != accepted)
            continue;
        if (head)
            printf("\n%s\n", head);
        head = NULL;
        printf("  %s: %s%s%s\n", e->name, e->what, e->release ? " of " : "",
               e->release ? e->release : "");
        print_bytes(e);
    }
}

static void print_cases(const struct vw_clause *clause)
{
    size_t n = 0;
    puts("\ncases:");
    for (const struct vw_case *c = next_file(NULL); c; c = next_file(c)) {
        if (!vw_clause_is_among(c->clauses, clause->id))
            continue;
        printf("  %s: %.*s\n", c->file_id, title_length(c), c->title);
        n++;
    }
    if (n == 0 && clause->who)
        printf("  none; who can break it: %s (%s)\n", clause->who, clause->why);
    else if (n == 0)
        puts("  none");
}

static void print_faults(const struct vw_clause *clause)
{
    const char *head = "\nfaults of virwired:\n";
    for (const struct vw_known_fault *f = vw_known_faults; f->name; f++) {
        if (strcmp(f->clause, clause->id) != 0)
            continue;
        printf("%s  %s: %s%s\n", head, f->name, f->meaning, *f->caught_by ? "" : " (legal)");
        head = "";
    }
}

/* ---- clauses ---- */

static bool explain_clause(const char *word)
{
    const struct vw_clause *clause = vw_clause_find(word);
    if (!clause)
        return false;
    printf("%s, %s\n%s\n", clause->id, clause->section, clause->text);
    print_examples(clause, true, "a receiver accepts:");
    print_examples(clause, false, "a receiver refuses:");
    vw_explain_uris(clause->id);
    print_cases(clause);
    print_faults(clause);
    for (const struct vw_case *c = next_file(NULL); c; c = next_file(c))
        if (vw_clause_is_among(c->clauses, clause->id))
            print_deviations_of(c);
    return true;
}

static void offer_clauses(struct vw_near *near)
{
    for (const struct vw_clause *c = vw_clauses; c->id; c++)
        vw_near_offer(near, c->id);
}

static void list_clauses(void)
{
    for (const struct vw_clause *c = vw_clauses; c->id; c++)
        printf("%s\t%s\n", c->id, c->brief);
}

const struct vw_explained vw_explained_clauses = {"clauses", explain_clause, offer_clauses,
                                                  list_clauses};

/* ---- cases ---- */

static void print_cited(const char *clauses)
{
    for (const char *s = clauses; *s; s += strspn(s, " ")) {
        char id[16];
        size_t n = strcspn(s, " ");
        snprintf(id, sizeof(id), "%.*s", (int)n, s);
        const struct vw_clause *clause = vw_clause_find(id);
        printf("  %s: %s\n", id, clause ? clause->brief : "");
        s += n;
    }
}

static bool names_word(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *s = list; (s = strstr(s, word)); s += n)
        if ((s == list || s[-1] == ' ') && strchr(", ", s[n]))
            return true;
    return false;
}

static bool explain_case(const char *word)
{
    const struct vw_case *c = find_case(word);
    if (!c)
        return false;
    size_t n = 0;
    const struct vw_suite *suite = &shelf()->check.suite;
    for (size_t i = 0; i < suite->count; i++)
        n += suite->cases[i].file_id == c->file_id;
    bool all = strcmp(word, c->file_id) == 0;
    printf("%s, ", word);
    if (all && n > 1)
        printf("%zu cases of a file", n);
    else
        printf("a case");
    printf("\n  %.*s\n  level %s, effect %s, server/%s.yaml\n\nclauses:\n",
           all ? title_length(c) : (int)strlen(c->title), c->title, vw_level_name(c->level),
           vw_effect_name(c->effect), c->file_id);
    print_cited(c->clauses);
    const char *head = "\nfaults of virwired that it catches, among others:\n";
    for (const struct vw_known_fault *f = vw_known_faults; f->name; f++)
        if (names_word(f->caught_by, c->file_id)) {
            printf("%s  %s: %s\n", head, f->name, f->meaning);
            head = "";
        }
    print_deviations_of(c);
    printf("\nto play it: virwire check server --run '%s' URI\n", word);
    return true;
}

static void offer_cases(struct vw_near *near)
{
    for (const struct vw_case *c = next_file(NULL); c; c = next_file(c))
        vw_near_offer(near, c->file_id);
}

static void list_cases(void)
{
    for (const struct vw_case *c = next_file(NULL); c; c = next_file(c))
        printf("%s\t%.*s\n", c->file_id, title_length(c), c->title);
}

const struct vw_explained vw_explained_cases = {"cases", explain_case, offer_cases, list_cases};

/* ---- faults ---- */

static bool explain_fault(const char *word)
{
    const struct vw_known_fault *f = vw_known_faults;
    while (f->name && strcasecmp(f->name, word) != 0)
        f++;
    if (!f->name)
        return false;
    bool legal = !*f->caught_by;
    printf("%s, a %s of virwired\n  %s\n\n%s:\n", f->name, legal ? "legal oddity" : "fault",
           f->meaning, legal ? "by" : "breaks");
    print_cited(f->clause);
    if (!legal)
        printf("\ncaught by: %s\n", f->caught_by);
    printf("\nto see it: virwired --fault %s\n", f->name);
    return true;
}

static void offer_faults(struct vw_near *near)
{
    for (const struct vw_known_fault *f = vw_known_faults; f->name; f++)
        vw_near_offer(near, f->name);
}

static void list_faults(void)
{
    for (const struct vw_known_fault *f = vw_known_faults; f->name; f++)
        printf("%s\t%s\n", f->name, f->meaning);
}

const struct vw_explained vw_explained_faults = {"faults", explain_fault, offer_faults,
                                                 list_faults};
