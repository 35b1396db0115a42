// SPDX-License-Identifier: MIT
// Interfaces of the host: the one of the test driver, and those that clients define; and the
// transaction of their changes, of which there is one at a time.
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_XML_ERROR = 27, ERR_NO_INTERFACE = 57, ERR_MULTIPLE_INTERFACES = 58 };
enum { FROM_XML = 5, FROM_INTERFACE = 26 };

#define MAC_SIZE 32

struct vw_host_interface {
    struct vw_object o;
    char mac[MAC_SIZE]; /* "": not said */
};

#define ETH1_XML                                                                                   \
    "<interface type='ethernet' name='eth1'>\n"                                                    \
    "  <start mode='onboot'/>\n"                                                                   \
    "  <mtu size='1492'/>\n"                                                                       \
    "  <protocol family='ipv4'>\n"                                                                 \
    "    <ip address='192.168.0.5' prefix='24'/>\n"                                                \
    "    <route gateway='192.168.0.1'/>\n"                                                         \
    "  </protocol>\n"                                                                              \
    "  <mac address='aa:bb:cc:dd:ee:ff'/>\n"                                                       \
    "</interface>\n"

static int begin(const struct vw_model *m, struct vw_objects *t, const struct vw_config *config)
{
    static const struct vw_host_interface first = {
        .o = {.name = VW_STRING("eth1"), .xml = VW_STRING(ETH1_XML), .state = 1, .persistent = 1},
        .mac = "aa:bb:cc:dd:ee:ff"};
    return vw_objects_add(t, &first.o, NULL);
}

static void refer(const struct vw_object *o, void *to)
{
    *(struct remote_nonnull_interface *)to = (struct remote_nonnull_interface){
        .name = o->name, .mac = vw_string(((const struct vw_host_interface *)o)->mac)};
}

/* ---- look-ups ---- */

enum vw_outcome
vw_on_interface_lookup_by_mac_string(struct vw_call *c,
                                     const struct remote_interface_lookup_by_mac_string_args *args,
                                     struct remote_interface_lookup_by_mac_string_ret *ret)
{
    const struct vw_objects *t = vw_call_objects(c);
    const struct vw_object *found = NULL;
    for (uint32_t i = 0; i < t->count; i++) {
        if (strcmp(((const struct vw_host_interface *)t->list[i])->mac, vw_text(&args->mac)) != 0)
            continue;
        if (found)
            return vw_call_fail(c, ERR_MULTIPLE_INTERFACES, VW_FROM_TEST, "several have it");
        found = t->list[i];
    }
    if (!found)
        return vw_call_fail(c, ERR_NO_INTERFACE, VW_FROM_TEST, t->kind->missing_text);
    refer(found, &ret->iface);
    return VW_DONE;
}

/* ---- definitions ---- */

#define PLAIN "start mtu protocol"

static const struct vw_shape shape[] = {
    {"interface/interface", "type name", "mac", .open = true},
    {"vlan/interface", "name"},
    {"bridge/interface", "type name", "mac", .open = true},
    {"bond/interface", "type name", "mac", .open = true},
    {"interface", "type name", PLAIN " mac bridge bond vlan"},
    {"protocol", "family", "autoconf dhcp ip route"},
    {"bridge", "stp delay", "interface"},
    {"bond", "mode", "miimon arpmon interface"},
    {"miimon", "freq downdelay updelay carrier"},
    {"vlan", "tag", "interface"},
    {NULL},
};

static enum vw_outcome identify(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    static const char *const types[] = {"ethernet", "bridge", "bond", "vlan"};
    const char *type = vw_xml_get(c, root, "type"), *name = vw_xml_get(c, root, "name");
    size_t i = 0;
    while (type && i < sizeof(types) / sizeof(types[0]) && strcmp(type, types[i]) != 0)
        i++;
    if (!type || i == sizeof(types) / sizeof(types[0]))
        return vw_call_fail(c, ERR_XML_ERROR, FROM_XML, "there is no interface of this type");
    if (!name)
        return vw_call_fail(c, ERR_XML_ERROR, FROM_INTERFACE, "a name is missing");
    o->name = vw_string(name);
    vw_uuid_from_name(name, o->uuid);
    return VW_DONE;
}

static enum vw_outcome parse(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    struct vw_host_interface *i = (struct vw_host_interface *)o;
    const char *mac = vw_xml_get(c, vw_xml_child(root, "mac"), "address");
    if (mac && strlen(mac) >= sizeof(i->mac))
        return vw_call_fail(c, VW_ERR_INTERNAL, FROM_INTERFACE, "the address is too long");
    if (mac)
        memcpy(i->mac, mac, strlen(mac));
    return VW_DONE;
}

/* ---- transactions ---- */

/* Whether one is under way must be as WANTED. */
static enum vw_outcome check(struct vw_call *c, uint32_t flags, bool wanted)
{
    if (vw_call_check_flags(c, flags, 0) != VW_DONE)
        return VW_FAILED;
    if ((vw_call_objects(c)->aside != NULL) != wanted)
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_TEST,
                            wanted ? "there is no transaction" : "there is a transaction already");
    return VW_DONE;
}

static enum vw_outcome done(struct vw_call *c, int rc)
{
    return rc < 0 ? vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory") : VW_DONE;
}

/* What comes back is not active, as with the test driver. */
static int bring_back(struct vw_objects *t)
{
    int rc = vw_objects_bring_back(t);
    for (uint32_t i = 0; i < t->count; i++)
        vw_objects_set_state(t, t->list[i], 0, 0);
    return rc;
}

enum vw_outcome vw_on_interface_change_begin(struct vw_call *c,
                                             const struct remote_interface_change_begin_args *args)
{
    return check(c, args->flags, false) == VW_DONE
               ? done(c, vw_objects_set_aside(vw_call_objects(c)))
               : VW_FAILED;
}

enum vw_outcome
vw_on_interface_change_commit(struct vw_call *c,
                              const struct remote_interface_change_commit_args *args)
{
    if (check(c, args->flags, true) != VW_DONE)
        return VW_FAILED;
    vw_objects_forget_aside(vw_call_objects(c));
    return VW_DONE;
}

enum vw_outcome
vw_on_interface_change_rollback(struct vw_call *c,
                                const struct remote_interface_change_rollback_args *args)
{
    return check(c, args->flags, true) == VW_DONE ? done(c, bring_back(vw_call_objects(c)))
                                                  : VW_FAILED;
}

/* ---- rows ---- */

#define INVALID .code = ERR_OPERATION_INVALID, .domain = VW_FROM_TEST

static const struct vw_move start = {1u << 0, .to = 1, INVALID, .text = "it is active already"};
static const struct vw_move stop = {1u << 1, .to = 0, INVALID, .text = "it is not active"};
static const struct vw_move leave = {1u << 0 | 1u << 1, .to = 0};

static const struct vw_row rows[] = {
    VW_COUNT(connect_num_of_interfaces, VW_ACTIVE),
    VW_NAMES(connect_list_interfaces, VW_ACTIVE),
    VW_COUNT(connect_num_of_defined_interfaces, VW_INACTIVE),
    VW_NAMES(connect_list_defined_interfaces, VW_INACTIVE),
    VW_ALL(connect_list_all_interfaces, ifaces, VW_LIST_INACTIVE | VW_LIST_ACTIVE),
    VW_BY_NAME(interface_lookup_by_name, iface),
    VW_CALL(interface_lookup_by_mac_string),
    VW_FACT(interface_is_active, iface, active, struct vw_host_interface, o.active),
    VW_XML(interface_get_xml_desc, iface, 0),
    VW_DEFINE_FLAGS(interface_define_xml, iface, VW_INACTIVE, 1),
    VW_MOVE_FLAGS(interface_create, iface, &start, 0),
    VW_MOVE_FLAGS(interface_destroy, iface, &stop, 0),
    VW_UNDEFINE(interface_undefine, iface, &leave),
    VW_CALL(interface_change_begin),
    VW_CALL(interface_change_commit),
    VW_CALL(interface_change_rollback),
    {NULL},
};

static const struct vw_own owns[] = {VW_OWN(struct vw_host_interface, mac), {NULL}};

const struct vw_object_kind vw_object_kind_interface = {
    .name = "interface",
    .rows = rows,
    .size = sizeof(struct vw_host_interface),
    .owns = owns,
    .reference = {.size = sizeof(struct remote_nonnull_interface)},
    .missing = {ERR_NO_INTERFACE, VW_FROM_TEST},
    .missing_text = "there is no such interface",
    .running = 1,
    .xml_domain = FROM_INTERFACE,
    .begin = begin,
    .refer = refer,
    .shape = shape,
    .identify = identify,
    .parse = parse,
};
