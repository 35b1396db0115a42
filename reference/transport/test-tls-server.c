// SPDX-License-Identifier: MIT
// The server's end of TLS with each answer that GnuTLS may give: the steps before the first message
// in their order, how each ends, and what a server does that is wrong on purpose.
#include "transport/testing/fake-gnutls.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

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

static struct vw_transport *wrap(unsigned wrong)
{
    struct vw_transport *t;
    fake.trust_file = 1;
    assert_int_equal(vw_tls_server_create("/d", &server, NULL), 0);
    fake_forget();
    assert_int_equal(vw_tls_server_wrap(server, &fake_full, wrong, &t, NULL), 0);
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

#define NOBODY    VW_TLS_NO_CERTIFICATE_NEEDED
#define UNCHECKED VW_TLS_BYTE_UNCHECKED
#define LATE      VW_TLS_BYTE_LATE
#define LOST      VW_TLS_EARLY_LOST
#define CHECKED   "made|freed|"

static void each_step_and_its_end(void **state)
{
    static const struct {
        unsigned wrong;
        struct fake f;
        ssize_t got[2]; /* of two reads */
        const char *calls;
    } rows[] = {
        {0, {{0, 1, 5}, .peers = 1}, {5, 0}, "shake|" CHECKED "send 1|recv|drop|recv|"},
        {0,
         {{AGAIN, 0, 1, 5}, .peers = 1},
         {-EAGAIN, 5},
         "shake|shake|" CHECKED "send 1|recv|drop|"},
        {0, {{INT, 0, 1, 5}, .peers = 1}, {5, 0}, "shake|shake|" CHECKED "send 1|recv|drop|recv|"},
        {0, {{GNUTLS_E_DECRYPTION_FAILED, -1}, .peers = 1}, {-EPROTO, -EPROTO}, "shake|shake|"},
        {0, {{GNUTLS_E_MEMORY_ERROR, -1}, .peers = 1}, {-ENOMEM, -EPROTO}, "shake|shake|"},
        {0, {{0}, .peers = 0}, {-EACCES, -EACCES}, "shake|"},
        {NOBODY, {{0, 1, 5}, .peers = 0}, {5, 0}, "shake|send 1|recv|drop|recv|"},
        {NOBODY, {{0}, .peers = 1, .status = 2}, {-EACCES, -EACCES}, "shake|"},
        {0, {{0}, .peers = 1, .status = 2}, {-EACCES, -EACCES}, "shake|"},
        {0, {{0}, .peers = 1, .verify = -1}, {-EACCES, -EACCES}, "shake|"},
        {0, {{0}, .peers = 1, .make = -1}, {-ENOMEM, -ENOMEM}, "shake|made|made|"},
        {0, {{0}, .peers = 1, .import = -1}, {-EACCES, -EACCES}, "shake|" CHECKED CHECKED},
        {0, {{0}, .peers = 1, .expired = true}, {-EACCES, -EACCES}, "shake|" CHECKED CHECKED},
        {0,
         {{0, AGAIN, 1, 5}, .peers = 1},
         {-EAGAIN, 5},
         "shake|" CHECKED "send 1|resume 0|recv|drop|"},
        {0, {{0, INT, 1, 5}, .peers = 1}, {5, 0}, "shake|" CHECKED "send 1|send 1|recv|drop|recv|"},
        {0,
         {{0, GNUTLS_E_PUSH_ERROR, GNUTLS_E_PUSH_ERROR}, .peers = 1},
         {-EPROTO, -EPROTO},
         "shake|" CHECKED "send 1|send 1|"},
        {UNCHECKED, {{0, 1, 5}, .peers = 1}, {5, 0}, "shake|send 1|" CHECKED "recv|drop|recv|"},
        {UNCHECKED, {{0, 1}, .peers = 0}, {-EACCES, -EACCES}, "shake|send 1|send 1|"},
        {LATE, {{0, 5}, .peers = 1}, {5, 0}, "shake|" CHECKED "recv|drop|recv|"},
        {LATE,
         {{0, AGAIN, 1, 5}, .peers = 1},
         {5, 0},
         "shake|" CHECKED "recv|send 1|recv|drop|recv|"},
        {LOST,
         {{0, 5, 1, 5}, .peers = 1},
         {5, 0},
         "shake|" CHECKED "recv|drop|send 1|recv|drop|recv|"},
        {LOST, {{0, 0, 1, 5}, .peers = 1}, {5, 0}, "shake|" CHECKED "recv|send 1|recv|drop|recv|"},
    };
    assert_int_equal(write(fake_ends[1], "x", 1), 1); /* so that nothing waits */
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_fds fds = {.count = 3};
        char buf[8];
        fake_reset(NULL);
        struct vw_transport *t = wrap(rows[i].wrong);
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
    char byte;
    assert_int_equal(read(fake_ends[0], &byte, 1), 1);
}

/* The byte goes out once, behind the first record. */
static void a_byte_that_is_late(void **state)
{
    struct vw_transport *t = wrap(LATE);
    char buf[8];
    fake.peers = 1;
    assert_int_equal(write(fake_ends[1], "x", 1), 1);
    static const ssize_t results[] = {0, 5, AGAIN, 2, 1, 2};
    memcpy(fake.results, results, sizeof(results));
    assert_int_equal(t->ops->recv(t, buf, sizeof(buf), NULL), 5);
    fake_forget();
    assert_int_equal(t->ops->send(t, "ok", 2, NULL), -EAGAIN);
    fake_expect_calls(0, "send 2|");
    assert_int_equal(t->ops->send(t, "ok", 2, NULL), 2);
    fake_expect_calls(1, "resume 0|send 1|");
    assert_int_equal(t->ops->send(t, "ok", 2, NULL), 2);
    fake_expect_calls(2, "send 2|");
    assert_int_equal(read(fake_ends[0], buf, 1), 1);
    let_go(t);
}

/* What does not begin as TLS does is read as it is, by a server that allows it. */
static void plain_text(void **state)
{
    static const struct {
        unsigned wrong;
        char first; /* 0: nothing comes */
        ssize_t got, sent;
        const char *calls;
    } rows[] = {
        {VW_TLS_PLAIN_TOO, 'x', 3, 3, "below recv 8|below send ok|"},
        {VW_TLS_PLAIN_TOO, 0x15, 3, 3, "below recv 8|below send ok|"},
        {VW_TLS_PLAIN_TOO, 0x16, -EAGAIN, -EAGAIN, "shake|"},
        {VW_TLS_PLAIN_TOO, 0, -EAGAIN, -EAGAIN, ""},
        {0, 'x', -EAGAIN, -EAGAIN, "shake|"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char buf[8];
        fake_reset(NULL);
        struct vw_transport *t = wrap(rows[i].wrong);
        fake.results[0] = AGAIN;
        fake.lower = 3;
        if (rows[i].first)
            assert_int_equal(write(fake_ends[1], &rows[i].first, 1), 1);
        assert_int_equal(t->ops->recv(t, buf, sizeof(buf), NULL), rows[i].got);
        assert_int_equal(t->ops->send(t, "ok", 2, NULL), rows[i].sent);
        fake_expect_calls(i, rows[i].calls);
        if (rows[i].first)
            assert_int_equal(read(fake_ends[0], buf, 1), 1);
        let_go(t);
    }
}

static void a_session_that_cannot_be(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    fake.trust_file = 1;
    assert_int_equal(vw_tls_server_create("/d", &server, NULL), 0);
    fake_forget();
    fake.credentials = -1;
    assert_int_equal(vw_tls_server_wrap(server, &fake_full, 0, &t, &err), VW_ESYSTEM);
    assert_null(t);
    fake_expect_calls(0, "init 9|default|use 1|end|below close|");
    vw_failalloc_set(1);
    int rc = vw_tls_server_wrap(server, &fake_full, 0, &t, NULL);
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
        cmocka_unit_test_setup(a_byte_that_is_late, fake_reset),
        cmocka_unit_test_setup(plain_text, fake_reset),
        cmocka_unit_test_setup(a_session_that_cannot_be, fake_reset),
    };
    return cmocka_run_group_tests(tests, fake_set_up, fake_tear_down) + vw_test_leaked();
}
