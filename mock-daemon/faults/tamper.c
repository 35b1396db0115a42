// SPDX-License-Identifier: MIT
// The layer that faults live in. Input is cut into messages only when a fault wants to see them;
// output always is. Nothing here knows a single fault.
#include "mock-daemon/faults/tamper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/daemon.h"
#include "mock-daemon/faults/tls.h"
#include "mock-daemon/serve.h"
#include "schema/facts.h"
#include "xdr/values.h"

/* Bytes taken from the transport at a time. */
#define READ_BYTES 65536
/* Refusals that are remembered until their replies pass. */
#define REFUSALS 256

/* A descriptor that goes with the byte at AT of what is to be written (P-3). */
struct out_fd {
    size_t at;
    int fd;
};

#define OUT_FDS 32

struct vw_tamper {
    struct vw_conn *conn;
    const struct vw_fault *faults;
    struct vw_fault_state *states;
    bool looks_in;    /* a fault wants to see input */
    bool blind;       /* a bad length word went through: the session deals with the rest */
    struct vw_buf in; /* bytes not yet passed on; those before in_at are done with */
    size_t in_at;
    uint64_t skip;     /* bytes of input to be swallowed */
    uint32_t fd_bytes; /* of a message that has passed, and go where it went (P-3) */
    struct vw_buf out; /* what is to be written; up to out_at it is */
    size_t out_at;
    struct vw_buf ends; /* uint64_t: where in out what was queued at once ends */
    bool mix_records;
    struct out_fd out_fds[OUT_FDS]; /* by place, the first n_out_fds; owned */
    unsigned n_out_fds;
    struct vw_fault_output message;
    struct vw_refusal refusals[REFUSALS]; /* a ring */
    unsigned next_refusal;
    size_t chunk;
    int delay_ms;
    int64_t next_write_ms;
    bool closing; /* nothing is queued any more; the end comes when out is empty */
    bool cut;
};

/* ---- small things ---- */

uint32_t vw_word_get(const uint8_t *message, unsigned word)
{
    uint32_t v;
    memcpy(&v, message + (size_t)word * 4, 4);
    return __builtin_bswap32(v);
}

void vw_word_set(uint8_t *message, unsigned word, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(message + (size_t)word * 4, &value, 4);
}

bool vw_proc_is(const struct vw_proc *proc, const char *name)
{
    return proc && strcmp(proc->program->name, "remote") == 0 &&
           strcmp(vw_proc_today(proc), name) == 0;
}

struct vw_conn *vw_tamper_conn(struct vw_tamper *t)
{
    return t->conn;
}

struct vw_fault_state *vw_tamper_state(struct vw_tamper *t, const struct vw_fault *f)
{
    return &t->states[f->index];
}

static const struct vw_proc *find_proc(const struct vw_tamper *t, const struct vw_header *h)
{
    const struct vw_program *p = vw_session_program(t->conn->session, h->program, h->version);
    return p ? vw_program_proc(p, h->procedure) : NULL;
}

/* ---- what hooks may do ---- */

/* A record holds one message (T-5). */
static int note_end(struct vw_tamper *t)
{
    uint64_t end = t->out.len;
    if (t->mix_records || !(t->conn->transport->ops->caps & VW_CAP_RECORDS))
        return 0;
    return vw_buf_append(&t->ends, &end, sizeof(end));
}

static size_t bytes_to_end(const struct vw_tamper *t)
{
    const uint64_t *ends = (const uint64_t *)(const void *)t->ends.data;
    for (size_t i = 0; i < t->ends.len / sizeof(*ends); i++)
        if (ends[i] > t->out_at)
            return (size_t)ends[i] - t->out_at;
    return t->out.len - t->out_at;
}

void vw_tamper_send(struct vw_tamper *t, const void *bytes, size_t len)
{
    if (t->closing)
        return;
    if (vw_buf_append(&t->out, bytes, len) < 0 || note_end(t) < 0)
        vw_tamper_cut(t);
}

static void append_error(struct vw_tamper *t, struct vw_buf *to, const struct vw_header *h,
                         int32_t code, int32_t domain, const char *text)
{
    const struct vw_profile *profile = t->conn->daemon->profile;
    struct vw_header reply = *h;
    struct vw_remote_error e;
    struct vw_buf body = VW_BUF_INIT;
    reply.type = VW_MSG_REPLY;
    reply.status = VW_MSG_ERROR;
    vw_session_rpc_error(t->conn->session, code, domain, text, &e);
    if (vw_remote_error_encode(&e, profile->string_max, &body, NULL) < 0 ||
        vw_message_append(to, vw_session_limits(t->conn->session), &reply, 0, body.data, body.len,
                          NULL) < 0)
        vw_tamper_cut(t);
    vw_buf_finish(&body);
}

void vw_tamper_send_error(struct vw_tamper *t, const struct vw_header *h, int32_t code,
                          int32_t domain, const char *text)
{
    if (t->closing)
        return;
    append_error(t, &t->out, h, code, domain, text);
    if (note_end(t) < 0)
        vw_tamper_cut(t);
}

void vw_tamper_mix_records(struct vw_tamper *t)
{
    t->mix_records = true;
}

void vw_tamper_make_error(struct vw_tamper *t, struct vw_fault_output *m, int32_t code,
                          int32_t domain, const char *text)
{
    m->bytes.len = 0;
    append_error(t, &m->bytes, &m->header, code, domain, text);
    m->kind = VW_OUT_ERROR;
}

void vw_tamper_make_ok(struct vw_tamper *t, struct vw_fault_output *m)
{
    struct vw_header h = m->header;
    struct vw_arena arena = VW_ARENA_INIT;
    const struct vw_type *type = m->proc ? m->proc->ret : NULL;
    void *value = NULL;
    h.type = VW_MSG_REPLY;
    h.status = VW_MSG_OK;
    m->bytes.len = 0;
    if ((type && vw_value_minimal(type, &arena, &value, NULL) < 0) ||
        vw_message_append_value(&m->bytes, vw_session_limits(t->conn->session), &h, 0, type, value,
                                NULL) < 0)
        vw_tamper_cut(t);
    vw_arena_finish(&arena);
    m->kind = VW_OUT_REPLY;
}

void vw_tamper_close(struct vw_tamper *t)
{
    t->closing = true;
}

void vw_tamper_cut(struct vw_tamper *t)
{
    t->closing = t->cut = true;
}

void vw_tamper_pace(struct vw_tamper *t, size_t chunk, int delay_ms)
{
    t->chunk = chunk;
    t->delay_ms = delay_ms;
}

void vw_tamper_wake_in(struct vw_tamper *t, int ms)
{
    int64_t at = vw_now_ms() + ms;
    if (at < t->conn->wake_ms)
        t->conn->wake_ms = at;
}

/* ---- life ---- */

static int create(struct vw_conn *c, struct vw_session_options *o, struct vw_error *err)
{
    struct vw_tamper *t = calloc(1, sizeof(*t));
    size_t n = 0;
    if (!t)
        return vw_error_nomem(err);
    t->conn = c;
    t->faults = c->daemon->faults;
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        n++;
        t->looks_in =
            t->looks_in || f->kind->input || f->kind->length || f->kind->chunk || f->kind->eof;
        if (f->kind->options)
            f->kind->options(f, o);
    }
    t->states = calloc(n, sizeof(*t->states));
    if (!t->states) {
        free(t);
        return vw_error_nomem(err);
    }
    c->tamper = t;
    unsigned wrong = vw_faults_tls(t->faults);
    if (!c->listener->tls || !wrong)
        return vw_serve_plain.create(c, o, err);
    return vw_tls_wrong_wrap(c->listener->tls, c->transport, wrong, &c->transport, err);
}

static void begin(struct vw_conn *c)
{
    struct vw_tamper *t = c->tamper;
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        if (f->kind->begin)
            f->kind->begin(f, t);
    }
}

static void gone(struct vw_conn *c)
{
    struct vw_tamper *t = c->tamper;
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        if (f->kind->gone)
            f->kind->gone(f, t);
    }
}

static void tell_eof(struct vw_tamper *t)
{
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        if (f->kind->eof)
            f->kind->eof(f, t);
    }
}

static void destroy(struct vw_conn *c)
{
    struct vw_tamper *t = c->tamper;
    if (!t)
        return;
    for (const struct vw_fault *f = t->faults; f; f = f->next)
        vw_buf_finish(&t->states[f->index].held);
    free(t->states);
    for (unsigned i = 0; i < t->n_out_fds; i++)
        close(t->out_fds[i].fd);
    vw_buf_finish(&t->in);
    vw_buf_finish(&t->out);
    vw_buf_finish(&t->ends);
    vw_buf_finish(&t->message.bytes);
    free(t);
}

/* ---- in ---- */

static int pass_on(struct vw_tamper *t, const uint8_t *bytes, size_t len)
{
    return vw_session_feed(t->conn->session, VW_SIDE_CLIENT, bytes, len);
}

static enum vw_fate ask_length(struct vw_tamper *t, uint32_t length, bool allowed)
{
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        enum vw_fate v = f->kind->length ? f->kind->length(f, t, length, allowed) : VW_FATE_PASS;
        if (v != VW_FATE_PASS)
            return v;
    }
    return VW_FATE_PASS;
}

static enum vw_fate ask_input(struct vw_tamper *t, uint8_t *bytes, size_t len)
{
    struct vw_fault_input m = {.bytes = bytes, .len = len};
    vw_header_decode(bytes + VW_LENGTH_BYTES, &m.header);
    m.proc = find_proc(t, &m.header);
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        enum vw_fate v = f->kind->input ? f->kind->input(f, t, &m) : VW_FATE_PASS;
        if (v != VW_FATE_PASS)
            return v;
        vw_header_decode(bytes + VW_LENGTH_BYTES, &m.header);
    }
    return VW_FATE_PASS;
}

/* What the faults make of a length word that is not DROPped or CLOSEd by one. A word that the
 * limits forbid goes to the session with all the rest. */
static int judge_length(struct vw_tamper *t, uint32_t length, bool allowed)
{
    switch (ask_length(t, length, allowed)) {
    case VW_FATE_DROP:
        t->skip = length > VW_LENGTH_BYTES ? length : VW_LENGTH_BYTES;
        return 1;
    case VW_FATE_CLOSE:
        vw_tamper_close(t);
        return 1;
    default:
        t->blind = !allowed;
        return !allowed;
    }
}

/* The bytes that carry descriptors stand behind their message and are not in its length. */
static uint32_t count_fd_bytes(const struct vw_tamper *t, const uint8_t *message, size_t len)
{
    uint32_t count;
    if (len < VW_PREFIX_BYTES + 4 || vw_word_get(message, VW_WORD_TYPE) != VW_MSG_CALL_WITH_FDS)
        return 0;
    count = vw_word_get(message, VW_WORD_BODY);
    return count <= vw_session_limits(t->conn->session)->fds_max ? count : 0;
}

static int pass_fd_bytes(struct vw_tamper *t, const uint8_t *at, size_t left)
{
    size_t n = left < t->fd_bytes ? left : t->fd_bytes;
    t->fd_bytes -= (uint32_t)n;
    t->in_at += n;
    if (n == 0)
        return 0;
    return pass_on(t, at, n) < 0 ? VW_ENOMEM : 1;
}

/* One message, or what is to be skipped. 1: there may be more; 0: more bytes are needed. */
static int take_one(struct vw_tamper *t)
{
    const struct vw_limits *limits = vw_session_limits(t->conn->session);
    uint8_t *at = t->in.data + t->in_at;
    size_t left = t->in.len - t->in_at;
    uint32_t length, fd_bytes;
    enum vw_fate v;
    if (t->skip > 0) {
        size_t n = left < t->skip ? left : (size_t)t->skip;
        t->skip -= n;
        t->in_at += n;
        return n > 0;
    }
    if (t->fd_bytes > 0)
        return pass_fd_bytes(t, at, left);
    if (left < VW_LENGTH_BYTES)
        return 0;
    length = vw_word_get(at, VW_WORD_LENGTH);
    if (judge_length(t, length, length >= VW_PREFIX_BYTES && length <= limits->max_length_word))
        return 1;
    if (left < length)
        return 0;
    t->in_at += length;
    fd_bytes = count_fd_bytes(t, at, length);
    v = ask_input(t, at, length);
    if (v == VW_FATE_CLOSE)
        vw_tamper_close(t);
    if (v != VW_FATE_PASS) {
        t->skip = fd_bytes;
        return 1;
    }
    t->fd_bytes = fd_bytes;
    return pass_on(t, at, length) < 0 ? VW_ENOMEM : 1;
}

static int take_in(struct vw_tamper *t, const uint8_t *bytes, size_t len)
{
    int rc = 1;
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        if (f->kind->chunk && f->kind->chunk(f, t, t->in.len - t->in_at) != VW_FATE_PASS)
            vw_tamper_close(t);
    }
    if (vw_buf_append(&t->in, bytes, len) < 0)
        return VW_ENOMEM;
    while (rc > 0 && !t->closing && !t->blind)
        rc = take_one(t);
    if (rc >= 0 && t->blind) {
        rc = pass_on(t, t->in.data + t->in_at, t->in.len - t->in_at);
        t->in_at = t->in.len;
    }
    if (t->in_at == t->in.len) {
        t->in.len = t->in_at = 0;
    } else if (t->in_at > READ_BYTES) {
        memmove(t->in.data, t->in.data + t->in_at, t->in.len - t->in_at);
        t->in.len -= t->in_at;
        t->in_at = 0;
    }
    return rc < 0 ? rc : 0;
}

static ssize_t tamper_read(struct vw_conn *c)
{
    struct vw_tamper *t = c->tamper;
    uint8_t bytes[READ_BYTES];
    struct vw_fds fds = {.count = 0};
    ssize_t n;
    if (!t->looks_in)
        return vw_serve_plain.read(c);
    n = c->transport->ops->recv(c->transport, bytes, sizeof(bytes), &fds);
    if (n == 0)
        tell_eof(t);
    if (n > 0 && !t->closing && take_in(t, bytes, (size_t)n) < 0)
        return -ENOMEM;
    if (fds.count > 0)
        vw_session_add_fds(c->session, VW_SIDE_CLIENT, fds.fd, fds.count);
    return n;
}

/* ---- events ---- */

static void remember_refusal(struct vw_tamper *t, const struct vw_event *ev)
{
    struct vw_refusal *r = &t->refusals[t->next_refusal++ % REFUSALS];
    const struct vw_proc *proc = find_proc(t, &ev->header);
    struct vw_arena arena = VW_ARENA_INIT;
    void *value;
    r->header = ev->header;
    snprintf(r->clause, sizeof(r->clause), "%s", ev->clause ? ev->clause : "");
    r->decode_status = proc && proc->args && ev->message
                           ? vw_xdr_decode(proc->args, ev->message + VW_PREFIX_BYTES,
                                           ev->length - VW_PREFIX_BYTES, &arena, &value, NULL, NULL)
                           : 0;
    vw_arena_finish(&arena);
}

static int tamper_event(struct vw_conn *c, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_REFUSED)
        remember_refusal(c->tamper, ev);
    return vw_serve_plain.event(c, ev);
}

static enum vw_outcome tamper_call(struct vw_call *c)
{
    const struct vw_fault *f = c->conn->tamper->faults;
    return f->kind->call ? f->kind->call(f, c) : vw_fault_next_call(f, c);
}

static enum vw_outcome run_call(const struct vw_fault *f, struct vw_call *c)
{
    return vw_dispatch_run(c);
}

const struct vw_fault_kind vw_tamper_end = {.name = "", .call = run_call};

/* ---- out ---- */

static const struct vw_refusal *find_refusal(const struct vw_tamper *t, const struct vw_header *h)
{
    for (unsigned i = 1; i <= REFUSALS && i <= t->next_refusal; i++) {
        const struct vw_refusal *r = &t->refusals[(t->next_refusal - i) % REFUSALS];
        if (r->header.serial == h->serial && r->header.procedure == h->procedure &&
            r->header.program == h->program)
            return r;
    }
    return NULL;
}

static enum vw_outgoing_kind kind_of(const struct vw_tamper *t, const struct vw_header *h)
{
    const struct vw_program *keepalive =
        vw_schema_program_named(t->conn->daemon->profile->schema, "keepalive");
    if (h->type == VW_MSG_REPLY || h->type == VW_MSG_REPLY_WITH_FDS)
        return h->status == VW_MSG_OK ? VW_OUT_REPLY : VW_OUT_ERROR;
    if (h->type == VW_MSG_MESSAGE && keepalive && h->program == keepalive->number)
        return h->procedure == 1 ? VW_OUT_PING : VW_OUT_PONG;
    return h->type == VW_MSG_MESSAGE ? VW_OUT_EVENT : VW_OUT_STREAM;
}

/* Runs the faults over one message of the session and queues what they leave. */
static void let_out(struct vw_tamper *t, const uint8_t *bytes, size_t len)
{
    struct vw_fault_output *m = &t->message;
    m->bytes.len = 0;
    if (vw_buf_append(&m->bytes, bytes, len) < 0) {
        vw_tamper_cut(t);
        return;
    }
    vw_header_decode(bytes + VW_LENGTH_BYTES, &m->header);
    m->kind = kind_of(t, &m->header);
    m->proc = find_proc(t, &m->header);
    m->refusal = m->kind == VW_OUT_ERROR ? find_refusal(t, &m->header) : NULL;
    for (const struct vw_fault *f = t->faults; f && !t->closing; f = f->next) {
        enum vw_fate v = f->kind->output ? f->kind->output(f, t, m) : VW_FATE_PASS;
        if (v == VW_FATE_CLOSE)
            vw_tamper_close(t);
        if (v != VW_FATE_PASS)
            return;
    }
    vw_tamper_send(t, m->bytes.data, m->bytes.len);
}

/* The byte that carries a descriptor is no message: no fault sees it. */
static void let_fd_out(struct vw_tamper *t, const struct vw_segment *seg)
{
    int fd = t->n_out_fds < OUT_FDS && !t->closing ? fcntl(seg->fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (fd >= 0)
        t->out_fds[t->n_out_fds++] = (struct out_fd){.at = t->out.len, .fd = fd};
    vw_tamper_send(t, seg->data, seg->len);
}

/* Writes at most N bytes from where out stands, with the descriptor that is due there. */
static ssize_t write_some(struct vw_tamper *t, size_t n)
{
    const struct vw_transport *tr = t->conn->transport;
    struct vw_fds fds = {.count = 0};
    if (t->n_out_fds && t->out_fds[0].at == t->out_at)
        fds = (struct vw_fds){.fd = {t->out_fds[0].fd}, .count = 1}, n = 1;
    else if (t->n_out_fds && t->out_fds[0].at - t->out_at < n)
        n = t->out_fds[0].at - t->out_at;
    ssize_t done =
        tr->ops->send(t->conn->transport, t->out.data + t->out_at, n, fds.count ? &fds : NULL);
    if (done > 0 && fds.count) {
        close(fds.fd[0]);
        t->n_out_fds--;
        memmove(t->out_fds, t->out_fds + 1, t->n_out_fds * sizeof(t->out_fds[0]));
    }
    return done;
}

/* 0: all is written; 1: later; negative: the connection is gone. */
static int write_out(struct vw_tamper *t)
{
    while (t->out_at < t->out.len && !t->cut) {
        size_t n = bytes_to_end(t);
        ssize_t done;
        if (t->delay_ms > 0 && vw_now_ms() < t->next_write_ms) {
            t->conn->wake_ms = t->next_write_ms;
            return 1;
        }
        if (t->chunk > 0 && n > t->chunk)
            n = t->chunk;
        done = write_some(t, n);
        if (done == -EAGAIN)
            return 1;
        if (done < 0)
            return VW_ECLOSED;
        t->out_at += (size_t)done;
        t->next_write_ms = vw_now_ms() + t->delay_ms;
    }
    t->out.len = t->out_at = t->ends.len = 0;
    return t->closing ? VW_ECLOSED : 0;
}

static int tamper_flush(struct vw_conn *c)
{
    struct vw_tamper *t = c->tamper;
    bool waiting = t->out_at < t->out.len;
    struct vw_segment seg;
    c->wake_ms = INT64_MAX;
    while (vw_session_output(c->session, true, &seg) > 0) {
        if (seg.fd >= 0)
            let_fd_out(t, &seg);
        else
            let_out(t, seg.data, seg.len);
        vw_session_written(c->session, seg.len);
    }
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        if (f->kind->idle)
            f->kind->idle(f, t);
    }
    if (!waiting)
        t->next_write_ms = vw_now_ms() + t->delay_ms;
    return write_out(t);
}

const struct vw_conn_ops vw_tamper_ops = {
    .create = create,
    .begin = begin,
    .gone = gone,
    .destroy = destroy,
    .read = tamper_read,
    .event = tamper_event,
    .call = tamper_call,
    .flush = tamper_flush,
};
