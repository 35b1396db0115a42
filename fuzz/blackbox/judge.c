// SPDX-License-Identifier: MIT
// See judge.h.
#include "fuzz/blackbox/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"

#define EXIT_MS 300 /* between the end of the connections of a process and its own */
#define BUSY_PART                                                                                  \
    50 /* one of so many milliseconds at work is busy: others want the processor too */
#define DOUBTS_MAX 12 /* a server may be busy for so many times the timeout */
#define FRAMES_MAX 12 /* messages that are shown */

/* ---- telling ---- */

static int tell(struct vw_play *p, struct vw_finding *f, struct vw_error *err)
{
    struct vw_journal *j = p->options->journal;
    f->place.file = j ? j->path : NULL;
    f->level = VW_LEVEL_MUST;
    vw_found_add(p->options->found, f);
    return j ? vw_journal_found(j, f->cause, err) : 0;
}

/* Then a log-in that does not end says nothing of the server. */
static bool interrupted(const struct vw_play *p)
{
    return p->options->interrupted && *p->options->interrupted;
}

/* The name of the procedure of A. */
static const char *name_of(const struct vw_play *p, const struct vw_awaited *a)
{
    const struct vw_schema *s = p->options->settings->profile->schema;
    const struct vw_program *program = vw_schema_program(s, a->header.program, a->header.version);
    const struct vw_proc *proc = program ? vw_program_proc(program, a->header.procedure) : NULL;
    return proc ? proc->short_name : "an unknown procedure";
}

static void print_slot(const struct vw_play *p, const struct vw_slot *s, size_t *left, FILE *out)
{
    for (size_t i = 0; i < s->n_awaited; i++) {
        const struct vw_awaited *a = &s->awaited[i];
        if (a->answered && s->unanswered)
            continue;
        if ((*left)-- == 0)
            fputs("and more\n", out);
        if (*left >= FRAMES_MAX)
            return;
        char *line = vw_play_line(p->options->settings->profile, s->sent.data + a->at, a->len);
        fprintf(out, "sent: %s\n", line ? line : "");
        free(line);
    }
}

/* What is under way on S, or with NULL on all connections. Malloc'ed. */
static char *under_way(const struct vw_play *p, const struct vw_slot *s)
{
    char *text = NULL;
    size_t len, left = FRAMES_MAX;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return NULL;
    for (unsigned i = 0; i < VW_PLAY_SLOTS && left <= FRAMES_MAX; i++)
        if ((!s || s == &p->slots[i]) && p->slots[i].n_awaited)
            print_slot(p, &p->slots[i], &left, out);
    fclose(out);
    return text;
}

/* ---- the server as a whole ---- */

/* Keeps the messages of S that had no answer. */
static int keep_words(struct vw_last_words *w, const struct vw_slot *s, struct vw_error *err)
{
    for (size_t i = 0; i < s->n_awaited; i++) {
        const struct vw_awaited *a = &s->awaited[i];
        if (a->answered && a->proc)
            continue;
        struct vw_journal_entry *list = vw_arena_room(&w->arena, w->list, w->count, sizeof(*list));
        uint8_t *bytes = vw_arena_alloc(&w->arena, a->len, 1);
        if (!list || !bytes)
            return vw_error_nomem(err);
        memcpy(bytes, s->sent.data + a->at, a->len);
        w->list = list;
        list[w->count++] = (struct vw_journal_entry){.kind = a->sure     ? VW_ENTRY_CALL
                                                             : s->broken ? VW_ENTRY_BROKEN
                                                                         : VW_ENTRY_BENT,
                                                     .bytes = bytes,
                                                     .len = a->len};
    }
    return 0;
}

static int crashed(struct vw_play *p, const char *how, enum vw_judged *out, struct vw_error *err)
{
    struct vw_last_words *w = &p->last;
    struct vw_journal *j = p->options->journal;
    char fate[80];
    int rc = 0;
    vw_last_words_finish(w);
    vw_target_fate(p->options->target, fate, sizeof(fate));
    vw_target_mourned(p->options->target);
    snprintf(w->text, sizeof(w->text), "%.250s%s%s", how, *fate ? ": " : "", fate);
    w->frames = under_way(p, NULL);
    w->file = j ? strdup(j->path) : NULL;
    for (unsigned i = 0; i < VW_PLAY_SLOTS && rc == 0; i++)
        rc = keep_words(w, &p->slots[i], err);
    if (rc == 0 && j)
        rc = vw_journal_found(j, VW_FOUND_CRASH, err);
    *out = VW_JUDGED_CRASH;
    return rc;
}

void vw_judge_crash(struct vw_play *p, const char *proc)
{
    char cause[128];
    snprintf(cause, sizeof(cause), "%s%s%s", VW_FOUND_CRASH, proc ? " " : "", proc ? proc : "");
    const struct vw_finding f = {.rule = VW_FOUND_CRASH,
                                 .clauses = "",
                                 .cause = cause,
                                 .title = "a server outlives whatever it is sent",
                                 .found = p->last.text,
                                 .frames = p->last.frames,
                                 .place = {.file = p->last.file},
                                 .level = VW_LEVEL_MUST,
                                 .verdict = VW_CRASH};
    vw_found_add(p->options->found, &f);
}

static int hung(struct vw_play *p, const struct vw_slot *s, const char *how, enum vw_judged *out,
                struct vw_error *err)
{
    const struct vw_awaited *first = NULL;
    char cause[128] = VW_FOUND_HUNG;
    for (size_t i = 0; s && i < s->n_awaited && !first; i++)
        first = s->awaited[i].sure && !s->awaited[i].answered ? &s->awaited[i] : NULL;
    if (first)
        snprintf(cause, sizeof(cause), "%s %s", VW_FOUND_HUNG, name_of(p, first));
    char *frames = under_way(p, s);
    struct vw_finding f = {.rule = VW_FOUND_HUNG,
                           .clauses = "D-26",
                           .cause = cause,
                           .title = "each call is answered in the end",
                           .found = how,
                           .frames = frames,
                           .verdict = VW_HUNG};
    int rc = tell(p, &f, err);
    free(frames);
    *out = s ? VW_JUDGED_WELL : VW_JUDGED_HUNG;
    return rc;
}

int vw_judge_unreached(struct vw_play *p, const struct vw_error *why, enum vw_judged *out,
                       struct vw_error *err)
{
    struct vw_error again = VW_ERROR_INIT;
    char text[400];
    if (vw_target_died(p->options->target, EXIT_MS))
        return crashed(p, "the process of the server has ended", out, err);
    /* Once more, and with more patience: the machine may be what is slow. */
    int rc = vw_play_known_good(p, 3 * (int)p->options->settings->timeout_ms, &again);
    if (rc == 0 || rc == VW_ENOMEM || rc == VW_ESYSTEM || interrupted(p)) {
        *out = VW_JUDGED_WELL;
        return rc == 0 || interrupted(p) ? 0 : vw_error_set(err, rc, "%s", again.text);
    }
    snprintf(text, sizeof(text), "no connection is served any more: %.300s", why->text);
    if (vw_target_died(p->options->target, EXIT_MS) || rc == VW_EUNREACHABLE)
        return crashed(p, text, out, err);
    return hung(p, NULL, text, out, err);
}

/* ---- one connection ---- */

static int judge_end(struct vw_play *p, unsigned n, enum vw_judged *out, struct vw_error *err)
{
    struct vw_slot *s = &p->slots[n];
    const struct vw_link *c = s->link;
    struct vw_error why = VW_ERROR_INIT;
    const struct vw_awaited *last = s->n_awaited ? &s->awaited[s->n_awaited - 1] : NULL;
    char text[300];
    if (vw_play_known_good(p, (int)p->options->settings->timeout_ms, &why) < 0) {
        int rc = vw_judge_unreached(p, &why, out, err);
        if (rc < 0 || *out != VW_JUDGED_WELL || interrupted(p))
            return rc;
    }
    if (vw_target_died(p->options->target, 0))
        return crashed(p, "the process of the server has ended", out, err);
    int rc = 0;
    /* Broken framing of the server's has its own finding, the observer's. */
    if (!s->excused && !s->muddled && !s->broken && !c->broken && !s->strange) {
        snprintf(text, sizeof(text), "the server ended the connection%s%s%s",
                 c->reset ? " by a reset" : "", c->flooded ? ", which was flooded" : "",
                 last ? ", in which all was as it should be" : " between two bursts");
        char *frames = under_way(p, s);
        struct vw_finding f = {.rule = VW_FOUND_CLOSED,
                               .clauses = "",
                               .cause = VW_FOUND_CLOSED,
                               .title = "a connection stays as long as its client keeps the rules",
                               .found = text,
                               .frames = frames,
                               .verdict = VW_FAIL};
        rc = tell(p, &f, err);
        free(frames);
    }
    return rc ? rc : vw_play_close(p, n, err);
}

static int judge_silence(struct vw_play *p, unsigned n, enum vw_judged *out, struct vw_error *err)
{
    struct vw_slot *s = &p->slots[n];
    struct vw_error why = VW_ERROR_INIT;
    char text[200];
    const int64_t timeout_ms = p->options->settings->timeout_ms;
    if (vw_play_known_good(p, (int)timeout_ms, &why) < 0) {
        int rc = vw_judge_unreached(p, &why, out, err);
        if (rc < 0 || *out != VW_JUDGED_WELL || interrupted(p))
            return rc;
    }
    /* What it said meanwhile has not been read: one more turn decides. Who computes does not hang.
     */
    int64_t busy_ms = vw_target_busy_ms(p->options->target), silent_ms = vw_now_ms() - s->quiet_ms;
    bool busy = s->doubts > 0 && (busy_ms - s->busy_ms) * BUSY_PART >= silent_ms;
    s->quiet_ms = vw_now_ms();
    s->busy_ms = busy_ms;
    if (s->doubts++ == 0 || (busy && s->doubts < DOUBTS_MAX))
        return 0;
    snprintf(text, sizeof(text),
             "%zu calls are not answered, in %" PRId64 " ms in which other connections are served",
             s->unanswered, s->doubts * timeout_ms);
    p->silent++;
    int rc = hung(p, s, text, out, err);
    return rc ? rc : vw_play_close(p, n, err);
}

int vw_judge(struct vw_play *p, enum vw_judged *out, struct vw_error *err)
{
    int rc = 0;
    const int64_t timeout_ms = p->options->settings->timeout_ms;
    *out = VW_JUDGED_WELL;
    if (vw_target_died(p->options->target, 0))
        return crashed(p, "the process of the server has ended", out, err);
    for (unsigned i = 0; i < VW_PLAY_SLOTS && rc == 0 && *out == VW_JUDGED_WELL; i++) {
        const struct vw_slot *s = &p->slots[i];
        if (s->state == VW_SLOT_ENDED)
            rc = judge_end(p, i, out, err);
        else if (s->state == VW_SLOT_WAITING && vw_now_ms() - s->quiet_ms >= timeout_ms)
            rc = judge_silence(p, i, out, err);
    }
    return rc;
}

/* ---- what it holds ---- */

static int tell_growth(struct vw_play *p, const struct vw_growth *g, uint64_t most,
                       const char *rule, const char *unit, struct vw_error *err)
{
    char text[200];
    uint64_t grown = vw_growth_of(g);
    if (grown <= most)
        return 0;
    snprintf(text, sizeof(text), "%" PRIu64 " %s more at the end of the run than in its first half",
             grown, unit);
    struct vw_finding f = {.rule = rule,
                           .clauses = "",
                           .cause = rule,
                           .title = "what a server holds does not grow without end",
                           .found = text,
                           .verdict = VW_FAIL};
    return tell(p, &f, err);
}

int vw_judge_grown(struct vw_play *p, const struct vw_judge_growth *g, struct vw_error *err)
{
    int rc = tell_growth(p, &g->kib, g->kib_max, VW_FOUND_MEMORY, "KiB of memory", err);
    return rc ? rc : tell_growth(p, &g->fds, g->fds_max, VW_FOUND_FDS, "descriptors", err);
}
