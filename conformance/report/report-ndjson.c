// SPDX-License-Identifier: MIT
// The report for programs that follow a run: a line of JSON for its beginning, for each case as
// soon as it has ended, and for the end.
#include "conformance/report/object-of.h"

static int print_line(json *o, const char *what, FILE *out, struct vw_error *err)
{
    vw_object_add_text(&o, "line", what);
    return vw_object_print_line(o, out, err);
}

static int tell(const struct vw_report *report, const struct vw_finding *f, FILE *out,
                struct vw_error *err)
{
    return f ? print_line(vw_object_of_finding(report, f), "case", out, err)
             : print_line(vw_object_of_head(report), "begin", out, err);
}

/* What was not played has not been told of; an expectation is applied at the end, and what it
 * changes is told again. */
static bool is_news(const struct vw_report *report, size_t i)
{
    const enum vw_verdict v = report->findings[i]->verdict;
    return v != VW_NOT_RUN && (!report->told || !report->told[i] || v == VW_XFAIL || v == VW_XPASS);
}

static int write_ndjson(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    json *end = json_object_new_object();
    int rc = report->told ? 0 : tell(report, NULL, out, err);
    for (size_t i = 0; i < report->count && rc == 0; i++)
        if (is_news(report, i))
            rc = tell(report, report->findings[i], out, err);
    vw_object_add_run(&end, report);
    if (report->groups)
        vw_object_add(&end, "groups", vw_object_of_groups(report->groups));
    if (rc == 0)
        return print_line(end, "end", out, err);
    json_object_put(end);
    return rc;
}

const struct vw_report_kind vw_report_ndjson = {
    .name = "ndjson",
    .about = "the same a line at a time, as it comes",
    .tell = tell,
    .write = write_ndjson,
};
