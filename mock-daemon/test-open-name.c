// SPDX-License-Identifier: MIT
// Names as libvirtd reads them, the drivers of the configuration.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "mock-daemon/open-name.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const drivers[] = {"qemu", "xend"};

static const struct {
    const char *name;
    enum vw_open_name is;
    const char *uri, *file;
} rows[] = {
    {"test:///default", VW_OPEN_IS_OURS, "test:///default"},
    {"test:/default", VW_OPEN_IS_OURS, "test:///default"},
    {"test:///%64efau%6ct%00x", VW_OPEN_IS_OURS, "test:///default"},
    {"test://u:p@:99/default?a%20b;c#d%2fe%20", VW_OPEN_IS_OURS,
     "test://u:p@/default?a%20b;c#d/e%20"},
    {"test:///default?#", VW_OPEN_IS_OURS, "test:///default?#"},
    {"xend:///", VW_OPEN_IS_OURS, "xend:///"},
    {"qemu:///system", VW_OPEN_IS_OURS, "qemu:///system"},
    {"qemu:///a%20b%3F", VW_OPEN_IS_OURS, "qemu:///a%20b%3F"},
    {"qemu:", VW_OPEN_IS_OURS, "qemu://"},
    {"test:///d fault", VW_OPEN_NO_URI, NULL},
    {"test:///d\xff", VW_OPEN_NO_URI, NULL},
    {"test:///d\x7f", VW_OPEN_NO_URI, NULL},
    {"test:///default%6", VW_OPEN_NO_URI, NULL},
    {"test:///default#a#b", VW_OPEN_NO_URI, NULL},
    {"test:///default##", VW_OPEN_NO_URI, NULL},
    {"test:///default#[", VW_OPEN_NO_URI, NULL},
    {"test://h:1x/default", VW_OPEN_NO_URI, NULL},
    {"test://[::1]:/default", VW_OPEN_NO_URI, NULL},
    {":", VW_OPEN_NO_URI, NULL},
    {"-x:///", VW_OPEN_NO_URI, NULL},
    {"t_x:///", VW_OPEN_NO_URI, NULL},
    {"/default", VW_OPEN_NO_DRIVER, NULL},
    {"?", VW_OPEN_NO_DRIVER, NULL},
    {"tes:///default", VW_OPEN_UNKNOWN_DRIVER, NULL},
    {"tests:///default", VW_OPEN_UNKNOWN_DRIVER, NULL},
    {"QEMU:///system", VW_OPEN_UNKNOWN_DRIVER, NULL},
    {"test+:///default", VW_OPEN_UNKNOWN_TRANSPORT, NULL},
    {"test+tc://h/default", VW_OPEN_UNKNOWN_TRANSPORT, NULL},
    {"test+tcp+x:///default", VW_OPEN_UNKNOWN_TRANSPORT, NULL},
    {"qemu+tcp:///system", VW_OPEN_OUR_TRANSPORT, NULL},
    {"foo+tcp://h/", VW_OPEN_OUR_TRANSPORT, NULL},
    {"qemu+TCP:///system", VW_OPEN_FOREIGN_TRANSPORT, NULL},
    {"foo+tcp:///", VW_OPEN_FOREIGN_TRANSPORT, NULL},
    {"test://h/default", VW_OPEN_OTHER_HOST, NULL},
    {"test://[::1]:1/default", VW_OPEN_OTHER_HOST, NULL},
    {"xend://system/", VW_OPEN_OTHER_HOST, NULL},
    {"qemu://system", VW_OPEN_HOST_IS_PATH, NULL},
    {"qemu://u@session:1/", VW_OPEN_HOST_IS_PATH, NULL},
    {"qemu+tcp://system/", VW_OPEN_OUR_TRANSPORT, NULL},
    {"test:", VW_OPEN_NO_PATH, NULL},
    {"test:///%00default", VW_OPEN_NO_PATH, NULL},
    {"test:///default%2f", VW_OPEN_IS_FILE, "test:///default/", "/default/"},
    {"test:///a%20b/%63?x#y", VW_OPEN_IS_FILE, "test:///a%20b/c?x#y", "/a b/c"},
    {"test:default", VW_OPEN_NO_FILE, NULL},
};

static void each_name(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *uri, *file;
        enum vw_open_name is = vw_open_name(rows[i].name, drivers, COUNT(drivers), &uri, &file);
        if (is != rows[i].is || !uri != !rows[i].uri || (uri && strcmp(uri, rows[i].uri) != 0))
            fail_msg("%s: %d, %s", rows[i].name, is, uri);
        if (!file != !rows[i].file || (file && strcmp(file, rows[i].file) != 0))
            fail_msg("%s: the file is %s", rows[i].name, file);
        free(uri);
        free(file);
    }
}

static void without_a_configuration_there_is_the_test_driver(void **state)
{
    char *uri, *file;
    assert_int_equal(vw_open_name("qemu:///system", NULL, 0, &uri, &file), VW_OPEN_UNKNOWN_DRIVER);
    assert_int_equal(vw_open_name("test:///default", NULL, 0, &uri, &file), VW_OPEN_IS_OURS);
    free(uri);
}

/* Whatever stands behind a prefix of a good name: an end, and no more memory than it frees. */
static void each_prefix(void **state)
{
    static const char whole[] = "test://u@[::1]:16/default?a=%20#b";
    for (size_t n = 0; n < sizeof(whole); n++) {
        char *copy = strndup(whole, n), *uri, *file;
        enum vw_open_name is = vw_open_name(copy, NULL, 0, &uri, &file);
        assert_int_equal(uri != NULL, is == VW_OPEN_IS_OURS || is == VW_OPEN_IS_FILE);
        assert_int_equal(file != NULL, is == VW_OPEN_IS_FILE);
        free(uri);
        free(file);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name),
        cmocka_unit_test(without_a_configuration_there_is_the_test_driver),
        cmocka_unit_test(each_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
