// SPDX-License-Identifier: MIT
// Which kinds of events a schema has. Everything but the numbers of the kinds follows from the
// names of the messages: [OBJECT]_event_[callback_][KIND], with a callback id as first field or
// without.
#include <string.h>

#include "client/internal.h"

#define NAMES(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

/* The number of a kind is its place here: the one thing about events that no .x file says. A new
 * kind goes to the end. */
static const struct {
    const char *object;
    const char *const *kinds;
} numbers[] = {
    {"domain",
     NAMES("lifecycle", "reboot", "rtc_change", "watchdog", "io_error", "graphics",
           "io_error_reason", "control_error", "block_job", "disk_change", "tray_change",
           "pmwakeup", "pmsuspend", "balloon_change", "pmsuspend_disk", "device_removed",
           "block_job_2", "tunable", "agent_lifecycle", "device_added", "migration_iteration",
           "job_completed", "device_removal_failed", "metadata_change", "block_threshold",
           "memory_failure", "memory_device_size_change", "nic_mac_change", "vcpu_removed",
           "channel_lifecycle")},
    {"network", NAMES("lifecycle", "metadata_change")},
    {"storage_pool", NAMES("lifecycle", "refresh")},
    {"node_device", NAMES("lifecycle", "update")},
    {"secret", NAMES("lifecycle", "value_changed")},
};

static int32_t number_of(const char *object, const char *kind)
{
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(numbers[i].object, object) != 0)
            continue;
        for (int32_t n = 0; numbers[i].kinds[n]; n++)
            if (strcmp(numbers[i].kinds[n], kind) == 0)
                return n;
    }
    return -1;
}

static bool has_callback(const struct vw_proc *message)
{
    const struct vw_type *t = message->args;
    return t && t->kind == VW_STRUCT && t->n_fields > 0 &&
           strcmp(t->fields[0].name, "callbackID") == 0;
}

/* Object and kind of a message, in ARENA. 0; 1: it is none of this sort; VW_ENOMEM. */
static int split(const struct vw_proc *message, struct vw_arena *arena, const char **object,
                 const char **kind)
{
    static const char middle[] = "_event_", callback[] = "callback_", domain[] = "domain_";
    const char *name = message->short_name;
    if (strcmp(message->program->name, "remote") != 0) {
        /* A program beside remote: events of domains, by the name of the program. */
        if (strncmp(name, domain, sizeof(domain) - 1) != 0)
            return 1;
        *object = message->program->name;
        *kind = name + sizeof(domain) - 1;
        return 0;
    }
    const char *at = strstr(name, middle);
    if (!at)
        return 1;
    *object = vw_arena_strndup(arena, name, (size_t)(at - name));
    *kind = at + sizeof(middle) - 1;
    if (strncmp(*kind, callback, sizeof(callback) - 1) == 0)
        *kind += sizeof(callback) - 1;
    return *object ? 0 : VW_ENOMEM;
}

struct list {
    struct vw_watch_kind *kinds;
    size_t n;
};

static struct vw_watch_kind *find(struct list *l, const char *name)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->kinds[i].name, name) == 0)
            return &l->kinds[i];
    return NULL;
}

static int add(struct list *l, const struct vw_proc *message, struct vw_arena *arena)
{
    const char *object, *kind;
    int rc = split(message, arena, &object, &kind);
    if (rc)
        return rc > 0 ? 0 : rc;
    const char *name = vw_arena_printf(arena, "%s.%s", object, kind);
    if (!name)
        return VW_ENOMEM;
    struct vw_watch_kind *k = find(l, name);
    if (!k) {
        k = &l->kinds[l->n++];
        *k = (struct vw_watch_kind){.name = name, .object = object, .id = number_of(object, kind)};
    }
    if (has_callback(message))
        k->callback = message;
    else
        k->plain = message;
    return 0;
}

static size_t count_events(const struct vw_program *p)
{
    size_t n = 0;
    for (uint32_t i = 0; i < p->n_procs; i++)
        n += p->procs[i].kind == VW_PROC_EVENT && p->procs[i].args;
    return n;
}

int vw_watch_kinds(const struct vw_schema *schema, struct vw_arena *arena,
                   const struct vw_watch_kind **out, size_t *n, struct vw_error *err)
{
    struct list l = {0};
    size_t n_programs, most = 0;
    const struct vw_program *const *programs = vw_schema_programs(schema, &n_programs);
    for (size_t i = 0; i < n_programs; i++)
        most += count_events(programs[i]);
    l.kinds = vw_arena_zalloc(arena, (most + 1) * sizeof(*l.kinds), _Alignof(struct vw_watch_kind));
    if (!l.kinds)
        return vw_error_nomem(err);
    for (size_t i = 0; i < n_programs; i++)
        for (uint32_t p = 0; p < programs[i]->n_procs; p++) {
            const struct vw_proc *message = &programs[i]->procs[p];
            if (message->kind == VW_PROC_EVENT && message->args && add(&l, message, arena))
                return vw_error_nomem(err);
        }
    *out = l.kinds;
    *n = l.n;
    return 0;
}
