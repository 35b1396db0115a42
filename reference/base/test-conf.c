// SPDX-License-Identifier: MIT
// The files of libvirt's daemons: what is read of them, and where something is wrong.
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/testing/test.h"

static int parse(const char *text, size_t len, struct vw_arena *arena, struct vw_node **out,
                 struct vw_error *err)
{
    *err = (struct vw_error)VW_ERROR_INIT;
    return vw_conf_parse(text, len, arena, out, err);
}

static void test_tree(void **state)
{
    static const char text[] = "# first\r\n"
                               "\tlevel = +007 ; port=\"16509\" # why\n"
                               "level = 3\n"
                               "minus = -5#\n"
                               "X1_y = 'a\"b\\'\n"
                               "long = \"\"\"a \"\n"
                               "b\"\"\"\n"
                               "list = [ \"a\"\n"
                               "  ,\n"
                               "\"b\", [ 0, ] ]\n"
                               "none=[]";
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err;
    struct vw_node *n;
    assert_int_equal(parse(text, strlen(text), &arena, &n, &err), 0);
    assert_int_equal(n->count, 8);
    const struct vw_node *level = vw_node_get(n, "level"), *port = vw_node_get(n, "port");
    assert_string_equal(level->text, "7");
    assert_false(level->quoted);
    assert_int_equal(level->line, 2);
    assert_int_equal(level->column, 10);
    assert_int_equal(level->key_column, 2);
    assert_string_equal(port->text, "16509");
    assert_true(port->quoted);
    assert_int_equal(port->key_column, 17);
    assert_string_equal(vw_node_get(n, "minus")->text, "-5");
    assert_string_equal(vw_node_get(n, "X1_y")->text, "a\"b\\");
    assert_string_equal(vw_node_get(n, "long")->text, "a \"\nb");
    const struct vw_node *list = vw_node_get(n, "list");
    assert_int_equal(list->kind, VW_NODE_LIST);
    assert_int_equal(list->count, 3);
    assert_int_equal(list->first->next->line, 10);
    assert_int_equal(list->first->next->column, 1);
    assert_string_equal(list->last->first->text, "0");
    assert_int_equal(vw_node_get(n, "none")->count, 0);
    vw_arena_finish(&arena);
}

#define TEXT(t) t, sizeof(t) - 1

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        unsigned line, column;
        const char *says;
    } rows[] = {
        {TEXT("a.b = 1"), 1, 2, "a = must stand here"},
        {TEXT("a\n= 1"), 1, 2, "a = must stand here"},
        {TEXT("\n_a = 1"), 2, 1, "a name must stand here"},
        {TEXT("a = 1\n5 = 5"), 2, 1, "a name must stand here"},
        {TEXT("a = 1;;"), 1, 7, "a name must stand here"},
        {TEXT("a = 1\n\0b = 1"), 2, 1, "a name must stand here"},
        {TEXT("# a\0\n"), 1, 4, "a name must stand here"},
        {TEXT("a = 1\0"), 1, 6, "a name must stand here"},
        {TEXT("a = "), 1, 5, "a text in quotes, a number or a [list] must stand here"},
        {TEXT("a =\n 1"), 1, 4, "a text in quotes, a number or a [list] must stand here"},
        {TEXT("a = b"), 1, 5, "a text in quotes, a number or a [list] must stand here"},
        {TEXT("a = -"), 1, 5, "a number must stand here"},
        {TEXT("a = 0x10"), 1, 6, "something follows the value in its line"},
        {TEXT("a = 1 2"), 1, 7, "something follows the value in its line"},
        {TEXT("a = \"b\" \"c\""), 1, 9, "something follows the value in its line"},
        {TEXT("a = \"\"\"\"\"b"), 1, 5, "the text has no \"\"\" at its end"},
        {TEXT("a = \"\"\"b\0\"\"\""), 1, 5, "the text has no \"\"\" at its end"},
        {TEXT("a = 'b"), 1, 5, "the text does not end in its line"},
        {TEXT("a = 'b\n'"), 1, 5, "the text does not end in its line"},
        {TEXT("a = \"b\0\""), 1, 5, "the text does not end in its line"},
        {TEXT("a = [\"b\" \"c\"]"), 1, 10, "a , or the ] of the list must stand here"},
        {TEXT("a = [\"b\""), 1, 9, "a , or the ] of the list must stand here"},
        {TEXT("a = [1\n# c\n]"), 2, 1, "a , or the ] of the list must stand here"},
        {TEXT("a = [ "), 1, 7, "a text in quotes, a number or a [list] must stand here"},
        {TEXT("a = [1,,2]"), 1, 8, "a text in quotes, a number or a [list] must stand here"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err;
        struct vw_node *n;
        assert_int_equal(parse(rows[i].text, rows[i].len, &arena, &n, &err), VW_ESYNTAX);
        assert_string_equal(err.text, rows[i].says);
        assert_int_equal(err.line, rows[i].line);
        assert_int_equal(err.column, rows[i].column);
        vw_arena_finish(&arena);
    }
}

/* N times PIECE behind AHEAD. */
static int parse_many(const char *ahead, const char *piece, size_t n, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_node *out;
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    fputs(ahead, f);
    for (size_t i = 0; i < n; i++)
        fputs(piece, f);
    fclose(f);
    int rc = parse(text, len, &arena, &out, err);
    free(text);
    vw_arena_finish(&arena);
    return rc;
}

static void test_limits(void **state)
{
    struct vw_error err;
    assert_int_equal(parse_many("a = ", "[", 100000, &err), VW_ELIMIT);
    assert_string_equal(err.text, "lists stand too deep in each other");
    assert_int_equal(err.column, 5 + VW_YAML_MAX_DEPTH);
    assert_int_equal(parse_many("a = [", "1,", VW_YAML_MAX_NODES, &err), VW_ELIMIT);
    assert_string_equal(err.text, "there are too many values");
    assert_int_equal(parse_many("", "\n", VW_YAML_MAX_BYTES, &err), 0);
    assert_int_equal(parse_many("", "\n", VW_YAML_MAX_BYTES + 1, &err), VW_ELIMIT);
    assert_string_equal(err.text, "the file is too large");
    assert_int_equal(parse_many("a = ", "9", 200000, &err), 0);
}

/* Whatever stands where, it ends, and within its bytes. */
static void test_hostile(void **state)
{
    static const char seed[] = "a = \"b\"\nc = [ 1, 'd', [\"\"\"e\n\"\"\"] ] ; f = -1 # g\r\n";
    static const char bytes[] = {0, '"', '\'', '[', ']', ',', '=', ';', '#', '\n', '\\', '0', -1};
    for (size_t at = 0; at < sizeof(seed) - 1; at++) {
        for (size_t i = 0; i < sizeof(bytes); i++) {
            for (size_t len = at + 1; len < sizeof(seed); len++) {
                struct vw_arena arena = VW_ARENA_INIT;
                struct vw_error err;
                struct vw_node *n;
                char *text = malloc(len); /* of just this size, for who watches */
                assert_non_null(text);
                memcpy(text, seed, len);
                text[at] = bytes[i];
                int rc = parse(text, len, &arena, &n, &err);
                assert_true(rc == 0 || (rc == VW_ESYNTAX && err.line > 0 && err.column > 0));
                free(text);
                vw_arena_finish(&arena);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
