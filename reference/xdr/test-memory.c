// SPDX-License-Identifier: MIT
// What decoding may cost, shown over every type of the newest and the oldest profile: at most 16
// bytes of heap a wire byte and 4 KiB, for good messages of all sizes and for messages whose counts
// lie.
#include "xdr/testing.h"

#include "schema/profile.h"
#include "xdr/code.h"
#include "xdr/values.h"

#define PER_BYTE 16u
#define CONSTANT 4096u

struct worst {
    double ratio;
    const char *type;
    size_t len;
};

/* Decodes with a cold arena and holds what it asked for against the bound. */
static void decode_within(const struct vw_type *t, const uint8_t *bytes, size_t len,
                          struct worst *worst)
{
    struct vw_arena arena = VW_ARENA_INIT;
    void *value;
    vw_failalloc_reset();
    vw_xdr_decode(t, bytes, len, &arena, &value, NULL, NULL);
    size_t requested = vw_failalloc_stats().requested;
    if (requested > PER_BYTE * len + CONSTANT)
        fail_msg("%s asks for %zu bytes of heap for %zu on the wire", t->name, requested, len);
    if (len >= 256 && (double)requested / (double)len > worst->ratio)
        *worst = (struct worst){(double)requested / (double)len, t->name, len};
    vw_arena_finish(&arena);
}

/* Every word of the message in turn claims much: where it is a count, the decoder must not believe
 * it. */
static void lie_within(const struct vw_type *t, uint8_t *bytes, size_t len, struct worst *worst)
{
    static const uint32_t lies[] = {0xffffffff, 0x7fffffff, 4194304, 262144, 16384, 16, 3};
    for (size_t at = 0; at + 4 <= len && at < 256; at += 4) {
        uint32_t kept = vw_load32(bytes + at);
        for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
            vw_store32(bytes + at, lies[i]);
            decode_within(t, bytes, len, worst);
        }
        vw_store32(bytes + at, kept);
    }
}

static void walk_types(const char *profile)
{
    static const size_t sizes[] = {0, 64, 1024, 20000};
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    struct worst worst = {0};
    struct vw_rng rng;
    size_t n;
    assert_int_equal(vw_profile_load(profile, NULL, &p, &err), 0);
    vw_rng_seed(&rng, 1);
    const struct vw_type *const *types = vw_schema_types(p->schema, &n);
    assert_true(n > 80);
    for (size_t i = 0; i < n; i++) {
        struct vw_error cold = VW_ERROR_INIT;
        assert_non_null(vw_code_of(types[i], &cold)); /* compiling is not decoding */
        for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
            struct vw_arena arena = VW_ARENA_INIT;
            struct vw_buf b = VW_BUF_INIT;
            void *value;
            assert_int_equal(vw_value_random(types[i], &rng, sizes[k], &arena, &value, &err), 0);
            assert_int_equal(vw_xdr_encode(types[i], value, &b, SIZE_MAX, &err), 0);
            decode_within(types[i], b.data, b.len, &worst);
            if (sizes[k] <= 1024)
                lie_within(types[i], b.data, b.len, &worst);
            vw_buf_finish(&b);
            vw_arena_finish(&arena);
        }
    }
    print_message(
        "# profile %s: %zu types, at worst %.2f bytes of heap a wire byte (%s, %zu bytes)\n",
        p->name, n, worst.ratio, worst.type, worst.len);
    vw_profile_destroy(p);
}

static void newest(void **state)
{
    walk_types(NULL);
}

static void oldest(void **state)
{
    walk_types("0.3.0");
}

/* The shapes that cost libtirpc most: a few words that claim millions of
 * elements. */
static void amplifiers_are_refused(void **state)
{
    static const char *const names[] = {
        "remote_domain_get_vcpu_pin_info_ret", "remote_connect_get_all_domain_stats_ret",
        "remote_network_get_dhcp_leases_ret", "remote_connect_get_all_domain_stats_args",
        "virNetMessageError"};
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    struct worst worst = {0};
    uint8_t bytes[136];
    assert_int_equal(vw_profile_load(NULL, NULL, &p, &err), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct vw_type *t = vw_schema_type(p->schema, names[i]);
        assert_non_null(t);
        for (uint32_t count = 1; count; count <<= 1) {
            for (size_t at = 0; at < sizeof(bytes); at += 4)
                vw_store32(bytes + at, count);
            decode_within(t, bytes, sizeof(bytes), &worst);
        }
    }
    vw_profile_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest),
        cmocka_unit_test(oldest),
        cmocka_unit_test(amplifiers_are_refused),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL) + vw_test_leaked();
}
