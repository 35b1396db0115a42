// SPDX-License-Identifier: MIT
// Each rule that somebody who watches both sides can see, as findings. What one mistake explains is
// one finding: the first in full, and how many there are. Engine: it may change with every release
// (docs/api.md).
#pragma once

#include "capture/talk.h"

struct vw_lint_group {
    struct vw_finding finding; /* rule is SIDE/CLAUSES */
    const struct vw_proc *proc;
};

struct vw_lint {
    const struct vw_schema *schema;
    const char *file; /* that the findings are of; NULL: none */
    const char *only; /* a rule; NULL: all */
    bool client_only; /* what the client broke */
    bool show_secrets;
    /* Its own. */
    struct vw_arena arena;
    struct vw_lint_group *groups;
    size_t n;
    uint64_t messages;
    struct vw_buf latest; /* the message that findings are about, unless it is too long for that */
};

/* EV was said in connection NUMBER. VW_ENOMEM or 0. */
int vw_lint_hear(struct vw_lint *l, uint64_t number, const struct vw_talk_event *ev);
void vw_lint_finish(struct vw_lint *l);
