// SPDX-License-Identifier: MIT
// The common part of the generated functions: the client speaks as its profile says, and the
// structs of the caller were compiled for the newest; where the two differ in shape, nothing is
// sent.
#include "api/api.h"

#include "schema/profile.h"

static bool same_shape(const struct vw_api_shape *made, const struct vw_type *t)
{
    if (!t)
        return !made->size;
    return made->size == t->size && made->wire_min == t->wire_min && made->wire_max == t->wire_max;
}

int vw_api_call(struct vw_client *c, const struct vw_api_proc *proc, const void *args,
                struct vw_arena *arena, void **ret, struct vw_error *err)
{
    const struct vw_profile *profile = vw_client_profile(c);
    const struct vw_program *program =
        vw_schema_program(profile->schema, proc->program, proc->version);
    const struct vw_proc *p = program ? vw_program_proc(program, proc->number) : NULL;
    struct vw_arena scratch = VW_ARENA_INIT;
    if (!p)
        return vw_error_set(err, VW_EUSAGE, "profile %s has no %s", profile->name, proc->name);
    if (!same_shape(&proc->args, p->args) || !same_shape(&proc->ret, p->ret))
        return vw_error_set(err, VW_EUSAGE, "profile %s has %s in another shape", profile->name,
                            proc->name);
    int rc = vw_client_call(c, p, args, arena ? arena : &scratch, ret, err);
    vw_arena_finish(&scratch);
    return rc;
}
