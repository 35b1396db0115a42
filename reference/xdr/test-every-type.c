// SPDX-License-Identifier: MIT
// Every type of the built-in protocol, newest and oldest: values survive JSON and the codec,
// prefixes of an encoding fail cleanly, changed bytes do no harm.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "schema/profile.h"
#include "xdr/json.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

#define ROUNDS 6

typedef void check_fn(const struct vw_type *t, const void *value, const struct vw_buf *b,
                      struct vw_arena *arena, struct vw_rng *rng);

/* Calls CHECK with random values, and the minimal one, of every type of PROFILE. */
static void walk_profile(const char *profile, size_t size, check_fn *check)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf b = VW_BUF_INIT;
    struct vw_profile *p;
    struct vw_rng rng;
    size_t n;

    if (vw_profile_load(profile, NULL, &p, &err))
        fail_msg("%s", err.text);
    const struct vw_type *const *types = vw_schema_types(p->schema, &n);
    vw_rng_seed(&rng, 2007);
    for (size_t i = 0; i < n * ROUNDS; i++) {
        const struct vw_type *t = types[i / ROUNDS];
        void *value;
        int rc = i % ROUNDS == 0 ? vw_value_minimal(t, &arena, &value, &err)
                                 : vw_value_random(t, &rng, size, &arena, &value, &err);
        b.len = 0;
        if (rc == 0)
            rc = vw_xdr_encode(t, value, &b, SIZE_MAX, &err);
        if (rc)
            fail_msg("%s: %s at %s", t->name, err.text, err.path);
        check(t, value, &b, &arena, &rng);
        vw_arena_reset(&arena);
    }
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
    vw_profile_destroy(p);
}

static void check_round_trips(const struct vw_type *t, const void *value, const struct vw_buf *b,
                              struct vw_arena *arena, struct vw_rng *rng)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_findings found;
    struct json_object *again;
    void *back;
    size_t used;

    int rc = vw_xdr_check(t, b->data, b->len, VW_STRICT_ALL, arena, &found, NULL, &err);
    if (rc || found.count)
        fail_msg("%s: %s", t->name, rc ? err.text : found.list[0].found);
    assert_int_equal(vw_xdr_decode(t, b->data, b->len, arena, &back, &used, &err), 0);
    assert_int_equal(used, b->len);
    if (!vw_value_equal(t, value, back))
        fail_msg("%s differs after the codec", t->name);

    struct json_object *json = vw_json_from_value(t, value, &err);
    char *text = vw_json_text(json, false);
    assert_non_null(text);
    if (vw_json_parse(text, strlen(text), &again, &err) ||
        vw_json_to_value(t, again, arena, &back, &err))
        fail_msg("%s: %s at %s: %s", t->name, err.text, err.path, text);
    if (!vw_value_equal(t, value, back))
        fail_msg("%s differs after JSON: %s", t->name, text);
    free(text);
    json_object_put(json);
    json_object_put(again);
}

static void check_prefixes(const struct vw_type *t, const void *value, const struct vw_buf *b,
                           struct vw_arena *arena, struct vw_rng *rng)
{
    for (size_t len = 0; len < b->len; len++) {
        /* Exactly as long as the prefix, so that a read beyond it is seen. */
        uint8_t *copy = malloc(len ? len : 1);
        struct vw_error err = VW_ERROR_INIT;
        void *back;
        assert_non_null(copy);
        memcpy(copy, b->data, len);
        if (vw_xdr_decode(t, copy, len, arena, &back, NULL, &err) != VW_ETRUNCATED)
            fail_msg("%s: %zu of %zu bytes are not called truncated: %s", t->name, len, b->len,
                     err.text);
        assert_true(err.offset <= len);
        free(copy);
    }
}

static void check_changes(const struct vw_type *t, const void *value, const struct vw_buf *b,
                          struct vw_arena *arena, struct vw_rng *rng)
{
    for (unsigned n = 0; b->len && n < 24; n++) {
        struct vw_buf again = VW_BUF_INIT;
        struct vw_findings found;
        struct vw_error err = VW_ERROR_INIT;
        void *back;
        size_t at = vw_rng_below(rng, b->len);
        uint8_t old = b->data[at];
        b->data[at] = n % 3 ? (uint8_t)vw_rng_next(rng) : 0xff;
        int rc = vw_xdr_decode(t, b->data, b->len, arena, &back, NULL, NULL);
        assert_int_equal(vw_xdr_check(t, b->data, b->len, VW_STRICT_ALL, arena, &found, NULL, NULL),
                         rc);
        /* What was decoded can be sent again and shown. */
        if (rc == 0) {
            assert_int_equal(vw_xdr_encode(t, back, &again, SIZE_MAX, NULL), 0);
            json_object_put(vw_json_from_value(t, back, &err));
            assert_int_equal(err.code, 0);
        }
        b->data[at] = old;
        vw_buf_finish(&again);
    }
}

static void values_survive_codec_and_json(void **state)
{
    walk_profile(NULL, 400, check_round_trips);
    walk_profile("0.3.0", 400, check_round_trips);
}

static void every_prefix_fails_cleanly(void **state)
{
    walk_profile(NULL, 120, check_prefixes);
}

static void changed_bytes_do_no_harm(void **state)
{
    walk_profile(NULL, 200, check_changes);
    walk_profile("0.3.0", 200, check_changes);
}

/* The short way to text says what the long one says, as far as it goes. */
static void texts_agree(const struct vw_type *t, const void *value, const struct vw_buf *b,
                        struct vw_arena *arena, struct vw_rng *rng)
{
    static const size_t most[] = {0, 1, 7, 20, 61, 150, SIZE_MAX};
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = vw_json_from_value(t, value, &err);
    char *text = vw_json_text(json, false);
    struct vw_buf out = VW_BUF_INIT;
    assert_int_equal(err.code, 0);
    for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
        out.len = 0;
        assert_int_equal(vw_buf_append(&out, "x", 1), 0);
        int rc = vw_json_append(t, value, most[i], &out);
        assert_true(rc == 0 || rc == VW_EUSAGE);
        if (rc)
            assert_int_equal(out.len, 1);
        else if (out.len - 1 > strlen(text) || memcmp(out.data + 1, text, out.len - 1) != 0)
            fail_msg("%s: %.*s, not %s", t->name, (int)out.len, (const char *)out.data, text);
        else if (out.len <= most[i])
            assert_int_equal(out.len - 1, strlen(text));
    }
    vw_buf_finish(&out);
    free(text);
    json_object_put(json);
}

static void test_texts(void **state)
{
    walk_profile(NULL, 300, texts_agree);
    walk_profile("0.3.0", 300, texts_agree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(values_survive_codec_and_json),
        cmocka_unit_test(every_prefix_fails_cleanly),
        cmocka_unit_test(changed_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
