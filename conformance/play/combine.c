// SPDX-License-Identifier: MIT
// See combine.h.
#include "conformance/play/combine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/play/served.h"

#define CAUSES_MAX 64

/* What was found once: cases of one cause under one condition share the smallest one. */
struct cause {
    char *key;
    size_t row;
    struct vw_condition smallest;
};

struct combination {
    struct vw_check *check;
    const struct vw_player_options *po;
    struct vw_condition rows[VW_CONDITION_LEVELS];
    size_t n_rows;
    struct vw_result *again; /* of the cases that are played under a row */
    size_t *places;          /* of each among the results of the check */
    struct cause causes[CAUSES_MAX];
    size_t n_causes;
};

/* ---- playing under a condition ---- */

static int play(const struct combination *c, const struct vw_condition *under,
                struct vw_result *results, size_t n, struct vw_tally *tally, struct vw_error *err)
{
    struct vw_player_options po = *c->po;
    struct vw_client_options login;
    po.progress = NULL;
    vw_check_condition(c->check, under, &po.settings, &login);
    return vw_player_run(&po, results, n, tally, err);
}

/* One case. Its result needs a finish. */
static int play_one(const struct combination *c, const struct vw_condition *under,
                    const struct vw_case *what, struct vw_result *out, struct vw_error *err)
{
    struct vw_tally tally = {0};
    vw_result_init(out, what);
    return play(c, under, out, 1, &tally, err);
}

/* ---- the smallest condition ---- */

static const struct cause *known_cause(const struct combination *c, size_t row, const char *key)
{
    for (size_t i = 0; i < c->n_causes; i++)
        if (c->causes[i].row == row && strcmp(c->causes[i].key, key) == 0)
            return &c->causes[i];
    return NULL;
}

static void learn_cause(struct combination *c, size_t row, const char *key,
                        const struct vw_condition *smallest)
{
    char *copy = c->n_causes < CAUSES_MAX ? strdup(key) : NULL;
    if (copy)
        c->causes[c->n_causes++] = (struct cause){copy, row, *smallest};
}

/* R has failed under ROW: a smaller condition under which it does, with what is found there in R;
 * or ROW itself. */
static struct vw_condition shrink(struct combination *c, size_t row, struct vw_result *r,
                                  struct vw_error *err)
{
    const struct vw_condition *all = &c->rows[row];
    for (unsigned size = 0; size < vw_condition_size(all); size++) {
        for (unsigned mask = 0; mask < 1u << VW_FACTORS; mask++) {
            const struct vw_condition part = vw_condition_part(all, mask);
            struct vw_result again;
            bool fits =
                (unsigned)__builtin_popcount(mask) == size && vw_condition_size(&part) == size;
            if (!fits)
                continue;
            int rc = play_one(c, &part, r->c, &again, err);
            if (rc == 0 && vw_verdict_is_finding(again.finding.verdict)) {
                vw_result_finish(r);
                *r = again;
                return part;
            }
            vw_result_finish(&again);
        }
    }
    return *all;
}

/* What becomes of R, which has failed under ROW. */
static void explain(struct combination *c, size_t row, struct vw_result *r, struct vw_error *err)
{
    char text[VW_CONDITION_ROOM];
    const char *key = r->finding.cause ? r->finding.cause : "";
    const struct cause *known = known_cause(c, row, key);
    struct vw_condition smallest;
    if (known) {
        smallest = known->smallest;
    } else {
        char *before = strdup(key);
        smallest = shrink(c, row, r, err);
        if (before)
            learn_cause(c, row, before, &smallest);
        free(before);
    }
    vw_condition_text(&c->check->conditions, &smallest, text);
    if (*text)
        r->finding.only_when = strdup(text);
}

/* ---- a row ---- */

/* Takes R in the place of result AT; the tally goes with it. */
static void take(struct combination *c, size_t at, struct vw_result *r)
{
    struct vw_result *before = &c->check->results[at];
    struct vw_tally *t = &c->check->tally;
    t->by[before->finding.verdict]--;
    t->by[r->finding.verdict]++;
    vw_result_finish(before);
    *before = *r;
    memset(r, 0, sizeof(*r));
    if (c->po->progress)
        c->po->progress(c->po->user, before);
}

/* The sanity case is one more result where it fails: of all others that would be a consequence. */
static int add_sanity(struct combination *c, size_t row, struct vw_result *r, struct vw_error *err)
{
    struct vw_check *check = c->check;
    struct vw_result *list = realloc(check->results, (check->count + 1) * sizeof(*check->results));
    if (!list)
        return vw_error_nomem(err);
    check->results = list;
    vw_result_init(&list[check->count], r->c);
    list[check->count].finding.verdict = VW_PASS;
    check->tally.by[VW_PASS]++;
    check->tally.planned++;
    check->tally.done++;
    explain(c, row, r, err);
    take(c, check->count++, r);
    return 0;
}

/* True if the log-in and the first calls go well under ROW. */
static bool begins_well(struct combination *c, size_t row, struct vw_error *err)
{
    struct vw_result r;
    if (!c->check->sanity.ask)
        return true;
    int rc = play_one(c, &c->rows[row], c->check->sanity.ask, &r, err);
    bool fails = rc == 0 && vw_verdict_is_finding(r.finding.verdict);
    if (fails)
        rc = add_sanity(c, row, &r, err);
    vw_result_finish(&r);
    return rc == 0 && !fails;
}

/* The cases that have passed so far and mean something under ROW. */
static size_t choose(const struct combination *c, const struct vw_condition *row)
{
    const struct vw_check *check = c->check;
    const unsigned at = row->value[VW_FACTOR_TRANSPORT];
    size_t n = 0;
    for (size_t i = 0; i < check->count; i++) {
        const struct vw_result *r = &check->results[i];
        if ((r->finding.verdict != VW_PASS && r->finding.verdict != VW_LENIENT) ||
            r->c->unconditional || (r->c->needs & (VW_NEED_SLOW | VW_NEED_READ_ONLY_SOCKET)) ||
            (check->n_uris && !vw_select_transport_fits(r->c->needs, check->uris[at]->transport)) ||
            (!check->n_uris && !vw_served_fits(r->c, row)))
            continue;
        c->places[n] = i;
        vw_result_init(&c->again[n++], r->c);
    }
    return n;
}

static int play_row(struct combination *c, size_t row, struct vw_error *err)
{
    struct vw_tally tally = {0};
    const size_t n = choose(c, &c->rows[row]);
    int rc = play(c, &c->rows[row], c->again, n, &tally, err);
    if (tally.why)
        vw_tally_incomplete(&c->check->tally, tally.why);
    for (size_t i = 0; i < n; i++) {
        struct vw_result *r = &c->again[i];
        bool stop = c->po->interrupted && *c->po->interrupted;
        if (rc == 0 && !stop && vw_verdict_is_finding(r->finding.verdict))
            explain(c, row, r, err);
        if (rc == 0 &&
            (vw_verdict_is_finding(r->finding.verdict) || r->finding.verdict == VW_ERROR))
            take(c, c->places[i], r);
        vw_result_finish(r);
    }
    return rc;
}

static int play_rows(struct combination *c, struct vw_error *err)
{
    const struct vw_check_options *o = c->check->options;
    const struct vw_tally *tally = &c->check->tally;
    char text[VW_CONDITION_ROOM];
    int rc = 0;
    for (size_t i = 0; i < c->n_rows && rc == 0 && !tally->incomplete && !tally->stopped; i++) {
        if (o->stage)
            o->stage(o->user, i + 1, c->n_rows,
                     vw_condition_text(&c->check->conditions, &c->rows[i], text));
        if (begins_well(c, i, err))
            rc = play_row(c, i, err);
        c->check->rows_played++;
    }
    return rc;
}

int vw_combine(struct vw_check *check, const struct vw_player_options *po, struct vw_error *err)
{
    struct combination *c = calloc(1, sizeof(*c));
    int rc = c ? 0 : vw_error_nomem(err);
    if (c) {
        c->check = check;
        c->po = po;
        c->n_rows = vw_conditions_cover(&check->conditions, check->options->combine, c->rows);
        /* A sanity case for each row may come to the results. */
        c->again = calloc(check->count + c->n_rows, sizeof(*c->again));
        c->places = calloc(check->count + c->n_rows, sizeof(*c->places));
        rc = c->again && c->places ? play_rows(c, err) : vw_error_nomem(err);
        for (size_t i = 0; i < c->n_causes; i++)
            free(c->causes[i].key);
        free(c->again);
        free(c->places);
    }
    free(c);
    return rc;
}
