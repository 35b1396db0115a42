// SPDX-License-Identifier: MIT
// Network filters, as drivers have them that are no test driver: a chain, rules that nothing is
// filtered by, and references to other filters. What is in the element of a protocol is given back
// as it came.
#include "mock-daemon/kinds/nwfilter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_XML_ERROR = 27, ERR_SYSTEM = 38, ERR_NO_NWFILTER = 62, ERR_UNSUPPORTED = 67 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* ---- references ---- */

static void empty(xmlNode *n)
{
    while (n->children) {
        xmlNode *one = n->children;
        xmlUnlinkNode(one);
        xmlFreeNode(one);
    }
}

struct parameter {
    const char *name, *value;
    size_t at; /* as it came */
};

static int compare_parameters(const void *a, const void *b)
{
    const struct parameter *x = a, *y = b;
    const int names = strcmp(x->name, y->name);
    return names ? names : (x->at > y->at) - (x->at < y->at);
}

static bool is_good(const struct parameter *p)
{
    return p->name && p->value && *p->name && *p->value &&
           p->name[strspn(p->name, LETTERS "_")] == 0 &&
           p->value[strspn(p->value, LETTERS "_.:")] == 0;
}

enum vw_outcome vw_nwfilter_tidy_reference(struct vw_call *c, xmlNode *n)
{
    struct parameter *list = vw_call_alloc(c, (xmlChildElementCount(n) + 1) * sizeof(*list));
    const xmlNode *one = vw_xml_child(n, "parameter");
    size_t count = 0;
    if (!list)
        return VW_FAILED;
    for (; one; one = one->next) {
        struct parameter p = {.at = count};
        if (!xmlStrEqual(one->name, BAD_CAST "parameter"))
            continue;
        p.name = vw_xml_get(c, one, "name");
        p.value = vw_xml_get(c, one, "value");
        if (is_good(&p))
            list[count++] = p;
    }
    empty(n);
    qsort(list, count, sizeof(*list), compare_parameters);
    for (size_t i = 0; i < count; i++) {
        xmlNode *p = xmlNewChild(n, NULL, BAD_CAST "parameter", NULL);
        xmlNewProp(p, BAD_CAST "name", BAD_CAST list[i].name);
        xmlNewProp(p, BAD_CAST "value", BAD_CAST list[i].value);
    }
    return VW_DONE;
}

/* The filters that were found on the way, each once. */
struct walk {
    struct vw_call *c;
    const struct vw_objects *t;
    const char *self;
    struct vw_nwfilter **found;
    uint32_t n;
};

/* The same answers as below, of what XML itself names. */
static int follow(struct walk *w, const struct vw_string *xml)
{
    static const char before[] = "<filterref filter='";
    for (const char *at = vw_text(xml); (at = strstr(at, before));) {
        at += sizeof(before) - 1;
        const char *name = vw_xml_plain(
            w->c, (struct vw_string){(char *)(uintptr_t)at, (uint32_t)strcspn(at, "'")});
        if (!name)
            return -1;
        struct vw_nwfilter *next = (struct vw_nwfilter *)vw_objects_by_name(w->t, name);
        if (w->self ? strcmp(name, w->self) == 0 : !next)
            return 1;
        if (next && !next->seen) {
            next->seen = 1;
            w->found[w->n++] = next;
        }
    }
    return 0;
}

int vw_nwfilter_leads_to(struct vw_call *c, const struct vw_string *xml, const char *self)
{
    struct walk w = {
        .c = c, .t = vw_model_objects(c->conn->model, &vw_object_kind_nwfilter), .self = self};
    w.found = vw_call_alloc(c, (w.t->count + (size_t)1) * sizeof(struct vw_nwfilter *));
    int rc = w.found ? follow(&w, xml) : -1;
    for (uint32_t i = 0; rc == 0 && i < w.n; i++)
        rc = follow(&w, &w.found[i]->o.xml);
    for (uint32_t i = 0; i < w.n; i++)
        w.found[i]->seen = 0;
    return rc;
}

/* ---- definitions ---- */

/* One that is empty writes all as it is. */
static const struct vw_shape shape[] = {{NULL}};

/* What the name of a chain begins with, and the priority that it has unless another is said. */
static const struct {
    const char *name;
    int32_t priority;
} chains[] = {{"mac", -800},  {"vlan", -750}, {"stp", 0},    {"arp", -500},
              {"rarp", -400}, {"ipv4", -700}, {"ipv6", -600}};
enum { CHAINS = sizeof(chains) / sizeof(chains[0]), CHAIN_MOST = 12 };
#define ROOT "root"

static bool read_number(const char *text, int32_t *out)
{
    char *end = NULL;
    errno = 0;
    const long v = strtol(text, &end, 10);
    *out = (int32_t)v;
    return !errno && end != text && !*end && v >= INT32_MIN && v <= INT32_MAX;
}

enum { PRIORITY_MOST = 1000, PRIORITY = 500 };

static bool in_range(int32_t priority)
{
    return priority >= -PRIORITY_MOST && priority <= PRIORITY_MOST;
}

static enum vw_outcome read_chain(struct vw_call *c, const xmlNode *root, const char **chain,
                                  int32_t *priority)
{
    const char *name = vw_xml_get(c, root, "chain"), *said = vw_xml_get(c, root, "priority");
    const bool is_root = !name || !*name || strcmp(name, ROOT) == 0;
    size_t i = 0;
    *chain = is_root ? ROOT : name;
    while (!is_root && i < CHAINS && strncmp(name, chains[i].name, strlen(chains[i].name)) != 0)
        i++;
    if (!is_root &&
        (i == CHAINS || strlen(name) > CHAIN_MOST || name[strspn(name, LETTERS "_-.:")] != 0))
        return vw_nwfilter_wrong(c, VW_ERR_INVALID_ARG, "there is no such chain");
    *priority = is_root ? 0 : chains[i].priority;
    if (said && *said && (!read_number(said, priority) || !in_range(*priority)))
        return vw_nwfilter_wrong(c, VW_ERR_INVALID_ARG, "there is no such priority");
    if (is_root)
        *priority = 0;
    return VW_DONE;
}

static enum vw_outcome read_uuid(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    const char *text = vw_xml_content(c, vw_xml_child(root, "uuid"));
    const bool said = text && *text;
    if (said && !vw_uuid_parse(text, o->uuid))
        return vw_nwfilter_wrong(c, ERR_XML_ERROR, "the uuid is none");
    if (!said && vw_objects_by_name(vw_call_objects(c), o->name.data))
        return vw_nwfilter_wrong(c, ERR_OPERATION_FAILED, "its name is another's");
    if (!said)
        vw_uuid_make(c->conn->model->seed, o->name.data, o->uuid);
    return VW_DONE;
}

static enum vw_outcome identify(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    const char *name = vw_xml_get(c, root, "name"), *chain;
    int32_t priority;
    if (!name || !*name)
        return vw_nwfilter_wrong(c, VW_ERR_INTERNAL, "a name is missing");
    o->name = vw_string(name);
    if (read_chain(c, root, &chain, &priority) != VW_DONE || read_uuid(c, root, o) != VW_DONE)
        return VW_FAILED;
    if (strchr(name, '/'))
        return vw_call_fail(c, ERR_SYSTEM, VW_FROM_NONE, "a name must not have a slash");
    return VW_DONE;
}

static bool is_one_of(const char *word, const char *const *list)
{
    while (*list && strcmp(*list, word) != 0)
        list++;
    return *list != NULL;
}

/* The first protocol stays, with its attributes. */
static void tidy_protocols(xmlNode *rule)
{
    static const char *const protocols[] = {
        "mac",      "vlan",     "stp",      "arp",      "rarp",    "ip",   "ipv6",
        "tcp",      "tcp-ipv6", "udp",      "udp-ipv6", "udplite", "esp",  "udplite-ipv6",
        "esp-ipv6", "ah",       "ah-ipv6",  "sctp",     "igmp",    "icmp", "sctp-ipv6",
        "icmpv6",   "all",      "all-ipv6", NULL};
    bool found = false;
    for (xmlNode *n = rule->children, *next; n; n = next) {
        next = n->next;
        if (!found && n->type == XML_ELEMENT_NODE && is_one_of((const char *)n->name, protocols)) {
            found = true;
            empty(n);
            continue;
        }
        xmlUnlinkNode(n);
        xmlFreeNode(n);
    }
}

static void set_number(xmlNode *n, const char *name, int32_t value)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", value);
    xmlNewProp(n, BAD_CAST name, BAD_CAST text);
}

static enum vw_outcome tidy_rule(struct vw_call *c, xmlNode *n)
{
    static const char *const actions[] = {"accept", "drop", "reject", "return", "continue", NULL};
    static const char *const directions[] = {"in", "out", "inout", NULL};
    const char *action = vw_xml_get(c, n, "action"), *direction = vw_xml_get(c, n, "direction");
    const char *said = vw_xml_get(c, n, "priority"), *matches = vw_xml_get(c, n, "statematch");
    int32_t priority;
    if (!action || !direction)
        return vw_nwfilter_wrong(c, VW_ERR_INTERNAL, "a rule has an action and a direction");
    if (!is_one_of(action, actions) || !is_one_of(direction, directions))
        return vw_nwfilter_wrong(c, ERR_UNSUPPORTED, "there is no such action or direction");
    if (!said || !read_number(said, &priority) || !in_range(priority))
        priority = PRIORITY;
    xmlFreePropList(n->properties);
    n->properties = NULL;
    xmlNewProp(n, BAD_CAST "action", BAD_CAST action);
    xmlNewProp(n, BAD_CAST "direction", BAD_CAST direction);
    set_number(n, "priority", priority);
    if (matches && (strcmp(matches, "0") == 0 || strcasecmp(matches, "false") == 0))
        xmlNewProp(n, BAD_CAST "statematch", BAD_CAST "false");
    tidy_protocols(n);
    return VW_DONE;
}

/* A reference to nothing is read as a rule that lacks all. */
static enum vw_outcome tidy_entry(struct vw_call *c, xmlNode *n)
{
    const char *filter =
        xmlStrEqual(n->name, BAD_CAST "filterref") ? vw_xml_get(c, n, "filter") : NULL;
    if (!filter)
        return tidy_rule(c, n);
    xmlFreePropList(n->properties);
    n->properties = NULL;
    xmlNewProp(n, BAD_CAST "filter", BAD_CAST filter);
    return vw_nwfilter_tidy_reference(c, n);
}

static enum vw_outcome tidy_entries(struct vw_call *c, xmlNode *root)
{
    for (xmlNode *n = root->children, *next; n; n = next) {
        next = n->next;
        const bool stays =
            n->type == XML_ELEMENT_NODE &&
            (xmlStrEqual(n->name, BAD_CAST "rule") || xmlStrEqual(n->name, BAD_CAST "filterref"));
        if (stays && tidy_entry(c, n) != VW_DONE)
            return VW_FAILED;
        if (stays)
            continue;
        xmlUnlinkNode(n);
        xmlFreeNode(n);
    }
    return VW_DONE;
}

static enum vw_outcome check_loop(struct vw_call *c, xmlNode *root, const struct vw_object *o)
{
    struct vw_string text = {0};
    struct vw_xml x;
    vw_xml_begin(&x);
    vw_xml_copy(&x, root);
    if (vw_xml_finish(&x, c, &text) != VW_DONE)
        return VW_FAILED;
    const int leads = vw_nwfilter_leads_to(c, &text, o->name.data);
    if (leads > 0)
        return vw_nwfilter_wrong(c, ERR_OPERATION_FAILED, "the filter would be within itself");
    return leads < 0 ? VW_FAILED : VW_DONE;
}

/* Rules and references are given back in the order in which they came. */
static enum vw_outcome parse(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    const char *chain;
    int32_t priority;
    if (read_chain(c, root, &chain, &priority) != VW_DONE || tidy_entries(c, root) != VW_DONE ||
        check_loop(c, root, o) != VW_DONE)
        return VW_FAILED;
    xmlFreePropList(root->properties);
    root->properties = NULL;
    xmlNewProp(root, BAD_CAST "name", BAD_CAST o->name.data);
    xmlNewProp(root, BAD_CAST "chain", BAD_CAST chain);
    if (priority)
        set_number(root, "priority", priority);
    /* Its text is written by who writes it all. */
    xmlNode *uuid = xmlNewDocNode(root->doc, NULL, BAD_CAST "uuid", NULL);
    if (uuid && root->children)
        xmlAddPrevSibling(root->children, uuid);
    else if (uuid)
        xmlAddChild(root, uuid);
    return VW_DONE;
}

enum vw_outcome vw_on_nwfilter_undefine(struct vw_call *c,
                                        const struct remote_nwfilter_undefine_args *args)
{
    struct vw_objects *t = vw_call_objects(c);
    const struct vw_objects *bindings = vw_model_objects(c->conn->model, &vw_object_kind_binding);
    struct vw_object *o = vw_call_object(c, &args->nwfilter);
    if (!o)
        return VW_FAILED;
    for (uint32_t i = 0; i < bindings->count; i++) {
        if (bindings->list[i]->parent == o)
            return vw_nwfilter_wrong(c, ERR_OPERATION_INVALID, "the filter is in use");
    }
    vw_call_remove(c, t, o);
    return VW_DONE;
}

/* ---- rows ---- */

static const struct vw_row rows[] = {
    VW_COUNT(connect_num_of_nwfilters, VW_INACTIVE),
    VW_NAMES(connect_list_nwfilters, VW_INACTIVE),
    VW_ALL(connect_list_all_nwfilters, filters, 0),
    VW_BY_NAME(nwfilter_lookup_by_name, nwfilter),
    VW_BY_UUID(nwfilter_lookup_by_uuid, nwfilter),
    VW_DEFINE(nwfilter_define_xml, nwfilter, VW_INACTIVE),
    VW_DEFINE_FLAGS(nwfilter_define_xml_flags, nwfilter, VW_INACTIVE, 1),
    VW_CALL(nwfilter_undefine),
    VW_XML(nwfilter_get_xml_desc, nwfilter, 0),
    {NULL},
};

static const struct vw_own owns[] = {VW_OWN_AS(struct vw_nwfilter, seen, VW_FORM_FORGOTTEN),
                                     {NULL}};

const struct vw_object_kind vw_object_kind_nwfilter = {
    .name = "nwfilter",
    .root = "filter",
    .rows = rows,
    .hosted = true,
    .size = sizeof(struct vw_nwfilter),
    .owns = owns,
    .reference = VW_REFERENCE(remote_nonnull_nwfilter),
    .missing = {ERR_NO_NWFILTER, VW_FROM_NWFILTER},
    .missing_text = "there is no such filter",
    .xml_domain = VW_FROM_NWFILTER,
    .shape = shape,
    .identify = identify,
    .parse = parse,
};
