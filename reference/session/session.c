// SPDX-License-Identifier: MIT
// The session itself: making one, feeding it, and the order in which events come out. What a
// message means is decided in dispatch-client.c, dispatch-server.c and dispatch-observer.c.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/internal.h"

/* ---- making one ---- */

static struct vw_error_pair pair(const struct vw_profile *p, const char *key,
                                 struct vw_error_pair fallback)
{
    char name[64];
    snprintf(name, sizeof(name), "%s.code", key);
    fallback.code = (int32_t)vw_profile_answer(p, name, fallback.code);
    snprintf(name, sizeof(name), "%s.domain", key);
    fallback.domain = (int32_t)vw_profile_answer(p, name, fallback.domain);
    return fallback;
}

static bool answer_is(const struct vw_profile *p, const char *key, const char *word)
{
    return strcmp(vw_profile_answer_text(p, key, ""), word) == 0;
}

static void read_answers(const struct vw_profile *p, struct vw_session_answers *a)
{
    const struct vw_error_pair rpc = {VW_ERR_RPC, VW_FROM_RPC};
    const struct vw_error_pair internal = {VW_ERR_INTERNAL, VW_FROM_RPC};
    a->unknown_program = pair(p, "unknown_program", rpc);
    a->wrong_version = pair(p, "wrong_version", a->unknown_program);
    a->unknown_procedure = pair(p, "unknown_procedure", rpc);
    a->wrong_type = pair(p, "wrong_type", rpc);
    a->wrong_status = pair(p, "wrong_status", rpc);
    a->bad_arguments = pair(p, "bad_arguments", rpc);
    a->short_header = pair(p, "short_header", rpc);
    a->not_authenticated = pair(p, "not_authenticated", rpc);
    a->not_open = pair(p, "not_open", internal);
    a->unknown_program_closes = answer_is(p, "unknown_program", "closes");
    a->wrong_type_ignored = vw_profile_answer(p, "wrong_type.code", 0) == 0;
    a->short_header_answered = vw_profile_answer(p, "short_header.code", 0) != 0;
    a->short_header_min = (uint32_t)vw_profile_answer(p, "short_header_min", VW_PREFIX_BYTES);
    a->stream_chunk = (uint32_t)vw_profile_answer(p, "stream_chunk", 262120);
    a->close_needs_open = vw_profile_answer(p, "close_not_open.code", 0) != 0;
    a->in_order = vw_profile_answer(p, "replies_in_order", 0) != 0;
    a->errors_of_2007 = p->dialect == VW_PROFILE_2007;
    a->format = vw_profile_answer_text(p, "error_format", "%s");
    a->repeat_message = strcmp(a->format, "message") == 0;
    a->empty_detail = answer_is(p, "error_detail_missing", "empty");
}

int vw_session_create(const struct vw_session_options *options, struct vw_session **out,
                      struct vw_error *err)
{
    unsigned notices = options->role == VW_ROLE_SERVER ? 1 : VW_NOTICE_MAX;
    *out = NULL;
    struct vw_session *s = calloc(1, sizeof(*s) + notices * sizeof(s->notices[0]));
    if (!s)
        return vw_error_nomem(err);
    s->o = *options;
    s->notice_cap = notices;
    if (!s->o.max_output)
        s->o.max_output = VW_OUTPUT_AT_ONCE;
    vw_limits_from_profile(s->o.profile, &s->limits);
    read_answers(s->o.profile, &s->answers);
    s->error_type = vw_schema_type(s->o.profile->schema, "virNetMessageError");
    if (!s->error_type)
        s->error_type = vw_schema_type(s->o.profile->schema, "remote_error");
    int rc = vw_speech_init(&s->speech, &s->o, err);
    if (rc) {
        free(s);
        return rc;
    }
    struct vw_limits taken = s->limits;
    /* F-7: the client of 2007 compares the length less its own word. */
    if (s->o.role == VW_ROLE_CLIENT && s->o.profile->dialect == VW_PROFILE_2007)
        taken.max_length_word += VW_LENGTH_BYTES;
    for (int i = 0; i < 2; i++) {
        vw_reader_init(&s->in[i].reader, &taken);
        s->in[i].reader.spare = s->o.spares ? &s->o.spares->in : NULL;
        s->in[i].reader.tolerant =
            s->o.role == VW_ROLE_OBSERVER ||
            (s->o.role == VW_ROLE_SERVER && s->answers.short_header_answered);
    }
    s->out.spare = s->o.spares ? &s->o.spares->out : NULL;
    s->authenticated = !s->o.auth_required;
    *out = s;
    return 0;
}

static uint32_t fds_waiting(const struct vw_input *in)
{
    return in->fds ? in->fds->count : 0;
}

/* Closes what came behind the first KEEP. What was given is given up, too. */
static void drop_fds(struct vw_input *in, uint32_t keep)
{
    while (fds_waiting(in) > keep)
        close(in->fds->waiting[--in->fds->count]);
    if (fds_waiting(in) == 0) {
        free(in->fds);
        in->fds = NULL;
    }
}

void vw_session_destroy(struct vw_session *s)
{
    if (!s)
        return;
    for (int i = 0; i < 2; i++) {
        drop_fds(&s->in[i], 0);
        free(s->in[i].records);
        vw_reader_finish(&s->in[i].reader);
    }
    vw_outbox_finish(&s->out);
    vw_table_finish(&s->calls);
    vw_table_finish(&s->streams);
    vw_speech_finish(&s->speech);
    free(s);
}

/* ---- in ---- */

void vw_session_time(struct vw_session *s, int64_t now_ms)
{
    s->now = now_ms;
}

uint8_t *vw_session_space(struct vw_session *s, enum vw_side from, size_t *room)
{
    return vw_reader_space(&s->in[from].reader, room);
}

void vw_session_added(struct vw_session *s, enum vw_side from, size_t n)
{
    s->in[from].fed = true;
    vw_reader_added(&s->in[from].reader, n);
}

int vw_session_feed(struct vw_session *s, enum vw_side from, const void *bytes, size_t len)
{
    s->in[from].fed = true;
    return vw_reader_feed(&s->in[from].reader, bytes, len);
}

int vw_session_add_fds(struct vw_session *s, enum vw_side from, const int *fds, size_t n)
{
    struct vw_input *in = &s->in[from];
    if (n && !in->fds)
        in->fds = calloc(1, sizeof(*in->fds));
    for (size_t i = 0; i < n; i++) {
        if (in->fds && in->fds->count < VW_IN_FDS)
            in->fds->waiting[in->fds->count++] = fds[i];
        else
            close(fds[i]);
    }
    return n && !in->fds ? VW_ENOMEM : 0;
}

void vw_session_eof(struct vw_session *s, enum vw_side from)
{
    s->in[from].fed = true;
    s->in[from].eof = true;
}

size_t vw_session_look(const struct vw_session *s, enum vw_side from, const uint8_t **bytes)
{
    const struct vw_reader *r = &s->in[from].reader;
    *bytes = r->data ? r->data + r->start : NULL;
    return vw_reader_pending(r);
}

size_t vw_session_unread(struct vw_session *s, enum vw_side from, const uint8_t **bytes)
{
    size_t n = vw_session_look(s, from, bytes);
    vw_reader_skip(&s->in[from].reader, n);
    s->in[from].shown = VW_SHOWN_NOTHING;
    return n;
}

void vw_session_resume(struct vw_session *s, enum vw_side from, uint64_t offset)
{
    s->in[from].broken = false;
    s->in[from].reader.failed = false;
    s->in[from].reader.consumed = offset;
}

void vw_session_close(struct vw_session *s)
{
    enum vw_side peer = s->o.role == VW_ROLE_CLIENT ? VW_SIDE_SERVER : VW_SIDE_CLIENT;
    if (s->o.role != VW_ROLE_OBSERVER)
        vw_session_die(s, peer, VW_CLOSE_LOCAL, "", "closed by this side");
}

/* ---- one message in ---- */

/* The first N of those that wait. */
static void give_fds(struct vw_in_fds *fds, uint32_t n)
{
    memcpy(fds->given, fds->waiting, n * sizeof(int));
    fds->count -= n;
    memmove(fds->waiting, fds->waiting + n, fds->count * sizeof(int));
}

/* Takes them back. */
static void ungive_fds(struct vw_in_fds *fds, uint32_t n)
{
    memmove(fds->waiting + n, fds->waiting, fds->count * sizeof(int));
    memcpy(fds->waiting, fds->given, n * sizeof(int));
    fds->count += n;
}

/* Finds the descriptors of M (P-2, P-3). 1; 0: they have not come; -1: the connection is over. */
static int claim_fds(struct vw_session *s, struct vw_incoming *m)
{
    struct vw_input *in = &s->in[m->from];
    uint32_t n = m->frame.body_len >= 4 ? vw_load32(m->frame.body) : UINT32_MAX;
    bool observer = s->o.role == VW_ROLE_OBSERVER;
    /* Where none can be passed, the type may be all that is wrong (P-5). */
    if (n > 0 && observer && !s->o.fds)
        return 1;
    if (n > s->limits.fds_max) {
        vw_session_fail(s, m, "D-14", "no count of descriptors from 0 to %u", s->limits.fds_max);
        return -1;
    }
    if (n > 0 && !s->o.fds) {
        vw_session_fail(s, m, "P-6", "%u descriptors where none can be passed", n);
        return -1;
    }
    if (vw_reader_pending(&in->reader) < n)
        return 0;
    if (fds_waiting(in) < n && !observer) {
        vw_session_fail(s, m, "D-15", "a byte without the descriptor that is due");
        return -1;
    }
    m->frame.body += 4;
    m->frame.body_len -= 4;
    vw_reader_skip(&in->reader, n);
    m->n_fds = n < fds_waiting(in) ? n : fds_waiting(in);
    if (m->n_fds)
        give_fds(in->fds, m->n_fds);
    return 1;
}

/* How many descriptors the message that is coming may claim: none before its header and their count
 * are there (P-2). What else came would be kept for a peer that has asked for nothing. */
static uint32_t fds_due(const struct vw_session *s, const struct vw_reader *r)
{
    struct vw_header h;
    const uint8_t *p = r->data + r->start;
    if (vw_reader_pending(r) < VW_PREFIX_BYTES + 4)
        return 0;
    vw_header_decode(p + VW_LENGTH_BYTES, &h);
    return vw_session_carries_fds(s, &h) ? vw_load32(p + VW_PREFIX_BYTES) : 0;
}

static const char *framing_clause(const struct vw_error *err)
{
    if (strcmp(err->clause, "F-3") == 0)
        return "F-3";
    return strcmp(err->clause, "F-7") == 0 ? "F-7" : "F-4";
}

/* F-8: a wrong program number ends the connection as soon as it is in. */
static bool early_program_ok(const struct vw_session *s, const struct vw_reader *r)
{
    if (!s->answers.unknown_program_closes || s->o.role != VW_ROLE_SERVER ||
        vw_reader_pending(r) < 8)
        return true;
    /* A wrong length is told first, whichever way the bytes came; and a message that is shorter
     * than its program number has none. */
    uint32_t length = vw_load32(r->data + r->start);
    uint32_t program = vw_load32(r->data + r->start + 4);
    if (length < 2 * VW_LENGTH_BYTES || length > s->limits.max_length_word)
        return true;
    for (size_t i = 0; i < s->speech.count; i++)
        if (s->speech.list[i]->number == program)
            return true;
    return false;
}

/* 1: M is set; 0: nothing whole has come; -1: the side is over. */
static int fetch(struct vw_session *s, enum vw_side side, struct vw_incoming *m)
{
    struct vw_input *in = &s->in[side];
    struct vw_error err = VW_ERROR_INIT;
    m->from = side;
    m->n_fds = 0;
    m->offset = in->reader.consumed;
    m->frame = (struct vw_frame){.short_header = true};
    if (s->o.filter && !vw_filter_in(s, side))
        return 0;
    if (!early_program_ok(s, &in->reader)) {
        vw_session_fail(s, m, "F-8", "a program number that is not known here");
        return -1;
    }
    if (in->has_records)
        vw_records_check(s, side);
    int rc = vw_reader_next(&in->reader, &m->frame, &err);
    if (rc < 0) {
        m->frame.short_header = true;
        vw_session_fail(s, m, framing_clause(&err), "%s", err.text);
        return -1;
    }
    if (rc == 0 || m->frame.short_header || !vw_session_carries_fds(s, &m->frame.header))
        return rc;
    rc = claim_fds(s, m);
    if (rc == 0)
        vw_reader_back(&in->reader, m->frame.length);
    return rc;
}

static int dispatch(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    switch (s->o.role) {
    case VW_ROLE_CLIENT:
        return vw_dispatch_client(s, m, ev);
    case VW_ROLE_SERVER:
        return vw_dispatch_server(s, m, ev);
    default:
        return vw_dispatch_observer(s, m, ev);
    }
}

/* Nothing has happened yet: the message and its descriptors go back to where they were. NOTICES
 * were there before it was dispatched. */
static void put_back(struct vw_session *s, const struct vw_incoming *m, unsigned notices)
{
    struct vw_input *in = &s->in[m->from];
    size_t extra = in->reader.consumed - m->offset - m->frame.length;
    vw_reader_back(&in->reader, m->frame.length + extra);
    if (m->n_fds)
        ungive_fds(in->fds, m->n_fds);
    s->notice_count = notices;
}

/* Descriptors go to whoever handles a call or its reply; nobody else wants them (P-4). EV is NULL
 * when the message came to nothing. */
static void settle_fds(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev)
{
    const int *given = m->n_fds ? s->in[m->from].fds->given : NULL;
    if (!given || vw_filter_fds(s, m->from, given, m->n_fds) != VW_FATE_PASS)
        return;
    if (ev && (ev->kind == VW_EVENT_CALL || ev->kind == VW_EVENT_REPLY)) {
        ev->fds = given;
        ev->n_fds = m->n_fds;
        return;
    }
    for (uint32_t i = 0; i < m->n_fds; i++)
        close(given[i]);
}

/* D-26: a request counts until its reply is written, which is looked at only where the transport
 * does not take what it is given. */
static bool full(const struct vw_session *s)
{
    if (s->o.role != VW_ROLE_SERVER)
        return false;
    if (vw_session_output_pending(s) >= s->o.max_output)
        return true;
    uint32_t unwritten = s->out.blocked ? s->out.replies : 0;
    return s->o.max_requests && s->requests + unwritten >= s->o.max_requests;
}

/* 1: EV; 0: nothing from this side for now; VW_ENOMEM. */
static int next_message(struct vw_session *s, enum vw_side side, struct vw_arena *arena,
                        struct vw_event *ev)
{
    struct vw_input *in = &s->in[side];
    struct vw_incoming m = {.arena = arena};
    if (!in->fed || in->broken || full(s))
        return 0;
    int rc = fetch(s, side, &m);
    unsigned notices = s->notice_count;
    if (rc > 0) {
        rc = dispatch(s, &m, ev);
        if (rc == VW_ENOMEM) {
            put_back(s, &m, notices);
            return rc;
        }
        in->shown = VW_SHOWN_NOTHING;
        vw_keepalive_seen(s);
        if (s->o.trace)
            s->o.trace(s->o.trace_user, side, m.frame.bytes, m.frame.length);
        settle_fds(s, &m, rc > 0 ? ev : NULL);
        return rc;
    }
    if (rc == 0 && in->eof) {
        bool whole = vw_reader_pending(&in->reader) == 0;
        vw_session_die(s, side, whole ? VW_CLOSE_EOF : VW_CLOSE_TRUNCATED, "",
                       whole ? "the peer closed the connection"
                             : "the peer closed the connection in the middle of a message");
    } else if (rc == 0 && in->fds) {
        drop_fds(in, fds_due(s, &in->reader));
    }
    return 0;
}

/* ---- events out ---- */

/* The oldest call in flight ends with the connection. */
static int fail_call(struct vw_session *s, struct vw_arena *arena, struct vw_event *ev)
{
    struct vw_under_way *e = vw_table_oldest(&s->calls);
    char *text = vw_arena_strndup(arena, s->close_text, strlen(s->close_text));
    if (!text)
        return VW_ENOMEM;
    vw_event_start(ev, e->forgotten ? VW_EVENT_DROPPED : VW_EVENT_ERROR, NULL);
    ev->from = VW_SIDE_SERVER;
    ev->header = (struct vw_header){.program = e->program,
                                    .version = e->version,
                                    .procedure = e->procedure,
                                    .serial = e->serial};
    ev->proc = e->proc;
    ev->local = true;
    ev->user = e->user;
    ev->text = text;
    ev->clause = s->close_clause;
    ev->error = (struct vw_remote_error){
        .code = VW_ERR_INTERNAL, .domain = VW_FROM_RPC, .level = VW_LEVEL_ERROR, .message = text};
    vw_table_remove(&s->calls, e);
    return 1;
}

static int give_end(struct vw_session *s, struct vw_arena *arena, struct vw_event *ev)
{
    if (s->o.role == VW_ROLE_CLIENT && s->calls.count)
        return fail_call(s, arena, ev);
    if (s->reason == VW_CLOSE_LOCAL && vw_session_output_pending(s))
        return 0;
    char *text = vw_arena_strndup(arena, s->close_text, strlen(s->close_text));
    if (!text)
        return VW_ENOMEM;
    vw_event_start(ev, VW_EVENT_CLOSED, NULL);
    ev->from = s->dying_side;
    ev->reason = s->reason;
    ev->clause = s->close_clause;
    ev->text = text;
    s->over = true;
    return 1;
}

static bool all_broken(const struct vw_session *s)
{
    bool any = false;
    for (int i = 0; i < 2; i++) {
        if (s->in[i].fed && !s->in[i].broken)
            return false;
        any = any || s->in[i].fed;
    }
    return any;
}

/* Takes messages until one has something to tell. */
static int next_of_side(struct vw_session *s, enum vw_side side, struct vw_arena *arena,
                        struct vw_event *ev)
{
    for (;;) {
        uint64_t before = s->in[side].reader.consumed;
        int rc = next_message(s, side, arena, ev);
        if (rc || s->notice_count || s->dying || s->in[side].reader.consumed == before)
            return rc;
    }
}

int vw_session_next(struct vw_session *s, struct vw_arena *arena, struct vw_event *ev)
{
    if (s->notice_count)
        return vw_notice_give(s, arena, ev);
    if (s->over)
        return 0;
    for (int side = VW_SIDE_CLIENT; side <= VW_SIDE_SERVER && !s->dying; side++) {
        int rc = next_of_side(s, (enum vw_side)side, arena, ev);
        if (rc)
            return rc;
        if (s->notice_count)
            return vw_notice_give(s, arena, ev);
        vw_reader_rest(&s->in[side].reader);
    }
    /* After the input, which may hold the sign of life that the timer waits for. */
    if (!s->dying && vw_keepalive_tick(s))
        return VW_ENOMEM;
    return s->dying ? give_end(s, arena, ev) : 0;
}

/* ---- asking ---- */

bool vw_session_has_more(const struct vw_session *s)
{
    return s->notice_count > 0;
}

bool vw_session_peek(const struct vw_session *s, enum vw_side from, struct vw_header *out)
{
    const struct vw_reader *r = &s->in[from].reader;
    if (vw_reader_pending(r) < VW_PREFIX_BYTES)
        return false;
    vw_header_decode(r->data + r->start + VW_LENGTH_BYTES, out);
    return true;
}

size_t vw_session_held(const struct vw_session *s, enum vw_side from)
{
    const struct vw_reader *r = &s->in[from].reader;
    size_t n = vw_reader_pending(r);
    return n >= VW_LENGTH_BYTES && vw_load32(r->data + r->start) <= n ? 0 : n;
}

bool vw_session_wants_read(const struct vw_session *s)
{
    if (s->over || s->dying || full(s))
        return false;
    if (s->o.role == VW_ROLE_SERVER)
        return !s->in[VW_SIDE_CLIENT].eof && !s->in[VW_SIDE_CLIENT].broken;
    if (s->o.role == VW_ROLE_CLIENT)
        return !s->in[VW_SIDE_SERVER].eof;
    return true;
}

int64_t vw_session_deadline(const struct vw_session *s)
{
    if (s->over)
        return INT64_MAX;
    if (s->notice_count || (s->dying && s->reason != VW_CLOSE_LOCAL))
        return s->now;
    return s->pinging && !s->dying ? s->ping_due : INT64_MAX;
}

bool vw_session_over(const struct vw_session *s)
{
    if (s->o.role == VW_ROLE_OBSERVER)
        return s->notice_count == 0 && all_broken(s);
    return s->over;
}

void vw_spares_finish(struct vw_spares *spares)
{
    vw_buf_finish(&spares->in);
    vw_buf_finish(&spares->out);
}

size_t vw_session_memory(const struct vw_session *s)
{
    return s->in[VW_SIDE_CLIENT].reader.cap + s->in[VW_SIDE_SERVER].reader.cap + s->out.buf.cap;
}

size_t vw_session_rest(struct vw_session *s)
{
    size_t before = vw_session_memory(s);
    if (vw_session_output_pending(s) == 0)
        vw_buf_finish(&s->out.buf);
    for (int i = 0; i < 2; i++)
        if (vw_reader_pending(&s->in[i].reader) == 0)
            vw_reader_finish(&s->in[i].reader);
    return before - vw_session_memory(s);
}

const struct vw_limits *vw_session_limits(const struct vw_session *s)
{
    return &s->limits;
}
