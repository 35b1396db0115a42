// SPDX-License-Identifier: MIT
// What is saved of the descriptors of a reply: as much as is wanted, not for ever, and no half
// files.
#include "cli/call-fds.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "cli/exit.h"

#define LONG_MS (vw_now_ms() + 60000)

static char dir[VW_TEST_FOLDER];
static char prefix[sizeof(dir) + 8];

static const char *file(unsigned i)
{
    static char text[sizeof(prefix) + 16];
    snprintf(text, sizeof(text), "%s.%u", prefix, i);
    return text;
}

static bool is_saved(unsigned i)
{
    return access(file(i), F_OK) == 0;
}

static void until_each_ends(void **state)
{
    int p[2];
    assert_int_equal(pipe(p), 0);
    assert_int_equal(write(p[1], "text", 4), 4);
    close(p[1]);
    struct vw_fds fds = {.fd = {p[0], open("/dev/null", O_RDONLY)}, .count = 2};
    assert_int_equal(vw_call_fds_save(&fds, prefix, LONG_MS, 4), VW_EXIT_OK);
    vw_call_fds_close(&fds);
    char text[8];
    int fd = open(file(0), O_RDONLY);
    assert_int_equal(read(fd, text, sizeof(text)), 4);
    close(fd);
    assert_true(is_saved(1));
}

/* There is always more to read, so that waiting alone would never see the time. */
static void one_without_an_end(void **state)
{
    struct vw_fds fds = {.fd = {open("/dev/zero", O_RDONLY)}, .count = 1};
    assert_int_equal(vw_call_fds_save(&fds, prefix, LONG_MS, 1 << 20), VW_EXIT_FINDINGS);
    assert_false(is_saved(0));
    assert_int_equal(vw_call_fds_save(&fds, prefix, vw_now_ms() + 50, UINT64_MAX),
                     VW_EXIT_UNREACHABLE);
    assert_false(is_saved(0));
    vw_call_fds_close(&fds);
}

/* They are told in the result; the rest is saved under its own number. */
static void those_that_cannot_be_read(void **state)
{
    int p[2];
    assert_int_equal(pipe(p), 0);
    struct vw_fds fds = {
        .fd = {p[1], open(dir, O_RDONLY), open(dir, O_PATH), open("/dev/null", O_RDONLY)},
        .count = 4};
    struct json_object *json = vw_call_fds_describe(&fds);
    assert_string_equal(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
                        "[{\"kind\":\"pipe\",\"access\":\"write\"},"
                        "{\"kind\":\"directory\",\"access\":\"read\"},"
                        "{\"kind\":\"directory\",\"access\":\"none\"},"
                        "{\"kind\":\"character device\",\"access\":\"read\"}]");
    json_object_put(json);
    assert_int_equal(vw_call_fds_save(&fds, prefix, LONG_MS, 4), VW_EXIT_OK);
    for (unsigned i = 0; i < 3; i++)
        assert_false(is_saved(i));
    assert_true(is_saved(3));
    vw_call_fds_close(&fds);
    close(p[0]);
}

static int setup(void **state)
{
    if (vw_test_folder(dir))
        return -1;
    snprintf(prefix, sizeof(prefix), "%s/fd", dir);
    return 0;
}

static int clean(void **state)
{
    for (unsigned i = 0; i < 4; i++)
        unlink(file(i));
    return 0;
}

/* Fails when a temporary file is left. */
static int teardown(void **state)
{
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(until_each_ends, clean),
        cmocka_unit_test_teardown(one_without_an_end, clean),
        cmocka_unit_test_teardown(those_that_cannot_be_read, clean),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
