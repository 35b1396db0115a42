// SPDX-License-Identifier: MIT
// A cover, made greedily: of the keys that the findings have (their cause, and each clause that
// they are about) the one that explains most of them makes the first group, and so on with what is
// left. How well a clause explains them is measured as faults are located by spectra (Ochiai): by
// the share of the findings that are about it, and of its cases that fail.
#include "conformance/report/groups.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_OF_ONE 12  /* of one finding; more clauses are not looked at */
#define GROUPS_MAX  200 /* what is left then goes by its causes alone */
#define ALSO_KEPT   16  /* different sayings of one group that are counted */
#define FEW         3   /* findings */
#define VAGUE       0.8 /* the worth of a cause that no clause names, such as silence */
#define REMOTE      0.3 /* the worth of what was seen of a program that talks to the peer */

struct key {
    char text[48];
    bool is_cause;
    double worth;  /* of a cause */
    size_t passed; /* findings with it that did not fail */
    size_t failed; /* all */
    size_t left;   /* in no group yet */
};

struct keys {
    struct key *list;
    size_t count, cap;
    uint32_t *index; /* hashed: number + 1; 2 * cap places */
};

/* A finding that failed, with its keys. */
struct told {
    const struct vw_finding *f;
    uint32_t keys[KEYS_OF_ONE];
    unsigned n;
    bool grouped;
};

/* ---- keys ---- */

static bool grow(struct keys *k)
{
    size_t cap = k->cap ? 2 * k->cap : 64;
    struct key *list = realloc(k->list, cap * sizeof(*list));
    uint32_t *index = calloc(2 * cap, sizeof(*index));
    if (list)
        k->list = list;
    if (!list || !index) {
        free(index);
        return false;
    }
    free(k->index);
    k->index = index;
    k->cap = cap;
    return true;
}

static size_t place_of(const struct keys *k, const char *text, size_t len)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    size_t at = hash % (2 * k->cap);
    for (; k->index[at]; at = (at + 1) % (2 * k->cap)) {
        const struct key *have = &k->list[k->index[at] - 1];
        if (strlen(have->text) == len && memcmp(have->text, text, len) == 0)
            break;
    }
    return at;
}

/* The number of the key; UINT32_MAX: no memory. */
static uint32_t intern(struct keys *k, const char *text, size_t len)
{
    len = len < sizeof(k->list->text) ? len : sizeof(k->list->text) - 1;
    if (k->count == k->cap) {
        if (!grow(k))
            return UINT32_MAX;
        for (size_t i = 0; i < k->count; i++)
            k->index[place_of(k, k->list[i].text, strlen(k->list[i].text))] = (uint32_t)i + 1;
    }
    size_t at = place_of(k, text, len);
    if (!k->index[at]) {
        struct key *new = &k->list[k->count];
        *new = (struct key){.worth = VAGUE};
        memcpy(new->text, text, len);
        k->index[at] = (uint32_t)++k->count;
    }
    return k->index[at] - 1;
}

/* ---- findings ---- */

static bool is_told(const struct vw_finding *f)
{
    return vw_verdict_is_finding(f->verdict) || f->verdict == VW_ERROR;
}

static bool has_key(const struct told *t, uint32_t key)
{
    for (unsigned i = 0; i < t->n; i++)
        if (t->keys[i] == key)
            return true;
    return false;
}

static bool add_key(struct keys *k, struct told *t, const char *text, size_t len)
{
    if (t->n == KEYS_OF_ONE || !len)
        return true;
    uint32_t key = intern(k, text, len);
    if (key != UINT32_MAX && !has_key(t, key))
        t->keys[t->n++] = key;
    return key != UINT32_MAX;
}

static bool add_clauses(struct keys *k, struct told *t, const char *clauses)
{
    bool fine = true;
    for (const char *s = clauses ? clauses : ""; *s && fine; s += strspn(s, " ")) {
        size_t n = strcspn(s, " ");
        fine = add_key(k, t, s, n);
        s += n;
    }
    return fine;
}

/* A cause that begins with a clause says which rule is broken. */
static bool is_certain(const char *cause)
{
    return cause[0] >= 'A' && cause[0] <= 'Z' && cause[1] == '-';
}

static double worth_of(const char *cause)
{
    if (strcmp(cause, VW_CAUSE_PROGRAM) == 0)
        return REMOTE;
    return is_certain(cause) ? 1 : VAGUE;
}

static bool read_finding(struct keys *k, const struct vw_finding *f, struct told *t)
{
    bool told = is_told(f);
    *t = (struct told){.f = f};
    if (told && f->cause && !add_key(k, t, f->cause, strlen(f->cause)))
        return false;
    if (t->n) {
        struct key *cause = &k->list[t->keys[0]];
        cause->is_cause = true;
        cause->worth = worth_of(cause->text);
    }
    /* What a program does has many reasons: its clauses explain nothing else. */
    bool remote = t->n && k->list[t->keys[0]].worth == REMOTE;
    if (!remote && (!add_clauses(k, t, f->clauses) || !add_clauses(k, t, f->shows)))
        return false;
    if (!t->n && !add_key(k, t, vw_finding_name(f), strlen(vw_finding_name(f))))
        return false;
    for (unsigned i = 0; i < t->n; i++) {
        struct key *key = &k->list[t->keys[i]];
        key->failed += told;
        key->left += told;
        key->passed += f->verdict == VW_PASS || f->verdict == VW_LENIENT;
    }
    return true;
}

/* ---- groups ---- */

/* Squares, which have the order of what they are squares of. */
static double score_of(const struct key *k, size_t left)
{
    double share = (double)k->left / (double)left;
    if (k->is_cause)
        return share * k->worth * k->worth;
    return share * (double)k->left / (double)(k->left + k->passed);
}

/* Of keys that explain as much the one that explains more; then the one that was seen first. */
static uint32_t best_key(const struct keys *k, size_t left)
{
    uint32_t best = 0;
    double top = -1;
    for (uint32_t i = 0; i < k->count; i++) {
        double score = k->list[i].left ? score_of(&k->list[i], left) : -1;
        if (score > top + 1e-9 || (score > top - 1e-9 && k->list[i].left > k->list[best].left)) {
            best = i;
            top = score;
        }
    }
    return best;
}

static void cite(struct vw_group *g, const char *clause, size_t len)
{
    size_t used = strlen(g->clauses), n = used > 0;
    char word[12];
    for (const char *s = g->clauses; *s; s++)
        n += *s == ' ';
    snprintf(word, sizeof(word), "%.*s", (int)(len < 11 ? len : 11), clause);
    if (n >= VW_GROUP_CLAUSES || !vw_clause_valid(word) || vw_clause_is_among(g->clauses, word) ||
        used + len + 2 > sizeof(g->clauses))
        return;
    snprintf(g->clauses + used, sizeof(g->clauses) - used, "%s%s", used ? " " : "", word);
}

static void cite_all(struct vw_group *g, const char *clauses)
{
    for (const char *s = clauses ? clauses : ""; *s; s += strspn(s, " ")) {
        size_t n = strcspn(s, " ");
        cite(g, s, n);
        s += n;
    }
}

/* The clauses that the members are about, the likeliest first, MAX of them. */
static void cite_likeliest(struct vw_group *g, const struct keys *k, const size_t *members,
                           size_t max)
{
    bool *done = calloc(k->count + 1, sizeof(*done));
    for (size_t i = 0; done && i < max; i++) {
        size_t best = k->count;
        double top = 0;
        for (size_t j = 0; j < k->count; j++) {
            const struct key *key = &k->list[j];
            double n = (double)members[j];
            double score = n * n / (double)(key->failed + key->passed + 1);
            if (!key->is_cause && n > 0 && !done[j] && score > top) {
                best = j;
                top = score;
            }
        }
        if (best == k->count)
            break;
        done[best] = true;
        cite(g, k->list[best].text, strlen(k->list[best].text));
    }
    free(done);
}

/* What the members say themselves that they are about, the most common first. */
static void cite_also(struct vw_group *g)
{
    const char *said[ALSO_KEPT];
    size_t counts[ALSO_KEPT] = {0}, n = 0;
    for (size_t i = 0; i < g->count; i++) {
        const char *also = g->list[i]->also;
        size_t j = 0;
        while (also && j < n && strcmp(said[j], also) != 0)
            j++;
        if (also && j == n && n < ALSO_KEPT)
            said[n++] = also;
        if (also && j < n)
            counts[j]++;
    }
    for (size_t turn = 0; turn < n; turn++) {
        size_t best = 0;
        for (size_t j = 1; j < n; j++)
            best = counts[j] > counts[best] ? j : best;
        cite_all(g, said[best]);
        counts[best] = 0;
    }
}

/* The clauses of the group of KEY. What a rule broken says comes first, else what cases are about.
 */
static void cite_group(struct vw_group *g, const struct keys *k, uint32_t key,
                       const size_t *members)
{
    const struct vw_finding *first = g->list[0];
    bool certain = k->list[key].is_cause && is_certain(g->cause);
    if (is_certain(g->cause))
        cite(g, g->cause, strcspn(g->cause, " "));
    if (certain)
        cite_also(g);
    /* Of a few, what the cases are about says as much as what was broken in them. */
    cite_likeliest(g, k, members, certain && g->count > FEW ? 1 : 3);
    cite_also(g);
    cite_all(g, first->clauses);
}

/* Which of two shows more: the one of an earlier step, with less to read. */
static bool shows_more(const struct vw_finding *a, const struct vw_finding *b)
{
    size_t of_a = a->frames ? strlen(a->frames) : SIZE_MAX;
    size_t of_b = b->frames ? strlen(b->frames) : SIZE_MAX;
    return a->place.step != b->place.step ? a->place.step < b->place.step : of_a < of_b;
}

static void put_best_first(const struct vw_finding **list, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (shows_more(list[i], list[best]))
            best = i;
    const struct vw_finding *first = list[best];
    memmove(list + 1, list, best * sizeof(const struct vw_finding *));
    list[0] = first;
}

/* Takes the findings with KEY out of TOLD; MEMBERS has room to count keys. Their number. */
static size_t take(struct keys *k, struct told *told, size_t n, uint32_t key,
                   const struct vw_finding **to, size_t *members)
{
    size_t taken = 0;
    memset(members, 0, k->count * sizeof(*members));
    for (size_t i = 0; i < n; i++) {
        if (told[i].grouped || !has_key(&told[i], key))
            continue;
        told[i].grouped = true;
        to[taken++] = told[i].f;
        for (unsigned j = 0; j < told[i].n; j++) {
            members[told[i].keys[j]]++;
            k->list[told[i].keys[j]].left--;
        }
    }
    return taken;
}

/* What is left when there are too many groups. */
static uint32_t own_key(const struct told *told, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!told[i].grouped)
            return told[i].keys[0];
    return 0;
}

static bool cover(struct keys *k, struct told *told, size_t n, struct vw_groups *out)
{
    size_t *members = calloc(k->count + 1, sizeof(*members));
    for (size_t done = 0; members && done < n;) {
        uint32_t key = out->count < GROUPS_MAX ? best_key(k, n - done) : own_key(told, n);
        struct vw_group *g = &out->list[out->count++];
        const struct vw_finding **list = out->members + done;
        size_t taken = take(k, told, n, key, list, members);
        put_best_first(list, taken);
        *g = (struct vw_group){.cause = k->list[key].text, .list = list, .count = taken};
        cite_group(g, k, key, members);
        done += taken;
    }
    free(members);
    return members != NULL;
}

int vw_groups_make(const struct vw_finding *const *list, size_t n, struct vw_groups *out,
                   struct vw_error *err)
{
    struct keys *k = calloc(1, sizeof(*k));
    struct told *told = calloc(n + 1, sizeof(*told));
    size_t count = 0;
    *out = (struct vw_groups){.keys = k,
                              .members = calloc(n + 1, sizeof(const struct vw_finding *)),
                              .list = calloc(n + 1, sizeof(struct vw_group))};
    bool fine = k && told && out->members && out->list;
    for (size_t i = 0; i < n && fine; i++) {
        fine = read_finding(k, list[i], &told[count]);
        count += is_told(list[i]);
    }
    fine = fine && cover(k, told, count, out);
    free(told);
    return fine ? 0 : vw_error_nomem(err);
}

void vw_groups_finish(struct vw_groups *groups)
{
    struct keys *k = groups->keys;
    if (k) {
        free(k->list);
        free(k->index);
    }
    free(k);
    free(groups->members);
    free(groups->list);
    *groups = (struct vw_groups){0};
}

size_t vw_groups_find(const struct vw_groups *groups, const struct vw_finding *f)
{
    for (size_t i = 0; i < groups->count; i++)
        for (size_t j = 0; j < groups->list[i].count; j++)
            if (groups->list[i].list[j] == f)
                return i + 1;
    return 0;
}
