// SPDX-License-Identifier: MIT
// Our codec beside rpcgen and libtirpc, over every named type of every program, of the newest
// release and of 0.3.0: random values, boundaries, damaged bytes. What only a strict reader minds
// is listed by class at the end; nothing else may differ.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"
#include "oracle/bounds.h"
#include "schema/profile.h"

enum {
    RANDOM_VALUES = 200, /* a type */
    DAMAGES = 60,        /* a type */
    LARGE = 65536        /* bytes; boundaries above it are for test-oracle-large */
};

struct set {
    enum vw_oracle_release release;
    const char *profile;
    struct vw_profile *loaded;
};

static struct set sets[] = {
    {VW_ORACLE_NEWEST, "12.8.0", NULL},
    {VW_ORACLE_2007, "0.3.0", NULL},
};

static int load(void **state)
{
    struct set *set = *state;
    return vw_profile_load(set->profile, NULL, &set->loaded, NULL);
}

static int unload(void **state)
{
    struct set *set = *state;
    vw_profile_destroy(set->loaded);
    return 0;
}

/* Calls DO with each type of the set, ready to be compared. */
static void each_type(struct set *set, void (*run)(struct differ *, struct vw_rng *))
{
    struct differ d;
    struct vw_rng rng;
    size_t n;
    const struct vw_oracle_type *types = vw_oracle_types(set->release, &n);
    differ_init(&d);
    for (size_t i = 0; i < n; i++) {
        const struct vw_type *t = vw_schema_type(set->loaded->schema, types[i].name);
        if (!t)
            fail_msg("%s: not in the schema", types[i].name);
        if (!differ_set(&d, set->release, t))
            fail_msg("%s", d.text);
        vw_rng_seed(&rng, i);
        run(&d, &rng);
    }
    print_message("# %s: %zu types, %zu accepted and %zu refused by both, %zu strings cut\n",
                  set->profile, n, d.accepted, d.refused, d.cut);
    differ_finish(&d);
}

/* ---- valid values ---- */

static void *random_value(const struct vw_type *t, struct vw_rng *rng, struct vw_arena *arena)
{
    static const size_t sizes[] = {32, 128, 256, 1024};
    struct vw_error err = VW_ERROR_INIT;
    void *value;
    if (vw_value_random(t, rng, sizes[vw_rng_below(rng, 4)], arena, &value, &err) < 0)
        fail_msg("%s: %s", t->name, err.text);
    return value;
}

static void run_random(struct differ *d, struct vw_rng *rng)
{
    struct vw_arena arena = VW_ARENA_INIT;
    for (size_t i = 0; i < RANDOM_VALUES; i += vw_test_step(8)) {
        vw_arena_reset(&arena);
        if (!differ_value(d, random_value(d->type, rng, &arena)))
            fail_msg("value %zu: %s", i, d->text);
    }
    vw_arena_finish(&arena);
}

static void random_values_agree(void **state)
{
    each_type(*state, run_random);
}

static void run_boundaries(struct differ *d, struct vw_rng *rng)
{
    (void)rng;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_boundaries list;
    assert_int_equal(vw_value_boundaries(d->type, &arena, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++) {
        const struct vw_boundary *b = &list.list[i];
        if ((b->count > 1 || b->over) && bounds_bytes(b) > LARGE)
            continue;
        if (!bounds_compare(d, b, NULL))
            fail_msg("%s", d->text);
    }
    vw_arena_finish(&arena);
}

static void boundaries_agree(void **state)
{
    each_type(*state, run_boundaries);
}

/* ---- damaged bytes ---- */

static void put_word(uint8_t *at, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(word >> (24 - 8 * i));
}

/* Changes BYTES in one place, or cuts or lengthens them. B has room for 8 bytes more. */
static void damage(struct vw_buf *b, struct vw_rng *rng)
{
    static const uint32_t words[] = {0, 1, 2, 7, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    size_t n = b->len;
    switch (vw_rng_below(rng, n >= 4 ? 5 : 1)) {
    case 0:
        memset(b->data + n, (int)vw_rng_below(rng, 256), 8);
        b->len += vw_rng_below(rng, 9);
        break;
    case 1:
        b->len = vw_rng_below(rng, n);
        break;
    case 2:
        b->data[vw_rng_below(rng, n)] = (uint8_t)vw_rng_next(rng);
        break;
    case 3:
        b->data[vw_rng_below(rng, n)] ^= (uint8_t)(1U << vw_rng_below(rng, 8));
        break;
    default:
        put_word(b->data + 4 * vw_rng_below(rng, n / 4), words[vw_rng_below(rng, 8)]);
        break;
    }
}

static void run_damaged(struct differ *d, struct vw_rng *rng)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf b = VW_BUF_INIT;
    for (size_t i = 0; i < DAMAGES; i += vw_test_step(8)) {
        vw_arena_reset(&arena);
        b.len = 0;
        const void *value = random_value(d->type, rng, &arena);
        assert_int_equal(vw_xdr_encode(d->type, value, &b, SIZE_MAX, NULL), 0);
        assert_int_equal(vw_buf_reserve(&b, 16), 0);
        for (int times = 1 + (int)vw_rng_below(rng, 2); times > 0; times--)
            damage(&b, rng);
        if (!differ_bytes(d, b.data, b.len))
            fail_msg("damage %zu: %s", i, d->text);
    }
    vw_arena_finish(&arena);
    vw_buf_finish(&b);
}

static void damaged_bytes_agree(void **state)
{
    each_type(*state, run_damaged);
}

/* Every type of the schema is compared: the table of the oracle lacks none. */
static void no_type_is_left_out(void **state)
{
    struct set *set = *state;
    size_t n, named = 0;
    const struct vw_type *const *types = vw_schema_types(set->loaded->schema, &n);
    for (size_t i = 0; i < n; i++)
        named += vw_oracle_type(set->release, types[i]->name) != NULL;
    if (set->release == VW_ORACLE_NEWEST)
        assert_int_equal(named, n);
    vw_oracle_types(set->release, &n);
    assert_int_equal(named, n);
}

/* ---- the oracle itself, and where strictness differs ---- */

/* A word of the wire stands in the text as four characters. */
#define BYTES(s) s, sizeof(s) - 1

static void the_oracle_knows_its_xdr(void **state)
{
    (void)state;
    const struct vw_oracle_type *t = vw_oracle_type(VW_ORACLE_NEWEST, "remote_node_get_info_ret");
    uint8_t in[160] = {[127] = 'x', [135] = 9}, out[200];
    assert_int_equal(vw_oracle_recode(t, in, 160, out, sizeof(out)), 160); /* */
    assert_memory_equal(in, out, 160);
    assert_int_equal(vw_oracle_recode(t, in, 159, out, sizeof(out)), -1);
    assert_int_equal(vw_oracle_recode(t, in, 160, out, 159), -1);
    assert_null(vw_oracle_type(VW_ORACLE_NEWEST, "remote_open_args"));
    assert_non_null(vw_oracle_type(VW_ORACLE_2007, "remote_open_args"));
}

/* What RFC 4506 or libvirt's use forbids and libtirpc takes, and so does our decoder; vw_xdr_check
 * tells. One sample of each class. */
static const struct {
    unsigned flag;
    const char *type;
    const char *bytes;
    size_t len;
} classes[] = {
    {VW_STRICT_PADDING, "remote_nonnull_string", BYTES("\0\0\0\1a\0\0\1")},
    {VW_STRICT_BOOL, "remote_string", BYTES("\0\0\0\2\0\0\0\0")},
    {VW_STRICT_ENUM, "remote_auth_type", BYTES("\0\0\0\3")},
    {VW_STRICT_NUL, "remote_nonnull_string", BYTES("\0\0\0\3a\0b\0")},
    {VW_STRICT_UTF8, "remote_nonnull_string", BYTES("\0\0\0\1\xff\0\0\0")},
    {VW_STRICT_NARROW, "remote_storage_pool_get_info_ret",
     BYTES("\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
    {VW_STRICT_TRAILING, "remote_auth_type", BYTES("\0\0\0\1\0")},
};

static void strictness_differs_in_these_classes_only(void **state)
{
    struct set *set = *state;
    struct differ d;
    unsigned all = 0;
    differ_init(&d);
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        const struct vw_type *t = vw_schema_type(set->loaded->schema, classes[i].type);
        struct vw_findings found;
        assert_true(differ_set(&d, set->release, t));
        if (!differ_bytes(&d, classes[i].bytes, classes[i].len))
            fail_msg("%s: %s", vw_strict_name(classes[i].flag), d.text);
        assert_int_equal(vw_xdr_check(t, classes[i].bytes, classes[i].len, VW_STRICT_ALL, &d.arena,
                                      &found, NULL, NULL),
                         0);
        assert_int_equal(found.count, 1);
        assert_int_equal(vw_strict_flag(found.list[0].rule), classes[i].flag);
        all |= classes[i].flag;
    }
    assert_int_equal(all, VW_STRICT_ALL);
    assert_int_equal(d.refused, 0);
    assert_int_equal(d.cut, 1);
    differ_finish(&d);
}

/* The comparison can fail: each codec is given another type. */
static void another_type_is_noticed(void **state)
{
    struct set *set = *state;
    static const struct {
        const char *ours, *theirs, *bytes;
        size_t len;
        const char *noticed;
    } pairs[] = {
        {"remote_auth_type", "virNetStreamHole", BYTES("\0\0\0\1"),
         "we accept what the oracle refuses"},
        {"virNetStreamHole", "remote_auth_type", BYTES("\0\0\0\1"),
         "the oracle accepts what we refuse"},
        {"remote_auth_type", "remote_string", BYTES("\0\0\0\1\0\0\0\0"),
         "we use 4 bytes, the oracle 8"},
        {"remote_auth_type", "virNetMessageString", BYTES("\0\0\0\0"), NULL},
        {"remote_uuid", "remote_string", BYTES("\0\0\0\2\0\0\0\5abcde\0\0\0"),
         "byte 3 of the encoding is 0x02, the oracle's 0x01"},
    };
    struct differ d;
    differ_init(&d);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        assert_true(
            differ_set(&d, set->release, vw_schema_type(set->loaded->schema, pairs[i].ours)));
        d.oracle = vw_oracle_type(set->release, pairs[i].theirs);
        assert_int_equal(differ_bytes(&d, pairs[i].bytes, pairs[i].len), !pairs[i].noticed);
        if (pairs[i].noticed)
            assert_non_null(strstr(d.text, pairs[i].noticed));
    }
    differ_finish(&d);
}

#define OVER(test, i) cmocka_unit_test_prestate_setup_teardown(test, load, unload, &sets[i])

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oracle_knows_its_xdr),
        OVER(strictness_differs_in_these_classes_only, 0),
        OVER(another_type_is_noticed, 0),
        OVER(no_type_is_left_out, 0),
        OVER(no_type_is_left_out, 1),
        OVER(random_values_agree, 0),
        OVER(random_values_agree, 1),
        OVER(boundaries_agree, 0),
        OVER(boundaries_agree, 1),
        OVER(damaged_bytes_agree, 0),
        OVER(damaged_bytes_agree, 1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
