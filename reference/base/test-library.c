// SPDX-License-Identifier: MIT
// Libraries that are loaded late: there, not there, and there without what is asked of it.
#include "base/testing/test.h"

#include <string.h>

#include "base/library.h"

static struct {
    double (*cos)(double);
    size_t (*strlen)(const char *);
} calls;

static void loads_once(void **state)
{
    static const char *const names[] = {"cos", NULL};
    struct vw_library m = {"libm.so.6", names, &calls, false};
    calls.cos = NULL;
    assert_int_equal(vw_library_load(&m, NULL), 0);
    assert_true(calls.cos(0.0) == 1.0);
    calls.cos = NULL;
    assert_int_equal(vw_library_load(&m, NULL), 0);
    assert_null(calls.cos);
}

static void says_what_is_missing(void **state)
{
    static const char *const names[] = {"cos", "a_function_of_a_later_release", NULL};
    struct vw_library none = {"libvirwire-knows-none.so.1", names, &calls, false};
    struct vw_library old = {"libm.so.6", names, &calls, false};
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_library_load(&none, &err), VW_ESYSTEM);
    assert_non_null(strstr(err.text, "libvirwire-knows-none.so.1"));
    vw_error_clear(&err);
    assert_int_equal(vw_library_load(&old, &err), VW_ESYSTEM);
    assert_string_equal(err.text, "libm.so.6 is too old: it has no a_function_of_a_later_release");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_once),
        cmocka_unit_test(says_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
