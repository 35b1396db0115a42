// SPDX-License-Identifier: MIT
// The arena: alignment, growth, what a reset keeps, memory that runs out.
#include "base/testing/test.h"

#include <virwire/memory.h>

static void aligns_and_keeps_apart(void **state)
{
    struct vw_arena a = VW_ARENA_INIT;
    uint8_t *parts[2000];
    for (size_t i = 0; i < 2000; i++) {
        size_t align = (size_t)1 << (i % 5);
        parts[i] = vw_arena_alloc(&a, i % 37, align);
        assert_non_null(parts[i]);
        assert_int_equal((uintptr_t)parts[i] % align, 0);
        memset(parts[i], (int)(i & 0xff), i % 37);
    }
    for (size_t i = 0; i < 2000; i++) { /* nobody wrote into another's */
        for (size_t k = 0; k < i % 37; k++)
            assert_int_equal(parts[i][k], i & 0xff);
    }
    vw_arena_finish(&a);
    vw_arena_finish(&a);
}

static void a_reset_keeps_the_largest_chunk(void **state)
{
    if (vw_test_arena_is_single())
        skip();
    struct vw_arena a = VW_ARENA_INIT;
    for (int i = 0; i < 100; i++)
        assert_non_null(vw_arena_alloc(&a, 100, 8));
    size_t first = a.requested;
    assert_true(first >= 10000);
    for (int round = 0; round < 5; round++) { /* a few rounds, and one chunk holds all */
        vw_arena_reset(&a);
        for (int i = 0; i < 100; i++)
            assert_non_null(vw_arena_alloc(&a, 100, 8));
    }
    assert_int_equal(a.requested, 0);
    vw_arena_reset(&a);
    assert_int_equal(vw_arena_reserve(&a, 10000), 0);
    assert_int_equal(a.requested, 0);
    vw_arena_finish(&a);
}

/* One large message does not cost its memory for ever. */
static void a_reset_frees_a_large_chunk(void **state)
{
    if (vw_test_arena_is_single())
        skip();
    struct vw_arena a = VW_ARENA_INIT;
    assert_int_equal(vw_arena_reserve(&a, 1 << 20), 0);
    vw_arena_reset(&a);
    vw_failalloc_set_from(1);
    assert_non_null(vw_arena_alloc(&a, 1 << 20, 1));
    assert_false(vw_failalloc_clear());
    vw_arena_finish(&a);
    vw_failalloc_reset();
    assert_int_equal(vw_arena_reserve(&a, (1 << 20) + 1), 0);
    assert_true(vw_failalloc_stats().live > 1 << 20);
    vw_arena_reset(&a);
    assert_int_equal(vw_failalloc_stats().live, 0);
    assert_non_null(vw_arena_alloc(&a, 1, 1)); /* still of use */
    vw_arena_finish(&a);
}

static void reserving_means_no_malloc(void **state)
{
    if (vw_test_arena_is_single())
        skip();
    struct vw_arena a = VW_ARENA_INIT;
    assert_int_equal(vw_arena_reserve(&a, 5000), 0);
    vw_failalloc_set_from(1);
    assert_non_null(vw_arena_alloc(&a, 4000, 1));
    assert_non_null(vw_arena_alloc(&a, 1000, 1));
    assert_false(vw_failalloc_clear());
    vw_arena_finish(&a);
}

static void says_when_memory_is_out(void **state)
{
    if (vw_test_arena_is_single())
        skip();
    struct vw_arena a = VW_ARENA_INIT;
    vw_failalloc_set_from(1);
    assert_null(vw_arena_alloc(&a, 1, 1));
    assert_null(vw_arena_zalloc(&a, 1, 1));
    assert_null(vw_arena_strndup(&a, "x", 1));
    assert_null(vw_arena_printf(&a, "%d", 1));
    assert_int_equal(vw_arena_reserve(&a, 1), -1);
    assert_true(vw_failalloc_clear());
    assert_null(vw_arena_alloc(&a, SIZE_MAX, 1));
    assert_null(vw_arena_alloc(&a, SIZE_MAX - 64, 16));
    assert_null(vw_arena_strndup(&a, "x", SIZE_MAX));
    assert_non_null(vw_arena_alloc(&a, 10, 1)); /* still of use */
    vw_arena_finish(&a);
}

static void copies_text(void **state)
{
    struct vw_arena a = VW_ARENA_INIT;
    assert_memory_equal(vw_arena_strndup(&a, "a\0bcd", 4), "a\0bc", 5);
    assert_string_equal(vw_arena_strndup(&a, "", 0), "");
    assert_string_equal(vw_arena_printf(&a, "%s-%d", "x", 7), "x-7");
    const uint8_t *zero = vw_arena_zalloc(&a, 3, 1);
    assert_int_equal(zero[0] | zero[1] | zero[2], 0);
    vw_arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligns_and_keeps_apart),
        cmocka_unit_test(a_reset_keeps_the_largest_chunk),
        cmocka_unit_test(a_reset_frees_a_large_chunk),
        cmocka_unit_test(reserving_means_no_malloc),
        cmocka_unit_test(says_when_memory_is_out),
        cmocka_unit_test(copies_text),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL) + vw_test_leaked();
}
