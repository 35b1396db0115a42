// SPDX-License-Identifier: MIT
// check client: the suite for clients. For each case a virwired with the case's rules and faults,
// and the client for the URI of that.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/nearest.h"
#include "conformance/play/by-hand.h"
#include "conformance/play/check.h"
#include "conformance/play/combine.h"
#include "conformance/play/discover-client.h"
#include "conformance/play/followed.h"

/* ---- what is needed ---- */

/* virwired stands beside this program, or where the build has put it. */
static const char *find_virwired(struct vw_check *check)
{
    static const char *const places[] = {"virwired", "../../mock-daemon/virwired"};
    char self[1024];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash = n > 0 ? (self[n] = '\0', strrchr(self, '/')) : NULL;
    const char *given = getenv("VIRWIRED");
    if (given && *given)
        return given;
    for (size_t i = 0; slash && i < sizeof(places) / sizeof(places[0]); i++) {
        const char *path =
            vw_arena_printf(&check->arena, "%.*s/%s", (int)(slash - self), self, places[i]);
        if (!path || access(path, X_OK) == 0)
            return path;
    }
    return "virwired";
}

/* There is no file of commands for NAME in DIR: which there are. */
static int tell_clients(const char *name, const char *dir, struct vw_error *err)
{
    const struct vw_search how = {.ending = ".yaml"};
    struct vw_near near = {.word = name};
    struct vw_paths files;
    char known[300] = "";
    vw_paths_find(&files, dir, &how);
    for (size_t i = 0; i < files.count; i++) {
        char *base = strrchr(files.list[i], '/') + 1;
        size_t n = strlen(known);
        base[strlen(base) - strlen(how.ending)] = '\0';
        snprintf(known + n, sizeof(known) - n, "%s%s", n ? ", " : "", base);
        vw_near_offer(&near, base);
    }
    vw_error_set(err, VW_EUSAGE,
                 "there are no commands for \"%.40s\" here%s; known are %s, and any file of them "
                 "by its path",
                 name, VW_HINT(";", near.best), known);
    vw_paths_finish(&files);
    return err->code;
}

/* A file, or the name of one that comes with the suite. */
static int load_commands(struct vw_check *check, struct vw_client_suite *s, struct vw_error *err)
{
    const struct vw_check_options *o = check->options;
    /* What cannot be told from a command that does all. */
    static const char *const somebody[] = {"{does}", NULL};
    const char *const *command = o->listen_only ? somebody : o->command;
    char path[1200];
    if (!o->commands && !command)
        return 0;
    if (!o->commands)
        return vw_client_commands_plain(command, o->does, &check->arena, &s->commands, err);
    if (strchr(o->commands, '/') || strchr(o->commands, '.')) {
        snprintf(path, sizeof(path), "%s", o->commands);
    } else {
        char dir[1024];
        vw_check_own_suite("clients", dir, sizeof(dir));
        snprintf(path, sizeof(path), "%s/%s.yaml", dir, o->commands);
        if (access(path, F_OK) < 0)
            return tell_clients(o->commands, dir, err);
    }
    int rc = vw_client_commands_load(path, &check->arena, &s->commands, err);
    if (rc < 0)
        snprintf(check->error_file, sizeof(check->error_file), "%s", path);
    return rc;
}

static int load(struct vw_check *check, const struct vw_suite_options *options,
                struct vw_error *err)
{
    struct vw_client_suite *s = vw_arena_zalloc(&check->arena, sizeof(*s), sizeof(void *));
    if (!s)
        return vw_error_nomem(err);
    check->state = s;
    s->pki = check->options->pki;
    s->memory = check->options->memory;
    s->virwired = find_virwired(check);
    if (!s->virwired)
        return vw_error_nomem(err);
    int rc = load_commands(check, s, err);
    if (rc == 0 && s->commands.argv && !check->options->listen_only)
        rc = vw_sanity_of_client(&check->sanity, &s->commands, check->profile, err);
    vw_conditions_of_clients(&check->conditions, s->pki);
    if (rc == 0 && check->options->when)
        rc = vw_condition_parse(&check->conditions, check->options->when, &check->when, err);
    return rc < 0 ? rc : vw_check_load_suite(check, options, err);
}

/* ---- the run ---- */

/* The first number in TEXT that has a point, or the first of all: "python3-libvirt 9.0.0" is 9.0.0.
 */
static const char *find_version(const char *text)
{
    static const char digits[] = "0123456789.";
    const char *first = text + strcspn(text, "0123456789\n"), *at = first;
    while (*at && *at != '\n' && !memchr(at, '.', strspn(at, digits))) {
        at += strspn(at, digits);
        at += strcspn(at, "0123456789\n");
    }
    return *at && *at != '\n' ? at : first;
}

/* The last line that P wrote on stderr, without its end. */
static const char *last_words(struct vw_spawned *p)
{
    char *text = p->text[1];
    if (!text)
        return "";
    for (size_t n = strlen(text); n > 0 && text[n - 1] == '\n'; n--)
        text[n - 1] = 0;
    const char *line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

/* A client that cannot even say its version is not there, whatever started: an interpreter without
 * the client's module, say. Its cases would all be failures of the machine. */
static int is_there(const struct vw_check *check, struct vw_spawned *p, struct vw_error *err)
{
    if (!vw_spawned_over(p))
        return vw_error_set(err, VW_EUNREACHABLE,
                            "the command that tells %s's version has not ended within %d ms",
                            check->peer.driver, check->options->timeout_ms);
    if (p->status == 0)
        return 0;
    return vw_error_set(err, VW_EUNREACHABLE,
                        "the command that tells %s's version ended with %d: %s", check->peer.driver,
                        p->status, last_words(p));
}

/* The first line of what the command that tells the version says. */
static int ask_version(struct vw_check *check, const struct vw_client_suite *s,
                       struct vw_error *err)
{
    struct vw_peer *peer = &check->peer;
    snprintf(peer->driver, sizeof(peer->driver), "%s", s->commands.name);
    if (!s->commands.version)
        return 0;
    const struct vw_spawned_options o = {.name = "version", .argv = s->commands.version};
    struct vw_spawned *p;
    int64_t deadline = vw_now_ms() + check->options->timeout_ms;
    int rc = vw_spawned_start(&o, &p, err);
    if (rc < 0)
        return rc == VW_ENAME ? vw_error_set(err, VW_EUNREACHABLE, "%s", err->text) : rc;
    while (!vw_spawned_over(p) && vw_now_ms() < deadline) {
        struct pollfd fds[VW_SPAWNED_FDS];
        poll(fds, vw_spawned_poll_set(p, fds), 50);
        vw_spawned_pump(p);
    }
    rc = is_there(check, p, err);
    if (rc == 0) {
        const char *at = find_version(p->text[0]);
        snprintf(peer->lib_version, sizeof(peer->lib_version), "%.*s",
                 (int)strspn(at, "0123456789."), at);
    }
    vw_spawned_end(p);
    return rc;
}

/* Why no client that can do so much is asked for what C is about, or NULL. */
static const char *what_is_missing(struct vw_check *check, const struct vw_case *c)
{
    const struct vw_client_suite *s = check->state;
    for (const struct vw_node *step = c->steps->first; step; step = step->next) {
        const struct vw_node *does = vw_node_get(vw_node_get(step, "run"), "does");
        const struct vw_node *steady = vw_node_get(vw_node_get(step, "judge"), "steady");
        if (does && !s->commands.argv[vw_does_find(does->text)])
            return vw_arena_printf(&check->arena, VW_NOBODY_SAYS, does->text);
        if (steady && !s->memory)
            return "what it takes of memory is looked at with --memory";
    }
    return NULL;
}

static void skip_what_is_unfit(struct vw_check *check)
{
    for (size_t i = 0; i < check->count; i++) {
        const struct vw_case *c = check->results[i].c;
        const char *missing = what_is_missing(check, c);
        if (c->unconditional && check->options->when)
            vw_result_set(&check->results[i], VW_SKIP,
                          "says itself how its bytes come (conditions: no)");
        else if (!vw_served_fits(c, &check->when))
            vw_result_set(&check->results[i], VW_SKIP, "says itself over what it is played");
        else if (missing)
            vw_result_set(&check->results[i], VW_SKIP, missing);
        else if (c->unfit)
            vw_result_set(&check->results[i], VW_SKIP, c->unfit);
        else if ((c->needs & VW_NEED_SLOW) && check->options->slow_ms == 0)
            vw_result_set(&check->results[i], VW_SKIP, "waits long; --slow 60 runs it");
    }
}

/* What the first case says of the run: 1 it goes on, 0 it is over. */
static int begin(struct vw_check *check, const struct vw_player_options *po, struct vw_error *err)
{
    struct vw_result *first = &check->first;
    if (!check->sanity.ask || check->options->keep_going)
        return 1;
    vw_player_play(po, check->sanity.ask, first);
    if (vw_verdict_is_finding(first->finding.verdict) && first->silent)
        return vw_check_give_up(check, true, err);
    vw_result_finish(first);
    return 1;
}

static int run(struct vw_check *check, struct vw_error *err)
{
    const struct vw_check_options *o = check->options;
    struct vw_client_suite *s = check->state;
    struct vw_by_hand hand = {
        .tell = o->say, .user = o->user, .wait_ms = o->timeout_ms, .answers = STDIN_FILENO};
    struct vw_player_options po = {
        .settings = {.profile = check->profile,
                     .timeout_ms = o->timeout_ms,
                     .quiet_ms = o->quiet_ms,
                     .show_secrets = o->show_secrets,
                     .client = s},
        .jobs = o->listen_only ? 1 : o->jobs,
        .fail_fast = o->fail_fast,
        .transcripts = o->trace != NULL,
        .interrupted = o->interrupted,
        .progress = o->progress,
        .user = o->user,
    };
    int rc = vw_client_commands_check(&s->commands, err);
    rc = rc ? rc : ask_version(check, s, err);
    if (rc < 0) {
        check->tally.planned = check->count;
        check->tally.unreachable = rc != VW_ENOMEM;
        return rc;
    }
    if (o->discover)
        return vw_discover_client(&po, o->command, o->discover, &check->tally, err);
    rc = begin(check, &po, err);
    if (rc <= 0)
        return rc;
    skip_what_is_unfit(check);
    s->by_hand = o->listen_only ? &hand : NULL;
    vw_check_condition(check, &check->when, &po.settings, NULL);
    rc = vw_player_run(&po, check->results, check->count, &check->tally, err);
    rc = rc ? rc
            : vw_followed_sum(check->results, check->count, &check->arena, &check->dialects, err);
    rc = rc || !o->combine ? rc : vw_combine(check, &po, err);
    s->by_hand = NULL;
    if (hand.nobody)
        vw_tally_incomplete(&check->tally, "nobody came");
    return rc;
}

const struct vw_check_kind vw_check_client = {
    "client", "a client that a command starts, once for each case", "-- COMMAND", load, run};
