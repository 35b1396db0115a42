// SPDX-License-Identifier: MIT
// What happens to domains, and telling those who asked for it (V-2, V-7).
#pragma once

#include <stdint.h>

struct vw_conn;
struct vw_domain;

/* virDomainEventID and virDomainEventType, as far as they happen here. */
enum { VW_DOMAIN_EVENT_LIFECYCLE = 0 };
enum vw_lifecycle {
    VW_LIFECYCLE_STARTED = 2,
    VW_LIFECYCLE_SUSPENDED = 3,
    VW_LIFECYCLE_RESUMED = 4,
    VW_LIFECYCLE_STOPPED = 5
};

/* Something that happened to a domain. */
struct vw_lifecycle_event {
    const struct vw_domain *domain; /* NULL: nothing happened */
    enum vw_lifecycle what;
    int32_t detail;
};

/* Tells every connection that asked. CAUSE is the connection whose call made it happen, which is
 * pumped anyway; the others are woken. */
void vw_event_lifecycle(struct vw_conn *cause, const struct vw_lifecycle_event *e);
