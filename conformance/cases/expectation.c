// SPDX-License-Identifier: MIT
// Reading, applying and writing expectations.
#include "conformance/cases/expectation.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/cases/select.h"

static const struct vw_key expectation_list[] = {
    {"id", VW_TAKES_TEXT, true, NULL, NULL, "the case, or a pattern"},
    {"reason", VW_TAKES_TEXT, true, NULL, NULL, "why the peer is as it is"},
    {"from", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL, "first version of the peer"},
    {"to", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL, "last version of the peer"},
    {"login", VW_TAKES_TEXT, false, NULL, NULL, "behind this log-in alone: sasl, polkit, none"},
    {NULL},
};
static const struct vw_keys expectation_keys = {"an expectation", expectation_list, NULL};

static const struct vw_key file_list[] = {
    {"about", VW_TAKES_TEXT, true, NULL, NULL, "which implementation this is about"},
    {"xfail", VW_TAKES_MAPS | VW_TAKES_NOTHING, true, NULL, &expectation_keys,
     "cases that fail, and why"},
    {NULL},
};
static const struct vw_keys file_keys = {"an expectation file", file_list, NULL};

static const char *text_of(const struct vw_node *map, const char *key)
{
    const struct vw_node *n = vw_node_get(map, key);
    return n ? n->text : NULL;
}

int vw_expectations_load(struct vw_expectations *d, const char *path, struct vw_error *err)
{
    struct vw_node *file;
    int rc = vw_yaml_load(path, &d->arena, &file, err);
    if (rc == 0)
        rc = vw_format_check(&file_keys, file, err);
    if (rc < 0)
        return rc;
    const struct vw_node *list = vw_node_get(file, "xfail");
    struct vw_expectation *all = realloc(d->list, (d->count + list->count + 1) * sizeof(*all));
    if (!all)
        return vw_error_nomem(err);
    d->list = all;
    for (const struct vw_node *n = list->first; n; n = n->next)
        all[d->count++] =
            (struct vw_expectation){text_of(n, "id"), text_of(n, "reason"), text_of(n, "from"),
                                    text_of(n, "to"), text_of(n, "login")};
    return 0;
}

void vw_expectations_finish(struct vw_expectations *d)
{
    free(d->list);
    d->list = NULL;
    d->count = 0;
    vw_arena_finish(&d->arena);
}

/* Versions compare number by number: 9.0.0 is before 11.3.0. */
static bool in_range(const struct vw_expectation *d, const char *version)
{
    if (!d->from && !d->to)
        return true;
    if (!*version)
        return false;
    return (!d->from || strverscmp(version, d->from) >= 0) &&
           (!d->to || strverscmp(version, d->to) <= 0);
}

const struct vw_expectation *vw_expectation_find(const struct vw_expectations *d, const char *id,
                                                 const char *version)
{
    for (size_t i = 0; i < d->count; i++)
        if (vw_select_match(d->list[i].id, id) && in_range(&d->list[i], version) &&
            (!d->list[i].login || !d->login || strcmp(d->list[i].login, d->login) == 0))
            return &d->list[i];
    return NULL;
}

static bool ended_badly(const struct vw_result *r)
{
    enum vw_verdict v = r->finding.verdict;
    return v == VW_FAIL || v == VW_HUNG || v == VW_CRASH;
}

bool vw_expectations_concern(const struct vw_expectations *d, const struct vw_result *results,
                             size_t n, const char *version)
{
    for (size_t i = 0; i < n; i++)
        if (!vw_result_done(&results[i]) && vw_expectation_find(d, results[i].c->id, version))
            return true;
    return false;
}

void vw_expectations_apply(const struct vw_expectations *d, struct vw_result *results, size_t n,
                           const char *version, struct vw_tally *tally)
{
    for (size_t i = 0; i < n && d->count; i++) {
        struct vw_result *r = &results[i];
        const struct vw_expectation *known =
            vw_result_done(r) ? vw_expectation_find(d, r->c->id, version) : NULL;
        bool bad = ended_badly(r);
        bool good = r->finding.verdict == VW_PASS || r->finding.verdict == VW_LENIENT;
        if (!known || (!bad && (!good || d->unasked)))
            continue;
        tally->by[r->finding.verdict]--;
        enum vw_verdict v = bad ? VW_XFAIL : VW_XPASS;
        tally->by[v]++;
        char text[500];
        snprintf(text, sizeof(text), "%s%s", bad ? "" : "no longer so: ", known->reason);
        vw_result_set(r, v, text);
    }
}

/* As a double-quoted text of YAML. What is not printable ASCII is no part of it. */
static void put_quoted(const char *s, FILE *out)
{
    fputc('"', out);
    for (; *s; s++) {
        bool printable = (unsigned char)*s >= 0x20 && (unsigned char)*s < 0x7f;
        if (*s == '"' || *s == '\\')
            fputc('\\', out);
        fputc(printable ? *s : '\'', out);
    }
    fputc('"', out);
}

void vw_expectations_write(const struct vw_result *results, size_t n, const char *version,
                           FILE *out)
{
    fprintf(out, "# Give each reason, or repair the peer.\nabout: \"version %s\"\nxfail:\n",
            *version ? version : "unknown");
    for (size_t i = 0; i < n; i++) {
        const struct vw_result *r = &results[i];
        enum vw_verdict v = r->finding.verdict;
        if (v == VW_XPASS || !(vw_verdict_is_finding(v) || v == VW_XFAIL))
            continue;
        fputs("  - id: ", out);
        put_quoted(r->c->id, out);
        fputs("\n    reason: ", out);
        put_quoted(r->finding.found ? r->finding.found : "", out);
        fputc('\n', out);
    }
}
