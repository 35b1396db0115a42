// SPDX-License-Identifier: MIT
// Fuzz target: what a value is as bytes and as JSON again. The input is that of decode_any.
//
// Oracles: a word comes back from the encoder as it was, but where the decoder was lax and the
// strict rules name it (padding, bool, narrow), and there it never does; what is encoded breaks no
// rule and decodes to an equal value; JSON keeps the value, and prints the same the second time.
#include <stdlib.h>
#include <string.h>

#include "fuzz/common.h"
#include "message/message.h"
#include "xdr/json.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

/* The rules whose breach shows in the bytes: a value remembers nothing of them. */
#define LOSSY (VW_STRICT_PADDING | VW_STRICT_BOOL | VW_STRICT_NARROW)

/* Equal, but for chars of 128 and more: a sender whose char is unsigned writes 0x000000ff for what
 * comes back as 0xffffffff, and both are right. */
static bool same_word(const uint8_t *a, const uint8_t *b)
{
    uint32_t x = vw_load32(a), y = vw_load32(b);
    return x == y || (x >= 0x80 && x <= 0xff && y == (x | 0xffffff00));
}

/* The rule that is broken in the word at AT, from the *NEXT finding on; NULL: none. */
static const char *broken_in(const struct vw_findings *found, size_t at, size_t *next)
{
    const char *rule = NULL;
    for (; *next < found->count && found->list[*next].place.offset < at + 4; ++*next)
        rule = found->list[*next].rule;
    return rule;
}

static void words_come_back(const struct vw_fuzz_input *in, const uint8_t *again, size_t used)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found = {0};
    size_t next = 0;
    int rc = vw_xdr_check(in->type, in->bytes, used, LOSSY, &arena, &found, NULL, NULL);
    VW_FUZZ_REQUIRE(rc == 0, "check", "%s: %s", in->type->name, vw_status_name(rc));
    /* The last finding that is kept stands for the others. */
    bool all = vw_findings_seen(&found) == found.count;
    for (size_t at = 0; at < used && (all || next + 1 < found.count); at += 4) {
        const char *rule = broken_in(&found, at, &next);
        bool same = same_word(in->bytes + at, again + at);
        VW_FUZZ_REQUIRE(same || rule, "strict", "%s: the word at %zu comes back as 0x%08x",
                        in->type->name, at, vw_load32(again + at));
        VW_FUZZ_REQUIRE(!same || !rule, "lax", "%s: the word at %zu breaks %s and comes back",
                        in->type->name, at, rule);
    }
    vw_arena_finish(&arena);
}

static void is_canonical(const struct vw_type *type, const void *bytes, size_t len)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found = {0};
    int rc = vw_xdr_check(type, bytes, len, LOSSY | VW_STRICT_TRAILING, &arena, &found, NULL, NULL);
    VW_FUZZ_REQUIRE(rc == 0 && vw_findings_seen(&found) == 0, "canonical",
                    "%s: what was encoded breaks the rules", type->name);
    vw_arena_finish(&arena);
}

static void bytes_keep_it(const struct vw_fuzz_input *in, const void *value, size_t used)
{
    struct vw_buf out = VW_BUF_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    void *again;
    size_t again_used = 0;

    int rc = vw_xdr_encode(in->type, value, &out, SIZE_MAX, NULL);
    VW_FUZZ_REQUIRE(rc == 0, "encode", "%s: %s", in->type->name, vw_status_name(rc));
    VW_FUZZ_REQUIRE(out.len == used, "encode-length", "%s: %zu decoded, %zu encoded",
                    in->type->name, used, out.len);
    const void *bytes = out.data ? (const void *)out.data : "";
    words_come_back(in, bytes, used);
    is_canonical(in->type, bytes, out.len);
    rc = vw_xdr_decode(in->type, bytes, out.len, &arena, &again, &again_used, NULL);
    VW_FUZZ_REQUIRE(rc == 0 && again_used == out.len && vw_value_equal(in->type, value, again),
                    "stable", "%s: encoding and decoding changes the value", in->type->name);
    vw_arena_finish(&arena);
    vw_buf_finish(&out);
}

static char *json_text(const struct vw_type *type, const void *value)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = vw_json_from_value(type, value, &err);
    VW_FUZZ_REQUIRE(err.code == 0, "json", "%s: %s", type->name, err.text);
    char *text = vw_json_text(json, false);
    VW_FUZZ_REQUIRE(text, "json", "%s: no text", type->name);
    json_object_put(json);
    return text;
}

static void json_keeps_it(const struct vw_fuzz_input *in, const void *value)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *parsed = NULL;
    void *again;
    char *text = json_text(in->type, value);
    int rc = vw_json_parse(text, strlen(text), &parsed, &err);
    /* A linked list can be nested more deeply than JSON text may be. */
    if (rc == 0) {
        rc = vw_json_to_value(in->type, parsed, &arena, &again, &err);
        VW_FUZZ_REQUIRE(rc == 0, "json", "%s: %s at %s in %.200s", in->type->name, err.text,
                        err.path, text);
        VW_FUZZ_REQUIRE(vw_value_equal(in->type, value, again), "json",
                        "%s: JSON changes the value %.200s", in->type->name, text);
        char *second = json_text(in->type, again);
        VW_FUZZ_REQUIRE(strcmp(text, second) == 0, "json", "%s: prints otherwise: %.200s",
                        in->type->name, second);
        free(second);
    } else {
        VW_FUZZ_REQUIRE(rc == VW_ELIMIT || rc == VW_ESYNTAX, "json", "%s: %s in %.200s",
                        in->type->name, err.text, text);
    }
    free(text);
    json_object_put(parsed);
    vw_arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_fuzz_input in;
    void *value = NULL;
    size_t used = 0;

    vw_fuzz_compile_all();
    if (!vw_fuzz_choose(data, size, &in))
        return 0;
    if (vw_xdr_decode(in.type, in.bytes, in.len, &arena, &value, &used, NULL) == 0) {
        bytes_keep_it(&in, value, used);
        json_keeps_it(&in, value);
    }
    vw_arena_finish(&arena);
    return 0;
}
