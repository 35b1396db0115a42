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
    /* The room lies behind what is still to come, wherever that begins. */
    for (uint32_t n = 1; n < 200; n++) {
        put_message(message, n, 8);
        to = vw_reader_space(&r, &room);
        memcpy(to, message, 5);
        vw_reader_added(&r, 5);
        size_t first = room;
        assert_int_equal(drain(&r, &seen), 0);
        uint8_t *behind = vw_reader_space(&r, &room);
        if (behind == to + 5)
            assert_int_equal(room, first - 5);
        assert_true(room >= len - 5);
        memcpy(behind, message + 5, len - 5);
        vw_reader_added(&r, len - 5);
        assert_int_equal(drain(&r, &seen), 0);
        assert_int_equal(seen, n + 1);
    }
    vw_reader_finish(&r);
}

/* As a loop does that reads from many: whoever is done hands its buffer on. */
static void empty_buffers_are_handed_on(void **state)
{
    struct vw_buf spare = VW_BUF_INIT;
    struct vw_reader r[2];
    uint8_t message[8192];
    uint32_t seen = 0;
    size_t len = put_message(message, 0, 100);
    for (int i = 0; i < 2; i++) {
        vw_reader_init(&r[i], &modern);
        r[i].spare = &spare;
    }
    vw_reader_rest(&r[0]);
    assert_null(spare.data);
    /* What holds a part of a message stays. */
    assert_int_equal(vw_reader_feed(&r[0], message, 50), 0);
    vw_reader_rest(&r[0]);
    assert_null(spare.data);
    assert_int_equal(vw_reader_feed(&r[0], message + 50, len - 50), 0);
    assert_int_equal(drain(&r[0], &seen), 0);
    const uint8_t *first = r[0].data;
    vw_reader_rest(&r[0]);
    assert_null(r[0].data);
    assert_ptr_equal(spare.data, first);
    seen = 0;
    assert_int_equal(vw_reader_feed(&r[1], message, len), 0);
    assert_ptr_equal(r[1].data, first);
    assert_null(spare.data);
    assert_int_equal(vw_reader_feed(&r[0], message, len), 0);
    assert_int_equal(drain(&r[1], &seen), 0);
    /* One lies there already: the second goes. So does one that has grown, in its own time. */
    vw_reader_rest(&r[1]);
    seen = 0;
    assert_int_equal(drain(&r[0], &seen), 0);
    vw_reader_rest(&r[0]);
    assert_ptr_equal(spare.data, first);
    assert_int_equal(r[0].cap, 0);
    len = put_message(message, 1, 8000);
    assert_int_equal(vw_reader_feed(&r[0], message, len), 0);
    assert_int_equal(drain(&r[0], &seen), 0);
    vw_reader_rest(&r[0]);
    assert_int_equal(r[0].cap, 8192);
    assert_null(spare.data);
    for (int i = 0; i < 2; i++)
        vw_reader_finish(&r[i]);
    vw_buf_finish(&spare);
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

/* ---- what it costs ---- */

void *__real_memmove(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);

static size_t moved; /* bytes, by the reader: the linker puts this in place of memmove */

void *__wrap_memmove(void *to, const void *from, size_t n)
{
    moved += n;
    return __real_memmove(to, from, n);
}

/* A peer that is always BACKLOG bytes ahead sends small messages in pieces of CHUNK bytes. However
 * large both are, a byte is moved, or copied when the buffer grows, less than three times, and the
 * buffer stays within four times of what waits in it. */
static void steady_backlog(size_t backlog, size_t body, size_t chunk)
{
    enum { TOTAL = 600000 };
    struct vw_reader r;
    struct vw_frame f;
    uint8_t *message = malloc(VW_PREFIX_BYTES + body), *stream = malloc(TOTAL + 100000);
    size_t one = put_message(message, 0, body), fed = 0, most = 0;
    for (size_t at = 0; at + one <= TOTAL + 100000; at += one)
        memcpy(stream + at, message, one);
    vw_reader_init(&r, &modern);
    vw_failalloc_reset();
    moved = 0;
    while (fed + chunk < TOTAL) {
        assert_int_equal(vw_reader_feed(&r, stream + fed, chunk), 0);
        fed += chunk;
        most = r.len > most ? r.len : most;
        assert_true(r.cap <= 4096 || r.cap <= 4 * most);
        while (r.len > backlog && vw_reader_next(&r, &f, NULL) == 1)
            assert_int_equal(f.length, one);
    }
    size_t copied = moved + vw_failalloc_stats().requested;
    if (copied > 3 * fed)
        fail_msg("backlog %zu, body %zu, chunk %zu: %zu bytes moved for %zu", backlog, body, chunk,
                 copied, fed);
    vw_reader_finish(&r);
    free(stream);
    free(message);
}

static void the_work_is_linear(void **state)
{
    static const size_t backlogs[] = {0, 100, 3000, 4090, 40000, 100000};
    static const size_t chunks[] = {7, 28, 100, 1500, 4096, 65536};
    for (size_t i = 0; i < sizeof(backlogs) / sizeof(backlogs[0]); i++)
        for (size_t k = 0; k < sizeof(chunks) / sizeof(chunks[0]); k++) {
            steady_backlog(backlogs[i], 0, chunks[k]);
            steady_backlog(backlogs[i], 2000, chunks[k]);
        }
}

/* Of a buffer of 4096 bytes USED are read and UNREAD wait when MORE come: so many bytes move. */
static void what_moves(void **state)
{
    static const struct {
        size_t used, unread, more, moved;
        const char *why;
    } rows[] = {
        {0, 1000, 4000, 0, "nothing was read: it grows"},
        {0, 3000, 2000, 0, "nothing was read, and it is more than half"},
        {28, 2020, 2048, 0, "it fits"},
        {28, 2020, 2049, 2020, "it does not fit, and half comes free"},
        {28, 2048, 2021, 2048, "that is half"},
        {28, 2049, 2020, 0, "that is less than half: it grows"},
        {2000, 1072, 10, 0, "a quarter is free"},
        {2000, 1073, 10, 1073, "less than a quarter, and more was read than waits"},
        {1600, 1600, 10, 0, "as much waits as was read"},
        {1600, 1599, 10, 1599, "less waits than was read"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static uint8_t bytes[8192];
        struct vw_reader r;
        struct vw_frame f;
        size_t used = rows[i].used;
        vw_reader_init(&r, &modern);
        if (used)
            put_message(bytes, 1, used - VW_PREFIX_BYTES);
        put_message(bytes + used, 2, sizeof(bytes) - used - VW_PREFIX_BYTES);
        assert_int_equal(vw_reader_feed(&r, bytes, used + rows[i].unread), 0);
        assert_int_equal(r.cap, 4096);
        if (used)
            assert_int_equal(vw_reader_next(&r, &f, NULL), 1);
        moved = 0;
        assert_int_equal(vw_reader_feed(&r, bytes + used + rows[i].unread, rows[i].more), 0);
        if (moved != rows[i].moved)
            fail_msg("%s: %zu bytes moved", rows[i].why, moved);
        assert_memory_equal(r.data + r.start, bytes + used, rows[i].unread + rows[i].more);
        vw_reader_finish(&r);
    }
}

/* The buffer has 4096 bytes first and doubles; one of more than a megabyte is given back as soon as
 * it is empty and more is to come. */
static void the_buffer_has_exact_sizes(void **state)
{
    static const struct {
        size_t body, cap, later;
    } rows[] = {
        {0, 4096, 4096},
        {4096 - 28, 4096, 4096},
        {4096 - 27, 8192, 8192},
        {8192 - 28, 8192, 8192},
        {(1 << 20) - 28, 1 << 20, 1 << 20},
        {(1 << 20) - 27, 2 << 20, 4096},
        {(2 << 20) - 28, 2 << 20, 4096},
        {(3 << 20) - 28, 4 << 20, 4096},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_reader r;
        struct vw_frame f;
        size_t room;
        uint8_t *message = malloc(VW_PREFIX_BYTES + rows[i].body);
        size_t len = put_message(message, 7, rows[i].body);
        vw_reader_init(&r, &modern);
        assert_int_equal(vw_reader_feed(&r, message, len), 0);
        assert_int_equal(r.cap, rows[i].cap);
        assert_int_equal(vw_reader_next(&r, &f, NULL), 1);
        assert_int_equal(f.body_len, rows[i].body);
        assert_int_equal(r.cap, rows[i].cap); /* the frame lies in it */
        assert_non_null(vw_reader_space(&r, &room));
        assert_int_equal(r.cap, rows[i].later);
        assert_int_equal(room, rows[i].later);
        assert_int_equal(r.consumed, len);
        vw_reader_finish(&r);
        assert_int_equal(r.cap, 0);
        free(message);
    }
}

/* Half of the buffer comes free by moving, be it by a single byte. */
static void one_byte_in_front_is_room_too(void **state)
{
    static uint8_t bytes[4096];
    for (size_t more = 0; more <= 1; more++) {
        struct vw_reader r;
        vw_reader_init(&r, &modern);
        assert_int_equal(vw_reader_feed(&r, bytes, 2049 + more), 0);
        vw_reader_skip(&r, 1);
        assert_int_equal(vw_reader_feed(&r, bytes, 2048), 0);
        assert_int_equal(r.start, more);
        assert_int_equal(r.cap, more ? 8192 : 4096);
        vw_reader_finish(&r);
    }
}

/* What is said of a wrong length: place, clause, words; and again, but no place, when it is dead.
 */
static void refusals_are_told(void **state)
{
    static const struct {
        const struct vw_limits *limits;
        uint32_t word;
        const char *clause, *text;
    } rows[] = {
        {&modern, 33554437, "F-4", "length word 33554437 is outside 28 to 33554436"},
        {&old, 262145, "F-7", "length word 262145 is outside 28 to 262144"},
        {&modern, 4, "F-3", "length word 4 is outside 28 to 33554436"},
        {&old, 0, "F-3", "length word 0 is outside 28 to 262144"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_reader r;
        struct vw_frame f;
        struct vw_error err = VW_ERROR_INIT;
        uint8_t bytes[40];
        size_t len = put_message(bytes, 0, 4);
        vw_store32(bytes + len, rows[i].word);
        vw_reader_init(&r, rows[i].limits);
        assert_int_equal(vw_reader_feed(&r, bytes, len + 4), 0);
        assert_int_equal(vw_reader_next(&r, &f, &err), 1);
        assert_int_equal(vw_reader_next(&r, &f, &err), VW_EPROTOCOL);
        assert_int_equal(err.code, VW_EPROTOCOL);
        assert_int_equal(err.offset, len);
        assert_string_equal(err.clause, rows[i].clause);
        assert_string_equal(err.text, rows[i].text);
        vw_error_clear(&err);
        assert_int_equal(vw_reader_next(&r, &f, &err), VW_EPROTOCOL);
        assert_string_equal(err.text, "an earlier length word was wrong");
        assert_int_equal(vw_reader_pending(&r), 4);
        vw_reader_finish(&r);
    }
}

/* Where the bytes are known for something else, that stands behind a colon. */
static void refusals_say_what_came_instead(void **state)
{
    struct vw_reader r;
    struct vw_frame f;
    struct vw_error err = VW_ERROR_INIT;
    vw_reader_init(&r, &modern);
    assert_int_equal(vw_reader_feed(&r, "HELP\r\n", 6), 0);
    assert_int_equal(vw_reader_next(&r, &f, &err), VW_EPROTOCOL);
    assert_string_equal(err.text, "length word 1212501072 is outside 28 to 33554436: "
                                  "a command that somebody tries (HELP)");
    vw_reader_finish(&r);
}

/* A profile may want more than a header (min_length_word above 28). */
static void the_smallest_length_is_the_profiles(void **state)
{
    const struct vw_limits limits = {.min_length_word = 32, .max_length_word = 36};
    for (uint32_t n = 0; n <= 12; n += 4) {
        struct vw_reader r;
        struct vw_frame f;
        uint8_t bytes[40];
        size_t len = put_message(bytes, 0, n);
        vw_reader_init(&r, &limits);
        assert_int_equal(vw_reader_feed(&r, bytes, len), 0);
        assert_int_equal(vw_reader_next(&r, &f, NULL), n == 4 || n == 8 ? 1 : VW_EPROTOCOL);
        vw_reader_finish(&r);
    }
}

/* The prefix of a message, and no byte of it, is asked for before it is there. */
static void frames_are_told_apart_by_their_prefix(void **state)
{
    struct vw_reader r;
    struct vw_frame f;
    uint8_t bytes[32];
    size_t len = put_message(bytes, 7, 4);
    vw_reader_init(&r, &modern);
    for (size_t n = 0; n < len; n++) {
        assert_int_equal(vw_reader_next(&r, &f, NULL), 0);
        assert_int_equal(vw_reader_pending(&r), n);
        assert_int_equal(vw_reader_feed(&r, bytes + n, 1), 0);
    }
    assert_int_equal(vw_reader_feed(&r, bytes, 0), 0);
    assert_int_equal(vw_reader_next(&r, &f, NULL), 1);
    assert_false(f.short_header);
    assert_int_equal(f.length, 32);
    assert_memory_equal(f.bytes, bytes, 32);
    assert_ptr_equal(f.body, f.bytes + 28);
    assert_int_equal(f.body_len, 4);
    vw_reader_back(&r, 32);
    assert_int_equal(r.consumed, 0);
    assert_int_equal(vw_reader_pending(&r), 32);
    assert_int_equal(vw_reader_next(&r, &f, NULL), 1);
    assert_memory_equal(f.bytes, bytes, 32);
    assert_int_equal(r.consumed, 32);
    vw_reader_finish(&r);
}

/* Without memory nothing is taken and what was there stays. */
static void feeding_without_memory_takes_nothing(void **state)
{
    struct vw_reader r;
    uint8_t message[9000];
    uint32_t seen = 0;
    size_t len = put_message(message, 0, 8000);
    vw_reader_init(&r, &modern);
    vw_failalloc_set(1);
    assert_int_equal(vw_reader_feed(&r, message, 10), VW_ENOMEM);
    assert_true(vw_failalloc_clear());
    assert_int_equal(vw_reader_pending(&r), 0);
    assert_int_equal(vw_reader_feed(&r, message, 10), 0);
    vw_failalloc_set(1);
    assert_int_equal(vw_reader_feed(&r, message + 10, len - 10), VW_ENOMEM);
    assert_true(vw_failalloc_clear());
    assert_int_equal(vw_reader_pending(&r), 10);
    assert_int_equal(vw_reader_feed(&r, message + 10, len - 10), 0);
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
        cmocka_unit_test(empty_buffers_are_handed_on),
        cmocka_unit_test(short_lengths_are_refused),
        cmocka_unit_test(long_lengths_are_refused_at_once),
        cmocka_unit_test(the_largest_length_is_waited_for),
        cmocka_unit_test(memory_follows_the_bytes),
        cmocka_unit_test(steady_traffic_allocates_once),
        cmocka_unit_test(tolerant_gives_short_frames),
        cmocka_unit_test(back_and_skip),
        cmocka_unit_test(the_work_is_linear),
        cmocka_unit_test(what_moves),
        cmocka_unit_test(the_buffer_has_exact_sizes),
        cmocka_unit_test(one_byte_in_front_is_room_too),
        cmocka_unit_test(refusals_are_told),
        cmocka_unit_test(refusals_say_what_came_instead),
        cmocka_unit_test(the_smallest_length_is_the_profiles),
        cmocka_unit_test(frames_are_told_apart_by_their_prefix),
        cmocka_unit_test(feeding_without_memory_takes_nothing),
        cmocka_unit_test(out_of_memory_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
