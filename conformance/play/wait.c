// SPDX-License-Identifier: MIT
// Waiting, and its ends: the connection is over, it cannot be read on, or time is up. What has come
// by then is told.
#include <inttypes.h>
#include <stdio.h>

#include "conformance/play/run.h"
#include "message/diagnose.h"

#define ENDLESS 12 /* silences: what a case may take as long as something comes */

void vw_run_allow(struct vw_run *run, int64_t ms)
{
    run->allowed_ms = ms;
    run->since_ms = vw_now_ms();
    run->deadline_ms = run->since_ms + ms;
    run->patient = false;
    for (struct vw_link *c = run->conns; c; c = c->next)
        c->reads_then = c->reads;
}

int64_t vw_run_due(const struct vw_run *run)
{
    return run->look_ms && run->look_ms < run->deadline_ms ? run->look_ms : run->deadline_ms;
}

void vw_run_await(struct vw_run *run)
{
    vw_run_allow(run, run->settings->timeout_ms);
    run->patient = true;
}

/* When something came last, on any connection of any case: a peer may serve one after the other. */
static int64_t last_heard(const struct vw_run *run)
{
    int64_t at = run->settings->heard_ms ? *run->settings->heard_ms : 0;
    for (const struct vw_link *c = run->conns; c; c = c->next)
        at = c->heard_ms > at ? c->heard_ms : at;
    return at;
}

bool vw_run_late(struct vw_run *run)
{
    int64_t now = vw_now_ms(), heard = last_heard(run);
    if (now < run->deadline_ms)
        return false;
    if (!run->patient || heard + run->allowed_ms <= now)
        return true;
    int64_t end = run->started_us / 1000 + ENDLESS * run->settings->timeout_ms;
    run->endless = now >= end;
    run->deadline_ms = heard + run->allowed_ms < end ? heard + run->allowed_ms : end;
    return run->endless;
}

/* What lies on C and is no whole message, as part of a sentence: true if there is any. Its bytes go
 * to the log. */
static bool tell_rest(struct vw_run *run, const struct vw_link *c, char *text, size_t size)
{
    const uint8_t *bytes;
    struct vw_diagnosis d;
    size_t n = vw_session_held(c->watch, VW_SIDE_SERVER);
    if (!n)
        return false;
    n = vw_session_look(c->watch, VW_SIDE_SERVER, &bytes);
    vw_log_add(&run->log, VW_LOG_REST, c->name, bytes, n);
    bool known = vw_diagnose(vw_session_limits(c->watch), bytes, n, NULL, 0, &d);
    const char *colon = known ? ": " : "", *what = known ? d.text : "";
    if (n < VW_LENGTH_BYTES)
        snprintf(text, size, "%zu of the 4 bytes of a length word%s%s", n, colon, what);
    else
        snprintf(text, size, "%zu of %" PRIu32 " announced bytes%s%s", n, vw_load32(bytes), colon,
                 what);
    return true;
}

/* The first thing that came on C and is against a rule, or NULL. */
static const struct vw_breach *breach_of(struct vw_run *run, const struct vw_link *c)
{
    const struct vw_breach *b = vw_answer_breach(run, c->breaches, NULL);
    for (const struct vw_got *g = c->inbox; g && !b; g = g->next)
        b = vw_answer_breach(run, g->breaches, NULL);
    return b;
}

static enum vw_step_result end_closed(struct vw_run *run, const struct vw_link *c, const char *what)
{
    char rest[200];
    run->suspicious = true;
    run->wait = VW_WAIT_CLOSED;
    run->partial = tell_rest(run, c, rest, sizeof(rest));
    return vw_run_fail(run, VW_FAIL, "waiting for %s: the peer ended the connection%s%s%s", what,
                       c->reset ? " (reset)" : "", run->partial ? " behind " : "",
                       run->partial ? rest : "");
}

/* Hung is a peer of which nothing came. */
static enum vw_step_result end_late(struct vw_run *run, const struct vw_link *c, const char *what)
{
    char rest[200], when[120];
    const long long ms = (long long)(run->deadline_ms - run->since_ms);
    const struct vw_breach *b = breach_of(run, c);
    run->suspicious = run->late = true;
    run->wait = VW_WAIT_SILENT;
    run->partial = tell_rest(run, c, rest, sizeof(rest));
    if (run->partial)
        return vw_run_fail(run, VW_FAIL, "waiting for %s: %s came, and no more in %lld ms", what,
                           rest, (long long)run->allowed_ms);
    snprintf(when, sizeof(when), "waiting for %.90s: ", what);
    if (b)
        return vw_answer_blame(run, b, when);
    if (c->reads == c->reads_then)
        return vw_run_fail(run, VW_HUNG, "waiting for %s: nothing in %lld ms", what, ms);
    if (run->endless)
        return vw_run_fail(run, VW_FAIL, "waiting for %s: not finished in %lld s", what,
                           (long long)(vw_now_us() - run->started_us) / 1000000);
    if (!c->inbox)
        return vw_run_fail(run, VW_HUNG, "waiting for %s: nothing more in %lld ms", what, ms);
    vw_run_stray(run, c->inbox);
    return vw_run_fail(run, VW_FAIL,
                       "waiting for %s: in %lld ms a message of type %d, serial %" PRIu32
                       ", status %d came, and nothing that it could be",
                       what, ms, run->stray.type, run->stray.serial, run->stray.status);
}

enum vw_step_result vw_run_wait(struct vw_run *run, const struct vw_link *c, const char *what)
{
    if (c->flooded) {
        run->suspicious = true;
        vw_run_stray(run, c->inbox);
        return vw_run_fail(run, VW_FAIL, "the peer floods: over %u messages that nobody asked for",
                           VW_LINK_INBOX_FRAMES);
    }
    if (c->broken) {
        run->blamed = c->breaches;
        return vw_run_fail(run, VW_FAIL, "waiting for %s: the framing is broken: %s", what,
                           c->broken);
    }
    if (vw_link_over(c))
        return end_closed(run, c, what);
    return vw_run_late(run) ? end_late(run, c, what) : VW_STEP_WAIT;
}
