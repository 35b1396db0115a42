// SPDX-License-Identifier: MIT
// Files of a schema: what cannot be read, and the longest that is.
#include <sys/stat.h>
#include <unistd.h>

#include "schema/internal.h"
#include "schema/test-support.h"

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

/* One file, and all closed behind it. */
static int add(struct vw_schema **s, const char *path, struct vw_error *err)
{
    unsigned before = vw_test_descriptors();
    assert_int_equal(vw_schema_create(s), 0);
    int rc = vw_schema_add_file(*s, path, false, err);
    assert_int_equal(vw_test_descriptors(), before);
    return rc;
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

/* The file NAME, which defines CONSTANT. */
static void put_constant(const char *name, const char *constant)
{
    char text[60];
    snprintf(text, sizeof(text), "const %s = 1;", constant);
    put(name, text);
}

/* Adds the folder, of which NAMES are found, and no other of A to H. */
static void expect_constants(const char *names)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_schema *s;
    unsigned before = vw_test_descriptors();
    assert_int_equal(vw_schema_create(&s), 0);
    if (vw_schema_add_dir(s, dir, &err) || vw_schema_finish(s, &err))
        fail_msg("%s: %s", vw_schema_error_file(s), err.text);
    for (char name[] = "A"; *name <= 'H'; (*name)++) {
        int64_t value;
        if (vw_schema_const(s, name, &value) != (strstr(names, name) != NULL))
            fail_msg("%s of %s", name, names);
    }
    assert_int_equal(vw_test_descriptors(), before);
    vw_schema_destroy(s);
}

static void expect_no_folder(const char *path, int code, const char *text)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_schema *s;
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_add_dir(s, path, &err), code);
    assert_string_equal(err.text, text);
    assert_string_equal(vw_schema_error_file(s), path);
    vw_schema_destroy(s);
}

/* Four folders below it, without the types of a profile, hidden files and what is no .x file. */
static void below_a_folder(void **state)
{
    static const char *const folders[] = {"1",         "1/2", "1/2/3",     "1/2/3/4",
                                          "1/2/3/4/5", "src", "src/remote"};
    static const struct {
        const char *name, *constant;
    } files[] = {
        {"a.x", "A"},      {"p.x", "B"},           {"p.yaml", "B"}, {"1/q.x", "C"},
        {"q.yaml", "C"},   {"1/2/3/4/d.x", "D"},   {"e.xx", "E"},   {".e.x", "E"},
        {"x.x.yaml", "G"}, {"1/2/3/4/5/f.x", "F"}, {"x.x", "G"},    {"src/h.x", "H"},
    };
    static const char source[] = "src/remote/remote_protocol.x";
    expect_no_folder(dir, VW_EUSAGE, "holds no .x file");
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        assert_int_equal(mkdir(in_dir(folders[i]), 0700), 0);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        put_constant(files[i].name, files[i].constant);
    expect_constants("ACDGH");
    put(source, ""); /* a source tree of libvirt: what lies below src alone */
    expect_constants("H");
    unlink(in_dir(source));
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(in_dir(files[i].name));
    for (size_t i = sizeof(folders) / sizeof(folders[0]); i-- > 0;)
        assert_int_equal(rmdir(in_dir(folders[i])), 0);
    expect_no_folder("/nowhere/at/all", VW_ESYSTEM, "cannot be read: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_file),
        cmocka_unit_test(the_longest_file),
        cmocka_unit_test(below_a_folder),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
