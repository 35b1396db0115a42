// SPDX-License-Identifier: MIT
// --profile, --schema and -D.
#include "cli/profile-options.h"

#include <string.h>

#include "cli/exit.h"
#include "cli/message.h"

bool vw_cli_profile_option(struct vw_cli_profile *p, int opt, const char *arg)
{
    switch (opt) {
    case VW_OPT_PROFILE:
        p->name = arg;
        return true;
    case VW_OPT_SCHEMA:
        p->schema_dir = arg;
        return true;
    case 'D':
        /* One too many is kept in mind by the count; loading refuses it. */
        if (p->n_defines < VW_CLI_MAX_DEFINES)
            p->defines[p->n_defines] = arg;
        p->n_defines++;
        return true;
    default:
        return false;
    }
}

int vw_cli_profile_load(const struct vw_cli_profile *p, const char *command,
                        struct vw_profile **out)
{
    bool is_file = p->name && strchr(p->name, '/');
    const struct vw_profile_options options = {
        .schema_dir = p->schema_dir,
        .defines = p->n_defines ? p->defines : NULL,
        .file = is_file ? p->name : NULL,
    };
    struct vw_error err = VW_ERROR_INIT;

    if (p->n_defines > VW_CLI_MAX_DEFINES)
        return vw_cli_error(command, VW_EXIT_USAGE, "more than %d constants are defined",
                            VW_CLI_MAX_DEFINES);
    int rc = vw_profile_load(is_file ? NULL : p->name, &options, out, &err);
    if (rc == 0)
        return VW_EXIT_OK;
    char text[1024];
    vw_error_format(&err, NULL, text, sizeof(text));
    return vw_cli_error(command, rc == VW_ENOMEM ? VW_EXIT_TOOL : VW_EXIT_USAGE, "%s", text);
}
