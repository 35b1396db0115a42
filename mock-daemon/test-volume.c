// SPDX-License-Identifier: MIT
// The bytes of volumes: what is data and what a hole, copies, room, and who holds them.
#include "mock-daemon/volume.h"

#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"

#define BLOCK VW_VOLUME_BLOCK
#define TIB   ((uint64_t)1 << 40)

/* The runs of K as "data N" and "hole N", a letter each. */
static void check_runs(const struct vw_contents *k, const char *wanted)
{
    char text[128] = "";
    for (uint64_t at = 0, n; at < k->size; at += n) {
        bool hole;
        n = vw_contents_run(k, at, k->size - at, &hole);
        assert_true(n > 0);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%c%llu ", hole ? 'h' : 'd',
                 (unsigned long long)n);
    }
    assert_string_equal(text, wanted);
}

static void test_runs(void **state)
{
    static const uint8_t bytes[2 * BLOCK] = {[0] = 1, [BLOCK] = 1};
    static const uint8_t zeros[BLOCK];
    struct vw_contents *k = vw_contents_create(8 * BLOCK + 10);
    assert_non_null(k);
    check_runs(k, "h32768 d10 ");
    assert_int_equal(vw_contents_allocation(k), 0);
    assert_int_equal(vw_contents_write(k, 2 * BLOCK, bytes, 2 * BLOCK), 0);
    check_runs(k, "h8192 d8192 h16384 d10 ");
    /* Across a border; zeros that were written are a hole as well; a hole over data. */
    assert_int_equal(vw_contents_write(k, 6 * BLOCK - 1, bytes, 2), 0);
    assert_int_equal(vw_contents_write(k, 7 * BLOCK, zeros, BLOCK), 0);
    check_runs(k, "h8192 d8192 h4096 d4096 h8192 d10 ");
    assert_int_equal(vw_contents_write(k, 3 * BLOCK, NULL, 4 * BLOCK), 0);
    check_runs(k, "h8192 d4096 h20480 d10 ");
    assert_int_equal(vw_contents_allocation(k), BLOCK + 10);
    assert_int_equal(vw_contents_write(k, 8 * BLOCK, bytes, 10), 0);
    assert_int_equal(k->data[8 * BLOCK], 1);
    vw_contents_drop(k);
}

/* Large, and nothing is looked at that nobody wrote. */
static void test_large_ones_cost_nothing(void **state)
{
    struct vw_contents *k = vw_contents_create(TIB), *copy;
    assert_non_null(k);
    check_runs(k, "h1099511627776 ");
    assert_int_equal(vw_contents_write(k, TIB / 2, (const uint8_t *)"x", 1), 0);
    check_runs(k, "h549755813888 d4096 h549755809792 ");
    copy = vw_contents_copy(k, TIB / 2 + 1);
    assert_non_null(copy);
    assert_int_equal(copy->data[TIB / 2], 'x');
    vw_contents_drop(copy);
    copy = vw_contents_copy(k, TIB / 2);
    assert_non_null(copy);
    assert_int_equal(copy->blocks, 0);
    vw_contents_drop(copy);
    vw_contents_drop(k);
    copy = vw_contents_create(0);
    assert_non_null(copy);
    vw_contents_drop(copy);
    assert_null(vw_contents_create(UINT64_MAX / 2));
}

/* Whoever holds them has them. */
static void test_holders(void **state)
{
    struct vw_volume v = {.contents = vw_contents_create(BLOCK)};
    struct vw_contents *k = vw_contents_hold(v.contents);
    assert_int_equal(vw_contents_write(k, 0, (const uint8_t *)"x", 1), 0);
    vw_volume_finish(&v);
    assert_null(v.contents);
    assert_int_equal(k->data[0], 'x');
    vw_contents_drop(k);
    vw_contents_drop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_large_ones_cost_nothing),
        cmocka_unit_test(test_holders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
