// SPDX-License-Identifier: MIT
// Nodes against a table of keys: what each kind of key takes, and the place and text of each
// mistake.
#include "base/testing/test.h"

#include <string.h>

#include <json-c/json.h>

#include "conformance/cases/format-schema.h"
#include "scenario/format.h"

static const char *const words[] = {"red", "green", NULL};
static const struct vw_key inner[] = {
    {"a", VW_TAKES_TEXT, true, NULL, NULL, "a"},
    {"b", VW_TAKES_NUMBER, false, NULL, NULL, "b"},
    {NULL},
};
static const struct vw_keys inner_keys = {"an inner", inner, NULL, NULL};
static const struct vw_key list[] = {
    {"nothing", VW_TAKES_NOTHING, false, NULL, NULL, ""},
    {"text", VW_TAKES_TEXT, false, NULL, NULL, ""},
    {"word", VW_TAKES_TEXT, false, words, NULL, ""},
    {"number", VW_TAKES_NUMBER, false, NULL, NULL, ""},
    {"either", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, words, NULL, ""},
    {"texts", VW_TAKES_TEXTS, false, NULL, NULL, ""},
    {"words", VW_TAKES_TEXTS, false, words, NULL, ""},
    {"map", VW_TAKES_MAP, false, NULL, &inner_keys, ""},
    {"maps", VW_TAKES_MAPS, false, NULL, &inner_keys, ""},
    {"items", VW_TAKES_ITEMS, false, NULL, NULL, ""},
    {"steps", VW_TAKES_STEPS, false, NULL, NULL, ""},
    {"value", VW_TAKES_VALUE, false, NULL, NULL, ""},
    {"much", VW_TAKES_NOTHING | VW_TAKES_MAPS | VW_TAKES_STEPS, false, NULL, &inner_keys, ""},
    {"x", VW_TAKES_NOTHING, false, NULL, NULL, ""},
    {"y", VW_TAKES_NOTHING, false, NULL, NULL, ""},
    {NULL},
};
static const char *const xy[] = {"x", "y", NULL};
static const struct vw_keys plain = {"a thing", list, NULL, NULL};
static const struct vw_keys one = {"a thing", list, xy, NULL};
static const struct vw_keys some = {"a thing", list, NULL, xy};

static void expect_error(size_t row, const struct vw_keys *keys, const char *yaml, unsigned line,
                         unsigned column, const char *text)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_node *n;
    assert_int_equal(vw_yaml_parse(yaml, strlen(yaml), &arena, &n, &err), 0);
    int rc = vw_format_check(keys, n, &err);
    if (rc != (text[0] ? VW_ESYNTAX : 0) || strcmp(err.text, text) != 0 || err.line != line ||
        err.column != column)
        fail_msg("row %zu (%s): %d, %u:%u: %s", row, yaml, rc, err.line, err.column, err.text);
    vw_arena_finish(&arena);
}

static void what_each_key_takes(void **state)
{
    static const struct {
        const char *yaml;
        unsigned line, column;
        const char *text;
    } rows[] = {
        {"{nothing: }", 0, 0, ""},
        {"{nothing: x}", 1, 11, "expected nothing behind \"nothing\", found a word"},
        {"{text: x}", 0, 0, ""},
        {"{text: 7}", 0, 0, ""},
        {"{text: }", 1, 2, "expected a word behind \"text\", found nothing"},
        {"{text: [x]}", 1, 8, "expected a word behind \"text\", found a list"},
        {"{text: {x: y}}", 1, 8, "expected a word behind \"text\", found a mapping"},
        {"{word: red}", 0, 0, ""},
        {"{word: green}", 0, 0, ""},
        {"{word: greem}", 1, 8, "unknown word \"greem\"; did you mean \"green\"?"},
        {"{word: purple}", 1, 8, "unknown word \"purple\"; expected one of red, green"},
        {"{word: $red}", 0, 0, ""},
        {"{word: $}", 1, 8, "unknown word \"$\"; expected one of red, green"},
        {"{word: $$x}", 1, 8, "unknown word \"$$x\"; expected one of red, green"},
        {"{word: 7}", 1, 8, "unknown word \"7\"; expected one of red, green"},
        {"{number: 7}", 0, 0, ""},
        {"{number: -7}", 0, 0, ""},
        {"{number: 0x10}", 0, 0, ""},
        {"{number: $n}", 0, 0, ""},
        {"{number: x}", 1, 10, "expected a whole number behind \"number\", found a word"},
        {"{number: [7]}", 1, 10, "expected a whole number behind \"number\", found a list"},
        {"{either: red}", 0, 0, ""},
        {"{either: 7}", 0, 0, ""},
        {"{either: blue}", 1, 10, "unknown either \"blue\"; expected one of red, green"},
        {"{either: }", 1, 2, "expected a word or a whole number behind \"either\", found nothing"},
        {"{texts: [x, 7, $x]}", 0, 0, ""},
        {"{texts: []}", 0, 0, ""},
        {"{texts: x}", 1, 9, "expected a list of words behind \"texts\", found a word"},
        {"{texts: [x, [y]]}", 1, 13, "expected a word in the list \"texts\", found a list"},
        {"{texts: [x, {y: z}]}", 1, 13, "expected a word in the list \"texts\", found a mapping"},
        {"{words: [red, green, $x]}", 0, 0, ""},
        {"{words: [red, gren]}", 1, 15, "unknown words \"gren\"; did you mean \"green\"?"},
        {"{map: {a: x}}", 0, 0, ""},
        {"{map: $m}", 0, 0, ""},
        {"{map: {a: x, b: 7}}", 0, 0, ""},
        {"{map: {b: 7}}", 1, 7, "an inner needs the key \"a\""},
        {"{map: {a: x, b: y}}", 1, 17, "expected a whole number behind \"b\", found a word"},
        {"{map: {a: x, cccc: y}}", 1, 14, "unknown key \"cccc\"; expected one of a, b"},
        {"{map: x}", 1, 7, "expected a mapping behind \"map\", found a word"},
        {"{maps: [{a: x}, {a: y}]}", 0, 0, ""},
        {"{maps: [{a: x}, $y]}", 0, 0, ""},
        {"{maps: [{a: x}, {b: 7}]}", 1, 17, "an inner needs the key \"a\""},
        {"{maps: [{a: x}, y]}", 1, 17, "expected a mapping in the list \"maps\", found a word"},
        {"{maps: {a: x}}", 1, 8, "expected a list of mappings behind \"maps\", found a mapping"},
        {"{items: [x, [y], {z: }]}", 0, 0, ""},
        {"{items: x}", 1, 9, "expected a list behind \"items\", found a word"},
        {"{steps: [x, {y: }]}", 0, 0, ""},
        {"{steps: x}", 1, 9, "expected a list of steps behind \"steps\", found a word"},
        {"{value: x}", 0, 0, ""},
        {"{value: }", 0, 0, ""},
        {"{value: [x, {y: }]}", 0, 0, ""},
        {"{value: {x: y}}", 0, 0, ""},
        {"{much: x}", 1, 8,
         "expected nothing or a list of mappings or a list of steps behind \"much\", found a "
         "word"},
        {"{txt: x}", 1, 2, "unknown key \"txt\"; did you mean \"text\"?"},
        {"x", 1, 1, "expected a mapping with the keys of a thing, found a word"},
        {"[x]", 1, 1, "expected a mapping with the keys of a thing, found a list"},
        {"{}", 0, 0, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_error(i, &plain, rows[i].yaml, rows[i].line, rows[i].column, rows[i].text);
}

static void keys_of_which_some_must_be_there(void **state)
{
    static const char exactly[] = "a thing needs exactly one of x, y";
    static const char least[] = "a thing needs at least one of x, y";
    static const struct {
        const char *yaml, *one, *some;
    } rows[] = {
        {"{x: }", "", ""},
        {"{y: }", "", ""},
        {"{y: , text: z}", "", ""},
        {"{x: , y: }", exactly, ""},
        {"{text: z}", exactly, least},
        {"{}", exactly, least},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_error(i, &one, rows[i].yaml, rows[i].one[0] != '\0', rows[i].one[0] != '\0',
                     rows[i].one);
        expect_error(i, &some, rows[i].yaml, rows[i].some[0] != '\0', rows[i].some[0] != '\0',
                     rows[i].some);
    }
}

/* The schema is the file of the tree, which people's editors read. */
static void the_schema_of_the_tree(void **state)
{
    char path[4096];
    const char *root = getenv("VW_SOURCE_ROOT");
    snprintf(path, sizeof(path), "%s/conformance/scenario.schema.json", root ? root : ".");
    struct json_object *of_tree = json_object_from_file(path), *printed = vw_format_schema();
    assert_non_null(of_tree);
    if (!json_object_equal(of_tree, printed))
        fail_msg("%s is not what `print-format schema` prints", path);
    json_object_put(of_tree);
    json_object_put(printed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_key_takes),
        cmocka_unit_test(keys_of_which_some_must_be_there),
        cmocka_unit_test(the_schema_of_the_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
