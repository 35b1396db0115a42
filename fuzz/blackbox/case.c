// SPDX-License-Identifier: MIT
// What was found as a case of the suite: the same bytes, the answers that have to come, and at the
// end a connection that is served.
#include <inttypes.h>
#include <stdlib.h>

#include "base/hex.h"
#include "fuzz/blackbox/minimise.h"

struct writer {
    const struct vw_profile *profile;
    FILE *out;
    unsigned made, life[VW_JOURNAL_SLOTS]; /* connections; 0 is the case's own */
    unsigned message;                      /* number of the last one */
};

static void put_hex(const struct writer *w, const uint8_t *bytes, size_t len)
{
    char two[3];
    for (size_t i = 0; i < len; i++) {
        vw_hex_encode(bytes + i, 1, two);
        fputs(two, w->out);
    }
}

/* "on" of the connection in SLOT, unless it is the case's own. */
static void put_on(const struct writer *w, unsigned slot)
{
    if (w->life[slot])
        fprintf(w->out, "    on: c%u\n", w->life[slot]);
}

static void put_connect(struct writer *w, const struct vw_journal_entry *e)
{
    w->life[e->slot] = w->made++;
    if (w->life[e->slot])
        fprintf(w->out, "  - connect: {as: c%u, upto: %s}\n", w->life[e->slot],
                e->kind == VW_ENTRY_OPEN ? "open" : "connect");
}

static void put_comment(const struct writer *w, const struct vw_journal_entry *e)
{
    char *line = vw_play_line(w->profile, e->bytes, e->len);
    if (line)
        fprintf(w->out, "  # %s%s%s\n", line, e->note ? "; bent: " : "", e->note ? e->note : "");
    free(line);
}

/* A call says itself what its words are, so that it goes as it is. */
static void put_call(struct writer *w, const struct vw_journal_entry *e, const struct vw_shot *s)
{
    const struct vw_header *h = &s->header;
    put_comment(w, e);
    fprintf(w->out,
            "  - send:\n      call: {program: %" PRIu32 ", version: %" PRIu32
            ", procedure: %" PRId32 ", type: %" PRId32 ", serial: %" PRIu32 ", status: %" PRId32
            ", body: \"",
            h->program, h->version, h->procedure, h->type, h->serial, h->status);
    put_hex(w, e->bytes + VW_PREFIX_BYTES, e->len - VW_PREFIX_BYTES);
    fprintf(w->out, "\"}\n      as: m%u\n", ++w->message);
    put_on(w, e->slot);
}

static void put_raw(struct writer *w, const struct vw_journal_entry *e)
{
    put_comment(w, e);
    fputs("  - send-raw: \"", w->out);
    put_hex(w, e->bytes, e->len);
    fputs("\"\n", w->out);
    put_on(w, e->slot);
}

/* The answers to the calls in front of entry AT, back to the wait before. */
static void put_answers(struct writer *w, const struct vw_minimised *m, size_t at,
                        const unsigned *number)
{
    size_t from = at;
    while (from > 0 &&
           !(m->list[from - 1].slot == m->list[at].slot && m->list[from - 1].kind == VW_ENTRY_WAIT))
        from--;
    for (size_t i = from; i < at; i++)
        if (number[i] && m->list[i].slot == m->list[at].slot) {
            fprintf(w->out, "  - expect: {answer: , to: m%u}\n", number[i]);
            put_on(w, m->list[at].slot);
        }
}

static void put_entry(struct writer *w, const struct vw_minimised *m, size_t i, unsigned *number)
{
    const struct vw_journal_entry *e = &m->list[i];
    struct vw_shot s;
    switch (e->kind) {
    case VW_ENTRY_OPEN:
    case VW_ENTRY_BARE:
        put_connect(w, e);
        return;
    case VW_ENTRY_WAIT:
        put_answers(w, m, i, number);
        return;
    case VW_ENTRY_CLOSE:
        fputs("  - close:\n", w->out);
        put_on(w, e->slot);
        return;
    default:
        vw_shot_of_entry(w->profile->schema, e, &s);
        if (s.calls)
            put_call(w, e, &s);
        else
            put_raw(w, e);
        number[i] = s.sure ? w->message : 0;
    }
}

/* What the messages could do at most. */
static enum vw_effect effect_of(const struct vw_profile *profile, const struct vw_minimised *m)
{
    enum vw_effect most = VW_EFFECT_READ;
    for (size_t i = 0; i < m->count; i++) {
        struct vw_shot s = {.proc = NULL};
        if (vw_entry_is_message(&m->list[i]))
            vw_shot_of_entry(profile->schema, &m->list[i], &s);
        if (s.proc && vw_proc_facts(s.proc)->effect > most)
            most = vw_proc_facts(s.proc)->effect;
    }
    return m->finding.verdict == VW_CRASH ? VW_EFFECT_CRASH : most;
}

int vw_case_write(const struct vw_profile *profile, const struct vw_minimised *m, FILE *out,
                  struct vw_error *err)
{
    struct writer w = {.profile = profile, .out = out};
    unsigned *number = calloc(m->count + 1, sizeof(*number));
    const char *clauses = m->finding.clauses;
    if (!number)
        return vw_error_nomem(err);
    bool bare = m->count > 0 && m->list[0].kind == VW_ENTRY_BARE;
    fprintf(out, "# Made by virwire fuzz of what it found: %s.\n", m->finding.cause);
    fprintf(out, "title: %s\nclause: %s\nlevel: must\neffect: %s\nneeds: [%s]\nsteps:\n",
            m->finding.title ? m->finding.title : m->finding.cause, *clauses ? clauses : "D-26",
            vw_effect_name(effect_of(profile, m)), bare ? "connect" : "open");
    for (size_t i = 0; i < m->count; i++)
        put_entry(&w, m, i, number);
    fputs("  - connect: {as: last, upto: open}\n  - expect-usable:\n    on: last\n", out);
    free(number);
    return 0;
}
