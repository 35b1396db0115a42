// SPDX-License-Identifier: MIT
// A fence: a harmless call whose answer shows that all before it has been read.
#include <string.h>

#include "conformance/play/run.h"

#define LABEL "#fence"

const char *vw_fence_name(const struct vw_profile *profile, bool open)
{
    const char *first = "auth_list";
    return open || !vw_schema_proc(profile->schema, first) ? "connect_get_type" : first;
}

int vw_fence_send(struct vw_run *run, struct vw_link *c, uint32_t *serial, struct vw_error *err)
{
    const char *name = vw_fence_name(run->settings->profile, c->open);
    struct vw_node *call = vw_node_new(&run->arena, VW_NODE_MAP);
    if (!vw_node_add(call, "procedure", vw_node_text(&run->arena, name)))
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
