// SPDX-License-Identifier: MIT
// What can be asked for, as programs read it: `virwire control` makes its requests by that.
#include "mock-daemon/control/control.h"
#include "xdr/json.h"

static struct json_object *tell_key(const struct vw_control_key *k)
{
    static const char *const as[] = {"text", "path", "number", "object"};
    struct json_object *o = json_object_new_object();
    if (o && vw_json_put_text(o, "name", k->name) && vw_json_put_text(o, "as", as[k->as]) &&
        vw_json_put(o, "needed", json_object_new_boolean(k->needed)))
        return o;
    json_object_put(o);
    return NULL;
}

static bool tell_verb(struct json_object *to, const struct vw_control_verb *v)
{
    struct json_object *keys = json_object_new_array();
    bool ok = vw_json_put(to, v->name, keys);
    for (const struct vw_control_key *k = v->keys; ok && k < v->keys + VW_CONTROL_KEYS && k->name;
         k++)
        ok = vw_control_append(keys, tell_key(k));
    return ok;
}

static int help(struct vw_control_call *c)
{
    bool ok = (c->result = json_object_new_object()) != NULL;
    for (const struct vw_control_verb *const *group = vw_control_verbs; ok && *group; group++) {
        for (const struct vw_control_verb *v = *group; ok && v->name; v++)
            ok = tell_verb(c->result, v);
    }
    return vw_control_made(c, ok);
}

const struct vw_control_verb vw_control_help[] = {
    {"help", .run = help},
    {NULL},
};
