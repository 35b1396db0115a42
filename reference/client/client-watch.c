// SPDX-License-Identifier: MIT
// Asking for events and giving them to who asked. The calls to ask with are those that the table of
// facts names; the three forms for domains are those of V-3.
#include <stdlib.h>
#include <string.h>

#include "base/sized.h"
#include "client/internal.h"
#include "schema/facts.h"

#define FEATURE_EVENT_CALLBACK 14
#define FEATURE_CLOSE_CALLBACK 15

struct vw_watch {
    struct vw_client *client; /* NULL: destroyed */
    struct vw_watch *next;
    const struct vw_watch_kind *kind;
    struct vw_watch_options options;
    enum vw_watch_form form;
    const struct vw_proc *message, *start, *stop;
    bool by_id;       /* messages have a callback id */
    bool starting;    /* the answer has not come */
    int32_t callback; /* id of the registration; while starting that of the first message, or -1 */
};

/* ---- which calls ---- */

/* The call that asks for the events, or the one that ends it: of an object with several forms that
 * of FORM. */
static const struct vw_proc *find_call(const struct vw_watch *w, bool start, const char *form)
{
    const struct vw_program *program = w->message->program;
    for (uint32_t i = 0; i < program->n_procs; i++) {
        const struct vw_proc *p = &program->procs[i];
        const struct vw_facts *facts = vw_proc_facts(p);
        const char *has = start ? facts->event_start : facts->event_stop;
        if (p->kind == VW_PROC_CALL && has && strcmp(facts->event_object, w->kind->object) == 0 &&
            strcmp(has, form) == 0 && vw_args_fit(p))
            return p;
    }
    return NULL;
}

static void find_calls(struct vw_watch *w)
{
    const char *form = w->form == VW_WATCH_OLD       ? "old"
                       : w->form == VW_WATCH_BY_KIND ? "kind"
                                                     : "id";
    w->start = find_call(w, true, form);
    w->stop = find_call(w, false, form);
}

/* ---- which form ---- */

static int no_form(const struct vw_watch *w, const char *why, struct vw_error *err)
{
    return vw_error_set(err, VW_EUSAGE, "events %s %s", w->kind->name, why);
}

static int need_feature(struct vw_watch *w, int32_t feature, struct vw_error *err)
{
    bool yes;
    int rc = vw_client_supports(w->client, feature, &yes, err);
    if (rc || yes)
        return rc;
    return vw_error_set(err, VW_EREMOTE, "the server does not have events %s (feature %d)",
                        w->kind->name, feature);
}

/* The newest that the server and the profile have (V-3). */
static int choose_domain_form(struct vw_watch *w, struct vw_error *err)
{
    const struct vw_watch_kind *k = w->kind;
    bool yes = false;
    if (k->callback) {
        int rc = vw_client_supports(w->client, FEATURE_EVENT_CALLBACK, &yes, err);
        if (rc)
            return rc;
    }
    w->form = VW_WATCH_CALLBACK;
    if (yes)
        return 0;
    if (!k->plain)
        return need_feature(w, FEATURE_EVENT_CALLBACK, err);
    w->form = VW_WATCH_BY_KIND;
    w->message = k->plain;
    find_calls(w);
    if (!w->start && k->id == 0)
        w->form = VW_WATCH_OLD;
    return 0;
}

static int choose_form(struct vw_watch *w, struct vw_error *err)
{
    const struct vw_watch_kind *k = w->kind;
    bool domain = strcmp(k->object, "domain") == 0;
    w->form = w->options.form;
    if (domain && w->form == VW_WATCH_AUTO) {
        int rc = choose_domain_form(w, err);
        if (rc)
            return rc;
    }
    if (!domain && w->form != VW_WATCH_AUTO && w->form != VW_WATCH_CALLBACK)
        return no_form(w, "have one form only", err);
    if (strcmp(k->object, "connect") == 0) {
        w->message = k->plain;
        return need_feature(w, FEATURE_CLOSE_CALLBACK, err);
    }
    if (!domain)
        w->form = VW_WATCH_CALLBACK;
    if (w->form == VW_WATCH_OLD && k->id != 0)
        return no_form(w, "cannot be asked for in the oldest form, which is for lifecycle", err);
    w->by_id = w->form == VW_WATCH_CALLBACK;
    w->message = w->by_id ? k->callback : k->plain;
    return 0;
}

/* ---- asking ---- */

static int make_args(struct vw_watch *w, void *args, struct vw_string *monitor,
                     struct vw_error *err)
{
    const struct vw_type *t = w->start->args;
    const struct vw_watch_options *o = &w->options;
    vw_args_set_int(t, args, "eventID", (uint32_t)w->kind->id);
    if (o->object && (!w->by_id || !vw_args_set_object(t, args, o->object)))
        return no_form(w, "cannot be limited to one object in this form", err);
    if (!o->monitor_event)
        return 0;
    *monitor = (struct vw_string){.data = (char *)(uintptr_t)o->monitor_event,
                                  .len = (uint32_t)strlen(o->monitor_event)};
    vw_args_set_string(t, args, "event", monitor);
    return 0;
}

static void answered(void *user, const struct vw_event *ev)
{
    struct vw_watch *w = user;
    w->callback = vw_ret_int(w->start->ret, ev->value, "callbackID", 0);
    w->starting = false;
}

static int start(struct vw_watch *w, struct vw_error *err)
{
    _Alignas(8) uint8_t args[VW_VALUE_MAX] = {0};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_string monitor;
    int rc = choose_form(w, err);
    if (rc)
        return rc;
    if (w->message)
        find_calls(w);
    if (!w->message || !w->start || !w->stop)
        return no_form(w, "do not have that form in this release of the protocol", err);
    struct vw_outgoing what = {.call = {.proc = w->start, .args = w->start->args ? args : NULL},
                               .answered = answered,
                               .answered_user = w};
    rc = make_args(w, args, &monitor, err);
    if (rc == 0)
        rc = vw_client_wait_for(w->client, &what, &arena, NULL, NULL, err);
    vw_arena_finish(&arena);
    return rc;
}

int vw_watch_start(struct vw_client *c, const struct vw_watch_kind *kind,
                   const struct vw_watch_options *options, struct vw_watch **out,
                   struct vw_error *err)
{
    *out = NULL;
    struct vw_watch *w = calloc(1, sizeof(*w));
    if (!w)
        return vw_error_nomem(err);
    int rc = vw_sized_copy(&w->options, sizeof(w->options), options, "VW_WATCH_OPTIONS_INIT", err);
    if (rc) {
        free(w);
        return rc;
    }
    w->kind = kind;
    w->client = c;
    w->starting = true;
    w->callback = -1;
    w->next = c->watches;
    c->watches = w;
    rc = start(w, err);
    if (rc) {
        vw_watch_destroy(w);
        return rc;
    }
    *out = w;
    return 0;
}

int vw_watch_stop(struct vw_watch *w, struct vw_error *err)
{
    _Alignas(8) uint8_t args[VW_VALUE_MAX] = {0};
    struct vw_arena arena = VW_ARENA_INIT;
    int rc = VW_ECLOSED;
    if (w->client && !w->client->dispatching) {
        vw_args_set_int(w->stop->args, args, "eventID", (uint32_t)w->kind->id);
        vw_args_set_int(w->stop->args, args, "callbackID", (uint32_t)w->callback);
        rc = vw_client_call(w->client, w->stop, w->stop->args ? args : NULL, &arena, NULL, err);
    } else if (w->client) {
        rc = vw_error_set(err, VW_EUSAGE, "a callback must not make a blocking call");
    } else {
        rc = vw_error_set(err, VW_ECLOSED, "the connection is closed");
    }
    vw_arena_finish(&arena);
    vw_watch_destroy(w);
    return rc;
}

void vw_watch_destroy(struct vw_watch *w)
{
    if (!w)
        return;
    for (struct vw_watch **at = w->client ? &w->client->watches : NULL; at && *at;
         at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            break;
        }
    free(w);
}

const struct vw_watch_kind *vw_watch_get_kind(const struct vw_watch *w)
{
    return w->kind;
}

enum vw_watch_form vw_watch_get_form(const struct vw_watch *w)
{
    return w->form;
}

void vw_watches_lost(struct vw_client *c)
{
    while (c->watches) {
        c->watches->client = NULL;
        c->watches = c->watches->next;
    }
}

/* ---- getting ---- */

static struct vw_watch *find_watch(struct vw_client *c, const struct vw_event *ev)
{
    int32_t id = vw_ret_int(ev->proc->args, ev->value, "callbackID", -1);
    struct vw_watch *starting = NULL;
    for (struct vw_watch *w = c->watches; w; w = w->next) {
        if (w->message != ev->proc)
            continue;
        if (!w->by_id || w->callback == id)
            return w;
        if (w->starting && w->callback < 0)
            starting = w;
    }
    /* V-7: it may come before the answer that tells its id. */
    if (starting)
        starting->callback = id;
    return starting;
}

bool vw_watches_take(struct vw_client *c, const struct vw_event *ev)
{
    struct vw_watch *w = find_watch(c, ev);
    if (!w)
        return false;
    w->options.event(w->options.user, w, ev);
    return true;
}
