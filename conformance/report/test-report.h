// SPDX-License-Identifier: MIT
// A run of five cases, which the tests of the reports have written.
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"
#include "conformance/cases/result.h"
#include "conformance/report/report.h"

static const struct vw_case cases[] = {
    {.id = "a/one",
     .file_id = "a/one",
     .path = "a/one.yaml",
     .title = "one",
     .clauses = "F-3",
     .level = VW_LEVEL_MUST},
    {.id = "a/two/x[0].#len=max+1",
     .file_id = "a/two",
     .path = "a/two.yaml",
     .title = "two & <2>",
     .clauses = "D-4 D-21",
     .level = VW_LEVEL_MAY},
    {.id = "b/three",
     .file_id = "b/three",
     .path = "b/three.yaml",
     .title = "three",
     .clauses = "K-1",
     .level = VW_LEVEL_SHOULD},
    {.id = "b/four",
     .file_id = "b/four",
     .path = "b/four.yaml",
     .title = "four",
     .clauses = "K-2",
     .level = VW_LEVEL_MUST},
};
#define N_CASES (sizeof(cases) / sizeof(cases[0]))

static struct vw_result results[N_CASES + 1];
static const struct vw_finding *findings[N_CASES + 1];
static const char *without[3];
static struct vw_tally tally;
static const struct vw_peer peer = {"TEST", "host", "9.0.0"};
static struct vw_report report;
static struct vw_groups groups;

static int setup(void **state)
{
    static const enum vw_verdict verdicts[] = {VW_PASS, VW_FAIL, VW_SKIP, VW_LENIENT};
    memset(results, 0, sizeof(results));
    tally = (struct vw_tally){.planned = N_CASES + 1};
    for (size_t i = 0; i < N_CASES; i++) {
        vw_result_init(&results[i], &cases[i]);
        vw_result_set(&results[i], verdicts[i], i ? "because & <so>\x01" : NULL);
        results[i].finding.us = 1500;
        tally.done++;
        tally.by[verdicts[i]]++;
    }
    results[1].finding.expected = strdup("{expect: {reply:}}");
    results[1].finding.frames = strdup("line one\nline two\n");
    vw_result_init(&results[N_CASES], &cases[0]); /* never run */
    for (size_t i = 0; i <= N_CASES; i++)
        findings[i] = &results[i].finding;
    report = (struct vw_report){.kind = "server",
                                .command = "virwire check server",
                                .uri = "test+unix:///default?socket=/s",
                                .commit = "c0ffee",
                                .digest = "d1ge57",
                                .profile = "12.8.0",
                                .seed = 7,
                                .peer = &peer,
                                .findings = findings,
                                .without = without,
                                .count = N_CASES + 1,
                                .tally = &tally,
                                .us = 2000000};
    return 0;
}

static int teardown(void **state)
{
    vw_groups_finish(&groups);
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
    vw_groups_finish(&groups);
    assert_int_equal(vw_groups_make(report.findings, report.count, &groups, &err), 0);
    report.groups = report.against ? NULL : &groups;
    assert_int_equal(k->write(&report, f, &err), 0);
    fclose(f);
    return text;
}

static inline void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

#define REPORT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
