// SPDX-License-Identifier: MIT
// What clients did, and waiting until they did it.
#include "mock-daemon/control/control.h"

#include <fnmatch.h>

#include "mock-daemon/daemon.h"
#include "schema/facts.h"
#include "xdr/json.h"

/* ---- connections ---- */

static bool put_calls(struct json_object *to, const struct vw_account *x)
{
    struct json_object *calls = json_object_new_object(), *errors = json_object_new_object();
    bool ok = vw_json_put(to, "calls", calls);
    ok = vw_json_put(to, "errors", errors) && ok;
    for (size_t i = 0; ok && i < x->rows.count; i++) {
        const struct vw_account_row *row = &x->rows.list[i];
        const char *name = vw_proc_today(row->proc);
        ok = vw_json_put_number(calls, name, (int64_t)row->calls) &&
             (!row->errors || vw_json_put_number(errors, name, (int64_t)row->errors));
    }
    return ok;
}

static struct json_object *tell(const struct vw_account *x)
{
    struct json_object *o = json_object_new_object();
    bool ok = o && vw_json_put_number(o, "connection", (int64_t)x->number) &&
              (!x->listener || vw_json_put_text(o, "listener", x->listener)) &&
              (!x->name || vw_json_put_text(o, "name", x->name)) &&
              vw_json_put_number(o, "since_ms", x->since_ns / 1000000) &&
              (!x->until_ns || vw_json_put_number(o, "until_ms", x->until_ns / 1000000)) &&
              (!x->until_ns || vw_json_put_text(o, "ended", x->why)) && put_calls(o, x);
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

static int connections(struct vw_control_call *c)
{
    bool ok = (c->result = json_object_new_array()) != NULL;
    const struct vw_account *x = TAILQ_FIRST(&c->daemon->accounts.list);
    for (; ok && x; x = TAILQ_NEXT(x, link))
        ok = vw_control_append(c->result, tell(x));
    return vw_control_made(c, ok);
}

/* ---- waiting ---- */

static uint64_t count(const struct vw_account_rows *rows, const char *pattern)
{
    uint64_t n = 0;
    for (size_t i = 0; i < rows->count; i++) {
        if (fnmatch(pattern, vw_proc_today(rows->list[i].proc), 0) == 0)
            n += rows->list[i].calls;
    }
    return n;
}

static int look(struct vw_control_call *c)
{
    const struct vw_accounts *a = &c->daemon->accounts;
    uint64_t n = count(&a->total, vw_control_text(c, "call"));
    if (n < (uint64_t)vw_control_number(c, "count", 1))
        return VW_CONTROL_LATER;
    c->result = json_object_new_object();
    return vw_control_made(c, c->result && vw_json_put_number(c->result, "count", (int64_t)n));
}

static int look_over(struct vw_control_call *c)
{
    const struct vw_accounts *a = &c->daemon->accounts;
    uint64_t over = a->n - c->daemon->main.n_conns - c->daemon->admin.n_conns;
    return over < (uint64_t)vw_control_number(c, "count", 1) ? VW_CONTROL_LATER : 0;
}

const struct vw_control_verb vw_control_calls[] = {
    {"connections", .run = connections},
    {"wait",
     {{"call", VW_CONTROL_TEXT, true}, {"count", VW_CONTROL_NUMBER, false, 1, INT64_MAX}},
     .run = look,
     .poll = look},
    {"wait-ended",
     {{"count", VW_CONTROL_NUMBER, false, 1, INT64_MAX}},
     .run = look_over,
     .poll = look_over},
    {NULL},
};
