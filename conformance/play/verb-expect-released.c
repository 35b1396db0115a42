// SPDX-License-Identifier: MIT
// expect-released: the peer has none of the descriptors any more that were passed to it (P-4).
#include "conformance/play/run.h"

static enum vw_step_result run_expect_released(struct vw_run *run, const struct vw_node *value,
                                               bool first)
{
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    if (vw_link_released(c))
        return VW_STEP_DONE;
    if (!vw_run_late(run))
        return VW_STEP_WAIT;
    return vw_run_fail(run, VW_FAIL, "the peer keeps descriptors open that it has no use for");
}

const struct vw_verb vw_verb_expect_released = {
    {"expect-released", VW_TAKES_NOTHING, false, NULL, NULL,
     "wait until the peer has closed all descriptors that were passed on the connection"},
    run_expect_released,
    .judges = true,
};
