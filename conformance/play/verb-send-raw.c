// SPDX-License-Identifier: MIT
// send-raw: bytes as they are.
#include "conformance/play/run.h"

static enum vw_step_result run_send_raw(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    const uint8_t *bytes;
    size_t len;
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    if (vw_node_hex(value, &run->arena, &bytes, &len, &err) < 0 ||
        vw_link_send(c, bytes, len, &err) < 0)
        return vw_run_error(run, &err);
    return VW_STEP_DONE;
}

const struct vw_verb vw_verb_send_raw = {
    {"send-raw", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL, "send bytes (hex)"},
    run_send_raw,
};
