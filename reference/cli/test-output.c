// SPDX-License-Identifier: MIT
// Output files are there as a whole or not at all: after success, failure and signals.
#include "base/testing/test.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/output.h"

static char dir[VW_TEST_FOLDER];
static char path[sizeof(dir) + 8];

static int files_in_dir(void)
{
    int n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

static const char *content(void)
{
    static char text[64];
    FILE *f = fopen(path, "r");
    if (!f)
        return NULL;
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    fclose(f);
    return text;
}

static struct vw_output *start(const char *text)
{
    struct vw_output *out;
    assert_int_equal(vw_output_open(path, &out, NULL), 0);
    fputs(text, vw_output_file(out));
    return out;
}

static void puts_the_file_in_place_at_the_end(void **state)
{
    struct vw_output *out = start("new");
    assert_null(content());
    assert_int_equal(vw_output_commit(out, NULL), 0);
    assert_string_equal(content(), "new");
    assert_int_equal(files_in_dir(), 1);
}

static void keeps_the_old_file_when_abandoned(void **state)
{
    assert_int_equal(vw_output_commit(start("old"), NULL), 0);
    assert_int_equal(chmod(path, 0640), 0);
    vw_output_abandon(start("half"));
    vw_output_abandon(NULL);
    assert_string_equal(content(), "old");
    assert_int_equal(files_in_dir(), 1);

    struct stat st;
    assert_int_equal(vw_output_commit(start("new"), NULL), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

static void reports_what_cannot_be_written(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;
    assert_int_equal(vw_output_open("/nonexistent/x", &out, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "/nonexistent/x"));
    vw_error_clear(&err);
    assert_int_equal(vw_output_open(dir, &out, &err), VW_EUSAGE);

    if (access("/dev/full", W_OK) == 0) {
        vw_error_clear(&err);
        assert_int_equal(vw_output_open("/dev/full", &out, &err), 0);
        fputs("text", vw_output_file(out));
        assert_int_equal(vw_output_commit(out, &err), VW_ESYSTEM);
    }
    assert_int_equal(files_in_dir(), 0);
}

static void a_signal_removes_the_half_file(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < 3; i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            struct vw_output *out;
            if (vw_output_open(path, &out, NULL) == 0 && fflush(vw_output_file(out)) == 0)
                raise(signals[i]);
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_int_equal(files_in_dir(), 0);
    }
}

static void survives_failing_allocations(void **state)
{
    for (size_t n = 1;; n++) {
        struct vw_output *out;
        vw_failalloc_set(n);
        int rc = vw_output_open(path, &out, NULL);
        if (!vw_failalloc_clear()) {
            assert_int_equal(rc, 0);
            vw_output_abandon(out);
            break;
        }
        assert_int_equal(rc, VW_ENOMEM);
        assert_int_equal(files_in_dir(), 0);
    }
}

static int remove_file(void **state)
{
    unlink(path);
    return 0;
}

static int setup(void **state)
{
    if (vw_test_folder(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/file", dir);
    return 0;
}

static int teardown(void **state)
{
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(puts_the_file_in_place_at_the_end, remove_file),
        cmocka_unit_test_teardown(keeps_the_old_file_when_abandoned, remove_file),
        cmocka_unit_test_teardown(reports_what_cannot_be_written, remove_file),
        cmocka_unit_test_teardown(a_signal_removes_the_half_file, remove_file),
        cmocka_unit_test_teardown(survives_failing_allocations, remove_file),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
