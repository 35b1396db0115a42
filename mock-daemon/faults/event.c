// SPDX-License-Identifier: MIT
// Faults of events (section 11).
#include "mock-daemon/faults/tamper.h"

#include <string.h>
#include <time.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/kinds/domain.h"

static bool is(const struct vw_call *c, const char *name)
{
    return vw_proc_is(c->event->proc, name);
}

static bool is_new_register(const struct vw_call *c)
{
    return is(c, "connect_domain_event_callback_register_any");
}

/* ---- the registrations ---- */

static enum vw_outcome id_reused(const struct vw_fault *f, struct vw_call *c)
{
    if (is_new_register(c) && c->conn->events.count == 0)
        c->conn->events.next_callback = 0;
    return vw_fault_next_call(f, c);
}

static enum vw_outcome ids_fall(const struct vw_fault *f, struct vw_call *c)
{
    if (is_new_register(c))
        c->conn->events.next_callback = 1000 - (int32_t)c->conn->events.count;
    return vw_fault_next_call(f, c);
}

static enum vw_outcome ids_leap(const struct vw_fault *f, struct vw_call *c)
{
    if (is_new_register(c))
        c->conn->events.next_callback += 1000;
    return vw_fault_next_call(f, c);
}

/* Answers that the registration is gone and keeps it. */
static enum vw_outcome deregister_ignored(const struct vw_fault *f, struct vw_call *c)
{
    const struct remote_connect_domain_event_callback_deregister_any_args *args = c->args;
    struct vw_registration *one = NULL;
    if (is(c, "connect_domain_event_callback_deregister_any"))
        one = vw_registrations_by_callback(&c->conn->events, &vw_object_kind_domain,
                                           args->callbackID);
    return one ? VW_DONE : vw_fault_next_call(f, c);
}

static enum vw_outcome filter_ignored(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct vw_registrations *r = &c->conn->events;
    if (is_new_register(c) && outcome == VW_DONE && r->count > 0)
        r->list[r->count - 1].wanted =
            vw_wanted(&vw_object_kind_domain, r->list[r->count - 1].wanted.event, NULL);
    return outcome;
}

/* The old forms do not see what the new one has registered, and the other way round. */
static enum vw_outcome forms_apart(const struct vw_fault *f, struct vw_call *c)
{
    bool registers = is(c, "connect_domain_event_register") ||
                     is(c, "connect_domain_event_register_any") || is_new_register(c);
    bool old_form = !is_new_register(c);
    struct vw_registrations *r = &c->conn->events;
    uint32_t hidden = 0;
    enum vw_outcome outcome;
    if (!registers)
        return vw_fault_next_call(f, c);
    /* Kinds with their highest bit changed match nothing while the handler looks. */
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->list[i].old_form != old_form) {
            r->list[i].wanted.event ^= INT32_MIN;
            hidden++;
        }
    }
    outcome = vw_fault_next_call(f, c);
    for (uint32_t i = 0; i < r->count && hidden > 0; i++) {
        if (r->list[i].wanted.event < 0) {
            r->list[i].wanted.event ^= INT32_MIN;
            hidden--;
        }
    }
    return outcome;
}

static enum vw_outcome old_form_ids(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct vw_registrations *r = &c->conn->events;
    if (outcome == VW_DONE && r->count > 0 &&
        (is(c, "connect_domain_event_register") || is(c, "connect_domain_event_register_any")))
        r->list[r->count - 1].old_form = false;
    return outcome;
}

/* A filtered registration is refused where there is one already. */
static enum vw_outcome filter_alone(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct vw_registrations *r = &c->conn->events;
    if (!is_new_register(c) || outcome != VW_DONE || r->count < 2 ||
        !r->list[r->count - 1].wanted.has_uuid)
        return outcome;
    vw_registrations_remove(r, &r->list[r->count - 1]);
    return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_NONE, "registered already");
}

/* Who suspends a domain is told of it from then on. */
static enum vw_outcome unasked(const struct vw_fault *f, struct vw_call *c)
{
    const struct vw_wanted wanted = vw_wanted(&vw_object_kind_domain, VW_EVENT_LIFECYCLE, NULL);
    struct vw_registrations *r = &c->conn->events;
    if (is(c, "domain_suspend") && r->count == 0)
        vw_registrations_add(r, &wanted, true);
    return vw_fault_next_call(f, c);
}

/* DETAIL: the old form that is limited; NULL: the new one. */
static enum vw_outcome registrations_limited(const struct vw_fault *f, struct vw_call *c)
{
    const char *old_form = f->kind->detail;
    if ((old_form ? is(c, old_form) : is_new_register(c)) && c->conn->events.count >= f->value)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "too many registrations");
    return vw_fault_next_call(f, c);
}

/* The whole daemon waits once for a client that does not take N bytes of its events. */
static enum vw_fate storm_blocks(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_output *m)
{
    const struct vw_registrations *r = &vw_tamper_conn(t)->events;
    if (m->kind == VW_OUT_EVENT && r->unread > f->value && vw_tamper_state(t, f)->count++ == 0)
        nanosleep(&(struct timespec){.tv_sec = 4}, NULL);
    return VW_FATE_PASS;
}

/* Of what a client does not take, all above N bytes is lost, or with DETAIL comes twice. */
static enum vw_fate storm_miscounted(const struct vw_fault *f, struct vw_tamper *t,
                                     struct vw_fault_output *m)
{
    const struct vw_registrations *r = &vw_tamper_conn(t)->events;
    if (m->kind != VW_OUT_EVENT || r->unread <= f->value)
        return VW_FATE_PASS;
    if (!f->kind->detail)
        return VW_FATE_DROP;
    vw_tamper_send(t, m->bytes.data, m->bytes.len);
    return VW_FATE_PASS;
}

/* What the last one who left had registered for is told to who comes next. */
static struct vw_registration left;
static bool has_left;

static enum vw_outcome note_registration(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct vw_registrations *r = &c->conn->events;
    /* Who opens: by then it is known that the one before has left. */
    if (has_left && is(c, "connect_open")) {
        (void)vw_registrations_add(r, &left.wanted, left.old_form);
        has_left = false;
    }
    if (is_new_register(c) && outcome == VW_DONE && r->count > 0) {
        left = r->list[r->count - 1];
        vw_tamper_state(c->conn->tamper, f)->count = 1;
    }
    return outcome;
}

static void leave_registration(const struct vw_fault *f, struct vw_tamper *t)
{
    has_left |= vw_tamper_state(t, f)->count > 0;
}

static enum vw_outcome close_callback_once(const struct vw_fault *f, struct vw_call *c)
{
    if (!is(c, "connect_register_close_callback") ||
        vw_tamper_state(c->conn->tamper, f)->count++ == 0)
        return vw_fault_next_call(f, c);
    return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "registered already");
}

const struct vw_fault_kind vw_fault_kinds_event[] = {
    {"event-id-reused", "V-4", "a callback id is used again after a deregister", .call = id_reused},
    {"event-ids-fall", "V-4", "each callback id is lower than the one before", .call = ids_fall},
    {"legal-callback-ids-leap", "V-4", "each callback id is far above the one before",
     .call = ids_leap},
    {"event-forms-apart", "V-5", "old and new registrations do not block each other",
     .call = forms_apart},
    {"event-filter-ignored", "V-6", "a registration for one domain is one for all",
     .call = filter_ignored},
    {"event-filter-alone", "V-6", "a registration for one domain is refused beside one for all",
     .call = filter_alone},
    {"event-unasked", "V-10", "who suspends a domain gets events without having registered",
     .call = unasked},
    {"event-registrations-limited", "V-12", "of the registrations those behind N (3) are refused",
     .takes_value = true, .value = 3, .call = registrations_limited},
    {"event-old-registrations-limited", "V-12",
     "of the registrations in the old form those behind N (3) are refused", .takes_value = true,
     .value = 3, .call = registrations_limited, .detail = "connect_domain_event_register_any"},
    {"event-storm-loses", "V-13",
     "more than N bytes (1024) of events that a client does not read are lost", .takes_value = true,
     .value = 1024, .output = storm_miscounted},
    {"event-storm-repeats", "V-13",
     "more than N bytes (1024) of events that a client does not read come twice",
     .takes_value = true, .value = 1024, .output = storm_miscounted, .detail = "twice"},
    {"event-storm-blocks", "V-13",
     "more than N bytes (1024) of events that a client does not read hold all up for 4 seconds",
     .takes_value = true, .value = 1024, .output = storm_blocks},
    {"event-outlives", "V-8", "who comes gets the events that the last one who left had asked for",
     .call = note_registration, .gone = leave_registration},
    {"close-callback-once", "V-9", "a second registration for the close event is refused",
     .call = close_callback_once},
    {"event-after-deregister", "V-6", "events go on after the deregister",
     .call = deregister_ignored},
    {"event-old-form-ids", "V-3", "old registrations get the messages of new ones",
     .call = old_form_ids},
    {NULL},
};
