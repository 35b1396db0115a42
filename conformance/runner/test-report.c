// SPDX-License-Identifier: MIT
// The reports read back.
#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"
#include "base/utf8.h"
#include "conformance/runner/report.h"

static const struct vw_case cases[] = {
    {.id = "a/one",
     .file_id = "a/one",
     .path = "a/one.yaml",
     .title = "one",
     .clauses = {"F-3"},
     .n_clauses = 1,
     .level = VW_LEVEL_MUST},
    {.id = "a/two/x[0].#len=max+1",
     .file_id = "a/two",
     .path = "a/two.yaml",
     .title = "two & <2>",
     .clauses = {"D-4", "D-21"},
     .n_clauses = 2,
     .level = VW_LEVEL_MAY},
    {.id = "b/three",
     .file_id = "b/three",
     .path = "b/three.yaml",
     .title = "three",
     .clauses = {"K-1"},
     .n_clauses = 1,
     .level = VW_LEVEL_SHOULD},
    {.id = "b/four",
     .file_id = "b/four",
     .path = "b/four.yaml",
     .title = "four",
     .clauses = {"K-2"},
     .n_clauses = 1,
     .level = VW_LEVEL_MUST},
};
#define N_CASES (sizeof(cases) / sizeof(cases[0]))

static struct vw_result results[N_CASES + 1];
static struct vw_tally tally;
static const struct vw_peer peer = {"TEST", "host", "9.0.0"};
static struct vw_report report;

static int setup(void **state)
{
    static const enum vw_verdict verdicts[] = {VW_PASS, VW_FAIL, VW_SKIP, VW_LENIENT};
    memset(results, 0, sizeof(results));
    tally = (struct vw_tally){.planned = N_CASES + 1};
    for (size_t i = 0; i < N_CASES; i++) {
        results[i].c = &cases[i];
        vw_result_set(&results[i], verdicts[i], i ? "because & <so>\x01" : NULL);
        results[i].us = 1500;
        tally.done++;
        tally.by[verdicts[i]]++;
    }
    results[1].expected = strdup("{expect: {reply:}}");
    results[1].transcript = strdup("line one\nline two\n");
    results[N_CASES].c = &cases[0]; /* never run */
    report = (struct vw_report){.kind = "server",
                                .command = "virwire check server",
                                .uri = "test+unix:///default?socket=/s",
                                .commit = "c0ffee",
                                .digest = "d1ge57",
                                .profile = "12.8.0",
                                .seed = 7,
                                .peer = &peer,
                                .results = results,
                                .count = N_CASES + 1,
                                .tally = &tally,
                                .us = 2000000};
    return 0;
}

static int teardown(void **state)
{
    for (size_t i = 0; i < N_CASES; i++)
        vw_result_finish(&results[i]);
    return 0;
}

static char *written(const char *kind)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_report_kind *k = vw_report_find(kind, &err);
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(k);
    assert_int_equal(k->write(&report, f, &err), 0);
    fclose(f);
    return text;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void test_console(void **state)
{
    char *text = written("console");
    has(text, "fail a/two/x[0].#len=max+1");
    has(text, "clause D-4 D-21 (may)");
    has(text, "again: virwire check server --run 'a/two/x[0].#len=max+1' "
              "'test+unix:///default?socket=/s'");
    has(text, "driver TEST, version 9.0.0, host host");
    has(text, "suite c0ffee, profile 12.8.0, schema d1ge57, seed 7");
    has(text, "1 passed, 1 lenient, 1 failed, 1 skipped of 5 planned; 1 not run");
    free(text);
}

static void test_tap(void **state)
{
    char *text = written("tap");
    has(text, "TAP version 13\n1..5\n");
    has(text, "\nok 1 - a/one\n");
    has(text, "\nnot ok 2 - a/two/x[0].\\#len=max+1\n");
    has(text, "\nok 3 - b/three # SKIP");
    has(text, "\nok 4 - b/four\n");
    has(text, "Bail out! 4 of 5");
    free(text);
}

static void test_json(void **state)
{
    char *text = written("json");
    struct json_object *o = json_tokener_parse(text), *v;
    assert_non_null(o);
    assert_true(json_object_object_get_ex(o, "complete", &v));
    assert_false(json_object_get_boolean(v));
    assert_true(json_object_object_get_ex(o, "counts", &v));
    assert_true(json_object_object_get_ex(v, "planned", &v));
    assert_int_equal(json_object_get_int(v), 5);
    assert_true(json_object_object_get_ex(o, "cases", &v));
    assert_int_equal(json_object_array_length(v), 4);
    struct json_object *c = json_object_array_get_idx(v, 1);
    assert_true(json_object_object_get_ex(c, "verdict", &v));
    assert_string_equal(json_object_get_string(v), "fail");
    assert_true(json_object_object_get_ex(c, "clauses", &v));
    assert_int_equal(json_object_array_length(v), 2);
    json_object_put(o);
    free(text);
}

/* Strings of the peer go into reasons; JSON must be UTF-8 all the same. */
static void test_json_of_odd_bytes(void **state)
{
    static const struct {
        const char *reason, *written;
    } rows[] = {
        {"caf\xc3\xa9", "\"reason\":\"caf\xc3\xa9\""},
        {"caf\xe9", "\"reason\":\"caf\\\\xe9\""},
        {"\xe9 and \xff.", "\"reason\":\"\\\\xe9 and \\\\xff.\""},
        {"cut \xe2\x82", "\"reason\":\"cut \\\\xe2\\\\x82\""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        vw_result_set(&results[1], VW_FAIL, rows[i].reason);
        char *text = written("json");
        has(text, rows[i].written);
        assert_int_equal(vw_utf8_valid(text, strlen(text)), strlen(text));
        free(text);
    }
}

static void test_unknown_kind(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    assert_null(vw_report_find("html", &err));
    assert_non_null(strstr(err.text, "tap"));
}

#define REPORT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {

        cmocka_unit_test(test_unknown_kind),
        REPORT_TEST(test_console),
        REPORT_TEST(test_tap),
        REPORT_TEST(test_json),
        REPORT_TEST(test_json_of_odd_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
