// SPDX-License-Identifier: MIT
// Files as they are read: in parts, with interruptions and errors, and closed in each case; and
// which of a folder are read. read(2) is replaced by the linker.
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/internal.h"
#include "schema/test-support.h"

/* What each read gives in turn: so many bytes at most, or a negative errno; behind them all that is
 * there. */
static ssize_t steps[8];
static size_t n_steps, at_step;

ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __wrap_read(int fd, void *buf, size_t len)
{
    if (at_step >= n_steps)
        return __real_read(fd, buf, len);
    ssize_t step = steps[at_step++];
    if (step < 0) {
        errno = (int)-step;
        return -1;
    }
    return __real_read(fd, buf, (size_t)step < len ? (size_t)step : len);
}

static char dir[VW_TEST_FOLDER];

static int set_up(void **state)
{
    return vw_test_folder(dir);
}

static int tear_down(void **state)
{
    return rmdir(dir);
}

static const char *in_dir(const char *name)
{
    static char path[VW_TEST_FOLDER + 40];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *f = fopen(in_dir(name), "we");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

/* One file, read by STEPS, and all closed behind it. */
static int add(struct vw_schema **s, const char *path, struct vw_error *err)
{
    unsigned before = vw_test_descriptors();
    assert_int_equal(vw_schema_create(s), 0);
    int rc = vw_schema_add_file(*s, path, false, err);
    n_steps = at_step = 0;
    assert_int_equal(vw_test_descriptors(), before);
    return rc;
}

static void a_file_in_parts(void **state)
{
    static const struct {
        ssize_t steps[8];
        size_t n;
        int rc;
        const char *text;
    } rows[] = {
        {{0}, 0, 0, ""},
        {{1, 1, 1, 5, 7}, 5, 0, ""},
        {{-EINTR}, 1, 0, ""},
        {{3, -EINTR, -EINTR, 4}, 4, 0, ""},
        {{-EIO}, 1, VW_ESYSTEM, "cannot be read: Input/output error"},
        {{3, -EINTR, -EISDIR}, 3, VW_ESYSTEM, "cannot be read: Is a directory"},
        /* Cut meanwhile: what is there counts. */
        {{20, 0}, 2, 0, ""},
    };
    put("a.x", "const A_CONST = 7;\n\nconst ANOTHER = 8;\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_schema *s;
        memcpy(steps, rows[i].steps, sizeof(steps));
        n_steps = rows[i].n;
        int rc = add(&s, in_dir("a.x"), &err);
        if (rc != rows[i].rc || strcmp(err.text, rows[i].text) != 0)
            fail_msg("row %zu: %d, %s", i, rc, err.text);
        if (rc)
            assert_string_equal(vw_schema_error_file(s), in_dir("a.x"));
        else
            assert_int_equal(vw_schema_finish(s, &err), 0);
        int64_t value;
        bool cut = rows[i].n == 2 && rows[i].steps[1] == 0;
        assert_int_equal(vw_schema_const(s, "A_CONST", &value), rc == 0);
        assert_int_equal(vw_schema_const(s, "ANOTHER", &value), rc == 0 && !cut);
        vw_schema_destroy(s);
    }
    unlink(in_dir("a.x"));
}

static void what_is_no_file(void **state)
{
    static const struct {
        const char *name;
        int rc;
        const char *text;
    } rows[] = {
        {"nothing.x", VW_ESYSTEM, "cannot be read: No such file or directory"},
        {"", VW_ESYSTEM, "cannot be read: Is a directory"},
        {"fifo.x", VW_ESYSTEM, "cannot be read: Invalid argument"},
        {"bad.x", VW_ESYNTAX, NULL},
        {"empty.x", 0, ""},
    };
    assert_int_equal(mkfifo(in_dir("fifo.x"), 0600), 0);
    put("bad.x", "constant");
    put("empty.x", "");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_schema *s;
        assert_int_equal(add(&s, in_dir(rows[i].name), &err), rows[i].rc);
        if (rows[i].text)
            assert_string_equal(err.text, rows[i].text);
        vw_schema_destroy(s);
    }
    for (size_t i = 2; i < sizeof(rows) / sizeof(rows[0]); i++)
        unlink(in_dir(rows[i].name));
}

/* The longest that is read, and one byte more. */
static void the_longest_file(void **state)
{
    for (size_t more = 0; more < 3; more++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_schema *s;
        put("long.x", "");
        assert_int_equal(truncate(in_dir("long.x"), (off_t)(VW_SCHEMA_MAX_FILE + more)), 0);
        int rc = add(&s, in_dir("long.x"), &err);
        assert_int_equal(rc, more ? VW_ELIMIT : VW_ESYNTAX); /* a NUL is no word */
        vw_schema_destroy(s);
    }
    unlink(in_dir("long.x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_in_parts),
        cmocka_unit_test(what_is_no_file),
        cmocka_unit_test(the_longest_file),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
