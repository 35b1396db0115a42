// SPDX-License-Identifier: MIT
// The observer role: correct traffic of a client and a server session shows nothing, each breach
// shows its clause and its sender, and the traffic goes on being told.
#include "session/testing-raw.h"
#include "session/testing.h"

static void from_client(struct vw_session *s, int32_t procedure, int32_t type, uint32_t serial,
                        int32_t status, const void *body, size_t len)
{
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, procedure, type, serial, status, body, len);
}

static void from_server(struct vw_session *s, int32_t procedure, int32_t type, uint32_t serial,
                        int32_t status, const void *body, size_t len)
{
    test_feed(s, VW_SIDE_SERVER, REMOTE, 1, procedure, type, serial, status, body, len);
}

static void correct_traffic_shows_nothing(void **state)
{
    struct vw_session *client = test_session(VW_ROLE_CLIENT, "9.0.0");
    struct vw_session *server = test_session(VW_ROLE_SERVER, "9.0.0");
    const struct vw_session_options o = {
        .role = VW_ROLE_OBSERVER, .profile = test_profile("9.0.0"), .strict = VW_STRICT_ALL};
    struct vw_session *watch;
    const struct vw_schema *schema = test_profile("9.0.0")->schema;
    const uint8_t *bytes;
    assert_int_equal(vw_session_create(&o, &watch, NULL), 0);
    vw_session_set_opened(server, true);

    struct vw_string name = {.data = (char[]){"test"}, .len = 4};
    const struct vw_proc *lookup = vw_schema_proc(schema, "domain_lookup_by_name");
    for (int i = 0; i < 3; i++)
        assert_int_equal(vw_session_call(client, lookup, &name, NULL, 0, NULL, NULL, NULL), 0);
    const struct vw_proc *shot = vw_schema_proc(schema, "domain_screenshot");
    uint8_t zero[64] = {0};
    assert_int_equal(test_call(client, shot, NULL, NULL, NULL), 0);
    size_t len = test_take(client, &bytes);
    assert_int_equal(vw_session_feed(server, VW_SIDE_CLIENT, bytes, len), 0);
    assert_int_equal(vw_session_feed(watch, VW_SIDE_CLIENT, bytes, len), 0);
    for (int i = 0; i < 4; i++)
        test_expect(watch, VW_EVENT_CALL);

    struct vw_header calls[4];
    for (int i = 0; i < 4; i++)
        calls[i] = test_expect(server, VW_EVENT_CALL).header;
    struct vw_remote_error e;
    vw_session_rpc_error(server, 42, 12, "none", &e);
    for (int i = 2; i >= 0; i--)
        assert_int_equal(vw_session_reply_error(server, &calls[i], &e, NULL), 0);
    assert_int_equal(vw_session_stream_open(server, &calls[3], NULL), 0);
    assert_int_equal(test_reply_raw(server, &calls[3], zero, 4), 0);
    assert_int_equal(vw_session_stream_data(server, &calls[3], "data", 4, NULL), 0);
    assert_int_equal(vw_session_stream_end(server, &calls[3], NULL), 0);
    int32_t reason = 0;
    const struct vw_proc *event = vw_schema_proc(schema, "connect_event_connection_closed");
    assert_int_equal(vw_session_send_event(server, event, &reason, NULL), 0);
    len = test_take(server, &bytes);
    assert_int_equal(vw_session_feed(client, VW_SIDE_SERVER, bytes, len), 0);
    assert_int_equal(vw_session_feed(watch, VW_SIDE_SERVER, bytes, len), 0);
    for (int i = 0; i < 3; i++) {
        struct vw_event ev = test_expect(watch, VW_EVENT_ERROR);
        assert_int_equal(ev.out_of_order, i < 2);
        assert_int_equal(ev.error.code, 42);
    }
    assert_true(test_expect(watch, VW_EVENT_REPLY).stream);
    test_expect(watch, VW_EVENT_STREAM_DATA);
    test_expect(watch, VW_EVENT_STREAM_END);
    test_expect(watch, VW_EVENT_MESSAGE);
    for (int i = 0; i < 7; i++)
        test_next(client);

    assert_int_equal(vw_session_stream_finish(client, &calls[3], NULL), 0);
    len = test_take(client, &bytes);
    assert_int_equal(vw_session_feed(watch, VW_SIDE_CLIENT, bytes, len), 0);
    test_expect(watch, VW_EVENT_STREAM_FINISH);
    assert_int_equal(vw_session_stream_finish(server, &calls[3], NULL), 0);
    len = test_take(server, &bytes);
    assert_int_equal(vw_session_feed(watch, VW_SIDE_SERVER, bytes, len), 0);
    test_expect(watch, VW_EVENT_STREAM_FINISH);

    vw_session_eof(watch, VW_SIDE_CLIENT);
    assert_int_equal(test_expect(watch, VW_EVENT_CLOSED).from, VW_SIDE_CLIENT);
    assert_false(vw_session_over(watch));
    vw_session_eof(watch, VW_SIDE_SERVER);
    assert_int_equal(test_expect(watch, VW_EVENT_CLOSED).from, VW_SIDE_SERVER);
    assert_true(vw_session_over(watch));
    test_expect_none(watch);
    vw_session_destroy(watch);
    vw_session_destroy(server);
    vw_session_destroy(client);
}

/* The event of the message, then one violation of SIDE with CLAUSE; nothing else. */
static void expect_breach(struct vw_session *s, enum vw_event_kind kind, enum vw_side side,
                          const char *clause)
{
    test_expect(s, kind);
    struct vw_event ev = test_expect(s, VW_EVENT_VIOLATION);
    if (strcmp(ev.clause, clause) != 0)
        print_error("%s: %s\n", ev.clause, ev.text);
    assert_string_equal(ev.clause, clause);
    assert_int_equal(ev.from, side);
    test_expect_none(s);
}

static struct vw_session *watching(void)
{
    struct vw_session *s = test_session(VW_ROLE_OBSERVER, "9.0.0");
    from_client(s, GET_TYPE, VW_MSG_CALL, 0, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 0, VW_MSG_OK, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_REPLY);
    return s;
}

static void breaches_of_a_client(void **state)
{
    struct vw_session *s = watching();
    const enum vw_side c = VW_SIDE_CLIENT;
    test_feed(s, c, 0x1234, 1, 1, VW_MSG_CALL, 1, VW_MSG_OK, NULL, 0);
    expect_breach(s, VW_EVENT_CALL, c, "H-2");
    from_client(s, 9999, VW_MSG_CALL, 2, VW_MSG_OK, NULL, 0);
    expect_breach(s, VW_EVENT_CALL, c, "D-4");
    from_client(s, LOOKUP_BY_NAME, VW_MSG_CALL, 3, VW_MSG_OK, "\0", 1);
    expect_breach(s, VW_EVENT_CALL, c, "D-9");
    from_client(s, GET_TYPE, VW_MSG_CALL, 4, VW_MSG_ERROR, NULL, 0);
    expect_breach(s, VW_EVENT_CALL, c, "H-5");
    from_client(s, GET_TYPE, VW_MSG_REPLY, 4, VW_MSG_OK, NULL, 0);
    expect_breach(s, VW_EVENT_DROPPED, c, "H-3");
    from_client(s, GET_TYPE, 99, 4, VW_MSG_OK, NULL, 0);
    expect_breach(s, VW_EVENT_DROPPED, c, "H-3");
    from_client(s, SCREENSHOT, VW_MSG_STREAM, 4, VW_MSG_CONTINUE, "x", 1);
    expect_breach(s, VW_EVENT_STREAM_DATA, c, "S-2");
    test_feed(s, c, 0x6B656570, 1, 1, VW_MSG_MESSAGE, 3, VW_MSG_OK, NULL, 0);
    expect_breach(s, VW_EVENT_PING, c, "K-1");
    vw_session_destroy(s);
}

static void breaches_of_a_server(void **state)
{
    struct vw_session *s = watching();
    const enum vw_side v = VW_SIDE_SERVER;
    from_server(s, GET_TYPE, VW_MSG_REPLY, 0, VW_MSG_OK, "\0\0\0\0", 4);
    expect_breach(s, VW_EVENT_REPLY, v, "H-9");
    from_client(s, GET_TYPE, VW_MSG_CALL, 1, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    from_server(s, 4, VW_MSG_REPLY, 1, VW_MSG_OK, "\0\0\0\0\0\0\0\0", 8);
    expect_breach(s, VW_EVENT_REPLY, v, "H-5");
    from_client(s, GET_TYPE, VW_MSG_CALL, 1, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 1, VW_MSG_CONTINUE, "\0\0\0\0", 4);
    expect_breach(s, VW_EVENT_REPLY, v, "H-5");
    from_client(s, GET_TYPE, VW_MSG_CALL, 1, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 1, VW_MSG_OK, "\0\0\0\5", 4);
    expect_breach(s, VW_EVENT_REPLY, v, "H-5");
    from_client(s, GET_TYPE, VW_MSG_CALL, 1, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 1, VW_MSG_ERROR, "\0\0\0\0", 4);
    expect_breach(s, VW_EVENT_ERROR, v, "E-1");
    from_server(s, GET_TYPE, VW_MSG_CALL, 1, VW_MSG_OK, NULL, 0);
    expect_breach(s, VW_EVENT_DROPPED, v, "H-11");
    from_server(s, GET_TYPE, VW_MSG_MESSAGE, 1, VW_MSG_OK, NULL, 0);
    expect_breach(s, VW_EVENT_MESSAGE, v, "H-11");
    from_server(s, EVENT_CLOSED, VW_MSG_MESSAGE, 0, VW_MSG_OK, "\0\0\0\0", 4);
    expect_breach(s, VW_EVENT_MESSAGE, v, "V-2");
    from_server(s, SCREENSHOT, VW_MSG_STREAM, 8, VW_MSG_CONTINUE, "x", 1);
    expect_breach(s, VW_EVENT_STREAM_DATA, v, "S-1");
    from_client(s, GET_TYPE, VW_MSG_CALL, 9, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    from_server(s, GET_TYPE, VW_MSG_STREAM, 9, VW_MSG_CONTINUE, "x", 1);
    expect_breach(s, VW_EVENT_STREAM_DATA, v, "S-2");
    vw_session_destroy(s);
}

static void errors_that_name_objects(void **state)
{
    struct vw_session *s = watching();
    const struct vw_error_object dom = {.name = "test"};
    const struct vw_remote_error e = {.code = 42, .level = 2, .dom = &dom};
    struct vw_buf b = VW_BUF_INIT;
    assert_int_equal(vw_remote_error_encode(&e, 1 << 20, &b, NULL), 0);
    from_client(s, GET_TYPE, VW_MSG_CALL, 1, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 1, VW_MSG_ERROR, b.data, b.len);
    expect_breach(s, VW_EVENT_ERROR, VW_SIDE_SERVER, "E-2");
    vw_session_destroy(s);

    /* 2007 sends them when it knows them. */
    s = test_session(VW_ROLE_OBSERVER, "0.3.0");
    from_client(s, GET_TYPE, VW_MSG_CALL, 1, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 1, VW_MSG_ERROR, b.data, b.len);
    assert_string_equal(test_expect(s, VW_EVENT_ERROR).error.dom->name, "test");
    test_expect_none(s);
    vw_session_destroy(s);
    vw_buf_finish(&b);
}

static void strictness(void **state)
{
    static const struct {
        unsigned flag;
        const char *clause;
        const char body[14];
        size_t len;
    } rows[] = {
        {VW_STRICT_PADDING, "X-1", "\0\0\0\3abc\1", 8},
        {VW_STRICT_NUL, "X-2", "\0\0\0\4a\0bc", 8},
        {VW_STRICT_TRAILING, "D-10", "\0\0\0\4abcdx", 9},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int on = 0; on < 2; on++) {
            const struct vw_session_options o = {.role = VW_ROLE_OBSERVER,
                                                 .profile = test_profile("9.0.0"),
                                                 .strict = on ? rows[i].flag : 0};
            struct vw_session *s;
            assert_int_equal(vw_session_create(&o, &s, NULL), 0);
            from_client(s, LOOKUP_BY_NAME, VW_MSG_CALL, 1, VW_MSG_OK, rows[i].body, rows[i].len);
            if (on)
                expect_breach(s, VW_EVENT_CALL, VW_SIDE_CLIENT, rows[i].clause);
            else
                test_expect(s, VW_EVENT_CALL);
            test_expect_none(s);
            vw_session_destroy(s);
        }
}

static void framing_ends_one_side_only(void **state)
{
    struct vw_session *s = watching();
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\0\0\1", 4), 0);
    vw_session_eof(s, VW_SIDE_CLIENT); /* a side ends once */
    test_expect_violation(s, "F-3");
    struct vw_event ev = test_expect(s, VW_EVENT_CLOSED);
    assert_int_equal(ev.from, VW_SIDE_CLIENT);
    assert_int_equal(ev.reason, VW_CLOSE_VIOLATION);
    from_server(s, EVENT_CLOSED, VW_MSG_MESSAGE, 1, VW_MSG_OK, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_MESSAGE);
    vw_session_destroy(s);
}

static void a_short_frame_is_passed_over(void **state)
{
    struct vw_session *s = watching();
    assert_int_equal(vw_session_feed(s, VW_SIDE_SERVER, "\0\0\0\10abcd", 8), 0);
    expect_breach(s, VW_EVENT_DROPPED, VW_SIDE_SERVER, "F-3");
    from_server(s, EVENT_CLOSED, VW_MSG_MESSAGE, 1, VW_MSG_OK, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_MESSAGE);
    test_expect_none(s);
    vw_session_destroy(s);
}

static struct vw_session *told(const char *profile)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_OBSERVER, .profile = test_profile(profile), .declared = true};
    struct vw_session *s;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    return s;
}

static void tell_call(struct vw_session *s, int32_t procedure, uint32_t serial, bool bent,
                      void *user)
{
    const struct vw_header h = {REMOTE, 1, procedure, VW_MSG_CALL, serial, VW_MSG_OK};
    const struct vw_program *p = vw_session_program(s, REMOTE, 1);
    assert_int_equal(vw_session_declare_call(s, &h, vw_program_proc(p, procedure), bent, user), 0);
}

static void a_client_that_is_told_of(void **state)
{
    const enum vw_side v = VW_SIDE_SERVER;
    struct vw_session *s = told("9.0.0");
    int first, second;
    /* An answer before any call. */
    from_server(s, GET_TYPE, VW_MSG_REPLY, 0, VW_MSG_OK, "\0\0\0\0", 4);
    expect_breach(s, VW_EVENT_REPLY, v, "H-9");
    tell_call(s, GET_TYPE, 0, false, &first);
    tell_call(s, GET_TYPE, 1, false, &second);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 1, VW_MSG_OK, "\0\0\0\0", 4);
    struct vw_event ev = test_expect(s, VW_EVENT_REPLY);
    assert_ptr_equal(ev.user, &second);
    assert_non_null(ev.value);
    test_expect_none(s);
    /* Another program and version, the serial is enough. */
    test_feed(s, v, QEMU, 7, GET_TYPE, VW_MSG_REPLY, 0, VW_MSG_OK, "\0\0\0\0", 4);
    ev = test_expect(s, VW_EVENT_REPLY);
    assert_ptr_equal(ev.user, &first);
    test_expect_violation(s, "H-5");
    test_expect_violation(s, "H-5");
    test_expect_none(s);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 0, VW_MSG_OK, "\0\0\0\0", 4);
    ev = test_expect(s, VW_EVENT_REPLY);
    assert_null(ev.user);
    test_expect_violation(s, "H-9");
    vw_session_destroy(s);
}

/* An event of what nobody has asked for; a call for it counts before it is answered. */
static void events_are_asked_for(void **state)
{
    enum { REGISTER = 360 };
    struct vw_session *s = told("9.0.0");
    from_server(s, EVENT_CLOSED, VW_MSG_MESSAGE, 1, VW_MSG_OK, "\0\0\0\0", 4);
    expect_breach(s, VW_EVENT_MESSAGE, VW_SIDE_SERVER, "V-10");
    tell_call(s, GET_TYPE, 0, false, NULL);
    from_server(s, EVENT_CLOSED, VW_MSG_MESSAGE, 1, VW_MSG_OK, "\0\0\0\0", 4);
    expect_breach(s, VW_EVENT_MESSAGE, VW_SIDE_SERVER, "V-10");
    tell_call(s, REGISTER, 1, false, NULL);
    from_server(s, EVENT_CLOSED, VW_MSG_MESSAGE, 1, VW_MSG_OK, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_MESSAGE);
    test_expect_none(s);
    vw_session_destroy(s);
}

static void what_was_bent_excuses(void **state)
{
    struct vw_session *s = told("0.3.0");
    tell_call(s, GET_TYPE, 1, true, NULL);
    tell_call(s, GET_TYPE, 2, false, NULL);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 2, VW_MSG_OK, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_REPLY);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 1, VW_MSG_OK, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_REPLY);
    test_expect_none(s);
    tell_call(s, GET_TYPE, 3, false, NULL);
    tell_call(s, GET_TYPE, 4, false, NULL);
    tell_call(s, GET_TYPE, 5, true, NULL);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 5, VW_MSG_OK, "\0\0\0\0", 4);
    test_expect(s, VW_EVENT_REPLY);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 4, VW_MSG_OK, "\0\0\0\0", 4);
    expect_breach(s, VW_EVENT_REPLY, VW_SIDE_SERVER, "H-8");
    vw_session_destroy(s);
}

static void packets_that_are_told_of(void **state)
{
    const enum vw_side v = VW_SIDE_SERVER;
    const struct vw_header end = {REMOTE, 1, SCREENSHOT, VW_MSG_STREAM, 3, VW_MSG_OK};
    struct vw_header data = end;
    data.status = VW_MSG_CONTINUE;
    for (int told_of_end = 0; told_of_end < 2; told_of_end++) {
        struct vw_session *s = told("9.0.0");
        tell_call(s, SCREENSHOT, 3, false, NULL);
        from_server(s, SCREENSHOT, VW_MSG_REPLY, 3, VW_MSG_OK, "\0\0\0\0", 4);
        assert_true(test_expect(s, VW_EVENT_REPLY).stream);
        vw_session_declare_packet(s, told_of_end ? &end : &data);
        from_server(s, SCREENSHOT, VW_MSG_STREAM, 3, VW_MSG_OK, NULL, 0);
        test_expect(s, VW_EVENT_STREAM_FINISH);
        if (!told_of_end)
            test_expect_violation(s, "S-10");
        test_expect_none(s);
        from_server(s, SCREENSHOT, VW_MSG_STREAM, 4, VW_MSG_CONTINUE, "x", 1);
        expect_breach(s, VW_EVENT_STREAM_DATA, v, "S-1");
        vw_session_destroy(s);
    }
}

static void the_level_of_an_error(void **state)
{
    static const struct {
        const char *profile;
        int32_t code, level;
        bool right;
    } rows[] = {
        {"9.0.0", 42, 0, false}, {"9.0.0", 42, 1, false}, {"9.0.0", 42, 2, true},
        {"9.0.0", 42, 3, false}, {"9.0.0", 0, 0, false},  {"0.3.0", 42, 0, false},
        {"0.3.0", 0, 1, false},  {"0.3.0", 0, 0, true}, /* D-32 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vw_remote_error e = {.code = rows[i].code, .level = rows[i].level};
        struct vw_session *s = told(rows[i].profile);
        struct vw_buf b = VW_BUF_INIT;
        assert_int_equal(vw_remote_error_encode(&e, 1 << 20, &b, NULL), 0);
        tell_call(s, GET_TYPE, 1, false, NULL);
        from_server(s, GET_TYPE, VW_MSG_REPLY, 1, VW_MSG_ERROR, b.data, b.len);
        test_expect(s, VW_EVENT_ERROR);
        if (!rows[i].right)
            test_expect_violation(s, "E-5");
        test_expect_none(s);
        vw_session_destroy(s);
        vw_buf_finish(&b);
    }
}

static void one_side_alone_is_enough(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_OBSERVER, "9.0.0");
    from_server(s, GET_TYPE, VW_MSG_REPLY, 7, VW_MSG_OK, "\0\0\0\0", 4);
    assert_non_null(test_expect(s, VW_EVENT_REPLY).value);
    from_server(s, SCREENSHOT, VW_MSG_STREAM, 8, VW_MSG_CONTINUE, "x", 1);
    test_expect(s, VW_EVENT_STREAM_DATA);
    test_expect_none(s);
    vw_session_destroy(s);
}

static void replies_of_2007_come_in_order(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_OBSERVER, "0.3.0");
    from_client(s, GET_TYPE, VW_MSG_CALL, 1, VW_MSG_OK, NULL, 0);
    from_client(s, GET_TYPE, VW_MSG_CALL, 2, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    test_expect(s, VW_EVENT_CALL);
    from_server(s, GET_TYPE, VW_MSG_REPLY, 2, VW_MSG_OK, "\0\0\0\0", 4);
    expect_breach(s, VW_EVENT_REPLY, VW_SIDE_SERVER, "H-8");
    vw_session_destroy(s);
}

/* Feeds BYTES as records of the given lengths (0 ends the list). */
static void feed_records(struct vw_session *s, const uint8_t *bytes, const size_t *lengths)
{
    for (; *lengths; lengths++) {
        vw_session_record(s, VW_SIDE_SERVER);
        assert_int_equal(vw_session_feed(s, VW_SIDE_SERVER, bytes, *lengths), 0);
        bytes += *lengths;
    }
}

static void records_hold_one_message(void **state)
{
    uint8_t two[64] = {0};
    for (int i = 0; i < 2; i++) {
        const struct vw_header h = {REMOTE, 1, GET_TYPE, VW_MSG_REPLY, 0, VW_MSG_OK};
        vw_store32(two + 32 * i, 32);
        vw_header_encode(&h, two + 32 * i + 4);
    }
    static const struct {
        size_t lengths[5];
        bool fine;
    } rows[] = {
        {{32, 32}, true},  {{4, 28, 4, 28}, true}, {{1, 31, 32}, true},
        {{64}, false},     {{40, 24}, false},      {{31, 33}, false},
        {{36, 28}, false}, {{33, 31}, false},      {{16, 16, 16, 16}, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_session *s = test_session(VW_ROLE_OBSERVER, "9.0.0");
        feed_records(s, two, rows[i].lengths);
        test_expect(s, VW_EVENT_REPLY);
        test_expect(s, VW_EVENT_REPLY);
        if (!rows[i].fine)
            test_expect_violation(s, "T-5");
        test_expect_none(s);
        vw_session_destroy(s);
    }
}

static void memory_is_bounded(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_OBSERVER, "9.0.0");
    /* A client whose calls nobody answers. */
    for (uint32_t i = 0; i < 70000; i++) {
        from_client(s, GET_TYPE, VW_MSG_CALL, i, VW_MSG_OK, NULL, 0);
        test_expect(s, VW_EVENT_CALL);
    }
    assert_int_equal(vw_session_in_flight(s), 65536);
    vw_session_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correct_traffic_shows_nothing),
        cmocka_unit_test(breaches_of_a_client),
        cmocka_unit_test(breaches_of_a_server),
        cmocka_unit_test(errors_that_name_objects),
        cmocka_unit_test(strictness),
        cmocka_unit_test(framing_ends_one_side_only),
        cmocka_unit_test(a_short_frame_is_passed_over),
        cmocka_unit_test(a_client_that_is_told_of),
        cmocka_unit_test(what_was_bent_excuses),
        cmocka_unit_test(packets_that_are_told_of),
        cmocka_unit_test(the_level_of_an_error),
        cmocka_unit_test(one_side_alone_is_enough),
        cmocka_unit_test(replies_of_2007_come_in_order),
        cmocka_unit_test(records_hold_one_message),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(events_are_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
