// SPDX-License-Identifier: MIT
// Fuzz target: a value that is grown from the input (grow.h), of a type that three bytes name, is
// encoded and decoded. A fourth byte lets the value be wrong, limits the buffer, or has memory run
// out.
//
// Oracles: what is good is encoded, canonical, of a length that the type allows, and decodes to an
// equal value; what is past a bound or has no arm is refused with the code of its kind; whatever is
// refused leaves the buffer as it was; a limit of exactly the length is enough, one less is not.
#include <string.h>

#include "base/testing/failalloc.h"
#include "fuzz/grow.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

#define HEAD     4
#define MAY_FAIL 1u /* of the fourth byte: the value may be wrong */
#define LIMITED  2u
#define NO_ROOM  4u /* the first allocation fails */

static const uint8_t before[] = "xy";

static void start(struct vw_buf *b)
{
    b->len = 0;
    VW_FUZZ_REQUIRE(vw_buf_append(b, before, sizeof(before)) == 0, "memory", "none");
}

/* B is as it was ahead of what failed. */
static void is_untouched(const struct vw_type *t, const struct vw_buf *b)
{
    VW_FUZZ_REQUIRE(b->len == sizeof(before) && memcmp(b->data, before, sizeof(before)) == 0,
                    "untouched", "%s: %zu bytes are left in the buffer", t->name, b->len);
}

static void comes_back(const struct vw_type *t, const void *value, const uint8_t *bytes, size_t len)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found = {0};
    struct vw_error err = VW_ERROR_INIT;
    void *again;
    size_t used = 0;
    const unsigned rules =
        VW_STRICT_PADDING | VW_STRICT_BOOL | VW_STRICT_NARROW | VW_STRICT_TRAILING;

    VW_FUZZ_REQUIRE(len >= t->wire_min && len <= t->wire_max && len % 4 == 0, "length",
                    "%s: %zu bytes", t->name, len);
    int rc = vw_xdr_check(t, bytes, len, rules, &arena, &found, NULL, &err);
    VW_FUZZ_REQUIRE(rc == 0 && found.count == 0, "canonical", "%s: %s, %zu findings", t->name,
                    err.text, found.count);
    rc = vw_xdr_decode(t, bytes, len, &arena, &again, &used, &err);
    VW_FUZZ_REQUIRE(rc == 0 && used == len, "decode", "%s: %s at %s, %zu of %zu bytes", t->name,
                    err.text, err.path, used, len);
    VW_FUZZ_REQUIRE(vw_value_equal(t, value, again), "equal", "%s: another value", t->name);
    vw_arena_finish(&arena);
}

static void limit_holds(const struct vw_type *t, const void *value, struct vw_buf *b, size_t len)
{
    start(b);
    int rc = vw_xdr_encode(t, value, b, sizeof(before) + len, NULL);
    VW_FUZZ_REQUIRE(rc == 0 && b->len == sizeof(before) + len, "limit", "%s: %zu bytes, %s",
                    t->name, len, vw_status_name(rc));
    start(b);
    rc = len ? vw_xdr_encode(t, value, b, sizeof(before) + len - 1, NULL) : VW_ELIMIT;
    VW_FUZZ_REQUIRE(rc == VW_ELIMIT, "limit", "%s: one byte less than %zu, %s", t->name, len,
                    vw_status_name(rc));
    is_untouched(t, b);
}

static void no_memory(const struct vw_type *t, const void *value, int expected)
{
    struct vw_buf b = VW_BUF_INIT;
    vw_failalloc_set(1);
    int rc = vw_xdr_encode(t, value, &b, SIZE_MAX, NULL);
    bool failed = vw_failalloc_clear();
    VW_FUZZ_REQUIRE(rc == expected || (failed && rc == VW_ENOMEM), "no-memory", "%s: %s", t->name,
                    vw_status_name(rc));
    VW_FUZZ_REQUIRE(rc == 0 || b.len == 0, "untouched", "%s: %zu bytes", t->name, b.len);
    vw_buf_finish(&b);
}

static void encode(const struct vw_type *t, const void *value, unsigned grown, unsigned how)
{
    struct vw_buf b = VW_BUF_INIT;
    start(&b);
    int rc = vw_xdr_encode(t, value, &b, SIZE_MAX, NULL);
    if (grown == VW_GROWN_GOOD) {
        VW_FUZZ_REQUIRE(rc == 0, "encode", "%s: %s", t->name, vw_status_name(rc));
        size_t len = b.len - sizeof(before);
        comes_back(t, value, b.data + sizeof(before), len);
        if (how & LIMITED)
            limit_holds(t, value, &b, len);
    } else {
        VW_FUZZ_REQUIRE((rc == VW_ELIMIT && grown & VW_GROWN_OVER) ||
                            (rc == VW_EVALUE && grown & VW_GROWN_ARM),
                        "refuse", "%s: %s", t->name, vw_status_name(rc));
        is_untouched(t, &b);
    }
    if (how & NO_ROOM)
        no_memory(t, value, rc);
    vw_buf_finish(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vw_arena arena = VW_ARENA_INIT;
    unsigned grown;
    void *value;

    vw_fuzz_compile_all();
    if (size < HEAD)
        return 0;
    struct vw_script script = {data + HEAD, size - HEAD};
    const struct vw_type *t =
        vw_fuzz_type((uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2]);
    if (vw_grow(t, &script, data[3] & MAY_FAIL, &arena, &value, &grown))
        encode(t, value, grown, data[3]);
    vw_arena_finish(&arena);
    return 0;
}
