// SPDX-License-Identifier: MIT
// Changes become findings: the rule and who is hurt follow from the messages that a type is part
// of.
#include <stdlib.h>

#include "base/room.h"
#include "conformance/gate/internal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Rules that depend on the reach: the first row that fits. */
static const struct {
    const char *word;
    unsigned reach; /* 0: any */
    const char *rule;
} by_reach[] = {
    {"shrunk", VW_REACH_ARGS, "LEN001"},
    {"shrunk", 0, "LEN002"},
    {"grown", VW_REACH_EVENT, "LEN005"},
    {"grown", VW_REACH_ARGS, "LEN003"},
    {"grown", 0, "LEN004"},
    {"member", VW_REACH_HEADER, "HDR005"},
    {"member", VW_REACH_RET | VW_REACH_EVENT | VW_REACH_ERROR, "ENU003"},
    {"member", 0, "ENU004"},
    {"ENU001", VW_REACH_HEADER, "HDR004"},
    {"ENU002", VW_REACH_HEADER, "HDR004"},
};

static const struct vw_gate_rule *rule_of(const char *word, unsigned reach)
{
    const struct vw_gate_rule *rule = NULL;
    unsigned messages = reach & ~(unsigned)VW_REACH_PROMISED;
    for (size_t i = 0; i < COUNT(by_reach) && !rule; i++)
        if (strcmp(by_reach[i].word, word) == 0 &&
            (!by_reach[i].reach || by_reach[i].reach & reach))
            rule = vw_gate_rule_find(by_reach[i].rule);
    rule = rule ? rule : vw_gate_rule_find(word);
    bool of_type = strncmp(rule->code, "PR", 2) != 0 && strncmp(rule->code, "STM", 3) != 0;
    if (rule->class != VW_GATE_WIRE || !of_type)
        return rule;
    if (reach & VW_REACH_HEADER && strncmp(rule->code, "HDR", 3) != 0)
        return vw_gate_rule_find("HDR001");
    if (messages == VW_REACH_ERROR)
        return vw_gate_rule_find("ERR001");
    return messages == VW_REACH_EVENT ? vw_gate_rule_find("EVT001") : rule;
}

static enum vw_gate_class class_of(const struct vw_gate_rule *rule, const struct vw_gate_told *t)
{
    enum vw_gate_class class = rule->class;
    if (class < t->mildest)
        class = t->mildest;
    if (!t->reach && class<VW_GATE_SOURCE &&class> VW_GATE_ERROR)
        class = VW_GATE_SOURCE; /* it is part of no message */
    if (!(t->reach & VW_REACH_PROMISED) && t->reach && class < VW_GATE_SOURCE)
        class = VW_GATE_PRIVATE;
    return class;
}

static const char *hurts(const struct vw_gate_rule *rule, const struct vw_gate_told *t)
{
    /* [reader is new][who writes: clients, servers, both] */
    static const char *const texts[2][3] = {
        {"old servers with new clients", "old clients with new servers",
         "old servers with new clients, and old clients with new servers"},
        {"old clients with new servers", "old servers with new clients",
         "old clients with new servers, and old servers with new clients"},
    };
    bool clients = t->reach & (VW_REACH_ARGS | VW_REACH_HEADER);
    bool servers = t->reach & ~(unsigned)(VW_REACH_ARGS | VW_REACH_PROMISED);
    if (rule->whom == VW_HURTS_BUILD)
        return "programs that are compiled against it";
    if (rule->whom == VW_HURTS_PEOPLE || !t->reach)
        return NULL;
    if (rule->whom == VW_HURTS_BOTH)
        return texts[1][2];
    return texts[rule->whom == VW_HURTS_SHRUNK][clients && servers ? 2 : servers];
}

static struct vw_location place(const struct vw_where *w)
{
    return (struct vw_location){.file = w && w->line ? w->file : NULL,
                                .line = w ? w->line : 0,
                                .column = w ? w->column : 0};
}

static const struct vw_change *make_change(struct vw_differ *d, const struct vw_gate_rule *rule,
                                           const struct vw_gate_told *t)
{
    enum vw_gate_class class = class_of(rule, t);
    struct vw_change *c = vw_differ_alloc(d, sizeof(*c));
    if (c)
        *c = (struct vw_change){
            .class = vw_gate_class_name(class),
            .rank = class,
            .meaning = rule->meaning,
            .hurts = hurts(rule, t),
            .fingerprint = vw_differ_text(d, "%s %s%s%s", rule->code, t->subject,
                                          *t->detail ? ": " : "", t->detail),
            .touches = t->touches,
            .n_touches = t->n_touches,
            .before = place(t->before),
            .companion = t->companion,
        };
    return c;
}

void vw_gate_append(struct vw_differ *d, struct vw_finding *f, const struct vw_gate_source *source)
{
    struct vw_gate *g = d->out;
    struct vw_finding **list = vw_arena_room(d->arena, g->list, g->count, sizeof(*list));
    struct vw_gate_source *sources =
        vw_arena_room(d->arena, g->sources, g->count, sizeof(*sources));
    if (!list || !sources) {
        d->rc = VW_ENOMEM;
        return;
    }
    g->list = list;
    g->sources = sources;
    sources[g->count] = *source;
    list[g->count++] = f;
}

void vw_gate_tell(struct vw_differ *d, const struct vw_gate_told *t)
{
    const struct vw_gate_rule *rule = rule_of(t->rule, t->reach);
    struct vw_finding *f = vw_differ_alloc(d, sizeof(*f));
    const struct vw_change *c = f ? make_change(d, rule, t) : NULL;
    struct vw_gate_source source = t->source;
    if (!c)
        return;
    *f = (struct vw_finding){
        .rule = rule->code,
        .title = rule->title,
        .clauses = "",
        .cause = t->cause ? t->cause : t->subject,
        .found = t->found,
        .change = c,
        .place = place(t->after),
        .level = VW_LEVEL_MUST,
        .verdict = VW_FAIL,
        .count = 1,
    };
    f->place.path = t->subject;
    source.rule = rule;
    vw_gate_append(d, f, &source);
}

/* ---- those of pairs ---- */

/* Every place that one constant or typedef changes is one finding. */
struct merged {
    const struct vw_gate_change *change;
    const struct vw_pair *pair; /* the first that is part of a message */
    const char **touches;
    size_t n;
    unsigned reach;
    bool optional;
};

struct all {
    struct merged *list;
    size_t count;
};

static struct merged *merge_into(struct vw_differ *d, struct all *all,
                                 const struct vw_gate_change *c)
{
    for (size_t i = 0; c->cause && i < all->count && vw_differ_spend(d, 1); i++) {
        const struct vw_gate_change *other = all->list[i].change;
        if (other->cause && strcmp(other->rule, c->rule) == 0 &&
            strcmp(other->cause, c->cause) == 0)
            return &all->list[i];
    }
    struct merged *list = vw_arena_room(d->arena, all->list, all->count, sizeof(*list));
    if (!list) {
        d->rc = VW_ENOMEM;
        return NULL;
    }
    all->list = list;
    all->list[all->count] = (struct merged){.change = c, .optional = true};
    return &all->list[all->count++];
}

static void merge_touches(struct vw_differ *d, struct merged *m, const struct vw_pair *p)
{
    const char **list = vw_differ_alloc(d, (m->n + p->n_touches) * sizeof(*list));
    size_t n = 0;
    if (!list)
        return;
    for (size_t i = 0; i < m->n; i++)
        list[n++] = m->touches[i];
    for (size_t i = 0; i < p->n_touches; i++) {
        size_t k = 0;
        while (k < m->n && vw_differ_spend(d, 1) && m->touches[k] != p->touches[i])
            k++;
        if (k == m->n)
            list[n++] = p->touches[i];
    }
    m->touches = list;
    m->n = n;
}

static void tell_merged(struct vw_differ *d, const struct merged *m)
{
    const struct vw_gate_change *c = m->change;
    struct vw_gate_told t = {
        .rule = c->rule,
        .subject = c->subject,
        .detail = c->detail,
        .found = c->found,
        .cause = c->cause,
        .before = c->before,
        .after = c->after,
        .touches = m->touches,
        .n_touches = m->n,
        .reach = m->reach,
        .mildest = c->mildest,
        .source = {.message = m->pair ? m->pair->message : NULL,
                   .was = m->pair ? m->pair->before : NULL,
                   .is = m->pair ? m->pair->after : NULL},
    };
    vw_gate_tell(d, &t);
    const struct vw_gate_rule *rule = rule_of(c->rule, m->reach);
    t.companion = true;
    if (m->optional && strncmp(rule->code, "LEN", 3) == 0) {
        t.rule = "OPT004";
        vw_gate_tell(d, &t);
    }
}

void vw_gate_tell_pairs(struct vw_differ *d)
{
    struct all all = {0};
    for (size_t i = 0; i < d->pairs.count && !d->rc; i++) {
        const struct vw_pair *p = d->pairs.list[i];
        for (const struct vw_gate_change *c = p->changes; c && !d->rc; c = c->next) {
            struct merged *m = merge_into(d, &all, c);
            if (!m)
                return;
            m->reach |= p->reach;
            m->pair = m->pair || !p->message ? m->pair : p;
            m->optional = m->optional && p->optional && !p->plain;
            merge_touches(d, m, p);
        }
    }
    for (size_t i = 0; i < all.count && !d->rc; i++)
        tell_merged(d, &all.list[i]);
}
