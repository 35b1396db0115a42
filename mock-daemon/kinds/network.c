// SPDX-License-Identifier: MIT
// Networks: the one of the test driver, and those that clients define. Nothing stands behind them.
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"

/* virErrorNumber */
enum { ERR_NO_NETWORK = 43, ERR_UNSUPPORTED = 67 };

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
    return VW_DONE;
}

static enum vw_outcome parse(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    struct vw_network *n = (struct vw_network *)o;
    const char *bridge = vw_xml_get(c, vw_xml_child(root, "bridge"), "name");
    if (check_forward(c, root) != VW_DONE)
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

#define INVALID .code = ERR_OPERATION_INVALID, .domain = VW_FROM_TEST

static const struct vw_move start = {1u << 0, .to = 1, .event = STARTED, INVALID,
                                     .text = "the network runs already"};
static const struct vw_move stop = {1u << 0 | 1u << 1, .to = 0, .event = STOPPED};
static const struct vw_move leave = {1u << 0, .to = 0, .event = UNDEFINED, INVALID,
                                     .text = "the network still runs"};

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
    VW_MOVE(network_destroy, net, &stop),
    VW_UNDEFINE(network_undefine, net, &leave),
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
