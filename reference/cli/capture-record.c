// SPDX-License-Identifier: MIT
// virwire capture record: a proxy between clients and a server, and what passes through it in a
// file.
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <virwire/version.h>

#include "capture/proxy.h"
#include "cli/capture.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/schema-options.h"
#include "cli/uri-options.h"
#include "transport/leash.h"

#define NAME       "capture record"
#define CONNECT_MS 30000
#define DRAIN_MS   2000 /* for what the program that was recorded has left to be passed on */
#define GRACE_MS   2000 /* from SIGTERM to SIGKILL */

struct told {
    struct told *next;
    char rule[60];
};

struct record {
    struct vw_cli_schema schema;
    struct vw_cli_uri how; /* of --connect */
    const char *listen, *connect, *output, *format;
    bool show_secrets;
    bool lint;         /* hold what is said against the rules, and the file once it is there */
    struct told *told; /* rules that were told of: the report has how often */

    struct vw_profile *profile;
    struct vw_arena arena; /* of URIs and the words of the program */
    const struct vw_uri *server;
    struct vw_transport_options transport;
    struct vw_listener *listener;
    struct vw_recorder *recorder;
    struct vw_proxy *proxy;
    int signals; /* signalfd */
    struct vw_leash program;
};

/* ---- URIs ---- */

/* unix:///PATH and the like, as --listen has them, mean the test driver over that. NULL: no memory.
 */
static const char *whole_uri(struct record *r, const char *text)
{
    static const char unix_socket[] = "unix:///";
    if (strncmp(text, unix_socket, sizeof(unix_socket) - 1) == 0)
        return vw_arena_printf(&r->arena, "test+unix:///default?socket=%s",
                               text + sizeof(unix_socket) - 2);
    if (strncmp(text, "tcp://", 6) == 0 || strncmp(text, "tls://", 6) == 0) {
        int host = (int)strcspn(text, "?");
        bool bare = !memchr(text + 6, '/', (size_t)host - 6);
        return vw_arena_printf(&r->arena, "test+%.*s%s%s", host, text, bare ? "/default" : "",
                               text + host);
    }
    return text;
}

static int read_server(struct record *r)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_uri_options options;
    int rc = vw_cli_uri_fill(NAME, &r->how, r->profile->name,
                             r->profile->dialect == VW_PROFILE_2007, &r->arena, &options);
    if (rc)
        return rc;
    const char *text = whole_uri(r, r->connect);
    if (!text)
        return vw_cli_error(NAME, VW_EXIT_TOOL, "out of memory");
    rc = vw_uri_parse(text, strlen(text), &options, &r->arena, &r->server, &err);
    if (rc == 0 && r->server->transport == VW_TRANSPORT_LOCAL)
        rc = vw_error_set(&err, VW_EUSAGE, "it names no server: a driver inside the client does");
    if (rc)
        return vw_cli_fail_input(NAME, "--connect", &err);
    vw_cli_uri_warn(NAME, r->server);
    return 0;
}

/* What a client connects to for what is behind the proxy: where we listen, with the driver and path
 * of the server. NULL: no memory. */
static const char *client_uri(struct record *r)
{
    const char *text = r->listener->client_uri;
    const struct vw_uri *here;
    if (vw_uri_parse(text, strlen(text), NULL, &r->arena, &here, NULL))
        return NULL;
    const struct vw_uri_var pki = {.name = "pkipath", .value = r->server->pkipath};
    struct vw_uri u = *here;
    u.driver = r->server->driver;
    u.path_raw = r->server->path_raw;
    if (r->listener->tls && pki.value) {
        u.vars = &pki;
        u.var_count = 1;
    }
    return vw_uri_print(&u, &r->arena);
}

/* ---- the program ---- */

/* WORD with {uri} replaced. NULL: no memory. */
static const char *fill_in(struct record *r, const char *word, const char *uri)
{
    static const char mark[] = "{uri}";
    const char *out = word, *at;
    for (size_t skip = 0; out && (at = strstr(out + skip, mark)); skip += strlen(uri)) {
        skip = (size_t)(at - out);
        out = vw_arena_printf(&r->arena, "%.*s%s%s", (int)skip, out, uri, at + strlen(mark));
    }
    return out;
}

static int start_program(struct record *r, int n, char **words)
{
    const char **argv = vw_arena_alloc(&r->arena, sizeof(*argv) * ((size_t)n + 1), sizeof(*argv));
    const char *uri = client_uri(r);
    for (int i = 0; i < n && argv && uri; i++)
        if (!(argv[i] = fill_in(r, words[i], uri)))
            argv = NULL;
    if (!argv || !uri)
        return vw_cli_error(NAME, VW_EXIT_TOOL, "out of memory");
    argv[n] = NULL;
    const struct vw_leash_program program = {.argv = argv,
                                             .env = environ,
                                             .fds = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO},
                                             .grace_ms = GRACE_MS,
                                             .pass_on = true};
    int e = vw_leash_start(&program, &r->program);
    return e ? vw_cli_error(NAME, VW_EXIT_UNREACHABLE, "%s: %s", argv[0], strerror(e)) : 0;
}

/* As a shell tells it. */
static int program_status(const struct vw_leash *l)
{
    return WIFEXITED(l->status) ? WEXITSTATUS(l->status) : 128 + WTERMSIG(l->status);
}

/* ---- the run ---- */

/* Until a signal comes, or the program has ended and what it said is passed on. */
static int pass_on(struct record *r)
{
    struct vw_error err = VW_ERROR_INIT;
    int64_t end = INT64_MAX;
    bool ended = false;
    for (;;) {
        struct pollfd p[2] = {
            {.fd = r->signals, .events = POLLIN},
            {.fd = r->program.keeper && !ended ? r->program.line : -1, .events = POLLIN}};
        if (vw_proxy_turn(r->proxy, p, 2, end, &err) < 0)
            return vw_cli_fail(NAME, r->output, &err);
        if (p[0].revents)
            return 0;
        if (p[1].revents && vw_leash_ended(&r->program)) {
            ended = true;
            end = vw_now_ms() + DRAIN_MS;
        }
        if (ended && (vw_proxy_open(r->proxy) == 0 || vw_now_ms() >= end))
            return program_status(&r->program);
    }
}

/* A finding as it comes: the first of its rule. */
static void hear(void *user, uint64_t number, const struct vw_talk_event *ev)
{
    struct record *r = user;
    char rule[60], where[100], line[600];
    if (ev->kind != VW_TALK_FINDING)
        return;
    snprintf(rule, sizeof(rule), "%s/%s", ev->finding->place.side, ev->finding->clauses);
    struct told *t = r->told;
    while (t && strcmp(t->rule, rule) != 0)
        t = t->next;
    if (t || !(t = vw_arena_zalloc(&r->arena, sizeof(*t), _Alignof(struct told))))
        return;
    memcpy(t->rule, rule, sizeof(rule));
    t->next = r->told;
    r->told = t;
    struct vw_finding f = *ev->finding;
    snprintf(where, sizeof(where), "connection %" PRIu64 ", message %" PRIu64, number, ev->number);
    f.rule = rule;
    f.place.file = where;
    vw_cli_error(NAME, 0, "%s", vw_finding_line(&f, line, sizeof(line)));
}

static int open_all(struct record *r)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_recorder_options o = {.form =
                                              strcmp(r->format, "pcap") == 0 ? VW_PCAP : VW_PCAPNG,
                                          .profile = r->profile,
                                          .show_secrets = r->show_secrets,
                                          .application = "virwire " VIRWIRE_VERSION,
                                          .keys = getenv("SSLKEYLOGFILE"),
                                          .hear = r->lint ? hear : NULL,
                                          .user = r};
    if (vw_listener_open(r->listen, NULL, &r->listener, &err) < 0 ||
        vw_recorder_open(r->output, &o, &r->recorder, &err) < 0)
        return vw_cli_fail(NAME, NULL, &err);
    if (r->listener->stdio)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--listen '%s': a proxy needs a socket",
                            r->listen);
    const struct vw_proxy_options p = {.listener = r->listener,
                                       .server = r->server,
                                       .transport = &r->transport,
                                       .connect_ms = CONNECT_MS,
                                       .recorder = r->recorder};
    return vw_proxy_create(&p, &r->proxy, &err) < 0 ? vw_cli_fail(NAME, NULL, &err) : 0;
}

/* Where to connect, for whoever has not told us the port. */
static int announce(const struct record *r)
{
    FILE *out = strcmp(r->output, "-") == 0 ? stderr : stdout;
    fprintf(out, "listening %s\n", r->listener->uri);
    return fflush(out) == 0 ? 0 : VW_EXIT_TOOL;
}

static int record(struct record *r, int n, char **words)
{
    int rc = vw_cli_schema_load(NAME, &r->schema, &r->profile);
    if (rc == 0)
        rc = read_server(r);
    if (rc == 0)
        rc = open_all(r);
    if (rc == 0)
        rc = vw_output_signals(NAME, &r->signals);
    if (rc == 0)
        rc = n ? start_program(r, n, words) : announce(r);
    return rc ? rc : pass_on(r);
}

/* What the file lacks is told, whatever else there is to tell. */
static int finish(struct record *r, int rc)
{
    struct vw_error err = VW_ERROR_INIT;
    vw_leash_end(&r->program);
    vw_proxy_destroy(r->proxy);
    if (vw_recorder_close(r->recorder, &err) < 0 && rc == 0)
        rc = vw_cli_fail(NAME, r->output, &err);
    vw_listener_close(r->listener);
    if (r->signals >= 0)
        close(r->signals);
    vw_profile_destroy(r->profile);
    vw_arena_finish(&r->arena);
    return rc;
}

static int lint(const struct record *r)
{
    char command[] = "capture lint", name[] = "--profile";
    char *path = (char *)(uintptr_t)r->output, *profile = (char *)(uintptr_t)r->schema.profile;
    char *argv[] = {command, path, profile ? name : NULL, profile, NULL};
    optind = 1;
    return vw_capture_lint.run(profile ? 4 : 2, argv);
}

static void warn(void *user, const char *text)
{
    vw_cli_warn(NAME, "%s", text);
}

static int run(int argc, char **argv)
{
    struct record r = {.signals = -1, .format = "pcapng", .transport = {.warn = warn}};
    const struct vw_cli_option options[] = {
        VW_CLI_SCHEMA_OPTIONS(&r.schema),
        VW_CLI_URI_OPTIONS(&r.how),
        {"listen", .text = &r.listen},
        {"connect", .text = &r.connect},
        {"output", 'o', .text = &r.output},
        {"format", .text = &r.format},
        {"show-secrets", .flag = &r.show_secrets},
        {"lint", .flag = &r.lint},
        {"no-redact", .flag = &r.show_secrets},
        {NULL},
    };
    int rc = vw_cli_options(NAME, argc, argv, options);
    if (rc)
        return rc;
    if (!r.listen || !r.connect || !r.output)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--listen, --connect and -o are needed");
    if (strcmp(r.format, "pcapng") != 0 && strcmp(r.format, "pcap") != 0)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--format is pcapng or pcap, not '%s'", r.format);
    if (r.lint && strcmp(r.output, "-") == 0)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--lint reads the file again, and stdout is none");
    rc = finish(&r, record(&r, argc - optind, argv + optind));
    return rc || !r.lint ? rc : lint(&r);
}

const struct vw_capture_verb vw_capture_record = {"record", run};
