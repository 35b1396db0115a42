// SPDX-License-Identifier: MIT
// Byte edits: each operation by its bytes, the order of several, and what is refused.
#include "xdr/test-types.h"

#include "xdr/edit.h"
#include "xdr/json.h"

/* {"v": 7, "children": [{"v": 9, "children": []}]}:
 *   0  00000007  v
 *   4  00000001  children.#count
 *   8  00000009  children[0].v
 *  12  00000000  children[0].children.#count */
static const uint8_t tree_bytes[] = {0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0};

static int apply(const struct vw_type *t, const uint8_t *bytes, size_t len,
                 const struct vw_edit *edits, size_t n, struct vw_buf *out, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans;
    assert_int_equal(vw_xdr_spans(t, bytes, len, &arena, &spans, NULL), 0);
    int rc = vw_edit_apply(&spans, bytes, len, edits, n, out, err);
    vw_arena_finish(&arena);
    return rc;
}

static void gives(const struct vw_edit *edits, size_t n, const uint8_t *want, size_t want_len)
{
    struct vw_buf out = VW_BUF_INIT;
    struct vw_error err = VW_ERROR_INIT;
    if (apply(test_type("tree"), tree_bytes, sizeof(tree_bytes), edits, n, &out, &err))
        fail_msg("%s", err.text);
    assert_int_equal(out.len, want_len);
    assert_memory_equal(out.data, want, want_len);
    vw_buf_finish(&out);
}

static void refused(const struct vw_edit *edits, size_t n, int code, const char *words)
{
    struct vw_buf out = VW_BUF_INIT;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(apply(test_type("tree"), tree_bytes, sizeof(tree_bytes), edits, n, &out, &err),
                     code);
    if (!strstr(err.text, words))
        fail_msg("%s", err.text);
    assert_int_equal(out.len, 0);
    vw_buf_finish(&out);
}

static const uint8_t ab[] = {0xaa, 0xbb};

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static void set_replaces_a_span_by_any_length(void **state)
{
    const struct vw_edit two = {.op = VW_EDIT_SET, .path = "v", .bytes = ab, .n_bytes = 2};
    gives(&two, 1, BYTES(0xaa, 0xbb, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0));
    const struct vw_edit none = {.op = VW_EDIT_SET, .path = "children[0]"};
    gives(&none, 1, BYTES(0, 0, 0, 7, 0, 0, 0, 1));
    const struct vw_edit all = {.op = VW_EDIT_SET, .path = "", .bytes = ab, .n_bytes = 2};
    gives(&all, 1, BYTES(0xaa, 0xbb));
}

static void insert_stands_before_or_behind(void **state)
{
    struct vw_edit e = {.op = VW_EDIT_INSERT, .path = "children[0].v", .bytes = ab, .n_bytes = 2};
    gives(&e, 1, BYTES(0, 0, 0, 7, 0, 0, 0, 1, 0xaa, 0xbb, 0, 0, 0, 9, 0, 0, 0, 0));
    e.after = true;
    gives(&e, 1, BYTES(0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 0xaa, 0xbb, 0, 0, 0, 0));
}

static void cut_truncate_and_pad(void **state)
{
    struct vw_edit e = {.op = VW_EDIT_CUT, .path = "children.#count", .at = 1, .length = 2};
    gives(&e, 1, BYTES(0, 0, 0, 7, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0));
    e.length = 0;
    gives(&e, 1, BYTES(0, 0, 0, 7, 0, 0, 0, 0, 9, 0, 0, 0, 0));
    e.at = 0, e.length = 4;
    gives(&e, 1, BYTES(0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 0));
    e.at = 4, e.length = 0;
    gives(&e, 1, BYTES(0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0));
    e = (struct vw_edit){.op = VW_EDIT_TRUNCATE, .path = "v", .at = 4};
    gives(&e, 1, BYTES(0, 0, 0, 7));
    e = (struct vw_edit){.op = VW_EDIT_TRUNCATE, .path = "children[0]", .at = 3};
    gives(&e, 1, BYTES(0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0));
    e = (struct vw_edit){.op = VW_EDIT_PAD, .bytes = ab, .n_bytes = 2};
    gives(&e, 1, BYTES(0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0xaa, 0xbb));
    const struct vw_edit both[] = {
        {.op = VW_EDIT_PAD, .bytes = ab, .n_bytes = 2},
        {.op = VW_EDIT_TRUNCATE, .path = "", .at = 2},
    };
    gives(both, 2, BYTES(0, 0, 0xaa, 0xbb));
}

static void relabel_changes_only_the_word(void **state)
{
    struct vw_edit e = {.op = VW_EDIT_RELABEL, .path = "children.#count", .number = 0xfffffffe};
    gives(&e, 1, BYTES(0, 0, 0, 7, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 9, 0, 0, 0, 0));
    e.path = "children"; /* the group that begins with it */
    gives(&e, 1, BYTES(0, 0, 0, 7, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 9, 0, 0, 0, 0));
    e.path = "v";
    refused(&e, 1, VW_EUSAGE, "no length, count");
}

static void several_edits_keep_their_places(void **state)
{
    const struct vw_edit edits[] = {
        {.op = VW_EDIT_SET, .path = "children[0].v", .bytes = ab, .n_bytes = 1},
        {.op = VW_EDIT_INSERT, .path = "children[0].v", .bytes = ab + 1, .n_bytes = 1},
        {.op = VW_EDIT_INSERT, .path = "v", .bytes = ab, .n_bytes = 2, .after = true},
        {.op = VW_EDIT_RELABEL, .path = "children.#count", .number = 2},
        {.op = VW_EDIT_INSERT, .path = "children[0].v", .bytes = ab, .n_bytes = 1, .after = true},
    };
    gives(edits, 5, BYTES(0, 0, 0, 7, 0xaa, 0xbb, 0, 0, 0, 2, 0xbb, 0xaa, 0xaa, 0, 0, 0, 0));
    /* At one place they stand in the order in which they were given. */
    const uint8_t letters[] = {1, 2, 3};
    struct vw_edit equal[6];
    for (size_t i = 0; i < 6; i++)
        equal[i] = (struct vw_edit){.op = VW_EDIT_INSERT,
                                    .path = i < 3 ? "children.#count" : "v",
                                    .bytes = letters + i % 3,
                                    .n_bytes = 1,
                                    .after = i >= 3};
    gives(equal, 6, BYTES(0, 0, 0, 7, 1, 2, 3, 1, 2, 3, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0));
    const struct vw_edit ends[] = {
        {.op = VW_EDIT_PAD, .bytes = letters + 2, .n_bytes = 1},
        {.op = VW_EDIT_INSERT, .path = "", .bytes = letters + 1, .n_bytes = 1, .after = true},
        {.op = VW_EDIT_PAD, .bytes = letters, .n_bytes = 1},
    };
    gives(ends, 3, BYTES(0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 2, 3, 1));
    gives(edits, 0, BYTES(0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0));
}

static void what_does_not_fit_is_refused(void **state)
{
    struct vw_edit e = {.op = VW_EDIT_SET, .path = "children[0].w"};
    refused(&e, 1, VW_ENAME, "did you mean 'children[0].v'");
    e.path = "nothing.like.it";
    refused(&e, 1, VW_ENAME, "no part is called 'nothing.like.it'");
    e = (struct vw_edit){.op = VW_EDIT_CUT, .path = "v", .at = 3, .length = 2};
    refused(&e, 1, VW_EUSAGE, "beyond 'v'");
    e = (struct vw_edit){.op = VW_EDIT_CUT, .path = "v", .length = 5};
    refused(&e, 1, VW_EUSAGE, "the cut reaches beyond 'v'");
    e = (struct vw_edit){.op = VW_EDIT_CUT, .path = "v", .at = 5};
    refused(&e, 1, VW_EUSAGE, "the cut reaches beyond 'v'");
    e = (struct vw_edit){.op = VW_EDIT_CUT, .path = "v", .at = SIZE_MAX, .length = SIZE_MAX};
    refused(&e, 1, VW_EUSAGE, "beyond 'v'");
    e = (struct vw_edit){.op = VW_EDIT_TRUNCATE, .path = "v", .at = 5};
    refused(&e, 1, VW_EUSAGE, "beyond 'v'");
    const struct vw_edit overlap[] = {
        {.op = VW_EDIT_SET, .path = "children[0]"},
        {.op = VW_EDIT_SET, .path = "children[0].v", .bytes = ab, .n_bytes = 2},
    };
    refused(overlap, 2, VW_EUSAGE, "overlap");
    const struct vw_edit inside[] = {
        {.op = VW_EDIT_CUT, .path = "children[0]"},
        {.op = VW_EDIT_INSERT, .path = "children[0].children", .bytes = ab, .n_bytes = 2},
    };
    refused(inside, 2, VW_EUSAGE, "overlap");
}

static void strings_and_unions_have_labels(void **state)
{
    /* {"type": 2, "s": "abcde"} */
    static const uint8_t bytes[] = {0, 0, 0, 2, 0, 0, 0, 5, 'a', 'b', 'c', 'd', 'e', 0, 0, 0};
    const struct vw_edit edits[] = {
        {.op = VW_EDIT_RELABEL, .path = "", .number = 3},
        {.op = VW_EDIT_RELABEL, .path = "s", .number = 6},
        {.op = VW_EDIT_SET, .path = "s.#pad", .bytes = ab, .n_bytes = 2},
    };
    static const uint8_t want[] = {0, 0, 0, 3, 0, 0, 0, 6, 'a', 'b', 'c', 'd', 'e', 0xaa, 0xbb};
    struct vw_buf out = VW_BUF_INIT;
    assert_int_equal(apply(test_type("value"), bytes, sizeof(bytes), edits, 3, &out, NULL), 0);
    assert_int_equal(out.len, sizeof(want));
    assert_memory_equal(out.data, want, sizeof(want));
    vw_buf_finish(&out);
}

static void every_failing_allocation_is_reported(void **state)
{
    const struct vw_edit edits[] = {
        {.op = VW_EDIT_SET, .path = "v", .bytes = ab, .n_bytes = 2},
        {.op = VW_EDIT_PAD, .bytes = ab, .n_bytes = 2},
    };
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans;
    assert_int_equal(
        vw_xdr_spans(test_type("tree"), tree_bytes, sizeof(tree_bytes), &arena, &spans, NULL), 0);
    for (size_t n = 1;; n++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_buf out = VW_BUF_INIT;
        vw_failalloc_set(n);
        int rc = vw_edit_apply(&spans, tree_bytes, sizeof(tree_bytes), edits, 2, &out, &err);
        bool failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        assert_int_equal(out.len, failed ? 0 : sizeof(tree_bytes));
        vw_buf_finish(&out);
        if (!failed)
            break;
    }
    vw_arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_replaces_a_span_by_any_length),
        cmocka_unit_test(insert_stands_before_or_behind),
        cmocka_unit_test(cut_truncate_and_pad),
        cmocka_unit_test(relabel_changes_only_the_word),
        cmocka_unit_test(several_edits_keep_their_places),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(strings_and_unions_have_labels),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, make_test_schema, free_test_schema) + vw_test_leaked();
}
