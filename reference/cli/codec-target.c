// SPDX-License-Identifier: MIT
// Finding a type by name.
#include "cli/codec-target.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

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
    size_t n, count = 0;
    const struct vw_type *const *types = vw_schema_types(s, &n);
    const char **names = calloc(n + 1, sizeof(*names));
    if (!names)
        return vw_error_nomem(err);
    names[count++] = "message";
    for (size_t i = 0; i < n; i++)
        names[count++] = types[i]->name;
    int rc = unknown(err, "type", word, names, count);
    free(names);
    return rc;
}

/* Names of all procedures; a program in WORD, up to its dot, restricts them. */
static int unknown_procedure(const struct vw_schema *s, const char *word, struct vw_error *err)
{
    size_t n, count = 0, total = 0;
    const struct vw_program *const *programs = vw_schema_programs(s, &n);
    const char *dot = strchr(word, '.');
    size_t prefix = dot ? (size_t)(dot - word) : 0;

    for (size_t i = 0; i < n; i++)
        total += programs[i]->n_procs;
    const char **names = calloc(total + 1, sizeof(*names));
    if (!names)
        return vw_error_nomem(err);
    for (size_t i = 0; i < n; i++) {
        const struct vw_program *p = programs[i];
        if (dot && (strlen(p->name) != prefix || strncmp(p->name, word, prefix) != 0))
            continue;
        for (uint32_t k = 0; k < p->n_procs; k++)
            names[count++] = p->procs[k].short_name;
    }
    int rc = unknown(err, "procedure", dot ? dot + 1 : word, names, count);
    free(names);
    return rc;
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
