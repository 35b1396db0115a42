// SPDX-License-Identifier: MIT
// The exchange as a server, with our own client at the other end; test-sasl-real and test-virsh
// have others.
#include "base/testing/test.h"

#include <string.h>

#include "auth/sasl-server.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const struct vw_sasl_account accounts[] = {
    {"fred", "secret word"}, {"mary", "other word"}, {"a@b", "third word"}};

static struct vw_sasl_server *new_server(const char *mechanisms, bool secure)
{
    const struct vw_sasl_server_options o = {.host = "localhost",
                                             .mechanisms = mechanisms,
                                             .accounts = accounts,
                                             .n_accounts = 3,
                                             .secure = secure};
    struct vw_sasl_server *s;
    assert_int_equal(vw_sasl_server_create(&o, &s, NULL), 0);
    return s;
}

static int ask(void *user, const struct vw_credential_request *r, char *buf, size_t size,
               struct vw_error *err)
{
    const struct vw_sasl_account *who = user;
    if (r->kind != VW_CREDENTIAL_USER && r->kind != VW_CREDENTIAL_PASSWORD)
        return VW_ENAME;
    snprintf(buf, size, "%s", r->kind == VW_CREDENTIAL_USER ? who->name : who->password);
    return 0;
}

static struct vw_sasl *new_client(const char *mechanism, bool secure, const void *who)
{
    const struct vw_sasl_options o = {.host = "localhost",
                                      .mechanism = mechanism,
                                      .secure = secure,
                                      .ask = ask,
                                      .user = (void *)(uintptr_t)who,
                                      .deadline_ms = INT64_MAX};
    struct vw_sasl *s;
    assert_int_equal(vw_sasl_create(&o, &s, NULL), 0);
    return s;
}

/* What the server ends with: 1 or VW_E*. */
static int talk(struct vw_sasl_server *s, struct vw_sasl *c)
{
    struct vw_sasl_data there, back;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_sasl_start(c, vw_sasl_server_offer(s), &there, &err), 0);
    int rc = vw_sasl_server_start(s, vw_sasl_mechanism(c), &there, &back, &err);
    while (rc == 0) {
        assert_int_equal(vw_sasl_step(c, &back, &there, &err), 0);
        rc = vw_sasl_server_step(s, &there, &back, &err);
    }
    if (rc == 1)
        assert_int_equal(vw_sasl_step(c, &back, &there, &err), 0);
    return rc;
}

/* One message each way. */
static void use_layer(struct vw_sasl_server *s, struct vw_sasl *c)
{
    const uint8_t *packet, *plain;
    size_t n;
    assert_true(vw_sasl_server_max_plain(s) > 0);
    assert_int_equal(vw_sasl_encode(c, "there", 5, &packet, &n), 0);
    assert_int_equal(vw_sasl_decode(s, packet, n, &plain, &n), 0);
    assert_int_equal(n, 5);
    assert_memory_equal(plain, "there", 5);
    assert_int_equal(vw_sasl_encode(s, "back", 4, &packet, &n), 0);
    assert_int_equal(vw_sasl_decode(c, packet, n, &plain, &n), 0);
    assert_int_equal(n, 4);
    assert_memory_equal(plain, "back", 4);
}

static void lets_in_who_knows_the_password(void **state)
{
    static const struct {
        const char *mechanism;
        bool secure;
    } ways[] = {
        {"SCRAM-SHA-256", true}, {"DIGEST-MD5", true}, {"PLAIN", true}, {"DIGEST-MD5", false}};
    for (size_t i = 0; i < COUNT(ways); i++) {
        for (size_t k = 0; k < COUNT(accounts); k++) {
            struct vw_sasl_server *s = new_server("SCRAM-SHA-256 DIGEST-MD5 PLAIN", ways[i].secure);
            struct vw_sasl *c = new_client(ways[i].mechanism, ways[i].secure, &accounts[k]);
            assert_int_equal(talk(s, c), 1);
            assert_true(vw_sasl_done(c));
            assert_int_equal(vw_sasl_finish(c, NULL), 0);
            assert_int_equal(vw_sasl_server_strength(s) >= 56, !ways[i].secure);
            assert_int_equal(vw_sasl_server_strength(s), vw_sasl_layer_strength(c));
            use_layer(s, c);
            vw_sasl_destroy(c);
            vw_sasl_server_layer_destroy(s);
        }
    }
}

static void refuses_everybody_else(void **state)
{
    static const struct vw_sasl_account strangers[] = {{"fred", "other word"},
                                                       {"fre", "secret word"},
                                                       {"fredd", "secret word"},
                                                       {"a", "third word"}};
    static const char *const mechanisms[] = {"SCRAM-SHA-256", "DIGEST-MD5", "PLAIN"};
    for (size_t i = 0; i < COUNT(mechanisms); i++) {
        for (size_t k = 0; k < COUNT(strangers); k++) {
            struct vw_sasl_server *s = new_server("SCRAM-SHA-256 DIGEST-MD5 PLAIN", true);
            struct vw_sasl *c = new_client(mechanisms[i], true, &strangers[k]);
            assert_int_equal(talk(s, c), VW_EREMOTE);
            vw_sasl_destroy(c);
            vw_sasl_server_destroy(s);
        }
    }
}

/* */
static void offers_what_is_strong_enough(void **state)
{
    static const struct {
        const char *mechanisms;
        bool secure;
        const char *offered;
    } rows[] = {
        {"SCRAM-SHA-256 DIGEST-MD5 PLAIN", true, "SCRAM-SHA-256,DIGEST-MD5,PLAIN"},
        {"SCRAM-SHA-256 DIGEST-MD5 PLAIN", false, "DIGEST-MD5"},
        {"PLAIN", true, "PLAIN"},
        {"PLAIN", false, ""},
        {"NO-SUCH-ONE", true, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_sasl_server *s = new_server(rows[i].mechanisms, rows[i].secure);
        assert_string_equal(vw_sasl_server_offer(s), rows[i].offered);
        vw_sasl_server_destroy(s);
    }
}

/* */
static void takes_steps_in_their_order_alone(void **state)
{
    static const struct vw_sasl_data none = {.data = "", .none = true}, nothing = {.data = ""};
    struct vw_sasl_server *s = new_server("DIGEST-MD5 PLAIN", true);
    struct vw_sasl_data out;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_sasl_server_step(s, &none, &out, &err), VW_EREMOTE);
    assert_non_null(strstr(err.text, "the client is not let in"));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(vw_sasl_server_start(s, "DIGEST-MD5", &none, &out, NULL), 0);
        assert_false(out.none);
        assert_true(out.len > 0);
    }
    assert_int_equal(vw_sasl_server_start(s, "", &none, &out, NULL), VW_EREMOTE);
    assert_int_equal(vw_sasl_server_step(s, &nothing, &out, NULL), VW_EREMOTE);
    assert_int_equal(vw_sasl_server_start(s, "SCRAM-SHA-256", &none, &out, NULL), VW_EREMOTE);
    assert_int_equal(vw_sasl_server_start(s, "DIGEST-MD5", &none, &out, NULL), 0);
    assert_int_equal(vw_sasl_server_step(s, &nothing, &out, NULL), VW_EREMOTE);
    vw_sasl_server_destroy(s);
    vw_sasl_server_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_in_who_knows_the_password),
        cmocka_unit_test(refuses_everybody_else),
        cmocka_unit_test(offers_what_is_strong_enough),
        cmocka_unit_test(takes_steps_in_their_order_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
