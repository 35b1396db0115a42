// SPDX-License-Identifier: MIT
// What the comments of procedures say: each text by the list that it becomes, and the limits.
#include "schema/test-support.h"

static const char head[] = "const P_PROGRAM = 1; const P_PROTOCOL_VERSION = 1;\nenum p_procedure {";

static struct vw_schema *with_members(const char *members)
{
    char *text = NULL;
    assert_true(asprintf(&text, "%s%s};", head, members) > 0);
    struct vw_schema *s = parse(text);
    free(text);
    return s;
}

/* "key=value;" of each annotation of NAME; a static buffer. */
static const char *list_of(const struct vw_schema *s, const char *name)
{
    static char list[600];
    const struct vw_proc *p = vw_schema_proc(s, name);
    assert_non_null(p);
    size_t at = 0;
    list[0] = '\0';
    for (uint32_t i = 0; i < p->n_annotations; i++)
        at += (size_t)snprintf(list + at, sizeof(list) - at, "%s=%s;", p->annotations[i].key,
                               p->annotations[i].value);
    return list;
}

struct row {
    const char *members, *a, *b;
};

static void expect_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct vw_schema *s = with_members(rows[i].members);
        char a[600];
        snprintf(a, sizeof(a), "%s", list_of(s, "a"));
        if (strcmp(a, rows[i].a) != 0 || strcmp(list_of(s, "b"), rows[i].b) != 0)
            fail_msg("%s: wanted '%s' '%s', got '%s' '%s'", rows[i].members, rows[i].a, rows[i].b,
                     a, list_of(s, "b"));
        vw_schema_destroy(s);
    }
}

#define ROWS(rows) expect_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void in_front(void **state)
{
    static const struct row rows[] = {
        {"/** @k: v */ P_PROC_A = 1, P_PROC_B = 2", "k=v;", ""},
        {"/** @k: v */ P_PROC_A = 1, /** @l: w */ P_PROC_B = 2", "k=v;", "l=w;"},
        {"P_PROC_A = 1, /** @l: w */ P_PROC_B = 2", "", "l=w;"},
        {"/** @k: v */ P_PROC_A = 1,\n/** @l: w */ P_PROC_B = 2", "k=v;", "l=w;"},
        {"/* @k: v */ P_PROC_A = 1, /*** @k: v */ P_PROC_B = 2", "", ""},
        {"/** @k: v */ /** @l: w */ P_PROC_A = 1, P_PROC_B = 2", "l=w;", ""},
        {"/** @k: v */ /* @l: w */ P_PROC_A = 1, P_PROC_B = 2", "k=v;", ""},
        {"/**@k:v*/P_PROC_A=1,/**@l:w*/P_PROC_B=2", "k=v;", "l=w;"},
        {"/**\n *@k:v\n *  @l :  w w\t\r\n\t@m:\n@ n:o:p\n */ P_PROC_A = 1, P_PROC_B = 2",
         "k=v;l=w w;m=;n=o:p;", ""},
        {"/** k: v\n * x @k: v\n * @k v\n * @: v\n * ** @k: v\n*/ P_PROC_A = 1, P_PROC_B = 2", "",
         ""},
        {"/** @k: 1\n@k: 2\n@k: 3\n@k: 4\n@k: 5 */ P_PROC_A = 1, P_PROC_B = 2",
         "k=1;k=2;k=3;k=4;k=5;", ""},
        {"/***/ P_PROC_A = 1, /**/ P_PROC_B = 2", "", ""},
        {"P_PROC_A = /** @k: v */ 1, P_PROC_B /** @l: w */ = 2", "", ""},
    };
    ROWS(rows);
}

static void behind(void **state)
{
    static const struct row rows[] = {
        {"P_PROC_A = 1, /* autogen autogen */\nP_PROC_B = 2 /* skipgen autogen */",
         "generate=both;", "generate=client;"},
        {"P_PROC_A = 1, /* autogen skipgen */\nP_PROC_B = 2 /* skipgen skipgen */",
         "generate=server;", "generate=none;"},
        {"P_PROC_A = 1 /* autogen autogen */,\nP_PROC_B = 2", "generate=both;", ""},
        {"P_PROC_A = 1 /* autogen autogen */, /* skipgen skipgen */\nP_PROC_B = 2",
         "generate=both;", ""},
        {"P_PROC_A = 1, /* note */ /* autogen autogen */\nP_PROC_B = 2", "", ""},
        {"P_PROC_A = 1,\n/* autogen autogen */\nP_PROC_B = 2", "", ""},
        {"P_PROC_A = 1, /* autogen\nautogen */ P_PROC_B = 2", "generate=both;", ""},
        {"P_PROC_A = 1, /* autogen */\nP_PROC_B = 2 /* autogen autogens */", "", ""},
        {"P_PROC_A = 1, /* autogenx autogen */\nP_PROC_B = 2 /* skipge skipgen */", "", ""},
        {"P_PROC_A = 1, /* skipgen none */\nP_PROC_B = 2 /* none skipgen */", "", ""},
        {"P_PROC_A = 1, /*autogen|autogen|x@1|y:2 z*/\nP_PROC_B = 2", "generate=both;x=1;y=2;z=;",
         ""},
        {"P_PROC_A = 1, /* autogen\tskipgen  | x@@ | :y */\nP_PROC_B = 2", "generate=server;x=@;",
         ""},
        /* Both styles at one procedure: only what stands in front counts. */
        {"/** @k: v */ P_PROC_A = 1, /* autogen autogen */\nP_PROC_B = 2", "k=v;", ""},
        {"/** none */ P_PROC_A = 1, /* autogen autogen */\nP_PROC_B = 2", "generate=both;", ""},
        /* One comment for two: of the member before it stands behind, of the next in front. */
        {"P_PROC_A = 1, /** @k: v */ P_PROC_B = 2", "", "k=v;"},
    };
    ROWS(rows);
}

/* Comments of up to 4096 bytes are read. START and END stand around spaces, so that what lies
 * between the delimiters has LEN bytes. */
static void expect_long(const char *start, const char *end, size_t len, const char *list)
{
    char spaces[5000], *members = NULL;
    size_t delimiters = 4 + strlen("P_PROC_A = 1");
    size_t n = len + delimiters - strlen(start) - strlen(end);
    memset(spaces, ' ', sizeof(spaces));
    assert_true(asprintf(&members, "%s%.*s%s", start, (int)n, spaces, end) > 0);
    struct vw_schema *s = with_members(members);
    assert_string_equal(list_of(s, "a"), list);
    vw_schema_destroy(s);
    free(members);
}

static void comments_are_read_up_to_a_length(void **state)
{
    expect_long("/** @k: v", "*/P_PROC_A = 1", 4096, "k=v;");
    expect_long("/** @k: v", "*/P_PROC_A = 1", 4097, "");
    expect_long("P_PROC_A = 1/*autogen autogen", "*/", 4096, "generate=both;");
    expect_long("P_PROC_A = 1/*autogen autogen", "*/", 4097, "");
}

/* N annotations of one procedure. */
static void expect_count(unsigned n, unsigned kept)
{
    char *members = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&members, &len);
    assert_non_null(out);
    fputs("/**", out);
    for (unsigned i = 0; i < n; i++)
        fprintf(out, "@k%u: v%u\n", i, i);
    fputs("*/ P_PROC_A = 1", out);
    fclose(out);
    struct vw_schema *s = with_members(members);
    const struct vw_proc *p = vw_schema_proc(s, "a");
    assert_int_equal(p->n_annotations, kept);
    for (unsigned i = 0; i < kept; i++) {
        char key[16], value[16];
        snprintf(key, sizeof(key), "k%u", i);
        snprintf(value, sizeof(value), "v%u", i);
        assert_string_equal(p->annotations[i].key, key);
        assert_string_equal(p->annotations[i].value, value);
    }
    vw_schema_destroy(s);
    free(members);
}

static void so_many_are_kept(void **state)
{
    static const unsigned counts[] = {1, 2, 3, 4, 5, 8, 9, 31, 32, 33, 63, 64};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        expect_count(counts[i], counts[i]);
    expect_count(65, 64);
    expect_count(100, 64);
}

/* Numbers of streams are small; what is larger is not mistaken for none. */
static void numbers_are_kept_in_bounds(void **state)
{
    static const struct {
        const char *text;
        unsigned number;
    } rows[] = {
        {"0", 0},
        {"1", 1},
        {"9", 9},
        {"254", 254},
        {"255", 255},
        {"256", 255},
        {"257", 255},
        {"512", 255},
        {"4294967296", 255},
        {"010", 10},
        {"", 0},
        {"x", 0},
        {"2x", 2},
        {"99999999999999999999", 255},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char members[200];
        snprintf(members, sizeof(members),
                 "/** @readstream: %s */ P_PROC_A = 1, /** @writestream: %s */ P_PROC_B = 2",
                 rows[i].text, rows[i].text);
        struct vw_schema *s = with_members(members);
        const struct vw_proc *a = vw_schema_proc(s, "a"), *b = vw_schema_proc(s, "b");
        assert_int_equal(a->readstream, rows[i].number);
        assert_int_equal(a->writestream, 0);
        assert_int_equal(b->readstream, 0);
        assert_int_equal(b->writestream, rows[i].number);
        vw_schema_destroy(s);
    }
}

static void priorities_and_flags(void **state)
{
    struct vw_schema *s = with_members("/** @priority: high\n@sparseflag: F */ P_PROC_A = 1,"
                                       "/** @priority: low */ P_PROC_B = 2,"
                                       "/** @priority: high\n@priority: low */ P_PROC_C = 3,"
                                       "/** @priority: highest\n@sparse: G */ P_PROC_D = 4");
    assert_true(vw_schema_proc(s, "a")->high_priority);
    assert_string_equal(vw_schema_proc(s, "a")->sparseflag, "F");
    assert_false(vw_schema_proc(s, "b")->high_priority);
    assert_false(vw_schema_proc(s, "c")->high_priority);
    assert_false(vw_schema_proc(s, "d")->high_priority);
    assert_null(vw_schema_proc(s, "d")->sparseflag);
    vw_schema_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_front),
        cmocka_unit_test(behind),
        cmocka_unit_test(comments_are_read_up_to_a_length),
        cmocka_unit_test(so_many_are_kept),
        cmocka_unit_test(numbers_are_kept_in_bounds),
        cmocka_unit_test(priorities_and_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
