// SPDX-License-Identifier: MIT
// Reading the configuration: what each key may hold. Every error has the place in the file.
#include "mock-daemon/config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "auth/sasl-server.h"
#include "base/core.h"
#include "base/nearest.h"
#include "base/yaml.h"

#define CONFIG_MAX_DOMAINS 100000
/* What passwords are for; TCP has less of them. */
#define PASSWORD_MECHANISMS "SCRAM-SHA-256 DIGEST-MD5 PLAIN"

/* One key of a mapping and what reads it. */
struct key {
    const char *name;
    int (*read)(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                struct vw_error *err);
};

static int read_string(const struct vw_node *n, const char **out, struct vw_error *err)
{
    if (n->kind != VW_NODE_SCALAR || !n->len)
        return vw_node_error(n, err, "a text must stand here");
    *out = n->text;
    return 0;
}

static int read_word(const struct vw_node *n, const char *const *words, const char *text,
                     struct vw_error *err)
{
    for (int i = 0; words[i]; i++) {
        if (vw_node_is(n, words[i]))
            return i;
    }
    return vw_node_error(n, err, "%s", text);
}

/* ---- keys at the top ---- */

static int read_auth(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                     struct vw_error *err)
{
    static const char *const words[] = {"none", "sasl", "polkit", NULL};
    int rc = read_word(n, words, "auth is none, sasl or polkit", err);
    if (rc >= 0)
        vw_config_set_auth(c, (enum vw_config_auth)rc);
    return rc < 0 ? rc : 0;
}

static int read_polkit(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                       struct vw_error *err)
{
    static const char *const words[] = {"yes", "no", "absent", NULL};
    int rc = read_word(n, words, "polkit is yes, no or absent", err);
    if (rc >= 0)
        c->polkit = (enum vw_config_polkit)rc;
    return rc < 0 ? rc : 0;
}

static int read_sasl_users(struct vw_config *c, struct vw_domain *d, const struct vw_node *map,
                           struct vw_error *err)
{
    if (map->kind != VW_NODE_MAP || !map->first)
        return vw_node_error(map, err, "names and their passwords must stand here");
    vw_core_forbid();
    struct vw_sasl_account *list =
        vw_arena_alloc(&c->arena, map->count * sizeof(*list), _Alignof(struct vw_sasl_account));
    if (!list)
        return vw_error_nomem(err);
    c->sasl_users = list;
    c->n_sasl_users = 0;
    for (const struct vw_node *n = map->first; n; n = n->next) {
        struct vw_sasl_account *a = &list[c->n_sasl_users++];
        a->name = n->key;
        int rc = read_string(n, &a->password, err);
        if (rc)
            return rc;
    }
    if (!c->sasl_mechanisms)
        c->sasl_mechanisms = PASSWORD_MECHANISMS;
    return 0;
}

static int read_sasl_mechanisms(struct vw_config *c, struct vw_domain *d,
                                const struct vw_node *list, struct vw_error *err)
{
    const char *all = "";
    if (list->kind != VW_NODE_LIST || !list->first)
        return vw_node_error(list, err, "a list must stand here, such as [DIGEST-MD5, GSSAPI]");
    for (const struct vw_node *n = list->first; n; n = n->next) {
        const char *name = NULL;
        int rc = read_string(n, &name, err);
        if (rc)
            return rc;
        if (strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != strlen(name))
            return vw_node_error(n, err, "the name of a mechanism has capitals, digits, - and _");
        all = vw_arena_printf(&c->arena, "%s%s%s", all, *all ? " " : "", name);
        if (!all)
            return vw_error_nomem(err);
    }
    c->sasl_mechanisms = all;
    return 0;
}

/* PLACE may be two, with a = between. */
#define NUMBER_KEY(key, min, max, place)                                                           \
    static int read_##key(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,       \
                          struct vw_error *err)                                                    \
    {                                                                                              \
        int64_t v = 0;                                                                             \
        int rc = vw_node_number(n, min, max, &v, err);                                             \
        if (rc == 0)                                                                               \
            place = v;                                                                             \
        return rc;                                                                                 \
    }
/* Of both services. */
#define SERVICE_KEY(key, min, max) NUMBER_KEY(key, min, max, c->admin.key = c->main.key)
NUMBER_KEY(peer_uid, 0, UINT32_MAX, c->peer_uid)
NUMBER_KEY(max_anonymous_clients, 1, 1000000, c->main.max_anonymous_clients)
NUMBER_KEY(max_client_streams, 1, 1000000, c->max_client_streams)
NUMBER_KEY(max_event_bytes, 1, INT32_MAX, c->max_event_bytes)
SERVICE_KEY(max_clients, 1, 1000000)
SERVICE_KEY(max_client_requests, 1, 1000000)
SERVICE_KEY(keepalive_interval, -1, 86400)
SERVICE_KEY(keepalive_count, 0, 1000000)

static int read_perms(const struct vw_node *n, int *out, struct vw_error *err)
{
    int perms = n->kind == VW_NODE_SCALAR ? vw_listen_perms(n->text) : -1;
    if (perms < 0)
        return vw_node_error(n, err, "a mode has three octal digits, as in 0770");
    *out = perms;
    return 0;
}

static int read_rw_perms(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                         struct vw_error *err)
{
    return read_perms(n, &c->listen.read_write, err);
}

static int read_ro_perms(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                         struct vw_error *err)
{
    return read_perms(n, &c->listen.read_only, err);
}

static int read_hostname(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                         struct vw_error *err)
{
    return read_string(n, &c->hostname, err);
}

static int read_access(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                       struct vw_error *err)
{
    return vw_access_read(&c->access, n, &c->arena, err);
}

/* Names of drivers, as in a URI. */
static int read_drivers(struct vw_config *c, struct vw_domain *d, const struct vw_node *list,
                        struct vw_error *err)
{
    size_t count = 0;
    if (list->kind != VW_NODE_LIST)
        return vw_node_error(list, err, "a list of drivers must stand here, such as [qemu, xen]");
    for (const struct vw_node *n = list->first; n; n = n->next)
        count++;
    c->n_drivers = 0;
    c->drivers = vw_arena_alloc(&c->arena, (count + 1) * sizeof(*c->drivers), _Alignof(char *));
    if (!c->drivers)
        return vw_error_nomem(err);
    for (const struct vw_node *n = list->first; n; n = n->next) {
        int rc = read_string(n, &c->drivers[c->n_drivers++], err);
        if (rc)
            return rc;
        const char *name = c->drivers[c->n_drivers - 1];
        if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") !=
            strlen(name))
            return vw_node_error(n, err, "the name of a driver has letters, digits, '.' and '-'");
    }
    return 0;
}

/* ---- keys of a domain ---- */

static int read_name(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                     struct vw_error *err)
{
    const char *name = NULL;
    int rc = read_string(n, &name, err);
    if (rc == 0)
        d->o.name = vw_string(name);
    return rc;
}

static int read_uuid(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                     struct vw_error *err)
{
    if (n->kind == VW_NODE_SCALAR && vw_uuid_parse(n->text, d->o.uuid))
        return 0;
    return vw_node_error(n, err, "a uuid has 32 hex digits");
}

static int read_state(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                      struct vw_error *err)
{
    static const char *const words[] = {"running", "paused", "shutoff", NULL};
    static const int states[] = {VW_DOMAIN_RUNNING, VW_DOMAIN_PAUSED, VW_DOMAIN_SHUTOFF};
    int rc = read_word(n, words, "state is running, paused or shutoff", err);
    if (rc >= 0)
        d->o.state = states[rc];
    return rc < 0 ? rc : 0;
}

#define DOMAIN_KEY(key, max)                                                                       \
    static int read_##key(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,       \
                          struct vw_error *err)                                                    \
    {                                                                                              \
        int64_t v = 0;                                                                             \
        int rc = vw_node_number(n, 1, max, &v, err);                                               \
        if (rc == 0)                                                                               \
            d->facts.key = (__typeof__(d->facts.key))v;                                            \
        return rc;                                                                                 \
    }
DOMAIN_KEY(max_memory, INT64_MAX / 1024)
DOMAIN_KEY(memory, INT64_MAX / 1024)
DOMAIN_KEY(vcpus, 32)

static int read_autostart(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                          struct vw_error *err)
{
    static const char *const words[] = {"false", "true", NULL};
    int rc = read_word(n, words, "autostart is true or false", err);
    if (rc >= 0)
        d->o.autostart = rc == 1;
    return rc < 0 ? rc : 0;
}

/* What one item of the list says; the first member is what the readers of its keys are given. */
struct group {
    struct vw_domain like;
    uint32_t count; /* 0: not said, one domain */
};

static int read_count(struct vw_config *c, struct vw_domain *d, const struct vw_node *n,
                      struct vw_error *err)
{
    int64_t v = 0;
    int rc = vw_node_number(n, 1, CONFIG_MAX_DOMAINS, &v, err);
    ((struct group *)d)->count = (uint32_t)v;
    return rc;
}

static const struct key domain_keys[] = {
    {"count", read_count},           {"name", read_name},           {"uuid", read_uuid},
    {"state", read_state},           {"memory", read_memory},       {"vcpus", read_vcpus},
    {"max_memory", read_max_memory}, {"autostart", read_autostart}, {NULL, NULL},
};

/* ---- mappings ---- */

static int read_mapping(struct vw_config *c, struct vw_domain *d, const struct vw_node *map,
                        const struct key *keys, struct vw_error *err)
{
    if (map->kind != VW_NODE_MAP)
        return vw_node_error(map, err, "keys and values must stand here");
    int rc = 0;
    for (const struct vw_node *n = map->first; !rc && n; n = n->next) {
        const char *known[32];
        size_t count = 0;
        const struct key *k = keys;
        for (; k->name && strcmp(k->name, n->key) != 0; k++)
            known[count++] = k->name;
        if (k->name) {
            rc = k->read(c, d, n, err);
            continue;
        }
        const char *near = vw_nearest(n->key, known, count);
        rc = vw_node_key_error(n, err, "key '%s' is not known%s%s%s", n->key,
                               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    return rc;
}

/* Room for N more, of which ALL may not be more than there can be. */
static int reserve(struct vw_config *c, const struct vw_node *at, uint64_t n, size_t *cap,
                   struct vw_error *err)
{
    struct vw_domain *more;
    if (n > CONFIG_MAX_DOMAINS - c->n_domains)
        return vw_node_error(at, err, "at most %d domains can be here", CONFIG_MAX_DOMAINS);
    if (c->n_domains + n <= *cap)
        return 0;
    *cap = (c->n_domains + n) * 2;
    more = vw_arena_zalloc(&c->arena, *cap * sizeof(*more), _Alignof(uint64_t));
    if (!more)
        return vw_error_nomem(err);
    if (c->n_domains)
        memcpy(more, c->domains, c->n_domains * sizeof(*more));
    c->domains = more;
    return 0;
}

/* The domains that G stands for: one, or COUNT of them with their number in place of %u. */
static int add_group(struct vw_config *c, const struct vw_node *at, const struct group *g,
                     struct vw_error *err)
{
    const char *name = g->like.o.name.data, *mark = strstr(name, "%u");
    static const uint8_t none[16];
    if (g->count && (!mark || strstr(mark + 2, "%u")))
        return vw_node_error(at, err, "the name of several domains has one %%u for their number");
    if (g->count && memcmp(g->like.o.uuid, none, sizeof(none)) != 0)
        return vw_node_error(at, err, "several domains cannot have one uuid");
    for (uint32_t i = 1; i <= g->count; i++) {
        struct vw_domain *d = &c->domains[c->n_domains++];
        const char *own =
            vw_arena_printf(&c->arena, "%.*s%u%s", (int)(mark - name), name, i, mark + 2);
        if (!own)
            return vw_error_nomem(err);
        *d = g->like;
        d->o.name = vw_string(own);
    }
    if (!g->count)
        c->domains[c->n_domains++] = g->like;
    return 0;
}

static int read_domains(struct vw_config *c, struct vw_domain *unused, const struct vw_node *list,
                        struct vw_error *err)
{
    size_t cap = 0;
    int rc = 0;
    if (list->kind != VW_NODE_LIST)
        return vw_node_error(list, err, "a list of domains must stand here");
    c->n_domains = 0;
    for (const struct vw_node *one = list->first; rc == 0 && one; one = one->next) {
        struct group g = {.like = vw_domain_default};
        g.like.o.name = (struct vw_string){0};
        memset(g.like.o.uuid, 0, sizeof(g.like.o.uuid));
        rc = read_mapping(c, &g.like, one, domain_keys, err);
        if (rc == 0 && !g.like.o.name.data)
            rc = vw_node_error(one, err, "a domain needs a name");
        if (rc == 0)
            rc = reserve(c, one, g.count ? g.count : 1, &cap, err);
        if (rc == 0)
            rc = add_group(c, one, &g, err);
    }
    return rc;
}

static const struct key top_keys[] = {
    {"auth", read_auth},
    {"polkit", read_polkit},
    {"peer_uid", read_peer_uid},
    {"sasl_users", read_sasl_users},
    {"sasl_mechanisms", read_sasl_mechanisms},
    {"max_clients", read_max_clients},
    {"max_anonymous_clients", read_max_anonymous_clients},
    {"max_client_requests", read_max_client_requests},
    {"max_client_streams", read_max_client_streams},
    {"max_event_bytes", read_max_event_bytes},
    {"keepalive_interval", read_keepalive_interval},
    {"keepalive_count", read_keepalive_count},
    {"unix_sock_rw_perms", read_rw_perms},
    {"unix_sock_ro_perms", read_ro_perms},
    {"access", read_access},
    {"hostname", read_hostname},
    {"drivers", read_drivers},
    {"domains", read_domains},
    {NULL, NULL},
};

/* ---- the file ---- */

int vw_config_init(struct vw_config *c, struct vw_error *err)
{
    static const struct vw_config_service service = {
        .max_clients = 5000,
        .max_client_requests = 5,
        .keepalive_interval = 5,
        .keepalive_count = 5,
        .min_workers = 5,
        .max_workers = 20,
    };
    *c = (struct vw_config){
        .peer_uid = -1,
        .main = service,
        .admin = service,
        .max_client_streams = 1000,
        .max_event_bytes = 256 << 10,
        .listen = {.read_write = VW_LISTEN_PERMS, .read_only = VW_LISTEN_PERMS},
        .n_domains = 1,
    };
    c->main.max_anonymous_clients = 20;
    c->main.prio_workers = 5;
    vw_arena_init(&c->arena);
    c->domains = vw_arena_alloc(&c->arena, sizeof(*c->domains), _Alignof(uint64_t));
    if (!c->domains)
        return vw_error_nomem(err);
    c->domains[0] = vw_domain_default;
    return 0;
}

void vw_config_set_auth(struct vw_config *c, enum vw_config_auth auth)
{
    for (size_t i = 0; i < VW_DOORS; i++)
        c->auth[i] = auth;
}

void vw_config_finish(struct vw_config *c)
{
    vw_arena_finish(&c->arena);
    *c = (struct vw_config){0};
}

int vw_config_parse(struct vw_config *c, const char *text, size_t len, struct vw_error *err)
{
    struct vw_node *root;
    int rc = vw_yaml_parse(text, len, &c->arena, &root, err);
    if (!rc && root->kind != VW_NODE_NULL)
        rc = read_mapping(c, NULL, root, top_keys, err);
    if (!rc && c->main.max_clients < c->main.max_anonymous_clients)
        rc = vw_error_at(err, VW_ESYNTAX, 1, 1, "max_clients is less than max_anonymous_clients");
    return rc;
}

int vw_config_load(struct vw_config *c, const char *path, struct vw_error *err)
{
    char *text = NULL;
    size_t len = 0;
    int rc = vw_yaml_read(path, &text, &len, err);
    if (!rc)
        rc = vw_config_parse(c, text, len, err);
    free(text);
    return rc;
}
