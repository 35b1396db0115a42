// SPDX-License-Identifier: MIT
// Fuzz target: any bytes as a value of any type. The first word chooses: with 0xff in its highest
// byte the other 24 bits name a type (vw_fuzz_type_key) and the rest is the value; else it is the
// length word of a whole message, which is not looked at, and header and body follow as on the
// wire.
//
// Oracles: memory in proportion to the input; decoder and checking walk agree; what the strict
// rules do not object to is what encoding gives back; encoding is stable; spans tile the input;
// JSON keeps the value; running out of memory is an error and nothing more.
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/testing/failalloc.h"
#include "fuzz/common.h"
#include "message/message.h"
#include "xdr/json.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

#define TYPE_MARK 0xffu

/* Heap that one decode may ask for: this much per byte of input, and this much besides. */
#define HEAP_PER_BYTE 16u
#define HEAP_BASE     4096u

/* The rules whose breach shows in the bytes: a value remembers nothing of them. */
#define LOSSY (VW_STRICT_PADDING | VW_STRICT_BOOL | VW_STRICT_NARROW)

struct input {
    const struct vw_type *type;
    const uint8_t *bytes;
    size_t len;
};

static uint32_t word(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The type of the body that H announces, NULL if it has none. */
static const struct vw_type *body_type(const struct vw_header *h)
{
    const struct vw_schema *schema = vw_fuzz_profile()->schema;

    if (h->status == VW_MSG_ERROR)
        return vw_schema_type(schema, "virNetMessageError");
    if (h->type == VW_MSG_STREAM_HOLE)
        return vw_schema_type(schema, "virNetStreamHole");
    const struct vw_program *program = vw_schema_program(schema, h->program, h->version);
    const struct vw_proc *proc = program ? vw_program_proc(program, h->procedure) : NULL;
    if (!proc)
        return NULL;
    switch (h->type) {
    case VW_MSG_CALL:
    case VW_MSG_CALL_WITH_FDS:
    case VW_MSG_MESSAGE:
        return proc->args;
    case VW_MSG_REPLY:
    case VW_MSG_REPLY_WITH_FDS:
        return proc->ret;
    default:
        return NULL;
    }
}

static bool choose(const uint8_t *data, size_t size, struct input *in)
{
    if (size < VW_LENGTH_BYTES)
        return false;
    uint32_t first = word(data);
    if (first >> 24 == TYPE_MARK) {
        *in = (struct input){vw_fuzz_type(first & 0xffffff), data + 4, size - 4};
        return true;
    }
    if (size < VW_PREFIX_BYTES)
        return false;

    struct vw_header h;
    vw_header_decode(data + VW_LENGTH_BYTES, &h);
    bool counted = h.type == VW_MSG_CALL_WITH_FDS || h.type == VW_MSG_REPLY_WITH_FDS;
    size_t skip = VW_PREFIX_BYTES + (counted ? 4 : 0);
    if (size < skip)
        return false;
    *in = (struct input){body_type(&h), data + skip, size - skip};
    return in->type != NULL;
}

static int decode_in_bounds(const struct input *in, struct vw_arena *arena, void **value,
                            size_t *used, struct vw_error *err)
{
    vw_failalloc_reset();
    int rc = vw_xdr_decode(in->type, in->bytes, in->len, arena, value, used, err);
    size_t requested = vw_failalloc_stats().requested;
    VW_FUZZ_REQUIRE(requested <= HEAP_PER_BYTE * in->len + HEAP_BASE, "heap",
                    "%s: %zu bytes asked for, input has %zu", in->type->name, requested, in->len);
    VW_FUZZ_REQUIRE(rc < 0 || *used <= in->len, "used", "%s: %zu of %zu", in->type->name, *used,
                    in->len);
    return rc;
}

/* The walk that only checks says the same as the decoder. */
static void check_agrees(const struct input *in, int rc, size_t used, const struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found = {0};
    struct vw_error check_err = VW_ERROR_INIT;
    size_t check_used = 0;
    int check_rc = vw_xdr_check(in->type, in->bytes, in->len, VW_STRICT_ALL, &arena, &found,
                                &check_used, &check_err);

    VW_FUZZ_REQUIRE(rc == check_rc, "walks-agree", "%s: decode %s, check %s", in->type->name,
                    vw_status_name(rc), vw_status_name(check_rc));
    if (rc < 0)
        VW_FUZZ_REQUIRE(err->offset == check_err.offset && strcmp(err->path, check_err.path) == 0,
                        "walks-agree", "%s: decode fails at %s, check at %s", in->type->name,
                        err->path, check_err.path);
    else
        VW_FUZZ_REQUIRE(used == check_used, "walks-agree", "%s: decode used %zu, check %zu",
                        in->type->name, used, check_used);
    VW_FUZZ_REQUIRE(found.count <= VW_FINDINGS_MAX && found.count <= vw_findings_seen(&found),
                    "findings", "%zu kept of %zu", found.count, vw_findings_seen(&found));
    vw_arena_finish(&arena);
}

static size_t count_findings(const struct vw_type *type, const void *bytes, size_t len,
                             unsigned flags)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found = {0};
    int rc = vw_xdr_check(type, bytes, len, flags, &arena, &found, NULL, NULL);
    VW_FUZZ_REQUIRE(rc == 0, "check", "%s: %s", type->name, vw_status_name(rc));
    size_t seen = vw_findings_seen(&found);
    vw_arena_finish(&arena);
    return seen;
}

/* Equal, but for chars of 128 and more: a sender whose char is unsigned writes 0x000000ff for what
 * comes back as 0xffffffff, and both are right. All lengths are multiples of four. */
static bool same_bytes(const uint8_t *a, const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i += 4) {
        uint32_t x = word(a + i), y = word(b + i);
        if (x != y && (x < 0x80 || x > 0xff || y != (x | 0xffffff00)))
            return false;
    }
    return true;
}

static void encode_gives_it_back(const struct input *in, const void *value, size_t used)
{
    struct vw_buf out = VW_BUF_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    void *again;
    size_t again_used = 0;

    int rc = vw_xdr_encode(in->type, value, &out, SIZE_MAX, NULL);
    VW_FUZZ_REQUIRE(rc == 0, "encode", "%s: %s", in->type->name, vw_status_name(rc));
    VW_FUZZ_REQUIRE(out.len == used, "encode-length", "%s: %zu decoded, %zu encoded",
                    in->type->name, used, out.len);
    bool same = same_bytes(in->bytes, out.data, used);
    bool lossless = count_findings(in->type, in->bytes, used, LOSSY) == 0;
    VW_FUZZ_REQUIRE(same == lossless, "canonical", "%s: bytes %s, strict rules %s", in->type->name,
                    same ? "equal" : "differ", lossless ? "silent" : "broken");

    const void *bytes = out.data ? (const void *)out.data : "";
    VW_FUZZ_REQUIRE(count_findings(in->type, bytes, out.len, LOSSY) == 0, "canonical",
                    "%s: what was encoded breaks the rules", in->type->name);
    rc = vw_xdr_decode(in->type, bytes, out.len, &arena, &again, &again_used, NULL);
    VW_FUZZ_REQUIRE(rc == 0 && again_used == out.len && vw_value_equal(in->type, value, again),
                    "stable", "%s: encoding and decoding changes the value", in->type->name);
    vw_arena_finish(&arena);
    vw_buf_finish(&out);
}

/* Spans that are no groups stand one behind the other and cover all that was used. */
static void spans_tile(const struct input *in, size_t used)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans = {0};
    size_t at = 0;
    int rc = vw_xdr_spans(in->type, in->bytes, in->len, &arena, &spans, NULL);

    VW_FUZZ_REQUIRE(rc == 0, "spans", "%s: %s", in->type->name, vw_status_name(rc));
    for (size_t i = 0; i < spans.count; i++) {
        const struct vw_span *s = &spans.list[i];
        VW_FUZZ_REQUIRE(s->offset + s->length <= used, "spans", "%s: %s ends behind the value",
                        in->type->name, s->path);
        VW_FUZZ_REQUIRE(s->offset == at, "spans", "%s: %s is at %zu, expected %zu", in->type->name,
                        s->path, s->offset, at);
        if (s->kind != VW_SPAN_GROUP)
            at += s->length;
    }
    VW_FUZZ_REQUIRE(at == used, "spans", "%s: %zu of %zu bytes covered", in->type->name, at, used);
    vw_arena_finish(&arena);
}

static void json_keeps_it(const struct input *in, const void *value)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *parsed = NULL, *json = vw_json_from_value(in->type, value, &err);
    void *again;

    VW_FUZZ_REQUIRE(err.code == 0, "json", "%s: %s", in->type->name, err.text);
    char *text = vw_json_text(json, false);
    VW_FUZZ_REQUIRE(text, "json", "%s: no text", in->type->name);
    int rc = vw_json_parse(text, strlen(text), &parsed, &err);
    /* A linked list can be nested more deeply than JSON text may be. */
    if (rc == 0) {
        rc = vw_json_to_value(in->type, parsed, &arena, &again, &err);
        VW_FUZZ_REQUIRE(rc == 0, "json", "%s: %s at %s in %.200s", in->type->name, err.text,
                        err.path, text);
        VW_FUZZ_REQUIRE(vw_value_equal(in->type, value, again), "json",
                        "%s: JSON changes the value %.200s", in->type->name, text);
    } else {
        VW_FUZZ_REQUIRE(rc == VW_ELIMIT || rc == VW_ESYNTAX, "json", "%s: %s in %.200s",
                        in->type->name, err.text, text);
    }
    free(text);
    json_object_put(json);
    json_object_put(parsed);
    vw_arena_finish(&arena);
}

static void out_of_memory_is_an_error(const struct input *in, int expected)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    void *value;

    vw_failalloc_set(1);
    int rc = vw_xdr_decode(in->type, in->bytes, in->len, &arena, &value, NULL, &err);
    bool failed = vw_failalloc_clear();
    VW_FUZZ_REQUIRE(rc == expected || (failed && rc == VW_ENOMEM), "no-memory", "%s: %s",
                    in->type->name, vw_status_name(rc));
    vw_arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct input in;
    void *value = NULL;
    size_t used = 0;

    vw_fuzz_compile_all();
    if (!choose(data, size, &in))
        return 0;
    int rc = decode_in_bounds(&in, &arena, &value, &used, &err);
    check_agrees(&in, rc, used, &err);
    if (rc == 0) {
        encode_gives_it_back(&in, value, used);
        spans_tile(&in, used);
        json_keeps_it(&in, value);
    }
    out_of_memory_is_an_error(&in, rc);
    vw_arena_finish(&arena);
    return 0;
}
