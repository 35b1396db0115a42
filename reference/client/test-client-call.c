// SPDX-License-Identifier: MIT
// Calls and their bounds: how many are in flight, how much is read and sent at once, deadlines and
// their order, what is asked once, late answers; and the texts of errors. All in virtual time.
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "client/internal.h"
#include "client/testing/peer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TYPE     "connect_get_type"

static void types(struct peer *p, const struct seen *call)
{
    peer_reply(p, call, "\0\0\0\4TEST", 8);
}

/* Calls that were made, in the order of their ends: letters of what was given. */
static char ended[64];
static int last_kind;

static void note(void *user, struct vw_client *c, const struct vw_event *ev)
{
    size_t n = strlen(ended);
    ended[n] = *(const char *)user;
    ended[n + 1] = '\0';
    last_kind = (int)ev->kind;
}

static int submit(struct vw_client *c, int64_t deadline_ms, const char *letter,
                  struct vw_error *err)
{
    return vw_client_submit(c,
                            &(const struct vw_submission){VW_SUBMISSION_INIT,
                                                          .proc = peer_proc(TYPE),
                                                          .deadline_ms = deadline_ms, .done = note,
                                                          .user = (void *)(uintptr_t)letter},
                            NULL, err);
}

static int get_type(struct vw_client *c, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    int rc = vw_client_call_named(c, TYPE, NULL, &arena, NULL, err);
    vw_arena_finish(&arena);
    return rc;
}

/* ---- how many ---- */

static void as_many_calls_as_may_be(void **state)
{
    static const struct {
        size_t option, most;
        const char *text;
    } rows[] = {
        {1, 1, "1 calls are in flight already"},
        {3, 3, "3 calls are in flight already"},
        {0, 65536, "65536 calls are in flight already"},
    };
    static struct peer p;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                            .no_auth = true, .no_open = true,
                                            .max_in_flight = rows[i].option};
        struct vw_client *c;
        struct vw_error err = VW_ERROR_INIT;
        peer_start(&p, 0);
        assert_int_equal(vw_client_open_transport(&p.memory.transport, &o, &c, NULL), 0);
        p.memory.send_room = 0;
        p.answer = NULL;
        for (size_t n = 0; n < rows[i].most; n++)
            assert_int_equal(
                vw_client_submit(
                    c, &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = peer_proc(TYPE)},
                    NULL, NULL),
                0);
        assert_int_equal(submit(c, INT64_MAX, "x", &err), VW_ELIMIT);
        assert_string_equal(err.text, rows[i].text);
        assert_int_equal(vw_client_in_flight(c), rows[i].most);
        if (rows[i].most > 100) {
            peer_end(&p, c);
            continue;
        }
        /* One that is answered makes room for one. */
        p.memory.send_room = SIZE_MAX;
        p.answer = types;
        assert_int_equal(vw_client_drain(c, vw_now_ms() + 1000, NULL), 0);
        assert_int_equal(submit(c, INT64_MAX, "x", NULL), 0);
        peer_end(&p, c);
    }
}

/* ---- how much at once ---- */

/* A flood is read in turns: no more than 128 KiB and one read, nor sixteen reads. */
static void a_turn_reads_a_bounded_part(void **state)
{
    static struct peer p;
    static char big[3000] = "\0\0\0\2";
    struct vw_client *c = peer_client(&p, 0);
    p.answer = NULL;
    while (vw_memory_left(&p.memory) < (4u << 20))
        peer_event(&p, "connect_event_connection_closed", big, sizeof(big));
    size_t all = vw_memory_left(&p.memory), most = 0;
    for (int turns = 0; vw_memory_left(&p.memory) > 0 && turns < 100000; turns++) {
        size_t before = vw_memory_left(&p.memory);
        assert_true(vw_client_process(c, NULL) >= 0);
        size_t now = before - vw_memory_left(&p.memory);
        most = now > most ? now : most;
    }
    assert_int_equal(vw_memory_left(&p.memory), 0);
    assert_true(all > (1u << 20));
    assert_in_range(most, 1, (128u << 10) + (128u << 10));
    peer_event(&p, "connect_event_connection_closed", big, 4);
    assert_int_equal(vw_memory_left(&p.memory), 32);
    p.memory.chunk = 1;
    assert_true(vw_client_process(c, NULL) >= 0);
    assert_in_range(vw_memory_left(&p.memory), 16, 31);
    peer_end(&p, c);
}

/* T-5: libvirtd does not see the second message of a record until something else comes. */
static void one_message_in_a_record(void **state)
{
    for (int records = 0; records <= 1; records++) {
        static struct peer p;
        struct vw_client *c = peer_client(&p, records ? VW_CAP_RECORDS : 0);
        p.answer = types;
        ended[0] = '\0';
        for (int i = 0; i < 3; i++)
            assert_int_equal(submit(c, INT64_MAX, "x", NULL), 0);
        assert_int_equal(vw_client_drain(c, vw_now_ms() + 1000, NULL), 0);
        assert_string_equal(ended, "xxx");
        assert_int_equal(p.n_seen, 3);
        assert_int_equal(p.n_writes, records ? 3 : 1);
        peer_end(&p, c);
    }
}

/* ---- when ---- */

/* Something comes every millisecond, but not what is waited for. */
static bool events_for_ever(struct peer *p)
{
    vw_memory_pass(1);
    peer_event(p, "connect_event_connection_closed", "\0\0\0\0", 4);
    return true;
}

static void events_do_not_keep_a_call(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *c = peer_client(&p, 0);
    p.answer = NULL;
    p.goes_on = events_for_ever;
    vw_client_set_timeout(c, 500);
    int64_t began = vw_memory_now();
    assert_int_equal(get_type(c, &err), VW_ETIMEOUT);
    assert_string_equal(err.text, "the server did not answer in time");
    assert_in_range(vw_memory_now() - began, 500, 520);
    /* Nor who waits for all calls. */
    vw_error_clear(&err);
    began = vw_memory_now();
    assert_int_equal(submit(c, INT64_MAX, "x", NULL), 0);
    assert_int_equal(vw_client_drain(c, began + 300, &err), VW_ETIMEOUT);
    assert_string_equal(err.text, "the server did not answer in time");
    assert_in_range(vw_memory_now() - began, 300, 320);
    p.goes_on = NULL;
    peer_end(&p, c);
}

static void deadlines_end_in_their_order(void **state)
{
    static const struct {
        int at;
        const char *letter;
    } calls[] = {{50, "f"}, {30, "b"}, {40, "d"}, {30, "c"}, {10, "a"}, {40, "e"}, {60, "g"}};
    static struct peer p;
    struct vw_client *c = peer_client(&p, 0);
    int64_t began = vw_memory_now();
    p.answer = NULL;
    ended[0] = '\0';
    for (size_t i = 0; i < COUNT(calls); i++)
        assert_int_equal(submit(c, began + calls[i].at, calls[i].letter, NULL), 0);
    assert_true(vw_client_deadline(c) == began + 10);
    vw_memory_pass(9);
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_string_equal(ended, "");
    vw_memory_pass(1);
    assert_int_equal(vw_client_process(c, NULL), 1);
    assert_string_equal(ended, "a");
    assert_int_equal(last_kind, VW_EVENT_ERROR);
    assert_true(vw_client_deadline(c) == began + 30);
    vw_memory_pass(20);
    assert_int_equal(vw_client_process(c, NULL), 2);
    assert_string_equal(ended, "abc");
    assert_int_equal(vw_client_drain(c, began + 1000, NULL), 0);
    assert_string_equal(ended, "abcdefg");
    assert_true(vw_memory_now() == began + 60);
    assert_true(vw_client_deadline(c) == INT64_MAX);
    peer_end(&p, c);
}

static void waiting_has_its_own_deadline(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *c = peer_client(&p, 0);
    p.answer = NULL;
    int64_t began = vw_memory_now();
    assert_int_equal(vw_client_wait(c, began + 70, &err), VW_ETIMEOUT);
    assert_true(vw_memory_now() == began + 70);
    assert_int_equal(vw_client_drain(c, began, NULL), 0);
    /* The end of a call at the same time is told first. */
    assert_int_equal(submit(c, began + 90, "x", NULL), 0);
    assert_int_equal(vw_client_wait(c, began + 90, NULL), 1);
    assert_true(vw_client_step_deadline(c) == vw_memory_now() + 30000);
    vw_client_set_timeout(c, 0);
    assert_true(vw_client_step_deadline(c) == vw_memory_now() + 30000);
    vw_client_set_timeout(c, 1);
    assert_true(vw_client_step_deadline(c) == vw_memory_now() + 1);
    vw_client_set_timeout(c, -1);
    assert_true(vw_client_step_deadline(c) == INT64_MAX);
    peer_end(&p, c);
}

static void what_a_loop_has_to_watch(void **state)
{
    static struct peer p;
    struct vw_client *c = peer_client(&p, 0);
    p.answer = NULL;
    assert_int_equal(vw_client_events(c), POLLIN);
    assert_int_equal(vw_client_fd(c), p.memory.transport.ops->fd(&p.memory.transport));
    assert_ptr_equal(vw_client_transport(c), &p.memory.transport);
    assert_true(vw_client_deadline(c) == INT64_MAX);
    p.memory.send_room = 10;
    assert_int_equal(submit(c, INT64_MAX, "x", NULL), 0);
    assert_int_equal(vw_client_events(c), POLLIN | POLLOUT);
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(p.memory.taken, 10);
    assert_int_equal(vw_client_events(c), POLLIN | POLLOUT);
    p.memory.send_room = SIZE_MAX;
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(p.memory.taken, 28);
    assert_int_equal(vw_client_events(c), POLLIN);
    /* When nothing can be written any more, what the server still says is read. */
    p.memory.send_error = -EPIPE;
    assert_int_equal(submit(c, INT64_MAX, "y", NULL), 0);
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(vw_client_events(c), POLLIN);
    ended[0] = '\0';
    types(&p, &p.seen[0]);
    p.memory.closed = true;
    struct vw_error err = VW_ERROR_INIT;
    while (vw_client_process(c, &err) > 0)
        assert_true(vw_client_deadline(c) == 0 || ended[0]);
    assert_string_equal(ended, "xy");
    assert_int_equal(err.code, VW_ECLOSED);
    assert_true(vw_client_deadline(c) == 0);
    peer_end(&p, c);
}

/* ---- late answers ---- */

static unsigned asked;

/* The first call is never answered in time, and then together with the second. */
static void late(struct peer *p, const struct seen *call)
{
    if (asked++ == 0)
        return;
    types(p, &p->seen[0]);
    types(p, call);
}

static void a_late_answer_is_nobodys(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *c = peer_client(&p, 0);
    p.answer = late;
    asked = 0;
    assert_int_equal(get_type(c, &err), VW_ETIMEOUT);
    vw_error_clear(&err);
    assert_int_equal(get_type(c, &err), 0);
    assert_int_equal(p.seen[1].header.serial, p.seen[0].header.serial + 1);
    assert_int_equal(vw_client_in_flight(c), 0);
    peer_end(&p, c);
}

/* ---- features ---- */

static const char *feature_answer;

static void features(struct peer *p, const struct seen *call)
{
    if (!feature_answer)
        peer_error(p, call, 1, "no");
    else
        peer_reply(p, call, feature_answer, 4);
}

static void a_feature_is_asked_for_once(void **state)
{
    static const struct {
        int32_t feature;
        const char *answer;
        bool yes;
        unsigned calls;
    } rows[] = {
        {0, "\0\0\0\1", true, 1},
        {10, "\0\0\0\1", true, 1},
        {31, "\0\0\0\1", true, 1},
        {10, "\0\0\0\0", false, 1},
        {10, "\0\0\0\2", false, 1},
        {10, NULL, false, 1},
        /* These have no place where an answer is kept. */
        {32, "\0\0\0\1", true, 2},
        {-1, "\0\0\0\1", true, 2},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct peer p;
        struct vw_client *c = peer_client(&p, 0);
        uint8_t number[4];
        p.answer = features;
        feature_answer = rows[i].answer;
        for (int k = 0; k < 2; k++) {
            bool yes = !rows[i].yes;
            assert_int_equal(vw_client_supports(c, rows[i].feature, &yes, NULL), 0);
            assert_int_equal(yes, rows[i].yes);
        }
        assert_int_equal(p.n_seen, rows[i].calls);
        vw_store32(number, (uint32_t)rows[i].feature);
        assert_memory_equal(p.seen[0].body, number, 4);
        /* Another one is not known by that. */
        bool other;
        assert_int_equal(vw_client_supports(c, 5, &other, NULL), 0);
        assert_int_equal(p.n_seen, rows[i].calls + 1);
        peer_end(&p, c);
    }
}

static void a_feature_without_an_answer_is_asked_for_again(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    bool yes = true;
    struct vw_client *c = peer_client(&p, 0);
    p.answer = NULL;
    assert_int_equal(vw_client_supports(c, 10, &yes, &err), VW_ETIMEOUT);
    assert_false(yes);
    assert_string_equal(err.text, "the server did not answer in time");
    p.looked_at = p.n_seen;
    p.answer = features;
    feature_answer = "\0\0\0\1";
    assert_int_equal(vw_client_supports(c, 10, &yes, NULL), 0);
    assert_true(yes);
    peer_end(&p, c);
}

static void descriptors_need_a_unix_socket(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    bool yes = true;
    struct vw_client *c = peer_client(&p, 0);
    p.answer = features;
    feature_answer = "\0\0\0\1";
    assert_int_equal(vw_client_passes_fds(c, &yes, NULL), 0);
    assert_false(yes);
    assert_int_equal(p.n_seen, 0);
    int fd = dup(STDERR_FILENO);
    assert_int_equal(vw_client_call_with(c,
                                         &(const struct vw_submission){VW_SUBMISSION_INIT,
                                                                       .proc = peer_proc(TYPE),
                                                                       .fds = &fd, .n_fds = 1},
                                         NULL, NULL, NULL, &err),
                     VW_EUSAGE);
    assert_string_equal(err.text, "descriptors go over unix sockets only, not over memory");
    assert_int_equal(close(fd), -1);
    peer_end(&p, c);
    c = peer_client(&p, VW_CAP_FDS);
    assert_int_equal(vw_client_passes_fds(c, &yes, NULL), 0);
    assert_true(yes);
    assert_memory_equal(p.seen[0].body, "\0\0\0\10", 4);
    peer_end(&p, c);
    feature_answer = "\0\0\0\0";
    c = peer_client(&p, VW_CAP_FDS);
    fd = dup(STDERR_FILENO);
    vw_error_clear(&err);
    assert_int_equal(vw_client_call_with(c,
                                         &(const struct vw_submission){VW_SUBMISSION_INIT,
                                                                       .proc = peer_proc(TYPE),
                                                                       .fds = &fd, .n_fds = 1},
                                         NULL, NULL, NULL, &err),
                     VW_EUSAGE);
    assert_string_equal(err.text, "the server takes no descriptors (feature 8)");
    assert_int_equal(close(fd), -1);
    peer_end(&p, c);
}

/* ---- errors ---- */

static void errors_of_servers_are_named(void **state)
{
    static const struct {
        struct vw_remote_error e;
        const char *text;
    } rows[] = {
        {{.code = 1, .domain = 7, .message = "a: b"},
         "VIR_ERR_INTERNAL_ERROR (1) of VIR_FROM_RPC (7): a: b"},
        {{.code = -1, .domain = -2, .message = ""},
         "unknown code (-1) of unknown domain (-2): no reason given"},
        {{.code = 1, .domain = 7},
         "VIR_ERR_INTERNAL_ERROR (1) of VIR_FROM_RPC (7): no reason given"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(vw_client_report_remote(&rows[i].e, &err), VW_EREMOTE);
        assert_string_equal(err.text, rows[i].text);
    }
}

static void fails(struct peer *p, const struct seen *call)
{
    if (asked++ == 0)
        peer_error(p, call, 42, "there is none");
    else
        types(p, call);
}

static void the_error_of_the_last_call(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *c = peer_client(&p, 0);
    p.answer = fails;
    asked = 0;
    assert_int_equal(get_type(c, &err), VW_EREMOTE);
    const struct vw_remote_error *e = vw_client_error(c);
    assert_int_equal(e->code, 42);
    assert_int_equal(e->domain, 7);
    assert_int_equal(e->level, 2);
    assert_string_equal(e->message, "there is none");
    assert_null(e->str1);
    assert_null(e->dom);
    assert_int_equal(get_type(c, NULL), 0);
    assert_int_equal(vw_client_error(c)->code, 0);
    vw_error_clear(&err);
    assert_int_equal(vw_client_call_named(c, "nothing", NULL, NULL, NULL, &err), VW_ENAME);
    assert_string_equal(err.text, "there is no procedure 'nothing' in profile 9.0.0");
    peer_end(&p, c);
}

static void how_a_connection_is_lost(void **state)
{
    static const struct {
        int recv_error;
        const char *bytes;
        size_t len;
        int rc;
        const char *clause;
    } rows[] = {
        {0, "", 0, VW_ECLOSED, ""},
        {-ECONNRESET, "", 0, VW_ECLOSED, ""},
        {0, "\0\0\0\34\0", 5, VW_ECLOSED, ""},
        {0, "\0\0\0\0", 4, VW_EPROTOCOL, "F-3"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct peer p;
        struct vw_error err = VW_ERROR_INIT, again = VW_ERROR_INIT;
        struct vw_client *c = peer_client(&p, 0);
        p.answer = NULL;
        ended[0] = '\0';
        assert_int_equal(submit(c, INT64_MAX, "x", NULL), 0);
        assert_true(vw_memory_put(&p.memory, rows[i].bytes, rows[i].len));
        p.memory.recv_error = rows[i].recv_error;
        p.memory.closed = true;
        assert_int_equal(get_type(c, &err), rows[i].rc);
        assert_string_equal(err.clause, rows[i].clause);
        assert_string_equal(ended, "x");
        /* The reason stays the same. */
        assert_int_equal(submit(c, INT64_MAX, "y", &again), rows[i].rc);
        assert_string_equal(again.text, err.text);
        assert_int_equal(vw_client_process(c, NULL), rows[i].rc);
        assert_int_equal(vw_client_wait(c, INT64_MAX, NULL), rows[i].rc);
        peer_end(&p, c);
        assert_string_equal(ended, "x");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_calls_as_may_be),
        cmocka_unit_test(a_turn_reads_a_bounded_part),
        cmocka_unit_test(one_message_in_a_record),
        cmocka_unit_test(events_do_not_keep_a_call),
        cmocka_unit_test(deadlines_end_in_their_order),
        cmocka_unit_test(waiting_has_its_own_deadline),
        cmocka_unit_test(what_a_loop_has_to_watch),
        cmocka_unit_test(a_late_answer_is_nobodys),
        cmocka_unit_test(a_feature_is_asked_for_once),
        cmocka_unit_test(a_feature_without_an_answer_is_asked_for_again),
        cmocka_unit_test(descriptors_need_a_unix_socket),
        cmocka_unit_test(errors_of_servers_are_named),
        cmocka_unit_test(the_error_of_the_last_call),
        cmocka_unit_test(how_a_connection_is_lost),
    };
    return cmocka_run_group_tests(tests, peer_load, peer_unload) + vw_test_leaked();
}
