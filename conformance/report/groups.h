// SPDX-License-Identifier: MIT
// Findings put together by what is likely behind them. What explains most comes first: the cause
// that most of them share, or the clause whose cases fail where others do not.
#pragma once

#include <stdio.h>

#include "base/finding.h"

#define VW_GROUP_CLAUSES 5 /* cited at most */

/* The cause of what was seen of a program that talks to the peer, and not in the bytes. */
#define VW_CAUSE_PROGRAM "a program fails"

struct vw_group {
    const char *cause; /* what its findings share: that of struct vw_finding, or a clause */
    char clauses[VW_GROUP_CLAUSES * 8];   /* apart by spaces, the likeliest first */
    const struct vw_finding *const *list; /* the one that shows it best, then the others in order */
    size_t count;
};

struct vw_groups {
    struct vw_group *list; /* in the order in which they should be read */
    size_t count;
    const struct vw_finding **members;
    void *keys; /* that the groups are made of */
};

/* Of the N findings LIST those that fail or have no verdict; the others say how well a clause tells
 * them. VW_ENOMEM or 0; finish OUT in any case. */
int vw_groups_make(const struct vw_finding *const *list, size_t n, struct vw_groups *out,
                   struct vw_error *err);
void vw_groups_finish(struct vw_groups *groups);

/* The group that F is in, from 1; 0: none. */
size_t vw_groups_find(const struct vw_groups *groups, const struct vw_finding *f);
