// SPDX-License-Identifier: MIT
// Tables of what can be seen, and of the clauses that say how it should have been.
#include "conformance/play/cause.h"

#include <stdio.h>
#include <string.h>

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

/* A message that no step wanted: what speaks of such messages. */
static struct vw_cause of_stray(const struct vw_run *run, const struct vw_header *h)
{
    if (h->program == KEEPALIVE)
        return h->procedure == PING ? cause("unasked PING", "K-4 K-1") : cause("PONG", "K-2 K-3");
    if (h->type == VW_MSG_STREAM || h->type == VW_MSG_STREAM_HOLE)
        return cause("unasked stream packet", h->status == VW_MSG_OK ? "S-5 S-15 S-8" : "S-2 S-7");
    if (h->type == VW_MSG_MESSAGE)
        return is_event(run, h) ? cause("unasked event", "V-3 V-6") : cause("MESSAGE", "H-11");
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
        const char *clause, *clauses;
    } rows[] = {
        {"V-2", "V-3"}, {"S-1", "S-2"},     {"S-2", "S-1"}, {"S-7", "S-5"},
        {"E-2", "E-1"}, {"E-5", "E-1 E-4"}, {"K-1", "K-2"}, {"X-2", "X-1"},
        {"X-5", "A-3"}, {"F-3", "F-1"},     {"F-4", "F-1"},
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
        if (strcmp(rows[i].clause, b->clause) == 0)
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

/* What was said before a wait that was in vain. */
struct said {
    bool heard;    /* something came */
    unsigned sent; /* messages since something came last */
    bool lacking;  /* of one less was sent than its length word says */
    bool high; /* the serial of the last one is one that is negative to who takes it for signed */
};

static struct said said_in(const struct vw_run *run)
{
    struct said s = {0};
    for (const struct vw_log_entry *e = run->log.first; e; e = e->next) {
        s.heard = s.heard || e->kind == VW_LOG_RECEIVED;
        if (e->kind == VW_LOG_RECEIVED)
            s.sent = 0;
        if (e->kind != VW_LOG_SENT || e->kept < VW_PREFIX_BYTES)
            continue;
        struct vw_header h;
        vw_header_decode(e->bytes + VW_LENGTH_BYTES, &h);
        s.sent++;
        s.lacking = s.lacking || vw_load32(e->bytes) > e->len;
        s.high = h.serial > INT32_MAX;
    }
    return s;
}

static struct vw_cause of_wait(const struct vw_run *run)
{
    const struct said s = said_in(run);
    if (run->partial)
        return cause("message cut", "F-1");
    if (run->wait == VW_WAIT_SILENT)
        return cause("silence", s.lacking ? "F-5" : s.sent > 1 ? "D-26 F-9" : "D-26");
    if (!s.heard && !run->prepared)
        return cause("turned away", "C-7 L-1");
    return cause("closed", s.high ? "C-7 H-7" : "C-7");
}

/* An error that says that the connection is not open, which it is. */
static bool is_told_not_open(const struct vw_run *run)
{
    char numbers[48];
    const struct vw_profile *p = run->settings->profile;
    const char *found = strrchr(run->reason, ' ');
    snprintf(numbers, sizeof(numbers), " %d/%d", (int)vw_profile_answer(p, "not_open.code", 0),
             (int)vw_profile_answer(p, "not_open.domain", 0));
    return run->mismatch == VW_MISMATCH_REFUSED && (run->c->needs & VW_NEED_OPEN) && found &&
           strcmp(found, numbers) == 0;
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
        return cause("refused log-in", "C-4");
    if (run->wait)
        return of_wait(run);
    struct vw_cause c = of_mismatch[run->mismatch];
    if (is_told_not_open(run))
        c = cause(c.key, "C-7 C-3");
    add_detail(run, c.key, sizeof(c.key));
    return c;
}
