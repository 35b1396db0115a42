// SPDX-License-Identifier: MIT
// What a domain is busy with, which here can be that it is migrated, saved or dumped: how far that
// is, and calling it off.
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/migrate/migration.h"
#include "mock-daemon/rows.h"

/* virDomainGetJobStatsFlags */
enum { STATS_COMPLETED = 1, STATS_KEEP_COMPLETED = 2 };
/* virDomainAbortJobFlags */
#define ABORT_POSTCOPY 1u

/* What D is busy with; of type 0: nothing. */
static struct vw_job job_of(const struct vw_domain *d)
{
    const struct vw_migration *m = d->migration;
    if (m && (m->phase == VW_MIGRATION_MOVING || m->phase == VW_MIGRATION_MOVED))
        return vw_source_job(m);
    return (struct vw_job){.type = VW_JOB_NONE};
}

enum vw_outcome vw_on_domain_get_job_info(struct vw_call *c,
                                          const struct remote_domain_get_job_info_args *args,
                                          struct remote_domain_get_job_info_ret *ret)
{
    const struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d)
        return VW_FAILED;
    const struct vw_job j = job_of(d);
    ret->type = (int32_t)j.type;
    ret->timeElapsed = (uint64_t)j.elapsed_ms;
    ret->timeRemaining = vw_job_remaining_ms(&j);
    ret->dataTotal = ret->memTotal = j.total;
    ret->dataProcessed = ret->memProcessed = j.moved;
    ret->dataRemaining = ret->memRemaining = j.total - j.moved;
    return VW_DONE;
}

enum vw_outcome vw_on_domain_get_job_stats(struct vw_call *c,
                                           const struct remote_domain_get_job_stats_args *args,
                                           struct remote_domain_get_job_stats_ret *ret)
{
    struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d ||
        vw_call_check_flags(c, args->flags, STATS_COMPLETED | STATS_KEEP_COMPLETED) != VW_DONE)
        return VW_FAILED;
    const bool last = (args->flags & STATS_COMPLETED) != 0;
    const struct vw_job j = !last         ? job_of(d)
                            : d->last_job ? *d->last_job
                                          : (struct vw_job){.type = VW_JOB_NONE};
    if (last && d->last_job && !(args->flags & STATS_KEEP_COMPLETED))
        d->last_job->type = VW_JOB_NONE;
    ret->type = (int32_t)j.type;
    return vw_job_params(c, &j, &ret->params);
}

static enum vw_outcome abort_job(struct vw_call *c, const struct remote_nonnull_domain *dom,
                                 uint32_t flags)
{
    struct vw_domain *d = vw_domain_running(c, dom, flags, ABORT_POSTCOPY);
    if (!d)
        return VW_FAILED;
    const struct vw_migration *m = d->migration;
    /* What has moved cannot be called off: the target may run it by now. */
    if (!m || (m->phase != VW_MIGRATION_MOVING && !(m->peer && m->phase == VW_MIGRATION_BEGUN)))
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_QEMU, "the domain has no job");
    vw_source_failed(d->migration, VW_ERR_OPERATION_ABORTED, "the job was called off");
    return VW_DONE;
}

enum vw_outcome vw_on_domain_abort_job(struct vw_call *c,
                                       const struct remote_domain_abort_job_args *args)
{
    return abort_job(c, &args->dom, 0);
}

enum vw_outcome vw_on_domain_abort_job_flags(struct vw_call *c,
                                             const struct remote_domain_abort_job_flags_args *args)
{
    return abort_job(c, &args->dom, args->flags);
}

static const struct vw_row rows[] = {
    VW_HOSTED(domain_get_job_info),
    VW_HOSTED(domain_get_job_stats),
    VW_HOSTED(domain_abort_job),
    VW_HOSTED(domain_abort_job_flags),
    {NULL},
};

const struct vw_object_kind vw_object_kind_job = {
    .name = "job", .rows = rows, .migration = true, .about = &vw_object_kind_domain};
