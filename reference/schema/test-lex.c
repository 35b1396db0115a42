// SPDX-License-Identifier: MIT
// The lexer: what is a token, what is skipped, and where things stand.
#include "schema/lex.h"
#include "schema/test-support.h"

static void numbers(void **state)
{
    struct vw_schema *s = parse_fixture("constants.x");
    assert_int_equal(constant(s, "DECIMAL"), 65536);
    assert_int_equal(constant(s, "HEX"), 0x20008086);
    assert_int_equal(constant(s, "HEX_CAPITALS"), 0x0EA7BEEF);
    assert_int_equal(constant(s, "OCTAL"), 0755);
    assert_int_equal(constant(s, "ZERO"), 0);
    assert_int_equal(constant(s, "MINUS"), -1);
    assert_int_equal(constant(s, "MINUS_HEX"), -2147483648LL);
    assert_true(constant(s, "BIG") == INT64_MAX);
    vw_schema_destroy(s);
    expect_error("const A = 12ab;", VW_ESYNTAX, 1, 11, "expected a decimal");
    expect_error("const A = 0x;", VW_ESYNTAX, 1, 11, "expected a decimal");
    expect_error("const A = 08;", VW_ESYNTAX, 1, 11, "expected a decimal");
    expect_error("const A = 9223372036854775808;", VW_ESYNTAX, 1, 11, "64 bits");
    expect_error("const A = --1;", VW_ESYNTAX, 1, 12, "expected a number");
}

static void places(void **state)
{
    expect_error("\n\n   $", VW_ESYNTAX, 3, 4, "byte 0x24");
    expect_error("\t\tx", VW_ESYNTAX, 1, 3, "expected const");
    expect_error("/* a\n b */ x", VW_ESYNTAX, 2, 7, "expected const");
    expect_error("const A = 1; // x\r\n  y", VW_ESYNTAX, 2, 3, "found 'y'");
    expect_error("%x\n %y\n  z", VW_ESYNTAX, 3, 3, "found 'z'");
    expect_error("const A", VW_ESYNTAX, 1, 8, "found the end of the file");
    expect_error("const A = 1;\n\xc3\xa4", VW_ESYNTAX, 2, 1, "byte 0xc3");
    expect_error("const A = 1; %not at the start", VW_ESYNTAX, 1, 14, "byte 0x25");

    struct vw_schema *s = parse("\n  const A = 1;\nstruct  s { int a;\n char  b; };");
    const struct vw_type *t = vw_schema_type(s, "s");
    assert_string_equal(t->where.file, "test.x");
    assert_int_equal(t->where.line, 3);
    assert_int_equal(t->where.column, 9);
    assert_int_equal(field(t, "b")->where.line, 4);
    assert_int_equal(field(t, "b")->where.column, 8);
    vw_schema_destroy(s);
}

static void a_nul_is_no_end(void **state)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_add(s, "n.x", "const A = 1;\0const", 18, false, &err), VW_ESYNTAX);
    assert_int_equal(err.column, 13);
    assert_non_null(strstr(err.text, "byte 0x00"));
    vw_schema_destroy(s);
}

static void comments(void **state)
{
    vw_schema_destroy(parse("/**/ /***/ /* * / */ // /*\n const A = 1; /* */"));
    vw_schema_destroy(parse("const/* */A/**/=/***/1//\n;//"));
    expect_error("const A = 1; /* ", VW_ESYNTAX, 1, 14, "to end this comment");
    expect_error("/*/ const A = 1;", VW_ESYNTAX, 1, 1, "to end this comment");
    expect_error("const A = 1 / 2;", VW_ESYNTAX, 1, 13, "byte 0x2f");
}

static void long_names(void **state)
{
    char text[600];
    memset(text, 'a', sizeof(text));
    memcpy(text, "const ", 6);
    snprintf(text + 6 + 255, sizeof(text) - 6 - 255, " = 1;");
    vw_schema_destroy(parse(text));
    memset(text + 6, 'a', 256);
    snprintf(text + 6 + 256, sizeof(text) - 6 - 256, " = 1;");
    expect_error(text, VW_ELIMIT, 1, 7, "at most 255");
}

static void foreign_lines(void **state)
{
    struct vw_schema *s = parse_fixture("passthrough.x");
    size_t n;
    vw_schema_types(s, &n);
    assert_int_equal(n, 2);
    const struct vw_type *sized = vw_schema_type(s, "sized");
    assert_int_equal(field(sized, "a")->type->max, 12);
    assert_int_equal(field(sized, "b")->type->max, 0x20);
    assert_int_equal(field(sized, "c")->type->max, 13);
    assert_int_equal(constant(s, "TAKEN_TOO"), 1);
    assert_int_equal(constant(s, "ALSO_TAKEN"), 2);
    vw_schema_destroy(s);
    expect_error("#else\n", VW_ESYNTAX, 1, 1, "#else without #if");
    expect_error("#if 1\n#elif 2\n#endif", VW_ESYNTAX, 2, 1, "#elif");
    expect_error("#if A\n#endif", VW_ESYNTAX, 1, 1, "expected a number");
    expect_error("#error no\n", VW_ESYNTAX, 1, 1, "#error no");
    expect_error("#if 0\nx", VW_ESYNTAX, 2, 2, "expected #endif");
}

static void found_is_told(void **state)
{
    struct vw_schema *s;
    struct vw_lex l;
    char buf[80];
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_lex_start(&l, s, "f", "abc 0x1f {", 10, NULL), 0);
    assert_int_equal(l.kind, VW_TOK_NAME);
    assert_string_equal(vw_lex_found(&l, buf, sizeof(buf)), "'abc'");
    assert_int_equal(vw_lex_next(&l), 0);
    assert_int_equal(l.kind, VW_TOK_NUMBER);
    assert_int_equal(l.number, 0x1f);
    assert_string_equal(vw_lex_found(&l, buf, sizeof(buf)), "'0x1f'");
    assert_int_equal(vw_lex_next(&l), 0);
    assert_int_equal(l.kind, '{');
    assert_int_equal(vw_lex_next(&l), 0);
    assert_int_equal(l.kind, VW_TOK_END);
    vw_schema_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),         cmocka_unit_test(places),
        cmocka_unit_test(a_nul_is_no_end), cmocka_unit_test(comments),
        cmocka_unit_test(long_names),      cmocka_unit_test(foreign_lines),
        cmocka_unit_test(found_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
