// SPDX-License-Identifier: MIT
// Questions of the SASL library on their way to who may answer, and calls of it that may take long.
#include "auth/testing/library.h"

#include <signal.h>
#include <string.h>
#include <time.h>

/* ---- questions ---- */

static sasl_interact_t question(unsigned long id, const char *challenge, const char *prompt,
                                const char *fallback)
{
    return (sasl_interact_t){
        .id = id, .challenge = challenge, .prompt = prompt, .defresult = fallback};
}

static void questions_are_passed_on(void **state)
{
    sasl_interact_t list[] = {
        question(SASL_CB_PASS, NULL, "Password", NULL),
        question(SASL_CB_NOECHOPROMPT, "pin?", "unused", "0000"),
        question(SASL_CB_AUTHNAME, "", "Name", "me"),
        question(SASL_CB_ECHOPROMPT, "colour?", NULL, NULL),
        question(SASL_CB_GETREALM, NULL, NULL, NULL),
        question(SASL_CB_LIST_END, NULL, NULL, NULL),
    };
    static const struct {
        unsigned at;
        enum vw_credential_kind kind;
        const char *user, *text, *fallback, *answer;
    } wanted[] = {
        {2, VW_CREDENTIAL_USER, "NULL", "Name", "me", "x0"},
        {0, VW_CREDENTIAL_PASSWORD, "x0", "Password", NULL, "x1"},
        {1, VW_CREDENTIAL_SECRET, "x0", "pin?", "0000", "x2"},
        {3, VW_CREDENTIAL_ANSWER, "x0", "colour?", NULL, "x3"},
        {4, VW_CREDENTIAL_REALM, "x0", NULL, NULL, "x4"},
    };
    struct vw_sasl_options o = options();
    struct vw_sasl_data out;
    o.deadline_ms = INT64_MAX - 1;
    asked.answer = "x";
    fake.questions = list;
    fake.question_rounds = 1;
    struct vw_sasl *s = create(&o);
    assert_int_equal(vw_sasl_start(s, "AB", &out, NULL), 0);
    assert_int_equal(fake.starts, 2);
    assert_int_equal(asked.count, COUNT(wanted));
    for (size_t i = 0; i < COUNT(wanted); i++) {
        const struct vw_credential_request *r = &asked.request[i];
        const sasl_interact_t *in = &list[wanted[i].at];
        assert_int_equal(r->kind, wanted[i].kind);
        assert_string_equal(r->mechanism, "GS-MECH");
        assert_string_equal(r->host, "h");
        assert_string_equal(asked.user[i], wanted[i].user);
        assert_string_equal(r->text ? r->text : "NULL", wanted[i].text ? wanted[i].text : "NULL");
        assert_string_equal(r->fallback ? r->fallback : "NULL",
                            wanted[i].fallback ? wanted[i].fallback : "NULL");
        assert_true(r->deadline_ms == INT64_MAX - 1);
        assert_string_equal(in->result, wanted[i].answer);
        assert_int_equal(in->len, 2);
    }
    assert_string_equal(vw_sasl_user(s), "x0");
    /* The secrets go with the end of the exchange. */
    fake.ssf = 56;
    assert_int_equal(vw_sasl_finish(s, NULL), 0);
    for (size_t i = 0; i < COUNT(wanted); i++)
        assert_memory_equal(list[i].result, "\0\0\0", 3);
    assert_string_equal(vw_sasl_user(s), "x0");
    vw_sasl_destroy(s);
}

/* One letter is a name. */
static void the_shortest_name(void **state)
{
    sasl_interact_t list[] = {question(SASL_CB_AUTHNAME, NULL, "?", NULL),
                              question(SASL_CB_PASS, NULL, "?", NULL),
                              question(SASL_CB_LIST_END, NULL, NULL, NULL)};
    const struct vw_sasl_options o = options();
    struct vw_sasl_data out;
    asked.answer = "";
    fake.questions = list;
    fake.question_rounds = 1;
    struct vw_sasl *s = create(&o);
    assert_int_equal(vw_sasl_start(s, "A", &out, NULL), 0);
    assert_string_equal(asked.user[0], "NULL");
    assert_string_equal(asked.user[1], "0");
    assert_string_equal(vw_sasl_user(s), "0");
    vw_sasl_destroy(s);
}

static void answers_that_are_not_there(void **state)
{
    static const struct {
        unsigned long id;
        const char *fallback, *result, *text;
    } rows[] = {
        {SASL_CB_AUTHNAME, "me", "me", ""},
        {SASL_CB_AUTHNAME, NULL, NULL,
         "the server at h wants a user name (SASL GS-MECH), and none is given"},
        {SASL_CB_PASS, NULL, NULL,
         "the server at h wants a password (SASL GS-MECH), and none is given"},
        {SASL_CB_GETREALM, NULL, "", ""},
        {SASL_CB_GETREALM, "realm", "realm", ""},
        {SASL_CB_ECHOPROMPT, NULL, NULL,
         "the server at h wants an answer (SASL GS-MECH), and none is given"},
        {SASL_CB_NOECHOPROMPT, NULL, NULL,
         "the server at h wants a secret answer (SASL GS-MECH), and none is given"},
    };
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        size_t r = i / 2;
        sasl_interact_t list[] = {question(rows[r].id, NULL, "?", rows[r].fallback),
                                  question(SASL_CB_LIST_END, NULL, NULL, NULL)};
        struct vw_sasl_options o = options();
        struct vw_sasl_data out;
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        o.ask = i % 2 ? ask : NULL;
        asked.rc = VW_ENAME;
        fake.questions = list;
        fake.question_rounds = 1;
        struct vw_sasl *s = create(&o);
        int rc = vw_sasl_start(s, "A", &out, &err);
        assert_int_equal(rc, rows[r].result ? 0 : VW_EUSAGE);
        assert_string_equal(err.text, rows[r].text);
        if (rows[r].result) {
            assert_string_equal(list[0].result, rows[r].result);
            assert_int_equal(list[0].len, strlen(rows[r].result));
        }
        assert_string_equal(vw_sasl_user(s), "");
        vw_sasl_destroy(s);
        /* What ends the attempt comes back as it is. */
        asked.rc = VW_ETIMEOUT;
        fake.question_rounds = 1;
        if (i % 2) {
            s = create(&o);
            assert_int_equal(vw_sasl_start(s, "A", &out, NULL), VW_ETIMEOUT);
            vw_sasl_destroy(s);
        }
    }
}

static void questions_without_end(void **state)
{
    sasl_interact_t list[10];
    const struct vw_sasl_options o = options();
    struct vw_sasl_data out;
    struct vw_error err = VW_ERROR_INIT;
    asked.answer = "x";
    for (int n = 8; n <= 9; n++) {
        for (int i = 0; i < n; i++)
            list[i] = question(SASL_CB_PASS, NULL, "?", NULL);
        list[n] = question(SASL_CB_LIST_END, NULL, NULL, NULL);
        fake.questions = list;
        fake.question_rounds = 1;
        struct vw_sasl *s = create(&o);
        assert_int_equal(vw_sasl_start(s, "A", &out, &err), n == 8 ? 0 : VW_ELIMIT);
        vw_sasl_destroy(s);
    }
    assert_string_equal(err.text, "SASL GS-MECH asks too many questions");
    assert_int_equal(asked.count, 16);
    /* Eight rounds, of which the last has to be one without a question. */
    list[0].id = SASL_CB_LIST_END;
    for (int rounds = 7; rounds <= 8; rounds++) {
        reset(NULL);
        fake.questions = list;
        fake.question_rounds = rounds;
        struct vw_sasl *s = create(&o);
        assert_int_equal(vw_sasl_start(s, "A", &out, NULL), rounds == 7 ? 0 : VW_EUSAGE);
        assert_int_equal(fake.starts, 8);
        vw_sasl_destroy(s);
    }
}

/* ---- calls that may take long ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void only_kerberos_has_a_thread(void **state)
{
    static const struct {
        const char *offered;
        bool limited, thread;
    } rows[] = {
        {"AB", true, false},
        {"AB,gssapi", true, true},
        {"GS2-KRB5", true, true},
        {"GSSAPI", false, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_sasl_options o = options();
        const struct vw_sasl_data in = {"x", 1, false}, none = {"x", 1, true};
        struct vw_sasl_data out;
        reset(NULL);
        fake.start = fake.step = SASL_CONTINUE;
        fake.data = "abc";
        fake.len = 3;
        o.deadline_ms = rows[i].limited ? now_ms() + 60000 : INT64_MAX;
        struct vw_sasl *s = create(&o);
        assert_int_equal(vw_sasl_start(s, rows[i].offered, &out, NULL), 0);
        assert_string_equal(fake.list, rows[i].offered);
        assert_int_equal(!pthread_equal(fake.thread, pthread_self()), rows[i].thread);
        assert_int_equal(fake.signals_blocked, rows[i].thread);
        assert_memory_equal(out.data, "abc", 3);
        assert_int_equal(out.len, 3);
        /* The mechanism that was taken is one of those. */
        assert_int_equal(vw_sasl_step(s, &in, &out, NULL), 0);
        assert_int_equal(!pthread_equal(fake.thread, pthread_self()), rows[i].limited);
        assert_int_equal(fake.in_len, 1);
        assert_int_equal(vw_sasl_step(s, &none, &out, NULL), 0);
        assert_null(fake.in);
        assert_int_equal(fake.in_len, 0);
        vw_sasl_destroy(s);
        assert_int_equal(disposed, 1);
    }
}

/* Signals of this thread are as they were. */
static void expect_unblocked(void)
{
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGUSR2), 0);
}

static void wait_for_gone(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    if (sem_timedwait(&gone, &until))
        fail_msg("the call that was left did not give its connection back in 20 s");
}

/* Whoever ends last, the caller or the call, gives everything back, and once. */
static void a_late_call_is_left(void **state)
{
    for (int owner_first = 0; owner_first <= 1; owner_first++) {
        struct vw_sasl_options o = options();
        struct vw_sasl_data out;
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        fake.waits = true;
        o.deadline_ms = now_ms() + 20;
        struct vw_sasl *s = create(&o);
        assert_int_equal(vw_sasl_start(s, "GSSAPI", &out, &err), VW_ETIMEOUT);
        assert_string_equal(err.text, "the server of Kerberos did not answer in time");
        assert_true(now_ms() >= o.deadline_ms);
        expect_unblocked();
        assert_int_equal(disposed, 0);
        if (owner_first) {
            vw_sasl_destroy(s);
            assert_int_equal(disposed, 0);
            sem_post(&let_go);
        } else {
            struct timespec moment = {.tv_nsec = 50000000};
            sem_post(&let_go);
            nanosleep(&moment, NULL); /* mostly it has ended then; either way is right */
            vw_sasl_destroy(s);
        }
        wait_for_gone();
        assert_int_equal(disposed, 1);
    }
}

static void memory_is_out(void **state)
{
    struct vw_sasl_options o = options();
    struct vw_sasl_data out;
    o.deadline_ms = now_ms() + 60000;
    struct vw_sasl *s = create(&o);
    vw_failalloc_set(1);
    int rc = vw_sasl_start(s, "GSSAPI", &out, NULL);
    vw_failalloc_clear();
    assert_int_equal(rc, VW_ENOMEM);
    assert_int_equal(fake.starts, 0);
    vw_sasl_destroy(s);
    vw_sasl_destroy(NULL);
    assert_int_equal(disposed, 1);
}

/* The thread that was left gives its memory back a moment after it has said so. */
static int settle(void **state)
{
    const struct timespec moment = {.tv_nsec = 10000000};
    for (int i = 0; i < 2000 && vw_failalloc_stats().live; i++)
        nanosleep(&moment, NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(questions_are_passed_on, reset),
        cmocka_unit_test_setup(the_shortest_name, reset),
        cmocka_unit_test_setup(answers_that_are_not_there, reset),
        cmocka_unit_test_setup(questions_without_end, reset),
        cmocka_unit_test_setup(only_kerberos_has_a_thread, reset),
        cmocka_unit_test_setup(a_late_call_is_left, reset),
        cmocka_unit_test_setup(memory_is_out, reset),
    };
    return cmocka_run_group_tests(tests, library_set_up, settle) + vw_test_leaked();
}
