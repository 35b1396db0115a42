// SPDX-License-Identifier: MIT
// send: messages, whole or bent, in one write or cut to pieces.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/play/run.h"

#define TIMES_MAX   100000
#define FDS_AT_ONCE 32 /* of one write */

static const char *const record_words[] = {"whole", NULL};

static const char *const kinds[] = {"call", "message", "stream", NULL};
static const char *const all_kinds[] = {"call", "message", "stream", "together", NULL};

static const struct vw_key together_list[] = {
    {"call", VW_TAKES_MAP, false, NULL, &vw_message_keys, "as in send"},
    {"message", VW_TAKES_MAP, false, NULL, &vw_message_keys, "as in send"},
    {"stream", VW_TAKES_MAP, false, NULL, &vw_message_keys, "as in send"},
    {"as", VW_TAKES_TEXT | VW_TAKES_NAME, false, NULL, NULL,
     "the label that \"to\" and \"of\" mean"},
    {NULL},
};
static const struct vw_keys together_keys = {"one of several messages", together_list, kinds};

static const struct vw_key list[] = {
    {"call", VW_TAKES_MAP, false, NULL, &vw_message_keys, "a message of type CALL"},
    {"message", VW_TAKES_MAP, false, NULL, &vw_message_keys, "a message of type MESSAGE"},
    {"stream", VW_TAKES_MAP, false, NULL, &vw_message_keys, "a message of type STREAM"},
    {"together", VW_TAKES_MAPS, false, NULL, &together_keys, "several, written at once"},
    {"as", VW_TAKES_TEXT | VW_TAKES_NAME, false, NULL, NULL,
     "the label that \"to\" and \"of\" mean"},
    {"times", VW_TAKES_NUMBER, false, NULL, NULL, "so many of it, written at once"},
    {"pieces", VW_TAKES_NUMBER | VW_TAKES_TEXTS, false, NULL, NULL,
     "the largest write in bytes, or the places where writes end; over TLS a write is a record"},
    {"records", VW_TAKES_TEXT, false, record_words, NULL,
     "whole: over TLS a record may hold parts of several messages, which T-5 forbids"},
    {"with", VW_TAKES_NUMBER, false, NULL, NULL,
     "so many descriptors go with the first byte, where none belong (P-3)"},
    {NULL},
};
static const struct vw_keys keys = {"send", list, all_kinds};

static int set_pieces(struct vw_link *c, const struct vw_node *pieces, struct vw_error *err)
{
    int64_t v;
    /* What an earlier step has left counts too. */
    size_t queued = c->out_done < c->out.len ? c->out.len : 0;
    c->piece = 0;
    c->n_cuts = queued && !pieces ? c->n_cuts : 0;
    if (!pieces)
        return 0;
    if (pieces->kind == VW_NODE_SCALAR) {
        int rc = vw_node_number(pieces, 1, INT32_MAX, &v, err);
        c->piece = rc == 0 ? (size_t)v : 0;
        return rc;
    }
    size_t *cuts = realloc(c->cuts, (pieces->count + 1) * sizeof(*cuts));
    if (!cuts)
        return vw_error_nomem(err);
    c->cuts = cuts;
    for (const struct vw_node *n = pieces->first; n; n = n->next) {
        int rc = vw_node_number(n, 1, INT32_MAX, &v, err);
        if (rc < 0)
            return rc;
        c->cuts[c->n_cuts++] = queued + (size_t)v;
    }
    return 0;
}

static int send_one(struct vw_run *run, struct vw_link *c, const struct vw_node *value,
                    struct vw_error *err)
{
    static const int32_t types[] = {VW_MSG_CALL, VW_MSG_MESSAGE, VW_MSG_STREAM};
    const struct vw_node *as = vw_node_get(value, "as");
    if (as)
        snprintf(run->label, sizeof(run->label), "%s", as->text);
    for (int i = 0; kinds[i]; i++) {
        const struct vw_node *m = vw_node_get(value, kinds[i]);
        if (m)
            return vw_run_send(run, c, m, types[i], run->label, err);
    }
    return 0;
}

/* The descriptors that go with the first byte; negative: the case has ended. */
static int pass_with(struct vw_run *run, struct vw_link *c, const struct vw_node *with)
{
    struct vw_error err = VW_ERROR_INIT;
    int64_t n = 0;
    if (with && vw_node_number(with, 1, FDS_AT_ONCE, &n, &err) < 0) {
        vw_run_error(run, &err);
        return err.code;
    }
    return n ? vw_run_pass(run, c, (uint32_t)n) : 0;
}

static int send_all(struct vw_run *run, struct vw_link *c, const struct vw_node *value,
                    struct vw_error *err)
{
    const struct vw_node *together = vw_node_get(value, "together");
    const struct vw_node *times = vw_node_get(value, "times");
    int64_t n = 1;
    int rc = times ? vw_node_number(times, 1, TIMES_MAX, &n, err) : 0;
    for (int64_t i = 0; i < n && rc == 0; i++) {
        if (!together)
            rc = send_one(run, c, value, err);
        for (const struct vw_node *m = together ? together->first : NULL; m && rc == 0; m = m->next)
            rc = send_one(run, c, m, err);
    }
    return rc;
}

/* Whatever has come: it is the peer that does not read. */
static enum vw_step_result wait_written(struct vw_run *run, const struct vw_link *c)
{
    /* Thousands of pieces take a while. */
    if (run->state[0] != c->out_done)
        vw_run_await(run);
    run->state[0] = c->out_done;
    if (!vw_run_late(run))
        return VW_STEP_WAIT;
    run->suspicious = run->late = true;
    run->wait = VW_WAIT_SILENT;
    return vw_run_fail(run, VW_HUNG,
                       "waiting for the peer to take what is written: nothing in %lld ms",
                       (long long)run->allowed_ms);
}

static enum vw_step_result run_send(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_link *c = vw_run_conn(run);
    if (!c)
        return VW_STEP_FAIL;
    if (first) {
        /* Without a name of its own, what this step sends is told apart by the step. */
        snprintf(run->label, sizeof(run->label), "#%u", run->step_no);
        c->whole = vw_node_is(vw_node_get(value, "records"), "whole");
        if (pass_with(run, c, vw_node_get(value, "with")) < 0)
            return VW_STEP_FAIL;
        if (set_pieces(c, vw_node_get(value, "pieces"), &err) < 0 ||
            send_all(run, c, value, &err) < 0)
            return vw_run_error(run, &err);
        if (!c->piece && !c->n_cuts && !c->whole)
            return VW_STEP_DONE;
        return VW_STEP_WAIT;
    }
    if (c->out_done < c->out.len && !vw_link_over(c))
        return wait_written(run, c);
    c->piece = c->n_cuts = 0;
    c->whole = false;
    return VW_STEP_DONE;
}

const struct vw_verb vw_verb_send = {
    {"send", VW_TAKES_MAP, false, NULL, &keys, "send messages"},
    run_send,
};
