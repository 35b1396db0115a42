// SPDX-License-Identifier: MIT
// virwire capture to-scenario: what was recorded, or a part of it, as a case.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "capture/retell.h"
#include "cli/capture-filter.h"
#include "cli/capture.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "message/message-json.h"

struct to_scenario {
    struct vw_capture_in in;
    struct vw_message_filter filter;
    uint64_t connection, first, last; /* 0: all */
    const char *title, *output;
    struct vw_retell *script;
};

/* 1, 0 or VW_ENOMEM. */
static int is_wanted(const struct to_scenario *t, const struct vw_captured_event *ev,
                     const struct vw_frame *frame)
{
    if (ev->talk->number < t->first || (t->last && ev->talk->number > t->last))
        return 0;
    if (!t->filter.n)
        return 1;
    struct json_object *json = vw_message_to_json(t->in.profile->schema, frame);
    int wanted = json ? vw_filter_wants(&t->filter, json) : VW_ENOMEM;
    json_object_put(json);
    return wanted;
}

static int hear(void *user, const struct vw_captured_event *ev)
{
    struct to_scenario *t = user;
    struct vw_frame frame;
    if (ev->kind != VW_CAPTURED_TALK || ev->talk->kind != VW_TALK_MESSAGE)
        return 0;
    if (t->connection && ev->conn->number != t->connection)
        return 0;
    if (!vw_capture_frame(&t->in, ev->talk->event, &frame))
        return VW_ENOMEM;
    int wanted = is_wanted(t, ev, &frame);
    if (wanted < 0)
        return wanted;
    const struct vw_retell_said said = {.connection = ev->conn->number,
                                        .from = ev->talk->from,
                                        .frame = &frame,
                                        .number = ev->talk->number,
                                        .answers = ev->talk->answers,
                                        .wanted = wanted};
    return vw_retell_message(t->script, &said);
}

static int write_case(struct to_scenario *t)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_output *out;
    uint64_t left_out;
    if (vw_output_open(t->output, &out, &err))
        return vw_cli_fail(t->in.command, NULL, &err);
    if (vw_retell_write(t->script, vw_output_file(out), &err)) {
        vw_output_abandon(out);
        if (err.code == VW_EUSAGE)
            return vw_cli_error(t->in.command, VW_EXIT_NOTHING, "%s: %s", t->in.path, err.text);
        return vw_cli_fail_input(t->in.command, t->in.path, &err);
    }
    if (vw_output_commit(out, &err))
        return vw_cli_fail(t->in.command, NULL, &err);
    if ((left_out = vw_retell_left_out(t->script)))
        vw_cli_warn(t->in.command, "%" PRIu64 " messages are left out: no case can say them",
                    left_out);
    return VW_EXIT_OK;
}

static int make_case(struct to_scenario *t)
{
    char title[300];
    const char *slash = strrchr(t->in.path, '/');
    snprintf(title, sizeof(title), "what was recorded in %s is said again",
             slash ? slash + 1 : t->in.path);
    const struct vw_retell_options o = {.profile = t->in.profile,
                                        .title = t->title ? t->title : title};
    if (vw_retell_create(&o, &t->script))
        return vw_cli_error(t->in.command, VW_EXIT_TOOL, "out of memory");
    int status = vw_capture_read(&t->in, hear, t);
    return status ? status : write_case(t);
}

static int run(int argc, char **argv)
{
    struct to_scenario t = {.in = {.command = argv[0]}};
    const struct vw_cli_option options[] = {
        VW_CAPTURE_OPTIONS(&t.in),
        VW_FILTER_OPTIONS(&t.filter),
        {"connection", .number = &t.connection, .min = 1, .max = UINT64_MAX},
        {"first", .number = &t.first, .min = 1, .max = UINT64_MAX},
        {"last", .number = &t.last, .min = 1, .max = UINT64_MAX},
        {"title", .text = &t.title},
        {"output", 'o', .text = &t.output},
        {NULL},
    };
    int status = vw_capture_open(&t.in, argc, argv, options);
    if (status == 0)
        status = make_case(&t);
    vw_retell_destroy(t.script);
    vw_capture_close(&t.in);
    return status;
}

const struct vw_capture_verb vw_capture_to_scenario = {"to-scenario", run};
