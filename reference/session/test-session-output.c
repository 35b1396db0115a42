// SPDX-License-Identifier: MIT
// What is to be written: whole messages for TLS records, and the mark where SASL takes over.
#include "session/testing.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_stops_the_reading),
        cmocka_unit_test(single_messages_for_records),
        cmocka_unit_test(the_layer_below_changes_at_a_mark),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
