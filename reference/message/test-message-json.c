// SPDX-License-Identifier: MIT
// Messages as JSON and back, as lines and as span maps: every kind of body, good and damaged.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "message/message-json.h"
#include "xdr/json.h"
#include "xdr/values.h"

static const char toy_x[] =
    "const TOY_PROGRAM = 0x20001234;\n"
    "const TOY_PROTOCOL_VERSION = 2;\n"
    "struct toy_find_args { string name<10>; };\n"
    "struct toy_find_ret { int id; opaque key<>; };\n"
    "struct toy_event_moved_msg { int id; };\n"
    "enum toy_procedure {\n"
    "    TOY_PROC_FIND = 1, TOY_PROC_RESET = 2, TOY_PROC_EVENT_MOVED = 3 };\n"
    "struct virNetMessageError { int code; string message<>; };\n"
    "struct virNetStreamHole { hyper length; unsigned int flags; };\n";

static const struct vw_limits limits = {28, 1000, 32};
static struct vw_schema *schema;

static int set_up(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_schema_create(&schema) == 0 &&
        vw_schema_add(schema, "toy.x", toy_x, sizeof(toy_x) - 1, false, &err) == 0 &&
        vw_schema_finish(schema, &err) == 0)
        return 0;
    print_error("%s\n", err.text);
    return -1;
}

static int tear_down(void **state)
{
    vw_schema_destroy(schema);
    return 0;
}

/* ---- helpers ---- */

/* The frame that HEX, with spaces, is; the bytes are the caller's to free. */
static uint8_t *frame_of(const char *hex, struct vw_frame *f)
{
    struct vw_hex_reader r;
    uint8_t *bytes = malloc(strlen(hex) / 2 + 1);
    size_t n;
    assert_non_null(bytes);
    vw_hex_reader_init(&r);
    assert_int_equal(vw_hex_reader_feed(&r, hex, strlen(hex), bytes, &n, NULL), 0);
    *f = (struct vw_frame){.length = (uint32_t)n, .bytes = bytes};
    f->short_header = n < VW_PREFIX_BYTES;
    if (!f->short_header) {
        vw_header_decode(bytes + VW_LENGTH_BYTES, &f->header);
        f->body = bytes + VW_PREFIX_BYTES;
        f->body_len = n - VW_PREFIX_BYTES;
    }
    return bytes;
}

static struct json_object *parse(const char *text)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json;
    if (vw_json_parse(text, strlen(text), &json, &err))
        fail_msg("%s: %s", text, err.text);
    return json;
}

static void shows(const char *hex, const char *want)
{
    struct vw_frame f;
    uint8_t *bytes = frame_of(hex, &f);
    struct json_object *json = vw_message_to_json(schema, &f);
    char *text = vw_json_text(json, false);
    assert_string_equal(text, want);
    free(text);
    json_object_put(json);
    free(bytes);
}

static void makes(const char *text, const char *hex)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf b = VW_BUF_INIT;
    struct vw_frame f;
    uint8_t *bytes = frame_of(hex, &f);
    struct json_object *json = parse(text);
    if (vw_message_from_json(schema, &limits, json, &b, &err))
        fail_msg("%s: %s at %s", text, err.text, err.path);
    assert_int_equal(b.len, f.length);
    assert_memory_equal(b.data, bytes, b.len);
    vw_buf_finish(&b);
    json_object_put(json);
    free(bytes);
}

static void both(const char *hex, const char *text)
{
    shows(hex, text);
    makes(text, hex);
}

static void refused(const char *text, int code, const char *path, const char *words)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf b = VW_BUF_INIT;
    struct json_object *json = parse(text);
    assert_int_equal(vw_buf_append(&b, "xyz", 3), 0);
    int rc = vw_message_from_json(schema, &limits, json, &b, &err);
    if (rc != code || strcmp(err.path, path) != 0 || strcmp(err.text, words) != 0)
        fail_msg("%s: %d '%s' at '%s'", text, rc, err.text, err.path);
    assert_int_equal(b.len, 3);
    vw_buf_finish(&b);
    json_object_put(json);
}

/* ---- every kind of body ---- */

#define HEAD(len, proc, type, status)                                                              \
    "000000" len " 20001234 00000002 000000" proc " 000000" type " 00000007 000000" status " "
#define JSON(len, proc, type, status, rest)                                                        \
    "{\"length\":" len ",\"program\":\"toy\",\"version\":2,\"procedure\":" proc ",\"type\":" type  \
    ",\"serial\":7,\"status\":" status "," rest "}"

static void bodies_with_types(void **state)
{
    both(HEAD("24", "01", "00", "00") "00000003 61626300",
         JSON("36", "\"find\"", "\"call\"", "\"ok\"",
              "\"kind\":\"args\",\"body\":{\"name\":\"abc\"}"));
    both(HEAD("28", "01", "01", "00") "fffffffe 00000002 abcd0000",
         JSON("40", "\"find\"", "\"reply\"", "\"ok\"",
              "\"kind\":\"ret\",\"body\":{\"id\":-2,\"key\":\"abcd\"}"));
    both(HEAD("24", "01", "01", "01") "0000002a 00000000",
         JSON("36", "\"find\"", "\"reply\"", "\"error\"",
              "\"kind\":\"error\",\"body\":{\"code\":42,\"message\":\"\"}"));
    both(HEAD("20", "03", "02", "00") "00000005",
         JSON("32", "\"event_moved\"", "\"message\"", "\"ok\"",
              "\"kind\":\"event\",\"body\":{\"id\":5}"));
    both(HEAD("28", "01", "06", "02") "00000001 00000000 00000000",
         JSON("40", "\"find\"", "\"stream-hole\"", "\"continue\"",
              "\"kind\":\"stream-hole\",\"body\":{\"length\":4294967296,\"flags\":0}"));
    both(HEAD("1c", "02", "00", "00"),
         JSON("28", "\"reset\"", "\"call\"", "\"ok\"", "\"kind\":\"args\""));
    both(HEAD("28", "01", "04", "00") "00000003 00000003 61626300",
         JSON("40", "\"find\"", "\"call-with-fds\"", "\"ok\"",
              "\"n_fds\":3,\"kind\":\"args\",\"body\":{\"name\":\"abc\"}"));
}

static void bodies_without(void **state)
{
    both(HEAD("1f", "01", "03", "02") "010203",
         JSON("31", "\"find\"", "\"stream\"", "\"continue\"",
              "\"kind\":\"stream-data\",\"body_hex\":\"010203\""));
    both(HEAD("1c", "01", "03", "00"),
         JSON("28", "\"find\"", "\"stream\"", "\"ok\"", "\"kind\":\"stream-data\""));
    /* What a client aborts a stream with (S-6). */
    both(HEAD("1c", "01", "03", "01"),
         JSON("28", "\"find\"", "\"stream\"", "\"error\"", "\"kind\":\"error\""));
    both(HEAD("1d", "63", "00", "00") "ff",
         JSON("29", "99", "\"call\"", "\"ok\"", "\"kind\":\"unknown\",\"body_hex\":\"ff\""));
    both(HEAD("1d", "01", "09", "05") "ff",
         JSON("29", "\"find\"", "9", "5", "\"kind\":\"unknown\",\"body_hex\":\"ff\""));
    both(HEAD("20", "03", "00", "00") "00000005",
         JSON("32", "\"event_moved\"", "\"call\"", "\"ok\"",
              "\"kind\":\"unknown\",\"body_hex\":\"00000005\""));
    both("0000001c 20001234 00000003 00000001 00000000 00000000 00000000",
         "{\"length\":28,\"program\":536875572,\"version\":3,\"procedure\":1,\"type\":\"call\","
         "\"serial\":0,\"status\":\"ok\",\"kind\":\"unknown\"}");
}

static void damaged_bodies(void **state)
{
    both(HEAD("28", "01", "00", "00") "00000003 61626300 deadbeef",
         JSON("40", "\"find\"", "\"call\"", "\"ok\"",
              "\"kind\":\"args\",\"body\":{\"name\":\"abc\"},\"trailing_hex\":\"deadbeef\""));
    both(HEAD("20", "02", "00", "00") "deadbeef",
         JSON("32", "\"reset\"", "\"call\"", "\"ok\"",
              "\"kind\":\"args\",\"trailing_hex\":\"deadbeef\""));
    both(
        HEAD("22", "01", "00", "00") "00000003 6162",
        JSON("34", "\"find\"", "\"call\"", "\"ok\"",
             "\"kind\":\"args\",\"body_hex\":\"000000036162\",\"problem\":\"3 bytes are needed for "
             "a string, 2 left at name, offset 32\""));
    shows(HEAD("1e", "01", "04", "00") "0000",
          JSON("30", "\"find\"", "\"call-with-fds\"", "\"ok\"",
               "\"body_hex\":\"0000\",\"problem\":\"the count of descriptors is missing\""));
    both(HEAD("20", "02", "04", "00") "00000003",
         JSON("32", "\"reset\"", "\"call-with-fds\"", "\"ok\"", "\"n_fds\":3,\"kind\":\"args\""));
    shows(HEAD("1f", "02", "04", "00") "000000",
          JSON("31", "\"reset\"", "\"call-with-fds\"", "\"ok\"",
               "\"body_hex\":\"000000\",\"problem\":\"the count of descriptors is missing\""));
    shows("00000008 20001234", "{\"length\":8,\"bytes_hex\":\"0000000820001234\",\"problem\":"
                               "\"too short for a header (clause F-3)\"}");
}

/* ---- what encode fills in and refuses ---- */

static void left_out_members_have_defaults(void **state)
{
    makes("{\"procedure\":\"reset\"}",
          "0000001c 20001234 00000002 00000002 00000000 00000000 00000000");
    makes("{\"procedure\":\"TOY_PROC_EVENT_MOVED\",\"body\":{\"id\":1}}",
          "00000020 20001234 00000002 00000003 00000002 00000000 00000000 00000001");
    makes(
        "{\"program\":1,\"procedure\":-1,\"type\":-7,\"status\":-2147483648,\"serial\":4294967295,"
        "\"body_hex\":\"00\"}",
        "0000001d 00000001 00000001 ffffffff fffffff9 ffffffff 80000000 00");
    makes("{\"program\":\"toy\",\"version\":9,\"procedure\":\"find\"}",
          "0000001c 20001234 00000009 00000001 00000000 00000000 00000000");
}

static void wrong_members_are_named(void **state)
{
    refused("[]", VW_EVALUE, "", "a message is a JSON object");
    refused("{\"procedure\":1}", VW_EVALUE, "", "the member 'program' is missing");
    refused("{\"program\":\"toy\"}", VW_EVALUE, "", "the member 'procedure' is missing");
    refused("{\"program\":\"toi\",\"procedure\":1}", VW_ENAME, "program",
            "unknown program 'toi', did you mean 'toy'?");
    refused("{\"program\":\"toy\",\"procedure\":\"fund\"}", VW_ENAME, "procedure",
            "unknown procedure 'fund', did you mean 'find'?");
    refused("{\"procedure\":\"fund\"}", VW_ENAME, "procedure", "unknown procedure 'fund'");
    refused("{\"procedure\":\"entirely-else\"}", VW_ENAME, "procedure",
            "unknown procedure 'entirely-else'");
    refused("{\"program\":7,\"procedure\":\"find\"}", VW_EVALUE, "procedure",
            "wants a number: the program is not known");
    refused("{\"procedure\":\"reset\",\"typ\":\"call\"}", VW_ENAME, "",
            "unknown member 'typ', did you mean 'type'?");
    refused("{\"procedure\":\"reset\",\"type\":\"cal\"}", VW_ENAME, "type",
            "unknown type 'cal', did you mean 'call'?");
    refused("{\"procedure\":\"reset\",\"zzzzzzz\":1}", VW_ENAME, "", "unknown member 'zzzzzzz'");
    refused("{\"procedure\":\"reset\",\"type\":\"zzzzzzz\"}", VW_ENAME, "type",
            "unknown type 'zzzzzzz'");
    refused("{\"procedure\":\"reset\",\"type\":4294967296}", VW_EVALUE, "type",
            "4294967296 is outside -2147483648 to 2147483647");
    refused("{\"procedure\":\"reset\",\"status\":-2147483649}", VW_EVALUE, "status",
            "-2147483649 is outside -2147483648 to 2147483647");
    refused("{\"procedure\":\"reset\",\"serial\":4294967296}", VW_EVALUE, "serial",
            "4294967296 is outside 0 to 4294967295");
    refused("{\"procedure\":\"reset\",\"serial\":-1}", VW_EVALUE, "serial",
            "-1 is outside 0 to 4294967295");
    refused("{\"procedure\":\"reset\",\"serial\":\"x\"}", VW_EVALUE, "serial",
            "wants a whole number");
    refused("{\"procedure\":\"reset\",\"n_fds\":1}", VW_EVALUE, "n_fds",
            "a message of this type has no count of descriptors");
    refused("{\"procedure\":\"reset\",\"kind\":\"ret\"}", VW_EVALUE, "kind",
            "the header says 'args'");
    refused("{\"procedure\":\"reset\",\"length\":29}", VW_EVALUE, "length",
            "the message has 28 bytes");
    refused("{\"procedure\":\"reset\",\"body\":{}}", VW_EVALUE, "body",
            "there is none in this message");
    refused("{\"procedure\":\"find\",\"type\":9,\"body\":{}}", VW_EVALUE, "body",
            "has no type here; use 'body_hex'");
    refused("{\"procedure\":\"find\"}", VW_EVALUE, "", "the member 'body' is missing");
    refused("{\"procedure\":\"find\",\"body\":{\"name\":1}}", VW_EVALUE, "body.name",
            "wants a string, not a whole number");
    refused("{\"procedure\":\"find\",\"body\":{\"name\":\"01234567890\"}}", VW_ELIMIT, "body.name",
            "11 bytes are more than the limit of 10");
    refused("{\"procedure\":\"find\",\"body\":{\"name\":\"\"},\"body_hex\":\"\"}", VW_EVALUE,
            "body_hex", "there is a 'body' too");
    refused("{\"procedure\":\"reset\",\"body_hex\":\"0\"}", VW_EVALUE, "body_hex",
            "wants an even number of hex digits");
    refused("{\"procedure\":\"reset\",\"trailing_hex\":1}", VW_EVALUE, "trailing_hex",
            "wants a string of hex digits");
}

static void the_limit_of_a_message_holds(void **state)
{
    char text[2200] = "{\"procedure\":\"reset\",\"body_hex\":\"";
    size_t n = strlen(text);
    memset(text + n, '0', 1944);
    memcpy(text + n + 1944, "\"}", 3);
    struct vw_buf b = VW_BUF_INIT;
    struct json_object *json = parse(text);
    assert_int_equal(vw_message_from_json(schema, &limits, json, &b, NULL), 0);
    assert_int_equal(b.len, 1000);
    vw_buf_finish(&b);
    json_object_put(json);
    memcpy(text + n + 1944, "00\"}", 5);
    refused(text, VW_ELIMIT, "", "the message would be longer than 1000 bytes");
}

/* ---- lines ---- */

static void line(const char *hex, size_t max, const char *want)
{
    struct vw_frame f;
    uint8_t *bytes = frame_of(hex, &f);
    char *text = vw_message_to_line(schema, &f, max);
    assert_string_equal(text, want);
    free(text);
    free(bytes);
}

static void lines_say_the_same(void **state)
{
    line(HEAD("24", "01", "00", "00") "00000003 61626300", 200,
         "call toy.find serial 7, 36 bytes: {\"name\":\"abc\"}");
    line(HEAD("24", "01", "00", "00") "00000003 61626300", 16, "call toy.find se...");
    line(HEAD("28", "01", "04", "00") "00000003 00000003 61626300", 200,
         "call-with-fds toy.find serial 7 fds 3, 40 bytes: {\"name\":\"abc\"}");
    line(HEAD("24", "01", "01", "01") "0000002a 00000000", 200,
         "reply toy.find serial 7 error, 36 bytes: {\"code\":42,\"message\":\"\"}");
    line("0000001d 00000001 00000002 00000003 00000009 00000004 00000005 ff", 200,
         "type 9 0x00000001/2.procedure 3 serial 4 status 5, 29 bytes: hex \"ff\"");
    line("00000008 20001234", 200, "8 bytes, too short for a header");
    /* A cut lies between characters: "e" with an accent is two bytes. */
    line(HEAD("24", "01", "00", "00") "00000003 61c3a900", 45,
         "call toy.find serial 7, 36 bytes: {\"name\":\"a...");
}

/* ---- span maps ---- */

static void span_is(const struct vw_spans *s, const char *path, size_t offset, size_t length)
{
    const struct vw_span *span = vw_spans_find(s, path);
    if (!span)
        fail_msg("no span %s", path);
    assert_int_equal(span->offset, offset);
    assert_int_equal(span->length, length);
}

static void spans_cover_the_message(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans s;
    struct vw_frame f;
    uint8_t *bytes =
        frame_of(HEAD("2c", "01", "04", "00") "00000003 00000003 61626300 deadbeef", &f);
    assert_int_equal(vw_message_spans(schema, bytes, f.length, &arena, &s, NULL), 0);
    span_is(&s, "", 0, 44);
    span_is(&s, "length", 0, 4);
    span_is(&s, "program", 4, 4);
    span_is(&s, "status", 24, 4);
    span_is(&s, "n_fds", 28, 4);
    span_is(&s, "body", 32, 8);
    span_is(&s, "body.name", 32, 8);
    span_is(&s, "body.name.#data", 36, 3);
    span_is(&s, "trailing", 40, 4);
    /* A body that cannot be decoded is one span; of less than a header there is no map. */
    assert_int_equal(vw_message_spans(schema, bytes, 38, &arena, &s, NULL), 0);
    span_is(&s, "body", 32, 6);
    assert_null(vw_spans_find(&s, "body.name"));
    assert_int_equal(vw_message_spans(schema, bytes, 28, &arena, &s, NULL), 0);
    assert_int_equal(vw_message_spans(schema, bytes, 27, &arena, &s, NULL), VW_ETRUNCATED);
    free(bytes);
    vw_arena_finish(&arena);
}

/* ---- damage ---- */

/* Every prefix and every changed byte is shown, and where it is a message, made again as it was. */
static void any_frame_survives_the_round_trip(void **state)
{
    struct vw_frame f;
    uint8_t *bytes = frame_of(HEAD("28", "01", "01", "00") "fffffffe 00000002 abcd0000", &f);
    for (size_t i = 0; i < f.length * 8; i++) {
        struct vw_buf b = VW_BUF_INIT;
        struct vw_error err = VW_ERROR_INIT;
        bytes[i / 8] ^= (uint8_t)(1 << i % 8);
        vw_header_decode(bytes + VW_LENGTH_BYTES, &f.header);
        struct json_object *json = vw_message_to_json(schema, &f);
        char *one = vw_message_to_line(schema, &f, 100);
        assert_true(json && one);
        if (vw_message_from_json(schema, &limits, json, &b, &err))
            fail_msg("%zu: %s at %s", i, err.text, err.path);
        assert_int_equal(b.len, f.length);
        /* Padding is made canonical, all else stays; bits of the length word are not in the frame.
         */
        bool padding = i / 8 >= 38;
        if (i / 8 >= 4 && !padding)
            assert_memory_equal(b.data, bytes, b.len);
        bytes[i / 8] ^= (uint8_t)(1 << i % 8);
        free(one);
        json_object_put(json);
        vw_buf_finish(&b);
    }
    free(bytes);
}

static void every_failing_allocation_is_reported(void **state)
{
    struct vw_frame f;
    uint8_t *bytes = frame_of(HEAD("28", "01", "01", "00") "fffffffe 00000002 abcd0000", &f);
    for (size_t n = 1;; n++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_buf b = VW_BUF_INIT;
        struct vw_spans spans;
        vw_failalloc_set(n);
        struct json_object *json = vw_message_to_json(schema, &f);
        char *text = json ? vw_message_to_line(schema, &f, 30) : NULL;
        int rc = text ? vw_message_from_json(schema, &limits, json, &b, NULL) : VW_ENOMEM;
        if (rc == 0)
            rc = vw_message_spans(schema, bytes, f.length, &arena, &spans, NULL);
        bool failed = vw_failalloc_clear();
        free(text);
        json_object_put(json);
        vw_buf_finish(&b);
        vw_arena_finish(&arena);
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        if (!failed)
            break;
    }
    free(bytes);
}

/* What the header says of the body, for each type and status, of a call, an event and neither. */
static void bodies_by_their_headers(void **state)
{
    static const struct {
        int32_t type, status, procedure;
        const char *said;
    } rows[] = {
        {VW_MSG_CALL, 0, 1, "args toy_find_args"},
        {VW_MSG_CALL, 2, 1, "args toy_find_args"},
        {VW_MSG_CALL, 0, 2, "args -"},
        {VW_MSG_CALL, 0, 3, "unknown -"},
        {VW_MSG_CALL, 0, 4, "unknown -"},
        {VW_MSG_CALL_WITH_FDS, 0, 1, "args toy_find_args fds"},
        {VW_MSG_REPLY, 0, 1, "ret toy_find_ret"},
        {VW_MSG_REPLY, 0, 2, "ret -"},
        {VW_MSG_REPLY, 0, 3, "unknown -"},
        {VW_MSG_REPLY, 0, 4, "unknown -"},
        {VW_MSG_REPLY, 1, 1, "error virNetMessageError"},
        {VW_MSG_REPLY, 1, 4, "error virNetMessageError"},
        {VW_MSG_REPLY, 2, 1, "unknown -"},
        {VW_MSG_REPLY, 3, 1, "unknown -"},
        {VW_MSG_REPLY_WITH_FDS, 0, 1, "ret toy_find_ret fds"},
        {VW_MSG_REPLY_WITH_FDS, 1, 1, "error virNetMessageError fds"},
        {VW_MSG_MESSAGE, 0, 3, "event toy_event_moved_msg"},
        {VW_MSG_MESSAGE, 1, 3, "event toy_event_moved_msg"},
        {VW_MSG_MESSAGE, 0, 1, "unknown -"},
        {VW_MSG_MESSAGE, 0, 4, "unknown -"},
        {VW_MSG_STREAM, 0, 1, "stream-data -"},
        {VW_MSG_STREAM, 2, 4, "stream-data -"},
        {VW_MSG_STREAM, 1, 1, "error virNetMessageError"},
        {VW_MSG_STREAM, 3, 1, "unknown -"},
        {VW_MSG_STREAM, -1, 1, "unknown -"},
        {VW_MSG_STREAM_HOLE, 2, 1, "stream-hole virNetStreamHole"},
        {VW_MSG_STREAM_HOLE, 1, 1, "stream-hole virNetStreamHole"},
        {7, 0, 1, "unknown -"},
        {-1, 0, 1, "unknown -"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vw_header h = {.program = 0x20001234,
                                    .version = 2,
                                    .procedure = rows[i].procedure,
                                    .type = rows[i].type,
                                    .status = rows[i].status};
        struct vw_body body;
        char said[100];
        vw_body_of(schema, &h, &body);
        snprintf(said, sizeof(said), "%s %s%s", vw_body_kind_name(body.kind),
                 body.type ? body.type->name : "-", body.has_fds ? " fds" : "");
        if (strcmp(said, rows[i].said) != 0)
            fail_msg("row %zu: %s", i, said);
        assert_int_equal(body.proc != NULL, rows[i].procedure < 4);
    }
    struct vw_body body;
    const struct vw_header other = {.program = 0x20001234, .version = 1, .procedure = 1};
    vw_body_of(schema, &other, &body);
    assert_null(body.program);
    assert_null(body.proc);
    assert_int_equal(body.kind, VW_BODY_UNKNOWN);
}

static void names_of_types_and_status(void **state)
{
    static const char *const types[] = {"call",          "reply",          "message",    "stream",
                                        "call-with-fds", "reply-with-fds", "stream-hole"};
    static const char *const states[] = {"ok", "error", "continue"};
    for (int i = 0; i < 7; i++)
        assert_string_equal(vw_msg_type_name(i), types[i]);
    for (int i = 0; i < 3; i++)
        assert_string_equal(vw_msg_status_name(i), states[i]);
    assert_null(vw_msg_type_name(-1));
    assert_null(vw_msg_type_name(7));
    assert_null(vw_msg_status_name(-1));
    assert_null(vw_msg_status_name(3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_by_their_headers),
        cmocka_unit_test(names_of_types_and_status),
        cmocka_unit_test(bodies_with_types),
        cmocka_unit_test(bodies_without),
        cmocka_unit_test(damaged_bodies),
        cmocka_unit_test(left_out_members_have_defaults),
        cmocka_unit_test(wrong_members_are_named),
        cmocka_unit_test(the_limit_of_a_message_holds),
        cmocka_unit_test(lines_say_the_same),
        cmocka_unit_test(spans_cover_the_message),
        cmocka_unit_test(any_frame_survives_the_round_trip),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
