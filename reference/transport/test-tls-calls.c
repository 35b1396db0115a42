// SPDX-License-Identifier: MIT
// What TLS makes of each answer of GnuTLS to reading, writing and ending: records in parts, records
// that are only half written, every end, and which calls are made. TLS itself is in test-tls.
#include "transport/testing/fake-gnutls.h"

#include <errno.h>
#include <string.h>

#include "transport/tls.h"

/* ---- reading ---- */

#define R4  "recv|recv|recv|recv|"
#define R16 R4 R4 R4 R4
#define I5  INT, INT, INT, INT, INT

static void a_record_without_content(void **state)
{
    struct vw_tls *t = fake_tls(&fake_full);
    char byte;
    fake_reset(NULL);
    fake.empty = true;
    assert_int_equal(t->base.ops->recv(&t->base, &byte, 1, NULL), 0);
    fake_expect_calls(0, "recv|drop|");
    t->base.ops->close(&t->base);
}

static void each_end_of_a_read(void **state)
{
    static const struct {
        ssize_t results[FAKE_STEPS];
        size_t left; /* bytes from below that GnuTLS has not taken */
        ssize_t got;
        int alert;
        const char *calls;
        bool pending;
        int rc; /* of the explanation */
        const char *text;
    } rows[] = {
        {{5}, 0, 5, 0, "recv|drop|", true, VW_ESYSTEM, "the one below"},
        {{1}, 0, 5, 0, "recv|drop|", true, VW_ESYSTEM, "the one below"},
        {{0}, 0, 0, 0, "recv|", true, VW_ESYSTEM, "the one below"},
        {{GNUTLS_E_PREMATURE_TERMINATION}, 0, 0, 0, "recv|", true, VW_ESYSTEM, "the one below"},
        {{GNUTLS_E_PULL_ERROR}, 0, 0, 0, "recv|", true, VW_ESYSTEM, "the one below"},
        {{GNUTLS_E_AGAIN}, 0, -EAGAIN, 0, "recv|", false, VW_ESYSTEM, "the one below"},
        {{GNUTLS_E_AGAIN, 5}, 1, 5, 0, "recv|recv|drop|", true, VW_ESYSTEM, "the one below"},
        {{INT, 5}, 0, 5, 0, "recv|recv|drop|", true, VW_ESYSTEM, "the one below"},
        {{I5, I5, I5, 5}, 0, 5, 0, R16 "drop|", true, VW_ESYSTEM, "the one below"},
        {{I5, I5, I5, INT, 5}, 0, -EAGAIN, 0, R16, true, VW_ESYSTEM, "the one below"},
        {{INT, GNUTLS_E_AGAIN}, 0, -EAGAIN, 0, "recv|recv|", false, VW_ESYSTEM, "the one below"},
        {{INT, 0}, 0, 0, 0, "recv|recv|", true, VW_ESYSTEM, "the one below"},
        {{GNUTLS_E_DECRYPTION_FAILED}, 0, -EPROTO, 0, "recv|", true, VW_EPROTOCOL, "TLS: no key"},
        {{GNUTLS_E_REHANDSHAKE, 5}, 0, -EPROTO, 0, "recv|", true, VW_EPROTOCOL, "TLS: its text"},
        {{GNUTLS_E_MEMORY_ERROR}, 0, -ENOMEM, 0, "recv|", true, VW_ENOMEM, "out of memory"},
        {{GNUTLS_E_FATAL_ALERT_RECEIVED},
         0,
         -EPROTO,
         GNUTLS_A_BAD_CERTIFICATE,
         "recv|",
         true,
         VW_ECLOSED,
         "the server ended TLS with the alert 'bad'"},
        {{GNUTLS_E_FATAL_ALERT_RECEIVED},
         0,
         -EPROTO,
         GNUTLS_A_CLOSE_NOTIFY,
         "recv|",
         true,
         VW_ECLOSED,
         "the server ended TLS with the alert 'bye'"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_tls *t = fake_tls(&fake_full);
        struct vw_error err = VW_ERROR_INIT;
        struct vw_fds fds = {.count = 3};
        char buf[8];
        fake_reset(NULL);
        memcpy(fake.results, rows[i].results, sizeof(fake.results));
        fake.alert = rows[i].alert;
        fake.waiting = 1;
        fake.lower_explain = VW_ESYSTEM;
        t->in_at = 0;
        t->in_len = rows[i].left;
        ssize_t n = t->base.ops->recv(&t->base, buf, sizeof(buf), &fds);
        if (n != rows[i].got)
            fail_msg("row %zu: %zd", i, n);
        fake_expect_calls(i, rows[i].calls);
        assert_int_equal(fds.count, 0);
        assert_int_equal(t->base.ops->pending(&t->base), rows[i].pending);
        assert_int_equal(t->base.ops->explain(&t->base, &err), rows[i].rc);
        assert_string_equal(err.text, rows[i].text);
        /* After a failure GnuTLS is not asked any more, and gets no goodbye. */
        t->up = true;
        bool failed = n < 0 && n != -EAGAIN;
        if (failed) {
            assert_int_equal(t->base.ops->recv(&t->base, buf, sizeof(buf), NULL), -EPROTO);
            assert_int_equal(t->base.ops->send(&t->base, "x", 1, NULL), -EPIPE);
        }
        t->base.ops->close(&t->base);
        fake_expect_calls(i, failed ? "end|below close|" : "bye 1|end|below close|");
    }
}

static void a_record_in_parts(void **state)
{
    struct vw_tls *t = fake_tls(&fake_poor);
    const struct vw_transport_ops *ops = t->base.ops;
    char buf[8] = "";
    fake.results[0] = fake.results[1] = fake.results[2] = 5;
    assert_int_equal(ops->recv(&t->base, buf, 2, NULL), 2);
    assert_memory_equal(buf, "he", 2);
    assert_true(ops->record_start(&t->base));
    assert_true(ops->pending(&t->base));
    assert_int_equal(ops->recv(&t->base, buf, 2, NULL), 2);
    assert_memory_equal(buf, "ll", 2);
    assert_false(ops->record_start(&t->base));
    fake_expect_calls(0, "recv|");
    assert_int_equal(ops->recv(&t->base, buf, 1, NULL), 1);
    assert_memory_equal(buf, "o", 1);
    assert_false(ops->record_start(&t->base));
    assert_false(ops->pending(&t->base));
    fake_expect_calls(1, "drop|");
    assert_int_equal(ops->recv(&t->base, buf, 8, NULL), 5);
    assert_memory_equal(buf, "hello", 5);
    assert_true(ops->record_start(&t->base));
    fake_expect_calls(2, "recv|drop|");
    assert_int_equal(ops->recv(&t->base, buf, 1, NULL), 1);
    fake_forget();
    ops->close(&t->base);
    fake_expect_calls(3, "drop|end|below close|");
}

static void what_poll_cannot_see(void **state)
{
    static const struct {
        size_t at, len, waiting;
        bool dry, pending;
    } rows[] = {
        {0, 0, 0, false, false}, {0, 1, 0, false, true}, {1, 1, 0, false, false},
        {0, 0, 1, false, true},  {0, 0, 2, false, true}, {0, 1, 1, true, false},
    };
    struct vw_tls *t = fake_tls(&fake_poor);
    for (size_t i = 0; i < COUNT(rows); i++) {
        t->in_at = rows[i].at;
        t->in_len = rows[i].len;
        t->dry = rows[i].dry;
        fake.waiting = rows[i].waiting;
        assert_int_equal(t->base.ops->pending(&t->base), rows[i].pending);
    }
    assert_int_equal(t->base.ops->fd(&t->base), fake_ends[0]);
    assert_int_equal(t->base.ops->strength(&t->base), 128);
    assert_int_equal(t->base.ops->explain(&t->base, NULL), 0);
    assert_int_equal(t->base.ops->caps, VW_CAP_SECURE | VW_CAP_RECORDS);
    fake_end(t);
}

/* ---- writing ---- */

static void each_end_of_a_write(void **state)
{
    static const struct {
        size_t len;
        ssize_t results[4];
        ssize_t got[2]; /* of two writes; the second is not made after 1 */
        const char *calls;
    } rows[] = {
        {5, {5}, {5, 1}, "send 5|"},
        {16384, {16384}, {16384, 1}, "send 16384|"},
        {16385, {16384}, {16384, 1}, "send 16384|"},
        {5, {INT, INT, 5}, {5, 1}, "send 5|send 5|send 5|"},
        {5, {GNUTLS_E_AGAIN, 5}, {-EAGAIN, 5}, "send 5|resume 0|"},
        {5, {GNUTLS_E_AGAIN, INT, 5}, {-EAGAIN, 5}, "send 5|resume 0|resume 0|"},
        {5, {GNUTLS_E_AGAIN, GNUTLS_E_AGAIN}, {-EAGAIN, -EAGAIN}, "send 5|resume 0|"},
        {5, {5, 5}, {5, 5}, "send 5|send 5|"},
        {5, {GNUTLS_E_PUSH_ERROR, 5}, {-EPIPE, 5}, "send 5|send 5|"},
        {5, {GNUTLS_E_PREMATURE_TERMINATION}, {-EPIPE, 1}, "send 5|"},
        {5, {GNUTLS_E_INTERNAL_ERROR}, {-EPROTO, -EPIPE}, "send 5|"},
        {5, {GNUTLS_E_MEMORY_ERROR}, {-ENOMEM, -EPIPE}, "send 5|"},
        {5, {0}, {0, 1}, "send 5|"},
    };
    static const char bytes[16385];
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_fds none = {.count = 0};
        struct vw_tls *t = fake_tls(&fake_full);
        fake_reset(NULL);
        memcpy(fake.results, rows[i].results, sizeof(rows[i].results));
        for (size_t k = 0; k < 2 && rows[i].got[k] != 1; k++)
            assert_int_equal(t->base.ops->send(&t->base, bytes, rows[i].len, k ? &none : NULL),
                             rows[i].got[k]);
        fake_expect_calls(i, rows[i].calls);
        fake_end(t);
    }
    struct vw_tls *t = fake_tls(&fake_full);
    const struct vw_fds one = {.count = 1};
    assert_int_equal(t->base.ops->send(&t->base, "x", 1, &one), -EOPNOTSUPP);
    fake_expect_calls(0, "");
    fake_end(t);
}

static void ending_what_is_sent(void **state)
{
    static const struct {
        int bye, lower;
        struct vw_transport *below;
        int rc;
        const char *calls;
    } rows[] = {
        {0, 0, &fake_full, 0, "bye 1|below shutdown|"},
        {0, -ENOTCONN, &fake_full, -ENOTCONN, "bye 1|below shutdown|"},
        {0, 0, &fake_poor, 0, "bye 1|"},
        {GNUTLS_E_AGAIN, 0, &fake_full, -EAGAIN, "bye 1|"},
        {INT, 0, &fake_full, -EAGAIN, "bye 1|"},
        {GNUTLS_E_PUSH_ERROR, 0, &fake_full, 0, "bye 1|below shutdown|"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_tls *t = fake_tls(rows[i].below);
        fake_reset(NULL);
        fake.bye = rows[i].bye;
        fake.lower_shutdown = rows[i].lower;
        assert_int_equal(t->base.ops->shutdown(&t->base), rows[i].rc);
        fake_expect_calls(i, rows[i].calls);
        fake_end(t);
    }
}

static void what_an_end_takes_along(void **state)
{
    static const struct {
        bool session, up, sending, cred, shared;
        int failure;
        const char *calls;
    } rows[] = {
        {false, false, false, false, false, 0, "below close|"},
        {true, false, false, false, false, 0, "end|below close|"},
        {true, true, false, false, false, 0, "bye 1|end|below close|"},
        {true, true, true, false, false, 0, "end|below close|"},
        {true, true, false, false, false, -1, "end|below close|"},
        {true, false, false, true, false, 0, "end|free credentials|below close|"},
        {true, false, false, true, true, 0, "end|below close|"},
        {false, true, false, true, false, 0, "free credentials|below close|"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_tls *t = fake_tls(&fake_full);
        if (!rows[i].session)
            t->session = NULL;
        if (rows[i].cred)
            t->cred = fake_credentials();
        t->up = rows[i].up;
        t->sending = rows[i].sending;
        t->cred_shared = rows[i].shared;
        t->failure = rows[i].failure;
        t->base.ops->close(&t->base);
        fake_expect_calls(i, rows[i].calls);
    }
}

static void tickets_of_a_client(void **state)
{
    struct vw_tls *t = fake_tls(&fake_full);
    assert_false(vw_tls_has_ticket(&t->base));
    fake.flags = GNUTLS_SFLAGS_SESSION_TICKET | GNUTLS_SFLAGS_EXT_MASTER_SECRET;
    assert_true(vw_tls_has_ticket(&t->base));
    assert_false(vw_tls_has_ticket(&fake_full));
    fake_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tickets_of_a_client, fake_reset),
        cmocka_unit_test_setup(each_end_of_a_read, fake_reset),
        cmocka_unit_test_setup(a_record_without_content, fake_reset),
        cmocka_unit_test_setup(a_record_in_parts, fake_reset),
        cmocka_unit_test_setup(what_poll_cannot_see, fake_reset),
        cmocka_unit_test_setup(each_end_of_a_write, fake_reset),
        cmocka_unit_test_setup(ending_what_is_sent, fake_reset),
        cmocka_unit_test_setup(what_an_end_takes_along, fake_reset),
    };
    return cmocka_run_group_tests(tests, fake_set_up, fake_tear_down) + vw_test_leaked();
}
