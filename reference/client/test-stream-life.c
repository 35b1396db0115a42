// SPDX-License-Identifier: MIT
// Streams that end at odd moments: ahead of their reply, with their client, behind their end, or
// while something else goes on. None may leave a pointer behind, hide an end or keep without bound.
#include <virwire/stream.h>

#include "client/testing.h"

/* For what ends by itself: longer than any busy machine needs. */
#define PATIENCE 60000

static struct vw_arena arena;

static bool is(const struct vw_event *ev, const char *name)
{
    return ev->kind == VW_EVENT_CALL && strcmp(ev->proc->short_name, name) == 0;
}

static void packet(struct test_server *sv, const struct vw_event *ev, int32_t status,
                   const void *data, size_t len)
{
    test_send(sv, ev, VW_MSG_STREAM, status, data, len);
}

static const struct vw_proc *shot(void **args)
{
    const struct vw_proc *p = test_proc("domain_screenshot");
    *args = test_args(p, "{\"dom\": " TEST_DOMAIN ", \"screen\": 0, \"flags\": 0}", &arena);
    return p;
}

static struct vw_stream *open_shot(struct vw_client *c, size_t max_queue)
{
    const struct vw_stream_options o = {VW_STREAM_OPTIONS_INIT, .max_queue = max_queue};
    struct vw_stream *st;
    void *args;
    const struct vw_proc *p = shot(&args);
    assert_int_equal(vw_stream_open(c,
                                    &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p,
                                                                  .args = args, .stream = &o},
                                    &arena, NULL, &st, NULL),
                     0);
    return st;
}

static struct vw_stream *open_upload(struct vw_client *c)
{
    const struct vw_proc *p = test_proc("storage_vol_upload");
    struct vw_stream *st;
    void *args = test_args(p,
                           "{\"vol\": {\"pool\": \"p\", \"name\": \"n\", \"key\": \"k\"},"
                           " \"offset\": 0, \"length\": 0, \"flags\": 0}",
                           &arena);
    assert_int_equal(
        vw_stream_open(c,
                       &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args},
                       &arena, NULL, &st, NULL),
        0);
    return st;
}

/* ---- lost while the call is in flight ---- */

struct ended {
    int ready, done;
};

static void destroy_it(void *user, struct vw_stream *st)
{
    ((struct ended *)user)->ready++;
    vw_stream_destroy(st);
}

static void note_it(void *user, struct vw_stream *st)
{
    ((struct ended *)user)->ready++;
}

static void note_done(void *user, struct vw_client *c, const struct vw_event *ev)
{
    ((struct ended *)user)->done++;
}

static struct vw_stream *submit(struct vw_client *c, struct ended *e,
                                void (*ready)(void *user, struct vw_stream *st))
{
    const struct vw_stream_options o = {VW_STREAM_OPTIONS_INIT, .ready = ready, .user = e};
    struct vw_stream *st;
    void *args;
    const struct vw_proc *p = shot(&args);
    assert_int_equal(
        vw_stream_submit(c,
                         &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args,
                                                       .done = note_done, .user = e, .stream = &o},
                         &st, NULL),
        0);
    return st;
}

/* The error comes with the first call, the reply to it with the second. */
static void error_then_reply(struct test_server *sv, const struct vw_event *ev)
{
    static struct vw_event first;
    if (is(ev, "domain_screenshot")) {
        first = *ev;
        packet(sv, ev, VW_MSG_ERROR, "no error structure", 18);
        return;
    }
    test_answer_raw(sv, &first, "\0\0\0\0", 4);
    test_answer_raw(sv, ev, "\0\0\0\4TEST", 8);
}

static void silent(struct test_server *sv, const struct vw_event *ev)
{
}

static void lost_ahead_of_the_reply(void **state)
{
    for (int within = 0; within < 2; within++) {
        struct vw_client *c = test_open_client(error_then_reply, PATIENCE);
        struct ended e = {0};
        struct vw_stream *st = submit(c, &e, within ? destroy_it : note_it);
        while (e.ready == 0)
            assert_true(vw_client_wait(c, vw_now_ms() + PATIENCE, NULL) >= 0);
        if (!within) {
            assert_int_equal(vw_stream_get_state(st), VW_STREAM_IS_LOST);
            vw_stream_destroy(st);
        }
        assert_int_equal(vw_client_call_named(c, "connect_get_type", NULL, &arena, NULL, NULL), 0);
        assert_int_equal(vw_client_in_flight(c), 0);
        assert_int_equal(e.done, 0);
        test_end_client(c);
    }
}

static void lost_with_the_client(void **state)
{
    struct vw_client *c = test_open_client(silent, PATIENCE);
    struct ended e = {0};
    submit(c, &e, destroy_it);
    test_end_client(c);
    assert_int_equal(e.ready, 1);
    assert_int_equal(e.done, 0);
}

/* ---- the end is told whatever comes behind it ---- */

static void ends_and_dies(struct test_server *sv, const struct vw_event *ev)
{
    if (!is(ev, "domain_screenshot"))
        return;
    vw_session_stream_open(sv->session, &ev->header, NULL);
    test_answer_raw(sv, ev, "\0\0\0\0", 4);
    packet(sv, ev, VW_MSG_CONTINUE, "data", 4);
    packet(sv, ev, VW_MSG_CONTINUE, NULL, 0);
    test_hang_up(sv);
}

static void an_end_before_the_connection_goes(void **state)
{
    struct vw_client *c = test_open_client(ends_and_dies, PATIENCE);
    struct vw_stream *st = open_shot(c, 0);
    struct vw_stream_item item;
    /* All of it is here, and handed out, before any is taken. */
    while (vw_client_wait(c, vw_now_ms() + PATIENCE, NULL) >= 0)
        continue;
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.kind, VW_ITEM_DATA);
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.kind, VW_ITEM_END);
    assert_int_equal(vw_stream_receive(st, &item, NULL), VW_ECLOSED);
    vw_stream_destroy(st);
    test_end_client(c);
}

/* ---- bounds ---- */

#define PACKETS 20000

static void many_packets(struct test_server *sv, const struct vw_event *ev)
{
    static uint8_t data[1000];
    if (ev->kind != VW_EVENT_CALL)
        return;
    vw_session_stream_open(sv->session, &ev->header, NULL);
    test_answer_raw(sv, ev, "\0\0\0\0", 4);
    for (int i = 0; i < PACKETS; i++) {
        packet(sv, ev, VW_MSG_CONTINUE, data, sizeof(data));
        if (i % 50 == 49)
            test_flush(sv);
    }
    packet(sv, ev, VW_MSG_CONTINUE, NULL, 0);
}

/* A queue smaller than what one turn reads: what is left lying must not grow. */
static void a_small_queue_bounds_the_input(void **state)
{
    struct vw_client *c = test_open_client(many_packets, PATIENCE);
    struct vw_stream *st = open_shot(c, 4096);
    struct vw_stream_item item;
    size_t total = 0;
    vw_failalloc_reset();
    while (vw_stream_receive(st, &item, NULL) == 0 && item.kind != VW_ITEM_END)
        total += item.len;
    assert_int_equal(total, PACKETS * 1000);
    assert_true(vw_failalloc_stats().peak < 2 << 20);
    vw_stream_destroy(st);
    test_end_client(c);
}

/* ---- sending ---- */

/* Refuses the first packet and takes all that follows. */
static void full_disk(struct test_server *sv, const struct vw_event *ev)
{
    static bool told;
    struct vw_remote_error e;
    if (ev->kind == VW_EVENT_CALL) {
        vw_session_stream_open(sv->session, &ev->header, NULL);
        test_answer_raw(sv, ev, NULL, 0);
    } else if (ev->kind == VW_EVENT_STREAM_DATA && !told) {
        told = true;
        vw_session_rpc_error(sv->session, 38, 38, "disk full", &e);
        vw_session_stream_abort(sv->session, &ev->header, &e, NULL);
    }
}

static void a_sender_hears_of_the_failure(void **state)
{
    static uint8_t data[65536];
    struct vw_client *c = test_open_client(full_disk, PATIENCE);
    struct vw_stream *st = open_upload(c);
    int64_t end = vw_now_ms() + PATIENCE;
    int rc = 0;
    /* So slowly that there is always room, and never a reason to wait. */
    while (rc == 0 && vw_now_ms() < end) {
        rc = vw_stream_send(st, data, sizeof(data), NULL);
        usleep(2000);
    }
    assert_int_equal(rc, VW_EREMOTE);
    assert_int_equal(vw_stream_error(st)->code, 38);
    vw_stream_destroy(st);
    test_end_client(c);
}

/* Much for one stream that nobody takes, and an upload that is read slowly. */
static void slow_reader(struct test_server *sv, const struct vw_event *ev)
{
    static uint8_t data[2000];
    if (ev->kind == VW_EVENT_STREAM_DATA)
        usleep(2000);
    if (ev->kind == VW_EVENT_STREAM_FINISH)
        vw_session_stream_finish(sv->session, &ev->header, NULL);
    if (ev->kind != VW_EVENT_CALL)
        return;
    vw_session_stream_open(sv->session, &ev->header, NULL);
    if (is(ev, "domain_screenshot")) {
        test_answer_raw(sv, ev, "\0\0\0\0", 4);
        packet(sv, ev, VW_MSG_CONTINUE, data, sizeof(data));
    } else {
        test_answer_raw(sv, ev, NULL, 0);
    }
}

static void sending_beside_a_full_queue(void **state)
{
    static uint8_t data[VW_STREAM_CHUNK];
    struct vw_client *c = test_open_client(slow_reader, PATIENCE);
    struct vw_stream *up = open_upload(c);
    struct vw_stream *down = open_shot(c, 1000);
    struct vw_stream_item item;
    while (vw_client_events(c))
        assert_true(vw_client_wait(c, vw_now_ms() + PATIENCE, NULL) >= 0);
    for (int i = 0; i < 16; i++)
        assert_int_equal(vw_stream_send(up, data, sizeof(data), NULL), 0);
    /* What nobody can hear is told as that, once all is written. */
    assert_int_equal(vw_stream_finish(up, NULL), VW_ELIMIT);
    assert_int_equal(vw_stream_receive(down, &item, NULL), 0);
    assert_int_equal(item.len, 2000);
    vw_stream_destroy(up);
    vw_stream_destroy(down);
    test_end_client(c);
}

/* ---- a hole that cannot be decoded: the server has to be told ---- */

static void bad_hole(struct test_server *sv, const struct vw_event *ev)
{
    static bool aborted;
    if (is(ev, "domain_screenshot")) {
        vw_session_stream_open(sv->session, &ev->header, NULL);
        test_answer_raw(sv, ev, "\0\0\0\0", 4);
        test_send(sv, ev, VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE, "\0\0", 2);
    } else if (ev->kind == VW_EVENT_STREAM_ABORT) {
        aborted = true;
        vw_session_stream_finish(sv->session, &ev->header, NULL);
    } else if (ev->kind == VW_EVENT_CALL) {
        test_answer_raw(sv, ev, aborted ? "\0\0\0\4TEST" : "\0\0\0\0", aborted ? 8 : 4);
    }
}

static void a_bad_hole_aborts_the_stream(void **state)
{
    struct vw_client *c = test_open_client(bad_hole, PATIENCE);
    struct vw_stream *st = open_shot(c, 0);
    struct vw_stream_item item;
    struct vw_error err = VW_ERROR_INIT;
    void *type = NULL;
    assert_int_equal(vw_stream_receive(st, &item, &err), VW_EPROTOCOL);
    assert_string_equal(err.clause, "S-12");
    assert_int_equal(vw_client_call_named(c, "connect_get_type", NULL, &arena, &type, NULL), 0);
    assert_int_equal(((const struct vw_string *)type)->len, 4);
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
        cmocka_unit_test(lost_ahead_of_the_reply),
        cmocka_unit_test(lost_with_the_client),
        cmocka_unit_test(an_end_before_the_connection_goes),
        cmocka_unit_test(a_small_queue_bounds_the_input),
        cmocka_unit_test(a_sender_hears_of_the_failure),
        cmocka_unit_test(sending_beside_a_full_queue),
        cmocka_unit_test(a_bad_hole_aborts_the_stream),
    };
    return cmocka_run_group_tests(tests, test_load, teardown) + vw_test_leaked();
}
