// SPDX-License-Identifier: MIT
// Each verb over a connection in memory: its good end and its bad ones, when they come, and whether
// the peer may be dead then. The clock is virtual, so that times are exact.
#include <errno.h>
#include <string.h>

#include "base/testing/test.h"
#include "conformance/runner/testing/play.h"

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

struct row {
    const char *steps; /* of a case that needs open, unless it starts with "needs:" */
    struct peer_rule rule;
    enum vw_verdict verdict;
    const char *reason;
    int64_t ms;
    bool suspicious;
    const char *log; /* what the peer saw ends so; NULL: whatever */
};

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

static bool play_row(const struct row *r, size_t i, size_t chunk)
{
    static struct peer p;
    struct played got;
    char text[2000];
    bool own = strncmp(r->steps, "needs:", 6) == 0;
    snprintf(text, sizeof(text), "%s%s", own ? "" : "needs: [open]\nsteps:\n", r->steps);
    peer_init(&p, profile, &r->rule, 1);
    p.chunk = chunk;
    play_text(&p, text, &got);
    peer_finish(&p);
    if (got.verdict == r->verdict && strcmp(got.reason, r->reason) == 0 && got.ms == r->ms &&
        got.suspicious == r->suspicious && (!r->log || ends_with(p.log, r->log)))
        return true;
    print_message("# row %zu (%s): %s, %s, %d ms, %d; %s\n", i, r->steps,
                  vw_verdict_name(got.verdict), got.reason, (int)got.ms, got.suspicious, p.log);
    return false;
}

static void play_rows(const struct row *rows, size_t n, size_t chunk)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += !play_row(&rows[i], i, chunk);
    if (wrong)
        fail_msg("%zu of %zu rows", wrong, n);
}
#define PLAY(rows) play_rows(rows, sizeof(rows) / sizeof((rows)[0]), 0)

#define CALL   "  - send: {call: {procedure: connect_get_version}}\n"
#define ANSWER "  - expect: {answer: }\n"
#define V      "connect_get_version"

static const struct peer_answer event = {.event = "domain_event_reboot"};
static const struct peer_answer other_event = {.event = "domain_event_lifecycle"};
static const struct peer_answer stray = {.word = PEER_SERIAL, .value = 77};
static const struct peer_answer ping = {.hex = "0000001c 6b656570 00000001 00000001 00000002 "
                                               "00000000 00000000"};
static const struct peer_answer ping_call = {.hex = "0000001c 6b656570 00000001 00000001 00000000 "
                                                    "00000000 00000000"};
static const struct peer_answer broken = {.hex = "00000003"};

/* ---- waiting ---- */

static void test_expect(void **state)
{
    static const struct row rows[] = {
        {CALL ANSWER, {V}, VW_PASS, "", 0, false},
        {CALL ANSWER, {V, 0, PEER_LATE, .ms = 999}, VW_PASS, "", 999, false},
        {CALL ANSWER, {V, 0, PEER_LATE, .ms = 1000}, VW_PASS, "", 1000, false},
        {CALL ANSWER,
         {V, 0, PEER_SILENT},
         VW_HUNG,
         "waiting for what is expected: nothing in 1000 ms",
         1000,
         true},
        {CALL ANSWER,
         {V, 0, PEER_CLOSE},
         VW_FAIL,
         "waiting for what is expected: the peer ended the connection",
         0,
         true},
        {CALL ANSWER,
         {V, 0, PEER_RESET},
         VW_FAIL,
         "waiting for what is expected: the peer ended the connection (reset)",
         0,
         true},
        {CALL ANSWER,
         {V, 0, PEER_DIE},
         VW_FAIL,
         "waiting for what is expected: the peer ended the connection",
         0,
         true},
        {CALL ANSWER, {V, 0, PEER_LEAVE}, VW_PASS, "", 0, false},
        {CALL ANSWER,
         {V, 0, PEER_ANSWER, .before = &broken},
         VW_FAIL,
         "waiting for what is expected: the framing is broken: length word 3 is outside 28 to "
         "33554436",
         0,
         false},
        {CALL ANSWER,
         {V, 0, PEER_FLOOD},
         VW_FAIL,
         "the peer floods: over 4096 messages that nobody asked for",
         0,
         true},
        {CALL "    on: b\n", {V}, VW_ERROR, "a/b.yaml:6: there is no connection \"b\"", 0, false},
        {CALL ANSWER "    on: b\n",
         {V},
         VW_ERROR,
         "a/b.yaml:7: there is no connection \"b\"",
         0,
         false},
        {"  - note: a\n" CALL ANSWER "  - note: b\n", {V}, VW_PASS, "", 0, false},
    };
    PLAY(rows);
}

static void test_expect_closed(void **state)
{
    static const struct row rows[] = {
        {CALL "  - expect-closed:\n", {V, 0, PEER_CLOSE}, VW_PASS, "", 0, false},
        {CALL "  - expect-closed:\n", {V, 0, PEER_RESET}, VW_PASS, "", 0, false},
        {CALL "  - expect-closed:\n",
         {V, 0, PEER_SILENT},
         VW_FAIL,
         "the connection must end; it is still open after 1000 ms",
         0,
         false},
        {CALL "  - expect-closed:\n",
         {V, 0, PEER_LEAVE},
         VW_FAIL,
         "the connection must end without a word, and a message of type 1, status 0 came",
         0,
         false},
        {CALL "  - expect-closed: answers\n", {V, 0, PEER_LEAVE}, VW_PASS, "", 0, false},
        {CALL "  - expect-closed: answers\n",
         {V},
         VW_FAIL,
         "the connection must end; it is still open after 1000 ms",
         0,
         false},
        {CALL "  - expect-closed: answers\n",
         {V, 0, PEER_LEAVE, .behind = &stray},
         VW_FAIL,
         "after the last step: a reply came with serial 77, which no waiting call has",
         0,
         false},
        {CALL "  - expect-closed:\n",
         {V, 0, PEER_LEAVE, {.event = "domain_event_reboot"}},
         VW_PASS,
         "",
         0,
         false},
        {CALL "  - expect-closed:\n",
         {V, 0, PEER_LEAVE, {.hex = "00000004"}},
         VW_FAIL,
         "the connection must end without a word, and a message of type 0, status 0 came",
         0,
         false},
        {CALL "  - expect-closed:\n",
         {V, 0, PEER_LEAVE, {.hex = "00000003"}},
         VW_FAIL,
         "waiting for the end of the connection: the framing is broken: length word 3 is outside "
         "28 to 33554436",
         0,
         false},
        {CALL "  - expect-closed:\n",
         {V, 0, PEER_FLOOD},
         VW_FAIL,
         "the peer floods: over 4096 messages that nobody asked for",
         0,
         true},
        {"  - expect-closed:\n    on: b\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6: there is no connection \"b\"",
         0,
         false},
    };
    PLAY(rows);
}

#define TYPE "connect_get_type"

static void test_expect_usable(void **state)
{
    static const struct row rows[] = {
        {"  - expect-usable:\n", {V}, VW_PASS, "", 0, false, "1:connect_open 1:" TYPE " 1:end"},
        {"needs: [connect]\nsteps:\n  - expect-usable:\n",
         {V},
         VW_PASS,
         "",
         0,
         false,
         "1:auth_list 1:end"},
        {"  - expect-usable:\n", {TYPE, 0, PEER_LATE, .ms = 1000}, VW_PASS, "", 1000, false},
        {"  - expect-usable:\n", {TYPE, 0, 0, {.error = "{level: 2}"}}, VW_PASS, "", 0, false},
        {"  - expect-usable:\n",
         {TYPE, 0, PEER_SILENT},
         VW_HUNG,
         "waiting for a sign that the connection is usable: nothing in 1000 ms",
         1000,
         true},
        {"  - expect-usable:\n",
         {TYPE, 0, PEER_CLOSE},
         VW_FAIL,
         "waiting for a sign that the connection is usable: the peer ended the connection",
         0,
         true},
        {"  - expect-usable:\n",
         {TYPE, 0, 0, {.word = PEER_SERIAL, .value = 3}},
         VW_FAIL,
         "the connection must stay usable: a reply came with serial 3, which no waiting call has",
         0,
         false},
        {"  - expect-usable:\n",
         {TYPE, 0, PEER_TWICE},
         VW_FAIL,
         "after the last step: a reply came with serial 4261412867, which no waiting call has",
         0,
         false},
        {"  - expect-usable:\n",
         {TYPE, 0, 0, {.word = PEER_TYPE, .value = VW_MSG_REPLY_WITH_FDS}},
         VW_PASS,
         "",
         0,
         false},
        {"  - expect-usable:\n",
         {TYPE, 0, 0, {.word = PEER_TYPE, .value = VW_MSG_STREAM}},
         VW_HUNG,
         "waiting for a sign that the connection is usable: nothing in 1000 ms",
         1000,
         true},
        {"  - expect-usable:\n",
         {TYPE, 0, PEER_FLOOD},
         VW_FAIL,
         "the peer floods: over 4096 messages that nobody asked for",
         0,
         true},
        {"  - expect-usable:\n    on: b\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6: there is no connection \"b\"",
         0,
         false},
    };
    PLAY(rows);
}

static void test_quiet(void **state)
{
    static const struct row rows[] = {
        {"  - quiet:\n", {V}, VW_PASS, "", 500, false, "1:" TYPE " 1:end"},
        {CALL "  - quiet:\n",
         {V},
         VW_FAIL,
         "nothing may come back, and a message of type 1, serial 3, status 0 came",
         0,
         false},
        {CALL "  - quiet:\n", {V, 0, PEER_SILENT}, VW_PASS, "", 500, false},
        {CALL "  - quiet:\n", {V, 0, 0, {.event = "domain_event_reboot"}}, VW_PASS, "", 500, false},
        {CALL "  - quiet: no-events\n",
         {V, 0, 0, {.event = "domain_event_reboot"}},
         VW_FAIL,
         "nothing may come back, and a message of type 2, serial 0, status 0 came",
         0,
         false},
        {CALL "  - quiet:\n",
         {V,
          0,
          0,
          {.hex = "0000001c 6b656570 00000001 00000001 00000002 "
                  "00000000 00000000"}},
         VW_FAIL,
         "nothing may come back, and a message of type 2, serial 0, status 0 came",
         0,
         false},
        {CALL "  - quiet:\n",
         {V, 0, 0, {.hex = "00000008 01020304"}},
         VW_FAIL,
         "nothing may come back, and a message of type 0, serial 0, status 0 came",
         0,
         false},
        {"  - quiet:\n",
         {TYPE, 0, PEER_SILENT},
         VW_HUNG,
         "waiting for the answer to the fence: nothing in 1000 ms",
         1000,
         true},
        {"  - quiet:\n", {TYPE, 0, PEER_LATE, .ms = 300}, VW_PASS, "", 800, false},
        {"  - quiet:\n",
         {TYPE, 0, PEER_CLOSE},
         VW_FAIL,
         "waiting for the answer to the fence: the peer ended the connection",
         0,
         true},
        {"  - quiet:\n",
         {TYPE, 0, PEER_LEAVE},
         VW_FAIL,
         "waiting for nothing more: the peer ended the connection",
         0,
         true},
        {"  - quiet:\n",
         {TYPE, 0, PEER_TWICE},
         VW_FAIL,
         "nothing may come back, and a message of type 1, serial 4261412867, status 0 came",
         0,
         false},
        {"  - quiet: listen\n", {V}, VW_PASS, "", 500, false, "1:connect_open 1:end"},
        {CALL "  - quiet: listen\n",
         {V, 0, PEER_LATE, .ms = 499},
         VW_FAIL,
         "nothing may come back, and a message of type 1, serial 3, status 0 came",
         499,
         false},
        {CALL "  - quiet: listen\n", {V, 0, PEER_SILENT}, VW_PASS, "", 500, false},
        {CALL "  - quiet: listen\n",
         {V, 0, PEER_CLOSE},
         VW_FAIL,
         "waiting for nothing more: the peer ended the connection",
         0,
         true},
        {"  - quiet:\n    on: b\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6: there is no connection \"b\"",
         0,
         false},
    };
    PLAY(rows);
}

#define WAIT(more) "  - wait-for: {message: {procedure: domain_event_reboot}" more "}\n"

static void test_wait_for(void **state)
{
    static const struct row rows[] = {
        {CALL ANSWER WAIT(""), {V, .behind = &event}, VW_PASS, "", 0, false},
        {CALL ANSWER WAIT(""), {V}, VW_FAIL, "it did not come in 1000 ms", 1000, false},
        {CALL ANSWER WAIT(""),
         {V, .behind = &other_event},
         VW_FAIL,
         "it did not come in 1000 ms",
         1000,
         false},
        {CALL ANSWER WAIT(", within: 3"), {V}, VW_FAIL, "it did not come in 3000 ms", 3000, false},
        {CALL WAIT(", within: 3"),
         {V, 0, PEER_LATE, .ms = 2999, .behind = &event},
         VW_PASS,
         "",
         2999,
         false},
        {CALL WAIT(", within: 0"),
         {V},
         VW_ERROR,
         "a/b.yaml:7:67: expected a whole number from 1 to 3600",
         0,
         false},
        {CALL WAIT(", within: 3601"),
         {V},
         VW_ERROR,
         "a/b.yaml:7:67: expected a whole number from 1 to 3600",
         0,
         false},
        {CALL WAIT(", within: 3600"), {V, .before = &event}, VW_PASS, "", 0, false},
        {CALL WAIT(", times: 0"),
         {V},
         VW_ERROR,
         "a/b.yaml:7:66: expected a whole number from 1 to 10000",
         0,
         false},
        {CALL WAIT(", times: 10001"),
         {V},
         VW_ERROR,
         "a/b.yaml:7:66: expected a whole number from 1 to 10000",
         0,
         false},
        {CALL ANSWER WAIT(", times: 2"),
         {V, .before = &event, .behind = &event},
         VW_PASS,
         "",
         0,
         false},
        {CALL ANSWER WAIT(", times: 3"),
         {V, .before = &event, .behind = &event},
         VW_FAIL,
         "it did not come in 1000 ms",
         1000,
         false},
        {CALL ANSWER WAIT(""),
         {V, 0, PEER_LEAVE},
         VW_FAIL,
         "waiting for what is waited for: the peer ended the connection",
         0,
         true},
        {CALL ANSWER WAIT(""),
         {V, .behind = &broken},
         VW_FAIL,
         "waiting for what is waited for: the framing is broken: length word 3 is outside 28 to "
         "33554436",
         0,
         false},
        {CALL WAIT(""), {V, 0, PEER_FLOOD}, VW_PASS, "", 0, false},
        {CALL "  - wait-for: {message: {procedure: domain_event_lifecycle}}\n",
         {V, 0, PEER_FLOOD},
         VW_FAIL,
         "the peer floods: over 4096 messages that nobody asked for",
         0,
         true},
        {CALL "  - wait-for: {message: {procedure: domain_event_reboot, args: {dom: {id: 0}}}}\n",
         {V, .behind = &event},
         VW_PASS,
         "",
         0,
         false},
        {CALL "  - wait-for: {message: {procedure: domain_event_reboot, args: {dom: {id: 1}}}}\n",
         {V, .behind = &event},
         VW_FAIL,
         "it did not come in 1000 ms",
         1000,
         false},
        {CALL "  - wait-for: {message: {procedure: domain_event_rebot}}\n",
         {V},
         VW_ERROR,
         "a/b.yaml:7:37: unknown procedure \"domain_event_rebot\"",
         0,
         false},
        {CALL "  - wait-for: {closed: }\n", {V, 0, PEER_LEAVE}, VW_PASS, "", 0, false},
        {CALL "  - wait-for: {closed: }\n",
         {V},
         VW_FAIL,
         "it did not come in 1000 ms",
         1000,
         false},
        {CALL "  - wait-for: {closed: , within: 2}\n",
         {V},
         VW_FAIL,
         "it did not come in 2000 ms",
         2000,
         false},
        {CALL "  - wait-for: {closed: }\n",
         {V, .behind = &broken},
         VW_FAIL,
         "waiting for what is waited for: the framing is broken: length word 3 is outside 28 to "
         "33554436",
         0,
         false},
        {CALL "  - wait-for: {closed: }\n",
         {V, 0, PEER_FLOOD},
         VW_FAIL,
         "the peer floods: over 4096 messages that nobody asked for",
         0,
         true},
        {"  - wait-for: {closed: }\n    on: b\n",
         {V},
         VW_ERROR,
         "a/b.yaml:6: there is no connection \"b\"",
         0,
         false},
    };
    PLAY(rows);
}

/* ---- doing ---- */

static void test_answers_to_pings(void **state)
{
    static const struct row rows[] = {
        {CALL ANSWER "  - expect-usable:\n",
         {V, .before = &ping},
         VW_PASS,
         "",
         0,
         false,
         "1:" V " 1:PONG 1:" TYPE " 1:end"},
        {CALL ANSWER "  - expect-usable:\n",
         {V, .before = &ping, .behind = &ping},
         VW_PASS,
         "",
         0,
         false,
         "1:" V " 1:PONG 1:PONG 1:" TYPE " 1:end"},
        {"  - answer: {pings: no}\n" CALL ANSWER "  - expect-usable:\n",
         {V, .before = &ping},
         VW_PASS,
         "",
         0,
         false,
         "1:" V " 1:" TYPE " 1:end"},
        {"  - answer: {pings: yes}\n" CALL ANSWER "  - expect-usable:\n",
         {V, .before = &ping},
         VW_PASS,
         "",
         0,
         false,
         "1:" V " 1:PONG 1:" TYPE " 1:end"},
        {"  - answer: {pings: no}\n  - answer: {pings: yes}\n" CALL ANSWER "  - expect-usable:\n",
         {V, .before = &ping},
         VW_PASS,
         "",
         0,
         false,
         "1:" V " 1:PONG 1:" TYPE " 1:end"},
        {CALL ANSWER "  - expect-usable:\n",
         {V, .before = &event},
         VW_PASS,
         "",
         0,
         false,
         "1:" V " 1:" TYPE " 1:end"},
        {CALL ANSWER "  - expect-usable:\n",
         {V, .before = &ping_call},
         VW_FAIL,
         "after the last step: a message of type 0 came, which no server may send",
         0,
         false,
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
        {CONNECT(", upto: open") CALL "    on: b\n" ANSWER "    on: b\n",
         {V, .behind = &stray},
         VW_FAIL,
         "after the last step: a reply came with serial 77, which no waiting call has",
         0,
         false},
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
         0,
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
         "after the last step: a reply came with serial 99, which no waiting call has",
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
        {CALL "  - expect: {answer: }\n  - expect-usable:\n  - quiet:\n",
         {V, .before = &event},
         VW_PASS,
         "",
         500,
         false},
        {CALL "  - expect: {reply: }\n",
         {V, 0, 0, {.extra = 4}},
         VW_FAIL,
         "the body breaks the rule \"trailing\" at , offset 8: 4 bytes follow the value",
         0,
         false},
        {CALL "  - expect-closed: answers\n", {V, 0, PEER_LEAVE}, VW_PASS, "", 0, false},
    };
    for (size_t chunk = 1; chunk < 40; chunk += chunk < 5 ? 1 : 9)
        play_rows(rows, sizeof(rows) / sizeof(rows[0]), chunk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expect),
        cmocka_unit_test(test_expect_closed),
        cmocka_unit_test(test_expect_usable),
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_wait_for),
        cmocka_unit_test(test_answers_to_pings),
        cmocka_unit_test(test_connect_and_close),
        cmocka_unit_test(test_send),
        cmocka_unit_test(test_any_chunks),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
