// SPDX-License-Identifier: MIT
// The connection of a case: queues, pumping, and the log of what passed.
#include "conformance/runner/link.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* Keepalive messages (K-1); the player answers pings as every client must. */
#define KEEPALIVE_PROGRAM 0x6b656570u
#define KEEPALIVE_PING    1
#define KEEPALIVE_PONG    2
#define PIECE_MS          20 /* that the next piece of a message waits for the peer to read one */
#define READS_A_TURN      64 /* so that a flood cannot hold up the other cases */

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
    return how->connect ? how->connect(how->user, uri, deadline_ms, out, err)
                        : vw_transport_open(uri, deadline_ms, out, err);
}

int vw_link_open(const struct vw_connector *how, const struct vw_uri *uri,
                 const struct vw_limits *limits, int64_t deadline_ms, struct vw_link **out,
                 struct vw_error *err)
{
    struct vw_link *c = calloc(1, sizeof(*c));
    if (!c)
        return vw_error_nomem(err);
    int rc = vw_connect(how, uri, deadline_ms, &c->transport, err);
    if (rc < 0) {
        free(c);
        return rc;
    }
    c->limits = *limits;
    vw_reader_init(&c->reader, limits);
    c->reader.tolerant = true;
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
}

/* One attempt, whose answer nobody waits for. */
static void say_goodbye(struct vw_link *c)
{
    const struct vw_proc *p = c->goodbye;
    const struct vw_header h = {p->program->number, p->program->version, p->number,
                                VW_MSG_CALL,        c->next_serial,      VW_MSG_OK};
    uint8_t bytes[VW_PREFIX_BYTES] = {0, 0, 0, VW_PREFIX_BYTES};
    vw_header_encode(&h, bytes + VW_LENGTH_BYTES);
    if (!vw_link_over(c) && c->out_done == c->out.len)
        (void)c->transport->ops->send(c->transport, bytes, sizeof(bytes), NULL);
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
    vw_reader_finish(&c->reader);
    vw_buf_finish(&c->out);
    free(c->cuts);
    free(c->ends);
    free(c);
}

void vw_link_recycle(struct vw_link *c)
{
    forget(c);
    c->log = NULL;
    c->pings_unanswered = false;
    c->mixed = 0;
}

bool vw_link_over(const struct vw_link *c)
{
    return c->eof || c->reset || c->bad_frame || c->flooded || !c->transport;
}

bool vw_link_is_clean(const struct vw_link *c)
{
    if (vw_link_over(c) || c->out_done < c->out.len || c->inbox || c->end_output ||
        vw_reader_pending(&c->reader))
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
    if (c->n_ends == c->cap_ends) {
        size_t cap = c->cap_ends ? c->cap_ends * 2 : 32;
        size_t *ends = realloc(c->ends, cap * sizeof(*ends));
        if (!ends)
            return vw_error_nomem(err);
        c->ends = ends;
        c->cap_ends = cap;
    }
    c->ends[c->n_ends++] = c->out.len;
    return 0;
}

int vw_link_send(struct vw_link *c, const void *bytes, size_t len, struct vw_error *err)
{
    if (c->out_done == c->out.len)
        c->out_done = c->out.len = c->n_ends = c->next_end = 0;
    if (vw_buf_append(&c->out, bytes, len) < 0)
        return vw_error_nomem(err);
    return has_records(c) ? note_end(c, err) : 0;
}

int vw_link_expect_answer(struct vw_link *c, const char *label, const struct vw_header *h,
                          const struct vw_proc *proc, struct vw_error *err)
{
    struct vw_sent *s = calloc(1, sizeof(*s));
    if (!s)
        return vw_error_nomem(err);
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
    if (!c->whole && !c->piece && !c->n_cuts && c->next_end < c->n_ends)
        n = c->ends[c->next_end] - c->out_done;
    if (c->piece && n > c->piece)
        n = c->piece;
    for (size_t i = 0; i < c->n_cuts; i++)
        if (c->cuts[i] > c->out_done && c->cuts[i] - c->out_done < n)
            n = c->cuts[i] - c->out_done;
    return n;
}

/* Has the peer read what was written? The kernel knows it of UNIX sockets, and of others only that
 * it has arrived. A peer that does not read now will not get the next piece apart from this one. */
static bool is_taken(const struct vw_link *c)
{
    int left = 0;
    return vw_now_ms() - c->piece_ms >= PIECE_MS || ioctl(vw_link_fd(c), SIOCOUTQ, &left) < 0 ||
           left == 0;
}

static bool write_some(struct vw_link *c)
{
    bool cut = c->piece || c->n_cuts;
    bool changed = false;
    if (cut && c->out_done > 0 && c->out_done < c->out.len && c->transport && !is_taken(c))
        return false;
    while (c->out_done < c->out.len && !c->reset && c->transport) {
        ssize_t n =
            c->transport->ops->send(c->transport, c->out.data + c->out_done, write_size(c), NULL);
        if (n == -EAGAIN || n == -EINTR)
            break;
        changed = true;
        if (n < 0) {
            /* What the peer said before it left can still be read; the end is seen there. */
            c->out_done = c->out.len;
            vw_log_note(c->log, c->name, "writing failed: %s", strerror((int)-n));
            break;
        }
        c->out_done += (size_t)n;
        if (cut) {
            c->piece_ms = vw_now_ms();
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

static int answer_ping(struct vw_link *c, struct vw_error *err)
{
    const struct vw_header pong = {KEEPALIVE_PROGRAM, 1, KEEPALIVE_PONG, VW_MSG_MESSAGE, 0, 0};
    uint8_t bytes[VW_PREFIX_BYTES] = {0, 0, 0, VW_PREFIX_BYTES};
    vw_header_encode(&pong, bytes + VW_LENGTH_BYTES);
    vw_log_add(c->log, VW_LOG_SENT, c->name, bytes, sizeof(bytes));
    return vw_link_send(c, bytes, sizeof(bytes), err);
}

static int store_frame(struct vw_link *c, const struct vw_frame *f, struct vw_error *err)
{
    if (c->inbox_count >= VW_LINK_INBOX_FRAMES ||
        c->inbox_bytes + f->length > VW_LINK_INBOX_BYTES) {
        c->flooded = true;
        return 0;
    }
    struct vw_got *g = malloc(sizeof(*g) + f->length);
    if (!g)
        return vw_error_nomem(err);
    g->next = NULL;
    g->header = (struct vw_header){0};
    if (!f->short_header)
        g->header = f->header;
    g->short_header = f->short_header;
    g->length = f->length;
    g->len = f->length;
    memcpy(g->bytes, f->bytes, f->length);
    *c->inbox_tail = g;
    c->inbox_tail = &g->next;
    c->inbox_count++;
    c->inbox_bytes += f->length;
    return 0;
}

static bool is_awaited(const struct vw_link_entry *e, const struct vw_header *h)
{
    return e && e->holds && h->serial == e->serial &&
           (h->type == VW_MSG_REPLY || h->type == VW_MSG_REPLY_WITH_FDS);
}

static int take_frame(struct vw_link *c, const struct vw_frame *f, struct vw_error *err)
{
    vw_log_add(c->log, VW_LOG_RECEIVED, c->name, f->bytes, f->length);
    const struct vw_header *h = &f->header;
    if (!f->short_header && is_awaited(c->entry, h))
        c->entry->held = true;
    if (!f->short_header && h->program == KEEPALIVE_PROGRAM && h->procedure == KEEPALIVE_PING &&
        h->type == VW_MSG_MESSAGE && !c->pings_unanswered && answer_ping(c, err) < 0)
        return VW_ENOMEM;
    return store_frame(c, f, err);
}

static int take_frames(struct vw_link *c, unsigned *count, struct vw_error *err)
{
    struct vw_frame f;
    int rc;
    *count = 0;
    while (!c->flooded && !is_held(c) &&
           (rc = vw_reader_next(&c->reader, &f, &c->frame_error)) != 0) {
        if (rc < 0) {
            c->bad_frame = true;
            vw_log_note(c->log, c->name, "the frame cannot be read: %s", c->frame_error.text);
            return 0;
        }
        ++*count;
        rc = take_frame(c, &f, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* T-5: what was just read ended COUNT messages. It is of one record. */
static void watch_record(struct vw_link *c, bool start, unsigned count)
{
    bool more = count > 1 || (count == 1 && vw_reader_pending(&c->reader));
    if ((!start && c->record_ended) || more) {
        c->mixed++;
        vw_log_note(c->log, c->name, "a record held parts of two messages");
    }
    c->record_ended = (!start && c->record_ended) || count > 0;
}

static bool read_some(struct vw_link *c, struct vw_error *err)
{
    bool changed = false;
    for (int i = 0; i < READS_A_TURN && !vw_link_over(c) && !is_held(c); i++) {
        size_t room;
        uint8_t *space = vw_reader_space(&c->reader, &room);
        if (!space) {
            vw_error_nomem(err);
            return true;
        }
        ssize_t n = c->transport->ops->recv(c->transport, space, room, NULL);
        if (n == -EAGAIN || n == -EINTR)
            break;
        changed = true;
        if (n == 0) {
            c->eof = true;
            vw_log_note(c->log, c->name, "the peer closed the connection");
        } else if (n < 0) {
            c->reset = (int)-n;
            vw_log_note(c->log, c->name, "reading failed: %s", strerror((int)-n));
        } else {
            bool start = has_records(c) && c->transport->ops->record_start(c->transport);
            unsigned count;
            vw_reader_added(&c->reader, (size_t)n);
            if (take_frames(c, &count, err) < 0)
                return true;
            if (has_records(c))
                watch_record(c, start, count);
        }
    }
    return changed;
}

/* ---- the log-in ---- */

int vw_link_release(struct vw_link *c, struct vw_error *err)
{
    unsigned count;
    c->entry->held = false;
    return take_frames(c, &count, err);
}

int vw_link_put_on(struct vw_link *c, struct vw_error *err)
{
    struct vw_reader *r = &c->reader;
    size_t n = vw_reader_pending(r);
    struct vw_sasl *sasl = c->entry->sasl;
    c->entry->sasl = NULL;
    int rc = vw_sasl_put_on(sasl, r->data + r->start, n, &c->transport, err);
    vw_reader_skip(r, n);
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
    return c->transport && !vw_link_over(c) ? c->transport->ops->fd(c->transport) : -1;
}

short vw_link_events(const struct vw_link *c)
{
    return POLLIN | (c->out_done < c->out.len ? POLLOUT : 0);
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
    free(got);
}
