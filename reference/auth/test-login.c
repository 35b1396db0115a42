// SPDX-License-Identifier: MIT
// The log-in step by step without a connection: what is asked, with which arguments, and what each
// step makes of each answer. SASL is in test-login-sasl.c.
#include "auth/testing/drive.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define LIST    "auth_list"
#define POLKIT  "auth_polkit"
#define FEATURE "connect_supports_feature"
#define OPEN    "connect_open"

#define KEEPALIVE (1u << VW_FEATURE_KEEPALIVE)
#define FDS       (1u << VW_FEATURE_FDS)

/* ---- what is asked ---- */

static void the_calls(void **state)
{
    static const struct {
        struct vw_login_settings s;
        const char *calls;
        unsigned open; /* its place among them */
        const char *body;
        size_t len;
    } rows[] = {
        {{.name = "test:///default"},
         LIST " " OPEN,
         1,
         "\0\0\0\1\0\0\0\17test:///default\0\0\0\0\0",
         28},
        {{.name = "a", .flags = 6}, LIST " " OPEN, 1, "\0\0\0\1\0\0\0\1a\0\0\0\0\0\0\6", 16},
        {{.name = NULL}, LIST " " OPEN, 1, "\0\0\0\1\0\0\0\0\0\0\0\0", 12},
        {{.no_auth = true}, OPEN, 0, "\0\0\0\1\0\0\0\0\0\0\0\0", 12},
        {{.no_open = true}, LIST, 0, NULL, 0},
        {{.no_open = true, .no_auth = true}, "", 0, NULL, 0},
        {{.features = KEEPALIVE}, LIST " " FEATURE " " OPEN, 1, "\0\0\0\12", 4},
        {{.features = FDS}, LIST " " OPEN " " FEATURE, 2, "\0\0\0\10", 4},
        {{.features = FDS | KEEPALIVE | 1u << 31},
         LIST " " FEATURE " " OPEN " " FEATURE " " FEATURE,
         4,
         "\0\0\0\37",
         4},
        /* Before the open nothing else can be asked. */
        {{.features = FDS | KEEPALIVE, .no_open = true}, LIST " " FEATURE, 1, "\0\0\0\12", 4},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct driven d;
        drive(&rows[i].s, NULL, 0, &d);
        if (d.rc || strcmp(d.calls, rows[i].calls) != 0)
            fail_msg("row %zu: %d, %s after %s", i, d.rc, d.err.text, d.calls);
        assert_int_equal(d.args_len[rows[i].open], rows[i].len);
        assert_memory_equal(d.args[rows[i].open], rows[i].body ? rows[i].body : "", rows[i].len);
        uint32_t asked = rows[i].s.features & (rows[i].s.no_open ? KEEPALIVE : UINT32_MAX);
        assert_int_equal(d.asked, asked);
        assert_int_equal(d.features, asked);
        assert_int_equal(d.method, VW_AUTH_NONE);
    }
}

/* ---- what is answered ---- */

#define DEMAND(what, wanted) "the server demands " what " authentication, and auth wants " wanted
#define TO_FEATURE           LIST " " FEATURE
#define ALL                  TO_FEATURE " " OPEN

static const struct {
    struct says says;
    const char *auth;
    int rc;
    const char *text, *clause, *calls;
    int32_t method;
} answers[] = {
    {{LIST, "\0\0\0\0", 4, 0}, NULL, 0, "", "", ALL, 0},
    {{LIST, "\0\0\0\2\0\0\0\0\0\0\0\1", 12, 0}, NULL, 0, "", "", ALL, 0},
    {{LIST, NULL, 0, 3}, NULL, 0, "", "", ALL, 0}, /* older than authentication */
    {{LIST, NULL, 0, 1}, NULL, VW_EREMOTE, "no", "", LIST, 0},
    {{LIST, "\0\0\0\1\0\0\0\3", 8, 0},
     NULL,
     VW_EUNREACHABLE,
     "the server demands a kind of authentication that is not known: 3",
     "",
     LIST,
     3},
    {{LIST, "\0\0\0\1\377\377\377\377", 8, 0},
     NULL,
     VW_EUNREACHABLE,
     "the server demands a kind of authentication that is not known: -1",
     "",
     LIST,
     -1},
    {{LIST, "\0\0\0\1\0\0\0\3", 8, 0},
     "sasl",
     VW_EUNREACHABLE,
     DEMAND("an unknown kind of", "SASL"),
     "",
     LIST,
     3},
    /* A server that drops what was wanted is not taken. */
    {{LIST, "\0\0\0\1\0\0\0\0", 8, 0}, "sasl", VW_EUNREACHABLE, DEMAND("no", "SASL"), "", LIST, 0},
    {{LIST, "\0\0\0\0", 4, 0}, "SASL.X", VW_EUNREACHABLE, DEMAND("no", "SASL"), "", LIST, 0},
    {{LIST, NULL, 0, 3}, "PolKit", VW_EUNREACHABLE, DEMAND("no", "polkit"), "", LIST, 0},
    {{LIST, "\0\0\0\1\0\0\0\2", 8, 0},
     "sasl",
     VW_EUNREACHABLE,
     DEMAND("polkit", "SASL"),
     "",
     LIST,
     2},
    {{LIST, "\0\0\0\1\0\0\0\1", 8, 0},
     "polkit",
     VW_EUNREACHABLE,
     DEMAND("SASL", "polkit"),
     "",
     LIST,
     1},
    /* A feature is there when the server says 1. */
    {{FEATURE, NULL, 0, 1}, NULL, 0, "", "", ALL, 0},
    {{FEATURE, "\0\0\0\0", 4, 0}, NULL, 0, "", "", ALL, 0},
    {{FEATURE, "\0\0\0\2", 4, 0}, NULL, 0, "", "", ALL, 0},
    {{OPEN, NULL, 0, 1}, NULL, VW_EREMOTE, "no", "", ALL, 0},
};

static void each_answer(void **state)
{
    for (size_t i = 0; i < COUNT(answers); i++) {
        const struct vw_login_settings s = {.auth = answers[i].auth, .features = KEEPALIVE};
        struct driven d;
        drive(&s, &answers[i].says, 1, &d);
        if (d.rc != answers[i].rc || strcmp(d.err.text, answers[i].text) != 0 ||
            strcmp(d.err.clause, answers[i].clause) != 0 ||
            strcmp(d.calls, answers[i].calls) != 0 || d.method != answers[i].method)
            fail_msg("row %zu: %d, %s (%s), method %d after %s", i, d.rc, d.err.text, d.err.clause,
                     d.method, d.calls);
        bool asked = strstr(d.calls, FEATURE) != NULL;
        assert_int_equal(d.asked, asked ? KEEPALIVE : 0);
        assert_int_equal(d.features,
                         asked && strcmp(answers[i].says.name, FEATURE) != 0 ? KEEPALIVE : 0);
    }
}

static void polkit(void **state)
{
    static const struct {
        struct says says;
        const char *auth;
        int rc;
        const char *text, *clause;
    } rows[] = {
        {{POLKIT, "\0\0\0\1", 4, 0}, NULL, 0, "", ""},
        {{POLKIT, "\0\0\0\1", 4, 0}, "polkit", 0, "", ""},
        {{POLKIT, "\0\0\0\0", 4, 0},
         NULL,
         VW_EPROTOCOL,
         "the server says that polkit is not complete",
         "A-12"},
        {{POLKIT, "\0\0\0\2", 4, 0},
         NULL,
         VW_EPROTOCOL,
         "the server says that polkit is not complete",
         "A-12"},
        {{POLKIT, NULL, 0, 45}, NULL, VW_EREMOTE, "polkit does not let us in: no", ""},
        {{POLKIT, NULL, 0, 3}, NULL, VW_EREMOTE, "polkit does not let us in: no", ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct says says[] = {{LIST, "\0\0\0\1\0\0\0\2", 8, 0}, rows[i].says};
        const struct vw_login_settings s = {.auth = rows[i].auth};
        struct driven d;
        drive(&s, says, COUNT(says), &d);
        if (d.rc != rows[i].rc || strcmp(d.err.text, rows[i].text) != 0 ||
            strcmp(d.err.clause, rows[i].clause) != 0)
            fail_msg("row %zu: %d, %s (%s)", i, d.rc, d.err.text, d.err.clause);
        assert_string_equal(d.calls, rows[i].rc ? LIST " " POLKIT : LIST " " POLKIT " " OPEN);
        assert_int_equal(d.method, VW_AUTH_POLKIT);
    }
}

/* ---- what may be asked for ---- */

static void texts_of_auth(void **state)
{
    static const struct {
        const char *auth;
        bool good;
    } texts[] = {
        {NULL, true},     {"sasl", true},      {"SASL", true},   {"sasl.X", true},
        {"polkit", true}, {"sasl.", false},    {"saslX", false}, {"sas", false},
        {"", false},      {"polkit.x", false}, {"none", false},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct vw_login_settings s = {.auth = texts[i].auth, .no_auth = true};
        char text[100] = "";
        struct driven d;
        struct vw_error err = VW_ERROR_INIT;
        if (!texts[i].good)
            snprintf(text, sizeof(text), "auth is sasl, sasl.MECHANISM or polkit, and not \"%s\"",
                     texts[i].auth);
        drive(&s, NULL, 0, &d);
        assert_int_equal(d.rc, texts[i].good ? 0 : VW_EUSAGE);
        assert_string_equal(d.err.text, text);
        assert_int_equal(vw_login_check_auth(texts[i].auth, &err), d.rc);
        assert_string_equal(err.text, text);
    }
}

/* ---- releases and programs that lack something ---- */

static void without_an_open(void **state)
{
    const struct vw_login_settings s = {.program = "qemu", .features = KEEPALIVE | FDS};
    struct driven d;
    drive(&s, NULL, 0, &d);
    assert_int_equal(d.rc, VW_EUSAGE);
    assert_string_equal(d.err.text, "program qemu of profile 9.0.0 has no call to open");
    assert_string_equal(d.calls, "");
}

/* A release of 2007 has no AUTH_LIST to ask, and nothing to ask for features. */
static void a_release_without_questions(void **state)
{
    struct vw_profile *newer = drive_profile;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_profile_load("0.3.0", NULL, &drive_profile, &err), 0);
    const struct vw_login_settings s = {.name = "a", .features = KEEPALIVE | FDS};
    const struct vw_login_settings wants = {.auth = "sasl"};
    struct driven d;
    drive(&s, NULL, 0, &d);
    assert_int_equal(d.rc, 0);
    assert_string_equal(d.calls, "open");
    assert_int_equal(d.asked, 0);
    drive(&wants, NULL, 0, &d);
    assert_int_equal(d.rc, VW_EUNREACHABLE);
    assert_string_equal(d.calls, "");
    assert_string_equal(d.err.text, DEMAND("no", "SASL"));
    vw_profile_destroy(drive_profile);
    drive_profile = newer;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_calls),       cmocka_unit_test(each_answer),
        cmocka_unit_test(polkit),          cmocka_unit_test(texts_of_auth),
        cmocka_unit_test(without_an_open), cmocka_unit_test(a_release_without_questions),
    };
    return cmocka_run_group_tests(tests, drive_load, drive_unload) + vw_test_leaked();
}
