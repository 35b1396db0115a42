// SPDX-License-Identifier: MIT
// Of each side either the session has the bytes, or, where messages have been lost, they lie here
// until one begins.
#include "capture/talk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "message/diagnose.h"

/* Calls whose answers are due: as many as fit, the newest of those in one place. */
#define CALLS 1024u
/* So much is heard at a time, and looked at for a message that begins too early: what is lost is
 * copied, and there may be much that is. */
#define PIECE ((size_t)4096)
#define KEPT  ((size_t)65536) /* the longest message that is kept for what comes behind it */

struct call {
    uint32_t program, serial;
    uint64_t number; /* 0: none */
    int64_t ns;
};

struct listened {
    bool lost, opaque;
    bool quiet;          /* LOST, and nobody is to blame */
    uint64_t heard;      /* bytes in all */
    uint64_t dropped;    /* bytes since it is lost */
    struct vw_buf bytes; /* LOST: that may begin a message; else a length word that cannot be */
    struct vw_buf last;  /* the message before, unless it is too long to be kept */
};

struct vw_talk {
    struct vw_talk_options o;
    struct vw_session *session;
    struct vw_limits limits;
    struct vw_arena arena;
    struct listened side[2];
    bool partial;       /* not all that was said is known */
    bool authenticated; /* a layer of SASL may follow */
    uint64_t messages;
    int64_t ns;
    struct call calls[CALLS];
};

static const char *name_of(enum vw_side side)
{
    return side == VW_SIDE_CLIENT ? "client" : "server";
}

/* ---- telling ---- */

static int tell(struct vw_talk *t, enum vw_side from, struct vw_talk_event ev)
{
    ev.from = from;
    ev.ns = t->ns;
    ev.number = t->messages;
    return t->o.sink(t->o.user, &ev);
}

static int __attribute__((format(printf, 3, 4)))
note(struct vw_talk *t, enum vw_side from, const char *fmt, ...)
{
    char text[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return tell(t, from, (struct vw_talk_event){.kind = VW_TALK_NOTE, .text = text});
}

/* ---- messages ---- */

static struct call *call_of(struct vw_talk *t, const struct vw_header *h)
{
    return &t->calls[(h->serial ^ h->program * 2654435761u) % CALLS];
}

static void pair(struct vw_talk *t, const struct vw_event *ev, struct vw_talk_event *out)
{
    struct call *c = call_of(t, &ev->header);
    if (ev->kind == VW_EVENT_CALL)
        *c = (struct call){ev->header.program, ev->header.serial, t->messages, t->ns};
    if (ev->kind != VW_EVENT_REPLY && ev->kind != VW_EVENT_ERROR)
        return;
    if (c->number && c->serial == ev->header.serial && c->program == ev->header.program) {
        out->answers = c->number;
        out->waited = t->ns - c->ns;
        c->number = 0;
    }
}

static void watch_login(struct vw_talk *t, const struct vw_event *ev)
{
    const char *name = ev->proc ? ev->proc->short_name : "";
    t->authenticated |= ev->kind == VW_EVENT_REPLY && (strcmp(name, "auth_sasl_start") == 0 ||
                                                       strcmp(name, "auth_sasl_step") == 0);
}

/* What cannot be said of a talk that is known in part. */
static bool needs_all(const char *clauses)
{
    return *clauses && vw_clause_is_among("H-8 H-9 S-1 S-2 S-7 S-10", clauses);
}

static int tell_event(struct vw_talk *t, const struct vw_event *ev)
{
    struct vw_talk_event out = {.kind = VW_TALK_MESSAGE, .event = ev};
    if (ev->kind == VW_EVENT_VIOLATION) {
        out.kind = VW_TALK_FINDING;
        out.finding = ev->finding;
        return t->partial && needs_all(ev->clause) ? 0 : tell(t, ev->from, out);
    }
    t->messages++;
    t->side[ev->from].last.len = 0;
    if (ev->length <= KEPT && vw_buf_append(&t->side[ev->from].last, ev->message, ev->length))
        return VW_ENOMEM;
    for (uint32_t i = 0; i < ev->n_fds; i++)
        close(ev->fds[i]);
    pair(t, ev, &out);
    watch_login(t, ev);
    return tell(t, ev->from, out);
}

/* ---- what is lost ---- */

static void drop(struct listened *l, size_t n)
{
    l->dropped += n;
    l->bytes.len -= n;
    memmove(l->bytes.data, l->bytes.data + n, l->bytes.len);
}

/* Gives the session what it can read. */
static int find_again(struct vw_talk *t, enum vw_side side)
{
    struct listened *l = &t->side[side];
    size_t at = vw_message_find(&t->limits, l->bytes.data, l->bytes.len);
    if (at == l->bytes.len) {
        size_t kept = at < VW_PREFIX_BYTES - 1 ? at : VW_PREFIX_BYTES - 1;
        if (at > kept)
            drop(l, at - kept);
        return 0;
    }
    drop(l, at);
    l->lost = false;
    vw_session_resume(t->session, side, l->heard - l->bytes.len);
    int rc = vw_session_feed(t->session, side, l->bytes.data, l->bytes.len);
    vw_buf_finish(&l->bytes);
    if (rc == 0 && l->dropped)
        rc = note(t, side,
                  "of the %s, %" PRIu64 " byte%s no message; from here on there are messages",
                  name_of(side), l->dropped, l->dropped == 1 ? " is" : "s are");
    return rc;
}

/* What came from SIDE is none of the session's: it is looked through for a message. */
static int lose(struct vw_talk *t, enum vw_side side, bool quiet)
{
    struct listened *l = &t->side[side];
    const uint8_t *bytes;
    size_t n = vw_session_unread(t->session, side, &bytes);
    l->lost = true;
    l->quiet = quiet;
    l->dropped = 0;
    t->partial = true;
    return n && vw_buf_append(&l->bytes, bytes, n) ? VW_ENOMEM : find_again(t, side);
}

/* ---- the session ---- */

static int tell_out_of_step(struct vw_talk *t, enum vw_side side, const struct vw_diagnosis *d)
{
    char text[200];
    snprintf(text, sizeof(text), "the stream is out of step: %s", d->text);
    const struct vw_finding f = {.clauses = "F-1",
                                 .cause = d->kind,
                                 .found = text,
                                 .place = {.side = name_of(side)},
                                 .level = VW_LEVEL_MUST,
                                 .verdict = VW_FAIL,
                                 .count = 1};
    return tell(t, side, (struct vw_talk_event){.kind = VW_TALK_FINDING, .finding = &f});
}

static bool diagnose(const struct vw_talk *t, enum vw_side side, const uint8_t *bytes, size_t n,
                     struct vw_diagnosis *d)
{
    const struct vw_buf *last = &t->side[side].last;
    return vw_diagnose(&t->limits, bytes, n, last->data, last->len, d);
}

/* Looks at what stands where the next message of SIDE begins, before the session takes it for one.
 * A length word that cannot be is the session's to judge. */
static int look_ahead(struct vw_talk *t, enum vw_side side)
{
    struct vw_diagnosis d;
    const uint8_t *bytes;
    size_t n = vw_session_look(t->session, side, &bytes);
    if (n < VW_PREFIX_BYTES || vw_message_likely(&t->limits, bytes))
        return 0;
    if (t->authenticated)
        return vw_talk_opaque(t, side, t->ns, "what is most likely a layer of SASL");
    uint32_t word = vw_load32(bytes);
    size_t most = word < PIECE ? word + VW_PREFIX_BYTES : PIECE;
    if (word < VW_PREFIX_BYTES || word > t->limits.max_length_word ||
        !diagnose(t, side, bytes, n < most ? n : most, &d))
        return 0;
    int rc = tell_out_of_step(t, side, &d);
    return rc ? rc : lose(t, side, false);
}

static int take_end(struct vw_talk *t, const struct vw_event *ev)
{
    struct vw_diagnosis d;
    const uint8_t *bytes;
    size_t n = vw_session_look(t->session, ev->from, &bytes);
    /* The session knows of no message but this. */
    bool more = ev->reason == VW_CLOSE_VIOLATION && diagnose(t, ev->from, bytes, n, &d) &&
                strcmp(d.kind, "interleaved") == 0;
    int rc = more ? note(t, ev->from, "%s", d.text) : 0;
    if (rc)
        return rc;
    if (ev->reason == VW_CLOSE_VIOLATION)
        return lose(t, ev->from, false);
    if (ev->reason == VW_CLOSE_TRUNCATED)
        return note(t, ev->from, "the %s ends within a message", name_of(ev->from));
    return 0;
}

static int pump(struct vw_talk *t)
{
    for (;;) {
        struct vw_event ev;
        int rc = 0;
        for (int side = 0; side < 2 && rc == 0; side++) {
            struct listened *l = &t->side[side];
            if (l->lost)
                rc = find_again(t, (enum vw_side)side);
            else if (!l->opaque && !vw_session_has_more(t->session))
                rc = look_ahead(t, (enum vw_side)side);
        }
        if (rc == 0)
            rc = vw_session_next(t->session, &t->arena, &ev);
        if (rc != 1)
            return rc;
        rc = ev.kind == VW_EVENT_CLOSED ? take_end(t, &ev) : tell_event(t, &ev);
        vw_arena_reset(&t->arena);
        if (rc)
            return rc;
    }
}

/* ---- in ---- */

/* A length word that cannot be is judged with the header behind it, which may come later. */
static bool waits_for_more(const struct vw_talk *t, enum vw_side side, const uint8_t *bytes,
                           size_t len)
{
    const struct vw_buf *waiting = &t->side[side].bytes;
    const uint8_t *pending;
    if (waiting->len + len >= VW_PREFIX_BYTES ||
        (waiting->len == 0 &&
         (len < VW_LENGTH_BYTES || vw_session_look(t->session, side, &pending) > 0)))
        return false;
    uint32_t word = vw_load32(waiting->len ? waiting->data : bytes);
    return word < VW_LENGTH_BYTES || word > t->limits.max_length_word;
}

static int give_waiting(struct vw_talk *t, enum vw_side side)
{
    struct vw_buf *waiting = &t->side[side].bytes;
    int rc = vw_session_feed(t->session, side, waiting->data, waiting->len);
    waiting->len = rc ? waiting->len : 0;
    return rc;
}

static int feed_piece(struct vw_talk *t, enum vw_side side, const uint8_t *bytes, size_t len)
{
    struct listened *l = &t->side[side];
    l->heard += len;
    if (l->opaque)
        return 0;
    if (l->lost || waits_for_more(t, side, bytes, len))
        return vw_buf_append(&l->bytes, bytes, len) ? VW_ENOMEM : l->lost ? pump(t) : 0;
    int rc = give_waiting(t, side);
    rc = rc ? rc : vw_session_feed(t->session, side, bytes, len);
    return rc ? rc : pump(t);
}

int vw_talk_feed(struct vw_talk *t, enum vw_side side, int64_t ns, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    int rc = 0;
    t->ns = ns;
    for (size_t n; rc == 0 && len > 0; p += n, len -= n) {
        n = len < PIECE ? len : PIECE;
        rc = feed_piece(t, side, p, n);
    }
    return rc;
}

int vw_talk_descriptors(struct vw_talk *t, enum vw_side side, int64_t ns, unsigned n)
{
    static const uint8_t zeros[32];
    return vw_talk_feed(t, side, ns, zeros, n < sizeof(zeros) ? n : sizeof(zeros));
}

int vw_talk_missing(struct vw_talk *t, enum vw_side side, int64_t ns, size_t n)
{
    struct listened *l = &t->side[side];
    t->ns = ns;
    l->heard += n;
    if (l->opaque)
        return 0;
    int rc = note(t, side, "the capture lacks %zu bytes of the %s", n, name_of(side));
    if (rc == 0 && !l->lost)
        rc = lose(t, side, true);
    l->dropped += l->bytes.len;
    l->bytes.len = 0;
    return rc;
}

int vw_talk_opaque(struct vw_talk *t, enum vw_side side, int64_t ns, const char *what)
{
    struct listened *l = &t->side[side];
    const uint8_t *bytes;
    t->ns = ns;
    if (l->opaque)
        return 0;
    vw_session_unread(t->session, side, &bytes);
    l->opaque = true;
    l->lost = false;
    t->partial = true;
    return note(t, side, "what the %s says from here on cannot be read: it is within %s",
                name_of(side), what);
}

int vw_talk_end(struct vw_talk *t, enum vw_side side, int64_t ns)
{
    struct listened *l = &t->side[side];
    t->ns = ns;
    if (l->opaque)
        return 0;
    int rc = 0;
    if (!l->lost && l->bytes.len) {
        rc = give_waiting(t, side);
        rc = rc ? rc : pump(t);
    }
    uint64_t dropped = l->dropped + l->bytes.len;
    if (rc == 0 && l->lost && !l->quiet && dropped)
        rc = note(t, side, "of the %s, the last %" PRIu64 " byte%s no message", name_of(side),
                  dropped, dropped == 1 ? " is" : "s are");
    if (rc || l->lost)
        return rc;
    vw_session_eof(t->session, side);
    return pump(t);
}

/* ---- the talk ---- */

int vw_talk_create(const struct vw_talk_options *o, struct vw_talk **out, struct vw_error *err)
{
    const struct vw_session_options options = {
        .role = VW_ROLE_OBSERVER, .profile = o->profile, .fds = o->fds, .strict = o->strict};
    struct vw_talk *t = calloc(1, sizeof(*t));
    if (!t)
        return vw_error_nomem(err);
    t->o = *o;
    vw_limits_from_profile(o->profile, &t->limits);
    t->partial = o->joined;
    t->side[0].lost = t->side[1].lost = o->joined;
    t->side[0].quiet = t->side[1].quiet = o->joined;
    int rc = vw_session_create(&options, &t->session, err);
    if (rc) {
        vw_talk_destroy(t);
        return rc;
    }
    *out = t;
    return 0;
}

void vw_talk_destroy(struct vw_talk *t)
{
    if (!t)
        return;
    vw_session_destroy(t->session);
    for (int side = 0; side < 2; side++) {
        vw_buf_finish(&t->side[side].bytes);
        vw_buf_finish(&t->side[side].last);
    }
    vw_arena_finish(&t->arena);
    free(t);
}

size_t vw_talk_memory(const struct vw_talk *t)
{
    return vw_session_memory(t->session) + 64 * (size_t)vw_session_in_flight(t->session) +
           t->side[0].bytes.cap + t->side[1].bytes.cap + t->side[0].last.cap + t->side[1].last.cap;
}
