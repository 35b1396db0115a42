// SPDX-License-Identifier: MIT
// What is there: back to the start, into a file and out of one, on a line.
#include "mock-daemon/control/control.h"

#include <string.h>

#include "base/nearest.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/own.h"
#include "mock-daemon/state.h"
#include "xdr/json.h"

/* Objects are about to go: no stream may be about one. */
static void end_streams(struct vw_daemon *d, const char *why)
{
    struct vw_conn *next;
    for (struct vw_conn *c = TAILQ_FIRST(&d->conns); c; c = next) {
        next = TAILQ_NEXT(c, link);
        vw_transfers_abort(c, why);
    }
}

static int reset(struct vw_control_call *c)
{
    end_streams(c->daemon, "virwired was told to begin again");
    vw_model_begin_again(&c->daemon->model);
    vw_accounts_clear(&c->daemon->accounts);
    return 0;
}

static int seed(struct vw_control_call *c)
{
    c->daemon->model.seed = (uint64_t)vw_control_number(c, "seed", 0);
    return 0;
}

static int snapshot(struct vw_control_call *c)
{
    c->file = vw_control_text(c, "file");
    return vw_state_save(&c->daemon->model, c->file, &c->error);
}

static int restore(struct vw_control_call *c)
{
    c->file = vw_control_text(c, "file");
    end_streams(c->daemon, "virwired was told to go back");
    return vw_state_load(&c->daemon->model, c->file, &c->error);
}

static bool dump_table(struct json_object *to, const struct vw_model *m, const struct vw_objects *t)
{
    struct json_object *list = json_object_new_array();
    bool ok = vw_json_put(to, t->kind->name, list);
    struct vw_owns owns;
    vw_owns_of(t->kind, &owns);
    for (uint32_t i = 0; ok && i < t->count; i++)
        ok = vw_control_append(list, vw_state_object(&owns, t->list[i], m));
    return ok;
}

static int dump(struct vw_control_call *c)
{
    const struct vw_model *m = &c->daemon->model;
    const char *only = vw_control_text(c, "kind");
    struct vw_near near = {.word = only};
    bool ok = (c->result = json_object_new_object()) != NULL, found = !only;
    for (size_t i = 0; ok && vw_object_kinds[i]; i++) {
        const char *name = vw_object_kinds[i]->name;
        if (!vw_object_kinds[i]->size)
            continue;
        if (only)
            vw_near_offer(&near, name);
        if (only && strcmp(only, name) != 0)
            continue;
        found = true;
        ok = dump_table(c->result, m, &m->objects[i]);
    }
    if (!found)
        return vw_error_set(&c->error, VW_ENAME, "no objects are called '%s'%s", only,
                            VW_HINT(";", near.best));
    return vw_control_made(c, ok);
}

const struct vw_control_verb vw_control_model[] = {
    {"reset", .run = reset},
    {"seed", {{"seed", VW_CONTROL_NUMBER, true, 0, INT64_MAX}}, .run = seed},
    {"snapshot", {{"file", VW_CONTROL_PATH, true}}, .run = snapshot},
    {"restore", {{"file", VW_CONTROL_PATH, true}}, .run = restore},
    {"dump", {{"kind", VW_CONTROL_TEXT}}, .run = dump},
    {NULL},
};
