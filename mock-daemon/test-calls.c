// SPDX-License-Identifier: MIT
// Connections from inside: events between clients, the read-only flag, limits, garbage, and memory
// that runs out at any point.
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock-daemon/faults/tamper.h"
#include "mock-daemon/serve.h"
#include "mock-daemon/testing.h"
#include "session/testing-raw.h"
#include "xdr/values.h"

/* Also of calls that have flags behind the domain. */
static struct reply call_domain(struct peer *p, const char *name)
{
    struct remote_domain_get_state_args args = {.dom = {.name = vw_string("test"), .id = 1}};
    memcpy(args.dom.uuid, vw_domain_default.o.uuid, 16);
    return peer_call_with(p, peer_proc(p, name), &args);
}

static struct reply call_int(struct peer *p, const char *name, int32_t value)
{
    uint32_t wire = __builtin_bswap32((uint32_t)value);
    return peer_call(p, peer_proc(p, name), &wire, 4);
}

static int32_t state_of(struct peer *p)
{
    return peer_domains(p)->list[0]->state;
}

/* ---- calls ---- */

static void test_read_only_refuses(void **state)
{
    struct peer p;
    struct reply r;
    peer_start(&p, NULL, NULL);
    peer_open(&p, 1);
    r = call_domain(&p, "domain_suspend");
    assert_int_equal(reply_error(&r).code, VW_ERR_OPERATION_DENIED);
    assert_int_equal(reply_error(&r).domain, VW_FROM_DOMAIN);
    assert_int_equal(state_of(&p), VW_DOMAIN_RUNNING);
    r = call_domain(&p, "domain_get_info");
    assert_int_equal(r.header.status, VW_MSG_OK);
    peer_stop(&p);
}

static void test_counts_are_checked(void **state)
{
    static const int32_t bad[] = {-1, INT32_MIN, 16385, INT32_MAX};
    struct peer p;
    struct reply r;
    peer_start(&p, NULL, NULL);
    peer_open(&p, 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        r = call_int(&p, "connect_list_domains", bad[i]);
        assert_int_equal(reply_error(&r).code, VW_ERR_RPC);
        assert_int_equal(reply_error(&r).domain, VW_FROM_RPC);
    }
    r = call_int(&p, "connect_list_domains", 16384);
    assert_int_equal(r.header.status, VW_MSG_OK);
    assert_int_equal(r.len, 8);
    r = call_int(&p, "connect_list_domains", 0);
    assert_int_equal(r.len, 4);
    peer_stop(&p);
}

static void test_close_ends_the_connection(void **state)
{
    struct peer p;
    struct reply r;
    uint8_t byte;
    peer_start(&p, NULL, NULL);
    peer_open(&p, 0);
    assert_int_equal(p.daemon.model.n_opened, 1);
    r = peer_call(&p, peer_proc(&p, "connect_close"), NULL, 0);
    assert_int_equal(r.header.status, VW_MSG_OK);
    assert_int_equal(peer_receive(&p, &byte, 1), -1);
    assert_int_equal(p.daemon.main.n_conns, 0);
    assert_int_equal(p.daemon.model.n_opened, 0);
    peer_stop(&p);
}

/* C-6 */
static void test_close_of_2007_stays(void **state)
{
    struct peer p;
    struct reply r;
    peer_start(&p, "0.3.0", NULL);
    peer_open(&p, 0);
    r = peer_call(&p, peer_proc(&p, "connect_close"), NULL, 0);
    assert_int_equal(r.header.status, VW_MSG_OK);
    peer_open(&p, 0);
    peer_stop(&p);
}

/* D-33, E-2 */
static void test_2007_finds_by_id_and_names_the_domain(void **state)
{
    struct remote_domain_get_info_args args = {
        .dom = {.name = vw_string("wrong"), .uuid = "0123456789abcdef", .id = 1}};
    struct vw_remote_error e;
    struct vw_arena arena = VW_ARENA_INIT;
    struct peer p;
    struct reply r;
    peer_start(&p, "0.3.0", NULL);
    peer_open(&p, 0);
    r = peer_call_with(&p, peer_proc(&p, "domain_get_info"), &args);
    assert_int_equal(r.header.status, VW_MSG_OK);
    args.dom.id = 9;
    r = peer_call_with(&p, peer_proc(&p, "domain_get_info"), &args);
    assert_int_equal(reply_error(&r).code, VW_ERR_INVALID_ARG);
    assert_int_equal(vw_remote_error_decode(r.body, r.len, 65536, &arena, &e, NULL, NULL), 0);
    assert_non_null(e.dom);
    assert_string_equal(e.dom->name, "wrong");
    assert_int_equal(e.dom->id, 9);
    vw_arena_finish(&arena);
    peer_stop(&p);
}

/* E-6, S-11: an error about a hole is a REPLY, and the stream is not heard of again. */
static void test_holes_that_cannot_be_made(void **state)
{
    static const struct {
        uint32_t high, flags;
    } rows[] = {{0, 1}, {0, 0x80000000}, {0x80000000, 0}, {0xffffffff, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct remote_storage_vol_upload_args args = {
            .vol = {.pool = vw_string("test"), .name = vw_string("test")}, .flags = 1 /* sparse */};
        struct peer p;
        peer_start(&p, NULL, NULL);
        peer_open(&p, 0);
        struct reply r = peer_call_with(&p, peer_proc(&p, "storage_vol_upload"), &args);
        assert_int_equal(r.header.status, VW_MSG_OK);
        uint8_t hole[40] = {0, 0, 0, 40}, answer[400];
        r.header.type = VW_MSG_STREAM_HOLE;
        r.header.status = VW_MSG_CONTINUE;
        vw_header_encode(&r.header, hole + VW_LENGTH_BYTES);
        vw_store32(hole + 28, rows[i].high);
        vw_store32(hole + 32, 8);
        vw_store32(hole + 36, rows[i].flags);
        peer_send(&p, hole, sizeof(hole));
        ssize_t n = peer_receive(&p, answer, sizeof(answer));
        assert_true(n > VW_PREFIX_BYTES);
        assert_int_equal(vw_load32(answer), n);
        vw_header_decode(answer + VW_LENGTH_BYTES, &r.header);
        assert_int_equal(r.header.type, VW_MSG_REPLY);
        assert_int_equal(r.header.status, VW_MSG_ERROR);
        peer_send(&p, hole, sizeof(hole));
        assert_int_equal(peer_receive(&p, answer, sizeof(answer)), 0);
        peer_stop(&p);
    }
}

/* ---- events ---- */

/* Counts whole messages and those that are events with NUMBER. */
static void count_messages(const uint8_t *bytes, ssize_t len, int32_t number, int *all, int *events)
{
    *all = *events = 0;
    while (len >= (ssize_t)VW_PREFIX_BYTES) {
        struct vw_header h;
        uint32_t length;
        memcpy(&length, bytes, 4);
        length = __builtin_bswap32(length);
        vw_header_decode(bytes + 4, &h);
        ++*all;
        *events += h.type == VW_MSG_MESSAGE && h.procedure == number;
        bytes += length;
        len -= length;
    }
}

static void test_events_reach_the_other_client(void **state)
{
    uint8_t in[4096];
    struct peer p;
    struct reply r;
    int watcher, all, events;
    peer_start(&p, NULL, NULL);
    peer_open(&p, 0);
    r = peer_call(&p, peer_proc(&p, "connect_domain_event_register"), NULL, 0);
    assert_int_equal(r.header.status, VW_MSG_OK);
    watcher = p.fd;
    assert_int_equal(peer_connect(&p), 0);
    peer_open(&p, 0);
    r = call_domain(&p, "domain_suspend");
    assert_int_equal(r.header.status, VW_MSG_OK);
    r = call_domain(&p, "domain_resume");
    assert_int_equal(r.header.status, VW_MSG_OK);
    close(p.fd);
    p.fd = watcher;
    count_messages(in, peer_receive(&p, in, sizeof(in)), 107, &all, &events);
    assert_int_equal(events, 2);
    assert_int_equal(all, 2);
    peer_stop(&p);
}

/* How many bytes of events there are for FD. */
static size_t drain(int fd)
{
    uint8_t in[4096];
    size_t all = 0;
    for (ssize_t n; (n = recv(fd, in, sizeof(in), MSG_DONTWAIT)) > 0;)
        all += (size_t)n;
    return all;
}

/* Who reads has all of its events; who does not is ended, and nobody else. */
static void test_events_that_nobody_reads(void **state)
{
    const size_t event = 4 + 24 + 4 + 4 + 16 + 4 + 4 + 4; /* of the domain "test" */
    struct peer p;
    int fds[3];
    size_t read = 0, fired = 0;
    peer_start(&p, NULL, NULL);
    p.config.max_event_bytes = 4096;
    for (int i = 0; i < 3; i++) {
        if (i)
            assert_int_equal(peer_connect(&p), 0);
        peer_open(&p, 0);
        fds[i] = p.fd;
        if (i < 2)
            peer_call(&p, peer_proc(&p, "connect_domain_event_register"), NULL, 0);
    }
    for (; p.daemon.main.n_conns == 3 && fired < 20000; fired++) {
        const struct reply r = call_domain(&p, fired % 2 ? "domain_resume" : "domain_suspend");
        assert_int_equal(r.header.status, VW_MSG_OK);
        read += drain(fds[1]);
    }
    assert_in_range(fired, 4096 / event, 19999);
    call_domain(&p, fired % 2 ? "domain_resume" : "domain_suspend");
    read += drain(fds[1]);
    assert_int_equal(read, (fired + 1) * event);
    assert_in_range(drain(fds[0]), 1, fired * event);
    assert_int_equal(recv(fds[0], &(char){0}, 1, MSG_DONTWAIT), 0);
    assert_int_equal(p.daemon.main.n_conns, 2);
    close(fds[0]);
    close(fds[1]);
    peer_stop(&p);
}

/* V-4, V-6 */
static void test_callback_ids(void **state)
{
    static const uint8_t args[8] = {0};
    struct peer p;
    struct reply r;
    peer_start(&p, NULL, NULL);
    peer_open(&p, 0);
    for (uint8_t id = 0; id < 3; id++) {
        r = peer_call(&p, peer_proc(&p, "connect_domain_event_callback_register_any"), args, 8);
        assert_int_equal(r.header.status, VW_MSG_OK);
        assert_int_equal(r.body[3], id);
        r = peer_call(&p, peer_proc(&p, "connect_domain_event_callback_register_any"), args, 8);
        assert_int_equal(reply_error(&r).code, VW_ERR_INVALID_ARG);
        r = call_int(&p, "connect_domain_event_callback_deregister_any", id);
        assert_int_equal(r.header.status, VW_MSG_OK);
        r = call_int(&p, "connect_domain_event_callback_deregister_any", id);
        assert_int_equal(reply_error(&r).code, VW_ERR_INTERNAL);
    }
    peer_stop(&p);
}

static void test_registrations_are_bounded(void **state)
{
    struct vw_registrations r = {0};
    struct vw_wanted one = {.has_uuid = true};
    const struct vw_wanted all = {.event = 1};
    for (uint32_t i = 0; i < VW_REGISTRATIONS_MAX; i++) {
        memcpy(one.uuid, &i, 4);
        assert_int_equal(vw_registrations_add(&r, &one, false), i);
    }
    assert_int_equal(vw_registrations_add(&r, &all, false), VW_ELIMIT);
    vw_registrations_finish(&r);
    vw_failalloc_set(1);
    assert_int_equal(vw_registrations_add(&r, &all, false), VW_ENOMEM);
    assert_true(vw_failalloc_clear());
    assert_int_equal(r.count, 0);
    r.next_callback = INT32_MAX;
    assert_int_equal(vw_registrations_add(&r, &all, false), VW_ELIMIT);
}

/* The number of kinds is counted from the schema; the facts say what it must come to. */
static void test_event_kinds(void **state)
{
    static const struct {
        const char *profile;
        int32_t kinds;
    } rows[] = {{"0.3.0", 0}, {"7.0.0", 26}, {"9.0.0", 27}, {"11.3.0", 28}, {"12.8.0", 30}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct peer p;
        peer_start(&p, rows[i].profile, NULL);
        assert_int_equal(p.daemon.n_event_kinds, rows[i].kinds);
        peer_stop(&p);
    }
}

/* ---- limits ---- */

static void test_clients_are_counted(void **state)
{
    enum { MANY = 500 };
    static int fds[MANY];
    struct peer p;
    peer_start(&p, NULL, NULL);
    fds[0] = p.fd;
    for (int i = 1; i < MANY; i++) {
        assert_int_equal(peer_connect(&p), 0);
        fds[i] = p.fd;
    }
    assert_int_equal(p.daemon.main.n_conns, MANY);
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
    for (int i = 0; i < 1000 && p.daemon.main.n_conns; i++)
        ev_run(p.loop, EVRUN_NOWAIT);
    assert_int_equal(p.daemon.main.n_conns, 0);
    p.fd = -1;
    peer_stop(&p);
}

static void test_limits_stop_accepting(void **state)
{
    struct peer p;
    int first;
    peer_start(&p, NULL, NULL);
    p.daemon.main.max_conns = 2;
    vw_limits_check(&p.daemon);
    assert_true(p.daemon.main.accepting);
    first = p.fd;
    assert_int_equal(peer_connect(&p), 0);
    vw_limits_check(&p.daemon);
    assert_false(p.daemon.main.accepting);
    close(first);
    for (int i = 0; i < 2; i++) /* the sweep comes ahead of the next wait */
        ev_run(p.loop, EVRUN_NOWAIT);
    assert_true(p.daemon.main.accepting);
    assert_false(ev_is_active(&p.daemon.sweep));
    peer_stop(&p);
}

/* ---- garbage ---- */

/* Messages whose words are random, but whose length fits, so that all of dispatch sees them. */
static size_t random_message(struct vw_rng *rng, uint8_t *to, size_t max)
{
    size_t body = vw_rng_below(rng, max - VW_PREFIX_BYTES);
    struct vw_header h = {.program = vw_rng_below(rng, 8) ? 0x20008086 : 0x6b656570,
                          .version = vw_rng_below(rng, 16) ? 1 : (uint32_t)vw_rng_next(rng),
                          .procedure = (int32_t)vw_rng_below(rng, 470) - 2,
                          .type = vw_rng_below(rng, 4) ? 0 : (int32_t)vw_rng_below(rng, 9) - 1,
                          .serial = (uint32_t)vw_rng_below(rng, 4),
                          .status = vw_rng_below(rng, 8) ? 0 : (int32_t)vw_rng_below(rng, 4)};
    uint32_t length = __builtin_bswap32((uint32_t)(VW_PREFIX_BYTES + body));
    memcpy(to, &length, 4);
    vw_header_encode(&h, to + 4);
    for (size_t i = 0; i < body; i++)
        to[VW_PREFIX_BYTES + i] = vw_rng_below(rng, 3) ? 0 : (uint8_t)vw_rng_next(rng);
    return VW_PREFIX_BYTES + body;
}

static void feed_garbage(struct peer *p, uint64_t seed, int rounds)
{
    static uint8_t in[1 << 16];
    struct vw_fault *faults = p->daemon.faults;
    uint8_t message[600];
    struct vw_rng rng;
    vw_rng_seed(&rng, seed);
    for (int i = 0; i < rounds; i++) {
        if (vw_rng_below(&rng, 64) == 0) {
            for (size_t k = 0; k < 64; k++)
                message[k] = (uint8_t)vw_rng_next(&rng);
            peer_send(p, message, 64);
        } else {
            peer_send(p, message, random_message(&rng, message, sizeof(message)));
        }
        if (peer_receive(p, in, sizeof(in)) < 0 || vw_rng_below(&rng, 200) == 0) {
            peer_reconnect(p, faults);
            if (!faults && vw_rng_below(&rng, 2))
                peer_open(p, 0);
        }
    }
}

static void test_garbage_is_survived(void **state)
{
    static const char *const profiles[] = {"12.8.0", "0.3.0"};
    for (size_t i = 0; i < 2; i++) {
        struct peer p;
        peer_start(&p, profiles[i], NULL);
        feed_garbage(&p, i, 2000);
        peer_stop(&p);
    }
}

static void little_garbage(struct peer *p)
{
    feed_garbage(p, 3, 30);
}

/* Whatever a fault does to garbage, it does without harm to the daemon. */
static void test_faults_are_survived(void **state)
{
    struct peer p;
    peer_start(&p, "9.0.0", NULL);
    peer_each_fault(&p, little_garbage);
    peer_stop(&p);
}

/* ---- memory ---- */

/* What a client does in a session; answers do not matter. */
static void use(struct peer *p)
{
    static uint8_t in[1 << 16];
    static const char *const names[] = {"auth_list", "connect_get_type",
                                        "connect_domain_event_register", "connect_num_of_domains",
                                        "connect_get_uri"};
    struct vw_limits limits;
    struct vw_buf message = VW_BUF_INIT;
    vw_limits_from_profile(p->daemon.profile, &limits);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct vw_proc *proc = peer_proc(p, names[i]);
        const struct vw_header h = {
            .program = proc->program->number, .version = 1, .procedure = proc->number};
        message.len = 0;
        if (vw_message_append(&message, &limits, &h, 0, NULL, 0, NULL) == 0)
            peer_send(p, message.data, message.len);
        if (peer_receive(p, in, sizeof(in)) < 0)
            break;
    }
    vw_buf_finish(&message);
}

static void test_memory_may_run_out(void **state)
{
    struct peer p;
    bool failed = true;
    peer_start(&p, NULL, NULL);
    use(&p);
    for (size_t n = 1; failed; n++) {
        int first = p.fd;
        assert_true(n < 2000);
        vw_failalloc_set(n);
        if (peer_connect(&p) == 0) {
            use(&p);
            close(p.fd);
        }
        failed = vw_failalloc_clear();
        p.fd = first;
        peer_reconnect(&p, NULL);
    }
    peer_stop(&p);
}

/* ---- more calls than are served at a time ---- */

/* Calls that are answered when output is written, as some faults do. */
static struct vw_header late[32];
static unsigned n_late;

static int keep_call(struct vw_conn *c, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_CALL)
        late[n_late++ % 32] = ev->header;
    return 0;
}

static int answer_and_flush(struct vw_conn *c)
{
    for (unsigned i = 0; i < n_late; i++)
        assert_int_equal(test_reply_raw(c->session, &late[i], NULL, 0), 0);
    n_late = 0;
    return vw_serve_plain.flush(c);
}

/* COUNT calls in one go, where LIMIT are served at a time: how many have a reply, in their order,
 * without another word of the client. */
static unsigned answered(uint32_t limit, unsigned count, const struct vw_conn_ops *ops)
{
    static uint8_t in[1 << 16];
    struct peer p;
    struct vw_limits limits;
    struct vw_buf calls = VW_BUF_INIT;
    peer_start(&p, NULL, NULL);
    p.config.main.max_client_requests = limit;
    peer_reconnect(&p, NULL);
    peer_open(&p, 0);
    const struct vw_proc *proc = peer_proc(&p, "connect_get_type");
    vw_limits_from_profile(p.daemon.profile, &limits);
    for (unsigned i = 0; i < count; i++) {
        const struct vw_header h = {.program = proc->program->number,
                                    .version = proc->program->version,
                                    .procedure = proc->number,
                                    .serial = 100 + i};
        assert_int_equal(vw_message_append(&calls, &limits, &h, 0, NULL, 0, NULL), 0);
    }
    TAILQ_FIRST(&p.daemon.conns)->ops = ops;
    peer_send(&p, calls.data, calls.len);
    ssize_t n = peer_receive(&p, in, sizeof(in));
    unsigned replies = 0;
    for (ssize_t at = 0; at < n; replies++) {
        struct vw_header h;
        vw_header_decode(in + at + VW_LENGTH_BYTES, &h);
        assert_int_equal(h.serial, 100 + replies);
        at += vw_load32(in + at);
    }
    vw_buf_finish(&calls);
    peer_stop(&p);
    return replies;
}

static void test_more_calls_than_at_a_time(void **state)
{
    struct vw_conn_ops answers_late = vw_serve_plain;
    static const uint32_t limits[] = {1, 2, 5};
    static const unsigned counts[] = {1, 2, 3, 5, 6, 24};
    for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++)
        for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
            assert_int_equal(answered(limits[l], counts[c], &vw_serve_plain), counts[c]);
    /* Answers that come when output is written make room for as many more. */
    answers_late.event = keep_call;
    answers_late.flush = answer_and_flush;
    for (unsigned count = 1; count <= 6; count++)
        assert_int_equal(answered(3, count, &answers_late), count);
}

static int put_layer(struct vw_conn *c)
{
    return c->transport->ops->send(c->transport, "|", 1, NULL) == 1 ? 0 : -1;
}

static int lose_layer(struct vw_conn *c)
{
    return VW_ECLOSED;
}

/* As a layer does for which there is no memory. */
static int close_below(struct vw_conn *c)
{
    c->transport->ops->close(c->transport);
    c->transport = NULL;
    return VW_ENOMEM;
}

/* What is queued behind the mark goes through the next layer, with faults in the way and without.
 */
static void test_the_layer_below_changes(void **state)
{
    static const struct {
        const char *fault;
        int (*layer)(struct vw_conn *c);
        const char *said;
    } rows[] = {
        {NULL, put_layer, "before|behind"}, {"legal-one-byte", put_layer, "before|behind"},
        {NULL, NULL, "beforebehind"},       {"legal-one-byte", NULL, "beforebehind"},
        {NULL, lose_layer, "before"},       {"legal-one-byte", lose_layer, "before"},
        {NULL, close_below, "before"},      {"legal-one-byte", close_below, "before"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_fault *faults = NULL;
        struct peer p;
        uint8_t in[64];
        if (rows[i].fault)
            assert_int_equal(vw_faults_parse(&rows[i].fault, 1, &vw_tamper_end, &faults, NULL), 0);
        peer_start(&p, NULL, faults);
        struct vw_conn *c = TAILQ_FIRST(&p.daemon.conns);
        c->switch_layer = rows[i].layer;
        assert_int_equal(vw_session_send_raw(c->session, "before", 6), 0);
        assert_int_equal(vw_session_switch_layer(c->session), 0);
        assert_int_equal(vw_session_send_raw(c->session, "behind", 6), 0);
        vw_conn_wake(c);
        ssize_t n = peer_receive(&p, in, sizeof(in));
        assert_int_equal(n, strlen(rows[i].said));
        assert_memory_equal(in, rows[i].said, (size_t)n);
        peer_stop(&p);
        vw_faults_destroy(faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_only_refuses),
        cmocka_unit_test(test_counts_are_checked),
        cmocka_unit_test(test_close_ends_the_connection),
        cmocka_unit_test(test_close_of_2007_stays),
        cmocka_unit_test(test_2007_finds_by_id_and_names_the_domain),
        cmocka_unit_test(test_holes_that_cannot_be_made),
        cmocka_unit_test(test_events_reach_the_other_client),
        cmocka_unit_test(test_events_that_nobody_reads),
        cmocka_unit_test(test_callback_ids),
        cmocka_unit_test(test_registrations_are_bounded),
        cmocka_unit_test(test_event_kinds),
        cmocka_unit_test(test_clients_are_counted),
        cmocka_unit_test(test_limits_stop_accepting),
        cmocka_unit_test(test_garbage_is_survived),
        cmocka_unit_test(test_faults_are_survived),
        cmocka_unit_test(test_memory_may_run_out),
        cmocka_unit_test(test_more_calls_than_at_a_time),
        cmocka_unit_test(test_the_layer_below_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
