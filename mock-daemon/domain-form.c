// SPDX-License-Identifier: MIT
// What libvirt adds to the XML of a domain is in the table of what is there if nothing was said;
// what it calculates (units, buses, controllers) is a function each.
#include "mock-daemon/domain-form.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/domain-doc.h"
#include "mock-daemon/xml.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_NO_NAME = 21, ERR_XML_ERROR = 27, ERR_OVERFLOW = 47, ERR_UNSUPPORTED = 67 };
enum { FROM_XML = 5 };

static enum vw_outcome wrong(struct vw_call *c, int32_t code, const char *why)
{
    return vw_call_fail(c, code, VW_FROM_DOMAIN, why);
}

/* ---- what must be there ---- */

static enum vw_outcome read_name(struct vw_doc *doc, struct vw_domain *like)
{
    const char *name = vw_doc_get(doc, doc->root, "name");
    if (!name || !*name)
        return wrong(doc->c, ERR_NO_NAME, "a name is missing");
    like->o.name = vw_string(name);
    return VW_DONE;
}

static enum vw_outcome read_uuid(struct vw_doc *doc, struct vw_domain *like)
{
    char made[VW_UUID_TEXT];
    const char *text = vw_doc_get(doc, doc->root, "uuid");
    if (!text)
        vw_uuid_from_name(like->o.name.data, like->o.uuid);
    else if (!vw_uuid_parse(text, like->o.uuid))
        return wrong(doc->c, VW_ERR_INTERNAL, "the uuid is none");
    vw_uuid_text(like->o.uuid, made);
    vw_doc_set(doc, doc->root, "uuid", made);
    return VW_DONE;
}

static enum vw_outcome check_root(struct vw_doc *doc)
{
    if (strcmp((const char *)doc->root->name, "domain") != 0)
        return vw_call_fail(doc->c, ERR_XML_ERROR, FROM_XML, "the root is no <domain>");
    return VW_DONE;
}

static enum vw_outcome check_rest(struct vw_doc *doc, const struct vw_domain *like)
{
    if (!vw_doc_get(doc, doc->root, "@type"))
        return wrong(doc->c, VW_ERR_INTERNAL, "the type is missing");
    if (!vw_doc_get(doc, doc->root, "os/type"))
        return wrong(doc->c, ERR_XML_ERROR, "the type of its system is missing");
    if (!vw_doc_get(doc, doc->root, "memory"))
        return wrong(doc->c, ERR_XML_ERROR, "the memory is missing");
    if (strchr(like->o.name.data, '/'))
        return vw_call_fail(doc->c, ERR_XML_ERROR, FROM_XML, "a name must not have a slash");
    return VW_DONE;
}

/* ---- memory and vcpus ---- */

/* By how much a unit is bytes. */
static uint64_t unit_bytes(const char *unit)
{
    static const char letters[] = "kmgtpe";
    const char *letter = *unit ? strchr(letters, *unit | 0x20) : NULL;
    if (strcmp(unit, "b") == 0 || strcmp(unit, "bytes") == 0)
        return 1;
    if (!letter)
        return 0;
    const unsigned power = (unsigned)(letter - letters) + 1;
    if (!unit[1] || strcasecmp(unit + 1, "ib") == 0)
        return (uint64_t)1 << (10 * power);
    uint64_t bytes = 1;
    for (unsigned i = 0; i < power; i++)
        bytes *= 1000;
    return strcasecmp(unit + 1, "b") == 0 ? bytes : 0;
}

/* Puts what stands at ELEMENT there in KiB. */
static enum vw_outcome to_kib(struct vw_doc *doc, const char *element)
{
    char path[64], *end;
    const char *text = vw_doc_get(doc, doc->root, element);
    snprintf(path, sizeof(path), "%s@unit", element);
    const char *unit = vw_doc_get(doc, doc->root, path);
    uint64_t bytes = unit_bytes(unit ? unit : "KiB"), value;
    if (!text)
        return VW_DONE;
    if (!bytes)
        return vw_call_fail(doc->c, VW_ERR_INVALID_ARG, VW_FROM_NONE, "there is no such unit");
    value = strtoull(text, &end, 10);
    if (end == text || *end)
        return wrong(doc->c, ERR_XML_ERROR, "that is no amount of memory");
    if (__builtin_mul_overflow(value, bytes, &value))
        return vw_call_fail(doc->c, ERR_OVERFLOW, VW_FROM_NONE, "that is too much memory");
    vw_doc_set_number(doc, doc->root, element, value / 1024 + (value % 1024 != 0));
    vw_doc_set(doc, doc->root, path, "KiB");
    return VW_DONE;
}

static enum vw_outcome read_memory(struct vw_doc *doc)
{
    static const char *const amounts[] = {"memory",
                                          "currentMemory",
                                          "maxMemory",
                                          "memtune/hard_limit",
                                          "memtune/soft_limit",
                                          "memtune/swap_hard_limit"};
    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        if (to_kib(doc, amounts[i]) != VW_DONE)
            return VW_FAILED;
    }
    const uint64_t most = vw_doc_number(doc, doc->root, "memory", 0);
    const uint64_t now = vw_doc_number(doc, doc->root, "currentMemory", most);
    vw_doc_set_number(doc, doc->root, "currentMemory", now < most ? now : most);
    vw_doc_set(doc, doc->root, "currentMemory@unit", "KiB");
    return VW_DONE;
}

static enum vw_outcome read_vcpus(struct vw_doc *doc)
{
    const uint64_t most = vw_doc_number(doc, doc->root, "vcpu", 1);
    const uint64_t now = vw_doc_number(doc, doc->root, "vcpu@current", most);
    const char *set = vw_doc_get(doc, doc->root, "vcpu@cpuset");
    if (now > most)
        return wrong(doc->c, ERR_UNSUPPORTED, "more vcpus than there can be");
    if (most > INT16_MAX)
        return wrong(doc->c, ERR_XML_ERROR, "too many vcpus");
    /* Again, in libvirt's order of attributes. */
    vw_doc_set(doc, doc->root, "vcpu", NULL);
    vw_doc_set_number(doc, doc->root, "vcpu", most);
    vw_doc_set(doc, doc->root, "vcpu@placement", "static");
    vw_doc_set(doc, doc->root, "vcpu@cpuset", set);
    if (now < most)
        vw_doc_set_number(doc, doc->root, "vcpu@current", now);
    return VW_DONE;
}

/* ---- what is there if nothing was said ---- */

struct absent {
    const char *element; /* each device of that name; NULL: the domain */
    const char *path, *value;
};

static const struct absent absents[] = {
    {NULL, "os/type@arch", "i686"},    {NULL, "clock@offset", "utc"},
    {NULL, "on_poweroff", "destroy"},  {NULL, "on_reboot", "restart"},
    {NULL, "on_crash", "destroy"},     {"disk", "@device", "disk"},
    {"controller", "@index", "0"},     {"filesystem", "@accessmode", "passthrough"},
    {"serial", "target@port", "0"},    {"console", "target@type", "serial"},
    {"console", "target@port", "0"},   {"input", "@bus", "ps2"},
    {"video", "model@vram", "16384"},  {"video", "model@heads", "1"},
    {"video", "model@primary", "yes"}, {"hostdev", "@managed", "no"},
    {"watchdog", "@action", "reset"},
};

static void fill_in(struct vw_doc *doc, xmlNode *n, const struct absent *a)
{
    if (!vw_doc_get(doc, n, a->path))
        vw_doc_set(doc, n, a->path, a->value);
}

static void fill_absent(struct vw_doc *doc, xmlNode *devices)
{
    for (size_t i = 0; i < sizeof(absents) / sizeof(absents[0]); i++) {
        const struct absent *a = &absents[i];
        if (!a->element)
            fill_in(doc, doc->root, a);
        for (xmlNode *n = NULL; a->element && (n = vw_doc_next(devices, n, a->element));)
            fill_in(doc, n, a);
    }
    const char *type = vw_doc_get(doc, doc->root, "os/type");
    if (strcmp(type, "hvm") == 0 && !vw_doc_get(doc, doc->root, "os/boot@dev"))
        vw_doc_set(doc, doc->root, "os/boot@dev", "hd");
    if (vw_doc_get(doc, doc->root, "os/loader") && !vw_doc_get(doc, doc->root, "os/loader@type"))
        vw_doc_set(doc, doc->root, "os/loader@type", "rom");
}

/* ---- disks and interfaces ---- */

static const struct {
    const char *prefix, *bus;
    unsigned units; /* on a bus of a controller; 0: it has no such address */
} buses[] = {{"hd", "ide", 2},    {"sd", "scsi", 7}, {"fd", "fdc", 2},
             {"vd", "virtio", 0}, {"xvd", "xen", 0}, {"ub", "usb", 0}};

#define BUSES (sizeof(buses) / sizeof(buses[0]))

/* The number in the last letters of a name: vda is 0, vdaa 26. */
static unsigned disk_index(const char *dev, size_t prefix)
{
    unsigned n = 0;
    for (const char *p = dev + prefix; *p >= 'a' && *p <= 'z' && n < 1000; p++)
        n = n * 26 + (unsigned)(*p - 'a') + 1;
    return n ? n - 1 : 0;
}

static void ensure_controller(struct vw_doc *doc, xmlNode *devices, const char *type)
{
    char path[64];
    snprintf(path, sizeof(path), "controller[@type=%s]", type);
    if (!vw_doc_at(doc, devices, path)) {
        snprintf(path, sizeof(path), "controller[@type=%s]@index", type);
        vw_doc_set(doc, devices, path, "0");
    }
}

static void drive_address(struct vw_doc *doc, xmlNode *disk, unsigned units, unsigned index)
{
    const bool ide = units == 2;
    vw_doc_set(doc, disk, "address@type", "drive");
    vw_doc_set_number(doc, disk, "address@controller", ide ? index / 4 : index / units);
    vw_doc_set_number(doc, disk, "address@bus", ide ? index / 2 % 2 : 0);
    vw_doc_set(doc, disk, "address@target", "0");
    vw_doc_set_number(doc, disk, "address@unit", index % units);
}

static enum vw_outcome read_disk(struct vw_doc *doc, xmlNode *devices, xmlNode *disk)
{
    const char *dev = vw_doc_get(doc, disk, "target@dev");
    const char *bus = vw_doc_get(doc, disk, "target@bus");
    if (!dev)
        return wrong(doc->c, ERR_XML_ERROR, "a disk without a target");
    if (!vw_doc_at(doc, disk, "source") && strcmp(vw_doc_get(doc, disk, "@device"), "disk") == 0)
        return wrong(doc->c, ERR_XML_ERROR, "a disk without a source");
    for (size_t i = 0; i < BUSES; i++) {
        const size_t len = strlen(buses[i].prefix);
        if (bus ? strcmp(bus, buses[i].bus) != 0 : strncmp(dev, buses[i].prefix, len) != 0)
            continue;
        vw_doc_set(doc, disk, "target@bus", buses[i].bus);
        if (!buses[i].units)
            break;
        if (!vw_doc_at(doc, disk, "address"))
            drive_address(doc, disk, buses[i].units, disk_index(dev, len));
        break;
    }
    if (strcmp(vw_doc_get(doc, disk, "@device"), "cdrom") == 0)
        vw_doc_make(doc, disk, "readonly");
    return VW_DONE;
}

/* One without an address gets one that depends on the domain. */
static void read_interface(struct vw_doc *doc, xmlNode *interface, const struct vw_domain *like,
                           unsigned number)
{
    char text[18];
    if (vw_doc_get(doc, interface, "mac@address"))
        return;
    snprintf(text, sizeof(text), "52:54:00:%02x:%02x:%02x", like->o.uuid[0], like->o.uuid[1],
             (like->o.uuid[2] + number) & 0xffu);
    vw_doc_set(doc, interface, "mac@address", text);
}

#define INTERFACE "testnet"

/* Notes which of the first N names that are given here INTERFACE has said. */
static void note_name(struct vw_doc *doc, xmlNode *interface, bool *taken, unsigned long n)
{
    const char *name = vw_doc_get(doc, interface, "target@dev");
    char again[32];
    if (!name || strncmp(name, INTERFACE, strlen(INTERFACE)) != 0)
        return;
    const unsigned long number = strtoul(name + strlen(INTERFACE), NULL, 10);
    snprintf(again, sizeof(again), INTERFACE "%lu", number);
    if (number < n && strcmp(again, name) == 0)
        taken[number] = true;
}

/* Gives interfaces without a name the first that is free: of so many one is. */
static void name_interfaces(struct vw_doc *doc, xmlNode *devices)
{
    unsigned count = 0, number = 0;
    for (xmlNode *n = NULL; (n = vw_doc_next(devices, n, "interface"));)
        count++;
    bool *taken = vw_call_alloc(doc->c, count + 1);
    if (!taken) {
        doc->failed = true;
        return;
    }
    for (xmlNode *n = NULL; (n = vw_doc_next(devices, n, "interface"));)
        note_name(doc, n, taken, count);
    for (xmlNode *n = NULL; (n = vw_doc_next(devices, n, "interface"));) {
        char name[24];
        if (vw_doc_get(doc, n, "target@dev"))
            continue;
        while (taken[number])
            number++;
        snprintf(name, sizeof(name), INTERFACE "%u", number++);
        vw_doc_set(doc, n, "target@dev", name);
    }
}

/* Of disks that have one, in the order in which they come. */
static const char *const controllers[] = {"scsi", "fdc", "ide", "sata"};

static enum vw_outcome read_devices(struct vw_doc *doc, xmlNode *devices,
                                    const struct vw_domain *like)
{
    unsigned number = 0;
    for (xmlNode *n = NULL; (n = vw_doc_next(devices, n, "disk"));) {
        if (read_disk(doc, devices, n) != VW_DONE)
            return VW_FAILED;
    }
    for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
        if (vw_doc_device(doc, "disk", "target@bus", controllers[i]))
            ensure_controller(doc, devices, controllers[i]);
    }
    for (xmlNode *n = NULL; (n = vw_doc_next(devices, n, "interface"));)
        read_interface(doc, n, like, number++);
    name_interfaces(doc, devices);
    for (xmlNode *n = NULL; (n = vw_doc_next(devices, n, "channel"));) {
        const char *type = vw_doc_get(doc, n, "target@type");
        if (type && strcmp(type, "virtio") == 0)
            ensure_controller(doc, devices, "virtio-serial");
    }
    return VW_DONE;
}

/* The first console is a serial port too, and a serial port a console. */
static void pair_console(struct vw_doc *doc, xmlNode *devices)
{
    static const char *const pair[] = {"serial", "console"};
    for (int i = 0; i < 2; i++) {
        xmlNode *there = vw_doc_next(devices, NULL, pair[i]);
        const char *type = there ? vw_doc_get(doc, there, "@type") : NULL;
        char path[64];
        if (!type || vw_doc_next(devices, NULL, pair[!i]))
            continue;
        snprintf(path, sizeof(path), "%s@type", pair[!i]);
        vw_doc_set(doc, devices, path, type);
    }
}

static void read_graphics(struct vw_doc *doc, xmlNode *devices)
{
    for (xmlNode *n = NULL; (n = vw_doc_next(devices, n, "graphics"));) {
        const char *type = vw_doc_get(doc, n, "@type");
        const char *address = vw_doc_get(doc, n, "@listen"), *port = vw_doc_get(doc, n, "@port");
        const bool vnc = type && strcmp(type, "vnc") == 0;
        if (vnc) {
            /* Again, in libvirt's order of attributes. */
            vw_doc_set(doc, n, "@listen", NULL);
            vw_doc_set(doc, n, "@port", port ? port : "-1");
            vw_doc_set(doc, n, "@autoport", port && strcmp(port, "-1") != 0 ? "no" : "yes");
            vw_doc_set(doc, n, "@listen", address);
        }
        if (!vw_doc_at(doc, n, "listen"))
            vw_doc_set(doc, n, "listen@type", vnc ? "address" : "none");
        if (address)
            vw_doc_set(doc, n, "listen@address", address);
    }
    if (vw_doc_next(devices, NULL, "graphics") && !vw_doc_next(devices, NULL, "video"))
        vw_doc_set(doc, devices, "video/model@type", "cirrus");
}

/* ---- all of it ---- */

static void read_topology(struct vw_doc *doc)
{
    static const char *const parts[] = {"sockets", "dies", "cores", "threads"};
    xmlNode *n = vw_doc_at(doc, doc->root, "cpu/topology");
    for (size_t i = 0; n && i < 4; i++) {
        char path[16];
        snprintf(path, sizeof(path), "@%s", parts[i]);
        const char *value = vw_doc_get(doc, n, path);
        xmlUnsetProp(n, BAD_CAST parts[i]);
        vw_doc_set(doc, n, path, value ? value : "1");
    }
}

static enum vw_outcome read_all(struct vw_doc *doc, struct vw_domain *like)
{
    if (check_root(doc) != VW_DONE || read_name(doc, like) != VW_DONE ||
        read_uuid(doc, like) != VW_DONE || check_rest(doc, like) != VW_DONE ||
        read_memory(doc) != VW_DONE || read_vcpus(doc) != VW_DONE)
        return VW_FAILED;
    xmlUnsetProp(doc->root, BAD_CAST "id");
    xmlNode *devices = vw_doc_make(doc, doc->root, "devices");
    vw_doc_arrange(doc);
    read_topology(doc);
    if (devices) {
        pair_console(doc, devices);
        read_graphics(doc, devices);
        fill_absent(doc, devices);
    }
    if (devices && read_devices(doc, devices, like) != VW_DONE)
        return VW_FAILED;
    vw_doc_arrange(doc);
    vw_doc_facts(doc, &like->facts);
    return vw_doc_text(doc, doc->root, &like->o.xml);
}

enum vw_outcome vw_domain_read(struct vw_call *c, const struct vw_string *xml,
                               struct vw_domain *like)
{
    struct vw_doc doc;
    if (vw_doc_open_text(&doc, c, xml) != VW_DONE)
        return VW_FAILED;
    enum vw_outcome outcome = read_all(&doc, like);
    vw_doc_close(&doc);
    like->os_type = vw_domain_default.os_type;
    return outcome;
}
