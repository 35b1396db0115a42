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
    VW_LIFECYCLE_STARTED = 2,
    VW_LIFECYCLE_SUSPENDED = 3,
    VW_LIFECYCLE_RESUMED = 4,
    VW_LIFECYCLE_STOPPED = 5
};

struct vw_domain {
    struct vw_object o;
    uint64_t max_memory; /* KiB */
    uint64_t memory;     /* KiB */
    int32_t vcpus;
    struct vw_string os_type;
};

extern const struct vw_object_kind vw_object_kind_domain;

/* What is told of domains, as of other kinds; it is asked for in other ways (kinds/event.c). */
extern const struct vw_event_form vw_domain_events[];

/* The test driver's one domain. */
extern const struct vw_domain vw_domain_default;
