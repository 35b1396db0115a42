// SPDX-License-Identifier: MIT
// The table of calls and streams under way, against serials that were chosen to meet in it.
#include "base/testing/test.h"

#include "session/internal.h"

#define N 4096u

/* With the factor that stands in the source, and room for as many. */
static bool met_once(uint32_t serial)
{
    return ((serial * UINT64_C(0x9E3779B97F4A7C15)) >> 52) == 0;
}

static uint32_t longest_chain(const struct vw_table *t)
{
    uint32_t longest = 0;
    for (uint32_t b = 0; b < t->cap; b++) {
        uint32_t n = 0, i = t->buckets[b];
        for (; i != VW_NONE && (n == 0 || i != t->buckets[b]); i = t->entries[i].chain)
            n++;
        longest = n > longest ? n : longest;
    }
    return longest;
}

static void chosen_serials_do_not_meet(void **state)
{
    struct vw_table t = {0};
    struct vw_header h = {.program = 1, .version = 1, .procedure = 1};
    for (uint32_t n = 0; n < N; h.serial++) {
        if (!met_once(h.serial))
            continue;
        assert_int_equal(vw_table_reserve(&t), 0);
        vw_table_add(&t, &h);
        n++;
    }
    assert_int_equal(t.count, N);
    assert_in_range(longest_chain(&t), 1, N / 8);
    for (h.serial = 0; t.count; h.serial++)
        if (met_once(h.serial))
            vw_table_remove(&t, vw_table_find(&t, &h, true));
    vw_table_finish(&t);
}

/* Calls of one serial are found in their order, and none is walked past: with a walk this would
 * take minutes. */
static void one_serial_takes_no_walk(void **state)
{
    enum { MANY = 200000 };
    struct vw_table t = {0};
    struct vw_header h = {.program = 1, .version = 1, .procedure = 1, .serial = 7};
    for (int32_t n = 0; n < MANY; n++) {
        assert_int_equal(vw_table_reserve(&t), 0);
        h.procedure = n;
        vw_table_add(&t, &h);
    }
    for (int32_t n = 0; n < MANY; n++) {
        struct vw_under_way *e = vw_table_find(&t, &h, false);
        assert_int_equal(e->procedure, n);
        vw_table_remove(&t, e);
    }
    assert_null(vw_table_find(&t, &h, false));
    vw_table_finish(&t);
}

static void each_table_draws_its_own(void **state)
{
    struct vw_table a = {0}, b = {0};
    assert_int_equal(vw_table_reserve(&a), 0);
    assert_int_equal(vw_table_reserve(&b), 0);
    assert_true(a.factor != b.factor);
    vw_table_finish(&a);
    vw_table_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chosen_serials_do_not_meet),
        cmocka_unit_test(one_serial_takes_no_walk),
        cmocka_unit_test(each_table_draws_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
