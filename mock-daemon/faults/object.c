// SPDX-License-Identifier: MIT
// Faults of the objects: what one call says, another denies.
#include "mock-daemon/faults/tamper.h"

#include <string.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/daemon.h"

static bool is(const struct vw_call *c, const char *name)
{
    return vw_proc_is(c->event->proc, name);
}

static enum vw_outcome lookup_ignores_case(const struct vw_fault *f, struct vw_call *c)
{
    const struct vw_objects *t = vw_call_objects(c);
    const struct remote_domain_lookup_by_name_args *args = c->args;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct remote_domain_lookup_by_name_ret *ret;
    if (outcome != VW_FAILED || !is(c, "domain_lookup_by_name"))
        return outcome;
    for (uint32_t i = 0; i < t->count; i++) {
        if (strcasecmp(t->list[i]->name.data, vw_text(&args->name)) != 0)
            continue;
        c->value = ret = vw_call_alloc(c, sizeof(*ret));
        if (ret)
            vw_refer(t->kind, t->list[i], &ret->dom);
        return ret ? VW_DONE : VW_FAILED;
    }
    return outcome;
}

/* The call as it would be for all of them. */
static enum vw_outcome list_all(const struct vw_fault *f, struct vw_call *c)
{
    const struct remote_connect_list_all_domains_args args = {.need_results = 1};
    const void *real = c->args;
    enum vw_outcome outcome;
    c->args = &args;
    outcome = vw_fault_next_call(f, c);
    c->args = real;
    return outcome;
}

static const struct remote_connect_list_all_domains_args *list_args(const struct vw_call *c)
{
    return is(c, "connect_list_all_domains") ? c->args : NULL;
}

/* need_results is taken as the other value (C-12). */
static enum vw_outcome need_results_ignored(const struct vw_fault *f, struct vw_call *c)
{
    const struct remote_connect_list_all_domains_args *args = list_args(c);
    bool mine = args && args->need_results == 0 && args->flags == 0;
    return mine ? list_all(f, c) : vw_fault_next_call(f, c);
}

static enum vw_outcome filter_ignored(const struct vw_fault *f, struct vw_call *c)
{
    const struct remote_connect_list_all_domains_args *args = list_args(c);
    bool mine = args && args->need_results != 0 && args->flags != 0;
    return mine ? list_all(f, c) : vw_fault_next_call(f, c);
}

/* More than were asked for, and more than the list may hold if that many were asked for: so they
 * are put into the message, which is made as soon as this returns. */
static enum vw_outcome list_over(const struct vw_fault *f, struct vw_call *c)
{
    const struct remote_connect_list_domains_args *args = c->args;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    if (outcome == VW_DONE && is(c, "connect_list_domains"))
        vw_tamper_state(c->conn->tamper, f)->word = (uint32_t)args->maxids + 1;
    return outcome;
}

static enum vw_fate put_ids(const struct vw_fault *f, struct vw_tamper *t,
                            struct vw_fault_output *m)
{
    uint32_t *state = &vw_tamper_state(t, f)->word, count = *state;
    size_t len = VW_PREFIX_BYTES + 4 + (size_t)count * 4;
    *state = 0;
    if (count == 0)
        return VW_FATE_PASS;
    if (vw_buf_reserve(&m->bytes, len) < 0)
        return VW_FATE_CLOSE;
    m->bytes.len = len;
    vw_word_set(m->bytes.data, VW_WORD_LENGTH, (uint32_t)len);
    vw_word_set(m->bytes.data, VW_WORD_BODY, count);
    for (uint32_t i = 0; i < count; i++)
        vw_word_set(m->bytes.data, VW_WORD_BODY + 1 + i, i);
    return VW_FATE_PASS;
}

static enum vw_outcome xml_name(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    const struct remote_domain_get_xml_desc_ret *ret = c->value;
    char *at;
    if (outcome != VW_DONE || !is(c, "domain_get_xml_desc"))
        return outcome;
    at = strstr(ret->xml.data, "<name>");
    if (at)
        at[6] ^= 1;
    return outcome;
}

const struct vw_fault_kind vw_fault_kinds_object[] = {
    {"lookup-ignores-case", "X-2", "names are found whatever their case",
     .call = lookup_ignores_case},
    {"list-over-asked", "L-7", "the list of ids is longer than was asked for", .call = list_over,
     .output = put_ids},
    {"need-results-ignored", "C-12", "need_results 0 gives the domains all the same",
     .call = need_results_ignored},
    {"list-filter-ignored", "C-12", "the flags of the list of all domains have no effect",
     .call = filter_ignored},
    {"xml-disagrees", "X-9", "the XML gives the domain another name", .call = xml_name},
    {NULL},
};
