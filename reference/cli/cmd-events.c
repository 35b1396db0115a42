// SPDX-License-Identifier: MIT
// virwire events: asks a server for events and prints each as a line of JSON, until it is told to
// stop. It never connects again by itself: a lost connection is an end that is told.
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <virwire/watch.h>

#include "base/nearest.h"
#include "cli/command.h"
#include "cli/connect.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/usage.h"
#include "xdr/json.h"

struct events {
    struct vw_connect x;
    struct vw_arena arena;
    const struct vw_watch_kind *kinds;
    size_t n_kinds;
    struct vw_watch **watches; /* as many as kinds; NULL: not asked for */
    enum vw_watch_form form;
    const char *domain;   /* --domain */
    const void *object;   /* the same as the server knows it */
    uint64_t count, seen; /* --count; 0: no limit */
    int duration_ms;      /* 0: none */
    bool list;
    struct vw_error failed; /* printing */
    bool unwritable;        /* nobody reads; if that is an error, vw_stdout_finish tells */
    int64_t end;            /* of --duration; INT64_MAX: none */
    struct vw_client *client;
    int signals; /* signalfd */
    bool told;   /* one has come */
};

static bool enough(const struct events *e)
{
    return e->failed.code || e->unwritable || (e->count && e->seen == e->count);
}

/* ---- signals ---- */

static void signal_set(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

/* Takes those that have come. */
static bool is_told_to_stop(struct events *e)
{
    struct signalfd_siginfo info;
    while (read(e->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
        e->told = true;
    return e->told;
}

/* ---- printing ---- */

static bool add_members(struct json_object *to, struct json_object *from)
{
    json_object_object_foreach(from, key, value)
    {
        if (json_object_object_add(to, key, json_object_get(value)))
            return false;
    }
    return true;
}

/* The message behind a callback id is a struct of its own, or its fields follow: printed alike. */
static struct json_object *make_line(const struct vw_watch *w, const struct vw_event *ev,
                                     struct vw_error *err)
{
    struct json_object *value = vw_json_from_value(ev->proc->args, ev->value, err);
    struct json_object *line = json_object_new_object();
    struct json_object *kind = json_object_new_string(vw_watch_get_kind(w)->name), *msg;
    bool ok = value && line && kind && json_object_object_add(line, "kind", kind) == 0;
    if (ok && json_object_object_get_ex(value, "msg", &msg) &&
        json_object_is_type(msg, json_type_object)) {
        json_object_get(msg);
        json_object_object_del(value, "msg");
        ok = add_members(line, value) && add_members(line, msg);
        json_object_put(msg);
    } else if (ok) {
        ok = add_members(line, value);
    }
    json_object_put(value);
    if (ok)
        return line;
    json_object_put(line);
    vw_error_nomem(err);
    return NULL;
}

/* A reader that stands still holds up neither a signal nor the end of --duration. */
static void put(struct events *e, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        struct pollfd p[2] = {{.fd = STDOUT_FILENO, .events = POLLOUT},
                              {.fd = e->signals, .events = POLLIN}};
        int n = poll(p, 2, vw_ms_left(e->end));
        if (n == 0 || (n > 0 && !p[0].revents && is_told_to_stop(e))) {
            e->unwritable = true;
            return;
        }
        if (n < 0 || !p[0].revents)
            continue;
        /* What a pipe that can be written takes without waiting. */
        ssize_t done = write(STDOUT_FILENO, text, left < PIPE_BUF ? left : PIPE_BUF);
        if (done < 0 && errno != EINTR && errno != EAGAIN) {
            vw_stdout_failed(errno);
            e->unwritable = true;
            return;
        }
        if (done > 0) {
            text += done;
            left -= (size_t)done;
        }
    }
}

static void on_event(void *user, const struct vw_watch *w, const struct vw_event *ev)
{
    struct events *e = user;
    if (enough(e))
        return;
    struct json_object *line = make_line(w, ev, &e->failed);
    char *text = line ? vw_json_text(line, false) : NULL;
    json_object_put(line);
    e->seen++;
    if (!text) {
        vw_error_nomem(&e->failed);
        return;
    }
    put(e, text);
    if (!e->unwritable)
        put(e, "\n");
    free(text);
}

/* ---- kinds ---- */

static int load_kinds(struct events *e)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_watch_kinds(e->x.profile, &e->arena, &e->kinds, &e->n_kinds, &err))
        return vw_cli_fail("events", NULL, &err);
    e->watches = calloc(e->n_kinds + 1, sizeof(struct vw_watch *));
    return e->watches ? 0 : vw_cli_error("events", VW_EXIT_TOOL, "out of memory");
}

static void list_kinds(const struct events *e)
{
    for (size_t i = 0; i < e->n_kinds; i++) {
        const struct vw_watch_kind *k = &e->kinds[i];
        bool domain = strcmp(k->object, "domain") == 0;
        printf("%-36s%s%s%s%s\n", k->name, domain && k->id == 0 && k->plain ? " old" : "",
               domain && k->plain ? " by-kind" : "", k->callback ? " callback" : "",
               !domain && !k->callback ? " plain" : "");
    }
}

/* KIND is a whole name, or one of a domain without "domain."; '-' is as good as '_'. */
static const struct vw_watch_kind *find_kind(const struct events *e, const char *text)
{
    char name[80];
    snprintf(name, sizeof(name), "%s%s", strchr(text, '.') ? "" : "domain.", text);
    for (char *p = name; *p; p++)
        if (*p == '-')
            *p = '_';
    struct vw_near near = {.word = name};
    for (size_t i = 0; i < e->n_kinds; i++) {
        if (strcmp(e->kinds[i].name, name) == 0)
            return &e->kinds[i];
        vw_near_offer(&near, e->kinds[i].name);
    }
    vw_cli_error("events", VW_EXIT_USAGE, "unknown kind '%s'%s", text,
                 near.best ? VW_HINT(",", near.best) : ", see 'virwire events --list'");
    return NULL;
}

/* ---- asking ---- */

static int start_one(struct events *e, const struct vw_watch_kind *k, struct vw_error *err)
{
    const struct vw_watch_options o = {VW_WATCH_OPTIONS_INIT, .form = e->form, .object = e->object,
                                       .event = on_event, .user = e};
    return vw_watch_start(e->client, k, &o, &e->watches[k - e->kinds], err);
}

/* Whether --domain means something for K. */
static bool is_of_domain(const struct vw_watch_kind *k)
{
    return strcmp(k->object, "domain") == 0 || strcmp(k->object, "qemu") == 0;
}

static int start_named(struct events *e, int n, char **names)
{
    for (int i = 0; i < n; i++) {
        struct vw_error err = VW_ERROR_INIT;
        const struct vw_watch_kind *k = find_kind(e, names[i]);
        if (!e->watches[k - e->kinds] && start_one(e, k, &err))
            return vw_cli_fail("events", k->name, &err);
    }
    return 0;
}

/* Without names: all that the server lets us have. What it refuses is told, since nobody can see
 * later that those events never come. */
static int start_all(struct events *e)
{
    size_t started = 0;
    for (size_t i = 0; i < e->n_kinds; i++) {
        struct vw_error err = VW_ERROR_INIT;
        char text[512];
        if (e->domain && !is_of_domain(&e->kinds[i]))
            continue;
        int rc = start_one(e, &e->kinds[i], &err);
        started += rc == 0;
        if (rc == 0 || (rc == VW_EUSAGE && (e->form != VW_WATCH_AUTO || e->object)))
            continue; /* no such form: nobody expects them */
        if (rc != VW_EREMOTE && rc != VW_EUSAGE)
            return vw_cli_fail("events", e->kinds[i].name, &err);
        vw_cli_warn("events", "no events %s: %s", e->kinds[i].name,
                    vw_error_format(&err, NULL, text, sizeof(text)));
    }
    return started ? 0 : vw_cli_error("events", VW_EXIT_FINDINGS, "the server has no such events");
}

/* A remote_nonnull_domain, as the server knows it by its name (V-6). */
static int find_domain(struct events *e)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_proc *proc =
        vw_schema_proc(e->x.profile->schema, "remote.domain_lookup_by_name");
    struct vw_string name = {.data = (char *)(uintptr_t)e->domain};
    void *ret = NULL;
    if (!e->domain)
        return 0;
    name.len = (uint32_t)strlen(e->domain);
    if (!proc || !proc->args || proc->args->n_fields != 1 || !proc->ret)
        return vw_cli_error("events", VW_EXIT_USAGE, "this schema cannot look domains up");
    if (vw_client_call(e->client, proc, &name, &e->arena, &ret, &err))
        return vw_cli_fail("events", NULL, &err);
    e->object = ret;
    return 0;
}

/* ---- signals ---- */

/* ^C on a terminal goes to the ssh that is the connection too, which may be the first to end. */
static bool is_lost_to_signal(struct events *e, const struct vw_error *err)
{
    return err->code == VW_ECLOSED && is_told_to_stop(e);
}

/* From here on another one ends the process: the server may not answer to what is still said. */
static void release_signals(struct events *e)
{
    sigset_t set;
    if (e->signals < 0)
        return;
    is_told_to_stop(e);
    signal_set(&set);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* ---- waiting ---- */

static int wait_for_events(struct events *e)
{
    struct vw_error err = VW_ERROR_INIT;
    while (!enough(e) && vw_now_ms() < e->end) {
        int64_t next = vw_client_deadline(e->client);
        struct pollfd p[2] = {
            {.fd = vw_client_fd(e->client), .events = vw_client_events(e->client)},
            {.fd = e->signals, .events = POLLIN}};
        if (poll(p, 2, vw_ms_left(next < e->end ? next : e->end)) < 0 && errno != EINTR)
            return vw_cli_error("events", VW_EXIT_TOOL, "poll: %s", strerror(errno));
        if (p[1].revents && is_told_to_stop(e))
            return 0;
        if (vw_client_process(e->client, &err) < 0)
            return is_lost_to_signal(e, &err)
                       ? 0
                       : vw_cli_fail("events", "the connection is lost", &err);
    }
    return e->failed.code ? vw_cli_fail("events", NULL, &e->failed) : 0;
}

/* The goodbye begins here: see vw_connect_goodbye. Events that still come are of no interest. */
static void stop_all(struct events *e, int rc, int64_t end)
{
    struct vw_error err = VW_ERROR_INIT;
    for (size_t i = 0; i < e->n_kinds; i++) {
        struct vw_watch *w = e->watches[i];
        e->watches[i] = NULL;
        if (!w)
            continue;
        int left = vw_ms_left(end);
        vw_client_set_timeout(e->client, left);
        if (rc || err.code || e->unwritable || !left)
            vw_watch_destroy(w);
        else
            vw_watch_stop(w, &err);
    }
}

static int watch(struct events *e, int n, char **names)
{
    int rc = find_domain(e);
    if (rc == 0)
        rc = n ? start_named(e, n, names) : start_all(e);
    /* Not before: a signal ends the process while a server that may not answer is asked. */
    if (rc == 0)
        rc = vw_output_signals("events", &e->signals);
    if (rc == 0)
        fputs("watching\n", stderr);
    e->end = e->duration_ms ? vw_now_ms() + e->duration_ms : INT64_MAX;
    if (rc == 0)
        rc = wait_for_events(e);
    release_signals(e);
    int64_t end = vw_now_ms() + VW_GOODBYE_MS;
    stop_all(e, rc, end);
    if (rc == 0 && !e->unwritable)
        vw_connect_goodbye(e->client, end);
    return rc;
}

static int connect_and_watch(struct events *e, const char *uri, int n, char **names)
{
    struct vw_client_options options;
    struct vw_error err = VW_ERROR_INIT;
    for (int i = 0; i < n; i++) {
        const struct vw_watch_kind *k = find_kind(e, names[i]);
        if (!k)
            return VW_EXIT_USAGE;
        if (e->domain && !is_of_domain(k))
            return vw_cli_error("events", VW_EXIT_USAGE, "--domain is not for %s", k->name);
    }
    int rc = vw_connect_uri(&e->x, uri);
    if (rc)
        return rc;
    vw_connect_client_options(&e->x, &options);
    if (vw_client_open(e->x.uri, &options, &e->client, &err))
        return vw_cli_fail("events", NULL, &err);
    vw_connect_check_keepalive(&e->x, e->client);
    return watch(e, n, names);
}

/* ---- options ---- */

static int take_form(const char *command, void *user, const char *value)
{
    struct events *e = user;
    static const char *const names[] = {"auto", "old", "by-kind", "callback"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(value, names[i]) == 0) {
            e->form = (enum vw_watch_form)i;
            return 0;
        }
    return vw_cli_error(command, VW_EXIT_USAGE,
                        "--form is auto, old, by-kind or callback, not '%s'", value);
}

static int run_options(struct events *e, int argc, char **argv)
{
    const struct vw_cli_option options[] = {
        VW_CONNECT_OPTIONS(&e->x),
        {"list", .flag = &e->list},
        {"count", .number = &e->count, .min = 1, .max = UINT64_MAX},
        {"duration", .ms = &e->duration_ms, .max = INT32_MAX},
        {"form", .take = take_form, .user = e},
        {"domain", .text = &e->domain},
        {NULL},
    };
    int rc = vw_cli_options("events", argc, argv, options);
    if (rc)
        return rc;
    argc -= optind;
    argv += optind;
    if (e->list && argc)
        return vw_cli_error("events", VW_EXIT_USAGE, "--list takes no URI and no KIND");
    if (!e->list && argc < 1)
        return vw_cli_error("events", VW_EXIT_USAGE, "no URI");
    if (e->domain && (e->form == VW_WATCH_OLD || e->form == VW_WATCH_BY_KIND))
        return vw_cli_error("events", VW_EXIT_USAGE, "--domain needs the form callback");
    rc = vw_connect_load(&e->x);
    if (rc == 0)
        rc = load_kinds(e);
    if (rc == 0 && e->list)
        list_kinds(e);
    else if (rc == 0)
        rc = connect_and_watch(e, argv[0], argc - 1, argv + 1);
    return rc;
}

static int run(int argc, char **argv)
{
    struct events e = {.signals = -1, .end = INT64_MAX};
    vw_connect_init(&e.x, "events");
    int rc = run_options(&e, argc, argv);
    vw_client_destroy(e.client);
    free(e.watches);
    if (e.signals >= 0)
        close(e.signals);
    vw_arena_finish(&e.arena);
    vw_connect_finish(&e.x);
    return rc;
}

const struct vw_command vw_command_events = {
    .name = "events",
    .summary = "print the events of a server as lines of JSON",
    .usage = vw_usage_events,
    .run = run,
};
