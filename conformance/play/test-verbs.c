// SPDX-License-Identifier: MIT
// The verbs that do something, over a connection in memory: what the peer sees of them, and their
// ends.
#include "base/testing/test.h"
#include "conformance/play/check.h"
#include "conformance/play/testing/rows.h"

static struct vw_profile *profile;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load(NULL, NULL, &profile, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

static const struct peer_answer event = {.event = "domain_event_reboot"};
static const struct peer_answer stray = {.word = PEER_SERIAL, .value = 77};
static const struct peer_answer ping = {.hex = "0000001c 6b656570 00000001 00000001 00000002 "
                                               "00000000 00000000"};
static const struct peer_answer ping_call = {.hex = "0000001c 6b656570 00000001 00000001 00000000 "
                                                    "00000000 00000000"};

static void test_answers_to_pings(void **state)
{
    static const struct row rows[] = {
        {CALL ANSWER "  - expect-usable:\n", BEFORE(ping), VW_PASS, "", 0, false,
         "1:" V " 1:PONG 1:" TYPE " 1:end"},
        {CALL ANSWER "  - expect-usable:\n", AROUND(ping, ping), VW_PASS, "", 0, false,
         "1:" V " 1:PONG 1:PONG 1:" TYPE " 1:end"},
        {"  - answer: {pings: no}\n" CALL ANSWER "  - expect-usable:\n", BEFORE(ping), VW_PASS, "",
         0, false, "1:" V " 1:" TYPE " 1:end"},
        {"  - answer: {pings: yes}\n" CALL ANSWER "  - expect-usable:\n", BEFORE(ping), VW_PASS, "",
         0, false, "1:" V " 1:PONG 1:" TYPE " 1:end"},
        {"  - answer: {pings: no}\n  - answer: {pings: yes}\n" CALL ANSWER "  - expect-usable:\n",
         BEFORE(ping), VW_PASS, "", 0, false, "1:" V " 1:PONG 1:" TYPE " 1:end"},
        {CALL ANSWER "  - expect-usable:\n", BEFORE(event), VW_PASS, "", 0, false,
         "1:" V " 1:" TYPE " 1:end"},
        {CALL ANSWER "  - expect-usable:\n", BEFORE(ping_call), VW_FAIL,
         "after the last step: a message of type 0 came, which no server may send", 0, false,
         "1:" V " 1:" TYPE " 1:end"},
        {"  - answer: {pings: no}\n    on: b\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6: there is no connection \"b\"",
         0,
         false},
    };
    PLAY(rows);
}

#define CONNECT(more) "  - connect: {as: b" more "}\n"

static void test_connect_and_close(void **state)
{
    static const struct row rows[] = {
        {CONNECT(""), {V}, VW_PASS, "", 0, false, "1:connect_open 1:end 2:end"},
        {CONNECT(", upto: connect"), {V}, VW_PASS, "", 0, false, "1:connect_open 1:end 2:end"},
        {CONNECT(", upto: auth"),
         {V},
         VW_PASS,
         "",
         0,
         false,
         "1:connect_open 2:auth_list 1:end 2:end"},
        {CONNECT(", upto: open"),
         {V},
         VW_PASS,
         "",
         0,
         false,
         "1:connect_open 2:auth_list 2:connect_open 1:end 2:end"},
        {CONNECT(", read-only: true"),
         {V},
         VW_PASS,
         "",
         0,
         false,
         "2:auth_list 2:connect_open 1:end 2:end"},
        {CONNECT(", read-only: false"), {V}, VW_PASS, "", 0, false, "1:connect_open 1:end 2:end"},
        {CONNECT("") CONNECT(""),
         {V},
         VW_ERROR,
         "a/b.yaml:7: there is a connection \"b\" already",
         0,
         false},
        {CONNECT(", upto: open"),
         {"auth_list", 2, PEER_SILENT},
         VW_HUNG,
         "waiting for the answer to AUTH_LIST: nothing in 1000 ms",
         1000,
         true},
        {CONNECT(", upto: open"),
         {"connect_open", 2, PEER_CLOSE},
         VW_FAIL,
         "waiting for the answer to CONNECT_OPEN: the peer ended the connection",
         0,
         true},
        {CONNECT(", upto: open") CALL "    on: b\n" ANSWER "    on: b\n",
         {V},
         VW_PASS,
         "",
         0,
         false,
         "2:" V " 1:end 2:end"},
        {CONNECT(", upto: open") CALL "    on: b\n" ANSWER,
         {V},
         VW_HUNG,
         "waiting for what is expected: nothing in 1000 ms",
         1000,
         true},
        {CONNECT(", upto: open") CALL "    on: b\n" ANSWER "    on: b\n", BEHIND(stray), VW_FAIL,
         "after the last step: a reply came with serial 77, which no waiting call has", 0, false},
        {"  - close:\n" CALL, {V}, VW_PASS, "", 0, false, "1:connect_open 1:end"},
        {"  - close: now\n" CALL ANSWER,
         {V},
         VW_FAIL,
         "waiting for what is expected: the peer ended the connection",
         0,
         true,
         "1:connect_open 1:end"},
        {CALL "  - close:\n", {V}, VW_PASS, "", 0, false, "1:" V " 1:end"},
        {CALL ANSWER CALL "  - close:\n", {V, 0, PEER_STOP_READING}, VW_PASS, "", 1000, false},
        {CALL CALL "  - close: half\n  - expect-closed: answers\n",
         {V},
         VW_FAIL,
         "the connection must end; it is still open after 1000 ms",
         1000,
         false},
        {CALL "  - close: half\n" ANSWER, {V}, VW_PASS, "", 0, false, "1:" V " 1:end"},
        {"  - close:\n    on: b\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6: there is no connection \"b\"",
         0,
         false},
    };
    PLAY(rows);
}

#define INFO "  - send: {call: {procedure: storage_vol_get_info, args: {vol: $v}}}\n" ANSWER

static void test_volume(void **state)
{
    static const struct row rows[] = {
        {"  - volume: {capture: v}\n" INFO,
         {V},
         VW_PASS,
         "",
         0,
         false,
         "1:connect_open 1:storage_vol_get_info 1:end"},
    };
    PLAY(rows);
    assert_true(vw_volume_is_named("p/v"));
    assert_true(vw_volume_is_named("p/v/w"));
    static const char *const none[] = {"", "p", "/v", "p/", "/"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_false(vw_volume_is_named(none[i]));
}

static void test_read(void **state)
{
    static const struct row rows[] = {
        {"  - read: no\n" CALL ANSWER,
         {V},
         VW_HUNG,
         "waiting for what is expected: nothing in 1000 ms",
         1000,
         true},
        {"  - read: no\n" CALL "  - quiet: listen\n  - read: yes\n" ANSWER,
         {V},
         VW_PASS,
         "",
         500,
         false},
        {CONNECT(", upto: open") "  - read: no\n  - send: {call: {procedure: " V "}, as: x}\n" CALL
                                 "    on: b\n" ANSWER
                                 "    on: b\n  - read: yes\n  - expect: {answer: , to: x}\n",
         {V},
         VW_PASS,
         "",
         0,
         false},
        {"  - read: no\n" CALL CALL "  - read: yes\n  - expect: {answer: , times: 2}\n",
         {V, 1, PEER_LEAVE},
         VW_FAIL,
         "waiting for what is expected: the peer ended the connection",
         0,
         true},
    };
    PLAY(rows);
}

static void test_send(void **state)
{
    static const struct row rows[] = {
        {"  - send: {call: {procedure: " V "}, times: 3}\n  - expect: {answer: , times: 3}\n",
         {V},
         VW_PASS,
         "",
         0,
         false,
         "1:connect_open 1:" V " 1:" V " 1:" V " 1:end"},
        {"  - send: {call: {procedure: " V "}, times: 0}\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6:59: expected a whole number from 1 to 100000",
         0,
         false},
        {"  - send: {call: {procedure: " V "}, times: 100001}\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6:59: expected a whole number from 1 to 100000",
         0,
         false},
        {"  - send: {together: [{call: {procedure: " V "}, as: x}, "
         "{call: {procedure: connect_get_type}, as: y}]}\n"
         "  - expect: {reply: {type: TEST}, to: y}\n  - expect: {reply: , to: x}\n",
         {V},
         VW_PASS,
         "",
         0,
         false,
         "1:" V " 1:" TYPE " 1:end"},
        {"  - send: {message: {procedure: " V "}}\n  - expect-usable:\n",
         {V},
         VW_PASS,
         "",
         0,
         false,
         "1:" V " 1:" TYPE " 1:end"},
        {"  - send: {message: {procedure: " V "}}\n" ANSWER,
         {V},
         VW_HUNG,
         "waiting for what is expected: nothing in 1000 ms",
         1000,
         true},
        {"  - send: {call: {procedure: " V
         ", serial: 9}}\n  - expect: {reply: , header: {serial: 9}}\n" CALL
         "  - expect: {reply: , header: {serial: 3}}\n",
         {V},
         VW_PASS,
         "",
         0,
         false},
        {CALL CALL "  - expect: {reply: , header: {serial: 4}}\n", {V}, VW_PASS, "", 0, false},
        {"  - send: {stream: {of: x, status: ok}}\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6:25: nothing labelled \"x\" was sent",
         0,
         false},
        {"  - send: {call: {procedure: " V "}, pieces: 0}\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6:60: expected a whole number from 1 to 2147483647",
         0,
         false},
        {"  - send: {call: {procedure: " V "}, pieces: [0]}\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6:61: expected a whole number from 1 to 2147483647",
         0,
         false},
        {"  - send: {call: {procedure: " V "}, pieces: 5}\n" ANSWER, {V}, VW_PASS, "", 0, false},
        {"  - send: {call: {procedure: " V "}, pieces: [4, 28]}\n" ANSWER,
         {V},
         VW_PASS,
         "",
         0,
         false},
        {CALL "  - send: {call: {procedure: " V "}, pieces: 5}\n",
         {V, 0, PEER_STOP_READING},
         VW_HUNG,
         "waiting for the peer to take what is written: nothing in 1000 ms",
         1000,
         true},
        {CALL "  - send: {call: {procedure: " V "}, pieces: 5}\n",
         {V, 0, PEER_CLOSE},
         VW_PASS,
         "",
         0,
         false},
        {"  - send-raw: \"0000001c 20008086 00000001 0000009d 00000000 00000063 00000000\"\n"
         "  - expect-usable:\n",
         {V},
         VW_FAIL,
         "after the last step: a reply came with serial 99, which no waiting call has; the one "
         "that "
         "waits has 4261412867",
         0,
         false},
        {"  - send-raw: \"00000004\"\n  - expect-usable:\n", {V}, VW_PASS, "", 0, false},
        {"  - send-raw: \"0000000\"\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6:16: expected bytes as pairs of hex digits",
         0,
         false},
        {"  - send-raw: \"00\"\n    on: b\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6: there is no connection \"b\"",
         0,
         false},
        {"  - send: {call: {procedure: " V "}}\n    on: b\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6: there is no connection \"b\"",
         0,
         false},
    };
    PLAY(rows);
}

/* Whatever the pieces in which the answers come. */
static void test_any_chunks(void **state)
{
    static const struct row rows[] = {
        {CALL "  - expect: {answer: }\n  - expect-usable:\n  - quiet:\n", BEFORE(event), VW_PASS,
         "", 500, false},
        {CALL "  - expect: {reply: }\n",
         {V, 0, 0, {.extra = 4}},
         VW_FAIL,
         "4 bytes follow the body",
         0,
         false},
        {CALL "  - expect-closed: answers\n", {V, 0, PEER_LEAVE}, VW_PASS, "", 0, false},
    };
    for (size_t chunk = 1; chunk < 40; chunk += chunk < 5 ? 1 : 9)
        assert_int_equal(rows_wrong(profile, rows, sizeof(rows) / sizeof(rows[0]), chunk), 0);
}

/* A clause goes with what is told: that of an alternative which was not taken blames nothing. */
static void test_clauses_of_choices(void **state)
{
    static const struct {
        const char *steps, *blamed, *reason;
    } rows[] = {
        {"  - expect: {either: [{reply: }, {reply: , excuse: [H-5]}]}\n"
         "  - wait-for: {message: {procedure: domain_event_reboot}, within: 2}\n",
         NULL, "it did not come in 2000 ms"},
        {"  - expect: {either: [{error: , excuse: [H-5]}, {reply: }]}\n", NULL,
         "expected an error, found a good reply"},
        {"  - expect: {either: [{reply: }, {error: , excuse: [H-5]}]}\n", "H-5",
         "4 bytes follow the body"},
    };
    const struct peer_rule rule = {.procedure = V, .answer = {.extra = 4}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static struct peer p;
        struct played got;
        char text[1000];
        snprintf(text, sizeof(text), "needs: [open]\nsteps:\n" CALL "%s", rows[i].steps);
        peer_init(&p, profile, &rule, 1);
        play_text(&p, text, &got);
        peer_finish(&p);
        assert_string_equal(got.reason, rows[i].reason);
        assert_string_equal(got.blamed ? got.blamed : "", rows[i].blamed ? rows[i].blamed : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_to_pings),
        cmocka_unit_test(test_clauses_of_choices),
        cmocka_unit_test(test_connect_and_close),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_volume),
        cmocka_unit_test(test_send),
        cmocka_unit_test(test_any_chunks),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
