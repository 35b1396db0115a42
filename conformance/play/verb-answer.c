// SPDX-License-Identifier: MIT
// answer: what the player does when the peer asks something of it.
#include "conformance/play/run.h"

static const char *const yes_no[] = {"yes", "no", NULL};

static const struct vw_key list[] = {
    {"pings", VW_TAKES_TEXT, true, yes_no, NULL,
     "whether PINGs get their PONG, as they do if nothing is said"},
    {NULL},
};
static const struct vw_keys keys = {"answer", list, NULL};

static enum vw_step_result run_answer(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    c->pings_unanswered = vw_node_is(vw_node_get(value, "pings"), "no");
    return VW_STEP_DONE;
}

const struct vw_verb vw_verb_answer = {
    {"answer", VW_TAKES_MAP, false, NULL, &keys,
     "how the player answers what the peer asks, from here on"},
    run_answer,
};
