// SPDX-License-Identifier: MIT
// Patterns: what matches, what does not, and what is said then.
#include <string.h>

#include "base/testing/test.h"
#include "scenario/pattern.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct row {
    const char *pattern, *value;
    int result;
    const char *why; /* of a match 0; of an error its text */
};

static const struct row scalars[] = {
    {"1", "1", 1, ""},
    {"1", "2", 0, "expected 1, found 2"},
    {"1", "1.5", 0, "expected 1.0, found 1.5"},
    {"1.5", "1.5", 1, ""},
    {"1.5", "1.25", 0, "expected 1.5, found 1.25"},
    {"1.5x", "1.5", 0, "expected \"1.5x\", found 1.5"},
    {"\"1.5\"", "1.5", 0, "expected \"1.5\", found 1.5"},
    {"\"\"", "1.5", 0, "expected \"\", found 1.5"},
    {"1.5", "\"1.5\"", 1, ""},
    {"2", "2.0", 1, ""},
    {"1", "true", 1, ""},
    {"0", "false", 1, ""},
    {"1", "false", 0, "expected 1, found false"},
    {"2", "true", 0, "expected 2, found true"},
    {"true", "true", 1, ""},
    {"true", "false", 0, "expected true, found false"},
    {"true", "1", 0, "expected true, found 1"},
    {"\"true\"", "true", 0, "expected \"true\", found true"},
    {"-1", "-1", 1, ""},
    {"-1", "1", 0, "expected -1, found 1"},
    {"-1", "18446744073709551615", 0, "expected -1, found 18446744073709551615"},
    {"0", "-1", 0, "expected 0, found -1"},
    {"18446744073709551615", "18446744073709551615", 1, ""},
    {"18446744073709551615", "9223372036854775808", 0,
     "expected 18446744073709551615, found 9223372036854775808"},
    {"9223372036854775808", "9223372036854775807", 0,
     "expected 9223372036854775808, found 9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808", 1, ""},
    {"-9223372036854775808", "-9223372036854775807", 0,
     "expected -9223372036854775808, found -9223372036854775807"},
    {"0x10", "16", 1, ""},
    {"abc", "\"abc\"", 1, ""},
    {"abc", "\"abcd\"", 0, "expected \"abc\", found \"abcd\""},
    {"4", "\"4\"", 1, ""},
    {"4", "\"5\"", 0, "expected \"4\", found \"5\""},
    {"\"4\"", "4", 0, "expected \"4\", found 4"},
    {"$$abc", "\"$abc\"", 1, ""},
    {"$$5", "\"$5\"", 1, ""},
    {"$", "\"$\"", 1, ""},
    {"null", "null", 1, ""},
    {"null", "1", 0, "expected nothing, found 1"},
    {"1", "null", 0, "expected 1, found null"},
    {"$seven", "7", 1, ""},
    {"$seven", "8", 0, "expected 7, found 8"},
    {"$eight", "8", VW_ESYNTAX, "the variable \"$eight\" has no value"},
};

static const struct row structures[] = {
    {"[]", "[]", 1, ""},
    {"[1, 2]", "[1, 2]", 1, ""},
    {"[1]", "[1, 2]", 0, "expected a list of 1, found [1,2]"},
    {"[1, 2]", "[1]", 0, "expected a list of 2, found [1]"},
    {"[1, 3]", "[1, 2]", 0, "[1]: expected 3, found 2"},
    {"[2, 3]", "[1, 2]", 0, "[0]: expected 2, found 1"},
    {"[1]", "{\"a\":1}", 0, "expected a list, found {\"a\":1}"},
    {"[[1, [5]]]", "[[1,[4]]]", 0, "[0][1][0]: expected 5, found 4"},
    {"{a: 1}", "{\"a\": 1, \"b\": 2}", 1, ""},
    {"{a: 1, b: 3}", "{\"a\": 1, \"b\": 2}", 0, "b: expected 3, found 2"},
    {"{a: {b: x}}", "{\"a\": {\"b\": \"y\"}}", 0, "a.b: expected \"x\", found \"y\""},
    {"{a: [{b: 1}]}", "{\"a\": [{\"b\": 2}]}", 0, "a[0].b: expected 1, found 2"},
    {"{a: {any: }, b: 3}", "{\"a\": 1, \"b\": 2}", 0, "b: expected 3, found 2"},
    {"{a: 1}", "[1]", 0, "expected a structure, found [1]"},
    {"{a: 1}", "null", 0, "expected a structure, found null"},
    {"{a: null}", "{\"a\": null}", 1, ""},
    {"{c: 1}", "{\"a\": 1}", VW_ESYNTAX, "the value has no member \"c\""},
    {"{length: 5}", "{\"length\": 5}", 1, ""}, /* a member of that name */
    {"{length: 5}", "{\"length\": 6}", 0, "length: expected 5, found 6"},
    {"{a: $eight}", "{\"a\": 8}", VW_ESYNTAX, "the variable \"$eight\" has no value"},
    {"[1, $eight]", "[1, 8]", VW_ESYNTAX, "the variable \"$eight\" has no value"},
};

static const struct row named[] = {
    {"{any: }", "[]", 1, ""},
    {"{any: }", "null", 1, ""},
    {"{present: }", "0", 1, ""},
    {"{present: }", "null", 0, "expected something, found null"},
    {"{capture: got}", "5", 1, ""},
    {"{capture: got}", "null", 1, ""},
    {"{capture: [got]}", "5", VW_ESYNTAX, "expected a name behind \"capture\""},
    {"{not: 1}", "2", 1, ""},
    {"{not: 1}", "1", 0, "expected something else, found 1"},
    {"{not: {not: 1}}", "1", 1, ""},
    {"{not: $eight}", "1", VW_ESYNTAX, "the variable \"$eight\" has no value"},
    {"{not: {b: 1}}", "{\"a\":1}", VW_ESYNTAX, "the value has no member \"b\""},
    {"{not: [1, 2]}", "[1]", 1, ""},
    {"{prefix: ab}", "\"abc\"", 1, ""},
    {"{prefix: abc}", "\"abc\"", 1, ""},
    {"{prefix: \"\"}", "\"abc\"", 1, ""},
    {"{prefix: abcd}", "\"abc\"", 0, "expected a text that starts with \"abcd\", found \"abc\""},
    {"{prefix: bc}", "\"abc\"", 0, "expected a text that starts with \"bc\", found \"abc\""},
    {"{prefix: 1}", "12", 0, "expected a text that starts with \"1\", found 12"},
    {"{prefix: [a]}", "\"a\"", VW_ESYNTAX, "expected a text behind \"prefix\""},
    {"{at-least: 3}", "4", 1, ""},
    {"{at-least: 3}", "3", 1, ""},
    {"{at-least: 3}", "2", 0, "expected at least 3, found 2"},
    {"{at-least: -3}", "-4", 0, "expected at least -3, found -4"},
    {"{at-least: $seven}", "7", 1, ""},
    {"{at-most: $seven}", "8", 0, "expected at most 7, found 8"},
    {"{at-least: 0}", "\"5\"", 0, "expected at least 0, found \"5\""},
    {"{at-least: 0}", "18446744073709551615", 1, ""},
    {"{at-least: 9223372036854775807}", "9223372036854775806", 0,
     "expected at least 9223372036854775807, found 9223372036854775806"},
    {"{at-least: x}", "1", VW_ESYNTAX, "a whole number"},
    {"{at-most: 3}", "2", 1, ""},
    {"{at-most: 3}", "3", 1, ""},
    {"{at-most: 3}", "4", 0, "expected at most 3, found 4"},
    {"{at-most: 3}", "true", 0, "expected at most 3, found true"},
    {"{at-most: 9223372036854775807}", "9223372036854775807", 1, ""},
    {"{at-most: 9223372036854775807}", "9223372036854775808", 0,
     "expected at most 9223372036854775807, found 9223372036854775808"},
    {"{at-least: 1, at-most: 2}", "0", 0, "expected at least 1, found 0"},
    {"{at-least: 1, at-most: 2}", "1", 1, ""},
    {"{at-least: 1, at-most: 2}", "2", 1, ""},
    {"{at-least: 1, at-most: 2}", "3", 0, "expected at most 2, found 3"},
    {"{length: 2}", "\"ab\"", 1, ""},
    {"{length: 2}", "\"abc\"", 0, "expected a length of 2, found \"abc\""},
    {"{length: 2}", "[1, 2]", 1, ""},
    {"{length: 2}", "[1]", 0, "expected a length of 2, found [1]"},
    {"{length: 0}", "\"\"", 1, ""},
    {"{length: 0}", "[]", 1, ""},
    {"{length: 0}", "null", 0, "expected a length of 0, found null"},
    {"{length: -1}", "[]", VW_ESYNTAX, "from 0"},
    {"{one-of: [1, 2]}", "1", 1, ""},
    {"{one-of: [1, 2]}", "2", 1, ""},
    {"{one-of: [1, 2]}", "3", 0, "expected one of several, found 3"},
    {"{all-of: [{at-least: 1}, {at-most: 3}]}", "3", 1, ""},
    {"{all-of: [{at-least: 1}, {at-most: 3}]}", "4", 0, "expected at most 3, found 4"},
    {"{all-of: [{length: 2}, {contains: 5}]}", "[1, 2]", 0,
     "expected a list with a certain item, found [1,2]"},
    {"{all-of: [{length: 2}, {contains: 2}, {contains: 1}]}", "[1, 2]", 1, ""},
    {"{all-of: [1, $eight]}", "1", VW_ESYNTAX, "the variable \"$eight\" has no value"},
    {"{one-of: []}", "3", 0, "expected one of several, found 3"},
    {"{one-of: [1, $eight, 3]}", "3", VW_ESYNTAX, "the variable \"$eight\" has no value"},
    {"{one-of: [3, $eight]}", "3", 1, ""},
    {"{contains: 2}", "[1, 2]", 1, ""},
    {"{contains: 1}", "[1, 2]", 1, ""},
    {"{contains: 3}", "[1, 2]", 0, "expected a list with a certain item, found [1,2]"},
    {"{contains: 3}", "[]", 0, "expected a list with a certain item, found []"},
    {"{contains: 3}", "3", 0, "expected a list, found 3"},
    {"{contains: $eight}", "[1]", VW_ESYNTAX, "the variable \"$eight\" has no value"},
    {"{contains: {a: 2}}", "[{\"a\":1},{\"a\":2}]", 1, ""},
    {"{contains: b}", "\"abc\"", 1, ""},
    {"{contains: abc}", "\"abc\"", 1, ""},
    {"{contains: d}", "\"abc\"", 0, "expected a text with \"d\" in it, found \"abc\""},
    {"{contains: $seven}", "\"a7c\"", 1, ""},
    {"{contains: $seven}", "\"abc\"", 0, "expected a text with \"7\" in it, found \"abc\""},
    {"{contains: [a]}", "\"a\"", 0, "expected a list, found \"a\""},
    {"{each: {at-least: 1}}", "[1, 2]", 1, ""},
    {"{each: {at-least: 1}}", "[]", 1, ""},
    {"{each: {at-least: 1}}", "[1, 0]", 0, "[1]: expected at least 1, found 0"},
    {"{each: {at-least: 1}}", "1", 0, "expected a list, found 1"},
    {"{each: $eight}", "[1]", VW_ESYNTAX, "the variable \"$eight\" has no value"},
    {"{printable: }", "\"abc\"", 1, ""},
    {"{printable: }", "\" ~\"", 1, ""},
    {"{printable: }", "\"\\u00e9\"", 1, ""},
    {"{printable: }", "\"\"", 0, "expected a text without control characters, found \"\""},
    {"{xml: }", "\"<a/>\"", 1, ""},
    {"{xml: }", "\"<a>\"", 0, "expected well-formed XML, found \"<a>\""},
    {"{xml: {/a: b, count(/a): 1}}", "\"<a>b</a>\"", 1, ""},
    {"{xml: {/a: c}}", "\"<a>b</a>\"", 0, "/a: expected \"c\", found \"b\""},
    {"{xml: {/b: null}}", "\"<a>b</a>\"", 1, ""},
    {"{xml: {number(/a): $seven}}", "\"<a>7</a>\"", 1, ""},
    {"{xml: {'/a[': b}}", "\"<a/>\"", VW_ESYNTAX, "is no XPath"},
    {"{printable: }", "5", 0, "expected a text without control characters, found 5"},
    {"{printable: }", "\"a\\u0001\"", 0, "without control characters"},
    {"{printable: }", "\"a\\u001fb\"", 0, "without control characters"},
    {"{printable: }", "\"a\\u007f\"", 0, "without control characters"},
    {"{printable: }", "\"\\nabc\"", 0, "without control characters"},
    {"{contains: a, length: 3}", "\"abc\"", 1, ""},
    {"{contains: a, length: 2}", "\"abc\"", 0, "expected a length of 2, found \"abc\""},
};

/* Matches with the variable seven, and GOT is what was captured, as JSON. */
static int match(const char *pattern, const char *value, char *why, size_t size,
                 struct vw_error *err, char *got)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_node *n;
    struct json_object *json = json_tokener_parse(value), *vars = json_object_new_object(), *v;
    json_object_object_add(vars, "seven", json_object_new_int(7));
    assert_int_equal(vw_yaml_parse(pattern, strlen(pattern), &arena, &n, err), 0);
    int rc = vw_pattern_match(n, json, vars, why, size, err);
    snprintf(got, 40, "%s",
             json_object_object_get_ex(vars, "got", &v) ? json_object_to_json_string(v) : "none");
    json_object_put(json);
    json_object_put(vars);
    vw_arena_finish(&arena);
    return rc;
}

/* Texts that do not begin with "expected" or a place are parts. */
static bool says(const char *text, const struct row *row)
{
    bool whole = strstr(row->why, "found") != NULL || !*row->why;
    return whole ? strcmp(text, row->why) == 0 : strstr(text, row->why) != NULL;
}

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char why[300] = "left over", got[40];
        struct vw_error err = VW_ERROR_INIT;
        int rc = match(rows[i].pattern, rows[i].value, why, sizeof(why), &err, got);
        if (rc != rows[i].result || err.code != (rc < 0 ? rc : 0) ||
            !says(rc < 0 ? err.text : why, &rows[i]))
            fail_msg("row %zu (%s on %s): %d, %s%s", i, rows[i].pattern, rows[i].value, rc, why,
                     err.text);
    }
}

static void plain_values(void **state)
{
    check_rows(scalars, COUNT(scalars));
}

static void lists_and_structures(void **state)
{
    check_rows(structures, COUNT(structures));
}

static void patterns_with_a_name(void **state)
{
    check_rows(named, COUNT(named));
}

static void what_is_captured(void **state)
{
    static const struct {
        const char *pattern, *value;
        int result;
        const char *got;
    } rows[] = {
        {"{capture: got}", "5", 1, "5"},
        {"{capture: got}", "null", 1, "null"},
        {"{a: {capture: got}}", "{\"a\": [1]}", 1, "[ 1 ]"},
        {"{capture: got, at-least: 6}", "5", 0, "5"},
        {"{at-least: 6, capture: got}", "5", 0, "none"},
        {"{one-of: [{a: 2, b: {capture: got}}, {a: 1}]}", "{\"a\":1,\"b\":2}", 1, "none"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char why[200], got[40];
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(match(rows[i].pattern, rows[i].value, why, sizeof(why), &err, got),
                         rows[i].result);
        assert_string_equal(got, rows[i].got);
    }
}

/* A long value is cut at 120 bytes, and a reason that has no room is cut too. */
static void long_reasons(void **state)
{
    char value[200], why[400], got[40], expected[200];
    struct vw_error err = VW_ERROR_INIT;
    for (size_t len = 117; len <= 120; len++) { /* with its quotes from 119 to 122 */
        snprintf(value, sizeof(value), "\"%.*s\"", (int)len,
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        assert_int_equal(match("null", value, why, sizeof(why), &err, got), 0);
        snprintf(expected, sizeof(expected), "expected nothing, found %.120s%s", value,
                 len + 2 > 120 ? "..." : "");
        assert_string_equal(why, expected);
    }
    assert_int_equal(match("1", "2", why, 8, &err, got), 0);
    assert_string_equal(why, "expecte");
    assert_int_equal(match("1", "2", NULL, 0, &err, got), 0);
    assert_int_equal(match("1", "1", NULL, 0, &err, got), 1);
}

/* Nesting has a bound, also for an alternative inside a list: 40 levels, the outermost counted. */
static void depth(void **state)
{
    for (size_t levels = 39; levels <= 41; levels++) {
        struct vw_node nodes[41] = {0};
        char why[100];
        struct vw_error err = VW_ERROR_INIT;
        struct json_object *value = NULL;
        for (size_t i = 0; i < levels; i++) {
            nodes[i].kind = i + 1 < levels ? VW_NODE_LIST : VW_NODE_NULL;
            nodes[i].count = i + 1 < levels;
            nodes[i].first = i + 1 < levels ? &nodes[i + 1] : NULL;
            if (i > 0) {
                struct json_object *outer = json_object_new_array();
                json_object_array_add(outer, value);
                value = outer;
            }
        }
        int rc = vw_pattern_match(&nodes[0], value, NULL, why, sizeof(why), &err);
        assert_int_equal(rc, levels <= 40 ? 1 : VW_ESYNTAX);
        assert_string_equal(err.text, levels <= 40 ? "" : "nested too deeply");
        json_object_put(value);
    }
}

/* Where a place is longer than the room for it, its beginning is told. */
static void long_places(void **state)
{
    char name[81], pattern[400], value[400], why[400], expected[400], got[40];
    struct vw_error err = VW_ERROR_INIT;
    memset(name, 'n', 80);
    name[80] = 0;
    snprintf(pattern, sizeof(pattern), "{%s: {%s: {a: [{b: 1}]}}}", name, name);
    snprintf(value, sizeof(value), "{\"%s\":{\"%s\":{\"a\":[{\"b\":2}]}}}", name, name);
    assert_int_equal(match(pattern, value, why, sizeof(why), &err, got), 0);
    snprintf(expected, sizeof(expected), "%s.%.78s: expected 1, found 2", name, name);
    assert_string_equal(why, expected);
}

/* Depth is given back: many items side by side are not deep. */
static void width(void **state)
{
    char pattern[400] = "[1", value[400] = "[1", why[100], got[40];
    struct vw_error err = VW_ERROR_INIT;
    for (int i = 0; i < 60; i++) {
        strcat(pattern, ",[1]");
        strcat(value, ",[1]");
    }
    strcat(pattern, "]");
    strcat(value, "]");
    assert_int_equal(match(pattern, value, why, sizeof(why), &err, got), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_values),
        cmocka_unit_test(lists_and_structures),
        cmocka_unit_test(patterns_with_a_name),
        cmocka_unit_test(what_is_captured),
        cmocka_unit_test(long_reasons),
        cmocka_unit_test(depth),
        cmocka_unit_test(width),
        cmocka_unit_test(long_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
