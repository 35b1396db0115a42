// SPDX-License-Identifier: MIT
// The start of a client over TLS, with each answer that GnuTLS may give: what it is told, how the
// wait for it ends, and what is said and undone when it fails. TLS itself is in test-tls.
#include "transport/testing/fake-gnutls.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "transport/testing/tls-client.h"

/* ---- the start ---- */

static void a_session_is_made(void **state)
{
    static const struct {
        const char *priority;
        struct fake f;
        int rc;
        const char *text, *calls;
    } rows[] = {
        {NULL, {.priority_at = -1}, 0, "", "init a|default|use 1|"},
        {"", {.priority_at = -1}, 0, "", "init a|default|use 1|"},
        {"NORMAL", {.priority_at = 0}, 0, "", "init a|priority NORMAL|use 1|"},
        {NULL, {.init = -25}, VW_ENOMEM, "out of memory", "init a|"},
        {NULL, {.init = -50}, VW_ESYSTEM, "TLS: its text", "init a|"},
        {"NO:+X",
         {.priority = GNUTLS_E_INVALID_REQUEST, .priority_at = 3},
         VW_EUSAGE,
         "tls_priority is not understood at \"+X\"",
         "init a|priority NO:+X|"},
        {"NO:+X",
         {.priority = GNUTLS_E_INVALID_REQUEST, .priority_at = -1},
         VW_EUSAGE,
         "tls_priority: its text",
         "init a|priority NO:+X|"},
        {"NO",
         {.priority = GNUTLS_E_NO_PRIORITIES_WERE_SET, .priority_at = 1},
         VW_EUSAGE,
         "tls_priority: its text",
         "init a|priority NO|"},
        {NULL, {.credentials = -1}, VW_ESYSTEM, "TLS: its text", "init a|default|use 1|"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_tls *t = fake_tls(&fake_full);
        struct vw_error err = VW_ERROR_INIT;
        fake_reset(NULL);
        fake = rows[i].f;
        t->cred = fake_credentials();
        fake_pull = NULL;
        fake_push = NULL;
        fake_user = NULL;
        assert_int_equal(vw_tls_start(t, GNUTLS_CLIENT, rows[i].priority, &err), rows[i].rc);
        assert_string_equal(err.text, rows[i].text);
        fake_expect_calls(i, rows[i].calls);
        assert_int_equal(fake_pull && fake_push && fake_user == t, rows[i].rc == 0);
        fake_end(t);
    }
}

/* Small reads of GnuTLS are one large read below. */
static void what_gnutls_reads(void **state)
{
    struct vw_tls *t = fake_tls(&fake_full);
    char buf[8];
    t->cred = fake_credentials();
    assert_int_equal(vw_tls_start(t, GNUTLS_CLIENT, NULL, NULL), 0);
    fake_forget();
    fake.lower = 5;
    assert_int_equal(fake_pull(t, buf, 2), 2);
    assert_memory_equal(buf, "ab", 2);
    assert_int_equal(fake_pull(t, buf, 1), 1);
    assert_memory_equal(buf, "c", 1);
    fake_expect_calls(0, "below recv 16896|");
    assert_int_equal(fake_pull(t, buf, 8), 2);
    assert_memory_equal(buf, "de", 2);
    fake_expect_calls(1, "");
    fake.lower = 3;
    assert_int_equal(fake_pull(t, buf, 3), 3);
    assert_memory_equal(buf, "abc", 3);
    fake.lower = -EAGAIN;
    fake_forget();
    assert_int_equal(fake_pull(t, buf, 8), -1);
    fake_expect_calls(2, "below recv 16896|errno 11|");
    fake.lower = 0;
    assert_int_equal(fake_pull(t, buf, 8), 0);
    assert_int_equal(fake_pull(t, buf, 8), 0);
    fake_expect_calls(3, "below recv 16896|below recv 16896|");
    fake.lower = 4;
    assert_int_equal(fake_push(t, "abcdef", 6), 4);
    fake.lower = 0;
    assert_int_equal(fake_push(t, "x", 1), 0);
    fake_expect_calls(4, "below send abcdef|below send x|");
    fake.lower = -EPIPE;
    assert_int_equal(fake_push(t, "x", 1), -1);
    fake_expect_calls(5, "below send x|errno 32|");
    fake_end(t);
}

/* ---- a client ---- */

static char warned[300];

static void warn(void *user, const char *text)
{
    size_t n = strlen(warned);
    snprintf(warned + n, sizeof(warned) - n, "%s|", text);
}

#define R4  "recv|recv|recv|recv|"
#define R16 R4 R4 R4 R4
#define I5  INT, INT, INT, INT, INT

#define START   "credentials|init 20a|default|use 1|"
#define SHAKEN  START "shake|"
#define UNDONE  "end|free credentials|below close|"
#define DONE_UP "bye 1|" UNDONE
#define RAW     "the server's certificate is not of type X.509"
#define NO_TLS  "the server does not speak TLS here: its answer is no TLS record"
#define CLOSED                                                                                     \
    "the server closed the connection during the TLS handshake: it may not speak TLS here"
#define WANTS    ": it wants a client certificate, and there is none (nowhere)"
#define TOO_LONG "the TLS handshake took too long"
#define NO_BYTE  "the server did not confirm the client certificate in time"

struct client_row {
    ssize_t results[FAKE_STEPS]; /* of the handshake, then of reading */
    const char *record;
    bool readable, for_writing, late, leave_byte, verify;
    int alert;
    int rc;
    const char *clause, *text, *calls;
};

static int connect_so(const struct client_row *r, struct vw_transport **t, struct vw_error *err)
{
    const struct vw_transport_options options = {.warn = warn};
    struct vw_uri uri = {.host = "h", .no_verify = !r->verify, .tls_file_sets = r->verify};
    char drained[8];
    uri.tls_files[0].ca = "/proc/self/cmdline";
    fake_reset(NULL);
    warned[0] = '\0';
    memcpy(fake.results, r->results, sizeof(fake.results));
    fake.record = r->record ? r->record : "\x01";
    fake.for_writing = r->for_writing;
    fake.alert = r->alert;
    fake.waiting = 1;
    if (r->readable)
        assert_int_equal(write(fake_ends[1], "x", 1), 1);
    int64_t deadline = vw_now_ms() + (r->late ? -1 : 3000);
    int rc =
        tls_client(&fake_full, &uri, r->leave_byte ? &vw_tls_bare : &options, deadline, t, err);
    if (r->readable)
        assert_int_equal(read(fake_ends[0], drained, sizeof(drained)), 1);
    return rc;
}

static void each_end_of_a_start(void **state)
{
    static const struct client_row rows[] = {
        {{0, 1}, .calls = SHAKEN "recv|drop|"},
        {{0}, .leave_byte = true, .calls = SHAKEN},
        {{0, 1}, .record = "\x01more", .calls = SHAKEN "recv|"},
        /* the handshake */
        {{INT, INT, 0, 1}, .calls = SHAKEN "shake|shake|recv|drop|"},
        {{AGAIN, 0, 1}, .for_writing = true, .calls = SHAKEN "shake|recv|drop|"},
        {{AGAIN, 0, 1}, .readable = true, .calls = SHAKEN "shake|recv|drop|"},
        {{AGAIN, 0}, .late = true, .rc = VW_ETIMEOUT, .text = TOO_LONG, .calls = SHAKEN UNDONE},
        {{AGAIN, 0},
         .late = true,
         .readable = true,
         .rc = VW_ETIMEOUT,
         .text = TOO_LONG,
         .calls = SHAKEN UNDONE},
        {{INT, 0}, .late = true, .rc = VW_ETIMEOUT, .text = TOO_LONG, .calls = SHAKEN UNDONE},
        {{GNUTLS_E_MEMORY_ERROR}, .rc = VW_ENOMEM, .text = "out of memory", .calls = SHAKEN UNDONE},
        {{GNUTLS_E_FATAL_ALERT_RECEIVED},
         .alert = GNUTLS_A_BAD_CERTIFICATE,
         .rc = VW_EUNREACHABLE,
         .text = "the server ended the TLS handshake with the alert 'bad'",
         .calls = SHAKEN UNDONE},
        {{GNUTLS_E_PREMATURE_TERMINATION},
         .rc = VW_EUNREACHABLE,
         .text = CLOSED,
         .calls = SHAKEN UNDONE},
        {{GNUTLS_E_PULL_ERROR}, .rc = VW_EUNREACHABLE, .text = CLOSED, .calls = SHAKEN UNDONE},
        {{GNUTLS_E_PUSH_ERROR}, .rc = VW_EUNREACHABLE, .text = CLOSED, .calls = SHAKEN UNDONE},
        {{GNUTLS_E_UNEXPECTED_PACKET},
         .rc = VW_EUNREACHABLE,
         .text = NO_TLS,
         .calls = SHAKEN UNDONE},
        {{GNUTLS_E_UNEXPECTED_PACKET_LENGTH},
         .rc = VW_EUNREACHABLE,
         .text = NO_TLS,
         .calls = SHAKEN UNDONE},
        {{GNUTLS_E_UNSUPPORTED_VERSION_PACKET},
         .rc = VW_EUNREACHABLE,
         .text = NO_TLS,
         .calls = SHAKEN UNDONE},
        {{GNUTLS_E_RECORD_OVERFLOW}, .rc = VW_EUNREACHABLE, .text = NO_TLS, .calls = SHAKEN UNDONE},
        {{GNUTLS_E_DECRYPTION_FAILED},
         .rc = VW_EUNREACHABLE,
         .text = "the TLS handshake failed: no key",
         .calls = SHAKEN UNDONE},
        /* T-7 */
        {{0, 1},
         .verify = true,
         .rc = VW_EUNREACHABLE,
         .clause = "T-7",
         .text = RAW,
         .calls = "credentials|trust|init 20a|default|use 1|shake|alert 2 42|" DONE_UP},
        /* the byte */
        {{0, AGAIN, 1}, .readable = true, .calls = SHAKEN "recv|recv|drop|"},
        {{0, I5, I5, I5, INT, 1}, .calls = SHAKEN R16 "recv|drop|"},
        {{0, AGAIN, 1},
         .late = true,
         .rc = VW_ETIMEOUT,
         .text = NO_BYTE,
         .calls = SHAKEN "recv|" DONE_UP},
        {{0, AGAIN, 1},
         .late = true,
         .readable = true,
         .rc = VW_ETIMEOUT,
         .text = NO_BYTE,
         .calls = SHAKEN "recv|" DONE_UP},
        {{0, 0},
         .rc = VW_EUNREACHABLE,
         .clause = "T-10",
         .text = "the server closed the connection" WANTS,
         .calls = SHAKEN "recv|" DONE_UP},
        {{0, GNUTLS_E_FATAL_ALERT_RECEIVED},
         .alert = GNUTLS_A_CLOSE_NOTIFY,
         .rc = VW_EUNREACHABLE,
         .clause = "T-10",
         .text = "the server sent the alert 'bye'" WANTS,
         .calls = SHAKEN "recv|" UNDONE},
        {{0, GNUTLS_E_MEMORY_ERROR},
         .rc = VW_ENOMEM,
         .text = "out of memory",
         .calls = SHAKEN "recv|" UNDONE},
        {{0, GNUTLS_E_DECRYPTION_FAILED},
         .rc = VW_EPROTOCOL,
         .text = "TLS: no key",
         .calls = SHAKEN "recv|" UNDONE},
        {{0, 1},
         .record = "\x02",
         .rc = VW_EPROTOCOL,
         .clause = "T-2",
         .text = "the server's verification byte is 0x02 and not 0x01",
         .calls = SHAKEN "recv|drop|" DONE_UP},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_transport *t;
        int rc = connect_so(&rows[i], &t, &err);
        if (rc != rows[i].rc || strcmp(err.text, rows[i].text ? rows[i].text : "") != 0)
            fail_msg("row %zu: %d, %s", i, rc, err.text);
        fake_expect_calls(i, rows[i].calls);
        assert_string_equal(err.clause, rows[i].clause ? rows[i].clause : "");
        assert_int_equal(t != NULL, rc == 0);
        if (!t)
            continue;
        assert_string_equal(warned,
                            rows[i].leave_byte
                                ? ""
                                : "there is no CA certificate to check the server with (no place "
                                  "is known)|" RAW "; connected all the same, as no_verify asks|");
        t->ops->close(t);
        fake_expect_calls(i, rows[i].record ? "drop|" DONE_UP : DONE_UP);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_session_is_made, fake_reset),
        cmocka_unit_test_setup(what_gnutls_reads, fake_reset),
        cmocka_unit_test_setup(each_end_of_a_start, fake_reset),
    };
    return cmocka_run_group_tests(tests, fake_set_up, fake_tear_down) + vw_test_leaked();
}
