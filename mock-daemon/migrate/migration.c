// SPDX-License-Identifier: MIT
// The list of migrations, and what becomes of them when somebody goes.
#include "mock-daemon/migrate/peer.h"

#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/event.h"
#include "mock-daemon/rows.h"

/* In either direction; each connection looks through them at each turn. */
#define MIGRATIONS_MAX 256

unsigned vw_migrations_count(const struct vw_call *c, bool arrives)
{
    unsigned n = 0;
    for (const struct vw_migration *m = LIST_FIRST(&c->conn->daemon->migrations); m;
         m = LIST_NEXT(m, link))
        n += (m->phase == VW_MIGRATION_ARRIVES) == arrives;
    return n;
}

struct vw_migration *vw_migration_add(struct vw_call *c, struct vw_domain *d,
                                      enum vw_migration_phase phase, uint64_t flags)
{
    struct vw_migration *m = NULL;
    if (vw_migrations_count(c, phase == VW_MIGRATION_ARRIVES) < MIGRATIONS_MAX)
        m = calloc(1, sizeof(*m));
    if (!m) {
        vw_call_fail(c, VW_ERR_OPERATION_FAILED, VW_FROM_QEMU, "no room for one migration more");
        return NULL;
    }
    *m = (struct vw_migration){
        .phase = phase, .owner = c->conn, .domain = d, .flags = flags, .due_ms = INT64_MAX};
    LIST_INSERT_HEAD(&c->conn->daemon->migrations, m, link);
    if (d)
        d->migration = m;
    return m;
}

void vw_migration_drop(struct vw_migration *m)
{
    if (!m)
        return;
    LIST_REMOVE(m, link);
    if (m->domain)
        m->domain->migration = NULL;
    vw_peer_destroy(m->peer);
    vw_later_fail(&m->perform, VW_ERR_OPERATION_FAILED, VW_FROM_QEMU,
                  "the domain is not there any more");
    free(m->deed.path);
    free(m->persistent);
    free(m->name);
    free(m->xml);
    free(m);
}

struct vw_migration *vw_migration_arriving(struct vw_call *c, const char *name)
{
    struct vw_migration *m = LIST_FIRST(&c->conn->daemon->migrations);
    while (m && (m->phase != VW_MIGRATION_ARRIVES ||
                 strcmp(m->domain ? m->domain->o.name.data : m->name, name) != 0))
        m = LIST_NEXT(m, link);
    return m;
}

struct vw_call vw_migration_call(struct vw_conn *c)
{
    return (struct vw_call){.conn = c, .fd = -1};
}

/* virDomainEventStoppedDetailType, virDomainShutoffReason */
enum { STOPPED_DESTROYED = 1, SHUTOFF_DESTROYED = 2 };

static void leave(struct vw_call *c, struct vw_migration *m)
{
    m->perform.conn = NULL;
    if (m->phase == VW_MIGRATION_ARRIVES)
        vw_target_discard(c, m, SHUTOFF_DESTROYED, STOPPED_DESTROYED);
    else if (m->phase == VW_MIGRATION_MOVED)
        vw_migration_drop(m);
    else if (vw_source_confirm(c, m->domain, true) != VW_DONE)
        vw_migration_drop(m);
}

void vw_migrations_leave(struct vw_conn *c)
{
    struct vw_call call = vw_migration_call(c);
    struct vw_migration *next;
    for (struct vw_migration *m = LIST_FIRST(&c->daemon->migrations); m; m = next) {
        next = LIST_NEXT(m, link);
        if (m->owner == c)
            leave(&call, m);
    }
    vw_event_tell(c);
}

bool vw_migrations_hold(const struct vw_conn *c)
{
    const struct vw_migration *m = LIST_FIRST(&c->daemon->migrations);
    while (m && !(m->owner == c && m->peer && m->peer->step == VW_PEER_FINISHES))
        m = LIST_NEXT(m, link);
    return m != NULL;
}

int64_t vw_migrations_due_ms(const struct vw_conn *c)
{
    int64_t due = INT64_MAX;
    for (const struct vw_migration *m = LIST_FIRST(&c->daemon->migrations); m;
         m = LIST_NEXT(m, link)) {
        if (m->owner == c && m->due_ms < due)
            due = m->due_ms;
    }
    return due;
}

void vw_migrations_go_on(struct vw_conn *c)
{
    const int64_t now = vw_clock_ms(&c->daemon->clock);
    struct vw_migration *next;
    for (struct vw_migration *m = LIST_FIRST(&c->daemon->migrations); m; m = next) {
        struct vw_call call = vw_migration_call(c);
        next = LIST_NEXT(m, link);
        if (m->owner != c || m->due_ms > now)
            continue;
        m->due_ms = INT64_MAX;
        if (vw_source_moved(&call, m) != VW_DONE)
            vw_source_failed(m, call.error.code, call.error.message);
        vw_event_tell(c);
        vw_arena_reset(&c->daemon->arena);
    }
}
