// SPDX-License-Identifier: MIT
// virwire capture: recorded traffic.
#include <string.h>

#include "base/nearest.h"
#include "cli/capture.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/usage.h"

static const struct vw_capture_verb *const verbs[] = {
    &vw_capture_lint,  &vw_capture_record,      &vw_capture_replay, &vw_capture_show,
    &vw_capture_stats, &vw_capture_to_scenario, &vw_capture_verify,
};

static int run(int argc, char **argv)
{
    struct vw_near near = {.word = argc > 1 ? argv[1] : ""};
    char known[200] = "", command[100];
    const struct vw_cli_option none[] = {{NULL}};
    size_t n = 0;
    int status = argc > 1 && argv[1][0] == '-' ? vw_cli_options("capture", argc, argv, none) : 0;
    if (status)
        return status;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", i ? ", " : "", verbs[i]->name);
        vw_near_offer(&near, verbs[i]->name);
        if (argc < 2 || strcmp(argv[1], verbs[i]->name) != 0)
            continue;
        snprintf(command, sizeof(command), "capture %s", verbs[i]->name);
        argv[1] = command;
        return verbs[i]->run(argc - 1, argv + 1);
    }
    if (argc < 2)
        return vw_cli_error("capture", VW_EXIT_USAGE, "no subcommand given, known are %s", known);
    return vw_cli_error("capture", VW_EXIT_USAGE, "unknown subcommand '%s'%s", argv[1],
                        near.best ? VW_HINT(",", near.best) : ", see 'virwire capture --help'");
}

const struct vw_command vw_command_capture = {
    .name = "capture",
    .summary = "recorded traffic: what was said, and what was wrong with it",
    .usage = vw_usage_capture,
    .run = run,
};
