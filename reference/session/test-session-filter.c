// SPDX-License-Identifier: MIT
// The filter: what it is shown, when, and what becomes of what it changes, drops, holds and adds.
#include "session/testing-raw.h"
#include "session/testing.h"

#include <fcntl.h>

/* A filter that writes down what it is shown, a word each, and does as it is told. */
static struct {
    char log[256];
    enum vw_fate length, in, out, fds; /* of the next; then pass */
    int32_t becomes;                   /* the procedure that a message in is changed to, or 0 */
    size_t grows;                      /* bytes that a message out is longer by */
    const char *before;                /* what is added ahead of a message out, or NULL */
    struct vw_session *session;
} told;

static enum vw_fate take(enum vw_fate *fate)
{
    enum vw_fate now = *fate;
    *fate = VW_FATE_PASS;
    return now;
}

static void __attribute__((format(printf, 1, 2))) note(const char *fmt, ...)
{
    size_t len = strlen(told.log);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(told.log + len, sizeof(told.log) - len, fmt, ap);
    va_end(ap);
}

static enum vw_fate on_length(void *user, enum vw_side from, uint32_t length, bool allowed)
{
    note("length %u%s|", length, allowed ? "" : " wrong");
    return take(&told.length);
}

static enum vw_fate on_in(void *user, enum vw_side from, uint8_t *bytes, size_t len)
{
    note("in %u of %zu|", vw_load32(bytes + 20), len);
    if (told.becomes)
        vw_store32(bytes + 12, (uint32_t)told.becomes);
    return take(&told.in);
}

static enum vw_fate on_out(void *user, struct vw_buf *message, const struct vw_event *refused)
{
    note("out %u of %zu%s%s|", vw_load32(message->data + 20), message->len, refused ? " for " : "",
         refused ? refused->clause : "");
    if (told.before)
        assert_int_equal(vw_session_send_raw(told.session, told.before, strlen(told.before)), 0);
    for (size_t i = 0; i < told.grows; i++)
        assert_int_equal(vw_buf_append(message, "+", 1), 0);
    return take(&told.out);
}

static enum vw_fate on_fds(void *user, enum vw_side from, const int *fds, uint32_t n)
{
    note("%s %u fds|", from == VW_SIDE_CLIENT ? "come" : "go", n);
    return take(&told.fds);
}

static const struct vw_filter all = {on_length, on_in, on_out, on_fds, NULL};

static struct vw_session *filtered(const char *profile, const struct vw_filter *filter)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = test_profile(profile), .fds = true, .filter = filter};
    memset(&told, 0, sizeof(told));
    assert_int_equal(vw_session_create(&o, &told.session, NULL), 0);
    vw_session_set_opened(told.session, true);
    return told.session;
}

static void expect_log(const char *want)
{
    assert_string_equal(told.log, want);
    told.log[0] = '\0';
}

static void expect_output(struct vw_session *s, size_t len, const char *start)
{
    const uint8_t *bytes;
    assert_int_equal(test_take(s, &bytes), len);
    assert_memory_equal(bytes, start, strlen(start));
}

/* Whatever the chunks are, each thing is shown once. */
static void each_is_shown_once(void **state)
{
    struct vw_session *s = filtered("9.0.0", &all);
    static const uint8_t call[28] = {0, 0, 0, 28, 0x20, 0, 0x80, 0x86, 0, 0, 0, 1, 0, 0,
                                     0, 3, 0, 0,  0,    0, 0,    0,    0, 7, 0, 0, 0, 0};
    for (size_t i = 0; i < sizeof(call); i++) {
        test_expect_none(s);
        assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, call + i, 1), 0);
        assert_int_equal(vw_session_held(s, VW_SIDE_CLIENT), i < 27 ? i + 1 : 0);
    }
    struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(vw_session_held(s, VW_SIDE_CLIENT), 0);
    expect_log("length 28|in 7 of 28|");
    assert_int_equal(test_reply_raw(s, &ev.header, "abcd", 4), 0);
    expect_log("out 7 of 32|");
    test_feed_call(s, 9999, 8, NULL, 0);
    test_expect(s, VW_EVENT_REFUSED);
    assert_memory_equal(told.log, "length 28|in 8 of 28|out 8 of ", 30);
    assert_non_null(strstr(told.log, " for D-4|"));
    vw_session_destroy(s);
}

/* Memory that is out while a message is dealt with does not show it again. */
static void once_though_memory_runs_out(void **state)
{
    struct vw_session *s = filtered("9.0.0", &all);
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_event ev;
    int rc = VW_ENOMEM;
    test_feed_call(s, LOOKUP_BY_NAME, 1, "\0\0\0\4test", 8);
    for (size_t n = 1; rc == VW_ENOMEM; n++) {
        vw_failalloc_set(n);
        rc = vw_session_next(s, &arena, &ev);
        vw_failalloc_clear();
    }
    assert_int_equal(rc, 1);
    assert_int_equal(ev.kind, VW_EVENT_CALL);
    expect_log("length 36|in 1 of 36|");
    vw_arena_finish(&arena);
    vw_session_destroy(s);
}

static void what_comes_is_changed_and_dropped(void **state)
{
    struct vw_session *s = filtered("9.0.0", &all);
    told.becomes = 9999;
    test_feed_call(s, GET_TYPE, 1, NULL, 0);
    struct vw_event ev = test_expect(s, VW_EVENT_REFUSED);
    assert_int_equal(ev.header.procedure, 9999);
    told.becomes = 0;
    told.log[0] = '\0';

    told.in = VW_FATE_DROP;
    test_feed_call(s, GET_TYPE, 2, NULL, 0);
    test_feed_call(s, GET_TYPE, 3, NULL, 0);
    assert_int_equal(test_expect(s, VW_EVENT_CALL).header.serial, 3);
    test_expect_none(s);
    expect_log("length 28|in 2 of 28|length 28|in 3 of 28|");

    /* A length word may stand for bytes that come much later, whatever it says. */
    told.length = VW_FATE_DROP;
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\x7f\xff\xff\xff", 4), 0);
    test_expect_none(s);
    expect_log("length 2147483647 wrong|");
    uint8_t *many = calloc(1, 1 << 24);
    for (size_t left = 2147483647 - 4; left > 0;) {
        size_t n = left < 1 << 24 ? left : 1 << 24;
        assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, many, n), 0);
        test_expect_none(s);
        left -= n;
    }
    free(many);
    told.length = VW_FATE_DROP;
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\0\0\1", 4), 0);
    test_feed_call(s, GET_TYPE, 4, NULL, 0);
    assert_int_equal(test_expect(s, VW_EVENT_CALL).header.serial, 4);
    expect_log("length 1 wrong|length 28|in 4 of 28|");
    vw_session_destroy(s);
}

/* A word is allowed from that of a bare header up to the limit. */
static void lengths_at_the_limits(void **state)
{
    struct vw_limits limits;
    vw_limits_from_profile(test_profile("9.0.0"), &limits);
    const uint32_t most = limits.max_length_word;
    const struct {
        uint32_t length;
        bool allowed;
    } rows[] = {{27, false}, {28, true}, {most, true}, {most + 1, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_session *s = filtered("9.0.0", &all);
        uint8_t word[4];
        char wanted[40];
        vw_store32(word, rows[i].length);
        told.length = VW_FATE_DROP;
        assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, word, sizeof(word)), 0);
        test_expect_none(s);
        snprintf(wanted, sizeof(wanted), "length %u%s|", rows[i].length,
                 rows[i].allowed ? "" : " wrong");
        expect_log(wanted);
        vw_session_destroy(s);
    }
}

/* What no message may have is refused by the session, once the filter has let it pass. */
static void wrong_lengths_pass_to_the_session(void **state)
{
    struct vw_session *s = filtered("9.0.0", &all);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\xff\xff\xff\xff", 4), 0);
    test_expect_closed(s, "F-4");
    expect_log("length 4294967295 wrong|");
    /* F-8: behind a filter for what comes, not before all of the message is there. */
    s = filtered("0.3.0", &all);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\0\0\34\0\0\0\1", 8), 0);
    test_expect_none(s);
    vw_session_destroy(s);
    const struct vw_filter out = {.out = on_out};
    s = filtered("0.3.0", &out);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\0\0\34\0\0\0\1", 8), 0);
    test_expect_closed(s, "F-8");
}

/* All that stands behind what ends a side is forgotten, and its answers still go. */
static void a_side_is_closed(void **state)
{
    for (int by_length = 0; by_length < 2; by_length++) {
        struct vw_session *s = filtered("9.0.0", &all);
        test_feed_call(s, GET_TYPE, 1, NULL, 0);
        struct vw_event ev = test_expect(s, VW_EVENT_CALL);
        *(by_length ? &told.length : &told.in) = VW_FATE_CLOSE;
        test_feed_call(s, GET_TYPE, 2, NULL, 0);
        test_feed_call(s, GET_TYPE, 3, NULL, 0);
        test_expect_none(s);
        assert_false(vw_session_wants_read(s));
        assert_int_equal(test_reply_raw(s, &ev.header, "", 0), 0);
        expect_output(s, 28, "\0\0\0\34");
        expect_log(by_length ? "length 28|in 1 of 28|length 28|out 1 of 28|"
                             : "length 28|in 1 of 28|length 28|in 2 of 28|out 1 of 28|");
        vw_session_destroy(s);
    }
}

static void what_goes_is_changed_dropped_and_added_to(void **state)
{
    struct vw_session *s = filtered("9.0.0", &all);
    const struct vw_header call = {REMOTE, 1, GET_TYPE, VW_MSG_CALL, 1, 0};
    told.grows = 2;
    told.before = "before";
    assert_int_equal(test_reply_raw(s, &call, "abcd", 4), 0);
    expect_output(s, 6 + 34, "before\0\0\0\40");
    told.before = NULL;
    told.out = VW_FATE_DROP;
    assert_int_equal(test_reply_raw(s, &call, "abcd", 4), 0);
    assert_int_equal(vw_session_output_pending(s), 0);
    vw_session_destroy(s);
}

/* A record is what was queued at once, though its length word says something else. */
static void records_hold_what_was_queued(void **state)
{
    struct vw_session *s = filtered("9.0.0", &all);
    const struct vw_header call = {REMOTE, 1, GET_TYPE, VW_MSG_CALL, 1, 0};
    static const size_t lens[] = {5, 33, 33};
    struct vw_segment seg;
    told.grows = 5;
    told.before = "\1\2\3\4\5";
    assert_int_equal(test_reply_raw(s, &call, "", 0), 0);
    told.before = NULL;
    assert_int_equal(vw_session_send_raw(s, "", 0), 0); /* is no record */
    assert_int_equal(test_reply_raw(s, &call, "", 0), 0);
    assert_int_equal(vw_session_switch_layer(s), 0);
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.len, 5 + 2 * 33);
    assert_true(seg.switch_layer);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(vw_session_output(s, true, &seg), 1);
        assert_int_equal(seg.len, lens[i]);
        assert_int_equal(seg.switch_layer, i == 2);
        vw_session_written(s, 3);
        assert_int_equal(vw_session_output(s, true, &seg), 1);
        assert_int_equal(seg.len, lens[i] - 3);
        vw_session_written(s, lens[i] - 3);
    }
    assert_int_equal(vw_session_output(s, true, &seg), 0);
    vw_session_switched(s);
    assert_int_equal(test_reply_raw(s, &call, "", 0), 0);
    expect_output(s, 33, "\0\0\0\34");
    vw_session_destroy(s);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void feed_with_fd(struct vw_session *s, uint32_t serial, int fd)
{
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, GET_TYPE, VW_MSG_CALL_WITH_FDS, serial, 0, "\0\0\0\1",
              4);
    assert_int_equal(vw_session_add_fds(s, VW_SIDE_CLIENT, &fd, 1), 0);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "", 1), 0);
}

static void descriptors_that_come(void **state)
{
    struct vw_session *s = filtered("9.0.0", &all);
    int fd = dup(0);
    feed_with_fd(s, 1, fd);
    struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(ev.n_fds, 1);
    assert_int_equal(ev.fds[0], fd);
    assert_true(is_open(fd));
    expect_log("length 32|in 1 of 32|come 1 fds|");
    told.fds = VW_FATE_DROP;
    feed_with_fd(s, 2, fd);
    ev = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(ev.n_fds, 0);
    assert_false(is_open(fd));
    expect_log("length 32|in 2 of 32|come 1 fds|");
    /* With the message its byte goes, and then the descriptor. */
    fd = dup(0);
    told.in = VW_FATE_DROP;
    feed_with_fd(s, 3, fd);
    test_expect_none(s);
    assert_false(is_open(fd));
    expect_log("length 32|in 3 of 32|");
    test_feed_call(s, GET_TYPE, 4, NULL, 0);
    assert_int_equal(test_expect(s, VW_EVENT_CALL).header.serial, 4);
    vw_session_destroy(s);
}

/* With a message that is dropped go as many bytes as it may have descriptors, if it says so. */
static void bytes_of_descriptors_that_are_dropped(void **state)
{
    static const char most[] = "\0\0\0\40", too_many[] = "\0\0\0\41";
    static const struct {
        const char *body;
        size_t len, bytes;
    } rows[] = {{"", 0, 0}, {most, 3, 0}, {most, 4, 32}, {too_many, 4, 0}, {"\0\0\0\0", 4, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_session *s = filtered("9.0.0", &all);
        char bytes[32] = "";
        told.in = VW_FATE_DROP;
        test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, GET_TYPE, VW_MSG_CALL_WITH_FDS, 1, 0, rows[i].body,
                  rows[i].len);
        assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, bytes, rows[i].bytes), 0);
        test_feed_call(s, GET_TYPE, 2, NULL, 0);
        assert_int_equal(test_expect(s, VW_EVENT_CALL).header.serial, 2);
        vw_session_destroy(s);
    }
}

static void descriptors_that_go(void **state)
{
    struct vw_session *s = filtered("9.0.0", &all);
    const struct vw_header call = {REMOTE, 1, CLOSE, VW_MSG_CALL, 1, 0};
    struct vw_segment seg;
    int fd = dup(0);
    told.before = "before";
    assert_int_equal(vw_session_reply(s, &call, NULL, &fd, 1, NULL), 0);
    expect_log("out 1 of 32|go 1 fds|");
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.len, 6 + 32);
    vw_session_written(s, 6 + 32);
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.len, 1);
    assert_int_equal(seg.fd, fd);
    vw_session_written(s, 1);
    assert_false(is_open(fd));
    told.before = NULL;
    told.out = told.fds = VW_FATE_DROP;
    fd = dup(0);
    assert_int_equal(vw_session_reply(s, &call, NULL, &fd, 1, NULL), 0);
    assert_false(is_open(fd));
    assert_int_equal(vw_session_output_pending(s), 0);
    expect_log("out 1 of 32|go 1 fds|");
    vw_session_destroy(s);
}

/* Bytes that are none are no message to write. */
static void nothing_raw(void **state)
{
    for (int i = 0; i < 2; i++) {
        struct vw_session *s = filtered("9.0.0", i ? &all : NULL);
        struct vw_segment seg;
        assert_int_equal(vw_session_send_raw(s, "", 0), 0);
        assert_int_equal(vw_session_output(s, true, &seg), 0);
        assert_int_equal(vw_session_send_raw(s, "x", 1), 0);
        assert_int_equal(vw_session_output(s, true, &seg), 1);
        assert_int_equal(seg.len, 1);
        vw_session_destroy(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_raw),
        cmocka_unit_test(each_is_shown_once),
        cmocka_unit_test(once_though_memory_runs_out),
        cmocka_unit_test(what_comes_is_changed_and_dropped),
        cmocka_unit_test(lengths_at_the_limits),
        cmocka_unit_test(wrong_lengths_pass_to_the_session),
        cmocka_unit_test(a_side_is_closed),
        cmocka_unit_test(what_goes_is_changed_dropped_and_added_to),
        cmocka_unit_test(records_hold_what_was_queued),
        cmocka_unit_test(descriptors_that_come),
        cmocka_unit_test(bytes_of_descriptors_that_are_dropped),
        cmocka_unit_test(descriptors_that_go),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
