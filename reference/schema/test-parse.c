// SPDX-License-Identifier: MIT
// The parser: what each construct becomes, and what is said about text that is wrong.
#include <dirent.h>

#include "schema/test-support.h"

static void expect_type(const struct vw_schema *s, const char *type, const char *name,
                        const char *wanted)
{
    assert_string_equal(spelled(field(vw_schema_type(s, type), name)->type), wanted);
}

static void basic_types(void **state)
{
    struct vw_schema *s = parse_fixture("basics.x");
    static const enum vw_kind words[] = {
        VW_INT,   VW_UINT,  VW_UINT,  VW_INT,    VW_UINT,  VW_UINT,   VW_BOOL,  VW_CHAR,
        VW_UCHAR, VW_SHORT, VW_SHORT, VW_USHORT, VW_HYPER, VW_UHYPER, VW_FLOAT, VW_DOUBLE};
    static const enum vw_kind names[] = {
        VW_CHAR, VW_UCHAR, VW_SHORT,  VW_USHORT, VW_INT,  VW_UINT,  VW_HYPER,  VW_UHYPER,
        VW_UINT, VW_UCHAR, VW_USHORT, VW_UINT,   VW_BOOL, VW_HYPER, VW_UHYPER, VW_UCHAR};
    for (unsigned i = 0; i < 16; i++) {
        assert_ptr_equal(vw_schema_type(s, "basic_words")->fields[i].type, vw_type_basic(words[i]));
        assert_ptr_equal(vw_schema_type(s, "basic_names")->fields[i].type, vw_type_basic(names[i]));
    }
    assert_ptr_equal(vw_schema_type(s, "unsigned hyper"), vw_type_basic(VW_UHYPER));
    assert_ptr_equal(vw_schema_type(s, "bool"), vw_type_basic(VW_BOOL));
    assert_null(vw_schema_type(s, "nothing"));
    vw_schema_destroy(s);
}

static void declarators(void **state)
{
    struct vw_schema *s = parse_fixture("basics.x");
    static const char *const wanted[][2] = {
        {"text", "string<>"},          {"short_text", "string<10>"},
        {"bytes", "opaque<>"},         {"few_bytes", "opaque<3>"},
        {"uuid", "opaque[16]"},        {"five", "int[5]"},
        {"model", "char[32]"},         {"any", "int<>"},
        {"some", "unsigned hyper<7>"}, {"maybe", "int *"},
        {"perhaps", "unsigned int *"}, {"letters", "char<16>"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        expect_type(s, "basic_shapes", wanted[i][0], wanted[i][1]);
    assert_int_equal(field(vw_schema_type(s, "basic_shapes"), "text")->type->max, VW_UNBOUNDED);
    assert_int_equal(vw_schema_type(s, "words")->n_fields, 2);
    vw_schema_destroy(s);
}

static void bounds_keep_their_names(void **state)
{
    struct vw_schema *s = parse_fixture("constants.x");
    expect_type(s, "bounded", "a", "string<DECIMAL>");
    const struct vw_type *t = field(vw_schema_type(s, "bounded"), "a")->type;
    assert_int_equal(t->max, 65536);
    assert_string_equal(t->max_name, "DECIMAL");
    assert_int_equal(field(vw_schema_type(s, "bounded"), "b")->type->max, 42);
    assert_int_equal(field(vw_schema_type(s, "bounded"), "c")->type->max, 11);
    assert_int_equal(field(vw_schema_type(s, "bounded"), "d")->type->max, 43);
    assert_int_equal(field(vw_schema_type(s, "bounded"), "e")->type->max, 16);
    vw_schema_destroy(s);
}

static void unions(void **state)
{
    struct vw_schema *s = parse_fixture("unions.x");
    const struct vw_type *u = vw_schema_type(s, "by_int");
    assert_int_equal(u->kind, VW_UNION);
    assert_string_equal(u->disc->name, "type");
    assert_ptr_equal(u->disc->type, vw_type_basic(VW_INT));
    assert_string_equal(vw_type_arm(u, 1)->name, "i");
    assert_string_equal(vw_type_arm(u, 2)->name, "s");
    assert_ptr_equal(vw_type_arm(u, 2), vw_type_arm(u, 3));
    assert_int_equal(vw_type_arm(u, -4)->type->kind, VW_VOID);
    assert_null(vw_type_arm(u, -4)->name);
    assert_null(vw_type_arm(u, 8));
    u = vw_schema_type(s, "with_default");
    assert_true(vw_type_arm(u, 99)->is_default);
    assert_false(vw_type_arm(u, 0)->is_default);
    u = vw_schema_type(s, "by_unsigned");
    assert_string_equal(vw_type_arm(u, -1)->name, "c");
    u = vw_schema_type(s, "by_bool");
    assert_string_equal(vw_type_arm(u, 1)->name, "d");
    u = vw_schema_type(s, "by_alias");
    assert_string_equal(u->disc->type->name, "paint");
    const struct vw_type *both = vw_schema_type(s, "as_rpcgen_says");
    assert_ptr_equal(field(both, "s")->type, vw_schema_type(s, "small"));
    assert_ptr_equal(field(both, "e")->type, vw_schema_type(s, "empty"));
    vw_schema_destroy(s);
}

static void nested_bodies(void **state)
{
    struct vw_schema *s = parse_fixture("nested.x");
    const struct vw_type *o = vw_schema_type(s, "outer");
    assert_int_equal(field(o, "point")->type->kind, VW_STRUCT);
    assert_null(field(o, "point")->type->name);
    assert_int_equal(field(o, "point")->type->n_fields, 2);
    assert_int_equal(field(o, "state")->type->kind, VW_ENUM);
    assert_int_equal(constant(s, "OUTER_ON"), 1);
    assert_int_equal(field(o, "list")->type->elem->kind, VW_STRUCT);
    assert_int_equal(field(o, "maybe")->type->kind, VW_OPTIONAL);
    assert_int_equal(field(o, "three")->type->max, 3);
    const struct vw_type *t = vw_schema_type(s, "named_by_typedef");
    assert_int_equal(t->kind, VW_STRUCT);
    assert_true(t->is_typedef);
    assert_null(t->alias_of);
    assert_int_equal(vw_schema_type(s, "number")->kind, VW_ENUM);
    assert_int_equal(vw_schema_type(s, "choice_by_typedef")->kind, VW_UNION);
    assert_int_equal(vw_schema_type(s, "uses")->n_fields, 4);
    vw_schema_destroy(s);
}

static void enums(void **state)
{
    struct vw_schema *s = parse_fixture("constants.x");
    static const int32_t values[] = {0, 1, 10, 11, 42, 43, -3, -2};
    const struct vw_type *e = vw_schema_type(s, "counting");
    assert_int_equal(e->n_members, 8);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(e->members[i].value, values[i]);
    assert_string_equal(vw_type_member(e, 11)->name, "COUNT_D");
    assert_null(vw_type_member(e, 12));
    vw_schema_destroy(s);
}

/* Each file of fixtures/bad says in its first line what is wrong with it and where. */
static void bad_file(const char *name)
{
    char path[300], wanted[300], got[600];
    size_t len;
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    snprintf(path, sizeof(path), "bad/%s", name);
    char *text = read_text(fixture(path), &len);
    assert_int_equal(sscanf(text, "/* %290[^\n]", wanted), 1);
    *strstr(wanted, " */") = '\0';
    assert_int_equal(vw_schema_create(&s), 0);
    int rc = vw_schema_add(s, name, text, len, false, &err);
    if (!rc)
        rc = vw_schema_finish(s, &err);
    snprintf(got, sizeof(got), "%u:%u: %s", err.line, err.column, err.text);
    if (!rc || strncmp(got, wanted, strlen(wanted)) != 0)
        fail_msg("%s: wanted %s, got %s", name, wanted, got);
    assert_string_equal(vw_schema_error_file(s), name);
    vw_schema_destroy(s);
    free(text);
}

static void bad_files(void **state)
{
    DIR *dir = opendir(fixture("bad"));
    const struct dirent *e;
    unsigned n = 0;
    assert_non_null(dir);
    while ((e = readdir(dir))) {
        if (e->d_name[0] != '.') {
            bad_file(e->d_name);
            n++;
        }
    }
    closedir(dir);
    assert_true(n >= 42);
}

static void what_was_expected(void **state)
{
    static const struct {
        const char *text;
        unsigned column;
        const char *part;
    } cases[] = {
        {"const 1 = 2;", 7, "expected the name of a constant, found '1'"},
        {"const struct = 2;", 7, "expected the name of a constant"},
        {"const A 2;", 9, "expected '=' after the name of the constant"},
        {"const A = ;", 11, "expected a number or the name of a constant"},
        {"struct { int a; };", 8, "expected the name of the type"},
        {"struct a int b; };", 10, "expected '{'"},
        {"struct a { int; };", 15, "expected a name"},
        {"struct a { 5 b; };", 12, "expected a type"},
        {"struct a { int b }", 18, "expected ';' after the field"},
        {"struct a { int b<3; };", 19, "expected '>' after the largest size"},
        {"struct a { int b[3; };", 19, "expected ']' after the size"},
        {"struct a { int b[]; };", 18, "expected a size"},
        {"struct a { int *b<3>; };", 18, "expected ';' after the field"},
        {"struct a { int b[2][3]; };", 20, "expected ';' after the field"},
        {"struct a { case b; };", 12, "expected a type"},
        {"struct a { const b; };", 12, "expected a type"},
        {"enum a { };", 10, "expected the name of a member"},
        {"enum a { A B };", 12, "expected ',' or '}' after the member"},
        {"enum a { A = };", 14, "expected a value after '='"},
        {"union u { };", 9, "expected 'switch'"},
        {"union u switch int t", 16, "expected '(' after 'switch'"},
        {"union u switch (int) { }", 20, "expected a name"},
        {"union u switch (int t { }", 23, "expected ')' after the discriminant"},
        {"union u switch (int t) { }", 26, "expected 'case' or 'default'"},
        {"union u switch (int t) { int a; }", 26, "expected 'case' or 'default'"},
        {"union u switch (int t) { case 1 int a; }", 33, "expected ':' after the value"},
        {"union u switch (int t) { default int a; }", 34, "expected ':' after 'default'"},
        {"typedef int;", 12, "expected a name"},
        {"typedef int a", 14, "expected ';' after the typedef"},
        {"program P { }", 13, "expected 'version'"},
        {"program P { version V { } = 1; } = 1;", 25, "expected a type"},
        {"program P { version V { int (int) = 1; } = 1; } = 1;", 29, "expected the name of the"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_error(cases[i].text, VW_ESYNTAX, 1, cases[i].column, cases[i].part);
}

static void files_in_any_order(void **state)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    static const char first[] = "struct a { b c; string d<MAX>; };", second[] = "typedef e b;",
                      third[] = "enum e { E }; const MAX = 4;";
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_add(s, "1.x", first, strlen(first), false, &err), 0);
    assert_int_equal(vw_schema_add(s, "2.x", second, strlen(second), false, &err), 0);
    assert_int_equal(vw_schema_add(s, "3.x", third, strlen(third), false, &err), 0);
    assert_int_equal(vw_schema_finish(s, &err), 0);
    assert_int_equal(vw_schema_type(s, "a")->size, 24);
    assert_int_equal(vw_schema_finish(s, &err), VW_EUSAGE);
    vw_schema_destroy(s);
}

static void the_file_of_an_error(void **state)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    static const char first[] = "struct a { int b; };", second[] = "\nstruct a { int b; };";
    assert_int_equal(vw_schema_create(&s), 0);
    assert_string_equal(vw_schema_error_file(s), "");
    assert_int_equal(vw_schema_add(s, "1.x", first, strlen(first), false, &err), 0);
    assert_int_equal(vw_schema_add(s, "2.x", second, strlen(second), false, &err), VW_ESYNTAX);
    assert_string_equal(vw_schema_error_file(s), "2.x");
    assert_non_null(strstr(err.text, "in 1.x:1:8"));
    vw_schema_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(basic_types),
        cmocka_unit_test(declarators),
        cmocka_unit_test(bounds_keep_their_names),
        cmocka_unit_test(unions),
        cmocka_unit_test(nested_bodies),
        cmocka_unit_test(enums),
        cmocka_unit_test(bad_files),
        cmocka_unit_test(what_was_expected),
        cmocka_unit_test(files_in_any_order),
        cmocka_unit_test(the_file_of_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
