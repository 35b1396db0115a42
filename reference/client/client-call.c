// SPDX-License-Identifier: MIT
// Blocking calls: submit, then wait until it is done.
#include <string.h>

#include "client/internal.h"

struct waiting {
    bool done;
    int rc;
    void *ret;
    struct vw_fds *fds;
    const struct vw_outgoing *what;
    struct vw_error *err;
};

static const char *copy_string(struct vw_arena *a, const char *s)
{
    return s ? vw_arena_strndup(a, s, strlen(s)) : NULL;
}

/* Objects are left out: they are of use only to whoever reads the event itself. */
void vw_client_copy_error(const struct vw_remote_error *e, struct vw_arena *arena,
                          struct vw_remote_error *out)
{
    *out = *e;
    out->message = copy_string(arena, e->message);
    out->str1 = copy_string(arena, e->str1);
    out->str2 = copy_string(arena, e->str2);
    out->str3 = copy_string(arena, e->str3);
    out->dom = out->net = NULL;
}

/* Code and domain come first: messages of servers may be long, and the text is cut at its end. */
int vw_client_report_remote(const struct vw_remote_error *e, struct vw_error *err)
{
    const char *code = vw_error_code_name(e->code);
    const char *domain = vw_error_domain_name(e->domain);
    return vw_error_set(err, VW_EREMOTE, "%s (%d) of %s (%d): %s", code ? code : "unknown code",
                        e->code, domain ? domain : "unknown domain", e->domain,
                        e->message && e->message[0] ? e->message : "no reason given");
}

int vw_client_report_violation(const struct vw_event *ev, struct vw_error *err)
{
    if (err && !err->clause[0])
        strncpy(err->clause, ev->clause, sizeof(err->clause) - 1);
    return vw_error_set(err, VW_EPROTOCOL, "%s", ev->text);
}

static void finish(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct waiting *w = user;
    w->done = true;
    if (ev->kind == VW_EVENT_REPLY) {
        w->ret = ev->value;
        if (w->fds)
            vw_client_take_fds(c, w->fds);
        if (w->what->answered)
            w->what->answered(w->what->answered_user, ev);
        return;
    }
    vw_client_copy_error(&ev->error, &c->error_arena, &c->error);
    if (!ev->local) {
        w->rc = vw_client_report_remote(&ev->error, w->err);
        return;
    }
    /* A lost connection explains itself with its last event. */
    w->rc = ev->length ? vw_client_report_violation(ev, w->err) : VW_ECLOSED;
}

static int wait_for(struct vw_client *c, struct waiting *w, struct vw_error *err)
{
    int64_t deadline = vw_client_step_deadline(c);
    while (!w->done) {
        int rc = vw_client_wait(c, deadline, err);
        if (w->done)
            break;
        if (rc < 0)
            return rc;
        /* Something else may come without end. */
        if (deadline != INT64_MAX && vw_now_ms() >= deadline)
            return vw_error_set(err, VW_ETIMEOUT, "the server did not answer in time");
    }
    if (w->rc == VW_ECLOSED && c->closed)
        return vw_client_lost(c, err);
    return w->rc;
}

int vw_client_wait_for(struct vw_client *c, struct vw_outgoing *what, struct vw_arena *arena,
                       void **ret, struct vw_fds *got, struct vw_error *err)
{
    struct waiting w = {.fds = got, .what = what, .err = err};
    uint32_t serial;
    if (c->dispatching) {
        vw_client_close_fds(what->call.fds, what->call.n_fds);
        return vw_error_set(err, VW_EUSAGE, "a callback must not make a blocking call");
    }
    vw_arena_reset(&c->error_arena);
    c->error = (struct vw_remote_error){0};
    what->call.done = finish;
    what->call.user = &w;
    what->call.deadline_ms = 0;
    int rc = vw_client_queue(c, what, &serial, err);
    if (rc)
        return rc;
    c->call_arena = arena;
    c->call_serial = serial;
    rc = wait_for(c, &w, err);
    c->call_arena = NULL;
    if (!w.done)
        vw_client_give_up(c, serial, &w);
    if (ret)
        *ret = w.ret;
    return rc;
}

int vw_client_call(struct vw_client *c, const struct vw_proc *proc, const void *args,
                   struct vw_arena *arena, void **ret, struct vw_error *err)
{
    struct vw_outgoing what = {.call = {.proc = proc, .args = args}};
    return vw_client_wait_for(c, &what, arena, ret, NULL, err);
}

int vw_client_call_named(struct vw_client *c, const char *proc, const void *args,
                         struct vw_arena *arena, void **ret, struct vw_error *err)
{
    const struct vw_proc *p = vw_schema_proc(c->options.profile->schema, proc);
    if (!p)
        return vw_error_set(err, VW_ENAME, "there is no procedure '%s' in profile %s", proc,
                            c->options.profile->name);
    return vw_client_call(c, p, args, arena, ret, err);
}

const struct vw_remote_error *vw_client_error(const struct vw_client *c)
{
    return &c->error;
}
