// SPDX-License-Identifier: MIT
// probe: what needs code.
#include <string.h>

#include "conformance/play/probe.h"

static enum vw_step_result run_probe(struct vw_run *run, const struct vw_node *value, bool first)
{
    for (const struct vw_probe *const *p = vw_probes; *p; p++)
        if (strcmp((*p)->name, value->text) == 0)
            return (*p)->run(run);
    return vw_run_fail(run, VW_ERROR, "there is no probe \"%.40s\"", value->text);
}

const struct vw_verb vw_verb_probe = {
    {"probe", VW_TAKES_TEXT, false, vw_probe_names, NULL,
     "what only code can do; a case with a probe runs alone"},
    run_probe,
    .judges = true,
};
