// SPDX-License-Identifier: MIT
// The server role: what it answers itself and in which order (section 3), gates and limits,
// keepalive.
#include "session/testing.h"

static const uint8_t name_test[] = {0, 0, 0, 4, 't', 'e', 's', 't'};

static void drop(struct vw_session *s, uint32_t program, int32_t type, const char *clause)
{
    test_feed(s, VW_SIDE_CLIENT, program, 1, GET_TYPE, type, 5, VW_MSG_OK, NULL, 0);
    struct vw_event ev = test_expect(s, VW_EVENT_DROPPED);
    assert_string_equal(ev.clause, clause);
    assert_string_equal(ev.text, "a message that is neither a call nor for an open stream");
    assert_int_equal(vw_session_output_pending(s), 0);
    test_expect_none(s);
}

static void bad_messages_are_answered_or_dropped(void **state)
{
    struct vw_session *s = test_opened_server();
    const struct vw_header call = {REMOTE, 1, GET_TYPE, VW_MSG_CALL, 77, VW_MSG_OK};
    struct vw_header h = call;

    h.program = 0x12345678;
    test_refuse(s, h, NULL, 0, "D-1", 39, 7, NULL);
    h = call, h.version = 2;
    test_refuse(s, h, NULL, 0, "D-2", 39, 7, NULL);
    static const int32_t unknown[] = {0, -1, INT32_MIN, 9999, INT32_MAX};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        h = call, h.procedure = unknown[i];
        test_refuse(s, h, NULL, 0, "D-4", 39, 7, "unknown procedure");
    }
    h = call, h.procedure = EVENT_LIFECYCLE;
    test_refuse(s, h, NULL, 0, "D-5", 39, 7, "unknown procedure");
    static const int32_t status[] = {1, 2, 99, -1};
    for (size_t i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
        h = call, h.status = status[i];
        test_refuse(s, h, NULL, 0, "D-8", 39, 7, NULL);
    }
    h = call, h.procedure = LOOKUP_BY_NAME;
    test_refuse(s, h, NULL, 0, "D-9", 39, 7, NULL);
    test_refuse(s, h, "\0\0\0\5test", 8, "D-9", 39, 7, NULL);
    test_refuse(s, h, "\xff\xff\xff\xfftest", 8, "D-9", 39, 7, NULL);

    drop(s, 0x12345678, VW_MSG_REPLY, "D-3");
    drop(s, 0x12345678, 99, "D-3");
    static const int32_t types[] = {
        VW_MSG_REPLY, VW_MSG_REPLY_WITH_FDS - 3, VW_MSG_STREAM_HOLE, 7, -1, INT32_MAX};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        drop(s, REMOTE, types[i], "D-6");
    drop(s, REMOTE, VW_MSG_STREAM, "D-7");
    assert_int_equal(vw_session_in_flight(s), 0);
    vw_session_destroy(s);
}

static void calls_are_told_and_answered(void **state)
{
    struct vw_session *s = test_opened_server();
    const uint8_t *bytes;
    test_feed_call(s, LOOKUP_BY_NAME, 3, name_test, sizeof(name_test));
    struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    const struct vw_string *name = ev.value;
    assert_string_equal(name->data, "test");
    assert_true(ev.high_priority);
    assert_int_equal(vw_session_in_flight(s), 1);

    /* remote_domain_lookup_by_name_ret: name, uuid, id */
    struct {
        struct vw_string name;
        uint8_t uuid[16];
        int32_t id;
    } ret = {.name = {.data = (char[]){"test"}, .len = 4}, .id = 1};
    assert_int_equal(ev.proc->ret->size, sizeof(ret));
    assert_int_equal(vw_session_reply(s, &ev.header, &ret, NULL, 0, NULL), 0);
    assert_int_equal(vw_session_in_flight(s), 0);
    assert_int_equal(test_take(s, &bytes), 56);
    assert_int_equal(vw_load32(bytes + 16), VW_MSG_REPLY);
    assert_int_equal(vw_load32(bytes + 20), 3);

    /* D-10: more than the arguments is no harm. */
    test_feed_call(s, LOOKUP_BY_NAME, 3, "\0\0\0\4testXYZ", 11);
    ev = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(ev.value_len, 8);
    assert_int_equal(ev.body_len, 11);
    struct vw_remote_error e;
    vw_session_rpc_error(s, 42, 12, "nothing of that name", &e);
    assert_int_equal(vw_session_reply_error(s, &ev.header, &e, NULL), 0);
    struct vw_header want = ev.header;
    want.type = VW_MSG_REPLY;
    want.status = VW_MSG_ERROR;
    test_expect_error_reply(s, &want, 42, 12, "nothing");
    vw_session_destroy(s);
}

static void results_that_do_not_fit_become_errors(void **state)
{
    struct vw_session *s = test_opened_server();
    test_feed_call(s, GET_TYPE, 3, NULL, 0);
    struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    char *text = calloc(1, 4194306);
    memset(text, 'a', 4194305);
    struct vw_string type = {.data = text, .len = 4194305};
    assert_int_equal(vw_session_reply(s, &ev.header, &type, NULL, 0, NULL), 0);
    struct vw_header want = ev.header;
    want.type = VW_MSG_REPLY;
    want.status = VW_MSG_ERROR;
    test_expect_error_reply(s, &want, 39, 7, NULL);
    assert_int_equal(vw_session_in_flight(s), 0);
    free(text);
    vw_session_destroy(s);
}

static void gates(void **state)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = test_profile("9.0.0"), .auth_required = true};
    struct vw_session *s;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    struct vw_header h = {REMOTE, 1, OPEN, VW_MSG_CALL, 1, VW_MSG_OK};
    static const uint8_t feature[] = {0, 0, 0, 10}, other[] = {0, 0, 0, 14};

    /* D-11, A-2: authentication comes before the arguments are looked at... */
    test_refuse(s, h, NULL, 0, "D-11", 39, 7, NULL);
    h.procedure = CLOSE;
    test_refuse(s, h, NULL, 0, "D-11", 39, 7, NULL);
    h.procedure = SUPPORTS_FEATURE;
    test_refuse(s, h, feature, 4, "D-11", 39, 7, NULL);
    /* ... and after program, type, status and procedure (D-20). */
    h.procedure = 9999;
    test_refuse(s, h, NULL, 0, "D-4", 39, 7, "unknown procedure");
    h.procedure = GET_TYPE, h.status = 1;
    test_refuse(s, h, NULL, 0, "D-8", 39, 7, NULL);
    test_feed_call(s, AUTH_LIST, 1, NULL, 0);
    test_expect(s, VW_EVENT_CALL);

    /* D-12, C-3: open comes after the arguments. */
    vw_session_set_authenticated(s, true);
    h.status = VW_MSG_OK;
    test_refuse(s, h, NULL, 0, "D-12", 1, 7, NULL);
    h.procedure = LOOKUP_BY_NAME;
    test_refuse(s, h, NULL, 0, "D-9", 39, 7, NULL);
    test_refuse(s, h, name_test, 8, "D-12", 1, 7, NULL);
    h.procedure = SUPPORTS_FEATURE;
    test_refuse(s, h, other, 4, "D-12", 1, 7, NULL);
    h.program = QEMU, h.procedure = 1;
    test_feed(s, VW_SIDE_CLIENT, QEMU, 1, 3, VW_MSG_CALL, 9, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_REFUSED);
    test_feed_call(s, SUPPORTS_FEATURE, 1, feature, 4);
    test_expect(s, VW_EVENT_CALL);
    test_feed_call(s, CLOSE, 1, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    test_feed_call(s, OPEN, 1, "\0\0\0\0\0\0\0\0", 8);
    test_expect(s, VW_EVENT_CALL);
    vw_session_set_opened(s, true);
    test_feed_call(s, GET_TYPE, 1, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    vw_session_destroy(s);
}

static void too_many_requests_stop_the_reading(void **state)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = test_profile("9.0.0"), .max_requests = 2};
    struct vw_session *s;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    vw_session_set_opened(s, true);
    /* Of whichever priority (D-27). */
    for (uint32_t i = 0; i < 4; i++)
        test_feed_call(s, i == 1 ? GET_CAPABILITIES : GET_TYPE, i, NULL, 0);
    vw_session_eof(s, VW_SIDE_CLIENT);
    struct vw_event first = test_expect(s, VW_EVENT_CALL);
    test_expect(s, VW_EVENT_CALL);
    test_expect_none(s);
    assert_false(vw_session_wants_read(s));
    struct vw_string type = {.data = (char[]){"TEST"}, .len = 4};
    assert_int_equal(vw_session_reply(s, &first.header, &type, NULL, 0, NULL), 0);
    struct vw_event third = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(third.header.serial, 2);
    test_expect_none(s);
    vw_session_no_reply(s, &third.header);
    vw_session_no_reply(s, &third.header);
    assert_int_equal(test_expect(s, VW_EVENT_CALL).header.serial, 3);
    assert_int_equal(test_expect(s, VW_EVENT_CLOSED).reason, VW_CLOSE_EOF);
    /* A client that half-closed still gets its answers. */
    assert_int_equal(vw_session_reply(s, &third.header, &type, NULL, 0, NULL), 0);
    assert_int_equal(vw_session_output_pending(s), 72);
    vw_session_destroy(s);
}

static void events_go_out(void **state)
{
    struct vw_session *s = test_opened_server();
    const struct vw_proc *p = test_proc(s, "connect_event_connection_closed");
    const uint8_t *bytes;
    int32_t reason = 2;
    assert_non_null(p);
    assert_int_equal(vw_session_send_event(s, p, &reason, NULL), 0);
    assert_int_equal(test_take(s, &bytes), 32);
    assert_int_equal(vw_load32(bytes + 16), VW_MSG_MESSAGE);
    assert_int_equal(vw_load32(bytes + 20), 1); /* V-2 */
    const struct vw_proc *call = test_proc(s, "connect_get_type");
    assert_int_equal(vw_session_send_event(s, call, NULL, NULL), VW_EUSAGE);
    vw_session_destroy(s);
}

static void some_faults_close(void **state)
{
    struct vw_session *s = test_opened_server();
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\0\0\0", 4), 0);
    test_expect_closed(s, "F-3");
    s = test_opened_server();
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\2\0\0\5", 4), 0);
    test_expect_closed(s, "F-4");
    s = test_opened_server();
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, GET_TYPE, VW_MSG_CALL_WITH_FDS, 1, 0, NULL, 0);
    test_expect_closed(s, "D-14");
    s = test_opened_server();
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, GET_TYPE, VW_MSG_CALL_WITH_FDS, 1, 0, "\0\0\0\x21", 4);
    test_expect_closed(s, "D-14");
    s = test_opened_server();
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, GET_TYPE, VW_MSG_CALL_WITH_FDS, 1, 0, "\0\0\0\1", 4);
    test_expect_closed(s, "P-6");
    /* Without descriptors it works like a call (P-4, P-6). */
    s = test_opened_server();
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, LOOKUP_BY_NAME, VW_MSG_CALL_WITH_FDS, 1, 0,
              "\0\0\0\0\0\0\0\4test", 12);
    struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(ev.value_len, 8);
    const uint64_t end = ev.offset + ev.length;
    vw_session_break(s, "S-11", "a hole on a stream that is not sparse");
    ev = test_expect(s, VW_EVENT_VIOLATION);
    assert_string_equal(ev.finding->clauses, "S-11");
    assert_string_equal(ev.finding->cause, "S-11");
    assert_string_equal(ev.finding->place.side, "client");
    assert_int_equal(ev.finding->place.offset, end);
    assert_int_equal(test_expect(s, VW_EVENT_CLOSED).reason, VW_CLOSE_VIOLATION);
    vw_session_destroy(s);
}

static void errors_are_worded_as_the_profile_says(void **state)
{
    static const struct {
        const char *profile, *str1, *str2, *bare;
        int32_t ints;
    } rows[] = {
        {"7.0.0", "%s", "text", "", -1},
        {"9.0.0", "%s", "text", NULL, -1},
        {"12.8.0", "%1$s", "text", NULL, -1},
        {"0.3.0", "text", NULL, NULL, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_session *s = test_session(VW_ROLE_SERVER, rows[i].profile);
        struct vw_remote_error e;
        vw_session_rpc_error(s, 1, 7, "text", &e);
        assert_string_equal(e.str1, rows[i].str1);
        if (rows[i].str2)
            assert_string_equal(e.str2, rows[i].str2);
        else
            assert_null(e.str2);
        assert_int_equal(e.int1, rows[i].ints);
        vw_session_rpc_error(s, 1, 7, NULL, &e);
        assert_true(rows[i].bare ? e.str2 && !e.str2[0] : !e.str2);
        vw_session_destroy(s);
    }
}

static void pings_are_answered_at_any_time(void **state)
{
    const struct vw_session_options o = {.role = VW_ROLE_SERVER,
                                         .profile = test_profile("9.0.0"),
                                         .auth_required = true,
                                         .keepalive_interval = 5000,
                                         .keepalive_count = 5};
    struct vw_session *s;
    const uint8_t *bytes;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    for (int i = 0; i < 200; i++)
        test_feed(s, VW_SIDE_CLIENT, 0x6B656570, 1, 1, VW_MSG_MESSAGE, 0, VW_MSG_OK, NULL, 0);
    for (int i = 0; i < 200; i++)
        test_expect(s, VW_EVENT_PING);
    assert_int_equal(test_take(s, &bytes), 200 * 28);
    /* As a call the program is unknown (K-3, D-1). */
    const struct vw_header h = {0x6B656570, 1, 1, VW_MSG_CALL, 1, VW_MSG_OK};
    test_refuse(s, h, NULL, 0, "D-1", 39, 7, NULL);

    vw_session_keepalive_start(s);
    for (int64_t t = 5000; t <= 25000; t += 5000) {
        vw_session_time(s, t);
        test_expect_none(s);
        assert_int_equal(test_take(s, &bytes), 28);
    }
    vw_session_time(s, 30000);
    assert_string_equal(test_expect(s, VW_EVENT_CLOSED).clause, "K-5");
    vw_session_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_messages_are_answered_or_dropped),
        cmocka_unit_test(calls_are_told_and_answered),
        cmocka_unit_test(results_that_do_not_fit_become_errors),
        cmocka_unit_test(gates),
        cmocka_unit_test(too_many_requests_stop_the_reading),
        cmocka_unit_test(events_go_out),
        cmocka_unit_test(some_faults_close),
        cmocka_unit_test(errors_are_worded_as_the_profile_says),
        cmocka_unit_test(pings_are_answered_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
