// SPDX-License-Identifier: MIT
// Networks: the one of the test driver, and those that clients define. Nothing stands behind them.
#include <arpa/inet.h>
#include <stdlib.h>

#include "mock-daemon/kinds/port.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"

/* virErrorNumber */
enum {
    ERR_XML_ERROR = 27,
    ERR_NO_NETWORK = 43,
    ERR_UNSUPPORTED = 67,
    ERR_UNSUPPORTED_OPERATION = 84
};

/* A name of an interface is shorter than this. */
#define BRIDGE_SIZE 16

struct vw_network {
    struct vw_object o;
    char bridge[BRIDGE_SIZE]; /* "": none */
};

#define DEFAULT_XML                                                                                \
    "<network>\n"                                                                                  \
    "  <name>default</name>\n"                                                                     \
    "  <uuid>dd8fe884-6c02-601e-7551-cca97df1c5df</uuid>\n"                                        \
    "  <forward mode='nat'/>\n"                                                                    \
    "  <bridge name='virbr0' stp='on' delay='0'/>\n"                                               \
    "  <ip address='192.168.122.1' netmask='255.255.255.0'>\n"                                     \
    "    <dhcp>\n"                                                                                 \
    "      <range start='192.168.122.2' end='192.168.122.254'/>\n"                                 \
    "    </dhcp>\n"                                                                                \
    "  </ip>\n"                                                                                    \
    "</network>\n"

static int begin(const struct vw_model *m, struct vw_objects *t, const struct vw_config *config)
{
    static const struct vw_network first = {
        .o = {.name = VW_STRING("default"),
              .uuid = {0xdd, 0x8f, 0xe8, 0x84, 0x6c, 0x02, 0x60, 0x1e, 0x75, 0x51, 0xcc, 0xa9, 0x7d,
                       0xf1, 0xc5, 0xdf},
              .xml = VW_STRING(DEFAULT_XML),
              .state = 1,
              .persistent = 1},
        .bridge = "virbr0"};
    return vw_objects_add(t, &first.o, NULL);
}

/* ---- facts ---- */

enum vw_outcome
vw_on_network_get_bridge_name(struct vw_call *c,
                              const struct remote_network_get_bridge_name_args *args,
                              struct remote_network_get_bridge_name_ret *ret)
{
    const struct vw_network *n = (const struct vw_network *)vw_call_object(c, &args->net);
    if (!n)
        return VW_FAILED;
    if (!n->bridge[0])
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "the network has no bridge");
    ret->name = vw_string(n->bridge);
    return VW_DONE;
}

/* ---- changes ---- */

#define ADDRESS "family address netmask prefix"

static const struct vw_shape shape[] = {
    {"network", "ipv6 trustGuestRxFilters",
     "name uuid title description metadata forward bridge mtu mac domain dns vlan port ip route "
     "virtualport bandwidth portgroup"},
    {"forward", "dev mode=nat managed", "driver nat pf interface address"},
    {"nat", "ipv6", "address port"},
    {"bridge", "name zone stp delay macTableManager"},
    {"domain", "name localOnly register"},
    {"dns", "enable forwardPlainNames", "forwarder txt srv host"},
    {"dns/host", "ip", "hostname"},
    {"network/ip", ADDRESS " localPtr", "tftp dhcp", .open = true},
    {"dhcp", "", "range host bootp"},
    {"dhcp/range", "start end", "lease"},
    {"dhcp/host", "id mac name ip", "lease"},
    {"network/route", ADDRESS " gateway metric"},
    {"portgroup", "name default trustGuestRxFilters", "vlan virtualport bandwidth port",
     .open = true},
    {NULL},
};

/* Where libvirt keeps the bridge itself it says so. */
static void complete_bridge(xmlNode *root)
{
    static const char *const said[][2] = {{"stp", "on"}, {"delay", "0"}};
    xmlNode *bridge = (xmlNode *)(uintptr_t)vw_xml_child(root, "bridge");
    if (!bridge)
        bridge = xmlNewChild(root, NULL, BAD_CAST "bridge", NULL);
    for (size_t i = 0; bridge && i < 2; i++) {
        if (!xmlHasProp(bridge, BAD_CAST said[i][0]))
            xmlNewProp(bridge, BAD_CAST said[i][0], BAD_CAST said[i][1]);
    }
}

/* The device that is forwarded to is said twice. */
static void complete_forward(xmlNode *forward)
{
    xmlNode *interface = (xmlNode *)(uintptr_t)vw_xml_child(forward, "interface");
    xmlChar *dev = forward ? xmlGetProp(interface ? interface : forward, BAD_CAST "dev") : NULL;
    if (dev && !interface)
        interface = xmlNewChild(forward, NULL, BAD_CAST "interface", NULL);
    if (dev && interface) {
        xmlSetProp(interface, BAD_CAST "dev", dev);
        xmlSetProp(forward, BAD_CAST "dev", dev);
    }
    xmlFree(dev);
}

static enum vw_outcome check_addresses(struct vw_call *c, const xmlNode *root)
{
    uint8_t address[16];
    for (const xmlNode *n = vw_xml_child(root, "ip"); n; n = n->next) {
        const char *text = xmlStrEqual(n->name, BAD_CAST "ip") ? vw_xml_get(c, n, "address") : NULL;
        if (text && inet_pton(AF_INET, text, address) != 1 &&
            inet_pton(AF_INET6, text, address) != 1)
            return vw_call_fail(c, ERR_XML_ERROR, VW_FROM_NETWORK, "there is no such address");
    }
    return VW_DONE;
}

static enum vw_outcome check_forward(struct vw_call *c, xmlNode *root)
{
    static const struct {
        const char *mode;
        bool own_bridge;
    } modes[] = {{"nat", true},   {"none", true},         {"route", true},
                 {"open", true},  {"bridge", false},      {"private", false},
                 {"vepa", false}, {"passthrough", false}, {"hostdev", false}};
    const xmlNode *forward = vw_xml_child(root, "forward");
    const char *mode = forward ? vw_xml_get(c, forward, "mode") : "none";
    size_t i = 0;
    while (mode && i < sizeof(modes) / sizeof(modes[0]) && strcmp(mode, modes[i].mode) != 0)
        i++;
    if (i == sizeof(modes) / sizeof(modes[0]))
        return vw_call_fail(c, ERR_UNSUPPORTED, VW_FROM_NETWORK, "nothing is forwarded so");
    if (modes[i].own_bridge)
        complete_bridge(root);
    complete_forward((xmlNode *)(uintptr_t)forward);
    return VW_DONE;
}

static enum vw_outcome parse(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    struct vw_network *n = (struct vw_network *)o;
    const char *bridge = vw_xml_get(c, vw_xml_child(root, "bridge"), "name");
    if (check_forward(c, root) != VW_DONE || check_addresses(c, root) != VW_DONE)
        return VW_FAILED;
    if (bridge && strlen(bridge) >= sizeof(n->bridge))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_NETWORK, "the bridge's name is too long");
    if (bridge)
        memcpy(n->bridge, bridge, strlen(bridge));
    return VW_DONE;
}

/* virNetworkEventLifecycleType */
static const struct vw_lives lives = {.defined = 0, .started = 2};
enum { UNDEFINED = 1, STARTED = 2, STOPPED = 3 };

/* ---- updates ---- */

/* virNetworkUpdateCommand, virNetworkUpdateFlags */
enum { UPDATE_MODIFY = 1, UPDATE_DELETE = 2, UPDATE_ADD_LAST = 3, UPDATE_ADD_FIRST = 4 };
enum { UPDATE_LIVE = 1, UPDATE_CONFIG = 2, UPDATE_KNOWN = 3 };

/* A part of a network that can be changed by itself. */
struct section {
    const char *above, *within; /* the elements that it is in, from outside; NULL: the root */
    const char *element;        /* NULL: it cannot be changed */
    const char *same;           /* attributes: equal ones are the same entry, ALL or any of them */
    const char *found; /* those by which a change finds one; NULL: it can only come and go */
    bool all;
    bool early; /* that it cannot be changed is said ahead of what is wrong with the XML */
};

/* By virNetworkUpdateSection. */
static const struct section sections[] = {
    [4] = {"ip", "dhcp", "host", "mac name ip", .found = "mac name"},
    [5] = {"ip", "dhcp", "range", "start end", .all = true},
    [7] = {NULL, "forward", "interface", "dev"},
    [9] = {NULL, NULL, "portgroup", "name", .found = "name"},
    [10] = {NULL, "dns", "host", "ip", .early = true},
    [11] = {NULL, "dns", "txt", "name", .early = true},
    [12] = {NULL, "dns", "srv", "service protocol target port", .all = true, .early = true},
};

struct update {
    const struct section *section;
    int32_t index; /* of the <ip> */
    xmlNode *entry, *within;
};

static enum vw_outcome not_now(struct vw_call *c, const char *why)
{
    return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_NETWORK, why);
}

static enum vw_outcome cannot(struct vw_call *c, const char *why)
{
    return vw_call_fail(c, ERR_UNSUPPORTED_OPERATION, VW_FROM_NETWORK, why);
}

/* Whether attributes of A and B are equal: all that B has of NAMES, or any. */
static bool alike(struct vw_call *c, const xmlNode *a, const xmlNode *b, const char *names,
                  bool all)
{
    bool any = false;
    for (const char *at = names; *at; at += strspn(at, " ")) {
        char name[16];
        const size_t n = strcspn(at, " ");
        snprintf(name, sizeof(name), "%.*s", (int)n, at);
        at += n;
        const char *x = vw_xml_get(c, a, name), *y = vw_xml_get(c, b, name);
        const bool same = x && y && strcmp(x, y) == 0;
        if (all && y && !same)
            return false;
        any |= same;
    }
    return any;
}

/* The entry that is there already; NULL: none is. */
static xmlNode *existing(struct vw_call *c, const struct update *u, const char *names, bool all)
{
    xmlNode *n = (xmlNode *)(uintptr_t)vw_xml_child(u->within, u->section->element);
    while (n && (!xmlStrEqual(n->name, BAD_CAST u->section->element) ||
                 !alike(c, n, u->entry, names, all)))
        n = n->next;
    return n;
}

static xmlNode *have(xmlNode *parent, const char *name)
{
    xmlNode *n = (xmlNode *)(uintptr_t)vw_xml_child(parent, name);
    return n ? n : xmlNewChild(parent, NULL, BAD_CAST name, NULL);
}

/* Finds the elements that the section is in, or makes the inner one. */
static enum vw_outcome enter(struct vw_call *c, struct update *u, xmlNode *root)
{
    const struct section *s = u->section;
    u->within = root;
    if (s->above) {
        xmlNode *n = (xmlNode *)(uintptr_t)vw_xml_child(root, s->above);
        for (int32_t i = 0; n && (i < u->index || !xmlStrEqual(n->name, BAD_CAST s->above));
             n = n->next)
            i += xmlStrEqual(n->name, BAD_CAST s->above) != 0;
        if (!n)
            return not_now(c, "the network has no such element to put it into");
        u->within = n;
    }
    if (s->within)
        u->within = have(u->within, s->within);
    return u->within ? VW_DONE : vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory");
}

static void drop(xmlNode *n)
{
    xmlUnlinkNode(n);
    xmlFreeNode(n);
}

static enum vw_outcome change(struct vw_call *c, struct update *u, int32_t command)
{
    const struct section *s = u->section;
    xmlNode *there = command == UPDATE_MODIFY
                         ? existing(c, u, s->found, false)
                         : existing(c, u, s->same, command == UPDATE_DELETE || s->all);
    const bool adds = command == UPDATE_ADD_LAST || command == UPDATE_ADD_FIRST;
    if (adds && there)
        return not_now(c, "there is such an entry already");
    if (!adds && !there)
        return not_now(c, "there is no such entry");
    xmlNode *first = (xmlNode *)(uintptr_t)vw_xml_child(u->within, s->element);
    xmlNode *copy = command == UPDATE_DELETE ? NULL : xmlDocCopyNode(u->entry, u->within->doc, 1);
    if (command != UPDATE_DELETE && !copy)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the entry");
    if (command == UPDATE_MODIFY)
        xmlAddPrevSibling(there, copy);
    else if (command == UPDATE_ADD_FIRST && first)
        xmlAddPrevSibling(first, copy);
    else if (adds)
        xmlAddChild(u->within, copy);
    if (there)
        drop(there);
    if (s->within && !u->within->children && strcmp(s->within, "forward") != 0)
        drop(u->within);
    return VW_DONE;
}

/* What is wrong with the section or the command, whatever the network is. */
static enum vw_outcome check_update(struct vw_call *c, const struct update *u, int32_t command)
{
    const struct section *s = u->section;
    if (!s || !s->element)
        return cannot(c, "this part of a network cannot be changed");
    if (command == UPDATE_MODIFY && s->early)
        return cannot(c, "such entries only come and go");
    if (!xmlStrEqual(u->entry->name, BAD_CAST s->element))
        return vw_call_fail(c, ERR_XML_ERROR, VW_FROM_NETWORK, "it is another element");
    if (command < UPDATE_MODIFY || command > UPDATE_ADD_FIRST)
        return cannot(c, "there is no such command");
    return command == UPDATE_MODIFY && !s->found ? cannot(c, "such entries only come and go")
                                                 : VW_DONE;
}

/* O has what ROOT says from here on. */
static enum vw_outcome keep(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    struct vw_string text = {0};
    struct vw_network like = {0};
    struct vw_xml x;
    if (parse(c, root, &like.o) != VW_DONE)
        return VW_FAILED;
    vw_xml_begin(&x);
    vw_shape_write(&x, shape, root);
    if (vw_xml_finish(&x, c, &text) != VW_DONE)
        return VW_FAILED;
    char *copy = strdup(text.data);
    if (!copy)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the XML");
    vw_objects_set_xml(vw_call_objects(c), o, copy);
    return VW_DONE;
}

/* What is to be when an active network starts again is looked at and forgotten, as by the test
 * driver. */
static enum vw_outcome update(struct vw_call *c, const struct remote_network_update_args *args,
                              struct vw_object *o, xmlDoc *doc, xmlNode *entry)
{
    const size_t number = args->section;
    const bool forgets = o->active && !(args->flags & UPDATE_LIVE) && (args->flags & UPDATE_CONFIG);
    struct update u = {number < sizeof(sections) / sizeof(sections[0]) ? &sections[number] : NULL,
                       args->parentIndex < 0 ? 0 : args->parentIndex, entry, NULL};
    xmlNode *root = xmlDocGetRootElement(doc);
    if (check_update(c, &u, args->command) != VW_DONE || enter(c, &u, root) != VW_DONE ||
        change(c, &u, args->command) != VW_DONE)
        return VW_FAILED;
    return forgets ? VW_DONE : keep(c, root, o);
}

enum vw_outcome vw_on_network_update(struct vw_call *c,
                                     const struct remote_network_update_args *args)
{
    struct vw_object *o;
    if (vw_call_check_flags(c, args->flags, UPDATE_KNOWN) != VW_DONE ||
        !(o = vw_call_object(c, &args->net)))
        return VW_FAILED;
    if ((args->flags & UPDATE_LIVE) && !o->active)
        return not_now(c, "the network does not run");
    if ((args->flags & UPDATE_CONFIG) && !o->persistent)
        return not_now(c, "the network is not defined");
    xmlDoc *entry = vw_xml_parse(c, &args->xml, VW_FROM_NETWORK);
    xmlDoc *doc = entry ? vw_xml_parse(c, &o->xml, VW_FROM_NETWORK) : NULL;
    enum vw_outcome outcome =
        doc ? update(c, args, o, doc, xmlDocGetRootElement(entry)) : VW_FAILED;
    xmlFreeDoc(doc);
    xmlFreeDoc(entry);
    return outcome;
}

#define INVALID .code = ERR_OPERATION_INVALID, .domain = VW_FROM_TEST

static const struct vw_move start = {1u << 0, .to = 1, .event = STARTED, INVALID,
                                     .text = "the network runs already"};
static const struct vw_move stop = {1u << 0 | 1u << 1, .to = 0, .event = STOPPED};
static const struct vw_move leave = {1u << 0, .to = 0, .event = UNDEFINED, INVALID,
                                     .text = "the network still runs"};

enum vw_outcome vw_on_network_destroy(struct vw_call *c,
                                      const struct remote_network_destroy_args *args)
{
    struct vw_object *o = vw_call_object(c, &args->net);
    if (!o)
        return VW_FAILED;
    vw_port_forget(c, o);
    return vw_call_move(c, vw_call_objects(c), o, &stop);
}

static const struct vw_event_form events[] = {
    VW_LIFE_FORM(network_event_lifecycle, net),
    {NULL},
};

#define FACT(proc, result, field) VW_FACT(proc, net, result, struct vw_network, field)

static const struct vw_row rows[] = {
    VW_COUNT(connect_num_of_networks, VW_ACTIVE),
    VW_NAMES(connect_list_networks, VW_ACTIVE),
    VW_COUNT(connect_num_of_defined_networks, VW_INACTIVE),
    VW_NAMES(connect_list_defined_networks, VW_INACTIVE),
    VW_ALL(connect_list_all_networks, nets, VW_LIST_KNOWN),
    VW_BY_NAME(network_lookup_by_name, net),
    VW_BY_UUID(network_lookup_by_uuid, net),
    FACT(network_is_active, active, o.active),
    FACT(network_is_persistent, persistent, o.persistent),
    FACT(network_get_autostart, autostart, o.autostart),
    VW_SET_AUTOSTART(network_set_autostart, net),
    VW_CALL(network_get_bridge_name),
    VW_XML(network_get_xml_desc, net, 0),
    VW_DEFINE(network_define_xml, net, VW_INACTIVE),
    VW_DEFINE_FLAGS(network_define_xml_flags, net, VW_INACTIVE, 1),
    VW_DEFINE(network_create_xml, net, VW_ACTIVE),
    VW_DEFINE_FLAGS(network_create_xml_flags, net, VW_ACTIVE, 1),
    VW_MOVE(network_create, net, &start),
    VW_CALL(network_destroy),
    VW_UNDEFINE(network_undefine, net, &leave),
    VW_CALL(network_update),
    VW_REGISTER(connect_network_event_register_any, net),
    VW_DEREGISTER(connect_network_event_deregister_any),
    {NULL},
};

static const struct vw_own owns[] = {VW_OWN(struct vw_network, bridge), {NULL}};

const struct vw_object_kind vw_object_kind_network = {
    .name = "network",
    .rows = rows,
    .size = sizeof(struct vw_network),
    .owns = owns,
    .reference = VW_REFERENCE(remote_nonnull_network),
    .missing = {ERR_NO_NETWORK, VW_FROM_TEST},
    .missing_text = "there is no such network",
    .running = 1,
    .xml_domain = VW_FROM_NETWORK,
    .begin = begin,
    .shape = shape,
    .parse = parse,
    .events = events,
    .n_events = 1,
    .lives = &lives,
};
