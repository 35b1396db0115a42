// SPDX-License-Identifier: MIT
// Faults of many calls at once, of answers that do not come, and of the end of the connection.
#include "mock-daemon/faults/tamper.h"

#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static bool is_call(const struct vw_fault_input *m)
{
    return m->header.type == VW_MSG_CALL || m->header.type == VW_MSG_CALL_WITH_FDS;
}

/* ---- answers ---- */

static enum vw_fate stall_after(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_output *m)
{
    if (!(m->kind & VW_OUT_ANSWER))
        return VW_FATE_PASS;
    return vw_tamper_state(t, f)->count++ >= f->value ? VW_FATE_DROP : VW_FATE_PASS;
}

static enum vw_fate every_nth_lost(const struct vw_fault *f, struct vw_tamper *t,
                                   struct vw_fault_output *m)
{
    if (!(m->kind & VW_OUT_ANSWER) || f->value == 0)
        return VW_FATE_PASS;
    return ++vw_tamper_state(t, f)->count % f->value == 0 ? VW_FATE_DROP : VW_FATE_PASS;
}

static enum vw_fate close_after(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_output *m)
{
    if ((m->kind & VW_OUT_ANSWER) && ++vw_tamper_state(t, f)->count >= f->value) {
        vw_tamper_send(t, m->bytes.data, m->bytes.len);
        return VW_FATE_CLOSE;
    }
    return VW_FATE_PASS;
}

static enum vw_fate close_mid_reply(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_output *m)
{
    if ((m->kind & VW_OUT_ANSWER) && ++vw_tamper_state(t, f)->count >= f->value) {
        vw_tamper_send(t, m->bytes.data, m->bytes.len / 2);
        return VW_FATE_CLOSE;
    }
    return VW_FATE_PASS;
}

static enum vw_fate errors_close(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_output *m)
{
    if (m->kind == VW_OUT_ERROR) {
        vw_tamper_send(t, m->bytes.data, m->bytes.len);
        return VW_FATE_CLOSE;
    }
    return VW_FATE_PASS;
}

/* A good reply carries the body of the good reply before it. */
static enum vw_fate previous_body(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_output *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    struct vw_buf now = m->bytes;
    if (m->kind != VW_OUT_REPLY)
        return VW_FATE_PASS;
    m->bytes = (struct vw_buf)VW_BUF_INIT;
    if (vw_buf_append(&m->bytes, now.data, VW_PREFIX_BYTES) < 0 ||
        vw_buf_append(&m->bytes, state->count > 0 ? state->held.data : now.data + VW_PREFIX_BYTES,
                      state->count > 0 ? state->held.len : now.len - VW_PREFIX_BYTES) < 0)
        vw_tamper_cut(t);
    state->count++;
    state->held.len = 0;
    if (vw_buf_append(&state->held, now.data + VW_PREFIX_BYTES, now.len - VW_PREFIX_BYTES) < 0)
        vw_tamper_cut(t);
    vw_buf_finish(&now);
    vw_word_set(m->bytes.data, VW_WORD_LENGTH, (uint32_t)m->bytes.len);
    return VW_FATE_PASS;
}

/* Two answers in flight have each other's serial: the last one takes that of the one before. */
static enum vw_fate previous_serial(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_output *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    if (!(m->kind & VW_OUT_ANSWER))
        return VW_FATE_PASS;
    if (state->count++ > 0)
        vw_word_set(m->bytes.data, VW_WORD_SERIAL, state->word);
    state->word = m->header.serial;
    return VW_FATE_PASS;
}

/* Each answer has as many before it that nobody waits for. */
static enum vw_fate flood(const struct vw_fault *f, struct vw_tamper *t, struct vw_fault_output *m)
{
    uint8_t stray[VW_PREFIX_BYTES];
    if (!(m->kind & VW_OUT_ANSWER))
        return VW_FATE_PASS;
    memcpy(stray, m->bytes.data, sizeof(stray));
    vw_word_set(stray, VW_WORD_LENGTH, sizeof(stray));
    vw_word_set(stray, VW_WORD_STATUS, VW_MSG_OK);
    for (uint64_t i = 0; i < f->value && i < 100000; i++) {
        vw_word_set(stray, VW_WORD_SERIAL, 0xdead0000u + (uint32_t)(i & 0xffff));
        vw_tamper_send(t, stray, sizeof(stray));
    }
    return VW_FATE_PASS;
}

/* DETAIL: what becomes of good replies while more than N bytes lie in
 * the socket unread. */
enum unread { UNREAD_LOST, UNREAD_TWICE, UNREAD_TORN, UNREAD_ENDS, UNREAD_BLOCKS };

static uint64_t unread_bytes(struct vw_tamper *t)
{
    const struct vw_transport *transport = vw_tamper_conn(t)->transport;
    int n = 0;
    return ioctl(transport->ops->fd(transport), SIOCOUTQ, &n) < 0 || n < 0 ? 0 : (uint64_t)n;
}

static enum vw_fate unread(const struct vw_fault *f, struct vw_tamper *t, struct vw_fault_output *m)
{
    const enum unread *act = f->kind->detail;
    if (m->kind != VW_OUT_REPLY || unread_bytes(t) <= f->value)
        return VW_FATE_PASS;
    switch (*act) {
    case UNREAD_LOST:
        return VW_FATE_DROP;
    case UNREAD_TWICE:
        vw_tamper_send(t, m->bytes.data, m->bytes.len);
        return VW_FATE_PASS;
    case UNREAD_TORN:
        m->bytes.len -= 4;
        return VW_FATE_PASS;
    case UNREAD_ENDS:
        vw_tamper_cut(t);
        return VW_FATE_DROP;
    default:
        if (vw_tamper_state(t, f)->count++ == 0)
            nanosleep(&(struct timespec){.tv_sec = 4}, NULL);
        return VW_FATE_PASS;
    }
}

#define UNREAD(act)                                                                                \
    .takes_value = true, .value = 131072, .output = unread, .detail = &(const enum unread)         \
    {                                                                                              \
        act                                                                                        \
    }

/* ---- calls ---- */

/* The whole daemon, without a word. */
static enum vw_fate exit_on_error(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_output *m)
{
    if (m->refusal && strcmp(m->refusal->clause, "D-4") == 0)
        _exit(0);
    return VW_FATE_PASS;
}

/* A length word above N makes all connections wait: as if its bytes were waited for (F-5). */
static enum vw_fate long_blocks(const struct vw_fault *f, struct vw_tamper *t, uint32_t length,
                                bool allowed)
{
    if (allowed && length > f->value)
        nanosleep(&(struct timespec){.tv_sec = 4}, NULL);
    return VW_FATE_PASS;
}

static enum vw_fate new_read(const struct vw_fault *f, struct vw_tamper *t, size_t pending)
{
    vw_tamper_state(t, f)->count = 0;
    return VW_FATE_PASS;
}

static enum vw_fate limit_closes(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_input *m)
{
    return is_call(m) && ++vw_tamper_state(t, f)->count > f->value ? VW_FATE_CLOSE : VW_FATE_PASS;
}

static enum vw_fate limit_refuses(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_input *m)
{
    if (!is_call(m) || ++vw_tamper_state(t, f)->count <= f->value)
        return VW_FATE_PASS;
    vw_tamper_send_error(t, &m->header, VW_ERR_RPC, VW_FROM_RPC, "too many calls at once");
    return VW_FATE_DROP;
}

static enum vw_fate serial_zero(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_input *m)
{
    if (!is_call(m) || m->header.serial != 0)
        return VW_FATE_PASS;
    vw_tamper_send_error(t, &m->header, VW_ERR_RPC, VW_FROM_RPC, "a serial must not be 0");
    return VW_FATE_DROP;
}

static enum vw_fate serial_high(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_input *m)
{
    return is_call(m) && m->header.serial > INT32_MAX ? VW_FATE_CLOSE : VW_FATE_PASS;
}

static enum vw_fate serial_repeated(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_input *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    bool repeated = state->count > 0 && state->word == m->header.serial;
    if (!is_call(m))
        return VW_FATE_PASS;
    state->count++;
    state->word = m->header.serial;
    if (!repeated)
        return VW_FATE_PASS;
    vw_tamper_send_error(t, &m->header, VW_ERR_RPC, VW_FROM_RPC, "a serial must be new");
    return VW_FATE_DROP;
}

/* DETAIL: a procedure whose calls are never answered. */
static enum vw_outcome never_answered(const struct vw_fault *f, struct vw_call *c)
{
    const char *const *name = f->kind->detail;
    return vw_proc_is(c->event->proc, *name) ? VW_NO_ANSWER : vw_fault_next_call(f, c);
}

static void connection_closed(const struct vw_fault *f, struct vw_tamper *t)
{
    vw_tamper_cut(t);
}

const struct vw_fault_kind vw_fault_kinds_pipeline[] = {
    {"reply-previous-body", "H-5", "good replies carry the body of the one before",
     .output = previous_body},
    {"reply-previous-serial", "H-5", "answers carry the serial of the one before",
     .output = previous_serial},
    {"stall-after", "D-26", "nothing is answered after N (40) answers", .takes_value = true,
     .value = 40, .output = stall_after},
    {"reply-lost", "D-26", "each Nth (7th) answer never comes", .takes_value = true, .value = 7,
     .output = every_nth_lost},
    {"unread-lost", "D-26", "while more than N (128 KiB) bytes lie unread replies are lost",
     UNREAD(UNREAD_LOST)},
    {"unread-twice", "D-26", "while more than N (128 KiB) bytes lie unread replies come twice",
     UNREAD(UNREAD_TWICE)},
    {"unread-torn", "F-1",
     "while more than N (128 KiB) bytes lie unread replies lack their last 4 bytes",
     UNREAD(UNREAD_TORN)},
    {"unread-ends", "D-26", "more than N (128 KiB) bytes that lie unread end the connection",
     UNREAD(UNREAD_ENDS)},
    {"unread-blocks", "D-26",
     "more than N (128 KiB) bytes that lie unread hold all connections up for 4 seconds",
     UNREAD(UNREAD_BLOCKS)},
    {"lookup-unanswered", "D-26", "the lookup by name is never answered", .call = never_answered,
     .detail = &(const char *const){"domain_lookup_by_name"}},
    {"flood", "H-5", "each answer comes behind N (5000) that nobody waits for", .takes_value = true,
     .value = 5000, .output = flood},
    {"exit-on-unknown-procedure", "D-4", "a call to an unknown procedure ends the daemon",
     .output = exit_on_error},
    {"long-length-blocks", "F-5", "a length above N (1 MiB) holds all connections up for 4 seconds",
     .takes_value = true, .value = 1048576, .length = long_blocks},
    {"close-after", "C-7", "the connection ends after N (40) answers", .takes_value = true,
     .value = 40, .output = close_after},
    {"close-mid-reply", "F-1", "the connection ends in the middle of the Nth (15th) answer",
     .takes_value = true, .value = 15, .output = close_mid_reply},
    {"close-at-once", "C-7", "connections end as soon as they are accepted",
     .begin = connection_closed},
    {"errors-close", "D-9", "the connection ends behind each error reply", .output = errors_close},
    {"pipeline-closes", "D-26", "more than N (5) calls in one read end the connection",
     .takes_value = true, .value = 5, .chunk = new_read, .input = limit_closes},
    {"pipeline-refused", "D-26", "of the calls in one read those behind N (5) are refused",
     .takes_value = true, .value = 5, .chunk = new_read, .input = limit_refuses},
    {"serial-zero-refused", "H-7", "calls with serial 0 are refused", .input = serial_zero},
    {"serial-high-closes", "H-7", "a serial above 2147483647 ends the connection",
     .input = serial_high},
    {"serial-repeat-refused", "H-7", "the serial of the call before is refused",
     .input = serial_repeated},
    {NULL},
};
