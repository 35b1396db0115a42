// SPDX-License-Identifier: MIT
// Streams of servers that break the rules, stand still or die: each ends with the right error in
// bounded time and memory, and the connection lives on where the rules let it.
#include <virwire/stream.h>

#include "client/testing.h"

/* For what ends by itself: longer than any busy machine needs. */
#define PATIENCE 20000

static struct vw_arena arena;

/* ---- servers: what they do once the stream is open ---- */

static bool is_shot(const struct vw_event *ev)
{
    return ev->kind == VW_EVENT_CALL && strcmp(ev->proc->short_name, "domain_screenshot") == 0;
}

/* Opens the stream, or answers what comes beside it and at its end. True: the stream is new. */
static bool opened(struct test_server *sv, const struct vw_event *ev)
{
    if (is_shot(ev)) {
        vw_session_stream_open(sv->session, &ev->header, NULL);
        test_answer_raw(sv, ev, "\0\0\0\0", 4);
        return true;
    }
    if (ev->kind == VW_EVENT_CALL)
        test_answer_raw(sv, ev, "\0\0\0\4TEST", 8);
    else if (ev->kind == VW_EVENT_STREAM_FINISH || ev->kind == VW_EVENT_STREAM_ABORT)
        vw_session_stream_finish(sv->session, &ev->header, NULL);
    return false;
}

static void packet(struct test_server *sv, const struct vw_event *ev, int32_t status,
                   const char *text)
{
    test_send(sv, ev, VW_MSG_STREAM, status, text, strlen(text));
}

static void silent(struct test_server *sv, const struct vw_event *ev)
{
    opened(sv, ev);
}

static void ends_unasked(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev))
        packet(sv, ev, VW_MSG_OK, "");
}

static void foreign_status(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev))
        packet(sv, ev, 77, "data");
}

static void garbage_error(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev))
        packet(sv, ev, VW_MSG_ERROR, "nothing like an error structure");
}

static void empty_error(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev))
        packet(sv, ev, VW_MSG_ERROR, "");
}

static void short_hole(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev))
        test_send(sv, ev, VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE, "\0\0", 2);
}

static void negative_hole(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev))
        vw_session_stream_hole(sv->session, &ev->header, -1, 0, NULL);
}

static void behind_the_end(struct test_server *sv, const struct vw_event *ev)
{
    if (!opened(sv, ev))
        return;
    packet(sv, ev, VW_MSG_CONTINUE, "");
    packet(sv, ev, VW_MSG_CONTINUE, "more");
}

static void dies(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev)) {
        packet(sv, ev, VW_MSG_CONTINUE, "data");
        test_hang_up(sv);
    }
}

static void dies_within(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev)) {
        vw_session_send_raw(sv->session, "\0\0\1\0\x20\0\x80\x86", 8);
        test_hang_up(sv);
    }
}

static void reply_again(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev))
        test_send(sv, ev, VW_MSG_REPLY, VW_MSG_OK, "\0\0\0\0", 4);
}

static void huge_length(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev))
        vw_session_send_raw(sv->session, "\xff\xff\xff\xff", 4);
}

static void a_call_instead(struct test_server *sv, const struct vw_event *ev)
{
    if (opened(sv, ev))
        test_send(sv, ev, VW_MSG_CALL, VW_MSG_OK, "", 0);
}

/* ---- what they get ---- */

static const struct {
    const char *name;
    test_answer_fn answer;
    int code;
    const char *clause;
    bool stays;
} bad[] = {
    {"silent", silent, VW_ETIMEOUT, "", true},
    {"ends unasked", ends_unasked, VW_EPROTOCOL, "S-10", false},
    {"foreign status", foreign_status, VW_EPROTOCOL, "S-10", false},
    {"garbage error", garbage_error, VW_EPROTOCOL, "S-7", true},
    {"empty error", empty_error, VW_EPROTOCOL, "S-7", true},
    {"short hole", short_hole, VW_EPROTOCOL, "S-12", true},
    {"negative hole", negative_hole, VW_EPROTOCOL, "S-11", true},
    {"behind the end", behind_the_end, VW_EPROTOCOL, "S-4", true},
    {"dies", dies, VW_ECLOSED, "", false},
    {"dies within", dies_within, VW_ECLOSED, "", false},
    {"reply again", reply_again, VW_EPROTOCOL, "H-9", false},
    {"huge length", huge_length, VW_EPROTOCOL, "F-4", false},
    {"a call", a_call_instead, VW_EPROTOCOL, "H-11", false},
};

static void *shot_args(void)
{
    return test_args(test_proc("domain_screenshot"),
                     "{\"dom\": " TEST_DOMAIN ", \"screen\": 0, \"flags\": 0}", &arena);
}

static struct vw_stream *open_shot(struct vw_client *c)
{
    struct vw_stream *st;
    struct vw_error err = VW_ERROR_INIT;
    int rc = vw_stream_open(c,
                            &(const struct vw_submission){VW_SUBMISSION_INIT,
                                                          .proc = test_proc("domain_screenshot"),
                                                          .args = shot_args()},
                            &arena, NULL, &st, &err);
    if (rc)
        print_error("%s\n", err.text);
    assert_int_equal(rc, 0);
    return st;
}

static int call(struct vw_client *c)
{
    return vw_client_call_named(c, "connect_get_type", NULL, &arena, NULL, NULL);
}

/* Receives until an error, or the end and then again. */
static int receive_all(struct vw_stream *st, struct vw_error *err)
{
    struct vw_stream_item item;
    int rc;
    while ((rc = vw_stream_receive(st, &item, err)) == 0 && item.kind != VW_ITEM_END)
        ;
    return rc ? rc : vw_stream_finish(st, err);
}

static void every_lie_ends_the_stream(void **state)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct vw_client *c = test_open_client(bad[i].answer, PATIENCE);
        struct vw_error err = VW_ERROR_INIT;
        vw_failalloc_reset();
        struct vw_stream *st = open_shot(c);
        if (bad[i].code == VW_ETIMEOUT)
            vw_client_set_timeout(c, 300);
        int rc = receive_all(st, &err);
        if (rc != bad[i].code || strcmp(err.clause, bad[i].clause) != 0)
            print_error("%s: %d %s (%s)\n", bad[i].name, rc, err.text, err.clause);
        assert_int_equal(rc, bad[i].code);
        assert_string_equal(err.clause, bad[i].clause);
        assert_true(err.text[0] != '\0');
        assert_true(vw_failalloc_stats().peak < 1 << 20);
        if (bad[i].stays && bad[i].code != VW_ETIMEOUT)
            assert_int_equal(call(c), 0);
        else if (!bad[i].stays)
            assert_int_equal(call(c), bad[i].code);
        vw_stream_destroy(st);
        test_end_client(c);
    }
}

/* Ahead of the reply, and so much of it that nobody can keep it. */
static void early_flood(struct test_server *sv, const struct vw_event *ev)
{
    static uint8_t data[100000];
    for (int i = 0; i < 200 && is_shot(ev); i++) {
        test_send(sv, ev, VW_MSG_STREAM, VW_MSG_CONTINUE, data, sizeof(data));
        test_flush(sv);
    }
    opened(sv, ev);
}

static void a_flood_ahead_of_the_reply(void **state)
{
    struct vw_client *c = test_open_client(early_flood, PATIENCE);
    struct vw_stream *st;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream_item item;
    int rc;
    vw_failalloc_reset();
    assert_int_equal(vw_stream_open(c,
                                    &(const struct vw_submission){
                                        VW_SUBMISSION_INIT, .proc = test_proc("domain_screenshot"),
                                        .args = shot_args()},
                                    &arena, NULL, &st, NULL),
                     0);
    while ((rc = vw_stream_receive(st, &item, &err)) == 0)
        assert_int_equal(item.kind, VW_ITEM_DATA);
    assert_int_equal(rc, VW_EPROTOCOL);
    assert_string_equal(err.clause, "S-2");
    assert_true(vw_failalloc_stats().peak < 64 << 20);
    vw_stream_destroy(st);
    assert_int_equal(call(c), 0);
    test_end_client(c);
}

static void early_error(struct test_server *sv, const struct vw_event *ev)
{
    if (is_shot(ev)) {
        packet(sv, ev, VW_MSG_CONTINUE, "some");
        packet(sv, ev, VW_MSG_ERROR, "no error structure");
        test_answer_raw(sv, ev, "\0\0\0\0", 4);
        return;
    }
    opened(sv, ev);
}

static void an_error_ahead_of_the_reply(void **state)
{
    struct vw_client *c = test_open_client(early_error, PATIENCE);
    struct vw_stream *st = open_shot(c);
    struct vw_stream_item item;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.len, 4);
    assert_int_equal(vw_stream_receive(st, &item, &err), VW_EPROTOCOL);
    assert_string_equal(err.clause, "S-7");
    vw_stream_destroy(st);
    assert_int_equal(call(c), 0);
    test_end_client(c);
}

static void never_confirms(struct test_server *sv, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_CALL && opened(sv, ev))
        packet(sv, ev, VW_MSG_CONTINUE, "");
}

static void an_end_that_is_not_confirmed(void **state)
{
    for (int abort = 0; abort < 2; abort++) {
        struct vw_client *c = test_open_client(never_confirms, PATIENCE);
        struct vw_stream *st = open_shot(c);
        vw_client_set_timeout(c, 300);
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(abort ? vw_stream_abort(st, &err) : vw_stream_finish(st, &err),
                         VW_ETIMEOUT);
        assert_string_equal(err.text, "the server does not confirm the end of the stream");
        assert_int_equal(vw_stream_get_state(st), VW_STREAM_IS_ENDING);
        vw_stream_destroy(st);
        test_end_client(c);
    }
}

/* A flood behind the finish instead of its confirmation. */
static void floods_the_end(struct test_server *sv, const struct vw_event *ev)
{
    static uint8_t data[10000];
    if (ev->kind == VW_EVENT_CALL)
        opened(sv, ev);
    while (ev->kind == VW_EVENT_STREAM_FINISH) {
        test_send(sv, ev, VW_MSG_STREAM, VW_MSG_CONTINUE, data, sizeof(data));
        test_flush(sv);
    }
}

static void a_flood_instead_of_the_confirmation(void **state)
{
    struct vw_client *c = test_open_client(floods_the_end, PATIENCE);
    struct vw_stream *st = open_shot(c);
    vw_client_set_timeout(c, 300);
    vw_failalloc_reset();
    assert_int_equal(vw_stream_finish(st, NULL), VW_ETIMEOUT);
    assert_true(vw_failalloc_stats().peak < 4 << 20);
    vw_stream_destroy(st);
    test_end_client(c);
}

static void confirms_twice(struct test_server *sv, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_CALL) {
        opened(sv, ev);
        return;
    }
    packet(sv, ev, VW_MSG_OK, "");
    packet(sv, ev, VW_MSG_OK, "");
}

/* S-10: the second one is for nobody. */
static void an_end_that_is_confirmed_twice(void **state)
{
    struct vw_client *c = test_open_client(confirms_twice, PATIENCE);
    struct vw_stream *st = open_shot(c);
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_stream_finish(st, NULL), 0);
    assert_int_equal(vw_client_call_named(c, "connect_get_type", NULL, &arena, NULL, &err),
                     VW_EPROTOCOL);
    assert_string_equal(err.clause, "S-10");
    vw_stream_destroy(st);
    test_end_client(c);
}

/* Data until the client says that it wants none. */
static void until_aborted(struct test_server *sv, const struct vw_event *ev)
{
    static bool aborted;
    aborted = aborted || ev->kind == VW_EVENT_STREAM_ABORT;
    if (ev->kind == VW_EVENT_CALL && !is_shot(ev) && !aborted)
        test_hang_up(sv);
    if (opened(sv, ev))
        packet(sv, ev, VW_MSG_CONTINUE, "unwanted");
}

static void a_call_without_a_stream_aborts_it(void **state)
{
    struct vw_client *c = test_open_client(until_aborted, PATIENCE);
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(
        vw_client_call(c, test_proc("domain_screenshot"), shot_args(), &arena, NULL, &err), 0);
    assert_int_equal(call(c), 0);
    test_end_client(c);
}

/* Packets of streams that are not there. */
static void strangers(struct test_server *sv, const struct vw_event *ev)
{
    struct vw_event other = *ev;
    if (!is_shot(ev)) {
        opened(sv, ev);
        return;
    }
    opened(sv, ev);
    other.header.serial += 1000;
    packet(sv, &other, VW_MSG_CONTINUE, "of nobody");
    other = *ev;
    other.header.procedure++;
    packet(sv, &other, VW_MSG_ERROR, "of another procedure");
    packet(sv, ev, VW_MSG_CONTINUE, "mine");
    packet(sv, ev, VW_MSG_CONTINUE, "");
}

static void packets_of_nobody_are_dropped(void **state)
{
    struct vw_client *c = test_open_client(strangers, PATIENCE);
    struct vw_stream *st = open_shot(c);
    struct vw_stream_item item;
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.len, 4);
    assert_memory_equal(item.data, "mine", 4);
    assert_int_equal(receive_all(st, NULL), 0);
    vw_stream_destroy(st);
    assert_int_equal(call(c), 0);
    test_end_client(c);
}

/* Tiny packets and holes without end: each costs memory here, which is counted too. */
static void crumbs(struct test_server *sv, const struct vw_event *ev)
{
    if (!opened(sv, ev))
        return;
    for (int i = 0; i < 200000; i++) {
        vw_session_stream_hole(sv->session, &ev->header, 0, 0, NULL);
        packet(sv, ev, VW_MSG_CONTINUE, "x");
        if (i % 100 == 0)
            test_flush(sv);
    }
    packet(sv, ev, VW_MSG_CONTINUE, "");
}

static void crumbs_are_bounded_too(void **state)
{
    struct vw_client *c = test_open_client(crumbs, PATIENCE);
    struct vw_stream *st = open_shot(c);
    vw_failalloc_reset();
    while (vw_client_events(c))
        assert_true(vw_client_wait(c, vw_now_ms() + PATIENCE, NULL) >= 0);
    assert_true(vw_failalloc_stats().peak < 8 << 20);
    assert_int_equal(receive_all(st, NULL), 0);
    vw_stream_destroy(st);
    test_end_client(c);
}

static int teardown(void **state)
{
    vw_arena_finish(&arena);
    return test_unload(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lie_ends_the_stream),
        cmocka_unit_test(a_flood_ahead_of_the_reply),
        cmocka_unit_test(an_error_ahead_of_the_reply),
        cmocka_unit_test(an_end_that_is_not_confirmed),
        cmocka_unit_test(a_flood_instead_of_the_confirmation),
        cmocka_unit_test(an_end_that_is_confirmed_twice),
        cmocka_unit_test(a_call_without_a_stream_aborts_it),
        cmocka_unit_test(packets_of_nobody_are_dropped),
        cmocka_unit_test(crumbs_are_bounded_too),
    };
    return cmocka_run_group_tests(tests, test_load, teardown) + vw_test_leaked();
}
