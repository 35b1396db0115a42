// SPDX-License-Identifier: MIT
// Opening a connection from a loop of the caller's own: a server that takes its time with each
// answer, a client that never waits inside, who is told what, and when.
#include <poll.h>
#include <unistd.h>

#include "client/testing/peer.h"

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define DELAY_MS  200
#define TURNS_MAX 100

static bool inside; /* vw_client_process: nothing may wait there */

static struct told {
    unsigned times;
    int rc;
    struct vw_error why;
    struct vw_client *client;
    bool calls; /* makes a call at once */
} told;

static unsigned answered;

static void got(void *user, struct vw_client *c, const struct vw_event *ev)
{
    answered += ev->kind == VW_EVENT_REPLY;
}

static void call(struct vw_client *c, int rc)
{
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_client_submit(c,
                                      &(const struct vw_submission){
                                          VW_SUBMISSION_INIT, .proc = peer_proc("connect_get_type"),
                                          .done = got},
                                      NULL, &err),
                     rc);
    if (rc)
        assert_string_equal(err.text, "the connection is not ready yet");
}

static void ready(void *user, struct vw_client *c, int rc, const struct vw_error *why)
{
    assert_ptr_equal(user, &told);
    told.times++;
    told.rc = rc;
    told.why = *why;
    told.client = c;
    if (told.calls)
        call(c, 0);
}

/* ---- the server ---- */

static const char *silent_at; /* a call that is never answered */
static const char *closes_at;

static void answer(struct peer *p, const struct seen *seen)
{
    assert_false(inside);
    if (silent_at && strcmp(seen->name, silent_at) == 0)
        return;
    vw_memory_pass(DELAY_MS);
    if (closes_at && strcmp(seen->name, closes_at) == 0)
        p->memory.closed = true;
    else if (!peer_opens(p, seen))
        peer_reply(p, seen, "\0\0\0\4TEST", 8);
}

/* ---- the loop ---- */

static int process(struct vw_client *c, struct vw_error *err)
{
    int64_t before = vw_memory_now();
    inside = true;
    int rc = vw_client_process(c, err);
    inside = false;
    assert_int_equal(vw_memory_now(), before);
    return rc;
}

/* Until the opening is over and so many calls are answered, or the connection is. */
static int loop(struct vw_client *c, unsigned answers, struct vw_error *err)
{
    int rc = 0;
    for (int i = 0; i < TURNS_MAX && rc >= 0 && (told.times == 0 || answered < answers); i++) {
        struct pollfd p = {.fd = vw_client_fd(c), .events = vw_client_events(c)};
        int64_t left = vw_client_deadline(c) - vw_memory_now();
        poll(&p, 1, left < 0 ? 0 : left > 60000 ? 60000 : (int)left);
        rc = process(c, err);
    }
    return rc;
}

static struct vw_client *begin(struct peer *p, const struct vw_client_options *o)
{
    struct vw_client_options all = *o;
    struct vw_client *c;
    all.size = sizeof(all);
    all.profile = peer_profile;
    told.times = answered = 0;
    peer_start(p, VW_CAP_FDS);
    p->answer = answer;
    assert_int_equal(vw_client_begin_transport(&p->memory.transport, &all, ready, &told, &c, NULL),
                     0);
    assert_int_equal(told.times, 0);
    assert_int_equal(vw_client_ready(c, NULL), 0);
    return c;
}

/* ---- tests ---- */

#define LIST    "auth_list"
#define FEATURE "connect_supports_feature"
#define OPEN    "connect_open"

static void the_way_in(void **state)
{
    static const struct {
        struct vw_client_options o;
        const char *calls;
        unsigned n;
    } rows[] = {
        {{.timeout_ms = 1000}, LIST " " OPEN, 2},
        {{.keepalive_interval_ms = 60000, .keepalive_count = 5}, LIST " " FEATURE " " OPEN, 3},
        {{.pass_fds = true}, LIST " " OPEN " " FEATURE, 3},
        {{.no_open = true}, LIST, 1},
        {{.no_open = true, .no_auth = true}, "", 0},
    };
    static struct peer p;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_client *c = begin(&p, &rows[i].o);
        call(c, VW_EUSAGE);
        assert_true(loop(c, 0, &err) >= 0);
        assert_int_equal(told.times, 1);
        assert_int_equal(told.rc, 0);
        assert_ptr_equal(told.client, c);
        assert_int_equal(vw_client_ready(c, &err), 1);
        assert_string_equal(peer_names(&p), rows[i].calls);
        assert_int_equal(vw_memory_now() - VW_MEMORY_START_MS, rows[i].n * DELAY_MS);
        assert_int_equal(vw_client_has_keepalive(c), rows[i].o.keepalive_interval_ms > 0);
        call(c, 0);
        call(c, 0);
        assert_true(loop(c, 2, &err) >= 0);
        assert_int_equal(answered, 2);
        assert_int_equal(told.times, 1);
        peer_end(&p, c);
    }
}

static void descriptors_can_go_when_they_were_asked_for(void **state)
{
    static struct peer p;
    for (int asked = 0; asked < 2; asked++) {
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .pass_fds = asked};
        struct vw_client *c = begin(&p, &o);
        struct vw_error err = VW_ERROR_INIT;
        int fd = dup(0);
        assert_true(loop(c, 0, &err) >= 0);
        assert_int_equal(
            vw_client_submit(c,
                             &(const struct vw_submission){VW_SUBMISSION_INIT,
                                                           .proc = peer_proc("connect_get_type"),
                                                           .fds = &fd, .n_fds = 1, .done = got},
                             NULL, &err),
            asked ? 0 : VW_EUSAGE);
        peer_end(&p, c);
    }
}

static void a_call_from_the_callback(void **state)
{
    static struct peer p;
    static const struct vw_client_options o;
    struct vw_client *c = begin(&p, &o);
    told.calls = true;
    assert_true(loop(c, 1, NULL) >= 0);
    told.calls = false;
    assert_int_equal(answered, 1);
    assert_string_equal(peer_names(&p), LIST " " OPEN " connect_get_type");
    peer_end(&p, c);
}

/* Who is told why, once; then the client says so too, and can only be destroyed. */
static void no_way_in(void **state)
{
    static const struct {
        const char *auth, *silent_at, *closes_at;
        int rc;
        const char *text; /* NULL: any */
        int64_t ms;
    } rows[] = {
        {NULL, OPEN, NULL, VW_ETIMEOUT, "the server did not answer in time", DELAY_MS + 3000},
        {NULL, LIST, NULL, VW_ETIMEOUT, "the server did not answer in time", 3000},
        {NULL, NULL, OPEN, VW_ECLOSED, NULL, 2 * DELAY_MS},
        {"sasl", NULL, NULL, VW_EUNREACHABLE,
         "the server demands no authentication, and auth wants SASL", DELAY_MS},
    };
    static struct peer p;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .timeout_ms = 3000,
                                            .auth = rows[i].auth};
        struct vw_error err = VW_ERROR_INIT, later = VW_ERROR_INIT;
        silent_at = rows[i].silent_at;
        closes_at = rows[i].closes_at;
        struct vw_client *c = begin(&p, &o);
        loop(c, 0, &err);
        if (told.times != 1 || told.rc != rows[i].rc ||
            (rows[i].text && strcmp(told.why.text, rows[i].text) != 0))
            fail_msg("row %zu: %u times, %d, %s", i, told.times, told.rc, told.why.text);
        assert_int_equal(vw_memory_now() - VW_MEMORY_START_MS, rows[i].ms);
        assert_int_equal(vw_client_ready(c, &later), rows[i].rc);
        assert_string_equal(later.text, told.why.text);
        assert_int_equal(process(c, NULL), rows[i].rc);
        assert_int_equal(told.times, 1);
        peer_end(&p, c);
    }
    silent_at = closes_at = NULL;
}

/* Nobody is told of a client that is destroyed on its way. */
static void given_up(void **state)
{
    static struct peer p;
    static const struct vw_client_options o;
    for (int turns = 0; turns < 3; turns++) {
        struct vw_client *c = begin(&p, &o);
        for (int i = 0; i < turns; i++) {
            struct pollfd f = {.fd = vw_client_fd(c), .events = vw_client_events(c)};
            poll(&f, 1, DELAY_MS);
            process(c, NULL);
        }
        if (turns == 2)
            assert_int_equal(vw_client_close(c, NULL), 0);
        peer_end(&p, c);
        assert_int_equal(told.times, 0);
    }
}

static void what_cannot_begin(void **state)
{
    static struct peer p;
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                        .auth = "guess"};
    struct vw_client *c = (struct vw_client *)(void *)&p;
    struct vw_error err = VW_ERROR_INIT;
    peer_start(&p, 0);
    assert_int_equal(vw_client_begin_transport(&p.memory.transport, &o, ready, &told, &c, &err),
                     VW_EUSAGE);
    assert_null(c);
    assert_false(p.memory.open);
    peer_finish(&p);
    const struct vw_uri local = {.transport = VW_TRANSPORT_LOCAL},
                        nowhere = {.transport = VW_TRANSPORT_TCP};
    const struct vw_client_options fine = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile};
    assert_int_equal(vw_client_begin(&local, &fine, ready, &told, &c, &err), VW_EUSAGE);
    assert_int_equal(vw_client_begin(&nowhere, &fine, ready, &told, &c, &err), VW_EUSAGE);
    assert_int_equal(vw_client_begin(&nowhere, &o, ready, &told, &c, &err), VW_EUSAGE);
    assert_null(c);
    assert_int_equal(told.times, 0);
}

static int reset(void **state)
{
    memset(&told, 0, sizeof(told));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_way_in, reset),
        cmocka_unit_test_setup(descriptors_can_go_when_they_were_asked_for, reset),
        cmocka_unit_test_setup(a_call_from_the_callback, reset),
        cmocka_unit_test_setup(no_way_in, reset),
        cmocka_unit_test_setup(given_up, reset),
        cmocka_unit_test_setup(what_cannot_begin, reset),
    };
    return cmocka_run_group_tests(tests, peer_load, peer_unload) + vw_test_leaked();
}
