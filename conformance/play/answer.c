// SPDX-License-Identifier: MIT
// Which of the messages that came a step means, and whether it is right: what the observer has
// found in it, and what the step says of it (scenario/match.h).
#include <stdio.h>
#include <string.h>

#include "conformance/play/run.h"

#define EXCUSE_MEANING "clauses that it may break: what is found against them is passed over"

static const struct vw_key message_list[] = {
    VW_MATCH_MESSAGE_KEYS,
    {"excuse", VW_TAKES_TEXTS, false, vw_watched_clauses, NULL, EXCUSE_MEANING},
    {NULL},
};
const struct vw_keys vw_expected_message_keys = {"an expected message", message_list, NULL};

static const char *const ignored_words[] = {"ignored", "all-ignored", NULL};
static const struct vw_key stream_list[] = {
    {"of", VW_TAKES_TEXT, false, NULL, NULL, "the label of the call; the last one if absent"},
    VW_MATCH_PACKET_KEYS,
    {"excuse", VW_TAKES_TEXTS, false, vw_watched_clauses, NULL, EXCUSE_MEANING},
    {"data", VW_TAKES_TEXT, false, ignored_words, NULL,
     "ignored: data packets ahead of it are passed over; all-ignored: the end of the data too"},
    {"total", VW_TAKES_NUMBER, false, NULL, NULL,
     "so many bytes of data have come on the stream by then"},
    {NULL},
};
static const struct vw_keys stream_keys = {"an expected stream packet", stream_list, NULL};

static const char *const kinds[] = {"reply",  "error",  "answer", "message",
                                    "stream", "closed", "either", NULL};
static const char *const alternative_kinds[] = {"reply",  "error",  "answer", "message",
                                                "stream", "closed", NULL};

#define PATTERN_KEYS                                                                               \
    VW_MATCH_REPLY_KEYS,                                                                           \
        {"answer", VW_TAKES_NOTHING, false, NULL, NULL, "a reply, good or error, well formed"},    \
        {"message",                                                                                \
         VW_TAKES_MAP,                                                                             \
         false,                                                                                    \
         NULL,                                                                                     \
         &vw_expected_message_keys,                                                                \
         "an event or a keepalive message"},                                                       \
        {"stream", VW_TAKES_MAP, false, NULL, &stream_keys, "the next packet of a stream"},        \
        {"closed", VW_TAKES_NOTHING, false, NULL, NULL, "the end of the connection"},              \
        {"to", VW_TAKES_TEXT, false, NULL, NULL, "the label of the call; the last if absent"},     \
        {"excuse", VW_TAKES_TEXTS, false, vw_watched_clauses, NULL, EXCUSE_MEANING},               \
        {"skip", VW_TAKES_TEXT, false, NULL, NULL, "the case ends here, skipped for this reason"}, \
    {                                                                                              \
        "lenient", VW_TAKES_TEXT, false, NULL, NULL,                                               \
            "the verdict is lenient, and this says what was accepted"                              \
    }

static const struct vw_key alternative_list[] = {PATTERN_KEYS, {NULL}};
static const struct vw_keys alternative_keys = {"an alternative", alternative_list,
                                                alternative_kinds};

static const struct vw_key expect_list[] = {
    PATTERN_KEYS,
    {"either", VW_TAKES_MAPS, false, NULL, &alternative_keys, "any one of these"},
    {"times", VW_TAKES_NUMBER, false, NULL, NULL, "so many of them, in any order of serials"},
    {NULL},
};
const struct vw_keys vw_expect_keys = {"an expectation", expect_list, kinds};

struct vw_judgement vw_judgement_of(struct vw_run *run)
{
    return (struct vw_judgement){.run = run,
                                 .match = {.profile = run->settings->profile,
                                           .arena = &run->arena,
                                           .variables = run->variables}};
}

static bool is_reply(const struct vw_got *g)
{
    return !g->short_header &&
           (g->header.type == VW_MSG_REPLY || g->header.type == VW_MSG_REPLY_WITH_FDS);
}

/* The call that G answers, of those with LABEL if there is one. Two programs may have calls with
 * one serial in flight (H-9): that of another program is meant only when there is none of G's own.
 */
static struct vw_sent *find_sent(const struct vw_link *c, const struct vw_got *g, const char *label)
{
    struct vw_sent *other = NULL;
    bool foreign = false;
    for (struct vw_sent *s = c->sent; s; s = s->next) {
        bool own = s->header.program == g->header.program;
        if (s->answered || s->header.serial != g->header.serial)
            continue;
        if (label && strcmp(s->label, label) != 0)
            foreign = foreign || own;
        else if (own)
            return s;
        else if (!other)
            other = s;
    }
    return foreign ? NULL : other;
}

/* ---- what the observer has found ---- */

static bool is_stray(const struct vw_breach *b)
{
    return strcmp(b->clause, "H-9") == 0 || strcmp(b->clause, "H-11") == 0 ||
           strcmp(b->clause, "F-3") == 0;
}

/* What real servers do now and then. */
static bool is_borne(const struct vw_breach *b)
{
    return strcmp(b->clause, "S-2") == 0;
}

/* PATTERN says itself what it wants of the word, or names the clause. */
static bool is_excused(const struct vw_breach *b, const struct vw_node *pattern)
{
    const struct vw_node *header = vw_node_get(pattern, "header");
    const struct vw_node *excuse = vw_node_get(pattern, "excuse");
    for (const struct vw_node *n = excuse ? excuse->first : NULL; n; n = n->next)
        if (vw_node_is(n, b->clause))
            return true;
    if (strncmp(b->path, "header.", 7) == 0)
        return vw_node_get(header ? header : pattern, b->path + 7);
    bool of_error = strcmp(b->clause, "E-2") == 0 || strcmp(b->clause, "E-5") == 0;
    return of_error && vw_node_get(vw_node_get(pattern, "error"), b->path);
}

const struct vw_breach *vw_answer_breach(struct vw_run *run, const struct vw_breach *list,
                                         const struct vw_node *pattern)
{
    for (const struct vw_breach *b = list; b; b = b->next) {
        if (vw_watched_has(run->settings->without, b->clause) || is_excused(b, pattern))
            continue;
        if (!is_borne(b))
            return b;
        if (!run->lenient)
            snprintf(run->lenient_why, sizeof(run->lenient_why), "%s", b->text);
        run->lenient = true;
    }
    return NULL;
}

/* A step takes G: true, or a reason. */
static bool is_right(struct vw_judgement *j, const struct vw_got *g, const struct vw_node *pattern)
{
    const struct vw_breach *b = vw_answer_breach(j->run, g->breaches, pattern), *other = b;
    size_t more = 0;
    if (!b)
        return true;
    while ((other = vw_answer_breach(j->run, other->next, pattern)))
        more++;
    j->run->blamed = b;
    int n = snprintf(j->match.why, sizeof(j->match.why), "%s", b->text);
    if (more && (size_t)n < sizeof(j->match.why))
        snprintf(j->match.why + n, sizeof(j->match.why) - (size_t)n, ", and %zu more", more);
    return false;
}

enum vw_step_result vw_answer_blame(struct vw_run *run, const struct vw_breach *b, const char *when)
{
    run->blamed = b;
    return vw_run_fail(run, VW_FAIL, "%s%s", when, b->text);
}

/* Marks PLACE in what is kept of its message. */
static void mark(struct vw_run *run, const struct vw_match_place *place)
{
    const struct vw_got *g = NULL;
    for (const struct vw_link *c = run->conns; c && place->body && !g; c = c->next)
        for (g = c->inbox; g && g->bytes + g->body != place->body;)
            g = g->next;
    if (g)
        vw_log_mark(&run->log, g, g->body + place->offset, place->length);
}

enum vw_step_result vw_answer_refuse(struct vw_judgement *j, const char *when)
{
    j->run->mismatch = j->match.kind;
    j->run->told = j->match.error;
    mark(j->run, &j->match.place);
    return vw_run_fail(j->run, VW_FAIL, "%s%s", when, j->match.why);
}

bool vw_answer_no_stray(struct vw_judgement *j, const struct vw_link *c)
{
    for (const struct vw_got *g = c->inbox; g; g = g->next)
        for (const struct vw_breach *b = g->breaches; b; b = b->next)
            if (is_stray(b) && !is_right(j, g, NULL))
                return false;
    return true;
}

/* ---- the kinds of expectation ---- */

static struct vw_seen seen(const struct vw_got *g)
{
    return (struct vw_seen){g->header, g->bytes + g->body, g->length - g->body};
}

static bool judge_reply(struct vw_judgement *j, const struct vw_sent *s, const struct vw_got *g,
                        const struct vw_node *pattern)
{
    const struct vw_seen m = seen(g);
    return is_right(j, g, pattern) &&
           vw_match_reply(&j->match, s->proc ? s->proc->ret : NULL, &m, pattern);
}

static enum vw_fit try_reply(struct vw_judgement *j, struct vw_link *c,
                             const struct vw_node *pattern, const char *label)
{
    for (struct vw_got *g = c->inbox; g; g = g->next) {
        struct vw_sent *s = is_reply(g) ? find_sent(c, g, label) : NULL;
        if (!s)
            continue;
        if (!judge_reply(j, s, g, pattern))
            return VW_FIT_NO;
        s->answered = true;
        vw_link_take(c, g);
        return VW_FIT_YES;
    }
    return VW_FIT_NONE;
}

static bool judge_message(struct vw_judgement *j, const struct vw_got *g,
                          const struct vw_proc *proc, const struct vw_node *n)
{
    const struct vw_seen m = seen(g);
    return is_right(j, g, n) && vw_match_message(&j->match, proc ? proc->args : NULL, &m, n);
}

enum vw_fit vw_answer_try_message(struct vw_judgement *j, struct vw_link *c,
                                  const struct vw_node *m, bool patient)
{
    const struct vw_proc *proc;
    struct vw_header want = {0};
    if (vw_compose_proc(j->run->settings->profile, m, &proc, &want, &j->match.err) < 0)
        return VW_FIT_NO;
    for (struct vw_got *g = c->inbox, *next; g; g = next) {
        next = g->next;
        if (g->short_header || g->header.type != VW_MSG_MESSAGE ||
            g->header.program != want.program || g->header.procedure != want.procedure)
            continue;
        bool fits = judge_message(j, g, proc, m);
        bool passed_over = patient && !fits && !j->run->blamed && !j->match.err.code;
        if (fits || passed_over)
            vw_link_take(c, g);
        if (!passed_over)
            return fits ? VW_FIT_YES : VW_FIT_NO;
    }
    return VW_FIT_NONE;
}

static struct vw_sent *find_label(const struct vw_link *c, const char *label)
{
    for (struct vw_sent *s = c->sent; s; s = s->next)
        if (strcmp(s->label, label) == 0)
            return s;
    return NULL;
}

static bool judge_stream(struct vw_judgement *j, const struct vw_got *g, const struct vw_node *n)
{
    const struct vw_seen m = seen(g);
    return is_right(j, g, n) && vw_match_packet(&j->match, &m, n);
}

/* All the data of the stream that S has opened is as much as M says. */
static bool is_whole(struct vw_judgement *j, const struct vw_sent *s, const struct vw_node *m)
{
    const struct vw_node *total = vw_node_get(m, "total");
    int64_t want = 0;
    if (!total)
        return true;
    if (vw_node_number(total, 0, INT64_MAX, &want, &j->match.err) < 0)
        return false;
    if ((uint64_t)want == s->data)
        return true;
    snprintf(j->match.why, sizeof(j->match.why),
             "expected %" PRId64 " bytes of data on the stream, found %" PRIu64, want, s->data);
    j->match.kind = VW_MISMATCH_VALUE;
    return false;
}

static enum vw_fit try_stream(struct vw_judgement *j, struct vw_link *c, const struct vw_node *m,
                              const char *label)
{
    const struct vw_node *of = vw_node_get(m, "of");
    struct vw_sent *s = find_label(c, of ? of->text : label);
    const struct vw_node *data = vw_node_get(m, "data");
    bool pass_end = data && vw_node_is(data, "all-ignored");
    if (!s)
        return VW_FIT_NONE;
    for (struct vw_got *g = c->inbox, *next; g; g = next) {
        next = g->next;
        if (g->short_header ||
            (g->header.type != VW_MSG_STREAM && g->header.type != VW_MSG_STREAM_HOLE) ||
            g->header.serial != s->header.serial)
            continue;
        bool ignored = data && g->header.status == VW_MSG_CONTINUE &&
                       (pass_end || g->length > VW_PREFIX_BYTES) && is_right(j, g, m);
        if (g->header.type == VW_MSG_STREAM && g->header.status == VW_MSG_CONTINUE)
            s->data += g->length - VW_PREFIX_BYTES;
        bool fits = ignored || (judge_stream(j, g, m) && is_whole(j, s, m));
        if (fits)
            vw_link_take(c, g);
        if (!ignored)
            return fits ? VW_FIT_YES : VW_FIT_NO;
    }
    return VW_FIT_NONE;
}

enum vw_fit vw_answer_try(struct vw_judgement *j, struct vw_link *c, const struct vw_node *pattern,
                          const char *label)
{
    const struct vw_node *m;
    if (vw_node_get(pattern, "closed"))
        return vw_run_ended(c) ? VW_FIT_YES : VW_FIT_NONE;
    if ((m = vw_node_get(pattern, "message")))
        return vw_answer_try_message(j, c, m, false);
    if ((m = vw_node_get(pattern, "stream")))
        return try_stream(j, c, m, label);
    return try_reply(j, c, pattern, label);
}
