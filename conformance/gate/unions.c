// SPDX-License-Identifier: MIT
// Comparing unions, by the values that choose an arm, and enums, by the names of their members.
#include <inttypes.h>

#include "conformance/gate/internal.h"

/* The arm that VALUE names; the default arm does not count. */
static const struct vw_field *arm_of(struct vw_differ *d, const struct vw_type *u, int32_t value)
{
    const struct vw_field *f = vw_differ_spend(d, u->n_fields) ? vw_type_arm(u, value) : NULL;
    return f && !f->is_default ? f : NULL;
}

static const struct vw_field *default_of(const struct vw_type *u)
{
    for (uint32_t i = 0; i < u->n_fields; i++)
        if (u->fields[i].is_default)
            return &u->fields[i];
    return NULL;
}

static bool same_name(const struct vw_field *f, const struct vw_field *g)
{
    return f->name && g->name && strcmp(f->name, g->name) == 0;
}

static const struct vw_field *arm_like(struct vw_differ *d, const struct vw_type *u,
                                       const struct vw_field *f)
{
    for (uint32_t i = 0; i < u->n_fields && vw_differ_spend(d, 1); i++)
        if (same_name(&u->fields[i], f))
            return &u->fields[i];
    return NULL;
}

/* F, an arm of U, goes in OTHER by a value that U does not give to it. */
static bool moved(struct vw_differ *d, const struct vw_type *u, const struct vw_field *f,
                  const struct vw_type *other)
{
    const struct vw_field *g = arm_like(d, other, f);
    for (uint32_t k = 0; g && k < g->n_cases; k++)
        if (arm_of(d, u, g->cases[k]) != f)
            return true;
    return false;
}

static const char *arm_path(struct vw_differ *d, const struct vw_pair *p, const struct vw_field *f,
                            int32_t value)
{
    return f->name ? vw_differ_text(d, "%s.%s", p->name, f->name)
                   : vw_differ_text(d, "%s.%" PRId32, p->name, value);
}

static void arm_change(struct vw_differ *d, struct vw_pair *p, const char *rule,
                       const struct vw_field *f, int32_t value, const struct vw_field *g,
                       const char *what)
{
    const struct vw_field *named = f ? f : g;
    int64_t number = vw_type_case(f ? p->before : p->after, value);
    vw_gate_change(d, p, rule, arm_path(d, p, named, value), f ? &f->where : &p->before->where,
                   g ? &g->where : &p->after->where, vw_differ_text(d, "%" PRId64, number),
                   vw_differ_text(d, "value %" PRId64 " of '%s' %s", number, p->name, what));
}

/* The same value, in both, with data or without. */
static void arms(struct vw_differ *d, struct vw_pair *p, int32_t value, const struct vw_field *f,
                 const struct vw_field *g)
{
    bool empty = f->type->kind == VW_VOID, empty_now = g->type->kind == VW_VOID;
    if (empty != empty_now) {
        arm_change(d, p, "UNI006", f, value, g,
                   empty ? "had no data and has some" : "had data and has none");
        return;
    }
    const char *rule = vw_gate_kind_rule(d, f->type, g->type);
    const struct vw_gate_rule *known = rule ? vw_gate_rule_find(rule) : NULL;
    if (known && known->class == VW_GATE_WIRE)
        arm_change(d, p, "UNI002", f, value, g, "is followed by another type");
    else
        vw_gate_part(d, p,
                     &(struct vw_gate_field){f->name, f->type, g->type, &f->where, &g->where});
    if (f->name && g->name && strcmp(f->name, g->name) != 0 && !known)
        arm_change(d, p, "STR006", f, value, g,
                   vw_differ_text(d, "chooses '%s', which is now called '%s'", f->name, g->name));
}

static void old_case(struct vw_differ *d, struct vw_pair *p, const struct vw_field *f,
                     int32_t value, bool *exchanged)
{
    const struct vw_field *g = arm_of(d, p->after, value), *other = default_of(p->after);
    bool elsewhere =
        g ? f->name && !same_name(f, g) && (arm_like(d, p->after, f) || arm_like(d, p->before, g))
          : moved(d, p->before, f, p->after);
    if (elsewhere && !*exchanged)
        arm_change(d, p, "UNI003", f, value, g, "chooses another arm");
    *exchanged = *exchanged || elsewhere;
    if (elsewhere)
        return;
    if (g)
        arms(d, p, value, f, g);
    else if (!other || !vw_gate_same(d, f->type, other->type, false))
        arm_change(d, p, "UNI001", f, value, NULL,
                   other ? "has no arm any more and falls to another default"
                         : "has no arm any more");
}

static void new_case(struct vw_differ *d, struct vw_pair *p, const struct vw_field *g,
                     int32_t value)
{
    const struct vw_field *other = default_of(p->before);
    if (arm_of(d, p->before, value) || moved(d, p->after, g, p->before))
        return;
    if (!other)
        arm_change(d, p, "UNI004", NULL, value, g, "is new");
    else if (!vw_gate_same(d, g->type, other->type, false))
        arm_change(d, p, "UNI002", NULL, value, g,
                   "went to the default arm, which is of another type");
}

static void defaults(struct vw_differ *d, struct vw_pair *p)
{
    const struct vw_field *f = default_of(p->before), *g = default_of(p->after);
    if (f && g) {
        bool empty = f->type->kind == VW_VOID, empty_now = g->type->kind == VW_VOID;
        const char *name = f->name ? f->name : "default";
        if (empty != empty_now)
            vw_gate_change(
                d, p, "UNI006", vw_differ_text(d, "%s.%s", p->name, name), &f->where, &g->where,
                "default",
                vw_differ_text(d, "the default arm of '%s' %s", p->name,
                               empty ? "had no data and has some" : "had data and has none"));
        else
            vw_gate_part(d, p,
                         &(struct vw_gate_field){name, f->type, g->type, &f->where, &g->where});
    } else if (f || g) {
        struct vw_gate_change *c = vw_gate_change(
            d, p, "UNI005", p->name, f ? &f->where : &p->before->where,
            g ? &g->where : &p->after->where, f ? "removed" : "added",
            vw_differ_text(d, "'%s' has %s default arm", p->name, f ? "no longer a" : "a new"));
        c->mildest = f ? VW_GATE_ERROR : VW_GATE_OK;
    }
}

void vw_gate_unions(struct vw_differ *d, struct vw_pair *p)
{
    const struct vw_type *a = p->before, *b = p->after;
    const struct vw_field *f = a->disc, *g = b->disc;
    bool exchanged = false;
    if (vw_gate_real(f->type)->kind != vw_gate_real(g->type)->kind)
        vw_gate_change(d, p, "UNI007", vw_differ_text(d, "%s.%s", p->name, f->name), &a->where,
                       &b->where, "",
                       vw_differ_text(d, "the discriminant of '%s' is of another type", p->name));
    else
        vw_gate_part(d, p,
                     &(struct vw_gate_field){f->name, f->type, g->type, &a->where, &b->where});
    for (uint32_t i = 0; i < a->n_fields; i++)
        for (uint32_t k = 0; k < a->fields[i].n_cases && !d->rc; k++)
            old_case(d, p, &a->fields[i], a->fields[i].cases[k], &exchanged);
    for (uint32_t i = 0; i < b->n_fields; i++)
        for (uint32_t k = 0; k < b->fields[i].n_cases && !d->rc; k++)
            new_case(d, p, &b->fields[i], b->fields[i].cases[k]);
    defaults(d, p);
}

/* ---- enums ---- */

/* The member NAME, looked for from HINT on. */
static const struct vw_member *member_named(struct vw_differ *d, const struct vw_type *e,
                                            const char *name, uint32_t hint)
{
    for (uint32_t k = 0; k < e->n_members && vw_differ_spend(d, 1); k++) {
        const struct vw_member *m = &e->members[(hint + k) % e->n_members];
        if (strcmp(m->name, name) == 0)
            return m;
    }
    return NULL;
}

static void member_change(struct vw_differ *d, struct vw_pair *p, const char *rule,
                          const struct vw_member *m, const struct vw_member *now, const char *what)
{
    const char *name = m ? m->name : now->name;
    vw_gate_change(d, p, rule, vw_differ_text(d, "%s.%s", p->name, name),
                   m ? &m->where : &p->before->where, now ? &now->where : &p->after->where,
                   vw_differ_text(d, "%" PRId32, m ? m->value : now->value),
                   vw_differ_text(d, "member '%s' of '%s' %s", name, p->name, what));
}

/* A member that the other version does not have by that name. */
static void old_member(struct vw_differ *d, struct vw_pair *p, const struct vw_member *m)
{
    const struct vw_member *other =
        vw_differ_spend(d, p->after->n_members) ? vw_type_member(p->after, m->value) : NULL;
    if (other && !member_named(d, p->before, other->name, 0))
        member_change(d, p, "ENU005", m, other,
                      vw_differ_text(d, "is now called '%s'", other->name));
    else
        member_change(d, p, "ENU002", m, NULL,
                      vw_differ_text(d, "(%" PRId32 ") is gone", m->value));
}

/* Values that changed are one finding: where members count on, one does all that follow. */
static void values(struct vw_differ *d, struct vw_pair *p)
{
    const struct vw_member *first = NULL, *first_now = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->before->n_members && !d->rc; i++) {
        const struct vw_member *m = &p->before->members[i];
        const struct vw_member *now = member_named(d, p->after, m->name, i);
        if (!now)
            old_member(d, p, m);
        if (!now || now->value == m->value)
            continue;
        n++;
        if (!first) {
            first = m;
            first_now = now;
        }
    }
    if (first)
        member_change(d, p, "ENU001", first, first_now,
                      vw_differ_text(
                          d, "was %" PRId32 " and is %" PRId32 "%s", first->value, first_now->value,
                          n > 1 ? vw_differ_text(d, ", and %u more with it", n - 1) : ""));
}

void vw_gate_enums(struct vw_differ *d, struct vw_pair *p)
{
    values(d, p);
    for (uint32_t i = 0; i < p->after->n_members && !d->rc; i++) {
        const struct vw_member *m = &p->after->members[i];
        if (!member_named(d, p->before, m->name, i) && vw_differ_spend(d, p->before->n_members) &&
            !vw_type_member(p->before, m->value))
            member_change(d, p, "member", NULL, m,
                          vw_differ_text(d, "(%" PRId32 ") is new", m->value));
    }
}
