// SPDX-License-Identifier: MIT
// The model of the hypervisor: its tables of objects, and what happens to them.
#include "mock-daemon/model.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/config.h"
#include "mock-daemon/handler.h"

const struct vw_machine vw_machine_default = {
    .model = "i686",
    .memory = 3145728,
    .cpus = VW_CELLS * VW_CELL_CPUS,
    .mhz = 1400,
    .nodes = VW_CELLS,
    .sockets = 2,
    .cores = 2,
    .threads = 2,
    .cells = VW_CELLS,
};

static size_t count_kinds(void)
{
    size_t n = 0;
    while (vw_object_kinds[n])
        n++;
    return n;
}

static char *own_hostname(void)
{
    char name[256];
    if (gethostname(name, sizeof(name)) < 0)
        return strdup("localhost");
    name[sizeof(name) - 1] = 0;
    return strdup(name);
}

/* CONFIG NULL: nothing is there. */
static int fill(const struct vw_model *m, struct vw_objects *t, const struct vw_config *config,
                struct vw_error *err)
{
    if (config && t->kind->begin && t->kind->begin(m, t, config) < 0)
        return vw_error_nomem(err);
    return t->kind->size ? vw_objects_keep(t, err) : 0;
}

static int init(struct vw_model *m, const char *hostname, const struct vw_config *config,
                struct vw_error *err)
{
    size_t n = count_kinds();
    int rc = 0;
    *m = (struct vw_model){.max_vcpus = 32, .host = vw_machine_default};
    m->hostname = hostname ? strdup(hostname) : own_hostname();
    m->objects = calloc(n, sizeof(*m->objects));
    for (size_t i = 0; m->objects && i < n; i++)
        vw_objects_init(&m->objects[i], vw_object_kinds[i]);
    if (!m->hostname || !m->objects)
        rc = vw_error_nomem(err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = fill(m, &m->objects[i], config, err);
    if (rc < 0)
        vw_model_finish(m);
    return rc;
}

int vw_model_init(struct vw_model *m, const struct vw_config *config, struct vw_error *err)
{
    return init(m, config->hostname, config, err);
}

int vw_model_init_empty(struct vw_model *m, const struct vw_config *config, struct vw_error *err)
{
    return init(m, config->hostname, NULL, err);
}

void vw_model_finish(struct vw_model *m)
{
    for (size_t i = 0; m->objects && vw_object_kinds[i]; i++)
        vw_objects_finish(&m->objects[i]);
    free(m->objects);
    free(m->hostname);
    free(m->happenings);
    vw_arena_finish(&m->texts);
    *m = (struct vw_model){0};
}

struct vw_objects *vw_model_objects(const struct vw_model *m, const struct vw_object_kind *kind)
{
    struct vw_objects *t = m->objects;
    while (t->kind != kind)
        t++;
    return t;
}

void vw_model_opened(struct vw_model *m)
{
    m->n_opened++;
}

void vw_model_closed(struct vw_model *m, bool hosted)
{
    m->lasts |= hosted;
    if (m->n_opened == 0 || --m->n_opened > 0 || m->lasts)
        return;
    if (m->restored)
        vw_model_begin_again(m);
    for (size_t i = 0; vw_object_kinds[i]; i++)
        vw_objects_reset(&m->objects[i]);
}

void vw_model_begin_again(struct vw_model *m)
{
    for (size_t i = 0; vw_object_kinds[i]; i++)
        vw_objects_begin_again(&m->objects[i]);
    vw_arena_finish(&m->texts);
    m->restored = m->lasts = false;
    m->n_happenings = 0;
}

int vw_model_happened(struct vw_model *m, const struct vw_happening *h)
{
    if (m->n_happenings == m->cap_happenings) {
        uint32_t cap = m->cap_happenings ? m->cap_happenings * 2 : 4;
        struct vw_happening *list = realloc(m->happenings, cap * sizeof(*list));
        if (!list)
            return VW_ENOMEM;
        m->happenings = list;
        m->cap_happenings = cap;
    }
    m->happenings[m->n_happenings++] = *h;
    return 0;
}
