// SPDX-License-Identifier: MIT
// Faults of the objects: what one call says, another denies.
#include "mock-daemon/faults/tamper.h"

#include <fnmatch.h>
#include <string.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/kinds/domain.h"
#include "schema/facts.h"

static bool is(const struct vw_call *c, const char *name)
{
    return vw_proc_is(c->event->proc, name);
}

/* ---- look-ups that find what was not asked for ---- */

struct careless {
    const char *procedure;
    bool (*finds)(const struct vw_object *o, const void *args, size_t n);
    size_t n;
};

static const char *name_of(const void *args)
{
    return vw_text(&((const struct remote_domain_lookup_by_name_args *)args)->name);
}

static bool finds_any_case(const struct vw_object *o, const void *args, size_t n)
{
    return strcasecmp(o->name.data, name_of(args)) == 0;
}

static bool finds_part(const struct vw_object *o, const void *args, size_t n)
{
    return strncmp(o->name.data, name_of(args), strlen(name_of(args))) == 0;
}

static bool finds_pattern(const struct vw_object *o, const void *args, size_t n)
{
    return fnmatch(name_of(args), o->name.data, 0) == 0;
}

/* Its first bytes are the whole of the object's name. */
static bool finds_longer(const struct vw_object *o, const void *args, size_t n)
{
    return strncmp(o->name.data, name_of(args), o->name.len) == 0;
}

static bool finds_behind_nul(const struct vw_object *o, const void *args, size_t n)
{
    const struct vw_string *name = &((const struct remote_domain_lookup_by_name_args *)args)->name;
    size_t skip = name->data ? strlen(name->data) + 1 : SIZE_MAX;
    return skip < name->len && strcmp(o->name.data, name->data + skip) == 0;
}

/* The first N bytes of the uuid are enough. */
static bool finds_by_start(const struct vw_object *o, const void *args, size_t n)
{
    const struct remote_domain_lookup_by_uuid_args *a = args;
    return memcmp(o->uuid, a->uuid, n) == 0;
}

/* All but the first N bytes of the uuid. */
static bool finds_by_end(const struct vw_object *o, const void *args, size_t n)
{
    const struct remote_domain_lookup_by_uuid_args *a = args;
    return memcmp(o->uuid + n, a->uuid + n, sizeof(o->uuid) - n) == 0;
}

/* The lowest N bits of the id. */
static bool finds_by_low_bits(const struct vw_object *o, const void *args, size_t n)
{
    const struct remote_domain_lookup_by_id_args *a = args;
    return ((unsigned)o->id ^ (unsigned)a->id) % (1u << n) == 0;
}

/* All look-ups of a domain give the one struct. */
static enum vw_outcome lookup_careless(const struct vw_fault *f, struct vw_call *c)
{
    const struct careless *careless = f->kind->detail;
    const struct vw_objects *t = vw_call_objects(c);
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct remote_domain_lookup_by_name_ret *ret;
    if (outcome != VW_FAILED || !is(c, careless->procedure))
        return outcome;
    for (uint32_t i = 0; i < t->count; i++) {
        if (!careless->finds(t->list[i], c->args, careless->n))
            continue;
        c->value = ret = vw_call_alloc(c, sizeof(*ret));
        if (ret)
            vw_refer(t->kind, t->list[i], &ret->dom);
        return ret ? VW_DONE : VW_FAILED;
    }
    return outcome;
}

/* The domain of a call is the one whose uuid begins as that of the call. */
static enum vw_outcome calls_careless(const struct vw_fault *f, struct vw_call *c)
{
    const struct vw_objects *t = vw_model_objects(c->conn->model, &vw_object_kind_domain);
    struct remote_nonnull_domain *dom = (void *)vw_call_named_domain(c);
    for (uint32_t i = 0; dom && i < t->count; i++)
        if (memcmp(t->list[i]->uuid, dom->uuid, 8) == 0)
            memcpy(dom->uuid, t->list[i]->uuid, sizeof(dom->uuid));
    return vw_fault_next_call(f, c);
}

#define CARELESS(...)                                                                              \
    .call = lookup_careless, .detail = &(const struct careless)                                    \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* ---- lists ---- */

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

/* ---- documents ---- */

/* What a call for a document has answered, which is all of its result. */
static struct vw_string *xml_of(const struct vw_call *c, enum vw_outcome outcome)
{
    bool document = fnmatch("*_get_xml_desc", vw_proc_today(c->event->proc), 0) == 0 ||
                    is(c, "connect_get_capabilities");
    return outcome == VW_DONE && document ? (void *)c->value : NULL;
}

/* DETAIL: behind this text a character is another. */
static enum vw_outcome xml_differs(const struct vw_fault *f, struct vw_call *c)
{
    const char *ahead = f->kind->detail;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct vw_string *xml = xml_of(c, outcome);
    char *at = xml ? strstr(xml->data, ahead) : NULL;
    if (at)
        at[strlen(ahead)] ^= 1;
    return outcome;
}

static enum vw_outcome xml_cut(const struct vw_fault *f, struct vw_call *c)
{
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct vw_string *xml = xml_of(c, outcome);
    if (xml)
        xml->len -= xml->len / 8;
    return outcome;
}

/* The same document as others would write it. */
static enum vw_outcome xml_layout(const struct vw_fault *f, struct vw_call *c)
{
    static const char head[] = "<?xml version=\"1.0\"?>\n<!-- written by another -->\n";
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    struct vw_string *xml = xml_of(c, outcome);
    char *text = xml ? vw_call_alloc(c, sizeof(head) + xml->len) : NULL;
    if (!xml)
        return outcome;
    if (!text)
        return VW_FAILED;
    memcpy(mempcpy(text, head, sizeof(head) - 1), xml->data, xml->len);
    for (char *s = strchr(text, '\''); s; s = strchr(s, '\''))
        *s = '"';
    *xml = (struct vw_string){.data = text, .len = xml->len + (uint32_t)sizeof(head) - 1};
    return outcome;
}

/* ---- ids ---- */

/* Who starts next gets the first id again, or with DETAIL one that is far above. */
static enum vw_outcome next_id(const struct vw_fault *f, struct vw_call *c)
{
    struct vw_objects *t = vw_model_objects(c->conn->model, &vw_object_kind_domain);
    if (is(c, "domain_create"))
        t->next_id = f->kind->detail ? t->next_id + 100 : 1;
    return vw_fault_next_call(f, c);
}

const struct vw_fault_kind vw_fault_kinds_object[] = {
    {"lookup-ignores-case", "X-2", "names are found whatever their case",
     CARELESS("domain_lookup_by_name", finds_any_case)},
    {"lookup-by-part", "O-6", "a part of a name finds what begins with it",
     CARELESS("domain_lookup_by_name", finds_part)},
    {"lookup-by-pattern", "O-6", "a name is a pattern with * and ?",
     CARELESS("domain_lookup_by_name", finds_pattern)},
    {"lookup-by-more", "O-6", "a name finds what it begins with",
     CARELESS("domain_lookup_by_name", finds_longer)},
    {"lookup-behind-nul", "O-6", "a name that stands behind a NUL is found",
     CARELESS("domain_lookup_by_name", finds_behind_nul)},
    {"uuid-first-eight", "O-5", "of a uuid the first 8 bytes are compared",
     CARELESS("domain_lookup_by_uuid", finds_by_start, 8)},
    {"uuid-first-fifteen", "O-5", "of a uuid the first 15 bytes are compared",
     CARELESS("domain_lookup_by_uuid", finds_by_start, 15)},
    {"uuid-last-eight", "O-5", "of a uuid the last 8 bytes are compared",
     CARELESS("domain_lookup_by_uuid", finds_by_end, 8)},
    {"id-low-bits", "O-7", "of an id the low 16 bits are compared",
     CARELESS("domain_lookup_by_id", finds_by_low_bits, 16)},
    {"uuid-in-calls-first-eight", "O-5",
     "of the uuid of a domain in a call the first 8 bytes are compared", .call = calls_careless},
    {"network-by-part", "O-6", "a part of the name of a network finds what begins with it",
     CARELESS("network_lookup_by_name", finds_part)},
    {"network-uuid-first-eight", "O-5", "of the uuid of a network the first 8 bytes are compared",
     CARELESS("network_lookup_by_uuid", finds_by_start, 8)},
    {"pool-by-part", "O-6", "a part of the name of a pool finds what begins with it",
     CARELESS("storage_pool_lookup_by_name", finds_part)},
    {"pool-uuid-last-eight", "O-5", "of the uuid of a pool the last 8 bytes are compared",
     CARELESS("storage_pool_lookup_by_uuid", finds_by_end, 8)},
    {"interface-by-more", "O-6", "a name finds the interface whose name it begins with",
     CARELESS("interface_lookup_by_name", finds_longer)},
    {"device-ignores-case", "O-6", "names of devices are found whatever their case",
     CARELESS("node_device_lookup_by_name", finds_any_case)},
    {"id-reused", "O-7", "a domain that starts has an id that there was before", .call = next_id},
    {"legal-ids-leap", "O-7", "a domain that starts has an id far above the one before",
     .call = next_id, .detail = "far"},
    {"list-over-asked", "L-7", "the list of ids is longer than was asked for", .call = list_over,
     .output = put_ids},
    {"need-results-ignored", "C-12", "need_results 0 gives the domains all the same",
     .call = need_results_ignored},
    {"list-filter-ignored", "C-12", "the flags of the list of all domains have no effect",
     .call = filter_ignored},
    {"xml-disagrees", "O-3", "the XML gives the domain another name", .call = xml_differs,
     .detail = "<name>"},
    {"xml-cut", "O-3", "the last eighth of documents is missing", .call = xml_cut},
    {"legal-xml-layout", "O-3", "documents have a prolog, a comment and other quotes",
     .call = xml_layout},
    {"xml-uuid-disagrees", "O-3", "the XML gives the domain another uuid", .call = xml_differs,
     .detail = "<uuid>"},
    {"xml-id-disagrees", "O-3", "the XML gives the domain another id", .call = xml_differs,
     .detail = "id='"},
    {"xml-memory-disagrees", "O-3", "the XML gives the domain another memory", .call = xml_differs,
     .detail = "<memory unit='KiB'>"},
    {"xml-vcpus-disagree", "O-3", "the XML gives the domain other processors", .call = xml_differs,
     .detail = "<vcpu placement='static'>"},
    {NULL},
};
