// SPDX-License-Identifier: MIT
// connect: another connection beside the first one.
#include <string.h>

#include "conformance/play/run.h"

static const char *const upto[] = {"connect", "auth", "open", NULL};
static const char *const yes[] = {"true", "false", NULL};
static const struct vw_key list[] = {
    {"as", VW_TAKES_TEXT | VW_TAKES_NAME, true, NULL, NULL, "its name, for \"on\""},
    {"upto", VW_TAKES_TEXT, false, upto, NULL, "how far it is brought; connect if absent"},
    {"read-only", VW_TAKES_TEXT, false, yes, NULL, "open it with the read-only flag"},
    {NULL},
};
static const struct vw_keys keys = {"connect", list, NULL};

static enum vw_step_result run_connect(struct vw_run *run, const struct vw_node *value, bool first)
{
    const char *name = vw_node_get(value, "as")->text;
    const struct vw_node *how = vw_node_get(value, "upto");
    struct vw_link *c = vw_run_conn_named(run, name);
    if (first && c)
        return vw_run_fail(run, VW_ERROR, "%s:%u: there is a connection \"%s\" already",
                           run->c->path, value->line, name);
    if (!c && !(c = vw_run_connect(run, name)))
        return VW_STEP_FAIL;
    unsigned needs = VW_NEED_CONNECT;
    if (vw_node_is(how, "auth") || vw_node_is(how, "open"))
        needs |= VW_NEED_AUTH;
    if (vw_node_is(how, "open"))
        needs |= VW_NEED_OPEN;
    if (vw_node_is(vw_node_get(value, "read-only"), "true"))
        needs |= VW_NEED_AUTH | VW_NEED_OPEN | VW_NEED_READ_ONLY;
    return vw_prepare(run, c, needs);
}

const struct vw_verb vw_verb_connect = {
    {"connect", VW_TAKES_MAP, false, NULL, &keys, "open another connection"},
    run_connect,
};
