// SPDX-License-Identifier: MIT
// From options and environment to how a URI is read.
#include "cli/uri-options.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/nearest.h"
#include "cli/exit.h"
#include "cli/message.h"

int vw_cli_uri_dialect(const char *command, void *user, const char *name)
{
    static const char *const known[] = {"2007", "0.3.0", "modern"};
    struct vw_cli_uri *x = user;
    if (vw_dialect_from_name(name, &x->dialect) == 0) {
        x->dialect_given = true;
        return 0;
    }
    const char *near = vw_nearest(name, known, 3);
    return vw_cli_error(command, VW_EXIT_USAGE, "unknown dialect '%s'%s", name,
                        near ? VW_HINT(",", near) : ", known are 2007, 0.3.0 and modern");
}

unsigned vw_cli_uri_release(const char *name)
{
    unsigned part[3];
    int end = 0;
    if (sscanf(name, "%3u.%3u.%3u%n", &part[0], &part[1], &part[2], &end) != 3 || name[end])
        return 0;
    return (part[0] * 1000 + part[1]) * 1000 + part[2];
}

int vw_cli_uri_fill(const char *command, const struct vw_cli_uri *x, const char *profile, bool old,
                    struct vw_arena *arena, struct vw_uri_options *out)
{
    *out = (struct vw_uri_options){
        VW_URI_OPTIONS_INIT,
        .dialect = x->dialect_given ? x->dialect
                   : old            ? VW_DIALECT_030
                                    : VW_DIALECT_MODERN,
        .release = old ? 0 : vw_cli_uri_release(profile),
        .pki = x->pki,
        .uid = geteuid(),
        .home = getenv("HOME"),
        .runtime_dir = getenv("XDG_RUNTIME_DIR"),
    };
    if (!x->localstatedir)
        return 0;
    out->system_run_dir = vw_arena_printf(arena, "%s/run", x->localstatedir);
    return out->system_run_dir ? 0 : vw_cli_error(command, VW_EXIT_TOOL, "out of memory");
}

void vw_cli_uri_warn(const char *command, const struct vw_uri *uri)
{
    for (size_t i = 0; i < uri->warning_count; i++)
        vw_cli_warn(command, "%s (clause %s)", uri->warnings[i].text, uri->warnings[i].clause);
}
