// SPDX-License-Identifier: MIT
// What is growth and what is not, and what this process itself is seen to hold.
#include "conformance/play/hoard.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
    const char *seen; /* a letter a look */
    bool grows;
} rows[] = {
    {"", false},
    {"abcdefghijk", false},            /* few looks */
    {"aaaaaaaaaaaaaaaaaaaa", false},   /* nothing */
    {"aabbccddeeffgghhiijjkk", true},  /* one a call */
    {"aaaaaaaaaajjjjjjjjjjjj", false}, /* what is loaded at the start */
    {"ajjjjjjjjjjjjjjjjjjjjj", false},
    {"ajajajajajajajajajajaj", false}, /* a file now and then */
    {"zyxwvutsrqponmlkjihgfe", false},
    {"aaaabbbbbcccccddddeeee", false}, /* slowly: by chance */
    {"aaaaabcdefghijklmnopqrstuvw", true},
};

static void judged(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_hoard g = {.n = (unsigned)strlen(rows[i].seen)};
        uint64_t from, to;
        for (unsigned k = 0; k < g.n; k++)
            g.seen[k][VW_HOARD_MEMORY] = (uint64_t)rows[i].seen[k];
        if (vw_hoard_judge(&g, VW_HOARD_MEMORY, 2, &from, &to) != rows[i].grows ||
            vw_hoard_judge(&g, VW_HOARD_DESCRIPTORS, 2, &from, &to))
            fail_msg("%s", rows[i].seen);
    }
}

static void looked(void **state)
{
    struct vw_hoard g = {0};
    const size_t size = 16u << 20;
    int pair[2];
    vw_hoard_look(&g, getpid());
    assert_int_equal(g.n, 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    vw_hoard_look(&g, getpid());
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char *taken = malloc(size);
    assert_true(fd >= 0);
    assert_non_null(taken);
    memset(taken, 1, size);
    vw_hoard_look(&g, getpid());
    assert_int_equal(taken[size / 2], 1);
    free(taken);
    close(fd);
    close(pair[0]);
    close(pair[1]);
    assert_int_equal(g.n, 2);
    assert_int_equal(g.seen[1][VW_HOARD_DESCRIPTORS], g.seen[0][VW_HOARD_DESCRIPTORS] + 1);
    assert_in_range(g.seen[1][VW_HOARD_MEMORY], g.seen[0][VW_HOARD_MEMORY] + size / 2, UINT64_MAX);
    vw_hoard_look(&g, 0);
    assert_int_equal(g.n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judged),
        cmocka_unit_test(looked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
