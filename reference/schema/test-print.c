// SPDX-License-Identifier: MIT
// Schemas written out: types as .x spells them, the lock listing and the C header, to the letter.
#include "schema/internal.h"
#include "schema/test-support.h"

/* Says where the text GOT and the file NAME part. */
static void expect_file(const char *got, const char *name)
{
    size_t len, i = 0;
    char *wanted = read_text(fixture(name), &len);
    while (got[i] && got[i] == wanted[i])
        i++;
    if (got[i] != wanted[i])
        fail_msg("%s: at %zu: got\n%.400s\nwanted\n%.400s", name, i, got + i, wanted + i);
    free(wanted);
}

static char *written(const struct vw_schema *s, const char *guard)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(guard ? vw_schema_header(s, guard, out) : vw_schema_lock(s, out), 0);
    fclose(out);
    return text;
}

static void the_lock(void **state)
{
    struct vw_schema *s = parse_fixture("print.x");
    char *text = written(s, NULL);
    expect_file(text, "print.lock");
    free(text);
    vw_schema_destroy(s);
}

/* But for its first words, which hold the digest. */
static void the_header(void **state)
{
    struct vw_schema *s = parse_fixture("print.x");
    char *text = written(s, "guard.h"), *body = strstr(text, "#pragma once");
    assert_memory_equal(text, "/* guard.h: types of", 20);
    assert_non_null(strstr(text, vw_schema_digest(s)));
    assert_non_null(body);
    expect_file(body, "print.header");
    free(text);
    vw_schema_destroy(s);
}

static const char *shape(const struct vw_type *t, bool names)
{
    static char text[600];
    FILE *f = fmemopen(text, sizeof(text), "w");
    assert_non_null(f);
    vw_type_print_shape(t, names, f);
    fclose(f);
    return text;
}

static void shapes(void **state)
{
    static const struct {
        const char *type, *names, *plain;
    } rows[] = {
        {"e", "enum { A = 1, B = -2 }", "enum { A = 1, B = -2 }"},
        {"text", "string<N>", "string<3>"},
        {"any", "string<>", "string<>"},
        {"id", "opaque[UUID]", "opaque[16]"},
        {"raw", "opaque<7>", "opaque<7>"},
        {"five", "int[5]", "int[5]"},
        {"list", "int<N>", "int<3>"},
        {"maybe", "e *", "e *"},
        {"again", "text", "text"},
        {"f", "e", "e"},
        {"h", "hyper", "hyper"},
        {"far", "five *", "five *"},
        {"point", "struct { int x; unsigned int<> y; }", "struct { int x; unsigned int<> y; }"},
        {"un", "union switch (e t) { case 1: int a; case -2: void; }",
         "union switch (e t) { case 1: int a; case -2: void; }"},
        {"dn",
         "union switch (unsigned int while) { case 1: case 4294967295: s big; case 2: string<2> z; "
         "default: int if; }",
         "union switch (unsigned int while) { case 1: case 4294967295: s big; case 2: string<2> z; "
         "default: int if; }"},
        {"none", "union switch (int t) { case 1: void; }",
         "union switch (int t) { case 1: void; }"},
        {"double", "double", "double"},
    };
    struct vw_schema *s = parse_fixture("print.x");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vw_type *t = vw_schema_type(s, rows[i].type);
        assert_string_equal(shape(t, true), rows[i].names);
        assert_string_equal(shape(t, false), rows[i].plain);
    }
    const struct vw_type *in = field(vw_schema_type(s, "s"), "in")->type;
    assert_string_equal(spelled(in), "struct { int a; enum { C = 5, D = 6 } b; }");
    vw_schema_destroy(s);
}

/* A line that cannot be written is no success. */
static void errors_of_the_stream(void **state)
{
    struct vw_schema *s = parse_fixture("print.x");
    FILE *out = fopen("/dev/full", "we");
    assert_non_null(out);
    setvbuf(out, NULL, _IONBF, 0);
    assert_int_equal(vw_schema_lock(s, out), VW_ESYSTEM);
    clearerr(out);
    assert_int_equal(vw_schema_header(s, "g", out), VW_ESYSTEM);
    fclose(out);
    vw_schema_destroy(s);
}

static void kinds_have_names(void **state)
{
    static const char *const names[] = {
        "void",     "int",           "unsigned int", "hyper",          "unsigned hyper", "bool",
        "char",     "unsigned char", "short",        "unsigned short", "float",          "double",
        "enum",     "string",        "opaque",       "fixed opaque",   "fixed array",    "array",
        "optional", "struct",        "union",        "unknown",
    };
    for (unsigned kind = VW_VOID; kind <= VW_UNION + 1; kind++)
        assert_string_equal(vw_kind_name((enum vw_kind)kind), names[kind]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lock),
        cmocka_unit_test(the_header),
        cmocka_unit_test(shapes),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(errors_of_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
