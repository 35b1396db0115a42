// SPDX-License-Identifier: MIT
// Authentication (section 7): SASL, an exchange of the connection that begins with INIT and ends
// with a success or any failure, and polkit, whose answer the configuration has.
#include <fnmatch.h>

#include "auth/sasl-server.h"
#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"

/* virErrorDomain of polkit. */
enum { FROM_POLKIT = 60 };

/* Whether METHOD is what the client has yet to go through. */
static bool is_asked(const struct vw_conn *conn, enum vw_config_auth method)
{
    return !conn->authenticated && vw_conn_auth(conn) == method;
}

enum vw_outcome vw_on_auth_list(struct vw_call *c, struct remote_auth_list_ret *ret)
{
    struct vw_conn *conn = c->conn;
    remote_auth_type *type = vw_call_alloc(c, sizeof(*type));
    if (!type)
        return VW_FAILED;
    if (is_asked(conn, VW_CONFIG_AUTH_POLKIT) && conn->uid == 0)
        vw_conn_let_in(conn); /* */
    *type = (remote_auth_type)(conn->authenticated ? VW_CONFIG_AUTH_NONE : vw_conn_auth(conn));
    ret->types = (struct vw_list){type, 1};
    return VW_DONE;
}

/* ---- SASL ---- */

/* It is not what is asked for, or not its turn. */
static enum vw_outcome refuse(struct vw_call *c)
{
    return vw_call_failf(c, VW_ERR_AUTH_FAILED, VW_FROM_RPC, "%s: no such authentication here",
                         c->event->proc->short_name);
}

/* Ends the exchange: the same text whatever the reason. */
static enum vw_outcome fail(struct vw_call *c)
{
    vw_sasl_server_destroy(c->conn->sasl);
    c->conn->sasl = NULL;
    return vw_call_fail(c, VW_ERR_AUTH_FAILED, VW_FROM_RPC, "authentication failed");
}

static int begin_sasl(struct vw_conn *conn, struct vw_sasl_server **out)
{
    const struct vw_config *config = conn->daemon->config;
    const struct vw_sasl_server_options o = {
        .host = config->hostname,
        .mechanisms = config->sasl_mechanisms,
        .accounts = config->sasl_users,
        .n_accounts = config->n_sasl_users,
        .secure = conn->listener->tls || conn->listener->unix_socket || conn->listener->stdio,
        .strength = conn->tls ? conn->tls->ops->strength(conn->tls) : 0};
    *out = NULL;
    return o.mechanisms ? vw_sasl_server_create(&o, out, NULL) : VW_ENAME;
}

enum vw_outcome vw_on_auth_sasl_init(struct vw_call *c, struct remote_auth_sasl_init_ret *ret)
{
    struct vw_conn *conn = c->conn;
    if (!is_asked(conn, VW_CONFIG_AUTH_SASL) || conn->sasl)
        return refuse(c);
    if (begin_sasl(conn, &conn->sasl) < 0)
        return refuse(c);
    const char *offer = vw_sasl_server_offer(conn->sasl);
    const char *copy = vw_arena_strndup(&conn->daemon->arena, offer, strlen(offer));
    if (!copy || !*copy)
        return fail(c);
    ret->mechlist = vw_string(copy);
    return VW_DONE;
}

static struct vw_sasl_data data_of(int32_t nil, const struct vw_list *data)
{
    return (struct vw_sasl_data){
        .data = data->items ? data->items : "", .len = nil ? 0 : data->count, .none = nil != 0};
}

/* Whether the configuration lets in who has logged in. */
static bool may_come(const struct vw_conn *conn)
{
    const struct vw_config *config = conn->daemon->config;
    bool may = !config->sasl_names;
    for (size_t i = 0; i < config->n_sasl_names && !may; i++)
        may = fnmatch(config->sasl_names[i], conn->user, 0) == 0;
    return may;
}

/* What the exchange says, RC, and has left to say. The last answer still goes without the layer. */
static enum vw_outcome answer(struct vw_call *c, int rc, const struct vw_sasl_data *out,
                              struct remote_auth_sasl_step_ret *ret)
{
    struct vw_conn *conn = c->conn;
    char *copy = rc >= 0 ? vw_call_alloc(c, out->len + 1) : NULL;
    if (!copy)
        return fail(c);
    memcpy(copy, out->data, out->len);
    *ret = (struct remote_auth_sasl_step_ret){
        .complete = rc, .nil = out->none, .data = {copy, (uint32_t)out->len}};
    if (rc == 0)
        return VW_DONE;
    conn->user = strdup(vw_sasl_server_user(conn->sasl));
    if (!conn->user || !may_come(conn))
        return fail(c);
    vw_conn_let_in(conn);
    c->layer_after = vw_sasl_server_strength(conn->sasl) > 0;
    if (!c->layer_after) {
        vw_sasl_server_destroy(conn->sasl);
        conn->sasl = NULL;
    }
    return VW_DONE;
}

enum vw_outcome vw_on_auth_sasl_step(struct vw_call *c,
                                     const struct remote_auth_sasl_step_args *args,
                                     struct remote_auth_sasl_step_ret *ret)
{
    const struct vw_sasl_data in = data_of(args->nil, &args->data);
    struct vw_sasl_data out = {.data = ""};
    if (!is_asked(c->conn, VW_CONFIG_AUTH_SASL) || !c->conn->sasl)
        return refuse(c);
    return answer(c, vw_sasl_server_step(c->conn->sasl, &in, &out, NULL), &out, ret);
}

enum vw_outcome vw_on_auth_sasl_start(struct vw_call *c,
                                      const struct remote_auth_sasl_start_args *args,
                                      struct remote_auth_sasl_start_ret *ret)
{
    const struct vw_sasl_data in = data_of(args->nil, &args->data);
    struct vw_sasl_data out = {.data = ""};
    struct remote_auth_sasl_step_ret same = {.complete = 0};
    if (!is_asked(c->conn, VW_CONFIG_AUTH_SASL) || !c->conn->sasl)
        return refuse(c);
    int rc = vw_sasl_server_start(c->conn->sasl, vw_text(&args->mech), &in, &out, NULL);
    enum vw_outcome outcome = answer(c, rc, &out, &same);
    *ret = (struct remote_auth_sasl_start_ret){same.complete, same.nil, same.data};
    return outcome;
}

/* ---- polkit ---- */

enum vw_outcome vw_on_auth_polkit(struct vw_call *c, struct remote_auth_polkit_ret *ret)
{
    if (!is_asked(c->conn, VW_CONFIG_AUTH_POLKIT))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "polkit is not asked here");
    switch (c->conn->daemon->config->polkit) {
    case VW_CONFIG_POLKIT_NO:
        return vw_call_fail(c, VW_ERR_AUTH_FAILED, FROM_POLKIT, "polkit does not allow it");
    case VW_CONFIG_POLKIT_ABSENT:
        return vw_call_fail(c, VW_ERR_INTERNAL, FROM_POLKIT, "there is no polkit to ask");
    default:
        break;
    }
    ret->complete = 1;
    vw_conn_let_in(c->conn);
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(auth_list),      VW_CALL(auth_sasl_init), VW_CALL(auth_sasl_start),
    VW_CALL(auth_sasl_step), VW_CALL(auth_polkit),    {NULL},
};

const struct vw_object_kind vw_object_kind_auth = {.name = "auth", .rows = rows};
