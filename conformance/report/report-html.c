// SPDX-License-Identifier: MIT
// One page for a browser, that needs nothing else: causes, clauses, and what became of each case.
// All that fails has a row; as many as there is room for have their messages too.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conformance/report/clauses.h"
#include "conformance/report/page.h"
#include "conformance/report/report.h"
#include "conformance/report/wire-html.h"

#define EACH_MAX    10          /* of a cause, that are told in full */
#define ROOM        (240 << 10) /* bytes of messages, before they are HTML */
#define TOUCHES_MAX 40
#define BYTES_MAX   512 /* of a witness */

struct page {
    const struct vw_report *report;
    FILE *out;
    size_t room;   /* that is left */
    size_t number; /* of the row */
    bool failed;   /* no memory */
};

static bool fails(const struct vw_finding *f)
{
    return vw_verdict_is_finding(f->verdict) || f->verdict == VW_ERROR;
}

static void put(struct page *p, const char *text)
{
    vw_html_text(text, strlen(text), p->out);
}

/* <TAG CLASS>TEXT</TAG>, nothing for no TEXT. */
static void put_in(struct page *p, const char *tag, const char *class, const char *text)
{
    if (!text || !*text)
        return;
    fprintf(p->out, *class ? "<%s class=%s>" : "<%s>", tag, class);
    put(p, text);
    fprintf(p->out, "</%s>", tag);
}

static void put_term(struct page *p, const char *term, const char *text)
{
    if (!text || !*text)
        return;
    fprintf(p->out, "<dt>%s</dt><dd>", term);
    put(p, text);
    fputs("</dd>\n", p->out);
}

/* What WRITE writes for F, as text. */
static void put_made(struct page *p,
                     void (*write)(const struct vw_report *report, const struct vw_finding *f,
                                   FILE *out),
                     const struct vw_finding *f)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out)
        write(p->report, f, out);
    bool fine = out && !ferror(out);
    if (out && fclose(out) == 0 && fine)
        vw_html_text(text, len, p->out);
    else
        p->failed = true;
    free(text);
}

/* ---- the head ---- */

static const char *state_of(const struct vw_report *report, const char **class)
{
    const struct vw_tally *t = report->tally;
    bool found = false, undecided = false, shown = false;
    for (size_t i = 0; i < report->count; i++) {
        enum vw_verdict v = report->findings[i]->verdict;
        found = found || vw_verdict_is_finding(v);
        undecided = undecided || v == VW_ERROR;
        shown = shown || (v != VW_SKIP && v != VW_NOT_RUN);
    }
    *class = found ? "stopped" : "incomplete";
    if (found)
        return report->against ? "stopped" : "not conformant";
    if (t->unreachable)
        return "not reached";
    if (undecided)
        return "no verdict";
    if (t->incomplete || t->done != t->planned)
        return "incomplete";
    if (!shown)
        return "nothing was shown";
    *class = "fine";
    return report->against ? "nothing stands against it" : "conformant";
}

static void put_counts(struct page *p)
{
    const struct vw_tally *t = p->report->tally;
    fputs("<ul id=counts>\n", p->out);
    for (int v = VW_VERDICTS - 1; v >= 0; v--) {
        const char *name = vw_verdict_name((enum vw_verdict)v);
        if (t->by[v])
            fprintf(p->out,
                    "<li class=%s><a href=\"#results\" data-field=verdict data-value=%s>"
                    "<b>%s</b> %zu</a></li>\n",
                    name, name, name, t->by[v]);
    }
    fputs("</ul>\n", p->out);
}

static void put_peer(struct page *p)
{
    const struct vw_report *report = p->report;
    const struct vw_peer *peer = report->peer;
    char when[64] = "", seed[32];
    time_t at = (time_t)report->when;
    struct tm tm;
    if (at && gmtime_r(&at, &tm))
        strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm);
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)report->seed);
    put_term(p, "driver", peer->driver);
    put_term(p, "version", peer->lib_version);
    put_term(p, "host", peer->hostname);
    put_term(p, "program", report->program);
    put_term(p, "implements", report->implements);
    put_term(p, "profile", report->profile);
    put_term(p, "suite", report->commit);
    put_term(p, "schema", report->digest);
    put_term(p, "seed", seed);
    put_term(p, "when", when);
    for (const char *const *name = report->without; *name; name++)
        put_term(p, "left out", *name);
}

static void put_head(struct page *p)
{
    const struct vw_report *report = p->report;
    const char *class, *state = state_of(report, &class);
    char line[300];
    fprintf(p->out,
            "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
            "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
            "<meta http-equiv=Content-Security-Policy content=\"%s\">\n<title>",
            vw_page_policy);
    put(p, report->uri);
    fprintf(p->out, ": %s</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", state, vw_page_style);
    put(p, report->uri);
    if (report->against) {
        fputs(" against ", p->out);
        put(p, report->against);
    }
    fprintf(p->out, ": <span class=%s>%s</span></h1>\n<p>virwire %s: ", class, state,
            report->against ? "schema diff" : "check");
    if (!report->against) {
        put(p, report->kind);
        fputs(": ", p->out);
    }
    put(p, vw_tally_line(report->tally, line, sizeof(line)));
    fprintf(p->out, ", %.2f s</p>\n", (double)report->us / 1e6);
    if (report->tally->why) {
        fputs("<p class=incomplete>incomplete: ", p->out);
        put(p, report->tally->why);
        fputs("</p>\n", p->out);
    }
    put_counts(p);
    fputs("<dl>\n", p->out);
    put_peer(p);
    fputs("</dl>\n", p->out);
}

/* ---- causes ---- */

/* A row leads to the finding that shows it best, and to all of them. */
static void put_cause(struct page *p, size_t number, const struct vw_group *g, size_t row)
{
    const struct vw_finding *f = g->list[0];
    fprintf(p->out, "<tr><td><a href=\"#f%zu\">%zu</a></td><td>", row, number);
    put(p, g->cause);
    fputs("</td><td>", p->out);
    put(p, g->clauses);
    fprintf(p->out,
            "</td><td class=n><a href=\"#results\" data-field=cause data-value=%zu>%zu</a></td>"
            "<td>",
            number, g->count);
    put(p, f->found ? f->found : vw_verdict_name(f->verdict));
    fputs("</td></tr>\n", p->out);
}

static void put_causes(struct page *p)
{
    const struct vw_groups *groups = p->report->groups;
    if (!groups || !groups->count)
        return;
    fputs("<h2>Causes</h2>\n<table><thead><tr><th></th><th>cause</th><th>clauses</th>"
          "<th class=n>cases</th><th>what</th></tr></thead>\n<tbody>\n",
          p->out);
    for (size_t i = 0, row = 1; i < groups->count; i++) {
        put_cause(p, i + 1, &groups->list[i], row);
        row += groups->list[i].count;
    }
    fputs("</tbody></table>\n", p->out);
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Findings of a comparison that fail and hurt WHOM, from START on. */
static size_t count_hurt(const struct vw_report *report, const char *whom, size_t start)
{
    size_t n = 0;
    for (size_t i = start; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        n += f->change && fails(f) && same(f->change->hurts, whom);
    }
    return n;
}

/* Of a comparison: who can no longer speak with whom. */
static void put_hurt(struct page *p)
{
    const struct vw_report *report = p->report;
    const char *open = "<h2>What this breaks</h2>\n<table><tbody>\n", *close = "";
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        if (!f->change || !fails(f))
            continue;
        const char *whom = f->change->hurts;
        size_t n = count_hurt(report, whom, i);
        if (n != count_hurt(report, whom, 0))
            continue;
        fprintf(p->out, "%s<tr><td class=n>%zu</td><td>", open, n);
        put(p, whom ? whom : "nobody");
        fputs("</td></tr>\n", p->out);
        open = "";
        close = "</tbody></table>\n";
    }
    fputs(close, p->out);
}

/* ---- clauses ---- */

enum column { PASSED, LENIENT, FAILED, LEFT_OUT, COLUMNS };

static enum column column_of(const struct vw_finding *f)
{
    if (fails(f))
        return FAILED;
    return f->verdict == VW_PASS ? PASSED : f->verdict == VW_SKIP ? LEFT_OUT : LENIENT;
}

static void put_clause(struct page *p, const struct vw_clause *c)
{
    const struct vw_groups *groups = p->report->groups;
    size_t n[COLUMNS] = {0}, all = 0;
    for (size_t i = 0; i < p->report->count; i++) {
        const struct vw_finding *f = p->report->findings[i];
        if (f->verdict != VW_NOT_RUN && vw_clause_is_among(f->clauses, c->id)) {
            n[column_of(f)]++;
            all++;
        }
    }
    bool blamed = false;
    for (size_t i = 0; groups && i < groups->count && !blamed; i++)
        blamed = vw_clause_is_among(groups->list[i].clauses, c->id);
    if (!all && !blamed)
        return;
    fprintf(p->out,
            "<tr><td><a href=\"#results\" data-field=clause data-value=%s>%s</a></td>"
            "<td class=wide>",
            c->id, c->id);
    put(p, c->brief);
    fprintf(p->out, "</td><td class=n>%zu</td><td class=n>%zu</td>", n[PASSED], n[LENIENT]);
    fprintf(p->out, "<td class=\"n%s\">%zu</td><td class=n>%zu</td><td>%s</td></tr>\n",
            n[FAILED] ? " bad" : "", n[FAILED], n[LEFT_OUT], blamed ? "yes" : "");
}

static void put_clauses(struct page *p)
{
    bool any = false;
    for (size_t i = 0; i < p->report->count && !any; i++)
        any = *p->report->findings[i]->clauses;
    if (!any)
        return;
    fputs("<h2>Clauses</h2>\n<details><summary>Cases of each clause</summary>\n<table><thead><tr>"
          "<th></th><th class=wide>says</th><th class=n>pass</th><th class=n>lenient</th>"
          "<th class=n>fail</th><th class=n>skip</th><th>a cause</th></tr></thead>\n<tbody>\n",
          p->out);
    for (const struct vw_clause *c = vw_clauses; c->id; c++)
        put_clause(p, c);
    fputs("</tbody></table></details>\n", p->out);
}

/* ---- a finding in full ---- */

static void write_location(const struct vw_location *at, FILE *out)
{
    const char *apart = "";
    if (at->file && *at->file) {
        fprintf(out, at->line ? "%s:%u" : "%s", at->file, at->line);
        apart = ", ";
    }
    if (at->side) {
        fprintf(out, "%sbytes of the %s", apart, at->side);
        apart = ", ";
    }
    if (at->path && *at->path) {
        fprintf(out, "%sat %s", apart, at->path);
        apart = ", ";
    }
    if (at->in_bytes)
        fprintf(out, "%soffset %llu", apart, (unsigned long long)at->offset);
}

static void write_place(const struct vw_report *report, const struct vw_finding *f, FILE *out)
{
    write_location(&f->place, out);
}

static void write_before(const struct vw_report *report, const struct vw_finding *f, FILE *out)
{
    write_location(&f->change->before, out);
}

static void write_touches(const struct vw_report *report, const struct vw_finding *f, FILE *out)
{
    vw_report_touches(f->change, TOUCHES_MAX, out);
}

static void write_seen(const struct vw_report *report, const struct vw_finding *f, FILE *out)
{
    vw_report_seen(&f->change->seen->cases, "case", out);
    if (f->change->seen->looked_at_captures) {
        fputs("; ", out);
        vw_report_seen(&f->change->seen->captures, "capture", out);
    }
}

static void put_made_term(struct page *p, const char *term,
                          void (*write)(const struct vw_report *report, const struct vw_finding *f,
                                        FILE *out),
                          const struct vw_finding *f)
{
    fprintf(p->out, "<dt>%s</dt><dd>", term);
    put_made(p, write, f);
    fputs("</dd>\n", p->out);
}

/* The bytes that prove it, and beside them both readings. */
static void put_witness(struct page *p, const struct vw_witness *w)
{
    if (w->missing) {
        put_in(p, "p", "incomplete", "unconfirmed");
        put_in(p, "p", "found", w->missing);
        return;
    }
    fputs("<p>bytes of the ", p->out);
    put(p, w->writer);
    fputs(", ", p->out);
    put(p, w->what);
    fputs("</p>\n<div class=wire>", p->out);
    vw_html_bytes(w->bytes, w->len < BYTES_MAX ? w->len : BYTES_MAX, p->out);
    fputs("<dl class=means>", p->out);
    put_term(p, "written", w->written);
    put_term(p, "read", w->read);
    put_term(p, "rpcgen", w->rpcgen);
    put_term(p, "rpcgen read", w->rpcgen_text);
    fputs("</dl></div>\n", p->out);
    if (w->len > BYTES_MAX)
        fprintf(p->out, "<p>%zu bytes in all</p>\n", w->len);
}

static void put_change(struct page *p, const struct vw_finding *f)
{
    const struct vw_change *c = f->change;
    fputs("<dl>\n", p->out);
    put_term(p, "class", c->class);
    put_term(p, "meaning", c->meaning);
    put_term(p, "hurts", c->hurts);
    put_term(p, "waived", c->waived);
    put_made_term(p, "place", write_place, f);
    if (c->before.file && *c->before.file)
        put_made_term(p, "before", write_before, f);
    if (c->n_touches)
        put_made_term(p, "touches", write_touches, f);
    if (c->seen)
        put_made_term(p, "seen in", write_seen, f);
    put_term(p, "fingerprint", c->fingerprint);
    fputs("</dl>\n", p->out);
    if (c->witness)
        put_witness(p, c->witness);
}

static void put_case(struct page *p, const struct vw_finding *f)
{
    char count[32] = "";
    if (f->count > 1)
        snprintf(count, sizeof(count), "stands for %zu", f->count);
    fputs("<dl>\n", p->out);
    put_term(p, "level", vw_level_name(f->level));
    put_made_term(p, "place", write_place, f);
    put_term(p, "clauses", f->clauses);
    put_term(p, "also", f->also);
    put_term(p, "step", f->expected);
    put_term(p, "only when", f->only_when);
    put_term(p, "times", count);
    fputs("</dl>\n", p->out);
}

static void put_frames(struct page *p, const struct vw_finding *f)
{
    size_t len = f->frames ? strlen(f->frames) : 0;
    if (len > p->room) {
        fputs("<p class=incomplete>No room here for its messages: the JSON report has them.</p>\n",
              p->out);
        return;
    }
    p->room -= len;
    if (len)
        vw_html_frames(f->frames, p->out);
}

static void put_more(struct page *p, const struct vw_finding *f)
{
    fputs("<div class=more>\n", p->out);
    put_in(p, "p", "", f->title);
    if (f->change)
        put_change(p, f);
    else
        put_case(p, f);
    put_frames(p, f);
    if (fails(f)) {
        fputs("<p class=again><code>", p->out);
        put_made(p, vw_report_rerun, f);
        fputs("</code></p>\n", p->out);
    }
    fputs("</div>", p->out);
}

/* ---- rows ---- */

static void put_brief(struct page *p, const struct vw_finding *f)
{
    fprintf(p->out, "<b>%s</b> ", vw_verdict_name(f->verdict));
    put_in(p, "code", "", vw_finding_name(f));
    fputs(" <i>", p->out);
    put(p, f->clauses);
    fputs("</i>", p->out);
    put_in(p, "q", "", f->found);
}

/* GROUP: from 1; 0: none. */
static void put_row(struct page *p, const struct vw_finding *f, size_t group, bool full)
{
    fprintf(p->out, "<li class=%s id=f%zu", vw_verdict_name(f->verdict), ++p->number);
    if (group)
        fprintf(p->out, " data-cause=%zu", group);
    fputs(full ? "><details><summary>" : ">", p->out);
    put_brief(p, f);
    if (full) {
        fputs("</summary>", p->out);
        put_more(p, f);
        fputs("</details>", p->out);
    }
    fputs("</li>\n", p->out);
}

/* How many of each cause have their messages shown, so that none of another is left out for them.
 */
static size_t fit(const struct vw_groups *groups)
{
    size_t room = ROOM;
    for (size_t each = 0; each < EACH_MAX; each++)
        for (size_t i = 0; i < groups->count; i++) {
            const struct vw_group *g = &groups->list[i];
            size_t len =
                each < g->count && g->list[each]->frames ? strlen(g->list[each]->frames) : 0;
            if (len > room)
                return each ? each : 1;
            room -= len;
        }
    return EACH_MAX;
}

static void put_groups(struct page *p)
{
    const struct vw_groups *groups = p->report->groups;
    size_t each = fit(groups);
    for (size_t i = 0; i < groups->count; i++)
        for (size_t k = 0; k < groups->list[i].count; k++)
            put_row(p, groups->list[i].list[k], i + 1, k < each);
}

/* What ended as V and is in no cause. */
static void put_verdict(struct page *p, enum vw_verdict v)
{
    for (size_t i = 0; i < p->report->count; i++) {
        const struct vw_finding *f = p->report->findings[i];
        bool grouped = p->report->groups && fails(f);
        if (f->verdict == v && !grouped)
            put_row(p, f, 0, fails(f) || (f->change && v != VW_PASS));
    }
}

static void put_results(struct page *p)
{
    static const enum vw_verdict order[] = {VW_FAIL,    VW_CRASH, VW_HUNG, VW_ERROR, VW_XPASS,
                                            VW_LENIENT, VW_XFAIL, VW_SKIP, VW_PASS};
    fputs(
        "<h2 id=results>Results</h2>\n<form hidden>"
        "<input name=text type=search placeholder=\"text\" aria-label=text autocomplete=off>"
        "<select name=verdict aria-label=verdict><option value=\"\">all verdicts</option></select>"
        "<select name=clause aria-label=clause><option value=\"\">all clauses</option></select>"
        "<select name=cause aria-label=cause><option value=\"\">all causes</option></select>"
        "<button type=reset>all</button> <output id=shown></output></form>\n<ul id=all>\n",
        p->out);
    if (p->report->groups)
        put_groups(p);
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        put_verdict(p, order[i]);
    fputs("</ul>\n", p->out);
}

static int write_html(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    struct page p = {.report = report, .out = out, .room = ROOM};
    put_head(&p);
    put_causes(&p);
    put_hurt(&p);
    put_clauses(&p);
    put_results(&p);
    fprintf(out, "<script>%s</script>\n</body>\n</html>\n", vw_page_script);
    return p.failed ? vw_error_nomem(err) : 0;
}

const struct vw_report_kind vw_report_html = {
    .name = "html",
    .about = "a page for a browser",
    .write = write_html,
};
