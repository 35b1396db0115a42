// SPDX-License-Identifier: MIT
// The failing allocator itself: it fails where it was told to, and its counters are right.
#include "base/testing/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keeps the compiler from removing a malloc and free that it sees through. */
static void *volatile sink;
static char *volatile source = (char[]){"abc"};

static void fails_once_at_the_given_point(void **state)
{
    vw_failalloc_set(2);
    sink = malloc(1);
    assert_non_null(sink);
    free(sink);
    sink = strdup("second");
    assert_null(sink);
    sink = calloc(1, 1);
    assert_non_null(sink);
    free(sink);
    assert_true(vw_failalloc_clear());
    assert_false(vw_failalloc_clear());
}

static void fails_from_the_given_point_on(void **state)
{
    char *text = NULL;
    vw_failalloc_set_from(1);
    sink = malloc(1);
    assert_null(sink);
    sink = realloc(NULL, 1);
    assert_null(sink);
    assert_int_equal(asprintf(&text, "%d", 1), -1);
    assert_true(vw_failalloc_clear());
    sink = malloc(1);
    assert_non_null(sink);
    free(sink);
}

static void failed_realloc_keeps_the_old_block(void **state)
{
    char *volatile kept = strdup("kept");
    assert_non_null(kept);
    vw_failalloc_set(1);
    sink = realloc(kept, 4000);
    assert_null(sink);
    vw_failalloc_clear();
    assert_string_equal(kept, "kept");
    free(kept);
}

static void counts_bytes_and_peak(void **state)
{
    vw_failalloc_reset();
    void *a = malloc(1000);
    void *b = malloc(500);
    sink = a;
    free(a);
    sink = b;
    free(b);
    sink = malloc(200);
    free(sink);
    struct vw_failalloc_stats s = vw_failalloc_stats();
    assert_int_equal(s.count, 3);
    assert_int_equal(s.requested, 1700);
    assert_int_equal(s.live, 0);
    assert_in_range(s.peak, 1500, 1600);
}

static void strndup_stops_at_the_end(void **state)
{
    char *s = strndup(source, 100);
    assert_string_equal(s, "abc");
    free(s);
    s = strndup(source, 2);
    assert_string_equal(s, "ab");
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fails_once_at_the_given_point),
        cmocka_unit_test(fails_from_the_given_point_on),
        cmocka_unit_test(failed_realloc_keeps_the_old_block),
        cmocka_unit_test(counts_bytes_and_peak),
        cmocka_unit_test(strndup_stops_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
