// SPDX-License-Identifier: MIT
// virwire fuzz: a campaign against a server, and what its journals show again.
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/shown.h"
#include "cli/command.h"
#include "cli/commit.h"
#include "cli/credentials.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/report-files.h"
#include "cli/uri-options.h"
#include "cli/usage.h"
#include "fuzz/blackbox/minimise.h"

#define NAME        "fuzz"
#define LIST_MAX    64
#define MAX_MS      3600000   /* of one wait */
#define TIME_MAX_MS 604800000 /* of a campaign: a week */
#define JOURNAL_MAX ((size_t)4 << 30)
#define TYPING_MS   60000
#define MIB         1048576u

struct request {
    struct vw_campaign_options o;
    struct vw_client_options login, login_of_uri;
    struct vw_cli_credentials credentials;
    struct vw_cli_uri how;
    const char *uri, *profile_name, *replay, *minimise, *output, *write_case;
    const char *run[LIST_MAX], *skip[LIST_MAX];
    char journal_name[64];
    unsigned journal_mib, memory_mib, descriptors, burst;
    int timeout_ms, time_ms;
    bool seeded;
    bool terminal, shown; /* stderr is one; a line of progress stands there */
    struct vw_cli_reports reports;
    struct vw_profile *profile;
    struct vw_arena arena;
    const struct vw_uri *parsed;
};

/* ---- the command line ---- */

static int take_seed(const char *command, void *user, const char *value)
{
    struct request *r = user;
    r->seeded = true;
    return vw_cli_number(command, "--seed", value, 0, UINT64_MAX, &r->o.seed);
}

static int take_allow(const char *command, void *user, const char *value)
{
    struct request *r = user;
    return vw_effect_parse(value, &r->o.generator.allowed) &&
                   r->o.generator.allowed <= VW_EFFECT_HOST
               ? 0
               : vw_cli_error(command, VW_EXIT_USAGE, "--allow: \"%s\" is not read, write or host",
                              value);
}

static int read_line(struct request *r, int argc, char **argv)
{
    const struct vw_cli_option options[] = {
        {"seed", .take = take_seed, .user = r},
        {"runs", .number = &r->o.messages, .min = 1, .max = UINT64_MAX},
        {"time", .ms = &r->time_ms, .max = TIME_MAX_MS},
        {"connections", .count = &r->o.connections, .min = 1, .max = VW_PLAY_SLOTS / 2},
        {"burst", .count = &r->burst, .min = 1, .max = VW_PLAY_BURST - 1},
        {"allow", .take = take_allow, .user = r},
        {"run", .list = r->run, .n = &r->o.generator.n_run, .max = LIST_MAX},
        {"skip", .list = r->skip, .n = &r->o.generator.n_skip, .max = LIST_MAX},
        {"profile", .text = &r->profile_name},
        VW_CLI_URI_OPTIONS(&r->how),
        {"timeout", .ms = &r->timeout_ms, .max = MAX_MS},
        {"start", .text = &r->o.start},
        {"journal", .text = &r->o.journal},
        {"journal-size", .count = &r->journal_mib, .min = 1, .max = 1048576},
        {"memory", .count = &r->memory_mib, .min = 1, .max = 1048576},
        {"descriptors", .count = &r->descriptors, .min = 1, .max = 1000000},
        {"replay", .text = &r->replay},
        {"minimise", .text = &r->minimise},
        {"output", 'o', .text = &r->output},
        {"write-case", .text = &r->write_case},
        {"report", .take = vw_cli_reports_take, .user = &r->reports},
        {NULL},
    };
    *r = (struct request){.o = {.connections = 4},
                          .journal_mib = 256,
                          .memory_mib = 32,
                          .descriptors = 16,
                          .burst = 16,
                          .timeout_ms = 5000,
                          .arena = VW_ARENA_INIT};
    int rc = vw_cli_options(NAME, argc, argv, options);
    if (rc)
        return rc;
    if (optind == argc)
        return vw_cli_error(NAME, VW_EXIT_USAGE,
                            "name the server by a URI, such as test+unix:///default?socket=PATH");
    if (optind + 1 < argc)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "one URI is enough; \"%s\" is too much",
                            argv[optind + 1]);
    r->uri = argv[optind];
    if (r->replay && r->minimise)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--replay and --minimise: one of them");
    if (!r->minimise && (r->output || r->write_case))
        return vw_cli_error(NAME, VW_EXIT_USAGE, "%s goes with --minimise",
                            r->output ? "--output" : "--write-case");
    return 0;
}

static void complete(struct request *r)
{
    struct vw_campaign_options *o = &r->o;
    if (!r->seeded && getrandom(&o->seed, sizeof(o->seed), 0) != sizeof(o->seed))
        o->seed = (uint64_t)time(NULL);
    if (!r->seeded)
        o->seed >>= 32;
    o->time_ms = r->time_ms ? r->time_ms : o->messages ? 0 : 60000;
    o->journal_bytes = (uint64_t)r->journal_mib * MIB;
    o->memory_kib = (uint64_t)r->memory_mib * 1024;
    o->descriptors = r->descriptors;
    o->generator.burst = r->burst;
    o->generator.run = r->run;
    o->generator.skip = r->skip;
    snprintf(r->journal_name, sizeof(r->journal_name), "virwire-fuzz-%" PRIu64 ".journal", o->seed);
    if (!o->journal)
        o->journal = r->journal_name;
    r->terminal = isatty(STDERR_FILENO) == 1;
}

static int ask_credentials(void *user, const struct vw_credential_request *request, char *buf,
                           size_t size, struct vw_error *err)
{
    struct vw_credential_request patient = *request;
    patient.deadline_ms = vw_now_ms() + TYPING_MS;
    return vw_cli_credentials_ask(user, &patient, buf, size, err);
}

/* Profile, URI, and who logs in. An exit status. */
static int load(struct request *r, const char *profile_name)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_uri_options uo;
    if (vw_profile_load(profile_name, NULL, &r->profile, &err) < 0)
        return vw_cli_fail_input(NAME, NULL, &err);
    int rc = vw_cli_uri_fill(NAME, &r->how, r->profile->name,
                             r->profile->dialect == VW_PROFILE_2007, &r->arena, &uo);
    if (rc)
        return rc;
    if (vw_uri_parse(r->uri, strlen(r->uri), &uo, &r->arena, &r->parsed, &err) < 0)
        return vw_cli_fail_input(NAME, NULL, &err);
    vw_cli_uri_warn(NAME, r->parsed);
    r->login = (struct vw_client_options){VW_CLIENT_OPTIONS_INIT, .credentials = ask_credentials,
                                          .user = &r->credentials};
    vw_cli_credentials_take(&r->credentials, NAME);
    r->login_of_uri = vw_client_options_of(&r->login, r->parsed);
    if (vw_login_check_auth(r->login_of_uri.auth, &err) < 0)
        return vw_cli_fail_input(NAME, NULL, &err);
    r->o.settings = (struct vw_run_settings){.connector = {.fds = true},
                                             .profile = r->profile,
                                             .uri = r->parsed,
                                             .uri_text = r->uri,
                                             .login = &r->login_of_uri,
                                             .timeout_ms = r->timeout_ms,
                                             .quiet_ms = 0};
    r->o.generator.profile = r->profile;
    return 0;
}

/* ---- what is told ---- */

static void clear_line(struct request *r)
{
    if (r->shown)
        fputs("\r\033[K", stderr);
    r->shown = false;
}

static void show_progress(void *user, const struct vw_campaign *c)
{
    struct request *r = user;
    double s = (double)c->us / 1e6;
    if (!r->terminal)
        return;
    fprintf(stderr,
            "\r\033[K%.0f s, %" PRIu64 " messages, %.0f a second, %" PRIu64
            " connections, %zu found",
            s, c->play.messages, s > 0 ? (double)c->play.messages / s : 0, c->play.connections,
            c->found.count);
    fflush(stderr);
    r->shown = true;
}

static void show_warning(void *user, const char *text)
{
    clear_line(user);
    vw_cli_warn(NAME, "%s", text);
}

static void print_sum(struct request *r, const struct vw_campaign *c)
{
    double s = (double)c->us / 1e6;
    if (vw_cli_reports_on_stdout(&r->reports))
        return;
    printf("%" PRIu64 " messages in %.1f s, %.0f a second; %" PRIu64 " connections; %" PRIu64
           " answers, %" PRIu64 " of them errors; seed %" PRIu64 "; journal %s\n",
           c->play.messages, s, s > 0 ? (double)c->play.messages / s : 0, c->play.connections,
           c->play.answers, c->play.errors, r->o.seed, c->journal.path ? c->journal.path : "none");
}

static int write_report(struct request *r, const struct vw_found *found,
                        const struct vw_tally *tally, const struct vw_peer *peer, int64_t us)
{
    static const char *const nothing[] = {NULL};
    char command[600];
    snprintf(command, sizeof(command), "virwire fuzz%s%.500s", r->profile_name ? " --profile " : "",
             r->profile_name ? r->profile_name : "");
    const struct vw_report report = {
        .kind = NAME,
        .command = command,
        .replays = true,
        .uri = r->uri,
        .commit = VW_COMMIT,
        .digest = vw_schema_digest(r->profile->schema),
        .profile = r->profile->name,
        .seed = r->o.seed,
        .without = nothing,
        .peer = peer,
        .findings = found->order,
        .count = found->count,
        .tally = tally,
        .us = us,
        .when = (int64_t)time(NULL),
    };
    return vw_cli_reports_write(NAME, &r->reports, &report);
}

/* What ends a campaign before its time, as an exit status. What an interrupt cuts short looks like
 * something else. */
static int status_of(const struct request *r, int rc, const struct vw_error *err)
{
    if (rc == 0)
        return VW_EXIT_OK;
    if (*r->o.interrupted)
        return vw_cli_error(NAME, VW_EXIT_INCOMPLETE, "interrupted");
    if (rc == VW_EREMOTE)
        return vw_cli_error(NAME, VW_EXIT_INCOMPLETE, "%s", err->text);
    if (rc == VW_EVALUE)
        return vw_cli_error(NAME, VW_EXIT_NOTHING, "%s", err->text);
    if (rc == VW_EUNREACHABLE || rc == VW_ETIMEOUT)
        return vw_cli_error(NAME, VW_EXIT_UNREACHABLE, "%s", err->text);
    if (rc == VW_EPROTOCOL)
        return vw_cli_error(NAME, VW_EXIT_FINDINGS, "%s", err->text);
    return vw_cli_fail_input(NAME, NULL, err);
}

/* ---- what is done ---- */

static int run_campaign(struct request *r)
{
    struct vw_campaign *c = calloc(1, sizeof(*c));
    struct vw_error err = VW_ERROR_INIT;
    if (!c)
        return vw_cli_error(NAME, VW_EXIT_TOOL, "out of memory");
    r->o.interrupted = vw_output_note_interrupts();
    r->o.progress = show_progress;
    r->o.warn = show_warning;
    r->o.user = r;
    int rc = vw_campaign_run(c, &r->o, &err);
    clear_line(r);
    int status = status_of(r, rc, &err);
    if (status == VW_EXIT_OK || c->play.messages > 0) {
        if (*r->o.interrupted)
            vw_cli_warn(NAME, "interrupted: the campaign is incomplete");
        print_sum(r, c);
        int written = write_report(r, &c->found, &c->tally, &c->peer, c->us);
        status = vw_exit_worse(status, vw_tally_exit(&c->tally));
        status = written ? vw_exit_worse(status, written) : status;
    }
    vw_campaign_finish(c);
    free(c);
    return status;
}

/* Reads the journal; its profile and seed are those of the run. An exit status. */
static int read_journal(struct request *r, const char *path, struct vw_journal_text *out)
{
    struct vw_error err = VW_ERROR_INIT;
    char *text;
    size_t len;
    *out = (struct vw_journal_text){.arena = VW_ARENA_INIT};
    if (vw_input_read(path, JOURNAL_MAX, &text, &len, &err) < 0)
        return vw_cli_fail_input(NAME, NULL, &err);
    int rc = vw_journal_parse(text, len, out, &err);
    free(text);
    if (rc < 0)
        return vw_cli_fail_input(NAME, vw_input_name(path), &err);
    r->o.seed = out->seed;
    return load(r, r->profile_name ? r->profile_name : out->profile);
}

/* Who plays a journal, and what comes of it. */
struct replay {
    struct vw_play play;
    struct vw_play_options options;
    struct vw_target target;
    struct vw_found found;
    struct vw_tally tally;
    struct vw_peer peer;
};

static int play_journal(struct request *r, struct replay *p, const struct vw_journal_text *text,
                        struct vw_error *err)
{
    enum vw_judged shown = VW_JUDGED_WELL;
    vw_target_init(&p->target, r->o.start);
    p->options = (struct vw_play_options){.settings = &r->o.settings,
                                          .target = &p->target,
                                          .found = &p->found,
                                          .interrupted = r->o.interrupted};
    int rc = vw_play_init(&p->play, &p->options, err);
    if (rc == 0)
        rc = vw_replay_start(&p->play, err);
    if (rc == 0)
        rc = vw_replay(&p->play, text->list, text->count, &shown, err);
    if (rc == 0 && shown == VW_JUDGED_CRASH)
        vw_judge_crash(&p->play, NULL);
    return rc;
}

static int run_replay(struct request *r)
{
    struct vw_journal_text text;
    struct vw_error err = VW_ERROR_INIT;
    int status = read_journal(r, r->replay, &text);
    struct replay *p = status == 0 ? calloc(1, sizeof(*p)) : NULL;
    if (status == 0 && !p)
        status = vw_cli_error(NAME, VW_EXIT_TOOL, "out of memory");
    if (p) {
        int64_t start_us = vw_now_us();
        r->o.interrupted = vw_output_note_interrupts();
        int rc = play_journal(r, p, &text, &err);
        status = status_of(r, rc, &err);
        for (size_t i = 0; i < p->found.count; i++) {
            p->found.list[i].place.file = r->replay;
            p->tally.by[p->found.list[i].verdict]++;
        }
        p->tally.by[VW_PASS] = p->found.count == 0;
        p->tally.planned = p->tally.done = p->found.count + (p->found.count == 0);
        p->tally.unreachable = status == VW_EXIT_UNREACHABLE;
        p->tally.incomplete = *r->o.interrupted != 0;
        if (rc == 0) {
            int written = write_report(r, &p->found, &p->tally, &p->peer, vw_now_us() - start_us);
            status = vw_exit_worse(vw_tally_exit(&p->tally), written);
        }
        vw_play_finish(&p->play);
        vw_target_end(&p->target);
        vw_found_finish(&p->found);
        free(p);
    }
    vw_journal_text_finish(&text);
    return status;
}

static void show_shrinking(void *user, size_t messages, size_t bytes, unsigned tries)
{
    struct request *r = user;
    if (!r->terminal)
        return;
    fprintf(stderr, "\r\033[Ktry %u: %zu messages of %zu bytes", tries, messages, bytes);
    fflush(stderr);
    r->shown = true;
}

/* What is left of a journal, as one, and as a case. An exit status. */
static int write_minimised(struct request *r, const struct vw_minimised *m)
{
    struct vw_error err = VW_ERROR_INIT;
    char path[4096];
    const struct vw_journal_head head = {r->profile->name, r->o.seed, r->uri};
    struct vw_output *out = NULL;
    snprintf(path, sizeof(path), "%s%s", r->output ? r->output : r->minimise,
             r->output ? "" : ".small");
    if (vw_minimised_write(m, path, &head, &err) < 0)
        return vw_cli_fail_input(NAME, NULL, &err);
    printf("%zu messages of %zu bytes are left, after %u tries: %s\n", m->messages, m->bytes,
           m->tries, path);
    for (size_t i = 0; i < m->count; i++) {
        char *line = vw_entry_is_message(&m->list[i])
                         ? vw_play_line(r->profile, m->list[i].bytes, m->list[i].len)
                         : NULL;
        if (line) {
            vw_shown_print(stdout, line, strlen(line), VW_SHOWN_BYTES);
            putchar('\n');
        }
        free(line);
    }
    if (!r->write_case)
        return 0;
    if (vw_output_open(r->write_case, &out, &err) < 0)
        return vw_cli_fail_input(NAME, NULL, &err);
    if (vw_case_write(r->profile, m, vw_output_file(out), &err) < 0) {
        vw_output_abandon(out);
        return vw_cli_fail(NAME, NULL, &err);
    }
    return vw_output_commit(out, &err) < 0 ? vw_cli_fail(NAME, NULL, &err) : 0;
}

static int run_minimise(struct request *r)
{
    struct vw_journal_text text;
    struct vw_minimised m = {.arena = VW_ARENA_INIT};
    struct vw_target target;
    struct vw_error err = VW_ERROR_INIT;
    int status = read_journal(r, r->minimise, &text);
    vw_target_init(&target, r->o.start);
    if (status == 0) {
        r->o.interrupted = vw_output_note_interrupts();
        const struct vw_minimise_options o = {.settings = &r->o.settings,
                                              .target = &target,
                                              .interrupted = r->o.interrupted,
                                              .progress = show_shrinking,
                                              .user = r};
        int rc = vw_minimise(&o, &text, &m, &err);
        clear_line(r);
        if (rc == VW_EVALUE && !*o.interrupted)
            status = vw_cli_error(NAME, VW_EXIT_NOTHING, "%s: %s", r->minimise, err.text);
        else
            status = status_of(r, rc, &err);
        if (rc == 0) {
            int written = write_minimised(r, &m);
            status = written ? written : *o.interrupted ? VW_EXIT_INCOMPLETE : VW_EXIT_FINDINGS;
        }
    }
    vw_target_end(&target);
    vw_minimised_finish(&m);
    vw_journal_text_finish(&text);
    return status;
}

static int run(int argc, char **argv)
{
    static struct request r;
    int status = read_line(&r, argc, argv);
    if (status)
        return status;
    complete(&r);
    status = vw_cli_reports_open(NAME, &r.reports);
    if (status == 0 && !r.replay && !r.minimise)
        status = load(&r, r.profile_name);
    if (status == 0)
        status = r.replay ? run_replay(&r) : r.minimise ? run_minimise(&r) : run_campaign(&r);
    vw_cli_credentials_wipe(&r.credentials);
    vw_cli_reports_abandon(&r.reports);
    vw_profile_destroy(r.profile);
    vw_arena_finish(&r.arena);
    return status;
}

const struct vw_command vw_command_fuzz = {
    .name = NAME,
    .summary = "a fuzzing campaign against a server, with a journal that shows again what it found",
    .usage = vw_usage_fuzz,
    .run = run,
};
