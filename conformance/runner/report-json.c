// SPDX-License-Identifier: MIT
// The report for programs: everything, as one JSON object.
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "conformance/runner/report.h"

typedef struct json_object json;

/* JSON is UTF-8; a byte of the peer that is none stands as \xNN. */
static json *text_json(const char *text)
{
    char *fine = NULL;
    size_t len = strlen(text), left = len;
    if (vw_utf8_valid(text, len) == len)
        return json_object_new_string(text);
    FILE *f = open_memstream(&fine, &len);
    if (!f)
        return NULL;
    for (size_t good; left > 0; text += good + 1, left -= good + 1) {
        good = vw_utf8_valid(text, left);
        fwrite(text, 1, good, f);
        if (good == left)
            break;
        fprintf(f, "\\x%02x", (unsigned char)text[good]);
    }
    fclose(f);
    json *out = fine ? json_object_new_string(fine) : NULL;
    free(fine);
    return out;
}

static void add_text(json *o, const char *key, const char *text)
{
    if (text)
        json_object_object_add(o, key, text_json(text));
}

static json *case_json(const struct vw_report *report, const struct vw_result *r)
{
    json *o = json_object_new_object(), *clauses = json_object_new_array();
    char *again = NULL;
    size_t len;
    FILE *f = open_memstream(&again, &len);
    if (f) {
        vw_report_rerun(report, r, f);
        fclose(f);
    }
    for (size_t i = 0; i < r->c->n_clauses; i++)
        json_object_array_add(clauses, json_object_new_string(r->c->clauses[i]));
    add_text(o, "id", r->c->id);
    add_text(o, "file", r->c->file_id);
    add_text(o, "title", r->c->title);
    json_object_object_add(o, "clauses", clauses);
    add_text(o, "level", vw_level_name(r->c->level));
    add_text(o, "verdict", vw_verdict_name(r->verdict));
    json_object_object_add(o, "seconds", json_object_new_double((double)r->us / 1e6));
    add_text(o, "reason", r->reason);
    add_text(o, "step", r->expected);
    if (r->step_no)
        json_object_object_add(o, "step_number", json_object_new_int((int)r->step_no));
    add_text(o, "transcript", r->transcript);
    if (vw_verdict_is_finding(r->verdict) || r->verdict == VW_ERROR)
        add_text(o, "again", again);
    free(again);
    return o;
}

static json *counts_json(const struct vw_tally *t)
{
    json *o = json_object_new_object();
    json_object_object_add(o, "planned", json_object_new_uint64(t->planned));
    json_object_object_add(o, "done", json_object_new_uint64(t->done));
    for (int v = 0; v < VW_VERDICTS; v++)
        json_object_object_add(o, vw_verdict_name((enum vw_verdict)v),
                               json_object_new_uint64(t->by[v]));
    return o;
}

static json *head_json(const struct vw_report *report)
{
    json *o = json_object_new_object(), *peer = json_object_new_object();
    json *without = json_object_new_array();
    add_text(o, "tool", "virwire");
    add_text(o, "check", report->kind);
    add_text(o, "suite", report->commit);
    add_text(o, "schema", report->digest);
    add_text(o, "profile", report->profile);
    json_object_object_add(o, "seed", json_object_new_uint64(report->seed));
    json_object_object_add(o, "when", json_object_new_int64(report->when));
    json_object_object_add(o, "seconds", json_object_new_double((double)report->us / 1e6));
    add_text(peer, "uri", report->uri);
    add_text(peer, "driver", report->peer->driver);
    add_text(peer, "version", report->peer->lib_version);
    add_text(peer, "hostname", report->peer->hostname);
    json_object_object_add(o, "peer", peer);
    json_object_object_add(o, "complete",
                           json_object_new_boolean(report->tally->done == report->tally->planned &&
                                                   !report->tally->incomplete));
    for (int i = 0; i < VW_IMPLICITS; i++)
        if (report->without >> i & 1)
            json_object_array_add(without,
                                  json_object_new_string(vw_implicit_name((enum vw_implicit)i)));
    json_object_object_add(o, "without", without);
    json_object_object_add(o, "counts", counts_json(report->tally));
    return o;
}

static int write_json(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    json *o = head_json(report), *cases = json_object_new_array();
    for (size_t i = 0; i < report->count; i++)
        if (report->results[i].done)
            json_object_array_add(cases, case_json(report, &report->results[i]));
    json_object_object_add(o, "cases", cases);
    const char *text =
        json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    int rc = text ? 0 : vw_error_nomem(err);
    if (text)
        fprintf(out, "%s\n", text);
    json_object_put(o);
    return rc;
}

extern const struct vw_report_kind vw_report_json;
const struct vw_report_kind vw_report_json = {"json", "everything, for programs", write_json};
