// SPDX-License-Identifier: MIT
// The frame reader: any chunking gives the same messages, wrong lengths end it (F-3, F-4, F-7), and
// memory follows the bytes that came, not those that were announced (F-5).
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "message/message.h"

static const struct vw_limits modern = {
    .min_length_word = 28, .max_length_word = 33554436, .fds_max = 32};
static const struct vw_limits old = {.min_length_word = 28, .max_length_word = 262144};

/* Writes a message with BODY bytes of body, all of value N. */
static size_t put_message(uint8_t *to, uint32_t n, size_t body)
{
    const struct vw_header h = {.program = 0x20008086, .version = 1, .procedure = 7, .serial = n};
    vw_store32(to, (uint32_t)(VW_PREFIX_BYTES + body));
    vw_header_encode(&h, to + 4);
    memset(to + VW_PREFIX_BYTES, (int)n, body);
    return VW_PREFIX_BYTES + body;
}

/* Reads all that has come; checks that message number *SEEN and on are as put_message made them. */
static int drain(struct vw_reader *r, uint32_t *seen)
{
    struct vw_frame f;
    int rc;
    while ((rc = vw_reader_next(r, &f, NULL)) > 0) {
        assert_int_equal(f.header.serial, *seen);
        assert_int_equal(f.header.procedure, 7);
        assert_int_equal(f.length, f.body_len + VW_PREFIX_BYTES);
        for (size_t i = 0; i < f.body_len; i++)
            assert_int_equal(f.body[i], (uint8_t)*seen);
        ++*seen;
    }
    return rc;
}

static void any_chunking_gives_the_same(void **state)
{
    static const size_t bodies[] = {0, 1, 3, 4, 36, 500, 4068, 4069, 9000, 0, 70000, 12};
    uint8_t *all = malloc(200000);
    size_t len = 0;
    const uint32_t count = sizeof(bodies) / sizeof(bodies[0]);
    for (uint32_t i = 0; i < count; i++)
        len += put_message(all + len, i, bodies[i]);

    static const size_t chunks[] = {1, 2, 3, 5, 27, 28, 29, 100, 4095, 4096, 4097, 65536, 200000};
    for (size_t c = 0; c < sizeof(chunks) / sizeof(chunks[0]); c++) {
        struct vw_reader r;
        uint32_t seen = 0;
        vw_reader_init(&r, &modern);
        for (size_t at = 0; at < len; at += chunks[c]) {
            size_t n = len - at < chunks[c] ? len - at : chunks[c];
            assert_int_equal(vw_reader_feed(&r, all + at, n), 0);
            assert_int_equal(drain(&r, &seen), 0);
        }
        assert_int_equal(seen, count);
        assert_int_equal(r.consumed, len);
        assert_int_equal(vw_reader_pending(&r), 0);
        vw_reader_finish(&r);
    }
    free(all);
}

static void space_is_filled_in_place(void **state)
{
    struct vw_reader r;
    uint32_t seen = 0;
    uint8_t message[64];
    size_t len = put_message(message, 0, 8);
    vw_reader_init(&r, &modern);
    size_t room;
    uint8_t *to = vw_reader_space(&r, &room);
    assert_non_null(to);
    assert_true(room >= len);
    memcpy(to, message, len);
    vw_reader_added(&r, len);
    assert_int_equal(drain(&r, &seen), 0);
    assert_int_equal(seen, 1);
    vw_reader_finish(&r);
}

static void expect_refusal(const struct vw_limits *limits, uint32_t word, size_t more,
                           const char *clause)
{
    struct vw_reader r;
    struct vw_frame f;
    struct vw_error err = VW_ERROR_INIT;
    uint8_t bytes[64] = {0};
    vw_store32(bytes, word);
    vw_reader_init(&r, limits);
    /* Until all that decides is there, nothing is said. */
    for (size_t n = 0; n < 4 + more; n++) {
        assert_int_equal(vw_reader_next(&r, &f, &err), 0);
        assert_int_equal(vw_reader_feed(&r, bytes + n, 1), 0);
    }
    assert_int_equal(vw_reader_next(&r, &f, &err), VW_EPROTOCOL);
    assert_string_equal(err.clause, clause);
    assert_int_equal(vw_reader_next(&r, &f, NULL), VW_EPROTOCOL);
    vw_reader_finish(&r);
}

static void short_lengths_are_refused(void **state)
{
    for (uint32_t word = 0; word <= 4; word++)
        expect_refusal(&modern, word, 0, "F-3");
    for (uint32_t word = 5; word < 28; word++)
        expect_refusal(&modern, word, word - 4, "F-3");
}

static void long_lengths_are_refused_at_once(void **state)
{
    expect_refusal(&modern, 33554437, 0, "F-4");
    expect_refusal(&modern, 0x80000000, 0, "F-4");
    expect_refusal(&modern, UINT32_MAX, 0, "F-4");
    expect_refusal(&old, 262145, 0, "F-7");
    expect_refusal(&old, UINT32_MAX, 0, "F-7");
}

static void the_largest_length_is_waited_for(void **state)
{
    struct vw_reader r;
    struct vw_frame f;
    uint8_t bytes[28];
    put_message(bytes, 0, 0);
    vw_store32(bytes, 33554436);
    vw_reader_init(&r, &modern);
    vw_failalloc_reset();
    assert_int_equal(vw_reader_feed(&r, bytes, sizeof(bytes)), 0);
    assert_int_equal(vw_reader_next(&r, &f, NULL), 0);
    assert_true(vw_failalloc_stats().peak <= 8192);
    vw_reader_finish(&r);
}

static void memory_follows_the_bytes(void **state)
{
    struct vw_reader r;
    struct vw_frame f;
    uint8_t bytes[1000] = {0};
    vw_store32(bytes, 1u << 24);
    vw_reader_init(&r, &modern);
    vw_failalloc_reset();
    for (size_t fed = 0; fed < 2000000; fed += sizeof(bytes)) {
        assert_int_equal(vw_reader_feed(&r, bytes, sizeof(bytes)), 0);
        assert_int_equal(vw_reader_next(&r, &f, NULL), 0);
        assert_true(r.cap <= 4096 || r.cap <= 2 * (fed + sizeof(bytes)));
    }
    vw_reader_finish(&r);
}

static void steady_traffic_allocates_once(void **state)
{
    struct vw_reader r;
    uint8_t message[256];
    uint32_t seen = 0;
    vw_reader_init(&r, &modern);
    vw_failalloc_reset();
    for (uint32_t i = 0; i < 10000; i++) {
        size_t len = put_message(message, i, i % 200);
        assert_int_equal(vw_reader_feed(&r, message, len), 0);
        if (i % 7 == 0)
            assert_int_equal(drain(&r, &seen), 0);
    }
    assert_int_equal(drain(&r, &seen), 0);
    assert_int_equal(seen, 10000);
    assert_int_equal(vw_failalloc_stats().count, 1);
    vw_reader_finish(&r);
}

static void tolerant_gives_short_frames(void **state)
{
    struct vw_reader r;
    struct vw_frame f;
    uint8_t bytes[64] = {0};
    vw_reader_init(&r, &old);
    r.tolerant = true;
    for (uint32_t word = 4; word < 28; word++) {
        vw_store32(bytes, word);
        assert_int_equal(vw_reader_feed(&r, bytes, word), 0);
        assert_int_equal(vw_reader_next(&r, &f, NULL), 1);
        assert_true(f.short_header);
        assert_int_equal(f.length, word);
    }
    vw_store32(bytes, 3);
    assert_int_equal(vw_reader_feed(&r, bytes, 4), 0);
    assert_int_equal(vw_reader_next(&r, &f, NULL), VW_EPROTOCOL);
    vw_reader_finish(&r);
}

static void back_and_skip(void **state)
{
    struct vw_reader r;
    struct vw_frame f;
    uint32_t seen = 0;
    uint8_t message[64];
    size_t len = put_message(message, 0, 4);
    vw_reader_init(&r, &modern);
    assert_int_equal(vw_reader_feed(&r, message, len), 0);
    assert_int_equal(vw_reader_feed(&r, "\0\0", 2), 0);
    assert_int_equal(vw_reader_next(&r, &f, NULL), 1);
    vw_reader_back(&r, f.length);
    assert_int_equal(vw_reader_next(&r, &f, NULL), 1);
    vw_reader_skip(&r, 2);
    put_message(message, 0, 4);
    assert_int_equal(vw_reader_feed(&r, message, len), 0);
    assert_int_equal(drain(&r, &seen), 0);
    assert_int_equal(seen, 1);
    vw_reader_finish(&r);
}

static void out_of_memory_loses_nothing(void **state)
{
    struct vw_reader r;
    uint32_t seen = 0;
    uint8_t message[10000];
    size_t len = put_message(message, 0, 9000);
    vw_reader_init(&r, &modern);
    size_t at = 0;
    for (size_t n = 1; at < len; n++) {
        size_t room;
        vw_failalloc_set(1);
        uint8_t *to = vw_reader_space(&r, &room);
        vw_failalloc_clear();
        if (!to)
            to = vw_reader_space(&r, &room);
        assert_non_null(to);
        size_t take = room < len - at ? room : len - at;
        memcpy(to, message + at, take);
        vw_reader_added(&r, take);
        at += take;
    }
    assert_int_equal(drain(&r, &seen), 0);
    assert_int_equal(seen, 1);
    vw_reader_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_chunking_gives_the_same),
        cmocka_unit_test(space_is_filled_in_place),
        cmocka_unit_test(short_lengths_are_refused),
        cmocka_unit_test(long_lengths_are_refused_at_once),
        cmocka_unit_test(the_largest_length_is_waited_for),
        cmocka_unit_test(memory_follows_the_bytes),
        cmocka_unit_test(steady_traffic_allocates_once),
        cmocka_unit_test(tolerant_gives_short_frames),
        cmocka_unit_test(back_and_skip),
        cmocka_unit_test(out_of_memory_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
