// SPDX-License-Identifier: MIT
// Growth without end, told from growth that stops.
#pragma once

#include <stdint.h>

#define VW_GROWTH_WINDOWS 64

/* The least of each stretch of a run; stretches double as it goes on, so that a run of any length
 * fits. What grows from one stretch to the next without end is lost. */
struct vw_growth {
    uint64_t least[VW_GROWTH_WINDOWS];
    unsigned count; /* of windows that are full */
    unsigned each;  /* samples in a window */
    unsigned have;  /* in the one that is not */
    uint64_t now;   /* the least of those */
};

void vw_growth_init(struct vw_growth *g);
void vw_growth_add(struct vw_growth *g, uint64_t sample);
/* The least of the last quarter is so much above the most of the second one; 0 where the run was
 * too short to tell. */
uint64_t vw_growth_of(const struct vw_growth *g);
