// SPDX-License-Identifier: MIT
// Streams of a server (section 10).
#include "session/testing.h"

static struct vw_session *with_stream(struct vw_header *h)
{
    struct vw_session *s = test_opened_server();
    const uint8_t *bytes;
    const struct vw_proc *p = test_proc(s, "domain_migrate_prepare_tunnel");
    uint8_t body[256] = {0};
    test_feed_call(s, p->number, 4, body, p->args->wire_min);
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
    test_expect_error_reply(s, &want, 39, 38, NULL);
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
    test_expect_closed(s, "S-12");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_of_a_server),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
