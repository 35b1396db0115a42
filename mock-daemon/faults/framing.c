// SPDX-License-Identifier: MIT
// Faults of the length word and of how bytes become messages (section 1).
#include "mock-daemon/faults/tamper.h"

#include <string.h>

/* ---- out ---- */

static enum vw_fate length_word_huge(const struct vw_fault *f, struct vw_tamper *t,
                                     struct vw_fault_output *m)
{
    const struct vw_limits *limits = vw_session_limits(vw_tamper_conn(t)->session);
    if (m->kind & VW_OUT_ANSWER)
        vw_word_set(m->bytes.data, VW_WORD_LENGTH, limits->max_length_word + 1);
    return VW_FATE_PASS;
}

static enum vw_fate reply_truncated(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_output *m)
{
    if (m->kind == VW_OUT_REPLY && m->bytes.len > f->value)
        m->bytes.len -= 4;
    return VW_FATE_PASS;
}

static enum vw_fate junk_before(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_output *m)
{
    static const uint8_t junk[4] = {0};
    if (m->kind & VW_OUT_ANSWER)
        vw_tamper_send(t, junk, sizeof(junk));
    return VW_FATE_PASS;
}

/* ---- in ---- */

static const struct vw_header no_header = {0};

/* DETAIL: what becomes of lengths that no message may have, and what is said of them first. */
struct length_fault {
    bool over; /* above the maximum, not below that of a header */
    enum vw_fate fate;
    const char *error;
    uint32_t junk; /* a length word of its own, and nothing behind it */
};

static enum vw_fate bad_length(const struct vw_fault *f, struct vw_tamper *t, uint32_t length,
                               bool allowed)
{
    const struct length_fault *row = f->kind->detail;
    uint8_t junk[VW_LENGTH_BYTES];
    bool over = length >= VW_PREFIX_BYTES;
    if (allowed || over != row->over)
        return VW_FATE_PASS;
    vw_word_set(junk, VW_WORD_LENGTH, row->junk);
    if (row->error)
        vw_tamper_send_error(t, &no_header, VW_ERR_RPC, VW_FROM_RPC, row->error);
    if (row->junk)
        vw_tamper_send(t, junk, sizeof(junk));
    return row->fate;
}

#define LENGTH(...)                                                                                \
    .length = bad_length, .detail = &(const struct length_fault)                                   \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define TOO_SHORT "a message is too short"
#define TOO_LONG  "a message is too long"

static enum vw_fate max_refused(const struct vw_fault *f, struct vw_tamper *t, uint32_t length,
                                bool allowed)
{
    return length > f->value ? VW_FATE_CLOSE : VW_FATE_PASS;
}

/* Only of releases whose maximum is that of 2007. */
static enum vw_fate max_of_2007_refused(const struct vw_fault *f, struct vw_tamper *t,
                                        uint32_t length, bool allowed)
{
    const struct vw_limits *limits = vw_session_limits(vw_tamper_conn(t)->session);
    return limits->max_length_word <= 262144 ? max_refused(f, t, length, allowed) : VW_FATE_PASS;
}

static enum vw_fate max_itself_refused(const struct vw_fault *f, struct vw_tamper *t,
                                       uint32_t length, bool allowed)
{
    return length == vw_session_limits(vw_tamper_conn(t)->session)->max_length_word ? VW_FATE_CLOSE
                                                                                    : VW_FATE_PASS;
}

/* They are read to their end, and then there is no answer to them. */
static enum vw_fate large_lost(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_input *m)
{
    return m->len > f->value ? VW_FATE_DROP : VW_FATE_PASS;
}

/* COUNT: the call that ran last came to a result. */
static enum vw_outcome note_result(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    vw_tamper_state(c->conn->tamper, f)->count = outcome == VW_DONE;
    return outcome;
}

/* F-10: what has a result and is answered by an error has one that cannot be encoded. */
static enum vw_fate unencodable_closes(const struct vw_fault *f, struct vw_tamper *t,
                                       struct vw_fault_output *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    bool unencodable = m->kind == VW_OUT_ERROR && !m->refusal && state->count;
    if (m->kind & VW_OUT_ANSWER)
        state->count = 0;
    return unencodable ? VW_FATE_CLOSE : VW_FATE_PASS;
}

static enum vw_fate split_refused(const struct vw_fault *f, struct vw_tamper *t, size_t pending)
{
    return pending > 0 ? VW_FATE_CLOSE : VW_FATE_PASS;
}

static enum vw_fate new_read(const struct vw_fault *f, struct vw_tamper *t, size_t pending)
{
    vw_tamper_state(t, f)->count = 0;
    return VW_FATE_PASS;
}

static enum vw_fate only_first(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_input *m)
{
    return vw_tamper_state(t, f)->count++ > 0 ? VW_FATE_DROP : VW_FATE_PASS;
}

const struct vw_fault_kind vw_fault_kinds_framing[] = {
    {"length-over-max", "F-4", "replies announce a length above the maximum",
     .output = length_word_huge},
    {"reply-truncated", "F-1", "the last 4 bytes of good replies of more than N (300) never come",
     .takes_value = true, .value = 300, .output = reply_truncated},
    {"junk-before-reply", "F-12", "4 bytes stand between messages", .output = junk_before},
    {"accept-short-length", "F-3", "lengths below 28 are skipped, and the connection stays",
     LENGTH(false, VW_FATE_DROP)},
    {"reply-to-short-length", "F-3", "lengths below 28 are answered, and the connection stays",
     LENGTH(false, VW_FATE_DROP, TOO_SHORT)},
    {"reply-to-short-length-close", "F-3", "lengths below 28 are answered before the close",
     LENGTH(false, VW_FATE_CLOSE, TOO_SHORT)},
    {"junk-to-short-length-close", "F-3",
     "behind a length below 28 comes a length word above the maximum before the close",
     LENGTH(false, VW_FATE_CLOSE, .junk = UINT32_MAX)},
    {"accept-over-max", "F-4", "messages above the maximum are skipped, and the connection stays",
     LENGTH(true, VW_FATE_DROP)},
    {"reply-to-over-max", "F-4", "lengths above the maximum are answered before the close",
     LENGTH(true, VW_FATE_CLOSE, TOO_LONG)},
    {"max-too-small", "F-4", "messages of more than N bytes (1 MiB) end the connection",
     .takes_value = true, .value = 1048576, .length = max_refused},
    {"large-refused", "F-4", "messages of more than N bytes (8 MiB) end the connection",
     .takes_value = true, .value = 8388608, .length = max_refused},
    {"large-lost", "F-4", "messages of more than N bytes (8 MiB) are read and not served",
     .takes_value = true, .value = 8388608, .input = large_lost},
    {"largest-refused", "F-4", "a message of just the maximum ends the connection",
     .length = max_itself_refused},
    {"large-of-2007-refused", "F-7",
     "messages of more than N bytes (128 KiB) end the connection of a release of 2007",
     .takes_value = true, .value = 131072, .length = max_of_2007_refused},
    {"unencodable-closes", "F-10", "a result that cannot be encoded ends the connection",
     .call = note_result, .output = unencodable_closes},
    {"split-message-refused", "F-9", "a message that comes in pieces ends the connection",
     .chunk = split_refused},
    {"drop-pipelined", "F-9", "of several messages in one read only the first is served",
     .chunk = new_read, .input = only_first},
    {NULL},
};
