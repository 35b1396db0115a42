// SPDX-License-Identifier: MIT
// Old and new registrations share one table (V-5).
#include "mock-daemon/registrations.h"

#include <stdlib.h>
#include <string.h>
#include <virwire/error.h>

void vw_registrations_finish(struct vw_registrations *r)
{
    free(r->list);
    *r = (struct vw_registrations){0};
}

struct vw_registration *vw_registrations_find(const struct vw_registrations *r, int32_t event,
                                              const uint8_t *uuid)
{
    for (uint32_t i = 0; i < r->count; i++) {
        struct vw_registration *one = &r->list[i];
        if (one->event != event || one->has_domain != (uuid != NULL))
            continue;
        if (!uuid || memcmp(one->uuid, uuid, 16) == 0)
            return one;
    }
    return NULL;
}

struct vw_registration *vw_registrations_by_callback(const struct vw_registrations *r,
                                                     int32_t callback)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->list[i].callback == callback)
            return &r->list[i];
    }
    return NULL;
}

int vw_registrations_add(struct vw_registrations *r, int32_t event, const uint8_t *uuid,
                         bool old_form)
{
    struct vw_registration *one;
    if (r->count >= VW_REGISTRATIONS_MAX || r->next_callback == INT32_MAX)
        return VW_ELIMIT;
    if (r->count == r->cap) {
        uint32_t cap = r->cap ? r->cap * 2 : 4;
        struct vw_registration *list = realloc(r->list, cap * sizeof(*list));
        if (!list)
            return VW_ENOMEM;
        r->list = list;
        r->cap = cap;
    }
    one = &r->list[r->count++];
    *one = (struct vw_registration){.callback = r->next_callback++,
                                    .event = event,
                                    .old_form = old_form,
                                    .has_domain = uuid != NULL};
    if (uuid)
        memcpy(one->uuid, uuid, 16);
    return one->callback;
}

void vw_registrations_remove(struct vw_registrations *r, struct vw_registration *one)
{
    r->count--;
    memmove(one, one + 1, (size_t)(&r->list[r->count] - one) * sizeof(*one));
}
