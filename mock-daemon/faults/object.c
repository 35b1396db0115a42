// SPDX-License-Identifier: MIT
// Faults of the objects: what one call says, another denies.
#include "mock-daemon/faults/tamper.h"

#include <string.h>

#include "mock-daemon/daemon.h"

static bool is(const struct vw_call *c, const char *name)
{
    return vw_proc_is(c->event->proc, name);
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

static enum vw_outcome list_all(struct vw_call *c)
{
    const struct vw_model *m = &c->conn->daemon->model;
    vw_out_uint(c->out, m->n_domains);
    for (uint32_t i = 0; i < m->n_domains; i++)
        vw_out_domain(c->out, &m->domains[i]);
    vw_out_uint(c->out, m->n_domains);
    return VW_DONE;
}

/* need_results is taken as the other value (C-12). */
static enum vw_outcome need_results_ignored(const struct vw_fault *f, struct vw_call *c)
{
    bool mine = is(c, "connect_list_all_domains") && vw_arg_int(c, 0) == 0 && vw_arg_int(c, 1) == 0;
    return mine ? list_all(c) : vw_fault_next_call(f, c);
}

static enum vw_outcome filter_ignored(const struct vw_fault *f, struct vw_call *c)
{
    bool mine = is(c, "connect_list_all_domains") && vw_arg_int(c, 0) != 0 && vw_arg_int(c, 1) != 0;
    return mine ? list_all(c) : vw_fault_next_call(f, c);
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

const struct vw_fault_kind vw_fault_kinds_object[] = {
    {"lookup-ignores-case", "X-2", "names are found whatever their case",
     .call = lookup_ignores_case},
    {"list-over-asked", "L-7", "the list of ids is longer than was asked for", .call = list_over},
    {"need-results-ignored", "C-12", "need_results 0 gives the domains all the same",
     .call = need_results_ignored},
    {"list-filter-ignored", "C-12", "the flags of the list of all domains have no effect",
     .call = filter_ignored},
    {"xml-disagrees", "X-9", "the XML gives the domain another name", .call = xml_name},
    {NULL},
};
