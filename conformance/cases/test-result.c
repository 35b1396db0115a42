// SPDX-License-Identifier: MIT
// What a case becomes before it is played, what is set of it, and that nothing of it is left.
#include <string.h>

#include "base/testing/test.h"
#include "conformance/cases/result.h"

static const struct vw_case a_case = {.id = "a/b[1]",
                                      .file_id = "a/b",
                                      .title = "A b",
                                      .path = "x/a/b.yaml",
                                      .clauses = "H-5 H-6",
                                      .level = VW_LEVEL_SHOULD};

static void it_speaks_of_its_case(void **state)
{
    struct vw_result r;
    vw_result_init(&r, &a_case);
    assert_ptr_equal(r.c, &a_case);
    assert_string_equal(r.finding.rule, "a/b[1]");
    assert_string_equal(r.finding.group, "a/b");
    assert_string_equal(r.finding.title, "A b");
    assert_string_equal(r.finding.clauses, "H-5 H-6");
    assert_string_equal(r.finding.shows, "H-5 H-6");
    assert_string_equal(r.finding.place.file, "x/a/b.yaml");
    assert_int_equal(r.finding.level, VW_LEVEL_SHOULD);
    assert_int_equal(r.finding.verdict, VW_NOT_RUN);
    assert_int_equal(r.finding.count, 1);
    assert_null(r.finding.found);
    assert_null(r.blamed);
    assert_false(vw_result_done(&r));
    vw_result_finish(&r);
}

static void the_last_verdict_stands(void **state)
{
    struct vw_result r;
    char found[] = "found";
    vw_result_init(&r, &a_case);
    vw_result_set(&r, VW_FAIL, found);
    found[0] = 'x';
    assert_int_equal(r.finding.verdict, VW_FAIL);
    assert_string_equal(r.finding.found, "found");
    assert_true(vw_result_done(&r));
    vw_result_set(&r, VW_XFAIL, "known");
    assert_int_equal(r.finding.verdict, VW_XFAIL);
    assert_string_equal(r.finding.found, "known");
    vw_result_set(&r, VW_SKIP, "");
    assert_null(r.finding.found);
    vw_result_set(&r, VW_PASS, NULL);
    assert_int_equal(r.finding.verdict, VW_PASS);
    assert_null(r.finding.found);
    vw_result_finish(&r);
}

/* A finding that cites the clause that was blamed has those of its case again when that is freed.
 */
static void nothing_is_left(void **state)
{
    struct vw_result r;
    vw_result_init(&r, &a_case);
    const char **const texts[] = {&r.finding.found, &r.finding.expected, &r.finding.frames,
                                  &r.finding.cause, &r.finding.also,     &r.finding.only_when};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = strdup("text");
    r.blamed = strdup("H-9");
    r.finding.clauses = r.blamed;
    for (int twice = 0; twice < 2; twice++) {
        vw_result_finish(&r);
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
            assert_null(*texts[i]);
        assert_null(r.blamed);
        assert_string_equal(r.finding.clauses, "H-5 H-6");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_speaks_of_its_case),
        cmocka_unit_test(the_last_verdict_stands),
        cmocka_unit_test(nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
