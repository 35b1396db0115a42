// SPDX-License-Identifier: MIT
// The client against servers in a child process: one that is good, and many that lie, stall, flood
// or die. Whatever they do, a call ends with the right error in bounded time.
#include "client/testing.h"
#include "session/testing-raw.h"

/* For what ends by itself: longer than any busy machine needs. */
#define PATIENCE_MS 60000

/* ---- servers ---- */

static void good(struct test_server *sv, const struct vw_event *ev)
{
    if (strcmp(ev->proc->short_name, "connect_get_type") == 0) {
        test_answer_raw(sv, ev, "\0\0\0\4TEST", 8);
    } else {
        test_answer_error(sv, ev, 42, 12, "there is no such domain");
    }
}

static int get_type(struct vw_client *c, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    void *ret = NULL;
    int rc = vw_client_call_named(c, "connect_get_type", NULL, &arena, &ret, err);
    if (rc == 0)
        assert_string_equal(((const struct vw_string *)ret)->data, "TEST");
    vw_arena_finish(&arena);
    return rc;
}

/* ---- good ones ---- */

static void blocking_calls(void **state)
{
    struct vw_client *c = test_open_client(good, PATIENCE_MS);
    struct vw_error err = VW_ERROR_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_string name = {.data = (char[]){"none"}, .len = 4};
    for (int i = 0; i < 3; i++)
        assert_int_equal(get_type(c, &err), 0);
    assert_int_equal(vw_client_call_named(c, "domain_lookup_by_name", &name, &arena, NULL, &err),
                     VW_EREMOTE);
    assert_int_equal(vw_client_error(c)->code, 42);
    assert_string_equal(vw_client_error(c)->message, "there is no such domain");
    assert_string_equal(err.text,
                        "VIR_ERR_NO_DOMAIN (42) of VIR_FROM_TEST (12): there is no such domain");
    vw_error_clear(&err);
    assert_int_equal(vw_client_call_named(c, "no_such_call", NULL, &arena, NULL, &err), VW_ENAME);
    vw_error_clear(&err);
    assert_int_equal(get_type(c, &err), 0);
    assert_int_equal(vw_client_close(c, &err), 0);
    assert_int_equal(get_type(c, &err), VW_ECLOSED);
    vw_arena_finish(&arena);
    test_end_client(c);
}

static void steady_calls_allocate_nothing(void **state)
{
    struct vw_client *c = test_open_client(good, PATIENCE_MS);
    struct vw_arena arena = VW_ARENA_INIT;
    for (int i = 0; i < 200; i++) {
        if (i == 100)
            vw_failalloc_reset();
        vw_arena_reset(&arena);
        assert_int_equal(vw_client_call_named(c, "connect_get_type", NULL, &arena, NULL, NULL), 0);
    }
    assert_int_equal(vw_failalloc_stats().count, 0);
    vw_arena_finish(&arena);
    test_end_client(c);
}

struct tally {
    unsigned replies, errors, local;
};

static void count(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct tally *t = user;
    t->replies += ev->kind == VW_EVENT_REPLY;
    t->errors += ev->kind == VW_EVENT_ERROR;
    t->local += ev->local;
    struct vw_error err = VW_ERROR_INIT;
    /* A callback may submit, but not wait. */
    assert_int_equal(vw_client_wait(c, 0, &err), VW_EUSAGE);
    assert_int_equal(get_type(c, NULL), VW_EUSAGE);
}

static void calls_in_flight(void **state)
{
    struct vw_client *c = test_open_client(good, PATIENCE_MS);
    const struct vw_proc *p = vw_schema_proc(test_profile->schema, "connect_get_type");
    struct tally t = {0};
    for (int i = 0; i < 500; i++)
        assert_int_equal(
            vw_client_submit(c,
                             &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p,
                                                           .done = count, .user = &t},
                             NULL, NULL),
            0);
    assert_int_equal(vw_client_in_flight(c), 500);
    assert_int_equal(vw_client_drain(c, vw_now_ms() + PATIENCE_MS, NULL), 0);
    assert_int_equal(t.replies, 500);
    assert_int_equal(vw_client_in_flight(c), 0);
    test_end_client(c);
}

/* Answers in pairs, the second call first. */
static void in_reverse(struct test_server *sv, const struct vw_event *ev)
{
    static struct vw_header held;
    if (sv->calls % 2) {
        held = ev->header;
        return;
    }
    test_answer_raw(sv, ev, "\0\0\0\4TEST", 8);
    test_reply_raw(sv->session, &held, "\0\0\0\4TEST", 8);
}

static void answers_out_of_order(void **state)
{
    struct vw_client *c = test_open_client(in_reverse, PATIENCE_MS);
    const struct vw_proc *p = vw_schema_proc(test_profile->schema, "connect_get_type");
    struct tally t = {0};
    for (int i = 0; i < 20; i++)
        assert_int_equal(
            vw_client_submit(c,
                             &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p,
                                                           .done = count, .user = &t},
                             NULL, NULL),
            0);
    assert_int_equal(vw_client_drain(c, vw_now_ms() + PATIENCE_MS, NULL), 0);
    assert_int_equal(t.replies, 20);
    test_end_client(c);
}

/* ---- bad ones ---- */

static void silent(struct test_server *sv, const struct vw_event *ev)
{
    vw_session_no_reply(sv->session, &ev->header);
}

static void gone(struct test_server *sv, const struct vw_event *ev)
{
    test_hang_up(sv);
}

static void half(struct test_server *sv, const struct vw_event *ev)
{
    vw_session_send_raw(sv->session, "\0\0\0\x24\x20\0\x80", 7);
    test_hang_up(sv);
}

static void raw_header(struct test_server *sv, const struct vw_event *ev, struct vw_header h,
                       uint32_t length)
{
    uint8_t bytes[36] = {0};
    vw_store32(bytes, length);
    vw_header_encode(&h, bytes + 4);
    memcpy(bytes + 28, "\0\0\0\4TEST", 8);
    vw_session_send_raw(sv->session, bytes, sizeof(bytes));
    test_flush(sv);
}

static struct vw_header reply_to(const struct vw_event *ev)
{
    struct vw_header h = ev->header;
    h.type = VW_MSG_REPLY;
    return h;
}

static void foreign(struct test_server *sv, const struct vw_event *ev)
{
    struct vw_header h = reply_to(ev);
    h.serial += 1000;
    raw_header(sv, ev, h, 36);
}

static void twice(struct test_server *sv, const struct vw_event *ev)
{
    raw_header(sv, ev, reply_to(ev), 36);
    raw_header(sv, ev, reply_to(ev), 36);
}

static void a_call(struct test_server *sv, const struct vw_event *ev)
{
    raw_header(sv, ev, ev->header, 36);
}

static void huge(struct test_server *sv, const struct vw_event *ev)
{
    raw_header(sv, ev, reply_to(ev), UINT32_MAX);
}

static void tiny(struct test_server *sv, const struct vw_event *ev)
{
    raw_header(sv, ev, reply_to(ev), 3);
}

static void other_procedure(struct test_server *sv, const struct vw_event *ev)
{
    struct vw_header h = reply_to(ev);
    h.procedure++;
    raw_header(sv, ev, h, 36);
}

static void bad_body(struct test_server *sv, const struct vw_event *ev)
{
    test_answer_raw(sv, ev, "\xff\xff\xff\xff", 4);
}

/* Events without end instead of an answer. */
static void flood(struct test_server *sv, const struct vw_event *ev)
{
    const struct vw_proc *p =
        vw_schema_proc(test_profile->schema, "connect_event_connection_closed");
    int32_t reason = 0;
    for (;;) {
        for (int i = 0; i < 1000; i++)
            vw_session_send_event(sv->session, p, &reason, NULL);
        test_flush(sv);
    }
}

/* Room is promised and never filled. */
static void drip(struct test_server *sv, const struct vw_event *ev)
{
    struct vw_header h = reply_to(ev);
    raw_header(sv, ev, h, 33554436);
    for (;;) {
        vw_session_send_raw(sv->session, "x", 1);
        test_flush(sv);
        usleep(1000);
    }
}

static const struct {
    const char *name;
    test_answer_fn answer;
    int code;
    const char *clause;
    bool stays;
    const char *text;
} bad[] = {
    {"silent", silent, VW_ETIMEOUT, "", true, "the server did not answer in time"},
    {"gone", gone, VW_ECLOSED, "", false, "the peer closed the connection"},
    {"half", half, VW_ECLOSED, "", false,
     "the peer closed the connection in the middle of a message"},
    {"foreign", foreign, VW_EPROTOCOL, "H-9", false,
     "a reply with serial 1002 that no call waits for"},
    {"a call", a_call, VW_EPROTOCOL, "H-11", false, "a message of type 0 from a server"},
    {"huge", huge, VW_EPROTOCOL, "F-4", false, "length word 4294967295 is outside 28 to 33554436"},
    {"tiny", tiny, VW_EPROTOCOL, "F-3", false, "length word 3 is outside 28 to 33554436"},
    {"other procedure", other_procedure, VW_EPROTOCOL, "H-9", true,
     "the reply to procedure 3 names procedure 4"},
    {"bad body", bad_body, VW_EPROTOCOL, "H-5", true,
     "cannot decode the reply to connect_get_type: length 4294967295 is over the limit of 4194304 "
     "at type, offset 0"},
    {"flood", flood, VW_ETIMEOUT, "", true, "the server did not answer in time"},
    {"drip", drip, VW_ETIMEOUT, "", true, "the server did not answer in time"},
};

static void every_lie_ends_the_call(void **state)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        /* A busy machine may be slow to open the connection, or to answer: only where the deadline
         * is the point is it short. */
        struct vw_client *c = test_open_client(bad[i].answer, PATIENCE_MS);
        struct vw_error err = VW_ERROR_INIT;
        bool runs_out = bad[i].code == VW_ETIMEOUT;
        int64_t start = vw_now_ms();
        if (runs_out)
            vw_client_set_timeout(c, 250);
        vw_failalloc_reset();
        int rc = get_type(c, &err);
        int64_t took = vw_now_ms() - start;
        if (rc != bad[i].code || strcmp(err.clause, bad[i].clause) != 0)
            print_error("%s: %d %s (%s)\n", bad[i].name, rc, err.text, err.clause);
        assert_int_equal(rc, bad[i].code);
        assert_string_equal(err.clause, bad[i].clause);
        assert_string_equal(err.text, bad[i].text);
        assert_true(took >= (runs_out ? 250 : 0) && took < PATIENCE_MS);
        assert_true(vw_failalloc_stats().peak < 1 << 20);
        if (!bad[i].stays)
            assert_true(get_type(c, NULL) == bad[i].code);
        test_end_client(c);
    }
}

static void an_answer_given_twice_ends_the_connection(void **state)
{
    struct vw_client *c = test_open_client(twice, PATIENCE_MS);
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(get_type(c, &err), 0);
    assert_int_equal(get_type(c, &err), VW_EPROTOCOL);
    assert_string_equal(err.clause, "H-9");
    test_end_client(c);
}

static void deadlines_of_calls_in_flight(void **state)
{
    struct vw_client *c = test_open_client(silent, PATIENCE_MS);
    const struct vw_proc *p = vw_schema_proc(test_profile->schema, "connect_get_type");
    struct tally t = {0};
    int64_t now = vw_now_ms();
    assert_int_equal(vw_client_submit(c,
                                      &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p,
                                                                    .deadline_ms = now + 200,
                                                                    .done = count, .user = &t},
                                      NULL, NULL),
                     0);
    assert_int_equal(vw_client_submit(c,
                                      &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p,
                                                                    .deadline_ms = now + 50,
                                                                    .done = count, .user = &t},
                                      NULL, NULL),
                     0);
    assert_int_equal(vw_client_submit(c,
                                      &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p,
                                                                    .done = count, .user = &t},
                                      NULL, NULL),
                     0);
    assert_true(vw_client_deadline(c) <= now + 50);
    assert_int_equal(vw_client_drain(c, now + 400, NULL), VW_ETIMEOUT);
    assert_int_equal(t.errors, 2);
    assert_int_equal(t.local, 2);
    /* The last one ends with the client. */
    vw_client_destroy(c);
    assert_int_equal(t.errors, 3);
    test_stop_server();
}

static void closing_ends_calls_in_flight(void **state)
{
    struct vw_client *c = test_open_client(gone, PATIENCE_MS);
    const struct vw_proc *p = vw_schema_proc(test_profile->schema, "connect_get_type");
    struct tally t = {0};
    for (int i = 0; i < 5; i++)
        assert_int_equal(
            vw_client_submit(c,
                             &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p,
                                                           .done = count, .user = &t},
                             NULL, NULL),
            0);
    vw_client_drain(c, vw_now_ms() + PATIENCE_MS, NULL);
    assert_int_equal(t.errors, 5);
    assert_int_equal(vw_client_submit(c,
                                      &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p,
                                                                    .done = count, .user = &t},
                                      NULL, NULL),
                     VW_ECLOSED);
    test_end_client(c);
}

static void out_of_memory(void **state)
{
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = test_profile,
                                        .timeout_ms = PATIENCE_MS};
    for (size_t n = 1;; n++) {
        struct vw_transport *t;
        struct vw_client *c = NULL;
        struct vw_arena arena = VW_ARENA_INIT;
        assert_int_equal(vw_transport_from_fd(test_start_server(good), &t, NULL), 0);
        vw_failalloc_set(n);
        int rc = vw_client_open_transport(t, &o, &c, NULL);
        if (rc == 0)
            rc = vw_client_call_named(c, "connect_get_type", NULL, &arena, NULL, NULL);
        bool failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        vw_client_destroy(c);
        vw_arena_finish(&arena);
        test_stop_server();
        if (!failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocking_calls),
        cmocka_unit_test(steady_calls_allocate_nothing),
        cmocka_unit_test(calls_in_flight),
        cmocka_unit_test(answers_out_of_order),
        cmocka_unit_test(every_lie_ends_the_call),
        cmocka_unit_test(an_answer_given_twice_ends_the_connection),
        cmocka_unit_test(deadlines_of_calls_in_flight),
        cmocka_unit_test(closing_ends_calls_in_flight),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, test_load, test_unload) + vw_test_leaked();
}
