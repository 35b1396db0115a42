// SPDX-License-Identifier: MIT
// send-below: bytes as they are, below the layer of SASL that the log-in has left.
#include <errno.h>

#include "conformance/play/run.h"

/* They are few, so that they go at once or never. */
static enum vw_step_result send_bytes(struct vw_run *run, struct vw_link *c, const uint8_t *bytes,
                                      size_t len)
{
    struct vw_error err = VW_ERROR_INIT;
    ssize_t n = c->below->ops->send(c->below, bytes, len, NULL);
    if (n == (ssize_t)len) {
        vw_log_add(&run->log, VW_LOG_SENT, c->name, bytes, len);
        return VW_STEP_DONE;
    }
    vw_error_errno(&err, n < 0 ? (int)-n : EAGAIN, "cannot write below the layer");
    return vw_run_error(run, &err);
}

static enum vw_step_result run_send_below(struct vw_run *run, const struct vw_node *value,
                                          bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    const uint8_t *bytes;
    size_t len;
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    if (!c->below || !c->transport)
        return vw_run_skip(run, "the log-in has left no layer of SASL");
    if (vw_link_unsent(c))
        return vw_run_wait(run, c, "what goes through the layer");
    if (vw_node_hex(value, &run->arena, &bytes, &len, &err) < 0)
        return vw_run_error(run, &err);
    return send_bytes(run, c, bytes, len);
}

const struct vw_verb vw_verb_send_below = {
    {"send-below", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL,
     "send bytes (hex) below the layer of SASL"},
    run_send_below,
};
