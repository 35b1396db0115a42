// SPDX-License-Identifier: MIT
// A case, step by step: the needs first, then each verb until it is done.
#include "conformance/play/client.h"
#include "conformance/play/run.h"
#include "conformance/play/under.h"

#include <string.h>

#define STEPS_A_TURN 1000 /* more cannot be in a file that the loader takes */

/* ---- the steps ---- */

static const struct vw_node *verb_of(const struct vw_node *step, const struct vw_verb **verb)
{
    for (const struct vw_node *n = step->first; n; n = n->next)
        if ((*verb = vw_verb_find(n->key)))
            return n;
    return NULL;
}

static void start_step(struct vw_run *run, const struct vw_node *step)
{
    run->step = step;
    run->step_no++;
    run->step_first = true;
    run->look_ms = 0;
    memset(run->state, 0, sizeof(run->state));
    vw_run_await(run);
}

/* What no step has asked for may still be wrong. */
static void check_leftovers(struct vw_run *run)
{
    const char *when = "after the last step: ";
    for (struct vw_link *c = run->conns; c && !run->over; c = c->next) {
        const struct vw_breach *b = vw_answer_breach(run, c->breaches, NULL);
        for (const struct vw_got *g = c->inbox; g && !b; g = g->next)
            b = vw_answer_breach(run, g->breaches, NULL);
        if (b)
            vw_answer_blame(run, b, when);
    }
}

/* Calls beside those of the case are answered too, if it leaves somebody to answer. */
static bool is_settled(struct vw_run *run)
{
    for (struct vw_link *c = run->conns; c; c = c->next)
        if (!vw_under_settled(c)) {
            vw_run_wait(run, c, "the answer to a call beside those of the case");
            return false;
        }
    return true;
}

static void pass(struct vw_run *run)
{
    run->step = NULL;
    check_leftovers(run);
    if (!run->over && run->served)
        vw_heard_judge(run, NULL);
    if (run->over)
        return;
    if (run->unseen) {
        vw_run_skip(run, run->unseen);
        return;
    }
    run->over = true;
    run->verdict = run->lenient ? VW_LENIENT : VW_PASS;
    run->ended_us = vw_now_us();
    snprintf(run->reason, sizeof(run->reason), "%s", run->lenient_why);
}

static void prepare(struct vw_run *run)
{
    if (run->settings->client) {
        run->prepared = true;
        start_step(run, run->c->steps->first);
        return;
    }
    if (!run->conns && !vw_run_connect(run, ""))
        return;
    run->conns->log = &run->log;
    enum vw_step_result r = VW_STEP_DONE;
    if (!(run->c->shared && run->conns->open))
        r = vw_prepare(run, run->conns, run->c->needs);
    if (r == VW_STEP_DONE) {
        run->prepared = true;
        run->entered = run->log.count;
        start_step(run, run->c->steps->first);
    }
}

static void end(struct vw_run *run)
{
    if (is_settled(run))
        pass(run);
}

void vw_run_advance(struct vw_run *run)
{
    if (!run->over && !run->prepared)
        prepare(run);
    if (run->played && !run->over)
        end(run);
    for (int i = 0; i < STEPS_A_TURN && run->prepared && !run->played && !run->over; i++) {
        const struct vw_verb *verb = NULL;
        const struct vw_node *value = verb_of(run->step, &verb);
        bool first = run->step_first;
        run->step_first = false;
        if (!value) {
            vw_run_fail(run, VW_ERROR, "%s:%u: a step without a verb", run->c->path,
                        run->step->line);
            return;
        }
        enum vw_step_result r = verb->run(run, value, first);
        if (r != VW_STEP_DONE)
            return;
        if (run->step->next) {
            start_step(run, run->step->next);
            continue;
        }
        run->played = true;
        vw_run_await(run);
        end(run);
    }
}
