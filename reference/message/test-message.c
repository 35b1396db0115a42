// SPDX-License-Identifier: MIT
// The hand-written header codec against the schema's own header type, and whole messages out.
#include "base/testing/test.h"

#include <string.h>

#include "base/words.h"
#include "message/message.h"

static struct vw_profile *profile;

static int load(void **state)
{
    return vw_profile_load(NULL, NULL, &profile, NULL);
}

static int unload(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

static const struct vw_header samples[] = {
    {0, 0, 0, 0, 0, 0},
    {0x20008086, 1, 66, VW_MSG_REPLY, 7, VW_MSG_ERROR},
    {UINT32_MAX, UINT32_MAX, -1, -1, UINT32_MAX, -1},
    {1, 2, INT32_MIN, INT32_MAX, 0x80000000, 99},
};

static void header_is_as_the_schema_says(void **state)
{
    const struct vw_type *t = vw_schema_type(profile->schema, "virNetMessageHeader");
    assert_non_null(t);
    assert_int_equal(t->wire_min, VW_HEADER_BYTES);
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        uint8_t bytes[VW_HEADER_BYTES];
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_header back;
        void *value;
        vw_header_encode(&samples[i], bytes);
        assert_int_equal(vw_xdr_decode(t, bytes, sizeof(bytes), &arena, &value, NULL, NULL), 0);
        /* Six words in the same order: the structs look alike in memory. */
        assert_int_equal(t->size, sizeof(samples[i]));
        assert_memory_equal(value, &samples[i], t->size);
        vw_header_decode(bytes, &back);
        assert_memory_equal(&back, &samples[i], sizeof(back));
        vw_arena_finish(&arena);
    }
}

static void limits_come_from_the_profile(void **state)
{
    struct vw_limits l;
    vw_limits_from_profile(profile, &l);
    assert_int_equal(l.min_length_word, 28);
    assert_int_equal(l.max_length_word, 33554436);
    assert_int_equal(l.fds_max, 32);
}

static void messages_are_appended(void **state)
{
    static const uint8_t want[] = {
        0,    0,    0,    32,   /* length */
        0x20, 0x00, 0x80, 0x86, /* program */
        0,    0,    0,    1,    /* version */
        0,    0,    0,    66,   /* procedure */
        0,    0,    0,    1,    /* type */
        0,    0,    0,    7,    /* serial */
        0,    0,    0,    1,    /* status */
        'b',  'o',  'd',  'y',
    };
    const struct vw_limits l = {.min_length_word = 28, .max_length_word = 32, .fds_max = 32};
    struct vw_buf b = VW_BUF_INIT;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_message_append(&b, &l, &samples[1], 0, "body", 4, &err), 0);
    assert_int_equal(b.len, sizeof(want));
    assert_memory_equal(b.data, want, sizeof(want));
    assert_int_equal(vw_message_append(&b, &l, &samples[1], 0, "body5", 5, &err), VW_ELIMIT);
    assert_int_equal(b.len, sizeof(want));

    /* P-2: the count word is part of the length. */
    struct vw_header h = samples[1];
    h.type = VW_MSG_CALL_WITH_FDS;
    assert_int_equal(vw_message_append(&b, &l, &h, 3, NULL, 0, NULL), 0);
    assert_int_equal(vw_load32(b.data + 32), 32);
    assert_int_equal(vw_load32(b.data + 60), 3);
    assert_int_equal(vw_message_append(&b, &l, &h, 3, "b", 1, NULL), VW_ELIMIT);
    vw_buf_finish(&b);
}

static void values_are_appended(void **state)
{
    const struct vw_proc *proc = vw_schema_proc(profile->schema, "domain_lookup_by_name");
    struct vw_string name = {.data = (char[]){"test"}, .len = 4};
    struct vw_limits l;
    struct vw_buf b = VW_BUF_INIT;
    vw_limits_from_profile(profile, &l);
    assert_int_equal(vw_message_append_value(&b, &l, &samples[0], 0, proc->args, &name, NULL), 0);
    assert_int_equal(b.len, 36);
    assert_int_equal(vw_load32(b.data), 36);
    assert_int_equal(vw_load32(b.data + 28), 4);
    assert_memory_equal(b.data + 32, "test", 4);
    assert_int_equal(vw_message_append_value(&b, &l, &samples[0], 0, NULL, NULL, NULL), 0);
    assert_int_equal(b.len, 64);
    l.max_length_word = 35;
    assert_int_equal(vw_message_append_value(&b, &l, &samples[0], 0, proc->args, &name, NULL),
                     VW_ELIMIT);
    assert_int_equal(b.len, 64);
    vw_buf_finish(&b);
}

/* With and without the count of descriptors, by bytes and by value: at the limit, below and above,
 * in a new buffer and behind other messages. */
static void the_limit_is_exact(void **state)
{
    const struct vw_proc *proc = vw_schema_proc(profile->schema, "domain_lookup_by_name");
    const struct vw_string name = {.data = (char[]){"test"}, .len = 4};
    static const uint8_t body[8] = {0, 0, 0, 4, 't', 'e', 's', 't'};
    static const int32_t types[] = {VW_MSG_CALL, VW_MSG_CALL_WITH_FDS, VW_MSG_REPLY_WITH_FDS};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        for (int way = 0; way < 4; way++)
            for (uint32_t before = 0; before <= 90; before += 30)
                for (int more = -1; more <= 1; more++) {
                    const struct vw_header h = {.procedure = 23, .type = types[i]};
                    const uint32_t len = 28 + (i ? 4 : 0) + (way % 2 ? 8 : 0);
                    const struct vw_limits l = {.max_length_word = len + (uint32_t)more};
                    struct vw_buf b = VW_BUF_INIT;
                    struct vw_error err = VW_ERROR_INIT;
                    uint8_t other[90] = {0};
                    assert_int_equal(vw_buf_append(&b, other, before), 0);
                    int rc = way < 2 ? vw_message_append(&b, &l, &h, 2, body, way ? 8 : 0, &err)
                                     : vw_message_append_value(&b, &l, &h, 2,
                                                               way == 3 ? proc->args : NULL, &name,
                                                               &err);
                    assert_int_equal(rc, more < 0 ? VW_ELIMIT : 0);
                    assert_int_equal(err.code, rc);
                    assert_int_equal(b.len, before + (rc ? 0 : len));
                    if (rc == 0) {
                        assert_int_equal(vw_load32(b.data + before), len);
                        assert_int_equal(vw_load32(b.data + before + 16), types[i]);
                        if (i)
                            assert_int_equal(vw_load32(b.data + before + 28), 2);
                        if (way % 2)
                            assert_memory_equal(b.data + before + len - 8, body, 8);
                    }
                    vw_buf_finish(&b);
                }
}

static void what_is_too_long_is_told(void **state)
{
    const struct vw_limits l = {.max_length_word = 40};
    const struct vw_header h = {.procedure = 23};
    struct vw_buf b = VW_BUF_INIT;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_message_append(&b, &l, &h, 0, "", SIZE_MAX, &err), VW_ELIMIT);
    assert_string_equal(err.text, "the message would be longer than 40 bytes");
    vw_error_clear(&err);
    assert_int_equal(vw_message_append(&b, &l, &h, 0, "", 41, &err), VW_ELIMIT);
    assert_string_equal(err.text, "the message would be longer than 40 bytes");
    assert_int_equal(b.len, 0);
    vw_buf_finish(&b);
}

static void out_of_memory_leaves_the_buffer(void **state)
{
    const struct vw_limits l = {.min_length_word = 28, .max_length_word = 1 << 20};
    uint8_t body[300] = {0};
    for (size_t n = 1;; n++) {
        struct vw_buf b = VW_BUF_INIT;
        vw_failalloc_set(n);
        int rc = vw_message_append(&b, &l, &samples[0], 0, body, sizeof(body), NULL);
        bool failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        assert_int_equal(b.len, failed ? 0 : VW_PREFIX_BYTES + sizeof(body));
        vw_buf_finish(&b);
        if (!failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_is_as_the_schema_says),
        cmocka_unit_test(limits_come_from_the_profile),
        cmocka_unit_test(messages_are_appended),
        cmocka_unit_test(values_are_appended),
        cmocka_unit_test(the_limit_is_exact),
        cmocka_unit_test(what_is_too_long_is_told),
        cmocka_unit_test(out_of_memory_leaves_the_buffer),
    };
    return cmocka_run_group_tests(tests, load, unload) + vw_test_leaked();
}
