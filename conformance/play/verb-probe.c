// SPDX-License-Identifier: MIT
// probe: what needs code.
#include <string.h>

#include "conformance/play/probe.h"

static const struct vw_key list[] = {
    {"name", VW_TAKES_TEXT, true, vw_probe_names, NULL, "which"},
    {"with", VW_TAKES_TEXT | VW_TAKES_NUMBER, true, NULL, NULL, "what it is to try"},
    {NULL},
};
static const struct vw_keys keys = {"probe", list, NULL};

static enum vw_step_result run_probe(struct vw_run *run, const struct vw_node *value, bool first)
{
    const struct vw_node *name = vw_node_get(value, "name"), *with = vw_node_get(value, "with");
    const char *wanted = name ? name->text : value->text;
    for (const struct vw_probe *const *p = vw_probes; *p; p++)
        if (strcmp((*p)->name, wanted) == 0)
            return (*p)->run(run, with ? with->text : NULL);
    return vw_run_fail(run, VW_ERROR, "there is no probe \"%.40s\"", wanted);
}

const struct vw_verb vw_verb_probe = {
    {"probe", VW_TAKES_TEXT | VW_TAKES_MAP, false, vw_probe_names, &keys,
     "what only code can do, by name, or by name and what it is to try; a case with a probe runs "
     "alone"},
    run_probe,
    .judges = true,
};
