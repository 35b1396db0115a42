// SPDX-License-Identifier: MIT
// The report for programs: everything, as one JSON object.
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "conformance/cases/scenario.h"
#include "conformance/report/clauses.h"
#include "conformance/report/dialects.h"
#include "conformance/report/frames.h"
#include "conformance/report/object-of.h"

/* "F-3 D-4" as a list. */
static json *words_json(const char *words)
{
    json *list = json_object_new_array();
    for (const char *s = words; *s; s += strspn(s, " ")) {
        size_t n = strcspn(s, " ");
        vw_object_append(&list, json_object_new_string_len(s, (int)n));
        s += n;
    }
    return list;
}

/* What a case says of itself. */
static json *head_of_case(const struct vw_finding *f)
{
    json *o = json_object_new_object();
    vw_object_add_text(&o, "id", vw_finding_name(f));
    vw_object_add_text(&o, "file", f->group);
    vw_object_add_text(&o, "title", f->title);
    vw_object_add(&o, "clauses", words_json(f->clauses));
    vw_object_add_text(&o, "level", vw_level_name(f->level));
    return o;
}

/* Where, for what is not in a file of cases alone. */
static json *place_json(const struct vw_location *at)
{
    json *o = json_object_new_object();
    vw_object_add_text(&o, "file", at->file);
    if (at->line)
        vw_object_add(&o, "line", json_object_new_int64(at->line));
    vw_object_add_text(&o, "side", at->side);
    if (at->path && *at->path)
        vw_object_add_text(&o, "path", at->path);
    if (at->in_bytes)
        vw_object_add(&o, "offset", json_object_new_uint64(at->offset));
    return o;
}

/* The bytes that prove it: at most so many, and how many there are. */
static json *witness_json(const struct vw_witness *w)
{
    enum { BYTES_MAX = 4096 };
    json *o = json_object_new_object();
    char hex[2 * BYTES_MAX + 1];
    vw_object_add(&o, "confirmed", json_object_new_boolean(!w->missing));
    vw_object_add_text(&o, "missing", w->missing);
    if (w->missing)
        return o;
    vw_hex_encode(w->bytes, w->len < BYTES_MAX ? w->len : BYTES_MAX, hex);
    vw_object_add_text(&o, "what", w->what);
    vw_object_add_text(&o, "writer", w->writer);
    vw_object_add_text(&o, "reader", w->reader);
    vw_object_add_text(&o, "bytes", hex);
    vw_object_add(&o, "length", json_object_new_uint64(w->len));
    vw_object_add_text(&o, "written", w->written);
    vw_object_add_text(&o, "read", w->read);
    vw_object_add_text(&o, "rpcgen", w->rpcgen);
    vw_object_add_text(&o, "rpcgen_read", w->rpcgen_text);
    return o;
}

static json *seen_json(const struct vw_usage_in *s)
{
    json *o = json_object_new_object(), *names = json_object_new_array();
    for (size_t i = 0; i < s->kept; i++)
        vw_object_append(&names, vw_object_text(s->names[i]));
    vw_object_add(&o, "total", json_object_new_uint64(s->total));
    vw_object_add(&o, "first", names);
    return o;
}

/* What a change does to whom. */
static json *change_json(const struct vw_change *c)
{
    json *o = json_object_new_object(), *touches = json_object_new_array();
    vw_object_add_text(&o, "class", c->class);
    vw_object_add_text(&o, "hurts", c->hurts);
    vw_object_add_text(&o, "fingerprint", c->fingerprint);
    vw_object_add_text(&o, "waived", c->waived);
    for (size_t i = 0; i < c->n_touches; i++)
        vw_object_append(&touches, vw_object_text(c->touches[i]));
    vw_object_add(&o, "touches", touches);
    vw_object_add(&o, "before", place_json(&c->before));
    vw_object_add(&o, "companion", json_object_new_boolean(c->companion));
    if (c->seen)
        vw_object_add(&o, "cases", seen_json(&c->seen->cases));
    if (c->seen && c->seen->looked_at_captures)
        vw_object_add(&o, "captures", seen_json(&c->seen->captures));
    if (c->witness)
        vw_object_add(&o, "witness", witness_json(c->witness));
    return o;
}

static json *again_json(const struct vw_report *report, const struct vw_finding *f)
{
    char *again = NULL;
    size_t len;
    FILE *out = open_memstream(&again, &len);
    if (out)
        vw_report_rerun(report, f, out);
    json *o = out && fclose(out) == 0 ? vw_object_text(again) : NULL;
    free(again);
    return o;
}

/* Of the bytes of M those in brackets, from the start of the length word. */
static json *marks_json(const struct vw_listed_frame *m)
{
    json *marks = json_object_new_array();
    for (size_t at = 0, end; at < m->n; at = end + 1) {
        for (end = at; end < m->n && m->marked[end];)
            end++;
        if (end == at)
            continue;
        json *mark = json_object_new_object();
        vw_object_add(&mark, "offset", json_object_new_uint64(at));
        vw_object_add(&mark, "length", json_object_new_uint64(end - at));
        vw_object_append(&marks, mark);
    }
    return marks;
}

static void add_line(json **o, const char *key, struct vw_frame_line l)
{
    if (l.len == 0)
        return;
    char *text = strndup(l.text, l.len);
    vw_object_add(o, key, text ? vw_object_text(text) : NULL);
    free(text);
}

static json *frame_json(const struct vw_listed_frame *m)
{
    json *o = json_object_new_object();
    char hex[2 * VW_FRAME_KEPT + 1];
    vw_object_add(&o, "seconds", json_object_new_double(strtod(m->time.text, NULL)));
    vw_object_add_text(&o, "way", m->way == '>' ? "sent" : m->way == '<' ? "received" : "remark");
    add_line(&o, "head", m->head);
    add_line(&o, "decoded", m->decoded);
    if (m->n) {
        vw_hex_encode(m->bytes, m->n, hex);
        vw_object_add_text(&o, "bytes", hex);
        vw_object_add(&o, "length", json_object_new_uint64(m->cut ? m->cut : m->n));
        vw_object_add(&o, "marks", marks_json(m));
    }
    if (m->broken)
        vw_object_add(&o, "broken", json_object_new_boolean(true));
    return o;
}

/* What the transcript says, as data. */
static void add_frames(json **o, const char *text)
{
    json *list = json_object_new_array();
    while (text && *text) {
        const struct vw_listed_frame m = vw_listed_frame_next(&text);
        if (m.way)
            vw_object_append(&list, frame_json(&m));
    }
    if (list && json_object_array_length(list) == 0)
        json_object_put(list);
    else
        vw_object_add(o, "frames", list);
}

json *vw_object_of_finding(const struct vw_report *report, const struct vw_finding *f)
{
    json *o = head_of_case(f);
    vw_object_add_text(&o, "verdict", vw_verdict_name(f->verdict));
    vw_object_add(&o, "seconds", vw_object_seconds(f->us));
    if (f->cost.known) {
        vw_object_add(&o, "input_bytes", json_object_new_uint64(f->cost.input));
        vw_object_add(&o, "memory_bytes", json_object_new_uint64(f->cost.memory));
    }
    vw_object_add_text(&o, "reason", f->found);
    vw_object_add_text(&o, "step", f->expected);
    vw_object_add_text(&o, "only_when", f->only_when);
    if (vw_report_is_slow(report, f))
        vw_object_add(&o, "slow", json_object_new_boolean(true));
    if (f->place.step)
        vw_object_add(&o, "step_number", json_object_new_int((int)f->place.step));
    if (f->change)
        vw_object_add(&o, "change", change_json(f->change));
    if (f->change || vw_verdict_is_finding(f->verdict) || f->verdict == VW_ERROR) {
        const struct vw_clause *clause = vw_clause_first(f->clauses);
        vw_object_add_text(&o, "sentence", clause ? clause->brief : NULL);
        vw_object_add(&o, "place", place_json(&f->place));
        vw_object_add_text(&o, "cause", f->cause);
        if (f->also)
            vw_object_add(&o, "also", words_json(f->also));
    }
    if (f->count > 1)
        vw_object_add(&o, "count", json_object_new_uint64(f->count));
    vw_object_add_text(&o, "transcript", f->frames);
    /* As on the console, one finding of each cause: thousands are as long as what they explain. */
    size_t number;
    const struct vw_group *g = vw_report_group(report, f, &number);
    if (g && g->list[0] == f)
        add_frames(&o, f->frames);
    if (vw_verdict_is_finding(f->verdict) || f->verdict == VW_ERROR)
        vw_object_add(&o, "again", again_json(report, f));
    return o;
}

/* ---- a list of what could be run ---- */

static json *texts_json(const struct vw_node *list)
{
    json *o = json_object_new_array();
    for (const struct vw_node *n = list ? list->first : NULL; n; n = n->next)
        vw_object_append(&o, vw_object_text(n->text));
    return o;
}

static json *needs_json(unsigned needs)
{
    json *o = json_object_new_array();
    for (unsigned bit = 0; needs >> bit; bit++)
        if (needs >> bit & 1)
            vw_object_append(&o, json_object_new_string(vw_need_name(bit)));
    return o;
}

/* The verb of each step, and the numbers of those at which the case can end red. */
static void add_steps(json **o, const struct vw_node *steps)
{
    json *verbs = json_object_new_array(), *judging = json_object_new_array();
    int number = 1;
    for (const struct vw_node *step = steps->first; step; step = step->next, number++) {
        bool judges;
        vw_object_append(&verbs, json_object_new_string(vw_step_verb(step, &judges)));
        if (judges)
            vw_object_append(&judging, json_object_new_int(number));
    }
    vw_object_add(o, "verbs", verbs);
    vw_object_add(o, "judging", judging);
}

static json *planned_json(const struct vw_finding *f, const struct vw_case *c)
{
    json *o = head_of_case(f);
    vw_object_add_text(&o, "path", c->path);
    vw_object_add_text(&o, "effect", vw_effect_name(c->effect));
    vw_object_add(&o, "needs", needs_json(c->needs));
    vw_object_add(&o, "profiles", texts_json(c->profiles));
    vw_object_add_text(&o, "unfit", c->unfit);
    if (c->unconditional)
        vw_object_add(&o, "conditions", json_object_new_boolean(false));
    add_steps(&o, c->steps);
    return o;
}

/* ---- the whole ---- */

static json *counts_json(const struct vw_tally *t)
{
    json *o = json_object_new_object();
    vw_object_add(&o, "planned", json_object_new_uint64(t->planned));
    vw_object_add(&o, "done", json_object_new_uint64(t->done));
    for (int v = 0; v < VW_VERDICTS; v++)
        vw_object_add(&o, vw_verdict_name((enum vw_verdict)v), json_object_new_uint64(t->by[v]));
    return o;
}

json *vw_object_of_head(const struct vw_report *report)
{
    json *o = json_object_new_object();
    vw_object_add_text(&o, "tool", "virwire");
    vw_object_add_text(&o, "check", report->kind);
    vw_object_add_text(&o, "suite", report->commit);
    vw_object_add_text(&o, "schema", report->digest);
    vw_object_add_text(&o, "profile", report->profile);
    if (report->excused_by)
        vw_object_add_text(&o, "excused_by", report->excused_by);
    if (report->program)
        vw_object_add_text(&o, "program", report->program);
    if (report->implements)
        vw_object_add_text(&o, "implements", report->implements);
    vw_object_add(&o, "seed", json_object_new_uint64(report->seed));
    vw_object_add(&o, "when", json_object_new_int64(report->when));
    return o;
}

static json *rates_json(const struct vw_report *report)
{
    json *o = json_object_new_object();
    for (int level = VW_LEVEL_MAY; level <= VW_LEVEL_MUST; level++) {
        const struct vw_rate rate = vw_report_rate(report, (enum vw_level)level);
        json *of = json_object_new_object();
        vw_object_add(&of, "met", json_object_new_uint64(rate.met));
        vw_object_add(&of, "of", json_object_new_uint64(rate.of));
        vw_object_add(&o, vw_level_name((enum vw_level)level), of);
    }
    return o;
}

void vw_object_add_run(json **o, const struct vw_report *report)
{
    const struct vw_tally *t = report->tally;
    json *peer = json_object_new_object(), *without = json_object_new_array();
    vw_object_add(o, "seconds", vw_object_seconds(report->us));
    vw_object_add_text(o, "against", report->against);
    vw_object_add_text(&peer, "uri", report->uri);
    vw_object_add_text(&peer, "driver", report->peer->driver);
    vw_object_add_text(&peer, "version", report->peer->lib_version);
    vw_object_add_text(&peer, "hostname", report->peer->hostname);
    vw_object_add(o, "peer", peer);
    vw_object_add(o, "complete", json_object_new_boolean(t->done == t->planned && !t->incomplete));
    vw_object_add_text(o, "why_incomplete", t->why);
    for (const char *const *name = report->without; *name; name++)
        vw_object_append(&without, json_object_new_string(*name));
    vw_object_add(o, "without", without);
    if (report->conditions)
        vw_object_add(o, "conditions", json_object_new_uint64(report->conditions));
    if (report->dialects)
        vw_object_add(o, "dialect", vw_dialects_json(report->dialects));
    vw_object_add(o, "counts", counts_json(t));
    if (report->rated)
        vw_object_add(o, "rates", rates_json(report));
}

static json *group_json(const struct vw_group *g)
{
    json *o = json_object_new_object(), *cases = json_object_new_array();
    vw_object_add_text(&o, "cause", g->cause);
    vw_object_add(&o, "clauses", words_json(g->clauses));
    vw_object_add(&o, "count", json_object_new_uint64(g->count));
    for (size_t i = 0; i < g->count; i++)
        vw_object_append(&cases, vw_object_text(vw_finding_name(g->list[i])));
    vw_object_add(&o, "cases", cases);
    return o;
}

json *vw_object_of_groups(const struct vw_groups *groups)
{
    json *list = json_object_new_array();
    for (size_t i = 0; i < groups->count; i++)
        vw_object_append(&list, group_json(&groups->list[i]));
    return list;
}

static int write_json(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    json *o = vw_object_of_head(report), *cases = json_object_new_array();
    vw_object_add_run(&o, report);
    for (size_t i = 0; i < report->count; i++)
        if (report->findings[i]->verdict != VW_NOT_RUN)
            vw_object_append(&cases, vw_object_of_finding(report, report->findings[i]));
    if (report->groups)
        vw_object_add(&o, "groups", vw_object_of_groups(report->groups));
    vw_object_add(&o, "cases", cases);
    return vw_object_print(o, out, err);
}

static int list_json(const struct vw_report *report, FILE *out, struct vw_error *err)
{
    json *o = vw_object_of_head(report), *cases = json_object_new_array();
    for (size_t i = 0; i < report->count; i++)
        vw_object_append(&cases, planned_json(report->findings[i], report->cases[i]));
    vw_object_add(&o, "cases", cases);
    return vw_object_print(o, out, err);
}

const struct vw_report_kind vw_report_json = {
    .name = "json", .about = "everything, for programs", .write = write_json, .list = list_json};
