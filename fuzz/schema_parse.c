// SPDX-License-Identifier: MIT
// Fuzz target: any text as a .x file. Oracles: memory in proportion to the text; reading it twice
// gives the same; a schema that was printed and read again has the same lock listing; an error has
// a place inside the text; the types it makes can be encoded and decoded; the gate finds no change
// between a schema and itself, and comes to an end with another; running out of memory is an error
// and nothing more.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/testing/failalloc.h"
#include "conformance/gate/gate.h"
#include "fuzz/common.h"
#include "fuzz/print-x.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

#define TEXT_MAX      65536u
#define HEAP_PER_BYTE 512u
#define HEAP_BASE     (256u * 1024u)
#define ROUND_TRIPS   64u    /* types that are tried with the codec */
#define BIG           65536u /* bytes of a smallest value from which on a type is left out */

/* Reads TEXT as a whole schema; NULL with RC and ERR set when it is none. */
static struct vw_schema *parse(const char *text, size_t len, int *rc, struct vw_error *err)
{
    struct vw_schema *schema = NULL;

    *rc = vw_schema_create(&schema);
    if (*rc == 0)
        *rc = vw_schema_add(schema, "input.x", text, len, false, err);
    if (*rc == 0)
        *rc = vw_schema_finish(schema, err);
    if (*rc < 0) {
        vw_schema_destroy(schema);
        return NULL;
    }
    return schema;
}

static char *lock_of(const struct vw_schema *s)
{
    size_t len;
    char *text = NULL;
    FILE *out = open_memstream(&text, &len);
    VW_FUZZ_REQUIRE(out, "memory", "no stream");
    VW_FUZZ_REQUIRE(vw_schema_lock(s, out) == 0, "lock", "no listing");
    VW_FUZZ_REQUIRE(fclose(out) == 0 && text, "memory", "no text");
    return text;
}

/* S as .x text that the caller frees; NULL if it cannot be printed. */
static char *print(const struct vw_schema *s, size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    VW_FUZZ_REQUIRE(out, "memory", "no stream");
    bool printed = vw_print_x(s, out);
    VW_FUZZ_REQUIRE(fclose(out) == 0 && text, "memory", "no text");
    if (printed)
        return text;
    free(text);
    return NULL;
}

static void error_has_a_place(const char *text, size_t len, const struct vw_error *err)
{
    unsigned lines = 1;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    VW_FUZZ_REQUIRE(err->code != 0 && err->text[0], "error", "no text");
    VW_FUZZ_REQUIRE(err->line <= lines + 1, "error", "line %u of %u", err->line, lines);
    VW_FUZZ_REQUIRE(!strpbrk(err->text, "\n\r"), "error", "several lines: %s", err->text);
}

/* TEXT, read as a schema, has the same lock listing and digest as SCHEMA. */
static void text_gives(const struct vw_schema *schema, const char *text, size_t len,
                       const char *oracle)
{
    struct vw_error err = VW_ERROR_INIT;
    int rc;
    struct vw_schema *again = parse(text, len, &rc, &err);

    VW_FUZZ_REQUIRE(again, oracle, "line %u: %s in\n%.*s", err.line, err.text, (int)len, text);
    char *lock = lock_of(schema), *lock_again = lock_of(again);
    VW_FUZZ_REQUIRE(strcmp(lock, lock_again) == 0, oracle, "%s\nbecame\n%s\nby\n%.*s", lock,
                    lock_again, (int)len, text);
    VW_FUZZ_REQUIRE(strcmp(vw_schema_digest(schema), vw_schema_digest(again)) == 0, oracle,
                    "digests %s and %s", vw_schema_digest(schema), vw_schema_digest(again));
    free(lock_again);
    free(lock);
    vw_schema_destroy(again);
}

/* What the gate finds between BEFORE and AFTER; it may give up. */
static void gate_ends(const struct vw_schema *before, const struct vw_schema *after, bool same)
{
    const struct vw_gate_side a = {.name = "a", .schema = before, .annotated = true};
    const struct vw_gate_side b = {.name = "b", .schema = after, .annotated = true};
    struct vw_gate g;

    vw_gate_init(&g);
    int rc = vw_gate_diff(&g, &a, &b, NULL);
    VW_FUZZ_REQUIRE(rc == 0 || rc == VW_ELIMIT, "gate", "%s", vw_status_name(rc));
    rc = rc ? rc : vw_gate_witness(&g, &a, &b, NULL);
    VW_FUZZ_REQUIRE(rc == 0 || rc == VW_ELIMIT || rc == VW_ENOMEM, "witness", "%s",
                    vw_status_name(rc));
    for (size_t i = 0; same && i < g.count; i++)
        VW_FUZZ_REQUIRE(false, "gate", "%s between a schema and itself",
                        g.list[i]->change->fingerprint);
    vw_gate_finish(&g);
}

/* TEXT says what SCHEMA does; OTHER is a schema that has something of everything. */
static void gate_takes(const struct vw_schema *schema, const char *text, size_t len)
{
    static const char other[] =
        "struct a { int x; e y<3>; a *z; }; enum e { A, B }; union u switch (int d) { case 1: a s; "
        "default: void; }; program P { version V { u F(a) = 1; } = 1; } = 5;";
    struct vw_error err = VW_ERROR_INIT;
    int rc;
    struct vw_schema *again = parse(text, len, &rc, &err);
    struct vw_schema *fixed = parse(other, sizeof(other) - 1, &rc, &err);

    if (again)
        gate_ends(schema, again, true);
    gate_ends(fixed, schema, false);
    gate_ends(schema, fixed, false);
    vw_schema_destroy(again);
    vw_schema_destroy(fixed);
}

static void codec_takes(const struct vw_type *t)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf b = VW_BUF_INIT;
    void *value, *again;
    size_t used = 0;

    if (t->wire_min <= BIG && t->size <= BIG && vw_value_minimal(t, &arena, &value, NULL) == 0 &&
        vw_xdr_encode(t, value, &b, SIZE_MAX, NULL) == 0) {
        VW_FUZZ_REQUIRE(b.len >= t->wire_min && b.len <= t->wire_max, "extent",
                        "%s: %zu bytes, said %llu to %llu", t->name, b.len,
                        (unsigned long long)t->wire_min, (unsigned long long)t->wire_max);
        int rc = vw_xdr_decode(t, b.data ? (void *)b.data : "", b.len, &arena, &again, &used, NULL);
        VW_FUZZ_REQUIRE(rc == 0 && used == b.len && vw_value_equal(t, value, again), "codec",
                        "%s: %s", t->name, vw_status_name(rc));
    }
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
}

static void out_of_memory_is_an_error(const char *text, size_t len, int expected, size_t count)
{
    struct vw_error err = VW_ERROR_INIT;
    int rc;

    vw_failalloc_set(1 + (len * 31 + (len ? (unsigned char)text[len / 2] : 0)) % (count + 1));
    struct vw_schema *schema = parse(text, len, &rc, &err);
    bool failed = vw_failalloc_clear();
    VW_FUZZ_REQUIRE(rc == expected || (failed && rc == VW_ENOMEM), "no-memory", "%s",
                    vw_status_name(rc));
    vw_schema_destroy(schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vw_error err = VW_ERROR_INIT;
    const char *text = size ? (const char *)data : "";
    int rc;

    if (size > TEXT_MAX)
        return 0;
    vw_failalloc_reset();
    struct vw_schema *schema = parse(text, size, &rc, &err);
    struct vw_failalloc_stats stats = vw_failalloc_stats();
    VW_FUZZ_REQUIRE(stats.peak <= HEAP_PER_BYTE * size + HEAP_BASE, "heap",
                    "%zu bytes at once, input has %zu", stats.peak, size);
    if (schema) {
        size_t n, len;
        char *printed = print(schema, &len);
        text_gives(schema, text, size, "twice");
        if (printed)
            text_gives(schema, printed, len, "print");
        gate_takes(schema, text, size);
        free(printed);
        const struct vw_type *const *types = vw_schema_types(schema, &n);
        for (size_t i = 0; i < n && i < ROUND_TRIPS; i++)
            codec_takes(types[i]);
    } else {
        error_has_a_place(text, size, &err);
    }
    vw_schema_destroy(schema);
    out_of_memory_is_an_error(text, size, rc, stats.count);
    return 0;
}
