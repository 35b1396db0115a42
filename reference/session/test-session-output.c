// SPDX-License-Identifier: MIT
// What is to be written: whole messages for TLS records, and the mark where SASL takes over.
#include "session/testing.h"

#define KEEPALIVE 0x6b656570u

static void single_messages_for_records(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "9.0.0");
    const struct vw_proc *p = test_proc(s, "connect_get_type");
    struct vw_segment seg;
    for (int i = 0; i < 3; i++)
        assert_int_equal(vw_session_call(s, p, NULL, NULL, 0, NULL, NULL, NULL), 0);
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.len, 84);
    assert_int_equal(vw_session_output(s, true, &seg), 1);
    assert_int_equal(seg.len, 28);
    /* A short write leaves the rest of one message. */
    vw_session_written(s, 30);
    assert_int_equal(vw_session_output(s, true, &seg), 1);
    assert_int_equal(seg.len, 26);
    vw_session_written(s, 26);
    assert_int_equal(vw_session_output(s, true, &seg), 1);
    assert_int_equal(seg.len, 28);
    assert_int_equal(vw_load32(seg.data), 28);
    vw_session_written(s, 28);
    assert_int_equal(vw_session_output(s, true, &seg), 0);
    vw_session_destroy(s);
}

static void the_layer_below_changes_at_a_mark(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "9.0.0");
    const struct vw_proc *p = test_proc(s, "connect_get_type");
    struct vw_segment seg;
    const uint8_t *rest;
    assert_int_equal(vw_session_call(s, p, NULL, NULL, 0, NULL, NULL, NULL), 0);
    assert_int_equal(vw_session_switch_layer(s), 0);
    assert_int_equal(vw_session_call(s, p, NULL, NULL, 0, NULL, NULL, NULL), 0);
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.len, 28);
    assert_true(seg.switch_layer);
    vw_session_written(s, 20);
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.len, 8);
    assert_true(seg.switch_layer);
    vw_session_written(s, 8);
    assert_int_equal(vw_session_output(s, false, &seg), 0);
    vw_session_switched(s);
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.len, 28);
    assert_false(seg.switch_layer);
    vw_session_written(s, 28);

    /* What was read too far belongs to the new layer. */
    test_feed(s, VW_SIDE_SERVER, REMOTE, 1, GET_TYPE, VW_MSG_REPLY, 0, 0, "\0\0\0\0", 4);
    assert_int_equal(vw_session_feed(s, VW_SIDE_SERVER, "packet", 6), 0);
    test_expect(s, VW_EVENT_REPLY);
    assert_int_equal(vw_session_unread(s, VW_SIDE_SERVER, &rest), 6);
    assert_memory_equal(rest, "packet", 6);
    test_feed(s, VW_SIDE_SERVER, REMOTE, 1, GET_TYPE, VW_MSG_REPLY, 1, 0, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_REPLY);
    vw_session_destroy(s);
}

/* A server reads on while less than so many bytes wait to be written, and until the end. */
static void output_stops_the_reading(void **state)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = test_profile("9.0.0"), .max_output = 100};
    struct vw_session *s;
    struct vw_segment seg;
    uint8_t bytes[100] = {0};
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    assert_true(vw_session_wants_read(s));
    assert_int_equal(vw_session_send_raw(s, bytes, 99), 0);
    assert_true(vw_session_wants_read(s));
    assert_int_equal(vw_session_send_raw(s, bytes, 1), 0);
    assert_false(vw_session_wants_read(s));
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.len, 100);
    vw_session_written(s, 1);
    assert_true(vw_session_wants_read(s));
    vw_session_eof(s, VW_SIDE_CLIENT);
    assert_false(vw_session_wants_read(s));
    vw_session_destroy(s);

    /* A client reads whatever waits. */
    s = test_session(VW_ROLE_CLIENT, "9.0.0");
    uint8_t *many = calloc(1, 70 << 20);
    assert_int_equal(vw_session_send_raw(s, many, 70 << 20), 0);
    free(many);
    assert_true(vw_session_wants_read(s));
    vw_session_eof(s, VW_SIDE_CLIENT);
    assert_true(vw_session_wants_read(s));
    vw_session_eof(s, VW_SIDE_SERVER);
    assert_false(vw_session_wants_read(s));
    vw_session_destroy(s);
}

/* Serials 1 to N, and taken as calls. */
static void feed_calls(struct vw_session *s, uint32_t first, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        test_feed_call(s, GET_TYPE, first + i, NULL, 0);
}

static void answer_next(struct vw_session *s)
{
    struct vw_remote_error e;
    const struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    vw_session_rpc_error(s, VW_ERR_RPC, VW_FROM_RPC, "no", &e);
    assert_int_equal(vw_session_reply_error(s, &ev.header, &e, NULL), 0);
}

/* D-26: while the transport takes nothing, a request counts until its reply is written; what is no
 * reply does not count. */
static void requests_count_until_their_reply_is_written(void **state)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = test_profile("9.0.0"), .max_requests = 3, .fds = true};
    struct vw_session *s;
    struct vw_segment seg;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    vw_session_set_opened(s, true);
    feed_calls(s, 1, 12);
    /* Nothing says yet that they cannot be written. */
    for (int i = 0; i < 4; i++)
        answer_next(s);
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    size_t each = seg.len / 4;
    vw_session_written(s, seg.len);
    /* All is written: blocked or not, nothing counts. */
    answer_next(s);
    vw_session_blocked(s);
    assert_true(vw_session_wants_read(s));
    vw_session_written(s, each);
    assert_true(vw_session_wants_read(s));

    /* One is left in part, two wholly. */
    answer_next(s);
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    vw_session_written(s, each - 1);
    vw_session_blocked(s);
    answer_next(s);
    assert_true(vw_session_wants_read(s));
    answer_next(s);
    assert_false(vw_session_wants_read(s));
    test_expect_none(s);
    vw_session_written(s, 1);
    assert_true(vw_session_wants_read(s));
    answer_next(s);
    test_expect_none(s);
    /* Two in one write, and the third in part. */
    vw_session_written(s, 2 * each + 5);
    answer_next(s);
    answer_next(s);
    test_expect_none(s);
    vw_session_written(s, each - 5);
    answer_next(s);
    test_expect_none(s);
    vw_session_destroy(s);

    /* PONGs may wait, one reply not. */
    assert_int_equal(
        vw_session_create(&(struct vw_session_options){.role = VW_ROLE_SERVER,
                                                       .profile = test_profile("9.0.0"),
                                                       .max_requests = 1},
                          &s, NULL),
        0);
    vw_session_set_opened(s, true);
    for (int i = 0; i < 3; i++) {
        test_feed(s, VW_SIDE_CLIENT, KEEPALIVE, 1, 1, VW_MSG_MESSAGE, 0, 0, NULL, 0);
        test_expect(s, VW_EVENT_PING);
    }
    vw_session_blocked(s);
    feed_calls(s, 1, 2);
    answer_next(s);
    test_expect_none(s);
    vw_session_destroy(s);
}

/* One whose result comes with a descriptor counts like others. */
static void replies_with_descriptors_count(void **state)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = test_profile("9.0.0"), .max_requests = 2, .fds = true};
    struct vw_session *s;
    struct vw_segment seg;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    vw_session_set_opened(s, true);
    feed_calls(s, 1, 3);
    for (int i = 0; i < 2; i++) {
        const struct vw_event ev = test_expect(s, VW_EVENT_CALL);
        const struct vw_string type = {.data = (char *)"x", .len = 1};
        int fd = dup(0);
        assert_int_equal(vw_session_reply(s, &ev.header, &type, &fd, 1, NULL), 0);
        vw_session_blocked(s);
    }
    test_expect_none(s);
    /* The message, and then the byte of its descriptor. */
    assert_int_equal(vw_session_output(s, false, &seg), 1);
    assert_int_equal(seg.fd, -1);
    vw_session_written(s, seg.len);
    assert_int_equal(test_expect(s, VW_EVENT_CALL).header.serial, 3);
    vw_session_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_stops_the_reading),
        cmocka_unit_test(replies_with_descriptors_count),
        cmocka_unit_test(requests_count_until_their_reply_is_written),
        cmocka_unit_test(single_messages_for_records),
        cmocka_unit_test(the_layer_below_changes_at_a_mark),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
