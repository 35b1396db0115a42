// SPDX-License-Identifier: MIT
// A case behind SASL, with and without a layer: the player logs in, and each byte of the steps goes
// through the layer. The mechanism is a part of the test (auth/testing/library.h).
#include "auth/testing/library.h"
#include "conformance/play/testing/play.h"

static struct vw_profile *modern;
static struct peer p;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    fake_mechanism = "MECH"; /* none that is called in a thread, whose clock is the real one */
    return vw_profile_load(NULL, NULL, &modern, &err) || library_set_up(state);
}

static int teardown(void **state)
{
    vw_profile_destroy(modern);
    return 0;
}

#define CASE                                                                                       \
    "needs: [open]\nsteps:\n"                                                                      \
    "  - send: {call: {procedure: connect_get_type}}\n"                                            \
    "  - expect: {reply: {type: TEST}}\n"                                                          \
    "  - connect: {as: b, upto: open}\n"                                                           \
    "  - send: {call: {procedure: connect_get_type}}\n    on: b\n"                                 \
    "  - expect: {reply: {type: TEST}}\n    on: b\n"

#define UP_TO_START(n) #n ":auth_list " #n ":auth_sasl_init " #n ":auth_sasl_start "
#define WHOLE(n)       UP_TO_START(n) #n ":connect_open " #n ":connect_get_type "
#define KEPT_OUT       UP_TO_START(1) "1:end"
#define DEMANDS        "the peer asks for authentication (REMOTE_AUTH_SASL): "

static const struct peer_rule list = {"auth_list", 0, 0, {.ret = "{types: [1]}"}};
static const struct peer_rule init = {"auth_sasl_init", 0, 0, {.ret = "{mechlist: MECH}"}};

static int give(void *user, const struct vw_credential_request *r, char *buf, size_t size,
                struct vw_error *err)
{
    snprintf(buf, size, "fred");
    return 0;
}

/* TEXT is played; START: the answer to it. */
static void play_case_with(const char *text, const struct vw_client_options *login,
                           const struct peer_rule *start, struct played *out)
{
    const struct peer_rule rules[] = {list, init, *start};
    peer_init(&p, modern, rules, 3);
    p.login = login;
    p.caps = fake.ssf ? 0 : VW_CAP_SECURE;
    p.flip_behind = fake.ssf ? "auth_sasl_start" : NULL;
    play_text(&p, text, out);
    peer_finish(&p);
}

static void play_with(const struct vw_client_options *login, const struct peer_rule *start,
                      struct played *out)
{
    play_case_with(CASE, login, start, out);
}

static const struct peer_rule complete = {
    "auth_sasl_start", 0, 0, {.ret = "{complete: 1, nil: 1, data: []}"}};

static void behind_sasl(void **state)
{
    static const unsigned strengths[] = {0, 56, 256};
    static const struct vw_client_options login;
    for (size_t i = 0; i < COUNT(strengths); i++) {
        struct played got;
        reset(NULL);
        fake.ssf = strengths[i];
        fake.flip = PEER_FLIP;
        fake.data = "secret";
        fake.len = 6;
        play_with(&login, &complete, &got);
        if (got.verdict != VW_PASS)
            fail_msg("%u bits: %s, %s", strengths[i], got.reason, p.log);
        assert_string_equal(p.log, WHOLE(1) WHOLE(2) "1:end 2:end");
        assert_int_equal(disposed, 2);
        /* What the mechanism says is in no log, and what is told of the layer is. */
        assert_null(strstr(got.transcript, "00000073 00000065"));
        assert_non_null(strstr(got.transcript, "0000002a 0000002a"));
        assert_int_equal(strstr(got.transcript, "through the layer of SASL") != NULL,
                         strengths[i] != 0);
    }
}

/* An event behind the last answer, in the same read, is the layer's first. */
static void the_layer_begins_behind_the_answer(void **state)
{
    static const struct vw_client_options login;
    struct peer_answer event = {.event = "domain_event_reboot"};
    struct vw_header none = {0};
    struct vw_buf b = VW_BUF_INIT;
    static char hex[1024];
    struct peer_answer packet = {.hex = hex};
    struct peer_rule start = complete;
    struct played got;
    peer_frame(modern, &none, &event, &b);
    for (size_t i = 0; i < b.len; i++)
        snprintf(hex + 2 * i, 3, "%02x", b.data[i] ^ PEER_FLIP);
    vw_buf_finish(&b);
    start.behind = &packet;
    fake.ssf = 56;
    fake.flip = PEER_FLIP;
    play_with(&login, &start, &got);
    assert_string_equal(got.reason, "");
    assert_int_equal(got.verdict, VW_PASS);
    assert_string_equal(p.log, WHOLE(1) WHOLE(2) "1:end 2:end");
}

/* What goes below the layer goes as it is: here it is what the layer would have made of a call. */
static void bytes_below_the_layer(void **state)
{
    static const struct vw_client_options login;
    const struct vw_header h = {0x20008086, 1, 66, VW_MSG_CALL, 9, VW_MSG_OK};
    uint8_t bytes[VW_PREFIX_BYTES] = {0, 0, 0, VW_PREFIX_BYTES};
    char text[256];
    struct played got;
    vw_header_encode(&h, bytes + VW_LENGTH_BYTES);
    size_t n = (size_t)snprintf(text, sizeof(text), "needs: [sasl]\nsteps:\n  - send-below: \"");
    for (size_t i = 0; i < sizeof(bytes); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%02x", bytes[i] ^ PEER_FLIP);
    snprintf(text + n, sizeof(text) - n, "\"\n");
    fake.ssf = 56;
    fake.flip = PEER_FLIP;
    play_case_with(text, &login, &complete, &got);
    assert_string_equal(p.log, UP_TO_START(1) "1:auth_list 1:end");
    fake.ssf = 0;
    fake.flip = 0;
    play_case_with(text, &login, &complete, &got);
    assert_int_equal(got.verdict, VW_SKIP);
    assert_string_equal(got.reason, "the log-in has left no layer of SASL");
}

/* It is told by its name, and not as the open that nobody has come to. */
static void the_first_call_is_refused(void **state)
{
    const struct peer_rule rules[] = {
        list, {"auth_sasl_init", 0, 0, {.error = "{code: 45, domain: 7, level: 2}"}}};
    static const struct vw_client_options login;
    struct played got;
    peer_init(&p, modern, rules, COUNT(rules));
    p.login = &login;
    play_text(&p, CASE, &got);
    peer_finish(&p);
    assert_int_equal(got.verdict, VW_SKIP);
    assert_string_equal(got.reason,
                        DEMANDS "AUTH_SASL_INIT was refused: VIR_ERR_AUTH_FAILED (45) of "
                                "VIR_FROM_RPC (7): no reason given");
}

static void refusals(void **state)
{
    static const struct peer_rule no = {
        "auth_sasl_start", 0, 0, {.error = "{code: 45, domain: 7, level: 2, message: no}"}};
    static const struct {
        const struct vw_client_options login;
        const struct peer_rule *start;
        int mechanism; /* what its step says */
        enum vw_verdict verdict;
        const char *reason, *log;
    } rows[] = {
        {{.credentials = give},
         &no,
         SASL_OK,
         VW_SKIP,
         DEMANDS "the server refuses SASL MECH for fred: probably a wrong name or password "
                 "(VIR_ERR_AUTH_FAILED (45) of VIR_FROM_RPC (7): no)",
         KEPT_OUT},
        {{.auth_host = "h"},
         &complete,
         SASL_OK,
         VW_SKIP,
         DEMANDS "the server at h wants a user name (SASL MECH), and none is given",
         "1:auth_list 1:auth_sasl_init 1:end"},
        {{.credentials = give},
         &complete,
         SASL_BADSERV,
         VW_FAIL,
         "before the first step, the log-in: the server does not prove that it knows the password "
         "(SASL MECH) (clause A-8)",
         KEPT_OUT},
        {{.auth = "polkit"},
         &complete,
         SASL_OK,
         VW_SKIP,
         DEMANDS "the server demands SASL authentication, and auth wants polkit",
         "1:auth_list 1:end"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        sasl_interact_t list_of[] = {{.id = SASL_CB_AUTHNAME}, {.id = SASL_CB_LIST_END}};
        struct played got;
        reset(NULL);
        fake.questions = list_of;
        fake.question_rounds = 1;
        fake.ssf = 0;
        fake.start = SASL_CONTINUE;
        fake.step = rows[i].mechanism;
        play_with(&rows[i].login, rows[i].start, &got);
        if (got.verdict != rows[i].verdict || strcmp(got.reason, rows[i].reason) != 0 ||
            strcmp(p.log, rows[i].log) != 0)
            fail_msg("row %zu: %s, %s; %s", i, vw_verdict_name(got.verdict), got.reason, p.log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(behind_sasl, reset),
        cmocka_unit_test_setup(the_layer_begins_behind_the_answer, reset),
        cmocka_unit_test_setup(bytes_below_the_layer, reset),
        cmocka_unit_test_setup(the_first_call_is_refused, reset),
        cmocka_unit_test_setup(refusals, reset),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
