// SPDX-License-Identifier: MIT
// virwire capture show: each message on a line, as text, JSON or an arrow of a diagram.
#include <stdlib.h>
#include <string.h>

#include "capture/lines.h"
#include "cli/capture-diagram.h"
#include "cli/capture-filter.h"
#include "cli/capture.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "message/message-json.h"

struct show {
    struct vw_capture_in in;
    struct vw_message_filter filter;
    uint64_t connection; /* 0: all */
    struct vw_lines lines;
    const char *diagram, *output;
    struct vw_diagram *drawn; /* NULL: lines */
    uint64_t shown;           /* messages */
};

static struct vw_line line_of(const struct vw_captured_event *ev)
{
    return (struct vw_line){.connection = ev->conn ? ev->conn->number : 0,
                            .numbered = ev->conn && ev->conn->family,
                            .ns = ev->ns,
                            .talk = ev->talk};
}

/* ---- what is told ---- */

static int show_message(struct show *s, const struct vw_captured_event *ev)
{
    struct vw_frame frame;
    struct json_object *json = NULL;
    if (!vw_capture_frame(&s->in, ev->talk->event, &frame))
        return VW_ENOMEM;
    if ((s->lines.json || s->filter.n) &&
        !(json = vw_message_to_json(s->in.profile->schema, &frame)))
        return VW_ENOMEM;
    if (s->filter.n && !vw_filter_wants(&s->filter, json)) {
        json_object_put(json);
        return 0;
    }
    s->shown++;
    if (!s->drawn) {
        const struct vw_line at = line_of(ev);
        return vw_lines_message(&s->lines, &at, &frame, json);
    }
    json_object_put(json);
    return vw_diagram_message(s->drawn, ev, &frame, s->in.profile->schema);
}

static int show_other(struct show *s, const struct vw_captured_event *ev, const char *what,
                      const char *sign, const char *text)
{
    if (s->drawn)
        return strcmp(what, "comment") == 0 ? 0 : vw_diagram_note(s->drawn, ev, text);
    const struct vw_line at = line_of(ev);
    return vw_lines_other(&s->lines, &at, what, sign, text);
}

static int show_begin(struct show *s, const struct vw_captured_event *ev)
{
    char text[200] = "bytes without packets", client[80], server[80];
    if (ev->conn->family)
        snprintf(text, sizeof(text), "%s to %s%s",
                 vw_capture_address(ev->conn, VW_SIDE_CLIENT, client, sizeof(client)),
                 vw_capture_address(ev->conn, VW_SIDE_SERVER, server, sizeof(server)),
                 ev->conn->joined ? ", which began before" : "");
    else if (!s->lines.json && !s->drawn)
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
    if (!s->lines.started) {
        s->lines.started = true;
        s->lines.start = ev->ns;
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
        if (!ev->conn->family && !s->lines.json)
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
    s->lines.out = vw_output_file(out);
    s->lines.schema = s->in.profile->schema;
    if (s->diagram && vw_diagram_create(s->diagram, s->lines.out, &s->drawn, &err)) {
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
        {"json", .flag = &s.lines.json},
        {"full", .flag = &s.lines.full},
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
