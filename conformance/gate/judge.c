// SPDX-License-Identifier: MIT
// Verdicts: what is gated, what is waived, and what is wrong with the waivers.
#include <stdlib.h>
#include <strings.h>

#include "base/room.h"
#include "conformance/gate/gate.h"

static int append(struct vw_gate *g, struct vw_finding *f)
{
    struct vw_finding **list = vw_arena_room(&g->arena, g->list, g->count, sizeof(*list));
    if (!list || !f)
        return VW_ENOMEM;
    g->list = list;
    g->list[g->count++] = f;
    return 0;
}

/* A finding that comes from no comparison. */
static struct vw_finding *make(struct vw_gate *g, const char *code, const char *subject,
                               const char *found, struct vw_location place)
{
    const struct vw_gate_rule *rule = vw_gate_rule_find(code);
    struct vw_finding *f = vw_arena_zalloc(&g->arena, sizeof(*f), 8);
    struct vw_change *c = vw_arena_zalloc(&g->arena, sizeof(*c), 8);
    char *fingerprint = vw_arena_printf(&g->arena, "%s %s", code, subject);
    if (!f || !c || !fingerprint || !found)
        return NULL;
    *c = (struct vw_change){.class = vw_gate_class_name(rule->class),
                            .rank = rule->class,
                            .meaning = rule->meaning,
                            .fingerprint = fingerprint,
                            .companion = true};
    *f = (struct vw_finding){.rule = rule->code,
                             .title = rule->title,
                             .clauses = "",
                             .cause = subject,
                             .found = found,
                             .change = c,
                             .place = place,
                             .level = VW_LEVEL_MUST,
                             .verdict = VW_LENIENT,
                             .count = 1};
    return f;
}

/* ---- waivers ---- */

static bool fits(const struct vw_gate_waiver *w, const struct vw_finding *f)
{
    const char *path = f->place.path ? f->place.path : "";
    if (w->fingerprint)
        return strcmp(w->fingerprint, f->change->fingerprint) == 0;
    size_t n = strlen(w->type);
    bool of_type = strncmp(path, w->type, n) == 0 && (!path[n] || path[n] == '.' || path[n] == ':');
    return strcasecmp(w->rule, f->rule) == 0 && of_type;
}

static bool expired(const struct vw_gate_waiver *w, const struct vw_gate_terms *terms)
{
    return w->expires && strcmp(w->expires, terms->today) < 0;
}

static const struct vw_gate_waiver *waiver_of(const struct vw_gate_terms *terms,
                                              const struct vw_finding *f)
{
    const struct vw_gate_waiver *found = NULL;
    for (size_t i = 0; terms->settings && i < terms->settings->count; i++) {
        struct vw_gate_waiver *w = &terms->settings->waivers[i];
        if (!fits(w, f))
            continue;
        w->used = true;
        if (w->reason && !expired(w, terms))
            found = w;
    }
    return found;
}

/* What is wrong with a waiver; NULL: nothing. */
static const char *wrong_with(const struct vw_gate_waiver *w, const struct vw_gate_terms *terms)
{
    if (!w->reason)
        return "GEN006";
    if (expired(w, terms))
        return "GEN005";
    return w->used ? NULL : "GEN004";
}

static int judge_waivers(struct vw_gate *g, const struct vw_gate_terms *terms)
{
    int rc = 0;
    for (size_t i = 0; terms->settings && i < terms->settings->count && !rc; i++) {
        const struct vw_gate_waiver *w = &terms->settings->waivers[i];
        const char *code = wrong_with(w, terms);
        const char *what =
            w->fingerprint ? w->fingerprint : vw_arena_printf(&g->arena, "%s %s", w->rule, w->type);
        if (!code)
            continue;
        if (!what)
            return VW_ENOMEM;
        rc = append(g,
                    make(g, code, what,
                         vw_arena_printf(&g->arena, "the waiver of '%s': %s", what,
                                         vw_gate_rule_find(code)->title),
                         (struct vw_location){
                             .file = terms->settings->file, .line = w->line, .column = w->column}));
    }
    return rc;
}

/* ---- findings ---- */

static int judge_one(struct vw_gate *g, const struct vw_gate_terms *terms, struct vw_finding *f)
{
    const struct vw_gate_waiver *w = waiver_of(terms, f);
    bool gated = f->change->rank <= terms->last_gated && !f->change->companion;
    f->verdict = f->verdict == VW_LENIENT || !gated ? VW_LENIENT : w ? VW_XFAIL : VW_FAIL;
    if (!w)
        return 0;
    struct vw_change *c = vw_arena_alloc(&g->arena, sizeof(*c), 8);
    if (!c)
        return VW_ENOMEM;
    *c = *f->change;
    c->waived = vw_arena_strndup(&g->arena, w->reason, strlen(w->reason));
    f->change = c;
    return c->waived ? 0 : VW_ENOMEM;
}

/* The program of the first procedure that F touches; its length, 0: none. */
static size_t program_of(const struct vw_finding *f)
{
    return f->change->n_touches ? strcspn(f->change->touches[0], ".") : 0;
}

static bool is_about(const struct vw_finding *f, const char *program, size_t n)
{
    return program_of(f) == n && strncmp(f->change->touches[0], program, n) == 0;
}

/* One for each program whose wire has changed and whose version has not. */
static int judge_versions(struct vw_gate *g)
{
    size_t count = g->count;
    int rc = 0;
    for (size_t i = 0; i < count && !rc; i++) {
        const struct vw_finding *f = g->list[i];
        bool first = f->verdict == VW_FAIL && f->change->rank == VW_GATE_WIRE && program_of(f);
        char *name =
            first ? vw_arena_strndup(&g->arena, f->change->touches[0], program_of(f)) : NULL;
        for (size_t k = 0; k < count && first && name; k++) {
            const struct vw_finding *other = g->list[k];
            bool versioned = strncmp(other->rule, "PRG", 3) == 0 && other->place.path &&
                             strcmp(other->place.path, name) == 0;
            bool earlier = k < i && other->verdict == VW_FAIL &&
                           other->change->rank == VW_GATE_WIRE &&
                           is_about(other, name, strlen(name));
            first = !versioned && !earlier;
        }
        if (first)
            rc = append(g, name ? make(g, "PRG005", name,
                                       vw_arena_printf(&g->arena,
                                                       "the version of '%s' is what it was", name),
                                       f->place)
                                : NULL);
    }
    return rc;
}

/* What was compared, so that no finding does not look like nothing done. */
static int tell_compared(struct vw_gate *g)
{
    struct vw_finding *f = vw_arena_zalloc(&g->arena, sizeof(*f), 8);
    size_t witnessed = 0, confirmed = 0, asked = 0, agreed = 0, beyond = 0;
    for (size_t i = 0; i < g->count; i++) {
        const struct vw_witness *w = g->list[i]->change->witness;
        witnessed += w != NULL;
        confirmed += w && !w->missing;
        asked += w && w->rpcgen;
        agreed += w && w->rpcgen && strcmp(w->rpcgen, "confirmed") == 0;
        beyond += w && w->rpcgen && strcmp(w->rpcgen, "beyond rpcgen") == 0;
    }
    const char *second =
        !asked ? ""
               : vw_arena_printf(&g->arena, ", %zu by rpcgen and libtirpc (%zu beyond rpcgen)",
                                 agreed, beyond);
    const char *proved =
        !witnessed ? ""
                   : vw_arena_printf(&g->arena,
                                     ", %zu of %zu wire and limit findings confirmed by bytes%s",
                                     confirmed, witnessed, second);
    if (!f || !proved || !second)
        return VW_ENOMEM;
    *f = (struct vw_finding){
        .rule = "compared",
        .title = "procedures of both versions",
        .clauses = "",
        .found = vw_arena_printf(&g->arena, "%zu procedures%s", g->compared, proved),
        .level = VW_LEVEL_MUST,
        .verdict = VW_PASS,
        .count = 1};
    return f->found ? append(g, f) : VW_ENOMEM;
}

static int compare_findings(const void *a, const void *b)
{
    const struct vw_finding *x = *(struct vw_finding *const *)a,
                            *y = *(struct vw_finding *const *)b;
    if (x->change->companion != y->change->companion)
        return x->change->companion ? 1 : -1;
    if (x->change->rank != y->change->rank)
        return x->change->rank < y->change->rank ? -1 : 1;
    return strcmp(x->change->fingerprint, y->change->fingerprint);
}

int vw_gate_judge(struct vw_gate *g, const struct vw_gate_terms *terms, struct vw_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < g->count && !rc; i++)
        rc = judge_one(g, terms, g->list[i]);
    if (!rc)
        rc = judge_versions(g);
    if (!rc)
        rc = judge_waivers(g, terms);
    if (g->count)
        qsort(g->list, g->count, sizeof(*g->list), compare_findings);
    if (!rc)
        rc = tell_compared(g);
    return rc ? vw_error_nomem(err) : 0;
}

/* ---- several baselines ---- */

static bool is_known(const struct vw_gate *g, const struct vw_finding *f)
{
    for (size_t i = 0; i < g->count; i++)
        if (strcmp(g->list[i]->change->fingerprint, f->change->fingerprint) == 0)
            return true;
    return false;
}

int vw_gate_join(struct vw_gate *g, const struct vw_gate *more, const char *note, bool spared)
{
    int rc = 0;
    g->compared = more->compared > g->compared ? more->compared : g->compared;
    for (size_t i = 0; i < more->count && !rc; i++) {
        const struct vw_finding *f = more->list[i];
        struct vw_finding *copy = NULL;
        if (is_known(g, f))
            continue;
        copy = vw_arena_alloc(&g->arena, sizeof(*copy), 8);
        char *found = vw_arena_printf(&g->arena, note ? "%s (%s)" : "%s", f->found, note);
        if (!copy || !found)
            return VW_ENOMEM;
        *copy = *f;
        copy->found = found;
        copy->verdict = spared ? VW_LENIENT : f->verdict;
        rc = append(g, copy);
    }
    return rc;
}
