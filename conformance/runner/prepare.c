// SPDX-License-Identifier: MIT
// What comes before the first step of a case: authentication and the open, as every client does
// them (C-10).
#include <stdio.h>
#include <string.h>

#include "conformance/runner/run.h"
#include "scenario/pattern.h"

#define AUTH_LABEL "#auth"
#define OPEN_LABEL "#open"

enum { PHASE_START, PHASE_AUTH, PHASE_OPEN, PHASE_DONE };

static int send_plain(struct vw_run *run, struct vw_link *c, const char *procedure,
                      struct vw_node *args, const char *label, struct vw_error *err)
{
    struct vw_node *call = vw_node_new(&run->arena, VW_NODE_MAP);
    if (!vw_node_add(call, "procedure", vw_node_text(&run->arena, procedure)))
        return vw_error_nomem(err);
    if (args)
        vw_node_add(call, "args", args);
    return vw_run_send(run, c, call, VW_MSG_CALL, label, err);
}

static int send_open(struct vw_run *run, struct vw_link *c, unsigned needs, struct vw_error *err)
{
    const char *name = run->settings->uri->name;
    struct vw_node *args = vw_node_new(&run->arena, VW_NODE_MAP);
    struct vw_node *text = vw_node_text(&run->arena, name ? name : "");
    if (text)
        text->quoted = true;
    if (!vw_node_add(args, "name", text) ||
        !vw_node_add(args, "flags",
                     vw_node_text(&run->arena, needs & VW_NEED_READ_ONLY ? "1" : "0")))
        return vw_error_nomem(err);
    return send_plain(run, c, "connect_open", args, OPEN_LABEL, err);
}

/* A pattern from text that is known to be right. */
static const struct vw_node *pattern(struct vw_run *run, const char *yaml, struct vw_error *err)
{
    struct vw_node *out = NULL;
    return vw_yaml_parse(yaml, strlen(yaml), &run->arena, &out, err) == 0 ? out : NULL;
}

/* DONE when the answer fits, SKIP-ending FAIL when the peer wants credentials. */
static enum vw_step_result take(struct vw_run *run, struct vw_link *c, const char *yaml,
                                const char *label, const char *what)
{
    char why[500] = "";
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_node *p = pattern(run, yaml, &err);
    if (!vw_answer_no_stray(run, c, why, sizeof(why)))
        return vw_run_fail(run, VW_FAIL, "before the first step, %s: %s", what, why);
    enum vw_fit fit = p ? vw_answer_try(run, c, p, label, why, sizeof(why), &err) : VW_FIT_NO;
    if (err.code)
        return vw_run_error(run, &err);
    if (fit == VW_FIT_YES)
        return VW_STEP_DONE;
    if (fit == VW_FIT_NO)
        return vw_run_fail(run, VW_FAIL, "before the first step, %s: %s", what, why);
    return vw_run_wait(run, c, what);
}

static enum vw_step_result check_methods(struct vw_run *run, bool gate)
{
    struct json_object *types = NULL, *first;
    if (!json_object_object_get_ex(run->variables, "#auth", &types))
        return VW_STEP_DONE;
    first = json_object_array_length(types) ? json_object_array_get_idx(types, 0) : NULL;
    const char *method = first ? json_object_get_string(first) : "REMOTE_AUTH_NONE";
    bool none = strcmp(method, "REMOTE_AUTH_NONE") == 0 || strcmp(method, "0") == 0;
    if (none && gate)
        return vw_run_fail(run, VW_SKIP, "the peer asks for no authentication");
    if (none || gate)
        return VW_STEP_DONE;
    return vw_run_fail(run, VW_SKIP, "the peer asks for authentication (%s)", method);
}

/* A server of 2007 does not know AUTH_LIST and says so. */
static enum vw_step_result take_methods(struct vw_run *run, struct vw_link *c, bool gate)
{
    bool old = run->settings->profile->dialect == VW_PROFILE_2007;
    enum vw_step_result r =
        take(run, c, old ? "{answer: }" : "{reply: {types: {capture: \"#auth\"}}}", AUTH_LABEL,
             "the answer to AUTH_LIST");
    return r == VW_STEP_DONE ? check_methods(run, gate) : r;
}

/* Where CLOSE leaves the connection, a client that goes without one may keep its place in the
 * server for good (C-6, C-13). */
static const struct vw_proc *goodbye(const struct vw_profile *p)
{
    if (vw_profile_answer(p, "close_ends_connection", 1))
        return NULL;
    return vw_schema_proc(p->schema, "close");
}

enum vw_step_result vw_prepare(struct vw_run *run, struct vw_link *c, unsigned needs, int *phase)
{
    struct vw_error err = VW_ERROR_INIT;
    enum vw_step_result r;
    if (*phase == PHASE_START && (needs & VW_NEED_AUTH) &&
        run->settings->profile->dialect != VW_PROFILE_2007) {
        if (send_plain(run, c, "auth_list", NULL, AUTH_LABEL, &err) < 0)
            return vw_run_error(run, &err);
        *phase = PHASE_AUTH;
        return VW_STEP_WAIT;
    }
    if (*phase == PHASE_AUTH && (r = take_methods(run, c, needs & VW_NEED_GATE)) != VW_STEP_DONE)
        return r;
    if (*phase <= PHASE_AUTH && (needs & VW_NEED_OPEN)) {
        if (send_open(run, c, needs, &err) < 0)
            return vw_run_error(run, &err);
        *phase = PHASE_OPEN;
        return VW_STEP_WAIT;
    }
    if (*phase == PHASE_OPEN) {
        r = take(run, c, "{reply: }", OPEN_LABEL, "the answer to CONNECT_OPEN");
        if (r != VW_STEP_DONE)
            return r;
        c->open = true;
        c->goodbye = goodbye(run->settings->profile);
        c->read_only = (needs & VW_NEED_READ_ONLY) != 0;
    }
    *phase = PHASE_DONE;
    return VW_STEP_DONE;
}
