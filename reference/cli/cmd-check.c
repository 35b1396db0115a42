// SPDX-License-Identifier: MIT
// virwire check KIND: run a suite against a server, or vectors against a decoder.
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <virwire/version.h>

#include "base/shown.h"
#include "capture/record.h"
#include "cli/command.h"
#include "cli/commit.h"
#include "cli/credentials.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/report-files.h"
#include "cli/schema-new.h"
#include "cli/schema-options.h"
#include "cli/uri-options.h"
#include "cli/usage.h"
#include "conformance/play/check.h"
#include "conformance/play/meter.h"

#define NAME         "check"
#define LIST_MAX     64
#define WARNINGS_MAX 16
/* What a decoder may take for a vector unless the user says something else. */
#define MEMORY_MAX_MIB 1024
#define MAX_MS         3600000 /* of one wait */
/* To type a name or password in: a step's own time is for servers. */
#define TYPING_MS 60000

/* What the command line says. */
struct request {
    struct vw_check_options o;
    struct vw_client_options login;
    struct vw_cli_credentials credentials;
    struct vw_cli_uri how;
    struct vw_uri_options uri;
    char *told[WARNINGS_MAX]; /* warnings, each of them once */
    bool list;
    bool list_checks;
    bool verbose;
    const char *record;
    const char *write_expect;
    const char *discover; /* where the profile of what the server has goes */
    struct vw_output *expect_out;
    const char *also[VW_TRANSPORTS_MAX], *run[LIST_MAX], *skip[LIST_MAX], *clauses[LIST_MAX],
        *expect[LIST_MAX], *against[LIST_MAX];
    uint64_t max_memory; /* MiB */
    struct vw_cli_reports reports;
    const struct vw_check *check;
    /* What the reports say of the request. */
    const char *without[VW_WATCHED_MAX + 1];
    char implements[120], again[1024];
    bool *was_told; /* of each case, by a report that is written as the run goes; or NULL */
};

/* ---- the command line ---- */

/* Digits alone, as many as a number of 32 bits has at most, and then END. NULL: something else. */
static const char *read_digits(const char *s, char end, uint32_t *out)
{
    uint64_t v = 0;
    const char *from = s;
    for (; *s >= '0' && *s <= '9' && v <= UINT32_MAX; s++)
        v = v * 10 + (unsigned)(*s - '0');
    *out = (uint32_t)v;
    return s == from || *s != end || v > UINT32_MAX ? NULL : s;
}

static int read_shard(const char *command, void *user, const char *value)
{
    struct request *r = user;
    uint32_t i = 0, n = 0;
    const char *slash = read_digits(value, '/', &i);
    if (!slash || !read_digits(slash + 1, '\0', &n) || i < 1 || i > n)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--shard: \"%s\" is not I/N with I from 1 to N",
                            value);
    r->o.selection.shard = i;
    r->o.selection.n_shards = n;
    return 0;
}

static int read_clause(const char *command, void *user, const char *value)
{
    struct request *r = user;
    size_t *n = &r->o.selection.n_clauses;
    bool group = value[0] >= 'A' && value[0] <= 'Z' && !value[1];
    if (!group && !vw_clause_valid(value))
        return vw_cli_error(
            NAME, VW_EXIT_USAGE,
            "--clause: \"%s\" is neither a clause such as F-3 nor a group such as F", value);
    if (*n == LIST_MAX)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--clause: at most %d of them", LIST_MAX);
    r->clauses[(*n)++] = value;
    return 0;
}

static int read_trace(const char *command, void *user, const char *value)
{
    struct request *r = user;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_output_folder(value, &err))
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--trace: %s", err.text);
    r->o.trace = value;
    return 0;
}

static int read_level(const char *command, void *user, const char *value)
{
    struct request *r = user;
    return vw_level_parse(value, &r->o.selection.level)
               ? 0
               : vw_cli_error(NAME, VW_EXIT_USAGE, "--level: \"%s\" is not must, should or may",
                              value);
}

static int read_allow(const char *command, void *user, const char *value)
{
    struct request *r = user;
    if (strcmp(value, "run") == 0) {
        r->o.allow_run = true;
        return 0;
    }
    r->o.allow_set = true;
    return vw_effect_parse(value, &r->o.allow)
               ? 0
               : vw_cli_error(NAME, VW_EXIT_USAGE,
                              "--allow: \"%s\" is not write, host, crash or run", value);
}

static int read_without(const char *command, void *user, const char *value)
{
    struct request *r = user;
    struct vw_error err = VW_ERROR_INIT;
    if (strcmp(value, "list") == 0)
        r->list_checks = true;
    else if (vw_watched_add(value, &r->o.without, &err) < 0)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--without: %s", err.text);
    return 0;
}

static bool starts_program(const struct request *r)
{
    return r->o.kind->operand[0] == '-';
}

/* An option that was given and means nothing for what is checked, and what it is OF; or NULL. */
static const char *idle_option(const struct request *r, const char **of)
{
    enum { SERVER = 1, CLIENT = 2, DECODER = 4 };
    static const char *const kinds[] = {[SERVER] = "servers",
                                        [CLIENT] = "clients",
                                        [DECODER] = "decoders",
                                        [SERVER | CLIENT] = "servers and clients"};
    const struct {
        const char *name;
        bool given;
        unsigned of;
    } options[] = {
        {"--suite", r->o.suite, SERVER | CLIENT},
        {"--allow", r->o.allow_set || r->o.allow_run, SERVER},
        {"--slow", r->o.slow_ms, SERVER | CLIENT},
        {"--trace", r->o.trace, SERVER | CLIENT},
        {"--without", r->o.without, SERVER},
        {"--record", r->record, SERVER},
        {"--schema", r->o.schema, SERVER},
        {"--start", r->o.start, SERVER},
        {"--volume", r->o.volume, SERVER},
        {"--also", r->o.n_also, SERVER},
        {"--combine", r->o.combine, SERVER},
        {"--when", r->o.when, SERVER},
        {"--ndjson", r->o.ndjson, DECODER},
        {"--against", r->o.n_against, DECODER},
        {"--max-memory", r->max_memory != MEMORY_MAX_MIB, DECODER},
        {"--client", r->o.commands, CLIENT},
        {"--does", r->o.does, CLIENT},
        {"--pki", r->how.pki, SERVER | CLIENT},
    };
    const char *kind = r->o.kind->name;
    unsigned is = *kind == 's' ? SERVER : *kind == 'c' ? CLIENT : DECODER;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (options[i].given && !(options[i].of & is)) {
            *of = kinds[options[i].of];
            return options[i].name;
        }
    }
    return NULL;
}

static int read_command(struct request *r, int argc, char **argv)
{
    if (r->o.commands && argc > 0)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "either --client or a command; \"%s\" is too much",
                            argv[0]);
    if (r->o.does && argc == 0)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--does says what a command does; there is none");
    r->o.command = argc > 0 ? (const char *const *)argv : NULL;
    r->o.uri = argc > 0 ? argv[0] : r->o.commands;
    return 0;
}

/* What stands behind the kind. */
static int read_operands(struct request *r, int argc, char **argv)
{
    const char *of, *idle = idle_option(r, &of);
    if (idle)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "%s is for %s, not for a %s", idle, of,
                            r->o.kind->name);
    if (r->o.volume && !vw_volume_is_named(r->o.volume))
        return vw_cli_error(NAME, VW_EXIT_USAGE, "--volume takes POOL/NAME, not \"%.60s\"",
                            r->o.volume);
    if (r->o.when && r->o.combine)
        return vw_cli_error(NAME, VW_EXIT_USAGE,
                            "--when is one condition, and --combine plays under many");
    r->o.max_memory = r->max_memory << 20;
    r->o.pki = r->how.pki;
    if (starts_program(r))
        return read_command(r, argc, argv);
    if (argc > 1)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "one URI is enough; \"%s\" is too much", argv[1]);
    r->o.uri = argc > 0 ? argv[0] : NULL;
    return 0;
}

static int read_line(struct request *r, int argc, char **argv)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_selection *s = &r->o.selection;
    const struct vw_cli_option options[] = {
        {"list", .flag = &r->list},
        {"run", .list = r->run, .n = &s->n_run, .max = LIST_MAX},
        {"skip", .list = r->skip, .n = &s->n_skip, .max = LIST_MAX},
        {"clause", .take = read_clause, .user = r},
        {"level", .take = read_level, .user = r},
        {"allow", .take = read_allow, .user = r},
        {"profile", .text = &r->o.profile},
        VW_CLI_URI_OPTIONS(&r->how),
        {"schema", .text = &r->o.schema},
        {"suite", .text = &r->o.suite},
        {"start", .text = &r->o.start},
        {"volume", .text = &r->o.volume},
        {"also", .list = r->also, .n = &r->o.n_also, .max = VW_TRANSPORTS_MAX - 1},
        {"combine", .count = &r->o.combine, .min = 1, .max = VW_FACTORS},
        {"when", .text = &r->o.when},
        {"jobs", .count = &r->o.jobs, .min = 1, .max = VW_CHECK_JOBS_MAX},
        {"slow", .ms = &r->o.slow_ms, .max = MAX_MS},
        {"slow-enough", .flag = &r->o.slow_enough},
        {"shard", .take = read_shard, .user = r},
        {"timeout", .ms = &r->o.timeout_ms, .max = MAX_MS},
        {"quiet-ms", .count = &r->o.quiet_ms, .max = 60000},
        {"seed", .number = &r->o.seed, .max = UINT64_MAX},
        {"repeat", .count = &r->o.repeat, .min = 1, .max = 10000},
        {"expect", .list = r->expect, .n = &r->o.n_expect, .max = LIST_MAX},
        {"write-expect", .text = &r->write_expect},
        {"discover", .text = &r->discover},
        {"record", .text = &r->record},
        {"trace", .take = read_trace, .user = r},
        {"show-secrets", .flag = &r->o.show_secrets},
        {"fail-fast", .flag = &r->o.fail_fast},
        {"keep-going", .flag = &r->o.keep_going},
        {"report", .take = vw_cli_reports_take, .user = &r->reports},
        {"without", .take = read_without, .user = r},
        {"ndjson", .flag = &r->o.ndjson},
        {"against", .list = r->against, .n = &r->o.n_against, .max = LIST_MAX},
        {"max-memory", .number = &r->max_memory, .min = 1, .max = MEMORY_MAX_MIB * 1024},
        {"client", .text = &r->o.commands},
        {"does", .text = &r->o.does},
        {"verbose", 'v', .flag = &r->verbose},
        {NULL},
    };
    *r = (struct request){.max_memory = MEMORY_MAX_MIB,
                          .o = {.jobs = 8,
                                .repeat = 1,
                                .timeout_ms = 5000,
                                .quiet_ms = 20,
                                .selection = {.shard = 1, .n_shards = 1}}};
    r->o.also = r->also;
    r->o.selection.run = r->run;
    r->o.selection.skip = r->skip;
    r->o.selection.clauses = r->clauses;
    r->o.expect = r->expect;
    r->o.against = r->against;
    int rc = vw_cli_options(NAME, argc, argv, options);
    if (rc)
        return rc;
    if (r->o.profile && strcmp(r->o.profile, "auto") == 0)
        r->o.profile = NULL;
    r->o.expect_nothing = r->o.n_expect == 1 && strcmp(r->expect[0], "none") == 0;
    if (r->o.expect_nothing)
        r->o.n_expect = 0;
    if (r->max_memory != MEMORY_MAX_MIB && !vw_meter_possible(&err))
        return vw_cli_fail(NAME, "--max-memory", &err);
    if (optind == argc)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "say what to check: server, client or decoder");
    r->o.kind = vw_check_kind_find(argv[optind], &err);
    if (!r->o.kind)
        return vw_cli_error(NAME, VW_EXIT_USAGE, "%s", err.text);
    rc = read_operands(r, argc - optind - 1, argv + optind + 1);
    if (rc)
        return rc;
    for (size_t i = 0; i < r->reports.n && r->list; i++)
        if (!r->reports.list[i].kind->list)
            return vw_cli_error(NAME, VW_EXIT_USAGE,
                                "--list: the report %s lists no cases; json does",
                                r->reports.list[i].kind->name);
    if (r->o.uri || r->list || r->list_checks)
        return 0;
    return starts_program(r) ? vw_cli_error(NAME, VW_EXIT_USAGE,
                                            "say which %s: -- COMMAND [ARG...]", r->o.kind->name)
                             : vw_cli_error(NAME, VW_EXIT_USAGE,
                                            "name the server by a URI, such as "
                                            "test+unix:///default?socket=PATH");
}

/* ---- output ---- */

static void print_ids(const struct vw_check *check, bool verbose)
{
    for (size_t i = 0; i < check->count; i++) {
        const struct vw_case *c = check->results[i].c;
        printf("%s", c->id);
        if (verbose)
            printf("\t%s\t%s\t%s\t%s", vw_level_name(c->level), vw_effect_name(c->effect),
                   c->clauses, c->title);
        putchar('\n');
    }
}

static void show_progress(const struct vw_result *r)
{
    const struct vw_finding *f = &r->finding;
    const char *found = f->found ? f->found : "";
    fprintf(stderr, "%-7s %s (%.1f ms)%s", vw_verdict_name(f->verdict), f->rule,
            (double)f->us / 1e3, *found ? ": " : "");
    vw_shown_print(stderr, found, strlen(found), VW_SHOWN_BYTES);
    fputc('\n', stderr);
}

static void show_stage(void *user, size_t i, size_t n, const char *text)
{
    const struct request *r = user;
    if (r->verbose)
        fprintf(stderr, "condition %zu of %zu: %s\n", i, n, text);
}

/* What a user types to run one case again, but for --run and the URI; what does not fit is cut. */
static void make_command(const struct request *r, char *buf, size_t size)
{
    FILE *f = fmemopen(buf, size - 1, "w");
    if (!f)
        return;
    fprintf(f, "virwire check %s", r->o.kind->name);
    if (r->o.profile)
        fprintf(f, " --profile %s", r->o.profile);
    if (r->o.schema)
        fprintf(f, " --schema %s", r->o.schema);
    if (r->how.dialect_given)
        fprintf(f, " --dialect %s", vw_dialect_name(r->how.dialect));
    if (r->how.localstatedir)
        fprintf(f, " --localstatedir %s", r->how.localstatedir);
    if (r->how.pki)
        fprintf(f, " --pki %s", r->how.pki);
    if (r->o.suite)
        fprintf(f, " --suite %s", r->o.suite);
    if (r->o.start) {
        fputs(" --start ", f);
        vw_report_word(r->o.start, f);
    }
    for (size_t i = 0; i < r->o.n_also; i++) {
        fputs(" --also ", f);
        vw_report_word(r->o.also[i], f);
    }
    if (r->o.when)
        fprintf(f, " --when %s", r->o.when);
    if (r->o.allow_set)
        fprintf(f, " --allow %s", vw_effect_name(r->o.allow));
    if (r->o.allow_run)
        fputs(" --allow run", f);
    if (r->o.volume) {
        fputs(" --volume ", f);
        vw_report_word(r->o.volume, f);
    }
    if (r->o.slow_ms)
        fprintf(f, " --slow %g%s", (double)r->o.slow_ms / 1e3,
                r->o.slow_enough ? " --slow-enough" : "");
    for (int i = 0; vw_watched[i].clause; i++)
        if (r->o.without >> i & 1)
            fprintf(f, " --without %s", vw_watched[i].clause);
    if (r->o.ndjson)
        fputs(" --ndjson", f);
    for (size_t i = 0; i < r->o.n_against; i++) {
        fputs(" --against ", f);
        vw_report_word(r->against[i], f);
    }
    if (r->max_memory != MEMORY_MAX_MIB)
        fprintf(f, " --max-memory %llu", (unsigned long long)r->max_memory);
    if (r->o.commands)
        fprintf(f, " --client %s", r->o.commands);
    if (r->o.does)
        fprintf(f, " --does %s", r->o.does);
    if (r->o.seed)
        fprintf(f, " --seed %llu", (unsigned long long)r->o.seed);
    fclose(f);
}

static int open_outputs(struct request *r)
{
    struct vw_error err = VW_ERROR_INIT;
    int status = vw_cli_reports_open(NAME, &r->reports);
    if (status == 0 && r->write_expect && vw_output_open(r->write_expect, &r->expect_out, &err) < 0)
        status = vw_cli_fail(NAME, NULL, &err);
    return status;
}

static void abandon_outputs(struct request *r)
{
    vw_cli_reports_abandon(&r->reports);
    vw_output_abandon(r->expect_out);
}

/* What is known ahead of the run, and of a run that is over. */
static struct vw_report describe(struct request *r)
{
    static const char *const named[] = {NULL};
    const struct vw_check *check = r->check;
    const struct vw_partial *has = check->profile->partial;
    int n = 0;
    for (int i = 0; vw_watched[i].clause; i++)
        if (r->o.without >> i & 1)
            r->without[n++] = vw_watched[i].clause;
    if (has)
        snprintf(r->implements, sizeof(r->implements), "%u of %u calls, %u of %u events",
                 has->calls, has->all_calls, has->events, has->all_events);
    make_command(r, r->again, sizeof(r->again));
    return (struct vw_report){
        .kind = r->o.kind->name,
        .command = r->again,
        .uri = r->o.uri,
        .argv = r->o.commands ? named : r->o.command,
        .commit = VW_COMMIT,
        .digest = vw_schema_digest(check->profile->schema),
        .profile = check->profile->name,
        .excused_by = check->excused_by,
        .implements = has ? r->implements : NULL,
        .conditions = check->rows_played,
        .seed = r->o.seed,
        .without = r->without,
        .peer = &check->peer,
        .rated = true,
        .verbose = r->verbose,
        .tally = &check->tally,
        .slow_us = (int64_t)r->o.timeout_ms * 1000,
        .us = check->us,
        .when = (int64_t)time(NULL),
    };
}

static void tell(void *user, const struct vw_result *result)
{
    struct request *r = user;
    if (r->verbose)
        show_progress(result);
    /* Another condition may still be against it. */
    if (vw_cli_reports_live(&r->reports) && !r->o.combine) {
        const struct vw_report report = describe(r);
        size_t i = (size_t)(result - r->check->results);
        vw_cli_reports_tell(&r->reports, &report, &result->finding);
        r->was_told = r->was_told ? r->was_told : calloc(r->check->count, sizeof(*r->was_told));
        if (r->was_told && i < r->check->count)
            r->was_told[i] = true;
    }
}

static int report_check(struct request *r)
{
    const struct vw_check *check = r->check;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_groups groups = {0};
    const struct vw_finding **findings = calloc(check->count, sizeof(*findings));
    const struct vw_case **cases = calloc(check->count, sizeof(*cases));
    int status = 0;
    if (!findings || !cases)
        status = vw_cli_error(NAME, VW_EXIT_TOOL, "out of memory");
    for (size_t i = 0; i < check->count && status == 0; i++) {
        findings[i] = &check->results[i].finding;
        cases[i] = check->results[i].c;
    }
    if (status == 0 && !r->list && vw_groups_make(findings, check->count, &groups, &err) < 0)
        status = vw_cli_fail(NAME, NULL, &err);
    struct vw_report report = describe(r);
    report.findings = findings;
    report.cases = r->list ? cases : NULL;
    report.count = check->count;
    report.told = r->was_told;
    report.groups = r->list ? NULL : &groups;
    if (status == 0)
        status = vw_cli_reports_write(NAME, &r->reports, &report);
    vw_groups_finish(&groups);
    free(cases);
    free(findings);
    return status;
}

static int write_expectations(struct request *r, const struct vw_check *check)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out = r->expect_out;
    r->expect_out = NULL;
    if (!out)
        return 0;
    /* What has not been played yet would be missing in it. */
    if (*r->o.interrupted) {
        vw_output_abandon(out);
        return 0;
    }
    vw_expectations_write(check->results, check->count, check->peer.lib_version,
                          vw_output_file(out));
    return vw_output_commit(out, &err) < 0 ? vw_cli_fail(NAME, NULL, &err) : 0;
}

static int run_check(struct request *r, struct vw_check *check)
{
    struct vw_error err = VW_ERROR_INIT;
    r->o.interrupted = vw_output_note_interrupts();
    int rc = vw_check_run(check, &err);
    if (*check->note)
        vw_cli_warn(NAME, "%s", check->note);
    if (rc < 0 && check->tally.planned == 0)
        return vw_cli_fail_input(NAME, NULL, &err);
    if (rc < 0)
        vw_cli_error(NAME, 0, "%s", err.text);
    int status = vw_tally_exit(&check->tally);
    if (*r->o.interrupted)
        vw_cli_warn(NAME, "interrupted: the run is incomplete");
    if (r->o.without)
        vw_cli_warn(NAME, "a run without checks is no verdict");
    if (check->one_client)
        vw_cli_warn(NAME, "the server serves one client at a time: --jobs 1");
    if (check->malformed)
        vw_cli_warn(NAME, "the beginning is malformed: nothing more was played");
    /* A server that fails the sanity case is not conformant, whatever was selected or skipped. */
    const struct vw_finding *first = &check->first.finding;
    if (first->verdict == VW_FAIL && !check->tally.unreachable) {
        vw_cli_warn(NAME, "the first sanity case failed: %s", first->found ? first->found : "");
        status = vw_exit_worse(status, VW_EXIT_FINDINGS);
    }
    if (rc < 0 && vw_exit_of(rc) != VW_EXIT_UNREACHABLE)
        status = vw_exit_worse(status, vw_exit_of(rc));
    int written = report_check(r);
    if (written == 0)
        written = write_expectations(r, check);
    return written ? vw_exit_worse(status, written) : status;
}

/* No verdict comes of it, but a profile. */
static int run_discovery(struct request *r, struct vw_check *check)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;
    if (vw_output_open(r->discover, &out, &err) < 0)
        return vw_cli_fail(NAME, NULL, &err);
    r->o.discover = vw_output_file(out);
    r->o.interrupted = vw_output_note_interrupts();
    int rc = vw_check_run(check, &err);
    if (*check->note)
        vw_cli_warn(NAME, "%s", check->note);
    if (rc == 0 && check->malformed)
        rc = vw_error_set(&err, VW_EPROTOCOL, "the first sanity case failed: %.300s",
                          check->results[0].finding.found);
    if (rc == 0)
        return vw_output_commit(out, &err) < 0 ? vw_cli_fail(NAME, NULL, &err) : 0;
    vw_output_abandon(out);
    return check->tally.planned ? vw_cli_error(NAME, vw_tally_exit(&check->tally), "%s", err.text)
                                : vw_cli_fail_input(NAME, NULL, &err);
}

static int run_recorded(struct request *r, struct vw_check *check)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_recorder_options o = {.profile = check->profile,
                                          .show_secrets = r->o.show_secrets,
                                          .application = "virwire " VIRWIRE_VERSION};
    if (!r->record)
        return run_check(r, check);
    if (vw_recorder_open(r->record, &o, &r->o.recorder, &err) < 0)
        return vw_cli_fail(NAME, NULL, &err);
    int status = run_check(r, check);
    if (vw_recorder_close(r->o.recorder, &err) < 0)
        status = vw_exit_worse(status, vw_cli_fail(NAME, r->record, &err));
    return status;
}

/* The ids, unless a report takes their place on stdout. */
static int list_cases(struct request *r, const struct vw_check *check)
{
    if (!vw_cli_reports_on_stdout(&r->reports))
        print_ids(check, r->verbose);
    return report_check(r);
}

/* Connections are many, and have one cause. */
static void warn_once(void *user, const char *text)
{
    struct request *r = user;
    size_t n = 0;
    for (; n < WARNINGS_MAX && r->told[n]; n++)
        if (strcmp(r->told[n], text) == 0)
            return;
    if (n == WARNINGS_MAX)
        return;
    r->told[n] = strdup(text);
    vw_cli_warn(NAME, "%s", text);
}

/* By the profile that was asked for: what a server says of itself comes over the connection. */
static int read_how(struct request *r, struct vw_check *check)
{
    bool old = check->profile->dialect == VW_PROFILE_2007;
    r->o.how = &r->uri;
    r->o.warn = warn_once;
    r->o.user = r;
    return vw_cli_uri_fill(NAME, &r->how, check->profile->name, old, &check->arena, &r->uri);
}

static int ask_credentials(void *user, const struct vw_credential_request *request, char *buf,
                           size_t size, struct vw_error *err)
{
    struct vw_credential_request patient = *request;
    patient.deadline_ms = vw_now_ms() + TYPING_MS;
    return vw_cli_credentials_ask(user, &patient, buf, size, err);
}

static int run(int argc, char **argv)
{
    struct request r;
    struct vw_check check;
    struct vw_error err = VW_ERROR_INIT;
    int status = read_line(&r, argc, argv);
    if (status != 0)
        return status;
    if (r.list_checks) {
        for (const struct vw_watched *w = vw_watched; w->clause; w++)
            printf("%s\t%s\n", w->clause, w->meaning);
        return 0;
    }
    r.o.progress = tell;
    r.check = &check;
    r.o.stage = show_stage;
    r.login = (struct vw_client_options){VW_CLIENT_OPTIONS_INIT, .credentials = ask_credentials,
                                         .user = &r.credentials};
    r.o.login = &r.login;
    vw_cli_credentials_take(&r.credentials, NAME);
    int rc = vw_check_load(&check, &r.o, &err);
    if (rc < 0 && r.o.schema && !check.profile)
        status = vw_cli_schema_fail(NAME, check.error_file, &err);
    else if (rc < 0)
        status = vw_cli_fail_input(NAME, *check.error_file ? check.error_file : NULL, &err);
    else if (check.count == 0)
        status = vw_cli_error(NAME, VW_EXIT_NOTHING, "no case of the suite is selected");
    else if ((status = read_how(&r, &check)) != 0)
        ; /* said already */
    else if (r.discover)
        status = run_discovery(&r, &check);
    else if ((status = r.o.schema ? vw_cli_schema_new(NAME, check.profile) : 0) == 0 &&
             (status = open_outputs(&r)) == 0)
        status = r.list ? list_cases(&r, &check) : run_recorded(&r, &check);
    vw_cli_credentials_wipe(&r.credentials);
    for (size_t i = 0; i < WARNINGS_MAX; i++)
        free(r.told[i]);
    abandon_outputs(&r);
    free(r.was_told);
    vw_check_finish(&check);
    return status;
}

const struct vw_command vw_command_check = {
    .name = NAME,
    .summary = "run the conformance suite against a server or client, or vectors against a decoder",
    .usage = vw_usage_check,
    .run = run,
};
