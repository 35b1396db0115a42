// SPDX-License-Identifier: MIT
// Binding to a UNIX path or a TCP address, with the care that a socket file needs.
#include "transport/listen.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <virwire/uri.h>

#include "transport/tls.h"

/* As libvirtd's max_queued_clients (L-1). */
#define BACKLOG 1000

static const struct vw_listen_options defaults = {.read_write = VW_LISTEN_PERMS,
                                                  .read_only = VW_LISTEN_PERMS};

static int bad_uri(const char *uri, const char *why, struct vw_error *err)
{
    return vw_error_set(err, VW_EUSAGE, "--listen '%s': %s", uri, why);
}

static int parse(struct vw_listener *l, const char *uri, struct vw_uri *out, struct vw_error *err)
{
    struct vw_error why = VW_ERROR_INIT;
    const struct vw_uri *u;
    const struct vw_uri_options options = {VW_URI_OPTIONS_INIT, .listening = true};
    int rc = vw_uri_parse(uri, strlen(uri), &options, &l->arena, &u, &why);
    if (rc == VW_ENOMEM)
        return vw_error_nomem(err);
    if (rc < 0)
        return bad_uri(uri, why.text, err);
    if (u->user || u->fragment || u->transport_given)
        return bad_uri(uri, "a part of it has no meaning here", err);
    *out = *u;
    return 0;
}

/* ---- the options ---- */

int vw_listen_perms(const char *text)
{
    text += strlen(text) == 4 && *text == '0';
    if (strlen(text) != 3 || strspn(text, "01234567") != 3)
        return -1;
    return (int)strtol(text, NULL, 8);
}

static int take_mode(struct vw_listener *l, const char *uri, const char *value,
                     struct vw_error *err)
{
    l->perms = vw_listen_perms(value);
    if (!l->unix_socket)
        return bad_uri(uri, "only unix takes mode", err);
    return l->perms < 0 ? bad_uri(uri, "mode has three octal digits, as in 0770", err) : 0;
}

static int take_option(struct vw_listener *l, const char *uri, const struct vw_uri_var *var,
                       struct vw_error *err)
{
    static const struct {
        const char *name, *value;
        int auth; /* -1: not about it, as the others */
        int read_only;
        int admin;
    } known[] = {
        {"readonly", "0", -1, 0, -1},    {"readonly", "1", -1, 1, -1},
        {"auth", "none", 0, -1, -1},     {"auth", "sasl", 1, -1, -1},
        {"auth", "polkit", 2, -1, -1},   {"program", "remote", -1, -1, 0},
        {"program", "admin", -1, -1, 1},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].name, var->name) != 0 || strcmp(known[i].value, var->value) != 0)
            continue;
        if (known[i].auth >= 0)
            l->auth = known[i].auth;
        else if (known[i].admin >= 0 && l->unix_socket)
            l->admin = known[i].admin == 1;
        else if (known[i].admin >= 0)
            return bad_uri(uri, "only unix takes program", err);
        else if (l->unix_socket || l->stdio)
            l->read_only = known[i].read_only == 1;
        else
            return bad_uri(uri, "only unix and stdio take readonly", err);
        return 0;
    }
    return bad_uri(uri,
                   "the options are readonly=1, mode=0770, auth=none, sasl or polkit, "
                   "program=remote or admin, and pkipath=DIR",
                   err);
}

static int take_options(struct vw_listener *l, const char *uri, const struct vw_uri *u,
                        bool with_tls, struct vw_error *err)
{
    bool tls = strcmp(u->driver, "tls") == 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < u->var_count; i++) {
        if (u->vars[i].id == VW_URI_VAR_MODE)
            rc = take_mode(l, uri, u->vars[i].value, err);
        else if (u->vars[i].id != VW_URI_VAR_PKIPATH)
            rc = take_option(l, uri, &u->vars[i], err);
        else if (!tls)
            rc = bad_uri(uri, "only tls takes pkipath", err);
    }
    if (rc == 0 && tls && !with_tls && (!u->pkipath || !*u->pkipath))
        rc = bad_uri(
            uri, "tls wants pkipath=DIR, with cacert.pem, servercert.pem and serverkey.pem", err);
    return rc;
}

/* The names of the bound socket: that of LISTENING, and that of its clients. */
static int set_names(struct vw_listener *l, const struct vw_uri *listening,
                     const struct vw_uri *client, struct vw_error *err)
{
    l->uri = vw_uri_print(listening, &l->arena);
    l->client_uri = vw_uri_print(client, &l->arena);
    return l->uri && l->client_uri ? 0 : vw_error_nomem(err);
}

/* ---- unix ---- */

/* A socket file without a server is what a killed daemon leaves; connecting tells. Between the look
 * and the bind another server may start: then bind fails, or that server's file is lost; run one
 * server a path. */
static int clear_stale(const struct sockaddr_un *sa, struct vw_error *err)
{
    struct stat st;
    int fd, rc, e;
    if (lstat(sa->sun_path, &st) < 0)
        return 0;
    if (!S_ISSOCK(st.st_mode))
        return vw_error_set(err, VW_EUNREACHABLE, "%s exists and is not a socket", sa->sun_path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return vw_error_errno(err, errno, "socket");
    rc = connect(fd, (const struct sockaddr *)sa, sizeof(*sa));
    e = errno;
    close(fd);
    if (rc == 0 || e != ECONNREFUSED)
        return vw_error_set(err, VW_EUNREACHABLE, "%s: a server is listening there already",
                            sa->sun_path);
    if (unlink(sa->sun_path) < 0)
        return vw_error_errno(err, errno, "%s", sa->sun_path);
    return 0;
}

/* The '@' of NAME stands for a NUL; those behind it are part of the name, as clients have it. */
static int bind_abstract(struct vw_listener *l, const char *name, struct vw_error *err)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    memcpy(sa.sun_path + 1, name + 1, strlen(name) - 1);
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->fd < 0)
        return vw_error_errno(err, errno, "socket");
    if (bind(l->fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0)
        return vw_error_set(err, VW_EUNREACHABLE, "%s: %s", name, strerror(errno));
    return 0;
}

static int give_to(const char *path, const char *group, struct vw_error *err)
{
    const struct group *g = getgrnam(group);
    if (!g)
        return vw_error_set(err, VW_EUSAGE, "there is no group '%.100s'", group);
    return chown(path, (uid_t)-1, g->gr_gid) < 0 ? vw_error_errno(err, errno, "%s", path) : 0;
}

static int bind_unix(struct vw_listener *l, const struct sockaddr_un *sa, const char *group,
                     struct vw_error *err)
{
    struct stat st;
    int rc = clear_stale(sa, err);
    if (rc < 0)
        return rc;
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->fd < 0)
        return vw_error_errno(err, errno, "socket");
    /* The file has its mode from the start, whatever the umask is otherwise. */
    mode_t mask = umask(0777 & ~(mode_t)l->perms);
    int failed = bind(l->fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0 ? errno : 0;
    umask(mask);
    if (failed)
        return vw_error_set(err, VW_EUNREACHABLE, "%s: %s", sa->sun_path, strerror(failed));
    l->path = vw_arena_strndup(&l->arena, sa->sun_path, strlen(sa->sun_path));
    if (!l->path) {
        unlink(sa->sun_path);
        return vw_error_nomem(err);
    }
    if (lstat(sa->sun_path, &st) == 0) {
        l->device = st.st_dev;
        l->inode = st.st_ino;
    }
    return group ? give_to(sa->sun_path, group, err) : 0;
}

static int open_unix(struct vw_listener *l, const char *uri, const struct vw_uri *u,
                     const struct vw_listen_options *options, struct vw_error *err)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    const struct vw_uri_var socket_var = {.name = "socket", .value = u->path};
    struct vw_uri client = {.driver = "test",
                            .transport_given = true,
                            .transport = VW_TRANSPORT_UNIX,
                            .path_raw = "/default",
                            .vars = &socket_var,
                            .var_count = 1};
    int rc;
    l->unix_socket = true;
    bool abstract = u->path[0] == '@';
    if (u->host_given || u->port_written || !u->path[0] || (abstract && !u->path[1]))
        return bad_uri(uri, "unix wants unix:///PATH, or unix:@NAME for an abstract socket", err);
    if (strlen(u->path) >= sizeof(sa.sun_path))
        return vw_error_set(err, VW_EUSAGE,
                            "--listen: the path is longer than the %zu bytes of a "
                            "socket address",
                            sizeof(sa.sun_path) - 1);
    rc = take_options(l, uri, u, false, err);
    if (rc < 0)
        return rc;
    if (l->admin && (l->read_only || l->auth > 0))
        return bad_uri(uri, "with program=admin there is neither readonly=1 nor a log-in", err);
    if (l->admin) {
        client.driver = "libvirtd";
        client.transport_given = false;
        client.path_raw = "/system";
    }
    if (abstract && l->perms >= 0)
        return bad_uri(uri, "an abstract socket has no mode", err);
    if (l->perms < 0)
        l->perms = l->admin && options->admin ? options->admin
                   : l->read_only             ? options->read_only
                                              : options->read_write;
    memcpy(sa.sun_path, u->path, strlen(u->path) + 1);
    rc = abstract ? bind_abstract(l, u->path, err) : bind_unix(l, &sa, options->group, err);
    return rc < 0 ? rc : set_names(l, u, &client, err);
}

/* ---- tcp ---- */

static int bind_tcp(struct vw_listener *l, const struct addrinfo *ai)
{
    int one = 1;
    l->fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->fd < 0)
        return errno;
    (void)setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (ai->ai_family == AF_INET6)
        (void)setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    return bind(l->fd, ai->ai_addr, ai->ai_addrlen) < 0 ? errno : 0;
}

static int name_tcp(struct vw_listener *l, struct vw_uri *u, struct vw_error *err)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);
    char host[INET6_ADDRSTRLEN + 16], port[8];
    if (getsockname(l->fd, (struct sockaddr *)&ss, &len) < 0)
        return vw_error_errno(err, errno, "getsockname");
    if (getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return vw_error_set(err, VW_ESYSTEM, "the bound address has no name");
    u->host = host;
    u->port = (uint16_t)strtoul(port, NULL, 10);
    u->port_given = true;
    u->path_raw = "";
    struct vw_uri client = *u;
    client.driver = "test";
    client.transport_given = true;
    client.transport = l->tls ? VW_TRANSPORT_TLS : VW_TRANSPORT_TCP;
    client.path_raw = "/default";
    client.var_count = 0;
    client.has_query = false;
    return set_names(l, u, &client, err);
}

/* What the URI says has the last word: the files of its folder. */
static int open_tls(const char *pkipath, const struct vw_tls_server_options *options,
                    struct vw_tls_server **out, struct vw_error *err)
{
    if (!pkipath)
        return vw_tls_server_open(options, out, err);
    return options ? vw_tls_server_open_folder(pkipath, options, out, err)
                   : vw_tls_server_create(pkipath, out, err);
}

static int open_tcp(struct vw_listener *l, const char *uri, struct vw_uri *u,
                    const struct vw_listen_options *options, struct vw_error *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *ai = NULL;
    char port[8], wants[96];
    bool tls = strcmp(u->driver, "tls") == 0;
    unsigned usual = tls ? 16514 : 16509;
    int rc;
    if (!u->host_given || (u->path[0] && strcmp(u->path, "/") != 0)) {
        snprintf(wants, sizeof(wants), "%s wants %s://ADDRESS[:PORT], a port from 0 (any) to 65535",
                 u->driver, u->driver);
        return bad_uri(uri, wants, err);
    }
    rc = take_options(l, uri, u, options->tls != NULL, err);
    if (rc == 0 && tls)
        rc = open_tls(u->pkipath, options->tls, &l->tls, err);
    if (rc < 0)
        return rc;
    snprintf(port, sizeof(port), "%u", u->port_given ? u->port : u->port_written ? 0U : usual);
    rc = getaddrinfo(u->host, port, &hints, &ai);
    if (rc != 0)
        return vw_error_set(err, VW_EUNREACHABLE, "--listen '%s': %s", uri, gai_strerror(rc));
    rc = bind_tcp(l, ai);
    freeaddrinfo(ai);
    if (rc != 0)
        return vw_error_set(err, VW_EUNREACHABLE, "--listen '%s': %s", uri, strerror(rc));
    return name_tcp(l, u, err);
}

/* ---- stdio ---- */

static int open_stdio(struct vw_listener *l, const char *uri, const struct vw_uri *u,
                      struct vw_error *err)
{
    l->stdio = true;
    if (u->host_given || u->port_written || u->path[0])
        return bad_uri(uri, "stdio wants stdio:", err);
    int rc = take_options(l, uri, u, false, err);
    if (rc < 0)
        return rc;
    l->uri = vw_arena_strndup(&l->arena, uri, strlen(uri));
    return l->uri ? 0 : vw_error_nomem(err);
}

/* ---- all ---- */

int vw_listener_open(const char *uri, const struct vw_listen_options *options,
                     struct vw_listener **out, struct vw_error *err)
{
    struct vw_listener *l = calloc(1, sizeof(*l));
    struct vw_uri u;
    int rc;
    if (!l)
        return vw_error_nomem(err);
    options = options ? options : &defaults;
    l->fd = l->auth = l->perms = -1;
    rc = parse(l, uri, &u, err);
    if (rc == 0 && strcmp(u.driver, "unix") == 0)
        rc = open_unix(l, uri, &u, options, err);
    else if (rc == 0 && (strcmp(u.driver, "tcp") == 0 || strcmp(u.driver, "tls") == 0))
        rc = open_tcp(l, uri, &u, options, err);
    else if (rc == 0 && strcmp(u.driver, "stdio") == 0)
        rc = open_stdio(l, uri, &u, err);
    else if (rc == 0)
        rc = bad_uri(uri, "only unix, tcp, tls and stdio can be listened on", err);
    int backlog = options->backlog ? (int)options->backlog : BACKLOG;
    if (rc == 0 && !l->stdio && listen(l->fd, backlog) < 0)
        rc = vw_error_set(err, VW_EUNREACHABLE, "--listen '%s': %s", uri, strerror(errno));
    if (rc < 0) {
        vw_listener_close(l);
        return rc;
    }
    *out = l;
    return 0;
}

void vw_listener_close(struct vw_listener *l)
{
    struct stat st;
    if (!l)
        return;
    if (l->fd >= 0)
        close(l->fd);
    if (l->path && lstat(l->path, &st) == 0 && st.st_dev == l->device && st.st_ino == l->inode)
        unlink(l->path);
    vw_tls_server_destroy(l->tls);
    vw_arena_finish(&l->arena);
    free(l);
}
