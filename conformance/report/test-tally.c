// SPDX-License-Identifier: MIT
// Verdicts, row by row: their names, which of them are findings, what a run with them exits with,
// and the line that counts them.
#include <string.h>

#include "base/testing/test.h"
#include "conformance/report/tally.h"

static const struct {
    const char *name;
    bool finding;
    int alone; /* the exit status of a run of this verdict alone */
    const char *line;
} rows[VW_VERDICTS] = {
    [VW_PASS] = {"pass", false, 0, "1 passed, 0 failed of 1 planned"},
    [VW_LENIENT] = {"lenient", false, 0, "0 passed, 1 lenient, 0 failed of 1 planned"},
    [VW_SKIP] = {"skip", false, 77, "0 passed, 0 failed, 1 skipped of 1 planned"},
    [VW_XFAIL] = {"xfail", false, 0, "0 passed, 0 failed, 1 failed as expected of 1 planned"},
    [VW_XPASS] = {"xpass", true, 1, "0 passed, 0 failed, 1 passed unexpectedly of 1 planned"},
    [VW_FAIL] = {"fail", true, 1, "0 passed, 1 failed of 1 planned"},
    [VW_HUNG] = {"hung", true, 1, "0 passed, 0 failed, 1 hung of 1 planned"},
    [VW_CRASH] = {"crash", true, 1, "0 passed, 0 failed, 1 crashed of 1 planned"},
    [VW_ERROR] = {"error", false, 3, "0 passed, 0 failed, 1 undecided of 1 planned"},
};

static void each_verdict(void **state)
{
    for (int v = 0; v < VW_VERDICTS; v++) {
        struct vw_tally t = {.planned = 1, .done = 1};
        char line[120];
        t.by[v] = 1;
        assert_string_equal(vw_verdict_name((enum vw_verdict)v), rows[v].name);
        assert_int_equal(vw_verdict_is_finding((enum vw_verdict)v), rows[v].finding);
        assert_int_equal(vw_tally_exit(&t), rows[v].alone);
        assert_ptr_equal(vw_tally_line(&t, line, sizeof(line)), line);
        assert_string_equal(line, rows[v].line);
    }
    assert_string_equal(vw_verdict_name(VW_NOT_RUN), "not run");
    assert_string_equal(vw_verdict_name((enum vw_verdict)(VW_VERDICTS + 1)), "error");
}

/* The rule of the header, spelt out once more: 3, 6, 5, 1, 77, 0, and 4 when nothing was planned.
 */
static int expected_exit(const struct vw_tally *t)
{
    if (t->by[VW_ERROR] > 0)
        return 3;
    if (t->planned == 0)
        return 4;
    if (t->unreachable)
        return 5;
    if (t->incomplete || t->done != t->planned)
        return 6;
    for (int v = 0; v < VW_VERDICTS; v++)
        if (t->by[v] > 0 && rows[v].alone == 1)
            return 1;
    return t->by[VW_SKIP] == t->planned ? 77 : 0;
}

/* Every set of verdicts, complete or not, broken off or not, with a peer or without. */
static void every_combination(void **state)
{
    for (unsigned set = 0; set < 1u << VW_VERDICTS; set++)
        for (unsigned more = 0; more < 8; more++) {
            struct vw_tally t = {.unreachable = more & 1, .incomplete = more & 2};
            for (int v = 0; v < VW_VERDICTS; v++)
                t.by[v] = set >> v & 1;
            for (int v = 0; v < VW_VERDICTS; v++)
                t.done += t.by[v];
            t.planned = t.done + (more >> 2);
            if (vw_tally_exit(&t) != expected_exit(&t))
                fail_msg("verdicts %#x, %u: %d, expected %d", set, more, vw_tally_exit(&t),
                         expected_exit(&t));
        }
}

/* Where two reasons meet: literal rows, so that the table does not share a mistake with the rule.
 */
static void the_worst_wins(void **state)
{
    static const struct {
        struct vw_tally t;
        int status;
    } exits[] = {
        {{0}, 4},
        {{.unreachable = true}, 4},
        {{.incomplete = true}, 4},
        {{.by = {[VW_ERROR] = 1}}, 3},
        {{.planned = 2, .done = 2, .by = {[VW_PASS] = 2}}, 0},
        {{.planned = 2, .done = 2, .by = {[VW_LENIENT] = 1, [VW_XFAIL] = 1}}, 0},
        {{.planned = 2, .done = 2, .by = {[VW_PASS] = 1, [VW_SKIP] = 1}}, 0},
        {{.planned = 2, .done = 2, .by = {[VW_SKIP] = 2}}, 77},
        {{.planned = 3, .done = 2, .by = {[VW_SKIP] = 2}}, 6},
        {{.planned = 2, .done = 2, .by = {[VW_SKIP] = 1, [VW_XFAIL] = 1}}, 0},
        {{.planned = 2, .done = 2, .by = {[VW_PASS] = 1, [VW_FAIL] = 1}}, 1},
        {{.planned = 9, .done = 9, .by = {[VW_SKIP] = 8, [VW_HUNG] = 1}}, 1},
        {{.planned = 9, .done = 9, .by = {[VW_SKIP] = 8, [VW_CRASH] = 1}}, 1},
        {{.planned = 9, .done = 9, .by = {[VW_SKIP] = 8, [VW_XPASS] = 1}}, 1},
        {{.planned = 2, .done = 1, .by = {[VW_PASS] = 1}}, 6},
        {{.planned = 2, .done = 1, .by = {[VW_FAIL] = 1}}, 6},
        {{.planned = 2, .done = 2, .by = {[VW_PASS] = 2}, .incomplete = true}, 6},
        {{.planned = 2, .done = 2, .by = {[VW_FAIL] = 2}, .incomplete = true}, 6},
        {{.planned = 2, .unreachable = true}, 5},
        {{.planned = 2, .unreachable = true, .incomplete = true}, 5},
        {{.planned = 2, .done = 2, .by = {[VW_FAIL] = 2}, .unreachable = true}, 5},
        {{.planned = 2, .done = 2, .by = {[VW_ERROR] = 1, [VW_FAIL] = 1}}, 3},
        {{.planned = 2, .done = 1, .by = {[VW_ERROR] = 1}, .unreachable = true}, 3},
    };
    for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
        if (vw_tally_exit(&exits[i].t) != exits[i].status)
            fail_msg("row %zu: %d", i, vw_tally_exit(&exits[i].t));
}

static const struct vw_tally all = {.planned = 50,
                                    .done = 45,
                                    .by = {[VW_PASS] = 1,
                                           [VW_LENIENT] = 2,
                                           [VW_SKIP] = 3,
                                           [VW_XFAIL] = 4,
                                           [VW_XPASS] = 5,
                                           [VW_FAIL] = 6,
                                           [VW_HUNG] = 7,
                                           [VW_CRASH] = 8,
                                           [VW_ERROR] = 9}};
static const char all_line[] =
    "1 passed, 2 lenient, 6 failed, 7 hung, 8 crashed, 4 failed as expected, "
    "5 passed unexpectedly, 9 undecided, 3 skipped of 50 planned; 5 not run";

static void lines(void **state)
{
    static const struct {
        struct vw_tally t;
        const char *line;
    } texts[] = {
        {{0}, "0 passed, 0 failed of 0 planned"},
        {{.planned = 1}, "0 passed, 0 failed of 1 planned; 1 not run"},
        {{.planned = 2, .done = 2, .by = {[VW_PASS] = 2}}, "2 passed, 0 failed of 2 planned"},
        {{.planned = 4294967297, .done = 4294967297, .by = {[VW_PASS] = 4294967297}},
         "4294967297 passed, 0 failed of 4294967297 planned"},
    };
    char line[200];
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_string_equal(vw_tally_line(&texts[i].t, line, sizeof(line)), texts[i].line);
    assert_string_equal(vw_tally_line(&all, line, sizeof(line)), all_line);
}

/* Where there is less room, the line is cut, and nothing behind the room is written. */
static void lines_are_cut(void **state)
{
    for (size_t size = 1; size <= sizeof(all_line) + 1; size++) {
        char *line = test_malloc(size); /* notices a byte too many */
        size_t fits = size < sizeof(all_line) ? size - 1 : sizeof(all_line) - 1;
        vw_tally_line(&all, line, size);
        assert_int_equal(strlen(line), fits);
        assert_memory_equal(line, all_line, fits);
        test_free(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_verdict),   cmocka_unit_test(every_combination),
        cmocka_unit_test(the_worst_wins), cmocka_unit_test(lines),
        cmocka_unit_test(lines_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
