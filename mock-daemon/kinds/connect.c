// SPDX-License-Identifier: MIT
// The connection to the hypervisor: opening, closing, features, and what there is to know about the
// host (section 12).
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/node-file.h"
#include "mock-daemon/open-name.h"
#include "mock-daemon/rows.h"

/* virErrorDomain of an answer that only this kind gives. */
enum { FROM_URI = 45 };

/* Bit 0 of the flags (C-2). */
#define OPEN_READ_ONLY 1u

/* ---- open and close ---- */

static enum vw_outcome refuse(struct vw_call *c, struct vw_error_pair answer, const char *why)
{
    return vw_call_fail(c, answer.code, answer.domain, why);
}

/* Whether this hypervisor answers to NAME, and then *URI and, if it means one, *FILE; else the
 * error of the call is set. */
static enum vw_outcome check_name(struct vw_call *c, const char *name, char **uri, char **file)
{
    const struct vw_daemon *d = c->conn->daemon;
    const struct vw_daemon_answers *a = &d->answers;
    if (!name)
        return refuse(c, a->open_without_name, "no name to open");
    if (!*name)
        return vw_call_fail(c, VW_ERR_NO_CONNECT, VW_FROM_NONE, "no hypervisor by default");
    const enum vw_open_name is =
        vw_open_name(name, d->config->drivers, d->config->n_drivers, uri, file);
    switch (is) {
    case VW_OPEN_IS_OURS:
    case VW_OPEN_IS_FILE:
        return VW_DONE;
    case VW_OPEN_NO_URI:
        return vw_call_fail(c, VW_ERR_INTERNAL, FROM_URI, "the name is not a URI");
    case VW_OPEN_NO_DRIVER:
    case VW_OPEN_UNKNOWN_DRIVER:
        if (a->open_name_in_text && strlen(name) >= d->profile->string_max)
            return refuse(c, a->bad_arguments, "the error cannot be encoded");
        if (is == VW_OPEN_NO_DRIVER)
            return vw_call_fail(c, VW_ERR_NO_CONNECT, VW_FROM_NONE, "no driver for this name");
        return refuse(c, a->open_unknown_driver, "no driver for this name");
    case VW_OPEN_UNKNOWN_TRANSPORT:
        return refuse(c, a->open_unknown_transport, "no transport of this name");
    case VW_OPEN_OUR_TRANSPORT:
        return refuse(c, a->open_transport, "no way over a transport");
    case VW_OPEN_FOREIGN_TRANSPORT:
        return refuse(c, a->open_foreign_transport, "no driver for this name behind a transport");
    case VW_OPEN_OTHER_HOST:
        return vw_call_fail(c, VW_ERR_SYSTEM, VW_FROM_RPC, "no way to another host");
    case VW_OPEN_HOST_IS_PATH:
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_NONE, "the host was meant as the path");
    case VW_OPEN_NO_PATH:
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "the name has no path");
    case VW_OPEN_NO_FILE:
        return refuse(c, a->open_no_file, "no file of domains there");
    default:
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no memory");
    }
}

enum vw_outcome vw_on_connect_open(struct vw_call *c, const struct remote_connect_open_args *args)
{
    struct vw_conn *conn = c->conn;
    const struct vw_daemon_answers *a = &conn->daemon->answers;
    const char *name = args->name ? vw_text(args->name) : NULL;
    enum vw_outcome outcome;
    if (conn->opened)
        return vw_call_fail(c, a->open_twice.code, a->open_twice.domain,
                            "the hypervisor is open already");
    char *uri = NULL, *file = NULL;
    vw_conn_set_model(conn, NULL);
    outcome = check_name(c, name, &uri, &file);
    if (outcome == VW_DONE && file)
        outcome = vw_node_file_open(c, file);
    free(file);
    if (outcome != VW_DONE) {
        free(uri);
        return outcome;
    }
    free(conn->uri);
    conn->uri = uri;
    conn->hosted = strncmp(uri, "test:", 5) == 0 ? NULL : vw_hypervisor(uri);
    vw_conn_set_opened(conn, true);
    if (args->flags & OPEN_READ_ONLY)
        conn->read_only = true;
    return VW_DONE;
}

enum vw_outcome vw_on_connect_close(struct vw_call *c)
{
    vw_conn_set_opened(c->conn, false);
    c->close_after = c->conn->daemon->answers.close_ends_connection;
    return VW_DONE;
}

/* ---- features ---- */

enum {
    FEATURE_MIGRATION_V1 = 1,
    FEATURE_MIGRATION_V2 = 3,
    FEATURE_MIGRATION_P2P = 4,
    FEATURE_MIGRATION_V3 = 6,
    FEATURE_CHANGE_PROTECTION = 7,
    FEATURE_FD_PASSING = 8,
    FEATURE_TYPED_PARAM_STRING = 9,
    FEATURE_KEEPALIVE = 10,
    FEATURE_XML_MIGRATABLE = 11,
    FEATURE_MIGRATION_OFFLINE = 12,
    FEATURE_MIGRATION_PARAMS = 13,
    FEATURE_EVENT_CALLBACK = 14,
    FEATURE_CLOSE_CALLBACK = 15,
    FEATURE_NETWORK_UPDATE_ORDER = 16
};

static bool is_migrating(const struct vw_call *c)
{
    return c->conn->hosted && c->conn->hosted->migrates;
}

/* The version of migration that has PROCEDURE: of hypervisors that migrate, in releases that know
 * it.
 */
static int32_t migrates(const struct vw_call *c, const char *procedure)
{
    return is_migrating(c) && vw_profile_proc(c->conn->daemon->profile, procedure) != NULL;
}

/* Code 10 may come before the open, and asking starts our PINGs (K-4). */
enum vw_outcome vw_on_connect_supports_feature(struct vw_call *c,
                                               const struct remote_connect_supports_feature_args *a,
                                               struct remote_connect_supports_feature_ret *ret)
{
    switch (a->feature) {
    case FEATURE_KEEPALIVE:
        vw_session_keepalive_start(c->conn->session);
        ret->supported = 1;
        break;
    case FEATURE_FD_PASSING:
    case FEATURE_TYPED_PARAM_STRING:
    case FEATURE_EVENT_CALLBACK:
    case FEATURE_CLOSE_CALLBACK:
    case FEATURE_NETWORK_UPDATE_ORDER:
        ret->supported = 1;
        break;
    case FEATURE_CHANGE_PROTECTION:
    case FEATURE_XML_MIGRATABLE:
    case FEATURE_MIGRATION_OFFLINE:
        ret->supported = is_migrating(c);
        break;
    case FEATURE_MIGRATION_V1: /* what Xen had before libvirt had its own */
        ret->supported = c->conn->hosted && strcmp(c->conn->hosted->scheme, "xend") == 0;
        break;
    case FEATURE_MIGRATION_V2:
        ret->supported = migrates(c, "remote.domain_migrate_prepare2");
        break;
    case FEATURE_MIGRATION_P2P:
        ret->supported = migrates(c, "remote.domain_migrate_prepare_tunnel");
        break;
    case FEATURE_MIGRATION_V3:
        ret->supported = migrates(c, "remote.domain_migrate_begin3");
        break;
    case FEATURE_MIGRATION_PARAMS:
        ret->supported = migrates(c, "remote.domain_migrate_begin3_params");
        break;
    default:
        break;
    }
    return VW_DONE;
}

/* ---- facts ---- */

static const struct vw_hypervisor *what_is_open(const struct vw_call *c)
{
    return c->conn->hosted ? c->conn->hosted : &vw_hypervisor_test;
}

enum vw_outcome vw_on_connect_get_type(struct vw_call *c, struct remote_connect_get_type_ret *ret)
{
    ret->type = vw_string(what_is_open(c)->type);
    return VW_DONE;
}

enum vw_outcome vw_on_connect_get_version(struct vw_call *c,
                                          struct remote_connect_get_version_ret *ret)
{
    ret->hv_ver = what_is_open(c)->version;
    return VW_DONE;
}

enum vw_outcome vw_on_connect_get_lib_version(struct vw_call *c,
                                              struct remote_connect_get_lib_version_ret *ret)
{
    ret->lib_ver = vw_call_lib_version(c);
    return VW_DONE;
}

enum vw_outcome vw_on_connect_get_hostname(struct vw_call *c,
                                           struct remote_connect_get_hostname_ret *ret)
{
    ret->hostname = vw_string(c->conn->model->hostname);
    return VW_DONE;
}

enum vw_outcome vw_on_connect_get_uri(struct vw_call *c, struct remote_connect_get_uri_ret *ret)
{
    ret->uri = vw_string(c->conn->uri ? c->conn->uri : "");
    return VW_DONE;
}

enum vw_outcome vw_on_connect_get_max_vcpus(struct vw_call *c,
                                            const struct remote_connect_get_max_vcpus_args *args,
                                            struct remote_connect_get_max_vcpus_ret *ret)
{
    ret->max_vcpus = c->conn->model->max_vcpus;
    return VW_DONE;
}

enum vw_outcome vw_on_connect_is_secure(struct vw_call *c, struct remote_connect_is_secure_ret *ret)
{
    ret->secure = c->conn->listener->unix_socket;
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(connect_open),
    VW_CALL(connect_close),
    VW_CALL(connect_supports_feature),
    VW_CALL(connect_get_type),
    VW_CALL(connect_get_version),
    VW_CALL(connect_get_lib_version),
    VW_CALL(connect_get_hostname),
    VW_CALL(connect_get_uri),
    VW_CALL(connect_get_max_vcpus),
    VW_CALL(connect_is_secure),
    VW_ACCEPT(connect_set_identity),
    /* The connection to this hypervisor never breaks. Registering twice is no error (V-9). */
    VW_ACCEPT(connect_register_close_callback),
    VW_ACCEPT(connect_unregister_close_callback),
    {NULL},
};

const struct vw_object_kind vw_object_kind_connect = {.name = "connect", .rows = rows};
