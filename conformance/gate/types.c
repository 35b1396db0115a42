// SPDX-License-Identifier: MIT
// Comparing types: kinds, bounds and structs. Each pair is looked at once, whatever messages it is
// part of.
#include "conformance/gate/internal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/room.h"

struct vw_gate_change *vw_gate_change(struct vw_differ *d, struct vw_pair *p, const char *rule,
                                      const char *subject, const struct vw_where *before,
                                      const struct vw_where *after, const char *detail,
                                      const char *found)
{
    struct vw_gate_change *c = vw_differ_alloc(d, sizeof(*c));
    static struct vw_gate_change lost;
    if (!c)
        return &lost;
    *c = (struct vw_gate_change){p->changes, rule,   subject, detail,       found,
                                 NULL,       before, after,   VW_GATE_ERROR};
    p->changes = c;
    return c;
}

/* A type as .x files spell it. */
static const char *spelled(struct vw_differ *d, const struct vw_type *t)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    if (!out) {
        d->rc = VW_ENOMEM;
        return "";
    }
    vw_type_print(t, out);
    fclose(out);
    const char *copy = text ? vw_differ_text(d, "%s", text) : "";
    free(text);
    return copy;
}

/* The types of a field, or of what stands in a list, have other names than they had. */
static void rename_of(struct vw_differ *d, struct vw_pair *p, const struct vw_type *before,
                      const struct vw_type *after)
{
    bool same = before->name == after->name ||
                (before->name && after->name && strcmp(before->name, after->name) == 0);
    bool basic = p->before->kind <= VW_DOUBLE || p->before->kind != p->after->kind;
    if (same || p->renamed || (basic && !before->is_typedef && !after->is_typedef) ||
        vw_gate_kind_rule(d, p->before, p->after))
        return;
    p->renamed = true;
    const char *was = spelled(d, before), *is = spelled(d, after);
    vw_gate_change(d, p, "STR007", p->name, &before->where, &after->where,
                   vw_differ_text(d, "%s -> %s", was, is),
                   vw_differ_text(d, "'%s' is now '%s', with the same layout", was, is));
}

static struct vw_pair *pair_of(struct vw_differ *d, const char *name, const struct vw_type *before,
                               const struct vw_type *after)
{
    struct vw_pair *p = vw_pairs_get(d, &d->pairs, vw_gate_real(before), vw_gate_real(after));
    if (!p)
        return NULL;
    if (!p->name)
        p->name = p->before->name && p->before->kind > VW_DOUBLE ? p->before->name : name;
    rename_of(d, p, before, after);
    return p;
}

/* The rule for a field whose type is another, where that is no matter of the type itself: words
 * have no place of their own, and a name that the other version has too is another type. */
static const char *field_rule(struct vw_differ *d, const struct vw_type *before,
                              const struct vw_type *after)
{
    const struct vw_type *a = vw_gate_real(before), *b = vw_gate_real(after);
    const char *rule = vw_gate_kind_rule(d, a, b);
    if (rule && (a->kind <= VW_DOUBLE || b->kind <= VW_DOUBLE))
        return rule;
    bool renamed = a->name && b->name && strcmp(a->name, b->name) != 0;
    if (!renamed ||
        (!vw_schema_type(d->after->schema, a->name) && !vw_schema_type(d->before->schema, b->name)))
        return NULL;
    return vw_gate_same(d, a, b, true) ? NULL : rule ? rule : "TYP001";
}

static void tell_field(struct vw_differ *d, struct vw_pair *p, const struct vw_gate_field *f,
                       const char *rule)
{
    /* A typedef of both versions has changed, and nothing else. */
    bool alias = f->before->name && f->before->is_typedef && f->after->name &&
                 strcmp(f->before->name, f->after->name) == 0;
    const char *subject = alias     ? f->before->name
                          : f->name ? vw_differ_text(d, "%s.%s", p->name, f->name)
                                    : p->name;
    const char *was = spelled(d, alias ? vw_gate_real(f->before) : f->before);
    const char *is = spelled(d, alias ? vw_gate_real(f->after) : f->after);
    struct vw_gate_change *c =
        vw_gate_change(d, p, rule, subject, alias ? &f->before->where : f->was,
                       alias ? &f->after->where : f->is, vw_differ_text(d, "%s -> %s", was, is),
                       vw_differ_text(d, "'%s' was '%s' and is '%s'", subject, was, is));
    c->cause = alias ? subject : NULL;
}

void vw_gate_part(struct vw_differ *d, struct vw_pair *p, const struct vw_gate_field *f)
{
    const struct vw_type *a = vw_gate_real(f->before), *b = vw_gate_real(f->after);
    const char *rule = field_rule(d, f->before, f->after);
    if (rule)
        tell_field(d, p, f, rule);
    if (rule || (a->kind == b->kind && a->kind <= VW_DOUBLE))
        return;
    struct vw_pair *part = pair_of(
        d, f->name ? vw_differ_text(d, "%s.%s", p->name, f->name) : p->name, f->before, f->after);
    struct vw_pair **list = vw_arena_room(d->arena, p->parts, p->n_parts, sizeof(struct vw_pair *));
    if (!part || !list) {
        d->rc = d->rc ? d->rc : VW_ENOMEM;
        return;
    }
    if (p->before->kind == VW_OPTIONAL)
        part->optional = true;
    else
        part->plain = true;
    part->top = part->top || p->before->kind == VW_VOID;
    p->parts = list;
    p->parts[p->n_parts++] = part;
}

struct vw_pair *vw_gate_root(struct vw_differ *d, const struct vw_gate_field *f)
{
    struct vw_type *nothing = vw_differ_alloc(d, sizeof(*nothing));
    struct vw_pair *p = nothing ? vw_pairs_get(d, &d->pairs, nothing, nothing) : NULL;
    if (!p)
        return NULL;
    p->name = f->name;
    vw_gate_part(d, p, &(struct vw_gate_field){NULL, f->before, f->after, f->was, f->is});
    return p;
}

/* ---- kinds ---- */

static unsigned bits(enum vw_kind k)
{
    return k == VW_CHAR || k == VW_UCHAR ? 8 : k == VW_SHORT || k == VW_USHORT ? 16 : 32;
}

static const char *word_rule(enum vw_kind a, enum vw_kind b)
{
    bool floats = a == VW_FLOAT || a == VW_DOUBLE || b == VW_FLOAT || b == VW_DOUBLE;
    bool chosen = a == VW_BOOL || a == VW_ENUM || b == VW_BOOL || b == VW_ENUM;
    if (vw_gate_width(a) != vw_gate_width(b))
        return "TYP001";
    if (floats)
        return "TYP008";
    if (chosen)
        return "TYP006";
    return bits(a) == bits(b) ? "TYP002" : "TYP007";
}

enum form { NO_BYTES, BYTES = 1, CHARS = 2, FIXED = 4, LIST = 8 };

/* What bytes and lists have in common. */
static unsigned form_of(const struct vw_type *t)
{
    bool chars = t->elem && (vw_gate_real(t->elem)->kind == VW_CHAR ||
                             vw_gate_real(t->elem)->kind == VW_UCHAR);
    switch (t->kind) {
    case VW_STRING:
    case VW_OPAQUE:
        return BYTES;
    case VW_FIXED_OPAQUE:
        return BYTES | FIXED;
    case VW_ARRAY:
        return chars ? CHARS | LIST : LIST;
    case VW_FIXED_ARRAY:
        return FIXED | (chars ? CHARS | LIST : LIST);
    default:
        return NO_BYTES;
    }
}

static const char *form_rule(unsigned a, unsigned b)
{
    if ((a & BYTES && b & CHARS) || (a & CHARS && b & BYTES))
        return "TYP004";
    if ((a & b & (BYTES | LIST)) && (a & FIXED) != (b & FIXED))
        return "TYP005";
    return a & b & BYTES ? "TYP003" : "TYP001";
}

static bool is_at_most_one(const struct vw_type *t)
{
    return t->kind == VW_ARRAY && t->max == 1;
}

const char *vw_gate_kind_rule(struct vw_differ *d, const struct vw_type *before,
                              const struct vw_type *after)
{
    const struct vw_type *a = vw_gate_real(before), *b = vw_gate_real(after);
    bool optionals = a->kind == VW_OPTIONAL || b->kind == VW_OPTIONAL;
    if (a->kind == b->kind)
        return NULL;
    if (optionals && (is_at_most_one(a) || is_at_most_one(b)))
        return "OPT003";
    if (optionals)
        return b->kind == VW_OPTIONAL ? "OPT001" : "OPT002";
    if (vw_gate_width(a->kind) && vw_gate_width(b->kind))
        return word_rule(a->kind, b->kind);
    if (form_of(a) && form_of(b))
        return form_rule(form_of(a), form_of(b));
    bool structs = a->kind == VW_STRUCT || b->kind == VW_STRUCT;
    return structs && vw_gate_same(d, a, b, false) ? "STR007" : "TYP001";
}

/* ---- bounds ---- */

static const char *bound_text(struct vw_differ *d, uint32_t max)
{
    return max == VW_UNBOUNDED ? "none" : vw_differ_text(d, "%" PRIu32, max);
}

/* Where the number of the bound stands: the constant, if the same one gives it in both. */
static bool is_const(const struct vw_gate_side *side, const char *name, const struct vw_where **at)
{
    size_t n;
    const struct vw_const *const *list = vw_schema_consts(side->schema, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i]->name, name) == 0) {
            *at = &list[i]->where;
            return true;
        }
    return false;
}

static void bounds(struct vw_differ *d, struct vw_pair *p)
{
    const struct vw_type *a = p->before, *b = p->after;
    const struct vw_where *before = &a->where, *after = &b->where;
    bool fixed = form_of(a) & form_of(b) & FIXED;
    const char *rule = fixed                    ? "LEN008"
                       : b->max == VW_UNBOUNDED ? "LEN006"
                       : a->max == VW_UNBOUNDED ? "LEN007"
                       : b->max < a->max        ? "shrunk"
                                                : "grown";
    if (a->max == b->max)
        return;
    bool by_name = a->max_name && b->max_name && strcmp(a->max_name, b->max_name) == 0 &&
                   vw_differ_spend(d, 1000) && is_const(d->before, a->max_name, &before) &&
                   is_const(d->after, b->max_name, &after);
    const char *subject = by_name ? a->max_name : p->name;
    const char *detail =
        vw_differ_text(d, "%s -> %s", bound_text(d, a->max), bound_text(d, b->max));
    const char *found =
        vw_differ_text(d, "%s of '%s' was %s and is %s", fixed ? "the length" : "the bound",
                       subject, bound_text(d, a->max), bound_text(d, b->max));
    struct vw_gate_change *c = vw_gate_change(d, p, rule, subject, before, after, detail, found);
    c->cause = by_name ? a->max_name : NULL;
}

/* ---- structs ---- */

/* For each old field its new one, and the other way round. */
struct match {
    uint32_t *to, *from;
};

static void match_names(struct vw_differ *d, const struct vw_type *a, const struct vw_type *b,
                        struct match *m)
{
    memset(m->to, 0xff, a->n_fields * sizeof(*m->to));
    memset(m->from, 0xff, b->n_fields * sizeof(*m->from));
    uint32_t hint = 0;
    for (uint32_t i = 0; i < a->n_fields; i++) {
        for (uint32_t k = 0; k < b->n_fields && vw_differ_spend(d, 1); k++) {
            uint32_t j = (hint + k) % b->n_fields;
            if (strcmp(a->fields[i].name, b->fields[j].name) != 0)
                continue;
            m->to[i] = j;
            m->from[j] = i;
            hint = j + 1;
            break;
        }
    }
}

/* Fields that are left over at the same place are the same field by another name. */
static void match_places(const struct vw_type *a, const struct vw_type *b, struct match *m)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < a->n_fields; i++) {
        if (m->to[i] == VW_GATE_NONE && next < b->n_fields && m->from[next] == VW_GATE_NONE) {
            m->to[i] = next;
            m->from[next] = i;
        }
        if (m->to[i] != VW_GATE_NONE)
            next = m->to[i] + 1;
    }
}

static bool all_matched(const uint32_t *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == VW_GATE_NONE)
            return false;
    return true;
}

static const char *field_path(struct vw_differ *d, const struct vw_pair *p,
                              const struct vw_field *f)
{
    return vw_differ_text(d, "%s.%s", p->name, f->name);
}

static void removed(struct vw_differ *d, struct vw_pair *p, const struct vw_field *f)
{
    vw_gate_change(d, p, "STR003", field_path(d, p, f), &f->where, &p->after->where, "",
                   vw_differ_text(d, "field '%s' (%s) of '%s' is gone", f->name,
                                  spelled(d, f->type), p->name));
}

static void added(struct vw_differ *d, struct vw_pair *p, const struct vw_field *f, bool last)
{
    bool tail = last && p->top;
    vw_gate_change(d, p, tail ? "STR002" : "STR001", field_path(d, p, f), &p->before->where,
                   &f->where, "",
                   vw_differ_text(d, "field '%s' (%s) was %s '%s'", f->name, spelled(d, f->type),
                                  tail ? "appended to" : "put into", p->name));
}

/* Fields that both have stand in another order. */
static void reordered(struct vw_differ *d, struct vw_pair *p, const struct match *m)
{
    const struct vw_type *a = p->before, *b = p->after;
    const struct vw_field *first = NULL, *last = NULL;
    bool alike = true;
    uint32_t j = 0;
    for (uint32_t i = 0; i < a->n_fields; i++) {
        if (m->to[i] == VW_GATE_NONE)
            continue;
        while (m->from[j] == VW_GATE_NONE)
            j++;
        if (m->to[i] != j) {
            first = first ? first : &a->fields[i];
            last = &a->fields[i];
            alike = alike && vw_gate_same(d, a->fields[i].type, b->fields[j].type, false);
        }
        j++;
    }
    if (first)
        vw_gate_change(
            d, p, alike ? "STR005" : "STR004", p->name, &first->where,
            &b->fields[m->to[first - a->fields]].where,
            vw_differ_text(d, "%s %s", first->name, last->name),
            vw_differ_text(d, "fields of '%s' from '%s' to '%s' stand in another order%s", p->name,
                           first->name, last->name,
                           alike ? ", and nobody can see it: their types are alike" : ""));
}

/* Whether a neighbour of the field has its type: a new name may then be a swap. */
static bool has_twin(struct vw_differ *d, const struct vw_type *t, uint32_t i)
{
    return (i && vw_gate_same(d, t->fields[i].type, t->fields[i - 1].type, false)) ||
           (i + 1 < t->n_fields &&
            vw_gate_same(d, t->fields[i].type, t->fields[i + 1].type, false));
}

static void matched(struct vw_differ *d, struct vw_pair *p, uint32_t i, uint32_t j)
{
    const struct vw_field *f = &p->before->fields[i], *g = &p->after->fields[j];
    vw_gate_part(d, p, &(struct vw_gate_field){f->name, f->type, g->type, &f->where, &g->where});
    if (strcmp(f->name, g->name) != 0 && vw_gate_same(d, f->type, g->type, true))
        vw_gate_change(
            d, p, "STR006", field_path(d, p, f), &f->where, &g->where,
            vw_differ_text(d, "-> %s", g->name),
            vw_differ_text(
                d, "field '%s' of '%s' is now called '%s'%s", f->name, p->name, g->name,
                has_twin(d, p->before, i)
                    ? "; confirm that its meaning is the same: its neighbour has its type"
                    : ""));
}

static void structs(struct vw_differ *d, struct vw_pair *p)
{
    const struct vw_type *a = p->before, *b = p->after;
    struct match m = {vw_differ_alloc(d, a->n_fields * sizeof(uint32_t)),
                      vw_differ_alloc(d, b->n_fields * sizeof(uint32_t))};
    if (!m.to || !m.from)
        return;
    match_names(d, a, b, &m);
    bool whole = all_matched(m.to, a->n_fields) && all_matched(m.from, b->n_fields);
    if (!whole && a->n_fields != b->n_fields && vw_gate_same(d, a, b, false)) {
        vw_gate_change(d, p, "STR007", p->name, &a->where, &b->where, "fields",
                       vw_differ_text(d,
                                      "fields of '%s' are grouped otherwise; the layout is equal",
                                      p->name));
        return;
    }
    match_places(a, b, &m);
    uint32_t last = 0;
    for (uint32_t j = 0; j < b->n_fields; j++)
        last = m.from[j] != VW_GATE_NONE ? j : last;
    for (uint32_t j = 0; j < b->n_fields; j++)
        if (m.from[j] == VW_GATE_NONE)
            added(d, p, &b->fields[j], j > last);
    for (uint32_t i = 0; i < a->n_fields; i++) {
        if (m.to[i] == VW_GATE_NONE)
            removed(d, p, &a->fields[i]);
        else
            matched(d, p, i, m.to[i]);
    }
    reordered(d, p, &m);
}

/* ---- all ---- */

/* What a list or an optional holds. */
static void elements(struct vw_differ *d, struct vw_pair *p)
{
    const struct vw_type *a = p->before, *b = p->after;
    vw_gate_part(d, p, &(struct vw_gate_field){NULL, a->elem, b->elem, &a->where, &b->where});
}

static void another_kind(struct vw_differ *d, struct vw_pair *p, const char *rule)
{
    const struct vw_type *a = p->before, *b = p->after;
    const char *was = spelled(d, a), *is = spelled(d, b);
    vw_gate_change(d, p, rule, p->name, &a->where, &b->where,
                   vw_differ_text(d, "%s -> %s", was, is),
                   vw_differ_text(d, "'%s' was '%s' and is '%s'", p->name, was, is));
    if (strcmp(rule, "TYP003") == 0)
        bounds(d, p);
    if (strcmp(rule, "OPT003") == 0)
        elements(d, p);
}

static void compare(struct vw_differ *d, struct vw_pair *p)
{
    const char *rule = vw_gate_kind_rule(d, p->before, p->after);
    if (rule) {
        another_kind(d, p, rule);
        return;
    }
    if (p->before->n_fields && vw_gate_is_recursive(d, p->after) &&
        !vw_gate_is_recursive(d, p->before))
        vw_gate_change(d, p, "TYP009", p->name, &p->before->where, &p->after->where, "",
                       vw_differ_text(d, "'%s' can hold itself", p->name));
    if (p->before->kind == VW_STRUCT)
        structs(d, p);
    else if (p->before->kind == VW_UNION)
        vw_gate_unions(d, p);
    else if (p->before->kind == VW_ENUM)
        vw_gate_enums(d, p);
    else if (form_of(p->before))
        bounds(d, p);
    if (p->before->elem)
        elements(d, p);
}

void vw_gate_compare_all(struct vw_differ *d)
{
    for (; d->done < d->pairs.count && !d->rc; d->done++)
        compare(d, d->pairs.list[d->done]);
}
