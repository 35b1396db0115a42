// SPDX-License-Identifier: MIT
// Finding a subcommand by its name.
#include "cli/command.h"

#include <string.h>

#include "base/nearest.h"
#include "cli/exit.h"
#include "cli/message.h"

#define MAX_COMMANDS 64

const struct vw_command *vw_command_find(const char *name)
{
    for (const struct vw_command *const *c = vw_commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

int vw_command_unknown(const char *name)
{
    const char *names[MAX_COMMANDS];
    size_t n = 0;

    for (const struct vw_command *const *c = vw_commands; *c && n < MAX_COMMANDS; c++)
        names[n++] = (*c)->name;
    const char *near = vw_nearest(name, names, n);
    if (near)
        return vw_cli_error(NULL, VW_EXIT_USAGE, "unknown command '%s', did you mean '%s'?", name,
                            near);
    return vw_cli_error(NULL, VW_EXIT_USAGE, "unknown command '%s', see 'virwire --help'", name);
}
