// SPDX-License-Identifier: MIT
// Tables of what can be seen, and of the clauses that say how it should have been.
#include "conformance/play/cause.h"

#include <stdio.h>
#include <string.h>

#include "conformance/report/groups.h"

#define KEEPALIVE 0x6b656570u
#define PING      1

static struct vw_cause cause(const char *key, const char *also)
{
    struct vw_cause c;
    snprintf(c.key, sizeof(c.key), "%s", key);
    snprintf(c.also, sizeof(c.also), "%s", also);
    return c;
}

/* ---- a message that is not what it should be ---- */

/* The procedure that H names; NULL: none is known. */
static const struct vw_proc *proc_of(const struct vw_run *run, const struct vw_header *h)
{
    const struct vw_schema *schema = run->settings->profile->schema;
    const struct vw_program *p = vw_schema_program(schema, h->program, h->version);
    return p ? vw_program_proc(p, h->procedure) : NULL;
}

static bool is_event(const struct vw_run *run, const struct vw_header *h)
{
    const struct vw_proc *proc = proc_of(run, h);
    return proc && proc->kind == VW_PROC_EVENT;
}

static bool opens_stream(const struct vw_run *run, const struct vw_header *h)
{
    const struct vw_proc *proc = proc_of(run, h);
    return proc && (proc->readstream || proc->writestream);
}

/* The header of E, where that is a message that was sent. */
static bool read_sent(const struct vw_log_entry *e, struct vw_header *h)
{
    if (e->kind != VW_LOG_SENT || e->kept < VW_PREFIX_BYTES)
        return false;
    vw_header_decode(e->bytes + VW_LENGTH_BYTES, h);
    return true;
}

/* H answers something that wants no answer: a packet, or a message that is no call. */
static const char *of_what_it_answers(const struct vw_run *run, const struct vw_header *h)
{
    int32_t type = VW_MSG_CALL;
    bool called = false; /* it began as a call, which may have opened a stream */
    struct vw_header sent;
    for (const struct vw_log_entry *e = run->log.first; e; e = e->next)
        if (read_sent(e, &sent) && sent.serial == h->serial && sent.procedure == h->procedure) {
            type = sent.type;
            called = called || type == VW_MSG_CALL;
        }
    if (type == VW_MSG_CALL || type == VW_MSG_CALL_WITH_FDS)
        return "";
    if (type != VW_MSG_STREAM)
        return "D-6 D-3";
    return called ? "S-9 D-7" : "D-7 S-2";
}

/* A message that no step wanted: what speaks of such messages. */
static struct vw_cause of_stray(const struct vw_run *run, const struct vw_header *h)
{
    if (h->program == KEEPALIVE)
        return h->procedure == PING ? cause("unasked PING", "K-4 K-1") : cause("PONG", "K-2 K-3");
    if (h->type == VW_MSG_STREAM || h->type == VW_MSG_STREAM_HOLE)
        return cause("unasked stream packet", h->status == VW_MSG_OK ? "S-5 S-15 S-8" : "S-2 S-7");
    if (h->type == VW_MSG_MESSAGE)
        return is_event(run, h) ? cause("unasked event", "V-3 V-6") : cause("MESSAGE", "H-11");
    const char *answers = of_what_it_answers(run, h);
    if (*answers)
        return cause("unasked answer", answers);
    return cause("unasked answer", h->status == VW_MSG_ERROR ? "D-3 D-7" : "D-3 H-5");
}

/* ---- a rule that was broken ---- */

/* Clauses that say more of a word of the header of an answer. */
static const char *of_word(const char *path)
{
    static const struct {
        const char *path, *clauses;
    } rows[] = {
        {"header.program", "D-1 H-2"},
        {"header.version", "D-2"},
        {"header.serial", "H-5 H-7"},
        {"header.type", "H-5 H-3"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].path, path) == 0)
            return rows[i].clauses;
    return "";
}

/* The kind of a message, where that is what is wrong with it. */
static const char *of_kind(const struct vw_run *run, const struct vw_breach *b)
{
    const struct vw_header *h = &b->header;
    if (h->program == KEEPALIVE)
        return "K-1";
    if (is_event(run, h))
        return "V-2";
    if (opens_stream(run, h) && h->type == VW_MSG_MESSAGE)
        return "S-1 H-5";
    const char *answers = of_what_it_answers(run, h);
    if (*answers)
        return answers;
    return h->type == VW_MSG_MESSAGE ? "V-3 H-5" : of_word(b->path);
}

/* What stands where a message should begin. */
static const char *of_framing(const struct vw_link *c, const char *clause)
{
    static const struct {
        const char *kind, *clauses;
    } rows[] = {
        {"padding", "X-1 F-12"}, {"tls", "T-1"},          {"tls-byte", "T-2"},
        {"interleaved", "F-9"},  {"shifted", "F-12 F-1"}, {"record-mark", "F-1"},
    };
    for (size_t i = 0; c->resembles && i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].kind, c->resembles) == 0)
            return rows[i].clauses;
    return strcmp(clause, "F-3") == 0 || strcmp(clause, "F-4") == 0 ? "F-1 F-12" : "";
}

/* Behind a body that ends too soon stands what belongs to it. */
static bool leaves_length_out(const struct vw_run *run)
{
    const uint8_t *bytes;
    for (const struct vw_link *c = run->conns; c; c = c->next)
        if (c->broken || vw_session_look(c->watch, VW_SIDE_SERVER, &bytes) == VW_LENGTH_BYTES)
            return true;
    return false;
}

static const char *of_body(const struct vw_run *run, const struct vw_breach *b)
{
    if (leaves_length_out(run))
        return "F-1";
    if (strcmp(b->clause, "E-1") == 0)
        return "H-5";
    return strstr(b->text, "needed for char") ? "X-7" : "X-1";
}

static const char *also_of(const struct vw_run *run, const struct vw_breach *b)
{
    static const struct {
        const char *clause, *path, *clauses; /* PATH: NULL for any */
    } rows[] = {
        {"V-2", NULL, "V-3"},     {"S-1", NULL, "S-2"}, {"S-2", NULL, "S-1"},
        {"S-7", NULL, "S-5"},     {"E-2", NULL, "E-1"}, {"E-5", NULL, "E-1 E-4"},
        {"K-1", NULL, "K-2"},     {"X-2", NULL, "X-1"}, {"X-5", NULL, "A-3"},
        {"F-3", NULL, "F-1"},     {"F-4", NULL, "F-1"}, {"O-4", "lib_ver", "O-1"},
        {"O-4", "hv_ver", "O-1"},
    };
    if (strstr(b->text, "cannot be decoded"))
        return strcmp(b->clause, "V-2") == 0 ? "V-3" : of_body(run, b);
    if (strcmp(b->clause, "H-9") == 0 || strcmp(b->clause, "H-11") == 0)
        return of_kind(run, b);
    if (strcmp(b->clause, "S-10") == 0)
        return b->with_body ? "S-3" : "S-4 S-5";
    if (strcmp(b->clause, "H-5") == 0)
        return of_word(b->path);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].clause, b->clause) == 0 &&
            (!rows[i].path || strcmp(rows[i].path, b->path) == 0))
            return rows[i].clauses;
    return "";
}

static struct vw_cause of_breach(const struct vw_run *run, const struct vw_breach *b)
{
    const char *word = strncmp(b->path, "header.", 7) == 0 ? b->path + 7 : "";
    char key[48];
    snprintf(key, sizeof(key), "%s%s%.30s", b->clause, *word ? " " : "", word);
    for (const struct vw_link *c = run->conns; c; c = c->next)
        if (c->broken && c->breaches == b)
            return cause(key, of_framing(c, b->clause));
    return cause(key, also_of(run, b));
}

/* ---- the rest ---- */

#define LARGE_BYTES (256u * 1024) /* what the first releases take (F-6) */

/* What was said before a wait that was in vain. */
struct said {
    bool heard;      /* something came */
    unsigned sent;   /* messages since something came last */
    bool lacking;    /* of one less was sent than its length word says */
    bool large;      /* the last one is */
    const char *odd; /* clauses of the last one that most servers never meet; "" */
};

static const char *of_odd(const struct vw_run *run, const struct vw_header *h)
{
    bool is_call = h->type == VW_MSG_CALL || h->type == VW_MSG_CALL_WITH_FDS;
    if (h->type == VW_MSG_STREAM_HOLE)
        return "S-11";
    if (is_call && !proc_of(run, h) &&
        vw_schema_program(run->settings->profile->schema, h->program, h->version))
        return "D-4";
    /* Who takes it for signed finds it negative. */
    return h->serial > INT32_MAX ? "H-7" : "";
}

static struct said said_in(const struct vw_run *run)
{
    struct said s = {.odd = ""};
    for (const struct vw_log_entry *e = run->log.first; e; e = e->next) {
        struct vw_header h;
        if (e->kind == VW_LOG_RECEIVED) {
            s.heard = true;
            s.sent = 0;
            s.odd = "";
        }
        if (!read_sent(e, &h))
            continue;
        s.sent++;
        s.lacking = s.lacking || vw_load32(e->bytes) > e->len;
        s.large = e->len > LARGE_BYTES;
        s.odd = *s.odd ? s.odd : of_odd(run, &h);
    }
    return s;
}

static const char *of_silence(const struct said *s)
{
    if (s->lacking)
        return "F-5";
    if (s->large)
        return "D-26 F-4 F-5";
    return s->sent > 1 ? "D-26 F-9" : "D-26";
}

static struct vw_cause of_wait(const struct vw_run *run)
{
    const struct said s = said_in(run);
    if (run->partial)
        return cause("message cut", "F-1");
    if (run->wait == VW_WAIT_SILENT)
        return cause("silence", of_silence(&s));
    if (!s.heard && !run->prepared)
        return cause("turned away", "C-7 L-1");
    char also[48];
    snprintf(also, sizeof(also), "C-7%s%s", *s.odd ? " " : "", s.odd);
    return cause("closed", also);
}

/* An error that tells what is wrong, whatever was expected in its place. */
static const struct told {
    struct vw_match_error error;
    const char *text; /* in what was found; NULL: any */
    unsigned needs;   /* of the case */
    const char *key;  /* NULL: as the mismatch has it */
    const char *clauses;
} told_rows[] = {
    {{1, 7}, NULL, VW_NEED_OPEN, "told not open", "C-7 C-3 D-13"},
    {{39, 7}, "authentication required", 0, NULL, "D-20 D-11"},
    {{42, 12}, NULL, 0, NULL, "O-6"},
    {{8, 0}, NULL, 0, NULL, "V-8 V-4"},
};

static const struct told *told_of(const struct vw_run *run)
{
    for (size_t i = 0; i < sizeof(told_rows) / sizeof(told_rows[0]); i++) {
        const struct told *t = &told_rows[i];
        if (t->error.code == run->told.code && t->error.domain == run->told.domain &&
            (run->c->needs & t->needs) == t->needs && (!t->text || strstr(run->reason, t->text)))
            return t;
    }
    return NULL;
}

/* The place of a value, or the error that was found: what a reason says first, or last. */
static void add_detail(const struct vw_run *run, char *key, size_t size)
{
    const char *colon = strstr(run->reason, ": expected"), *found = strrchr(run->reason, ' ');
    size_t n = strlen(key);
    if (run->mismatch == VW_MISMATCH_VALUE && colon)
        snprintf(key + n, size - n, " %.*s", (int)(colon - run->reason), run->reason);
    if (run->mismatch == VW_MISMATCH_REFUSED && found)
        snprintf(key + n, size - n, "%s", found);
}

struct vw_cause vw_cause_of(const struct vw_run *run)
{
    static const struct vw_cause of_mismatch[] = {
        [VW_MISMATCH_NONE] = {"", ""},
        [VW_MISMATCH_VALUE] = {"value", ""},
        [VW_MISMATCH_BODY] = {"body", "H-5"},
        [VW_MISMATCH_ACCEPTED] = {"accepted", ""},
        [VW_MISMATCH_REFUSED] = {"refused", ""},
        [VW_MISMATCH_ERROR] = {"error numbers", "E-5"},
        [VW_MISMATCH_SWAPPED] = {"error numbers swapped", "E-1 E-5"},
        [VW_MISMATCH_TEXT] = {"error text", "D-21 E-3"},
        [VW_MISMATCH_NO_TEXT] = {"error without text", "E-1 E-4"},
        [VW_MISMATCH_STATUS] = {"packet status", ""},
    };
    if (run->blamed)
        return of_breach(run, run->blamed);
    if (run->strayed)
        return of_stray(run, &run->stray);
    if (run->refused)
        return cause("refused log-in", strncmp(run->reason, "AUTH_LIST", 9) ? "C-4" : "A-3");
    if (run->wait)
        return of_wait(run);
    if (!run->mismatch && run->spawned && !run->settings->client)
        return cause(VW_CAUSE_PROGRAM, "");
    struct vw_cause c = of_mismatch[run->mismatch];
    const struct told *t = told_of(run);
    if (t)
        c = cause(t->key ? t->key : c.key, t->clauses);
    if (!t || !t->key)
        add_detail(run, c.key, sizeof(c.key));
    return c;
}
