// SPDX-License-Identifier: MIT
// Which words vw_nearest takes for a slip of which.
#include "base/testing/test.h"

#include <string.h>

#include "base/nearest.h"

static const char *const commands[] = {"call", "check", "decode", "encode", "schema", "uri"};

static const char *nearest(const char *word)
{
    return vw_nearest(word, commands, sizeof(commands) / sizeof(commands[0]));
}

static void finds_the_likely_slip(void **state)
{
    assert_string_equal(nearest("chekc"), "check");
    assert_string_equal(nearest("shcema"), "schema");
    assert_string_equal(nearest("encod"), "encode");
    assert_string_equal(nearest("DECODE"), "decode");
    assert_string_equal(nearest("url"), "uri");
    assert_string_equal(nearest("call"), "call");
}

static void keeps_quiet_otherwise(void **state)
{
    char huge[300];
    memset(huge, 'a', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';

    assert_null(nearest(""));
    assert_null(nearest("frobnicate"));
    assert_null(nearest(huge));
    assert_null(vw_nearest("call", commands, 0));
}

static void skips_known_words_that_are_too_long(void **state)
{
    char huge[300];
    memset(huge, 'c', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    const char *const known[] = {huge, "call"};

    assert_string_equal(vw_nearest("cal", known, 2), "call");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_likely_slip),
        cmocka_unit_test(keeps_quiet_otherwise),
        cmocka_unit_test(skips_known_words_that_are_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
