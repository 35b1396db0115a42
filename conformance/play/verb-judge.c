// SPDX-License-Identifier: MIT
// judge: what was seen beside the messages: how a spawned program fared, which borders records had.
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "conformance/play/by-hand.h"
#include "conformance/play/hoard.h"
#include "conformance/play/run.h"
#include "conformance/play/spawned.h"
#include "scenario/pattern.h"

#define WITHIN_MAX 3600
/* What the loader, a shell and env(1) end with when there is no program that runs: that says
 * nothing of the peer. */
#define NOT_RUN   126
#define NOT_FOUND 127

static const char *const record_words[] = {"one-message", NULL};
static const char *const end_words[] = {"ok", "fails", "any", NULL};
static const char *const left_words[] = {"nothing", NULL};
static const char *const steady_words[] = {"descriptors", "memory", NULL};
/* How much more, from one quarter of the time to the next but one, is not by chance: of descriptors
 * and of bytes, for twenty answers of which each is a megabyte. */
static const uint64_t least_growth[] = {3, 2 << 20};
#define LOOK_MS 50

static const struct vw_key list[] = {
    {"of", VW_TAKES_TEXT, false, NULL, NULL, "the name of a spawned program; the last if absent"},
    {"exit", VW_TAKES_VALUE, false, NULL, NULL,
     "a pattern of its exit status; 128 + N when signal N ended it; 126 and 127, of a program that "
     "could not be started, are errors of the harness"},
    {"ends", VW_TAKES_TEXT, false, end_words, NULL,
     "ok (status 0), fails (another; 77 and 89 mean that it cannot do that, and skip the case) or "
     "any; no signal ends it, but SIGPIPE, which counts as fails"},
    {"leaves", VW_TAKES_TEXT, false, left_words, NULL,
     "nothing: no process of its own is left when it has ended"},
    {"steady", VW_TAKES_TEXT, false, steady_words, NULL,
     "what does not grow all the time while it runs: descriptors, or memory (with --memory)"},
    {"excuses", VW_TAKES_TEXTS, false, NULL, NULL,
     "clauses that the client may break here, since its server is wrong; \"*\" is all"},
    {"stdout", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of what it wrote"},
    {"stderr", VW_TAKES_VALUE, false, NULL, NULL, "the same"},
    {"within", VW_TAKES_NUMBER, false, NULL, NULL,
     "seconds that it may still run; those of --timeout if absent"},
    {"records", VW_TAKES_TEXT, false, record_words, NULL,
     "one-message: no record that came held parts of two messages (T-5)"},
    {NULL},
};
static const char *const subjects[] = {"exit", "ends", "stdout", "stderr", "records", NULL};
static const struct vw_keys keys = {"judge", list, NULL, subjects};

static struct vw_spawned *find(const struct vw_run *run, const struct vw_node *of)
{
    struct vw_spawned *s = run->spawned;
    while (s && of && strcmp(s->name, of->text) != 0)
        s = s->next;
    return s;
}

/* One pattern; JSON is given away. False: the run is over. */
static bool matches(struct vw_run *run, const struct vw_node *value, const char *key,
                    struct json_object *json)
{
    struct vw_judgement j = vw_judgement_of(run);
    const struct vw_node *pattern = vw_node_get(value, key);
    if (!pattern)
        json_object_put(json);
    if (!pattern || vw_match_value(&j.match, pattern, json))
        return true;
    if (j.match.err.code)
        vw_run_error(run, &j.match.err);
    else
        vw_run_fail(run, VW_FAIL, "%s: %s", key, j.match.why);
    return false;
}

/* ---- clients ---- */

/* FALSE: the run is over. */
static bool judge_end(struct vw_run *run, const struct vw_spawned *s, const struct vw_node *ends)
{
    bool ok = s->status == 0, fails = vw_node_is(ends, "fails");
    int status = s->leash.status;
    /* Of a program that leaves SIGPIPE as it is: its server has gone, and that was its way out. */
    bool gone = WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE;
    if (WIFSIGNALED(status) && !gone)
        vw_run_fail(run, VW_CRASH, "signal %d ended it, saying: %.200s", WTERMSIG(status),
                    s->text[1]);
    else if (!ok && (s->status == VW_NOT_SUPPORTED || s->status == VW_NOT_SUPPORTED_TOO))
        vw_client_cannot(run, s->status);
    else if ((fails && ok) || (vw_node_is(ends, "ok") && !ok))
        vw_run_fail(run, VW_FAIL, "it ended with %d%s%.300s", s->status,
                    *s->text[1] ? ", saying: " : "", s->text[1]);
    return !run->over;
}

static bool judge_left(struct vw_run *run, const struct vw_spawned *s)
{
    unsigned left = vw_spawned_left(s);
    if (left)
        vw_run_fail(run, VW_FAIL, "it ended, and left %u process%s behind", left,
                    left > 1 ? "es" : "");
    return !left;
}

/* What is looked at while it runs; -1: nothing. */
static int steady(const struct vw_node *value)
{
    const struct vw_node *n = vw_node_get(value, "steady");
    return !n ? -1 : vw_node_is(n, "memory") ? VW_HOARD_MEMORY : VW_HOARD_DESCRIPTORS;
}

/* One more look. */
static enum vw_step_result look(struct vw_run *run, const struct vw_spawned *s, int of)
{
    struct vw_error err = VW_ERROR_INIT;
    if (of < 0)
        return VW_STEP_WAIT;
    if (of == VW_HOARD_MEMORY && !run->settings->client->memory)
        return vw_run_skip(run, "what it takes of memory is looked at with --memory");
    if (!run->hoard)
        run->hoard = vw_arena_zalloc(&run->arena, sizeof(*run->hoard), sizeof(uint64_t));
    if (!run->hoard) {
        vw_error_nomem(&err);
        return vw_run_error(run, &err);
    }
    vw_hoard_look(run->hoard, (enum vw_hoard_of)of, s->leash.program);
    run->look_ms = vw_now_ms() + LOOK_MS;
    return VW_STEP_WAIT;
}

static bool judge_growth(struct vw_run *run, int of)
{
    uint64_t from, to;
    if (of < 0 || !run->hoard || !vw_hoard_judge(run->hoard, least_growth[of], &from, &to))
        return true;
    vw_run_fail(run, VW_FAIL, "while it did the same again and again it went from %llu %s to %llu",
                (unsigned long long)from, of == VW_HOARD_MEMORY ? "bytes of memory" : "descriptors",
                (unsigned long long)to);
    return false;
}

static bool judge_client(struct vw_run *run, const struct vw_spawned *s,
                         const struct vw_node *value)
{
    const struct vw_node *ends = vw_node_get(value, "ends");
    if (vw_node_get(value, "leaves") && !judge_left(run, s))
        return false;
    if (ends && !judge_end(run, s, ends))
        return false;
    return !run->served || vw_heard_judge(run, vw_node_get(value, "excuses"));
}

static enum vw_step_result late(struct vw_run *run, const struct vw_spawned *s)
{
    struct vw_error err = VW_ERROR_INIT;
    char latest[300] = "";
    if (s->ended)
        return vw_run_fail(run, VW_FAIL,
                           "it ended with %d, and left a process that holds its output", s->status);
    if (run->served && vw_served_end(run, &err) == 0)
        vw_heard_latest(run, latest, sizeof(latest));
    run->suspicious = true;
    return vw_run_fail(run, VW_HUNG, "the program still runs after %lld ms%s%s",
                       (long long)run->allowed_ms, *latest ? "; " : "", latest);
}

static enum vw_step_result judge_program(struct vw_run *run, struct vw_spawned *s,
                                         const struct vw_node *value)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_served_failed(run, &err))
        return vw_run_error(run, &err);
    if (!vw_spawned_over(s))
        return vw_run_late(run) ? late(run, s) : look(run, s, steady(value));
    vw_log_note(&run->log, "", "it ended with %d, saying: %.120s%.80s", s->status, s->text[0],
                s->text[1]);
    if (s->status == NOT_FOUND || s->status == NOT_RUN)
        return vw_run_fail(run, VW_ERROR,
                           "the program could not be started: it ended with %d%s%.200s", s->status,
                           *s->text[1] ? ", saying: " : "", s->text[1]);
    if (!judge_client(run, s, value) || !judge_growth(run, steady(value)) ||
        !matches(run, value, "exit", json_object_new_int(s->status)) ||
        !matches(run, value, "stdout", json_object_new_string(s->text[0])) ||
        !matches(run, value, "stderr", json_object_new_string(s->text[1])))
        return VW_STEP_FAIL;
    return VW_STEP_DONE;
}

static enum vw_step_result judge_records(struct vw_run *run)
{
    for (const struct vw_link *c = run->conns; c; c = c->next) {
        const struct vw_breach *b = vw_answer_breach(run, c->breaches, NULL);
        if (b)
            return vw_answer_blame(run, b, "");
    }
    return VW_STEP_DONE;
}

static bool about_program(const struct vw_node *value)
{
    return vw_node_get(value, "exit") || vw_node_get(value, "ends") ||
           vw_node_get(value, "stdout") || vw_node_get(value, "stderr");
}

static enum vw_step_result run_judge(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_node *within = vw_node_get(value, "within");
    int64_t seconds = 0;
    if (first && within && vw_node_number(within, 1, WITHIN_MAX, &seconds, &err) < 0)
        return vw_run_error(run, &err);
    if (seconds)
        vw_run_allow(run, seconds * 1000);
    if (vw_node_get(value, "records") && judge_records(run) != VW_STEP_DONE)
        return VW_STEP_FAIL;
    if (!about_program(value))
        return VW_STEP_DONE;
    if (run->settings->client && run->settings->client->by_hand)
        return vw_by_hand_judge(run, value, first);
    struct vw_spawned *s = find(run, vw_node_get(value, "of"));
    if (!s)
        return vw_run_fail(run, VW_ERROR, "%s:%u: there is no such program", run->c->path,
                           run->step->line);
    return judge_program(run, s, value);
}

const struct vw_verb vw_verb_judge = {
    {"judge", VW_TAKES_MAP, false, NULL, &keys,
     "what a spawned program wrote and how it ended, once it has; which records came"},
    run_judge,
    .judges = true,
};
