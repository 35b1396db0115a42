// SPDX-License-Identifier: MIT
// Handlers know the structs of today's protocol. Where a profile lays a value out otherwise, a plan
// that is made at the start says how one becomes the other.
#pragma once

#include <virwire/memory.h>

#include "schema/schema.h"

/* Fields that both layouts have are copied, by path; what only the new one has is 0. */
struct vw_plan {
    uint32_t size, align; /* of what is made */
    uint32_t count;
    struct vw_plan_move {
        uint32_t from, to, size;
    } moves[];
};

enum vw_plan_result {
    VW_PLAN_NONE,      /* the layouts are the same but for names and signs */
    VW_PLAN_MADE,      /* free it */
    VW_PLAN_IMPOSSIBLE /* a field has another width, or a list or an optional other elements */
};

/* From values of FROM to those of TO; NULL is void. VW_ENOMEM or an enum vw_plan_result. */
int vw_plan_make(const struct vw_type *from, const struct vw_type *to, struct vw_plan **out);
/* What VALUE is in the other layout; what is pointed to is shared. NULL: no memory. */
void *vw_plan_apply(const struct vw_plan *p, const void *value, struct vw_arena *arena);
