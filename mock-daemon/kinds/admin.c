// SPDX-License-Identifier: MIT
// The administration program: the two servers of the daemon, their clients and limits, and what it
// was told to log. It has no threads and keeps no log: of these it knows what it was told.
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "mock-daemon/admin-log.h"
#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/rows.h"

/* virErrorNumber of answers that only this kind gives. */
enum { ERR_ARGUMENT_UNSUPPORTED = 74, ERR_NO_SERVER = 95, ERR_NO_CLIENT = 96 };

/* There is no flag. What is named is looked for first. */
static enum vw_outcome check_flags(struct vw_call *c, uint32_t flags)
{
    return flags ? vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_ADMIN, "there is no such flag")
                 : VW_DONE;
}

/* ---- the connection ---- */

enum vw_outcome vw_on_admin_connect_open(struct vw_call *c,
                                         const struct admin_connect_open_args *args)
{
    if (check_flags(c, args->flags) != VW_DONE)
        return VW_FAILED;
    vw_conn_set_opened(c->conn, true);
    return VW_DONE;
}

enum vw_outcome vw_on_admin_connect_close(struct vw_call *c)
{
    c->close_after = true;
    return VW_DONE;
}

enum vw_outcome vw_on_admin_connect_get_lib_version(struct vw_call *c,
                                                    struct admin_connect_get_lib_version_ret *ret)
{
    ret->libVer = vw_call_lib_version(c);
    return VW_DONE;
}

enum vw_outcome
vw_on_admin_connect_set_daemon_timeout(struct vw_call *c,
                                       const struct admin_connect_set_daemon_timeout_args *args)
{
    if (check_flags(c, args->flags) != VW_DONE)
        return VW_FAILED;
    vw_daemon_set_timeout(c->conn->daemon, args->timeout);
    return VW_DONE;
}

enum vw_outcome
vw_on_admin_connect_daemon_shutdown(struct vw_call *c,
                                    const struct admin_connect_daemon_shutdown_args *args)
{
    if (check_flags(c, args->flags) != VW_DONE)
        return VW_FAILED;
    ev_break(c->conn->daemon->loop, EVBREAK_ALL);
    return VW_DONE;
}

/* ---- servers ---- */

/* The error is of DOMAIN, which libvirtd's calls do not agree on. */
static enum vw_outcome find_service(struct vw_call *c, const struct vw_string *name, int32_t domain,
                                    struct vw_service **out)
{
    struct vw_daemon *d = c->conn->daemon;
    struct vw_service *const all[] = {&d->main, &d->admin};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        *out = all[i];
        if (strcmp(all[i]->name, vw_text(name)) == 0)
            return VW_DONE;
    }
    return vw_call_fail(c, ERR_NO_SERVER, domain, "no server of this name");
}

/* LIST of N items of SIZE, which the result holds only if they are asked for. */
static enum vw_outcome begin_list(struct vw_call *c, struct vw_list *list, uint32_t n, size_t size)
{
    list->items = vw_call_alloc(c, (n + 1) * size);
    list->count = list->items ? n : 0;
    return list->items ? VW_DONE : VW_FAILED;
}

enum vw_outcome vw_on_admin_connect_list_servers(struct vw_call *c,
                                                 const struct admin_connect_list_servers_args *args,
                                                 struct admin_connect_list_servers_ret *ret)
{
    const struct vw_daemon *d = c->conn->daemon;
    if (check_flags(c, args->flags) != VW_DONE)
        return VW_FAILED;
    ret->ret = 2;
    if (!args->need_results)
        return VW_DONE;
    if (begin_list(c, &ret->servers, 2, sizeof(struct admin_nonnull_server)) != VW_DONE)
        return VW_FAILED;
    struct admin_nonnull_server *servers = ret->servers.items;
    servers[0].name = vw_string(d->admin.name);
    servers[1].name = vw_string(d->main.name);
    return VW_DONE;
}

enum vw_outcome
vw_on_admin_connect_lookup_server(struct vw_call *c,
                                  const struct admin_connect_lookup_server_args *args,
                                  struct admin_connect_lookup_server_ret *ret)
{
    struct vw_service *s;
    enum vw_outcome outcome = find_service(c, &args->name, VW_FROM_RPC, &s);
    ret->srv.name = vw_string(s->name);
    return outcome;
}

/* ---- numbers of a server ---- */

struct number {
    const char *name;
    size_t offset; /* of a uint32_t in struct vw_service */
    bool can_be_set;
};

#define NUMBER(name, field, can)                                                                   \
    {                                                                                              \
        name, offsetof(struct vw_service, field), can                                              \
    }
static const struct number of_threads[] = {
    NUMBER("minWorkers", min_workers, true),
    NUMBER("maxWorkers", max_workers, true),
    NUMBER("nWorkers", workers, false),
    NUMBER("freeWorkers", free_workers, false),
    NUMBER("prioWorkers", priority_workers, true),
    NUMBER("jobQueueDepth", queued, false),
    {NULL},
};
static const struct number of_clients[] = {
    NUMBER("nclients_max", max_conns, true),
    NUMBER("nclients", n_conns, false),
    NUMBER("nclients_unauth_max", max_anonymous, true),
    NUMBER("nclients_unauth", n_anonymous, false),
    {NULL},
};

static uint32_t *number_in(struct vw_service *s, const struct number *n)
{
    return (uint32_t *)(void *)((uint8_t *)s + n->offset);
}

static enum vw_outcome get_numbers(struct vw_call *c, const struct vw_string *server,
                                   const struct number *numbers, uint32_t flags, struct vw_list *to)
{
    struct vw_service *s;
    uint32_t n = 0;
    if (find_service(c, server, VW_FROM_RPC, &s) != VW_DONE || check_flags(c, flags) != VW_DONE)
        return VW_FAILED;
    while (numbers[n].name)
        n++;
    if (begin_list(c, to, n, sizeof(struct admin_typed_param)) != VW_DONE)
        return VW_FAILED;
    struct admin_typed_param *params = to->items;
    for (uint32_t i = 0; i < n; i++)
        params[i] = (struct admin_typed_param){
            .field = vw_string(numbers[i].name),
            .value = {.type = VIR_TYPED_PARAM_UINT, .u.ui = *number_in(s, &numbers[i])}};
    return VW_DONE;
}

static bool was_named(const struct admin_typed_param *params, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (strcmp(vw_text(&params[k].field), vw_text(&params[i].field)) == 0)
            return true;
    }
    return false;
}

/* The server, and in WANTED what it is to be. */
static enum vw_outcome take_numbers(struct vw_call *c, const struct vw_string *server,
                                    uint32_t flags, const struct vw_list *from,
                                    const struct number *numbers, struct vw_service **out,
                                    struct vw_service *wanted)
{
    const struct admin_typed_param *params = from->items;
    if (find_service(c, server, VW_FROM_ADMIN, out) != VW_DONE || check_flags(c, flags) != VW_DONE)
        return VW_FAILED;
    *wanted = **out;
    for (uint32_t i = 0; i < from->count; i++) {
        const struct number *n = numbers;
        while (n->name && strcmp(n->name, vw_text(&params[i].field)) != 0)
            n++;
        if (!n->name || !n->can_be_set)
            return vw_call_fail(c, ERR_ARGUMENT_UNSUPPORTED, VW_FROM_NONE, "nothing to be set");
        if (params[i].value.type != VIR_TYPED_PARAM_UINT || was_named(params, i))
            return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_NONE, "of another type, or again");
        *number_in(wanted, n) = params[i].value.u.ui;
    }
    return VW_DONE;
}

enum vw_outcome vw_on_admin_server_get_threadpool_parameters(
    struct vw_call *c, const struct admin_server_get_threadpool_parameters_args *args,
    struct admin_server_get_threadpool_parameters_ret *ret)
{
    return get_numbers(c, &args->srv.name, of_threads, args->flags, &ret->params);
}

enum vw_outcome
vw_on_admin_server_get_client_limits(struct vw_call *c,
                                     const struct admin_server_get_client_limits_args *args,
                                     struct admin_server_get_client_limits_ret *ret)
{
    return get_numbers(c, &args->srv.name, of_clients, args->flags, &ret->params);
}

enum vw_outcome vw_on_admin_server_set_threadpool_parameters(
    struct vw_call *c, const struct admin_server_set_threadpool_parameters_args *args)
{
    struct vw_service *s, wanted;
    if (take_numbers(c, &args->srv.name, args->flags, &args->params, of_threads, &s, &wanted) !=
        VW_DONE)
        return VW_FAILED;
    if (wanted.min_workers > wanted.max_workers)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_NONE, "more workers at least than most");
    uint32_t before = s->workers;
    if (wanted.workers < wanted.min_workers)
        wanted.workers = wanted.min_workers;
    if (wanted.workers > wanted.max_workers)
        wanted.workers = wanted.max_workers;
    wanted.free_workers += wanted.workers - before;
    *s = wanted;
    return VW_DONE;
}

enum vw_outcome
vw_on_admin_server_set_client_limits(struct vw_call *c,
                                     const struct admin_server_set_client_limits_args *args)
{
    struct vw_service *s, wanted;
    if (take_numbers(c, &args->srv.name, args->flags, &args->params, of_clients, &s, &wanted) !=
        VW_DONE)
        return VW_FAILED;
    if (wanted.max_conns < wanted.max_anonymous)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_RPC,
                            "fewer clients than anonymous ones");
    *s = wanted;
    vw_limits_check(c->conn->daemon);
    return VW_DONE;
}

/* Certificates are read for each client, so there is nothing to be updated; whether there are any
 * is as in libvirtd. */
enum vw_outcome
vw_on_admin_server_update_tls_files(struct vw_call *c,
                                    const struct admin_server_update_tls_files_args *args)
{
    const struct vw_daemon *d = c->conn->daemon;
    struct vw_service *s;
    if (find_service(c, &args->srv.name, VW_FROM_RPC, &s) != VW_DONE ||
        check_flags(c, args->flags) != VW_DONE)
        return VW_FAILED;
    for (size_t i = 0; i < d->n_doors; i++) {
        if (d->doors[i].service == s && d->doors[i].listener->tls)
            return VW_DONE;
    }
    return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no TLS is listened for");
}

/* ---- clients ---- */

static void refer_client(const struct vw_conn *conn, struct admin_nonnull_client *to)
{
    enum { BY_UNIX = 0, BY_TCP = 1, BY_TLS = 2 };
    to->srv.name = vw_string(conn->service->name);
    to->id = conn->id;
    to->timestamp = conn->since;
    to->transport = conn->listener->tls                                    ? BY_TLS
                    : conn->listener->unix_socket || conn->listener->stdio ? BY_UNIX
                                                                           : BY_TCP;
}

enum vw_outcome vw_on_admin_server_list_clients(struct vw_call *c,
                                                const struct admin_server_list_clients_args *args,
                                                struct admin_server_list_clients_ret *ret)
{
    struct vw_conn *conn;
    struct vw_service *s;
    uint32_t n = 0;
    if (find_service(c, &args->srv.name, VW_FROM_RPC, &s) != VW_DONE ||
        check_flags(c, args->flags) != VW_DONE)
        return VW_FAILED;
    ret->ret = s->n_conns;
    if (!args->need_results)
        return VW_DONE;
    if (begin_list(c, &ret->clients, s->n_conns, sizeof(struct admin_nonnull_client)) != VW_DONE)
        return VW_FAILED;
    TAILQ_FOREACH(conn, &c->conn->daemon->conns, link)
    {
        if (conn->service == s)
            refer_client(conn, (struct admin_nonnull_client *)ret->clients.items + n++);
    }
    return VW_DONE;
}

static struct vw_conn *find_client(struct vw_call *c, const struct vw_string *server, uint64_t id,
                                   int32_t domain)
{
    struct vw_conn *conn;
    struct vw_service *s;
    if (find_service(c, server, domain, &s) != VW_DONE)
        return NULL;
    conn = TAILQ_FIRST(&c->conn->daemon->conns);
    while (conn && (conn->service != s || conn->id != id))
        conn = TAILQ_NEXT(conn, link);
    if (conn)
        return conn;
    vw_call_fail(c, ERR_NO_CLIENT, domain, "no client of this number");
    return NULL;
}

enum vw_outcome vw_on_admin_server_lookup_client(struct vw_call *c,
                                                 const struct admin_server_lookup_client_args *args,
                                                 struct admin_server_lookup_client_ret *ret)
{
    const struct vw_conn *conn;
    if (check_flags(c, args->flags) != VW_DONE)
        return VW_FAILED;
    conn = find_client(c, &args->srv.name, args->id, VW_FROM_RPC);
    if (!conn)
        return VW_FAILED;
    refer_client(conn, &ret->clnt);
    return VW_DONE;
}

static void add_number(struct vw_list *to, const char *name, int32_t type, int32_t value)
{
    ((struct admin_typed_param *)to->items)[to->count++] =
        (struct admin_typed_param){.field = vw_string(name), .value = {type, {.i = value}}};
}

/* A text that cannot be told, or that there is no memory for, is not told. */
static void add_text(struct vw_call *c, struct vw_list *to, const char *name, const char *value)
{
    const char *copy =
        value ? vw_arena_strndup(&c->conn->daemon->arena, value, strlen(value)) : NULL;
    if (copy)
        ((struct admin_typed_param *)to->items)[to->count++] = (struct admin_typed_param){
            .field = vw_string(name),
            .value = {.type = VIR_TYPED_PARAM_STRING, .u.s = vw_string(copy)}};
}

static void add_owner(struct vw_call *c, struct vw_list *to, const struct vw_conn *conn)
{
    const struct passwd *user = getpwuid((uid_t)conn->uid);
    const struct group *group = getgrgid((gid_t)conn->gid);
    add_number(to, "unix_user_id", VIR_TYPED_PARAM_INT, (int32_t)conn->uid);
    add_text(c, to, "unix_user_name", user ? user->pw_name : NULL);
    add_number(to, "unix_group_id", VIR_TYPED_PARAM_INT, conn->gid);
    add_text(c, to, "unix_group_name", group ? group->gr_name : NULL);
    add_number(to, "unix_process_id", VIR_TYPED_PARAM_INT, conn->pid);
}

static void add_address(struct vw_call *c, struct vw_list *to, const struct vw_conn *conn)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);
    char host[NI_MAXHOST], port[NI_MAXSERV], text[sizeof(host) + sizeof(port) + 1];
    if (getpeername(conn->watcher.fd, (struct sockaddr *)&ss, &len) < 0 ||
        getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    snprintf(text, sizeof(text), "%s:%s", host, port);
    add_text(c, to, "sock_addr", text);
}

enum vw_outcome vw_on_admin_client_get_info(struct vw_call *c,
                                            const struct admin_client_get_info_args *args,
                                            struct admin_client_get_info_ret *ret)
{
    enum { MOST = 8 };
    const struct vw_conn *conn = find_client(c, &args->clnt.srv.name, args->clnt.id, VW_FROM_ADMIN);
    if (!conn || check_flags(c, args->flags) != VW_DONE ||
        begin_list(c, &ret->params, 0, MOST * sizeof(struct admin_typed_param)) != VW_DONE)
        return VW_FAILED;
    add_number(&ret->params, "readonly", VIR_TYPED_PARAM_BOOLEAN, conn->read_only);
    if (conn->uid >= 0)
        add_owner(c, &ret->params, conn);
    else
        add_address(c, &ret->params, conn);
    return VW_DONE;
}

enum vw_outcome vw_on_admin_client_close(struct vw_call *c,
                                         const struct admin_client_close_args *args)
{
    struct vw_conn *conn = find_client(c, &args->clnt.srv.name, args->clnt.id, VW_FROM_RPC);
    if (!conn || check_flags(c, args->flags) != VW_DONE)
        return VW_FAILED;
    vw_conn_drop(conn);
    return conn == c->conn ? VW_NO_ANSWER : VW_DONE;
}

/* ---- what is logged ---- */

static enum vw_outcome set_log(struct vw_call *c, const struct vw_log_form *form, char **to,
                               const struct vw_string *text, uint32_t flags)
{
    char *now = NULL;
    if (check_flags(c, flags) != VW_DONE)
        return VW_FAILED;
    int rc = vw_log_read(form, text ? vw_text(text) : "", &now);
    if (rc == VW_ENOMEM)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no memory");
    if (rc < 0)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_NONE, "this cannot be logged so");
    free(*to);
    *to = now;
    return VW_DONE;
}

enum vw_outcome
vw_on_admin_connect_set_logging_filters(struct vw_call *c,
                                        const struct admin_connect_set_logging_filters_args *args)
{
    return set_log(c, &vw_log_filters, &c->conn->daemon->log_filters, args->filters, args->flags);
}

enum vw_outcome
vw_on_admin_connect_set_logging_outputs(struct vw_call *c,
                                        const struct admin_connect_set_logging_outputs_args *args)
{
    return set_log(c, &vw_log_outputs, &c->conn->daemon->log_outputs, args->outputs, args->flags);
}

enum vw_outcome
vw_on_admin_connect_get_logging_filters(struct vw_call *c,
                                        const struct admin_connect_get_logging_filters_args *args,
                                        struct admin_connect_get_logging_filters_ret *ret)
{
    const char *text = c->conn->daemon->log_filters;
    if (check_flags(c, args->flags) != VW_DONE)
        return VW_FAILED;
    ret->nfilters = vw_log_count(text);
    if (ret->nfilters == 0)
        return VW_DONE;
    ret->filters = vw_call_alloc(c, sizeof(*ret->filters));
    if (!ret->filters)
        return VW_FAILED;
    *ret->filters = vw_string(text);
    return VW_DONE;
}

enum vw_outcome
vw_on_admin_connect_get_logging_outputs(struct vw_call *c,
                                        const struct admin_connect_get_logging_outputs_args *args,
                                        struct admin_connect_get_logging_outputs_ret *ret)
{
    const char *text = c->conn->daemon->log_outputs;
    if (check_flags(c, args->flags) != VW_DONE)
        return VW_FAILED;
    ret->outputs = vw_string(text ? text : "4:stderr");
    ret->noutputs = vw_log_count(ret->outputs.data);
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_ADMIN(connect_open),
    VW_ADMIN(connect_close),
    VW_ADMIN(connect_get_lib_version),
    VW_ADMIN(connect_list_servers),
    VW_ADMIN(connect_lookup_server),
    VW_ADMIN(server_get_threadpool_parameters),
    VW_ADMIN(server_set_threadpool_parameters),
    VW_ADMIN(server_list_clients),
    VW_ADMIN(server_lookup_client),
    VW_ADMIN(client_get_info),
    VW_ADMIN(client_close),
    VW_ADMIN(server_get_client_limits),
    VW_ADMIN(server_set_client_limits),
    VW_ADMIN(connect_get_logging_outputs),
    VW_ADMIN(connect_get_logging_filters),
    VW_ADMIN(connect_set_logging_outputs),
    VW_ADMIN(connect_set_logging_filters),
    VW_ADMIN(server_update_tls_files),
    VW_ADMIN(connect_set_daemon_timeout),
    VW_ADMIN(connect_daemon_shutdown),
    {NULL},
};

const struct vw_object_kind vw_object_kind_admin = {
    .name = "admin",
    .rows = rows,
    .program = "admin",
};
