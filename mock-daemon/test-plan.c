// SPDX-License-Identifier: MIT
// Values of one layout as those of another: what is the same, what is copied where, what cannot be.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "mock-daemon/plan.h"

/* Types A and B in one schema. */
struct pair {
    struct vw_schema *schema;
    const struct vw_type *a, *b;
};

static struct pair pair_of(const char *text)
{
    struct pair p;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_schema_create(&p.schema), 0);
    if (vw_schema_add(p.schema, "pair.x", text, strlen(text), false, &err) ||
        vw_schema_finish(p.schema, &err))
        fail_msg("%s", err.text);
    p.a = vw_schema_type(p.schema, "a");
    p.b = vw_schema_type(p.schema, "b");
    return p;
}

static void check(const char *text, int there, int back)
{
    struct pair p = pair_of(text);
    struct vw_plan *plan;
    int rc = vw_plan_make(p.a, p.b, &plan);
    free(plan);
    if (rc != there)
        fail_msg("%s: %d", text, rc);
    rc = vw_plan_make(p.b, p.a, &plan);
    free(plan);
    if (rc != back)
        fail_msg("%s, back: %d", text, rc);
    vw_schema_destroy(p.schema);
}

static void test_what_needs_no_plan(void **state)
{
    static const char *const same[] = {
        "struct a { int x; hyper y; }; struct b { unsigned int x; unsigned hyper y; };",
        "enum e { ONE = 1 }; struct a { e x; }; struct b { int x; };",
        "struct a { int x; string old<9>; }; struct b { int x; string new<>; };",
        "struct a { int x<3>; int *y; }; struct b { unsigned int x<4>; unsigned int *y; };",
        "struct i { int x; }; struct k { int x; }; struct a { i z[2]; }; struct b { k z[2]; };",
        ("union a switch (int t) { case 1: int x; case 2: hyper y; };"
         "union b switch (int t) { case 1: int x; case 2: hyper y; case 3: hyper z; };"),
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        check(same[i], VW_PLAN_NONE, VW_PLAN_NONE);
}

static void test_what_is_planned(void **state)
{
    static const char *const planned[] = {
        "struct a { int x; int y; }; struct b { int y; int x; };",
        "struct a { int x; }; struct b { int x; int y; };",
        "struct i { int x; int y; }; struct k { int y; }; struct a { i z; }; struct b { k z; };",
    };
    for (size_t i = 0; i < sizeof(planned) / sizeof(planned[0]); i++)
        check(planned[i], VW_PLAN_MADE, VW_PLAN_MADE);
}

static void test_what_cannot_be(void **state)
{
    static const char *const impossible[] = {
        "struct a { int x; }; struct b { hyper x; };",
        "struct a { int x; }; struct b { double x; };",
        "struct a { int x<3>; }; struct b { hyper x<3>; };",
        "struct a { int *x; }; struct b { hyper *x; };",
        "struct a { opaque x[3]; }; struct b { opaque x[4]; };",
        ("struct i { int x; }; struct k { int x; int y; };"
         "struct a { i z<2>; }; struct b { k z<2>; };"),
        ("union i switch (int t) { case 1: int x; }; union k switch (int t) { case 1: float x; };"
         "struct a { i z; }; struct b { k z; };"),
        "struct a { int x; a *next; }; struct b { int x; b *next; };",
    };
    for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++)
        check(impossible[i], VW_PLAN_IMPOSSIBLE, VW_PLAN_IMPOSSIBLE);
}

struct layout_a {
    int32_t gone, x;
    struct {
        struct vw_string name;
        int32_t left, id;
    } inner;
};

struct layout_b {
    struct {
        int32_t id;
        struct vw_string name;
    } inner;
    int32_t added, x;
};

static void test_fields_go_by_path(void **state)
{
    struct pair p = pair_of("struct i { string name<>; int left; int id; };"
                            "struct k { int id; string name<>; };"
                            "struct a { int gone; int x; i inner; };"
                            "struct b { k inner; int added; int x; };");
    struct layout_a from = {7, 8, {{(char[]){"test"}, 4}, 9, 10}};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_plan *plan;
    assert_int_equal(p.a->size, sizeof(struct layout_a));
    assert_int_equal(p.b->size, sizeof(struct layout_b));
    assert_int_equal(vw_plan_make(p.a, p.b, &plan), VW_PLAN_MADE);
    const struct layout_b *to = vw_plan_apply(plan, &from, &arena);
    assert_ptr_equal(to->inner.name.data, from.inner.name.data);
    assert_int_equal(to->inner.name.len, 4);
    assert_int_equal(to->inner.id, 10);
    assert_int_equal(to->x, 8);
    assert_int_equal(to->added, 0);
    free(plan);
    vw_arena_finish(&arena);
    vw_schema_destroy(p.schema);
}

/* Arguments that a release does not send are 0, a result that it does not know is dropped. */
static void test_nothing_on_one_side(void **state)
{
    struct pair p = pair_of("struct a { int x; hyper y; }; struct b { int x; };");
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_plan *plan;
    assert_int_equal(vw_plan_make(NULL, NULL, &plan), VW_PLAN_NONE);
    assert_int_equal(vw_plan_make(NULL, p.a, &plan), VW_PLAN_MADE);
    assert_int_equal(plan->size, p.a->size);
    const int64_t *made = vw_plan_apply(plan, NULL, &arena);
    assert_int_equal(made[0], 0);
    assert_int_equal(made[1], 0);
    free(plan);
    assert_int_equal(vw_plan_make(p.a, NULL, &plan), VW_PLAN_MADE);
    assert_int_equal(plan->size, 0);
    free(plan);
    vw_arena_finish(&arena);
    vw_schema_destroy(p.schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_needs_no_plan),  cmocka_unit_test(test_what_is_planned),
        cmocka_unit_test(test_what_cannot_be),      cmocka_unit_test(test_fields_go_by_path),
        cmocka_unit_test(test_nothing_on_one_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
