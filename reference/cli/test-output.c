// SPDX-License-Identifier: MIT
// Output files are there as a whole or not at all: after success, failure and signals.
#include "base/testing/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <virwire/error.h>

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

/* ---- in a process of its own ---- */

/* Runs FN in a child whose stdout is OUT; gives its wait status, and what it said on stderr. */
static int in_child(int (*fn)(void), const char *out, char *text, size_t size)
{
    int ends[2], status;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (dup2(ends[1], STDERR_FILENO) < 0 || !freopen(out, "we", stdout))
            _exit(99);
        _exit(fn());
    }
    close(ends[1]);
    ssize_t n = 0, got;
    while ((got = read(ends[0], text + n, size - 1 - (size_t)n)) > 0)
        n += got;
    text[n] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* Only in a process that has not opened an output yet. */
static int ignores_hangups(void)
{
    struct vw_output *out;
    struct sigaction now;
    signal(SIGHUP, SIG_IGN);
    if (vw_output_open(path, &out, NULL) != 0)
        return 1;
    raise(SIGHUP);
    if (sigaction(SIGHUP, NULL, &now) != 0 || now.sa_handler != SIG_IGN)
        return 2;
    if (sigaction(SIGTERM, NULL, &now) != 0 || now.sa_handler == SIG_DFL)
        return 3;
    return vw_output_commit(out, NULL) == 0 ? 42 : 4;
}

static void what_is_ignored_stays_ignored(void **state)
{
    char text[100];
    int status = in_child(ignores_hangups, "/dev/null", text, sizeof(text));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

/* The first signal is noted, and what comes right behind it; whichever comes later ends the
 * program, and no half file stays. Only in a process that has not opened an output yet. */
static int notes_the_first(void)
{
    struct vw_output *out;
    const volatile sig_atomic_t *noted = vw_output_note_interrupts();
    if (*noted != 0 || vw_output_open(path, &out, NULL) != 0)
        return 1;
    raise(SIGTERM);
    if (*noted != SIGTERM)
        return 2;
    raise(SIGTERM);
    poll(NULL, 0, 400);
    raise(SIGINT);
    return 3;
}

static void the_first_signal_may_be_noted(void **state)
{
    char text[100];
    int status = in_child(notes_the_first, "/dev/null", text, sizeof(text));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
    assert_int_equal(files_in_dir(), 0);
}

static int writes_nothing(void)
{
    return vw_stdout_finish();
}

static int writes_to_stdout(void)
{
    printf("text");
    return vw_stdout_finish();
}

/* The error comes where nobody asks for it. */
static int flushes_before(void)
{
    printf("text");
    fflush(stdout);
    return vw_stdout_finish();
}

static int knows_why(void)
{
    printf("text");
    fflush(stdout);
    vw_stdout_failed(EIO);
    return vw_stdout_finish();
}

static int commits_stdout(void)
{
    struct vw_output *out;
    if (vw_output_open("-", &out, NULL) != 0)
        return 90;
    fputs("text", vw_output_file(out));
    if (vw_output_commit(out, NULL) != 0)
        return 91;
    return vw_stdout_finish();
}

/* stdout is no output to be ended when it is given up. */
static int abandons_stdout(void)
{
    struct vw_output *out;
    if (vw_output_open(NULL, &out, NULL) != 0 || vw_output_file(out) != stdout)
        return 90;
    vw_output_abandon(out);
    return puts("more") < 0 ? 91 : vw_stdout_finish();
}

static int writes_to_a_closed_pipe(void)
{
    int ends[2];
    signal(SIGPIPE, SIG_IGN);
    if (pipe(ends) != 0 || close(ends[0]) != 0 || dup2(ends[1], STDOUT_FILENO) < 0)
        return 90;
    printf("text");
    return vw_stdout_finish();
}

static void errors_of_stdout(void **state)
{
    static const struct {
        int (*fn)(void);
        const char *out;
        int status;
        const char *says;
    } rows[] = {
        {writes_nothing, "/dev/null", 0, ""},
        {writes_nothing, "/dev/full", 0, ""},
        {writes_to_stdout, "/dev/null", 0, ""},
        {writes_to_stdout, "/dev/full", 3,
         "virwire: cannot write to stdout: No space left on device\n"},
        {flushes_before, "/dev/full", 3, "virwire: cannot write to stdout: an earlier error\n"},
        {knows_why, "/dev/full", 3, "virwire: cannot write to stdout: Input/output error\n"},
        {commits_stdout, "/dev/null", 0, ""},
        {commits_stdout, "/dev/full", 3,
         "virwire: cannot write to stdout: No space left on device\n"},
        {abandons_stdout, "/dev/null", 0, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[200];
        int status = in_child(rows[i].fn, rows[i].out, text, sizeof(text));
        if (!WIFEXITED(status) || WEXITSTATUS(status) != rows[i].status ||
            strcmp(text, rows[i].says) != 0)
            fail_msg("row %zu: status %#x, %s", i, (unsigned)status, text);
    }
}

/* As any filter, and without a word. */
static void a_closed_pipe_ends_it(void **state)
{
    char text[100];
    int status = in_child(writes_to_a_closed_pipe, "/dev/null", text, sizeof(text));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGPIPE);
    assert_string_equal(text, "");
}

/* ---- files ---- */

/* A disk that is full in the middle: what was there stays, whole. */
static void a_half_file_is_not_put_in_place(void **state)
{
    static char much[100000];
    struct vw_error err = VW_ERROR_INIT;
    struct rlimit before, less;
    memset(much, 'x', sizeof(much));
    assert_int_equal(vw_output_commit(start("old"), NULL), 0);
    for (int late = 0; late < 2; late++) { /* the write that fails is one before, or the last */
        struct vw_output *out = start("new");
        void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        less = before;
        less.rlim_cur = late ? 1 : 8192;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
        fwrite(much, 1, late ? 100 : sizeof(much), vw_output_file(out));
        vw_error_clear(&err);
        int rc = vw_output_commit(out, &err);
        setrlimit(RLIMIT_FSIZE, &before);
        signal(SIGXFSZ, handler);
        assert_int_equal(rc, VW_ESYSTEM);
        assert_int_equal(err.sys_errno, EFBIG);
        assert_string_equal(content(), "old");
        assert_int_equal(files_in_dir(), 1);
    }
}

static void modes(void **state)
{
    static const struct {
        mode_t mask, old, mode; /* old 0: there was none */
    } rows[] = {
        {022, 0, 0644},    {077, 0, 0600},    {002, 0, 0664},    {0, 0, 0666},
        {077, 0644, 0644}, {022, 0600, 0600}, {022, 0666, 0666}, {022, 0751, 0751},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct stat st;
        unlink(path);
        if (rows[i].old) {
            assert_int_equal(vw_output_commit(start("old"), NULL), 0);
            assert_int_equal(chmod(path, rows[i].old), 0);
        }
        mode_t before = umask(rows[i].mask);
        int rc = vw_output_commit(start("new"), NULL);
        mode_t after = umask(before);
        assert_int_equal(rc, 0);
        assert_int_equal(after, rows[i].mask);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, rows[i].mode);
        assert_string_equal(content(), "new");
    }
}

/* Sixteen at a time can be removed by a signal: there are no more. */
static void outputs_have_a_bound(void **state)
{
    struct vw_output *out[17];
    struct vw_error err = VW_ERROR_INIT;
    char name[sizeof(path) + 8];
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < 16; i++) {
            snprintf(name, sizeof(name), "%s%zu", path, i);
            assert_int_equal(vw_output_open(name, &out[i], NULL), 0);
        }
        vw_error_clear(&err);
        assert_int_equal(vw_output_open(path, &out[16], &err), VW_EUSAGE);
        assert_non_null(strstr(err.text, "Too many open files"));
        assert_int_equal(files_in_dir(), 16);
        for (size_t i = 0; i < 16; i++)
            vw_output_abandon(out[i]);
        assert_int_equal(files_in_dir(), 0);
    }
}

static void a_fifo_that_nobody_reads(void **state)
{
    struct vw_output *out;
    struct vw_error err = VW_ERROR_INIT;
    char text[16] = "";
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(vw_output_open_ready(path, &out, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "nobody reads from it"));
    int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    assert_int_equal(vw_output_open_ready(path, &out, NULL), 0);
    assert_false(fcntl(fileno(vw_output_file(out)), F_GETFL) & O_NONBLOCK);
    fputs("text", vw_output_file(out));
    assert_int_equal(vw_output_commit(out, NULL), 0);
    assert_int_equal(read(reader, text, sizeof(text) - 1), 4);
    assert_string_equal(text, "text");
    close(reader);
}

static void a_name_without_a_folder(void **state)
{
    struct vw_output *out;
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(here >= 0);
    assert_int_equal(chdir(dir), 0);
    int rc = vw_output_open("file", &out, NULL);
    int files = files_in_dir();
    if (rc == 0) {
        fputs("new", vw_output_file(out));
        rc = vw_output_commit(out, NULL);
    }
    assert_int_equal(fchdir(here), 0);
    close(here);
    assert_int_equal(rc, 0);
    assert_int_equal(files, 1);
    assert_string_equal(content(), "new");
    assert_int_equal(files_in_dir(), 1);
}

static void a_link_stays_and_its_target_is_replaced(void **state)
{
    char link[sizeof(path) + 8];
    struct stat st;
    snprintf(link, sizeof(link), "%s.link", path);
    assert_int_equal(vw_output_commit(start("old"), NULL), 0);
    assert_int_equal(symlink(path, link), 0);
    struct vw_output *out;
    assert_int_equal(vw_output_open(link, &out, NULL), 0);
    fputs("new", vw_output_file(out));
    assert_string_equal(content(), "old");
    assert_int_equal(vw_output_commit(out, NULL), 0);
    assert_string_equal(content(), "new");
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    /* One that somebody else has laid there is no word of the user's. Only root can give one away.
     */
    if (geteuid() == 0) {
        assert_int_equal(lchown(link, 65534, 65534), 0);
        assert_int_equal(vw_output_open(link, &out, NULL), 0);
        fputs("other", vw_output_file(out));
        assert_int_equal(vw_output_commit(out, NULL), 0);
        assert_string_equal(content(), "new");
        assert_int_equal(lstat(link, &st), 0);
        assert_true(S_ISREG(st.st_mode));
        assert_int_equal(st.st_size, 5);
    }
    assert_int_equal(unlink(link), 0);
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

/* Whatever whoever starts the test ignores. */
static int setup(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], SIG_DFL);
    if (vw_test_folder(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/file", dir);
    return 0;
}

/* Whatever a test that failed has left. */
static int teardown(void **state)
{
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));)
        unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_ignored_stays_ignored, remove_file), /* the first */
        cmocka_unit_test(the_first_signal_may_be_noted),
        cmocka_unit_test_teardown(puts_the_file_in_place_at_the_end, remove_file),
        cmocka_unit_test_teardown(keeps_the_old_file_when_abandoned, remove_file),
        cmocka_unit_test_teardown(reports_what_cannot_be_written, remove_file),
        cmocka_unit_test_teardown(a_signal_removes_the_half_file, remove_file),
        cmocka_unit_test(errors_of_stdout),
        cmocka_unit_test(a_closed_pipe_ends_it),
        cmocka_unit_test_teardown(a_half_file_is_not_put_in_place, remove_file),
        cmocka_unit_test_teardown(modes, remove_file),
        cmocka_unit_test(outputs_have_a_bound),
        cmocka_unit_test_teardown(a_fifo_that_nobody_reads, remove_file),
        cmocka_unit_test_teardown(a_name_without_a_folder, remove_file),
        cmocka_unit_test_teardown(a_link_stays_and_its_target_is_replaced, remove_file),
        cmocka_unit_test_teardown(survives_failing_allocations, remove_file),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
