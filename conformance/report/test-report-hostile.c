// SPDX-License-Identifier: MIT
// Reports when a peer says what could act on a terminal, and when there is no memory.
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/shown.h"
#include "conformance/report/test-report.h"

/* What a peer says is not for the terminal, in no kind of report. */
static void nothing_acts_on_a_terminal(void **state)
{
    static const char hostile[] = "\033[2J \x7f \xc2\x9b"
                                  "31m \xe2\x80\xae \x9b";
    const struct vw_peer liar = {"\033", "\x7f\xc2\x9b", "\xe2\x80\xae"};
    for (size_t i = 1; i < N_CASES; i++)
        vw_result_set(&results[i], i % 2 ? VW_FAIL : VW_SKIP, hostile);
    results[3].finding.frames = strdup(hostile);
    report.peer = &liar;
    for (const struct vw_report_kind *const *k = vw_report_kinds; *k; k++) {
        char *text = written((*k)->name);
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            if (vw_shown_prefix(line, strlen(line)) != strlen(line))
                fail_msg("%s: %s", (*k)->name, line);
        free(text);
    }
}

/* What a peer says is no markup of the page. */
static void nothing_is_markup(void **state)
{
    static const char hostile[] = "'\"></code></style><script>alert(1)</script><!-- <img src=x";
    const struct vw_peer liar = {"<script>", "\"><script>", "</script>"};
    static const struct vw_witness witness = {.what = hostile,
                                              .writer = hostile,
                                              .reader = hostile,
                                              .bytes = (const uint8_t *)hostile,
                                              .len = sizeof(hostile),
                                              .written = hostile,
                                              .read = hostile};
    static const char *const touches[] = {hostile};
    static const struct vw_change change = {.class = hostile,
                                            .meaning = hostile,
                                            .hurts = hostile,
                                            .fingerprint = hostile,
                                            .touches = touches,
                                            .n_touches = 1,
                                            .before = {.file = hostile},
                                            .witness = &witness};
    char frames[500];
    snprintf(frames, sizeof(frames), "  0.001 -> %s\n      %s\n      3c3c3c3c\n  0.001 -- %s\n%s",
             hostile, hostile, hostile, hostile);
    for (size_t i = 0; i < N_CASES; i++) {
        vw_result_set(&results[i], VW_FAIL, hostile);
        free((void *)results[i].finding.frames);
        results[i].finding.frames = strdup(frames);
        results[i].finding.rule = hostile;
        results[i].finding.title = hostile;
        results[i].finding.clauses = hostile;
        free((void *)results[i].finding.cause);
        results[i].finding.cause = i ? strdup(hostile) : NULL;
        results[i].finding.place.file = hostile;
    }
    report.peer = &liar;
    report.uri = report.kind = report.commit = report.digest = report.profile = hostile;
    tally.why = hostile;
    for (int compared = 0; compared < 2; compared++) {
        char *text = written("html"), *script = strstr(text, "<script>");
        assert_non_null(script);
        assert_null(strstr(script + 1, "<script>"));
        assert_null(strstr(text, "<!--"));
        assert_null(strstr(text, "<img"));
        assert_null(strstr(text, "alert(1)<"));
        const char *end = strstr(text, "</script>");
        assert_non_null(end);
        assert_true(end > script);
        assert_null(strstr(end + 1, "</script>"));
        free(text);
        results[1].finding.change = &change;
        report.against = hostile;
    }
}

/* libxml2's, of which one fails too. */
static size_t xml_left;
static bool xml_failed;

static bool admit(void)
{
    bool fails = xml_left && --xml_left == 0;
    xml_failed = xml_failed || fails;
    return !fails;
}

static void *xml_malloc(size_t size)
{
    return admit() ? malloc(size) : NULL;
}

static void *xml_realloc(void *old, size_t size)
{
    return admit() ? realloc(old, size) : NULL;
}

static char *xml_strdup(const char *text)
{
    return admit() ? strdup(text) : NULL;
}

/* The first allocation whose failure makes a report that is not whole, 0 for none. */
static size_t breaks_at(const char *whole)
{
    xml_failed = true;
    for (size_t n = 1; xml_failed; n++) {
        struct vw_error err = VW_ERROR_INIT;
        char *text = NULL;
        size_t len;
        FILE *f = open_memstream(&text, &len);
        xml_left = n;
        xml_failed = false;
        int rc = vw_report_find("junit", NULL)->write(&report, f, &err);
        xml_left = 0;
        fclose(f);
        if (rc == 0 ? strcmp(text, whole) != 0 : rc != VW_ENOMEM || !xml_failed)
            return n;
        free(text);
    }
    return 0;
}

/* In a process of its own, since libxml2 loses memory when it has none. */
static void libxml2_has_no_memory(void **state)
{
    typedef int setup_function(void (*)(void *), void *(*)(size_t), void *(*)(void *, size_t),
                               char *(*)(const char *));
    char *whole = written("junit");
    setup_function *use;
    int status;
    *(void **)&use = dlsym(RTLD_DEFAULT, "xmlMemSetup");
    assert_non_null(use);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (use(free, xml_malloc, xml_realloc, xml_strdup) || !freopen("/dev/null", "w", stderr))
            _exit(2);
        /* Another program in its place, for Valgrind would count what libxml2 has lost. */
        if (breaks_at(whole) == 0)
            execlp("true", "true", NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    free(whole);
}

/* Whichever allocation fails: a report is whole or fails. */
static void memory_is_out(void **state)
{
    for (const struct vw_report_kind *const *k = vw_report_kinds; *k; k++) {
        char *whole = written((*k)->name);
        bool failed = true;
        for (size_t n = 1; failed; n++) {
            struct vw_error err = VW_ERROR_INIT;
            char *text = NULL;
            size_t len;
            FILE *f = open_memstream(&text, &len);
            assert_non_null(f);
            assert_int_equal(fflush(f), 0);
            vw_failalloc_set(n);
            int rc = (*k)->write(&report, f, &err);
            failed = vw_failalloc_clear();
            bool written_out = !ferror(f) && fclose(f) == 0;
            if (rc == 0 && written_out && strcmp(text, whole) != 0)
                fail_msg("%s, allocation %zu: %s", (*k)->name, n, text);
            assert_true(rc == 0 || rc == VW_ENOMEM);
            assert_true(failed || rc == 0);
            free(text);
        }
        free(whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        REPORT_TEST(nothing_acts_on_a_terminal),
        REPORT_TEST(nothing_is_markup),
        REPORT_TEST(memory_is_out),
        REPORT_TEST(libxml2_has_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
