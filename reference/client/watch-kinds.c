// SPDX-License-Identifier: MIT
// Which kinds of events a schema has: what the table of facts says of its messages, each with a
// callback id as first field or without.
#include <string.h>

#include "client/internal.h"
#include "schema/facts.h"

static bool has_callback(const struct vw_proc *message)
{
    const struct vw_type *t = message->args;
    return t && t->kind == VW_STRUCT && strcmp(t->fields[0].name, "callbackID") == 0;
}

struct list {
    struct vw_watch_kind *kinds;
    size_t n;
};

static struct vw_watch_kind *find(struct list *l, const char *name)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->kinds[i].name, name) == 0)
            return &l->kinds[i];
    return NULL;
}

static int add(struct list *l, const struct vw_proc *message, struct vw_arena *arena)
{
    const struct vw_facts *facts = vw_proc_facts(message);
    if (!facts->event_kind)
        return 0;
    const char *name = vw_arena_printf(arena, "%s.%s", facts->event_object, facts->event_kind);
    if (!name)
        return VW_ENOMEM;
    struct vw_watch_kind *k = find(l, name);
    if (!k) {
        k = &l->kinds[l->n++];
        *k = (struct vw_watch_kind){
            .name = name, .object = facts->event_object, .id = facts->event_number};
    }
    if (has_callback(message))
        k->callback = message;
    else
        k->plain = message;
    return 0;
}

static size_t count_events(const struct vw_program *p)
{
    size_t n = 0;
    for (uint32_t i = 0; i < p->n_procs; i++)
        n += p->procs[i].kind == VW_PROC_EVENT && p->procs[i].args;
    return n;
}

int vw_watch_kinds(const struct vw_profile *profile, struct vw_arena *arena,
                   const struct vw_watch_kind **out, size_t *n, struct vw_error *err)
{
    struct list l = {0};
    size_t n_programs, most = 0;
    const struct vw_program *const *programs = vw_schema_programs(profile->schema, &n_programs);
    for (size_t i = 0; i < n_programs; i++)
        most += count_events(programs[i]);
    l.kinds = vw_arena_zalloc(arena, (most + 1) * sizeof(*l.kinds), _Alignof(struct vw_watch_kind));
    if (!l.kinds)
        return vw_error_nomem(err);
    for (size_t i = 0; i < n_programs; i++)
        for (uint32_t p = 0; p < programs[i]->n_procs; p++) {
            const struct vw_proc *message = &programs[i]->procs[p];
            if (message->kind == VW_PROC_EVENT && message->args && add(&l, message, arena))
                return vw_error_nomem(err);
        }
    *out = l.kinds;
    *n = l.n;
    return 0;
}
