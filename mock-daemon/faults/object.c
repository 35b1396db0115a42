// SPDX-License-Identifier: MIT
// Faults of the objects: what one call says, another denies.
#include "mock-daemon/faults/tamper.h"

#include <string.h>

#include "mock-daemon/daemon.h"

static bool is(const struct vw_call *c, const char *name)
{
    return vw_proc_is(c->event->proc, name);
}

static void some_domain(struct vw_call *c)
{
    static const uint8_t uuid[16] = {1, 2, 3, 4};
    vw_out_string(c->out, "ghost");
    vw_out_fixed(c->out, uuid, 16);
    vw_out_int(c->out, 1);
}

static bool is_lookup(const struct vw_call *c)
{
    return strncmp(c->event->proc->short_name, "domain_lookup_by_", 17) == 0;
}

static enum vw_outcome lookup_always(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (!is_lookup(c) || outcome != VW_FAILED || c->error.code != VW_ERR_NO_DOMAIN)
        return outcome;
    some_domain(c);
    return VW_DONE;
}

/* DETAIL: a lookup that finds nothing. */
static enum vw_outcome lookup_never(const struct vw_fault *f, struct vw_call *c)
{
    const char *const *name = f->kind->detail;
    if (is(c, *name))
        return vw_call_fail(c, VW_ERR_NO_DOMAIN, VW_FROM_TEST, "there is no such domain");
    return vw_fault_next_call(f, c);
}

#define NEVER(name)                                                                                \
    .call = lookup_never, .detail = &(const char *const)                                           \
    {                                                                                              \
        name                                                                                       \
    }

static enum vw_outcome lookup_code(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (outcome == VW_FAILED && is_lookup(c))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "there is no such domain");
    return outcome;
}

static enum vw_outcome lookup_ignores_case(const struct vw_fault *f, struct vw_call *c)
{
    const struct vw_model *m = &c->conn->daemon->model;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (outcome != VW_FAILED || !is(c, "domain_lookup_by_name"))
        return outcome;
    for (uint32_t i = 0; i < m->n_domains; i++) {
        if (strcasecmp(m->domains[i].name, vw_arg_string(c, 0)) == 0) {
            vw_out_domain(c->out, &m->domains[i]);
            return VW_DONE;
        }
    }
    return outcome;
}

/* need_results is taken as the other value (C-12). */
static enum vw_outcome need_results_ignored(const struct vw_fault *f, struct vw_call *c)
{
    const struct vw_model *m = &c->conn->daemon->model;
    if (!is(c, "connect_list_all_domains") || vw_arg_int(c, 0) != 0 || vw_arg_int(c, 1) != 0)
        return vw_fault_next_call(f, c);
    vw_out_uint(c->out, m->n_domains);
    for (uint32_t i = 0; i < m->n_domains; i++)
        vw_out_domain(c->out, &m->domains[i]);
    vw_out_uint(c->out, m->n_domains);
    return VW_DONE;
}

static enum vw_outcome filter_ignored(const struct vw_fault *f, struct vw_call *c)
{
    const struct vw_model *m = &c->conn->daemon->model;
    if (!is(c, "connect_list_all_domains") || vw_arg_int(c, 0) == 0 || vw_arg_int(c, 1) == 0)
        return vw_fault_next_call(f, c);
    vw_out_uint(c->out, m->n_domains);
    for (uint32_t i = 0; i < m->n_domains; i++)
        vw_out_domain(c->out, &m->domains[i]);
    vw_out_uint(c->out, m->n_domains);
    return VW_DONE;
}

static enum vw_outcome list_empty(const struct vw_fault *f, struct vw_call *c)
{
    if (!is(c, "connect_list_domains"))
        return vw_fault_next_call(f, c);
    vw_out_uint(c->out, 0);
    return VW_DONE;
}

/* More than were asked for. */
static enum vw_outcome list_over(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (outcome != VW_DONE || !is(c, "connect_list_domains"))
        return outcome;
    vw_out_reset(c->out);
    vw_out_uint(c->out, (uint32_t)vw_arg_int(c, 0) + 1);
    for (int64_t i = 0; i <= vw_arg_int(c, 0); i++)
        vw_out_int(c->out, (int32_t)i);
    return VW_DONE;
}

static enum vw_outcome xml_name(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    char *at;
    if (outcome != VW_DONE || !is(c, "domain_get_xml_desc") || c->out->failed)
        return outcome;
    at = memmem(c->out->buf.data, c->out->buf.len, "<name>", 6);
    if (at)
        at[6] ^= 1;
    return outcome;
}

/* Objects are found by the uuid (D-35; D-33 tells how 2007 differs); here the name must fit too. */
static enum vw_outcome name_must_fit(const struct vw_fault *f, struct vw_call *c)
{
    const struct vw_string *name;
    if (!c->entry->handler || c->entry->domain[2] == UINT32_MAX)
        return vw_fault_next_call(f, c);
    name = vw_arg_in(c->event->value, c->entry->domain[2]);
    if (!vw_model_by_name(&c->conn->daemon->model, name->data ? name->data : ""))
        return vw_call_fail(c, VW_ERR_NO_DOMAIN, VW_FROM_TEST, "there is no such domain");
    return vw_fault_next_call(f, c);
}

const struct vw_fault_kind vw_fault_kinds_object[] = {
    {"lookup-finds-all", "E-5", "lookups of what is not there find something",
     .call = lookup_always},
    {"lookup-name-finds-none", "X-2", "the lookup by name finds nothing",
     NEVER("domain_lookup_by_name")},
    {"lookup-uuid-finds-none", "X-11", "the lookup by uuid finds nothing",
     NEVER("domain_lookup_by_uuid")},
    {"lookup-id-finds-none", "X-11", "the lookup by id finds nothing",
     NEVER("domain_lookup_by_id")},
    {"lookup-code", "E-5", "lookups of what is not there fail with 1/12", .call = lookup_code},
    {"lookup-ignores-case", "X-2", "names are found whatever their case",
     .call = lookup_ignores_case},
    {"name-must-fit", "D-35", "calls about a domain want its name to fit, not only the uuid",
     .call = name_must_fit},
    {"list-ids-empty", "L-6", "the list of ids is empty", .call = list_empty},
    {"list-over-asked", "L-7", "the list of ids is longer than was asked for", .call = list_over},
    {"need-results-ignored", "C-12", "need_results 0 gives the domains all the same",
     .call = need_results_ignored},
    {"list-filter-ignored", "C-12", "the flags of the list of all domains have no effect",
     .call = filter_ignored},
    {"xml-disagrees", "X-9", "the XML gives the domain another name", .call = xml_name},
    {NULL},
};
