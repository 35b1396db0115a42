// SPDX-License-Identifier: MIT
// Asking for events of domains: the three forms of three times (V-3), which share one table (V-5).
#include <string.h>

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

static enum vw_outcome register_lifecycle(struct vw_call *c)
{
    int callback;
    enum vw_outcome outcome = add(c, VW_DOMAIN_EVENT_LIFECYCLE, NULL, true, &callback);
    if (outcome == VW_DONE)
        vw_out_int(c->out, 0);
    return outcome;
}

static enum vw_outcome deregister_lifecycle(struct vw_call *c)
{
    struct vw_registration *one =
        vw_registrations_find(&c->conn->events, VW_DOMAIN_EVENT_LIFECYCLE, NULL);
    enum vw_outcome outcome = remove_one(c, one);
    if (outcome == VW_DONE)
        vw_out_int(c->out, 0);
    return outcome;
}

/* ---- 167 and 168: by kind ---- */

static enum vw_outcome register_any(struct vw_call *c)
{
    int callback;
    return add(c, vw_arg_int(c, 0), NULL, true, &callback);
}

static enum vw_outcome deregister_any(struct vw_call *c)
{
    return remove_one(c, vw_registrations_find(&c->conn->events, vw_arg_int(c, 0), NULL));
}

/* ---- 316 and 317: by callback id, of all domains or one ---- */

static enum vw_outcome register_callback(struct vw_call *c)
{
    const void *domain;
    const uint8_t *uuid;
    int callback;
    enum vw_outcome outcome;
    memcpy(&domain, vw_arg(c, 1), sizeof(domain));
    uuid = domain ? vw_arg_in(domain, c->entry->offset[2]) : NULL;
    outcome = add(c, vw_arg_int(c, 0), uuid, false, &callback);
    if (outcome == VW_DONE)
        vw_out_int(c->out, callback);
    return outcome;
}

static enum vw_outcome deregister_callback(struct vw_call *c)
{
    return remove_one(c, vw_registrations_by_callback(&c->conn->events, vw_arg_int(c, 0)));
}

static const struct vw_handler handlers[] = {
    {.procedure = "connect_domain_event_register", .run = register_lifecycle},
    {.procedure = "connect_domain_event_deregister", .run = deregister_lifecycle},
    {.procedure = "connect_domain_event_register_any", .run = register_any, .args = {"eventID"}},
    {.procedure = "connect_domain_event_deregister_any",
     .run = deregister_any,
     .args = {"eventID"}},
    {.procedure = "connect_domain_event_callback_register_any",
     .run = register_callback,
     .args = {"eventID", "dom", "dom.uuid"}},
    {.procedure = "connect_domain_event_callback_deregister_any",
     .run = deregister_callback,
     .args = {"callbackID"}},
    {.procedure = NULL},
};

const struct vw_object_kind vw_object_kind_event = {.name = "event", .handlers = handlers};
