// SPDX-License-Identifier: MIT
// File descriptors in both directions (section 8): behind which message they come and go, and that
// none leaks.
#include "session/testing.h"

#include <fcntl.h>

static struct vw_session *with_fds(enum vw_role role)
{
    const struct vw_session_options o = {
        .role = role, .profile = test_profile("9.0.0"), .fds = true};
    struct vw_session *s;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    vw_session_set_opened(s, true);
    return s;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void descriptors_come_behind_their_message(void **state)
{
    struct vw_session *s = with_fds(VW_ROLE_SERVER);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, LOOKUP_BY_NAME, VW_MSG_CALL_WITH_FDS, 1, 0,
              "\0\0\0\2\0\0\0\4test", 12);
    test_expect_none(s);
    assert_int_equal(vw_session_add_fds(s, VW_SIDE_CLIENT, &fds[0], 1), 0);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "", 1), 0);
    test_expect_none(s);
    assert_int_equal(vw_session_add_fds(s, VW_SIDE_CLIENT, &fds[1], 1), 0);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "", 1), 0);
    test_feed_call(s, GET_TYPE, 2, NULL, 0);
    struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(ev.n_fds, 2);
    assert_int_equal(ev.fds[0], fds[0]);
    assert_int_equal(ev.fds[1], fds[1]);
    close(fds[0]);
    close(fds[1]);
    ev = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(ev.n_fds, 0);
    assert_int_equal(ev.header.serial, 2);
    vw_session_destroy(s);

    /* D-15 */
    s = with_fds(VW_ROLE_SERVER);
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, GET_TYPE, VW_MSG_CALL_WITH_FDS, 1, 0, "\0\0\0\1", 4);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "x", 1), 0);
    test_expect_closed(s, "D-15");
}

static void descriptors_that_nobody_takes_are_closed(void **state)
{
    struct vw_session *s = with_fds(VW_ROLE_SERVER);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    /* The call is refused, so its descriptor goes too. */
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, 9999, VW_MSG_CALL_WITH_FDS, 1, 0, "\0\0\0\1", 4);
    assert_int_equal(vw_session_add_fds(s, VW_SIDE_CLIENT, &fds[0], 1), 0);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "", 1), 0);
    test_expect(s, VW_EVENT_REFUSED);
    assert_false(is_open(fds[0]));
    /* Nobody announced this one. */
    assert_int_equal(vw_session_add_fds(s, VW_SIDE_CLIENT, &fds[1], 1), 0);
    test_feed_call(s, GET_TYPE, 2, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    test_expect_none(s);
    assert_false(is_open(fds[1]));

    /* This one lies there at the end. */
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(vw_session_add_fds(s, VW_SIDE_CLIENT, fds, 2), 0);
    vw_session_destroy(s);
    assert_false(is_open(fds[0]));
    assert_false(is_open(fds[1]));
}

/* Those that came early go to the messages in their order. */
static void descriptors_go_to_their_messages(void **state)
{
    struct vw_session *s = with_fds(VW_ROLE_SERVER);
    int fds[4];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(pipe(fds + 2), 0);
    assert_int_equal(vw_session_add_fds(s, VW_SIDE_CLIENT, fds, 3), 0);
    for (uint32_t i = 0; i < 2; i++) {
        test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, GET_TYPE, VW_MSG_CALL_WITH_FDS, i, 0,
                  i ? "\0\0\0\2" : "\0\0\0\1", 4);
        assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\0", 1 + i), 0);
    }
    struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(ev.n_fds, 1);
    assert_int_equal(ev.fds[0], fds[0]);
    ev = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(ev.n_fds, 2);
    assert_int_equal(ev.fds[0], fds[1]);
    assert_int_equal(ev.fds[1], fds[2]);
    test_expect_none(s);
    vw_session_destroy(s);
    for (int i = 0; i < 4; i++) {
        assert_true(is_open(fds[i]));
        close(fds[i]);
    }
}

/* Part of a message, and four descriptors: as many are kept as its count says, none before it is
 * there, and none for a message of another type. */
static void descriptors_are_kept_for_a_count_alone(void **state)
{
    static const struct {
        size_t bytes; /* of the message that have come */
        uint32_t type;
        const char *count;
        int kept;
    } rows[] = {
        {2, VW_MSG_CALL_WITH_FDS, "\0\0\0\4", 0},  {28, VW_MSG_CALL_WITH_FDS, "\0\0\0\4", 0},
        {31, VW_MSG_CALL_WITH_FDS, "\0\0\0\4", 0}, {32, VW_MSG_CALL_WITH_FDS, "\0\0\0\4", 4},
        {32, VW_MSG_CALL_WITH_FDS, "\0\0\0\3", 3}, {32, VW_MSG_CALL_WITH_FDS, "\0\0\0\0", 0},
        {31, VW_MSG_CALL, "\0\0\0\4", 0},          {33, VW_MSG_CALL_WITH_FDS, "\0\0\0\3", 3},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_session *s = with_fds(VW_ROLE_SERVER);
        const struct vw_header h = {REMOTE, 1, LOOKUP_BY_NAME, rows[i].type, 1, VW_MSG_OK};
        uint8_t message[40] = {0};
        int fds[4];
        vw_store32(message, sizeof(message));
        vw_header_encode(&h, message + VW_LENGTH_BYTES);
        memcpy(message + VW_PREFIX_BYTES, rows[i].count, 4);
        assert_int_equal(pipe(fds), 0);
        assert_int_equal(pipe(fds + 2), 0);
        assert_int_equal(vw_session_add_fds(s, VW_SIDE_CLIENT, fds, 4), 0);
        assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, message, rows[i].bytes), 0);
        test_expect_none(s);
        for (int k = 0; k < 4; k++) {
            if (is_open(fds[k]) != (k < rows[i].kept))
                fail_msg("row %zu: descriptor %d", i, k);
        }
        vw_session_destroy(s);
    }
}

/* They are closed, as if none had come. */
static void descriptors_without_memory_are_closed(void **state)
{
    struct vw_session *s = with_fds(VW_ROLE_SERVER);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    vw_failalloc_set(1);
    assert_int_equal(vw_session_add_fds(s, VW_SIDE_CLIENT, fds, 2), VW_ENOMEM);
    assert_true(vw_failalloc_clear());
    assert_false(is_open(fds[0]));
    assert_false(is_open(fds[1]));
    test_feed_call(s, GET_TYPE, 1, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    vw_session_destroy(s);
}

static void descriptors_go_out_one_a_byte(void **state)
{
    struct vw_session *s = with_fds(VW_ROLE_CLIENT);
    const struct vw_proc *p = test_proc(s, "connect_get_type");
    struct vw_segment seg;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(vw_session_call(s, p, NULL, fds, 2, NULL, NULL, NULL), 0);
    assert_int_equal(vw_session_call(s, p, NULL, NULL, 0, NULL, NULL, NULL), 0);
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.len, 32);
    assert_int_equal(seg.fd, -1);
    assert_int_equal(vw_load32(seg.data), 32);
    assert_int_equal(vw_load32(seg.data + 28), 2);
    vw_session_written(s, 10);
    vw_session_written(s, 22);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vw_session_output(s, false, &seg), 1);
        assert_int_equal(seg.len, 1);
        assert_int_equal(seg.data[0], 0);
        assert_int_equal(seg.fd, fds[i]);
        assert_true(is_open(fds[i]));
        vw_session_written(s, 1);
        assert_false(is_open(fds[i]));
    }
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.len, 28);
    vw_session_written(s, 28);
    assert_int_equal(vw_session_output(s, false, &seg), 0);

    /* More than the profile allows: the caller's copies are closed all the same. */
    int many[33];
    for (int i = 0; i < 33; i++)
        many[i] = dup(0);
    assert_int_equal(vw_session_call(s, p, NULL, many, 33, NULL, NULL, NULL), VW_EUSAGE);
    assert_false(is_open(many[32]));
    assert_int_equal(vw_session_in_flight(s), 2);
    vw_session_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_come_behind_their_message),
        cmocka_unit_test(descriptors_that_nobody_takes_are_closed),
        cmocka_unit_test(descriptors_go_to_their_messages),
        cmocka_unit_test(descriptors_are_kept_for_a_count_alone),
        cmocka_unit_test(descriptors_without_memory_are_closed),
        cmocka_unit_test(descriptors_go_out_one_a_byte),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
