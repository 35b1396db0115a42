// SPDX-License-Identifier: MIT
// The phases of a migration where the domain leaves: begin, perform, confirm. There is no memory to
// be moved, but it takes the time that it would at the speed that was said; without one it is
// there at once.
#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/domain-form.h"
#include "mock-daemon/migrate/peer.h"
#include "mock-daemon/rows.h"

/* virDomainEventSuspendedDetailType and its like, and reasons of states. */
enum { SUSPENDED_MIGRATED = 1, RESUMED_MIGRATED = 1, STOPPED_MIGRATED = 3 };
enum { PAUSED_MIGRATION = 2, RUNNING_MIGRATION_CANCELED = 6, SHUTOFF_MIGRATED = 4 };

#define MIB (1ull << 20)
/* MiB/s above which any speed is the same: products with milliseconds stay in range. */
#define MEMORY_MAX (UINT64_MAX / 1024 / 1000) /* KiB, likewise */
#define SPEED_MAX  (UINT64_MAX / MIB / 1000)

static enum vw_outcome not_now(struct vw_call *c, const char *why)
{
    return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_QEMU, why);
}

static enum vw_outcome move(struct vw_call *c, struct vw_domain *d, int32_t to, int32_t reason,
                            int32_t event, int32_t detail)
{
    const struct vw_move m = {~0u, to, reason, event, .detail = detail};
    return vw_call_move(c, vw_model_objects(c->conn->model, &vw_object_kind_domain), &d->o, &m);
}

/* ---- begin ---- */

static enum vw_outcome check(struct vw_call *c, const struct vw_domain *d, const struct vw_wish *w)
{
    const bool offline = (w->flags & VW_MIGRATE_OFFLINE) != 0;
    if (w->flags & ~(uint64_t)VW_MIGRATE_KNOWN)
        return vw_call_check_flags(c, ~0u, VW_MIGRATE_KNOWN);
    if (d->migration)
        return not_now(c, "the domain is being migrated");
    if (!offline && !d->o.active)
        return not_now(c, "the domain does not run");
    if (offline && !(w->flags & VW_MIGRATE_PERSIST_DEST))
        return not_now(c, "what does not run there must be persistent there");
    if (offline && (w->flags & VW_MIGRATE_TUNNELLED))
        return not_now(c, "there is nothing to go through a tunnel");
    if (d->snapshots)
        return not_now(c, "the domain has snapshots");
    return VW_DONE;
}

/* What goes to the other side: what it is, or is said to be there, of which name and uuid are its
 * own. */
static enum vw_outcome departing_xml(struct vw_call *c, const struct vw_domain *d,
                                     const char *given, uint32_t which, struct vw_string *out)
{
    const struct vw_string text = vw_string(given ? given : "");
    struct vw_domain like = {.o = {.state = VW_DOMAIN_SHUTOFF}};
    if (!given)
        return vw_doc_source(c, d, which, out);
    if (vw_domain_read(c, &text, &like) != VW_DONE)
        return VW_FAILED;
    if (memcmp(like.o.uuid, d->o.uuid, sizeof(like.o.uuid)) != 0)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_QEMU, "the XML is of another domain");
    *out = like.o.xml;
    return VW_DONE;
}

static enum vw_outcome keep_persistent(struct vw_call *c, struct vw_migration *m,
                                       const struct vw_wish *w)
{
    struct vw_string text;
    if (!(w->flags & VW_MIGRATE_PERSIST_DEST))
        return VW_DONE;
    if (departing_xml(c, m->domain, w->persistent_xml, VW_AFFECT_CONFIG, &text) != VW_DONE)
        return VW_FAILED;
    free(m->persistent);
    m->persistent = strdup(text.data);
    return m->persistent ? VW_DONE
                         : vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_QEMU, "no memory for the XML");
}

enum vw_outcome vw_source_begin(struct vw_call *c, struct vw_domain *d, const struct vw_wish *w,
                                struct vw_string *xml, struct vw_bytes *cookie)
{
    if (check(c, d, w) != VW_DONE || departing_xml(c, d, w->xml, VW_AFFECT_LIVE, xml) != VW_DONE ||
        vw_cookie_write(c, d, NULL, cookie) != VW_DONE)
        return VW_FAILED;
    struct vw_migration *m = vw_migration_add(c, d, VW_MIGRATION_BEGUN, w->flags);
    if (!m || keep_persistent(c, m, w) != VW_DONE) {
        vw_migration_drop(m);
        return VW_FAILED;
    }
    return VW_DONE;
}

/* ---- perform ---- */

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Bytes that were moved between SINCE_MS and now. */
static uint64_t moved_since(const struct vw_migration *m)
{
    const uint64_t left = m->job.total - m->job.moved;
    const int64_t ms = vw_clock_ms(&m->owner->daemon->clock) - m->since_ms;
    if (m->phase != VW_MIGRATION_MOVING || ms <= 0 || m->job.speed == 0)
        return 0;
    const uint64_t seconds = (uint64_t)ms / 1000, rest = (uint64_t)ms % 1000;
    return seconds >= left / m->job.speed + 1
               ? left
               : smaller(left, m->job.speed * seconds + m->job.speed * rest / 1000);
}

struct vw_job vw_source_job(const struct vw_migration *m)
{
    struct vw_job job = m->job;
    if (m->phase != VW_MIGRATION_MOVING)
        return job;
    job.moved += moved_since(m);
    job.elapsed_ms = vw_clock_ms(&m->owner->daemon->clock) - job.began_ms;
    return job;
}

void vw_source_move(struct vw_migration *m, uint64_t mib_per_second)
{
    const int64_t now = vw_clock_ms(&m->owner->daemon->clock);
    m->job.moved += moved_since(m);
    m->since_ms = now;
    m->job.speed = mib_per_second > SPEED_MAX ? 0 : mib_per_second * MIB;
    m->due_ms = now + (int64_t)smaller(vw_job_remaining_ms(&m->job), INT32_MAX);
    m->phase = VW_MIGRATION_MOVING;
}

void vw_source_begin_job(struct vw_migration *m, int32_t operation)
{
    m->job = (struct vw_job){.type = VW_JOB_UNBOUNDED,
                             .operation = operation,
                             .began_ms = vw_clock_ms(&m->owner->daemon->clock),
                             .total = smaller(m->domain->facts.memory, MEMORY_MAX) * 1024};
    m->since_ms = m->job.began_ms;
}

/* Pass N over the memory begins. */
static enum vw_outcome tell_pass(struct vw_call *c, const struct vw_domain *d, int32_t n)
{
    struct remote_domain_event_callback_migration_iteration_msg *pass =
        vw_call_alloc(c, sizeof(*pass));
    if (!pass)
        return VW_FAILED;
    pass->iteration = n;
    return vw_call_tell(c, &(struct vw_happening){.kind = &vw_object_kind_domain,
                                                  .object = &d->o,
                                                  .event = VW_EVENT_MIGRATION_ITERATION,
                                                  .message = pass});
}

void vw_source_start_moving(struct vw_call *c, struct vw_migration *m, const struct vw_wish *w)
{
    vw_source_begin_job(m, VW_JOB_MIGRATION_OUT);
    m->flags |= w->flags;
    vw_source_move(m, w->bandwidth ? w->bandwidth : m->domain->max_speed);
    tell_pass(c, m->domain, 1);
}

/* Since version 2 of the protocol has no begin, and a client of version 3 may have left it out. */
static struct vw_migration *begun(struct vw_call *c, struct vw_domain *d, const struct vw_wish *w)
{
    struct vw_string xml;
    struct vw_bytes cookie;
    if (!d->migration && vw_source_begin(c, d, w, &xml, &cookie) != VW_DONE)
        return NULL;
    if (d->migration->phase == VW_MIGRATION_BEGUN)
        return d->migration;
    not_now(c, "the domain is being migrated");
    return NULL;
}

enum vw_outcome vw_source_end_job(struct vw_call *c, struct vw_migration *m)
{
    struct vw_domain *d = m->domain;
    m->job = vw_source_job(m);
    m->phase = VW_MIGRATION_MOVED;
    m->due_ms = INT64_MAX;
    m->job.moved = m->job.total;
    m->job.type = VW_JOB_COMPLETED;
    if (!d->last_job)
        d->last_job = malloc(sizeof(*d->last_job));
    if (!d->last_job)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_QEMU, "no memory for the job");
    *d->last_job = m->job;
    return VW_DONE;
}

static enum vw_outcome stand_still(struct vw_call *c, struct vw_migration *m)
{
    struct vw_domain *d = m->domain;
    if (vw_source_end_job(c, m) != VW_DONE)
        return VW_FAILED;
    /* What it changed meanwhile is moved when it stands still. */
    if (tell_pass(c, d, 2) != VW_DONE)
        return VW_FAILED;
    if (d->o.state != VW_DOMAIN_RUNNING)
        return VW_DONE;
    m->stopped = true;
    return move(c, d, VW_DOMAIN_PAUSED, PAUSED_MIGRATION, VW_LIFECYCLE_SUSPENDED,
                SUSPENDED_MIGRATED);
}

enum vw_outcome vw_source_perform(struct vw_call *c, struct vw_domain *d, const struct vw_wish *w,
                                  struct vw_bytes *cookie)
{
    if (w->flags & VW_MIGRATE_TUNNELLED)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_QEMU, "a tunnel is between two daemons");
    struct vw_migration *m = begun(c, d, w);
    if (!m)
        return VW_FAILED;
    m->last = !cookie;
    vw_source_start_moving(c, m, w);
    if (m->due_ms > m->since_ms)
        return vw_later_take(&m->perform, c);
    if (stand_still(c, m) != VW_DONE)
        return VW_FAILED;
    return cookie ? vw_cookie_write(c, d, m->persistent, cookie) : vw_source_confirm(c, d, false);
}

enum vw_outcome vw_source_perform_peer(struct vw_call *c, struct vw_domain *d,
                                       const struct vw_wish *w, const char *uri)
{
    struct vw_wish target = *w;
    struct vw_string xml;
    if (!uri)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_QEMU, "no URI of the target");
    if (vw_source_begin(c, d, w, &xml, &target.cookie) != VW_DONE)
        return VW_FAILED;
    target.xml = xml.data;
    if (vw_peer_start(c, d->migration, &target, uri) == VW_DONE)
        return vw_later_take(&d->migration->perform, c);
    vw_migration_drop(d->migration);
    return VW_FAILED;
}

/* It is gone, and who waits for the perform is told so. */
static void leave_for_good(struct vw_call *c, struct vw_migration *m)
{
    struct vw_later perform = m->perform;
    m->perform.conn = NULL;
    if (vw_source_confirm(c, m->domain, false) == VW_DONE)
        vw_later_reply(&perform, NULL);
    else
        vw_later_fail(&perform, c->error.code, VW_FROM_QEMU, c->error.message);
}

enum vw_outcome vw_source_moved(struct vw_call *c, struct vw_migration *m)
{
    struct remote_domain_migrate_perform3_ret ret = {0};
    if (m->deed.run) {
        vw_busy_end(c, m);
        return VW_DONE;
    }
    if (m->last) {
        if (stand_still(c, m) != VW_DONE)
            return VW_FAILED;
        leave_for_good(c, m);
        return VW_DONE;
    }
    if (stand_still(c, m) != VW_DONE ||
        vw_cookie_write(c, m->domain, m->persistent, &ret.cookie_out) != VW_DONE)
        return VW_FAILED;
    if (m->peer)
        vw_peer_moved(m->peer, &ret.cookie_out);
    else
        vw_later_reply(&m->perform, &ret);
    return VW_DONE;
}

void vw_source_failed(struct vw_migration *m, int32_t code, const char *text)
{
    m->phase = VW_MIGRATION_BEGUN;
    m->due_ms = INT64_MAX;
    m->job.type = VW_JOB_CANCELLED;
    if (m->deed.run) {
        vw_later_fail(&m->perform, code, VW_FROM_QEMU, text);
        vw_migration_drop(m);
    } else if (m->peer)
        vw_peer_cancel(m->peer, code, text);
    else
        vw_later_fail(&m->perform, code, VW_FROM_QEMU, text);
}

/* ---- confirm ---- */

/* It runs again, if it did. */
static enum vw_outcome stay(struct vw_call *c, struct vw_migration *m)
{
    struct vw_domain *d = m->domain;
    const bool runs = m->stopped && d->o.state == VW_DOMAIN_PAUSED;
    vw_migration_drop(m);
    return runs ? move(c, d, VW_DOMAIN_RUNNING, RUNNING_MIGRATION_CANCELED, VW_LIFECYCLE_RESUMED,
                       RESUMED_MIGRATED)
                : VW_DONE;
}

/* It has left for good, and the job by which it did is told of. */
static enum vw_outcome stop(struct vw_call *c, struct vw_domain *d, const struct vw_job *job)
{
    struct remote_domain_event_callback_job_completed_msg *completed =
        vw_call_alloc(c, sizeof(*completed));
    if (!completed || vw_job_params(c, job, &completed->params) != VW_DONE ||
        move(c, d, VW_DOMAIN_SHUTOFF, SHUTOFF_MIGRATED, VW_LIFECYCLE_STOPPED, STOPPED_MIGRATED) !=
            VW_DONE)
        return VW_FAILED;
    return vw_call_tell(c, &(struct vw_happening){.kind = &vw_object_kind_domain,
                                                  .object = &d->o,
                                                  .event = VW_EVENT_JOB_COMPLETED,
                                                  .message = completed});
}

static enum vw_outcome go(struct vw_call *c, struct vw_migration *m)
{
    struct vw_domain *d = m->domain;
    const uint64_t flags = m->flags;
    const struct vw_job job = m->job;
    vw_migration_drop(m);
    if (flags & VW_MIGRATE_UNDEFINE_SOURCE)
        d->o.persistent = 0;
    if (!(flags & VW_MIGRATE_OFFLINE))
        return stop(c, d, &job);
    if (!d->o.active && !d->o.persistent)
        vw_call_remove(c, vw_model_objects(c->conn->model, &vw_object_kind_domain), &d->o);
    return VW_DONE;
}

enum vw_outcome vw_source_confirm(struct vw_call *c, struct vw_domain *d, bool cancelled)
{
    struct vw_migration *m = d->migration;
    if (!m || m->phase == VW_MIGRATION_ARRIVES || m->deed.run)
        return not_now(c, "the domain is not being migrated");
    if (cancelled)
        return stay(c, m);
    if (m->phase != VW_MIGRATION_MOVED && !(m->flags & VW_MIGRATE_OFFLINE))
        return not_now(c, "the domain has not moved");
    return go(c, m);
}
