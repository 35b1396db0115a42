// SPDX-License-Identifier: MIT
// An event that did not happen, to all who have asked for it. What is known of events is that of
// the schema and the table of facts, so that it may be one that the model never makes happen.
#include "mock-daemon/control/control.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "mock-daemon/daemon.h"
#include "schema/facts.h"
#include "xdr/json.h"
#include "xdr/literal.h"

struct emission {
    struct vw_daemon *daemon;
    const struct vw_facts *facts;      /* of the event */
    const struct vw_proc *forms[2];    /* without a callback id, and with one; NULL: no such */
    const struct vw_object_kind *kind; /* of what it is about */
    const struct vw_object *object;
    struct json_object *value; /* of its other fields; NULL: the smallest */
    struct vw_arena arena;
    unsigned told;
};

/* ---- which event ---- */

static const struct vw_field *field_of(const struct vw_type *t, const char *name)
{
    for (uint32_t i = 0; t && i < t->n_fields; i++) {
        if (t->fields[i].name && strcmp(t->fields[i].name, name) == 0)
            return &t->fields[i];
    }
    return NULL;
}

/* NAME is OBJECT.KIND, or KIND of a domain. */
static bool find_event(struct emission *e, const char *name, struct vw_near *near)
{
    const struct vw_program *p = vw_schema_program_named(e->daemon->profile->schema, "remote");
    char known[80];
    for (uint32_t i = 0; p && i < p->n_procs; i++) {
        const struct vw_facts *f = vw_proc_facts(&p->procs[i]);
        if (!f->event_kind)
            continue;
        snprintf(known, sizeof(known), "%s.%s", f->event_object, f->event_kind);
        vw_near_offer(near, f->event_kind);
        if (strcmp(known, name) != 0 &&
            (strcmp(f->event_object, "domain") != 0 || strcmp(f->event_kind, name) != 0))
            continue;
        e->facts = f;
        e->forms[field_of(p->procs[i].args, "callbackID") != NULL] = &p->procs[i];
    }
    return e->facts;
}

/* The kind of objects that the event is about: that which is called so, or whose events are asked
 * for under that name. */
static const struct vw_object_kind *find_kind(const char *object)
{
    char asks[80];
    snprintf(asks, sizeof(asks), "connect_%s_event_register_any", object);
    for (size_t i = 0; vw_object_kinds[i]; i++) {
        const struct vw_object_kind *k = vw_object_kinds[i];
        const struct vw_row *r = k->rows;
        while (k->size && r->procedure && strcmp(r->procedure, asks) != 0)
            r++;
        if (k->size && (r->procedure || strcmp(k->name, object) == 0))
            return k;
    }
    return NULL;
}

static int choose(struct emission *e, struct vw_control_call *c)
{
    const char *name = vw_control_text(c, "event"), *object = vw_control_text(c, "object");
    const char *dot = strrchr(name, '.');
    struct vw_near near = {.word = dot ? dot + 1 : name};
    if (!find_event(e, name, &near))
        return vw_error_set(&c->error, VW_ENAME, "no event is called '%s'%s", name,
                            VW_HINT(";", near.best));
    e->kind = find_kind(e->facts->event_object);
    if (e->kind)
        e->object = vw_objects_by_name(vw_model_objects(&e->daemon->model, e->kind), object);
    if (!e->object)
        return vw_error_set(&c->error, VW_ENAME, "no %s is called '%s'", e->facts->event_object,
                            object);
    return 0;
}

/* ---- the message ---- */

static bool add_all(struct json_object *to, struct json_object *from)
{
    if (!from)
        return true;
    json_object_object_foreach(from, key, v)
    {
        if (!vw_json_put(to, key, json_object_get(v)))
            return false;
    }
    return true;
}

/* Names the object in its field: the first that is a struct. */
static bool name_object(struct json_object *to, const struct vw_type *t, const struct emission *e)
{
    const struct vw_field *f = t->fields;
    _Alignas(8) uint8_t reference[256] = {0};
    while (f < t->fields + t->n_fields && f->type->kind != VW_STRUCT)
        f++;
    if (f == t->fields + t->n_fields || f->type->size > sizeof(reference))
        return true;
    vw_refer(e->kind, e->object, reference);
    return vw_json_put(to, f->name, vw_json_from_value(f->type, reference, NULL));
}

/* What its fields are, of which some may be in a struct of their own behind the callback id. */
static bool fill(struct json_object *o, const struct vw_proc *proc, const struct emission *e,
                 int32_t callback)
{
    const struct vw_field *msg = field_of(proc->args, "msg");
    struct json_object *in = msg ? json_object_new_object() : o;
    if (field_of(proc->args, "callbackID") && !vw_json_put_number(o, "callbackID", callback))
        return false;
    if (msg && !vw_json_put(o, "msg", in))
        return false;
    return name_object(in, msg ? msg->type : proc->args, e) && add_all(in, e->value);
}

static int make(struct emission *e, const struct vw_proc *proc, int32_t callback, void **value,
                struct vw_error *err)
{
    struct vw_node_context ctx = {.arena = &e->arena};
    struct json_object *o = json_object_new_object();
    struct vw_node *node = NULL;
    char *text = o && fill(o, proc, e, callback) ? vw_json_text(o, false) : NULL;
    json_object_put(o);
    vw_arena_reset(&e->arena);
    int rc = text ? vw_yaml_parse(text, strlen(text), &e->arena, &node, err) : vw_error_nomem(err);
    if (rc == 0)
        rc = vw_node_to_value(&ctx, proc->args, node, value, err);
    free(text);
    return rc;
}

/* ---- to whom ---- */

static bool asked(const struct emission *e, const struct vw_registration *one)
{
    const struct vw_wanted *w = &one->wanted;
    return w->kind == e->kind && w->event == e->facts->event_number &&
           (!w->has_uuid || memcmp(w->uuid, e->object->uuid, sizeof(w->uuid)) == 0);
}

static int tell(struct emission *e, struct vw_conn *c, struct vw_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < c->events.count; i++) {
        const struct vw_registration *one = &c->events.list[i];
        const struct vw_proc *proc = e->forms[!one->old_form];
        void *value;
        if (!asked(e, one) || !proc)
            continue;
        size_t before = vw_session_output_pending(c->session);
        rc = make(e, proc, one->callback, &value, err);
        if (rc == 0)
            rc = vw_session_send_event(c->session, proc, value, err);
        c->events.unread += vw_session_output_pending(c->session) - before;
        e->told += rc == 0;
    }
    vw_conn_wake(c);
    return rc;
}

/* The value is looked at, whether anybody has asked or not. */
static int tell_all(struct emission *e, struct vw_error *err)
{
    int rc = 0;
    for (int form = 0; rc == 0 && form < 2; form++) {
        void *value;
        if (e->forms[form])
            rc = make(e, e->forms[form], 0, &value, err);
    }
    for (struct vw_conn *c = TAILQ_FIRST(&e->daemon->conns); rc == 0 && c;
         c = TAILQ_NEXT(c, link)) {
        if (!c->over)
            rc = tell(e, c, err);
    }
    return rc;
}

static int emit(struct vw_control_call *c)
{
    struct emission e = {
        .daemon = c->daemon, .value = vw_control_object(c, "value"), .arena = VW_ARENA_INIT};
    int rc = choose(&e, c);
    if (rc == 0)
        rc = tell_all(&e, &c->error);
    vw_arena_finish(&e.arena);
    c->error.line = c->error.column = 0; /* of a text that nobody has written */
    if (rc < 0)
        return rc;
    c->result = json_object_new_object();
    return vw_control_made(c, c->result && vw_json_put_number(c->result, "told", e.told));
}

const struct vw_control_verb vw_control_emit[] = {
    {"emit",
     {{"event", VW_CONTROL_TEXT, true},
      {"object", VW_CONTROL_TEXT, true},
      {"value", VW_CONTROL_OBJECT}},
     .run = emit},
    {NULL},
};
