// SPDX-License-Identifier: MIT
// What is doubtful in any schema: of a change that which is new, and all of it for `schema check`.
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "base/nearest.h"
#include "base/room.h"
#include "conformance/gate/internal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void tell(struct vw_differ *d, const char *rule, const char *subject, const char *detail,
                 const struct vw_where *where, const char *found)
{
    vw_gate_tell(d, &(struct vw_gate_told){.rule = rule,
                                           .subject = subject,
                                           .detail = detail,
                                           .found = found,
                                           .after = where,
                                           .companion = true});
}

static void tell_proc(struct vw_differ *d, const char *rule, const struct vw_proc *p,
                      const char *detail, const char *found)
{
    tell(d, rule, vw_differ_text(d, "%s.%s", p->program->name, p->short_name), detail, &p->where,
         found);
}

/* ---- procedures ---- */

static const char *const known_annotations[] = {
    "generate", "priority", "acl", "aclfilter", "readstream", "writestream", "sparseflag"};
/* Those that are expected where most neighbours have them. */
static const char *const usual_annotations[] = {"generate", "priority", "acl"};

/* What some say, one of few words; an access check is OBJECT:PERMISSION or `none`. */
static const char *const generators[] = {"both", "client", "none", "server"};
static const char *const priorities[] = {"high", "low"};

static bool has_key(const struct vw_proc *p, const char *key)
{
    for (uint32_t i = 0; i < p->n_annotations; i++)
        if (strcmp(p->annotations[i].key, key) == 0)
            return true;
    return false;
}

/* Most of its kind have the annotation. */
static bool is_usual(const struct vw_program *p, enum vw_proc_kind kind, const char *key)
{
    uint32_t with = 0, without = 0;
    for (uint32_t i = 0; i < p->n_procs; i++) {
        with += p->procs[i].kind == kind && has_key(&p->procs[i], key);
        without += p->procs[i].kind == kind && !has_key(&p->procs[i], key);
    }
    return with > without;
}

static void value_of(struct vw_differ *d, const struct vw_proc *p, const struct vw_annotation *a)
{
    bool generate = strcmp(a->key, "generate") == 0, priority = strcmp(a->key, "priority") == 0;
    const char *near = NULL;
    if (generate || priority)
        near = generate ? vw_nearest(a->value, generators, COUNT(generators))
                        : vw_nearest(a->value, priorities, COUNT(priorities));
    else if (strncmp(a->key, "acl", 3) != 0 || strcmp(a->value, "none") == 0 ||
             (strcspn(a->value, ":") > 0 && strspn(strchrnul(a->value, ':'), ":") == 1))
        return;
    if (!near || strcmp(near, a->value) != 0)
        tell_proc(d, "ANN005", p, a->key,
                  vw_differ_text(d, "'%s' has @%s: %s, which says nothing%s", p->name, a->key,
                                 a->value, VW_HINT(";", near)));
}

static void annotations(struct vw_differ *d, const struct vw_program *program)
{
    for (uint32_t i = 0; i < program->n_procs; i++) {
        const struct vw_proc *p = &program->procs[i];
        for (uint32_t k = 0; k < p->n_annotations; k++) {
            const char *key = p->annotations[k].key, *near = NULL;
            near = vw_nearest(key, known_annotations, COUNT(known_annotations));
            if (!near || strcmp(near, key) != 0)
                tell_proc(d, "ANN005", p, key,
                          vw_differ_text(d, "'%s' has an unknown @%s%s", p->name, key,
                                         VW_HINT(";", near)));
            else
                value_of(d, p, &p->annotations[k]);
        }
    }
    for (size_t k = 0; k < 2 * COUNT(usual_annotations); k++) {
        const char *key = usual_annotations[k / 2];
        enum vw_proc_kind kind = k % 2 ? VW_PROC_EVENT : VW_PROC_CALL;
        if (!is_usual(program, kind, key))
            continue;
        for (uint32_t i = 0; i < program->n_procs; i++)
            if (program->procs[i].kind == kind && !has_key(&program->procs[i], key))
                tell_proc(d, "ANN005", &program->procs[i], key,
                          vw_differ_text(d, "'%s' has no @%s", program->procs[i].name, key));
    }
}

static void numbers(struct vw_differ *d, const struct vw_program *program)
{
    for (uint32_t i = 1; i < program->n_procs; i++) {
        const struct vw_proc *p = &program->procs[i], *last = p - 1;
        bool early =
            strcmp(p->where.file, last->where.file) == 0 && p->where.line < last->where.line;
        if (p->number > last->number + 1)
            tell_proc(d, "PRC006", p, "gap",
                      vw_differ_text(d, "numbers from %" PRId32 " to %" PRId32 " are left out",
                                     last->number + 1, p->number - 1));
        if (early)
            tell_proc(d, "PRC006", p, "order",
                      vw_differ_text(d, "number %" PRId32 " stands in front of %" PRId32, p->number,
                                     last->number));
    }
}

/* Two fields side by side that nothing but their names tells apart. */
static void twins(struct vw_differ *d, const struct vw_proc *p, const struct vw_type *t)
{
    t = t ? vw_gate_real(t) : NULL;
    for (uint32_t i = 1; t && i < t->n_fields && t->kind == VW_STRUCT; i++) {
        const struct vw_field *f = &t->fields[i - 1], *g = &t->fields[i];
        if (!vw_gate_same(d, f->type, g->type, false))
            continue;
        tell_proc(d, "SEM001", p, f->name,
                  vw_differ_text(d, "'%s' and '%s' of '%s' have one type", f->name, g->name,
                                 t->name ? t->name : p->name));
        return;
    }
}

/* What the suite does not know, which was built from the newest profile. */
static void unknown_procs(struct vw_differ *d, const struct vw_program *program)
{
    struct vw_profile *newest = NULL;
    if (vw_profile_load(NULL, NULL, &newest, NULL)) {
        d->rc = d->rc ? d->rc : VW_ENOMEM;
        return;
    }
    const struct vw_program *known =
        vw_schema_program(newest->schema, program->number, program->version);
    for (uint32_t i = 0; i < program->n_procs; i++) {
        const struct vw_proc *p = &program->procs[i];
        if (!known || !vw_program_proc(known, p->number))
            tell(d, "SEM002", vw_differ_text(d, "%s.%" PRId32, program->name, p->number), "",
                 &p->where, vw_differ_text(d, "'%s' is new: no case, no vector", p->name));
    }
    vw_profile_destroy(newest);
}

/* ---- types ---- */

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcasecmp(name + n - m, end) == 0;
}

/* The name, among those that procedures could have, that is nearest to the orphan's. */
static const char *nearest_name(struct vw_differ *d, const char *name, const char *ending)
{
    size_t n;
    const struct vw_program *const *list = vw_schema_programs(d->after->schema, &n);
    struct vw_near near = {.word = name};
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < list[i]->n_procs && vw_differ_spend(d, 10000); k++)
            vw_near_offer(&near, vw_differ_text(d, "%s_%s_%s", list[i]->name,
                                                list[i]->procs[k].short_name, ending));
    return near.best;
}

static void orphans(struct vw_differ *d)
{
    static const char *const endings[] = {"args", "ret", "msg"};
    struct vw_pairs used = {0};
    size_t n;
    const struct vw_type *const *list = vw_schema_types(d->after->schema, &n);
    vw_gate_reached(d, d->after->schema, &used);
    for (size_t i = 0; i < n && !d->rc; i++) {
        const struct vw_type *t = list[i];
        size_t before = used.count;
        if (!vw_pairs_get(d, &used, t, t) || used.count == before)
            continue;
        for (size_t k = 0; k < COUNT(endings); k++)
            if (t->kind == VW_STRUCT && ends_in(t->name, endings[k]))
                tell(d, "PRC012", t->name, "", &t->where,
                     vw_differ_text(d, "no procedure has the type '%s'%s", t->name,
                                    VW_HINT(";", nearest_name(d, t->name, endings[k]))));
    }
    vw_pairs_finish(&used);
}

static void bounds(struct vw_differ *d, const struct vw_type *t, const char *name,
                   const struct vw_where *where)
{
    int64_t most = 33554408;
    vw_schema_const(d->after->schema, "VIR_NET_MESSAGE_PAYLOAD_MAX", &most);
    uint64_t smallest = t->elem ? t->elem->wire_min : 1;
    bool listed = t->kind == VW_ARRAY || t->kind == VW_STRING || t->kind == VW_OPAQUE;
    if (listed && t->max != VW_UNBOUNDED && smallest && t->max > (uint64_t)most / smallest)
        tell(d, "LEN009", name, "", where,
             vw_differ_text(d,
                            "%" PRIu32 " of %" PRIu64 " bytes or more, but a message has %" PRId64,
                            t->max, smallest, most));
}

static void members(struct vw_differ *d, const struct vw_type *t)
{
    for (uint32_t i = 0; i < t->n_members && vw_differ_spend(d, t->n_members); i++) {
        const struct vw_member *m = &t->members[i], *first = vw_type_member(t, m->value);
        if (first != m)
            tell(d, "ENU006", vw_differ_text(d, "%s.%s", t->name, m->name), "", &m->where,
                 vw_differ_text(d, "'%s' and '%s' are both %" PRId32, first->name, m->name,
                                m->value));
    }
}

static void arms(struct vw_differ *d, const struct vw_type *u)
{
    const struct vw_type *e = vw_gate_real(u->disc->type);
    for (uint32_t i = 0; i < e->n_members && vw_differ_spend(d, u->n_fields); i++)
        if (!vw_type_arm(u, e->members[i].value))
            tell(d, "ENU007", vw_differ_text(d, "%s.%s", u->name, e->members[i].name), "",
                 &u->where,
                 vw_differ_text(d, "'%s' has no arm for '%s'", u->name, e->members[i].name));
}

static bool is_upper(const char *name)
{
    for (; *name; name++)
        if (*name >= 'a' && *name <= 'z')
            return false;
    return true;
}

static void names(struct vw_differ *d)
{
    size_t n;
    const struct vw_const *const *consts = vw_schema_consts(d->after->schema, &n);
    for (size_t i = 0; i < n; i++)
        if (!is_upper(consts[i]->name))
            tell(d, "NAM001", consts[i]->name, "", &consts[i]->where,
                 vw_differ_text(d, "the constant '%s' has small letters", consts[i]->name));
    const struct vw_type *const *types = vw_schema_types(d->after->schema, &n);
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < types[i]->n_members && !types[i]->alias_of; k++)
            if (!is_upper(types[i]->members[k].name))
                tell(d, "NAM001", types[i]->members[k].name, "", &types[i]->members[k].where,
                     vw_differ_text(d, "the member '%s' has small letters",
                                    types[i]->members[k].name));
}

static void one_type(struct vw_differ *d, const struct vw_type *t)
{
    if (t->alias_of)
        return;
    bounds(d, t, t->name, &t->where);
    members(d, t);
    if (t->kind == VW_UNION)
        arms(d, t);
    for (uint32_t i = 0; i < t->n_fields; i++)
        if (!t->fields[i].type->name)
            bounds(d, t->fields[i].type, vw_differ_text(d, "%s.%s", t->name, t->fields[i].name),
                   &t->fields[i].where);
}

/* ---- all ---- */

/* The lints of one side. OF_CHANGE: also those that are only worth telling of what is new; TWINS:
 * also neighbours of one type. */
static void lint(struct vw_differ *d, bool of_change, bool with_twins)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(d->after->schema, &n);
    for (size_t i = 0; i < n && !d->rc; i++) {
        numbers(d, programs[i]);
        if (d->after->annotated)
            annotations(d, programs[i]);
        if (of_change)
            unknown_procs(d, programs[i]);
        for (uint32_t k = 0; with_twins && k < programs[i]->n_procs; k++) {
            twins(d, &programs[i]->procs[k], programs[i]->procs[k].args);
            twins(d, &programs[i]->procs[k], programs[i]->procs[k].ret);
        }
    }
    orphans(d);
    names(d);
    const struct vw_type *const *types = vw_schema_types(d->after->schema, &n);
    for (size_t i = 0; i < n && !d->rc; i++)
        one_type(d, types[i]);
}

static int compare_fingerprints(const void *a, const void *b)
{
    const struct vw_finding *x = *(struct vw_finding *const *)a,
                            *y = *(struct vw_finding *const *)b;
    return strcmp(x->change->fingerprint, y->change->fingerprint);
}

/* Those of AFTER that BEFORE did not have. */
static void take_new(struct vw_differ *d, const struct vw_gate *after, struct vw_gate *before)
{
    if (before->count)
        qsort(before->list, before->count, sizeof(*before->list), compare_fingerprints);
    for (size_t i = 0; i < after->count && !d->rc; i++) {
        if (before->count && bsearch(&after->list[i], before->list, before->count,
                                     sizeof(*before->list), compare_fingerprints))
            continue;
        vw_gate_append(d, after->list[i], &after->sources[i]);
    }
}

void vw_gate_lint_new(struct vw_differ *d)
{
    struct vw_gate before = {.list = NULL}, after = {.list = NULL};
    struct vw_differ old = {
        .out = &before, .arena = d->arena, .before = d->before, .after = d->before};
    struct vw_differ now = {
        .out = &after, .arena = d->arena, .before = d->before, .after = d->after};
    lint(&old, true, true);
    lint(&now, true, true);
    d->rc = d->rc ? d->rc : old.rc ? old.rc : now.rc;
    take_new(d, &after, &before);
}

int vw_gate_lint(struct vw_gate *g, const struct vw_schema *schema, bool twins,
                 struct vw_error *err)
{
    const struct vw_gate_side side = {.schema = schema, .annotated = vw_gate_is_annotated(schema)};
    struct vw_differ d = {.out = g, .arena = &g->arena, .before = &side, .after = &side};
    lint(&d, false, twins);
    return d.rc == VW_ELIMIT ? vw_error_set(err, VW_ELIMIT, "these files take too long to check")
           : d.rc            ? vw_error_nomem(err)
                             : 0;
}
