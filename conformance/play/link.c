// SPDX-License-Identifier: MIT
// The connection of a case: queues, pumping, and the log of what passed.
#include "conformance/play/link.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/room.h"
#include "capture/record-transport.h"
#include "conformance/play/under.h"
#include "message/diagnose.h"

#define KEEPALIVE_PONG 2     /* K-1 */
#define PIECE_US       20000 /* that the next piece of a message waits for the peer to read one */
/* The same under a condition, where the kernel does not tell: there are hundreds of thousands. */
#define BLIND_US     150
#define READS_A_TURN 64 /* so that a flood cannot hold up the other cases */

/* ---- the log ---- */

void vw_log_add(struct vw_log *log, enum vw_log_kind kind, const char *conn, const void *bytes,
                size_t len)
{
    size_t kept = len < VW_LINK_LOG_BYTES ? len : VW_LINK_LOG_BYTES;
    struct vw_log_entry *e = NULL;
    if (log && log->count < VW_LINK_LOG_ENTRIES)
        e = malloc(sizeof(*e) + kept + 1);
    if (!e) {
        if (log)
            log->dropped++;
        return;
    }
    memset(e, 0, sizeof(*e));
    e->kind = kind;
    e->at_us = vw_now_us() - log->start_us;
    e->conn = conn;
    e->len = len;
    e->kept = kept;
    if (kept)
        memcpy(e->bytes, bytes, kept);
    e->bytes[kept] = 0;
    if (log->last)
        log->last->next = e;
    else
        log->first = e;
    log->last = e;
    log->count++;
}

void vw_log_note(struct vw_log *log, const char *conn, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n > 0)
        vw_log_add(log, VW_LOG_NOTE, conn, text, strlen(text));
}

void vw_log_finish(struct vw_log *log)
{
    for (struct vw_log_entry *e = log->first, *next; e; e = next) {
        next = e->next;
        free(e);
    }
    memset(log, 0, sizeof(*log));
}

/* ---- life ---- */

int vw_connect(const struct vw_connector *how, const struct vw_uri *uri, int64_t deadline_ms,
               struct vw_transport **out, struct vw_error *err)
{
    const struct vw_transport_options options = {.warn = how->warn, .user = how->warned};
    int rc;
    if (how->connect)
        rc = how->connect(how->user, uri, deadline_ms, out, err);
    else if (how->warn)
        rc = vw_transport_open_with(uri, &options, deadline_ms, out, err);
    else
        rc = vw_transport_open(uri, deadline_ms, out, err);
    if (rc || !how->recorder)
        return rc;
    return vw_record_wrap(how->recorder, VW_SIDE_CLIENT, (*out)->ops->name, *out, out, err);
}

int vw_link_open(const struct vw_connector *how, const struct vw_uri *uri,
                 const struct vw_profile *profile, int64_t deadline_ms, struct vw_link **out,
                 struct vw_error *err)
{
    const struct vw_session_options watch = {.role = VW_ROLE_OBSERVER,
                                             .profile = profile,
                                             .strict = VW_STRICT_ALL | VW_STRICT_RANGE,
                                             .declared = true,
                                             .fds =
                                                 how->fds && uri->transport == VW_TRANSPORT_UNIX};
    struct vw_link *c = calloc(1, sizeof(*c));
    if (!c)
        return vw_error_nomem(err);
    int rc = vw_session_create(&watch, &c->watch, err);
    if (rc == 0)
        rc = vw_connect(how, uri, deadline_ms, &c->transport, err);
    if (rc < 0) {
        vw_session_destroy(c->watch);
        free(c);
        return rc;
    }
    c->fds = watch.fds;
    c->profile = profile;
    c->kind = uri->transport;
    c->condition = how->condition;
    c->next_serial = 1;
    c->sent_tail = &c->sent;
    c->inbox_tail = &c->inbox;
    *out = c;
    return 0;
}

static void forget(struct vw_link *c)
{
    for (struct vw_sent *s = c->sent, *next; s; s = next) {
        next = s->next;
        free(s);
    }
    for (struct vw_got *g = c->inbox, *next; g; g = next) {
        next = g->next;
        free(g);
    }
    c->sent = NULL;
    c->sent_tail = &c->sent;
    c->inbox = NULL;
    c->inbox_tail = &c->inbox;
    c->inbox_count = c->inbox_bytes = 0;
    c->latest = NULL;
    c->logged = NULL;
    c->breaches = NULL;
    vw_arena_reset(&c->arena);
}

/* One attempt, whose answer nobody waits for. */
static void say_goodbye(struct vw_link *c)
{
    const struct vw_proc *p = c->goodbye;
    const struct vw_header h = {p->program->number, p->program->version, p->number,
                                VW_MSG_CALL,        c->next_serial,      VW_MSG_OK};
    struct vw_buf b = VW_BUF_INIT;
    if (!vw_link_over(c) && c->out_done == c->out.len &&
        vw_message_append(&b, vw_session_limits(c->watch), &h, 0, NULL, 0, NULL) == 0)
        (void)c->transport->ops->send(c->transport, b.data, b.len, NULL);
    vw_buf_finish(&b);
}

void vw_link_destroy(struct vw_link *c)
{
    if (!c)
        return;
    if (c->goodbye)
        say_goodbye(c);
    forget(c);
    vw_link_entered(c);
    if (c->transport)
        c->transport->ops->close(c->transport);
    vw_session_destroy(c->watch);
    vw_arena_finish(&c->scratch);
    vw_arena_finish(&c->arena);
    vw_buf_finish(&c->out);
    vw_link_unpass(c);
    free(c->cuts);
    free(c->ends);
    free(c);
}

void vw_link_recycle(struct vw_link *c)
{
    forget(c);
    c->log = NULL;
    c->deaf = false;
    c->pings_unanswered = false;
}

bool vw_link_is_clean(const struct vw_link *c)
{
    if (vw_link_over(c) || c->out_done < c->out.len || c->inbox || c->end_output || c->breaches ||
        vw_session_held(c->watch, VW_SIDE_SERVER))
        return false;
    for (const struct vw_sent *s = c->sent; s; s = s->next)
        if (!s->answered)
            return false;
    return true;
}

/* ---- out ---- */

static bool has_records(const struct vw_link *c)
{
    return c->transport && (c->transport->ops->caps & VW_CAP_RECORDS);
}

static int note_end(struct vw_link *c, struct vw_error *err)
{
    size_t *ends = vw_room(c->ends, c->n_ends, sizeof(*ends));
    if (!ends)
        return vw_error_nomem(err);
    c->ends = ends;
    c->ends[c->n_ends++] = c->out.len;
    return 0;
}

int vw_link_send(struct vw_link *c, const void *bytes, size_t len, struct vw_error *err)
{
    return c->condition ? vw_under_send(c, bytes, len, err) : vw_link_queue(c, bytes, len, err);
}

int vw_link_queue(struct vw_link *c, const void *bytes, size_t len, struct vw_error *err)
{
    if (c->out_done == c->out.len)
        c->out_done = c->out.len = c->n_ends = c->next_end = 0;
    if (vw_buf_append(&c->out, bytes, len) < 0)
        return vw_error_nomem(err);
    vw_log_add(c->log, VW_LOG_SENT, c->name, bytes, len);
    return has_records(c) ? note_end(c, err) : 0;
}

int vw_link_expect_answer(struct vw_link *c, const char *label, const struct vw_header *h,
                          const struct vw_proc *proc, bool bent, struct vw_error *err)
{
    struct vw_sent *s = calloc(1, sizeof(*s));
    if (!s || vw_session_declare_call(c->watch, h, proc, bent, s) < 0) {
        free(s);
        return vw_error_nomem(err);
    }
    snprintf(s->label, sizeof(s->label), "%s", label);
    s->header = *h;
    s->proc = proc;
    *c->sent_tail = s;
    c->sent_tail = &s->next;
    return 0;
}

/* Bytes that the next write may take. */
static size_t write_size(struct vw_link *c)
{
    size_t n = c->out.len - c->out_done;
    while (c->next_end < c->n_ends && c->ends[c->next_end] <= c->out_done)
        c->next_end++;
    if (!c->whole && c->next_end < c->n_ends)
        n = c->ends[c->next_end] - c->out_done;
    if (c->piece && n > c->piece)
        n = c->piece;
    const struct vw_passed *p = &c->passed;
    if (p->next < p->n_waiting && p->waiting[p->next].at > c->out_done &&
        p->waiting[p->next].at - c->out_done < n)
        n = p->waiting[p->next].at - c->out_done;
    if (vw_link_passing(c))
        n = 1;
    for (size_t i = 0; i < c->n_cuts; i++)
        if (c->cuts[i] > c->out_done && c->cuts[i] - c->out_done < n)
            n = c->cuts[i] - c->out_done;
    return n;
}

/* Has the peer read what was written? The kernel knows it of UNIX sockets, and of others only that
 * it has arrived. A peer that does not read now will not get the next piece apart from this one. */
static bool is_taken(const struct vw_link *c)
{
    const bool blind = c->condition && c->kind != VW_TRANSPORT_UNIX;
    int left = 0;
    return vw_now_us() - c->piece_us >= (blind ? BLIND_US : PIECE_US) ||
           (!blind && (ioctl(vw_link_fd(c), SIOCOUTQ, &left) < 0 || left == 0));
}

/* One write, with the descriptors that go with its first byte. */
static ssize_t write_next(struct vw_link *c)
{
    const struct vw_pass *pass = vw_link_passing(c);
    struct vw_fds fds = {.count = 0};
    while (pass && fds.count < pass->count)
        fds.fd[fds.count++] = c->passed.theirs;
    return c->transport->ops->send(c->transport, c->out.data + c->out_done, write_size(c),
                                   pass ? &fds : NULL);
}

static bool write_some(struct vw_link *c)
{
    bool cut = c->piece || c->n_cuts;
    bool changed = false;
    if (cut && c->out_done > 0 && c->out_done < c->out.len && c->transport && !is_taken(c))
        return false;
    while (c->out_done < c->out.len && !c->reset && c->transport) {
        ssize_t n = write_next(c);
        if (n == -EAGAIN || n == -EINTR)
            break;
        changed = true;
        if (n < 0) {
            /* What the peer said before it left can still be read; the end is seen there. */
            c->out_done = c->out.len;
            vw_log_note(c->log, c->name, "writing failed: %s", strerror((int)-n));
            break;
        }
        if (n > 0 && vw_link_passing(c))
            c->passed.next++;
        c->out_done += (size_t)n;
        if (cut) {
            c->piece_us = vw_now_us();
            break; /* one piece a turn, so that the peer has a chance to see it alone */
        }
    }
    if (c->out_done == c->out.len && c->end_output && c->transport) {
        if (c->transport->ops->shutdown)
            c->transport->ops->shutdown(c->transport);
        c->end_output = false;
        changed = true;
    }
    return changed;
}

/* ---- in ---- */

static bool is_held(const struct vw_link *c)
{
    return c->entry && c->entry->held;
}

static int answer_ping(struct vw_link *c, const struct vw_header *ping, struct vw_error *err)
{
    const struct vw_header pong = {ping->program, ping->version, KEEPALIVE_PONG, VW_MSG_MESSAGE, 0,
                                   VW_MSG_OK};
    struct vw_buf b = VW_BUF_INIT;
    int rc = vw_message_append(&b, vw_session_limits(c->watch), &pong, 0, NULL, 0, err);
    if (rc == 0)
        rc = vw_link_send(c, b.data, b.len, err);
    vw_buf_finish(&b);
    return rc;
}

static int store_frame(struct vw_link *c, const struct vw_event *ev, struct vw_error *err)
{
    if (c->inbox_count >= VW_LINK_INBOX_FRAMES ||
        c->inbox_bytes + ev->length > VW_LINK_INBOX_BYTES) {
        c->flooded = true;
        return 0;
    }
    struct vw_got *g = malloc(sizeof(*g) + ev->length);
    if (!g)
        return vw_error_nomem(err);
    *g = (struct vw_got){.kind = ev->kind,
                         .header = ev->header,
                         .short_header = ev->length < VW_PREFIX_BYTES,
                         .length = ev->length,
                         .body = ev->length - ev->body_len};
    memcpy(g->bytes, ev->message, ev->length);
    *c->inbox_tail = c->latest = g;
    c->latest_at = ev->offset;
    c->inbox_tail = &g->next;
    c->inbox_count++;
    c->inbox_bytes += ev->length;
    return 0;
}

static bool is_awaited(const struct vw_link_entry *e, const struct vw_header *h)
{
    return e && e->holds && h->serial == e->serial &&
           (h->type == VW_MSG_REPLY || h->type == VW_MSG_REPLY_WITH_FDS);
}

/* The list that EV belongs to: that of the frame that came last, or of the connection. */
static struct vw_breach **breaches_for(struct vw_link *c, const struct vw_event *ev)
{
    bool of_latest = ev->length && c->latest && c->latest_at == ev->offset;
    return of_latest ? &c->latest->breaches : &c->breaches;
}

/* What EV tells, and where in the body that is. */
static const char *breach_text(struct vw_link *c, const struct vw_event *ev)
{
    const struct vw_location *at = &ev->finding->place;
    uint64_t body = ev->offset + (c->latest ? c->latest->body : 0);
    char place[160] = "", more[40] = "";
    if (*at->path && strncmp(at->path, "header.", 7) != 0)
        snprintf(place, sizeof(place), " at %s", at->path);
    size_t n = strlen(place);
    if (n && at->offset >= body)
        snprintf(place + n, sizeof(place) - n, ", offset %" PRIu64 " of the body",
                 at->offset - body);
    if (ev->finding->count > 1)
        snprintf(more, sizeof(more), ", and %zu more", ev->finding->count - 1);
    return vw_arena_printf(&c->arena, "%s%s%s", ev->text, place, more);
}

static void set_mark(struct vw_log_entry *e, size_t at, size_t length)
{
    if (e->mark)
        return;
    e->mark = at + 1;
    e->marked = length;
}

void vw_log_mark(struct vw_log *log, const struct vw_got *got, size_t at, size_t length)
{
    struct vw_log_entry *latest = NULL;
    for (struct vw_log_entry *e = log->first; e; e = e->next)
        if (e->kind == VW_LOG_RECEIVED && e->len == got->length &&
            memcmp(e->bytes, got->bytes, e->kept) == 0)
            latest = e;
    if (latest && length > 0)
        set_mark(latest, at, length);
}

/* The word that EV is about is told apart in the log. */
static void mark(struct vw_link *c, const struct vw_event *ev)
{
    const struct vw_location *at = &ev->finding->place;
    bool of_latest = c->logged && c->latest && c->latest_at == ev->offset;
    if (of_latest && *at->path && at->offset >= ev->offset)
        set_mark(c->logged, (size_t)(at->offset - ev->offset), 1);
}

static int store_breach(struct vw_link *c, const struct vw_event *ev, struct vw_error *err)
{
    const char *path = ev->finding->place.path;
    struct vw_breach **list = breaches_for(c, ev);
    struct vw_breach *b = vw_arena_alloc(&c->arena, sizeof(*b), _Alignof(struct vw_breach));
    const char *text = breach_text(c, ev);
    path = vw_arena_strndup(&c->arena, path, strlen(path));
    if (!b || !text || !path)
        return vw_error_nomem(err);
    mark(c, ev);
    *b = (struct vw_breach){.clause = ev->clause,
                            .path = path,
                            .text = text,
                            .header = ev->header,
                            .with_body = ev->length > VW_PREFIX_BYTES};
    while (*list)
        list = &(*list)->next;
    *list = b;
    vw_log_note(c->log, c->name, "against %s: %s", b->clause, b->text);
    return 0;
}

static int take_end(struct vw_link *c, const struct vw_event *ev, struct vw_error *err)
{
    vw_log_note(c->log, c->name, "%s", ev->text);
    c->eof = ev->reason != VW_CLOSE_VIOLATION;
    if (c->eof)
        return 0;
    const uint8_t *bytes;
    struct vw_diagnosis d;
    size_t n = vw_session_look(c->watch, VW_SIDE_SERVER, &bytes);
    vw_log_add(c->log, VW_LOG_REST, c->name, bytes, n);
    if (vw_diagnose(vw_session_limits(c->watch), bytes, n, NULL, 0, &d))
        c->resembles = d.kind;
    c->broken = vw_arena_strndup(&c->arena, ev->text, strlen(ev->text));
    return c->broken ? 0 : vw_error_nomem(err);
}

static int take_event(struct vw_link *c, const struct vw_event *ev, struct vw_error *err)
{
    if (ev->kind == VW_EVENT_VIOLATION)
        return store_breach(c, ev, err);
    if (ev->kind == VW_EVENT_CLOSED)
        return take_end(c, ev, err);
    vw_log_add(c->log, VW_LOG_RECEIVED, c->name, ev->message, ev->length);
    c->logged = c->log && !c->log->dropped ? c->log->last : NULL;
    if (is_awaited(c->entry, &ev->header))
        c->entry->held = true;
    if (c->n_beside && vw_under_takes(c, &ev->header))
        return 0;
    int rc = store_frame(c, ev, err);
    if (rc == 0 && ev->kind == VW_EVENT_PING && !c->pings_unanswered)
        rc = answer_ping(c, &ev->header, err);
    return rc;
}

static int take_events(struct vw_link *c, struct vw_error *err)
{
    struct vw_event ev;
    int rc = 1;
    /* What is told of a message comes behind it, held or not. */
    while (rc > 0 && !c->flooded && (!is_held(c) || vw_session_has_more(c->watch))) {
        vw_arena_reset(&c->scratch);
        rc = vw_session_next(c->watch, &c->scratch, &ev);
        if (rc < 0 || (rc > 0 && take_event(c, &ev, err) < 0))
            return vw_error_nomem(err);
    }
    return 0;
}

static bool read_some(struct vw_link *c, struct vw_error *err)
{
    bool changed = false;
    for (int i = 0; i < READS_A_TURN && !c->deaf && !vw_link_over(c) && !is_held(c); i++) {
        size_t room;
        uint8_t *space = vw_session_space(c->watch, VW_SIDE_SERVER, &room);
        if (!space) {
            vw_error_nomem(err);
            return true;
        }
        struct vw_fds fds = {.count = 0};
        ssize_t n = c->transport->ops->recv(c->transport, space, room, c->fds ? &fds : NULL);
        if (n == -EAGAIN || n == -EINTR)
            break;
        changed = true;
        if (n < 0) {
            c->reset = (int)-n;
            vw_log_note(c->log, c->name, "reading failed: %s", strerror((int)-n));
            break;
        }
        if (n > 0) {
            c->heard_ms = vw_now_ms();
            c->reads++;
        }
        if (n > 0 && has_records(c) && c->transport->ops->record_start(c->transport))
            vw_session_record(c->watch, VW_SIDE_SERVER);
        if (n > 0)
            vw_session_added(c->watch, VW_SIDE_SERVER, (size_t)n);
        else
            vw_session_eof(c->watch, VW_SIDE_SERVER);
        if (fds.count && vw_session_add_fds(c->watch, VW_SIDE_SERVER, fds.fd, fds.count) < 0) {
            vw_error_nomem(err);
            return true;
        }
        if (take_events(c, err) < 0)
            return true;
    }
    return changed;
}

/* ---- the log-in ---- */

int vw_link_release(struct vw_link *c, struct vw_error *err)
{
    c->entry->held = false;
    return take_events(c, err);
}

int vw_link_put_on(struct vw_link *c, struct vw_error *err)
{
    const uint8_t *early;
    size_t n = vw_session_unread(c->watch, VW_SIDE_SERVER, &early);
    struct vw_sasl *sasl = c->entry->sasl;
    c->entry->sasl = NULL;
    c->below = c->transport;
    int rc = vw_sasl_put_on(sasl, early, n, &c->transport, err);
    vw_log_note(c->log, c->name, "from here on through the layer of SASL");
    c->entry->held = false;
    return rc;
}

void vw_link_entered(struct vw_link *c)
{
    struct vw_link_entry *e = c->entry;
    if (!e)
        return;
    vw_login_destroy(e->login);
    vw_sasl_destroy(e->sasl);
    vw_answers_wipe(&e->answers);
    free(e);
    c->entry = NULL;
}

/* ---- both ---- */

size_t vw_link_unsent(const struct vw_link *c)
{
    return c->out.len - c->out_done;
}

int vw_link_fd(const struct vw_link *c)
{
    /* Who does not read does not hear of an end either, which poll(2) tells all the same. */
    bool looks = !c->deaf || c->out_done < c->out.len;
    return looks && c->transport && !vw_link_over(c) ? c->transport->ops->fd(c->transport) : -1;
}

short vw_link_events(const struct vw_link *c)
{
    return (c->deaf ? 0 : POLLIN) | (c->out_done < c->out.len ? POLLOUT : 0);
}

bool vw_link_pump(struct vw_link *c, struct vw_error *err)
{
    if (!c->transport)
        return false;
    bool wrote = write_some(c);
    bool read = read_some(c, err);
    return wrote || read;
}

void vw_link_take(struct vw_link *c, struct vw_got *got)
{
    struct vw_got **at = &c->inbox;
    while (*at && *at != got)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = got->next;
    if (!*at)
        c->inbox_tail = at;
    c->inbox_count--;
    c->inbox_bytes -= got->length;
    c->latest = c->latest == got ? NULL : c->latest;
    free(got);
}
