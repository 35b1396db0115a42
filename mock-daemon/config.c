// SPDX-License-Identifier: MIT
// Reading the configuration with libfyaml. Every error has the place in the file.
#include "mock-daemon/config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfyaml.h>

/* Larger than any sensible configuration. */
#define CONFIG_MAX_BYTES   (4u << 20)
#define CONFIG_MAX_DOMAINS 100000

/* One key of a mapping and what reads it. */
struct key {
    const char *name;
    int (*read)(struct vw_config *c, struct vw_domain_spec *d, struct fy_node *n,
                struct vw_error *err);
};

static int fail(struct fy_node *n, struct vw_error *err, const char *text)
{
    struct fy_token *t = fy_node_get_scalar_token(n);
    const struct fy_mark *m = t ? fy_token_start_mark(t) : NULL;
    char *where = m ? NULL : fy_node_get_path(n);
    int rc =
        m ? vw_error_at(err, VW_ESYNTAX, (unsigned)m->line + 1, (unsigned)m->column + 1, "%s", text)
          : vw_error_at(err, VW_ESYNTAX, 1, 1, "%s: %s", where ? where : "/", text);
    free(where);
    return rc;
}

static int read_number(struct fy_node *n, int64_t min, int64_t max, int64_t *out,
                       struct vw_error *err)
{
    size_t len = 0;
    const char *s = fy_node_get_scalar(n, &len);
    char text[32], why[96];
    char *end;
    if (!s || len == 0 || len >= sizeof(text))
        return fail(n, err, "a whole number must stand here");
    memcpy(text, s, len);
    text[len] = 0;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (*end || errno)
        return fail(n, err, "a whole number must stand here");
    if (*out < min || *out > max) {
        snprintf(why, sizeof(why), "the number must be from %lld to %lld", (long long)min,
                 (long long)max);
        return fail(n, err, why);
    }
    return 0;
}

static int read_string(struct vw_config *c, struct fy_node *n, const char **out,
                       struct vw_error *err)
{
    size_t len = 0;
    const char *s = fy_node_get_scalar(n, &len);
    if (!s || len == 0 || memchr(s, 0, len))
        return fail(n, err, "a text must stand here");
    *out = vw_arena_strndup(&c->arena, s, len);
    return *out ? 0 : vw_error_nomem(err);
}

static int read_word(struct fy_node *n, const char *const *words, const char *text,
                     struct vw_error *err)
{
    size_t len = 0;
    const char *s = fy_node_get_scalar(n, &len);
    for (int i = 0; s && words[i]; i++) {
        if (strlen(words[i]) == len && memcmp(words[i], s, len) == 0)
            return i;
    }
    return fail(n, err, text);
}

/* ---- keys at the top ---- */

static int read_auth(struct vw_config *c, struct vw_domain_spec *d, struct fy_node *n,
                     struct vw_error *err)
{
    static const char *const words[] = {"none", "sasl", "polkit", NULL};
    int rc = read_word(n, words, "auth is none, sasl or polkit", err);
    if (rc >= 0)
        c->auth = (enum vw_config_auth)rc;
    return rc < 0 ? rc : 0;
}

#define NUMBER_KEY(key, min, max)                                                                  \
    static int read_##key(struct vw_config *c, struct vw_domain_spec *d, struct fy_node *n,        \
                          struct vw_error *err)                                                    \
    {                                                                                              \
        int64_t v = 0;                                                                             \
        int rc = read_number(n, min, max, &v, err);                                                \
        if (rc == 0)                                                                               \
            c->key = (__typeof__(c->key))v;                                                        \
        return rc;                                                                                 \
    }
NUMBER_KEY(max_clients, 1, 1000000)
NUMBER_KEY(max_anonymous_clients, 1, 1000000)
NUMBER_KEY(max_client_requests, 1, 1000000)
NUMBER_KEY(keepalive_interval, -1, 86400)
NUMBER_KEY(keepalive_count, 0, 1000000)

static int read_hostname(struct vw_config *c, struct vw_domain_spec *d, struct fy_node *n,
                         struct vw_error *err)
{
    return read_string(c, n, &c->hostname, err);
}

/* ---- keys of a domain ---- */

static int read_name(struct vw_config *c, struct vw_domain_spec *d, struct fy_node *n,
                     struct vw_error *err)
{
    return read_string(c, n, &d->name, err);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int read_uuid(struct vw_config *c, struct vw_domain_spec *d, struct fy_node *n,
                     struct vw_error *err)
{
    size_t len = 0;
    const char *s = fy_node_get_scalar(n, &len);
    unsigned digits = 0;
    for (size_t i = 0; s && i < len; i++) {
        int v = hex_digit(s[i]);
        if (s[i] == '-')
            continue;
        if (v < 0 || digits == 32)
            return fail(n, err, "a uuid has 32 hex digits");
        d->uuid[digits / 2] = (uint8_t)(d->uuid[digits / 2] << 4 | v);
        digits++;
    }
    if (digits != 32)
        return fail(n, err, "a uuid has 32 hex digits");
    d->has_uuid = true;
    return 0;
}

static int read_state(struct vw_config *c, struct vw_domain_spec *d, struct fy_node *n,
                      struct vw_error *err)
{
    static const char *const words[] = {"running", "paused", "shutoff", NULL};
    static const int states[] = {VW_DOMAIN_RUNNING, VW_DOMAIN_PAUSED, VW_DOMAIN_SHUTOFF};
    int rc = read_word(n, words, "state is running, paused or shutoff", err);
    if (rc >= 0)
        d->state = states[rc];
    return rc < 0 ? rc : 0;
}

#define DOMAIN_KEY(key, max)                                                                       \
    static int read_##key(struct vw_config *c, struct vw_domain_spec *d, struct fy_node *n,        \
                          struct vw_error *err)                                                    \
    {                                                                                              \
        int64_t v = 0;                                                                             \
        int rc = read_number(n, 1, max, &v, err);                                                  \
        if (rc == 0)                                                                               \
            d->key = (__typeof__(d->key))v;                                                        \
        return rc;                                                                                 \
    }
DOMAIN_KEY(max_memory, INT64_MAX / 1024)
DOMAIN_KEY(memory, INT64_MAX / 1024)
DOMAIN_KEY(vcpus, 32)

static int read_autostart(struct vw_config *c, struct vw_domain_spec *d, struct fy_node *n,
                          struct vw_error *err)
{
    static const char *const words[] = {"false", "true", NULL};
    int rc = read_word(n, words, "autostart is true or false", err);
    if (rc >= 0)
        d->autostart = rc == 1;
    return rc < 0 ? rc : 0;
}

static const struct key domain_keys[] = {
    {"name", read_name},           {"uuid", read_uuid},   {"state", read_state},
    {"memory", read_memory},       {"vcpus", read_vcpus}, {"max_memory", read_max_memory},
    {"autostart", read_autostart}, {NULL, NULL},
};

/* ---- mappings ---- */

static int read_mapping(struct vw_config *c, struct vw_domain_spec *d, struct fy_node *map,
                        const struct key *keys, struct vw_error *err)
{
    void *iter = NULL;
    struct fy_node_pair *pair;
    if (!fy_node_is_mapping(map))
        return fail(map, err, "keys and values must stand here");
    while ((pair = fy_node_mapping_iterate(map, &iter))) {
        struct fy_node *name = fy_node_pair_key(pair);
        struct fy_node *value = fy_node_pair_value(pair);
        size_t len = 0;
        const char *s = fy_node_get_scalar(name, &len);
        const struct key *k = keys;
        int rc;
        while (k->name && !(s && strlen(k->name) == len && memcmp(k->name, s, len) == 0))
            k++;
        if (!k->name)
            return fail(name, err, "this key is not known");
        if (!value || fy_node_is_alias(value))
            return fail(name, err, "this key needs a value of its own");
        rc = k->read(c, d, value, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_domains(struct vw_config *c, struct vw_domain_spec *unused, struct fy_node *list,
                        struct vw_error *err)
{
    int count = fy_node_is_sequence(list) ? fy_node_sequence_item_count(list) : -1;
    void *iter = NULL;
    struct fy_node *one;
    if (count < 0 || count > CONFIG_MAX_DOMAINS)
        return fail(list, err, "a list of domains must stand here");
    c->domains =
        vw_arena_zalloc(&c->arena, ((size_t)count + 1) * sizeof(*c->domains), _Alignof(uint64_t));
    if (!c->domains)
        return vw_error_nomem(err);
    c->n_domains = 0;
    while ((one = fy_node_sequence_iterate(list, &iter))) {
        struct vw_domain_spec *d = &c->domains[c->n_domains];
        int rc;
        *d = vw_domain_default;
        d->name = NULL;
        d->has_uuid = false;
        memset(d->uuid, 0, sizeof(d->uuid));
        rc = read_mapping(c, d, one, domain_keys, err);
        if (rc < 0)
            return rc;
        if (!d->name)
            return fail(one, err, "a domain needs a name");
        c->n_domains++;
    }
    return 0;
}

static const struct key top_keys[] = {
    {"auth", read_auth},
    {"max_clients", read_max_clients},
    {"max_anonymous_clients", read_max_anonymous_clients},
    {"max_client_requests", read_max_client_requests},
    {"keepalive_interval", read_keepalive_interval},
    {"keepalive_count", read_keepalive_count},
    {"hostname", read_hostname},
    {"domains", read_domains},
    {NULL, NULL},
};

/* ---- the file ---- */

int vw_config_init(struct vw_config *c, struct vw_error *err)
{
    *c = (struct vw_config){
        .max_clients = 5000,
        .max_anonymous_clients = 20,
        .max_client_requests = 5,
        .keepalive_interval = 5,
        .keepalive_count = 5,
        .n_domains = 1,
    };
    vw_arena_init(&c->arena);
    c->domains = vw_arena_alloc(&c->arena, sizeof(*c->domains), _Alignof(uint64_t));
    if (!c->domains)
        return vw_error_nomem(err);
    c->domains[0] = vw_domain_default;
    return 0;
}

void vw_config_finish(struct vw_config *c)
{
    vw_arena_finish(&c->arena);
    *c = (struct vw_config){0};
}

/* The first complaint of the YAML parser. */
static int report_syntax(struct fy_diag *diag, struct vw_error *err)
{
    void *iter = NULL;
    struct fy_diag_error *e = fy_diag_errors_iterate(diag, &iter);
    if (!e)
        return vw_error_at(err, VW_ESYNTAX, 1, 1, "not a YAML document");
    return vw_error_at(err, VW_ESYNTAX, (unsigned)e->line + 1, (unsigned)e->column + 1, "%s",
                       e->msg);
}

/* The first document of TEXT; NULL with 0: there is none, with VW_ESYNTAX: it is not YAML. */
static int load_document(const char *text, size_t len, struct fy_diag *diag,
                         struct fy_document **doc, struct vw_error *err)
{
    const struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&cfg);
    int rc = 0;
    if (!parser || fy_parser_set_string(parser, text, len) < 0) {
        fy_parser_destroy(parser);
        return vw_error_nomem(err);
    }
    *doc = fy_parse_load_document(parser);
    if (!*doc && fy_parser_get_stream_error(parser))
        rc = report_syntax(diag, err);
    fy_parser_destroy(parser);
    return rc;
}

int vw_config_parse(struct vw_config *c, const char *text, size_t len, struct vw_error *err)
{
    struct fy_diag *diag = fy_diag_create(NULL);
    struct fy_document *doc = NULL;
    int rc;
    if (!diag)
        return vw_error_nomem(err);
    fy_diag_set_collect_errors(diag, true);
    rc = load_document(text, len, diag, &doc, err);
    if (rc == 0 && doc && fy_document_root(doc))
        rc = read_mapping(c, NULL, fy_document_root(doc), top_keys, err);
    fy_document_destroy(doc);
    fy_diag_destroy(diag);
    if (rc == 0 && c->max_clients < c->max_anonymous_clients)
        rc = vw_error_at(err, VW_ESYNTAX, 1, 1, "max_clients is less than max_anonymous_clients");
    return rc;
}

int vw_config_load(struct vw_config *c, const char *path, struct vw_error *err)
{
    FILE *f = fopen(path, "re");
    char *text;
    size_t len;
    int rc;
    if (!f)
        return vw_error_errno(err, errno, "cannot be opened");
    text = malloc(CONFIG_MAX_BYTES);
    if (!text) {
        fclose(f);
        return vw_error_nomem(err);
    }
    len = fread(text, 1, CONFIG_MAX_BYTES, f);
    if (ferror(f))
        rc = vw_error_errno(err, errno, "cannot be read");
    else if (len == CONFIG_MAX_BYTES)
        rc = vw_error_set(err, VW_ELIMIT, "the file is larger than 4 MiB");
    else
        rc = vw_config_parse(c, text, len, err);
    free(text);
    fclose(f);
    return rc;
}
