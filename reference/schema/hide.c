// SPDX-License-Identifier: MIT
// What a profile leaves out of the protocol: programs and procedures that its release did not have,
// arms of unions that it did not know, and the types that only those used.
#include <string.h>

#include "base/nearest.h"
#include "schema/facts.h"
#include "schema/internal.h"
#include "schema/settings.h"

int vw_hide_add(struct vw_schema *s, const char *name, bool arms, int64_t from, int64_t to)
{
    struct vw_hidden *h = vw_arena_alloc(&s->arena, sizeof(*h), _Alignof(struct vw_hidden));
    char *copy = h ? vw_arena_strndup(&s->arena, name, strlen(name)) : NULL;
    if (!copy)
        return VW_ENOMEM;
    *h = (struct vw_hidden){s->hidden, copy, arms, from, to, false};
    s->hidden = h;
    s->profiled = true;
    return 0;
}

void vw_hide_unused(struct vw_schema *s)
{
    s->profiled = true;
}

static bool is_union(const struct vw_sym *sym)
{
    return sym->type && sym->type->what == VW_DEF_UNION;
}

/* Takes the cases FROM..TO out of an arm; true when none is left. */
static bool strip_cases(struct vw_field *f, int64_t from, int64_t to)
{
    int32_t *cases = (int32_t *)(uintptr_t)f->cases;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < f->n_cases; i++) {
        if (cases[i] < from || cases[i] > to)
            cases[kept++] = cases[i];
    }
    f->n_cases = kept;
    return !kept && !f->is_default;
}

static int hide_arms(struct vw_schema *s, struct vw_hidden *h, struct vw_error *err)
{
    const struct vw_sym *sym = vw_symbols_find(s, h->program, strlen(h->program));
    struct vw_type_node *n = sym && sym->type ? sym->type->node : NULL;
    if (!n || n->type.kind != VW_UNION) {
        const char *near = vw_symbols_nearest(s, h->program, is_union);
        return vw_error_set(err, VW_ENAME, "union '%s' is not known%s", h->program,
                            VW_HINT(";", near));
    }
    struct vw_field *fields = (struct vw_field *)(uintptr_t)n->type.fields;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n->type.n_fields; i++) {
        uint32_t before = fields[i].n_cases;
        bool gone = strip_cases(&fields[i], h->from, h->to);
        h->found |= fields[i].n_cases < before;
        if (!gone)
            fields[kept++] = fields[i];
    }
    n->type.n_fields = kept;
    if (!kept)
        return vw_error_set(err, VW_EUSAGE, "union '%s' would have no arms left", h->program);
    return 0;
}

int vw_hide_arms(struct vw_schema *s, struct vw_error *err)
{
    int rc = 0;
    for (struct vw_hidden *h = s->hidden; h && !rc; h = h->next) {
        if (h->arms)
            rc = hide_arms(s, h, err);
    }
    return rc;
}

int vw_hide_later(struct vw_schema *s, const char *program, const struct vw_proc *procs, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i < n && s->release && rc == 0; i++) {
        const char *since = vw_facts_rows[vw_facts_find(program, procs[i].short_name)].since;
        if (since && strverscmp(since, s->release) > 0)
            rc = vw_hide_add(s, program, false, procs[i].number, procs[i].number);
    }
    return rc;
}

static bool is_implemented(const struct vw_schema *s, const char *program, int64_t number)
{
    const struct vw_setting_range *i = s->partial->implemented;
    while (i && (strcmp(i->name, program) != 0 || number < i->from || number > i->to))
        i = i->next;
    return i != NULL;
}

int vw_hide_lacking(struct vw_schema *s, const char *program, const struct vw_proc *procs, size_t n)
{
    struct vw_partial *has = vw_arena_alloc(&s->arena, sizeof(*has), _Alignof(struct vw_partial));
    int32_t *lacking = vw_arena_alloc(&s->arena, (n + 1) * sizeof(*lacking), sizeof(*lacking));
    int rc = has && lacking ? 0 : VW_ENOMEM;
    if (rc)
        return rc;
    *has = (struct vw_partial){.next = s->has, .program = program, .lacking = lacking};
    if (strcmp(program, "remote") == 0)
        has->lacking_features = s->partial->lacking_features;
    s->has = has;
    for (size_t i = 0; i < n && rc == 0; i++) {
        const struct vw_proc *p = &procs[i];
        bool call = p->kind == VW_PROC_CALL, is = is_implemented(s, program, p->number);
        if (vw_hide_proc(s, program, p->number))
            continue;
        if (!is)
            rc = vw_hide_add(s, program, false, p->number, p->number);
        if (call && !is)
            lacking[has->all_calls - has->calls] = p->number;
        has->all_calls += call;
        has->calls += call && is;
        bool stream = p->readstream || p->writestream;
        has->all_streams += stream;
        has->streams += stream && is;
        has->all_events += !call;
        has->events += !call && is;
    }
    return rc;
}

bool vw_hide_proc(struct vw_schema *s, const char *program, int64_t number)
{
    for (struct vw_hidden *h = s->hidden; h; h = h->next) {
        if (!h->arms && strcmp(h->program, program) == 0 && number >= h->from && number <= h->to) {
            h->found = true;
            return true;
        }
    }
    return false;
}

bool vw_hide_found(const struct vw_schema *s, const char *name, int64_t from, int64_t to)
{
    for (const struct vw_hidden *h = s->hidden; h; h = h->next) {
        if (strcmp(h->program, name) == 0 && h->from == from && h->to == to)
            return h->found;
    }
    return false;
}

/* ---- types that belong to what is left out ---- */

/* Puts the node of a hidden type on the list of those to be shown. */
static void push(struct vw_type_node **list, const struct vw_type *t)
{
    struct vw_type_node *n = t ? vw_type_node_of(t) : NULL;
    if (!n || !n->hidden)
        return;
    n->hidden = false;
    n->back = *list;
    *list = n;
}

/* Shows T and all that it is made of. */
static void show(const struct vw_type *t)
{
    struct vw_type_node *list = NULL;
    push(&list, t);
    while (list) {
        const struct vw_type *next = &list->type;
        list = list->back;
        push(&list, next->alias_of);
        push(&list, next->elem);
        for (uint32_t i = 0; i < next->n_fields; i++)
            push(&list, next->fields[i].type);
        if (next->disc)
            push(&list, next->disc->type);
    }
}

/* Types that are there for one procedure only; what else nothing refers to stands for itself, such
 * as the header of messages. */
static bool is_claimed(const struct vw_schema *s, const struct vw_definition *d)
{
    return s->hidden_files[d->file] || vw_symbol_ends_in(d->sym, "args") ||
           vw_symbol_ends_in(d->sym, "ret") || vw_symbol_ends_in(d->sym, "msg");
}

static void refer(const struct vw_type *t)
{
    struct vw_type_node *n = t ? vw_type_node_of(t) : NULL;
    if (n)
        n->referred = true;
}

/* A file whose list of procedures a later one has replaced is superseded as a whole. */
static void hide_superseded(struct vw_schema *s)
{
    for (const struct vw_definition *d = s->defs; d; d = d->next) {
        if (d->replaced && d->what == VW_DEF_ENUM && d->sym &&
            vw_symbol_ends_in(d->sym, "procedure"))
            s->hidden_files[d->file] = true;
    }
}

/* Hides what only something that is left out uses. */
void vw_hide_types(struct vw_schema *s)
{
    hide_superseded(s);
    for (struct vw_type_node *n = s->nodes; n; n = n->next) {
        n->hidden = true;
        refer(n->type.alias_of);
        refer(n->type.elem);
        for (uint32_t i = 0; i < n->type.n_fields; i++)
            refer(n->type.fields[i].type);
        if (n->type.disc)
            refer(n->type.disc->type);
    }
    for (size_t i = 0; i < s->n_programs; i++) {
        for (uint32_t k = 0; k < s->program_list[i]->n_procs; k++) {
            show(s->program_list[i]->procs[k].args);
            show(s->program_list[i]->procs[k].ret);
        }
    }
    for (struct vw_type_node *n = s->nodes; n; n = n->next) {
        if (n->def && n->def->sym && !n->referred && !is_claimed(s, n->def))
            show(&n->type);
    }
}

/* The names of procedures that are left out are no members of their enum either. */
void vw_hide_members(struct vw_schema *s, const char *program, const struct vw_definition *def)
{
    struct vw_type *t = &def->node->type;
    struct vw_member *members = (struct vw_member *)(uintptr_t)t->members;
    uint32_t kept = 0;
    for (struct vw_constant *m = def->members; m; m = m->next) {
        if (vw_hide_proc(s, program, m->pub.value))
            m->sym->constant = NULL;
        else
            members[kept++] = (struct vw_member){m->pub.name, (int32_t)m->pub.value, m->pub.where};
    }
    t->n_members = kept;
    if (!kept)
        s->hidden_files[def->file] = true;
}
