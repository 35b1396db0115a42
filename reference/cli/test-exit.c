// SPDX-License-Identifier: MIT
// Which exit status wins over which.
#include "base/testing/test.h"

#include "base/error.h"
#include "cli/exit.h"

static void the_worst_wins(void **state)
{
    static const int worst_first[] = {3, 6, 5, 1, 77, 0};
    for (size_t i = 0; i < 6; i++)
        for (size_t j = i; j < 6; j++) {
            assert_int_equal(vw_exit_worse(worst_first[i], worst_first[j]), worst_first[i]);
            assert_int_equal(vw_exit_worse(worst_first[j], worst_first[i]), worst_first[i]);
        }
}

static void errors_have_their_status(void **state)
{
    assert_int_equal(vw_exit_of(0), VW_EXIT_OK);
    assert_int_equal(vw_exit_of(17), VW_EXIT_OK);
    assert_int_equal(vw_exit_of(VW_ENAME), VW_EXIT_USAGE);
    assert_int_equal(vw_exit_of(VW_ETRUNCATED), VW_EXIT_FINDINGS);
    assert_int_equal(vw_exit_of(VW_EREMOTE), VW_EXIT_FINDINGS);
    assert_int_equal(vw_exit_of(VW_EUNREACHABLE), VW_EXIT_UNREACHABLE);
    assert_int_equal(vw_exit_of(VW_ENOMEM), VW_EXIT_TOOL);
    assert_int_equal(vw_exit_of(VW_ESYSTEM), VW_EXIT_TOOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_wins),
        cmocka_unit_test(errors_have_their_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
