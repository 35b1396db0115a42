// SPDX-License-Identifier: MIT
// What a campaign has found: one finding for each cause, and how often it came.
#pragma once

#include <virwire/memory.h>

#include "base/finding.h"

#define VW_FOUND_MAX 256 /* causes; those behind are counted with the last */

struct vw_found {
    struct vw_arena arena;
    struct vw_finding list[VW_FOUND_MAX];
    const struct vw_finding *order[VW_FOUND_MAX];
    size_t count;
    size_t passed; /* bursts that showed nothing */
};

/* The names of what is found that no clause of the protocol is broken by. */
#define VW_FOUND_CRASH  "fuzz/crash"
#define VW_FOUND_HUNG   "fuzz/hung"
#define VW_FOUND_CLOSED "fuzz/closed"
#define VW_FOUND_MEMORY "fuzz/memory"
#define VW_FOUND_FDS    "fuzz/descriptors"

/* Adds F, whose texts are copied, unless its cause is known: then that one is counted. True: it is
 * new. False also when memory is out. */
bool vw_found_add(struct vw_found *found, const struct vw_finding *f);
/* The first of that cause, or NULL. */
const struct vw_finding *vw_found_of(const struct vw_found *found, const char *cause);
/* Some of them are none that are borne. */
bool vw_found_any(const struct vw_found *found);
void vw_found_finish(struct vw_found *found);
