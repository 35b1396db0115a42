// SPDX-License-Identifier: MIT
// Findings: the words, the clauses, an error made into one, and the line.
#include <string.h>

#include "base/finding.h"
#include "base/testing/test.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void among_clauses(void **state)
{
    static const struct {
        const char *clauses, *clause;
        bool is;
    } rows[] = {
        {"F-3", "F-3", true},          {"F-3 D-4", "D-4", true},    {"F-3 D-4", "D", true},
        {"F-3 D-4", "F", true},        {"F-3", "F-33", false},      {"F-33", "F-3", false},
        {"D-4 F-33", "F-3", false},    {"", "F-3", false},          {"F-3 D-4", "4", false},
        {"F-3  D-4 K-1", "K-1", true}, {"F-3 D-4", "F-3 D", false}, {"FF-3", "F", false},
        {"D-4", "D-", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (vw_clause_is_among(rows[i].clauses, rows[i].clause) != rows[i].is)
            fail_msg("\"%s\" among \"%s\"", rows[i].clause, rows[i].clauses);
}

static void lines(void **state)
{
    static const struct {
        struct vw_finding f;
        const char *line;
    } rows[] = {
        {{.found = "bad"}, "bad"},
        {{.rule = "bool", .found = "bad"}, "bool: bad"},
        {{.found = "bad", .clauses = "F-3 D-4"}, "bad (clause F-3 D-4)"},
        {{.found = "bad", .clauses = ""}, "bad"},
        {{.found = "bad", .place = {.file = "a.x"}}, "a.x: bad"},
        {{.found = "bad", .place = {.file = "a.x", .line = 3, .column = 7}}, "a.x:3:7: bad"},
        {{.found = "bad", .place = {.line = 3, .column = 7}}, "3:7: bad"},
        {{.found = "bad", .place = {.path = "a.b"}}, "bad at a.b"},
        {{.found = "bad", .place = {.path = ""}}, "bad"},
        {{.found = "bad", .place = {.in_bytes = true, .offset = UINT64_MAX}},
         "bad, offset 18446744073709551615"},
        {{.rule = "enum",
          .found = "bad",
          .clauses = "X-5",
          .place = {.file = "-", .in_bytes = true, .offset = 12, .path = "t"}},
         "-: enum: bad at t, offset 12 (clause X-5)"},
        {{.rule = "enum"}, "enum: "},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[100];
        assert_ptr_equal(vw_finding_line(&rows[i].f, text, sizeof(text)), text);
        assert_string_equal(text, rows[i].line);
        for (size_t n = 1; n < sizeof(text); n++) {
            char part[100] = "~";
            vw_finding_line(&rows[i].f, part, n);
            assert_int_equal(strlen(part), strlen(text) < n ? strlen(text) : n - 1);
            assert_memory_equal(part, text, strlen(part));
        }
    }
    char none = '~';
    assert_ptr_equal(vw_finding_line(&rows[0].f, &none, 0), &none);
    assert_int_equal(none, '~');
}

static void of_an_error(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    vw_error_set(&err, VW_EPROTOCOL, "too short");
    strcpy(err.clause, "F-3");
    strcpy(err.path, "length");
    err.offset = 4;
    struct vw_finding f = vw_finding_of_error(&err, "file");
    assert_null(f.rule);
    assert_string_equal(f.clauses, "F-3");
    assert_string_equal(f.cause, "protocol");
    assert_string_equal(f.found, "too short");
    assert_string_equal(f.place.file, "file");
    assert_string_equal(f.place.path, "length");
    assert_true(f.place.in_bytes);
    assert_int_equal(f.place.offset, 4);
    assert_int_equal(f.level, VW_LEVEL_MUST);
    assert_int_equal(f.verdict, VW_FAIL);
    assert_int_equal(f.count, 1);
    struct vw_error text = VW_ERROR_INIT;
    vw_error_at(&text, VW_ESYNTAX, 3, 7, "no such word");
    f = vw_finding_of_error(&text, NULL);
    assert_int_equal(f.place.line, 3);
    assert_int_equal(f.place.column, 7);
    assert_false(f.place.in_bytes);
}

static void words(void **state)
{
    static const char *const verdicts[] = {"pass", "lenient", "skip",  "xfail", "xpass",
                                           "fail", "hung",    "crash", "error", "not run"};
    for (int v = 0; v <= VW_NOT_RUN; v++) {
        bool finding = v == VW_FAIL || v == VW_HUNG || v == VW_CRASH || v == VW_XPASS;
        assert_string_equal(vw_verdict_name((enum vw_verdict)v), verdicts[v]);
        assert_int_equal(vw_verdict_is_finding((enum vw_verdict)v), finding);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(among_clauses),
        cmocka_unit_test(lines),
        cmocka_unit_test(of_an_error),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
