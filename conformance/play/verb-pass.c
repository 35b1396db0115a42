// SPDX-License-Identifier: MIT
// pass: descriptors, each with a byte of its own (P-3).
#include "conformance/play/run.h"

#define AT_MOST 64

static enum vw_step_result run_pass(struct vw_run *run, const struct vw_node *value, bool first)
{
    static const uint8_t zero;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_link *c = vw_run_conn(run);
    int64_t n;
    if (!c)
        return VW_STEP_FAIL;
    if (vw_node_number(value, 1, AT_MOST, &n, &err) < 0)
        return vw_run_error(run, &err);
    for (int64_t i = 0; i < n; i++) {
        if (vw_run_pass(run, c, 1) < 0)
            return VW_STEP_FAIL;
        if (vw_link_send(c, &zero, 1, &err) < 0)
            return vw_run_error(run, &err);
    }
    vw_log_note(&run->log, c->name, "descriptors, each with a byte: %u", (unsigned)n);
    return VW_STEP_DONE;
}

const struct vw_verb vw_verb_pass = {
    {"pass", VW_TAKES_NUMBER, false, NULL, NULL,
     "so many descriptors, each with a byte of its own (P-3)"},
    run_pass,
};
