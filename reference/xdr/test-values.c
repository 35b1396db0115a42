// SPDX-License-Identifier: MIT
// Values made from types: minimal, random, boundaries; and equality.
#include "xdr/test-types.h"

#include "base/utf8.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

static void generator_is_the_same_everywhere(void **state)
{
    struct vw_rng r;
    vw_rng_seed(&r, 0);
    assert_true(vw_rng_next(&r) == 0xe220a8397b1dcdaf); /* published for splitmix64, seed 0 */
    for (int i = 0; i < 1000; i++)
        assert_true(vw_rng_below(&r, 7) < 7);
    assert_true(vw_rng_below(&r, 1) == 0);
}

/* Encodes, decodes and compares; returns the length. */
static size_t round_trip(const struct vw_type *t, const void *value)
{
    struct vw_buf b = VW_BUF_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_findings found;
    void *back;
    size_t used;
    int rc = vw_xdr_encode(t, value, &b, SIZE_MAX, &err);
    if (rc)
        fail_msg("%s: %s at %s", t->name, err.text, err.path);
    assert_int_equal(vw_xdr_decode(t, b.data, b.len, &arena, &back, &used, &err), 0);
    assert_int_equal(used, b.len);
    assert_true(vw_value_equal(t, value, back));
    assert_int_equal(vw_xdr_check(t, b.data, b.len, VW_STRICT_ALL, &arena, &found, NULL, &err), 0);
    assert_int_equal(found.count, 0);
    size_t len = b.len;
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
    return len;
}

static void minimal_takes_the_fewest_bytes(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    void *value;
    for (size_t i = 0; i < N_TEST_TYPES; i++) {
        const struct vw_type *t = test_type(test_type_names[i]);
        assert_int_equal(vw_value_minimal(t, &arena, &value, NULL), 0);
        size_t len = round_trip(t, value);
        if (t->kind != VW_UNION && strcmp(t->name, "all") != 0)
            assert_int_equal(len, t->wire_min);
    }
    vw_arena_finish(&arena);
}

static void random_values_are_valid_and_fit_the_hint(void **state)
{
    static const size_t sizes[] = {0, 1, 64, 1000, 20000};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_rng rng;
    void *value;
    vw_rng_seed(&rng, 42);
    for (size_t i = 0; i < N_TEST_TYPES; i++) {
        const struct vw_type *t = test_type(test_type_names[i]);
        for (unsigned n = 0; n < 200; n++) {
            size_t size = sizes[n % 5];
            assert_int_equal(vw_value_random(t, &rng, size, &arena, &value, NULL), 0);
            size_t len = round_trip(t, value);
            assert_true(len <= (size > t->wire_min ? size : t->wire_min));
            vw_arena_reset(&arena);
        }
    }
    vw_arena_finish(&arena);
}

/* What an arm takes is taken from the hint, and the rest is left to what comes behind. */
static void arms_leave_room_for_the_rest(void **state)
{
    static const char text[] = "union first switch (int d) { case 1: opaque o[40]; case 2: void; };"
                               "struct both { first a; first b; opaque rest<>; };";
    struct vw_error err = VW_ERROR_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_schema *s;
    struct vw_rng rng;
    void *value;
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_add(s, "t.x", text, sizeof(text) - 1, false, &err), 0);
    assert_int_equal(vw_schema_finish(s, &err), 0);
    const struct vw_type *t = vw_schema_type(s, "both");
    size_t longest[3] = {0};
    vw_rng_seed(&rng, 3);
    for (unsigned n = 0; n < 2000; n++) {
        assert_int_equal(vw_value_random(t, &rng, 200, &arena, &value, NULL), 0);
        size_t len = round_trip(t, value);
        assert_true(len <= 200);
        unsigned arms = 0;
        for (unsigned i = 0; i < 2; i++) {
            int32_t disc;
            memcpy(&disc, (const char *)value + t->fields[i].offset, sizeof(disc));
            arms += disc == 1;
        }
        longest[arms] = len > longest[arms] ? len : longest[arms];
        vw_arena_reset(&arena);
    }
    for (unsigned arms = 0; arms < 3; arms++)
        if (longest[arms] != 200)
            fail_msg("%u arms: up to %zu bytes", arms, longest[arms]);
    vw_arena_finish(&arena);
    vw_schema_destroy(s);
}

static void random_strings_are_text_of_all_sorts(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_rng rng;
    void *value;
    unsigned full = 0, empty = 0, wide = 0;
    vw_rng_seed(&rng, 7);
    for (unsigned n = 0; n < 2000; n++) {
        assert_int_equal(vw_value_random(test_type("name"), &rng, 100, &arena, &value, NULL), 0);
        const struct vw_string *s = value;
        assert_int_equal(vw_utf8_valid(s->data, s->len), s->len);
        assert_null(memchr(s->data, 0, s->len));
        assert_int_equal(s->data[s->len], 0);
        full += s->len == 20;
        empty += s->len == 0;
        for (uint32_t i = 0; i < s->len; i++)
            wide += (s->data[i] & 0x80) != 0;
    }
    assert_true(full > 20 && empty > 20 && wide > 100);
    vw_arena_finish(&arena);
}

static void random_numbers_meet_the_edges(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_rng rng;
    void *value;
    bool zero = false, one = false, minus = false, min = false, max = false;
    vw_rng_seed(&rng, 1);
    for (unsigned n = 0; n < 500; n++) {
        assert_int_equal(vw_value_random(vw_type_basic(VW_HYPER), &rng, 8, &arena, &value, NULL),
                         0);
        int64_t v = *(int64_t *)value;
        zero |= v == 0;
        one |= v == 1;
        minus |= v == -1;
        min |= v == INT64_MIN;
        max |= v == INT64_MAX;
    }
    assert_true(zero && one && minus && min && max);
    vw_arena_finish(&arena);
}

static const struct vw_boundary *find(const struct vw_boundaries *b, const char *path,
                                      enum vw_kind kind, uint32_t count)
{
    for (size_t i = 0; i < b->count; i++) {
        if (strcmp(b->list[i].path, path) == 0 && b->list[i].type->kind == kind &&
            b->list[i].count == count)
            return &b->list[i];
    }
    return NULL;
}

static void boundaries_reach_everything(void **state)
{
    static const struct {
        const char *path;
        enum vw_kind kind;
        uint32_t count;
    } wanted[] = {
        {"n", VW_STRING, 0},
        {"n", VW_STRING, 1},
        {"n", VW_STRING, 20},
        {"n", VW_STRING, 21},
        {"data", VW_OPAQUE, 13},
        {"pairs[0].first", VW_STRING, 20},
        {"names", VW_ARRAY, 4},
        {"names", VW_ARRAY, 5},
        {"names[0]", VW_STRING, 21},
        {"chars", VW_ARRAY, 8},
        {"m", VW_OPTIONAL, 0},
        {"m", VW_OPTIONAL, 1},
        {"m.first", VW_STRING, 20},
        {"t.first", VW_STRING, 20},
        {"v", VW_UNION, 2},
        {"v.big.first", VW_STRING, 20},
        {"values[0].s", VW_STRING, 1},
        {"sh", VW_UNION, 1},
        {"chain", VW_OPTIONAL, 1},
        {"chain.next", VW_OPTIONAL, 1},
        {"roots[0].children", VW_ARRAY, 5},
    };
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_boundaries b;
    assert_int_equal(vw_value_boundaries(test_type("all"), &arena, &b, NULL), 0);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const struct vw_boundary *one = find(&b, wanted[i].path, wanted[i].kind, wanted[i].count);
        if (!one)
            fail_msg("no boundary %s %u", wanted[i].path, wanted[i].count);
        assert_int_equal(one->over, one->type->kind < VW_FIXED_ARRAY + 2 &&
                                        one->type->kind != VW_OPTIONAL &&
                                        one->count == one->type->max + 1);
    }
    assert_null(find(&b, "text", VW_STRING, 0)); /* no bound */
    vw_arena_finish(&arena);
}

static void boundary_values_encode_and_show_the_bound(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_boundaries b;
    void *value;
    for (size_t i = 0; i < N_TEST_TYPES; i++) {
        const struct vw_type *t = test_type(test_type_names[i]);
        assert_int_equal(vw_value_boundaries(t, &arena, &b, NULL), 0);
        for (size_t k = 0; k < b.count; k++) {
            struct vw_error err = VW_ERROR_INIT;
            if (vw_value_at_boundary(t, &b.list[k], &arena, &value, &err))
                fail_msg("%s at %s: %s", t->name, b.list[k].path, err.text);
            round_trip(t, value);
        }
    }
    vw_arena_finish(&arena);
}

static uint32_t word_at(const struct vw_type *t, const void *value, const char *path)
{
    struct vw_buf b = VW_BUF_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans;
    assert_int_equal(vw_xdr_encode(t, value, &b, SIZE_MAX, NULL), 0);
    assert_int_equal(vw_xdr_spans(t, b.data, b.len, &arena, &spans, NULL), 0);
    const struct vw_span *s = vw_spans_find(&spans, path);
    if (!s)
        fail_msg("no span %s", path);
    const uint8_t *p = b.data + s->offset;
    uint32_t word = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
    return word;
}

static void boundary_values_have_the_count(void **state)
{
    static const struct {
        struct vw_boundary b;
        const char *type, *span;
        uint32_t word;
    } cases[] = {
        {{"values[0].s", NULL, 20, false}, "name", "values[0].s.#len", 20},
        {{"values[0].s", NULL, 21, true}, "name", "values[0].s.#len", 20},
        {{"v", NULL, 3, false}, "value", "v.#type", 5},
        {{"v.big.first", NULL, 3, false}, "name", "v.big.first.#len", 3},
        {{"v", NULL, 4, false}, "value", "v.#type", 0},
        {{"chain.next", NULL, 1, false}, NULL, "chain.next.#present", 1},
    };
    const struct vw_type *all = test_type("all");
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_boundaries list;
    void *value;
    assert_int_equal(vw_value_boundaries(all, &arena, &list, NULL), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vw_boundary b = cases[i].b;
        /* The type as the field has it, which may be a typedef's own. */
        enum vw_kind kind = cases[i].type ? test_type(cases[i].type)->kind : VW_OPTIONAL;
        for (size_t k = 0; k < list.count && !b.type; k++) {
            if (strcmp(list.list[k].path, b.path) == 0 && list.list[k].type->kind == kind)
                b.type = list.list[k].type;
        }
        assert_non_null(b.type);
        assert_int_equal(vw_value_at_boundary(all, &b, &arena, &value, NULL), 0);
        assert_int_equal(word_at(all, value, cases[i].span), cases[i].word);
    }
    struct vw_boundary wrong = {"v.nothing", test_type("name"), 1, false};
    assert_int_equal(vw_value_at_boundary(all, &wrong, &arena, &value, NULL), VW_ENAME);
    vw_arena_finish(&arena);
}

/* Each single-byte change of an encoding decodes to something else, or is not decoded, or lies in
 * padding, a boolean or the high bytes of a char. */
/* The list doubles: many bounds take memory in proportion, not more for each. */
static void many_boundaries_take_little_memory(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_boundaries b;
    struct vw_schema *s;
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    fputs("struct many {", f);
    for (unsigned i = 0; i < 2000; i++)
        fprintf(f, " opaque o%u<9>;", i);
    fputs(" };", f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_add(s, "t.x", text, len, false, &err), 0);
    assert_int_equal(vw_schema_finish(s, &err), 0);
    assert_int_equal(vw_value_boundaries(vw_schema_type(s, "many"), &arena, &b, &err), 0);
    assert_int_equal(b.count, 8000);
    assert_true(arena.requested < 8000 * 16 * sizeof(*b.list));
    vw_arena_finish(&arena);
    vw_schema_destroy(s);
    free(text);
}

static void equality_sees_every_byte(void **state)
{
    const struct vw_type *t = test_type("scalars");
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf b = VW_BUF_INIT;
    void *value, *other;
    assert_int_equal(vw_value_minimal(t, &arena, &value, NULL), 0);
    assert_int_equal(vw_xdr_encode(t, value, &b, SIZE_MAX, NULL), 0);
    unsigned unseen = 0;
    for (size_t i = 0; i < b.len; i++) {
        b.data[i] ^= 0x40;
        assert_int_equal(vw_xdr_decode(t, b.data, b.len, &arena, &other, NULL, NULL), 0);
        unseen += vw_value_equal(t, value, other);
        b.data[i] ^= 0x40;
    }
    assert_int_equal(unseen, 3 + 3 + 2 + 2); /* char, unsigned char, short, unsigned short */
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
}

static void equality_of_other_kinds(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_rng rng;
    void *a, *b;
    unsigned equal = 0;
    vw_rng_seed(&rng, 3);
    for (unsigned n = 0; n < 300; n++) {
        assert_int_equal(vw_value_random(test_type("all"), &rng, 900, &arena, &a, NULL), 0);
        assert_int_equal(vw_value_random(test_type("all"), &rng, 900, &arena, &b, NULL), 0);
        assert_true(vw_value_equal(test_type("all"), a, a));
        equal += vw_value_equal(test_type("all"), a, b);
        vw_arena_reset(&arena);
    }
    assert_int_equal(equal, 0);
    struct vw_string nothing = {NULL, 0}, empty = {(char[]){""}, 0}, one = {(char[]){"x"}, 1};
    assert_true(vw_value_equal(test_type("name"), &nothing, &empty));
    assert_false(vw_value_equal(test_type("name"), &nothing, &one));
    vw_arena_finish(&arena);
}

/* Nobody needs to ask why. */
static void without_memory_or_a_place_for_the_reason(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf b = VW_BUF_INIT;
    struct vw_schema *s;
    static const char text[] = "struct fresh { string s<>; };";
    void *value, *back;
    for (unsigned decodes = 0; decodes < 2; decodes++) {
        assert_int_equal(vw_schema_create(&s), 0);
        assert_int_equal(vw_schema_add(s, "t.x", text, sizeof(text) - 1, false, NULL), 0);
        assert_int_equal(vw_schema_finish(s, NULL), 0);
        const struct vw_type *t = vw_schema_type(s, "fresh");
        assert_int_equal(vw_value_minimal(t, &arena, &value, NULL), 0);
        vw_failalloc_set(1);
        int rc = decodes ? vw_xdr_decode(t, "\0\0\0", 4, &arena, &back, NULL, NULL)
                         : vw_xdr_encode(t, value, &b, SIZE_MAX, NULL);
        assert_true(vw_failalloc_clear());
        assert_int_equal(rc, VW_ENOMEM);
        vw_schema_destroy(s);
    }
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
}

/* Empty strings take four bytes each on the wire and sixteen in memory: more than was set aside. */
static void lists_without_memory(void **state)
{
    if (vw_test_arena_is_single())
        skip();
    static const char text[] = "typedef string one<>; typedef one many<>;";
    static uint8_t bytes[4 + 4 * 5000];
    struct vw_schema *s;
    size_t fails = 0;
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_add(s, "t.x", text, sizeof(text) - 1, false, NULL), 0);
    assert_int_equal(vw_schema_finish(s, NULL), 0);
    bytes[2] = 5000 >> 8;
    bytes[3] = 5000 & 0xff;
    /* Once without a failure: the type's code is made then, and kept. */
    for (bool failed = true; failed; fails++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        void *value;
        vw_failalloc_set(fails);
        int rc = vw_xdr_decode(vw_schema_type(s, "many"), bytes, sizeof(bytes), &arena, &value,
                               NULL, &err);
        failed = vw_failalloc_clear() || fails == 0;
        assert_int_equal(rc, failed && fails ? VW_ENOMEM : 0);
        assert_int_equal(err.code, rc);
        assert_string_equal(err.text, rc ? "out of memory" : "");
        vw_arena_finish(&arena);
    }
    assert_int_equal(fails, 5); /* none; what is set aside, the list, the strings; none */
    vw_schema_destroy(s);
}

/* What takes up to twice its bytes is decoded with one allocation, and none when the arena is warm.
 */
static void most_values_take_one_allocation(void **state)
{
    if (vw_test_arena_is_single())
        skip();
    static const char text[] = "typedef int *maybe; typedef maybe many<>;";
    static uint8_t bytes[4 + 8 * 1000];
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_schema *s;
    void *value;
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_add(s, "t.x", text, sizeof(text) - 1, false, NULL), 0);
    assert_int_equal(vw_schema_finish(s, NULL), 0);
    const struct vw_type *t = vw_schema_type(s, "many");
    bytes[2] = 1000 >> 8;
    bytes[3] = 1000 & 0xff;
    for (size_t i = 0; i < 1000; i++)
        bytes[4 + 8 * i + 3] = 1;
    /* The first makes the type's code too. */
    for (size_t n = 0; n < 3; n++) {
        if (n < 2)
            vw_arena_finish(&arena);
        else
            vw_arena_reset(&arena);
        vw_failalloc_reset();
        assert_int_equal(vw_xdr_decode(t, bytes, sizeof(bytes), &arena, &value, NULL, NULL), 0);
        if (n > 0)
            assert_int_equal(vw_failalloc_stats().count, n == 1 ? 1 : 0);
    }
    vw_arena_finish(&arena);
    vw_schema_destroy(s);
}

static void long_lists_end_without_a_deep_stack(void **state)
{
    struct node {
        int32_t v;
        struct node *next;
    };
    const size_t n = 100000;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf b = VW_BUF_INIT;
    struct node *list = vw_arena_zalloc(&arena, n * sizeof(*list), 8);
    assert_non_null(list);
    for (size_t i = 0; i + 1 < n; i++)
        list[i].next = &list[i + 1];
    assert_int_equal(test_type("node")->size, sizeof(struct node));
    assert_false(vw_value_equal(test_type("node"), list, list));
    assert_int_equal(vw_xdr_encode(test_type("node"), list, &b, SIZE_MAX, NULL), VW_ELIMIT);
    list[200].next = NULL;
    assert_true(vw_value_equal(test_type("node"), list, list));
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
}

/* The arena's chunks are the only memory here. */
static void every_failing_allocation_is_reported(void **state)
{
    const struct vw_type *all = test_type("all");
    for (size_t n = 1;; n++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_boundaries b;
        struct vw_rng rng;
        void *value;
        vw_rng_seed(&rng, 5);
        vw_failalloc_set(n);
        int rc = vw_value_random(all, &rng, 200000, &arena, &value, &err);
        if (rc == 0)
            rc = vw_value_boundaries(all, &arena, &b, &err);
        for (size_t i = 0; rc == 0 && i < b.count; i++)
            rc = vw_value_at_boundary(all, &b.list[i], &arena, &value, &err);
        bool failed = vw_failalloc_clear();
        vw_arena_finish(&arena);
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        assert_int_equal(err.code, rc);
        if (!failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generator_is_the_same_everywhere),
        cmocka_unit_test(minimal_takes_the_fewest_bytes),
        cmocka_unit_test(random_values_are_valid_and_fit_the_hint),
        cmocka_unit_test(arms_leave_room_for_the_rest),
        cmocka_unit_test(random_strings_are_text_of_all_sorts),
        cmocka_unit_test(random_numbers_meet_the_edges),
        cmocka_unit_test(boundaries_reach_everything),
        cmocka_unit_test(boundary_values_encode_and_show_the_bound),
        cmocka_unit_test(boundary_values_have_the_count),
        cmocka_unit_test(many_boundaries_take_little_memory),
        cmocka_unit_test(equality_sees_every_byte),
        cmocka_unit_test(equality_of_other_kinds),
        cmocka_unit_test(long_lists_end_without_a_deep_stack),
        cmocka_unit_test(every_failing_allocation_is_reported),
        cmocka_unit_test(without_memory_or_a_place_for_the_reason),
        cmocka_unit_test(lists_without_memory),
        cmocka_unit_test(most_values_take_one_allocation),
    };
    return cmocka_run_group_tests(tests, make_test_schema, free_test_schema) + vw_test_leaked();
}
