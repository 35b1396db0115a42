// SPDX-License-Identifier: MIT
// From a file to its cases: what the head means, the items of a foreach, variables and their
// places, captures.
#include <string.h>

#include "base/testing/test.h"
#include "conformance/cases/scenario.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct vw_profile *profile, *old;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    int rc = vw_profile_load(NULL, NULL, &profile, &err);
    return rc ? rc : vw_profile_load("0.3.0", NULL, &old, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    vw_profile_destroy(old);
    return 0;
}

static int add_for(struct vw_suite *suite, const struct vw_profile *p, const char *text,
                   struct vw_error *err)
{
    const struct vw_suite_options options = {.profile = p, .newest = p == profile};
    memset(suite, 0, sizeof(*suite));
    *err = (struct vw_error)VW_ERROR_INIT;
    return vw_suite_add(suite, "a/b", "dir/a/b.yaml", text, strlen(text), &options, err);
}

static void added(struct vw_suite *suite, const char *text)
{
    struct vw_error err;
    if (add_for(suite, profile, text, &err) != 0)
        fail_msg("%u:%u: %s in:\n%s", err.line, err.column, err.text, text);
}

#define HEAD  "title: t\nclause: F-3\nlevel: must\n"
#define STEPS "steps: [{note: x}]\n"

/* ---- the head ---- */

static void needs_bring_others(void **state)
{
    static const unsigned connect = VW_NEED_CONNECT, auth = connect | VW_NEED_AUTH,
                          open = auth | VW_NEED_OPEN;
    const struct {
        const char *words;
        unsigned needs;
    } rows[] = {
        {"[]", connect},
        {"[connect]", connect},
        {"[auth]", auth},
        {"[open]", open},
        {"[read-only]", open | VW_NEED_READ_ONLY},
        {"[unix]", connect | VW_NEED_UNIX},
        {"[tcp]", connect | VW_NEED_TCP},
        {"[tls]", connect | VW_NEED_TLS},
        {"[test-driver]", open | VW_NEED_TEST_DRIVER},
        {"[alone]", connect | VW_NEED_ALONE},
        {"[gate]", auth | VW_NEED_GATE},
        {"[read-only-socket]", connect | VW_NEED_READ_ONLY_SOCKET},
        {"[slow]", connect | VW_NEED_SLOW},
        {"[slow, unix, auth]", auth | VW_NEED_SLOW | VW_NEED_UNIX},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_suite suite;
        char text[200];
        snprintf(text, sizeof(text), HEAD "needs: %s\n" STEPS, rows[i].words);
        added(&suite, text);
        assert_int_equal(suite.cases[0].needs, rows[i].needs);
        vw_suite_finish(&suite);
    }
}

static void what_the_head_says(void **state)
{
    struct vw_suite suite;
    added(&suite, "title: a title\nclause: [F-3, D-12]\nlevel: should\neffect: host\n"
                  "needs: [open]\nconnection: shared\n" STEPS);
    const struct vw_case *c = &suite.cases[0];
    assert_int_equal(suite.count, 1);
    assert_int_equal(suite.files, 1);
    assert_string_equal(c->id, "a/b");
    assert_string_equal(c->file_id, "a/b");
    assert_string_equal(c->path, "dir/a/b.yaml");
    assert_string_equal(c->title, "a title");
    assert_string_equal(c->clauses, "F-3 D-12");
    assert_int_equal(c->level, VW_LEVEL_SHOULD);
    assert_int_equal(c->effect, VW_EFFECT_HOST);
    assert_true(c->shared);
    assert_null(c->unfit);
    assert_int_equal(c->steps->count, 1);
    vw_suite_finish(&suite);
    added(&suite, HEAD "connection: own\nneeds: [open]\n" STEPS);
    assert_false(suite.cases[0].shared);
    assert_int_equal(suite.cases[0].effect, VW_EFFECT_READ);
    vw_suite_finish(&suite);
}

/* Twelve clauses are the most. */
static void clauses_have_a_bound(void **state)
{
    for (int n = 0; n <= 13; n++) {
        struct vw_suite suite;
        struct vw_error err;
        char text[300];
        int len = snprintf(text, sizeof(text), "title: t\nlevel: must\n" STEPS "clause: [");
        for (int i = 0; i < n; i++)
            len += snprintf(text + len, sizeof(text) - (size_t)len, "%sF-%d", i ? ", " : "", i + 1);
        snprintf(text + len, sizeof(text) - (size_t)len, "]\n");
        int rc = add_for(&suite, profile, text, &err);
        assert_int_equal(rc, n >= 1 && n <= 12 ? 0 : VW_ESYNTAX);
        assert_string_equal(err.text, n == 0    ? "expected at least one clause"
                                      : n == 13 ? "at most 12 clauses"
                                                : "");
        assert_int_equal(rc < 0 ? err.line : 4, 4);
        if (rc == 0)
            assert_int_equal(strlen(suite.cases[0].clauses), 4 * n - 1 + (n > 9 ? n - 9 : 0));
        vw_suite_finish(&suite);
    }
}

static void profiles(void **state)
{
    static const struct {
        const char *list;
        bool modern, of_2007;
    } rows[] = {
        {"[]", false, false},      {"[modern]", true, false},       {"[2007]", false, true},
        {"[0.3.0]", false, true},  {"[9.0.0]", false, false},       {"[modern, 2007]", true, true},
        {"[12.8.0]", true, false}, {"[9.0.0, 0.3.0]", false, true},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int k = 0; k < 2; k++) {
            struct vw_suite suite;
            struct vw_error err;
            char text[200];
            bool fits = k ? rows[i].of_2007 : rows[i].modern;
            snprintf(text, sizeof(text), HEAD "profiles: %s\n" STEPS, rows[i].list);
            assert_int_equal(add_for(&suite, k ? old : profile, text, &err), 0);
            if (fits)
                assert_null(suite.cases[0].unfit);
            else
                assert_string_equal(suite.cases[0].unfit, "not for this profile");
            vw_suite_finish(&suite);
        }
}

/* A case that is not for the profile is not read against it. */
static void unfit_steps_are_not_looked_at(void **state)
{
    struct vw_suite suite;
    struct vw_error err;
    static const char text[] =
        HEAD "profiles: [modern]\nsteps: [{send: {call: {procedure: $x}}}]\n";
    assert_int_equal(add_for(&suite, old, text, &err), 0);
    vw_suite_finish(&suite);
    assert_int_equal(add_for(&suite, profile, text, &err), VW_ESYNTAX);
    vw_suite_finish(&suite);
}

/* ---- foreach ---- */

/* The ids, the titles and the steps, one line for each case. */
static char *printed(const struct vw_suite *suite)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    for (size_t i = 0; i < suite->count; i++) {
        fprintf(f, "%s|%s|", suite->cases[i].id, suite->cases[i].title);
        vw_node_print(suite->cases[i].steps, f);
        fputc('\n', f);
    }
    assert_int_equal(fclose(f), 0);
    return text;
}

static void items(void **state)
{
    static const struct {
        const char *foreach, *steps, *cases;
    } rows[] = {
        {"[5, x]", "[{note: $it}]", "a/b/5|t [5]|[{note: 5}]\na/b/x|t [x]|[{note: x}]\n"},
        {"[{id: one, v: {x: 1}}]", "[{note: $id}, {send: {call: {procedure: 1, args: $v}}}]",
         "a/b/one|t [one]|[{note: one}, {send: {call: {procedure: 1, args: {x: 1}}}}]\n"},
        {"[{id: one, v: y}, two]", "[{note: x}]",
         "a/b/one|t [one]|[{note: x}]\na/b/two|t [two]|[{note: x}]\n"},
        {"[a]", "[{note: $$it}]", "a/b/a|t [a]|[{note: $$it}]\n"},
        {"[a]", "[{note: x$it}]", "a/b/a|t [a]|[{note: x$it}]\n"},
        {"['A-._+=#[]@:9']", "[{note: x}]", "a/b/A-._+=#[]@:9|t [A-._+=#[]@:9]|[{note: x}]\n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_suite suite;
        char text[300];
        snprintf(text, sizeof(text), HEAD "foreach: %s\nsteps: %s\n", rows[i].foreach,
                 rows[i].steps);
        added(&suite, text);
        char *got = printed(&suite);
        if (strcmp(got, rows[i].cases) != 0)
            fail_msg("row %zu: %s", i, got);
        assert_string_equal(suite.cases[0].file_id, "a/b");
        free(got);
        vw_suite_finish(&suite);
    }
}

static void mistakes(void **state)
{
    static const struct {
        const char *foreach, *steps;
        unsigned line, column;
        const char *says;
    } rows[] = {
        /* A value that does not fit is told where the variable stands. */
        {"[{id: a, v: x}]", "[{send: {call: {procedure: 1, length: $v}}}]", 5, 46,
         "expected a whole number behind \"length\", found a word"},
        {"[{id: a, v: [1]}]", "[{note: $v}]", 5, 16,
         "expected a word behind \"note\", found a list"},
        {"[{id: a, v: {calle: 1}}]", "[{send: $v}]", 4, 23, "did you mean \"call\""},
        {"[{id: a, v: nope}]", "[{answer: {pings: $v}}]", 5, 26,
         "unknown pings \"nope\"; did you mean \"no\"?"},
        {"[{v: a}]", "[{note: x}]", 4, 11, "an item of foreach needs the key \"id\" with a word"},
        {"[{id: [a]}]", "[{note: x}]", 4, 11,
         "an item of foreach needs the key \"id\" with a word"},
        {"['a b']", "[{note: x}]", 5, 8, "the key \"a b\" of an item cannot be in an id"},
        {"['a/b']", "[{note: x}]", 5, 8, "the key \"a/b\" of an item cannot be in an id"},
        {"['']", "[{note: x}]", 5, 8, "the key \"\" of an item cannot be in an id"},
        {"[x, y, x]", "[{note: x}]", 4, 10, "two items have the id \"a/b/x\""},
        {"[a]", "[{note: $other}]", 5, 16,
         "the variable \"$other\" is neither of foreach nor captured"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_suite suite;
        struct vw_error err;
        char text[300];
        snprintf(text, sizeof(text), HEAD "foreach: %s\nsteps: %s\n", rows[i].foreach,
                 rows[i].steps);
        int rc = add_for(&suite, profile, text, &err);
        if (rc != VW_ESYNTAX || err.line != rows[i].line || err.column != rows[i].column ||
            !strstr(err.text, rows[i].says))
            fail_msg("row %zu: %d, %u:%u: %s", i, rc, err.line, err.column, err.text);
        vw_suite_finish(&suite);
    }
}

/* ---- variables ---- */

static struct vw_node *parsed(struct vw_arena *arena, const char *text)
{
    struct vw_node *n;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_yaml_parse(text, strlen(text), arena, &n, &err), 0);
    return n;
}

static void values_keep_the_place_of_the_variable(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    const struct vw_node *steps = parsed(&arena, "a: 1\nb:   $v\nc: [$w, $v, $u]\n");
    const struct vw_node *variables = parsed(&arena, "v: {deep: 5}\nw: two\n");
    const struct vw_node *out = vw_substitute(&arena, steps, variables);
    const struct vw_node *b = vw_node_get(out, "b"), *c = vw_node_get(out, "c");
    assert_int_equal(out->count, 3);
    assert_true(vw_node_is(vw_node_get(out, "a"), "1"));
    assert_int_equal(b->kind, VW_NODE_MAP);
    assert_int_equal(b->line, 2);
    assert_int_equal(b->column, 6);
    assert_int_equal(b->key_line, 2);
    assert_int_equal(b->key_column, 1);
    assert_string_equal(b->key, "b");
    assert_int_equal(vw_node_get(b, "deep")->line, 1); /* what is inside stands where it stood */
    assert_int_equal(vw_node_get(b, "deep")->column, 11);
    assert_int_equal(c->count, 3);
    assert_true(vw_node_is(c->first, "two"));
    assert_null(c->first->key);
    assert_int_equal(c->first->line, 3);
    assert_int_equal(c->first->column, 5);
    assert_int_equal(c->first->next->kind, VW_NODE_MAP);
    assert_int_equal(c->first->next->column, 9);
    assert_true(vw_node_is(c->last, "$u"));
    assert_true(vw_node_is(vw_node_get(steps, "b"), "$v")); /* the original is as it was */
    vw_arena_finish(&arena);
}

static void captures(void **state)
{
    static const struct {
        const char *steps;
        int rc;
        unsigned column;
    } rows[] = {
        {"[{a: {capture: x}}, {b: $x}]", 0, 0},
        {"[{a: {capture: x}, b: $x}]", 0, 0},
        {"[{b: $x}, {a: {capture: x}}]", VW_ESYNTAX, 6},
        {"[{a: {capture: x}}, {b: $y}]", VW_ESYNTAX, 25},
        {"[{a: {capture: x}}, {b: $xx}]", VW_ESYNTAX, 25},
        {"[{a: {capture: [x]}}, {b: $x}]", VW_ESYNTAX, 27},
        {"[{a: {captured: x}}, {b: $x}]", VW_ESYNTAX, 26},
        {"[{a: [1, {c: $$x}]}, {b: '$'}]", 0, 0},
        {"[{a: {capture: x}}, {b: [1, {c: $x}, {c: $z}]}]", VW_ESYNTAX, 42},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        int rc = vw_check_variables(parsed(&arena, rows[i].steps), &err);
        if (rc != rows[i].rc || err.column != rows[i].column)
            fail_msg("row %zu: %d, column %u: %s", i, rc, err.column, err.text);
        vw_arena_finish(&arena);
    }
}

/* 256 captures are the most. */
static void captures_have_a_bound(void **state)
{
    for (int n = 255; n <= 257; n++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        char text[8000] = "[";
        for (int i = 0; i < n; i++)
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "{capture: c%d}, ", i);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "$c0, $c%d]",
                 n < 256 ? n - 1 : 255);
        int rc = vw_check_variables(parsed(&arena, text), &err);
        assert_int_equal(rc, n <= 256 ? 0 : VW_ESYNTAX);
        assert_string_equal(err.text, n <= 256 ? "" : "at most 256 captures");
        vw_arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_bring_others),
        cmocka_unit_test(what_the_head_says),
        cmocka_unit_test(clauses_have_a_bound),
        cmocka_unit_test(profiles),
        cmocka_unit_test(unfit_steps_are_not_looked_at),
        cmocka_unit_test(items),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(values_keep_the_place_of_the_variable),
        cmocka_unit_test(captures),
        cmocka_unit_test(captures_have_a_bound),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
