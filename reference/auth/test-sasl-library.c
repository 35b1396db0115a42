// SPDX-License-Identifier: MIT
// What vw_sasl tells the SASL library, and what it makes of each of its results and strengths. A
// real library is in test-sasl.
#include "auth/testing/library.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the beginning ---- */

/* The library is started once in a process, so that this needs one of its own. */
static void a_library_that_does_not_start(void **state)
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct vw_sasl_options o = options();
        struct vw_error err = VW_ERROR_INIT;
        struct vw_sasl *s;
        fake.init = SASL_FAIL;
        int rc = vw_sasl_create(&o, &s, &err);
        bool good = rc == VW_ESYSTEM && !s &&
                    strcmp(err.text, "the SASL library does not start: it failed") == 0;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void what_a_channel_needs(void **state)
{
    static const struct {
        bool secure;
        unsigned strength;
        const char *told;
    } rows[] = {
        {false, 0, "56 to 4294967295, flags 17, buffer 65536;"},
        {false, 1, "external 1;56 to 4294967295, flags 17, buffer 65536;"},
        {false, 256, "external 256;56 to 4294967295, flags 17, buffer 65536;"},
        {true, 0, "0 to 0, flags 0, buffer 65536;"},
        {true, 1, "external 1;0 to 0, flags 0, buffer 65536;"},
        {true, 56, "external 56;0 to 0, flags 0, buffer 65536;"},
    };
    assert_int_equal(SASL_SEC_NOANONYMOUS | SASL_SEC_NOPLAINTEXT, 17);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_sasl_options o = options();
        reset(NULL);
        o.secure = rows[i].secure;
        o.strength = rows[i].strength;
        struct vw_sasl *s = create(&o);
        assert_string_equal(fake.told, rows[i].told);
        assert_string_equal(fake.host, "h");
        assert_int_equal(fake.flags, SASL_SUCCESS_DATA);
        assert_string_equal(vw_sasl_mechanism(s), "");
        assert_string_equal(vw_sasl_user(s), "");
        assert_int_equal(vw_sasl_layer_strength(s), 0);
        assert_false(vw_sasl_done(s));
        vw_sasl_destroy(s);
        assert_int_equal(disposed, 1);
    }
}

/* A callback without a function is a question that comes back by interaction. */
static void what_can_be_asked(void **state)
{
    static const unsigned long ids[] = {SASL_CB_LOG,      SASL_CB_AUTHNAME,   SASL_CB_PASS,
                                        SASL_CB_GETREALM, SASL_CB_ECHOPROMPT, SASL_CB_NOECHOPROMPT,
                                        SASL_CB_LIST_END};
    const struct vw_sasl_options o = options();
    vw_sasl_destroy(create(&o));
    for (size_t i = 0; i < COUNT(ids); i++) {
        assert_int_equal(fake.callbacks[i].id, ids[i]);
        assert_int_equal(fake.callbacks[i].proc != NULL, i == 0);
    }
}

static void connections_that_cannot_be_made(void **state)
{
    static const struct {
        int new, set, rc;
        const char *text;
        int disposed;
    } rows[] = {
        {SASL_NOMEM, SASL_OK, VW_ENOMEM, "out of memory", 0},
        {SASL_FAIL, SASL_OK, VW_ESYSTEM, "SASL: it failed", 0},
        {SASL_OK, SASL_NOMEM, VW_ENOMEM, "out of memory", 1},
        {SASL_OK, SASL_FAIL, VW_ESYSTEM, "SASL: it failed", 1},
    };
    for (unsigned strength = 0; strength <= 1; strength++)
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct vw_sasl_options o = options();
            struct vw_error err = VW_ERROR_INIT;
            struct vw_sasl *s = (struct vw_sasl *)(void *)&fake;
            reset(NULL);
            o.strength = strength;
            fake.new = rows[i].new;
            fake.set = rows[i].set;
            assert_int_equal(vw_sasl_create(&o, &s, &err), rows[i].rc);
            assert_null(s);
            assert_string_equal(err.text, rows[i].text);
            assert_int_equal(disposed, rows[i].disposed);
        }
}

/* ---- the choice ---- */

static void offers_are_whole_words(void **state)
{
    static const struct {
        const char *offered;
        bool found;
    } rows[] = {
        {"AB", true},      {"ab", true},      {"X,AB", true},  {"AB,X", true}, {"X AB Y", true},
        {"X\tAB\n", true}, {"ABAB,AB", true}, {"", false},     {"A", false},   {"ABC", false},
        {"XAB", false},    {"AB-C", false},   {"X-AB", false}, {"A,B", false}, {"A B", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_sasl_options o = options();
        struct vw_sasl_data out;
        struct vw_error err = VW_ERROR_INIT;
        char said[200];
        reset(NULL);
        o.mechanism = "AB";
        struct vw_sasl *s = create(&o);
        int rc = vw_sasl_start(s, rows[i].offered, &out, &err);
        if (rc != (rows[i].found ? 0 : VW_EUSAGE))
            fail_msg("\"%s\": %d", rows[i].offered, rc);
        snprintf(said, sizeof(said),
                 "the server does not offer the SASL mechanism AB; it offers %s",
                 rows[i].offered[0] ? rows[i].offered : "none");
        assert_string_equal(err.text, rows[i].found ? "" : said);
        assert_string_equal(fake.list, rows[i].found ? "AB" : "");
        assert_string_equal(vw_sasl_mechanism(s), rows[i].found ? "GS-MECH" : "");
        vw_sasl_destroy(s);
    }
}

#define NONE_WITHOUT_TLS                                                                           \
    "no SASL mechanism serves here: the server offers A B, and this side has none of them that "   \
    "is strong enough without TLS"

static void how_a_start_ends(void **state)
{
    static const struct {
        int start;
        bool secure;
        const char *mechanism, *offered, *detail;
        int rc;
        const char *clause, *text;
    } rows[] = {
        {SASL_OK, true, NULL, "A B", NULL, 0, "", ""},
        {SASL_CONTINUE, true, NULL, "A B", NULL, 0, "", ""},
        {SASL_NOMECH, false, NULL, "A B", NULL, VW_EUNREACHABLE, "A-9", NONE_WITHOUT_TLS},
        {SASL_TOOWEAK, false, NULL, "A B", NULL, VW_EUNREACHABLE, "A-9", NONE_WITHOUT_TLS},
        {SASL_NOMECH, true, NULL, "", NULL, VW_EUNREACHABLE, "",
         "no SASL mechanism serves here: the server offers none, and this side has none of them"},
        {SASL_NOMECH, true, "B", "A B", NULL, VW_EUNREACHABLE, "",
         "this side has no SASL mechanism B"},
        {SASL_NOMECH, false, "B", "A B", NULL, VW_EUNREACHABLE, "A-9",
         "this side has no SASL mechanism B that is strong enough without TLS"},
        {SASL_NOMEM, true, NULL, "A", NULL, VW_ENOMEM, "", "out of memory"},
        {SASL_FAIL, true, NULL, "A", NULL, VW_EUSAGE, "", "SASL GS-MECH cannot start: it failed"},
        {SASL_FAIL, true, NULL, "A", "", VW_EUSAGE, "", "SASL GS-MECH cannot start: it failed"},
        {SASL_FAIL, true, NULL, "A", "no ticket", VW_EUSAGE, "",
         "SASL GS-MECH cannot start: no ticket"},
        {SASL_FAIL, true, NULL, "A", "SASL(-1): generic failure: no ticket: no", VW_EUSAGE, "",
         "SASL GS-MECH cannot start: no ticket: no"},
        {SASL_FAIL, true, NULL, "A", "SASL(-1): : a reason", VW_EUSAGE, "",
         "SASL GS-MECH cannot start: a reason"},
        {SASL_FAIL, true, NULL, "A", "SASL(-1): no reason", VW_EUSAGE, "",
         "SASL GS-MECH cannot start: SASL(-1): no reason"},
        {SASL_FAIL, true, NULL, "A", "SASL-1: (-1): a: b", VW_EUSAGE, "",
         "SASL GS-MECH cannot start: SASL-1: (-1): a: b"},
        {SASL_FAIL, true, NULL, "A", "no SASL(-1): a: b", VW_EUSAGE, "",
         "SASL GS-MECH cannot start: no SASL(-1): a: b"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_sasl_options o = options();
        struct vw_sasl_data out;
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        o.secure = rows[i].secure;
        o.mechanism = rows[i].mechanism;
        fake.start = rows[i].start;
        fake.detail = rows[i].detail;
        struct vw_sasl *s = create(&o);
        int rc = vw_sasl_start(s, rows[i].offered, &out, &err);
        if (rc != rows[i].rc || strcmp(err.text, rows[i].text) != 0)
            fail_msg("row %zu: %d, \"%s\"", i, rc, err.text);
        assert_string_equal(err.clause, rows[i].clause);
        assert_int_equal(vw_sasl_done(s), rows[i].start == SASL_OK);
        assert_int_equal(fake.starts, 1);
        vw_sasl_destroy(s);
    }
}

static int no_thread; /* what making one gives, or 0 */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg)
{
    return no_thread ? no_thread : __real_pthread_create(thread, attr, run, arg);
}

/* Mechanisms that may wait for somebody else are called in a thread. */
static void a_start_without_a_thread(void **state)
{
    struct vw_sasl_options o = options();
    struct vw_sasl_data out;
    struct vw_error err = VW_ERROR_INIT;
    size_t live = vw_failalloc_stats().live;
    o.deadline_ms = 1;
    struct vw_sasl *s = create(&o);
    no_thread = EAGAIN;
    assert_int_equal(vw_sasl_start(s, "GS-MECH", &out, &err), VW_ESYSTEM);
    no_thread = 0;
    assert_string_equal(err.text, "pthread_create: Resource temporarily unavailable");
    assert_int_equal(fake.starts, 0);
    vw_sasl_destroy(s);
    assert_int_equal(vw_failalloc_stats().live, live);
}

/* data of no bytes are not none. */
static void data_and_no_data(void **state)
{
    static const struct {
        const char *data;
        unsigned len;
        bool none;
    } rows[] = {{"abc", 3, false}, {"", 0, false}, {NULL, 0, true}, {NULL, 5, true}};
    for (int i = 0; i < 16; i++) {
        const struct vw_sasl_options o = options();
        const struct vw_sasl_data in = {rows[i / 4].data, rows[i / 4].len, rows[i / 4].none};
        struct vw_sasl_data out;
        reset(NULL);
        fake.start = fake.step = SASL_CONTINUE;
        fake.data = rows[i % 4].data;
        fake.len = rows[i % 4].len;
        struct vw_sasl *s = create(&o);
        for (int step = 0; step <= 1; step++) {
            assert_int_equal(
                step ? vw_sasl_step(s, &in, &out, NULL) : vw_sasl_start(s, "A", &out, NULL), 0);
            assert_int_equal(out.none, rows[i % 4].none);
            assert_int_equal(out.len, rows[i % 4].none ? 0 : rows[i % 4].len);
            assert_non_null(out.data);
        }
        assert_ptr_equal(fake.in, in.none ? NULL : in.data);
        assert_int_equal(fake.in_len, in.none ? 0 : in.len);
        vw_sasl_destroy(s);
    }
}

/* ---- a step ---- */

static void how_a_step_ends(void **state)
{
    static const struct {
        int step;
        const char *detail;
        int rc;
        const char *clause, *text;
    } rows[] = {
        {SASL_OK, NULL, 0, "", ""},
        {SASL_CONTINUE, NULL, 0, "", ""},
        {SASL_TOOWEAK, NULL, VW_EUNREACHABLE, "A-9",
         "the server offers no layer of SASL GS-MECH that is strong enough without TLS"},
        {SASL_BADSERV, "unused", VW_EPROTOCOL, "A-8",
         "the server does not prove that it knows the password (SASL GS-MECH)"},
        {SASL_FAIL, NULL, VW_EPROTOCOL, "A-8", "SASL GS-MECH: it failed"},
        {SASL_BADPROT, "SASL(-5): bad protocol: a nonce", VW_EPROTOCOL, "A-8",
         "SASL GS-MECH: a nonce"},
        {SASL_NOMEM, NULL, VW_ENOMEM, "", "out of memory"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_sasl_options o = options();
        const struct vw_sasl_data in = {"x", 1, false};
        struct vw_sasl_data out;
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        fake.start = SASL_CONTINUE;
        fake.step = rows[i].step;
        fake.detail = rows[i].detail;
        struct vw_sasl *s = create(&o);
        assert_int_equal(vw_sasl_start(s, "A", &out, NULL), 0);
        int rc = vw_sasl_step(s, &in, &out, &err);
        if (rc != rows[i].rc || strcmp(err.text, rows[i].text) != 0)
            fail_msg("row %zu: %d, \"%s\"", i, rc, err.text);
        assert_string_equal(err.clause, rows[i].clause);
        assert_int_equal(vw_sasl_done(s), rows[i].step == SASL_OK);
        vw_sasl_destroy(s);
    }
}

/* once this side has nothing left to check, the server has nothing left to say. */
static void behind_the_end(void **state)
{
    static const struct {
        struct vw_sasl_data in;
        int rc;
    } rows[] = {
        {{"x", 1, false}, VW_EPROTOCOL},
        {{"", 0, false}, 0},
        {{"x", 1, true}, 0},
        {{NULL, 0, true}, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_sasl_options o = options();
        struct vw_sasl_data out;
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        struct vw_sasl *s = create(&o);
        assert_int_equal(vw_sasl_start(s, "A", &out, NULL), 0);
        out = (struct vw_sasl_data){"old", 3, false};
        assert_int_equal(vw_sasl_step(s, &rows[i].in, &out, &err), rows[i].rc);
        assert_int_equal(fake.steps, 0);
        assert_string_equal(err.clause, rows[i].rc ? "A-8" : "");
        assert_true(out.none);
        assert_int_equal(out.len, 0);
        assert_true(vw_sasl_done(s));
        vw_sasl_destroy(s);
    }
}

/* ---- the end ---- */

/* below TLS or a unix socket anything will do, elsewhere 56 bits. */
static void the_layer_is_strong_enough(void **state)
{
    static const unsigned strengths[] = {0, 1, 55, 56, 256};
    for (size_t i = 0; i < 2 * COUNT(strengths); i++) {
        unsigned strength = strengths[i / 2];
        struct vw_sasl_options o = options();
        struct vw_error err = VW_ERROR_INIT;
        struct vw_sasl_data out;
        char said[120];
        reset(NULL);
        o.secure = i % 2 != 0;
        fake.ssf = strength;
        bool good = o.secure || strength >= 56;
        struct vw_sasl *s = create(&o);
        assert_int_equal(vw_sasl_start(s, "A", &out, NULL), 0);
        assert_int_equal(vw_sasl_finish(s, &err), good ? 0 : VW_EUNREACHABLE);
        snprintf(said, sizeof(said),
                 "SASL GS-MECH gave a layer of %u bits, and without TLS 56 are needed", strength);
        assert_string_equal(err.text, good ? "" : said);
        assert_string_equal(err.clause, good ? "" : "A-9");
        assert_int_equal(vw_sasl_layer_strength(s), strength);
        vw_sasl_destroy(s);
    }
}

static void how_much_goes_into_a_packet(void **state)
{
    static const struct {
        int get;
        bool no_ssf, no_max_out;
        unsigned max_out;
        unsigned strength, max_plain;
    } rows[] = {
        {SASL_OK, false, false, 1, 99, 1},         {SASL_OK, false, false, 65536, 99, 65536},
        {SASL_OK, false, false, 65537, 99, 65536}, {SASL_OK, false, false, 0, 99, 65536},
        {SASL_OK, true, false, 7, 0, 7},           {SASL_OK, false, true, 7, 99, 65536},
        {SASL_NOTDONE, false, false, 7, 0, 65536},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_sasl_options o = options();
        reset(NULL);
        o.secure = true;
        fake.ssf = 99;
        fake.get = rows[i].get;
        fake.no_ssf = rows[i].no_ssf;
        fake.no_max_out = rows[i].no_max_out;
        fake.max_out = rows[i].max_out;
        struct vw_sasl *s = create(&o);
        assert_int_equal(vw_sasl_finish(s, NULL), 0);
        assert_int_equal(vw_sasl_layer_strength(s), rows[i].strength);
        assert_int_equal(vw_sasl_max_plain(s), rows[i].max_plain);
        vw_sasl_layer_destroy(s);
        assert_int_equal(disposed, 1);
    }
}

static void packets_both_ways(void **state)
{
    static const struct {
        int code, rc;
    } rows[] = {{SASL_OK, 0}, {SASL_NOMEM, -ENOMEM}, {SASL_FAIL, -EPROTO}};
    const struct vw_sasl_options o = options();
    struct vw_sasl *s = create(&o);
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        const uint8_t *out = NULL;
        size_t len = 99;
        int (*code)(void *, const void *, size_t, const uint8_t **, size_t *) =
            i % 2 ? vw_sasl_encode : vw_sasl_decode;
        fake.code = rows[i / 2].code;
        fake.data = "packet";
        fake.len = 6;
        assert_int_equal(code(s, "abc", 3, &out, &len), rows[i / 2].rc);
        assert_ptr_equal(out, fake.data);
        assert_int_equal(len, 6);
        assert_memory_equal(fake.in, "abc", 3);
        assert_int_equal(fake.in_len, 3);
    }
    const uint8_t *out;
    size_t len = 99;
    fake.data = NULL;
    fake.code = SASL_OK;
    assert_int_equal(vw_sasl_decode(s, "abc", 3, &out, &len), 0);
    assert_null(out);
    assert_int_equal(len, 0);
    vw_sasl_destroy(s);
}

/* Whoever reported first keeps the word, and whoever wants no report gets none. */
static void the_first_error_stays(void **state)
{
    static const struct {
        int start, step, rc;
    } rows[] = {
        {SASL_NOMECH, 0, VW_EUNREACHABLE},
        {SASL_CONTINUE, SASL_TOOWEAK, VW_EUNREACHABLE},
        {SASL_CONTINUE, SASL_FAIL, VW_EPROTOCOL},
        {SASL_OK, SASL_OK, VW_EUNREACHABLE}, /* at the end: no bits */
    };
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        const struct vw_sasl_options o = options();
        const struct vw_sasl_data in = {NULL, 0, true};
        struct vw_sasl_data out;
        struct vw_error before = VW_ERROR_INIT;
        struct vw_error *err = i % 2 ? &before : NULL;
        reset(NULL);
        vw_error_set(&before, VW_ENAME, "before");
        fake.start = rows[i / 2].start;
        fake.step = rows[i / 2].step;
        struct vw_sasl *s = create(&o);
        int rc = vw_sasl_start(s, "A", &out, err);
        if (rc == 0)
            rc = vw_sasl_step(s, &in, &out, err);
        if (rc == 0)
            rc = vw_sasl_finish(s, err);
        assert_int_equal(rc, rows[i / 2].rc);
        assert_int_equal(before.code, VW_ENAME);
        assert_string_equal(before.clause, "");
        vw_sasl_destroy(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_library_that_does_not_start, reset),
        cmocka_unit_test_setup(what_a_channel_needs, reset),
        cmocka_unit_test_setup(what_can_be_asked, reset),
        cmocka_unit_test_setup(connections_that_cannot_be_made, reset),
        cmocka_unit_test_setup(offers_are_whole_words, reset),
        cmocka_unit_test_setup(how_a_start_ends, reset),
        cmocka_unit_test_setup(a_start_without_a_thread, reset),
        cmocka_unit_test_setup(data_and_no_data, reset),
        cmocka_unit_test_setup(how_a_step_ends, reset),
        cmocka_unit_test_setup(behind_the_end, reset),
        cmocka_unit_test_setup(the_layer_is_strong_enough, reset),
        cmocka_unit_test_setup(how_much_goes_into_a_packet, reset),
        cmocka_unit_test_setup(packets_both_ways, reset),
        cmocka_unit_test_setup(the_first_error_stays, reset),
    };
    return cmocka_run_group_tests(tests, library_set_up, NULL) + vw_test_leaked();
}
