// SPDX-License-Identifier: MIT
// Finding a subcommand by its name.
#include "cli/command.h"

#include <string.h>

#include "base/nearest.h"
#include "cli/exit.h"
#include "cli/message.h"

const struct vw_command *vw_command_find(const char *name)
{
    for (const struct vw_command *const *c = vw_commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

int vw_command_unknown(const char *name)
{
    struct vw_near near = {.word = name};
    for (const struct vw_command *const *c = vw_commands; *c; c++)
        vw_near_offer(&near, (*c)->name);
    return vw_cli_error(NULL, VW_EXIT_USAGE, "unknown command '%s'%s", name,
                        near.best ? VW_HINT(",", near.best) : ", see 'virwire --help'");
}
