// SPDX-License-Identifier: MIT
// virwire capture lint: what is found in a capture (capture/lint.h), as a report.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture/lint.h"
#include "cli/capture.h"
#include "cli/commit.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/message.h"
#include "cli/report-files.h"

struct lint {
    struct vw_capture_in in;
    struct vw_cli_reports reports;
    struct vw_lint found;
    uint64_t connections;
};

static int hear(void *user, const struct vw_captured_event *ev)
{
    struct lint *l = user;
    l->connections += ev->kind == VW_CAPTURED_BEGIN;
    if (ev->kind != VW_CAPTURED_TALK)
        return 0;
    if (ev->talk->kind == VW_TALK_NOTE)
        vw_cli_warn(l->in.command, "connection %" PRIu64 ": %s", ev->conn->number, ev->talk->text);
    return vw_lint_hear(&l->found, ev->conn->number, ev->talk);
}

/* ---- the report ---- */

static int report(struct lint *l, bool whole)
{
    const struct vw_finding **list = calloc(l->found.n + 1, sizeof(*list));
    const char *const none[] = {NULL};
    char text[200];
    const struct vw_finding read = {.rule = "messages",
                                    .title = "the capture holds messages",
                                    .clauses = "",
                                    .found = text,
                                    .place = {.file = vw_input_name(l->in.path)},
                                    .level = VW_LEVEL_MUST,
                                    .verdict = VW_PASS,
                                    .count = 1};
    struct vw_tally tally = {
        .planned = l->found.n + 1, .done = l->found.n + 1, .incomplete = !whole};
    if (!list)
        return vw_cli_error(l->in.command, VW_EXIT_TOOL, "out of memory");
    snprintf(text, sizeof(text), "%" PRIu64 " messages of %" PRIu64 " connections",
             l->found.messages, l->connections);
    list[0] = &read;
    tally.by[VW_PASS] = 1;
    for (size_t i = 0; i < l->found.n; i++) {
        list[i + 1] = &l->found.groups[i].finding;
        tally.by[list[i + 1]->verdict]++;
    }
    const struct vw_report r = {
        .kind = "capture",
        .command = "virwire capture lint",
        .uri = l->in.path,
        .commit = VW_COMMIT,
        .digest = vw_schema_digest(l->in.profile->schema),
        .profile = l->in.profile->name,
        .without = none,
        .peer = &(struct vw_peer){"", "", ""},
        .findings = list,
        .count = l->found.n + 1,
        .tally = &tally,
        .when = (int64_t)time(NULL),
    };
    int status = vw_cli_reports_write(l->in.command, &l->reports, &r);
    free(list);
    return status ? status : vw_tally_exit(&tally);
}

static int lint_all(struct lint *l)
{
    l->found.schema = l->in.profile->schema;
    l->found.file = vw_input_name(l->in.path);
    l->found.show_secrets = l->in.show_secrets;
    int status = vw_cli_reports_open(l->in.command, &l->reports);
    if (status)
        return status;
    status = vw_capture_read(&l->in, hear, l);
    if (l->found.messages == 0 && l->found.n == 0)
        return status ? status
                      : vw_cli_error(l->in.command, VW_EXIT_NOTHING, "%s: no messages",
                                     vw_input_name(l->in.path));
    int found = report(l, status == 0);
    return status ? status : found;
}

static int run(int argc, char **argv)
{
    struct lint l = {.in = {.command = argv[0], .strict = VW_STRICT_ALL | VW_STRICT_RANGE}};
    const struct vw_cli_option options[] = {
        VW_CAPTURE_OPTIONS(&l.in),
        {"run", .text = &l.found.only},
        {"report", .take = vw_cli_reports_take, .user = &l.reports},
        {NULL},
    };
    int status = vw_capture_open(&l.in, argc, argv, options);
    if (status == 0)
        status = lint_all(&l);
    vw_cli_reports_abandon(&l.reports);
    vw_lint_finish(&l.found);
    vw_capture_close(&l.in);
    return status;
}

const struct vw_capture_verb vw_capture_lint = {"lint", run};
