// SPDX-License-Identifier: MIT
// Snapshots of domains.
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/moment.h"
#include "mock-daemon/rows.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_NO_SNAPSHOT = 72, ERR_OPERATION_UNSUPPORTED = 84, FROM_SNAPSHOT = 35 };

/* virDomainEventStartedDetailType and its like, and reasons of states. */
enum {
    STARTED_FROM_SNAPSHOT = 3,
    STOPPED_FROM_SNAPSHOT = 6,
    RUNNING_FROM_SNAPSHOT = 4,
    PAUSED_FROM_SNAPSHOT = 7,
    SHUTOFF_FROM_SNAPSHOT = 7
};

const struct vw_moments vw_snapshots = {.kind = &vw_object_kind_snapshot,
                                        .current = offsetof(struct vw_domain, snapshot),
                                        .count = offsetof(struct vw_domain, snapshots),
                                        .disk_method = "snapshot",
                                        .disk_default = "internal"};

#define LIST_KNOWN 0x7ffu

static struct vw_moment *snapshot(struct vw_call *c,
                                  const struct remote_nonnull_domain_snapshot *named,
                                  uint32_t flags, uint32_t known)
{
    return vw_call_check_flags(c, flags, known) == VW_DONE
               ? (struct vw_moment *)vw_call_object_of(c, &vw_object_kind_snapshot, named)
               : NULL;
}

/* What a list is of: all of a domain, or those behind one; false: the error is set. */
static bool of_domain(struct vw_call *c, const struct remote_nonnull_domain *dom, uint32_t flags,
                      struct vw_moment_choice *out)
{
    if (vw_call_check_flags(c, flags, LIST_KNOWN) != VW_DONE)
        return false;
    *out = (struct vw_moment_choice){.domain = vw_call_domain(c, dom), .flags = flags};
    return out->domain != NULL;
}

static bool behind(struct vw_call *c, const struct remote_nonnull_domain_snapshot *named,
                   uint32_t flags, struct vw_moment_choice *out)
{
    const struct vw_moment *m = snapshot(c, named, flags, LIST_KNOWN);
    if (m)
        *out = (struct vw_moment_choice){(const struct vw_domain *)m->o.parent, m, flags};
    return m != NULL;
}

#define HANDLER(proc)                                                                              \
    enum vw_outcome vw_on_##proc(struct vw_call *c, const struct remote_##proc##_args *args,       \
                                 struct remote_##proc##_ret *ret)
/* How many, their names, and they themselves: of a domain, and behind one. */
#define COUNT(proc, of, whose)                                                                     \
    HANDLER(proc)                                                                                  \
    {                                                                                              \
        struct vw_moment_choice choice;                                                            \
        if (!of(c, &args->whose, args->flags, &choice))                                            \
            return VW_FAILED;                                                                      \
        ret->num = (int32_t)vw_moments_count(c, &vw_snapshots, &choice);                           \
        return VW_DONE;                                                                            \
    }
#define NAMES(proc, of, whose)                                                                     \
    HANDLER(proc)                                                                                  \
    {                                                                                              \
        struct vw_moment_choice choice;                                                            \
        if (vw_call_check_count(c, args->maxnames) != VW_DONE ||                                   \
            !of(c, &args->whose, args->flags, &choice))                                            \
            return VW_FAILED;                                                                      \
        return vw_moments_names(c, &vw_snapshots, &choice, (uint32_t)args->maxnames, &ret->names); \
    }
#define ALL(proc, of, whose)                                                                       \
    HANDLER(proc)                                                                                  \
    {                                                                                              \
        struct vw_moment_choice choice;                                                            \
        if (!of(c, &args->whose, args->flags, &choice))                                            \
            return VW_FAILED;                                                                      \
        return vw_moments_all(c, &vw_snapshots, &choice, args->need_results != 0, &ret->snapshots, \
                              &ret->ret);                                                          \
    }

COUNT(domain_snapshot_num, of_domain, dom)
COUNT(domain_snapshot_num_children, behind, snap)
NAMES(domain_snapshot_list_names, of_domain, dom)
NAMES(domain_snapshot_list_children_names, behind, snap)
ALL(domain_list_all_snapshots, of_domain, dom)
ALL(domain_snapshot_list_all_children, behind, snapshot)

/* ---- one of them ---- */

static enum vw_outcome give(struct vw_call *c, const struct vw_moment *m, void *out,
                            const char *missing)
{
    if (!m)
        return vw_call_fail(c, ERR_NO_SNAPSHOT, VW_FROM_TEST, missing);
    vw_moment_refer(&m->o, out);
    return VW_DONE;
}

HANDLER(domain_snapshot_lookup_by_name)
{
    const struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    const struct vw_object *o = vw_objects_child(vw_call_objects(c), &d->o, vw_text(&args->name));
    return give(c, (const struct vw_moment *)o, &ret->snap, "there is no such snapshot");
}

HANDLER(domain_has_current_snapshot)
{
    const struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    ret->result = d->snapshot != NULL;
    return VW_DONE;
}

HANDLER(domain_snapshot_current)
{
    const struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    return give(c, d->snapshot, &ret->snap, "no snapshot is the current one");
}

HANDLER(domain_snapshot_get_parent)
{
    const struct vw_moment *m = snapshot(c, &args->snap, args->flags, 0);
    return m ? give(c, m->before, &ret->snap, "it has no parent") : VW_FAILED;
}

HANDLER(domain_snapshot_is_current)
{
    struct vw_moment *m = snapshot(c, &args->snap, args->flags, 0);
    if (!m)
        return VW_FAILED;
    ret->current = ((const struct vw_domain *)m->o.parent)->snapshot == m;
    return VW_DONE;
}

HANDLER(domain_snapshot_has_metadata)
{
    ret->metadata = 1;
    return snapshot(c, &args->snap, args->flags, 0) ? VW_DONE : VW_FAILED;
}

HANDLER(domain_snapshot_get_xml_desc)
{
    if (vw_call_check_secure(c, args->flags) != VW_DONE)
        return VW_FAILED;
    const struct vw_moment *m = snapshot(c, &args->snap, args->flags, 1);
    return m ? vw_moment_xml(c, &vw_snapshots, m, true, &ret->xml) : VW_FAILED;
}

/* ---- making, taking up again, deleting ---- */

/* virDomainSnapshotCreateFlags; beside these quiesce, atomic, validate. */
enum {
    CREATE_REDEFINE = 1 << 0,
    CREATE_CURRENT = 1 << 1,
    CREATE_HALT = 1 << 3,
    CREATE_KNOWN = CREATE_REDEFINE | CREATE_CURRENT | CREATE_HALT | 1 << 6 | 1 << 7 | 1 << 9
};

static struct vw_objects *domains(const struct vw_call *c)
{
    return vw_model_objects(c->conn->model, &vw_object_kind_domain);
}

static enum vw_outcome stop(struct vw_call *c, struct vw_domain *d)
{
    static const struct vw_move halt = {.from = ~0u,
                                        .to = VW_DOMAIN_SHUTOFF,
                                        .reason = SHUTOFF_FROM_SNAPSHOT,
                                        .event = VW_LIFECYCLE_STOPPED,
                                        .detail = STOPPED_FROM_SNAPSHOT};
    return vw_call_move(c, domains(c), &d->o, &halt);
}

HANDLER(domain_snapshot_create_xml)
{
    struct vw_domain *d;
    struct vw_moment *m;
    if (vw_call_check_flags(c, args->flags, CREATE_KNOWN) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    if (d->checkpoints)
        return vw_call_fail(c, ERR_OPERATION_UNSUPPORTED, VW_FROM_TEST, "it has checkpoints");
    if (!d->o.persistent && (args->flags & CREATE_HALT))
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_TEST, "it would be gone then");
    const bool current = (args->flags & CREATE_CURRENT) != 0;
    const enum vw_outcome outcome =
        args->flags & CREATE_REDEFINE
            ? vw_moment_redefine(c, &vw_snapshots, d, &args->xml_desc, current, &m)
            : vw_moment_create(c, &vw_snapshots, d, &args->xml_desc, &m);
    if (outcome != VW_DONE)
        return VW_FAILED;
    vw_moment_refer(&m->o, &ret->snap);
    return d->o.active && (args->flags & (CREATE_HALT | CREATE_REDEFINE)) == CREATE_HALT
               ? stop(c, d)
               : VW_DONE;
}

/* virDomainSnapshotRevertFlags */
enum { REVERT_RUNNING = 1, REVERT_PAUSED = 2, REVERT_KNOWN = 7 };

/* The state in which D is to be. */
static int32_t wanted(struct vw_call *c, const struct vw_moment *m, uint32_t flags)
{
    struct vw_string text;
    if (flags & REVERT_PAUSED)
        return VW_DOMAIN_PAUSED;
    if (flags & REVERT_RUNNING)
        return VW_DOMAIN_RUNNING;
    if (!m->was_active || vw_moment_xml(c, &vw_snapshots, m, false, &text) != VW_DONE)
        return VW_DOMAIN_SHUTOFF;
    return strstr(text.data, "<state>paused</state>") ? VW_DOMAIN_PAUSED : VW_DOMAIN_RUNNING;
}

/* From running to running: it ends, one that is not persistent too, and starts anew. */
static enum vw_outcome interrupt(struct vw_call *c, struct vw_domain *d)
{
    vw_objects_set_state(domains(c), &d->o, VW_DOMAIN_SHUTOFF, SHUTOFF_FROM_SNAPSHOT);
    const void *then = vw_call_named_as(c, &vw_object_kind_domain, &d->o);
    if (!then)
        return VW_FAILED;
    return vw_call_tell(c, &(struct vw_happening){.kind = &vw_object_kind_domain,
                                                  .object = &d->o,
                                                  .what = VW_LIFECYCLE_STOPPED,
                                                  .detail = STOPPED_FROM_SNAPSHOT,
                                                  .named = then});
}

enum vw_outcome
vw_on_domain_revert_to_snapshot(struct vw_call *c,
                                const struct remote_domain_revert_to_snapshot_args *args)
{
    struct vw_moment *m = snapshot(c, &args->snap, args->flags, REVERT_KNOWN);
    struct vw_domain *d = m ? (struct vw_domain *)(uintptr_t)m->o.parent : NULL;
    struct vw_domain_facts facts;
    struct vw_string text;
    if (!m || vw_moment_domain(c, m, &text, &facts) != VW_DONE)
        return VW_FAILED;
    if ((args->flags & REVERT_RUNNING) && (args->flags & REVERT_PAUSED))
        return vw_call_fail(c, VW_ERR_INVALID_ARG, FROM_SNAPSHOT, "running or paused");
    const int32_t state = wanted(c, m, args->flags);
    if (!d->o.persistent && state == VW_DOMAIN_SHUTOFF)
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_TEST, "it would be gone then");
    char *copy = strdup(text.data);
    if (!copy)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the XML");
    d->snapshot = m;
    if (d->o.active && state == VW_DOMAIN_SHUTOFF && stop(c, d) != VW_DONE) {
        free(copy);
        return VW_FAILED;
    }
    vw_domain_set_text(c, d, copy, &facts);
    if (state == VW_DOMAIN_SHUTOFF)
        return VW_DONE;
    if (d->o.active && interrupt(c, d) != VW_DONE)
        return VW_FAILED;
    const bool paused = state == VW_DOMAIN_PAUSED;
    if (vw_domain_start(c, d, state, paused ? PAUSED_FROM_SNAPSHOT : RUNNING_FROM_SNAPSHOT,
                        STARTED_FROM_SNAPSHOT) != VW_DONE)
        return VW_FAILED;
    return paused ? vw_call_tell(c, &(struct vw_happening){&vw_object_kind_domain, &d->o,
                                                           VW_EVENT_LIFECYCLE,
                                                           VW_LIFECYCLE_SUSPENDED, 5})
                  : VW_DONE;
}

enum vw_outcome vw_on_domain_snapshot_delete(struct vw_call *c,
                                             const struct remote_domain_snapshot_delete_args *args)
{
    struct vw_moment *m =
        snapshot(c, &args->snap, args->flags, VW_MOMENT_CHILDREN | VW_MOMENT_CHILDREN_ONLY);
    if (!m)
        return VW_FAILED;
    vw_moment_delete(c, &vw_snapshots, m, args->flags);
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(domain_snapshot_num),
    VW_CALL(domain_snapshot_num_children),
    VW_CALL(domain_snapshot_list_names),
    VW_CALL(domain_snapshot_list_children_names),
    VW_CALL(domain_list_all_snapshots),
    VW_CALL(domain_snapshot_list_all_children),
    VW_CALL(domain_snapshot_lookup_by_name),
    VW_CALL(domain_has_current_snapshot),
    VW_CALL(domain_snapshot_current),
    VW_CALL(domain_snapshot_get_parent),
    VW_CALL(domain_snapshot_is_current),
    VW_CALL(domain_snapshot_has_metadata),
    VW_CALL(domain_snapshot_get_xml_desc),
    VW_CALL(domain_snapshot_create_xml),
    VW_CALL(domain_revert_to_snapshot),
    VW_CALL(domain_snapshot_delete),
    {NULL},
};

const struct vw_object_kind vw_object_kind_snapshot = {
    .name = "snapshot",
    .rows = rows,
    .size = sizeof(struct vw_moment),
    .reference = {.size = sizeof(struct remote_nonnull_domain_snapshot)},
    .missing = {ERR_NO_SNAPSHOT, VW_FROM_TEST},
    .missing_text = "there is no such snapshot",
    .xml_domain = FROM_SNAPSHOT,
    .owns = vw_moment_owns,
    .refer = vw_moment_refer,
    .find = vw_moment_find,
};
