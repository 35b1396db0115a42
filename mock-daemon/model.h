// SPDX-License-Identifier: MIT
// The hypervisor that virwired pretends to have: its name, its host and its domains, as libvirt's
// test driver shows them by default. All connections share one model; it goes back to how it began
// when the last one closes, as the test driver's does.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>

/* virDomainState */
enum vw_domain_state {
    VW_DOMAIN_RUNNING = 1,
    VW_DOMAIN_PAUSED = 3,
    VW_DOMAIN_SHUTOFF = 5,
};

struct vw_domain {
    char *name;
    uint8_t uuid[16];
    int32_t id; /* -1: not running */
    int32_t state;
    int32_t reason;
    uint64_t max_memory; /* KiB */
    uint64_t memory;     /* KiB */
    uint16_t vcpus;
    bool autostart;
    bool persistent;
};

/* What a domain is when the model begins, and again after a reset. */
struct vw_domain_spec {
    const char *name;
    bool has_uuid; /* else one is made from the name */
    uint8_t uuid[16];
    int32_t state; /* enum vw_domain_state; 0: running */
    uint64_t max_memory;
    uint64_t memory;
    uint16_t vcpus;
    bool autostart;
};

/* virDomainEventType, as far as it happens here. */
enum vw_lifecycle {
    VW_LIFECYCLE_STARTED = 2,
    VW_LIFECYCLE_SUSPENDED = 3,
    VW_LIFECYCLE_RESUMED = 4,
    VW_LIFECYCLE_STOPPED = 5
};

/* Something that happened to a domain. */
struct vw_happening {
    const struct vw_domain *domain;
    enum vw_lifecycle what;
    int32_t detail;
};

struct vw_model {
    char *hostname;
    const char *type;  /* CONNECT_GET_TYPE */
    uint64_t version;  /* CONNECT_GET_VERSION */
    int32_t max_vcpus; /* CONNECT_GET_MAX_VCPUS */
    int32_t next_id;   /* of the next domain that starts */
    uint32_t n_domains;
    uint32_t n_active;
    struct vw_domain *domains;  /* in the order of the configuration */
    struct vw_domain *initial;  /* the same as they began; names are shared */
    struct vw_domain **by_name; /* sorted */
    struct vw_domain **by_uuid; /* sorted */
    uint32_t n_opened;          /* connections that have it open */
    /* What the call under way has made happen, to be told behind its reply (V-7). */
    struct vw_happening *happenings;
    uint32_t n_happenings, cap_happenings;
};

/* The test driver's one domain. */
extern const struct vw_domain_spec vw_domain_default;

/* HOSTNAME NULL: that of this machine. Two domains of one name or uuid are VW_EUSAGE. VW_ENOMEM. */
int vw_model_init(struct vw_model *m, const char *hostname, const struct vw_domain_spec *specs,
                  size_t n, struct vw_error *err);
void vw_model_finish(struct vw_model *m);

/* One connection more or less has the hypervisor open. */
void vw_model_opened(struct vw_model *m);
void vw_model_closed(struct vw_model *m);

/* NULL: there is none. */
struct vw_domain *vw_model_by_name(const struct vw_model *m, const char *name);
struct vw_domain *vw_model_by_uuid(const struct vw_model *m, const uint8_t *uuid);
struct vw_domain *vw_model_by_id(const struct vw_model *m, int32_t id);

/* Changes the state: the id comes and goes with it. */
void vw_model_set_state(struct vw_model *m, struct vw_domain *d, enum vw_domain_state state,
                        int32_t reason);

/* Queues that WHAT happened to D. VW_ENOMEM or 0. */
int vw_model_happened(struct vw_model *m, const struct vw_domain *d, enum vw_lifecycle what,
                      int32_t detail);

static inline bool vw_domain_active(const struct vw_domain *d)
{
    return d->id >= 0;
}

/* Nanoseconds of processor time, made up from the clock as the test driver does. */
uint64_t vw_domain_cpu_time(void);
