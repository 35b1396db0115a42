// SPDX-License-Identifier: MIT
// What the judge makes of answers: one thing wrong in each, and what is said about it.
#include <string.h>

#include "base/testing/test.h"
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

/* A call, what the peer makes of it, and the steps under test behind it. */
struct row {
    const char *call, *steps;
    struct peer_answer answer;
    enum vw_verdict verdict;
    const char *reason; /* all of it */
    const struct peer_answer *before, *behind;
    enum peer_act act;
};

static bool play_row(const struct row *r, unsigned caps, size_t i)
{
    struct peer p;
    struct played got;
    char text[2000], name[64];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(r->call, ","), r->call);
    snprintf(text, sizeof(text), "needs: [open]\nsteps:\n  - send: {call: {procedure: %s}}\n%s",
             r->call, r->steps);
    const struct peer_rule rule = {.procedure = name,
                                   .answer = r->answer,
                                   .act = r->act,
                                   .before = r->before,
                                   .behind = r->behind};
    peer_init(&p, profile, &rule, 1);
    p.caps = caps;
    p.together = caps != 0;
    play_text(&p, text, &got);
    peer_finish(&p);
    if (got.verdict == r->verdict && strcmp(got.reason, r->reason) == 0)
        return true;
    print_message("# row %zu: wanted %s, %s\n#   got %s, %s\n", i, vw_verdict_name(r->verdict),
                  r->reason, vw_verdict_name(got.verdict), got.reason);
    return false;
}

static void play_rows(const struct row *rows, size_t n, unsigned caps)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += !play_row(&rows[i], caps, i);
    if (wrong)
        fail_msg("%zu of %zu rows", wrong, n);
}
#define PLAY(rows) play_rows(rows, sizeof(rows) / sizeof((rows)[0]), 0)

/* Answers of rows. */
#define GOOD                                                                                       \
    {                                                                                              \
        0                                                                                          \
    }
#define BARE                                                                                       \
    {                                                                                              \
        .no_body = true                                                                            \
    }
#define BENT(w, v)                                                                                 \
    {                                                                                              \
        .word = PEER_##w, .value = (v)                                                             \
    }
#define RETURNS(v)                                                                                 \
    {                                                                                              \
        .ret = (v)                                                                                 \
    }
#define PATCHED(v, a, w)                                                                           \
    {                                                                                              \
        .ret = (v), .at = (a), .patch = (w)                                                        \
    }
#define REFUSES(v)                                                                                 \
    {                                                                                              \
        .error = (v)                                                                               \
    }
#define LONGER(n)                                                                                  \
    {                                                                                              \
        .extra = (n)                                                                               \
    }
#define SHORTER(n)                                                                                 \
    {                                                                                              \
        .cut = (n)                                                                                 \
    }
#define BYTES(h)                                                                                   \
    {                                                                                              \
        .hex = (h)                                                                                 \
    }
#define BEFORE(x) .before = &(x)
#define BEHIND(x) .behind = &(x)
#define ACT(x)    .act = PEER_##x

#define HOST  "connect_get_hostname"
#define PLAIN "  - expect: {reply: {hostname: peer.example}}\n"
static void test_headers(void **state)
{
    static const struct row rows[] = {
        {HOST, PLAIN, GOOD, VW_PASS, ""},
        {HOST, PLAIN, BENT(PROGRAM, 0x20008087), VW_FAIL,
         "the reply must repeat the program of its call, 0x20008086; it has 0x20008087"},
        {HOST, PLAIN, BENT(VERSION, 2), VW_FAIL,
         "the reply must repeat the version of its call, 1; it has 2"},
        {HOST, PLAIN, BENT(VERSION, 0), VW_FAIL,
         "the reply must repeat the version of its call, 1; it has 0"},
        {HOST, PLAIN, BENT(PROCEDURE, 60), VW_FAIL,
         "the reply must repeat the procedure of its call, 59; it has 60"},
        {HOST, PLAIN, BENT(TYPE, VW_MSG_CALL), VW_FAIL,
         "a message of type 0 came, which no server may send"},
        {HOST, PLAIN, BENT(TYPE, VW_MSG_MESSAGE), VW_FAIL,
         "a message of type MESSAGE came whose procedure 59 is no event, and 1 more"},
        {HOST, PLAIN, BENT(TYPE, VW_MSG_STREAM), VW_FAIL,
         "waiting for what is expected: the end of a stream with a body"},
        {HOST, PLAIN, BENT(TYPE, VW_MSG_CALL_WITH_FDS), VW_FAIL,
         "a message of type 4 came, which no server may send"},
        {HOST, PLAIN, BENT(TYPE, VW_MSG_REPLY_WITH_FDS), VW_FAIL,
         "the reply has the type for descriptors (5) and holds none"},
        {HOST, PLAIN, BENT(TYPE, VW_MSG_STREAM_HOLE), VW_FAIL,
         "waiting for what is expected: a hole whose status is not CONTINUE"},
        {HOST, PLAIN, BENT(TYPE, 7), VW_FAIL, "a message of type 7 came, which no server may send"},
        {HOST, PLAIN, BENT(TYPE, 0xffffffff), VW_FAIL,
         "a message of type -1 came, which no server may send"},
        {HOST, PLAIN, BENT(SERIAL, 2), VW_FAIL,
         "a reply came with serial 2, which no waiting call has; the one that waits has 3"},
        {HOST, PLAIN, BENT(SERIAL, 4), VW_FAIL,
         "a reply came with serial 4, which no waiting call has; the one that waits has 3"},
        {HOST, PLAIN, BENT(STATUS, 1), VW_FAIL,
         "the error structure cannot be decoded: a string is longer than its bound at message, "
         "offset 16 of the body"},
        {HOST, PLAIN, BENT(STATUS, 2), VW_FAIL, "the status of a reply is 0 or 1; it has 2"},
        {HOST, PLAIN, BENT(STATUS, 0xffffffff), VW_FAIL,
         "the status of a reply is 0 or 1; it has -1"},
        {HOST, PLAIN, BENT(LENGTH, 27), VW_FAIL,
         "a message came whose length word is 27, too short for a header"},
        {HOST, PLAIN, BENT(LENGTH, 4), VW_FAIL,
         "a message came whose length word is 4, too short for a header"},
        {HOST, PLAIN, BENT(LENGTH, 3), VW_FAIL,
         "waiting for what is expected: the framing is broken: length word 3 is outside 28 to "
         "33554436"},
        {HOST, PLAIN, BENT(LENGTH, 33554437), VW_FAIL,
         "waiting for what is expected: the framing is broken: length word 33554437 is outside 28 "
         "to 33554436"},
        {HOST, PLAIN, BENT(LENGTH, 33554436), VW_FAIL,
         "waiting for what is expected: 44 of 33554436 announced bytes came, and no more in 1000 "
         "ms"},
        {HOST, PLAIN, BENT(LENGTH, 40), VW_FAIL,
         "the body cannot be decoded: 12 bytes are needed for a string, 8 left at hostname, offset "
         "4 of the body"},
        {HOST, PLAIN, BENT(LENGTH, 48), VW_FAIL,
         "waiting for what is expected: 44 of 48 announced bytes came, and no more in 1000 ms"},
    };
    PLAY(rows);
}

/* What `header` says of a word stands for what is checked without it; of the others it is checked.
 */
static void test_header_patterns(void **state)
{
    static const struct row rows[] = {
        {HOST, "  - expect: {reply: , header: {type: 5}}\n", BENT(TYPE, VW_MSG_REPLY_WITH_FDS),
         VW_PASS, ""},
        {HOST, "  - expect: {reply: , header: {serial: 3}}\n", BENT(TYPE, VW_MSG_REPLY_WITH_FDS),
         VW_FAIL, "the reply has the type for descriptors (5) and holds none"},
        {HOST, "  - expect: {reply: , header: {type: 5}}\n", GOOD, VW_FAIL,
         "type: expected 5, found 1"},
        {HOST, "  - expect: {reply: , header: {version: 2}}\n", BENT(VERSION, 2), VW_PASS, ""},
        {HOST, "  - expect: {reply: , header: {version: 1}}\n", BENT(VERSION, 2), VW_FAIL,
         "version: expected 1, found 2"},
        {HOST, "  - expect: {reply: , header: {type: 1, procedure: 59, version: 1}}\n",
         BENT(PROGRAM, 1), VW_FAIL,
         "the reply must repeat the program of its call, 0x20008086; it has 0x1"},
        {HOST, "  - expect: {reply: , header: {status: 0, program: 0x20008086, procedure: 59}}\n",
         BENT(VERSION, 2), VW_FAIL, "the reply must repeat the version of its call, 1; it has 2"},
        {HOST, "  - expect: {reply: , header: {serial: 3, program: 0x20008086, version: 1}}\n",
         BENT(PROCEDURE, 60), VW_FAIL,
         "the reply must repeat the procedure of its call, 59; it has 60"},
        {HOST, "  - expect: {reply: , header: {program: 0x20008086}}\n", BENT(PROGRAM, 0xf0008086),
         VW_FAIL, "program: expected 536903814, found 4026564742"},
        {HOST, "  - expect: {reply: , header: {program: 0xf0008086}}\n", BENT(PROGRAM, 0xf0008086),
         VW_PASS, ""},
        {HOST, "  - expect: {reply: , header: {procedure: -1}}\n", BENT(PROCEDURE, 0xffffffff),
         VW_PASS, ""},
        {HOST, "  - expect: {reply: , header: {procedure: 59}}\n", BENT(PROCEDURE, 0xffffffff),
         VW_FAIL, "procedure: expected 59, found -1"},
        {HOST, "  - expect: {reply: , header: {serial: 4}}\n", GOOD, VW_FAIL,
         "serial: expected 4, found 3"},
        {HOST, "  - expect: {reply: , header: {status: 1}}\n", GOOD, VW_FAIL,
         "status: expected 1, found 0"},
        {HOST, "  - expect: {reply: , header: {status: 2}}\n", BENT(STATUS, 2), VW_PASS, ""},
        {HOST, "  - expect: {reply: , excuse: [H-5]}\n", BENT(STATUS, 2), VW_PASS, ""},
        {HOST, "  - expect: {reply: , excuse: [H-9, H-11]}\n", BENT(STATUS, 2), VW_FAIL,
         "the status of a reply is 0 or 1; it has 2"},
    };
    PLAY(rows);
}

#define WRONG(fields)                                                                              \
    {                                                                                              \
        .error = "{code: 39, domain: 7, level: 2" fields "}"                                       \
    }
#define ERROR(p) "  - expect: {error: " p "}\n"
#define DOM      "{name: n, uuid: \"00112233445566778899aabbccddeeff\", id: 5}"
#define NET      "{name: n, uuid: \"00112233445566778899aabbccddeeff\"}"

static void test_error_fields(void **state)
{
    static const struct row rows[] = {
        {HOST, ERROR(""), WRONG(""), VW_PASS, ""},
        {HOST, ERROR("{code: 39, domain: 7}"), WRONG(""), VW_PASS, ""},
        {HOST, ERROR("{code: 38}"), WRONG(""), VW_FAIL, "code: expected 38, found 39"},
        {HOST, ERROR("{domain: 8}"), WRONG(""), VW_FAIL, "domain: expected 8, found 7"},
        {HOST, ERROR("{message: m}"), WRONG(", message: m"), VW_PASS, ""},
        {HOST, ERROR("{message: m}"), WRONG(", message: mm"), VW_FAIL,
         "message: expected \"m\", found \"mm\""},
        {HOST, ERROR("{message: m}"), WRONG(""), VW_FAIL, "message: expected \"m\", found null"},
        {HOST, ERROR("{message: }"), WRONG(", message: m"), VW_FAIL,
         "message: expected nothing, found \"m\""},
        {HOST, ERROR("{dom: }"), WRONG(", dom: " DOM), VW_FAIL,
         "dom: expected nothing, found "
         "{\"name\":\"n\",\"uuid\":\"00112233445566778899aabbccddeeff\",\"id\":5}"},
        {HOST, ERROR("{dom: {id: 5}}"), WRONG(", dom: " DOM), VW_PASS, ""},
        {HOST, ERROR("{dom: {id: 6}}"), WRONG(", dom: " DOM), VW_FAIL,
         "dom.id: expected 6, found 5"},
        {HOST, ERROR("{str1: a}"), WRONG(", str1: b"), VW_FAIL,
         "str1: expected \"a\", found \"b\""},
        {HOST, ERROR("{str2: a}"), WRONG(", str2: b"), VW_FAIL,
         "str2: expected \"a\", found \"b\""},
        {HOST, ERROR("{str3: a}"), WRONG(", str3: b"), VW_FAIL,
         "str3: expected \"a\", found \"b\""},
        {HOST, ERROR("{int1: 0}"), WRONG(", int1: -1"), VW_FAIL, "int1: expected 0, found -1"},
        {HOST, ERROR("{int2: 0}"), WRONG(", int2: 2"), VW_FAIL, "int2: expected 0, found 2"},
        {HOST, ERROR("{net: }"), WRONG(", net: " NET), VW_FAIL,
         "net: expected nothing, found "
         "{\"name\":\"n\",\"uuid\":\"00112233445566778899aabbccddeeff\"}"},
        {HOST, ERROR("{cod: 39}"), WRONG(""), VW_ERROR,
         "a/b.yaml:7:22: the value has no member \"cod\""},
    };
    PLAY(rows);
}

#define LEVEL(n)                                                                                   \
    {                                                                                              \
        .error = "{code: 39, domain: 7, level: " n "}"                                             \
    }

static void test_errors(void **state)
{
    static const struct row rows[] = {
        {HOST, ERROR(""), LEVEL("0"), VW_FAIL, "expected 2 (error), found 0 at level"},
        {HOST, ERROR(""), LEVEL("1"), VW_FAIL, "expected 2 (error), found 1 at level"},
        {HOST, ERROR(""), LEVEL("3"), VW_FAIL, "expected 2 (error), found 3 at level"},
        {HOST, ERROR("{level: 1}"), LEVEL("1"), VW_PASS, ""},
        {HOST, ERROR("{level: 1}"), LEVEL("2"), VW_FAIL, "level: expected 1, found 2"},
        {HOST, ERROR("{code: 1}"), LEVEL("1"), VW_FAIL, "expected 2 (error), found 1 at level"},
        {HOST, ERROR("unknown_procedure"), WRONG(""), VW_PASS, ""},
        {HOST, ERROR("unknown_procedure"), LEVEL("1"), VW_FAIL,
         "expected 2 (error), found 1 at level"},
        {HOST, ERROR("unknown_procedure"), REFUSES("{code: 38, domain: 7, level: 2}"), VW_FAIL,
         "expected error 39/7 (unknown_procedure), found 38/7"},
        {HOST, ERROR("unknown_procedure"), REFUSES("{code: 39, domain: 8, level: 2}"), VW_FAIL,
         "expected error 39/7 (unknown_procedure), found 39/8"},
        {HOST, ERROR("unknown_thing"), WRONG(""), VW_ERROR,
         "a/b.yaml:7:21: the profile has no answer \"unknown_thing\""},
        {HOST, ERROR(""), GOOD, VW_FAIL, "expected an error, found a good reply"},
        {HOST,
         ERROR(""),
         {.no_body = true, .word = PEER_STATUS, .value = 1},
         VW_FAIL,
         "the error structure cannot be decoded: the bytes end within an error structure at code, "
         "offset 0 of the body"},
        {HOST,
         ERROR(""),
         {.error = "{level: 2}", .extra = 4},
         VW_FAIL,
         "4 bytes follow the error structure"},
        {HOST,
         ERROR(""),
         {.error = "{level: 2}", .cut = 4},
         VW_FAIL,
         "the error structure cannot be decoded: the bytes end within an error structure at net, "
         "offset 40 of the body"},
        {HOST,
         ERROR(""),
         {.error = "{level: 2}", .at = 9, .patch = 2},
         VW_FAIL,
         "the error structure cannot be decoded: the bytes end within an error structure at int2, "
         "offset 44 of the body"},
        {HOST,
         ERROR(""),
         {.error = "{level: 2, message: abc}", .at = 17, .patch = 0x61626364},
         VW_FAIL,
         "padding byte is 0x64, not zero at message, offset 19 of the body"},
        {HOST, PLAIN, WRONG(""), VW_FAIL, "expected a good reply, found error 39/7"},
        {HOST, PLAIN, LEVEL("1"), VW_FAIL, "expected 2 (error), found 1 at level"},
        {HOST, "  - expect: {answer: }\n", WRONG(""), VW_PASS, ""},
        {HOST, "  - expect: {answer: }\n", LEVEL("1"), VW_FAIL,
         "expected 2 (error), found 1 at level"},
        {HOST, "  - expect: {answer: }\n", GOOD, VW_PASS, ""},
        {HOST, "  - expect: {answer: }\n", LONGER(4), VW_FAIL, "4 bytes follow the body"},
        {HOST, "  - expect: {answer: }\n", BENT(STATUS, 2), VW_FAIL,
         "the status of a reply is 0 or 1; it has 2"},
    };
    PLAY(rows);
}

static void test_bodies(void **state)
{
    static const struct row rows[] = {
        {HOST, PLAIN, LONGER(4), VW_FAIL, "4 bytes follow the body"},
        {HOST, PLAIN, LONGER(1), VW_FAIL, "1 bytes follow the body"},
        {HOST, PLAIN, SHORTER(4), VW_FAIL,
         "the body cannot be decoded: 12 bytes are needed for a string, 8 left at hostname, offset "
         "4 of the body"},
        {HOST, PLAIN, SHORTER(1), VW_FAIL,
         "the body cannot be decoded: 12 bytes are needed for a string, 11 left at hostname, "
         "offset 4 of the body"},
        {HOST, PLAIN, BARE, VW_FAIL,
         "the body cannot be decoded: 4 bytes are needed for a length, 0 left at hostname, offset "
         "0 of the body"},
        {HOST, PLAIN, RETURNS("{hostname: peer}"), VW_FAIL,
         "hostname: expected \"peer.example\", found \"peer\""},
        {HOST, "  - expect: {reply: }\n", RETURNS("{hostname: peer}"), VW_PASS, ""},
        {HOST, "  - expect: {reply: }\n", PATCHED("{hostname: abc}", 5, 0x61620001), VW_FAIL,
         "NUL inside a string of 3 bytes at hostname, offset 6 of the body, and 1 more"},
        {HOST, "  - expect: {reply: }\n", PATCHED("{hostname: abc}", 5, 0x61626301), VW_FAIL,
         "padding byte is 0x01, not zero at hostname, offset 7 of the body"},
        {HOST, "  - expect: {reply: }\n", PATCHED("{hostname: abc}", 5, 0x61620000), VW_FAIL,
         "NUL inside a string of 3 bytes at hostname, offset 6 of the body"},
        {HOST, "  - expect: {reply: {host: x}}\n", GOOD, VW_ERROR,
         "a/b.yaml:7:22: the value has no member \"host\""},
        {"connect_is_secure", "  - expect: {reply: {secure: 1}}\n", RETURNS("{secure: 1}"), VW_PASS,
         ""},
        {"connect_is_secure", "  - expect: {reply: {secure: 1}}\n", GOOD, VW_FAIL,
         "secure: expected 1, found 0"},
        {"auth_list", "  - expect: {reply: {types: [REMOTE_AUTH_SASL]}}\n", GOOD, VW_FAIL,
         "types[0]: expected \"REMOTE_AUTH_SASL\", found \"REMOTE_AUTH_NONE\""},
        {"auth_list", "  - expect: {reply: }\n", PATCHED("{types: [0]}", 5, 4), VW_FAIL,
         "before the first step, the answer to AUTH_LIST: 4 is no member of remote_auth_type at "
         "types[0], offset 4 of the body"},
        {"domain_create", "  - expect: {reply: }\n", GOOD, VW_PASS, ""},
        {"domain_create", "  - expect: {reply: }\n", LONGER(4), VW_FAIL, "4 bytes follow the body"},
        {"domain_create", "  - expect: {reply: }\n", LONGER(1), VW_FAIL, "1 bytes follow the body"},
        {"9999", "  - expect: {error: unknown_procedure}\n", GOOD, VW_FAIL,
         "expected an error, found a good reply"},
    };
    PLAY(rows);
}

static const struct peer_answer event = {.event = "domain_event_reboot"};
static const struct peer_answer event_status = {
    .event = "domain_event_reboot", .word = PEER_STATUS, .value = 1};
static const struct peer_answer event_serial = {
    .event = "domain_event_reboot", .word = PEER_SERIAL, .value = 9};
static const struct peer_answer event_long = {.event = "domain_event_reboot", .extra = 4};
static const struct peer_answer false_event = {.word = PEER_TYPE, .value = VW_MSG_MESSAGE};
static const struct peer_answer again;
static const struct peer_answer of_other = {.word = PEER_SERIAL, .value = 2};
static const struct peer_answer tiny = {.hex = "00000008 01020304"};
static const struct peer_answer one_byte = {.hex = "00"};
static const struct peer_answer empty = {.hex = "00000004"};
static const struct peer_answer a_call = {.word = PEER_TYPE, .value = VW_MSG_CALL};

/* What nobody asked for, ahead of the answer and behind it. */
static void test_strays(void **state)
{
    static const struct row rows[] = {
        {HOST, PLAIN, GOOD, VW_FAIL,
         "after the last step: a reply came with serial 3, which no waiting call has", ACT(TWICE)},
        {HOST, PLAIN, GOOD, VW_FAIL,
         "after the last step: a reply came with serial 2, which no waiting call has",
         BEHIND(of_other)},
        {HOST, PLAIN, GOOD, VW_FAIL,
         "after the last step: a message of type MESSAGE came whose procedure 59 is no event",
         BEFORE(false_event), ACT(TWICE)},
        {HOST, PLAIN, GOOD, VW_FAIL,
         "after the last step: a message of type MESSAGE came whose procedure 59 is no event",
         BEHIND(false_event)},
        {HOST, PLAIN, GOOD, VW_FAIL,
         "after the last step: a message of type 0 came, which no server may send", BEHIND(a_call)},
        {HOST, PLAIN, GOOD, VW_FAIL,
         "after the last step: a message came whose length word is 8, too short for a header",
         BEHIND(tiny)},
        {HOST, PLAIN, GOOD, VW_FAIL,
         "after the last step: a message came whose length word is 4, too short for a header",
         BEHIND(empty)},
        {HOST, PLAIN, GOOD, VW_FAIL,
         "after the last step: a message came whose length word is 8, too short for a header",
         BEFORE(tiny)},
        {HOST, PLAIN, GOOD, VW_PASS, "", BEFORE(event)},
        {HOST, PLAIN, GOOD, VW_PASS, "", BEHIND(event)},
        {HOST, PLAIN "  - expect-usable:\n", GOOD, VW_FAIL,
         "after the last step: a reply came with serial 3, which no waiting call has",
         BEHIND(again)},
        {HOST, "  - expect: {error: }\n", GOOD, VW_FAIL, "expected an error, found a good reply",
         BEFORE(event)},
    };
    PLAY(rows);
}

#define REBOOT(more) "  - expect: {message: {procedure: domain_event_reboot" more "}}\n"

static void test_messages(void **state)
{
    static const struct row rows[] = {
        {HOST, PLAIN REBOOT(""), GOOD, VW_PASS, "", BEHIND(event)},
        {HOST, REBOOT("") PLAIN, GOOD, VW_PASS, "", BEHIND(event)},
        {HOST, PLAIN REBOOT(""), GOOD, VW_HUNG, "waiting for what is expected: nothing in 1000 ms"},
        {HOST, PLAIN REBOOT(""), GOOD, VW_FAIL, "the status of an event is 0; it has 1",
         BEHIND(event_status)},
        {HOST, PLAIN REBOOT(", serial: 1"), GOOD, VW_PASS, "", BEHIND(event)},
        {HOST, PLAIN REBOOT(", serial: 1"), GOOD, VW_FAIL, "expected 1, found 9",
         BEHIND(event_serial)},
        {HOST, PLAIN REBOOT(", serial: 9"), GOOD, VW_PASS, "", BEHIND(event_serial)},
        {HOST, PLAIN REBOOT(""), GOOD, VW_FAIL, "the serial of an event is 1; it has 9",
         BEHIND(event_serial)},
        {HOST, PLAIN REBOOT(", args: {dom: {id: 0}}"), GOOD, VW_PASS, "", BEHIND(event)},
        {HOST, PLAIN REBOOT(", args: {dom: {id: 1}}"), GOOD, VW_FAIL, "dom.id: expected 1, found 0",
         BEHIND(event)},
        {HOST, PLAIN REBOOT(""), GOOD, VW_FAIL, "4 bytes follow the body", BEHIND(event_long)},
        {HOST, PLAIN "  - expect: {message: {procedure: domain_event_lifecycle}}\n", GOOD, VW_HUNG,
         "waiting for what is expected: nothing in 1000 ms", BEHIND(event)},
        {HOST, PLAIN "  - expect: {message: {program: keepalive, procedure: 1}}\n", GOOD, VW_HUNG,
         "waiting for what is expected: nothing in 1000 ms", BEHIND(event)},
        {HOST, PLAIN "  - expect: {message: {procedure: domain_event_reebot}}\n", GOOD, VW_ERROR,
         "a/b.yaml:8:35: unknown procedure \"domain_event_reebot\"", BEHIND(event)},
    };
    PLAY(rows);
}

#define STREAMED(status)                                                                           \
    {                                                                                              \
        .no_body = true, .word = PEER_TYPE, .value = VW_MSG_STREAM, .word2 = PEER_STATUS,          \
        .value2 = (status)                                                                         \
    }
#define VOL       "storage_vol_download"
#define STREAM(m) "  - expect: {reply: }\n  - expect: {stream: {" m "}}\n"

static const struct peer_answer packet = {.no_body = true,
                                          .extra = 5,
                                          .word = PEER_TYPE,
                                          .value = VW_MSG_STREAM,
                                          .word2 = PEER_STATUS,
                                          .value2 = VW_MSG_CONTINUE};
static const struct peer_answer data_end = STREAMED(VW_MSG_CONTINUE);
static const struct peer_answer finished = STREAMED(VW_MSG_OK);
static const struct peer_answer strange = STREAMED(3);
static const struct peer_answer aborted = {
    .error = "{code: 38, domain: 7, level: 2}", .word = PEER_TYPE, .value = VW_MSG_STREAM};
static const struct peer_answer aborted_low = {
    .error = "{code: 38, domain: 7, level: 1}", .word = PEER_TYPE, .value = VW_MSG_STREAM};
static const struct peer_answer hole = {.no_body = true,
                                        .extra = 12,
                                        .word = PEER_TYPE,
                                        .value = VW_MSG_STREAM_HOLE,
                                        .word2 = PEER_STATUS,
                                        .value2 = VW_MSG_CONTINUE};
static const struct peer_answer foreign = {
    .no_body = true, .word = PEER_TYPE, .value = VW_MSG_STREAM, .word2 = PEER_SERIAL, .value2 = 2};
static const struct peer_answer other_version = {
    .no_body = true, .word = PEER_TYPE, .value = VW_MSG_STREAM, .word2 = PEER_VERSION, .value2 = 2};
static const struct peer_answer other_proc = {.no_body = true,
                                              .word = PEER_TYPE,
                                              .value = VW_MSG_STREAM,
                                              .word2 = PEER_PROCEDURE,
                                              .value2 = 2};

static void test_streams(void **state)
{
    static const struct row rows[] = {
        {VOL, STREAM("status: continue"), GOOD, VW_PASS, "", BEHIND(packet)},
        {VOL, STREAM("status: ok"), GOOD, VW_FAIL, "the end of a stream that nobody waits for",
         BEHIND(finished)},
        {VOL, STREAM("status: ok, excuse: [S-10]"), GOOD, VW_PASS, "", BEHIND(finished)},
        {VOL, STREAM("status: error"), GOOD, VW_PASS, "", BEHIND(aborted)},
        {VOL, STREAM("status: ok"), GOOD, VW_FAIL, "expected a stream packet of status ok, found 2",
         BEHIND(packet)},
        {VOL, STREAM("status: error"), GOOD, VW_FAIL,
         "expected a stream packet of status error, found 2", BEHIND(packet)},
        {VOL, STREAM("status: continue"), GOOD, VW_FAIL,
         "the end of a stream that nobody waits for", BEHIND(finished)},
        {VOL, STREAM("status: continue"), GOOD, VW_FAIL,
         "expected a stream packet of status continue, found 1", BEHIND(aborted)},
        {VOL, STREAM("status: continue"), GOOD, VW_FAIL, "status 3 on a stream", BEHIND(strange)},
        {VOL, STREAM(""), GOOD, VW_PASS, "", BEHIND(packet)},
        {VOL, STREAM("length: 5"), GOOD, VW_PASS, "", BEHIND(packet)},
        {VOL, STREAM("length: 4"), GOOD, VW_FAIL, "expected 4, found 5", BEHIND(packet)},
        {VOL, STREAM("length: {at-least: 6}"), GOOD, VW_FAIL, "expected at least 6, found 5",
         BEHIND(packet)},
        {VOL, STREAM("total: 5"), GOOD, VW_PASS, "", BEHIND(packet)},
        {VOL, STREAM("total: 6"), GOOD, VW_FAIL, "expected 6 bytes of data on the stream, found 5",
         BEHIND(packet)},
        {VOL, STREAM("total: 0"), GOOD, VW_PASS, "", BEHIND(hole)},
        {VOL, STREAM("total: 0"), GOOD, VW_PASS, "", BEHIND(data_end)},
        {VOL, STREAM("error: {code: 38}"), GOOD, VW_PASS, "", BEHIND(aborted)},
        {VOL, STREAM("error: {code: 39}"), GOOD, VW_FAIL, "code: expected 39, found 38",
         BEHIND(aborted)},
        {VOL, STREAM("error: "), GOOD, VW_FAIL, "expected 2 (error), found 1 at level",
         BEHIND(aborted_low)},
        {VOL, STREAM("status: error"), GOOD, VW_FAIL, "expected 2 (error), found 1 at level",
         BEHIND(aborted_low)},
        {VOL, STREAM("error: {level: 1}"), GOOD, VW_PASS, "", BEHIND(aborted_low)},
        {VOL, STREAM("status: continue"), GOOD, VW_PASS, "", BEHIND(hole)},
        {VOL, STREAM("data: ignored, status: ok"), GOOD, VW_HUNG,
         "waiting for what is expected: nothing in 1000 ms", BEHIND(packet)},
        {VOL, STREAM("data: ignored, status: continue, length: 0"), GOOD, VW_PASS, "",
         BEHIND(data_end)},
        {VOL, STREAM("data: all-ignored, status: ok"), GOOD, VW_HUNG,
         "waiting for what is expected: nothing in 1000 ms", BEHIND(data_end)},
        {VOL, STREAM("data: all-ignored, status: ok, excuse: [S-10]"), GOOD, VW_PASS, "",
         BEHIND(finished)},
        {VOL, STREAM("status: ok"), GOOD, VW_FAIL,
         "waiting for what is expected: a message of a stream that was never open",
         BEHIND(foreign)},
        {VOL, STREAM("status: ok"), GOOD, VW_FAIL,
         "the packet must repeat the version of its call, 1; it has 2", BEHIND(other_version)},
        {VOL, STREAM("status: ok"), GOOD, VW_FAIL,
         "the packet must repeat the procedure of its call, 209; it has 2", BEHIND(other_proc)},
        {VOL, STREAM("of: \"#auth\", status: ok"), GOOD, VW_FAIL,
         "waiting for what is expected: the end of a stream that nobody waits for",
         BEHIND(finished)},
        {VOL, STREAM("of: \"#open\", status: ok"), GOOD, VW_FAIL,
         "a message of a stream that was never open", BEHIND(foreign)},
        {VOL, STREAM("of: nobody, status: ok"), GOOD, VW_FAIL,
         "waiting for what is expected: the end of a stream that nobody waits for",
         BEHIND(finished)},
        /* S-2: accepted, and said. */
        {VOL, "  - expect: {reply: }\n", GOOD, VW_LENIENT,
         "a stream message ahead of the reply to its call", BEFORE(packet)},
        {VOL, "  - expect: {reply: }\n", GOOD, VW_PASS, "", BEHIND(packet)},
        {VOL, "  - expect: {reply: }\n", GOOD, VW_FAIL,
         "after the last step: a message of a stream that was never open", BEFORE(foreign)},
        {VOL, "  - expect: {error: }\n", GOOD, VW_FAIL, "expected an error, found a good reply",
         BEFORE(packet)},
    };
    PLAY(rows);
}

static void test_choices(void **state)
{
#define EITHER(a, b) "  - expect: {either: [" a ", " b "]}\n"
    static const struct row rows[] = {
        {HOST, EITHER("{error: }", "{reply: {hostname: peer.example}}"), GOOD, VW_PASS, ""},
        {HOST, EITHER("{reply: {hostname: peer.example}}", "{error: }"), GOOD, VW_PASS, ""},
        {HOST, EITHER("{reply: {hostname: b}}", "{reply: {hostname: c}}"), GOOD, VW_FAIL,
         "hostname: expected \"b\", found \"peer.example\""},
        {HOST, EITHER("{closed: }", "{reply: {hostname: c}}"), GOOD, VW_FAIL,
         "hostname: expected \"c\", found \"peer.example\""},
        {HOST, EITHER("{closed: }", "{reply: }"), GOOD, VW_PASS, "", ACT(CLOSE)},
        {HOST, EITHER("{error: , skip: not here}", "{reply: }"), WRONG(""), VW_SKIP, "not here"},
        {HOST, EITHER("{error: , skip: not here}", "{reply: }"), GOOD, VW_PASS, ""},
        {HOST, EITHER("{error: , lenient: an error}", "{reply: }"), WRONG(""), VW_LENIENT,
         "an error"},
        {HOST, EITHER("{error: , lenient: an error}", "{reply: }"), GOOD, VW_PASS, ""},
        {HOST, EITHER("{reply: {hosts: 1}}", "{reply: }"), GOOD, VW_ERROR,
         "a/b.yaml:7:32: the value has no member \"hosts\""},
        {HOST, "  - expect: {error: , skip: not here}\n  - expect: {closed: }\n", WRONG(""),
         VW_SKIP, "not here"},
        {HOST, "  - expect: {reply: , lenient: x, to: \"#1\"}\n", GOOD, VW_LENIENT, "x"},
        {HOST, "  - expect: {reply: , to: \"#2\"}\n", GOOD, VW_FAIL,
         "waiting for what is expected: in 1000 ms a message of type 1, serial 3, status 0 came, "
         "and nothing that it could be"},
        {HOST, "  - expect: {closed: }\n", GOOD, VW_HUNG,
         "waiting for what is expected: nothing in 1000 ms", ACT(SILENT)},
        {HOST, "  - expect: {closed: }\n", GOOD, VW_PASS, "", ACT(CLOSE)},
        {HOST, "  - expect: {closed: }\n", GOOD, VW_PASS, "", ACT(RESET)},
        {HOST, "  - expect: {closed: }\n", BYTES("00000003"), VW_FAIL,
         "waiting for what is expected: the framing is broken: length word 3 is outside 28 to "
         "33554436"},
        {HOST, "  - expect: {closed: }\n", GOOD, VW_FAIL,
         "the peer floods: over 4096 messages that nobody asked for", ACT(FLOOD)},
        {HOST,
         "  - expect: {reply: {hostname: {capture: h}}}\n"
         "  - send: {call: {procedure: connect_get_hostname}}\n"
         "  - expect: {reply: {hostname: $h}}\n",
         GOOD, VW_PASS, ""},
        {HOST,
         "  - expect: {reply: {hostname: {capture: h}}}\n"
         "  - send: {call: {procedure: connect_get_type}}\n"
         "  - expect: {reply: {type: $h}}\n",
         GOOD, VW_FAIL, "type: expected \"peer.example\", found \"TEST\""},
    };
    PLAY(rows);
}

/* Several calls under way: each answer goes to its own. */
static void test_several(void **state)
{
#define TYPE_AS(name) "  - send: {call: {procedure: connect_get_type}, as: " name "}\n"
    static const struct row rows[] = {
        {HOST,
         TYPE_AS("b") "  - expect: {reply: {type: TEST}, to: b}\n"
                      "  - expect: {reply: {hostname: peer.example}, to: \"#1\"}\n",
         GOOD, VW_PASS, ""},
        {HOST, TYPE_AS("b") "  - expect: {reply: {type: TEST}}\n", GOOD, VW_PASS, ""},
        {HOST, TYPE_AS("b") "  - expect: {reply: {type: TEST}, to: \"#1\"}\n", GOOD, VW_ERROR,
         "a/b.yaml:8:22: the value has no member \"type\""},
        {HOST, TYPE_AS("b") "  - expect: {reply: , times: 2, to: b}\n", GOOD, VW_FAIL,
         "waiting for what is expected: in 1000 ms a message of type 1, serial 3, status 0 came, "
         "and nothing that it could be"},
        {HOST,
         "  - send: {call: {procedure: connect_get_type}, times: 3}\n"
         "  - expect: {reply: {type: TEST}, times: 3}\n",
         GOOD, VW_PASS, ""},
        {HOST,
         "  - send: {call: {procedure: connect_get_type}, times: 3}\n"
         "  - expect: {reply: {type: TEST}, times: 4}\n",
         GOOD, VW_FAIL,
         "waiting for what is expected: in 1000 ms a message of type 1, serial 3, status 0 came, "
         "and nothing that it could be"},
        {HOST, "  - expect: {reply: , times: 0}\n", GOOD, VW_ERROR,
         "a/b.yaml:7:30: expected a whole number from 1 to 2147483647"},
        /* H-9: one serial, two programs. */
        {HOST,
         "  - send: {call: {program: qemu, procedure: 9999, serial: 3}, as: q}\n"
         "  - expect: {reply: {hostname: peer.example}, to: \"#1\"}\n"
         "  - expect: {reply: , to: q}\n",
         GOOD, VW_PASS, ""},
        {HOST,
         "  - send: {call: {program: qemu, procedure: 9999, serial: 3}, as: q}\n"
         "  - expect: {reply: , to: q}\n"
         "  - expect: {reply: {hostname: peer.example}, to: \"#1\"}\n",
         GOOD, VW_PASS, ""},
    };
    PLAY(rows);
}

/* T-5, over records: all of what a call brings about goes in one. */
static void test_records(void **state)
{
#define RECORDS "  - judge: {records: one-message}\n"
    static const struct row rows[] = {
        {HOST, PLAIN RECORDS, GOOD, VW_PASS, ""},
        {HOST, PLAIN RECORDS, GOOD, VW_FAIL,
         "a record holds the end of one message and the start of the next", BEHIND(event)},
        {HOST, PLAIN RECORDS, GOOD, VW_FAIL,
         "a record holds the end of one message and the start of the next", BEFORE(event)},
        {HOST, PLAIN, GOOD, VW_FAIL,
         "after the last step: a record holds the end of one message and the start of the next",
         BEFORE(event)},
        {HOST, PLAIN RECORDS, GOOD, VW_FAIL,
         "a record holds the end of one message and the start of the next", BEHIND(one_byte)},
    };
    play_rows(rows, sizeof(rows) / sizeof(rows[0]), VW_CAP_RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),      cmocka_unit_test(test_header_patterns),
        cmocka_unit_test(test_error_fields), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_bodies),       cmocka_unit_test(test_strays),
        cmocka_unit_test(test_messages),     cmocka_unit_test(test_streams),
        cmocka_unit_test(test_choices),      cmocka_unit_test(test_several),
        cmocka_unit_test(test_records),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
