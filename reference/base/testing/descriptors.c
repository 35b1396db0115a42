// SPDX-License-Identifier: MIT
#include <dirent.h>

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
