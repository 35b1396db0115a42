// SPDX-License-Identifier: MIT
// What a test leaves open or allocated.
#include <dirent.h>
#include <time.h>

#include "base/testing/test.h"

unsigned vw_test_descriptors(void)
{
    unsigned n = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

int vw_test_leaked(void)
{
    const struct timespec moment = {.tv_nsec = 10000000};
    for (int i = 0; i < 500 && vw_failalloc_stats().live; i++)
        nanosleep(&moment, NULL);
    size_t live = vw_failalloc_stats().live;
    if (live)
        fprintf(stderr, "%zu bytes are left allocated\n", live);
    return live != 0;
}
