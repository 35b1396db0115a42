// SPDX-License-Identifier: MIT
// The server's end of TLS with each answer that GnuTLS may give: the steps before the first message
// in their order, and how each ends.
#include "transport/testing/fake-gnutls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport/tls.h"

static struct vw_tls_server *server;

#define LOADED "credentials|trust /d/cacert.pem|key /d/servercert.pem /d/serverkey.pem|"
#define ENDED  "free credentials|free priority|"

static void the_files_of_a_server(void **state)
{
    static const struct {
        int trust, key, priority, rc;
        const char *text, *calls;
    } rows[] = {
        {1, 0, 0, 0, "", LOADED "make priority|"},
        {0, 0, 0, VW_EUSAGE, "/d/cacert.pem: its text",
         "credentials|trust /d/cacert.pem|free credentials|"},
        {-50, 0, 0, VW_EUSAGE, "/d/cacert.pem: its text",
         "credentials|trust /d/cacert.pem|free credentials|"},
        {GNUTLS_E_MEMORY_ERROR, 0, 0, VW_ENOMEM, "out of memory",
         "credentials|trust /d/cacert.pem|free credentials|"},
        {2, -50, 0, VW_EUSAGE, "/d/servercert.pem with /d/serverkey.pem: its text",
         LOADED "free credentials|"},
        {1, 0, -50, VW_ESYSTEM, "TLS: its text", LOADED "make priority|free credentials|"},
        {1, 0, GNUTLS_E_MEMORY_ERROR, VW_ENOMEM, "out of memory",
         LOADED "make priority|free credentials|"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        fake.trust_file = rows[i].trust;
        fake.key_file = rows[i].key;
        fake.priority = rows[i].priority;
        assert_int_equal(vw_tls_server_create("/d", &server, &err), rows[i].rc);
        assert_string_equal(err.text, rows[i].text);
        fake_expect_calls(i, rows[i].calls);
        assert_int_equal(server != NULL, rows[i].rc == 0);
        vw_tls_server_destroy(server);
        fake_expect_calls(i, rows[i].rc ? "" : ENDED);
    }
}

/* One that lies there is used. */
static void a_list_of_revoked_certificates(void **state)
{
    static const struct {
        int crl, rc;
        const char *text;
    } rows[] = {
        {1, 0, ""},
        {0, 0, ""},
        {-50, VW_EUSAGE, "/cacrl.pem: its text"},
        {GNUTLS_E_MEMORY_ERROR, VW_ENOMEM, "out of memory"},
    };
    char dir[VW_TEST_FOLDER], path[VW_TEST_FOLDER + 12];
    assert_int_equal(vw_test_folder(dir), 0);
    snprintf(path, sizeof(path), "%s/cacrl.pem", dir);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        fake.trust_file = 1;
        fake.crl_file = rows[i].crl;
        assert_int_equal(vw_tls_server_create(dir, &server, &err), rows[i].rc);
        assert_non_null(strstr(err.text, rows[i].text));
        assert_int_equal(server != NULL, rows[i].rc == 0);
        vw_tls_server_destroy(server);
    }
    unlink(path);
    rmdir(dir);
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
    fake_expect_calls(0, "");
    return t;
}

static void let_go(struct vw_transport *t)
{
    t->ops->close(t);
    fake_forget();
    vw_tls_server_destroy(server);
    fake_expect_calls(0, ENDED);
}

/* At the first step. */
#define INIT    "init 9|set|use 1|request 1|"
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
        char buf[8], wanted[200];
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
            assert_int_equal(t->ops->starting(t), n <= 0);
            if (k == 0 && n > 0)
                break;
        }
        if (rows[i].got[0] > 0)
            t->ops->recv(t, buf, sizeof(buf), NULL);
        snprintf(wanted, sizeof(wanted), INIT "%s", rows[i].calls);
        fake_expect_calls(i, wanted);
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
    fake_expect_calls(0, "");
    fake = (struct fake){{AGAIN, 0, 1, 1}, .peers = 0, .record = "x", .priority_at = -1};
    assert_int_equal(vw_tls_server_shake(t), -EAGAIN);
    assert_int_equal(vw_tls_server_shake(t), 0);
    fake_expect_calls(1, INIT "shake|shake|");
    assert_int_equal(vw_tls_server_check(t, 0), -ENODATA);
    fake.peers = 1;
    assert_int_equal(vw_tls_server_check(t, 0), 0);
    fake.status = 2;
    assert_int_equal(vw_tls_server_check(t, 0), -EACCES);
    fake_expect_calls(2, CHECKED);
    assert_int_equal(t->ops->send(t, "\x01", 1, NULL), 1);
    fake_expect_calls(3, "send 1|");
    let_go(t);
}

/* What is read goes through one buffer, which stays with whom something is left in it. */
static void those_who_wait_have_no_buffer(void **state)
{
    struct vw_transport *t[FAKE_STEPS];
    const size_t input = VW_TLS_INPUT_SIZE;
    char byte;
    fake.trust_file = 1;
    assert_int_equal(vw_tls_server_create("/d", &server, NULL), 0);
    vw_failalloc_reset();
    fake.lower = 5;
    for (size_t i = 0; i < COUNT(t); i++) {
        fake.results[i] = AGAIN;
        fake.pulls = i < 2 ? 4 : 5;
        assert_int_equal(vw_tls_server_wrap(server, &fake_full, &t[i], NULL), 0);
        assert_int_equal(t[i]->ops->recv(t[i], &byte, 1, NULL), -EAGAIN);
    }
    /* Two have one each, and one lies ready. */
    assert_in_range(vw_failalloc_stats().live, 3 * input, 3 * input + COUNT(t) * 512);
    for (size_t i = 0; i < COUNT(t); i++)
        t[i]->ops->close(t[i]);
    assert_in_range(vw_failalloc_stats().live, input, input + 64);
    vw_tls_server_destroy(server);
}

/* Nor does one that has no memory for it read anything. */
static void no_memory_for_what_comes(void **state)
{
    struct vw_transport *t = wrap();
    char byte;
    fake.results[0] = AGAIN;
    fake.lower = 5;
    fake.pulls = 5;
    vw_failalloc_set(1);
    assert_int_equal(t->ops->recv(t, &byte, 1, NULL), -EAGAIN);
    assert_true(vw_failalloc_clear());
    fake_expect_calls(0, INIT "shake|errno 12|");
    let_go(t);
}

static void a_session_that_cannot_be(void **state)
{
    struct vw_transport *t;
    char byte;
    fake.trust_file = 1;
    assert_int_equal(vw_tls_server_create("/d", &server, NULL), 0);
    fake_forget();
    assert_int_equal(vw_tls_server_wrap(server, &fake_full, &t, NULL), 0);
    assert_false(t->ops->pending(t));
    fake.credentials = -1;
    assert_int_equal(t->ops->recv(t, &byte, 1, NULL), -EPROTO);
    fake_expect_calls(0, "init 9|set|use 1|end|");
    /* Not a half one is left. */
    fake.credentials = 0;
    fake.init = GNUTLS_E_MEMORY_ERROR;
    assert_int_equal(t->ops->recv(t, &byte, 1, NULL), -ENOMEM);
    t->ops->close(t);
    fake_expect_calls(0, "init 9|below close|");
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
        cmocka_unit_test_setup(a_list_of_revoked_certificates, fake_reset),
        cmocka_unit_test_setup(no_memory_for_a_server, fake_reset),
        cmocka_unit_test_setup(each_step_and_its_end, fake_reset),
        cmocka_unit_test_setup(a_bare_end, fake_reset),
        cmocka_unit_test_setup(those_who_wait_have_no_buffer, fake_reset),
        cmocka_unit_test_setup(no_memory_for_what_comes, fake_reset),
        cmocka_unit_test_setup(a_session_that_cannot_be, fake_reset),
    };
    return cmocka_run_group_tests(tests, fake_set_up, fake_tear_down) + vw_test_leaked();
}
