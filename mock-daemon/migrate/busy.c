// SPDX-License-Identifier: MIT
// What a domain does that takes as long as if its memory moved, and goes nowhere: it is saved, or
// dumped. In the list of migrations it is one that leaves, so that it is told of, called off and
// given another speed as those are.
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/migrate/migration.h"
#include "mock-daemon/rows.h"

enum vw_outcome vw_busy_take(struct vw_call *c, struct vw_domain *d, const struct vw_deed *deed)
{
    if (!c->conn->hosted || !c->conn->hosted->migrates || !d->max_speed)
        return deed->run(c, d, deed);
    if (d->migration)
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_QEMU, "the domain has a job");
    struct vw_migration *m = vw_migration_add(c, d, VW_MIGRATION_BEGUN, 0);
    if (!m)
        return VW_FAILED;
    m->deed = *deed;
    m->deed.path = strdup(deed->path ? deed->path : "");
    if (!m->deed.path) {
        vw_migration_drop(m);
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_QEMU, "no memory for the job");
    }
    vw_source_begin_job(m, deed->operation);
    vw_source_move(m, d->max_speed);
    return vw_later_take(&m->perform, c);
}

void vw_busy_end(struct vw_call *c, struct vw_migration *m)
{
    struct vw_domain *d = m->domain;
    struct vw_later perform = m->perform;
    const struct vw_deed deed = m->deed;
    m->perform.conn = NULL;
    m->deed.path = NULL;
    enum vw_outcome outcome = vw_source_end_job(c, m);
    vw_migration_drop(m);
    if (outcome == VW_DONE)
        outcome = deed.run(c, d, &deed);
    free(deed.path);
    if (outcome == VW_DONE)
        vw_later_reply(&perform, NULL);
    else
        vw_later_fail(&perform, c->error.code, c->error.domain, c->error.message);
}
