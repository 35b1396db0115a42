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

/* What the options of a line have set. */
static struct {
    int timeout_ms;
    const char *trace, *tags[2], *taken;
    size_t n_tags;
    bool fail_fast, was_taken;
    unsigned jobs;
    uint64_t seed;
} got;

static int take(const char *command, void *user, const char *value)
{
    assert_string_equal(command, "check");
    assert_ptr_equal(user, &got);
    got.was_taken = true;
    got.taken = value;
    return value && strcmp(value, "bad") == 0 ? VW_EXIT_TOOL : 0;
}

static char said[1024];

/* Reads the options of a line, with stderr caught in `said`. */
static int parse(const char **argv)
{
    const struct vw_cli_option options[] = {
        {"timeout", 't', .ms = &got.timeout_ms, .max = 5000},
        {"trace", .text = &got.trace},
        {"fail-fast", 'f', .flag = &got.fail_fast},
        {"tag", .list = got.tags, .n = &got.n_tags, .max = 2},
        {"jobs", .count = &got.jobs, .min = 1, .max = 8},
        {"seed", .number = &got.seed, .max = UINT64_MAX},
        {"level", .bare = true, .take = take, .user = &got},
        {NULL},
    };
    int argc = 0, saved = dup(STDERR_FILENO);
    FILE *caught = tmpfile();

    while (argv[argc])
        argc++;
    assert_non_null(caught);
    dup2(fileno(caught), STDERR_FILENO);
    optind = 0;
    memset(&got, 0, sizeof(got));
    int status = vw_cli_options("check", argc, (char **)argv, options);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(caught);
    said[fread(said, 1, sizeof(said) - 1, caught)] = '\0';
    fclose(caught);
    return status;
}

#define PARSE(...) parse((const char *[]){"check", __VA_ARGS__, NULL})

static void takes_good_options(void **state)
{
    assert_int_equal(PARSE("uri", "--timeout", "3", "-f", "--fail-fast", "-t5", "--", "--x"), 0);
    assert_string_equal(said, "");
    assert_int_equal(got.timeout_ms, 5000);
    assert_true(got.fail_fast);
    assert_null(got.trace);
}

static void puts_values_where_they_belong(void **state)
{
    assert_int_equal(PARSE("--tag", "a", "--jobs=8", "--tag=b", "--seed", "0xffffffffffffffff",
                           "--trace", "-", "--level"),
                     0);
    assert_int_equal(got.n_tags, 2);
    assert_string_equal(got.tags[0], "a");
    assert_string_equal(got.tags[1], "b");
    assert_int_equal(got.jobs, 8);
    assert_true(got.seed == UINT64_MAX);
    assert_string_equal(got.trace, "-");
    assert_true(got.was_taken);
    assert_null(got.taken);
    assert_int_equal(PARSE("--level=must"), 0);
    assert_string_equal(got.taken, "must");
}

static void refuses_values(void **state)
{
    assert_int_equal(PARSE("--tag=a", "--tag=b", "--tag=c"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: --tag: at most 2 of them\n");
    assert_int_equal(PARSE("--jobs=9"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: --jobs '9' is not between 1 and 8\n");
    assert_int_equal(got.jobs, 0);
    assert_int_equal(PARSE("-t6"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: --timeout '6' is more than 5 seconds\n");
    assert_int_equal(PARSE("--timeout=0"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: --timeout must be more than 0 seconds\n");
    assert_int_equal(PARSE("--seed=x"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: --seed 'x' is not a whole number\n");
    assert_int_equal(PARSE("--level=bad", "--fail-fast"), VW_EXIT_TOOL);
    assert_false(got.fail_fast);
}

static void takes_options_behind_words(void **state)
{
    assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
    assert_int_equal(PARSE("server", "--frobnicate"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: unknown option '--frobnicate'\n");
}

static void says_what_is_wrong(void **state)
{
    assert_int_equal(PARSE("uri", "--timout=3"), VW_EXIT_USAGE);
    assert_string_equal(said,
                        "virwire check: unknown option '--timout', did you mean '--timeout'?\n");
    assert_int_equal(PARSE("--frobnicate"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: unknown option '--frobnicate'\n");
    assert_int_equal(PARSE("uri", "-fx"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: unknown option '-x'\n");
    assert_int_equal(PARSE("-t"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: option '-t' needs a value\n");
    assert_int_equal(PARSE("uri", "--timeout"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: option '--timeout' needs a value\n");
    assert_int_equal(PARSE("--t=1"), VW_EXIT_USAGE);
    assert_string_equal(said, "virwire check: option '--t' may mean several\n");
    assert_int_equal(PARSE("--fail-fast=1"), VW_EXIT_USAGE);
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
        cmocka_unit_test(takes_good_options), cmocka_unit_test(puts_values_where_they_belong),
        cmocka_unit_test(refuses_values),     cmocka_unit_test(takes_options_behind_words),
        cmocka_unit_test(says_what_is_wrong), cmocka_unit_test(reads_seconds),
        cmocka_unit_test(reads_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
