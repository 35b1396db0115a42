// SPDX-License-Identifier: MIT
// quiet: nothing comes back. Shown by a fence: a later call is answered, and nothing else is there
// a little while behind it.
#include "conformance/play/run.h"

enum { FENCE_SENT = 1, LISTENING };

static const char *const words[] = {"listen", "no-events", NULL};

/* Events may come at any time (V-7); anything else is an answer. */
static const struct vw_got *unwanted(const struct vw_link *c, bool no_events)
{
    for (const struct vw_got *g = c->inbox; g; g = g->next)
        if (no_events || g->kind != VW_EVENT_MESSAGE)
            return g;
    return NULL;
}

static enum vw_step_result check(struct vw_run *run, const struct vw_link *c,
                                 const struct vw_node *value)
{
    const struct vw_got *g = unwanted(c, vw_node_is(value, "no-events"));
    if (!g)
        return VW_STEP_WAIT;
    vw_run_stray(run, g);
    return vw_run_fail(run, VW_FAIL,
                       "nothing may come back, and a message of type %d, serial %u, status %d came",
                       g->header.type, g->header.serial, g->header.status);
}

static enum vw_step_result run_quiet(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    uint32_t serial;
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    if (first && vw_node_is(value, "listen")) {
        run->state[0] = LISTENING;
        vw_run_allow(run, run->settings->quiet_ms);
    } else if (first) {
        if (vw_fence_send(run, c, &serial, &err) < 0)
            return vw_run_error(run, &err);
        run->state[0] = FENCE_SENT;
        run->state[1] = serial;
        return VW_STEP_WAIT;
    }
    if (run->state[0] == FENCE_SENT) {
        bool answered = vw_fence_answered(run, c, (uint32_t)run->state[1]);
        if (run->over || check(run, c, value) == VW_STEP_FAIL)
            return VW_STEP_FAIL;
        if (!answered)
            return vw_run_wait(run, c, "the answer to the fence");
        run->state[0] = LISTENING;
        vw_run_allow(run, run->settings->quiet_ms);
    }
    if (check(run, c, value) == VW_STEP_FAIL)
        return VW_STEP_FAIL;
    if (vw_link_over(c))
        return vw_run_wait(run, c, "nothing more");
    return vw_run_late(run) ? VW_STEP_DONE : VW_STEP_WAIT;
}

const struct vw_verb vw_verb_quiet = {
    {"quiet", VW_TAKES_NOTHING | VW_TAKES_TEXT, false, words, NULL,
     "nothing comes back, while a later call is answered; \"no-events\": no event either; "
     "\"listen\": without such a call, where the peer still waits for the rest of a message"},
    run_quiet,
    .judges = true,
};
