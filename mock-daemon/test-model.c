// SPDX-License-Identifier: MIT
// Tests of the model: finding domains, states and ids, going back to the start.
#include "base/testing/failalloc.h"
#include "base/testing/test.h"

#include <string.h>

#include "mock-daemon/config.h"
#include "mock-daemon/model.h"

static const struct vw_domain three[] = {
    {.o = {.name = VW_STRING("b"), .state = VW_DOMAIN_RUNNING}},
    {.o = {.name = VW_STRING("c"), .state = VW_DOMAIN_SHUTOFF}},
    {.o = {.name = VW_STRING("a"), .state = VW_DOMAIN_PAUSED}},
};

static int init(struct vw_model *m, const struct vw_domain *domains, size_t n, struct vw_error *err)
{
    const struct vw_config config = {.domains = (struct vw_domain *)(uintptr_t)domains,
                                     .n_domains = n};
    return vw_model_init(m, &config, err);
}

static struct vw_objects *domains_of(const struct vw_model *m)
{
    return vw_model_objects(m, &vw_object_kind_domain);
}

static int set_up(void **state)
{
    static struct vw_model m;
    *state = &m;
    return init(&m, three, 3, NULL);
}

static int tear_down(void **state)
{
    vw_model_finish(*state);
    return 0;
}

static void test_default_domain(void **state)
{
    struct vw_model m;
    const struct vw_object *d;
    assert_int_equal(init(&m, &vw_domain_default, 1, NULL), 0);
    d = vw_objects_by_name(domains_of(&m), "test");
    assert_non_null(d);
    assert_int_equal(d->id, 1);
    assert_int_equal(d->uuid[0], 0x66);
    assert_int_equal(d->uuid[15], 0x3f);
    assert_int_equal(domains_of(&m)->active, 1);
    assert_true(strlen(m.hostname) > 0);
    vw_model_finish(&m);
}

static void test_lookups_agree(void **state)
{
    const struct vw_model *m = *state;
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        const struct vw_object *d = vw_objects_by_name(domains_of(m), names[i]);
        assert_non_null(d);
        assert_string_equal(d->name.data, names[i]);
        assert_ptr_equal(vw_objects_by_uuid(domains_of(m), d->uuid), d);
        if (d->active)
            assert_ptr_equal(vw_objects_by_id(domains_of(m), d->id), d);
    }
}

static void test_lookup_finds_nothing(void **state)
{
    static const uint8_t zero[16];
    const struct vw_model *m = *state;
    assert_null(vw_objects_by_name(domains_of(m), ""));
    assert_null(vw_objects_by_name(domains_of(m), "B"));
    assert_null(vw_objects_by_name(domains_of(m), "d"));
    assert_null(vw_objects_by_uuid(domains_of(m), zero));
    assert_null(vw_objects_by_id(domains_of(m), -1));
    assert_null(vw_objects_by_id(domains_of(m), 77));
}

static void test_ids_follow_the_configuration(void **state)
{
    const struct vw_model *m = *state;
    assert_int_equal(vw_objects_by_name(domains_of(m), "b")->id, 1);
    assert_int_equal(vw_objects_by_name(domains_of(m), "a")->id, 2);
    assert_int_equal(vw_objects_by_name(domains_of(m), "c")->id, -1);
    assert_int_equal(domains_of(m)->active, 2);
    assert_int_equal(domains_of(m)->count, 3);
}

static void test_states_carry_the_id(void **state)
{
    struct vw_model *m = *state;
    struct vw_object *d = vw_objects_by_name(domains_of(m), "b");
    vw_objects_set_state(domains_of(m), d, VW_DOMAIN_SHUTOFF, 1);
    assert_int_equal(d->id, -1);
    assert_int_equal(domains_of(m)->active, 1);
    assert_null(vw_objects_by_id(domains_of(m), 1));
    vw_objects_set_state(domains_of(m), d, VW_DOMAIN_RUNNING, 1);
    assert_int_equal(d->id, 3);
    assert_int_equal(domains_of(m)->active, 2);
    vw_objects_set_state(domains_of(m), d, VW_DOMAIN_PAUSED, 1);
    assert_int_equal(d->id, 3);
    assert_int_equal(domains_of(m)->active, 2);
}

static void test_last_close_resets(void **state)
{
    struct vw_model *m = *state;
    struct vw_object *d = vw_objects_by_name(domains_of(m), "b");
    vw_model_opened(m);
    vw_model_opened(m);
    vw_objects_set_state(domains_of(m), d, VW_DOMAIN_SHUTOFF, 1);
    vw_model_closed(m, false);
    assert_int_equal(d->id, -1);
    vw_model_closed(m, false);
    assert_int_equal(d->id, 1);
    assert_int_equal(domains_of(m)->active, 2);
    assert_int_equal(domains_of(m)->next_id, 3);
    vw_model_closed(m, false);
    assert_int_equal(m->n_opened, 0);
}

static void test_doubles_are_refused(void **state)
{
    static const struct vw_domain same_name[] = {{.o = {.name = VW_STRING("x")}},
                                                 {.o = {.name = VW_STRING("x"), .uuid = {1}}}};
    static const struct vw_domain same_uuid[] = {{.o = {.name = VW_STRING("x"), .uuid = {1}}},
                                                 {.o = {.name = VW_STRING("y"), .uuid = {1}}}};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_model m;
    assert_int_equal(init(&m, same_name, 2, &err), VW_EUSAGE);
    assert_string_equal(err.text, "two domains are called 'x'");
    vw_error_clear(&err);
    assert_int_equal(init(&m, same_uuid, 2, &err), VW_EUSAGE);
    assert_string_equal(err.text, "domains 'x' and 'y' have the same uuid");
}

static void test_uuids_depend_on_names_alone(void **state)
{
    const struct vw_model *m = *state;
    struct vw_model again;
    assert_int_equal(init(&again, three, 3, NULL), 0);
    assert_memory_equal(vw_objects_by_name(domains_of(m), "a")->uuid,
                        vw_objects_by_name(domains_of(&again), "a")->uuid, 16);
    assert_memory_not_equal(vw_objects_by_name(domains_of(m), "a")->uuid,
                            vw_objects_by_name(domains_of(m), "b")->uuid, 16);
    vw_model_finish(&again);
}

static void check_found(const struct vw_objects *t, const char *names)
{
    uint32_t n = (uint32_t)strlen(names);
    assert_int_equal(t->count, n);
    for (uint32_t i = 0; i < n; i++) {
        const char name[2] = {names[i]};
        struct vw_object *o = vw_objects_by_name(t, name);
        assert_ptr_equal(t->list[i], o);
        assert_ptr_equal(vw_objects_by_uuid(t, o->uuid), o);
    }
}

static void test_objects_come_and_go(void **state)
{
    static const struct vw_domain more[] = {
        {.o = {.name = VW_STRING("x"), .state = VW_DOMAIN_RUNNING}},
        {.o = {.name = VW_STRING("B"), .state = VW_DOMAIN_SHUTOFF}},
        {.o = {.name = VW_STRING("bb"), .state = VW_DOMAIN_SHUTOFF}},
    };
    struct vw_model *m = *state;
    struct vw_objects *t = domains_of(m);
    struct vw_object *x, *b = vw_objects_by_name(t, "b");
    assert_int_equal(vw_objects_add(t, &more[0].o, &x), 0);
    assert_int_equal(x->id, 3);
    assert_int_equal(vw_objects_add(t, &more[0].o, NULL), VW_EUSAGE);
    assert_int_equal(vw_objects_add(t, &more[1].o, NULL), 0);
    check_found(t, "bcaxB");
    assert_int_equal(t->active, 3);
    vw_objects_remove(t, b);
    vw_objects_remove(t, x);
    check_found(t, "caB");
    assert_null(vw_objects_by_name(t, "b"));
    assert_int_equal(t->active, 1);
    vw_model_opened(m);
    vw_model_closed(m, false);
    check_found(t, "bca");
    assert_ptr_equal(vw_objects_by_name(t, "b"), b);
    assert_int_equal(b->id, 1);
    assert_int_equal(t->next_id, 3);
    /* What is gone when all ends, and what has come. */
    vw_objects_remove(t, b);
    assert_int_equal(vw_objects_add(t, &more[2].o, NULL), 0);
}

static void test_no_domains(void **state)
{
    struct vw_model m;
    assert_int_equal(init(&m, NULL, 0, NULL), 0);
    assert_null(vw_objects_by_name(domains_of(&m), "test"));
    vw_model_finish(&m);
}

static void test_happenings_queue_up(void **state)
{
    struct vw_model *m = *state;
    const struct vw_object *d = vw_objects_by_name(domains_of(m), "b");
    size_t failed = 0;
    for (int32_t i = 0; i < 40; i++) {
        const struct vw_happening h = {.object = d, .what = VW_LIFECYCLE_STOPPED, .detail = i};
        vw_failalloc_set(1);
        int rc = vw_model_happened(m, &h);
        if (vw_failalloc_clear()) {
            assert_int_equal(rc, VW_ENOMEM);
            failed++;
            rc = vw_model_happened(m, &h);
        }
        assert_int_equal(rc, 0);
    }
    assert_int_equal(failed, 5);
    assert_int_equal(m->n_happenings, 40);
    for (int32_t i = 0; i < 40; i++) {
        assert_ptr_equal(m->happenings[i].object, d);
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
        cmocka_unit_test_setup_teardown(test_objects_come_and_go, set_up, tear_down),
        cmocka_unit_test(test_no_domains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
