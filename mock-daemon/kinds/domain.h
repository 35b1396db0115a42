// SPDX-License-Identifier: MIT
// What a domain has beside what all objects have.
#pragma once

#include "mock-daemon/handler.h"

/* virDomainState */
enum vw_domain_state {
    VW_DOMAIN_RUNNING = 1,
    VW_DOMAIN_PAUSED = 3,
    VW_DOMAIN_SHUTOFF = 5,
};

/* virDomainEventType, as far as it happens here. */
enum vw_lifecycle {
    VW_LIFECYCLE_DEFINED = 0,
    VW_LIFECYCLE_UNDEFINED = 1,
    VW_LIFECYCLE_STARTED = 2,
    VW_LIFECYCLE_SUSPENDED = 3,
    VW_LIFECYCLE_RESUMED = 4,
    VW_LIFECYCLE_STOPPED = 5
};

/* virDomainEventID of the others that happen here. */
enum {
    VW_EVENT_MIGRATION_ITERATION = 20,
    VW_EVENT_JOB_COMPLETED = 21,
    VW_EVENT_METADATA_CHANGE = 23
};

/* What is asked so often that it has fields besides the XML. */
struct vw_domain_facts {
    uint64_t max_memory; /* KiB */
    uint64_t memory;     /* KiB */
    int32_t vcpus;       /* the most there can be */
    int32_t vcpus_off;   /* so many of them are not plugged in */
};

/* How an IOThread polls, which no XML says. */
enum vw_poll { VW_POLL_MAX, VW_POLL_GROW, VW_POLL_SHRINK, VW_POLLS };

struct vw_polling {
    uint32_t id;
    uint64_t values[VW_POLLS];
};

struct vw_moment;
struct vw_migration;

/* A migration, as domjobinfo tells of it. */
enum vw_job_type { VW_JOB_NONE, VW_JOB_UNBOUNDED = 2, VW_JOB_COMPLETED, VW_JOB_CANCELLED = 5 };

struct vw_job {
    enum vw_job_type type;
    int32_t operation;            /* virDomainJobOperation */
    int64_t began_ms, elapsed_ms; /* of the daemon's clock */
    uint64_t total, moved;        /* bytes */
    uint64_t speed;               /* bytes a second; 0: any */
};

struct vw_domain {
    struct vw_object o; /* without XML: as the facts say */
    struct vw_domain_facts facts;
    struct vw_string os_type;
    /* What a running persistent one is when it starts again; NULL: what it is now. */
    char *next;
    struct vw_domain_facts next_facts;
    char *saved;                     /* the XML of its managed save image; NULL: has none */
    struct vw_moment *snapshot;      /* the current one; NULL: none */
    struct vw_moment *checkpoint;    /* likewise */
    uint32_t snapshots, checkpoints; /* how many it has */
    struct vw_polling *polling;      /* of IOThreads for which it was said */
    uint32_t n_polling;
    uint32_t frozen;                  /* bits: its file systems, as fsinfo counts them */
    uint64_t max_speed, max_downtime; /* of migrations: MiB/s, ms; 0: as it is by itself */
    struct vw_migration *migration;   /* it comes or goes; NULL: it stays */
    struct vw_job *last_job;          /* the one that was completed; NULL: none */
};

extern const struct vw_object_kind vw_object_kind_domain;

/* What is told of domains, as of other kinds; it is asked for in other ways (kinds/event.c). */
extern const struct vw_event_form vw_domain_events[];

/* The XML of D as it is now, without its id. */
enum vw_outcome vw_domain_text(struct vw_call *c, const struct vw_domain *d, struct vw_string *out);
/* TEXT, of malloc, is D from now on, or from the next start on. */
void vw_domain_set_text(struct vw_call *c, struct vw_domain *d, char *text,
                        const struct vw_domain_facts *facts);
void vw_domain_set_next(struct vw_domain *d, char *text, const struct vw_domain_facts *facts);

/* *OUT is the domain that is called as LIKE and has its uuid, or NULL; one that has only one of
 * both is an error. */
enum vw_outcome vw_domain_find_same(struct vw_call *c, const struct vw_domain *like,
                                    struct vw_domain **out);
/* Makes a domain of LIKE, which is to run or is idle, or changes the one that is there. */
enum vw_outcome vw_domain_install(struct vw_call *c, const struct vw_domain *like, bool running,
                                  struct vw_domain **out);
/* Starts D, which is idle, in STATE for REASON, and tells of it with DETAIL. */
enum vw_outcome vw_domain_start(struct vw_call *c, struct vw_domain *d, int32_t state,
                                int32_t reason, int32_t detail);

/* How the IOThread ID of D polls; IS is how it does from now on, or VW_ENOMEM. */
struct vw_polling vw_domain_polling(const struct vw_domain *d, uint32_t id);
int vw_domain_set_polling(struct vw_domain *d, const struct vw_polling *is);

/* The domain that DOM names, if FLAGS are KNOWN and it runs; else NULL and the error. */
struct vw_domain *vw_domain_running(struct vw_call *c, const struct remote_nonnull_domain *dom,
                                    uint32_t flags, uint32_t known);

/* The test driver's one domain. */
extern const struct vw_domain vw_domain_default;
