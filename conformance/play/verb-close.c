// SPDX-License-Identifier: MIT
// close: end the connection from our side.
#include "conformance/play/run.h"

static const char *const words[] = {"now", "half", NULL};

static bool goes_through_a_program(enum vw_transport_kind kind)
{
    return kind == VW_TRANSPORT_EXT || kind == VW_TRANSPORT_SSH;
}

static enum vw_step_result run_close(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    if (first && vw_node_is(value, "half")) {
        if (goes_through_a_program(run->settings->uri->transport))
            return vw_run_fail(run, VW_SKIP,
                               "the program in between need not pass on that a side ends");
        c->end_output = true;
        vw_log_note(&run->log, c->name, "the sending side is shut");
        return VW_STEP_DONE;
    }
    /* What was sent must be out first, or there was no point in sending it. */
    if (c->out_done < c->out.len && !vw_link_over(c) && !vw_run_late(run))
        return VW_STEP_WAIT;
    if (c->transport)
        c->transport->ops->close(c->transport);
    c->transport = NULL;
    vw_log_note(&run->log, c->name, "closed");
    return VW_STEP_DONE;
}

const struct vw_verb vw_verb_close = {
    {"close", VW_TAKES_NOTHING | VW_TAKES_TEXT, false, words, NULL,
     "close the connection, or with \"half\" only its sending side"},
    run_close,
};
