// SPDX-License-Identifier: MIT
// The client against a server that lies in any field, length or body, stalls, closes at any byte,
// floods, answers twice or for others, or never ends a stream. All in memory and in virtual time: a
// deadline of half a minute costs nothing, and a call that would never end aborts the test.
#include "base/testing/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <virwire/stream.h>

#include "base/words.h"
#include "client/below.h"
#include "client/testing/memory.h"
#include "xdr/values.h"

#define TIMEOUT_MS 30000
#define MEMORY_MAX (1u << 20) /* bytes at once, whatever the server does */
#define REMOTE     0x20008086u
#define QEMU       0x20008087u
#define KEEPALIVE  0x6b656570u
#define ANSWER_LEN 36u

static struct vw_profile *profile;

/* ---- the server ---- */

struct peer;
typedef void (*answer_fn)(struct peer *p, const struct vw_header *call);

struct peer {
    struct vw_memory memory; /* first */
    struct vw_header calls[64];
    unsigned n_calls, answered;
    answer_fn answer;                /* to each call that came; NULL: none */
    bool (*goes_on)(struct peer *p); /* what it does besides; NULL: nothing */
    /* What a test varies. */
    uint32_t length;
    unsigned word, value;
    size_t cut;
    const void *body;
    size_t body_len;
    int end; /* of the connection behind the answer: 0 none, 1 end of file, 2 reset */
};

static void take(void *user, struct vw_memory *m, const uint8_t *bytes, size_t len)
{
    struct peer *p = user;
    for (size_t at = 0; at + VW_PREFIX_BYTES <= len; at += vw_load32(bytes + at)) {
        struct vw_header h;
        vw_header_decode(bytes + at + VW_LENGTH_BYTES, &h);
        if (h.type == VW_MSG_CALL && p->n_calls < 64)
            p->calls[p->n_calls++] = h;
    }
}

static bool turn(void *user, struct vw_memory *m)
{
    struct peer *p = user;
    if (p->answer && p->answered < p->n_calls) {
        p->answer(p, &p->calls[p->answered++]);
        return true;
    }
    return p->goes_on && p->goes_on(p);
}

static void put(struct peer *p, const struct vw_header *h, uint32_t length, const void *body,
                size_t len)
{
    uint8_t prefix[VW_PREFIX_BYTES];
    vw_store32(prefix, length);
    vw_header_encode(h, prefix + VW_LENGTH_BYTES);
    assert_true(vw_memory_put(&p->memory, prefix, sizeof(prefix)));
    assert_true(vw_memory_put(&p->memory, body, len));
}

static void put_about(struct peer *p, const struct vw_header *call, int32_t type, int32_t status,
                      const void *body, size_t len)
{
    struct vw_header h = *call;
    h.type = type;
    h.status = status;
    put(p, &h, (uint32_t)(VW_PREFIX_BYTES + len), body, len);
}

static void good(struct peer *p, const struct vw_header *call)
{
    put_about(p, call, VW_MSG_REPLY, VW_MSG_OK, "\0\0\0\4TEST", 8);
}

/* ---- the client ---- */

static struct vw_client *connect_to(struct peer *p, answer_fn answer)
{
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = profile, .no_auth = true,
                                        .no_open = true, .timeout_ms = TIMEOUT_MS};
    struct vw_client *c;
    vw_memory_init(&p->memory, 0);
    p->memory.sent = take;
    p->memory.turn = turn;
    p->memory.user = p;
    p->answer = answer;
    p->n_calls = p->answered = 0;
    assert_int_equal(vw_client_open_transport(&p->memory.transport, &o, &c, NULL), 0);
    vw_failalloc_reset();
    return c;
}

static void hang_up(struct peer *p, struct vw_client *c)
{
    vw_client_destroy(c);
    assert_false(p->memory.open);
    assert_true(vw_failalloc_stats().peak < MEMORY_MAX);
    vw_memory_finish(&p->memory);
}

static int call(struct vw_client *c, const char *name, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    const struct vw_proc *proc = vw_schema_proc(profile->schema, name);
    _Alignas(8) static const uint8_t args[256];
    int64_t start = vw_memory_now();
    assert_non_null(proc);
    vw_error_clear(err);
    int rc = vw_client_call(c, proc, proc->args ? args : NULL, &arena, NULL, err);
    vw_arena_finish(&arena);
    /* Whatever came: in time, and if it failed, with a reason. */
    assert_in_range(vw_memory_now() - start, 0, TIMEOUT_MS + 1000);
    assert_true(rc == 0 || err->text[0]);
    assert_int_equal(err->code, rc);
    assert_true(rc != VW_EPROTOCOL || err->clause[0]);
    return rc;
}

static void expect(struct vw_client *c, int code, const char *clause, const char *what,
                   unsigned detail)
{
    struct vw_error err = VW_ERROR_INIT;
    int rc = call(c, "connect_get_type", &err);
    if (rc != code || strcmp(err.clause, clause) != 0)
        print_error("%s %u: %s %s %s\n", what, detail, vw_status_name(rc), err.clause, err.text);
    assert_int_equal(rc, code);
    assert_string_equal(err.clause, clause);
}

/* ---- one field at a time ---- */

static void bent(struct peer *p, const struct vw_header *call)
{
    uint8_t message[ANSWER_LEN];
    struct vw_header h = *call;
    h.type = VW_MSG_REPLY;
    vw_store32(message, sizeof(message));
    vw_header_encode(&h, message + VW_LENGTH_BYTES);
    memcpy(message + VW_PREFIX_BYTES, "\0\0\0\4TEST", 8);
    vw_store32(message + p->word * 4, p->value);
    assert_true(vw_memory_put(&p->memory, message, sizeof(message)));
}

enum { LENGTH, PROGRAM, VERSION, PROCEDURE, TYPE, SERIAL, STATUS, WORDS };

static const struct {
    unsigned word, value;
    int code;
    const char *clause;
} fields[] = {
    {LENGTH, 0, VW_EPROTOCOL, "F-3"},
    {LENGTH, 3, VW_EPROTOCOL, "F-3"},
    {LENGTH, 27, VW_EPROTOCOL, "F-3"},
    {LENGTH, 28, VW_EPROTOCOL, "H-5"},
    {LENGTH, 35, VW_EPROTOCOL, "H-5"},
    {LENGTH, 37, VW_ETIMEOUT, ""},
    {LENGTH, 33554436, VW_ETIMEOUT, ""},
    {LENGTH, 33554437, VW_EPROTOCOL, "F-4"},
    {LENGTH, 0xffffffff, VW_EPROTOCOL, "F-4"},
    {PROGRAM, QEMU, VW_EPROTOCOL, "H-9"},
    {PROGRAM, KEEPALIVE, VW_EPROTOCOL, "H-9"},
    {PROGRAM, 0, VW_EPROTOCOL, "H-9"},
    {VERSION, 2, VW_EPROTOCOL, "H-9"},
    {PROCEDURE, 0, VW_EPROTOCOL, "H-9"},
    {PROCEDURE, 0xffffffff, VW_EPROTOCOL, "H-9"},
    {TYPE, VW_MSG_CALL, VW_EPROTOCOL, "H-11"},
    {TYPE, VW_MSG_MESSAGE, VW_ETIMEOUT, ""}, /* an event with an unknown number */
    {TYPE, VW_MSG_STREAM, VW_EPROTOCOL, "S-10"},
    {TYPE, VW_MSG_CALL_WITH_FDS, VW_EPROTOCOL, "P-6"},
    {TYPE, VW_MSG_REPLY_WITH_FDS, VW_EPROTOCOL, "P-6"},
    {TYPE, VW_MSG_STREAM_HOLE, VW_ETIMEOUT, ""}, /* of a stream that is not open */
    {TYPE, 7, VW_EPROTOCOL, "H-11"},
    {TYPE, 0xffffffff, VW_EPROTOCOL, "H-11"},
    {SERIAL, 1, VW_EPROTOCOL, "H-9"},
    {SERIAL, 0xffffffff, VW_EPROTOCOL, "H-9"},
    {STATUS, VW_MSG_ERROR, VW_EPROTOCOL, "E-1"},
    {STATUS, VW_MSG_CONTINUE, VW_EPROTOCOL, "H-5"},
    {STATUS, 0xffffffff, VW_EPROTOCOL, "H-5"},
    {WORDS, 0xffffffff, VW_EPROTOCOL, "H-5"}, /* the length of the string */
    {WORDS, 5, VW_EPROTOCOL, "H-5"},
};

static void a_wrong_field(void **state)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct peer p = {.word = fields[i].word, .value = fields[i].value};
        struct vw_client *c = connect_to(&p, bent);
        expect(c, fields[i].code, fields[i].clause, "field", (unsigned)i);
        hang_up(&p, c);
    }
}

static void any_bit_of_the_header(void **state)
{
    const uint32_t right[WORDS] = {ANSWER_LEN, REMOTE, 1, 1, VW_MSG_REPLY, 0, VW_MSG_OK};
    for (unsigned bit = 0; bit < WORDS * 32; bit++) {
        struct peer p = {.word = bit / 32, .value = right[bit / 32] ^ 1u << bit % 32};
        struct vw_client *c = connect_to(&p, bent);
        struct vw_error err = VW_ERROR_INIT;
        int rc = call(c, "connect_get_hostname", &err);
        assert_true(rc == VW_EPROTOCOL || rc == VW_ETIMEOUT);
        hang_up(&p, c);
    }
}

static void any_length(void **state)
{
    for (unsigned length = 0; length < 100; length++) {
        struct peer p = {.word = LENGTH, .value = length};
        struct vw_client *c = connect_to(&p, bent);
        bool right = length == ANSWER_LEN;
        expect(c,
               right                 ? 0
               : length < ANSWER_LEN ? VW_EPROTOCOL
                                     : VW_ETIMEOUT,
               length < VW_PREFIX_BYTES ? "F-3"
               : length < ANSWER_LEN    ? "H-5"
                                        : "",
               "length", length);
        hang_up(&p, c);
    }
}

/* ---- bodies ---- */

static void with_body(struct peer *p, const struct vw_header *call)
{
    put_about(p, call, VW_MSG_REPLY, VW_MSG_OK, p->body, p->body_len);
}

static void any_body(void **state)
{
    /* Two domains and their number. */
    static const uint8_t list[] = "\0\0\0\2\0\0\0\1a\0\0\0"
                                  "0123456789abcdef\0\0\0\1\0\0\0\2bb\0\0"
                                  "0123456789abcdef\xff\xff\xff\xff\0\0\0\2";
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    const size_t len = sizeof(list) - 1;
    for (size_t at = 0; at < len * sizeof(values); at++) {
        uint8_t body[sizeof(list)];
        struct vw_error err = VW_ERROR_INIT;
        memcpy(body, list, len);
        body[at / sizeof(values)] = values[at % sizeof(values)];
        struct peer p = {.body = body, .body_len = len};
        struct vw_client *c = connect_to(&p, with_body);
        int rc = call(c, "connect_list_all_domains", &err);
        assert_true(rc == 0 || (rc == VW_EPROTOCOL && strcmp(err.clause, "H-5") == 0));
        hang_up(&p, c);
    }
    for (size_t n = 0; n <= len; n++) {
        struct vw_error err = VW_ERROR_INIT;
        struct peer p = {.body = list, .body_len = n};
        struct vw_client *c = connect_to(&p, with_body);
        assert_int_equal(call(c, "connect_list_all_domains", &err), n < len ? VW_EPROTOCOL : 0);
        hang_up(&p, c);
    }
}

/* ---- ends and stalls ---- */

static void cut(struct peer *p, const struct vw_header *call)
{
    size_t start = p->memory.to_client.len;
    good(p, call);
    p->memory.to_client.len = start + p->cut;
    p->memory.closed = p->end != 0;
    p->memory.recv_error = p->end == 2 ? -ECONNRESET : 0;
}

static void closing_at_any_byte(void **state)
{
    for (int end = 0; end < 3; end++)
        for (unsigned at = 0; at <= ANSWER_LEN; at++)
            for (size_t chunk = 0; chunk < 2; chunk++) {
                struct peer p = {.cut = at, .end = end};
                struct vw_client *c = connect_to(&p, cut);
                int code = end ? VW_ECLOSED : VW_ETIMEOUT;
                p.memory.chunk = chunk;
                expect(c, at == ANSWER_LEN ? 0 : code, "", "cut", at);
                p.answer = NULL;
                expect(c, code, "", "behind the cut", at);
                hang_up(&p, c);
            }
}

/* AUTH_LIST says none, CONNECT_OPEN has no result; of both together the first so many bytes come.
 */
static void cut_opening(struct peer *p, const struct vw_header *call)
{
    put_about(p, call, VW_MSG_REPLY, VW_MSG_OK, "\0\0\0\1\0\0\0", p->answered == 1 ? 8 : 0);
    if (p->memory.received < p->cut)
        return;
    p->memory.to_client.len -= p->memory.received - p->cut;
    p->memory.closed = p->end != 0;
    p->memory.recv_error = p->end == 2 ? -ECONNRESET : 0;
}

static void closing_while_opening(void **state)
{
    for (int end = 0; end < 3; end++)
        for (unsigned at = 0; at < ANSWER_LEN + VW_PREFIX_BYTES; at++) {
            const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = profile,
                                                .timeout_ms = TIMEOUT_MS};
            struct peer p = {.cut = at, .end = end, .answer = cut_opening};
            struct vw_error err = VW_ERROR_INIT;
            struct vw_client *c = NULL;
            vw_memory_init(&p.memory, 0);
            p.memory.sent = take;
            p.memory.turn = turn;
            p.memory.user = &p;
            vw_failalloc_reset();
            int rc = vw_client_open_transport(&p.memory.transport, &o, &c, &err);
            assert_int_equal(rc, end ? VW_ECLOSED : VW_ETIMEOUT);
            assert_true(!c && err.text[0] && !p.memory.open);
            assert_int_equal(p.n_calls, at < ANSWER_LEN ? 1 : 2);
            assert_in_range(vw_memory_now(), VW_MEMORY_START_MS,
                            VW_MEMORY_START_MS + 2 * TIMEOUT_MS);
            assert_true(vw_failalloc_stats().peak < MEMORY_MAX);
            vw_memory_finish(&p.memory);
        }
}

static void late_answers_are_dropped(void **state)
{
    struct peer p = {0};
    struct vw_client *c = connect_to(&p, NULL);
    expect(c, VW_ETIMEOUT, "", "silent", 0);
    p.answer = good;
    expect(c, 0, "", "late", 0);
    assert_int_equal(p.answered, 2);
    hang_up(&p, c);
}

static void twice(struct peer *p, const struct vw_header *call)
{
    good(p, call);
    good(p, call);
}

static void foreign(struct peer *p, const struct vw_header *call)
{
    struct vw_header other = *call;
    other.serial += 1000;
    good(p, &other);
}

static void answers_that_nobody_waits_for(void **state)
{
    struct peer p = {0};
    struct vw_client *c = connect_to(&p, twice);
    expect(c, 0, "", "once", 0);
    expect(c, VW_EPROTOCOL, "H-9", "twice", 0);
    hang_up(&p, c);
    c = connect_to(&p, foreign);
    expect(c, VW_EPROTOCOL, "H-9", "foreign", 0);
    expect(c, VW_EPROTOCOL, "H-9", "once lost", 0);
    hang_up(&p, c);
}

/* ---- floods, each without an end ---- */

/* So many messages a millisecond. */
static bool pour(struct peer *p, const struct vw_header *h, const void *body, size_t len)
{
    for (int i = 0; i < 100; i++)
        put(p, h, (uint32_t)(VW_PREFIX_BYTES + len), body, len);
    vw_memory_pass(1);
    return true;
}

static bool pour_events(struct peer *p)
{
    const struct vw_proc *proc = vw_schema_proc(profile->schema, "connect_event_connection_closed");
    const struct vw_header h = {REMOTE, 1, proc->number, VW_MSG_MESSAGE, 1, VW_MSG_OK};
    return pour(p, &h, "\0\0\0\1", 4);
}

static bool pour_unknown_events(struct peer *p)
{
    const struct vw_header h = {REMOTE, 1, 30000, VW_MSG_MESSAGE, 1, VW_MSG_OK};
    return pour(p, &h, "\0\0\0\1", 4);
}

static bool pour_broken_events(struct peer *p)
{
    const struct vw_proc *proc = vw_schema_proc(profile->schema, "connect_event_connection_closed");
    const struct vw_header h = {REMOTE, 1, proc->number, VW_MSG_MESSAGE, 1, VW_MSG_OK};
    return pour(p, &h, "", 0);
}

static bool pour_pings(struct peer *p)
{
    const struct vw_header h = {KEEPALIVE, 1, 1, VW_MSG_MESSAGE, 0, VW_MSG_OK};
    p->memory.send_room = 0; /* and reads nothing */
    return pour(p, &h, "", 0);
}

static bool pour_foreign_streams(struct peer *p)
{
    const struct vw_header h = {REMOTE, 1, 211, VW_MSG_STREAM, 5, VW_MSG_CONTINUE};
    return pour(p, &h, "data", 4);
}

static bool drip(struct peer *p)
{
    vw_memory_pass(1);
    return vw_memory_put(&p->memory, "x", 1);
}

static void promise(struct peer *p, const struct vw_header *call)
{
    struct vw_header h = *call;
    h.type = VW_MSG_REPLY;
    put(p, &h, 33554436, "", 0);
}

static void floods_end_at_the_deadline(void **state)
{
    static const struct {
        const char *name;
        bool (*goes_on)(struct peer *p);
        answer_fn answer;
    } floods[] = {
        {"events", pour_events, NULL},
        {"unknown events", pour_unknown_events, NULL},
        {"broken events", pour_broken_events, NULL},
        {"pings", pour_pings, NULL},
        {"streams of nobody", pour_foreign_streams, NULL},
        {"a long answer", drip, promise},
    };
    for (unsigned i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {
        struct peer p = {.goes_on = floods[i].goes_on};
        struct vw_client *c = connect_to(&p, floods[i].answer);
        const int ms = 1000 / (int)vw_test_step(10);
        vw_client_set_timeout(c, ms);
        int64_t start = vw_memory_now();
        expect(c, VW_ETIMEOUT, "", floods[i].name, i);
        assert_in_range(vw_memory_now() - start, ms, ms + 100);
        hang_up(&p, c);
    }
}

/* ---- a stream that never ends ---- */

static struct vw_header stream;

static void open_stream(struct peer *p, const struct vw_header *call)
{
    stream = *call;
    put_about(p, call, VW_MSG_REPLY, VW_MSG_OK, "\0\0\0\0", 4);
    p->answer = NULL;
}

static bool pour_data(struct peer *p)
{
    struct vw_header h = stream;
    h.type = VW_MSG_STREAM;
    h.status = VW_MSG_CONTINUE;
    return pour(p, &h, "data", 4);
}

/* Taking, finishing, aborting, or doing something else while nobody takes. */
static void a_stream_that_never_ends(void **state)
{
    for (int way = 0; way < 4; way++) {
        struct peer p = {0};
        struct vw_error err = VW_ERROR_INIT;
        struct vw_client *c = connect_to(&p, open_stream);
        const struct vw_stream_options o = {
            VW_STREAM_OPTIONS_INIT, .deadline_ms = vw_memory_now() + 5000, .max_queue = 65536};
        struct vw_stream_item item;
        struct vw_stream *st;
        const struct vw_proc *proc = vw_schema_proc(profile->schema, "domain_screenshot");
        struct vw_arena arena = VW_ARENA_INIT;
        void *args = NULL;
        int rc = 0;
        assert_int_equal(vw_value_minimal(proc->args, &arena, &args, NULL), 0);
        assert_int_equal(
            vw_stream_open(c,
                           &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = proc,
                                                         .args = args, .stream = &o},
                           &arena, NULL, &st, &err),
            0);
        vw_client_set_timeout(c, 1000);
        p.goes_on = pour_data;
        while (way == 0 && rc == 0)
            rc = vw_stream_receive(st, &item, &err);
        if (way == 1)
            rc = vw_stream_finish(st, &err);
        if (way == 2)
            rc = vw_stream_abort(st, &err);
        if (way == 3)
            rc = call(c, "connect_get_type", &err);
        assert_int_equal(rc, way == 3 ? VW_ELIMIT : VW_ETIMEOUT);
        vw_stream_destroy(st);
        /* It may stop at any time: then the connection is as good as before. */
        p.goes_on = NULL;
        p.answer = good;
        p.answered = p.n_calls;
        expect(c, 0, "", "afterwards", (unsigned)way);
        vw_arena_finish(&arena);
        hang_up(&p, c);
    }
}

/* ---- many in flight ---- */

#define MANY 8

struct tally {
    unsigned ends[MANY];
    unsigned errors;
};

struct one {
    struct tally *tally;
    unsigned which;
};

static void count(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct one *one = user;
    one->tally->ends[one->which]++;
    one->tally->errors += ev->kind == VW_EVENT_ERROR;
    assert_true(ev->kind == VW_EVENT_REPLY || (ev->local && ev->text[0]));
}

/* Submits MANY, lets the server do what it does, and destroys the client. */
static unsigned run_many(struct peer *p, struct vw_client *c, bool failing)
{
    struct tally t = {0};
    struct one ones[MANY];
    const struct vw_proc *proc = vw_schema_proc(profile->schema, "connect_get_type");
    unsigned n = 0;
    for (; n < MANY; n++) {
        ones[n] = (struct one){&t, n};
        int64_t deadline = n % 2 ? vw_memory_now() + 1000 : INT64_MAX;
        if (vw_client_submit(c,
                             &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = proc,
                                                           .deadline_ms = deadline, .done = count,
                                                           .user = &ones[n]},
                             NULL, NULL))
            break;
    }
    assert_true(n == MANY || failing);
    vw_client_drain(c, vw_memory_now() + TIMEOUT_MS, NULL);
    for (unsigned i = 1; i < n && !failing; i += 2)
        assert_int_equal(t.ends[i], 1);
    hang_up(p, c);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(t.ends[i], i < n);
    return t.errors;
}

static void each_of_many_ends_once(void **state)
{
    static const struct {
        answer_fn answer;
        unsigned errors;
    } servers[] = {{good, 0}, {NULL, MANY}, {twice, MANY - 1}, {foreign, MANY}, {promise, MANY}};
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        struct peer p = {0};
        struct vw_client *c = connect_to(&p, servers[i].answer);
        assert_int_equal(run_many(&p, c, false), servers[i].errors);
    }
    for (unsigned bit = 0; bit < WORDS * 32; bit++) {
        struct peer p = {.word = bit / 32, .value = 1u << bit % 32};
        struct vw_client *c = connect_to(&p, bent);
        run_many(&p, c, false);
    }
}

static void each_ends_once_without_memory(void **state)
{
    static const answer_fn answers[] = {good, twice, NULL};
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        for (size_t n = 1;; n++) {
            struct peer p = {0};
            struct vw_client *c = connect_to(&p, answers[i]);
            /* The server's own memory does not fail. */
            assert_true(vw_memory_put(&p.memory, (const uint8_t[4096]){0}, 4096));
            p.memory.to_client.len = 0;
            vw_failalloc_set(n);
            run_many(&p, c, true);
            if (!vw_failalloc_clear())
                break;
        }
}

static int load(void **state)
{
    return vw_profile_load("9.0.0", NULL, &profile, NULL);
}

static int unload(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_field),
        cmocka_unit_test(any_bit_of_the_header),
        cmocka_unit_test(any_length),
        cmocka_unit_test(any_body),
        cmocka_unit_test(closing_at_any_byte),
        cmocka_unit_test(closing_while_opening),
        cmocka_unit_test(late_answers_are_dropped),
        cmocka_unit_test(answers_that_nobody_waits_for),
        cmocka_unit_test(floods_end_at_the_deadline),
        cmocka_unit_test(a_stream_that_never_ends),
        cmocka_unit_test(each_of_many_ends_once),
        cmocka_unit_test(each_ends_once_without_memory),
    };
    return cmocka_run_group_tests(tests, load, unload) + vw_test_leaked();
}
