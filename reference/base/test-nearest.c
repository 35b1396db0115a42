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

/* How far a word may be: a third of the longer one, rounded up. */
static void counts_what_was_changed(void **state)
{
    static const struct {
        const char *word, *known;
        bool near;
    } rows[] = {
        {"a", "b", true},
        {"ab", "cd", false},
        {"ab", "cb", true},
        {"abc", "axc", true},
        {"abc", "xyc", false},
        {"abcd", "abxy", true},
        {"abcd", "axyz", false},
        {"abcdef", "abcdxy", true},
        {"abcdef", "abcxyz", false},
        {"ab", "ba", true},
        {"abcd", "badc", true},
        {"abcd", "dcba", false},
        {"abc", "abcde", true},
        {"abc", "abcdef", false},
        {"abcde", "abc", true},
        {"ABC", "abc", true},
        {"abcdefg", "bcdefg", true},
        {"abcdefg", "abcxyzg", true},
        {"abcdefg", "wxyzefg", false},
        {"ab", "bca", false},
        {"", "a", false},
        {"a", "", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((vw_nearest(rows[i].word, &rows[i].known, 1) != NULL) != rows[i].near)
            fail_msg("%s %s", rows[i].word, rows[i].known);
    /* The nearest, and of several alike the first. */
    static const char *const known[] = {"abcdex", "abcdey", "abcdez", "abcdef"};
    assert_ptr_equal(vw_nearest("abcdeq", known, 4), known[0]);
    assert_ptr_equal(vw_nearest("abcdef", known, 4), known[3]);
}

static void words_have_a_longest_length(void **state)
{
    char word[130], same[130];
    const char *known = same;
    for (size_t n = 127; n <= 129; n++) {
        memset(word, 'a', n);
        memset(same, 'a', n);
        word[n] = same[n] = '\0';
        assert_int_equal(vw_nearest(word, &known, 1) != NULL, n <= 128);
    }
    word[128] = '\0';
    assert_null(vw_nearest(word, &known, 1));
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
        cmocka_unit_test(counts_what_was_changed),
        cmocka_unit_test(words_have_a_longest_length),
        cmocka_unit_test(keeps_quiet_otherwise),
        cmocka_unit_test(skips_known_words_that_are_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
