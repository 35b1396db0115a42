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

/* ---- what varies ---- */

static bool is_named(const char *row, const char *name)
{
    return strcmp(row, "*") == 0 || (name && strcmp(row, name) == 0);
}

const char *vw_facts_bound(const struct vw_type *parent, const char *field, const struct vw_type *t)
{
    for (size_t i = 0; i < vw_varying_count; i++) {
        const struct vw_varying *v = &vw_varying_rows[i];
        if (v->xml)
            continue;
        if (v->name ? field && strcmp(v->name, field) == 0 &&
                          is_named(v->parent, parent ? parent->name : NULL)
                    : t->name && strcmp(v->parent, t->name) == 0)
            return v->kind;
    }
    return NULL;
}

bool vw_facts_xml_varies(const char *element, const char *attribute)
{
    for (size_t i = 0; i < vw_varying_count; i++) {
        const struct vw_varying *v = &vw_varying_rows[i];
        if (v->xml && is_named(v->parent, element) &&
            (attribute ? v->name && strcmp(v->name, attribute) == 0 : !v->name))
            return true;
    }
    return false;
}

/* ---- ranges ---- */

const struct vw_range *vw_facts_range(const char *parent, const char *field)
{
    for (size_t i = 0; i < vw_range_count; i++)
        if (strcmp(vw_range_rows[i].field, field) == 0 && is_named(vw_range_rows[i].parent, parent))
            return &vw_range_rows[i];
    return NULL;
}

bool vw_facts_name(const char *paths, const char *path)
{
    size_t len = strlen(path);
    for (size_t n; paths && *paths; paths += n + (paths[n] == ',')) {
        n = strcspn(paths, ",");
        if (n == len && memcmp(paths, path, len) == 0)
            return true;
    }
    return false;
}
