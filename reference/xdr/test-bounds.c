// SPDX-License-Identifier: MIT
// The codec at each of its bounds: one below, at it and one above; what is read laxly and what is
// written for it; every length of a string; the limit of a message wherever the buffer ends.
#include "xdr/testing.h"

#include "base/words.h"

static const char types[] =
    "enum colour { RED = 1, DARK = -2 };\n"
    "typedef string text<5>; typedef opaque data<5>; typedef string long_text<>;\n"
    "typedef opaque long_data<>; typedef bool bools<>; typedef bool two_bools[2];\n"
    "typedef char chars<>; typedef unsigned char uchars<>; typedef short shorts<>;\n"
    "typedef unsigned short ushorts<>; typedef int ints<3>; typedef hyper hypers<3>;\n"
    "typedef colour colours<>; typedef float floats<2>; typedef char three_chars[3];\n"
    "typedef hyper two_hypers[2]; typedef short two_shorts[2]; typedef opaque odd[5];\n"
    "typedef opaque even[8]; typedef opaque id[16]; typedef int *maybe; typedef text texts<3>;\n"
    "struct pair { bool b; text t; }; typedef pair pairs<2>; typedef pair two_pairs[2];\n"
    "struct small { bool b; char c; unsigned char uc; short s; unsigned short us; };\n"
    "struct strings { long_text a; long_text b; }; struct list { int v; list *next; };\n"
    "struct mixed { int a; hypers h; text t; maybe m; int z; };\n"
    "union dense switch (int d) { case 1: int a; case 2: case 4: hyper b; case 5: void; };\n"
    "union sparse switch (int d) { case -2147483648: int a; case 2147483647: text t; };\n"
    "union other switch (int d) { case 1: void; case 300: int b; default: data o; };\n"
    "union by_bool switch (bool d) { case TRUE: int a; case FALSE: void; };\n"
    "union boxed switch (int d) { case 1: pair p; case 2: int fixed[9]; };\n";

static struct vw_schema *schema;

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

/* Decodes exactly LEN bytes, so that a tool that watches memory sees the edge. */
static int decode(const struct vw_type *t, const uint8_t *bytes, size_t len, struct vw_arena *arena,
                  void **value, size_t *used, struct vw_error *err)
{
    uint8_t *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    int rc = vw_xdr_decode(t, exact, len, arena, value, used, err);
    free(exact);
    return rc;
}

/* IN, laxly read, is OUT when it is written; USED bytes of it are read. */
static void becomes(const char *name, const char *in, const char *out)
{
    uint8_t bytes[256], wanted[256];
    size_t len = unhex(in, bytes, sizeof(bytes)), n = unhex(out, wanted, sizeof(wanted)), used;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf b = VW_BUF_INIT;
    void *value;
    if (decode(type(name), bytes, len, &arena, &value, &used, &err))
        fail_msg("%s %s: %s", name, in, err.text);
    assert_int_equal(used, n);
    assert_int_equal(vw_xdr_encode(type(name), value, &b, n, NULL), 0);
    if (b.len != n || memcmp(b.data, wanted, n) != 0)
        fail_msg("%s: %s", name, in);
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
}

static void what_is_read_laxly(void **state)
{
    static const char *const rows[][3] = {
        {"bools", "00000004 00000000 00000001 00000002 ffffffff",
         "00000004 00000000 00000001 00000001 00000001"},
        {"bools", "00000002 00000100 01000000", "00000002 00000001 00000001"},
        {"two_bools", "00000002 80000000", "00000001 00000001"},
        {"small", "00000002 12345680 123456ff 12348000 1234ffff",
         "00000001 ffffff80 000000ff ffff8000 0000ffff"},
        {"small", "00000000 0000007f 00000080 00007fff 00008000",
         "00000000 0000007f 00000080 00007fff 00008000"},
        {"chars", "00000003 0000007f ffffff80 00000180", "00000003 0000007f ffffff80 ffffff80"},
        {"uchars", "00000002 000000ff 000001fe", "00000002 000000ff 000000fe"},
        {"shorts", "00000002 00007fff 00018000", "00000002 00007fff ffff8000"},
        {"ushorts", "00000002 0000ffff 00018000", "00000002 0000ffff 00008000"},
        {"three_chars", "00000001 000000ff 0000007f", "00000001 ffffffff 0000007f"},
        {"two_shorts", "0000ffff 00007fff", "ffffffff 00007fff"},
        {"colours", "00000002 00000001 00000007", "00000002 00000001 00000007"},
        {"floats", "00000002 7fc00001 80000000", "00000002 7fc00001 80000000"},
        {"two_hypers", "0102030405060708 fffffffffffffffe", "0102030405060708 fffffffffffffffe"},
        {"text", "00000001 61ffffff", "00000001 61000000"},
        {"text", "00000005 6162636465 010203", "00000005 6162636465 000000"},
        {"data", "00000003 010203 ff", "00000003 010203 00"},
        {"odd", "0102030405 ffffff", "0102030405 000000"},
        {"even", "0102030405060708", "0102030405060708"},
        {"id", "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f"},
        {"maybe", "00000002 00000007", "00000001 00000007"},
        {"maybe", "80000000 00000007", "00000001 00000007"},
        {"maybe", "00000000 00000007", "00000000"},
        {"by_bool", "00000001 00000007", "00000001 00000007"},
        {"texts", "00000003 00000000 00000001 61000000 00000002 62630000",
         "00000003 00000000 00000001 61000000 00000002 62630000"},
        {"two_pairs", "00000002 00000001 61000000 00000000 00000000",
         "00000001 00000001 61000000 00000000 00000000"},
        {"pairs", "00000002 00000001 00000001 61000000 00000003 00000000",
         "00000002 00000001 00000001 61000000 00000001 00000000"},
        {"dense", "00000004 0102030405060708", "00000004 0102030405060708"},
        {"dense", "00000005", "00000005"},
        {"sparse", "80000000 00000007", "80000000 00000007"},
        {"sparse", "7fffffff 00000001 61000000", "7fffffff 00000001 61000000"},
        {"other", "00000001", "00000001"},
        {"other", "0000012c 00000007", "0000012c 00000007"},
        {"other", "00000000 00000001 61000000", "00000000 00000001 61000000"},
        {"other", "0000012d 00000000", "0000012d 00000000"},
        {"boxed", "00000001 00000001 00000002 61620000", "00000001 00000001 00000002 61620000"},
        {"mixed", "00000001 00000001 0000000000000002 00000001 61000000 00000001 00000003 00000004",
         "00000001 00000001 0000000000000002 00000001 61000000 00000001 00000003 00000004"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        becomes(rows[i][0], rows[i][1], rows[i][2]);
}

static void what_is_refused(void **state)
{
    static const struct {
        const char *type, *hex, *said;
    } rows[] = {
        {"text", "00000006 616263646566 0000", "limit 0 : length 6 is over the limit of 5"},
        {"text", "00000005 6162636465 0000",
         "truncated 9 : 3 bytes are needed for padding, 2 left"},
        {"text", "00000005 61626364", "truncated 4 : 5 bytes are needed for a string, 4 left"},
        {"text", "000000", "truncated 0 : 4 bytes are needed for a length, 3 left"},
        {"text", "ffffffff", "limit 0 : length 4294967295 is over the limit of 5"},
        {"data", "00000006 010203040506 0000", "limit 0 : length 6 is over the limit of 5"},
        {"data", "00000004 010203", "truncated 4 : 4 bytes are needed for opaque data, 3 left"},
        {"long_text", "ffffffff 61",
         "truncated 4 : 4294967295 bytes are needed for a string, 1 left"},
        {"long_data", "fffffffd 61",
         "truncated 4 : 4294967293 bytes are needed for opaque data, 1 left"},
        {"ints", "00000004 00000001 00000001 00000001 00000001",
         "limit 0 : count 4 is over the limit of 3"},
        {"ints", "00000003 00000001 00000001 000001",
         "truncated 0 : count 3 needs at least 4 bytes each, 11 are left"},
        {"hypers", "00000003 0000000000000001 0000000000000001 00000000000001",
         "truncated 0 : count 3 needs at least 8 bytes each, 23 are left"},
        {"hypers", "00000004", "limit 0 : count 4 is over the limit of 3"},
        {"bools", "00000002 00000001 000000",
         "truncated 0 : count 2 needs at least 4 bytes each, 7 are left"},
        {"bools", "40000000 00000001",
         "truncated 0 : count 1073741824 needs at least 4 bytes each, 4 are left"},
        {"three_chars", "00000001 00000001 000000",
         "truncated 8 [2]: 4 bytes are needed for char, 3 left"},
        {"odd", "0102030405 0000", "truncated 5 : 3 bytes are needed for padding, 2 left"},
        {"maybe", "00000001 000000", "truncated 4 : 4 bytes are needed for int, 3 left"},
        {"maybe", "0000", "truncated 0 : 4 bytes are needed for a presence word, 2 left"},
        {"dense", "00000003 0000000000000001", "value 0 : the union dense has no arm 3"},
        {"dense", "00000000 0000000000000001", "value 0 : the union dense has no arm 0"},
        {"dense", "00000006 0000000000000001", "value 0 : the union dense has no arm 6"},
        {"dense", "00000002 00000001", "truncated 4 b: 8 bytes are needed for hyper, 4 left"},
        {"dense", "00000001 000000", "truncated 4 a: 4 bytes are needed for int, 3 left"},
        {"dense", "000000", "truncated 0 : 4 bytes are needed for a discriminant, 3 left"},
        {"sparse", "80000001 00000001", "value 0 : the union sparse has no arm -2147483647"},
        {"sparse", "7fffffff 00000006", "limit 4 t: length 6 is over the limit of 5"},
        {"other", "00000000 00000006", "limit 4 o: length 6 is over the limit of 5"},
        {"by_bool", "00000002 00000001", "value 0 : the union by_bool has no arm 2"},
        {"boxed", "00000001 00000001 00000001 610000",
         "truncated 13 p.t: 3 bytes are needed for padding, 2 left"},
        {"boxed", "00000001 00000001 00000006", "limit 8 p.t: length 6 is over the limit of 5"},
        {"boxed", "00000002 00000001", "truncated 8 fixed[1]: 4 bytes are needed for int, 0 left"},
        {"pairs", "00000003", "limit 0 : count 3 is over the limit of 2"},
        {"pairs", "00000002 00000001 00000000 00000001 00000006",
         "limit 16 [1].t: length 6 is over the limit of 5"},
        {"two_pairs", "00000001 00000000 00000001 00000004 616263",
         "truncated 16 [1].t: 4 bytes are needed for a string, 3 left"},
        {"texts", "00000002 00000001 61000000 00000001 6100",
         "truncated 17 [1]: 3 bytes are needed for padding, 1 left"},
        {"mixed", "00000001 00000001 0000000000000002 00000001 61000000 00000001 00000003 000000",
         "truncated 32 z: 4 bytes are needed for int, 3 left"},
        {"mixed", "00000001 00000002 0000000000000002 00000001 61000000 00000000 00000003",
         "truncated 32 m: 4 bytes are needed for int, 0 left"},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[128];
        size_t len = unhex(rows[i].hex, bytes, sizeof(bytes));
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        char said[700];
        void *value;
        int rc = decode(type(rows[i].type), bytes, len, &arena, &value, NULL, &err);
        assert_int_equal(rc, err.code);
        assert_int_equal(decode(type(rows[i].type), bytes, len, &arena, &value, NULL, NULL), rc);
        assert_int_equal(vw_xdr_check(type(rows[i].type), bytes, len, 0, &arena, NULL, NULL, NULL),
                         rc);
        snprintf(said, sizeof(said), "%s %d %s: %s", vw_status_name(rc), (int)err.offset, err.path,
                 err.text);
        if (strcmp(said, rows[i].said) != 0) {
            print_error("row %zu\n  wanted %s\n  got    %s\n", i, rows[i].said, said);
            wrong++;
        }
        vw_arena_finish(&arena);
    }
    assert_int_equal(wrong, 0);
}

/* Strings and opaques of each length, at the end of the input and with more behind, some or much.
 */
static void every_length_is_copied(void **state)
{
    static const char *const names[] = {"long_text", "long_data"};
    for (size_t k = 0; k < 2; k++)
        for (uint32_t n = 0; n <= 70; n++)
            for (size_t behind = 0; behind <= 40; behind += behind < 3 ? 1 : 37) {
                uint8_t bytes[4 + 72 + 40];
                size_t padded = (n + 3u) & ~3u, used;
                struct vw_arena arena = VW_ARENA_INIT;
                struct vw_buf b = VW_BUF_INIT;
                void *value;
                memset(bytes, 0xee, sizeof(bytes));
                vw_store32(bytes, n);
                for (uint32_t i = 0; i < n; i++)
                    bytes[4 + i] = (uint8_t)(i + 1);
                assert_int_equal(
                    decode(type(names[k]), bytes, 4 + padded + behind, &arena, &value, &used, NULL),
                    0);
                assert_int_equal(used, 4 + padded);
                const struct vw_bytes *got = value;
                assert_int_equal(got->len, n);
                assert_memory_equal(got->data, bytes + 4, n);
                if (k == 0)
                    assert_int_equal(((const struct vw_string *)value)->data[n], 0);
                assert_int_equal(vw_xdr_encode(type(names[k]), value, &b, SIZE_MAX, NULL), 0);
                memset(bytes + 4 + n, 0, padded - n);
                assert_int_equal(b.len, 4 + padded);
                assert_memory_equal(b.data, bytes, b.len);
                vw_buf_finish(&b);
                vw_arena_finish(&arena);
            }
}

/* VALUE takes NEED bytes behind BEFORE others: with that limit it is written, with one byte less it
 * is not and the buffer is as before. */
static void limit_holds(const struct vw_type *t, const void *value, size_t need, size_t before,
                        size_t cap)
{
    for (size_t less = 0; less <= 5; less++) {
        struct vw_buf b = VW_BUF_INIT;
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(vw_buf_reserve(&b, cap ? cap : 1), 0);
        memset(b.data, 0x5a, before);
        b.len = before;
        int rc = vw_xdr_encode(t, value, &b, before + need - less, &err);
        assert_int_equal(rc, less ? VW_ELIMIT : 0);
        assert_int_equal(err.code, rc);
        assert_int_equal(b.len, less ? before : before + need);
        for (size_t i = 0; i < before; i++)
            assert_int_equal(b.data[i], 0x5a);
        vw_buf_finish(&b);
    }
}

static void the_limit_holds_however_the_buffer_grew(void **state)
{
    static const size_t lengths[] = {0, 1, 4, 50, 60, 64, 100, 120, 128, 1000};
    char bytes[1000] = {0};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
            uint32_t a = (uint32_t)lengths[i], z = (uint32_t)lengths[k];
            struct vw_string strings[2] = {{bytes, a}, {bytes, z}};
            size_t need = 8 + ((a + 3u) & ~3u) + ((z + 3u) & ~3u);
            limit_holds(type("strings"), strings, need, 0, 0);
            limit_holds(type("strings"), strings, need, 70, 100);
            limit_holds(type("strings"), strings, need, 10, 5000);
        }
}

/* The same for what is not made of strings. */
static void the_limit_holds_for_lists(void **state)
{
    int64_t hypers[3] = {1, 2, 3};
    uint8_t bools[300] = {0};
    struct vw_list list = {hypers, 3}, many = {bools, 300};
    limit_holds(type("hypers"), &list, 28, 0, 0);
    limit_holds(type("hypers"), &list, 28, 50, 60);
    limit_holds(type("bools"), &many, 1204, 0, 0);
    limit_holds(type("bools"), &many, 1204, 9, 40);
    int32_t number = 7, *maybe = &number;
    limit_holds(type("maybe"), &maybe, 8, 0, 0);
    limit_holds(type("maybe"), &maybe, 8, 60, 64);
    struct {
        int32_t d;
        int64_t b;
    } dense = {2, 7};
    limit_holds(type("dense"), &dense, 12, 0, 0);
    limit_holds(type("dense"), &dense, 12, 57, 64);
}

/* What takes no bytes fits into no room; what is longer already takes nothing more. */
static void nothing_fits_anywhere(void **state)
{
    struct vw_buf b = VW_BUF_INIT;
    const struct vw_type *nothing = vw_type_basic(VW_VOID);
    assert_int_equal(vw_xdr_encode(nothing, NULL, &b, 0, NULL), 0);
    assert_int_equal(b.len, 0);
    assert_int_equal(vw_buf_append(&b, "abcd", 4), 0);
    assert_int_equal(vw_xdr_encode(nothing, NULL, &b, 4, NULL), 0);
    assert_int_equal(vw_xdr_encode(nothing, NULL, &b, 3, NULL), VW_ELIMIT);
    assert_int_equal(b.len, 4);
    vw_buf_finish(&b);
}

/* What cannot be written says where it lies. */
static void what_cannot_be_encoded(void **state)
{
    static char bytes[8];
    struct {
        bool b;
        struct vw_string t;
    } pairs[3] = {{true, {bytes, 5}}, {true, {bytes, 6}}, {true, {NULL, 1}}};
    struct vw_list list = {pairs, 2}, three = {pairs, 3}, none = {NULL, 1}, empty = {NULL, 0};
    struct vw_list broken = {pairs + 2, 1};
    struct vw_string five = {bytes, 5}, six = {bytes, 6};
    struct {
        int32_t d;
        void *p;
    } boxed = {1, NULL}, over = {1, &pairs[1]}, unknown = {3, pairs};
    const struct {
        const char *type;
        const void *value;
        int code;
        const char *path;
    } rows[] = {
        {"text", &five, 0, ""},
        {"text", &six, VW_ELIMIT, ""},
        {"pairs", &list, VW_ELIMIT, "[1].t"},
        {"pairs", &three, VW_ELIMIT, ""},
        {"pairs", &none, VW_EVALUE, ""},
        {"pairs", &empty, 0, ""},
        {"pairs", &broken, VW_EVALUE, "[0].t"},
        {"ints", &none, VW_EVALUE, ""},
        {"boxed", &boxed, VW_EVALUE, "p"},
        {"boxed", &over, VW_ELIMIT, "p.t"},
        {"boxed", &unknown, VW_EVALUE, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_buf b = VW_BUF_INIT;
        struct vw_error err = VW_ERROR_INIT;
        int rc = vw_xdr_encode(type(rows[i].type), rows[i].value, &b, SIZE_MAX, &err);
        if (rc != rows[i].code || err.code != rc || strcmp(err.path, rows[i].path) != 0)
            fail_msg("row %zu: %d at '%s': %s", i, rc, err.path, err.text);
        assert_int_equal(vw_xdr_encode(type(rows[i].type), rows[i].value, &b, SIZE_MAX, NULL), rc);
        vw_buf_finish(&b);
    }
}

/* Optional values nest 512 deep, in both directions. */
static void depth(void **state)
{
    struct node {
        int32_t v;
        struct node *next;
    } *nodes = calloc(514, sizeof(*nodes));
    assert_non_null(nodes);
    for (size_t n = 512; n <= 514; n++) {
        struct vw_buf b = VW_BUF_INIT;
        struct vw_arena arena = VW_ARENA_INIT;
        void *value;
        for (size_t i = 0; i < n; i++)
            nodes[i].next = i + 1 < n ? &nodes[i + 1] : NULL;
        int rc = vw_xdr_encode(type("list"), nodes, &b, SIZE_MAX, NULL);
        assert_int_equal(rc, n <= 513 ? 0 : VW_ELIMIT);
        if (rc == 0) {
            assert_int_equal(b.len, 8 * n);
            assert_int_equal(decode(type("list"), b.data, b.len, &arena, &value, NULL, NULL), 0);
        }
        vw_arena_finish(&arena);
        vw_buf_finish(&b);
    }
    free(nodes);
}

static int setup(void **state)
{
    schema = schema_of(types);
    /* What is compiled for a basic type stays for as long as the program runs: it is no leak. */
    becomes("maybe", "00000001 00000000", "00000001 00000000");
    struct vw_buf b = VW_BUF_INIT;
    assert_int_equal(vw_xdr_encode(vw_type_basic(VW_VOID), NULL, &b, 0, NULL), 0);
    vw_buf_finish(&b);
    vw_failalloc_reset();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_laxly),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(every_length_is_copied),
        cmocka_unit_test(the_limit_holds_however_the_buffer_grew),
        cmocka_unit_test(the_limit_holds_for_lists),
        cmocka_unit_test(nothing_fits_anywhere),
        cmocka_unit_test(what_cannot_be_encoded),
        cmocka_unit_test(depth),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
