// SPDX-License-Identifier: MIT
// The queue of a stream: what comes out is what went in, and its memory is as large as it says.
#include "base/testing/test.h"

#include <string.h>

#include "client/internal.h"

#define HEAD     16u /* in front of each item, which is padded to 8 bytes */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint8_t bytes[10u << 20];

static void push(struct vw_queue *q, size_t len)
{
    const struct vw_stream_item item = {.kind = VW_ITEM_DATA, .data = bytes, .len = len};
    assert_int_equal(vw_queue_push(q, &item), 0);
}

static void take(struct vw_queue *q, size_t len)
{
    struct vw_stream_item item = {0};
    assert_true(vw_queue_take(q, &item));
    assert_int_equal(item.kind, VW_ITEM_DATA);
    assert_int_equal(item.len, len);
    assert_memory_equal(item.data, bytes, len);
}

static void memory_doubles_when_it_has_to(void **state)
{
    static const struct {
        size_t len, cap;
    } rows[] = {
        {0, 4096},           {4096 - HEAD, 4096},  {4096 - HEAD - 7, 4096}, {4096 - HEAD + 1, 8192},
        {8192 - HEAD, 8192}, {8193 - HEAD, 16384},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_queue q = {0};
        push(&q, rows[i].len);
        assert_int_equal(q.cap, rows[i].cap);
        assert_int_equal(vw_queue_pending(&q), HEAD + (rows[i].len + 7) / 8 * 8);
        take(&q, rows[i].len);
        assert_int_equal(vw_queue_pending(&q), 0);
        vw_queue_finish(&q);
        assert_null(q.data);
        assert_int_equal(q.cap, 0);
    }
}

static void a_second_item_fills_the_rest(void **state)
{
    for (size_t more = 0; more <= 8; more += 8) {
        struct vw_queue q = {0};
        push(&q, 1024 - HEAD);
        push(&q, 3072 - HEAD + more);
        assert_int_equal(q.cap, more ? 8192 : 4096);
        take(&q, 1024 - HEAD);
        take(&q, 3072 - HEAD + more);
        vw_queue_finish(&q);
    }
}

/* What the caller holds is not moved away: the memory grows instead. */
static void what_is_held_counts_as_there(void **state)
{
    struct vw_queue q = {0};
    push(&q, 1024 - HEAD);
    push(&q, 2048 - HEAD);
    push(&q, 1024 - HEAD);
    take(&q, 1024 - HEAD);
    take(&q, 2048 - HEAD);
    assert_int_equal(vw_queue_pending(&q), 1024);
    push(&q, 1024 - HEAD);
    assert_int_equal(q.cap, 8192);
    take(&q, 1024 - HEAD);
    take(&q, 1024 - HEAD);
    vw_queue_finish(&q);
}

static void what_was_taken_makes_room(void **state)
{
    struct vw_queue q = {0};
    push(&q, 2048 - HEAD);
    push(&q, 2048 - HEAD);
    take(&q, 2048 - HEAD);
    take(&q, 2048 - HEAD);
    /* As many are taken as are left: they move, and nothing grows. */
    push(&q, 2048 - HEAD);
    assert_int_equal(q.cap, 4096);
    assert_int_equal(q.start, 0);
    assert_int_equal(q.len, 4096);
    push(&q, 8);
    assert_int_equal(q.cap, 8192);
    take(&q, 2048 - HEAD);
    take(&q, 8);
    vw_queue_finish(&q);
}

static void a_huge_item_does_not_keep_its_memory(void **state)
{
    static const struct {
        size_t len, later;
    } rows[] = {{(4u << 20) - HEAD, 4u << 20}, {(4u << 20) - HEAD + 8, 0}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_queue q = {0};
        struct vw_stream_item item;
        push(&q, rows[i].len);
        take(&q, rows[i].len);
        assert_false(vw_queue_take(&q, &item));
        assert_int_equal(q.cap, rows[i].later);
        vw_queue_finish(&q);
    }
}

static void holes_and_ends_come_as_they_are(void **state)
{
    static const struct vw_stream_item in[] = {{.kind = VW_ITEM_HOLE, .hole = INT64_MAX},
                                               {.kind = VW_ITEM_END}};
    struct vw_queue q = {0};
    struct vw_stream_item item;
    for (size_t i = 0; i < COUNT(in); i++)
        assert_int_equal(vw_queue_push(&q, &in[i]), 0);
    assert_int_equal(vw_queue_pending(&q), 2 * HEAD);
    for (size_t i = 0; i < COUNT(in); i++) {
        assert_true(vw_queue_take(&q, &item));
        assert_int_equal(item.kind, in[i].kind);
        assert_true(item.hole == in[i].hole);
        assert_int_equal(item.len, 0);
    }
    assert_false(vw_queue_take(&q, &item));
    vw_queue_finish(&q);
}

static int fill(void **state)
{
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7 + (i >> 8));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_doubles_when_it_has_to),
        cmocka_unit_test(a_second_item_fills_the_rest),
        cmocka_unit_test(what_is_held_counts_as_there),
        cmocka_unit_test(what_was_taken_makes_room),
        cmocka_unit_test(a_huge_item_does_not_keep_its_memory),
        cmocka_unit_test(holes_and_ends_come_as_they_are),
    };
    return cmocka_run_group_tests(tests, fill, NULL) + vw_test_leaked();
}
