// SPDX-License-Identifier: MIT
// Text that was written to do harm, or cut, or changed: always an answer, in bounded time and
// memory; and an allocator that fails at each point in turn.
#include <time.h>

#include "schema/profile.h"
#include "schema/test-support.h"

/* Parses LEN bytes; the answer does not matter, that there is one does. */
static void survive(const char *text, size_t len)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_schema_create(&s), 0);
    int rc = vw_schema_add(s, "h.x", text, len, false, &err);
    if (!rc)
        rc = vw_schema_finish(s, &err);
    assert_int_equal(rc, err.code);
    if (rc) {
        assert_true(rc == VW_ESYNTAX || rc == VW_ELIMIT);
        assert_true(err.line > 0 && err.column > 0);
        assert_true(*err.text);
    } else {
        assert_int_equal(strlen(vw_schema_digest(s)), 64);
    }
    vw_schema_destroy(s);
}

static void every_prefix(void **state)
{
    for (size_t i = 0; fixtures[i]; i++) {
        size_t len;
        char *text = read_text(fixture(fixtures[i]), &len);
        for (size_t n = 0; n < len; n++) {
            /* In memory of its own, so that a read behind the end shows. */
            char *copy = malloc(n + 1);
            assert_non_null(copy);
            memcpy(copy, text, n);
            survive(copy, n);
            free(copy);
        }
        free(text);
    }
}

static void every_byte_changed(void **state)
{
    static const char values[] = {'\0', '{', '}', '*', '9', '/', ' ', '_', ';', '\n', '\xff'};
    for (size_t i = 0; fixtures[i]; i++) {
        size_t len;
        char *text = read_text(fixture(fixtures[i]), &len);
        for (size_t n = 0; n < len; n++) {
            char old = text[n];
            text[n] = values[n % sizeof(values)];
            survive(text, len);
            text[n] = (char)(old ^ 1 << n % 7);
            survive(text, len);
            text[n] = old;
        }
        free(text);
    }
}

static void every_allocation_fails(void **state)
{
    for (size_t i = 0; fixtures[i]; i++) {
        size_t len;
        char *text = read_text(fixture(fixtures[i]), &len);
        for (size_t n = 1;; n++) {
            struct vw_schema *s = NULL;
            struct vw_error err = VW_ERROR_INIT;
            vw_failalloc_set(n);
            int rc = vw_schema_create(&s);
            if (!rc)
                rc = vw_schema_add(s, "f.x", text, len, false, &err);
            if (!rc)
                rc = vw_schema_finish(s, &err);
            bool failed = vw_failalloc_clear();
            vw_schema_destroy(s);
            if (!failed) {
                assert_int_equal(rc, 0);
                break;
            }
            assert_int_equal(rc, VW_ENOMEM);
        }
        free(text);
    }
}

static void listings_without_memory(void **state)
{
    struct vw_schema *s = parse_fixture("convention.x");
    for (size_t n = 1; n < 20; n++) {
        vw_failalloc_set(n);
        const char *digest = vw_schema_digest(s);
        bool failed = vw_failalloc_clear();
        assert_int_equal(strlen(digest), failed ? 0 : 64);
        if (!failed)
            break;
    }
    vw_schema_destroy(s);
}

static void profiles_without_memory(void **state)
{
    /* Most allocations are the YAML library's own. Each point once would take long, so the steps
     * grow. */
    for (size_t n = 1;; n += 1 + n / 20) {
        struct vw_profile *p = NULL;
        struct vw_error err = VW_ERROR_INIT;
        vw_failalloc_set(n);
        int rc = vw_profile_load("0.3.0", NULL, &p, &err);
        bool failed = vw_failalloc_clear();
        if (!rc)
            vw_profile_destroy(p);
        else
            assert_int_equal(rc, VW_ENOMEM);
        if (!failed)
            break;
    }
}

/* N times PIECE, where "%d" stands for the number of the piece. */
static char *repeat(const char *piece, int n)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    for (int i = 0; i < n; i++) {
        for (const char *p = piece; *p; p++) {
            if (p[0] == '%' && p[1] == 'd')
                fprintf(out, "%d", i), p++;
            else
                fputc(*p, out);
        }
    }
    fclose(out);
    return text;
}

static int try_repeated(const char *head, const char *piece, int n, const char *tail,
                        char *text_out, size_t size)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    char *middle = repeat(piece, n), *text = NULL;
    assert_true(asprintf(&text, "%s%s%s", head, middle, tail) > 0);
    int rc = try_text(text, &s, &err);
    if (text_out)
        snprintf(text_out, size, "%s", err.text);
    vw_schema_destroy(s);
    free(middle);
    free(text);
    return rc;
}

static void many_of_everything(void **state)
{
    char text[400];
    assert_int_equal(try_repeated("", "const A%d = 1;", 100000, "", NULL, 0), 0);
    assert_int_equal(try_repeated("", "const A%d = 1;", 200000, "", NULL, 0), 0);
    assert_int_equal(try_repeated("", "const A%d = 1;", 200001, "", text, sizeof(text)), VW_ELIMIT);
    assert_string_equal(text, "more than 200000 constants, types, fields and members");
    assert_int_equal(try_repeated("enum e {", "A%d,", 100000, "B};", NULL, 0), 0);
    assert_int_equal(try_repeated("struct s {", "int a%d;", 100000, "};", NULL, 0), 0);
    assert_int_equal(try_repeated("union u switch (int t) { case -1: void;", "case %d: void;",
                                  60000, "};", NULL, 0),
                     0);
    assert_int_equal(try_repeated("", "struct s%d { int a<>; string b<>; };", 50000, "", NULL, 0),
                     0);
    assert_int_equal(try_repeated("", "/* ", 100000, "*/", NULL, 0), 0);
    assert_int_equal(try_repeated("", "#if 1\n", 100000, "", text, sizeof(text)), VW_ELIMIT);
    assert_int_equal(try_repeated("", "%d\n", 100000, "", NULL, 0), VW_ESYNTAX);
    assert_int_equal(try_repeated("", "% \\\n", 100000, "", NULL, 0), 0);
}

/* A thousand programs and twenty-four more. */
static void many_programs(void **state)
{
    static const char piece[] = "program P%d { version V%d { void F%d(void) = 1; } = 1; } = %d;";
    char text[400];
    assert_int_equal(try_repeated("", piece, 1024, "", NULL, 0), 0);
    assert_int_equal(try_repeated("", piece, 1025, "", text, sizeof(text)), VW_ELIMIT);
    assert_string_equal(text, "more than 1024 programs");
}

static void deep_text(void **state)
{
    char text[400];
    assert_int_equal(try_repeated("", "struct s { struct {", 1, "int a; } b; };", NULL, 0), 0);
    assert_int_equal(try_repeated("struct s { ", "struct { ", 100000, "", text, sizeof(text)),
                     VW_ELIMIT);
    assert_string_equal(text, "bodies nest deeper than 64");
    for (int n = 63; n <= 64; n++) {
        char *tail = repeat("} b;", n), *end = NULL;
        assert_true(asprintf(&end, "int a; %s};", tail) > 0);
        assert_int_equal(try_repeated("struct s { ", "struct { ", n, end, NULL, 0),
                         n == 63 ? 0 : VW_ELIMIT);
        free(end);
        free(tail);
    }
    assert_int_equal(try_repeated("struct s { ", "union switch (int a) { case 1: ", 100000, "",
                                  text, sizeof(text)),
                     VW_ELIMIT);
}

static void deep_types(void **state)
{
    char text[400];
    /* A ring through optionals, as far as it may go and further. */
    assert_int_equal(
        try_repeated("struct a { b0 *x; };", "typedef b_ *b%d; typedef a b_;", 1, "", NULL, 0), 0);
    char *ring = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&ring, &len);
    assert_non_null(out);
    for (int i = 0; i < 50000; i++)
        fprintf(out, "struct r%d { r%d *next; };", i, (i + 1) % 50000);
    fclose(out);
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(try_text(ring, &s, &err), VW_ELIMIT);
    assert_non_null(strstr(err.text, "nest deeper than 256"));
    vw_schema_destroy(s);
    free(ring);
    assert_int_equal(try_repeated("typedef int t_; typedef t_ *t0;", "", 0, "", text, sizeof(text)),
                     0);
}

/* Doubling at each level reaches any size soon; the cap comes first. */
static void growing_types(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    fputs("struct d0 { hyper a; };", out);
    for (int i = 1; i < 100; i++)
        fprintf(out, "struct d%d { d%d a; d%d b; };", i, i - 1, i - 1);
    fclose(out);
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(try_text(text, &s, &err), VW_ELIMIT);
    assert_non_null(strstr(err.text, "67108864 bytes of memory"));
    vw_schema_destroy(s);
    free(text);
}

static void large_files(void **state)
{
    size_t len = (16u << 20) + 1;
    char *text = malloc(len);
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    assert_non_null(text);
    memset(text, '\n', len);
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_add(s, "l.x", text, len, false, &err), VW_ELIMIT);
    vw_schema_destroy(s);
    vw_error_clear(&err);
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_add(s, "l.x", text, len - 1, false, &err), 0);
    assert_int_equal(vw_schema_finish(s, &err), 0);
    vw_schema_destroy(s);
    free(text);
}

/* Comments far longer than any annotation are skipped, not kept. */
static void huge_annotations(void **state)
{
    char *many = repeat("* @acl: x\n", 300), *long_one = repeat("* @acl: x\n", 3000), *text = NULL;
    assert_true(asprintf(&text,
                         "const P_PROGRAM = 1; const P_PROTOCOL_VERSION = 1;"
                         "enum p_procedure { /** %s */ P_PROC_A = 1, /** %s */ P_PROC_B = 2 };",
                         many, long_one) > 0);
    struct vw_schema *s = parse(text);
    assert_int_equal(vw_schema_proc(s, "a")->n_annotations, 64);
    assert_int_equal(vw_schema_proc(s, "b")->n_annotations, 0);
    vw_schema_destroy(s);
    free(many);
    free(long_one);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_prefix),
        cmocka_unit_test(every_byte_changed),
        cmocka_unit_test(every_allocation_fails),
        cmocka_unit_test(listings_without_memory),
        cmocka_unit_test(profiles_without_memory),
        cmocka_unit_test(many_of_everything),
        cmocka_unit_test(many_programs),
        cmocka_unit_test(deep_text),
        cmocka_unit_test(deep_types),
        cmocka_unit_test(growing_types),
        cmocka_unit_test(large_files),
        cmocka_unit_test(huge_annotations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
