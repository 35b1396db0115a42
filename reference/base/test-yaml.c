// SPDX-License-Identifier: MIT
// The YAML tree: what it keeps, what it refuses and where.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "base/yaml.h"

static int parse(const char *text, struct vw_arena *arena, struct vw_node **out,
                 struct vw_error *err)
{
    *err = (struct vw_error)VW_ERROR_INIT;
    return vw_yaml_parse(text, strlen(text), arena, out, err);
}

static void test_tree(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err;
    struct vw_node *n;
    int64_t v;
    assert_int_equal(parse("a: 1\nb: [x, \"2\", null]\nc:\n  d: -0x10\n", &arena, &n, &err), 0);
    assert_int_equal(n->kind, VW_NODE_MAP);
    assert_int_equal(n->count, 3);
    assert_int_equal(vw_node_number(vw_node_get(n, "a"), 0, 9, &v, &err), 0);
    assert_int_equal(v, 1);
    const struct vw_node *b = vw_node_get(n, "b");
    assert_int_equal(b->count, 3);
    assert_int_equal(b->line, 2);
    assert_int_equal(b->first->next->quoted, true);
    assert_int_equal(b->last->kind, VW_NODE_NULL);
    const struct vw_node *d = vw_node_get(vw_node_get(n, "c"), "d");
    assert_int_equal(d->line, 4);
    assert_int_equal(d->column, 6);
    assert_int_equal(d->key_column, 3);
    assert_int_equal(vw_node_number(d, INT32_MIN, 0, &v, &err), 0);
    assert_int_equal(v, -16);
    vw_arena_finish(&arena);
}

/* What lies between the bounds, and these themselves. */
static void test_bounds(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {{"-4", false},
                {"-3", true},
                {"0", true},
                {"9", true},
                {"0x9", true},
                {"10", false},
                {"9223372036854775808", false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_node *n;
        int64_t v;
        assert_int_equal(parse(rows[i].text, &arena, &n, &err), 0);
        int rc = vw_node_number(n, -3, 9, &v, &err);
        if ((rc == 0) != rows[i].good)
            fail_msg("%s: %d", rows[i].text, rc);
        if (rc)
            assert_string_equal(err.text, "expected a whole number from -3 to 9");
        vw_arena_finish(&arena);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column;
        const char *says; /* NULL: the library's words */
    } rows[] = {
        {"a: &x 1\n", 1, 7, "anchors are not allowed"},
        {"a: [1]\nb: *a\n", 2, 5, "aliases are not allowed; write it out"},
        {"a: !!int 1\n", 1, 10, "tags are not allowed"},
        {"a: 1\nb: 2\na: 3\n", 3, 1, "the key \"a\" stands here twice (first in line 1)"},
        {"a: 1\n---\nb: 2\n", 2, 1, "a second document; one file is one document"},
        {"? [x]\n: 1\n", 1, 3, "a key must be a word"},
        {"a: [1, 2\n", 0, 0, NULL},
        {"a: \"\\0\"\n", 1, 5, "a NUL character cannot stand in a text"},
        {"\ta: 1\n", 0, 0, NULL},
        {"a: 1\nb: x\033\n", 2, 5, "the control character 0x1b cannot stand in YAML"},
        {"a: 1 # \303(\nb: 2\n", 1, 8, "byte 0xc3 is no UTF-8"},
        {"\224abc: 1\n", 1, 1, "byte 0x94 is no UTF-8"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err;
        struct vw_node *n;
        assert_int_equal(parse(rows[i].text, &arena, &n, &err), VW_ESYNTAX);
        assert_true(err.line >= 1);
        if (rows[i].line) {
            assert_int_equal(err.line, rows[i].line);
            assert_int_equal(err.column, rows[i].column);
        }
        if (rows[i].says)
            assert_string_equal(err.text, rows[i].says);
        assert_true(err.text[0] != '\0');
        vw_arena_finish(&arena);
    }
}

/* What follows a NUL is not left out silently. */
static void test_nul(void **state)
{
    static const char text[] = "a: 1\n\0\nb: 2\n";
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_node *n;
    assert_int_equal(vw_yaml_parse(text, sizeof(text) - 1, &arena, &n, &err), VW_ESYNTAX);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 1);
    vw_arena_finish(&arena);
}

static void test_folder(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    char *text;
    size_t len;
    assert_int_equal(vw_yaml_read("/", &text, &len, &err), VW_EUSAGE);
    assert_null(text);
}

static void test_caps(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err;
    struct vw_node *n;
    char deep[200];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 99);
    deep[199] = 0;
    assert_int_equal(parse(deep, &arena, &n, &err), VW_ELIMIT);
    char *big = calloc(1, VW_YAML_MAX_BYTES + 2);
    memset(big, 'x', VW_YAML_MAX_BYTES + 1);
    assert_int_equal(parse(big, &arena, &n, &err), VW_ELIMIT);
    size_t len = 0;
    for (int i = 0; i < VW_YAML_MAX_KEYS + 1; i++)
        len += (size_t)snprintf(big + len, 16, "k%d: 1\n", i);
    assert_int_equal(parse(big, &arena, &n, &err), VW_ELIMIT);
    free(big);
    vw_arena_finish(&arena);
}

static void test_hex(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    const uint8_t *bytes;
    size_t len;
    struct vw_node *n = vw_node_text(&arena, "00 ff0A");
    assert_int_equal(vw_node_hex(n, &arena, &bytes, &len, &err), 0);
    assert_int_equal(len, 3);
    assert_memory_equal(bytes, "\0\xff\x0a", 3);
    const uint8_t *all[8]; /* each has memory of their own */
    for (size_t i = 0; i < 8; i++) {
        n = vw_node_printf(&arena, "1122334455667788%02zu", i);
        assert_int_equal(vw_node_hex(n, &arena, &all[i], &len, &err), 0);
    }
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(all[i][8], i);
    n = vw_node_text(&arena, "0");
    assert_int_equal(vw_node_hex(n, &arena, &bytes, &len, &err), VW_ESYNTAX);
    n = vw_node_text(&arena, "0x");
    err.code = 0;
    assert_int_equal(vw_node_hex(n, &arena, &bytes, &len, &err), VW_ESYNTAX);
    vw_arena_finish(&arena);
}

static void test_print(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err;
    struct vw_node *n;
    char text[200] = "";
    assert_int_equal(parse("a: {b: [1, \"x: y\", ~], c: }\n", &arena, &n, &err), 0);
    FILE *f = fmemopen(text, sizeof(text), "w");
    vw_node_print(n, f);
    fclose(f);
    assert_string_equal(text, "{a: {b: [1, \"x: y\", ~], c:}}");
    vw_arena_finish(&arena);
}

static void prints(const char *text, bool quoted, const char *want)
{
    const struct vw_node n = {
        .kind = VW_NODE_SCALAR, .text = text, .len = strlen(text), .quoted = quoted};
    char got[40] = "";
    FILE *f = fmemopen(got, sizeof(got), "w");
    vw_node_print(&n, f);
    fclose(f);
    assert_string_equal(got, want);
}

/* What would be read as something else stands between quotes. */
static void test_quotes(void **state)
{
    static const struct {
        const char *text, *printed;
        bool quoted;
    } rows[] = {
        {"a b", "a b", false},
        {"a b", "\"a b\"", true},
        {"", "\"\"", false},
        {" a", "\" a\"", false},
        {"-a", "\"-a\"", false},
        {"-1", "-1", false},
        {"-", "\"-\"", false},
        {"?a", "\"?a\"", false},
        {"a-?", "a-?", false},
        {"a\037b", "\"a\\x1fb\"", false},
        {"a\001", "\"a\\x01\"", false},
        {"a\303\251", "a\303\251", false},
        {"a\\b", "a\\b", false},
        {"a\\b\"c", "\"a\\\\b\\\"c\"", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        prints(rows[i].text, rows[i].quoted, rows[i].printed);
    for (const char *c = ":#,[]{}'&*!|>%@`"; *c; c++) {
        const char text[] = {'a', *c, 'b', '\0'};
        const char printed[] = {'"', 'a', *c, 'b', '"', '\0'};
        prints(text, false, printed);
    }
}

static void test_load(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_node *n;
    char folder[VW_TEST_FOLDER], path[VW_TEST_FOLDER + 8];
    assert_int_equal(vw_test_folder(folder), 0);
    snprintf(path, sizeof(path), "%s/a.yaml", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("a: [1, 2]\n", f);
    fclose(f);
    assert_int_equal(vw_yaml_load(path, &arena, &n, &err), 0);
    assert_int_equal(vw_node_get(n, "a")->count, 2);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(vw_yaml_load(path, &arena, &n, &err), VW_EUSAGE);
    assert_string_equal(err.text, "cannot be read: No such file or directory");
    assert_int_equal(rmdir(folder), 0);
    vw_arena_finish(&arena);
}

/* A list of N items is N + 1 nodes. */
static int parse_items(size_t n, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_node *node;
    char *text = malloc(2 * n + 2), *s = text;
    assert_non_null(text);
    *s++ = '[';
    for (size_t i = 0; i < n; i++, s += 2)
        memcpy(s, i + 1 < n ? "0," : "0]", 2);
    *s = '\0';
    int rc = parse(text, &arena, &node, err);
    free(text);
    vw_arena_finish(&arena);
    return rc;
}

static void test_most_nodes(void **state)
{
    struct vw_error err;
    assert_int_equal(parse_items(VW_YAML_MAX_NODES - 1, &err), 0);
    assert_int_equal(parse_items(VW_YAML_MAX_NODES, &err), VW_ELIMIT);
    assert_string_equal(err.text, "too many nodes");
}

static void test_is(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err;
    struct vw_node *n;
    assert_int_equal(parse("{a: x, b: [x], c: {x: x}, d: null}", &arena, &n, &err), 0);
    assert_true(vw_node_is(vw_node_get(n, "a"), "x"));
    assert_false(vw_node_is(vw_node_get(n, "a"), "y"));
    for (const char *key = "b"; *key <= 'd'; key = *key == 'b' ? "c" : *key == 'c' ? "d" : "e")
        assert_false(vw_node_is(vw_node_get(n, key), "x"));
    assert_false(vw_node_is(NULL, "x"));
    vw_arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),       cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_nul),
        cmocka_unit_test(test_caps),       cmocka_unit_test(test_folder),
        cmocka_unit_test(test_hex),        cmocka_unit_test(test_print),
        cmocka_unit_test(test_quotes),     cmocka_unit_test(test_load),
        cmocka_unit_test(test_most_nodes), cmocka_unit_test(test_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
