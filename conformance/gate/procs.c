// SPDX-License-Identifier: MIT
// Comparing programs and procedures. A procedure is the one of the same name; where a name is gone
// and its number has a new one of the same layout, it was renamed.
#include <inttypes.h>
#include <stdlib.h>

#include "conformance/gate/internal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const private_programs[] = {"lock", "log", "lxcmonitor", "admin"};

static bool is_private(const struct vw_program *p)
{
    for (size_t i = 0; i < COUNT(private_programs); i++)
        if (strcmp(private_programs[i], p->name) == 0)
            return true;
    return false;
}

/* What the findings about one pair of programs share. */
struct programs {
    const struct vw_program *before, *after;
    const struct vw_proc **now; /* for each old procedure, by place: its new one, or NULL */
    const struct vw_proc **was; /* for each new one */
    unsigned promised;
};

static unsigned reach_of(const struct vw_proc *p, unsigned promised)
{
    return (p->kind == VW_PROC_EVENT ? VW_REACH_EVENT : VW_REACH_ARGS) | promised;
}

static const char *full_name(struct vw_differ *d, const struct vw_proc *p)
{
    return vw_differ_text(d, "%s.%s", p->program->name, p->short_name);
}

/* A finding about one procedure: P of the old version or Q of the new one, or both. */
static void tell(struct vw_differ *d, const char *rule, const struct vw_proc *p,
                 const struct vw_proc *q, unsigned promised, const char *detail, const char *found)
{
    const char **touches = vw_differ_alloc(d, sizeof(*touches));
    if (!touches)
        return;
    *touches = full_name(d, p ? p : q);
    vw_gate_tell(d, &(struct vw_gate_told){
                        .rule = rule,
                        .subject = *touches,
                        .detail = detail,
                        .found = found,
                        .before = p ? &p->where : &q->program->where,
                        .after = q ? &q->where : &p->program->where,
                        .touches = touches,
                        .n_touches = 1,
                        .reach = reach_of(p ? p : q, promised),
                        .source = {.p = p, .q = q},
                    });
}

/* ---- annotations ---- */

static const struct {
    const char *key, *rule, *added; /* when it is gone or another; when it is new */
} annotations[] = {
    {"acl", "ANN001", "ANN004"},         {"aclfilter", "ANN002", "ANN004"},
    {"priority", "ANN003", "ANN003"},    {"readstream", "STM001", "STM001"},
    {"writestream", "STM001", "STM001"}, {"sparseflag", "STM002", "STM002"},
};

static bool has(const struct vw_proc *p, const struct vw_annotation *a)
{
    for (uint32_t i = 0; i < p->n_annotations; i++)
        if (strcmp(p->annotations[i].key, a->key) == 0 &&
            strcmp(p->annotations[i].value, a->value) == 0)
            return true;
    return false;
}

static void annotation(struct vw_differ *d, const struct vw_proc *p, const struct vw_proc *q,
                       const struct vw_annotation *a, bool gone, unsigned promised)
{
    const char *rule = "ANN004";
    for (size_t i = 0; i < COUNT(annotations); i++)
        if (strcmp(annotations[i].key, a->key) == 0)
            rule = gone ? annotations[i].rule : annotations[i].added;
    tell(d, rule, p, q, promised, vw_differ_text(d, "%s@%s %s", gone ? "-" : "+", a->key, a->value),
         vw_differ_text(d, "@%s: %s is %s", a->key, a->value, gone ? "gone" : "new"));
}

/* The priority that a procedure has without saying so. */
static bool is_default(const struct vw_annotation *a)
{
    return strcmp(a->key, "priority") == 0 && strcmp(a->value, "low") == 0;
}

/* One of that key is gone, and has been told. */
static bool replaces(const struct vw_proc *p, const struct vw_proc *q, const char *key)
{
    for (uint32_t i = 0; i < p->n_annotations; i++)
        if (strcmp(p->annotations[i].key, key) == 0 && !has(q, &p->annotations[i]))
            return true;
    return false;
}

static void compare_annotations(struct vw_differ *d, const struct vw_proc *p,
                                const struct vw_proc *q, unsigned promised)
{
    if (!d->before->annotated || !d->after->annotated)
        return;
    for (uint32_t i = 0; i < p->n_annotations; i++)
        if (!has(q, &p->annotations[i]) && !is_default(&p->annotations[i]))
            annotation(d, p, q, &p->annotations[i], true, promised);
    for (uint32_t i = 0; i < q->n_annotations; i++) {
        const struct vw_annotation *a = &q->annotations[i];
        if (!has(p, a) && !is_default(a) && !replaces(p, q, a->key))
            annotation(d, p, q, a, false, promised);
    }
}

/* ---- one procedure ---- */

static void compare_message(struct vw_differ *d, const struct vw_proc *p, const struct vw_proc *q,
                            const char *name, bool ret, unsigned promised)
{
    const struct vw_type *a = ret ? p->ret : p->args, *b = ret ? q->ret : q->args;
    unsigned reach = (ret ? VW_REACH_RET : reach_of(q, 0)) | promised;
    if (!a && !b)
        return;
    if (!a || !b) {
        tell(d, ret ? "PRC010" : "PRC009", p, q, promised, a ? "gone" : "new",
             vw_differ_text(d, "'%s' has %s%s", q->name, a ? "no longer " : "now ",
                            ret ? "a result" : "arguments"));
        return;
    }
    const struct vw_where *was = a->where.line ? &a->where : &p->where;
    const struct vw_where *is = b->where.line ? &b->where : &q->where;
    struct vw_pair *root =
        vw_gate_root(d, &(struct vw_gate_field){
                            vw_differ_text(d, "%s:%s", name, ret ? "ret" : "args"), a, b, was, is});
    struct vw_gate_message *m = vw_differ_alloc(d, sizeof(*m));
    vw_gate_compare_all(d);
    if (!root || !m)
        return;
    *m = (struct vw_gate_message){a, b, p, q, name, reach};
    vw_pairs_reach(d, root, m);
}

static void compare_proc(struct vw_differ *d, const struct vw_proc *p, const struct vw_proc *q,
                         unsigned promised)
{
    d->out->compared++;
    if (strcmp(p->name, q->name) != 0)
        tell(d, "PRC008", p, q, promised, vw_differ_text(d, "-> %s", q->name),
             vw_differ_text(d, "number %" PRId32 " is now called '%s'", p->number, q->name));
    if (p->kind != q->kind) {
        tell(d, "PRC011", p, q, promised, "",
             q->kind == VW_PROC_EVENT ? "a call became an event" : "an event became a call");
        return;
    }
    const char *name = full_name(d, q);
    compare_message(d, p, q, name, false, promised);
    compare_message(d, p, q, name, true, promised);
    compare_annotations(d, p, q, promised);
}

/* ---- which is which ---- */

static bool same_layout(struct vw_differ *d, const struct vw_type *a, const struct vw_type *b)
{
    return a && b ? vw_gate_same(d, a, b, true) : a == b;
}

static const struct vw_proc *by_name(struct vw_differ *d, const struct vw_program *p,
                                     const char *name, uint32_t hint)
{
    for (uint32_t k = 0; k < p->n_procs && vw_differ_spend(d, 1); k++) {
        const struct vw_proc *q = &p->procs[(hint + k) % p->n_procs];
        if (strcmp(q->name, name) == 0)
            return q;
    }
    return NULL;
}

static void match_procs(struct vw_differ *d, struct programs *s)
{
    for (uint32_t i = 0; i < s->before->n_procs; i++) {
        const struct vw_proc *q = by_name(d, s->after, s->before->procs[i].name, i);
        s->now[i] = q;
        if (q)
            s->was[q - s->after->procs] = &s->before->procs[i];
    }
    for (uint32_t i = 0; i < s->before->n_procs; i++) {
        const struct vw_proc *p = &s->before->procs[i];
        const struct vw_proc *q = vw_program_proc(s->after, p->number);
        if (s->now[i] || !q || s->was[q - s->after->procs])
            continue;
        s->now[i] = q;
        s->was[q - s->after->procs] = p;
    }
}

/* One cause: procedures that all moved by the same number of places behind one that came or went.
 */
static bool renumbered(struct vw_differ *d, const struct programs *s)
{
    const struct vw_proc *first = NULL, *first_now = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->before->n_procs; i++) {
        const struct vw_proc *p = &s->before->procs[i], *q = s->now[i];
        if (!q || p->number == q->number)
            continue;
        if (first && q->number - p->number != first_now->number - first->number)
            return false;
        n++;
        if (!first) {
            first = p;
            first_now = q;
        }
    }
    const struct vw_proc *in_place = first ? vw_program_proc(s->after, first->number) : NULL;
    bool pushed = in_place && !s->was[in_place - s->after->procs];
    if (n < 2 && !pushed)
        return false;
    const char **touches = vw_differ_alloc(d, n * sizeof(*touches));
    size_t k = 0;
    for (uint32_t i = 0; touches && i < s->before->n_procs; i++)
        if (s->now[i] && s->now[i]->number != s->before->procs[i].number)
            touches[k++] = full_name(d, &s->before->procs[i]);
    vw_gate_tell(
        d, &(struct vw_gate_told){
               .rule = "PRC005",
               .subject = full_name(d, first),
               .detail =
                   vw_differ_text(d, "%" PRId32 " -> %" PRId32, first->number, first_now->number),
               .found = vw_differ_text(
                   d, "%u procedures from number %" PRId32 " on moved by %" PRId32 "%s%s%s", n,
                   first->number, first_now->number - first->number, pushed ? ", behind '" : "",
                   pushed ? in_place->name : "", pushed ? "'" : ""),
               .before = &first->where,
               .after = &first_now->where,
               .touches = touches,
               .n_touches = k,
               .reach = VW_REACH_ARGS | s->promised,
               .source = {.p = first, .q = first_now},
           });
    return true;
}

static void moved(struct vw_differ *d, const struct programs *s, const struct vw_proc *p,
                  const struct vw_proc *q)
{
    /* Two that changed places are one finding, at the first. */
    const struct vw_proc *other = vw_program_proc(s->before, q->number);
    const struct vw_proc *other_now = other ? s->now[other - s->before->procs] : NULL;
    bool swapped = other_now && other_now->number == p->number;
    if (!swapped || p->number < q->number)
        tell(d, "PRC001", p, q, s->promised,
             vw_differ_text(d, "%" PRId32 " -> %" PRId32, p->number, q->number),
             vw_differ_text(d, "number %" PRId32 " is now %" PRId32 "%s%s%s", p->number, q->number,
                            swapped ? ", and '" : "", swapped ? other->name : "",
                            swapped ? "' has the old one" : ""));
}

static void old_proc(struct vw_differ *d, const struct programs *s, const struct vw_proc *p,
                     bool shifted)
{
    const struct vw_proc *q = s->now[p - s->before->procs];
    if (!q) {
        tell(d, "PRC002", p, NULL, s->promised, vw_differ_text(d, "%" PRId32, p->number),
             vw_differ_text(d, "'%s' (%" PRId32 ") is gone", p->name, p->number));
        return;
    }
    if (p->number != q->number && !shifted)
        moved(d, s, p, q);
    if (strcmp(p->name, q->name) != 0 && (p->kind != q->kind || !same_layout(d, p->args, q->args) ||
                                          !same_layout(d, p->ret, q->ret))) {
        tell(d, "PRC003", p, q, s->promised, vw_differ_text(d, "-> %s", q->name),
             vw_differ_text(d, "number %" PRId32 " was '%s' and is '%s', which has another layout",
                            p->number, p->name, q->name));
        return;
    }
    compare_proc(d, p, q, s->promised);
}

static void new_proc(struct vw_differ *d, const struct programs *s, const struct vw_proc *q)
{
    tell(d, q->kind == VW_PROC_EVENT ? "EVT002" : "PRC004", NULL, q, s->promised,
         vw_differ_text(d, "%" PRId32, q->number),
         vw_differ_text(d, "'%s' (%" PRId32 ") is new", q->name, q->number));
}

/* ---- programs ---- */

static void tell_program(struct vw_differ *d, const char *rule, const struct vw_program *named,
                         const struct vw_program *p, const struct vw_program *q, const char *detail,
                         const char *found)
{
    static const struct vw_where nowhere;
    vw_gate_tell(
        d, &(struct vw_gate_told){
               .rule = rule,
               .subject = named->name,
               .detail = detail,
               .found = found,
               .before = p ? &p->where : &nowhere,
               .after = q ? &q->where : &nowhere,
               .reach = VW_REACH_ARGS | VW_REACH_RET | (is_private(named) ? 0 : VW_REACH_PROMISED),
               .source = {.before = p, .after = q},
           });
}

static void compare_programs(struct vw_differ *d, const struct vw_program *p,
                             const struct vw_program *q)
{
    struct programs s = {p, q, vw_differ_alloc(d, p->n_procs * sizeof(*s.now)),
                         vw_differ_alloc(d, q->n_procs * sizeof(*s.was)),
                         is_private(q) ? 0 : VW_REACH_PROMISED};
    if (!s.now || !s.was)
        return;
    if (p->number != q->number)
        tell_program(
            d, "PRG001", p, p, q, vw_differ_text(d, "%#x -> %#x", p->number, q->number),
            vw_differ_text(d, "program '%s' was %#x and is %#x", p->name, p->number, q->number));
    if (p->version != q->version)
        tell_program(
            d, "PRG004", p, p, q, vw_differ_text(d, "%u -> %u", p->version, q->version),
            vw_differ_text(d, "version of '%s' was %u and is %u", p->name, p->version, q->version));
    match_procs(d, &s);
    bool shifted = renumbered(d, &s);
    for (uint32_t i = 0; i < p->n_procs && !d->rc; i++)
        old_proc(d, &s, &p->procs[i], shifted);
    for (uint32_t i = 0; i < q->n_procs && !d->rc; i++)
        if (!s.was[i])
            new_proc(d, &s, &q->procs[i]);
}

/* The program of S that is P in the other version: of its number and version, of its number, or of
 * its name. */
static const struct vw_program *
program_like(const struct vw_schema *s, const struct vw_schema *other, const struct vw_program *p)
{
    size_t n;
    const struct vw_program *const *list = vw_schema_programs(s, &n);
    const struct vw_program *found = vw_schema_program(s, p->number, p->version);
    for (size_t i = 0; i < n && !found; i++)
        if (list[i]->number == p->number &&
            !vw_schema_program(other, list[i]->number, list[i]->version))
            found = list[i];
    for (size_t i = 0; i < n && !found; i++)
        if (strcmp(list[i]->name, p->name) == 0 &&
            !vw_schema_program(other, list[i]->number, list[i]->version))
            found = list[i];
    return found;
}

void vw_gate_programs(struct vw_differ *d)
{
    const struct vw_schema *before = d->before->schema, *after = d->after->schema;
    size_t n;
    const struct vw_program *const *list = vw_schema_programs(before, &n);
    for (size_t i = 0; i < n && !d->rc; i++) {
        const struct vw_program *q = program_like(after, before, list[i]);
        if (q)
            compare_programs(d, list[i], q);
        else
            tell_program(d, "PRG002", list[i], list[i], NULL, "",
                         vw_differ_text(d, "program '%s' is gone", list[i]->name));
    }
    list = vw_schema_programs(after, &n);
    for (size_t i = 0; i < n && !d->rc; i++)
        if (!program_like(before, after, list[i]))
            tell_program(d, "PRG003", list[i], NULL, list[i], "",
                         vw_differ_text(d, "program '%s' is new", list[i]->name));
}
