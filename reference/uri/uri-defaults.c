// SPDX-License-Identifier: MIT
// What a URI means where it says nothing: sockets (U-14), the way through ssh, the files of a
// TLS client (U-15), programs.
#include <string.h>

#include "uri/internal.h"

#define DOC_SSH_SOCKET "/var/run/libvirtd/socket" /* of the 2007 document */

/* U-14. Today a session is a path or the test driver behind a transport, unless the user is root.
 */
static bool is_session(const struct parse *p)
{
    const struct vw_uri *u = p->out;
    if (u->admin)
        return strcmp(u->path, "/session") == 0; /* root too */
    if (p->options->uid == 0)
        return false;
    switch (u->dialect) {
    case VW_DIALECT_MODERN:
        return strcmp(u->path, "/session") == 0 ||
               (u->transport_given && strcmp(u->driver, "test") == 0);
    case VW_DIALECT_030:
        return !u->transport_given && u->transport == VW_TRANSPORT_UNIX &&
               strcmp(u->path, "/session") == 0;
    default:
        return u->transport == VW_TRANSPORT_UNIX && strcmp(u->path, "/session") == 0;
    }
}

static const char *system_run_dir(const struct parse *p)
{
    if (p->options->system_run_dir)
        return p->options->system_run_dir;
    return p->out->admin ? "/run" : "/var/run";
}

/* The folder of today's sockets, without "/libvirt"; NULL with *RC set. */
static const char *modern_run_dir(struct parse *p, int *rc)
{
    const char *dir = NULL;
    if (!p->out->session)
        return system_run_dir(p);
    if (p->options->runtime_dir)
        return p->options->runtime_dir;
    if (!p->options->home) {
        *rc =
            vw_uri_error(p, VW_EUSAGE, NULL, "U-14",
                         "the session's socket needs XDG_RUNTIME_DIR or HOME, and neither is set");
        return NULL;
    }
    dir = vw_arena_printf(p->arena, "%s/.cache", p->options->home);
    if (!dir)
        *rc = vw_error_nomem(p->err);
    return dir;
}

static int set_modern_socket(struct parse *p)
{
    struct vw_uri *u = p->out;
    int rc = 0;
    const char *dir = modern_run_dir(p, &rc);
    if (!dir)
        return rc;
    if (u->admin) {
        const char *daemon = strcmp(u->driver, "libvirtd") == 0 ? "libvirt" : u->driver;
        u->socket = vw_arena_printf(p->arena, "%s/libvirt/%s-admin-sock", dir, daemon);
        return u->socket ? 0 : vw_error_nomem(p->err);
    }
    const char *ro = u->read_only && !u->session ? "-ro" : "";
    const char *legacy = vw_arena_printf(p->arena, "%s/libvirt/libvirt-sock%s", dir, ro);
    const char *direct = vw_arena_printf(p->arena, "%s/libvirt/virt%sd-sock%s", dir, u->driver, ro);
    if (!legacy || !direct)
        return vw_error_nomem(p->err);
    u->socket = u->mode == VW_URI_MODE_DIRECT ? direct : legacy;
    if (u->transport == VW_TRANSPORT_UNIX && u->mode == VW_URI_MODE_AUTO)
        u->socket_direct = direct;
    return 0;
}

static int set_old_socket(struct parse *p)
{
    struct vw_uri *u = p->out;
    if (u->transport == VW_TRANSPORT_SSH && u->dialect == VW_DIALECT_2007) {
        u->socket = DOC_SSH_SOCKET;
        return 0;
    }
    if (u->dialect == VW_DIALECT_2007 &&
        vw_uri_note(p, "U-14", "the document leaves this default blank; it is that of 0.3.0"))
        return VW_ENOMEM;
    if (u->session) {
        if (!p->options->home)
            return vw_uri_error(p, VW_EUSAGE, NULL, "U-14",
                                "the session's socket needs HOME, which is not set");
        u->socket = vw_arena_printf(p->arena, "@%s/.libvirt/libvirt-sock", p->options->home);
    } else {
        /* The command of ssh names the read-write socket even for a read-only open. */
        bool ro = u->read_only && u->transport == VW_TRANSPORT_UNIX;
        u->socket = vw_arena_printf(p->arena, "%s/libvirt/libvirt-sock%s", system_run_dir(p),
                                    ro ? "-ro" : "");
    }
    return u->socket ? 0 : vw_error_nomem(p->err);
}

static const char *var_at(const struct parse *p, enum vw_uri_var_id id)
{
    const struct vw_uri_var *var = vw_uri_last_var(p->out, id);
    return var ? p->text + var->offset : NULL;
}

static int set_socket(struct parse *p)
{
    struct vw_uri *u = p->out;
    bool modern = u->dialect == VW_DIALECT_MODERN;
    if (u->transport != VW_TRANSPORT_UNIX && !vw_uri_is_ssh(u))
        return 0;
    u->socket_given = u->socket != NULL;
    int rc = 0;
    if (!u->socket) {
        if (modern && u->transport != VW_TRANSPORT_UNIX && u->mode == VW_URI_MODE_DIRECT)
            return vw_uri_error(p, VW_EVALUE, var_at(p, VW_URI_VAR_MODE), "U-14",
                                "mode=direct over transport %s needs a socket",
                                vw_transport_name(u->transport));
        /* virt-ssh-helper finds the socket by itself. */
        if (modern && u->transport != VW_TRANSPORT_UNIX && u->proxy == VW_URI_PROXY_NATIVE)
            return 0;
        rc = modern ? set_modern_socket(p) : set_old_socket(p);
    }
    if (rc == 0 && u->transport == VW_TRANSPORT_UNIX)
        u->socket_abstract = u->socket[0] == '@';
    return rc;
}

/* */
static int set_proxy(struct parse *p)
{
    struct vw_uri *u = p->out;
    bool netcat = u->netcat != NULL;
    if (!vw_uri_is_ssh(u))
        return 0;
    if (u->dialect != VW_DIALECT_MODERN) {
        u->proxy = VW_URI_PROXY_NETCAT;
    } else {
        if (!vw_uri_last_var(u, VW_URI_VAR_PROXY)) {
            if (u->socket && vw_uri_release_has(p, VW_URI_SOCKET_CHOOSES))
                u->proxy = VW_URI_PROXY_NETCAT;
            else if (u->session)
                u->proxy = VW_URI_PROXY_NATIVE;
        }
        if (netcat && u->proxy == VW_URI_PROXY_NATIVE)
            return vw_uri_error(p, VW_EVALUE, var_at(p, VW_URI_VAR_NETCAT), "Q-4",
                                "netcat is given, but the proxy is native%s",
                                vw_uri_last_var(u, VW_URI_VAR_PROXY) ? "" : ", as for any session");
        if (netcat)
            u->proxy = VW_URI_PROXY_NETCAT;
    }
    if (!netcat)
        u->netcat = "nc";
    return 0;
}

static int set_command(struct parse *p)
{
    struct vw_uri *u = p->out;
    if (u->transport == VW_TRANSPORT_SSH && !u->command)
        u->command = "ssh";
    if (u->transport == VW_TRANSPORT_EXT && !u->command)
        return vw_uri_error(p, VW_EVALUE, p->text, "Q-5",
                            "transport ext needs the variable command");
    if (u->transport == VW_TRANSPORT_SSH && u->dialect == VW_DIALECT_030 && u->user &&
        u->port_given)
        return vw_uri_note(p, "U-17", "0.3.0 forgets the user when there is a port");
    return 0;
}

static int set_tls_folder(struct parse *p, struct vw_uri_tls_files *f, const char *dir)
{
    f->ca = vw_arena_printf(p->arena, "%s/cacert.pem", dir);
    f->crl = vw_arena_printf(p->arena, "%s/cacrl.pem", dir);
    f->cert = vw_arena_printf(p->arena, "%s/clientcert.pem", dir);
    f->key = vw_arena_printf(p->arena, "%s/clientkey.pem", dir);
    return f->ca && f->crl && f->cert && f->key ? 0 : vw_error_nomem(p->err);
}

/* U-15. Root has no files of its own. */
static int set_tls_files(struct parse *p)
{
    static const struct vw_uri_tls_files system_files = {
        .ca = "/etc/pki/CA/cacert.pem",
        .crl = "/etc/pki/CA/cacrl.pem",
        .cert = "/etc/pki/libvirt/clientcert.pem",
        .key = "/etc/pki/libvirt/private/clientkey.pem",
    };
    struct vw_uri *u = p->out;
    bool own = u->dialect == VW_DIALECT_MODERN && p->options->uid != 0 && p->options->home;
    if (u->transport != VW_TRANSPORT_TLS)
        return 0;
    const char *folder = u->pkipath ? u->pkipath : p->options->pki;
    if (folder) {
        u->tls_file_sets = 1;
        return set_tls_folder(p, &u->tls_files[0], folder);
    }
    if (own) {
        const char *dir = vw_arena_printf(p->arena, "%s/.pki/libvirt", p->options->home);
        if (!dir || set_tls_folder(p, &u->tls_files[0], dir))
            return vw_error_nomem(p->err);
    }
    u->tls_files[own] = system_files;
    u->tls_file_sets = own ? 2 : 1;
    return 0;
}

int vw_uri_set_defaults(struct parse *p)
{
    p->out->session = is_session(p);
    int rc = set_proxy(p);
    if (!rc)
        rc = set_socket(p);
    if (!rc)
        rc = set_command(p);
    return rc ? rc : set_tls_files(p);
}
