// SPDX-License-Identifier: MIT
// What an end or a silence means. A server has rights: to end a connection whose words make no
// sense, to read no more from one that has many calls under way (D-26), to be slow
// as long as it is busy, within reason. It hangs when a
// connection is silent that has been asked, and still is when another one has been served since, or
// none is; it has crashed when its process is gone, or nobody answers where it was.
#pragma once

#include "fuzz/blackbox/growth.h"
#include "fuzz/blackbox/play.h"

enum vw_judged {
    VW_JUDGED_WELL,  /* nothing is wrong, or one connection only, which is closed now */
    VW_JUDGED_CRASH, /* the server is gone, and its connections with it */
    VW_JUDGED_HUNG   /* it serves nobody */
};

/* Looks at all connections: those that the server has ended or that are silent too long. What is
 * found is added, and the journal is told. A crash is not added yet: p->last has what is known of
 * it, for vw_judge_crash. A negative VW_E* that is of the tool. */
int vw_judge(struct vw_play *p, enum vw_judged *out, struct vw_error *err);
/* No connection can be made, or is served, for the reason WHY. */
int vw_judge_unreached(struct vw_play *p, const struct vw_error *why, enum vw_judged *out,
                       struct vw_error *err);

/* Adds the crash of p->last; PROC is the procedure whose call does it, or NULL: not known. */
void vw_judge_crash(struct vw_play *p, const char *proc);

/* What the process of the server holds, sampled from time to time. */
struct vw_judge_growth {
    struct vw_growth kib, fds;
    uint64_t kib_max, fds_max; /* that it may grow by */
};
/* Adds what has grown too much to what was found. */
int vw_judge_grown(struct vw_play *p, const struct vw_judge_growth *g, struct vw_error *err);
