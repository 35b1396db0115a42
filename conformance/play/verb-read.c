// SPDX-License-Identifier: MIT
// read: whether the player reads what comes (D-26).
#include "conformance/play/run.h"

static const char *const yes_no[] = {"yes", "no", NULL};

static enum vw_step_result run_read(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    c->deaf = vw_node_is(value, "no");
    return VW_STEP_DONE;
}

const struct vw_verb vw_verb_read = {
    {"read", VW_TAKES_TEXT, false, yes_no, NULL,
     "\"no\": what comes from here on is left unread; \"yes\": it is read again"},
    run_read,
};
