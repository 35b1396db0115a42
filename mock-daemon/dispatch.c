// SPDX-License-Identifier: MIT
// The table of procedures. Fields of arguments are found by name once, so that a handler reads them
// where they lie in the value, whatever the profile's layout.
#include "mock-daemon/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "schema/facts.h"

struct program_table {
    const struct vw_program *program;
    struct vw_entry *entries; /* beside program->procs */
};

struct vw_dispatch {
    const struct vw_profile *profile;
    struct vw_dispatch_programs programs;
    struct program_table tables[4];
};

static const char *const spoken[] = {"remote", "qemu", "lxc"};

const struct vw_dispatch_programs *vw_dispatch_programs(const struct vw_dispatch *d)
{
    return &d->programs;
}

static const struct vw_handler *find_handler(const struct vw_proc *proc)
{
    if (strcmp(proc->program->name, "remote") != 0)
        return NULL;
    for (const struct vw_object_kind *const *k = vw_object_kinds; *k; k++) {
        for (const struct vw_handler *h = (*k)->handlers; h->procedure; h++) {
            if (strcmp(h->procedure, vw_proc_today(proc)) == 0)
                return h;
        }
    }
    return NULL;
}

static const struct vw_field *find_field(const struct vw_type *t, const char *name, size_t len)
{
    for (uint32_t i = 0; t && t->kind == VW_STRUCT && i < t->n_fields; i++) {
        const char *n = t->fields[i].name;
        if (n && strlen(n) == len && memcmp(n, name, len) == 0)
            return &t->fields[i];
    }
    return NULL;
}

/* Where PATH lies in a value of T. Behind an optional it counts from the value pointed to. */
static uint32_t resolve(const struct vw_type *t, const char *path)
{
    uint32_t offset = 0;
    while (*path) {
        size_t len = strcspn(path, ".");
        const struct vw_field *f;
        if (t && t->kind == VW_OPTIONAL) {
            t = t->elem;
            offset = 0;
        }
        f = find_field(t, path, len);
        if (!f)
            return UINT32_MAX;
        offset += f->offset;
        t = f->type;
        path += len + (path[len] == '.');
    }
    return offset;
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

/* An optional `dom` is a filter and not what the call is about. */
static void fill_domain(const struct vw_type *args, struct vw_entry *e)
{
    const struct vw_field *dom = find_field(args, "dom", 3);
    bool about = dom && dom->type->kind == VW_STRUCT;
    e->domain[0] = about ? resolve(args, "dom.uuid") : UINT32_MAX;
    e->domain[1] = about ? resolve(args, "dom.id") : UINT32_MAX;
    e->domain[2] = about ? resolve(args, "dom.name") : UINT32_MAX;
}

static void fill_entry(const struct vw_profile *profile, const struct vw_proc *proc,
                       struct vw_entry *e)
{
    const struct vw_facts *facts = vw_proc_facts(proc);
    e->handler = proc->kind == VW_PROC_CALL ? find_handler(proc) : NULL;
    e->no_support_domain = (int32_t)vw_profile_answer(profile, "no_support.domain", facts->domain);
    e->read_only_domain = read_only_domain(profile, facts->domain, about_connection(proc));
    e->modifies = facts->modifies;
    fill_domain(proc->args, e);
    for (unsigned i = 0; e->handler && i < VW_HANDLER_ARGS; i++)
        e->offset[i] = e->handler->args[i] ? resolve(proc->args, e->handler->args[i]) : UINT32_MAX;
}

static int add_program(struct vw_dispatch *d, const struct vw_program *program,
                       struct vw_error *err)
{
    struct program_table *t = &d->tables[d->programs.count];
    t->program = program;
    t->entries = calloc(program->n_procs + 1, sizeof(*t->entries));
    if (!t->entries)
        return vw_error_nomem(err);
    for (uint32_t i = 0; i < program->n_procs; i++)
        fill_entry(d->profile, &program->procs[i], &t->entries[i]);
    d->programs.list[d->programs.count++] = program;
    return 0;
}

int vw_dispatch_create(const struct vw_profile *profile, struct vw_dispatch **out,
                       struct vw_error *err)
{
    struct vw_dispatch *d = calloc(1, sizeof(*d));
    if (!d)
        return vw_error_nomem(err);
    d->profile = profile;
    for (size_t i = 0; i < sizeof(spoken) / sizeof(spoken[0]); i++) {
        const struct vw_program *p = vw_schema_program_named(profile->schema, spoken[i]);
        if (p && add_program(d, p, err) < 0) {
            vw_dispatch_destroy(d);
            return VW_ENOMEM;
        }
    }
    *out = d;
    return 0;
}

void vw_dispatch_destroy(struct vw_dispatch *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->programs.count; i++)
        free(d->tables[i].entries);
    free(d);
}

const struct vw_entry *vw_dispatch_entry(const struct vw_dispatch *d, const struct vw_proc *proc)
{
    for (size_t i = 0; i < d->programs.count; i++) {
        if (d->tables[i].program == proc->program)
            return &d->tables[i].entries[proc - proc->program->procs];
    }
    return NULL;
}

enum vw_outcome vw_dispatch_run(struct vw_call *c)
{
    const struct vw_entry *e = c->entry;
    if (e->modifies && c->conn->read_only)
        return vw_call_failf(c, VW_ERR_OPERATION_DENIED, e->read_only_domain,
                             "%s is not for a read-only connection", c->event->proc->short_name);
    if (!e->handler)
        return vw_call_failf(c, VW_ERR_NO_SUPPORT, e->no_support_domain,
                             "this hypervisor has no %s", c->event->proc->short_name);
    return e->handler->run(c);
}
