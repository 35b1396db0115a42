// SPDX-License-Identifier: MIT
// Faults of the log-in that take more than another answer: of an exchange of SASL, of
// its last answer, and of the byte at which the layer begins.
#include "mock-daemon/faults/tamper.h"

#include "auth/sasl-server.h"
#include "mock-daemon/calls.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/serve.h"

static bool is(const struct vw_call *c, const char *name)
{
    return vw_proc_is(c->event->proc, name);
}

static bool is_step(const struct vw_call *c)
{
    return is(c, "auth_sasl_start") || is(c, "auth_sasl_step");
}

static void end_exchange(struct vw_conn *conn)
{
    vw_sasl_server_destroy(conn->sasl);
    conn->sasl = NULL;
}

static enum vw_outcome refuse(struct vw_call *c)
{
    return vw_call_fail(c, VW_ERR_AUTH_FAILED, VW_FROM_RPC, "no");
}

/* The answer of a step that went well, to be changed; START's is the same. */
static struct remote_auth_sasl_step_ret *answer_of(struct vw_call *c)
{
    return (struct remote_auth_sasl_step_ret *)(uintptr_t)c->value;
}

/* ---- in the wrong order ---- */

static enum vw_outcome second_start_refused(const struct vw_fault *f, struct vw_call *c)
{
    struct vw_fault_state *state = vw_tamper_state(c->conn->tamper, f);
    if (is(c, "auth_sasl_init"))
        state->count = 0;
    if (is(c, "auth_sasl_start") && c->conn->sasl && state->count++ > 0)
        return refuse(c);
    return vw_fault_next_call(f, c);
}

static enum vw_outcome second_init_ends(const struct vw_fault *f, struct vw_call *c)
{
    if (!is(c, "auth_sasl_init") || !c->conn->sasl)
        return vw_fault_next_call(f, c);
    end_exchange(c->conn);
    return refuse(c);
}

static enum vw_outcome begun_is_in(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is_step(c) && outcome == VW_DONE)
        vw_session_set_authenticated(c->conn->session, true);
    return outcome;
}

static enum vw_outcome failed_is_in(const struct vw_fault *f, struct vw_call *c)
{
    bool begun = c->conn->sasl != NULL;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is_step(c) && begun && outcome == VW_FAILED)
        vw_session_set_authenticated(c->conn->session, true);
    return outcome;
}

/* ---- failures ---- */

/* How many there have been, this call included. */
static uint64_t failures(const struct vw_fault *f, struct vw_call *c, enum vw_outcome outcome)
{
    struct vw_fault_state *state = vw_tamper_state(c->conn->tamper, f);
    state->count += is_step(c) && outcome == VW_FAILED;
    return state->count;
}

static enum vw_outcome failure_sticks(const struct vw_fault *f, struct vw_call *c)
{
    if (is(c, "auth_sasl_init") && vw_tamper_state(c->conn->tamper, f)->count)
        return refuse(c);
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    failures(f, c, outcome);
    return outcome;
}

static enum vw_outcome failures_limited(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (failures(f, c, outcome) >= f->value)
        c->close_after = true;
    return outcome;
}

/* ---- data ---- */

static enum vw_outcome data_limited(const struct vw_fault *f, struct vw_call *c)
{
    const struct vw_error_pair *bad = &c->conn->daemon->answers.bad_arguments;
    const struct remote_auth_sasl_start_args *args = c->args;
    if (is(c, "auth_sasl_start") && args->data.count > f->value)
        return vw_call_fail(c, bad->code, bad->domain, "too much");
    return vw_fault_next_call(f, c);
}

/* D-9: what is not decoded is no call, and ends nothing. */
static enum vw_fate over_bound_ends(const struct vw_fault *f, struct vw_tamper *t,
                                    struct vw_fault_output *m)
{
    if (m->refusal &&
        (vw_proc_is(m->proc, "auth_sasl_start") || vw_proc_is(m->proc, "auth_sasl_step")))
        end_exchange(vw_tamper_conn(t));
    return VW_FATE_PASS;
}

/* ---- the answers ---- */

/* DETAIL: the names. */
static enum vw_outcome other_names(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct remote_auth_sasl_init_ret *ret = (void *)(uintptr_t)c->value;
    if (is(c, "auth_sasl_init") && outcome == VW_DONE)
        ret->mechlist = vw_string(f->kind->detail);
    return outcome;
}

static enum vw_outcome complete_early(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (is_step(c) && outcome == VW_DONE)
        answer_of(c)->complete = 1;
    return outcome;
}

/* DETAIL: not the last byte of the proof is wrong, but all of it missing. */
static enum vw_outcome proof_wrong(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct remote_auth_sasl_step_ret *ret = is_step(c) ? answer_of(c) : NULL;
    if (outcome != VW_DONE || !ret || !ret->complete || ret->data.count == 0)
        return outcome;
    if (f->kind->detail)
        *ret = (struct remote_auth_sasl_step_ret){.complete = 1, .nil = 1};
    else
        ((char *)ret->data.items)[ret->data.count - 1] ^= 1;
    return outcome;
}

/* ---- the layer ---- */

static enum vw_outcome layer_missing(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    c->layer_after = false;
    return outcome;
}

static enum vw_outcome layer_early(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (c->layer_after && vw_serve_put_layer(c->conn) < 0)
        vw_tamper_cut(c->conn->tamper);
    c->layer_after = false;
    return outcome;
}

/* what cannot be deciphered is passed over, and everything behind it. */
static int decode_deaf(void *user, const void *in, size_t len, const uint8_t **out, size_t *out_len)
{
    if (vw_sasl_decode(user, in, len, out, out_len) < 0)
        *out_len = 0;
    return 0;
}

static int put_deaf_layer(struct vw_conn *c)
{
    struct vw_layer_codec codec = vw_serve_codec(c);
    codec.decode = decode_deaf;
    return vw_serve_put_codec(c, &codec);
}

static enum vw_outcome damaged_ignored(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (c->layer_after)
        c->conn->switch_layer = put_deaf_layer;
    return outcome;
}

static enum vw_outcome packets_joined(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    c->conn->layered = false;
    return outcome;
}

const struct vw_fault_kind vw_fault_kinds_login[] = {
    {"sasl-second-start-refused", "A-6", "SASL_START is refused while an exchange is under way",
     .call = second_start_refused},
    {"sasl-second-init-ends", "A-5", "a second SASL_INIT ends the exchange",
     .call = second_init_ends},
    {"sasl-begun-is-in", "D-11", "calls are served once an exchange has begun",
     .call = begun_is_in},
    {"sasl-failed-is-in", "D-11", "calls are served once an exchange has failed",
     .call = failed_is_in},
    {"sasl-failure-sticks", "A-7", "after a failure SASL_INIT is refused", .call = failure_sticks},
    {"sasl-failure-closes", "A-7", "a failure of SASL ends the connection", .value = 1,
     .call = failures_limited},
    {"sasl-failures-limited", "A-7", "N failures of SASL (20) end the connection",
     .takes_value = true, .value = 20, .call = failures_limited},
    {"sasl-data-limited", "A-6", "data of SASL_START above N bytes (32768) is not decoded",
     .takes_value = true, .value = 32768, .call = data_limited},
    {"sasl-over-bound-ends", "A-6", "data of SASL above its bound ends the exchange",
     .output = over_bound_ends},
    {"sasl-weak-names", "A-9", "SASL_INIT gives ANONYMOUS and PLAIN, whatever is below",
     .call = other_names, .detail = "ANONYMOUS,PLAIN,DIGEST-MD5"},
    {"sasl-names-odd", "A-5", "among the names of SASL_INIT is a control character",
     .call = other_names, .detail = "DIGEST-MD5,\001"},
    {"sasl-complete-early", "A-8", "every answer of SASL says complete", .call = complete_early},
    {"sasl-proof-wrong", "A-8", "the last answer of SASL proves another password",
     .call = proof_wrong},
    {"sasl-proof-missing", "A-8", "the last answer of SASL has no data", .call = proof_wrong,
     .detail = ""},
    {"sasl-layer-missing", "A-10", "the layer of SASL never begins", .call = layer_missing},
    {"sasl-layer-early", "A-10", "the layer of SASL begins before the last answer",
     .call = layer_early},
    {"sasl-damaged-ignored", "A-11", "a damaged packet of SASL does not end the connection",
     .call = damaged_ignored},
    {"legal-sasl-packets-joined", "A-11", "a packet of SASL holds all that is to be written",
     .call = packets_joined},
    {NULL},
};
