// SPDX-License-Identifier: MIT
// note: a line for those who read the report.
#include "conformance/play/run.h"

static enum vw_step_result run_note(struct vw_run *run, const struct vw_node *value, bool first)
{
    vw_log_note(&run->log, "", "%s", value->text);
    return VW_STEP_DONE;
}

const struct vw_verb vw_verb_note = {
    {"note", VW_TAKES_TEXT, false, NULL, NULL, "a line in the report"},
    run_note,
};
