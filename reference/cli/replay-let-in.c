// SPDX-License-Identifier: MIT
// How the server's part of `virwire capture replay` lets its clients in. What proved who they were
// stands in no capture, or is hidden there: over SASL they have to know the name and the password
// of who replays. What polkit has decided is the server's own word, and is said again.
#include <inttypes.h>
#include <string.h>

#include "auth/sasl-server.h"
#include "cli/message.h"
#include "cli/replay-guest.h"
#include "schema/facts.h"
#include "transport/layer.h"
#include "xdr/args.h"
#include "xdr/json.h"

#define LOG_IN "log-in"

enum asked { NOBODY, SASL, POLKIT };

bool vw_replay_is_log_in(const struct vw_proc *proc)
{
    return (vw_proc_facts(proc)->before & VW_BEFORE_AUTH) != 0;
}

/* ---- what was recorded ---- */

/* The first call of NAME in CONN; with REPLY what it was answered. */
static struct vw_replay_item *find(struct vw_replay *r, const struct vw_replay_conn *conn,
                                   const char *name, bool reply)
{
    uint64_t call = 0;
    for (size_t i = 0; i < r->n; i++) {
        struct vw_replay_item *it = &r->items[i];
        struct vw_body body;
        if (it->conn != conn)
            continue;
        vw_body_of(r->in.profile->schema, &it->frame.header, &body);
        if (call && it->answers == call)
            return it;
        if (call || body.kind != VW_BODY_ARGS || !body.proc ||
            strcmp(body.proc->short_name, name) != 0)
            continue;
        if (!reply)
            return it;
        call = it->number;
    }
    return NULL;
}

static bool knows_somebody(const struct vw_replay *r)
{
    return r->x.credentials.user[0] && r->x.credentials.has_password;
}

/* How clients of CONN have to log in. */
static enum asked asked_of(struct vw_replay *r, const struct vw_replay_conn *conn)
{
    if (conn && find(r, conn, "auth_polkit", false))
        return POLKIT;
    return conn && knows_somebody(r) && find(r, conn, "auth_sasl_init", false) ? SASL : NOBODY;
}

void vw_replay_find_log_ins(struct vw_replay *r)
{
    vw_cli_credentials_take(&r->x.credentials, r->in.command);
    for (struct vw_replay_conn *c = r->conns; c; c = c->next)
        c->only_log_in = c->entrance.stage == VW_ENTERING && vw_replay_log_in_then(r, c) != 0;
    for (struct vw_replay_conn *c = r->conns; c; c = c->next) {
        if (!c->only_log_in)
            continue;
        c->only_log_in = asked_of(r, c) != NOBODY;
        vw_cli_warn(r->in.command,
                    "connection %" PRIu64 ": nothing but its log-in can be said again%s", c->number,
                    c->only_log_in ? ""
                                   : ", and SASL needs a name and a password in VIRWIRE_USER and "
                                     "VIRWIRE_PASSWORD");
    }
}

struct vw_replay_conn *vw_replay_next_log_in(struct vw_replay *r)
{
    struct vw_replay_conn *c = r->conns;
    while (c && (c->met || c->entrance.stage == VW_ENTERING) && (c->met || !c->only_log_in))
        c = c->next;
    return c && c->only_log_in ? c : NULL;
}

void vw_replay_tell_log_ins(struct vw_replay *r)
{
    for (struct vw_replay_conn *c = r->conns; c; c = c->next)
        if (c->only_log_in && !c->met)
            vw_replay_tell(r, find(r, c, "auth_list", false), VW_FAIL, "", LOG_IN,
                           "this connection", "no client makes it");
}

/* ---- what is said ---- */

/* It has come to its end: let in, or not. */
static void judge(struct vw_replay_guest *t, bool in)
{
    const struct vw_replay_conn *conn = t->conn;
    int then = conn && conn->only_log_in ? vw_replay_log_in_then(t->r, conn) : 1;
    bool first = !t->judged;
    t->judged = true;
    t->r->compared += first;
    if (first && in != (then > 0))
        vw_replay_tell(t->r, conn ? find(t->r, conn, "auth_list", false) : NULL, VW_FAIL, "",
                       LOG_IN, then > 0 ? "let in" : "refused", in ? "let in" : "refused");
}

static bool refuse(struct vw_replay_guest *t, const struct vw_event *ev, const char *text)
{
    struct vw_remote_error e;
    vw_session_rpc_error(t->session, VW_ERR_AUTH_FAILED, VW_FROM_RPC, text, &e);
    vw_session_reply_error(t->session, &ev->header, &e, NULL);
    return true;
}

static bool fail(struct vw_replay_guest *t, const struct vw_event *ev)
{
    vw_sasl_server_destroy(t->sasl);
    t->sasl = NULL;
    judge(t, false);
    return refuse(t, ev, "authentication failed");
}

static bool answer_list(struct vw_replay_guest *t, const struct vw_event *ev, enum asked asked)
{
    static const char *const lists[] = {
        [NOBODY] = "{\"types\":[\"REMOTE_AUTH_NONE\"]}",
        [SASL] = "{\"types\":[\"REMOTE_AUTH_SASL\"]}",
        [POLKIT] = "{\"types\":[\"REMOTE_AUTH_POLKIT\"]}",
    };
    struct vw_arena arena = VW_ARENA_INIT;
    struct json_object *json = NULL;
    void *ret = NULL;
    bool ok = vw_json_parse(lists[asked], strlen(lists[asked]), &json, NULL) == 0 &&
              ev->proc->ret && vw_json_to_value(ev->proc->ret, json, &arena, &ret, NULL) == 0 &&
              vw_session_reply(t->session, &ev->header, ret, NULL, 0, NULL) == 0;
    json_object_put(json);
    vw_arena_finish(&arena);
    return ok;
}

/* The recorded answer, which may be an error. */
static bool answer_polkit(struct vw_replay_guest *t, const struct vw_replay_conn *conn,
                          const struct vw_event *ev)
{
    const struct vw_replay_item *reply = find(t->r, conn, "auth_polkit", true);
    if (!reply)
        return false;
    judge(t, reply->frame.header.status == VW_MSG_OK);
    vw_session_no_reply(t->session, &ev->header);
    return vw_replay_send_as(t->session, reply, ev->header.serial) == 0;
}

/* The mechanisms that were offered then, with blanks between them. */
static const char *mechanisms_of(struct vw_replay *r, const struct vw_replay_conn *conn)
{
    const struct vw_replay_item *reply = find(r, conn, "auth_sasl_init", true);
    struct vw_body body;
    struct json_object *ret = reply ? vw_replay_body(r, &reply->frame, &body) : NULL, *list = NULL;
    const char *text =
        json_object_object_get_ex(ret, "mechlist", &list) ? json_object_get_string(list) : "";
    char *kept = vw_arena_strndup(&r->arena, text, strlen(text));
    for (char *p = kept; p && *p; p++)
        *p = *p == ',' ? ' ' : *p;
    json_object_put(ret);
    return kept;
}

static bool answer_init(struct vw_replay_guest *t, const struct vw_replay_conn *conn,
                        const struct vw_event *ev)
{
    struct vw_replay *r = t->r;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_sasl_account account = {r->x.credentials.user, r->x.credentials.password};
    struct vw_sasl_account *kept =
        vw_arena_zalloc(&r->arena, sizeof(*kept), _Alignof(struct vw_sasl_account));
    const struct vw_sasl_server_options o = {
        .mechanisms = mechanisms_of(r, conn),
        .accounts = kept,
        .n_accounts = 1,
        .secure = t->secure,
        .strength = t->tls ? t->transport->ops->strength(t->transport) : 0};
    _Alignas(max_align_t) uint8_t ret[VW_VALUE_MAX] = {0};
    if (!kept || !o.mechanisms || t->sasl || !ev->proc->ret || ev->proc->ret->size > sizeof(ret))
        return fail(t, ev);
    *kept = account;
    if (vw_sasl_server_create(&o, &t->sasl, &err) < 0) {
        vw_cli_warn(r->in.command, "%s", err.text);
        return fail(t, ev);
    }
    const char *offer = vw_sasl_server_offer(t->sasl);
    if (!*offer) {
        vw_cli_warn(r->in.command, "none of the mechanisms that were offered is to be had here: %s",
                    o.mechanisms);
        return fail(t, ev);
    }
    struct vw_string text = {(char *)offer, (uint32_t)strlen(offer)};
    vw_args_set_string(ev->proc->ret, ret, "mechlist", &text);
    return vw_session_reply(t->session, &ev->header, ret, NULL, 0, NULL) == 0;
}

/* Behind the last answer the layer begins. */
static void let_in(struct vw_replay_guest *t)
{
    judge(t, true);
    if (vw_sasl_server_strength(t->sasl) > 0) {
        vw_session_switch_layer(t->session);
        return;
    }
    vw_sasl_server_destroy(t->sasl);
    t->sasl = NULL;
}

static bool answer_step(struct vw_replay_guest *t, const struct vw_event *ev)
{
    const struct vw_type *args = ev->proc->args, *ret = ev->proc->ret;
    bool starts = strcmp(ev->proc->short_name, "auth_sasl_start") == 0;
    struct vw_error err = VW_ERROR_INIT;
    _Alignas(max_align_t) uint8_t value[VW_VALUE_MAX] = {0};
    struct vw_sasl_data in = {.none = vw_ret_int(args, ev->value, "nil", 0) != 0},
                        out = {.data = ""};
    const char *mech = starts ? vw_ret_string(args, ev->value, "mech") : "";
    in.data = vw_ret_bytes(args, ev->value, "data", &in.len);
    if (in.none || !in.data)
        in.len = 0;
    in.data = in.data ? in.data : "";
    if (!t->sasl || t->judged || !mech || !ret || ret->size > sizeof(value))
        return fail(t, ev);
    int rc = starts ? vw_sasl_server_start(t->sasl, mech, &in, &out, &err)
                    : vw_sasl_server_step(t->sasl, &in, &out, &err);
    if (rc < 0)
        return fail(t, ev);
    vw_args_set_int(ret, value, "complete", (uint32_t)rc);
    vw_args_set_int(ret, value, "nil", out.none);
    vw_args_set_bytes(ret, value, "data", out.data, out.len);
    bool ok = vw_session_reply(t->session, &ev->header, value, NULL, 0, NULL) == 0;
    if (ok && rc > 0)
        let_in(t);
    return ok;
}

bool vw_replay_answer_log_in(struct vw_replay_guest *t, const struct vw_replay_conn *conn,
                             const struct vw_event *ev)
{
    const char *name = ev->proc->short_name;
    enum asked asked = asked_of(t->r, conn);
    if (strcmp(name, "auth_list") == 0)
        return answer_list(t, ev, asked);
    if (asked == POLKIT && strcmp(name, "auth_polkit") == 0)
        return answer_polkit(t, conn, ev);
    if (asked != SASL || strcmp(name, "auth_polkit") == 0)
        return refuse(t, ev,
                      knows_somebody(t->r) ? "no such log-in was recorded"
                                           : "nobody is asked who he is: a log-in by SASL needs "
                                             "VIRWIRE_USER and VIRWIRE_PASSWORD of who replays");
    return strcmp(name, "auth_sasl_init") == 0 ? answer_init(t, conn, ev) : answer_step(t, ev);
}

int vw_replay_put_layer(struct vw_replay_guest *t)
{
    const struct vw_layer_codec codec = {.name = "SASL",
                                         .max_plain = vw_sasl_server_max_plain(t->sasl),
                                         .encode = vw_sasl_encode,
                                         .decode = vw_sasl_decode,
                                         .destroy = vw_sasl_server_layer_destroy,
                                         .user = t->sasl};
    const uint8_t *early = NULL;
    size_t n = vw_session_unread(t->session, VW_SIDE_CLIENT, &early);
    struct vw_transport *lower = t->transport;
    t->sasl = NULL;
    t->layered = true;
    int rc = vw_layer_create(lower, &codec, early, n, &t->transport, NULL);
    vw_session_switched(t->session);
    return rc;
}

void vw_replay_end_log_in(struct vw_replay_guest *t)
{
    if (t->conn && t->conn->only_log_in && !t->judged)
        vw_replay_tell(t->r, find(t->r, t->conn, "auth_list", false), VW_FAIL, "", LOG_IN,
                       vw_replay_log_in_then(t->r, t->conn) > 0 ? "let in" : "refused",
                       "the client ends it before");
    vw_sasl_server_destroy(t->sasl);
    t->sasl = NULL;
}
