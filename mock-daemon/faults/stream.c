// SPDX-License-Identifier: MIT
// Faults of streams (section 10): wrong packets, and wrong answers to what the client sends.
#include "mock-daemon/faults/tamper.h"

#include <string.h>

#include "mock-daemon/calls.h"

/* What a client may send on a stream, or what is told of it. */
enum packet { DATA, END, FINISH, ABORT, OTHER };

static enum packet packet_of(const struct vw_header *h, size_t len)
{
    switch (h->status) {
    case VW_MSG_CONTINUE:
        return len > VW_PREFIX_BYTES ? DATA : END;
    case VW_MSG_OK:
        return FINISH;
    case VW_MSG_ERROR:
        return ABORT;
    default:
        return OTHER;
    }
}

static bool opens_stream(const struct vw_proc *proc)
{
    return vw_proc_is(proc, "domain_screenshot") || vw_proc_is(proc, "storage_vol_download");
}

/* ---- packets of the server ---- */

/* The reply that opens a stream waits for the first packet. */
static enum vw_fate reply_late(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_output *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    if (m->kind == VW_OUT_REPLY && opens_stream(m->proc) && state->held.len == 0) {
        if (vw_buf_append(&state->held, m->bytes.data, m->bytes.len) < 0)
            vw_tamper_cut(t);
        return VW_FATE_DROP;
    }
    if (m->kind != VW_OUT_STREAM || state->held.len == 0)
        return VW_FATE_PASS;
    vw_tamper_send(t, m->bytes.data, m->bytes.len);
    vw_tamper_send(t, state->held.data, state->held.len);
    state->held.len = 0;
    return VW_FATE_DROP;
}

/* ---- packets of the client ---- */

static bool is_packet(const struct vw_fault_input *m, enum packet packet)
{
    return m->header.type == VW_MSG_STREAM && packet_of(&m->header, m->len) == packet;
}

/* DETAIL: the packets that are not heard. */
static enum vw_fate unheard(const struct vw_fault *f, struct vw_tamper *t, struct vw_fault_input *m)
{
    const enum packet *packet = f->kind->detail;
    return is_packet(m, *packet) ? VW_FATE_DROP : VW_FATE_PASS;
}

#define UNHEARD(which)                                                                             \
    .input = unheard, .detail = &(const enum packet)                                               \
    {                                                                                              \
        which                                                                                      \
    }

/* An empty packet of the stream of M. */
static void answer(struct vw_tamper *t, const struct vw_fault_input *m, uint32_t status)
{
    uint8_t packet[VW_PREFIX_BYTES];
    memcpy(packet, m->bytes, sizeof(packet));
    vw_word_set(packet, VW_WORD_LENGTH, sizeof(packet));
    vw_word_set(packet, VW_WORD_STATUS, status);
    vw_tamper_send(t, packet, sizeof(packet));
}

/* DETAIL: the packets that are answered as if they had finished the stream. */
static enum vw_fate finished(const struct vw_fault *f, struct vw_tamper *t,
                             struct vw_fault_input *m)
{
    const enum packet *packet = f->kind->detail;
    if (!is_packet(m, *packet))
        return VW_FATE_PASS;
    answer(t, m, VW_MSG_OK);
    return VW_FATE_DROP;
}

#define FINISHED(which)                                                                            \
    .input = finished, .detail = &(const enum packet)                                              \
    {                                                                                              \
        which                                                                                      \
    }

static enum vw_fate acknowledged(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_input *m)
{
    if (is_packet(m, DATA))
        answer(t, m, VW_MSG_CONTINUE);
    return VW_FATE_PASS;
}

static enum vw_fate finish_body_closes(const struct vw_fault *f, struct vw_tamper *t,
                                       struct vw_fault_input *m)
{
    return is_packet(m, FINISH) && m->len > VW_PREFIX_BYTES ? VW_FATE_CLOSE : VW_FATE_PASS;
}

static bool is_data(const struct vw_fault_output *m)
{
    return m->kind == VW_OUT_STREAM && m->header.type == VW_MSG_STREAM &&
           packet_of(&m->header, m->bytes.len) == DATA;
}

/* Of the packets with data of a connection the second never comes. */
static enum vw_fate second_lost(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_output *m)
{
    return is_data(m) && ++vw_tamper_state(t, f)->count == 2 ? VW_FATE_DROP : VW_FATE_PASS;
}

/* Each packet with data waits for the next of its stream: two with data become one (F-11). */
static enum vw_fate packets_large(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_output *m)
{
    struct vw_buf *held = &vw_tamper_state(t, f)->held;
    bool next = held->len > 0 && m->kind == VW_OUT_STREAM;
    bool joins = next && is_data(m) && vw_word_get(held->data, VW_WORD_SERIAL) == m->header.serial;
    int rc =
        joins ? vw_buf_append(held, m->bytes.data + VW_PREFIX_BYTES, m->bytes.len - VW_PREFIX_BYTES)
              : 0;
    if (next && rc == 0) {
        vw_word_set(held->data, VW_WORD_LENGTH, (uint32_t)held->len);
        vw_tamper_send(t, held->data, held->len);
        held->len = 0;
    }
    if (rc == 0 && is_data(m) && !joins)
        rc = vw_buf_append(held, m->bytes.data, m->bytes.len);
    if (rc < 0)
        vw_tamper_cut(t);
    return is_data(m) ? VW_FATE_DROP : VW_FATE_PASS;
}

/* DETAIL: what becomes of holes (S-11). */
static enum vw_fate hole(const struct vw_fault *f, struct vw_tamper *t, struct vw_fault_input *m)
{
    const enum vw_fate *fate = f->kind->detail;
    return m->header.type == VW_MSG_STREAM_HOLE ? *fate : VW_FATE_PASS;
}

#define HOLE(fate)                                                                                 \
    .input = hole, .detail = &(const enum vw_fate)                                                 \
    {                                                                                              \
        fate                                                                                       \
    }

/* Bytes of a hole: how long it is, and flags (S-11). */
#define HOLE_BYTES 12

static enum vw_fate cut_hole_ignored(const struct vw_fault *f, struct vw_tamper *t,
                                     struct vw_fault_input *m)
{
    bool cut = m->header.type == VW_MSG_STREAM_HOLE && m->len < VW_PREFIX_BYTES + HOLE_BYTES;
    return cut ? VW_FATE_DROP : VW_FATE_PASS;
}

/* S-11: half as long as it says. */
static enum vw_fate hole_short(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_input *m)
{
    if (m->header.type == VW_MSG_STREAM_HOLE && m->len == VW_PREFIX_BYTES + HOLE_BYTES)
        vw_word_set(m->bytes, VW_WORD_BODY + 1, vw_word_get(m->bytes, VW_WORD_BODY + 1) / 2);
    return VW_FATE_PASS;
}

/* Both have the offset behind the volume, and before the length. */
static enum vw_outcome offset_ignored(const struct vw_fault *f, struct vw_call *c)
{
    const char *procedure = f->kind->detail;
    const struct remote_storage_vol_upload_args *args = c->args;
    struct remote_storage_vol_upload_args other;
    enum vw_outcome outcome;
    if (!vw_proc_is(c->event->proc, procedure))
        return vw_fault_next_call(f, c);
    other = *args;
    other.offset = 0;
    c->args = &other;
    outcome = vw_fault_next_call(f, c);
    c->args = args;
    return outcome;
}

static bool is_failure(const struct vw_fault_output *m)
{
    return m->kind == VW_OUT_STREAM && m->header.status == VW_MSG_ERROR;
}

/* DETAIL: what becomes of the error that a stream ends with (S-7). */
static enum vw_fate failure(const struct vw_fault *f, struct vw_tamper *t,
                            struct vw_fault_output *m)
{
    const enum vw_fate *fate = f->kind->detail;
    if (is_failure(m) && *fate == VW_FATE_CLOSE)
        vw_tamper_send(t, m->bytes.data, m->bytes.len);
    return is_failure(m) ? *fate : VW_FATE_PASS;
}

#define FAILURE(fate)                                                                              \
    .output = failure, .detail = &(const enum vw_fate)                                             \
    {                                                                                              \
        fate                                                                                       \
    }

/* Between the reply that opens a stream and the client's finish or abort no call is heard. */
static enum vw_fate note_open(const struct vw_fault *f, struct vw_tamper *t,
                              struct vw_fault_output *m)
{
    if (m->kind == VW_OUT_REPLY && opens_stream(m->proc))
        vw_tamper_state(t, f)->count = 1;
    return VW_FATE_PASS;
}

static enum vw_fate calls_wait(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_input *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    if (is_packet(m, FINISH) || is_packet(m, ABORT))
        state->count = 0;
    return state->count > 0 && m->header.type == VW_MSG_CALL ? VW_FATE_DROP : VW_FATE_PASS;
}

/* ---- one stream and another ---- */

/* The streams that are open: COUNT of the state; the serial of the one opened last: WORD. */
static enum vw_fate note_serial(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_output *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    if (m->kind == VW_OUT_REPLY && opens_stream(m->proc)) {
        state->count++;
        state->word = m->header.serial;
    }
    return VW_FATE_PASS;
}

static bool is_end(const struct vw_fault_input *m)
{
    return is_packet(m, FINISH) || is_packet(m, ABORT);
}

static enum vw_fate note_end(const struct vw_fault *f, struct vw_tamper *t,
                             struct vw_fault_input *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    state->count -= state->count > 0 && is_end(m);
    return VW_FATE_PASS;
}

static enum vw_outcome second_refused(const struct vw_fault *f, struct vw_call *c)
{
    if (vw_tamper_state(c->conn->tamper, f)->count > 0 && opens_stream(c->event->proc))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "there is a stream already");
    return vw_fault_next_call(f, c);
}

static enum vw_fate mixed(const struct vw_fault *f, struct vw_tamper *t, struct vw_fault_output *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    note_serial(f, t, m);
    if (m->kind == VW_OUT_STREAM && state->count > 0)
        vw_word_set(m->bytes.data, VW_WORD_SERIAL, state->word);
    return VW_FATE_PASS;
}

/* COUNT: one was aborted, of the serial WORD. */
static enum vw_fate note_abort(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_input *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    if (is_packet(m, ABORT)) {
        state->count = 1;
        state->word = m->header.serial;
    }
    return VW_FATE_PASS;
}

static enum vw_fate others_silent(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_output *m)
{
    const struct vw_fault_state *state = vw_tamper_state(t, f);
    bool other = m->kind == VW_OUT_STREAM && state->count && m->header.serial != state->word;
    return other ? VW_FATE_DROP : VW_FATE_PASS;
}

/* DETAIL: what is said to a call with the serial of an open stream; NULL: nothing. */
static enum vw_fate serial_taken(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_input *m)
{
    const struct vw_fault_state *state = vw_tamper_state(t, f);
    if (m->header.type != VW_MSG_CALL || state->count == 0 || m->header.serial != state->word)
        return note_end(f, t, m);
    if (f->kind->detail)
        vw_tamper_send_error(t, &m->header, VW_ERR_RPC, VW_FROM_RPC, f->kind->detail);
    return VW_FATE_DROP;
}

const struct vw_fault_kind vw_fault_kinds_stream[] = {
    {"stream-blocks-calls", "S-1", "no call is heard while a stream is open", .input = calls_wait,
     .output = note_open},
    {"legal-stream-early", "S-2", "the first packet comes before the reply", .output = reply_late},
    {"stream-finish-unanswered", "S-5", "the finish of a stream is not answered", UNHEARD(FINISH)},
    {"stream-finish-twice", "S-5", "each finish is answered, also where there is no stream",
     FINISHED(FINISH)},
    {"stream-finish-body-closes", "S-5", "a finish with a body ends the connection",
     .input = finish_body_closes},
    {"stream-abort-unanswered", "S-6", "the abort of a stream is not answered", UNHEARD(ABORT)},
    {"stream-status-ignored", "S-8", "packets of an unknown status are not heard", UNHEARD(OTHER)},
    {"stream-status-finishes", "S-8", "packets of an unknown status finish the stream",
     FINISHED(OTHER)},
    {"stream-second-refused", "S-1", "while a stream is open no other can be opened",
     .call = second_refused, .input = note_end, .output = note_serial},
    {"streams-mixed", "S-1", "packets carry the serial of the stream that was opened last",
     .input = note_end, .output = mixed},
    {"stream-abort-silences-all", "S-6", "behind an abort nothing is heard of other streams",
     .input = note_abort, .output = others_silent},
    {"stream-serial-refused", "H-7", "a call with the serial of an open stream is refused",
     .input = serial_taken, .output = note_serial, .detail = "a stream has that serial"},
    {"stream-serial-lost", "H-7", "a call with the serial of an open stream is not heard",
     .input = serial_taken, .output = note_serial},
    {"stream-data-lost", "S-3", "the second packet of data on a connection never comes",
     .output = second_lost},
    {"stream-failure-untold", "S-7", "that a stream has failed is not told", FAILURE(VW_FATE_DROP)},
    {"stream-failure-ends", "S-7", "a stream that has failed ends the connection too",
     FAILURE(VW_FATE_CLOSE)},
    {"stream-hole-ignored", "S-11", "holes are not heard", HOLE(VW_FATE_DROP)},
    {"stream-hole-ends", "S-11", "each hole ends the connection", HOLE(VW_FATE_CLOSE)},
    {"stream-hole-short", "S-11", "a hole is half as long as it says", .input = hole_short},
    {"upload-offset-ignored", "S-3", "an upload begins at the beginning of the volume",
     .call = offset_ignored, .detail = "storage_vol_upload"},
    {"download-offset-ignored", "S-3", "a download begins at the beginning of the volume",
     .call = offset_ignored, .detail = "storage_vol_download"},
    {"stream-cut-hole-ignored", "S-12", "a hole whose body is cut is not heard",
     .input = cut_hole_ignored},
    {"stream-data-acknowledged", "S-9", "each packet of data is answered by an empty one",
     .input = acknowledged},
    {"stream-packets-large", "F-11", "two packets of data come as one", .output = packets_large},
    {"stream-write-ignored", "S-15", "data for a stream that only reads are not heard",
     UNHEARD(DATA)},
    {"stream-write-finishes", "S-15", "data for a stream that only reads finish it",
     FINISHED(DATA)},
    {NULL},
};
