// SPDX-License-Identifier: MIT
// SARIF 2.1.0: what is not as it should be, with the rules, for services that show it beside the
// text. Fingerprints are stable; what is waived or expected is there as suppressed.
#include <stdlib.h>
#include <string.h>

#include "conformance/report/object.h"
#include "conformance/report/report.h"

static bool is_told(const struct vw_finding *f)
{
    return f->verdict != VW_PASS && f->verdict != VW_SKIP && f->verdict != VW_NOT_RUN;
}

static const char *level_of(const struct vw_finding *f)
{
    return f->verdict == VW_LENIENT ? "note" : "error";
}

/* A path as a relative URI. */
static json *uri_json(const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/@";
    char uri[1024];
    size_t n = 0;
    for (const char *s = path; *s && n + 4 < sizeof(uri); s++)
        n += (size_t)snprintf(uri + n, 4, strchr(plain, *s) ? "%c" : "%%%02X", (unsigned char)*s);
    uri[n] = '\0';
    return vw_object_text(uri);
}

static void add_location(json **list, const struct vw_location *at, const char *what)
{
    json *o = json_object_new_object(), *place = json_object_new_object();
    json *file = json_object_new_object(), *region = json_object_new_object();
    if (what) {
        json *message = json_object_new_object();
        vw_object_add_text(&message, "text", what);
        vw_object_add(&o, "message", message);
    }
    vw_object_add(&file, "uri", uri_json(at->file));
    vw_object_add(&place, "artifactLocation", file);
    vw_object_add(&region, "startLine", json_object_new_int64(at->line ? at->line : 1));
    if (at->column)
        vw_object_add(&region, "startColumn", json_object_new_int64(at->column));
    vw_object_add(&place, "region", region);
    vw_object_add(&o, "physicalLocation", place);
    vw_object_append(list, o);
}

static bool has_file(const struct vw_location *at)
{
    return at->file && *at->file;
}

static void add_change(json **o, const struct vw_change *c)
{
    json *properties = json_object_new_object(), *prints = json_object_new_object();
    json *touches = json_object_new_array(), *related = json_object_new_array();
    vw_object_add_text(&properties, "class", c->class);
    vw_object_add_text(&properties, "hurts", c->hurts);
    for (size_t i = 0; i < c->n_touches; i++)
        vw_object_append(&touches, vw_object_text(c->touches[i]));
    vw_object_add(&properties, "touches", touches);
    char *proof = vw_report_proof_text(c->witness);
    vw_object_add_text(&properties, "proof", proof);
    free(proof);
    vw_object_add(o, "properties", properties);
    vw_object_add_text(&prints, "virwire/v1", c->fingerprint);
    vw_object_add(o, "partialFingerprints", prints);
    if (has_file(&c->before))
        add_location(&related, &c->before, "before");
    vw_object_add(o, "relatedLocations", related);
}

/* What it is likely to come of, together with others. */
static void add_group(json **o, const struct vw_finding *f, const struct vw_group *g, size_t number)
{
    json *properties = json_object_new_object();
    vw_object_add_text(&properties, "only_when", f->only_when);
    vw_object_add_text(&properties, "cause", g->cause);
    vw_object_add_text(&properties, "clauses", g->clauses);
    vw_object_add(&properties, "group", json_object_new_uint64(number));
    vw_object_add(o, "properties", properties);
}

static json *result_json(const struct vw_report *report, const struct vw_finding *f)
{
    json *o = json_object_new_object(), *message = json_object_new_object();
    json *locations = json_object_new_array(), *suppressions = json_object_new_array();
    bool waived = f->verdict == VW_XFAIL || (f->change && f->change->waived);
    vw_object_add_text(&o, "ruleId", vw_finding_name(f));
    vw_object_add_text(&o, "level", level_of(f));
    vw_object_add_text(&message, "text", f->found ? f->found : vw_verdict_name(f->verdict));
    vw_object_add(&o, "message", message);
    if (has_file(&f->place))
        add_location(&locations, &f->place, NULL);
    vw_object_add(&o, "locations", locations);
    if (waived) {
        json *s = json_object_new_object();
        vw_object_add_text(&s, "kind", "external");
        vw_object_add_text(&s, "justification", f->change ? f->change->waived : f->found);
        vw_object_append(&suppressions, s);
    }
    vw_object_add(&o, "suppressions", suppressions);
    size_t number;
    const struct vw_group *g = vw_report_group(report, f, &number);
    if (f->change)
        add_change(&o, f->change);
    else if (g)
        add_group(&o, f, g, number);
    return o;
}

/* The rules of the findings, each once. */
static json *rules_json(const struct vw_report *report)
{
    json *rules = json_object_new_array(), *seen = json_object_new_object();
    for (size_t i = 0; i < report->count; i++) {
        const struct vw_finding *f = report->findings[i];
        json *o = NULL, *title = NULL, *meaning = NULL;
        if (!is_told(f) || json_object_object_get_ex(seen, vw_finding_name(f), NULL))
            continue;
        vw_object_add(&seen, vw_finding_name(f), json_object_new_boolean(true));
        o = json_object_new_object();
        title = json_object_new_object();
        vw_object_add_text(&o, "id", vw_finding_name(f));
        vw_object_add_text(&title, "text", f->title ? f->title : vw_finding_name(f));
        vw_object_add(&o, "shortDescription", title);
        if (f->change) {
            meaning = json_object_new_object();
            vw_object_add_text(&meaning, "text", f->change->meaning);
            vw_object_add(&o, "fullDescription", meaning);
        }
        vw_object_append(&rules, o);
    }
    json_object_put(seen);
    return rules;
}

static int write_sarif(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    json *top = json_object_new_object(), *runs = json_object_new_array();
    json *run = json_object_new_object(), *tool = json_object_new_object();
    json *driver = json_object_new_object(), *results = json_object_new_array();
    vw_object_add_text(&driver, "name", "virwire");
    vw_object_add(&driver, "rules", rules_json(report));
    vw_object_add(&tool, "driver", driver);
    vw_object_add(&run, "tool", tool);
    for (size_t i = 0; i < report->count; i++)
        if (is_told(report->findings[i]))
            vw_object_append(&results, result_json(report, report->findings[i]));
    vw_object_add(&run, "results", results);
    vw_object_append(&runs, run);
    vw_object_add_text(&top, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    vw_object_add_text(&top, "version", "2.1.0");
    vw_object_add(&top, "runs", runs);
    return vw_object_print(top, out, err);
}

const struct vw_report_kind vw_report_sarif = {
    .name = "sarif",
    .about = "SARIF 2.1.0, for code scanning",
    .write = write_sarif,
};
