// SPDX-License-Identifier: MIT
// Fuzz target: any bytes as a value of any type (vw_fuzz_choose). What the value is as bytes and as
// JSON again is the part of roundtrip.c.
//
// Oracles: memory in proportion to the input; decoder and checking walk agree; spans tile the
// input; running out of memory is an error and nothing more.
#include <string.h>

#include "base/testing/failalloc.h"
#include "fuzz/common.h"
#include "xdr/xdr.h"

/* Heap that one decode may ask for: this much per byte of input, and this much besides. */
#define HEAP_PER_BYTE 16u
#define HEAP_BASE     4096u

#define SPANS_MAX 16384u /* bytes of a value whose spans are looked at: each has a path as text */

static int decode_in_bounds(const struct vw_fuzz_input *in, struct vw_arena *arena, void **value,
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
static void check_agrees(const struct vw_fuzz_input *in, int rc, size_t used,
                         const struct vw_error *err)
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

/* Spans that are no groups stand one behind the other and cover all that was used. */
static void spans_tile(const struct vw_fuzz_input *in, size_t used)
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

static void out_of_memory_is_an_error(const struct vw_fuzz_input *in, int expected)
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
    struct vw_fuzz_input in;
    void *value = NULL;
    size_t used = 0;

    vw_fuzz_compile_all();
    if (!vw_fuzz_choose(data, size, &in))
        return 0;
    int rc = decode_in_bounds(&in, &arena, &value, &used, &err);
    check_agrees(&in, rc, used, &err);
    if (rc == 0 && used <= SPANS_MAX)
        spans_tile(&in, used);
    out_of_memory_is_an_error(&in, rc);
    vw_arena_finish(&arena);
    return 0;
}
