// SPDX-License-Identifier: MIT
// The server role in the dialect of 2007: headers, lengths and refusals as 0.3.0 has them.
#include "session/testing.h"

static void the_dialect_of_2007(void **state)
{
    struct vw_session *s = test_session(VW_ROLE_SERVER, "0.3.0");
    const struct vw_header call = {REMOTE, 1, GET_TYPE, VW_MSG_CALL, 9, VW_MSG_OK};
    struct vw_header h = call;
    h.version = 2, h.type = VW_MSG_REPLY;
    test_refuse(s, h, NULL, 0, "D-2", 39, 13, NULL);
    static const int32_t types[] = {1, 2, 3, 4, 5, 6, 7, -1};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        h = call, h.type = types[i], h.status = 1;
        test_refuse(s, h, NULL, 0, "D-22", 39, 13, NULL);
    }
    h = call, h.status = 3;
    test_refuse(s, h, NULL, 0, "D-8", 39, 13, NULL);
    h = call, h.procedure = 60;
    test_refuse(s, h, NULL, 0, "D-4", 39, 13, "unknown procedure");
    h.procedure = 66;
    test_refuse(s, h, NULL, 0, "D-4", 39, 13, "unknown procedure");
    /* D-28: CLOSE too needs the open. */
    test_refuse(s, call, NULL, 0, "D-12", 39, 13, NULL);
    h = call, h.procedure = CLOSE;
    test_refuse(s, h, NULL, 0, "D-12", 39, 13, NULL);
    test_feed_call(s, OPEN, 0, "\0\0\0\0\0\0\0\0", 8);
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
        test_expect_error_reply(s, &want, 39, 13, NULL);
    }
    uint8_t eight[8] = {0, 0, 0, 8, 0x20, 0, 0x80, 0x86};
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, eight, 8), 0);
    test_expect_closed(s, "F-13");

    /* F-8: eight bytes are enough. */
    s = test_session(VW_ROLE_SERVER, "0.3.0");
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\0\0\x1c\x20\0\x80", 7), 0);
    test_expect_none(s);
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\x87", 1), 0);
    test_expect_closed(s, "F-8");
    s = test_session(VW_ROLE_SERVER, "0.3.0");
    assert_int_equal(vw_session_feed(s, VW_SIDE_CLIENT, "\0\4\0\1\x20\0\x80\x86", 8), 0);
    test_expect_closed(s, "F-7");
}

/* Four strings of the largest size do not fit into a message: the call fails all the same. */
static void errors_fit_into_a_message(void **state)
{
    static const struct {
        uint32_t len; /* of the fourth string */
        bool fits;
    } rows[] = {{65536 - 88, true}, {65536 - 87, false}, {65536, false}};
    const uint8_t *bytes;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_session *s = test_session(VW_ROLE_SERVER, "0.3.0");
        vw_session_set_opened(s, true);
        char *text = malloc(65537), *last = malloc(65537);
        memset(text, 'a', 65536);
        memset(last, 'b', rows[i].len);
        text[65536] = last[rows[i].len] = '\0';
        const struct vw_remote_error e = {
            .code = 1, .level = 2, .message = text, .str1 = text, .str2 = text, .str3 = last};
        test_feed_call(s, GET_TYPE, 7, NULL, 0);
        const struct vw_header h = test_expect(s, VW_EVENT_CALL).header;
        assert_int_equal(vw_session_reply_error(s, &h, &e, NULL), 0);
        if (rows[i].fits) {
            assert_int_equal(test_take(s, &bytes), 262144);
            assert_int_equal(vw_load32(bytes), 262144);
        } else {
            struct vw_header want = h;
            want.type = VW_MSG_REPLY;
            want.status = VW_MSG_ERROR;
            test_expect_error_reply(s, &want, 39, 13, "the error would be longer than a message");
        }
        assert_int_equal(vw_session_in_flight(s), 0);
        free(text);
        free(last);
        vw_session_destroy(s);
    }
}

/* F-7: the client compares the length less its own word, the server the word itself. */
static void what_a_client_takes(void **state)
{
    static const struct {
        enum vw_role role;
        uint32_t word;
        bool taken;
    } rows[] = {
        {VW_ROLE_CLIENT, 262148, true},
        {VW_ROLE_CLIENT, 262149, false},
        {VW_ROLE_SERVER, 262144, true},
        {VW_ROLE_SERVER, 262145, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_session *s = test_session(rows[i].role, "0.3.0");
        uint8_t head[8];
        vw_store32(head, rows[i].word);
        vw_store32(head + 4, REMOTE);
        enum vw_side from = rows[i].role == VW_ROLE_CLIENT ? VW_SIDE_SERVER : VW_SIDE_CLIENT;
        assert_int_equal(vw_session_feed(s, from, head, sizeof(head)), 0);
        if (!rows[i].taken) {
            test_expect_closed(s, "F-7");
            continue;
        }
        test_expect_none(s);
        vw_session_destroy(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_dialect_of_2007),
        cmocka_unit_test(errors_fit_into_a_message),
        cmocka_unit_test(what_a_client_takes),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
