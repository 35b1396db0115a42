// SPDX-License-Identifier: MIT
// A-14, L-2: at its limit of clients that have not authenticated, the server lets the next one
// wait, connected and unanswered, and serves it when another leaves. WITH is "begun": the clients
// have begun to log in, and never finish; or "in": so they have, and instead of one that leaves
// that of the case logs in.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conformance/play/probe.h"

#define CLIENTS_MAX 64
#define WAIT_MS     300 /* without an answer: it may be one that waits */
#define PATIENCE    4   /* so many times the slowest answer, where that is more */
#define MESSAGE_MAX 4096
#define TURN_MS     50 /* between looks at a log-in */

struct house {
    const char *call; /* that clients make */
    struct vw_transport *clients[CLIENTS_MAX];
    unsigned count;
    struct vw_transport *waiting;
    int64_t slowest_ms; /* of the answers so far */
};

static void leave(struct house *h)
{
    for (unsigned i = 0; i < h->count; i++)
        if (h->clients[i])
            h->clients[i]->ops->close(h->clients[i]);
    if (h->waiting)
        h->waiting->ops->close(h->waiting);
}

static bool call(struct vw_run *run, const struct house *h, struct vw_transport *t, unsigned serial)
{
    uint8_t bytes[VW_PREFIX_BYTES];
    vw_probe_call(run, h->call, serial, bytes);
    if (vw_probe_write(run, t, bytes, sizeof(bytes)) == 0)
        return true;
    vw_run_fail(run, VW_FAIL, "client %u cannot write", serial + 1);
    return false;
}

static struct vw_transport *enter(struct vw_run *run, const struct house *h)
{
    unsigned serial = h->count;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_transport *t = vw_probe_open(run, NULL, NULL, &err);
    if (!t) {
        char who[32];
        snprintf(who, sizeof(who), "client %u ", serial + 1);
        vw_run_unconnected(run, who, &err);
        return NULL;
    }
    if (call(run, h, t, serial))
        return t;
    t->ops->close(t);
    return NULL;
}

/* 1: answered, in whole; 0: nothing has come; -1: the connection ended, or the answer did. */
static int answered(struct vw_run *run, struct vw_transport *t, int64_t deadline_ms)
{
    uint8_t buf[MESSAGE_MAX];
    ssize_t n = vw_probe_read(t, buf, VW_LENGTH_BYTES, deadline_ms);
    if (n == -ETIMEDOUT)
        return 0;
    return n > 0 && vw_probe_message(run, t, buf, (size_t)n, sizeof(buf)) > 0 ? 1 : -1;
}

/* When a client without an answer is taken for one that waits, unless it is the first. */
static int64_t patience(const struct vw_run *run, const struct house *h)
{
    int64_t ms = h->slowest_ms * PATIENCE > WAIT_MS ? h->slowest_ms * PATIENCE : WAIT_MS;
    int64_t end = vw_now_ms() + ms;
    return h->count == 0 || end > run->deadline_ms ? run->deadline_ms : end;
}

/* A server that is slow answers T too while it answers a client that is inside; one that is full
 * does not. As answered(). */
static int answered_late(struct vw_run *run, struct house *h, struct vw_transport *t)
{
    if (h->count == 0) {
        vw_run_fail(run, VW_HUNG, "the first client is not answered");
        return 0;
    }
    vw_run_allow(run, run->settings->timeout_ms);
    if (!call(run, h, h->clients[0], h->count))
        return 0;
    int got = answered(run, h->clients[0], run->deadline_ms);
    if (got > 0)
        return answered(run, t, patience(run, h));
    vw_run_fail(run, got ? VW_FAIL : VW_HUNG, "while client %u waits, the first one %s",
                h->count + 1, got ? "loses its connection" : "is not answered");
    return 0;
}

/* One client more, who is served or waits. */
static void fill_one(struct vw_run *run, struct house *h)
{
    vw_run_allow(run, run->settings->timeout_ms);
    int64_t start = vw_now_ms();
    struct vw_transport *t = enter(run, h);
    if (!t)
        return;
    int got = answered(run, t, patience(run, h));
    if (got == 0)
        got = answered_late(run, h, t);
    if (got > 0) {
        int64_t took = vw_now_ms() - start;
        h->slowest_ms = took > h->slowest_ms ? took : h->slowest_ms;
        h->clients[h->count++] = t;
        return;
    }
    h->waiting = t;
    if (got < 0)
        vw_run_fail(run, VW_FAIL, "client %u must be served or wait; the peer ends its connection",
                    h->count + 1);
}

/* ---- a place becomes free ---- */

static bool leave_first(struct vw_run *run, struct house *h)
{
    h->clients[0]->ops->close(h->clients[0]);
    h->clients[0] = NULL;
    return true;
}

/* The client of the case logs in; the others have to wait for it. */
static bool log_in(struct vw_run *run, struct house *h)
{
    struct pollfd fds[1];
    enum vw_step_result r;
    while ((r = vw_prepare(run, run->conns, VW_NEED_AUTH)) == VW_STEP_WAIT) {
        nfds_t n = vw_run_poll_set(run, fds, 1);
        if (!vw_run_pump(run))
            poll(fds, n, TURN_MS);
    }
    return r == VW_STEP_DONE;
}

struct way {
    const char *with, *call, *event;
    bool (*make_room)(struct vw_run *run, struct house *h);
};
static const struct way ways[] = {{"", "auth_list", "leaves", leave_first},
                                  {"begun", "auth_sasl_init", "leaves", leave_first},
                                  {"in", "auth_sasl_init", "logs in", log_in}};
#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

/* The one that waits must be served now. */
static void make_room(struct vw_run *run, struct house *h, const struct way *way)
{
    vw_run_allow(run, run->settings->timeout_ms);
    if (!way->make_room(run, h))
        return;
    vw_run_allow(run, run->settings->timeout_ms);
    int got = answered(run, h->waiting, run->deadline_ms);
    if (got <= 0)
        vw_run_fail(run, VW_FAIL, "the client that waits must be served when one %s; %s",
                    way->event, got ? "the peer ends its connection" : "it is not");
}

static enum vw_step_result run_probe(struct vw_run *run, const char *with)
{
    size_t i = 0;
    while (i < N_WAYS && strcmp(ways[i].with, with ? with : "") != 0)
        i++;
    if (i == N_WAYS)
        return vw_run_fail(run, VW_ERROR, "full-house knows no \"%.40s\"", with);
    struct house h = {.call = ways[i].call};
    while (!h.waiting && !run->over && h.count < CLIENTS_MAX)
        fill_one(run, &h);
    vw_log_note(&run->log, "", "%u clients are served, %s", h.count,
                h.waiting ? "the next one waits" : "none waits");
    if (!run->over && !h.waiting)
        vw_run_skip(run, "the server lets in 64 clients and more");
    else if (!run->over)
        make_room(run, &h, &ways[i]);
    leave(&h);
    return run->over ? VW_STEP_FAIL : VW_STEP_DONE;
}

const struct vw_probe vw_probe_full_house = {"full-house", run_probe};
