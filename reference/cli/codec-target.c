// SPDX-License-Identifier: MIT
// Finding a type by name.
#include "cli/codec-target.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/schema-options.h"

static int unknown(struct vw_error *err, const char *what, const char *word, const char *near)
{
    return vw_error_set(err, VW_ENAME, "unknown %s '%s'%s", what, word, VW_HINT(",", near));
}

static int unknown_type(const struct vw_schema *s, const char *word, struct vw_error *err)
{
    const char *names[] = {"message", vw_cli_schema_nearest(s, VW_CLI_TYPES, word)};
    return unknown(err, "type", word, vw_nearest(word, names, names[1] ? 2 : 1));
}

static int find_side(const struct vw_schema *s, const char *text, const char *colon,
                     struct vw_cli_target *out, struct vw_error *err)
{
    static const char *const sides[] = {"args", "ret"};
    char *name = strndup(text, (size_t)(colon - text));
    if (!name)
        return vw_error_nomem(err);
    const struct vw_proc *proc = vw_schema_proc(s, name);
    int rc = 0;
    if (!proc)
        rc = unknown(err, "procedure", name, vw_cli_schema_nearest(s, VW_CLI_PROCS, name));
    else if (strcmp(colon + 1, "args") == 0)
        out->type = proc->args;
    else if (strcmp(colon + 1, "ret") == 0)
        out->type = proc->ret;
    else
        rc = unknown(err, "side", colon + 1, vw_nearest(colon + 1, sides, 2));
    free(name);
    if (rc == 0 && !out->type)
        out->type = vw_type_basic(VW_VOID);
    return rc;
}

int vw_cli_target_find(const struct vw_schema *s, const char *text, struct vw_cli_target *out,
                       struct vw_error *err)
{
    const char *colon = strchr(text, ':');
    *out = (struct vw_cli_target){.message = strcmp(text, "message") == 0};
    if (out->message)
        return 0;
    if (colon)
        return find_side(s, text, colon, out, err);
    out->type = vw_schema_type(s, text);
    if (!out->type && vw_schema_proc(s, text))
        return vw_error_set(err, VW_ENAME, "'%s' is a procedure: say '%s:args' or '%s:ret'", text,
                            text, text);
    return out->type ? 0 : unknown_type(s, text, err);
}
