// SPDX-License-Identifier: MIT
// Options and their values: what is taken, what is refused, and what the refusal says.
#include "base/testing/test.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/options.h"

static const struct option longs[] = {
    {"timeout", required_argument, NULL, 't'},
    {"trace", required_argument, NULL, 'T'},
    {"fail-fast", no_argument, NULL, 'f'},
    {0},
};

static char said[1024];

/* Parses until the first result that is no option, with stderr caught in `said`. */
static int parse(const char **argv)
{
    int argc = 0, saved = dup(STDERR_FILENO), opt;
    FILE *caught = tmpfile();

    while (argv[argc])
        argc++;
    assert_non_null(caught);
    dup2(fileno(caught), STDERR_FILENO);
    optind = 0;
    do
        opt = vw_cli_getopt("check", argc, (char **)argv, "t:f", longs);
    while (opt != -1 && opt != '?');
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(caught);
    said[fread(said, 1, sizeof(said) - 1, caught)] = '\0';
    fclose(caught);
    return opt;
}

#define PARSE(...) parse((const char *[]){"check", __VA_ARGS__, NULL})

static void takes_good_options(void **state)
{
    assert_int_equal(PARSE("uri", "--timeout", "3", "-f", "--fail-fast", "-t5", "--", "--x"), -1);
    assert_string_equal(said, "");
}

static void takes_options_behind_words(void **state)
{
    assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
    assert_int_equal(PARSE("server", "--frobnicate"), '?');
    assert_string_equal(said, "virwire check: unknown option '--frobnicate'\n");
}

static void says_what_is_wrong(void **state)
{
    assert_int_equal(PARSE("uri", "--timout=3"), '?');
    assert_string_equal(said,
                        "virwire check: unknown option '--timout', did you mean '--timeout'?\n");
    assert_int_equal(PARSE("--frobnicate"), '?');
    assert_string_equal(said, "virwire check: unknown option '--frobnicate'\n");
    assert_int_equal(PARSE("uri", "-fx"), '?');
    assert_string_equal(said, "virwire check: unknown option '-x'\n");
    assert_int_equal(PARSE("-t"), '?');
    assert_string_equal(said, "virwire check: option '-t' needs a value\n");
    assert_int_equal(PARSE("uri", "--timeout"), '?');
    assert_string_equal(said, "virwire check: option '--timeout' needs a value\n");
    assert_int_equal(PARSE("--t=1"), '?');
    assert_string_equal(said, "virwire check: option '--t' may mean several\n");
    assert_int_equal(PARSE("--fail-fast=1"), '?');
    assert_string_equal(said, "virwire check: option '--fail-fast' takes no value\n");
}

static int seconds(const char *text, int zero)
{
    int ms = -1;
    return vw_cli_seconds("check", "--timeout", text, zero, 3600000, &ms) == 0 ? ms : -1;
}

static void reads_seconds(void **state)
{
    assert_int_equal(seconds("5", 0), 5000);
    assert_int_equal(seconds("0.25", 0), 250);
    assert_int_equal(seconds(".5", 0), 500);
    assert_int_equal(seconds("0.0001", 0), 1);
    assert_int_equal(seconds("1.0000", 0), 1000);
    assert_int_equal(seconds("3600", 0), 3600000);
    assert_int_equal(seconds("0", 1), 0);
    assert_int_equal(seconds("0", 0), -1);
    assert_int_equal(seconds("3600.001", 0), -1);
    assert_int_equal(seconds("99999999999999999999999", 0), -1);
    assert_int_equal(seconds("", 0), -1);
    assert_int_equal(seconds(".", 0), -1);
    assert_int_equal(seconds("-1", 0), -1);
    assert_int_equal(seconds("1s", 0), -1);
    assert_int_equal(seconds("1e3", 0), -1);
}

static bool number(const char *text, uint64_t expected)
{
    uint64_t value = 0;
    return vw_cli_number("check", "--seed", text, 1, UINT64_MAX, &value) == 0 && value == expected;
}

static void reads_numbers(void **state)
{
    assert_true(number("1", 1));
    assert_true(number("010", 10));
    assert_true(number("0xff", 255));
    assert_true(number("18446744073709551615", UINT64_MAX));
    assert_false(number("18446744073709551616", UINT64_MAX));
    assert_false(number("0", 0));
    assert_false(number("-1", UINT64_MAX));
    assert_false(number("+1", 1));
    assert_false(number(" 1", 1));
    assert_false(number("0x", 0));
    assert_false(number("1x", 1));
    assert_false(number("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_good_options), cmocka_unit_test(takes_options_behind_words),
        cmocka_unit_test(says_what_is_wrong), cmocka_unit_test(reads_seconds),
        cmocka_unit_test(reads_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
