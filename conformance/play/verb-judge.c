// SPDX-License-Identifier: MIT
// judge: what was seen beside the messages: how a spawned program fared, which borders records had.
#include <signal.h>
#include <stdio.h>
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
static const char *const steady_words[] = {"memory", NULL};
/* How much more, from one quarter of the time to the next but one, is not by chance: of descriptors
 * and of bytes, for twenty answers of which each is a megabyte. */
static const uint64_t least_growth[] = {3, 2 << 20};
#define LOOK_MS 50
/* What it has started may be a moment later than itself. */
#define LINGER_MS 1000

static const struct vw_key list[] = {
    {"of", VW_TAKES_TEXT, false, NULL, NULL, "the name of a spawned program; the last if absent"},
    {"exit", VW_TAKES_VALUE, false, NULL, NULL,
     "a pattern of its exit status; 128 + N when signal N ended it; 126 and 127, of a program that "
     "could not be started, are errors of the harness"},
    {"ends", VW_TAKES_TEXT, false, end_words, NULL,
     "ok (status 0), fails (another; 77 and 89 mean that it cannot do that, and skip the case) or "
     "any; no signal ends it, but SIGPIPE, which counts as fails"},
    {"steady", VW_TAKES_TEXT, false, steady_words, NULL,
     "what does not grow all the time while it runs, besides its descriptors: memory, and without "
     "--memory the case is skipped"},
    {"excuses", VW_TAKES_TEXTS, false, NULL, NULL,
     "clauses that the client may break here, since its server is wrong; \"*\" is all"},
    {"stdout", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of what it wrote"},
    {"stderr", VW_TAKES_VALUE, false, NULL, NULL, "the same"},
    {"lenient", VW_TAKES_TEXT, false, NULL, NULL,
     "where stdout or stderr are otherwise, that is no failure but lenient, for this reason"},
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

static void be_lenient(struct vw_run *run, const char *why)
{
    run->lenient = true;
    snprintf(run->lenient_why, sizeof(run->lenient_why), "%s", why);
}

/* One pattern; JSON is given away. False: the run is over. */
static bool matches(struct vw_run *run, const struct vw_node *value, const char *key,
                    struct json_object *json)
{
    struct vw_judgement j = vw_judgement_of(run);
    const struct vw_node *pattern = vw_node_get(value, key);
    const struct vw_node *lenient = vw_node_get(value, "lenient");
    if (!pattern)
        json_object_put(json);
    if (!pattern || vw_match_value(&j.match, pattern, json))
        return true;
    if (j.match.err.code)
        vw_run_error(run, &j.match.err);
    else if (lenient && strncmp(key, "std", 3) == 0)
        be_lenient(run, lenient->text);
    else
        vw_run_fail(run, VW_FAIL, "%s: %s", key, j.match.why);
    return !run->over;
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

/* Of what it started the recorder tells what that was given. */
static bool judge_given(struct vw_run *run)
{
    char path[VW_PLACE_ROOM + 16], given[200] = "";
    snprintf(path, sizeof(path), "%s/descriptors", run->served->dir);
    FILE *f = fopen(path, "re");
    if (f && fgets(given, sizeof(given), f)) {
        given[strcspn(given, "\n")] = '\0';
        vw_run_fail(run, VW_FAIL,
                    "a program that it started was given a descriptor besides the standard ones: "
                    "%s",
                    given);
    }
    if (f)
        fclose(f);
    return !run->over;
}

/* One more look at what it holds. */
static enum vw_step_result look(struct vw_run *run, const struct vw_spawned *s)
{
    struct vw_error err = VW_ERROR_INIT;
    if (!run->served)
        return VW_STEP_WAIT;
    if (!run->hoard)
        run->hoard = vw_arena_zalloc(&run->arena, sizeof(*run->hoard), sizeof(uint64_t));
    if (!run->hoard) {
        vw_error_nomem(&err);
        return vw_run_error(run, &err);
    }
    vw_hoard_look(run->hoard, s->leash.program);
    run->look_ms = vw_now_ms() + LOOK_MS;
    return VW_STEP_WAIT;
}

/* FALSE: it holds more and more OF, for WHAT. */
static bool grows_not(struct vw_run *run, enum vw_hoard_of of, const char *what)
{
    uint64_t from, to;
    if (!run->hoard || !vw_hoard_judge(run->hoard, of, least_growth[of], &from, &to))
        return true;
    vw_run_fail(run, VW_FAIL, "while it ran it went from %llu %s to %llu", (unsigned long long)from,
                what, (unsigned long long)to);
    return false;
}

/* Memory counts where the same is done again and again, and only if that was asked for. */
static bool judge_growth(struct vw_run *run)
{
    const struct vw_client_suite *client = run->settings->client;
    bool repeats = false;
    for (const struct vw_node *step = run->c->steps->first; step; step = step->next) {
        const struct vw_node *does = vw_node_get(vw_node_get(step, "run"), "does");
        repeats = repeats || (does && vw_does_repeat(does->text));
    }
    return grows_not(run, VW_HOARD_DESCRIPTORS, "descriptors") &&
           (!client || !client->memory || !repeats ||
            grows_not(run, VW_HOARD_MEMORY, "bytes of memory"));
}

static bool judge_client(struct vw_run *run, const struct vw_spawned *s,
                         const struct vw_node *value)
{
    const struct vw_node *ends = vw_node_get(value, "ends");
    if (run->served && (!judge_left(run, s) || !judge_given(run)))
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
    if (run->served && vw_heard_end(run, &err) == 0)
        vw_heard_latest(run, latest, sizeof(latest));
    run->suspicious = true;
    return vw_run_fail(run, VW_HUNG, "the program still runs after %lld ms%s%s",
                       (long long)run->allowed_ms, *latest ? "; " : "", latest);
}

/* Whether what it has started may still go by itself. */
static bool lingers(struct vw_run *run, const struct vw_spawned *s)
{
    int64_t now = vw_now_ms();
    if (!vw_spawned_left(s))
        return false;
    if (!run->state[0])
        run->state[0] = (uint64_t)now;
    run->look_ms = now + LOOK_MS;
    return now < (int64_t)run->state[0] + LINGER_MS && !vw_run_late(run);
}

static enum vw_step_result judge_program(struct vw_run *run, struct vw_spawned *s,
                                         const struct vw_node *value)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_served_failed(run, &err))
        return vw_run_error(run, &err);
    if (!vw_spawned_over(s))
        return vw_run_late(run) ? late(run, s) : look(run, s);
    if (run->served && lingers(run, s))
        return VW_STEP_WAIT;
    vw_log_note(&run->log, "", "it ended with %d, saying: %.120s%.80s", s->status, s->text[0],
                s->text[1]);
    if (s->status == NOT_FOUND || s->status == NOT_RUN)
        return vw_run_fail(run, VW_ERROR,
                           "the program could not be started: it ended with %d%s%.200s", s->status,
                           *s->text[1] ? ", saying: " : "", s->text[1]);
    if (!judge_client(run, s, value) || !judge_growth(run) ||
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
