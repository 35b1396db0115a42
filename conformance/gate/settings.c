// SPDX-License-Identifier: MIT
// Reading the settings of the gate.
#include "conformance/gate/settings.h"

#include "base/yaml.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
    const char *word;
    enum vw_gate_class last;
} gates[] = {{"wire", VW_GATE_WIRE},
             {"limit", VW_GATE_LIMIT},
             {"source", VW_GATE_SOURCE},
             {"all", VW_GATE_PRIVATE}};
static const char *const gate_words[] = {"wire", "limit", "source", "all"};

bool vw_gate_last_gated(const char *word, enum vw_gate_class *out)
{
    for (size_t i = 0; i < COUNT(gates); i++)
        if (strcmp(gates[i].word, word) == 0) {
            *out = gates[i].last;
            return true;
        }
    return false;
}

/* "2027-01-31": then text compares as dates do. */
static bool is_date(const char *text)
{
    static const char form[] = "0000-00-00";
    for (size_t i = 0; i < sizeof(form) - 1; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return !text[sizeof(form) - 1];
}

/* The members of a waiver, and where they go. */
static const char *const keys[] = {"fingerprint", "rule", "type", "reason", "expires"};

static const char **place_of(struct vw_gate_waiver *w, const char *key)
{
    const char **places[] = {&w->fingerprint, &w->rule, &w->type, &w->reason, &w->expires};
    for (size_t i = 0; i < COUNT(keys); i++)
        if (strcmp(keys[i], key) == 0)
            return places[i];
    return NULL;
}

static int read_waiver(const struct vw_node *n, struct vw_gate_waiver *w, struct vw_error *err)
{
    if (n->kind != VW_NODE_MAP)
        return vw_node_error(n, err, "expected a mapping with %s", "fingerprint or rule and type");
    *w = (struct vw_gate_waiver){.line = n->line, .column = n->column};
    for (const struct vw_node *m = n->first; m; m = m->next) {
        const char **place = place_of(w, m->key);
        if (!place)
            return vw_node_unknown(m, "key", m->key, keys, COUNT(keys), err);
        if (m->kind != VW_NODE_SCALAR && m->kind != VW_NODE_NULL)
            return vw_node_error(m, err, "expected text");
        *place = m->kind == VW_NODE_SCALAR && m->len ? m->text : NULL;
    }
    if (w->expires && !is_date(w->expires))
        return vw_node_error(vw_node_get(n, "expires"), err, "expected a date such as 2027-01-31");
    if (w->rule && !vw_gate_rule_find(w->rule))
        return vw_node_error(vw_node_get(n, "rule"), err, "there is no rule '%.20s'", w->rule);
    if (!w->fingerprint == !(w->rule && w->type))
        return vw_node_error(n, err, "a waiver has a fingerprint, or a rule and a type");
    return 0;
}

static int read_waivers(struct vw_gate_settings *s, const struct vw_node *list,
                        struct vw_error *err)
{
    if (list->kind == VW_NODE_NULL)
        return 0;
    if (list->kind != VW_NODE_LIST)
        return vw_node_error(list, err, "expected a list of waivers");
    s->waivers = vw_arena_zalloc(&s->arena, (list->count + 1) * sizeof(*s->waivers), 8);
    if (!s->waivers)
        return vw_error_nomem(err);
    int rc = 0;
    for (const struct vw_node *n = list->first; n && !rc; n = n->next)
        rc = read_waiver(n, &s->waivers[s->count++], err);
    return rc;
}

static int read_top(struct vw_gate_settings *s, const struct vw_node *top, struct vw_error *err)
{
    static const char *const known[] = {"gate", "waivers"};
    enum vw_gate_class last;
    int rc = 0;
    if (top->kind == VW_NODE_NULL)
        return 0;
    if (top->kind != VW_NODE_MAP)
        return vw_node_error(top, err, "expected a mapping with gate and waivers");
    for (const struct vw_node *m = top->first; m && !rc; m = m->next) {
        if (strcmp(m->key, "waivers") == 0)
            rc = read_waivers(s, m, err);
        else if (strcmp(m->key, "gate") != 0)
            rc = vw_node_unknown(m, "key", m->key, known, COUNT(known), err);
        else if (m->kind != VW_NODE_SCALAR || !vw_gate_last_gated(m->text, &last))
            rc = vw_node_unknown(m, "gate", m->kind == VW_NODE_SCALAR ? m->text : "", gate_words,
                                 COUNT(gate_words), err);
        else
            s->gate = m->text;
    }
    return rc;
}

int vw_gate_settings_load(struct vw_gate_settings *s, const char *path, struct vw_error *err)
{
    struct vw_node *top;
    *s = (struct vw_gate_settings){.file = path};
    vw_arena_init(&s->arena);
    int rc = vw_yaml_load(path, &s->arena, &top, err);
    return rc ? rc : read_top(s, top, err);
}

void vw_gate_settings_finish(struct vw_gate_settings *s)
{
    vw_arena_finish(&s->arena);
    *s = (struct vw_gate_settings){0};
}
