// SPDX-License-Identifier: MIT
// Growth without end is told from growth that stops.
#include "base/testing/test.h"

#include "fuzz/blackbox/growth.h"

static uint64_t grown(uint64_t (*at)(unsigned), unsigned n)
{
    struct vw_growth g;
    vw_growth_init(&g);
    for (unsigned i = 0; i < n; i++)
        vw_growth_add(&g, at(i));
    return vw_growth_of(&g);
}

static uint64_t flat(unsigned i)
{
    return 1000 + i * 7919 % 50;
}

static uint64_t stops(unsigned i)
{
    return i < 200 ? 1000 + i * 10 : 3000;
}

static uint64_t saws(unsigned i)
{
    return 1000 + i % 100 * 50;
}

static uint64_t leaks(unsigned i)
{
    return 1000 + i + i * 7919 % 50;
}

static void growth(void **state)
{
    for (unsigned n = 1000; n < 100000; n *= 3) {
        assert_int_equal(grown(flat, n), 0);
        assert_int_equal(grown(stops, n), 0);
        assert_int_equal(grown(saws, n), 0);
        assert_in_range(grown(leaks, n), n / 8, n / 2);
    }
    assert_int_equal(grown(leaks, 7), 0);
    assert_true(grown(leaks, 8) < 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
