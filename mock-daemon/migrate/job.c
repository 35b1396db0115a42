// SPDX-License-Identifier: MIT
// How far a job is, as clients are told.
#include "mock-daemon/migrate/migration.h"
#include "mock-daemon/params.h"

uint64_t vw_job_remaining_ms(const struct vw_job *j)
{
    const uint64_t left = j->total - j->moved;
    return j->speed ? left / j->speed * 1000 + left % j->speed * 1000 / j->speed : 0;
}

enum vw_outcome vw_job_params(struct vw_call *c, const struct vw_job *j, struct vw_list *out)
{
    struct vw_params p;
    vw_params_begin(&p, c, 12);
    if (j->type != VW_JOB_NONE) {
        vw_params_add_int(&p, "operation", j->operation);
        vw_params_add_u64(&p, "time_elapsed", (uint64_t)j->elapsed_ms);
        if (j->type == VW_JOB_UNBOUNDED)
            vw_params_add_u64(&p, "time_remaining", vw_job_remaining_ms(j));
        vw_params_add_u64(&p, "data_total", j->total);
        vw_params_add_u64(&p, "data_processed", j->moved);
        vw_params_add_u64(&p, "data_remaining", j->total - j->moved);
        vw_params_add_u64(&p, "memory_total", j->total);
        vw_params_add_u64(&p, "memory_processed", j->moved);
        vw_params_add_u64(&p, "memory_remaining", j->total - j->moved);
        vw_params_add_u64(&p, "memory_bps", j->speed);
    }
    return vw_params_end(&p, out);
}
