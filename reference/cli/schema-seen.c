// SPDX-License-Identifier: MIT
#include "cli/schema-seen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/room.h"
#include "capture/captured.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "conformance/play/check.h"
#include "message/message-json.h"
#include "scenario/compose.h"

#define CAPTURE_MAX (64u << 20)

/* A case or a capture, and the procedures in it. */
struct place {
    const char *name;
    bool capture;
    const struct vw_proc **procs;
    size_t n;
};

struct collector {
    const char *command;
    struct vw_arena arena;
    struct vw_profile *profile; /* the newest, whose procedures are counted */
    struct place *list;
    size_t count;
    struct place *open;
    bool failed; /* memory is out */
};

static struct place *add_place(struct collector *c, const char *name, bool capture)
{
    struct place *list = vw_room(c->list, c->count, sizeof(*list));
    char *copy = vw_arena_strndup(&c->arena, name, strlen(name));
    if (list)
        c->list = list;
    c->failed = c->failed || !list || !copy;
    if (c->failed)
        return NULL;
    list[c->count] = (struct place){.name = copy, .capture = capture};
    return &list[c->count++];
}

static void add_proc(struct collector *c, const struct vw_proc *proc)
{
    struct place *p = c->open;
    for (size_t i = 0; p && i < p->n; i++)
        if (p->procs[i] == proc)
            return;
    const struct vw_proc **procs =
        p && proc ? vw_arena_room(&c->arena, p->procs, p->n, sizeof(*procs)) : NULL;
    if (procs) {
        p->procs = procs;
        p->procs[p->n++] = proc;
    }
    c->failed = c->failed || (proc && !procs);
}

/* ---- cases ---- */

static void look_at(struct collector *c, const struct vw_node *n)
{
    const struct vw_proc *proc = NULL;
    struct vw_header h = {0};
    struct vw_error err = VW_ERROR_INIT;
    if (vw_node_get(n, "procedure") && vw_compose_proc(c->profile, n, &proc, &h, &err) == 0)
        add_proc(c, proc);
    for (const struct vw_node *m = n->first; m; m = m->next)
        look_at(c, m);
}

static void add_cases(struct collector *c)
{
    struct vw_suite suite = {.count = 0};
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_suite_options o = {.profile = c->profile, .newest = true};
    char dir[1024];
    vw_check_own_suite("server", dir, sizeof(dir));
    /* Without a suite there is a verdict all the same. */
    if (vw_suite_load(&suite, dir, &o, &err))
        vw_cli_warn(c->command, "no cases are named: %s: %s", suite.error_file, err.text);
    for (size_t i = 0; i < suite.count; i++) {
        c->open = add_place(c, suite.cases[i].id, false);
        for (const struct vw_node *s = suite.cases[i].steps->first; s && c->open; s = s->next)
            look_at(c, s);
    }
    vw_suite_finish(&suite);
}

/* ---- captures ---- */

static int hear(void *user, const struct vw_captured_event *ev)
{
    struct collector *c = user;
    struct vw_body body;
    if (ev->kind != VW_CAPTURED_TALK || ev->talk->kind != VW_TALK_MESSAGE)
        return 0;
    vw_body_of(c->profile->schema, &ev->talk->event->header, &body);
    add_proc(c, body.proc);
    return 0;
}

static int add_capture(struct collector *c, const char *path, const char *name)
{
    const struct vw_captured_options o = {.profile = c->profile, .sink = hear, .user = c};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_captured *captured = NULL;
    char *text = NULL;
    size_t len = 0;
    int failed = vw_file_read(path, true, CAPTURE_MAX, &text, &len);
    if (failed)
        return vw_cli_error(c->command, VW_EXIT_USAGE, "%s: cannot be read: %s", path,
                            strerror(failed));
    c->open = add_place(c, name, true);
    int rc = vw_captured_create(&o, &captured, &err);
    rc = rc ? rc : vw_captured_feed(captured, text, len, &err);
    rc = rc ? rc : vw_captured_end(captured, &err);
    vw_captured_destroy(captured);
    free(text);
    return rc ? vw_cli_fail(c->command, path, &err) : 0;
}

/* The captures below DIR, by their names there. */
static int add_folder(struct collector *c, const char *dir)
{
    static const struct vw_search how = {.ending = ".pcapng", .levels = 4};
    struct vw_paths p;
    int rc = vw_paths_find(&p, dir, &how), status = 0;
    if (rc)
        status = vw_cli_error(c->command, VW_EXIT_USAGE, "%s: cannot be read: %s",
                              p.failed ? p.failed : dir, strerror(rc));
    for (size_t i = 0; i < p.count && !status; i++) {
        const char *name = p.list[i] + strlen(dir);
        status = add_capture(c, p.list[i], name + strspn(name, "/"));
    }
    vw_paths_finish(&p);
    return status;
}

/* ---- findings ---- */

static int by_address(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t) * (const struct vw_proc *const *)a;
    uintptr_t y = (uintptr_t) * (const struct vw_proc *const *)b;
    return (x > y) - (x < y);
}

static bool has_one(const struct place *p, const struct vw_proc *const *procs, size_t n)
{
    for (size_t i = 0; i < p->n && n; i++)
        if (bsearch(&p->procs[i], procs, n, sizeof(*procs), by_address))
            return true;
    return false;
}

static void note(struct vw_usage_in *s, const struct place *p, struct vw_arena *arena, bool *failed)
{
    if (s->kept < VW_USAGE_KEPT) {
        s->names[s->kept] = vw_arena_strndup(arena, p->name, strlen(p->name));
        *failed = *failed || !s->names[s->kept];
        s->kept++;
    }
    s->total++;
}

static void add_to(struct collector *c, struct vw_gate *g, struct vw_finding *f, bool captures)
{
    struct vw_change *copy = vw_arena_alloc(&g->arena, sizeof(*copy), 8);
    struct vw_usage *seen = vw_arena_zalloc(&g->arena, sizeof(*seen), 8);
    const struct vw_change *old = f->change;
    const struct vw_proc **procs =
        vw_arena_alloc(&c->arena, old->n_touches * sizeof(struct vw_proc *), 8);
    size_t n = 0;
    c->failed = c->failed || !copy || !seen || !procs;
    if (c->failed)
        return;
    for (size_t i = 0; i < old->n_touches; i++) {
        const struct vw_proc *proc = vw_schema_proc(c->profile->schema, old->touches[i]);
        if (proc)
            procs[n++] = proc;
    }
    if (n)
        qsort(procs, n, sizeof(*procs), by_address);
    for (size_t i = 0; i < c->count; i++)
        if (has_one(&c->list[i], procs, n))
            note(c->list[i].capture ? &seen->captures : &seen->cases, &c->list[i], &g->arena,
                 &c->failed);
    seen->looked_at_captures = captures;
    *copy = *old;
    copy->seen = seen;
    f->change = copy;
}

static bool counts(const struct vw_finding *f)
{
    return f->change && f->change->n_touches && !f->change->companion &&
           (f->verdict == VW_FAIL || f->verdict == VW_XFAIL);
}

static int collect(struct collector *c, const struct vw_cli_seen *o)
{
    struct vw_error err = VW_ERROR_INIT;
    int status =
        vw_profile_load(NULL, NULL, &c->profile, &err) ? vw_cli_fail(c->command, NULL, &err) : 0;
    if (!status)
        add_cases(c);
    for (size_t i = 0; i < o->n_captures && !status; i++) {
        struct stat st;
        const char *path = o->captures[i];
        status = stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? add_folder(c, path)
                                                             : add_capture(c, path, path);
    }
    return status;
}

int vw_cli_seen_add(const char *command, const struct vw_cli_seen *o, struct vw_gate *g)
{
    struct collector c = {.command = command};
    size_t n = 0;
    for (size_t i = 0; i < g->count; i++)
        n += counts(g->list[i]);
    if (!n && !o->n_captures)
        return 0;
    vw_arena_init(&c.arena);
    int status = collect(&c, o);
    for (size_t i = 0; i < g->count && !status; i++)
        if (counts(g->list[i]))
            add_to(&c, g, g->list[i], o->n_captures > 0);
    if (!status && c.failed)
        status = vw_cli_error(command, VW_EXIT_TOOL, "out of memory");
    free(c.list);
    vw_profile_destroy(c.profile);
    vw_arena_finish(&c.arena);
    return status;
}
