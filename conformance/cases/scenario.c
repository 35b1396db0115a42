// SPDX-License-Identifier: MIT
// From a checked file to its cases: the head, the foreach, the steps.
#include "conformance/cases/scenario.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "conformance/cases/program.h"
#include "conformance/play/verbs.h"
#include "scenario/compose.h"

#define CASES_MAX   200000
#define CLAUSES_MAX 12

static const char *const levels[] = {"may", "should", "must", NULL};
static const char *const effects[] = {"read", "write", "host", "crash", NULL};
static const char *const connections[] = {"own", "shared", NULL};
static const char *const conditions[] = {"yes", "no", NULL};
static const char *const needs[] = {
    "connect",     "auth",  "open",    "read-only",        "unix", "tcp",  "tls",
    "test-driver", "alone", "gate",    "read-only-socket", "slow", "sasl", "polkit",
    "one-request", "names", "anybody", "verified",         NULL};

static const struct vw_key case_key_list[] = {
    {"title", VW_TAKES_TEXT, true, NULL, NULL, "one sentence: what must hold"},
    {"clause", VW_TAKES_TEXT | VW_TAKES_TEXTS, true, NULL, NULL,
     "the clauses of the protocol that the case shows"},
    {"level", VW_TAKES_TEXT, true, levels, NULL,
     "must and should come from a text, may is what implementations do"},
    {"effect", VW_TAKES_TEXT, false, effects, NULL,
     "what the case can do to the peer's machine; read if absent; its procedures count as well"},
    {"needs", VW_TAKES_TEXTS, false, needs, NULL,
     "what must be there before the first step; connect if absent"},
    {"profiles", VW_TAKES_TEXTS, false, NULL, NULL,
     "profiles or dialects (modern, 2007) that the case is for; all if absent"},
    {"programs", VW_TAKES_TEXTS, false, vw_played_names, NULL,
     "programs that the case is for; remote alone if absent. With it there are variables for what "
     "each of them calls"},
    {"connection", VW_TAKES_TEXT, false, connections, NULL,
     "shared: the case leaves its connection as it was, and others may use it"},
    {"conditions", VW_TAKES_TEXT, false, conditions, NULL,
     "no: it says itself how its bytes come and what stands beside them, so that --combine leaves "
     "it alone"},
    {"foreach", VW_TAKES_ITEMS | VW_TAKES_MAP, false, NULL, &vw_foreach_keys,
     "one case for each item of a list or of a family"},
    {"steps", VW_TAKES_STEPS, true, NULL, NULL, "what is done, in order"},
    {NULL},
};
const struct vw_keys vw_case_keys = {"a case", case_key_list, NULL};

static const struct vw_key step_key_list[] = {
    {"on", VW_TAKES_TEXT, false, NULL, NULL, "the connection, if it is not the first one"},
    {NULL},
};
const struct vw_keys vw_step_keys = {"a step", step_key_list, NULL};

static int find_word(const char *const *words, const char *name)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], name) == 0)
            return i;
    return -1;
}

const char *vw_need_name(unsigned bit)
{
    return needs[bit];
}

const char *vw_step_verb(const struct vw_node *step, bool *judges)
{
    const struct vw_node *n = step->first;
    while (n && vw_format_key(&vw_step_keys, n->key))
        n = n->next;
    const struct vw_verb *verb = n ? vw_verb_find(n->key) : NULL;
    *judges = verb && verb->judges;
    return n ? n->key : "";
}

const char *vw_effect_name(enum vw_effect effect)
{
    return effects[effect];
}

bool vw_effect_parse(const char *name, enum vw_effect *out)
{
    int i = find_word(effects, name);
    *out = i < 0 ? VW_EFFECT_READ : (enum vw_effect)i;
    return i >= 0;
}

/* ---- the steps ---- */

static int check_step(const struct vw_node *step, struct vw_error *err)
{
    const struct vw_node *found = NULL;
    for (const struct vw_node *n = step->first; n; n = n->next) {
        const struct vw_verb *verb = vw_verb_find(n->key);
        const struct vw_key *key = verb ? &verb->key : vw_format_key(&vw_step_keys, n->key);
        if (!key)
            return vw_verb_unknown(n, err);
        if (verb && found)
            return vw_node_key_error(n, err, "a step has one verb; this one has \"%s\" and \"%s\"",
                                     found->key, n->key);
        if (verb)
            found = n;
        int rc = vw_format_check_value(key, n, err);
        if (rc < 0)
            return rc;
    }
    return found ? 0 : vw_node_error(step, err, "a step needs a verb");
}

static int check_steps(const struct vw_node *steps, struct vw_error *err)
{
    if (steps->count == 0)
        return vw_node_error(steps, err, "a case needs at least one step");
    for (const struct vw_node *n = steps->first; n; n = n->next) {
        if (n->kind != VW_NODE_MAP)
            return vw_node_error(n, err, "expected a step (a mapping with a verb), found %s",
                                 vw_node_kind_name(n->kind));
        int rc = check_step(n, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- the head ---- */

static int add_clause(struct vw_arena *arena, struct vw_case *c, const struct vw_node *n,
                      struct vw_error *err)
{
    if (!vw_clause_valid(n->text))
        return vw_node_error(n, err, "expected a clause such as F-3, found \"%.40s\"", n->text);
    c->clauses = c->clauses ? vw_arena_printf(arena, "%s %s", c->clauses, n->text) : n->text;
    return c->clauses ? 0 : vw_error_nomem(err);
}

static int read_clauses(struct vw_arena *arena, struct vw_case *c, const struct vw_node *n,
                        struct vw_error *err)
{
    if (n->kind == VW_NODE_SCALAR)
        return add_clause(arena, c, n, err);
    if (n->count > CLAUSES_MAX)
        return vw_node_error(n, err, "at most %d clauses", CLAUSES_MAX);
    int rc = n->count ? 0 : vw_node_error(n, err, "expected at least one clause");
    for (const struct vw_node *item = n->first; item && rc == 0; item = item->next)
        rc = add_clause(arena, c, item, err);
    return rc;
}

static bool profile_fits(const struct vw_profile *p, const struct vw_node *list)
{
    if (!list || !p)
        return true;
    for (const struct vw_node *n = list->first; n; n = n->next) {
        if (vw_node_is(n, p->name) ||
            vw_node_is(n, p->dialect == VW_PROFILE_2007 ? "2007" : "modern"))
            return true;
    }
    return false;
}

static int check_profiles(const struct vw_node *list, struct vw_error *err)
{
    if (!list)
        return 0;
    const char *known[32] = {"modern", "2007"};
    size_t count = 2;
    for (const char *const *name = vw_profile_names(); *name && count < 32; name++)
        known[count++] = *name;
    for (const struct vw_node *n = list->first; n; n = n->next) {
        bool found = false;
        for (size_t i = 0; i < count; i++)
            found |= strcmp(known[i], n->text) == 0;
        if (!found)
            return vw_node_unknown(n, "profile", n->text, known, count, err);
    }
    return 0;
}

static unsigned read_needs(const struct vw_node *list)
{
    unsigned out = VW_NEED_CONNECT;
    for (const struct vw_node *n = list ? list->first : NULL; n; n = n->next)
        out |= 1u << find_word(needs, n->text);
    if (out & (VW_NEED_READ_ONLY | VW_NEED_TEST_DRIVER))
        out |= VW_NEED_OPEN;
    if (out & (VW_NEED_OPEN | VW_NEED_GATE | VW_NEED_SASL | VW_NEED_POLKIT))
        out |= VW_NEED_AUTH;
    return out;
}

static int read_head(struct vw_arena *arena, const struct vw_node *file, struct vw_case *c,
                     const struct vw_suite_options *options, struct vw_error *err)
{
    c->title = vw_node_get(file, "title")->text;
    int rc = read_clauses(arena, c, vw_node_get(file, "clause"), err);
    vw_level_parse(vw_node_get(file, "level")->text, &c->level);
    const struct vw_node *effect = vw_node_get(file, "effect");
    if (effect)
        vw_effect_parse(effect->text, &c->effect);
    c->needs = read_needs(vw_node_get(file, "needs"));
    const struct vw_node *connection = vw_node_get(file, "connection");
    c->shared = connection && vw_node_is(connection, "shared");
    if (c->shared && !(c->needs & VW_NEED_OPEN))
        return vw_node_error(connection, err, "a shared connection is an open one: needs open");
    const struct vw_node *under = vw_node_get(file, "conditions");
    c->unconditional = under && vw_node_is(under, "no");
    c->profiles = vw_node_get(file, "profiles");
    if (rc == 0)
        rc = check_profiles(c->profiles, err);
    if (!profile_fits(options->profile, c->profiles))
        c->unfit = "not for this profile";
    c->elsewhere = !vw_played_fits(options->profile, vw_node_get(file, "programs"));
    if (c->elsewhere)
        c->unfit = "not for this program";
    return rc;
}

/* ---- expansion ---- */

struct expansion {
    struct vw_suite *suite;
    const struct vw_suite_options *options;
    const struct vw_node *steps; /* of the file */
    const struct vw_case *head;
};

static struct vw_case *append(struct vw_suite *suite)
{
    struct vw_case *cases =
        suite->count < CASES_MAX ? vw_room(suite->cases, suite->count, sizeof(*cases)) : NULL;
    if (!cases)
        return NULL;
    suite->cases = cases;
    return &suite->cases[suite->count++];
}

static bool key_is_fine(const char *key)
{
    for (const char *s = key; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("-._+=#[]@:", *s))
            return false;
    return *key != 0;
}

/* A name that an older release does not have yet is no mistake of the case. */
static bool lacks_procedure(const struct vw_profile *profile, const struct vw_node *n)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_proc *proc;
    struct vw_header h = {0};
    if (vw_node_get(n, "procedure") && vw_compose_proc(profile, n, &proc, &h, &err) == VW_ENAME)
        return true;
    for (const struct vw_node *m = n->first; m; m = m->next)
        if (lacks_procedure(profile, m))
            return true;
    return false;
}

/* Does N speak of descriptors that go with a message? */
static bool passes_descriptors(const struct vw_node *n)
{
    const struct vw_node *type = vw_node_get(n, "type");
    if (vw_node_get(n, "fds") || vw_node_get(n, "pass") || vw_node_get(n, "with") ||
        (type && vw_node_is(type, "call-with-fds")))
        return true;
    for (const struct vw_node *m = n->first; m; m = m->next)
        if (passes_descriptors(m))
            return true;
    return false;
}

/* What is below KEY of what is below OUTER in N, or NULL. */
static const struct vw_node *inside(const struct vw_node *n, const char *outer, const char *key)
{
    const struct vw_node *o = vw_node_get(n, outer);
    return o ? vw_node_get(o, key) : NULL;
}

/* Do STEPS want a feature to be there that a partial server has not? */
static bool lacks_feature(const struct vw_partial *partial, const struct vw_node *steps)
{
    bool lacking = false;
    for (const struct vw_node *n = steps->first; n; n = n->next) {
        const struct vw_node *call = inside(n, "send", "call");
        const struct vw_node *asked = call ? inside(call, "args", "feature") : NULL;
        const struct vw_node *reply = inside(n, "expect", "reply");
        const struct vw_node *answer = reply ? vw_node_get(reply, "supported") : NULL;
        struct vw_error err = VW_ERROR_INIT;
        int64_t number;
        if (call)
            lacking = asked && vw_node_number(asked, 0, 31, &number, &err) == 0 &&
                      partial->lacking_features >> number & 1;
        if (lacking && answer && vw_node_is(answer, "1"))
            return true;
    }
    return false;
}

/* Why a server that lacks some calls cannot be held against C, or NULL. */
static const char *unfit_of(const struct vw_profile *profile, const struct vw_node *steps)
{
    bool judges;
    for (const struct vw_node *n = steps->first; profile->partial && n; n = n->next)
        if (strcmp(vw_step_verb(n, &judges), "spawn") == 0)
            return "a client of its own may want what is not implemented";
    if (profile->partial && profile->fds_max == 0 && passes_descriptors(steps))
        return "descriptors are not passed (fds_max of the profile)";
    if (profile->partial && lacks_feature(profile->partial, steps))
        return "the feature is not there (implements of the profile)";
    if (!lacks_procedure(profile, steps))
        return NULL;
    return profile->partial ? "not implemented (implements of the profile)"
                            : "the profile does not have the procedure";
}

/* Probes block, and would hold up the cases beside them. */
static bool has_probe(const struct vw_node *steps)
{
    for (const struct vw_node *n = steps->first; n; n = n->next)
        if (vw_node_get(n, "probe"))
            return true;
    return false;
}

static int add_case(struct expansion *x, const char *key, struct vw_node *variables,
                    struct vw_error *err)
{
    struct vw_arena *arena = &x->suite->arena;
    struct vw_case c = *x->head;
    struct vw_node *steps = vw_substitute(arena, x->steps, variables);
    if (!steps)
        return vw_error_nomem(err);
    c.steps = steps;
    if (has_probe(steps))
        c.needs |= VW_NEED_ALONE;
    if (key) {
        if (!key_is_fine(key))
            return vw_node_error(x->steps, err, "the key \"%.40s\" of an item cannot be in an id",
                                 key);
        c.id = vw_arena_printf(arena, "%s/%s", c.file_id, key);
        c.title = vw_arena_printf(arena, "%s [%s]", c.title, key);
    }
    int rc = c.unfit ? 0 : check_steps(steps, err);
    if (rc == 0 && !c.unfit)
        rc = vw_check_variables(steps, err);
    if (rc < 0)
        return rc;
    if (!c.unfit && x->options->profile && !x->options->newest)
        c.unfit = unfit_of(x->options->profile, steps);
    struct vw_case *slot = append(x->suite);
    if (!slot || !c.id || !c.title)
        return vw_error_nomem(err);
    *slot = c;
    return 0;
}

static int add_item(void *user, const char *key, struct vw_node *variables, struct vw_error *err)
{
    return add_case(user, key, variables, err);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp((*(const struct vw_case *const *)a)->id, (*(const struct vw_case *const *)b)->id);
}

/* Two items with the same key would be two cases with the same id. */
static int check_unique(const struct vw_suite *suite, size_t first, const struct vw_node *foreach,
                        struct vw_error *err)
{
    size_t n = suite->count - first;
    const struct vw_case **sorted = malloc((n + 1) * sizeof(const struct vw_case *));
    if (!sorted)
        return vw_error_nomem(err);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &suite->cases[first + i];
    qsort(sorted, n, sizeof(const struct vw_case *), compare_ids);
    int rc = 0;
    for (size_t i = 1; i < n && rc == 0; i++)
        if (strcmp(sorted[i - 1]->id, sorted[i]->id) == 0)
            rc = vw_node_error(foreach, err, "two items have the id \"%s\"", sorted[i]->id);
    free(sorted);
    return rc;
}

static int expand(struct expansion *x, const struct vw_node *foreach, struct vw_error *err)
{
    if (!foreach)
        return add_case(x, NULL, NULL, err);
    size_t first = x->suite->count;
    struct vw_family_context ctx = {
        .options = x->options,
        .arena = &x->suite->arena,
        .add = add_item,
        .user = x,
    };
    int rc = vw_foreach(foreach, &ctx, err);
    return rc < 0 ? rc : check_unique(x->suite, first, foreach, err);
}

static int check_file(const struct vw_node *file, struct vw_error *err)
{
    int rc = vw_format_check(&vw_case_keys, file, err);
    return rc < 0 ? rc : check_steps(vw_node_get(file, "steps"), err);
}

/* What a file that is for several programs calls in this one. */
static int name_calls(struct vw_arena *arena, struct vw_node **file,
                      const struct vw_suite_options *options, struct vw_error *err)
{
    const struct vw_node *words = vw_played_words(options->profile, arena, err);
    *file = words ? vw_substitute(arena, *file, words) : NULL;
    return *file ? 0 : vw_error_nomem(err);
}

int vw_suite_add(struct vw_suite *suite, const char *id, const char *path, const char *text,
                 size_t len, const struct vw_suite_options *options, struct vw_error *err)
{
    struct vw_node *file;
    int rc = vw_yaml_parse(text, len, &suite->arena, &file, err);
    if (rc == 0)
        rc = check_file(file, err);
    if (rc < 0)
        return rc;
    struct vw_case head = {
        .file_id = vw_arena_strndup(&suite->arena, id, strlen(id)),
        .path = vw_arena_strndup(&suite->arena, path, strlen(path)),
    };
    if (!head.file_id || !head.path)
        return vw_error_nomem(err);
    head.id = head.file_id;
    rc = read_head(&suite->arena, file, &head, options, err);
    suite->files++;
    if (rc == 0 && !head.elsewhere && vw_node_get(file, "programs"))
        rc = name_calls(&suite->arena, &file, options, err);
    struct expansion x = {suite, options, vw_node_get(file, "steps"), &head};
    return rc < 0 ? rc : expand(&x, head.elsewhere ? NULL : vw_node_get(file, "foreach"), err);
}
