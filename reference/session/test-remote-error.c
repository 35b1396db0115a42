// SPDX-License-Identifier: MIT
// The hand-written codec of the error structure against the schema's own type, and rule D-21.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "message/message.h"
#include "session/remote-error.h"

#define STRING_MAX 4194304

static struct vw_profile *profile;
static const struct vw_type *type;

static int load(void **state)
{
    if (vw_profile_load(NULL, NULL, &profile, NULL))
        return -1;
    type = vw_schema_type(profile->schema, "virNetMessageError");
    return type ? 0 : -1;
}

static int unload(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

static const struct vw_error_object dom = {
    .name = "test", .uuid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, .id = -1};
static const struct vw_error_object net = {.name = "default", .uuid = {0xff}};

static const struct vw_remote_error samples[] = {
    {0},
    {.code = 42, .domain = 12, .level = 2, .message = "no such thing", .str1 = "%s", .str2 = ""},
    {.code = -1, .domain = INT32_MIN, .level = INT32_MAX, .str3 = "abc", .int1 = -1, .int2 = 7},
    {.code = 8, .domain = 6, .level = 2, .message = "m", .dom = &dom, .net = &net, .str1 = "1234"},
};
#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_object(const struct vw_error_object *a, const struct vw_error_object *b)
{
    if (!a || !b)
        return a == b;
    return same_text(a->name, b->name) && memcmp(a->uuid, b->uuid, 16) == 0 && a->id == b->id;
}

static bool same(const struct vw_remote_error *a, const struct vw_remote_error *b)
{
    return a->code == b->code && a->domain == b->domain && a->level == b->level &&
           same_text(a->message, b->message) && same_text(a->str1, b->str1) &&
           same_text(a->str2, b->str2) && same_text(a->str3, b->str3) && a->int1 == b->int1 &&
           a->int2 == b->int2 && same_object(a->dom, b->dom) && same_object(a->net, b->net);
}

static void the_schema_reads_and_writes_the_same(void **state)
{
    for (size_t i = 0; i < N_SAMPLES; i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_buf ours = VW_BUF_INIT, theirs = VW_BUF_INIT;
        struct vw_remote_error back;
        size_t used;
        void *value;
        assert_int_equal(vw_remote_error_encode(&samples[i], STRING_MAX, &ours, NULL), 0);
        assert_int_equal(vw_xdr_decode(type, ours.data, ours.len, &arena, &value, &used, NULL), 0);
        assert_int_equal(used, ours.len);
        assert_int_equal(vw_xdr_encode(type, value, &theirs, SIZE_MAX, NULL), 0);
        assert_int_equal(theirs.len, ours.len);
        assert_memory_equal(theirs.data, ours.data, ours.len);
        assert_int_equal(
            vw_remote_error_decode(ours.data, ours.len, STRING_MAX, &arena, &back, &used, NULL), 0);
        assert_int_equal(used, ours.len);
        assert_true(same(&back, &samples[i]));
        vw_buf_finish(&ours);
        vw_buf_finish(&theirs);
        vw_arena_finish(&arena);
    }
}

static void the_smallest_has_44_bytes(void **state)
{
    struct vw_buf b = VW_BUF_INIT;
    assert_int_equal(vw_remote_error_encode(&samples[0], STRING_MAX, &b, NULL), 0);
    assert_int_equal(b.len, 44);
    assert_int_equal(type->wire_min, 44);
    vw_buf_finish(&b);
}

static void every_prefix_fails(void **state)
{
    struct vw_buf b = VW_BUF_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_remote_error e;
    assert_int_equal(vw_remote_error_encode(&samples[3], STRING_MAX, &b, NULL), 0);
    for (size_t n = 0; n < b.len; n++) {
        struct vw_error err = VW_ERROR_INIT;
        uint8_t *exact = malloc(n ? n : 1);
        memcpy(exact, b.data, n);
        assert_int_equal(vw_remote_error_decode(exact, n, STRING_MAX, &arena, &e, NULL, &err),
                         VW_ETRUNCATED);
        assert_true(err.path[0] != '\0');
        free(exact);
    }
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
}

static void strings_have_a_bound(void **state)
{
    const struct vw_remote_error e = {.message = "12345"};
    struct vw_buf b = VW_BUF_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_remote_error back;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_remote_error_encode(&e, 4, &b, NULL), VW_ELIMIT);
    assert_int_equal(b.len, 0);
    assert_int_equal(vw_remote_error_encode(&e, 5, &b, NULL), 0);
    assert_int_equal(vw_remote_error_decode(b.data, b.len, 4, &arena, &back, NULL, &err),
                     VW_ELIMIT);
    assert_string_equal(err.path, "message");
    /* A length that wraps when it is padded. */
    memset(b.data + 12, 0xff, 4);
    assert_int_equal(vw_remote_error_decode(b.data, b.len, UINT32_MAX, &arena, &back, NULL, NULL),
                     VW_ETRUNCATED);
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
}

static void unknown_procedures_become_no_support(void **state)
{
    struct vw_remote_error e = {
        .code = 39, .domain = 7, .level = 2, .message = "unknown procedure: 999"};
    vw_remote_error_map(&e);
    assert_int_equal(e.code, VW_ERR_NO_SUPPORT);
    e.code = 39;
    e.domain = 13;
    assert_true(vw_remote_error_is_unknown_procedure(&e));
    e.domain = 12;
    assert_false(vw_remote_error_is_unknown_procedure(&e));
    e.domain = 7;
    e.level = 1;
    assert_false(vw_remote_error_is_unknown_procedure(&e));
    e.level = 2;
    e.message = "Unknown procedure";
    assert_false(vw_remote_error_is_unknown_procedure(&e));
    e.message = NULL;
    assert_false(vw_remote_error_is_unknown_procedure(&e));
    e.message = "unknown procedure";
    e.code = 38;
    vw_remote_error_map(&e);
    assert_int_equal(e.code, 38);
}

static void numbers_have_names(void **state)
{
    assert_string_equal(vw_error_code_name(VW_ERR_NO_DOMAIN), "VIR_ERR_NO_DOMAIN");
    assert_string_equal(vw_error_code_name(114), "VIR_ERR_INVALID_ENCR_KEY_SECRET");
    assert_null(vw_error_code_name(115));
    assert_null(vw_error_code_name(-1));
    assert_string_equal(vw_error_domain_name(VW_FROM_TEST), "VIR_FROM_TEST");
    assert_string_equal(vw_error_domain_name(VW_FROM_STREAMS), "VIR_FROM_STREAMS");
    assert_null(vw_error_domain_name(INT32_MAX));
}

static void out_of_memory(void **state)
{
    struct vw_buf b = VW_BUF_INIT;
    assert_int_equal(vw_remote_error_encode(&samples[3], STRING_MAX, &b, NULL), 0);
    for (size_t n = 1;; n++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_remote_error e;
        vw_failalloc_set(n);
        int rc = vw_remote_error_decode(b.data, b.len, STRING_MAX, &arena, &e, NULL, NULL);
        bool failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        vw_arena_finish(&arena);
        if (!failed)
            break;
    }
    vw_buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_reads_and_writes_the_same),
        cmocka_unit_test(the_smallest_has_44_bytes),
        cmocka_unit_test(every_prefix_fails),
        cmocka_unit_test(strings_have_a_bound),
        cmocka_unit_test(unknown_procedures_become_no_support),
        cmocka_unit_test(numbers_have_names),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, load, unload) + vw_test_leaked();
}
