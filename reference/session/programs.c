// SPDX-License-Identifier: MIT
// The programs that a session speaks, and which calls pass the gates of a server. The gates are the
// only place of the session that knows procedures by name; a schema without them simply has no such
// procedure. They are looked up for a call that meets a closed gate: a table of them would cost
// every new connection more than the few calls that come before the open.
#include <stdlib.h>
#include <string.h>

#include "session/internal.h"

static const struct {
    const char *program;
    const char *procedure;
    unsigned gates;
} passes[] = {
    {"remote", "auth_list", VW_GATE_NO_AUTH | VW_GATE_NO_OPEN},
    {"remote", "auth_sasl_init", VW_GATE_NO_AUTH | VW_GATE_NO_OPEN},
    {"remote", "auth_sasl_start", VW_GATE_NO_AUTH | VW_GATE_NO_OPEN},
    {"remote", "auth_sasl_step", VW_GATE_NO_AUTH | VW_GATE_NO_OPEN},
    {"remote", "auth_polkit", VW_GATE_NO_AUTH | VW_GATE_NO_OPEN},
    {"remote", "connect_open", VW_GATE_NO_OPEN},
    {"remote", "open", VW_GATE_NO_OPEN},
    {"remote", "connect_close", VW_GATE_CLOSE},
    {"remote", "close", VW_GATE_CLOSE},
    {"remote", "connect_supports_feature", VW_GATE_FEATURE},
    {"remote", "supports_feature", VW_GATE_FEATURE},
    {"admin", "connect_open", VW_GATE_NO_OPEN},
    {"admin", "connect_close", VW_GATE_CLOSE},
};

/* Programs whose calls need a connection that was opened (C-3). */
static const char *const opened_programs[] = {"remote", "qemu", "lxc", "admin"};

static bool needs_open(const char *program)
{
    for (size_t i = 0; i < sizeof(opened_programs) / sizeof(opened_programs[0]); i++)
        if (strcmp(opened_programs[i], program) == 0)
            return true;
    return false;
}

unsigned vw_proc_gates(const struct vw_proc *proc)
{
    const char *program = proc->program->name;
    unsigned gates = needs_open(program) ? 0 : VW_GATE_NO_OPEN;
    for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++)
        if (strcmp(passes[i].procedure, proc->short_name) == 0 &&
            strcmp(passes[i].program, program) == 0)
            gates |= passes[i].gates;
    return gates;
}

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
