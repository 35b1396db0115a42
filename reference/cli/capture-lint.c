// SPDX-License-Identifier: MIT
// virwire capture lint: each rule that somebody who watches both sides can see, as findings. What
// one mistake explains is one finding: the first in full, and how many there are.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/room.h"
#include "cli/capture.h"
#include "cli/commit.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/message.h"
#include "cli/report-files.h"
#include "message/message-json.h"

#define GROUPS_MAX 1000u
#define LATEST_MAX 65536u
#define LINE       400u

struct group {
    struct vw_finding finding;
    const struct vw_proc *proc;
};

struct lint {
    struct vw_capture_in in;
    struct vw_cli_reports reports;
    const char *only; /* --run: a rule */
    struct vw_arena arena;
    struct group *groups;
    size_t n;
    uint64_t messages, connections;
    struct vw_buf latest; /* the message that findings are about, unless it is too long for that */
};

/* Real servers are known for it, and nothing comes of it. */
static bool is_lenient(const struct vw_finding *f)
{
    return strcmp(f->clauses, "S-2") == 0 && strcmp(f->place.side, "server") == 0;
}

static struct group *find_group(struct lint *l, const struct vw_finding *f,
                                const struct vw_proc *proc)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct vw_finding *g = &l->groups[i].finding;
        if (l->groups[i].proc == proc && strcmp(g->clauses, f->clauses) == 0 &&
            strcmp(g->cause, f->cause) == 0 && strcmp(g->place.side, f->place.side) == 0)
            return &l->groups[i];
    }
    /* Where there are too many kinds the last stands for the rest. */
    return l->n == GROUPS_MAX ? &l->groups[l->n - 1] : NULL;
}

static const char *keep(struct lint *l, const char *text)
{
    return text ? vw_arena_strndup(&l->arena, text, strlen(text)) : NULL;
}

/* The message that a finding follows, on one line. */
static const char *latest_line(struct lint *l)
{
    struct vw_frame frame;
    const struct vw_event ev = {.message = l->latest.data, .length = (uint32_t)l->latest.len};
    if (l->latest.len == 0)
        return "";
    if (!vw_capture_frame(&l->in, &ev, &frame))
        return NULL;
    char *line = vw_message_to_line(l->in.profile->schema, &frame, LINE);
    const char *kept = keep(l, line);
    free(line);
    return kept;
}

static int add_group(struct lint *l, const struct vw_captured_event *ev, const struct vw_finding *f,
                     const struct vw_proc *proc)
{
    struct group *list = vw_room(l->groups, l->n, sizeof(*list));
    if (!list)
        return VW_ENOMEM;
    l->groups = list;
    list[l->n] = (struct group){.finding = *f, .proc = proc};
    struct vw_finding *x = &list[l->n].finding;
    x->rule = vw_arena_printf(&l->arena, "%s/%s", f->place.side, f->clauses);
    x->title = proc ? proc->short_name : NULL;
    x->clauses = keep(l, f->clauses);
    x->cause = keep(l, f->cause);
    x->found = vw_arena_printf(&l->arena, "%s; connection %" PRIu64 ", message %" PRIu64, f->found,
                               ev->conn->number, ev->talk->number);
    x->frames = ev->talk->event && ev->talk->event->length ? latest_line(l) : "";
    x->place.side = strcmp(f->place.side, "client") == 0 ? "client" : "server";
    x->place.path = keep(l, f->place.path ? f->place.path : "");
    x->place.file = vw_input_name(l->in.path);
    x->verdict = is_lenient(f) ? VW_LENIENT : VW_FAIL;
    if (!x->rule || !x->clauses || !x->cause || !x->found || !x->frames || !x->place.path)
        return VW_ENOMEM;
    l->n++;
    return 0;
}

/* What the message is of that EV is about; NULL: unknown. */
static const struct vw_proc *proc_of(const struct lint *l, const struct vw_event *ev)
{
    struct vw_body body;
    if (!ev || ev->length < VW_PREFIX_BYTES)
        return NULL;
    vw_body_of(l->in.profile->schema, &ev->header, &body);
    return body.proc;
}

static int take_finding(struct lint *l, const struct vw_captured_event *ev)
{
    const struct vw_finding *f = ev->talk->finding;
    const struct vw_proc *proc = proc_of(l, ev->talk->event);
    char rule[40];
    snprintf(rule, sizeof(rule), "%s/%s", f->place.side, f->clauses);
    if (l->only && strcmp(l->only, rule) != 0)
        return 0;
    struct group *g = find_group(l, f, proc);
    if (!g)
        return add_group(l, ev, f, proc);
    g->finding.count += f->count;
    return 0;
}

static int take_message(struct lint *l, const struct vw_captured_event *ev)
{
    const struct vw_event *e = ev->talk->event;
    l->messages++;
    l->latest.len = 0;
    if (e->length > LATEST_MAX)
        return 0;
    return vw_buf_append(&l->latest, e->message, e->length);
}

static int hear(void *user, const struct vw_captured_event *ev)
{
    struct lint *l = user;
    l->connections += ev->kind == VW_CAPTURED_BEGIN;
    if (ev->kind != VW_CAPTURED_TALK)
        return 0;
    switch (ev->talk->kind) {
    case VW_TALK_MESSAGE:
        return take_message(l, ev);
    case VW_TALK_FINDING:
        return take_finding(l, ev);
    default:
        vw_cli_warn(l->in.command, "connection %" PRIu64 ": %s", ev->conn->number, ev->talk->text);
        return 0;
    }
}

/* ---- the report ---- */

static int report(struct lint *l, bool whole)
{
    const struct vw_finding **list = calloc(l->n + 1, sizeof(*list));
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
    struct vw_tally tally = {.planned = l->n + 1, .done = l->n + 1, .incomplete = !whole};
    if (!list)
        return vw_cli_error(l->in.command, VW_EXIT_TOOL, "out of memory");
    snprintf(text, sizeof(text), "%" PRIu64 " messages of %" PRIu64 " connections", l->messages,
             l->connections);
    list[0] = &read;
    tally.by[VW_PASS] = 1;
    for (size_t i = 0; i < l->n; i++) {
        list[i + 1] = &l->groups[i].finding;
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
        .count = l->n + 1,
        .tally = &tally,
        .when = (int64_t)time(NULL),
    };
    int status = vw_cli_reports_write(l->in.command, &l->reports, &r);
    free(list);
    return status ? status : vw_tally_exit(&tally);
}

static int lint_all(struct lint *l)
{
    int status = vw_cli_reports_open(l->in.command, &l->reports);
    if (status)
        return status;
    status = vw_capture_read(&l->in, hear, l);
    if (l->messages == 0 && l->n == 0)
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
        {"run", .text = &l.only},
        {"report", .take = vw_cli_reports_take, .user = &l.reports},
        {NULL},
    };
    int status = vw_capture_open(&l.in, argc, argv, options);
    if (status == 0)
        status = lint_all(&l);
    vw_cli_reports_abandon(&l.reports);
    free(l.groups);
    vw_buf_finish(&l.latest);
    vw_arena_finish(&l.arena);
    vw_capture_close(&l.in);
    return status;
}

const struct vw_capture_verb vw_capture_lint = {"lint", run};
