// SPDX-License-Identifier: MIT
// Streams in virtual time, to the byte: room for what is sent and who is told of it, packets on the
// wire, items that break the rules, ends that are asked for, and deadlines.
#include <virwire/stream.h>

#include <poll.h>

#include "client/testing/peer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define UPLOAD   "storage_vol_upload"
#define SHOT     "domain_screenshot"

static const struct seen *opened; /* the call of the stream */

static void opens(struct peer *p, const struct seen *s)
{
    if (s->header.type != VW_MSG_CALL)
        return;
    opened = s;
    peer_reply(p, s, "\0\0\0\0", peer_proc(s->name)->ret ? 4 : 0);
}

static unsigned told;

static void tell(void *user, struct vw_stream *st)
{
    told++;
}

static struct vw_stream *open_stream(struct peer *p, struct vw_client **c, const char *name,
                                     const struct vw_stream_options *o)
{
    _Alignas(8) static const uint8_t args[256];
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream *st;
    *c = peer_client(p, 0);
    p->answer = opens;
    told = 0;
    if (vw_stream_open(*c,
                       &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = peer_proc(name),
                                                     .args = args, .stream = o},
                       &arena, NULL, &st, &err))
        fail_msg("%s", err.text);
    vw_arena_finish(&arena);
    assert_int_equal(vw_stream_get_state(st), VW_STREAM_IS_OPEN);
    assert_int_equal(vw_stream_serial(st), opened->header.serial);
    return st;
}

static void end(struct peer *p, struct vw_client *c, struct vw_stream *st)
{
    vw_stream_destroy(st);
    peer_end(p, c);
}

/* ---- room ---- */

/* Half of the bound is little: whoever finds less is told when it is there again, once. */
static void who_waits_for_room_is_told(void **state)
{
    static const char data[600];
    const struct vw_stream_options o = {VW_STREAM_OPTIONS_INIT, .max_unsent = 1000, .ready = tell};
    static struct peer p;
    struct vw_client *c;
    struct vw_stream *st = open_stream(&p, &c, UPLOAD, &o);
    assert_int_equal(vw_stream_room(st), 1000 - 28);
    p.memory.send_room = 0;
    assert_int_equal(vw_stream_send(st, data, 472, NULL), 0);
    assert_int_equal(vw_stream_room(st), 500 - 28); /* half of it is not little */
    assert_int_equal(vw_client_process(c, NULL), 0);
    p.memory.send_room = SIZE_MAX;
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(told, 0);

    p.memory.send_room = 0;
    assert_int_equal(vw_stream_send(st, data, 473, NULL), 0);
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(told, 0);
    p.memory.send_room = 1;
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(told, 1);
    p.memory.send_room = SIZE_MAX;
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(told, 1);
    assert_int_equal(vw_stream_room(st), 972);

    /* To ask for room is to wait for it too. */
    p.memory.send_room = 0;
    assert_int_equal(vw_stream_send(st, data, 472, NULL), 0);
    assert_int_equal(vw_stream_send_hole(st, 1, NULL), 0);
    assert_int_equal(told, 1);
    assert_int_equal(vw_stream_room(st), 460 - 28);
    p.memory.send_room = SIZE_MAX;
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(told, 2);
    end(&p, c, st);
}

static void a_server_that_does_not_read(void **state)
{
    static const char data[2000];
    const struct vw_stream_options o = {VW_STREAM_OPTIONS_INIT, .max_unsent = 1000};
    static struct peer p;
    struct vw_client *c;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream *st = open_stream(&p, &c, UPLOAD, &o);
    p.memory.send_room = 0;
    /* What fits, or is alone, is queued; what does not waits. */
    assert_int_equal(vw_stream_send(st, data, 972, NULL), 0);
    int64_t began = vw_memory_now();
    assert_int_equal(vw_stream_send(st, data, 1, &err), VW_ETIMEOUT);
    assert_string_equal(err.text, "the server takes no more of the stream");
    assert_true(vw_memory_now() == began + 30000);
    assert_int_equal(vw_stream_room(st), 0);
    vw_error_clear(&err);
    assert_int_equal(vw_stream_send_hole(st, 5, &err), VW_ETIMEOUT);
    p.memory.sent = NULL;
    p.memory.send_room = SIZE_MAX;
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(vw_stream_send(st, data, sizeof(data), NULL), 0);
    end(&p, c, st);
}

/* ---- packets ---- */

static void pieces_of_what_is_sent(void **state)
{
    static const struct {
        size_t len, taken;
    } rows[] = {
        {0, 0},
        {1, 28 + 1},
        {VW_STREAM_CHUNK, 28 + VW_STREAM_CHUNK},
        {VW_STREAM_CHUNK + 1, 28 + VW_STREAM_CHUNK + 28 + 1},
        {3 * VW_STREAM_CHUNK, 3 * (28 + VW_STREAM_CHUNK)},
    };
    char *data = calloc(3, VW_STREAM_CHUNK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct peer p;
        struct vw_client *c;
        struct vw_stream *st = open_stream(&p, &c, UPLOAD, NULL);
        size_t before = p.memory.taken;
        p.memory.sent = NULL;
        assert_int_equal(vw_stream_send(st, data, rows[i].len, NULL), 0);
        assert_int_equal(p.memory.taken - before, rows[i].taken);
        end(&p, c, st);
    }
    free(data);
}

static void what_a_stream_puts_on_the_wire(void **state)
{
    static struct peer p;
    struct vw_client *c;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream *st = open_stream(&p, &c, UPLOAD, NULL);
    assert_int_equal(vw_stream_send(st, "abc", 3, NULL), 0);
    assert_int_equal(vw_stream_send_hole(st, 1, NULL), 0);
    assert_int_equal(vw_stream_send_hole(st, INT64_MAX, NULL), 0);
    assert_int_equal(vw_stream_send_hole(st, 0, &err), VW_EUSAGE);
    assert_string_equal(err.text, "a hole has at least one byte");
    assert_int_equal(vw_stream_send_hole(st, -1, NULL), VW_EUSAGE);
    assert_int_equal(vw_stream_ask_finish(st, NULL), 0);
    assert_int_equal(vw_stream_get_state(st), VW_STREAM_IS_ENDING);
    vw_error_clear(&err);
    assert_int_equal(vw_stream_send(st, "d", 1, &err), VW_EUSAGE);
    assert_string_equal(err.text, "the stream is not open");
    assert_int_equal(vw_stream_send_hole(st, 1, NULL), VW_EUSAGE);
    assert_int_equal(vw_stream_ask_abort(st, NULL), VW_EUSAGE);
    assert_int_equal(vw_stream_room(st), 0);
    static const struct {
        int32_t type, status;
        const char *body;
        size_t len;
    } wanted[] = {
        {VW_MSG_STREAM, VW_MSG_CONTINUE, "abc", 3},
        {VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE, "\0\0\0\0\0\0\0\1\0\0\0\0", 12},
        {VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE, "\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 12},
        {VW_MSG_STREAM, VW_MSG_OK, "", 0},
    };
    assert_int_equal(p.n_seen, 1 + COUNT(wanted));
    for (size_t i = 0; i < COUNT(wanted); i++) {
        const struct seen *s = &p.seen[1 + i];
        assert_int_equal(s->header.type, wanted[i].type);
        assert_int_equal(s->header.status, wanted[i].status);
        assert_int_equal(s->header.serial, opened->header.serial);
        assert_int_equal(s->header.procedure, opened->header.procedure);
        assert_int_equal(s->len, wanted[i].len);
        assert_memory_equal(s->body, wanted[i].body, s->len);
    }
    end(&p, c, st);
    assert_int_equal(p.n_seen, 1 + COUNT(wanted));
}

/* ---- items ---- */

static void packet(struct peer *p, int32_t type, int32_t status, const char *body, size_t len)
{
    peer_send(p, opened, type, status, body, len);
}

#define DATA(p, text) packet(p, VW_MSG_STREAM, VW_MSG_CONTINUE, text, strlen(text))
#define HOLE(p, body) packet(p, VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE, body "\0\0\0\0", 12)

static void items_come_in_their_order(void **state)
{
    static struct peer p;
    struct vw_client *c;
    struct vw_stream_item item;
    struct vw_stream *st = open_stream(&p, &c, SHOT, NULL);
    DATA(&p, "abc");
    HOLE(&p, "\0\0\0\0\0\0\0\0");
    HOLE(&p, "\0\0\0\1\0\0\0\2");
    DATA(&p, "d");
    DATA(&p, "");
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.kind, VW_ITEM_DATA);
    assert_int_equal(item.len, 3);
    assert_memory_equal(item.data, "abc", 3);
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.kind, VW_ITEM_HOLE);
    assert_true(item.hole == 0);
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.kind, VW_ITEM_HOLE);
    assert_true(item.hole == 0x100000002);
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_memory_equal(item.data, "d", 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
        assert_int_equal(item.kind, VW_ITEM_END);
        assert_int_equal(vw_stream_take(st, &item, NULL), 1);
    }
    end(&p, c, st);
}

static void nothing_comes(void **state)
{
    static struct peer p;
    struct vw_client *c;
    struct vw_stream_item item;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream *st = open_stream(&p, &c, SHOT, NULL);
    int64_t began = vw_memory_now();
    assert_int_equal(vw_stream_take(st, &item, NULL), 0);
    assert_int_equal(vw_stream_receive(st, &item, &err), VW_ETIMEOUT);
    assert_string_equal(err.text, "nothing came on the stream in time");
    assert_true(vw_memory_now() == began + 30000);
    /* It may be asked again. */
    DATA(&p, "x");
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.len, 1);
    end(&p, c, st);
}

/* The stream ends there, and the server is told. */
static void items_that_break_the_rules(void **state)
{
    for (int i = 0; i < 3; i++) {
        static struct peer p;
        struct vw_client *c;
        struct vw_stream_item item;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_stream *st = open_stream(&p, &c, SHOT, NULL);
        DATA(&p, "first");
        if (i == 0) {
            HOLE(&p, "\xff\xff\xff\xff\xff\xff\xff\xff");
        } else {
            DATA(&p, "");
            if (i == 1)
                DATA(&p, "more");
            else
                HOLE(&p, "\0\0\0\0\0\0\0\1");
        }
        assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
        assert_int_equal(item.len, 5);
        if (i > 0) {
            assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
            assert_int_equal(item.kind, VW_ITEM_END);
        }
        assert_int_equal(vw_stream_receive(st, &item, &err), VW_EPROTOCOL);
        assert_string_equal(err.clause, i == 0 ? "S-11" : "S-4");
        assert_string_equal(err.text, i == 0 ? "a hole of negative length"
                                             : "the stream goes on behind its end");
        assert_int_equal(vw_stream_get_state(st), VW_STREAM_IS_LOST);
        assert_int_equal(vw_stream_send(st, "x", 1, NULL), VW_EPROTOCOL);
        assert_int_equal(p.n_seen, 2);
        assert_int_equal(p.seen[1].header.type, VW_MSG_STREAM);
        assert_int_equal(p.seen[1].header.status, VW_MSG_ERROR);
        end(&p, c, st);
        assert_int_equal(p.n_seen, 2);
    }
}

/* Reading stops at the bound, and begins again below it. */
static void a_full_queue_stops_the_reading(void **state)
{
    const struct vw_stream_options o = {VW_STREAM_OPTIONS_INIT, .max_queue = 48};
    static struct peer p;
    struct vw_client *c;
    struct vw_stream_item item;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream *st = open_stream(&p, &c, SHOT, &o);
    DATA(&p, "12345678"); /* 24 bytes with what stands ahead of it */
    assert_int_equal(vw_client_process(c, NULL), 1);
    assert_int_equal(vw_client_events(c), POLLIN);
    DATA(&p, "12345678");
    DATA(&p, "third");
    assert_int_equal(vw_client_process(c, NULL), 1);
    assert_int_equal(vw_client_events(c), 0);
    assert_int_equal(vw_client_wait(c, INT64_MAX, &err), VW_ELIMIT);
    assert_string_equal(err.text, "data of a stream that nobody takes hold the connection up");
    assert_int_equal(vw_stream_take(st, &item, NULL), 1);
    assert_int_equal(vw_client_events(c), POLLIN);
    assert_true(vw_client_deadline(c) == 0); /* the third lies here already */
    assert_int_equal(vw_client_process(c, NULL), 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(vw_stream_take(st, &item, NULL), 1);
    assert_memory_equal(item.data, "third", 5);
    assert_int_equal(vw_stream_take(st, &item, NULL), 0);
    end(&p, c, st);
}

/* ---- ends ---- */

static bool confirms;

static void ends(struct peer *p, const struct seen *s)
{
    if (s->header.type == VW_MSG_CALL)
        opens(p, s);
    else if (confirms && s->header.status != VW_MSG_CONTINUE)
        packet(p, VW_MSG_STREAM, VW_MSG_OK, "", 0);
}

static void ends_are_confirmed_or_not(void **state)
{
    for (int i = 0; i < 4; i++) {
        bool finish = i % 2;
        static struct peer p;
        struct vw_client *c;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_stream_item item;
        struct vw_stream *st = open_stream(&p, &c, SHOT, NULL);
        p.answer = ends;
        confirms = i < 2;
        DATA(&p, "dropped");
        assert_int_equal(vw_client_process(c, NULL), 1);
        DATA(&p, "and so is this");
        int rc = finish ? vw_stream_finish(st, &err) : vw_stream_abort(st, &err);
        assert_int_equal(p.seen[1].header.status, finish ? VW_MSG_OK : VW_MSG_ERROR);
        if (confirms) {
            assert_int_equal(rc, 0);
            assert_int_equal(vw_stream_get_state(st), VW_STREAM_IS_DONE);
        } else {
            assert_int_equal(rc, VW_ETIMEOUT);
            assert_string_equal(err.text, "the server does not confirm the end of the stream");
            assert_int_equal(vw_stream_get_state(st), VW_STREAM_IS_ENDING);
        }
        assert_int_equal(vw_stream_take(st, &item, NULL), VW_EUSAGE);
        end(&p, c, st);
        assert_int_equal(p.n_seen, 2);
    }
}

static void the_deadline_of_a_stream(void **state)
{
    static struct peer p;
    struct vw_client *c;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream_item item;
    const struct vw_stream_options o = {VW_STREAM_OPTIONS_INIT,
                                        .deadline_ms = VW_MEMORY_START_MS + 100, .ready = tell};
    struct vw_stream *st = open_stream(&p, &c, SHOT, &o);
    assert_true(vw_client_deadline(c) == VW_MEMORY_START_MS + 100);
    vw_memory_pass(99);
    assert_int_equal(vw_client_process(c, NULL), 0);
    vw_memory_pass(1);
    assert_int_equal(vw_client_process(c, NULL), 1);
    assert_int_equal(told, 1);
    assert_true(vw_client_deadline(c) == INT64_MAX);
    assert_int_equal(vw_stream_receive(st, &item, &err), VW_ETIMEOUT);
    assert_string_equal(err.text, "the stream did not end in time");
    assert_int_equal(vw_client_process(c, NULL), 0);
    assert_int_equal(told, 1);
    end(&p, c, st);
}

static void a_server_ends_it_with_an_error(void **state)
{
    static const char no[] =
        "\0\0\0\1\0\0\0\7\0\0\0\1\0\0\0\2no\0\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    static struct peer p;
    struct vw_client *c;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream_item item;
    struct vw_stream *st = open_stream(&p, &c, SHOT, NULL);
    assert_null(vw_stream_error(st));
    DATA(&p, "before");
    packet(&p, VW_MSG_STREAM, VW_MSG_ERROR, no, sizeof(no) - 1);
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(vw_stream_receive(st, &item, &err), VW_EREMOTE);
    assert_string_equal(err.text, "VIR_ERR_INTERNAL_ERROR (1) of VIR_FROM_RPC (7): no");
    assert_int_equal(vw_stream_error(st)->code, 1);
    end(&p, c, st);
    assert_int_equal(p.n_seen, 1);
}

static void streams_outlive_their_client(void **state)
{
    static struct peer p;
    struct vw_client *c;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream_item item;
    struct vw_stream *st = open_stream(&p, &c, SHOT, NULL);
    DATA(&p, "kept");
    assert_int_equal(vw_client_process(c, NULL), 1);
    peer_end(&p, c);
    assert_int_equal(vw_stream_receive(st, &item, NULL), 0);
    assert_int_equal(item.len, 4);
    assert_int_equal(vw_stream_receive(st, &item, &err), VW_ECLOSED);
    assert_string_equal(err.text, "the connection is closed");
    assert_int_equal(vw_stream_room(st), 0);
    vw_stream_destroy(st);
    vw_stream_destroy(NULL);
}

static void calls_without_a_stream(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_stream *st;
    struct vw_client *c = peer_client(&p, 0);
    const struct vw_proc *proc = peer_proc("connect_get_type");
    assert_int_equal(vw_stream_open(c,
                                    &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = proc},
                                    NULL, NULL, &st, &err),
                     VW_EUSAGE);
    assert_string_equal(err.text, "connect_get_type has no stream");
    assert_null(st);
    assert_int_equal(
        vw_stream_submit(c, &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = proc}, &st,
                         NULL),
        VW_EUSAGE);
    assert_null(st);
    assert_int_equal(p.n_seen, 0);
    peer_end(&p, c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_for_room_is_told),
        cmocka_unit_test(a_server_that_does_not_read),
        cmocka_unit_test(pieces_of_what_is_sent),
        cmocka_unit_test(what_a_stream_puts_on_the_wire),
        cmocka_unit_test(items_come_in_their_order),
        cmocka_unit_test(nothing_comes),
        cmocka_unit_test(items_that_break_the_rules),
        cmocka_unit_test(a_full_queue_stops_the_reading),
        cmocka_unit_test(ends_are_confirmed_or_not),
        cmocka_unit_test(the_deadline_of_a_stream),
        cmocka_unit_test(a_server_ends_it_with_an_error),
        cmocka_unit_test(streams_outlive_their_client),
        cmocka_unit_test(calls_without_a_stream),
    };
    return cmocka_run_group_tests(tests, peer_load, peer_unload) + vw_test_leaked();
}
