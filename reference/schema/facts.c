// SPDX-License-Identifier: MIT
// Finding the row of a procedure in the table of facts.
#include "schema/facts.h"

#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

static int compare(const void *key, const void *row)
{
    const struct vw_facts_name *a = key, *b = row;
    int d = strcmp(a->program, b->program);
    return d ? d : strcmp(a->name, b->name);
}

static const struct vw_facts_name *find(const char *program, const char *name)
{
    const struct vw_facts_name key = {program, name, 0};
    return bsearch(&key, vw_facts_names, vw_facts_name_count, sizeof(key), compare);
}

uint16_t vw_facts_find(const char *program, const char *name)
{
    const struct vw_facts_name *row = find(program, name);
    if (!row)
        row = find(program, "*");
    return row ? row->row : 0;
}

const struct vw_facts *vw_proc_facts(const struct vw_proc *proc)
{
    return &vw_facts_rows[proc->facts];
}

const char *vw_proc_today(const struct vw_proc *proc)
{
    const char *name = vw_proc_facts(proc)->name;
    return name ? name : proc->short_name;
}
