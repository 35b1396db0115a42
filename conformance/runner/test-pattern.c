// SPDX-License-Identifier: MIT
// Patterns: what matches, what does not, and what is said then.
#include <string.h>

#include "base/testing/test.h"
#include "conformance/runner/pattern.h"

static int match(const char *pattern, const char *value, char *why, size_t size)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_node *n;
    struct json_object *json = json_tokener_parse(value), *vars = json_object_new_object();
    json_object_object_add(vars, "seven", json_object_new_int(7));
    assert_int_equal(vw_yaml_parse(pattern, strlen(pattern), &arena, &n, &err), 0);
    int rc = vw_pattern_match(n, json, vars, why, size, &err);
    if (rc == 1 && strstr(pattern, "capture"))
        assert_true(json_object_object_get_ex(vars, "got", NULL));
    json_object_put(json);
    json_object_put(vars);
    vw_arena_finish(&arena);
    return rc;
}

static void test_rows(void **state)
{
    static const struct {
        const char *pattern, *value;
        int result;
        const char *why;
    } rows[] = {
        {"1", "1", 1, ""},
        {"1", "2", 0, "expected 1, found 2"},
        {"1", "true", 1, ""},
        {"-1", "-1", 1, ""},
        {"18446744073709551615", "18446744073709551615", 1, ""},
        {"abc", "\"abc\"", 1, ""},
        {"4", "\"4\"", 1, ""},
        {"\"4\"", "4", 0, "expected"},
        {"null", "null", 1, ""},
        {"null", "1", 0, "expected nothing"},
        {"$seven", "7", 1, ""},
        {"$seven", "8", 0, "expected 7"},
        {"$eight", "8", VW_ESYNTAX, ""},
        {"[1, 2]", "[1, 2]", 1, ""},
        {"[1]", "[1, 2]", 0, "a list of 1"},
        {"[1, 3]", "[1, 2]", 0, "[1]: expected 3"},
        {"{a: 1}", "{\"a\": 1, \"b\": 2}", 1, ""},
        {"{a: {b: x}}", "{\"a\": {\"b\": \"y\"}}", 0, "a.b: expected"},
        {"{c: 1}", "{\"a\": 1}", VW_ESYNTAX, ""},
        {"{any: }", "[]", 1, ""},
        {"{present: }", "null", 0, "something"},
        {"{capture: got}", "5", 1, ""},
        {"{not: 1}", "2", 1, ""},
        {"{not: 1}", "1", 0, "something else"},
        {"{prefix: ab}", "\"abc\"", 1, ""},
        {"{prefix: bc}", "\"abc\"", 0, "starts with"},
        {"{at-least: 3}", "3", 1, ""},
        {"{at-least: 3}", "2", 0, "at least 3"},
        {"{at-most: 3}", "4", 0, "at most 3"},
        {"{at-least: 1, at-most: 2}", "3", 0, "at most 2"},
        {"{length: 2}", "\"ab\"", 1, ""},
        {"{length: 2}", "[1]", 0, "a length of 2"},
        {"{one-of: [1, 2]}", "2", 1, ""},
        {"{one-of: [1, 2]}", "3", 0, "one of several"},
        {"{contains: 2}", "[1, 2]", 1, ""},
        {"{contains: 3}", "[1, 2]", 0, "certain item"},
        {"{contains: b}", "\"abc\"", 1, ""},
        {"{each: {at-least: 1}}", "[1, 0]", 0, "[1]: expected at least 1"},
        {"{printable: }", "\"a\\u0001\"", 0, "control"},
        {"{printable: }", "\"abc\"", 1, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char why[200] = "";
        int rc = match(rows[i].pattern, rows[i].value, why, sizeof(why));
        if (rc != rows[i].result || !strstr(why, rows[i].why))
            fail_msg("row %zu (%s on %s): %d, %s", i, rows[i].pattern, rows[i].value, rc, why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
