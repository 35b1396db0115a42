// SPDX-License-Identifier: MIT
// expect-closed: the peer ends the connection, and says nothing before it.
#include "conformance/play/run.h"

static const char *const words[] = {"answers", NULL};

static enum vw_step_result run_expect_closed(struct vw_run *run, const struct vw_node *value,
                                             bool first)
{
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    bool answers = vw_node_is(value, "answers");
    for (const struct vw_got *g = c->inbox; g && !answers; g = g->next)
        if (g->short_header || g->header.type != VW_MSG_MESSAGE) {
            vw_run_stray(run, g);
            return vw_run_fail(run, VW_FAIL,
                               "the connection must end without a word, and a message of type %d, "
                               "status %d came",
                               g->header.type, g->header.status);
        }
    if (vw_run_ended(c))
        return VW_STEP_DONE;
    if (vw_link_over(c))
        return vw_run_wait(run, c, "the end of the connection");
    if (!vw_run_late(run))
        return VW_STEP_WAIT;
    run->late = true;
    return vw_run_fail(run, VW_FAIL, "the connection must end; it is still open after %lld ms",
                       (long long)run->settings->timeout_ms);
}

const struct vw_verb vw_verb_expect_closed = {
    {"expect-closed", VW_TAKES_NOTHING | VW_TAKES_TEXT, false, words, NULL,
     "wait for the end of the connection; \"answers\": replies may come before it"},
    run_expect_closed,
    .judges = true,
};
