// SPDX-License-Identifier: MIT
// Devices of the host: the machine and its host bus adapters, as the test driver has them. What a
// client creates is always a copy of the same virtual adapter, with the names that the client gave
// it.
#include "mock-daemon/kinds/nodedev.h"

#include <stdio.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_XML_ERROR = 27, ERR_NO_NODE_DEVICE = 53 };
enum { FROM_XML = 5, FROM_NODEDEV = 22 };

/* What a device can be, by the bits of virConnectListAllNodeDeviceFlags. */
static const char *const capabilities[] = {
    "system",      "pci",        "usb_device", "usb",     "net",    "scsi_host",
    "scsi_target", "scsi",       "storage",    "fc_host", "vports", "scsi_generic",
    "drm",         "mdev_types", "mdev",       "ccw",     "css",    "vdpa",
    "ap_card",     "ap_queue",   "ap_matrix",  "vpd",
};
enum { CAPABILITIES = sizeof(capabilities) / sizeof(capabilities[0]) };
#define VPORT_OPS "vport_ops" /* what it is called in XML */
enum { SYSTEM = 1 << 0, SCSI_HOST = 1 << 5, FC_HOST = 1 << 9, VPORTS = 1 << 10 };

struct vw_nodedev {
    struct vw_object o;
    uint32_t caps;            /* bits, as above */
    struct vw_string *parent; /* NULL: none */
};

/* ---- what is there ---- */

#define COMPUTER_XML                                                                               \
    "<device>\n"                                                                                   \
    "  <name>computer</name>\n"                                                                    \
    "  <capability type='system'>\n"                                                               \
    "    <hardware>\n"                                                                             \
    "      <vendor>Libvirt</vendor>\n"                                                             \
    "      <version>Test driver</version>\n"                                                       \
    "      <serial>123456</serial>\n"                                                              \
    "      <uuid>11111111-2222-3333-4444-555555555555</uuid>\n"                                    \
    "    </hardware>\n"                                                                            \
    "    <firmware>\n"                                                                             \
    "      <vendor>Libvirt</vendor>\n"                                                             \
    "      <version>Test Driver</version>\n"                                                       \
    "      <release_date>01/22/2007</release_date>\n"                                              \
    "    </firmware>\n"                                                                            \
    "  </capability>\n"                                                                            \
    "</device>\n"

/* An adapter, with its four numbers twice and once those of its fabric. */
#define HOST_XML(name, parent, host, unique, number, fabric, more)                                 \
    "<device>\n"                                                                                   \
    "  <name>" name "</name>\n"                                                                    \
    "  <parent>" parent "</parent>\n"                                                              \
    "  <capability type='scsi_host'>\n"                                                            \
    "    <host>" host "</host>\n"                                                                  \
    "    <unique_id>" unique "</unique_id>\n"                                                      \
    "    <capability type='fc_host'>\n"                                                            \
    "      <wwnn>20000000" number "</wwnn>\n"                                                      \
    "      <wwpn>10000000" number "</wwpn>\n"                                                      \
    "      <fabric_wwn>20000000" fabric "</fabric_wwn>\n"                                          \
    "    </capability>\n" more "  </capability>\n"                                                 \
    "</device>\n"
#define VPORTS_XML                                                                                 \
    "    <capability type='vport_ops'>\n"                                                          \
    "      <max_vports>0</max_vports>\n"                                                           \
    "      <vports>0</vports>\n"                                                                   \
    "    </capability>\n"

static struct vw_string computer = VW_STRING("computer"), scsi_host1 = VW_STRING("scsi_host1");

static int begin(const struct vw_model *m, struct vw_objects *t, const struct vw_config *config)
{
    static const struct vw_nodedev first[] = {
        {{.name = VW_STRING("scsi_host2"),
          .xml = VW_STRING(
              HOST_XML("scsi_host2", "computer", "2", "1", "56785678", "87658765", VPORTS_XML))},
         SCSI_HOST | FC_HOST | VPORTS,
         &computer},
        {{.name = VW_STRING("computer"), .xml = VW_STRING(COMPUTER_XML)}, SYSTEM, NULL},
        {{.name = VW_STRING("scsi_host11"),
          .xml = VW_STRING(
              HOST_XML("scsi_host11", "scsi_host1", "11", "10", "34563456", "43214321", ""))},
         SCSI_HOST | FC_HOST,
         &scsi_host1},
        {{.name = VW_STRING("scsi_host1"),
          .xml = VW_STRING(
              HOST_XML("scsi_host1", "computer", "1", "0", "12341234", "43214321", VPORTS_XML))},
         SCSI_HOST | FC_HOST | VPORTS,
         &computer},
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof(first) / sizeof(first[0]); i++)
        rc = vw_objects_add(t, &first[i].o, NULL);
    return rc;
}

static uint32_t list_bits(const struct vw_object *o)
{
    return ((const struct vw_nodedev *)o)->caps;
}

#define LIST_KNOWN ((1u << CAPABILITIES) - 1)

static const uint32_t list_groups[] = {LIST_KNOWN, 0};

/* ---- lists by capability ---- */

/* The bits that CAP means: those of all devices if it is NULL. */
static uint32_t bits_of(const struct vw_string *cap)
{
    for (uint32_t i = 0; cap && i < CAPABILITIES; i++) {
        if (strcmp(capabilities[i], vw_text(cap)) == 0)
            return 1u << i;
    }
    return cap ? 0 : LIST_KNOWN;
}

/* Puts the names of those with CAP into NAMES, at most MOST, and gives how many. NAMES may be NULL.
 */
static uint32_t collect(const struct vw_objects *t, const struct vw_string *cap,
                        struct vw_string *names, uint32_t most)
{
    const uint32_t bits = bits_of(cap);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->count && n < most; i++) {
        if (t->list[i]->veiled || !(list_bits(t->list[i]) & bits))
            continue;
        if (names)
            names[n] = t->list[i]->name;
        n++;
    }
    return n;
}

enum vw_outcome vw_on_node_num_of_devices(struct vw_call *c,
                                          const struct remote_node_num_of_devices_args *args,
                                          struct remote_node_num_of_devices_ret *ret)
{
    ret->num = (int32_t)collect(vw_call_objects(c), args->cap, NULL, UINT32_MAX);
    return vw_call_check_flags(c, args->flags, 0);
}

enum vw_outcome vw_on_node_list_devices(struct vw_call *c,
                                        const struct remote_node_list_devices_args *args,
                                        struct remote_node_list_devices_ret *ret)
{
    const struct vw_objects *t = vw_call_objects(c);
    struct vw_string *names;
    if (vw_call_check_count(c, args->maxnames) != VW_DONE ||
        vw_call_check_flags(c, args->flags, 0) != VW_DONE ||
        !(names = vw_call_alloc(c, t->count * sizeof(*names))))
        return VW_FAILED;
    ret->names = (struct vw_list){names, collect(t, args->cap, names, (uint32_t)args->maxnames)};
    return VW_DONE;
}

/* The one that a device has of itself; others are told of in its XML. */
static const char *own_capability(const struct vw_object *o)
{
    uint32_t i = 0;
    while (i + 1 < CAPABILITIES && !(list_bits(o) & 1u << i))
        i++;
    return capabilities[i];
}

enum vw_outcome vw_on_node_device_list_caps(struct vw_call *c,
                                            const struct remote_node_device_list_caps_args *args,
                                            struct remote_node_device_list_caps_ret *ret)
{
    const struct vw_object *o;
    struct vw_string *name;
    if (vw_call_check_count(c, args->maxnames) != VW_DONE ||
        !(o = vw_call_object(c, &args->name)) || !(name = vw_call_alloc(c, sizeof(*name))))
        return VW_FAILED;
    *name = vw_string(own_capability(o));
    ret->names = (struct vw_list){name, args->maxnames > 0};
    return VW_DONE;
}

enum vw_outcome
vw_on_node_device_num_of_caps(struct vw_call *c,
                              const struct remote_node_device_num_of_caps_args *args,
                              struct remote_node_device_num_of_caps_ret *ret)
{
    ret->num = 1;
    return vw_call_object(c, &args->name) ? VW_DONE : VW_FAILED;
}

/* ---- creation ---- */

static const struct vw_shape shape[] = {
    {"device/capability", "type", "host unique_id capability"},
    {"capability/capability", "type", "wwnn wwpn fabric_wwn max_vports vports"},
    {"device", "", "name parent capability"},
    {NULL},
};

#define CREATED "scsi_host12"
#define LIKE    "scsi_host11"

static enum vw_outcome wrong(struct vw_call *c, const char *why)
{
    return vw_call_fail(c, VW_ERR_INTERNAL, FROM_NODEDEV, why);
}

/* Whatever it is called in the XML. */
static enum vw_outcome identify(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    const xmlNode *capability = vw_xml_child(root, "capability");
    const char *type = vw_xml_get(c, capability, "type");
    size_t i = 0;
    if (!capability)
        return wrong(c, "the device can do nothing");
    while (type && i < CAPABILITIES && strcmp(capabilities[i], type) != 0)
        i++;
    if (!type || i == CAPABILITIES)
        return vw_call_fail(c, ERR_XML_ERROR, FROM_XML, "there is no capability of this type");
    o->name = (struct vw_string)VW_STRING(CREATED);
    vw_uuid_from_name(CREATED, o->uuid);
    return VW_DONE;
}

static enum vw_outcome check_parent(struct vw_call *c, const xmlNode *root)
{
    const char *name = vw_xml_content(c, vw_xml_child(root, "parent"));
    const struct vw_object *parent =
        name && *name ? vw_objects_by_name(vw_call_objects(c), name) : NULL;
    if (name && *name && !parent)
        return wrong(c, "there is no such parent");
    if (parent && !(list_bits(parent) & VPORTS))
        return wrong(c, "the parent has no virtual ports");
    return VW_DONE;
}

/* Makes NAME the one element of that name in PARENT. */
static void say(xmlNode *parent, const char *name, const char *value)
{
    xmlNode *one = (xmlNode *)(uintptr_t)vw_xml_child(parent, name);
    if (one)
        xmlNodeSetContent(one, BAD_CAST value);
    else
        xmlNewChild(parent, NULL, BAD_CAST name, BAD_CAST value);
}

/* The same as LIKE says it, if it does. */
static void say_as(struct vw_call *c, xmlNode *parent, const char *name,
                   const struct vw_object *like)
{
    char before[32];
    snprintf(before, sizeof(before), "<%s>", name);
    const struct vw_string said = vw_xml_said(&like->xml, before);
    char *value = said.data ? vw_call_alloc(c, said.len + (size_t)1) : NULL;
    if (value)
        say(parent, name, memcpy(value, said.data, said.len));
}

/* Of ports nothing is known but that there could be some. */
static void say_ports(xmlNode *ports)
{
    say(ports, "max_vports", "0");
    say(ports, "vports", "0");
}

static enum vw_outcome parse(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    struct vw_nodedev *d = (struct vw_nodedev *)o;
    xmlNode *host = (xmlNode *)(uintptr_t)vw_xml_child(root, "capability");
    xmlNode *fc = (xmlNode *)(uintptr_t)vw_xml_child(host, "capability");
    if (strcmp(vw_xml_get(c, host, "type"), "scsi_host") != 0 || !fc)
        return wrong(c, "the device is no adapter");
    if (!vw_xml_child(fc, "wwnn") || !vw_xml_child(fc, "wwpn"))
        return wrong(c, "a number of the adapter is missing");
    if (check_parent(c, root) != VW_DONE)
        return VW_FAILED;
    const struct vw_object *like = vw_objects_by_name(vw_call_objects(c), LIKE);
    if (!like)
        return vw_call_fail(c, ERR_NO_NODE_DEVICE, VW_FROM_TEST, "there is no " LIKE " to copy");
    say(root, "name", CREATED);
    say_as(c, root, "parent", like);
    say_as(c, host, "host", like);
    say_as(c, host, "unique_id", like);
    say_as(c, fc, "fabric_wwn", like);
    if (list_bits(like) & VPORTS) {
        xmlNode *ports = xmlNewChild(host, NULL, BAD_CAST "capability", NULL);
        xmlNewProp(ports, BAD_CAST "type", BAD_CAST VPORT_OPS);
        say_ports(ports);
    }
    d->caps = list_bits(like);
    d->parent = ((const struct vw_nodedev *)like)->parent;
    return VW_DONE;
}

/* ---- of a file ---- */

/* The bits of the capabilities within N, and of those within them. */
static uint32_t take_capabilities(struct vw_call *c, xmlNode *n)
{
    uint32_t bits = 0;
    for (xmlNode *one = n->children; one; one = one->next) {
        if (one->type != XML_ELEMENT_NODE || !xmlStrEqual(one->name, BAD_CAST "capability"))
            continue;
        const char *type = vw_xml_get(c, one, "type");
        if (type && strcmp(type, VPORT_OPS) == 0) {
            bits |= VPORTS;
            say_ports(one);
        }
        for (uint32_t i = 0; type && i < CAPABILITIES; i++) {
            if (strcmp(capabilities[i], type) == 0)
                bits |= 1u << i | take_capabilities(c, one);
        }
    }
    return bits;
}

/* In the memory of the model. NULL: there is none, or no memory. */
static struct vw_string *keep(struct vw_call *c, const char *text)
{
    struct vw_arena *texts = &c->conn->model->texts;
    struct vw_string *s =
        text ? vw_arena_zalloc(texts, sizeof(*s), _Alignof(struct vw_string)) : NULL;
    if (s)
        *s =
            (struct vw_string){vw_arena_strndup(texts, text, strlen(text)), (uint32_t)strlen(text)};
    return s && s->data ? s : NULL;
}

enum vw_outcome vw_nodedev_take(struct vw_call *c, xmlNode *n)
{
    struct vw_objects *t = vw_model_objects(c->conn->model, &vw_object_kind_nodedev);
    const char *name = vw_xml_content(c, vw_xml_child(n, "name"));
    struct vw_nodedev d = {.caps = take_capabilities(c, n)};
    struct vw_xml x;
    if (!name || !*name)
        return wrong(c, "a name is missing");
    if (!d.caps)
        return wrong(c, "the device can do nothing that is known");
    if (vw_objects_by_name(t, name))
        return wrong(c, "there is such a device already");
    d.o.name = vw_string(name);
    d.parent = keep(c, vw_xml_content(c, vw_xml_child(n, "parent")));
    vw_xml_begin(&x);
    vw_xml_copy(&x, n);
    if (vw_xml_finish(&x, c, &d.o.xml) != VW_DONE)
        return VW_FAILED;
    return vw_objects_add(t, &d.o, NULL) < 0 ? wrong(c, "no memory for the device") : VW_DONE;
}

/* virNodeDeviceEventLifecycleType: created 0, deleted 1. */
static const struct vw_lives lives = {.defined = 0};
static const struct vw_move leave = {1u << 0 | 1u << 1, .to = 0, .event = 1};

static const struct vw_event_form events[] = {
    VW_LIFE_FORM(node_device_event_lifecycle, dev),
    {NULL},
};

static const struct vw_row rows[] = {
    VW_CALL(node_num_of_devices),
    VW_CALL(node_list_devices),
    VW_ALL(connect_list_all_node_devices, devices, LIST_KNOWN),
    VW_BY_NAME(node_device_lookup_by_name, dev),
    VW_XML(node_device_get_xml_desc, name, 0),
    VW_FACT(node_device_get_parent, name, parentName, struct vw_nodedev, parent),
    VW_CALL(node_device_num_of_caps),
    VW_CALL(node_device_list_caps),
    VW_DEFINE_TEXT(node_device_create_xml, xml_desc, dev, VW_INACTIVE, 1),
    VW_UNDEFINE(node_device_destroy, name, &leave),
    VW_REGISTER(connect_node_device_event_register_any, dev),
    VW_DEREGISTER(connect_node_device_event_deregister_any),
    {NULL},
};

static const struct vw_own owns[] = {VW_OWN(struct vw_nodedev, caps), {NULL}};

const struct vw_object_kind vw_object_kind_nodedev = {
    .name = "device",
    .rows = rows,
    .size = sizeof(struct vw_nodedev),
    .owns = owns,
    .reference = {.size = sizeof(struct remote_nonnull_node_device)},
    .missing = {ERR_NO_NODE_DEVICE, VW_FROM_TEST},
    .missing_text = "there is no such device",
    .xml_domain = FROM_NODEDEV,
    .begin = begin,
    .shape = shape,
    .identify = identify,
    .parse = parse,
    .list_bits = list_bits,
    .list_groups = list_groups,
    .events = events,
    .n_events = 2, /* the second, of updates, does not happen here */
    .lives = &lives,
};
