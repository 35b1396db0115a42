// SPDX-License-Identifier: MIT
// Which events a client has asked for (V-3 to V-6).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most registrations that one connection may hold: bounds what a client can make the daemon keep.
 */
#define VW_REGISTRATIONS_MAX 4096

/* virDomainEventID, as far as it happens here. */
enum { VW_DOMAIN_EVENT_LIFECYCLE = 0 };

struct vw_registration {
    int32_t callback;
    int32_t event;
    bool old_form; /* by 105 or 167: messages without callback id */
    bool has_domain;
    uint8_t uuid[16];
};

struct vw_registrations {
    struct vw_registration *list;
    uint32_t count, cap;
    int32_t next_callback; /* V-4 */
    size_t unread;         /* bytes of events that were queued and not all written since */
};

void vw_registrations_finish(struct vw_registrations *r);

/* UUID NULL: no filter. NULL: there is none. */
struct vw_registration *vw_registrations_find(const struct vw_registrations *r, int32_t event,
                                              const uint8_t *uuid);
struct vw_registration *vw_registrations_by_callback(const struct vw_registrations *r,
                                                     int32_t callback);
/* The callback id, VW_ENOMEM or VW_ELIMIT. */
int vw_registrations_add(struct vw_registrations *r, int32_t event, const uint8_t *uuid,
                         bool old_form);
void vw_registrations_remove(struct vw_registrations *r, struct vw_registration *one);
