// SPDX-License-Identifier: MIT
// See play.h.
#include "fuzz/blackbox/play.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message/message-json.h"
#include "message/secret.h"

#define LINE_MAX_BYTES 300
#define POLL_FDS       4 /* of one log-in */
#define EXCUSED_BURSTS 2 /* the answer to a bent message may come late */

/* How a connection gets in; the last step is the known-good call. */
static const char login_text[] = "title: a connection logs in and is served\n"
                                 "clause: [C-3, D-26]\n"
                                 "level: must\n"
                                 "needs: [open]\n"
                                 "steps:\n"
                                 "  - expect-usable:\n";

int vw_play_init(struct vw_play *p, const struct vw_play_options *options, struct vw_error *err)
{
    const struct vw_suite_options so = {.profile = options->settings->profile};
    memset(p, 0, sizeof(*p));
    p->options = options;
    int rc = vw_suite_add(&p->suite, "log-in", "log-in", login_text, strlen(login_text), &so, err);
    if (rc < 0)
        return rc;
    p->login = p->suite.cases[0];
    p->login.shared = true;
    return 0;
}

static void drop(struct vw_slot *s)
{
    struct vw_buf sent = s->sent;
    vw_link_destroy(s->link);
    *s = (struct vw_slot){.sent = sent};
    s->sent.len = 0;
}

void vw_play_drop_all(struct vw_play *p)
{
    for (unsigned i = 0; i < VW_PLAY_SLOTS; i++)
        drop(&p->slots[i]);
}

void vw_last_words_finish(struct vw_last_words *w)
{
    free(w->frames);
    free(w->file);
    vw_arena_finish(&w->arena);
    *w = (struct vw_last_words){.arena = VW_ARENA_INIT};
}

void vw_play_finish(struct vw_play *p)
{
    for (unsigned i = 0; i < VW_PLAY_SLOTS; i++) {
        drop(&p->slots[i]);
        vw_buf_finish(&p->slots[i].sent);
    }
    vw_last_words_finish(&p->last);
    vw_suite_finish(&p->suite);
}

char *vw_play_line(const struct vw_profile *profile, const uint8_t *bytes, size_t len)
{
    struct vw_frame frame;
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        return NULL;
    if (len < VW_PREFIX_BYTES) {
        free(copy);
        return strdup("bytes that are no message");
    }
    memcpy(copy, bytes, len);
    vw_message_hide(profile->schema, copy, len, len);
    vw_frame_of(copy, (uint32_t)len, &frame);
    char *line = vw_message_to_line(profile->schema, &frame, LINE_MAX_BYTES);
    free(copy);
    return line;
}

/* ---- connections ---- */

static bool interrupted(const struct vw_play *p)
{
    return p->options->interrupted && *p->options->interrupted;
}

static void turn_login(struct vw_play *p, struct vw_run *run)
{
    while (!run->over) {
        struct pollfd fds[POLL_FDS];
        vw_run_pump(run);
        vw_run_advance(run);
        if (!run->over && interrupted(p))
            vw_run_fail(run, VW_ERROR, "interrupted");
        if (run->over || vw_run_pump(run))
            continue;
        int64_t left = run->deadline_ms - vw_now_ms();
        poll(fds, vw_run_poll_set(run, fds, POLL_FDS), left < 0 ? 0 : left > 100 ? 100 : (int)left);
    }
}

/* Why there was no way in. */
static int refused(struct vw_play *p, const struct vw_run *run, struct vw_error *err)
{
    if (run->verdict == VW_HUNG)
        return vw_error_set(err, VW_ETIMEOUT, "%.300s", run->reason);
    if (run->verdict == VW_SKIP || run->verdict == VW_ERROR)
        return vw_error_set(err, interrupted(p) ? VW_ETIMEOUT : VW_EREMOTE, "%.300s", run->reason);
    if (!run->blamed)
        return vw_error_set(err, VW_EUNREACHABLE, "%.300s", run->reason);
    const struct vw_finding f = {.rule = run->blamed->clause,
                                 .clauses = run->blamed->clause,
                                 .cause = run->blamed->clause,
                                 .title = "a connection logs in and is served",
                                 .found = run->reason,
                                 .place = {.side = "server"},
                                 .level = VW_LEVEL_MUST,
                                 .verdict = VW_FAIL};
    vw_found_add(p->options->found, &f);
    return vw_error_set(err, VW_EPROTOCOL, "%.300s", run->reason);
}

static int log_in(struct vw_play *p, int timeout_ms, struct vw_link **out, struct vw_error *err)
{
    struct vw_run_settings settings = *p->options->settings;
    struct vw_run run;
    settings.timeout_ms = timeout_ms;
    vw_run_init(&run, &p->login, &settings);
    turn_login(p, &run);
    if (run.conns)
        vw_target_meet(p->options->target, vw_link_fd(run.conns));
    int rc = run.verdict == VW_PASS || run.verdict == VW_LENIENT ? 0 : refused(p, &run, err);
    vw_run_finish(&run, out);
    if (rc == 0 && !*out)
        rc = vw_error_set(err, VW_EPROTOCOL, "the connection is not as it should be");
    return rc;
}

static int note(struct vw_play *p, enum vw_entry_kind kind, unsigned n, struct vw_error *err)
{
    const struct vw_journal_entry e = {.kind = kind, .slot = n};
    return p->options->journal ? vw_journal_add(p->options->journal, &e, err) : 0;
}

int vw_play_open(struct vw_play *p, unsigned n, bool bare, struct vw_error *err)
{
    struct vw_slot *s = &p->slots[n];
    const struct vw_run_settings *set = p->options->settings;
    drop(s);
    int rc = note(p, bare ? VW_ENTRY_BARE : VW_ENTRY_OPEN, n, err);
    if (rc == 0 && p->options->journal)
        rc = vw_journal_flush(p->options->journal, err);
    if (rc == 0)
        rc = bare ? vw_link_open(&set->connector, set->uri, set->profile,
                                 vw_now_ms() + set->timeout_ms, &s->link, err)
                  : log_in(p, (int)set->timeout_ms, &s->link, err);
    if (rc < 0) {
        struct vw_error ignored = VW_ERROR_INIT;
        note(p, VW_ENTRY_CLOSE, n, &ignored);
        return rc;
    }
    vw_target_meet(p->options->target, vw_link_fd(s->link));
    s->bare = bare;
    s->state = VW_SLOT_IDLE;
    p->connections++;
    return 0;
}

int vw_play_known_good(struct vw_play *p, int timeout_ms, struct vw_error *err)
{
    struct vw_link *link = NULL;
    int rc = log_in(p, timeout_ms, &link, err);
    vw_link_destroy(link);
    return rc;
}

int vw_play_close(struct vw_play *p, unsigned n, struct vw_error *err)
{
    if (!p->slots[n].link)
        return 0;
    drop(&p->slots[n]);
    return note(p, VW_ENTRY_CLOSE, n, err);
}

int vw_play_close_all(struct vw_play *p, struct vw_error *err)
{
    int rc = 0;
    for (unsigned i = 0; i < VW_PLAY_SLOTS && rc == 0; i++)
        rc = vw_play_close(p, i, err);
    return rc;
}

/* ---- out ---- */

void vw_shot_of_entry(const struct vw_schema *s, const struct vw_journal_entry *e,
                      struct vw_shot *out)
{
    static const char *const words[] = {"set program ", "set version ", "set procedure ",
                                        "set type ",    "set serial ",  "set status "};
    *out = (struct vw_shot){.kind = e->kind, .bytes = {.data = (uint8_t *)e->bytes, .len = e->len}};
    snprintf(out->note, sizeof(out->note), "%s", e->note ? e->note : "");
    out->muddled = e->kind == VW_ENTRY_BROKEN;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        out->muddled = out->muddled || strncmp(out->note, words[i], strlen(words[i])) == 0;
    if (e->kind == VW_ENTRY_BROKEN)
        return;
    vw_header_decode(e->bytes + VW_LENGTH_BYTES, &out->header);
    const struct vw_program *p = vw_schema_program(s, out->header.program, out->header.version);
    out->proc = p ? vw_program_proc(p, out->header.procedure) : NULL;
    out->calls = out->header.type == VW_MSG_CALL;
    out->sure = vw_shot_is_sure(s, out);
    out->stream = !out->muddled &&
                  (out->header.type == VW_MSG_STREAM || out->header.type == VW_MSG_STREAM_HOLE);
}

int vw_play_send(struct vw_play *p, unsigned n, const struct vw_shot *shot, struct vw_error *err)
{
    struct vw_slot *s = &p->slots[n];
    const struct vw_journal_entry e = {.kind = shot->kind,
                                       .slot = n,
                                       .bytes = shot->bytes.data,
                                       .len = shot->bytes.len,
                                       .note = *shot->note ? shot->note : NULL};
    int rc = p->options->journal ? vw_journal_add(p->options->journal, &e, err) : 0;
    if (rc == 0)
        rc = vw_link_send(s->link, e.bytes, e.len, err);
    if (rc == 0 && shot->calls)
        rc = vw_link_expect_answer(s->link, "", &shot->header, shot->proc,
                                   shot->kind != VW_ENTRY_CALL, err);
    if (rc == 0 && shot->stream)
        vw_session_declare_packet(s->link->watch, &shot->header);
    if (rc < 0)
        return rc;
    bool told = s->n_awaited < VW_PLAY_BURST;
    if (told)
        s->awaited[s->n_awaited++] = (struct vw_awaited){.header = shot->header,
                                                         .proc = shot->calls ? shot->proc : NULL,
                                                         .sure = shot->sure,
                                                         .answered = !shot->calls,
                                                         .at = s->sent.len,
                                                         .len = e.len};
    s->unanswered += told && shot->sure;
    s->excused = shot->kind != VW_ENTRY_CALL ? EXCUSED_BURSTS : s->excused;
    s->muddled = s->muddled || shot->muddled;
    s->broken = s->broken || shot->kind == VW_ENTRY_BROKEN;
    p->messages++;
    return vw_buf_append(&s->sent, e.bytes, e.len) < 0 ? vw_error_nomem(err) : 0;
}

int vw_play_wait(struct vw_play *p, unsigned n, struct vw_error *err)
{
    struct vw_slot *s = &p->slots[n];
    s->state = VW_SLOT_WAITING;
    s->quiet_ms = vw_now_ms();
    s->doubts = 0;
    s->bursts++;
    return note(p, VW_ENTRY_WAIT, n, err);
}

/* ---- in ---- */

static bool is_borne(const char *clause)
{
    return strcmp(clause, "S-2") == 0 || strcmp(clause, "H-8") == 0;
}

static const char *meaning_of(const char *clause)
{
    for (const struct vw_watched *w = vw_watched; w->clause; w++)
        if (strcmp(w->clause, clause) == 0)
            return w->meaning;
    return NULL;
}

static const struct vw_awaited *awaited_of(const struct vw_slot *s, const struct vw_header *h)
{
    for (size_t i = 0; i < s->n_awaited; i++)
        if (s->awaited[i].proc && s->awaited[i].header.serial == h->serial)
            return &s->awaited[i];
    return NULL;
}

/* The message that came, and the call that it could be about. */
static char *frames_of(const struct vw_play *p, const struct vw_slot *s, const struct vw_got *g)
{
    const struct vw_profile *profile = p->options->settings->profile;
    const struct vw_awaited *a = g && !g->short_header ? awaited_of(s, &g->header) : NULL;
    char *sent = a ? vw_play_line(profile, s->sent.data + a->at, a->len) : NULL;
    char *came = g ? vw_play_line(profile, g->bytes, g->length) : NULL;
    char *text = NULL;
    if (asprintf(&text, "%s%s%s%s%s", sent ? "sent: " : "", sent ? sent : "", sent ? "\n" : "",
                 came ? "came: " : "", came ? came : "") < 0)
        text = NULL;
    free(sent);
    free(came);
    return text;
}

static int tell_breach(struct vw_play *p, struct vw_slot *s, const struct vw_got *g,
                       const struct vw_breach *b, struct vw_error *err)
{
    const struct vw_program *program = g ? vw_schema_program(p->options->settings->profile->schema,
                                                             g->header.program, g->header.version)
                                         : NULL;
    const struct vw_proc *proc = program ? vw_program_proc(program, g->header.procedure) : NULL;
    char cause[300];
    struct vw_journal *j = p->options->journal;
    snprintf(cause, sizeof(cause), "%s %s %s", b->clause, proc ? proc->short_name : "", b->path);
    bool known = vw_found_of(p->options->found, cause) != NULL;
    char *frames = known ? NULL : frames_of(p, s, g);
    const struct vw_finding f = {
        .rule = b->clause,
        .clauses = b->clause,
        .title = meaning_of(b->clause),
        .cause = cause,
        .found = b->text,
        .frames = frames,
        .place = {.file = j ? j->path : NULL, .side = "server", .path = b->path},
        .level = VW_LEVEL_MUST,
        .verdict = is_borne(b->clause) ? VW_LENIENT : VW_FAIL};
    bool added = vw_found_add(p->options->found, &f);
    free(frames);
    s->strange += f.verdict == VW_FAIL;
    return added && j && f.verdict == VW_FAIL ? vw_journal_found(j, cause, err) : 0;
}

/* What is no UTF-8 may be what was sent, in the text of an error. */
static int tell_breaches(struct vw_play *p, struct vw_slot *s, const struct vw_got *g,
                         const struct vw_breach *list, struct vw_error *err)
{
    int rc = 0;
    for (const struct vw_breach *b = list; b && rc == 0 && !s->muddled; b = b->next)
        if (!(s->excused && strcmp(b->clause, "X-2") == 0))
            rc = tell_breach(p, s, g, b, err);
    return rc;
}

static void take_reply(struct vw_play *p, unsigned n, const struct vw_got *g)
{
    struct vw_slot *s = &p->slots[n];
    const struct vw_play_options *o = p->options;
    p->answers++;
    p->errors += g->header.status != VW_MSG_OK;
    for (size_t i = 0; i < s->n_awaited; i++) {
        struct vw_awaited *a = &s->awaited[i];
        if (a->answered || a->header.serial != g->header.serial ||
            a->header.program != g->header.program)
            continue;
        a->answered = true;
        s->unanswered -= a->sure;
        if (o->answer && a->proc && g->header.type == VW_MSG_REPLY &&
            g->header.status == VW_MSG_OK && !s->muddled)
            o->answer(o->user, n, &a->header, a->proc, g->bytes, g->length);
        return;
    }
}

static int take_frames(struct vw_play *p, unsigned n, struct vw_error *err)
{
    struct vw_slot *s = &p->slots[n];
    struct vw_link *c = s->link;
    const struct vw_play_options *o = p->options;
    int rc = 0;
    for (struct vw_got *g; rc == 0 && (g = c->inbox); vw_link_take(c, g)) {
        rc = tell_breaches(p, s, g, g->breaches, err);
        if (g->short_header)
            continue;
        if (g->header.type == VW_MSG_REPLY || g->header.type == VW_MSG_REPLY_WITH_FDS)
            take_reply(p, n, g);
        else if (g->header.type == VW_MSG_STREAM && g->header.status != VW_MSG_CONTINUE &&
                 o->stream_ended)
            o->stream_ended(o->user, n, g->header.serial);
    }
    if (rc == 0)
        rc = tell_breaches(p, s, NULL, c->breaches, err);
    c->breaches = NULL;
    return rc;
}

/* The burst is over: its answers have come, or none can be told. */
static void settle(struct vw_slot *s)
{
    if (s->state == VW_SLOT_WAITING &&
        (s->broken ? vw_link_unsent(s->link) == 0 : s->unanswered == 0)) {
        s->state = VW_SLOT_IDLE;
        s->n_awaited = 0;
        s->sent.len = 0;
        s->excused -= s->excused > 0;
        s->strange = 0;
        vw_link_recycle(s->link);
    } else if (vw_link_over(s->link)) {
        s->state = VW_SLOT_ENDED;
    }
}

static void poll_all(struct vw_play *p, int wait_ms)
{
    struct pollfd fds[VW_PLAY_SLOTS + 1];
    nfds_t n = 0;
    for (unsigned i = 0; i < VW_PLAY_SLOTS; i++)
        if (p->slots[i].link && vw_link_fd(p->slots[i].link) >= 0)
            fds[n++] = (struct pollfd){.fd = vw_link_fd(p->slots[i].link),
                                       .events = vw_link_events(p->slots[i].link)};
    if (p->options->target->pidfd >= 0)
        fds[n++] = (struct pollfd){.fd = p->options->target->pidfd, .events = POLLIN};
    poll(fds, n, wait_ms);
}

int vw_play_turn(struct vw_play *p, int wait_ms, struct vw_error *err)
{
    bool changed = false;
    int rc = p->options->journal ? vw_journal_flush(p->options->journal, err) : 0;
    for (unsigned i = 0; i < VW_PLAY_SLOTS && rc == 0; i++) {
        struct vw_slot *s = &p->slots[i];
        struct vw_error failed = VW_ERROR_INIT;
        if (!s->link)
            continue;
        if (vw_link_pump(s->link, &failed)) {
            changed = true;
            s->quiet_ms = vw_now_ms();
            s->doubts = 0;
        }
        rc = failed.code ? vw_error_set(err, failed.code, "%s", failed.text)
                         : take_frames(p, i, err);
        if (rc == 0)
            settle(s);
    }
    if (!changed && rc == 0 && wait_ms > 0)
        poll_all(p, wait_ms);
    return rc;
}
