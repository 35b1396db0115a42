// SPDX-License-Identifier: MIT
// A row for each name that libvirtd.conf may have: the type that libvirtd 9.0.0 wants of its value,
// and where that goes. Of a name that comes twice the first one holds.
#include "mock-daemon/libvirtd-conf.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/nearest.h"
#include "mock-daemon/admin-log.h"

struct setting {
    const char *name;
    /* NULL: its type is looked at, and nothing else. */
    int (*take)(struct vw_config *c, const struct setting *s, const struct vw_node *n,
                struct vw_error *err);
    enum form { TEXT, TEXTS, SWITCH, COUNT, NUMBER } form;
    size_t at; /* in struct vw_config; of TEXTS a list and its length, which stands behind */
    int64_t min;
};

/* ---- values ---- */

static int check_form(enum form form, int64_t min, const struct vw_node *n, struct vw_error *err)
{
    static const char *const wanted[] = {
        [TEXT] = "a text in quotes must stand here",
        [TEXTS] = "a list of texts must stand here, such as [\"one\", \"two\"]",
    };
    int64_t v;
    bool right = n->kind == (form == TEXTS ? VW_NODE_LIST : VW_NODE_SCALAR);
    if (form == SWITCH)
        return vw_node_number(n, 0, 1, &v, err);
    if (form == COUNT)
        return vw_node_number(n, min, UINT32_MAX, &v, err);
    if (form == NUMBER)
        return vw_node_number(n, INT32_MIN, INT32_MAX, &v, err);
    for (const struct vw_node *i = form == TEXTS ? n->first : n; right && i;
         i = form == TEXTS ? i->next : NULL)
        right = i->quoted;
    return right ? 0 : vw_node_error(n, err, "%s", wanted[form]);
}

static int64_t number(const struct vw_node *n)
{
    return strtoll(n->text, NULL, 10);
}

static void *place(struct vw_config *c, const struct setting *s)
{
    return (uint8_t *)c + s->at;
}

/* A text as it stands, a number in four bytes, a switch. */
static int put(struct vw_config *c, const struct setting *s, const struct vw_node *n,
               struct vw_error *err)
{
    const char *text = n->text;
    uint32_t v = s->form == TEXT ? 0 : (uint32_t)number(n);
    bool on = v == 1;
    if (s->form == TEXT)
        memcpy(place(c, s), &text, sizeof(text));
    else if (s->form == SWITCH)
        memcpy(place(c, s), &on, sizeof(on));
    else
        memcpy(place(c, s), &v, sizeof(v));
    return 0;
}

static int put_list(struct vw_config *c, const struct setting *s, const struct vw_node *list,
                    struct vw_error *err)
{
    const char **out = vw_arena_alloc(&c->arena, (list->count + 1) * sizeof(*out), sizeof(*out));
    size_t n = 0;
    if (!out)
        return vw_error_nomem(err);
    for (const struct vw_node *i = list->first; i; i = i->next)
        out[n++] = i->text;
    memcpy(place(c, s), &out, sizeof(out));
    memcpy((uint8_t *)place(c, s) + sizeof(out), &n, sizeof(n));
    return 0;
}

static int put_mode(struct vw_config *c, const struct setting *s, const struct vw_node *n,
                    struct vw_error *err)
{
    int mode = vw_listen_perms(n->text);
    memcpy(place(c, s), &mode, sizeof(mode));
    return mode < 0 ? vw_node_error(n, err, "a mode has three octal digits, as in \"0770\"") : 0;
}

static int put_auth(struct vw_config *c, const struct setting *s, const struct vw_node *n,
                    struct vw_error *err)
{
    static const char *const words[] = {"none", "sasl", "polkit"};
    int auth = 0;
    while (auth < 3 && strcmp(n->text, words[auth]) != 0)
        auth++;
    memcpy(place(c, s), &auth, sizeof(auth));
    return auth == 3 ? vw_node_error(n, err, "it is none, sasl or polkit") : 0;
}

static int put_port(struct vw_config *c, const struct setting *s, const struct vw_node *n,
                    struct vw_error *err)
{
    size_t len = strspn(n->text, "0123456789");
    if (len == 0 || len > 5 || n->text[len] || number(n) > 65535)
        return vw_node_error(n, err, "a port from 0 to 65535 must stand here, in quotes");
    return put(c, s, n, err);
}

/* Where a URI may have it as it is. */
static int put_folder(struct vw_config *c, const struct setting *s, const struct vw_node *n,
                      struct vw_error *err)
{
    if (n->text[0] != '/' || strpbrk(n->text, "?&#%"))
        return vw_node_error(n, err, "a path from the root must stand here, without ? & # and %%");
    return put(c, s, n, err);
}

static int put_log(struct vw_config *c, const struct setting *s, const struct vw_node *n,
                   struct vw_error *err)
{
    bool filters = s->at == offsetof(struct vw_config, log_filters);
    char *as_told = NULL;
    int rc = vw_log_read(filters ? &vw_log_filters : &vw_log_outputs, n->text, &as_told);
    free(as_told);
    if (rc == VW_ESYNTAX)
        return vw_node_error(n, err, "%s",
                             filters ? "filters are such as \"1:util 3:remote\""
                                     : "outputs are such as \"3:stderr 1:file:/var/log/x\"");
    return rc < 0 ? vw_error_nomem(err) : put(c, s, n, err);
}

/* Polkit's rules are those of the other configuration. */
static int put_access(struct vw_config *c, const struct setting *s, const struct vw_node *list,
                      struct vw_error *err)
{
    for (const struct vw_node *n = list->first; n; n = n->next) {
        bool polkit = strcmp(n->text, "polkit") == 0;
        if (!polkit && strcmp(n->text, "none") != 0)
            return vw_node_error(n, err, "access drivers are polkit and none");
        c->access.on |= polkit;
    }
    return 0;
}

static int check_level(struct vw_config *c, const struct setting *s, const struct vw_node *n,
                       struct vw_error *err)
{
    return number(n) > 4 ? vw_node_error(n, err, "levels go from 1 to 4") : 0;
}

static int check_uuid(struct vw_config *c, const struct setting *s, const struct vw_node *n,
                      struct vw_error *err)
{
    uint8_t uuid[16];
    return vw_uuid_parse(n->text, uuid) ? 0 : vw_node_error(n, err, "a uuid has 32 hex digits");
}

/* ---- names ---- */

#define AT(member) offsetof(struct vw_config, member)
#define SERVICE(prefix, service)                                                                   \
    {prefix "max_clients", put, COUNT, AT(service.max_clients), 1},                                \
        {prefix "max_client_requests", put, COUNT, AT(service.max_client_requests), 1},            \
        {prefix "min_workers", put, COUNT, AT(service.min_workers)},                               \
        {prefix "max_workers", put, COUNT, AT(service.max_workers)},                               \
        {prefix "keepalive_interval", put, NUMBER, AT(service.keepalive_interval)},                \
    {                                                                                              \
        prefix "keepalive_count", put, COUNT, AT(service.keepalive_count)                          \
    }

static const struct setting settings[] = {
    {"unix_sock_dir", put_folder, TEXT, AT(sockets.dir)},
    {"listen_tcp", put, SWITCH, AT(sockets.tcp)},
    {"listen_tls", put, SWITCH, AT(sockets.tls)},
    {"listen_addr", put, TEXT, AT(sockets.address)},
    {"tcp_port", put_port, TEXT, AT(sockets.tcp_port)},
    {"tls_port", put_port, TEXT, AT(sockets.tls_port)},
    {"unix_sock_group", put, TEXT, AT(listen.group)},
    {"unix_sock_rw_perms", put_mode, TEXT, AT(listen.read_write)},
    {"unix_sock_ro_perms", put_mode, TEXT, AT(listen.read_only)},
    {"unix_sock_admin_perms", put_mode, TEXT, AT(listen.admin)},
    {"max_queued_clients", put, COUNT, AT(listen.backlog)},
    {"auth_unix_rw", put_auth, TEXT, AT(auth[VW_DOOR_UNIX])},
    {"auth_unix_ro", put_auth, TEXT, AT(auth[VW_DOOR_UNIX_READ_ONLY])},
    {"auth_tcp", put_auth, TEXT, AT(auth[VW_DOOR_TCP])},
    {"auth_tls", put_auth, TEXT, AT(auth[VW_DOOR_TLS])},
    {"sasl_allowed_username_list", put_list, TEXTS, AT(sasl_names)},
    {"ca_file", put, TEXT, AT(tls.ca)},
    {"cert_file", put, TEXT, AT(tls.cert)},
    {"key_file", put, TEXT, AT(tls.key)},
    {"crl_file", put, TEXT, AT(tls.crl)},
    {"tls_priority", put, TEXT, AT(tls.priority)},
    {"tls_no_sanity_certificate", put, SWITCH, AT(tls.no_sanity)},
    {"tls_no_verify_certificate", put, SWITCH, AT(tls.no_verify)},
    {"tls_allowed_dn_list", put_list, TEXTS, AT(tls.names)},
    SERVICE("", main),
    {"max_anonymous_clients", put, COUNT, AT(main.max_anonymous_clients)},
    {"prio_workers", put, COUNT, AT(main.prio_workers)},
    SERVICE("admin_", admin),
    {"log_filters", put_log, TEXT, AT(log_filters)},
    {"log_outputs", put_log, TEXT, AT(log_outputs)},
    {"log_level", check_level, COUNT, SIZE_MAX},
    {"host_uuid", check_uuid, TEXT, SIZE_MAX},
    {"access_drivers", put_access, TEXTS, AT(access.on)},
    {"admin_max_queued_clients", NULL, COUNT, SIZE_MAX},
    {"audit_level", NULL, COUNT, SIZE_MAX},
    {"audit_logging", NULL, SWITCH, SIZE_MAX},
    {"host_uuid_source", NULL, TEXT, SIZE_MAX},
    {"ovs_timeout", NULL, COUNT, SIZE_MAX},
    {"tcp_min_ssf", NULL, COUNT, SIZE_MAX},
};
enum { N_SETTINGS = sizeof(settings) / sizeof(settings[0]) };

static const struct setting *find(const char *name)
{
    for (size_t i = 0; i < N_SETTINGS; i++) {
        if (strcmp(settings[i].name, name) == 0)
            return &settings[i];
    }
    return NULL;
}

/* Libvirtd says nothing of a name that it does not know. */
static void note_unknown(FILE *notes, const char *path, const struct vw_node *n)
{
    const char *known[N_SETTINGS];
    for (size_t i = 0; i < N_SETTINGS; i++)
        known[i] = settings[i].name;
    const char *near = vw_nearest(n->key, known, N_SETTINGS);
    fprintf(notes, "virwired: %s:%u:%u: '%s' is not known, and is passed over%s%s%s\n", path,
            n->key_line, n->key_column, n->key, near ? "; did you mean '" : "", near ? near : "",
            near ? "'?" : "");
}

static int read_settings(struct vw_config *c, const char *path, const struct vw_node *map,
                         FILE *notes, struct vw_error *err)
{
    int rc = 0;
    for (const struct vw_node *n = map->first; rc == 0 && n; n = n->next) {
        const struct setting *s = find(n->key);
        if (!s) {
            note_unknown(notes, path, n);
            continue;
        }
        if (vw_node_get(map, n->key) != n)
            continue;
        rc = check_form(s->form, s->min, n, err);
        if (rc == 0 && s->take)
            rc = s->take(c, s, n, err);
        if (rc == 0 && s->at == SIZE_MAX)
            fprintf(notes, "virwired: %s:%u:%u: '%s' means nothing here\n", path, n->key_line,
                    n->key_column, n->key);
    }
    return rc;
}

/* ---- all together ---- */

/* Where libvirtd is root, anybody may come, and is asked for polkit. */
static void set_defaults(struct vw_config *c)
{
    bool root = geteuid() == 0;
    enum vw_config_auth local = root ? VW_CONFIG_AUTH_POLKIT : VW_CONFIG_AUTH_NONE;
    c->auth[VW_DOOR_UNIX] = c->auth[VW_DOOR_UNIX_READ_ONLY] = local;
    c->auth[VW_DOOR_TCP] = VW_CONFIG_AUTH_SASL;
    c->auth[VW_DOOR_TLS] = VW_CONFIG_AUTH_NONE;
    c->listen.read_write = root ? 0777 : 0700;
    c->listen.read_only = 0777;
    c->listen.admin = 0700;
    c->sockets = (struct vw_config_sockets){
        .address = "127.0.0.1", .tcp_port = "16509", .tls_port = "16514"};
}

/* Without a word about them the files are those of the system. */
static int set_tls(struct vw_config *c, const struct vw_node *map, struct vw_error *err)
{
    static const char *const names[] = {"ca_file", "cert_file", "key_file"};
    const struct vw_node *given = NULL;
    for (size_t i = 0; i < 3; i++)
        given = given ? given : vw_node_get(map, names[i]);
    for (size_t i = 0; given && i < 3; i++) {
        if (!vw_node_get(map, names[i]))
            return vw_node_key_error(given, err,
                                     "ca_file, cert_file and key_file go together: "
                                     "there is no %s",
                                     names[i]);
    }
    c->tls.ca = given ? c->tls.ca : "/etc/pki/CA/cacert.pem";
    c->tls.cert = given ? c->tls.cert : "/etc/pki/libvirt/servercert.pem";
    c->tls.key = given ? c->tls.key : "/etc/pki/libvirt/private/serverkey.pem";
    if (!given && !c->tls.crl && access("/etc/pki/CA/cacrl.pem", F_OK) == 0)
        c->tls.crl = "/etc/pki/CA/cacrl.pem";
    c->listen.tls = &c->tls;
    return 0;
}

static int add_door(struct vw_config *c, const char *uri, struct vw_error *err)
{
    c->doors[c->n_doors++] = uri;
    return uri ? 0 : vw_error_nomem(err);
}

/* The URIs that --listen would have. */
static int set_doors(struct vw_config *c, struct vw_error *err)
{
    static const char *const files[] = {"libvirt-sock", "libvirt-sock-ro?readonly=1",
                                        "libvirt-admin-sock?program=admin"};
    const struct vw_config_sockets *s = &c->sockets;
    bool bare = strchr(s->address, ':') && s->address[0] != '[';
    const char *host = bare ? vw_arena_printf(&c->arena, "[%s]", s->address) : s->address;
    int rc = host ? 0 : vw_error_nomem(err);
    for (size_t i = 0; s->dir && rc == 0 && i < 3; i++)
        rc = add_door(c, vw_arena_printf(&c->arena, "unix://%s/%s", s->dir, files[i]), err);
    if (rc == 0 && s->tcp)
        rc = add_door(c, vw_arena_printf(&c->arena, "tcp://%s:%s", host, s->tcp_port), err);
    if (rc == 0 && s->tls)
        rc = add_door(c, vw_arena_printf(&c->arena, "tls://%s:%s", host, s->tls_port), err);
    return rc;
}

int vw_libvirtd_conf_parse(struct vw_config *c, const char *path, const char *text, size_t len,
                           FILE *notes, struct vw_error *err)
{
    struct vw_node *map = NULL;
    int rc = vw_conf_parse(text, len, &c->arena, &map, err);
    set_defaults(c);
    if (rc == 0)
        rc = read_settings(c, path, map, notes, err);
    if (rc == 0)
        rc = set_tls(c, map, err);
    if (rc == 0 && c->main.max_clients < c->main.max_anonymous_clients) {
        const struct vw_node *n = vw_node_get(map, "max_clients");
        rc = vw_node_error(n ? n : vw_node_get(map, "max_anonymous_clients"), err,
                           "max_clients is less than max_anonymous_clients");
    }
    return rc ? rc : set_doors(c, err);
}

int vw_libvirtd_conf_load(struct vw_config *c, const char *path, FILE *notes, struct vw_error *err)
{
    char *text = NULL;
    size_t len = 0;
    int rc = vw_yaml_read(path, &text, &len, err);
    if (rc == 0)
        rc = vw_libvirtd_conf_parse(c, path, text, len, notes, err);
    free(text);
    return rc;
}
