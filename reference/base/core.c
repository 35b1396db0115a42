// SPDX-License-Identifier: MIT
#include "base/core.h"

#include <sys/prctl.h>

/* A limit of 0 for core files would not do: where /proc/sys/kernel/core_pattern names a program, it
 * gets the core all the same. */
void vw_core_forbid(void)
{
    prctl(PR_SET_DUMPABLE, 0);
}
