// SPDX-License-Identifier: MIT
// The stack of faults: what the filter of the session shows is shown to each in turn. Nothing here
// knows a single fault.
#include "mock-daemon/faults/tamper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/daemon.h"
#include "mock-daemon/faults/pace.h"
#include "mock-daemon/faults/tls-wrong.h"
#include "mock-daemon/records.h"
#include "mock-daemon/serve.h"
#include "schema/facts.h"
#include "xdr/values.h"

/* Bytes taken from the transport at a time. */
#define READ_BYTES 65536

struct vw_tamper {
    struct vw_conn *conn;
    const struct vw_fault *faults;
    struct vw_fault_state *states;
    size_t n_states;
    struct vw_filter filter;
    struct vw_transport *pace; /* the connection's transport, and top of its stack */
    bool begun;
    bool closing; /* nothing is queued any more; the end comes when all is written */
    bool cut;     /* it comes at once */
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

bool vw_tamper_has_begun(const struct vw_tamper *t)
{
    return t->begun;
}

static const struct vw_proc *find_proc(const struct vw_tamper *t, const struct vw_header *h)
{
    const struct vw_program *p = vw_session_program(t->conn->session, h->program, h->version);
    return p ? vw_program_proc(p, h->procedure) : NULL;
}

/* ---- what hooks may do ---- */

void vw_tamper_send(struct vw_tamper *t, const void *bytes, size_t len)
{
    if (!t->closing && vw_session_send_raw(t->conn->session, bytes, len) < 0)
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
    struct vw_buf message = VW_BUF_INIT;
    append_error(t, &message, h, code, domain, text);
    vw_tamper_send(t, message.data, message.len);
    vw_buf_finish(&message);
}

void vw_tamper_mix_records(struct vw_tamper *t)
{
    vw_pace_mix_records(t->pace);
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
    vw_pace_set(t->pace, chunk, delay_ms);
}

void vw_tamper_wake_in(struct vw_tamper *t, int ms)
{
    int64_t at = vw_clock_ms(&t->conn->daemon->clock) + ms;
    if (at < t->conn->wake_ms)
        t->conn->wake_ms = at;
}

/* ---- what the filter shows ---- */

static enum vw_fate show_length(void *user, enum vw_side from, uint32_t length, bool allowed)
{
    struct vw_tamper *t = user;
    enum vw_fate v = t->closing ? VW_FATE_CLOSE : VW_FATE_PASS;
    for (const struct vw_fault *f = t->faults; f && v == VW_FATE_PASS; f = f->next)
        v = f->kind->length ? f->kind->length(f, t, length, allowed) : VW_FATE_PASS;
    if (v == VW_FATE_CLOSE)
        t->closing = true;
    return v;
}

static enum vw_fate show_input(void *user, enum vw_side from, uint8_t *bytes, size_t len)
{
    struct vw_tamper *t = user;
    struct vw_fault_input m = {.bytes = bytes, .len = len};
    enum vw_fate v = t->closing ? VW_FATE_CLOSE : VW_FATE_PASS;
    vw_header_decode(bytes + VW_LENGTH_BYTES, &m.header);
    m.proc = find_proc(t, &m.header);
    for (const struct vw_fault *f = t->faults; f && v == VW_FATE_PASS; f = f->next) {
        v = f->kind->input ? f->kind->input(f, t, &m) : VW_FATE_PASS;
        vw_header_decode(bytes + VW_LENGTH_BYTES, &m.header);
    }
    if (v == VW_FATE_CLOSE)
        t->closing = true;
    return v;
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

static struct vw_refusal refusal_of(const struct vw_tamper *t, const struct vw_event *ev)
{
    struct vw_refusal r = {.header = ev->header};
    const struct vw_proc *proc = find_proc(t, &ev->header);
    struct vw_arena arena = VW_ARENA_INIT;
    void *value;
    snprintf(r.clause, sizeof(r.clause), "%s", ev->clause);
    if (proc && proc->args && ev->message)
        r.decode_status = vw_xdr_decode(proc->args, ev->message + VW_PREFIX_BYTES,
                                        ev->length - VW_PREFIX_BYTES, &arena, &value, NULL, NULL);
    vw_arena_finish(&arena);
    return r;
}

static enum vw_fate show_output(void *user, struct vw_buf *message, const struct vw_event *refused)
{
    struct vw_tamper *t = user;
    struct vw_refusal refusal = {.decode_status = 0};
    struct vw_fault_output m = {.bytes = *message};
    enum vw_fate v = VW_FATE_PASS;
    vw_header_decode(message->data + VW_LENGTH_BYTES, &m.header);
    m.kind = kind_of(t, &m.header);
    m.proc = find_proc(t, &m.header);
    if (refused) {
        refusal = refusal_of(t, refused);
        m.refusal = &refusal;
    }
    for (const struct vw_fault *f = t->faults; f && v == VW_FATE_PASS && !t->closing; f = f->next)
        v = f->kind->output ? f->kind->output(f, t, &m) : VW_FATE_PASS;
    if (t->closing)
        v = VW_FATE_DROP;
    if (v == VW_FATE_CLOSE)
        t->closing = true;
    *message = m.bytes;
    return v;
}

/* They are no message: no fault sees them. */
static enum vw_fate show_fds(void *user, enum vw_side from, const int *fds, uint32_t n)
{
    const struct vw_tamper *t = user;
    return from == VW_SIDE_SERVER && t->closing ? VW_FATE_DROP : VW_FATE_PASS;
}

/* ---- life ---- */

static int stack_transports(struct vw_tamper *t, struct vw_session_options *o, struct vw_error *err)
{
    struct vw_conn *c = t->conn;
    unsigned wrong = vw_faults_tls(t->faults);
    bool rest_later = wrong & VW_TLS_REST_LATER;
    wrong &= ~(unsigned)VW_TLS_REST_LATER;
    int rc = c->listener->tls && wrong
                 ? vw_tls_wrong_wrap(c->listener->tls, c->transport, wrong, &c->transport, err)
                 : vw_serve_plain.create(c, o, err);
    if (rc == 0 && c->listener->tls && rest_later)
        rc = vw_records_wrap(&c->transport, false, err);
    if (rc == 0)
        rc = vw_pace_wrap(&c->transport, &c->daemon->clock, err);
    t->pace = c->transport;
    return rc;
}

/* The stack is FAULTS, of which nothing is remembered yet. VW_ENOMEM: it is as before. */
static int take_stack(struct vw_tamper *t, const struct vw_fault *faults)
{
    size_t n = 0;
    for (const struct vw_fault *f = faults; f; f = f->next)
        n = (size_t)f->index + 1;
    struct vw_fault_state *states = calloc(n, sizeof(*states));
    if (!states)
        return VW_ENOMEM;
    t->states = states;
    t->n_states = n;
    t->faults = faults;
    t->filter = (struct vw_filter){.out = show_output, .fds = show_fds, .user = t};
    for (const struct vw_fault *f = faults; f; f = f->next) {
        struct vw_fault_state *s = &states[f->index];
        s->kind = f->kind;
        s->owner = f->own;
        s->value = f->value;
        if (f->kind->input)
            t->filter.in = show_input;
        if (f->kind->length)
            t->filter.length = show_length;
    }
    return 0;
}

static int create(struct vw_conn *c, struct vw_session_options *o, struct vw_error *err)
{
    struct vw_tamper *t = calloc(1, sizeof(*t));
    if (!t)
        return vw_error_nomem(err);
    t->conn = c;
    o->filter = &t->filter;
    for (const struct vw_fault *f = c->daemon->faults; f; f = f->next) {
        if (f->kind->options)
            f->kind->options(f, o);
    }
    if (take_stack(t, c->daemon->faults) < 0) {
        free(t);
        return vw_error_nomem(err);
    }
    c->tamper = t;
    return stack_transports(t, o, err);
}

/* Faults that are new on the connection. */
static void begin(struct vw_conn *c)
{
    struct vw_tamper *t = c->tamper;
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        bool *begun = &t->states[f->index].begun;
        if (f->kind->begin && !*begun)
            f->kind->begin(f, t);
        *begun = true;
    }
    t->begun = true;
}

static void gone(struct vw_conn *c)
{
    struct vw_tamper *t = c->tamper;
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        if (f->kind->gone)
            f->kind->gone(f, t);
    }
}

static void free_states(struct vw_fault_state *states, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        vw_buf_finish(&states[i].held);
        if (states[i].own)
            states[i].free_own(states[i].own);
    }
    free(states);
}

static void destroy(struct vw_conn *c)
{
    struct vw_tamper *t = c->tamper;
    if (!t)
        return;
    free_states(t->states, t->n_states);
    free(t);
}

/* ---- another stack ---- */

/* Moves to S what a fault of its kind remembers in the OLD states. False: there is none. */
static bool inherit(struct vw_fault_state *s, struct vw_fault_state *old, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (old[i].kind != s->kind || old[i].owner != s->owner || old[i].value != s->value)
            continue;
        *s = old[i];
        old[i] = (struct vw_fault_state){.count = 0};
        return true;
    }
    return false;
}

/* What the faults that a file of rules names remember goes with the file, whose state is ahead of
 * those of the stack. */
static void inherit_of_rules(struct vw_tamper *t, struct vw_fault_state *old, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        t->states[i] = old[i];
        old[i] = (struct vw_fault_state){.count = 0};
    }
}

/* OLD are those of faults that are switched off. */
static void leave(struct vw_tamper *t, struct vw_fault_state *old, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (old[i].leave)
            old[i].leave(t, old[i].own);
        if (old[i].kind && old[i].kind->begin)
            vw_tamper_pace(t, 0, 0);
    }
    free_states(old, n);
}

void vw_tamper_restack(struct vw_conn *c, const struct vw_fault *faults)
{
    struct vw_tamper *t = c->tamper;
    struct vw_fault_state *old = t->states;
    size_t n = t->n_states;
    if (take_stack(t, faults) < 0) {
        vw_tamper_cut(t);
        return;
    }
    for (const struct vw_fault *f = faults; f; f = f->next) {
        if (inherit(&t->states[f->index], old, n) && f == faults && f->own)
            inherit_of_rules(t, old, f->index);
    }
    leave(t, old, n);
    begin(c);
    vw_conn_wake(c);
}

/* ---- the steps ---- */

/* N: what a read gave, with FDS. */
static void tell_read(struct vw_tamper *t, ssize_t n, const struct vw_fds *fds)
{
    size_t pending = vw_session_held(t->conn->session, VW_SIDE_CLIENT);
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        if (n == 0 && f->kind->eof)
            f->kind->eof(f, t);
        if (fds->count && f->kind->descriptors)
            f->kind->descriptors(f, t, fds->fd, fds->count);
        if (n > 0 && f->kind->chunk && f->kind->chunk(f, t, pending) != VW_FATE_PASS)
            t->closing = true;
    }
}

/* In pieces that do not depend on what the session has room for. */
static ssize_t tamper_read(struct vw_conn *c)
{
    struct vw_tamper *t = c->tamper;
    uint8_t bytes[READ_BYTES];
    struct vw_fds fds = {.count = 0};
    ssize_t n = c->transport->ops->recv(c->transport, bytes, sizeof(bytes), &fds);
    tell_read(t, n, &fds);
    if (n > 0 && !t->closing && vw_session_feed(c->session, VW_SIDE_CLIENT, bytes, (size_t)n) < 0)
        return -ENOMEM;
    if (vw_session_add_fds(c->session, VW_SIDE_CLIENT, fds.fd, fds.count) < 0)
        return -ENOMEM;
    return n;
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

static int tamper_flush(struct vw_conn *c)
{
    struct vw_tamper *t = c->tamper;
    c->wake_ms = INT64_MAX;
    for (const struct vw_fault *f = t->faults; f; f = f->next) {
        if (f->kind->idle)
            f->kind->idle(f, t);
    }
    int left = t->cut ? VW_ECLOSED : vw_serve_plain.flush(c);
    int64_t wake = left == 1 ? vw_pace_wake_ms(t->pace) : INT64_MAX;
    if (wake < c->wake_ms)
        c->wake_ms = wake;
    if (left == 0 && c->over && c->wake_ms != INT64_MAX)
        left = 1; /* what is to go later goes ahead of the end */
    if (t->cut || (left == 0 && t->closing))
        vw_account_why(c->account, "a fault or a rule ends it");
    return left == 0 && t->closing ? VW_ECLOSED : left;
}

const struct vw_conn_ops vw_tamper_ops = {
    .create = create,
    .begin = begin,
    .gone = gone,
    .destroy = destroy,
    .read = tamper_read,
    .event = vw_serve_event,
    .call = tamper_call,
    .flush = tamper_flush,
};
