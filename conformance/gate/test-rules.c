// SPDX-License-Identifier: MIT
// Each rule of the table has a pair in rules/CODE.txt that triggers it and one that nearly does:
// the findings are the rule and those that `also` names, no more and no fewer; and of the near pair
// those that `near-also` names. All that is said of every pair stands in said.txt, which
// `test-gate-rules FILE` writes again.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/testing/test.h"
#include "conformance/gate/gate.h"

#define TEXT_MAX  20000
#define SAID_MAX  1000000
#define BYTES_MAX 48 /* of a witness are shown */

struct rule_file {
    char *text;
    const char *code;
};

static char *section_end(char *text)
{
    char *end = strstr(text, "\n==== ");
    return end ? end + 1 : text + strlen(text);
}

/* Adds the texts of the sections NAME of the file to SIDE; LOWER: with an empty line in front of
 * each .x file, so that a place in one side is not taken for that in the other. */
static int add_sections(const struct rule_file *f, struct vw_gate_side *side, const char *name,
                        bool lower, struct vw_error *err)
{
    int rc = 0, n = 0;
    size_t len = strlen(name);
    assert_int_equal(vw_gate_side_start(side, name), 0);
    for (char *at = strstr(f->text, "\n==== "); at && !rc; at = strstr(at + 1, "\n==== ")) {
        char *word = at + 6, *line = strchr(word, '\n');
        assert_non_null(line);
        if (strncmp(word, name, len) != 0 || (word[len] != '\n' && word[len] != ' '))
            continue;
        char file[64] = "toy.x";
        if (word[len] == ' ')
            snprintf(file, sizeof(file), "%.*s", (int)(line - word - (int)len - 1), word + len + 1);
        const char *start = line + !(lower && strstr(file, ".x"));
        rc = vw_gate_side_add(side, file, start, (size_t)(section_end(line) - start), err);
        n++;
    }
    if (!n)
        fail_msg("%s has no section '%s'", f->code, name);
    return rc ? rc : vw_gate_side_make(side, NULL, err);
}

/* The rest of the line "==== NAME ...", or the section of that name; NULL: there is none. */
static char *words(const struct rule_file *f, const char *name, bool section)
{
    char head[40];
    snprintf(head, sizeof(head), "\n==== %s%s", name, section ? "\n" : " ");
    char *at = strstr(f->text, head);
    if (!at)
        return NULL;
    at += strlen(head);
    return strndup(at, section ? (size_t)(section_end(at) - at) : strcspn(at, "\n"));
}

static bool has_section(const struct rule_file *f, const char *name)
{
    char head[40];
    snprintf(head, sizeof(head), "\n==== %s", name);
    char *at = strstr(f->text, head);
    return at && strchr(" \n", at[strlen(head)]);
}

static void settings_of(const char *yaml, struct vw_gate_settings *out)
{
    struct vw_error err = VW_ERROR_INIT;
    char path[] = "gate-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, yaml, strlen(yaml)), (ssize_t)strlen(yaml));
    close(fd);
    int rc = vw_gate_settings_load(out, path, &err);
    unlink(path);
    if (rc)
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    out->file = "waivers";
}

static size_t witnessed, confirmed;

/* Names what no bytes were found for. */
static void count_witnesses(const char *code, const struct vw_gate *g)
{
    for (size_t i = 0; i < g->count; i++) {
        const struct vw_witness *w = g->list[i]->change->witness;
        witnessed += w != NULL;
        confirmed += w && !w->missing;
        if (w && w->missing)
            print_message("# %s: %s is unconfirmed: %s\n", code, g->list[i]->rule, w->missing);
    }
}

static void say_place(FILE *out, const char *name, const struct vw_location *at)
{
    if (at->file)
        fprintf(out, " %s %s:%u:%u", name, at->file, at->line, at->column);
}

static void say_witness(FILE *out, const struct vw_witness *w)
{
    char hex[2 * BYTES_MAX + 1];
    vw_hex_encode(w->bytes, w->len < BYTES_MAX ? w->len : BYTES_MAX, hex);
    fprintf(out, "  %s: %s, %s: %s of %s, %s: %zu bytes %s%s\n", w->what, w->writer, w->reader,
            w->how, w->types[0] ? w->types[0] : "-", w->types[1] ? w->types[1] : "-", w->len, hex,
            w->len > BYTES_MAX ? "..." : "");
    fprintf(out, "    written %s\n    read %s\n", w->written, w->read);
}

static void say_finding(FILE *out, const struct vw_finding *f)
{
    const struct vw_change *c = f->change;
    fprintf(out, "%s %s: %s\n ", vw_verdict_name(f->verdict), f->rule, f->found);
    say_place(out, "at", &f->place);
    if (c)
        say_place(out, "was at", &c->before);
    fprintf(out, " cause %s\n", f->cause ? f->cause : "-");
    if (!c)
        return;
    fprintf(out, "  %s%s, %s; hurts %s; %s\n ", c->class, c->companion ? ", beside another" : "",
            c->fingerprint, c->hurts ? c->hurts : "nobody", c->waived ? c->waived : "not waived");
    for (size_t i = 0; i < c->n_touches; i++)
        fprintf(out, " %s", c->touches[i]);
    fputs(c->n_touches ? "\n" : " touches nothing\n", out);
    if (c->witness)
        say_witness(out, c->witness);
}

/* What is doubtful in one side by itself. */
static void say_lint(FILE *out, const char *name, const struct vw_gate_side *side)
{
    struct vw_gate g;
    vw_gate_init(&g);
    assert_int_equal(vw_gate_lint(&g, side->schema, true, NULL), 0);
    for (size_t i = 0; i < g.count; i++) {
        fprintf(out, "%s by itself: ", name);
        say_finding(out, g.list[i]);
    }
    vw_gate_finish(&g);
}

static void say_error(FILE *out, const char *rule, const struct vw_error *err,
                      const struct vw_gate_side *side)
{
    fprintf(out, "refused %s: %s:%u:%u: %s\n", rule, side->error_file ? side->error_file : "-",
            err->line, err->column, err->text);
}

/* The codes that the pair gives, each once, a space behind each; SAID gets all of it. */
static void codes_of(const struct rule_file *f, const char *old, const char *new,
                     const char *waivers, char *out, FILE *said)
{
    struct vw_gate_side before, after = {.name = NULL};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_gate g;
    struct vw_gate_settings settings = {.file = NULL};
    struct vw_gate_terms terms = {VW_GATE_LIMIT, waivers ? &settings : NULL, "2026-11-30"};
    vw_gate_init(&g);
    *out = '\0';
    fprintf(said, "==== %s %s, %s\n", f->code, old, new);
    if (add_sections(f, &before, old, true, &err))
        sprintf(out, "%s ", vw_gate_error_rule(&err, true));
    else if (add_sections(f, &after, new, false, &err))
        sprintf(out, "%s ", vw_gate_error_rule(&err, false));
    if (waivers)
        settings_of(waivers, &settings);
    if (*out) {
        say_error(said, out, &err, after.name ? &after : &before);
    } else {
        assert_int_equal(vw_gate_diff(&g, &before, &after, &err), 0);
        assert_int_equal(vw_gate_witness(&g, &before, &after, &err), 0);
        count_witnesses(f->code, &g);
        assert_int_equal(vw_gate_judge(&g, &terms, &err), 0);
        say_lint(said, new, &after);
    }
    for (size_t i = 0; i < g.count; i++) {
        say_finding(said, g.list[i]);
        if (g.list[i]->change && !strstr(out, g.list[i]->rule))
            sprintf(out + strlen(out), "%s ", g.list[i]->rule);
    }
    vw_gate_settings_finish(&settings);
    vw_gate_finish(&g);
    vw_gate_side_finish(&before);
    if (after.name)
        vw_gate_side_finish(&after);
}

/* Each word of A is in B. */
static bool all_in(const char *a, const char *b)
{
    for (a += strspn(a, " "); *a; a += strspn(a, " ")) {
        char code[16];
        size_t n = strcspn(a, " ");
        snprintf(code, sizeof(code), "%.*s", (int)n, a);
        if (!strstr(b, code))
            return false;
        a += n;
    }
    return true;
}

static void load_rule(const char *code, struct rule_file *f)
{
    char path[4096];
    size_t len;
    snprintf(path, sizeof(path), "%s/conformance/gate/rules/%s.txt", getenv("VW_SOURCE_ROOT"),
             code);
    f->code = code;
    if (vw_file_read(path, true, TEXT_MAX, &f->text, &len))
        fail_msg("%s: there is no pair for this rule", path);
}

static void judge(const struct rule_file *f, const char *got, const char *wanted)
{
    if (!all_in(got, wanted) || !all_in(wanted, got))
        print_message("# %s: wanted %s, got %s\n", f->code, wanted, got);
}

static int failures;

/* Holds both pairs of the rule CODE against its file. */
static void play_rule(const char *code, FILE *said)
{
    struct rule_file f;
    char got[600], wanted[300];
    load_rule(code, &f);
    char *also = words(&f, "also", false), *waivers = words(&f, "waivers", true);
    char *near_also = words(&f, "near-also", false), *near = words(&f, "near-waivers", true);
    codes_of(&f, "old", "new", waivers, got, said);
    snprintf(wanted, sizeof(wanted), "%s %s", f.code, also ? also : "");
    judge(&f, got, wanted);
    failures += !all_in(got, wanted) || !all_in(wanted, got);
    const char *near_old = has_section(&f, "near-old") ? "near-old" : "old";
    codes_of(&f, near_old, "near", near, got, said);
    snprintf(wanted, sizeof(wanted), "%s", near_also ? near_also : "");
    judge(&f, got, wanted);
    failures += !all_in(got, wanted) || !all_in(wanted, got);
    free(also);
    free(waivers);
    free(near_also);
    free(near);
    free(f.text);
}

static char *said; /* of all pairs */

static void play_all(void)
{
    size_t len;
    FILE *out = open_memstream(&said, &len);
    assert_non_null(out);
    for (size_t i = 0; i < vw_gate_rule_count; i++)
        play_rule(vw_gate_rules[i].code, out);
    fclose(out);
}

static void test_pairs(void **state)
{
    play_all();
    assert_int_equal(failures, 0);
}

/* Names the first line that is another. */
static void test_said(void **state)
{
    char path[4096], *wanted = NULL, *a = said;
    size_t len;
    snprintf(path, sizeof(path), "%s/conformance/gate/said.txt", getenv("VW_SOURCE_ROOT"));
    assert_int_equal(vw_file_read(path, true, SAID_MAX, &wanted, &len), 0);
    char *b = wanted;
    for (unsigned line = 1; *a || *b; line++, a += *a == '\n', b += *b == '\n') {
        int n = (int)strcspn(a, "\n"), m = (int)strcspn(b, "\n");
        if (n != m || strncmp(a, b, (size_t)n) != 0)
            fail_msg("said.txt:%u: wanted %.*s\ngot %.*s", line, m, b, n, a);
        a += n;
        b += m;
    }
    free(wanted);
    free(said);
}

/* What the class wire or limit says of every pair is shown by bytes. */
static void test_witnesses(void **state)
{
    print_message("# %zu of %zu findings are confirmed by bytes\n", confirmed, witnessed);
    assert_true(witnessed >= 60);
    assert_int_equal(confirmed, witnessed);
}

/* No file of a rule that is not there. */
static void test_no_others(void **state)
{
    static const struct vw_search pairs = {.ending = ".txt", .levels = 0};
    struct vw_paths p;
    char dir[4096];
    snprintf(dir, sizeof(dir), "%s/conformance/gate/rules", getenv("VW_SOURCE_ROOT"));
    assert_int_equal(vw_paths_find(&p, dir, &pairs), 0);
    assert_int_equal(p.count, vw_gate_rule_count);
    vw_paths_finish(&p);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_said),
        cmocka_unit_test(test_witnesses),
        cmocka_unit_test(test_no_others),
    };
    if (argc < 2)
        return cmocka_run_group_tests(tests, NULL, NULL);
    play_all();
    FILE *f = fopen(argv[1], "w");
    int rc = !f || fputs(said, f) < 0;
    free(said);
    return (f && fclose(f) != 0) || rc;
}
