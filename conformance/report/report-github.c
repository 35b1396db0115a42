// SPDX-License-Identifier: MIT
// Commands of a GitHub workflow: each finding becomes a note at its line.
#include <stdlib.h>
#include <string.h>

#include "conformance/report/clauses.h"
#include "conformance/report/report.h"

/* What would end a value or a command is written as %XX. */
static void put(const char *text, const char *special, FILE *out)
{
    for (; *text; text++)
        fprintf(out, strchr(special, *text) ? "%%%02X" : "%c", (unsigned char)*text);
}

/* G: the cause that F stands for, or NULL. */
static void print_finding(const struct vw_finding *f, const struct vw_group *g, FILE *out)
{
    static const char in_value[] = "%\r\n:,", in_text[] = "%\r\n";
    bool fails = vw_verdict_is_finding(f->verdict) || f->verdict == VW_ERROR;
    fprintf(out, "::%s ", fails ? "error" : "notice");
    if (f->place.file && *f->place.file) {
        fputs("file=", out);
        put(f->place.file, in_value, out);
        fprintf(out, ",line=%u,col=%u,", f->place.line ? f->place.line : 1,
                f->place.column ? f->place.column : 1);
    }
    fputs("title=", out);
    put(vw_finding_name(f), in_value, out);
    if (f->change) {
        fputs(" (", out);
        put(f->change->class, in_value, out);
        fputc(')', out);
    }
    fputs("::", out);
    put(f->found ? f->found : vw_verdict_name(f->verdict), in_text, out);
    const struct vw_clause *clause = vw_clause_first(f->clauses);
    if (clause) {
        fprintf(out, "%%0A%s: ", clause->id);
        put(clause->brief, in_text, out);
    }
    if (f->only_when)
        fprintf(out, "%%0Aonly when: %s", f->only_when);
    if (g) {
        fprintf(out, "%%0Aclauses: %s", g->clauses);
        if (g->count > 1)
            fprintf(out, "%%0Aand %zu more like it", g->count - 1);
    }
    if (f->change && f->change->hurts) {
        fputs("%0Ahurts: ", out);
        put(f->change->hurts, in_text, out);
    }
    char *proof = f->change ? vw_report_proof_text(f->change->witness) : NULL;
    if (proof) {
        fputs("%0Aproof: ", out);
        put(proof, in_text, out);
    }
    free(proof);
    if (f->change && f->change->waived) {
        fputs("%0Awaived: ", out);
        put(f->change->waived, in_text, out);
    }
    fputc('\n', out);
}

static void print_github(const struct vw_report *report, FILE *out)
{
    /* A workflow shows but a few notes: one for each cause. */
    for (size_t i = 0; report->groups && i < report->groups->count; i++)
        print_finding(report->groups->list[i].list[0], &report->groups->list[i], out);
    if (report->groups)
        return;
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        bool fails = vw_verdict_is_finding(f->verdict) || f->verdict == VW_ERROR;
        /* A server is lenient in hundreds of cases; a change seldom is. */
        if (fails || (f->change && f->verdict != VW_PASS))
            print_finding(f, NULL, out);
    }
}

static int write_github(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    return vw_report_text(report, out, print_github, err);
}

const struct vw_report_kind vw_report_github = {
    .name = "github",
    .about = "annotations of a GitHub workflow",
    .write = write_github,
};
