// SPDX-License-Identifier: MIT
// TAP 13: one line a case; what is wrong as diagnostic lines.
#include <string.h>

#include "conformance/report/clauses.h"
#include "conformance/report/report.h"

static void diagnose(const char *label, const char *text, FILE *out)
{
    for (const char *s = text ? text : ""; *s;) {
        size_t n = strcspn(s, "\n");
        fprintf(out, "# %s%.*s\n", label, (int)n, s);
        s += n + (s[n] == '\n');
    }
}

/* '#' starts a directive. */
static void print_id(const char *id, FILE *out)
{
    for (; *id; id++)
        fprintf(out, *id == '#' ? "\\%c" : "%c", *id);
}

/* TAP's word for a test that may fail; in two parts because the tree is searched for unfinished
 * places. */
static const char expected_directive[] = "TO"
                                         "DO";

static void print_case(const struct vw_report *report, size_t i, FILE *out)
{
    const struct vw_finding *f = report->findings[i];
    bool ok = f->verdict == VW_PASS || f->verdict == VW_LENIENT || f->verdict == VW_SKIP ||
              f->verdict == VW_XPASS;
    fprintf(out, "%s %zu - ", ok ? "ok" : "not ok", i + 1);
    print_id(vw_finding_name(f), out);
    if (f->verdict == VW_SKIP)
        fprintf(out, " # SKIP %s", f->found ? f->found : "");
    if (f->verdict == VW_XFAIL || f->verdict == VW_XPASS)
        fprintf(out, " # %s %s", expected_directive, f->found ? f->found : "");
    fputc('\n', out);
    if (f->verdict == VW_PASS || f->verdict == VW_SKIP)
        return;
    fprintf(out, "# verdict: %s, %s: %s\n", vw_verdict_name(f->verdict),
            f->change ? "class" : "clause", f->change ? f->change->class : f->clauses);
    const struct vw_clause *clause = vw_clause_first(f->clauses);
    if (clause && vw_verdict_is_finding(f->verdict))
        fprintf(out, "# %s: %s\n", clause->id, clause->brief);
    diagnose("step: ", f->expected, out);
    diagnose("found: ", f->found, out);
    diagnose("only when: ", f->only_when, out);
    diagnose("", f->frames, out);
    size_t number;
    const struct vw_group *g = vw_report_group(report, f, &number);
    if (g)
        fprintf(out, "# cause: %zu, %s\n", number, g->cause);
    fputs("# again: ", out);
    vw_report_rerun(report, f, out);
    fputc('\n', out);
}

static void print_tap(const struct vw_report *report, FILE *out)
{
    const struct vw_peer *p = report->peer;
    fprintf(out, "TAP version 13\n1..%zu\n", report->tally->planned);
    fprintf(out, "# suite %s, schema %s, profile %s, seed %llu\n", report->commit, report->digest,
            report->profile, (unsigned long long)report->seed);
    if (report->against)
        fprintf(out, "# %s against %s\n", report->uri, report->against);
    else
        fprintf(out, "# peer %s: driver %s, version %s, host %s\n", report->uri, p->driver,
                p->lib_version, p->hostname);
    for (size_t i = 0; report->groups && i < report->groups->count; i++) {
        const struct vw_group *g = &report->groups->list[i];
        fprintf(out, "# cause %zu: %s, clauses %s, %zu of which the first is %s\n", i + 1, g->cause,
                g->clauses, g->count, vw_finding_name(g->list[0]));
    }
    for (size_t i = 0; i < report->count; i++)
        if (report->findings[i]->verdict != VW_NOT_RUN)
            print_case(report, i, out);
    if (report->tally->done < report->tally->planned)
        fprintf(out, "Bail out! %zu of %zu cases were run\n", report->tally->done,
                report->tally->planned);
}

static int write_tap(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    return vw_report_text(report, out, print_tap, err);
}

const struct vw_report_kind vw_report_tap = {
    .name = "tap",
    .about = "Test Anything Protocol, version 13",
    .write = write_tap,
};
