// SPDX-License-Identifier: MIT
// Decoding and encoding of each kind of type, by hand-written bytes; bounds; hostile counts;
// memory.
#include "xdr/testing.h"

static const char all_kinds[] =
    "const NAME_MAX_ = 8;\n"
    "enum colour { RED = 1, BLUE = 5, DARK = -2 };\n"
    "typedef string name_t<NAME_MAX_>;\n"
    "typedef opaque uuid_t_[16];\n"
    "struct pair { int a; unsigned hyper b; };\n"
    "struct chain { int value; chain *next; };\n"
    "struct tree { tree kids<4>; };\n"
    "union value switch (int type) {\n"
    "  case 1: int i;\n"
    "  case 2: case 3: hyper l;\n"
    "  case 7: name_t s;\n"
    "  case 9: void;\n"
    "  case 1000: pair p;\n"
    "  case 1001: int wide[8];\n"
    "  default: bool b; };\n"
    "union strict_value switch (colour c) { case RED: int r; case BLUE: void; };\n"
    "struct scalars { int i; unsigned u; hyper h; unsigned hyper uh; bool b; char c; unsigned char "
    "uc;\n"
    "  short s; unsigned short us; float f; double d; colour e; };\n"
    "struct arrays { int four[2]; char text[3]; opaque raw[5]; pair pairs[2]; int list<3>; hyper "
    "wide<>;\n"
    "  bool flags<2>; short shorts<2>; char chars<4>; pair plist<2>; opaque bytes<6>; name_t "
    "names<2>; };\n"
    "struct options { name_t *name; int *number; pair *pair_; };\n"
    "struct nested { pair p; value v; strict_value sv; uuid_t_ uuid; int last; };\n"
    "struct lists { pair a<>; pair b<>; };\n";

static struct vw_schema *schema;

static int setup(void **state)
{
    schema = schema_of(all_kinds);
    return 0;
}

static int teardown(void **state)
{
    vw_schema_destroy(schema);
    return 0;
}

static const struct vw_type *type(const char *name)
{
    const struct vw_type *t = vw_schema_type(schema, name);
    assert_non_null(t);
    return t;
}

/* HEX decodes as NAME, is used up, and encodes to the same bytes again. */
static void round_trip(const char *name, const char *hex)
{
    uint8_t in[512];
    size_t len = unhex(hex, in, sizeof(in)), used;
    uint8_t *bytes = malloc(len ? len : 1); /* exact, so that the sanitizers see the edge */
    memcpy(bytes, in, len);
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf out = VW_BUF_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_findings found;
    void *value;
    assert_int_equal(vw_xdr_decode(type(name), bytes, len, &arena, &value, &used, &err), 0);
    assert_int_equal(used, len);
    assert_int_equal(vw_xdr_encode(type(name), value, &out, SIZE_MAX, &err), 0);
    assert_int_equal(out.len, len);
    assert_memory_equal(out.data, bytes, len);
    assert_int_equal(
        vw_xdr_check(type(name), bytes, len, VW_STRICT_ALL, &arena, &found, &used, &err), 0);
    assert_int_equal(found.count, 0);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *prefix = malloc(cut ? cut : 1);
        memcpy(prefix, bytes, cut);
        struct vw_error e = VW_ERROR_INIT;
        assert_true(vw_xdr_decode(type(name), prefix, cut, &arena, &value, NULL, &e) < 0);
        assert_true(e.offset <= cut);
        free(prefix);
    }
    vw_buf_finish(&out);
    vw_arena_finish(&arena);
    free(bytes);
}

static void every_kind_round_trips(void **state)
{
    round_trip("scalars", "ffffffff 80000001 8000000000000000 ffffffffffffffff 00000001 ffffff80"
                          "000000ff ffff8000 0000ffff 3fc00000 c000000000000000 fffffffe");
    round_trip("arrays", "00000001 00000002"          /* four */
                         "00000061 ffffffff 00000000" /* text: a word a char */
                         "0102030405 000000"          /* raw and padding */
                         "00000001 0000000000000002 00000003 0000000000000004" /* pairs */
                         "00000003 00000001 00000002 00000003"                 /* list */
                         "00000001 0000000000000009"                           /* wide */
                         "00000002 00000001 00000000"                          /* flags */
                         "00000001 ffffffff"                                   /* shorts */
                         "00000004 00000001 00000002 00000003 ffffff80"        /* chars */
                         "00000001 0000000a 000000000000000b"                  /* plist */
                         "00000005 6162636465 000000"                          /* bytes */
                         "00000002 00000000 00000008 6162636465666768");
    round_trip("options", "00000000 00000000 00000000");
    round_trip("options", "00000001 00000003 61626300 00000001 00000007 00000001 00000001"
                          "0000000000000002");
    round_trip("chain", "00000001 00000001 00000002 00000001 00000003 00000000");
    round_trip("tree", "00000002 00000000 00000001 00000000");
}

static void every_arm_round_trips(void **state)
{
    round_trip("value", "00000001 fffffffb");
    round_trip("value", "00000002 0000000000000001");
    round_trip("value", "00000003 0000000000000001");
    round_trip("value", "00000007 00000002 61620000");
    round_trip("value", "00000009");
    round_trip("value", "000003e8 00000001 0000000000000002");
    round_trip("value", "000003e9 00000001 00000002 00000003 00000004 00000005 00000006 00000007"
                        "00000008");
    round_trip("value", "0000002a 00000001"); /* default */
    round_trip("strict_value", "00000001 00000001");
    round_trip("strict_value", "00000005");
    round_trip("nested", "00000001 0000000000000002 00000007 00000001 61000000 00000005"
                         "000102030405060708090a0b0c0d0e0f 00000063");
}

struct refusal {
    const char *type, *hex;
    int code;
    unsigned offset;
    const char *path;
};

static const struct refusal refusals[] = {
    {"name_t", "00000009 616263646566676869000000", VW_ELIMIT, 0, ""},
    {"name_t", "ffffffff", VW_ELIMIT, 0, ""},
    {"name_t", "00000003 616263", VW_ETRUNCATED, 7, ""}, /* padding is missing */
    {"nested", "00000001 0000000000000002 00000007 00000009", VW_ELIMIT, 16, "v.s"},
    {"strict_value", "00000002 00000001", VW_EVALUE, 0, ""},
    {"strict_value", "fffffffe", VW_EVALUE, 0, ""},
    {"lists", "00000001 00000001 0000000000000001 7fffffff", VW_ETRUNCATED, 16, "b"},
    {"lists", "15555555 00000001 0000000000000001", VW_ETRUNCATED, 0, "a"},
    {"options", "00000000 00000000 00000001 00000001 00000000", VW_ETRUNCATED, 16, "pair_.b"},
    {"scalars", "00000001", VW_ETRUNCATED, 4, "u"},
};

static void refuses_with_place(void **state)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *r = &refusals[i];
        uint8_t bytes[128];
        size_t len = unhex(r->hex, bytes, sizeof(bytes));
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        void *value;
        assert_int_equal(vw_xdr_decode(type(r->type), bytes, len, &arena, &value, NULL, &err),
                         r->code);
        assert_int_equal(err.code, r->code);
        assert_int_equal(err.offset, r->offset);
        assert_string_equal(err.path, r->path);
        assert_true(err.text[0]);
        assert_int_equal(vw_xdr_decode(type(r->type), bytes, len, &arena, &value, NULL, NULL),
                         r->code);
        vw_arena_finish(&arena);
    }
}

/* Two lists that could each have the bytes, but not both: the second count is refused before memory
 * is asked for. */
static void counts_cannot_share_bytes(void **state)
{
    size_t len = 8 + 12 * 1000;
    uint8_t *bytes = calloc(1, len);
    bytes[2] = 1000 >> 8;
    bytes[3] = 1000 & 0xff;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    void *value;
    assert_int_equal(vw_xdr_decode(type("lists"), bytes, len, &arena, &value, NULL, &err), 0);
    bytes[len - 1] = 1;
    assert_int_equal(vw_xdr_decode(type("lists"), bytes, len, &arena, &value, NULL, &err),
                     VW_ETRUNCATED);
    assert_string_equal(err.path, "b");
    vw_arena_finish(&arena);
    free(bytes);
}

/* DEEP optional values in a row. */
static int decode_chain(size_t deep)
{
    size_t len = 8 * deep + 8;
    uint8_t *bytes = calloc(1, len);
    for (size_t i = 0; i < deep; i++)
        bytes[8 * i + 7] = 1;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf out = VW_BUF_INIT;
    void *value;
    int rc = vw_xdr_decode(type("chain"), bytes, len, &arena, &value, NULL, &err);
    int check = vw_xdr_check(type("chain"), bytes, len, 0, &arena, NULL, NULL, NULL);
    assert_int_equal(rc, check);
    if (!rc)
        assert_int_equal(vw_xdr_encode(type("chain"), value, &out, SIZE_MAX, NULL), 0);
    vw_buf_finish(&out);
    vw_arena_finish(&arena);
    free(bytes);
    return rc;
}

static void depth_is_bounded(void **state)
{
    assert_int_equal(decode_chain(VW_XDR_MAX_DEPTH), 0);
    assert_int_equal(decode_chain(VW_XDR_MAX_DEPTH + 1), VW_ELIMIT);
    assert_int_equal(decode_chain(100000), VW_ELIMIT);
}

static void encoding_keeps_bounds(void **state)
{
    struct vw_buf out = VW_BUF_INIT;
    struct vw_error err = VW_ERROR_INIT;
    char digits[] = "123456789";
    struct vw_string s = {digits, 9};
    assert_int_equal(vw_xdr_encode(type("name_t"), &s, &out, SIZE_MAX, &err), VW_ELIMIT);
    assert_int_equal(out.len, 0);
    s.len = 8;
    vw_error_clear(&err);
    assert_int_equal(vw_xdr_encode(type("name_t"), &s, &out, 11, &err), VW_ELIMIT);
    assert_int_equal(vw_xdr_encode(type("name_t"), &s, &out, 12, NULL), 0);
    assert_int_equal(vw_xdr_encode(type("name_t"), &s, &out, 12, NULL), VW_ELIMIT);
    assert_int_equal(out.len, 12);
    s = (struct vw_string){NULL, 0};
    assert_int_equal(vw_xdr_encode(type("name_t"), &s, &out, SIZE_MAX, NULL), 0);
    assert_int_equal(out.len, 16);
    s.len = 1;
    vw_error_clear(&err);
    assert_int_equal(vw_xdr_encode(type("name_t"), &s, &out, SIZE_MAX, &err), VW_EVALUE);
    struct vw_list lists[2] = {{NULL, 0}, {NULL, 3}};
    vw_error_clear(&err);
    assert_int_equal(vw_xdr_encode(type("lists"), lists, &out, SIZE_MAX, &err), VW_EVALUE);
    assert_string_equal(err.path, "b");
    int32_t u[6] = {4};
    vw_error_clear(&err);
    assert_int_equal(vw_xdr_encode(type("strict_value"), u, &out, SIZE_MAX, &err), VW_EVALUE);
    assert_int_equal(out.len, 16);
    vw_buf_finish(&out);
}

/* A list grows the buffer several times on the way; what stood before stays. */
static void encoding_appends(void **state)
{
    struct vw_buf out = VW_BUF_INIT;
    struct {
        int32_t a;
        uint64_t b;
    } items[500] = {{0}};
    for (int i = 0; i < 500; i++)
        items[i].a = i;
    struct vw_list lists[2] = {{items, 500}, {items, 500}};
    assert_int_equal(vw_buf_append(&out, "head", 4), 0);
    assert_int_equal(vw_xdr_encode(type("lists"), lists, &out, SIZE_MAX, NULL), 0);
    assert_int_equal(out.len, 4 + 8 + 12 * 1000);
    assert_memory_equal(out.data, "head", 4);
    assert_int_equal(out.data[4 + 4 + 12 * 499 + 3], 499 & 0xff);
    vw_buf_finish(&out);
}

static void memory_may_run_out_anywhere(void **state)
{
    uint8_t bytes[256];
    size_t len = unhex("00000001 00000003 61626300 00000001 00000007 00000001 00000001"
                       "0000000000000002",
                       bytes, sizeof(bytes));
    for (size_t n = 1;; n++) {
        struct vw_schema *fresh = schema_of(all_kinds); /* nothing compiled yet */
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_buf out = VW_BUF_INIT;
        struct vw_spans spans;
        struct vw_findings found;
        void *value;
        const struct vw_type *t = vw_schema_type(fresh, "options");
        vw_failalloc_set(n);
        int rc = vw_xdr_decode(t, bytes, len, &arena, &value, NULL, NULL);
        if (!rc)
            rc = vw_xdr_encode(t, value, &out, SIZE_MAX, NULL);
        if (!rc)
            rc = vw_xdr_spans(t, bytes, len, &arena, &spans, NULL);
        bytes[3] = 2;
        if (!rc)
            rc = vw_xdr_check(t, bytes, len, VW_STRICT_ALL, &arena, &found, NULL, NULL);
        bytes[3] = 1;
        bool failed = vw_failalloc_clear();
        vw_buf_finish(&out);
        vw_arena_finish(&arena);
        vw_schema_destroy(fresh);
        if (!failed)
            break;
        assert_int_equal(rc, VW_ENOMEM);
    }
}

static void steady_state_allocates_nothing(void **state)
{
    uint8_t bytes[64];
    size_t len = unhex("00000002 00000001 00000000", bytes, sizeof(bytes));
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf out = VW_BUF_INIT;
    void *value;
    for (int i = 0; i < 100; i++) {
        if (i == 1)
            vw_failalloc_reset();
        vw_arena_reset(&arena);
        out.len = 0;
        len = unhex("00000001 00000003 61626300 00000000 00000000", bytes, sizeof(bytes));
        assert_int_equal(vw_xdr_decode(type("options"), bytes, len, &arena, &value, NULL, NULL), 0);
        assert_int_equal(vw_xdr_encode(type("options"), value, &out, SIZE_MAX, NULL), 0);
    }
    assert_true(vw_failalloc_stats().count == 0 || vw_test_arena_is_single());
    vw_buf_finish(&out);
    vw_arena_finish(&arena);
}

/* Whatever a program has put into a bool, the word is 0 or 1 (RFC 4506 section 4.4). */
static void every_bool_is_zero_or_one(void **state)
{
    static const uint8_t bytes[] = {0, 1, 2, 0x80, 0xff};
    const struct vw_type *t = type("scalars");
    size_t at = 0;
    while (strcmp(t->fields[at].name, "b") != 0)
        at++;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        struct vw_buf b = VW_BUF_INIT;
        uint8_t *value = calloc(1, t->size);
        assert_non_null(value);
        value[t->fields[at].offset] = bytes[i];
        assert_int_equal(vw_xdr_encode(t, value, &b, SIZE_MAX, NULL), 0);
        assert_memory_equal(b.data + 24, bytes[i] ? "\0\0\0\1" : "\0\0\0\0", 4);
        vw_buf_finish(&b);
        free(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bool_is_zero_or_one),
        cmocka_unit_test(every_kind_round_trips),
        cmocka_unit_test(every_arm_round_trips),
        cmocka_unit_test(refuses_with_place),
        cmocka_unit_test(counts_cannot_share_bytes),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(encoding_keeps_bounds),
        cmocka_unit_test(encoding_appends),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(steady_state_allocates_nothing),
    };
    return cmocka_run_group_tests_name("codec", tests, setup, teardown) + vw_test_leaked();
}
