// SPDX-License-Identifier: MIT
// A clock that is moved, and faults and rules that come and go while connections stay.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/control/control.h"
#include "mock-daemon/stack.h"
#include "mock-daemon/testing.h"

static struct peer peer;
static char folder[VW_TEST_FOLDER];

enum { PING = 1, PONG = 2, FEATURE_KEEPALIVE = 10 };

/* Control makes connections that can be changed. */
static int set_up(void **state)
{
    char path[VW_TEST_FOLDER + 16];
    peer_start(&peer, NULL, NULL);
    vw_test_folder(folder);
    snprintf(path, sizeof(path), "%s/control", folder);
    assert_int_equal(vw_control_open(&peer.daemon, path, NULL), 0);
    vw_clock_init(&peer.daemon.clock, true);
    peer_reconnect(&peer, peer.daemon.faults);
    peer_open(&peer, 0);
    return 0;
}

static int tear_down(void **state)
{
    peer_stop(&peer);
    return rmdir(folder);
}

/* ---- what comes ---- */

struct came {
    unsigned pings, replies;
    bool over;
};

static void answer_ping(const struct vw_header *ping)
{
    struct vw_header h = *ping;
    struct vw_buf message = VW_BUF_INIT;
    struct vw_limits limits;
    vw_limits_from_profile(peer.daemon.profile, &limits);
    h.procedure = PONG;
    assert_int_equal(vw_message_append(&message, &limits, &h, 0, NULL, 0, NULL), 0);
    peer_send(&peer, message.data, message.len);
    vw_buf_finish(&message);
}

static void take(struct came *came, bool answers)
{
    static uint8_t bytes[65536];
    ssize_t n = peer_receive(&peer, bytes, sizeof(bytes)), at = 0;
    struct vw_header h;
    came->over = came->over || n < 0;
    for (; at < n; at += vw_load32(bytes + at)) {
        vw_header_decode(bytes + at + VW_LENGTH_BYTES, &h);
        came->replies += h.type == VW_MSG_REPLY;
        if (h.type != VW_MSG_MESSAGE)
            continue;
        came->pings += h.procedure == PING;
        if (h.procedure == PING && answers)
            answer_ping(&h);
    }
}

static void set_true(void *user)
{
    *(bool *)user = true;
}

/* Moves the clock. */
static struct came advance(int64_t ms, int settle_ms, bool answers)
{
    struct came came = {0};
    bool done = false;
    int64_t until = vw_clock_ms(&peer.daemon.clock) + ms;
    vw_advance_start(&peer.daemon.advance, ms, settle_ms, set_true, &done);
    while (!done)
        take(&came, answers);
    take(&came, answers);
    assert_int_equal(vw_clock_ms(&peer.daemon.clock), until);
    return came;
}

static struct came call(const char *name, const void *args)
{
    const struct vw_proc *proc = peer_proc(&peer, name);
    const struct vw_header h = {
        .program = proc->program->number, .version = 1, .procedure = proc->number, .serial = 7};
    struct vw_buf message = VW_BUF_INIT;
    struct vw_limits limits;
    struct came came = {0};
    vw_limits_from_profile(peer.daemon.profile, &limits);
    assert_int_equal(vw_message_append_value(&message, &limits, &h, 0, proc->args, args, NULL), 0);
    peer_send(&peer, message.data, message.len);
    vw_buf_finish(&message);
    take(&came, false);
    return came;
}

static void start_pings(void)
{
    const struct remote_connect_supports_feature_args args = {.feature = FEATURE_KEEPALIVE};
    assert_int_equal(call("connect_supports_feature", &args).replies, 1);
}

/* ---- the clock ---- */

/* K-5: five PINGs, five seconds apart, and five seconds more. */
static void a_client_that_hangs_is_ended_when_its_time_has_come(void **state)
{
    start_pings();
    int64_t began = vw_now_ms();
    struct came came = advance(29999, 1, false);
    assert_int_equal(came.pings, 5);
    assert_false(came.over);
    came = advance(1, 1, false);
    assert_true(came.over);
    assert_true(vw_now_ms() - began < 15000); /* of thirty seconds */
}

static void a_client_that_answers_stays(void **state)
{
    start_pings();
    struct came came = advance(60000, 30000, true);
    assert_int_equal(came.pings, 12);
    assert_false(came.over);
    assert_int_equal(call("connect_get_hostname", NULL).replies, 1);
}

static void nothing_goes_on_by_itself(void **state)
{
    start_pings();
    struct came came = {0};
    usleep(1000);
    take(&came, false);
    assert_int_equal(came.pings, 0);
    assert_int_equal(vw_clock_ns(&peer.daemon.clock), VW_CLOCK_START_MS * 1000000);
}

/* ---- faults and rules ---- */

static int load(const char *text)
{
    char path[VW_TEST_FOLDER + 16];
    struct vw_error err = VW_ERROR_INIT;
    snprintf(path, sizeof(path), "%s/rules", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    int rc = vw_stack_load(&peer.daemon, path, &err);
    unlink(path);
    return rc;
}

#define DELAY "rules:\n- on: {procedure: connect_get_hostname}\n  delay: 60000\n"

static void a_delay_goes_by_the_clock(void **state)
{
    assert_int_equal(load(DELAY), 0);
    assert_int_equal(call("connect_get_hostname", NULL).replies, 0);
    assert_int_equal(advance(59999, 0, false).replies, 0);
    assert_int_equal(advance(1, 0, false).replies, 1);
}

static void rules_that_go_let_go_what_they_hold(void **state)
{
    struct came came = {0};
    assert_int_equal(load(DELAY), 0);
    assert_int_equal(call("connect_get_hostname", NULL).replies, 0);
    assert_int_equal(load("rules:\n- on: {procedure: nothing}\n  drop:\n"), VW_ESYNTAX);
    take(&came, false);
    assert_int_equal(came.replies, 0);
    assert_int_equal(vw_stack_load(&peer.daemon, NULL, NULL), 0);
    take(&came, false);
    assert_int_equal(came.replies, 1);
    assert_int_equal(call("connect_get_hostname", NULL).replies, 1);
}

/* What is loaded later begins no connection that is there. */
static void rules_of_a_beginning_are_for_connections_to_come(void **state)
{
    assert_int_equal(load("rules:\n- on: {message: connect}\n  close:\n"), 0);
    assert_int_equal(call("connect_get_hostname", NULL).replies, 1);
    peer_connect(&peer);
    struct came came = {0};
    take(&came, false);
    assert_true(came.over);
}

/* A second fault does not make the first, or rules, forget what they have counted. */
static void what_stays_remembers(void **state)
{
    assert_int_equal(
        load("rules:\n- on: {procedure: connect_get_hostname, count: first}\n  drop:\n"), 0);
    assert_int_equal(call("connect_get_hostname", NULL).replies, 0);
    assert_int_equal(vw_stack_add(&peer.daemon, "legal-one-byte", NULL), 0);
    assert_int_equal(call("connect_get_hostname", NULL).replies, 1);
    assert_int_equal(vw_stack_add(&peer.daemon, "reply-dropped-sometimes", NULL), VW_ENAME);
    assert_int_equal(vw_stack_remove(&peer.daemon, "legal-one-byte", NULL), 0);
    assert_int_equal(vw_stack_remove(&peer.daemon, "legal-one-byte", NULL), VW_ENAME);
    assert_int_equal(call("connect_get_hostname", NULL).replies, 1);
}

static void faults_come_and_go(void **state)
{
    assert_int_equal(vw_stack_add(&peer.daemon, "unknown-procedure-silent", NULL), 0);
    assert_int_equal(vw_stack_add(&peer.daemon, "reply-wrong-serial", NULL), 0);
    const struct vw_proc *proc = peer_proc(&peer, "connect_get_hostname");
    assert_int_not_equal(peer_call(&peer, proc, NULL, 0).header.serial, 42);
    assert_int_equal(vw_stack_remove(&peer.daemon, "all", NULL), 0);
    assert_int_equal(peer_call(&peer, proc, NULL, 0).header.serial, 42);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_client_that_hangs_is_ended_when_its_time_has_come),
        TEST(a_client_that_answers_stays),
        TEST(nothing_goes_on_by_itself),
        TEST(a_delay_goes_by_the_clock),
        TEST(rules_that_go_let_go_what_they_hold),
        TEST(rules_of_a_beginning_are_for_connections_to_come),
        TEST(what_stays_remembers),
        TEST(faults_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
