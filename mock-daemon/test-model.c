// SPDX-License-Identifier: MIT
// Tests of the model: finding domains, states and ids, going back to the start.
#include "base/testing/failalloc.h"
#include "base/testing/test.h"

#include <string.h>

#include "mock-daemon/model.h"

static const struct vw_domain_spec three[] = {
    {.name = "b", .max_memory = 1, .memory = 1, .vcpus = 1},
    {.name = "c", .state = VW_DOMAIN_SHUTOFF},
    {.name = "a", .state = VW_DOMAIN_PAUSED},
};

static int set_up(void **state)
{
    static struct vw_model m;
    *state = &m;
    return vw_model_init(&m, "host", three, 3, NULL);
}

static int tear_down(void **state)
{
    vw_model_finish(*state);
    return 0;
}

static void test_default_domain(void **state)
{
    struct vw_model m;
    const struct vw_domain *d;
    assert_int_equal(vw_model_init(&m, NULL, &vw_domain_default, 1, NULL), 0);
    d = vw_model_by_name(&m, "test");
    assert_non_null(d);
    assert_int_equal(d->id, 1);
    assert_int_equal(d->uuid[0], 0x66);
    assert_int_equal(d->uuid[15], 0x3f);
    assert_int_equal(m.n_active, 1);
    assert_true(strlen(m.hostname) > 0);
    vw_model_finish(&m);
}

static void test_lookups_agree(void **state)
{
    const struct vw_model *m = *state;
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        const struct vw_domain *d = vw_model_by_name(m, names[i]);
        assert_non_null(d);
        assert_string_equal(d->name, names[i]);
        assert_ptr_equal(vw_model_by_uuid(m, d->uuid), d);
        if (vw_domain_active(d))
            assert_ptr_equal(vw_model_by_id(m, d->id), d);
    }
}

static void test_lookup_finds_nothing(void **state)
{
    static const uint8_t zero[16];
    const struct vw_model *m = *state;
    assert_null(vw_model_by_name(m, ""));
    assert_null(vw_model_by_name(m, "B"));
    assert_null(vw_model_by_name(m, "d"));
    assert_null(vw_model_by_uuid(m, zero));
    assert_null(vw_model_by_id(m, -1));
    assert_null(vw_model_by_id(m, 77));
}

static void test_ids_follow_the_configuration(void **state)
{
    const struct vw_model *m = *state;
    assert_int_equal(vw_model_by_name(m, "b")->id, 1);
    assert_int_equal(vw_model_by_name(m, "a")->id, 2);
    assert_int_equal(vw_model_by_name(m, "c")->id, -1);
    assert_int_equal(m->n_active, 2);
    assert_int_equal(m->n_domains, 3);
}

static void test_states_carry_the_id(void **state)
{
    struct vw_model *m = *state;
    struct vw_domain *d = vw_model_by_name(m, "b");
    vw_model_set_state(m, d, VW_DOMAIN_SHUTOFF, 1);
    assert_int_equal(d->id, -1);
    assert_int_equal(m->n_active, 1);
    assert_null(vw_model_by_id(m, 1));
    vw_model_set_state(m, d, VW_DOMAIN_RUNNING, 1);
    assert_int_equal(d->id, 3);
    assert_int_equal(m->n_active, 2);
    vw_model_set_state(m, d, VW_DOMAIN_PAUSED, 1);
    assert_int_equal(d->id, 3);
    assert_int_equal(m->n_active, 2);
}

static void test_last_close_resets(void **state)
{
    struct vw_model *m = *state;
    struct vw_domain *d = vw_model_by_name(m, "b");
    vw_model_opened(m);
    vw_model_opened(m);
    vw_model_set_state(m, d, VW_DOMAIN_SHUTOFF, 1);
    vw_model_closed(m);
    assert_int_equal(d->id, -1);
    vw_model_closed(m);
    assert_int_equal(d->id, 1);
    assert_int_equal(m->n_active, 2);
    assert_int_equal(m->next_id, 3);
    vw_model_closed(m);
    assert_int_equal(m->n_opened, 0);
}

static void test_doubles_are_refused(void **state)
{
    static const struct vw_domain_spec same_name[] = {{.name = "x"}, {.name = "x"}};
    static const struct vw_domain_spec same_uuid[] = {{.name = "x", .has_uuid = true},
                                                      {.name = "y", .has_uuid = true}};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_model m;
    assert_int_equal(vw_model_init(&m, "h", same_name, 2, &err), VW_EUSAGE);
    assert_string_equal(err.text, "two domains are called 'x'");
    vw_error_clear(&err);
    assert_int_equal(vw_model_init(&m, "h", same_uuid, 2, &err), VW_EUSAGE);
    assert_string_equal(err.text, "domains 'x' and 'y' have the same uuid");
}

static void test_uuids_depend_on_names_alone(void **state)
{
    const struct vw_model *m = *state;
    struct vw_model again;
    assert_int_equal(vw_model_init(&again, "other", three, 3, NULL), 0);
    assert_memory_equal(vw_model_by_name(m, "a")->uuid, vw_model_by_name(&again, "a")->uuid, 16);
    assert_memory_not_equal(vw_model_by_name(m, "a")->uuid, vw_model_by_name(m, "b")->uuid, 16);
    vw_model_finish(&again);
}

static void test_no_domains(void **state)
{
    struct vw_model m;
    assert_int_equal(vw_model_init(&m, "h", NULL, 0, NULL), 0);
    assert_null(vw_model_by_name(&m, "test"));
    vw_model_finish(&m);
}

static void test_happenings_queue_up(void **state)
{
    struct vw_model *m = *state;
    const struct vw_domain *d = vw_model_by_name(m, "b");
    size_t failed = 0;
    for (int32_t i = 0; i < 40; i++) {
        vw_failalloc_set(1);
        int rc = vw_model_happened(m, d, VW_LIFECYCLE_STOPPED, i);
        if (vw_failalloc_clear()) {
            assert_int_equal(rc, VW_ENOMEM);
            failed++;
            rc = vw_model_happened(m, d, VW_LIFECYCLE_STOPPED, i);
        }
        assert_int_equal(rc, 0);
    }
    assert_int_equal(failed, 5);
    assert_int_equal(m->n_happenings, 40);
    for (int32_t i = 0; i < 40; i++) {
        assert_ptr_equal(m->happenings[i].domain, d);
        assert_int_equal(m->happenings[i].what, VW_LIFECYCLE_STOPPED);
        assert_int_equal(m->happenings[i].detail, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_domain),
        cmocka_unit_test_setup_teardown(test_lookups_agree, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lookup_finds_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ids_follow_the_configuration, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_states_carry_the_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_last_close_resets, set_up, tear_down),
        cmocka_unit_test(test_doubles_are_refused),
        cmocka_unit_test_setup_teardown(test_uuids_depend_on_names_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_happenings_queue_up, set_up, tear_down),
        cmocka_unit_test(test_no_domains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
