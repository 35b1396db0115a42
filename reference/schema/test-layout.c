// SPDX-License-Identifier: MIT
// How types lie in memory, held against the C compiler: written out by hand for the fixtures, and
// through the generated header for everything. And how long encodings can be.
#include <inttypes.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/profile.h"
#include "schema/test-support.h"

/* What a C programmer would write for the types of the fixtures. */
struct c_words {
    int32_t a;
    uint32_t b, c;
    int32_t d;
    uint32_t e, f;
    bool g;
    int8_t h;
    uint8_t i;
    int16_t j, k;
    uint16_t l;
    int64_t m;
    uint64_t n;
    float o;
    double p;
};

struct c_shapes {
    struct vw_string text, short_text;
    struct vw_bytes bytes, few_bytes;
    uint8_t uuid[16];
    int32_t five[5];
    int8_t model[32];
    struct vw_list any, some;
    int32_t *maybe;
    uint32_t *perhaps;
    struct vw_list letters;
};

struct c_by_int {
    int32_t type;
    union {
        int32_t i;
        struct vw_string s;
        void *boxed;
        uint8_t *id;
        int32_t *maybe;
    } u;
};

struct c_small {
    int32_t n;
    union {
        int8_t c;
        int16_t s;
    } u;
};

static void expect_place(const struct vw_type *t, const char *name, size_t offset, size_t size)
{
    const struct vw_field *f = field(t, name);
    if (f->offset != offset || (f->boxed ? sizeof(void *) : f->type->size) != size)
        fail_msg("%s.%s: %" PRIu32 "+%" PRIu32 ", wanted %zu+%zu", t->name, name, f->offset,
                 f->type->size, offset, size);
}

#define PLACE(t, c, f)    expect_place(t, #f, offsetof(c, f), sizeof(((c *)0)->f))
#define IN_UNION(t, c, f) expect_place(t, #f, offsetof(c, u.f), sizeof(((c *)0)->u.f))
#define WHOLE(t, c)                                                                                \
    do {                                                                                           \
        assert_int_equal((t)->size, sizeof(c));                                                    \
        assert_int_equal((t)->align, _Alignof(c));                                                 \
    } while (0)

static void structs(void **state)
{
    struct vw_schema *s = parse_fixture("basics.x");
    const struct vw_type *t = vw_schema_type(s, "basic_words");
    WHOLE(t, struct c_words);
    PLACE(t, struct c_words, f);
    PLACE(t, struct c_words, g);
    PLACE(t, struct c_words, i);
    PLACE(t, struct c_words, k);
    PLACE(t, struct c_words, m);
    PLACE(t, struct c_words, o);
    PLACE(t, struct c_words, p);
    t = vw_schema_type(s, "basic_shapes");
    WHOLE(t, struct c_shapes);
    PLACE(t, struct c_shapes, few_bytes);
    PLACE(t, struct c_shapes, uuid);
    PLACE(t, struct c_shapes, five);
    PLACE(t, struct c_shapes, model);
    PLACE(t, struct c_shapes, any);
    PLACE(t, struct c_shapes, maybe);
    PLACE(t, struct c_shapes, letters);
    vw_schema_destroy(s);
}

static void unions(void **state)
{
    struct vw_schema *s = parse_fixture("unions.x");
    const struct vw_type *t = vw_schema_type(s, "by_int");
    WHOLE(t, struct c_by_int);
    IN_UNION(t, struct c_by_int, i);
    IN_UNION(t, struct c_by_int, s);
    IN_UNION(t, struct c_by_int, boxed);
    IN_UNION(t, struct c_by_int, id);
    assert_true(field(t, "boxed")->boxed);
    assert_true(field(t, "id")->boxed);
    assert_false(field(t, "s")->boxed);
    assert_false(field(t, "maybe")->boxed);
    t = vw_schema_type(s, "small");
    WHOLE(t, struct c_small);
    IN_UNION(t, struct c_small, c);
    IN_UNION(t, struct c_small, s);
    t = vw_schema_type(s, "empty");
    assert_int_equal(t->size, 4);
    vw_schema_destroy(s);
}

static void wire_lengths(void **state)
{
    static const struct {
        const char *fixture, *type, *field;
        uint64_t min, max;
    } cases[] = {
        {"basics.x", "basic_words", "a", 4, 4},
        {"basics.x", "basic_words", "h", 4, 4},
        {"basics.x", "basic_words", "p", 8, 8},
        {"basics.x", "basic_shapes", "text", 4, UINT64_MAX},
        {"basics.x", "basic_shapes", "short_text", 4, 16},
        {"basics.x", "basic_shapes", "few_bytes", 4, 8},
        {"basics.x", "basic_shapes", "uuid", 16, 16},
        {"basics.x", "basic_shapes", "five", 20, 20},
        {"basics.x", "basic_shapes", "model", 128, 128},
        {"basics.x", "basic_shapes", "any", 4, UINT64_MAX},
        {"basics.x", "basic_shapes", "some", 4, 60},
        {"basics.x", "basic_shapes", "maybe", 4, 8},
        {"basics.x", "basic_shapes", "letters", 4, 68},
        {"unions.x", "by_int", "boxed", 24, 24},
        {"unions.x", "by_int", "id", 20, 20},
        {"aliases.x", "holder", "list", 4, 132},
        {"aliases.x", "holder", "m", 4, 72},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vw_schema *s = parse_fixture(cases[i].fixture);
        const struct vw_type *t = field(vw_schema_type(s, cases[i].type), cases[i].field)->type;
        assert_true(t->wire_min == cases[i].min);
        assert_true(t->wire_max == cases[i].max);
        vw_schema_destroy(s);
    }
    struct vw_schema *s = parse_fixture("unions.x");
    assert_true(vw_schema_type(s, "by_int")->wire_min == 4);
    assert_true(vw_schema_type(s, "by_int")->wire_max == 4 + 104);
    assert_true(vw_schema_type(s, "by_enum")->wire_min == 8);
    assert_true(vw_schema_type(s, "by_enum")->wire_max == 20);
    assert_true(vw_schema_type(s, "by_bool")->wire_max == 12);
    vw_schema_destroy(s);
}

/* A part that has another name is as long as what the name stands for, however often that is. */
static void lengths_of_other_names(void **state)
{
    static const struct {
        const char *type;
        uint64_t min, max;
    } rows[] = {
        {"text", 4, 12},      {"other", 4, 12},    {"third", 4, 12},
        {"in_struct", 8, 24}, {"in_union", 8, 16}, {"in_list", 4, 40},
        {"fixed", 8, 24},     {"maybe", 4, 16},    {"in_struct_again", 8, 24},
        {"outer", 28, 104},
    };
    struct vw_schema *s =
        parse("typedef string text<5>; typedef text other; typedef other third;"
              "struct in_struct { other a; third b; };"
              "union in_union switch (int d) { case 1: third t; case 2: int i; };"
              "typedef third in_list<3>; typedef third fixed[2]; typedef third *maybe;"
              "typedef in_struct in_struct_again;"
              "struct outer { in_struct_again a; in_union b; in_list c; fixed d; };");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vw_type *t = vw_schema_type(s, rows[i].type);
        if (t->wire_min != rows[i].min || t->wire_max != rows[i].max)
            fail_msg("%s: %llu to %llu", rows[i].type, (unsigned long long)t->wire_min,
                     (unsigned long long)t->wire_max);
    }
    vw_schema_destroy(s);
}

/* Overflow can come from many arrays in each other. */
static void nothing_overflows(void **state)
{
    struct vw_schema *s = parse("typedef string a<0xfffffffe>; typedef a b<0xfffffffe>;"
                                "typedef b c<0xfffffffe>; struct d { c x; c y; };");
    assert_true(vw_schema_type(s, "a")->wire_max == 4 + 0x100000000);
    assert_true(vw_schema_type(s, "c")->wire_max == UINT64_MAX);
    assert_true(vw_schema_type(s, "d")->wire_max == UINT64_MAX);
    vw_schema_destroy(s);
    expect_error("typedef opaque a[0xffffffff];", VW_ELIMIT, 1, 16, "67108864");
    expect_error("typedef hyper a[0xffffffff]; typedef a b[0xffffffff];", VW_ELIMIT, 1, 15,
                 "67108864");
    expect_error("typedef opaque a[0x3000000]; struct b { a x; a y; };", VW_ELIMIT, 1, 37,
                 "67108864");
}

/* A value takes up to 64 MiB. */
static void the_largest_value(void **state)
{
    static const char *const good[] = {
        "typedef opaque a[0x4000000];",
        "typedef hyper a[0x800000];",
        "struct a { opaque x[0x3fffffc]; int y; };",
        "struct a { opaque x[0x3fffffd]; bool y; bool z; bool w; };",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct vw_schema *s = parse(good[i]);
        assert_int_equal(vw_schema_type(s, "a")->size, 67108864);
        vw_schema_destroy(s);
    }
    expect_error("typedef opaque a[0x4000001];", VW_ELIMIT, 1, 16, "67108864");
    expect_error("typedef hyper a[0x800001];", VW_ELIMIT, 1, 15, "67108864");
    expect_error("struct a { opaque x[0x3fffffc]; int y; bool z; };", VW_ELIMIT, 1, 8, "67108864");
    expect_error("struct a { opaque x[0x3fffffd]; int y; };", VW_ELIMIT, 1, 8, "67108864");
    expect_error("struct a { opaque x[0x4000000]; bool y; };", VW_ELIMIT, 1, 8, "67108864");
}

/* Arms of up to 16 bytes lie in the union, larger ones behind a pointer. */
static void arms_are_boxed_above_a_size(void **state)
{
    static const struct {
        const char *arm;
        bool boxed;
        uint32_t size, align, offset;
    } rows[] = {
        {"opaque o[15]", false, 20, 4, 4}, {"opaque o[16]", false, 20, 4, 4},
        {"opaque o[17]", true, 16, 8, 8},  {"hyper o[2]", false, 24, 8, 8},
        {"hyper o[3]", true, 16, 8, 8},    {"char o", false, 8, 4, 4},
        {"short o[4]", false, 12, 4, 4},   {"string o<>", false, 24, 8, 8},
        {"int o", false, 8, 4, 4},         {"int *o", false, 16, 8, 8},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[200];
        snprintf(text, sizeof(text), "union u switch (int d) { case 1: void; case 2: %s; };",
                 rows[i].arm);
        struct vw_schema *s = parse(text);
        const struct vw_type *u = vw_schema_type(s, "u");
        assert_int_equal(field(u, "o")->boxed, rows[i].boxed);
        assert_int_equal(field(u, "o")->offset, rows[i].offset);
        assert_int_equal(u->size, rows[i].size);
        assert_int_equal(u->align, rows[i].align);
        assert_int_equal(u->wire_min, 4);
        vw_schema_destroy(s);
    }
}

/* Elements without bytes would let a count of four bytes stand for any number of them. */
static void elements_take_bytes(void **state)
{
    expect_error("struct s { int a; }; typedef s t<>; typedef t *u; typedef string v[2];",
                 VW_ESYNTAX, 1, 66, "a string with '<'");
    vw_schema_destroy(
        parse("typedef string a<0>; typedef a b<>; typedef int c<0>; typedef c d<>;"));
}

static void depth_is_bounded(void **state)
{
    char *text = malloc(400 * 40), *p = text;
    assert_non_null(text);
    p += sprintf(p, "struct s0 { int a; };");
    for (int i = 1; i < 256; i++)
        p += sprintf(p, "struct s%d { s%d a; };", i, i - 1);
    vw_schema_destroy(parse(text));
    sprintf(p, "struct s256 { s255 a; };");
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(try_text(text, &s, &err), VW_ELIMIT);
    assert_non_null(strstr(err.text, "nest deeper than 256"));
    vw_schema_destroy(s);
    free(text);
}

/* ---- the header and the compiler ---- */

static void put_asserts(const struct vw_schema *s, FILE *out)
{
    size_t n;
    const struct vw_type *const *list = vw_schema_types(s, &n);
    fputs("#include <stddef.h>\n", out);
    for (size_t i = 0; i < n; i++) {
        const struct vw_type *t = list[i];
        bool is_union = t->kind == VW_UNION;
        if (t->alias_of || (t->kind != VW_STRUCT && !is_union)) {
            fprintf(out, "_Static_assert(sizeof(%s) == %" PRIu32 ", \"\");\n", t->name, t->size);
            continue;
        }
        fprintf(out, "_Static_assert(_Alignof(struct %s) == %" PRIu32 ", \"\");\n", t->name,
                t->align);
        for (uint32_t k = 0; k < t->n_fields; k++) {
            if (t->fields[k].name)
                fprintf(out, "_Static_assert(offsetof(struct %s, %s%s) == %" PRIu32 ", \"\");\n",
                        t->name, is_union ? "u." : "", t->fields[k].name, t->fields[k].offset);
        }
    }
}

/* Compiles the header of S with every size and offset as an assertion. */
static bool compiles(const struct vw_schema *s)
{
    const char *cc = getenv("CC"), *root = getenv("VW_SOURCE_ROOT");
    char command[4200];
    snprintf(
        command, sizeof(command),
        "%s -std=gnu17 -Wall -Werror -fsyntax-only -I%s/reference -I%s/reference/include -x c -",
        cc ? cc : "cc", root ? root : ".", root ? root : ".");
    FILE *out = popen(command, "we");
    assert_non_null(out);
    fputs("#define VW_TEST 1\n", out);
    char *text = NULL;
    size_t len = 0;
    FILE *header = open_memstream(&text, &len);
    assert_non_null(header);
    assert_int_equal(vw_schema_header(s, "test.h", header), 0);
    fclose(header);
    /* The main file is no place for #pragma once. */
    char *pragma = strstr(text, "#pragma once");
    assert_non_null(pragma);
    memset(pragma, ' ', strlen("#pragma once"));
    fputs(text, out);
    free(text);
    put_asserts(s, out);
    int status = pclose(out);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void need_compiler(void)
{
    if (system("${CC:-cc} --version >/dev/null 2>&1") != 0)
        skip();
}

static void headers_of_fixtures(void **state)
{
    need_compiler();
    for (size_t i = 0; fixtures[i]; i++) {
        struct vw_schema *s = parse_fixture(fixtures[i]);
        if (!compiles(s))
            fail_msg("%s", fixtures[i]);
        vw_schema_destroy(s);
    }
}

static void headers_of_profiles(void **state)
{
    need_compiler();
    for (const char *const *name = vw_profile_names(); *name; name++) {
        struct vw_profile *p;
        assert_int_equal(vw_profile_load(*name, NULL, &p, NULL), 0);
        if (!compiles(p->schema))
            fail_msg("%s", *name);
        vw_profile_destroy(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structs),
        cmocka_unit_test(unions),
        cmocka_unit_test(wire_lengths),
        cmocka_unit_test(nothing_overflows),
        cmocka_unit_test(the_largest_value),
        cmocka_unit_test(arms_are_boxed_above_a_size),
        cmocka_unit_test(elements_take_bytes),
        cmocka_unit_test(lengths_of_other_names),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(headers_of_fixtures),
        cmocka_unit_test(headers_of_profiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
