// SPDX-License-Identifier: MIT
#include "capture/lint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "message/message-json.h"
#include "message/secret.h"

#define GROUPS_MAX 1000u
#define LATEST_MAX 65536u
#define LINE       400u

/* Real servers are known for it, and nothing comes of it. */
static bool is_lenient(const struct vw_finding *f)
{
    return strcmp(f->clauses, "S-2") == 0 && strcmp(f->place.side, "server") == 0;
}

static struct vw_lint_group *find_group(struct vw_lint *l, const struct vw_finding *f,
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

static const char *keep(struct vw_lint *l, const char *text)
{
    return text ? vw_arena_strndup(&l->arena, text, strlen(text)) : NULL;
}

/* The message that a finding follows, on one line. */
static const char *latest_line(struct vw_lint *l)
{
    struct vw_frame frame;
    if (l->latest.len == 0)
        return "";
    if (!l->show_secrets)
        vw_message_hide(l->schema, l->latest.data, l->latest.len, l->latest.len);
    vw_frame_of(l->latest.data, (uint32_t)l->latest.len, &frame);
    char *line = vw_message_to_line(l->schema, &frame, LINE);
    const char *kept = keep(l, line);
    free(line);
    return kept;
}

static int add_group(struct vw_lint *l, uint64_t number, const struct vw_talk_event *ev,
                     const struct vw_finding *f, const struct vw_proc *proc)
{
    struct vw_lint_group *list = vw_room(l->groups, l->n, sizeof(*list));
    if (!list)
        return VW_ENOMEM;
    l->groups = list;
    list[l->n] = (struct vw_lint_group){.finding = *f, .proc = proc};
    struct vw_finding *x = &list[l->n].finding;
    x->rule = vw_arena_printf(&l->arena, "%s/%s", f->place.side, f->clauses);
    x->title = proc ? proc->short_name : NULL;
    x->clauses = keep(l, f->clauses);
    x->cause = keep(l, f->cause);
    x->found = vw_arena_printf(&l->arena, "%s; connection %" PRIu64 ", message %" PRIu64, f->found,
                               number, ev->number);
    x->frames = ev->event && ev->event->length ? latest_line(l) : "";
    x->place.side = strcmp(f->place.side, "client") == 0 ? "client" : "server";
    x->place.path = keep(l, f->place.path ? f->place.path : "");
    x->place.file = l->file;
    x->verdict = is_lenient(f) ? VW_LENIENT : VW_FAIL;
    if (!x->rule || !x->clauses || !x->cause || !x->found || !x->frames || !x->place.path)
        return VW_ENOMEM;
    l->n++;
    return 0;
}

/* What the message is of that EV is about; NULL: unknown. */
static const struct vw_proc *proc_of(const struct vw_lint *l, const struct vw_event *ev)
{
    struct vw_body body;
    if (!ev || ev->length < VW_PREFIX_BYTES)
        return NULL;
    vw_body_of(l->schema, &ev->header, &body);
    return body.proc;
}

static int take_finding(struct vw_lint *l, uint64_t number, const struct vw_talk_event *ev)
{
    const struct vw_finding *f = ev->finding;
    const struct vw_proc *proc = proc_of(l, ev->event);
    char rule[40];
    snprintf(rule, sizeof(rule), "%s/%s", f->place.side, f->clauses);
    if ((l->only && strcmp(l->only, rule) != 0) ||
        (l->client_only && strcmp(f->place.side, "client") != 0))
        return 0;
    struct vw_lint_group *g = find_group(l, f, proc);
    if (!g)
        return add_group(l, number, ev, f, proc);
    g->finding.count += f->count;
    return 0;
}

static int take_message(struct vw_lint *l, const struct vw_talk_event *ev)
{
    const struct vw_event *e = ev->event;
    l->messages++;
    l->latest.len = 0;
    if (e->length > LATEST_MAX)
        return 0;
    return vw_buf_append(&l->latest, e->message, e->length);
}

int vw_lint_hear(struct vw_lint *l, uint64_t number, const struct vw_talk_event *ev)
{
    if (ev->kind == VW_TALK_MESSAGE)
        return take_message(l, ev);
    return ev->kind == VW_TALK_FINDING ? take_finding(l, number, ev) : 0;
}

void vw_lint_finish(struct vw_lint *l)
{
    free(l->groups);
    vw_buf_finish(&l->latest);
    vw_arena_finish(&l->arena);
    *l = (struct vw_lint){0};
}
