// SPDX-License-Identifier: MIT
// Findings of strictness with path and offset, and span maps.
#include "xdr/testing.h"

static const char text[] =
    "enum colour { RED = 1, BLUE = 5 };\n"
    "struct inner { string s<8>; bool b; };\n"
    "union value switch (int type) { case 1: int i; case 7: string s<8>; };\n"
    "struct message { opaque head[3]; inner list<4>; value v; colour c; char ch; short sh;\n"
    "  unsigned char uc; unsigned short us; inner *opt; };\n"
    "union by_colour switch (colour c) { case RED: int r; default: void; };\n"
    "union by_bool switch (bool yes) { case TRUE: int r; case FALSE: void; };\n";

static struct vw_schema *schema;

static int setup(void **state)
{
    schema = schema_of(text);
    return 0;
}

static int teardown(void **state)
{
    vw_schema_destroy(schema);
    return 0;
}

static const char good[] = "616263 00"                           /* 0 head */
                           "00000001"                            /* 4 count */
                           "00000003 616263 00"                  /* 8 list[0].s */
                           "00000001"                            /* 16 list[0].b */
                           "00000007 00000001 61 000000"         /* 20 v */
                           "00000005"                            /* 32 c */
                           "ffffff80 ffff8000 000000ff 0000ffff" /* 36 ch sh uc us */
                           "00000001 00000000 00000000";         /* 52 opt */

struct breach {
    size_t at;
    const char *hex;
    unsigned flag, offset;
    const char *path;
};

static const struct breach breaches[] = {
    {3, "01", VW_STRICT_PADDING, 3, "head"},
    {15, "20", VW_STRICT_PADDING, 15, "list[0].s"},
    {13, "00", VW_STRICT_NUL, 13, "list[0].s"},
    {13, "ff", VW_STRICT_UTF8, 13, "list[0].s"},
    {16, "00000002", VW_STRICT_BOOL, 16, "list[0].b"},
    {30, "0100", VW_STRICT_PADDING, 30, "v.s"},
    {32, "00000002", VW_STRICT_ENUM, 32, "c"},
    {36, "00000100", VW_STRICT_NARROW, 36, "ch"},
    {40, "00018000", VW_STRICT_NARROW, 40, "sh"},
    {44, "ffffffff", VW_STRICT_NARROW, 44, "uc"},
    {48, "00010005", VW_STRICT_NARROW, 48, "us"},
    {52, "00000007", VW_STRICT_BOOL, 52, "opt"},
    {64, "00", VW_STRICT_TRAILING, 64, ""},
};

static void each_breach_is_one_finding(void **state)
{
    const struct vw_type *t = vw_schema_type(schema, "message");
    for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++) {
        const struct breach *b = &breaches[i];
        uint8_t bytes[128];
        size_t len = unhex(good, bytes, sizeof(bytes)), used;
        size_t end = b->at + unhex(b->hex, bytes + b->at, sizeof(bytes) - b->at);
        if (end > len)
            len = end;
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_findings found;
        struct vw_error err = VW_ERROR_INIT;
        void *value;
        assert_int_equal(vw_xdr_check(t, bytes, len, VW_STRICT_ALL, &arena, &found, &used, &err),
                         0);
        assert_int_equal(found.count, 1);
        assert_int_equal(vw_strict_flag(found.list[0].rule), b->flag);
        assert_int_equal(found.list[0].place.offset, b->offset);
        assert_string_equal(found.list[0].place.path, b->path);
        /* Another flag alone does not see it, and the decoder takes it. */
        assert_int_equal(
            vw_xdr_check(t, bytes, len, VW_STRICT_ALL & ~b->flag, &arena, &found, &used, &err), 0);
        assert_int_equal(found.count, 0);
        assert_int_equal(vw_xdr_decode(t, bytes, len, &arena, &value, &used, &err), 0);
        vw_arena_finish(&arena);
    }
}

static void discriminants_are_checked(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found;
    uint8_t bytes[8];
    size_t len = unhex("00000009", bytes, sizeof(bytes));
    assert_int_equal(vw_xdr_check(vw_schema_type(schema, "by_colour"), bytes, len, VW_STRICT_ALL,
                                  &arena, &found, NULL, NULL),
                     0);
    assert_int_equal(vw_strict_flag(found.list[0].rule), VW_STRICT_ENUM);
    /* Neither TRUE nor FALSE is no arm at all. */
    assert_int_equal(vw_xdr_check(vw_schema_type(schema, "by_bool"), bytes, len, VW_STRICT_ALL,
                                  &arena, &found, NULL, NULL),
                     VW_EVALUE);
    vw_arena_finish(&arena);
}

static void keeps_some_and_counts_all(void **state)
{
    struct vw_schema *s = schema_of("struct flags { bool list<1000>; };");
    uint8_t bytes[4 + 4 * 1000];
    memset(bytes, 7, sizeof(bytes));
    memcpy(bytes, "\0\0\3\350", 4);
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found;
    assert_int_equal(vw_xdr_check(vw_schema_type(s, "flags"), bytes, sizeof(bytes), VW_STRICT_ALL,
                                  &arena, &found, NULL, NULL),
                     0);
    assert_int_equal(found.count, VW_FINDINGS_MAX);
    assert_int_equal(vw_findings_seen(&found), 1000);
    assert_int_equal(found.list[VW_FINDINGS_MAX - 1].count, 1000 - VW_FINDINGS_MAX + 1);
    vw_arena_finish(&arena);
    vw_schema_destroy(s);
}

struct expected_span {
    const char *path;
    enum vw_span_kind kind;
    size_t offset, length;
};

static const struct expected_span spans_of_good[] = {
    {"", VW_SPAN_GROUP, 0, 64},
    {"head", VW_SPAN_VALUE, 0, 3},
    {"head.#pad", VW_SPAN_PAD, 3, 1},
    {"list", VW_SPAN_GROUP, 4, 16},
    {"list.#count", VW_SPAN_COUNT, 4, 4},
    {"list[0]", VW_SPAN_GROUP, 8, 12},
    {"list[0].s", VW_SPAN_GROUP, 8, 8},
    {"list[0].s.#len", VW_SPAN_LENGTH, 8, 4},
    {"list[0].s.#data", VW_SPAN_DATA, 12, 3},
    {"list[0].s.#pad", VW_SPAN_PAD, 15, 1},
    {"list[0].b", VW_SPAN_VALUE, 16, 4},
    {"v", VW_SPAN_GROUP, 20, 12},
    {"v.#type", VW_SPAN_DISC, 20, 4},
    {"v.s", VW_SPAN_GROUP, 24, 8},
    {"v.s.#len", VW_SPAN_LENGTH, 24, 4},
    {"v.s.#data", VW_SPAN_DATA, 28, 1},
    {"v.s.#pad", VW_SPAN_PAD, 29, 3},
    {"c", VW_SPAN_VALUE, 32, 4},
    {"ch", VW_SPAN_VALUE, 36, 4},
    {"sh", VW_SPAN_VALUE, 40, 4},
    {"uc", VW_SPAN_VALUE, 44, 4},
    {"us", VW_SPAN_VALUE, 48, 4},
    {"opt", VW_SPAN_GROUP, 52, 12},
    {"opt.#present", VW_SPAN_PRESENT, 52, 4},
    {"opt", VW_SPAN_GROUP, 56, 8},
    {"opt.s", VW_SPAN_GROUP, 56, 4},
    {"opt.s.#len", VW_SPAN_LENGTH, 56, 4},
    {"opt.s.#data", VW_SPAN_DATA, 60, 0},
    {"opt.b", VW_SPAN_VALUE, 60, 4},
};

static void spans_name_every_byte(void **state)
{
    uint8_t bytes[64];
    size_t len = unhex(good, bytes, sizeof(bytes));
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans;
    assert_int_equal(
        vw_xdr_spans(vw_schema_type(schema, "message"), bytes, len, &arena, &spans, NULL), 0);
    assert_int_equal(spans.count, sizeof(spans_of_good) / sizeof(spans_of_good[0]));
    for (size_t i = 0; i < spans.count; i++) {
        assert_string_equal(spans.list[i].path, spans_of_good[i].path);
        assert_int_equal(spans.list[i].kind, spans_of_good[i].kind);
        assert_int_equal(spans.list[i].offset, spans_of_good[i].offset);
        assert_int_equal(spans.list[i].length, spans_of_good[i].length);
    }
    assert_ptr_equal(vw_spans_find(&spans, "v.s.#len"), &spans.list[14]);
    assert_null(vw_spans_find(&spans, "v.t"));
    vw_arena_finish(&arena);
}

static void flags_have_names(void **state)
{
    for (unsigned flag = 1; flag <= VW_STRICT_ALL; flag <<= 1)
        assert_int_equal(vw_strict_flag(vw_strict_name(flag)), flag);
    assert_int_equal(vw_strict_flag("lax"), 0);
}

struct numbers {
    const char *type, *hex, *path, *text; /* TEXT: NULL, nothing is found */
};

/* The types are named as those of libvirt, whose ranges they have. */
static const struct numbers numbers[] = {
    {"remote_domain_get_state_ret", "00000007 0000000e", "", NULL},
    {"remote_domain_get_state_ret", "00000008 00000000", "state", "8 is not within 0 to 7"},
    {"remote_domain_get_state_ret", "ffffffff 00000000", "state", "is not within 0 to 7"},
    {"remote_domain_get_state_ret", "00000001 0000000f", "reason", "15 is not within 0 to 14"},
    {"remote_domain_get_info_ret", "00000007", "", NULL},
    {"remote_domain_get_info_ret", "10000007", "", NULL},
    {"remote_domain_get_info_ret", "00000009", "state", "9 is not within 0 to 7"},
    {"remote_connect_list_domains_ret", "00000002 00000000 7fffffff", "", NULL},
    {"remote_connect_list_domains_ret", "00000002 00000001 fffffffe", "ids", "-2 is less than 0"},
    {"remote_connect_get_version_ret", "00000000 3b9ac9ff", "", NULL},
    {"remote_connect_get_version_ret", "00000000 3b9aca00", "hv_ver", "1000000000 is not within"},
    {"remote_connect_get_version_ret", "ffffffff 00000000", "hv_ver",
     "18446744069414584320 is not within"},
};

static void numbers_have_ranges(void **state)
{
    struct vw_schema *s =
        schema_of("struct remote_domain_get_state_ret { int state; int reason; };\n"
                  "struct remote_domain_get_info_ret { unsigned char state; };\n"
                  "struct remote_connect_list_domains_ret { int ids<4>; };\n"
                  "struct remote_connect_get_version_ret { unsigned hyper hv_ver; };\n");
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const struct numbers *n = &numbers[i];
        const struct vw_type *t = vw_schema_type(s, n->type);
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_findings found;
        uint8_t bytes[32];
        size_t len = unhex(n->hex, bytes, sizeof(bytes));
        assert_int_equal(vw_xdr_check(t, bytes, len, VW_STRICT_RANGE, &arena, &found, NULL, NULL),
                         0);
        assert_int_equal(found.count, n->text != NULL);
        if (n->text) {
            assert_non_null(strstr(found.list[0].found, n->text));
            assert_string_equal(found.list[0].place.path, n->path);
            assert_string_equal(found.list[0].clauses, "O-4");
        }
        assert_int_equal(vw_xdr_check(t, bytes, len, VW_STRICT_ALL & ~VW_STRICT_NARROW, &arena,
                                      &found, NULL, NULL),
                         0);
        assert_int_equal(found.count, 0);
        vw_arena_finish(&arena);
    }
    vw_schema_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_breach_is_one_finding), cmocka_unit_test(discriminants_are_checked),
        cmocka_unit_test(keeps_some_and_counts_all),  cmocka_unit_test(spans_name_every_byte),
        cmocka_unit_test(flags_have_names),           cmocka_unit_test(numbers_have_ranges),
    };
    return cmocka_run_group_tests_name("walk", tests, setup, teardown) + vw_test_leaked();
}
