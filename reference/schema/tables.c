// SPDX-License-Identifier: MIT
// A schema over the tables that the build has printed. It has no symbols, so names are looked for
// in the lists. What is attached to its types serves all such schemas, and goes with the last.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "schema/basic.h"
#include "schema/internal.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t users;

int vw_tables_enter(const struct vw_tables *t, struct vw_schema **out)
{
    struct vw_schema *s = calloc(1, sizeof(*s));
    if (!s)
        return VW_ENOMEM;
    s->tables = t;
    s->error_file = "";
    s->finished = true;
    s->const_list = t->consts;
    s->type_list = t->types;
    s->program_list = t->programs;
    s->n_consts = t->n_consts;
    s->n_types = t->n_types;
    s->n_programs = t->n_programs;
    pthread_mutex_lock(&lock);
    users++;
    pthread_mutex_unlock(&lock);
    *out = s;
    return 0;
}

void vw_tables_leave(const struct vw_tables *t)
{
    pthread_mutex_lock(&lock);
    bool last = --users == 0;
    for (size_t i = 0; last && i < t->n_all; i++)
        vw_type_detach(&t->all[i]);
    pthread_mutex_unlock(&lock);
}

const struct vw_type *vw_tables_type(const struct vw_tables *t, const char *name)
{
    size_t low = 0, high = t->n_types;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct vw_type *found = t->types[t->by_name[middle]];
        int order = strcmp(name, found->name);
        if (order == 0)
            return found;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return vw_basic_named(name);
}

bool vw_tables_const(const struct vw_tables *t, const char *name, int64_t *value)
{
    for (size_t i = 0; i < t->n_consts; i++)
        if (strcmp(t->consts[i]->name, name) == 0) {
            *value = t->consts[i]->value;
            return true;
        }
    for (size_t i = 0; i < t->n_types; i++)
        for (uint32_t k = 0; k < t->types[i]->n_members; k++)
            if (strcmp(t->types[i]->members[k].name, name) == 0) {
                *value = t->types[i]->members[k].value;
                return true;
            }
    return false;
}
