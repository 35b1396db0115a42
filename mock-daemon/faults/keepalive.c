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

static void send_ping(const struct vw_fault *f, struct vw_tamper *t)
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

/* ---- what is allowed ---- */

#define FEATURE_KEEPALIVE 10

static enum vw_fate note_asked(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_input *m)
{
    if (keepalive(t) && vw_proc_is(m->proc, "connect_supports_feature") &&
        m->len == VW_PREFIX_BYTES + 4 && vw_word_get(m->bytes, VW_WORD_BODY) == FEATURE_KEEPALIVE)
        vw_tamper_state(t, f)->word = 1;
    return VW_FATE_PASS;
}

static enum vw_fate pings_ahead(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_output *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    /* Behind the answer to a CLOSE the daemon hangs up, and a PONG would meet nobody. */
    if (!(m->kind & VW_OUT_ANSWER) || !state->word || vw_proc_is(m->proc, "connect_close"))
        return VW_FATE_PASS;
    for (uint64_t i = 0; i < f->value && state->word > 1; i++)
        send_ping(f, t);
    state->word = 2; /* he who asked has his answer */
    return VW_FATE_PASS;
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
     .begin = send_ping},
    {"legal-pings-ahead", "K-5", "N (15) PINGs stand ahead of each answer once they were asked for",
     .takes_value = true, .value = 15, .input = note_asked, .output = pings_ahead},
    {NULL},
};
