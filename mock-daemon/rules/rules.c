// SPDX-License-Identifier: MIT
// The hooks of rules: calls are matched as they come, and remembered until they are answered; what
// is sent is matched as it goes, and changed, held, or accompanied.
#include "mock-daemon/rules/rules.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/daemon.h"
#include "mock-daemon/faults/edit.h"
#include "mock-daemon/faults/tamper.h"
#include "scenario/compose.h"
#include "scenario/pattern.h"
#include "schema/facts.h"
#include "xdr/json.h"
#include "xdr/literal.h"

/* Calls that wait for their answer, and messages that are held, of one connection. */
#define PENDING_MAX 4096u
#define HELD_MAX    4096u

struct vw_rules_file {
    struct vw_arena arena;
    struct vw_rules rules;
    struct vw_fault **faults; /* of the rule of that place; NULL: it names none */
    const struct vw_profile *profile;
    struct vw_fault top, bottom; /* what stands in the stack */
    uint64_t connections;        /* so many have begun */
};

/* A call that a rule has fitted. */
struct pending {
    struct pending *next;
    const struct vw_rule *rule;
    uint32_t serial;
};

/* A message that is held. */
struct held {
    struct held *next;
    struct vw_buf bytes;
    int64_t due_ms;   /* INT64_MAX: not by time */
    unsigned behind;  /* so many others go first; 0: not by their number */
    const char *hold; /* a pattern of the procedure whose call lets it go; NULL */
};

struct rules_conn {
    const struct vw_rules_file *file;
    uint64_t number;
    uint64_t *seen; /* by each rule */
    struct pending *pending;
    struct held *held;
    unsigned n_pending, n_held;
    struct json_object *variables;
    bool silent;
};

/* ---- what a connection remembers ---- */

static struct rules_conn *conn_of(struct vw_tamper *t, const struct vw_fault *f)
{
    return vw_tamper_state(t, f)->own;
}

static struct vw_compose_context context(struct vw_tamper *t, struct rules_conn *rc)
{
    struct vw_daemon *d = vw_tamper_conn(t)->daemon;
    return (struct vw_compose_context){
        .profile = d->profile, .arena = &d->arena, .variables = rc->variables};
}

static void forget(struct rules_conn *rc)
{
    while (rc->pending) {
        struct pending *next = rc->pending->next;
        free(rc->pending);
        rc->pending = next;
    }
    while (rc->held) {
        struct held *next = rc->held->next;
        vw_buf_finish(&rc->held->bytes);
        free(rc->held);
        rc->held = next;
    }
}

static void free_own(void *own)
{
    struct rules_conn *rc = own;
    forget(rc);
    json_object_put(rc->variables);
    free(rc->seen);
    free(rc);
}

static bool fits(struct rules_conn *rc, const struct vw_rule *r)
{
    if (r->connection && r->connection != rc->number)
        return false;
    return vw_rule_counts(r, ++rc->seen[r - rc->file->rules.list]);
}

/* ---- messages that are held ---- */

static int64_t now_ms(struct vw_tamper *t)
{
    return vw_clock_ms(&vw_tamper_conn(t)->daemon->clock);
}

static int64_t due_in(struct vw_tamper *t, int64_t ms)
{
    return ms ? now_ms(t) + ms : INT64_MAX;
}

static void let_go(struct vw_tamper *t, struct rules_conn *rc, struct held **at)
{
    struct held *h = *at;
    *at = h->next;
    rc->n_held--;
    vw_tamper_send(t, h->bytes.data, h->bytes.len);
    vw_buf_finish(&h->bytes);
    free(h);
}

/* UNTIL says for how long. */
static void hold(struct vw_tamper *t, struct rules_conn *rc, const struct held *until,
                 const struct vw_buf *bytes)
{
    struct held *h = rc->n_held < HELD_MAX ? calloc(1, sizeof(*h)) : NULL;
    if (!h || vw_buf_append(&h->bytes, bytes->data, bytes->len) < 0) {
        free(h);
        vw_tamper_cut(t);
        return;
    }
    h->due_ms = until->due_ms;
    h->behind = until->behind;
    h->hold = until->hold;
    struct held **at = &rc->held;
    while (*at)
        at = &(*at)->next;
    *at = h;
    rc->n_held++;
}

/* ---- what is sent of its own ---- */

/* LATER: ms before they are sent. */
static void send_list(struct vw_tamper *t, struct rules_conn *rc, const struct vw_node *list,
                      const struct vw_header *it, int64_t later)
{
    const struct held until = {.due_ms = due_in(t, later)};
    const struct vw_compose_context ctx = context(t, rc);
    for (const struct vw_node *n = list ? list->first : NULL; n; n = n->next) {
        struct vw_buf out = VW_BUF_INIT;
        if (vw_rule_message_make(&ctx, n, it, &out, NULL) < 0)
            vw_tamper_cut(t);
        else if (later)
            hold(t, rc, &until, &out);
        else
            vw_tamper_send(t, out.data, out.len);
        vw_buf_finish(&out);
    }
}

static void go_on_so(struct vw_tamper *t, struct rules_conn *rc, const struct vw_rule_send *s)
{
    if (s->chunk || s->pace_ms)
        vw_tamper_pace(t, s->chunk, (int)s->pace_ms);
    if (s->silent)
        rc->silent = true;
}

/* One more message is about to be queued: those that have waited for so many go behind it. */
static void count_sent(struct rules_conn *rc)
{
    for (struct held *h = rc->held; h; h = h->next)
        if (h->behind && --h->behind == 0)
            h->due_ms = 0;
}

static void release_due(struct vw_tamper *t, struct rules_conn *rc, int64_t until_ms)
{
    for (struct held **at = &rc->held; *at;) {
        if ((*at)->due_ms <= until_ms)
            let_go(t, rc, at);
        else
            at = &(*at)->next;
    }
}

static void release_for(struct vw_tamper *t, struct rules_conn *rc, const struct vw_proc *proc)
{
    for (struct held **at = &rc->held; *at && proc;) {
        if ((*at)->hold && fnmatch((*at)->hold, vw_proc_today(proc), 0) == 0)
            let_go(t, rc, at);
        else
            at = &(*at)->next;
    }
}

/* The file goes, and the connection stays. */
static void leave(struct vw_tamper *t, void *own)
{
    struct rules_conn *rc = own;
    while (rc->held)
        let_go(t, rc, &rc->held);
}

static void rules_idle(const struct vw_fault *f, struct vw_tamper *t)
{
    struct rules_conn *rc = conn_of(t, f);
    int64_t now = now_ms(t);
    if (!rc)
        return;
    release_due(t, rc, now);
    for (const struct held *h = rc->held; h; h = h->next)
        if (h->due_ms != INT64_MAX)
            vw_tamper_wake_in(t, (int)(h->due_ms - now));
}

/* ---- what comes ---- */

static bool args_match(struct vw_tamper *t, struct rules_conn *rc, const struct vw_rule *r,
                       const struct vw_fault_input *m)
{
    struct vw_arena *arena = &vw_tamper_conn(t)->daemon->arena;
    char why[8];
    void *value;
    if (!r->args)
        return true;
    size_t fds = m->header.type == VW_MSG_CALL_WITH_FDS ? 4 : 0;
    if (!m->proc || !m->proc->args || m->len < VW_PREFIX_BYTES + fds ||
        vw_xdr_decode(m->proc->args, m->bytes + VW_PREFIX_BYTES + fds,
                      m->len - VW_PREFIX_BYTES - fds, arena, &value, NULL, NULL) < 0)
        return false;
    struct json_object *json = vw_json_from_value(m->proc->args, value, NULL);
    bool yes = json && vw_pattern_match(r->args, json, rc->variables, why, sizeof(why), NULL) == 1;
    json_object_put(json);
    return yes;
}

static void remember(struct vw_tamper *t, struct rules_conn *rc, const struct vw_rule *r,
                     uint32_t serial)
{
    struct pending *p = rc->n_pending < PENDING_MAX ? calloc(1, sizeof(*p)) : NULL;
    if (!p) {
        vw_tamper_cut(t);
        return;
    }
    *p = (struct pending){.rule = r, .serial = serial};
    struct pending **at = &rc->pending;
    while (*at)
        at = &(*at)->next;
    *at = p;
    rc->n_pending++;
}

static enum vw_fate rules_input(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_input *m)
{
    struct rules_conn *rc = conn_of(t, f);
    bool call = m->header.type == VW_MSG_CALL || m->header.type == VW_MSG_CALL_WITH_FDS;
    enum vw_fate fate = VW_FATE_PASS;
    if (!rc || !call)
        return fate;
    release_for(t, rc, m->proc);
    for (size_t i = 0; i < rc->file->rules.count; i++) {
        const struct vw_rule *r = &rc->file->rules.list[i];
        if (r->message != VW_RULE_CALL || !vw_rule_is_about(r, m->proc) ||
            !args_match(t, rc, r, m) || !fits(rc, r))
            continue;
        if (r->unheard)
            fate = VW_FATE_DROP;
        else
            remember(t, rc, r, m->header.serial);
    }
    return fate;
}

static enum vw_outcome put_error(struct vw_call *c, const struct vw_node *n)
{
    const struct vw_node *text = vw_node_get(n, "message");
    const struct vw_profile *profile = c->conn->daemon->profile;
    char key[80];
    int64_t code = 0, domain = 0;
    if (n->kind == VW_NODE_SCALAR) {
        snprintf(key, sizeof(key), "%.60s.code", n->text);
        code = vw_profile_answer(profile, key, 0);
        snprintf(key, sizeof(key), "%.60s.domain", n->text);
        domain = vw_profile_answer(profile, key, 0);
    } else if (vw_node_number(vw_node_get(n, "code"), INT32_MIN, INT32_MAX, &code, NULL) < 0 ||
               vw_node_number(vw_node_get(n, "domain"), INT32_MIN, INT32_MAX, &domain, NULL) < 0) {
        return VW_NO_ANSWER;
    }
    return vw_call_fail(c, (int32_t)code, (int32_t)domain, text ? text->text : "as the rule says");
}

static enum vw_outcome put_reply(struct vw_call *c, const struct rules_conn *rc,
                                 const struct vw_node *n)
{
    const struct vw_type *type = c->event->proc->ret;
    struct vw_node_context ctx = {.arena = &c->conn->daemon->arena, .variables = rc->variables};
    void *value = NULL;
    if (type && vw_node_to_value(&ctx, type, n, &value, NULL) < 0)
        return VW_NO_ANSWER;
    c->value = value;
    return VW_DONE;
}

static enum vw_outcome rules_call(const struct vw_fault *f, struct vw_call *c)
{
    const struct rules_conn *rc = conn_of(c->conn->tamper, f);
    for (const struct pending *p = rc ? rc->pending : NULL; p; p = p->next) {
        if (p->serial != c->event->header.serial)
            continue;
        if (p->rule->error)
            return put_error(c, p->rule->error);
        if (p->rule->reply)
            return put_reply(c, rc, p->rule->reply);
    }
    return vw_fault_next_call(f, c);
}

/* ---- what goes ---- */

static bool is_kind(const struct vw_rule *r, const struct vw_fault_output *m)
{
    static const unsigned kinds[] = {[VW_RULE_REPLY] = VW_OUT_REPLY,
                                     [VW_RULE_ERROR] = VW_OUT_ERROR,
                                     [VW_RULE_ANSWER] = VW_OUT_ANSWER,
                                     [VW_RULE_EVENT] = VW_OUT_EVENT,
                                     [VW_RULE_PING] = VW_OUT_PING,
                                     [VW_RULE_PONG] = VW_OUT_PONG,
                                     [VW_RULE_STREAM] = VW_OUT_STREAM,
                                     [VW_RULE_ANY] = ~0u,
                                     [VW_RULE_CONNECT] = 0};
    return (kinds[r->message] & m->kind) != 0;
}

/* A rule at work on a message that goes. */
struct going {
    const struct vw_fault *f;
    struct vw_tamper *t;
    struct rules_conn *rc;
    struct vw_fault_output *m;
};

static enum vw_fate cut(struct going *g, int64_t at)
{
    int64_t len = (int64_t)g->m->bytes.len, n = at < 0 ? len + at : at;
    n = n < 0 ? 0 : n > len ? len : n;
    vw_tamper_send(g->t, g->m->bytes.data, (size_t)n);
    return VW_FATE_CLOSE;
}

static enum vw_fate change(struct going *g, const struct vw_rule *r)
{
    const struct vw_fault *fault = g->rc->file->faults[r - g->rc->file->rules.list];
    enum vw_fate fate = r->send.edit ? vw_fault_edit(g->t, g->m, r->send.edit) : VW_FATE_PASS;
    return fault && fate == VW_FATE_PASS ? fault->kind->output(fault, g->t, g->m) : fate;
}

static enum vw_fate send(struct going *g, const struct vw_rule_send *s)
{
    const struct vw_buf *bytes = &g->m->bytes;
    bool held = s->delay_ms || s->reorder || s->hold;
    const struct held until = {
        .due_ms = due_in(g->t, s->delay_ms), .behind = s->reorder, .hold = s->hold};
    if (s->cut != INT64_MIN)
        return cut(g, s->cut);
    for (unsigned i = 0; !s->drop && i < s->times; i++) {
        if (held)
            hold(g->t, g->rc, &until, bytes);
        else
            vw_tamper_send(g->t, bytes->data, bytes->len);
    }
    if (!held && !s->drop)
        count_sent(g->rc);
    send_list(g->t, g->rc, s->behind, &g->m->header, s->after_ms);
    return s->close ? VW_FATE_CLOSE : VW_FATE_DROP;
}

static bool sends_itself(const struct vw_rule_send *s)
{
    return s->drop || s->times != 1 || s->cut != INT64_MIN || s->delay_ms || s->reorder ||
           s->hold || s->behind || s->close;
}

static enum vw_fate apply(struct going *g, const struct vw_rule *r)
{
    const struct vw_rule_send *s = &r->send;
    enum vw_fate fate = change(g, r);
    if (fate != VW_FATE_PASS)
        return fate;
    send_list(g->t, g->rc, s->ahead, &g->m->header, 0);
    if (sends_itself(s))
        fate = send(g, s);
    go_on_so(g->t, g->rc, s);
    return fate;
}

static enum vw_fate apply_pending(struct going *g)
{
    enum vw_fate fate = VW_FATE_PASS;
    if (!(g->m->kind & VW_OUT_ANSWER))
        return fate;
    for (struct pending **at = &g->rc->pending; *at;) {
        struct pending *p = *at;
        if (p->serial != g->m->header.serial) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        g->rc->n_pending--;
        if (fate == VW_FATE_PASS)
            fate = apply(g, p->rule);
        free(p);
    }
    return fate;
}

static enum vw_fate rules_output(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_output *m)
{
    struct rules_conn *rc = conn_of(t, f);
    struct going g = {f, t, rc, m};
    if (!rc || rc->silent)
        return rc ? VW_FATE_DROP : VW_FATE_PASS;
    release_due(t, rc, 0);
    enum vw_fate fate = apply_pending(&g);
    for (size_t i = 0; fate == VW_FATE_PASS && i < rc->file->rules.count; i++) {
        const struct vw_rule *r = &rc->file->rules.list[i];
        if (r->message != VW_RULE_CALL && is_kind(r, m) && vw_rule_is_about(r, m->proc) &&
            fits(rc, r))
            fate = apply(&g, r);
    }
    if (fate == VW_FATE_PASS)
        count_sent(rc);
    return fate;
}

/* ---- life ---- */

static void at_start(struct vw_tamper *t, struct rules_conn *rc, const struct vw_rule *r)
{
    send_list(t, rc, r->send.ahead, NULL, 0);
    send_list(t, rc, r->send.behind, NULL, r->send.after_ms);
    go_on_so(t, rc, &r->send);
    if (r->send.close)
        vw_tamper_close(t);
}

static void rules_begin(const struct vw_fault *f, struct vw_tamper *t)
{
    struct vw_rules_file *file = f->own;
    struct rules_conn *rc = calloc(1, sizeof(*rc));
    uint64_t *seen = calloc(file->rules.count + 1, sizeof(*seen));
    struct json_object *variables = json_object_new_object();
    if (!rc || !seen || !variables) {
        free(rc);
        free(seen);
        json_object_put(variables);
        vw_tamper_cut(t);
        return;
    }
    *rc = (struct rules_conn){
        .file = file, .number = ++file->connections, .seen = seen, .variables = variables};
    vw_tamper_state(t, f)->own = rc;
    vw_tamper_state(t, f)->free_own = free_own;
    vw_tamper_state(t, f)->leave = leave;
    for (size_t i = 0; !vw_tamper_has_begun(t) && i < file->rules.count; i++)
        if (file->rules.list[i].message == VW_RULE_CONNECT && fits(rc, &file->rules.list[i]))
            at_start(t, rc, &file->rules.list[i]);
}

static const struct vw_fault_kind rules_kind = {
    .name = "rules",
    .begin = rules_begin,
    .input = rules_input,
    .call = rules_call,
    .output = rules_output,
    .idle = rules_idle,
};

static int find_fault(struct vw_rules_file *file, size_t i, struct vw_error *err)
{
    const struct vw_rule *r = &file->rules.list[i];
    const struct vw_node *at = r->send.fault;
    const char *word = at ? at->text : NULL;
    struct vw_error why = VW_ERROR_INIT;
    int rc = word ? vw_faults_parse(&word, 1, NULL, &file->faults[i], &why) : 0;
    if (rc == 0 && file->faults[i] && !file->faults[i]->kind->output)
        rc = vw_error_set(&why, VW_EUSAGE,
                          "fault %s is none of what is sent; --fault switches it on",
                          file->faults[i]->kind->name);
    if (rc == VW_ENOMEM)
        return vw_error_nomem(err);
    return rc < 0 ? vw_node_error(at, err, "%s", why.text) : 0;
}

static int read_file(struct vw_rules_file *file, const char *path, struct vw_error *err)
{
    struct vw_node *n;
    int rc = vw_yaml_load(path, &file->arena, &n, err);
    if (rc == 0)
        rc = vw_format_check(&vw_rules_file_keys, n, err);
    if (rc == 0)
        rc = vw_rules_read(vw_node_get(n, "rules"), file->profile, &file->arena, &file->rules, err);
    if (rc == 0 && !(file->faults = calloc(file->rules.count + 1, sizeof(*file->faults))))
        rc = vw_error_nomem(err);
    for (size_t i = 0; rc == 0 && i < file->rules.count; i++)
        rc = find_fault(file, i, err);
    return rc;
}

int vw_rules_load(const char *path, const struct vw_profile *profile, struct vw_rules_file **out,
                  struct vw_error *err)
{
    struct vw_rules_file *file = calloc(1, sizeof(*file));
    *out = NULL;
    if (!file)
        return vw_error_nomem(err);
    file->profile = profile;
    int rc = read_file(file, path, err);
    if (rc < 0)
        vw_rules_destroy(file);
    else
        *out = file;
    return rc;
}

void vw_rules_destroy(struct vw_rules_file *file)
{
    if (!file)
        return;
    for (size_t i = 0; file->faults && i < file->rules.count; i++)
        vw_faults_destroy(file->faults[i]);
    free(file->faults);
    vw_arena_finish(&file->arena);
    free(file);
}

struct vw_fault *vw_rules_stack(struct vw_rules_file *file, const struct vw_fault_kind *end,
                                struct vw_fault *stack)
{
    unsigned index = 0;
    file->bottom = (struct vw_fault){.kind = end};
    file->top =
        (struct vw_fault){.kind = &rules_kind, .own = file, .next = stack ? stack : &file->bottom};
    for (size_t i = 0; i < file->rules.count; i++)
        if (file->faults[i])
            file->faults[i]->index = index++;
    for (struct vw_fault *f = &file->top; f; f = f->next)
        f->index = index++;
    return &file->top;
}
