// SPDX-License-Identifier: MIT
// The model of the hypervisor: domains found by name, uuid and id, and their states.
#include "mock-daemon/model.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct vw_domain_spec vw_domain_default = {
    .name = "test",
    .has_uuid = true,
    .uuid = {0x66, 0x95, 0xeb, 0x01, 0xf6, 0xa4, 0x83, 0x04, 0x79, 0xaa, 0x97, 0xf2, 0x50, 0x2e,
             0x19, 0x3f},
    .max_memory = 8388608,
    .memory = 2097152,
    .vcpus = 2,
};

/* A uuid that depends on nothing but the name (FNV-1a, twice), marked as version 4. */
static void uuid_from_name(const char *name, uint8_t *uuid)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int half = 0; half < 2; half++) {
        for (const char *p = name; *p; p++)
            h = (h ^ (uint8_t)*p) * 0x100000001b3u;
        h = (h ^ 0xff) * 0x100000001b3u;
        for (int i = 0; i < 8; i++)
            uuid[half * 8 + i] = (uint8_t)(h >> (8 * i));
    }
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

static int compare_name(const void *a, const void *b)
{
    const struct vw_domain *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static int compare_uuid(const void *a, const void *b)
{
    const struct vw_domain *const *x = a, *const *y = b;
    return memcmp((*x)->uuid, (*y)->uuid, 16);
}

static char *own_hostname(void)
{
    char name[256];
    if (gethostname(name, sizeof(name)) < 0)
        return strdup("localhost");
    name[sizeof(name) - 1] = 0;
    return strdup(name);
}

static bool domain_from_spec(const struct vw_domain_spec *spec, int32_t *next_id,
                             struct vw_domain *d)
{
    d->name = strdup(spec->name);
    if (!d->name)
        return false;
    if (spec->has_uuid)
        memcpy(d->uuid, spec->uuid, 16);
    else
        uuid_from_name(spec->name, d->uuid);
    d->state = spec->state ? spec->state : VW_DOMAIN_RUNNING;
    d->reason = 0;
    d->id = d->state == VW_DOMAIN_SHUTOFF ? -1 : (*next_id)++;
    d->max_memory = spec->max_memory;
    d->memory = spec->memory;
    d->vcpus = spec->vcpus;
    d->autostart = spec->autostart;
    d->persistent = true;
    return true;
}

static void count_active(struct vw_model *m)
{
    m->n_active = 0;
    m->next_id = 1;
    for (uint32_t i = 0; i < m->n_domains; i++) {
        if (!vw_domain_active(&m->domains[i]))
            continue;
        m->n_active++;
        m->next_id = m->domains[i].id + 1;
    }
}

static int build_indexes(struct vw_model *m, struct vw_error *err)
{
    for (uint32_t i = 0; i < m->n_domains; i++)
        m->by_name[i] = m->by_uuid[i] = &m->domains[i];
    if (m->n_domains == 0)
        return 0;
    qsort(m->by_name, m->n_domains, sizeof(*m->by_name), compare_name);
    qsort(m->by_uuid, m->n_domains, sizeof(*m->by_uuid), compare_uuid);
    for (uint32_t i = 1; i < m->n_domains; i++) {
        if (compare_name(&m->by_name[i - 1], &m->by_name[i]) == 0)
            return vw_error_set(err, VW_EUSAGE, "two domains are called '%s'", m->by_name[i]->name);
        if (compare_uuid(&m->by_uuid[i - 1], &m->by_uuid[i]) == 0)
            return vw_error_set(err, VW_EUSAGE, "domains '%s' and '%s' have the same uuid",
                                m->by_uuid[i - 1]->name, m->by_uuid[i]->name);
    }
    return 0;
}

int vw_model_init(struct vw_model *m, const char *hostname, const struct vw_domain_spec *specs,
                  size_t n, struct vw_error *err)
{
    int32_t next_id = 1;
    int rc;
    *m = (struct vw_model){.type = "TEST", .version = 2, .max_vcpus = 32};
    m->hostname = hostname ? strdup(hostname) : own_hostname();
    m->domains = calloc(n + 1, sizeof(*m->domains));
    m->initial = calloc(n + 1, sizeof(*m->initial));
    m->by_name = calloc(n + 1, sizeof(struct vw_domain *));
    m->by_uuid = calloc(n + 1, sizeof(struct vw_domain *));
    if (!m->hostname || !m->domains || !m->initial || !m->by_name || !m->by_uuid)
        goto nomem;
    for (size_t i = 0; i < n; i++) {
        if (!domain_from_spec(&specs[i], &next_id, &m->domains[i]))
            goto nomem;
        m->n_domains++;
    }
    memcpy(m->initial, m->domains, n * sizeof(*m->domains));
    count_active(m);
    rc = build_indexes(m, err);
    if (rc < 0)
        vw_model_finish(m);
    return rc;
nomem:
    vw_model_finish(m);
    return vw_error_nomem(err);
}

void vw_model_finish(struct vw_model *m)
{
    for (uint32_t i = 0; m->domains && i < m->n_domains; i++)
        free(m->domains[i].name);
    free(m->hostname);
    free(m->domains);
    free(m->initial);
    free(m->by_name);
    free(m->by_uuid);
    free(m->happenings);
    *m = (struct vw_model){0};
}

void vw_model_opened(struct vw_model *m)
{
    m->n_opened++;
}

void vw_model_closed(struct vw_model *m)
{
    if (m->n_opened == 0 || --m->n_opened > 0)
        return;
    memcpy(m->domains, m->initial, m->n_domains * sizeof(*m->domains));
    count_active(m);
}

struct vw_domain *vw_model_by_name(const struct vw_model *m, const char *name)
{
    uint32_t lo = 0, hi = m->n_domains;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = strcmp(name, m->by_name[mid]->name);
        if (c == 0)
            return m->by_name[mid];
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

struct vw_domain *vw_model_by_uuid(const struct vw_model *m, const uint8_t *uuid)
{
    uint32_t lo = 0, hi = m->n_domains;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = memcmp(uuid, m->by_uuid[mid]->uuid, 16);
        if (c == 0)
            return m->by_uuid[mid];
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

struct vw_domain *vw_model_by_id(const struct vw_model *m, int32_t id)
{
    for (uint32_t i = 0; id >= 0 && i < m->n_domains; i++) {
        if (m->domains[i].id == id)
            return &m->domains[i];
    }
    return NULL;
}

void vw_model_set_state(struct vw_model *m, struct vw_domain *d, enum vw_domain_state state,
                        int32_t reason)
{
    bool was = vw_domain_active(d);
    bool is = state != VW_DOMAIN_SHUTOFF;
    d->state = state;
    d->reason = reason;
    if (is && !was) {
        d->id = m->next_id;
        m->next_id = m->next_id == INT32_MAX ? 1 : m->next_id + 1;
        m->n_active++;
    } else if (was && !is) {
        d->id = -1;
        m->n_active--;
    }
}

uint64_t vw_domain_cpu_time(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int vw_model_happened(struct vw_model *m, const struct vw_domain *d, enum vw_lifecycle what,
                      int32_t detail)
{
    if (m->n_happenings == m->cap_happenings) {
        uint32_t cap = m->cap_happenings ? m->cap_happenings * 2 : 4;
        struct vw_happening *list = realloc(m->happenings, cap * sizeof(*list));
        if (!list)
            return VW_ENOMEM;
        m->happenings = list;
        m->cap_happenings = cap;
    }
    m->happenings[m->n_happenings++] = (struct vw_happening){d, what, detail};
    return 0;
}
