// SPDX-License-Identifier: MIT
// The server's end of TLS that is wrong before the first message, with each answer that GnuTLS may
// give.
#include "transport/testing/fake-gnutls.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/faults/tls-wrong.h"

static struct vw_tls_server *server;

static struct vw_transport *wrap(unsigned wrong)
{
    struct vw_transport *t;
    fake.trust_file = 1;
    assert_int_equal(vw_tls_server_create("/d", &server, NULL), 0);
    fake_forget();
    assert_int_equal(vw_tls_wrong_wrap(server, &fake_full, wrong, &t, NULL), 0);
    fake_expect_calls(0, "");
    return t;
}

static bool tickets; /* the server has given some */

static void let_go(struct vw_transport *t)
{
    t->ops->close(t);
    fake_forget();
    vw_tls_server_destroy(server);
    fake_expect_calls(0, tickets ? "free credentials|free priority|free ticket key|"
                                 : "free credentials|free priority|");
    tickets = false;
}

/* The first time that hands are shaken. */
#define SHAKE "init 9|set|use 1|request 1|shake|"

#define NOBODY    VW_TLS_NO_CERTIFICATE_NEEDED
#define UNCHECKED VW_TLS_BYTE_UNCHECKED
#define LATE      VW_TLS_BYTE_LATE
#define LOST      VW_TLS_EARLY_LOST
#define CHECKED   "made|freed|"
#define INVALID   GNUTLS_CERT_INVALID
#define EXPIRED   (INVALID | GNUTLS_CERT_EXPIRED)
#define FUTURE    (INVALID | GNUTLS_CERT_NOT_ACTIVATED)
#define REVOKED   (INVALID | GNUTLS_CERT_REVOKED)
#define FOREIGN   (INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND)
#define SERVED    "send 1|recv|drop|recv|"

static void each_step_and_its_end(void **state)
{
    static const struct {
        unsigned wrong;
        struct fake f;
        ssize_t got[2]; /* of two reads */
        const char *calls;
    } rows[] = {
        {0, {{0, 1, 5}, .peers = 1}, {5, 0}, SHAKE CHECKED "send 1|recv|drop|recv|"},
        {0, {{0}, .peers = 0}, {-EACCES, -EACCES}, SHAKE},
        {NOBODY, {{0, 1, 5}, .peers = 0}, {5, 0}, SHAKE "send 1|recv|drop|recv|"},
        {NOBODY, {{0}, .peers = 1, .status = 2}, {-EACCES, -EACCES}, SHAKE},
        {UNCHECKED, {{0, 1, 5}, .peers = 1}, {5, 0}, SHAKE "send 1|" CHECKED "recv|drop|recv|"},
        {UNCHECKED, {{0, 1}, .peers = 0}, {-EACCES, -EACCES}, SHAKE "send 1|send 1|"},
        {LATE, {{0, 5}, .peers = 1}, {5, 0}, SHAKE CHECKED "recv|drop|recv|"},
        {LATE, {{0, AGAIN, 1, 5}, .peers = 1}, {5, 0}, SHAKE CHECKED "recv|send 1|recv|drop|recv|"},
        {LOST,
         {{0, 5, 1, 5}, .peers = 1},
         {5, 0},
         SHAKE CHECKED "recv|drop|send 1|recv|drop|recv|"},
        {LOST, {{0, 0, 1, 5}, .peers = 1}, {5, 0}, SHAKE CHECKED "recv|send 1|recv|drop|recv|"},
        {VW_TLS_BYTE_MISSING, {{0, 5}, .peers = 1}, {5, 0}, SHAKE CHECKED "recv|drop|recv|"},
        {VW_TLS_BYTE_MISSING,
         {{0, AGAIN, 1, 5}, .peers = 1},
         {5, 0},
         SHAKE CHECKED "recv|send 1|recv|drop|recv|"},
        {VW_TLS_BYTE_WRONG,
         {{0, 5, 1}, .peers = 1},
         {5, 0},
         SHAKE CHECKED "recv|drop|send 1|recv|"},
        {VW_TLS_BYTE_TWICE,
         {{0, 5, 2}, .peers = 1},
         {5, 0},
         SHAKE CHECKED "recv|drop|send 2|recv|"},
        {VW_TLS_BYTE_TWICE,
         {{0, AGAIN, 1, 5}, .peers = 1},
         {5, 0},
         SHAKE CHECKED "recv|send 1|recv|drop|recv|"},
        {VW_TLS_BYTE_SHARED, {{0, 5}, .peers = 1}, {5, 0}, SHAKE CHECKED "recv|drop|recv|"},
        {VW_TLS_TICKETS,
         {{0, 1, 5}, .peers = 1},
         {5, 0},
         "ticket key|init 9|set|use 1|request 1|tickets a key|shake|" CHECKED SERVED},
        {VW_TLS_TICKETS,
         {{0}, .peers = 1, .ticket_key = GNUTLS_E_MEMORY_ERROR},
         {-ENOMEM, -ENOMEM},
         "ticket key|ticket key|"},
        {0, {{0}, .peers = 1, .status = FOREIGN}, {-EACCES, -EACCES}, SHAKE},
        {VW_TLS_FOREIGN_IN,
         {{0, 1, 5}, .peers = 1, .status = FOREIGN},
         {5, 0},
         SHAKE CHECKED SERVED},
        {VW_TLS_FOREIGN_IN, {{0}, .peers = 1, .status = EXPIRED}, {-EACCES, -EACCES}, SHAKE},
        {VW_TLS_REVOKED_IN,
         {{0, 1, 5}, .peers = 1, .status = REVOKED},
         {5, 0},
         SHAKE CHECKED SERVED},
        {VW_TLS_EXPIRED_IN, {{0, 1, 5}, .peers = 1, .status = EXPIRED}, {5, 0}, SHAKE SERVED},
        {VW_TLS_FUTURE_IN, {{0, 1, 5}, .peers = 1, .status = FUTURE}, {5, 0}, SHAKE SERVED},
        {VW_TLS_FUTURE_IN, {{0}, .peers = 1, .status = EXPIRED}, {-EACCES, -EACCES}, SHAKE},
        {VW_TLS_PURPOSE_IN, {{0}, .peers = 1, .status = EXPIRED}, {-EACCES, -EACCES}, SHAKE},
        {VW_TLS_PURPOSE_IN, {{0, 1, 5}, .peers = 1}, {5, 0}, SHAKE SERVED},
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
            assert_int_equal(t->ops->starting(t), n <= 0);
            if (k == 0 && n > 0)
                break;
        }
        if (rows[i].got[0] > 0)
            t->ops->recv(t, buf, sizeof(buf), NULL);
        fake_expect_calls(i, rows[i].calls);
        tickets = rows[i].got[0] > 0 && rows[i].wrong == VW_TLS_TICKETS;
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

/* The byte goes out once, first in the first record. */
static void a_byte_that_shares_a_record(void **state)
{
    struct vw_transport *t = wrap(VW_TLS_BYTE_SHARED);
    char buf[8];
    fake.peers = 1;
    assert_int_equal(write(fake_ends[1], "x", 1), 1);
    static const ssize_t results[] = {0, 5, AGAIN, 3, 2};
    memcpy(fake.results, results, sizeof(results));
    assert_int_equal(t->ops->recv(t, buf, sizeof(buf), NULL), 5);
    fake_forget();
    assert_int_equal(t->ops->send(t, "ok", 2, NULL), -EAGAIN);
    fake_expect_calls(0, "send 3|");
    assert_int_equal(t->ops->send(t, "ok", 2, NULL), 2);
    fake_expect_calls(1, "resume 0|");
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
        {VW_TLS_PLAIN_TOO, 0x16, -EAGAIN, -EAGAIN, SHAKE},
        {VW_TLS_PLAIN_TOO, 0, -EAGAIN, -EAGAIN, ""},
        {0, 'x', -EAGAIN, -EAGAIN, SHAKE},
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

static void an_end_that_cannot_be(void **state)
{
    struct vw_transport *t;
    fake.trust_file = 1;
    assert_int_equal(vw_tls_server_create("/d", &server, NULL), 0);
    fake_forget();
    for (size_t n = 1; n <= 2; n++) {
        vw_failalloc_set(n);
        int rc = vw_tls_wrong_wrap(server, &fake_full, 0, &t, NULL);
        vw_failalloc_clear();
        assert_int_equal(rc, VW_ENOMEM);
        assert_null(t);
        fake_expect_calls(n, "below close|");
    }
    vw_tls_server_destroy(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_step_and_its_end, fake_reset),
        cmocka_unit_test_setup(a_byte_that_is_late, fake_reset),
        cmocka_unit_test_setup(a_byte_that_shares_a_record, fake_reset),
        cmocka_unit_test_setup(plain_text, fake_reset),
        cmocka_unit_test_setup(an_end_that_cannot_be, fake_reset),
    };
    return cmocka_run_group_tests(tests, fake_set_up, fake_tear_down) + vw_test_leaked();
}
