// SPDX-License-Identifier: MIT
// A line of the control socket: what it asks for, held against the table of verbs, and its answer.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/nearest.h"
#include "mock-daemon/control/internal.h"
#include "xdr/json.h"

/* ---- values ---- */

struct json_object *vw_control_object(const struct vw_control_call *c, const char *key)
{
    struct json_object *v = NULL;
    json_object_object_get_ex(c->request, key, &v);
    return v;
}

const char *vw_control_text(const struct vw_control_call *c, const char *key)
{
    struct json_object *v = vw_control_object(c, key);
    return v ? json_object_get_string(v) : NULL;
}

int64_t vw_control_number(const struct vw_control_call *c, const char *key, int64_t otherwise)
{
    struct json_object *v = vw_control_object(c, key);
    return v ? json_object_get_int64(v) : otherwise;
}

bool vw_control_append(struct json_object *o, struct json_object *value)
{
    if (o && value && json_object_array_add(o, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

int vw_control_made(struct vw_control_call *c, bool made)
{
    return made ? 0 : vw_error_nomem(&c->error);
}

/* ---- what is asked for ---- */

static const struct vw_control_verb *find(const char *name, struct vw_near *near)
{
    for (const struct vw_control_verb *const *group = vw_control_verbs; *group; group++) {
        for (const struct vw_control_verb *v = *group; v->name; v++) {
            if (strcmp(v->name, name) == 0)
                return v;
            vw_near_offer(near, v->name);
        }
    }
    return NULL;
}

static int choose(struct vw_control_call *c)
{
    const char *name = vw_control_text(c, "do");
    struct vw_near near = {.word = name};
    if (!name)
        return vw_error_set(&c->error, VW_EUSAGE, "\"do\" must say what to do");
    c->verb = find(name, &near);
    if (c->verb)
        return 0;
    return vw_error_set(&c->error, VW_ENAME, "nothing is called '%s'%s%s%s", name,
                        near.best ? "; did you mean '" : "", near.best ? near.best : "",
                        near.best ? "'?" : "");
}

static const struct vw_control_key *key_of(const struct vw_control_verb *v, const char *name)
{
    for (const struct vw_control_key *k = v->keys; k < v->keys + VW_CONTROL_KEYS && k->name; k++) {
        if (strcmp(k->name, name) == 0)
            return k;
    }
    return NULL;
}

static int check_value(struct vw_control_call *c, const struct vw_control_key *k,
                       struct json_object *v)
{
    static const char *const kinds[] = {"a text", "a path", "a number", "an object"};
    static const enum json_type types[] = {json_type_string, json_type_string, json_type_int,
                                           json_type_object};
    int64_t n = v ? json_object_get_int64(v) : 0;
    if (!json_object_is_type(v, types[k->as]))
        return vw_error_set(&c->error, VW_EUSAGE, "\"%s\" of '%s' must be %s", k->name,
                            c->verb->name, kinds[k->as]);
    if (k->as == VW_CONTROL_NUMBER && (n < k->min || n > k->max))
        return vw_error_set(&c->error, VW_EUSAGE, "\"%s\" of '%s' is from %lld to %lld", k->name,
                            c->verb->name, (long long)k->min, (long long)k->max);
    return 0;
}

/* What is no regular file could hold up the daemon, and with it all its clients. */
static int check_path(struct vw_control_call *c, const struct vw_control_key *k,
                      struct json_object *v)
{
    struct stat st;
    const char *path = json_object_get_string(v);
    if (k->as == VW_CONTROL_PATH && path && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return vw_error_set(&c->error, VW_EUSAGE, "%s is no regular file", path);
    return 0;
}

static int check(struct vw_control_call *c)
{
    json_object_object_foreach(c->request, name, value)
    {
        const struct vw_control_key *k = key_of(c->verb, name);
        if (strcmp(name, "do") == 0 || strcmp(name, "id") == 0)
            continue;
        if (!k)
            return vw_error_set(&c->error, VW_ENAME, "'%s' has no \"%s\"", c->verb->name, name);
        if (check_value(c, k, value) < 0 || check_path(c, k, value) < 0)
            return c->error.code;
    }
    const struct vw_control_key *k = c->verb->keys;
    for (; k < c->verb->keys + VW_CONTROL_KEYS && k->name; k++) {
        if (k->needed && !vw_control_object(c, k->name))
            return vw_error_set(&c->error, VW_EUSAGE, "'%s' needs \"%s\"", c->verb->name, k->name);
    }
    return 0;
}

static int run(struct vw_control_call *c, const char *line, size_t len)
{
    int rc = vw_json_parse(line, len, &c->request, &c->error);
    if (rc == 0 && !json_object_is_type(c->request, json_type_object))
        rc = vw_error_set(&c->error, VW_EUSAGE, "a request is an object of JSON, on one line");
    if (rc == 0)
        rc = choose(c);
    if (rc == 0)
        rc = check(c);
    return rc ? rc : c->verb->run(c);
}

/* ---- the answer ---- */

static bool fill(struct json_object *o, struct vw_control_call *c, int rc)
{
    struct json_object *id =
        json_object_is_type(c->request, json_type_object) ? vw_control_object(c, "id") : NULL;
    char text[640];
    if (id && !vw_json_put(o, "id", json_object_get(id)))
        return false;
    if (!vw_json_put(o, "ok", json_object_new_boolean(rc == 0)))
        return false;
    if (rc < 0)
        return vw_json_put_text(o, "error",
                                vw_error_format(&c->error, c->file, text, sizeof(text)));
    return !c->result || vw_json_put(o, "result", json_object_get(c->result));
}

char *vw_control_line(struct vw_control_call *c, int rc)
{
    struct json_object *o = json_object_new_object();
    char *text = o && fill(o, c, rc) ? vw_json_text(o, false) : NULL;
    json_object_put(o);
    return text;
}

void vw_control_forget(struct vw_control_call *c)
{
    json_object_put(c->request);
    json_object_put(c->result);
    *c = (struct vw_control_call){.daemon = c->daemon, .client = c->client};
}

int vw_control_request(struct vw_control_call *c, const char *line, size_t len, char **answer)
{
    int rc = run(c, line, len);
    *answer = NULL;
    if (rc == VW_CONTROL_LATER)
        return 0;
    *answer = vw_control_line(c, rc);
    vw_control_forget(c);
    return *answer ? 0 : VW_ENOMEM;
}
