// SPDX-License-Identifier: MIT
// The report for people: what is wrong, in full; what is lenient or skipped, in short; the sum.
#include <string.h>

#include "conformance/report/clauses.h"
#include "conformance/report/dialects.h"
#include "conformance/report/report.h"

#define REASONS_MAX     24
#define TOUCHES_MAX     8
#define DEAREST_MAX     3
#define ROOM            34 /* lines for what fails, unless all is asked for */
#define ROOM_FOR_OTHERS 8  /* lines that are left for the causes behind */
#define FRAMES_MAX      22 /* lines of the messages of one finding */

static void indent(const char *text, const char *margin, FILE *out)
{
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, "\n");
        fprintf(out, "%s%.*s\n", margin, (int)n, s);
        s += n + (s[n] == '\n');
    }
}

static void print_place(const struct vw_location *at, FILE *out)
{
    if (at->file)
        fprintf(out, ", %s", at->file);
    if (at->file && at->line)
        fprintf(out, ":%u", at->line);
    if (at->side)
        fprintf(out, ", bytes of the %s", at->side);
    if (at->path && *at->path)
        fprintf(out, ", at %s", at->path);
    if (at->in_bytes)
        fprintf(out, ", offset %llu", (unsigned long long)at->offset);
}

/* ---- what fails, by its causes ---- */

static size_t lines_of(const char *text)
{
    size_t n = 0;
    for (const char *s = text ? text : ""; *s; n++) {
        s += strcspn(s, "\n");
        s += *s == '\n';
    }
    return n;
}

/* The last MAX lines of TEXT. */
static const char *last_lines(const char *text, size_t max)
{
    for (size_t n = lines_of(text); n > max; n--)
        text += strcspn(text, "\n") + 1;
    return text;
}

/* The messages in at most MAX lines: without the log-in if that has been SHOWN or there is no room,
 * and then without what is longest ago. */
static void print_frames(const struct vw_finding *f, size_t max, bool *shown, FILE *out)
{
    const char *text = f->frames;
    if (f->entry && (*shown || lines_of(text) > max)) {
        fprintf(out, "  (the log-in%s)\n", *shown ? " as above" : "; -v shows it");
        text += f->entry;
        max--;
    } else {
        *shown = *shown || f->entry;
    }
    size_t n = lines_of(text);
    if (n > max) {
        fprintf(out, "  (%zu lines before; -v shows them)\n", n - max + 1);
        text = last_lines(text, max - 1);
    }
    indent(text, "  ", out);
}

/* What the first of CLAUSES says. */
static void print_clause(const char *clauses, FILE *out)
{
    const struct vw_clause *c = vw_clause_first(clauses);
    if (c)
        fprintf(out, "  %s: %s\n", c->id, c->brief);
}

static void print_head(const struct vw_finding *f, const struct vw_group *g, FILE *out)
{
    const char *clauses = g && *g->clauses ? g->clauses : f->clauses;
    fprintf(out, "\n%s %s\n", vw_verdict_name(f->verdict), vw_finding_name(f));
    if (f->title)
        fprintf(out, "  %s\n", f->title);
    fprintf(out, "  %s%s%s(%s)", *clauses ? "clause " : "", clauses, *clauses ? " " : "",
            vw_level_name(f->level));
    print_place(&f->place, out);
    fputc('\n', out);
    print_clause(clauses, out);
    if (f->expected)
        fprintf(out, "  step: %s\n", f->expected);
    if (f->found)
        indent(f->found, "  found: ", out);
    if (f->only_when)
        fprintf(out, "  only when: %s\n", f->only_when);
}

static void print_ids(const struct vw_group *g, FILE *out)
{
    for (size_t i = 1; i < g->count; i++)
        fprintf(out, "    %s %s\n", vw_verdict_name(g->list[i]->verdict),
                vw_finding_name(g->list[i]));
}

static void print_more(const struct vw_report *report, const struct vw_group *g, FILE *out)
{
    if (g && g->count > 1) {
        fprintf(out, "  and %zu more like it (%s)%s\n", g->count - 1, g->cause,
                report->verbose ? ":" : "; -v names them");
        if (report->verbose)
            print_ids(g, out);
    }
}

/* The finding F, the first of G (NULL: of none). MAX: lines of its messages. */
static void print_finding(const struct vw_report *report, const struct vw_finding *f,
                          const struct vw_group *g, size_t max, bool *shown, FILE *out)
{
    print_head(f, g, out);
    if (f->count > 1)
        fprintf(out, "  and %zu more\n", f->count - 1);
    if (f->frames)
        print_frames(f, max, shown, out);
    print_more(report, g, out);
    fputs("  again: ", out);
    vw_report_rerun(report, f, out);
    fputc('\n', out);
}

/* One line. */
static void print_short(const struct vw_group *g, FILE *out)
{
    const struct vw_finding *f = g->list[0];
    const char *found = f->found ? f->found : "";
    fprintf(out, "%s %s (clause %s): %.*s", vw_verdict_name(f->verdict), vw_finding_name(f),
            g->clauses, (int)strcspn(found, "\n"), found);
    if (f->only_when)
        fprintf(out, " (only when %s)", f->only_when);
    if (g->count > 1)
        fprintf(out, "; and %zu more like it", g->count - 1);
    fputc('\n', out);
}

/* Lines that F takes beside its messages. */
static size_t lines_beside(const struct vw_finding *f)
{
    return 6 + (f->title != NULL) + (f->expected != NULL) + lines_of(f->found) + (f->count > 1) +
           (f->only_when != NULL);
}

/* Findings that stand for themselves. */
static void print_each(const struct vw_report *report, FILE *out)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        bool shown = false;
        if (vw_verdict_is_finding(f->verdict) || f->verdict == VW_ERROR)
            print_finding(report, f, NULL, SIZE_MAX, &shown, out);
    }
}

/* The first cause in full, others as long as there is ROOM (lines), further ones in a line each. */
static void print_groups(const struct vw_report *report, size_t room, FILE *out)
{
    const struct vw_groups *groups = report->groups;
    bool shown = false, brief = false;
    size_t i = 0, others = 0;
    for (; i < groups->count && (report->verbose || room > 1); i++) {
        const struct vw_group *g = &groups->list[i];
        size_t beside = lines_beside(g->list[0]), frames = lines_of(g->list[0]->frames);
        size_t max = frames < FRAMES_MAX ? frames : FRAMES_MAX;
        bool full = i == 0 || report->verbose || room >= beside + max + ROOM_FOR_OTHERS;
        if (full && !brief) {
            print_finding(report, g->list[0], g, report->verbose ? SIZE_MAX : max, &shown, out);
            room -= room < beside + max ? room : beside + max;
            continue;
        }
        if (!brief)
            fputc('\n', out);
        brief = true;
        print_short(g, out);
        room--;
    }
    for (size_t j = i; j < groups->count; j++)
        others += groups->list[j].count;
    if (others)
        fprintf(out, "and %zu more of %zu other causes; -v shows them\n", others,
                groups->count - i);
}

/* The bytes that prove it, and both readings. */
static void print_witness(const struct vw_witness *w, FILE *out)
{
    if (w->missing) {
        fprintf(out, "  unconfirmed: %s\n", w->missing);
        return;
    }
    fprintf(out, "  bytes of the %s, %s: ", w->writer, w->what);
    vw_report_bytes(w, out);
    fprintf(out, "\n    %s: %s\n    %s: %s\n", w->writer, w->written, w->reader, w->read);
    if (w->rpcgen)
        fprintf(out, "    rpcgen and libtirpc: %s: %s\n", w->rpcgen, w->rpcgen_text);
}

/* What a change does to whom. */
static void print_change(const struct vw_report *report, const struct vw_finding *f, FILE *out)
{
    const struct vw_change *c = f->change;
    const struct vw_location *was = &c->before, *is = &f->place;
    fprintf(out, "  class %s", c->class);
    if (is->file && *is->file)
        fprintf(out, ", %s:%u:%u", is->file, is->line, is->column);
    if (was->file && *was->file)
        fprintf(out, ", before at %s:%u:%u", was->file, was->line, was->column);
    fprintf(out, "\n  found: %s\n", f->found);
    if (c->hurts)
        fprintf(out, "  hurts: %s\n", c->hurts);
    if (c->n_touches) {
        fputs("  touches: ", out);
        vw_report_touches(c, TOUCHES_MAX, out);
        fputc('\n', out);
    }
    if (c->seen) {
        fputs("  seen in: ", out);
        vw_report_seen(&c->seen->cases, "case", out);
        if (c->seen->looked_at_captures) {
            fputs("; ", out);
            vw_report_seen(&c->seen->captures, "capture", out);
        }
        fputc('\n', out);
    }
    if (c->witness)
        print_witness(c->witness, out);
    fprintf(out, "  fingerprint: %s\n  again: ", c->fingerprint);
    vw_report_rerun(report, f, out);
    fputc('\n', out);
}

/* Changes in full where they fail, else each in a line. */
static void print_comparison(const struct vw_report *report, FILE *out)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        if (!f->change || f->verdict != VW_FAIL)
            continue;
        fprintf(out, "\n%s %s: %s\n", vw_verdict_name(f->verdict), f->rule, f->title);
        print_change(report, f, out);
    }
    fputc('\n', out);
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        if (!f->change || f->verdict == VW_FAIL)
            continue;
        fprintf(out, "%s %s", f->change->class, f->rule);
        if (f->place.file)
            fprintf(out, " %s:%u", f->place.file, f->place.line);
        fprintf(out, ": %s", f->found);
        if (f->change->waived)
            fprintf(out, " (waived: %s)", f->change->waived);
        fputc('\n', out);
    }
    fprintf(out, "\n%s against %s", report->uri, report->against);
    for (size_t i = 0; i < report->count; i++)
        if (report->findings[i]->verdict == VW_PASS)
            fprintf(out, ", %s %s", report->findings[i]->rule, report->findings[i]->found);
    fputc('\n', out);
}

/* Those that answered in the end. */
static void print_slow(const struct vw_report *report, FILE *out)
{
    const struct vw_finding *slowest = NULL;
    size_t n = 0;
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        if (!vw_report_is_slow(report, f))
            continue;
        n++;
        slowest = !slowest || f->us > slowest->us ? f : slowest;
        if (report->verbose)
            fprintf(out, "  slow: %s, %.1f s\n", vw_finding_name(f), (double)f->us / 1e6);
    }
    if (slowest && !report->verbose)
        fprintf(out, "  slow %zu: most of all %s, %.1f s; -v names them\n", n,
                vw_finding_name(slowest), (double)slowest->us / 1e6);
}

static void print_tally(const struct vw_report *report, FILE *out)
{
    char line[300];
    const struct vw_tally *t = report->tally;
    if (t->why)
        fprintf(out, "incomplete: %s\n", t->why);
    fprintf(out, "%s, %.2f s\n", vw_tally_line(t, line, sizeof(line)), (double)report->us / 1e6);
}

/* Skips and lenient verdicts come in hundreds with few reasons. */
static void print_grouped(const struct vw_report *report, enum vw_verdict v, FILE *out)
{
    const char *reasons[REASONS_MAX];
    size_t counts[REASONS_MAX] = {0}, n = 0, others = 0;
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        size_t j = 0;
        if (f->verdict == VW_NOT_RUN || f->verdict != v)
            continue;
        const char *reason = f->found ? f->found : "";
        while (j < n && strcmp(reasons[j], reason) != 0)
            j++;
        if (j < n) {
            counts[j]++;
        } else if (n < REASONS_MAX) {
            reasons[n] = reason;
            counts[n++] = 1;
        } else {
            others++;
        }
    }
    for (size_t i = 0; i < n; i++)
        fprintf(out, "  %s %zu: %s\n", vw_verdict_name(v), counts[i], reasons[i]);
    if (others)
        fprintf(out, "  %s %zu: for other reasons\n", vw_verdict_name(v), others);
}

/* ---- what a program took for what it was given ---- */

static uint64_t memory_of(const struct vw_finding *f)
{
    return f->cost.known ? f->cost.memory : 0;
}

static uint64_t time_of(const struct vw_finding *f)
{
    return f->cost.known ? (uint64_t)f->us : 0;
}

/* The DEAREST_MAX findings of which OF is largest, largest first; of equals the first. Returns how
 * many there are. */
static size_t find_dearest(const struct vw_report *report,
                           uint64_t (*of)(const struct vw_finding *f),
                           const struct vw_finding *out[DEAREST_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        size_t at = n;
        while (at > 0 && of(f) > of(out[at - 1]))
            at--;
        if (of(f) == 0 || at == DEAREST_MAX)
            continue;
        n += n < DEAREST_MAX;
        for (size_t k = n - 1; k > at; k--)
            out[k] = out[k - 1];
        out[at] = f;
    }
    return n;
}

static void print_costs(const struct vw_report *report, FILE *out)
{
    const struct vw_finding *list[DEAREST_MAX];
    size_t n = find_dearest(report, memory_of, list);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "  memory %.2f MiB for %llu bytes: %s\n",
                (double)list[i]->cost.memory / (1 << 20), (unsigned long long)list[i]->cost.input,
                vw_finding_name(list[i]));
    n = find_dearest(report, time_of, list);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "  time %.2f ms for %llu bytes: %s\n", (double)list[i]->us / 1e3,
                (unsigned long long)list[i]->cost.input, vw_finding_name(list[i]));
}

/* "12.8.0: 3386 of 3386 must, 44 of 46 should": by what the clauses say it has to do. */
static void print_rates(const struct vw_report *report, FILE *out)
{
    const char *between = *report->peer->lib_version ? report->peer->lib_version : report->kind;
    for (int level = VW_LEVEL_MUST; level >= VW_LEVEL_MAY; level--) {
        const struct vw_rate r = vw_report_rate(report, (enum vw_level)level);
        if (r.of)
            fprintf(out, "%s%s%zu of %zu %s", between, between[0] == ',' ? " " : ": ", r.met, r.of,
                    vw_level_name((enum vw_level)level));
        between = r.of ? "," : between;
    }
    if (*between == ',')
        fputc('\n', out);
}

/* Who was checked, by what, and the sum. */
static void print_end(const struct vw_report *report, FILE *out)
{
    const struct vw_peer *peer = report->peer;
    fprintf(out, "\n%s: ", report->uri);
    if (report->argv)
        fprintf(out, "%s\n", report->kind);
    else
        fprintf(out, "driver %s, version %s, host %s\n", *peer->driver ? peer->driver : "unknown",
                *peer->lib_version ? peer->lib_version : "unknown",
                *peer->hostname ? peer->hostname : "unknown");
    if (report->excused_by)
        fprintf(out, "known deviations of libvirt are no failures: %s (--expect none)\n",
                report->excused_by);
    if (report->program)
        fprintf(out, "the program %s\n", report->program);
    if (report->implements)
        fprintf(out, "implements %s\n", report->implements);
    if (report->conditions)
        fprintf(out, "what passes was played under %zu other conditions\n", report->conditions);
    if (report->dialects)
        vw_dialects_print(report->dialects, report->verbose, out);
    fprintf(out, "suite %s, profile %s, schema %.16s, seed %llu\n", report->commit, report->profile,
            report->digest, (unsigned long long)report->seed);
    for (const char *const *name = report->without; *name; name++)
        fprintf(out, "  no verdict: the check %s was left out\n", *name);
    if (report->rated)
        print_rates(report, out);
    print_grouped(report, VW_LENIENT, out);
    print_grouped(report, VW_XFAIL, out);
    print_grouped(report, VW_SKIP, out);
    print_slow(report, out);
    print_costs(report, out);
    print_tally(report, out);
}

static void print_console(const struct vw_report *report, FILE *out)
{
    if (report->against) {
        print_comparison(report, out);
        print_tally(report, out);
        return;
    }
    if (report->groups)
        print_groups(report, ROOM, out);
    else
        print_each(report, out);
    print_end(report, out);
}

static int write_console(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    return vw_report_text(report, out, print_console, err);
}

const struct vw_report_kind vw_report_console = {
    .name = "console",
    .about = "for people",
    .write = write_console,
};
