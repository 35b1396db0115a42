// SPDX-License-Identifier: MIT
// Domain XML. Elements and values follow what libvirt's test driver gives for its default domain.
#include "mock-daemon/domain-xml.h"

#include <stdio.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/kinds/domain.h"
#include "mock-daemon/xml.h"

static void memory(struct vw_xml *x, const char *element, uint64_t kib)
{
    char text[24];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)kib);
    vw_xml_start(x, element);
    vw_xml_attribute(x, "unit", "KiB");
    vw_xml_text(x, text);
    vw_xml_end(x);
}

static void uuid(struct vw_xml *x, const uint8_t *u)
{
    char text[VW_UUID_TEXT];
    vw_uuid_text(u, text);
    vw_xml_leaf(x, "uuid", text);
}

static void vcpu(struct vw_xml *x, const struct vw_domain_facts *facts)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", facts->vcpus);
    vw_xml_start(x, "vcpu");
    vw_xml_attribute(x, "placement", "static");
    if (facts->vcpus_off)
        vw_xml_attribute_number(x, "current", facts->vcpus - facts->vcpus_off);
    vw_xml_text(x, text);
    vw_xml_end(x);
}

static void os(struct vw_xml *x)
{
    vw_xml_start(x, "os");
    vw_xml_start(x, "type");
    vw_xml_attribute(x, "arch", "i686");
    vw_xml_text(x, "hvm");
    vw_xml_end(x);
    vw_xml_empty(x, "boot", "dev", "hd", NULL);
    vw_xml_end(x);
}

static void pci_address(struct vw_xml *x, const char *bus, const char *slot)
{
    vw_xml_empty(x, "address", "type", "pci", "domain", "0x0000", "bus", bus, "slot", slot,
                 "function", "0x0", NULL);
}

static void devices(struct vw_xml *x)
{
    vw_xml_start(x, "devices");
    vw_xml_start(x, "disk");
    vw_xml_attribute(x, "type", "file");
    vw_xml_attribute(x, "device", "disk");
    vw_xml_empty(x, "source", "file", "/guest/diskimage1", NULL);
    vw_xml_empty(x, "target", "dev", "vda", "bus", "virtio", NULL);
    pci_address(x, "0x01", "0x00");
    vw_xml_end(x);
    vw_xml_start(x, "interface");
    vw_xml_attribute(x, "type", "network");
    vw_xml_empty(x, "mac", "address", "aa:bb:cc:dd:ee:ff", NULL);
    vw_xml_empty(x, "source", "network", "default", NULL);
    vw_xml_empty(x, "target", "dev", "testnet0", NULL);
    pci_address(x, "0x00", "0x01");
    vw_xml_end(x);
    vw_xml_start(x, "memballoon");
    vw_xml_attribute(x, "model", "virtio");
    pci_address(x, "0x00", "0x02");
    vw_xml_end(x);
    vw_xml_end(x);
}

enum vw_outcome vw_domain_xml(struct vw_call *c, const struct vw_domain *d, struct vw_string *out)
{
    struct vw_xml x;
    vw_xml_begin(&x);
    vw_xml_start(&x, "domain");
    vw_xml_attribute(&x, "type",
                     c->conn->hosted ? c->conn->hosted->guest : vw_hypervisor_test.guest);
    vw_xml_leaf(&x, "name", d->o.name.data);
    uuid(&x, d->o.uuid);
    memory(&x, "memory", d->facts.max_memory);
    memory(&x, "currentMemory", d->facts.memory);
    vcpu(&x, &d->facts);
    os(&x);
    vw_xml_empty(&x, "clock", "offset", "utc", NULL);
    vw_xml_leaf(&x, "on_poweroff", "destroy");
    vw_xml_leaf(&x, "on_reboot", "restart");
    vw_xml_leaf(&x, "on_crash", "destroy");
    devices(&x);
    vw_xml_end(&x);
    return vw_xml_finish(&x, c, out);
}
