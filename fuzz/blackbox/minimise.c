// SPDX-License-Identifier: MIT
// See minimise.h.
#include "fuzz/blackbox/minimise.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/mutator.h"

#define TRIES_MAX 3000
#define WORDS_MAX 256   /* of a message that are tried one by one */
#define BACK_MS   10000 /* that somebody else may take to start the server again */
#define TURN_MS   50

struct work {
    const struct vw_minimise_options *o;
    struct vw_minimised *out;
    const char *cause; /* that is looked for; NULL: whatever comes first */
    struct vw_journal_entry *list;
    size_t n;
    bool *keep;  /* each of LIST; of messages it says whether they are sent */
    bool *tried; /* room for another such set */
    bool gone;   /* the server was ended by the last try */
    struct vw_mutator *mutator;
    struct vw_journal_entry *played; /* room */
    struct vw_found *found;          /* by the try that is under way */
    struct vw_error *err;
};

static bool stopped(const struct work *w)
{
    return (w->o->interrupted && *w->o->interrupted) || w->out->tries >= TRIES_MAX;
}

/* ---- one try ---- */

/* The messages that KEEP says, each on a connection of its own kind, with the waits behind them. */
static size_t assemble(struct work *w, const bool *keep)
{
    size_t n = 0;
    bool open[VW_JOURNAL_SLOTS] = {false}, sent[VW_JOURNAL_SLOTS] = {false};
    for (size_t i = 0; i < w->n; i++) {
        const struct vw_journal_entry *e = &w->list[i];
        bool starts = e->kind == VW_ENTRY_OPEN || e->kind == VW_ENTRY_BARE;
        bool wanted = vw_entry_is_message(e) && keep[i];
        for (size_t k = i + 1; starts && k < w->n && !wanted; k++) {
            if (w->list[k].slot == e->slot && w->list[k].kind == VW_ENTRY_CLOSE)
                break;
            wanted = w->list[k].slot == e->slot && vw_entry_is_message(&w->list[k]) && keep[k];
        }
        if (starts)
            open[e->slot] = wanted;
        if (e->kind == VW_ENTRY_CLOSE)
            wanted = open[e->slot];
        if (e->kind == VW_ENTRY_WAIT)
            wanted = sent[e->slot];
        sent[e->slot] = vw_entry_is_message(e) ? sent[e->slot] || wanted
                                               : sent[e->slot] && e->kind != VW_ENTRY_WAIT &&
                                                     e->kind != VW_ENTRY_CLOSE;
        if (wanted)
            w->played[n++] = *e;
    }
    return n;
}

/* Whether CAUSE is WANTED; of a crash or a hang only that it is one. */
static bool fits(const char *cause, const char *wanted)
{
    static const char *const kinds[] = {VW_FOUND_CRASH, VW_FOUND_HUNG};
    for (size_t i = 0; i < 2; i++)
        if (strncmp(wanted, kinds[i], strlen(kinds[i])) == 0)
            return strncmp(cause, kinds[i], strlen(kinds[i])) == 0;
    return strcmp(cause, wanted) == 0;
}

static const struct vw_finding *sought(const struct work *w, const struct vw_found *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (w->cause ? fits(found->list[i].cause, w->cause)
                     : vw_verdict_is_finding(found->list[i].verdict))
            return &found->list[i];
    return NULL;
}

static bool enough(void *user)
{
    const struct work *w = user;
    return sought(w, w->found) != NULL;
}

static int come_back(struct work *w, struct vw_play *p)
{
    struct vw_error why = VW_ERROR_INIT;
    const int64_t end = vw_now_ms() + BACK_MS;
    int rc = vw_replay_start(p, &why);
    while (rc < 0 && !w->o->target->command && vw_now_ms() < end && !stopped(w)) {
        poll(NULL, 0, TURN_MS);
        vw_error_clear(&why);
        rc = vw_replay_start(p, &why);
    }
    return rc < 0 ? vw_error_set(w->err, VW_EUNREACHABLE, "the server is gone (%.200s)%s", why.text,
                                 w->o->target->command ? "" : "; --start COMMAND starts it again")
                  : 0;
}

/* 1: what is looked for was found in N entries that were played, 0: it was not; VW_E*. */
static int play(struct work *w, size_t n)
{
    struct vw_found found = {.arena = VW_ARENA_INIT};
    const struct vw_play_options po = {.settings = w->o->settings,
                                       .target = w->o->target,
                                       .found = &found,
                                       .interrupted = w->o->interrupted,
                                       .enough = enough,
                                       .user = w};
    struct vw_play *p = calloc(1, sizeof(*p));
    enum vw_judged shown = VW_JUDGED_WELL;
    if (!p)
        return vw_error_nomem(w->err);
    w->found = &found;
    int rc = vw_play_init(p, &po, w->err);
    if (rc == 0 && (w->gone || w->out->tries == 0))
        rc = come_back(w, p);
    w->out->tries++;
    if (rc == 0)
        rc = vw_replay(p, w->played, n, &shown, w->err);
    w->gone = shown != VW_JUDGED_WELL;
    if (rc == 0 && shown == VW_JUDGED_CRASH)
        vw_judge_crash(p, NULL);
    const struct vw_finding *f = rc == 0 ? sought(w, &found) : NULL;
    if (f) {
        vw_found_finish(&w->out->found);
        w->out->found = found;
        w->out->finding = *f;
    } else {
        vw_found_finish(&found);
    }
    vw_play_finish(p);
    free(p);
    return rc ? rc : f != NULL;
}

static int try_set(struct work *w, const bool *keep)
{
    int rc = play(w, assemble(w, keep));
    size_t messages = 0, bytes = 0;
    for (size_t i = 0; i < w->n; i++) {
        messages += keep[i] && vw_entry_is_message(&w->list[i]);
        bytes += keep[i] ? w->list[i].len : 0;
    }
    if (w->o->progress)
        w->o->progress(w->o->user, messages, bytes, w->out->tries);
    return rc;
}

/* ---- messages ---- */

/* The last COUNT messages. */
static void keep_last(const struct work *w, size_t count, bool *keep)
{
    memset(keep, 0, w->n * sizeof(*keep));
    for (size_t i = w->n; i > 0 && count > 0; i--) {
        keep[i - 1] = vw_entry_is_message(&w->list[i - 1]);
        count -= keep[i - 1];
    }
}

static size_t count_messages(const struct work *w, const bool *keep)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        n += vw_entry_is_message(&w->list[i]) && (!keep || keep[i]);
    return n;
}

/* From the last message to all of them, twice as many each time. */
static int find_tail(struct work *w)
{
    size_t all = count_messages(w, NULL);
    for (size_t count = 1;; count *= 2) {
        keep_last(w, count < all ? count : all, w->keep);
        int rc = try_set(w, w->keep);
        if (rc)
            return rc < 0 ? rc : 0;
        if (count >= all || stopped(w))
            return vw_error_set(w->err, VW_EVALUE, "the journal does not show %s again",
                                w->cause ? w->cause : "anything wrong");
    }
}

/* TRIED is KEEP without the CHUNK-th of N parts. */
static void without_chunk(const struct work *w, size_t chunk, size_t n, size_t messages)
{
    size_t at = 0;
    memcpy(w->tried, w->keep, w->n * sizeof(*w->keep));
    for (size_t i = 0; i < w->n; i++) {
        if (!w->keep[i])
            continue;
        size_t part = at++ * n / messages;
        w->tried[i] = part != chunk;
    }
}

/* Delta debugging over what is kept. */
static int fewer_messages(struct work *w)
{
    size_t n = 2, messages = count_messages(w, w->keep);
    while (messages > 1 && !stopped(w)) {
        bool smaller = false;
        n = n < messages ? n : messages;
        for (size_t chunk = 0; chunk < n && !smaller && !stopped(w); chunk++) {
            without_chunk(w, chunk, n, messages);
            int rc = try_set(w, w->tried);
            if (rc < 0)
                return rc;
            smaller = rc == 1;
        }
        if (smaller) {
            memcpy(w->keep, w->tried, w->n * sizeof(*w->keep));
            messages = count_messages(w, w->keep);
            n = n > 2 ? n - 1 : 2;
        } else if (n == messages) {
            break;
        } else {
            n *= 2;
        }
    }
    return 0;
}

/* ---- parts of messages ---- */

/* Puts BYTES into the place of message I if that shows it too. */
static int try_bytes(struct work *w, size_t i, const uint8_t *bytes, size_t len)
{
    struct vw_journal_entry old = w->list[i];
    uint8_t *copy = vw_arena_alloc(&w->out->arena, len + 1, 1);
    if (!copy)
        return vw_error_nomem(w->err);
    memcpy(copy, bytes, len);
    w->list[i].bytes = copy;
    w->list[i].len = len;
    int rc = try_set(w, w->keep);
    if (rc != 1)
        w->list[i] = old;
    return rc;
}

static int fewer_parts(struct work *w, size_t i)
{
    const struct vw_journal_entry *e = &w->list[i];
    for (size_t part = 0; part < vw_mutator_parts(w->mutator, e->bytes, e->len) && !stopped(w);) {
        size_t len;
        const uint8_t *bytes = vw_mutator_without(w->mutator, part, e->bytes, e->len, &len);
        int rc = bytes && len >= VW_PREFIX_BYTES ? try_bytes(w, i, bytes, len) : 0;
        if (rc < 0)
            return rc;
        part += rc == 0;
    }
    return 0;
}

static int smaller_words(struct work *w, size_t i)
{
    uint8_t copy[VW_PREFIX_BYTES + 4 * WORDS_MAX];
    for (size_t at = VW_PREFIX_BYTES; at + 4 <= sizeof(copy) && !stopped(w); at += 4) {
        const struct vw_journal_entry *e = &w->list[i];
        if (e->len < at + 4 || e->len > sizeof(copy))
            break;
        if (vw_load32(e->bytes + at) == 0)
            continue;
        memcpy(copy, e->bytes, e->len);
        vw_store32(copy + at, 0);
        int rc = try_bytes(w, i, copy, e->len);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int smaller_messages(struct work *w)
{
    int rc = 0;
    for (size_t i = 0; i < w->n && rc == 0 && !stopped(w); i++) {
        bool whole = w->list[i].kind == VW_ENTRY_CALL || w->list[i].kind == VW_ENTRY_BENT;
        if (!whole || !w->keep[i])
            continue;
        rc = fewer_parts(w, i);
        if (rc == 0)
            rc = smaller_words(w, i);
    }
    return rc;
}

/* ---- the whole ---- */

static int result(struct work *w)
{
    size_t n = assemble(w, w->keep);
    struct vw_minimised *out = w->out;
    out->list = vw_arena_zalloc(&out->arena, (n + 1) * sizeof(*out->list), 8);
    if (!out->list)
        return vw_error_nomem(w->err);
    for (size_t i = 0; i < n; i++) {
        struct vw_journal_entry *e = &out->list[i];
        uint8_t *bytes = vw_arena_alloc(&out->arena, w->played[i].len + 1, 1);
        *e = w->played[i];
        if (!bytes)
            return vw_error_nomem(w->err);
        if (e->len)
            memcpy(bytes, e->bytes, e->len);
        e->bytes = bytes;
        if (e->note && !(e->note = vw_arena_strndup(&out->arena, e->note, strlen(e->note))))
            return vw_error_nomem(w->err);
        out->messages += vw_entry_is_message(e);
        out->bytes += e->len;
    }
    out->count = n;
    return 0;
}

static int prepare(struct work *w, const struct vw_journal_text *text)
{
    w->n = text->found ? text->found_at : text->count;
    w->cause = text->found;
    if (w->cause && (strcmp(w->cause, VW_FOUND_MEMORY) == 0 || strcmp(w->cause, VW_FOUND_FDS) == 0))
        return vw_error_set(w->err, VW_EVALUE, "what a whole run shows (%s) cannot be made small",
                            w->cause);
    w->list = calloc(w->n + 1, sizeof(*w->list));
    w->played = calloc(w->n + 1, sizeof(*w->played));
    w->keep = calloc(w->n + 1, sizeof(*w->keep));
    w->tried = calloc(w->n + 1, sizeof(*w->tried));
    if (!w->list || !w->played || !w->keep || !w->tried)
        return vw_error_nomem(w->err);
    for (size_t i = 0; i < w->n; i++)
        w->list[i] = text->list[i];
    return vw_mutator_create_for(w->o->settings->profile->schema, &w->mutator, w->err);
}

int vw_minimise(const struct vw_minimise_options *o, const struct vw_journal_text *text,
                struct vw_minimised *out, struct vw_error *err)
{
    struct work w = {.o = o, .out = out, .err = err};
    *out = (struct vw_minimised){.arena = VW_ARENA_INIT, .found.arena = VW_ARENA_INIT};
    int rc = prepare(&w, text);
    if (rc == 0)
        rc = find_tail(&w);
    if (rc == 0)
        rc = fewer_messages(&w);
    if (rc == 0)
        rc = smaller_messages(&w);
    if (rc == 0)
        rc = result(&w);
    vw_mutator_destroy(w.mutator);
    free(w.list);
    free(w.played);
    free(w.keep);
    free(w.tried);
    return rc;
}

void vw_minimised_finish(struct vw_minimised *m)
{
    vw_arena_finish(&m->arena);
    vw_found_finish(&m->found);
}

int vw_minimised_write(const struct vw_minimised *m, const char *path,
                       const struct vw_journal_head *head, struct vw_error *err)
{
    struct vw_journal j;
    int rc = vw_journal_create(path, head, &j, err);
    for (size_t i = 0; i < m->count && rc == 0; i++)
        rc = vw_journal_add(&j, &m->list[i], err);
    if (rc == 0)
        rc = vw_journal_found(&j, m->finding.cause, err);
    if (rc == 0)
        rc = vw_journal_flush(&j, err);
    vw_journal_close(&j);
    return rc;
}
