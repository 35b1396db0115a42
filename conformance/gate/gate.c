// SPDX-License-Identifier: MIT
// One run of the differ.
#include "conformance/gate/gate.h"

#include "conformance/gate/internal.h"

void vw_gate_init(struct vw_gate *g)
{
    *g = (struct vw_gate){0};
    vw_arena_init(&g->arena);
}

void vw_gate_finish(struct vw_gate *g)
{
    vw_arena_finish(&g->arena);
    *g = (struct vw_gate){0};
}

int vw_gate_diff(struct vw_gate *g, const struct vw_gate_side *before,
                 const struct vw_gate_side *after, struct vw_error *err)
{
    struct vw_differ d = {.out = g, .arena = &g->arena, .before = before, .after = after};
    vw_gate_programs(&d);
    vw_gate_unreached(&d);
    vw_gate_tell_pairs(&d);
    vw_gate_consts(&d);
    vw_gate_lint_new(&d);
    vw_gate_files(&d);
    vw_pairs_finish(&d.pairs);
    if (d.rc == VW_ELIMIT)
        return vw_error_set(err, VW_ELIMIT, "these two take too long to compare");
    return d.rc ? vw_error_nomem(err) : 0;
}
