// SPDX-License-Identifier: MIT
// Descriptors that a case passes: with which bytes they go, and whether the peer, in memory, has
// closed them.
#include "base/testing/test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conformance/play/testing/play.h"

static struct vw_profile *profile;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load(NULL, NULL, &profile, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

/* GET_TYPE, plain and with a descriptor that is announced. */
#define PLAIN   "  - send: {call: {procedure: connect_get_type}, with: 3}\n"
#define CALL(n) "  - send: {call: {procedure: connect_get_type, type: call-with-fds, fds: " n "}}\n"
#define REPLY   "00000024 20008086 00000001 00000003 00000001 00000001 00000000 00000004 54455354"
#define HEADER  " 20008086 00000001 00000003 "
#define SENT(n) " 00000020" HEADER "00000004 00000001 00000000 " n "+0"

struct row {
    unsigned caps;
    const char *steps;
    int keep;       /* so many descriptors stay open */
    int send_error; /* of a write with descriptors */
    enum vw_verdict verdict;
    const char *reason;
    int64_t ms;
    const char *log; /* words that were written, with how many descriptors */
};

static const struct row *now;
static struct vw_memory wire;
static const struct vw_transport_ops *plain;
static char seen[4000];
static unsigned due, n_kept;
static int kept[64];

static void __attribute__((format(printf, 1, 2))) see(const char *fmt, ...)
{
    size_t n = strlen(seen);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(seen + n, sizeof(seen) - n, fmt, ap);
    va_end(ap);
}

static void answer(void)
{
    uint8_t bytes[36];
    const char *hex = REPLY;
    size_t n = 0;
    unsigned byte;
    for (; *hex; hex++)
        if (*hex != ' ' && sscanf(hex++, "%2x", &byte) == 1)
            bytes[n++] = (uint8_t)byte;
    assert_true(vw_memory_put(&wire, bytes, n));
}

static ssize_t send_fds(struct vw_transport *t, const void *buf, size_t len,
                        const struct vw_fds *fds)
{
    const uint8_t *bytes = buf;
    unsigned n = fds ? fds->count : 0;
    if (n && now->send_error)
        return now->send_error;
    ssize_t rc = plain->send(t, buf, len, NULL);
    for (ssize_t i = 0; i < rc; i++)
        see("%s%02x", i % 4 ? "" : " ", bytes[i]);
    see("+%u", n);
    for (unsigned i = 0; i < n && n_kept < (unsigned)now->keep; i++)
        kept[n_kept++] = fcntl(fds->fd[i], F_DUPFD_CLOEXEC, 0);
    bool with_call = len == 27 && bytes[18] == 0; /* the rest of PLAIN */
    due += len == 32 ? bytes[31] : 0;
    if (with_call || (n && due && --due == 0))
        answer();
    return rc;
}

static int on_connect(void *user, const struct vw_uri *uri, int64_t deadline_ms,
                      struct vw_transport **out, struct vw_error *err)
{
    static struct vw_transport_ops ops;
    vw_memory_join(&wire, now->caps);
    plain = wire.transport.ops;
    ops = *plain;
    ops.send = send_fds;
    wire.transport.ops = &ops;
    *out = &wire.transport;
    return 0;
}

static bool play_row(const struct row *r)
{
    const struct vw_uri uri = {.name = "test:///default", .transport = VW_TRANSPORT_UNIX};
    struct vw_run_settings settings = {.connector = {.connect = on_connect},
                                       .profile = profile,
                                       .uri = &uri,
                                       .uri_text = "test+unix:///default",
                                       .timeout_ms = 1000,
                                       .quiet_ms = 500};
    struct vw_suite suite = {0};
    struct played got;
    char text[1000];
    unsigned before = vw_test_descriptors();
    now = r;
    due = n_kept = 0;
    seen[0] = '\0';
    snprintf(text, sizeof(text), "needs: [connect]\nsteps:\n%s", r->steps);
    vw_memory_start();
    play(play_case(&suite, profile, text), &settings, &got);
    vw_suite_finish(&suite);
    for (unsigned i = 0; i < n_kept; i++)
        close(kept[i]);
    vw_memory_finish(&wire);
    if (got.verdict == r->verdict && strcmp(got.reason, r->reason ? r->reason : "") == 0 &&
        got.ms == r->ms && (!r->log || strcmp(seen, r->log) == 0) &&
        vw_test_descriptors() == before)
        return true;
    print_message("%s, %s, %d ms;%s\n%s\n", vw_verdict_name(got.verdict), got.reason, (int)got.ms,
                  seen, got.transcript);
    return false;
}

#define FDS    VW_CAP_FDS
#define WAITS  "  - quiet: listen\n"
#define PASS   "  - pass: 1\n"
#define GOOD   "  - expect: {reply: {type: TEST}}\n"
#define CLOSED "  - expect-released:\n"
#define KEPT   "the peer keeps descriptors open that it has no use for"
#define NONE   "no descriptors can be passed here"

static void test_passed(void **state)
{
    static const struct row rows[] = {
        {FDS, CALL("1") PASS GOOD CLOSED, .log = SENT("00000001") " 00+1"},
        {FDS, CALL("1") WAITS PASS GOOD CLOSED, .ms = 500, .log = SENT("00000001") " 00+1"},
        {FDS, CALL("2") PASS WAITS PASS GOOD CLOSED, .ms = 500,
         .log = SENT("00000002") " 00+1 00+1"},
        {FDS, CALL("3") "  - pass: 3\n" GOOD CLOSED, .log = SENT("00000003") " 00+1 00+1 00+1"},
        {FDS, CALL("2") PASS GOOD, .verdict = VW_HUNG,
         .reason = "waiting for what is expected: nothing in 1000 ms", .ms = 1000},
        {FDS, CALL("2") "  - pass: 2\n" GOOD CLOSED, .keep = 1, .verdict = VW_FAIL, .reason = KEPT,
         .ms = 1000},
        {FDS, CALL("1") PASS GOOD CLOSED, .send_error = -EPIPE, .verdict = VW_HUNG,
         .reason = "waiting for what is expected: nothing in 1000 ms", .ms = 1000},
        {FDS, PLAIN GOOD CLOSED,
         .log = " 00+3 00001c20 00808600 00000100 00000300 00000000 00000100 000000+0"},
        {FDS, CLOSED},
        {FDS, CALL("2") PASS "  - close:\n" CLOSED, .log = SENT("00000002") " 00+1"},
        {0, CALL("1") PASS GOOD CLOSED, .verdict = VW_SKIP, .reason = NONE},
        {0, PLAIN GOOD CLOSED, .verdict = VW_SKIP, .reason = NONE, .log = ""},
        {FDS, "  - pass: 0\n", .verdict = VW_ERROR,
         .reason = "a/b.yaml:6:11: expected a whole number from 1 to 64"},
        {FDS, "  - send: {call: {procedure: connect_get_type}, with: 33}\n", .verdict = VW_ERROR,
         .reason = "a/b.yaml:6:55: expected a whole number from 1 to 32"},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (play_row(&rows[i]))
            continue;
        print_message("row %zu\n", i);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_passed)};
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
