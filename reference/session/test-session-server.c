// SPDX-License-Identifier: MIT
// The server role: what it answers itself and in which order (section 3), gates, limits, streams,
// descriptors, and the dialect of 2007.
#include "session/testing.h"

#include <fcntl.h>
#include <sys/socket.h>

/* Procedure numbers of the remote program that do not change. */
enum {
    OPEN = 1,
    CLOSE = 2,
    GET_TYPE = 3,
    LOOKUP_BY_NAME = 23,
    SUPPORTS_FEATURE = 60,
    AUTH_LIST = 66,
    EVENT_LIFECYCLE = 107,
    SCREENSHOT = 211
};

static void feed_call(struct vw_session *s, int32_t procedure, uint32_t serial, const void *body,
                      size_t len)
{
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, procedure, VW_MSG_CALL, serial, VW_MSG_OK, body, len);
}

static const uint8_t name_test[] = {0, 0, 0, 4, 't', 'e', 's', 't'};

/* The next output is one message with this header; an error has this code and domain. */
static void expect_error(struct vw_session *s, const struct vw_header *want, int32_t code,
                         int32_t domain, const char *start)
{
    const uint8_t *bytes;
    struct vw_header h;
    struct vw_remote_error e;
    struct vw_arena arena = VW_ARENA_INIT;
    size_t len = test_take(s, &bytes), used;
    assert_true(len >= 28 + 44);
    assert_int_equal(vw_load32(bytes), len);
    vw_header_decode(bytes + 4, &h);
    assert_memory_equal(&h, want, sizeof(h));
    assert_int_equal(vw_remote_error_decode(bytes + 28, len - 28, 1 << 20, &arena, &e, &used, NULL),
                     0);
    assert_int_equal(used, len - 28);
    assert_int_equal(e.code, code);
    assert_int_equal(e.domain, domain);
    assert_int_equal(e.level, 2);
    assert_non_null(e.message);
    assert_null(e.dom);
    assert_null(e.net);
    if (start)
        assert_memory_equal(e.message, start, strlen(start));
    vw_arena_finish(&arena);
}

/* The session refuses the message itself with an error reply and stays. */
static void expect_refused(struct vw_session *s, struct vw_header h, const char *clause,
                           int32_t code, int32_t domain, const char *start)
{
    struct vw_event ev = test_expect(s, VW_EVENT_REFUSED);
    assert_string_equal(ev.clause, clause);
    assert_int_equal(ev.error.code, code);
    h.type = VW_MSG_REPLY;
    h.status = VW_MSG_ERROR;
    expect_error(s, &h, code, domain, start);
    test_expect_none(s);
    assert_true(vw_session_wants_read(s));
}

static void refuse(struct vw_session *s, struct vw_header h, const void *body, size_t len,
                   const char *clause, int32_t code, int32_t domain, const char *start)
{
    test_feed(s, VW_SIDE_CLIENT, h.program, h.version, h.procedure, h.type, h.serial, h.status,
              body, len);
    expect_refused(s, h, clause, code, domain, start);
}

static void drop(struct vw_session *s, uint32_t program, int32_t type, const char *clause)
{
    test_feed(s, VW_SIDE_CLIENT, program, 1, GET_TYPE, type, 5, VW_MSG_OK, NULL, 0);
    struct vw_event ev = test_expect(s, VW_EVENT_DROPPED);
    assert_string_equal(ev.clause, clause);
    assert_int_equal(vw_session_output_pending(s), 0);
    test_expect_none(s);
}

static struct vw_session *opened_session(void)
{
    struct vw_session *s = test_session(VW_ROLE_SERVER, "9.0.0");
    vw_session_set_opened(s, true);
    return s;
}

static void bad_messages_are_answered_or_dropped(void **state)
{
    struct vw_session *s = opened_session();
    const struct vw_header call = {REMOTE, 1, GET_TYPE, VW_MSG_CALL, 77, VW_MSG_OK};
    struct vw_header h = call;

    h.program = 0x12345678;
    refuse(s, h, NULL, 0, "D-1", 39, 7, NULL);
    h = call, h.version = 2;
    refuse(s, h, NULL, 0, "D-2", 39, 7, NULL);
    static const int32_t unknown[] = {0, -1, INT32_MIN, 9999, INT32_MAX};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        h = call, h.procedure = unknown[i];
        refuse(s, h, NULL, 0, "D-4", 39, 7, "unknown procedure");
    }
    h = call, h.procedure = EVENT_LIFECYCLE;
    refuse(s, h, NULL, 0, "D-5", 39, 7, "unknown procedure");
    static const int32_t status[] = {1, 2, 99, -1};
    for (size_t i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
        h = call, h.status = status[i];
        refuse(s, h, NULL, 0, "D-8", 39, 7, NULL);
    }
    h = call, h.procedure = LOOKUP_BY_NAME;
    refuse(s, h, NULL, 0, "D-9", 39, 7, NULL);
    refuse(s, h, "\0\0\0\5test", 8, "D-9", 39, 7, NULL);
    refuse(s, h, "\xff\xff\xff\xfftest", 8, "D-9", 39, 7, NULL);

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
    struct vw_session *s = opened_session();
    const uint8_t *bytes;
    feed_call(s, LOOKUP_BY_NAME, 3, name_test, sizeof(name_test));
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
    feed_call(s, LOOKUP_BY_NAME, 3, "\0\0\0\4testXYZ", 11);
    ev = test_expect(s, VW_EVENT_CALL);
    assert_int_equal(ev.value_len, 8);
    assert_int_equal(ev.body_len, 11);
    struct vw_remote_error e;
    vw_session_rpc_error(s, 42, 12, "nothing of that name", &e);
    assert_int_equal(vw_session_reply_error(s, &ev.header, &e, NULL), 0);
    struct vw_header want = ev.header;
    want.type = VW_MSG_REPLY;
    want.status = VW_MSG_ERROR;
    expect_error(s, &want, 42, 12, "nothing");
    vw_session_destroy(s);
}

static void results_that_do_not_fit_become_errors(void **state)
{
    struct vw_session *s = opened_session();
    feed_call(s, GET_TYPE, 3, NULL, 0);
    struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    char *text = calloc(1, 4194306);
    memset(text, 'a', 4194305);
    struct vw_string type = {.data = text, .len = 4194305};
    assert_int_equal(vw_session_reply(s, &ev.header, &type, NULL, 0, NULL), 0);
    struct vw_header want = ev.header;
    want.type = VW_MSG_REPLY;
    want.status = VW_MSG_ERROR;
    expect_error(s, &want, 39, 7, NULL);
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
    refuse(s, h, NULL, 0, "D-11", 39, 7, NULL);
    h.procedure = CLOSE;
    refuse(s, h, NULL, 0, "D-11", 39, 7, NULL);
    h.procedure = SUPPORTS_FEATURE;
    refuse(s, h, feature, 4, "D-11", 39, 7, NULL);
    /* ... and after program, type, status and procedure (D-20). */
    h.procedure = 9999;
    refuse(s, h, NULL, 0, "D-4", 39, 7, "unknown procedure");
    h.procedure = GET_TYPE, h.status = 1;
    refuse(s, h, NULL, 0, "D-8", 39, 7, NULL);
    feed_call(s, AUTH_LIST, 1, NULL, 0);
    test_expect(s, VW_EVENT_CALL);

    /* D-12, C-3: open comes after the arguments. */
    vw_session_set_authenticated(s, true);
    h.status = VW_MSG_OK;
    refuse(s, h, NULL, 0, "D-12", 1, 7, NULL);
    h.procedure = LOOKUP_BY_NAME;
    refuse(s, h, NULL, 0, "D-9", 39, 7, NULL);
    refuse(s, h, name_test, 8, "D-12", 1, 7, NULL);
    h.procedure = SUPPORTS_FEATURE;
    refuse(s, h, other, 4, "D-12", 1, 7, NULL);
    h.program = QEMU, h.procedure = 1;
    test_feed(s, VW_SIDE_CLIENT, QEMU, 1, 3, VW_MSG_CALL, 9, VW_MSG_OK, NULL, 0);
    test_expect(s, VW_EVENT_REFUSED);
    feed_call(s, SUPPORTS_FEATURE, 1, feature, 4);
    test_expect(s, VW_EVENT_CALL);
    feed_call(s, CLOSE, 1, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    feed_call(s, OPEN, 1, "\0\0\0\0\0\0\0\0", 8);
    test_expect(s, VW_EVENT_CALL);
    vw_session_set_opened(s, true);
    feed_call(s, GET_TYPE, 1, NULL, 0);
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
    for (uint32_t i = 0; i < 4; i++)
        feed_call(s, GET_TYPE, i, NULL, 0);
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
    struct vw_session *s = opened_session();
    const struct vw_proc *p =
        vw_schema_proc(vw_session_profile(s)->schema, "connect_event_connection_closed");
    const uint8_t *bytes;
    int32_t reason = 2;
    assert_non_null(p);
    assert_int_equal(vw_session_send_event(s, p, &reason, NULL), 0);
    assert_int_equal(test_take(s, &bytes), 32);
    assert_int_equal(vw_load32(bytes + 16), VW_MSG_MESSAGE);
    assert_int_equal(vw_load32(bytes + 20), 1); /* V-2 */
    const struct vw_proc *call = vw_schema_proc(vw_session_profile(s)->schema, "connect_get_type");
    assert_int_equal(vw_session_send_event(s, call, NULL, NULL), VW_EUSAGE);
    vw_session_destroy(s);
}

static void expect_closed(struct vw_session *s, const char *clause)
{
    test_expect_violation(s, clause);
    struct vw_event ev = test_expect(s, VW_EVENT_CLOSED);
    assert_int_equal(ev.reason, VW_CLOSE_VIOLATION);
    assert_int_equal(vw_session_output_pending(s), 0);
    assert_true(vw_session_over(s));
    vw_session_destroy(s);
}

static void some_faults_close(void **state)
{
    struct vw_session *s = opened_session();
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\0\0\0", 4), 0);
    expect_closed(s, "F-3");
    s = opened_session();
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\2\0\0\5", 4), 0);
    expect_closed(s, "F-4");
    s = opened_session();
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, GET_TYPE, VW_MSG_CALL_WITH_FDS, 1, 0, NULL, 0);
    expect_closed(s, "D-14");
    s = opened_session();
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, GET_TYPE, VW_MSG_CALL_WITH_FDS, 1, 0, "\0\0\0\x21", 4);
    expect_closed(s, "D-14");
    s = opened_session();
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, GET_TYPE, VW_MSG_CALL_WITH_FDS, 1, 0, "\0\0\0\1", 4);
    expect_closed(s, "P-6");
    /* Without descriptors it works like a call (P-4, P-6). */
    s = opened_session();
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, LOOKUP_BY_NAME, VW_MSG_CALL_WITH_FDS, 1, 0,
              "\0\0\0\0\0\0\0\4test", 12);
    assert_int_equal(test_expect(s, VW_EVENT_CALL).value_len, 8);
    vw_session_break(s, "S-11", "a hole on a stream that is not sparse");
    expect_closed(s, "S-11");
}

/* ---- descriptors ---- */

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
    vw_session_add_fds(s, VW_SIDE_CLIENT, &fds[0], 1);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "", 1), 0);
    test_expect_none(s);
    vw_session_add_fds(s, VW_SIDE_CLIENT, &fds[1], 1);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "", 1), 0);
    feed_call(s, GET_TYPE, 2, NULL, 0);
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
    expect_closed(s, "D-15");
}

static void descriptors_that_nobody_takes_are_closed(void **state)
{
    struct vw_session *s = with_fds(VW_ROLE_SERVER);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    /* The call is refused, so its descriptor goes too. */
    test_feed(s, VW_SIDE_CLIENT, REMOTE, 1, 9999, VW_MSG_CALL_WITH_FDS, 1, 0, "\0\0\0\1", 4);
    vw_session_add_fds(s, VW_SIDE_CLIENT, &fds[0], 1);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "", 1), 0);
    test_expect(s, VW_EVENT_REFUSED);
    assert_false(is_open(fds[0]));
    /* Nobody announced this one. */
    vw_session_add_fds(s, VW_SIDE_CLIENT, &fds[1], 1);
    feed_call(s, GET_TYPE, 2, NULL, 0);
    test_expect(s, VW_EVENT_CALL);
    test_expect_none(s);
    assert_false(is_open(fds[1]));

    /* This one lies there at the end. */
    assert_int_equal(pipe(fds), 0);
    vw_session_add_fds(s, VW_SIDE_CLIENT, fds, 2);
    vw_session_destroy(s);
    assert_false(is_open(fds[0]));
    assert_false(is_open(fds[1]));
}

static void descriptors_go_out_one_a_byte(void **state)
{
    struct vw_session *s = with_fds(VW_ROLE_CLIENT);
    const struct vw_proc *p = vw_schema_proc(vw_session_profile(s)->schema, "connect_get_type");
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

/* ---- output ---- */

static void single_messages_for_records(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "9.0.0");
    const struct vw_proc *p = vw_schema_proc(vw_session_profile(s)->schema, "connect_get_type");
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
    const struct vw_proc *p = vw_schema_proc(vw_session_profile(s)->schema, "connect_get_type");
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

/* ---- streams ---- */

static struct vw_session *with_stream(struct vw_header *h)
{
    struct vw_session *s = opened_session();
    const uint8_t *bytes;
    const struct vw_proc *p =
        vw_schema_proc(vw_session_profile(s)->schema, "domain_migrate_prepare_tunnel");
    uint8_t body[256] = {0};
    feed_call(s, p->number, 4, body, p->args->wire_min);
    struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    *h = ev.header;
    assert_int_equal(vw_session_stream_open(s, h, s), 0);
    assert_int_equal(vw_session_stream_open(s, h, s), VW_EUSAGE);
    assert_int_equal(vw_session_reply(s, h, NULL, NULL, 0, NULL), 0);
    assert_int_equal(test_take(s, &bytes), 28);
    return s;
}

static void feed_stream(struct vw_session *s, const struct vw_header *h, int32_t type,
                        int32_t status, const void *body, size_t len)
{
    test_feed(s, VW_SIDE_CLIENT, h->program, h->version, h->procedure, type, h->serial, status,
              body, len);
}

static void streams_of_a_server(void **state)
{
    struct vw_header h;
    struct vw_session *s = with_stream(&h);
    const uint8_t *bytes;
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_CONTINUE, "abc", 3);
    struct vw_event ev = test_expect(s, VW_EVENT_STREAM_DATA);
    assert_memory_equal(ev.body, "abc", 3);
    assert_ptr_equal(ev.user, s);
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_OK, "ignored", 7);
    test_expect(s, VW_EVENT_STREAM_FINISH);
    assert_int_equal(vw_session_stream_finish(s, &h, NULL), 0);
    assert_int_equal(test_take(s, &bytes), 28);
    assert_int_equal(vw_load32(bytes + 24), VW_MSG_OK);
    /* S-5: a second finish is dropped. */
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_OK, NULL, 0);
    assert_string_equal(test_expect(s, VW_EVENT_DROPPED).clause, "D-7");
    vw_session_destroy(s);

    /* S-8: an unknown status ends the stream, and the session says so. */
    s = with_stream(&h);
    feed_stream(s, &h, VW_MSG_STREAM, 7, NULL, 0);
    ev = test_expect(s, VW_EVENT_STREAM_ABORT);
    assert_true(ev.local);
    assert_string_equal(ev.clause, "S-8");
    struct vw_header want = h;
    want.type = VW_MSG_STREAM;
    want.status = VW_MSG_ERROR;
    expect_error(s, &want, 39, 38, NULL);
    assert_int_equal(vw_session_stream_data(s, &h, "x", 1, NULL), VW_EUSAGE);
    vw_session_destroy(s);

    s = with_stream(&h);
    feed_stream(s, &h, VW_MSG_STREAM_HOLE, VW_MSG_OK, "\0\0\0\0\0\0\0\1\0\0\0\0more", 16);
    ev = test_expect(s, VW_EVENT_STREAM_HOLE);
    assert_int_equal(ev.hole_length, 1);
    feed_stream(s, &h, VW_MSG_STREAM, VW_MSG_ERROR, NULL, 0);
    test_expect(s, VW_EVENT_STREAM_ABORT);
    assert_int_equal(vw_session_stream_finish(s, &h, NULL), 0);
    assert_int_equal(test_take(s, &bytes), 28);
    vw_session_destroy(s);

    s = with_stream(&h);
    feed_stream(s, &h, VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE, "\0", 1);
    expect_closed(s, "S-12");
}

/* ---- 2007 ---- */

static void the_dialect_of_2007(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_SERVER, "0.3.0");
    const struct vw_header call = {REMOTE, 1, GET_TYPE, VW_MSG_CALL, 9, VW_MSG_OK};
    struct vw_header h = call;
    h.version = 2, h.type = VW_MSG_REPLY;
    refuse(s, h, NULL, 0, "D-2", 39, 13, NULL);
    static const int32_t types[] = {1, 2, 3, 4, 5, 6, 7, -1};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        h = call, h.type = types[i], h.status = 1;
        refuse(s, h, NULL, 0, "D-22", 39, 13, NULL);
    }
    h = call, h.status = 3;
    refuse(s, h, NULL, 0, "D-8", 39, 13, NULL);
    h = call, h.procedure = 60;
    refuse(s, h, NULL, 0, "D-4", 39, 13, "unknown procedure");
    h.procedure = 66;
    refuse(s, h, NULL, 0, "D-4", 39, 13, "unknown procedure");
    /* D-28: CLOSE too needs the open. */
    refuse(s, call, NULL, 0, "D-12", 39, 13, NULL);
    h = call, h.procedure = CLOSE;
    refuse(s, h, NULL, 0, "D-12", 39, 13, NULL);
    feed_call(s, OPEN, 0, "\0\0\0\0\0\0\0\0", 8);
    test_expect(s, VW_EVENT_CALL);

    /* F-13, D-23 */
    for (uint32_t len = 9; len < 28; len++) {
        uint8_t bytes[28] = {0};
        vw_store32(bytes, len);
        vw_store32(bytes + 4, REMOTE);
        assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, bytes, len), 0);
        struct vw_event ev = test_expect(s, VW_EVENT_REFUSED);
        assert_string_equal(ev.clause, "D-23");
        const struct vw_header want = {REMOTE, 1, 1, VW_MSG_REPLY, 1, VW_MSG_ERROR};
        expect_error(s, &want, 39, 13, NULL);
    }
    uint8_t eight[8] = {0, 0, 0, 8, 0x20, 0, 0x80, 0x86};
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, eight, 8), 0);
    expect_closed(s, "F-13");

    /* F-8: eight bytes are enough. */
    s = test_session(VW_ROLE_SERVER, "0.3.0");
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\0\0\x1c\x20\0\x80", 7), 0);
    test_expect_none(s);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\x87", 1), 0);
    expect_closed(s, "F-8");
    s = test_session(VW_ROLE_SERVER, "0.3.0");
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\4\0\1\x20\0\x80\x86", 8), 0);
    expect_closed(s, "F-7");
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
    refuse(s, h, NULL, 0, "D-1", 39, 7, NULL);

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

/* ---- both ends, a failing allocator, and steady traffic ---- */

static void steady_traffic_allocates_nothing(void **state)
{
    struct vw_session *server = opened_session();
    struct vw_session *client = test_session(VW_ROLE_CLIENT, "9.0.0");
    const struct vw_proc *p =
        vw_schema_proc(vw_session_profile(client)->schema, "domain_lookup_by_name");
    struct vw_string name = {.data = (char[]){"test"}, .len = 4};
    struct {
        struct vw_string name;
        uint8_t uuid[16];
        int32_t id;
    } ret = {.name = name, .id = 1};
    for (int round = 0; round < 200; round++) {
        if (round == 100)
            vw_failalloc_reset();
        for (int i = 0; i < 16; i++)
            assert_int_equal(vw_session_call(client, p, &name, NULL, 0, &ret, NULL, NULL), 0);
        test_pump(client, VW_SIDE_CLIENT, server);
        for (int i = 0; i < 16; i++) {
            struct vw_event ev = test_expect(server, VW_EVENT_CALL);
            assert_int_equal(vw_session_reply(server, &ev.header, &ret, NULL, 0, NULL), 0);
        }
        test_pump(server, VW_SIDE_SERVER, client);
        for (int i = 0; i < 16; i++)
            test_expect(client, VW_EVENT_REPLY);
    }
    assert_int_equal(vw_failalloc_stats().count, 0);
    vw_session_destroy(client);
    vw_session_destroy(server);
}

/* Everything a server does with a few messages; false as soon as memory is out. Nothing may be lost
 * by that: what failed is tried again and works. */
static void talk_with_failures(size_t n, bool *failed)
{
    const struct vw_session_options o = {.role = VW_ROLE_SERVER, .profile = test_profile("9.0.0")};
    struct vw_session *s = NULL;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_event ev;
    int rc;
    int calls = 0, refused = 0, pings = 0;
    vw_failalloc_set(n);
    rc = vw_session_create(&o, &s, NULL);
    if (rc) {
        assert_int_equal(rc, VW_ENOMEM);
        assert_null(s);
        *failed = vw_failalloc_clear();
        assert_true(*failed);
        return;
    }
    vw_session_set_opened(s, true);
    static const uint8_t input[] = {
        0, 0, 0, 36, 0x20, 0,    0x80, 0x86, 0, 0, 0, 1, 0, 0, 0, 23, /* lookup "test" */
        0, 0, 0, 0,  0,    0,    0,    1,    0, 0, 0, 0, 0, 0, 0, 4,  't', 'e', 's', 't', //
        0, 0, 0, 28, 0x6b, 0x65, 0x65, 0x70, 0, 0, 0, 1, 0, 0, 0, 1,                      /* ping */
        0, 0, 0, 2,  0,    0,    0,    0,    0, 0, 0, 0,                                  //
        0, 0, 0, 28, 0x20, 0,    0x80, 0x86, 0, 0, 0, 1, 0, 0, 0, 0, /* procedure 0 */
        0, 0, 0, 0,  0,    0,    0,    2,    0, 0, 0, 0,
    };
    while (vw_session_feed(s, VW_SIDE_CLIENT, input, sizeof(input)) == VW_ENOMEM)
        continue;
    while ((rc = vw_session_next(s, &arena, &ev)) != 0) {
        if (rc < 0) {
            assert_int_equal(rc, VW_ENOMEM);
            continue;
        }
        calls += ev.kind == VW_EVENT_CALL;
        refused += ev.kind == VW_EVENT_REFUSED;
        pings += ev.kind == VW_EVENT_PING;
        if (ev.kind == VW_EVENT_CALL) {
            struct vw_remote_error e;
            vw_session_rpc_error(s, 42, 12, "none", &e);
            while (vw_session_reply_error(s, &ev.header, &e, NULL) == VW_ENOMEM)
                continue;
            while (vw_session_stream_open(s, &ev.header, s) == VW_ENOMEM)
                continue;
        }
    }
    *failed = vw_failalloc_clear();
    assert_int_equal(calls, 1);
    assert_int_equal(refused, 1);
    assert_int_equal(pings, 1);
    const uint8_t *bytes;
    assert_true(test_take(s, &bytes) > 28 + 2 * 72);
    vw_session_destroy(s);
    vw_arena_finish(&arena);
}

static void a_failing_allocator_loses_nothing(void **state)
{
    bool failed = true;
    for (size_t n = 1; failed; n++)
        talk_with_failures(n, &failed);
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
        cmocka_unit_test(descriptors_come_behind_their_message),
        cmocka_unit_test(descriptors_that_nobody_takes_are_closed),
        cmocka_unit_test(descriptors_go_out_one_a_byte),
        cmocka_unit_test(single_messages_for_records),
        cmocka_unit_test(the_layer_below_changes_at_a_mark),
        cmocka_unit_test(streams_of_a_server),
        cmocka_unit_test(the_dialect_of_2007),
        cmocka_unit_test(errors_are_worded_as_the_profile_says),
        cmocka_unit_test(pings_are_answered_at_any_time),
        cmocka_unit_test(steady_traffic_allocates_nothing),
        cmocka_unit_test(a_failing_allocator_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish);
}
