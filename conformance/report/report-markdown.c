// SPDX-License-Identifier: MIT
// Markdown, as a comment on a change: who can no longer speak with whom comes first.
#include <string.h>

#include "conformance/report/report.h"

#define TOUCHES_MAX 5

/* Nothing of TEXT is markup, and it keeps within its cell. */
static void put(const char *text, FILE *out)
{
    for (; *text; text++) {
        if (*text == '\n')
            fputs("<br>", out);
        else if (*text == '<' || *text == '&')
            fputs(*text == '<' ? "&lt;" : "&amp;", out);
        else
            fprintf(out, strchr("\\`*_{}[]#|~", *text) ? "\\%c" : "%c", *text);
    }
}

static void put_place(const struct vw_location *at, FILE *out)
{
    if (!at->file || !*at->file)
        return;
    put(at->file, out);
    if (at->line)
        fprintf(out, ":%u", at->line);
}

/* The bytes that prove it. */
static void put_witness(const struct vw_witness *w, FILE *out)
{
    if (w->missing) {
        fputs("<br>unconfirmed: ", out);
        put(w->missing, out);
        return;
    }
    fprintf(out, "<br>%s: ", w->writer);
    put(w->written, out);
    fprintf(out, "<br>%s: ", w->reader);
    put(w->read, out);
    fputs("<br>bytes: ", out);
    vw_report_bytes(w, out);
    if (w->rpcgen) {
        fprintf(out, "<br>rpcgen and libtirpc: %s: ", w->rpcgen);
        put(w->rpcgen_text, out);
    }
}

static void put_row(const struct vw_finding *f, FILE *out)
{
    fputs("| ", out);
    put(vw_finding_name(f), out);
    fprintf(out, " | %s | ", f->change ? f->change->class : vw_verdict_name(f->verdict));
    put(f->found ? f->found : "", out);
    if (f->change && f->change->waived) {
        fputs("<br>waived: ", out);
        put(f->change->waived, out);
    }
    if (f->change && f->change->witness)
        put_witness(f->change->witness, out);
    fputs(" | ", out);
    put_place(&f->place, out);
    fputs(" | ", out);
    if (f->change && f->change->n_touches) {
        char touches[600] = "";
        FILE *to = fmemopen(touches, sizeof(touches) - 1, "w");
        if (to) {
            vw_report_touches(f->change, TOUCHES_MAX, to);
            fclose(to);
        }
        put(touches, out);
    }
    fputs(" |\n", out);
}

static bool fails(const struct vw_finding *f)
{
    return vw_verdict_is_finding(f->verdict) || f->verdict == VW_ERROR;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static const char *hurts_of(const struct vw_finding *f)
{
    return f->change ? f->change->hurts : NULL;
}

static const char head[] = "\n| rule | class | what | where | touches |\n|---|---|---|---|---|\n";

/* One row for each cause. */
static void put_causes(const struct vw_report *report, FILE *out)
{
    if (report->groups->count)
        fputs("\n| cause | clauses | cases | first | what |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < report->groups->count; i++) {
        const struct vw_group *g = &report->groups->list[i];
        const struct vw_finding *f = g->list[0];
        fputs("| ", out);
        put(g->cause, out);
        fprintf(out, " | %s | %zu | ", g->clauses, g->count);
        put(vw_finding_name(f), out);
        fputs(" | ", out);
        put(f->found ? f->found : vw_verdict_name(f->verdict), out);
        if (f->only_when)
            fprintf(out, ", only when %s", f->only_when);
        fputs(" |\n", out);
    }
}

/* A table for each group of peers that is hurt, in the order of the findings. */
static void put_failures(const struct vw_report *report, FILE *out)
{
    for (size_t i = 0; i < report->count; i++) {
        const char *whom = hurts_of(report->findings[i]);
        bool first = fails(report->findings[i]);
        for (size_t k = 0; k < i && first; k++)
            first = !fails(report->findings[k]) || !same_text(whom, hurts_of(report->findings[k]));
        if (!first)
            continue;
        if (whom)
            fprintf(out, "\n**This breaks %s:**\n", whom);
        fputs(head, out);
        for (size_t k = i; k < report->count; k++)
            if (fails(report->findings[k]) && same_text(whom, hurts_of(report->findings[k])))
                put_row(report->findings[k], out);
    }
}

static void put_others(const struct vw_report *report, FILE *out)
{
    size_t n = 0;
    for (size_t i = 0; i < report->count; i++)
        n += report->findings[i]->change && !fails(report->findings[i]);
    if (!n)
        return;
    fprintf(out, "\n<details><summary>%zu more that fail nothing</summary>\n%s", n, head);
    for (size_t i = 0; i < report->count; i++)
        if (report->findings[i]->change && !fails(report->findings[i]))
            put_row(report->findings[i], out);
    fputs("\n</details>\n", out);
}

static void print_markdown(const struct vw_report *report, FILE *out)
{
    char line[300];
    size_t failures = 0;
    for (size_t i = 0; i < report->count; i++)
        failures += fails(report->findings[i]);
    fputs("## ", out);
    put(report->uri, out);
    if (report->against) {
        fputs(" against ", out);
        put(report->against, out);
    }
    fprintf(out, ": %s\n", failures ? "stopped" : "nothing stands against it");
    if (report->groups)
        put_causes(report, out);
    else
        put_failures(report, out);
    put_others(report, out);
    fprintf(out, "\n%s\n", vw_tally_line(report->tally, line, sizeof(line)));
}

static int write_markdown(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    return vw_report_text(report, out, print_markdown, err);
}

const struct vw_report_kind vw_report_markdown = {
    .name = "markdown",
    .about = "a comment for people, in Markdown",
    .write = write_markdown,
};
