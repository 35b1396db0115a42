// SPDX-License-Identifier: MIT
// The client role: answers by serial in any order, several programs at once, peers that lie,
// streams, events, keepalive with a clock of our own.
#include "session/testing.h"

/* Queues a call and throws the bytes away. */
static uint32_t call(struct vw_session *s, const char *name, void *user)
{
    const uint8_t *bytes;
    uint32_t serial;
    assert_int_equal(test_call(s, test_proc(s, name), user, &serial, NULL), 0);
    test_take(s, &bytes);
    return serial;
}

static void reply(struct vw_session *s, const char *name, uint32_t serial, const void *body,
                  size_t len)
{
    const struct vw_proc *p = test_proc(s, name);
    test_feed(s, VW_SIDE_SERVER, p->program->number, p->program->version, p->number, VW_MSG_REPLY,
              serial, VW_MSG_OK, body, len);
}

static int users[8];

static void calls_have_serials_from_zero(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    const uint8_t *bytes;
    struct vw_string name = {.data = (char[]){"test"}, .len = 4};
    assert_int_equal(
        vw_session_call(s, test_proc(s, "domain_lookup_by_name"), &name, NULL, 0, NULL, NULL, NULL),
        0);
    static const uint8_t want[] = {0, 0, 0, 36, 0x20, 0, 0x80, 0x86, 0,   0,   0,   1,
                                   0, 0, 0, 23, 0,    0, 0,    0,    0,   0,   0,   0,
                                   0, 0, 0, 0,  0,    0, 0,    4,    't', 'e', 's', 't'};
    assert_int_equal(test_take(s, &bytes), sizeof(want));
    assert_memory_equal(bytes, want, sizeof(want));
    assert_int_equal(call(s, "connect_get_type", NULL), 1);
    assert_int_equal(vw_session_in_flight(s), 2);

    /* After 2^32 calls those still in flight are passed over. */
    vw_session_set_serial(s, UINT32_MAX);
    assert_int_equal(call(s, "connect_get_type", NULL), UINT32_MAX);
    assert_int_equal(call(s, "connect_get_type", NULL), 2);
    vw_session_destroy(s);
}

static void answers_come_in_any_order(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    for (int i = 0; i < 4; i++)
        call(s, "connect_get_hostname", &users[i]);
    static const int order[] = {2, 0, 3, 1};
    static const bool early[] = {true, false, true, false};
    for (int i = 0; i < 4; i++) {
        const uint8_t body[] = {0, 0, 0, 1, (uint8_t)('a' + order[i]), 0, 0, 0};
        reply(s, "connect_get_hostname", (uint32_t)order[i], body, sizeof(body));
    }
    for (int i = 0; i < 4; i++) {
        struct vw_event ev = test_expect(s, VW_EVENT_REPLY);
        const struct vw_string *hostname = ev.value;
        assert_ptr_equal(ev.user, &users[order[i]]);
        assert_int_equal(hostname->len, 1);
        assert_int_equal(hostname->data[0], 'a' + order[i]);
        assert_int_equal(ev.out_of_order, early[i]);
    }
    test_expect_none(s);
    assert_int_equal(vw_session_in_flight(s), 0);
    vw_session_destroy(s);
}

static void equal_serials_of_two_programs(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    vw_session_set_serial(s, 5);
    call(s, "connect_get_hostname", &users[0]);
    vw_session_set_serial(s, 5);
    assert_int_equal(call(s, "qemu.domain_monitor_command", &users[1]), 5);
    assert_int_equal(vw_session_in_flight(s), 2);
    static const uint8_t result[] = {0, 0, 0, 2, 'o', 'k', 0, 0};
    static const uint8_t host[] = {0, 0, 0, 1, 'h', 0, 0, 0};
    reply(s, "qemu.domain_monitor_command", 5, result, sizeof(result));
    reply(s, "connect_get_hostname", 5, host, sizeof(host));
    struct vw_event ev = test_expect(s, VW_EVENT_REPLY);
    assert_ptr_equal(ev.user, &users[1]);
    assert_int_equal(ev.header.program, QEMU);
    ev = test_expect(s, VW_EVENT_REPLY);
    assert_ptr_equal(ev.user, &users[0]);
    assert_int_equal(ev.header.program, REMOTE);
    vw_session_destroy(s);
}

static const char toy[] = "struct toy_one_ret { int v; };\n"
                          "struct toy_two_ret { hyper v; };\n"
                          "program TOY {\n"
                          "    version TOY_ONE { toy_one_ret TOY_ONE_PROC_GET(void) = 1; } = 1;\n"
                          "    version TOY_TWO { toy_two_ret TOY_TWO_PROC_GET(void) = 1; } = 2;\n"
                          "} = 0x20202020;\n";

static void two_versions_of_a_program(void **state)
{
    const struct vw_session_options o = {.role = VW_ROLE_CLIENT, .profile = test_profile_of(toy)};
    struct vw_session *s;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    const struct vw_program *one = vw_session_program(s, 0x20202020, 1);
    const struct vw_program *two = vw_session_program(s, 0x20202020, 2);
    assert_non_null(one);
    assert_non_null(two);
    assert_null(vw_session_program(s, 0x20202020, 3));
    for (int i = 0; i < 2; i++) {
        const struct vw_program *p = i ? two : one;
        vw_session_set_serial(s, 9);
        assert_int_equal(vw_session_call(s, &p->procs[0], NULL, NULL, 0, &users[i], NULL, NULL), 0);
    }
    static const uint8_t body[] = {0, 0, 0, 1, 0, 0, 0, 2};
    test_feed(s, VW_SIDE_SERVER, 0x20202020, 2, 1, VW_MSG_REPLY, 9, VW_MSG_OK, body, 8);
    test_feed(s, VW_SIDE_SERVER, 0x20202020, 1, 1, VW_MSG_REPLY, 9, VW_MSG_OK, body, 4);
    struct vw_event ev = test_expect(s, VW_EVENT_REPLY);
    assert_ptr_equal(ev.user, &users[1]);
    assert_int_equal(*(const int64_t *)ev.value, 0x100000002);
    ev = test_expect(s, VW_EVENT_REPLY);
    assert_ptr_equal(ev.user, &users[0]);
    assert_int_equal(*(const int32_t *)ev.value, 1);
    vw_session_destroy(s);
}

static void errors_of_the_server(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    const struct vw_header h = {REMOTE, 1, 60, VW_MSG_REPLY, 0, VW_MSG_ERROR};
    struct vw_header second = h;
    second.serial = 1;
    call(s, "auth_list", &users[0]);
    call(s, "connect_get_type", &users[1]);
    second.procedure = test_proc(s, "connect_get_type")->number;
    struct vw_header first = h;
    first.procedure = test_proc(s, "auth_list")->number;
    test_feed_error(s, &first, 39, 7, "unknown procedure: 66");
    test_feed_error(s, &second, 42, 12, "no such domain");
    struct vw_event ev = test_expect(s, VW_EVENT_ERROR);
    assert_false(ev.local);
    assert_int_equal(ev.error.code, VW_ERR_NO_SUPPORT); /* D-21 */
    assert_ptr_equal(ev.user, &users[0]);
    ev = test_expect(s, VW_EVENT_ERROR);
    assert_int_equal(ev.error.code, 42);
    assert_string_equal(ev.error.message, "no such domain");
    assert_int_equal(vw_session_in_flight(s), 0);
    vw_session_destroy(s);
}

/* The session tells of CLAUSE, ends one call, and is over. */
static void expect_loss(struct vw_session *s, const char *clause)
{
    test_expect_violation(s, clause);
    struct vw_event ev = test_expect(s, VW_EVENT_ERROR);
    assert_true(ev.local);
    assert_ptr_equal(ev.user, &users[0]);
    ev = test_expect(s, VW_EVENT_CLOSED);
    assert_int_equal(ev.reason, VW_CLOSE_VIOLATION);
    assert_string_equal(ev.clause, clause);
    test_expect_none(s);
    assert_true(vw_session_over(s));
    assert_false(vw_session_wants_read(s));
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(test_call(s, test_proc(s, "connect_get_type"), NULL, NULL, &err), VW_ECLOSED);
    vw_session_destroy(s);
}

static struct vw_session *with_call(void)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    call(s, "connect_get_type", &users[0]);
    return s;
}

static void foreign_serials_end_it(void **state)
{
    static const uint8_t body[] = {0, 0, 0, 0};
    struct vw_session *s = with_call();
    reply(s, "connect_get_type", 1, body, 4);
    expect_loss(s, "H-9");

    s = with_call();
    test_feed(s, VW_SIDE_SERVER, REMOTE, 2, 3, VW_MSG_REPLY, 0, VW_MSG_OK, body, 4);
    expect_loss(s, "H-9");

    s = with_call();
    test_feed(s, VW_SIDE_SERVER, QEMU, 1, 3, VW_MSG_REPLY, 0, VW_MSG_OK, body, 4);
    expect_loss(s, "H-9");
}

static void an_answer_given_twice_ends_it(void **state)
{
    static const uint8_t body[] = {0, 0, 0, 0};
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    call(s, "connect_get_type", &users[1]);
    call(s, "connect_get_type", &users[0]);
    reply(s, "connect_get_type", 0, body, 4);
    reply(s, "connect_get_type", 0, body, 4);
    assert_ptr_equal(test_expect(s, VW_EVENT_REPLY).user, &users[1]);
    expect_loss(s, "H-9");
}

static void types_that_servers_do_not_send_end_it(void **state)
{
    static const int32_t types[] = {VW_MSG_CALL, VW_MSG_CALL_WITH_FDS, 7, -1, INT32_MIN};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct vw_session *s = with_call();
        test_feed(s, VW_SIDE_SERVER, REMOTE, 1, 3, types[i], 0, VW_MSG_OK, "\0\0\0\0", 4);
        expect_loss(s, "H-11");
    }
    struct vw_session *s = with_call();
    test_feed(s, VW_SIDE_SERVER, 0x12345678, 1, 107, VW_MSG_MESSAGE, 1, VW_MSG_OK, NULL, 0);
    expect_loss(s, "H-11");
}

static void framing_errors_end_it(void **state)
{
    struct vw_session *s = with_call();
    assert_int_equal(vw_session_feed(s, VW_SIDE_SERVER, "\0\0\0\3", 4), 0);
    expect_loss(s, "F-3");
    s = with_call();
    assert_int_equal(vw_session_feed(s, VW_SIDE_SERVER, "\xff\xff\xff\xff", 4), 0);
    expect_loss(s, "F-4");
}

/* The answer of the first call is of no use: it alone fails, the second is answered. */
static void expect_failed_call(struct vw_session *s, int32_t code, const char *clause)
{
    struct vw_event ev = test_expect(s, VW_EVENT_ERROR);
    assert_true(ev.local);
    assert_int_equal(ev.error.code, code);
    assert_int_equal(ev.error.domain, VW_FROM_RPC);
    assert_int_equal(ev.error.level, VW_LEVEL_ERROR);
    assert_string_equal(ev.error.message, ev.text);
    assert_ptr_equal(ev.user, &users[0]);
    test_expect_violation(s, clause);
    test_expect_none(s);
    assert_int_equal(vw_session_in_flight(s), 0);
    uint32_t serial = call(s, "connect_get_type", &users[1]);
    reply(s, "connect_get_type", serial, "\0\0\0\0", 4);
    assert_ptr_equal(test_expect(s, VW_EVENT_REPLY).user, &users[1]);
    vw_session_destroy(s);
}

static void bad_answers_fail_their_call_alone(void **state)
{
    struct vw_session *s = with_call();
    test_feed(s, VW_SIDE_SERVER, REMOTE, 1, 4, VW_MSG_REPLY, 0, VW_MSG_OK, NULL, 0);
    expect_failed_call(s, VW_ERR_INTERNAL, "H-9");
    s = with_call();
    reply(s, "connect_get_type", 0, "\0\0\0\x08xx", 6);
    expect_failed_call(s, VW_ERR_RPC, "H-5");
    s = with_call();
    test_feed(s, VW_SIDE_SERVER, REMOTE, 1, 3, VW_MSG_REPLY, 0, VW_MSG_ERROR, "\0", 1);
    expect_failed_call(s, VW_ERR_RPC, "E-1");
    s = with_call();
    test_feed(s, VW_SIDE_SERVER, REMOTE, 1, 3, VW_MSG_REPLY, 0, VW_MSG_CONTINUE, "\0\0\0\0", 4);
    expect_failed_call(s, VW_ERR_RPC, "H-5");
}

static void events_are_told(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    uint8_t body[64] = {0};
    vw_store32(body + 3, 0);
    /* domain_event_callback_lifecycle: id 7, then name "a", uuid, id, event, detail */
    const struct vw_proc *p = test_proc(s, "domain_event_callback_lifecycle");
    size_t len = p->args->wire_min;
    assert_true(len <= sizeof(body));
    vw_store32(body, 7);
    test_feed(s, VW_SIDE_SERVER, REMOTE, 1, p->number, VW_MSG_MESSAGE, 1, VW_MSG_OK, body, len);
    struct vw_event ev = test_expect(s, VW_EVENT_MESSAGE);
    assert_ptr_equal(ev.proc, p);
    assert_int_equal(*(const int32_t *)ev.value, 7);

    /* H-11: an unknown number or a body that cannot be decoded is dropped. */
    test_feed(s, VW_SIDE_SERVER, REMOTE, 1, 3, VW_MSG_MESSAGE, 1, VW_MSG_OK, body, len);
    assert_string_equal(test_expect(s, VW_EVENT_DROPPED).clause, "H-11");
    test_feed(s, VW_SIDE_SERVER, REMOTE, 1, p->number, VW_MSG_MESSAGE, 1, VW_MSG_OK, body, 5);
    assert_string_equal(test_expect(s, VW_EVENT_DROPPED).clause, "H-11");
    test_expect_violation(s, "V-2");
    test_expect_none(s);
    vw_session_destroy(s);
}

/* A session with an open stream of storage_vol_download, header in *H. */
static struct vw_session *with_stream(struct vw_header *h)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    const struct vw_proc *p = test_proc(s, "domain_screenshot");
    uint32_t serial = call(s, "domain_screenshot", &users[0]);
    *h = (struct vw_header){REMOTE, 1, p->number, VW_MSG_STREAM, serial, VW_MSG_CONTINUE};
    reply(s, "domain_screenshot", serial, "\0\0\0\0", 4);
    struct vw_event ev = test_expect(s, VW_EVENT_REPLY);
    assert_true(ev.stream);
    return s;
}

static void feed_stream(struct vw_session *s, const struct vw_header *h, int32_t type,
                        int32_t status, const void *body, size_t len)
{
    test_feed(s, VW_SIDE_SERVER, h->program, h->version, h->procedure, type, h->serial, status,
              body, len);
}

static void streams_are_read_and_finished(void **state)
{
    struct vw_header h;
    struct vw_session *s = with_stream(&h);
    const uint8_t *bytes;
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_CONTINUE, "data!", 5);
    feed_stream(s, &h, VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE, "\0\0\0\0\0\1\0\0\0\0\0\0", 12);
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_CONTINUE, NULL, 0);
    struct vw_event ev = test_expect(s, VW_EVENT_STREAM_DATA);
    assert_int_equal(ev.body_len, 5);
    assert_memory_equal(ev.body, "data!", 5);
    assert_ptr_equal(ev.user, &users[0]);
    ev = test_expect(s, VW_EVENT_STREAM_HOLE);
    assert_int_equal(ev.hole_length, 65536);
    test_expect(s, VW_EVENT_STREAM_END);

    assert_int_equal(vw_session_stream_finish(s, &h, NULL), 0);
    assert_int_equal(test_take(s, &bytes), 28);
    assert_int_equal(vw_load32(bytes + 16), VW_MSG_STREAM);
    assert_int_equal(vw_load32(bytes + 24), VW_MSG_OK);
    assert_int_equal(vw_session_stream_finish(s, &h, NULL), VW_EUSAGE);
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_STREAM_FINISH);
    /* S-10: late data is dropped, a second end is not. */
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_CONTINUE, "late", 4);
    assert_string_equal(test_expect(s, VW_EVENT_DROPPED).clause, "S-10");
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_OK, NULL, 0);
    test_expect_violation(s, "S-10");
    test_expect(s, VW_EVENT_CLOSED);
    vw_session_destroy(s);
}

static void streams_end_badly(void **state)
{
    struct vw_header h;
    struct vw_session *s = with_stream(&h);
    test_feed_error(s, &h, 38, 38, "disk full");
    struct vw_event ev = test_expect(s, VW_EVENT_STREAM_ERROR);
    assert_int_equal(ev.error.code, 38);
    assert_false(ev.local);
    assert_int_equal(vw_session_stream_abort(s, &h, NULL, NULL), VW_EUSAGE);
    vw_session_destroy(s);

    s = with_stream(&h);
    feed_stream(s, &h, VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE, "\0\0", 2);
    ev = test_expect(s, VW_EVENT_STREAM_ERROR);
    assert_true(ev.local);
    assert_int_equal(ev.error.code, VW_ERR_RPC);
    assert_int_equal(ev.error.domain, VW_FROM_RPC);
    assert_int_equal(ev.error.level, VW_LEVEL_ERROR);
    assert_string_equal(ev.error.message, ev.text);
    test_expect_violation(s, "S-12");
    vw_session_destroy(s);

    s = with_stream(&h);
    assert_int_equal(vw_session_stream_abort(s, &h, NULL, NULL), 0);
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_CONTINUE, "on its way", 10);
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_STREAM_DATA);
    test_expect(s, VW_EVENT_STREAM_FINISH);
    test_expect_none(s);
    vw_session_destroy(s);

    s = with_stream(&h);
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_OK, NULL, 0);
    test_expect_violation(s, "S-10");
    vw_session_destroy(s);
}

static void given_up_calls_are_dropped(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    uint32_t serial = call(s, "connect_get_type", &users[0]);
    assert_true(vw_session_forget(s, serial, &users[0]));
    assert_false(vw_session_forget(s, serial + 1, &users[0]));
    reply(s, "connect_get_type", serial, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_DROPPED);
    assert_int_equal(vw_session_in_flight(s), 0);
    vw_session_destroy(s);
}

static void one_of_two_equal_serials_is_given_up(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    call(s, "connect_get_type", &users[0]);
    vw_session_set_serial(s, 0);
    assert_int_equal(call(s, "qemu.domain_monitor_command", &users[1]), 0);
    assert_false(vw_session_forget(s, 0, &users[2]));
    assert_true(vw_session_forget(s, 0, &users[0]));
    reply(s, "connect_get_type", 0, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_DROPPED);
    reply(s, "qemu.domain_monitor_command", 0, "\0\0\0\0", 4);
    assert_ptr_equal(test_expect(s, VW_EVENT_REPLY).user, &users[1]);
    vw_session_destroy(s);
}

/* A server that sends PINGs and reads nothing. */
static void pongs_do_not_pile_up(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    const uint8_t *bytes;
    for (int i = 0; i < 10000; i++) {
        test_feed(s, VW_SIDE_SERVER, 0x6b656570, 1, 1, VW_MSG_MESSAGE, 0, VW_MSG_OK, NULL, 0);
        test_expect(s, VW_EVENT_PING);
    }
    assert_in_range(vw_session_output_pending(s), 65536, 65536 + 28);
    test_take(s, &bytes);
    test_feed(s, VW_SIDE_SERVER, 0x6b656570, 1, 1, VW_MSG_MESSAGE, 0, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_PING);
    assert_int_equal(vw_session_output_pending(s), 28);
    vw_session_destroy(s);
}

/* Nobody could end its stream: that is aborted, and its confirmation waited for. */
static void streams_of_given_up_calls_are_aborted(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    const struct vw_proc *p = test_proc(s, "domain_screenshot");
    const uint8_t *bytes;
    uint32_t serial = call(s, "domain_screenshot", &users[0]);
    struct vw_header h = {REMOTE, 1, p->number, VW_MSG_STREAM, serial, VW_MSG_CONTINUE};
    assert_true(vw_session_forget(s, serial, &users[0]));
    reply(s, "domain_screenshot", serial, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_DROPPED);
    assert_int_equal(test_take(s, &bytes), 28);
    assert_int_equal(vw_load32(bytes + 16), VW_MSG_STREAM);
    assert_int_equal(vw_load32(bytes + 20), serial);
    assert_int_equal(vw_load32(bytes + 24), VW_MSG_ERROR);
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_CONTINUE, "on its way", 10);
    assert_null(test_expect(s, VW_EVENT_STREAM_DATA).user);
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_STREAM_FINISH);
    test_expect_none(s);

    /* One that has ended ahead of the reply is not there to be aborted, before the call is given up
     * (S-7) or after. */
    for (int before = 0; before < 2; before++) {
        serial = call(s, "domain_screenshot", &users[0]);
        h.serial = serial;
        if (!before)
            assert_true(vw_session_forget(s, serial, &users[0]));
        feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_ERROR, "no error structure", 18);
        test_next(s);
        if (before)
            assert_true(vw_session_forget(s, serial, &users[0]));
        reply(s, "domain_screenshot", serial, "\0\0\0\0", 4);
        while (test_next(s).kind != VW_EVENT_DROPPED)
            continue;
        test_expect_none(s);
        assert_int_equal(vw_session_output_pending(s), 0);
    }
    vw_session_destroy(s);
}

static void ends_of_file(void **state)
{
    struct vw_session *s = with_call();
    vw_session_eof(s, VW_SIDE_SERVER);
    assert_true(test_expect(s, VW_EVENT_ERROR).local);
    assert_int_equal(test_expect(s, VW_EVENT_CLOSED).reason, VW_CLOSE_EOF);
    vw_session_destroy(s);

    s = with_call();
    assert_int_equal(vw_session_feed(s, VW_SIDE_SERVER, "\0\0\0\x1c\x20", 5), 0);
    vw_session_eof(s, VW_SIDE_SERVER);
    assert_true(test_expect(s, VW_EVENT_ERROR).local);
    assert_int_equal(test_expect(s, VW_EVENT_CLOSED).reason, VW_CLOSE_TRUNCATED);
    vw_session_destroy(s);

    s = with_call();
    call(s, "connect_get_type", &users[1]);
    vw_session_close(s);
    assert_ptr_equal(test_expect(s, VW_EVENT_ERROR).user, &users[0]);
    assert_ptr_equal(test_expect(s, VW_EVENT_ERROR).user, &users[1]);
    assert_int_equal(test_expect(s, VW_EVENT_CLOSED).reason, VW_CLOSE_LOCAL);
    vw_session_destroy(s);
}

/* ---- keepalive ---- */

#define KEEPALIVE 0x6B656570u

static void pings_are_answered(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    const uint8_t *bytes;
    /* K-2: whatever its serial and body are, the PONG has neither. */
    test_feed(s, VW_SIDE_SERVER, KEEPALIVE, 1, 1, VW_MSG_MESSAGE, 77, VW_MSG_OK, "xx", 2);
    test_expect(s, VW_EVENT_PING);
    static const uint8_t pong[] = {0, 0, 0, 28, 0x6b, 0x65, 0x65, 0x70, 0, 0, 0, 1, 0, 0,
                                   0, 2, 0, 0,  0,    2,    0,    0,    0, 0, 0, 0, 0, 0};
    assert_int_equal(test_take(s, &bytes), sizeof(pong));
    assert_memory_equal(bytes, pong, sizeof(pong));
    /* K-3 */
    test_feed(s, VW_SIDE_SERVER, KEEPALIVE, 1, 2, VW_MSG_MESSAGE, 0, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_PONG);
    test_feed(s, VW_SIDE_SERVER, KEEPALIVE, 1, 3, VW_MSG_MESSAGE, 0, VW_MSG_OK, NULL, 0);
    assert_string_equal(test_expect(s, VW_EVENT_DROPPED).clause, "K-3");
    test_feed(s, VW_SIDE_SERVER, KEEPALIVE, 2, 1, VW_MSG_MESSAGE, 0, VW_MSG_OK, NULL, 0);
    assert_string_equal(test_expect(s, VW_EVENT_DROPPED).clause, "K-3");
    assert_int_equal(vw_session_output_pending(s), 0);
    vw_session_destroy(s);
}

static struct vw_session *pinging(int32_t interval, uint32_t count)
{
    const struct vw_session_options o = {.role = VW_ROLE_CLIENT,
                                         .profile = test_profile("12.8.0"),
                                         .keepalive_interval = interval,
                                         .keepalive_count = count};
    struct vw_session *s;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    vw_session_time(s, 1000);
    vw_session_keepalive_start(s);
    return s;
}

static void silence_ends_it(void **state)
{
    struct vw_session *s = pinging(5000, 5);
    const uint8_t *bytes;
    for (int64_t i = 1; i <= 5; i++) {
        assert_int_equal(vw_session_deadline(s), 1000 + 5000 * i);
        vw_session_time(s, 1000 + 5000 * i - 1);
        test_expect_none(s);
        assert_int_equal(vw_session_output_pending(s), 0);
        vw_session_time(s, 1000 + 5000 * i);
        test_expect_none(s);
        assert_int_equal(test_take(s, &bytes), 28);
        assert_int_equal(vw_load32(bytes + 12), 1);
    }
    vw_session_time(s, 31000);
    struct vw_event ev = test_expect(s, VW_EVENT_CLOSED);
    assert_int_equal(ev.reason, VW_CLOSE_KEEPALIVE);
    assert_string_equal(ev.clause, "K-6");
    assert_int_equal(vw_session_deadline(s), INT64_MAX);
    vw_session_destroy(s);

    /* Count 0 closes after one interval without a PING. */
    s = pinging(5000, 0);
    vw_session_time(s, 6000);
    test_expect(s, VW_EVENT_CLOSED);
    assert_int_equal(vw_session_output_pending(s), 0);
    vw_session_destroy(s);

    /* Without an interval nothing is sent; the shortest is one millisecond. */
    static const int32_t none[] = {INT32_MIN, -1, 0};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        s = pinging(none[i], 5);
        assert_int_equal(vw_session_deadline(s), INT64_MAX);
        vw_session_time(s, 100000);
        test_expect_none(s);
        assert_int_equal(vw_session_output_pending(s), 0);
        vw_session_destroy(s);
    }
    s = pinging(1, 5);
    assert_int_equal(vw_session_deadline(s), 1001);
    vw_session_destroy(s);
}

/* Who was away for a long time has missed no answers: one PING goes out, and its answer is waited
 * for. */
static void a_pause_is_no_silence(void **state)
{
    struct vw_session *s = pinging(200, 5);
    const uint8_t *bytes;
    vw_session_time(s, 1000 + 200 * 100);
    for (int i = 0; i < 10; i++)
        test_expect_none(s);
    assert_int_equal(test_take(s, &bytes), 28);
    assert_int_equal(vw_session_deadline(s), 1000 + 200 * 101);
    vw_session_destroy(s);
}

static void any_message_is_life(void **state)
{
    struct vw_session *s = pinging(5000, 1);
    const uint8_t *bytes;
    call(s, "connect_get_type", &users[0]);
    vw_session_time(s, 6000);
    test_expect_none(s);
    assert_int_equal(test_take(s, &bytes), 28);
    /* The answer was there in time, even if nobody looked before the timer ran out. */
    reply(s, "connect_get_type", 0, "\0\0\0\0", 4);
    vw_session_time(s, 11000);
    test_expect(s, VW_EVENT_REPLY);
    test_expect_none(s);
    assert_int_equal(vw_session_deadline(s), 16000);
    vw_session_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_have_serials_from_zero),
        cmocka_unit_test(answers_come_in_any_order),
        cmocka_unit_test(equal_serials_of_two_programs),
        cmocka_unit_test(two_versions_of_a_program),
        cmocka_unit_test(errors_of_the_server),
        cmocka_unit_test(foreign_serials_end_it),
        cmocka_unit_test(an_answer_given_twice_ends_it),
        cmocka_unit_test(types_that_servers_do_not_send_end_it),
        cmocka_unit_test(framing_errors_end_it),
        cmocka_unit_test(bad_answers_fail_their_call_alone),
        cmocka_unit_test(events_are_told),
        cmocka_unit_test(streams_are_read_and_finished),
        cmocka_unit_test(streams_end_badly),
        cmocka_unit_test(given_up_calls_are_dropped),
        cmocka_unit_test(one_of_two_equal_serials_is_given_up),
        cmocka_unit_test(pongs_do_not_pile_up),
        cmocka_unit_test(streams_of_given_up_calls_are_aborted),
        cmocka_unit_test(ends_of_file),
        cmocka_unit_test(pings_are_answered),
        cmocka_unit_test(silence_ends_it),
        cmocka_unit_test(a_pause_is_no_silence),
        cmocka_unit_test(any_message_is_life),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
