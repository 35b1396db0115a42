// SPDX-License-Identifier: MIT
// Looking things up in a finished schema: programs, procedures, types, constants, arms, members.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schema/basic.h"
#include "schema/internal.h"

const struct vw_program *const *vw_schema_programs(const struct vw_schema *s, size_t *n)
{
    *n = s->n_programs;
    return s->program_list;
}

const struct vw_program *vw_schema_program(const struct vw_schema *s, uint32_t number,
                                           uint32_t version)
{
    for (size_t i = 0; i < s->n_programs; i++) {
        const struct vw_program *p = s->program_list[i];
        if (p->number == number && p->version == version)
            return p;
    }
    return NULL;
}

int vw_schema_order_programs(const void *a, const void *b)
{
    const struct vw_program *x = *(const struct vw_program *const *)a;
    const struct vw_program *y = *(const struct vw_program *const *)b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (x->version > y->version) - (x->version < y->version);
}

/* "toy" or "toy/2"; NAME_LEN bytes. */
static const struct vw_program *find_program(const struct vw_schema *s, const char *name,
                                             size_t name_len)
{
    const char *slash = memchr(name, '/', name_len);
    size_t len = slash ? (size_t)(slash - name) : name_len;
    for (size_t i = 0; i < s->n_programs; i++) {
        const struct vw_program *p = s->program_list[i];
        bool named = (strlen(p->name) == len && strncasecmp(p->name, name, len) == 0) ||
                     (strlen(p->prefix) == len && strncasecmp(p->prefix, name, len) == 0);
        if (named && (!slash || strtoul(slash + 1, NULL, 10) == p->version))
            return p;
    }
    return NULL;
}

const struct vw_program *vw_schema_program_named(const struct vw_schema *s, const char *name)
{
    return find_program(s, name, strlen(name));
}

const struct vw_type *const *vw_schema_types(const struct vw_schema *s, size_t *n)
{
    *n = s->n_types;
    return s->type_list;
}

const struct vw_type *vw_schema_type(const struct vw_schema *s, const char *name)
{
    if (s->tables)
        return vw_tables_type(s->tables, name);
    const struct vw_sym *sym = vw_symbols_find(s, name, strlen(name));
    if (!sym || !sym->type)
        return vw_basic_named(name);
    const struct vw_type_node *n = sym->type->node;
    return n && !n->hidden ? &n->type : NULL;
}

const struct vw_const *const *vw_schema_consts(const struct vw_schema *s, size_t *n)
{
    *n = s->n_consts;
    return s->const_list;
}

bool vw_schema_const(const struct vw_schema *s, const char *name, int64_t *value)
{
    if (s->tables)
        return vw_tables_const(s->tables, name, value);
    const struct vw_sym *sym = vw_symbols_find(s, name, strlen(name));
    if (!sym || !sym->constant || sym->constant->progress != VW_DONE)
        return false;
    *value = sym->constant->pub.value;
    return true;
}

const struct vw_proc *vw_program_proc(const struct vw_program *p, int32_t number)
{
    uint32_t low = 0, high = p->n_procs;
    /* Numbers mostly run without gaps. */
    int64_t guess = p->n_procs ? (int64_t)number - p->procs[0].number : -1;
    if (guess >= 0 && guess < p->n_procs && p->procs[guess].number == number)
        return &p->procs[guess];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->procs[middle].number == number)
            return &p->procs[middle];
        if (p->procs[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct vw_proc *vw_program_proc_named(const struct vw_program *p, const char *name)
{
    for (uint32_t i = 0; i < p->n_procs; i++) {
        if (strcasecmp(p->procs[i].short_name, name) == 0 ||
            strcasecmp(p->procs[i].name, name) == 0)
            return &p->procs[i];
    }
    for (uint32_t i = 0; i < p->n_procs; i++) {
        if (strcasecmp(vw_proc_today(&p->procs[i]), name) == 0)
            return &p->procs[i];
    }
    return NULL;
}

const struct vw_proc *vw_schema_call(const struct vw_schema *s, const char *program,
                                     const char *name)
{
    const struct vw_program *p = vw_schema_program_named(s, program);
    const struct vw_proc *proc = p ? vw_program_proc_named(p, name) : NULL;
    return proc && proc->kind == VW_PROC_CALL ? proc : NULL;
}

/* By name or by number. */
static const struct vw_proc *proc_of(const struct vw_program *p, const char *name)
{
    char *end;
    errno = 0;
    long number = strtol(name, &end, 10);
    if (end == name || *end || errno || number < INT32_MIN || number > INT32_MAX)
        return vw_program_proc_named(p, name);
    return vw_program_proc(p, (int32_t)number);
}

const struct vw_proc *vw_schema_proc(const struct vw_schema *s, const char *name)
{
    const struct vw_sym *sym = s->tables ? NULL : vw_symbols_find(s, name, strlen(name));
    if (sym && sym->proc)
        return sym->proc;
    const char *dot = strchr(name, '.');
    if (dot) {
        const struct vw_program *p = find_program(s, name, (size_t)(dot - name));
        return p ? proc_of(p, dot + 1) : NULL;
    }
    const struct vw_program *remote = vw_schema_program_named(s, "remote");
    const struct vw_proc *found = remote ? proc_of(remote, name) : NULL;
    for (size_t i = 0; i < s->n_programs && !found; i++)
        found = vw_program_proc_named(s->program_list[i], name);
    return found;
}

const struct vw_field *vw_type_arm(const struct vw_type *u, int32_t value)
{
    const struct vw_field *other = NULL;
    for (uint32_t i = 0; i < u->n_fields; i++) {
        const struct vw_field *f = &u->fields[i];
        if (f->is_default)
            other = f;
        for (uint32_t k = 0; k < f->n_cases; k++) {
            if (f->cases[k] == value)
                return f;
        }
    }
    return other;
}

int64_t vw_type_case(const struct vw_type *u, int32_t value)
{
    return u->disc && u->disc->type->kind == VW_UINT ? (int64_t)(uint32_t)value : value;
}

const struct vw_member *vw_type_member(const struct vw_type *e, int32_t value)
{
    for (uint32_t i = 0; i < e->n_members; i++) {
        if (e->members[i].value == value)
            return &e->members[i];
    }
    return NULL;
}
