// SPDX-License-Identifier: MIT
// What a case can do: what it says, and what the table of facts says of the procedures that it
// names.
#include "conformance/cases/effects.h"

#include "scenario/compose.h"

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
            enum vw_effect e = vw_proc_facts(proc)->effect;
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
