// SPDX-License-Identifier: MIT
// virwire check KIND: run a suite against a server, or vectors against a decoder.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <virwire/version.h>

#include "base/nearest.h"
#include "base/shown.h"
#include "capture/record.h"
#include "cli/check-line.h"
#include "cli/command.h"
#include "cli/commit.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/schema-new.h"
#include "cli/schema-options.h"
#include "cli/uri-options.h"
#include "cli/usage.h"
#include "conformance/report/clauses.h"

#define NAME "check"
/* To type a name or password in: a step's own time is for servers. */
#define TYPING_MS 60000

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
    const struct vw_check_request *r = user;
    if (r->verbose)
        fprintf(stderr, "condition %zu of %zu: %s\n", i, n, text);
}

static int open_outputs(struct vw_check_request *r)
{
    struct vw_error err = VW_ERROR_INIT;
    int status = vw_cli_reports_open(NAME, &r->reports);
    if (status == 0 && r->write_expect && vw_output_open(r->write_expect, &r->expect_out, &err) < 0)
        status = vw_cli_fail(NAME, NULL, &err);
    return status;
}

static void abandon_outputs(struct vw_check_request *r)
{
    vw_cli_reports_abandon(&r->reports);
    vw_output_abandon(r->expect_out);
}

/* How much of its program the server has. */
static void describe_partial(const struct vw_partial *has, char *text, size_t size)
{
    int n = snprintf(text, size, "%u of %u calls, %u of %u events", has->calls, has->all_calls,
                     has->events, has->all_events);
    if (strcmp(has->program, "remote") == 0)
        snprintf(text + n, size - (size_t)n, ", %u of %u streams, %d of %d features", has->streams,
                 has->all_streams, __builtin_popcount(VW_SERVER_FEATURES & ~has->lacking_features),
                 __builtin_popcount(VW_SERVER_FEATURES));
}

/* What is known ahead of the run, and of a run that is over. */
static struct vw_report describe(struct vw_check_request *r)
{
    static const char *const named[] = {NULL};
    const struct vw_check *check = r->check;
    const struct vw_partial *has = check->profile->partial;
    int n = 0;
    for (int i = 0; vw_watched[i].clause; i++)
        if (r->o.without >> i & 1)
            r->without[n++] = vw_watched[i].clause;
    if (has)
        describe_partial(has, r->implements, sizeof(r->implements));
    vw_check_line_again(r, r->again, sizeof(r->again));
    return (struct vw_report){
        .kind = r->o.kind->name,
        .command = r->again,
        .uri = r->o.uri,
        .argv = r->o.commands || r->o.listen_only ? named : r->o.command,
        .commit = VW_COMMIT,
        .digest = vw_schema_digest(check->profile->schema),
        .profile = check->profile->name,
        .excused_by = check->excused_by,
        .program = r->o.program,
        .implements = has ? r->implements : NULL,
        .conditions = check->rows_played,
        .seed = r->o.seed,
        .without = r->without,
        .peer = &check->peer,
        .dialects = check->dialects.asked ? &check->dialects : NULL,
        .rated = true,
        .verbose = r->verbose,
        .tally = &check->tally,
        .slow_us = (int64_t)r->o.timeout_ms * 1000,
        .us = check->us,
        .when = (int64_t)time(NULL),
    };
}

static void say(void *user, const char *text)
{
    (void)user;
    fprintf(stderr, "%s\n", text);
}

static void tell(void *user, const struct vw_result *result)
{
    struct vw_check_request *r = user;
    if (r->verbose || r->o.listen_only)
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

static int report_check(struct vw_check_request *r)
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

static int write_expectations(struct vw_check_request *r, const struct vw_check *check)
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

static int run_check(struct vw_check_request *r, struct vw_check *check)
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
static int run_discovery(struct vw_check_request *r, struct vw_check *check)
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

static int run_recorded(struct vw_check_request *r, struct vw_check *check)
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
static int list_cases(struct vw_check_request *r, const struct vw_check *check)
{
    if (!vw_cli_reports_on_stdout(&r->reports))
        print_ids(check, r->verbose);
    return report_check(r);
}

/* Connections are many, and have one cause. */
static void warn_once(void *user, const char *text)
{
    struct vw_check_request *r = user;
    size_t n = 0;
    for (; n < VW_CHECK_WARNINGS_MAX && r->told[n]; n++)
        if (strcmp(r->told[n], text) == 0)
            return;
    if (n == VW_CHECK_WARNINGS_MAX)
        return;
    r->told[n] = strdup(text);
    vw_cli_warn(NAME, "%s", text);
}

/* By the profile that was asked for: what a server says of itself comes over the connection. */
static int read_how(struct vw_check_request *r, struct vw_check *check)
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

/* With the name or clause that is nearest to what was asked for. */
static int nothing_selected(const struct vw_selection *s, const struct vw_suite *suite)
{
    struct vw_near near = {.word = s->n_run ? s->run[0] : s->n_clauses ? s->clauses[0] : ""};
    for (size_t i = 0; i < suite->count && s->n_run; i++)
        vw_near_offer(&near, suite->cases[i].file_id);
    for (const struct vw_clause *c = vw_clauses; c->id && !s->n_run && s->n_clauses; c++)
        vw_near_offer(&near, c->id);
    bool slip = near.best && near.distance > 0;
    return vw_cli_error(NAME, VW_EXIT_NOTHING, "no case of the suite is selected%s",
                        VW_HINT(";", slip ? near.best : NULL));
}

static int run(int argc, char **argv)
{
    struct vw_check_request r;
    struct vw_check check;
    struct vw_error err = VW_ERROR_INIT;
    int status = vw_check_line_read(&r, argc, argv);
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
    r.o.say = say;
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
        status = nothing_selected(&r.o.selection, &check.suite);
    else if ((status = read_how(&r, &check)) != 0)
        ; /* said already */
    else if (r.discover)
        status = run_discovery(&r, &check);
    else if ((status = r.o.schema ? vw_cli_schema_new(NAME, check.profile) : 0) == 0 &&
             (status = open_outputs(&r)) == 0)
        status = r.list ? list_cases(&r, &check) : run_recorded(&r, &check);
    vw_cli_credentials_wipe(&r.credentials);
    for (size_t i = 0; i < VW_CHECK_WARNINGS_MAX; i++)
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
