// SPDX-License-Identifier: MIT
// Migrations under way: of domains that leave, from the first phase (begin) to the last (confirm),
// and of those that arrive, from prepare to finish. What a client asks for in either form of a
// phase is a wish; the phases themselves are in source.c and target.c.
#pragma once

#include <sys/queue.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/kinds/domain.h"
#include "mock-daemon/later.h"

struct vw_migrate_peer;

/* virDomainMigrateFlags, as far as they change anything here. */
enum {
    VW_MIGRATE_PEER2PEER = 1 << 1,
    VW_MIGRATE_TUNNELLED = 1 << 2,
    VW_MIGRATE_PERSIST_DEST = 1 << 3,
    VW_MIGRATE_UNDEFINE_SOURCE = 1 << 4,
    VW_MIGRATE_PAUSED = 1 << 5,
    VW_MIGRATE_OFFLINE = 1 << 10,
    VW_MIGRATE_POSTCOPY = 1 << 15,
    VW_MIGRATE_KNOWN = (1 << 21) - 1
};

/* virErrorNumber and virErrorDomain of what hypervisors with migration say. */
enum { VW_FROM_QEMU = 10, VW_ERR_OPERATION_FAILED = 9, VW_ERR_OPERATION_ABORTED = 78 };

/* What a phase is given; texts that are absent or empty are NULL. */
struct vw_wish {
    uint64_t flags;
    uint64_t bandwidth;         /* MiB/s; 0: that of the domain */
    const char *dname;          /* what it is called when it has arrived; NULL: as ever */
    const char *xml;            /* what it is there */
    const char *persistent_xml; /* what it is there when it starts again */
    const char *uri;
    struct vw_bytes cookie;
};

/* The wish of the form with typed parameters, or the error of the call. */
enum vw_outcome vw_wish_read(struct vw_call *c, const struct vw_list *params, uint32_t flags,
                             const struct vw_bytes *cookie, struct vw_wish *out);
/* An absent or empty text is NULL. */
const char *vw_wish_text(const struct vw_string *text);

/* ---- cookies: what one side tells the other through the client, which does not look at it ---- */

struct vw_cookie {
    const char *name, *hostname, *persistent; /* XML of a definition; NULL: none */
    uint8_t uuid[16];
};

enum vw_outcome vw_cookie_write(struct vw_call *c, const struct vw_domain *d,
                                const char *persistent, struct vw_bytes *out);
/* An empty one says nothing: *OUT is 0 then. */
enum vw_outcome vw_cookie_read(struct vw_call *c, const struct vw_bytes *bytes,
                               struct vw_cookie *out);

/* ---- jobs of other kinds ---- */

/* virDomainJobOperation */
enum { VW_JOB_SAVE = 2, VW_JOB_MIGRATION_OUT = 5, VW_JOB_DUMP = 8 };

/* What is done to a domain when the time has passed that it takes. */
struct vw_deed {
    enum vw_outcome (*run)(struct vw_call *c, struct vw_domain *d, const struct vw_deed *deed);
    int32_t operation;
    char *path;
    uint32_t flags;
};

/* ---- migrations ---- */

enum vw_migration_phase {
    VW_MIGRATION_BEGUN,
    VW_MIGRATION_MOVING, /* perform has not come to its end */
    VW_MIGRATION_MOVED,
    VW_MIGRATION_ARRIVES /* it is the other end */
};

struct vw_migration {
    LIST_ENTRY(vw_migration) link; /* of the daemon's */
    enum vw_migration_phase phase;
    struct vw_conn *owner;    /* who has begun it: when that goes, it is off */
    struct vw_domain *domain; /* NULL: it arrives without running, and is not there yet */
    uint64_t flags;
    /* It leaves. */
    bool stopped; /* it ran, and was paused for this */
    bool last;    /* no confirm follows the perform: who has moved is gone */
    struct vw_job job;
    int64_t since_ms, due_ms; /* of the daemon's clock: MOVED counted so far, and all is over */
    char *persistent;         /* the definition that goes along; NULL: none */
    struct vw_later perform;
    struct vw_deed deed;          /* run NULL: none, it moves */
    struct vw_migrate_peer *peer; /* the target, if the daemon speaks to it by itself */
    /* It arrives. */
    char *name, *xml; /* of what is not there yet */
    bool tunnelled, whole;
    uint32_t serial; /* of the stream that is its tunnel */
};

LIST_HEAD(vw_migrations, vw_migration);

unsigned vw_migrations_count(const struct vw_call *c, bool arrives);
/* A new one of D, which may be NULL, owned by the connection of C; NULL: no memory, or too many are
 * under way, and the error of the call is set. */
struct vw_migration *vw_migration_add(struct vw_call *c, struct vw_domain *d,
                                      enum vw_migration_phase phase, uint64_t flags);
/* Forgets M, which may be NULL, whatever the domain is now; who waits for it is told that it has
 * come to nothing. */
void vw_migration_drop(struct vw_migration *m);
/* The one that arrives and is called NAME, or NULL. */
struct vw_migration *vw_migration_arriving(struct vw_call *c, const char *name);
/* C goes: the domains that it was moving stay where they were. One that has moved stays paused,
 * since nobody knows whether it runs at the target. */
void vw_migrations_leave(struct vw_conn *c);
/* Whether C, which has gone, may not be forgotten yet: a target that was asked on its behalf to run
 * a domain has not said whether it does. */
bool vw_migrations_hold(const struct vw_conn *c);
/* When the next of C is due, of the daemon's clock; INT64_MAX: none is. */
int64_t vw_migrations_due_ms(const struct vw_conn *c);
/* Those of C that are due go on. */
void vw_migrations_go_on(struct vw_conn *c);

/* A call for what happens without one. */
struct vw_call vw_migration_call(struct vw_conn *c);

/* ---- the phases where it leaves ---- */

enum vw_outcome vw_source_begin(struct vw_call *c, struct vw_domain *d, const struct vw_wish *w,
                                struct vw_string *xml, struct vw_bytes *cookie);
/* VW_DONE: it has moved, and *COOKIE goes to the target. VW_LATER: it moves; vw_source_moved.
 * COOKIE NULL: of versions 1 and 2, and it is gone. */
enum vw_outcome vw_source_perform(struct vw_call *c, struct vw_domain *d, const struct vw_wish *w,
                                  struct vw_bytes *cookie);
/* The same by way of a connection of our own to URI, which may be NULL. VW_LATER, if it begins. */
enum vw_outcome vw_source_perform_peer(struct vw_call *c, struct vw_domain *d,
                                       const struct vw_wish *w, const char *uri);
enum vw_outcome vw_source_confirm(struct vw_call *c, struct vw_domain *d, bool cancelled);

/* Does DEED to D: at once, or later where a hypervisor that migrates is open and D has a speed, and
 * then it is what D is busy with. */
enum vw_outcome vw_busy_take(struct vw_call *c, struct vw_domain *d, const struct vw_deed *deed);
/* The time has passed: M is no more, and who waits for it is answered. */
void vw_busy_end(struct vw_call *c, struct vw_migration *m);
/* The job of M begins, or is completed and is what the domain did last. */
void vw_source_begin_job(struct vw_migration *m, int32_t operation);
enum vw_outcome vw_source_end_job(struct vw_call *c, struct vw_migration *m);
/* M moves from now on, as W says, and the first pass over the memory is told of. */
void vw_source_start_moving(struct vw_call *c, struct vw_migration *m, const struct vw_wish *w);
/* M moves, from now on, or goes on moving at another speed, in MiB/s. */
void vw_source_move(struct vw_migration *m, uint64_t mib_per_second);
/* What is told of J as typed parameters (job.c, as the next). */
enum vw_outcome vw_job_params(struct vw_call *c, const struct vw_job *j, struct vw_list *out);
/* Milliseconds until the rest of J is moved. */
uint64_t vw_job_remaining_ms(const struct vw_job *j);
/* What is moved by now. */
struct vw_job vw_source_job(const struct vw_migration *m);
/* All of it is there: the domain stands still. */
enum vw_outcome vw_source_moved(struct vw_call *c, struct vw_migration *m);
/* It moved, and comes to nothing: CODE and TEXT are what the perform is answered. */
void vw_source_failed(struct vw_migration *m, int32_t code, const char *text);

/* ---- and where it arrives ---- */

/* *URI is where to; left alone where the wish has one or there is a tunnel. */
enum vw_outcome vw_target_prepare(struct vw_call *c, const struct vw_wish *w, bool tunnelled,
                                  struct vw_bytes *cookie, struct vw_string **uri);
/* Of version 1, which tells nothing of what arrives before it is there. */
enum vw_outcome vw_target_expect(struct vw_call *c, const struct vw_wish *w,
                                 struct vw_string **uri);
/* And then it is only known that it is called NAME: what is defined so, or else a small one. */
enum vw_outcome vw_target_appear(struct vw_call *c, const char *name, uint64_t flags,
                                 struct remote_nonnull_domain *out);
enum vw_outcome vw_target_finish(struct vw_call *c, const struct vw_wish *w, bool cancelled,
                                 struct remote_nonnull_domain *out, struct vw_bytes *cookie);
/* The domain of M goes, in the way of a failure with DETAIL, and M with it. */
enum vw_outcome vw_target_discard(struct vw_call *c, struct vw_migration *m, int32_t reason,
                                  int32_t detail);
