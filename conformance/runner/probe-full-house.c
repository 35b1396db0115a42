// SPDX-License-Identifier: MIT
// A-14, L-2: at its limit of clients that have not authenticated, the server lets the next one
// wait, connected and unanswered, and serves it when another leaves.
#include <errno.h>

#include "conformance/runner/probe.h"

#define CLIENTS_MAX 64
#define WAIT_MS                                                                                    \
    300 /* without an answer: it waits. Taken for that when it is just slow, it passes */
#define MESSAGE_MAX 4096

struct house {
    struct vw_transport *clients[CLIENTS_MAX];
    unsigned count;
    struct vw_transport *waiting;
};

static void leave(struct house *h)
{
    for (unsigned i = 0; i < h->count; i++)
        if (h->clients[i])
            h->clients[i]->ops->close(h->clients[i]);
    if (h->waiting)
        h->waiting->ops->close(h->waiting);
}

static struct vw_transport *enter(struct vw_run *run, uint32_t serial)
{
    struct vw_error err = VW_ERROR_INIT;
    uint8_t call[VW_PREFIX_BYTES];
    struct vw_transport *t = vw_probe_open(run, NULL, false, &err);
    if (!t) {
        vw_run_fail(run, VW_FAIL, "client %u cannot connect: %s", serial + 1, err.text);
        return NULL;
    }
    vw_probe_call(run, serial, call);
    int rc = vw_probe_write(run, t, call, sizeof(call));
    if (rc < 0) {
        vw_run_fail(run, VW_FAIL, "client %u cannot write", serial + 1);
        t->ops->close(t);
        return NULL;
    }
    return t;
}

/* 1: answered; 0: not yet, with the bytes that came in BUF; -1: the connection ended. */
static int answered(struct vw_transport *t, int64_t deadline_ms)
{
    uint8_t buf[MESSAGE_MAX];
    ssize_t n = vw_probe_read(t, buf, sizeof(buf), deadline_ms);
    return n > 0 ? 1 : n == -ETIMEDOUT ? 0 : -1;
}

/* Fills the house until one has to wait. */
static void fill(struct vw_run *run, struct house *h)
{
    while (!h->waiting && !run->over && h->count < CLIENTS_MAX) {
        struct vw_transport *t = enter(run, h->count);
        int got = t ? answered(t, vw_now_ms() + WAIT_MS) : -1;
        if (!t)
            return;
        if (got < 0) {
            t->ops->close(t);
            vw_run_fail(run, VW_FAIL,
                        "client %u must be served or wait; the peer ends its connection",
                        h->count + 1);
        } else if (got == 0) {
            h->waiting = t;
        } else {
            h->clients[h->count++] = t;
        }
    }
}

static enum vw_step_result run_probe(struct vw_run *run)
{
    struct house h = {.count = 0};
    fill(run, &h);
    vw_log_note(&run->log, "", "%u clients are served, %s", h.count,
                h.waiting ? "the next one waits" : "none waits");
    if (!run->over && !h.waiting) {
        vw_run_skip(run, "the server lets in 64 clients and more");
    } else if (!run->over && h.count == 0) {
        vw_run_fail(run, VW_HUNG, "the first client is not answered");
    } else if (!run->over) {
        h.clients[0]->ops->close(h.clients[0]);
        h.clients[0] = NULL;
        vw_run_allow(run, run->settings->timeout_ms);
        int got = answered(h.waiting, run->deadline_ms);
        if (got <= 0)
            vw_run_fail(run, VW_FAIL, "the client that waits must be served when one leaves; %s",
                        got ? "the peer ends its connection" : "it is not");
    }
    leave(&h);
    return run->over ? VW_STEP_FAIL : VW_STEP_DONE;
}

extern const struct vw_probe vw_probe_full_house;
const struct vw_probe vw_probe_full_house = {"full-house", run_probe};
