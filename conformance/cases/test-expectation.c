// SPDX-License-Identifier: MIT
// Expectations: which versions and cases one is about, what it makes of each verdict, mistakes in
// the file, and that a file written from a run is read back as what the run said.
#include <string.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "conformance/cases/expectation.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Reads TEXT as one more file of D. */
static int load(struct vw_expectations *d, const char *text, struct vw_error *err)
{
    char dir[VW_TEST_FOLDER], path[sizeof(dir) + 16];
    assert_int_equal(vw_test_folder(dir), 0);
    snprintf(path, sizeof(path), "%s/expect.yaml", dir);
    FILE *f = fopen(path, "we");
    int written = f ? fputs(text, f) : EOF;
    if (f && fclose(f) != 0)
        written = EOF;
    int rc = vw_expectations_load(d, path, err);
    unlink(path);
    rmdir(dir);
    assert_true(written >= 0);
    return rc;
}

static void loaded(struct vw_expectations *d, const char *text)
{
    struct vw_error err = VW_ERROR_INIT;
    if (load(d, text, &err) != 0)
        fail_msg("%u:%u: %s in:\n%s", err.line, err.column, err.text, text);
}

/* ---- which one is about a case ---- */

/* Whether any is about a case that is still to be played: the first and the last included. */
static void what_is_to_be_played(void **state)
{
    const struct vw_case cases[] = {{.id = "a"}, {.id = "b"}, {.id = "c"}};
    struct vw_expectations d = {0};
    loaded(&d, "about: x\nxfail:\n  - {id: a, reason: r}\n  - {id: c, reason: r, from: '9'}\n");
    struct vw_result r[COUNT(cases)];
    for (size_t i = 0; i < COUNT(cases); i++)
        vw_result_init(&r[i], &cases[i]);
    assert_true(vw_expectations_concern(&d, r, 1, "8"));
    assert_false(vw_expectations_concern(&d, r, 0, "8"));
    assert_false(vw_expectations_concern(&d, r + 1, 2, "8"));
    assert_true(vw_expectations_concern(&d, r + 1, 2, "9"));
    assert_false(vw_expectations_concern(&d, r + 1, 1, "9"));
    vw_result_set(&r[0], VW_SKIP, NULL);
    assert_false(vw_expectations_concern(&d, r, 1, "8"));
    vw_expectations_finish(&d);
}

static const char several[] = "about: x\nxfail:\n"
                              "  - {id: both, reason: r0, from: 9.0.0, to: 11.3.0}\n"
                              "  - {id: from, reason: r1, from: 9.0.0}\n"
                              "  - {id: to, reason: r2, to: 9.10.0}\n"
                              "  - {id: any, reason: r3}\n"
                              "  - {id: exact, reason: r4, from: 7.0.0, to: 7.0.0}\n"
                              "  - {id: twice, reason: r5, to: 8.0.0}\n"
                              "  - {id: twice, reason: r6, from: 8.0.0}\n"
                              "  - {id: g/*/x, reason: r7}\n"
                              "  - {id: g/y?, reason: r8}\n"
                              "  - {id: folder, reason: r9}\n"
                              "  - {id: 'l[0].#len', reason: r10}\n"
                              "  - {id: number, reason: r11, from: 9, to: 10}\n";

static void the_one_that_is_found(void **state)
{
    static const struct {
        const char *id, *version, *reason; /* NULL: none */
    } rows[] = {
        {"both", "8.99.99", NULL},   {"both", "8.9.9", NULL},    {"both", "9.0.0", "r0"},
        {"both", "9.0.1", "r0"},     {"both", "10.0.0", "r0"},   {"both", "11.2.9", "r0"},
        {"both", "11.3.0", "r0"},    {"both", "11.3.1", NULL},   {"both", "11.10.0", NULL},
        {"both", "12.0.0", NULL},    {"both", "", NULL},         {"from", "8.99.99", NULL},
        {"from", "9.0.0", "r1"},     {"from", "10.0.0", "r1"},   {"from", "", NULL},
        {"to", "9.9.0", "r2"},       {"to", "9.10.0", "r2"},     {"to", "9.10.1", NULL},
        {"to", "9.11.0", NULL},      {"to", "", NULL},           {"any", "", "r3"},
        {"any", "0.0.1", "r3"},      {"any", "99.0.0", "r3"},    {"exact", "6.99.99", NULL},
        {"exact", "7.0.0", "r4"},    {"exact", "7.0.1", NULL},   {"twice", "7.9.9", "r5"},
        {"twice", "8.0.0", "r5"},    {"twice", "8.0.1", "r6"},   {"g/a/x", "1.0.0", "r7"},
        {"g/a/b/x", "1.0.0", "r7"},  {"g/a/xx", "1.0.0", NULL},  {"g/y1", "1.0.0", "r8"},
        {"g/y", "1.0.0", NULL},      {"g/y12", "1.0.0", NULL},   {"folder/a/b", "1.0.0", "r9"},
        {"folder", "1.0.0", "r9"},   {"folders", "1.0.0", NULL}, {"l[0].#len", "1.0.0", "r10"},
        {"l0.#lens", "1.0.0", NULL}, {"number", "9.0.0", "r11"}, {"number", "8.0.0", NULL},
        {"number", "10", "r11"},     {"number", "10.0.1", NULL}, {"", "1.0.0", NULL},
    };
    struct vw_expectations d = {0};
    loaded(&d, several);
    assert_int_equal(d.count, 12);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_expectation *found = vw_expectation_find(&d, rows[i].id, rows[i].version);
        const char *reason = found ? found->reason : "none";
        if (strcmp(reason, rows[i].reason ? rows[i].reason : "none") != 0)
            fail_msg("row %zu, %s on \"%s\": %s", i, rows[i].id, rows[i].version, reason);
    }
    vw_expectations_finish(&d);
    assert_int_equal(d.count, 0);
    assert_null(d.list);
    vw_expectations_finish(&d);
}

static void what_a_log_in_explains(void **state)
{
    struct vw_expectations d = {0};
    loaded(&d, "about: x\nxfail:\n  - {id: a, reason: r, login: sasl}\n");
    assert_non_null(vw_expectation_find(&d, "a", "9.0.0"));
    d.login = "sasl";
    assert_non_null(vw_expectation_find(&d, "a", "9.0.0"));
    d.login = "none";
    assert_null(vw_expectation_find(&d, "a", "9.0.0"));
    vw_expectations_finish(&d);
}

static void files_add_up(void **state)
{
    struct vw_expectations d = {0};
    loaded(&d, "about: x\nxfail:\n  - {id: a, reason: one}\n  - {id: b, reason: two, from: '1'}\n");
    loaded(&d, "about: y\nxfail:\n");
    loaded(&d,
           "about: z\nxfail:\n  - {id: a, reason: three}\n  - {id: c, reason: four, to: '5'}\n");
    assert_int_equal(d.count, 4);
    assert_string_equal(vw_expectation_find(&d, "a", "1")->reason, "one");
    assert_string_equal(vw_expectation_find(&d, "b", "1")->reason, "two");
    assert_string_equal(vw_expectation_find(&d, "c", "5")->reason, "four");
    assert_string_equal(d.list[1].from, "1");
    assert_null(d.list[1].to);
    assert_null(d.list[3].from);
    assert_string_equal(d.list[3].to, "5");
    vw_expectations_finish(&d);
}

static void mistakes(void **state)
{
    static const struct {
        const char *text;
        int code;
        unsigned line, column;
        const char *says;
    } rows[] = {
        {"", VW_ESYNTAX, 1, 1, "expected a mapping"},
        {"about: x\n", VW_ESYNTAX, 1, 1, "an expectation file needs the key \"xfail\""},
        {"xfail:\n", VW_ESYNTAX, 1, 1, "an expectation file needs the key \"about\""},
        {"about: x\nxfal:\n", VW_ESYNTAX, 2, 1, "did you mean \"xfail\""},
        {"about: x\nxfail: all\n", VW_ESYNTAX, 2, 8,
         "expected nothing or a list of mappings behind \"xfail\", found a word"},
        {"about: [x]\nxfail:\n", VW_ESYNTAX, 1, 8,
         "expected a word behind \"about\", found a list"},
        {"about: x\nxfail:\n  - {id: [a], reason: b}\n", VW_ESYNTAX, 3, 10,
         "expected a word behind \"id\", found a list"},
        {"about: x\nxfail:\n  - {id: a, reason: [b]}\n", VW_ESYNTAX, 3, 21,
         "expected a word behind \"reason\", found a list"},
        {"about: x\nxfail:\n  - {id: a, reason: b, from: [1]}\n", VW_ESYNTAX, 3, 30,
         "expected a word or a whole number behind \"from\", found a list"},
        {"about: x\nxfail:\n  - {id: a}\n", VW_ESYNTAX, 3, 5,
         "an expectation needs the key \"reason\""},
        {"about: x\nxfail:\n  - {reason: a}\n", VW_ESYNTAX, 3, 5,
         "an expectation needs the key \"id\""},
        {"about: x\nxfail:\n  - {id: a, reason: b, form: 1}\n", VW_ESYNTAX, 3, 24,
         "did you mean \"from\""},
        {"about: x\nxfail:\n  - {id: a, reason: b, to: [1]}\n", VW_ESYNTAX, 3, 28,
         "expected a word or a whole number behind \"to\", found a list"},
        {"about: x\nxfail:\n  - {id: a, reason: \"b}\n", VW_ESYNTAX, 0, 0, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_expectations d = {0};
        struct vw_error err = VW_ERROR_INIT;
        int rc = load(&d, rows[i].text, &err);
        if (rc != rows[i].code || err.code != rc || !strstr(err.text, rows[i].says) ||
            (rows[i].line && (err.line != rows[i].line || err.column != rows[i].column)))
            fail_msg("row %zu: %d, %u:%u: %s", i, rc, err.line, err.column, err.text);
        assert_int_equal(d.count, 0);
        vw_expectations_finish(&d);
    }
    struct vw_expectations d = {0};
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_expectations_load(&d, "/nonexistent/expect.yaml", &err), VW_EUSAGE);
    vw_expectations_finish(&d);
}

static void memory_may_run_out(void **state)
{
    char dir[VW_TEST_FOLDER], path[sizeof(dir) + 16];
    bool failed = true;
    assert_int_equal(vw_test_folder(dir), 0);
    snprintf(path, sizeof(path), "%s/expect.yaml", dir);
    FILE *f = fopen(path, "we");
    if (f) {
        fputs(several, f);
        fclose(f);
    }
    int wrong = 0;
    for (size_t n = 1; failed && n < 1000; n++) {
        struct vw_expectations d = {0};
        struct vw_error err = VW_ERROR_INIT;
        vw_failalloc_set(n);
        int rc = vw_expectations_load(&d, path, &err);
        failed = vw_failalloc_clear();
        wrong += rc != (failed ? VW_ENOMEM : 0) || err.code != rc || d.count != (rc ? 0 : 12);
        vw_expectations_finish(&d);
    }
    unlink(path);
    rmdir(dir);
    assert_false(failed);
    assert_int_equal(wrong, 0);
}

/* ---- what it makes of a verdict ---- */

#define KNOWN   "known"
#define UNKNOWN "other"

static const struct vw_case known_case = {.id = KNOWN}, unknown_case = {.id = UNKNOWN};

static const struct {
    enum vw_verdict before, after;
    const char *reason;
} turns[VW_VERDICTS] = {
    [VW_PASS] = {VW_PASS, VW_XPASS, "no longer so: why it is"},
    [VW_LENIENT] = {VW_LENIENT, VW_XPASS, "no longer so: why it is"},
    [VW_SKIP] = {VW_SKIP, VW_SKIP, "before"},
    [VW_XFAIL] = {VW_XFAIL, VW_XFAIL, "before"},
    [VW_XPASS] = {VW_XPASS, VW_XPASS, "before"},
    [VW_FAIL] = {VW_FAIL, VW_XFAIL, "why it is"},
    [VW_HUNG] = {VW_HUNG, VW_XFAIL, "why it is"},
    [VW_CRASH] = {VW_CRASH, VW_XFAIL, "why it is"},
    [VW_ERROR] = {VW_ERROR, VW_ERROR, "before"},
};

static struct vw_result result_of(const struct vw_case *c, enum vw_verdict v, const char *reason)
{
    struct vw_result r = {.c = c};
    vw_result_set(&r, v, reason);
    return r;
}

static void counts_are(const struct vw_tally *t, enum vw_verdict v, size_t n)
{
    for (int i = 0; i < VW_VERDICTS; i++)
        assert_int_equal(t->by[i], i == (int)v ? n : 0);
}

/* One result of CASE and verdict V among two of another case that stay as they are. */
static void turns_into(const struct vw_expectations *d, const struct vw_case *c, enum vw_verdict v,
                       enum vw_verdict after, const char *reason)
{
    struct vw_result results[4] = {result_of(&unknown_case, v, "before"), result_of(c, v, "before"),
                                   result_of(&unknown_case, v, "before"),
                                   result_of(c, v, "before") /* one too many */};
    struct vw_tally t = {.planned = 3, .done = 3};
    t.by[v] = 3;
    vw_expectations_apply(d, results, 3, "1.0.0", &t);
    assert_int_equal(results[1].finding.verdict, after);
    assert_string_equal(results[1].finding.found, reason);
    assert_true(vw_result_done(&results[1]));
    t.by[after]--;
    counts_are(&t, v, 2);
    assert_int_equal(t.planned, 3);
    assert_int_equal(t.done, 3);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(results[i].finding.verdict, i == 1 ? after : v);
        assert_string_equal(results[i].finding.found, i == 1 ? reason : "before");
        vw_result_finish(&results[i]);
    }
}

static void each_verdict(void **state)
{
    struct vw_expectations d = {0}, none = {0};
    loaded(&d, "about: x\nxfail:\n  - {id: later, reason: no, from: 2.0.0}\n"
               "  - {id: " KNOWN ", reason: why it is, from: 1.0.0, to: 1.0.0}\n");
    for (int v = 0; v < VW_VERDICTS; v++) {
        assert_int_equal(turns[v].before, v);
        turns_into(&d, &known_case, (enum vw_verdict)v, turns[v].after, turns[v].reason);
        turns_into(&none, &known_case, (enum vw_verdict)v, (enum vw_verdict)v, "before");
    }
    vw_expectations_finish(&d);
}

static void only_what_is_done(void **state)
{
    struct vw_expectations d = {0};
    loaded(&d, "about: x\nxfail:\n  - {id: " KNOWN ", reason: r}\n");
    struct vw_result results[2] = {{.c = &known_case, .finding = {.verdict = VW_NOT_RUN}},
                                   result_of(&known_case, VW_FAIL, NULL)};
    struct vw_tally t = {.planned = 2, .done = 1, .by = {[VW_FAIL] = 1}};
    vw_expectations_apply(&d, results, 2, "", &t);
    assert_false(vw_result_done(&results[0]));
    assert_int_equal(results[0].finding.verdict, VW_NOT_RUN);
    assert_null(results[0].finding.found);
    assert_int_equal(results[1].finding.verdict, VW_XFAIL);
    assert_string_equal(results[1].finding.found, "r");
    counts_are(&t, VW_XFAIL, 1);
    for (size_t i = 0; i < 2; i++)
        vw_result_finish(&results[i]);
    vw_expectations_finish(&d);
}

/* A reason of any length is told; what is too much is cut. */
static void long_reasons(void **state)
{
    char text[700], reason[601];
    struct vw_expectations d = {0};
    memset(reason, 'r', 600);
    reason[600] = 0;
    snprintf(text, sizeof(text), "about: x\nxfail:\n  - {id: " KNOWN ", reason: %s}\n", reason);
    loaded(&d, text);
    struct vw_result r = result_of(&known_case, VW_PASS, NULL);
    struct vw_tally t = {.planned = 1, .done = 1, .by = {[VW_PASS] = 1}};
    vw_expectations_apply(&d, &r, 1, "", &t);
    assert_int_equal(strlen(r.finding.found), 499);
    assert_memory_equal(r.finding.found, "no longer so: rrr", 17);
    vw_result_finish(&r);
    vw_expectations_finish(&d);
}

/* ---- a file written from a run ---- */

static const struct {
    const char *id;
    enum vw_verdict verdict;
    const char *reason;
    bool listed;
    const char *read; /* the reason in the file */
} run[] = {
    {"a/first", VW_FAIL, "the first", true, "the first"},
    {"a/pass", VW_PASS, NULL, false, NULL},
    {"a/lenient", VW_LENIENT, "so", false, NULL},
    {"a/skip", VW_SKIP, "so", false, NULL},
    {"a/xfail", VW_XFAIL, "known for long", true, "known for long"},
    {"a/xpass", VW_XPASS, "no longer so", false, NULL},
    {"a/fail", VW_FAIL, "a \"quoted\" word", true, "a \"quoted\" word"},
    {"a/hung", VW_HUNG, "back\\slash: # no comment", true, "back\\slash: # no comment"},
    {"a/crash", VW_CRASH, "\x1f\n\t \x7e\x7f\xc3\xa9|", true, "''' ~'''|"},
    {"a/error", VW_ERROR, "so", false, NULL},
    {"b/x[0].#len=max+1", VW_FAIL, NULL, true, ""},
    {"b/x0.#len=max+1/y", VW_PASS, NULL, false, NULL},
    {"b/q\"\\", VW_FAIL, "{- ' %s}", true, "{- ' %s}"},
    {"yes", VW_FAIL, "null", true, "null"},
};

static struct vw_case run_cases[COUNT(run)];

/* The results of the run RUN, and one that is not done. */
static void make_results(struct vw_result results[COUNT(run) + 1])
{
    for (size_t i = 0; i < COUNT(run); i++) {
        run_cases[i].id = run[i].id;
        results[i] = result_of(&run_cases[i], run[i].verdict, run[i].reason);
    }
    results[COUNT(run)] = (struct vw_result){.c = &known_case, .finding = {.verdict = VW_NOT_RUN}};
}

static char *written(const struct vw_result *results, size_t n, const char *version)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    vw_expectations_write(results, n, version, f);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void a_written_file(void **state)
{
    struct vw_result results[COUNT(run) + 1];
    make_results(results);
    char *text = written(results, COUNT(run) + 1, "9.0.0");
    assert_string_equal(text, "# Give each reason, or repair the peer.\n"
                              "about: \"version 9.0.0\"\n"
                              "xfail:\n"
                              "  - id: \"a/first\"\n    reason: \"the first\"\n"
                              "  - id: \"a/xfail\"\n    reason: \"known for long\"\n"
                              "  - id: \"a/fail\"\n    reason: \"a \\\"quoted\\\" word\"\n"
                              "  - id: \"a/hung\"\n    reason: \"back\\\\slash: # no comment\"\n"
                              "  - id: \"a/crash\"\n    reason: \"''' ~'''|\"\n"
                              "  - id: \"b/x[0].#len=max+1\"\n    reason: \"\"\n"
                              "  - id: \"b/q\\\"\\\\\"\n    reason: \"{- ' %s}\"\n"
                              "  - id: \"yes\"\n    reason: \"null\"\n");
    free(text);
    text = written(results, 0, "");
    assert_string_equal(text, "# Give each reason, or repair the peer.\n"
                              "about: \"version unknown\"\nxfail:\n");
    free(text);
    for (size_t i = 0; i < COUNT(results); i++)
        vw_result_finish(&results[i]);
}

/* The same run judged by the file that it wrote: every finding is expected and nothing else
 * changes. */
static void read_back(void **state)
{
    struct vw_expectations d = {0};
    struct vw_result results[COUNT(run) + 1];
    struct vw_tally t = {.planned = COUNT(run)};
    make_results(results);
    char *text = written(results, COUNT(run) + 1, "9.0.0");
    loaded(&d, text);
    free(text);
    for (size_t i = 0; i < COUNT(run); i++) {
        const struct vw_expectation *found = vw_expectation_find(&d, run[i].id, "9.0.0");
        if (!found != !run[i].listed || (found && strcmp(found->reason, run[i].read) != 0))
            fail_msg("%s: %s", run[i].id, found ? found->reason : "not found");
        t.by[run[i].verdict]++;
        t.done++;
    }
    assert_null(vw_expectation_find(&d, KNOWN, "9.0.0"));
    vw_expectations_apply(&d, results, COUNT(run) + 1, "9.0.0", &t);
    for (size_t i = 0; i < COUNT(run); i++)
        assert_int_equal(results[i].finding.verdict, run[i].listed ? VW_XFAIL : run[i].verdict);
    assert_int_equal(t.by[VW_XFAIL], 8);
    assert_int_equal(t.by[VW_FAIL] + t.by[VW_HUNG] + t.by[VW_CRASH], 0);
    assert_false(vw_result_done(&results[COUNT(run)]));
    for (size_t i = 0; i < COUNT(results); i++)
        vw_result_finish(&results[i]);
    vw_expectations_finish(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_that_is_found),
        cmocka_unit_test(what_is_to_be_played),
        cmocka_unit_test(what_a_log_in_explains),
        cmocka_unit_test(files_add_up),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(each_verdict),
        cmocka_unit_test(only_what_is_done),
        cmocka_unit_test(long_reasons),
        cmocka_unit_test(a_written_file),
        cmocka_unit_test(read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
