// SPDX-License-Identifier: MIT
// A case as it runs: its connections, its deadline, and how it ends; what verbs stand on.
#include "conformance/play/run.h"

#include "conformance/play/host.h"
#include "conformance/play/served.h"
#include "conformance/play/spawned.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void vw_run_init(struct vw_run *run, const struct vw_case *c,
                 const struct vw_run_settings *settings)
{
    memset(run, 0, sizeof(*run));
    run->c = c;
    run->settings = settings;
    run->variables = json_object_new_object();
    run->started_us = vw_now_us();
    run->log.start_us = run->started_us;
    vw_run_await(run);
}

void vw_run_finish(struct vw_run *run, struct vw_link **shared)
{
    struct vw_link *c = run->conns;
    if (shared)
        *shared = NULL;
    if (shared && c && run->c->shared && vw_link_is_clean(c) && c->open &&
        (run->verdict == VW_PASS || run->verdict == VW_LENIENT)) {
        *shared = c;
        run->conns = c->next;
        c->next = NULL;
        vw_link_recycle(c);
    }
    for (struct vw_link *next; run->conns; run->conns = next) {
        next = run->conns->next;
        vw_link_destroy(run->conns);
    }
    for (struct vw_spawned *s = run->spawned, *next; s; s = next) {
        next = s->next;
        vw_spawned_end(s);
    }
    vw_hosts_finish(run);
    vw_served_finish(run);
    vw_log_finish(&run->log);
    json_object_put(run->variables);
    vw_arena_finish(&run->arena);
}

/* ---- connections ---- */

struct vw_link *vw_run_conn_named(struct vw_run *run, const char *name)
{
    for (struct vw_link *c = run->conns; c; c = c->next)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

struct vw_link *vw_run_conn(struct vw_run *run)
{
    const struct vw_node *on = vw_node_get(run->step, "on");
    struct vw_link *c = vw_run_conn_named(run, on ? on->text : "");
    if (!c)
        vw_run_fail(run, VW_ERROR, "%s:%u: there is no connection \"%s\"", run->c->path,
                    run->step->line, on ? on->text : "");
    return c;
}

struct vw_link *vw_run_connect(struct vw_run *run, const char *name)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_link *c;
    const struct vw_run_settings *s = run->settings;
    struct vw_connector how = s->connector;
    how.fds |= (run->c->needs & VW_NEED_UNIX) != 0;
    int rc = vw_link_open(&how, s->uri, s->profile, run->deadline_ms, &c, &err);
    if (rc < 0) {
        vw_run_unconnected(run, "", &err);
        return NULL;
    }
    snprintf(c->name, sizeof(c->name), "%s", name);
    c->log = &run->log;
    vw_log_note(&run->log, c->name, "connected");
    struct vw_link **at = &run->conns;
    while (*at)
        at = &(*at)->next;
    *at = c;
    return c;
}

/* Whether the message N says itself what is as a rule made of its procedure. */
static bool is_bent(const struct vw_node *n)
{
    static const char *const keys[] = {"program", "version", "type", "status", "length",
                                       "fds",     "body",    "edit", "size"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (vw_node_get(n, keys[i]))
            return true;
    return false;
}

int vw_run_send(struct vw_run *run, struct vw_link *c, const struct vw_node *n, int32_t type,
                const char *label, struct vw_error *err)
{
    struct vw_composed made;
    struct vw_buf bytes = VW_BUF_INIT;
    const struct vw_node *of = vw_node_get(n, "of");
    struct vw_compose_context ctx = {.profile = run->settings->profile,
                                     .arena = &run->arena,
                                     .variables = run->variables,
                                     .serial = c->next_serial};
    for (const struct vw_sent *s = c->sent; of && s; s = s->next)
        if (strcmp(s->label, of->text) == 0)
            ctx.of = &s->header;
    if (of && !ctx.of)
        return vw_node_error(of, err, "nothing labelled \"%.30s\" was sent", of->text);
    int rc = vw_compose(&ctx, n, type, &bytes, &made, err);
    if (rc == 0)
        rc = vw_link_send(c, bytes.data, bytes.len, err);
    if (rc == 0 && of)
        vw_session_declare_packet(c->watch, &made.header);
    else if (rc == 0 && type == VW_MSG_CALL)
        rc = vw_link_expect_answer(c, label, &made.header, made.proc, is_bent(n), err);
    if (!of && !vw_node_get(n, "serial"))
        c->next_serial++;
    vw_buf_finish(&bytes);
    return rc;
}

int vw_run_pass(struct vw_run *run, struct vw_link *c, uint32_t count)
{
    struct vw_error err = VW_ERROR_INIT;
    if (!c->transport || !(c->transport->ops->caps & VW_CAP_FDS)) {
        vw_run_skip(run, "no descriptors can be passed here");
        return VW_EUSAGE;
    }
    int rc = vw_link_pass(c, count, &err);
    if (rc < 0)
        vw_run_error(run, &err);
    return rc;
}

bool vw_run_pump(struct vw_run *run)
{
    bool changed = false;
    struct vw_error err = VW_ERROR_INIT;
    int64_t *heard = run->settings->heard_ms;
    for (struct vw_link *c = run->conns; c; c = c->next) {
        changed |= vw_link_pump(c, &err);
        if (heard && c->heard_ms > *heard)
            *heard = c->heard_ms;
    }
    for (struct vw_spawned *s = run->spawned; s; s = s->next)
        changed |= vw_spawned_pump(s);
    changed |= vw_hosts_pump(run);
    if (err.code)
        vw_run_error(run, &err);
    return changed;
}

nfds_t vw_run_poll_set(const struct vw_run *run, struct pollfd *fds, nfds_t cap)
{
    nfds_t n = 0;
    for (const struct vw_spawned *s = run->spawned; s && n + VW_SPAWNED_FDS <= cap; s = s->next)
        n += vw_spawned_poll_set(s, fds + n);
    n += vw_hosts_poll_set(run, fds + n, cap - n);
    for (const struct vw_link *c = run->conns; c && n < cap; c = c->next) {
        if (vw_link_fd(c) >= 0)
            fds[n++] = (struct pollfd){.fd = vw_link_fd(c), .events = vw_link_events(c)};
        if (c->passed.piped && c->passed.theirs < 0 && n < cap)
            fds[n++] = (struct pollfd){.fd = c->passed.ours};
    }
    return n;
}
