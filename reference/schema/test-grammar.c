// SPDX-License-Identifier: MIT
// What is said about text that is no schema: place and words, exactly.
#include "schema/test-support.h"

struct row {
    const char *text, *said;
};

/* "line:column: text" of the error of TEXT; a static buffer. */
static const char *said_about(const char *text)
{
    static char said[600];
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    int rc = try_text(text, &s, &err);
    assert_true(rc == err.code && (rc == 0 || rc == VW_ESYNTAX));
    snprintf(said, sizeof(said), rc ? "%u:%u: %s" : "good", err.line, err.column, err.text);
    vw_schema_destroy(s);
    return said;
}

/* HEAD stands before each text, in a line of its own. */
static void expect_rows(const char *head, const struct row *rows, size_t n)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < n; i++) {
        char text[600];
        snprintf(text, sizeof(text), "%s%s", head, rows[i].text);
        const char *said = said_about(text);
        if (strcmp(said, rows[i].said) == 0)
            continue;
        print_error("%s\n  wanted %s\n  got    %s\n", rows[i].text, rows[i].said, said);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

#define ROWS(head, rows) expect_rows(head, rows, sizeof(rows) / sizeof((rows)[0]))

static void constants(void **state)
{
    static const struct row rows[] = {
        {"const A = 1; const A = 1;", "good"},
        {"const A = 1; const A = 2;", "1:20: 'A' is already defined as 1, in test.x:1:7"},
        {"const A = B; const B = 2; const A = 2;", "good"},
        {"const A = 1; enum e { A };", "1:23: 'A' is already defined, in test.x:1:7"},
        {"enum e { A }; const A = 0;", "1:21: 'A' is already defined, in test.x:1:10"},
        {"const A = -B; const B = 1;", "1:12: expected a number, found 'B'"},
        {"const A = -", "1:12: expected a number, found the end of the file"},
        {"const A = 1", "1:12: expected ';' after the constant, found the end of the file"},
        {"const A = 1 2;", "1:13: expected ';' after the constant, found '2'"},
        {"const A = 9223372036854775807; enum e { B = A, C };",
         "1:41: member 'B' is 9223372036854775807, which does not fit in 32 bits"},
        {"enum e { B = 9223372036854775807, C };",
         "1:10: member 'B' is 9223372036854775807, which does not fit in 32 bits"},
        {"enum e { A = 2147483647 };", "good"},
        {"enum e { A = 2147483647, B };",
         "1:26: member 'B' is 2147483648, which does not fit in 32 bits"},
        {"enum e { A = 2147483648 };",
         "1:10: member 'A' is 2147483648, which does not fit in 32 bits"},
        {"enum e { A = -2147483648 };", "good"},
        {"enum e { A = -2147483649 };",
         "1:10: member 'A' is -2147483649, which does not fit in 32 bits"},
        {"enum e { A = 4294967295 };",
         "1:10: member 'A' is 4294967295, which does not fit in 32 bits"},
        {"const A = BB; const B = 1;", "1:11: constant 'BB' is not known; did you mean 'B'?"},
        {"const A = QUITE_DIFFERENT; const B = 1;",
         "1:11: constant 'QUITE_DIFFERENT' is not known"},
        {"const A = C; const B = A; const C = B;", "1:7: the value of 'A' depends on itself"},
        {"const program = 1; const version = program;", "good"},
        {"const A = bool;", "1:11: expected a number or the name of a constant, found 'bool'"},
    };
    ROWS("", rows);
}

static void enums(void **state)
{
    static const struct row rows[] = {
        {"enum e { A, };", "good"},
        {"enum e { A, A };", "1:13: 'A' is already defined, in test.x:1:10"},
        {"enum e { A = , B };", "1:14: expected a value after '=', found ','"},
        {"enum e { A = -X, B };", "1:15: expected a number, found 'X'"},
        {"enum e { A = 1", "1:15: expected ',' or '}' after the member, found the end of the file"},
        {"enum e { A = 1,", "1:16: expected the name of a member, found the end of the file"},
        {"enum e A };", "1:8: expected '{', found 'A'"},
        {"enum e { A = 1 }", "1:17: expected ';' after the type, found the end of the file"},
        {"enum { A };", "1:6: expected the name of the type, found '{'"},
        {"enum e { A = NONE };", "1:14: constant 'NONE' is not known"},
        {"enum e { case };", "1:10: expected the name of a member, found 'case'"},
        {"struct s { enum { A = 2147483648 } e; };",
         "1:19: member 'A' is 2147483648, which does not fit in 32 bits"},
    };
    ROWS("", rows);
}

static void structs(void **state)
{
    static const struct row rows[] = {
        {"struct s { };", "1:12: expected a field, found '}'"},
        {"struct s { int a; int a; };", "1:23: a second field 'a'"},
        {"struct s { int a; struct { int a; } b; };", "good"},
        {"struct s { struct { int a; int a; } b; };", "1:32: a second field 'a'"},
        {"struct s { struct { int b; } b; int b; };", "1:37: a second field 'b'"},
        {"struct s { int a; }; struct t { int a; };", "good"},
        {"struct s { int a; };\n struct s { int b; };",
         "2:9: 's' is already defined, in test.x:1:8"},
        {"struct s { int a; }; typedef int s;", "1:34: 's' is already defined, in test.x:1:8"},
        {"struct s { int a; }; enum s { A };", "1:27: 's' is already defined, in test.x:1:8"},
        {"struct s { void a; };",
         "1:12: void can only be an arm of a union, a result or an argument list"},
        {"struct s { void; };",
         "1:12: void can only be an arm of a union, a result or an argument list"},
        {"struct s { string a; };",
         "1:19: expected a string with '<' and '>': strings vary in length"},
        {"struct s { string a[3]; };",
         "1:19: expected a string with '<' and '>': strings vary in length"},
        {"struct s { string *a; };",
         "1:20: expected a string with '<' and '>': strings vary in length"},
        {"struct s { string a<3>; };", "good"},
        {"struct s { opaque a; };", "1:19: expected an opaque with '[size]' or '<max>'"},
        {"struct s { opaque *a; };", "1:20: expected an opaque with '[size]' or '<max>'"},
        {"struct s { int a<>; };", "good"},
        {"struct s { int a<0>; };", "good"},
        {"struct s { int a<-1>; };", "1:18: expected a size from 0 to 4294967295, found -1"},
        {"struct s { int a<4294967295>; };", "good"},
        {"struct s { int a<4294967296>; };",
         "1:18: expected a size from 0 to 4294967295, found 4294967296"},
        {"struct s { int a[0]; };", "1:18: expected a size from 1 to 4294967295, found 0"},
        {"struct s { int a[1]; };", "good"},
        {"struct s { int a[-1]; };", "1:18: expected a size from 1 to 4294967295, found -1"},
        {"struct s { int a[4294967296]; };",
         "1:18: expected a size from 1 to 4294967295, found 4294967296"},
        {"struct s { int a[N]; };", "1:18: constant 'N' is not known"},
        {"struct s { int a<N>; }; const M = 1;",
         "1:18: constant 'N' is not known; did you mean 'M'?"},
        {"struct s { unsigned a; };", "good"},
        {"struct s { unsigned int a; };", "good"},
        {"struct s { unsigned long a; };", "good"},
        {"struct s { unsigned long int a; };", "good"},
        {"struct s { unsigned short a; };", "good"},
        {"struct s { unsigned short int a; };", "good"},
        {"struct s { unsigned hyper a; };", "good"},
        {"struct s { unsigned hyper int a; };", "good"},
        {"struct s { unsigned char a; };", "good"},
        {"struct s { unsigned char int a; };", "1:26: expected a name, found 'int'"},
        {"struct s { unsigned int int a; };", "1:25: expected a name, found 'int'"},
        {"struct s { unsigned bool a; };", "1:21: expected a name, found 'bool'"},
        {"struct s { unsigned float a; };", "1:21: expected a name, found 'float'"},
        {"struct s { unsigned unsigned a; };", "1:21: expected a name, found 'unsigned'"},
        {"struct s { char int a; };", "1:17: expected a name, found 'int'"},
        {"struct s { short int a; long int b; hyper int c; };", "good"},
        {"struct s { int int a; };", "1:16: expected a name, found 'int'"},
        {"struct s { float int a; };", "1:18: expected a name, found 'int'"},
        {"struct s { double int a; };", "1:19: expected a name, found 'int'"},
        {"struct s { bool int a; };", "1:17: expected a name, found 'int'"},
        {"struct s { quadruple a; };",
         "1:12: quadruple is not supported: no machine type holds it"},
        {"struct s { program a; };", "1:12: type 'program' is not known"},
        {"typedef int program; struct s { program version; };", "good"},
        {"struct s { int program; };", "good"},
        {"struct s { int int; };", "1:16: expected a name, found 'int'"},
        {"struct s { a b };", "1:16: expected ';' after the field, found '}'"},
        {"struct s { struct t a; };", "1:12: type 't' is not known; did you mean 's'?"},
        {"struct s { struct int a; };", "1:19: expected '{', found 'int'"},
        {"struct s { struct { int a; } };", "1:30: expected a name, found '}'"},
        {"struct s { int **a; };", "1:17: expected a name, found '*'"},
        {"struct s { int *a[2]; };", "1:18: expected ';' after the field, found '['"},
        {"struct s { s *next; };", "good"},
        {"struct s { s next[1]; };",
         "1:8: 's' contains itself; only an optional or an array of it can"},
        {"struct s { s next<1>; };", "good"},
        {"struct s { t a; }; struct t { s b; };",
         "1:8: 's' contains itself; only an optional or an array of it can"},
        {"struct s { struct { s a; } b; };",
         "1:8: 's' contains itself; only an optional or an array of it can"},
        {"typedef struct { int a; } s; struct t { s a; struct s b; };", "good"},
    };
    ROWS("", rows);
}

static void tags(void **state)
{
    static const char types[] = "struct s { int a; }; union u switch (int t) { case 1: void; };"
                                "enum e { E }; typedef int n; typedef s m;\n";
    static const struct row rows[] = {
        {"struct x { struct s a; };", "good"},
        {"struct x { union s a; };", "2:12: 's' is no union"},
        {"struct x { enum s a; };", "2:12: 's' is no enum"},
        {"struct x { struct u a; };", "good"},
        {"struct x { union u a; };", "good"},
        {"struct x { enum u a; };", "2:12: 'u' is no enum"},
        {"struct x { struct e a; };", "2:12: 'e' is no struct"},
        {"struct x { union e a; };", "2:12: 'e' is no union"},
        {"struct x { enum e a; };", "good"},
        {"struct x { struct n a; enum n b; union n c; };", "good"},
        {"struct x { struct m a; };", "good"},
        {"struct x { struct int32_t a; };", "2:12: type 'int32_t' is not known"},
        {"struct x { struct sss a; };", "2:12: type 'sss' is not known"},
        {"struct x { int32_t a; };", "good"},
    };
    ROWS(types, rows);
}

static void unions(void **state)
{
    static const struct row rows[] = {
        {"union u switch (int t) { case 1: int a; case 1: int b; };",
         "1:7: two cases of this union are 1"},
        {"union u switch (int t) { case 1: case 1: int b; };",
         "1:7: two cases of this union are 1"},
        {"union u switch (int t) { case 1: int a; case 2: int a; };", "1:53: a second field 'a'"},
        {"union u switch (int t) { case 1: void; case 2: void; };", "good"},
        {"union u switch (int t) { default: void; };", "good"},
        {"union u switch (int t) { default: void; default: void; };",
         "1:41: a second default arm in one union"},
        {"union u switch (int t) { default: void; case 1: void;\n default: int a; };",
         "2:2: a second default arm in one union"},
        {"union u switch (int t) { case 1: default: void; };",
         "1:34: expected a type, found 'default'"},
        {"union u switch (int t) { default: case 1: void; };",
         "1:35: expected a type, found 'case'"},
        {"union u switch (int t) { case 2147483647: void; };", "good"},
        {"union u switch (int t) { case 2147483648: void; };",
         "1:31: case 2147483648 is no value of the discriminant 't'"},
        {"union u switch (int t) { case -2147483648: void; };", "good"},
        {"union u switch (int t) { case -2147483649: void; };",
         "1:31: case -2147483649 does not fit in 32 bits"},
        {"union u switch (unsigned t) { case 4294967295: void; };", "good"},
        {"union u switch (unsigned t) { case 4294967296: void; };",
         "1:36: case 4294967296 does not fit in 32 bits"},
        {"union u switch (unsigned t) { case 0: void; case -1: void; };",
         "1:50: case -1 is no value of the discriminant 't'"},
        {"union u switch (unsigned t) { case 4294967295: void; case 1: void; };", "good"},
        {"union u switch (bool t) { case 0: void; case 1: void; };", "good"},
        {"union u switch (bool t) { case 2: void; };",
         "1:32: case 2 is no value of the discriminant 't'"},
        {"union u switch (bool t) { case -1: void; };",
         "1:32: case -1 is no value of the discriminant 't'"},
        {"enum e { A = 1, B = 5 }; union u switch (e t) { case A: void; case 5: void; };", "good"},
        {"enum e { A = 1, B = 5 }; union u switch (e t) { case 2: void; };",
         "1:54: case 2 is no value of the discriminant 't'"},
        {"enum e { A = -1 }; union u switch (e t) { case 4294967295: void; };",
         "1:48: case 4294967295 is no value of the discriminant 't'"},
        {"enum e { A = -1 }; union u switch (e t) { case -1: void; };", "good"},
        {"union u switch (hyper t) { case 1: void; };",
         "1:23: expected a discriminant of type int, unsigned int, bool or enum"},
        {"union u switch (char t) { case 1: void; };",
         "1:22: expected a discriminant of type int, unsigned int, bool or enum"},
        {"union u switch (string t<>) { case 1: void; };",
         "1:24: expected a discriminant of type int, unsigned int, bool or enum"},
        {"typedef int n; union u switch (n t) { case 1: void; };", "good"},
        {"struct s { int a; }; union u switch (s t) { case 1: void; };",
         "1:40: expected a discriminant of type int, unsigned int, bool or enum"},
        {"union u switch (int *t) { case 1: void; };",
         "1:22: expected a discriminant of type int, unsigned int, bool or enum"},
        {"union u switch (void) { case 1: void; };",
         "1:17: void can only be an arm of a union, a result or an argument list"},
        {"union u switch (int t) { case X: void; };", "1:31: constant 'X' is not known"},
        {"union u switch (int t) { case : void; };",
         "1:31: expected a value after 'case', found ':'"},
        {"union u switch (int t) { case 1: void };", "1:39: expected ';' after the arm, found '}'"},
        {"union u switch (int t) { case 1: void; }",
         "1:41: expected ';' after the type, found the end of the file"},
        {"union u switch (int t) case 1: void; };", "1:24: expected '{', found 'case'"},
        {"union switch (int t) { case 1: void; };",
         "1:7: expected the name of the type, found 'switch'"},
        {"union u { int a; };", "1:9: expected 'switch' after the name of the union, found '{'"},
        {"union u switch (int a) { case 1: int a; };", "good"},
    };
    ROWS("", rows);
}

static void typedefs(void **state)
{
    static const struct row rows[] = {
        {"typedef int a; typedef int a;", "1:28: 'a' is already defined, in test.x:1:13"},
        {"typedef struct s s; struct s { int a; };", "good"},
        {"typedef struct s s;", "good"},
        {"typedef struct s t;", "1:9: type 's' is not known; did you mean 't'?"},
        {"typedef a b; typedef b a;", "1:11: type 'b' is defined as itself"},
        {"typedef a *a;", "good"},
        {"typedef a b; typedef b *a;", "good"},
        {"typedef void a;",
         "1:9: void can only be an arm of a union, a result or an argument list"},
        {"typedef struct { int a; } s[2]; struct t { s a; };", "good"},
        {"typedef enum { A } e; typedef enum { B } f;", "good"},
        {"typedef string a<5>; struct s { a b<5>; };", "good"},
        {"typedef struct s *s; struct s { int a; };",
         "1:29: 's' is already defined, in test.x:1:19"},
        {"typedef opaque a[3] ;", "good"},
        {"typedef enum e e[2]; enum e { A };", "1:27: 'e' is already defined, in test.x:1:16"},
    };
    ROWS("", rows);
}

static void programs(void **state)
{
    static const struct row rows[] = {
        {"program P { version V { void F(void) = 1; } = 1; } = 1;", "good"},
        {"program P { version V { void F() = 1; } = 1; } = 1;", "good"},
        {"program P { version V { void F(int a) = 1; } = 1; } = 1;", "good"},
        {"program P { version V { void F(int, void) = 1; } = 1; } = 1;",
         "1:37: void stands alone in an argument list"},
        {"program P { version V { void F(void, int) = 1; } = 1; } = 1;",
         "1:38: void stands alone in an argument list"},
        {"program P { version V { void F(void, void) = 1; } = 1; } = 1;",
         "1:38: void stands alone in an argument list"},
        {"program P { version V { void F(int,) = 1; } = 1; } = 1;",
         "1:36: expected a type, found ')'"},
        {"program P { version V { void F(int = 1; } = 1; } = 1;",
         "1:36: expected ',' or ')' after the argument, found '='"},
        {"program P { version V { void F int) = 1; } = 1; } = 1;",
         "1:32: expected '(' after the name of the procedure, found 'int'"},
        {"program P { version V { void F(int) 1; } = 1; } = 1;",
         "1:37: expected '=' after the procedure, found '1'"},
        {"program P { version V { void F(int) = ; } = 1; } = 1;",
         "1:39: expected the number of the procedure, found ';'"},
        {"program P { version V { void F(int) = 1 } = 1; } = 1;",
         "1:41: expected ';' after the procedure, found '}'"},
        {"program P { version V { void F(int) = 1; } 1; } = 1;",
         "1:44: expected '=' after the version, found '1'"},
        {"program P { version V { void F(int) = 1; } = ; } = 1;",
         "1:46: expected the number of the version, found ';'"},
        {"program P { version V { void F(int) = 1; } = 1 } = 1;",
         "1:48: expected ';' after the version, found '}'"},
        {"program P { version V { void F(int) = 1; } = 1; } 1;",
         "1:51: expected '=' after the program, found '1'"},
        {"program P { version V { void F(int) = 1; } = 1; } = ;",
         "1:53: expected the number of the program, found ';'"},
        {"program P { version V { void F(int) = 1; } = 1; } = 1",
         "1:54: expected ';' after the program, found the end of the file"},
        {"program P { version { void F(int) = 1; } = 1; } = 1;",
         "1:21: expected the name of the version, found '{'"},
        {"program P { version V void F(int) = 1; } = 1; } = 1;",
         "1:23: expected '{' after the name of the version, found 'void'"},
        {"program { version V { void F(int) = 1; } = 1; } = 1;",
         "1:9: expected the name of the program, found '{'"},
        {"program P version V { void F(int) = 1; } = 1; } = 1;",
         "1:11: expected '{' after the name of the program, found 'version'"},
        {"program P { V { void F(int) = 1; } = 1; } = 1;", "1:13: expected 'version', found 'V'"},
        {"program P { version V { int F[3](int) = 1; } = 1; } = 1;",
         "1:29: a result cannot be an array; give it a name with typedef"},
        {"program P { version V { int F<3>(int) = 1; } = 1; } = 1;",
         "1:29: a result cannot be an array; give it a name with typedef"},
        {"program P { version V { string F(int) = 1; } = 1; } = 1;", "good"},
        {"program P { version V { string F<3>(int) = 1; } = 1; } = 1;", "good"},
        {"program P { version V { opaque F<3>(int) = 1; } = 1; } = 1;",
         "1:32: a result cannot be an array; give it a name with typedef"},
        {"program P { version V { int *F(int) = 1; } = 1; } = 1;", "good"},
        {"program P { version V { void 5(int) = 1; } = 1; } = 1;",
         "1:30: expected the name of the procedure, found '5'"},
        {"program P { version V { int 5(int) = 1; } = 1; } = 1;",
         "1:29: expected the name of the procedure, found '5'"},
        {"program P { version V { none F(int) = 1; } = 1; } = 1;",
         "1:25: type 'none' is not known"},
        {"program P { version V { void F(none) = 1; } = 1; } = 1;",
         "1:32: type 'none' is not known"},
        {"program P { version V { void F(int, none) = 1; } = 1; } = 1;",
         "1:37: type 'none' is not known"},
        {"program P { version V { void F(int a, int a) = 1; } = 1; } = 1;",
         "1:43: a second field 'a'"},
        {"program P { version V { void F(int) = 1; void G(int) = 1; } = 1; } = 1;",
         "1:47: procedure 'G' has number 1, as 'F' has"},
        {"program P { version V { void G(int) = 1;\nvoid F(int) = 1; } = 1; } = 1;",
         "2:6: procedure 'F' has number 1, as 'G' has"},
        {"program P { version V { void F(int) = 1; void F(int) = 2; } = 1; } = 1;",
         "1:47: 'F' is already defined as 1, in test.x:1:30"},
        {"program P { version V { void F(int) = 2147483647; } = 1; } = 1;", "good"},
        {"program P { version V { void F(int) = 2147483648; } = 1; } = 1;",
         "1:30: the number of 'F' does not fit in 32 bits"},
        {"program P { version V { void F(int) = -2147483648; } = 1; } = 1;", "good"},
        {"program P { version V { void F(int) = -2147483649; } = 1; } = 1;",
         "1:30: the number of 'F' does not fit in 32 bits"},
        {"program P { version V { void F(int) = 1; } = 4294967295; } = 4294967295;", "good"},
        {"program P { version V { void F(int) = 1; } = 4294967296; } = 1;",
         "1:46: the number of the version does not fit in 32 bits unsigned"},
        {"program P { version V { void F(int) = 1; } = 1; } = 4294967296;",
         "1:53: the number of the program does not fit in 32 bits unsigned"},
        {"program P { version V { void F(int) = 1; } = -1; } = 1;",
         "1:46: the number of the version does not fit in 32 bits unsigned"},
        {"program P { version V { void F(int) = 1; } = 0; } = 0;", "good"},
        {"program P { version V { void F(int) = 1; } = 1; } = -1;",
         "1:53: the number of the program does not fit in 32 bits unsigned"},
        {"program P { version V { void F(int) = 1; } = 1; version W { void G(int) = 1; } = 1; } = "
         "1;",
         "1:57: program 0x1 version 1 is already 'p', in test.x:1:21"},
        {"program P { version V { void F(int) = X; } = 1; } = 1;",
         "1:39: constant 'X' is not known; did you mean 'F'?"},
        {"program P { version V { void F(int) = 1; } = X; } = 1;",
         "1:46: constant 'X' is not known; did you mean 'F'?"},
        {"program P { version V { void F(int) = 1; } = 1; } = X;",
         "1:53: constant 'X' is not known; did you mean 'F'?"},
    };
    ROWS("", rows);
}

static void procedures(void **state)
{
    static const char numbers[] = "const P_PROGRAM = 1; const P_PROTOCOL_VERSION = 1;\n";
    static const struct row rows[] = {
        {"enum p_procedure { P_PROC_A = 1 };", "good"},
        {"enum p_procedure { P_PROC_A = 1, P_PROC_B = 1 };",
         "2:34: procedure 'P_PROC_B' has number 1, as 'P_PROC_A' has"},
        {"enum p_procedure {\nP_PROC_B = 2,\nP_PROC_A = 1,\nP_PROC_C = 2 };",
         "5:1: procedure 'P_PROC_C' has number 2, as 'P_PROC_B' has"},
        {"enum p_procedure {\nP_PROC_B = 3,\nP_PROC_A = 3,\nP_PROC_C = 3 };",
         "4:1: procedure 'P_PROC_A' has number 3, as 'P_PROC_B' has"},
        {"enum p_procedure { P_PROC_A = 1, P_PROC_ = 2 };",
         "2:34: expected a name that starts with 'P_PROC_', found 'P_PROC_'"},
        {"enum p_procedure { P_PROC_A = 1, Q_PROC_B = 2 };",
         "2:34: expected a name that starts with 'P_PROC_', found 'Q_PROC_B'"},
        {"enum p_procedure { P_PROC_A = 1, P_PROK_B = 2 };",
         "2:34: expected a name that starts with 'P_PROC_', found 'P_PROK_B'"},
        {"enum p_procedure { P_PROC_A = 1, P_PROC = 2 };",
         "2:34: expected a name that starts with 'P_PROC_', found 'P_PROC'"},
        {"enum q_procedure { Q_PROC_A = 1 };", "2:6: the procedures of enum 'q_procedure' need a "
                                               "constant 'Q_PROGRAM'; did you mean 'P_PROGRAM'?"},
        {"enum q_procedure { Q_PROC_A = 1 }; const Q_PROGRAM = 2;",
         "2:6: the procedures of enum 'q_procedure' need a constant 'Q_PROTOCOL_VERSION'; did you "
         "mean 'P_PROTOCOL_VERSION'?"},
        {"enum q_procedure { Q_PROC_A = 1 }; const Q_PROGRAM = 2; const Q_PROGRAM_VERSION = 2;",
         "good"},
        {"enum q_procedure { Q_PROC_A = 1 }; const Q_PROGRAM = 4294967296;const Q_PROGRAM_VERSION "
         "= 2;",
         "2:6: Q_PROGRAM does not fit in 32 bits unsigned"},
        {"enum q_procedure { Q_PROC_A = 1 }; const Q_PROGRAM = 4294967295;const Q_PROGRAM_VERSION "
         "= 4294967295;",
         "good"},
        {"enum q_procedure { Q_PROC_A = 1 }; const Q_PROGRAM = -1;const Q_PROGRAM_VERSION = 2;",
         "2:6: Q_PROGRAM does not fit in 32 bits unsigned"},
        {"enum q_procedure { Q_PROC_A = 1 }; const Q_PROGRAM = 1; const Q_PROTOCOL_VERSION = -1;",
         "2:6: Q_PROTOCOL_VERSION does not fit in 32 bits unsigned"},
        {"enum p_procedure { P_PROC_A = 1 };enum q_procedure { Q_PROC_A = 1 }; const Q_PROGRAM = "
         "1; const Q_PROTOCOL_VERSION = 1;",
         "2:40: program 0x1 version 1 is already 'p', in test.x:2:6"},
        {"enum p_procedure { P_PROC_A = 1 };enum q_procedure { Q_PROC_A = 1 }; const Q_PROGRAM = "
         "1; const Q_PROTOCOL_VERSION = 2;",
         "good"},
        {"enum p_procedures { P_PROC_A = 1, X = 1 };", "good"},
        {"enum procedure { P_PROC_A = 1, X = 1 };",
         "2:32: expected a name that starts with 'P_PROC_', found 'X'"},
        {"enum p_procedure { P_PRO_A = 1, X = 1 };", "good"},
    };
    ROWS(numbers, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants), cmocka_unit_test(enums),      cmocka_unit_test(structs),
        cmocka_unit_test(tags),      cmocka_unit_test(unions),     cmocka_unit_test(typedefs),
        cmocka_unit_test(programs),  cmocka_unit_test(procedures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
