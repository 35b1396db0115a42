// SPDX-License-Identifier: MIT
// Binding to a UNIX path or a TCP address, with the care that a socket file needs.
#include "mock-daemon/listen.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <uriparser/Uri.h>

#include "mock-daemon/config.h"
#include "mock-daemon/listen-tls.h"

/* As libvirtd's max_queued_clients (L-1). */
#define BACKLOG 1000

/* What a URI says, unescaped. */
struct address {
    char scheme[8];
    char host[256];
    char port[8];
    char path[256];
    char query[320];
};

static bool copy_range(const UriTextRangeA *r, char *out, size_t size)
{
    size_t len = r->first ? (size_t)(r->afterLast - r->first) : 0;
    if (len >= size)
        return false;
    if (len > 0)
        memcpy(out, r->first, len);
    out[len] = 0;
    return true;
}

/* The path's segments with slashes between them, unescaped; false: too long or a NUL inside. */
static bool copy_path(const UriUriA *u, char *out, size_t size)
{
    size_t at = 0;
    for (const UriPathSegmentA *s = u->pathHead; s; s = s->next) {
        size_t len = (size_t)(s->text.afterLast - s->text.first);
        if (at + len + 2 > size)
            return false;
        out[at++] = '/';
        memcpy(out + at, s->text.first, len);
        at += len;
    }
    out[at] = 0;
    /* A NUL that %00 leaves would cut the path silently. */
    for (const char *p = out; (p = strchr(p, '%')); p++) {
        if (p[1] == '0' && p[2] == '0')
            return false;
    }
    uriUnescapeInPlaceA(out);
    return true;
}

static int bad_uri(const char *uri, const char *why, struct vw_error *err)
{
    return vw_error_set(err, VW_EUSAGE, "--listen '%s': %s", uri, why);
}

static int parse(const char *uri, struct address *a, struct vw_error *err)
{
    UriUriA u;
    const char *at = NULL;
    bool fits;
    if (uriParseSingleUriA(&u, uri, &at) != URI_SUCCESS)
        return bad_uri(uri, "not a URI; unix:///PATH or tcp://ADDRESS:PORT is one", err);
    fits = copy_range(&u.scheme, a->scheme, sizeof(a->scheme)) &&
           copy_range(&u.hostText, a->host, sizeof(a->host)) &&
           copy_range(&u.portText, a->port, sizeof(a->port)) &&
           copy_path(&u, a->path, sizeof(a->path)) &&
           copy_range(&u.query, a->query, sizeof(a->query));
    if (fits && (u.userInfo.first || u.fragment.first))
        fits = false;
    uriFreeUriMembersA(&u);
    return fits ? 0 : bad_uri(uri, "a part of it is too long or has no meaning here", err);
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

static bool has_nul(const char *escaped, size_t len)
{
    for (size_t i = 0; i + 2 < len; i++)
        if (memcmp(escaped + i, "%00", 3) == 0)
            return true;
    return false;
}

static int take_pkipath(struct vw_listener *l, const char *uri, const char *value, size_t len,
                        struct vw_error *err)
{
    if (!l->wants_tls)
        return bad_uri(uri, "only tls takes pkipath", err);
    if (has_nul(value, len))
        return bad_uri(uri, "pkipath holds a NUL", err);
    free(l->pkipath);
    l->pkipath = strndup(value, len);
    if (!l->pkipath)
        return vw_error_nomem(err);
    uriUnescapeInPlaceA(l->pkipath);
    return 0;
}

/* One option of the query, NAME=VALUE. */
static int take_option(struct vw_listener *l, const char *uri, const char *option, size_t len,
                       struct vw_error *err)
{
    static const struct {
        const char *text;
        int auth;      /* -1: not about it */
        int read_only; /* -1: not about it */
    } known[] = {
        {"readonly=0", -1, 0},
        {"readonly=1", -1, 1},
        {"auth=none", VW_CONFIG_AUTH_NONE, -1},
        {"auth=sasl", VW_CONFIG_AUTH_SASL, -1},
        {"auth=polkit", VW_CONFIG_AUTH_POLKIT, -1},
    };
    if (len > 8 && memcmp(option, "pkipath=", 8) == 0)
        return take_pkipath(l, uri, option + 8, len - 8, err);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i].text) != len || memcmp(known[i].text, option, len) != 0)
            continue;
        if (known[i].auth >= 0)
            l->auth = known[i].auth;
        else if (l->unix_socket)
            l->read_only = known[i].read_only == 1;
        else
            return bad_uri(uri, "only unix takes readonly", err);
        return 0;
    }
    return bad_uri(uri, "the options are readonly=1, auth=none, sasl or polkit, and pkipath=DIR",
                   err);
}

static int take_options(struct vw_listener *l, const char *uri, const char *query,
                        struct vw_error *err)
{
    while (*query) {
        size_t len = strcspn(query, "&");
        int rc = take_option(l, uri, query, len, err);
        if (rc < 0)
            return rc;
        query += len + (query[len] == '&');
    }
    return 0;
}

static int bind_unix(struct vw_listener *l, const struct sockaddr_un *sa, struct vw_error *err)
{
    struct stat st;
    int rc = clear_stale(sa, err);
    if (rc < 0)
        return rc;
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->fd < 0)
        return vw_error_errno(err, errno, "socket");
    if (bind(l->fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0)
        return vw_error_set(err, VW_EUNREACHABLE, "%s: %s", sa->sun_path, strerror(errno));
    l->path = strdup(sa->sun_path);
    if (!l->path) {
        unlink(sa->sun_path);
        return vw_error_nomem(err);
    }
    if (lstat(sa->sun_path, &st) == 0) {
        l->device = st.st_dev;
        l->inode = st.st_ino;
    }
    return 0;
}

/* PATH as a URI has it: escaped, but for its slashes. To be freed; NULL: no memory. */
static char *escaped(const char *path)
{
    char *out = malloc(3 * strlen(path) + 1), *to = out;
    for (; out && *path; path++)
        to += sprintf(to, isalnum((unsigned char)*path) || strchr("/-._~", *path) ? "%c" : "%%%02X",
                      (unsigned char)*path);
    if (out)
        *to = 0;
    return out;
}

static int name_unix(struct vw_listener *l, const struct address *a, struct vw_error *err)
{
    char *path = escaped(a->path);
    bool named = path &&
                 asprintf(&l->uri, "unix://%s%s%s", path, *a->query ? "?" : "", a->query) >= 0 &&
                 asprintf(&l->client_uri, "test+unix:///default?socket=%s", path) >= 0;
    free(path);
    return named ? 0 : vw_error_nomem(err);
}

static int open_unix(struct vw_listener *l, const char *uri, const struct address *a,
                     struct vw_error *err)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int rc;
    l->unix_socket = true;
    if (a->host[0] || a->port[0] || !a->path[0])
        return bad_uri(uri, "unix wants unix:///PATH", err);
    if (strlen(a->path) >= sizeof(sa.sun_path))
        return vw_error_set(err, VW_EUSAGE,
                            "--listen: the path is longer than the %zu bytes of a "
                            "socket address",
                            sizeof(sa.sun_path) - 1);
    rc = take_options(l, uri, a->query, err);
    if (rc < 0)
        return rc;
    memcpy(sa.sun_path, a->path, strlen(a->path) + 1);
    rc = bind_unix(l, &sa, err);
    return rc < 0 ? rc : name_unix(l, a, err);
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

static int name_tcp(struct vw_listener *l, const char *query, struct vw_error *err)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);
    char host[INET6_ADDRSTRLEN + 16], port[8];
    const char *open, *close_;
    if (getsockname(l->fd, (struct sockaddr *)&ss, &len) < 0)
        return vw_error_errno(err, errno, "getsockname");
    if (getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return vw_error_set(err, VW_ESYSTEM, "the bound address has no name");
    open = ss.ss_family == AF_INET6 ? "[" : "";
    close_ = ss.ss_family == AF_INET6 ? "]" : "";
    const char *scheme = l->wants_tls ? "tls" : "tcp";
    if (asprintf(&l->uri, "%s://%s%s%s:%s%s%s", scheme, open, host, close_, port, *query ? "?" : "",
                 query) < 0 ||
        asprintf(&l->client_uri, "test+%s://%s%s%s:%s/default", scheme, open, host, close_, port) <
            0)
        return vw_error_nomem(err);
    return 0;
}

static bool port_is_number(const char *port)
{
    char *end;
    unsigned long n;
    if (*port < '0' || *port > '9')
        return false;
    n = strtoul(port, &end, 10);
    return *end == 0 && n <= 65535;
}

static int open_tcp(struct vw_listener *l, const char *uri, const struct address *a,
                    struct vw_error *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *ai = NULL;
    int rc;
    l->wants_tls = strcmp(a->scheme, "tls") == 0;
    if (!a->host[0] || !port_is_number(a->port) || (a->path[0] && strcmp(a->path, "/") != 0))
        return bad_uri(uri, "tcp wants tcp://ADDRESS:PORT, a port from 0 (any) to 65535", err);
    rc = take_options(l, uri, a->query, err);
    if (rc == 0 && l->wants_tls && !l->pkipath)
        rc = bad_uri(
            uri, "tls wants pkipath=DIR, with cacert.pem, servercert.pem and serverkey.pem", err);
    if (rc == 0 && l->wants_tls)
        rc = vw_listen_tls_load(l->pkipath, &l->tls, err);
    if (rc < 0)
        return rc;
    rc = getaddrinfo(a->host, a->port, &hints, &ai);
    if (rc != 0)
        return vw_error_set(err, VW_EUNREACHABLE, "--listen '%s': %s", uri, gai_strerror(rc));
    rc = bind_tcp(l, ai);
    freeaddrinfo(ai);
    if (rc != 0)
        return vw_error_set(err, VW_EUNREACHABLE, "--listen '%s': %s", uri, strerror(rc));
    return name_tcp(l, a->query, err);
}

/* ---- both ---- */

int vw_listener_open(const char *uri, struct vw_listener **out, struct vw_error *err)
{
    struct vw_listener *l = calloc(1, sizeof(*l));
    struct address a = {0};
    int rc;
    if (!l)
        return vw_error_nomem(err);
    l->fd = l->auth = -1;
    rc = parse(uri, &a, err);
    if (rc == 0 && strcmp(a.scheme, "unix") == 0)
        rc = open_unix(l, uri, &a, err);
    else if (rc == 0 && (strcmp(a.scheme, "tcp") == 0 || strcmp(a.scheme, "tls") == 0))
        rc = open_tcp(l, uri, &a, err);
    else if (rc == 0)
        rc = bad_uri(uri, "only unix, tcp and tls can be listened on", err);
    if (rc == 0 && listen(l->fd, BACKLOG) < 0)
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
    vw_listen_tls_finish(l->tls);
    free(l->pkipath);
    free(l->path);
    free(l->uri);
    free(l->client_uri);
    free(l);
}
