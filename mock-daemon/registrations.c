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

struct vw_wanted vw_wanted(const struct vw_object_kind *kind, int32_t event, const uint8_t *uuid)
{
    struct vw_wanted w = {.kind = kind, .event = event, .has_uuid = uuid != NULL};
    if (uuid)
        memcpy(w.uuid, uuid, sizeof(w.uuid));
    return w;
}

struct vw_registration *vw_registrations_find(const struct vw_registrations *r,
                                              const struct vw_wanted *wanted)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const struct vw_wanted *one = &r->list[i].wanted;
        if (one->kind == wanted->kind && one->event == wanted->event &&
            one->has_uuid == wanted->has_uuid && memcmp(one->uuid, wanted->uuid, 16) == 0)
            return &r->list[i];
    }
    return NULL;
}

struct vw_registration *vw_registrations_by_callback(const struct vw_registrations *r,
                                                     const struct vw_object_kind *kind,
                                                     int32_t callback)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->list[i].callback == callback && r->list[i].wanted.kind == kind)
            return &r->list[i];
    }
    return NULL;
}

int vw_registrations_add(struct vw_registrations *r, const struct vw_wanted *wanted, bool old_form)
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
    *one = (struct vw_registration){r->next_callback++, old_form, *wanted};
    return one->callback;
}

void vw_registrations_remove(struct vw_registrations *r, struct vw_registration *one)
{
    r->count--;
    memmove(one, one + 1, (size_t)(&r->list[r->count] - one) * sizeof(*one));
}
