// SPDX-License-Identifier: MIT
// expect: something must come and be as described.
#include <stdio.h>
#include <string.h>

#include "conformance/play/run.h"

static void note_lenient(struct vw_run *run, const struct vw_node *pattern)
{
    const struct vw_node *lenient = vw_node_get(pattern, "lenient");
    if (!lenient || run->lenient)
        return;
    run->lenient = true;
    snprintf(run->lenient_why, sizeof(run->lenient_why), "%s", lenient->text);
}

/* Tries the pattern, or each alternative; J keeps the first reason. */
static enum vw_fit try_all(struct vw_judgement *j, struct vw_link *c, const struct vw_node *value)
{
    struct vw_run *run = j->run;
    const struct vw_node *either = vw_node_get(value, "either");
    enum vw_fit result = VW_FIT_NONE;
    const struct vw_breach *blamed = NULL; /* with the first reason */
    for (const struct vw_node *p = either ? either->first : value; p; p = either ? p->next : NULL) {
        const struct vw_node *to = vw_node_get(p, "to");
        if (!to)
            to = vw_node_get(value, "to");
        struct vw_judgement one = vw_judgement_of(run);
        run->blamed = NULL;
        enum vw_fit fit = vw_answer_try(&one, c, p, to ? to->text : run->label);
        const struct vw_node *skip = vw_node_get(p, "skip");
        if (fit == VW_FIT_YES)
            note_lenient(run, p);
        if (fit == VW_FIT_YES && skip)
            vw_run_skip(run, skip->text);
        if (one.match.err.code)
            j->match.err = one.match.err;
        if (fit == VW_FIT_YES || one.match.err.code)
            return fit;
        if (fit == VW_FIT_NO && result == VW_FIT_NONE) {
            result = VW_FIT_NO;
            blamed = run->blamed;
            memcpy(j->match.why, one.match.why, sizeof(j->match.why));
            j->match.kind = one.match.kind;
            j->match.error = one.match.error;
            j->match.place = one.match.place;
        }
    }
    run->blamed = blamed;
    return result;
}

static enum vw_step_result run_expect(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_judgement j = vw_judgement_of(run);
    int64_t times = 1;
    const struct vw_node *n = vw_node_get(value, "times");
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    if (n && vw_node_number(n, 1, INT32_MAX, &times, &j.match.err) < 0)
        return vw_run_error(run, &j.match.err);
    while (run->state[0] < (uint64_t)times) {
        enum vw_fit fit = try_all(&j, c, value);
        if (j.match.err.code == VW_ESYSTEM) {
            vw_run_skip(run, j.match.err.text);
            return VW_STEP_FAIL;
        }
        if (j.match.err.code)
            return vw_run_error(run, &j.match.err);
        if (fit == VW_FIT_NO)
            return vw_answer_refuse(&j, "");
        if (fit == VW_FIT_NONE)
            break;
        if (run->over)
            return VW_STEP_FAIL;
        run->state[0]++;
    }
    if (run->state[0] == (uint64_t)times)
        return VW_STEP_DONE;
    if (!vw_answer_no_stray(&j, c))
        return vw_answer_refuse(&j, "");
    return vw_run_wait(run, c, "what is expected");
}

const struct vw_verb vw_verb_expect = {
    {"expect", VW_TAKES_MAP, false, NULL, &vw_expect_keys, "wait for what must come"},
    run_expect,
    .judges = true,
};
