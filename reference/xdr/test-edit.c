// SPDX-License-Identifier: MIT
// Byte edits, as texts: each operation by its bytes, the order of several, and what is refused.
#include "xdr/test-types.h"

#include "base/hex.h"
#include "xdr/edit-text.h"
#include "xdr/json.h"

/* {"v": 7, "children": [{"v": 9, "children": []}]}:
 *   0  00000007  v
 *   4  00000001  children.#count
 *   8  00000009  children[0].v
 *  12  00000000  children[0].children.#count */
#define TREE "00000007 00000001 00000009 00000000"
/* {"type": 2, "s": "abcde"} */
#define VALUE "00000002 00000005 61626364 65000000"

struct row {
    const char *edits;
    const char *want; /* hex, spaces between; or a part of the error */
};

static void check(const char *type, const char *good, const struct row *row)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_edits edits = {0};
    struct vw_spans spans;
    struct vw_buf out = VW_BUF_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_hex_reader reader;
    uint8_t bytes[64];
    char hex[200] = "", want[200];
    size_t len, n = 0;
    vw_hex_reader_init(&reader);
    assert_int_equal(vw_hex_reader_feed(&reader, good, strlen(good), bytes, &len, NULL), 0);
    assert_int_equal(vw_xdr_spans(test_type(type), bytes, len, &arena, &spans, NULL), 0);
    int rc = vw_edits_parse(row->edits, &arena, &edits, &err);
    if (rc == 0)
        rc = vw_edits_apply(&spans, bytes, len, &edits, &out, &err);
    if (rc == 0)
        vw_hex_encode(out.data, out.len, hex);
    else
        assert_int_equal(out.len, 0);
    for (const char *s = row->want; rc == 0 && *s; s++)
        if (*s != ' ')
            want[n++] = *s;
    want[n] = 0;
    if (rc == 0 ? strcmp(hex, want) != 0 : !strstr(err.text, row->want))
        fail_msg("%s: %s%s", row->edits, hex, rc ? err.text : "");
    assert_int_equal(rc, rc == 0 ? 0 : err.code);
    vw_buf_finish(&out);
    vw_arena_finish(&arena);
}

#define CHECK(type, good, rows)                                                                    \
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)                                    \
    check(type, good, &rows[i])

static void each_operation_by_its_bytes(void **state)
{
    static const struct row rows[] = {
        {"set v aabb", "aabb 00000001 00000009 00000000"},
        {"set children[0]", "00000007 00000001"},
        {"set . aabb", "aabb"},
        {"set v at 1 aabb", "00aabb07 00000001 00000009 00000000"},
        {"set . at -3 aabb", "00000007 00000001 00000009 00aabb00"},
        {"set v\tat\t4", TREE},
        {"insert children[0].v aabb", "00000007 00000001 aabb 00000009 00000000"},
        {"append children[0].v aabb", "00000007 00000001 00000009 aabb 00000000"},
        {"cut children.#count 1 2", "00000007 0001 00000009 00000000"},
        {"cut children.#count 1", "00000007 00 00000009 00000000"},
        {"cut children.#count 0 4", "00000007 00000009 00000000"},
        {"cut children.#count 0 0", "00000007 00000009 00000000"},
        {"cut children.#count 4", TREE},
        {"cut children.#count -1", "00000007 000000 00000009 00000000"},
        {"cut children.#count -4 3", "00000007 01 00000009 00000000"},
        {"truncate v 4", "00000007"},
        {"truncate children[0] 3", "00000007 00000001 000000"},
        {"truncate children[0]", "00000007 00000001"},
        {"truncate . -4", "00000007 00000001 00000009"},
        {"pad aabb", TREE "aabb"},
        {"relabel children.#count 0xfffffffe", "00000007 fffffffe 00000009 00000000"},
        {"relabel children -2", "00000007 fffffffe 00000009 00000000"},
        {"add v 1", "00000008 00000001 00000009 00000000"},
        {"add v -8", "ffffffff 00000001 00000009 00000000"},
        {"add children 4294967295", "00000007 00000000 00000009 00000000"},
        {"add children[0].children 5", "00000007 00000001 00000009 00000005"},
        {"add children[0].children 5 nonzero", TREE},
        {"add v 5 nonzero", "0000000c 00000001 00000009 00000000"},
        {"flip v 80", "80000007 00000001 00000009 00000000"},
        {"flip v at 3 06ff", "00000001 00000001 00000009 00000000"},
        {"flip children at -4 01", "00000007 00000001 00000009 01000000"},
        {"flip v 0000000102", "00000006 00000001 00000009 00000000"},
        {"reverse v", "07000000 00000001 00000009 00000000"},
        {"swap v children[0].v", "00000009 00000001 00000007 00000000"},
        {"swap children[0] v", "00000009 00000000 00000001 00000007"},
        {"swap v v", "edits overlap"},
    };
    CHECK("tree", TREE, rows);
}

static void bytes_are_digits_and_strings(void **state)
{
    static const struct row rows[] = {
        {"set . 00 01\t0203", "00010203"},
        {"set . \"\"", "00000000"},
        {"set . \"a\"", "00000001 61000000"},
        {"set . 00000001\"ab;c\"ff \"defgh\"",
         "00000001 00000004 61623b63 ff 00000005 6465666768 000000"},
        {"set . \"a", "no end of the text in the edit 'set . \"a'"},
        {"set . 0", "bad hex digits"},
        {"set . 0\"a\"0", "bad hex digits"},
        {"set . xy", "bad hex digits"},
    };
    CHECK("tree", TREE, rows);
}

static void several_edits_keep_their_places(void **state)
{
    static const struct row rows[] = {
        {"set children[0].v aa; insert children[0].v bb; append v aabb; relabel children.#count 2;"
         "append children[0].v aa",
         "00000007 aabb 00000002 bb aa aa 00000000"},
        /* At one place they stand in the order in which they were given. */
        {"insert children.#count 01; insert children.#count 02; append v 03; append v 04",
         "00000007 03 04 01 02 00000001 00000009 00000000"},
        {"pad 03; append . 02; pad 01", TREE "02 03 01"},
        {"pad aabb; truncate . 2", "0000 aabb"},
        {"set children[0]; set children[0].v aabb", "edits overlap at offset 8"},
        {"cut children[0]; insert children[0].children aabb", "edits overlap at offset 12"},
    };
    CHECK("tree", TREE, rows);
}

static void a_path_may_name_several(void **state)
{
    static const struct row rows[] = {
        {"add **v 1", "00000008 00000001 0000000a 00000000"},
        {"add *v 1", "00000008 00000001 00000009 00000000"},
        {"add children[*].v 1", "00000007 00000001 0000000a 00000000"},
        {"add *[*].v 1", "00000007 00000001 0000000a 00000000"},
        {"add *.v 1", "no part is called '*.v'"},
        {"add chil*n[0].v 1", "00000007 00000001 0000000a 00000000"},
        {"add **.#count 1", "00000007 00000002 00000009 00000001"},
        {"add **.#count 1 nonzero", "00000007 00000002 00000009 00000000"},
        {"add **.#coun 1", "no part is called '**.#coun'"},
        {"cut **#count", "00000007 00000009"},
        {"set ** 00", "edits overlap"},
        {"swap *v v", "no part is called '*v'"},
        {"swap v *v", "no part is called '*v'"},
    };
    CHECK("tree", TREE, rows);
    /* An optional that is there and its value have one path. */
    static const struct row once[] = {
        {"cut next*", "00000001"},
        {"cut next**", "edits overlap"},
    };
    CHECK("node", "00000001 00000001 00000002 00000000", once);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const struct row rows[] = {
        {"set children[0].w 00", "no part is called 'children[0].w', did you mean 'children[0].v'"},
        {"set nothing.like.it 00", "no part is called 'nothing.like.it'"},
        {"swap v children[0].w", "did you mean 'children[0].v'"},
        {"cut v 3 2", "the cut reaches beyond 'v'"},
        {"cut v 0 5", "the cut reaches beyond 'v'"},
        {"cut v 5", "the cut reaches beyond 'v'"},
        {"cut v -5", "the cut reaches beyond 'v'"},
        {"cut v -9223372036854775808", "the cut reaches beyond 'v'"},
        {"cut v 9223372036854775807 9223372036854775807", "the cut reaches beyond 'v'"},
        {"set v at 3 aabb", "the bytes reach beyond 'v'"},
        {"set v at -5 aa", "the bytes reach beyond 'v'"},
        {"flip v at 5 aa", "the bytes reach beyond 'v'"},
        {"flip v at", "no number in the edit 'flip v at'"},
        {"set v at x 00", "bad number"},
        {"set v att 00", "bad hex digits"},
        {"cut . 99", "the cut reaches beyond '.'"},
        {"truncate v 5", "the end lies beyond 'v'"},
        {"truncate v -5", "the end lies beyond 'v'"},
        {"relabel v 1", "no length, count, presence or discriminant word begins 'v'"},
        {"", "unknown edit ''"},
        {"pad 00;", "unknown edit ''"},
        {"sett v 00", "unknown edit 'sett', did you mean 'set'"},
        {"set", "no path in the edit 'set'"},
        {"swap v", "no path in the edit"},
        {"relabel v", "no number in the edit"},
        {"relabel v max+2", "bad number"},
        {"relabel v -2147483649", "bad number"},
        {"relabel v 4294967296", "bad number"},
        {"relabel v +1", "bad number"},
        {"add v 1x", "bad number"},
        {"add v 1 zero", "too many words"},
        {"cut v 0 -1", "bad number"},
        {"truncate v 1 2", "too many words"},
        {"reverse v v", "too many words"},
    };
    CHECK("tree", TREE, rows);
}

static void strings_and_unions_have_labels(void **state)
{
    static const struct row rows[] = {
        {"relabel . 3; relabel s 6; set s.#pad aabb", "00000003 00000006 6162636465 aabb"},
        {"relabel s max", "00000002 00000014 61626364 65000000"},
        {"relabel s max+1", "00000002 00000015 61626364 65000000"},
        {"set s \"fg\"", "00000002 00000002 66670000"},
        {"flip s.#pad ffffffffff", "00000002 00000005 61626364 65ffffff"},
        {"add s.#pad 1", "no word of 4 or 8 bytes begins 's.#pad'"},
    };
    CHECK("value", VALUE, rows);
    static const struct row wide[] = {
        {"add h -1", "00000009 00000000 ffffffff"},
        {"add h 4294967295", "00000009 00000001 ffffffff"},
        {"reverse h", "00000009 00000000 01000000"},
    };
    CHECK("value", "00000009 00000001 00000000", wide);
}

static void every_failing_allocation_is_reported(void **state)
{
    static const uint8_t bytes[] = {0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans;
    assert_int_equal(vw_xdr_spans(test_type("tree"), bytes, sizeof(bytes), &arena, &spans, NULL),
                     0);
    for (size_t n = 1;; n++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_buf out = VW_BUF_INIT;
        struct vw_arena own = VW_ARENA_INIT;
        struct vw_edits edits = {0};
        vw_failalloc_set(n);
        int rc = vw_edits_parse("set v aabb; pad \"a\"; add children 1", &own, &edits, &err);
        if (rc == 0)
            rc = vw_edits_apply(&spans, bytes, sizeof(bytes), &edits, &out, &err);
        bool failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        assert_int_equal(out.len, failed ? 0 : sizeof(bytes) + 6);
        vw_buf_finish(&out);
        vw_arena_finish(&own);
        if (!failed)
            break;
    }
    vw_arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operation_by_its_bytes),
        cmocka_unit_test(bytes_are_digits_and_strings),
        cmocka_unit_test(several_edits_keep_their_places),
        cmocka_unit_test(a_path_may_name_several),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(strings_and_unions_have_labels),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, make_test_schema, free_test_schema) + vw_test_leaked();
}
