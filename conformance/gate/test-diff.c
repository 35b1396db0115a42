// SPDX-License-Identifier: MIT
// The differ by itself: several baselines, without memory, and on what is made to take for ever.
#include <stdlib.h>

#include "base/testing/failalloc.h"
#include "base/testing/test.h"
#include "conformance/gate/gate.h"

#define PROGRAM "program P { version V { s F(s) = 1; } = 1; } = 5;"

static int load(struct vw_gate_side *side, const char *text)
{
    int rc = vw_gate_side_start(side, "test.x");
    rc = rc ? rc : vw_gate_side_add(side, "test.x", text, strlen(text), NULL);
    return rc ? rc : vw_gate_side_make(side, NULL, NULL);
}

/* The findings of a change, judged with the usual gate. */
static int compare(struct vw_gate *g, const char *before, const char *after,
                   struct vw_gate_side sides[2])
{
    const struct vw_gate_terms terms = {VW_GATE_LIMIT, NULL, "2026-11-30"};
    vw_gate_init(g);
    int rc = load(&sides[0], before);
    int second = load(&sides[1], after);
    rc = rc ? rc : second;
    rc = rc ? rc : vw_gate_diff(g, &sides[0], &sides[1], NULL);
    rc = rc ? rc : vw_gate_witness(g, &sides[0], &sides[1], NULL);
    return rc ? rc : vw_gate_judge(g, &terms, NULL);
}

static void finish(struct vw_gate *g, struct vw_gate_side sides[2])
{
    vw_gate_finish(g);
    vw_gate_side_finish(&sides[0]);
    vw_gate_side_finish(&sides[1]);
}

static const struct vw_finding *finding(const struct vw_gate *g, const char *rule)
{
    for (size_t i = 0; i < g->count; i++)
        if (strcmp(g->list[i]->rule, rule) == 0)
            return g->list[i];
    return NULL;
}

static void test_without_memory(void **state)
{
    for (size_t n = 1;; n++) {
        struct vw_gate g;
        struct vw_gate_side sides[2];
        vw_failalloc_set(n);
        int rc =
            compare(&g,
                    "struct s { int a; string b<4>; t c; }; union t switch (int d) { case 1: "
                    "int e; }; enum f { A };" PROGRAM,
                    "struct s { hyper a; string b<3>; t c; int g; }; union t switch (int d) { case "
                    "1: int e; case 2: f h; }; enum f { A, B };" PROGRAM,
                    sides);
        bool failed = vw_failalloc_clear();
        size_t count = g.count;
        finish(&g, sides);
        if (!failed) {
            assert_int_equal(rc, 0);
            assert_true(count > 4);
            break;
        }
        assert_int_equal(rc, VW_ENOMEM);
    }
}

/* What the version in between alone had was never released: it fails nothing. */
static void test_baselines(void **state)
{
    const struct vw_gate_terms terms = {VW_GATE_LIMIT, NULL, "2026-11-30"};
    struct vw_gate_side release, base, now;
    struct vw_gate all, from_base;
    assert_int_equal(load(&release, "struct s { int a; };" PROGRAM), 0);
    assert_int_equal(load(&base, "struct s { int a; hyper b; };" PROGRAM), 0);
    assert_int_equal(load(&now, "struct s { int a; string b<4>; };" PROGRAM), 0);
    vw_gate_init(&all);
    vw_gate_init(&from_base);
    assert_int_equal(vw_gate_diff(&all, &release, &now, NULL), 0);
    assert_int_equal(vw_gate_diff(&from_base, &base, &now, NULL), 0);
    assert_int_equal(vw_gate_join(&all, &from_base, "never released", true), 0);
    assert_int_equal(vw_gate_judge(&all, &terms, NULL), 0);
    assert_int_equal(finding(&all, "STR002")->verdict, VW_FAIL);
    assert_int_equal(finding(&all, "TYP001")->verdict, VW_LENIENT);
    assert_non_null(strstr(finding(&all, "TYP001")->found, "(never released)"));
    vw_gate_finish(&all);
    vw_gate_finish(&from_base);
    vw_gate_side_finish(&release);
    vw_gate_side_finish(&base);
    vw_gate_side_finish(&now);
}

/* One constant, one typedef, one struct: one finding, with all procedures that it touches. */
static void test_one_cause(void **state)
{
    static const char calls[] =
        "program P { version V { s F(s) = 1; t G(t) = 2; void H(n) = 3; } = 1; } = 5;";
    struct vw_gate_side sides[2];
    struct vw_gate g;
    char before[400], after[400];
    snprintf(before, sizeof(before), "%s%s",
             "const M = 4; typedef string n<M>; struct s { n a; string b<M>; }; struct t { n a; };",
             calls);
    snprintf(after, sizeof(after), "%s%s",
             "const M = 5; typedef string n<M>; struct s { n a; string b<M>; }; struct t { n a; };",
             calls);
    assert_int_equal(compare(&g, before, after, sides), 0);
    assert_int_equal(g.count, 3); /* beside it CON001, and what was compared */
    assert_int_equal(finding(&g, "LEN003")->change->n_touches, 3);
    assert_string_equal(finding(&g, "LEN003")->change->fingerprint, "LEN003 M: 4 -> 5");
    assert_int_equal(finding(&g, "LEN003")->place.line, 1);
    finish(&g, sides);
}

/* Which rule says that a field of one type has become one of another: letter and last digit of its
 * code, "--" where nothing is said. Before stands in rows, after in columns, in one order. */
static const struct {
    const char *field, *said;
} kinds[] = {
    {"int a;", "-- T2 T1 T8 T1 T6 T6 T1 T1 T1 T1 T1 T1 T1 T1 O1 S7 T1"},
    {"unsigned int a;", "T2 -- T1 T8 T1 T6 T6 T1 T1 T1 T1 T1 T1 T1 T1 O1 T1 T1"},
    {"hyper a;", "T1 T1 -- T1 T8 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 O1 T1 T1"},
    {"float a;", "T8 T8 T1 -- T1 T8 T8 T1 T1 T1 T1 T1 T1 T1 T1 O1 T1 T1"},
    {"double a;", "T1 T1 T8 T1 -- T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 O1 T1 T1"},
    {"bool a;", "T6 T6 T1 T8 T1 -- T6 T1 T1 T1 T1 T1 T1 T1 T1 O1 T1 T1"},
    {"e a;", "T6 T6 T1 T8 T1 T6 -- T1 T1 T1 T1 T1 T1 T1 T1 O1 T1 T1"},
    {"string a<8>;", "T1 T1 T1 T1 T1 T1 T1 -- T3 T5 T4 T4 T1 T1 T1 O1 T1 T1"},
    {"opaque a<8>;", "T1 T1 T1 T1 T1 T1 T1 T3 -- T5 T4 T4 T1 T1 T1 O1 T1 T1"},
    {"opaque a[8];", "T1 T1 T1 T1 T1 T1 T1 T5 T5 -- T4 T4 T1 T1 T1 O1 T1 T1"},
    {"char a<8>;", "T1 T1 T1 T1 T1 T1 T1 T4 T4 T4 -- T5 L1 L3 T5 O1 T1 T1"},
    {"char a[8];", "T1 T1 T1 T1 T1 T1 T1 T4 T4 T4 T5 -- T5 T5 L8 O1 T1 T1"},
    {"int a<1>;", "T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 L3 T5 -- L3 T5 O3 T1 T1"},
    {"int a<9>;", "T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 L1 T5 L1 -- T5 O1 T1 T1"},
    {"int a[2];", "T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 T5 L8 T5 T5 -- O1 T1 T1"},
    {"int *a;", "O2 O2 O2 O2 O2 O2 O2 O2 O2 O2 O2 O2 O3 O2 O2 -- O2 O2"},
    {"t a;", "S7 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 O1 -- T1"},
    {"u a;", "T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 T1 O1 T1 --"},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void compare_kinds(const char *before, const char *after, char *out)
{
    static const char form[] = "enum e { M }; struct t { int b; }; struct u { int b; int c; };"
                               "struct s { %s };" PROGRAM;
    struct vw_gate_side sides[2];
    struct vw_gate g;
    char text[2][400];
    snprintf(text[0], sizeof(text[0]), form, before);
    snprintf(text[1], sizeof(text[1]), form, after);
    assert_int_equal(compare(&g, text[0], text[1], sides), 0);
    const char *rule = g.list[0]->change ? g.list[0]->rule : "-----";
    sprintf(out, " %c%c", rule[0], rule[strlen(rule) - 1]);
    finish(&g, sides);
}

static void test_kinds(void **state)
{
    for (size_t i = 0; i < KINDS; i++) {
        char row[3 * KINDS + 1];
        for (size_t k = 0; k < KINDS; k++)
            compare_kinds(kinds[i].field, kinds[k].field, row + 3 * k);
        if (strcmp(row + 1, kinds[i].said) != 0)
            fail_msg("{\"%s\", \"%s\"},", kinds[i].field, row + 1);
    }
}

/* Two enums of many members in opposite order, and lists that hold each other with periods that
 * have no common divisor: an answer or VW_ELIMIT, in bounded time. */
static void test_bounded(void **state)
{
    enum { MEMBERS = 16000 };
    struct vw_gate_side sides[2];
    struct vw_gate g;
    char *text[2];
    for (int side = 0; side < 2; side++) {
        size_t len;
        FILE *out = open_memstream(&text[side], &len);
        assert_non_null(out);
        fputs("struct s { e a; l0 *b; };", out);
        int period = side ? 97 : 89;
        for (int i = 0; i < period; i++)
            fprintf(out, "struct l%d { l%d *next; };", i, (i + 1) % period);
        fputs("enum e {", out);
        for (int i = 0; i < MEMBERS; i++) {
            int n = side ? MEMBERS - i : i + 1;
            fprintf(out, "%sM%d = %d", i ? "," : "", n, n);
        }
        fputs("};" PROGRAM, out);
        fclose(out);
    }
    int rc = compare(&g, text[0], text[1], sides);
    assert_true(rc == 0 || rc == VW_ELIMIT);
    free(text[0]);
    free(text[1]);
    finish(&g, sides);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_memory), cmocka_unit_test(test_baselines),
        cmocka_unit_test(test_one_cause),      cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
