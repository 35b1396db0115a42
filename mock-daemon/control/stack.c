// SPDX-License-Identifier: MIT
// Faults and rules, on and off.
#include "mock-daemon/control/control.h"

#include "mock-daemon/daemon.h"

static int fault(struct vw_control_call *c)
{
    return vw_stack_add(c->daemon, vw_control_text(c, "fault"), &c->error);
}

static int no_fault(struct vw_control_call *c)
{
    return vw_stack_remove(c->daemon, vw_control_text(c, "fault"), &c->error);
}

static int rules(struct vw_control_call *c)
{
    c->file = vw_control_text(c, "file");
    return vw_stack_load(c->daemon, c->file, &c->error);
}

static int no_rules(struct vw_control_call *c)
{
    return vw_stack_load(c->daemon, NULL, &c->error);
}

const struct vw_control_verb vw_control_stack[] = {
    {"fault", {{"fault", VW_CONTROL_TEXT, true}}, .run = fault},
    {"no-fault", {{"fault", VW_CONTROL_TEXT, true}}, .run = no_fault},
    {"rules", {{"file", VW_CONTROL_PATH, true}}, .run = rules},
    {"no-rules", .run = no_rules},
    {NULL},
};
