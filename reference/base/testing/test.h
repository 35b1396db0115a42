// SPDX-License-Identifier: MIT
// The one include of a unit test: cmocka with the headers that it needs before itself, the
// allocator that can fail, and a folder of its own.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <virwire/memory.h>

#include "base/testing/failalloc.h"

#define VW_TEST_FOLDER 256 /* bytes of a name */

/* Makes a private folder and puts its path into NAME; 0 or -1. It lies below TMPDIR, where ci/test
 * sees what a test leaves behind. A test removes it when it is done; what a failed one leaves goes,
 * with all that is in it, when its process ends. */
int vw_test_folder(char name[VW_TEST_FOLDER]);

/* PATH as a URI has it, when it is at most as strange as a TMPDIR may be: with %20 for spaces. */
void vw_test_path_in_uri(const char *path, char *out, size_t size);

/* The step of a loop that goes through all there is: 1, or N under Valgrind, which wants to see
 * each path and not each value. */
bool vw_test_under_valgrind(void);
static inline size_t vw_test_step(size_t n)
{
    return vw_test_under_valgrind() ? n : 1;
}

/* Whether arenas take a malloc for each object (-Darena=single): then nothing holds that is said of
 * how few they take. */
static inline bool vw_test_arena_is_single(void)
{
    struct vw_arena a = VW_ARENA_INIT;
    bool single = vw_arena_alloc(&a, 1, 1) && a.next == a.end;
    vw_arena_finish(&a);
    return single;
}

/* How many descriptors are open, plus what it takes to count them: to be compared with another
 * count. */
unsigned vw_test_descriptors(void);

/* For the end of main: 1, with a word about it, when something was allocated and is not freed. The
 * thread of a look-up that was given up has some seconds to free what is its own. */
int vw_test_leaked(void);
