// SPDX-License-Identifier: MIT
// The programs that a session speaks, their procedures by number, and which calls pass the gates of
// a server. The gates are the only place of the session that knows procedures by name; a schema
// without them simply has no such procedure.
#include <stdlib.h>
#include <string.h>

#include "session/internal.h"

/* A procedure number above this is not put into the array: real ones stay below 600, and a schema
 * that a user brings must not cost gigabytes. */
#define NUMBER_MAX 65535

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

static uint8_t gates_of(const struct vw_program *program, const struct vw_proc *proc)
{
    uint8_t gates = needs_open(program->name) ? 0 : VW_GATE_NO_OPEN;
    for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++)
        if (strcmp(passes[i].program, program->name) == 0 &&
            strcmp(passes[i].procedure, proc->short_name) == 0)
            gates |= (uint8_t)passes[i].gates;
    return gates;
}

static int spoken_init(struct vw_spoken *p, const struct vw_program *program)
{
    p->program = program;
    p->max = -1;
    for (uint32_t i = 0; i < program->n_procs; i++)
        if (program->procs[i].number > p->max && program->procs[i].number <= NUMBER_MAX)
            p->max = program->procs[i].number;
    size_t n = (size_t)(p->max + 1);
    p->by_number = calloc(n ? n : 1, sizeof(*p->by_number));
    p->gates = calloc(n ? n : 1, 1);
    if (!p->by_number || !p->gates)
        return VW_ENOMEM;
    for (uint32_t i = 0; i < program->n_procs; i++) {
        const struct vw_proc *proc = &program->procs[i];
        if (proc->number < 0 || proc->number > p->max)
            continue;
        p->by_number[proc->number] = proc;
        p->gates[proc->number] = gates_of(program, proc);
    }
    return 0;
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
    for (size_t i = 0; i < n; i++) {
        if (programs[i] == sp->keepalive)
            continue;
        sp->count++;
        if (spoken_init(&sp->list[sp->count - 1], programs[i])) {
            vw_speech_finish(sp);
            return vw_error_nomem(err);
        }
    }
    return 0;
}

void vw_speech_finish(struct vw_speech *sp)
{
    for (size_t i = 0; i < sp->count; i++) {
        free(sp->list[i].by_number);
        free(sp->list[i].gates);
    }
    free(sp->list);
    *sp = (struct vw_speech){0};
}

const struct vw_spoken *vw_speech_find(const struct vw_speech *sp, uint32_t program,
                                       uint32_t version)
{
    for (size_t i = 0; i < sp->count; i++)
        if (sp->list[i].program->number == program && sp->list[i].program->version == version)
            return &sp->list[i];
    return NULL;
}

const struct vw_proc *vw_spoken_proc(const struct vw_spoken *p, int32_t number,
                                     enum vw_proc_kind kind)
{
    if (number < 0 || number > p->max)
        return NULL;
    const struct vw_proc *proc = p->by_number[number];
    return proc && proc->kind == kind ? proc : NULL;
}

const struct vw_program *vw_session_program(const struct vw_session *s, uint32_t number,
                                            uint32_t version)
{
    const struct vw_spoken *p = vw_speech_find(&s->speech, number, version);
    return p ? p->program : NULL;
}
