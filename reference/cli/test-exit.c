// SPDX-License-Identifier: MIT
// Which exit status wins over which, and the status of every error of the libraries.
#include "base/testing/test.h"

#include <virwire/error.h>

#include "cli/exit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void the_worst_wins(void **state)
{
    static const int worst_first[] = {3, 2, 4, 6, 5, 1, 77, 0};
    for (size_t i = 0; i < COUNT(worst_first); i++)
        for (size_t j = i; j < COUNT(worst_first); j++) {
            assert_int_equal(vw_exit_worse(worst_first[i], worst_first[j]), worst_first[i]);
            assert_int_equal(vw_exit_worse(worst_first[j], worst_first[i]), worst_first[i]);
        }
}

/* A status that nobody gives is a bug of the tool, and no other hides it. */
static void a_strange_status_stays(void **state)
{
    static const int strange[] = {-1, 7, 76, 78, 255}, listed[] = {0, 1, 2, 4, 5, 6, 77};
    for (size_t i = 0; i < COUNT(strange); i++)
        for (size_t j = 0; j < COUNT(listed); j++) {
            assert_int_equal(vw_exit_worse(strange[i], listed[j]), strange[i]);
            assert_int_equal(vw_exit_worse(listed[j], strange[i]), strange[i]);
        }
    assert_int_equal(vw_exit_worse(3, 7), 3);
    assert_int_equal(vw_exit_worse(7, 3), 7);
}

/* The numbers are a promise to scripts. */
static void errors_have_their_status(void **state)
{
    static const struct {
        int error, status;
    } rows[] = {
        {VW_OK, 0},           {1, 0},          {17, 0},           {INT32_MAX, 0},
        {VW_ENOMEM, 3},       {VW_ESYNTAX, 2}, {VW_ENAME, 2},     {VW_ETRUNCATED, 1},
        {VW_ELIMIT, 1},       {VW_EVALUE, 1},  {VW_EPROTOCOL, 1}, {VW_ECLOSED, 5},
        {VW_ETIMEOUT, 5},     {VW_ESYSTEM, 3}, {VW_EUSAGE, 2},    {VW_EREMOTE, 1},
        {VW_EUNREACHABLE, 5}, {-14, 3},        {-77, 3},          {INT32_MIN, 3},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (vw_exit_of(rows[i].error) != rows[i].status)
            fail_msg("%d: status %d", rows[i].error, vw_exit_of(rows[i].error));
}

static void statuses_have_their_numbers(void **state)
{
    static const int rows[][2] = {
        {VW_EXIT_OK, 0},         {VW_EXIT_FINDINGS, 1}, {VW_EXIT_USAGE, 2},
        {VW_EXIT_TOOL, 3},       {VW_EXIT_NOTHING, 4},  {VW_EXIT_UNREACHABLE, 5},
        {VW_EXIT_INCOMPLETE, 6}, {VW_EXIT_SKIPPED, 77},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(rows[i][0], rows[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_wins),
        cmocka_unit_test(a_strange_status_stays),
        cmocka_unit_test(errors_have_their_status),
        cmocka_unit_test(statuses_have_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
