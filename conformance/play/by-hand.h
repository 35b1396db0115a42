// SPDX-License-Identifier: MIT
// A client that somebody starts by hand: they are told for what, and the case goes on once it has
// come and gone. How it ended they say on standard input.
#pragma once

#include "conformance/play/client.h"

/* Of all cases together. */
struct vw_by_hand {
    void (*tell)(void *user, const char *text); /* one line */
    void *user;
    int64_t wait_ms; /* for a client that comes, and goes */
    int answers;     /* a descriptor that lines are read of; -1: it has ended */
    bool nobody;     /* came in the time: nobody is waited for again */
    char line[64];   /* what has come of one */
    size_t len;
};

/* Says what is to be started for the step "run" VALUE. */
enum vw_step_result vw_by_hand_run(struct vw_run *run, const struct vw_node *value);
/* Waits for it, and judges by what it sent and what is said of its end. */
enum vw_step_result vw_by_hand_judge(struct vw_run *run, const struct vw_node *value, bool first);
