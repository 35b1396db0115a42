// SPDX-License-Identifier: MIT
// Faults of the length word and of how bytes become messages (section 1).
#include "mock-daemon/faults/tamper.h"

#include <string.h>

#include "mock-daemon/daemon.h"

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

static enum vw_fate short_ignored(const struct vw_fault *f, struct vw_tamper *t, uint32_t length,
                                  bool allowed)
{
    return length < VW_PREFIX_BYTES ? VW_FATE_DROP : VW_FATE_PASS;
}

static enum vw_fate short_answered(const struct vw_fault *f, struct vw_tamper *t, uint32_t length,
                                   bool allowed)
{
    if (length >= VW_PREFIX_BYTES)
        return VW_FATE_PASS;
    vw_tamper_send_error(t, &no_header, VW_ERR_RPC, VW_FROM_RPC, "a message is too short");
    return VW_FATE_DROP;
}

static enum vw_fate short_answered_close(const struct vw_fault *f, struct vw_tamper *t,
                                         uint32_t length, bool allowed)
{
    return short_answered(f, t, length, allowed) == VW_FATE_PASS ? VW_FATE_PASS : VW_FATE_CLOSE;
}

static enum vw_fate over_ignored(const struct vw_fault *f, struct vw_tamper *t, uint32_t length,
                                 bool allowed)
{
    return !allowed && length > VW_PREFIX_BYTES ? VW_FATE_DROP : VW_FATE_PASS;
}

static enum vw_fate over_answered(const struct vw_fault *f, struct vw_tamper *t, uint32_t length,
                                  bool allowed)
{
    if (allowed || length < VW_PREFIX_BYTES)
        return VW_FATE_PASS;
    vw_tamper_send_error(t, &no_header, VW_ERR_RPC, VW_FROM_RPC, "a message is too long");
    return VW_FATE_CLOSE;
}

/* The last that is said is no message but a length that none may have. */
static enum vw_fate short_junk_close(const struct vw_fault *f, struct vw_tamper *t, uint32_t length,
                                     bool allowed)
{
    static const uint8_t junk[4] = {0xff, 0xff, 0xff, 0xff};
    if (length >= VW_PREFIX_BYTES)
        return VW_FATE_PASS;
    vw_tamper_send(t, junk, sizeof(junk));
    return VW_FATE_CLOSE;
}

static enum vw_fate max_refused(const struct vw_fault *f, struct vw_tamper *t, uint32_t length,
                                bool allowed)
{
    return length > f->value ? VW_FATE_CLOSE : VW_FATE_PASS;
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
     .length = short_ignored},
    {"reply-to-short-length", "F-3", "lengths below 28 are answered, and the connection stays",
     .length = short_answered},
    {"reply-to-short-length-close", "F-3", "lengths below 28 are answered before the close",
     .length = short_answered_close},
    {"junk-to-short-length-close", "F-3",
     "behind a length below 28 comes a length word above the maximum before the close",
     .length = short_junk_close},
    {"accept-over-max", "F-4", "messages above the maximum are skipped, and the connection stays",
     .length = over_ignored},
    {"reply-to-over-max", "F-4", "lengths above the maximum are answered before the close",
     .length = over_answered},
    {"max-too-small", "F-4", "messages of more than N bytes (1 MiB) end the connection",
     .takes_value = true, .value = 1048576, .length = max_refused},
    {"split-message-refused", "F-9", "a message that comes in pieces ends the connection",
     .chunk = split_refused},
    {"drop-pipelined", "F-9", "of several messages in one read only the first is served",
     .chunk = new_read, .input = only_first},
    {NULL},
};
