// SPDX-License-Identifier: MIT
// Asking for events of domains: the three forms of three times (V-3), which share one table (V-5).
#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/kinds/domain.h"
#include "mock-daemon/register.h"
#include "mock-daemon/rows.h"

const struct vw_event_form vw_domain_events[] = {
    {.procedure = "remote.domain_event_lifecycle",
     .event = VW_EVENT_LIFECYCLE,
     .old_form = true,
     .size = sizeof(struct remote_domain_event_lifecycle_msg),
     .object = offsetof(struct remote_domain_event_lifecycle_msg, dom),
     .what = offsetof(struct remote_domain_event_lifecycle_msg, event),
     .detail = offsetof(struct remote_domain_event_lifecycle_msg, detail)},
    {.procedure = "remote.domain_event_callback_lifecycle",
     .event = VW_EVENT_LIFECYCLE,
     .size = sizeof(struct remote_domain_event_callback_lifecycle_msg),
     .callback = offsetof(struct remote_domain_event_callback_lifecycle_msg, callbackID),
     .object = offsetof(struct remote_domain_event_callback_lifecycle_msg, msg.dom),
     .what = offsetof(struct remote_domain_event_callback_lifecycle_msg, msg.event),
     .detail = offsetof(struct remote_domain_event_callback_lifecycle_msg, msg.detail)},
    VW_EVENT_FORM(domain_event_callback_migration_iteration, VW_EVENT_MIGRATION_ITERATION, dom),
    VW_EVENT_FORM(domain_event_callback_job_completed, VW_EVENT_JOB_COMPLETED, dom),
    VW_EVENT_FORM(domain_event_callback_metadata_change, VW_EVENT_METADATA_CHANGE, dom),
    {NULL},
};

/* *CALLBACK is the id of the new registration. */
static enum vw_outcome add(struct vw_call *c, int32_t event, const uint8_t *uuid, bool old_form,
                           int *callback)
{
    const struct vw_wanted wanted = vw_wanted(&vw_object_kind_domain, event, uuid);
    return vw_call_register(c, &wanted, c->conn->daemon->n_event_kinds, old_form, callback);
}

static enum vw_outcome remove_old(struct vw_call *c, int32_t event)
{
    const struct vw_wanted wanted = vw_wanted(&vw_object_kind_domain, event, NULL);
    return vw_call_deregister(c, vw_registrations_find(&c->conn->events, &wanted));
}

/* ---- 105 and 106: lifecycle only ---- */

enum vw_outcome
vw_on_connect_domain_event_register(struct vw_call *c,
                                    struct remote_connect_domain_event_register_ret *ret)
{
    int callback;
    return add(c, VW_EVENT_LIFECYCLE, NULL, true, &callback);
}

enum vw_outcome
vw_on_connect_domain_event_deregister(struct vw_call *c,
                                      struct remote_connect_domain_event_deregister_ret *ret)
{
    return remove_old(c, VW_EVENT_LIFECYCLE);
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
    return remove_old(c, args->eventID);
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
    return vw_call_deregister(c, vw_registrations_by_callback(
                                     &c->conn->events, &vw_object_kind_domain, args->callbackID));
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
