// SPDX-License-Identifier: MIT
// wait-for: something that no call has asked for, which may take longer than an answer.
#include "conformance/play/run.h"

#define WITHIN_MAX 3600
#define TIMES_MAX  10000

/* In run->state: */
enum {
    COME, /* how many of the messages */
    CUT_S /* the seconds of the case, if --slow allows too few; else 0 */
};

static const char *const kinds[] = {"message", "closed", NULL};

static const struct vw_key list[] = {
    {"message", VW_TAKES_MAP, false, NULL, &vw_expected_message_keys,
     "an event or a keepalive message; what else comes is passed over"},
    {"closed", VW_TAKES_NOTHING, false, NULL, NULL,
     "the end of the connection; what comes before it is passed over"},
    {"within", VW_TAKES_NUMBER, false, NULL, NULL, "seconds; those of --timeout if absent"},
    {"times", VW_TAKES_NUMBER, false, NULL, NULL, "so many of the messages"},
    {NULL},
};
static const struct vw_keys keys = {"wait-for", list, kinds};

static int read_times(const struct vw_node *value, int64_t *times, struct vw_error *err)
{
    const struct vw_node *n = vw_node_get(value, "times");
    *times = 1;
    return n ? vw_node_number(n, 1, TIMES_MAX, times, err) : 0;
}

static int set_deadline(struct vw_run *run, const struct vw_node *value, struct vw_error *err)
{
    const struct vw_node *within = vw_node_get(value, "within");
    int64_t seconds = 0;
    int rc = within ? vw_node_number(within, 1, WITHIN_MAX, &seconds, err) : 0;
    int64_t ms = seconds * 1000, most = run->settings->slow_ms;
    bool cut = most && most < ms;
    if (within && rc == 0)
        vw_run_allow(run, cut ? most : ms);
    run->state[CUT_S] = cut && !run->settings->slow_enough ? (uint64_t)seconds : 0;
    return rc;
}

/* Counts what has come; true when that is enough. */
static bool has_come(struct vw_judgement *j, struct vw_link *c, const struct vw_node *value,
                     uint64_t times)
{
    const struct vw_node *m = vw_node_get(value, "message");
    if (!m)
        return vw_run_ended(c);
    while (j->run->state[COME] < times && !j->match.err.code) {
        if (vw_answer_try_message(j, c, m, true) != VW_FIT_YES)
            return false;
        j->run->state[COME]++;
    }
    return !j->match.err.code;
}

static enum vw_step_result run_wait_for(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_judgement j = vw_judgement_of(run);
    int64_t times;
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    if (read_times(value, &times, &j.match.err) < 0 ||
        (first && set_deadline(run, value, &j.match.err) < 0))
        return vw_run_error(run, &j.match.err);
    if (has_come(&j, c, value, (uint64_t)times))
        return VW_STEP_DONE;
    if (j.match.err.code)
        return vw_run_error(run, &j.match.err);
    if (run->blamed)
        return vw_answer_refuse(&j, "");
    if (vw_link_over(c) || !vw_run_late(run))
        return vw_run_wait(run, c, "what is waited for");
    if (run->state[CUT_S]) /* which says nothing about the peer */
        return vw_run_fail(run, VW_SKIP, "waits up to %llu s; --slow %g is too short",
                           (unsigned long long)run->state[CUT_S],
                           (double)run->settings->slow_ms / 1e3);
    run->late = true;
    /* Nobody has asked for it, so that the peer need not be dead. */
    return vw_run_fail(run, VW_FAIL, "it did not come in %lld ms", (long long)run->allowed_ms);
}

const struct vw_verb vw_verb_wait_for = {
    {"wait-for", VW_TAKES_MAP, false, NULL, &keys,
     "wait until something comes that no call asked for, and no longer"},
    run_wait_for,
    .judges = true,
};
