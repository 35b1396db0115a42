// SPDX-License-Identifier: MIT
// Structs of other releases: shorter, longer, without a size.
#include "base/testing/test.h"

#include <string.h>

#include "base/sized.h"

struct now {
    size_t size;
    int a;
    int b;
};

struct later {
    struct now now;
    int c;
};

#define INIT "NOW_INIT"

static void reads_what_the_size_covers(void **state)
{
    struct now own;
    const struct now older = {.size = offsetof(struct now, b), .a = 1, .b = 2};
    assert_int_equal(vw_sized_copy(&own, sizeof(own), &older, INIT, NULL), 0);
    assert_int_equal(own.size, sizeof(own));
    assert_int_equal(own.a, 1);
    assert_int_equal(own.b, 0);
    const struct now same = {.size = sizeof(same), .a = 3, .b = 4};
    assert_int_equal(vw_sized_copy(&own, sizeof(own), &same, INIT, NULL), 0);
    assert_int_equal(own.a, 3);
    assert_int_equal(own.b, 4);
}

static void nothing_given_is_all_zero(void **state)
{
    struct now own = {.a = 1, .b = 1};
    assert_int_equal(vw_sized_copy(&own, sizeof(own), NULL, INIT, NULL), 0);
    assert_int_equal(own.size, sizeof(own));
    assert_int_equal(own.a | own.b, 0);
}

static void newer_members_must_be_unset(void **state)
{
    struct now own;
    struct vw_error err = VW_ERROR_INIT;
    struct later newer = {.now = {.size = sizeof(newer), .a = 5}};
    assert_int_equal(vw_sized_copy(&own, sizeof(own), &newer, INIT, &err), 0);
    assert_int_equal(own.a, 5);
    newer.c = 1;
    assert_int_equal(vw_sized_copy(&own, sizeof(own), &newer, INIT, &err), VW_EUSAGE);
    assert_string_equal(err.text,
                        "byte 16 of a struct of NOW_INIT is set, and this release knows 16");
    assert_int_equal(own.a, 0);
}

static void a_size_is_asked_for(void **state)
{
    struct now own;
    static const size_t sizes[] = {0, 1, sizeof(size_t) - 1, 4097, SIZE_MAX};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        const struct now none = {.size = sizes[i], .a = 1};
        assert_int_equal(vw_sized_copy(&own, sizeof(own), &none, INIT, &err), VW_EUSAGE);
        assert_string_equal(err.text, "a struct has no size: it starts with NOW_INIT");
        assert_int_equal(own.a, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_size_covers),
        cmocka_unit_test(nothing_given_is_all_zero),
        cmocka_unit_test(newer_members_must_be_unset),
        cmocka_unit_test(a_size_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
