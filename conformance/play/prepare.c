// SPDX-License-Identifier: MIT
// What comes before the first step of a case: the log-in, as every client does it (C-10), with each
// answer judged on the way.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/play/run.h"
#include "session/remote-error.h"
#include "virwire/event.h"
#include "xdr/xdr.h"

#define AUTH_LABEL "#auth"
#define OPEN_LABEL "#open"

/* What a call of the log-in is called, and how its answer has to look. */
struct expected {
    char what[64];
    const char *label, *pattern;
};

static struct expected expected_of(const struct vw_run *run, const struct vw_proc *proc)
{
    const struct vw_profile *p = run->settings->profile;
    struct expected e = {.label = AUTH_LABEL, .pattern = "{answer: }"};
    const char *name = proc->short_name;
    if (proc == vw_schema_call(p->schema, p->program, "connect_open")) {
        e = (struct expected){.label = OPEN_LABEL, .pattern = "{reply: }"};
        name = "connect_open";
    } else if (proc == vw_schema_call(p->schema, p->program, "auth_list")) {
        e.pattern = "{reply: {types: {capture: \"" AUTH_LABEL "\"}}}";
    }
    snprintf(e.what, sizeof(e.what), "the answer to %s", name);
    for (char *at = e.what + strlen("the answer to "); *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return e;
}

/* ---- out ---- */

static int send_call(struct vw_run *run, struct vw_link *c, const struct vw_login_next *next,
                     struct vw_error *err)
{
    const struct vw_proc *proc = next->proc;
    const struct vw_header h = {proc->program->number, proc->program->version, proc->number,
                                VW_MSG_CALL,           c->next_serial++,       VW_MSG_OK};
    struct vw_buf bytes = VW_BUF_INIT;
    int rc = vw_message_append_value(&bytes, vw_session_limits(c->watch), &h, 0, proc->args,
                                     next->args, err);
    if (rc == 0)
        rc = vw_link_send(c, bytes.data, bytes.len, err);
    if (rc == 0)
        rc = vw_link_expect_answer(c, expected_of(run, proc).label, &h, proc, false, err);
    vw_run_await(run);
    c->entry->proc = proc;
    c->entry->serial = h.serial;
    c->entry->holds = vw_login_method(c->entry->login) == VW_AUTH_SASL;
    vw_buf_finish(&bytes);
    return rc;
}

/* ---- in ---- */

/* The answer as the log-in wants it; it has not been judged yet. TEXT is of an error. */
static struct vw_login_answer read_answer(struct vw_run *run, const struct vw_link *c,
                                          struct vw_error *text)
{
    struct vw_login_answer in = {0};
    const struct vw_got *g = c->inbox;
    struct vw_remote_error e = {0};
    void *ret = NULL;
    while (g && (g->short_header || g->header.serial != c->entry->serial ||
                 (g->header.type != VW_MSG_REPLY && g->header.type != VW_MSG_REPLY_WITH_FDS)))
        g = g->next;
    if (!g)
        return in;
    const uint8_t *body = g->bytes + g->body;
    size_t len = g->length - g->body;
    if (g->header.status == VW_MSG_ERROR) {
        vw_remote_error_decode(body, len, vw_session_limits(c->watch)->max_length_word, &run->arena,
                               &e, NULL, NULL);
        vw_client_report_remote(&e, text);
        run->no_auth_list = vw_remote_error_is_unknown_procedure(&e) &&
                            strcmp(c->entry->proc->short_name, "auth_list") == 0;
        return (struct vw_login_answer){.refused = true, .code = e.code, .text = text->text};
    }
    if (c->entry->proc->ret &&
        vw_xdr_decode(c->entry->proc->ret, body, len, &run->arena, &ret, NULL, NULL) == 0)
        in.ret = ret;
    return in;
}

#define ELSEWHERE "; if another program lives there, --program admin, lock or log plays its cases"

/* Whether the first call of all is refused in the way of a daemon that has not its program. */
static bool is_elsewhere(const struct vw_proc *proc, int32_t code)
{
    return code == VW_ERR_RPC && strcmp(proc->short_name, "auth_list") == 0;
}

/* DONE when the answer fits: it is in IN then. */
static enum vw_step_result take(struct vw_run *run, struct vw_link *c, struct vw_login_answer *in,
                                struct vw_error *text)
{
    const struct expected e = expected_of(run, c->entry->proc);
    struct vw_judgement j = vw_judgement_of(run);
    struct vw_node *pattern = NULL;
    char when[100];
    *in = read_answer(run, c, text);
    vw_yaml_parse(e.pattern, strlen(e.pattern), &run->arena, &pattern, &j.match.err);
    snprintf(when, sizeof(when), "before the first step, %s: ", e.what);
    if (!vw_answer_no_stray(&j, c))
        return vw_answer_refuse(&j, when);
    enum vw_fit fit = pattern ? vw_answer_try(&j, c, pattern, e.label) : VW_FIT_NO;
    if (j.match.err.code)
        return vw_run_error(run, &j.match.err);
    if (fit == VW_FIT_YES)
        return VW_STEP_DONE;
    run->refused = fit == VW_FIT_NO && !run->blamed && j.match.kind == VW_MISMATCH_REFUSED;
    if (run->refused)
        return vw_run_fail(run, VW_FAIL, "%s was refused: %s%s", e.what + strlen("the answer to "),
                           in->text, is_elsewhere(c->entry->proc, in->code) ? ELSEWHERE : "");
    if (fit == VW_FIT_NO)
        return vw_answer_refuse(&j, when);
    return vw_run_wait(run, c, e.what);
}

/* ---- the way in ---- */

const char *vw_run_method(const struct vw_run *run)
{
    struct json_object *types = NULL, *first = NULL;
    if (json_object_object_get_ex(run->variables, AUTH_LABEL, &types) &&
        json_object_array_length(types))
        first = json_object_array_get_idx(types, 0);
    return first ? json_object_get_string(first) : "REMOTE_AUTH_NONE";
}

/* Why there is no way. Who has named nobody to log in as has not asked for it. */
static enum vw_step_result refuse(struct vw_run *run, const struct vw_link *c, int rc,
                                  const struct vw_error *err)
{
    const struct vw_client_options *o = &c->entry->options;
    int32_t method = vw_login_method(c->entry->login);
    if (rc == VW_ENOMEM)
        return vw_run_error(run, err);
    if (rc == VW_EPROTOCOL)
        return vw_run_fail(run, VW_FAIL, "before the first step, the log-in: %s%s%s%s", err->text,
                           err->clause[0] ? " (clause " : "", err->clause,
                           err->clause[0] ? ")" : "");
    run->locked = true;
    run->kept_out = o->auth || o->auth_user || o->auth_file || method == VW_AUTH_NONE ||
                    (method == VW_AUTH_SASL && rc == VW_EREMOTE && c->entry->proc->args);
    return vw_run_fail(run, VW_SKIP, "the peer asks for authentication (%s): %s",
                       vw_run_method(run), err->text);
}

/* In the programs of locks and logs who is connected may call. */
static bool has_open(const struct vw_profile *p)
{
    return vw_schema_call(p->schema, p->program, "connect_open") != NULL;
}

static enum vw_step_result begin(struct vw_run *run, struct vw_link *c, unsigned needs)
{
    static const struct vw_client_options nobody;
    const struct vw_run_settings *s = run->settings;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_link_entry *e = c->entry = calloc(1, sizeof(*e));
    int rc = e ? 0 : vw_error_nomem(&err);
    if (rc == 0) {
        e->options = s->login ? *s->login : nobody;
        e->options.profile = s->profile;
        e->options.program = s->profile->program;
        if (!e->options.open_name)
            e->options.open_name = s->uri->name;
        e->options.no_open = !(needs & VW_NEED_OPEN) || !has_open(s->profile);
        e->options.read_only = (needs & VW_NEED_READ_ONLY) != 0;
        vw_answers_init(&e->answers, &e->options);
        rc = vw_login_for(&e->answers, c->transport, &e->login, &err);
    }
    return rc ? vw_run_error(run, &err) : VW_STEP_DONE;
}

/* Where CLOSE leaves the connection, a client that goes without one may keep its place in the
 * server for good (C-6, C-13). */
static const struct vw_proc *goodbye(const struct vw_profile *p)
{
    if (vw_profile_answer(p, "close_ends_connection", 1))
        return NULL;
    return vw_schema_call(p->schema, p->program, "connect_close");
}

static enum vw_step_result finish(struct vw_run *run, struct vw_link *c, unsigned needs)
{
    if (needs & VW_NEED_OPEN) {
        c->open = true;
        c->goodbye = goodbye(run->settings->profile);
        c->read_only = (needs & VW_NEED_READ_ONLY) != 0;
    }
    c->method = vw_login_method(c->entry->login);
    vw_link_entered(c);
    return VW_STEP_DONE;
}

/* Whether AUTH_LIST asks for what the case is about. */
static bool is_method(unsigned needs, int32_t method)
{
    return (!(needs & VW_NEED_GATE) || method != VW_AUTH_NONE) &&
           (!(needs & VW_NEED_SASL) || method == VW_AUTH_SASL) &&
           (!(needs & VW_NEED_POLKIT) || method == VW_AUTH_POLKIT);
}

static enum vw_step_result go_on(struct vw_run *run, struct vw_link *c, unsigned needs);

/* The next call of the log-in, or its end. */
static enum vw_step_result turn(struct vw_run *run, struct vw_link *c, unsigned needs,
                                const struct vw_login_answer *in)
{
    struct vw_link_entry *e = c->entry;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_login_next next;
    int rc = vw_login_turn(e->login, in, run->deadline_ms, &next, &err);
    int32_t method = vw_login_method(e->login);
    e->sasl = next.sasl;
    if (e->proc && !is_method(needs, method))
        return vw_run_fail(run, VW_SKIP, "the peer asks for %s",
                           method == VW_AUTH_NONE ? "no authentication" : "another authentication");
    if (needs & VW_NEED_GATE && e->proc)
        return finish(run, c, needs);
    run->locked = method != VW_AUTH_NONE && !run->settings->login;
    if (run->locked)
        return vw_run_fail(run, VW_SKIP, "the peer asks for authentication (%s)",
                           vw_run_method(run));
    if (rc < 0)
        return refuse(run, c, rc, &err);
    e->proc = NULL;
    /* Whoever answers questions may have taken a while. */
    if (method == VW_AUTH_SASL)
        vw_run_await(run);
    if (rc != VW_LOGIN_LAYER)
        rc = vw_link_release(c, &err) < 0 ? VW_ENOMEM : rc;
    if (rc == VW_LOGIN_CALL)
        rc = send_call(run, c, &next, &err);
    else if (rc == VW_LOGIN_DONE)
        return finish(run, c, needs);
    if (rc < 0)
        return vw_run_error(run, &err);
    return rc == VW_LOGIN_LAYER && !vw_link_unsent(c) ? go_on(run, c, needs) : VW_STEP_WAIT;
}

/* Nothing has to come ahead of the layer. */
static enum vw_step_result go_on(struct vw_run *run, struct vw_link *c, unsigned needs)
{
    const struct vw_login_answer none = {0};
    struct vw_error err = VW_ERROR_INIT;
    return vw_link_put_on(c, &err) < 0 ? vw_run_error(run, &err) : turn(run, c, needs, &none);
}

enum vw_step_result vw_prepare(struct vw_run *run, struct vw_link *c, unsigned needs)
{
    struct vw_error text = VW_ERROR_INIT;
    struct vw_login_answer in = {0};
    enum vw_step_result r = VW_STEP_DONE;
    if (!(needs & VW_NEED_AUTH))
        return r;
    bool first = !c->entry;
    if (first)
        r = begin(run, c, needs);
    else if (c->entry->proc)
        r = take(run, c, &in, &text);
    else if (vw_link_unsent(c))
        r = vw_run_wait(run, c, "the log-in");
    else
        return go_on(run, c, needs);
    return r == VW_STEP_DONE ? turn(run, c, needs, first ? NULL : &in) : r;
}
