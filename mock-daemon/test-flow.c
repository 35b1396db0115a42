// SPDX-License-Identifier: MIT
// What waits for a client is bounded, and so is the time that one client has before others: D-26
// as real servers keep it.
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/testing.h"

#define CALLS 44

static struct peer peer;

static struct vw_buf make(const char *name, const void *args, uint32_t first, uint32_t n)
{
    const struct vw_proc *proc = peer_proc(&peer, name);
    struct vw_buf all = VW_BUF_INIT;
    struct vw_limits limits;
    vw_limits_from_profile(peer.daemon.profile, &limits);
    for (uint32_t i = 0; i < n; i++) {
        const struct vw_header h = {.program = proc->program->number,
                                    .version = 1,
                                    .procedure = proc->number,
                                    .serial = first + i};
        assert_int_equal(vw_message_append_value(&all, &limits, &h, 0, proc->args, args, NULL), 0);
    }
    return all;
}

static struct vw_buf downloads(uint64_t length, uint32_t first, uint32_t n)
{
    const struct remote_storage_vol_download_args args = {
        .vol = {.pool = vw_string("test"), .name = vw_string("test"), .key = vw_string("/test")},
        .length = length};
    return make("storage_vol_download", &args, first, n);
}

static void work(void)
{
    for (int i = 0; i < 4; i++)
        ev_run(peer.loop, EVRUN_NOWAIT);
}

/* Sends all that the socket takes and lets the daemon work. */
static void send_all(int fd, struct vw_buf *what)
{
    assert_int_equal(write(fd, what->data, what->len), what->len);
    vw_buf_finish(what);
    for (int i = 0; i < 50; i++)
        work();
}

/* What came on one serial. */
struct came {
    uint32_t replies, packets, ends;
    size_t data;
};

/* Takes what is there for the client, until nothing more comes; gives how many messages. */
static size_t take(int fd, struct came *came, size_t n_came)
{
    static uint8_t in[1 << 20];
    size_t have = 0, messages = 0;
    struct vw_header h;
    for (;;) {
        work();
        ssize_t n = read(fd, in + have, sizeof(in) - have);
        if (n <= 0)
            break;
        have += (size_t)n;
        uint32_t len, at = 0;
        for (; have - at >= VW_PREFIX_BYTES && (len = vw_load32(in + at)) <= have - at; at += len) {
            vw_header_decode(in + at + VW_LENGTH_BYTES, &h);
            assert_in_range(h.serial, 2, n_came + 1);
            struct came *c = &came[h.serial - 2];
            c->replies += h.type == VW_MSG_REPLY;
            c->packets += h.type == VW_MSG_STREAM && len > VW_PREFIX_BYTES;
            c->ends += h.type == VW_MSG_STREAM && len == VW_PREFIX_BYTES;
            c->data += h.type == VW_MSG_STREAM ? len - VW_PREFIX_BYTES : 0;
            messages++;
        }
        have -= at;
        memmove(in, in + at, have);
    }
    assert_int_equal(have, 0);
    return messages;
}

static int start(void **state)
{
    peer_start(&peer, NULL, NULL);
    peer_open(&peer, 0);
    return 0;
}

static int stop(void **state)
{
    peer_stop(&peer);
    return 0;
}

/* Another client is served at once. */
static void others_are_served(void)
{
    int fd = peer.fd;
    assert_int_equal(peer_connect(&peer), 0);
    peer_open(&peer, 0);
    assert_int_equal(
        peer_call(&peer, peer_proc(&peer, "connect_get_hostname"), NULL, 0).header.status, 0);
    close(peer.fd);
    peer.fd = fd;
}

static void downloads_that_nobody_reads_cost_a_packet(void **state)
{
    static struct came came[CALLS + 1];
    memset(came, 0, sizeof(came));
    /* The volume has its bytes from the first use on. */
    struct vw_buf first = downloads(1, CALLS + 2, 1);
    send_all(peer.fd, &first);
    assert_int_equal(take(peer.fd, came, CALLS + 1), 3);
    memset(came, 0, sizeof(came));
    struct vw_buf calls = downloads(1 << 20, 2, CALLS);
    size_t before = mallinfo2().uordblks;
    send_all(peer.fd, &calls);
    assert_true(mallinfo2().uordblks < before + (800 << 10));
    others_are_served();

    /* One packet of each, before the second of any. */
    take(peer.fd, came, CALLS);
    for (int i = 0; i < CALLS; i++) {
        assert_int_equal(came[i].replies, 1);
        assert_int_equal(came[i].data, 1 << 20);
        assert_int_equal(came[i].packets, 5);
        assert_int_equal(came[i].ends, 1);
    }
}

static void streams_of_one_client_are_counted(void **state)
{
    const struct remote_storage_vol_upload_args args = {
        .vol = {.pool = vw_string("test"), .name = vw_string("test"), .key = vw_string("/test")},
        .length = 1};
    peer.config.max_client_streams = 2;
    peer_reconnect(&peer, NULL);
    peer_open(&peer, 0);
    struct vw_buf calls = make("storage_vol_upload", &args, 2, 4);
    uint8_t in[4096];
    send_all(peer.fd, &calls);
    ssize_t at = 0, n = read(peer.fd, in, sizeof(in));
    for (int i = 0; i < 4; i++, at += vw_load32(in + at)) {
        struct vw_header h;
        assert_true(at < n);
        vw_header_decode(in + at + VW_LENGTH_BYTES, &h);
        assert_int_equal(h.status, i < 2 ? VW_MSG_OK : VW_MSG_ERROR);
    }
    assert_int_equal(at, n);
    others_are_served();
}

/* D-26: no more is taken in than max_client_requests while replies cannot be written. */
static void requests_count_until_their_replies_are_written(void **state)
{
    static struct came came[1000];
    struct vw_buf calls = make("connect_get_capabilities", NULL, 2, 1000);
    memset(came, 0, sizeof(came));
    size_t before = mallinfo2().uordblks;
    send_all(peer.fd, &calls);
    assert_true(mallinfo2().uordblks < before + (300 << 10));
    others_are_served();
    assert_int_equal(take(peer.fd, came, 1000), 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(came[i].replies, 1);
}

/* How many messages are there for the client, without another turn of the loop. */
static uint32_t there(int fd)
{
    static uint8_t in[1 << 18];
    ssize_t n = read(fd, in, sizeof(in));
    uint32_t count = 0;
    for (ssize_t at = 0; at < n; at += vw_load32(in + at))
        count++;
    return count;
}

/* What a client sends at once is not all answered before another has its turn. */
static void a_turn_is_bounded(void **state)
{
    struct vw_buf calls = make("connect_get_hostname", NULL, 2, 1000);
    struct vw_buf one = make("connect_get_hostname", NULL, 2, 1);
    int many = peer.fd;
    uint32_t count;
    assert_int_equal(peer_connect(&peer), 0);
    peer_open(&peer, 0);
    assert_int_equal(write(many, calls.data, calls.len), calls.len);
    assert_int_equal(write(peer.fd, one.data, one.len), one.len);
    ev_run(peer.loop, EVRUN_NOWAIT);
    assert_int_equal(there(peer.fd), 1);
    count = there(many);
    assert_in_range(count, 1, 32);
    for (int i = 0; i < 10000 && count < 1000; i++) {
        ev_run(peer.loop, EVRUN_NOWAIT);
        count += there(many);
    }
    assert_int_equal(count, 1000);
    vw_buf_finish(&calls);
    vw_buf_finish(&one);
    close(many);
}

/* A connection that is told each event twice. */
static int watch_twice(struct remote_nonnull_domain *domain)
{
    struct remote_connect_domain_event_callback_register_any_args args = {.eventID = 0};
    const struct vw_proc *proc = peer_proc(&peer, "connect_domain_event_callback_register_any");
    assert_int_equal(peer_connect(&peer), 0);
    peer_open(&peer, 0);
    assert_int_equal(peer_call_with(&peer, proc, &args).header.status, VW_MSG_OK);
    args.dom = domain;
    assert_int_equal(peer_call_with(&peer, proc, &args).header.status, VW_MSG_OK);
    return peer.fd;
}

/* What others are told in the turn of one client is part of it: twelve thousand messages. */
static void a_turn_is_bounded_in_what_others_are_told(void **state)
{
    struct remote_domain_suspend_args args = {.dom = {.name = vw_string("test"), .id = 1}};
    struct vw_buf calls = VW_BUF_INIT;
    int watching[100], firing = peer.fd;
    memcpy(args.dom.uuid, peer_domains(&peer)->list[0]->uuid, 16);
    for (size_t i = 0; i < 100; i++)
        watching[i] = watch_twice(&args.dom);
    for (uint32_t i = 0; i < 63; i++) {
        struct vw_buf one = make(i % 2 ? "domain_resume" : "domain_suspend", &args, 2 + i, 1);
        assert_int_equal(vw_buf_append(&calls, one.data, one.len), 0);
        vw_buf_finish(&one);
    }
    assert_int_equal(write(firing, calls.data, calls.len), calls.len);
    ev_run(peer.loop, EVRUN_NOWAIT);
    uint32_t count = there(firing);
    assert_in_range(count, 1, 12288 / (2 * 100) + 1);
    for (int i = 0; i < 10000 && count < 63; i++) { /* a slow machine takes more turns */
        ev_run(peer.loop, EVRUN_NOWAIT);
        count += there(firing);
    }
    assert_int_equal(count, 63);
    for (size_t i = 0; i < 100; i++)
        close(watching[i]);
    peer.fd = firing;
    vw_buf_finish(&calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(downloads_that_nobody_reads_cost_a_packet, start, stop),
        cmocka_unit_test_setup_teardown(requests_count_until_their_replies_are_written, start,
                                        stop),
        cmocka_unit_test_setup_teardown(streams_of_one_client_are_counted, start, stop),
        cmocka_unit_test_setup_teardown(a_turn_is_bounded, start, stop),
        cmocka_unit_test_setup_teardown(a_turn_is_bounded_in_what_others_are_told, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
