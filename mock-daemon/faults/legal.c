// SPDX-License-Identifier: MIT
// Oddities that the protocol allows. A suite that calls one of them wrong is itself wrong.
#include "mock-daemon/faults/edit.h"

#include <string.h>

#include "mock-daemon/daemon.h"
#include "mock-daemon/faults/tls-wrong.h"

/* ---- time ---- */

static void one_byte(const struct vw_fault *f, struct vw_tamper *t)
{
    vw_tamper_pace(t, 1, 0);
}

static void chunks(const struct vw_fault *f, struct vw_tamper *t)
{
    vw_tamper_pace(t, (size_t)f->value, 1);
}

/* The pause before each write lets answers gather. */
static void slow(const struct vw_fault *f, struct vw_tamper *t)
{
    vw_tamper_pace(t, 0, (int)(f->value < 60000 ? f->value : 60000));
}

/* ---- order ---- */

/* Message by message: each is a record (T-5). */
static void send_held(struct vw_fault_state *state, struct vw_tamper *t)
{
    for (size_t at = 0, len; at < state->held.len; at += len) {
        const size_t left = state->held.len - at;
        len = left < VW_LENGTH_BYTES ? left : vw_word_get(state->held.data + at, 0);
        if (len == 0 || len > left) /* another fault has been at it */
            len = left;
        vw_tamper_send(t, state->held.data + at, len);
    }
    state->held.len = 0;
}

/* Holds one answer back until the next has gone, or for a moment. */
static enum vw_fate hold(const struct vw_fault *f, struct vw_tamper *t, struct vw_fault_output *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    bool first = state->count % 2 == 0;
    /* Not legal in a release that promises order: there it is another fault. */
    if (!f->kind->detail && vw_tamper_conn(t)->daemon->answers.replies_in_order)
        return VW_FATE_PASS;
    /* What the log-in says has a layer behind it, or none. */
    if (!vw_tamper_conn(t)->opened)
        return VW_FATE_PASS;
    if (m->kind == VW_OUT_STREAM) { /* stands behind the reply that opened it (S-2) */
        send_held(state, t);
        state->count = 0;
    }
    if (!(m->kind & VW_OUT_ANSWER) || m->header.procedure == 2)
        return VW_FATE_PASS;
    state->count++;
    if (first) {
        if (vw_buf_append(&state->held, m->bytes.data, m->bytes.len) < 0)
            return VW_FATE_CLOSE;
        return VW_FATE_DROP;
    }
    vw_tamper_send(t, m->bytes.data, m->bytes.len);
    send_held(state, t);
    return VW_FATE_DROP;
}

static void let_go(const struct vw_fault *f, struct vw_tamper *t)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    struct vw_conn *c = vw_tamper_conn(t);
    if (state->held.len == 0)
        return;
    if (state->word++ == 0 && !c->over) {
        vw_tamper_wake_in(t, 2);
        return;
    }
    send_held(state, t);
    state->word = 0;
    state->count = 0;
}

/* Lets events pass the answers that are still here. */
static enum vw_fate hold_answers(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_output *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    if (m->kind == VW_OUT_STREAM)
        send_held(state, t);
    if (!(m->kind & VW_OUT_ANSWER) || !vw_tamper_conn(t)->opened)
        return VW_FATE_PASS;
    return vw_buf_append(&state->held, m->bytes.data, m->bytes.len) < 0 ? VW_FATE_CLOSE
                                                                        : VW_FATE_DROP;
}

static void let_answers_go(const struct vw_fault *f, struct vw_tamper *t)
{
    send_held(vw_tamper_state(t, f), t);
}

/* Each answer of an open connection waits for the next or for a moment of rest; CLOSE does not wait
 * for the one that waits. Not where the release promises order. */
static enum vw_fate lost_to_close(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_output *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    const struct vw_conn *c = vw_tamper_conn(t);
    if (c->daemon->answers.replies_in_order || !c->opened)
        return VW_FATE_PASS;
    if (vw_proc_is(m->proc, "connect_close"))
        state->held.len = 0;
    send_held(state, t);
    /* What brings descriptors goes with them. */
    if (!(m->kind & VW_OUT_ANSWER) || m->header.type == VW_MSG_REPLY_WITH_FDS ||
        vw_proc_is(m->proc, "connect_close"))
        return VW_FATE_PASS;
    return vw_buf_append(&state->held, m->bytes.data, m->bytes.len) < 0 ? VW_FATE_CLOSE
                                                                        : VW_FATE_DROP;
}

/* ---- others ---- */

/* D-21 fixes how the text for an unknown procedure starts, and nothing else. */
static enum vw_fate other_text(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_output *m)
{
    bool unknown = memmem(m->bytes.data, m->bytes.len, "unknown procedure", 17) != NULL;
    if (m->kind != VW_OUT_ERROR)
        return VW_FATE_PASS;
    return vw_fault_edit(t, m,
                         unknown
                             ? "set body.message 00000001 \"unknown procedure, says this server\""
                             : "set body.message 00000001 \"something else is wrong\"");
}

static void ping_often(const struct vw_fault *f, struct vw_session_options *o)
{
    o->keepalive_interval = (int32_t)f->value;
    o->keepalive_count = 1000;
}

const struct vw_fault_kind vw_fault_kinds_legal[] = {
    {"legal-one-byte", "F-9", "everything is sent one byte at a time", .begin = one_byte},
    {"legal-chunks", "F-9",
     "everything is sent N (37) bytes at a time, a millisecond apart, 1,000 times",
     .takes_value = true, .value = 37, .begin = chunks},
    {"legal-slow", "H-8",
     "nothing is sent before N (20) milliseconds have passed, then all at once",
     .takes_value = true, .value = 20, .begin = slow},
    {"legal-out-of-order", "H-8", "of two answers the second comes first", .output = hold,
     .idle = let_go},
    {"replies-swapped", "H-8",
     "of two answers the second comes first, where the release promises order", .output = hold,
     .idle = let_go, .detail = "anyway"},
    {"legal-record-rest", "T-6",
     "what stands behind a message in its TLS record waits until more comes",
     .tls = VW_TLS_REST_LATER},
    {"legal-event-early", "V-7", "events come before the answer of the call that caused them",
     .output = hold_answers, .idle = let_answers_go},
    {"legal-close-loses", "C-7", "of calls ahead of a CLOSE in one read the last is not answered",
     .output = lost_to_close, .idle = let_answers_go},
    {"legal-error-text", "E-3", "the texts of errors are others", .output = other_text},
    {"legal-ping", "K-5", "PINGs come every N (5) milliseconds once they were asked for",
     .takes_value = true, .value = 5, .options = ping_often},
    {NULL},
};
