// SPDX-License-Identifier: MIT
// What faults of `virwire call` make of messages.
#include <string.h>

#include "base/testing/test.h"
#include "cli/call-faults.h"

static struct vw_profile *profile;

/* A call of the remote program, with these four bytes of arguments. */
static struct vw_buf make(int32_t procedure)
{
    static const uint8_t body[4] = {0};
    const struct vw_program *p = vw_schema_program_named(profile->schema, "remote");
    const struct vw_header h = {
        .program = p->number, .version = p->version, .procedure = procedure, .serial = 5};
    struct vw_buf out = VW_BUF_INIT;
    uint8_t head[VW_PREFIX_BYTES];
    vw_store32(head, sizeof(head) + sizeof(body));
    vw_header_encode(&h, head + VW_LENGTH_BYTES);
    assert_int_equal(vw_buf_append(&out, head, sizeof(head)), 0);
    assert_int_equal(vw_buf_append(&out, body, sizeof(body)), 0);
    return out;
}

static const struct {
    const char *fault;
    int32_t procedure;
    enum vw_fate fate;
    size_t len;
    unsigned word; /* of what goes, from 0 */
    uint32_t is;
} rows[] = {
    {"program-plus-one", 59, VW_FATE_PASS, 32, 1, 0x20008087},
    {"procedure-unknown", 59, VW_FATE_PASS, 32, 3, 9999},
    {"serial-plus-one", 59, VW_FATE_PASS, 32, 5, 6},
    {"length-one-more", 59, VW_FATE_PASS, 32, 0, 33},
    {"hostname-twice", 59, VW_FATE_PASS, 64, 8, 32},
    {"hostname-twice", 60, VW_FATE_PASS, 32, 0, 32},
    {"junk-before-calls", 59, VW_FATE_PASS, 36, 1, 32},
    {"open-program", 59, VW_FATE_PASS, 32, 1, 0x20008086},
    {"open-never", 1, VW_FATE_DROP, 32, 0, 32},
    {"calls-never", 59, VW_FATE_DROP, 32, 0, 32},
    {"takes-any-serial", 59, VW_FATE_PASS, 32, 5, 5},
};

static void test_out(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_call_fault *f;
        struct vw_buf m = make(rows[i].procedure);
        assert_int_equal(vw_call_fault_create(rows[i].fault, profile, &f, NULL), 0);
        const struct vw_filter *filter = vw_call_fault_filter(f);
        enum vw_fate fate = filter->out(filter->user, &m, NULL);
        if (fate != rows[i].fate || m.len != rows[i].len ||
            vw_load32(m.data + (size_t)rows[i].word * 4) != rows[i].is)
            fail_msg("row %zu: fate %d, %zu bytes, word 0x%x", i, fate, m.len,
                     vw_load32(m.data + (size_t)rows[i].word * 4));
        vw_buf_finish(&m);
        vw_call_fault_destroy(f);
    }
}

/* Whatever comes has the serial of the call that waits. */
static void test_in(void **state)
{
    struct vw_call_fault *f;
    struct vw_buf call = make(59), reply = make(59);
    assert_int_equal(vw_call_fault_create("takes-any-serial", profile, &f, NULL), 0);
    const struct vw_filter *filter = vw_call_fault_filter(f);
    filter->out(filter->user, &call, NULL);
    vw_store32(reply.data + 20, 77);
    assert_int_equal(filter->in(filter->user, VW_SIDE_SERVER, reply.data, reply.len), VW_FATE_PASS);
    assert_int_equal(vw_load32(reply.data + 20), 5);
    vw_buf_finish(&call);
    vw_buf_finish(&reply);
    vw_call_fault_destroy(f);
}

static void test_unknown(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_call_fault *f;
    assert_int_equal(vw_call_fault_create("open-neve", profile, &f, &err), VW_ENAME);
    assert_string_equal(err.text, "no fault is called 'open-neve'; the nearest is 'open-never'");
    assert_null(f);
}

static int start(void **state)
{
    return vw_profile_load(NULL, NULL, &profile, NULL);
}

static int stop(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out),
        cmocka_unit_test(test_in),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
