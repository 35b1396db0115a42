// SPDX-License-Identifier: MIT
// What is told while a run goes, and what all of its cases come to.
#include "conformance/report/test-report.h"

/* Of what was played: a skipped case is of no rate, and what is excused is not met. */
static void test_rates(void **state)
{
    report.rated = true;
    char *text = written("console");
    has(text, "\n9.0.0: 1 of 2 must, 0 of 1 may\n");
    free(text);
    text = written("json");
    has(text, "\"must\":{\n      \"met\":1,\n      \"of\":2");
    free(text);
    results[0].finding.verdict = VW_XFAIL;
    text = written("console");
    has(text, "\n9.0.0: 0 of 2 must");
    free(text);
}

static size_t lines_of(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)); text++)
        n++;
    return n;
}

/* A line each, all of them JSON; what has been told is not told again unless an expectation has
 * changed it. */
static void test_ndjson(void **state)
{
    static const bool told[N_CASES] = {true, true, true};
    char *text = written("ndjson");
    assert_int_equal(lines_of(text, "\n"), lines_of(text, "\"line\":\""));
    assert_int_equal(lines_of(text, "\"line\":\"case\""), 4);
    assert_memory_equal(text, "{\"tool\":\"virwire\"", 17);
    has(text, "\"line\":\"begin\"}\n{\"id\":\"a/one\"");
    has(text, "\"complete\":false");
    free(text);
    report.told = told;
    results[0].finding.verdict = VW_XPASS;
    text = written("ndjson");
    assert_int_equal(lines_of(text, "\"line\":\"begin\""), 0);
    assert_int_equal(lines_of(text, "\"line\":\"case\""), 2);
    has(text, "\"id\":\"a/one\"");
    has(text, "\"id\":\"b/four\"");
    has(text, "\"line\":\"end\"}\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        REPORT_TEST(test_rates),
        REPORT_TEST(test_ndjson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
