// SPDX-License-Identifier: MIT
// Finding a type by name.
#include "cli/codec-target.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/schema-options.h"

static int unknown(struct vw_error *err, const char *what, const char *word,
                   const char *const *names, size_t n)
{
    const char *near = vw_nearest(word, names, n);
    if (near)
        return vw_error_set(err, VW_ENAME, "unknown %s '%s', did you mean '%s'?", what, word, near);
    return vw_error_set(err, VW_ENAME, "unknown %s '%s'", what, word);
}

static int unknown_type(const struct vw_schema *s, const char *word, struct vw_error *err)
{
    const char *names[] = {"message", vw_cli_schema_nearest(s, VW_CLI_TYPES, word)};
    return unknown(err, "type", word, names, names[1] ? 2 : 1);
}

static int unknown_procedure(const struct vw_schema *s, const char *word, struct vw_error *err)
{
    const char *near = vw_cli_schema_nearest(s, VW_CLI_PROCS, word);
    return vw_error_set(err, VW_ENAME, "unknown procedure '%s'%s%s%s", word,
                        near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
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
        rc = unknown_procedure(s, name, err);
    else if (strcmp(colon + 1, "args") == 0)
        out->type = proc->args;
    else if (strcmp(colon + 1, "ret") == 0)
        out->type = proc->ret;
    else
        rc = unknown(err, "side", colon + 1, sides, 2);
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
