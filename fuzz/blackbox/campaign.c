// SPDX-License-Identifier: MIT
// See campaign.h.
#include "fuzz/blackbox/campaign.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TURN_MS       20
#define PROGRESS_MS   1000
#define SAMPLE_MS     250 /* between two looks at what the server holds */
#define BURSTS_OF_ONE 64  /* then another connection takes its place */
#define BARE_ONE_IN   8   /* connections that do not log in */
#define CRASHES_MAX   3   /* of one procedure, which is then left out */
#define SILENT_MAX    40  /* connections; a server that hangs so often is not worth waiting for */
#define TRIES_MAX     3   /* connections that fail one behind the other though others are served */

static bool stopped(const struct vw_campaign *c)
{
    const struct vw_campaign_options *o = c->options;
    return (o->interrupted && *o->interrupted) || c->over;
}

static bool is_done(const struct vw_campaign *c)
{
    const struct vw_campaign_options *o = c->options;
    return (o->messages && c->play.messages >= o->messages) ||
           (o->time_ms && vw_now_us() - c->started_us >= o->time_ms * 1000);
}

static void warn(const struct vw_campaign *c, const char *text)
{
    if (c->options->warn)
        c->options->warn(c->options->user, text);
}

/* ---- what comes back ---- */

static void take_answer(void *user, unsigned slot, const struct vw_header *h,
                        const struct vw_proc *proc, const uint8_t *message, size_t len)
{
    struct vw_campaign *c = user;
    if (slot < c->options->connections)
        vw_generator_learn(&c->generators[slot], h, proc, message, len);
}

static void take_stream_end(void *user, unsigned slot, uint32_t serial)
{
    struct vw_campaign *c = user;
    if (slot < c->options->connections)
        vw_generator_stream_ended(&c->generators[slot], serial);
}

/* ---- the server's life ---- */

/* Waits until somebody has started it, we or others. */
static bool start_again(struct vw_campaign *c)
{
    struct vw_error err = VW_ERROR_INIT;
    bool back = vw_replay_start(&c->play, &err) == 0;
    for (int64_t end = vw_now_ms() + c->options->settings.timeout_ms;
         !back && !c->options->start && vw_now_ms() < end && !stopped(c);) {
        poll(NULL, 0, TURN_MS);
        vw_error_clear(&err);
        back = vw_replay_start(&c->play, &err) == 0;
    }
    if (!back && c->options->start)
        warn(c, err.text);
    return back;
}

/* Whether the server goes when it is sent E alone. */
static bool kills(struct vw_campaign *c, const struct vw_journal_entry *e, struct vw_error *err)
{
    const struct vw_journal_entry list[] = {{.kind = VW_ENTRY_OPEN}, *e, {.kind = VW_ENTRY_WAIT}};
    enum vw_judged shown;
    int rc = c->options->journal ? vw_journal_next(&c->journal, err) : 0;
    if (rc == 0)
        rc = vw_replay(&c->play, list, 3, &shown, err);
    return rc == 0 && shown == VW_JUDGED_CRASH;
}

/* Which of the messages that were under way does it alone. What shows it is then in a part of the
 * journal of its own. *PROC: its procedure, NULL: it has none. */
static bool pin(struct vw_campaign *c, const struct vw_proc **proc, struct vw_error *err)
{
    struct vw_last_words last = c->play.last;
    bool killed = false;
    c->play.last = (struct vw_last_words){.arena = VW_ARENA_INIT};
    for (size_t i = 0; i < last.count && !killed && !stopped(c) && err->code == 0; i++) {
        struct vw_shot shot;
        vw_shot_of_entry(c->options->settings.profile->schema, &last.list[i], &shot);
        killed = kills(c, &last.list[i], err);
        *proc = killed ? shot.proc : NULL;
    }
    if (killed) {
        vw_last_words_finish(&last);
    } else {
        vw_last_words_finish(&c->play.last);
        c->play.last = last;
    }
    return killed;
}

static void count_crash(struct vw_campaign *c, const struct vw_proc *proc)
{
    char text[200];
    for (size_t i = 0; i < c->calls.count; i++) {
        if (c->calls.list[i] != proc || ++c->crashes_of[i] < CRASHES_MAX)
            continue;
        vw_calls_leave_out(&c->calls, proc);
        snprintf(text, sizeof(text),
                 "%s has ended the server %d times; from here on it is left out", proc->short_name,
                 CRASHES_MAX);
        warn(c, text);
    }
}

/* The server is gone, or serves nobody. */
static int bury(struct vw_campaign *c, enum vw_judged how, struct vw_error *err)
{
    const struct vw_proc *proc = NULL;
    c->crashes += how == VW_JUDGED_CRASH;
    vw_play_drop_all(&c->play);
    int rc = c->options->journal ? vw_journal_next(&c->journal, err) : 0;
    bool back = rc == 0 && start_again(c), pinned = false;
    if (back && how == VW_JUDGED_CRASH) {
        pinned = pin(c, &proc, err);
        rc = err->code;
        if (rc == 0 && pinned && c->options->journal)
            rc = vw_journal_next(&c->journal, err);
        back = !pinned || start_again(c);
    }
    if (how == VW_JUDGED_CRASH)
        vw_judge_crash(&c->play, proc ? proc->short_name : pinned ? "an unknown procedure" : NULL);
    if (proc)
        count_crash(c, proc);
    c->over = c->over || !back;
    return rc;
}

/* ---- connections ---- */

static int connect_slot(struct vw_campaign *c, unsigned n, struct vw_error *err)
{
    struct vw_generator *g = &c->generators[n];
    enum vw_judged judged = VW_JUDGED_WELL;
    int rc = VW_EUNREACHABLE;
    bool bare = vw_rng_below(&g->rng, BARE_ONE_IN) == 0;
    for (int tries = 0; rc < 0 && tries < TRIES_MAX; tries++) {
        struct vw_error why = VW_ERROR_INIT;
        rc = vw_play_open(&c->play, n, bare, &why);
        if (rc == VW_ENOMEM || rc == VW_ESYSTEM || rc == VW_EREMOTE || stopped(c))
            return stopped(c) ? 0 : vw_error_set(err, rc, "%s", why.text);
        if (rc < 0) {
            int told = vw_judge_unreached(&c->play, &why, &judged, err);
            if (told < 0 || judged != VW_JUDGED_WELL)
                return told < 0 ? told : bury(c, judged, err);
        }
    }
    if (rc < 0) {
        warn(c, "connections fail though others are served: the campaign ends");
        vw_tally_incomplete(&c->tally, "connections fail");
        c->over = true;
        return 0;
    }
    vw_generator_connected(g, bare, c->play.slots[n].link->next_serial);
    return 0;
}

static int send_burst(struct vw_campaign *c, unsigned n, struct vw_error *err)
{
    size_t count;
    int rc = vw_generator_burst(&c->generators[n], c->shots, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = vw_play_send(&c->play, n, &c->shots[i], err);
    c->tally.planned++;
    return rc ? rc : vw_play_wait(&c->play, n, err);
}

static int turn_slot(struct vw_campaign *c, unsigned n, bool last, struct vw_error *err)
{
    const struct vw_slot *s = &c->play.slots[n];
    bool spent = s->broken || s->bursts >= BURSTS_OF_ONE || last;
    int rc = 0;
    if (s->state == VW_SLOT_IDLE && s->bursts > 0 && s->n_awaited == 0 && spent)
        rc = vw_play_close(&c->play, n, err);
    if (rc == 0 && s->state == VW_SLOT_CLOSED && !last)
        rc = connect_slot(c, n, err);
    if (rc == 0 && s->state == VW_SLOT_IDLE && !last)
        rc = send_burst(c, n, err);
    return rc;
}

/* ---- the whole ---- */

static void sample(struct vw_campaign *c)
{
    struct vw_holding h;
    int64_t now = vw_now_ms();
    if (now - c->sampled_ms >= SAMPLE_MS && vw_target_holding(&c->target, &h)) {
        c->sampled_ms = now;
        vw_growth_add(&c->growth.kib, h.kib);
        if (h.fds)
            vw_growth_add(&c->growth.fds, h.fds);
    }
    if (now - c->told_ms >= PROGRESS_MS && c->options->progress) {
        c->told_ms = now;
        c->us = vw_now_us() - c->started_us;
        c->options->progress(c->options->user, c);
    }
}

static bool all_closed(const struct vw_campaign *c)
{
    for (unsigned i = 0; i < c->options->connections; i++)
        if (c->play.slots[i].link)
            return false;
    return true;
}

static int turn(struct vw_campaign *c, bool last, struct vw_error *err)
{
    enum vw_judged judged = VW_JUDGED_WELL;
    int rc = 0;
    for (unsigned i = 0; i < c->options->connections && rc == 0 && !stopped(c); i++)
        rc = turn_slot(c, i, last, err);
    if (rc == 0)
        rc = vw_play_turn(&c->play, TURN_MS, err);
    if (rc == 0)
        rc = vw_judge(&c->play, &judged, err);
    if (rc == 0 && judged != VW_JUDGED_WELL)
        rc = bury(c, judged, err);
    if (c->play.silent >= SILENT_MAX && !c->over) {
        warn(c, "too many connections are silent: the campaign ends");
        c->over = true;
    }
    sample(c);
    return rc;
}

/* A part of the journal ends where no connection is open. */
static int loop(struct vw_campaign *c, struct vw_error *err)
{
    int rc = 0;
    bool last = false;
    while (rc == 0 && !stopped(c) && !(last && all_closed(c) && is_done(c))) {
        bool full = c->options->journal && c->journal.written >= c->options->journal_bytes;
        last = full || is_done(c);
        if (full && all_closed(c))
            rc = vw_journal_next(&c->journal, err);
        if (rc == 0)
            rc = turn(c, last, err);
    }
    return rc;
}

/* The first connection says whether there is anybody, and who it is. */
static int meet(struct vw_campaign *c, struct vw_error *err)
{
    const struct vw_campaign_options *o = c->options;
    struct vw_sanity sanity = {0};
    struct vw_result first;
    const struct vw_player_options po = {
        .settings = o->settings, .sanity = &sanity, .interrupted = o->interrupted};
    int rc = vw_replay_start(&c->play, err);
    if (rc == 0)
        rc = vw_sanity_load(&sanity, o->settings.profile, err);
    if (rc == 0) {
        rc = vw_player_interview(&po, &c->peer, &first, err);
        if (rc == 0)
            vw_result_finish(&first);
    }
    vw_sanity_finish(&sanity);
    if (rc == VW_EUNREACHABLE || rc == VW_ETIMEOUT)
        c->tally.unreachable = true;
    return rc;
}

static int prepare(struct vw_campaign *c, struct vw_error *err)
{
    const struct vw_campaign_options *o = c->options;
    const struct vw_journal_head head = {o->settings.profile->name, o->seed, o->settings.uri_text};
    c->play_options = (struct vw_play_options){.settings = &o->settings,
                                               .target = &c->target,
                                               .found = &c->found,
                                               .interrupted = o->interrupted,
                                               .answer = take_answer,
                                               .stream_ended = take_stream_end,
                                               .user = c};
    c->growth.kib_max = o->memory_kib;
    c->growth.fds_max = o->descriptors;
    vw_growth_init(&c->growth.kib);
    vw_growth_init(&c->growth.fds);
    vw_target_init(&c->target, o->start);
    int rc = vw_calls_choose(&o->generator, &c->calls, err);
    if (rc == 0)
        rc = vw_play_init(&c->play, &c->play_options, err);
    c->crashes_of = calloc(c->calls.count + 1, sizeof(*c->crashes_of));
    c->generators = calloc(o->connections, sizeof(*c->generators));
    c->shots = calloc(o->generator.burst + 1, sizeof(*c->shots));
    if (rc == 0 && (!c->crashes_of || !c->generators || !c->shots))
        rc = vw_error_nomem(err);
    for (unsigned i = 0; i < o->connections && rc == 0; i++)
        rc = vw_generator_init(&c->generators[i], &o->generator, &c->calls, o->seed * 1000003 + i,
                               err);
    if (rc == 0)
        rc = meet(c, err);
    if (rc == 0 && o->journal) {
        rc = vw_journal_create(o->journal, &head, &c->journal, err);
        c->play_options.journal = rc == 0 ? &c->journal : NULL;
    }
    return rc;
}

static void sum_up(struct vw_campaign *c)
{
    const struct vw_campaign_options *o = c->options;
    c->us = vw_now_us() - c->started_us;
    size_t strange = 0;
    for (size_t i = 0; i < c->found.count; i++) {
        c->tally.by[c->found.list[i].verdict]++;
        strange++;
    }
    c->tally.by[VW_PASS] = c->tally.planned;
    c->tally.planned += strange;
    c->tally.done = c->tally.planned;
    if (o->interrupted && *o->interrupted)
        vw_tally_incomplete(&c->tally, "interrupted");
}

int vw_campaign_run(struct vw_campaign *c, const struct vw_campaign_options *options,
                    struct vw_error *err)
{
    memset(c, 0, sizeof(*c));
    c->options = options;
    c->journal.fd = -1;
    c->started_us = vw_now_us();
    int rc = prepare(c, err);
    c->started_us = vw_now_us();
    if (rc == 0)
        rc = loop(c, err);
    if (rc == 0 && !stopped(c))
        rc = vw_judge_grown(&c->play, &c->growth, err);
    if (rc == VW_EPROTOCOL && vw_found_any(&c->found))
        rc = 0;
    if (c->play_options.journal) {
        struct vw_error late = VW_ERROR_INIT;
        int flushed = vw_journal_flush(&c->journal, &late);
        if (rc == 0 && flushed < 0)
            rc = vw_error_set(err, flushed, "%s", late.text);
    }
    sum_up(c);
    return rc;
}

void vw_campaign_finish(struct vw_campaign *c)
{
    for (unsigned i = 0; c->generators && i < c->options->connections; i++)
        vw_generator_finish(&c->generators[i]);
    for (size_t i = 0; c->shots && i <= c->options->generator.burst; i++)
        vw_buf_finish(&c->shots[i].bytes);
    free(c->generators);
    free(c->shots);
    free(c->crashes_of);
    vw_play_finish(&c->play);
    vw_calls_finish(&c->calls);
    vw_journal_close(&c->journal);
    vw_found_finish(&c->found);
    vw_target_end(&c->target);
}
