// SPDX-License-Identifier: MIT
// Files with holes: what is read gives what is written, holes stay holes, and where there can be
// none they are zeros.
#include "cli/sparse.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/test.h"

#define HOLE (1 << 20)
#define SIZE (3 * HOLE)

static char dir[VW_TEST_FOLDER];

static const char *path(const char *name)
{
    static char text[VW_TEST_FOLDER + 16];
    snprintf(text, sizeof(text), "%s/%s", dir, name);
    return text;
}

/* Data, a hole, data at both ends, a hole at the end. */
static void make_input(const char *name)
{
    int fd = open(path(name), O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "begin", 5), 5);
    assert_int_equal(pwrite(fd, "end", 3, 2 * HOLE), 3);
    assert_int_equal(ftruncate(fd, SIZE), 0);
    close(fd);
}

static void copy(const char *from, const char *to, bool sparse, uint64_t *holes)
{
    static uint8_t buf[50000];
    struct vw_sparse_in in;
    struct vw_sparse_out out;
    int64_t hole;
    size_t n;
    *holes = 0;
    assert_int_equal(vw_sparse_in_open(&in, path(from), sparse, NULL), 0);
    assert_int_equal(vw_sparse_out_open(&out, path(to), NULL), 0);
    while (vw_sparse_in_next(&in, buf, sizeof(buf), &n, &hole, NULL) == 1) {
        assert_true(n == 0 || hole == 0);
        *holes += (uint64_t)hole;
        if (n)
            assert_int_equal(vw_sparse_out_data(&out, buf, n, NULL), 0);
        if (hole)
            assert_int_equal(vw_sparse_out_hole(&out, hole, NULL), 0);
    }
    vw_sparse_in_close(&in);
    assert_int_equal(vw_sparse_out_commit(&out, NULL), 0);
}

static void assert_same(const char *name, const char *other)
{
    static uint8_t a[SIZE + 1], b[SIZE + 1];
    int fd = open(path(name), O_RDONLY), fd2 = open(path(other), O_RDONLY);
    assert_int_equal(read(fd, a, sizeof(a)), SIZE);
    assert_int_equal(read(fd2, b, sizeof(b)), SIZE);
    assert_memory_equal(a, b, SIZE);
    close(fd);
    close(fd2);
}

static off_t taken(const char *name)
{
    struct stat st;
    assert_int_equal(stat(path(name), &st), 0);
    return st.st_blocks * 512;
}

static void holes_stay_holes(void **state)
{
    uint64_t holes;
    make_input("in");
    copy("in", "out", true, &holes);
    assert_same("in", "out");
    /* Not every file system has any. */
    if (taken("in") < HOLE) {
        assert_true(holes > HOLE);
        assert_true(taken("out") < HOLE);
    }
    copy("in", "plain", false, &holes);
    assert_int_equal(holes, 0);
    assert_same("in", "plain");
}

static void an_empty_file_has_none(void **state)
{
    struct vw_sparse_in in;
    int64_t hole;
    size_t n;
    char byte;
    close(open(path("empty"), O_CREAT | O_WRONLY, 0600));
    for (int sparse = 0; sparse < 2; sparse++) {
        assert_int_equal(vw_sparse_in_open(&in, path("empty"), sparse, NULL), 0);
        assert_int_equal(vw_sparse_in_next(&in, &byte, 1, &n, &hole, NULL), 0);
        assert_int_equal(n, 0);
        assert_int_equal(hole, 0);
        vw_sparse_in_close(&in);
    }
}

static void a_pipe_gets_zeros(void **state)
{
    struct vw_sparse_out out;
    uint8_t got[16];
    assert_int_equal(mkfifo(path("fifo"), 0600), 0);
    int fd = open(path("fifo"), O_RDONLY | O_NONBLOCK);
    assert_int_equal(vw_sparse_out_open(&out, path("fifo"), NULL), 0);
    assert_int_equal(vw_sparse_out_data(&out, "ab", 2, NULL), 0);
    assert_int_equal(vw_sparse_out_hole(&out, 3, NULL), 0);
    assert_int_equal(vw_sparse_out_data(&out, "c", 1, NULL), 0);
    assert_int_equal(read(fd, got, sizeof(got)), 6);
    assert_memory_equal(got, "ab\0\0\0c", 6);
    assert_int_equal(vw_sparse_out_commit(&out, NULL), 0);
    close(fd);
}

/* Opening waits for nobody, since a server may be waiting. */
static void a_fifo_without_a_peer(void **state)
{
    struct vw_sparse_in in;
    struct vw_sparse_out out;
    struct vw_error err = VW_ERROR_INIT;
    int64_t hole;
    size_t n;
    char text[8];
    unlink(path("fifo"));
    assert_int_equal(mkfifo(path("fifo"), 0600), 0);
    assert_int_equal(vw_sparse_out_open(&out, path("fifo"), &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "nobody reads"));
    assert_int_equal(vw_sparse_in_open(&in, path("fifo"), true, NULL), 0);
    assert_int_equal(fcntl(in.fd, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(vw_sparse_out_open(&out, path("fifo"), NULL), 0);
    assert_int_equal(fcntl(fileno(vw_output_file(out.output)), F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(vw_sparse_out_data(&out, "late", 4, NULL), 0);
    assert_int_equal(vw_sparse_out_commit(&out, NULL), 0);
    assert_int_equal(vw_sparse_in_next(&in, text, sizeof(text), &n, &hole, NULL), 1);
    assert_int_equal(n, 4);
    assert_int_equal(vw_sparse_in_next(&in, text, sizeof(text), &n, &hole, NULL), 0);
    vw_sparse_in_close(&in);
}

static void what_cannot_be_opened(void **state)
{
    struct vw_sparse_in in;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_sparse_in_open(&in, path("nowhere"), true, &err), VW_EUSAGE);
    vw_sparse_in_close(&in);
    assert_int_equal(vw_sparse_in_open(&in, dir, true, NULL), VW_EUSAGE);
    vw_sparse_in_close(&in);
    assert_int_equal(vw_sparse_in_open(&in, NULL, true, NULL), 0);
    assert_int_equal(in.fd, -1);
}

/* A hole that no file can hold is an error, and leaves no file. */
static void too_large(void **state)
{
    struct vw_sparse_out out;
    int rc = vw_sparse_out_open(&out, path("large"), NULL);
    assert_int_equal(rc, 0);
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = vw_sparse_out_hole(&out, INT64_MAX, NULL);
    assert_int_equal(rc, VW_ESYSTEM);
    vw_sparse_out_abandon(&out);
    assert_int_equal(access(path("large"), F_OK), -1);
}

static int setup(void **state)
{
    return vw_test_folder(dir);
}

static int teardown(void **state)
{
    static const char *const names[] = {"in", "out", "plain", "empty", "fifo"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(path(names[i]));
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holes_stay_holes),      cmocka_unit_test(an_empty_file_has_none),
        cmocka_unit_test(a_pipe_gets_zeros),     cmocka_unit_test(a_fifo_without_a_peer),
        cmocka_unit_test(what_cannot_be_opened), cmocka_unit_test(too_large),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
