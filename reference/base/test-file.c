// SPDX-License-Identifier: MIT
// Files as a whole: sizes around the buffer's steps, the bound, what comes in parts or not at all;
// and which are found below a folder. read(2) is replaced by the linker.
#include "base/testing/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define AT_END  (-1000)

/* Results of reads in turn: so many bytes at most, the end, or a negative errno; then as they are.
 */
static int steps[4];
static unsigned n_steps = ROWS(steps);

ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __wrap_read(int fd, void *buf, size_t len)
{
    int step = n_steps < ROWS(steps) ? steps[n_steps++] : 0;
    if (step == AT_END)
        return 0;
    if (step < 0) {
        errno = -step;
        return -1;
    }
    return __real_read(fd, buf, step && (size_t)step < len ? (size_t)step : len);
}

static char dir[VW_TEST_FOLDER];

static const char *at(const char *name)
{
    static char paths[4][VW_TEST_FOLDER + 32];
    static unsigned n;
    char *path = paths[n++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
    return path;
}

static void put(const char *name, size_t size)
{
    FILE *f = fopen(at(name), "we");
    assert_non_null(f);
    for (size_t i = 0; i < size; i++)
        fputc((int)(i % 251), f);
    assert_int_equal(fclose(f), 0);
}

static void every_size(void **state)
{
    static const size_t sizes[] = {0, 1, 65534, 65535, 65536, 131071, 131072, 300000};
    for (size_t i = 0; i < 2 * ROWS(sizes); i++) {
        char *text;
        size_t len, size = sizes[i / 2];
        put("file", size);
        int fd = open(at("file"), O_RDONLY | O_CLOEXEC);
        assert_int_equal(i % 2 ? vw_file_read(at("file"), true, 300000, &text, &len)
                               : vw_file_drain(fd, 300000, -1, &text, &len),
                         0);
        close(fd);
        assert_int_equal(len, size);
        assert_int_equal(text[len], 0);
        if (len)
            assert_int_equal((unsigned char)text[len - 1], (len - 1) % 251);
        free(text);
    }
}

/* What comes from a pipe says nothing of its size ahead. */
static void a_pipe(void **state)
{
    static char sent[60000];
    char *text;
    size_t len;
    for (size_t max = sizeof(sent) - 1; max <= sizeof(sent); max++) {
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_int_equal(write(ends[1], sent, sizeof(sent)), sizeof(sent));
        close(ends[1]);
        assert_int_equal(vw_file_drain(ends[0], max, 20000, &text, &len),
                         max == sizeof(sent) ? 0 : EFBIG);
        assert_int_equal(text != NULL, max == sizeof(sent));
        close(ends[0]);
        free(text);
    }
}

/* One that nobody writes into is waited for, but not for ever; one that comes late is read. */
static void a_fifo(void **state)
{
    char *text;
    size_t len;
    assert_int_equal(mkfifo(at("fifo"), 0600), 0);
    for (int late = 0; late < 2; late++) {
        int fd = vw_file_open(at("fifo"));
        assert_true(fd >= 0);
        pid_t pid = late ? fork() : -1;
        if (pid == 0) {
            usleep(50000);
            int to = open(at("fifo"), O_WRONLY | O_CLOEXEC);
            _exit(write(to, "abc", 3) == 3 ? 0 : 1);
        }
        assert_int_equal(vw_file_drain(fd, 100, late ? 20000 : 50, &text, &len), late ? 0 : ETIME);
        assert_int_equal(len, late ? 3 : 0);
        close(fd);
        free(text);
        if (pid > 0)
            waitpid(pid, NULL, 0);
    }
    unlink(at("fifo"));
}

/* The same of one that nobody reads. */
static void a_fifo_to_write(void **state)
{
    assert_int_equal(mkfifo(at("fifo"), 0600), 0);
    assert_int_equal(vw_file_create(at("fifo"), 0600, 50), -1);
    assert_int_equal(errno, ENXIO);
    pid_t pid = fork();
    if (pid == 0) {
        char c;
        usleep(50000);
        int from = open(at("fifo"), O_RDONLY | O_CLOEXEC);
        _exit(read(from, &c, 1) == 1 && c == 'a' ? 0 : 1);
    }
    int fd = vw_file_create(at("fifo"), 0600, 20000), status;
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(write(fd, "a", 1), 1);
    close(fd);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    unlink(at("fifo"));
    assert_int_equal(vw_file_create(at("fifo"), 0, 0), -1);
    assert_int_equal(errno, ENOENT);
}

static void what_is_no_file(void **state)
{
    char *text;
    size_t len;
    put("file", 101);
    assert_int_equal(mkfifo(at("fifo"), 0600), 0);
    assert_int_equal(vw_file_read(at("file"), true, 101, &text, &len), 0);
    free(text);
    assert_int_equal(vw_file_read(at("file"), true, 100, &text, &len), EFBIG);
    assert_null(text);
    assert_int_equal(vw_file_read(at("none"), true, 100, &text, &len), ENOENT);
    assert_null(text);
    assert_int_equal(vw_file_read(dir, true, 100, &text, &len), EISDIR);
    assert_int_equal(vw_file_read(dir, false, 100, &text, &len), EISDIR);
    assert_int_equal(vw_file_read(at("fifo"), true, 100, &text, &len), EINVAL);
    assert_int_equal(vw_file_read("/dev/null", true, 100, &text, &len), EINVAL);
    assert_int_equal(vw_file_read("/dev/null", false, 100, &text, &len), 0);
    assert_string_equal(text, "");
    free(text);
    unlink(at("fifo"));
}

static void in_parts(void **state)
{
    static const struct {
        int steps[4];
        int rc;
        size_t len;
    } rows[] = {
        {{2, -EINTR, 1, 1}, 0, 9}, {{-EINTR, -EINTR, 5}, 0, 9},
        {{3, AT_END}, 0, 3},       {{AT_END}, 0, 0},
        {{-EIO}, EIO, 0},          {{2, -EISDIR}, EISDIR, 2},
    };
    put("file", 9);
    for (size_t i = 0; i < ROWS(rows); i++) {
        size_t bytes = vw_failalloc_stats().live, len;
        unsigned descriptors = vw_test_descriptors();
        char *text;
        memcpy(steps, rows[i].steps, sizeof(steps));
        n_steps = 0;
        int rc = vw_file_read(at("file"), true, 100, &text, &len);
        n_steps = ROWS(steps);
        assert_int_equal(rc, rows[i].rc);
        assert_int_equal(len, rows[i].len);
        assert_int_equal(text != NULL, rc == 0);
        free(text);
        assert_int_equal(vw_failalloc_stats().live, bytes);
        assert_int_equal(vw_test_descriptors(), descriptors);
    }
}

static void descriptor_0(void **state)
{
    char *text;
    size_t len;
    put("file", 5);
    int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    close(STDIN_FILENO);
    int rc = vw_file_read(at("file"), true, 100, &text, &len);
    bool closed = fcntl(STDIN_FILENO, F_GETFD) < 0;
    if (input >= 0) {
        dup2(input, STDIN_FILENO);
        close(input);
    }
    assert_int_equal(rc, 0);
    assert_int_equal(len, 5);
    assert_true(closed);
    free(text);
}

/* As it is with a pipe that another process has made non-blocking: the rest is waited for. */
static void input_that_does_not_block(void **state)
{
    const struct timespec later = {.tv_nsec = 30000000};
    char *text;
    size_t len;
    int ends[2], status;
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        nanosleep(&later, NULL);
        _exit(write(ends[1], "late", 4) != 4);
    }
    close(ends[1]);
    int rc = vw_file_drain(ends[0], 100, -1, &text, &len);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(rc, 0);
    assert_string_equal(text, "late");
    free(text);
}

static void memory_is_out(void **state)
{
    static const struct vw_search all = {.ending = "", .levels = 1};
    bool failed = true;
    put("file", 300000);
    for (size_t n = 1; failed; n++) {
        size_t live = vw_failalloc_stats().live, len;
        struct vw_paths paths;
        char *text;
        int fd = open(at("file"), O_RDONLY | O_CLOEXEC);
        vw_failalloc_set(n);
        int rc = vw_file_drain(fd, 300000, -1, &text, &len);
        int found = vw_paths_find(&paths, dir, &all);
        failed = vw_failalloc_clear();
        close(fd);
        assert_int_equal(rc == ENOMEM || found == ENOMEM, failed);
        free(text);
        vw_paths_finish(&paths);
        assert_int_equal(vw_failalloc_stats().live, live);
    }
}

/* ---- folders ---- */

static void expect_found(const struct vw_search *how, const char *const *names, size_t n)
{
    struct vw_paths paths;
    unsigned descriptors = vw_test_descriptors();
    assert_int_equal(vw_paths_find(&paths, dir, how), 0);
    assert_int_equal(vw_test_descriptors(), descriptors);
    assert_int_equal(paths.count, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(paths.list[i], at(names[i]));
    vw_paths_finish(&paths);
}

static void what_is_found(void **state)
{
    static const char *const folders[] = {"a.x", "b", "b/c", "b/c/d", ".e"};
    static const char *const files[] = {"a.x/1.x", "b/2.x", "b/c/3.x", "b/c/d/4.x", ".e/5.x",
                                        "6.x",     ".7.x",  "8.y",     ".x",        "b-9.x"};
    static const char *const found[] = {"6.x", "a.x/1.x", "b-9.x", "b/2.x", "b/c/3.x", "dead.x"};
    static const char *const linked[] = {"6.x",     "a.x/1.x",  "b-9.x",     "b/2.x",
                                         "b/c/3.x", "link/2.x", "link/c/3.x"};
    struct vw_search how = {.ending = ".x", .levels = 2};
    for (size_t i = 0; i < ROWS(folders); i++)
        assert_int_equal(mkdir(at(folders[i]), 0700), 0);
    for (size_t i = 0; i < ROWS(files); i++)
        put(files[i], 0);
    assert_int_equal(symlink("b", at("link")), 0);
    assert_int_equal(symlink("nothing", at("dead.x")), 0);
    expect_found(&how, found, ROWS(found));
    how.links = true;
    expect_found(&how, linked, ROWS(linked));
    unlink(at("link"));
    unlink(at("dead.x"));
    for (size_t i = ROWS(files); i-- > 0;)
        unlink(at(files[i]));
    for (size_t i = ROWS(folders); i-- > 0;)
        assert_int_equal(rmdir(at(folders[i])), 0);
}

static void what_is_no_folder(void **state)
{
    static const struct vw_search how = {.ending = ".x"};
    struct vw_paths paths;
    assert_int_equal(vw_paths_find(&paths, at("none"), &how), ENOENT);
    assert_string_equal(paths.failed, at("none"));
    vw_paths_finish(&paths);
    put("file", 1);
    assert_int_equal(vw_paths_find(&paths, at("file"), &how), ENOTDIR);
    vw_paths_finish(&paths);
}

static int set_up(void **state)
{
    return vw_test_folder(dir);
}

static int tear_down(void **state)
{
    unlink(at("file"));
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size),
        cmocka_unit_test(a_pipe),
        cmocka_unit_test(in_parts),
        cmocka_unit_test(what_is_no_file),
        cmocka_unit_test(a_fifo),
        cmocka_unit_test(a_fifo_to_write),
        cmocka_unit_test(descriptor_0),
        cmocka_unit_test(input_that_does_not_block),
        cmocka_unit_test(memory_is_out),
        cmocka_unit_test(what_is_found),
        cmocka_unit_test(what_is_no_folder),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
