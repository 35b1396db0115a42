// SPDX-License-Identifier: MIT
// The exchange and the layer against the server side of the same library in memory. Its users are
// in a file of the library's own kind, made for each run.
#include "base/testing/test.h"

#include <errno.h>
#include <sasl/sasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/sasl.h"

#define PASSWORD "secret word"

static char dir[VW_TEST_FOLDER];
static char users[sizeof(dir) + 8];

/* ---- the server ---- */

static int get_option(void *context, const char *plugin, const char *option, const char **result,
                      unsigned *len)
{
    *result = NULL;
    if (strcmp(option, "sasldb_path") == 0)
        *result = users;
    else if (strcmp(option, "auxprop_plugin") == 0)
        *result = "sasldb";
    else if (strcmp(option, "mech_list") == 0)
        *result = "scram-sha-256 digest-md5 plain anonymous";
    if (*result && len)
        *len = (unsigned)strlen(*result);
    return *result ? SASL_OK : SASL_FAIL;
}

static int log_nothing(void *context, int level, const char *message)
{
    return SASL_OK;
}

typedef int (*proc)(void);

static const sasl_callback_t server_callbacks[] = {
    {SASL_CB_GETOPT, (proc)(void (*)(void))get_option, NULL},
    {SASL_CB_LOG, (proc)(void (*)(void))log_nothing, NULL},
    {SASL_CB_LIST_END, NULL, NULL},
};

static sasl_conn_t *new_server(bool secure)
{
    sasl_security_properties_t props = {.maxbufsize = 65536};
    sasl_conn_t *conn = NULL;
    if (!secure) {
        props.min_ssf = 56;
        props.max_ssf = 100000;
        props.security_flags = SASL_SEC_NOANONYMOUS | SASL_SEC_NOPLAINTEXT;
    }
    assert_int_equal(
        sasl_server_new("libvirt", "localhost", NULL, NULL, NULL, NULL, SASL_SUCCESS_DATA, &conn),
        SASL_OK);
    assert_int_equal(sasl_setprop(conn, SASL_SEC_PROPS, &props), SASL_OK);
    return conn;
}

static int group_setup(void **state)
{
    sasl_conn_t *conn;
    if (vw_test_folder(dir))
        return -1;
    snprintf(users, sizeof(users), "%s/users", dir);
    if (sasl_server_init(server_callbacks, "virwire-test") != SASL_OK)
        return -1;
    conn = new_server(true);
    int rc = sasl_setpass(conn, "fred", PASSWORD, sizeof(PASSWORD) - 1, NULL, 0, SASL_SET_CREATE);
    sasl_dispose(&conn);
    if (rc != SASL_OK)
        users[0] = '\0';
    return 0;
}

static int group_teardown(void **state)
{
    sasl_server_done();
    if (users[0])
        unlink(users);
    rmdir(dir);
    return 0;
}

/* ---- the client ---- */

struct person {
    const char *name, *password;
    int rc; /* what ask returns instead of an answer */
    unsigned asked;
    bool saw_user; /* the name was known when the password was asked for */
};

static int ask(void *user, const struct vw_credential_request *r, char *buf, size_t size,
               struct vw_error *err)
{
    struct person *p = user;
    const char *answer = NULL;
    p->asked++;
    assert_string_equal(r->host, "localhost");
    if (p->rc)
        return vw_error_set(err, p->rc, "nobody is here");
    if (r->kind == VW_CREDENTIAL_USER)
        answer = p->name;
    if (r->kind == VW_CREDENTIAL_PASSWORD) {
        answer = p->password;
        p->saw_user = r->user && strcmp(r->user, p->name) == 0;
    }
    if (!answer)
        return VW_ENAME;
    snprintf(buf, size, "%s", answer);
    return 0;
}

static struct vw_sasl *new_client(const char *mechanism, bool secure, struct person *p)
{
    const struct vw_sasl_options o = {.host = "localhost",
                                      .mechanism = mechanism,
                                      .secure = secure,
                                      .ask = p ? ask : NULL,
                                      .user = p,
                                      .deadline_ms = INT64_MAX};
    struct vw_sasl *s;
    assert_int_equal(vw_sasl_create(&o, &s, NULL), 0);
    return s;
}

static const char *offered(sasl_conn_t *server)
{
    const char *list = "";
    sasl_listmech(server, NULL, NULL, ",", NULL, &list, NULL, NULL);
    return list;
}

static void need(sasl_conn_t *server, const char *mechanism)
{
    if (users[0] && strstr(offered(server), mechanism))
        return;
    print_message("no %s here\n", mechanism);
    skip();
}

/* What happens to the server's last answer on its way. */
enum damage { NO_DAMAGE, DROP_LAST, CHANGE_LAST };

/* Runs the exchange to its end. 0, the client's VW_E*, or VW_EREMOTE when the server refuses. */
static int converse(struct vw_sasl *s, sasl_conn_t *server, enum damage damage,
                    struct vw_error *err)
{
    struct vw_sasl_data out, in = {0};
    const char *data = NULL;
    unsigned len = 0;
    char copy[8192];
    int rc = vw_sasl_start(s, offered(server), &out, err);
    for (int i = 0; rc == 0 && i < 10; i++) {
        const char *given = out.none ? NULL : out.data;
        int status = i == 0 ? sasl_server_start(server, vw_sasl_mechanism(s), given,
                                                (unsigned)out.len, &data, &len)
                            : sasl_server_step(server, given, (unsigned)out.len, &data, &len);
        if (status != SASL_OK && status != SASL_CONTINUE)
            return VW_EREMOTE;
        assert_true(len <= sizeof(copy));
        if (data)
            memcpy(copy, data, len);
        in = (struct vw_sasl_data){.data = copy, .len = data ? len : 0, .none = !data};
        if (status == SASL_OK && damage == DROP_LAST)
            in = (struct vw_sasl_data){.data = "", .none = true};
        if (status == SASL_OK && damage == CHANGE_LAST)
            copy[len / 2] ^= 1;
        rc = vw_sasl_step(s, &in, &out, err);
        if (rc == 0 && status == SASL_OK && vw_sasl_done(s))
            return vw_sasl_finish(s, err);
    }
    return rc;
}

/* ---- tests ---- */

static void every_mechanism_succeeds(void **state)
{
    static const struct {
        const char *mechanism;
        bool secure;
    } rows[] = {
        {"SCRAM-SHA-256", true}, {"DIGEST-MD5", true}, {"DIGEST-MD5", false}, {"PLAIN", true},
        {"ANONYMOUS", true},     {NULL, true},         {NULL, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct person p = {.name = "fred", .password = PASSWORD};
        struct vw_error err = VW_ERROR_INIT;
        sasl_conn_t *server = new_server(rows[i].secure);
        need(server, rows[i].mechanism ? rows[i].mechanism : "DIGEST-MD5");
        struct vw_sasl *s = new_client(rows[i].mechanism, rows[i].secure, &p);
        if (converse(s, server, NO_DAMAGE, &err))
            fail_msg("%zu: %s", i, err.text);
        if (rows[i].mechanism)
            assert_string_equal(vw_sasl_mechanism(s), rows[i].mechanism);
        assert_int_equal(vw_sasl_layer_strength(s) > 0, !rows[i].secure);
        if (p.asked) {
            assert_true(p.saw_user);
            assert_string_equal(vw_sasl_user(s), "fred");
        }
        vw_sasl_destroy(s);
        sasl_dispose(&server);
    }
}

/* a server that cannot show that it knows the password is not believed. */
static void the_servers_proof_is_needed(void **state)
{
    static const char *const mechanisms[] = {"SCRAM-SHA-256", "DIGEST-MD5"};
    for (size_t i = 0; i < 2; i++)
        for (enum damage d = DROP_LAST; d <= CHANGE_LAST; d++) {
            struct person p = {.name = "fred", .password = PASSWORD};
            struct vw_error err = VW_ERROR_INIT;
            sasl_conn_t *server = new_server(true);
            need(server, mechanisms[i]);
            struct vw_sasl *s = new_client(mechanisms[i], true, &p);
            assert_int_equal(converse(s, server, d, &err), VW_EPROTOCOL);
            assert_string_equal(err.clause, "A-8");
            vw_sasl_destroy(s);
            sasl_dispose(&server);
        }
}

static void wrong_passwords_are_refused_by_the_server(void **state)
{
    struct person p = {.name = "fred", .password = "guess"};
    sasl_conn_t *server = new_server(true);
    need(server, "SCRAM-SHA-256");
    struct vw_sasl *s = new_client(NULL, true, &p);
    assert_int_equal(converse(s, server, NO_DAMAGE, NULL), VW_EREMOTE);
    vw_sasl_destroy(s);
    sasl_dispose(&server);
}

static void mechanisms_are_chosen_with_care(void **state)
{
    struct person p = {.name = "fred", .password = PASSWORD};
    struct vw_sasl_data out;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_sasl *s = new_client(NULL, false, &p);
    /* */
    assert_int_equal(vw_sasl_start(s, "PLAIN,ANONYMOUS", &out, &err), VW_EUNREACHABLE);
    assert_string_equal(err.clause, "A-9");
    vw_sasl_destroy(s);

    vw_error_clear(&err);
    s = new_client("PLAIN", true, &p);
    assert_int_equal(vw_sasl_start(s, "XPLAIN,PLAINX DIGEST-MD5", &out, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "does not offer"));
    vw_sasl_destroy(s);

    vw_error_clear(&err);
    s = new_client(NULL, true, &p);
    assert_int_equal(vw_sasl_start(s, "", &out, &err), VW_EUNREACHABLE);
    vw_error_clear(&err);
    assert_int_equal(vw_sasl_start(s, "NO-SUCH-MECHANISM", &out, &err), VW_EUNREACHABLE);
    assert_int_equal(p.asked, 0);
    vw_sasl_destroy(s);
}

static void missing_answers_end_the_attempt(void **state)
{
    struct person late = {.rc = VW_ETIMEOUT};
    struct vw_sasl_data out;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_sasl *s = new_client("PLAIN", true, NULL);
    assert_int_equal(vw_sasl_start(s, "PLAIN", &out, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "a user name"));
    vw_sasl_destroy(s);

    vw_error_clear(&err);
    s = new_client("PLAIN", true, &late);
    assert_int_equal(vw_sasl_start(s, "PLAIN", &out, &err), VW_ETIMEOUT);
    assert_string_equal(err.text, "nobody is here");
    vw_sasl_destroy(s);
}

/* packets come in any pieces, and several at once. */
static void the_layer_carries_bytes_both_ways(void **state)
{
    struct person p = {.name = "fred", .password = PASSWORD};
    sasl_conn_t *server = new_server(false);
    static uint8_t plain[100000], got[100000];
    const char *packet;
    unsigned len;
    need(server, "DIGEST-MD5");
    struct vw_sasl *s = new_client(NULL, false, &p);
    assert_int_equal(converse(s, server, NO_DAMAGE, NULL), 0);
    for (size_t i = 0; i < sizeof(plain); i++)
        plain[i] = (uint8_t)(i * 7 + i / 251);

    size_t most = vw_sasl_max_plain(s);
    assert_in_range(most, 1000, 65536);
    for (size_t at = 0, n; at < sizeof(plain); at += n) {
        const uint8_t *out;
        size_t out_len;
        n = sizeof(plain) - at < most ? sizeof(plain) - at : most;
        assert_int_equal(vw_sasl_encode(s, plain + at, n, &out, &out_len), 0);
        assert_true(out_len <= 65536 + 4);
        assert_int_equal(sasl_decode(server, (const char *)out, (unsigned)out_len, &packet, &len),
                         SASL_OK);
        assert_int_equal(len, n);
        assert_memory_equal(packet, plain + at, n);
    }

    size_t have = 0;
    for (size_t at = 0, n = 1; at < 3000; at += n, n = n * 3 % 701 + 1) {
        assert_int_equal(sasl_encode(server, (const char *)plain + at, (unsigned)n, &packet, &len),
                         SASL_OK);
        for (unsigned i = 0, step = 1; i < len; i += step, step = step % 5 + 1) {
            const uint8_t *out;
            size_t out_len;
            unsigned take = len - i < step ? len - i : step;
            assert_int_equal(vw_sasl_decode(s, packet + i, take, &out, &out_len), 0);
            if (out_len)
                memcpy(got + have, out, out_len);
            have += out_len;
        }
        assert_int_equal(have, at + n);
    }
    assert_memory_equal(got, plain, have);

    vw_sasl_destroy(s);
    sasl_dispose(&server);
}

static void bad_packets_end_the_layer(void **state)
{
    for (int too_long = 0; too_long <= 1; too_long++) {
        struct person p = {.name = "fred", .password = PASSWORD};
        sasl_conn_t *server = new_server(false);
        char bad[200] = "\x7f\xff\xff\xff";
        const char *packet;
        const uint8_t *out;
        size_t out_len;
        unsigned len = 4;
        need(server, "DIGEST-MD5");
        struct vw_sasl *s = new_client(NULL, false, &p);
        assert_int_equal(converse(s, server, NO_DAMAGE, NULL), 0);
        if (!too_long) {
            assert_int_equal(sasl_encode(server, "hello", 5, &packet, &len), SASL_OK);
            memcpy(bad, packet, len);
            bad[8] ^= 1;
        }
        assert_int_equal(vw_sasl_decode(s, bad, len, &out, &out_len), -EPROTO);
        vw_sasl_destroy(s);
        sasl_dispose(&server);
    }
}

static void memory_may_run_out(void **state)
{
    const struct vw_sasl_options o = {.host = "localhost", .secure = true};
    struct vw_sasl *s;
    for (size_t n = 1;; n++) {
        vw_failalloc_set(n);
        int rc = vw_sasl_create(&o, &s, NULL);
        bool failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        vw_sasl_destroy(s);
        if (!failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mechanism_succeeds),
        cmocka_unit_test(the_servers_proof_is_needed),
        cmocka_unit_test(wrong_passwords_are_refused_by_the_server),
        cmocka_unit_test(mechanisms_are_chosen_with_care),
        cmocka_unit_test(missing_answers_end_the_attempt),
        cmocka_unit_test(the_layer_carries_bytes_both_ways),
        cmocka_unit_test(bad_packets_end_the_layer),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown) + vw_test_leaked();
}
