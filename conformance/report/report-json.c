// SPDX-License-Identifier: MIT
// The report for programs: everything, as one JSON object.
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "base/utf8.h"
#include "conformance/cases/scenario.h"
#include "conformance/report/report.h"

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

/* Out of memory, an object is none (NULL), and so is what it would be part of: the report is whole,
 * or fails at its end. */
static void settle(json **o, json *value, bool added)
{
    if (added)
        return;
    json_object_put(value);
    json_object_put(*o);
    *o = NULL;
}

static void add(json **o, const char *key, json *value)
{
    settle(o, value, *o && value && json_object_object_add(*o, key, value) == 0);
}

static void append(json **list, json *value)
{
    settle(list, value, *list && value && json_object_array_add(*list, value) == 0);
}

static void add_text(json **o, const char *key, const char *text)
{
    if (text)
        add(o, key, text_json(text));
}

/* "F-3 D-4" as a list. */
static json *words_json(const char *words)
{
    json *list = json_object_new_array();
    for (const char *s = words; *s; s += strspn(s, " ")) {
        size_t n = strcspn(s, " ");
        append(&list, json_object_new_string_len(s, (int)n));
        s += n;
    }
    return list;
}

/* What a case says of itself. */
static json *head_of_case(const struct vw_finding *f)
{
    json *o = json_object_new_object();
    add_text(&o, "id", vw_finding_name(f));
    add_text(&o, "file", f->group);
    add_text(&o, "title", f->title);
    add(&o, "clauses", words_json(f->clauses));
    add_text(&o, "level", vw_level_name(f->level));
    return o;
}

/* Where, for what is not in a file of cases alone. */
static json *place_json(const struct vw_location *at)
{
    json *o = json_object_new_object();
    add_text(&o, "file", at->file);
    if (at->line)
        add(&o, "line", json_object_new_int64(at->line));
    add_text(&o, "side", at->side);
    if (at->path && *at->path)
        add_text(&o, "path", at->path);
    if (at->in_bytes)
        add(&o, "offset", json_object_new_uint64(at->offset));
    return o;
}

static json *case_json(const struct vw_report *report, const struct vw_finding *f)
{
    json *o = head_of_case(f);
    char *again = NULL;
    size_t len;
    FILE *out = open_memstream(&again, &len);
    if (out) {
        vw_report_rerun(report, f, out);
        fclose(out);
    }
    add_text(&o, "verdict", vw_verdict_name(f->verdict));
    add(&o, "seconds", json_object_new_double((double)f->us / 1e6));
    add_text(&o, "reason", f->found);
    add_text(&o, "step", f->expected);
    if (f->place.step)
        add(&o, "step_number", json_object_new_int((int)f->place.step));
    if (vw_verdict_is_finding(f->verdict) || f->verdict == VW_ERROR) {
        add(&o, "place", place_json(&f->place));
        add_text(&o, "cause", f->cause);
    }
    if (f->count > 1)
        add(&o, "count", json_object_new_uint64(f->count));
    add_text(&o, "transcript", f->frames);
    if (vw_verdict_is_finding(f->verdict) || f->verdict == VW_ERROR)
        add_text(&o, "again", again);
    free(again);
    return o;
}

/* ---- a list of what could be run ---- */

static json *texts_json(const struct vw_node *list)
{
    json *o = json_object_new_array();
    for (const struct vw_node *n = list ? list->first : NULL; n; n = n->next)
        append(&o, text_json(n->text));
    return o;
}

static json *needs_json(unsigned needs)
{
    json *o = json_object_new_array();
    for (unsigned bit = 0; needs >> bit; bit++)
        if (needs >> bit & 1)
            append(&o, json_object_new_string(vw_need_name(bit)));
    return o;
}

/* The verb of each step, and the numbers of those at which the case can end red. */
static void add_steps(json **o, const struct vw_node *steps)
{
    json *verbs = json_object_new_array(), *judging = json_object_new_array();
    int number = 1;
    for (const struct vw_node *step = steps->first; step; step = step->next, number++) {
        bool judges;
        append(&verbs, json_object_new_string(vw_step_verb(step, &judges)));
        if (judges)
            append(&judging, json_object_new_int(number));
    }
    add(o, "verbs", verbs);
    add(o, "judging", judging);
}

static json *planned_json(const struct vw_finding *f, const struct vw_case *c)
{
    json *o = head_of_case(f);
    add_text(&o, "path", c->path);
    add_text(&o, "effect", vw_effect_name(c->effect));
    add(&o, "needs", needs_json(c->needs));
    add(&o, "profiles", texts_json(c->profiles));
    add_text(&o, "unfit", c->unfit);
    add_steps(&o, c->steps);
    return o;
}

/* ---- the whole ---- */

static json *counts_json(const struct vw_tally *t)
{
    json *o = json_object_new_object();
    add(&o, "planned", json_object_new_uint64(t->planned));
    add(&o, "done", json_object_new_uint64(t->done));
    for (int v = 0; v < VW_VERDICTS; v++)
        add(&o, vw_verdict_name((enum vw_verdict)v), json_object_new_uint64(t->by[v]));
    return o;
}

static json *head_json(const struct vw_report *report)
{
    json *o = json_object_new_object();
    add_text(&o, "tool", "virwire");
    add_text(&o, "check", report->kind);
    add_text(&o, "suite", report->commit);
    add_text(&o, "schema", report->digest);
    add_text(&o, "profile", report->profile);
    add(&o, "seed", json_object_new_uint64(report->seed));
    add(&o, "when", json_object_new_int64(report->when));
    return o;
}

static void add_run(json **o, const struct vw_report *report)
{
    const struct vw_tally *t = report->tally;
    json *peer = json_object_new_object(), *without = json_object_new_array();
    add(o, "seconds", json_object_new_double((double)report->us / 1e6));
    add_text(&peer, "uri", report->uri);
    add_text(&peer, "driver", report->peer->driver);
    add_text(&peer, "version", report->peer->lib_version);
    add_text(&peer, "hostname", report->peer->hostname);
    add(o, "peer", peer);
    add(o, "complete", json_object_new_boolean(t->done == t->planned && !t->incomplete));
    for (const char *const *name = report->without; *name; name++)
        append(&without, json_object_new_string(*name));
    add(o, "without", without);
    add(o, "counts", counts_json(t));
}

/* Prints and puts O. */
static int print(json *o, FILE *out, struct vw_error *err)
{
    const int flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE;
    const char *text = o ? json_object_to_json_string_ext(o, flags) : NULL;
    int rc = text ? 0 : vw_error_nomem(err);
    if (text) {
        vw_shown_print(out, text, strlen(text), VW_SHOWN_JSON);
        fputc('\n', out);
    }
    json_object_put(o);
    return rc;
}

static int write_json(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    json *o = head_json(report), *cases = json_object_new_array();
    add_run(&o, report);
    for (size_t i = 0; i < report->count; i++)
        if (report->findings[i]->verdict != VW_NOT_RUN)
            append(&cases, case_json(report, report->findings[i]));
    add(&o, "cases", cases);
    return print(o, out, err);
}

static int list_json(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    json *o = head_json(report), *cases = json_object_new_array();
    for (size_t i = 0; i < report->count; i++)
        append(&cases, planned_json(report->findings[i], report->cases[i]));
    add(&o, "cases", cases);
    return print(o, out, err);
}

const struct vw_report_kind vw_report_json = {"json", "everything, for programs", write_json,
                                              list_json};
