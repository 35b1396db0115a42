// SPDX-License-Identifier: MIT
// Starting, ending and hearing a virwired of a case.
#include "conformance/play/served.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conformance/play/client.h"
#include "scenario/rule.h"

/* From SIGTERM to SIGKILL: it has a capture to finish. */
#define GRACE_MS  2000
#define FAULT_MAX 32

/* ---- files ---- */

static int write_file(struct vw_run *run, const char *name, const struct vw_node *n,
                      struct vw_error *err)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", run->served->dir, name);
    FILE *f = fopen(path, "wxe");
    if (!f)
        return vw_error_errno(err, errno, "cannot write %s", path);
    if (n->key)
        fprintf(f, "%s: ", n->key);
    vw_node_print(n, f);
    fputc('\n', f);
    return fclose(f) == 0 ? 0 : vw_error_errno(err, errno, "cannot write %s", path);
}

/* ---- the command line ---- */

static const char *const listens[] = {"unix", "read-only", "admin", "tcp", "tls", NULL};

static const struct vw_key credential_key_list[] = {
    {"user", VW_TAKES_TEXT, true, NULL, NULL, "the name"},
    {"password", VW_TAKES_TEXT, true, NULL, NULL, "the password"},
    {NULL},
};
static const struct vw_keys credential_keys = {"credentials", credential_key_list, NULL};

static const struct vw_key serve_key_list[] = {
    {"listen", VW_TAKES_TEXT, false, listens, NULL,
     "unix (if absent), read-only (a UNIX socket whose name ends in -ro), admin (one on which the "
     "administration is spoken), tcp or tls"},
    {"certificate", VW_TAKES_TEXT, false, NULL, NULL,
     "of tls: a kind of certificates for servers that ci/make-pki makes; good if absent"},
    {"profile", VW_TAKES_TEXT, false, NULL, NULL,
     "the release that it speaks as; that of the run if absent"},
    {"faults", VW_TAKES_TEXTS, false, NULL, NULL, "faults of virwired: NAME or NAME=N"},
    {"rules", VW_TAKES_MAPS, false, NULL, &vw_rule_keys, "rules of virwired (--rules)"},
    {"config", VW_TAKES_VALUE, false, NULL, NULL, "a configuration of virwired (--config)"},
    {"credentials", VW_TAKES_MAP, false, NULL, &credential_keys,
     "what a client logs in with: {uri} names a file of them (authfile)"},
    {NULL},
};
const struct vw_keys vw_serve_keys = {"serve", serve_key_list, NULL};

/* In the form that libvirt's clients read, for whatever host. */
static int write_credentials(struct vw_run *run, const struct vw_node *n, struct vw_error *err)
{
    struct vw_served *s = run->served;
    s->authfile = vw_arena_printf(&run->arena, "%s/auth.conf", s->dir);
    FILE *f = s->authfile ? fopen(s->authfile, "wxe") : NULL;
    if (!f)
        return vw_error_errno(err, errno, "cannot write credentials in %s", s->dir);
    fprintf(f,
            "[auth-libvirt-127.0.0.1]\ncredentials=a\n[auth-libvirt-default]\ncredentials=a\n"
            "[credentials-a]\nauthname=%s\npassword=%s\n",
            vw_node_get(n, "user")->text, vw_node_get(n, "password")->text);
    return fclose(f) == 0 ? 0 : vw_error_errno(err, errno, "cannot write %s", s->authfile);
}

struct line {
    struct vw_run *run;
    const char *argv[28 + 2 * FAULT_MAX];
    size_t n;
};

static void add(struct line *l, const char *option, const char *value)
{
    l->argv[l->n++] = option;
    l->argv[l->n++] = value;
}

bool vw_served_fits(const struct vw_case *c, const struct vw_condition *under)
{
    bool own = false;
    for (const struct vw_node *step = c->steps->first; step; step = step->next) {
        const struct vw_node *serve = vw_node_get(step, "serve"), *run = vw_node_get(step, "run");
        own = own || vw_node_get(serve, "listen") || vw_node_get(run, "uri");
    }
    return !own || !under->value[VW_FACTOR_TRANSPORT];
}

/* How the bytes of the server come, and what is under way beside the answer that the client waits
 * for, by oddities that the protocol allows. */
static void add_condition(struct line *l, const struct vw_condition *under)
{
    static const char *const faults[VW_BYTES_GLUED_BEHIND][2] = {
        [VW_BYTES_ONE] = {"legal-chunks=1"},
        [VW_BYTES_FIELDS] = {"legal-chunks=4"},
        [VW_BYTES_GLUED_BEFORE] = {"legal-slow=20", "legal-ping=5"},
    };
    for (int i = 0; i < 2 && under; i++)
        if (faults[under->value[VW_FACTOR_BYTES]][i])
            add(l, "--fault", faults[under->value[VW_FACTOR_BYTES]][i]);
    if (under && under->value[VW_FACTOR_FLIGHT])
        add(l, "--fault", "legal-pings-ahead");
}

static const char *listen_uri(struct vw_run *run, const struct vw_node *serve)
{
    static const char *const transports[] = {"", "tcp", "tls"};
    struct vw_served *s = run->served;
    const struct vw_node *listen = vw_node_get(serve, "listen");
    const struct vw_node *kind = vw_node_get(serve, "certificate");
    const struct vw_condition *under = run->settings->connector.condition;
    const char *over = listen  ? listen->text
                       : under ? transports[under->value[VW_FACTOR_TRANSPORT]]
                               : "";
    if (strcmp(over, "tcp") == 0)
        return "tcp://127.0.0.1:0";
    if (strcmp(over, "tls") == 0) {
        s->tls = run->settings->client->pki;
        return vw_arena_printf(&run->arena, "tls://127.0.0.1:0?pkipath=%s/server/%s", s->tls,
                               kind ? kind->text : "good");
    }
    bool read_only = strcmp(over, "read-only") == 0;
    s->admin = strcmp(over, "admin") == 0;
    return vw_arena_printf(&run->arena, "unix://%s/%s%s", s->dir, read_only ? "s-ro" : "s",
                           s->admin ? "?program=admin" : "");
}

static int make_line(struct line *l, const struct vw_node *serve, struct vw_error *err)
{
    struct vw_run *run = l->run;
    const struct vw_node *profile = vw_node_get(serve, "profile");
    const struct vw_node *faults = vw_node_get(serve, "faults");
    const struct vw_node *rules = vw_node_get(serve, "rules");
    const struct vw_node *config = vw_node_get(serve, "config");
    const char *dir = run->served->dir;
    int rc = 0;
    run->served->profile = profile ? profile->text : NULL;
    l->argv[l->n++] = run->settings->client->virwired;
    add(l, "--listen", listen_uri(run, serve));
    add(l, "--profile", profile ? profile->text : run->settings->profile->name);
    add(l, "--record", vw_arena_printf(&run->arena, "%s/said.pcapng", dir));
    add_condition(l, run->settings->connector.condition);
    if (run->settings->client->by_hand)
        add(l, "--log", "json=/dev/stdout");
    if (faults && faults->count > FAULT_MAX)
        return vw_node_error(faults, err, "at most %d faults", FAULT_MAX);
    for (const struct vw_node *f = faults ? faults->first : NULL; f; f = f->next)
        add(l, "--fault", f->text);
    if (rules)
        add(l, "--rules", vw_arena_printf(&run->arena, "%s/rules.yaml", dir));
    if (rules)
        rc = write_file(run, "rules.yaml", rules, err);
    if (config)
        add(l, "--config", vw_arena_printf(&run->arena, "%s/config.yaml", dir));
    if (rc == 0 && config) {
        struct vw_node *plain = vw_node_copy(&run->arena, config);
        if (plain)
            plain->key = NULL;
        rc = plain ? write_file(run, "config.yaml", plain, err) : vw_error_nomem(err);
    }
    const struct vw_node *credentials = vw_node_get(serve, "credentials");
    if (rc == 0 && credentials)
        rc = write_credentials(run, credentials, err);
    for (size_t i = 0; i < l->n && rc == 0; i++)
        rc = l->argv[i] ? 0 : vw_error_nomem(err);
    return rc;
}

int vw_served_start(struct vw_run *run, const struct vw_node *serve, struct vw_error *err)
{
    struct line l = {.run = run};
    run->served = vw_arena_zalloc(&run->arena, sizeof(*run->served), sizeof(void *));
    int rc = run->served ? vw_place_make(run->served->dir, err) : vw_error_nomem(err);
    if (rc == 0)
        rc = make_line(&l, serve, err);
    const struct vw_spawned_options o = {
        .name = VW_SERVED_NAME, .argv = l.argv, .grace_ms = GRACE_MS};
    if (rc == 0)
        rc = vw_spawned_start(&o, &run->served->child, err);
    if (rc < 0)
        return rc;
    run->served->child->next = run->spawned;
    run->spawned = run->served->child;
    return 0;
}

/* ---- readiness ---- */

static const char *text_between(struct vw_run *run, const char *from, size_t n)
{
    return vw_arena_strndup(&run->arena, from, n);
}

static int make_uri(struct vw_run *run, struct vw_error *err)
{
    struct vw_served *s = run->served;
    const char *at = s->listening;
    if (strncmp(at, "unix://", 7) == 0)
        s->uri = vw_arena_printf(&run->arena, "%s?socket=%.*s",
                                 s->admin ? "libvirtd:///system" : "test+unix:///default",
                                 (int)strcspn(at + 7, "?"), at + 7);
    else if (s->tls)
        s->uri = vw_arena_printf(&run->arena, "test+%.*s/default?pkipath=%s/client/good",
                                 (int)strcspn(at, "?"), at, s->tls);
    else
        s->uri = vw_arena_printf(&run->arena, "test+%.*s/default", (int)strcspn(at, "?"), at);
    if (s->uri && s->authfile)
        s->uri = vw_arena_printf(&run->arena, "%s%cauthfile=%s", s->uri,
                                 strchr(s->uri, '?') ? '&' : '?', s->authfile);
    return s->uri ? 0 : vw_error_nomem(err);
}

static int tell_end(const struct vw_spawned *child, struct vw_error *err)
{
    return vw_error_set(err, VW_ESYSTEM, "virwired ended with %d: %.250s", child->status,
                        child->text[1]);
}

int vw_served_ready(struct vw_run *run, struct vw_error *err)
{
    struct vw_served *s = run->served;
    const char *said = s->child->text[0], *end = strchr(said, '\n');
    if (end && strncmp(said, "listening ", 10) == 0) {
        snprintf(s->listening, sizeof(s->listening), "%.*s", (int)(end - said - 10), said + 10);
        int rc = make_uri(run, err);
        return rc < 0 ? rc : 1;
    }
    if (vw_spawned_over(s->child))
        return tell_end(s->child, err);
    return 0;
}

bool vw_served_failed(const struct vw_run *run, struct vw_error *err)
{
    const struct vw_spawned *child = run->served ? run->served->child : NULL;
    return child && child->ended && child->status != 0 && tell_end(child, err) < 0;
}

/* ---- words of commands ---- */

static const char *port_of(struct vw_run *run)
{
    const char *at = run->served ? strrchr(run->served->listening, ':') : NULL;
    return at ? text_between(run, at + 1, strcspn(at + 1, "?/")) : "";
}

static const char *socket_of(struct vw_run *run)
{
    const char *at = run->served ? run->served->listening : "";
    return strncmp(at, "unix://", 7) == 0 ? text_between(run, at + 7, strcspn(at + 7, "?")) : "";
}

const char *vw_served_fill(struct vw_run *run, const char *text, const char *does,
                           struct vw_error *err)
{
    const struct vw_served *s = run->served;
    const struct vw_place_word words[] = {
        {"{uri}", s && s->uri ? s->uri : ""},
        {"{does}", does},
        {"{dir}", s ? s->dir : ""},
        {"{socket}", socket_of(run)},
        {"{port}", port_of(run)},
        {"{pki}", run->settings->client->pki ? run->settings->client->pki : ""},
        {NULL},
    };
    const char *out = vw_place_fill(&run->arena, text, words);
    if (!out)
        vw_error_nomem(err);
    return out;
}

/* ---- the end ---- */

void vw_served_finish(struct vw_run *run)
{
    struct vw_served *s = run->served;
    if (!s)
        return;
    while (s->messages) {
        struct vw_overheard *next = s->messages->next;
        free(s->messages);
        s->messages = next;
    }
    vw_place_remove(s->dir);
    run->served = NULL;
}
