// SPDX-License-Identifier: MIT
// The programs that a session speaks.
#include <stdlib.h>

#include "session/internal.h"

int vw_speech_init(struct vw_speech *sp, const struct vw_session_options *o, struct vw_error *err)
{
    const struct vw_program *const *programs = o->programs;
    size_t n = o->n_programs;
    *sp = (struct vw_speech){.keepalive = vw_schema_program_named(o->profile->schema, "keepalive")};
    if (!programs)
        programs = vw_schema_programs(o->profile->schema, &n);
    sp->list = calloc(n ? n : 1, sizeof(*sp->list));
    if (!sp->list)
        return vw_error_nomem(err);
    for (size_t i = 0; i < n; i++)
        if (programs[i] != sp->keepalive)
            sp->list[sp->count++] = programs[i];
    return 0;
}

void vw_speech_finish(struct vw_speech *sp)
{
    free(sp->list);
    *sp = (struct vw_speech){0};
}

const struct vw_program *vw_speech_find(const struct vw_speech *sp, uint32_t program,
                                        uint32_t version)
{
    for (size_t i = 0; i < sp->count; i++)
        if (sp->list[i]->number == program && sp->list[i]->version == version)
            return sp->list[i];
    return NULL;
}

const struct vw_proc *vw_program_proc_of(const struct vw_program *p, int32_t number,
                                         enum vw_proc_kind kind)
{
    const struct vw_proc *proc = vw_program_proc(p, number);
    return proc && proc->kind == kind ? proc : NULL;
}

const struct vw_program *vw_session_program(const struct vw_session *s, uint32_t number,
                                            uint32_t version)
{
    return vw_speech_find(&s->speech, number, version);
}
