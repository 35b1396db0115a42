// SPDX-License-Identifier: MIT
// Ports of networks that run, as drivers have them that are no test driver: the network of one is
// its parent, and its plug the bridge of that.
#include "mock-daemon/kinds/port.h"

#include <stdio.h>
#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/kinds/network.h"
#include "mock-daemon/owned.h"
#include "mock-daemon/params.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_XML_ERROR = 27, ERR_UNSUPPORTED = 84, ERR_PORT_EXISTS = 106, ERR_NO_PORT = 107 };
enum { FROM_XML = 5 };

static enum vw_outcome wrong(struct vw_call *c, int32_t code, const char *why)
{
    return vw_call_fail(c, code, VW_FROM_NETWORK, why);
}

static void refer(const struct vw_object *o, void *to)
{
    struct remote_nonnull_network_port *r = to;
    if (o->parent)
        vw_refer(&vw_object_kind_network, o->parent, &r->net);
    memcpy(r->uuid, o->uuid, sizeof(r->uuid));
}

static struct vw_object *find(struct vw_call *c, const struct vw_objects *t, const void *named)
{
    const struct remote_nonnull_network_port *r = named;
    const struct vw_object *network = vw_call_object_of(c, &vw_object_kind_network, &r->net);
    struct vw_object *o = network ? vw_objects_by_uuid(t, r->uuid) : NULL;
    if (network && (!o || o->parent != network)) {
        wrong(c, ERR_NO_PORT, t->kind->missing_text);
        return NULL;
    }
    return o;
}

void vw_port_forget(struct vw_call *c, const struct vw_object *network)
{
    struct vw_objects *t = vw_model_objects(c->conn->model, &vw_object_kind_port);
    for (uint32_t i = t->count; i > 0; i--) {
        if (t->list[i - 1]->parent == network)
            vw_objects_remove(t, t->list[i - 1]);
    }
}

static const struct vw_object *running(struct vw_call *c,
                                       const struct remote_nonnull_network *named)
{
    const struct vw_object *o = vw_call_object_of(c, &vw_object_kind_network, named);
    if (!o || o->active)
        return o;
    wrong(c, ERR_OPERATION_INVALID, "the network does not run");
    return NULL;
}

/* ---- lists and look-ups ---- */

enum vw_outcome vw_on_network_list_all_ports(struct vw_call *c,
                                             const struct remote_network_list_all_ports_args *args,
                                             struct remote_network_list_all_ports_ret *ret)
{
    const struct vw_objects *t = vw_call_objects(c);
    struct remote_nonnull_network_port *list;
    const struct vw_object *network;
    uint32_t n = 0;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE ||
        !(network = running(c, &args->network)) ||
        !(list = vw_call_alloc(c, t->count * sizeof(*list))))
        return VW_FAILED;
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->list[i]->parent == network && !t->list[i]->veiled)
            refer(t->list[i], &list[n++]);
    }
    if (args->need_results && n > vw_call_list_bound(c)) /* L-7 */
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "more ports than a list may hold");
    if (args->need_results)
        ret->ports = (struct vw_list){list, n};
    ret->ret = n;
    return VW_DONE;
}

enum vw_outcome
vw_on_network_port_lookup_by_uuid(struct vw_call *c,
                                  const struct remote_network_port_lookup_by_uuid_args *args,
                                  struct remote_network_port_lookup_by_uuid_ret *ret)
{
    struct remote_nonnull_network_port named = {.net = args->network};
    memcpy(named.uuid, args->uuid, sizeof(named.uuid));
    const struct vw_object *o = vw_call_object(c, &named);
    if (!o)
        return VW_FAILED;
    refer(o, &ret->port);
    return VW_DONE;
}

/* ---- definitions ---- */

static const struct vw_shape shape[] = {
    {"networkport", "", "uuid owner group mac virtualport bandwidth vlan port rxfilters plug"},
    {"owner", "", "name uuid"},
    {"mac", "address"},
    {"bandwidth", "", "inbound outbound", .open = true},
    {"inbound", "average peak burst floor"},
    {"outbound", "average peak burst"},
    {"rxfilters", "trustGuest"},
    {NULL},
};

static enum vw_outcome identify(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    const char *uuid = vw_xml_content(c, vw_xml_child(root, "uuid"));
    char *name = vw_call_alloc(c, VW_UUID_TEXT);
    if (!uuid || !*uuid || !vw_uuid_parse(uuid, o->uuid))
        return wrong(c, VW_ERR_INTERNAL, "a port has a uuid");
    if (!name)
        return VW_FAILED;
    vw_uuid_text(o->uuid, name);
    o->name = vw_string(name);
    return VW_DONE;
}

enum { RECLAIM = 1, VALIDATE = 2 };

/* A port gets a plug when it is made; who claims it again has that. */
static enum vw_outcome plug_in(struct vw_call *c, xmlNode *root, const struct vw_object *network,
                               uint32_t flags)
{
    static const char *const types[] = {"none", "network", "bridge", "direct", "hostdev-pci"};
    xmlNode *n = (xmlNode *)(uintptr_t)vw_xml_child(root, "plug");
    const char *type = vw_xml_get(c, n, "type"), *bridge = vw_xml_get(c, n, "bridge");
    const struct vw_string own = vw_xml_said(&network->xml, "<bridge name='");
    const bool bridged = vw_xml_said(&network->xml, "<forward mode='bridge").data != NULL;
    size_t i = 0;
    while (type && i < sizeof(types) / sizeof(types[0]) && strcmp(types[i], type) != 0)
        i++;
    if (i == sizeof(types) / sizeof(types[0]))
        return vw_call_fail(c, ERR_XML_ERROR, FROM_XML, "there is no such plug");
    if ((i == 1 || i == 2) && !bridge)
        return wrong(c, ERR_XML_ERROR, "the bridge of the plug is missing");
    if ((i != 0) != ((flags & RECLAIM) != 0))
        return wrong(c, VW_ERR_INVALID_ARG, "a port that is claimed again has a plug, others none");
    if (i != 0)
        return VW_DONE;
    if (n) {
        xmlUnlinkNode(n);
        xmlFreeNode(n);
    }
    n = xmlNewChild(root, NULL, BAD_CAST "plug", NULL);
    xmlNewProp(n, BAD_CAST "type", BAD_CAST(bridged ? "bridge" : "network"));
    const char *name = own.data ? vw_xml_plain(c, own) : NULL;
    if (name)
        xmlNewProp(n, BAD_CAST "bridge", BAD_CAST name);
    return VW_DONE;
}

static enum vw_outcome parse(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    static const char *const trusts[] = {"yes", "no"};
    const xmlNode *filters = vw_xml_child(root, "rxfilters");
    const char *trust = vw_xml_get(c, filters, "trustGuest");
    xmlNode *group = (xmlNode *)(uintptr_t)vw_xml_child(root, "group");
    char mac[VW_MAC_TEXT];
    if (vw_owned_check(c, root, VW_FROM_NETWORK, mac) != VW_DONE)
        return VW_FAILED;
    if (trust && strcmp(trust, trusts[0]) != 0 && strcmp(trust, trusts[1]) != 0)
        return vw_call_fail(c, ERR_XML_ERROR, FROM_XML, "a guest is trusted, yes or no");
    if (group && !group->children) {
        xmlUnlinkNode(group);
        xmlFreeNode(group);
    }
    const struct remote_network_port_create_xml_args *args = c->args;
    return plug_in(c, root, o->parent, args->flags);
}

enum vw_outcome
vw_on_network_port_create_xml(struct vw_call *c,
                              const struct remote_network_port_create_xml_args *args,
                              struct remote_network_port_create_xml_ret *ret)
{
    struct vw_objects *t = vw_call_objects(c);
    struct vw_object like = {.persistent = 1}, *made;
    if (vw_call_check_flags(c, args->flags, RECLAIM | VALIDATE) != VW_DONE ||
        !(like.parent = running(c, &args->network)) ||
        vw_call_read(c, &args->xml, &like) != VW_DONE)
        return VW_FAILED;
    const int rc = vw_objects_add(t, &like, &made);
    if (rc < 0)
        return wrong(c, rc == VW_EUSAGE ? ERR_PORT_EXISTS : VW_ERR_INTERNAL,
                     rc == VW_EUSAGE ? "there is such a port already" : "no memory for the port");
    refer(made, &ret->port);
    return VW_DONE;
}

enum vw_outcome vw_on_network_port_delete(struct vw_call *c,
                                          const struct remote_network_port_delete_args *args)
{
    struct vw_object *o;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(o = vw_call_object(c, &args->port)))
        return VW_FAILED;
    vw_call_remove(c, vw_call_objects(c), o);
    return VW_DONE;
}

/* ---- bandwidth ---- */

/* The two directions and what is said of each, in the order of the parameters. */
static const struct direction {
    const char *element;
    struct {
        const char *param, *attribute;
    } values[4];
} directions[] = {
    {"inbound",
     {{"inbound.average", "average"},
      {"inbound.peak", "peak"},
      {"inbound.floor", "floor"},
      {"inbound.burst", "burst"}}},
    {"outbound",
     {{"outbound.average", "average"}, {"outbound.peak", "peak"}, {"outbound.burst", "burst"}}},
};
enum { DIRECTIONS = sizeof(directions) / sizeof(directions[0]), VALUES = 4 };

static void add_values(struct vw_params *p, const struct direction *d, const xmlNode *n)
{
    for (int i = 0; n && i < VALUES && d->values[i].param; i++) {
        const char *text = vw_xml_get(p->c, n, d->values[i].attribute);
        vw_params_add_uint(p, d->values[i].param, text ? (uint32_t)strtoul(text, NULL, 10) : 0);
    }
}

/* How many are asked for does not matter: all that there are come, and 0 as their number. */
enum vw_outcome
vw_on_network_port_get_parameters(struct vw_call *c,
                                  const struct remote_network_port_get_parameters_args *args,
                                  struct remote_network_port_get_parameters_ret *ret)
{
    const struct vw_object *o;
    struct vw_params p;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(o = vw_call_object(c, &args->port)))
        return VW_FAILED;
    xmlDoc *doc = vw_xml_parse(c, &o->xml, VW_FROM_NETWORK);
    if (!doc)
        return VW_FAILED;
    const xmlNode *bandwidth = vw_xml_child(xmlDocGetRootElement(doc), "bandwidth");
    vw_params_begin(&p, c, DIRECTIONS * VALUES);
    for (int i = 0; i < DIRECTIONS; i++)
        add_values(&p, &directions[i], vw_xml_child(bandwidth, directions[i].element));
    xmlFreeDoc(doc);
    return vw_params_end(&p, &ret->params);
}

/* A direction is as it is said all at once, and only there with an average. The last of a name
 * counts, and names that nobody knows are passed over. */
static void put_values(xmlNode *bandwidth, const struct direction *d, const struct vw_list *list)
{
    const struct remote_typed_param *params = list->items;
    xmlNode *n = xmlNewChild(bandwidth, NULL, BAD_CAST d->element, NULL);
    for (uint32_t k = 0; n && k < list->count; k++) {
        for (int i = 0; i < VALUES && d->values[i].param; i++) {
            char text[16];
            snprintf(text, sizeof(text), "%u", (uint32_t)vw_params_number(&params[k]));
            if (strcmp(vw_text(&params[k].field), d->values[i].param) != 0)
                continue;
            xmlUnsetProp(n, BAD_CAST d->values[i].attribute);
            if (strcmp(text, "0") != 0)
                xmlNewProp(n, BAD_CAST d->values[i].attribute, BAD_CAST text);
        }
    }
    if (n && !xmlHasProp(n, BAD_CAST "average")) {
        xmlUnlinkNode(n);
        xmlFreeNode(n);
    }
}

static enum vw_outcome put_bandwidth(struct vw_call *c, struct vw_object *o, xmlNode *root,
                                     const struct vw_list *params)
{
    xmlNode *n = (xmlNode *)(uintptr_t)vw_xml_child(root, "bandwidth");
    struct vw_string text;
    struct vw_xml x;
    if (n) {
        xmlUnlinkNode(n);
        xmlFreeNode(n);
    }
    n = xmlNewChild(root, NULL, BAD_CAST "bandwidth", NULL);
    for (int i = 0; n && i < DIRECTIONS; i++)
        put_values(n, &directions[i], params);
    vw_xml_begin(&x);
    vw_shape_write(&x, shape, root);
    if (vw_xml_finish(&x, c, &text) != VW_DONE)
        return VW_FAILED;
    char *copy = n ? strdup(text.data) : NULL;
    if (!copy)
        return wrong(c, VW_ERR_INTERNAL, "no memory for the XML");
    vw_objects_set_xml(vw_call_objects(c), o, copy);
    return VW_DONE;
}

enum vw_outcome
vw_on_network_port_set_parameters(struct vw_call *c,
                                  const struct remote_network_port_set_parameters_args *args)
{
    struct vw_object *o;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(o = vw_call_object(c, &args->port)))
        return VW_FAILED;
    const struct remote_typed_param *floor = vw_params_find(&args->params, "inbound.floor");
    if (floor && vw_params_number(floor) &&
        !vw_xml_said(&o->parent->xml, "<inbound average='").data)
        return wrong(c, ERR_UNSUPPORTED, "the network has nothing for a floor to be of");
    xmlDoc *doc = vw_xml_parse(c, &o->xml, VW_FROM_NETWORK);
    const enum vw_outcome outcome =
        doc ? put_bandwidth(c, o, xmlDocGetRootElement(doc), &args->params) : VW_FAILED;
    xmlFreeDoc(doc);
    return outcome;
}

/* ---- rows ---- */

static const struct vw_row rows[] = {
    VW_CALL(network_list_all_ports),
    VW_CALL(network_port_lookup_by_uuid),
    VW_CALL(network_port_create_xml),
    VW_CALL(network_port_delete),
    VW_XML(network_port_get_xml_desc, port, 0),
    VW_CALL(network_port_get_parameters),
    VW_CALL(network_port_set_parameters),
    {NULL},
};

const struct vw_object_kind vw_object_kind_port = {
    .name = "network_port",
    .root = "networkport",
    .rows = rows,
    .hosted = true,
    .size = sizeof(struct vw_object),
    .reference = {.size = sizeof(struct remote_nonnull_network_port),
                  .uuid = offsetof(struct remote_nonnull_network_port, uuid),
                  .has_uuid = true},
    .missing = {ERR_NO_PORT, VW_FROM_NETWORK},
    .missing_text = "there is no such port",
    .xml_domain = VW_FROM_NETWORK,
    .refer = refer,
    .find = find,
    .shape = shape,
    .identify = identify,
    .parse = parse,
};
