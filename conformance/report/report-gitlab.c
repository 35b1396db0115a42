// SPDX-License-Identifier: MIT
// Code quality of GitLab: a list of what is not as it should be, shown in the merge request.
#include <stdlib.h>
#include <string.h>

#include "conformance/report/object.h"
#include "conformance/report/report.h"

static const char *severity_of(const struct vw_finding *f)
{
    bool wire = f->change && strcmp(f->change->class, "wire") == 0;
    if (f->verdict == VW_LENIENT || f->verdict == VW_XFAIL)
        return "info";
    return wire ? "blocker" : f->change ? "critical" : "major";
}

static json *finding_json(const struct vw_report *report, const struct vw_finding *f)
{
    size_t number;
    const struct vw_group *g = vw_report_group(report, f, &number);
    json *o = json_object_new_object(), *place = json_object_new_object();
    json *lines = json_object_new_object();
    const char *id = f->change ? f->change->fingerprint : vw_finding_name(f);
    vw_object_add_text(&o, "description", f->found ? f->found : vw_verdict_name(f->verdict));
    vw_object_add_text(&o, "only_when", f->only_when);
    char *proof = f->change ? vw_report_proof_text(f->change->witness) : NULL;
    if (proof) {
        json *content = json_object_new_object();
        vw_object_add_text(&content, "body", proof);
        vw_object_add(&o, "content", content);
    }
    free(proof);
    vw_object_add_text(&o, "check_name", vw_finding_name(f));
    vw_object_add_text(&o, "fingerprint", id);
    vw_object_add_text(&o, "severity", severity_of(f));
    if (g) {
        json *categories = json_object_new_array();
        vw_object_append(&categories, vw_object_text(g->cause));
        vw_object_add(&o, "categories", categories);
    }
    vw_object_add_text(&place, "path", f->place.file ? f->place.file : "");
    vw_object_add(&lines, "begin", json_object_new_int64(f->place.line ? f->place.line : 1));
    vw_object_add(&place, "lines", lines);
    vw_object_add(&o, "location", place);
    return o;
}

static int write_gitlab(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    json *list = json_object_new_array();
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        if (f->verdict != VW_PASS && f->verdict != VW_SKIP && f->verdict != VW_NOT_RUN)
            vw_object_append(&list, finding_json(report, f));
    }
    return vw_object_print(list, out, err);
}

const struct vw_report_kind vw_report_gitlab = {
    .name = "gitlab",
    .about = "code quality, for merge requests of GitLab",
    .write = write_gitlab,
};
