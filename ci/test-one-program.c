// SPDX-License-Identifier: MIT
// The suite and the daemon in one program: that it links shows that no name is defined twice; that
// both sides work beside each other is asked of one call to each.
#include <string.h>

#include "base/testing/test.h"
#include "conformance/play/check.h"
#include "mock-daemon/dispatch.h"

static void both_work(void **state)
{
    struct vw_profile *profile = NULL;
    struct vw_dispatch *dispatch = NULL;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_sanity sanity;
    assert_int_equal(vw_profile_load(NULL, NULL, &profile, &err), 0);
    assert_int_equal(vw_dispatch_create(profile, true, &dispatch, &err), 0);
    assert_int_equal(vw_sanity_load(&sanity, profile, &err), 0);
    assert_string_equal(sanity.ask->id, "sanity");
    const struct vw_proc *open = vw_schema_proc(profile->schema, "connect_open");
    assert_non_null(vw_dispatch_entry(dispatch, open)->row);
    vw_sanity_finish(&sanity);
    vw_dispatch_destroy(dispatch);
    vw_profile_destroy(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_work)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
