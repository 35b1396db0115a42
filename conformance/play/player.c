// SPDX-License-Identifier: MIT
// One poll loop over the running cases. When a case ends in a way that could mean that the peer is
// dead, the loop drains, a sanity case asks, and what it says pins a crash or a hang.
#include "conformance/play/player.h"

#include "conformance/play/cause.h"
#include "conformance/play/client.h"
#include "conformance/play/followed.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SANITY_EVERY  512 /* cases; bounds what a sanity case at the end can be about */
#define HUNG_PER_FILE 3   /* expansions of one file that may hang before the rest is left out */
#define HUNG_IN_ALL   40  /* a peer that hangs or floods so often is not worth waiting for */
#define FDS_PER_RUN   16  /* looked at by poll; more only turn slower */

struct slot {
    struct vw_run run;
    struct vw_result *result;
    bool used;
};

struct player {
    const struct vw_player_options *options;
    struct vw_result *results;
    size_t n;
    size_t next;     /* result to be looked at next */
    bool alone_turn; /* the cases that must run alone come last */
    struct slot *slots;
    unsigned active;
    struct vw_link *idle; /* shared connections that nobody uses */
    bool doubt;           /* a sanity case is due */
    bool stop;
    size_t since; /* results finished since the last good sanity case */
    size_t late;  /* that took all the time that they had */
    size_t flooded;
    struct vw_tally *tally;
    struct vw_result **finished; /* since the last good sanity case */
};

static bool interrupted(const struct vw_player_options *o)
{
    return o->interrupted && *o->interrupted;
}

/* ---- results ---- */

/* Nothing comes any more from a server, or has ever come from a client. */
static bool is_silent(struct vw_run *run)
{
    if (run->settings->client)
        return run->served && vw_heard_nothing(run);
    return run->suspicious && !run->partial && !run->blamed && !run->strayed;
}

static void keep_result(struct vw_result *r, struct vw_run *run, bool transcripts)
{
    vw_result_finish(r);
    vw_result_set(r, run->verdict, run->reason);
    r->finding.us = run->ended_us - run->started_us;
    r->blamed = run->blamed ? strdup(run->blamed->clause) : NULL;
    if (r->blamed)
        r->finding.clauses = r->blamed;
    r->suspicious = run->suspicious;
    r->kept_out = run->kept_out;
    r->no_auth_list = run->no_auth_list;
    r->locked = run->locked;
    r->refused = run->refused;
    r->silent = is_silent(run);
    r->followed = vw_followed(run);
    r->late = run->late;
    r->outside = run->suspicious && !run->conns;
    r->flooded = false;
    for (const struct vw_link *c = run->conns; c; c = c->next)
        r->flooded = r->flooded || c->flooded;
    r->finding.place.step = run->step ? run->step_no : 0;
    r->finding.place.line = run->step ? run->step->line : 0;
    bool fine = run->verdict == VW_PASS || run->verdict == VW_SKIP;
    if (vw_verdict_is_finding(run->verdict)) {
        struct vw_cause why = vw_cause_of(run);
        r->finding.cause = *why.key ? strdup(why.key) : NULL;
        r->finding.also = *why.also ? strdup(why.also) : NULL;
    }
    if (!fine && *run->expected)
        r->finding.expected = strdup(run->expected);
    if (!fine || transcripts)
        r->finding.frames = vw_transcript(run, &r->finding.entry);
}

/* ---- one case by itself ---- */

static int poll_run(const struct vw_run *run)
{
    struct pollfd fds[FDS_PER_RUN];
    nfds_t n = vw_run_poll_set(run, fds, FDS_PER_RUN);
    int64_t wait = vw_run_due(run) - vw_now_ms();
    return poll(fds, n, wait < 0 ? 0 : wait > 1000 ? 1000 : (int)wait);
}

static void play_alone(const struct vw_player_options *o, const struct vw_run_settings *settings,
                       const struct vw_case *c, struct vw_result *result, struct vw_peer *peer)
{
    struct vw_run run;
    vw_run_init(&run, c, settings);
    for (;;) {
        vw_run_pump(&run); /* what has come counts, though the deadline may be past by now */
        vw_run_advance(&run);
        if (!run.over && interrupted(o))
            vw_run_fail(&run, VW_ERROR, "interrupted");
        if (run.over)
            break;
        if (!vw_run_pump(&run))
            poll_run(&run);
    }
    if (peer)
        vw_sanity_peer(&run, peer);
    keep_result(result, &run, o->transcripts);
    vw_run_finish(&run, NULL);
}

int vw_player_interview(const struct vw_player_options *options, struct vw_peer *peer,
                        struct vw_result *sanity, struct vw_error *err)
{
    struct vw_link *c;
    memset(peer, 0, sizeof(*peer));
    vw_result_init(sanity, options->sanity->ask);
    const struct vw_run_settings *s = &options->settings;
    int rc = vw_link_open(&s->connector, s->uri, s->profile, vw_now_ms() + s->timeout_ms, &c, err);
    if (rc < 0)
        return rc;
    vw_link_destroy(c);
    play_alone(options, &options->settings, sanity->c, sanity, peer);
    return 0;
}

void vw_player_play(const struct vw_player_options *options, const struct vw_case *c,
                    struct vw_result *result)
{
    vw_result_init(result, c);
    play_alone(options, &options->settings, c, result, NULL);
}

/* Whether a further client is served. */
static bool serves(const struct vw_player_options *o)
{
    struct vw_result settle;
    vw_player_play(o, o->sanity->settle, &settle);
    bool silent = settle.finding.verdict == VW_HUNG;
    vw_result_finish(&settle);
    return !silent;
}

bool vw_player_serves_one(const struct vw_player_options *options)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_run_settings *s = &options->settings;
    struct vw_link *c;
    if (vw_link_open(&s->connector, s->uri, s->profile, vw_now_ms() + s->timeout_ms, &c, &err) < 0)
        return false;
    bool beside = serves(options);
    vw_link_destroy(c);
    return !beside && !interrupted(options) && serves(options);
}

/* Nothing more is started, because of WHY. */
static void stop(struct player *p, const char *why)
{
    p->stop = true;
    vw_tally_incomplete(p->tally, why);
}

/* ---- is the peer alive? ---- */

static const struct vw_run_settings *usual(const struct player *p)
{
    return p->options->usual ? p->options->usual : &p->options->settings;
}

static bool sane(struct player *p, struct vw_result *sanity)
{
    vw_result_init(sanity, p->options->sanity->ask);
    play_alone(p->options, usual(p), sanity->c, sanity, NULL);
    /* That it answers wrongly was known from the first one; here the question is life. */
    return sanity->finding.verdict != VW_HUNG && !sanity->suspicious;
}

/* Starts the peer again, or waits for something that does. */
static bool comes_back(struct player *p)
{
    struct vw_error err = VW_ERROR_INIT;
    if (p->options->own)
        return vw_own_server_start(p->options->own, &err) == 0;
    struct vw_link *c;
    const struct vw_run_settings *s = usual(p);
    int64_t end = vw_now_ms() + s->timeout_ms;
    while (vw_now_ms() < end && !interrupted(p->options)) {
        vw_error_clear(&err);
        if (vw_link_open(&s->connector, s->uri, s->profile, end, &c, &err) == 0) {
            vw_link_destroy(c);
            return true;
        }
        poll(NULL, 0, 20);
    }
    return false;
}

static void set_verdict(struct player *p, struct vw_result *r, enum vw_verdict v,
                        const char *reason)
{
    p->tally->by[r->finding.verdict]--;
    p->tally->by[v]++;
    vw_result_set(r, v, reason);
}

/* FATE: how the peer has ended, or "". */
static void blame(struct player *p, struct vw_result *r, const char *fate, const char *how)
{
    char text[1000];
    snprintf(text, sizeof(text), "the peer was gone after it%s%s%s%s%s", *fate ? " with " : "",
             fate, how, r->finding.found ? ": " : "", r->finding.found ? r->finding.found : "");
    set_verdict(p, r, VW_CRASH, text);
}

/* What the system says of the end of a peer that is ours. */
static const char *fate_of(const struct player *p, char *buf, size_t size)
{
    *buf = '\0';
    return p->options->own ? vw_target_fate(&p->options->own->target, buf, size) : buf;
}

/* R is what has become of it when it was played again, and AGAIN what it was. */
static void swap(struct player *p, struct vw_result *r, struct vw_result *again)
{
    struct vw_result before = *r;
    p->tally->by[r->finding.verdict]--;
    p->tally->by[again->finding.verdict]++;
    *r = *again;
    *again = before;
}

/* The cases that could have done it: those that ended oddly, or else all that overlapped, of those
 * that had a connection. */
static size_t suspects(struct player *p, struct vw_result **out)
{
    size_t n = 0, inside = 0;
    for (size_t i = 0; i < p->since; i++) {
        inside += !p->finished[i]->outside;
        if (p->finished[i]->suspicious && !p->finished[i]->outside)
            out[n++] = p->finished[i];
    }
    if (n)
        return n;
    for (size_t i = 0; i < p->since; i++)
        if (!inside || !p->finished[i]->outside)
            out[n++] = p->finished[i];
    return n;
}

/* Plays R by itself, with a sanity case behind it. False: the peer has ended of it. AGAIN is what
 * became of R then. */
static bool survives(struct player *p, const struct vw_result *r, struct vw_result *again)
{
    struct vw_result sanity;
    vw_result_init(again, r->c);
    play_alone(p->options, &p->options->settings, r->c, again, NULL);
    bool alive = sane(p, &sanity);
    vw_result_finish(&sanity);
    return alive;
}

/* Plays each suspect by itself. Of those that do nothing to the peer counts how they fare then: it
 * was the end of the peer that they have met. FATE is of that. */
static void pin(struct player *p, struct vw_result **list, size_t n, const char *fate)
{
    struct vw_result *again = calloc(n, sizeof(*again));
    size_t guilty = 0, played = 0;
    char text[80], again_fate[80];
    for (; again && played < n && !p->stop && !interrupted(p->options); played++) {
        if (survives(p, list[played], &again[played]))
            continue;
        guilty++;
        /* What was said when it ran alone shows more. */
        if (again[played].finding.frames)
            swap(p, list[played], &again[played]);
        blame(p, list[played], fate_of(p, again_fate, sizeof(again_fate)),
              ", and again when it ran alone");
        if (!comes_back(p))
            stop(p, "the peer is gone");
    }
    /* One of them it was: the first that noticed something, or of those that did not the last. */
    snprintf(text, sizeof(text), ", or one of %zu others: none does it alone", n - 1);
    if (played == n && !guilty)
        blame(p, list[list[0]->suspicious ? 0 : n - 1], fate, text);
    for (size_t i = 0; i < played; i++) {
        if (list[i]->finding.verdict != VW_CRASH)
            swap(p, list[i], &again[i]);
        vw_result_finish(&again[i]);
    }
    free(again);
}

/* Those that found the peer gone are played now that it is back. */
static void play_outsiders(struct player *p)
{
    for (size_t i = 0; i < p->since && !p->stop && !interrupted(p->options); i++) {
        struct vw_result again;
        if (!p->finished[i]->outside)
            continue;
        bool alive = survives(p, p->finished[i], &again);
        swap(p, p->finished[i], &again);
        vw_result_finish(&again);
        if (alive)
            continue;
        blame(p, p->finished[i], "", ", when it ran alone");
        if (!comes_back(p))
            stop(p, "the peer is gone");
    }
}

static void mourn(struct player *p, const struct vw_result *sanity)
{
    struct vw_result **list = calloc(p->since + 1, sizeof(struct vw_result *));
    size_t n = list ? suspects(p, list) : 0;
    bool silent = sanity->finding.verdict == VW_HUNG;
    char fate[80] = "";
    if (!silent)
        fate_of(p, fate, sizeof(fate));
    if (!silent && comes_back(p)) {
        if (n == 1)
            blame(p, list[0], fate, "");
        else
            pin(p, list, n, fate);
        play_outsiders(p);
    } else if (!interrupted(p->options)) {
        /* There is nobody left to ask which one it was. */
        char text[80] = "";
        if (n > 1)
            snprintf(text, sizeof(text), " or one of %zu that overlapped it", n - 1);
        for (size_t i = 0; i < n && !silent; i++)
            if (n == 1 || list[i]->suspicious)
                blame(p, list[i], fate, text);
        stop(p, silent ? "the peer answers nothing any more" : "the peer is gone");
    }
    free(list);
}

static void check_alive(struct player *p)
{
    struct vw_result sanity;
    p->doubt = false;
    if (!sane(p, &sanity))
        mourn(p, &sanity);
    vw_result_finish(&sanity);
    p->since = 0;
}

/* ---- starting ---- */

static size_t siblings_hung(const struct player *p, const struct vw_case *c)
{
    size_t n = 0;
    if (p->late == 0)
        return 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->results[i].late && p->results[i].c->file_id == c->file_id;
    return n;
}

static struct vw_result *next_result(struct player *p)
{
    for (;;) {
        for (; p->next < p->n; p->next++) {
            struct vw_result *r = &p->results[p->next];
            bool alone = (r->c->needs & VW_NEED_ALONE) != 0;
            if (!vw_result_done(r) && alone == p->alone_turn)
                return r;
        }
        if (p->alone_turn)
            return NULL;
        p->alone_turn = true;
        p->next = 0;
    }
}

static void finish_result(struct player *p, struct vw_result *r)
{
    p->tally->done++;
    p->tally->by[r->finding.verdict]++;
    p->late += r->late;
    p->flooded += r->flooded;
    if (p->late >= HUNG_IN_ALL)
        stop(p, "too many cases waited in vain");
    if (p->flooded >= HUNG_IN_ALL)
        stop(p, "the peer floods");
    if (r->locked)
        vw_tally_incomplete(p->tally, "credentials are missing");
    if (p->options->fail_fast && vw_verdict_is_finding(r->finding.verdict))
        p->stop = p->tally->stopped = true;
    if (r->suspicious)
        p->doubt = true;
    p->finished[p->since++] = r;
    if (p->since >= SANITY_EVERY)
        p->doubt = true;
    if (!p->options->sanity)
        p->doubt = false;
    if (p->options->progress)
        p->options->progress(p->options->user, r);
}

static struct slot *free_slot(struct player *p)
{
    for (unsigned i = 0; i < p->options->jobs; i++)
        if (!p->slots[i].used)
            return &p->slots[i];
    return NULL;
}

/* A server may notice the end of a connection later than the start of the next. When one more has
 * been served from its first byte on, it has looked at those that ended before. */
static void settle(struct player *p)
{
    struct vw_result ignored;
    vw_result_init(&ignored, p->options->sanity->settle);
    play_alone(p->options, usual(p), ignored.c, &ignored, NULL);
    vw_result_finish(&ignored);
}

/* A shared connection on which something came, or which ended, is not given out again. */
static struct vw_link *take_idle(struct player *p)
{
    struct vw_error err = VW_ERROR_INIT;
    while (p->idle) {
        struct vw_link *c = p->idle;
        p->idle = c->next;
        c->next = NULL;
        vw_link_pump(c, &err);
        if (vw_link_is_clean(c))
            return c;
        vw_link_destroy(c);
    }
    return NULL;
}

static void drop_idle(struct player *p)
{
    for (struct vw_link *next; p->idle; p->idle = next) {
        next = p->idle->next;
        vw_link_destroy(p->idle);
    }
}

static bool start_one(struct player *p)
{
    struct slot *slot = free_slot(p);
    struct vw_result *r = slot && !p->stop && !p->doubt ? next_result(p) : NULL;
    /* Behind one that runs alone there are only such. */
    if (!r || ((r->c->needs & VW_NEED_ALONE) && p->active))
        return false;
    p->next++;
    if (siblings_hung(p, r->c) >= HUNG_PER_FILE) {
        vw_result_set(r, VW_SKIP, "others of the same file hung");
        finish_result(p, r);
        return true;
    }
    if (r->c->needs & VW_NEED_ALONE) {
        drop_idle(p);
        if (p->options->sanity)
            settle(p);
    }
    slot->used = true;
    slot->result = r;
    vw_run_init(&slot->run, r->c, &p->options->settings);
    if (r->c->shared && !(r->c->needs & VW_NEED_READ_ONLY))
        slot->run.conns = take_idle(p);
    p->active++;
    return true;
}

/* ---- the loop ---- */

static void end_slot(struct player *p, struct slot *slot)
{
    struct vw_link *shared;
    keep_result(slot->result, &slot->run, p->options->transcripts);
    bool reusable = !(slot->run.c->needs & VW_NEED_READ_ONLY) && !p->options->one_client;
    vw_run_finish(&slot->run, reusable ? &shared : NULL);
    if (reusable && shared) {
        shared->next = p->idle;
        p->idle = shared;
    }
    slot->used = false;
    p->active--;
    finish_result(p, slot->result);
}

static int64_t nearest_deadline(const struct player *p)
{
    int64_t deadline = INT64_MAX;
    for (unsigned i = 0; i < p->options->jobs; i++)
        if (p->slots[i].used && vw_run_due(&p->slots[i].run) < deadline)
            deadline = vw_run_due(&p->slots[i].run);
    return deadline;
}

static int wait_for_something(struct player *p, struct pollfd *fds, size_t cap)
{
    nfds_t n = 0;
    for (unsigned i = 0; i < p->options->jobs; i++)
        if (p->slots[i].used)
            n += vw_run_poll_set(&p->slots[i].run, fds + n, cap - n);
    int64_t wait = nearest_deadline(p) - vw_now_ms();
    return poll(fds, n, wait < 0 ? 0 : wait > 1000 ? 1000 : (int)wait);
}

/* True if any run got further. */
static bool turn(struct player *p)
{
    bool changed = false;
    for (unsigned i = 0; i < p->options->jobs; i++) {
        struct slot *slot = &p->slots[i];
        if (!slot->used)
            continue;
        /* First what has come: if this process stood still, the deadline may be past by now. */
        changed |= vw_run_pump(&slot->run);
        vw_run_advance(&slot->run);
        if (!slot->run.over && vw_run_pump(&slot->run)) {
            changed = true;
            vw_run_advance(&slot->run);
        }
        if (slot->run.over) {
            end_slot(p, slot);
            changed = true;
        }
    }
    return changed;
}

/* Who has not come to an end by now has no verdict. */
static void give_up(struct player *p)
{
    stop(p, "interrupted");
    for (unsigned i = 0; i < p->options->jobs; i++)
        if (p->slots[i].used)
            vw_run_finish(&p->slots[i].run, NULL);
}

static void loop(struct player *p, struct pollfd *fds, size_t cap)
{
    while (!interrupted(p->options)) {
        while (start_one(p))
            continue;
        if (p->active == 0 && p->doubt)
            check_alive(p);
        else if (p->active == 0 && (p->stop || !next_result(p)))
            return;
        else if (p->active && !turn(p))
            wait_for_something(p, fds, cap);
    }
    give_up(p);
}

static void count_planned(struct player *p)
{
    p->tally->planned += p->n;
    for (size_t i = 0; i < p->n; i++) {
        if (!vw_result_done(&p->results[i]))
            continue;
        p->tally->done++;
        p->tally->by[p->results[i].finding.verdict]++;
    }
}

int vw_player_run(const struct vw_player_options *options, struct vw_result *results, size_t n,
                  struct vw_tally *tally, struct vw_error *err)
{
    size_t cap = (size_t)options->jobs * FDS_PER_RUN;
    struct player p = {.options = options, .results = results, .n = n, .tally = tally};
    struct pollfd *fds = calloc(cap, sizeof(*fds));
    p.slots = calloc(options->jobs, sizeof(*p.slots));
    p.finished = calloc(n + 1, sizeof(struct vw_result *));
    int rc = fds && p.slots && p.finished ? 0 : vw_error_nomem(err);
    if (rc == 0) {
        count_planned(&p);
        loop(&p, fds, cap);
        if (!p.stop && p.since && options->sanity)
            check_alive(&p);
    }
    drop_idle(&p);
    free(p.finished);
    free(p.slots);
    free(fds);
    return rc;
}
