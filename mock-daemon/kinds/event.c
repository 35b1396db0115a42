// SPDX-License-Identifier: MIT
// Asking for events of domains: the three forms of three times (V-3), which share one table (V-5).
#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"

static bool known_event(const struct vw_call *c, int32_t event)
{
    return event >= 0 && event < c->conn->daemon->n_event_kinds;
}

/* *CALLBACK is the id of the new registration. */
static enum vw_outcome add(struct vw_call *c, int32_t event, const uint8_t *uuid, bool old_form,
                           int *callback)
{
    struct vw_registrations *r = &c->conn->events;
    if (!known_event(c, event))
        return vw_call_failf(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no event has the number %d", event);
    if (vw_registrations_find(r, event, uuid))
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_NONE, "registered already");
    *callback = vw_registrations_add(r, event, uuid, old_form);
    if (*callback < 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no room for more registrations");
    return VW_DONE;
}

static enum vw_outcome remove_one(struct vw_call *c, struct vw_registration *one)
{
    if (!one)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "not registered");
    vw_registrations_remove(&c->conn->events, one);
    return VW_DONE;
}

/* ---- 105 and 106: lifecycle only ---- */

enum vw_outcome
vw_on_connect_domain_event_register(struct vw_call *c,
                                    struct remote_connect_domain_event_register_ret *ret)
{
    int callback;
    return add(c, VW_DOMAIN_EVENT_LIFECYCLE, NULL, true, &callback);
}

enum vw_outcome
vw_on_connect_domain_event_deregister(struct vw_call *c,
                                      struct remote_connect_domain_event_deregister_ret *ret)
{
    return remove_one(c, vw_registrations_find(&c->conn->events, VW_DOMAIN_EVENT_LIFECYCLE, NULL));
}

/* ---- 167 and 168: by kind ---- */

enum vw_outcome vw_on_connect_domain_event_register_any(
    struct vw_call *c, const struct remote_connect_domain_event_register_any_args *args)
{
    int callback;
    return add(c, args->eventID, NULL, true, &callback);
}

enum vw_outcome vw_on_connect_domain_event_deregister_any(
    struct vw_call *c, const struct remote_connect_domain_event_deregister_any_args *args)
{
    return remove_one(c, vw_registrations_find(&c->conn->events, args->eventID, NULL));
}

/* ---- 316 and 317: by callback id, of all domains or one ---- */

enum vw_outcome vw_on_connect_domain_event_callback_register_any(
    struct vw_call *c, const struct remote_connect_domain_event_callback_register_any_args *args,
    struct remote_connect_domain_event_callback_register_any_ret *ret)
{
    return add(c, args->eventID, args->dom ? args->dom->uuid : NULL, false, &ret->callbackID);
}

enum vw_outcome vw_on_connect_domain_event_callback_deregister_any(
    struct vw_call *c, const struct remote_connect_domain_event_callback_deregister_any_args *args)
{
    return remove_one(c, vw_registrations_by_callback(&c->conn->events, args->callbackID));
}

static const struct vw_row rows[] = {
    VW_CALL(connect_domain_event_register),
    VW_CALL(connect_domain_event_deregister),
    VW_CALL(connect_domain_event_register_any),
    VW_CALL(connect_domain_event_deregister_any),
    VW_CALL(connect_domain_event_callback_register_any),
    VW_CALL(connect_domain_event_callback_deregister_any),
    {NULL},
};

const struct vw_object_kind vw_object_kind_event = {.name = "event", .rows = rows};
