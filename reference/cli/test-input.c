// SPDX-License-Identifier: MIT
// Reading whole files: sizes around the buffer's steps, the cap, what cannot be read.
#include "base/testing/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/input.h"

static char dir[VW_TEST_FOLDER];
static char path[sizeof(dir) + 8];

static void write_file(size_t size)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (size_t i = 0; i < size; i++)
        fputc((int)(i % 251), f);
    assert_int_equal(fclose(f), 0);
}

static void reads_every_size(void **state)
{
    static const size_t sizes[] = {0, 1, 65534, 65535, 65536, 131071, 131072, 300000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *data;
        size_t len;
        write_file(sizes[i]);
        assert_int_equal(vw_input_read(path, 300000, &data, &len, NULL), 0);
        assert_int_equal(len, sizes[i]);
        assert_int_equal(data[len], 0);
        if (len > 0)
            assert_int_equal(data[len - 1], (len - 1) % 251);
        free(data);
    }
}

static void keeps_to_the_cap(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    uint8_t *data;
    size_t len;
    write_file(101);
    assert_int_equal(vw_input_read(path, 100, &data, &len, &err), VW_ELIMIT);
    assert_null(data);
    assert_non_null(strstr(err.text, "more than 100 bytes"));
}

static void names_what_it_cannot_read(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    uint8_t *data;
    size_t len;
    assert_int_equal(vw_input_read("/nonexistent/file", 10, &data, &len, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "/nonexistent/file"));
    vw_error_clear(&err);
    assert_int_equal(vw_input_read(dir, 10, &data, &len, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "directory"));
}

static void survives_failing_allocations(void **state)
{
    write_file(300000);
    for (size_t n = 1;; n++) {
        uint8_t *data;
        size_t len;
        vw_failalloc_set(n);
        int rc = vw_input_read(path, 300000, &data, &len, NULL);
        if (!vw_failalloc_clear()) {
            assert_int_equal(rc, 0);
            free(data);
            break;
        }
        assert_int_equal(rc, VW_ENOMEM);
    }
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
    unlink(path);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_size),
        cmocka_unit_test(keeps_to_the_cap),
        cmocka_unit_test(names_what_it_cannot_read),
        cmocka_unit_test(survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
