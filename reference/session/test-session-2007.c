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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_dialect_of_2007),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
