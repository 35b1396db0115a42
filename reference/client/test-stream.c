// SPDX-License-Identifier: MIT
// Streams with servers that keep to the rules: both ways, with holes, waiting and not, more data
// than anybody wants to keep, and ends of all sorts.
#include <virwire/stream.h>

#include <poll.h>

#include "client/testing.h"

/* For what ends by itself: longer than any busy machine needs. */
#define PATIENCE 60000

static struct vw_arena arena;

static struct vw_stream *open_stream(struct vw_client *c, const struct vw_stream_options *o)
{
    const struct vw_proc *p = test_proc("domain_open_console");
    void *args =
        test_args(p, "{\"dom\": " TEST_DOMAIN ", \"dev_name\": null, \"flags\": 0}", &arena);
    struct vw_stream *st;
    struct vw_error err = VW_ERROR_INIT;
    int rc = vw_stream_open(
        c, &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args, .stream = o},
        &arena, NULL, &st, &err);
    if (rc)
        print_error("%s\n", err.text);
    assert_int_equal(rc, 0);
    return st;
}

static void open_ok(struct test_server *sv, const struct vw_event *ev)
{
    vw_session_stream_open(sv->session, &ev->header, NULL);
    test_answer_raw(sv, ev, "", 0);
}

/* Calls beside a stream are answered. Finish and abort are confirmed. */
static bool usual(struct test_server *sv, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_CALL && strcmp(ev->proc->short_name, "connect_get_type") == 0)
        test_answer_raw(sv, ev, "\0\0\0\4TEST", 8);
    else if (ev->kind == VW_EVENT_STREAM_FINISH || ev->kind == VW_EVENT_STREAM_ABORT)
        vw_session_stream_finish(sv->session, &ev->header, NULL);
    else
        return false;
    return true;
}

static void assert_usable(struct vw_client *c)
{
    struct vw_error err = VW_ERROR_INIT;
    int rc = vw_client_call_named(c, "connect_get_type", NULL, &arena, NULL, &err);
    if (rc)
        print_error("%s\n", err.text);
    assert_int_equal(rc, 0);
}

/* ---- receiving ---- */

static void download(struct test_server *sv, const struct vw_event *ev)
{
    if (usual(sv, ev))
        return;
    open_ok(sv, ev);
    vw_session_stream_data(sv->session, &ev->header, "one", 3, NULL);
    vw_session_stream_data(sv->session, &ev->header, "twotwotwo", 9, NULL);
    vw_session_stream_hole(sv->session, &ev->header, 1000000000000, 0, NULL);
    vw_session_stream_hole(sv->session, &ev->header, 0, 0, NULL);
    vw_session_stream_data(sv->session, &ev->header, "three", 5, NULL);
    vw_session_stream_end(sv->session, &ev->header, NULL);
}

static void expect_data(struct vw_stream *st, const char *text)
{
    struct vw_stream_item item;
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.kind, VW_ITEM_DATA);
    assert_int_equal(item.len, strlen(text));
    assert_memory_equal(item.data, text, item.len);
}

static void data_and_holes_come_in_order(void **state)
{
    struct vw_client *c = test_open_client(download, PATIENCE);
    struct vw_stream *st = open_stream(c, NULL);
    struct vw_stream_item item;
    expect_data(st, "one");
    assert_usable(c);
    expect_data(st, "twotwotwo");
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.kind, VW_ITEM_HOLE);
    assert_int_equal(item.hole, 1000000000000);
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.hole, 0);
    expect_data(st, "three");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
        assert_int_equal(item.kind, VW_ITEM_END);
    }
    assert_int_equal(vw_stream_get_state(st), VW_STREAM_IS_OPEN);
    assert_int_equal(vw_stream_finish(st, NULL), 0);
    assert_int_equal(vw_stream_get_state(st), VW_STREAM_IS_DONE);
    assert_int_equal(vw_stream_finish(st, NULL), VW_EUSAGE);
    assert_int_equal(vw_stream_send(st, "x", 1, NULL), VW_EUSAGE);
    assert_int_equal(vw_stream_take(st, &item, NULL), VW_EUSAGE);
    vw_stream_destroy(st);
    assert_usable(c);
    test_end_client(c);
}

/* S-2: what real servers do at times. */
static void early(struct test_server *sv, const struct vw_event *ev)
{
    if (usual(sv, ev))
        return;
    test_send(sv, ev, VW_MSG_STREAM, VW_MSG_CONTINUE, "early", 5);
    test_send(sv, ev, VW_MSG_STREAM, VW_MSG_CONTINUE, "", 0);
    test_flush(sv);
    open_ok(sv, ev);
}

static void data_may_come_before_the_reply(void **state)
{
    struct vw_client *c = test_open_client(early, PATIENCE);
    /* Full before it is open. */
    const struct vw_stream_options o = {VW_STREAM_OPTIONS_INIT, .max_queue = 1};
    struct vw_stream *st = open_stream(c, &o);
    struct vw_stream_item item;
    expect_data(st, "early");
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.kind, VW_ITEM_END);
    assert_int_equal(vw_stream_finish(st, NULL), 0);
    vw_stream_destroy(st);
    assert_usable(c);
    test_end_client(c);
}

static void what_is_not_taken_is_dropped_at_the_end(void **state)
{
    for (int way = 0; way < 3; way++) {
        struct vw_client *c = test_open_client(download, PATIENCE);
        struct vw_stream *st = open_stream(c, NULL);
        expect_data(st, "one");
        if (way == 0)
            assert_int_equal(vw_stream_finish(st, NULL), 0);
        if (way == 1)
            assert_int_equal(vw_stream_abort(st, NULL), 0);
        vw_stream_destroy(st);
        assert_usable(c);
        assert_int_equal(vw_client_close(c, NULL), 0);
        test_end_client(c);
    }
}

#define FLOOD_PACKETS 256

/* 64 MiB as fast as they go. */
static void flood(struct test_server *sv, const struct vw_event *ev)
{
    static uint8_t data[VW_STREAM_CHUNK];
    if (usual(sv, ev))
        return;
    open_ok(sv, ev);
    for (int i = 0; i < FLOOD_PACKETS; i++) {
        memset(data, i, sizeof(data));
        vw_session_stream_data(sv->session, &ev->header, data, sizeof(data), NULL);
        test_flush(sv);
    }
    vw_session_stream_end(sv->session, &ev->header, NULL);
}

static void take_all(struct vw_stream *st)
{
    struct vw_stream_item item;
    uint64_t n = 0;
    for (;;) {
        assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
        if (item.kind == VW_ITEM_END)
            break;
        assert_int_equal(item.data[0], (uint8_t)(n / VW_STREAM_CHUNK));
        n += item.len;
    }
    assert_int_equal(n, (uint64_t)FLOOD_PACKETS * VW_STREAM_CHUNK);
}

/* Waits as a caller with a loop of its own does. */
static void process_until_held(struct vw_client *c)
{
    while (vw_client_events(c) & POLLIN) {
        struct pollfd p = {.fd = vw_client_fd(c), .events = vw_client_events(c)};
        assert_true(poll(&p, 1, PATIENCE) > 0);
        assert_true(vw_client_process(c, NULL) >= 0);
    }
}

static void a_full_queue_stops_the_reading(void **state)
{
    struct vw_client *c = test_open_client(flood, PATIENCE);
    struct vw_error err = VW_ERROR_INIT;
    vw_failalloc_reset();
    struct vw_stream *st = open_stream(c, NULL);
    process_until_held(c);
    assert_int_equal(vw_client_deadline(c), INT64_MAX);
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(vw_client_call_named(c, "connect_get_type", NULL, &arena, NULL, &err),
                     VW_ELIMIT);
    take_all(st);
    assert_true(vw_failalloc_stats().peak < 12 << 20);
    assert_int_equal(vw_stream_finish(st, NULL), 0);
    vw_stream_destroy(st);
    assert_usable(c);
    test_end_client(c);
}

/* The other stream has what this one waits for behind it: said at once, not after the timeout. */
static void a_full_queue_beside_is_an_error(void **state)
{
    struct vw_client *c = test_open_client(flood, PATIENCE);
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream *first = open_stream(c, NULL);
    process_until_held(c);
    assert_int_equal(vw_stream_finish(first, NULL), 0);
    assert_int_equal(vw_stream_get_state(first), VW_STREAM_IS_DONE);
    struct vw_stream *second = open_stream(c, NULL);
    process_until_held(c);
    assert_int_equal(vw_client_call_named(c, "connect_get_type", NULL, &arena, NULL, &err),
                     VW_ELIMIT);
    vw_stream_destroy(second);
    assert_usable(c);
    vw_stream_destroy(first);
    test_end_client(c);
}

static void no_packet_of_a_steady_stream_allocates(void **state)
{
    struct vw_client *c = test_open_client(flood, PATIENCE);
    struct vw_stream *st = open_stream(c, NULL);
    struct vw_stream_item item;
    /* All sizes have been seen once the queue was full and empty again. */
    process_until_held(c);
    for (int i = 0; i < 3 * FLOOD_PACKETS / 4; i++) {
        if (i == FLOOD_PACKETS / 2)
            vw_failalloc_reset();
        assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
        assert_int_equal(item.kind, VW_ITEM_DATA);
    }
    /* None for a packet; the input may still grow a few times, as it comes. */
    assert_true(vw_failalloc_stats().count < 16);
    vw_stream_destroy(st);
    test_end_client(c);
}

/* ---- sending ---- */

/* Counts bytes and holes, and says so at the end by an error unless all is there. */
static void upload(struct test_server *sv, const struct vw_event *ev)
{
    static uint64_t bytes, holes, hole_bytes;
    switch (ev->kind) {
    case VW_EVENT_STREAM_DATA:
        if (ev->body_len > VW_STREAM_CHUNK)
            _exit(1);
        for (size_t i = 0; i < ev->body_len; i++)
            if (ev->body[i] != (uint8_t)((bytes + i) % 251))
                _exit(1);
        bytes += ev->body_len;
        return;
    case VW_EVENT_STREAM_HOLE:
        holes++;
        hole_bytes += (uint64_t)ev->hole_length;
        return;
    case VW_EVENT_STREAM_FINISH:
        if (bytes != 10000000 || holes != 2 || hole_bytes != (1ull << 40) + 1)
            _exit(1);
        break;
    default:
        break;
    }
    if (!usual(sv, ev))
        open_ok(sv, ev);
}

static void data_and_holes_are_sent(void **state)
{
    struct vw_client *c = test_open_client(upload, PATIENCE);
    struct vw_stream *st = open_stream(c, NULL);
    uint8_t *data = malloc(10000000);
    for (size_t i = 0; i < 10000000; i++)
        data[i] = (uint8_t)(i % 251);
    assert_int_equal(vw_stream_send_hole(st, 1ll << 40, NULL), 0);
    assert_int_equal(vw_stream_send(st, data, 0, NULL), 0);
    assert_int_equal(vw_stream_send(st, data, 5000000, NULL), 0);
    assert_int_equal(vw_stream_send_hole(st, 1, NULL), 0);
    assert_int_equal(vw_stream_send_hole(st, 0, NULL), VW_EUSAGE);
    /* 5000000 is 5000000 % 251 into the pattern, as is data + 5000000. */
    assert_int_equal(vw_stream_send(st, data + 5000000, 5000000, NULL), 0);
    assert_int_equal(vw_stream_finish(st, NULL), 0);
    vw_stream_destroy(st);
    free(data);
    assert_usable(c);
    test_end_client(c);
}

/* Opens the stream and reads no more. */
static void deaf(struct test_server *sv, const struct vw_event *ev)
{
    open_ok(sv, ev);
    test_flush(sv);
    for (;;)
        pause();
}

static void sending_waits_for_a_deaf_server_only_so_long(void **state)
{
    struct vw_client *c = test_open_client(deaf, PATIENCE);
    struct vw_stream *st = open_stream(c, NULL);
    vw_client_set_timeout(c, 300);
    struct vw_error err = VW_ERROR_INIT;
    uint8_t *data = calloc(1, 1 << 20);
    int rc = 0;
    vw_failalloc_reset();
    for (int i = 0; i < 64 && rc == 0; i++)
        rc = vw_stream_send(st, data, 1 << 20, &err);
    assert_int_equal(rc, VW_ETIMEOUT);
    assert_string_equal(err.text, "the server takes no more of the stream");
    assert_true(vw_stream_room(st) < VW_STREAM_CHUNK);
    assert_true(vw_failalloc_stats().peak < 8 << 20);
    vw_stream_destroy(st);
    free(data);
    test_end_client(c);
}

/* ---- both ways, without waiting ---- */

static void echo(struct test_server *sv, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_STREAM_DATA)
        vw_session_stream_data(sv->session, &ev->header, ev->body, ev->body_len, NULL);
    else if (!usual(sv, ev))
        open_ok(sv, ev);
}

struct talk {
    struct vw_stream *st;
    bool opened;
    unsigned calls;
    uint64_t sent, received;
    int last; /* of vw_stream_take */
};

#define TALK_BYTES 20000000

static void talk_ready(void *user, struct vw_stream *st)
{
    static const uint8_t data[100000];
    struct talk *t = user;
    struct vw_stream_item item;
    t->calls++;
    while ((t->last = vw_stream_take(st, &item, NULL)) == 1 && item.kind == VW_ITEM_DATA)
        t->received += item.len;
    while (vw_stream_get_state(st) == VW_STREAM_IS_OPEN && t->sent < TALK_BYTES &&
           vw_stream_room(st) >= sizeof(data)) {
        assert_int_equal(vw_stream_send(st, data, sizeof(data), NULL), 0);
        t->sent += sizeof(data);
    }
    if (t->received == TALK_BYTES && vw_stream_get_state(st) == VW_STREAM_IS_OPEN)
        assert_int_equal(vw_stream_ask_finish(st, NULL), 0);
    /* A callback may not wait. */
    assert_int_equal(vw_stream_receive(st, &item, NULL), VW_EUSAGE);
}

static void talk_opened(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct talk *t = user;
    assert_int_equal(ev->kind, VW_EVENT_REPLY);
    t->opened = true;
    assert_int_equal(vw_stream_get_state(t->st), VW_STREAM_IS_OPEN);
    talk_ready(t, t->st);
}

static void both_ways_without_waiting(void **state)
{
    struct vw_client *c = test_open_client(echo, PATIENCE);
    const struct vw_proc *p = test_proc("domain_open_console");
    struct talk t = {0};
    const struct vw_stream_options o = {VW_STREAM_OPTIONS_INIT, .ready = talk_ready, .user = &t};
    void *args =
        test_args(p, "{\"dom\": " TEST_DOMAIN ", \"dev_name\": null, \"flags\": 0}", &arena);
    assert_int_equal(vw_stream_submit(c,
                                      &(const struct vw_submission){
                                          VW_SUBMISSION_INIT, .proc = p, .args = args,
                                          .done = talk_opened, .user = &t, .stream = &o},
                                      &t.st, NULL),
                     0);
    assert_int_equal(vw_stream_get_state(t.st), VW_STREAM_IS_OPENING);
    assert_int_equal(vw_stream_room(t.st), 0);
    assert_int_equal(vw_stream_send(t.st, "x", 1, NULL), VW_EUSAGE);
    int64_t deadline = vw_now_ms() + PATIENCE;
    while (vw_stream_get_state(t.st) < VW_STREAM_IS_DONE)
        assert_true(vw_client_wait(c, deadline, NULL) >= 0);
    assert_true(t.opened);
    assert_int_equal(vw_stream_get_state(t.st), VW_STREAM_IS_DONE);
    assert_int_equal(t.received, TALK_BYTES);
    vw_stream_destroy(t.st);
    assert_usable(c);
    test_end_client(c);
}

static void both_ways_with_waiting(void **state)
{
    struct vw_client *c = test_open_client(echo, PATIENCE);
    struct vw_stream *st = open_stream(c, NULL);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(vw_stream_send(st, "ping", 4, NULL), 0);
        expect_data(st, "ping");
    }
    assert_int_equal(vw_stream_finish(st, NULL), 0);
    vw_stream_destroy(st);
    test_end_client(c);
}

/* ---- ends ---- */

static void fails(struct test_server *sv, const struct vw_event *ev)
{
    struct vw_remote_error e;
    if (usual(sv, ev))
        return;
    open_ok(sv, ev);
    vw_session_stream_data(sv->session, &ev->header, "some", 4, NULL);
    vw_session_rpc_error(sv->session, 38, 38, "the disk is gone", &e);
    vw_session_stream_abort(sv->session, &ev->header, &e, NULL);
}

static void an_error_comes_behind_the_data(void **state)
{
    struct vw_client *c = test_open_client(fails, PATIENCE);
    struct vw_stream *st = open_stream(c, NULL);
    struct vw_stream_item item;
    struct vw_error err = VW_ERROR_INIT;
    expect_data(st, "some");
    assert_int_equal(vw_stream_receive(st, &item, &err), VW_EREMOTE);
    assert_string_equal(err.text,
                        "VIR_ERR_SYSTEM_ERROR (38) of VIR_FROM_STREAMS (38): the disk is gone");
    assert_int_equal(vw_stream_error(st)->code, 38);
    assert_string_equal(vw_stream_error(st)->message, "the disk is gone");
    assert_int_equal(vw_stream_finish(st, NULL), VW_EREMOTE);
    assert_usable(c);
    assert_int_equal(vw_stream_error(st)->code, 38);
    vw_stream_destroy(st);
    test_end_client(c);
}

static void refuses(struct test_server *sv, const struct vw_event *ev)
{
    if (!usual(sv, ev))
        test_answer_error(sv, ev, 55, 12, "it does not run");
}

static void a_refused_call_has_no_stream(void **state)
{
    struct vw_client *c = test_open_client(refuses, PATIENCE);
    const struct vw_proc *p = test_proc("domain_open_console");
    void *args =
        test_args(p, "{\"dom\": " TEST_DOMAIN ", \"dev_name\": null, \"flags\": 0}", &arena);
    struct vw_stream *st;
    assert_int_equal(
        vw_stream_open(c,
                       &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args},
                       &arena, NULL, &st, NULL),
        VW_EREMOTE);
    assert_null(st);
    assert_int_equal(vw_client_error(c)->code, 55);
    assert_int_equal(vw_stream_open(c,
                                    &(const struct vw_submission){
                                        VW_SUBMISSION_INIT, .proc = test_proc("connect_get_type")},
                                    &arena, NULL, &st, NULL),
                     VW_EUSAGE);
    assert_usable(c);
    test_end_client(c);
}

static void silent(struct test_server *sv, const struct vw_event *ev)
{
    if (!usual(sv, ev) && ev->kind == VW_EVENT_CALL)
        vw_session_no_reply(sv->session, &ev->header);
}

static void a_call_without_an_answer_has_no_stream(void **state)
{
    struct vw_client *c = test_open_client(silent, PATIENCE);
    const struct vw_proc *p = test_proc("domain_open_console");
    void *args =
        test_args(p, "{\"dom\": " TEST_DOMAIN ", \"dev_name\": null, \"flags\": 0}", &arena);
    struct vw_stream *st;
    struct vw_stream_item item;
    assert_int_equal(
        vw_stream_submit(c,
                         &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args,
                                                       .deadline_ms = vw_now_ms() + 100},
                         &st, NULL),
        0);
    assert_int_equal(vw_client_drain(c, vw_now_ms() + PATIENCE, NULL), 0);
    assert_int_equal(vw_stream_get_state(st), VW_STREAM_IS_LOST);
    assert_int_equal(vw_stream_take(st, &item, NULL), VW_ETIMEOUT);
    vw_stream_destroy(st);
    assert_usable(c);
    test_end_client(c);
}

/* The stream of a call that nobody waits for any more is aborted: the flood behind it ends. */
static void a_call_that_is_given_up_has_no_stream(void **state)
{
    struct vw_client *c = test_open_client(download, PATIENCE);
    const struct vw_proc *p = test_proc("domain_open_console");
    void *args =
        test_args(p, "{\"dom\": " TEST_DOMAIN ", \"dev_name\": null, \"flags\": 0}", &arena);
    struct vw_stream *st;
    assert_int_equal(
        vw_stream_submit(c,
                         &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args},
                         &st, NULL),
        0);
    vw_stream_destroy(st);
    assert_usable(c);
    assert_usable(c);
    test_end_client(c);
}

/* Data without end. */
static void endless(struct test_server *sv, const struct vw_event *ev)
{
    static uint8_t data[1000];
    open_ok(sv, ev);
    for (;;) {
        vw_session_stream_data(sv->session, &ev->header, data, sizeof(data), NULL);
        test_flush(sv);
    }
}

static void a_deadline_for_all_of_it(void **state)
{
    struct vw_client *c = test_open_client(endless, PATIENCE);
    const struct vw_stream_options o = {VW_STREAM_OPTIONS_INIT, .deadline_ms = vw_now_ms() + 300};
    struct vw_stream *st = open_stream(c, &o);
    struct vw_stream_item item;
    struct vw_error err = VW_ERROR_INIT;
    int rc;
    vw_failalloc_reset();
    while ((rc = vw_stream_receive(st, &item, &err)) == 0)
        assert_true(vw_now_ms() < o.deadline_ms + PATIENCE);
    assert_int_equal(rc, VW_ETIMEOUT);
    assert_string_equal(err.text, "the stream did not end in time");
    assert_true(vw_failalloc_stats().peak < 4 << 20);
    vw_stream_destroy(st);
    test_end_client(c);
}

static void streams_outlive_their_client(void **state)
{
    struct vw_client *c = test_open_client(download, PATIENCE);
    struct vw_stream *st = open_stream(c, NULL);
    struct vw_stream_item item;
    test_end_client(c);
    assert_true(vw_stream_receive(st, &item, NULL) <= 0);
    while (vw_stream_take(st, &item, NULL) == 1)
        ;
    assert_int_equal(vw_stream_take(st, &item, NULL), VW_ECLOSED);
    assert_int_equal(vw_stream_send(st, "x", 1, NULL), VW_ECLOSED);
    assert_int_equal(vw_stream_finish(st, NULL), VW_ECLOSED);
    vw_stream_destroy(st);
}

static int use_all(struct vw_client *c)
{
    const struct vw_proc *p = test_proc("domain_open_console");
    struct vw_stream_item item = {.kind = VW_ITEM_DATA};
    struct vw_stream *st;
    void *args =
        test_args(p, "{\"dom\": " TEST_DOMAIN ", \"dev_name\": null, \"flags\": 0}", &arena);
    static size_t n = 1;
    vw_failalloc_set(n++);
    int rc = vw_stream_open(
        c, &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args}, &arena, NULL,
        &st, NULL);
    while (rc == 0 && item.kind != VW_ITEM_END)
        rc = vw_stream_receive(st, &item, NULL);
    if (rc == 0)
        rc = vw_stream_finish(st, NULL);
    bool failed = vw_failalloc_clear();
    vw_stream_destroy(st);
    /* What is not for the result, such as a place for the trace, may be done without. */
    assert_true(rc == 0 || (failed && rc == VW_ENOMEM));
    return failed;
}

static void out_of_memory(void **state)
{
    int failed = 1;
    while (failed) {
        struct vw_client *c = test_open_client(download, PATIENCE);
        failed = use_all(c);
        test_end_client(c);
    }
}

static int teardown(void **state)
{
    vw_arena_finish(&arena);
    return test_unload(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_and_holes_come_in_order),
        cmocka_unit_test(data_may_come_before_the_reply),
        cmocka_unit_test(what_is_not_taken_is_dropped_at_the_end),
        cmocka_unit_test(a_full_queue_stops_the_reading),
        cmocka_unit_test(a_full_queue_beside_is_an_error),
        cmocka_unit_test(no_packet_of_a_steady_stream_allocates),
        cmocka_unit_test(data_and_holes_are_sent),
        cmocka_unit_test(sending_waits_for_a_deaf_server_only_so_long),
        cmocka_unit_test(both_ways_without_waiting),
        cmocka_unit_test(both_ways_with_waiting),
        cmocka_unit_test(an_error_comes_behind_the_data),
        cmocka_unit_test(a_refused_call_has_no_stream),
        cmocka_unit_test(a_call_without_an_answer_has_no_stream),
        cmocka_unit_test(a_call_that_is_given_up_has_no_stream),
        cmocka_unit_test(a_deadline_for_all_of_it),
        cmocka_unit_test(streams_outlive_their_client),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, test_load, teardown) + vw_test_leaked();
}
