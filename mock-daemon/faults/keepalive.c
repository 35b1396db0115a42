// SPDX-License-Identifier: MIT
// Faults of keepalive (section 9).
#include "mock-daemon/faults/tamper.h"

#include "mock-daemon/daemon.h"

/* Procedures of the program. */
enum { PING = 1, PONG = 2 };

static const struct vw_program *keepalive(struct vw_tamper *t)
{
    return vw_schema_program_named(vw_tamper_conn(t)->daemon->profile->schema, "keepalive");
}

static bool is_keepalive(struct vw_tamper *t, const struct vw_fault_input *m)
{
    const struct vw_program *p = keepalive(t);
    return p && m->header.program == p->number && m->header.type == VW_MSG_MESSAGE;
}

static bool is_ping(struct vw_tamper *t, const struct vw_fault_input *m)
{
    return is_keepalive(t, m) && m->header.procedure == PING &&
           m->header.version == keepalive(t)->version;
}

/* ---- what comes out ---- */

static enum vw_fate pong_limited(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_output *m)
{
    if (m->kind != VW_OUT_PONG)
        return VW_FATE_PASS;
    return vw_tamper_state(t, f)->count++ >= f->value ? VW_FATE_DROP : VW_FATE_PASS;
}

static enum vw_fate pong_before_open(const struct vw_fault *f, struct vw_tamper *t,
                                     struct vw_fault_output *m)
{
    return m->kind == VW_OUT_PONG && !vw_tamper_conn(t)->opened ? VW_FATE_DROP : VW_FATE_PASS;
}

/* ---- the session's own ---- */

static void never_pings(const struct vw_fault *f, struct vw_session_options *o)
{
    o->keepalive_interval = 0;
}

static void never_gives_up(const struct vw_fault *f, struct vw_session_options *o)
{
    o->keepalive_count = UINT32_MAX;
}

/* ---- what comes in ---- */

static enum vw_fate remember_serial(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_input *m)
{
    if (is_ping(t, m))
        vw_tamper_state(t, f)->word = m->header.serial;
    return VW_FATE_PASS;
}

static enum vw_fate echo_serial(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_output *m)
{
    if (m->kind == VW_OUT_PONG)
        vw_word_set(m->bytes.data, VW_WORD_SERIAL, vw_tamper_state(t, f)->word);
    return VW_FATE_PASS;
}

static enum vw_fate body_refused(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_input *m)
{
    return is_ping(t, m) && m->len > VW_PREFIX_BYTES ? VW_FATE_CLOSE : VW_FATE_PASS;
}

static enum vw_fate pong_unasked_closes(const struct vw_fault *f, struct vw_tamper *t,
                                        struct vw_fault_input *m)
{
    return is_keepalive(t, m) && m->header.procedure == PONG ? VW_FATE_CLOSE : VW_FATE_PASS;
}

static enum vw_fate pong_not_seen(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_input *m)
{
    return is_keepalive(t, m) && m->header.procedure == PONG ? VW_FATE_DROP : VW_FATE_PASS;
}

static enum vw_fate unknown_answered(const struct vw_fault *f, struct vw_tamper *t,
                                     struct vw_fault_input *m)
{
    if (!is_keepalive(t, m) || is_ping(t, m) || m->header.procedure == PONG)
        return VW_FATE_PASS;
    vw_tamper_send_error(t, &m->header, VW_ERR_RPC, VW_FROM_RPC, "what is this");
    return VW_FATE_DROP;
}

static enum vw_fate version_ignored(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_input *m)
{
    if (is_keepalive(t, m))
        vw_word_set(m->bytes, VW_WORD_VERSION, keepalive(t)->version);
    return VW_FATE_PASS;
}

static void ping_unasked(const struct vw_fault *f, struct vw_tamper *t)
{
    const struct vw_program *p = keepalive(t);
    const struct vw_header h = {.program = p ? p->number : 0,
                                .version = p ? p->version : 0,
                                .procedure = PING,
                                .type = VW_MSG_MESSAGE};
    uint8_t message[VW_PREFIX_BYTES];
    vw_word_set(message, VW_WORD_LENGTH, VW_PREFIX_BYTES);
    vw_header_encode(&h, message + VW_LENGTH_BYTES);
    vw_tamper_send(t, message, sizeof(message));
}

const struct vw_fault_kind vw_fault_kinds_keepalive[] = {
    {"ping-ignored-before-open", "K-2", "PINGs are answered after the open only",
     .output = pong_before_open},
    {"ping-rate-limited", "K-8", "only the first N (100) PINGs are answered", .takes_value = true,
     .value = 100, .output = pong_limited},
    {"ping-body-refused", "K-2", "a PING with a body ends the connection", .input = body_refused},
    {"pong-serial-echoed", "K-2", "PONGs have the serial of the PING", .input = remember_serial,
     .output = echo_serial},
    {"pong-unasked-closes", "K-3", "a PONG that nobody asked for ends the connection",
     .input = pong_unasked_closes},
    {"keepalive-unknown-answered", "K-3", "unknown keepalive messages are answered",
     .input = unknown_answered},
    {"keepalive-version-ignored", "K-3", "PINGs of any version are answered",
     .input = version_ignored},
    {"ping-missing", "K-5", "no PINGs come, although feature 10 was asked for",
     .options = never_pings},
    {"silence-not-ended", "K-5", "a client that answers no PING is kept",
     .options = never_gives_up},
    {"pong-not-counted", "K-5", "a client that answers PINGs is hung up on all the same",
     .input = pong_not_seen},
    {"ping-unasked", "K-4", "a PING comes although nobody asked for feature 10",
     .begin = ping_unasked},
    {NULL},
};
