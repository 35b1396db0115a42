// SPDX-License-Identifier: MIT
#include "capture/lines.h"

#include <inttypes.h>
#include <stdlib.h>

#include "message/message-json.h"
#include "xdr/json.h"

#define LINE_MAX_BYTES 400u

/* ---- text ---- */

static void print_start(struct vw_lines *l, const struct vw_line *at, const char *sign)
{
    if (!l->started) {
        l->started = true;
        l->start = at->ns;
    }
    int64_t us = (at->ns - l->start) / 1000;
    if (at->numbered)
        fprintf(l->out, "%" PRId64 ".%06" PRId64 " #%" PRIu64 " ", us / 1000000, us % 1000000,
                at->connection);
    fprintf(l->out, "%s ", sign);
}

static int print_message(struct vw_lines *l, const struct vw_line *at, const struct vw_frame *frame)
{
    char *line = vw_message_to_line(l->schema, frame, l->full ? SIZE_MAX : LINE_MAX_BYTES);
    if (!line)
        return VW_ENOMEM;
    print_start(l, at, at->talk->from == VW_SIDE_CLIENT ? ">" : "<");
    fputs(line, l->out);
    if (at->talk->answers && at->numbered)
        fprintf(l->out, " (%.3f ms)", (double)at->talk->waited / 1e6);
    fputc('\n', l->out);
    free(line);
    return 0;
}

/* ---- JSON ---- */

static const char *side_name(const struct vw_talk_event *t)
{
    return t->from == VW_SIDE_CLIENT ? "client" : "server";
}

/* Puts MESSAGE, which may be NULL; so may TEXT and CLAUSES. */
static int print_json(struct vw_lines *l, const struct vw_line *at, const char *what,
                      struct json_object *message, const char *clauses, const char *text)
{
    struct json_object *o = json_object_new_object();
    const struct vw_talk_event *t = at->talk;
    bool ok = o && vw_json_put(o, "connection", json_object_new_int64((int64_t)at->connection)) &&
              vw_json_put(o, "ns", json_object_new_int64(at->ns)) &&
              vw_json_put(o, "what", json_object_new_string(what));
    if (ok && t)
        ok = vw_json_put(o, "from", json_object_new_string(side_name(t)));
    if (ok && message)
        ok = vw_json_put(o, "number", json_object_new_int64((int64_t)t->number));
    if (ok && message && t->answers)
        ok = vw_json_put(o, "answers", json_object_new_int64((int64_t)t->answers)) &&
             vw_json_put(o, "waited_ns", json_object_new_int64(t->waited));
    if (ok && clauses)
        ok = vw_json_put(o, "clauses", json_object_new_string(clauses));
    if (ok && text)
        ok = vw_json_put(o, "text", json_object_new_string(text));
    if (ok && message) {
        ok = vw_json_put(o, "message", message);
        message = NULL;
    }
    json_object_put(message);
    char *line = ok ? vw_json_text(o, false) : NULL;
    json_object_put(o);
    if (line)
        fprintf(l->out, "%s\n", line);
    free(line);
    return line ? 0 : VW_ENOMEM;
}

/* ---- either ---- */

int vw_lines_message(struct vw_lines *l, const struct vw_line *at, const struct vw_frame *frame,
                     struct json_object *json)
{
    if (l->json)
        return print_json(l, at, "message", json, NULL, NULL);
    json_object_put(json);
    return print_message(l, at, frame);
}

int vw_lines_other(struct vw_lines *l, const struct vw_line *at, const char *what, const char *sign,
                   const char *text)
{
    if (l->json)
        return print_json(l, at, what, NULL, NULL, text);
    print_start(l, at, sign);
    fprintf(l->out, "%s\n", text);
    return 0;
}

int vw_lines_finding(struct vw_lines *l, const struct vw_line *at)
{
    const struct vw_finding *f = at->talk->finding;
    if (l->json)
        return print_json(l, at, "finding", NULL, f->clauses, f->found);
    print_start(l, at, "!");
    fprintf(l->out, "the %s broke %s: %s\n", side_name(at->talk), f->clauses, f->found);
    return 0;
}
