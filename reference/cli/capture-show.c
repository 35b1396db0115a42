// SPDX-License-Identifier: MIT
// virwire capture show: each message on a line, as text, JSON or an arrow of a diagram.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/capture-diagram.h"
#include "cli/capture-filter.h"
#include "cli/capture.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "message/message-json.h"
#include "xdr/json.h"

#define LINE_MAX_BYTES 400u

struct show {
    struct vw_capture_in in;
    struct vw_message_filter filter;
    uint64_t connection; /* 0: all */
    bool json, full;
    const char *diagram, *output;
    struct vw_diagram *drawn; /* NULL: lines */
    FILE *out;
    uint64_t shown; /* messages */
    int64_t start;  /* the time of the first thing that was told */
    bool started;
};

/* ---- lines of text ---- */

static void print_start(struct show *s, const struct vw_captured_event *ev, const char *sign)
{
    int64_t us = (ev->ns - s->start) / 1000;
    if (ev->conn && ev->conn->family)
        fprintf(s->out, "%" PRId64 ".%06" PRId64 " #%" PRIu64 " ", us / 1000000, us % 1000000,
                ev->conn->number);
    fprintf(s->out, "%s ", sign);
}

static int print_message(struct show *s, const struct vw_captured_event *ev,
                         const struct vw_frame *frame)
{
    char *line =
        vw_message_to_line(s->in.profile->schema, frame, s->full ? SIZE_MAX : LINE_MAX_BYTES);
    if (!line)
        return VW_ENOMEM;
    print_start(s, ev, ev->talk->from == VW_SIDE_CLIENT ? ">" : "<");
    fputs(line, s->out);
    if (ev->talk->answers && ev->conn->family)
        fprintf(s->out, " (%.3f ms)", (double)ev->talk->waited / 1e6);
    fputc('\n', s->out);
    free(line);
    return 0;
}

static int print_other(struct show *s, const struct vw_captured_event *ev, const char *sign,
                       const char *text)
{
    print_start(s, ev, sign);
    fprintf(s->out, "%s\n", text);
    return 0;
}

/* ---- JSON ---- */

static bool add(struct json_object *o, const char *key, struct json_object *value)
{
    if (value && json_object_object_add(o, key, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

/* Puts MESSAGE, which may be NULL; so may TEXT. */
static int print_json(struct show *s, const struct vw_captured_event *ev, const char *what,
                      struct json_object *message, const char *text)
{
    struct json_object *o = json_object_new_object();
    const struct vw_talk_event *t = ev->talk;
    bool ok = o && add(o, "connection", json_object_new_int64((int64_t)ev->conn->number)) &&
              add(o, "ns", json_object_new_int64(ev->ns)) &&
              add(o, "what", json_object_new_string(what));
    if (ok && t)
        ok =
            add(o, "from", json_object_new_string(t->from == VW_SIDE_CLIENT ? "client" : "server"));
    if (ok && message)
        ok = add(o, "number", json_object_new_int64((int64_t)t->number));
    if (ok && message && t->answers)
        ok = add(o, "answers", json_object_new_int64((int64_t)t->answers)) &&
             add(o, "waited_ns", json_object_new_int64(t->waited));
    if (ok && text)
        ok = add(o, "text", json_object_new_string(text));
    if (ok && message) {
        ok = add(o, "message", message);
        message = NULL;
    }
    json_object_put(message);
    char *line = ok ? vw_json_text(o, false) : NULL;
    json_object_put(o);
    if (line)
        fprintf(s->out, "%s\n", line);
    free(line);
    return line ? 0 : VW_ENOMEM;
}

/* ---- what is told ---- */

static int show_message(struct show *s, const struct vw_captured_event *ev)
{
    struct vw_frame frame;
    struct json_object *json = NULL;
    if (!vw_capture_frame(&s->in, ev->talk->event, &frame))
        return VW_ENOMEM;
    if ((s->json || s->filter.n) && !(json = vw_message_to_json(s->in.profile->schema, &frame)))
        return VW_ENOMEM;
    if (s->filter.n && !vw_filter_wants(&s->filter, json)) {
        json_object_put(json);
        return 0;
    }
    s->shown++;
    if (s->json && !s->drawn)
        return print_json(s, ev, "message", json, NULL);
    json_object_put(json);
    return s->drawn ? vw_diagram_message(s->drawn, ev, &frame, s->in.profile->schema)
                    : print_message(s, ev, &frame);
}

static int show_other(struct show *s, const struct vw_captured_event *ev, const char *what,
                      const char *sign, const char *text)
{
    if (s->drawn)
        return strcmp(what, "comment") == 0 ? 0 : vw_diagram_note(s->drawn, ev, text);
    return s->json ? print_json(s, ev, what, NULL, text) : print_other(s, ev, sign, text);
}

static int show_begin(struct show *s, const struct vw_captured_event *ev)
{
    char text[200] = "bytes without packets", client[80], server[80];
    if (ev->conn->family)
        snprintf(text, sizeof(text), "%s to %s%s",
                 vw_capture_address(ev->conn, VW_SIDE_CLIENT, client, sizeof(client)),
                 vw_capture_address(ev->conn, VW_SIDE_SERVER, server, sizeof(server)),
                 ev->conn->joined ? ", which began before" : "");
    else if (!s->json && !s->drawn)
        return 0;
    if (s->drawn)
        return vw_diagram_begin(s->drawn, ev, text);
    return show_other(s, ev, "begin", "=", text);
}

static int hear(void *user, const struct vw_captured_event *ev)
{
    struct show *s = user;
    const struct vw_talk_event *t = ev->talk;
    if (s->connection && ev->conn && ev->conn->number != s->connection)
        return 0;
    if (ev->kind == VW_CAPTURED_SECRETS)
        return 0;
    if (!s->started) {
        s->started = true;
        s->start = ev->ns;
    }
    /* Who looks for messages wants to see those. */
    if (s->filter.n && ev->kind != VW_CAPTURED_TALK)
        return 0;
    switch (ev->kind) {
    case VW_CAPTURED_BEGIN:
        return show_begin(s, ev);
    case VW_CAPTURED_COMMENT:
        return show_other(s, ev, "comment", "#", ev->text);
    case VW_CAPTURED_OVER:
        if (!ev->conn->family && !s->json)
            return 0;
        return show_other(s, ev, "over", "=", ev->reset ? "broken" : "over");
    default:
        break;
    }
    if (t->kind == VW_TALK_MESSAGE)
        return show_message(s, ev);
    if (t->kind == VW_TALK_NOTE)
        return show_other(s, ev, "note", "!", t->text);
    /* Rules are the business of `capture lint`; what makes messages unreadable is shown. */
    if (vw_clause_is_among("F-1 F-3 F-4 F-7", t->finding->clauses))
        return show_other(s, ev, "note", "!", t->finding->found);
    return 0;
}

static int show_all(struct show *s)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;
    if (vw_output_open(s->output, &out, &err))
        return vw_cli_fail(s->in.command, NULL, &err);
    s->out = vw_output_file(out);
    if (s->diagram && vw_diagram_create(s->diagram, s->out, &s->drawn, &err)) {
        vw_output_abandon(out);
        return vw_cli_fail(s->in.command, NULL, &err);
    }
    int status = vw_capture_read(&s->in, hear, s);
    if (s->drawn)
        vw_diagram_finish(s->drawn);
    if (vw_output_commit(out, &err))
        return vw_cli_fail(s->in.command, NULL, &err);
    return status ? status : s->shown || s->in.follow ? VW_EXIT_OK : VW_EXIT_NOTHING;
}

static int run(int argc, char **argv)
{
    struct show s = {.in = {.command = argv[0]}};
    const struct vw_cli_option options[] = {
        VW_CAPTURE_OPTIONS(&s.in),
        VW_FILTER_OPTIONS(&s.filter),
        {"connection", .number = &s.connection, .min = 1, .max = UINT64_MAX},
        {"json", .flag = &s.json},
        {"full", .flag = &s.full},
        {"follow", 'f', .flag = &s.in.follow},
        {"diagram", .text = &s.diagram},
        {"output", 'o', .text = &s.output},
        {NULL},
    };
    int status = vw_capture_open(&s.in, argc, argv, options);
    if (status == 0)
        status = show_all(&s);
    vw_capture_close(&s.in);
    return status;
}

const struct vw_capture_verb vw_capture_show = {"show", run};
