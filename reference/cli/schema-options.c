// SPDX-License-Identifier: MIT
// Loading the protocol that the options name, and the nearest names when one is not known.
#include "cli/schema-options.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/exit.h"
#include "cli/message.h"

int vw_cli_schema_define(const char *command, struct vw_cli_schema *o, const char *define)
{
    if (o->n_defines == VW_CLI_MAX_DEFINES)
        return vw_cli_error(command, VW_EXIT_USAGE, "more than %d times -D", VW_CLI_MAX_DEFINES);
    o->defines[o->n_defines++] = define;
    return 0;
}

int vw_cli_schema_load(const char *command, const struct vw_cli_schema *o, struct vw_profile **out)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_profile_options options = {.schema_dir = o->dir, .defines = o->defines};
    if (vw_profile_load(o->profile, &options, out, &err) == 0)
        return VW_EXIT_OK;
    return vw_cli_schema_fail(command, vw_profile_error_file(), &err);
}

int vw_cli_schema_fail(const char *command, const char *file, const struct vw_error *err)
{
    int rc = vw_cli_fail(command, *file ? file : NULL, err);
    return err->code == VW_ENOMEM ? rc : VW_EXIT_USAGE;
}

/* All names that could have been meant, in memory that the caller frees; NULL: none. */
static const char **collect(const struct vw_schema *s, bool types, bool procs, size_t *n)
{
    size_t n_types, n_programs, most = 0;
    const struct vw_type *const *type = vw_schema_types(s, &n_types);
    const struct vw_program *const *program = vw_schema_programs(s, &n_programs);
    for (size_t i = 0; i < n_programs; i++)
        most += 2 * (size_t)program[i]->n_procs;
    const char **names = malloc((n_types + most + 1) * sizeof(*names));
    *n = 0;
    for (size_t i = 0; names && types && i < n_types; i++)
        names[(*n)++] = type[i]->name;
    for (size_t i = 0; names && procs && i < n_programs; i++) {
        for (uint32_t k = 0; k < program[i]->n_procs; k++) {
            names[(*n)++] = program[i]->procs[k].short_name;
            names[(*n)++] = program[i]->procs[k].name;
        }
    }
    return names;
}

int vw_cli_schema_unknown(const char *command, const struct vw_schema *s, const char *what,
                          const char *name)
{
    size_t n = 0;
    const char **names = collect(s, strstr(what, "type"), strstr(what, "procedure"), &n);
    const char *near = names ? vw_nearest(name, names, n) : NULL;
    int rc = vw_cli_error(command, VW_EXIT_USAGE, "unknown %s '%s'%s%s%s", what, name,
                          near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
    free(names);
    return rc;
}
