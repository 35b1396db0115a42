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
    expect_error("const A = 18446744073709551616;", VW_ESYNTAX, 1, 11, "64 bits");
    expect_error("const A = -18446744073709551615;", VW_ESYNTAX, 1, 12, "fits in 64 bits");
    expect_error("const A = -9223372036854775809;", VW_ESYNTAX, 1, 12, "fits in 64 bits");
    expect_error("const A = 0xffffffffffffffff; struct s { int a<A>; };", VW_ESYNTAX, 1, 48,
                 "63 bits");
    expect_error("enum e { A = 0xffffffffffffffff };", VW_ESYNTAX, 1, 10,
                 "does not fit in 32 bits");
    struct vw_schema *big = parse("const A = 0xffffffffffffffff; const B = A;");
    assert_true(constant(big, "B") == -1);
    vw_schema_destroy(big);
    big = parse("const A = -9223372036854775808;");
    assert_true(constant(big, "A") == INT64_MIN);
    vw_schema_destroy(big);
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

/* What stands behind the end of the text is not looked at. */
static void the_end_is_the_end(void **state)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"const A = 1;/|* */", "1:13: byte 0x2f has no meaning here"},
        {"const A = 1;/|/", "1:13: byte 0x2f has no meaning here"},
        {"const A = 1; /* *|/",
         "1:14: expected '*/' to end this comment, found the end of the file"},
        {"const A|B = 1;", "1:8: expected '=' after the name of the constant, found the end of the "
                           "file"},
        {"const A = 1|2;", "1:12: expected ';' after the constant, found the end of the file"},
        {"const A = 0|x10;", "1:12: expected ';' after the constant, found the end of the file"},
        {"const A = 0x|10;",
         "1:11: expected a decimal, octal (0...) or hexadecimal (0x...) number"},
        {"#define A 1\\|\nconst", "good"},
        {"#if 0\n#endi|f", "2:6: expected #endif, found the end of the file"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[100], said[300];
        struct vw_schema *s;
        struct vw_error err = VW_ERROR_INIT;
        size_t len = strcspn(rows[i].text, "|");
        snprintf(text, sizeof(text), "%.*s%s", (int)len, rows[i].text, rows[i].text + len + 1);
        assert_int_equal(vw_schema_create(&s), 0);
        int rc = vw_schema_add(s, "e.x", text, len, false, &err);
        snprintf(said, sizeof(said), rc ? "%u:%u: %s" : "good", err.line, err.column, err.text);
        assert_string_equal(said, rows[i].said);
        vw_schema_destroy(s);
    }
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

/* What #define makes of a number; 0 where it makes none. */
static void numbers_of_defines(void **state)
{
    static const struct {
        const char *line;
        bool known;
        int64_t value;
    } rows[] = {
        {"#define A 1", true, 1},
        {"# define A 1", true, 1},
        {"  #define A 1", true, 1},
        {"%#define A 1", true, 1},
        {"% # define A 1", true, 1},
        {"#define A\t0x1F", true, 31},
        {"#define A 010", true, 8},
        {"#define A -5", true, -5},
        {"#define A (7)", true, 7},
        {"#define A ( -7 )", true, -7},
        {"#define A (-7) // x", true, -7},
        {"#define A 7/* x */", true, 7},
        {"#define A 7\r", true, 7},
        {"#define A \\\n 7", true, 7},
        {"%#define A \\\n% 7", true, 7},
        {"%#define A \\\n7", true, 7},
        {"#define A 9223372036854775807", true, INT64_MAX},
        {"#define A (7", false, 0},
        {"#define A (7]", false, 0},
        {"#define A 7)", false, 0},
        {"#define A 7 8", false, 0},
        {"#define A 7u", false, 0},
        {"#define A 08", false, 0},
        {"#define A 0x", false, 0},
        {"#define A -", false, 0},
        {"#define A --7", false, 0},
        {"#define A x7", false, 0},
        {"#define A", false, 0},
        {"#define A(x) 7", false, 0},
        {"#define A 9223372036854775808", false, 0},
        {"#define A 000000000000000000007", false, 0},
        {"#define A 00000000000000000007", true, 7},
        {"#define", false, 0},
        {"#undef A", false, 0},
        {"#defined A 7", false, 0},
        {"#defin A 7", false, 0},
        {"%define A 7", false, 0},
        {"#if 0\n#define A 7\n#endif", false, 0},
        {"#if 1\n#define A 7\n#endif", true, 7},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[300];
        struct vw_schema *s;
        struct vw_error err = VW_ERROR_INIT;
        snprintf(text, sizeof(text), "%s\nconst B = A;", rows[i].line);
        int rc = try_text(text, &s, &err);
        if (rc != (rows[i].known ? 0 : VW_ESYNTAX))
            fail_msg("%s: %d %s", rows[i].line, rc, err.text);
        if (rows[i].known && constant(s, "B") != rows[i].value)
            fail_msg("%s: %lld", rows[i].line, (long long)constant(s, "B"));
        vw_schema_destroy(s);
    }
}

/* Which of the constants A to D are left by conditions. */
static void parts_that_are_left_out(void **state)
{
    static const struct {
        const char *text, *left;
    } rows[] = {
        {"#if 1\nconst A = 1;\n#else\nconst B = 1;\n#endif\nconst C = 1;", "AC"},
        {"#if 0\nconst A = 1;\n#else\nconst B = 1;\n#endif\nconst C = 1;", "BC"},
        {"#if -1\nconst A = 1;\n#endif", "A"},
        {"#if (0)\nconst A = 1;\n#endif", ""},
        {"#define X 0\n#ifdef X\nconst A = 1;\n#else\nconst B = 1;\n#endif", "A"},
        {"#define X x\n#ifdef X\nconst A = 1;\n#else\nconst B = 1;\n#endif", "B"},
        {"#ifdef X\nconst A = 1;\n#else\nconst B = 1;\n#endif", "B"},
        {"#ifndef X\nconst A = 1;\n#else\nconst B = 1;\n#endif", "A"},
        {"#ifdef\nconst A = 1;\n#else\nconst B = 1;\n#endif", "B"},
        {"#ifndef\nconst A = 1;\n#else\nconst B = 1;\n#endif", "A"},
        {"const X = 1;\n#ifdef X\nconst A = 1;\n#endif", ""},
        {"#if 0\n#if 1\nconst A = 1;\n#else\nconst B = 1;\n#endif\nconst C = 1;\n#else\n"
         "const D = 1;\n#endif",
         "D"},
        {"#if 0\n#if x\n#if 1\n#endif\n#else\n#endif\nconst A = 1;\n#endif\nconst B = 1;", "B"},
        {"#if 1\n#if 0\nconst A = 1;\n#endif\nconst B = 1;\n#else\nconst C = 1;\n#endif", "B"},
        {"#if 0\n#error no\n%#define A 1\n'$\n#endif\nconst B = 1;", "B"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_schema *s = parse(rows[i].text);
        char left[8] = "", name[2] = "A";
        int64_t value;
        for (; *name <= 'D'; ++*name)
            if (vw_schema_const(s, name, &value))
                strcat(left, name);
        if (strcmp(left, rows[i].left) != 0)
            fail_msg("%s: %s", rows[i].text, left);
        vw_schema_destroy(s);
    }
}

static void mistakes_in_foreign_lines(void **state)
{
    char text[3000] = "";
    expect_error("#if 1\n#endif\n #endif", VW_ESYNTAX, 3, 2, "#endif without #if");
    expect_error("#if 1\n#endif\n  #else", VW_ESYNTAX, 3, 3, "#else without #if");
    expect_error("#if\n#endif", VW_ESYNTAX, 1, 1, "expected a number after #if;");
    expect_error("#if 1\n #elif 1\n#endif", VW_ESYNTAX, 2, 2, "expected #else or #endif;");
    expect_error("#if 0\n\n#elif 1\n#endif", VW_ESYNTAX, 3, 1, "expected #else or #endif;");
    expect_error("#if 1\n#if 0\n#endif\n", VW_ESYNTAX, 4, 1, "expected #endif, found the end");
    expect_error("#if 1 \\\n\\\n\n x", VW_ESYNTAX, 4, 2, "found 'x'");
    for (int i = 0; i < 64; i++)
        strcat(text, "#if 0\n");
    char more[4000];
    snprintf(more, sizeof(more), "%s%s", text, "x");
    expect_error(more, VW_ESYNTAX, 65, 2, "expected #endif");
    snprintf(more, sizeof(more), "%s%s", text, "#ifdef A");
    expect_error(more, VW_ELIMIT, 65, 1, "#if blocks nest deeper than 64");
    char line[400];
    memset(line, 'x', sizeof(line));
    snprintf(more, sizeof(more), "#error %.199s", line);
    expect_error(more, VW_ESYNTAX, 1, 1, more);
    snprintf(more, sizeof(more), "#error %.200s", line);
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(try_text(more, &s, &err), VW_ESYNTAX);
    assert_int_equal(strlen(err.text), 6 + 200);
    vw_schema_destroy(s);
}

/* Every byte at the start of a text: a letter or digit begins a token, a blank is passed over,
 * punctuation stands for itself, all else means nothing. */
static void every_byte(void **state)
{
    for (unsigned c = 0; c < 256; c++) {
        struct vw_schema *s;
        struct vw_lex l;
        struct vw_error err = VW_ERROR_INIT;
        const char text[] = {(char)c};
        assert_int_equal(vw_schema_create(&s), 0);
        int rc = vw_lex_start(&l, s, "f", text, 1, &err);
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool blank = c && strchr(" \t\n\v\f\r%#", (int)c);
        bool punct = c && strchr("()*,-:;<=>[]{}", (int)c);
        if (letter || punct || blank || (c >= '0' && c <= '9')) {
            assert_int_equal(rc, 0);
            assert_int_equal(l.kind, letter  ? VW_TOK_NAME
                                     : punct ? (int)c
                                     : blank ? VW_TOK_END
                                             : VW_TOK_NUMBER);
        } else {
            char wanted[40];
            snprintf(wanted, sizeof(wanted), "byte 0x%02x has no meaning here", c);
            assert_int_equal(rc, VW_ESYNTAX);
            assert_string_equal(err.text, wanted);
        }
        vw_schema_destroy(s);
    }
}

/* At most sixty bytes of a token are shown. */
static void long_tokens_are_cut(void **state)
{
    char text[100];
    for (size_t n = 59; n <= 61; n++) {
        struct vw_schema *s;
        struct vw_error err = VW_ERROR_INIT;
        memset(text, 'a', n);
        text[n] = '\0';
        assert_int_equal(try_text(text, &s, &err), VW_ESYNTAX);
        char wanted[200];
        snprintf(wanted, sizeof(wanted),
                 "expected const, typedef, struct, union, enum or program, found '%.60s'", text);
        assert_string_equal(err.text, wanted);
        vw_schema_destroy(s);
    }
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
        cmocka_unit_test(numbers),
        cmocka_unit_test(places),
        cmocka_unit_test(a_nul_is_no_end),
        cmocka_unit_test(comments),
        cmocka_unit_test(long_names),
        cmocka_unit_test(foreign_lines),
        cmocka_unit_test(the_end_is_the_end),
        cmocka_unit_test(numbers_of_defines),
        cmocka_unit_test(parts_that_are_left_out),
        cmocka_unit_test(mistakes_in_foreign_lines),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(long_tokens_are_cut),
        cmocka_unit_test(found_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
