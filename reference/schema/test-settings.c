// SPDX-License-Identifier: MIT
// Profile files: what each key becomes, the bounds of its value, and what is said about mistakes.
#include <inttypes.h>

#include "schema/settings.h"
#include "schema/test-support.h"

static struct vw_arena arena;

static int reset(void **state)
{
    vw_arena_finish(&arena);
    return 0;
}

static void read_good(const char *yaml, struct vw_settings *out)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_settings_read(yaml, strlen(yaml), &arena, out, &err))
        fail_msg("%u:%u: %s\n%s", err.line, err.column, err.text, yaml);
}

static void what_is_not_said(void **state)
{
    struct vw_settings s;
    read_good("profile: p\n", &s);
    assert_string_equal(s.name, "p");
    assert_int_equal(s.dialect, VW_PROFILE_MODERN);
    assert_int_equal(s.min_length_word, 28);
    assert_int_equal(s.max_length_word, 33554436);
    assert_int_equal(s.string_max, 4194304);
    assert_int_equal(s.fds_max, 32);
    assert_null(s.types);
    assert_null(s.constants);
    assert_null(s.answers);
    assert_null(s.hidden);
}

static void each_key(void **state)
{
    struct vw_settings s;
    read_good("profile: p\ndialect: \"2007\"\nmax_length_word: 100\nmin_length_word: 99\n"
              "string_max: 98\nfds_max: 97\ntypes: t.x\n",
              &s);
    assert_int_equal(s.dialect, VW_PROFILE_2007);
    assert_int_equal(s.max_length_word, 100);
    assert_int_equal(s.min_length_word, 99);
    assert_int_equal(s.string_max, 98);
    assert_int_equal(s.fds_max, 97);
    assert_string_equal(s.types, "t.x");
    read_good(
        "profile: p\ndialect: modern\nmax_length_word: 28\nfds_max: 0\nstring_max: 4294967295", &s);
    assert_int_equal(s.dialect, VW_PROFILE_MODERN);
    assert_int_equal(s.max_length_word, 28);
    assert_int_equal(s.fds_max, 0);
    assert_int_equal(s.string_max, UINT32_MAX);
}

static void expect_setting(const struct vw_setting *s, const char *key, const char *text,
                           int64_t number, unsigned line, unsigned column)
{
    assert_non_null(s);
    assert_string_equal(s->key, key);
    if (text)
        assert_string_equal(s->text, text);
    else
        assert_null(s->text);
    assert_int_equal(s->number, number);
    assert_int_equal(s->line, line);
    assert_int_equal(s->column, column);
}

/* Lists are kept with the last of the file first. */
static void constants_and_answers(void **state)
{
    struct vw_settings s;
    read_good("profile: p\nconstants:\n  A: 1\n  B: -9223372036854775808\n"
              "  C: 9223372036854775807\n  D: 0x10\n",
              &s);
    const struct vw_setting *c = s.constants;
    expect_setting(c, "D", NULL, 16, 6, 3);
    expect_setting(c->next, "C", NULL, INT64_MAX, 5, 3);
    expect_setting(c->next->next, "B", NULL, INT64_MIN, 4, 3);
    expect_setting(c->next->next->next, "A", NULL, 1, 3, 3);
    assert_null(c->next->next->next->next);

    read_good("profile: p\nanswers:\n  a: one\n  b: {c: 2, d: three}\n  e: 4\n", &s);
    c = s.answers;
    expect_setting(c, "e", "4", 0, 5, 3);
    expect_setting(c->next, "b.d", "three", 0, 4, 13);
    expect_setting(c->next->next, "b.c", "2", 0, 4, 7);
    expect_setting(c->next->next->next, "a", "one", 0, 3, 3);
    assert_null(c->next->next->next->next);
}

static void expect_range(const struct vw_setting_range *r, const char *name, bool arms,
                         int64_t from, int64_t to, unsigned column)
{
    assert_non_null(r);
    assert_string_equal(r->name, name);
    assert_int_equal(r->arms, arms);
    assert_true(r->from == from && r->to == to);
    assert_int_equal(r->line, 3);
    assert_int_equal(r->column, column);
}

static void what_is_hidden(void **state)
{
    struct vw_settings s;
    read_good("profile: p\nhide:\n  programs: [a, b]\n", &s);
    expect_range(s.hidden, "b", false, INT64_MIN, INT64_MAX, 17);
    expect_range(s.hidden->next, "a", false, INT64_MIN, INT64_MAX, 14);
    assert_null(s.hidden->next->next);
    read_good("profile: p\nhide:\n  procedures: {a: [1, 5-5, -3-4], b: [7-9, 0x10]}\n", &s);
    const struct vw_setting_range *r = s.hidden;
    expect_range(r, "b", false, 16, 16, 44);
    expect_range(r->next, "b", false, 7, 9, 39);
    expect_range(r->next->next, "a", false, -3, 4, 28);
    expect_range(r->next->next->next, "a", false, 5, 5, 23);
    expect_range(r->next->next->next->next, "a", false, 1, 1, 20);
    read_good("profile: p\nhide:\n  arms: {u: [1]}\n", &s);
    expect_range(s.hidden, "u", true, 1, 1, 14);
}

static void mistakes(void **state)
{
    static const struct {
        const char *yaml, *said;
    } rows[] = {
        {"- a\n", "1:1: expected a mapping, found a list"},
        {"text\n", "1:1: expected a mapping, found a word"},
        {"dialect: modern\n", "1:1: expected a key 'profile' with the profile's name"},
        {"profile: [a]\n", "1:10: expected the name of the profile"},
        {"profile: p\nprofil: q\n", "2:1: key 'profil' is not known; did you mean 'profile'?"},
        {"profile: p\nquite_another: q\n", "2:1: key 'quite_another' is not known"},
        {"profile: p\nprofile: q\n",
         "2:1: the key \"profile\" stands here twice (first in line 1)"},
        {"profile: p\ndialect: 2008\n", "2:10: expected modern or 2007, found '2008'"},
        {"profile: p\ndialect: moderne\n", "2:10: expected modern or 2007, found 'moderne'"},
        {"profile: p\ndialect: [modern]\n", "2:10: expected modern or 2007"},
        {"profile: p\nmax_length_word: 27\n", "1:1: max_length_word is below min_length_word"},
        {"profile: p\nmin_length_word: 33554437\n",
         "1:1: max_length_word is below min_length_word"},
        {"profile: p\nmin_length_word: 33554436\n", "good"},
        {"profile: p\nmin_length_word: -1\n", "2:18: expected a whole number from 0 to 4294967295"},
        {"profile: p\nmax_length_word: 4294967296\n",
         "2:18: expected a whole number from 0 to 4294967295"},
        {"profile: p\nstring_max: 4294967296\n",
         "2:13: expected a whole number from 0 to 4294967295"},
        {"profile: p\nstring_max: many\n", "2:13: expected a whole number from 0 to 4294967295"},
        {"profile: p\nfds_max: {a: 1}\n", "2:10: expected a whole number from 0 to 4294967295"},
        {"profile: p\ntypes: a/b.x\n", "2:8: expected a file beside the profile, found a path"},
        {"profile: p\ntypes: [b.x]\n", "2:8: expected the name of a .x file"},
        {"profile: p\nconstants: [A]\n", "2:12: expected a mapping of constants to numbers"},
        {"profile: p\nconstants: {A: x}\n",
         "2:16: expected a whole number from -9223372036854775808 to 9223372036854775807"},
        {"profile: p\nconstants: {A: 9223372036854775808}\n",
         "2:16: expected a whole number from -9223372036854775808 to 9223372036854775807"},
        {"profile: p\nconstants: {A: 1, A: 2}\n",
         "2:19: the key \"A\" stands here twice (first in line 2)"},
        {"profile: p\nconstants: {A: [1]}\n",
         "2:16: expected a whole number from -9223372036854775808 to 9223372036854775807"},
        {"profile: p\nanswers: [a]\n", "2:10: expected a mapping"},
        {"profile: p\nanswers: {a: [1]}\n", "2:14: expected a number, text or a mapping of them"},
        {"profile: p\nanswers: {a: {b: [1]}}\n", "2:18: expected a number or text"},
        {"profile: p\nanswers: {a: {b: {c: 1}}}\n", "2:18: expected a number or text"},
        {"profile: p\nhide: a\n", "2:7: expected a mapping"},
        {"profile: p\nhide: {program: [a]}\n",
         "2:8: key 'program' is not known; did you mean 'programs'?"},
        {"profile: p\nhide: {something: [a]}\n", "2:8: key 'something' is not known"},
        {"profile: p\nhide: {programs: a}\n", "2:18: expected a list of programs"},
        {"profile: p\nhide: {programs: [[a]]}\n", "2:19: expected the name of a program"},
        {"profile: p\nhide: {procedures: [a]}\n", "2:20: expected a mapping of programs to lists"},
        {"profile: p\nhide: {procedures: {a: 1}}\n", "2:24: expected a list of numbers and ranges"},
        {"profile: p\nhide: {procedures: {a: [[1]]}}\n",
         "2:25: expected a number or a range such as 439-456"},
        {"profile: p\nhide: {procedures: {a: [6-5]}}\n",
         "2:25: expected a number or a range such as 439-456, found '6-5'"},
        {"profile: p\nhide: {procedures: {a: [5-]}}\n",
         "2:25: expected a number or a range such as 439-456, found '5-'"},
        {"profile: p\nhide: {procedures: {a: [5-6x]}}\n",
         "2:25: expected a number or a range such as 439-456, found '5-6x'"},
        {"profile: p\nhide: {procedures: {a: [5x]}}\n",
         "2:25: expected a number or a range such as 439-456, found '5x'"},
        {"profile: p\nhide: {procedures: {a: [x]}}\n",
         "2:25: expected a number or a range such as 439-456, found 'x'"},
        {"profile: p\nhide: {procedures: {a: [5+6]}}\n",
         "2:25: expected a number or a range such as 439-456, found '5+6'"},
        {"profile: p\nhide: {procedures: {a: [99999999999999999999]}}\n",
         "2:25: expected a number or a range such as 439-456, found '99999999999999999999'"},
        {"profile: p\nhide: {procedures: {a: [1-99999999999999999999]}}\n",
         "2:25: expected a number or a range such as 439-456, found '1-99999999999999999999'"},
        {"profile: p\nhide: {arms: [a]}\n", "2:14: expected a mapping of unions to lists"},
        {"profile: p\nhide: {arms: {u: [2-1]}}\n",
         "2:19: expected a number or a range such as 439-456, found '2-1'"},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_settings s;
        struct vw_error err = VW_ERROR_INIT;
        char said[400];
        int rc = vw_settings_read(rows[i].yaml, strlen(rows[i].yaml), &arena, &s, &err);
        snprintf(said, sizeof(said), rc ? "%u:%u: %s" : "good", err.line, err.column, err.text);
        assert_int_equal(rc, err.code);
        assert_true(rc == 0 || rc == VW_ESYNTAX);
        if (strcmp(said, rows[i].said) == 0)
            continue;
        print_error("%s\n  wanted %s\n  got    %s\n", rows[i].yaml, rows[i].said, said);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_not_said, reset),
        cmocka_unit_test_teardown(each_key, reset),
        cmocka_unit_test_teardown(constants_and_answers, reset),
        cmocka_unit_test_teardown(what_is_hidden, reset),
        cmocka_unit_test_teardown(mistakes, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
