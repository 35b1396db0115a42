// SPDX-License-Identifier: MIT
// A fence: a harmless call whose answer shows that all before it has been read.
#include <string.h>

#include "conformance/cases/program.h"
#include "conformance/play/run.h"

#define LABEL "#fence"

int vw_fence_send(struct vw_run *run, struct vw_link *c, uint32_t *serial, struct vw_error *err)
{
    const struct vw_proc *proc;
    int rc = vw_played_fence(run->settings->profile, c->open, &proc, err);
    if (rc)
        return rc;
    struct vw_node *call = vw_node_new(&run->arena, VW_NODE_MAP);
    if (!vw_node_add(call, "procedure", vw_node_text(&run->arena, proc->name)))
        return vw_error_nomem(err);
    /* Without its arguments it does nothing. */
    if (proc->args && !vw_node_add(call, "body", vw_node_text(&run->arena, "")))
        return vw_error_nomem(err);
    /* Far from those of the case, so that a mixed-up serial cannot pass for this one. */
    *serial = 0xfe000000u + c->next_serial;
    c->next_serial++;
    if (!vw_node_add(call, "serial", vw_node_printf(&run->arena, "%u", *serial)))
        return vw_error_nomem(err);
    return vw_run_send(run, c, call, VW_MSG_CALL, LABEL, err);
}

bool vw_fence_answered(struct vw_run *run, struct vw_link *c, uint32_t serial)
{
    for (struct vw_got *g = c->inbox; g; g = g->next) {
        if (g->short_header || g->header.serial != serial ||
            (g->header.type != VW_MSG_REPLY && g->header.type != VW_MSG_REPLY_WITH_FDS))
            continue;
        const struct vw_breach *b = vw_answer_breach(run, g->breaches, NULL);
        if (b)
            vw_answer_blame(run, b, "the answer to the fence: ");
        vw_link_take(c, g);
        for (struct vw_sent *s = c->sent; s; s = s->next)
            if (s->header.serial == serial)
                s->answered = true;
        return true;
    }
    return false;
}
