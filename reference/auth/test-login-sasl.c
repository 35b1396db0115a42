// SPDX-License-Identifier: MIT
// The exchange of SASL in the log-in: what each call carries, servers that end too
// early, too late or with an error, and when the layer goes on. The mechanism is a part of the test
// (testing/library.h).
#include "auth/testing/drive.h"
#include "auth/testing/library.h"

#define LIST   "auth_list"
#define INIT   "auth_sasl_init"
#define START  "auth_sasl_start"
#define STEP   "auth_sasl_step"
#define OPENED " connect_open"
#define BEGUN  LIST " " INIT " " START

static const struct says wants_sasl = {LIST, "\0\0\0\1\0\0\0\1", 8, 0};
static const struct says offers_a = {INIT, "\0\0\0\1A\0\0\0", 8, 0};

/* complete, nil, data as a list of single bytes. */
#define END      "\0\0\0\1\0\0\0\1\0\0\0\0", 12
#define MORE     "\0\0\0\0\0\0\0\1\0\0\0\0", 12
#define MORE_X   "\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0x", 16
#define END_X    "\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0x", 16
#define NO(code) NULL, 0, code

static struct vw_login_settings secure(void)
{
    return (struct vw_login_settings){
        .auth = "sasl", .sasl = {.host = "h", .secure = true, .ask = ask, .user = &asked}};
}

static void run(const struct vw_login_settings *s, const struct says *init, const struct says *a,
                const struct says *b, struct driven *d)
{
    struct says says[4] = {wants_sasl, *init};
    size_t n = 2;
    if (a && a->name)
        says[n++] = *a;
    if (b && b->name)
        says[n++] = *b;
    drive(s, says, n, d);
    assert_int_equal(disposed, 1);
}

/* ---- the exchange ---- */

static const struct {
    struct says first, second;
    int start, step; /* of the mechanism */
    int rc;
    const char *clause, *text, *calls;
} rows[] = {
    /* Both sides are done at once. */
    {{START, END, 0}, {0}, SASL_OK, SASL_OK, 0, "", "", BEGUN OPENED},
    {{START, MORE_X, 0}, {STEP, END, 0}, SASL_CONTINUE, SASL_OK, 0, "", "", BEGUN " " STEP OPENED},
    /* The proof may come with the end. */
    {{START, END_X, 0}, {0}, SASL_CONTINUE, SASL_OK, 0, "", "", BEGUN OPENED},
    /* the server says that all is done, and this side has not seen its proof. */
    {{START, END, 0},
     {0},
     SASL_CONTINUE,
     SASL_BADSERV,
     VW_EPROTOCOL,
     "A-8",
     "the server does not prove that it knows the password (SASL MECH)",
     BEGUN},
    {{START, END, 0},
     {STEP, NO(1)},
     SASL_CONTINUE,
     SASL_CONTINUE,
     VW_EREMOTE,
     "",
     "SASL MECH: no",
     BEGUN " " STEP},
    /* Data behind the end of this side. */
    {{START, END_X, 0},
     {0},
     SASL_OK,
     SASL_OK,
     VW_EPROTOCOL,
     "A-8",
     "SASL MECH: something else",
     BEGUN},
    /* This side is done, the server is not. */
    {{START, MORE, 0}, {STEP, END, 0}, SASL_OK, SASL_OK, 0, "", "", BEGUN " " STEP OPENED},
    {{START, NO(1)}, {0}, SASL_OK, SASL_OK, VW_EREMOTE, "", "SASL MECH: no", BEGUN},
    {{START, NO(45)},
     {0},
     SASL_OK,
     SASL_OK,
     VW_EREMOTE,
     "",
     "the server refuses SASL MECH (no)",
     BEGUN},
    /* A server that never ends: 32 steps, then that is enough. */
    {{START, MORE, 0},
     {STEP, MORE, 0},
     SASL_CONTINUE,
     SASL_CONTINUE,
     VW_EPROTOCOL,
     "A-8",
     "the server does not come to an end of SASL MECH",
     NULL},
};

static void each_way_through_the_exchange(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_login_settings s = secure();
        struct driven d;
        reset(NULL);
        fake.start = rows[i].start;
        fake.step = rows[i].step;
        fake.ssf = 0;
        run(&s, &offers_a, &rows[i].first, &rows[i].second, &d);
        if (d.rc != rows[i].rc || strcmp(d.err.text, rows[i].text) != 0 ||
            strcmp(d.err.clause, rows[i].clause) != 0 ||
            (rows[i].calls && strcmp(d.calls, rows[i].calls) != 0))
            fail_msg("row %zu: %d, %s (%s) after %s", i, d.rc, d.err.text, d.err.clause, d.calls);
        assert_int_equal(d.method, VW_AUTH_SASL);
        if (!rows[i].calls) {
            assert_int_equal(fake.steps, 32);
            assert_int_equal(d.n, 3 + 32);
        }
    }
}

static void what_the_server_offers(void **state)
{
    static const struct {
        struct says init;
        const char *auth;
        int start, rc;
        const char *list; /* that the library chooses from */
    } offers[] = {
        {{INIT, "\0\0\0\4X,AB", 8, 0}, "sasl", SASL_OK, 0, "X,AB"},
        {{INIT, "\0\0\0\4X,AB", 8, 0}, "sasl.ab", SASL_OK, 0, "ab"},
        {{INIT, "\0\0\0\3ABC\0", 8, 0}, "sasl.AB", SASL_OK, VW_EUSAGE, ""},
        {{INIT, "\0\0\0\0", 4, 0}, "sasl.AB", SASL_OK, VW_EUSAGE, ""},
        {{INIT, "\0\0\0\0", 4, 0}, "sasl", SASL_NOMECH, VW_EUNREACHABLE, ""},
        {{INIT, NO(1)}, "sasl", SASL_OK, VW_EREMOTE, ""},
    };
    static const struct says ends = {START, END, 0};
    for (size_t i = 0; i < COUNT(offers); i++) {
        struct vw_login_settings s = secure();
        struct driven d;
        s.auth = offers[i].auth;
        reset(NULL);
        fake.start = offers[i].start;
        fake.ssf = 0;
        run(&s, &offers[i].init, &ends, NULL, &d);
        if (d.rc != offers[i].rc || strcmp(fake.list, offers[i].list) != 0)
            fail_msg("row %zu: %d, %s, of %s", i, d.rc, d.err.text, fake.list);
        assert_string_equal(d.calls, d.rc ? LIST " " INIT : BEGUN OPENED);
    }
}

/* mech, nil, data of the start; nil, data of a step. */
static void what_the_calls_carry(void **state)
{
    static const struct {
        const char *data;
        unsigned len;
        const char *start, *step;
        size_t start_len, step_len;
    } bytes[] = {
        {"ab", 2, "\0\0\0\4MECH\0\0\0\0\0\0\0\2\0\0\0a\0\0\0b", "\0\0\0\0\0\0\0\2\0\0\0a\0\0\0b",
         24, 16},
        {"", 0, "\0\0\0\4MECH\0\0\0\0\0\0\0\0", "\0\0\0\0\0\0\0\0", 16, 8},
        {NULL, 0, "\0\0\0\4MECH\0\0\0\1\0\0\0\0", "\0\0\0\1\0\0\0\0", 16, 8},
    };
    static const struct says more = {START, MORE_X, 0}, ends = {STEP, END, 0};
    for (size_t i = 0; i < COUNT(bytes); i++) {
        const struct vw_login_settings s = secure();
        struct driven d;
        reset(NULL);
        fake.start = SASL_CONTINUE;
        fake.data = bytes[i].data;
        fake.len = bytes[i].len;
        fake.ssf = 0;
        run(&s, &offers_a, &more, &ends, &d);
        assert_int_equal(d.rc, 0);
        assert_int_equal(d.args_len[2], bytes[i].start_len);
        assert_memory_equal(d.args[2], bytes[i].start, bytes[i].start_len);
        assert_int_equal(d.args_len[3], bytes[i].step_len);
        assert_memory_equal(d.args[3], bytes[i].step, bytes[i].step_len);
        assert_string_equal(fake.host, "h");
    }
}

/* ---- who is asked, and the layer ---- */

static int prepared;
static bool bad_file;

static int prepare(void *user, struct vw_error *err)
{
    prepared++;
    assert_int_equal(asked.count, 0);
    assert_ptr_equal(user, &asked);
    return bad_file ? vw_error_set(err, VW_ESYNTAX, "bad file") : 0;
}

static void answers_are_prepared_once_and_before_questions(void **state)
{
    static const struct says ends = {START, END, 0};
    sasl_interact_t list[] = {{.id = SASL_CB_AUTHNAME, .prompt = "?"}, {.id = SASL_CB_LIST_END}};
    for (int bad = 0; bad < 2; bad++) {
        struct vw_login_settings s = secure();
        struct driven d;
        reset(NULL);
        prepared = 0;
        s.prepare = prepare;
        bad_file = bad;
        fake.questions = list;
        fake.question_rounds = 1;
        fake.ssf = 0;
        asked.answer = "fred";
        run(&s, &offers_a, &ends, NULL, &d);
        assert_int_equal(prepared, 1);
        assert_int_equal(d.rc, bad ? VW_ESYNTAX : 0);
        assert_string_equal(d.calls, bad ? LIST : BEGUN OPENED);
        assert_int_equal(asked.count, !bad);
        assert_true(bad || asked.request[0].deadline_ms == 7000);
    }
    /* The refusal then names who was refused. */
    static const struct says no = {START, NO(45)};
    const struct vw_login_settings s = secure();
    struct driven d;
    reset(NULL);
    fake.questions = list;
    fake.question_rounds = 1;
    asked.answer = "fred";
    run(&s, &offers_a, &no, NULL, &d);
    assert_string_equal(d.err.text, "the server refuses SASL MECH for fred0: probably a wrong name "
                                    "or password (no)");
}

static void a_layer_where_it_is_needed(void **state)
{
    static const struct says ends = {START, END, 0};
    static const struct {
        bool secure;
        sasl_ssf_t ssf;
        int rc;
        const char *clause, *calls;
    } layers[] = {
        {true, 0, 0, "", BEGUN OPENED},
        {true, 1, 0, "", BEGUN " +layer" OPENED},
        {false, 55, VW_EUNREACHABLE, "A-9", BEGUN},
        {false, 56, 0, "", BEGUN " +layer" OPENED},
    };
    for (size_t i = 0; i < COUNT(layers); i++) {
        struct vw_login_settings s = secure();
        struct driven d;
        s.sasl.secure = layers[i].secure;
        reset(NULL);
        fake.ssf = layers[i].ssf;
        run(&s, &offers_a, &ends, NULL, &d);
        if (d.rc != layers[i].rc || strcmp(d.err.clause, layers[i].clause) != 0 ||
            strcmp(d.calls, layers[i].calls) != 0)
            fail_msg("row %zu: %d, %s after %s", i, d.rc, d.err.text, d.calls);
    }
}

static int setup(void **state)
{
    fake_mechanism = "MECH"; /* none that is called in a thread */
    return drive_load(state) || library_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_way_through_the_exchange, reset),
        cmocka_unit_test_setup(what_the_server_offers, reset),
        cmocka_unit_test_setup(what_the_calls_carry, reset),
        cmocka_unit_test_setup(answers_are_prepared_once_and_before_questions, reset),
        cmocka_unit_test_setup(a_layer_where_it_is_needed, reset),
    };
    return cmocka_run_group_tests(tests, setup, drive_unload) + vw_test_leaked();
}
