// SPDX-License-Identifier: MIT
// Loading the protocol that the options name, and the nearest names when one is not known.
#include "cli/schema-options.h"

#include <string.h>

#include "base/nearest.h"
#include "cli/exit.h"
#include "cli/message.h"

int vw_cli_schema_define(const char *command, void *user, const char *define)
{
    struct vw_cli_schema *o = user;
    if (o->n_defines == VW_CLI_MAX_DEFINES)
        return vw_cli_error(command, VW_EXIT_USAGE, "more than %d times -D", VW_CLI_MAX_DEFINES);
    o->defines[o->n_defines++] = define;
    return 0;
}

static const char *nearest_constant(const struct vw_schema *s, const char *name)
{
    size_t n;
    const struct vw_const *const *list = vw_schema_consts(s, &n);
    struct vw_near near = {.word = name};
    for (size_t i = 0; i < n; i++)
        vw_near_offer(&near, list[i]->name);
    return near.best;
}

void vw_cli_schema_warn_unused(const char *command, const struct vw_cli_schema *o,
                               const struct vw_schema *s)
{
    int64_t value;
    for (unsigned i = 0; i < o->n_defines; i++) {
        char name[256]; /* longer ones are no names */
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(o->defines[i], "="), o->defines[i]);
        if (vw_schema_const(s, name, &value))
            continue;
        const char *near = nearest_constant(s, name);
        vw_cli_warn(command, "-D %s: nothing uses a constant of that name%s", name,
                    VW_HINT(",", near));
    }
}

int vw_cli_schema_load(const char *command, const struct vw_cli_schema *o, struct vw_profile **out)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_profile_options options = {VW_PROFILE_OPTIONS_INIT, .schema_dir = o->dir,
                                               .defines = o->defines};
    if (vw_profile_load(o->profile, &options, out, &err))
        return vw_cli_schema_fail(command, vw_profile_error_file(), &err);
    vw_cli_schema_warn_unused(command, o, (*out)->schema);
    return VW_EXIT_OK;
}

int vw_cli_schema_fail(const char *command, const char *file, const struct vw_error *err)
{
    int rc = vw_cli_fail(command, *file ? file : NULL, err);
    return err->code == VW_ENOMEM ? rc : VW_EXIT_USAGE;
}

static bool is_in(const struct vw_program *p, const char *name, size_t prefix)
{
    return !prefix || (strlen(p->name) == prefix && strncmp(p->name, name, prefix) == 0);
}

const char *vw_cli_schema_nearest(const struct vw_schema *s, unsigned kinds, const char *name)
{
    size_t n_types, n_programs, prefix = 0;
    const struct vw_type *const *type = vw_schema_types(s, &n_types);
    const struct vw_program *const *program = vw_schema_programs(s, &n_programs);
    const char *dot = strchr(name, '.');
    struct vw_near near = {.word = dot ? dot + 1 : name};
    for (size_t i = 0; dot && dot != name && i < n_programs; i++)
        if (is_in(program[i], name, (size_t)(dot - name)))
            prefix = (size_t)(dot - name);
    for (size_t i = 0; (kinds & VW_CLI_TYPES) && !prefix && i < n_types; i++)
        vw_near_offer(&near, type[i]->name);
    for (size_t i = 0; (kinds & VW_CLI_PROCS) && i < n_programs; i++) {
        for (uint32_t k = 0; is_in(program[i], name, prefix) && k < program[i]->n_procs; k++) {
            vw_near_offer(&near, program[i]->procs[k].short_name);
            vw_near_offer(&near, program[i]->procs[k].name);
        }
    }
    return near.best;
}

int vw_cli_schema_unknown(const char *command, const struct vw_schema *s, const char *what,
                          const char *name)
{
    const char *near = vw_cli_schema_nearest(s, VW_CLI_TYPES | VW_CLI_PROCS, name);
    return vw_cli_error(command, VW_EXIT_USAGE, "unknown %s '%s'%s", what, name,
                        VW_HINT(",", near));
}
