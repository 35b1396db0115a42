// SPDX-License-Identifier: MIT
// The table of clauses that the observer of a case looks at: each is one of the protocol's, each
// can be left out by itself.
#include <string.h>

#include "base/testing/test.h"
#include "conformance/cases/scenario.h"
#include "conformance/play/watched.h"

static void each_clause_is_one(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    for (int i = 0; vw_watched[i].clause; i++) {
        vw_watched_set set = 0;
        assert_true(vw_clause_valid(vw_watched[i].clause));
        assert_non_null(strchr(vw_watched[i].meaning, ' '));
        assert_int_equal(vw_watched_add(vw_watched[i].clause, &set, &err), 0);
        for (int j = 0; vw_watched[j].clause; j++)
            assert_int_equal(vw_watched_has(set, vw_watched[j].clause), i == j);
    }
}

static void clauses_add_up(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    vw_watched_set set = 0;
    assert_int_equal(vw_watched_add("H-5", &set, &err), 0);
    assert_int_equal(vw_watched_add("P-5", &set, &err), 0);
    assert_true(vw_watched_has(set, "H-5"));
    assert_true(vw_watched_has(set, "P-5"));
    assert_false(vw_watched_has(set, "H-9"));
    assert_false(vw_watched_has(set, "Z-1"));
}

static void others_are_refused(void **state)
{
    static const struct {
        const char *clause, *text;
    } rows[] = {
        {"H-55", "nothing is watched for a clause 'H-55'; the nearest is 'H-5'"},
        {"", "nothing is watched for a clause ''"},
        {"echo-program", "nothing is watched for a clause 'echo-program'"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        vw_watched_set set = 0;
        assert_int_equal(vw_watched_add(rows[i].clause, &set, &err), VW_ENAME);
        assert_string_equal(err.text, rows[i].text);
        assert_int_equal(set, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_clause_is_one),
        cmocka_unit_test(clauses_add_up),
        cmocka_unit_test(others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
