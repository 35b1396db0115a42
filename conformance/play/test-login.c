// SPDX-License-Identifier: MIT
// What comes before the first step: each phase of getting in, with a wrong answer in each, on a
// modern server and on one of 2007; and a harness that cannot connect.
#include <errno.h>
#include <string.h>

#include "base/testing/test.h"
#include "conformance/play/testing/play.h"

static struct vw_profile *modern, *of_2007, *of_9;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load(NULL, NULL, &modern, &err) ||
           vw_profile_load("0.3.0", NULL, &of_2007, &err) ||
           vw_profile_load("9.0.0", NULL, &of_9, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(modern);
    vw_profile_destroy(of_2007);
    vw_profile_destroy(of_9);
    return 0;
}

struct row {
    const char *needs;
    struct peer_rule rule;
    enum vw_verdict verdict;
    const char *reason; /* all of it */
    bool suspicious;
    const char *log;
};

static struct peer p;

static void play_one(const struct vw_profile *profile, const char *needs,
                     const struct peer_rule *rule, struct played *out)
{
    char text[500];
    snprintf(text, sizeof(text), "needs: [%s]\nsteps:\n  - note: in\n", needs);
    peer_init(&p, profile, rule, rule ? 1 : 0);
    play_text(&p, text, out);
}

static void play_rows(const struct vw_profile *profile, const struct row *rows, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &rows[i];
        struct played got;
        play_one(profile, r->needs, &r->rule, &got);
        if (got.verdict != r->verdict || strcmp(got.reason, r->reason) != 0 ||
            got.suspicious != r->suspicious || strcmp(p.log, r->log) != 0) {
            print_message("# row %zu (%s): %s, %s, %d; %s\n", i, r->needs,
                          vw_verdict_name(got.verdict), got.reason, got.suspicious, p.log);
            wrong++;
        }
        peer_finish(&p);
    }
    if (wrong)
        fail_msg("%zu of %zu rows", wrong, n);
}
#define PLAY(profile, rows) play_rows(profile, rows, sizeof(rows) / sizeof((rows)[0]))

#define AUTH   "auth_list"
#define OPEN   "connect_open"
#define LISTED "1:auth_list 1:end"
#define OPENED "1:auth_list 1:connect_open 1:end"

static const struct peer_answer stray = {.word = PEER_SERIAL, .value = 77};
static const struct peer_answer event = {.event = "domain_event_reboot"};

static void test_phases(void **state)
{
    static const struct row rows[] = {
        {"", {"none"}, VW_PASS, "", false, "1:end"},
        {"connect", {"none"}, VW_PASS, "", false, "1:end"},
        {"auth", {"none"}, VW_PASS, "", false, LISTED},
        {"gate", {"none"}, VW_SKIP, "the peer asks for no authentication", false, LISTED},
        {"open", {"none"}, VW_PASS, "", false, OPENED},
        {"read-only", {"none"}, VW_PASS, "", false, OPENED},
    };
    PLAY(modern, rows);
}

static void test_methods(void **state)
{
    static const struct row rows[] = {
        {"open", {AUTH, 0, 0, {.ret = "{types: []}"}}, VW_PASS, "", false, OPENED},
        {"open", {AUTH, 0, 0, {.ret = "{types: [0, 1]}"}}, VW_PASS, "", false, OPENED},
        {"open",
         {AUTH, 0, 0, {.ret = "{types: [1]}"}},
         VW_SKIP,
         "the peer asks for authentication (REMOTE_AUTH_SASL)",
         false,
         LISTED},
        {"auth",
         {AUTH, 0, 0, {.ret = "{types: [2]}"}},
         VW_SKIP,
         "the peer asks for authentication (REMOTE_AUTH_POLKIT)",
         false,
         LISTED},
        {"auth",
         {AUTH, 0, 0, {.ret = "{types: [1, 0]}"}},
         VW_SKIP,
         "the peer asks for authentication (REMOTE_AUTH_SASL)",
         false,
         LISTED},
        {"gate", {AUTH, 0, 0, {.ret = "{types: [1]}"}}, VW_PASS, "", false, LISTED},
        {"gate",
         {AUTH, 0, 0, {.ret = "{types: []}"}},
         VW_SKIP,
         "the peer asks for no authentication",
         false,
         LISTED},
        {"sasl, gate", {AUTH, 0, 0, {.ret = "{types: [1]}"}}, VW_PASS, "", false, LISTED},
        {"sasl, gate",
         {AUTH, 0, 0, {.ret = "{types: [2]}"}},
         VW_SKIP,
         "the peer asks for another authentication",
         false,
         LISTED},
        {"polkit, gate", {AUTH, 0, 0, {.ret = "{types: [2]}"}}, VW_PASS, "", false, LISTED},
        {"polkit",
         {AUTH, 0, 0, {.ret = "{types: [1]}"}},
         VW_SKIP,
         "the peer asks for another authentication",
         false,
         LISTED},
        {"sasl",
         {AUTH, 0, 0, {.ret = "{types: [0]}"}},
         VW_SKIP,
         "the peer asks for no authentication",
         false,
         LISTED},
    };
    PLAY(modern, rows);
}

#define POLKIT  "auth_polkit"
#define ASKED   "1:auth_list 1:auth_polkit 1:end"
#define DEMANDS "the peer asks for authentication (REMOTE_AUTH_"

/* With somebody to log in as: polkit needs no more. What was not asked for is no failure. */
static void test_polkit(void **state)
{
    static const struct peer_rule list = {AUTH, 0, 0, {.ret = "{types: [2]}"}};
    static const struct {
        const char *needs, *auth;
        struct peer_rule rule;
        enum vw_verdict verdict;
        const char *reason, *log;
    } rows[] = {
        {"open",
         NULL,
         {POLKIT, 0, 0, {.ret = "{complete: 1}"}},
         VW_PASS,
         "",
         "1:auth_list 1:auth_polkit 1:connect_open 1:end"},
        {"auth", "polkit", {POLKIT, 0, 0, {.ret = "{complete: 1}"}}, VW_PASS, "", ASKED},
        {"gate", NULL, {POLKIT, 0, PEER_SILENT}, VW_PASS, "", LISTED},
        {"open",
         NULL,
         {POLKIT, 0, 0, {.ret = "{complete: 0}"}},
         VW_FAIL,
         "before the first step, the log-in: the server says that polkit is not complete (clause "
         "A-12)",
         ASKED},
        {"open",
         NULL,
         {POLKIT, 0, 0, {.error = "{code: 45, domain: 7, level: 2, message: no}"}},
         VW_SKIP,
         DEMANDS "POLKIT): polkit does not let us in: VIR_ERR_AUTH_FAILED (45) of VIR_FROM_RPC "
                 "(7): no",
         ASKED},
        {"open",
         NULL,
         {POLKIT, 0, 0, {.error = "{code: 45, domain: 7, level: 1}"}},
         VW_FAIL,
         "before the first step, the answer to AUTH_POLKIT: expected 2 (error), found 1 at level",
         ASKED},
        {"open",
         NULL,
         {POLKIT, 0, PEER_SILENT},
         VW_HUNG,
         "waiting for the answer to AUTH_POLKIT: nothing in 1000 ms",
         ASKED},
        {"open",
         "sasl",
         {POLKIT, 0, PEER_SILENT},
         VW_SKIP,
         DEMANDS "POLKIT): the server demands polkit authentication, and auth wants SASL",
         LISTED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vw_client_options login = {VW_CLIENT_OPTIONS_INIT, .auth = rows[i].auth};
        const struct peer_rule rules[] = {list, rows[i].rule};
        struct played got;
        char text[100];
        snprintf(text, sizeof(text), "needs: [%s]\nsteps:\n  - note: in\n", rows[i].needs);
        peer_init(&p, modern, rules, 2);
        p.login = &login;
        play_text(&p, text, &got);
        if (got.verdict != rows[i].verdict || strcmp(got.reason, rows[i].reason) != 0 ||
            strcmp(p.log, rows[i].log) != 0)
            fail_msg("row %zu: %s, %s; %s", i, vw_verdict_name(got.verdict), got.reason, p.log);
        peer_finish(&p);
    }
}

static void test_wrong_auth_list(void **state)
{
    static const struct row rows[] = {
        {"open",
         {AUTH, 0, PEER_SILENT},
         VW_HUNG,
         "waiting for the answer to AUTH_LIST: nothing in 1000 ms",
         true,
         LISTED},
        {"open",
         {AUTH, 0, PEER_CLOSE},
         VW_FAIL,
         "waiting for the answer to AUTH_LIST: the peer ended the connection",
         true,
         LISTED},
        {"open",
         {AUTH, 0, 0, {.error = "{code: 39, domain: 7, level: 2}"}},
         VW_FAIL,
         "AUTH_LIST was refused: VIR_ERR_RPC (39) of VIR_FROM_RPC (7): no reason given; if another "
         "program lives there, --program admin, lock or log plays its cases",
         false,
         LISTED},
        {"open",
         {AUTH, 0, 0, {.extra = 4}},
         VW_FAIL,
         "before the first step, the answer to AUTH_LIST: 4 bytes follow the body",
         false,
         LISTED},
        {"open",
         {AUTH, 0, 0, {.word = PEER_SERIAL, .value = 2}},
         VW_FAIL,
         "before the first step, the answer to AUTH_LIST: a reply came with serial 2, which no "
         "waiting call has; the one that waits has 1",
         false,
         LISTED},
        {"open",
         {AUTH, 0, 0, {.word = PEER_VERSION, .value = 2}},
         VW_FAIL,
         "before the first step, the answer to AUTH_LIST: the reply must repeat the version of its "
         "call, 1; it has 2",
         false,
         LISTED},
        {"open",
         {AUTH, .before = &stray},
         VW_FAIL,
         "before the first step, the answer to AUTH_LIST: a reply came with serial 77, which no "
         "waiting call has; the one that waits has 1",
         false,
         LISTED},
        {"open",
         {AUTH, .behind = &stray},
         VW_FAIL,
         "before the first step, the answer to AUTH_LIST: a reply came with serial 77, which no "
         "waiting call has",
         false,
         LISTED},
        {"open", {AUTH, .before = &event}, VW_PASS, "", false, OPENED},
        {"open",
         {AUTH, 0, 0, {.hex = "00000003"}},
         VW_FAIL,
         "waiting for the answer to AUTH_LIST: the framing is broken: length word 3 is outside 28 "
         "to 33554436",
         false,
         LISTED},
        {"connect", {AUTH, 0, PEER_SILENT}, VW_PASS, "", false, "1:end"},
    };
    PLAY(modern, rows);
}

static void test_wrong_open(void **state)
{
    static const struct row rows[] = {
        {"open",
         {OPEN, 0, PEER_SILENT},
         VW_HUNG,
         "waiting for the answer to CONNECT_OPEN: nothing in 1000 ms",
         true,
         OPENED},
        {"open",
         {OPEN, 0, PEER_CLOSE},
         VW_FAIL,
         "waiting for the answer to CONNECT_OPEN: the peer ended the connection",
         true,
         OPENED},
        {"open",
         {OPEN, 0, PEER_RESET},
         VW_FAIL,
         "waiting for the answer to CONNECT_OPEN: the peer ended the connection (reset)",
         true,
         OPENED},
        {"open",
         {OPEN, 0, 0, {.error = "{code: 5, domain: 0, level: 2}"}},
         VW_FAIL,
         "CONNECT_OPEN was refused: VIR_ERR_NO_CONNECT (5) of VIR_FROM_NONE (0): no reason given",
         false,
         OPENED},
        {"open",
         {OPEN, 0, 0, {.extra = 4}},
         VW_FAIL,
         "before the first step, the answer to CONNECT_OPEN: 4 bytes follow the body",
         false,
         OPENED},
        {"open",
         {OPEN, 0, 0, {.word = PEER_STATUS, .value = 2}},
         VW_FAIL,
         "before the first step, the answer to CONNECT_OPEN: the status of a reply is 0 or 1; it "
         "has 2",
         false,
         OPENED},
        {"open",
         {OPEN, 0, 0, {.word = PEER_PROCEDURE, .value = 2}},
         VW_FAIL,
         "before the first step, the answer to CONNECT_OPEN: the reply must repeat the procedure "
         "of its call, 1; it has 2",
         false,
         OPENED},
        {"open",
         {OPEN, 0, PEER_TWICE},
         VW_FAIL,
         "before the first step, the answer to CONNECT_OPEN: a reply came with serial 2, which no "
         "waiting call has",
         false,
         OPENED},
        {"open",
         {OPEN, 0, 0, {.word = PEER_TYPE, .value = VW_MSG_CALL}},
         VW_FAIL,
         "before the first step, the answer to CONNECT_OPEN: a message of type 0 came, which no "
         "server may send",
         false,
         OPENED},
        {"read-only",
         {OPEN, 0, PEER_SILENT},
         VW_HUNG,
         "waiting for the answer to CONNECT_OPEN: nothing in 1000 ms",
         true,
         OPENED},
        {"auth", {OPEN, 0, PEER_SILENT}, VW_PASS, "", false, LISTED},
    };
    PLAY(modern, rows);
}

/* Before AUTH_LIST there was none; CLOSE left the connection, so that one is said before the end.
 */
static void test_server_of_2007(void **state)
{
    static const struct row rows[] = {
        {"connect", {"none"}, VW_PASS, "", false, "1:end"},
        {"auth", {"none"}, VW_PASS, "", false, "1:end"},
        {"open", {"none"}, VW_PASS, "", false, "1:open 1:close 1:end"},
        {"read-only", {"none"}, VW_PASS, "", false, "1:open 1:close 1:end"},
        {"open",
         {"open", 0, PEER_SILENT},
         VW_HUNG,
         "waiting for the answer to CONNECT_OPEN: nothing in 1000 ms",
         true,
         "1:open 1:end"},
        {"open",
         {"open", 0, 0, {.error = "{level: 2}"}},
         VW_FAIL,
         "CONNECT_OPEN was refused: VIR_ERR_OK (0) of VIR_FROM_NONE (0): no reason given",
         false,
         "1:open 1:end"},
        {"open", {"open", 0, PEER_LEAVE}, VW_PASS, "", false, "1:open 1:end"},
    };
    PLAY(of_2007, rows);
}

/* ---- what is sent ---- */

static void sent_is(const struct vw_profile *profile, const char *needs, const char *what)
{
    struct played got;
    play_one(profile, needs, NULL, &got);
    peer_finish(&p);
    if (!strstr(got.transcript, what))
        fail_msg("%s: %s is not in %s", needs, what, got.transcript);
}

static void test_open_arguments(void **state)
{
    sent_is(modern, "open", "{\"name\":\"test:\\/\\/\\/default\",\"flags\":0}");
    sent_is(modern, "read-only", "{\"name\":\"test:\\/\\/\\/default\",\"flags\":1}");
    sent_is(of_2007, "open", "{\"name\":\"test:\\/\\/\\/default\",\"flags\":0}");
    sent_is(of_2007, "read-only", "{\"name\":\"test:\\/\\/\\/default\",\"flags\":1}");
    sent_is(of_9, "open", "serial 2, ok");
    sent_is(modern, "auth", "procedure 66 (auth_list), call, serial 1, ok");
}

/* ---- no connection ---- */

static void test_refused(void **state)
{
    static const struct {
        int code;
        enum vw_verdict verdict;
        bool suspicious;
    } rows[] = {
        {ECONNREFUSED, VW_FAIL, true}, {ENOENT, VW_FAIL, true},   {EMFILE, VW_ERROR, false},
        {ENFILE, VW_ERROR, false},     {ENOMEM, VW_ERROR, false}, {EACCES, VW_FAIL, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (unsigned nth = 1; nth < 3; nth++) {
            struct played got;
            char want[200];
            peer_init(&p, modern, NULL, 0);
            p.refuse_nth = nth;
            p.refuse_errno = rows[i].code;
            play_text(&p, "needs: [open]\nsteps:\n  - connect: {as: b}\n", &got);
            peer_finish(&p);
            snprintf(want, sizeof(want), "cannot connect: cannot connect: %s",
                     strerror(rows[i].code));
            assert_string_equal(got.reason, want);
            assert_int_equal(got.verdict, rows[i].verdict);
            assert_int_equal(got.suspicious, rows[i].suspicious);
            assert_string_equal(got.expected, nth == 1 ? "" : "{connect: {as: b}}");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phases),         cmocka_unit_test(test_methods),
        cmocka_unit_test(test_polkit),         cmocka_unit_test(test_wrong_auth_list),
        cmocka_unit_test(test_wrong_open),     cmocka_unit_test(test_server_of_2007),
        cmocka_unit_test(test_open_arguments), cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
