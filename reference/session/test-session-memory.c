// SPDX-License-Identifier: MIT
// Memory of a session: none in steady traffic, and nothing lost when an allocation fails.
#include "session/testing.h"

static void steady_traffic_allocates_nothing(void **state)
{
    struct vw_session *server = test_opened_server();
    struct vw_session *client = test_session(VW_ROLE_CLIENT, "9.0.0");
    const struct vw_proc *p = test_proc(client, "domain_lookup_by_name");
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

/* A server that shares SPARES and whose client has opened. */
static struct vw_session *sharing_server(struct vw_spares *spares)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = test_profile("9.0.0"), .fds = true, .spares = spares};
    struct vw_session *s;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    vw_session_set_opened(s, true);
    return s;
}

/* One call and its reply; the reply stays unwritten. */
static void serve_call(struct vw_session *s, uint32_t serial)
{
    const struct vw_header h = {REMOTE, 1, GET_TYPE, VW_MSG_CALL, serial, VW_MSG_OK};
    uint8_t message[VW_PREFIX_BYTES];
    vw_store32(message, sizeof(message));
    vw_header_encode(&h, message + VW_LENGTH_BYTES);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, message, sizeof(message)), 0);
    struct vw_event ev = test_expect(s, VW_EVENT_CALL);
    const struct vw_string type = {.data = (char[]){"QEMU"}, .len = 4};
    assert_int_equal(vw_session_reply(s, &ev.header, &type, NULL, 0, NULL), 0);
    test_expect_none(s);
}

static void write_all(struct vw_session *s)
{
    struct vw_segment seg;
    while (vw_session_output(s, false, &seg))
        vw_session_written(s, seg.len);
}

static void those_who_wait_need_no_buffers(void **state)
{
    struct vw_spares spares = {0};
    struct vw_session *s[64];
    vw_failalloc_reset();
    for (uint32_t i = 0; i < 64; i++) {
        s[i] = sharing_server(&spares);
        serve_call(s[i], 1);
        write_all(s[i]);
    }
    assert_in_range(vw_failalloc_stats().live, 1, 64 * 1400 + 4096 + 256);
    /* Nor does anybody allocate any more. */
    vw_failalloc_reset();
    for (uint32_t round = 0; round < 1000; round++) {
        serve_call(s[round % 64], round);
        write_all(s[round % 64]);
    }
    assert_int_equal(vw_failalloc_stats().count, 0);
    /* A second at the same time has its own, and gives it up. */
    serve_call(s[0], 1);
    serve_call(s[1], 1);
    write_all(s[0]);
    write_all(s[1]);
    assert_int_equal(vw_failalloc_stats().live, 0);
    for (uint32_t i = 0; i < 64; i++)
        vw_session_destroy(s[i]);
    vw_spares_finish(&spares);
}

/* What is too large to be handed on stays for what may follow, until it is told to go. */
static void large_buffers_go_when_nothing_comes(void **state)
{
    struct vw_spares spares = {0};
    struct vw_session *s = sharing_server(&spares);
    uint8_t *many = calloc(1, 100000);
    serve_call(s, 1);
    write_all(s);
    assert_int_equal(vw_session_memory(s), 0);
    test_feed_call(s, 9999, 2, many, 100000);
    test_expect(s, VW_EVENT_REFUSED);
    test_expect_none(s);
    assert_int_equal(vw_session_send_raw(s, many, 100000), 0);
    size_t all = vw_session_memory(s);
    assert_in_range(all, 200000, 400000);
    /* What is to be written stays. */
    size_t in = vw_session_rest(s);
    assert_in_range(in, 100000, 200000);
    assert_int_equal(vw_session_memory(s), all - in);
    assert_true(vw_session_output_pending(s) > 100000);
    write_all(s);
    assert_int_equal(vw_session_memory(s), all - in);
    assert_int_equal(vw_session_rest(s), all - in);
    assert_int_equal(vw_session_memory(s), 0);
    serve_call(s, 3);
    assert_int_equal(vw_session_output_pending(s), 28 + 8);
    vw_session_destroy(s);
    vw_spares_finish(&spares);
    free(many);
}

/* There may be thousands of servers, and none of them has anything to say at once. */
static void a_server_session_is_small(void **state)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = test_profile("9.0.0"), .fds = true};
    struct vw_session *s;
    vw_failalloc_reset();
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    assert_in_range(vw_failalloc_stats().live, 1, 1400);
    vw_session_destroy(s);
    assert_int_equal(vw_failalloc_stats().live, 0);
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

/* What a server says to two calls: a domain, an error; then an event. */
static void make_answers(struct vw_buf *out)
{
    const struct vw_limits limits = {.max_length_word = 1 << 20, .min_length_word = 28};
    const struct vw_remote_error e = {.code = 42, .domain = 10, .level = 2, .message = "none"};
    static const uint8_t domain[28] = {0, 0, 0, 4, 't', 'e', 's', 't', [27] = 1};
    struct vw_header h = {REMOTE, 1, LOOKUP_BY_NAME, VW_MSG_REPLY, 0, VW_MSG_OK};
    struct vw_buf error = VW_BUF_INIT;
    assert_int_equal(vw_message_append(out, &limits, &h, 0, domain, sizeof(domain), NULL), 0);
    h.serial = 1, h.status = VW_MSG_ERROR;
    assert_int_equal(vw_remote_error_encode(&e, 1 << 20, &error, NULL), 0);
    assert_int_equal(vw_message_append(out, &limits, &h, 0, error.data, error.len, NULL), 0);
    h = (struct vw_header){REMOTE, 1, EVENT_CLOSED, VW_MSG_MESSAGE, 0, VW_MSG_OK};
    assert_int_equal(vw_message_append(out, &limits, &h, 0, "\0\0\0\1", 4, NULL), 0);
    vw_buf_finish(&error);
}

/* Calls twice and hears the ANSWERS, trying again what failed; counts events in SEEN. */
static void call_twice(struct vw_session *s, const struct vw_buf *answers, int *seen)
{
    const struct vw_proc *p = test_proc(s, "domain_lookup_by_name");
    const struct vw_string name = {.data = (char[]){"test"}, .len = 4};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_event ev;
    int rc;
    for (int i = 0; i < 2; i++)
        while (vw_session_call(s, p, &name, NULL, 0, NULL, NULL, NULL) == VW_ENOMEM)
            continue;
    while (vw_session_feed(s, VW_SIDE_SERVER, answers->data, answers->len) == VW_ENOMEM)
        continue;
    while ((rc = vw_session_next(s, &arena, &ev)) != 0) {
        assert_true(rc == 1 || rc == VW_ENOMEM);
        if (rc == 1)
            seen[ev.kind]++;
    }
    vw_arena_finish(&arena);
}

static void a_failing_allocator_loses_no_call(void **state)
{
    const struct vw_session_options o = {.role = VW_ROLE_CLIENT, .profile = test_profile("9.0.0")};
    struct vw_buf answers = VW_BUF_INIT;
    const uint8_t *bytes;
    make_answers(&answers);
    for (size_t n = 1;; n++) {
        struct vw_session *s = NULL;
        int seen[64] = {0};
        vw_failalloc_set(n);
        int rc = vw_session_create(&o, &s, NULL);
        if (rc == 0)
            call_twice(s, &answers, seen);
        bool failed = vw_failalloc_clear();
        if (rc < 0) {
            assert_int_equal(rc, VW_ENOMEM);
            assert_true(failed);
            assert_null(s);
            continue;
        }
        /* A call that failed has left no half message. */
        assert_int_equal(test_take(s, &bytes), 72);
        assert_int_equal(seen[VW_EVENT_REPLY], 1);
        assert_int_equal(seen[VW_EVENT_ERROR], 1);
        assert_int_equal(seen[VW_EVENT_MESSAGE], 1);
        assert_int_equal(vw_session_in_flight(s), 0);
        vw_session_destroy(s);
        if (!failed)
            break;
    }
    vw_buf_finish(&answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady_traffic_allocates_nothing),
        cmocka_unit_test(a_server_session_is_small),
        cmocka_unit_test(those_who_wait_need_no_buffers),
        cmocka_unit_test(large_buffers_go_when_nothing_comes),
        cmocka_unit_test(a_failing_allocator_loses_nothing),
        cmocka_unit_test(a_failing_allocator_loses_no_call),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
