// SPDX-License-Identifier: MIT
// Lists that grow: nothing is lost, there is always room for one, and without memory the list
// stays.
#include "base/testing/test.h"

#include <stdlib.h>

#include "base/room.h"

#define ITEMS 1000

static void items_stay(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    size_t *list = NULL, *in_arena = NULL;
    for (size_t n = 0; n < ITEMS; n++) {
        list = vw_room(list, n, sizeof(*list));
        in_arena = vw_arena_room(&arena, in_arena, n, sizeof(*in_arena));
        assert_non_null(list);
        assert_non_null(in_arena);
        list[n] = in_arena[n] = n * n;
    }
    for (size_t n = 0; n < ITEMS; n++) {
        assert_int_equal(list[n], n * n);
        assert_int_equal(in_arena[n], n * n);
    }
    /* Of a list that has become shorter, which may shrink too. */
    for (size_t n = 0; n <= 9; n++) {
        list = vw_room(list, n, sizeof(*list));
        list[n] = n;
    }
    for (size_t n = 0; n <= 9; n++)
        assert_int_equal(list[n], n);
    free(list);
    vw_arena_finish(&arena);
}

static void memory_is_out(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    char *list = vw_room(NULL, 0, 1);
    assert_non_null(list);
    *list = 'x';
    vw_failalloc_set(1);
    assert_null(vw_room(list, 1, 1000));
    vw_failalloc_clear();
    assert_int_equal(*list, 'x');
    assert_null(vw_room(list, 1, SIZE_MAX));
    assert_null(vw_arena_room(&arena, NULL, 2, SIZE_MAX / 2));
    vw_failalloc_set(1);
    assert_null(vw_arena_room(&arena, NULL, 0, 1000));
    vw_failalloc_clear();
    free(list);
    vw_arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_stay),
        cmocka_unit_test(memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
