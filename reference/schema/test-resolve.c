// SPDX-License-Identifier: MIT
// Names become what they stand for: constants, aliases, replaced definitions, the C headers.
#include "schema/test-support.h"

static void aliases(void **state)
{
    struct vw_schema *s = parse_fixture("aliases.x");
    const struct vw_type *t = vw_schema_type(s, "same_number");
    assert_int_equal(t->kind, VW_INT);
    assert_int_equal(t->size, 4);
    assert_string_equal(t->alias_of->name, "number");
    assert_ptr_equal(t->alias_of->alias_of, vw_type_basic(VW_INT));
    t = vw_schema_type(s, "third_holder");
    assert_int_equal(t->kind, VW_STRUCT);
    assert_int_equal(t->size, vw_schema_type(s, "holder")->size);
    assert_ptr_equal(t->fields, vw_schema_type(s, "holder")->fields);
    assert_string_equal(t->name, "third_holder");
    assert_true(t->is_typedef);
    assert_int_equal(vw_schema_type(s, "two")->n_members, 2);
    t = vw_schema_type(s, "maybe_name");
    assert_int_equal(t->kind, VW_OPTIONAL);
    assert_null(t->alias_of);
    assert_string_equal(t->elem->name, "name");
    vw_schema_destroy(s);
}

/* An alias, also one of an alias, has all that its type has but name and place. */
static void aliases_take_everything_over(void **state)
{
    static const char text[] =
        "const N = 3; enum e { A = 1, B = 2 }; struct st { int a; hyper b; };\n"
        "union un switch (e d) { case A: int x; case B: void; };\n"
        "typedef string str<N>; typedef opaque op<7>; typedef opaque fop[5]; typedef int li<N>;\n"
        "typedef hyper fa[2]; typedef st *opt; typedef unsigned hyper sc;\n";
    static const char *const names[] = {"e",   "st", "un", "str", "op",
                                        "fop", "li", "fa", "opt", "sc"};
    char all[1000];
    size_t at = (size_t)snprintf(all, sizeof(all), "%s", text);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        at += (size_t)snprintf(all + at, sizeof(all) - at, "typedef %s x%s; typedef x%s y%s;\n",
                               names[i], names[i], names[i], names[i]);
    struct vw_schema *s = parse(all);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (int c = 'x'; c <= 'y'; c++) {
            char name[16];
            snprintf(name, sizeof(name), "%c%s", c, names[i]);
            const struct vw_type *a = vw_schema_type(s, name), *t = vw_schema_type(s, names[i]);
            assert_string_equal(a->name, name);
            assert_true(a->is_typedef);
            assert_int_equal(a->kind, t->kind);
            assert_int_equal(a->size, t->size);
            assert_int_equal(a->align, t->align);
            assert_int_equal(a->max, t->max);
            assert_ptr_equal(a->max_name, t->max_name);
            assert_ptr_equal(a->elem, t->elem);
            assert_ptr_equal(a->fields, t->fields);
            assert_int_equal(a->n_fields, t->n_fields);
            assert_ptr_equal(a->members, t->members);
            assert_int_equal(a->n_members, t->n_members);
            assert_ptr_equal(a->disc, t->disc);
            assert_true(a->wire_min == t->wire_min && a->wire_max == t->wire_max);
        }
    vw_schema_destroy(s);
}

/* The numbers that the C headers give and .x files only name. */
static void numbers_that_headers_give(void **state)
{
    static const struct {
        const char *name;
        int64_t value;
    } rows[] = {
        {"TRUE", 1},
        {"FALSE", 0},
        {"VIR_UUID_BUFLEN", 16},
        {"VIR_UUID_RAW_LEN", 16},
        {"VIR_UUID_STRING_BUFLEN", 37},
        {"VIR_SECURITY_MODEL_BUFLEN", 257},
        {"VIR_SECURITY_LABEL_BUFLEN", 4097},
        {"VIR_SECURITY_DOI_BUFLEN", 257},
        {"VIR_TYPED_PARAM_INT", 1},
        {"VIR_TYPED_PARAM_UINT", 2},
        {"VIR_TYPED_PARAM_LLONG", 3},
        {"VIR_TYPED_PARAM_ULLONG", 4},
        {"VIR_TYPED_PARAM_DOUBLE", 5},
        {"VIR_TYPED_PARAM_BOOLEAN", 6},
        {"VIR_TYPED_PARAM_STRING", 7},
        {"VIR_DOMAIN_SCHED_FIELD_INT", 1},
        {"VIR_DOMAIN_SCHED_FIELD_BOOLEAN", 6},
        {"VIR_DOMAIN_BLKIO_PARAM_INT", 1},
        {"VIR_DOMAIN_BLKIO_PARAM_BOOLEAN", 6},
        {"VIR_DOMAIN_MEMORY_PARAM_INT", 1},
        {"VIR_DOMAIN_MEMORY_PARAM_BOOLEAN", 6},
        {"CHAR_BIT", 8},
        {"INT_MAX", 2147483647},
        {"UINT_MAX", 4294967295},
        {"INT32_MAX", 2147483647},
        {"UINT32_MAX", 4294967295},
        {"USHRT_MAX", 65535},
        {"SHRT_MAX", 32767},
        {"PATH_MAX", 4096},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[100];
        size_t n;
        snprintf(text, sizeof(text), "const A = %s; const B = A;", rows[i].name);
        struct vw_schema *s = parse(text);
        assert_int_equal(constant(s, "B"), rows[i].value);
        const struct vw_const *const *list = vw_schema_consts(s, &n);
        assert_int_equal(n, 3);
        assert_false(list[0]->external);
        assert_true(list[2]->external);
        assert_string_equal(list[2]->name, rows[i].name);
        vw_schema_destroy(s);
    }
}

static void long_chains(void **state)
{
    enum { N = 20000 };
    char *text = malloc(N * 64 + 100), *p = text;
    assert_non_null(text);
    for (int i = 0; i < N; i++)
        p += sprintf(p, "typedef t%d t%d;\n", i + 1, i);
    p += sprintf(p, "typedef int t%d;\n", N);
    for (int i = 0; i < N; i++)
        p += sprintf(p, "const C%d = C%d;\n", i, i + 1);
    sprintf(p, "const C%d = 77;\n", N);
    struct vw_schema *s = parse(text);
    assert_int_equal(vw_schema_type(s, "t0")->kind, VW_INT);
    assert_int_equal(constant(s, "C0"), 77);
    vw_schema_destroy(s);
    free(text);
}

static void cycles(void **state)
{
    expect_error("const A = A;", VW_ESYNTAX, 1, 7, "depends on itself");
    expect_error("enum e { A = B, B };", VW_ESYNTAX, 1, 10, "depends on itself");
    expect_error("typedef a a;", VW_ESYNTAX, 1, 11, "defined as itself");
    expect_error("struct a { a b; };", VW_ESYNTAX, 1, 8, "contains itself");
    expect_error("typedef a a[2];", VW_ESYNTAX, 1, 11, "contains itself");
    expect_error("union u switch (int t) { case 1: u v; default: void; };", VW_ESYNTAX, 1, 7,
                 "contains itself");
    vw_schema_destroy(parse("struct a { a *b; }; struct c { c d<>; }; typedef e *e;"));
    vw_schema_destroy(parse("const A = B; const B = 1; struct A { int x; };"));
}

static void names_of_headers(void **state)
{
    struct vw_schema *s = parse("struct a { opaque b[VIR_UUID_BUFLEN]; };"
                                "union u switch (int t) { case VIR_TYPED_PARAM_STRING: int i;"
                                " case VIR_DOMAIN_SCHED_FIELD_INT: int j; };");
    size_t n, external = 0;
    const struct vw_const *const *list = vw_schema_consts(s, &n);
    for (size_t i = 0; i < n; i++)
        external += list[i]->external;
    assert_int_equal(n, 3);
    assert_int_equal(external, 3);
    assert_int_equal(constant(s, "VIR_UUID_BUFLEN"), 16);
    vw_schema_destroy(s);

    /* A file that says it itself is right. */
    s = parse("const VIR_UUID_BUFLEN = 20; struct a { opaque b[VIR_UUID_BUFLEN]; };");
    assert_int_equal(vw_schema_type(s, "a")->size, 20);
    vw_schema_destroy(s);
}

static void defines(void **state)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    static const char text[] = "const A = 4; const B = A; struct s { opaque a[B]; int b<C>; };";
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_define(s, "A", 9, &err), 0);
    assert_int_equal(vw_schema_define(s, "C", 3, &err), 0);
    assert_int_equal(vw_schema_define(s, "a-b", 3, &err), VW_EUSAGE);
    assert_int_equal(vw_schema_add(s, "a.x", text, strlen(text), false, NULL), 0);
    assert_int_equal(vw_schema_finish(s, NULL), 0);
    assert_int_equal(field(vw_schema_type(s, "s"), "a")->type->max, 9);
    assert_int_equal(field(vw_schema_type(s, "s"), "b")->type->max, 3);
    vw_schema_destroy(s);
}

static struct vw_schema *two_files(const char *first, const char *second, bool replace,
                                   struct vw_error *err)
{
    struct vw_schema *s;
    assert_int_equal(vw_schema_create(&s), 0);
    int rc = vw_schema_add(s, "1.x", first, strlen(first), false, err);
    if (!rc)
        rc = vw_schema_add(s, "2.x", second, strlen(second), replace, err);
    if (!rc)
        vw_schema_finish(s, err);
    return s;
}

static void replacing(void **state)
{
    static const char first[] = "const A = 1; enum e { X = 1, Y = 2 }; struct s { int a[A]; };"
                                "struct t { s x; e y; };",
                      second[] = "const A = 2; enum e { Y = 5, Z = 6 }; struct s { hyper b; };";
    struct vw_error err = VW_ERROR_INIT;
    struct vw_schema *s = two_files(first, second, true, &err);
    int64_t value;
    size_t n;
    assert_int_equal(err.code, 0);
    assert_int_equal(constant(s, "A"), 2);
    assert_int_equal(constant(s, "Y"), 5);
    assert_false(vw_schema_const(s, "X", &value));
    assert_int_equal(vw_schema_type(s, "s")->size, 8);
    assert_int_equal(vw_schema_type(s, "t")->size, 16);
    assert_string_equal(vw_schema_type(s, "s")->where.file, "2.x");
    vw_schema_types(s, &n);
    assert_int_equal(n, 3);
    vw_schema_destroy(s);

    s = two_files(first, second, false, &err);
    assert_int_equal(err.code, VW_ESYNTAX);
    vw_schema_destroy(s);

    vw_error_clear(&err);
    s = two_files(first, "struct s { int b; }; struct s { int b; };", true, &err);
    assert_int_equal(err.code, VW_ESYNTAX);
    assert_int_equal(err.column, 29);
    vw_schema_destroy(s);
}

static void recursion(void **state)
{
    struct vw_schema *s = parse_fixture("recursive.x");
    const struct vw_type *t = vw_schema_type(s, "list");
    assert_ptr_equal(field(t, "next")->type->elem, t);
    assert_true(t->wire_max == UINT64_MAX);
    assert_int_equal(t->wire_min, 8);
    t = vw_schema_type(s, "tree_node");
    assert_int_equal(t->wire_min, 12);
    assert_true(t->wire_max == UINT64_MAX);
    vw_schema_destroy(s);
}

static void lists_are_in_order(void **state)
{
    struct vw_schema *s = parse_fixture("unions.x");
    size_t n;
    const struct vw_type *const *list = vw_schema_types(s, &n);
    assert_string_equal(list[0]->name, "colour");
    assert_string_equal(list[1]->name, "large");
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i]->index, i);
    vw_schema_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aliases),
        cmocka_unit_test(long_chains),
        cmocka_unit_test(aliases_take_everything_over),
        cmocka_unit_test(numbers_that_headers_give),
        cmocka_unit_test(cycles),
        cmocka_unit_test(names_of_headers),
        cmocka_unit_test(defines),
        cmocka_unit_test(replacing),
        cmocka_unit_test(recursion),
        cmocka_unit_test(lists_are_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
