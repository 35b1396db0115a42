// SPDX-License-Identifier: MIT
// The server's end of TLS with each answer that GnuTLS may give: the steps before the first message
// in their order, and how each ends.
#include "transport/testing/fake-gnutls.h"

#include <errno.h>
#include <string.h>

#include "transport/tls.h"

static struct vw_tls_server *server;

static void the_files_of_a_server(void **state)
{
    static const struct {
        int trust, key, rc;
        const char *text, *calls;
    } rows[] = {
        {1, 0, 0, "", "credentials|trust /d/cacert.pem|key /d/servercert.pem /d/serverkey.pem|"},
        {0, 0, VW_EUSAGE, "/d/cacert.pem: its text",
         "credentials|trust /d/cacert.pem|free credentials|"},
        {-50, 0, VW_EUSAGE, "/d/cacert.pem: its text",
         "credentials|trust /d/cacert.pem|free credentials|"},
        {GNUTLS_E_MEMORY_ERROR, 0, VW_ENOMEM, "out of memory",
         "credentials|trust /d/cacert.pem|free credentials|"},
        {2, -50, VW_EUSAGE, "/d/servercert.pem with /d/serverkey.pem: its text",
         "credentials|trust /d/cacert.pem|key /d/servercert.pem /d/serverkey.pem|"
         "free credentials|"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        fake.trust_file = rows[i].trust;
        fake.key_file = rows[i].key;
        assert_int_equal(vw_tls_server_create("/d", &server, &err), rows[i].rc);
        assert_string_equal(err.text, rows[i].text);
        fake_expect_calls(i, rows[i].calls);
        assert_int_equal(server != NULL, rows[i].rc == 0);
        vw_tls_server_destroy(server);
        fake_expect_calls(i, rows[i].rc ? "" : "free credentials|");
    }
}

static void no_memory_for_a_server(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    fake.allocate = GNUTLS_E_MEMORY_ERROR;
    assert_int_equal(vw_tls_server_create("/d", &server, &err), VW_ENOMEM);
    assert_null(server);
    fake_expect_calls(0, "credentials|");
    vw_failalloc_set(1);
    assert_int_equal(vw_tls_server_create("/d", &server, &err), VW_ENOMEM);
    assert_true(vw_failalloc_clear());
    assert_null(server);
    fake_expect_calls(1, "");
}

static struct vw_transport *wrap(void)
{
    struct vw_transport *t;
    fake.trust_file = 1;
    assert_int_equal(vw_tls_server_create("/d", &server, NULL), 0);
    fake_forget();
    assert_int_equal(vw_tls_server_wrap(server, &fake_full, &t, NULL), 0);
    fake_expect_calls(0, "init 9|default|use 1|request 1|");
    return t;
}

static void let_go(struct vw_transport *t)
{
    t->ops->close(t);
    fake_forget();
    vw_tls_server_destroy(server);
    fake_expect_calls(0, "free credentials|");
}

#define CHECKED "made|freed|"

static void each_step_and_its_end(void **state)
{
    static const struct {
        struct fake f;
        ssize_t got[2]; /* of two reads */
        const char *calls;
    } rows[] = {
        {{{0, 1, 5}, .peers = 1}, {5, 0}, "shake|" CHECKED "send 1|recv|drop|recv|"},
        {{{AGAIN, 0, 1, 5}, .peers = 1}, {-EAGAIN, 5}, "shake|shake|" CHECKED "send 1|recv|drop|"},
        {{{INT, 0, 1, 5}, .peers = 1}, {5, 0}, "shake|shake|" CHECKED "send 1|recv|drop|recv|"},
        {{{GNUTLS_E_DECRYPTION_FAILED, -1}, .peers = 1}, {-EPROTO, -EPROTO}, "shake|shake|"},
        {{{GNUTLS_E_MEMORY_ERROR, -1}, .peers = 1}, {-ENOMEM, -EPROTO}, "shake|shake|"},
        {{{0}, .peers = 0}, {-EACCES, -EACCES}, "shake|"},
        {{{0}, .peers = 1, .status = 2}, {-EACCES, -EACCES}, "shake|"},
        {{{0}, .peers = 1, .verify = -1}, {-EACCES, -EACCES}, "shake|"},
        {{{0}, .peers = 1, .make = -1}, {-ENOMEM, -ENOMEM}, "shake|made|made|"},
        {{{0}, .peers = 1, .import = -1}, {-EACCES, -EACCES}, "shake|" CHECKED CHECKED},
        {{{0}, .peers = 1, .expired = true}, {-EACCES, -EACCES}, "shake|" CHECKED CHECKED},
        {{{0, AGAIN, 1, 5}, .peers = 1},
         {-EAGAIN, 5},
         "shake|" CHECKED "send 1|resume 0|recv|drop|"},
        {{{0, INT, 1, 5}, .peers = 1}, {5, 0}, "shake|" CHECKED "send 1|send 1|recv|drop|recv|"},
        {{{0, GNUTLS_E_PUSH_ERROR, GNUTLS_E_PUSH_ERROR}, .peers = 1},
         {-EPROTO, -EPROTO},
         "shake|" CHECKED "send 1|send 1|"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_fds fds = {.count = 3};
        char buf[8];
        fake_reset(NULL);
        struct vw_transport *t = wrap();
        fake = rows[i].f;
        fake.record = "hello";
        fake.priority_at = -1;
        for (int k = 0; k < 2; k++) {
            assert_int_equal(t->ops->send(t, "x", 1, NULL), k && rows[i].got[0] > 0 ? 0 : -EAGAIN);
            ssize_t n = t->ops->recv(t, buf, sizeof(buf), &fds);
            if (n != rows[i].got[k])
                fail_msg("row %zu: %zd", i, n);
            assert_int_equal(fds.count, 0);
            if (k == 0 && n > 0)
                break;
        }
        if (rows[i].got[0] > 0)
            t->ops->recv(t, buf, sizeof(buf), NULL);
        fake_expect_calls(i, rows[i].calls);
        let_go(t);
    }
}

/* The steps one by one, for a server that takes them by itself; the byte is its own. */
static void a_bare_end(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    fake.trust_file = 1;
    assert_int_equal(vw_tls_server_create("/d", &server, NULL), 0);
    fake_forget();
    assert_int_equal(vw_tls_server_wrap_bare(server, &fake_full, &t, &err), 0);
    fake_expect_calls(0, "init 9|default|use 1|request 1|");
    fake = (struct fake){{AGAIN, 0, 1, 1}, .peers = 0, .record = "x", .priority_at = -1};
    assert_int_equal(vw_tls_server_shake(t), -EAGAIN);
    assert_int_equal(vw_tls_server_shake(t), 0);
    fake_expect_calls(1, "shake|shake|");
    assert_int_equal(vw_tls_server_check(t), -ENODATA);
    fake.peers = 1;
    assert_int_equal(vw_tls_server_check(t), 0);
    fake.status = 2;
    assert_int_equal(vw_tls_server_check(t), -EACCES);
    fake_expect_calls(2, CHECKED);
    assert_int_equal(t->ops->send(t, "\x01", 1, NULL), 1);
    fake_expect_calls(3, "send 1|");
    let_go(t);
}

static void a_session_that_cannot_be(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    fake.trust_file = 1;
    assert_int_equal(vw_tls_server_create("/d", &server, NULL), 0);
    fake_forget();
    fake.credentials = -1;
    assert_int_equal(vw_tls_server_wrap(server, &fake_full, &t, &err), VW_ESYSTEM);
    assert_null(t);
    fake_expect_calls(0, "init 9|default|use 1|end|below close|");
    vw_failalloc_set(1);
    int rc = vw_tls_server_wrap(server, &fake_full, &t, NULL);
    vw_failalloc_clear();
    assert_int_equal(rc, VW_ENOMEM);
    fake_expect_calls(1, "below close|");
    vw_tls_server_destroy(server);
    vw_tls_server_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_files_of_a_server, fake_reset),
        cmocka_unit_test_setup(no_memory_for_a_server, fake_reset),
        cmocka_unit_test_setup(each_step_and_its_end, fake_reset),
        cmocka_unit_test_setup(a_bare_end, fake_reset),
        cmocka_unit_test_setup(a_session_that_cannot_be, fake_reset),
    };
    return cmocka_run_group_tests(tests, fake_set_up, fake_tear_down) + vw_test_leaked();
}
