// SPDX-License-Identifier: MIT
// The table of procedures, and between the layouts of the profile and of the handlers.
#include "mock-daemon/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "mock-daemon/access.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/hypervisor.h"
#include "mock-daemon/plan.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/synthesize.h"
#include "mock-daemon/unserved.h"
#include "schema/facts.h"

struct program_table {
    const struct vw_program *program;
    struct vw_entry *entries; /* beside program->procs */
};

struct vw_dispatch {
    const struct vw_profile *profile;
    struct vw_dispatch_programs programs, admin;
    struct program_table tables[4];
    size_t n_tables;
    struct event {
        const struct vw_event_form *form;
        const struct vw_proc *proc;
    } events[32];
    size_t n_events;
    const struct vw_schema *today; /* while the table is made */
};

static const char *const spoken[] = {"remote", "qemu", "lxc", "admin"};

const struct vw_dispatch_programs *vw_dispatch_programs(const struct vw_dispatch *d, bool admin)
{
    return admin ? &d->admin : &d->programs;
}

/* The number of the kind whose objects the rows of kind K ask about. */
static uint32_t about(uint32_t k)
{
    const struct vw_object_kind *of = vw_object_kinds[k]->about;
    uint32_t at = of ? 0 : k;
    while (of && vw_object_kinds[at] != of)
        at++;
    return at;
}

static void find_row(const struct vw_proc *proc, struct vw_entry *e)
{
    const char *name = vw_proc_today(proc);
    for (uint32_t k = 0; vw_object_kinds[k] && proc->kind == VW_PROC_CALL; k++) {
        const char *program = vw_object_kinds[k]->program;
        if (strcmp(program ? program : "remote", proc->program->name) != 0)
            continue;
        for (const struct vw_row *r = vw_object_kinds[k]->rows; r->procedure; r++) {
            if (strcmp(r->procedure, name) == 0) {
                e->row = r;
                e->kind = about(k);
                e->hosted = r->hosted || vw_object_kinds[k]->hosted;
                e->migration = vw_object_kinds[k]->migration;
                return;
            }
        }
    }
}

/* What kind of object a procedure is about, by the domain that modern libvirt uses for it: 2007
 * used others (D-31). */
static int32_t read_only_domain(const struct vw_profile *p, int32_t domain, bool on_connection)
{
    if (on_connection)
        return (int32_t)vw_profile_answer(p, "read_only_connection.domain", domain);
    if (domain == VW_FROM_NETWORK)
        return (int32_t)vw_profile_answer(p, "read_only_network.domain", domain);
    return domain == VW_FROM_DOMAIN ? (int32_t)vw_profile_answer(p, "read_only.domain", domain)
                                    : domain;
}

static bool about_connection(const struct vw_proc *proc)
{
    const struct vw_type *t = proc->args;
    if (!t || t->n_fields == 0)
        return true;
    return t->fields[0].type->kind != VW_STRUCT;
}

/* Where a call names the domain that it is about. An optional one is a filter. */
static uint32_t domain_offset(const struct vw_schema *today, const struct vw_type *args)
{
    struct vw_plan *plan;
    for (uint32_t i = 0; args && i < args->n_fields; i++) {
        const struct vw_field *f = &args->fields[i];
        if (f->name && strcmp(f->name, "dom") == 0 && f->type->kind == VW_STRUCT) {
            int rc = vw_plan_make(f->type, vw_schema_type(today, "remote_nonnull_domain"), &plan);
            free(plan);
            return rc == VW_PLAN_NONE ? f->offset : UINT32_MAX;
        }
    }
    return UINT32_MAX;
}

/* A row whose structs cannot be made of the profile's is off. */
static int plan_entry(const struct vw_dispatch *d, const struct vw_proc *proc, struct vw_entry *e)
{
    const struct vw_proc *now =
        d->today == d->profile->schema
            ? proc
            : vw_schema_call(d->today, proc->program->name, e->row->procedure);
    int args = now ? vw_plan_make(proc->args, now->args, &e->args_plan) : VW_PLAN_IMPOSSIBLE;
    int ret = now ? vw_plan_make(now->ret, proc->ret, &e->ret_plan) : VW_PLAN_IMPOSSIBLE;
    e->ret_size = now && now->ret ? now->ret->size : 0;
    if (args == VW_PLAN_IMPOSSIBLE || ret == VW_PLAN_IMPOSSIBLE)
        e->row = NULL;
    return args < 0 || ret < 0 ? VW_ENOMEM : 0;
}

static int fill_entry(const struct vw_dispatch *d, const struct vw_proc *proc, struct vw_entry *e)
{
    const struct vw_facts *facts = vw_proc_facts(proc);
    find_row(proc, e);
    e->no_support_domain =
        (int32_t)vw_profile_answer(d->profile, "no_support.domain", facts->domain);
    e->read_only_domain = read_only_domain(d->profile, facts->domain, about_connection(proc));
    e->is_new = !facts->name;
    e->modifies = facts->modifies;
    e->domain = domain_offset(d->today, proc->args);
    return e->row ? plan_entry(d, proc, e) : 0;
}

static int add_program(struct vw_dispatch *d, const struct vw_program *program,
                       struct vw_error *err)
{
    bool admin = strcmp(program->name, "admin") == 0;
    struct vw_dispatch_programs *to = admin ? &d->admin : &d->programs;
    struct program_table *t = &d->tables[d->n_tables];
    t->program = program;
    t->entries = calloc(program->n_procs + 1, sizeof(*t->entries));
    if (!t->entries)
        return vw_error_nomem(err);
    d->n_tables++;
    to->list[to->count++] = program;
    for (uint32_t i = 0; i < program->n_procs; i++) {
        if (fill_entry(d, &program->procs[i], &t->entries[i]) < 0)
            return vw_error_nomem(err);
    }
    return 0;
}

static int add_programs(struct vw_dispatch *d, struct vw_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof(spoken) / sizeof(spoken[0]); i++) {
        const struct vw_program *p = vw_schema_program_named(d->profile->schema, spoken[i]);
        rc = p ? add_program(d, p, err) : 0;
    }
    return rc;
}

static void find_event(struct vw_dispatch *d, const struct vw_event_form *form)
{
    const struct vw_proc *now = vw_schema_proc(d->today, form->procedure);
    const struct vw_proc *proc = vw_schema_proc(d->profile->schema, form->procedure);
    struct vw_plan *plan = NULL;
    if (now && proc && form->size <= VW_EVENT_SIZE &&
        d->n_events < sizeof(d->events) / sizeof(d->events[0]) &&
        vw_plan_make(now->args, proc->args, &plan) == VW_PLAN_NONE)
        d->events[d->n_events++] = (struct event){form, proc};
    free(plan);
}

static void find_events(struct vw_dispatch *d)
{
    for (const struct vw_object_kind *const *k = vw_object_kinds; *k; k++) {
        for (const struct vw_event_form *f = (*k)->events; f && f->procedure; f++)
            find_event(d, f);
    }
}

int vw_dispatch_create(const struct vw_profile *profile, bool newest, struct vw_dispatch **out,
                       struct vw_error *err)
{
    struct vw_dispatch *d = calloc(1, sizeof(*d));
    struct vw_profile *today = NULL;
    int rc = d ? 0 : vw_error_nomem(err);
    if (rc == 0 && !newest)
        rc = vw_profile_load(NULL, NULL, &today, err);
    if (rc == 0) {
        d->profile = profile;
        d->today = newest ? profile->schema : today->schema;
        rc = add_programs(d, err);
    }
    if (rc == 0) {
        find_events(d);
        d->today = NULL;
        *out = d;
    } else {
        vw_dispatch_destroy(d);
    }
    vw_profile_destroy(today);
    return rc;
}

void vw_dispatch_destroy(struct vw_dispatch *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n_tables; i++) {
        const struct program_table *t = &d->tables[i];
        for (uint32_t k = 0; k < t->program->n_procs; k++) {
            free(t->entries[k].args_plan);
            free(t->entries[k].ret_plan);
        }
        free(t->entries);
    }
    free(d);
}

const struct vw_proc *vw_dispatch_event(const struct vw_dispatch *d,
                                        const struct vw_event_form *form)
{
    for (size_t i = 0; i < d->n_events; i++) {
        if (d->events[i].form == form)
            return d->events[i].proc;
    }
    return NULL;
}

const struct vw_entry *vw_dispatch_entry(const struct vw_dispatch *d, const struct vw_proc *proc)
{
    for (size_t i = 0; i < d->n_tables; i++) {
        if (d->tables[i].program == proc->program)
            return &d->tables[i].entries[proc - proc->program->procs];
    }
    return NULL;
}

enum vw_outcome vw_dispatch_begin(struct vw_call *c)
{
    c->args = c->event->value;
    if (!c->entry->args_plan)
        return VW_DONE;
    c->args = vw_plan_apply(c->entry->args_plan, c->args, &c->conn->daemon->arena);
    return c->args ? VW_DONE : vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no memory");
}

static enum vw_outcome check_wanted(struct vw_call *c)
{
    const struct vw_row *row = c->entry->row;
    const uint8_t *at = row->wants_size ? (const uint8_t *)c->args + row->wants : NULL;
    uint32_t i = 0;
    while (i < row->wants_size && !at[i])
        i++;
    if (!at || i < row->wants_size)
        return VW_DONE;
    return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "an argument must not be empty");
}

static enum vw_outcome run_row(struct vw_call *c)
{
    const struct vw_entry *e = c->entry;
    const struct vw_row *row = e->row;
    void *ret = e->ret_size ? vw_call_alloc(c, e->ret_size) : NULL;
    uint32_t flags = row->flags ? vw_row_flags(row, c->args) : 0;
    enum vw_outcome outcome = VW_FAILED;
    if ((ret || !e->ret_size) && check_wanted(c) == VW_DONE &&
        vw_call_check_flags(c, flags, row->known) == VW_DONE)
        outcome = row->run(c, c->args, ret);
    c->value = ret;
    if (outcome != VW_DONE || !e->ret_plan)
        return outcome;
    c->value = vw_plan_apply(e->ret_plan, ret, &c->conn->daemon->arena);
    return c->value ? VW_DONE : vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no memory");
}

/* Whether the hypervisor that is open has the call. */
static bool has(const struct vw_call *c)
{
    const struct vw_entry *e = c->entry;
    const struct vw_hypervisor *h = c->conn->hosted;
    return e->row && (!e->hosted || (h && (!e->migration || h->migrates)));
}

enum vw_outcome vw_dispatch_run(struct vw_call *c)
{
    const struct vw_entry *e = c->entry;
    if (e->modifies && c->conn->read_only)
        return vw_call_failf(c, VW_ERR_OPERATION_DENIED, e->read_only_domain,
                             "%s is not for a read-only connection", c->event->proc->short_name);
    bool served = has(c),
         made_up = !served && c->conn->daemon->synthesize && vw_synthesize_can(c->event->proc);
    if (!served && !made_up && vw_unserved_refuses(c))
        return VW_FAILED;
    if (!served && !made_up && !e->is_new)
        return vw_call_failf(c, VW_ERR_NO_SUPPORT, e->no_support_domain,
                             "this hypervisor has no %s", c->event->proc->short_name);
    if (vw_access_before(c) != VW_DONE)
        return VW_FAILED;
    enum vw_outcome outcome = made_up ? vw_synthesize(c) : served ? run_row(c) : VW_DONE;
    outcome = vw_access_after(c, outcome);
    if (outcome == VW_FAILED)
        vw_hypervisor_own_error(c);
    return outcome;
}
