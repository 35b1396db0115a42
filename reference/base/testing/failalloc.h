// SPDX-License-Identifier: MIT
// An allocator that counts and that fails on request, for tests and fuzz targets. It stands between
// our objects and the C library by the linker's --wrap: what shared libraries allocate inside
// themselves is neither counted nor failed. Any thread may allocate and free; failures are set and
// cleared by one.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct vw_failalloc_stats {
    size_t count;     /* allocations that were asked for, failed ones included */
    size_t requested; /* bytes asked for, in sum; a realloc counts its whole new size */
    size_t live;      /* usable bytes allocated since the reset and not yet freed */
    size_t peak;      /* the largest LIVE since the reset */
};

/* The N-th allocation from now on fails, once: 1 is the next one, 0 none. */
void vw_failalloc_set(size_t n);

/* As vw_failalloc_set, but everything from the N-th on fails. */
void vw_failalloc_set_from(size_t n);

/* No allocation fails any more. True when one failed since it was set: a loop that fails each point
 * in turn ends when this is false.
 *
 *     for (size_t n = 1;; n++) {
 *         vw_failalloc_set(n);
 *         rc = vw_something(...);
 *         if (!vw_failalloc_clear())
 *             break;
 *         assert_int_equal(rc, VW_ENOMEM);
 *     }
 */
bool vw_failalloc_clear(void);

/* All counters to 0. Freeing what was allocated before does not make LIVE negative. */
void vw_failalloc_reset(void);

/* The counters since the start of the program or the last reset. */
struct vw_failalloc_stats vw_failalloc_stats(void);
