// SPDX-License-Identifier: MIT
// The reports read back.
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "conformance/report/test-report.h"

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

/* What fails here is told by each of those for services too; what passes is not. */
static void test_services(void **state)
{
    static const struct {
        const char *kind, *parts[3];
    } rows[] = {
        {"sarif",
         {"\"ruleId\":\"a/two/x[0].#len=max+1\"", "\"level\":\"error\"", "\"uri\":\"a/two.yaml\""}},
        {"gitlab",
         {"\"check_name\":\"a/two/x[0].#len=max+1\"", "\"severity\":\"major\"",
          "\"path\":\"a/two.yaml\""}},
        {"github",
         {"::error file=a/two.yaml,line=1,col=1,title=a/two/x[0].#len=max+1::because & <so>", "",
          ""}},
        {"markdown",
         {"| D-4 | D-4 D-21 | 1 | a/two/x\\[0\\].\\#len=max+1 | because &amp; &lt;so>", "stopped",
          "1 failed"}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = written(rows[i].kind);
        for (size_t k = 0; k < 3; k++)
            has(text, rows[i].parts[k]);
        if (strstr(text, "a/one"))
            fail_msg("%s tells of what passed:\n%s", rows[i].kind, text);
        free(text);
    }
}

/* A change: who is hurt, its fingerprint, its place in both versions, why it is waived. */
static void test_change(void **state)
{
    static const char *const touches[] = {"toy.open", "toy.close"};
    static const struct vw_change waived = {.class = "limit",
                                            .meaning = "New servers refuse it.",
                                            .hurts = "old clients",
                                            .fingerprint = "LEN001 x: 9 -> 8",
                                            .waived = "nobody sends nine",
                                            .touches = touches,
                                            .n_touches = 2,
                                            .before = {.file = "old.x", .line = 3, .column = 4}};
    static const char *const kinds[] = {"console", "json", "sarif", "github", "markdown", "html"};
    struct vw_finding f = {.rule = "LEN001",
                           .title = "bound lowered",
                           .clauses = "",
                           .found = "was 9, is 8",
                           .change = &waived,
                           .place = {.file = "new.x", .line = 5, .column = 6},
                           .verdict = VW_XFAIL};
    struct vw_change open = waived;
    findings[1] = &f;
    report.against = "old.x";
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        char *text = written(kinds[i]);
        has(text, "nobody sends nine");
        has(text, "new.x");
        free(text);
    }
    open.waived = NULL;
    f.change = &open;
    f.verdict = VW_FAIL;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        char *text = written(kinds[i]);
        has(text, "old clients");
        has(text, "LEN001");
        free(text);
    }
    char *text = written("sarif");
    has(text, "\"virwire/v1\":\"LEN001 x: 9 -> 8\"");
    has(text, "\"uri\":\"old.x\"");
    has(text, "\"text\":\"New servers refuse it.\"");
    free(text);
    text = written("console");
    has(text, "again: virwire explain LEN001");
    free(text);
}

/* What fails has all that is known of it, with its cause and its clauses; what passes is a row. */
static void test_html(void **state)
{
    static const char *const parts[] = {
        "not conformant</span></h1>",
        "<p>virwire check: server: 1 passed, 1 lenient, 1 failed, 1 skipped of 5 planned; 1 not "
        "run, "
        "2.00 s</p>",
        "<a href=\"#results\" data-field=verdict data-value=fail><b>fail</b> 1</a>",
        "<dt>left out</dt><dd>echo-version</dd>",
        "<tr><td><a href=\"#f1\">1</a></td><td>D-4</td><td>D-4 D-21</td><td class=n>"
        "<a href=\"#results\" data-field=cause data-value=1>1</a></td>"
        "<td>because &#38; &#60;so&#62;\\x01</td></tr>",
        "<a href=\"#results\" data-field=clause data-value=D-21>D-21</a></td><td class=wide>",
        "<td class=n>0</td><td class=n>0</td><td class=\"n bad\">1</td><td class=n>0</td>"
        "<td>yes</td>",
        "<li class=fail id=f1 data-cause=1><details><summary><b>fail</b> "
        "<code>a/two/x[0].#len=max+1</code> <i>D-4 D-21</i><q>because &#38; &#60;so&#62;\\x01</q>"
        "</summary><div class=more>\n<p>two &#38; &#60;2&#62;</p>",
        "<dt>place</dt><dd>a/two.yaml</dd>",
        "<dt>step</dt><dd>{expect: {reply:}}</dd>",
        "<div class=\"line\"><p>line one</p></div>\n",
        "<code>virwire check server --run &#39;a/two/x[0].#len=max+1&#39; "
        "&#39;test+unix:///default?socket=/s&#39;</code>",
        "<li class=lenient id=f2><b>lenient</b> <code>b/four</code> <i>K-2</i><q>because ",
        "<li class=pass id=f4><b>pass</b> <code>a/one</code> <i>F-3</i></li>\n",
    };
    without[0] = "echo-version";
    char *text = written("html");
    without[0] = NULL;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        has(text, parts[i]);
    assert_null(strstr(text, "://www"));
    assert_null(strstr(text, "(null)"));
    free(text);
}

/* Of many with one cause the first have their messages; each has a row. */
static void html_of_many(void **state)
{
    static struct vw_result many[400];
    static const struct vw_finding *list[400];
    const size_t n = sizeof(many) / sizeof(many[0]);
    for (size_t big = 0; big < 2; big++) {
        size_t told = 0, rows = 0, lines = 0, size = big ? 40000 : 100;
        for (size_t i = 0; i < n; i++) {
            vw_result_init(&many[i], &cases[1]);
            vw_result_set(&many[i], VW_FAIL, "so");
            many[i].finding.frames = malloc(size + 1);
            assert_non_null(many[i].finding.frames);
            memset((char *)many[i].finding.frames, 'x', size);
            ((char *)many[i].finding.frames)[size] = '\0';
            list[i] = &many[i].finding;
        }
        report.findings = list;
        report.count = n;
        char *text = written("html");
        for (const char *s = text; (s = strstr(s, "<details><summary><b>")); s++)
            told++;
        for (const char *s = text; (s = strstr(s, "<li class=fail id=f")); s++)
            rows++;
        for (const char *s = text; (s = strstr(s, "<div class=\"line\">")); s++)
            lines++;
        assert_int_equal(rows, n);
        assert_int_equal(told, big ? 6 : 10);
        assert_int_equal(lines, told);
        free(text);
        for (size_t i = 0; i < n; i++)
            vw_result_finish(&many[i]);
    }
}

/* The word at the top. */
static void html_says_how_it_ended(void **state)
{
    static const struct {
        enum vw_verdict verdict;
        struct vw_tally tally;
        const char *word;
    } rows[] = {
        {VW_PASS, {.planned = 1, .done = 1}, "class=fine>conformant<"},
        {VW_LENIENT, {.planned = 1, .done = 1}, "class=fine>conformant<"},
        {VW_XFAIL, {.planned = 1, .done = 1}, "class=fine>conformant<"},
        {VW_PASS, {.planned = 2, .done = 1}, "class=incomplete>incomplete<"},
        {VW_PASS,
         {.planned = 1, .done = 1, .incomplete = true, .why = "<so>"},
         "incomplete: &#60;so&#62;"},
        {VW_NOT_RUN, {.planned = 1, .unreachable = true}, "class=incomplete>not reached<"},
        {VW_SKIP, {.planned = 1, .done = 1}, "class=incomplete>nothing was shown<"},
        {VW_FAIL, {.planned = 1, .done = 1}, "class=stopped>not conformant<"},
        {VW_HUNG, {.planned = 1, .done = 1}, "class=stopped>not conformant<"},
        {VW_CRASH, {.planned = 1, .done = 1}, "class=stopped>not conformant<"},
        {VW_XPASS, {.planned = 1, .done = 1}, "class=stopped>not conformant<"},
        {VW_ERROR, {.planned = 1, .done = 1}, "class=incomplete>no verdict<"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        results[0].finding.verdict = rows[i].verdict;
        tally = rows[i].tally;
        if (rows[i].verdict < VW_VERDICTS)
            tally.by[rows[i].verdict] = 1;
        report.count = 1;
        char *text = written("html");
        has(text, rows[i].word);
        free(text);
    }
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

/* ---- the whole of each ---- */

static const char console_text[] =
    "\n"
    "fail a/two/x[0].#len=max+1\n"
    "  two & <2>\n"
    "  clause D-4 D-21 (may), a/two.yaml\n"
    "  D-4: CALL, procedure 0, negative, or above the highest: the answer: 39/7, text starting "
    "\"unknown procedure\"; the connection stays.\n"
    "  step: {expect: {reply:}}\n"
    "  found: because & <so>\\x01\n"
    "  line one\n"
    "  line two\n"
    "  again: virwire check server --run 'a/two/x[0].#len=max+1' 'test+unix:///default?socket=/s'\n"
    "\n"
    "test+unix:///default?socket=/s: driver TEST, version 9.0.0, host host\n"
    "suite c0ffee, profile 12.8.0, schema d1ge57, seed 7\n"
    "  no verdict: the check echo-program was left out\n"
    "  no verdict: the check echo-version was left out\n"
    "  lenient 1: because & <so>\\x01\n"
    "  skip 1: because & <so>\\x01\n"
    "1 passed, 1 lenient, 1 failed, 1 skipped of 5 planned; 1 not run, 2.00 s\n";

static const char tap_text[] =
    "TAP version 13\n"
    "1..5\n"
    "# suite c0ffee, schema d1ge57, profile 12.8.0, seed 7\n"
    "# peer test+unix:///default?socket=/s: driver TEST, version 9.0.0, host host\n"
    "# cause 1: D-4, clauses D-4 D-21, 1 of which the first is a/two/x[0].#len=max+1\n"
    "ok 1 - a/one\n"
    "not ok 2 - a/two/x[0].\\#len=max+1\n"
    "# verdict: fail, clause: D-4 D-21\n"
    "# D-4: CALL, procedure 0, negative, or above the highest: the answer: 39/7, text starting "
    "\"unknown procedure\"; the connection stays.\n"
    "# step: {expect: {reply:}}\n"
    "# found: because & <so>\\x01\n"
    "# line one\n"
    "# line two\n"
    "# cause: 1, D-4\n"
    "# again: virwire check server --run 'a/two/x[0].#len=max+1' 'test+unix:///default?socket=/s'\n"
    "ok 3 - b/three # SKIP because & <so>\\x01\n"
    "ok 4 - b/four\n"
    "# verdict: lenient, clause: K-2\n"
    "# found: because & <so>\\x01\n"
    "# again: virwire check server --run b/four 'test+unix:///default?socket=/s'\n"
    "Bail out! 4 of 5 cases were run\n";

static const char json_text[] =
    "{\n"
    "  \"tool\":\"virwire\",\n"
    "  \"check\":\"server\",\n"
    "  \"suite\":\"c0ffee\",\n"
    "  \"schema\":\"d1ge57\",\n"
    "  \"profile\":\"12.8.0\",\n"
    "  \"seed\":7,\n"
    "  \"when\":1700000000,\n"
    "  \"seconds\":2.000000,\n"
    "  \"peer\":{\n"
    "    \"uri\":\"test+unix:///default?socket=/s\",\n"
    "    \"driver\":\"TEST\",\n"
    "    \"version\":\"9.0.0\",\n"
    "    \"hostname\":\"host\"\n"
    "  },\n"
    "  \"complete\":false,\n"
    "  \"without\":[\n"
    "    \"echo-program\",\n"
    "    \"echo-version\"\n"
    "  ],\n"
    "  \"counts\":{\n"
    "    \"planned\":5,\n"
    "    \"done\":4,\n"
    "    \"pass\":1,\n"
    "    \"lenient\":1,\n"
    "    \"skip\":1,\n"
    "    \"xfail\":0,\n"
    "    \"xpass\":0,\n"
    "    \"fail\":1,\n"
    "    \"hung\":0,\n"
    "    \"crash\":0,\n"
    "    \"error\":0\n"
    "  },\n"
    "  \"groups\":[\n"
    "    {\n"
    "      \"cause\":\"D-4\",\n"
    "      \"clauses\":[\n"
    "        \"D-4\",\n"
    "        \"D-21\"\n"
    "      ],\n"
    "      \"count\":1,\n"
    "      \"cases\":[\n"
    "        \"a/two/x[0].#len=max+1\"\n"
    "      ]\n"
    "    }\n"
    "  ],\n"
    "  \"cases\":[\n"
    "    {\n"
    "      \"id\":\"a/one\",\n"
    "      \"file\":\"a/one\",\n"
    "      \"title\":\"one\",\n"
    "      \"clauses\":[\n"
    "        \"F-3\"\n"
    "      ],\n"
    "      \"level\":\"must\",\n"
    "      \"verdict\":\"pass\",\n"
    "      \"seconds\":0.001500\n"
    "    },\n"
    "    {\n"
    "      \"id\":\"a/two/x[0].#len=max+1\",\n"
    "      \"file\":\"a/two\",\n"
    "      \"title\":\"two & <2>\",\n"
    "      \"clauses\":[\n"
    "        \"D-4\",\n"
    "        \"D-21\"\n"
    "      ],\n"
    "      \"level\":\"may\",\n"
    "      \"verdict\":\"fail\",\n"
    "      \"seconds\":0.001500,\n"
    "      \"reason\":\"because & <so>\\u0001\",\n"
    "      \"step\":\"{expect: {reply:}}\",\n"
    "      \"sentence\":\"CALL, procedure 0, negative, or above the highest: the "
    "answer: 39/7, text starting \\\"unknown procedure\\\"; the connection stays.\",\n"
    "      \"place\":{\n"
    "        \"file\":\"a/two.yaml\"\n"
    "      },\n"
    "      \"transcript\":\"line one\\nline two\\n\",\n"
    "      \"again\":\"virwire check server --run "
    "'a/two/x[0].#len=max+1' 'test+unix:///default?socket=/s'\"\n"
    "    },\n"
    "    {\n"
    "      \"id\":\"b/three\",\n"
    "      \"file\":\"b/three\",\n"
    "      \"title\":\"three\",\n"
    "      \"clauses\":[\n"
    "        \"K-1\"\n"
    "      ],\n"
    "      \"level\":\"should\",\n"
    "      \"verdict\":\"skip\",\n"
    "      \"seconds\":0.001500,\n"
    "      \"reason\":\"because & <so>\\u0001\"\n"
    "    },\n"
    "    {\n"
    "      \"id\":\"b/four\",\n"
    "      \"file\":\"b/four\",\n"
    "      \"title\":\"four\",\n"
    "      \"clauses\":[\n"
    "        \"K-2\"\n"
    "      ],\n"
    "      \"level\":\"must\",\n"
    "      \"verdict\":\"lenient\",\n"
    "      \"seconds\":0.001500,\n"
    "      \"reason\":\"because & <so>\\u0001\"\n"
    "    }\n"
    "  ]\n"
    "}\n";

static const char junit_text[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<testsuites name=\"virwire\" tests=\"5\" time=\"2.000000\">\n"
    " <testsuite name=\"a\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\" "
    "time=\"0.003000\">\n"
    "  <properties>\n"
    "   <property name=\"suite\" value=\"c0ffee\"/>\n"
    "   <property name=\"schema\" value=\"d1ge57\"/>\n"
    "   <property name=\"profile\" value=\"12.8.0\"/>\n"
    "   <property name=\"seed\" value=\"7\"/>\n"
    "   <property name=\"uri\" value=\"test+unix:///default?socket=/s\"/>\n"
    "   <property name=\"driver\" value=\"TEST\"/>\n"
    "   <property name=\"version\" value=\"9.0.0\"/>\n"
    "   <property name=\"hostname\" value=\"host\"/>\n"
    "  </properties>\n"
    "  <testcase name=\"a/one\" classname=\"a/one\" time=\"0.001500\"/>\n"
    "  <testcase name=\"a/two/x[0].#len=max+1\" classname=\"a/two\" time=\"0.001500\">\n"
    "   <failure type=\"fail\" message=\"because &amp; &lt;so&gt;?\">clause: D-4 D-21\n"
    "D-4: CALL, procedure 0, negative, or above the highest: the answer: 39/7, text starting "
    "&quot;unknown procedure&quot;; the connection stays.\n"
    "step: {expect: {reply:}}\n"
    "found: because &amp; &lt;so&gt;?\n"
    "line one\n"
    "line two\n"
    "cause: 1 of 1, D-4, clauses D-4 D-21\n"
    "again: virwire check server --run 'a/two/x[0].#len=max+1' 'test+unix:///default?socket=/s'\n"
    "</failure>\n"
    "  </testcase>\n"
    " </testsuite>\n"
    " <testsuite name=\"b\" tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"1\" "
    "time=\"0.003000\">\n"
    "  <properties>\n"
    "   <property name=\"suite\" value=\"c0ffee\"/>\n"
    "   <property name=\"schema\" value=\"d1ge57\"/>\n"
    "   <property name=\"profile\" value=\"12.8.0\"/>\n"
    "   <property name=\"seed\" value=\"7\"/>\n"
    "   <property name=\"uri\" value=\"test+unix:///default?socket=/s\"/>\n"
    "   <property name=\"driver\" value=\"TEST\"/>\n"
    "   <property name=\"version\" value=\"9.0.0\"/>\n"
    "   <property name=\"hostname\" value=\"host\"/>\n"
    "  </properties>\n"
    "  <testcase name=\"b/three\" classname=\"b/three\" time=\"0.001500\">\n"
    "   <skipped message=\"because &amp; &lt;so&gt;?\"/>\n"
    "  </testcase>\n"
    "  <testcase name=\"b/four\" classname=\"b/four\" time=\"0.001500\">\n"
    "   <system-out>lenient: because &amp; &lt;so&gt;?</system-out>\n"
    "  </testcase>\n"
    " </testsuite>\n"
    " <testsuite name=\"a\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" "
    "time=\"0.000000\">\n"
    "  <properties>\n"
    "   <property name=\"suite\" value=\"c0ffee\"/>\n"
    "   <property name=\"schema\" value=\"d1ge57\"/>\n"
    "   <property name=\"profile\" value=\"12.8.0\"/>\n"
    "   <property name=\"seed\" value=\"7\"/>\n"
    "   <property name=\"uri\" value=\"test+unix:///default?socket=/s\"/>\n"
    "   <property name=\"driver\" value=\"TEST\"/>\n"
    "   <property name=\"version\" value=\"9.0.0\"/>\n"
    "   <property name=\"hostname\" value=\"host\"/>\n"
    "  </properties>\n"
    "  <testcase name=\"a/one\" classname=\"a/one\">\n"
    "   <error message=\"not run: the run was broken off\"/>\n"
    "  </testcase>\n"
    " </testsuite>\n"
    "</testsuites>\n";

static void to_the_letter(void **state)
{
    static const char *const rows[][2] = {
        {"console", console_text}, {"tap", tap_text}, {"json", json_text}, {"junit", junit_text}};
    report.when = 1700000000;
    without[0] = "echo-program";
    without[1] = "echo-version";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        if (!vw_report_find(rows[i][0], &err)) /* built without libxml2 */
            continue;
        char *text = written(rows[i][0]);
        assert_string_equal(text, rows[i][1]);
        free(text);
    }
}

/* ---- each verdict ---- */

/* TAP's word for what may fail; in two parts, as in report-tap.c. */
#define MAY_FAIL                                                                                   \
    "TO"                                                                                           \
    "DO"

/* The first case alone, with each verdict, with a reason and without. */
static void each_verdict_as_tap(void **state)
{
    static const struct {
        enum vw_verdict verdict;
        const char *reason, *line, *more;
    } rows[] = {
        {VW_PASS, "why", "ok 1 - a/one\n", ""},
        {VW_SKIP, "why", "ok 1 - a/one # SKIP why\n", ""},
        {VW_SKIP, NULL, "ok 1 - a/one # SKIP \n", ""},
        {VW_LENIENT, NULL, "ok 1 - a/one\n", "lenient"},
        {VW_XFAIL, "why", "not ok 1 - a/one # " MAY_FAIL " why\n", "xfail"},
        {VW_XFAIL, NULL, "not ok 1 - a/one # " MAY_FAIL " \n", "xfail"},
        {VW_XPASS, "why", "ok 1 - a/one # " MAY_FAIL " why\n", "xpass"},
        {VW_FAIL, NULL, "not ok 1 - a/one\n", "fail"},
        {VW_HUNG, NULL, "not ok 1 - a/one\n", "hung"},
        {VW_CRASH, NULL, "not ok 1 - a/one\n", "crash"},
        {VW_ERROR, NULL, "not ok 1 - a/one\n", "error"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char wanted[400];
        vw_result_set(&results[0], rows[i].verdict, rows[i].reason);
        report.count = 1;
        tally = (struct vw_tally){.planned = 1, .done = 1};
        int n = snprintf(wanted, sizeof(wanted), "%s", rows[i].line);
        if (*rows[i].more)
            snprintf(wanted + n, sizeof(wanted) - (size_t)n,
                     "# verdict: %s, clause: F-3\n%s%s%s%s%s"
                     "# again: virwire check server --run a/one 'test+unix:///default?socket=/s'\n",
                     rows[i].more,
                     vw_verdict_is_finding(rows[i].verdict)
                         ? "# F-3: The smallest acceptable length is 28.\n"
                         : "",
                     rows[i].reason ? "# found: " : "", rows[i].reason ? rows[i].reason : "",
                     rows[i].reason ? "\n" : "",
                     vw_verdict_is_finding(rows[i].verdict) || rows[i].verdict == VW_ERROR
                         ? "# cause: 1, F-3\n"
                         : "");
        char *text = written("tap");
        const char *line = strstr(text, "ok 1");
        assert_non_null(line);
        assert_string_equal(line[-1] == ' ' ? line - 4 : line, wanted);
        free(text);
    }
}

/* Twenty-four reasons are told apart; what has another one is counted. */
static void many_reasons_on_the_console(void **state)
{
    static struct vw_result many[60];
    static const struct vw_finding *list[60];
    static const struct {
        size_t reasons;
        const char *last, *others;
    } rows[] = {
        {24, "  skip 2: reason 23\n", NULL},
        {25, "  skip 2: reason 23\n", "  skip 2: for other reasons\n"},
        {30, "  skip 2: reason 23\n", "  skip 12: for other reasons\n"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        size_t n = 2 * rows[row].reasons;
        for (size_t i = 0; i < n; i++) {
            char reason[40];
            snprintf(reason, sizeof(reason), "reason %zu", i / 2);
            vw_result_init(&many[i], &cases[0]);
            vw_result_set(&many[i], VW_SKIP, reason);
            list[i] = &many[i].finding;
        }
        report.findings = list;
        report.count = n;
        char *text = written("console");
        for (size_t i = 0; i < 24; i++) {
            char line[60];
            snprintf(line, sizeof(line), "  skip 2: reason %zu\n", i);
            has(text, line);
        }
        const char *rest = strstr(text, rows[row].last) + strlen(rows[row].last);
        if (rows[row].others) {
            assert_memory_equal(rest, rows[row].others, strlen(rows[row].others));
            rest += strlen(rows[row].others);
        }
        assert_memory_equal(rest, "1 passed, ", 10);
        free(text);
        for (size_t i = 0; i < n; i++)
            vw_result_finish(&many[i]);
    }
}

/* ---- a finding of something else than a case ---- */

static void from_the_wire(void **state)
{
    static const struct vw_finding violation = {
        .clauses = "X-4",
        .cause = "bool",
        .found = "the boolean is 2",
        .place = {.side = "server", .in_bytes = true, .offset = 40, .path = "b[1]"},
        .level = VW_LEVEL_MUST,
        .verdict = VW_FAIL,
        .count = 3,
    };
    static const struct {
        const char *kind, *parts[4];
    } rows[] = {
        {"console",
         {"\nfail X-4\n", "clause X-4 (must), bytes of the server, at b[1], offset 40\n",
          "found: the boolean is 2\n", "and 2 more\n"}},
        {"tap", {"not ok 1 - X-4\n", "# found: the boolean is 2\n"}},
        {"json", {"\"id\":\"X-4\"", "\"side\":\"server\"", "\"path\":\"b[1]\"", "\"count\":3"}},
        {"junit", {"name=\"X-4\" classname=\"X-4\"", "message=\"the boolean is 2\""}},
        {"html",
         {"<code>X-4</code>", "<dd>bytes of the server, at b[1], offset 40</dd>",
          "<q>the boolean is 2</q>", "<dd>stands for 3</dd>"}},
    };
    findings[0] = &violation;
    report.count = 1;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        if (!vw_report_find(rows[i].kind, &err)) /* built without libxml2 */
            continue;
        char *text = written(rows[i].kind);
        for (size_t k = 0; k < 4 && rows[i].parts[k]; k++)
            has(text, rows[i].parts[k]);
        assert_null(strstr(text, "(null)"));
        free(text);
    }
}

/* ---- by name ---- */

static void test_unknown_kind(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    assert_null(vw_report_find("xml", &err));
    assert_non_null(strstr(err.text, "tap"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {

        REPORT_TEST(test_services),
        REPORT_TEST(test_change),
        cmocka_unit_test(test_unknown_kind),
        REPORT_TEST(test_console),
        REPORT_TEST(test_tap),
        REPORT_TEST(test_html),
        REPORT_TEST(html_of_many),
        REPORT_TEST(html_says_how_it_ended),
        REPORT_TEST(test_json),
        REPORT_TEST(test_json_of_odd_bytes),
        REPORT_TEST(to_the_letter),
        REPORT_TEST(from_the_wire),
        REPORT_TEST(each_verdict_as_tap),
        REPORT_TEST(many_reasons_on_the_console),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
