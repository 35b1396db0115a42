// SPDX-License-Identifier: MIT
// Looking effects up.
#include "conformance/runner/effects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/runner/compose.h"

static int compare(const void *key, const void *row)
{
    const struct vw_effect_row *a = key, *b = row;
    int d = strcmp(a->program, b->program);
    return d ? d : strcmp(a->procedure, b->procedure);
}

static const struct vw_effect_row *find(const char *program, const char *procedure)
{
    const struct vw_effect_row key = {program, procedure, VW_EFFECT_HOST};
    return bsearch(&key, vw_effect_rows, vw_effect_row_count, sizeof(key), compare);
}

enum vw_effect vw_effect_of(const char *program, const char *procedure)
{
    char today[80]; /* calls about the connection had no prefix in 2007 */
    const struct vw_effect_row *row = find(program, procedure);
    if (!row && snprintf(today, sizeof(today), "connect_%s", procedure) < (int)sizeof(today))
        row = find(program, today);
    return row ? row->effect : VW_EFFECT_HOST;
}

struct search {
    const struct vw_profile *profile;
    enum vw_effect effect;
    const char *because;
};

static void look_at(struct search *s, const struct vw_node *n)
{
    if (vw_node_get(n, "procedure")) {
        const struct vw_proc *proc = NULL;
        struct vw_header h = {0};
        struct vw_error err = VW_ERROR_INIT;
        if (vw_compose_proc(s->profile, n, &proc, &h, &err) == 0 && proc &&
            proc->kind == VW_PROC_CALL) {
            enum vw_effect e = vw_effect_of(proc->program->name, proc->short_name);
            if (e > s->effect) {
                s->effect = e;
                s->because = proc->short_name;
            }
        }
    }
    for (const struct vw_node *m = n->first; m; m = m->next)
        look_at(s, m);
}

enum vw_effect vw_effect_of_case(const struct vw_profile *profile, const struct vw_case *c,
                                 const char **because)
{
    struct search s = {profile, c->effect, NULL};
    for (const struct vw_node *step = c->steps->first; step; step = step->next)
        look_at(&s, step);
    *because = s.because;
    return s.effect;
}
