// SPDX-License-Identifier: MIT
// Which events a client has asked for (V-3 to V-6).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most registrations that one connection may hold: bounds what a client can make the daemon keep.
 */
#define VW_REGISTRATIONS_MAX 4096

struct vw_object_kind;

/* Of what is told: of all objects of a kind, or of one. */
struct vw_wanted {
    const struct vw_object_kind *kind;
    int32_t event;
    bool has_uuid;
    uint8_t uuid[16];
};

struct vw_registration {
    int32_t callback;
    bool old_form; /* by 105 or 167: messages without callback id */
    struct vw_wanted wanted;
};

struct vw_registrations {
    struct vw_registration *list;
    uint32_t count, cap;
    int32_t next_callback; /* V-4 */
    size_t unread;         /* bytes of events that were queued and not all written since */
};

void vw_registrations_finish(struct vw_registrations *r);

/* UUID NULL: of all objects. */
struct vw_wanted vw_wanted(const struct vw_object_kind *kind, int32_t event, const uint8_t *uuid);
/* NULL: there is none. */
struct vw_registration *vw_registrations_find(const struct vw_registrations *r,
                                              const struct vw_wanted *wanted);
/* The one of events of KIND. */
struct vw_registration *vw_registrations_by_callback(const struct vw_registrations *r,
                                                     const struct vw_object_kind *kind,
                                                     int32_t callback);
/* The callback id, VW_ENOMEM or VW_ELIMIT. */
int vw_registrations_add(struct vw_registrations *r, const struct vw_wanted *wanted, bool old_form);
void vw_registrations_remove(struct vw_registrations *r, struct vw_registration *one);
