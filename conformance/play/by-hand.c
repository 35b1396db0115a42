// SPDX-License-Identifier: MIT
// See by-hand.h. That clients come and go is read from what the server logs on its standard output.
#include "conformance/play/by-hand.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 100 /* between two looks at the answers */
#define GONE_MS 300 /* without a connection: it does not come back */

static const char *const words[] = {"ok", "fails", "skip", NULL};
enum answer { OK, FAILS, SKIP, NONE };

/* What run->state means here. */
enum { SINCE, OPEN, LEFT, ASKED }; /* times in ms; connections; 0: not yet */

/* ---- what is to be started ---- */

static void tell(const struct vw_by_hand *hand, struct vw_arena *arena, const char *id,
                 const char *text, const char *uri)
{
    const char *line =
        vw_arena_printf(arena, "%s: %s%s%s", id, text, uri ? ": " : "", uri ? uri : "");
    if (line)
        hand->tell(hand->user, line);
}

enum vw_step_result vw_by_hand_run(struct vw_run *run, const struct vw_node *value)
{
    struct vw_by_hand *hand = run->settings->client->by_hand;
    const struct vw_node *uri = vw_node_get(value, "uri");
    const char *does = vw_node_get(value, "does")->text;
    struct vw_error err = VW_ERROR_INIT;
    if (hand->nobody)
        return vw_run_skip(run, "nobody came for a case ahead of it");
    if (vw_node_get(value, "recorder") || vw_node_get(value, "env"))
        return vw_run_skip(run, "the client needs an environment of its own");
    if (uri && !(run->served->uri = (char *)(uintptr_t)vw_served_fill(run, uri->text, does, &err)))
        return vw_run_error(run, &err);
    const char *about = vw_served_fill(run, vw_does_about[vw_does_find(does)], does, &err);
    if (!about)
        return vw_run_error(run, &err);
    tell(hand, &run->arena, run->c->id, about, run->served->uri);
    return VW_STEP_DONE;
}

/* ---- what comes ---- */

/* Counts in the lines that have come of the server's log, and forgets them. */
static void hear(struct vw_run *run)
{
    struct vw_spawned *s = run->served->child;
    char *at = s->text[0], *end;
    for (; (end = strchr(at, '\n')); at = end + 1) {
        *end = '\0';
        if (strstr(at, "\"what\":\"begin\"")) {
            run->state[OPEN]++;
            run->state[LEFT] = 0;
        } else if (strstr(at, "\"what\":\"over\"") && run->state[OPEN] && !--run->state[OPEN]) {
            run->state[LEFT] = (uint64_t)vw_now_ms();
        }
    }
    s->len[0] = strlen(at);
    memmove(s->text[0], at, s->len[0] + 1);
}

static enum answer take_line(struct vw_by_hand *hand)
{
    hand->line[hand->len] = '\0';
    hand->len = 0;
    for (int i = 0; words[i]; i++)
        if (strcmp(hand->line, words[i]) == 0)
            return (enum answer)i;
    hand->tell(hand->user, "say ok, fails or skip");
    return NONE;
}

/* The next line that is there. */
static enum answer read_answer(struct vw_by_hand *hand)
{
    struct pollfd p = {.fd = hand->answers, .events = POLLIN};
    enum answer answer = NONE;
    while (answer == NONE && hand->answers >= 0 && poll(&p, 1, 0) > 0) {
        char c = '\n';
        ssize_t n = read(hand->answers, &c, 1);
        if (n <= 0 && (n == 0 || errno != EINTR))
            hand->answers = -1;
        else if (n > 0 && c == '\n')
            answer = take_line(hand);
        else if (n > 0 && hand->len < sizeof(hand->line) - 1)
            hand->line[hand->len++] = c;
    }
    return answer;
}

/* ---- the verdict ---- */

static bool wants_end(const struct vw_node *value)
{
    const struct vw_node *ends = vw_node_get(value, "ends");
    return ends && !vw_node_is(ends, "any");
}

/* By what it sent, and by ANSWER. */
static enum vw_step_result judge(struct vw_run *run, const struct vw_node *value,
                                 enum answer answer)
{
    static const char *const unseen[] = {"exit", "stdout", "stderr"};
    const char *ends = wants_end(value) ? vw_node_get(value, "ends")->text : NULL;
    if (answer == SKIP)
        return vw_run_skip(run, "that was said");
    if (!vw_heard_judge(run, vw_node_get(value, "excuses")))
        return VW_STEP_FAIL;
    if (ends && answer != NONE && strcmp(ends, words[answer]) != 0)
        return vw_run_fail(run, VW_FAIL, "it is said to have ended so: %s", words[answer]);
    if (ends && answer == NONE)
        run->unseen = "what it sent is right; how it ended nobody has said";
    for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
        if (vw_node_get(value, unseen[i]))
            run->unseen = "what it sent is right; what it printed nobody sees";
    return VW_STEP_DONE;
}

/* The time is up. */
static enum vw_step_result give_up(struct vw_run *run, const struct vw_node *value)
{
    if (run->state[LEFT])
        return judge(run, value, NONE);
    if (!run->state[OPEN]) {
        run->settings->client->by_hand->nobody = true;
        return vw_run_skip(run, "nobody came");
    }
    enum vw_step_result result = judge(run, value, NONE);
    run->unseen = "what it sent is right; it has not left";
    return result;
}

/* When there is nothing more to wait for: somebody may still say how it ended. */
static int64_t due(const struct vw_run *run, const struct vw_node *value)
{
    const struct vw_by_hand *hand = run->settings->client->by_hand;
    bool asked = wants_end(value) && hand->answers >= 0;
    if (!run->state[LEFT])
        return (int64_t)run->state[SINCE] + hand->wait_ms;
    return (int64_t)run->state[LEFT] + (asked ? hand->wait_ms : GONE_MS);
}

enum vw_step_result vw_by_hand_judge(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_by_hand *hand = run->settings->client->by_hand;
    struct vw_error err = VW_ERROR_INIT;
    int64_t now = vw_now_ms();
    if (first)
        run->state[SINCE] = (uint64_t)now;
    if (vw_served_failed(run, &err))
        return vw_run_error(run, &err);
    hear(run);
    enum answer answer = read_answer(hand);
    if (answer != NONE)
        return judge(run, value, answer);
    if (run->state[LEFT] && wants_end(value) && hand->answers >= 0 && !run->state[ASKED]++)
        tell(hand, &run->arena, run->c->id, "it has left; ok, fails or skip?", NULL);
    if (now >= due(run, value))
        return give_up(run, value);
    run->look_ms = now + LOOK_MS;
    return VW_STEP_WAIT;
}
