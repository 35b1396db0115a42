// SPDX-License-Identifier: MIT
// What a server has: each call is made without its arguments, so that one that is known is refused
// for that (D-9, which stands behind D-4 in the order of D-20) and does nothing; the calls that
// take none read. Each kind of event is asked for, and each feature. A call that opens a stream
// needs an object, so that the stream itself is not tried. What comes out is a profile with
// `implements`.
#include "conformance/play/discover.h"

#include <string.h>

#define HEAD "clause: D-4\nlevel: must\nneeds: [open]\nprograms: [any]\n"

/* Each of these passes where the server has NOT what it asks for, but for those of features and
 * events. */
static const char calls_text[] =
    "title: the call is not known\n" HEAD "foreach: {family: procedures, program: %s}\n"
    "steps:\n"
    "  - send: {call: {procedure: $procedure, body: ''}}\n"
    "  - expect: {error: {message: {prefix: unknown procedure}}}\n";
static const char program_text[] =
    "title: the program is not known\n" HEAD "steps:\n"
    "  - send: {call: {program: %u, version: %u, procedure: 2147483647}}\n"
    "  - expect: {error: {message: {not: {prefix: unknown procedure}}}}\n";
static const char keepalive_text[] =
    "title: keepalive is not known\n" HEAD "steps:\n"
    "  - send: {message: {program: keepalive, procedure: ping, serial: 0}}\n"
    "  - quiet:\n";
static const char feature_text[] =
    "title: the feature is supported\n" HEAD "steps:\n"
    "  - send: {call: {procedure: connect_supports_feature, args: {feature: $it}}}\n"
    "  - expect: {reply: {supported: 1}}\n"
    "foreach:\n";
static const char events_text[] = "title: the kind of event is known\n" HEAD "steps:\n"
                                  "  - send: {call: {procedure: $call, args: {eventID: $kind}}}\n"
                                  "  - expect: {reply: }\n"
                                  "foreach:\n";

enum { FEATURE_OF_DESCRIPTORS = 8 }; /* P-1 */

struct discovery {
    const struct vw_profile *profile;
    struct vw_discovery asked;
};

/* ---- what is common to all ---- */

int vw_discovery_play(struct vw_discovery *d, const struct vw_player_options *po,
                      struct vw_tally *tally, struct vw_error *err)
{
    d->results = calloc(d->suite.count + 1, sizeof(*d->results));
    if (!d->results)
        return vw_error_nomem(err);
    for (size_t i = 0; i < d->suite.count; i++)
        vw_result_init(&d->results[i], &d->suite.cases[i]);
    int rc = vw_player_run(po, d->results, d->suite.count, tally, err);
    if (rc == 0 && tally->incomplete)
        rc = vw_error_set(err, VW_ETIMEOUT, "%s: not everything was asked",
                          tally->why ? tally->why : "broken off");
    return rc;
}

void vw_discovery_finish(struct vw_discovery *d)
{
    for (size_t i = 0; i < d->suite.count && d->results; i++)
        vw_result_finish(&d->results[i]);
    free(d->results);
    vw_suite_finish(&d->suite);
}

/* ---- the questions ---- */

static int ask(struct discovery *d, const char *id, const char *text, struct vw_error *err)
{
    const struct vw_suite_options o = {.profile = d->profile};
    return vw_suite_add(&d->asked.suite, id, id, text, strlen(text), &o, err);
}

static bool is_named(const struct vw_program *p, const char *name)
{
    return strcmp(p->name, name) == 0;
}

static int ask_program(struct discovery *d, const struct vw_program *p, struct vw_error *err)
{
    char id[80], text[sizeof(calls_text) + 80];
    snprintf(id, sizeof(id), "program/%.60s", p->name);
    if (is_named(p, "keepalive"))
        return ask(d, id, keepalive_text, err);
    snprintf(text, sizeof(text), program_text, p->number, p->version);
    int rc = ask(d, id, text, err);
    snprintf(id, sizeof(id), "call/%.60s", p->name);
    snprintf(text, sizeof(text), calls_text, p->name);
    return rc ? rc : ask(d, id, text, err);
}

static bool is_remote(const struct discovery *d)
{
    return strcmp(d->profile->program, "remote") == 0;
}

/* What is there besides the one that is played: admin, lock and log have sockets of their own. */
static bool is_asked(const struct discovery *d, const struct vw_program *p)
{
    return is_named(p, d->profile->program) || is_named(p, "keepalive") ||
           (is_remote(d) && (is_named(p, "qemu") || is_named(p, "lxc")));
}

static bool has_member(const struct vw_type *t, const char *name)
{
    for (uint32_t i = 0; t && i < t->n_fields; i++)
        if (strcmp(t->fields[i].name, name) == 0)
            return true;
    return false;
}

/* Does CALL ask for EVENT by a number? An event that names the callback is of the form by id. */
static bool asks_for(const struct vw_proc *call, const struct vw_proc *event)
{
    const struct vw_facts *c = vw_proc_facts(call), *e = vw_proc_facts(event);
    if (call->kind != VW_PROC_CALL || event->kind != VW_PROC_EVENT || !c->event_start ||
        e->event_number < 0 || strcmp(c->event_object, e->event_object) != 0 ||
        !has_member(call->args, "eventID"))
        return false;
    return (strcmp(c->event_start, "id") == 0) == has_member(event->args, "callbackID");
}

/* The call that asks for EVENT, or NULL. */
static const struct vw_proc *call_for(const struct vw_program *p, const struct vw_proc *event)
{
    for (uint32_t i = 0; i < p->n_procs; i++)
        if (asks_for(&p->procs[i], event))
            return &p->procs[i];
    return NULL;
}

static int ask_events(struct discovery *d, const struct vw_program *p, struct vw_error *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        return vw_error_nomem(err);
    fputs(events_text, f);
    for (uint32_t i = 0; i < p->n_procs; i++) {
        const struct vw_proc *event = &p->procs[i], *call = call_for(p, event);
        if (call)
            fprintf(f, "  - {id: %s, call: %s, kind: %d}\n", event->short_name, call->short_name,
                    vw_proc_facts(event)->event_number);
    }
    int rc = fclose(f) == 0 ? ask(d, "event", text, err) : vw_error_nomem(err);
    free(text);
    return rc;
}

static int ask_features(struct discovery *d, struct vw_error *err)
{
    char text[sizeof(feature_text) + 32 * 8];
    size_t len = (size_t)snprintf(text, sizeof(text), "%s", feature_text);
    for (int n = 0; n < 32; n++)
        if (VW_SERVER_FEATURES >> n & 1)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "  - %d\n", n);
    return ask(d, "feature", text, err);
}

static int ask_all(struct discovery *d, struct vw_error *err)
{
    size_t n;
    const struct vw_program *const *p = vw_schema_programs(d->profile->schema, &n);
    int rc = is_remote(d) ? ask_features(d, err) : 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (is_asked(d, p[i]))
            rc = ask_program(d, p[i], err);
        if (rc == 0 && is_remote(d) && is_named(p[i], "remote"))
            rc = ask_events(d, p[i], err);
    }
    return rc;
}

/* ---- the answers ---- */

static enum vw_verdict verdict_of(const struct discovery *d, const char *kind, const char *name)
{
    char id[200];
    snprintf(id, sizeof(id), "%s/%s", kind, name);
    for (size_t i = 0; i < d->asked.suite.count; i++)
        if (strcmp(d->asked.suite.cases[i].id, id) == 0)
            return d->asked.results[i].finding.verdict;
    return VW_NOT_RUN;
}

static bool has_call(const struct discovery *d, const struct vw_proc *proc)
{
    char name[160];
    snprintf(name, sizeof(name), "%s/%s", proc->program->name, proc->short_name);
    enum vw_verdict v = verdict_of(d, "call", name);
    return v != VW_PASS && v != VW_NOT_RUN;
}

/* An event that no number asks for belongs to the calls about its object. */
static bool has_event(const struct discovery *d, const struct vw_proc *event)
{
    const struct vw_facts *e = vw_proc_facts(event);
    enum vw_verdict v = verdict_of(d, "event", event->short_name);
    if (v != VW_NOT_RUN)
        return v == VW_PASS;
    for (uint32_t i = 0; i < event->program->n_procs && e->event_object; i++) {
        const struct vw_proc *call = &event->program->procs[i];
        const struct vw_facts *c = vw_proc_facts(call);
        if (c->event_start && strcmp(c->event_object, e->event_object) == 0 && has_call(d, call))
            return true;
    }
    return false;
}

static bool has_proc(const struct discovery *d, const struct vw_proc *proc)
{
    if (verdict_of(d, "program", proc->program->name) == VW_PASS)
        return false;
    if (strcmp(proc->program->name, "keepalive") == 0)
        return true;
    return proc->kind == VW_PROC_EVENT ? has_event(d, proc) : has_call(d, proc);
}

static void write_program(const struct discovery *d, const struct vw_program *p, FILE *out)
{
    bool any = false;
    for (uint32_t i = 0; i < p->n_procs; i++) {
        if (!has_proc(d, &p->procs[i]))
            continue;
        if (!any)
            fprintf(out, "  %s:\n", p->name);
        any = true;
        fprintf(out, "    - %d # %s%s\n", p->procs[i].number, p->procs[i].short_name,
                p->procs[i].readstream || p->procs[i].writestream ? ", opens a stream" : "");
    }
}

static bool has_feature(const struct discovery *d, int feature)
{
    char name[16];
    snprintf(name, sizeof(name), "%d", feature);
    return verdict_of(d, "feature", name) == VW_PASS;
}

static void write_features(const struct discovery *d, FILE *out)
{
    const char *comma = "";
    fputs("  features: [", out);
    for (int n = 0; n < 32; n++) {
        if (!(VW_SERVER_FEATURES >> n & 1) || !has_feature(d, n))
            continue;
        fprintf(out, "%s%d", comma, n);
        comma = ", ";
    }
    fputs("]\n", out);
}

static void write_profile(const struct discovery *d, FILE *out)
{
    size_t n;
    const struct vw_program *const *p = vw_schema_programs(d->profile->schema, &n);
    fprintf(
        out,
        "# What a server has, asked by `virwire check server --discover`. Take out what it is not\n"
        "# meant to have, put in what it should: the check then holds it against this.\n"
        "profile: discovered\nbase: %s\n%simplements:\n",
        vw_profile_release(d->profile),
        !is_remote(d) || has_feature(d, FEATURE_OF_DESCRIPTORS) ? "" : "fds_max: 0\n");
    if (is_remote(d))
        write_features(d, out);
    for (size_t i = 0; i < n; i++)
        if (is_asked(d, p[i]))
            write_program(d, p[i], out);
}

int vw_discover(struct vw_player_options *po, FILE *out, struct vw_tally *tally,
                struct vw_error *err)
{
    struct discovery d = {.profile = po->settings.profile};
    int rc = ask_all(&d, err);
    if (rc == 0)
        rc = vw_discovery_play(&d.asked, po, tally, err);
    if (rc == 0)
        write_profile(&d, out);
    vw_discovery_finish(&d.asked);
    return rc;
}
