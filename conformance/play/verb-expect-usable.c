// SPDX-License-Identifier: MIT
// expect-usable: the connection still serves: a harmless call is answered.
#include "conformance/play/run.h"

static enum vw_step_result run_expect_usable(struct vw_run *run, const struct vw_node *value,
                                             bool first)
{
    struct vw_judgement j = vw_judgement_of(run);
    uint32_t serial;
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    if (first) {
        if (vw_fence_send(run, c, &serial, &j.match.err) < 0)
            return vw_run_error(run, &j.match.err);
        run->state[0] = serial;
        return VW_STEP_WAIT;
    }
    if (vw_fence_answered(run, c, (uint32_t)run->state[0]))
        return run->over ? VW_STEP_FAIL : VW_STEP_DONE;
    if (!vw_answer_no_stray(&j, c))
        return vw_answer_refuse(&j, "the connection must stay usable: ");
    return vw_run_wait(run, c, "a sign that the connection is usable");
}

const struct vw_verb vw_verb_expect_usable = {
    {"expect-usable", VW_TAKES_NOTHING, false, NULL, NULL, "a further call is answered"},
    run_expect_usable,
    .judges = true,
};
