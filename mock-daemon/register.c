// SPDX-License-Identifier: MIT
#include "mock-daemon/register.h"

#include "mock-daemon/conn.h"
#include "mock-daemon/rows.h"

enum vw_outcome vw_call_register(struct vw_call *c, const struct vw_wanted *wanted,
                                 int32_t n_events, bool old_form, int *callback)
{
    struct vw_registrations *r = &c->conn->events;
    if (wanted->event < 0 || wanted->event >= n_events)
        return vw_call_failf(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no event has the number %d",
                             wanted->event);
    if (vw_registrations_find(r, wanted))
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_NONE, "registered already");
    *callback = vw_registrations_add(r, wanted, old_form);
    if (*callback < 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no room for more registrations");
    return VW_DONE;
}

enum vw_outcome vw_call_deregister(struct vw_call *c, struct vw_registration *one)
{
    if (!one)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "not registered");
    vw_registrations_remove(&c->conn->events, one);
    return VW_DONE;
}

/* ---- rows ---- */

/* The uuid of the object that is named at NAMED, whether it is there or not. */
static void uuid_of(const struct vw_object_kind *kind, const void *named, uint8_t *uuid)
{
    const uint8_t *at = named;
    if (kind->reference.has_uuid)
        memcpy(uuid, at + kind->reference.uuid, 16);
    else
        vw_uuid_from_name(vw_text((const void *)(at + kind->reference.name)), uuid);
}

enum vw_outcome vw_row_register(struct vw_call *c, const void *args, void *ret)
{
    const struct vw_row *row = c->entry->row;
    const struct vw_object_kind *kind = vw_call_objects(c)->kind;
    const void *named;
    uint8_t uuid[16];
    int32_t event;
    int callback;
    memcpy(&named, (const uint8_t *)args + row->count, sizeof(named));
    memcpy(&event, (const uint8_t *)args + row->arg, sizeof(event));
    if (named)
        uuid_of(kind, named, uuid);
    const struct vw_wanted wanted = vw_wanted(kind, event, named ? uuid : NULL);
    if (vw_call_register(c, &wanted, kind->n_events, false, &callback) != VW_DONE)
        return VW_FAILED;
    memcpy((uint8_t *)ret + row->ret, &callback, sizeof(int32_t));
    return VW_DONE;
}

enum vw_outcome vw_row_deregister(struct vw_call *c, const void *args, void *ret)
{
    int32_t callback;
    memcpy(&callback, (const uint8_t *)args + c->entry->row->arg, sizeof(callback));
    return vw_call_deregister(
        c, vw_registrations_by_callback(&c->conn->events, vw_call_objects(c)->kind, callback));
}
