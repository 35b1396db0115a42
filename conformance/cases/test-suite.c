// SPDX-License-Identifier: MIT
// Which files of a folder are a suite, in which order and under which names, and what is said of a
// folder or a file that is none.
#include "base/testing/test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "conformance/cases/scenario.h"

#define GOOD "title: t\nclause: F-3\nlevel: must\nsteps:\n  - send: {call: {procedure: 3}}\n"

static struct vw_profile *profile;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load(NULL, NULL, &profile, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

/* With the folders on the way to it. */
static void write_file(const char *root, const char *name, const char *text)
{
    char path[1024];
    int n = snprintf(path, sizeof(path), "%s/%s", root, name);
    assert_true(n > 0 && (size_t)n < sizeof(path));
    for (char *p = path + strlen(root) + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = '\0';
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
    }
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int load(struct vw_suite *suite, const char *dir, struct vw_error *err)
{
    const struct vw_suite_options options = {.profile = profile};
    unsigned before = vw_test_descriptors();
    *err = (struct vw_error)VW_ERROR_INIT;
    int rc = vw_suite_load(suite, dir, &options, err);
    assert_int_equal(vw_test_descriptors(), before);
    return rc;
}

static void expect_ids(const struct vw_suite *suite, const char *const *ids, size_t n)
{
    assert_int_equal(suite->count, n);
    assert_int_equal(suite->files, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(suite->cases[i].id, ids[i]);
}

static void which_files_are_cases(void **state)
{
    static const char *const others[] = {
        ".hidden.yaml", ".yaml",       "a.yml",  "b.yaml~",
        "yaml",         ".git/c.yaml", "d.YAML", "1/2/3/4/5/6/7/g.yaml"};
    static const char *const files[] = {
        "z.yaml", "b/c.yaml", "b/b.yaml", "1/2/3/4/5/6/f.yaml", "a.yaml/e.yaml", "y.yaml"};
    static const char *const ids[] = {"1/2/3/4/5/6/f", "a.yaml/e", "b/b", "b/c", "y", "z"};
    char dir[VW_TEST_FOLDER];
    struct vw_suite suite;
    struct vw_error err;
    assert_int_equal(vw_test_folder(dir), 0);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        write_file(dir, others[i], "no scenario");
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        write_file(dir, files[i], GOOD);
    char fifo[VW_TEST_FOLDER + 16];
    snprintf(fifo, sizeof(fifo), "%s/fifo.yaml", dir);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(load(&suite, dir, &err), 0);
    expect_ids(&suite, ids, sizeof(ids) / sizeof(ids[0]));
    assert_string_equal(suite.error_file, "");
    vw_suite_finish(&suite);
    assert_int_equal(suite.count, 0);
}

static void more_files_than_there_is_room_for_at_first(void **state)
{
    char dir[VW_TEST_FOLDER], name[32];
    struct vw_suite suite;
    struct vw_error err;
    assert_int_equal(vw_test_folder(dir), 0);
    for (int i = 0; i < 130; i++) {
        snprintf(name, sizeof(name), "%03d.yaml", i);
        write_file(dir, name, GOOD);
    }
    assert_int_equal(load(&suite, dir, &err), 0);
    assert_int_equal(suite.count, 130);
    for (int i = 0; i < 130; i++)
        assert_int_equal(atoi(suite.cases[i].id), i);
    vw_suite_finish(&suite);
}

static void what_is_no_suite(void **state)
{
    char dir[VW_TEST_FOLDER], text[1200], longer[1024] = "";
    struct vw_suite suite;
    struct vw_error err;
    assert_int_equal(vw_test_folder(dir), 0);
    assert_int_equal(load(&suite, dir, &err), 0);
    assert_int_equal(suite.count, 0);
    vw_suite_finish(&suite);

    snprintf(longer, sizeof(longer), "%s/nothing", dir);
    assert_int_equal(load(&suite, longer, &err), VW_EUSAGE);
    snprintf(text, sizeof(text), "cannot open the suite %s: No such file or directory", longer);
    assert_string_equal(err.text, text);

    write_file(dir, "a.yaml", GOOD);
    write_file(dir, "b.yaml", "title: t\nwhat: x\n");
    write_file(dir, "c.yaml", "what: x\n");
    assert_int_equal(load(&suite, dir, &err), VW_ESYNTAX);
    snprintf(text, sizeof(text), "%s/b.yaml", dir);
    assert_string_equal(suite.error_file, text);
    assert_int_equal(err.line, 2);
    assert_int_equal(suite.count, 1);
    vw_suite_finish(&suite);
    snprintf(longer, sizeof(longer), "%s/a.yaml", dir);
    assert_int_equal(load(&suite, longer, &err), VW_EUSAGE);
    snprintf(text, sizeof(text), "cannot open the suite %s: Not a directory", longer);
    assert_string_equal(err.text, text);
}

/* The longest path has 511 bytes below the folder. */
static void long_paths(void **state)
{
    char dir[VW_TEST_FOLDER], name[600];
    struct vw_suite suite;
    struct vw_error err;
    for (int extra = 0; extra < 2; extra++) {
        assert_int_equal(vw_test_folder(dir), 0);
        memset(name, 'n', sizeof(name));
        name[200] = name[400] = '/';
        snprintf(name + 506 + extra, 8, ".yaml");
        write_file(dir, name, GOOD);
        int rc = load(&suite, dir, &err);
        assert_int_equal(rc == VW_ELIMIT, extra);
        if (extra)
            assert_string_equal(err.text, "the path of a scenario is too long");
        vw_suite_finish(&suite);
    }
}

static void memory_is_out(void **state)
{
    char dir[VW_TEST_FOLDER];
    struct vw_suite suite;
    struct vw_error err;
    assert_int_equal(vw_test_folder(dir), 0);
    write_file(dir, "a.yaml", GOOD);
    write_file(dir, "b/c.yaml", GOOD);
    bool failed = true;
    for (size_t n = 1; failed && n < 5000; n++) {
        size_t live = vw_failalloc_stats().live;
        vw_failalloc_set(n);
        int rc = load(&suite, dir, &err);
        failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        vw_suite_finish(&suite);
        assert_int_equal(vw_failalloc_stats().live, live);
    }
    assert_false(failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_files_are_cases),
        cmocka_unit_test(more_files_than_there_is_room_for_at_first),
        cmocka_unit_test(what_is_no_suite),
        cmocka_unit_test(long_paths),
        cmocka_unit_test(memory_is_out),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
