// SPDX-License-Identifier: MIT
// virwire help [COMMAND]: the same as --help, for those who type it that way.
#include <stdio.h>

#include "cli/command.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/usage.h"

static int run(int argc, char **argv)
{
    if (argc > 2)
        return vw_cli_error("help", VW_EXIT_USAGE, "too many arguments");
    if (argc < 2) {
        for (const struct vw_command *const *c = vw_commands; *c; c++)
            printf("%-10s %s\n", (*c)->name, (*c)->summary);
        return VW_EXIT_OK;
    }
    const struct vw_command *command = vw_command_find(argv[1]);
    if (!command)
        return vw_command_unknown(argv[1]);
    fputs(command->usage, stdout);
    return VW_EXIT_OK;
}

const struct vw_command vw_command_help = {
    .name = "help",
    .summary = "what a command does and which options it has",
    .usage = vw_usage_help,
    .run = run,
};
